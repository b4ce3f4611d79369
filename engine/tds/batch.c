/*
 * ALL_HEADERS and SQLBatch. See batch.h.
 */
#include "tds/batch.h"

#define HEADER_NOTIFICATION 1
#define HEADER_TRANSACTION 2
#define HEADER_ACTIVITY 3

/* One header: its length (itself included), its type and its data. */
static bool
read_header(TdsReader *reader, uint32_t *left, TdsHeaders *headers)
{
    uint32_t length = tds_read_u32(reader);
    uint16_t type = tds_read_u16(reader);

    if (reader->status != TDS_OK)
        return false;
    if (length < 6 || length > *left)
        return tds_reader_fail(reader, TDS_MALFORMED, "ALL_HEADERS: a header's length is wrong");
    *left -= length;
    length -= 6;
    if (type == HEADER_TRANSACTION) {
        if (length != 12 || headers->has_transaction)
            return tds_reader_fail(reader, TDS_MALFORMED,
                                   "ALL_HEADERS: wrong transaction descriptor");
        headers->has_transaction = true;
        headers->transaction_descriptor = tds_read_u64(reader);
        headers->outstanding_requests = tds_read_u32(reader);
        length = 0;
    } else if (type == HEADER_ACTIVITY && length == 20) {
        headers->has_activity = true;
        tds_read_bytes(reader, headers->activity_id, 16);
        headers->activity_sequence = tds_read_u32(reader);
        length = 0;
    } else if (type == HEADER_NOTIFICATION) {
        headers->wants_notification = true;
    }
    return tds_read_skip(reader, length);
}

bool
tds_read_headers(TdsReader *reader, TdsVersion version, TdsHeaders *headers)
{
    uint32_t left;

    memset(headers, 0, sizeof(*headers));
    if (version < TDS_7_2)
        return reader->status == TDS_OK;
    left = tds_read_u32(reader);
    if (reader->status != TDS_OK)
        return false;
    if (left < 4)
        return tds_reader_fail(reader, TDS_MALFORMED, "ALL_HEADERS: the total length is wrong");
    left -= 4;
    while (left > 0)
        if (!read_header(reader, &left, headers))
            return false;
    return true;
}

bool
tds_batch_parse(TdsReader *reader,
                TdsVersion version,
                const TdsMemory *memory,
                TdsHeaders *headers,
                TdsText *sql)
{
    size_t length;

    sql->data = NULL;
    sql->length = 0;
    if (!tds_read_headers(reader, version, headers))
        return false;
    length = (size_t) (reader->end - reader->cur);
    if (length % 2 != 0)
        return tds_reader_fail(reader, TDS_MALFORMED, "SQLBatch: half a character at the end");
    *sql = tds_read_utf16(reader, length / 2, memory);
    return sql->data != NULL;
}
