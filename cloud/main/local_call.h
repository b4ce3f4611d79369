/*
 * local_call.h: an operation of the API called from within, as its principal, without HTTP.
 *
 * The first start makes the first instance like anyone would: what the operation checks and
 * records is the same.
 */
#pragma once

#include "api/request.h"

/*
 * Calls METHOD path (with "?query" where there is one). body is borrowed, NULL for none. The
 * answer's JSON (a new reference, NULL where it had none) and *status; NULL and 0 where there is no
 * such operation.
 */
json_t *local_call(StoreConn *store,
                   const Principal *principal,
                   const char *method,
                   const char *path,
                   const json_t *query,
                   json_t *body,
                   int *status);
