/*
 * Which conversions exist, and the expressions that perform them. A conversion that changes nothing
 * is the expression itself or a RelabelType; the rest are calls of sys.to_<type>(value, typmod,
 * style, mode), folded here when the value is a constant.
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "errors/errors.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "parser/parse_func.h"
#include "types/codepage.h"
#include "types/conversion.h"
#include "types/convert_mode.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

static const char *const matrix[SQL_TYPE_COUNT] = {
#define CONVERSIONS(from, to) [from] = to,
#include "types/conversions.def"
#undef CONVERSIONS
};

bool
sql_conversion_exists(const SqlType *from, const SqlType *to, ConversionKind kind)
{
    const char *row;
    int column = 1;

    if (from->id == SQL_UNKNOWN || from->id == to->id)
        return true;
    row = matrix[from->id];
    for (; row != NULL && *row != '\0'; row++) {
        if (*row == ' ')
            continue;
        if (column++ == (int) to->id)
            return *row == 'I' ||
                   (*row == 'E' && (kind == CONVERSION_EXPLICIT || kind == CONVERSION_TRY));
    }
    return false;
}

static bool
is_sized(SqlTypeId id)
{
    switch (id) {
    case SQL_CHAR:
    case SQL_VARCHAR:
    case SQL_NCHAR:
    case SQL_NVARCHAR:
    case SQL_SYSNAME:
    case SQL_BINARY:
    case SQL_VARBINARY:
        return true;
    default:
        return false;
    }
}

/* Whether every value of `from` is, bit for bit, a value of `to`. */
static bool
changes_nothing(const SqlType *from, const SqlType *to)
{
    char from_category = sql_type_info(from->id)->category;
    char to_category = sql_type_info(to->id)->category;
    bool shorter_ok;

    if (sql_type_oid(from->id) == sql_type_oid(to->id) && !is_sized(to->id)) {
        if (to_category == 'D' && (to->id == SQL_DECIMAL || to->id == SQL_NUMERIC))
            return from->scale == to->scale && from->precision <= to->precision;
        if (to_category == 'T')
            return from->scale <= to->scale;
        return to_category != 'S' || from->collation == to->collation;
    }
    shorter_ok = to->length < 0 || (from->length >= 0 && from->length <= to->length);
    if (from_category == 'B' && to_category == 'B' && to->id != SQL_ROWVERSION &&
        from->id != SQL_ROWVERSION)
        return shorter_ok &&
               (to->id != SQL_BINARY || (from->id == SQL_BINARY && from->length == to->length));
    if (!sql_type_is_string(from->id) || !sql_type_is_string(to->id) || !shorter_ok)
        return false;
    if ((to->id == SQL_CHAR || to->id == SQL_NCHAR) &&
        (from->length != to->length || (from->id != SQL_CHAR && from->id != SQL_NCHAR)))
        return false;
    if (to_category == 'N')
        /* A char of n bytes may have fewer than n units in a nchar of n. */
        return from_category == 'N' || to->id != SQL_NCHAR;
    if (from_category == 'N')
        return false;
    {
        const SqlCollation *a = sql_collation(from->collation);
        const SqlCollation *b = sql_collation(to->collation);

        return from->collation == to->collation ||
               (a != NULL && b != NULL && a->code_page == b->code_page);
    }
}

static Expr *
relabel(Expr *expr, const SqlType *to)
{
    Oid type = sql_type_oid(to->id);
    int32 typmod = sql_type_typmod(to);

    if (exprType((Node *) expr) == type && exprTypmod((Node *) expr) == typmod &&
        exprCollation((Node *) expr) == to->collation)
        return expr;
    if (IsA(expr, Const)) {
        Const *constant = (Const *) copyObject(expr);

        constant->consttype = type;
        constant->consttypmod = typmod;
        constant->constcollid = to->collation;
        return (Expr *) constant;
    }
    /* One label is enough. */
    while (IsA(expr, RelabelType) && ((RelabelType *) expr)->relabelformat == COERCE_IMPLICIT_CAST)
        expr = ((RelabelType *) expr)->arg;
    return (Expr *) makeRelabelType(expr, type, typmod, to->collation, COERCE_IMPLICIT_CAST);
}

static Const *
int4_const(int32 value)
{
    return makeConst(INT4OID, -1, InvalidOid, 4, Int32GetDatum(value), false, true);
}

static const char *
converter_name(SqlTypeId to)
{
    return psprintf("to_%s", sql_type_info(to)->pg_name);
}

static Oid
converter_oid(SqlTypeId from, SqlTypeId to)
{
    static Oid cache[SQL_TYPE_COUNT][SQL_TYPE_COUNT];
    Oid arguments[4] = {sql_type_oid(from), INT4OID, INT4OID, INT4OID};

    if (!OidIsValid(cache[from][to]))
        cache[from][to] =
            LookupFuncName(list_make2(makeString("sys"), makeString((char *) converter_name(to))),
                           4, arguments, false);
    return cache[from][to];
}

