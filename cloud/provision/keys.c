/*
 * keys.c: keypairs of tenants: reading OpenSSH public keys, making RSA keys, fingerprints, and
 * the encryption in which a Windows server posts its password.
 */
#include "base/memory.h"
#include "crypto/master_key.h"
#include "provision/provision.h"

#include <errno.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdint.h>
#include <string.h>

#define KEY_TEXT_MAX 16384
#define NEW_KEY_BITS 2048
#define LEAST_RSA_BITS 2048
#define MOST_RSA_BITS 16384

/* A field of SSH's wire form; the bytes stay where they are. */
typedef struct Field {
    const unsigned char *bytes;
    size_t length;
} Field;

void
provision_key_done(ProvisionKey *key)
{
    free(key->public_key);
    free(key->fingerprint);
    free(key->sha256);
    memset(key, 0, sizeof *key);
}

static int
refuse(char **problem, const char *why)
{
    *problem = str_copy(why);
    return -EINVAL;
}

/* Reads a length and so many bytes; false where the rest is shorter. */
static bool
next_field(Field *rest, Field *field)
{
    if (rest->length < 4)
        return false;
    uint32_t length = (uint32_t) rest->bytes[0] << 24 | (uint32_t) rest->bytes[1] << 16 |
                      (uint32_t) rest->bytes[2] << 8 | rest->bytes[3];
    if (length > rest->length - 4)
        return false;
    *field = (Field){rest->bytes + 4, length};
    rest->bytes += 4 + (size_t) length;
    rest->length -= 4 + (size_t) length;
    return true;
}

static EVP_PKEY *
rsa_of_numbers(const BIGNUM *modulus, const BIGNUM *exponent)
{
    EVP_PKEY *key = NULL;
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    OSSL_PARAM *parameters = NULL;

    if (build && context && OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, modulus) &&
        OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, exponent) &&
        (parameters = OSSL_PARAM_BLD_to_param(build)) && EVP_PKEY_fromdata_init(context) > 0 &&
        EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, parameters) <= 0)
        key = NULL;
    OSSL_PARAM_free(parameters);
    OSSL_PARAM_BLD_free(build);
    EVP_PKEY_CTX_free(context);
    return key;
}

/* The public key of a blob of type ssh-rsa; NULL where it is none. */
static EVP_PKEY *
rsa_of_blob(const unsigned char *blob, size_t length, int *bits)
{
    Field rest = {blob, length}, type, exponent, modulus;
    EVP_PKEY *key = NULL;

    if (!next_field(&rest, &type) || !next_field(&rest, &exponent) ||
        !next_field(&rest, &modulus) || rest.length || type.length != 7 ||
        memcmp(type.bytes, "ssh-rsa", 7) != 0 || exponent.length > 8 ||
        modulus.length > MOST_RSA_BITS / 8 + 1)
        return NULL;
    BIGNUM *n = BN_bin2bn(modulus.bytes, (int) modulus.length, NULL);
    BIGNUM *e = BN_bin2bn(exponent.bytes, (int) exponent.length, NULL);
    /* An even modulus or exponent, or an exponent of one, hides nothing. */
    if (n && e && BN_is_odd(n) && BN_is_odd(e) && !BN_is_one(e)) {
        *bits = BN_num_bits(n);
        key = rsa_of_numbers(n, e);
    }
    BN_free(n);
    BN_free(e);
    return key;
}

/* Whether an elliptic key has the curve, and a point of its size; bits where it has. */
static int
ecdsa_bits(Field *rest, const char *type)
{
    static const struct {
        const char *type;
        int bits;
        size_t point;
    } curves[] = {{"ecdsa-sha2-nistp256", 256, 65},
                  {"ecdsa-sha2-nistp384", 384, 97},
                  {"ecdsa-sha2-nistp521", 521, 133}};
    Field curve, point;

    for (size_t i = 0; i < sizeof curves / sizeof *curves; i++)
        if (!strcmp(type, curves[i].type))
            return next_field(rest, &curve) && next_field(rest, &point) && !rest->length &&
                           curve.length == 8 && !memcmp(curve.bytes, curves[i].type + 11, 8) &&
                           point.length == curves[i].point && point.bytes[0] == 4
                       ? curves[i].bits
                       : 0;
    return 0;
}

