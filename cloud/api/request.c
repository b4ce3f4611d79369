/*
 * request.c: what handlers ask of a request, and the form of every answer and error.
 */
#include "api/request.h"

#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

typedef struct ErrorRow {
    int status;
    const char *code, *text;
} ErrorRow;

static const ErrorRow errors[] = {
#define API_ERROR(name, status, code, text) [API_##name] = {status, code, text},
#include "api/errors.def"
#undef API_ERROR
};

/* ---- The request ---- */

const char *
api_header(const ApiRequest *request, const char *name)
{
    for (int i = 0; i < request->header_count; i++)
        if (strcasecmp(request->headers[i].name, name) == 0)
            return request->headers[i].value;
    return NULL;
}

const char *
api_path(const ApiRequest *request, const char *placeholder)
{
    size_t length = strlen(placeholder);
    int number = 0;

    if (request->operation == NULL)
        return NULL;
    for (const char *at = strchr(request->operation->path, '{'); at; at = strchr(at + 1, '{')) {
        if (strncmp(at + 1, placeholder, length) == 0 && at[length + 1] == '}')
            return request->values[number];
        number++;
    }
    return NULL;
}

const char *
api_query(const ApiRequest *request, const char *name, const char *fallback)
{
    const json_t *value = json_object_get(request->query, name);
    const char *text;

    if (json_is_array(value))
        value = json_array_get(value, 0);
    text = json_string_value(value);
    return text ? text : fallback;
}

long long
api_query_number(const ApiRequest *request, const char *name, long long fallback)
{
    const char *text = api_query(request, name, NULL);
    char *end;
    long long number;

    if (text == NULL || *text == '\0')
        return fallback;
    errno = 0;
    number = strtoll(text, &end, 10);
    return errno == 0 && *end == '\0' ? number : fallback;
}

const char *
api_project(const ApiRequest *request)
{
    return api_path(request, "project_id");
}

/* ---- The answer ---- */

void
api_answer_header(ApiRequest *request, const char *name, const char *value)
{
    const int room = (int) (sizeof(request->answer_headers) / sizeof(request->answer_headers[0]));

    if (request->answer_header_count == room || strpbrk(value, "\r\n"))
        return;
    request->answer_headers[request->answer_header_count++] =
        (ApiHeader){str_copy(name), str_copy(value)};
}

void
api_reply_bytes(ApiRequest *request, int status, const char *type, char *bytes, size_t length)
{
    if (request->answered) {
        log_warning("request %s was answered twice", request->request_id);
        free(bytes);
        return;
    }
    request->answered = true;
    request->status = status;
    request->answer = bytes;
    request->answer_length = length;
    request->answer_type = type;
}

void
api_reply(ApiRequest *request, int status, json_t *body)
{
    char *text = body ? json_render(body) : NULL;

    json_decref(body);
    api_reply_bytes(request, status, text ? "application/json" : NULL, text,
                    text ? strlen(text) : 0);
}

void
api_upgrade(ApiRequest *request, ApiUpgrade run, void *context)
{
    api_reply_bytes(request, 101, NULL, NULL, 0);
    request->upgrade = run;
    request->upgrade_context = context;
}

void
api_reply_file(ApiRequest *request, int status, const char *type, int file, long long length)
{
    if (request->answered) {
        log_warning("request %s was answered twice", request->request_id);
        close(file);
        return;
    }
    request->answered = true;
    request->status = status;
    request->answer_is_file = true;
    request->answer_file = file;
    request->answer_length = (size_t) length;
    request->answer_type = type;
}

/* ---- A body that goes into a file ---- */

int
api_stream_into(ApiRequest *request, const char *path, long long most)
{
    int file;

    unlink(path); /* of an attempt that was cut short */
    file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0)
        return -errno;
    request->stream_path = str_copy(path);
    request->stream_file = file;
    request->stream_most = most;
    return 0;
}

void
api_stream_keep(ApiRequest *request)
{
    if (request->stream_path == NULL)
        return;
    close(request->stream_file);
    free(request->stream_path);
    request->stream_path = NULL;
}

void
api_stream_drop(ApiRequest *request)
{
    if (request->stream_path)
        unlink(request->stream_path);
    api_stream_keep(request);
}

/* ---- Errors ---- */

static const char *
status_title(int status)
{
    switch (status) {
    case 400:
        return "Bad Request";
    case 401:
        return "Unauthorized";
    case 403:
        return "Forbidden";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 409:
        return "Conflict";
    case 413:
        return "Request Entity Too Large";
    case 429:
        return "Too Many Requests";
    case 503:
        return "Service Unavailable";
    default:
        return status < 500 ? "Bad Request" : "Internal Server Error";
    }
}

/* Nova names the error by what it is. */
static const char *
nova_name(int status)
{
    switch (status) {
    case 401:
        return "unauthorized";
    case 403:
        return "forbidden";
    case 404:
        return "itemNotFound";
    case 405:
        return "badMethod";
    case 409:
        return "conflictingRequest";
    case 413:
    case 429:
        return "overLimit";
    case 503:
        return "serviceUnavailable";
    default:
        return status < 500 ? "badRequest" : "computeFault";
    }
}

static const char *
neutron_type(int status)
{
    switch (status) {
    case 400:
        return "BadRequest";
    case 403:
        return "PolicyNotAuthorized";
    case 404:
        return "NotFound";
    case 409:
        return "Conflict";
    default:
        return status < 500 ? "HTTPClientError" : "HTTPInternalServerError";
    }
}

