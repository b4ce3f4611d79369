/*
 * The connection: the client's socket in place of the backend's own, TLS, and packets. Reading and
 * writing block on the latch, so that interrupts (termination, configuration, invalidations) are
 * served meanwhile. One per backend.
 *
 * Bytes read go: socket -> [TLS] -> TdsIn. Bytes written go: TdsOut -> [TLS] -> socket, in one send
 * per flush.
 */
#pragma once

#include "postgres.h"

#include "tds/buffer.h"
#include "tds/reader.h"

/* TdsMemory over a PostgreSQL memory context, which is `context` of the result. */
TdsMemory transport_memory(MemoryContext context);

/* Puts `fd` in the place of the backend's socket and its addresses in the backend's status. */
void transport_open(int fd);

TdsIn *transport_in(void);
TdsOut *transport_out(void);

typedef enum TransportEvent {
    TRANSPORT_MESSAGE, /* transport_in() has a message: transport_next() when done with it */
    TRANSPORT_PACKET,  /* of a streamed message */
    TRANSPORT_IGNORED, /* a message that the client gave up */
    TRANSPORT_BROKEN,  /* not TDS: transport_in()->detail */
    TRANSPORT_CLOSED,  /* the client is gone */
    TRANSPORT_TIMEOUT,
} TransportEvent;

/*
 * Waits for the next event. `timeout_ms` -1: for ever. `idle`: no statement runs, so a cancel has
 * nothing to cancel and is dropped; else interrupts raise as usual.
 */
TransportEvent transport_receive(long timeout_ms, bool idle);
void transport_next(void);

/* TDS 8.0: whether the first byte is TLS's; waits for it. CLOSED, TIMEOUT, or MESSAGE = known. */
TransportEvent transport_sniff(long timeout_ms, bool *is_tls);

/* The server's side of the handshake, raw (strict) or inside PRELOGIN packets. False: it failed,
 * the reason is logged; close the connection. */
bool transport_start_tls(bool strict, long timeout_ms);
/* Back to plain bytes, after LOGIN7 with login-only encryption. */
void transport_stop_tls(void);
bool transport_encrypted(void);

/* The connection failed while writing: nothing more will reach the client. */
bool transport_is_broken(void);

/* Sends what there is and closes in an orderly way. */
void transport_close(void);

/* ---- while a statement runs (called in a signal handler) ---- */

typedef enum TransportPeek { PEEK_NOTHING, PEEK_ATTENTION, PEEK_CLOSED } TransportPeek;
/* What waits unread: under TLS any byte counts as an attention. */
TransportPeek transport_peek(void);
/* The first byte at hand is an attention, without asking the socket. */
bool transport_attention_at_hand(void);
