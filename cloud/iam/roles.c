/*
 * roles.c: roles of the system (roles.def), the tenants' own policies, and their grants to groups:
 * for the domain itself, for one project, or for the domain and all its projects.
 */
#include "crypto/random_id.h"
#include "iam/handlers.h"

#include <errno.h>
#include <string.h>

#define MOST_POLICIES 200

static json_t *
show_system(const ApiRequest *request, const SystemRole *role)
{
    return json_pack("{s:s, s:s, s:s, s:n, s:s, s:s, s:s, s:s, s:O, s:o}", "id", role->id, "name",
                     role->name, "display_name", role->display_name, "domain_id", "type",
                     role->type, "catalog", role->catalog, "description", role->description, "flag",
                     "fine_grained", "policy", role->json, "links",
                     iam_self_link(request, "/v3/roles/%s", role->id));
}

static json_t *
show_custom(const ApiRequest *request, const PGresult *rows, int row)
{
    const char *id = row_text(rows, row, "id");
    json_t *policy = json_loads(row_text(rows, row, "policy"), 0, NULL);
    AUTO_FREE char *created =
        str_format("%lld", (long long) row_moment(rows, row, "created") / 1000);
    AUTO_FREE char *updated =
        str_format("%lld", (long long) row_moment(rows, row, "updated") / 1000);

    return json_pack(
        "{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:o}", "id", id, "name",
        row_text(rows, row, "name"), "display_name", row_text(rows, row, "display_name"),
        "domain_id", row_text(rows, row, "domain_id"), "type", row_text(rows, row, "type"),
        "catalog", "CUSTOMED", "description", row_text(rows, row, "description"), "description_cn",
        row_text(rows, row, "description_cn"), "created_time", created, "updated_time", updated,
        "policy", policy != NULL ? policy : json_object(), "links",
        iam_self_link(request, "/v3/roles/%s", id));
}

/* The domain's own policies; only is an id, or NULL for all. */
static PGresult *
custom_roles(ApiRequest *request, const char *only)
{
    return store_query(
        request->store,
        "SELECT * FROM iam_role WHERE domain_id = $1 AND ($2::text IS NULL OR id = $2)"
        " ORDER BY created, id",
        "ss", request->principal->domain_id, only);
}

static bool
wanted(const ApiRequest *request, const json_t *role)
{
    static const char *const filters[] = {"name", "display_name", "catalog"};
    const char *kind = api_query(request, "permission_type", NULL);
    bool custom = json_is_string(json_object_get(role, "domain_id"));

    for (int i = 0; i < 3; i++) {
        const char *value = api_query(request, filters[i], NULL);

        if (value != NULL && strcmp(value, json_text(role, filters[i], "")) != 0)
            return false;
    }
    return kind == NULL || strcmp(kind, custom ? "policy" : "role") == 0 ||
           (!custom && strcmp(kind, "policy") == 0);
}

/* System roles, or with domain_id in the query the domain's own policies, as the real service. */
void
iam_list_roles(ApiRequest *request)
{
    const char *domain = api_query(request, "domain_id", NULL);
    json_t *list = json_array();
    int count;
    const SystemRole *system = policy_system_roles(&count);

    if (domain != NULL && *domain != '\0') {
        AUTO_ROWS PGresult *rows = custom_roles(request, NULL);
        bool own = strcmp(domain, request->principal->domain_id) == 0;

        for (int i = 0; own && rows != NULL && i < PQntuples(rows); i++)
            json_array_append_new(list, show_custom(request, rows, i));
        count = 0;
    }
    for (int i = 0; i < count; i++)
        json_array_append_new(list, show_system(request, &system[i]));
    for (size_t i = json_array_size(list); i-- > 0;)
        if (!wanted(request, json_array_get(list, i)))
            json_array_remove(list, i);
    iam_reply_list(request, "roles", list);
}

void
iam_list_custom_roles(ApiRequest *request)
{
    AUTO_ROWS PGresult *rows = custom_roles(request, NULL);
    json_t *list;

    if (rows == NULL) {
        api_fail_store(request);
        return;
    }
    list = json_array();
    for (int i = 0; i < PQntuples(rows); i++)
        json_array_append_new(list, show_custom(request, rows, i));
    iam_reply_list(request, "roles", list);
}

/* The path's own policy, or NULL after having answered. */
static PGresult *
find_custom(ApiRequest *request)
{
    const char *id = api_path(request, "role_id");
    PGresult *rows = custom_roles(request, id);

    if (rows == NULL) {
        api_fail_store(request);
    } else if (PQntuples(rows) == 0) {
        PQclear(rows);
        rows = NULL;
        api_fail(request, API_NO_SUCH_THING, "role", id);
    }
    return rows;
}

