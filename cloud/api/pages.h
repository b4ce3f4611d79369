/*
 * pages.h: the service "api": /openapi.json, the readable page /docs and the list /operations, made
 * of the operations that are registered when they are first asked for.
 */
#pragma once

#include "store/store.h"

void api_pages_register(void);
/* Nothing to load; every service has one (main/services.def). */
int api_pages_start(StoreConn *store);
