/*
 * authenticate.c: from headers to a principal. Called by http for every request, on the event
 * thread first: nothing here waits unless a store is given.
 */
#include "iam/caller.h"
#include "iam/iam.h"
#include "iam/signature.h"

#include "crypto/master_key.h"

#include <errno.h>
#include <string.h>
#include <strings.h>
#include <time.h>

void
caller_unref(Caller *caller)
{
    if (caller == NULL || atomic_fetch_sub(&caller->references, 1) != 1)
        return;
    shared_unref(caller->identity);
    shared_unref(caller->project);
    policy_free(caller->session);
    free(caller->token_id);
    free(caller->methods);
    free(caller->access);
    free(caller);
}

void
iam_principal_unref(const Principal *principal)
{
    caller_unref((Caller *) principal);
}

const Caller *
caller_of(const ApiRequest *request)
{
    return (const Caller *) request->principal;
}

Caller *
caller_new(Identity *identity, Project *project, const Token *token, const char *access)
{
    Caller *caller = MEM_NEW(Caller);
    Principal *shown = &caller->shown;

    caller->references = 1;
    caller->identity = identity;
    caller->project = project;
    caller->access = str_copy(access);
    shown->user_id = identity->user_id;
    shown->user_name = identity->user_name;
    shown->domain_id = identity->domain_id;
    shown->domain_name = identity->domain_name;
    shown->project_id = project != NULL ? project->id : "";
    shown->project_name = project != NULL ? project->name : "";
    shown->access_key = caller->access;
    shown->sysadmin = identity->operator_of_cloud;
    shown->grants = caller;
    caller->token_id = str_copy(token != NULL ? token->id : "");
    caller->methods = str_copy(token != NULL ? token->methods : "");
    if (token != NULL) {
        caller->issued = token->issued;
        caller->by_token = access[0] == '\0';
        caller->domain_scope = token->domain_id[0] != '\0';
        shown->expires = token->expires;
        shown->temporary = access[0] != '\0';
    }
    return caller;
}

/* --- tokens ------------------------------------------------------------------------------------
 */

static const char *
token_void(const Token *token, const Identity *identity)
{
    if (!identity->enabled)
        return "the user is disabled";
    if (token->epoch != identity->epoch)
        return "the token was revoked";
    for (int i = 0; i < identity->revoked_count; i++)
        if (strcmp(identity->revoked[i], token->id) == 0)
            return "the token was revoked";
    return NULL;
}

/* The session policy of a temporary key. One that cannot be read allows nothing. */
static bool
take_session(Caller *caller, const Token *token)
{
    AUTO_FREE char *problem = NULL;

    if (token->policy == NULL)
        return true;
    caller->session = policy_read(token->policy, &problem);
    return caller->session != NULL;
}

/* An opened token's caller. access is "" for a token that is used as such. */
static int
admit_token(
    const Token *token, const char *access, StoreConn *store, Caller **caller, const char **why)
{
    AUTO_SHARED Identity *identity = NULL;
    AUTO_SHARED Project *project = NULL;
    int error = identity_of_user(token->user_id, store, &identity);

    *why = "the user does not exist";
    if (error == -ENOENT)
        return -EACCES;
    if (error == 0 && token->project_id[0] != '\0')
        error = identity_of_project(token->project_id, store, &project);
    if (error == -ENOENT)
        *why = "the project of the token does not exist";
    if (error != 0)
        return error == -ENOENT ? -EACCES : error;
    *why = token_void(token, identity);
    if (*why == NULL && project != NULL && !project->enabled)
        *why = "the project of the token is disabled";
    if (*why != NULL)
        return -EACCES;
    *caller = caller_new(shared_ref(identity), project != NULL ? shared_ref(project) : NULL, token,
                         access);
    if (!take_session(*caller, token)) {
        *why = "the policy of the temporary access key cannot be read";
        caller_unref(*caller);
        *caller = NULL;
        return -EACCES;
    }
    return 0;
}

int
caller_of_token(const char *text, StoreConn *store, Caller **caller, const char **why)
{
    Token token;
    int error = -EACCES;

    *caller = NULL;
    *why = "the token is invalid or its time is over";
    /* A security token holds a key's secret and goes with its signatures: alone it is no token. */
    if (token_open(text, &token) && token.access[0] == '\0')
        error = admit_token(&token, "", store, caller, why);
    token_done(&token);
    return error;
}

/* --- signatures --------------------------------------------------------------------------------
 */

static int
refuse(ApiRequest *request, const char *why)
{
    api_fail(request, API_UNAUTHENTICATED, why);
    return -EACCES;
}

static int
settle(ApiRequest *request, int error, const char *why)
{
    if (error == -EACCES)
        return refuse(request, why);
    if (error == -EIO) {
        api_fail_store(request);
        return -EACCES;
    }
    return error;
}

static void
sdk_time(Moment moment, char text[20])
{
    time_t seconds = (time_t) (moment / MOMENT_SECOND);
    struct tm parts;

    gmtime_r(&seconds, &parts);
    strftime(text, 20, "%Y%m%dT%H%M%SZ", &parts);
}

