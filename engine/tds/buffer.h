/*
 * The two ends of the wire: TdsOut turns what the engine writes into packets (MS-TDS 2.2.3.1) as it
 * is written; TdsIn turns bytes as they come from the socket (any split) into messages.
 *
 * Out: a row goes from the tuple slot straight into the packet under construction; there is no
 * other copy. The buffer holds several packets; when it is full the finished ones go to `flush`.
 *   invariant: packet + 8 <= cur <= limit, limit = packet + packet_size, limit <= bytes + capacity;
 *   everything before `packet` is finished packets not yet given to flush.
 * A full packet is closed only when one more byte comes, so that the last one can carry EOM.
 *
 * In: tds_in_feed takes bytes until something is worth telling (a whole message, or in streaming
 * mode the payload of one packet), and says how many it took; the rest is fed again later.
 */
#pragma once

#include "tds/memory.h"
#include "tds/reader.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define TDS_HEADER_SIZE 8
#define TDS_MIN_PACKET 512      /* 2.2.6.4 PacketSize; smaller requests are raised */
#define TDS_DEFAULT_PACKET 4096 /* before login, and when the client asks for 0 */
#define TDS_MAX_PACKET 32767
#define TDS_MAX_PACKET_TLS 16383 /* a packet should fit one TLS record; a hint for the session */

/* Packet types (2.2.3.1.1). */
typedef enum TdsPacketType {
    TDS_PACKET_BATCH = 0x01,
    TDS_PACKET_PRE70_LOGIN = 0x02,
    TDS_PACKET_RPC = 0x03,
    TDS_PACKET_REPLY = 0x04,
    TDS_PACKET_ATTENTION = 0x06,
    TDS_PACKET_BULK = 0x07,
    TDS_PACKET_FEDAUTH_TOKEN = 0x08,
    TDS_PACKET_TRANSACTION = 0x0E,
    TDS_PACKET_LOGIN7 = 0x10,
    TDS_PACKET_SSPI = 0x11,
    TDS_PACKET_PRELOGIN = 0x12,
} TdsPacketType;

/* Packet status bits (2.2.3.1.2). */
#define TDS_STATUS_EOM 0x01
#define TDS_STATUS_IGNORE 0x02          /* with EOM: the client gives this message up */
#define TDS_STATUS_RESET 0x08           /* reset the session before running this message */
#define TDS_STATUS_RESET_KEEP_TRAN 0x10 /* the same, but keep the transaction */

/* ------------------------------------------------------------------ output */

/* Sends `length` bytes: whole packets. false: the connection is gone, and the buffer then swallows
 * all further writes (`failed`). It may also unwind; the TdsOut must then only be freed. */
typedef bool (*TdsFlush)(void *context, const uint8_t *bytes, size_t length);

typedef struct TdsOut {
    uint8_t *cur;
    uint8_t *limit;
    uint8_t *packet; /* header of the packet under construction */
    uint8_t *bytes;
    size_t capacity;
    uint32_t packet_size;
    uint16_t spid; /* put big-endian in every header */
    uint8_t type;  /* packet type, TDS_PACKET_REPLY */
    uint8_t packet_id;
    bool failed;
    bool sent_in_message;    /* a packet of this message was closed already */
    bool flushed_in_message; /* and given to flush */
    uint64_t packets;        /* packets closed since init: @@PACK_SENT */
    TdsFlush flush;
    void *flush_context;
    const TdsMemory *memory;
} TdsOut;

/* Makes the buffer for packets of `packet_size`; several packets (64 kB or so) are gathered per
 * flush. `memory` must outlive the TdsOut. False when out of memory. */
bool tds_out_init(TdsOut *out,
                  const TdsMemory *memory,
                  uint32_t packet_size,
                  TdsFlush flush,
                  void *flush_context);

/* Gives the buffer back; what was not flushed is lost. */
void tds_out_done(TdsOut *out);

/* Changes the packet size, clamped to [512, 32767]; only between messages (after the login reply).
 */
bool tds_out_set_packet_size(TdsOut *out, uint32_t packet_size);

/* Starts the next message with another packet type (the default is REPLY); only between messages.
 */
void tds_out_set_type(TdsOut *out, uint8_t type);

/* Ends the message: the packet under construction gets EOM (even when empty) and all is flushed. */
bool tds_out_end_message(TdsOut *out);

/* Sends what there is without ending the message (RAISERROR WITH NOWAIT, a long result): the packet
 * under construction is closed short if it has a body. */
bool tds_out_flush(TdsOut *out);

/* Drops what was written of the current message and not yet given to flush. Only sane when
 * !tds_out_message_started_sending(out), or when the connection is to be closed. */
void tds_out_discard(TdsOut *out);

/* True when bytes of the current message have been given to flush. */
bool tds_out_message_started_sending(const TdsOut *out);

/* True when the current message has any byte, sent or not. */
static inline bool
tds_out_has_message(const TdsOut *out)
{
    return out->sent_in_message || out->cur > out->packet + TDS_HEADER_SIZE;
}

/* The general path of the functions below: splits over packets. */
void tds_put_bytes_slow(TdsOut *out, const void *from, size_t n);

static inline void
tds_put_bytes(TdsOut *out, const void *from, size_t n)
{
    if ((size_t) (out->limit - out->cur) >= n) {
        if (n > 0)
            memcpy(out->cur, from, n);
        out->cur += n;
    } else
        tds_put_bytes_slow(out, from, n);
}

static inline void
tds_put_u8(TdsOut *out, uint8_t v)
{
    if (out->cur < out->limit)
        *out->cur++ = v;
    else
        tds_put_bytes_slow(out, &v, 1);
}

