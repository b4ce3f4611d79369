/*
 * identity.c: the memory of users, keys and projects. See identity.h for its rules.
 *
 * What is loaded is put into memory only when nothing was forgotten since the load began: a change
 * that is committed between a load's SELECT and its keeping would otherwise stay unseen.
 */
#include "iam/identity.h"

#include "base/json.h"
#include "base/log.h"
#include "base/memory.h"
#include "crypto/master_key.h"
#include "store/store.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>

#define BUCKETS 8192
#define MOST_ENTRIES 20000
#define LISTEN_RETRY_SECONDS 2
#define PING_SECONDS 20
#define TRUST_SECONDS 60 /* since the listening connection was last seen to work */
#define LAST_USE_SECONDS 60

typedef struct Entry {
    struct Entry *next;          /* in its bucket */
    struct Entry *newer, *older; /* by use */
    char *key;                   /* "user ID" */
    Shared *value;
} Entry;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static Entry *buckets[BUCKETS];
static Entry *newest, *oldest;
static int entry_count;
static unsigned long forgotten; /* how often something was */
static bool listening;          /* what other daemons change is heard */
static Moment heard;            /* when the connection that hears it last answered */

/* --- references --------------------------------------------------------------------------------
 */

void *
shared_ref(void *value)
{
    atomic_fetch_add(&((Shared *) value)->references, 1);
    return value;
}

void
shared_unref(void *value)
{
    Shared *shared = value;

    if (shared != NULL && atomic_fetch_sub(&shared->references, 1) == 1)
        shared->destroy(shared);
}

void
shared_auto_unref(void *pointer_to_value)
{
    shared_unref(*(void **) pointer_to_value);
}

/* --- the table ---------------------------------------------------------------------------------
 */

static unsigned
bucket_of(const char *key)
{
    unsigned hash = 2166136261U;

    for (; *key != '\0'; key++)
        hash = (hash ^ (unsigned char) *key) * 16777619U;
    return hash % BUCKETS;
}

static void
unlink_use(Entry *entry)
{
    *(entry->newer != NULL ? &entry->newer->older : &newest) = entry->older;
    *(entry->older != NULL ? &entry->older->newer : &oldest) = entry->newer;
    entry->newer = entry->older = NULL;
}

static void
link_newest(Entry *entry)
{
    entry->older = newest;
    *(newest != NULL ? &newest->newer : &oldest) = entry;
    newest = entry;
}

static void
remove_entry(Entry *entry)
{
    Entry **at = &buckets[bucket_of(entry->key)];

    while (*at != entry)
        at = &(*at)->next;
    *at = entry->next;
    unlink_use(entry);
    entry_count--;
    shared_unref(entry->value);
    free(entry->key);
    free(entry);
}

static Entry *
find_entry(const char *key)
{
    for (Entry *entry = buckets[bucket_of(key)]; entry != NULL; entry = entry->next)
        if (strcmp(entry->key, key) == 0)
            return entry;
    return NULL;
}

static void
key_text(char *out, size_t room, const char *kind, const char *id)
{
    snprintf(out, room, "%s %s", kind, id);
}

/* A reference to what is kept, or NULL; *seen is for keep(). */
static void *
recall(const char *key, unsigned long *seen)
{
    Entry *entry;
    void *value = NULL;

    pthread_mutex_lock(&lock);
    *seen = forgotten;
    /* A connection can be cut without anyone being told: then nothing is heard, and memory is not
     * to be trusted, though nothing failed. */
    entry =
        listening && moment_now() - heard < TRUST_SECONDS * MOMENT_SECOND ? find_entry(key) : NULL;
    if (entry != NULL) {
        unlink_use(entry);
        link_newest(entry);
        value = shared_ref(entry->value);
    }
    pthread_mutex_unlock(&lock);
    return value;
}

static void
keep(const char *key, void *value, unsigned long seen)
{
    Entry *entry;

    pthread_mutex_lock(&lock);
    if (seen == forgotten && listening && find_entry(key) == NULL) {
        if (entry_count >= MOST_ENTRIES)
            remove_entry(oldest);
        entry = MEM_NEW(Entry);
        entry->key = str_copy(key);
        entry->value = shared_ref(value);
        entry->next = buckets[bucket_of(key)];
        buckets[bucket_of(key)] = entry;
        link_newest(entry);
        entry_count++;
    }
    pthread_mutex_unlock(&lock);
}

