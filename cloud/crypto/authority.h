/*
 * authority.h: the certificate authority of this cloud.
 *
 * <data>/tls/ca.crt and ca.key (0600) are made at the first start, for ten years. Clients are given
 * ca.crt once and then verify the API and every database instance with it. Keys are of the curve
 * P-256.
 */
#pragma once

/* Reads or makes the authority in the folder, which exists. Called once, before threads. Negative
 * errno on failure with *problem (owned by the caller) saying why. */
int authority_open(const char *folder, char **problem);

/* Path and PEM text of its certificate. */
const char *authority_file(void);
const char *authority_certificate(void);

/*
 * Issues a server certificate for names (DNS names and addresses, NULL-terminated; the first is the
 * common name), valid for so many days. PEM texts owned by the caller; wipe the key.
 */
int authority_issue(
    const char *const *names, int days, char **certificate, char **private_key, char **problem);

/*
 * Makes sure that the files hold a certificate of this authority for these names that is
 * good for a month more; issues one where they do not. 1: issued, 0: was good, negative errno.
 */
int authority_renew(const char *certificate_file,
                    const char *key_file,
                    const char *const *names,
                    char **problem);
