/*
 * Socket, TLS and packets of the session's connection. See transport.h.
 */
#include "postgres.h"

#include "session/transport.h"

#include "common/ip.h"
#include "context/counters.h"
#include "miscadmin.h"
#include "pgcompat/process.h"
#include "pgstat.h"
#include "postmaster/interrupt.h"
#include "session/table.h"
#include "session/tls.h"
#include "storage/ipc.h"
#include "storage/procsignal.h"
#include "storage/sinval.h"
#include "tcop/tcopprot.h"
#include "utils/backend_status.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#define BUFFER_SIZE 16384

typedef enum TlsMode { TLS_NONE, TLS_HANDSHAKE, TLS_ON } TlsMode;

static struct {
    int fd;
    TlsMode tls;
    volatile bool broken;
    TdsIn in;
    TdsOut out;
    TdsMemory memory;
    /* received, decrypted, not yet given to `in`: [start, end) of bytes */
    uint8 *bytes;
    volatile size_t start, end;
    uint8 *cipher; /* raw bytes of the socket under TLS */
} wire = {.fd = -1};

/* ---- memory ---- */

static void *
resize(void *context, void *chunk, size_t old_size, size_t new_size)
{
    if (chunk == NULL)
        return MemoryContextAllocHuge(context, new_size);
    if (new_size == 0) {
        pfree(chunk);
        return NULL;
    }
    return repalloc_huge(chunk, new_size);
}

TdsMemory
transport_memory(MemoryContext context)
{
    TdsMemory memory = {.resize = resize, .context = context};

    return memory;
}

/* ---- waiting ---- */

/* What must be served while nothing runs. A cancel that comes then has nothing to cancel. */
static void
serve_idle_interrupts(void)
{
    QueryCancelPending = false;
    CHECK_FOR_INTERRUPTS();
    if (catchupInterruptPending)
        ProcessCatchupInterrupt();
    if (ConfigReloadPending) {
        ConfigReloadPending = false;
        ProcessConfigFile(PGC_SIGHUP);
    }
}

typedef enum Wait { WAIT_READY, WAIT_TIMED_OUT } Wait;

static Wait
wait_readable(TimestampTz until, bool idle)
{
    for (;;) {
        WaitEvent event;
        long timeout = -1;

        if (until != 0) {
            timeout = TimestampDifferenceMilliseconds(GetCurrentTimestamp(), until);
            if (timeout <= 0)
                return WAIT_TIMED_OUT;
        }
        ModifyWaitEvent(FeBeWaitSet, FeBeWaitSetSocketPos, WL_SOCKET_READABLE, NULL);
        if (WaitEventSetWait(FeBeWaitSet, timeout, &event, 1, WAIT_EVENT_CLIENT_READ) == 0)
            return WAIT_TIMED_OUT;
        if (event.events & WL_SOCKET_READABLE)
            return WAIT_READY;
        if (event.events & WL_LATCH_SET) {
            ResetLatch(MyLatch);
            if (idle)
                serve_idle_interrupts();
            else
                CHECK_FOR_INTERRUPTS();
        }
    }
}

/* Waits until more can be written. Does not raise: half a packet may be out. */
static bool
wait_writable(void)
{
    for (;;) {
        WaitEvent event;

        ModifyWaitEvent(FeBeWaitSet, FeBeWaitSetSocketPos, WL_SOCKET_WRITEABLE, NULL);
        WaitEventSetWait(FeBeWaitSet, -1, &event, 1, WAIT_EVENT_CLIENT_WRITE);
        if (event.events & WL_SOCKET_WRITEABLE)
            return true;
        if (event.events & WL_LATCH_SET) {
            ResetLatch(MyLatch);
            if (ProcDiePending)
                return false;
            if (ProcSignalBarrierPending)
                ProcessProcSignalBarrier();
        }
    }
}

/* ---- writing ---- */

