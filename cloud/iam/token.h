/*
 * token.h: what a token says. A token is JSON sealed under the master key, so that no daemon must
 * remember it; it is void when its user's epoch has moved on (password changed, user disabled and
 * enabled again), when it is revoked, or after its time.
 *
 * A temporary access key is the same with a key pair inside: the client sends it as security token
 * with each request that it signs with the pair.
 */
#pragma once

#include "base/json.h"
#include "base/moment.h"

#define TOKEN_LIFETIME (24 * 3600 * MOMENT_SECOND)

typedef struct Token {
    char *id, *user_id;
    char *project_id, *domain_id; /* scope: one of them, or neither */
    char *methods;                /* "password", "token", joined by ',' */
    Moment issued, expires;
    long long epoch;
    /* of a temporary access key */
    char *access, *secret;
    json_t *policy; /* what it may at most, or NULL */
} Token;

/* Sealed text, owned by the caller. */
char *token_seal(const Token *token);
/* False where text is no token of ours or its time is over. token_done in any case. */
bool token_open(const char *text, Token *token);
void token_done(Token *token);
