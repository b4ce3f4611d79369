/*
 * operation.h: an operation of the API is one row of its service's operations.def.
 *
 * OPERATION(id, METHOD, path, action, flags, handler, query, body, response, summary)
 *   id        the SDKs' name, as create_instance; unique within the service
 *   path      "/v3/{project_id}/instances/{instance_id}"
 *   action    of policies, "rds:instance:create"; "" where none is asked
 *   flags     OP_* below
 *   handler   function, or NULL: the operation exists and is answered "not supported"
 *   query, body   schema lines (api/schema.h); "" none
 *   response  schema line of the successful answer, for OpenAPI
 * Routing, validation, authorisation, OpenAPI and the page of supported operations follow from it.
 */
#pragma once

#include "api/schema.h"

#include <stdbool.h>

struct ApiRequest;

typedef enum OperationFlags {
    OP_PUBLIC = 1, /* no authentication */
    OP_INLINE = 2, /* answered on the event thread: memory only, no store, no waiting. A handler
                      that leaves without an answer is called again on a worker, with a store */
    OP_DOMAIN = 4, /* needs a principal, no project in the path is compared */
    OP_OPTIONAL_BODY = 8,
    OP_RAW_BODY = 16,    /* the body is not JSON */
    OP_SYSADMIN = 32,    /* the operator of the cloud only */
    OP_STREAM_BODY = 64, /* the body goes into a file; see ApiStream in request.h */
} OperationFlags;

/* How errors are dressed (facts: auth.md section 6); error_code and error_msg are always beside. */
typedef enum ErrorStyle {
    STYLE_GATEWAY,
    STYLE_KEYSTONE,
    STYLE_CES,
    STYLE_ECS,
    STYLE_NOVA,
    STYLE_VPC,
    STYLE_NEUTRON
} ErrorStyle;

typedef struct Operation {
    const char *id, *method, *path, *action;
    unsigned flags;
    void (*handler)(struct ApiRequest *request);
    const char *query, *body, *response, *summary;
    /* filled in at the start */
    const char *service;
    ErrorStyle style;
    SchemaField *query_schema, *body_schema;
} Operation;

/* A service's table; registered once by service_register (before threads). */
typedef struct Service {
    const char *name;  /* "rds" */
    const char *title; /* for pages */
    ErrorStyle style;
    Operation *operations;
    int operation_count;
} Service;

/*
 * A row as an initialiser, so that a service's table is
 *     #define OPERATION OPERATION_ROW
 *     static Operation operations[] = {
 *     #include "rds/operations.def"
 *     };
 * with its handlers declared before. An action is given as it is in policies.
 */
#define OPERATION_ROW(id_, method_, path_, action_, flags_, handler_, query_, body_, response_,    \
                      summary_)                                                                    \
    {.id = #id_,                                                                                   \
     .method = #method_,                                                                           \
     .path = path_,                                                                                \
     .action = action_,                                                                            \
     .flags = flags_,                                                                              \
     .handler = handler_,                                                                          \
     .query = query_,                                                                              \
     .body = body_,                                                                                \
     .response = response_,                                                                        \
     .summary = summary_},

void service_register(const Service *service);
/* The registered services, NULL-terminated. */
const Service *const *service_list(void);

/* Finds the operation of method and path (percent-decoded segments are put into values, in order of
 * the placeholders; at most OPERATION_VALUES, owned by the caller). *path_known says whether
 * another method would have matched. A literal segment wins over a placeholder. */
#define OPERATION_VALUES 6
const Operation *operation_find(const char *method,
                                const char *path,
                                char *values[OPERATION_VALUES],
                                bool *path_known);

/* The OpenAPI 3.0 document of every registered operation; a new reference. server is the URL. */
json_t *operation_openapi(const char *server);
