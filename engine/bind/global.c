/*
 * The @@functions: the binder's look-up in global.def, and the PostgreSQL functions of schema sys
 * that read them from the session. Also the functions that bound queries call for themselves:
 * the recursion limit, TOP PERCENT, and what must wait for the sort.
 */
#include "postgres.h"

#include "bind/bind_internal.h"

#include <math.h>
#include <unistd.h>

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "commands/sequence.h"
#include "fmgr.h"
#include "nodes/makefuncs.h"
#include "pgcompat/base.h"
#include "types/decimal.h"
#include "utils/builtins.h"
#include "utils/formatting.h"
#include "utils/lsyscache.h"

/* ---- look-up ---- */

typedef struct Global {
    const char *name;
    const char *function;
    SqlTypeId type;
} Global;

static const Global globals[] = {
#define GLOBAL(name, suffix, type, ctype, expr) {name, "global_" #suffix, type},
#include "global.def"
#undef GLOBAL
};

static SqlType
global_type(const Binder *binder, SqlTypeId id)
{
    switch (id) {
    case SQL_NVARCHAR:
        return sql_type_string(SQL_NVARCHAR, 4000, binder->collation);
    case SQL_VARBINARY:
        return sql_type_binary(SQL_VARBINARY, 8);
    case SQL_DECIMAL:
        return sql_type_decimal(38, 0);
    default:
        return sql_type_make(id);
    }
}

BoundExpr
bind_global_variable(Binder *binder, const AstVariable *variable)
{
    for (int i = 0; i < (int) lengthof(globals); i++) {
        SqlType type;
        BoundExpr result;

        if (pg_strcasecmp(globals[i].name, variable->name) != 0)
            continue;
        type = global_type(binder, globals[i].type);
        result = bound_make(bind_call(globals[i].function, &type, NIL, InvalidOid), type, true,
                            COLLATION_COERCIBLE);
        result.node = &variable->node;
        return result;
    }
    binder_set_line(&variable->node);
    tsql_error(ERR_137, variable->name);
}

/* ---- values ---- */

static const char *
global_server_name(void)
{
    static char name[256];

    if (!name[0] && gethostname(name, sizeof(name) - 1) != 0)
        strlcpy(name, "casement", sizeof(name));
    return asc_toupper(name, strlen(name));
}

static const char *
global_version(void)
{
    return "Microsoft SQL Server 2022 (RTM) - 16.0.1000.6 (X64) \n\tCasement 0.1 on Linux";
}

/* @@OPTIONS' bits, as the user options page has them. */
static int32
global_options(void)
{
    static const struct {
        uint32 option;
        int32 bit;
    } bits[] = {
        {OPTION_IMPLICIT_TRANSACTIONS, 2},
        {OPTION_CURSOR_CLOSE_ON_COMMIT, 4},
        {OPTION_ANSI_WARNINGS, 8},
        {OPTION_ANSI_PADDING, 16},
        {OPTION_ANSI_NULLS, 32},
        {OPTION_ARITHABORT, 64},
        {OPTION_ARITHIGNORE, 128},
        {OPTION_QUOTED_IDENTIFIER, 256},
        {OPTION_NOCOUNT, 512},
        {OPTION_ANSI_NULL_DFLT_ON, 1024},
        {OPTION_CONCAT_NULL_YIELDS_NULL, 4096},
        {OPTION_NUMERIC_ROUNDABORT, 8192},
        {OPTION_XACT_ABORT, 16384},
    };
    int32 result = 0;

    for (int i = 0; i < (int) lengthof(bits); i++)
        if (session_context->options & bits[i].option)
            result |= bits[i].bit;
    return result;
}

static Datum
return_identity(FunctionCallInfo fcinfo)
{
    Decimal value;

    if (!session_context->identity_valid)
        PG_RETURN_NULL();
    value = decimal_from_int64(session_context->identity);
    return decimal_put(&value);
}

static Oid
rowversion_sequence(void)
{
    return get_relname_relid("rowversion", get_namespace_oid("casement", false));
}

/* The last row version used, as eight bytes. */
static Datum
return_dbts(FunctionCallInfo fcinfo)
{
    bytea *result = palloc0(VARHDRSZ + 8);
    uint64 version = (uint64) DatumGetInt64(
        DirectFunctionCall1(pg_sequence_last_value, ObjectIdGetDatum(rowversion_sequence())));

    SET_VARSIZE(result, VARHDRSZ + 8);
    for (int i = 0; i < 8; i++)
        VARDATA(result)[i] = (char) (version >> (56 - 8 * i));
    PG_RETURN_BYTEA_P(result);
}

static Datum
return_text(FunctionCallInfo fcinfo, const char *text)
{
    if (!text)
        PG_RETURN_NULL();
    PG_RETURN_TEXT_P(cstring_to_text(text));
}

#define RETURN_int(expr) PG_RETURN_INT32(expr)
#define RETURN_smallint(expr) PG_RETURN_INT16(expr)
#define RETURN_tinyint(expr) return UInt8GetDatum(expr)
#define RETURN_text(expr) return return_text(fcinfo, expr)
#define RETURN_identity(expr) return return_identity(fcinfo)
#define RETURN_dbts(expr) return return_dbts(fcinfo)

#define GLOBAL(name, suffix, type, ctype, expr)                                                    \
    PG_FUNCTION_INFO_V1(casement_global_##suffix);                                                 \
    Datum casement_global_##suffix(PG_FUNCTION_ARGS)                                               \
    {                                                                                              \
        RETURN_##ctype(expr);                                                                      \
    }
#include "global.def"
#undef GLOBAL

/* ---- for the binder's own rewriting ---- */

PG_FUNCTION_INFO_V1(casement_next_rowversion);
PG_FUNCTION_INFO_V1(casement_next_recursion);
PG_FUNCTION_INFO_V1(casement_top_percent_rows);
PG_FUNCTION_INFO_V1(casement_after_sort);

/* next_rowversion(): one counter for the instance. */
Datum
casement_next_rowversion(PG_FUNCTION_ARGS)
{
    PG_RETURN_INT64(nextval_internal(rowversion_sequence(), false));
}

/* next_recursion(level, limit): level + 1, error 530 beyond the limit (0: none). */
Datum
casement_next_recursion(PG_FUNCTION_ARGS)
{
    int32 level = PG_GETARG_INT32(0), limit = PG_GETARG_INT32(1);

    if (limit > 0 && level >= limit)
        tsql_error(ERR_530, limit);
    PG_RETURN_INT32(level + 1);
}

/* top_percent_rows(percent, rows): the rows that TOP (percent) PERCENT keeps, rounded up. */
Datum
casement_top_percent_rows(PG_FUNCTION_ARGS)
{
    double percent = PG_GETARG_FLOAT8(0);
    int64 rows = PG_GETARG_INT64(1);

    if (percent < 0 || percent > 100)
        tsql_error(ERR_1031);
    PG_RETURN_INT64((int64) ceil(percent * (double) rows / 100.0));
}

/* after_sort(value): the value; being volatile, it is computed when the rows are in order. */
Datum
casement_after_sort(PG_FUNCTION_ARGS)
{
    if (PG_ARGISNULL(0))
        PG_RETURN_NULL();
    PG_RETURN_DATUM(PG_GETARG_DATUM(0));
}
