/*
 * change.c: image rows made, changed and deleted, in Glance's form and Huawei's.
 */
#include "base/memory.h"
#include "disk/disk.h"
#include "ims/answer.h"
#include "ims/handlers.h"
#include "ims/jobs.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

/* ---- Glance's POST /v2/images ---- */

static const char *const os_types[] = {"Windows", "Linux", "Other", NULL};

/* As the service writes it, or NULL. */
static const char *
os_type_of(const char *text)
{
    for (int i = 0; os_types[i]; i++)
        if (strcasecmp(os_types[i], text) == 0)
            return os_types[i];
    return NULL;
}

/* Members of the body that are properties, as texts; NULL when it has answered. */
static json_t *
properties_of(ApiRequest *request, const json_t *body)
{
    json_t *properties = json_object(), *value;
    const char *key;

    json_object_foreach((json_t *) body, key, value)
    {
        if (!ims_property_is_free(key) || json_is_null(value))
            continue;
        if (json_is_string(value) && strlen(json_string_value(value)) <= 4096) {
            json_object_set(properties, key, value);
        } else if (json_is_boolean(value) || json_is_integer(value)) {
            AUTO_FREE char *text = json_dumps(value, JSON_ENCODE_ANY);
            json_put_text(properties, key, text);
        } else {
            json_decref(properties);
            ims_bad(request, "The property %.100s is no text of at most 4096 bytes.", key);
            return NULL;
        }
        if (json_object_size(properties) > 128) {
            json_decref(properties);
            ims_bad(request, "An image has at most 128 properties.");
            return NULL;
        }
    }
    return properties;
}

static bool
formats_are_sound(ApiRequest *request, const char *disk, const char *container)
{
    static const char *const known[] = {"", "raw", "qcow2", "vhd", "vhdx", "vmdk", "iso"};
    bool sound = false;

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        sound = sound || strcmp(disk, known[i]) == 0;
    if (!sound)
        ims_bad(request, "disk_format %.20s is not taken: qcow2, vhd, vhdx, vmdk, raw or iso.",
                disk);
    else if (strcmp(container, "bare") != 0) {
        ims_bad(request, "container_format %.20s is not taken: bare.", container);
        sound = false;
    }
    return sound;
}

/* An id that the client has chosen must be one; ours otherwise (NULL). */
static bool
id_is_free(ApiRequest *request, const char *id)
{
    if (!id)
        return true;
    if (!disk_id_is_sound(id)) {
        ims_bad(request, "id is no UUID.");
        return false;
    }
    AUTO_FREE char *taken =
        store_value(request->store, "SELECT id FROM ims_image WHERE id = $1", "s", id);
    if (taken)
        api_fail(request, API_IMS_TAKEN, id);
    return taken == NULL;
}

static char *
insert(ApiRequest *request, const json_t *properties, const json_t *tags)
{
    const json_t *body = request->json;
    const char *os = os_type_of(json_text(body, "__os_type", json_text(body, "os_type", "Linux")));

    return store_value(
        request->store,
        "INSERT INTO ims_image (id, project_id, name, visibility, os_type, os_version, "
        "disk_format, container_format, min_disk_gb, min_ram_mb, properties, tags, protected) "
        "VALUES (coalesce($1, gen_random_uuid()::text), $2, $3, $4, $5, $6, $7, 'bare', $8, $9, "
        "$10::jsonb, $11::jsonb, $12) RETURNING id",
        "sssssssiijjb", json_text(body, "id", NULL), ims_project(request),
        json_text(body, "name", ""), json_text(body, "visibility", "private"), os ? os : "Other",
        json_text(body, "__os_version", json_text(body, "os_version", "")),
        json_text(body, "disk_format", ""), (int) json_number(body, "min_disk", 0),
        (int) json_number(body, "min_ram", 0), properties, tags,
        json_flag(body, "protected", false));
}

/* Images for all are the operator's to give. */
static bool
may_publish(ApiRequest *request, const char *visibility)
{
    if (strcmp(visibility, "public") != 0 || request->principal->sysadmin)
        return true;
    api_fail(request, API_FORBIDDEN, "publicize_image");
    return false;
}

