/*
 * projects.c: projects of the caller's domain. Each domain has one named as the region, which SDKs
 * look for by that name.
 */
#include "crypto/random_id.h"
#include "iam/handlers.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define MOST_PROJECTS 50

static json_t *
show_project(const ApiRequest *request, const PGresult *rows, int row)
{
    const char *id = row_text(rows, row, "id"), *domain = row_text(rows, row, "domain_id");

    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:b, s:b, s:o}", "id", id, "name",
                     row_text(rows, row, "name"), "description", row_text(rows, row, "description"),
                     "domain_id", domain, "parent_id", domain, "enabled",
                     row_flag(rows, row, "enabled"), "is_domain", 0, "links",
                     iam_self_link(request, "/v3/projects/%s", id));
}

static bool
wanted(const ApiRequest *request, const PGresult *rows, int row)
{
    const char *name = api_query(request, "name", NULL);
    const char *enabled = api_query(request, "enabled", NULL);
    const char *domain = api_query(request, "domain_id", NULL);
    const char *parent = api_query(request, "parent_id", NULL);
    const char *is_domain = api_query(request, "is_domain", "false");
    const char *own = row_text(rows, row, "domain_id");

    return (name == NULL || strcmp(name, row_text(rows, row, "name")) == 0) &&
           (enabled == NULL ||
            (strcasecmp(enabled, "true") == 0) == row_flag(rows, row, "enabled")) &&
           (domain == NULL || strcmp(domain, own) == 0) &&
           (parent == NULL || strcmp(parent, own) == 0) && strcasecmp(is_domain, "true") != 0;
}

/* Projects of the domain; of them only those that the identity may enter, where one is given. */
static void
answer_list(ApiRequest *request, const Identity *entering)
{
    AUTO_ROWS PGresult *rows = store_query(
        request->store, "SELECT * FROM iam_project WHERE domain_id = $1 ORDER BY created, id", "s",
        request->principal->domain_id);
    json_t *list;

    if (rows == NULL) {
        api_fail_store(request);
        return;
    }
    list = json_array();
    for (int i = 0; i < PQntuples(rows); i++)
        if (wanted(request, rows, i) &&
            (entering == NULL || identity_enters(entering, row_text(rows, i, "id"))))
            json_array_append_new(list, show_project(request, rows, i));
    iam_reply_list(request, "projects", list);
}

/* SDKs ask for the project of the region with any user's key: who may not list all projects gets
 * those that he may enter. */
void
iam_list_projects(ApiRequest *request)
{
    bool all = caller_may(request, "iam:projects:listProjects");

    answer_list(request, all ? NULL : caller_of(request)->identity);
}

void
iam_list_auth_projects(ApiRequest *request)
{
    answer_list(request, caller_of(request)->identity);
}

void
iam_list_user_projects(ApiRequest *request)
{
    const char *user_id = api_path(request, "user_id");
    AUTO_SHARED Identity *identity = NULL;
    AUTO_ROWS PGresult *user = NULL;

    if (!caller_may_with_user(request, "iam:projects:listProjectsForUser", user_id))
        return;
    user = iam_find_user(request, user_id);
    if (user == NULL)
        return;
    if (identity_of_user(user_id, request->store, &identity) != 0)
        api_fail_store(request);
    else
        answer_list(request, identity);
}

/* The path's project of the caller's domain, or NULL after having answered. */
static PGresult *
find_project(ApiRequest *request)
{
    const char *id = api_path(request, "project_id");
    PGresult *rows =
        store_query(request->store, "SELECT * FROM iam_project WHERE id = $1 AND domain_id = $2",
                    "ss", id, request->principal->domain_id);

    if (rows == NULL) {
        api_fail_store(request);
    } else if (PQntuples(rows) == 0) {
        PQclear(rows);
        rows = NULL;
        api_fail(request, API_NO_SUCH_THING, "project", id);
    }
    return rows;
}

