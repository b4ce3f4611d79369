/*
 * tokens.c: POST, GET and DELETE /v3/auth/tokens, and temporary access keys, which are tokens with
 * a key pair inside (token.h).
 */
#include "crypto/random_id.h"
#include "iam/handlers.h"
#include "iam/signin.h"

#include <errno.h>
#include <string.h>

#define LEAST_SECONDS 900
#define MOST_SECONDS 86400
#define MOST_REVOKED 1000 /* of one user at a time; beyond it all his tokens are void */

/* --- what a token shows ------------------------------------------------------------------------
 */

static json_t *
roles_in(const Identity *identity, const char *scope)
{
    json_t *list = json_array();

    if (identity->owner)
        json_array_append_new(list, json_pack("{s:s, s:s}", "id", "0", "name", "admin"));
    for (int i = 0; i < identity->grant_count; i++) {
        const Grant *grant = &identity->grants[i];

        if (strcmp(grant->scope, "all") == 0 || strcmp(grant->scope, scope) == 0)
            json_array_append_new(
                list, json_pack("{s:s, s:s}", "id", grant->role_id, "name", grant->role_name));
    }
    return list;
}

static json_t *
show_token(const ApiRequest *request, const Caller *caller, bool with_catalog)
{
    const Principal *shown = &caller->shown;
    char issued[MOMENT_TEXT], expires[MOMENT_TEXT];
    json_t *domain = json_pack("{s:s, s:s}", "id", shown->domain_id, "name", shown->domain_name);
    json_t *token = json_object(), *methods = json_array();
    AUTO_FREE char *list = str_copy(caller->methods);
    char *rest = list, *method;

    while ((method = strsep(&rest, ",")) != NULL)
        json_array_append_new(methods, json_string(method));
    moment_iso(caller->issued, issued);
    moment_iso(shown->expires, expires);
    json_object_set_new(token, "methods", methods);
    json_object_set_new(token, "issued_at", json_string(issued));
    json_object_set_new(token, "expires_at", json_string(expires));
    json_object_set_new(token, "audit_ids", json_pack("[s]", caller->token_id));
    json_object_set_new(token, "user",
                        json_pack("{s:s, s:s, s:s, s:O}", "id", shown->user_id, "name",
                                  shown->user_name, "password_expires_at", "", "domain", domain));
    if (caller->project != NULL)
        json_object_set_new(token, "project",
                            json_pack("{s:s, s:s, s:O}", "id", shown->project_id, "name",
                                      shown->project_name, "domain", domain));
    if (caller->domain_scope)
        json_object_set(token, "domain", domain);
    if (caller->project != NULL || caller->domain_scope) {
        json_object_set_new(
            token, "roles",
            roles_in(caller->identity, caller->project != NULL ? shown->project_id : "domain"));
        if (with_catalog)
            json_object_set_new(token, "catalog", iam_catalog(request, shown->project_id));
    }
    json_decref(domain);
    return json_pack("{s:o}", "token", token);
}

/* nocatalog counts when it is there at all, as in Keystone, except nocatalog=false. */
static bool
catalog_wanted(const ApiRequest *request)
{
    const char *value = api_query(request, "nocatalog", NULL);

    return value == NULL || strcasecmp(value, "false") == 0;
}

/* --- making one --------------------------------------------------------------------------------
 */

/* The project that a scope names: *id is owned by the caller, NULL where there is none such that
 * the user may enter. False on a store error. */
static bool
project_of_scope(StoreConn *store, const Identity *identity, const json_t *project, char **id)
{
    const json_t *domain = json_object_get(project, "domain");
    const char *domain_id = json_text(domain, "id", ""),
               *domain_name = json_text(domain, "name", "");

    *id = NULL;
    if ((*domain_id != '\0' && strcmp(domain_id, identity->domain_id) != 0) ||
        (*domain_name != '\0' && strcmp(domain_name, identity->domain_name) != 0))
        return true;
    *id = store_value(
        store,
        "SELECT id FROM iam_project WHERE domain_id = $1 AND enabled"
        " AND status = 'normal' AND CASE WHEN $2 <> '' THEN id = $2 ELSE name = $3 END",
        "sss", identity->domain_id, json_text(project, "id", ""), json_text(project, "name", ""));
    if (*id != NULL && !identity_enters(identity, *id)) {
        free(*id);
        *id = NULL;
    }
    return !store_failed(store);
}

/* Fills the token's scope; false after having answered. */
static bool
take_scope(ApiRequest *request, const Identity *identity, const json_t *scope, Token *token)
{
    const json_t *project = json_object_get(scope, "project");
    const json_t *domain = json_object_get(scope, "domain");

    token->project_id = token->domain_id = NULL;
    if (json_is_object(project)) {
        if (!project_of_scope(request->store, identity, project, &token->project_id)) {
            api_fail_store(request);
            return false;
        }
        if (token->project_id == NULL)
            api_fail(request, API_NO_SCOPE);
        return token->project_id != NULL;
    }
    if (json_is_object(domain)) {
        bool own =
            strcmp(json_text(domain, "id", identity->domain_id), identity->domain_id) == 0 &&
            strcmp(json_text(domain, "name", identity->domain_name), identity->domain_name) == 0;

        if (!own)
            api_fail(request, API_NO_SCOPE);
        token->domain_id = str_copy(identity->domain_id);
        return own;
    }
    return true;
}

