/*
 * jobs.c: what changes files of volumes. A volume of a running server is changed through the hooks
 * of the compute service (evs.h), any other by cloud/disk.
 */
#include "base/log.h"
#include "base/memory.h"
#include "disk/disk.h"
#include "evs/rows.h"

#include <errno.h>
#include <string.h>

/* ---- Create ---- */

static json_t *
entity(StoreConn *store, const char *id)
{
    AUTO_ROWS PGresult *rows =
        store_query(store, "SELECT name, size_gb, type FROM evs_volume WHERE id = $1", "s", id);

    if (!rows || PQntuples(rows) == 0)
        return json_pack("{s:s}", "volume_id", id);
    return json_pack("{s:s, s:s, s:I, s:s}", "volume_id", id, "name", row_text(rows, 0, "name"),
                     "size", (json_int_t) row_number(rows, 0, "size_gb"), "volume_type",
                     row_text(rows, 0, "type"));
}

static void
describe(JobContext *context)
{
    AUTO_JSON json_t *about = entity(context->store, context->resource_id);

    json_object_update(context->result, about);
}

static int
make(JobContext *context)
{
    const json_t *list = json_object_get(context->data, "volumes"), *one;
    json_t *sub_jobs = json_array();
    size_t index;

    describe(context);
    json_array_foreach(list, index, one)
    {
        AUTO_FREE char *problem = NULL;
        const char *id = json_string_value(one);
        int error = volume_make(context->store, id, &problem);

        if (error) {
            json_decref(sub_jobs);
            return job_fail(context, error, "%s", problem ? problem : strerror(-error));
        }
        json_array_append_new(sub_jobs,
                              json_pack("{s:s, s:s, s:o}", "status", "SUCCESS", "job_type",
                                        "createVolume", "entities", entity(context->store, id)));
    }
    if (json_array_size(list) > 1)
        json_object_set_new(context->result, "sub_jobs", sub_jobs);
    else
        json_decref(sub_jobs);
    return 0;
}

/* Those that were made stay; the others say why they are not. */
static int
make_failed(JobContext *context)
{
    const json_t *list = json_object_get(context->data, "volumes"), *one;
    size_t index;

    json_array_foreach(list, index, one)
    {
        AUTO_FREE char *problem = NULL;
        const char *id = json_string_value(one);

        AUTO_FREE char *there =
            store_value(context->store,
                        "SELECT id FROM evs_volume WHERE id = $1 AND status = 'creating'", "s", id);
        if (!there && store_failed(context->store))
            return -EIO;
        if (!there)
            continue;
        disk_volume_remove(id, &problem);
        if (evs_set_status(context->store, id, "error", context->reason) < 0)
            return -EIO;
    }
    return 0;
}

static const JobStep create_steps[] = {{"make", make, 100}, {NULL, NULL, 0}};
const JobKind evs_job_create = {"createVolume", create_steps, make_failed};

/* ---- Delete ---- */

static int
remove_it(JobContext *context)
{
    AUTO_FREE char *problem = NULL;

    describe(context);
    int error = volume_remove(context->store, context->resource_id, &problem);
    return error ? job_fail(context, error, "%s", problem ? problem : strerror(-error)) : 0;
}

static int
remove_failed(JobContext *context)
{
    return evs_set_status(context->store, context->resource_id, "error_deleting", context->reason);
}

static const JobStep delete_steps[] = {{"remove", remove_it, 100}, {NULL, NULL, 0}};
const JobKind evs_job_delete = {"deleteVolume", delete_steps, remove_failed};

/* ---- Extend ---- */

/* The volume of the job; job_fail where it is gone. */
static int
find(JobContext *context, EvsVolume *volume)
{
    int error = volume_find(context->store, context->project_id, context->resource_id, volume);

    return error ? job_fail(context, error, "the disk is no more") : 0;
}

static int
refused_in_use(JobContext *context, const char *problem)
{
    return job_fail(context, -EBUSY, "%s",
                    problem ? problem : "the disk is in use by a running server");
}

/* 0: QEMU has done it; 1: nobody has the file. */
static int
extend_attached(JobContext *context, const EvsVolume *volume, int size_gb)
{
    AUTO_FREE char *problem = NULL;

    if (!*volume->server_id)
        return 1;
    if (!evs_hooks()->extend)
        return refused_in_use(context, NULL);
    int done = evs_hooks()->extend(context->store, volume, size_gb, &problem);
    return done < 0 ? job_fail(context, done, "%s", problem ? problem : strerror(-done)) : done;
}

static int
grow(JobContext *context)
{
    AUTO_FREE char *problem = NULL;
    int size_gb = (int) json_number(context->data, "size_gb", 0);
    EvsVolume volume;
    int error = find(context, &volume);

    if (!error)
        error = extend_attached(context, &volume, size_gb);
    if (error == 1) {
        error = disk_volume_resize(volume.id, size_gb, &problem);
        if (error)
            return job_fail(context, error, "%s", problem ? problem : strerror(-error));
    }
    if (error)
        return error;
    if (store_run(context->store,
                  "UPDATE evs_volume SET size_gb = $2, status = $3, fail_reason = '', updated = "
                  "now() WHERE id = $1",
                  "sis", volume.id, size_gb, json_text(context->data, "before", "available")) < 0)
        return job_fail(context, -EIO, "the store refused: %s", store_error(context->store));
    describe(context);
    return 0;
}

static int
grow_failed(JobContext *context)
{
    /* As it was: its content is untouched, and it can be tried again. */
    return evs_set_status(context->store, context->resource_id,
                          json_text(context->data, "before", "available"), context->reason);
}

