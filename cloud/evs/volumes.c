/*
 * volumes.c: the contract with the compute service (evs.h): rows, and the steps that make and
 * remove their files.
 */
#include "evs/evs.h"

#include "base/memory.h"
#include "base/settings.h"
#include "disk/disk.h"
#include "evs/rows.h"
#include "ims/ims.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define GB (1024LL * 1024 * 1024)

static EvsHooks hooks;

void
evs_set_hooks(const EvsHooks *given)
{
    hooks = *given;
}

const EvsHooks *
evs_hooks(void)
{
    return &hooks;
}

static int __attribute__((format(printf, 3, 4)))
problem_of(char **problem, int error, const char *format, ...)
{
    va_list arguments;

    if (problem) {
        va_start(arguments, format);
        free(*problem);
        *problem = str_vformat(format, arguments);
        va_end(arguments);
    }
    return error;
}

static const char *const types[] = {
#define EVS_TYPE(name, description) name,
#include "evs/types.def"
#undef EVS_TYPE
};

bool
evs_type_is_known(const char *type)
{
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        if (strcmp(types[i], type) == 0)
            return true;
    return false;
}

/* ---- Rows ---- */

static void
fill(EvsVolume *volume, const PGresult *rows, int row)
{
    const struct {
        char *place;
        size_t room;
        const char *column;
    } texts[] = {
        {volume->id, sizeof(volume->id), "id"},
        {volume->project_id, sizeof(volume->project_id), "project_id"},
        {volume->image_id, sizeof(volume->image_id), "image_id"},
        {volume->snapshot_id, sizeof(volume->snapshot_id), "snapshot_id"},
        {volume->server_id, sizeof(volume->server_id), "server_id"},
        {volume->device, sizeof(volume->device), "device"},
        {volume->type, sizeof(volume->type), "type"},
        {volume->status, sizeof(volume->status), "status"},
    };

    memset(volume, 0, sizeof(*volume));
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        snprintf(texts[i].place, texts[i].room, "%s", row_text(rows, row, texts[i].column));
    volume->size_gb = (int) row_number(rows, row, "size_gb");
    volume->bootable = row_flag(rows, row, "bootable");
    volume->delete_on_termination = row_flag(rows, row, "delete_on_termination");
}

static int
first_of(PGresult *found, EvsVolume *volume)
{
    AUTO_ROWS PGresult *rows = found;

    if (!rows)
        return -EIO;
    if (PQntuples(rows) == 0)
        return -ENOENT;
    fill(volume, rows, 0);
    return 0;
}

int
volume_find(StoreConn *store, const char *project_id, const char *id, EvsVolume *volume)
{
    return first_of(store_query(store, "SELECT * FROM evs_volume WHERE id = $1 AND project_id = $2",
                                "ss", id, project_id),
                    volume);
}

int
volumes_of_server(StoreConn *store, const char *server_id, EvsVolume **found)
{
    AUTO_ROWS PGresult *rows = store_query(
        store, "SELECT * FROM evs_volume WHERE server_id = $1 AND $1 <> '' ORDER BY attachment",
        "s", server_id);

    if (!rows)
        return -EIO;
    int count = PQntuples(rows);
    *found = mem_new((size_t) count + 1, sizeof(EvsVolume));
    for (int i = 0; i < count; i++)
        fill(&(*found)[i], rows, i);
    return count;
}

int
evs_set_status(StoreConn *store, const char *id, const char *status, const char *reason)
{
    return store_run(
               store,
               "UPDATE evs_volume SET status = $2, fail_reason = $3, updated = now() WHERE id "
               "= $1",
               "sss", id, status, reason ? reason : "") < 0
               ? -EIO
               : 0;
}

/* ---- A new row ---- */

typedef struct Source {
    json_t *image_meta;
    char volume_id[EVS_ID], image_id[EVS_ID];
    bool bootable;
} Source;

static int
check_image(StoreConn *store, const EvsWish *wish, Source *source, char **problem)
{
    ImsImage image;
    int error = image_find(store, wish->project_id, wish->image_id, &image);

    if (error == -ENOENT)
        return problem_of(problem, -ENOENT, "The image %s could not be found.", wish->image_id);
    if (error)
        return error;
    long long least = (image.virtual_bytes + GB - 1) / GB;
    if (image.min_disk_gb > least)
        least = image.min_disk_gb;
    if (strcmp(image.status, "active") != 0)
        error =
            problem_of(problem, -EBUSY, "The image %s is in the state %s.", image.id, image.status);
    else if (wish->size_gb < least)
        error = problem_of(problem, -EINVAL,
                           "The image wants a disk of at least %lld GB; %d GB were asked for.",
                           least, wish->size_gb);
    json_t *meta = json_loads(image.properties, 0, NULL);
    source->bootable = strcmp(json_text(meta, "virtual_env_type", ""), "DataImage") != 0;
    source->image_meta = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "id", image.id, "image_id",
                                   image.id, "name", image.name, "image_name", image.name,
                                   "__os_type", image.os_type, "__os_version", image.os_version);
    json_put_text(source->image_meta, "hw_firmware_type",
                  json_text(meta, "hw_firmware_type", NULL));
    json_put_text(source->image_meta, "__platform", json_text(meta, "__platform", NULL));
    json_decref(meta);
    snprintf(source->image_id, EVS_ID, "%s", image.id);
    image_done(&image);
    return error;
}

