/*
 * list.c: images in lists, one image, versions and schemas of Glance.
 */
#include "base/memory.h"
#include "ims/answer.h"
#include "ims/forms.h"
#include "ims/handlers.h"

#include <string.h>

#define PAGE 1000

/* What a list may be ordered by. */
static const struct {
    const char *key, *column;
} orders[] = {{"created_at", "i.created"},
              {"updated_at", "i.updated"},
              {"name", "i.name"},
              {"id", "i.id"},
              {"status", "i.status"},
              {"container_format", "i.container_format"},
              {"disk_format", "i.disk_format"},
              {"min_disk", "i.min_disk_gb"},
              {"size", "i.file_bytes"}};

/* Keys of a query that are no members of an image. */
static const char *const apart[] = {
    "limit",        "marker",      "sort_key",      "sort_dir",
    "sort",         "tag",         "member_status", "created_at",
    "updated_at",   "__imagetype", "visibility",    "flavor_id",
    "architecture", "offset",      "os_hidden",     "enterprise_project_id"};

static bool
stands_apart(const char *key)
{
    for (size_t i = 0; i < sizeof(apart) / sizeof(apart[0]); i++)
        if (strcmp(apart[i], key) == 0)
            return true;
    return false;
}

/* "in:a,b" is Glance's. */
static json_t *
values_of(const char *text)
{
    json_t *values = json_array();

    if (strncmp(text, "in:", 3) != 0) {
        json_array_append_new(values, json_string(text));
        return values;
    }
    for (text += 3; *text;) {
        size_t length = strcspn(text, ",");
        json_array_append_new(values, json_stringn(text, length));
        text += length + (text[length] == ',');
    }
    return values;
}

/* {member: [texts that it may be]} */
static json_t *
filters_of(const ApiRequest *request)
{
    json_t *filters = json_object(), *value;
    const char *key;

    json_object_foreach(request->query, key, value)
    {
        const char *text = api_query(request, key, "");

        if (!stands_apart(key) && *text)
            json_object_set_new(filters, key, values_of(text));
    }
    return filters;
}

/* Whose images: the visibility, and Huawei's __imagetype of the same. */
static const char *
reach(const ApiRequest *request)
{
    const char *type = api_query(request, "__imagetype", ""),
               *visibility = api_query(request, "visibility", "");

    if (strcmp(type, "gold") == 0 || strcmp(visibility, "public") == 0)
        return "public";
    if (strcmp(type, "shared") == 0 || api_query(request, "member_status", NULL) ||
        strcmp(visibility, "shared") == 0)
        return "shared";
    if (strcmp(type, "private") == 0 || strcmp(visibility, "private") == 0)
        return "private";
    if (*type || strcmp(visibility, "community") == 0)
        return "none";
    return "";
}

/* "gt:2026-01-01T00:00:00Z" */
static const char *
time_condition(const char *text, const char **moment)
{
    static const char *const words[][2] = {{"gte:", ">="}, {"gt:", ">"}, {"lte:", "<="},
                                           {"lt:", "<"},   {"eq:", "="}, {"neq:", "<>"}};

    for (size_t i = 0; i < 6; i++)
        if (strncmp(text, words[i][0], strlen(words[i][0])) == 0) {
            *moment = text + strlen(words[i][0]);
            return words[i][1];
        }
    *moment = text;
    return "=";
}

static bool
add_times(ApiRequest *request, Buffer *sql, const char *moments[2])
{
    static const char *const keys[][2] = {{"created_at", "i.created"}, {"updated_at", "i.updated"}};

    for (int i = 0; i < 2; i++) {
        const char *text = api_query(request, keys[i][0], NULL);
        Moment moment;

        moments[i] = NULL;
        if (!text)
            continue;
        const char *sign = time_condition(text, &moments[i]);
        if (!moment_parse(moments[i], &moment)) {
            ims_bad(request, "%s: a comparison (gt:, gte:, lt:, lte:, eq:, neq:) and a time.",
                    keys[i][0]);
            return false;
        }
        buffer_format(sql, " AND date_trunc('second', %s) %s $%d::timestamptz", keys[i][1], sign,
                      7 + i);
    }
    return true;
}

/* The order and, after a marker, where the page begins. */
static bool
add_order(ApiRequest *request, Buffer *sql)
{
    const char *key = api_query(request, "sort_key", "created_at"),
               *direction = api_query(request, "sort_dir", "desc");
    AUTO_FREE char *sort = str_copy(api_query(request, "sort", ""));
    const char *column = NULL;

    if (*sort) { /* "name:asc", of openstack's clients */
        sort[strcspn(sort, ",")] = '\0';
        char *colon = strchr(sort, ':');
        if (colon)
            *colon = '\0';
        key = sort;
        direction = colon ? colon + 1 : "desc";
    }
    for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++)
        if (strcmp(orders[i].key, key) == 0)
            column = orders[i].column;
    if (!column || (strcmp(direction, "asc") != 0 && strcmp(direction, "desc") != 0)) {
        ims_bad(request, "sort_key or sort_dir is not known.");
        return false;
    }
    buffer_format(sql,
                  " AND ($3::text IS NULL OR (%s, i.id) %s (SELECT %s, i.id FROM ims_image i WHERE "
                  "i.id = $3)) ORDER BY %s %s, i.id %s LIMIT $4",
                  column, *direction == 'a' ? ">" : "<", column, column, direction, direction);
    return true;
}

