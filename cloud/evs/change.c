/*
 * change.c: volumes made, changed, extended and deleted.
 */
#include "base/memory.h"
#include "evs/handlers.h"
#include "evs/rows.h"

#include <errno.h>
#include <string.h>

#define COUNT_MOST 100

static void
answer_job(ApiRequest *request, const json_t *notes)
{
    json_t *body = json_pack("{s:s}", "job_id", json_text(notes, "job", ""));

    if (json_object_get(notes, "volumes")) {
        json_object_set(body, "volume_ids", json_object_get(notes, "volumes"));
        json_put_text(body, "order_id", NULL);
    }
    api_reply(request, 200, body);
}

static void
answer_accepted(ApiRequest *request, const json_t *notes)
{
    api_reply(request, 202, NULL);
}

static void
answer_volume(ApiRequest *request, const json_t *notes)
{
    evs_reply_volume(request, 202, json_text(notes, "volume", ""));
}

/* ---- Create ---- */

static bool
text_is_sound(ApiRequest *request, const char *code, const char *what, const char *text)
{
    size_t letters = 0;

    for (const char *at = text; *at; at++)
        letters += ((unsigned char) *at & 0xc0) != 0x80;
    if (letters <= 255 && !strpbrk(text, "<>"))
        return true;
    evs_bad(request, code, "%s: at most 255 characters, without < and >.", what);
    return false;
}

/* An object of texts, at most 1 MB in all as the public cloud has it; here far less. */
static bool
texts_are_sound(ApiRequest *request, const char *code, const json_t *texts)
{
    const char *key;
    json_t *value;

    json_object_foreach((json_t *) texts, key, value)
    {
        if (*key && strlen(key) <= 255 && json_is_string(value) &&
            strlen(json_string_value(value)) <= 255 && json_object_size(texts) <= 128)
            continue;
        evs_bad(request, code, "%.60s: texts of at most 255 bytes are wanted, at most 128.", key);
        return false;
    }
    return true;
}

static bool
fail_create(ApiRequest *request, int error, const char *problem)
{
    const char *text = problem ? problem : strerror(-error);

    switch (error) {
    case -EIO:
        api_fail_store(request);
        break;
    case -EDQUOT:
        api_fail(request, API_EVS_QUOTA, text);
        break;
    case -ENOENT:
        api_fail_as(request, evs_is_cinder(request) ? 404 : 400, "EVS.1018", "%s", text);
        break;
    default:
        evs_bad(request, "EVS.1010", "%s", text);
    }
    return false;
}

static bool
put_details(ApiRequest *request, const char *id, const json_t *wish)
{
    const json_t *metadata = json_object_get(wish, "metadata"),
                 *tags = json_object_get(wish, "tags");

    if (store_run(
            request->store,
            "UPDATE evs_volume SET description = $2, metadata = coalesce($3::jsonb, '{}'), tags "
            "= coalesce($4::jsonb, '{}'), enterprise_project_id = $5 WHERE id = $1",
            "ssjjs", id, json_text(wish, "description", ""),
            json_is_object(metadata) ? metadata : NULL, json_is_object(tags) ? tags : NULL,
            json_text(wish, "enterprise_project_id", "0")) >= 0)
        return true;
    api_fail_store(request);
    return false;
}

static const char *
name_of(const json_t *wish)
{
    return json_text(wish, "name", json_text(wish, "display_name", ""));
}

/* Rows of so many; their ids go into notes. */
static bool
insert(ApiRequest *request, const json_t *wish, int count, json_t *notes)
{
    json_t *ids = json_array();

    json_object_set_new(notes, "volumes", ids);
    for (int i = 0; i < count; i++) {
        AUTO_FREE char *problem = NULL;
        AUTO_FREE char *name =
            count > 1 ? str_format("%s-%04d", name_of(wish), i + 1) : str_copy(name_of(wish));
        EvsWish one = {.project_id = evs_project(request),
                       .name = name,
                       .type = json_text(wish, "volume_type", NULL),
                       .zone = json_text(wish, "availability_zone", NULL),
                       .image_id = json_text(wish, "imageRef", json_text(wish, "image_id", NULL)),
                       .snapshot_id = json_text(wish, "snapshot_id", NULL),
                       .size_gb = (int) json_number(wish, "size", 0)};
        EvsVolume volume;
        int error = volume_create(request->store, &one, &volume, &problem);

        if (error)
            return fail_create(request, error, problem);
        json_array_append_new(ids, json_string(volume.id));
        json_put_text(notes, "volume", volume.id);
        if (!put_details(request, volume.id, wish))
            return false;
    }
    return true;
}

