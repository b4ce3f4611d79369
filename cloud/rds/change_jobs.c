/*
 * change_jobs.c: jobs on an instance that exists. Each records what it changes in the row before
 * the instance is given it; a failure puts the old value back and brings the instance up again.
 */
#include "rds/jobs.h"

#include "base/log.h"
#include "rds/backup_hooks.h"
#include "rds/recycle.h"

#include <errno.h>
#include <string.h>

Instance *
job_instance(JobContext *context)
{
    Instance *instance = instance_load_any(context->store, context->resource_id);

    if (!instance)
        job_fail(context, -ENOENT, "the instance is no more");
    return instance;
}

/* ---- Steps that several kinds share ---- */

static int
stop(JobContext *context)
{
    AUTO_FREE char *problem = NULL;
    int error = agent_instance_stop(context->resource_id, &problem);

    return error ? job_fail(context, error, "it could not be stopped: %s",
                            problem ? problem : strerror(-error))
                 : 0;
}

static int
configure(JobContext *context)
{
    AUTO_INSTANCE Instance *instance = job_instance(context);

    return instance ? instance_configure(context, instance, false) : -ENOENT;
}

static int
start(JobContext *context)
{
    AUTO_INSTANCE Instance *instance = job_instance(context);

    return instance ? instance_bring_up(context, instance) : -ENOENT;
}

static int
settle(JobContext *context)
{
    instance_settle(context->store, context->resource_id);
    return 0;
}

/* Sets one column of the instance's row. */
static int
record(JobContext *context, const char *sql, const char *types, const char *text, long long number)
{
    long rows = *types == 's' ? store_run(context->store, sql, "ss", context->resource_id, text)
                              : store_run(context->store, sql, "sl", context->resource_id, number);

    if (rows == 1)
        return 0;
    if (strcmp(store_sqlstate(context->store), "23505") == 0)
        return job_fail(context, -EADDRINUSE, "another instance has it");
    return job_fail(context, -EIO, "the store refused: %s", store_error(context->store));
}

/* After a failure: the old value, the old settings, running again. */
static int
put_back(JobContext *context)
{
    AUTO_FREE char *problem = NULL;
    AUTO_FREE char *reason = str_copy(context->reason);
    AUTO_INSTANCE Instance *instance = job_instance(context);

    if (!instance)
        return 0;
    agent_instance_stop(instance->id, &problem);
    int error = instance_configure(context, instance, false);
    if (!error)
        error = instance_bring_up(context, instance);
    if (error) {
        log_error("instance %s is not brought up again: %s", instance->id, context->reason);
        instance_settle(context->store, instance->id);
    }
    job_fail(context, -EIO, "%s", reason ? reason : "");
    return 0;
}

/* ---- Restart, stop, start ---- */

static const JobStep restart_steps[] = {
    {"stop", stop, 40}, {"configure", configure, 50}, {"start", start, 100}, {NULL, NULL, 0}};
const JobKind job_restart_instance = {"RestartInstance", restart_steps, put_back};

static int
shut(JobContext *context)
{
    instance_set_status(context->store, context->resource_id, "SHUTDOWN");
    return 0;
}

static const JobStep stop_steps[] = {{"stop", stop, 80}, {"record", shut, 100}, {NULL, NULL, 0}};
const JobKind job_stop_instance = {"StopInstance", stop_steps, put_back};

static const JobStep start_steps[] = {
    {"configure", configure, 10}, {"start", start, 100}, {NULL, NULL, 0}};
/* It stays what it was: stopped. */
static int
start_failed(JobContext *context)
{
    AUTO_FREE char *problem = NULL;
    int error = agent_instance_stop(context->resource_id, &problem);

    return error ? error : shut(context);
}
const JobKind job_start_instance = {"StartInstance", start_steps, start_failed};

