/*
 * restore_database.c: the job that brings single databases back under new names, into an instance
 * that goes on serving.
 *
 * The source's cluster is recovered beside, its databases renamed there, and what they are made of
 * copied in one transaction: schemas by pg_dump, rows by COPY, the engine's catalogue by
 * casement.export_database and casement.import_database. Before that transaction's end nobody sees
 * the databases; where it was cut short there is none. Its end is the job's last act that can fail,
 * so that a failed job has left no database, and one that is Completed has left all.
 *
 * The same transaction marks the schemas that it makes with the job's id, in a comment, which no
 * tenant can write. So a step that is run again knows its own copies from a database that somebody
 * made under the same name meanwhile: that one is left alone, and the job fails.
 */
#include "rds/backups.h"

#include "base/log.h"
#include "crypto/master_key.h"
#include "rds/jobs.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char *
folder_of(const JobContext *context)
{
    return json_text(context->data, "folder", "");
}

/* Whether the target has a database of the name; negative errno. */
static int
exists(PGconn *link, const char *name)
{
    const char *const values[] = {name};
    PGresult *rows =
        PQexecParams(link, "SELECT 1 FROM casement.databases WHERE key = casement.fold($1)", 1,
                     NULL, values, NULL, NULL, 0);
    int found = PQresultStatus(rows) == PGRES_TUPLES_OK ? PQntuples(rows) : -EIO;

    PQclear(rows);
    return found;
}

/* Fails with the first of the new names that the target has already. */
static int
check_absent(JobContext *context, PGconn *link)
{
    const char *old;
    json_t *fresh;

    json_object_foreach(json_object_get(context->data, "databases"), old, fresh)
    {
        int found = exists(link, json_string_value(fresh));
        if (found < 0)
            return job_fail(context, found, "the instance does not answer");
        if (found > 0)
            return job_fail(context, -EEXIST, "the instance already has a database %s",
                            json_string_value(fresh));
    }
    return 0;
}

static int
check_names(JobContext *context)
{
    PGconn *link = restore_link(context->resource_id);
    int result = check_absent(context, link);

    PQfinish(link);
    return result;
}

/* ---- Renaming, in the recovered cluster ---- */

typedef struct Heard {
    char *problem;
} Heard;

static void
hear(void *context, const TdsMessage *message)
{
    Heard *heard = context;

    if (message->severity > 10 && !heard->problem)
        heard->problem = str_copy(message->text);
}

static const char rename_sql[] =
    "DECLARE @s nvarchar(max) = N'ALTER DATABASE ' + QUOTENAME(@p1) + N' MODIFY NAME = ' + "
    "QUOTENAME(@p2); IF DB_ID(@p2) IS NULL OR DB_ID(@p1) IS NOT NULL EXEC (@s)";

static int
rename_all(JobContext *context, TdsConnection *connection)
{
    const char *old;
    json_t *fresh;

    json_object_foreach(json_object_get(context->data, "databases"), old, fresh)
    {
        const char *const values[] = {old, json_string_value(fresh)};
        Heard heard = {0};
        TdsReceiver receiver = {.context = &heard, .message = hear};
        if (strcmp(old, values[1]) == 0)
            continue;
        int status = tds_execute(connection, rename_sql, 2, values, &receiver);
        AUTO_FREE char *problem = heard.problem;
        if (status != 0)
            return job_fail(context, -EIO, "database %s: %s", old,
                            problem ? problem : "the restored cluster does not answer");
    }
    return 0;
}

static int
rename_databases(JobContext *context)
{
    AUTO_INSTANCE Instance *target = job_instance(context);
    AUTO_FREE char *problem = NULL;
    char address[64];
    int port, number = 0;

    if (!target)
        return -ENOENT;
    int result = restore_set_manager(context, folder_of(context), target);
    if (result)
        return result;
    AUTO_WIPE char *password =
        secret_open("rds-manage", json_text(target->row, "manage_password", ""), NULL);
    restore_place(context, address, &port);
    TdsTarget where = {.host = address,
                       .port = port,
                       .user = "rdsadmin",
                       .password = password,
                       .database = "master",
                       .application = "casementd",
                       .timeout_seconds = 60};
    TdsConnection *connection = tds_open(&where, &problem, &number);
    result = connection ? rename_all(context, connection)
                        : job_fail(context, -EIO, "the restored cluster: %s", problem);
    tds_close(connection);
    return result;
}

/* ---- Copying ---- */

typedef struct Copy {
    JobContext *context;
    PGconn *from, *to;
    int slot; /* as which the recovered cluster runs */
    char *document;
} Copy;

