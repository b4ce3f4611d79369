/*
 * FOR XML and FOR JSON: rows become one text, sent as a single nvarchar(max) or xml column. The
 * statement's receiver gives each row; for_xml.c and for_json.c know the forms.
 */
#pragma once

#include "postgres.h"

#include "bind/bind.h"
#include "execute/sink.h"
#include "executor/tuptable.h"
#include "lib/stringinfo.h"

typedef struct ResultFormatter ResultFormatter;
struct ResultFormatter {
    ResultSink *sink;
    const BoundStatement *bound;
    StringInfoData text;
    uint64 rows;
    void (*row)(ResultFormatter *formatter, TupleTableSlot *slot);
    void (*end)(ResultFormatter *formatter); /* completes `text` */
    void *state;
};

/* A formatter for `bound` (for_xml or for_json); sends its column's metadata. */
ResultFormatter *format_begin(ResultSink *sink, const BoundStatement *bound);
void format_row(ResultFormatter *formatter, TupleTableSlot *slot);
/* Sends the text in rows of 2,033 characters, as SQL Server does, and ends the result. */
void format_end(ResultFormatter *formatter);

/* The forms: each fills row, end and state, checking its options. */
void for_xml_begin(ResultFormatter *formatter);
void for_json_begin(ResultFormatter *formatter);
