/*
 * The HTTP server with a service of its own, asked over plain sockets.
 *
 *     http_server                the tests
 *     http_server PORT [CERT KEY] serves until standard input ends, for tests from outside
 */
#include "api/pages.h"
#include "api_stub.h"
#include "base/log.h"
#include "check.h"
#include "http/server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static int port;
static char answer[200000];

static int
open_connection(void)
{
    struct sockaddr_in place = {.sin_family = AF_INET, .sin_port = htons((uint16_t) port)};
    struct timeval limit = {.tv_sec = 10};
    int connection = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    if (connect(connection, (struct sockaddr *) &place, sizeof(place)) < 0)
        CHECK_FAIL("connect: %s", strerror(errno));
    return connection;
}

/* Sends bytes and reads until the server closes. */
static const char *
ask_bytes(const char *request, size_t length)
{
    int connection = open_connection();
    size_t used = 0;
    ssize_t got;

    if (send(connection, request, length, MSG_NOSIGNAL) < 0)
        CHECK_FAIL("send: %s", strerror(errno));
    while ((got = recv(connection, answer + used, sizeof(answer) - used - 1, 0)) > 0)
        used += (size_t) got;
    answer[used] = '\0';
    close(connection);
    return answer;
}

static const char *
ask(const char *request)
{
    return ask_bytes(request, strlen(request));
}

#define HAS(text)                                                                                  \
    (strstr(answer, text) != NULL                                                                  \
         ? true                                                                                    \
         : CHECK_FAIL("line %d: no <%s> in <%.300s>", __LINE__, text, answer))
#define CLOSE "Host: x\r\nConnection: close\r\n"

static void
answers_carry_the_request_id_and_are_not_cached(void)
{
    ask("GET /version HTTP/1.1\r\n" CLOSE "\r\n");
    HAS("HTTP/1.1 200 ");
    HAS("X-Request-Id: ");
    HAS("Cache-Control: no-store");
    HAS("\r\n\r\n{\"version\":\"1\"}");
}

static void
head_is_get_without_body(void)
{
    ask("HEAD /version HTTP/1.1\r\n" CLOSE "\r\n");
    HAS("HTTP/1.1 200 ");
    HAS("Content-Length: 15");
    CHECK(strstr(answer, "version\"") == NULL);
}

static void
paths_and_queries_stay_as_received(void)
{
    ask("GET /v3//p1/instances/?limit=5&id=a%2Fb&id=%C3%A9+x HTTP/1.1\r\nX-Auth-Token: "
        "good\r\n" CLOSE "\r\n");
    HAS("\"path\":\"/v3//p1/instances/\"");
    HAS("\"raw_query\":\"limit=5&id=a%2Fb&id=%C3%A9+x\"");
    HAS("\"id\":[\"a/b\",\"é x\"]");
    HAS("\"worker\":true");
}

static void
unknown_paths_are_404_and_methods_405(void)
{
    ask("GET /nowhere HTTP/1.1\r\n" CLOSE "\r\n");
    HAS("HTTP/1.1 404 ");
    HAS("\"error_code\":\"APIGW.0101\"");
    ask("DELETE /v3/p1/instances/i HTTP/1.1\r\n" CLOSE "\r\n");
    HAS("HTTP/1.1 405 ");
    HAS("Allow: GET, PUT");
}

static void
wrong_encodings_are_400(void)
{
    static const char *const paths[] = {
        "/v3/%", "/v3/%zz", "/v3/a%00b", "/version?a=%zz", "/version?%", "/version?a=%ff", "*"};
    char request[200];

    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\n" CLOSE "\r\n", paths[i]);
        ask(request);
        HAS("HTTP/1.1 400 ");
    }
}

static void
authentication_comes_before_all_else(void)
{
    ask("PUT /v3/p1/instances/i HTTP/1.1\r\nContent-Length: 1\r\n" CLOSE "\r\n{");
    HAS("HTTP/1.1 401 ");
    ask("PUT /v3/p1/instances/i HTTP/1.1\r\nX-Auth-Token: good\r\n" CLOSE "\r\n");
    HAS("is not supported");
    ask("GET /v3/p2/instances/i HTTP/1.1\r\nX-Auth-Token: good\r\n" CLOSE "\r\n");
    HAS("HTTP/1.1 404 ");
}

static void
inline_operations_go_to_a_worker_when_they_must(void)
{
    ask("GET /v3/p1/instances/i%20j HTTP/1.1\r\nX-Auth-Token: cold\r\n" CLOSE "\r\n");
    HAS("{\"id\":\"i j\"}");
    ask("GET /second HTTP/1.1\r\n" CLOSE "\r\n");
    HAS("HTTP/1.1 200 ");
    ask("GET /silent HTTP/1.1\r\n" CLOSE "\r\n");
    HAS("HTTP/1.1 500 ");
}

