/*
 * The service "test" and an iam that knows one token, for tests of api and http without a store.
 * Include once, in the file with main().
 */
#pragma once

#include "iam/iam.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <strings.h>
#include <time.h>

static atomic_int stub_calls;

static const Principal stub_principal = {.user_id = "u", .project_id = "p1"};

int
iam_authenticate(ApiRequest *request, StoreConn *store)
{
    const char *token = api_header(request, "X-Auth-Token");

    if (token && strcmp(token, "cold") == 0 && store == NULL)
        return -EAGAIN;
    if (token && (strcmp(token, "good") == 0 || strcmp(token, "cold") == 0)) {
        request->principal = &stub_principal;
        return 0;
    }
    api_fail(request, API_UNAUTHENTICATED, "no token");
    return -EACCES;
}

int
iam_authorise(ApiRequest *request, StoreConn *store)
{
    const char *project = api_project(request);

    if (project == NULL || strcmp(project, "p1") == 0)
        return 0;
    api_fail(request, API_NO_SUCH_API);
    return -EACCES;
}

void
iam_principal_unref(const Principal *principal)
{
}

static void
stub_version(ApiRequest *request)
{
    stub_calls++;
    api_reply(request, 200, json_pack("{s:s}", "version", "1"));
}

/* Says what arrived. */
static void
stub_echo(ApiRequest *request)
{
    stub_calls++;
    api_reply(request, 200,
              json_pack("{s:s, s:s, s:O?, s:O?, s:i, s:b}", "path", request->raw_path, "raw_query",
                        request->raw_query, "query", request->query, "json", request->json,
                        "length", (int) request->body_length, "worker", request->store != NULL));
}

static void
stub_show(ApiRequest *request)
{
    api_reply(request, 200, json_pack("{s:s}", "id", api_path(request, "instance_id")));
}

static atomic_int stub_gone;

/* A body that goes into a file. */
static void
stub_upload(ApiRequest *request)
{
    if (request->stream == API_STREAM_BEGIN)
        api_stream_into(request, "/tmp/casement-http-server-upload", 1 << 20);
    else if (request->stream == API_STREAM_END)
        api_reply(request, 200, json_pack("{s:I}", "came", (json_int_t) request->stream_bytes));
    else
        stub_gone++;
}

static void
stub_slow(ApiRequest *request)
{
    const struct timespec pause = {.tv_nsec = 300 * 1000 * 1000};

    nanosleep(&pause, NULL);
    api_reply(request, 200, json_object());
}

static void
stub_silent(ApiRequest *request)
{
}

/* Answers only when it has a store. */
static void
stub_second_thought(ApiRequest *request)
{
    if (request->store)
        stub_version(request);
}

static void
stub_large(ApiRequest *request)
{
    size_t length = (size_t) 8 << 20;
    char *bytes = mem_new(length, 1);

    memset(bytes, 'x', length);
    api_reply_bytes(request, 200, "application/octet-stream", bytes, length);
}

#define OPERATION OPERATION_ROW
static Operation stub_operations[] = {
    OPERATION(version, GET, "/version", "", OP_PUBLIC | OP_INLINE, stub_version, "", "", "", "v")
        OPERATION(upload, PUT, "/upload", "", OP_STREAM_BODY, stub_upload, "", "", "", "spools")
            OPERATION(slow, GET, "/slow", "", OP_PUBLIC, stub_slow, "", "", "", "waits") OPERATION(
                silent, GET, "/silent", "", OP_PUBLIC, stub_silent, "", "", "", "says nothing")
                OPERATION(second,
                          GET,
                          "/second",
                          "",
                          OP_PUBLIC | OP_INLINE,
                          stub_second_thought,
                          "",
                          "",
                          "",
                          "wants a store") OPERATION(large,
                                                     GET,
                                                     "/large",
                                                     "",
                                                     OP_PUBLIC,
                                                     stub_large,
                                                     "",
                                                     "",
                                                     "",
                                                     "a long answer")
                    OPERATION(echo,
                              POST,
                              "/echo",
                              "",
                              OP_PUBLIC,
                              stub_echo,
                              "",
                              "name:str(1..8)! size:int(40..4000) kind:str(Single|Ha)~ "
                              "tags[]{key:str! value:str}",
                              "",
                              "says what came") OPERATION(raw,
                                                          POST,
                                                          "/raw",
                                                          "",
                                                          OP_PUBLIC | OP_RAW_BODY,
                                                          stub_echo,
                                                          "",
                                                          "",
                                                          "",
                                                          "bytes")
                        OPERATION(list,
                                  GET,
                                  "/v3/{project_id}/instances",
                                  "t:list",
                                  0,
                                  stub_echo,
                                  "limit:int(1..100) id[]:str",
                                  "",
                                  "",
                                  "lists") OPERATION(show,
                                                     GET,
                                                     "/v3/{project_id}/instances/{instance_id}",
                                                     "t:get",
                                                     OP_INLINE,
                                                     stub_show,
                                                     "",
                                                     "",
                                                     "",
                                                     "shows")
                            OPERATION(change,
                                      PUT,
                                      "/v3/{project_id}/instances/{instance_id}",
                                      "t:put",
                                      0,
                                      NULL,
                                      "",
                                      "name:str",
                                      "",
                                      "changes") OPERATION(special,
                                                           GET,
                                                           "/v3/{project_id}/instances/special",
                                                           "t:get",
                                                           0,
                                                           stub_version,
                                                           "",
                                                           "",
                                                           "",
                                                           "a literal beside a placeholder")};
#undef OPERATION

static const Service stub_service = {
    .name = "test",
    .title = "Test",
    .style = STYLE_GATEWAY,
    .operations = stub_operations,
    .operation_count = sizeof(stub_operations) / sizeof(stub_operations[0]),
};
