/*
 * dispatch.h: what happens to a request that has arrived: authentication, authorisation, the check
 * of its query and body, its handler. It knows nothing of sockets.
 */
#pragma once

#include "api/request.h"

/* Finds the operation and reads the query; answers with an error where there is none. */
void dispatch_route(ApiRequest *request);

/*
 * Answers a routed request. 0: it is answered. -EAGAIN, only where store is NULL: something must be
 * read from the store first, call again with one.
 */
int dispatch_run(ApiRequest *request, StoreConn *store);

/*
 * Of an OP_STREAM_BODY operation, whose headers are here: admits the caller and asks where the body
 * goes. 0: it is answered (refused), or the body may come. -EAGAIN, only where store is NULL: call
 * again with one.
 */
int dispatch_begin(ApiRequest *request, StoreConn *store);
/* Whether the body's end is still to be told; dispatch_gone tells that it will not come. */
bool dispatch_is_streaming(const ApiRequest *request);
void dispatch_gone(ApiRequest *request, StoreConn *store);

/* Frees what belongs to the request, not the structure itself. */
void dispatch_done(ApiRequest *request);