/* The date within the skew; else it has answered. */
static bool
date_good(ApiRequest *request, const Signature *signature, const char *date)
{
    Moment now = moment_now(), moment;
    char server[20];
    AUTO_FREE char *why = NULL;

    sdk_time(now, server);
    if (date == NULL || strlen(date) > 32 || !moment_parse(date, &moment))
        why = str_format("the header X-Sdk-Date must be of the form 20261123T100000Z;"
                         " the server's time is %s",
                         server);
    else if (moment < now - SIGNATURE_SKEW || moment > now + SIGNATURE_SKEW)
        why = str_format("X-Sdk-Date %s is more than 15 minutes from the server's time, %s", date,
                         server);
    else if (signature->derived && strncmp(signature->day, date, 8) != 0)
        why = str_format("the day of Credential, %s, is not that of X-Sdk-Date %s", signature->day,
                         date);
    if (why != NULL)
        api_fail(request, API_UNAUTHENTICATED, why);
    return why == NULL;
}

/* What the server would have signed, so that a user can find where the two differ. */
static int
refuse_signature(ApiRequest *request, const Signature *signature, const char *hash)
{
    char server[20];
    AUTO_FREE char *why = NULL;

    sdk_time(moment_now(), server);
    why = str_format("verify aksk signature fail: of the canonical request (signed headers %.300s)"
                     " the server made the SHA-256 %s; its time is %s",
                     signature->list, hash, server);
    return refuse(request, why);
}

/* A request signed with a temporary key: the pair is in the security token. */
static int
authenticate_temporary(ApiRequest *request,
                       StoreConn *store,
                       const Signature *signature,
                       const char *date,
                       const char *security_token)
{
    Token token;
    Caller *caller = NULL;
    const char *why = "X-Security-Token is invalid, its time is over, or it is of another key";
    char hash[65];
    int error;

    if (!token_open(security_token, &token) || token.access[0] == '\0' ||
        !equal_secret(token.access, signature->access))
        error = refuse(request, why);
    else if (!signature_check(signature, request, date, token.secret, hash))
        error = refuse_signature(request, signature, hash);
    else
        error = settle(request, admit_token(&token, token.access, store, &caller, &why), why);
    token_done(&token);
    if (error == 0)
        request->principal = &caller->shown;
    return error;
}

static int
authenticate_permanent(ApiRequest *request,
                       StoreConn *store,
                       const Signature *signature,
                       const char *date)
{
    AUTO_SHARED AccessKey *key = NULL;
    AUTO_SHARED Identity *identity = NULL;
    char hash[65];
    int error = identity_of_key(signature->access, store, &key);

    if (error == -ENOENT || (error == 0 && !key->active))
        return refuse(request, "the access key does not exist or is not active");
    if (error == 0 && !signature_check(signature, request, date, key->secret, hash))
        return refuse_signature(request, signature, hash);
    if (error == 0)
        error = identity_of_user(key->user_id, store, &identity);
    if (error == -ENOENT || (error == 0 && !identity->enabled))
        return refuse(request, "the user of the access key is disabled");
    if (error != 0)
        return settle(request, error, "");
    atomic_store(&key->used, moment_now());
    request->principal = &caller_new(shared_ref(identity), NULL, NULL, key->access)->shown;
    return 0;
}

static int
authenticate_signed(ApiRequest *request, StoreConn *store, const char *authorization)
{
    Signature signature;
    const char *date = api_header(request, "X-Sdk-Date");
    const char *security_token = api_header(request, "X-Security-Token");
    const char *problem = signature_read(authorization, &signature);
    int error;

    if (problem != NULL) {
        AUTO_FREE char *why = str_format("the header Authorization is malformed: %s", problem);

        error = refuse(request, why);
    } else if (!date_good(request, &signature, date)) {
        error = -EACCES;
    } else if (security_token != NULL && *security_token != '\0') {
        error = authenticate_temporary(request, store, &signature, date, security_token);
    } else {
        error = authenticate_permanent(request, store, &signature, date);
    }
    signature_done(&signature);
    return error;
}

int
iam_authenticate(ApiRequest *request, StoreConn *store)
{
    const char *authorization = api_header(request, "Authorization");
    const char *token = api_header(request, "X-Auth-Token");
    Caller *caller = NULL;
    const char *why;
    int error;

    if (request->operation != NULL && (request->operation->flags & OP_PUBLIC))
        return 0;
    if (authorization != NULL && signature_recognised(authorization))
        return authenticate_signed(request, store, authorization);
    if (token == NULL || *token == '\0')
        return refuse(request, authorization != NULL
                                   ? "the algorithm of Authorization is not SDK-HMAC-SHA256"
                                   : "neither Authorization nor X-Auth-Token was sent");
    error = caller_of_token(token, store, &caller, &why);
    if (error == 0)
        request->principal = &caller->shown;
    return settle(request, error, why);
}