/* The connection is gone: the running statement is to stop as soon as it can. */
static bool
break_connection(void)
{
    wire.broken = true;
    QueryCancelPending = true;
    InterruptPending = true;
    return false;
}

static bool
send_raw(const uint8 *bytes, size_t length)
{
    while (length > 0) {
        ssize_t sent = send(wire.fd, bytes, length, MSG_NOSIGNAL | MSG_DONTWAIT);

        if (sent >= 0) {
            counter_add(COUNTER_BYTES_SENT, (uint64) sent);
            bytes += sent;
            length -= sent;
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            if (proc_exit_inprogress || !wait_writable())
                return break_connection();
        } else if (errno != EINTR)
            return break_connection();
    }
    return true;
}

/* TdsOut's flush. */
static bool
flush(void *context, const uint8_t *bytes, size_t length)
{
    const uint8 *encrypted;
    size_t encrypted_length;
    bool sent;

    if (wire.broken)
        return false;
    if (wire.tls != TLS_ON)
        return send_raw(bytes, length);
    if (!tls_write(bytes, length))
        return break_connection();
    encrypted_length = tls_pending(&encrypted);
    sent = send_raw(encrypted, encrypted_length);
    tls_sent();
    return sent;
}

/* ---- opening ---- */

static void
note_addresses(void)
{
    Port *port = MyProcPort;
    char host[NI_MAXHOST], service[NI_MAXSERV];

    port->raddr.salen = sizeof(port->raddr.addr);
    if (getpeername(wire.fd, (struct sockaddr *) &port->raddr.addr, &port->raddr.salen) != 0)
        return;
    port->laddr.salen = sizeof(port->laddr.addr);
    getsockname(wire.fd, (struct sockaddr *) &port->laddr.addr, &port->laddr.salen);
    pg_getnameinfo_all(&port->raddr.addr, port->raddr.salen, host, sizeof(host), service,
                       sizeof(service), NI_NUMERICHOST | NI_NUMERICSERV);
    port->remote_host = MemoryContextStrdup(TopMemoryContext, host);
    port->remote_port = MemoryContextStrdup(TopMemoryContext, service);
    session_change_begin();
    strlcpy(session_info->client_address, host, sizeof(session_info->client_address));
    session_info->client_port = (int) strtol(service, NULL, 10);
    pg_getnameinfo_all(&port->laddr.addr, port->laddr.salen, host, sizeof(host), service,
                       sizeof(service), NI_NUMERICHOST | NI_NUMERICSERV);
    strlcpy(session_info->local_address, host, sizeof(session_info->local_address));
    session_info->local_port = (int) strtol(service, NULL, 10);
    session_info->connect_time = GetCurrentTimestamp();
    session_change_end();
    if (MyBEEntry != NULL) {
        PGSTAT_BEGIN_WRITE_ACTIVITY(MyBEEntry);
        memcpy((char *) &MyBEEntry->st_clientaddr, &port->raddr, sizeof(SockAddr));
        MyBEEntry->st_proc_start_timestamp = session_info->connect_time;
        PGSTAT_END_WRITE_ACTIVITY(MyBEEntry);
    }
}

void
transport_open(int fd)
{
    MemoryContext old = MemoryContextSwitchTo(TopMemoryContext);

    /* The old number keeps its meaning for the rest of the server: the new socket takes it over. */
    FreeWaitEventSet(FeBeWaitSet);
    if (dup2(fd, MyProcPort->sock) < 0)
        ereport(FATAL, (errmsg("could not take a client's socket over: %m")));
    close(fd);
    wire.fd = MyProcPort->sock;
    FeBeWaitSet = pgcompat_wait_set(FeBeWaitSetNEvents);
    AddWaitEventToSet(FeBeWaitSet, WL_SOCKET_READABLE, wire.fd, NULL, NULL);
    AddWaitEventToSet(FeBeWaitSet, WL_LATCH_SET, PGINVALID_SOCKET, MyLatch, NULL);
    AddWaitEventToSet(FeBeWaitSet, WL_EXIT_ON_PM_DEATH, PGINVALID_SOCKET, NULL, NULL);

    wire.memory = transport_memory(TopMemoryContext);
    wire.bytes = palloc(BUFFER_SIZE);
    tds_in_init(&wire.in, &wire.memory);
    tds_out_init(&wire.out, &wire.memory, TDS_DEFAULT_PACKET, flush, NULL);
    wire.out.spid = (uint16) session_info->spid;
    note_addresses();
    MemoryContextSwitchTo(old);
}

