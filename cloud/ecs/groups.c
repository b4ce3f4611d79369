/*
 * groups.c: server groups. On one host their policies hold of themselves (affinity) or cannot hold
 * (anti-affinity, which is therefore refused beyond one member).
 */
#include "ecs/handlers.h"
#include "ecs/server.h"

#include <string.h>

#define VIEW                                                                                       \
    "jsonb_build_object('id', g.id, 'name', g.name, 'policies', jsonb_build_array(g.policy), "     \
    "'metadata', '{}'::jsonb, 'members', coalesce((SELECT jsonb_agg(s.id ORDER BY s.created) "     \
    "FROM ecs_server s WHERE s.group_id = g.id), '[]'::jsonb))"

bool
server_group_has_room(ApiRequest *request, const char *group, int servers)
{
    AUTO_ROWS PGresult *rows = store_query(
        request->store,
        "SELECT policy, (SELECT count(*) FROM ecs_server s WHERE s.group_id = g.id) AS members "
        "FROM ecs_server_group g WHERE g.id = $1 AND g.project_id = $2 FOR UPDATE",
        "ss", group, api_project(request));
    const char *problem = NULL;

    if (!rows || PQntuples(rows) == 0)
        problem = "the server group could not be found";
    else if (strcmp(row_text(rows, 0, "policy"), "anti-affinity") == 0 &&
             row_number(rows, 0, "members") + servers > 1)
        problem = "the server group wants its servers on different hosts, and there is one host";
    else if (row_number(rows, 0, "members") + servers >
             ecs_quota_limit(request->store, api_project(request), "server_group_members"))
        problem = "the server group has no room for so many";
    if (!problem)
        return true;
    store_rollback(request->store);
    api_fail(request, API_ECS_PARAMETER, problem);
    return false;
}

static void
show(ApiRequest *request, const char *id)
{
    AUTO_FREE char *text = store_value(request->store,
                                       "SELECT " VIEW " FROM ecs_server_group g WHERE g.id = $1 "
                                       "AND g.project_id = $2",
                                       "ss", id, api_project(request));

    if (text)
        api_reply(request, 200, json_pack("{s:o}", "server_group", json_loads(text, 0, NULL)));
    else if (store_failed(request->store))
        api_fail_store(request);
    else
        api_fail(request, API_ECS_NO_GROUP, id);
}

void
ecs_create_group(ApiRequest *request)
{
    const json_t *given = json_object_get(request->json, "server_group");
    const json_t *policies = json_object_get(given, "policies");
    const char *name = json_text(given, "name", "");
    const char *policy =
        json_array_size(policies) == 1 ? json_string_value(json_array_get(policies, 0)) : "";
    AUTO_FREE char *used =
        store_value(request->store, "SELECT count(*) FROM ecs_server_group WHERE project_id = $1",
                    "s", api_project(request));

    if (!used || !ecs_quota_row(request, "server_groups", strtoll(used, NULL, 10)))
        return;
    if (!policy ||
        (strcmp(policy, "anti-affinity") != 0 && strcmp(policy, "affinity") != 0 &&
         strcmp(policy, "soft-anti-affinity") != 0 && strcmp(policy, "soft-affinity") != 0)) {
        api_fail(request, API_ECS_PARAMETER,
                 "policies: one of affinity, anti-affinity, soft-affinity, soft-anti-affinity");
        return;
    }
    AUTO_FREE char *id = store_value(request->store,
                                     "INSERT INTO ecs_server_group (project_id, name, policy) "
                                     "VALUES ($1, $2, $3) RETURNING id",
                                     "sss", api_project(request), name, policy);
    if (id)
        show(request, id);
    else
        api_fail_store(request);
}

void
ecs_list_groups(ApiRequest *request)
{
    long long limit = api_query_number(request, "limit", 1000);
    AUTO_ROWS PGresult *rows =
        store_query(request->store,
                    "SELECT " VIEW " AS view, g.id FROM ecs_server_group g WHERE g.project_id = $1 "
                    "AND ($2::text IS NULL OR g.id > $2) ORDER BY g.id LIMIT $3",
                    "ssl", api_project(request), api_query(request, "marker", NULL), limit);

    if (!rows) {
        api_fail_store(request);
        return;
    }
    json_t *list = json_array(), *page = json_object();
    int count = PQntuples(rows);
    for (int i = 0; i < count; i++)
        json_array_append_new(list, json_loads(row_text(rows, i, "view"), 0, NULL));
    if (count > 0 && count == limit)
        json_put_text(page, "next_marker", row_text(rows, count - 1, "id"));
    api_reply(request, 200, json_pack("{s:o, s:o}", "server_groups", list, "page_info", page));
}

void
ecs_show_group(ApiRequest *request)
{
    show(request, api_path(request, "server_group_id"));
}

void
ecs_delete_group(ApiRequest *request)
{
    const char *id = api_path(request, "server_group_id");
    long rows = store_run(request->store,
                          "WITH gone AS (DELETE FROM ecs_server_group WHERE id = $1 AND project_id "
                          "= $2 RETURNING id), freed AS (UPDATE ecs_server SET group_id = '' WHERE "
                          "group_id IN (SELECT id FROM gone)) SELECT id FROM gone",
                          "ss", id, api_project(request));

    if (rows < 0)
        api_fail_store(request);
    else if (rows == 0)
        api_fail(request, API_ECS_NO_GROUP, id);
    else
        api_reply(request, 204, NULL);
}
