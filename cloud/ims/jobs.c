/*
 * jobs.c: how images get their files, and what is cleaned up after what was cut short.
 */
#include "ims/jobs.h"

#include "base/log.h"
#include "base/memory.h"
#include "base/settings.h"
#include "disk/disk.h"
#include "ims/answer.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

/* ---- Steps ---- */

static void
keep_facts(JobContext *context, const DiskFacts *facts)
{
    json_object_set_new(context->data, "facts",
                        json_pack("{s:s, s:I, s:I, s:s, s:s}", "format", facts->format,
                                  "virtual_bytes", (json_int_t) facts->virtual_bytes, "file_bytes",
                                  (json_int_t) facts->file_bytes, "md5", facts->md5, "sha512",
                                  facts->sha512));
}

static int
settle(JobContext *context, int error, const DiskFacts *facts, const char *problem)
{
    if (error)
        return job_fail(context, error, "%s", problem ? problem : strerror(-error));
    keep_facts(context, facts);
    return 0;
}

static int
take_file(JobContext *context)
{
    DiskWish wish = {.id = context->resource_id,
                     .project_id = context->project_id,
                     .import = json_text(context->data, "import", NULL),
                     .format = json_text(context->data, "format", NULL),
                     .most_bytes = ims_most_bytes(),
                     .most_virtual = ims_most_virtual()};
    AUTO_FREE char *problem = NULL;
    DiskFacts facts;
    int error = disk_image_take(&wish, &facts, &problem);

    return settle(context, error, &facts, problem);
}

static int
take_volume(JobContext *context)
{
    AUTO_FREE char *problem = NULL;
    DiskFacts facts;
    int error = disk_image_of_volume(context->resource_id, json_text(context->data, "volume", ""),
                                     ims_most_bytes(), &facts, &problem);

    return settle(context, error, &facts, problem);
}

static int
take_copy(JobContext *context)
{
    AUTO_FREE char *problem = NULL;
    DiskFacts facts;
    int error = disk_image_link(context->resource_id, json_text(context->data, "from", ""), &facts,
                                &problem);

    return settle(context, error, &facts, problem);
}

static int
record(JobContext *context)
{
    const json_t *facts = json_object_get(context->data, "facts");
    long rows = store_run(
        context->store,
        "UPDATE ims_image SET status = 'active', upload = '', fail_reason = '', disk_format = $2, "
        "virtual_bytes = $3::bigint, file_bytes = $4, md5 = $5, sha512 = $6, min_disk_gb = "
        "greatest(min_disk_gb, ($3::bigint + 1073741823) / 1073741824), active = now(), updated = "
        "now() "
        "WHERE id = $1",
        "ssllss", context->resource_id, json_text(facts, "format", "qcow2"),
        json_number(facts, "virtual_bytes", 0), json_number(facts, "file_bytes", 0),
        json_text(facts, "md5", ""), json_text(facts, "sha512", ""));

    if (rows < 0)
        return job_fail(context, -EIO, "the store refused: %s", store_error(context->store));
    json_put_text(context->result, "image_id", context->resource_id);
    json_object_set_new(context->result, "process_percent", json_real(1));
    return rows == 0 ? job_fail(context, -ENOENT, "the image was deleted") : 0;
}

/* The file was refused, or could not be made: the image is there to say why, and to be deleted. */
static int
killed(JobContext *context)
{
    AUTO_FREE char *problem = NULL;
    int error = disk_image_remove(context->resource_id, &problem);

    if (error && error != -EOPNOTSUPP)
        log_error("image %s: %s", context->resource_id, problem ? problem : strerror(-error));
    if (store_run(context->store,
                  "UPDATE ims_image SET status = 'killed', upload = '', fail_reason = $2, updated "
                  "= now() WHERE id = $1",
                  "ss", context->resource_id, context->reason ? context->reason : "") < 0)
        return -EIO;
    return 0;
}

static int
say_results(JobContext *context)
{
    json_object_set(context->result, "results", json_object_get(context->data, "results"));
    return 0;
}

static const JobStep file_steps[] = {
    {"convert", take_file, 90}, {"record", record, 100}, {NULL, NULL, 0}};
const JobKind ims_job_file = {"createImageByFile", file_steps, killed};
static const JobStep volume_steps[] = {
    {"copy", take_volume, 90}, {"record", record, 100}, {NULL, NULL, 0}};
const JobKind ims_job_volume = {"createImageByInstance", volume_steps, killed};
static const JobStep copy_steps[] = {
    {"link", take_copy, 90}, {"record", record, 100}, {NULL, NULL, 0}};
