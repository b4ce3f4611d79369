/*
 * server.c: servers as rows; see server.h.
 */
#include "ecs/server.h"

#include "base/settings.h"
#include "ecs/handlers.h"
#include "vpc/vpc.h"

#include <errno.h>
#include <string.h>

json_t *
server_load(StoreConn *store, const char *project, const char *id)
{
    AUTO_FREE char *text = store_value(store,
                                       "SELECT to_jsonb(s) FROM ecs_server s WHERE s.id = $1 AND "
                                       "($2::text IS NULL OR s.project_id = $2)",
                                       "ss", id, project);

    return text ? json_loads(text, 0, NULL) : NULL;
}

json_t *
server_of_request(ApiRequest *request)
{
    const char *id = api_path(request, "server_id");
    json_t *server = server_load(request->store, api_project(request), id);

    if (!server && store_failed(request->store))
        api_fail_store(request);
    else if (!server)
        api_fail(request, API_ECS_NO_SERVER, id);
    return server;
}

bool
server_must_be(ApiRequest *request, const json_t *server, const char *states)
{
    const char *status = json_text(server, "status", "");
    const char *found = strstr(states, status);

    /* A whole word of the list. */
    if (found && (found == states || found[-1] == ' ') && strchr(" ", found[strlen(status)]) &&
        !*json_text(server, "task_state", ""))
        return true;
    if (store_in_transaction(request->store))
        store_rollback(request->store);
    api_fail(request, API_ECS_STATE, json_text(server, "id", ""),
             *json_text(server, "task_state", "") ? json_text(server, "task_state", "") : status);
    return false;
}

bool
server_set_status(StoreConn *store, const char *id, const char *status, const char *task)
{
    return store_run(
               store,
               "UPDATE ecs_server SET status = coalesce($2, status), task_state = $3, updated "
               "= now(), fault = CASE WHEN $2 IN ('ACTIVE', 'SHUTOFF') THEN '' ELSE fault END"
               ", launched = CASE WHEN $2 = 'ACTIVE' THEN coalesce(launched, now()) ELSE "
               "launched END WHERE id = $1",
               "sss", id, status, task) == 1;
}

bool
server_set_fault(StoreConn *store, const char *id, const char *fault)
{
    return store_run(store,
                     "UPDATE ecs_server SET status = 'ERROR', task_state = '', fault = $2, updated "
                     "= now() WHERE id = $1",
                     "ss", id, fault) == 1;
}

void
server_note_addresses(StoreConn *store, const char *id)
{
    VpcPort *ports = NULL;
    int count = ports_of_device(store, id, &ports);
    Buffer text = {0};

    for (int i = 0; i < count; i++)
        buffer_format(&text, "%s%s ", i ? "" : " ", ports[i].ip);
    store_run(store, "UPDATE ecs_server SET addresses = $2 WHERE id = $1", "ss", id,
              text.text ? text.text : "");
    buffer_done(&text);
    if (count >= 0)
        vpc_ports_free(ports, count);
}

const char *
ecs_zone(void)
{
    static _Thread_local char zone[80];

    snprintf(zone, sizeof(zone), "%sa", setting_text(SETTING_REGION));
    return zone;
}

/* ---- Use, by the second ---- */

void
usage_begin(StoreConn *store, const char *id)
{
    AUTO_JSON json_t *server = server_load(store, NULL, id);
    const Flavor *flavor = flavor_find_server(json_text(server, "flavor", ""));

    if (flavor)
        store_run(store,
                  "INSERT INTO ecs_usage (server_id, project_id, flavor, vcpus, memory_mb) VALUES "
                  "($1, $2, $3, $4, $5) ON CONFLICT (server_id) WHERE ended IS NULL DO NOTHING",
                  "sssii", id, json_text(server, "project_id", ""), flavor->id, flavor->vcpus,
                  flavor->memory_mb);
}

