/*
 * upgrade.h: connections that are no HTTP any more (a console's websocket): each gets a thread, and
 * all are ended before the server is.
 */
#pragma once

#include "api/request.h"

#include <microhttpd.h>

/* The answer 101; takes over the request's upgrade. */
struct MHD_Response *upgrade_response(ApiRequest *request);
/* Cuts them and waits for their threads, two seconds at most. */
void upgrade_end_all(void);