static void
forget_all(bool still_listening)
{
    pthread_mutex_lock(&lock);
    forgotten++;
    listening = still_listening;
    heard = moment_now();
    while (oldest != NULL)
        remove_entry(oldest);
    pthread_mutex_unlock(&lock);
}

static void
forget_key(const char *key)
{
    Entry *entry;

    if (strcmp(key, "all") == 0) {
        pthread_mutex_lock(&lock);
        forgotten++;
        while (oldest != NULL)
            remove_entry(oldest);
        pthread_mutex_unlock(&lock);
        return;
    }
    pthread_mutex_lock(&lock);
    forgotten++;
    entry = find_entry(key);
    if (entry != NULL)
        remove_entry(entry);
    pthread_mutex_unlock(&lock);
}

void
iam_forget(const char *kind, const char *id)
{
    char key[128];

    key_text(key, sizeof(key), kind, id);
    forget_key(id == NULL || *id == '\0' ? "all" : key);
}

/* --- loading -----------------------------------------------------------------------------------
 */

static void
identity_destroy(void *self)
{
    Identity *identity = self;

    for (int i = 0; i < identity->grant_count; i++) {
        free(identity->grants[i].scope);
        free(identity->grants[i].role_id);
        free(identity->grants[i].role_name);
        policy_free(identity->grants[i].own);
    }
    for (int i = 0; i < identity->revoked_count; i++)
        free(identity->revoked[i]);
    free(identity->revoked);
    free(identity->grants);
    free(identity->user_id);
    free(identity->user_name);
    free(identity->domain_id);
    free(identity->domain_name);
    free(identity);
}

/* One grant; a policy that this build cannot read allows nothing (and is no reason to fail). */
static void
load_grant(Identity *identity, const PGresult *rows, int row)
{
    const SystemRole *system = policy_system_role(row_text(rows, row, "role_id"));
    Grant *grant = &identity->grants[identity->grant_count];

    if (system != NULL) {
        grant->policy = system->policy;
        grant->role_name = str_copy(system->name);
    } else {
        AUTO_JSON json_t *json = json_loads(row_text(rows, row, "policy"), 0, NULL);
        AUTO_FREE char *problem = NULL;

        grant->own = json != NULL ? policy_read(json, &problem) : NULL;
        if (grant->own == NULL)
            return;
        grant->policy = grant->own;
        grant->role_name = str_copy(row_text(rows, row, "name"));
    }
    grant->scope = str_copy(row_text(rows, row, "scope"));
    grant->role_id = str_copy(row_text(rows, row, "role_id"));
    identity->grant_count++;
}

static bool
load_grants(Identity *identity, StoreConn *store)
{
    AUTO_ROWS PGresult *rows =
        store_query(store,
                    "SELECT DISTINCT g.scope, g.role_id, r.policy::text AS policy, r.name"
                    " FROM iam_membership m JOIN iam_grant g USING (group_id)"
                    " LEFT JOIN iam_role r ON r.id = g.role_id WHERE m.user_id = $1",
                    "s", identity->user_id);

    if (rows == NULL)
        return false;
    identity->grants = mem_new((size_t) PQntuples(rows) + 1, sizeof(*identity->grants));
    for (int i = 0; i < PQntuples(rows); i++)
        load_grant(identity, rows, i);
    return true;
}

static bool
load_revoked(Identity *identity, StoreConn *store)
{
    AUTO_ROWS PGresult *rows = store_query(store,
                                           "SELECT token_id FROM iam_revoked_token"
                                           " WHERE user_id = $1 AND expires > now()",
                                           "s", identity->user_id);

    if (rows == NULL)
        return false;
    identity->revoked = mem_new((size_t) PQntuples(rows) + 1, sizeof(*identity->revoked));
    identity->revoked_count = PQntuples(rows);
    for (int i = 0; i < identity->revoked_count; i++)
        identity->revoked[i] = str_copy(row_text(rows, i, "token_id"));
    return true;
}

