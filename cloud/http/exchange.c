/*
 * exchange.c: from libmicrohttpd's callbacks to ApiRequest and back.
 *
 * A request that is to be refused is refused after its body was read and thrown away, so that the
 * client reads the answer instead of a reset; only where that body would be too large, or where it
 * is not clear where it ends, does the answer end the connection.
 */
#include "http/exchange.h"

#include "base/log.h"
#include "crypto/random_id.h"
#include "http/dispatch.h"
#include "http/stream.h"
#include "http/upgrade.h"
#include "http/workers.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <strings.h>

#define MOST_HEADERS 100
#define RAW_BODY_FACTOR 64
#define DISCARD_FACTOR 8
/* All bodies in memory at once. */
#define BODIES_MOST ((size_t) 256 << 20)
/* What pages may do; the answers of the API are never shown, so that it only binds pages. */
#define PAGE_POLICY                                                                                \
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "               \
    "form-action 'self'; frame-ancestors 'none'"

static size_t max_body;
static size_t bodies; /* bytes; of the event thread */
static atomic_int running;
static atomic_bool refusing;

void
exchange_configure(size_t body)
{
    max_body = body;
    refusing = false;
}

void
exchange_refuse(void)
{
    refusing = true;
}

int
exchange_running(void)
{
    return running;
}

/* ---- Arrival ---- */

void *
exchange_begin(void *nothing, const char *uri, struct MHD_Connection *connection)
{
    HttpExchange *exchange = MEM_NEW(HttpExchange);
    size_t path_length = strcspn(uri, "?");

    exchange->connection = connection;
    exchange->peer = deadlines_peer(connection);
    exchange->began = moment_now();
    exchange->request.raw_path = str_copy_n(uri, path_length);
    exchange->request.raw_query = str_copy(uri + path_length + (uri[path_length] == '?'));
    id_new(exchange->request.request_id, "");
    snprintf(exchange->request.peer, sizeof(exchange->request.peer), "%s", exchange->peer->address);
    running++;
    deadlines_arriving(exchange->peer);
    return exchange;
}

static enum MHD_Result
take_header(void *context, enum MHD_ValueKind kind, const char *name, const char *value)
{
    ApiRequest *request = context;

    if (request->header_count == MOST_HEADERS)
        return MHD_NO;
    /* The texts are libmicrohttpd's and stay until the request is over. */
    request->headers[request->header_count++] =
        (ApiHeader){(char *) name, (char *) (value ? value : "")};
    return MHD_YES;
}

static int
count_header(const ApiRequest *request, const char *name)
{
    int count = 0;

    for (int i = 0; i < request->header_count; i++)
        count += strcasecmp(request->headers[i].name, name) == 0;
    return count;
}

/* Where it is in doubt where the body ends, another party may see another end (request smuggling):
 * such a request is refused and its connection closed. */
static const char *
framing_problem(const ApiRequest *request)
{
    const char *coding = api_header(request, "Transfer-Encoding");
    const char *length = api_header(request, "Content-Length");

    if (count_header(request, "Content-Length") > 1)
        return "it has more than one Content-Length.";
    if (count_header(request, "Transfer-Encoding") > 1)
        return "it has more than one Transfer-Encoding.";
    if (count_header(request, "Host") > 1)
        return "it has more than one Host.";
    if (coding && length)
        return "it has both Content-Length and Transfer-Encoding.";
    if (coding && strcasecmp(coding, "chunked") != 0)
        return "its Transfer-Encoding is not supported.";
    if (length && (length[0] == '\0' || length[strspn(length, "0123456789")] != '\0'))
        return "its Content-Length is no number.";
    if (request->header_count == MOST_HEADERS)
        return "it has too many headers.";
    return NULL;
}

static size_t
body_limit(const HttpExchange *exchange)
{
    const Operation *operation = exchange->request.operation;

    return operation && (operation->flags & OP_RAW_BODY) ? max_body * RAW_BODY_FACTOR : max_body;
}

/* Looks at Content-Length before the body comes. */
static void
check_length(HttpExchange *exchange)
{
    ApiRequest *request = &exchange->request;
    const char *text = api_header(request, "Content-Length");
    unsigned long long length = text ? strtoull(text, NULL, 10) : 0;

    if (length > body_limit(exchange) && !request->answered && !stream_is_wanted(request))
        api_fail(request, API_TOO_LARGE, (long long) body_limit(exchange));
    /* The client waits for leave to send, or has more than we care to throw away. */
    if (request->answered && (api_header(request, "Expect") || length > max_body * DISCARD_FACTOR))
        exchange->close = true;
}

