/*
 * monitor.c: periodic work on instances; see monitor.h.
 */
#include "rds/monitor.h"

#include "base/log.h"
#include "rds/catalogue.h"
#include "rds/instance.h"

#include <string.h>

#define IDLE                                                                                       \
    " AND i.deleted_at IS NULL AND i.slot IS NOT NULL AND NOT EXISTS (SELECT 1 FROM job WHERE "    \
    "resource_id = i.id AND job.status = 'Running' AND exclusive)"

void
monitor_states(StoreConn *store)
{
    AUTO_ROWS PGresult *rows =
        store_query(store,
                    "SELECT id, status FROM rds_instance i WHERE status IN ('ACTIVE', 'FAILED', "
                    "'STORAGE FULL') AND coalesce(next_start, now()) <= now()" IDLE,
                    "");

    for (int i = 0; rows && i < PQntuples(rows) && !job_stopping(); i++) {
        const char *id = row_text(rows, i, "id");
        AgentState state;
        char job[41];

        if (agent_instance_state(id, &state) != 0)
            continue;
        bool runs = state == AGENT_READY || state == AGENT_STARTING;
        bool failed = strcmp(row_text(rows, i, "status"), "FAILED") == 0;
        if (runs && !failed)
            continue;
        AUTO_INSTANCE Instance *instance = instance_load_any(store, id);
        if (!instance || state == AGENT_ABSENT)
            continue;
        log_warning("instance %s does not run; starting it", id);
        instance_begin_job(store, instance, "RecoverInstance", NULL, NULL, job);
    }
}

/* By the policy: a larger volume, when too little is free. */
static void
grow(StoreConn *store, const Instance *instance, long long used)
{
    const json_t *policy = json_object_get(instance->row, "auto_enlarge");
    long long limit = json_number(policy, "limit_size", VOLUME_MOST_GB);
    long long bytes = instance->volume_gb * 1073741824LL;
    int size = instance->volume_gb;
    char job[41];

    if (!json_flag(policy, "switch_option", false) ||
        (bytes - used) * 100 > bytes * json_number(policy, "trigger_threshold", 10))
        return;
    size += (int) ((size * json_number(policy, "step_percent", 20) + 99) / 100);
    size = (size + VOLUME_STEP_GB - 1) / VOLUME_STEP_GB * VOLUME_STEP_GB;
    size = size > limit ? (int) limit : size;
    if (size <= instance->volume_gb)
        return;
    AUTO_JSON json_t *data =
        json_pack("{s:i, s:i, s:b}", "size", size, "old_size", instance->volume_gb, "by_policy", 1);
    if (instance_begin_job(store, instance, "EnlargeVolume", "MODIFYING", data, job) == 0)
        log_notice("instance %s: its volume grows from %d to %d GB by its policy", instance->id,
                   instance->volume_gb, size);
}

/* Records what is used and whether it is too much; touches the cache where that is to be seen. */
static void
measure(StoreConn *store, const Instance *instance)
{
    AgentUsage usage;

    if (agent_instance_usage(instance->id, &usage) != 0)
        return;
    bool full = usage.disk_bytes >= instance->volume_gb * 1073741824LL;
    bool was_full = json_flag(instance->row, "storage_full", false);
    long long before = json_number(instance->row, "storage_used", 0);
    if (full != was_full)
        store_run(
            store,
            "UPDATE rds_instance SET storage_used = $2, storage_full = $3, status = CASE WHEN "
            "$3 AND status = 'ACTIVE' THEN 'STORAGE FULL' WHEN NOT $3 AND status = 'STORAGE "
            "FULL' THEN 'ACTIVE' ELSE status END, updated = now() WHERE id = $1",
            "slb", instance->id, usage.disk_bytes, (int) full);
    else if (before / 1048576 != usage.disk_bytes / 1048576)
        store_run(store, "UPDATE rds_instance SET storage_used = $2 WHERE id = $1", "sl",
                  instance->id, usage.disk_bytes);
    else
        return;
    instance_touch(store, instance->id);
    grow(store, instance, usage.disk_bytes);
}

void
monitor_storage(StoreConn *store)
{
    AUTO_ROWS PGresult *rows = store_query(
        store, "SELECT id FROM rds_instance i WHERE status IN ('ACTIVE', 'STORAGE FULL')" IDLE, "");

    for (int i = 0; rows && i < PQntuples(rows) && !job_stopping(); i++) {
        AUTO_INSTANCE Instance *instance = instance_load_any(store, row_text(rows, i, "id"));
        if (instance)
            measure(store, instance);
    }
}
