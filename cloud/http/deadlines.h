/*
 * deadlines.h: how long each connection may take. libmicrohttpd's timeout counts silence, so that a
 * client which sends a byte now and then holds a connection for ever; here every connection has a
 * moment by which its request must have arrived whole or its answer have been taken, and a thread
 * shuts the sockets of those that are late.
 */
#pragma once

#include "base/moment.h"

#include <microhttpd.h>

typedef struct HttpPeer {
    struct HttpPeer *previous, *next;
    int socket;
    Moment deadline; /* 0: none, a worker has the request */
    char address[64];
} HttpPeer;

int deadlines_start(int request_seconds);
void deadlines_stop(void);
/* The daemon ends: from now on no connection may take longer than so many seconds. */
void deadlines_shorten(int seconds);

/* For MHD_OPTION_NOTIFY_CONNECTION: makes the connection's HttpPeer, and frees it before the socket
 * is closed. */
void deadlines_notify(void *nothing,
                      struct MHD_Connection *connection,
                      void **socket_context,
                      enum MHD_ConnectionNotificationCode what);
HttpPeer *deadlines_peer(struct MHD_Connection *connection);

/* The connection waits for a request; its request has begun to arrive; a worker has it; its answer
 * is on its way. */
void deadlines_idle(HttpPeer *peer);
void deadlines_arriving(HttpPeer *peer);
void deadlines_working(HttpPeer *peer);
void deadlines_answering(HttpPeer *peer, size_t bytes);
/* A long body arrives: so many bytes since it began. It has the time of a request, and then that of
 * a slow line for what has come. */
void deadlines_streaming(HttpPeer *peer, Moment began, long long bytes);

/* Seconds of silence after which libmicrohttpd itself closes a connection. */
#define HTTP_IDLE_SECONDS 60
