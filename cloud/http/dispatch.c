/*
 * dispatch.c: the way of a request from its first line to its handler.
 */
#include "http/dispatch.h"

#include "api/uri.h"
#include "base/log.h"
#include "iam/iam.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- Routing ---- */

/* 405 must name what is allowed (RFC 9110, 15.5.6). */
static void
fail_method(ApiRequest *request)
{
    static const char *const methods[] = {"GET", "POST", "PUT", "PATCH", "DELETE"};
    Buffer allowed = {0};
    char *values[OPERATION_VALUES];
    bool known;

    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        if (operation_find(methods[i], request->raw_path, values, &known))
            buffer_format(&allowed, "%s%s", allowed.length ? ", " : "", methods[i]);
        for (int j = 0; j < OPERATION_VALUES; j++)
            free(values[j]);
    }
    if (allowed.text)
        api_answer_header(request, "Allow", allowed.text);
    buffer_done(&allowed);
    api_fail(request, API_METHOD_NOT_ALLOWED, request->method);
}

/* A single value for a field that is an array arrives as a text. */
static void
wrap_single_values(json_t *query, const SchemaField *schema)
{
    for (int i = 0; i < schema->field_count; i++) {
        const SchemaField *field = &schema->fields[i];
        json_t *value = field->array ? json_object_get(query, field->name) : NULL;

        if (json_is_string(value))
            json_object_set_new(query, field->name, json_pack("[O]", value));
    }
}

void
dispatch_route(ApiRequest *request)
{
    bool path_known;

    if (!uri_path_valid(request->raw_path)) {
        api_fail(request, API_BAD_REQUEST, "its path is wrongly encoded.");
        return;
    }
    request->operation =
        operation_find(request->method, request->raw_path, request->values, &path_known);
    if (request->operation == NULL) {
        if (path_known)
            fail_method(request);
        else
            api_fail(request, API_NO_SUCH_API);
        return;
    }
    request->query = uri_query(request->raw_query);
    if (request->query == NULL)
        api_fail(request, API_BAD_REQUEST, "its query is wrongly encoded or too long.");
    else
        wrap_single_values(request->query, request->operation->query_schema);
}

/* ---- Running ---- */

static int
admit(ApiRequest *request, StoreConn *store)
{
    int result;

    if (request->operation->flags & OP_PUBLIC)
        return 0;
    if (request->principal == NULL) {
        result = iam_authenticate(request, store);
        if (result < 0)
            return result;
    }
    result = iam_authorise(request, store);
    if (result < 0)
        return result;
    if ((request->operation->flags & OP_SYSADMIN) && !request->principal->sysadmin) {
        api_fail(request, API_FORBIDDEN, request->operation->id);
        return -EACCES;
    }
    return 0;
}

static bool
read_body(ApiRequest *request)
{
    const Operation *operation = request->operation;
    json_error_t error;

    if ((operation->flags & OP_RAW_BODY) || operation->body[0] == '\0')
        return true;
    if (request->body_length == 0) {
        request->json = (operation->flags & OP_OPTIONAL_BODY) ? NULL : json_object();
        return true;
    }
    request->json = json_loadb(request->body, request->body_length, JSON_REJECT_DUPLICATES, &error);
    if (request->json)
        return true;
    api_fail(request, API_BAD_JSON, error.text);
    return false;
}

static bool
check_fields(ApiRequest *request)
{
    const Operation *operation = request->operation;
    AUTO_FREE char *problem = NULL;

    if (schema_check(operation->query_schema, request->query, &problem) &&
        (request->json == NULL || schema_check(operation->body_schema, request->json, &problem)))
        return true;
    api_fail(request, API_BAD_PARAMETER, problem);
    return false;
}

/* ---- Bodies that go into files ---- */

bool
dispatch_is_streaming(const ApiRequest *request)
{
    return request->stream == API_STREAM_END;
}

