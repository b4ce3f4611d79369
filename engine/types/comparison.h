/*
 * The nine functions that every ordered type gives PostgreSQL, from one three-way comparison:
 * prefix_eq, _ne, _lt, _le, _gt, _ge, _cmp, _larger, _smaller. `compare(fcinfo)` is <0, 0 or >0.
 */
#pragma once

#include "postgres.h"

#include "fmgr.h"

#define DEFINE_COMPARISON(name, compare, relation)                                                 \
    PG_FUNCTION_INFO_V1(name);                                                                     \
    Datum name(PG_FUNCTION_ARGS)                                                                   \
    {                                                                                              \
        PG_RETURN_BOOL(compare(fcinfo) relation 0);                                                \
    }

#define DEFINE_COMPARISONS(prefix, compare)                                                        \
    DEFINE_COMPARISON(prefix##_eq, compare, ==)                                                    \
    DEFINE_COMPARISON(prefix##_ne, compare, !=)                                                    \
    DEFINE_COMPARISON(prefix##_lt, compare, <)                                                     \
    DEFINE_COMPARISON(prefix##_le, compare, <=)                                                    \
    DEFINE_COMPARISON(prefix##_gt, compare, >)                                                     \
    DEFINE_COMPARISON(prefix##_ge, compare, >=)                                                    \
    PG_FUNCTION_INFO_V1(prefix##_cmp);                                                             \
    Datum prefix##_cmp(PG_FUNCTION_ARGS)                                                           \
    {                                                                                              \
        PG_RETURN_INT32(compare(fcinfo));                                                          \
    }                                                                                              \
    PG_FUNCTION_INFO_V1(prefix##_larger);                                                          \
    Datum prefix##_larger(PG_FUNCTION_ARGS)                                                        \
    {                                                                                              \
        PG_RETURN_DATUM(compare(fcinfo) >= 0 ? PG_GETARG_DATUM(0) : PG_GETARG_DATUM(1));           \
    }                                                                                              \
    PG_FUNCTION_INFO_V1(prefix##_smaller);                                                         \
    Datum prefix##_smaller(PG_FUNCTION_ARGS)                                                       \
    {                                                                                              \
        PG_RETURN_DATUM(compare(fcinfo) <= 0 ? PG_GETARG_DATUM(0) : PG_GETARG_DATUM(1));           \
    }
