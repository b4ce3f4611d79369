/*
 * accounts.c: the logins of an instance by the API. A privilege on a database is a user of the
 * login there, in db_datareader (read-only) or db_owner.
 */
#include "rds/check.h"
#include "rds/databases.h"
#include "rds/handlers.h"

#include <string.h>
#include <strings.h>

#define MOST_USERS_A_CALL 50

/* Logins of the service: never created, changed or dropped here. */
static const char *const protected_names[] = {"sa",
                                              "rdsadmin",
                                              "rdsuser",
                                              "rdsbackup",
                                              "rdsmirror",
                                              "rdsproxy",
                                              "rdsmetric",
                                              "public",
                                              "guest",
                                              "dbo",
                                              "sys",
                                              "sysadmin",
                                              "INFORMATION_SCHEMA",
                                              "securityadmin",
                                              "root",
                                              "admin",
                                              "system",
                                              "casementadmin",
                                              NULL};

static bool
is_protected(const char *name)
{
    for (int i = 0; protected_names[i]; i++)
        if (strcasecmp(name, protected_names[i]) == 0)
            return true;
    return name[0] == '#';
}

static bool
check_account(ApiRequest *request, const char *name)
{
    if (!is_protected(name))
        return true;
    api_fail(request, API_BAD_PARAMETER, "the account belongs to the system");
    return false;
}

static bool
check_new_account(ApiRequest *request, const char *name, const char *password)
{
    size_t fits = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.");

    if (!check_account(request, name))
        return false;
    if (name[fits] != '\0' || fits == 0 || fits > 128 || strchr("-.", name[0])) {
        api_fail(
            request, API_BAD_PARAMETER,
            "name must be 1 to 128 letters, digits, '_', '-' or '.', and not begin with '-' or "
            "'.'");
        return false;
    }
    if (strcasestr(password, name) && strlen(name) > 2) {
        api_fail(request, API_BAD_PARAMETER, "password must not hold the name of the account");
        return false;
    }
    return check_password(request, "password", password);
}

/* The instance's user databases, an array of rows {name}. */
static json_t *
database_rows(EngineCall *call)
{
    return engine_rows(call,
                       "SELECT name FROM sys.databases WHERE database_id > 4 AND state = 0 AND "
                       "name NOT IN (N'rdsadmin', N'resource') ORDER BY name",
                       0);
}

/* Whether it is a login that the API shows. 1, 0, or -1 after an error. */
static int
account_exists(EngineCall *call, const char *name)
{
    AUTO_JSON json_t *rows = engine_rows(
        call, "SELECT name FROM sys.server_principals WHERE type = 'S' AND name = @p1", 1, name);

    return rows ? json_array_size(rows) > 0 : -1;
}

/* ---- privileges ---- */

/* Makes the login a user of the current database in the one of the two roles. */
static bool
grant(EngineCall *call, const char *login, bool readonly)
{
    return engine_run(
        call,
        "DECLARE @user sysname, @sql nvarchar(max);\n"
        "SELECT @user = d.name FROM sys.database_principals d JOIN sys.server_principals s ON "
        "s.sid "
        "= d.sid WHERE s.name = @p1 AND d.type = 'S';\n"
        "IF @user IS NULL\n"
        "BEGIN\n"
        "    SET @user = @p1;\n"
        "    SET @sql = N'CREATE USER ' + QUOTENAME(@user) + N' FOR LOGIN ' + QUOTENAME(@p1);\n"
        "    EXEC (@sql);\n"
        "END;\n"
        "IF @user = N'dbo' RETURN;\n"
        "IF EXISTS (SELECT 1 FROM sys.database_role_members m JOIN sys.database_principals r ON "
        "r.principal_id = m.role_principal_id JOIN sys.database_principals u ON u.principal_id = "
        "m.member_principal_id WHERE u.name = @user AND r.name = @p3)\n"
        "BEGIN\n"
        "    SET @sql = N'ALTER ROLE ' + QUOTENAME(@p3) + N' DROP MEMBER ' + QUOTENAME(@user);\n"
        "    EXEC (@sql);\n"
        "END;\n"
        "SET @sql = N'ALTER ROLE ' + QUOTENAME(@p2) + N' ADD MEMBER ' + QUOTENAME(@user);\n"
        "EXEC (@sql);",
        3, login, readonly ? "db_datareader" : "db_owner", readonly ? "db_owner" : "db_datareader");
}

/* Removes the login's user from the current database, if there is one. */
static bool
revoke(EngineCall *call, const char *login)
{
    return engine_run(call,
                      "DECLARE @user sysname, @sql nvarchar(max);\n"
                      "SELECT @user = d.name FROM sys.database_principals d JOIN "
                      "sys.server_principals s ON s.sid "
                      "= d.sid WHERE s.name = @p1 AND d.type = 'S' AND d.principal_id > 4;\n"
                      "IF @user IS NOT NULL\n"
                      "BEGIN\n"
                      "    SET @sql = N'DROP USER ' + QUOTENAME(@user);\n"
                      "    EXEC (@sql);\n"
                      "END;",
                      1, login);
}