/* Checks a decoded blob against the type that the line names; 0 and bits, or why not. */
static int
check_blob(const unsigned char *blob, size_t length, ProvisionKey *key, char **problem)
{
    Field rest = {blob, length}, type, point;

    if (!next_field(&rest, &type) || type.length != strlen(key->type) ||
        memcmp(type.bytes, key->type, type.length) != 0)
        return refuse(problem,
                      "the public key is damaged: its content is not of the type it names");
    if (!strcmp(key->type, "ssh-rsa")) {
        EVP_PKEY *rsa = rsa_of_blob(blob, length, &key->bits);
        EVP_PKEY_free(rsa);
        if (!rsa)
            return refuse(problem, "the public key is damaged: it has no usable RSA numbers");
        if (key->bits < LEAST_RSA_BITS)
            return refuse(problem, "the RSA key is too short: at least 2048 bits are needed");
    } else if (!strcmp(key->type, "ssh-ed25519")) {
        if (!next_field(&rest, &point) || rest.length || point.length != 32)
            return refuse(problem, "the public key is damaged: an Ed25519 key has 32 bytes");
        key->bits = 256;
    } else {
        key->bits = ecdsa_bits(&rest, key->type);
        if (!key->bits)
            return refuse(problem, "the public key must be of type ssh-rsa, ssh-ed25519 or "
                                   "ecdsa-sha2-nistp256, 384 or 521, and whole");
    }
    return 0;
}

static void
set_fingerprints(const unsigned char *blob, size_t length, ProvisionKey *key)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    Buffer text = {0};

    if (EVP_Digest(blob, length, digest, &size, EVP_md5(), NULL) == 1)
        for (unsigned int i = 0; i < size; i++)
            buffer_format(&text, "%s%02x", i ? ":" : "", digest[i]);
    key->fingerprint = text.text ? text.text : str_copy("");
    sha256(blob, length, digest);
    AUTO_FREE char *base = base64_text(digest, 32);
    base[strcspn(base, "=")] = '\0';
    key->sha256 = str_format("SHA256:%s", base);
}

int
provision_key_parse(const char *text, ProvisionKey *key, char **problem)
{
    size_t blob_length = 0;

    memset(key, 0, sizeof *key);
    text += strspn(text, " \t\r\n");
    size_t length = strlen(text);
    while (length && strchr(" \t\r\n", text[length - 1]))
        length--;
    if (!length || length > KEY_TEXT_MAX)
        return refuse(problem, "the public key is empty or too long");
    for (size_t i = 0; i < length; i++)
        if ((unsigned char) text[i] < ' ' && text[i] != '\t')
            return refuse(problem, "the public key must be one line without control characters");
    size_t type_length = strcspn(text, " \t");
    if (type_length >= sizeof key->type || type_length >= length)
        return refuse(problem, "the public key must have the form \"ssh-rsa AAAA... comment\"");
    memcpy(key->type, text, type_length);
    const char *base = text + type_length + strspn(text + type_length, " \t");
    AUTO_FREE char *encoded = str_copy_n(base, strcspn(base, " \t\r\n"));
    AUTO_FREE unsigned char *blob = base64_bytes(encoded, &blob_length);
    if (!blob)
        return refuse(problem, "the public key is not valid base64");
    int status = check_blob(blob, blob_length, key, problem);
    if (status < 0)
        return status;
    key->public_key = str_copy_n(text, length);
    set_fingerprints(blob, blob_length, key);
    return 0;
}

static void
add_field(Buffer *blob, const void *bytes, size_t length)
{
    unsigned char size[4] = {(unsigned char) (length >> 24), (unsigned char) (length >> 16),
                             (unsigned char) (length >> 8), (unsigned char) length};
    buffer_add(blob, size, sizeof size);
    buffer_add(blob, bytes, length);
}

/* A number with the zero byte that keeps it positive. */
static void
add_number(Buffer *blob, const BIGNUM *number)
{
    size_t length = (size_t) BN_num_bytes(number);
    AUTO_FREE unsigned char *bytes = mem_new(length + 1, 1);
    bool extra;

    BN_bn2bin(number, bytes + 1);
    extra = length && bytes[1] & 0x80;
    add_field(blob, extra ? bytes : bytes + 1, extra ? length + 1 : length);
}