/* The monitor's: an instance that ended by itself. */
static int
recover_failed(JobContext *context)
{
    return store_run(context->store,
                     "UPDATE rds_instance SET start_attempts = start_attempts + 1, next_start = "
                     "now() + least(600, 5 * 3 ^ start_attempts) * interval '1 s', status = CASE "
                     "WHEN start_attempts >= 4 THEN 'FAILED' ELSE status END WHERE id = $1",
                     "s", context->resource_id) < 0
               ? -EIO
               : (instance_touch(context->store, context->resource_id), 0);
}
const JobKind job_recover_instance = {"RecoverInstance", start_steps, recover_failed};

/* ---- Flavor ---- */

static int
record_flavor(JobContext *context)
{
    return record(context, "UPDATE rds_instance SET flavor = $2, updated = now() WHERE id = $1",
                  "s", json_text(context->data, "flavor", ""), 0);
}

static int
apply_limits(JobContext *context)
{
    AUTO_INSTANCE Instance *instance = job_instance(context);
    AUTO_FREE char *problem = NULL;
    const char *applied = NULL;
    AgentInstance known;

    if (!instance)
        return -ENOENT;
    instance_for_agent(instance, &known);
    int error = agent_instance_limit(&known, &applied, &problem);
    if (error)
        return job_fail(context, error, "its limits could not be set: %s",
                        problem ? problem : strerror(-error));
    json_put_text(context->result, "limits", applied);
    return 0;
}

static int
resize_failed(JobContext *context)
{
    record(context, "UPDATE rds_instance SET flavor = $2, updated = now() WHERE id = $1", "s",
           json_text(context->data, "old_flavor", ""), 0);
    return put_back(context);
}

static const JobStep resize_steps[] = {{"record-flavor", record_flavor, 5},
                                       {"configure", configure, 10},
                                       {"stop", stop, 40},
                                       {"start", start, 90},
                                       {"limit", apply_limits, 100},
                                       {NULL, NULL, 0}};
const JobKind job_resize_flavor = {"ResizeFlavor", resize_steps, resize_failed};

/* ---- Volume ---- */

static int
record_volume(JobContext *context)
{
    json_object_set_new(context->result, "volume",
                        json_pack("{s:I, s:I}", "original_size",
                                  (json_int_t) json_number(context->data, "old_size", 0),
                                  "target_size",
                                  (json_int_t) json_number(context->data, "size", 0)));
    return record(context,
                  "UPDATE rds_instance SET volume_gb = $2::int, storage_full = storage_used >= "
                  "$2::bigint * 1073741824, updated = now() WHERE id = $1",
                  "l", NULL, json_number(context->data, "size", 0));
}

static int
reload(JobContext *context)
{
    AUTO_INSTANCE Instance *instance = job_instance(context);

    return instance ? instance_configure(context, instance, true) : -ENOENT;
}

static int
enlarge_failed(JobContext *context)
{
    AUTO_FREE char *reason = str_copy(context->reason);

    record(context, "UPDATE rds_instance SET volume_gb = $2::int, updated = now() WHERE id = $1",
           "l", NULL, json_number(context->data, "old_size", 40));
    reload(context);
    instance_settle(context->store, context->resource_id);
    job_fail(context, -EIO, "%s", reason ? reason : "");
    return 0;
}

static const JobStep enlarge_steps[] = {{"record-volume", record_volume, 30},
                                        {"configure", reload, 80},
                                        {"activate", settle, 100},
                                        {NULL, NULL, 0}};
const JobKind job_enlarge_volume = {"EnlargeVolume", enlarge_steps, enlarge_failed};

/* ---- Port and address ---- */

#define SET_PORT "UPDATE rds_instance SET port = $2::int, updated = now() WHERE id = $1"
#define SET_ADDRESS "UPDATE rds_instance SET address = $2, updated = now() WHERE id = $1"

static int
record_port(JobContext *context)
{
    return record(context, SET_PORT, "l", NULL, json_number(context->data, "port", 0));
}

