/*
 * reconcile.c: rows follow guests. A guest that shut itself down is SHUTOFF; one whose QEMU died
 * (or whose host was started again) is started once more, unless that happened a minute ago; one
 * that no row knows is removed. What a job works on is left to the job.
 */
#include "base/log.h"
#include "ecs/server.h"

#include <string.h>

#define TOO_OFTEN_SECONDS 60

static void
start_again(StoreConn *store, const json_t *server)
{
    const char *id = json_text(server, "id", "");
    AUTO_JSON json_t *none = json_object();
    Moment last;
    char job[41];

    if (moment_parse(json_text(server, "restarted", ""), &last) &&
        moment_now() - last < TOO_OFTEN_SECONDS * MOMENT_SECOND) {
        usage_end(store, id);
        server_set_fault(store, id, "its QEMU ended twice within a minute");
        return;
    }
    log_warning("server %s: its QEMU ended by itself; it is started again", id);
    if (!store_begin(store))
        return;
    if (store_run(store,
                  "UPDATE ecs_server SET restarted = now(), task_state = 'powering-on' WHERE id = "
                  "$1",
                  "s", id) == 1 &&
        job_start(store, "startSingleServer", json_text(server, "project_id", ""), id,
                  json_text(server, "name", ""), true, none, job) == 0)
        store_commit(store);
    else
        store_rollback(store);
}

static void
follow(StoreConn *store, const json_t *server, HypervisorState state)
{
    const char *id = json_text(server, "id", ""), *status = json_text(server, "status", "");
    bool on = strcmp(status, "ACTIVE") == 0, running = state == HYPERVISOR_RUNNING;

    if (on && (state == HYPERVISOR_CRASHED || state == HYPERVISOR_ABSENT)) {
        start_again(store, server);
    } else if (on && state == HYPERVISOR_STOPPED) {
        usage_end(store, id);
        server_set_status(store, id, "SHUTOFF", "");
    } else if (running && strcmp(status, "SHUTOFF") == 0) {
        usage_begin(store, id);
        server_set_status(store, id, "ACTIVE", "");
    }
}

static void
remove_strangers(StoreConn *store, const json_t *guests)
{
    const char *id;
    json_t *state;

    json_object_foreach((json_t *) guests, id, state)
    {
        AUTO_JSON json_t *server = server_load(store, NULL, id);
        AUTO_FREE char *problem = NULL;

        if (server || store_failed(store) || job_busy(store, id))
            continue;
        log_warning("guest %s belongs to no server: it is removed", id);
        if (hypervisor_remove(id, &problem) != 0)
            log_error("guest %s cannot be removed: %s", id, problem ? problem : "");
    }
}

void
servers_reconcile(StoreConn *store)
{
    AUTO_FREE char *problem = NULL;
    AUTO_JSON json_t *guests = NULL;
    AUTO_ROWS PGresult *rows = store_query(
        store,
        "SELECT to_jsonb(s) AS row FROM ecs_server s WHERE status IN ('ACTIVE', 'SHUTOFF') AND NOT "
        "EXISTS (SELECT FROM job j WHERE j.resource_id = s.id AND j.status = 'Running' AND "
        "j.exclusive)",
        "");

    store_run(store, "DELETE FROM ecs_console WHERE expires < now()", "");
    /* Rows first: a guest that ends after that is seen next time. */
    if (!rows || hypervisor_list(&guests, &problem) != 0)
        return;
    for (int i = 0; i < PQntuples(rows); i++) {
        AUTO_JSON json_t *server = json_loads(row_text(rows, i, "row"), 0, NULL);
        const char *id = json_text(server, "id", "");

        if (!job_busy(store, id))
            follow(store, server, (HypervisorState) json_number(guests, id, HYPERVISOR_ABSENT));
    }
    remove_strangers(store, guests);
}
