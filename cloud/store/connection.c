/*
 * connection.c: connections to the store, statements and transactions; see store.h.
 *
 * A statement that one connection runs again is prepared on it, so that the server parses and plans
 * it once. The number of remembered statements is bounded; those beyond are parsed each time.
 */
#include "store/connection.h"

#include "base/json.h"
#include "base/memory.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#define MOST_PARAMETERS 64

static char *configured;

void
store_configure(const char *conninfo)
{
    free(configured);
    configured = str_copy(conninfo);
}

const char *
store_conninfo(void)
{
    return configured ? configured : "";
}

static void
drop_notice(void *context, const char *message)
{
}

PGconn *
store_link_open(const char *application)
{
    const char *const keys[] = {"dbname",          "fallback_application_name", "client_encoding",
                                "connect_timeout", "keepalives_idle",           NULL};
    const char *const values[] = {store_conninfo(), application, "UTF8", "10", "30", NULL};
    PGconn *link = PQconnectdbParams(keys, values, 1);

    if (PQstatus(link) == CONNECTION_OK) {
        PQsetNoticeProcessor(link, drop_notice, NULL);
        PQclear(PQexec(link, "SET TimeZone = 'UTC'"));
        PQclear(PQexec(link, "SET DateStyle = 'ISO, YMD'"));
    }
    return link;
}

StoreConn *
store_connect(void)
{
    return MEM_NEW(StoreConn);
}

static void
forget_statements(StoreConn *conn)
{
    for (int i = 0; i < conn->statement_count; i++)
        free(conn->statements[i].sql);
    conn->statement_count = 0;
}

void
store_close(StoreConn *conn)
{
    if (!conn)
        return;
    forget_statements(conn);
    PQfinish(conn->link);
    free(conn->error);
    free(conn->constraint);
    free(conn);
}

static void
set_error(StoreConn *conn, const char *text, const char *sqlstate, const char *constraint)
{
    free(conn->error);
    free(conn->constraint);
    conn->error = str_copy(text ? text : "");
    conn->constraint = str_copy(constraint ? constraint : "");
    snprintf(conn->sqlstate, sizeof(conn->sqlstate), "%s", sqlstate ? sqlstate : "");
    conn->error[strcspn(conn->error, "\n")] = '\0';
}

static void
clear_error(StoreConn *conn)
{
    free(conn->error);
    free(conn->constraint);
    conn->error = NULL;
    conn->constraint = NULL;
    conn->sqlstate[0] = '\0';
}

/* Whether the server closed the connection while it was idle. */
static bool
was_closed(PGconn *link)
{
    struct pollfd event = {.fd = PQsocket(link), .events = POLLIN};

    /* The server's last words come first, the end of the stream after them. */
    for (int i = 0; i < 4; i++) {
        if (PQstatus(link) != CONNECTION_OK || event.fd < 0)
            return true;
        if (poll(&event, 1, 0) <= 0)
            return false;
        if (!PQconsumeInput(link))
            return true;
    }
    return PQstatus(link) != CONNECTION_OK;
}

/* Makes sure of a connection; outside a transaction one that was lost is opened again. */
static bool
ensure_link(StoreConn *conn)
{
    if (conn->in_transaction) {
        conn->broken = conn->broken || PQstatus(conn->link) != CONNECTION_OK;
        if (conn->broken)
            set_error(conn, "the connection to the store was lost within a transaction", "08006",
                      NULL);
        return !conn->broken;
    }
    if (conn->link && !was_closed(conn->link))
        return true;
    forget_statements(conn);
    PQfinish(conn->link);
    conn->link = store_link_open("casementd");
    if (PQstatus(conn->link) == CONNECTION_OK)
        return true;
    set_error(conn, PQerrorMessage(conn->link), "08006", NULL);
    return false;
}

