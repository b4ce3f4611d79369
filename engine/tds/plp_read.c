/*
 * PLP values from the wire, chunk by chunk (MS-TDS 2.2.5.2.3). See value.h.
 */
#include "tds/value.h"

bool
tds_plp_read_begin(TdsPlpReader *plp, TdsReader *reader, uint64_t max)
{
    memset(plp, 0, sizeof(*plp));
    plp->reader = reader;
    plp->max = max;
    plp->total = tds_read_u64(reader);
    if (reader->status != TDS_OK) {
        plp->done = true;
        return false;
    }
    if (plp->total == TDS_PLP_NULL)
        plp->done = true;
    else if (plp->total != TDS_PLP_UNKNOWN && plp->total > max)
        return tds_reader_fail(reader, TDS_TOO_BIG, "a value is longer than allowed");
    return true;
}

/* Makes chunk_left > 0, or done. */
static bool
next_chunk(TdsPlpReader *plp)
{
    uint32_t length = tds_read_u32(plp->reader);

    if (plp->reader->status != TDS_OK) {
        plp->done = true;
        return false;
    }
    if (length == 0) {
        plp->done = true;
        if (plp->total != TDS_PLP_UNKNOWN && plp->taken != plp->total)
            return tds_reader_fail(plp->reader, TDS_MALFORMED,
                                   "a value's chunks do not add up to its length");
        return false;
    }
    if (plp->total != TDS_PLP_UNKNOWN && length > plp->total - plp->taken) {
        plp->done = true;
        return tds_reader_fail(plp->reader, TDS_MALFORMED,
                               "a value's chunks do not add up to its length");
    }
    if (length > plp->max - plp->taken) {
        plp->done = true;
        return tds_reader_fail(plp->reader, TDS_TOO_BIG, "a value is longer than allowed");
    }
    plp->chunk_left = length;
    return true;
}

size_t
tds_plp_read(TdsPlpReader *plp, void *to, size_t room)
{
    uint8_t *at = to;
    size_t have = 0;

    while (have < room && !plp->done) {
        size_t n = room - have;

        if (plp->chunk_left == 0 && !next_chunk(plp))
            break;
        if (n > plp->chunk_left)
            n = plp->chunk_left;
        if (!tds_read_bytes(plp->reader, at + have, n)) {
            plp->done = true;
            return 0;
        }
        have += n;
        plp->chunk_left -= (uint32_t) n;
        plp->taken += n;
    }
    return plp->reader->status == TDS_OK ? have : 0;
}

bool
tds_plp_read_skip(TdsPlpReader *plp)
{
    while (!plp->done && plp->reader->status == TDS_OK) {
        if (plp->chunk_left == 0 && !next_chunk(plp))
            break;
        if (!tds_read_skip(plp->reader, plp->chunk_left))
            return false;
        plp->taken += plp->chunk_left;
        plp->chunk_left = 0;
    }
    return plp->reader->status == TDS_OK;
}
