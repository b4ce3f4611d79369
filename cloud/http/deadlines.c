/*
 * deadlines.c: the list of open connections and the thread that looks at their deadlines.
 */
#include "http/deadlines.h"

#include "base/log.h"
#include "base/memory.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <time.h>

/* Enough for the largest answer over a slow line; bounded because an answer occupies memory. */
#define ANSWER_SECONDS 600

/* Bytes a second of a body that goes into a file, or of an answer that comes out of one. */
#define SLOWEST_RATE (16 * 1024)

static HttpPeer *peers;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t wake;
static pthread_t watcher;
static bool running;
static Moment arrival_time;
static Moment most; /* that any deadline may be away; 0: no such limit */

/* Shuts what is late. libmicrohttpd sees the end of the connection and closes it; the socket cannot
 * have been closed and used again, as a peer leaves the list before that. */
static void
shut_late(Moment now)
{
    for (HttpPeer *peer = peers; peer; peer = peer->next)
        if (peer->deadline && peer->deadline < now) {
            log_debug("connection of %s is too slow: closed", peer->address);
            shutdown(peer->socket, SHUT_RDWR);
            peer->deadline = 0;
        }
}

static void *
watch(void *nothing)
{
    struct timespec until;

    pthread_mutex_lock(&lock);
    while (running) {
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_sec += 1;
        pthread_cond_timedwait(&wake, &lock, &until);
        shut_late(moment_now());
    }
    pthread_mutex_unlock(&lock);
    return nothing;
}

int
deadlines_start(int request_seconds)
{
    pthread_condattr_t attributes;

    arrival_time = request_seconds * MOMENT_SECOND;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&wake, &attributes);
    pthread_condattr_destroy(&attributes);
    most = 0;
    running = true;
    return -pthread_create(&watcher, NULL, watch, NULL);
}

void
deadlines_stop(void)
{
    pthread_mutex_lock(&lock);
    running = false;
    pthread_cond_signal(&wake);
    pthread_mutex_unlock(&lock);
    pthread_join(watcher, NULL);
    pthread_cond_destroy(&wake);
}

static void
set_deadline(HttpPeer *peer, Moment after)
{
    pthread_mutex_lock(&lock);
    if (most && after > most)
        after = most;
    peer->deadline = after ? moment_now() + after : 0;
    pthread_mutex_unlock(&lock);
}

void
deadlines_shorten(int seconds)
{
    pthread_mutex_lock(&lock);
    most = seconds * MOMENT_SECOND;
    Moment latest = moment_now() + most;
    for (HttpPeer *peer = peers; peer; peer = peer->next)
        if (peer->deadline > latest)
            peer->deadline = latest;
    pthread_mutex_unlock(&lock);
}

/* A whole new request must come within the silence that is allowed and the time of a request; from
 * its first line on only the latter counts. */
void
deadlines_idle(HttpPeer *peer)
{
    set_deadline(peer, HTTP_IDLE_SECONDS * MOMENT_SECOND + arrival_time);
}

void
deadlines_arriving(HttpPeer *peer)
{
    set_deadline(peer, arrival_time);
}

void
deadlines_working(HttpPeer *peer)
{
    set_deadline(peer, 0);
}

void
deadlines_answering(HttpPeer *peer, size_t bytes)
{
    set_deadline(peer, (ANSWER_SECONDS + (Moment) (bytes / SLOWEST_RATE)) * MOMENT_SECOND);
}

void
deadlines_streaming(HttpPeer *peer, Moment began, long long bytes)
{
    Moment left = began + arrival_time + bytes * MOMENT_SECOND / SLOWEST_RATE - moment_now();

    set_deadline(peer, left > 1 ? left : 1);
}

static void
write_address(const struct sockaddr *address, char text[64])
{
    text[0] = '\0';
    if (address && address->sa_family == AF_INET)
        inet_ntop(AF_INET, &((const struct sockaddr_in *) address)->sin_addr, text, 64);
    else if (address && address->sa_family == AF_INET6)
        inet_ntop(AF_INET6, &((const struct sockaddr_in6 *) address)->sin6_addr, text, 64);
}

static void
peer_new(struct MHD_Connection *connection, void **socket_context)
{
    const union MHD_ConnectionInfo *info;
    HttpPeer *peer = MEM_NEW(HttpPeer);

    info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    peer->socket = info ? info->connect_fd : -1;
    info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    write_address(info ? info->client_addr : NULL, peer->address);
    peer->deadline = moment_now() + arrival_time;
    pthread_mutex_lock(&lock);
    peer->next = peers;
    if (peers)
        peers->previous = peer;
    peers = peer;
    pthread_mutex_unlock(&lock);
    *socket_context = peer;
}

static void
peer_free(HttpPeer *peer)
{
    pthread_mutex_lock(&lock);
    if (peer->previous)
        peer->previous->next = peer->next;
    else
        peers = peer->next;
    if (peer->next)
        peer->next->previous = peer->previous;
    pthread_mutex_unlock(&lock);
    free(peer);
}

void
deadlines_notify(void *nothing,
                 struct MHD_Connection *connection,
                 void **socket_context,
                 enum MHD_ConnectionNotificationCode what)
{
    if (what == MHD_CONNECTION_NOTIFY_STARTED)
        peer_new(connection, socket_context);
    else if (*socket_context)
        peer_free(*socket_context);
}

HttpPeer *
deadlines_peer(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

    return info->socket_context;
}
