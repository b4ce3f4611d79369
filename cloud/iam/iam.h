/*
 * iam.h: who calls, and what they may.
 *
 * iam_authenticate is called by http for each request before its handler, on the event thread: it
 * uses the cache (users, keys, policies, bounded) and asks for a worker when it must read the store
 * (returns -EAGAIN with store NULL). A principal is immutable and reference-counted.
 */
#pragma once

#include "api/request.h"

/* Registers the operations; no store. iam_start does it where it was not done. */
void iam_register(void);
/* Where the API is: the region's name and the URL under which clients reach it
 * ("https://host:8443"; of it the catalogue takes the scheme, and the host where a request has no
 * Host). Before iam_start, at each start. */
void iam_configure(const char *region, const char *endpoint);
/* Loads what must be in memory; gives each domain a project of the region's name. After
 * store_migrate and iam_configure. */
int iam_start(StoreConn *store);

/*
 * Sets request->principal from Authorization (both signing schemes) or X-Auth-Token. 0; -EAGAIN:
 * call again with a store; -EACCES: it has answered with the error (401, naming what was expected:
 * hash of the canonical request, server time).
 */
int iam_authenticate(ApiRequest *request, StoreConn *store);
/* Whether the principal may perform the operation's action in the path's project; answers 403 / 404
 * when not. Another domain's project is answered as one that does not exist. */
int iam_authorise(ApiRequest *request, StoreConn *store);
/* Whether the caller may perform an action in a project beside the operation's own (for a handler
 * that asks for more); answers nothing. */
bool iam_may(const ApiRequest *request, const char *project_id, const char *action);
void iam_principal_unref(const Principal *principal);

/*
 * First start: domain, region project, administrator with a password and an AK/SK. The JSON is what
 * <data>/admin.json gets; main adds ca_file. Called again after a start that was cut short before
 * the file was written, and by --reset-admin: what exists stays, and the administrator gets a new
 * password and key (older ones end). Makes its own transaction.
 */
json_t *iam_bootstrap(StoreConn *store, const char *region, const char *endpoint, char **problem);