/* A snapshot's volume need not say its size again. */
static bool
fill_size(ApiRequest *request, json_t *wish)
{
    const char *snapshot = json_text(wish, "snapshot_id", NULL);

    if (!snapshot || json_number(wish, "size", 0) > 0)
        return true;
    AUTO_FREE char *size = store_value(request->store,
                                       "SELECT size_gb FROM evs_snapshot WHERE id = $1 AND "
                                       "project_id = $2",
                                       "ss", snapshot, evs_project(request));
    if (size)
        json_put_text(wish, "size", size);
    return true;
}

static bool
create(ApiRequest *request, json_t *notes)
{
    json_t *wish = json_object_get(request->json, "volume");
    int count = (int) json_number(wish, "count", 1);
    const char *first;

    if (count < 1 || count > COUNT_MOST) {
        evs_bad(request, "EVS.1009", "count is between 1 and %d.", COUNT_MOST);
        return false;
    }
    if (json_flag(wish, "multiattach", false)) {
        evs_bad(request, "EVS.1009", "Shared disks are not supported.");
        return false;
    }
    if (json_text(wish, "backup_id", NULL) || json_text(wish, "source_volid", NULL) ||
        json_text(request->json, "server_id", NULL)) {
        evs_bad(request, "EVS.1006",
                "Disks are made blank, of an image or of a snapshot; they are "
                "attached by the server's own operation.");
        return false;
    }
    if (!text_is_sound(request, "EVS.1003", "name", name_of(wish)) ||
        !text_is_sound(request, "EVS.1004", "description", json_text(wish, "description", "")) ||
        !texts_are_sound(request, "EVS.1005", json_object_get(wish, "metadata")) ||
        !texts_are_sound(request, "EVS.1009", json_object_get(wish, "tags")) ||
        !fill_size(request, wish) || !insert(request, wish, count, notes))
        return false;
    AUTO_JSON json_t *data = json_pack("{s:O}", "volumes", json_object_get(notes, "volumes"));
    first = json_string_value(json_array_get(json_object_get(notes, "volumes"), 0));
    return evs_begin(request, &evs_job_create, first, data, notes);
}

void
evs_create_volume(ApiRequest *request)
{
    evs_change(request, create, answer_job);
}

void
cinder_create_volume(ApiRequest *request)
{
    evs_change(request, create, answer_volume);
}

/* ---- Update ---- */

static bool
update(ApiRequest *request, json_t *notes)
{
    const json_t *wish = json_object_get(request->json, "volume");
    const char *id = api_path(request, "volume_id");
    const char *name = json_text(wish, "name", json_text(wish, "display_name", NULL)),
               *description =
                   json_text(wish, "description", json_text(wish, "display_description", NULL));
    const json_t *metadata = json_object_get(wish, "metadata");
    EvsVolume volume;

    if ((name && !text_is_sound(request, "EVS.1003", "name", name)) ||
        (description && !text_is_sound(request, "EVS.1004", "description", description)) ||
        !texts_are_sound(request, "EVS.1005", metadata) || !evs_hold(request, id, &volume))
        return false;
    if (store_run(
            request->store,
            "UPDATE evs_volume SET name = coalesce($2, name), description = coalesce($3, "
            "description), metadata = coalesce($4::jsonb, metadata), updated = now() WHERE id "
            "= $1",
            "sssj", id, name, description, json_is_object(metadata) ? metadata : NULL) >= 0)
        return true;
    api_fail_store(request);
    return false;
}

/* Huawei's answer has the members without "volume" around them. */
static void
answer_updated(ApiRequest *request, const json_t *notes)
{
    evs_reply_volume(request, 200, api_path(request, "volume_id"));
    if (evs_is_cinder(request) || request->status != 200)
        return;
    json_t *body = json_loadb(request->answer, request->answer_length, 0, NULL);
    free(request->answer);
    request->answer = json_render(json_object_get(body, "volume"));
    request->answer_length = strlen(request->answer);
    json_decref(body);
}

void
evs_update_volume(ApiRequest *request)
{
    evs_change(request, update, answer_updated);
}

/* ---- Delete ---- */

static bool
is_one_of(const char *status, const char *const *those)
{
    for (; *those; those++)
        if (strcmp(*those, status) == 0)
            return true;
    return false;
}

