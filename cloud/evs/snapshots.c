/*
 * snapshots.c: moments of volumes, kept inside their files.
 */
#include "base/memory.h"
#include "disk/disk.h"
#include "evs/handlers.h"
#include "evs/rows.h"

#include <errno.h>
#include <string.h>

/* Each is a table of clusters in the file. */
#define SNAPSHOTS_OF_VOLUME 32

static bool
may_have_one_more(ApiRequest *request, const EvsVolume *volume)
{
    AUTO_FREE char *problem = NULL;
    AUTO_FREE char *count = store_value(
        request->store, "SELECT count(*) FROM evs_snapshot WHERE volume_id = $1", "s", volume->id);
    store_run(request->store, "SELECT pg_advisory_xact_lock(hashtextextended('evs ' || $1, 0))",
              "s", evs_project(request));
    int error =
        count ? evs_quota_allows(request->store, evs_project(request), "snapshots", 1, &problem)
              : -EIO;

    if (error == -EIO)
        api_fail_store(request);
    else if (error)
        api_fail(request, API_EVS_QUOTA, problem);
    else if (strtol(count, NULL, 10) >= SNAPSHOTS_OF_VOLUME)
        api_fail(request, API_EVS_QUOTA, "A disk has at most 32 snapshots.");
    else
        return true;
    return false;
}

static bool
create(ApiRequest *request, json_t *notes)
{
    const json_t *wish = json_object_get(request->json, "snapshot");
    const json_t *metadata = json_object_get(wish, "metadata");
    const char *volume_id = json_text(wish, "volume_id", "");
    bool force = json_flag(wish, "force", !evs_is_cinder(request));
    EvsVolume volume;

    if (!evs_hold(request, volume_id, &volume))
        return false;
    if (strcmp(volume.status, "available") != 0 &&
        (strcmp(volume.status, "in-use") != 0 || !force)) {
        api_fail(request, API_EVS_STATE, volume_id, volume.status);
        return false;
    }
    if (!may_have_one_more(request, &volume))
        return false;
    AUTO_FREE char *id = store_value(
        request->store,
        "INSERT INTO evs_snapshot (project_id, volume_id, name, description, size_gb, metadata) "
        "VALUES ($1, $2, $3, $4, $5, coalesce($6::jsonb, '{}')) RETURNING id",
        "ssssij", evs_project(request), volume_id, json_text(wish, "name", ""),
        json_text(wish, "description", ""), volume.size_gb,
        json_is_object(metadata) ? metadata : NULL);
    if (!id) {
        api_fail_store(request);
        return false;
    }
    json_put_text(notes, "snapshot", id);
    AUTO_JSON json_t *data = json_pack("{s:s}", "snapshot", id);
    return evs_begin(request, &evs_job_snapshot, volume_id, data, notes);
}

static void
answer_snapshot(ApiRequest *request, const json_t *notes)
{
    evs_reply_snapshot(request, 202, json_text(notes, "snapshot", ""));
}

void
evs_create_snapshot(ApiRequest *request)
{
    evs_change(request, create, answer_snapshot);
}

void
cinder_create_snapshot(ApiRequest *request)
{
    evs_change(request, create, answer_snapshot);
}

/* The project's snapshot's volume and state, its volume held; false when it has answered. */
static bool
hold_snapshot(ApiRequest *request, const char *id, EvsVolume *volume, char status[32])
{
    AUTO_ROWS PGresult *rows = store_query(
        request->store, "SELECT volume_id FROM evs_snapshot WHERE id = $1 AND project_id = $2",
        "ss", id, evs_project(request));

    if (rows && PQntuples(rows) == 0) {
        api_fail(request, API_EVS_NO_SNAPSHOT, id);
        return false;
    }
    if (!rows) {
        api_fail_store(request);
        return false;
    }
    if (!evs_hold(request, row_text(rows, 0, "volume_id"), volume))
        return false;
    AUTO_FREE char *now =
        store_value(request->store, "SELECT status FROM evs_snapshot WHERE id = $1", "s", id);
    snprintf(status, 32, "%s", now ? now : "");
    if (now)
        return true;
    api_fail(request, API_EVS_NO_SNAPSHOT, id);
    return false;
}

