/*
 * Results to tokens. See sink.h.
 */
#include "postgres.h"

#include "session/sink.h"

#include "context/context.h"
#include "miscadmin.h"
#include "session/attention.h"
#include "session/encode.h"
#include "session/session.h"
#include "session/settings.h"
#include "session/table.h"
#include "utils/memutils.h"

typedef struct HeldDone {
    bool held;
    TdsToken token;
    uint16 status, command;
    uint64 row_count;
} HeldDone;

typedef struct Sink {
    ResultSink base;
    HeldDone done;
    bool any_done;
    int64 rows;
    /* the result set under way */
    int count;
    WireColumn *columns;
    TdsColumn *metadata;
    bool nbc_possible;
    MemoryContext row_memory;
} Sink;

static Sink the_sink;

/* Writes the DONE held back: more follows. */
static void
put_held_done(uint16 more)
{
    HeldDone *done = &the_sink.done;

    if (!done->held)
        return;
    done->held = false;
    tds_put_done(transport_out(), session.version, done->token, done->status | more, done->command,
                 done->row_count);
}

static inline TdsOut *
out_for_token(void)
{
    put_held_done(TDS_DONE_MORE);
    return transport_out();
}

/* ---- result sets ---- */

static void
begin_result(
    ResultSink *base, const BoundColumn *columns, int count, const int16 *order, int order_count)
{
    Sink *sink = (Sink *) base;
    TdsOut *out = out_for_token();

    MemoryContextReset(sink->row_memory);
    sink->count = count;
    sink->columns = MemoryContextAlloc(MessageContext, sizeof(WireColumn) * Max(count, 1));
    sink->metadata = MemoryContextAlloc(MessageContext, sizeof(TdsColumn) * Max(count, 1));
    for (int i = 0; i < count; i++) {
        sink->columns[i] = encode_column(&columns[i].type, columns[i].nullable, session.version);
        sink->metadata[i] = encode_metadata(&columns[i], &sink->columns[i]);
    }
    if (base->no_metadata)
        tds_put_no_metadata(out, session.version);
    else
        tds_put_colmetadata(out, session.version, sink->metadata, (unsigned) count);
    if (order_count > 0)
        tds_put_order(out, (const uint16_t *) order, (unsigned) order_count);
}

/*
 * Interrupts wait until the row is whole: a row cut short could not be followed by anything. What
 * the encoders allocate lives until the next batch of rows.
 */
static bool
put_row(ResultSink *base, TupleTableSlot *slot)
{
    Sink *sink = (Sink *) base;
    TdsOut *out = transport_out();
    MemoryContext old;
    bool nbc;

    slot_getsomeattrs(slot, sink->count);
    HOLD_INTERRUPTS();
    old = MemoryContextSwitchTo(sink->row_memory);
    nbc = tds_row_wants_nbc(session.version, slot->tts_isnull, (unsigned) sink->count,
                            sink->metadata);
    if (nbc)
        tds_put_nbcrow_begin(out, slot->tts_isnull, (unsigned) sink->count);
    else
        tds_put_row_begin(out);
    for (int i = 0; i < sink->count; i++) {
        const WireColumn *column = &sink->columns[i];

        if (!slot->tts_isnull[i])
            column->encode(out, column, slot->tts_values[i]);
        else if (!nbc)
            tds_put_null(out, &column->type);
    }
    if ((++sink->rows & 63) == 0)
        MemoryContextReset(sink->row_memory);
    MemoryContextSwitchTo(old);
    RESUME_INTERRUPTS();
    return !out->failed;
}

static void
end_result(ResultSink *base)
{
    Sink *sink = (Sink *) base;

    MemoryContextReset(sink->row_memory);
    pfree(sink->columns);
    pfree(sink->metadata);
    sink->columns = NULL;
    sink->metadata = NULL;
    sink->count = 0;
}

/* ---- other tokens ---- */

static void
put_done(ResultSink *base, SinkDone kind, uint16 status, uint16 command, uint64 row_count)
{
    static const TdsToken tokens[] = {[SINK_DONE] = TDS_TOKEN_DONE,
                                      [SINK_DONE_PROC] = TDS_TOKEN_DONEPROC,
                                      [SINK_DONE_IN_PROC] = TDS_TOKEN_DONEINPROC};
    Sink *sink = (Sink *) base;

    put_held_done(TDS_DONE_MORE);
    sink->any_done = true;
    sink->done = (HeldDone){.held = true,
                            .token = tokens[kind],
                            .status = status,
                            .command = command,
                            .row_count = row_count};
}

static void
put_message(ResultSink *base, const TsqlError *error)
{
    TdsMessage message = {.number = error->number,
                          .state = (uint8_t) error->state,
                          .severity = (uint8_t) error->severity,
                          .text = error->message,
                          .server = settings_server_name(),
                          .procedure = error->procedure,
                          .line = (uint32_t) Max(error->line, 0)};

    tds_put_message(out_for_token(), session.version, &message);
}