TdsIn *
transport_in(void)
{
    return &wire.in;
}

TdsOut *
transport_out(void)
{
    return &wire.out;
}

/* ---- reading ---- */

/*
 * Gets more bytes of the socket. When a message is under way they are probably there; at a
 * message's start they are probably not, so the wait comes first.
 */
static TransportEvent
receive_raw(uint8 *to, size_t room, TimestampTz until, bool idle, bool wait_first, size_t *got)
{
    for (;;) {
        ssize_t length;

        if (wait_first && wait_readable(until, idle) == WAIT_TIMED_OUT)
            return TRANSPORT_TIMEOUT;
        length = recv(wire.fd, to, room, MSG_DONTWAIT);
        if (length > 0) {
            counter_add(COUNTER_BYTES_RECEIVED, (uint64) length);
            *got = (size_t) length;
            return TRANSPORT_MESSAGE;
        }
        if (length == 0)
            return TRANSPORT_CLOSED;
        if (errno == EAGAIN || errno == EWOULDBLOCK)
            wait_first = true;
        else if (errno != EINTR)
            return TRANSPORT_CLOSED;
    }
}

/* Gets plain bytes into wire.bytes. */
static TransportEvent
receive_bytes(TimestampTz until, bool idle)
{
    bool wait_first = tds_in_idle(&wire.in);
    TransportEvent event;
    size_t got;

    wire.start = wire.end = 0;
    for (;;) {
        if (wire.tls == TLS_ON) {
            TlsResult result = tls_read(wire.bytes, BUFFER_SIZE, &got);

            if (result == TLS_FAILED)
                return TRANSPORT_CLOSED;
            if (got > 0) {
                wire.end = got;
                return TRANSPORT_MESSAGE;
            }
        }
        event = receive_raw(wire.tls == TLS_ON ? wire.cipher : wire.bytes, BUFFER_SIZE, until, idle,
                            wait_first, &got);
        if (event != TRANSPORT_MESSAGE)
            return event;
        if (wire.tls != TLS_ON) {
            wire.end = got;
            return TRANSPORT_MESSAGE;
        }
        tls_feed(wire.cipher, got);
        wait_first = true;
    }
}

static TimestampTz
deadline(long timeout_ms)
{
    return timeout_ms < 0 ? 0 : TimestampTzPlusMilliseconds(GetCurrentTimestamp(), timeout_ms);
}

TransportEvent
transport_receive(long timeout_ms, bool idle)
{
    TimestampTz until = deadline(timeout_ms);

    for (;;) {
        TransportEvent result;

        if (wire.start < wire.end) {
            TdsInEvent event;

            wire.start +=
                tds_in_feed(&wire.in, wire.bytes + wire.start, wire.end - wire.start, &event);
            switch (event) {
            case TDS_IN_MORE:
                break;
            case TDS_IN_MESSAGE:
                return TRANSPORT_MESSAGE;
            case TDS_IN_PACKET:
                return TRANSPORT_PACKET;
            case TDS_IN_IGNORED:
                return TRANSPORT_IGNORED;
            case TDS_IN_ERROR:
                return TRANSPORT_BROKEN;
            }
            continue;
        }
        if (wire.broken)
            return TRANSPORT_CLOSED;
        result = receive_bytes(until, idle);
        if (result != TRANSPORT_MESSAGE)
            return result;
    }
}

