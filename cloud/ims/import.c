/*
 * import.c: images from files of the import folder, from servers and volumes, and copies: rows in
 * state "saving" and the jobs that make them active.
 */
#include "base/memory.h"
#include "disk/disk.h"
#include "ims/answer.h"
#include "ims/handlers.h"
#include "ims/jobs.h"

#include <errno.h>
#include <string.h>

static ImsVolumes volumes;

void
ims_set_volumes(const ImsVolumes *given)
{
    volumes = *given;
}

/* "BUCKET:NAME" of Huawei's form; the bucket is the import folder, whatever it is called. */
static const char *
import_name(ApiRequest *request, const char *url)
{
    const char *colon = strrchr(url, ':');
    const char *name = colon ? colon + 1 : url;

    if (*name && name[0] != '.' && !strchr(name, '/') && strlen(name) <= 255)
        return name;
    ims_bad(request, "image_url: BUCKET:NAME of a file in the import folder is wanted, without "
                     "slashes.");
    return NULL;
}

/* What a new row has; from the request where it says. */
typedef struct NewImage {
    const char *name;
    const char *os_type, *os_version;
    bool data_image;
    const ImsImage *like; /* of a copy, or NULL */
} NewImage;

static const char *
platform_of(const char *os_version)
{
    static const char *const known[] = {"Windows",      "Ubuntu",  "CentOS",   "Debian",
                                        "Fedora",       "SUSE",    "openSUSE", "RedHat",
                                        "Oracle Linux", "EulerOS", "CoreOS"};

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (strncmp(os_version, known[i], strlen(known[i])) == 0)
            return known[i];
    return "Other";
}

/* In a transaction: the row; its id is owned by the caller. NULL when it has answered. */
static char *
insert_saving(ApiRequest *request, const NewImage *wish)
{
    const json_t *body = request->json;
    AUTO_JSON json_t *tags =
        ims_tags_read(request, json_object_get(body, "tags"), json_object_get(body, "image_tags"));
    AUTO_JSON json_t *properties = wish->like ? json_loads(wish->like->properties, 0, NULL) : NULL;

    if (!tags || !ims_name_is_sound(request, wish->name) || !ims_quota_allows(request, 1))
        return NULL;
    if (!properties)
        properties = json_pack("{s:s}", "__platform", platform_of(wish->os_version));
    json_object_del(properties, "__os_type");
    json_object_del(properties, "__os_version");
    json_object_del(properties, "virtual_env_type");
    json_put_text(properties, "__description", json_text(body, "description", NULL));
    json_put_text(properties, "hw_firmware_type", json_text(body, "hw_firmware_type", NULL));
    json_put_text(properties, "architecture", json_text(body, "architecture", NULL));
    char *id = store_value(
        request->store,
        "INSERT INTO ims_image (project_id, name, status, os_type, os_version, min_disk_gb, "
        "min_ram_mb, max_ram_mb, properties, tags, enterprise_project_id, data_image) VALUES ($1, "
        "$2, 'saving', $3, $4, $5, $6, $7, $8::jsonb, $9::jsonb, $10, $11) RETURNING id",
        "ssssiiijjsb", ims_project(request), wish->name, wish->os_type, wish->os_version,
        (int) json_number(body, "min_disk", wish->like ? wish->like->min_disk_gb : 0),
        (int) json_number(body, "min_ram", wish->like ? wish->like->min_ram_mb : 0),
        (int) json_number(body, "max_ram", 0), properties, tags,
        json_text(body, "enterprise_project_id", "0"), (int) wish->data_image);
    if (!id)
        api_fail_store(request);
    return id;
}

/* The row and its job. False when it has answered; job gets the job's id. */
static bool
begin(ApiRequest *request,
      const NewImage *wish,
      const JobKind *kind,
      const json_t *data,
      char job[41])
{
    AUTO_FREE char *id = insert_saving(request, wish);

    if (!id)
        return false;
    if (job_start(request->store, kind->name, ims_project(request), id, wish->name, true, data,
                  job) == 0)
        return true;
    api_fail_store(request);
    return false;
}

/* Runs a change in a transaction and answers with the job that it began. */
static void
answer_job(ApiRequest *request, bool (*change)(ApiRequest *request, char job[41]))
{
    char job[41] = "";

    if (!ims_scoped(request))
        return;
    if (!store_begin(request->store)) {
        api_fail_store(request);
        return;
    }
    if (change(request, job) && !store_commit(request->store))
        api_fail_store(request);
    if (store_in_transaction(request->store))
        store_rollback(request->store);
    if (!request->answered)
        api_reply(request, 200, json_pack("{s:s}", "job_id", job));
}

/* ---- From a file ---- */

static const char *
os_type_by(const json_t *body)
{
    const char *version = json_text(body, "os_version", "");
    const char *said = json_text(body, "os_type", NULL);

    if (said)
        return strcmp(said, "Windows") == 0 ? "Windows" : "Linux";
    return strncmp(version, "Windows", 7) == 0                     ? "Windows"
           : *version == '\0' || strncmp(version, "Other", 5) == 0 ? "Other"
                                                                   : "Linux";
}

static bool
from_file(ApiRequest *request, char job[41])
{
    const json_t *body = request->json;
    const char *file = import_name(request, json_text(body, "image_url", ""));
    const char *kind = json_text(body, "type", "ECS");
    NewImage wish = {.name = json_text(body, "name", ""),
                     .os_type = os_type_by(body),
                     .os_version = json_text(body, "os_version", ""),
                     .data_image = strcmp(kind, "DataImage") == 0};

    if (!file)
        return false;
    AUTO_JSON json_t *data = json_pack("{s:s}", "import", file);
    return begin(request, &wish, &ims_job_file, data, job);
}