static void
bodies_are_checked(void)
{
    ask("POST /echo HTTP/1.1\r\nContent-Length: 12\r\n" CLOSE "\r\n{\"name\":\"a\"}");
    HAS("\"json\":{\"name\":\"a\"}");
    ask("POST /echo HTTP/1.1\r\nContent-Length: 7\r\n" CLOSE "\r\n{\"name\"");
    HAS("HTTP/1.1 400 ");
    HAS("not valid JSON");
    ask("POST /echo HTTP/1.1\r\nContent-Length: 0\r\n" CLOSE "\r\n");
    HAS("name is missing");
    ask("POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" CLOSE
        "\r\n5\r\n{\"nam\r\n7\r\ne\":\"b\"}\r\n0\r\n\r\n");
    HAS("\"json\":{\"name\":\"b\"}");
    ask("GET /version HTTP/1.1\r\nContent-Length: 2\r\n" CLOSE "\r\n{}");
    HAS("HTTP/1.1 200 ");
}

static void
doubtful_framing_ends_the_connection(void)
{
    static const char *const heads[] = {"Content-Length: 2\r\nContent-Length: 3\r\n",
                                        "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
                                        "Transfer-Encoding: gzip\r\n",
                                        "Content-Length: +2\r\n",
                                        "Content-Length: 2, 3\r\n",
                                        "Content-Length: 99999999999999999999999\r\n",
                                        "Host: y\r\n"};
    char request[300];
    int before = stub_calls;

    for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
        snprintf(request, sizeof(request),
                 "POST /raw HTTP/1.1\r\nHost: x\r\n%s\r\n{}GET /version HTTP/1.1\r\n\r\n",
                 heads[i]);
        ask(request);
        if (strncmp(answer, "HTTP/1.1 4", 10) != 0)
            CHECK_FAIL("%s: %.300s", heads[i], answer);
    }
    CHECK_INT(stub_calls, before);
}

static void
large_bodies_are_413(void)
{
    size_t length = 1100000;
    char *request = malloc(length + 200);
    int head = snprintf(request, 200, "POST /echo HTTP/1.1\r\nContent-Length: %zu\r\n" CLOSE "\r\n",
                        length);

    memset(request + head, ' ', length);
    ask_bytes(request, (size_t) head + length);
    HAS("HTTP/1.1 413 ");
    ask("POST /echo HTTP/1.1\r\nContent-Length: 2000000\r\nExpect: 100-continue\r\n" CLOSE "\r\n");
    HAS("HTTP/1.1 413 ");
    CHECK(strstr(answer, "100 Continue") == NULL);
    head = snprintf(request, 200, "POST /raw HTTP/1.1\r\nContent-Length: %zu\r\n" CLOSE "\r\n",
                    length);
    ask_bytes(request, (size_t) head + length);
    HAS("\"length\":1100000");
    free(request);
}

static void
pipelined_requests_are_answered_in_order(void)
{
    ask("GET /slow HTTP/1.1\r\nHost: x\r\n\r\nGET /version HTTP/1.1\r\nHost: x\r\n\r\n"
        "GET /nowhere HTTP/1.1\r\n" CLOSE "\r\n");
    HAS("{}HTTP/1.1 200 ");
    HAS("{\"version\":\"1\"}HTTP/1.1 404 ");
}

static void
slow_requests_are_shut(void)
{
    int connection = open_connection();
    const struct timespec pause = {.tv_nsec = 100 * 1000 * 1000};
    int sent = 0;
    char byte;

    CHECK_INT(send(connection, "GET /version HTTP/1.1\r\nA: ", 26, MSG_NOSIGNAL), 26);
    while (sent < 100 && send(connection, "a", 1, MSG_NOSIGNAL) == 1) {
        nanosleep(&pause, NULL);
        sent++;
    }
    if (sent < 10 || sent > 60)
        CHECK_FAIL("%d bytes were taken", sent);
    CHECK(recv(connection, &byte, 1, 0) <= 0);
    close(connection);
}

static void
too_large_headers_are_refused(void)
{
    char *request = malloc(60000);
    int head = snprintf(request, 100, "GET /version HTTP/1.1\r\n" CLOSE "A: ");

    memset(request + head, 'a', 50000);
    memcpy(request + head + 50000, "\r\n\r\n", 4);
    ask_bytes(request, (size_t) head + 50004);
    if (answer[0] != '\0' && strncmp(answer, "HTTP/1.1 431", 12) != 0)
        CHECK_FAIL("%.200s", answer);
    free(request);
}

static void
vanished_clients_are_forgotten(void)
{
    static const char slow[] = "GET /slow HTTP/1.1\r\nHost: x\r\n\r\n";
    static const char half[] = "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{";
    int connection;

    for (int i = 0; i < 20; i++) {
        connection = open_connection();
        CHECK(send(connection, i % 2 ? slow : half, strlen(i % 2 ? slow : half), MSG_NOSIGNAL) > 0);
        close(connection);
    }
    ask("GET /version HTTP/1.1\r\n" CLOSE "\r\n");
    HAS("HTTP/1.1 200 ");
}