static TdsCollation
database_collation(void)
{
    const SqlCollation *collation = sql_collation(session_context->database_collation);
    TdsCollation wire = tds_collation_default;

    if (collation != NULL)
        memcpy(wire.bytes, collation->tds, sizeof(wire.bytes));
    return wire;
}

static void
put_environment(ResultSink *base,
                SinkEnvironment kind,
                const char *new_value,
                const char *old_value)
{
    TdsOut *out = out_for_token();
    TdsCollation collation;

    switch (kind) {
    case SINK_ENV_DATABASE:
        tds_put_env_text(out, TDS_ENV_DATABASE, new_value, old_value);
        break;
    case SINK_ENV_LANGUAGE:
        tds_put_env_text(out, TDS_ENV_LANGUAGE, new_value, old_value);
        break;
    case SINK_ENV_COLLATION:
        collation = database_collation();
        tds_put_env_collation(out, &collation, NULL);
        break;
    }
}

static void
put_transaction(ResultSink *base, SinkTransaction kind, uint64 descriptor)
{
    static const TdsEnvChange kinds[] = {[SINK_TRAN_BEGIN] = TDS_ENV_BEGIN_TRAN,
                                         [SINK_TRAN_COMMIT] = TDS_ENV_COMMIT_TRAN,
                                         [SINK_TRAN_ROLLBACK] = TDS_ENV_ROLLBACK_TRAN};

    tds_put_env_transaction(out_for_token(), session.version, kinds[kind], descriptor);
}

static void
put_return_status(ResultSink *base, int32 value)
{
    tds_put_return_status(out_for_token(), value);
}

static void
put_return_value(ResultSink *base,
                 int ordinal,
                 const char *name,
                 const SqlType *type,
                 Datum value,
                 bool is_null,
                 bool is_result)
{
    TdsOut *out = out_for_token();
    WireColumn wire = encode_column(type, true, session.version);
    uint32 user_type = type->id == SQL_ROWVERSION ? TDS_USER_TYPE_TIMESTAMP : 0;

    HOLD_INTERRUPTS();
    tds_put_return_value_begin(out, session.version, (uint16_t) ordinal, name != NULL ? name : "",
                               name != NULL ? strlen(name) : 0, is_result ? 2 : 1, user_type,
                               TDS_COLUMN_NULLABLE, &wire.type);
    if (is_null)
        tds_put_null(out, &wire.type);
    else
        wire.encode(out, &wire, value);
    RESUME_INTERRUPTS();
}

static void
flush(ResultSink *base)
{
    put_held_done(TDS_DONE_MORE);
    tds_out_flush(transport_out());
}

static bool
is_attention(ResultSink *base)
{
    return attention_seen() || attention_client_gone() || transport_is_broken();
}

/* ---- the request ---- */

ResultSink *
sink_open(void)
{
    ResultSink *base = &the_sink.base;

    if (the_sink.row_memory == NULL) {
        the_sink.row_memory =
            AllocSetContextCreate(TopMemoryContext, "rows to the wire", ALLOCSET_DEFAULT_SIZES);
        base->begin_result = begin_result;
        base->row = put_row;
        base->end_result = end_result;
        base->done = put_done;
        base->message = put_message;
        base->environment = put_environment;
        base->transaction = put_transaction;
        base->return_status = put_return_status;
        base->return_value = put_return_value;
        base->flush = flush;
        base->attention = is_attention;
    }
    return base;
}

void
sink_begin(void)
{
    the_sink.done.held = false;
    the_sink.any_done = false;
    the_sink.rows = 0;
    the_sink.base.no_metadata = false;
}

void
sink_next_call(void)
{
    if (the_sink.done.held)
        the_sink.done.status |= TDS_DONE_RPCINBATCH;
    put_held_done(TDS_DONE_MORE);
    the_sink.base.no_metadata = false;
}

void
sink_finish(void)
{
    TdsOut *out = transport_out();

    if (the_sink.done.held)
        put_held_done(TDS_DONE_FINAL);
    else
        tds_put_done(out, session.version, TDS_TOKEN_DONE, TDS_DONE_FINAL, 0, 0);
    tds_out_end_message(out);
}

void
sink_finish_attention(bool interrupted)
{
    TdsOut *out = transport_out();

    if (interrupted) {
        put_held_done(TDS_DONE_MORE);
        tds_put_done(out, session.version, TDS_TOKEN_DONE, TDS_DONE_ERROR, 0, 0);
        tds_out_end_message(out);
    }
    tds_put_done(out, session.version, TDS_TOKEN_DONE, TDS_DONE_ATTN, 0, 0);
    tds_out_end_message(out);
}

int64
sink_row_count(void)
{
    return session_context->row_count;
}
