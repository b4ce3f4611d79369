/*
 * tls.c: the certificate that handshakes use. GnuTLS keeps pointers to it during a handshake, so
 * that one that was replaced stays until the next one is: a handshake does not take as long as the
 * time between two changes.
 */
#include "http/tls.h"

#include "base/memory.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>

#define CHAIN_MOST 8

typedef struct Identity {
    gnutls_pcert_st chain[CHAIN_MOST];
    unsigned chain_length;
    gnutls_privkey_t key;
} Identity;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static Identity *current, *before;

static void
identity_free(Identity *identity)
{
    if (identity == NULL)
        return;
    for (unsigned i = 0; i < identity->chain_length; i++)
        gnutls_pcert_deinit(&identity->chain[i]);
    if (identity->key)
        gnutls_privkey_deinit(identity->key);
    free(identity);
}

static int
read_key(Identity *identity, const char *file)
{
    gnutls_datum_t text;
    int result = gnutls_load_file(file, &text);

    if (result < 0)
        return result;
    result = gnutls_privkey_init(&identity->key);
    if (result >= 0)
        result = gnutls_privkey_import_x509_raw(identity->key, &text, GNUTLS_X509_FMT_PEM, NULL, 0);
    gnutls_memset(text.data, 0, text.size);
    gnutls_free(text.data);
    return result;
}

/* A key of another certificate would let every handshake fail. */
static int
compare_keys(const Identity *identity)
{
    unsigned char ids[2][64];
    size_t lengths[2] = {sizeof(ids[0]), sizeof(ids[1])};
    gnutls_pubkey_t public;
    int result = gnutls_pubkey_init(&public);

    if (result < 0)
        return result;
    result = gnutls_pubkey_import_privkey(public, identity->key, 0, 0);
    if (result >= 0)
        result = gnutls_pubkey_get_key_id(public, GNUTLS_KEYID_USE_SHA256, ids[0], &lengths[0]);
    if (result >= 0)
        result = gnutls_pubkey_get_key_id(identity->chain[0].pubkey, GNUTLS_KEYID_USE_SHA256,
                                          ids[1], &lengths[1]);
    gnutls_pubkey_deinit(public);
    if (result >= 0 && (lengths[0] != lengths[1] || memcmp(ids[0], ids[1], lengths[0]) != 0))
        result = GNUTLS_E_CERTIFICATE_KEY_MISMATCH;
    return result;
}

int
tls_load(const char *certificate, const char *private_key, char **problem)
{
    Identity *identity = MEM_NEW(Identity);
    const char *file = certificate;
    unsigned count = CHAIN_MOST;
    int result = gnutls_pcert_list_import_x509_file(identity->chain, &count, certificate,
                                                    GNUTLS_X509_FMT_PEM, NULL, NULL, 0);

    if (result >= 0) {
        identity->chain_length = count;
        file = private_key;
        result = read_key(identity, private_key);
    }
    if (result >= 0)
        result = compare_keys(identity);
    if (result < 0) {
        *problem = str_format("%s: %s", file, gnutls_strerror(result));
        identity_free(identity);
        return -EINVAL;
    }
    pthread_mutex_lock(&lock);
    identity_free(before);
    before = current;
    current = identity;
    pthread_mutex_unlock(&lock);
    return 0;
}

void
tls_unload(void)
{
    pthread_mutex_lock(&lock);
    identity_free(before);
    identity_free(current);
    before = current = NULL;
    pthread_mutex_unlock(&lock);
}

int
tls_certificate(gnutls_session_t session,
                const gnutls_datum_t *authorities,
                int authority_count,
                const gnutls_pk_algorithm_t *algorithms,
                int algorithm_count,
                gnutls_pcert_st **chain,
                unsigned *chain_length,
                gnutls_privkey_t *key)
{
    pthread_mutex_lock(&lock);
    *chain = current->chain;
    *chain_length = current->chain_length;
    *key = current->key;
    pthread_mutex_unlock(&lock);
    return 0;
}
