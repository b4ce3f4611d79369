/*
 * groups.c: groups of users; policies are granted to groups (roles.c).
 */
#include "crypto/random_id.h"
#include "iam/handlers.h"

#include <string.h>

#define MOST_GROUPS 100

static json_t *
show_group(const ApiRequest *request, const PGresult *rows, int row)
{
    const char *id = row_text(rows, row, "id");

    return json_pack("{s:s, s:s, s:s, s:s, s:o, s:o}", "id", id, "name",
                     row_text(rows, row, "name"), "domain_id", row_text(rows, row, "domain_id"),
                     "description", row_text(rows, row, "description"), "create_time",
                     iam_milliseconds(row_moment(rows, row, "created")), "links",
                     iam_self_link(request, "/v3/groups/%s", id));
}

static void
answer_groups(ApiRequest *request, const PGresult *rows)
{
    json_t *list;

    if (rows == NULL) {
        api_fail_store(request);
        return;
    }
    list = json_array();
    for (int i = 0; i < PQntuples(rows); i++)
        json_array_append_new(list, show_group(request, rows, i));
    iam_reply_list(request, "groups", list);
}

void
iam_list_groups(ApiRequest *request)
{
    const char *domain = api_query(request, "domain_id", request->principal->domain_id);
    AUTO_ROWS PGresult *rows =
        store_query(request->store,
                    "SELECT * FROM iam_group WHERE domain_id = $1 AND domain_id = $2"
                    " AND ($3::text IS NULL OR name = $3) ORDER BY created, id",
                    "sss", request->principal->domain_id, domain, api_query(request, "name", NULL));

    answer_groups(request, rows);
}

void
iam_list_user_groups(ApiRequest *request)
{
    const char *user_id = api_path(request, "user_id");
    AUTO_ROWS PGresult *user = NULL, *rows = NULL;

    if (!caller_may_with_user(request, "iam:groups:listGroupsForUser", user_id))
        return;
    user = iam_find_user(request, user_id);
    if (user == NULL)
        return;
    rows = store_query(request->store,
                       "SELECT g.* FROM iam_group g JOIN iam_membership m ON m.group_id = g.id"
                       " WHERE m.user_id = $1 ORDER BY g.created, g.id",
                       "s", user_id);
    answer_groups(request, rows);
}

/* The path's group of the caller's domain, or NULL after having answered. */
static PGresult *
find_group(ApiRequest *request)
{
    const char *id = api_path(request, "group_id");
    PGresult *rows =
        store_query(request->store, "SELECT * FROM iam_group WHERE id = $1 AND domain_id = $2",
                    "ss", id, request->principal->domain_id);

    if (rows == NULL) {
        api_fail_store(request);
    } else if (PQntuples(rows) == 0) {
        PQclear(rows);
        rows = NULL;
        api_fail(request, API_NO_SUCH_THING, "group", id);
    }
    return rows;
}

void
iam_show_group(ApiRequest *request)
{
    AUTO_ROWS PGresult *rows = find_group(request);

    if (rows != NULL)
        api_reply(request, 200, json_pack("{s:o}", "group", show_group(request, rows, 0)));
}

void
iam_create_group(ApiRequest *request)
{
    const json_t *given = json_object_get(request->json, "group");
    const char *name = json_text(given, "name", "");
    const char *domain = iam_domain_given(request, json_text(given, "domain_id", NULL));
    char id[ID_SIZE];
    AUTO_ROWS PGresult *rows = NULL;

    if (domain == NULL)
        return;
    id_new(id, "");
    rows = store_query(request->store,
                       "INSERT INTO iam_group (id, domain_id, name, description)"
                       " SELECT $1, $2, $3, $4 WHERE"
                       " (SELECT count(*) FROM iam_group WHERE domain_id = $2) < $5 RETURNING *",
                       "ssssi", id, domain, name, json_text(given, "description", ""), MOST_GROUPS);
    if (rows == NULL)
        iam_fail_store(request, "group", name);
    else if (PQntuples(rows) == 0)
        api_fail(request, API_IDENTITY_QUOTA, "groups", MOST_GROUPS);
    else
        api_reply(request, 201, json_pack("{s:o}", "group", show_group(request, rows, 0)));
}

