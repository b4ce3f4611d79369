/*
 * The string types (char, varchar, text, nchar, nvarchar, ntext) as PostgreSQL sees them: UTF-8
 * varlenas with T-SQL's comparison. Input and output are text's own; the operators are declared on
 * nvarchar, to which the others are binary-coercible.
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "errors/errors.h"
#include "fmgr.h"
#include "pgcompat/base.h"
#include "types/codepage.h"
#include "types/collator.h"
#include "types/comparison.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/sortsupport.h"

PG_FUNCTION_INFO_V1(sql_length_typmod_in);
PG_FUNCTION_INFO_V1(sql_length_typmod_out);
PG_FUNCTION_INFO_V1(sql_string_hash);
PG_FUNCTION_INFO_V1(sql_string_hash_extended);
PG_FUNCTION_INFO_V1(sql_string_concat);
PG_FUNCTION_INFO_V1(sql_string_sortsupport);

Datum
sql_length_typmod_in(PG_FUNCTION_ARGS)
{
    int count;
    int32 *values = ArrayGetIntegerTypmods(PG_GETARG_ARRAYTYPE_P(0), &count);

    if (count != 1 || values[0] < 1)
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("invalid length")));
    PG_RETURN_INT32(values[0]);
}

Datum
sql_length_typmod_out(PG_FUNCTION_ARGS)
{
    int32 typmod = PG_GETARG_INT32(0);

    if (typmod < 0)
        PG_RETURN_CSTRING(pstrdup(""));
    PG_RETURN_CSTRING(psprintf("(%d)", typmod));
}

static int
compare_strings(FunctionCallInfo fcinfo)
{
    text *a = PG_GETARG_TEXT_PP(0);
    text *b = PG_GETARG_TEXT_PP(1);
    int result = collator_compare(collator_get(PG_GET_COLLATION()), VARDATA_ANY(a),
                                  VARSIZE_ANY_EXHDR(a), VARDATA_ANY(b), VARSIZE_ANY_EXHDR(b));

    PG_FREE_IF_COPY(a, 0);
    PG_FREE_IF_COPY(b, 1);
    return result;
}

DEFINE_COMPARISON(sql_string_eq, compare_strings, ==)
DEFINE_COMPARISON(sql_string_ne, compare_strings, !=)
DEFINE_COMPARISON(sql_string_lt, compare_strings, <)
DEFINE_COMPARISON(sql_string_le, compare_strings, <=)
DEFINE_COMPARISON(sql_string_gt, compare_strings, >)
DEFINE_COMPARISON(sql_string_ge, compare_strings, >=)

PG_FUNCTION_INFO_V1(sql_string_cmp);
Datum
sql_string_cmp(PG_FUNCTION_ARGS)
{
    PG_RETURN_INT32(compare_strings(fcinfo));
}

/* The arguments outlive the comparison here: they must not be freed. */
static int
compare_kept_strings(FunctionCallInfo fcinfo)
{
    text *a = PG_GETARG_TEXT_PP(0);
    text *b = PG_GETARG_TEXT_PP(1);

    return collator_compare(collator_get(PG_GET_COLLATION()), VARDATA_ANY(a), VARSIZE_ANY_EXHDR(a),
                            VARDATA_ANY(b), VARSIZE_ANY_EXHDR(b));
}

PG_FUNCTION_INFO_V1(sql_string_larger);
Datum
sql_string_larger(PG_FUNCTION_ARGS)
{
    PG_RETURN_DATUM(compare_kept_strings(fcinfo) >= 0 ? PG_GETARG_DATUM(0) : PG_GETARG_DATUM(1));
}

PG_FUNCTION_INFO_V1(sql_string_smaller);
Datum
sql_string_smaller(PG_FUNCTION_ARGS)
{
    PG_RETURN_DATUM(compare_kept_strings(fcinfo) <= 0 ? PG_GETARG_DATUM(0) : PG_GETARG_DATUM(1));
}

static int
sort_compare(Datum x, Datum y, SortSupport support)
{
    text *a = DatumGetTextPP(x);
    text *b = DatumGetTextPP(y);
    int result = collator_compare(support->ssup_extra, VARDATA_ANY(a), VARSIZE_ANY_EXHDR(a),
                                  VARDATA_ANY(b), VARSIZE_ANY_EXHDR(b));

    if ((Pointer) a != DatumGetPointer(x))
        pfree(a);
    if ((Pointer) b != DatumGetPointer(y))
        pfree(b);
    return result;
}

Datum
sql_string_sortsupport(PG_FUNCTION_ARGS)
{
    SortSupport support = (SortSupport) PG_GETARG_POINTER(0);

    support->ssup_extra = unconstify(Collator *, collator_get(support->ssup_collation));
    support->comparator = sort_compare;
    PG_RETURN_VOID();
}

Datum
sql_string_hash(PG_FUNCTION_ARGS)
{
    text *string = PG_GETARG_TEXT_PP(0);
    uint64 hash = collator_hash(collator_get(PG_GET_COLLATION()), VARDATA_ANY(string),
                                VARSIZE_ANY_EXHDR(string), 0);

    PG_FREE_IF_COPY(string, 0);
    PG_RETURN_UINT32(murmurhash32((uint32) (hash ^ hash >> 32)));
}

Datum
sql_string_hash_extended(PG_FUNCTION_ARGS)
{
    text *string = PG_GETARG_TEXT_PP(0);
    uint64 hash = collator_hash(collator_get(PG_GET_COLLATION()), VARDATA_ANY(string),
                                VARSIZE_ANY_EXHDR(string), (uint64) PG_GETARG_INT64(1));

    PG_FREE_IF_COPY(string, 0);
    PG_RETURN_UINT64(hash);
}

Datum
sql_string_concat(PG_FUNCTION_ARGS)
{
    text *a = PG_GETARG_TEXT_PP(0);
    text *b = PG_GETARG_TEXT_PP(1);
    int a_length = VARSIZE_ANY_EXHDR(a);
    int b_length = VARSIZE_ANY_EXHDR(b);
    text *result = palloc((Size) a_length + b_length + VARHDRSZ);

    SET_VARSIZE(result, a_length + b_length + VARHDRSZ);
    memcpy(VARDATA(result), VARDATA_ANY(a), a_length);
    memcpy(VARDATA(result) + a_length, VARDATA_ANY(b), b_length);
    PG_RETURN_TEXT_P(result);
}
