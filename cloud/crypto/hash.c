/*
 * hash.c: SHA-256, HMAC, base64 and password hashes; the half of master_key.h that needs no key.
 *
 * A failure of OpenSSL here (no such algorithm, no memory) cannot be answered to a client: the
 * daemon ends, as it does when memory runs out.
 */
#include "base/memory.h"
#include "crypto/master_key.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>

/* scrypt's cost: 16 MiB and about 50 ms, as OWASP's guide to storing passwords asks for. */
#define SCRYPT_N 16384
#define SCRYPT_R 8
#define SCRYPT_P 1
#define SALT_LENGTH 16
#define HASH_LENGTH 32
/* No hash of ours is costlier: a bound on what a row of the store can make the daemon do. */
#define SCRYPT_N_MOST 1048576

void
sha256(const void *bytes, size_t length, unsigned char out[32])
{
    if (EVP_Digest(bytes, length, out, NULL, EVP_sha256(), NULL) != 1)
        abort();
}

void
hmac_sha256(
    const void *key, size_t key_length, const void *bytes, size_t length, unsigned char out[32])
{
    unsigned int made = 0;

    if (HMAC(EVP_sha256(), key, (int) key_length, bytes, length, out, &made) == NULL || made != 32)
        abort();
}

void
hex_text(const unsigned char *bytes, size_t length, char *text)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < length; i++) {
        text[2 * i] = digits[bytes[i] >> 4];
        text[2 * i + 1] = digits[bytes[i] & 15];
    }
    text[2 * length] = '\0';
}

bool
equal_secret(const char *one, const char *other)
{
    size_t length = strlen(one);

    return length == strlen(other) && CRYPTO_memcmp(one, other, length) == 0;
}

char *
base64_text(const void *bytes, size_t length)
{
    char *text = mem_new(4 * ((length + 2) / 3) + 1, 1);

    EVP_EncodeBlock((unsigned char *) text, bytes, (int) length);
    return text;
}

unsigned char *
base64_bytes(const char *text, size_t *length)
{
    size_t room = strlen(text);
    unsigned char *bytes;
    int made;

    if (room == 0 || room % 4 != 0 || room > 1024 * 1024)
        return NULL;
    bytes = mem_new(room / 4 * 3 + 1, 1);
    made = EVP_DecodeBlock(bytes, (const unsigned char *) text, (int) room);
    if (made < 0) {
        free(bytes);
        return NULL;
    }
    /* OpenSSL counts the padding as zero bytes. */
    if (text[room - 1] == '=')
        made--;
    if (text[room - 2] == '=')
        made--;
    *length = (size_t) made;
    bytes[made] = '\0';
    return bytes;
}

static bool
scrypt(const char *password,
       const unsigned char *salt,
       size_t salt_length,
       uint64_t n,
       uint32_t r,
       uint32_t p,
       unsigned char out[HASH_LENGTH])
{
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, "SCRYPT", NULL);
    EVP_KDF_CTX *context = kdf != NULL ? EVP_KDF_CTX_new(kdf) : NULL;
    uint64_t most_memory = 128 * n * r + 1024 * 1024;
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_octet_string(OSSL_KDF_PARAM_PASSWORD, (void *) password, strlen(password)),
        OSSL_PARAM_octet_string(OSSL_KDF_PARAM_SALT, (void *) salt, salt_length),
        OSSL_PARAM_uint64(OSSL_KDF_PARAM_SCRYPT_N, &n),
        OSSL_PARAM_uint32(OSSL_KDF_PARAM_SCRYPT_R, &r),
        OSSL_PARAM_uint32(OSSL_KDF_PARAM_SCRYPT_P, &p),
        OSSL_PARAM_uint64(OSSL_KDF_PARAM_SCRYPT_MAXMEM, &most_memory),
        OSSL_PARAM_END,
    };
    bool good = context != NULL && EVP_KDF_derive(context, out, HASH_LENGTH, parameters) == 1;

    EVP_KDF_CTX_free(context);
    EVP_KDF_free(kdf);
    return good;
}

char *
password_hash(const char *password)
{
    unsigned char salt[SALT_LENGTH], hash[HASH_LENGTH];
    AUTO_FREE char *salt_text = NULL, *hash_text = NULL;

    if (RAND_bytes(salt, sizeof(salt)) != 1 ||
        !scrypt(password, salt, sizeof(salt), SCRYPT_N, SCRYPT_R, SCRYPT_P, hash))
        abort();
    salt_text = base64_text(salt, sizeof(salt));
    hash_text = base64_text(hash, sizeof(hash));
    return str_format("scrypt$%d$%d$%d$%s$%s", SCRYPT_N, SCRYPT_R, SCRYPT_P, salt_text, hash_text);
}

/* The work of a comparison, for a user who does not exist. */
static void
match_nothing(const char *password)
{
    static const unsigned char salt[SALT_LENGTH];
    unsigned char hash[HASH_LENGTH];

    (void) !scrypt(password, salt, sizeof(salt), SCRYPT_N, SCRYPT_R, SCRYPT_P, hash);
}

bool
password_matches(const char *password, const char *hash)
{
    unsigned int n, r, p;
    char salt_text[65], hash_text[65];
    AUTO_FREE unsigned char *salt = NULL, *expected = NULL;
    unsigned char made[HASH_LENGTH];
    size_t salt_length = 0, expected_length = 0;

    if (hash == NULL ||
        sscanf(hash, "scrypt$%9u$%9u$%9u$%64[^$]$%64[^$]", &n, &r, &p, salt_text, hash_text) != 5) {
        match_nothing(password);
        return false;
    }
    salt = base64_bytes(salt_text, &salt_length);
    expected = base64_bytes(hash_text, &expected_length);
    if (salt == NULL || expected == NULL || expected_length != HASH_LENGTH || n > SCRYPT_N_MOST ||
        r > 64 || p > 16 || !scrypt(password, salt, salt_length, n, r, p, made))
        return false;
    return CRYPTO_memcmp(made, expected, HASH_LENGTH) == 0;
}
