/*
 * sql_variant: a value with its type. On disk a varlena: type id (one byte), typmod and collation
 * (four bytes each), then the value's bytes.
 */
#pragma once

#include "postgres.h"

#include "types/sqltype.h"

Datum variant_make(const SqlType *type, Datum value);
/* The inner value; palloc'd where it is not by value. */
Datum variant_get(Datum variant, SqlType *type);