/* Seals the token and answers with it. */
static void
answer_token(ApiRequest *request, Identity *identity, Token *token)
{
    AUTO_FREE char *sealed = NULL;
    Project *project = NULL;
    Caller *caller;

    token->user_id = str_copy(identity->user_id);
    token->epoch = identity->epoch;
    sealed = token_seal(token);
    if (sealed == NULL || (token->project_id != NULL &&
                           identity_of_project(token->project_id, request->store, &project) != 0)) {
        api_fail_store(request);
        return;
    }
    if (token->domain_id == NULL)
        token->domain_id = str_copy("");
    caller = caller_new(shared_ref(identity), project, token, "");
    api_answer_header(request, "X-Subject-Token", sealed);
    api_reply(request, 201, show_token(request, caller, catalog_wanted(request)));
    caller_unref(caller);
}

static void
new_token_times(Token *token, Moment lifetime)
{
    char id[ID_SIZE];

    id_new(id, "");
    token->id = str_copy(id);
    token->issued = moment_now();
    token->expires = token->issued + lifetime;
}

static void
token_by_password(ApiRequest *request, const json_t *identity_json, const json_t *scope)
{
    const json_t *password = json_object_get(identity_json, "password");
    AUTO_FREE char *user_id = signin_by_password(request, json_object_get(password, "user"));
    AUTO_SHARED Identity *identity = NULL;
    Token token = {.methods = NULL};

    if (user_id == NULL)
        return;
    if (identity_of_user(user_id, request->store, &identity) != 0) {
        api_fail_store(request);
        return;
    }
    token.methods = str_copy("password");
    new_token_times(&token, TOKEN_LIFETIME);
    if (take_scope(request, identity, scope, &token))
        answer_token(request, identity, &token);
    token_done(&token);
}

/* A token of another scope. It ends when the first one does: else tokens would live for ever. */
static void
token_by_token(ApiRequest *request, const json_t *identity_json, const json_t *scope)
{
    const json_t *given = json_object_get(identity_json, "token");
    const char *text = json_text(given, "id", api_header(request, "X-Auth-Token"));
    const char *why = "auth.identity.token.id is missing";
    Caller *caller = NULL;
    Token token = {.methods = NULL};
    int error = text != NULL ? caller_of_token(text, request->store, &caller, &why) : -EACCES;

    if (error == -EACCES) {
        api_fail(request, API_UNAUTHENTICATED, why);
        return;
    }
    if (error != 0) {
        api_fail_store(request);
        return;
    }
    token.methods =
        str_copy(strstr(caller->methods, "password") != NULL ? "token,password" : "token");
    new_token_times(&token, TOKEN_LIFETIME);
    if (token.expires > caller->shown.expires)
        token.expires = caller->shown.expires;
    if (take_scope(request, caller->identity, scope, &token))
        answer_token(request, caller->identity, &token);
    token_done(&token);
    caller_unref(caller);
}

void
iam_create_token(ApiRequest *request)
{
    const json_t *auth = json_object_get(request->json, "auth");
    const json_t *identity = json_object_get(auth, "identity");
    const json_t *methods = json_object_get(identity, "methods");
    const char *method = json_string_value(json_array_get(methods, 0));

    if (json_array_size(methods) != 1 || method == NULL)
        api_fail(request, API_BAD_IDENTITY, "auth.identity.methods must have one method");
    else if (strcmp(method, "password") == 0)
        token_by_password(request, identity, json_object_get(auth, "scope"));
    else if (strcmp(method, "token") == 0)
        token_by_token(request, identity, json_object_get(auth, "scope"));
    else
        api_fail(request, API_BAD_IDENTITY, "the methods supported are password and token");
}

/* --- looking at one, ending one ----------------------------------------------------------------
 */

/* The caller of X-Subject-Token, where the request's own caller may know of it: his own, or of his
 * domain for who may look at its tokens. NULL after having answered. */
static Caller *
subject(ApiRequest *request, const char *action)
{
    const char *text = api_header(request, "X-Subject-Token");
    const char *why = "";
    Caller *caller = NULL;
    int error = text != NULL ? caller_of_token(text, request->store, &caller, &why) : -EACCES;
    bool own;

    if (text == NULL) {
        api_fail(request, API_BAD_IDENTITY, "the header X-Subject-Token is missing");
        return NULL;
    }
    if (error != 0 && error != -EACCES) {
        api_fail_store(request);
        return NULL;
    }
    own = error == 0 && (strcmp(caller->shown.user_id, request->principal->user_id) == 0 ||
                         (strcmp(caller->shown.domain_id, request->principal->domain_id) == 0 &&
                          caller_may(request, action)));
    if (own)
        return caller;
    caller_unref(caller);
    api_fail(request, API_NO_SUCH_THING, "token", "it is invalid, over, or not yours");
    return NULL;
}

