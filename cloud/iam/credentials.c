/*
 * credentials.c: permanent access keys. The secret is shown once, when the key is made; the store
 * has it sealed.
 */
#include "iam/handlers.h"

#include <string.h>

#define MOST_KEYS 2 /* of a user, as in the public cloud: one to use, one to change to */

static json_t *
show_key(const PGresult *rows, int row, bool last_use)
{
    json_t *key = json_pack("{s:s, s:s, s:s, s:s, s:o}", "user_id", row_text(rows, row, "user_id"),
                            "access", row_text(rows, row, "access"), "status",
                            row_flag(rows, row, "active") ? "active" : "inactive", "description",
                            row_text(rows, row, "description"), "create_time",
                            iam_plain_time(row_moment(rows, row, "created")));

    if (last_use)
        json_object_set_new(key, "last_use_time",
                            iam_plain_time(row_is_null(rows, row, "last_used")
                                               ? row_moment(rows, row, "created")
                                               : row_moment(rows, row, "last_used")));
    return key;
}

/* Keys of the domain's own user are made and changed by him only: who may manage keys must not
 * become the account by it. */
static bool
owner_protected(ApiRequest *request, const PGresult *user)
{
    bool bad = row_flag(user, 0, "owner") &&
               strcmp(row_text(user, 0, "id"), request->principal->user_id) != 0;

    if (bad)
        api_fail(request, API_PROTECTED, "Only the account's own user changes his access keys");
    return bad;
}

void
iam_create_key(ApiRequest *request)
{
    const json_t *given = json_object_get(request->json, "credential");
    const char *user_id = json_text(given, "user_id", "");
    const char *description = json_text(given, "description", "");
    AUTO_ROWS PGresult *user = NULL, *rows = NULL;
    AUTO_FREE char *access = NULL, *count = NULL;
    AUTO_WIPE char *secret = NULL;
    json_t *key;

    if (!caller_may_with_user(request, "iam:credentials:createCredential", user_id))
        return;
    user = iam_find_user(request, user_id);
    if (user == NULL || owner_protected(request, user))
        return;
    count = store_value(request->store, "SELECT count(*) FROM iam_key WHERE user_id = $1", "s",
                        user_id);
    if (count != NULL && strtol(count, NULL, 10) >= MOST_KEYS) {
        api_fail(request, API_IDENTITY_QUOTA, "access keys of a user", MOST_KEYS);
        return;
    }
    if (count != NULL && iam_new_key(request->store, user_id, description, &access, &secret))
        rows = store_query(request->store, "SELECT * FROM iam_key WHERE access = $1", "s", access);
    if (rows == NULL || PQntuples(rows) != 1) {
        api_fail_store(request);
        return;
    }
    key = show_key(rows, 0, false);
    json_object_set_new(key, "secret", json_string(secret));
    api_reply(request, 201, json_pack("{s:o}", "credential", key));
}

/* Of one user, or without user_id the caller's own; of the whole domain for who may list them. */
void
iam_list_keys(ApiRequest *request)
{
    const char *user_id = api_query(request, "user_id", NULL);
    AUTO_ROWS PGresult *rows = NULL;
    json_t *list;

    if (user_id == NULL && !caller_may(request, "iam:credentials:listCredentials"))
        user_id = request->principal->user_id;
    if (user_id != NULL &&
        !caller_may_with_user(request, "iam:credentials:listCredentials", user_id))
        return;
    rows = store_query(request->store,
                       "SELECT k.* FROM iam_key k JOIN iam_user u ON u.id = k.user_id"
                       " WHERE u.domain_id = $1 AND ($2::text IS NULL OR u.id = $2)"
                       " ORDER BY k.created, k.access",
                       "ss", request->principal->domain_id, user_id);
    if (rows == NULL) {
        api_fail_store(request);
        return;
    }
    list = json_array();
    for (int i = 0; i < PQntuples(rows); i++)
        json_array_append_new(list, show_key(rows, i, false));
    api_reply(request, 200, json_pack("{s:o}", "credentials", list));
}

/* The path's key, of a user whom the caller may do this with. NULL after having answered. */
static PGresult *
find_key(ApiRequest *request, const char *action)
{
    const char *access = api_path(request, "access_key");
    PGresult *rows = store_query(request->store,
                                 "SELECT k.* FROM iam_key k JOIN iam_user u ON u.id = k.user_id"
                                 " WHERE k.access = $1 AND u.domain_id = $2",
                                 "ss", access, request->principal->domain_id);

    if (rows == NULL) {
        api_fail_store(request);
        return NULL;
    }
    if (PQntuples(rows) == 0)
        api_fail(request, API_NO_SUCH_THING, "access key", access);
    else if (caller_may_with_user(request, action, row_text(rows, 0, "user_id")))
        return rows;
    PQclear(rows);
    return NULL;
}

void
iam_show_key(ApiRequest *request)
{
    AUTO_ROWS PGresult *rows = find_key(request, "iam:credentials:getCredential");

    if (rows != NULL)
        api_reply(request, 200, json_pack("{s:o}", "credential", show_key(rows, 0, true)));
}

void
iam_update_key(ApiRequest *request)
{
    const json_t *given = json_object_get(request->json, "credential");
    const char *status = json_text(given, "status", NULL);
    AUTO_ROWS PGresult *found = find_key(request, "iam:credentials:updateCredential");
    AUTO_ROWS PGresult *user = NULL, *rows = NULL;

    if (found == NULL)
        return;
    user = iam_find_user(request, row_text(found, 0, "user_id"));
    if (user == NULL || owner_protected(request, user))
        return;
    rows = store_query(request->store,
                       "UPDATE iam_key SET active = coalesce($2::boolean, active),"
                       " description = coalesce($3, description) WHERE access = $1 RETURNING *",
                       "sss", row_text(found, 0, "access"),
                       status == NULL                  ? NULL
                       : strcmp(status, "active") == 0 ? "t"
                                                       : "f",
                       json_text(given, "description", NULL));
    if (rows == NULL || PQntuples(rows) != 1) {
        api_fail_store(request);
        return;
    }
    iam_forget("key", row_text(found, 0, "access"));
    api_reply(request, 200, json_pack("{s:o}", "credential", show_key(rows, 0, false)));
}

void
iam_delete_key(ApiRequest *request)
{
    AUTO_ROWS PGresult *found = find_key(request, "iam:credentials:deleteCredential");
    AUTO_ROWS PGresult *user = NULL;

    if (found == NULL)
        return;
    user = iam_find_user(request, row_text(found, 0, "user_id"));
    if (user == NULL || owner_protected(request, user))
        return;
    if (store_run(request->store, "DELETE FROM iam_key WHERE access = $1", "s",
                  row_text(found, 0, "access")) < 0) {
        api_fail_store(request);
        return;
    }
    iam_forget("key", row_text(found, 0, "access"));
    api_reply(request, 204, NULL);
}
