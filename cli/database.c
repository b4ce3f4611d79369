/*
 * database.c: `casement database ...` and `casement account ...`: what is inside an instance.
 */
#include "handlers.h"
#include "service.h"
#include "table.h"

#include "base/json.h"
#include "base/memory.h"

#include <stdio.h>

/* One call below the instance that the first positional names; prints what was done. */
static int
change(
    Invocation *invocation, const char *method, const char *suffix, json_t *body, const char *done)
{
    AUTO_JSON json_t *owned = body;
    AUTO_JSON json_t *instance = service_instance(positional(invocation, 0));
    AUTO_FREE char *path =
        str_format("/v3/{p}/instances/%s%s", json_text(instance, "id", ""), suffix);
    AUTO_JSON json_t *answer = service_call(method, path, owned);

    print_json(invocation, answer);
    return service_finish(invocation, json_text(answer, "job_id", NULL), done);
}

int
run_database_list(Invocation *invocation)
{
    AUTO_JSON json_t *instance = service_instance(positional(invocation, 0));
    AUTO_JSON json_t *answer = service_get("/v3/{p}/instances/%s/database/detail?page=1&limit=100",
                                           json_text(instance, "id", ""));
    size_t index;
    json_t *one;

    if (print_json(invocation, answer))
        return EXIT_FINE;
    Table *table = table_new("NAME|COLLATION|STATE");
    json_array_foreach(json_object_get(answer, "databases"), index, one)
        table_row(table, (const char *const[]){json_text(one, "name", ""),
                                               json_text(one, "character_set", ""),
                                               json_text(one, "state", "")});
    table_print(table, "There are no databases yet.");
    return EXIT_FINE;
}

int
run_database_create(Invocation *invocation)
{
    return change(invocation, "POST", "/database",
                  json_pack("{s:s}", "name", positional(invocation, 1)), "Created.");
}

int
run_database_delete(Invocation *invocation)
{
    AUTO_FREE char *name = url_text(positional(invocation, 1));
    AUTO_FREE char *suffix = str_format("/database/%s", name);

    confirm(invocation, "Delete the database %s?", positional(invocation, 1));
    return change(invocation, "DELETE", suffix,
                  json_pack("{s:b}", "is_force_delete", option_given(invocation, "force")),
                  "Deleted.");
}

int
run_account_list(Invocation *invocation)
{
    AUTO_JSON json_t *instance = service_instance(positional(invocation, 0));
    AUTO_JSON json_t *answer = service_get("/v3/{p}/instances/%s/db_user/detail?page=1&limit=100",
                                           json_text(instance, "id", ""));
    size_t index, inner;
    json_t *one, *database;

    if (print_json(invocation, answer))
        return EXIT_FINE;
    Table *table = table_new("NAME|STATE|DATABASES");
    json_array_foreach(json_object_get(answer, "users"), index, one)
    {
        Buffer databases = {0};
        json_array_foreach(json_object_get(one, "databases"), inner, database)
            buffer_format(&databases, "%s%s%s", inner ? ", " : "", json_text(database, "name", ""),
                          json_flag(database, "readonly", false) ? " (reading)" : "");
        table_row(table,
                  (const char *const[]){json_text(one, "name", ""), json_text(one, "state", "-"),
                                        databases.text ? databases.text : "-"});
        buffer_done(&databases);
    }
    table_print(table, "There are no accounts but rdsuser.");
    return EXIT_FINE;
}

int
run_account_create(Invocation *invocation)
{
    AUTO_WIPE char *password = service_password(invocation, positional(invocation, 1), true);

    return change(invocation, "POST", "/db_user",
                  json_pack("{s:s, s:s}", "name", positional(invocation, 1), "password", password),
                  "Created.");
}

int
run_account_password(Invocation *invocation)
{
    AUTO_WIPE char *password = service_password(invocation, positional(invocation, 1), true);

    return change(invocation, "POST", "/db_user/resetpwd",
                  json_pack("{s:s, s:s}", "name", positional(invocation, 1), "password", password),
                  "The password is set.");
}

static json_t *
privilege(Invocation *invocation)
{
    return json_pack("{s:s, s:[{s:s, s:b}]}", "db_name", positional(invocation, 2), "users", "name",
                     positional(invocation, 1), "readonly", option_given(invocation, "readonly"));
}

int
run_account_grant(Invocation *invocation)
{
    return change(invocation, "POST", "/db_privilege", privilege(invocation), "Granted.");
}

int
run_account_revoke(Invocation *invocation)
{
    return change(invocation, "DELETE", "/db_privilege", privilege(invocation), "Taken back.");
}

int
run_account_delete(Invocation *invocation)
{
    AUTO_FREE char *name = url_text(positional(invocation, 1));
    AUTO_FREE char *suffix = str_format("/db_user/%s", name);

    confirm(invocation, "Delete the account %s?", positional(invocation, 1));
    return change(invocation, "DELETE", suffix, NULL, "Deleted.");
}