static int
load_identity(const char *user_id, StoreConn *store, Identity **out)
{
    AUTO_ROWS PGresult *rows = store_query(
        store,
        "SELECT u.id, u.name, u.domain_id, d.name AS domain_name, u.enabled AND d.enabled AS on,"
        " coalesce(d.owner_id = u.id, false) AS owner, u.operator, u.must_change, u.token_epoch"
        " FROM iam_user u JOIN iam_domain d ON d.id = u.domain_id WHERE u.id = $1",
        "s", user_id);
    Identity *identity;

    if (rows == NULL)
        return -EIO;
    if (PQntuples(rows) == 0)
        return -ENOENT;
    identity = MEM_NEW(Identity);
    identity->shared.references = 1;
    identity->shared.destroy = identity_destroy;
    identity->user_id = str_copy(row_text(rows, 0, "id"));
    identity->user_name = str_copy(row_text(rows, 0, "name"));
    identity->domain_id = str_copy(row_text(rows, 0, "domain_id"));
    identity->domain_name = str_copy(row_text(rows, 0, "domain_name"));
    identity->enabled = row_flag(rows, 0, "on");
    identity->owner = row_flag(rows, 0, "owner");
    identity->operator_of_cloud = row_flag(rows, 0, "operator");
    identity->must_change = row_flag(rows, 0, "must_change");
    identity->epoch = row_number(rows, 0, "token_epoch");
    if (!load_grants(identity, store) || !load_revoked(identity, store)) {
        shared_unref(identity);
        return -EIO;
    }
    *out = identity;
    return 0;
}

static void
key_destroy(void *self)
{
    AccessKey *key = self;

    free(key->access);
    str_wipe(key->secret);
    free(key->user_id);
    free(key);
}

static int
load_key(const char *access, StoreConn *store, AccessKey **out)
{
    AUTO_ROWS PGresult *rows =
        store_query(store, "SELECT access, secret, user_id, active FROM iam_key WHERE access = $1",
                    "s", access);
    AUTO_FREE char *purpose = str_format("iam key %s", access);
    AccessKey *key;
    char *secret;

    if (rows == NULL)
        return -EIO;
    if (PQntuples(rows) == 0)
        return -ENOENT;
    secret = secret_open(purpose, row_text(rows, 0, "secret"), NULL);
    if (secret == NULL) {
        log_error("the secret of access key %s was not sealed under this master key", access);
        return -ENOENT;
    }
    key = MEM_NEW(AccessKey);
    key->shared.references = 1;
    key->shared.destroy = key_destroy;
    key->access = str_copy(row_text(rows, 0, "access"));
    key->secret = secret;
    key->user_id = str_copy(row_text(rows, 0, "user_id"));
    key->active = row_flag(rows, 0, "active");
    *out = key;
    return 0;
}

static void
project_destroy(void *self)
{
    Project *project = self;

    free(project->id);
    free(project->name);
    free(project->domain_id);
    free(project->domain_name);
    free(project);
}

static int
load_project(const char *id, StoreConn *store, Project **out)
{
    AUTO_ROWS PGresult *rows =
        store_query(store,
                    "SELECT p.id, p.name, p.domain_id, d.name AS domain_name,"
                    " p.enabled AND p.status = 'normal' AS on"
                    " FROM iam_project p JOIN iam_domain d ON d.id = p.domain_id WHERE p.id = $1",
                    "s", id);
    Project *project;

    if (rows == NULL)
        return -EIO;
    if (PQntuples(rows) == 0)
        return -ENOENT;
    project = MEM_NEW(Project);
    project->shared.references = 1;
    project->shared.destroy = project_destroy;
    project->id = str_copy(row_text(rows, 0, "id"));
    project->name = str_copy(row_text(rows, 0, "name"));
    project->domain_id = str_copy(row_text(rows, 0, "domain_id"));
    project->domain_name = str_copy(row_text(rows, 0, "domain_name"));
    project->enabled = row_flag(rows, 0, "on");
    *out = project;
    return 0;
}

#define LOOK_UP(kind, id, load)                                                                    \
    do {                                                                                           \
        char key[128];                                                                             \
        unsigned long seen;                                                                        \
        int error;                                                                                 \
                                                                                                   \
        if (strlen(id) > 64)                                                                       \
            return -ENOENT;                                                                        \
        key_text(key, sizeof(key), kind, id);                                                      \
        *out = recall(key, &seen);                                                                 \
        if (*out != NULL)                                                                          \
            return 0;                                                                              \
        if (store == NULL)                                                                         \
            return -EAGAIN;                                                                        \
        error = load(id, store, out);                                                              \
        if (error == 0)                                                                            \
            keep(key, *out, seen);                                                                 \
        return error;                                                                              \
    } while (0)

int
identity_of_user(const char *user_id, StoreConn *store, Identity **out)
{
    LOOK_UP("user", user_id, load_identity);
}

int
identity_of_key(const char *access, StoreConn *store, AccessKey **out)
{
    LOOK_UP("key", access, load_key);
}

