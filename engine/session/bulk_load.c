/*
 * INSERT BULK: what the statement said is kept until the rows come; then they are decoded one by
 * one, converted to the columns' types and given to bulk_rows. See bulk_load.h.
 */
#include "postgres.h"

#include "session/bulk_load.h"

#include "bind/bind.h"
#include "catalogue/catalog.h"
#include "context/context.h"
#include "errors/errors.h"
#include "execute/hooks.h"
#include "miscadmin.h"
#include "session/attention.h"
#include "session/bulk_rows.h"
#include "session/decode.h"
#include "session/session.h"
#include "syntax/ast.h"
#include "tds/bulk.h"
#include "tds/unicode.h"
#include "utils/memutils.h"

/* How the values of a column get from the wire to the table. */
typedef struct BulkColumn {
    SqlType from, to;
    bool convert;    /* the forms differ, or a length must be checked */
    bool to_default; /* NULLs take the column's default */
} BulkColumn;

/* The statement, in session_memory until its rows have come. */
static struct {
    bool expected;
    MemoryContext memory;
    int32 object;
    int count;
    AttrNumber *attnums;
    BulkOptions options;
    bool keep_nulls;
} pending;

/* The client's message as the reader's packets. */
typedef struct Packets {
    bool started, last;
    TransportEvent end; /* why there is no more */
} Packets;

static Packets packets;

/* ---- the statement ---- */

static bool
has_option(const AstInsertBulk *statement, const char *name)
{
    for (int i = 0; statement->options != NULL && i < statement->options->count; i++)
        if (strcmp(((const AstOption *) statement->options->items[i])->name, name) == 0)
            return true;
    return false;
}

static void
resolve_columns(const AstInsertBulk *statement, const CatalogRelation *relation)
{
    int count = statement->columns != NULL ? statement->columns->count : 0;

    pending.attnums =
        MemoryContextAlloc(pending.memory, sizeof(AttrNumber) * Max(count, relation->column_count));
    pending.count = count;
    for (int i = 0; i < count; i++) {
        const AstColumnDef *definition = (const AstColumnDef *) statement->columns->items[i];
        int column = catalog_column_find(relation, definition->name);

        if (column < 0)
            tsql_error(ERR_207, definition->name);
        pending.attnums[i] = relation->columns[column].attnum;
    }
    /* no list: all columns that can be given */
    for (int i = 0; count == 0 && i < relation->column_count; i++)
        if (!relation->columns[i].computed)
            pending.attnums[pending.count++] = relation->columns[i].attnum;
}

static void
handle_statement(const AstInsertBulk *statement)
{
    const AstName *name = &statement->table;
    CatalogObject object;

    pending.expected = false;
    if (!catalog_find_object(session_context->database, session_context->default_schema,
                             name->database, name->schema, name->object, false, &object) ||
        (object.type != CATALOG_TABLE && object.type != CATALOG_VIEW))
        tsql_error(ERR_208, name->object);
    if (!catalog_permission_check(&object, "INSERT", 0))
        tsql_error(ERR_229, "INSERT", object.name, session_context->database_name,
                   object.schema_name);
    if (pending.memory == NULL)
        pending.memory = AllocSetContextCreate(session_memory, "INSERT BULK", ALLOCSET_SMALL_SIZES);
    MemoryContextReset(pending.memory);
    pending.object = object.id;
    pending.options.check_constraints = has_option(statement, "CHECK_CONSTRAINTS");
    pending.options.fire_triggers = has_option(statement, "FIRE_TRIGGERS");
    pending.options.table_lock = has_option(statement, "TABLOCK");
    pending.keep_nulls = has_option(statement, "KEEP_NULLS");
    resolve_columns(statement, catalog_relation(&object));
    pending.expected = true;
}

void
bulk_load_init(void)
{
    execute_register_insert_bulk(handle_statement);
}

/* ---- the message ---- */

