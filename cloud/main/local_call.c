/*
 * local_call.c: an operation of the API called from within; see local_call.h.
 */
#include "main/local_call.h"

#include "crypto/random_id.h"

#include <stdio.h>
#include <string.h>

static void
request_done(ApiRequest *request)
{
    for (int i = 0; i < OPERATION_VALUES; i++)
        free(request->values[i]);
    for (int i = 0; i < request->answer_header_count; i++) {
        free(request->answer_headers[i].name);
        free(request->answer_headers[i].value);
    }
    json_decref(request->query);
    json_decref(request->json);
    free(request->method);
    free(request->raw_path);
    free(request->raw_query);
    free(request->body);
    free(request->answer);
}

json_t *
local_call(StoreConn *store,
           const Principal *principal,
           const char *method,
           const char *path,
           const json_t *query,
           json_t *body,
           int *status)
{
    ApiRequest request = {.store = store, .principal = principal};
    char id[ID_SIZE];
    bool path_known = false;
    json_t *answer = NULL;

    *status = 0;
    request.operation = operation_find(method, path, request.values, &path_known);
    if (request.operation && request.operation->handler) {
        id_new(id, "");
        snprintf(request.request_id, sizeof(request.request_id), "%.32s", id);
        snprintf(request.peer, sizeof(request.peer), "local");
        request.method = str_copy(method);
        request.raw_path = str_copy(path);
        request.raw_query = str_copy("");
        request.query = query ? json_deep_copy(query) : json_object();
        request.json = json_incref(body);
        request.body = body ? json_render(body) : str_copy("");
        request.body_length = strlen(request.body);
        request.operation->handler(&request);
        store_rollback(store);
        *status = request.status;
        if (request.answer)
            answer = json_loadb(request.answer, request.answer_length, 0, NULL);
    }
    request_done(&request);
    return answer;
}