static int
copy_failed(Copy *copy, const PGconn *link, const char *what)
{
    return job_fail(copy->context, -EIO, "%s: %.300s", what, PQerrorMessage(link));
}

static int
run(Copy *copy, const char *sql, const char *what)
{
    PGresult *done = PQexec(copy->to, sql);
    ExecStatusType status = PQresultStatus(done);

    PQclear(done);
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK
               ? 0
               : copy_failed(copy, copy->to, what);
}

static int
read_catalogue(Copy *copy, const char *name)
{
    const char *const values[] = {name};
    PGresult *rows = PQexecParams(copy->from, "SELECT casement.export_database($1)", 1, NULL,
                                  values, NULL, NULL, 0);

    if (PQresultStatus(rows) != PGRES_TUPLES_OK) {
        PQclear(rows);
        return copy_failed(copy, copy->from, name);
    }
    copy->document = str_copy(PQgetvalue(rows, 0, 0));
    PQclear(rows);
    return 0;
}

static const char schemas_sql[] =
    "SELECT n.nspname FROM pg_namespace n JOIN casement.schemas s ON s.namespace = n.oid JOIN "
    "casement.databases d ON d.id = s.database WHERE d.key = casement.fold($1) AND s.id NOT IN (3, "
    "4)";

/* pg_dump's first and last word to psql, which the server itself does not know. */
static void
drop_psql_words(char *text)
{
    char *first = strstr(text, "\n\\restrict "), *last = NULL;

    for (char *at = text; (at = strstr(at, "\n\\unrestrict ")) != NULL; at++)
        last = at;
    if (first)
        memset(first + 1, ' ', strcspn(first + 1, "\n"));
    if (last)
        memset(last + 1, ' ', strcspn(last + 1, "\n"));
}

/* pg_dump of one section, run in the target. */
static int
copy_section(Copy *copy, const char *section, const PGresult *schemas)
{
    const char *folder = folder_of(copy->context);
    AUTO_FREE char *place = repository_folder(folder, "run");
    AUTO_FREE char *which = str_format("--section=%s", section);
    const char *words[56] = {"-h",       place, "-p",       "5432",       "-U",
                             "casement", "-d",  "casement", "--no-owner", which};
    char *names[40] = {0}, *output = NULL, *errors = NULL;
    int count = 10, result = 0;

    if (PQntuples(schemas) > 40)
        return job_fail(copy->context, -E2BIG, "a database of more than 40 schemas");
    for (int i = 0; i < PQntuples(schemas); i++) {
        names[i] = str_format("--schema=\"%s\"", PQgetvalue(schemas, i, 0));
        words[count++] = names[i];
    }
    int status =
        agent_run(folder, copy->slot, AGENT_PG_DUMP, words, NULL, NULL, NULL, &output, &errors);
    if (status != 0)
        result = job_fail(copy->context, -EIO, "pg_dump: %.300s", errors ? errors : "");
    else if (!strstr(output, "PostgreSQL database dump complete"))
        result = job_fail(copy->context, -E2BIG, "the definitions are longer than 1 MiB");
    else {
        drop_psql_words(output);
        result = run(copy, output, "the definitions");
    }
    for (int i = 0; i < PQntuples(schemas); i++)
        free(names[i]);
    free(output);
    free(errors);
    return result;
}

/* Rows of one table, from link to link. */
static int
copy_rows(Copy *copy, const char *table, const char *columns)
{
    AUTO_FREE char *out = str_format("COPY %s (%s) TO STDOUT", table, columns);
    AUTO_FREE char *in = str_format("COPY %s (%s) FROM STDIN", table, columns);
    PGresult *reading = PQexec(copy->from, out), *writing = PQexec(copy->to, in);
    int result =
        PQresultStatus(reading) == PGRES_COPY_OUT ? 0 : copy_failed(copy, copy->from, table);
    char *line = NULL;
    int length;

    if (!result && PQresultStatus(writing) != PGRES_COPY_IN)
        result = copy_failed(copy, copy->to, table);
    PQclear(reading);
    PQclear(writing);
    while (!result && (length = PQgetCopyData(copy->from, &line, 0)) > 0) {
        if (PQputCopyData(copy->to, line, length) != 1)
            result = copy_failed(copy, copy->to, table);
        PQfreemem(line);
    }
    if (!result && PQputCopyEnd(copy->to, NULL) != 1)
        result = copy_failed(copy, copy->to, table);
    for (PGresult *rest; (rest = PQgetResult(copy->from)) != NULL; PQclear(rest))
        if (!result && PQresultStatus(rest) != PGRES_COMMAND_OK)
            result = copy_failed(copy, copy->from, table);
    for (PGresult *rest; (rest = PQgetResult(copy->to)) != NULL; PQclear(rest))
        if (!result && PQresultStatus(rest) != PGRES_COMMAND_OK)
            result = copy_failed(copy, copy->to, table);
    return result;
}