/* The users of the request, each checked; false when it has answered. */
static bool
check_users(ApiRequest *request, EngineCall *call, const json_t *users)
{
    size_t index;
    json_t *user;

    if (json_array_size(users) == 0 || json_array_size(users) > MOST_USERS_A_CALL) {
        api_fail(request, API_BAD_PARAMETER, "users must name 1 to 50 accounts");
        return false;
    }
    json_array_foreach(users, index, user)
    {
        const char *name = json_text(user, "name", "");

        if (!check_account(request, name))
            return false;
        int exists = account_exists(call, name);
        if (exists < 0)
            engine_fail(request, call, name);
        else if (!exists)
            api_fail(request, API_NO_SUCH_ACCOUNT, name);
        if (exists <= 0)
            return false;
    }
    return true;
}

/* All of the request's users in one transaction: either each is changed, or none. */
static bool
change_users(EngineCall *call, const json_t *users, bool allow, const char **failed)
{
    size_t index;
    json_t *user;

    if (!engine_batch(call, "BEGIN TRANSACTION"))
        return false;
    json_array_foreach(users, index, user)
    {
        const char *name = json_text(user, "name", "");

        *failed = name;
        if (!(allow ? grant(call, name, json_flag(user, "readonly", false)) : revoke(call, name))) {
            EngineCall undo = *call;

            undo.message = NULL;
            engine_batch(&undo, "IF @@TRANCOUNT > 0 ROLLBACK");
            free(undo.message);
            return false;
        }
    }
    return engine_batch(call, "COMMIT");
}

static void
change_privilege(ApiRequest *request, bool allow)
{
    const char *database = json_text(request->json, "db_name", ""), *failed = database;
    const json_t *users = json_object_get(request->json, "users");
    AUTO_CALL EngineCall call = {0};

    AUTO_INSTANCE Instance *instance = instance_ready_of_request(request);
    if (!instance || !database_check(request, database))
        return;
    if (!engine_open(&call, request->store, instance) || !engine_use(&call, database)) {
        engine_fail(request, &call, database);
        return;
    }
    if (!check_users(request, &call, users))
        return;
    if (change_users(&call, users, allow, &failed))
        answer_successful(request);
    else
        engine_fail(request, &call, failed);
}

void
allow_privilege(ApiRequest *request)
{
    change_privilege(request, true);
}

void
revoke_privilege(ApiRequest *request)
{
    change_privilege(request, false);
}

/* ---- lists ---- */

/* Of the current database: rows {login, 1 read-only or 0}. */
static json_t *
authorized_rows(EngineCall *call)
{
    return engine_rows(
        call,
        "SELECT s.name, CASE WHEN EXISTS (SELECT 1 FROM sys.database_role_members m JOIN "
        "sys.database_principals r ON r.principal_id = m.role_principal_id WHERE "
        "m.member_principal_id = d.principal_id AND r.name IN (N'db_owner', N'db_datawriter', "
        "N'db_ddladmin')) THEN 0 ELSE 1 END FROM sys.database_principals d JOIN "
        "sys.server_principals s ON s.sid = d.sid WHERE d.type = 'S' AND s.type = 'S' AND "
        "d.principal_id > 4 ORDER BY s.name",
        0);
}

void
list_authorized(ApiRequest *request)
{
    const char *database = api_query(request, "db-name", "");
    long first, limit, total = 0;
    size_t index;
    json_t *row;
    AUTO_CALL EngineCall call = {0};

    AUTO_INSTANCE Instance *instance = engine_instance(request);
    if (!instance || !database_check(request, database))
        return;
    AUTO_JSON json_t *rows =
        engine_open(&call, request->store, instance) && engine_use(&call, database)
            ? authorized_rows(&call)
            : NULL;
    if (!rows) {
        engine_fail(request, &call, database);
        return;
    }
    page_of_request(request, &first, &limit);
    json_t *users = json_array();
    json_array_foreach(rows, index, row)
    {
        if (is_protected(engine_text(row, 0)))
            continue;
        if (total >= first && total < first + limit)
            json_array_append_new(users, json_pack("{s:s, s:b}", "name", engine_text(row, 0),
                                                   "readonly", engine_text(row, 1)[0] == '1'));
        total++;
    }
    api_reply(request, 200,
              json_pack("{s:o, s:I}", "users", users, "total_count", (json_int_t) total));
}

/* Adds to {login: [{name, readonly}...]} what each login may do in each database. */
static bool
collect_privileges(EngineCall *call, json_t *of_login)
{
    size_t i, j;
    json_t *database, *row;
    AUTO_JSON json_t *databases = database_rows(call);

    if (!databases)
        return false;
    json_array_foreach(databases, i, database)
    {
        const char *name = engine_text(database, 0);
        AUTO_JSON json_t *rows = engine_use(call, name) ? authorized_rows(call) : NULL;

        if (!rows && call->number == 911)
            continue; /* dropped meanwhile */
        if (!rows)
            return false;
        json_array_foreach(rows, j, row)
        {
            json_t *list = json_object_get(of_login, engine_text(row, 0));

            if (list)
                json_array_append_new(list, json_pack("{s:s, s:b}", "name", name, "readonly",
                                                      engine_text(row, 1)[0] == '1'));
        }
    }
    return true;
}

