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

/* Frees what belongs to the request, not the structure itself. */
void dispatch_done(ApiRequest *request);