void
usage_end(StoreConn *store, const char *id)
{
    store_run(store, "UPDATE ecs_usage SET ended = now() WHERE server_id = $1 AND ended IS NULL",
              "s", id);
}

/* ---- Listing ---- */

#define LIST_MOST 1000

/* The status of a filter; NULL for all. */
static const char *
wanted_status(const ApiRequest *request)
{
    const char *status = api_query(request, "status", NULL);

    return status && *status ? status : NULL;
}

/* "key=value,key" as [{"key", "value"}], those with a value; keys alone match any. */
static json_t *
tags_of_text(const char *text)
{
    json_t *tags = json_array();

    while (text && *text) {
        size_t length = strcspn(text, ",");
        AUTO_FREE char *one = str_copy_n(text, length);
        char *value = strchr(one, '=');
        json_t *tag = json_object();

        if (value)
            *value++ = '\0';
        json_put_text(tag, "key", one);
        json_put_text(tag, "value", value);
        json_array_append_new(tags, tag);
        text += length + (text[length] == ',');
    }
    return tags;
}

#define LIST_WHERE                                                                                 \
    " FROM ecs_server s WHERE s.project_id = $1 AND ($2::text IS NULL OR s.flavor = $2) AND "      \
    "($3::text IS NULL OR lower(s.status) = lower($3)) AND ($4::text IS NULL OR "                  \
    "strpos(lower(s.name), lower($4)) > 0) AND ($5::text IS NULL OR strpos(s.addresses, $5) > 0)"  \
    " AND ($6::text IS NULL OR strpos(s.addresses, ' ' || $6 || ' ') > 0) AND ($7::text IS NULL "  \
    "OR s.id = ANY (string_to_array($7, ','))) AND s.tags @> $8::jsonb AND ($9::jsonb = '[]' OR "  \
    "NOT s.tags @> $9::jsonb) AND ($10::text IS NULL OR s.image_id = $10) AND ($11::text IS NULL " \
    "OR s.reservation = $11) AND ($12::timestamptz IS NULL OR s.updated >= $12)"
#define LIST_TYPES "sssssssjjsss"

typedef struct ListFilter {
    const char *project, *flavor, *status, *name, *ip, *ip_eq, *ids, *image, *reservation, *since;
    json_t *tags, *not_tags;
} ListFilter;
#define LIST_VALUES(f)                                                                             \
    (f).project, (f).flavor, (f).status, (f).name, (f).ip, (f).ip_eq, (f).ids, (f).tags,           \
        (f).not_tags, (f).image, (f).reservation, (f).since

static PGresult *
list_rows(ApiRequest *request, const ListFilter *filter, long limit, long skip, long long *total)
{
    const char *marker = api_query(request, "marker", NULL);
    AUTO_FREE char *count =
        store_value(request->store, "SELECT count(*)" LIST_WHERE, LIST_TYPES, LIST_VALUES(*filter));

    *total = count ? strtoll(count, NULL, 10) : 0;
    if (store_failed(request->store))
        return NULL;
    return store_query(
        request->store,
        "SELECT to_jsonb(s) AS row" LIST_WHERE
        " AND ($13::text IS NULL OR (s.created, s.id) < (SELECT m.created, m.id FROM ecs_server m "
        "WHERE m.id = $13 AND m.project_id = $1)) ORDER BY s.created DESC, s.id DESC LIMIT $14 "
        "OFFSET $15",
        LIST_TYPES "sll", LIST_VALUES(*filter), marker && *marker ? marker : NULL,
        (long long) limit, (long long) skip);
}

static const char *
text_or_null(ApiRequest *request, const char *name)
{
    const char *text = api_query(request, name, NULL);

    return text && *text ? text : NULL;
}

static bool
since_is_sound(ApiRequest *request, const char *since)
{
    Moment moment;

    if (!since || moment_parse(since, &moment))
        return true;
    api_fail(request, API_ECS_PARAMETER, "changes-since is no moment");
    return false;
}