/* Keeps the result of a statement, or its error. */
static PGresult *
judge(StoreConn *conn, PGresult *rows)
{
    ExecStatusType status = PQresultStatus(rows);

    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK || status == PGRES_EMPTY_QUERY) {
        clear_error(conn);
        return rows;
    }
    const char *sqlstate = PQresultErrorField(rows, PG_DIAG_SQLSTATE);
    const char *message = PQresultErrorField(rows, PG_DIAG_MESSAGE_PRIMARY);
    if (PQstatus(conn->link) != CONNECTION_OK)
        sqlstate = "08006";
    set_error(conn, message ? message : PQerrorMessage(conn->link), sqlstate,
              PQresultErrorField(rows, PG_DIAG_CONSTRAINT_NAME));
    PQclear(rows);
    return NULL;
}

/* A value as text. Owned by the caller where *owned is set. */
typedef struct Parameters {
    const char *values[MOST_PARAMETERS];
    char *owned[MOST_PARAMETERS];
    int count;
} Parameters;

static char *
moment_text(Moment moment)
{
    char text[MOMENT_TEXT];

    if (moment == INT64_MIN || moment == INT64_MAX)
        return str_copy(moment == INT64_MIN ? "-infinity" : "infinity");
    moment_iso(moment, text);
    return str_copy(text);
}

static void
read_parameters(Parameters *parameters, const char *types, va_list arguments)
{
    for (const char *type = types ? types : ""; *type; type++) {
        int at = parameters->count++;
        const json_t *json;

        if (at >= MOST_PARAMETERS)
            abort();
        parameters->owned[at] = NULL;
        parameters->values[at] = NULL;
        switch (*type) {
        case 's':
            parameters->values[at] = va_arg(arguments, const char *);
            continue;
        case 'i':
            parameters->owned[at] = str_format("%d", va_arg(arguments, int));
            break;
        case 'l':
            parameters->owned[at] = str_format("%lld", va_arg(arguments, long long));
            break;
        case 'b':
            parameters->values[at] = va_arg(arguments, int) ? "t" : "f";
            continue;
        case 'f':
            parameters->owned[at] = str_format("%.17g", va_arg(arguments, double));
            break;
        case 'm':
            parameters->owned[at] = moment_text(va_arg(arguments, Moment));
            break;
        case 'j':
            json = va_arg(arguments, const json_t *);
            parameters->owned[at] = json ? json_render(json) : NULL;
            break;
        default:
            abort(); /* a mistake in the caller's literal */
        }
        parameters->values[at] = parameters->owned[at];
    }
}

/* Where the statement stands among the remembered ones, remembering it; -1 when they are full. */
static int
statement_index(StoreConn *conn, const char *sql)
{
    for (int i = 0; i < conn->statement_count; i++)
        if (strcmp(conn->statements[i].sql, sql) == 0)
            return i;
    if (conn->statement_count == STORE_STATEMENTS)
        return -1;
    conn->statements[conn->statement_count] = (StoreStatement){.sql = str_copy(sql)};
    return -2 - conn->statement_count++;
}

static PGresult *
execute(StoreConn *conn, const char *sql, const Parameters *parameters)
{
    int index = statement_index(conn, sql);
    char name[16];

    /* New or one too many: run as it is. */
    if (index < 0)
        return PQexecParams(conn->link, sql, parameters->count, NULL, parameters->values, NULL,
                            NULL, 0);
    snprintf(name, sizeof(name), "s%d", index);
    if (!conn->statements[index].prepared) {
        PGresult *made = PQprepare(conn->link, name, sql, parameters->count, NULL);
        if (PQresultStatus(made) != PGRES_COMMAND_OK)
            return made;
        PQclear(made);
        conn->statements[index].prepared = true;
    }
    return PQexecPrepared(conn->link, name, parameters->count, parameters->values, NULL, NULL, 0);
}

/* A plan that no longer fits the tables (another daemon migrated them): all are made anew. */
static bool
plan_is_stale(const StoreConn *conn)
{
    return !strcmp(conn->sqlstate, "0A000") || !strcmp(conn->sqlstate, "26000");
}

