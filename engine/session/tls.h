/*
 * TLS for the transport: the certificate, and one connection's engine over two memory BIOs (bytes
 * of the wire go in and come out by function calls; this never touches a socket).
 *
 * TLS inside PRELOGIN packets (TDS 7.x) is capped at 1.2: clients there wait for the server's last
 * handshake message, which 1.3 does not have. TLS from the first byte (TDS 8.0) may be 1.3 and must
 * agree on ALPN "tds/8.0" when the client offers it.
 */
#pragma once

#include "postgres.h"

#include <stddef.h>

/* Loads the certificate if it is not loaded or its files changed; false (logged once per change)
 * when there is none that works. Cheap: two stat calls. */
bool tls_available(void);

/* Starts a connection's TLS. */
bool tls_start(bool strict);

typedef enum TlsResult { TLS_OK, TLS_MORE, TLS_FAILED } TlsResult;

/* Bytes that came from the wire. */
void tls_feed(const void *bytes, size_t length);
/* Goes on with the handshake: OK when it is over, MORE when it needs bytes. After each call take
 * tls_output. FAILED is logged. */
TlsResult tls_handshake(void);
/* Decrypts up to `room` bytes; *got is 0 when MORE bytes of the wire are needed; FAILED also for
 * the peer's orderly end. */
TlsResult tls_read(void *to, size_t room, size_t *got);
/* Encrypts all of it. */
bool tls_write(const void *bytes, size_t length);
/* Bytes for the wire, contiguous; 0 when there are none. They stay until tls_sent. */
size_t tls_pending(const uint8 **bytes);
void tls_sent(void);
/* Drops the connection's engine (the end of login-only encryption, of the connection). */
void tls_stop(void);

/* For logs: "TLSv1.2". */
const char *tls_version_name(void);