void
iam_update_group(ApiRequest *request)
{
    const json_t *given = json_object_get(request->json, "group");
    AUTO_ROWS PGresult *found = find_group(request), *rows = NULL;

    if (found == NULL)
        return;
    rows = store_query(request->store,
                       "UPDATE iam_group SET name = coalesce($2, name),"
                       " description = coalesce($3, description) WHERE id = $1 RETURNING *",
                       "sss", row_text(found, 0, "id"), json_text(given, "name", NULL),
                       json_text(given, "description", NULL));
    if (rows == NULL)
        iam_fail_store(request, "group", json_text(given, "name", ""));
    else
        api_reply(request, 200, json_pack("{s:o}", "group", show_group(request, rows, 0)));
}

void
iam_delete_group(ApiRequest *request)
{
    AUTO_ROWS PGresult *found = find_group(request);

    if (found == NULL)
        return;
    if (store_run(request->store, "DELETE FROM iam_group WHERE id = $1", "s",
                  row_text(found, 0, "id")) < 0) {
        api_fail_store(request);
        return;
    }
    iam_forget("all", NULL);
    api_reply(request, 204, NULL);
}

void
iam_list_group_users(ApiRequest *request)
{
    AUTO_ROWS PGresult *found = find_group(request), *rows = NULL;
    json_t *list;

    if (found == NULL)
        return;
    rows = store_query(request->store,
                       "SELECT u.id, u.name, u.domain_id, u.description, u.enabled FROM iam_user u"
                       " JOIN iam_membership m ON m.user_id = u.id WHERE m.group_id = $1"
                       " ORDER BY u.created, u.id",
                       "s", row_text(found, 0, "id"));
    if (rows == NULL) {
        api_fail_store(request);
        return;
    }
    list = json_array();
    for (int i = 0; i < PQntuples(rows); i++)
        json_array_append_new(
            list,
            json_pack("{s:s, s:s, s:s, s:s, s:b, s:n, s:o}", "id", row_text(rows, i, "id"), "name",
                      row_text(rows, i, "name"), "domain_id", row_text(rows, i, "domain_id"),
                      "description", row_text(rows, i, "description"), "enabled",
                      row_flag(rows, i, "enabled"), "password_expires_at", "links",
                      iam_self_link(request, "/v3/users/%s", row_text(rows, i, "id"))));
    iam_reply_list(request, "users", list);
}

/* Runs the statement with the path's group and user, both of the domain. Rows, or -1 after having
 * answered. */
static long
with_group_and_user(ApiRequest *request, const char *sql)
{
    const char *user_id = api_path(request, "user_id");
    AUTO_ROWS PGresult *group = find_group(request), *user = NULL, *rows = NULL;

    if (group == NULL)
        return -1;
    user = iam_find_user(request, user_id);
    if (user == NULL)
        return -1;
    rows = store_query(request->store, sql, "ss", row_text(group, 0, "id"), user_id);
    if (rows == NULL) {
        iam_fail_store(request, "user", user_id);
        return -1;
    }
    return PQntuples(rows);
}

void
iam_add_group_user(ApiRequest *request)
{
    if (with_group_and_user(request, "INSERT INTO iam_membership (group_id, user_id)"
                                     " VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING 1") < 0)
        return;
    iam_forget("user", api_path(request, "user_id"));
    api_reply(request, 204, NULL);
}

void
iam_check_group_user(ApiRequest *request)
{
    long found = with_group_and_user(
        request, "SELECT 1 FROM iam_membership WHERE group_id = $1 AND user_id = $2");

    if (found > 0)
        api_reply(request, 204, NULL);
    else if (found == 0)
        api_fail(request, API_NO_SUCH_THING, "user in the group", api_path(request, "user_id"));
}

void
iam_remove_group_user(ApiRequest *request)
{
    long removed = with_group_and_user(
        request, "DELETE FROM iam_membership WHERE group_id = $1 AND user_id = $2 RETURNING 1");

    if (removed < 0)
        return;
    iam_forget("user", api_path(request, "user_id"));
    if (removed == 0)
        api_fail(request, API_NO_SUCH_THING, "user in the group", api_path(request, "user_id"));
    else
        api_reply(request, 204, NULL);
}