void
list_accounts(ApiRequest *request)
{
    long first, limit, total = 0;
    size_t index;
    json_t *row;
    AUTO_CALL EngineCall call = {0};

    AUTO_INSTANCE Instance *instance = engine_instance(request);
    if (!instance)
        return;
    AUTO_JSON json_t *rows = engine_open(&call, request->store, instance)
                                 ? engine_rows(&call,
                                               "SELECT name, is_disabled FROM "
                                               "sys.server_principals WHERE type = 'S' ORDER BY "
                                               "name",
                                               0)
                                 : NULL;
    AUTO_JSON json_t *of_login = json_object();
    AUTO_JSON json_t *users = json_array();
    page_of_request(request, &first, &limit);
    json_array_foreach(rows, index, row)
    {
        const char *name = engine_text(row, 0);

        if (is_protected(name) && strcmp(name, "rdsuser") != 0)
            continue;
        if (total >= first && total < first + limit) {
            json_object_set_new(of_login, name, json_array());
            json_array_append_new(
                users,
                json_pack("{s:s, s:s, s:O, s:[s], s:s}", "name", name, "state",
                          engine_text(row, 1)[0] == '1' ? "unavailable" : "available", "databases",
                          json_object_get(of_login, name), "hosts", "%", "comment", ""));
        }
        total++;
    }
    if (!rows || !collect_privileges(&call, of_login))
        engine_fail(request, &call, "");
    else
        api_reply(request, 200,
                  json_pack("{s:O, s:I}", "users", users, "total_count", (json_int_t) total));
}

/* ---- making, changing, dropping ---- */

/* The login reads every database that there is now. */
static bool
grant_everywhere(EngineCall *call, const char *name)
{
    size_t index;
    json_t *row;
    AUTO_JSON json_t *databases = database_rows(call);

    json_array_foreach(databases, index, row) if (!engine_use(call, engine_text(row, 0)) ||
                                                  !grant(call, name, true)) return false;
    return databases != NULL;
}

void
create_account(ApiRequest *request)
{
    const char *name = json_text(request->json, "name", "");
    const char *password = json_text(request->json, "password", "");
    AUTO_CALL EngineCall call = {0};

    AUTO_INSTANCE Instance *instance = instance_ready_of_request(request);
    if (!instance || !check_new_account(request, name, password))
        return;
    if (engine_open(&call, request->store, instance) &&
        engine_run(&call,
                   "DECLARE @sql nvarchar(max) = N'CREATE LOGIN ' + QUOTENAME(@p1) + N' WITH "
                   "PASSWORD = N''' + REPLACE(@p2, N'''', N'''''') + N'''';\nEXEC (@sql);",
                   2, name, password) &&
        (!json_flag(request->json, "instance_readonly", false) || grant_everywhere(&call, name)))
        answer_successful(request);
    else
        engine_fail(request, &call, name);
}

void
reset_account_password(ApiRequest *request)
{
    const char *name = json_text(request->json, "name", "");
    const char *password = json_text(request->json, "password", "");
    AUTO_CALL EngineCall call = {0};

    AUTO_INSTANCE Instance *instance = instance_ready_of_request(request);
    if (!instance || !check_account(request, name) ||
        !check_password(request, "password", password))
        return;
    if (engine_open(&call, request->store, instance) &&
        engine_run(&call,
                   "DECLARE @sql nvarchar(max) = N'ALTER LOGIN ' + QUOTENAME(@p1) + N' WITH "
                   "PASSWORD = N''' + REPLACE(@p2, N'''', N'''''') + N''' UNLOCK';\nEXEC (@sql);",
                   2, name, password))
        answer_successful(request);
    else
        engine_fail(request, &call, name);
}

/* Its users in every database, then the login. */
static bool
drop_account(EngineCall *call, const char *name)
{
    size_t index;
    json_t *row;
    AUTO_JSON json_t *databases = database_rows(call);

    if (!databases)
        return false;
    json_array_foreach(databases, index, row) if (!engine_use(call, engine_text(row, 0)) ||
                                                  !revoke(call, name)) return false;
    return engine_use(call, "master") &&
           engine_run(call,
                      "DECLARE @sql nvarchar(max) = N'DROP LOGIN ' + QUOTENAME(@p1);\nEXEC (@sql);",
                      1, name);
}

void
delete_account(ApiRequest *request)
{
    const char *name = api_path(request, "user_name");
    AUTO_CALL EngineCall call = {0};
    int exists = -1;

    AUTO_INSTANCE Instance *instance = instance_ready_of_request(request);
    if (!instance || !check_account(request, name))
        return;
    if (engine_open(&call, request->store, instance))
        exists = account_exists(&call, name);
    if (exists == 0)
        api_fail(request, API_NO_SUCH_ACCOUNT, name);
    else if (exists > 0 && drop_account(&call, name))
        answer_successful(request);
    else
        engine_fail(request, &call, name);
}
