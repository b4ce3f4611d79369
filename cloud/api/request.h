/*
 * request.h: a request as a handler sees it, and how it answers.
 *
 * A handler runs on a worker thread with a store connection of its own (or, OP_INLINE, on the event
 * thread without one), after routing, authentication, authorisation and validation. It answers
 * exactly once: by api_reply or api_fail. Everything reachable from the request belongs to it and
 * dies with it.
 */
#pragma once

#include "api/operation.h"
#include "base/json.h"
#include "base/memory.h"
#include "store/store.h"

typedef enum ApiError {
#define API_ERROR(name, status, code, text) API_##name,
#include "api/errors.def"
#undef API_ERROR
    API_ERROR_COUNT
} ApiError;

/* Who calls. Made by iam from a signature or a token. Immutable, shared, reference-counted there.
 */
typedef struct Principal {
    const char *user_id, *user_name;
    const char *domain_id, *domain_name;
    const char *project_id, *project_name; /* scope; "" for a domain scope or an unscoped AK/SK */
    const char *access_key;                /* "" with a token */
    bool sysadmin;                         /* operator of the cloud */
    bool temporary;
    Moment expires;
    const void *grants; /* iam's: policies in force */
} Principal;

typedef struct ApiHeader {
    char *name, *value; /* name as received; compare without case */
} ApiHeader;

/* What goes on on a connection that is no HTTP any more, in a thread of its own; `early` is what
 * came with the request. The socket is closed by who calls. A socket of -1: the client has gone
 * before its answer; what the context holds is to be let go. */
typedef void (*ApiUpgrade)(void *context, int socket, const void *early, size_t length);
/*
 * Where an operation of OP_STREAM_BODY is called. BEGIN: its headers are here, the caller is
 * admitted, nothing of the body was read; it answers with an error, or says by api_stream_into
 * where the body goes. END: the file is whole; it answers, and keeps the file by api_stream_keep,
 * or it is removed. GONE: after BEGIN, but END will not come (the client went away, or the body was
 * not what was signed); no answer is wanted. All with a store.
 *
 * The signature of such a request is over its header X-Sdk-Content-Sha256: the body's hash, which
 * is then compared, or UNSIGNED-PAYLOAD.
 */
typedef enum ApiStream {
    API_STREAM_NONE,
    API_STREAM_BEGIN,
    API_STREAM_END,
    API_STREAM_GONE
} ApiStream;

typedef struct ApiRequest {
    const Operation *operation;
    char request_id[41];
    char *method;
    char *raw_path;  /* as received, still encoded, without query */
    char *raw_query; /* without '?'; "" for none */
    ApiHeader *headers;
    int header_count;
    char *body; /* NUL-terminated */
    size_t body_length;
    char peer[64];
    char *values[OPERATION_VALUES]; /* of the path's placeholders */
    json_t *query;              /* object of strings; a repeated key gives an array of strings */
    json_t *json;               /* parsed body, or NULL */
    const Principal *principal; /* NULL for OP_PUBLIC */
    StoreConn *store;
    ApiStream stream;
    char *stream_path; /* the file of the body; NULL once it is kept */
    int stream_file;   /* while stream_path is there */
    long long stream_bytes, stream_most;
    /* answer */
    int status;
    ApiHeader answer_headers[8];
    int answer_header_count;
    char *answer; /* bytes */
    size_t answer_length;
    const char *answer_type;
    bool answer_is_file; /* answer_file has answer_length bytes */
    int answer_file;
    bool answered;
    ApiUpgrade upgrade; /* with status 101; NULL otherwise */
    void *upgrade_context;
} ApiRequest;

/* Of the request. NULL where absent. */
const char *api_header(const ApiRequest *request, const char *name);
const char *api_path(const ApiRequest *request, const char *placeholder);
const char *api_query(const ApiRequest *request, const char *name, const char *fallback);
long long api_query_number(const ApiRequest *request, const char *name, long long fallback);
/* The project of the path (already compared with the principal's rights). */
const char *api_project(const ApiRequest *request);

/* Answers with JSON; takes over the reference. */
void api_reply(ApiRequest *request, int status, json_t *body);
/* Answers with bytes; takes over the memory. type is a literal. */
void api_reply_bytes(ApiRequest *request, int status, const char *type, char *bytes, size_t length);
/* Answers with so many bytes of a file from its beginning; takes over the descriptor. */
void api_reply_file(ApiRequest *request, int status, const char *type, int file, long long length);
void api_answer_header(ApiRequest *request, const char *name, const char *value);
/* Answers 101: the connection becomes run's. */
void api_upgrade(ApiRequest *request, ApiUpgrade run, void *context);
/* At BEGIN: the body goes into a new file, at most so many bytes of it. -errno. */
int api_stream_into(ApiRequest *request, const char *path, long long most);
/* At END: the file stays. */
void api_stream_keep(ApiRequest *request);
/* Closes and removes it where it was not kept. */
void api_stream_drop(ApiRequest *request);
/* Answers with an error of the table; arguments as its text wants them. */
void api_fail(ApiRequest *request, ApiError error, ...);
/* The same with another HTTP status and code (for the rare case where a code depends on more). */
void api_fail_as(ApiRequest *request, int status, const char *code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* Answers 500 after a store error and logs it with the request's id; maps serialization failures
 * and a lost store to retryable answers. */
void api_fail_store(ApiRequest *request);
int api_error_status(ApiError error);
const char *api_error_code(ApiError error);

/* offset/limit of a list (default and most 100), checked; false when it has answered with an error.
 */
bool api_paging(ApiRequest *request, long *offset, long *limit);
