/*
 * keypairs.c: key pairs of a project, in Nova's and in KPS's form. A private key is shown once, to
 * who had it made, and kept nowhere.
 */
#include "ecs/handlers.h"
#include "ecs/server.h"
#include "provision/provision.h"

#include <errno.h>
#include <string.h>

char *
keypair_public_key(StoreConn *store, const char *project, const char *name)
{
    return store_value(store,
                       "SELECT public_key FROM ecs_keypair WHERE project_id = $1 AND name = $2",
                       "ss", project, name);
}

bool
keypair_is_rsa(const char *public_key)
{
    return strncmp(public_key, "ssh-rsa ", 8) == 0;
}

static json_t *
key_of_request(ApiRequest *request)
{
    const char *name = api_path(request, "keypair_name");
    AUTO_FREE char *text = store_value(request->store,
                                       "SELECT to_jsonb(k) FROM ecs_keypair k WHERE project_id = "
                                       "$1 AND name = $2",
                                       "ss", api_project(request), name);

    if (!text && store_failed(request->store))
        api_fail_store(request);
    else if (!text)
        api_fail(request, API_ECS_NO_KEYPAIR, name);
    return text ? json_loads(text, 0, NULL) : NULL;
}

/* ---- Making ---- */

static bool
has_room(ApiRequest *request)
{
    AUTO_FREE char *used =
        store_value(request->store, "SELECT count(*) FROM ecs_keypair WHERE project_id = $1", "s",
                    api_project(request));

    return used && ecs_quota_row(request, "keypairs", strtoll(used, NULL, 10));
}

static bool
insert_key(ApiRequest *request, const char *name, const ProvisionKey *key)
{
    if (store_run(request->store,
                  "INSERT INTO ecs_keypair (project_id, name, user_id, type, public_key, "
                  "fingerprint) VALUES ($1, $2, $3, $4, $5, $6)",
                  "ssssss", api_project(request), name, request->principal->user_id, key->type,
                  key->public_key, key->fingerprint) == 1)
        return true;
    if (strcmp(store_sqlstate(request->store), "23505") == 0)
        api_fail(request, API_ECS_KEYPAIR_EXISTS, name);
    else
        api_fail_store(request);
    return false;
}

static void
create(ApiRequest *request, int status)
{
    const json_t *given = json_object_get(request->json, "keypair");
    const char *name = json_text(given, "name", ""), *text = json_text(given, "public_key", "");
    const char *type = json_text(given, "type", "ssh");
    AUTO_FREE char *problem = NULL;
    AUTO_WIPE char *private_key = NULL;
    ProvisionKey key = {0};

    if (!server_name_is_sound(request, name))
        return;
    if (strcmp(type, "ssh") != 0) {
        api_fail(request, API_ECS_PARAMETER, "type: only ssh is known here");
        return;
    }
    int error = *text ? provision_key_parse(text, &key, &problem)
                      : provision_key_make(name, &key, &private_key, &problem);
    if (error) {
        api_fail(request, API_ECS_PARAMETER, problem ? problem : "the key cannot be made");
        return;
    }
    if (has_room(request) && insert_key(request, name, &key)) {
        json_t *view = json_pack("{s:s, s:s, s:s, s:s, s:s}", "name", name, "type", "ssh",
                                 "public_key", key.public_key, "fingerprint", key.fingerprint,
                                 "user_id", request->principal->user_id);
        json_put_text(view, "private_key", private_key);
        api_reply(request, status, json_pack("{s:o}", "keypair", view));
    }
    provision_key_done(&key);
    if (!request->answered)
        api_fail_store(request);
}

static void
remove_key(ApiRequest *request, int status)
{
    AUTO_JSON json_t *key = key_of_request(request);

    if (!key)
        return;
    if (store_run(request->store, "DELETE FROM ecs_keypair WHERE project_id = $1 AND name = $2",
                  "ss", api_project(request), json_text(key, "name", "")) < 0)
        api_fail_store(request);
    else
        api_reply(request, status, NULL);
}

static PGresult *
page_of_keys(ApiRequest *request, long limit)
{
    return store_query(request->store,
                       "SELECT to_jsonb(k) AS row FROM ecs_keypair k WHERE project_id = $1 AND "
                       "($2::text IS NULL OR name > $2) ORDER BY name LIMIT $3",
                       "ssl", api_project(request), api_query(request, "marker", NULL),
                       (long long) limit);
}

/* ---- Nova ---- */

static json_t *
nova_view(const json_t *row)
{
    return json_pack("{s:s, s:s, s:s, s:s}", "name", json_text(row, "name", ""), "public_key",
                     json_text(row, "public_key", ""), "fingerprint",
                     json_text(row, "fingerprint", ""), "type", "ssh");
}

