/*
 * cache.h: every instance's JSON, rendered once for each change, kept in memory by project.
 *
 * Lists are answered on the event thread by joining texts that are ready; nothing is rendered and
 * no store is asked. Another daemon's changes arrive by NOTIFY; after a lost connection everything
 * is read anew.
 */
#pragma once

#include "api/request.h"

/* Reads all instances and begins to listen. 0 or negative errno. */
int cache_start(StoreConn *store);

/* Reads the row anew, or drops the instance when it is no more (or in the recycle bin). */
void cache_refresh(StoreConn *store, const char *id);

/* Name of this daemon in notifications. */
const char *cache_daemon(void);

/* The operation list_instances. */
void list_instances(ApiRequest *request);
