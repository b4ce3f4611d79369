/*
 * cache.c: the rendered instances by project, and list_instances; see cache.h.
 *
 * Entries of a project stand in an array by time of creation; a table by id finds one. Readers
 * (the event thread) take the lock shared for as long as they join texts; a change renders outside
 * it and takes it for the moment of the exchange. Refreshes go one after another, so that the last
 * one that reads the row is also the last one that is kept.
 */
#include "rds/cache.h"

#include "base/log.h"
#include "crypto/random_id.h"
#include "rds/handlers.h"
#include "rds/render.h"

#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <strings.h>

typedef struct CacheEntry {
    char id[41];
    char *json; /* as lists show it */
    size_t length;
    char *name; /* in lower case */
    char *vpc_id, *subnet_id, *eps_id;
    char *address, *public_ip;
    json_t *tags;
    long long created; /* microseconds */
    struct CacheProject *project;
    struct CacheEntry *next; /* of the same bucket */
} CacheEntry;

typedef struct CacheProject {
    char *id;
    CacheEntry **entries; /* oldest first */
    long count, room;
    struct CacheProject *next;
} CacheProject;

#define BUCKETS 16384
static CacheEntry *buckets[BUCKETS];
#define PROJECT_BUCKETS 1024
static CacheProject *projects[PROJECT_BUCKETS];
static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_mutex_t refreshing = PTHREAD_MUTEX_INITIALIZER;
static char daemon_name[ID_SIZE];

static unsigned
hash_of(const char *text)
{
    unsigned hash = 2166136261u;

    for (; *text; text++)
        hash = (hash ^ (unsigned char) *text) * 16777619u;
    return hash;
}

static CacheProject *
project_find(const char *id)
{
    CacheProject *project = projects[hash_of(id) % PROJECT_BUCKETS];

    while (project && strcmp(project->id, id) != 0)
        project = project->next;
    return project;
}

static CacheProject *
project_for(const char *id)
{
    CacheProject *project = project_find(id);
    CacheProject **bucket = &projects[hash_of(id) % PROJECT_BUCKETS];

    if (project)
        return project;
    project = MEM_NEW(CacheProject);
    project->id = str_copy(id);
    project->next = *bucket;
    return *bucket = project;
}

static CacheEntry *
entry_find(const char *id)
{
    CacheEntry *entry = buckets[hash_of(id) % BUCKETS];

    while (entry && strcmp(entry->id, id) != 0)
        entry = entry->next;
    return entry;
}

static void
entry_free(CacheEntry *entry)
{
    free(entry->json);
    free(entry->name);
    free(entry->vpc_id);
    free(entry->subnet_id);
    free(entry->eps_id);
    free(entry->address);
    free(entry->public_ip);
    json_decref(entry->tags);
    free(entry);
}

/* Takes it out of both places and frees it; under the lock. */
static void
entry_drop(CacheEntry *entry)
{
    CacheProject *project = entry->project;
    CacheEntry **link = &buckets[hash_of(entry->id) % BUCKETS];
    long at = 0;

    while (*link != entry)
        link = &(*link)->next;
    *link = entry->next;
    while (project->entries[at] != entry)
        at++;
    project->count--;
    memmove(project->entries + at, project->entries + at + 1,
            (size_t) (project->count - at) * sizeof(CacheEntry *));
    entry_free(entry);
}

static void
entry_put(CacheEntry *entry, const char *project_id)
{
    CacheProject *project = project_for(project_id);
    CacheEntry **bucket = &buckets[hash_of(entry->id) % BUCKETS];
    long at = project->count;

    if (project->count == project->room) {
        project->room = project->room ? project->room * 2 : 16;
        project->entries =
            mem_resize(project->entries, (size_t) project->room, sizeof(CacheEntry *));
    }
    while (at > 0 && project->entries[at - 1]->created > entry->created)
        at--;
    memmove(project->entries + at + 1, project->entries + at,
            (size_t) (project->count - at) * sizeof(CacheEntry *));
    project->entries[at] = entry;
    project->count++;
    entry->project = project;
    entry->next = *bucket;
    *bucket = entry;
}

/* In lower case; owned by the caller. */
static char *
folded(const char *text)
{
    char *copy = str_copy(text);

    for (char *at = copy; *at; at++)
        *at = (char) tolower((unsigned char) *at);
    return copy;
}

