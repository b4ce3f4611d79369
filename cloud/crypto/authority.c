/*
 * authority.c: issues certificates with OpenSSL; see authority.h.
 */
#include "crypto/authority.h"

#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define AUTHORITY_DAYS 3650
#define SERVER_DAYS 397 /* clients refuse longer ones */
#define RENEW_SECONDS (30 * 86400)

static char *authority_path, *authority_pem;
static X509 *authority;
static EVP_PKEY *authority_key;

static int
refuse(char **problem, const char *what)
{
    char reason[256] = "";

    ERR_error_string_n(ERR_get_error(), reason, sizeof(reason));
    *problem = str_format("%s: %s", what, reason);
    return -EIO;
}

static char *
text_of(BIO *bio)
{
    char *bytes = NULL;
    long length = BIO_get_mem_data(bio, &bytes);
    char *text = str_copy_n(bytes, (size_t) length);

    BIO_free(bio);
    return text;
}

static char *
certificate_pem(X509 *certificate)
{
    BIO *bio = BIO_new(BIO_s_mem());

    PEM_write_bio_X509(bio, certificate);
    return text_of(bio);
}

static char *
key_pem(EVP_PKEY *key)
{
    BIO *bio = BIO_new(BIO_s_secmem());

    PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL);
    return text_of(bio);
}

/* Replaces a file in one step. */
static int
keep(const char *path, const char *text, mode_t mode, char **problem)
{
    AUTO_FREE char *beside = str_format("%s.new", path);
    size_t length = strlen(text);

    unlink(beside);
    int file = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    bool written = file >= 0 && fchmod(file, mode) == 0 &&
                   write(file, text, length) == (ssize_t) length && fsync(file) == 0;
    int error = written ? 0 : errno ? -errno : -EIO;
    if (file >= 0)
        close(file);
    if (!error && rename(beside, path) != 0)
        error = -errno;
    if (error)
        *problem = str_format("cannot write %s: %s", path, strerror(-error));
    return error;
}

static bool
extend(X509 *certificate, X509 *issuer, int kind, const char *value)
{
    X509V3_CTX context;

    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, kind, value);
    bool done = extension && X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
    return done;
}

/* A certificate of the key with a random serial number, unsigned yet. */
static X509 *
draft(EVP_PKEY *key, const char *name, int days)
{
    X509 *certificate = X509_new();
    X509_NAME *subject = X509_get_subject_name(certificate);
    unsigned char serial[16];
    BIGNUM *number;

    if (RAND_bytes(serial, sizeof(serial)) != 1) {
        X509_free(certificate);
        return NULL;
    }
    serial[0] &= 0x7f;
    number = BN_bin2bn(serial, sizeof(serial), NULL);
    BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate));
    BN_free(number);
    X509_set_version(certificate, X509_VERSION_3);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate), (long) days * 86400);
    X509_set_pubkey(certificate, key);
    X509_NAME_add_entry_by_txt(subject, "O", MBSTRING_UTF8, (const unsigned char *) "Casement", -1,
                               -1, 0);
    /* A common name has at most 64 characters; the alternative names are what counts. */
    AUTO_FREE char *common = str_copy_n(name, 64);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, (const unsigned char *) common, -1, -1,
                               0);
    return certificate;
}

static int
make_authority(const char *key_path, char **problem)
{
    authority_key = EVP_EC_gen("P-256");
    authority = authority_key ? draft(authority_key, "Casement authority", AUTHORITY_DAYS) : NULL;
    if (!authority)
        return refuse(problem, "cannot make the certificate authority");
    X509_set_issuer_name(authority, X509_get_subject_name(authority));
    if (!extend(authority, authority, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") ||
        !extend(authority, authority, NID_key_usage, "critical,keyCertSign,cRLSign") ||
        !extend(authority, authority, NID_subject_key_identifier, "hash") ||
        !X509_sign(authority, authority_key, EVP_sha256()))
        return refuse(problem, "cannot make the certificate authority");
    AUTO_WIPE char *key = key_pem(authority_key);
    int error = keep(key_path, key, 0600, problem);
    authority_pem = certificate_pem(authority);
    /* The certificate last: with it the authority exists. */
    return error ? error : keep(authority_path, authority_pem, 0644, problem);
}

static X509 *
read_certificate(const char *path)
{
    BIO *bio = BIO_new_file(path, "r");
    X509 *certificate = bio ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;

    BIO_free(bio);
    ERR_clear_error();
    return certificate;
}

static EVP_PKEY *
read_key(const char *path)
{
    BIO *bio = BIO_new_file(path, "r");
    EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL) : NULL;

    BIO_free(bio);
    ERR_clear_error();
    return key;
}