static int
check_snapshot(StoreConn *store, const EvsWish *wish, Source *source, char **problem)
{
    AUTO_ROWS PGresult *rows = store_query(
        store,
        "SELECT s.volume_id, s.status, s.size_gb, v.bootable, v.image_id, v.image_meta FROM "
        "evs_snapshot s JOIN evs_volume v ON v.id = s.volume_id WHERE s.id = $1 AND s.project_id = "
        "$2",
        "ss", wish->snapshot_id, wish->project_id);

    if (!rows)
        return -EIO;
    if (PQntuples(rows) == 0)
        return problem_of(problem, -ENOENT, "The snapshot %s could not be found.",
                          wish->snapshot_id);
    if (strcmp(row_text(rows, 0, "status"), "available") != 0)
        return problem_of(problem, -EBUSY, "The snapshot is in the state %s.",
                          row_text(rows, 0, "status"));
    if (wish->size_gb < row_number(rows, 0, "size_gb"))
        return problem_of(problem, -EINVAL, "The snapshot wants a disk of at least %lld GB.",
                          row_number(rows, 0, "size_gb"));
    snprintf(source->volume_id, EVS_ID, "%s", row_text(rows, 0, "volume_id"));
    snprintf(source->image_id, EVS_ID, "%s", row_text(rows, 0, "image_id"));
    source->bootable = row_flag(rows, 0, "bootable");
    source->image_meta = json_loads(row_text(rows, 0, "image_meta"), 0, NULL);
    return 0;
}

static int
check_quotas(StoreConn *store, const EvsWish *wish, char **problem)
{
    if (store_run(store, "SELECT pg_advisory_xact_lock(hashtextextended('evs ' || $1, 0))", "s",
                  wish->project_id) < 0)
        return -EIO;
    int error = evs_quota_allows(store, wish->project_id, "volumes", 1, problem);
    if (!error)
        error = evs_quota_allows(store, wish->project_id, "gigabytes", wish->size_gb, problem);
    return error ? error
                 : evs_quota_allows(store, wish->project_id, "per_volume_gigabytes", wish->size_gb,
                                    problem);
}

static int
check(StoreConn *store, const EvsWish *wish, Source *source, char **problem)
{
    AUTO_FREE char *zone = str_format("%sa", setting_text(SETTING_REGION));
    int error = 0;

    if (wish->type && *wish->type && !evs_type_is_known(wish->type))
        return problem_of(problem, -EINVAL, "The disk type %.40s does not exist.", wish->type);
    if (wish->zone && *wish->zone && strcmp(wish->zone, zone) != 0)
        return problem_of(problem, -EINVAL, "The availability zone %.60s does not exist.",
                          wish->zone);
    if (wish->size_gb < 1 || wish->size_gb > 32768)
        return problem_of(problem, -EINVAL, "A disk has between 1 and 32768 GB.");
    if (wish->image_id && *wish->image_id)
        error = check_image(store, wish, source, problem);
    else if (wish->snapshot_id && *wish->snapshot_id)
        error = check_snapshot(store, wish, source, problem);
    return error ? error : check_quotas(store, wish, problem);
}

int
volume_create(StoreConn *store, const EvsWish *wish, EvsVolume *volume, char **problem)
{
    Source source = {0};
    AUTO_FREE char *zone = str_format("%sa", setting_text(SETTING_REGION));
    int error = check(store, wish, &source, problem);

    if (!error)
        error = first_of(
            store_query(store,
                        "INSERT INTO evs_volume (project_id, name, size_gb, type, zone, bootable, "
                        "image_id, image_meta, snapshot_id, source_id) VALUES ($1, $2, $3, $4, $5, "
                        "$6, $7, coalesce($8::jsonb, '{}'), $9, $10) RETURNING *",
                        "ssissbsjss", wish->project_id, wish->name ? wish->name : "", wish->size_gb,
                        wish->type && *wish->type ? wish->type : types[0], zone,
                        (int) source.bootable, source.image_id, source.image_meta,
                        wish->snapshot_id ? wish->snapshot_id : "", source.volume_id),
            volume);
    json_decref(source.image_meta);
    return error;
}

/* ---- Files ---- */

