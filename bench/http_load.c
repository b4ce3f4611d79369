/*
 * http_load.c: one measurement of the API: a number of kept-alive TLS connections, each of which
 * sends one request, reads its answer and sends the next, in one thread.
 *
 *     http_load HOST PORT CONNECTIONS SECONDS < file of requests
 *
 * The file holds whole requests, each followed by a line "%%"; they are sent in turn. Prints one
 * line of JSON: rate (requests a second), p50, p99 and most (milliseconds), wrong (answers that
 * were not 200), bytes (of the last answer). One thread at full speed is one core, so that on two
 * cores the server has the other to itself.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MOST_REQUESTS 10000
#define MOST_LATENCIES (4 * 1000 * 1000)
#define ANSWER_ROOM ((size_t) 4 << 20)

typedef struct Connection {
    int socket;
    SSL *tls;
    char *answer;
    size_t used, wanted; /* wanted: 0 while the head is not whole */
    double sent;
} Connection;

static char *requests[MOST_REQUESTS];
static size_t lengths[MOST_REQUESTS];
static int request_count, next_request;
static float *latencies;
static size_t latency_count, answer_count, wrong, bytes;

static void
fail(const char *what)
{
    fprintf(stderr, "http_load: %s: %s\n", what, strerror(errno));
    ERR_print_errors_fp(stderr);
    exit(1);
}

static double
now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double) time.tv_sec + (double) time.tv_nsec / 1e9;
}

static void
read_requests(void)
{
    static char text[8 << 20];
    size_t length = fread(text, 1, sizeof(text) - 1, stdin);
    char *at = text, *end;

    text[length] = '\0';
    while (request_count < MOST_REQUESTS && (end = strstr(at, "%%\n")) != NULL) {
        requests[request_count] = at;
        lengths[request_count++] = (size_t) (end - at);
        at = end + 3;
    }
    if (request_count == 0)
        fail("no requests");
}

static void
send_next(Connection *connection)
{
    int number = next_request++ % request_count;

    connection->used = connection->wanted = 0;
    connection->sent = now();
    if (SSL_write(connection->tls, requests[number], (int) lengths[number]) <= 0)
        fail("write");
}

static void
open_connection(Connection *connection, SSL_CTX *context, const struct sockaddr_in *place)
{
    int yes = 1;

    connection->socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(connection->socket, (const struct sockaddr *) place, sizeof(*place)) < 0)
        fail("connect");
    setsockopt(connection->socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
    connection->tls = SSL_new(context);
    SSL_set_fd(connection->tls, connection->socket);
    if (SSL_connect(connection->tls) != 1)
        fail("TLS");
    connection->answer = malloc(ANSWER_ROOM);
}

/* The length of the whole answer, 0 while its head has not come. */
static size_t
answer_length(Connection *connection)
{
    const char *end, *length;

    connection->answer[connection->used] = '\0';
    end = strstr(connection->answer, "\r\n\r\n");
    length = strcasestr(connection->answer, "\r\ncontent-length:");
    if (end == NULL || length == NULL)
        return 0;
    return (size_t) (end + 4 - connection->answer) + strtoul(length + 17, NULL, 10);
}

/* Reads what is there; sends the next request once the answer is whole. One read takes one record
 * of TLS, and what OpenSSL has read but not given is asked for at once. */
static void
go_on(Connection *connection, bool measuring)
{
    do {
        int got = SSL_read(connection->tls, connection->answer + connection->used,
                           (int) (ANSWER_ROOM - connection->used - 1));

        if (got <= 0)
            fail("read");
        connection->used += (size_t) got;
        if (connection->wanted == 0)
            connection->wanted = answer_length(connection);
        if (connection->wanted >= ANSWER_ROOM)
            fail("an answer is too long");
    } while (SSL_pending(connection->tls) > 0);
    if (connection->wanted == 0 || connection->used < connection->wanted)
        return;
    if (measuring) {
        wrong += strncmp(connection->answer, "HTTP/1.1 200", 12) != 0;
        answer_count++;
        bytes = connection->wanted;
        if (latency_count < MOST_LATENCIES)
            latencies[latency_count++] = (float) ((now() - connection->sent) * 1000);
    }
    send_next(connection);
}

static void
run(int poller, double until, bool measuring)
{
    struct epoll_event events[64];
    int count;

    while (now() < until) {
        count = epoll_wait(poller, events, 64, 1000);
        for (int i = 0; i < count; i++)
            go_on(events[i].data.ptr, measuring);
    }
}

static int
compare(const void *one, const void *other)
{
    float a = *(const float *) one;
    float b = *(const float *) other;

    return (a > b) - (a < b);
}

int
main(int argc, char **argv)
{
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    struct sockaddr_in place = {.sin_family = AF_INET};
    Connection *connections;
    int poller = epoll_create1(EPOLL_CLOEXEC);
    int count;
    double seconds, began;

    if (argc != 5) {
        fprintf(stderr, "usage: http_load HOST PORT CONNECTIONS SECONDS < requests\n");
        return 2;
    }
    place.sin_port = htons((uint16_t) strtol(argv[2], NULL, 10));
    count = (int) strtol(argv[3], NULL, 10);
    seconds = strtod(argv[4], NULL);
    if (inet_pton(AF_INET, argv[1], &place.sin_addr) != 1 || count < 1)
        fail("arguments");
    read_requests();
    latencies = malloc(MOST_LATENCIES * sizeof(float));
    connections = calloc((size_t) count, sizeof(Connection));
    for (int i = 0; i < count; i++) {
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = &connections[i]};

        open_connection(&connections[i], context, &place);
        epoll_ctl(poller, EPOLL_CTL_ADD, connections[i].socket, &event);
        send_next(&connections[i]);
    }
    run(poller, now() + 0.5, false);
    printf("begin\n");
    fflush(stdout);
    began = now();
    run(poller, began + seconds, true);
    seconds = now() - began;
    qsort(latencies, latency_count, sizeof(float), compare);
    if (latency_count == 0)
        fail("no answer came");
    printf("{\"rate\": %.0f, \"p50\": %.3f, \"p99\": %.3f, \"most\": %.3f, \"wrong\": %zu, "
           "\"bytes\": %zu}\n",
           (double) answer_count / seconds, latencies[latency_count / 2],
           latencies[latency_count * 99 / 100], latencies[latency_count - 1], wrong, bytes);
    return 0;
}
