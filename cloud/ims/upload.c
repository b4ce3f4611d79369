/*
 * upload.c: the bytes of an image, sent (PUT /v2/images/{id}/file, spooled by cloud/http) and
 * fetched.
 */
#include "base/memory.h"
#include "disk/disk.h"
#include "ims/answer.h"
#include "ims/handlers.h"
#include "ims/jobs.h"

#include <errno.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define RESERVE (1LL << 30) /* of the disk that no upload may take */
#define UPLOADS_OF_PROJECT 4

/* Room for what is announced, and for the disk that is made of it. */
static bool
has_room(ApiRequest *request, const char *path)
{
    const char *announced = api_header(request, "Content-Length");
    long long wanted = announced ? strtoll(announced, NULL, 10) : 0;
    AUTO_FREE char *folder = str_copy(path);
    struct statvfs room;

    *strrchr(folder, '/') = '\0';
    if (statvfs(folder, &room) == 0 &&
        (long long) room.f_bavail * (long long) room.f_frsize - RESERVE >= wanted)
        return true;
    api_fail(request, API_IMS_NO_ROOM);
    return false;
}

/* The row is taken for this request; answers where it cannot be. */
static bool
take_row(ApiRequest *request, const char *id)
{
    ImsImage image;
    bool taken = false;

    if (!store_begin(request->store)) {
        api_fail_store(request);
        return false;
    }
    if (ims_own(request, id, &image)) {
        AUTO_FREE char *others = store_value(request->store,
                                             "SELECT count(*) FROM ims_image WHERE project_id = $1 "
                                             "AND status = 'saving' AND upload <> ''",
                                             "s", ims_project(request));
        if (strcmp(image.status, "queued") != 0)
            api_fail(request, API_IMS_BUSY, id, image.status);
        else if (others && strtol(others, NULL, 10) >= UPLOADS_OF_PROJECT)
            api_fail(request, API_THROTTLED, "too many uploads of the project at once.");
        else if (!others ||
                 store_run(request->store,
                           "UPDATE ims_image SET status = 'saving', upload = $2, updated = now() "
                           "WHERE id = $1",
                           "ss", id, request->request_id) < 0 ||
                 !store_commit(request->store))
            api_fail_store(request);
        else
            taken = true;
        image_done(&image);
    }
    if (store_in_transaction(request->store))
        store_rollback(request->store);
    return taken;
}

static void
give_row_back(ApiRequest *request, const char *id)
{
    store_run(request->store,
              "UPDATE ims_image SET status = 'queued', upload = '', updated = now() WHERE id = $1 "
              "AND upload = $2",
              "ss", id, request->request_id);
}

static void
begin_upload(ApiRequest *request, const char *id)
{
    AUTO_FREE char *path = disk_upload_path(id);

    if (!ims_scoped(request) || !disk_id_is_sound(id)) {
        if (!request->answered)
            ims_none(request, id);
        return;
    }
    if (!has_room(request, path) || !take_row(request, id))
        return;
    int error = api_stream_into(request, path, ims_most_bytes());
    if (error) {
        give_row_back(request, id);
        api_fail_as(request, 500, "IMG.0078", "The file cannot be taken now: %s", strerror(-error));
    }
}

/* The file is whole: from now on a job has it. */
static void
end_upload(ApiRequest *request, const char *id)
{
    char job[41];
    AUTO_JSON json_t *data = json_object();
    AUTO_ROWS PGresult *rows = NULL;

    if (store_begin(request->store))
        rows = store_query(request->store,
                           "UPDATE ims_image SET upload = '', updated = now() WHERE id = $1 AND "
                           "upload = $2 RETURNING name, disk_format",
                           "ss", id, request->request_id);
    if (rows && PQntuples(rows) == 0) {
        store_rollback(request->store);
        ims_none(request, id);
        return;
    }
    if (rows)
        json_put_text(data, "format", row_text(rows, 0, "disk_format"));
    if (!rows ||
        job_start(request->store, ims_job_file.name, ims_project(request), id,
                  row_text(rows, 0, "name"), true, data, job) != 0 ||
        !store_commit(request->store)) {
        if (store_in_transaction(request->store))
            store_rollback(request->store);
        give_row_back(request, id);
        api_fail_store(request);
        return;
    }
    api_stream_keep(request);
    api_answer_header(request, "X-Job-Id", job);
    api_reply(request, 204, NULL);
}

void
glance_upload(ApiRequest *request)
{
    const char *id = api_path(request, "image_id");

    switch (request->stream) {
    case API_STREAM_BEGIN:
        begin_upload(request, id);
        break;
    case API_STREAM_END:
        end_upload(request, id);
        break;
    default: /* the client went away, or what it sent was not what it had signed */
        give_row_back(request, id);
        break;
    }
}

void
glance_download(ApiRequest *request)
{
    const char *id = api_path(request, "image_id");
    long long bytes = 0;
    ImsImage image;

    if (!ims_scoped(request))
        return;
    int error = image_find(request->store, ims_project(request), id, &image);
    if (error == -EIO) {
        api_fail_store(request);
        return;
    }
    if (error) {
        ims_none(request, id);
        return;
    }
    AUTO_FREE char *md5 =
        store_value(request->store, "SELECT md5 FROM ims_image WHERE id = $1", "s", id);
    if (strcmp(image.status, "active") != 0) {
        api_reply(request, 204, NULL); /* as Glance says that there is no data */
    } else {
        int file = disk_image_open(id, &bytes);
        if (file < 0) {
            api_fail_as(request, 500, "IMG.0078", "The file of the image cannot be read.");
        } else {
            if (md5)
                api_answer_header(request, "Content-MD5", md5);
            api_reply_file(request, 200, "application/octet-stream", file, bytes);
        }
    }
    image_done(&image);
}