void
glance_create_image(ApiRequest *request)
{
    const json_t *body = request->json;
    AUTO_JSON json_t *properties = NULL;
    AUTO_JSON json_t *tags = NULL;

    if (!ims_scoped(request) || !may_publish(request, json_text(body, "visibility", "")) ||
        (*json_text(body, "name", "") &&
         !ims_name_is_sound(request, json_text(body, "name", ""))) ||
        !formats_are_sound(request, json_text(body, "disk_format", ""),
                           json_text(body, "container_format", "bare")))
        return;
    properties = properties_of(request, body);
    tags = properties ? ims_tags_read(request, json_object_get(body, "tags"), NULL) : NULL;
    if (!tags)
        return;
    if (!store_begin(request->store)) {
        api_fail_store(request);
        return;
    }
    AUTO_FREE char *id = NULL;
    if (id_is_free(request, json_text(body, "id", NULL)) && ims_quota_allows(request, 1)) {
        id = insert(request, properties, tags);
        if (!id || !store_commit(request->store)) {
            api_fail_store(request);
            mem_auto_free(&id);
            id = NULL;
        }
    }
    if (store_in_transaction(request->store))
        store_rollback(request->store);
    if (!id)
        return;
    AUTO_FREE char *place = str_format("/v2/images/%s", id);
    api_answer_header(request, "Location", place);
    ims_reply(request, 201, id);
}

/* ---- PATCH ---- */

/* One operation of a JSON patch on the row, as SQL's arguments. False when it has answered. */
static bool
set_column(ApiRequest *request, const char *id, const char *name, const json_t *value)
{
    static const struct {
        const char *name, *sql;
        char type; /* s, i, b */
    } columns[] = {
        {"name", "UPDATE ims_image SET name = $2 WHERE id = $1", 's'},
        {"visibility", "UPDATE ims_image SET visibility = $2 WHERE id = $1", 's'},
        {"__os_version", "UPDATE ims_image SET os_version = $2 WHERE id = $1", 's'},
        {"__os_type", "UPDATE ims_image SET os_type = $2 WHERE id = $1", 's'},
        {"enterprise_project_id", "UPDATE ims_image SET enterprise_project_id = $2 WHERE id = $1",
         's'},
        {"protected", "UPDATE ims_image SET protected = $2 WHERE id = $1", 'b'},
        {"min_disk", "UPDATE ims_image SET min_disk_gb = $2 WHERE id = $1", 'i'},
        {"min_ram", "UPDATE ims_image SET min_ram_mb = $2 WHERE id = $1", 'i'},
        {"max_ram", "UPDATE ims_image SET max_ram_mb = $2 WHERE id = $1", 'i'},
    };
    const char *text = json_string_value(value);
    long done = -2;

    for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
        if (strcmp(columns[i].name, name) != 0)
            continue;
        json_t *holder = json_pack("{s:O}", "v", (json_t *) value);
        long long number = json_number(holder, "v", -1);
        json_decref(holder);
        if (columns[i].type == 's' && text)
            done = store_run(request->store, columns[i].sql, "ss", id, text);
        else if (columns[i].type == 'i' && number >= 0 && number <= 1 << 20)
            done = store_run(request->store, columns[i].sql, "si", id, (int) number);
        else if (columns[i].type == 'b' && (json_is_boolean(value) || text))
            done =
                store_run(request->store, columns[i].sql, "sb", id,
                          (int) (json_is_true(value) || (text && strcasecmp(text, "true") == 0)));
        break;
    }
    if (done == -1)
        api_fail_store(request);
    else if (done == -2)
        ims_bad(request, "%.100s cannot be given this value.", name);
    return done >= 0;
}

static bool
value_is_sound(ApiRequest *request, const char *name, const json_t *value)
{
    const char *text = json_string_value(value);

    if (strcmp(name, "name") == 0)
        return text == NULL || ims_name_is_sound(request, text);
    if (strcmp(name, "visibility") == 0) {
        if (text && (!strcmp(text, "private") || !strcmp(text, "shared")))
            return true;
        if (text && strcmp(text, "public") == 0)
            return may_publish(request, text);
        ims_bad(request, "visibility is private or shared.");
        return false;
    }
    if (strcmp(name, "__os_type") == 0 && (!text || !os_type_of(text))) {
        ims_bad(request, "__os_type is Windows, Linux or Other.");
        return false;
    }
    return true;
}

static bool
is_column(const char *name)
{
    return !ims_property_is_free(name) || strcmp(name, "max_ram") == 0;
}

static bool
patch_tags(ApiRequest *request, const char *id, const json_t *value)
{
    AUTO_JSON json_t *tags = ims_tags_read(request, value, NULL);

    if (!tags)
        return false;
    if (store_run(request->store, "UPDATE ims_image SET tags = $2::jsonb WHERE id = $1", "sj", id,
                  tags) >= 0)
        return true;
    api_fail_store(request);
    return false;
}

