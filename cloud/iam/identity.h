/*
 * identity.h: users, access keys and projects as authentication needs them, kept in memory.
 *
 * Values are immutable and reference-counted; a change in the store makes the cache forget them:
 * at once by iam_forget in the process that made it, by LISTEN/NOTIFY (triggers of the store) in
 * the others. While the listening connection is down nothing is taken from memory. Bounded: what
 * was not used for the longest time is dropped.
 *
 * The functions that look something up return 0, -ENOENT, -EAGAIN (not in memory and no store was
 * given: call again from a worker) or -EIO (the store failed).
 */
#pragma once

#include "iam/policy.h"
#include "store/store.h"

#include <stdatomic.h>

/* First member of each cached struct. */
typedef struct Shared {
    atomic_int references;
    void (*destroy)(void *self);
} Shared;

/* What a group of the user may: a policy, and where. */
typedef struct Grant {
    char *scope; /* "domain", "all" or a project's id */
    char *role_id, *role_name;
    const Policy *policy;
    Policy *own; /* the same where it is a custom policy */
} Grant;

typedef struct Identity {
    Shared shared;
    char *user_id, *user_name, *domain_id, *domain_name;
    bool enabled; /* user and domain */
    bool owner;   /* the domain's own user */
    bool operator_of_cloud, must_change;
    Moment password_expires; /* 0: never */
    long long epoch;
    Grant *grants;
    int grant_count;
    char **revoked; /* ids of revoked tokens */
    int revoked_count;
} Identity;

typedef struct AccessKey {
    Shared shared;
    char *access, *secret, *user_id;
    bool active;
    atomic_llong used; /* Moment of its last use, not yet in the store; 0 none */
} AccessKey;

typedef struct Project {
    Shared shared;
    char *id, *name, *domain_id, *domain_name;
    bool enabled;
} Project;

int identity_of_user(const char *user_id, StoreConn *store, Identity **out);
int identity_of_key(const char *access, StoreConn *store, AccessKey **out);
int identity_of_project(const char *id, StoreConn *store, Project **out);
/* One reference less; NULL is fine. */
void shared_unref(void *value);
void *shared_ref(void *value);

void shared_auto_unref(void *pointer_to_value);
#define AUTO_SHARED __attribute__((cleanup(shared_auto_unref)))

/* Whether the identity's grants allow the action in this project ("" for the domain itself). */
bool identity_allows(const Identity *identity,
                     const char *project_id,
                     const char *action,
                     const char *resource);

/* Whether it has any role in the project, which must be one of its domain. */
bool identity_enters(const Identity *identity, const char *project_id);

/* Forgets what changed: "user ID", "key ACCESS", "project ID" or "all". After the commit. */
void iam_forget(const char *kind, const char *id);

/* The region and the URL under which the API is reached. */
void iam_region_set(const char *region, const char *endpoint);
const char *iam_region(void);
const char *iam_endpoint(void);

/* The thread that listens. */
int identity_listen(void);