void
iam_validate_token(ApiRequest *request)
{
    Caller *caller = subject(request, "iam:tokens:validateToken");

    if (caller == NULL)
        return;
    api_answer_header(request, "X-Subject-Token", api_header(request, "X-Subject-Token"));
    api_reply(request, 200, show_token(request, caller, catalog_wanted(request)));
    caller_unref(caller);
}

void
iam_revoke_token(ApiRequest *request)
{
    Caller *caller = subject(request, "iam:tokens:revokeToken");
    const char *user_id;
    bool done;

    if (caller == NULL)
        return;
    user_id = caller->shown.user_id;
    if (caller->identity->revoked_count >= MOST_REVOKED)
        done = store_run(request->store,
                         "UPDATE iam_user SET token_epoch = token_epoch + 1 WHERE id = $1", "s",
                         user_id) == 1;
    else
        done = store_run(request->store,
                         "INSERT INTO iam_revoked_token (user_id, token_id, expires)"
                         " VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
                         "ssm", user_id, caller->token_id, caller->shown.expires) >= 0;
    iam_forget("user", user_id);
    caller_unref(caller);
    if (done)
        api_reply(request, 204, NULL);
    else
        api_fail_store(request);
}

/* Of the newer SDKs (STS): who is it that signs. */
void
iam_show_caller(ApiRequest *request)
{
    const Principal *principal = request->principal;

    api_reply(
        request, 200,
        json_pack("{s:s, s:s, s:o}", "account_id", principal->domain_id, "principal_id",
                  principal->user_id, "principal_urn",
                  json_sprintf("iam::%s:user:%s", principal->domain_id, principal->user_name)));
}

/* --- temporary access keys ---------------------------------------------------------------------
 */

static bool
session_policy_good(ApiRequest *request, const json_t *policy)
{
    AUTO_FREE char *problem = NULL;
    AUTO_FREE char *text = NULL;
    Policy *read;

    if (policy == NULL || json_is_null(policy))
        return true;
    text = json_render(policy);
    if (strlen(text) > 2048) {
        api_fail(request, API_BAD_IDENTITY, "auth.identity.policy is longer than 2048 characters");
        return false;
    }
    read = policy_read(policy, &problem);
    if (read == NULL)
        api_fail(request, API_BAD_IDENTITY, problem);
    policy_free(read);
    return read != NULL;
}

/* Whose temporary key it will be: of the token in the body or in the header. NULL after having
 * answered. One reference. */
static Caller *
caller_for_key(ApiRequest *request, const json_t *token_json)
{
    const char *text = json_text(token_json, "id", api_header(request, "X-Auth-Token"));
    const char *why = "a token is needed, in X-Auth-Token or in auth.identity.token.id";
    Caller *caller = NULL;
    int error = text != NULL ? caller_of_token(text, request->store, &caller, &why) : -EACCES;

    if (error == -EACCES)
        api_fail(request, API_UNAUTHENTICATED, why);
    else if (error != 0)
        api_fail_store(request);
    return caller;
}

void
iam_create_temporary_key(ApiRequest *request)
{
    const json_t *auth = json_object_get(request->json, "auth");
    const json_t *identity = json_object_get(auth, "identity");
    const json_t *token_json = json_object_get(identity, "token");
    const json_t *policy = json_object_get(identity, "policy");
    const char *method = json_string_value(json_array_get(json_object_get(identity, "methods"), 0));
    long long seconds = json_number(token_json, "duration_seconds", LEAST_SECONDS);
    char expires[MOMENT_TEXT];
    Token token = {.methods = NULL};
    AUTO_FREE char *sealed = NULL;
    Caller *caller;

    if (method == NULL || strcmp(method, "token") != 0) {
        api_fail(request, API_BAD_IDENTITY, "auth.identity.methods must be [\"token\"]");
        return;
    }
    if (seconds < LEAST_SECONDS || seconds > MOST_SECONDS) {
        api_fail(request, API_BAD_IDENTITY, "duration_seconds must be 900 to 86400");
        return;
    }
    if (!session_policy_good(request, policy))
        return;
    caller = caller_for_key(request, token_json);
    if (caller == NULL)
        return;
    new_token_times(&token, seconds * MOMENT_SECOND);
    token.user_id = str_copy(caller->shown.user_id);
    token.methods = str_copy("token");
    token.epoch = caller->identity->epoch;
    token.access = random_access_key();
    token.secret = random_secret_key();
    token.policy = json_is_object(policy) ? json_deep_copy(policy) : NULL;
    sealed = token_seal(&token);
    moment_iso(token.expires, expires);
    if (sealed == NULL)
        api_fail(request, API_INTERNAL, request->request_id);
    else
        api_reply(request, 201,
                  json_pack("{s:{s:s, s:s, s:s, s:s}}", "credential", "access", token.access,
                            "secret", token.secret, "securitytoken", sealed, "expires_at",
                            expires));
    token_done(&token);
    caller_unref(caller);
}