const JobKind ims_job_copy = {"copyImageInRegion", copy_steps, killed};
static const JobStep share_steps[] = {{"say", say_results, 100}, {NULL, NULL, 0}};
const JobKind ims_job_share = {"shareImage", share_steps, NULL};

void
ims_jobs_register(void)
{
    job_register(&ims_job_file);
    job_register(&ims_job_volume);
    job_register(&ims_job_copy);
    job_register(&ims_job_share);
}

/* ---- What was cut short ---- */

/* Rows come before files and go before them: a file that was seen before the rows were read, and
 * has none, is nobody's. */
void
ims_sweep(StoreConn *store)
{
    AUTO_JSON json_t *there = NULL;
    AUTO_FREE char *problem = NULL;

    if (disk_list(&there, &problem) != 0)
        return;
    AUTO_ROWS PGresult *rows = store_query(
        store,
        "SELECT id FROM (SELECT jsonb_array_elements_text($1::jsonb->'images') AS id UNION SELECT "
        "jsonb_array_elements_text($1::jsonb->'image_work')) f WHERE NOT EXISTS (SELECT FROM "
        "ims_image i WHERE i.id = f.id)",
        "j", there);
    for (int i = 0; rows && i < PQntuples(rows); i++) {
        AUTO_FREE char *why = NULL;

        log_notice("image %s: a file without a row is removed", row_text(rows, i, "id"));
        if (disk_image_remove(row_text(rows, i, "id"), &why) != 0)
            log_warning("image %s: %s", row_text(rows, i, "id"), why ? why : "");
    }
}

/* Of uploads, none has outlived the daemon: the rows wait for another, and parts of files go. */
int
ims_recover(StoreConn *store)
{
    AUTO_FREE char *folder = settings_path("uploads");
    DIR *entries = opendir(folder);

    if (store_run(store,
                  "UPDATE ims_image SET status = 'queued', upload = '', updated = now() WHERE "
                  "status = 'saving' AND upload <> ''",
                  "") < 0) {
        if (entries)
            closedir(entries);
        return -EIO;
    }
    for (struct dirent *entry; entries && (entry = readdir(entries));) {
        AUTO_FREE char *path = str_format("%s/%s", folder, entry->d_name);
        AUTO_FREE char *wanted = NULL;

        if (entry->d_name[0] == '.')
            continue;
        wanted = store_value(store, "SELECT id FROM ims_image WHERE id = $1 AND status = 'saving'",
                             "s", entry->d_name);
        if (!wanted && !store_failed(store))
            unlink(path);
    }
    if (entries)
        closedir(entries);
    return 0;
}

/* ---- How jobs look ---- */

static const char *
status_of(const char *status)
{
    if (strcmp(status, "Running") == 0)
        return "RUNNING";
    return strcmp(status, "Completed") == 0 ? "SUCCESS" : "FAIL";
}

void
ims_reply_job(ApiRequest *request, const char *id)
{
    AUTO_ROWS PGresult *rows = store_query(
        request->store,
        "SELECT id, kind, status, percent, step_name, resource_id, resource_name, result, "
        "coalesce(fail_reason, '') AS reason, to_char(created AT TIME ZONE 'UTC', "
        "'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"') AS begun, coalesce(to_char(ended AT TIME ZONE 'UTC', "
        "'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'), '') AS over FROM job WHERE id = $1 AND project_id = "
        "$2",
        "ss", id, ims_project(request));

    if (!rows) {
        api_fail_store(request);
        return;
    }
    if (PQntuples(rows) == 0) {
        api_fail(request, API_IMS_NO_JOB, id);
        return;
    }
    bool failed = strcmp(row_text(rows, 0, "status"), "Failed") == 0;
    json_t *entities = json_loads(row_text(rows, 0, "result"), 0, NULL);
    if (!entities)
        entities = json_object();
    json_put_text(entities, "current_task", row_text(rows, 0, "step_name"));
    json_put_text(entities, "image_name", row_text(rows, 0, "resource_name"));
    json_put_text(entities, "image_id", row_text(rows, 0, "resource_id"));
    json_object_set_new(entities, "process_percent",
                        json_real((double) row_number(rows, 0, "percent") / 100));
    api_reply(request, 200,
              json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:o}", "status",
                        status_of(row_text(rows, 0, "status")), "job_id", id, "job_type",
                        row_text(rows, 0, "kind"), "begin_time", row_text(rows, 0, "begun"),
                        "end_time", row_text(rows, 0, "over"), "error_code",
                        failed ? "IMG.0044" : "", "fail_reason", row_text(rows, 0, "reason"),
                        "entities", entities));
}
