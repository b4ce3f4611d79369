/*
 * What postgres.h and c.h themselves give on one version and not on another, light enough for any
 * header of the engine.
 */
#pragma once

#include "postgres.h"

#if PG_VERSION_NUM >= 160000
/* VARDATA and its kin left postgres.h in 16. */
#include "varatt.h"
#endif

#if PG_VERSION_NUM < 180000
/* 18's form, which stands before the whole declaration, where pg_attribute_noreturn() was. */
#define pg_noreturn __attribute__((noreturn))
#endif