static void
read_head(HttpExchange *exchange, const char *method)
{
    ApiRequest *request = &exchange->request;
    const char *problem;

    request->method = str_copy_n(method, strnlen(method, 32));
    request->headers = mem_new(MOST_HEADERS, sizeof(ApiHeader));
    MHD_get_connection_values(exchange->connection, MHD_HEADER_KIND, take_header, request);
    exchange->phase = EXCHANGE_ARRIVING;
    problem = framing_problem(request);
    if (problem) {
        exchange->close = true;
        api_fail(request, API_BAD_REQUEST, problem);
        return;
    }
    if (refusing) {
        exchange->close = true;
        api_fail(request, API_STORE_AWAY, request->request_id);
        return;
    }
    exchange->asset = asset_find(request);
    if (exchange->asset == NULL)
        dispatch_route(request);
    check_length(exchange);
}

static void
drop_body(HttpExchange *exchange)
{
    bodies -= exchange->body.length;
    if (exchange->body.text)
        str_wipe(exchange->body.text);
    exchange->body = (Buffer){0};
}

/* Of a body that is refused: a caller whom we know is read for longer, so that it gets its answer.
 */
static size_t
discard_limit(const HttpExchange *exchange)
{
    return max_body * DISCARD_FACTOR * (exchange->request.principal ? 8 : 1);
}

static enum MHD_Result
take_data(HttpExchange *exchange, const char *data, size_t size)
{
    ApiRequest *request = &exchange->request;

    if (dispatch_is_streaming(request) && !request->answered) {
        deadlines_streaming(exchange->peer, exchange->streaming, request->stream_bytes);
        stream_take(exchange, data, size);
        return MHD_YES;
    }
    if (!request->answered && exchange->asset == NULL) {
        if (exchange->body.length + size > body_limit(exchange)) {
            drop_body(exchange);
            api_fail(request, API_TOO_LARGE, (long long) body_limit(exchange));
        } else if (bodies + size > BODIES_MOST) {
            drop_body(exchange);
            api_fail(request, API_THROTTLED, "too many large requests at once.");
        } else {
            bodies += size;
            buffer_add(&exchange->body, data, size);
            return MHD_YES;
        }
    }
    exchange->discarded += size;
    return exchange->discarded > discard_limit(exchange) ? MHD_NO : MHD_YES;
}

/* ---- Answer ---- */

static void
add_header(struct MHD_Response *response, const char *name, const char *value)
{
    MHD_add_response_header(response, name, value);
}

static void
add_answer_headers(struct MHD_Response *response, const HttpExchange *exchange)
{
    const ApiRequest *request = &exchange->request;
    bool cache_said = exchange->asset != NULL;

    add_header(response, "X-Request-Id", request->request_id);
    add_header(response, "X-Content-Type-Options", "nosniff");
    if (request->answer_type) {
        add_header(response, "Content-Type", request->answer_type);
        if (strncmp(request->answer_type, "text/html", 9) == 0) {
            add_header(response, "Content-Security-Policy", PAGE_POLICY);
            add_header(response, "Referrer-Policy", "no-referrer");
        }
    }
    for (int i = 0; i < request->answer_header_count; i++) {
        add_header(response, request->answer_headers[i].name, request->answer_headers[i].value);
        cache_said =
            cache_said || strcasecmp(request->answer_headers[i].name, "Cache-Control") == 0;
    }
    if (!cache_said)
        add_header(response, "Cache-Control", "no-store");
    if (exchange->close)
        add_header(response, "Connection", "close");
}

/* One line a request. What was sent beside method and path may be secret and is not said. */
static void
log_access(const HttpExchange *exchange)
{
    const ApiRequest *request = &exchange->request;
    double milliseconds = (double) (moment_now() - exchange->began) / 1000;
    char path[160];
    size_t length = 0;

    for (const char *at = request->raw_path; *at && length + 1 < sizeof(path); at++)
        path[length++] = *at > ' ' && *at < 0x7f ? *at : '?';
    path[length] = '\0';
    log_notice("%s %s %d %.1f ms %s %s", request->method, path, request->status, milliseconds,
               request->peer, request->request_id);
}

static enum MHD_Result
send_answer(HttpExchange *exchange)
{
    ApiRequest *request = &exchange->request;
    struct MHD_Response *response;
    enum MHD_Result result;

    if (request->upgrade) {
        response = upgrade_response(request);
        running--; /* the connection may stay for hours: nobody waits for it */
        exchange->upgraded = true;
    } else if (exchange->asset) {
        response = asset_response(exchange->asset, request);
    } else if (request->answer_is_file) {
        response = MHD_create_response_from_fd64(request->answer_length, request->answer_file);
        request->answer_is_file = response == NULL;
    } else {
        response = MHD_create_response_from_buffer(request->answer_length, request->answer,
                                                   MHD_RESPMEM_MUST_FREE);
        request->answer = NULL;
    }
    if (response == NULL)
        return MHD_NO;
    add_answer_headers(response, exchange);
    log_access(exchange);
    exchange->phase = EXCHANGE_ANSWERED;
    if (exchange->upgraded)
        deadlines_working(exchange->peer); /* none */
    else
        deadlines_answering(exchange->peer, request->answer_length);
    result = MHD_queue_response(exchange->connection, (unsigned) request->status, response);
    MHD_destroy_response(response);
    return result;
}