/* What any service may answer, in the codes of the one that was asked. */
static const char *
code_of(const ApiRequest *request, ApiError error)
{
    static const struct {
        const char *service, *code;
    } own[] = {{"ims", "IMG.0001"},      {"image", "IMG.0001"},    {"evs", "EVS.1009"},
               {"volumev2", "EVS.1009"}, {"volumev3", "EVS.1009"}, {"nat", "NAT.0001"},
               {"elb", "ELB.0001"}};
    ErrorStyle style = request->operation ? request->operation->style : STYLE_GATEWAY;
    bool parameter =
        error == API_BAD_JSON || error == API_BAD_PARAMETER || error == API_NOT_SUPPORTED;
    bool backend = error == API_INTERNAL || error == API_STORE_AWAY;

    for (size_t i = 0; parameter && i < sizeof(own) / sizeof(own[0]); i++)
        if (request->operation && request->operation->service &&
            strcmp(request->operation->service, own[i].service) == 0)
            return own[i].code;
    if ((style == STYLE_VPC || style == STYLE_NEUTRON) && (parameter || backend))
        return errors[parameter ? API_VPC_PARAMETER : API_VPC_BACKEND].code;
    if ((style == STYLE_ECS || style == STYLE_NOVA) && (parameter || backend))
        return errors[parameter ? API_ECS_PARAMETER : API_ECS_INTERNAL].code;
    return errors[error].code;
}

/* The service's own form. Its member comes first: openstack's clients take the first. */
static json_t *
dress(ErrorStyle style, int status, const char *code, const char *message)
{
    switch (style) {
    case STYLE_KEYSTONE:
        return json_pack("{s:{s:i, s:s, s:s}}", "error", "code", status, "message", message,
                         "title", status_title(status));
    case STYLE_CES:
        return json_pack("{s:i, s:{s:s, s:s}}", "http_code", status, "message", "code", code,
                         "details", message);
    case STYLE_ECS:
        return json_pack("{s:{s:s, s:s}}", "error", "code", code, "message", message);
    case STYLE_NOVA:
        return json_pack("{s:{s:i, s:s}}", nova_name(status), "code", status, "message", message);
    case STYLE_VPC:
        return json_pack("{s:s, s:s}", "code", code, "message", message);
    case STYLE_NEUTRON:
        return json_pack("{s:{s:s, s:s, s:s}}", "NeutronError", "type", neutron_type(status),
                         "message", message, "detail", "");
    case STYLE_GATEWAY:
        break;
    }
    return json_object();
}

static void
answer_error(ApiRequest *request, int status, const char *code, const char *message)
{
    ErrorStyle style = request->operation ? request->operation->style : STYLE_GATEWAY;
    json_t *body = dress(style, status, code, message);

    json_object_set_new(body, "error_code", json_string(code));
    json_object_set_new(body, "error_msg", json_string(message));
    json_object_set_new(body, "request_id", json_string(request->request_id));
    api_reply(request, status, body);
}

/* Peers' text may be in a message; a cut in the middle of a character or wrong UTF-8 must not make
 * the answer empty. */
static void
keep_ascii_or_utf8(char *message)
{
    json_t *probe = json_string(message);

    if (probe == NULL)
        for (char *at = message; *at; at++)
            if ((unsigned char) *at >= 0x80)
                *at = '?';
    json_decref(probe);
}

void
api_fail(ApiRequest *request, ApiError error, ...)
{
    char message[1024];
    va_list arguments;

    va_start(arguments, error);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    vsnprintf(message, sizeof(message), errors[error].text, arguments);
#pragma GCC diagnostic pop
    va_end(arguments);
    keep_ascii_or_utf8(message);
    answer_error(request, errors[error].status, code_of(request, error), message);
}

void
api_fail_as(ApiRequest *request, int status, const char *code, const char *format, ...)
{
    char message[1024];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(message, sizeof(message), format, arguments);
    va_end(arguments);
    keep_ascii_or_utf8(message);
    answer_error(request, status, code, message);
}

void
api_fail_store(ApiRequest *request)
{
    const char *state = request->store ? store_sqlstate(request->store) : "";
    bool away = state[0] == '\0' || strncmp(state, "08", 2) == 0 || strncmp(state, "57P", 3) == 0 ||
                strncmp(state, "53", 2) == 0;

    log_error("request %s: store: %s %s", request->request_id, state,
              request->store ? store_error(request->store) : "no connection");
    if (strncmp(state, "40", 2) == 0 || strcmp(state, "55P03") == 0)
        api_fail(request, API_INSTANCE_BUSY);
    else if (away)
        api_fail(request, API_STORE_AWAY, request->request_id);
    else
        api_fail(request, API_INTERNAL, request->request_id);
}

int
api_error_status(ApiError error)
{
    return errors[error].status;
}

const char *
api_error_code(ApiError error)
{
    return errors[error].code;
}

/* ---- Paging ---- */

static bool
paging_number(ApiRequest *request, const char *name, long low, long high, long *number)
{
    const char *text = api_query(request, name, NULL);
    char *end;
    long value;

    if (text == NULL)
        return true;
    errno = 0;
    value = strtol(text, &end, 10);
    if (errno || end == text || *end || value < low || value > high) {
        api_fail(request, API_BAD_PARAMETER, name);
        return false;
    }
    *number = value;
    return true;
}

bool
api_paging(ApiRequest *request, long *offset, long *limit)
{
    *offset = 0;
    *limit = 100;
    return paging_number(request, "offset", 0, 1000000000, offset) &&
           paging_number(request, "limit", 1, 100, limit);
}
