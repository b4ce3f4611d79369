/*
 * recycle.c: the recycle bin; see recycle.h. Rebuilding is POST .../instances with a restore point
 * that names the deleted instance and its recycle_backup_id.
 */
#include "rds/recycle.h"

#include "base/log.h"
#include "rds/backup_hooks.h"
#include "rds/handlers.h"
#include "rds/render.h"

#include <errno.h>
#include <string.h>

bool
recycle_has(StoreConn *store, const char *project_id, const json_t *point)
{
    AUTO_FREE char *found = store_value(
        store,
        "SELECT id FROM rds_instance WHERE id = $1 AND project_id = $2 AND deleted_at IS NOT NULL "
        "AND slot IS NOT NULL AND recycle_backup_id = $3 AND retained_until > now()",
        "sss", json_text(point, "instance_id", ""), project_id, json_text(point, "backup_id", ""));

    return found != NULL;
}

int
recycle_purge(StoreConn *store, const char *id)
{
    AUTO_FREE char *problem = NULL;
    int error = agent_instance_remove(id, &problem);

    if (!error)
        error = backup_hook_forget(store, id);
    if (error) {
        log_error("instance %s cannot be removed: %s", id, problem ? problem : strerror(-error));
        return error;
    }
    if (store_run(store, "DELETE FROM rds_instance WHERE id = $1", "s", id) < 0)
        return -EIO;
    instance_touch(store, id);
    return 0;
}

void
recycle_clean(StoreConn *store)
{
    /* Not while one is being rebuilt from it. */
    AUTO_ROWS PGresult *rows = store_query(
        store,
        "SELECT id FROM rds_instance i WHERE deleted_at IS NOT NULL AND retained_until < now() AND "
        "NOT EXISTS (SELECT 1 FROM job WHERE status = 'Running' AND (resource_id = i.id OR "
        "position(i.id IN data::text) > 0))",
        "");

    for (int i = 0; rows && i < PQntuples(rows); i++)
        recycle_purge(store, row_text(rows, i, "id"));
}

/* ---- Operations ---- */

void
show_recycle_policy(ApiRequest *request)
{
    AUTO_FREE char *days = store_value(
        request->store, "SELECT recycle_days::text FROM rds_project WHERE project_id = $1", "s",
        api_project(request));

    if (!days && store_failed(request->store))
        api_fail_store(request);
    else
        api_reply(request, 200,
                  json_pack("{s:i}", "retention_period_in_days",
                            days ? (int) strtol(days, NULL, 10) : 7));
}

void
start_recycle_policy(ApiRequest *request)
{
    const json_t *policy = json_object_get(request->json, "recycle_policy");
    long long days = json_number(policy, "retention_period_in_days", 7);

    if (days < 1 || days > 7)
        api_fail(request, API_BAD_PARAMETER, "recycle_policy.retention_period_in_days: 1 to 7");
    else if (store_run(request->store,
                       "INSERT INTO rds_project (project_id, recycle_days) VALUES ($1, $2) ON "
                       "CONFLICT (project_id) DO UPDATE SET recycle_days = $2",
                       "sl", api_project(request), days) < 0)
        api_fail_store(request);
    else
        api_reply(request, 200, json_pack("{s:s}", "result", "success"));
}

static json_t *
recycled(const json_t *row)
{
    return json_pack(
        "{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:s, s:s, s:s, s:s, s:s, "
        "s:s, s:b}",
        "id", json_text(row, "id", ""), "name", json_text(row, "name", ""), "ha_mode", "Single",
        "engine_name", "sqlserver", "engine_version", json_text(row, "engine_version", ""),
        "pay_model", "0", "created_at", json_text(row, "created", ""), "deleted_at",
        json_text(row, "deleted_at", ""), "volume_type", json_text(row, "volume_type", ""),
        "volume_size", (json_int_t) json_number(row, "volume_gb", 0), "data_vip",
        json_text(row, "address", ""), "data_vip_v6", "", "enterprise_project_id",
        json_text(row, "enterprise_project_id", "0"), "retained_until",
        json_text(row, "retained_until", ""), "recycle_backup_id",
        json_text(row, "recycle_backup_id", ""), "recycle_status", "Active", "is_serverless", 0);
}

void
list_recycle_instances(ApiRequest *request)
{
    long offset, limit;
    AUTO_FREE char *sql = str_format("SELECT %s AS item, count(*) OVER () AS total FROM "
                                     "rds_instance i WHERE project_id = $1 AND deleted_at IS NOT "
                                     "NULL ORDER BY deleted_at DESC OFFSET $2 LIMIT $3",
                                     instance_columns);

    if (!api_paging(request, &offset, &limit))
        return;
    AUTO_ROWS PGresult *rows = store_query(request->store, sql, "sll", api_project(request),
                                           (long long) offset, (long long) limit);
    if (!rows) {
        api_fail_store(request);
        return;
    }
    json_t *list = json_array();
    for (int i = 0; i < PQntuples(rows); i++) {
        AUTO_JSON json_t *row = json_loads(row_text(rows, i, "item"), 0, NULL);
        json_array_append_new(list, recycled(row));
    }
    api_reply(request, 200,
              json_pack("{s:I, s:o}", "total_count",
                        (json_int_t) (PQntuples(rows) ? row_number(rows, 0, "total") : 0),
                        "instances", list));
}
