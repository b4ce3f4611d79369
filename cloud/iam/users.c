/*
 * users.c: users of the caller's domain, in Keystone's form (v3) and with details (v3.0).
 */
#include "crypto/master_key.h"
#include "crypto/random_id.h"
#include "iam/handlers.h"
#include "iam/signin.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define MOST_USERS 500

static bool
detailed(const ApiRequest *request)
{
    return strncmp(request->operation->path, "/v3.0/", 6) == 0;
}

static json_t *
show_user(const ApiRequest *request, const PGresult *rows, int row)
{
    const char *id = row_text(rows, row, "id");
    json_t *user = json_pack(
        "{s:s, s:s, s:s, s:s, s:b, s:b, s:s, s:o, s:o}", "id", id, "name",
        row_text(rows, row, "name"), "domain_id", row_text(rows, row, "domain_id"), "description",
        row_text(rows, row, "description"), "enabled", row_flag(rows, row, "enabled"), "pwd_status",
        row_flag(rows, row, "must_change"), "access_mode", row_text(rows, row, "access_mode"),
        "password_expires_at", json_null(), "links", iam_self_link(request, "/v3/users/%s", id));

    if (!detailed(request))
        return user;
    json_put_text(user, "email", row_text(rows, row, "email"));
    json_put_text(user, "areacode", row_text(rows, row, "areacode"));
    json_put_text(user, "phone", row_text(rows, row, "phone"));
    json_put_text(user, "xuser_id", "");
    json_put_text(user, "xuser_type", "");
    json_put_text(user, "pwd_strength", "high");
    json_object_set_new(user, "is_domain_owner", json_boolean(row_flag(rows, row, "owner")));
    json_object_set_new(user, "create_time", iam_plain_time(row_moment(rows, row, "created")));
    json_object_set_new(user, "update_time", iam_plain_time(row_moment(rows, row, "updated")));
    json_object_set_new(user, "last_login_time",
                        iam_plain_time(row_moment(rows, row, "last_login")));
    json_object_set_new(user, "pwd_create_time",
                        iam_plain_time(row_moment(rows, row, "password_set")));
    return user;
}

static void
answer_user(ApiRequest *request, int status, const char *id)
{
    AUTO_ROWS PGresult *rows = iam_find_user(request, id);

    if (rows != NULL)
        api_reply(request, status, json_pack("{s:o}", "user", show_user(request, rows, 0)));
}

void
iam_list_users(ApiRequest *request)
{
    const char *enabled = api_query(request, "enabled", NULL);
    const char *domain = api_query(request, "domain_id", request->principal->domain_id);
    AUTO_ROWS PGresult *rows =
        store_query(request->store,
                    "SELECT * FROM iam_user WHERE domain_id = $1"
                    " AND ($2::text IS NULL OR lower(name) = lower($2))"
                    " AND ($3::boolean IS NULL OR enabled = $3::boolean) ORDER BY created, id",
                    "sss", strcmp(domain, request->principal->domain_id) == 0 ? domain : "",
                    api_query(request, "name", NULL),
                    enabled == NULL                    ? NULL
                    : strcasecmp(enabled, "true") == 0 ? "t"
                                                       : "f");
    json_t *list;

    if (rows == NULL) {
        api_fail_store(request);
        return;
    }
    list = json_array();
    for (int i = 0; i < PQntuples(rows); i++)
        json_array_append_new(list, show_user(request, rows, i));
    iam_reply_list(request, "users", list);
}

void
iam_show_user(ApiRequest *request)
{
    const char *id = api_path(request, "user_id");

    if (caller_may_with_user(request, "iam:users:getUser", id))
        answer_user(request, 200, id);
}

/* --- passwords ---------------------------------------------------------------------------------
 */

static bool
used_before(StoreConn *store, const char *user_id, const char *password)
{
    AUTO_ROWS PGresult *rows =
        store_query(store,
                    "(SELECT password_hash AS hash FROM iam_user WHERE id = $1"
                    "  AND password_hash IS NOT NULL) UNION ALL"
                    " (SELECT hash FROM iam_old_password WHERE user_id = $1"
                    "  ORDER BY changed DESC LIMIT $2)",
                    "si", user_id, PASSWORD_REMEMBERED - 1);

    for (int i = 0; rows != NULL && i < PQntuples(rows); i++)
        if (password_matches(password, row_text(rows, i, "hash")))
            return true;
    return false;
}

