/*
 * certificate.c: makes the self-signed certificate with OpenSSL's library. Runs as the user that
 * the server runs as, before the server starts; the engine reads the files.
 */
#include "certificate.h"

#include "console.h"
#include "files.h"

#include <errno.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TEN_YEARS (10L * 365 * 24 * 3600)

static void
fail_openssl(const char *what)
{
    char text[256];

    ERR_error_string_n(ERR_get_error(), text, sizeof(text));
    fail("cannot make a TLS certificate: %s: %s", what, text);
}

static void
add_extension(X509 *certificate, int id, const char *value)
{
    X509V3_CTX context;

    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, certificate, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, id, value);
    if (!extension || !X509_add_ext(certificate, extension, -1))
        fail_openssl(value);
    X509_EXTENSION_free(extension);
}

/* A random positive serial number, as RFC 5280 4.1.2.2 asks for. */
static void
set_serial(X509 *certificate)
{
    unsigned char bytes[16];
    BIGNUM *number;

    if (RAND_bytes(bytes, sizeof(bytes)) != 1)
        fail_openssl("random numbers");
    bytes[0] = (bytes[0] & 0x7f) | 0x40;
    number = BN_bin2bn(bytes, sizeof(bytes), NULL);
    if (!number || !BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)))
        fail_openssl("serial number");
    BN_free(number);
}

static X509 *
self_sign(EVP_PKEY *key, const char *host)
{
    X509 *certificate = X509_new();

    if (!certificate || !X509_set_version(certificate, X509_VERSION_3))
        fail_openssl("certificate");
    set_serial(certificate);
    /* One day back, for clients whose clock is behind. */
    if (!X509_gmtime_adj(X509_getm_notBefore(certificate), -24L * 3600) ||
        !X509_gmtime_adj(X509_getm_notAfter(certificate), TEN_YEARS) ||
        !X509_set_pubkey(certificate, key))
        fail_openssl("validity");

    X509_NAME *name = X509_get_subject_name(certificate);
    /* A common name holds 64 characters at most; the whole host name is among the alternatives. */
    char common[65];
    snprintf(common, sizeof(common), "%.64s", host);
    if (!X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *) common, -1,
                                    -1, 0) ||
        !X509_set_issuer_name(certificate, name))
        fail_openssl("name");

    char *alternatives = strcmp(host, "localhost")
                             ? text_format("DNS:localhost,DNS:%s,IP:127.0.0.1,IP:::1", host)
                             : text_copy("DNS:localhost,IP:127.0.0.1,IP:::1");
    add_extension(certificate, NID_basic_constraints, "critical,CA:FALSE");
    add_extension(certificate, NID_key_usage, "critical,digitalSignature,keyEncipherment");
    add_extension(certificate, NID_ext_key_usage, "serverAuth");
    add_extension(certificate, NID_subject_alt_name, alternatives);
    free(alternatives);
    if (X509_sign(certificate, key, EVP_sha256()) == 0)
        fail_openssl("signature");
    return certificate;
}

static void
write_pem(const char *path, mode_t mode, BIO *pem)
{
    char *bytes = NULL;
    long length = BIO_get_mem_data(pem, &bytes);
    char *content = text_format("%.*s", (int) length, bytes);

    file_replace(path, mode, content);
    OPENSSL_cleanse(content, strlen(content));
    free(content);
    BIO_free(pem);
}

/* The host's name where it can stand in a certificate, else "localhost". */
static void
host_name(char *host, size_t size)
{
    const char *letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-";

    if (gethostname(host, size) != 0 || memchr(host, '\0', size) == NULL || *host == '\0' ||
        host[strspn(host, letters)] != '\0')
        snprintf(host, size, "localhost");
}

void
certificate_make(const char *dir)
{
    char *certificate_path = text_format("%s/certificate.pem", dir);
    char *key_path = text_format("%s/private_key.pem", dir);

    if (access(certificate_path, F_OK) != 0 || access(key_path, F_OK) != 0) {
        char host[256];
        host_name(host, sizeof(host));
        say("making a self-signed TLS certificate for localhost and %s", host);

        EVP_PKEY *key = EVP_RSA_gen(2048);
        BIO *key_pem = BIO_new(BIO_s_mem()), *certificate_pem = BIO_new(BIO_s_mem());
        if (!key || !key_pem || !certificate_pem)
            fail_openssl("key");
        X509 *certificate = self_sign(key, host);
        if (!PEM_write_bio_PrivateKey(key_pem, key, NULL, NULL, 0, NULL, NULL) ||
            !PEM_write_bio_X509(certificate_pem, certificate))
            fail_openssl("PEM");
        write_pem(key_path, 0600, key_pem);
        write_pem(certificate_path, 0644, certificate_pem);
        X509_free(certificate);
        EVP_PKEY_free(key);
    }
    free(certificate_path);
    free(key_path);
}