static bool
put_status(ApiRequest *request, const char *id, const char *status)
{
    if (store_run(request->store,
                  "UPDATE evs_snapshot SET status = $2, updated = now() WHERE id = $1", "ss", id,
                  status) >= 0)
        return true;
    api_fail_store(request);
    return false;
}

static bool delete (ApiRequest *request, json_t *notes)
{
    const char *id = api_path(request, "snapshot_id");
    EvsVolume volume;
    char status[32];

    if (!hold_snapshot(request, id, &volume, status))
        return false;
    if (strcmp(status, "available") != 0 && strncmp(status, "error", 5) != 0) {
        api_fail(request, API_EVS_SNAPSHOT_STATE, id, status);
        return false;
    }
    /* A volume that is being made of it reads it. */
    AUTO_FREE char *reader = store_value(
        request->store,
        "SELECT id FROM evs_volume WHERE snapshot_id = $1 AND status = 'creating' LIMIT 1", "s",
        id);
    if (reader) {
        api_fail(request, API_EVS_SNAPSHOT_STATE, id, "in use: a disk is made of it");
        return false;
    }
    AUTO_JSON json_t *data = json_pack("{s:s}", "snapshot", id);
    return put_status(request, id, "deleting") &&
           evs_begin(request, &evs_job_forget, volume.id, data, notes);
}

static void
answer_accepted(ApiRequest *request, const json_t *notes)
{
    api_reply(request, 202, NULL);
}

void
evs_delete_snapshot(ApiRequest *request)
{
    evs_change(request, delete, answer_accepted);
}

static bool
update(ApiRequest *request, json_t *notes)
{
    const json_t *wish = json_object_get(request->json, "snapshot");
    const char *id = api_path(request, "snapshot_id");
    EvsVolume volume;
    char status[32];

    if (!hold_snapshot(request, id, &volume, status))
        return false;
    if (store_run(request->store,
                  "UPDATE evs_snapshot SET name = coalesce($2, name), description = coalesce($3, "
                  "description), updated = now() WHERE id = $1",
                  "sss", id, json_text(wish, "name", NULL),
                  json_text(wish, "description", NULL)) >= 0)
        return true;
    api_fail_store(request);
    return false;
}

static void
answer_updated(ApiRequest *request, const json_t *notes)
{
    evs_reply_snapshot(request, 200, api_path(request, "snapshot_id"));
}

void
evs_update_snapshot(ApiRequest *request)
{
    evs_change(request, update, answer_updated);
}

static bool
roll_back(ApiRequest *request, json_t *notes)
{
    const char *id = api_path(request, "snapshot_id");
    const char *wanted = json_text(json_object_get(request->json, "rollback"), "volume_id", "");
    EvsVolume volume;
    char status[32];

    if (!hold_snapshot(request, id, &volume, status))
        return false;
    if (strcmp(wanted, volume.id) != 0) {
        evs_bad(request, "EVS.1002", "The snapshot is of another disk.");
        return false;
    }
    if (strcmp(status, "available") != 0) {
        api_fail(request, API_EVS_SNAPSHOT_STATE, id, status);
        return false;
    }
    if (*volume.server_id || (strcmp(volume.status, "available") != 0 &&
                              strcmp(volume.status, "error_rollbacking") != 0)) {
        api_fail(request, API_EVS_STATE, volume.id, volume.status);
        return false;
    }
    json_put_text(notes, "volume", volume.id);
    AUTO_JSON json_t *data = json_pack("{s:s}", "snapshot", id);
    if (evs_set_status(request->store, volume.id, "rollbacking", NULL) < 0) {
        api_fail_store(request);
        return false;
    }
    return put_status(request, id, "rollbacking") &&
           evs_begin(request, &evs_job_rollback, volume.id, data, notes);
}

static void
answer_rollback(ApiRequest *request, const json_t *notes)
{
    api_reply(request, 202,
              json_pack("{s:{s:s}}", "rollback", "volume_id", json_text(notes, "volume", "")));
}

void
evs_roll_back(ApiRequest *request)
{
    evs_change(request, roll_back, answer_rollback);
}
