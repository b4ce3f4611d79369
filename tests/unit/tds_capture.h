/*
 * What the tests of the protocol write into: a TdsOut whose packets are kept, with and without
 * their headers; and a source that feeds a streaming reader in pieces of any size.
 */
#pragma once

#include "tds/buffer.h"

#include <stdlib.h>

typedef struct Capture {
    TdsOut out;
    uint8_t *packets; /* everything flushed */
    size_t packets_length;
    uint8_t *payload; /* the same without packet headers, by capture_end */
    size_t payload_length;
} Capture;

static inline bool
capture_flush(void *context, const uint8_t *bytes, size_t length)
{
    Capture *capture = context;

    capture->packets = realloc(capture->packets, capture->packets_length + length);
    memcpy(capture->packets + capture->packets_length, bytes, length);
    capture->packets_length += length;
    return true;
}

static inline TdsOut *
capture_begin(Capture *capture, uint32_t packet_size)
{
    memset(capture, 0, sizeof(*capture));
    tds_out_init(&capture->out, &tds_memory_malloc, packet_size, capture_flush, capture);
    return &capture->out;
}

/* Ends the message and strips the packet headers. */
static inline void
capture_end(Capture *capture)
{
    size_t at = 0;

    tds_out_end_message(&capture->out);
    capture->payload = malloc(capture->packets_length + 1);
    while (at + TDS_HEADER_SIZE <= capture->packets_length) {
        size_t length = (size_t) capture->packets[at + 2] << 8 | capture->packets[at + 3];

        memcpy(capture->payload + capture->payload_length, capture->packets + at + TDS_HEADER_SIZE,
               length - TDS_HEADER_SIZE);
        capture->payload_length += length - TDS_HEADER_SIZE;
        at += length;
    }
}

static inline void
capture_done(Capture *capture)
{
    tds_out_done(&capture->out);
    free(capture->packets);
    free(capture->payload);
}

/* Gives `length` bytes in pieces of `piece`, each in fresh memory so that a stale pointer shows. */
typedef struct Source {
    const uint8_t *bytes;
    size_t length, at, piece;
    uint8_t *given;
} Source;

static inline TdsStatus
source_fill(void *context, const uint8_t **bytes, size_t *length)
{
    Source *source = context;
    size_t n =
        source->length - source->at < source->piece ? source->length - source->at : source->piece;

    free(source->given);
    source->given = NULL;
    if (n == 0)
        return TDS_TRUNCATED;
    source->given = malloc(n);
    memcpy(source->given, source->bytes + source->at, n);
    source->at += n;
    *bytes = source->given;
    *length = n;
    return TDS_OK;
}

/* Bytes from "01 02 ff": blanks and line ends are skipped. Returns how many. */
static inline size_t
unhex(const char *hex, uint8_t *to, size_t room)
{
    size_t n = 0;
    int high = -1;

    for (; *hex != '\0' && n < room; hex++) {
        int digit = *hex >= '0' && *hex <= '9'   ? *hex - '0'
                    : *hex >= 'A' && *hex <= 'F' ? *hex - 'A' + 10
                    : *hex >= 'a' && *hex <= 'f' ? *hex - 'a' + 10
                                                 : -1;

        if (digit < 0)
            continue;
        if (high < 0) {
            high = digit;
        } else {
            to[n++] = (uint8_t) (high << 4 | digit);
            high = -1;
        }
    }
    return n;
}