void
dispatch_gone(ApiRequest *request, StoreConn *store)
{
    request->store = store;
    request->stream = API_STREAM_GONE;
    request->operation->handler(request);
    request->store = NULL;
    request->stream = API_STREAM_NONE;
    api_stream_drop(request);
}

/* It was told where the body goes; a body that is announced as too large is refused now. */
static void
check_announced(ApiRequest *request, StoreConn *store)
{
    const char *text = api_header(request, "Content-Length");

    if (text && strtoull(text, NULL, 10) > (unsigned long long) request->stream_most) {
        long long most = request->stream_most;

        dispatch_gone(request, store);
        api_fail(request, API_TOO_LARGE, most);
    }
}

int
dispatch_begin(ApiRequest *request, StoreConn *store)
{
    int result;

    request->store = store;
    result = admit(request, store);
    if (request->answered)
        return 0;
    if (result < 0 && result != -EAGAIN) {
        log_error("request %s: neither admitted nor refused", request->request_id);
        api_fail(request, API_INTERNAL, request->request_id);
        return 0;
    }
    if (store == NULL)
        return -EAGAIN;
    if (request->operation->handler == NULL) {
        api_fail(request, API_NOT_SUPPORTED, request->operation->id);
        return 0;
    }
    if (!check_fields(request))
        return 0;
    request->stream = API_STREAM_BEGIN;
    request->operation->handler(request);
    request->stream = API_STREAM_NONE;
    if (request->stream_path && !request->answered) {
        request->stream = API_STREAM_END;
        check_announced(request, store);
    } else if (!request->answered) {
        log_error("request %s: %s says not where its body goes", request->request_id,
                  request->operation->id);
        api_fail(request, API_INTERNAL, request->request_id);
    }
    request->store = NULL;
    return 0;
}

static void
end_stream(ApiRequest *request)
{
    /* What is answered for must outlive a power cut. */
    if (fdatasync(request->stream_file) != 0) {
        api_fail_as(request, 507, "APIGW.0201", "The body cannot be kept: %s", strerror(errno));
        dispatch_gone(request, request->store);
        return;
    }
    request->operation->handler(request);
    request->stream = API_STREAM_NONE;
}

int
dispatch_run(ApiRequest *request, StoreConn *store)
{
    int result;

    request->store = store;
    result = admit(request, store);
    if (result == -EAGAIN && store == NULL)
        return result;
    if (!request->answered && result < 0) {
        log_error("request %s: neither admitted nor refused", request->request_id);
        api_fail(request, API_INTERNAL, request->request_id);
    }
    if (request->answered)
        return 0;
    if (request->operation->handler == NULL) {
        api_fail(request, API_NOT_SUPPORTED, request->operation->id);
        return 0;
    }
    json_decref(request->json);
    request->json = NULL;
    if (!read_body(request) || !check_fields(request))
        return 0;
    if (request->operation->flags & OP_STREAM_BODY)
        end_stream(request);
    else
        request->operation->handler(request);
    if (request->answered)
        return 0;
    if (store == NULL)
        return -EAGAIN;
    log_error("request %s: %s.%s gave no answer", request->request_id, request->operation->service,
              request->operation->id);
    api_fail(request, API_INTERNAL, request->request_id);
    return 0;
}

void
dispatch_done(ApiRequest *request)
{
    if (request->principal)
        iam_principal_unref(request->principal);
    if (request->upgrade)
        request->upgrade(request->upgrade_context, -1, NULL, 0);
    json_decref(request->query);
    json_decref(request->json);
    for (int i = 0; i < OPERATION_VALUES; i++)
        free(request->values[i]);
    for (int i = 0; i < request->answer_header_count; i++) {
        free(request->answer_headers[i].name);
        free(request->answer_headers[i].value);
    }
    api_stream_drop(request);
    if (request->answer_is_file)
        close(request->answer_file);
    free(request->headers);
    free(request->method);
    free(request->raw_path);
    free(request->raw_query);
    str_wipe(request->body);
    free(request->answer);
}
