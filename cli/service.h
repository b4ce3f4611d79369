/*
 * service.h: the command line's way to the API: who is logged in, signed requests, waiting for
 * jobs.
 *
 * ~/.config/casement/login.json (0600) says where the service is and holds the access key; the
 * variable CASEMENT_LOGIN names another file. Requests are signed (SDK-HMAC-SHA256), so that no
 * secret travels.
 */
#pragma once

#include "command.h"

#include <jansson.h>

/* Reads who is logged in; exits 4, saying how to log in, where nobody is. */
const json_t *service_login(void);
/* Writes the file (takes over the reference), or removes it with NULL. */
void service_keep_login(json_t *login);

/*
 * One request: path with "{p}" for the project; body borrowed or NULL. Returns the answer's JSON (a
 * new reference; an empty object for an empty answer) for a 2xx, else exits with what the service
 * said: 3 for 404, 4 for 401 and an unreachable service, 1 for the rest.
 */
json_t *service_call(const char *method, const char *body_path, const json_t *body);
/* The same with the path made by a format; arguments must be encoded (url_text). */
json_t *service_get(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Without a login: for POST /v3/auth/tokens. *token (owned by the caller) is X-Subject-Token. */
json_t *
service_authenticate(const char *endpoint, const char *ca_file, const json_t *body, char **token);
/* With a token instead of the key. */
json_t *service_call_token(const char *endpoint,
                           const char *ca_file,
                           const char *token,
                           const char *method,
                           const char *path,
                           const json_t *body);

/* Percent-encoded, owned by the caller. */
char *url_text(const char *text);

/* With --wait: waits for the job, showing its progress on a terminal; returns the exit status.
 * Without: says the job's id. job_id may be NULL (nothing to wait for). */
int service_finish(const Invocation *invocation, const char *job_id, const char *done);

/* The instance of that name or id: its JSON (a new reference). Exits 3 where there is none, 2 where
 * a name is several's. */
json_t *service_instance(const char *name);

/* A password: first line of --password-file, else asked for twice without echo. Owned by the
 * caller. */
char *service_password(const Invocation *invocation, const char *whose, bool twice);