/* The request is whole: it is answered here and now, or a worker gets it. */
static enum MHD_Result
run(HttpExchange *exchange)
{
    ApiRequest *request = &exchange->request;

    buffer_add(&exchange->body, "", 0);
    request->body = exchange->body.text;
    request->body_length = exchange->body.length;
    if (dispatch_is_streaming(request) && !request->answered)
        stream_end(exchange);
    if (exchange->asset || request->answered)
        return send_answer(exchange);
    if ((request->operation->flags & OP_INLINE) && dispatch_run(request, NULL) == 0)
        return send_answer(exchange);
    exchange->phase = EXCHANGE_WORKING;
    deadlines_working(exchange->peer);
    MHD_suspend_connection(exchange->connection);
    if (workers_give(exchange))
        return MHD_YES;
    api_fail(request, API_THROTTLED, "too many requests are waiting.");
    MHD_resume_connection(exchange->connection);
    return MHD_YES;
}

/* A body for a file is refused at once where it is large or not yet sent, else as any other is. */
static enum MHD_Result
refuse_stream(HttpExchange *exchange)
{
    check_length(exchange);
    exchange->phase = EXCHANGE_ARRIVING;
    return exchange->close ? send_answer(exchange) : MHD_YES;
}

/* The connection waits while a worker admits the request and opens the file for its body. */
static enum MHD_Result
admit_stream(HttpExchange *exchange)
{
    if (!stream_admit(exchange))
        return refuse_stream(exchange);
    exchange->phase = EXCHANGE_ADMITTING;
    deadlines_working(exchange->peer);
    MHD_suspend_connection(exchange->connection);
    if (workers_give(exchange))
        return MHD_YES;
    api_fail(&exchange->request, API_THROTTLED, "too many requests are waiting.");
    MHD_resume_connection(exchange->connection);
    return MHD_YES;
}

/* libmicrohttpd asks again with the headers after a suspension at its first call, so that a refusal
 * still comes before the body. */
static enum MHD_Result
begin_stream(HttpExchange *exchange)
{
    exchange->phase = EXCHANGE_ARRIVING;
    exchange->streaming = moment_now();
    deadlines_arriving(exchange->peer);
    return exchange->request.answered ? refuse_stream(exchange) : MHD_YES;
}

enum MHD_Result
exchange_go_on(void *nothing,
               struct MHD_Connection *connection,
               const char *url,
               const char *method,
               const char *version,
               const char *data,
               size_t *size,
               void **context)
{
    HttpExchange *exchange = *context;
    size_t received = *size;

    switch (exchange->phase) {
    case EXCHANGE_NEW:
        read_head(exchange, method);
        if (!exchange->close && stream_is_wanted(&exchange->request))
            return admit_stream(exchange);
        return exchange->close ? send_answer(exchange) : MHD_YES;
    case EXCHANGE_ADMITTING:
        return begin_stream(exchange);
    case EXCHANGE_ARRIVING:
        if (received == 0)
            return run(exchange);
        *size = 0;
        return take_data(exchange, data, received);
    case EXCHANGE_WORKING:
        return send_answer(exchange);
    case EXCHANGE_ANSWERED:
    case EXCHANGE_GONE:
        break;
    }
    return MHD_NO;
}

void
exchange_end(void *nothing,
             struct MHD_Connection *connection,
             void **context,
             enum MHD_RequestTerminationCode why)
{
    HttpExchange *exchange = *context;

    if (exchange == NULL)
        return;
    *context = NULL;
    if (exchange->phase != EXCHANGE_ANSWERED)
        log_debug("request %s of %s ended before its answer", exchange->request.request_id,
                  exchange->request.peer);
    bodies -= exchange->body.length;
    exchange->request.body = exchange->body.text;
    stream_leave(exchange);
    deadlines_idle(exchange->peer);
    if (dispatch_is_streaming(&exchange->request)) {
        /* The headers' texts go with the connection. */
        exchange->request.header_count = 0;
        exchange->phase = EXCHANGE_GONE;
        if (workers_give(exchange))
            return;
    }
    exchange_free(exchange);
}

void
exchange_free(HttpExchange *exchange)
{
    dispatch_done(&exchange->request);
    running -= !exchange->upgraded;
    free(exchange);
}
