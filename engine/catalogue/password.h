/*
 * Passwords of logins. A login is a row of the catalogue with a PostgreSQL role, whose rolpassword
 * is a SCRAM-SHA-256 secret; LOGIN7 carries the password itself (under TLS), so it is checked by
 * computing the secret's keys from it.
 */
#pragma once

#include "postgres.h"

/* Whether `password` is the one of `secret`. NULL or foreign secrets: takes as long, and is false.
 */
bool password_verify(const char *password, const char *secret);

/* The SCRAM secret for a new password: palloc'd. */
char *password_secret(const char *password);

/* The secret of a role, palloc'd; NULL if it has none. In a transaction. */
char *password_of_role(Oid role);

/*
 * Gives the login `name` a password, making its PostgreSQL role where it has none yet. The login
 * must be in the catalogue: error 15151. In a transaction; runs as the superuser.
 */
void password_set(const char *name, const char *password);