static char *
openssh_line(const EVP_PKEY *rsa, const char *comment)
{
    BIGNUM *n = NULL, *e = NULL;
    Buffer blob = {0};
    char *line = NULL;

    if (EVP_PKEY_get_bn_param(rsa, OSSL_PKEY_PARAM_RSA_N, &n) &&
        EVP_PKEY_get_bn_param(rsa, OSSL_PKEY_PARAM_RSA_E, &e)) {
        add_field(&blob, "ssh-rsa", 7);
        add_number(&blob, e);
        add_number(&blob, n);
        AUTO_FREE char *base = base64_text(blob.text, blob.length);
        line = str_format("ssh-rsa %s%s%s", base, *comment ? " " : "", comment);
    }
    buffer_done(&blob);
    BN_free(n);
    BN_free(e);
    return line;
}

int
provision_key_make(const char *comment, ProvisionKey *key, char **private_key, char **problem)
{
    EVP_PKEY *rsa = EVP_RSA_gen(NEW_KEY_BITS);
    BIO *memory = BIO_new(BIO_s_secmem());
    char *bytes = NULL;
    int status = -EIO;

    memset(key, 0, sizeof *key);
    *private_key = NULL;
    if (rsa && memory &&
        PEM_write_bio_PrivateKey_traditional(memory, rsa, NULL, NULL, 0, NULL, NULL)) {
        long length = BIO_get_mem_data(memory, &bytes);
        AUTO_FREE char *line = openssh_line(rsa, comment ? comment : "");
        status = line ? provision_key_parse(line, key, problem) : -EIO;
        if (!status)
            *private_key = str_copy_n(bytes, (size_t) length);
    }
    if (status == -EIO)
        *problem = str_copy("the key could not be made");
    BIO_free(memory);
    EVP_PKEY_free(rsa);
    return status;
}

char *
provision_encrypt(const char *public_key, const char *secret, char **problem)
{
    ProvisionKey checked;
    size_t blob_length = 0, length = 0;
    int bits = 0;
    char *result = NULL;

    if (provision_key_parse(public_key, &checked, problem) < 0)
        return NULL;
    const char *base = checked.public_key + strcspn(checked.public_key, " \t");
    base += strspn(base, " \t");
    AUTO_FREE char *encoded = str_copy_n(base, strcspn(base, " \t"));
    AUTO_FREE unsigned char *blob = base64_bytes(encoded, &blob_length);
    EVP_PKEY *rsa = blob ? rsa_of_blob(blob, blob_length, &bits) : NULL;
    EVP_PKEY_CTX *context = rsa ? EVP_PKEY_CTX_new_from_pkey(NULL, rsa, NULL) : NULL;
    unsigned char *sealed = mem_new(MOST_RSA_BITS / 8, 1);
    length = MOST_RSA_BITS / 8;
    if (context && EVP_PKEY_encrypt_init(context) > 0 &&
        EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) > 0 &&
        EVP_PKEY_encrypt(context, sealed, &length, (const unsigned char *) secret, strlen(secret)) >
            0)
        result = base64_text(sealed, length);
    else
        *problem = str_copy("only an RSA key can carry a password, and one that fits the key");
    free(sealed);
    EVP_PKEY_CTX_free(context);
    EVP_PKEY_free(rsa);
    provision_key_done(&checked);
    return result;
}

char *
provision_decrypt(const char *private_key, const char *encrypted, char **problem)
{
    size_t sealed_length = 0, length;
    char *result = NULL;
    BIO *memory = BIO_new_mem_buf(private_key, -1);
    /* An empty passphrase: never ask at a terminal. */
    char no_passphrase[] = "";
    EVP_PKEY *rsa = memory ? PEM_read_bio_PrivateKey(memory, NULL, NULL, no_passphrase) : NULL;
    EVP_PKEY_CTX *context = rsa ? EVP_PKEY_CTX_new_from_pkey(NULL, rsa, NULL) : NULL;
    AUTO_FREE unsigned char *sealed = base64_bytes(encrypted, &sealed_length);
    char *secret = mem_new(MOST_RSA_BITS / 8 + 1, 1);

    length = MOST_RSA_BITS / 8;
    if (context && sealed && EVP_PKEY_is_a(rsa, "RSA") && EVP_PKEY_decrypt_init(context) > 0 &&
        EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) > 0 &&
        EVP_PKEY_decrypt(context, (unsigned char *) secret, &length, sealed, sealed_length) > 0)
        result = str_copy_n(secret, length);
    else
        *problem = str_copy(rsa ? "the password was not encrypted for this private key"
                                : "this is no private key without a passphrase in PEM");
    OPENSSL_cleanse(secret, MOST_RSA_BITS / 8 + 1);
    free(secret);
    EVP_PKEY_CTX_free(context);
    EVP_PKEY_free(rsa);
    BIO_free(memory);
    return result;
}
