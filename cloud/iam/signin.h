/*
 * signin.h: names and passwords. Wrong ones are counted by name, whether such a user exists or not,
 * and by address; too many lock the name for a while, and the address out.
 */
#pragma once

#include "api/request.h"

#define SIGNIN_FAILURES 5          /* within the window, then the name is locked */
#define SIGNIN_WINDOW_SECONDS 900  /* also how long it is locked */
#define SIGNIN_ADDRESS_FAILURES 60 /* within five minutes */
#define SIGNIN_ADDRESS_SECONDS 300

/* The id of the user whose name and password this is ("user" of Keystone's password method, with
 * "id" or with "name" and "domain"), owned by the caller; NULL after having answered. */
char *signin_by_password(ApiRequest *request, const json_t *user);

/* Rules for new passwords; NULL, or what is wrong (owned by the caller). */
char *password_problem(const char *password, const char *user_name);
#define PASSWORD_LEAST 8
#define PASSWORD_MOST 64
#define PASSWORD_REMEMBERED 3 /* the last ones cannot be taken again */

/* Old rows of failures and revoked tokens. */
void signin_clean(StoreConn *store);