static bool
patch_property(ApiRequest *request,
               const char *id,
               const char *operation,
               const char *name,
               const json_t *value)
{
    const char *text = json_string_value(value);
    long done;

    if (strcmp(operation, "remove") == 0) {
        done = store_run(request->store,
                         "UPDATE ims_image SET properties = properties - $2 WHERE id = $1 AND "
                         "properties ? $2",
                         "ss", id, name);
        if (done == 0)
            api_fail_as(request, 409, "IMG.0042", "The image has no property %.100s.", name);
    } else if (!text || strlen(text) > 4096) {
        ims_bad(request, "The property %.100s is no text of at most 4096 bytes.", name);
        return false;
    } else {
        done = store_run(request->store,
                         "UPDATE ims_image SET properties = properties || jsonb_build_object($2, "
                         "$3::text) WHERE id = $1 AND (properties ? $2 OR (SELECT count(*) FROM "
                         "jsonb_object_keys(properties)) < 128)",
                         "sss", id, name, text);
        if (done == 0)
            ims_bad(request, "An image has at most 128 properties.");
    }
    if (done < 0)
        api_fail_store(request);
    return done > 0;
}

static bool
patch_one(ApiRequest *request, const char *id, const json_t *change)
{
    const char *operation = json_text(change, "op", ""), *path = json_text(change, "path", "");
    const json_t *value = json_object_get(change, "value");
    bool removal = strcmp(operation, "remove") == 0;

    if ((!removal && strcmp(operation, "add") != 0 && strcmp(operation, "replace") != 0) ||
        path[0] != '/' || !path[1] || strchr(path + 1, '/')) {
        ims_bad(request, "A change has op (add, replace, remove), path (/NAME) and value.");
        return false;
    }
    path++;
    if (strcmp(path, "tags") == 0 && !removal)
        return patch_tags(request, id, value);
    if (!is_column(path))
        return patch_property(request, id, operation, path, value);
    if (removal) {
        api_fail_as(request, 403, "IMG.0042", "%.100s cannot be removed.", path);
        return false;
    }
    return value_is_sound(request, path, value) && set_column(request, id, path, value);
}

static bool
patch_all(ApiRequest *request, const char *id, const json_t *changes)
{
    const json_t *change;
    size_t index;

    if (json_array_size(changes) == 0 || json_array_size(changes) > 200) {
        ims_bad(request, "An array of changes is wanted.");
        return false;
    }
    json_array_foreach(changes, index, change) if (!patch_one(request, id, change)) return false;
    if (store_run(request->store, "UPDATE ims_image SET updated = now() WHERE id = $1", "s", id) >=
        0)
        return true;
    api_fail_store(request);
    return false;
}

static void
update(ApiRequest *request)
{
    const char *id = api_path(request, "image_id");
    AUTO_JSON json_t *changes = json_loadb(request->body ? request->body : "", request->body_length,
                                           JSON_REJECT_DUPLICATES, NULL);
    ImsImage image;
    bool done = false;

    if (!json_is_array(changes)) {
        ims_bad(request, "An array of changes is wanted.");
        return;
    }
    if (!store_begin(request->store)) {
        api_fail_store(request);
        return;
    }
    if (ims_own(request, id, &image)) {
        done = patch_all(request, id, changes);
        image_done(&image);
    }
    if (done && !store_commit(request->store)) {
        api_fail_store(request);
        return;
    }
    if (store_in_transaction(request->store))
        store_rollback(request->store);
    if (done)
        ims_reply(request, 200, id);
}

void
glance_update_image(ApiRequest *request)
{
    update(request);
}

void
ims_update_image(ApiRequest *request)
{
    update(request);
}

/* ---- DELETE ---- */

void
glance_delete_image(ApiRequest *request)
{
    const char *id = api_path(request, "image_id");
    AUTO_FREE char *problem = NULL;
    ImsImage image;
    bool gone = false;

    if (!store_begin(request->store)) {
        api_fail_store(request);
        return;
    }
    if (ims_own(request, id, &image)) {
        if (image.protected)
            api_fail(request, API_IMS_PROTECTED, id);
        else if ((strcmp(image.status, "saving") == 0 || strcmp(image.status, "queued") == 0) &&
                 job_busy(request->store, id))
            api_fail(request, API_IMS_BUSY, id, image.status);
        else if (store_run(request->store, "DELETE FROM ims_image WHERE id = $1", "s", id) < 0 ||
                 !store_commit(request->store))
            api_fail_store(request);
        else
            gone = true;
        image_done(&image);
    }
    if (store_in_transaction(request->store))
        store_rollback(request->store);
    if (!gone)
        return;
    /* What fails here is done by the next sweep. */
    disk_image_remove(id, &problem);
    api_reply(request, 204, NULL);
}
