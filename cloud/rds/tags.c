/*
 * tags.c: tags of instances.
 */
#include "rds/check.h"
#include "rds/handlers.h"
#include "rds/instance.h"

#include <string.h>

void
list_instance_tags(ApiRequest *request)
{
    AUTO_INSTANCE Instance *instance = instance_of_request(request);
    json_t *list = json_array();
    size_t index;
    json_t *tag;

    json_array_foreach(instance ? json_object_get(instance->row, "tags") : NULL, index, tag)
        json_array_append_new(list,
                              json_pack("{s:s, s:s, s:s}", "key", json_text(tag, "key", ""),
                                        "value", json_text(tag, "value", ""), "tag_type", "user"));
    if (instance)
        api_reply(request, 200, json_pack("{s:O}", "tags", list));
    json_decref(list);
}

static const json_t *
tag_of(const json_t *tags, const char *key)
{
    size_t index;
    json_t *tag;

    json_array_foreach(tags, index, tag)
    {
        if (strcmp(json_text(tag, "key", ""), key) == 0)
            return tag;
    }
    return NULL;
}

/* The old tags without those named in asked, then, when adding, with them. */
static json_t *
tags_after(const json_t *old, const json_t *asked, bool add)
{
    json_t *all = json_array();
    size_t index;
    json_t *tag;

    json_array_foreach(old, index, tag)
    {
        if (!tag_of(asked, json_text(tag, "key", "")))
            json_array_append(all, tag);
    }
    if (add)
        json_array_foreach(asked, index, tag)
            json_array_append_new(all, json_pack("{s:s, s:s}", "key", json_text(tag, "key", ""),
                                                 "value", json_text(tag, "value", "")));
    return all;
}

void
change_tags(ApiRequest *request)
{
    AUTO_INSTANCE Instance *instance = NULL;
    const json_t *asked = json_object_get(request->json, "tags");
    bool add = strcmp(json_text(request->json, "action", ""), "create") == 0;

    if (!check_tags(request, asked) || !(instance = instance_of_request(request)))
        return;
    const json_t *old = json_object_get(instance->row, "tags");
    size_t index;
    json_t *tag;
    json_array_foreach(asked, index, tag)
    {
        if (!add && !tag_of(old, json_text(tag, "key", ""))) {
            api_fail(request, API_BAD_PARAMETER, "tags: the instance has no tag of this key");
            return;
        }
    }
    AUTO_JSON json_t *all = tags_after(old, asked, add);
    if (!check_tags(request, all))
        return;
    /* Only over the tags that were read: another request may have been quicker. */
    long rows = store_run(request->store,
                          "UPDATE rds_instance SET tags = $2, updated = now() WHERE id = $1 AND "
                          "tags = $3::jsonb",
                          "sjj", instance->id, all, old);
    if (rows < 0) {
        api_fail_store(request);
        return;
    }
    if (rows == 0) {
        api_fail(request, API_INSTANCE_BUSY);
        return;
    }
    instance_touch(request->store, instance->id);
    api_reply(request, 200, json_object());
}

void
list_project_tags(ApiRequest *request)
{
    AUTO_ROWS PGresult *rows = store_query(
        request->store,
        "SELECT t->>'key' AS key, jsonb_agg(DISTINCT coalesce(t->>'value', '')) AS list FROM "
        "rds_instance, jsonb_array_elements(tags) t WHERE project_id = $1 AND deleted_at IS NULL "
        "GROUP BY 1 ORDER BY 1",
        "s", api_project(request));

    if (!rows) {
        api_fail_store(request);
        return;
    }
    json_t *list = json_array();
    for (int i = 0; i < PQntuples(rows); i++)
        json_array_append_new(list,
                              json_pack("{s:s, s:o}", "key", row_text(rows, i, "key"), "values",
                                        json_loads(row_text(rows, i, "list"), 0, NULL)));
    api_reply(request, 200, json_pack("{s:o}", "tags", list));
}

void
list_predefined_tag(ApiRequest *request)
{
    api_reply(request, 200, json_pack("{s:[]}", "tags"));
}