void
iam_show_project(ApiRequest *request)
{
    AUTO_ROWS PGresult *rows = find_project(request);

    if (rows == NULL)
        return;
    if (!identity_enters(caller_of(request)->identity, row_text(rows, 0, "id")) &&
        !caller_may(request, "iam:projects:getProject"))
        api_fail(request, API_FORBIDDEN, "iam:projects:getProject");
    else
        api_reply(request, 200, json_pack("{s:o}", "project", show_project(request, rows, 0)));
}

static bool
name_good(ApiRequest *request, const char *name)
{
    size_t length = strlen(name);
    bool good = length >= 1 && length <= 64;

    for (const char *at = name; *at != '\0'; at++)
        good = good && (isalnum((unsigned char) *at) || strchr("-_.", *at) != NULL);
    if (!good)
        api_fail(request, API_BAD_IDENTITY,
                 "project.name must have 1 to 64 letters, digits, '-', '_' and '.'");
    return good;
}

void
iam_create_project(ApiRequest *request)
{
    const json_t *project = json_object_get(request->json, "project");
    const char *name = json_text(project, "name", "");
    const char *domain = iam_domain_given(request, json_text(project, "domain_id", NULL));
    char id[ID_SIZE];
    AUTO_ROWS PGresult *rows = NULL;

    if (domain == NULL || !name_good(request, name))
        return;
    id_new(id, "");
    rows = store_query(request->store,
                       "INSERT INTO iam_project (id, domain_id, name, description)"
                       " SELECT $1, $2, $3, $4 WHERE"
                       " (SELECT count(*) FROM iam_project WHERE domain_id = $2) < $5 RETURNING *",
                       "ssssi", id, domain, name, json_text(project, "description", ""),
                       MOST_PROJECTS);
    if (rows == NULL)
        iam_fail_store(request, "project", name);
    else if (PQntuples(rows) == 0)
        api_fail(request, API_IDENTITY_QUOTA, "projects", MOST_PROJECTS);
    else
        api_reply(request, 201, json_pack("{s:o}", "project", show_project(request, rows, 0)));
}

void
iam_update_project(ApiRequest *request)
{
    const json_t *project = json_object_get(request->json, "project");
    const char *name = json_text(project, "name", NULL);
    AUTO_ROWS PGresult *found = find_project(request), *rows = NULL;

    if (found == NULL || (name != NULL && !name_good(request, name)))
        return;
    if (name != NULL && strcmp(row_text(found, 0, "name"), iam_region()) == 0 &&
        strcmp(name, iam_region()) != 0) {
        api_fail(request, API_PROTECTED, "The project of the region keeps its name");
        return;
    }
    rows =
        store_query(request->store,
                    "UPDATE iam_project SET name = coalesce($2, name),"
                    " description = coalesce($3, description) WHERE id = $1 RETURNING *",
                    "sss", row_text(found, 0, "id"), name, json_text(project, "description", NULL));
    if (rows == NULL) {
        iam_fail_store(request, "project", name);
        return;
    }
    iam_forget("project", row_text(found, 0, "id"));
    api_reply(request, 200, json_pack("{s:o}", "project", show_project(request, rows, 0)));
}

void
iam_show_project_status(ApiRequest *request)
{
    AUTO_ROWS PGresult *rows = find_project(request);
    json_t *project;

    if (rows == NULL)
        return;
    project = show_project(request, rows, 0);
    json_object_del(project, "links");
    json_object_set_new(project, "status", json_string(row_text(rows, 0, "status")));
    api_reply(request, 200, json_pack("{s:o}", "project", project));
}

void
iam_update_project_status(ApiRequest *request)
{
    const char *status = json_text(json_object_get(request->json, "project"), "status", "");
    AUTO_ROWS PGresult *rows = find_project(request);

    if (rows == NULL)
        return;
    if (store_run(request->store, "UPDATE iam_project SET status = $2 WHERE id = $1", "ss",
                  row_text(rows, 0, "id"), status) != 1) {
        api_fail_store(request);
        return;
    }
    iam_forget("project", row_text(rows, 0, "id"));
    api_reply(request, 204, NULL);
}
