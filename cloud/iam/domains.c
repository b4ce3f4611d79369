/*
 * domains.c: domains are the tenants. The operator of the cloud makes and disables them; a tenant
 * sees his own.
 */
#include "crypto/master_key.h"
#include "iam/handlers.h"
#include "iam/signin.h"

#include <string.h>
#include <strings.h>

static json_t *
show_domain(const ApiRequest *request, const PGresult *rows, int row)
{
    const char *id = row_text(rows, row, "id");

    return json_pack("{s:s, s:s, s:s, s:b, s:o}", "id", id, "name", row_text(rows, row, "name"),
                     "description", row_text(rows, row, "description"), "enabled",
                     row_flag(rows, row, "enabled"), "links",
                     iam_self_link(request, "/v3/domains/%s", id));
}

static void
answer_list(ApiRequest *request, const char *only)
{
    AUTO_ROWS PGresult *rows = store_query(request->store,
                                           "SELECT * FROM iam_domain WHERE ($1::text IS NULL OR id "
                                           "= $1) AND ($2::text IS NULL OR name = $2)"
                                           " ORDER BY created, id",
                                           "ss", only, api_query(request, "name", NULL));
    json_t *list;

    if (rows == NULL) {
        api_fail_store(request);
        return;
    }
    list = json_array();
    for (int i = 0; i < PQntuples(rows); i++)
        json_array_append_new(list, show_domain(request, rows, i));
    iam_reply_list(request, "domains", list);
}

void
iam_list_auth_domains(ApiRequest *request)
{
    answer_list(request, request->principal->domain_id);
}

void
iam_list_domains(ApiRequest *request)
{
    answer_list(request, request->principal->sysadmin ? NULL : request->principal->domain_id);
}

/* The path's domain: one's own, or any for the operator. NULL after having answered. */
static PGresult *
find_domain(ApiRequest *request)
{
    const char *id = api_path(request, "domain_id");
    bool seen = request->principal->sysadmin || strcmp(id, request->principal->domain_id) == 0;
    PGresult *rows =
        store_query(request->store, "SELECT * FROM iam_domain WHERE id = $1", "s", seen ? id : "");

    if (rows == NULL) {
        api_fail_store(request);
    } else if (PQntuples(rows) == 0) {
        PQclear(rows);
        rows = NULL;
        api_fail(request, API_NO_SUCH_THING, "domain", id);
    }
    return rows;
}

void
iam_show_domain(ApiRequest *request)
{
    AUTO_ROWS PGresult *rows = find_domain(request);

    if (rows != NULL)
        api_reply(request, 200, json_pack("{s:o}", "domain", show_domain(request, rows, 0)));
}

/* Makes the domain with its owner in one transaction and answers. */
static void
make_domain(ApiRequest *request, NewDomain *domain)
{
    StoreConn *store = request->store;
    AUTO_ROWS PGresult *rows = NULL;
    json_t *shown;

    if (!store_begin(store) || !iam_new_domain(store, domain) || !store_commit(store)) {
        AUTO_FREE char *state = str_copy(store_sqlstate(store));

        store_rollback(store);
        if (strcmp(state, "23505") == 0)
            api_fail(request, API_IDENTITY_EXISTS, "domain", domain->name);
        else
            api_fail_store(request);
        return;
    }
    rows = store_query(store, "SELECT * FROM iam_domain WHERE id = $1", "s", domain->domain_id);
    if (rows == NULL || PQntuples(rows) != 1) {
        api_fail_store(request);
        return;
    }
    shown = show_domain(request, rows, 0);
    json_object_set_new(shown, "owner",
                        json_pack("{s:s, s:s, s:s}", "id", domain->owner_id, "name",
                                  domain->owner_name, "project_id", domain->project_id));
    api_reply(request, 201, json_pack("{s:o}", "domain", shown));
}

/* Beside Keystone's fields: "owner": {"name", "password"}, the tenant's administrator. */
void
iam_create_domain(ApiRequest *request)
{
    const json_t *given = json_object_get(request->json, "domain");
    const json_t *owner = json_object_get(given, "owner");
    const char *password = json_text(owner, "password", NULL);
    NewDomain domain = {
        .name = json_text(given, "name", ""),
        .description = json_text(given, "description", ""),
        .owner_name = json_text(owner, "name", json_text(given, "name", "")),
    };
    AUTO_FREE char *hash = NULL, *problem = NULL;

    if (password != NULL) {
        problem = password_problem(password, domain.owner_name);
        if (problem != NULL) {
            api_fail(request, API_BAD_IDENTITY, problem);
            return;
        }
        hash = password_hash(password);
        domain.owner_hash = hash;
    }
    make_domain(request, &domain);
}