static void
the_document_names_every_operation(void)
{
    ask("GET /openapi.json HTTP/1.1\r\n" CLOSE "\r\n");
    HAS("\"/v3/{project_id}/instances/{instance_id}\"");
    HAS("\"operationId\":\"test_change\"");
    ask("GET /docs HTTP/1.1\r\n" CLOSE "\r\n");
    HAS("Content-Security-Policy: default-src 'self'");
    HAS("/v3/{project_id}/instances/special");
    ask("GET /operations?supported=false HTTP/1.1\r\n" CLOSE "\r\n");
    HAS("\"id\":\"change\"");
    CHECK(strstr(answer, "\"id\":\"show\"") == NULL);
}

/* Sends an upload's head and then pieces of so many bytes ten times a second, until the server has
 * answered or shut the connection; the tenths that it took. */
static int
drip(size_t piece, int length)
{
    static char zeros[8192];
    struct pollfd end = {.events = POLLIN};
    char text[200];
    int tenths = 0, sent = 0, connection = open_connection();

    snprintf(text, sizeof(text),
             "PUT /upload HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Auth-Token: good\r\n"
             "Content-Length: %d\r\n\r\n",
             length);
    CHECK(send(connection, text, strlen(text), MSG_NOSIGNAL) > 0);
    end.fd = connection;
    while (poll(&end, 1, 100) == 0 && tenths++ < 100)
        if (sent < length && send(connection, zeros, piece, MSG_NOSIGNAL) > 0)
            sent += (int) piece;
    ssize_t got = recv(connection, answer, sizeof(answer) - 1, 0);
    answer[got > 0 ? got : 0] = '\0';
    close(connection);
    return tenths;
}

/* Two seconds are the time of a request; a body in a file has more as long as it comes. */
static void
long_bodies_may_take_their_time_and_slow_ones_not(void)
{
    int before = stub_gone;

    CHECK(drip(8192, 32 * 8192) > 25);
    HAS("{\"came\":262144}");
    CHECK(drip(1, 1000) < 60);
    CHECK(strlen(answer) == 0);
    for (int i = 0; i < 50 && stub_gone == before; i++)
        poll(NULL, 0, 100);
    CHECK(stub_gone == before + 1);
    CHECK(access("/tmp/casement-http-server-upload", F_OK) != 0);
}

static void
uploads_are_refused_before_their_body(void)
{
    ask("PUT /upload HTTP/1.1\r\n" CLOSE "Content-Length: 9000000000\r\n\r\n");
    HAS("HTTP/1.1 401 ");
    ask("PUT /upload HTTP/1.1\r\n" CLOSE
        "X-Auth-Token: cold\r\nContent-Length: 9000000000\r\n\r\n");
    HAS("HTTP/1.1 413 ");
    HAS("larger than 1048576 bytes");
    ask("PUT /upload HTTP/1.1\r\n" CLOSE "X-Auth-Token: cold\r\nContent-Length: 0\r\n\r\n");
    HAS("{\"came\":0}");
}

static int
free_port(void)
{
    struct sockaddr_in place = {.sin_family = AF_INET};
    socklen_t length = sizeof(place);
    int holder = socket(AF_INET, SOCK_STREAM, 0);

    place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(holder, (struct sockaddr *) &place, sizeof(place)) < 0 ||
        getsockname(holder, (struct sockaddr *) &place, &length) < 0)
        abort();
    close(holder);
    return ntohs(place.sin_port);
}

int
main(int argc, char **argv)
{
    HttpSettings settings = {.address = "127.0.0.1",
                             .workers = 2,
                             .max_connections = 4096,
                             .max_connections_per_address = 4096,
                             .max_body = 1 << 20,
                             .request_seconds = argc > 1 ? 10 : 2};
    char *problem = NULL;
    char byte;

    port = argc > 1 ? (int) strtol(argv[1], NULL, 10) : free_port();
    settings.port = port;
    if (argc > 3) {
        settings.certificate = argv[2];
        settings.private_key = argv[3];
    }
    log_open("http_server", LOG_ERROR_LEVEL);
    store_configure("host=/nowhere");
    api_pages_register();
    service_register(&stub_service);
    if (http_start(&settings, &problem) < 0) {
        printf("not ok start: %s\n", problem);
        return 1;
    }
    if (argc > 1) {
        while (read(0, &byte, 1) > 0)
            ;
        http_stop();
        return 0;
    }
    RUN(answers_carry_the_request_id_and_are_not_cached);
    RUN(head_is_get_without_body);
    RUN(paths_and_queries_stay_as_received);
    RUN(unknown_paths_are_404_and_methods_405);
    RUN(wrong_encodings_are_400);
    RUN(authentication_comes_before_all_else);
    RUN(inline_operations_go_to_a_worker_when_they_must);
    RUN(bodies_are_checked);
    RUN(doubtful_framing_ends_the_connection);
    RUN(large_bodies_are_413);
    RUN(pipelined_requests_are_answered_in_order);
    RUN(slow_requests_are_shut);
    RUN(uploads_are_refused_before_their_body);
    RUN(long_bodies_may_take_their_time_and_slow_ones_not);
    RUN(too_large_headers_are_refused);
    RUN(vanished_clients_are_forgotten);
    RUN(the_document_names_every_operation);
    http_stop();
    return check_done();
}