/* The new password's hash, owned by the caller, or NULL after having answered. */
static char *
accept_password(ApiRequest *request, const char *password, const char *name, const char *user_id)
{
    AUTO_FREE char *problem = password_problem(password, name);

    if (problem == NULL && user_id != NULL && used_before(request->store, user_id, password))
        problem = str_format("the password must not be one of the last %d", PASSWORD_REMEMBERED);
    if (problem != NULL) {
        api_fail(request, API_BAD_IDENTITY, problem);
        return NULL;
    }
    return password_hash(password);
}

/* In the caller's transaction. All tokens and temporary keys of the user end with it. */
static bool
set_password(StoreConn *store, const char *user_id, const char *hash, bool must_change)
{
    return store_run(store,
                     "INSERT INTO iam_old_password (user_id, hash)"
                     " SELECT id, password_hash FROM iam_user"
                     " WHERE id = $1 AND password_hash IS NOT NULL",
                     "s", user_id) >= 0 &&
           store_run(store,
                     "DELETE FROM iam_old_password WHERE user_id = $1 AND changed < (SELECT"
                     " changed FROM iam_old_password WHERE user_id = $1 ORDER BY changed DESC"
                     " OFFSET $2 LIMIT 1)",
                     "si", user_id, PASSWORD_REMEMBERED) >= 0 &&
           store_run(store,
                     "UPDATE iam_user SET password_hash = $2, password_set = now(),"
                     " must_change = $3, token_epoch = token_epoch + 1 WHERE id = $1",
                     "ssb", user_id, hash, must_change) == 1;
}

void
iam_change_password(ApiRequest *request)
{
    const char *id = api_path(request, "user_id");
    const json_t *given = json_object_get(request->json, "user");
    AUTO_JSON json_t *proof = NULL;
    AUTO_FREE char *signed_in = NULL, *hash = NULL;

    if (strcmp(id, request->principal->user_id) != 0) {
        api_fail(request, API_FORBIDDEN, "iam:users:changePassword");
        return;
    }
    proof =
        json_pack("{s:s, s:s}", "id", id, "password", json_text(given, "original_password", ""));
    signed_in = signin_by_password(request, proof);
    if (signed_in == NULL)
        return;
    hash = accept_password(request, json_text(given, "password", ""), request->principal->user_name,
                           id);
    if (hash == NULL)
        return;
    if (!store_begin(request->store) || !set_password(request->store, id, hash, false) ||
        !store_commit(request->store)) {
        api_fail_store(request);
        store_rollback(request->store);
        return;
    }
    iam_forget("user", id);
    api_reply(request, 204, NULL);
}

/* --- changes -----------------------------------------------------------------------------------
 */

static bool
name_good(ApiRequest *request, const char *name)
{
    size_t length = strlen(name);
    bool good = length >= 1 && length <= 64 && !isdigit((unsigned char) *name);

    for (const char *at = name; *at != '\0'; at++)
        good = good && (isalnum((unsigned char) *at) || strchr("-_. @", *at) != NULL);
    if (!good)
        api_fail(request, API_BAD_IDENTITY,
                 "user.name must have 1 to 64 letters, digits, spaces, '-', '_', '.' and '@',"
                 " and not begin with a digit");
    return good;
}

