/*
 * answer.c: what the handlers of the volume service share; see rows.h.
 */
#include "base/memory.h"
#include "evs/forms.h"
#include "evs/rows.h"

#include <errno.h>
#include <string.h>

const char *
evs_project(const ApiRequest *request)
{
    const char *project = api_project(request);

    return project ? project : "";
}

bool
evs_is_cinder(const ApiRequest *request)
{
    return strncmp(request->operation->service, "volume", 6) == 0;
}

void
evs_bad(ApiRequest *request, const char *code, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    AUTO_FREE char *text = str_vformat(format, arguments);
    va_end(arguments);
    api_fail_as(request, 400, code, "%s", text);
}

void
evs_change(ApiRequest *request,
           bool (*change)(ApiRequest *request, json_t *notes),
           void (*then)(ApiRequest *request, const json_t *notes))
{
    AUTO_JSON json_t *notes = json_object();

    if (!store_begin(request->store)) {
        api_fail_store(request);
        return;
    }
    if (change(request, notes) && !store_commit(request->store))
        api_fail_store(request);
    if (store_in_transaction(request->store))
        store_rollback(request->store);
    if (!request->answered)
        then(request, notes);
}

bool
evs_hold(ApiRequest *request, const char *id, EvsVolume *volume)
{
    int error =
        store_run(request->store, "SELECT FROM evs_volume WHERE id = $1 FOR UPDATE", "s", id) < 0
            ? -EIO
            : volume_find(request->store, evs_project(request), id, volume);

    if (error == -EIO)
        api_fail_store(request);
    else if (error)
        api_fail(request, API_EVS_NO_VOLUME, id);
    return error == 0;
}

static void
reply_one(ApiRequest *request,
          int status,
          const char *key,
          const char *sql,
          const char *id,
          ApiError none)
{
    AUTO_ROWS PGresult *rows = store_query(request->store, sql, "ss", evs_project(request), id);

    if (!rows)
        api_fail_store(request);
    else if (PQntuples(rows) == 0)
        api_fail(request, none, id);
    else
        api_reply(request, status,
                  json_pack("{s:o}", key, json_loads(row_text(rows, 0, "form"), 0, NULL)));
}

void
evs_reply_volume(ApiRequest *request, int status, const char *id)
{
    reply_one(request, status, "volume",
              "SELECT " EVS_VOLUME
              " AS form FROM evs_volume v WHERE v.project_id = $1 AND v.id = $2",
              id, API_EVS_NO_VOLUME);
}

void
evs_reply_snapshot(ApiRequest *request, int status, const char *id)
{
    reply_one(request, status, "snapshot",
              "SELECT " EVS_SNAPSHOT
              " AS form FROM evs_snapshot s WHERE s.project_id = $1 AND s.id = $2",
              id, API_EVS_NO_SNAPSHOT);
}

bool
evs_begin(ApiRequest *request,
          const JobKind *kind,
          const char *volume_id,
          const json_t *data,
          json_t *notes)
{
    char job[41];
    const char *own = json_text(data, "snapshot", "");
    bool waits = kind == &evs_job_snapshot || kind == &evs_job_forget;
    AUTO_FREE char *name =
        store_value(request->store, "SELECT name FROM evs_volume WHERE id = $1", "s", volume_id);
    /* States are changed under the row's lock, so that a volume has one change at a time; only its
     * snapshots have states of their own. Those wait for each other at the file. */
    AUTO_FREE char *busy = store_value(
        request->store,
        "SELECT id FROM evs_snapshot WHERE volume_id = $1 AND id <> $2 AND status IN ('creating', "
        "'deleting', 'rollbacking') LIMIT 1",
        "ss", volume_id, own);

    if (busy && !waits) {
        api_fail(request, API_EVS_BUSY, volume_id);
        return false;
    }
    if (job_start(request->store, kind->name, evs_project(request), volume_id, name ? name : "",
                  false, data, job) == 0) {
        json_put_text(notes, "job", job);
        return true;
    }
    api_fail_store(request);
    return false;
}