static inline void
tds_put_u16(TdsOut *out, uint16_t v)
{
    uint8_t b[2] = {(uint8_t) v, (uint8_t) (v >> 8)};

    tds_put_bytes(out, b, 2);
}

static inline void
tds_put_u32(TdsOut *out, uint32_t v)
{
    uint8_t b[4] = {(uint8_t) v, (uint8_t) (v >> 8), (uint8_t) (v >> 16), (uint8_t) (v >> 24)};

    tds_put_bytes(out, b, 4);
}

static inline void
tds_put_u64(TdsOut *out, uint64_t v)
{
    uint8_t b[8] = {(uint8_t) v,         (uint8_t) (v >> 8),  (uint8_t) (v >> 16),
                    (uint8_t) (v >> 24), (uint8_t) (v >> 32), (uint8_t) (v >> 40),
                    (uint8_t) (v >> 48), (uint8_t) (v >> 56)};

    tds_put_bytes(out, b, 8);
}

static inline void
tds_put_u16be(TdsOut *out, uint16_t v)
{
    tds_put_u8(out, (uint8_t) (v >> 8));
    tds_put_u8(out, (uint8_t) v);
}

static inline void
tds_put_u32be(TdsOut *out, uint32_t v)
{
    tds_put_u16be(out, (uint16_t) (v >> 16));
    tds_put_u16be(out, (uint16_t) v);
}

/* n contiguous bytes of the current packet to be filled by the caller, or NULL when the packet has
 * less room left (then take the general path). Follow with tds_out_advance(out, used <= n). */
static inline uint8_t *
tds_out_reserve(TdsOut *out, size_t n)
{
    return (size_t) (out->limit - out->cur) >= n ? out->cur : NULL;
}

static inline void
tds_out_advance(TdsOut *out, size_t used)
{
    out->cur += used;
}

/* UTF-8 as UTF-16LE code units, no length before it. Invalid UTF-8 becomes U+FFFD. */
void tds_put_utf16(TdsOut *out, const char *utf8, size_t length);

/* At most `max_units` code units of it, never half a surrogate pair. Returns the units written. */
size_t tds_put_utf16_limited(TdsOut *out, const char *utf8, size_t length, size_t max_units);

/* Text behind a count of code units: one byte (B_VARCHAR, cut at 255) or two (US_VARCHAR, cut at
 * 65535). utf8 NULL is the empty text. */
void tds_put_b_varchar(TdsOut *out, const char *utf8, size_t length);
void tds_put_us_varchar(TdsOut *out, const char *utf8, size_t length);

/* ------------------------------------------------------------------- input */

typedef enum TdsInEvent {
    TDS_IN_MORE,    /* all bytes taken; nothing to tell yet */
    TDS_IN_MESSAGE, /* data/length is the whole message (or, streaming, its last packet) */
    TDS_IN_PACKET,  /* streaming only: data/length is one packet's payload, not the last */
    TDS_IN_IGNORED, /* the client gave the message up (EOM with IGNORE): discard, answer with a DONE
                       that has the error bit (2.2.3.1.2, 2.2.1.7) */
    TDS_IN_ERROR,   /* `status`/`detail` say why; the connection cannot be continued */
} TdsInEvent;

typedef struct TdsIn {
    /* of the message under way or just completed */
    uint8_t type;         /* TdsPacketType of its first packet */
    uint8_t first_status; /* status of its first packet: look for the reset bits here */
    const uint8_t *data;  /* payload; lives until tds_in_next */
    size_t length;
    TdsStatus status;
    const char *detail;

    /* limits, to be set by the session as the connection goes on */
    uint32_t max_packet;   /* largest packet length accepted (header included) */
    size_t max_message;    /* largest message held whole */
    uint32_t stream_types; /* bit (1 << type) set: give packet by packet instead of holding it */

    uint64_t packets; /* packets received: @@PACK_RECEIVED */
    uint64_t bytes;   /* payload bytes of the current message so far */

    /* private */
    uint8_t header[TDS_HEADER_SIZE];
    uint8_t header_have;
    uint8_t packet_status;
    uint32_t packet_left; /* payload bytes of the current packet not yet received */
    bool in_message;
    bool told; /* an event gave `data` out; tds_in_next must come first */
    uint8_t *buffer;
    size_t have;
    size_t capacity;
    const TdsMemory *memory;
} TdsIn;

/* Starts with the limits of the time before login: packets up to 32767 bytes, messages up to 128
 * kB, no streaming. `memory` must outlive the TdsIn. */
void tds_in_init(TdsIn *in, const TdsMemory *memory);
void tds_in_done(TdsIn *in);

/*
 * Takes bytes up to the next event; returns how many were taken (all of them when the event is
 * TDS_IN_MORE). After MESSAGE, PACKET or IGNORED call tds_in_next when done with data, then feed
 * the rest. A packet that arrives whole and is the whole message is still copied, so `bytes` may be
 * reused at once. ATTENTION is a message of its own (type 6, length 0).
 */
size_t tds_in_feed(TdsIn *in, const uint8_t *bytes, size_t length, TdsInEvent *event);

/* Drops data. A buffer that has grown beyond 1 MB is given back after the message. */
void tds_in_next(TdsIn *in);

/* True when no byte of a message has been received that is not yet told: a safe place to hand the
 * connection over, or to time out idle clients. */
bool tds_in_idle(const TdsIn *in);

/* How many bytes to ask the socket for to complete the packet under way (8 at least): lets the
 * session read exactly, so that bytes of TLS or of the next message are not swallowed. */
size_t tds_in_wanted(const TdsIn *in);
