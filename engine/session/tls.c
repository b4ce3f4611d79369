/*
 * The TLS engine of the transport. See tls.h.
 */
#include "postgres.h"

#include "session/tls.h"

#include "miscadmin.h"
#include "session/settings.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/stat.h>

static SSL_CTX *context;
static struct stat certificate_seen, key_seen;
static SSL *ssl;
static BIO *from_wire, *to_wire;

static const char *
openssl_reason(void)
{
    unsigned long code = ERR_get_error();
    const char *reason = code != 0 ? ERR_reason_error_string(code) : NULL;

    ERR_clear_error();
    return reason != NULL ? reason : "no reason given";
}

/* TDS 8.0's name in ALPN (length-prefixed); another offer is refused, none at all is accepted. */
static int
choose_alpn(SSL *connection,
            const unsigned char **out,
            unsigned char *out_length,
            const unsigned char *in,
            unsigned in_length,
            void *argument)
{
    static const unsigned char name[] = "\x07tds/8.0";

    if (SSL_select_next_proto((unsigned char **) out, out_length, name, sizeof(name) - 1, in,
                              in_length) == OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_OK;
    return SSL_TLSEXT_ERR_ALERT_FATAL;
}

static SSL_CTX *
make_context(void)
{
    SSL_CTX *made = SSL_CTX_new(TLS_server_method());

    if (made == NULL)
        return NULL;
    SSL_CTX_set_min_proto_version(made, TLS1_VERSION);
    /* No resumption: each session's process is another one, and drivers do not ask for it. */
    SSL_CTX_set_options(made, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                  SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_session_cache_mode(made, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(made, 0);
    SSL_CTX_set_mode(made, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_cipher_list(made, "HIGH:!aNULL:!eNULL:!MD5:!3DES:@STRENGTH");
    SSL_CTX_set1_groups_list(made, "X25519:P-256:P-384");
    SSL_CTX_set_alpn_select_cb(made, choose_alpn, NULL);
    if (SSL_CTX_use_certificate_chain_file(made, setting_certificate_file) != 1 ||
        SSL_CTX_use_PrivateKey_file(made, setting_private_key_file, SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_check_private_key(made) != 1) {
        ereport(LOG,
                (errmsg("casement cannot use certificate \"%s\" with key \"%s\": %s",
                        setting_certificate_file, setting_private_key_file, openssl_reason())));
        SSL_CTX_free(made);
        return NULL;
    }
    return made;
}

static bool
same_file(const struct stat *a, const struct stat *b)
{
    return a->st_ino == b->st_ino && a->st_dev == b->st_dev && a->st_size == b->st_size &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

bool
tls_available(void)
{
    struct stat certificate, key;
    SSL_CTX *made;

    if (setting_encryption == ENCRYPTION_OFF)
        return false;
    if (stat(setting_certificate_file, &certificate) != 0 ||
        stat(setting_private_key_file, &key) != 0) {
        if (context == NULL)
            ereport(LOG, (errmsg("casement has no certificate: \"%s\" or \"%s\" cannot be read: %m",
                                 setting_certificate_file, setting_private_key_file)));
        return context != NULL;
    }
    if (context != NULL && same_file(&certificate, &certificate_seen) && same_file(&key, &key_seen))
        return true;
    made = make_context();
    if (made == NULL)
        return context != NULL;
    SSL_CTX_free(context);
    context = made;
    certificate_seen = certificate;
    key_seen = key;
    return true;
}

bool
tls_start(bool strict)
{
    if (context == NULL)
        return false;
    ssl = SSL_new(context);
    from_wire = BIO_new(BIO_s_mem());
    to_wire = BIO_new(BIO_s_mem());
    if (ssl == NULL || from_wire == NULL || to_wire == NULL) {
        SSL_free(ssl);
        BIO_free(from_wire);
        BIO_free(to_wire);
        ssl = NULL;
        return false;
    }
    BIO_set_mem_eof_return(from_wire, -1);
    BIO_set_mem_eof_return(to_wire, -1);
    SSL_set_bio(ssl, from_wire, to_wire);
    if (strict)
        SSL_set_min_proto_version(ssl, TLS1_2_VERSION);
    else
        SSL_set_max_proto_version(ssl, TLS1_2_VERSION);
    SSL_set_accept_state(ssl);
    return true;
}

void
tls_feed(const void *bytes, size_t length)
{
    if (length > 0)
        BIO_write(from_wire, bytes, (int) length);
}

TlsResult
tls_handshake(void)
{
    int result, error;

    ERR_clear_error();
    result = SSL_do_handshake(ssl);
    if (result == 1)
        return TLS_OK;
    error = SSL_get_error(ssl, result);
    if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE)
        return TLS_MORE;
    ereport(LOG, (errmsg("TLS handshake failed: %s", openssl_reason())));
    return TLS_FAILED;
}

TlsResult
tls_read(void *to, size_t room, size_t *got)
{
    int result, error;

    ERR_clear_error();
    result = SSL_read_ex(ssl, to, room, got);
    if (result == 1)
        return TLS_OK;
    *got = 0;
    error = SSL_get_error(ssl, result);
    if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE)
        return TLS_MORE;
    if (error != SSL_ERROR_ZERO_RETURN)
        ereport(LOG, (errmsg("TLS connection failed: %s", openssl_reason())));
    return TLS_FAILED;
}

bool
tls_write(const void *bytes, size_t length)
{
    size_t written;

    ERR_clear_error();
    return length == 0 || (SSL_write_ex(ssl, bytes, length, &written) == 1 && written == length);
}

size_t
tls_pending(const uint8 **bytes)
{
    char *data;
    long length = BIO_get_mem_data(to_wire, &data);

    *bytes = (const uint8 *) data;
    return length > 0 ? (size_t) length : 0;
}

void
tls_sent(void)
{
    (void) BIO_reset(to_wire);
}

void
tls_stop(void)
{
    SSL_free(ssl);
    ssl = NULL;
    from_wire = to_wire = NULL;
}

const char *
tls_version_name(void)
{
    return ssl != NULL ? SSL_get_version(ssl) : "none";
}