void
iam_update_domain(ApiRequest *request)
{
    const json_t *given = json_object_get(request->json, "domain");
    const json_t *enabled = json_object_get(given, "enabled");
    AUTO_ROWS PGresult *found = find_domain(request), *rows = NULL;

    if (found == NULL)
        return;
    if (json_is_false(enabled) &&
        strcmp(row_text(found, 0, "id"), request->principal->domain_id) == 0) {
        api_fail(request, API_PROTECTED, "The operator's own domain cannot be disabled");
        return;
    }
    rows = store_query(
        request->store,
        "UPDATE iam_domain SET name = coalesce($2, name),"
        " description = coalesce($3, description), enabled = coalesce($4::boolean, enabled)"
        " WHERE id = $1 RETURNING *",
        "ssss", row_text(found, 0, "id"), json_text(given, "name", NULL),
        json_text(given, "description", NULL),
        json_is_boolean(enabled) ? (json_is_true(enabled) ? "t" : "f") : NULL);
    if (rows == NULL) {
        iam_fail_store(request, "domain", json_text(given, "name", ""));
        return;
    }
    iam_forget("all", NULL);
    api_reply(request, 200, json_pack("{s:o}", "domain", show_domain(request, rows, 0)));
}

static bool
own_domain(ApiRequest *request)
{
    return iam_domain_given(request, api_path(request, "domain_id")) != NULL;
}

void
iam_show_quota(ApiRequest *request)
{
    static const struct {
        const char *type, *sql;
        int quota;
    } kinds[] = {
        {"user", "SELECT count(*) FROM iam_user WHERE domain_id = $1", 500},
        {"group", "SELECT count(*) FROM iam_group WHERE domain_id = $1", 100},
        {"project", "SELECT count(*) FROM iam_project WHERE domain_id = $1", 50},
        {"policy", "SELECT count(*) FROM iam_role WHERE domain_id = $1", 200},
    };
    const char *type = api_query(request, "type", NULL);
    json_t *list;

    if (!own_domain(request))
        return;
    list = json_array();
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        AUTO_FREE char *used = NULL;

        if (type != NULL && strcmp(type, kinds[i].type) != 0)
            continue;
        used = store_value(request->store, kinds[i].sql, "s", request->principal->domain_id);
        json_array_append_new(list,
                              json_pack("{s:s, s:i, s:i, s:i, s:I}", "type", kinds[i].type, "quota",
                                        kinds[i].quota, "min", 0, "max", kinds[i].quota, "used",
                                        (json_int_t) strtoll(used ? used : "0", NULL, 10)));
    }
    api_reply(request, 200, json_pack("{s:{s:o}}", "quotas", "resources", list));
}

void
iam_show_password_policy(ApiRequest *request)
{
    if (own_domain(request))
        api_reply(request, 200,
                  json_pack("{s:{s:i, s:i, s:i, s:i, s:i, s:b, s:s, s:i, s:i}}", "password_policy",
                            "maximum_consecutive_identical_chars", 3, "maximum_password_length",
                            PASSWORD_MOST, "minimum_password_age", 0, "minimum_password_length",
                            PASSWORD_LEAST, "number_of_recent_passwords_disallowed",
                            PASSWORD_REMEMBERED, "password_not_username_or_invert", 1,
                            "password_requirements",
                            "8 to 64 characters; three of upper-case letters, lower-case letters,"
                            " digits and special characters; not the user's name",
                            "password_validity_period", 0, "password_char_combination", 3));
}

void
iam_show_login_policy(ApiRequest *request)
{
    if (own_domain(request))
        api_reply(request, 200,
                  json_pack("{s:{s:i, s:s, s:i, s:i, s:i, s:i, s:b}}", "login_policy",
                            "account_validity_period", 0, "custom_info_for_login", "",
                            "lockout_duration", SIGNIN_WINDOW_SECONDS / 60, "login_failed_times",
                            SIGNIN_FAILURES, "period_with_login_failures",
                            SIGNIN_WINDOW_SECONDS / 60, "session_timeout", 1440,
                            "show_recent_login_info", 0));
}
