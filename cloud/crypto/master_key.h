/*
 * master_key.h: secrets at rest, and hashes of passwords.
 *
 * <data>/master.key (0600, 32 random bytes) is made at the first start. Secrets in the store
 * (secret keys, the instances' internal passwords, backup passphrases) are sealed under it with
 * AES-256-GCM; the purpose is authenticated with them, so that a sealed value cannot be moved to
 * another place. Passwords of users are hashed with scrypt (OpenSSL EVP_KDF) and never come back.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Reads or makes the key file. Negative errno on failure. Called once, before threads. */
int master_key_open(const char *path);

/* Base64 text "v1.<nonce+ciphertext+tag>", owned by the caller; NULL when the library refuses. */
char *secret_seal(const char *purpose, const char *secret, size_t length);
/* The secret with a NUL after it, owned by the caller (free with str_wipe); NULL where it is not
 * ours. */
char *secret_open(const char *purpose, const char *sealed, size_t *length);

/* "scrypt$N$r$p$salt$hash", owned by the caller. About 50 ms. */
char *password_hash(const char *password);
/* Constant time in the hash. A NULL hash does the same work and says false, so that time does not
 * tell whether a user exists. */
bool password_matches(const char *password, const char *hash);

/* 32 bytes of HMAC-SHA256 and of SHA-256. */
void hmac_sha256(
    const void *key, size_t key_length, const void *bytes, size_t length, unsigned char out[32]);
void sha256(const void *bytes, size_t length, unsigned char out[32]);
/* Lower-case hexadecimal with a NUL: text has room for 2 * length + 1. */
void hex_text(const unsigned char *bytes, size_t length, char *text);
/* Base64 (RFC 4648 section 4) with padding, owned by the caller; NULL where text is not that. The
 * bytes have a NUL after them. */
char *base64_text(const void *bytes, size_t length);
unsigned char *base64_bytes(const char *text, size_t *length);
/* Compares in constant time. */
bool equal_secret(const char *one, const char *other);
