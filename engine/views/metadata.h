/*
 * What the files of metadata functions share. Private to engine/views.
 */
#pragma once

#include "postgres.h"

#include "catalogue/catalog.h"
#include "fmgr.h"

#define METADATA_FUNCTION(name)                                                                    \
    PG_FUNCTION_INFO_V1(name);                                                                     \
    Datum name(PG_FUNCTION_ARGS);                                                                  \
    Datum name(PG_FUNCTION_ARGS)

/* A string argument, palloc'd; NULL when it is NULL or not given. */
const char *metadata_text(FunctionCallInfo fcinfo, int n);
/* Returns a name or NULL. */
Datum metadata_name(FunctionCallInfo fcinfo, const char *name);
/* user_type_id of a written type name, 0 if there is none; alias types fill `alias`. */
int32 metadata_type(const char *name, CatalogType *alias);
