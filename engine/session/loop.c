/*
 * The session's loop: login, then one message after the other until the client goes. Each message
 * becomes calls of the interpreter (execute.h), whose results go through the sink; what comes out
 * of here as an error is either broken input, which ends this session with one line in the log, or
 * a defect below, which is told to the client and survived.
 */
#include "postgres.h"

#include "session/session.h"

#include "access/xact.h"
#include "context/context.h"
#include "context/counters.h"
#include "errors/errors.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "pgcompat/base.h"
#include "pgstat.h"
#include "session/attention.h"
#include "session/bulk_load.h"
#include "session/decode.h"
#include "session/settings.h"
#include "session/sink.h"
#include "session/slow_log.h"
#include "session/table.h"
#include "session/usage.h"
#include "storage/ipc.h"
#include "tcop/tcopprot.h"
#include "tds/batch.h"
#include "tds/rpc.h"
#include "tds/transaction.h"
#include "utils/backend_status.h"
#include "utils/memutils.h"
#include "utils/timeout.h"
#include "utils/timestamp.h"

#define ATTENTION_WAIT_MS 30000 /* for an attention of which the first byte was seen */

Session session = {.version = TDS_7_4, .packet_size = TDS_DEFAULT_PACKET};

static TimestampTz request_started;

/* ---- what others see of the session ---- */

static void
show_request(const char *text, const char *command)
{
    request_started = GetCurrentTimestamp();
    debug_query_string = text;
    SetCurrentStatementStartTimestamp();
    pgstat_report_activity(STATE_RUNNING, text);
    usage_begin();
    session_change_begin();
    session_info->status = SESSION_RUNNING;
    counter_add(COUNTER_BATCHES, 1);
    session_info->request_start = session_info->last_read = request_started;
    session_info->packets_received = (int64) transport_in()->packets;
    strlcpy(session_info->command, command, sizeof(session_info->command));
    session_change_end();
}

static void
show_idle(void)
{
    const SessionContext *context = session_context;
    TimestampTz now = GetCurrentTimestamp();

    debug_query_string = NULL;
    pgstat_report_stat(false);
    pgstat_report_activity(context->tran_count > 0 ? STATE_IDLEINTRANSACTION : STATE_IDLE, NULL);
    session_change_begin();
    session_info->status = SESSION_SLEEPING;
    session_info->request_end = session_info->last_write = now;
    usage_end(now);
    session_info->elapsed_time += request_started != 0 ? (now - request_started) / 1000 : 0;
    session_info->packets_sent = (int64) transport_out()->packets;
    session_info->database = context->database;
    session_info->open_transactions = context->tran_count;
    session_info->isolation_level = context->isolation_level;
    session_info->options = context->options;
    session_info->lock_timeout = context->lock_timeout;
    session_info->row_count = sink_row_count();
    session_info->previous_error = context->error;
    memcpy(session_info->command, "AWAITING COMMAND", sizeof("AWAITING COMMAND"));
    session_change_end();
    request_started = 0;
}

/* ---- ending ---- */

/* The one line for a message that is no TDS; the client is told, and the session is over. */
static void
end_broken(const char *what, const char *detail)
{
    ereport(LOG,
            (errmsg("session %d ended: %s from %s is malformed: %s", session_info->spid, what,
                    session_info->client_address, detail != NULL ? detail : "unknown reason")));
    tds_out_discard(transport_out());
    reply_error(ERR_17836, 1, "");
    reply_finish_with_error();
    session.ending = true;
}

/* ---- requests ---- */

/* Ends the reply as the interpreter says. */
static void
finish(ExecuteOutcome outcome)
{
    TransportEvent event;

    attention_end();
    if (outcome == EXECUTE_CLOSE || attention_client_gone() || transport_is_broken()) {
        sink_finish();
        session.ending = true;
        return;
    }
    if (outcome != EXECUTE_ATTENTION || !attention_seen()) {
        sink_finish();
        return;
    }
    /* The attention itself is still to be read; then the request counts as acknowledged. */
    event = transport_receive(ATTENTION_WAIT_MS, true);
    if (event == TRANSPORT_MESSAGE && transport_in()->type == TDS_PACKET_ATTENTION) {
        transport_next();
        sink_finish_attention(true);
    } else if (event == TRANSPORT_MESSAGE || event == TRANSPORT_IGNORED) {
        /* Under TLS any byte looks like an attention: this was an impatient client. */
        end_broken("a message sent during a request", "MARS is not negotiated");
    } else
        session.ending = true;
}

/* A broken request: nothing of it was run. */
static void
give_up(const char *what, const TdsReader *reader)
{
    attention_end();
    execute_end();
    end_broken(what, reader->detail != NULL ? reader->detail : tds_status_name(reader->status));
}

static void
begin(void)
{
    sink_begin();
    attention_begin();
    execute_begin(sink_open());
}