static PGresult *
page(ApiRequest *request, long long limit)
{
    AUTO_JSON json_t *filters = filters_of(request);
    const char *moments[2];
    Buffer sql = {0};
    PGresult *rows = NULL;

    buffer_add_text(
        &sql,
        "SELECT form, id FROM (SELECT i.*, " IMS_IMAGE
        " AS form FROM ims_image i) i WHERE NOT EXISTS (SELECT FROM jsonb_each($2::jsonb) f WHERE "
        "NOT f.value ? coalesce(i.form->>f.key, '')) AND CASE $5 WHEN 'public' THEN i.visibility = "
        "'public' WHEN 'private' THEN i.project_id = $1 AND i.visibility <> 'public' WHEN 'shared' "
        "THEN EXISTS (SELECT FROM ims_member m WHERE m.image_id = i.id AND m.project_id = $1 AND "
        "m.status = coalesce(nullif($6::jsonb->>'member_status', 'all'), CASE WHEN $6::jsonb ? "
        "'member_status' THEN m.status ELSE 'accepted' END)) WHEN 'none' THEN false "
        "ELSE " IMS_VISIBLE
        " END AND ($6::jsonb->>'tag' IS NULL OR i.form->'tags' ? ($6::jsonb->>'tag')) AND "
        "($6::jsonb->>'enterprise_project_id' IS NULL OR $6::jsonb->>'enterprise_project_id' IN "
        "('all_granted_eps', i.enterprise_project_id))");
    if (add_times(request, &sql, moments)) {
        /* Unused parameters need a type. */
        buffer_add_text(&sql,
                        " AND coalesce($7::timestamptz, $8::timestamptz) IS NOT DISTINCT FROM "
                        "coalesce($7::timestamptz, $8::timestamptz)");
        if (add_order(request, &sql)) {
            rows = store_query(request->store, sql.text, "sjslsjss", ims_project(request), filters,
                               api_query(request, "marker", NULL), limit + 1, reach(request),
                               request->query, moments[0], moments[1]);
            if (!rows)
                api_fail_store(request);
        }
    }
    buffer_done(&sql);
    return rows;
}

/* Answers with a page; Glance's says where the next begins. */
static void
list(ApiRequest *request, bool glance)
{
    long long limit = api_query_number(request, "limit", glance ? 25 : PAGE);

    if (!ims_scoped(request))
        return;
    if (limit < 0 || limit > PAGE) {
        ims_bad(request, "limit is not between 0 and %d.", PAGE);
        return;
    }
    AUTO_ROWS PGresult *rows = page(request, limit);
    if (!rows)
        return;
    json_t *images = json_array();
    for (int i = 0; i < PQntuples(rows) && i < limit; i++)
        json_array_append_new(images, json_loads(row_text(rows, i, "form"), 0, NULL));
    json_t *body = json_pack("{s:o}", "images", images);
    if (glance) {
        json_put_text(body, "schema", "/v2/schemas/images");
        json_put_text(body, "first", "/v2/images");
        if (PQntuples(rows) > limit && limit > 0) {
            AUTO_FREE char *next = str_format("/v2/images?limit=%lld&marker=%s", limit,
                                              row_text(rows, (int) limit - 1, "id"));
            json_put_text(body, "next", next);
        }
    }
    api_reply(request, 200, body);
}

void
ims_list_images(ApiRequest *request)
{
    list(request, false);
}

void
glance_list_images(ApiRequest *request)
{
    list(request, true);
}

void
glance_show_image(ApiRequest *request)
{
    if (ims_scoped(request))
        ims_reply(request, 200, api_path(request, "image_id"));
}

/* Clients read it to learn that every other property is a text. */
void
glance_show_schema(ApiRequest *request)
{
    const char *name = api_path(request, "schema");
    bool image = strcmp(name, "image") == 0;

    if (!image && strcmp(name, "images") != 0 && strcmp(name, "member") != 0 &&
        strcmp(name, "members") != 0) {
        ims_none(request, name);
        return;
    }
    json_t *properties = json_object();
    static const char *const texts[] = {"id",
                                        "name",
                                        "status",
                                        "visibility",
                                        "owner",
                                        "disk_format",
                                        "container_format",
                                        "checksum",
                                        "created_at",
                                        "updated_at",
                                        "self",
                                        "file",
                                        "schema"};
    for (size_t i = 0; image && i < sizeof(texts) / sizeof(texts[0]); i++)
        json_object_set_new(properties, texts[i],
                            json_pack("{s:[s, s]}", "type", "string", "null"));
    api_reply(request, 200,
              json_pack("{s:s, s:o, s:{s:s}}", "name", name, "properties", properties,
                        "additionalProperties", "type", "string"));
}

void
glance_versions(ApiRequest *request)
{
    const char *host = api_header(request, "Host");
    AUTO_FREE char *place = str_format("https://%s/v2/", host ? host : "localhost");

    api_reply(request, 200,
              json_pack("{s:[{s:s, s:s, s:[{s:s, s:s}]}]}", "versions", "id", "v2.9", "status",
                        "CURRENT", "links", "rel", "self", "href", place));
}
