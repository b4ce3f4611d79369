/*
 * server.h: HTTPS by libmicrohttpd: one event thread (epoll) that reads requests, answers OP_INLINE
 * operations itself and hands the rest, with the connection suspended, to worker threads that each
 * have a store connection.
 *
 * Bounds: connections in all and an address, header size, body size (1 MiB; OP_RAW_BODY operations
 * may have more, OP_STREAM_BODY ones as the operation says, into a file), time for a whole request
 * to arrive, queue of waiting requests (429 beyond).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

typedef struct HttpSettings {
    const char *address; /* "127.0.0.1", "::", ... */
    int port;
    const char *certificate, *private_key; /* PEM files; NULL: plain HTTP, loopback only */
    int workers;
    int max_connections, max_connections_per_address;
    size_t max_body;
    int request_seconds; /* for a request to arrive whole */
} HttpSettings;

int http_start(const HttpSettings *settings, char **problem);
/* Stops accepting, waits for running requests. */
void http_stop(void);
/* Certificate files changed. */
int http_reload_certificate(void);

/* Assets of the console, embedded at build time: served under "/" with right types, ETag, security
 * headers (CSP: own origin only). */
typedef struct HttpAsset {
    const char *path, *type;
    const unsigned char *bytes;
    size_t length;
} HttpAsset;
extern const HttpAsset http_assets[];
extern const int http_asset_count;
