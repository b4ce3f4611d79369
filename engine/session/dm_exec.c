/*
 * The sessions' table for SQL: casement.sessions(), from which the views sys.dm_exec_sessions,
 * sys.dm_exec_connections, sys.dm_exec_requests, sys.sysprocesses and sp_who read; and KILL.
 */
#include "postgres.h"

#include "session/dm_exec.h"

#include "catalogue/catalog.h"
#include "context/context.h"
#include "errors/errors.h"
#include "execute/hooks.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "session/session.h"
#include "session/table.h"
#include "session/usage.h"
#include "storage/proc.h"
#include "storage/procarray.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include <signal.h>

PG_FUNCTION_INFO_V1(casement_sessions);

/* The columns of casement.sessions(), in order: install.sql has the same list. */
enum {
    SESSIONS_SPID,
    SESSIONS_PID,
    SESSIONS_STATUS,
    SESSIONS_CONNECT_TIME,
    SESSIONS_LOGIN_TIME,
    SESSIONS_REQUEST_START,
    SESSIONS_REQUEST_END,
    SESSIONS_LOGIN_ID,
    SESSIONS_LOGIN_NAME,
    SESSIONS_ORIGINAL_LOGIN,
    SESSIONS_HOST_NAME,
    SESSIONS_PROGRAM_NAME,
    SESSIONS_CLIENT_INTERFACE,
    SESSIONS_CLIENT_PID,
    SESSIONS_TDS_VERSION,
    SESSIONS_ENCRYPTED,
    SESSIONS_PACKET_SIZE,
    SESSIONS_CLIENT_ADDRESS,
    SESSIONS_CLIENT_PORT,
    SESSIONS_LOCAL_ADDRESS,
    SESSIONS_LOCAL_PORT,
    SESSIONS_CONNECTION_ID,
    SESSIONS_DATABASE,
    SESSIONS_COMMAND,
    SESSIONS_OPEN_TRANSACTIONS,
    SESSIONS_ISOLATION_LEVEL,
    SESSIONS_OPTIONS,
    SESSIONS_LOCK_TIMEOUT,
    SESSIONS_ROW_COUNT,
    SESSIONS_CPU_TIME,
    SESSIONS_ELAPSED_TIME,
    SESSIONS_READS,
    SESSIONS_WRITES,
    SESSIONS_LOGICAL_READS,
    SESSIONS_PACKETS_RECEIVED,
    SESSIONS_PACKETS_SENT,
    SESSIONS_LAST_READ,
    SESSIONS_LAST_WRITE,
    SESSIONS_PREVIOUS_ERROR,
    SESSIONS_BLOCKED_BY,
    SESSIONS_REQUEST_CPU_TIME,
    SESSIONS_REQUEST_ELAPSED_TIME,
    SESSIONS_REQUEST_READS,
    SESSIONS_REQUEST_WRITES,
    SESSIONS_REQUEST_LOGICAL_READS,
    SESSIONS_COLUMNS
};

/* The spid of the session that holds a lock which `pid` waits for; 0 if there is none. */
static int
blocking_spid(int pid)
{
    ArrayType *pids = DatumGetArrayTypeP(DirectFunctionCall1(pg_blocking_pids, Int32GetDatum(pid)));
    int count = ARR_NDIM(pids) == 1 ? ARR_DIMS(pids)[0] : 0;
    const int32 *blockers = (const int32 *) ARR_DATA_PTR(pids);
    SessionInfo info;

    for (int i = 0; i < session_table_size() && count > 0; i++)
        if (session_table_read(i, &info) && info.pid == blockers[0])
            return info.spid;
    return 0;
}

static bool
waits_for_lock(int pid)
{
    PGPROC *process = BackendPidGetProc(pid);

    return process != NULL && process->waitLock != NULL;
}

static Datum
guid_datum(const uint8 bytes[16])
{
    return PointerGetDatum(memcpy(palloc(16), bytes, 16));
}