/* Tables with their columns that can be written. */
static const char tables_sql[] =
    "SELECT format('%I.%I', n.nspname, c.relname), (SELECT string_agg(quote_ident(attname), ', ' "
    "ORDER BY attnum) FROM pg_attribute a WHERE attrelid = c.oid AND attnum > 0 AND NOT "
    "attisdropped "
    "AND attgenerated = '') FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE "
    "c.relkind IN ('r', 'p') AND n.nspname = $1 ORDER BY 1";
static const char sequences_sql[] =
    "SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = "
    "c.relnamespace WHERE c.relkind = 'S' AND n.nspname = $1";

static int
copy_sequence(Copy *copy, const char *name)
{
    AUTO_FREE char *ask = str_format("SELECT format('SELECT pg_catalog.setval(%%L, %%s, %%L)', $1, "
                                     "last_value, is_called) FROM %s",
                                     name);
    const char *const values[] = {name};
    static const Oid types[] = {25};
    PGresult *rows = PQexecParams(copy->from, ask, 1, types, values, NULL, NULL, 0);
    int result = PQresultStatus(rows) == PGRES_TUPLES_OK ? run(copy, PQgetvalue(rows, 0, 0), name)
                                                         : copy_failed(copy, copy->from, name);

    PQclear(rows);
    return result;
}

static int
copy_schema(Copy *copy, const char *schema)
{
    const char *const values[] = {schema};
    PGresult *tables = PQexecParams(copy->from, tables_sql, 1, NULL, values, NULL, NULL, 0);
    PGresult *sequences = PQexecParams(copy->from, sequences_sql, 1, NULL, values, NULL, NULL, 0);
    int result =
        PQresultStatus(tables) == PGRES_TUPLES_OK && PQresultStatus(sequences) == PGRES_TUPLES_OK
            ? 0
            : copy_failed(copy, copy->from, schema);

    for (int i = 0; !result && i < PQntuples(tables); i++)
        if (!PQgetisnull(tables, i, 1))
            result = copy_rows(copy, PQgetvalue(tables, i, 0), PQgetvalue(tables, i, 1));
    for (int i = 0; !result && i < PQntuples(sequences); i++)
        result = copy_sequence(copy, PQgetvalue(sequences, i, 0));
    PQclear(tables);
    PQclear(sequences);
    return result;
}

static int
write_catalogue(Copy *copy)
{
    const char *const values[] = {copy->document};
    PGresult *rows = PQexecParams(copy->to, "SELECT casement.import_database($1::jsonb)", 1, NULL,
                                  values, NULL, NULL, 0);
    int result =
        PQresultStatus(rows) == PGRES_TUPLES_OK ? 0 : copy_failed(copy, copy->to, "the catalogue");

    PQclear(rows);
    return result;
}

/* ---- The mark of the job's own copies ---- */

#define MARK "restored by job "

static int
mark_schema(Copy *copy, const char *schema)
{
    AUTO_FREE char *text = str_format(MARK "%s", copy->context->id);
    char *name = PQescapeIdentifier(copy->to, schema, strlen(schema));
    char *quoted = PQescapeLiteral(copy->to, text, strlen(text));
    AUTO_FREE char *sql =
        str_format("COMMENT ON SCHEMA %s IS %s", name ? name : "", quoted ? quoted : "");
    int result = run(copy, sql, "the mark of the copy");

    PQfreemem(name);
    PQfreemem(quoted);
    return result;
}

/* Whether an earlier run of the step has ended its transaction: 1, 0 or negative errno. */
static int
is_copied(Copy *copy)
{
    AUTO_FREE char *text = str_format(MARK "%s", copy->context->id);
    const char *const values[] = {text};
    PGresult *rows = PQexecParams(copy->to,
                                  "SELECT 1 FROM pg_description WHERE classoid = "
                                  "'pg_namespace'::regclass AND description = $1 LIMIT 1",
                                  1, NULL, values, NULL, NULL, 0);
    int found = PQresultStatus(rows) == PGRES_TUPLES_OK ? PQntuples(rows) : -EIO;

    PQclear(rows);
    return found;
}

