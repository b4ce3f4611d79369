/*
 * Bulk load. See bulk.h.
 */
#include "tds/bulk.h"

bool
tds_bulk_begin(TdsBulk *bulk, TdsReader *reader, TdsVersion version, const TdsMemory *memory)
{
    memset(bulk, 0, sizeof(*bulk));
    bulk->reader = reader;
    bulk->version = version;
    if (!tds_read_colmetadata(reader, version, memory, &bulk->column, &bulk->columns,
                              &bulk->old_layout))
        return false;
    if (bulk->columns == 0)
        return tds_reader_fail(reader, TDS_MALFORMED, "bulk load without columns");
    return true;
}

/* What DONE says is not used, and clients end it early: the rows before it are whole. */
static bool
read_done(TdsBulk *bulk)
{
    int left = bulk->old_layout ? 8 : 12;

    bulk->done = true;
    while (left-- > 0 && !tds_reader_at_end(bulk->reader))
        tds_read_u8(bulk->reader);
    return false;
}

static bool
read_row(TdsBulk *bulk, const uint8_t *nulls, const TdsMemory *memory, TdsValue *row)
{
    for (unsigned i = 0; i < bulk->columns; i++) {
        const TdsTypeInfo *type = &bulk->column[i].type;

        if (nulls != NULL && (nulls[i / 8] >> (i % 8) & 1) != 0) {
            memset(&row[i], 0, sizeof(row[i]));
            row[i].type = *type;
        } else if (!tds_read_value(bulk->reader, type, TDS_IN_ROW, bulk->max_value, memory,
                                   &row[i])) {
            return false;
        }
    }
    bulk->rows++;
    return true;
}

bool
tds_bulk_next(TdsBulk *bulk, const TdsMemory *memory, TdsValue *row)
{
    const uint8_t *nulls;

    if (bulk->done || bulk->reader->status != TDS_OK)
        return false;
    if (tds_reader_at_end(bulk->reader)) {
        bulk->done = true;
        return false;
    }
    switch (tds_read_u8(bulk->reader)) {
    case TDS_TOKEN_ROW:
        return read_row(bulk, NULL, memory, row);
    case TDS_TOKEN_NBCROW:
        nulls = tds_read_view(bulk->reader, (bulk->columns + 7) / 8, memory);
        return nulls != NULL && read_row(bulk, nulls, memory, row);
    case TDS_TOKEN_DONE:
        return read_done(bulk);
    default:
        return tds_reader_fail(bulk->reader, TDS_MALFORMED, "bulk load: a row or DONE expected");
    }
}

bool
tds_bulk_read_text(TdsReader *reader, const TdsMemory *memory, TdsBytes *bytes)
{
    bytes->length = tds_read_u32(reader);
    bytes->data = NULL;
    if (reader->status != TDS_OK)
        return false;
    bytes->data = tds_read_view(reader, bytes->length, memory);
    return bytes->data != NULL;
}
