/*
 * assets.h: the console's files (http_assets of server.h) as answers: ETag, compression, headers.
 *
 * An entry whose path ends in ".gz" is the compressed form of the one without and is sent to
 * clients that take it; it is not served by its own name. Entries under "/assets/" have a hash in
 * their names and may be cached for ever.
 */
#pragma once

#include "api/request.h"

#include <microhttpd.h>

typedef struct Asset Asset;

/* Before the event thread. */
void assets_load(void);
void assets_unload(void);

/* The asset that a GET or HEAD asks for, or NULL. "/" is the console's page for browsers (who ask
 * for text/html) and an operation for all others. */
const Asset *asset_find(const ApiRequest *request);

/* The answer; sets request->status, request->answer_type and headers. */
struct MHD_Response *asset_response(const Asset *asset, ApiRequest *request);
