/*
 * databases.h: what the operations on databases and on accounts share.
 */
#pragma once

#include "rds/engine_call.h"

/* Whether the name is the system's own. */
bool database_is_reserved(const char *name);
/* Answers and says false when it is. */
bool database_check(ApiRequest *request, const char *name);
/* Drops it; force: ends the sessions that are in it first. */
bool database_drop(EngineCall *call, const char *name, bool force);

/* {"resp": "successful"}, as the public cloud answers. */
void answer_successful(ApiRequest *request);
/* Of the query's page (from 1) and limit: number of the first row and how many. */
void page_of_request(const ApiRequest *request, long *first, long *limit);

/* The job kinds of databases.c. */
void databases_register(void);