/* A volatile identity: the planner must not compute a conversion that will raise its error. */
static Expr *
at_run_time(Expr *value)
{
    static Oid function;
    Oid argument = INT4OID;

    if (!OidIsValid(function))
        function = LookupFuncName(list_make2(makeString("sys"), makeString("at_run_time")), 1,
                                  &argument, false);
    return (Expr *) makeFuncExpr(function, INT4OID, list_make1(value), InvalidOid, InvalidOid,
                                 COERCE_EXPLICIT_CALL);
}

/* A literal converted now, unless that fails (the error belongs to run time) or depends on the
 * session. NULL when it must be left. */
static Expr *
fold_constant(
    const Const *constant, const SqlType *from, const SqlType *to, ConversionKind kind, int style)
{
    Conversion conversion = {.from = *from, .to = *to, .kind = CONVERSION_TRY, .style = style};
    Datum value;

    if (constant->constisnull)
        return (Expr *) sql_const_null(to);
    value = convert_value(&conversion, constant->constvalue);
    if (conversion.session_dependent || (conversion.failed && kind != CONVERSION_TRY))
        return NULL;
    if (conversion.failed)
        return (Expr *) sql_const_null(to);
    {
        Const *result = sql_const_null(to);

        result->constisnull = false;
        result->constvalue = value;
        return (Expr *) result;
    }
}

Expr *
sql_conversion_build(
    Expr *expr, const SqlType *from, const SqlType *to, ConversionKind kind, Expr *style)
{
    Oid collation = OidIsValid(to->collation) ? to->collation : from->collation;
    FuncExpr *call;
    Expr *mode;
    bool fails = false;

    if (from->id == SQL_UNKNOWN || (IsA(expr, Const) && ((Const *) expr)->constisnull))
        return IsA(expr, Const) ? (Expr *) sql_const_null(to) : relabel(expr, to);
    if (style == NULL && changes_nothing(from, to))
        return relabel(expr, to);
    if (IsA(expr, Const) && (style == NULL || IsA(style, Const)) && from->id != SQL_VARIANT) {
        bool style_null = style != NULL && ((Const *) style)->constisnull;
        Expr *folded =
            style_null ? (Expr *) sql_const_null(to)
                       : fold_constant((Const *) expr, from, to, kind,
                                       style != NULL ? DatumGetInt32(((Const *) style)->constvalue)
                                                     : CONVERSION_NO_STYLE);

        if (folded != NULL)
            return folded;
        fails = true;
    }
    mode = (Expr *) int4_const(MODE_MAKE(kind, from->id, to->id, from->scale, from->precision));
    if (fails)
        mode = at_run_time(mode);
    call = makeFuncExpr(
        converter_oid(from->id, to->id), sql_type_oid(to->id),
        list_make4(expr, int4_const(sql_type_typmod(to)),
                   style != NULL ? (Node *) style : (Node *) int4_const(CONVERSION_NO_STYLE), mode),
        to->collation, collation, COERCE_EXPLICIT_CALL);
    if (sql_type_typmod(to) == -1)
        return (Expr *) call;
    /* Functions have no typmod of their own: the label carries it. */
    return (Expr *) makeRelabelType((Expr *) call, sql_type_oid(to->id), sql_type_typmod(to),
                                    to->collation, COERCE_IMPLICIT_CAST);
}

Datum
sql_convert_datum(Datum value,
                  bool is_null,
                  const SqlType *from,
                  const SqlType *to,
                  ConversionKind kind,
                  int style,
                  bool *result_is_null)
{
    Conversion conversion = {
        .from = *from, .to = *to, .kind = kind, .style = style == 0 ? CONVERSION_NO_STYLE : style};
    Datum result;

    *result_is_null = is_null || from->id == SQL_UNKNOWN;
    if (*result_is_null)
        return (Datum) 0;
    if (changes_nothing(from, to))
        return value;
    /* parameters and bulk loads bring any type; no binder has looked at them */
    if (!sql_conversion_exists(from, to, kind))
        tsql_error(ERR_206, conversion_type_name(from->id), conversion_type_name(to->id));
    result = convert_value(&conversion, value);
    *result_is_null = conversion.failed;
    return result;
}

/* ---- columns ---- */

PG_FUNCTION_INFO_V1(sql_fit_column);

static void
raise_truncation(Oid relation, int32 column, const char *value, size_t length, int limit)
{
    ErrorColumn names =
        tsql_error_column(get_namespace_name(get_rel_namespace(relation)), get_rel_name(relation),
                          get_attname(relation, column, true));

    tsql_error(ERR_2628, names.table, names.column,
               pnstrdup(value, utf16_prefix(value, length, limit)));
}

/*
 * sys.fit_column(value, typmod int4, relation oid, column int4, type int4): raises 2628 when the
 * value is longer than the column (blanks at the end of a string do not count), else cuts and pads.
 */