static int
copy_parts(Copy *copy, const char *name)
{
    const char *const values[] = {name};
    PGresult *schemas = PQexecParams(copy->from, schemas_sql, 1, NULL, values, NULL, NULL, 0);
    int result = PQresultStatus(schemas) == PGRES_TUPLES_OK ? read_catalogue(copy, name)
                                                            : copy_failed(copy, copy->from, name);

    if (!result)
        result = copy_section(copy, "pre-data", schemas);
    for (int i = 0; !result && i < PQntuples(schemas); i++)
        result = copy_schema(copy, PQgetvalue(schemas, i, 0));
    if (!result)
        result = copy_section(copy, "post-data", schemas);
    if (!result)
        result = write_catalogue(copy);
    for (int i = 0; !result && i < PQntuples(schemas); i++)
        result = mark_schema(copy, PQgetvalue(schemas, i, 0));
    PQclear(schemas);
    free(copy->document);
    copy->document = NULL;
    return result;
}

/* Begins the transaction. Its lock waits for one of an earlier run that is still on its way to its
 * end, so that what comes next sees what became of it. */
static int
begin(Copy *copy)
{
    AUTO_FREE char *lock = str_format(
        "SELECT pg_advisory_xact_lock(hashtextextended('" MARK "%s', 0))", copy->context->id);
    int result = run(copy, "BEGIN", "the instance");

    return result ? result : run(copy, lock, "the instance");
}

/* Where the link is lost at the end, only the mark tells whether it was one. */
static int
commit(Copy *copy)
{
    long long lost = json_number(copy->context->data, "lost", 0);
    int result = run(copy, "COMMIT", "the instance");

    if (!result || PQstatus(copy->to) == CONNECTION_OK || lost >= 30)
        return result;
    json_object_set_new(copy->context->data, "lost", json_integer(lost + 1));
    copy->context->again_milliseconds = 2000;
    return JOB_AGAIN;
}

/* All of them, in one transaction. Nobody else's database is ever taken for a copy. */
static int
copy_all(Copy *copy, json_t *databases)
{
    const char *old;
    json_t *fresh;
    int result = begin(copy), copied = result ? 0 : is_copied(copy);

    if (result || copied > 0)
        return result;
    result = copied < 0 ? job_fail(copy->context, copied, "the instance does not answer")
                        : check_absent(copy->context, copy->to);
    if (result)
        return result;
    json_object_foreach(databases, old, fresh)
    {
        result = copy_parts(copy, json_string_value(fresh));
        if (result)
            break;
    }
    if (!result)
        return commit(copy);
    /* Somebody may have been quicker with one of the names: that says more than the error. */
    if (run(copy, "ROLLBACK", "the instance") == 0)
        check_absent(copy->context, copy->to);
    return result;
}

/* The clean-up, also of a job that failed. */
static int
settle(JobContext *context)
{
    AUTO_FREE char *problem = NULL;
    int error = agent_instance_remove(folder_of(context), &problem);

    if (error)
        return job_fail(context, error, "the folder beside: %s", problem ? problem : "");
    instance_settle(context->store, context->resource_id);
    return 0;
}

/* The databases are there for all to see: the folder beside, which the next start of the daemon
 * removes where this cannot, is no reason to call that a failure. */
static void
settle_anyway(JobContext *context)
{
    AUTO_FREE char *problem = NULL;

    if (agent_instance_remove(folder_of(context), &problem) != 0)
        log_error("job %s: the folder beside stays until the next start: %s", context->id,
                  problem ? problem : "");
    instance_settle(context->store, context->resource_id);
}

static int
copy_databases(JobContext *context)
{
    RestorePoint point;

    restore_point_read(json_object_get(context->data, "point"), &point);
    AUTO_INSTANCE Instance *source = instance_load_any(context->store, point.source);
    if (!source)
        return job_fail(context, -ENOENT, "the source is no more");
    Copy copy = {.context = context,
                 .slot = source->slot,
                 .from = restore_link(folder_of(context)),
                 .to = restore_link(context->resource_id)};
    int result = copy_all(&copy, json_object_get(context->data, "databases"));
    PQfinish(copy.from);
    PQfinish(copy.to);
    if (!result)
        settle_anyway(context);
    return result;
}

static const JobStep steps[] = {{"check-names", check_names, 2},
                                {"archive", restore_step_archive, 10},
                                {"restore-files", restore_step_files, 45},
                                {"recover", restore_step_recover, 60},
                                {"rename", rename_databases, 65},
                                {"copy", copy_databases, 100},
                                {NULL, NULL, 0}};
const JobKind job_restore_database = {"RestoreSqlserverDatabase", steps, settle};