static bool delete (ApiRequest *request, json_t *notes)
{
    static const char *const deletable[] = {
        "available",      "error", "error_restoring", "error_extending", "error_rollbacking",
        "error_deleting", NULL};
    const char *id = api_path(request, "volume_id");
    bool cascade = strcasecmp(api_query(request, "cascade", "false"), "true") == 0;
    EvsVolume volume;

    if (!evs_hold(request, id, &volume))
        return false;
    if (*volume.server_id || !is_one_of(volume.status, deletable)) {
        api_fail(request, API_EVS_STATE, id, volume.status);
        return false;
    }
    AUTO_FREE char *snapshot = store_value(
        request->store, "SELECT id FROM evs_snapshot WHERE volume_id = $1 LIMIT 1", "s", id);
    if (snapshot && !cascade) {
        api_fail(request, API_EVS_HAS_SNAPSHOTS, id);
        return false;
    }
    if (evs_set_status(request->store, id, "deleting", NULL) < 0) {
        api_fail_store(request);
        return false;
    }
    return evs_begin(request, &evs_job_delete, id, NULL, notes);
}

void
evs_delete_volume(ApiRequest *request)
{
    evs_change(request, delete, evs_is_cinder(request) ? answer_accepted : answer_job);
}

/* ---- Extend ---- */

static bool
extend(ApiRequest *request, json_t *notes)
{
    const char *id = api_path(request, "volume_id");
    const json_t *wish = json_object_get(request->json, "os-extend");
    int size = (int) json_number(wish, "new_size", 0);
    AUTO_FREE char *problem = NULL;
    EvsVolume volume;

    if (!evs_hold(request, id, &volume))
        return false;
    if (strcmp(volume.status, "available") != 0 && strcmp(volume.status, "in-use") != 0) {
        api_fail(request, API_EVS_STATE, id, volume.status);
        return false;
    }
    if (size <= volume.size_gb || size > 32768) {
        evs_bad(request, "EVS.1015",
                "The new size must be more than the %d GB of now and at most "
                "32768.",
                volume.size_gb);
        return false;
    }
    store_run(request->store, "SELECT pg_advisory_xact_lock(hashtextextended('evs ' || $1, 0))",
              "s", evs_project(request));
    int error = evs_quota_allows(request->store, evs_project(request), "gigabytes",
                                 size - volume.size_gb, &problem);
    if (error)
        return fail_create(request, error, problem);
    if (evs_set_status(request->store, id, "extending", NULL) < 0) {
        api_fail_store(request);
        return false;
    }
    AUTO_JSON json_t *data = json_pack("{s:i, s:s}", "size_gb", size, "before", volume.status);
    return evs_begin(request, &evs_job_extend, id, data, notes);
}

static void
answer_extended(ApiRequest *request, const json_t *notes)
{
    api_reply(request, 200,
              json_pack("{s:s, s:n}", "job_id", json_text(notes, "job", ""), "order_id"));
}

void
evs_extend_volume(ApiRequest *request)
{
    if (json_object_get(request->json, "os-extend"))
        evs_change(request, extend, answer_extended);
    else
        evs_bad(request, "EVS.1011", "os-extend is wanted.");
}

/* ---- Cinder's actions ---- */

static bool
set_bootable(ApiRequest *request, json_t *notes)
{
    const char *id = api_path(request, "volume_id");
    const json_t *wish = json_object_get(request->json, "os-set_bootable");
    EvsVolume volume;

    if (!evs_hold(request, id, &volume))
        return false;
    if (store_run(request->store,
                  "UPDATE evs_volume SET bootable = $2, updated = now() WHERE id = $1", "sb", id,
                  (int) json_flag(wish, "bootable", false)) >= 0)
        return true;
    api_fail_store(request);
    return false;
}

static void
answer_done(ApiRequest *request, const json_t *notes)
{
    api_reply(request, 200, NULL);
}

void
cinder_act(ApiRequest *request)
{
    const char *action = json_object_iter_key(json_object_iter(request->json));

    if (json_object_get(request->json, "os-extend"))
        evs_change(request, extend, answer_accepted);
    else if (json_object_get(request->json, "os-set_bootable"))
        evs_change(request, set_bootable, answer_done);
    else
        evs_bad(request, "EVS.1009",
                "The action %.60s is not supported: servers attach and detach disks by their own "
                "operations.",
                action ? action : "");
}

/* ---- Metadata ---- */

static bool
set_metadata(ApiRequest *request, bool replace)
{
    const char *id = api_path(request, "volume_id");
    const json_t *metadata = json_object_get(request->json, "metadata");
    EvsVolume volume;

    if (!texts_are_sound(request, "EVS.1005", metadata) || !evs_hold(request, id, &volume))
        return false;
    if (store_run(request->store,
                  replace ? "UPDATE evs_volume SET metadata = $2::jsonb WHERE id = $1"
                          : "UPDATE evs_volume SET metadata = metadata || $2::jsonb WHERE id = $1",
                  "sj", id, metadata) >= 0)
        return true;
    api_fail_store(request);
    return false;
}

