/*
 * databases.c: the databases of an instance by the API: created, listed and dropped by T-SQL.
 */
#include "rds/databases.h"

#include "rds/engine_call.h"
#include "rds/handlers.h"

#include <errno.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define MOST_DATABASES "100" /* of an instance, as on the public cloud */
#define FORCE_ATTEMPTS 20

static const char *const reserved[] = {"master",   "msdb",     "model",        "tempdb",
                                       "resource", "rdsadmin", "distribution", NULL};

bool
database_is_reserved(const char *name)
{
    for (int i = 0; reserved[i]; i++)
        if (strcasecmp(name, reserved[i]) == 0)
            return true;
    return false;
}

/* Letters, digits, '_' and '-', at most 64, beginning with a letter or a digit: what every tool can
 * write without quoting surprises. */
static bool
check_new_name(ApiRequest *request, const char *name)
{
    size_t fits = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");

    if (name[fits] != '\0' || fits == 0 || fits > 64 || name[0] == '-' || name[0] == '_')
        api_fail(request, API_BAD_PARAMETER,
                 "name must be 1 to 64 letters, digits, '_' or '-', and begin with a letter or a "
                 "digit");
    else if (database_is_reserved(name))
        api_fail(request, API_BAD_PARAMETER, "name is reserved for the system");
    else
        return true;
    return false;
}

bool
database_check(ApiRequest *request, const char *name)
{
    if (!database_is_reserved(name))
        return true;
    api_fail(request, API_BAD_PARAMETER, "the database belongs to the system");
    return false;
}

void
answer_successful(ApiRequest *request)
{
    api_reply(request, 200, json_pack("{s:s}", "resp", "successful"));
}

/* ---- creating ---- */

static bool
create(EngineCall *call, const char *name)
{
    return engine_run(call,
                      "DECLARE @sql nvarchar(max) = N'CREATE DATABASE ' + QUOTENAME(@p1);\n"
                      "EXEC (@sql);",
                      1, name) &&
           engine_run(call,
                      "DECLARE @sql nvarchar(max) = N'ALTER AUTHORIZATION ON DATABASE::' + "
                      "QUOTENAME(@p1) + N' TO [rdsuser]';\nEXEC (@sql);",
                      1, name);
}

static bool
too_many(EngineCall *call)
{
    AUTO_JSON json_t *rows = engine_rows(
        call,
        "SELECT 1 FROM sys.databases WHERE database_id > 4 HAVING COUNT(*) >= " MOST_DATABASES, 0);

    return rows && json_array_size(rows) > 0;
}

void
create_database(ApiRequest *request)
{
    const char *name = json_text(request->json, "name", "");
    AUTO_CALL EngineCall call = {0};

    AUTO_INSTANCE Instance *instance = instance_ready_of_request(request);
    if (!instance || !check_new_name(request, name))
        return;
    if (!engine_open(&call, request->store, instance))
        engine_fail(request, &call, name);
    else if (too_many(&call))
        api_fail(request, API_QUOTA, "databases of an instance");
    else if (!create(&call, name))
        engine_fail(request, &call, name);
    else
        answer_successful(request);
}

/* ---- listing ---- */

void
page_of_request(const ApiRequest *request, long *first, long *limit)
{
    *limit = (long) api_query_number(request, "limit", 100);
    *first = ((long) api_query_number(request, "page", 1) - 1) * *limit;
}

void
list_databases(ApiRequest *request)
{
    const char *wanted = api_query(request, "db-name", NULL);
    const char *model = api_query(request, "recover_model", NULL);
    long first, limit, total = 0;
    size_t index;
    json_t *row;
    AUTO_CALL EngineCall call = {0};

    AUTO_INSTANCE Instance *instance = engine_instance(request);
    if (!instance)
        return;
    AUTO_JSON json_t *rows =
        engine_open(&call, request->store, instance)
            ? engine_rows(&call,
                          "SELECT name, collation_name, state_desc FROM sys.databases WHERE "
                          "database_id > 4 AND name NOT IN (N'rdsadmin', N'resource') AND (@p1 IS "
                          "NULL OR name LIKE N'%' + REPLACE(REPLACE(REPLACE(@p1, N'[', N'[[]'), "
                          "N'%', N'[%]'), N'_', N'[_]') + N'%') AND (@p2 IS NULL OR "
                          "recovery_model_desc = @p2) ORDER BY name",
                          2, wanted, model)
            : NULL;
    if (!rows) {
        engine_fail(request, &call, wanted ? wanted : "");
        return;
    }
    page_of_request(request, &first, &limit);
    json_t *list = json_array();
    json_array_foreach(rows, index, row)
    {
        const char *state = engine_text(row, 2);

        if (total >= first && total < first + limit)
            json_array_append_new(list,
                                  json_pack("{s:s, s:s, s:s}", "name", engine_text(row, 0),
                                            "character_set", engine_text(row, 1), "state",
                                            strcmp(state, "ONLINE") == 0 ? "Running" : state));
        total++;
    }
    api_reply(request, 200,
              json_pack("{s:o, s:I}", "databases", list, "total_count", (json_int_t) total));
}