static void
list(ApiRequest *request, ServerForm form, long fallback)
{
    long limit = (long) api_query_number(request, "limit", fallback);
    long page = (long) api_query_number(request, "offset", 1);
    AUTO_JSON json_t *tags = tags_of_text(api_query(request, "tags", ""));
    AUTO_JSON json_t *not_tags = tags_of_text(api_query(request, "not-tags", ""));
    ListFilter filter = {.project = api_project(request),
                         .flavor = text_or_null(request, "flavor"),
                         .status = wanted_status(request),
                         .name = text_or_null(request, "name"),
                         .ip = text_or_null(request, "ip"),
                         .ip_eq = text_or_null(request, "ip_eq"),
                         .ids = text_or_null(request, "server_id"),
                         .image = text_or_null(request, "image"),
                         .reservation = text_or_null(request, "reservation_id"),
                         .since = text_or_null(request, "changes-since"),
                         .tags = tags,
                         .not_tags = not_tags};
    long long total;

    if (!since_is_sound(request, filter.since))
        return;
    limit = limit > LIST_MOST || limit <= 0 ? LIST_MOST : limit;
    AUTO_ROWS PGresult *rows =
        list_rows(request, &filter, limit, page > 1 ? (page - 1) * limit : 0, &total);
    if (!rows) {
        api_fail_store(request);
        return;
    }
    json_t *servers = json_array();
    for (int i = 0; i < PQntuples(rows); i++) {
        AUTO_JSON json_t *row = json_loads(row_text(rows, i, "row"), 0, NULL);
        json_array_append_new(servers, server_view(request, row, form));
    }
    json_t *body = json_pack("{s:o}", "servers", servers);
    if (form == SERVER_ECS)
        json_object_set_new(body, "count", json_integer(total));
    if (form != SERVER_ECS && PQntuples(rows) == limit && limit < LIST_MOST) {
        const char *last = json_text(json_array_get(servers, (size_t) limit - 1), "id", "");
        AUTO_FREE char *next = str_format("%s%s?limit=%ld&marker=%s", settings_endpoint(),
                                          request->raw_path, limit, last);
        json_object_set_new(body, "servers_links",
                            json_pack("[{s:s, s:s}]", "rel", "next", "href", next));
    }
    api_reply(request, 200, body);
}

void
ecs_list_servers(ApiRequest *request)
{
    list(request, SERVER_ECS, 25);
}

void
ecs_nova_list(ApiRequest *request)
{
    list(request,
         strcmp(request->operation->id, "nova_list_servers") == 0 ? SERVER_BRIEF : SERVER_NOVA,
         LIST_MOST);
}

static void
show(ApiRequest *request, ServerForm form)
{
    AUTO_JSON json_t *server = server_of_request(request);

    if (server)
        api_reply(request, 200, json_pack("{s:o}", "server", server_view(request, server, form)));
}

void
ecs_show_server(ApiRequest *request)
{
    show(request, SERVER_ECS);
}

void
ecs_nova_show(ApiRequest *request)
{
    show(request, SERVER_NOVA);
}

void
ecs_update_server(ApiRequest *request)
{
    AUTO_JSON json_t *server = server_of_request(request);
    const json_t *given = json_object_get(request->json, "server");
    const char *name = json_text(given, "name", NULL);

    if (!server || (name && !server_name_is_sound(request, name)))
        return;
    if (store_run(request->store,
                  "UPDATE ecs_server SET name = coalesce($2, name), description = coalesce($3, "
                  "description), hostname = coalesce($4, hostname), updated = now() WHERE id = $1",
                  "ssss", json_text(server, "id", ""), name, json_text(given, "description", NULL),
                  json_text(given, "hostname", NULL)) != 1) {
        api_fail_store(request);
        return;
    }
    show(request, nova_form(request) ? SERVER_NOVA : SERVER_ECS);
}