void
iam_create_user(ApiRequest *request)
{
    const json_t *given = json_object_get(request->json, "user");
    const char *name = json_text(given, "name", "");
    const char *password = json_text(given, "password", NULL);
    const char *domain = iam_domain_given(request, json_text(given, "domain_id", NULL));
    AUTO_FREE char *hash = NULL;
    char id[ID_SIZE];
    long made;

    if (domain == NULL || !name_good(request, name))
        return;
    if (password != NULL && (hash = accept_password(request, password, name, NULL)) == NULL)
        return;
    id_new(id, "");
    made = store_run(
        request->store,
        "INSERT INTO iam_user (id, domain_id, name, description, email, areacode, phone,"
        " access_mode, enabled, must_change, password_hash, password_set)"
        " SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9::boolean, $10::boolean, $11,"
        " CASE WHEN $11::text IS NOT NULL THEN now() END"
        " WHERE (SELECT count(*) FROM iam_user WHERE domain_id = $2) < $12",
        "ssssssssbbsi", id, domain, name, json_text(given, "description", ""),
        json_text(given, "email", ""), json_text(given, "areacode", ""),
        json_text(given, "phone", ""), json_text(given, "access_mode", "default"),
        json_flag(given, "enabled", true), json_flag(given, "pwd_status", false), hash, MOST_USERS);
    if (made < 0)
        iam_fail_store(request, "user", name);
    else if (made == 0)
        api_fail(request, API_IDENTITY_QUOTA, "users", MOST_USERS);
    else
        answer_user(request, 201, id);
}

/* Of the domain's own user only he himself changes what he signs in with: who may manage users must
 * not become the account by it. */
static bool
owner_protected(ApiRequest *request, const PGresult *user, const json_t *given)
{
    bool own = strcmp(row_text(user, 0, "id"), request->principal->user_id) == 0;
    bool bad = row_flag(user, 0, "owner") &&
               (json_is_false(json_object_get(given, "enabled")) ||
                (!own && (json_object_get(given, "password") || json_object_get(given, "name"))));

    if (bad)
        api_fail(request, API_PROTECTED,
                 "The account's own user cannot be disabled, and only he changes his name and"
                 " password");
    return bad;
}

static bool
update_user(ApiRequest *request, const char *id, const json_t *given, const char *hash)
{
    const json_t *enabled = json_object_get(given, "enabled");
    StoreConn *store = request->store;

    return store_begin(store) &&
           (hash == NULL || set_password(store, id, hash, json_flag(given, "pwd_status", false))) &&
           store_run(store,
                     "UPDATE iam_user SET name = coalesce($2, name),"
                     " description = coalesce($3, description), email = coalesce($4, email),"
                     " areacode = coalesce($5, areacode), phone = coalesce($6, phone),"
                     " access_mode = coalesce($7, access_mode),"
                     " enabled = coalesce($8::boolean, enabled),"
                     " token_epoch = token_epoch +"
                     "  CASE WHEN enabled AND NOT coalesce($8::boolean, enabled) THEN 1 ELSE 0 END,"
                     " updated = now() WHERE id = $1",
                     "ssssssss", id, json_text(given, "name", NULL),
                     json_text(given, "description", NULL), json_text(given, "email", NULL),
                     json_text(given, "areacode", NULL), json_text(given, "phone", NULL),
                     json_text(given, "access_mode", NULL),
                     json_is_boolean(enabled) ? (json_is_true(enabled) ? "t" : "f") : NULL) == 1 &&
           store_commit(store);
}

void
iam_update_user(ApiRequest *request)
{
    const char *id = api_path(request, "user_id");
    const json_t *given = json_object_get(request->json, "user");
    const char *name = json_text(given, "name", NULL);
    const char *password = json_text(given, "password", NULL);
    AUTO_ROWS PGresult *user = iam_find_user(request, id);
    AUTO_FREE char *hash = NULL;

    if (user == NULL || owner_protected(request, user, given) ||
        (name != NULL && !name_good(request, name)))
        return;
    if (password != NULL &&
        (hash = accept_password(request, password, row_text(user, 0, "name"), id)) == NULL)
        return;
    if (!update_user(request, id, given, hash)) {
        iam_fail_store(request, "user", name != NULL ? name : id);
        store_rollback(request->store);
        return;
    }
    iam_forget("user", id);
    answer_user(request, 200, id);
}

void
iam_delete_user(ApiRequest *request)
{
    const char *id = api_path(request, "user_id");
    AUTO_ROWS PGresult *user = iam_find_user(request, id);

    if (user == NULL)
        return;
    if (row_flag(user, 0, "owner")) {
        api_fail(request, API_PROTECTED, "The account's own user cannot be deleted");
        return;
    }
    if (store_run(request->store, "DELETE FROM iam_user WHERE id = $1", "s", id) < 0) {
        api_fail_store(request);
        return;
    }
    iam_forget("user", id);
    api_reply(request, 204, NULL);
}
