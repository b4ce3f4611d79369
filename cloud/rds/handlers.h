/*
 * handlers.h: every handler of the tables of RDS, declared by them. Operations that exist but are
 * not supported (NULL) stand in unsupported.def only.
 */
#pragma once

struct ApiRequest;

#define OPERATION(id, method, path, action, flags, handler, query, body, response, summary)        \
    void handler(struct ApiRequest *request);
#include "rds/supported.def"
#undef OPERATION
