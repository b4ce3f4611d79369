/*
 * reconcile.c: rows against what is on the host; see reconcile.h.
 */
#include "main/reconcile.h"

#include "base/log.h"
#include "base/memory.h"
#include "rds/instance.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#define AT_ONCE 4

/* Something that the store knows: a row, or a folder that a running job works on. */
static bool
is_known(StoreConn *store, const char *id)
{
    AUTO_FREE char *found = store_value(
        store,
        "SELECT 1 FROM rds_instance WHERE id = $1 UNION ALL SELECT 1 FROM job WHERE status = "
        "'Running' AND (resource_id = $1 OR position($1 IN data::text) > 0) LIMIT 1",
        "s", id);

    return found || store_failed(store);
}

static void
free_list(char **list)
{
    for (char **one = list; one && *one; one++)
        free(*one);
    free(list);
}

int
reconcile_folders(StoreConn *store)
{
    char **ids = NULL;
    int error = agent_list(&ids);

    if (error)
        return error;
    for (char **id = ids; *id; id++) {
        AUTO_FREE char *problem = NULL;
        /* A folder that was replaced by a restore stays beside it until its instance goes. */
        AUTO_FREE char *owner = str_copy_n(*id, strcspn(*id, "."));
        if (is_known(store, owner))
            continue;
        log_warning("removing the folder of %s: no row and no job knows it", *id);
        if (agent_instance_remove(*id, &problem) != 0)
            log_error("cannot remove the folder of %s: %s", *id, problem ? problem : "");
    }
    free_list(ids);
    return 0;
}

typedef struct Wanted {
    char *id, *project_id, *status;
} Wanted;

typedef struct WorkList {
    Wanted *all;
    int count;
    atomic_int next;
    void (*run)(StoreConn *store, const Wanted *wanted);
} WorkList;

static void *
work(void *argument)
{
    WorkList *list = argument;
    StoreConn *store = store_connect();

    for (int at; (at = atomic_fetch_add(&list->next, 1)) < list->count;)
        list->run(store, &list->all[at]);
    store_close(store);
    return NULL;
}

/* Does it for every instance of the query (id, project_id, status), several at once. */
static void
for_each(const char *sql, void (*run)(StoreConn *store, const Wanted *wanted))
{
    pthread_t threads[AT_ONCE];
    int started = 0;
    StoreConn *store = store_connect();
    PGresult *rows = store_query(store, sql, "");
    WorkList list = {.run = run, .count = rows ? PQntuples(rows) : 0};

    if (!rows)
        log_error("cannot read the instances: %s", store_error(store));
    list.all = mem_new((size_t) list.count, sizeof(Wanted));
    for (int i = 0; i < list.count; i++)
        list.all[i] =
            (Wanted){str_copy(row_text(rows, i, "id")), str_copy(row_text(rows, i, "project_id")),
                     str_copy(row_text(rows, i, "status"))};
    PQclear(rows);
    store_close(store);
    while (started < AT_ONCE && started < list.count &&
           pthread_create(&threads[started], NULL, work, &list) == 0)
        started++;
    if (started == 0 && list.count > 0)
        work(&list);
    for (int i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < list.count; i++) {
        free(list.all[i].id);
        free(list.all[i].project_id);
        free(list.all[i].status);
    }
    free(list.all);
}

/* Only while the row is as it was and no job has begun meanwhile: that job sets the state. */
static void
set_status(StoreConn *store, const Wanted *wanted, const char *status)
{
    if (strcmp(wanted->status, status) == 0)
        return;
    if (store_run(store,
                  "UPDATE rds_instance SET status = $2, updated = now() WHERE id = $1 AND status = "
                  "$3 AND NOT EXISTS (SELECT 1 FROM job WHERE resource_id = $1 AND status = "
                  "'Running' AND exclusive)",
                  "sss", wanted->id, status, wanted->status) == 1) {
        log_notice("instance %s: %s, was %s", wanted->id, status, wanted->status);
        instance_touch(store, wanted->id);
    }
}

static void
bring_up(StoreConn *store, const Wanted *wanted)
{
    AgentState state = AGENT_ABSENT;
    AgentInstance known = {0};
    AUTO_FREE char *problem = NULL;
    bool was_running;
    int error;

    if (agent_instance_state(wanted->id, &state) != 0)
        return;
    if (state == AGENT_ABSENT) {
        if (strcmp(wanted->status, "FAILED") != 0)
            log_error("instance %s has a row and no folder", wanted->id);
        set_status(store, wanted, "FAILED");
        return;
    }
    was_running = state == AGENT_READY;
    if (!was_running) {
        Instance *instance = instance_load(store, wanted->project_id, wanted->id);
        if (!instance)
            return;
        instance_for_agent(instance, &known);
        instance_free(instance);
        error = agent_instance_start(&known, &problem);
        if (error) {
            log_error("instance %s cannot be started: %s", wanted->id, problem ? problem : "");
            set_status(store, wanted, "FAILED");
            return;
        }
        log_notice("instance %s was not running and is started", wanted->id);
    }
    if (strcmp(wanted->status, "STORAGE FULL") != 0)
        set_status(store, wanted, "ACTIVE");
}

void
reconcile_instances(void)
{
    /* What is being built, deleted or changed is its job's; a backup beside changes nothing. */
    for_each("SELECT id, project_id, status FROM rds_instance i WHERE deleted_at IS NULL AND slot "
             "IS NOT NULL AND status NOT IN ('BUILD', 'CREATE FAIL', 'SHUTDOWN', 'FROZEN') AND NOT "
             "EXISTS (SELECT 1 FROM job WHERE resource_id = i.id AND job.status = 'Running' AND "
             "exclusive) ORDER "
             "BY created",
             bring_up);
}

static void
take_down(StoreConn *store, const Wanted *wanted)
{
    AUTO_FREE char *problem = NULL;

    if (agent_instance_stop(wanted->id, &problem) != 0)
        log_error("instance %s cannot be stopped: %s", wanted->id, problem ? problem : "");
}

void
reconcile_stop_all(void)
{
    for_each("SELECT id, project_id, status FROM rds_instance WHERE slot IS NOT NULL", take_down);
}
