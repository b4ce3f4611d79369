/*
 * master_key.c: the master key file, and secrets sealed under it.
 *
 * Each purpose has a key of its own, derived from the master key by HMAC-SHA256: the nonces of
 * AES-GCM are random, and what is sealed often (tokens) must not use up those of what is sealed
 * seldom. The purpose is also the additional authenticated data.
 */
#include "crypto/master_key.h"

#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEY_LENGTH 32
#define NONCE_LENGTH 12
#define TAG_LENGTH 16
#define PREFIX "v1."

static unsigned char master_key[KEY_LENGTH];
static bool master_key_known;

static int
write_whole(int file, const unsigned char *bytes, size_t length)
{
    ssize_t written = write(file, bytes, length);

    if (written < 0)
        return -errno;
    if ((size_t) written != length)
        return -ENOSPC;
    return fsync(file) != 0 ? -errno : 0;
}

/* Makes the file under another name first: a key that was cut short by a death would lock out every
 * secret that the next start seals. */
static int
make_key_file(const char *path)
{
    AUTO_FREE char *draft = str_format("%s.%d", path, (int) getpid());
    unsigned char key[KEY_LENGTH];
    int file, error;

    if (RAND_priv_bytes(key, sizeof(key)) != 1)
        return -EIO;
    file = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0)
        return -errno;
    error = write_whole(file, key, sizeof(key));
    OPENSSL_cleanse(key, sizeof(key));
    if (close(file) != 0 && error == 0)
        error = -errno;
    /* link, not rename: of two daemons that start at once, the first one's key stays. */
    if (error == 0 && link(draft, path) != 0 && errno != EEXIST)
        error = -errno;
    unlink(draft);
    return error;
}

int
master_key_open(const char *path)
{
    struct stat status;
    unsigned char more[KEY_LENGTH + 1];
    ssize_t length;
    int file = open(path, O_RDONLY | O_CLOEXEC), error;

    if (file < 0 && errno == ENOENT) {
        error = make_key_file(path);
        if (error < 0)
            return error;
        file = open(path, O_RDONLY | O_CLOEXEC);
    }
    if (file < 0)
        return -errno;
    if (fstat(file, &status) != 0 || (status.st_mode & 077) != 0) {
        close(file);
        return -EPERM; /* others could have read it: not ours to repair silently */
    }
    length = read(file, more, sizeof(more));
    close(file);
    if (length != KEY_LENGTH)
        return -EBADMSG;
    memcpy(master_key, more, KEY_LENGTH);
    OPENSSL_cleanse(more, sizeof(more));
    master_key_known = true;
    return 0;
}

static bool
purpose_key(const char *purpose, unsigned char key[KEY_LENGTH])
{
    AUTO_FREE char *label = str_format("casement seal v1:%s", purpose);

    if (!master_key_known)
        return false;
    hmac_sha256(master_key, sizeof(master_key), label, strlen(label), key);
    return true;
}

char *
secret_seal(const char *purpose, const char *secret, size_t length)
{
    unsigned char key[KEY_LENGTH];
    AUTO_FREE unsigned char *sealed = NULL;
    AUTO_FREE char *text = NULL;
    EVP_CIPHER_CTX *cipher;
    unsigned char *body;
    int made = 0, rest = 0;
    bool good;

    if (length > 1024 * 1024 || !purpose_key(purpose, key))
        return NULL;
    sealed = mem_new(NONCE_LENGTH + length + TAG_LENGTH, 1);
    body = sealed + NONCE_LENGTH;
    cipher = EVP_CIPHER_CTX_new();
    good =
        cipher != NULL && RAND_bytes(sealed, NONCE_LENGTH) == 1 &&
        EVP_EncryptInit_ex2(cipher, EVP_aes_256_gcm(), key, sealed, NULL) == 1 &&
        EVP_EncryptUpdate(cipher, NULL, &made, (const unsigned char *) purpose,
                          (int) strlen(purpose)) == 1 &&
        EVP_EncryptUpdate(cipher, body, &made, (const unsigned char *) secret, (int) length) == 1 &&
        EVP_EncryptFinal_ex(cipher, body + made, &rest) == 1 &&
        EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_GET_TAG, TAG_LENGTH, body + length) == 1;
    EVP_CIPHER_CTX_free(cipher);
    OPENSSL_cleanse(key, sizeof(key));
    if (!good)
        return NULL;
    text = base64_text(sealed, NONCE_LENGTH + length + TAG_LENGTH);
    return str_format(PREFIX "%s", text);
}

static bool
decrypt(const char *purpose, unsigned char *sealed, size_t body_length, unsigned char *secret)
{
    unsigned char key[KEY_LENGTH];
    unsigned char *body = sealed + NONCE_LENGTH;
    EVP_CIPHER_CTX *cipher;
    int made = 0, rest = 0;
    bool good;

    if (!purpose_key(purpose, key))
        return false;
    cipher = EVP_CIPHER_CTX_new();
    good = cipher != NULL &&
           EVP_DecryptInit_ex2(cipher, EVP_aes_256_gcm(), key, sealed, NULL) == 1 &&
           EVP_DecryptUpdate(cipher, NULL, &made, (const unsigned char *) purpose,
                             (int) strlen(purpose)) == 1 &&
           EVP_DecryptUpdate(cipher, secret, &made, body, (int) body_length) == 1 &&
           EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_SET_TAG, TAG_LENGTH, body + body_length) == 1 &&
           EVP_DecryptFinal_ex(cipher, secret + made, &rest) == 1;
    EVP_CIPHER_CTX_free(cipher);
    OPENSSL_cleanse(key, sizeof(key));
    return good;
}

char *
secret_open(const char *purpose, const char *sealed, size_t *length)
{
    AUTO_FREE unsigned char *bytes = NULL;
    unsigned char *secret;
    size_t all = 0, body;

    if (sealed == NULL || strncmp(sealed, PREFIX, strlen(PREFIX)) != 0)
        return NULL;
    bytes = base64_bytes(sealed + strlen(PREFIX), &all);
    if (bytes == NULL || all < NONCE_LENGTH + TAG_LENGTH)
        return NULL;
    body = all - NONCE_LENGTH - TAG_LENGTH;
    secret = mem_new(body + 1, 1);
    if (!decrypt(purpose, bytes, body, secret)) {
        OPENSSL_cleanse(secret, body);
        free(secret);
        return NULL;
    }
    if (length != NULL)
        *length = body;
    return (char *) secret;
}
