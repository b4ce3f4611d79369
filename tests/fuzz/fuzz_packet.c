/*
 * Packets in any split. The first two bytes choose piece size and streaming; the rest is what a
 * socket gives. A message must come out the same however it was split.
 */
#include "tds/buffer.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Feeds everything; returns a checksum of what came out. */
static uint64_t
feed_all(const uint8_t *data, size_t size, size_t piece, bool stream)
{
    TdsIn in;
    uint64_t sum = 0;
    size_t at = 0;

    tds_in_init(&in, &tds_memory_malloc);
    in.stream_types = stream ? 1u << TDS_PACKET_BULK : 0;
    while (at < size) {
        TdsInEvent event;
        size_t n = size - at < piece ? size - at : piece;
        size_t wanted = tds_in_wanted(&in);
        size_t taken = tds_in_feed(&in, data + at, n, &event);

        if (wanted == 0 || taken > n || (event == TDS_IN_MORE && taken != n))
            abort();
        at += taken;
        if (event == TDS_IN_ERROR) {
            if (in.detail == NULL)
                abort();
            break;
        }
        if (event != TDS_IN_MORE) {
            sum = sum * 31 + in.type + (uint64_t) event * 7 + in.first_status;
            for (size_t i = 0; i < in.length; i++)
                sum = sum * 31 + in.data[i];
            tds_in_next(&in);
        }
    }
    sum = sum * 31 + (uint64_t) in.status + in.packets;
    tds_in_done(&in);
    return sum;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    if (feed_all(data + 2, size - 2, size, data[1] & 1) !=
        feed_all(data + 2, size - 2, 1u + data[0], data[1] & 1))
        abort();
    return 0;
}
