/*
 * Signatures by vectors that another program made (signature_vectors.py), and the header's reader
 * by hand.
 */
#include "iam/signature.h"

#include "check.h"

#include <string.h>

typedef struct SignatureVector {
    const char *name, *method, *path, *query, *headers, *body;
    size_t body_length;
    const char *authorization;
} SignatureVector;

#include "signature_vectors.h"

#define VECTOR_COUNT ((int) (sizeof(vectors) / sizeof(vectors[0])))

/* A request of the vector; its headers are in `text`, which the caller frees after it. */
static ApiRequest
request_of(const SignatureVector *vector, ApiHeader headers[8], char **text)
{
    ApiRequest request = {.method = (char *) vector->method,
                          .raw_path = (char *) vector->path,
                          .raw_query = (char *) vector->query,
                          .headers = headers,
                          .body = (char *) vector->body,
                          .body_length = vector->body_length};
    char *rest = *text = str_copy(vector->headers), *name;

    while (request.header_count < 8 && (name = strsep(&rest, "\n")) != NULL && *name != '\0') {
        headers[request.header_count].name = name;
        headers[request.header_count++].value = strsep(&rest, "\n");
    }
    return request;
}

static bool
verifies(const SignatureVector *vector, const char *secret, ApiRequest *request)
{
    Signature signature;
    char hash[65];
    bool good = signature_read(vector->authorization, &signature) == NULL &&
                signature_check(&signature, request, VECTOR_DATE, secret, hash);

    signature_done(&signature);
    return good;
}

static void
signatures_of_another_program_are_verified(void)
{
    for (int i = 0; i < VECTOR_COUNT; i++) {
        ApiHeader headers[8];
        AUTO_FREE char *text = NULL;
        ApiRequest request = request_of(&vectors[i], headers, &text);

        if (!verifies(&vectors[i], VECTOR_SECRET, &request))
            check_failure("%s is not verified", vectors[i].name);
        if (verifies(&vectors[i], "another secret", &request))
            check_failure("%s is verified with another secret", vectors[i].name);
    }
}

static void
whatever_is_signed_cannot_be_changed(void)
{
    for (int i = 0; i < VECTOR_COUNT; i++) {
        ApiHeader headers[8];
        AUTO_FREE char *text = NULL;
        ApiRequest request = request_of(&vectors[i], headers, &text);
        ApiRequest changed = request;
        bool payload = strstr(vectors[i].headers, "UNSIGNED") == NULL;

        changed.method = "DELETE";
        CHECK(!verifies(&vectors[i], VECTOR_SECRET, &changed));
        changed = request;
        changed.raw_path = "/v3/other";
        CHECK(!verifies(&vectors[i], VECTOR_SECRET, &changed));
        changed = request;
        changed.raw_query = "other=1";
        CHECK(!verifies(&vectors[i], VECTOR_SECRET, &changed));
        changed = request;
        changed.body = "other";
        changed.body_length = 5;
        CHECK(verifies(&vectors[i], VECTOR_SECRET, &changed) == !payload);
        headers[0].value = "elsewhere:1";
        CHECK(!verifies(&vectors[i], VECTOR_SECRET, &request));
    }
}

static void
a_header_is_read_in_its_parts(void)
{
    Signature signature;

    CHECK(signature_read("SDK-HMAC-SHA256 Access=AK, SignedHeaders=host;x-sdk-date, Signature="
                         "00112233445566778899AABBCCDDEEFF00112233445566778899aabbccddeeff",
                         &signature) == NULL);
    CHECK_STR(signature.access, "AK");
    CHECK_INT(signature.name_count, 2);
    CHECK_STR(signature.names[1], "x-sdk-date");
    CHECK_STR(signature.sent, "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff");
    CHECK(!signature.derived);
    signature_done(&signature);
    CHECK(signature_read("SDK-HMAC-SHA256 Credential=AK/20261123/r-1/rds/sdk_request,"
                         "SignedHeaders=host,Signature="
                         "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
                         &signature) == NULL);
    CHECK(signature.derived);
    CHECK_STR(signature.region, "r-1");
    CHECK_STR(signature.service, "rds");
    signature_done(&signature);
}

static void
a_header_that_is_none_says_what_is_wrong(void)
{
    static const char *const bad[] = {
        "",
        "SDK-HMAC-SHA256",
        "SDK-HMAC-SHA256 ",
        "SDK-HMAC-SHA256 Access=AK",
        "SDK-HMAC-SHA256 Access=AK, SignedHeaders=host",
        "SDK-HMAC-SHA256 Access=A/K, SignedHeaders=host, Signature=00",
        "SDK-HMAC-SHA256 Access=AK, SignedHeaders=Host, Signature=00",
        "SDK-HMAC-SHA256 Access=AK, SignedHeaders=a;;b, Signature=00",
        "SDK-HMAC-SHA256 Access=AK, SignedHeaders=a, SignedHeaders=b, Signature=00",
        "SDK-HMAC-SHA256 Credential=AK/1/2/3, SignedHeaders=host, Signature=00",
        "SDK-HMAC-SHA256 Credential=AK/1/2/3/other, SignedHeaders=host, Signature=00",
        "SDK-HMAC-SHA256 Unknown=1",
    };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        Signature signature;

        if (signature_read(bad[i], &signature) == NULL)
            check_failure("<%s> is read as good", bad[i]);
        signature_done(&signature);
    }
}

int
main(void)
{
    RUN(signatures_of_another_program_are_verified);
    RUN(whatever_is_signed_cannot_be_changed);
    RUN(a_header_is_read_in_its_parts);
    RUN(a_header_that_is_none_says_what_is_wrong);
    return check_done();
}
