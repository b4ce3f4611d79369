/*
 * The slow paths of TdsReader: what crosses the end of the bytes at hand, and what must be held.
 */
#include "tds/reader.h"

#include "tds/unicode.h"

/* A streamed field is gathered in steps of this size, so that a length that lies costs little. */
#define GROW_START 65536

void
tds_reader_init(TdsReader *reader, const uint8_t *bytes, size_t length)
{
    static const uint8_t nothing[1] = {0};

    reader->cur = length > 0 ? bytes : nothing;
    reader->end = reader->cur + length;
    reader->status = TDS_OK;
    reader->detail = NULL;
    reader->fill = NULL;
    reader->fill_context = NULL;
}

void
tds_reader_init_stream(TdsReader *reader, TdsFill fill, void *context)
{
    tds_reader_init(reader, NULL, 0);
    reader->fill = fill;
    reader->fill_context = context;
}

bool
tds_reader_fail(TdsReader *reader, TdsStatus status, const char *detail)
{
    if (reader->status == TDS_OK) {
        reader->status = status;
        reader->detail = detail;
    }
    reader->cur = reader->end; /* the inline paths then fail too */
    return false;
}

const char *
tds_status_name(TdsStatus status)
{
    static const char *const names[] = {"ok",      "truncated",   "malformed",
                                        "too big", "unsupported", "out of memory",
                                        "ignored", "input/output"};

    return (unsigned) status < sizeof(names) / sizeof(names[0]) ? names[status] : "unknown";
}

/* Gets more bytes; false when there are none (status is left alone at a clean end). */
static bool
refill(TdsReader *reader)
{
    const uint8_t *bytes = NULL;
    size_t length = 0;
    TdsStatus status;

    if (reader->status != TDS_OK || reader->fill == NULL)
        return false;
    status = reader->fill(reader->fill_context, &bytes, &length);
    if (status == TDS_OK && length > 0) {
        reader->cur = bytes;
        reader->end = bytes + length;
        return true;
    }
    reader->fill = NULL;
    if (status != TDS_OK && status != TDS_TRUNCATED)
        tds_reader_fail(reader, status, "the message was not received whole");
    return false;
}

bool
tds_reader_at_end(TdsReader *reader)
{
    return reader->cur == reader->end && !refill(reader);
}

int
tds_reader_peek(TdsReader *reader)
{
    return tds_reader_at_end(reader) ? -1 : *reader->cur;
}

bool
tds_read_bytes_slow(TdsReader *reader, void *to, size_t n)
{
    uint8_t *at = to;
    size_t left = n;

    /* the message is over: decide before copying a part */
    if (reader->fill == NULL && (size_t) (reader->end - reader->cur) < n)
        tds_reader_fail(reader, TDS_TRUNCATED, "the message ends inside a field");
    while (left > 0 && reader->status == TDS_OK) {
        size_t have = (size_t) (reader->end - reader->cur);

        if (have == 0) {
            if (!refill(reader))
                tds_reader_fail(reader, TDS_TRUNCATED, "the message ends inside a field");
            continue;
        }
        if (have > left)
            have = left;
        memcpy(at, reader->cur, have);
        reader->cur += have;
        at += have;
        left -= have;
    }
    if (reader->status == TDS_OK)
        return true;
    if (n > 0)
        memset(to, 0, n);
    return false;
}

uint16_t
tds_read_u16be(TdsReader *reader)
{
    unsigned high = tds_read_u8(reader);

    return (uint16_t) (high << 8 | tds_read_u8(reader));
}

uint32_t
tds_read_u32be(TdsReader *reader)
{
    uint32_t high = tds_read_u16be(reader);

    return high << 16 | tds_read_u16be(reader);
}

bool
tds_read_skip(TdsReader *reader, uint64_t n)
{
    while (n > 0 && reader->status == TDS_OK) {
        size_t have = (size_t) (reader->end - reader->cur);

        if (have == 0) {
            if (!refill(reader))
                tds_reader_fail(reader, TDS_TRUNCATED, "the message ends inside a field");
            continue;
        }
        if (have > n)
            have = (size_t) n;
        reader->cur += have;
        n -= have;
    }
    return reader->status == TDS_OK;
}

const uint8_t *
tds_read_view(TdsReader *reader, size_t n, const TdsMemory *memory)
{
    uint8_t *copy;
    size_t have = 0;
    size_t room;

    if (reader->status != TDS_OK)
        return NULL;
    if (reader->fill == NULL) {
        const uint8_t *at = reader->cur;

        if ((size_t) (reader->end - at) < n) {
            tds_reader_fail(reader, TDS_TRUNCATED, "the message ends inside a field");
            return NULL;
        }
        reader->cur += n;
        return at;
    }
    room = n < GROW_START ? n : GROW_START;
    copy = tds_allocate(memory, room);
    while (copy != NULL && tds_read_bytes(reader, copy + have, room - have)) {
        size_t more;

        have = room;
        if (have == n)
            return copy;
        more = n - have < room ? n - have : room;
        copy = memory->resize(memory->context, copy, room, room + more);
        room += more;
    }
    if (copy == NULL)
        tds_reader_fail(reader, TDS_NO_MEMORY, "out of memory");
    else
        memory->resize(memory->context, copy, room, 0);
    return NULL;
}

TdsText
tds_read_utf16(TdsReader *reader, size_t units, const TdsMemory *memory)
{
    bool streamed = reader->fill != NULL;
    TdsText text = {NULL, 0};
    const uint8_t *from = tds_read_view(reader, units * 2, memory);
    size_t length;
    char *to;

    if (from == NULL)
        return text;
    length = tds_utf8_length(from, units);
    to = tds_allocate(memory, length + 1);
    if (to == NULL) {
        tds_reader_fail(reader, TDS_NO_MEMORY, "out of memory");
    } else {
        tds_utf16_to_utf8(from, units, to);
        to[length] = '\0';
        text.data = to;
        text.length = length;
    }
    if (streamed)
        memory->resize(memory->context, (uint8_t *) (uintptr_t) from, units * 2, 0);
    return text;
}

TdsText
tds_read_b_varchar(TdsReader *reader, const TdsMemory *memory)
{
    return tds_read_utf16(reader, tds_read_u8(reader), memory);
}

TdsText
tds_read_us_varchar(TdsReader *reader, const TdsMemory *memory)
{
    return tds_read_utf16(reader, tds_read_u16(reader), memory);
}