int
authority_open(const char *folder, char **problem)
{
    AUTO_FREE char *key_path = str_format("%s/ca.key", folder);

    authority_path = str_format("%s/ca.crt", folder);
    if (access(authority_path, F_OK) != 0)
        return make_authority(key_path, problem);
    authority = read_certificate(authority_path);
    authority_key = read_key(key_path);
    if (!authority || !authority_key || X509_check_private_key(authority, authority_key) != 1) {
        *problem = str_format("%s and %s cannot be read or are no pair", authority_path, key_path);
        return -EINVAL;
    }
    authority_pem = certificate_pem(authority);
    return 0;
}

const char *
authority_file(void)
{
    return authority_path;
}

const char *
authority_certificate(void)
{
    return authority_pem;
}

static bool
is_address(const char *name)
{
    ASN1_OCTET_STRING *address = a2i_IPADDRESS(name);

    ASN1_OCTET_STRING_free(address);
    ERR_clear_error();
    return address != NULL;
}

/* "DNS:localhost,IP:127.0.0.1"; owned by the caller. NULL where a name could be read as two. */
static char *
alternative_names(const char *const *names)
{
    Buffer list = {0};

    for (; *names; names++) {
        if (strpbrk(*names, ", \t\n=")) {
            buffer_done(&list);
            return NULL;
        }
        buffer_format(&list, "%s%s:%s", list.length ? "," : "", is_address(*names) ? "IP" : "DNS",
                      *names);
    }
    return list.text;
}

int
authority_issue(
    const char *const *names, int days, char **certificate, char **private_key, char **problem)
{
    AUTO_FREE char *alternatives = alternative_names(names);
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *made = key && alternatives ? draft(key, names[0], days) : NULL;
    bool done = made && X509_set_issuer_name(made, X509_get_subject_name(authority)) &&
                extend(made, authority, NID_basic_constraints, "critical,CA:FALSE") &&
                extend(made, authority, NID_key_usage, "critical,digitalSignature,keyAgreement") &&
                extend(made, authority, NID_ext_key_usage, "serverAuth") &&
                extend(made, authority, NID_subject_key_identifier, "hash") &&
                extend(made, authority, NID_authority_key_identifier, "keyid:always") &&
                extend(made, authority, NID_subject_alt_name, alternatives) &&
                X509_sign(made, authority_key, EVP_sha256());

    if (done) {
        *certificate = certificate_pem(made);
        *private_key = key_pem(key);
    }
    X509_free(made);
    EVP_PKEY_free(key);
    return done ? 0 : refuse(problem, "cannot issue a certificate");
}

/* Whether one of the names is missing from the certificate. */
static bool
lacks_name(X509 *certificate, const char *const *names)
{
    for (; *names; names++) {
        int there = is_address(*names) ? X509_check_ip_asc(certificate, *names, 0)
                                       : X509_check_host(certificate, *names, 0, 0, NULL);
        if (there != 1)
            return true;
    }
    return false;
}

static bool
is_good(const char *certificate_file, const char *key_file, const char *const *names)
{
    X509 *certificate = read_certificate(certificate_file);
    EVP_PKEY *key = read_key(key_file);
    time_t limit = time(NULL) + RENEW_SECONDS;
    bool good = certificate && key && X509_check_private_key(certificate, key) == 1 &&
                X509_verify(certificate, authority_key) == 1 &&
                X509_cmp_time(X509_get0_notAfter(certificate), &limit) > 0 &&
                !lacks_name(certificate, names);

    X509_free(certificate);
    EVP_PKEY_free(key);
    ERR_clear_error();
    return good;
}

int
authority_renew(const char *certificate_file,
                const char *key_file,
                const char *const *names,
                char **problem)
{
    AUTO_FREE char *certificate = NULL;
    AUTO_WIPE char *key = NULL;
    int error;

    if (is_good(certificate_file, key_file, names))
        return 0;
    if ((error = authority_issue(names, SERVER_DAYS, &certificate, &key, problem)) ||
        (error = keep(key_file, key, 0600, problem)) ||
        (error = keep(certificate_file, certificate, 0644, problem)))
        return error;
    return 1;
}