static TdsStatus
next_packet(void *context, const uint8_t **bytes, size_t *length)
{
    TdsIn *in = transport_in();

    for (;;) {
        if (packets.started) {
            if (packets.last)
                return TDS_TRUNCATED;
            transport_next();
            packets.end = transport_receive(-1, false);
            if (packets.end == TRANSPORT_IGNORED) {
                packets.last = true;
                return TDS_IGNORED;
            }
            if (packets.end != TRANSPORT_PACKET && packets.end != TRANSPORT_MESSAGE) {
                packets.last = true;
                return packets.end == TRANSPORT_BROKEN ? TDS_MALFORMED : TDS_IO;
            }
            packets.last = packets.end == TRANSPORT_MESSAGE;
        }
        packets.started = true;
        if (in->length > 0) {
            *bytes = in->data;
            *length = in->length;
            return TDS_OK;
        }
    }
}

/* After an error the rest of the message is still on its way. */
static void
drain(void)
{
    const uint8_t *bytes;
    size_t length;

    while (!packets.last && next_packet(NULL, &bytes, &length) == TDS_OK)
        ;
}

/* ---- the rows ---- */

/* Whether a value of `from` can stand in a column of `to` as it is. */
static bool
same_form(const SqlType *from, const SqlType *to)
{
    if (from->id != to->id && !(from->id == SQL_NUMERIC && to->id == SQL_DECIMAL) &&
        !(from->id == SQL_DECIMAL && to->id == SQL_NUMERIC))
        return false;
    switch (to->id) {
    case SQL_DECIMAL:
    case SQL_NUMERIC:
        return from->precision == to->precision && from->scale == to->scale;
    case SQL_TIME:
    case SQL_DATETIME2:
    case SQL_DATETIMEOFFSET:
        return from->scale == to->scale;
    case SQL_NVARCHAR:
    case SQL_VARCHAR:
    case SQL_VARBINARY:
        return to->length < 0 || (from->length >= 0 && from->length <= to->length);
    case SQL_XML: /* must be checked to be well formed */
    case SQL_CHAR:
    case SQL_NCHAR:
    case SQL_BINARY: /* may need padding */
        return false;
    default:
        return true;
    }
}

static BulkColumn *
map_columns(const TdsBulk *bulk, const CatalogRelation *relation)
{
    BulkColumn *columns = palloc0(sizeof(BulkColumn) * Max(pending.count, 1));

    if ((int) bulk->columns != pending.count)
        tsql_error(ERR_4804, 0);
    for (int i = 0; i < pending.count; i++) {
        const CatalogColumn *column = &relation->columns[0];

        for (int j = 0; j < relation->column_count; j++)
            if (relation->columns[j].attnum == pending.attnums[i])
                column = &relation->columns[j];
        columns[i].from = decode_type(&bulk->column[i].type);
        columns[i].to = column->type;
        columns[i].convert = !same_form(&columns[i].from, &columns[i].to);
        columns[i].to_default = !pending.keep_nulls && column->default_text != NULL;
    }
    return columns;
}

static size_t
value_size(const TdsValue *value)
{
    return value->kind == TDS_VALUE_TEXT    ? value->text.length
           : value->kind == TDS_VALUE_BYTES ? value->bytes.length
                                            : 8;
}

/* A text's length in the units of a column's: UTF-16 units, or bytes of its code page. */
static size_t
column_units(const TdsText *text, const SqlType *column)
{
    const SqlCollation *collation;
    TdsMemory memory = transport_memory(CurrentMemoryContext);
    TdsBytes bytes;

    if (column->id == SQL_NVARCHAR || column->id == SQL_NCHAR)
        return tds_utf16_units(text->data, text->length);
    collation =
        sql_collation(OidIsValid(column->collation) ? column->collation : sql_collation_default());
    bytes = tds_codepage_encode(collation != NULL ? collation->code_page : 1252, text->data,
                                text->length, &memory);
    return bytes.length;
}

/* A text or binary longer than its column is refused, as SQL Server refuses it, and never cut. */
static void
check_length(const TdsValue *value, const SqlType *column, int index)
{
    size_t length;

    if (column->length < 0)
        return;
    switch (column->id) {
    case SQL_CHAR:
    case SQL_VARCHAR:
    case SQL_NCHAR:
    case SQL_NVARCHAR:
        if (value->kind != TDS_VALUE_TEXT || value->text.length <= (size_t) column->length)
            return;
        length = column_units(&value->text, column);
        break;
    case SQL_BINARY:
    case SQL_VARBINARY:
        if (value->kind != TDS_VALUE_BYTES)
            return;
        length = value->bytes.length;
        break;
    default:
        return;
    }
    if (length > (size_t) column->length)
        tsql_error(ERR_4815, index + 1);
}

