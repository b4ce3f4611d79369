/*
 * Conversions: implicit ones and their errors, CAST, CONVERT, PARSE, COLLATE, AT TIME ZONE, the
 * conversion of values to a table's columns.
 */
#include "postgres.h"

#include "bind/bind_internal.h"

#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "pgcompat/base.h"

pg_noreturn static void
conversion_refused(const BoundExpr *expr, const SqlType *to, ConversionKind kind)
{
    const char *from_name = sql_type_info(expr->type.id)->name;
    const char *to_name = sql_type_info(to->id)->name;

    binder_set_line(expr->node);
    if (kind == CONVERSION_EXPLICIT || kind == CONVERSION_TRY)
        tsql_error(ERR_529, from_name, to_name);
    if (sql_conversion_exists(&expr->type, to, CONVERSION_EXPLICIT))
        tsql_error(ERR_257, from_name, to_name);
    tsql_error(ERR_206, from_name, to_name);
}

/* A string type without a collation takes that of the value, or the database's. */
static SqlType
complete_collation(Binder *binder, const BoundExpr *expr, const SqlType *to)
{
    SqlType type = *to;

    if (sql_type_is_string(type.id) && !OidIsValid(type.collation))
        type.collation =
            OidIsValid(expr->type.collation) ? expr->type.collation : binder->collation;
    return type;
}

static Expr *
convert_styled(Binder *binder, BoundExpr expr, const SqlType *to, ConversionKind kind, Expr *style)
{
    SqlType type = complete_collation(binder, &expr, to);

    if (expr.type.id == SQL_UNKNOWN)
        return (Expr *) sql_const_null(&type);
    if (!sql_conversion_exists(&expr.type, &type, kind))
        conversion_refused(&expr, &type, kind);
    return sql_conversion_build(expr.expr, &expr.type, &type, kind, style);
}

Expr *
bind_convert(Binder *binder, BoundExpr expr, const SqlType *to, ConversionKind kind)
{
    return convert_styled(binder, expr, to, kind, NULL);
}

BoundExpr
bind_converted(Binder *binder, BoundExpr expr, const SqlType *to, ConversionKind kind)
{
    BoundExpr result = expr;

    result.type = complete_collation(binder, &expr, to);
    result.expr = bind_convert(binder, expr, &result.type, kind);
    if (!sql_type_equal(&expr.type, &result.type))
        result.column = NULL;
    if (!OidIsValid(result.type.collation))
        result.label = COLLATION_NONE;
    else if (result.label == COLLATION_NONE)
        result.label = COLLATION_COERCIBLE;
    if (kind == CONVERSION_TRY)
        result.nullable = true;
    return result;
}

/* ---- CAST and its kin ---- */

/* PARSE's operand as the text that the conversion to the type reads, whatever the culture. */
static BoundExpr
parse_operand(Binder *binder, const AstConvert *convert, BoundExpr operand, const SqlType *type)
{
    const char *function = convert->is_try ? "try_parse" : "parse";
    SqlType text = sql_type_string(SQL_NVARCHAR, 4000, binder->collation);
    Expr *culture = bind_text_const("", &text);
    List *args;

    binder_set_line(&convert->node);
    if (type->id == SQL_BIT ||
        (!sql_type_is_number(type->id) && sql_type_info(type->id)->category != 'T'))
        tsql_error(ERR_10761, sql_type_info(type->id)->name, function);
    if (operand.type.id == SQL_UNKNOWN || !sql_type_is_string(operand.type.id))
        tsql_error(ERR_8116,
                   operand.type.id == SQL_UNKNOWN ? "NULL" : sql_type_info(operand.type.id)->name,
                   1, function);
    if (convert->style)
        culture =
            bind_convert(binder, bind_expr(binder, convert->style), &text, CONVERSION_IMPLICIT);
    args = list_make5(bind_convert(binder, operand, &text, CONVERSION_IMPLICIT), culture,
                      bind_int_const(type->id), bind_int_const(sql_type_typmod(type)),
                      bind_bool_const(convert->is_try));
    return bound_make(bind_call("parse", &text, args, binder->collation), text, true,
                      COLLATION_COERCIBLE);
}