/* ---- deleting ---- */

/* Ends the sessions whose current database it is. */
static bool
end_sessions(EngineCall *call, const char *name)
{
    size_t index;
    json_t *row;
    AUTO_JSON json_t *rows = engine_rows(call,
                                         "SELECT session_id FROM sys.dm_exec_sessions WHERE "
                                         "database_id = DB_ID(@p1) AND session_id <> @@SPID",
                                         1, name);

    if (!rows)
        return false;
    json_array_foreach(rows, index, row)
    {
        AUTO_FREE char *kill = str_format("KILL %ld", strtol(engine_text(row, 0), NULL, 10));

        /* 6106: it has gone by itself meanwhile */
        if (!engine_batch(call, kill) && call->number != 6106)
            return false;
    }
    return true;
}

bool
database_drop(EngineCall *call, const char *name, bool force)
{
    struct timespec pause = {.tv_nsec = 100000000};

    for (int attempt = 0;; attempt++) {
        if (force && !end_sessions(call, name))
            return false;
        if (engine_run(call,
                       "DECLARE @sql nvarchar(max) = N'DROP DATABASE ' + QUOTENAME(@p1);\n"
                       "EXEC (@sql);",
                       1, name))
            return true;
        if (!force || call->number != 3702 || attempt >= FORCE_ATTEMPTS)
            return false;
        nanosleep(&pause, NULL);
    }
}

/* The path's database exists and may be dropped; false when it has answered. */
static bool
check_droppable(ApiRequest *request, EngineCall *call, const Instance *instance, const char *name)
{
    if (!database_check(request, name))
        return false;
    AUTO_JSON json_t *rows =
        engine_open(call, request->store, instance)
            ? engine_rows(call, "SELECT name FROM sys.databases WHERE name = @p1", 1, name)
            : NULL;
    if (!rows)
        engine_fail(request, call, name);
    else if (json_array_size(rows) == 0)
        api_fail(request, API_NO_SUCH_DATABASE, name);
    else
        return true;
    return false;
}

void
delete_database(ApiRequest *request)
{
    const char *name = api_path(request, "db_name");
    bool force = json_flag(request->json, "is_force_delete", false);
    AUTO_CALL EngineCall call = {0};

    AUTO_INSTANCE Instance *instance = instance_ready_of_request(request);
    if (!instance || !check_droppable(request, &call, instance, name))
        return;
    if (database_drop(&call, name, force))
        answer_successful(request);
    else
        engine_fail(request, &call, name);
}

void
delete_database_by_job(ApiRequest *request)
{
    const char *name = api_path(request, "db_name");
    char job[41];
    AUTO_CALL EngineCall call = {0};

    AUTO_INSTANCE Instance *instance = instance_ready_of_request(request);
    if (!instance || !check_droppable(request, &call, instance, name))
        return;
    AUTO_JSON json_t *data = json_pack("{s:s, s:b}", "database", name, "force",
                                       json_flag(request->json, "is_force_delete", false));
    if (instance_start_job(request, instance, "DeleteSqlserverDatabase", NULL, data, job))
        api_reply(request, 202, json_pack("{s:s}", "job_id", job));
}

static int
drop_step(JobContext *context)
{
    const char *name = json_text(context->data, "database", "");
    AUTO_CALL EngineCall call = {0};

    AUTO_INSTANCE Instance *instance = instance_load_any(context->store, context->resource_id);
    if (!instance)
        return job_fail(context, -ENOENT, "the instance is gone");
    if (!engine_open(&call, context->store, instance))
        return job_fail(context, -EIO, "the instance does not answer: %s", call.message);
    AUTO_JSON json_t *rows =
        engine_rows(&call, "SELECT name FROM sys.databases WHERE name = @p1", 1, name);
    if (rows && json_array_size(rows) == 0)
        return 0; /* by an earlier run of this step */
    if (!rows || !database_drop(&call, name, json_flag(context->data, "force", false)))
        return job_fail(context, -EIO, "%s", call.message ? call.message : "no answer");
    return 0;
}

static const JobStep drop_steps[] = {{"drop-database", drop_step, 100}, {NULL, NULL, 0}};
static const JobKind drop_kind = {"DeleteSqlserverDatabase", drop_steps, NULL};

void
databases_register(void)
{
    job_register(&drop_kind);
}

/* ---- statistics ---- */

void
update_statistics(ApiRequest *request)
{
    const char *name = json_text(request->json, "db_name", "");
    AUTO_CALL EngineCall call = {0};

    AUTO_INSTANCE Instance *instance = instance_ready_of_request(request);
    if (!instance || !database_check(request, name))
        return;
    if (engine_open(&call, request->store, instance) && engine_use(&call, name) &&
        engine_batch(&call, "EXEC sys.sp_updatestats"))
        answer_successful(request);
    else
        engine_fail(request, &call, name);
}