static const JobStep extend_steps[] = {{"grow", grow, 100}, {NULL, NULL, 0}};
const JobKind evs_job_extend = {"extendVolume", extend_steps, grow_failed};

/* ---- Snapshots ---- */

static const char *
snapshot_of(const JobContext *context)
{
    return json_text(context->data, "snapshot", "");
}

static int
snapshot_status(JobContext *context, const char *status, const char *reason)
{
    return store_run(context->store,
                     "UPDATE evs_snapshot SET status = $2, fail_reason = $3, updated = now() WHERE "
                     "id = $1",
                     "sss", snapshot_of(context), status, reason ? reason : "") < 0
               ? -EIO
               : 0;
}

typedef int (*SnapshotHook)(StoreConn *, const EvsVolume *, const char *, char **);
typedef int (*SnapshotCall)(const char *, const char *, char **);

static int
through(JobContext *context, SnapshotHook hook, SnapshotCall call)
{
    AUTO_FREE char *problem = NULL;
    EvsVolume volume;
    int error = find(context, &volume);

    if (error)
        return error;
    if (*volume.server_id && !hook)
        return refused_in_use(context, NULL);
    error = *volume.server_id ? hook(context->store, &volume, snapshot_of(context), &problem) : 1;
    if (error == 1)
        error = call(volume.id, snapshot_of(context), &problem);
    return error ? job_fail(context, error, "%s", problem ? problem : strerror(-error)) : 0;
}

static int
take(JobContext *context)
{
    int error = through(context, evs_hooks()->snapshot, disk_snapshot_create);

    json_put_text(context->result, "snapshot_id", snapshot_of(context));
    json_put_text(context->result, "volume_id", context->resource_id);
    if (error)
        return error;
    return snapshot_status(context, "available", NULL) < 0
               ? job_fail(context, -EIO, "the store failed")
               : 0;
}

static int
take_failed(JobContext *context)
{
    return snapshot_status(context, "error", context->reason);
}

static const JobStep snapshot_steps[] = {{"take", take, 100}, {NULL, NULL, 0}};
const JobKind evs_job_snapshot = {"createSnapshot", snapshot_steps, take_failed};

static int
forget(JobContext *context)
{
    int error = through(context, evs_hooks()->forget, disk_snapshot_remove);

    json_put_text(context->result, "snapshot_id", snapshot_of(context));
    if (error)
        return error;
    return store_run(context->store, "DELETE FROM evs_snapshot WHERE id = $1", "s",
                     snapshot_of(context)) < 0
               ? job_fail(context, -EIO, "the store failed")
               : 0;
}

static int
forget_failed(JobContext *context)
{
    return snapshot_status(context, "error_deleting", context->reason);
}

static const JobStep forget_steps[] = {{"forget", forget, 100}, {NULL, NULL, 0}};
const JobKind evs_job_forget = {"deleteSnapshot", forget_steps, forget_failed};

static int
roll_back(JobContext *context)
{
    AUTO_FREE char *problem = NULL;
    EvsVolume volume;
    int error = find(context, &volume);

    if (error)
        return error;
    if (*volume.server_id)
        return refused_in_use(context, "the disk is attached to a server");
    error = disk_snapshot_restore(volume.id, snapshot_of(context), volume.size_gb, &problem);
    if (error)
        return job_fail(context, error, "%s", problem ? problem : strerror(-error));
    json_put_text(context->result, "volume_id", context->resource_id);
    if (evs_set_status(context->store, volume.id, "available", NULL) < 0 ||
        snapshot_status(context, "available", NULL) < 0)
        return job_fail(context, -EIO, "the store failed");
    return 0;
}

static int
roll_back_failed(JobContext *context)
{
    if (snapshot_status(context, "available", NULL) < 0)
        return -EIO;
    return evs_set_status(context->store, context->resource_id, "error_rollbacking",
                          context->reason);
}

static const JobStep rollback_steps[] = {{"roll-back", roll_back, 100}, {NULL, NULL, 0}};
const JobKind evs_job_rollback = {"rollbackSnapshot", rollback_steps, roll_back_failed};

void
evs_jobs_register(void)
{
    static const JobKind *const kinds[] = {&evs_job_create,   &evs_job_delete, &evs_job_extend,
                                           &evs_job_snapshot, &evs_job_forget, &evs_job_rollback};

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        job_register(kinds[i]);
}

/* ---- What was left ---- */

/* Rows come before files and go after them; a file that was seen before the rows were read, and has
 * none, is nobody's. */
void
evs_sweep(StoreConn *store)
{
    AUTO_JSON json_t *there = NULL;
    AUTO_FREE char *problem = NULL;

    if (disk_list(&there, &problem) != 0)
        return;
    AUTO_ROWS PGresult *rows =
        store_query(store,
                    "SELECT f.id FROM (SELECT jsonb_array_elements_text(($1::jsonb->'volumes') || "
                    "($1::jsonb->'bases') || ($1::jsonb->'volume_work')) AS id) f WHERE NOT EXISTS "
                    "(SELECT FROM "
                    "evs_volume v WHERE v.id = f.id) GROUP BY f.id",
                    "j", there);
    for (int i = 0; rows && i < PQntuples(rows); i++) {
        AUTO_FREE char *why = NULL;

        log_notice("volume %s: a file without a row is removed", row_text(rows, i, "id"));
        if (disk_volume_remove(row_text(rows, i, "id"), &why) != 0)
            log_warning("volume %s: %s", row_text(rows, i, "id"), why ? why : "");
    }
}