static void
run_batch(const TdsIn *in)
{
    TdsReader reader;
    TdsHeaders headers;
    TdsMemory memory;
    TdsText text;
    ExecuteOutcome outcome;

    begin();
    memory = transport_memory(execute_memory());
    tds_reader_init(&reader, in->data, in->length);
    if (!tds_batch_parse(&reader, session.version, &memory, &headers, &text)) {
        give_up("a batch", &reader);
        return;
    }
    show_request(text.data, "SELECT");
    outcome = execute_batch(text.data, text.length);
    slow_log_request(text.data, request_started);
    execute_end();
    finish(outcome);
}

/* What pg_stat_activity shows of a call: the statement of sp_executesql and its kin. */
static const char *
text_of_call(const RpcCall *call)
{
    static const int statement_at[] = {[TDS_PROC_EXECUTESQL] = 1,
                                       [TDS_PROC_PREPARE] = 3,
                                       [TDS_PROC_PREPEXEC] = 3,
                                       [TDS_PROC_CURSOROPEN] = 2};
    int at = call->procedure_id > 0 && call->procedure_id < (int) lengthof(statement_at)
                 ? statement_at[call->procedure_id]
                 : 0;
    const RpcParameter *parameter;

    if (at == 0 || call->parameter_count < at)
        return call->name != NULL ? call->name : "";
    parameter = &call->parameters[at - 1];
    if (parameter->is_null || parameter->type.id == SQL_UNKNOWN ||
        !sql_type_is_string(parameter->type.id))
        return call->name;
    return pnstrdup(VARDATA_ANY(DatumGetPointer(parameter->value)),
                    VARSIZE_ANY_EXHDR(DatumGetPointer(parameter->value)));
}

static void
run_rpc(const TdsIn *in)
{
    TdsReader reader;
    TdsMemory memory;
    TdsRpc rpc;
    TdsRpcCall call;
    RpcCall rpc_call;
    ExecuteOutcome outcome = EXECUTE_DONE;
    MemoryContext old;
    bool first = true, well_formed;

    begin();
    memory = transport_memory(execute_memory());
    old = MemoryContextSwitchTo(execute_memory());
    tds_reader_init(&reader, in->data, in->length);
    well_formed = tds_rpc_begin(&rpc, &reader, session.version, &memory);
    while (well_formed && outcome == EXECUTE_DONE && tds_rpc_next(&rpc, &call)) {
        well_formed = decode_call(&rpc, &call, &rpc_call);
        if (!well_formed)
            break;
        if (!first)
            sink_next_call();
        first = false;
        show_request(text_of_call(&rpc_call), "EXECUTE");
        if (tds_rpc_no_exec(&rpc))
            continue;
        /* ODBC sets the bit on sp_prepexec too, where it has no metadata yet; sending it does no
         * harm to those who have it. */
        rpc_call.no_metadata = false;
        outcome = execute_rpc(&rpc_call);
        slow_log_request(text_of_call(&rpc_call), request_started);
    }
    MemoryContextSwitchTo(old);
    if (reader.status != TDS_OK) {
        give_up("a remote procedure call", &reader);
        return;
    }
    execute_end();
    finish(outcome);
}

static TransactionRequest
request_of(TdsTransactionRequest request)
{
    switch (request) {
    case TDS_TM_COMMIT_XACT:
        return REQUEST_COMMIT;
    case TDS_TM_ROLLBACK_XACT:
        return REQUEST_ROLLBACK;
    case TDS_TM_SAVE_XACT:
        return REQUEST_SAVE;
    default:
        return REQUEST_BEGIN;
    }
}

static void
run_transaction(const TdsIn *in)
{
    TdsReader reader;
    TdsMemory memory;
    TdsTransaction request;
    ExecuteOutcome outcome = EXECUTE_DONE;

    begin();
    memory = transport_memory(execute_memory());
    tds_reader_init(&reader, in->data, in->length);
    if (!tds_transaction_parse(&reader, session.version, &memory, &request) &&
        reader.status != TDS_UNSUPPORTED) {
        give_up("a transaction request", &reader);
        return;
    }
    show_request("", "TM REQUEST");
    if (reader.status == TDS_UNSUPPORTED || request.request == TDS_TM_GET_DTC_ADDRESS ||
        request.request == TDS_TM_PROPAGATE_XACT || request.request == TDS_TM_PROMOTE_XACT) {
        /* Distributed transactions need a coordinator that is not there. */
        reply_error(ERR_8501, 1, settings_server_name());
        sink_open()->done(sink_open(), SINK_DONE, SINK_STATUS_ERROR, 0, 0);
    } else
        outcome = execute_transaction(request_of(request.request), (int) request.isolation,
                                      request.name.data, request.begin_next,
                                      (int) request.next_isolation);
    execute_end();
    finish(outcome);
}

/* The reset bits of a request's first packet: pools set them when they give a connection out. */
static void
reset_session(uint8 status)
{
    execute_reset((status & TDS_STATUS_RESET_KEEP_TRAN) != 0);
    tds_put_env_reset(transport_out());
}