void
transport_next(void)
{
    tds_in_next(&wire.in);
}

TransportEvent
transport_sniff(long timeout_ms, bool *is_tls)
{
    TransportEvent event = receive_bytes(deadline(timeout_ms), true);

    if (event == TRANSPORT_MESSAGE)
        *is_tls = wire.bytes[0] == 0x16;
    return event;
}

/* ---- TLS ---- */

/* The handshake's bytes for the client. */
static bool
send_handshake(bool strict)
{
    const uint8 *bytes;
    size_t length = tls_pending(&bytes);
    bool sent = true;

    if (length > 0 && strict)
        sent = send_raw(bytes, length);
    else if (length > 0) {
        tds_out_set_type(&wire.out, TDS_PACKET_PRELOGIN);
        tds_put_bytes(&wire.out, bytes, length);
        sent = tds_out_end_message(&wire.out);
        tds_out_set_type(&wire.out, TDS_PACKET_REPLY);
    }
    tls_sent();
    return sent;
}

/* The client's next bytes of the handshake. */
static bool
feed_handshake(bool strict, TimestampTz until)
{
    long left = TimestampDifferenceMilliseconds(GetCurrentTimestamp(), until);

    if (strict) {
        if (wire.start == wire.end && receive_bytes(until, true) != TRANSPORT_MESSAGE)
            return false;
        tls_feed(wire.bytes + wire.start, wire.end - wire.start);
        wire.start = wire.end = 0;
        return true;
    }
    if (left <= 0 || transport_receive(left, true) != TRANSPORT_MESSAGE ||
        wire.in.type != TDS_PACKET_PRELOGIN)
        return false;
    tls_feed(wire.in.data, wire.in.length);
    tds_in_next(&wire.in);
    return true;
}

bool
transport_start_tls(bool strict, long timeout_ms)
{
    TimestampTz until = deadline(timeout_ms);
    TlsResult result;

    if (!tls_start(strict))
        return false;
    wire.tls = TLS_HANDSHAKE;
    wire.cipher = MemoryContextAlloc(TopMemoryContext, BUFFER_SIZE);
    do {
        if (!feed_handshake(strict, until)) {
            ereport(LOG, (errmsg("the client ended the TLS handshake")));
            return false;
        }
        result = tls_handshake();
        if (!send_handshake(strict) || result == TLS_FAILED)
            return false;
    } while (result == TLS_MORE);
    wire.tls = TLS_ON;
    /* What came behind the handshake's last message is TLS already. */
    tls_feed(wire.bytes + wire.start, wire.end - wire.start);
    wire.start = wire.end = 0;
    return true;
}

void
transport_stop_tls(void)
{
    tls_stop();
    wire.tls = TLS_NONE;
    pfree(wire.cipher);
    wire.cipher = NULL;
}

bool
transport_encrypted(void)
{
    return wire.tls == TLS_ON;
}

bool
transport_is_broken(void)
{
    return wire.broken;
}

void
transport_close(void)
{
    if (wire.fd >= 0 && !wire.broken) {
        if (tds_out_has_message(&wire.out))
            tds_out_end_message(&wire.out);
        shutdown(wire.fd, SHUT_WR);
    }
}

/* ---- peeking ---- */

bool
transport_attention_at_hand(void)
{
    return wire.start < wire.end && wire.bytes[wire.start] == TDS_PACKET_ATTENTION;
}

TransportPeek
transport_peek(void)
{
    uint8 byte;
    ssize_t got;

    if (transport_attention_at_hand())
        return PEEK_ATTENTION;
    got = recv(wire.fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR))
        return PEEK_CLOSED;
    if (got == 1 && (wire.tls == TLS_ON || byte == TDS_PACKET_ATTENTION))
        return PEEK_ATTENTION;
    return PEEK_NOTHING;
}
