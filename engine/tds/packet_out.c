/*
 * TdsOut: packets under construction. See buffer.h for the invariant.
 */
#include "tds/buffer.h"
#include "tds/unicode.h"

#define GATHER_BYTES 65536 /* finished packets gathered before a flush */

static void
start_packet(TdsOut *out, uint8_t *at)
{
    out->packet = at;
    out->cur = at + TDS_HEADER_SIZE;
    out->limit = at + out->packet_size;
}

static void
start_message(TdsOut *out)
{
    start_packet(out, out->bytes);
    out->packet_id = 1;
    out->sent_in_message = false;
    out->flushed_in_message = false;
}

static uint32_t
clamp_packet_size(uint32_t packet_size)
{
    if (packet_size < TDS_MIN_PACKET)
        return TDS_MIN_PACKET;
    return packet_size > TDS_MAX_PACKET ? TDS_MAX_PACKET : packet_size;
}

bool
tds_out_init(
    TdsOut *out, const TdsMemory *memory, uint32_t packet_size, TdsFlush flush, void *flush_context)
{
    memset(out, 0, sizeof(*out));
    out->memory = memory;
    out->flush = flush;
    out->flush_context = flush_context;
    out->type = TDS_PACKET_REPLY;
    return tds_out_set_packet_size(out, packet_size);
}

void
tds_out_done(TdsOut *out)
{
    if (out->bytes != NULL)
        out->memory->resize(out->memory->context, out->bytes, out->capacity, 0);
    memset(out, 0, sizeof(*out));
}

bool
tds_out_set_packet_size(TdsOut *out, uint32_t packet_size)
{
    size_t capacity;

    packet_size = clamp_packet_size(packet_size);
    capacity = (size_t) (GATHER_BYTES / packet_size) * packet_size;
    if (capacity != out->capacity) {
        uint8_t *bytes =
            out->memory->resize(out->memory->context, out->bytes, out->capacity, capacity);

        if (bytes == NULL)
            return false;
        out->bytes = bytes;
        out->capacity = capacity;
    }
    out->packet_size = packet_size;
    start_message(out);
    return true;
}

void
tds_out_set_type(TdsOut *out, uint8_t type)
{
    out->type = type;
}

/* Writes the header of the packet under construction; it ends at cur. */
static void
close_packet(TdsOut *out, uint8_t status)
{
    size_t length = (size_t) (out->cur - out->packet);

    out->packet[0] = out->type;
    out->packet[1] = status;
    out->packet[2] = (uint8_t) (length >> 8);
    out->packet[3] = (uint8_t) length;
    out->packet[4] = (uint8_t) (out->spid >> 8);
    out->packet[5] = (uint8_t) out->spid;
    out->packet[6] = out->packet_id++;
    out->packet[7] = 0;
    out->packets++;
    out->sent_in_message = true;
}

/* Gives everything before `end` to flush. */
static void
give(TdsOut *out, uint8_t *end)
{
    if (!out->failed && end > out->bytes) {
        out->flushed_in_message = true;
        out->failed = !out->flush(out->flush_context, out->bytes, (size_t) (end - out->bytes));
    }
}

void
tds_put_bytes_slow(TdsOut *out, const void *from, size_t n)
{
    const uint8_t *at = from;

    while (n > 0) {
        size_t room = (size_t) (out->limit - out->cur);

        if (room == 0) {
            close_packet(out, 0);
            if ((size_t) (out->bytes + out->capacity - out->cur) < out->packet_size) {
                give(out, out->cur);
                start_packet(out, out->bytes);
            } else {
                start_packet(out, out->cur);
            }
            continue;
        }
        if (room > n)
            room = n;
        memcpy(out->cur, at, room);
        out->cur += room;
        at += room;
        n -= room;
    }
}

bool
tds_out_end_message(TdsOut *out)
{
    close_packet(out, TDS_STATUS_EOM);
    give(out, out->cur);
    start_message(out);
    out->type = TDS_PACKET_REPLY;
    return !out->failed;
}

bool
tds_out_flush(TdsOut *out)
{
    if (out->cur > out->packet + TDS_HEADER_SIZE) {
        close_packet(out, 0);
        give(out, out->cur);
    } else {
        give(out, out->packet);
    }
    start_packet(out, out->bytes);
    return !out->failed;
}

void
tds_out_discard(TdsOut *out)
{
    bool flushed = out->flushed_in_message;
    uint8_t id = out->packet_id;

    start_message(out);
    if (flushed) {
        out->flushed_in_message = out->sent_in_message = true;
        out->packet_id = id;
    }
}

bool
tds_out_message_started_sending(const TdsOut *out)
{
    return out->flushed_in_message;
}

size_t
tds_put_utf16_limited(TdsOut *out, const char *utf8, size_t length, size_t max_units)
{
    size_t left = max_units;

    while (length > 0 && left > 0) {
        size_t room = (size_t) (out->limit - out->cur);
        uint8_t pair[4];
        size_t used, written;

        /* near the end of the packet one character at a time, which may straddle it */
        if (room >= sizeof(pair)) {
            written =
                tds_utf8_to_utf16(utf8, length, out->cur, room < left * 2 ? room : left * 2, &used);
            out->cur += written;
        } else {
            const uint8_t *next;
            uint32_t c =
                tds_utf8_decode((const uint8_t *) utf8, (const uint8_t *) utf8 + length, &next);

            used = (size_t) (next - (const uint8_t *) utf8);
            written = tds_utf8_to_utf16(utf8, used, pair, c > 0xFFFF && left == 1 ? 2 : 4, &used);
            tds_put_bytes(out, pair, written);
        }
        if (written == 0 && used == 0)
            break; /* a pair does not fit in the one unit left */
        utf8 += used;
        length -= used;
        left -= written / 2;
    }
    return max_units - left;
}

void
tds_put_utf16(TdsOut *out, const char *utf8, size_t length)
{
    tds_put_utf16_limited(out, utf8, length, SIZE_MAX / 4);
}

void
tds_put_b_varchar(TdsOut *out, const char *utf8, size_t length)
{
    if (utf8 == NULL) {
        utf8 = "";
        length = 0;
    }
    tds_put_u8(out, (uint8_t) tds_utf16_units_within(utf8, &length, 255));
    tds_put_utf16(out, utf8, length);
}

void
tds_put_us_varchar(TdsOut *out, const char *utf8, size_t length)
{
    if (utf8 == NULL) {
        utf8 = "";
        length = 0;
    }
    tds_put_u16(out, (uint16_t) tds_utf16_units_within(utf8, &length, 65535));
    tds_put_utf16(out, utf8, length);
}