static int
port_failed(JobContext *context)
{
    record(context, SET_PORT, "l", NULL, json_number(context->data, "old_port", 0));
    return put_back(context);
}

static const JobStep port_steps[] = {{"record-port", record_port, 10},
                                     {"configure", configure, 20},
                                     {"stop", stop, 50},
                                     {"start", start, 100},
                                     {NULL, NULL, 0}};
const JobKind job_modify_port = {"ModifyPort", port_steps, port_failed};

static int
record_address(JobContext *context)
{
    return record(context, SET_ADDRESS, "s", json_text(context->data, "address", ""), 0);
}

static int
address_failed(JobContext *context)
{
    record(context, SET_ADDRESS, "s", json_text(context->data, "old_address", ""), 0);
    return put_back(context);
}

static const JobStep address_steps[] = {{"record-address", record_address, 10},
                                        {"configure", configure, 20},
                                        {"stop", stop, 50},
                                        {"start", start, 100},
                                        {NULL, NULL, 0}};
const JobKind job_modify_ip = {"ModifyIp", address_steps, address_failed};

/* ---- Collation ---- */

static int
set_collation(JobContext *context)
{
    AUTO_INSTANCE Instance *instance = job_instance(context);
    AUTO_FREE char *problem = NULL;
    const char *collation = json_text(context->data, "collation", "");
    AUTO_FREE char *sql = str_format("ALTER DATABASE model COLLATE %s", collation);

    if (!instance)
        return -ENOENT;
    TdsConnection *connection = instance_manage(context->store, instance, &problem);
    if (!connection)
        return job_fail(context, -EIO, "cannot log in: %s", problem ? problem : "");
    int status = tds_batch(connection, sql, NULL);
    tds_close(connection);
    if (status)
        return job_fail(context, -EIO, "the collation could not be set");
    return record(context,
                  "UPDATE rds_instance SET \"collation\" = $2, updated = now() WHERE id = $1", "s",
                  collation, 0);
}

static const JobStep collation_steps[] = {
    {"alter-model", set_collation, 80}, {"activate", settle, 100}, {NULL, NULL, 0}};
const JobKind job_modify_collation = {"ModifyCollation", collation_steps, settle};

/* ---- Deletion ---- */

static int
end_backups(JobContext *context)
{
    AUTO_INSTANCE Instance *instance = instance_load_any(context->store, context->resource_id);

    return instance ? backup_hook_deleting(context, instance) : 0;
}

/* Into the recycle bin; one that never came to life goes at once. */
static int
recycle(JobContext *context)
{
    AUTO_FREE char *status = store_value(
        context->store, "SELECT status FROM rds_instance WHERE id = $1 AND deleted_at IS NULL", "s",
        context->resource_id);

    if (!status)
        return store_failed(context->store) ? job_fail(context, -EIO, "the store refused") : 0;
    if (strcmp(status, "CREATE FAIL") == 0) {
        int error = recycle_purge(context->store, context->resource_id);
        return error ? job_fail(context, error, "its folder could not be removed") : 0;
    }
    if (store_run(context->store,
                  "UPDATE rds_instance i SET deleted_at = now(), retained_until = now() + "
                  "coalesce((SELECT recycle_days FROM rds_project p WHERE p.project_id = "
                  "i.project_id), 7) * interval '1 day', recycle_backup_id = "
                  "replace(gen_random_uuid()::text, '-', '') || 'br04', status = 'SHUTDOWN', "
                  "updated = now() WHERE id = $1",
                  "s", context->resource_id) != 1)
        return job_fail(context, -EIO, "the store refused: %s", store_error(context->store));
    instance_touch(context->store, context->resource_id);
    return 0;
}

static const JobStep delete_steps[] = {{"end-backups", end_backups, 20},
                                       {"stop", stop, 70},
                                       {"recycle", recycle, 100},
                                       {NULL, NULL, 0}};
const JobKind job_delete_instance = {"DeleteInstance", delete_steps, put_back};
