/*
 * stream.c: bodies that go into files; see stream.h.
 */
#include "http/stream.h"

#include "crypto/master_key.h"
#include "http/dispatch.h"

#include <errno.h>
#include <openssl/evp.h>
#include <string.h>
#include <unistd.h>

#define STREAMS_MOST 16

static int streams;

bool
stream_is_wanted(const ApiRequest *request)
{
    return request->operation && (request->operation->flags & OP_STREAM_BODY) && !request->answered;
}

/* The hash that the body must have, or NULL. */
static const char *
declared_hash(const ApiRequest *request)
{
    const char *text = api_header(request, "X-Sdk-Content-Sha256");

    return text && strlen(text) == 64 ? text : NULL;
}

bool
stream_admit(HttpExchange *exchange)
{
    if (streams >= STREAMS_MOST) {
        api_fail(&exchange->request, API_THROTTLED, "too many uploads at once.");
        return false;
    }
    /* What can be refused from memory is refused before anything else. */
    if (dispatch_begin(&exchange->request, NULL) == 0)
        return false;
    streams++;
    exchange->counts = true;
    if (declared_hash(&exchange->request)) {
        exchange->digest = EVP_MD_CTX_new();
        if (!exchange->digest || EVP_DigestInit_ex(exchange->digest, EVP_sha256(), NULL) != 1)
            abort(); /* out of memory, as in base/memory.c */
    }
    return true;
}

static bool
write_all(int file, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t put = write(file, data, size);

        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return false;
        data += put;
        size -= (size_t) put;
    }
    return true;
}

void
stream_take(HttpExchange *exchange, const char *data, size_t size)
{
    ApiRequest *request = &exchange->request;

    if ((long long) size > request->stream_most - request->stream_bytes)
        api_fail(request, API_TOO_LARGE, request->stream_most);
    else if (!write_all(request->stream_file, data, size))
        api_fail_as(request, 507, "APIGW.0201", "The body cannot be kept: %s", strerror(errno));
    else if (exchange->digest)
        EVP_DigestUpdate(exchange->digest, data, size);
    request->stream_bytes += (long long) size;
    if (request->answered && ftruncate(request->stream_file, 0) != 0)
        errno = 0; /* it is removed soon anyway */
}

void
stream_end(HttpExchange *exchange)
{
    ApiRequest *request = &exchange->request;
    unsigned char hash[EVP_MAX_MD_SIZE];
    char text[65];

    if (!exchange->digest)
        return;
    EVP_DigestFinal_ex(exchange->digest, hash, NULL);
    hex_text(hash, 32, text);
    if (strcasecmp(text, declared_hash(request)) != 0)
        api_fail(request, API_UNAUTHENTICATED, "the body is not the one that was signed");
}

void
stream_leave(HttpExchange *exchange)
{
    streams -= exchange->counts;
    exchange->counts = false;
    EVP_MD_CTX_free(exchange->digest);
    exchange->digest = NULL;
}