static void
dispatch(TdsIn *in, bool whole)
{
    if (in->first_status & (TDS_STATUS_RESET | TDS_STATUS_RESET_KEEP_TRAN))
        reset_session(in->first_status);
    switch (in->type) {
    case TDS_PACKET_BATCH:
        run_batch(in);
        break;
    case TDS_PACKET_RPC:
        run_rpc(in);
        break;
    case TDS_PACKET_TRANSACTION:
        run_transaction(in);
        break;
    case TDS_PACKET_BULK:
        show_request("INSERT BULK", "BULK INSERT");
        sink_begin();
        attention_begin();
        finish(bulk_load_run(sink_open(), whole));
        break;
    case TDS_PACKET_ATTENTION: /* it came when its request was over already */
        sink_begin();
        sink_finish_attention(false);
        break;
    default:
        end_broken("a message", "its type has no place here");
        break;
    }
}

/* One message, or the end. */
static void
serve_message(void)
{
    long timeout = setting_idle_timeout > 0 ? setting_idle_timeout : -1;
    TransportEvent event = transport_receive(timeout, true);
    TdsIn *in = transport_in();

    switch (event) {
    case TRANSPORT_MESSAGE:
    case TRANSPORT_PACKET:
        MemoryContextReset(MessageContext);
        MemoryContextSwitchTo(MessageContext);
        dispatch(in, event == TRANSPORT_MESSAGE);
        /* a bulk load reads its message to the end itself */
        if (!session.ending) {
            transport_next();
            show_idle();
        }
        break;
    case TRANSPORT_IGNORED:
        transport_next();
        tds_put_done(transport_out(), session.version, TDS_TOKEN_DONE, TDS_DONE_ERROR, 0, 0);
        tds_out_end_message(transport_out());
        break;
    case TRANSPORT_BROKEN:
        end_broken("a message", in->detail);
        break;
    case TRANSPORT_TIMEOUT:
        ereport(LOG, (errmsg("session %d ended: idle for too long", session_info->spid)));
        session.ending = true;
        break;
    case TRANSPORT_CLOSED:
        session.ending = true;
        break;
    }
}

/* ---- the process ---- */

/*
 * An error that came through: PostgreSQL's state is cleaned up as its own loop does it, the client
 * gets the error, and the session goes on from a rolled-back state.
 */
static void
recover(void)
{
    ErrorData *error;
    TsqlError told;

    error_context_stack = NULL;
    HOLD_INTERRUPTS();
    disable_all_timeouts(false);
    attention_end();
    QueryCancelPending = false;
    MemoryContextSwitchTo(MessageContext);
    error = CopyErrorData();
    EmitErrorReport();
    debug_query_string = NULL;
    AbortCurrentTransaction();
    MemoryContextSwitchTo(TopMemoryContext);
    FlushErrorState();
    MemoryContextSwitchTo(MessageContext);
    told = tsql_error_from_pg(error);
    RESUME_INTERRUPTS();
    if (!session.logged_in) {
        ereport(LOG,
                (errmsg("the login of %s failed: %s", session_info->client_address, told.message)));
        tds_out_discard(transport_out());
        reply_message(told.number, told.severity, told.state, told.message);
        reply_finish_with_error();
        session.ending = true;
        return;
    }
    sink_begin();
    sink_open()->message(sink_open(), &told);
    sink_open()->done(sink_open(), SINK_DONE, SINK_STATUS_ERROR, 0, 0);
    sink_finish();
    execute_reset(false);
    transport_next();
    show_idle();
}

static void
disconnect(int code, Datum argument)
{
    static bool done;

    /* At exit by an error the transaction is rolled back by PostgreSQL itself. */
    if (done || code != 0 || !session.logged_in)
        return;
    done = true;
    execute_disconnect();
}

void
session_main(int client, bool refuse)
{
    sigjmp_buf here;
    TdsIn *in;

    session.refused = refuse;
    transport_open(client);
    ExitOnAnyError = false;
    attention_init();
    reply_register_fatal();
    in = transport_in();
    before_shmem_exit(disconnect, 0);

    if (sigsetjmp(here, 1) != 0) {
        static int errors;

        /* An error in the recovery itself would come here again and again. */
        PG_exception_stack = NULL;
        if (++errors > 1 && !session.logged_in)
            proc_exit(1);
        PG_exception_stack = &here;
        recover();
    } else {
        PG_exception_stack = &here;
        MemoryContextReset(MessageContext);
        MemoryContextSwitchTo(MessageContext);
        if (!session_login())
            session.ending = true;
        else {
            in->max_message = (size_t) setting_max_message_size * 1024;
            in->stream_types = 1u << TDS_PACKET_BULK;
            show_idle();
        }
    }
    while (!session.ending)
        serve_message();
    transport_close();
    proc_exit(0);
}