static CacheEntry *
entry_new(const json_t *row)
{
    CacheEntry *entry = MEM_NEW(CacheEntry);
    AUTO_JSON json_t *shown = render_instance(row);

    snprintf(entry->id, sizeof(entry->id), "%s", json_text(row, "id", ""));
    entry->json = json_render(shown);
    entry->length = strlen(entry->json);
    entry->name = folded(json_text(row, "name", ""));
    entry->vpc_id = str_copy(json_text(row, "vpc_id", ""));
    entry->subnet_id = str_copy(json_text(row, "subnet_id", ""));
    entry->eps_id = str_copy(json_text(row, "enterprise_project_id", ""));
    entry->address = str_copy(json_text(row, "address", ""));
    entry->public_ip = str_copy(json_text(row, "public_ip", ""));
    entry->tags = json_incref(json_object_get(row, "tags"));
    entry->created = json_number(row, "created_us", 0);
    return entry;
}

/* Exchanges the entry of the id for the row's (NULL: none). */
static void
exchange(const char *id, const json_t *row)
{
    CacheEntry *fresh = row ? entry_new(row) : NULL;

    pthread_rwlock_wrlock(&lock);
    CacheEntry *old = entry_find(id);
    if (old)
        entry_drop(old);
    if (fresh)
        entry_put(fresh, json_text(row, "project_id", ""));
    pthread_rwlock_unlock(&lock);
}

void
cache_refresh(StoreConn *store, const char *id)
{
    AUTO_FREE char *sql = str_format(
        "SELECT %s FROM rds_instance i WHERE id = $1 AND deleted_at IS NULL", instance_columns);

    pthread_mutex_lock(&refreshing);
    AUTO_FREE char *text = store_value(store, sql, "s", id);
    if (text || !store_failed(store)) {
        AUTO_JSON json_t *row = text ? json_loads(text, 0, NULL) : NULL;
        exchange(id, row);
    } else {
        log_error("the instance %s could not be read again: %s", id, store_error(store));
    }
    pthread_mutex_unlock(&refreshing);
}

/* Reads everything; what is not among it goes. */
static int
read_all(StoreConn *store)
{
    AUTO_FREE char *sql = str_format(
        "SELECT %s AS item FROM rds_instance i WHERE deleted_at IS NULL ORDER BY created",
        instance_columns);

    pthread_mutex_lock(&refreshing);
    AUTO_ROWS PGresult *rows = store_query(store, sql, "");
    if (rows) {
        pthread_rwlock_wrlock(&lock);
        for (int i = 0; i < BUCKETS; i++)
            while (buckets[i])
                entry_drop(buckets[i]);
        for (int i = 0; i < PQntuples(rows); i++) {
            AUTO_JSON json_t *row = json_loads(PQgetvalue(rows, i, 0), 0, NULL);
            if (row)
                entry_put(entry_new(row), json_text(row, "project_id", ""));
        }
        pthread_rwlock_unlock(&lock);
    }
    pthread_mutex_unlock(&refreshing);
    return rows ? 0 : -EIO;
}

/* ---- Other daemons' changes ---- */

/* "DAEMON ID"; a bulk change by hand may notify with an empty text: everything is read again. */
static void
take_notification(StoreConn *store, const char *message)
{
    const char *id = strchr(message, ' ');

    if (!id)
        read_all(store);
    else if (strncmp(message, daemon_name, (size_t) (id - message)) != 0)
        cache_refresh(store, id + 1);
}

static void *
listen_for_changes(void *unused)
{
    StoreConn *store = store_connect();

    for (;;) {
        PGconn *link = store_link_open("casementd instances");
        PGresult *answer = link ? PQexec(link, "LISTEN rds_instance") : NULL;
        bool good = answer && PQresultStatus(answer) == PGRES_COMMAND_OK;

        PQclear(answer);
        if (good)
            read_all(store);
        while (good) {
            struct pollfd event = {.fd = PQsocket(link), .events = POLLIN};
            PGnotify *notice;

            poll(&event, 1, -1);
            good = PQconsumeInput(link) == 1 && PQstatus(link) == CONNECTION_OK;
            while ((notice = PQnotifies(link)) != NULL) {
                take_notification(store, notice->extra);
                PQfreemem(notice);
            }
        }
        PQfinish(link);
        poll(NULL, 0, 1000); /* the store is away: a second between attempts */
    }
    return NULL;
}

const char *
cache_daemon(void)
{
    return daemon_name;
}

int
cache_start(StoreConn *store)
{
    pthread_t listener;
    int error;

    id_new(daemon_name, "");
    error = read_all(store);
    if (error)
        return error;
    error = -pthread_create(&listener, NULL, listen_for_changes, NULL);
    if (!error)
        pthread_detach(listener);
    return error;
}

/* ---- list_instances ---- */

typedef struct Filter {
    const char *id, *vpc_id, *subnet_id, *eps_id, *tags, *ip;
    char *name; /* in lower case; a name that contains it is found */
    bool any;   /* whether anything has to be looked at */
} Filter;

