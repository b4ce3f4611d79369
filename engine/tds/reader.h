/*
 * Bounded reading of bytes that nobody trusts. A TdsReader walks one message; every read checks the
 * bounds; the first failure sticks (`status`), after which every read gives zeroes and consumes
 * nothing. So parsers read straight on and look at the status where it matters, and always before
 * they loop on or allocate by a number that they read.
 *
 * With `fill` set, the message is streamed: when the bytes at hand are used up the reader calls
 * fill for the next packet's payload. A bulk load of gigabytes passes through one packet buffer.
 * Pointers that tds_read_view gives in place are only given when not streaming.
 */
#pragma once

#include "tds/memory.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

typedef enum TdsStatus {
    TDS_OK = 0,
    TDS_TRUNCATED,   /* the message ends inside a field */
    TDS_MALFORMED,   /* a field contradicts the specification */
    TDS_TOO_BIG,     /* beyond a limit of ours or of the protocol */
    TDS_UNSUPPORTED, /* well formed, but not spoken here */
    TDS_NO_MEMORY,
    TDS_IGNORED, /* the client cancelled the message while sending it (status bit 0x02) */
    TDS_IO,      /* fill failed: the connection is gone */
} TdsStatus;

typedef struct TdsReader TdsReader;

/*
 * Gives the next run of bytes of the message: sets *bytes and *length (> 0) and returns TDS_OK; or
 * TDS_TRUNCATED when the message is over; or another status, which the reader takes over. The bytes
 * live until the next call.
 */
typedef TdsStatus (*TdsFill)(void *context, const uint8_t **bytes, size_t *length);

struct TdsReader {
    const uint8_t *cur;
    const uint8_t *end;
    TdsStatus status;
    const char *detail; /* static text: which rule was broken; NULL while status is TDS_OK */
    TdsFill fill;       /* NULL: the message is held whole */
    void *fill_context;
};

/* A reader of a whole message. */
void tds_reader_init(TdsReader *reader, const uint8_t *bytes, size_t length);

/* A streaming reader; nothing is read before the first tds_read_*. */
void tds_reader_init_stream(TdsReader *reader, TdsFill fill, void *context);

/* Sets the sticky error, unless one is set. `detail` must be static. Returns false, so that a
 * parser can `return tds_reader_fail(...)`. */
bool tds_reader_fail(TdsReader *reader, TdsStatus status, const char *detail);

/* "truncated", "malformed", ... for logs and error texts. */
const char *tds_status_name(TdsStatus status);

/* True when no byte is left (may call fill to find out). Also true after a failure. */
bool tds_reader_at_end(TdsReader *reader);

/* The next byte without consuming it, or -1 at the end. */
int tds_reader_peek(TdsReader *reader);

/* Copies exactly n bytes to `to`, across fills; on failure zeroes `to` and returns false. */
bool tds_read_bytes_slow(TdsReader *reader, void *to, size_t n);

static inline bool
tds_read_bytes(TdsReader *reader, void *to, size_t n)
{
    if ((size_t) (reader->end - reader->cur) >= n && n > 0) {
        memcpy(to, reader->cur, n);
        reader->cur += n;
        return true;
    }
    return tds_read_bytes_slow(reader, to, n);
}

static inline uint8_t
tds_read_u8(TdsReader *reader)
{
    uint8_t v;

    if (reader->cur < reader->end)
        return *reader->cur++;
    tds_read_bytes_slow(reader, &v, 1);
    return v;
}

static inline uint16_t
tds_read_u16(TdsReader *reader)
{
    uint8_t b[2];

    tds_read_bytes(reader, b, 2);
    return (uint16_t) (b[0] | b[1] << 8);
}

static inline uint32_t
tds_read_u32(TdsReader *reader)
{
    uint8_t b[4];

    tds_read_bytes(reader, b, 4);
    return (uint32_t) b[0] | (uint32_t) b[1] << 8 | (uint32_t) b[2] << 16 | (uint32_t) b[3] << 24;
}

static inline uint64_t
tds_read_u64(TdsReader *reader)
{
    uint64_t low = tds_read_u32(reader);

    return low | (uint64_t) tds_read_u32(reader) << 32;
}

/* Big-endian, as PRELOGIN has it. */
uint16_t tds_read_u16be(TdsReader *reader);
uint32_t tds_read_u32be(TdsReader *reader);

/* Passes over n bytes. */
bool tds_read_skip(TdsReader *reader, uint64_t n);

/*
 * n contiguous bytes: in place when the message is held whole, else copied to `memory`, growing
 * with what really arrives (a length that lies costs no memory). NULL on failure.
 */
const uint8_t *tds_read_view(TdsReader *reader, size_t n, const TdsMemory *memory);

/*
 * `units` UTF-16LE code units as UTF-8 in `memory`; lone surrogates become U+FFFD. data NULL on
 * failure. The two below read the count first: one byte (B_VARCHAR) or two (US_VARCHAR).
 */
TdsText tds_read_utf16(TdsReader *reader, size_t units, const TdsMemory *memory);
TdsText tds_read_b_varchar(TdsReader *reader, const TdsMemory *memory);
TdsText tds_read_us_varchar(TdsReader *reader, const TdsMemory *memory);
