/*
 * Table-valued parameters (MS-TDS 2.2.5.5.5). See rpc.h.
 */
#include "tds/tvp.h"

#define NULL_TABLE 0xFFFF
#define TOKEN_END 0x00
#define TOKEN_ROW 0x01
#define TOKEN_ORDER_UNIQUE 0x10
#define TOKEN_COLUMN_ORDERING 0x11

#define COLUMN_BYTES 8 /* no column takes less */
#define ORDER_BYTES 3

/* An array for `count` things of at least `wire` bytes each, zeroed; NULL when the message cannot
 * hold that many, so that a number that lies costs nothing. */
static void *
allocate_array(TdsRpc *rpc, unsigned count, size_t wire, size_t size)
{
    TdsReader *reader = rpc->reader;
    void *array;

    if (reader->fill == NULL && (size_t) (reader->end - reader->cur) / wire < count) {
        tds_reader_fail(reader, TDS_TRUNCATED, "TVP: the message ends inside its metadata");
        return NULL;
    }
    array = tds_allocate(rpc->memory, count * size);
    if (array == NULL)
        tds_reader_fail(reader, TDS_NO_MEMORY, "out of memory");
    else
        memset(array, 0, count * size);
    return array;
}

static bool
read_columns(TdsRpc *rpc, TdsTvp *table)
{
    TdsReader *reader = rpc->reader;

    table->columns = tds_read_u16(reader);
    if (reader->status != TDS_OK)
        return false;
    if (table->columns == NULL_TABLE) {
        table->is_null = true;
        table->columns = 0;
        return true;
    }
    if (table->columns == 0 || table->columns > TDS_MAX_TVP_COLUMNS)
        return tds_reader_fail(reader, TDS_MALFORMED, "TVP: wrong number of columns");
    table->column = allocate_array(rpc, table->columns, COLUMN_BYTES, sizeof(TdsColumn));
    if (table->column == NULL)
        return false;
    for (unsigned i = 0; i < table->columns; i++) {
        TdsColumn *column = &table->column[i];

        column->user_type = tds_read_u32(reader);
        column->flags = tds_read_u16(reader);
        if (!tds_read_type_info(reader, rpc->version, rpc->memory, &column->type))
            return false;
        if (column->type.type == TDS_TVP || column->type.type == TDS_NULL)
            return tds_reader_fail(reader, TDS_MALFORMED, "TVP: a type that no column has");
        column->name = tds_read_b_varchar(reader, rpc->memory);
    }
    return reader->status == TDS_OK;
}

static bool
read_order_unique(TdsRpc *rpc, TdsTvp *table)
{
    TdsReader *reader = rpc->reader;

    table->order_count = tds_read_u16(reader);
    if (reader->status != TDS_OK)
        return false;
    table->order = allocate_array(rpc, table->order_count, ORDER_BYTES, sizeof(*table->order));
    if (table->order == NULL)
        return false;
    for (unsigned i = 0; i < table->order_count; i++) {
        table->order[i].ordinal = tds_read_u16(reader);
        table->order[i].flags = tds_read_u8(reader);
        if (table->order[i].ordinal < 1 || table->order[i].ordinal > table->columns)
            return tds_reader_fail(reader, TDS_MALFORMED,
                                   "TVP: order by a column that is not there");
    }
    return reader->status == TDS_OK;
}

static bool
read_ordering(TdsRpc *rpc, TdsTvp *table)
{
    TdsReader *reader = rpc->reader;
    unsigned count = tds_read_u16(reader);

    if (reader->status != TDS_OK)
        return false;
    if (count != table->columns)
        return tds_reader_fail(reader, TDS_MALFORMED, "TVP: column ordering of another length");
    table->ordering = allocate_array(rpc, count, 2, sizeof(*table->ordering));
    if (table->ordering == NULL)
        return false;
    for (unsigned i = 0; i < count; i++) {
        uint16_t ordinal = tds_read_u16(reader);

        if (ordinal < 1 || ordinal > table->columns)
            return tds_reader_fail(reader, TDS_MALFORMED, "TVP: column ordering out of range");
        for (unsigned k = 0; k < i; k++)
            if (table->ordering[k] == ordinal)
                return tds_reader_fail(reader, TDS_MALFORMED,
                                       "TVP: column ordering names one twice");
        table->ordering[i] = ordinal;
    }
    return reader->status == TDS_OK;
}

TdsTvp *
tds_tvp_read(TdsRpc *rpc)
{
    TdsReader *reader = rpc->reader;
    TdsTvp *table = tds_allocate(rpc->memory, sizeof(*table));
    uint8_t token;

    if (table == NULL) {
        tds_reader_fail(reader, TDS_NO_MEMORY, "out of memory");
        return NULL;
    }
    memset(table, 0, sizeof(*table));
    table->database = tds_read_b_varchar(reader, rpc->memory);
    table->schema = tds_read_b_varchar(reader, rpc->memory);
    table->type_name = tds_read_b_varchar(reader, rpc->memory);
    if (!read_columns(rpc, table))
        return NULL;
    while ((token = tds_read_u8(reader)) != TOKEN_END && reader->status == TDS_OK) {
        bool good = false;

        if (token == TOKEN_ORDER_UNIQUE && table->order == NULL)
            good = read_order_unique(rpc, table);
        else if (token == TOKEN_COLUMN_ORDERING && table->ordering == NULL)
            good = read_ordering(rpc, table);
        else
            tds_reader_fail(reader, TDS_MALFORMED, "TVP: unknown metadata");
        if (!good)
            return NULL;
    }
    return reader->status == TDS_OK ? table : NULL;
}

/* A row's token: true when a row follows. At the end of the table forgets it. */
static bool
begin_row(TdsRpc *rpc)
{
    uint8_t token;

    if (rpc->table == NULL || rpc->reader->status != TDS_OK)
        return false;
    token = tds_read_u8(rpc->reader);
    if (rpc->reader->status != TDS_OK)
        return false;
    if (token == TOKEN_ROW && rpc->table->columns > 0)
        return true;
    if (token != TOKEN_END)
        return tds_reader_fail(rpc->reader, TDS_MALFORMED, "TVP: a row or the end expected");
    rpc->table = NULL;
    return false;
}

bool
tds_tvp_next_row(TdsRpc *rpc, const TdsMemory *memory, TdsValue *row)
{
    const TdsTvp *table = rpc->table;

    if (!begin_row(rpc))
        return false;
    for (unsigned i = 0; i < table->columns; i++) {
        unsigned at = table->ordering != NULL ? table->ordering[i] - 1u : i;
        const TdsColumn *column = &table->column[at];

        if ((column->flags & TDS_COLUMN_DEFAULT) != 0) {
            memset(&row[at], 0, sizeof(row[at]));
            row[at].type = column->type;
            continue;
        }
        if (!tds_read_value(rpc->reader, &column->type, TDS_IN_PARAMETER, rpc->max_value, memory,
                            &row[at]))
            return false;
    }
    return true;
}

bool
tds_tvp_skip_rows(TdsRpc *rpc)
{
    while (rpc->table != NULL && begin_row(rpc)) {
        const TdsTvp *table = rpc->table;

        for (unsigned i = 0; i < table->columns; i++) {
            unsigned at = table->ordering != NULL ? table->ordering[i] - 1u : i;

            if ((table->column[at].flags & TDS_COLUMN_DEFAULT) == 0 &&
                !tds_skip_value(rpc->reader, &table->column[at].type, TDS_IN_PARAMETER))
                return false;
        }
    }
    return rpc->reader->status == TDS_OK;
}