/* "key1=value1,key2,...": all must be there. */
static bool
tags_match(const json_t *tags, const char *wanted)
{
    while (*wanted) {
        size_t length = strcspn(wanted, ","), key = strcspn(wanted, "=,");
        bool found = false, valued = key < length;
        size_t index;
        json_t *tag;

        json_array_foreach(tags, index, tag)
        {
            const char *name = json_text(tag, "key", ""), *value = json_text(tag, "value", "");
            found =
                found || (strlen(name) == key && strncmp(name, wanted, key) == 0 &&
                          (!valued || (strlen(value) == length - key - 1 &&
                                       strncmp(value, wanted + key + 1, length - key - 1) == 0)));
        }
        if (!found)
            return false;
        wanted += length + (wanted[length] == ',');
    }
    return true;
}

static bool
matches(const CacheEntry *entry, const Filter *filter)
{
    return (!filter->name || strstr(entry->name, filter->name)) &&
           (!filter->vpc_id || strcmp(entry->vpc_id, filter->vpc_id) == 0) &&
           (!filter->subnet_id || strcmp(entry->subnet_id, filter->subnet_id) == 0) &&
           (!filter->eps_id || strcmp(entry->eps_id, filter->eps_id) == 0) &&
           (!filter->ip || strstr(entry->address, filter->ip) ||
            strstr(entry->public_ip, filter->ip)) &&
           (!filter->tags || tags_match(entry->tags, filter->tags));
}

static const char *
given(const ApiRequest *request, const char *name)
{
    const char *text = api_query(request, name, "");

    return *text ? text : NULL;
}

/* Reads the filters; false when nothing of ours can match. */
static bool
read_filter(const ApiRequest *request, Filter *filter)
{
    const char *type = given(request, "type"), *engine = given(request, "datastore_type");

    *filter = (Filter){.id = given(request, "id"),
                       .vpc_id = given(request, "vpc_id"),
                       .subnet_id = given(request, "subnet_id"),
                       .eps_id = given(request, "enterprise_project_id")
                                     ? given(request, "enterprise_project_id")
                                     : given(request, "eps_id"),
                       .ip = given(request, "private_ip"),
                       .tags = given(request, "tags")};
    /* A name may begin with '*', which is how clients ask for a part of it. */
    const char *name = given(request, "name");
    filter->name = name ? folded(name + (*name == '*')) : NULL;
    if (filter->eps_id && strcmp(filter->eps_id, "all_granted_eps") == 0)
        filter->eps_id = NULL;
    filter->any = filter->name || filter->vpc_id || filter->subnet_id || filter->eps_id ||
                  filter->tags || filter->ip;
    return (!type || strcasecmp(type, "Single") == 0) &&
           (!engine || strcasecmp(engine, "SQLServer") == 0) && !given(request, "group_type");
}

static void
add_entry(Buffer *text, const CacheEntry *entry, bool first)
{
    if (!first)
        buffer_add(text, ",", 1);
    buffer_add(text, entry->json, entry->length);
}

/* Newest first. Adds the page; returns how many match in all. */
static long
join(Buffer *text, const CacheProject *project, const Filter *filter, long offset, long limit)
{
    long found = 0;

    if (!filter->any) { /* the page is a slice */
        for (long i = offset; i < offset + limit && i < project->count; i++)
            add_entry(text, project->entries[project->count - 1 - i], i == offset);
        return project->count;
    }
    for (long i = project->count - 1; i >= 0; i--) {
        if (!matches(project->entries[i], filter))
            continue;
        if (found >= offset && found < offset + limit)
            add_entry(text, project->entries[i], found == offset);
        found++;
    }
    return found;
}

void
list_instances(ApiRequest *request)
{
    Buffer text = {0};
    Filter filter;
    long offset, limit, total = 0;

    if (!api_paging(request, &offset, &limit))
        return;
    bool possible = read_filter(request, &filter);
    buffer_add(&text, "{\"instances\":[", 14);
    pthread_rwlock_rdlock(&lock);
    const CacheProject *project = possible ? project_find(api_project(request)) : NULL;
    if (project && filter.id) {
        const CacheEntry *entry = entry_find(filter.id);
        total = entry && entry->project == project && matches(entry, &filter);
        if (total && offset == 0)
            add_entry(&text, entry, true);
    } else if (project) {
        total = join(&text, project, &filter, offset, limit);
    }
    pthread_rwlock_unlock(&lock);
    free(filter.name);
    buffer_format(&text, "],\"total_count\":%ld}", total);
    api_reply_bytes(request, 200, "application/json", text.text, text.length);
}