BoundExpr
bind_cast(Binder *binder, const AstConvert *convert)
{
    SqlType type = bind_type_sized(convert->type, NULL, binder->context, NULL, 30);
    BoundExpr operand, result;
    ConversionKind kind = convert->is_try ? CONVERSION_TRY : CONVERSION_EXPLICIT;
    Expr *style = NULL;

    operand = convert->operand->kind == AST_VARIABLE ? bind_wanted(binder, convert->operand, &type)
                                                     : bind_expr(binder, convert->operand);
    if (convert->style && convert->form == CONVERT_CONVERT) {
        SqlType as_int = sql_type_make(SQL_INT);

        style =
            bind_convert(binder, bind_expr(binder, convert->style), &as_int, CONVERSION_IMPLICIT);
    }
    if (convert->form == CONVERT_PARSE)
        operand = parse_operand(binder, convert, operand, &type);
    if (sql_type_is_string(type.id))
        type.collation =
            OidIsValid(operand.type.collation) ? operand.type.collation : binder->collation;
    operand.node = &convert->node;
    result = bound_make(convert_styled(binder, operand, &type, kind, style), type,
                        operand.nullable || convert->is_try, COLLATION_COERCIBLE);
    if (operand.label > COLLATION_COERCIBLE && OidIsValid(type.collation))
        result.label = operand.label;
    result.node = &convert->node;
    return result;
}

BoundExpr
bind_collate(Binder *binder, const AstCollate *collate)
{
    BoundExpr operand = bind_expr(binder, collate->operand);
    Oid oid = binder->collation;

    binder_set_line(&collate->node);
    if (pg_strcasecmp(collate->collation, "database_default") != 0 &&
        pg_strcasecmp(collate->collation, "catalog_default") != 0) {
        const SqlCollation *collation = sql_collation_by_name(collate->collation);

        if (!collation)
            tsql_error(ERR_448, collate->collation);
        oid = collation->oid;
    }
    if (operand.type.id == SQL_UNKNOWN) {
        SqlType type = sql_type_string(SQL_VARCHAR, 1, oid);

        operand = bind_converted(binder, operand, &type, CONVERSION_IMPLICIT);
    }
    if (!sql_type_is_string(operand.type.id))
        tsql_error(ERR_447, sql_type_info(operand.type.id)->name);
    operand.type.collation = oid;
    if (IsA(operand.expr, Const)) {
        Const *copy = copyObject((Const *) operand.expr);

        copy->constcollid = oid;
        operand.expr = (Expr *) copy;
    } else {
        operand.expr =
            (Expr *) makeRelabelType(operand.expr, exprType((Node *) operand.expr),
                                     exprTypmod((Node *) operand.expr), oid, COERCE_EXPLICIT_CAST);
    }
    operand.label = COLLATION_EXPLICIT;
    operand.column = NULL;
    operand.node = &collate->node;
    return operand;
}

BoundExpr
bind_at_time_zone(Binder *binder, const AstBinary *binary)
{
    BoundExpr value = bind_expr(binder, binary->left);
    BoundExpr zone = bind_expr(binder, binary->right);
    SqlType name = sql_type_string(SQL_NVARCHAR, 4000, binder->collation);
    SqlType moment, result;
    bool offset = value.type.id == SQL_DATETIMEOFFSET;
    int scale = value.type.id == SQL_DATETIME        ? 3
                : value.type.id == SQL_SMALLDATETIME ? 0
                : value.type.id == SQL_UNKNOWN       ? 7
                                                     : value.type.scale;

    binder_set_line(&binary->node);
    if (value.type.id != SQL_UNKNOWN && !offset && value.type.id != SQL_DATETIME2 &&
        value.type.id != SQL_DATETIME && value.type.id != SQL_SMALLDATETIME)
        tsql_error(ERR_8116, sql_type_info(value.type.id)->name, 1, "AT TIME ZONE");
    moment = sql_type_time(offset ? SQL_DATETIMEOFFSET : SQL_DATETIME2, scale);
    result = sql_type_time(SQL_DATETIMEOFFSET, scale);
    return bound_make(
        bind_call("at_time_zone", &result,
                  list_make2(bind_convert(binder, value, &moment, CONVERSION_IMPLICIT),
                             bind_convert(binder, zone, &name, CONVERSION_IMPLICIT)),
                  binder->collation),
        result, true, COLLATION_NONE);
}

/* ---- values for columns ---- */

Expr *
bind_assignment_convert(Binder *binder,
                        BoundExpr expr,
                        const CatalogRelation *relation,
                        const CatalogColumn *column)
{
    if (expr.type.id == SQL_UNKNOWN)
        return (Expr *) sql_const_null(&column->type);
    if (!sql_conversion_exists(&expr.type, &column->type, CONVERSION_ASSIGN))
        conversion_refused(&expr, &column->type, CONVERSION_ASSIGN);
    return sql_conversion_assign_column(expr.expr, &expr.type, &column->type,
                                        relation->object.relation, column->attnum);
}

Expr *
bind_assignment_value(Binder *binder,
                      const AstNode *node,
                      const CatalogRelation *relation,
                      const CatalogColumn *column)
{
    BoundExpr value = bind_wanted(binder, node, &column->type);

    return bind_assignment_convert(binder, value, relation, column);
}
