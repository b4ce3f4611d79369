/*
 * token.c: seals and opens tokens. authenticate.c decides whether one still counts.
 */
#include "iam/token.h"

#include "base/memory.h"
#include "crypto/master_key.h"

#include <string.h>

#define PURPOSE "iam token"
#define MOST_LENGTH 8192

char *
token_seal(const Token *token)
{
    AUTO_JSON json_t *json = json_object();
    AUTO_WIPE char *text = NULL;

    json_put_text(json, "t", token->id);
    json_put_text(json, "u", token->user_id);
    json_put_text(json, "p", token->project_id);
    json_put_text(json, "d", token->domain_id);
    json_put_text(json, "m", token->methods);
    json_put_text(json, "a", token->access);
    json_put_text(json, "s", token->secret);
    json_object_set_new(json, "i", json_integer(token->issued));
    json_object_set_new(json, "x", json_integer(token->expires));
    json_object_set_new(json, "e", json_integer(token->epoch));
    if (token->policy != NULL)
        json_object_set(json, "y", token->policy);
    text = json_render(json);
    return secret_seal(PURPOSE, text, strlen(text));
}

bool
token_open(const char *text, Token *token)
{
    AUTO_WIPE char *opened = NULL;
    AUTO_JSON json_t *json = NULL;

    memset(token, 0, sizeof(*token));
    if (strlen(text) > MOST_LENGTH)
        return false;
    opened = secret_open(PURPOSE, text, NULL);
    json = opened != NULL ? json_loads(opened, 0, NULL) : NULL;
    if (json == NULL)
        return false;
    token->id = str_copy(json_text(json, "t", ""));
    token->user_id = str_copy(json_text(json, "u", ""));
    token->project_id = str_copy(json_text(json, "p", ""));
    token->domain_id = str_copy(json_text(json, "d", ""));
    token->methods = str_copy(json_text(json, "m", ""));
    token->access = str_copy(json_text(json, "a", ""));
    token->secret = str_copy(json_text(json, "s", ""));
    token->issued = json_number(json, "i", 0);
    token->expires = json_number(json, "x", 0);
    token->epoch = json_number(json, "e", -1);
    token->policy = json_incref(json_object_get(json, "y"));
    return token->expires > moment_now();
}

void
token_done(Token *token)
{
    free(token->id);
    free(token->user_id);
    free(token->project_id);
    free(token->domain_id);
    free(token->methods);
    free(token->access);
    str_wipe(token->secret);
    json_decref(token->policy);
    memset(token, 0, sizeof(*token));
}