void
iam_show_role(ApiRequest *request)
{
    const SystemRole *system = policy_system_role(api_path(request, "role_id"));
    AUTO_ROWS PGresult *rows = NULL;

    if (system != NULL) {
        api_reply(request, 200, json_pack("{s:o}", "role", show_system(request, system)));
        return;
    }
    rows = find_custom(request);
    if (rows != NULL)
        api_reply(request, 200, json_pack("{s:o}", "role", show_custom(request, rows, 0)));
}

void
iam_show_custom_role(ApiRequest *request)
{
    AUTO_ROWS PGresult *rows = find_custom(request);

    if (rows != NULL)
        api_reply(request, 200, json_pack("{s:o}", "role", show_custom(request, rows, 0)));
}

static bool
policy_good(ApiRequest *request, const json_t *policy)
{
    AUTO_FREE char *problem = NULL, *text = NULL;
    Policy *read;

    text = policy != NULL ? json_render(policy) : NULL;
    if (text == NULL || strlen(text) > POLICY_MOST_BYTES) {
        api_fail(request, API_BAD_IDENTITY,
                 "role.policy is missing or longer than 6144 characters");
        return false;
    }
    read = policy_read(policy, &problem);
    if (read == NULL)
        api_fail(request, API_BAD_IDENTITY, problem);
    policy_free(read);
    return read != NULL;
}

void
iam_create_custom_role(ApiRequest *request)
{
    const json_t *given = json_object_get(request->json, "role");
    const char *shown_name = json_text(given, "display_name", "");
    json_t *policy = json_object_get(given, "policy");
    AUTO_ROWS PGresult *rows = NULL;
    AUTO_FREE char *name = NULL;
    char id[ID_SIZE];

    if (!policy_good(request, policy))
        return;
    id_new(id, "");
    name = str_format("custom_%s", id);
    rows = store_query(request->store,
                       "INSERT INTO iam_role (id, domain_id, name, display_name, type,"
                       " description, description_cn, policy)"
                       " SELECT $1, $2, $3, $4, $5, $6, $7, $8::jsonb WHERE"
                       " (SELECT count(*) FROM iam_role WHERE domain_id = $2) < $9 RETURNING *",
                       "sssssssji", id, request->principal->domain_id, name, shown_name,
                       json_text(given, "type", "AX"), json_text(given, "description", ""),
                       json_text(given, "description_cn", ""), policy, MOST_POLICIES);
    if (rows == NULL)
        iam_fail_store(request, "policy", shown_name);
    else if (PQntuples(rows) == 0)
        api_fail(request, API_IDENTITY_QUOTA, "custom policies", MOST_POLICIES);
    else
        api_reply(request, 201, json_pack("{s:o}", "role", show_custom(request, rows, 0)));
}

void
iam_update_custom_role(ApiRequest *request)
{
    const json_t *given = json_object_get(request->json, "role");
    json_t *policy = json_object_get(given, "policy");
    AUTO_ROWS PGresult *found = find_custom(request), *rows = NULL;

    if (found == NULL || (policy != NULL && !policy_good(request, policy)))
        return;
    rows = store_query(request->store,
                       "UPDATE iam_role SET display_name = coalesce($2, display_name),"
                       " type = coalesce($3, type), description = coalesce($4, description),"
                       " description_cn = coalesce($5, description_cn),"
                       " policy = coalesce($6::jsonb, policy), updated = now()"
                       " WHERE id = $1 RETURNING *",
                       "sssssj", row_text(found, 0, "id"), json_text(given, "display_name", NULL),
                       json_text(given, "type", NULL), json_text(given, "description", NULL),
                       json_text(given, "description_cn", NULL), policy);
    if (rows == NULL) {
        iam_fail_store(request, "policy", json_text(given, "display_name", ""));
        return;
    }
    iam_forget("all", NULL);
    api_reply(request, 200, json_pack("{s:o}", "role", show_custom(request, rows, 0)));
}

void
iam_delete_custom_role(ApiRequest *request)
{
    AUTO_ROWS PGresult *found = find_custom(request);
    const char *id;

    if (found == NULL)
        return;
    id = row_text(found, 0, "id");
    if (!store_begin(request->store) ||
        store_run(request->store, "DELETE FROM iam_grant WHERE role_id = $1", "s", id) < 0 ||
        store_run(request->store, "DELETE FROM iam_role WHERE id = $1", "s", id) < 0 ||
        !store_commit(request->store)) {
        api_fail_store(request);
        store_rollback(request->store);
        return;
    }
    iam_forget("all", NULL);
    api_reply(request, 200, json_object());
}