void
ecs_nova_list_keypairs(ApiRequest *request)
{
    AUTO_ROWS PGresult *rows =
        page_of_keys(request, (long) api_query_number(request, "limit", 1000));

    if (!rows) {
        api_fail_store(request);
        return;
    }
    json_t *list = json_array();
    for (int i = 0; i < PQntuples(rows); i++) {
        AUTO_JSON json_t *row = json_loads(row_text(rows, i, "row"), 0, NULL);
        json_array_append_new(list, json_pack("{s:o}", "keypair", nova_view(row)));
    }
    api_reply(request, 200, json_pack("{s:o}", "keypairs", list));
}

void
ecs_nova_create_keypair(ApiRequest *request)
{
    create(request, 200);
}

void
ecs_nova_show_keypair(ApiRequest *request)
{
    AUTO_JSON json_t *row = key_of_request(request);

    if (!row)
        return;
    json_t *view = nova_view(row);
    json_put_text(view, "user_id", json_text(row, "user_id", ""));
    json_object_set_new(view, "id", json_integer(json_number(row, "number", 0)));
    json_object_set_new(view, "deleted", json_false());
    json_object_set_new(view, "deleted_at", json_null());
    json_object_set_new(view, "updated_at", json_null());
    json_put_text(view, "created_at", json_text(row, "created", ""));
    api_reply(request, 200, json_pack("{s:o}", "keypair", view));
}

void
ecs_nova_delete_keypair(ApiRequest *request)
{
    remove_key(request, 202);
}

/* ---- KPS ---- */

void
ecs_kps_create(ApiRequest *request)
{
    create(request, 200);
}

void
ecs_kps_list(ApiRequest *request)
{
    long limit = (long) api_query_number(request, "limit", 1000);
    AUTO_ROWS PGresult *rows = page_of_keys(request, limit);

    if (!rows) {
        api_fail_store(request);
        return;
    }
    json_t *list = json_array(), *page = json_object();
    for (int i = 0; i < PQntuples(rows); i++) {
        AUTO_JSON json_t *row = json_loads(row_text(rows, i, "row"), 0, NULL);
        json_t *view = nova_view(row);

        json_put_text(view, "scope", "domain");
        json_object_set_new(view, "is_key_protection", json_false());
        json_put_text(view, "frozen_state", "0");
        json_array_append_new(list, json_pack("{s:o}", "keypair", view));
        if (i + 1 == PQntuples(rows) && i + 1 == limit)
            json_put_text(page, "next_marker", json_text(row, "name", ""));
    }
    json_object_set_new(page, "current_count", json_integer(PQntuples(rows)));
    api_reply(request, 200, json_pack("{s:o, s:o}", "keypairs", list, "page_info", page));
}

static long long
milliseconds(const char *text)
{
    Moment moment;

    return moment_parse(text, &moment) ? moment / 1000 : 0;
}

void
ecs_kps_show(ApiRequest *request)
{
    AUTO_JSON json_t *row = key_of_request(request);

    if (!row)
        return;
    json_t *view = nova_view(row);
    json_put_text(view, "user_id", json_text(row, "user_id", ""));
    json_put_text(view, "scope", "domain");
    json_put_text(view, "description", json_text(row, "description", ""));
    json_put_text(view, "algorithm", json_text(row, "type", ""));
    json_object_set_new(view, "id", json_integer(json_number(row, "number", 0)));
    json_object_set_new(view, "is_key_protection", json_false());
    json_object_set_new(view, "deleted", json_false());
    json_object_set_new(view, "frozen_state", json_integer(0));
    json_object_set_new(view, "create_time",
                        json_integer(milliseconds(json_text(row, "created", ""))));
    json_object_set_new(view, "update_time",
                        json_integer(milliseconds(json_text(row, "updated", ""))));
    api_reply(request, 200, json_pack("{s:o}", "keypair", view));
}

void
ecs_kps_update(ApiRequest *request)
{
    AUTO_JSON json_t *row = key_of_request(request);

    if (!row)
        return;
    if (store_run(request->store,
                  "UPDATE ecs_keypair SET description = $3, updated = now() WHERE project_id = $1 "
                  "AND name = $2",
                  "sss", api_project(request), json_text(row, "name", ""),
                  json_text(json_object_get(request->json, "keypair"), "description", "")) != 1)
        api_fail_store(request);
    else
        api_reply(request, 204, NULL);
}

void
ecs_kps_delete(ApiRequest *request)
{
    remove_key(request, 204);
}
