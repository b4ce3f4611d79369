/* random_id.h: identifiers and secrets from OpenSSL's random generator. */
#pragma once

#include <stddef.h>

/* 32 lower-case hexadecimal digits, then the suffix ("in04", "br04", "" ...). id has room for 41.
 */
#define ID_SIZE 41
void id_new(char id[ID_SIZE], const char *suffix);

/* Upper-case letters and digits, length of them, for access keys; letters of both cases and digits
 * for secret keys. Owned by the caller. */
char *random_access_key(void); /* 20 characters */
char *random_secret_key(void); /* 40 characters */

/* A password of `length` characters with at least three of upper, lower, digit, special. */
char *random_password(size_t length);