static bool
add_metadata(ApiRequest *request, json_t *notes)
{
    return set_metadata(request, false);
}

static bool
replace_metadata(ApiRequest *request, json_t *notes)
{
    return set_metadata(request, true);
}

static void
answer_metadata(ApiRequest *request, const json_t *notes)
{
    AUTO_FREE char *text = store_value(
        request->store, "SELECT metadata FROM evs_volume WHERE id = $1 AND project_id = $2", "ss",
        api_path(request, "volume_id"), evs_project(request));

    if (text)
        api_reply(request, 200, json_pack("{s:o}", "metadata", json_loads(text, 0, NULL)));
    else if (store_failed(request->store))
        api_fail_store(request);
    else
        api_fail(request, API_EVS_NO_VOLUME, api_path(request, "volume_id"));
}

void
cinder_show_metadata(ApiRequest *request)
{
    answer_metadata(request, NULL);
}

void
cinder_change_metadata(ApiRequest *request)
{
    evs_change(request, add_metadata, answer_metadata);
}

void
cinder_replace_metadata(ApiRequest *request)
{
    evs_change(request, replace_metadata, answer_metadata);
}

static bool
remove_metadata(ApiRequest *request, json_t *notes)
{
    const char *id = api_path(request, "volume_id"), *key = api_path(request, "key");
    EvsVolume volume;

    if (!evs_hold(request, id, &volume))
        return false;
    long rows =
        store_run(request->store,
                  "UPDATE evs_volume SET metadata = metadata - $2 WHERE id = $1 AND metadata "
                  "? $2",
                  "ss", id, key);
    if (rows < 0)
        api_fail_store(request);
    else if (rows == 0)
        api_fail_as(request, 404, "EVS.5404", "The disk has no metadata %.60s.", key);
    return rows > 0;
}

void
cinder_delete_metadata(ApiRequest *request)
{
    evs_change(request, remove_metadata, answer_done);
}

/* ---- Tags ---- */

static bool
change_tags(ApiRequest *request, json_t *notes)
{
    const char *id = api_path(request, "volume_id");
    const json_t *list = json_object_get(request->json, "tags"), *one;
    bool create_them = strcmp(json_text(request->json, "action", ""), "create") == 0;
    EvsVolume volume;
    size_t index;

    if (!evs_hold(request, id, &volume))
        return false;
    AUTO_FREE char *text =
        store_value(request->store, "SELECT tags FROM evs_volume WHERE id = $1", "s", id);
    AUTO_JSON json_t *tags = text ? json_loads(text, 0, NULL) : NULL;
    json_array_foreach(list, index, one)
    {
        if (create_them)
            json_object_set_new(tags, json_text(one, "key", ""),
                                json_string(json_text(one, "value", "")));
        else
            json_object_del(tags, json_text(one, "key", ""));
    }
    if (json_object_size(tags) > 20) {
        evs_bad(request, "EVS.1009", "A disk has at most 20 tags.");
        return false;
    }
    if (tags && store_run(request->store, "UPDATE evs_volume SET tags = $2::jsonb WHERE id = $1",
                          "sj", id, tags) >= 0)
        return true;
    api_fail_store(request);
    return false;
}

static void
answer_nothing(ApiRequest *request, const json_t *notes)
{
    api_reply(request, 204, NULL);
}

void
evs_change_tags(ApiRequest *request)
{
    evs_change(request, change_tags, answer_nothing);
}

static void
list_tags(ApiRequest *request, const char *sql, const char *id)
{
    AUTO_FREE char *text = store_value(request->store, sql, "ss", evs_project(request), id);

    if (text)
        api_reply(request, 200, json_pack("{s:o}", "tags", json_loads(text, 0, NULL)));
    else if (store_failed(request->store))
        api_fail_store(request);
    else
        api_fail(request, API_EVS_NO_VOLUME, id);
}

void
evs_list_tags(ApiRequest *request)
{
    list_tags(request,
              "SELECT (SELECT coalesce(jsonb_agg(jsonb_build_object('key', key, 'value', value) "
              "ORDER BY key), '[]') FROM jsonb_each_text(v.tags)) FROM evs_volume v WHERE "
              "v.project_id = $1 AND v.id = $2",
              api_path(request, "volume_id"));
}

void
evs_list_all_tags(ApiRequest *request)
{
    list_tags(
        request,
        "SELECT coalesce(jsonb_agg(jsonb_build_object('key', key, 'values', values) ORDER BY "
        "key), '[]') FROM (SELECT key, jsonb_agg(DISTINCT value) AS values FROM evs_volume v, "
        "jsonb_each_text(v.tags) WHERE v.project_id = $1 AND $2 = '' GROUP BY key) t",
        "");
}