Datum
sql_fit_column(PG_FUNCTION_ARGS)
{
    Conversion conversion = {.kind = CONVERSION_ASSIGN, .style = CONVERSION_NO_STYLE};
    SqlTypeId id = (SqlTypeId) PG_GETARG_INT32(4);
    size_t length;
    const char *bytes = string_bytes(PG_GETARG_DATUM(0), &length);
    int32 limit = PG_GETARG_INT32(1);
    size_t kept;
    char category = sql_type_info(id)->category;

    conversion.to = sql_type_string(id, limit, PG_GET_COLLATION());
    conversion.from = conversion.to;
    conversion.from.id = category == 'B' ? SQL_VARBINARY : conversion.to.id;
    if (limit >= 0 && length > (size_t) limit) {
        const SqlCollation *collation = sql_collation(PG_GET_COLLATION());

        if (category == 'B')
            kept = limit;
        else if (category == 'N')
            kept = utf16_prefix(bytes, length, limit);
        else
            kept = code_page_prefix(bytes, length, collation != NULL ? collation->code_page : 1252,
                                    limit);
        for (size_t i = kept; i < length; i++)
            if (bytes[i] != (category == 'B' ? '\0' : ' ') || category == 'B')
                raise_truncation((Oid) PG_GETARG_OID(2), PG_GETARG_INT32(3),
                                 category == 'B' ? "" : bytes, category == 'B' ? 0 : length, limit);
    }
    if (category == 'B')
        return convert_to_binary(&conversion, PG_GETARG_DATUM(0));
    return string_datum_fit(&conversion, bytes, length);
}

static Oid
fit_column_oid(SqlTypeId id)
{
    Oid arguments[5] = {sql_type_info(id)->category == 'B' ? sql_type_oid(SQL_VARBINARY)
                                                           : sql_type_oid(SQL_NVARCHAR),
                        INT4OID, OIDOID, INT4OID, INT4OID};

    return LookupFuncName(list_make2(makeString("sys"), makeString("fit_column")), 5, arguments,
                          false);
}

/* A constant that certainly fits the column needs no check. */
static bool
constant_fits(const Const *constant, const SqlType *to)
{
    size_t length;

    if (to->id == SQL_CHAR || to->id == SQL_NCHAR || to->id == SQL_BINARY)
        return false;
    string_bytes(constant->constvalue, &length);
    return length <= (size_t) to->length;
}

Expr *
sql_conversion_assign_column(
    Expr *expr, const SqlType *from, const SqlType *to, Oid relation, AttrNumber attnum)
{
    SqlType wide = *to;
    FuncExpr *call;
    Oid base;

    if (from->id == SQL_UNKNOWN || !is_sized(to->id) || to->length < 0 ||
        changes_nothing(from, to) ||
        (!sql_type_is_string(from->id) && sql_type_info(from->id)->category != 'B'))
        return sql_conversion_build(expr, from, to, CONVERSION_ASSIGN, NULL);
    /* First the type without its limit, then the limit with its own error. */
    wide.length = -1;
    if (wide.id == SQL_CHAR)
        wide.id = SQL_VARCHAR;
    else if (wide.id == SQL_NCHAR)
        wide.id = SQL_NVARCHAR;
    else if (wide.id == SQL_BINARY)
        wide.id = SQL_VARBINARY;
    expr = sql_conversion_build(expr, from, &wide, CONVERSION_ASSIGN, NULL);
    if (IsA(expr, Const) && (((Const *) expr)->constisnull || constant_fits((Const *) expr, to)))
        return relabel(expr, to);
    base = sql_type_info(to->id)->category == 'B' ? sql_type_oid(SQL_VARBINARY)
                                                  : sql_type_oid(SQL_NVARCHAR);
    call = makeFuncExpr(
        fit_column_oid(to->id), base,
        list_make5(expr, int4_const(sql_type_typmod(to)),
                   makeConst(OIDOID, -1, InvalidOid, 4, ObjectIdGetDatum(relation), false, true),
                   int4_const(attnum), int4_const(to->id)),
        to->collation, to->collation, COERCE_EXPLICIT_CALL);
    return (Expr *) makeRelabelType((Expr *) call, sql_type_oid(to->id), sql_type_typmod(to),
                                    to->collation, COERCE_IMPLICIT_CAST);
}

/* ---- constants ---- */

Const *
sql_const_null(const SqlType *type)
{
    int16 length;
    bool by_value;
    Oid oid = sql_type_oid(type->id);

    get_typlenbyval(oid, &length, &by_value);
    return makeConst(oid, sql_type_typmod(type), type->collation, length, (Datum) 0, true,
                     by_value);
}

Const *
sql_const_from_text(const char *string, size_t length, const SqlType *type)
{
    SqlType from = sql_type_string(
        SQL_VARCHAR, -1, OidIsValid(type->collation) ? type->collation : sql_collation_default());
    Conversion conversion = {
        .from = from, .to = *type, .kind = CONVERSION_EXPLICIT, .style = CONVERSION_NO_STYLE};
    Const *result = sql_const_null(type);

    /* Text of a national or binary literal is not a varchar. */
    if (sql_type_is_string(type->id))
        conversion.from.id = type->id;
    if (sql_type_info(type->id)->category == 'B' && length >= 2 && string[0] == '0' &&
        (string[1] | 0x20) == 'x')
        conversion.style = 1;
    result->constvalue =
        convert_value(&conversion, PointerGetDatum(cstring_to_text_with_len(string, (int) length)));
    result->constisnull = false;
    return result;
}
