/*
 * Built-in functions of T-SQL: the look-up of a name in the one table (functions.def), and the
 * building of a call for PostgreSQL. A function is one row there plus its C code (or SQL) in the
 * file of its family: string.c, date.c, math.c, system.c, aggregate.c... The SQL that declares the
 * PostgreSQL functions is generated from the same rows by tools/gen_functions.py.
 *
 * The binder: sql_function_by_name(); when kind is KIND_SPECIAL it builds the expression itself
 * (ISNULL, COALESCE, NULLIF, IIF, CHOOSE...); else binds the arguments and calls
 * sql_function_build() (scalar) or sql_function_resolve() (aggregate, window: for its Aggref or
 * WindowFunc).
 */
#pragma once

#include "postgres.h"

#include "nodes/pg_list.h"
#include "nodes/primnodes.h"
#include "types/sqltype.h"

typedef enum FunctionKind {
    KIND_SCALAR,
    KIND_AGGREGATE, /* also allowed with OVER */
    KIND_WINDOW,    /* ROW_NUMBER...: OVER is required */
    KIND_TABLE,     /* STRING_SPLIT, GENERATE_SERIES: in FROM only */
    KIND_SPECIAL,   /* the binder's own: no PostgreSQL function of this name */
} FunctionKind;

#define FUNCTION_DATEPART                                                                          \
    0x01                       /* the first argument is a datepart keyword: the binder passes an   \
                                  nvarchar Const of the word as written */
#define FUNCTION_NILADIC 0x02  /* called without parentheses: CURRENT_TIMESTAMP, SESSION_USER */
#define FUNCTION_VOLATILE 0x04 /* NEWID, RAND(): evaluated per call */
#define FUNCTION_STABLE 0x08   /* depends on the session or the catalogue: never folded */
#define FUNCTION_NOT_NULL 0x10 /* the result is never NULL (for COLMETADATA) */
#define FUNCTION_CALLED_ON_NULL 0x20 /* not strict */
#define FUNCTION_STAR 0x40           /* f(*) is allowed: COUNT, COUNT_BIG, CHECKSUM */
#define FUNCTION_SIDE_EFFECT 0x80    /* refused in user functions: error 443 */
#define FUNCTION_VARIADIC 0x100      /* the last argument repeats: passed to VARIADIC "any" */
#define FUNCTION_ORDERED 0x200       /* window: OVER must have ORDER BY (error 4112) */
#define FUNCTION_TRUNCATE 0x400      /* a result longer than its type is cut (REPLICATE, REPLACE) */

typedef struct SqlFunction SqlFunction;

/* Computes the result's SqlType from the converted arguments' types. `collation` is combined
 * already: the first string argument's. */
typedef SqlType (*FunctionResult)(const SqlFunction *function,
                                  const SqlType *types,
                                  int count,
                                  List *args);

struct SqlFunction {
    const char *name; /* T-SQL name, upper case */
    FunctionKind kind;
    int8 min_args;
    int8 max_args; /* -1: any number */
    /*
     * One letter per argument; the last repeats when there are more arguments:
     * S string kept as char/varchar/nchar/nvarchar (others become varchar), N nvarchar,
     * i int, b bigint, f float, m number kept in its family (int, bigint, decimal, money, float;
     * bit and smaller ints become int, smallmoney money, real float, strings float),
     * d any date/time type (strings become datetime2, numbers datetime), e as d but strings become
     * datetime, t datetime,
     * 2 datetime2, o datetimeoffset, B varbinary, a anything as it is, p datepart keyword,
     * 1 the type of the first argument, 3 of the third, u uniqueidentifier, v sql_variant, D date,
     * T time, L bit, c decimal, P string or binary as it is, Q the same and nothing else,
     * z an offset: an int or a string, w a word without quotes (ISJSON's kind) as a string
     */
    const char *arguments;
    FunctionResult result;
    const char *pg_name; /* in schema sys, or "pg_catalog.x" */
    int flags;
};

/* NULL when there is no built-in function of this name (case-insensitive). */
const SqlFunction *sql_function_by_name(const char *name);

/* Raises 174 or 189 when `count` does not fit the function. */
void sql_function_check_count(const SqlFunction *function, int count);

/*
 * The function call over bound arguments: checks their number and types (8116), converts them,
 * picks the overload, sets collations and computes *result. `args`: list of Expr; `types`: their
 * types in order. The result's PostgreSQL type is that of *result.
 */
Expr *
sql_function_build(const SqlFunction *function, List *args, const SqlType *types, SqlType *result);

/*
 * For aggregates and window functions: as above, but gives the parts of the node. *converted are
 * the arguments to put into it, *pg_result the declared result type, which a RelabelType or
 * sql_function_relabel() turns into *result.
 */
typedef struct FunctionCall {
    Oid function;        /* pg_proc oid */
    List *args;          /* list of Expr, converted */
    Oid pg_result;       /* what the node yields */
    SqlType result;      /* what T-SQL says it is */
    Oid input_collation; /* inputcollid of the node */
} FunctionCall;
FunctionCall sql_function_resolve(const SqlFunction *function, List *args, const SqlType *types);

/* Wraps the node in a RelabelType when its PostgreSQL type is not yet that of call->result. */
Expr *sql_function_relabel(Expr *node, const FunctionCall *call);

/* Next function of the table for documentation and tests: index from 0; NULL after the last. */
const SqlFunction *sql_function_at(int index);