int
volume_make(StoreConn *store, const char *id, char **problem)
{
    AUTO_ROWS PGresult *rows =
        store_query(store, "SELECT * FROM evs_volume WHERE id = $1", "s", id);

    if (!rows)
        return problem_of(problem, -EIO, "the store failed");
    if (PQntuples(rows) == 0)
        return problem_of(problem, -ENOENT, "the disk was deleted");
    const char *image = row_text(rows, 0, "image_id"), *snapshot = row_text(rows, 0, "snapshot_id");
    bool of_snapshot = *snapshot != '\0';
    DiskVolume wish = {.id = id,
                       .size_gb = (int) row_number(rows, 0, "size_gb"),
                       .image = *image && !of_snapshot ? image : NULL,
                       .from_volume = of_snapshot ? row_text(rows, 0, "source_id") : NULL,
                       .snapshot = of_snapshot ? snapshot : NULL};
    if (strcmp(row_text(rows, 0, "status"), "creating") != 0)
        return 0;
    int error = disk_volume_create(&wish, problem);
    if (error)
        return error;
    return store_run(
               store,
               "UPDATE evs_volume SET status = 'available', fail_reason = '', updated = now() "
               "WHERE id = $1 AND status = 'creating'",
               "s", id) < 0
               ? problem_of(problem, -EIO, "the store failed")
               : 0;
}

int
volume_remove(StoreConn *store, const char *id, char **problem)
{
    int error;

    if (!disk_id_is_sound(id))
        return 0;
    if (evs_set_status(store, id, "deleting", NULL) < 0)
        return problem_of(problem, -EIO, "the store failed");
    error = disk_volume_remove(id, problem);
    if (error) {
        evs_set_status(store, id, "error_deleting", problem ? *problem : NULL);
        return error;
    }
    if (store_run(store, "DELETE FROM evs_snapshot WHERE volume_id = $1", "s", id) < 0 ||
        store_run(store, "DELETE FROM evs_volume WHERE id = $1", "s", id) < 0)
        return problem_of(problem, -EIO, "the store failed");
    return 0;
}

/* ---- Attachments ---- */

int
volume_attached(StoreConn *store,
                const char *id,
                const char *server_id,
                const char *device,
                bool delete_on_termination)
{
    long rows = store_run(
        store,
        "UPDATE evs_volume SET server_id = $2, device = $3, delete_on_termination = $4, status = "
        "'in-use', attachment_id = CASE WHEN server_id = $2 AND attachment_id <> '' THEN "
        "attachment_id ELSE gen_random_uuid()::text END, attachment = CASE WHEN server_id = $2 AND "
        "attachment > 0 THEN attachment ELSE nextval('evs_attachment') END, attached = CASE WHEN "
        "server_id = $2 THEN coalesce(attached, now()) ELSE now() END, updated = now() WHERE id = "
        "$1 AND server_id IN ('', $2)",
        "sssb", id, server_id, device, (int) delete_on_termination);

    if (rows < 0)
        return -EIO;
    if (rows > 0)
        return 0;
    AUTO_FREE char *there = store_value(store, "SELECT id FROM evs_volume WHERE id = $1", "s", id);
    return there ? -EBUSY : -ENOENT;
}

int
volume_detached(StoreConn *store, const char *id)
{
    long rows =
        store_run(store,
                  "UPDATE evs_volume SET server_id = '', device = '', attachment_id = '', "
                  "attachment = 0, attached = NULL, delete_on_termination = false, status = "
                  "CASE WHEN status IN ('in-use', 'attaching', 'detaching') THEN "
                  "'available' ELSE status END, updated = now() WHERE id = $1",
                  "s", id);

    return rows < 0 ? -EIO : rows == 0 ? -ENOENT : 0;
}

/* ---- For images of volumes ---- */

static int
source_find(
    StoreConn *store, const char *project_id, const char *id, ImsVolume *volume, char **problem)
{
    AUTO_ROWS PGresult *rows = store_query(
        store, "SELECT * FROM evs_volume WHERE id = $1 AND project_id = $2", "ss", id, project_id);

    if (!rows)
        return -EIO;
    if (PQntuples(rows) == 0)
        return -ENOENT;
    if (strcmp(row_text(rows, 0, "status"), "available") != 0 &&
        strcmp(row_text(rows, 0, "status"), "in-use") != 0)
        return problem_of(problem, -EBUSY, "it is in the state %s", row_text(rows, 0, "status"));
    json_t *meta = json_loads(row_text(rows, 0, "image_meta"), 0, NULL);
    snprintf(volume->id, sizeof(volume->id), "%s", row_text(rows, 0, "id"));
    snprintf(volume->os_type, sizeof(volume->os_type), "%s", json_text(meta, "__os_type", "Linux"));
    volume->os_version = str_copy(json_text(meta, "__os_version", ""));
    json_decref(meta);
    return 0;
}

static int
source_of_server(StoreConn *store,
                 const char *project_id,
                 const char *server_id,
                 char volume[IMS_ID])
{
    AUTO_FREE char *id =
        store_value(store,
                    "SELECT id FROM evs_volume WHERE server_id = $1 AND project_id "
                    "= $2 AND $1 <> '' ORDER BY bootable DESC, attachment LIMIT 1",
                    "ss", server_id, project_id);

    if (!id)
        return store_failed(store) ? -EIO : -ENOENT;
    snprintf(volume, IMS_ID, "%s", id);
    return 0;
}

void
evs_register_source(void)
{
    static const ImsVolumes source = {source_find, source_of_server};

    ims_set_volumes(&source);
}