/* Decodes and converts one row; returns its rough size. */
static size_t
decode_row(
    BulkRows *rows, const BulkColumn *columns, const TdsValue *row, Datum *values, bool *nulls)
{
    size_t bytes = 0;

    for (int i = 0; i < pending.count; i++) {
        const BulkColumn *column = &columns[i];

        values[i] = decode_value(&row[i], &column->from, &nulls[i]);
        bytes += value_size(&row[i]);
        check_length(&row[i], &column->to, i);
        if (nulls[i] && column->to_default)
            bulk_rows_default(rows, i, &values[i], &nulls[i]);
        else if (!nulls[i] && column->convert)
            values[i] = sql_convert_datum(values[i], false, &column->from, &column->to,
                                          CONVERSION_ASSIGN, 0, &nulls[i]);
    }
    return bytes;
}

static void
check_end(const TdsReader *reader)
{
    switch (reader->status) {
    case TDS_OK:
        return;
    case TDS_IGNORED:
        ereport(ERROR, (errcode(ERRCODE_QUERY_CANCELED), errmsg("the client gave the load up")));
    case TDS_IO:
        ereport(ERROR, (errcode(ERRCODE_CONNECTION_FAILURE), errmsg("the client is gone")));
    default:
        ereport(LOG, (errmsg("session %d: a bulk load is malformed: %s", session_context->spid,
                             reader->detail != NULL ? reader->detail : "unknown reason")));
        tsql_error(ERR_4002);
    }
}

/* The whole load, as one statement of the interpreter. */
static uint64
load(void *context)
{
    CatalogObject object;
    const CatalogRelation *relation;
    TdsReader reader;
    TdsBulk bulk;
    TdsMemory memory = transport_memory(CurrentMemoryContext), row_memory;
    MemoryContext row_context =
        AllocSetContextCreate(CurrentMemoryContext, "bulk load row", ALLOCSET_DEFAULT_SIZES);
    BulkColumn *columns;
    BulkRows *rows;
    TdsValue *row;
    Datum *values;
    bool *nulls;

    if (!catalog_object_by_id(pending.object, &object))
        tsql_error(ERR_208, "INSERT BULK");
    relation = catalog_relation(&object);
    tds_reader_init_stream(&reader, next_packet, NULL);
    if (!tds_bulk_begin(&bulk, &reader, session.version, &memory))
        check_end(&reader);
    columns = map_columns(&bulk, relation);
    row = palloc(sizeof(TdsValue) * Max(pending.count, 1));
    values = palloc(sizeof(Datum) * Max(pending.count, 1));
    nulls = palloc(sizeof(bool) * Max(pending.count, 1));
    execute_room_require(object.name);
    rows = bulk_rows_begin(object.relation, pending.attnums, pending.count, &pending.options);
    row_memory = transport_memory(row_context);
    while (tds_bulk_next(&bulk, &row_memory, row)) {
        MemoryContext old = MemoryContextSwitchTo(bulk_rows_memory(rows));
        size_t bytes = decode_row(rows, columns, row, values, nulls);

        bulk_rows_add(rows, values, nulls, bytes);
        MemoryContextSwitchTo(old);
        MemoryContextReset(row_context);
        CHECK_FOR_INTERRUPTS();
    }
    check_end(&reader);
    return bulk_rows_end(rows);
}

ExecuteOutcome
bulk_load_run(ResultSink *sink, bool whole)
{
    ExecuteOutcome outcome;

    packets = (Packets){.last = whole};
    attention_pause(true);
    execute_begin(sink);
    if (!pending.expected) {
        TsqlError error = {.number = ERR_4002, .severity = 16, .state = 1, .line = 1};

        error.message = tsql_error_format(ERR_4002);
        sink->message(sink, &error);
        sink->done(sink, SINK_DONE, SINK_STATUS_ERROR, 0, 0);
        outcome = EXECUTE_DONE;
    } else {
        pending.expected = false;
        outcome = execute_work(load, NULL, SINK_COMMAND_BULK_INSERT);
    }
    execute_end();
    packets.started = true;
    drain();
    if (packets.end == TRANSPORT_CLOSED || packets.end == TRANSPORT_BROKEN)
        outcome = EXECUTE_CLOSE;
    return outcome;
}
