/*
 * tags.c: tags of images, quotas, and the operating systems that the service knows by name.
 */
#include "base/memory.h"
#include "ims/answer.h"
#include "ims/forms.h"
#include "ims/handlers.h"

#include <string.h>

/* In a transaction of its own: the own image's tags become what change makes of them. */
static bool
change_tags(ApiRequest *request, const char *id, bool (*change)(ApiRequest *request, json_t *tags))
{
    ImsImage image;
    bool done = false;

    if (!store_begin(request->store)) {
        api_fail_store(request);
        return false;
    }
    if (ims_own(request, id, &image)) {
        AUTO_FREE char *text =
            store_value(request->store, "SELECT tags FROM ims_image WHERE id = $1", "s", id);
        AUTO_JSON json_t *tags = text ? json_loads(text, 0, NULL) : NULL;

        image_done(&image);
        if (!tags)
            api_fail_store(request);
        else if (change(request, tags)) {
            AUTO_JSON json_t *sound = ims_tags_read(request, NULL, tags);
            done = sound &&
                   store_run(request->store,
                             "UPDATE ims_image SET tags = $2::jsonb, updated = now() WHERE id = $1",
                             "sj", id, sound) >= 0 &&
                   store_commit(request->store);
            if (sound && !done)
                api_fail_store(request);
        }
    }
    if (store_in_transaction(request->store))
        store_rollback(request->store);
    return done;
}

static void
drop_tag(json_t *tags, const char *key)
{
    for (size_t i = json_array_size(tags); i > 0; i--)
        if (strcmp(json_text(json_array_get(tags, i - 1), "key", ""), key) == 0)
            json_array_remove(tags, i - 1);
}

static void
put_tag(json_t *tags, const char *key, const char *value)
{
    drop_tag(tags, key);
    json_array_append_new(tags, json_pack("{s:s, s:s}", "key", key, "value", value));
}

static bool
add_or_delete(ApiRequest *request, json_t *tags)
{
    const json_t *list = json_object_get(request->json, "tags"), *one;
    bool create = strcmp(json_text(request->json, "action", ""), "create") == 0;
    size_t index;

    json_array_foreach(list, index, one)
    {
        const char *key = json_text(one, "key", "");

        if (create)
            put_tag(tags, key, json_text(one, "value", ""));
        else
            drop_tag(tags, key);
    }
    return true;
}

void
ims_change_tags(ApiRequest *request)
{
    if (change_tags(request, api_path(request, "image_id"), add_or_delete))
        api_reply(request, 204, NULL);
}

static bool
add_text(ApiRequest *request, json_t *tags)
{
    const char *text = api_path(request, "tag");
    const char *dot = strchr(text, '.');
    AUTO_FREE char *key = str_copy_n(text, dot ? (size_t) (dot - text) : strlen(text));

    put_tag(tags, key, dot ? dot + 1 : "");
    return true;
}

static bool
delete_text(ApiRequest *request, json_t *tags)
{
    const char *text = api_path(request, "tag");
    AUTO_FREE char *key = str_copy_n(text, strcspn(text, "."));
    size_t before = json_array_size(tags);

    drop_tag(tags, key);
    if (json_array_size(tags) < before)
        return true;
    ims_none(request, text);
    return false;
}

void
glance_add_tag(ApiRequest *request)
{
    if (change_tags(request, api_path(request, "image_id"), add_text))
        api_reply(request, 204, NULL);
}

void
glance_delete_tag(ApiRequest *request)
{
    if (change_tags(request, api_path(request, "image_id"), delete_text))
        api_reply(request, 204, NULL);
}

void
ims_list_tags(ApiRequest *request)
{
    AUTO_ROWS PGresult *rows = store_query(
        request->store, "SELECT i.tags FROM ims_image i WHERE i.id = $2 AND " IMS_VISIBLE, "ss",
        ims_project(request), api_path(request, "image_id"));

    if (!rows)
        api_fail_store(request);
    else if (PQntuples(rows) == 0)
        ims_none(request, api_path(request, "image_id"));
    else
        api_reply(request, 200,
                  json_pack("{s:o}", "tags", json_loads(row_text(rows, 0, "tags"), 0, NULL)));
}

/* All keys with their values. */
void
ims_list_all_tags(ApiRequest *request)
{
    AUTO_ROWS PGresult *rows =
        store_query(request->store,
                    "SELECT key, jsonb_agg(DISTINCT value) AS values FROM ims_image i, "
                    "jsonb_to_recordset(i.tags) AS t(key text, value text) WHERE i.project_id = $1 "
                    "GROUP BY key "
                    "ORDER BY key",
                    "s", ims_project(request));

    if (!rows) {
        api_fail_store(request);
        return;
    }
    json_t *tags = json_array();
    for (int i = 0; i < PQntuples(rows); i++)
        json_array_append_new(tags,
                              json_pack("{s:s, s:o}", "key", row_text(rows, i, "key"), "values",
                                        json_loads(row_text(rows, i, "values"), 0, NULL)));
    api_reply(request, 200, json_pack("{s:o}", "tags", tags));
}

void
ims_show_quota(ApiRequest *request)
{
    long long used;
    int limit;

    if (!ims_scoped(request))
        return;
    if (!ims_quota(request->store, ims_project(request), &limit, &used))
        api_fail_store(request);
    else
        api_reply(request, 200,
                  json_pack("{s:{s:[{s:s, s:I, s:i, s:i, s:i}]}}", "quotas", "resources", "type",
                            "image", "used", (json_int_t) used, "quota", limit, "min", 0, "max",
                            limit > 400 ? limit : 400));
}

/* ---- Operating systems ---- */

static const struct {
    const char *platform, *version, *type;
    int bits;
} systems[] = {
#define OS_VERSION(platform, version, type, bits) {platform, version, type, bits},
#include "ims/os_versions.def"
#undef OS_VERSION
};

void
ims_list_os_versions(ApiRequest *request)
{
    const size_t count = sizeof(systems) / sizeof(systems[0]);
    json_t *body = json_array();

    for (size_t i = 0; i < count;) {
        json_t *versions = json_array();
        const char *platform = systems[i].platform;

        for (; i < count && strcmp(systems[i].platform, platform) == 0; i++)
            json_array_append_new(versions,
                                  json_pack("{s:s, s:s, s:s, s:i, s:s}", "platform", platform,
                                            "os_version_key", systems[i].version, "os_version",
                                            systems[i].version, "os_bit", systems[i].bits,
                                            "os_type", systems[i].type));
        json_array_append_new(
            body, json_pack("{s:s, s:o}", "platform", platform, "version_list", versions));
    }
    api_reply(request, 200, body);
}
