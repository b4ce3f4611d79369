/*
 * caller.h: the principal as identity's own files see it: what request->principal points to is the
 * first member of a Caller.
 */
#pragma once

#include "api/request.h"
#include "iam/identity.h"
#include "iam/token.h"

typedef struct Caller {
    Principal shown;
    atomic_int references;
    Identity *identity;
    Project *project; /* scope of a token, or NULL */
    Policy *session;  /* of a temporary key: allows at most this; or NULL */
    char *token_id;   /* "" for a permanent key */
    char *methods;    /* of a token */
    char *access;
    Moment issued;
    bool by_token, domain_scope;
} Caller;

/* A caller with one reference; takes over the references given (project may be NULL). token is what
 * it came by, or NULL for a permanent key. */
Caller *caller_new(Identity *identity, Project *project, const Token *token, const char *access);

/* The one of the request; never NULL in a handler that is not OP_PUBLIC. */
const Caller *caller_of(const ApiRequest *request);

/*
 * Whose token this is, if it still counts: 0 and a caller with one reference, -EACCES with *why (a
 * literal), or identity.h's -EAGAIN and -EIO.
 */
int caller_of_token(const char *text, StoreConn *store, Caller **caller, const char **why);
void caller_unref(Caller *caller);

/* Whether the caller may perform the action in the domain itself (users, groups, policies). */
bool caller_may(const ApiRequest *request, const char *action);
/* The same for a user: everyone may with what is his own. Answers 403 where not. */
bool caller_may_with_user(ApiRequest *request, const char *action, const char *user_id);
