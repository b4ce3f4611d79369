/*
 * A request as the daemon sees it once libmicrohttpd has read it: method, path, query, token, body.
 * It must be answered, with JSON where it is refused, and never with 500.
 *
 * Input: "METHOD path?query token\nbody"
 */
#include "../unit/api_stub.h"
#include "http/dispatch.h"

#include <stdint.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    service_register(&stub_service);
    return 0;
}

/* The next word; spaces separate, the last one ends at the end of the line. */
static char *
take_word(const char **at, const char *end)
{
    const char *start = *at;

    while (*at < end && **at != ' ' && **at != '\0')
        (*at)++;
    *at += *at < end;
    return str_copy_n(start, (size_t) (*at - start) - (*at > start && (*at)[-1] == ' '));
}

static void
check_answer(const ApiRequest *request)
{
    json_t *answer;

    if (!request->answered || request->status >= 500)
        abort();
    if (request->answer == NULL || request->answer_type == NULL)
        abort();
    if (strcmp(request->answer_type, "application/json") != 0)
        return;
    answer = json_loadb(request->answer, request->answer_length, 0, NULL);
    if (answer == NULL || (request->status >= 400 && *json_text(answer, "error_code", "") == '\0'))
        abort();
    json_decref(answer);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *at = (const char *) data;
    const char *end = memchr(data, '\n', size);
    ApiRequest request = {.request_id = "id"};
    ApiHeader token = {(char *) "X-Auth-Token", NULL};
    char *query;

    if (end == NULL)
        return 0;
    request.method = take_word(&at, end);
    request.raw_path = take_word(&at, end);
    query = strchr(request.raw_path, '?');
    request.raw_query = str_copy(query ? query + 1 : "");
    if (query)
        *query = '\0';
    token.value = take_word(&at, end);
    request.headers = mem_new(1, sizeof(token));
    request.headers[0] = token;
    request.header_count = 1;
    request.body_length = size - (size_t) (end + 1 - (const char *) data);
    request.body = mem_new(request.body_length + 1, 1);
    memcpy(request.body, end + 1, request.body_length);
    dispatch_route(&request);
    if (!request.answered && strcmp(request.operation->id, "silent") != 0 &&
        strcmp(request.operation->id, "second") != 0 &&
        strcmp(request.operation->id, "slow") != 0) {
        /* A store that nobody uses stands for a worker's. */
        if (dispatch_run(&request, NULL) == -EAGAIN)
            dispatch_run(&request, (StoreConn *) &token);
        check_answer(&request);
    } else if (request.answered) {
        check_answer(&request);
    }
    free(token.value);
    dispatch_done(&request);
    return 0;
}