static void
put_row(ReturnSetInfo *result, const SessionInfo *info)
{
    Datum values[SESSIONS_COLUMNS];
    bool nulls[SESSIONS_COLUMNS] = {false};
    bool running = info->status == SESSION_RUNNING;
    bool waiting = running && waits_for_lock(info->pid);
    int64 elapsed = running ? (GetCurrentTimestamp() - info->request_start) / 1000 : 0;

    values[SESSIONS_SPID] = Int32GetDatum(info->spid);
    values[SESSIONS_PID] = Int32GetDatum(info->pid);
    values[SESSIONS_STATUS] = CStringGetTextDatum(waiting   ? "suspended"
                                                  : running ? "running"
                                                            : "sleeping");
    values[SESSIONS_CONNECT_TIME] = TimestampTzGetDatum(info->connect_time);
    values[SESSIONS_LOGIN_TIME] = TimestampTzGetDatum(info->login_time);
    values[SESSIONS_REQUEST_START] = TimestampTzGetDatum(info->request_start);
    values[SESSIONS_REQUEST_END] = TimestampTzGetDatum(info->request_end);
    values[SESSIONS_LOGIN_ID] = Int32GetDatum(info->login_id);
    values[SESSIONS_LOGIN_NAME] = CStringGetTextDatum(info->login_name);
    values[SESSIONS_ORIGINAL_LOGIN] = CStringGetTextDatum(info->original_login);
    values[SESSIONS_HOST_NAME] = CStringGetTextDatum(info->host_name);
    values[SESSIONS_PROGRAM_NAME] = CStringGetTextDatum(info->program_name);
    values[SESSIONS_CLIENT_INTERFACE] = CStringGetTextDatum(info->client_interface);
    values[SESSIONS_CLIENT_PID] = Int32GetDatum(info->client_pid);
    values[SESSIONS_TDS_VERSION] = Int32GetDatum((int32) info->tds_version);
    values[SESSIONS_ENCRYPTED] = BoolGetDatum(info->encrypted);
    values[SESSIONS_PACKET_SIZE] = Int32GetDatum(info->packet_size);
    values[SESSIONS_CLIENT_ADDRESS] = CStringGetTextDatum(info->client_address);
    values[SESSIONS_CLIENT_PORT] = Int32GetDatum(info->client_port);
    values[SESSIONS_LOCAL_ADDRESS] = CStringGetTextDatum(info->local_address);
    values[SESSIONS_LOCAL_PORT] = Int32GetDatum(info->local_port);
    values[SESSIONS_CONNECTION_ID] = guid_datum(info->connection_id);
    values[SESSIONS_DATABASE] = Int32GetDatum(info->database);
    values[SESSIONS_COMMAND] = CStringGetTextDatum(info->command);
    values[SESSIONS_OPEN_TRANSACTIONS] = Int32GetDatum(info->open_transactions);
    values[SESSIONS_ISOLATION_LEVEL] = Int32GetDatum(info->isolation_level);
    values[SESSIONS_OPTIONS] = Int32GetDatum((int32) info->options);
    values[SESSIONS_LOCK_TIMEOUT] = Int32GetDatum(info->lock_timeout);
    values[SESSIONS_ROW_COUNT] = Int64GetDatum(info->row_count);
    values[SESSIONS_CPU_TIME] = Int64GetDatum(info->cpu_time + info->now.cpu_time);
    values[SESSIONS_ELAPSED_TIME] = Int64GetDatum(info->elapsed_time + elapsed);
    values[SESSIONS_READS] = Int64GetDatum(info->reads + info->now.reads);
    values[SESSIONS_WRITES] = Int64GetDatum(info->writes + info->now.writes);
    values[SESSIONS_LOGICAL_READS] = Int64GetDatum(info->logical_reads + info->now.logical_reads);
    values[SESSIONS_REQUEST_CPU_TIME] = Int64GetDatum(info->now.cpu_time);
    values[SESSIONS_REQUEST_ELAPSED_TIME] = Int64GetDatum(elapsed);
    values[SESSIONS_REQUEST_READS] = Int64GetDatum(info->now.reads);
    values[SESSIONS_REQUEST_WRITES] = Int64GetDatum(info->now.writes);
    values[SESSIONS_REQUEST_LOGICAL_READS] = Int64GetDatum(info->now.logical_reads);
    values[SESSIONS_PACKETS_RECEIVED] = Int64GetDatum(info->packets_received);
    values[SESSIONS_PACKETS_SENT] = Int64GetDatum(info->packets_sent);
    values[SESSIONS_LAST_READ] = TimestampTzGetDatum(info->last_read);
    values[SESSIONS_LAST_WRITE] = TimestampTzGetDatum(info->last_write);
    values[SESSIONS_PREVIOUS_ERROR] = Int32GetDatum(info->previous_error);
    values[SESSIONS_BLOCKED_BY] = Int32GetDatum(waiting ? blocking_spid(info->pid) : 0);
    tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/* casement.sessions(): others' sessions only for those who may see the server's state. */
Datum
casement_sessions(PG_FUNCTION_ARGS)
{
    bool all = session_info == NULL || catalog_server_permission_check("VIEW SERVER STATE");
    SessionInfo info;

    InitMaterializedSRF(fcinfo, 0);
    usage_show();
    for (int i = 0; i < session_table_size(); i++)
        if (session_table_read(i, &info) &&
            (all || (session_info != NULL && info.spid == session_info->spid)))
            put_row((ReturnSetInfo *) fcinfo->resultinfo, &info);
    return (Datum) 0;
}

/* ---- KILL ---- */

void
session_kill(int spid)
{
    SessionInfo info;

    if (!catalog_server_permission_check("ALTER ANY CONNECTION"))
        tsql_error(ERR_6102);
    if (spid == session_context->spid)
        tsql_error(ERR_6104);
    if (spid <= 0)
        tsql_error(ERR_6101);
    if (spid < FIRST_SPID)
        tsql_error(ERR_6107);
    if (!session_table_find(spid, &info) || kill(info.pid, SIGTERM) != 0)
        tsql_error(ERR_6106, spid);
    ereport(LOG, (errmsg("session %d was killed by session %d (login \"%s\")", spid,
                         session_context->spid, session_context->login_name)));
}

static void
run_kill(Frame *frame,
         const AstNode *statement,
         const char *text,
         size_t text_length,
         StatementResult *result)
{
    const AstKill *kill_statement = (const AstKill *) statement;
    const AstNode *session_number = kill_statement->session;
    int64 spid = 0;

    if (session_number != NULL && session_number->kind == AST_LITERAL) {
        const AstLiteral *literal = (const AstLiteral *) session_number;

        spid = literal->type == LITERAL_INTEGER ? strtoll(literal->text, NULL, 10) : 0;
    }
    if (spid <= 0 || spid > PG_INT16_MAX)
        tsql_error(ERR_6101);
    if (kill_statement->status_only)
        tsql_error(ERR_6120, (int) spid);
    session_kill((int) spid);
}

void
dm_exec_init(void)
{
    execute_register_statement(AST_KILL, run_kill, false);
}