static PGresult *
query(StoreConn *conn, const char *sql, const char *types, va_list arguments)
{
    Parameters parameters = {.count = 0};
    PGresult *rows = NULL;

    read_parameters(&parameters, types, arguments);
    if (ensure_link(conn)) {
        rows = judge(conn, execute(conn, sql, &parameters));
        if (!rows && plan_is_stale(conn)) {
            PQclear(PQexec(conn->link, "DEALLOCATE ALL"));
            forget_statements(conn);
            if (!conn->in_transaction)
                rows = judge(conn, execute(conn, sql, &parameters));
        }
    }
    for (int i = 0; i < parameters.count; i++)
        free(parameters.owned[i]);
    return rows;
}

PGresult *
store_query(StoreConn *conn, const char *sql, const char *types, ...)
{
    va_list arguments;

    va_start(arguments, types);
    PGresult *rows = query(conn, sql, types, arguments);
    va_end(arguments);
    return rows;
}

long
store_run(StoreConn *conn, const char *sql, const char *types, ...)
{
    va_list arguments;

    va_start(arguments, types);
    PGresult *rows = query(conn, sql, types, arguments);
    va_end(arguments);
    if (!rows)
        return -1;
    long affected = strtol(PQcmdTuples(rows), NULL, 10);
    PQclear(rows);
    return affected;
}

char *
store_value(StoreConn *conn, const char *sql, const char *types, ...)
{
    va_list arguments;
    char *value = NULL;

    va_start(arguments, types);
    PGresult *rows = query(conn, sql, types, arguments);
    va_end(arguments);
    if (rows && PQntuples(rows) > 0 && PQnfields(rows) > 0 && !PQgetisnull(rows, 0, 0))
        value = str_copy(PQgetvalue(rows, 0, 0));
    PQclear(rows);
    return value;
}

bool
store_failed(const StoreConn *conn)
{
    return conn->error != NULL;
}

const char *
store_error(const StoreConn *conn)
{
    return conn->error ? conn->error : "";
}

const char *
store_sqlstate(const StoreConn *conn)
{
    return conn->sqlstate;
}

const char *
store_constraint(const StoreConn *conn)
{
    return conn->constraint ? conn->constraint : "";
}

static bool
command(StoreConn *conn, const char *sql)
{
    PGresult *done = judge(conn, PQexec(conn->link, sql));
    bool ok = done != NULL;

    PQclear(done);
    return ok;
}

bool
store_begin(StoreConn *conn)
{
    if (conn->in_transaction)
        abort(); /* a handler or step that forgot its commit or rollback */
    if (!ensure_link(conn) || !command(conn, "BEGIN"))
        return false;
    conn->in_transaction = true;
    conn->broken = false;
    return true;
}

bool
store_commit(StoreConn *conn)
{
    if (!conn->in_transaction)
        return false;
    bool usable = ensure_link(conn);
    conn->in_transaction = false;
    if (!usable)
        return false;
    PGresult *done = judge(conn, PQexec(conn->link, "COMMIT"));
    /* COMMIT of a transaction with an error in it says ROLLBACK and is no error itself. */
    bool committed = done && strcmp(PQcmdStatus(done), "COMMIT") == 0;
    PQclear(done);
    if (!committed && !conn->error)
        set_error(conn, "the transaction was rolled back: a statement in it had failed", "25P02",
                  NULL);
    return committed;
}

void
store_rollback(StoreConn *conn)
{
    if (!conn->in_transaction)
        return;
    conn->in_transaction = false;
    /* Keeps the error that the caller is about to tell of. */
    if (PQstatus(conn->link) == CONNECTION_OK)
        PQclear(PQexec(conn->link, "ROLLBACK"));
}

bool
store_in_transaction(const StoreConn *conn)
{
    return conn->in_transaction;
}

bool
store_lost(const StoreConn *conn)
{
    return strncmp(conn->sqlstate, "08", 2) == 0 || strncmp(conn->sqlstate, "57P", 3) == 0;
}