/* --- grants ------------------------------------------------------------------------------------
 */

/* Where the path grants: "all" for .../inherited_to_projects, "domain", or the project's id. NULL
 * after having answered. */
static const char *
scope_of_path(ApiRequest *request)
{
    const char *project = api_path(request, "project_id");
    AUTO_SHARED Project *found = NULL;
    int error;

    if (project == NULL) {
        if (iam_domain_given(request, api_path(request, "domain_id")) == NULL)
            return NULL;
        return strstr(request->operation->path, "inherited_to_projects") ? "all" : "domain";
    }
    error = identity_of_project(project, request->store, &found);
    if (error == 0 && strcmp(found->domain_id, request->principal->domain_id) == 0)
        return project;
    if (error == -EIO)
        api_fail_store(request);
    else
        api_fail(request, API_NO_SUCH_THING, "project", project);
    return NULL;
}

/* Runs the statement with scope ($1) and the path's group ($2) of the domain, and its role ($3)
 * where it has one. NULL after having answered. */
static PGresult *
with_grant(ApiRequest *request, const char *sql)
{
    const char *scope = scope_of_path(request), *group = api_path(request, "group_id");
    const char *role = api_path(request, "role_id");
    AUTO_FREE char *group_known = NULL, *role_known = NULL;
    PGresult *rows;

    if (scope == NULL)
        return NULL;
    group_known =
        store_value(request->store, "SELECT id FROM iam_group WHERE id = $1 AND domain_id = $2",
                    "ss", group, request->principal->domain_id);
    if (group_known == NULL) {
        api_fail(request, API_NO_SUCH_THING, "group", group);
        return NULL;
    }
    if (role == NULL)
        rows = store_query(request->store, sql, "ss", scope, group);
    else {
        role_known = policy_system_role(role) != NULL
                         ? str_copy(role)
                         : store_value(request->store,
                                       "SELECT id FROM iam_role WHERE id = $1 AND domain_id = $2",
                                       "ss", role, request->principal->domain_id);
        if (role_known == NULL) {
            api_fail(request, API_NO_SUCH_THING, "role", role);
            return NULL;
        }
        rows = store_query(request->store, sql, "sss", scope, group, role);
    }
    if (rows == NULL)
        api_fail_store(request);
    return rows;
}

void
iam_list_grants(ApiRequest *request)
{
    AUTO_ROWS PGresult *rows = with_grant(
        request, "SELECT role_id FROM iam_grant WHERE scope = $1 AND group_id = $2 ORDER BY 1");
    json_t *list;

    if (rows == NULL)
        return;
    list = json_array();
    for (int i = 0; i < PQntuples(rows); i++) {
        const char *id = row_text(rows, i, "role_id");
        const SystemRole *system = policy_system_role(id);
        AUTO_ROWS PGresult *custom = system == NULL ? custom_roles(request, id) : NULL;

        if (system != NULL)
            json_array_append_new(list, show_system(request, system));
        else if (custom != NULL && PQntuples(custom) == 1)
            json_array_append_new(list, show_custom(request, custom, 0));
    }
    iam_reply_list(request, "roles", list);
}

void
iam_add_grant(ApiRequest *request)
{
    AUTO_ROWS PGresult *rows =
        with_grant(request, "INSERT INTO iam_grant (scope, group_id, role_id) VALUES ($1, $2, $3)"
                            " ON CONFLICT DO NOTHING");

    if (rows == NULL)
        return;
    iam_forget("all", NULL);
    api_reply(request, 204, NULL);
}

void
iam_check_grant(ApiRequest *request)
{
    AUTO_ROWS PGresult *rows = with_grant(
        request, "SELECT 1 FROM iam_grant WHERE scope = $1 AND group_id = $2 AND role_id = $3");

    if (rows == NULL)
        return;
    if (PQntuples(rows) == 0)
        api_fail(request, API_NO_SUCH_THING, "grant of the role", api_path(request, "role_id"));
    else
        api_reply(request, 204, NULL);
}

void
iam_remove_grant(ApiRequest *request)
{
    AUTO_ROWS PGresult *rows =
        with_grant(request, "DELETE FROM iam_grant WHERE scope = $1 AND group_id = $2"
                            " AND role_id = $3 RETURNING 1");

    if (rows == NULL)
        return;
    iam_forget("all", NULL);
    if (PQntuples(rows) == 0)
        api_fail(request, API_NO_SUCH_THING, "grant of the role", api_path(request, "role_id"));
    else
        api_reply(request, 204, NULL);
}
