/*
 * A signed request: the Authorization header, and what the canonical request is made of. A wrong
 * signature must never pass.
 *
 * Input: lines "Authorization", "path?query", "X-Sdk-Date", then "name: value" lines, an empty line
 * and the body.
 */
#include "iam/signature.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The next line without its end, owned by the caller. */
static char *
take_line(const char **at, const char *end)
{
    const char *stop = *at < end ? memchr(*at, '\n', (size_t) (end - *at)) : NULL;
    char *line;

    if (stop == NULL)
        stop = end;
    line = str_copy_n(*at, strnlen(*at, (size_t) (stop - *at)));
    *at = stop < end ? stop + 1 : end;
    return line;
}

static void
read_headers(ApiRequest *request, const char **at, const char *end)
{
    char *line, *colon;

    request->headers = mem_new(40, sizeof(ApiHeader));
    while (request->header_count < 40) {
        line = take_line(at, end);
        colon = strchr(line, ':');
        if (colon == NULL) {
            free(line);
            return;
        }
        request->headers[request->header_count++] =
            (ApiHeader){str_copy_n(line, (size_t) (colon - line)), str_copy(colon + 1)};
        free(line);
    }
}

static void
check(const char *authorization, ApiRequest *request, const char *date)
{
    Signature signature;
    char hash[65] = "";
    const char *problem = signature_read(authorization, &signature);

    signature_recognised(authorization);
    /* Nobody guesses 64 hexadecimal digits. */
    if (problem == NULL) {
        if (signature_check(&signature, request, date, "0123456789012345678901234567890123456789",
                            hash))
            abort();
        if (strlen(hash) != 64)
            abort();
    }
    signature_done(&signature);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *at = (const char *) data;
    const char *end = at + size;
    ApiRequest request = {.method = (char *) (size % 2 ? "GET" : "POST"), .request_id = "id"};
    char *authorization = take_line(&at, end);
    char *query, *date;

    request.raw_path = take_line(&at, end);
    query = strchr(request.raw_path, '?');
    request.raw_query = str_copy(query ? query + 1 : "");
    if (query)
        *query = '\0';
    date = take_line(&at, end);
    read_headers(&request, &at, end);
    request.body = str_copy_n(at, strnlen(at, (size_t) (end - at)));
    request.body_length = strlen(request.body);
    check(authorization, &request, date);
    for (int i = 0; i < request.header_count; i++) {
        free(request.headers[i].name);
        free(request.headers[i].value);
    }
    free(request.headers);
    free(request.body);
    free(request.raw_path);
    free(request.raw_query);
    free(authorization);
    free(date);
    return 0;
}