int
identity_of_project(const char *id, StoreConn *store, Project **out)
{
    LOOK_UP("project", id, load_project);
}

/* --- what they may -----------------------------------------------------------------------------
 */

bool
identity_allows(const Identity *identity,
                const char *project_id,
                const char *action,
                const char *resource)
{
    bool allowed = identity->owner;

    for (int i = 0; i < identity->grant_count && !identity->owner; i++) {
        const Grant *grant = &identity->grants[i];
        const char *wanted = *project_id != '\0' ? project_id : "domain";
        PolicyAnswer answer;

        if (strcmp(grant->scope, "all") != 0 && strcmp(grant->scope, wanted) != 0)
            continue;
        answer = policy_ask(grant->policy, action, resource);
        if (answer == POLICY_DENY)
            return false;
        allowed = allowed || answer == POLICY_ALLOW;
    }
    return allowed;
}

bool
identity_enters(const Identity *identity, const char *project_id)
{
    for (int i = 0; i < identity->grant_count; i++)
        if (strcmp(identity->grants[i].scope, "all") == 0 ||
            strcmp(identity->grants[i].scope, project_id) == 0)
            return true;
    return identity->owner;
}

/* --- changes by others -------------------------------------------------------------------------
 */

/* When keys were last used is kept in memory and written now and then: a write for each request
 * would cost more than all the rest of it. */
static void
write_last_use(StoreConn *store)
{
    AccessKey *used[256];
    int count = 0;

    pthread_mutex_lock(&lock);
    for (Entry *entry = newest; entry != NULL && count < 256; entry = entry->older) {
        AccessKey *key = (AccessKey *) entry->value;

        if (strncmp(entry->key, "key ", 4) == 0 && atomic_load(&key->used) != 0)
            used[count++] = shared_ref(key);
    }
    pthread_mutex_unlock(&lock);
    for (int i = 0; i < count; i++) {
        store_run(store, "UPDATE iam_key SET last_used = $2 WHERE access = $1", "sm",
                  used[i]->access, (Moment) atomic_exchange(&used[i]->used, 0));
        shared_unref(used[i]);
    }
}

static void
wait_seconds(int seconds)
{
    poll(NULL, 0, seconds * 1000);
}

/* Whether the connection still answers. */
static bool
ping(PGconn *link)
{
    PGresult *result = PQexec(link, "SELECT 1");
    bool good = PQresultStatus(result) == PGRES_TUPLES_OK;

    PQclear(result);
    if (good) {
        pthread_mutex_lock(&lock);
        heard = moment_now();
        pthread_mutex_unlock(&lock);
    }
    return good;
}

/* Until the connection fails. */
static void
hear(PGconn *link, StoreConn *store)
{
    Moment next_write = moment_now() + LAST_USE_SECONDS * MOMENT_SECOND;
    Moment next_ping = moment_now();

    for (;;) {
        struct pollfd ready = {.fd = PQsocket(link), .events = POLLIN};
        PGnotify *told;

        int events = ready.fd < 0 ? -1 : poll(&ready, 1, PING_SECONDS * 1000);

        if (events < 0 && errno != EINTR)
            return;
        if (!PQconsumeInput(link) || (moment_now() >= next_ping && !ping(link)))
            return;
        if (moment_now() >= next_ping)
            next_ping = moment_now() + PING_SECONDS * MOMENT_SECOND / 2;
        while ((told = PQnotifies(link)) != NULL) {
            forget_key(told->extra);
            PQfreemem(told);
        }
        if (moment_now() >= next_write) {
            write_last_use(store);
            next_write = moment_now() + LAST_USE_SECONDS * MOMENT_SECOND;
        }
    }
}

static void *
listen_thread(void *unused)
{
    StoreConn *store = store_connect();

    for (;;) {
        PGconn *link = store_link_open("casement identity");
        PGresult *result = PQexec(link, "LISTEN casement_iam");

        if (PQresultStatus(result) == PGRES_COMMAND_OK) {
            forget_all(true);
            hear(link, store);
            forget_all(false);
        }
        PQclear(result);
        PQfinish(link);
        wait_seconds(LISTEN_RETRY_SECONDS);
    }
    return NULL;
}

int
identity_listen(void)
{
    pthread_t thread;
    int error = pthread_create(&thread, NULL, listen_thread, NULL);

    if (error == 0)
        pthread_detach(thread);
    return -error;
}