static bool
data_from_file(ApiRequest *request, char job[41])
{
    json_put_text(request->json, "type", "DataImage");
    return from_file(request, job);
}

void
ims_create_data_image(ApiRequest *request)
{
    answer_job(request, data_from_file);
}

void
ims_import_quick(ApiRequest *request)
{
    answer_job(request, from_file);
}

/* ---- From a server or a volume ---- */

static bool
from_volume(ApiRequest *request, const char *volume, NewImage *wish, char job[41])
{
    AUTO_FREE char *problem = NULL;
    ImsVolume found;
    int error = volumes.find
                    ? volumes.find(request->store, ims_project(request), volume, &found, &problem)
                    : -ENOENT;

    if (error == -EIO) {
        api_fail_store(request);
        return false;
    }
    if (error) {
        api_fail(request, error == -ENOENT ? API_IMS_NO_VOLUME : API_IMS_VOLUME_STATE,
                 problem ? problem : volume);
        return false;
    }
    if (!*wish->os_type)
        wish->os_type = found.os_type;
    if (!*wish->os_version)
        wish->os_version = found.os_version;
    AUTO_JSON json_t *data = json_pack("{s:s}", "volume", found.id);
    bool begun = begin(request, wish, &ims_job_volume, data, job);
    free(found.os_version);
    return begun;
}

static bool
from_server(ApiRequest *request, char job[41])
{
    const json_t *body = request->json;
    const char *server = json_text(body, "instance_id", "");
    NewImage wish = {.name = json_text(body, "name", ""), .os_type = "", .os_version = ""};
    char volume[IMS_ID] = "";
    int error = volumes.of_server
                    ? volumes.of_server(request->store, ims_project(request), server, volume)
                    : -ENOENT;

    if (error == -EIO)
        api_fail_store(request);
    else if (error)
        api_fail(request, API_IMS_NO_SERVER, server);
    else
        return from_volume(request, volume, &wish, job);
    return false;
}

static bool
from_one_volume(ApiRequest *request, char job[41])
{
    const json_t *body = request->json;
    NewImage wish = {.name = json_text(body, "name", ""),
                     .os_type = *json_text(body, "os_version", "") ? os_type_by(body) : "",
                     .os_version = json_text(body, "os_version", "")};

    return from_volume(request, json_text(body, "volume_id", ""), &wish, job);
}

/* Images of data disks: a job for each, the last of which is answered. */
static bool
from_data_volumes(ApiRequest *request, char job[41])
{
    const json_t *list = json_object_get(request->json, "data_images"), *one;
    size_t index;

    if (json_array_size(list) > 3) {
        ims_bad(request, "data_images: at most 3.");
        return false;
    }
    json_array_foreach(list, index, one)
    {
        NewImage wish = {.name = json_text(one, "name", ""),
                         .os_type = "Linux",
                         .os_version = "",
                         .data_image = true};
        if (!from_volume(request, json_text(one, "volume_id", ""), &wish, job))
            return false;
    }
    return true;
}

void
ims_create_image(ApiRequest *request)
{
    const json_t *body = request->json;

    if (json_object_get(body, "data_images"))
        answer_job(request, from_data_volumes);
    else if (json_object_get(body, "instance_id"))
        answer_job(request, from_server);
    else if (json_object_get(body, "image_url"))
        answer_job(request, from_file);
    else if (json_object_get(body, "volume_id"))
        answer_job(request, from_one_volume);
    else
        ims_bad(request, "One of instance_id, image_url, volume_id and data_images is wanted.");
}

/* ---- A row of Glance's that waits for its file ---- */

static bool
register_file(ApiRequest *request, char job[41])
{
    const char *id = api_path(request, "image_id");
    const char *file = import_name(request, json_text(request->json, "image_url", ""));
    ImsImage image;
    bool begun = false;

    if (!file || !ims_own(request, id, &image))
        return false;
    AUTO_JSON json_t *data = json_pack("{s:s}", "import", file);
    if (strcmp(image.status, "queued") != 0)
        api_fail(request, API_IMS_BUSY, id, image.status);
    else if (store_run(request->store, "UPDATE ims_image SET status = 'saving' WHERE id = $1", "s",
                       id) < 0 ||
             job_start(request->store, ims_job_file.name, ims_project(request), id, image.name,
                       true, data, job) != 0)
        api_fail_store(request);
    else
        begun = true;
    image_done(&image);
    return begun;
}

void
ims_register_image(ApiRequest *request)
{
    answer_job(request, register_file);
}

/* ---- Copies ---- */

static bool
copy(ApiRequest *request, char job[41])
{
    const char *id = api_path(request, "image_id");
    ImsImage image;
    bool begun = false;
    int error = image_find(request->store, ims_project(request), id, &image);

    if (error == -EIO)
        api_fail_store(request);
    else if (error)
        ims_none(request, id);
    if (error)
        return false;
    NewImage wish = {.name = json_text(request->json, "name", ""),
                     .os_type = image.os_type,
                     .os_version = image.os_version,
                     .like = &image};
    AUTO_JSON json_t *data = json_pack("{s:s}", "from", id);
    if (strcmp(image.status, "active") != 0)
        api_fail(request, API_IMS_BUSY, id, image.status);
    else
        begun = begin(request, &wish, &ims_job_copy, data, job);
    image_done(&image);
    return begun;
}

void
ims_copy_image(ApiRequest *request)
{
    answer_job(request, copy);
}

void
ims_show_job(ApiRequest *request)
{
    if (ims_scoped(request))
        ims_reply_job(request, api_path(request, "job_id"));
}
