/*
 * certificate.h: the self-signed TLS certificate of an instance that was given none.
 */
#pragma once

/*
 * Makes <dir>/certificate.pem (0644) and <dir>/private_key.pem (0600) where they are missing: an
 * RSA key of 2048 bits (old TDS clients cannot do elliptic curves), valid for ten years, for
 * localhost, the host's name and their addresses. Exits on failure.
 */
void certificate_make(const char *dir);
