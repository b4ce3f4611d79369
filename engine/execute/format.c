/*
 * FOR XML and FOR JSON: the part that both share, from the first row to the text that is sent.
 */
#include "postgres.h"

#include "execute/format.h"

#include "executor/executor.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"

/* SQL Server cuts the text into rows of this many characters. */
#define CHUNK 2033

#define XML_COLUMN "XML_F52E2B61-18A1-11d1-B105-00805F49916B"
#define JSON_COLUMN "JSON_F52E2B61-18A1-11d1-B105-00805F49916B"

ResultFormatter *
format_begin(ResultSink *sink, const BoundStatement *bound)
{
    ResultFormatter *formatter = palloc0(sizeof(ResultFormatter));
    BoundColumn *column = palloc0(sizeof(BoundColumn));

    formatter->sink = sink;
    formatter->bound = bound;
    initStringInfo(&formatter->text);
    if (bound->for_json)
        for_json_begin(formatter);
    else
        for_xml_begin(formatter);
    column->name = bound->for_json ? JSON_COLUMN : XML_COLUMN;
    column->type = sql_type_string(SQL_NVARCHAR, -1, sql_collation_default());
    column->nullable = true;
    column->is_expression = true;
    sink->begin_result(sink, column, 1, NULL, 0);
    return formatter;
}

void
format_row(ResultFormatter *formatter, TupleTableSlot *slot)
{
    formatter->rows++;
    slot_getallattrs(slot);
    formatter->row(formatter, slot);
}

static void
send_chunks(ResultFormatter *formatter)
{
    TupleDesc descriptor = CreateTemplateTupleDesc(1);
    SqlType type = sql_type_string(SQL_NVARCHAR, -1, sql_collation_default());
    TupleTableSlot *slot;
    const char *text = formatter->text.data;
    int left = formatter->text.len;

    TupleDescInitEntry(descriptor, 1, "text", sql_type_oid(type.id), -1, 0);
    slot = MakeSingleTupleTableSlot(descriptor, &TTSOpsVirtual);
    while (left > 0) {
        int length = pg_mbcharcliplen(text, left, CHUNK);

        ExecClearTuple(slot);
        slot->tts_values[0] = PointerGetDatum(cstring_to_text_with_len(text, length));
        slot->tts_isnull[0] = false;
        ExecStoreVirtualTuple(slot);
        formatter->sink->row(formatter->sink, slot);
        text += length;
        left -= length;
    }
    ExecDropSingleTupleTableSlot(slot);
}

void
format_end(ResultFormatter *formatter)
{
    formatter->end(formatter);
    send_chunks(formatter);
    formatter->sink->end_result(formatter->sink);
}
