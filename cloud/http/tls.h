/*
 * tls.h: the server's certificate, which can change while the server runs.
 */
#pragma once

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>

/* TLS 1.2 with forward secrecy and authenticated ciphers, and 1.3. */
#define TLS_PRIORITIES                                                                             \
    "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-RSA:-DHE-RSA:-AES-128-CBC:-AES-256-CBC:"          \
    "-AES-128-CCM:-AES-256-CCM:-SHA1:%SERVER_PRECEDENCE"

/* Reads chain and key (PEM), which replace those before; on failure those stay. 0, or -EINVAL with
 * `problem` (owned by the caller). */
int tls_load(const char *certificate, const char *private_key, char **problem);
void tls_unload(void);

/* For MHD_OPTION_HTTPS_CERT_CALLBACK. */
int tls_certificate(gnutls_session_t session,
                    const gnutls_datum_t *authorities,
                    int authority_count,
                    const gnutls_pk_algorithm_t *algorithms,
                    int algorithm_count,
                    gnutls_pcert_st **chain,
                    unsigned *chain_length,
                    gnutls_privkey_t *key);
