/*
 * CASE and the functions that are written as one: ISNULL, COALESCE, NULLIF, IIF, CHOOSE, GREATEST,
 * LEAST. Branches meet in one type by precedence, except for ISNULL, which has its first
 * argument's.
 */
#include "postgres.h"

#include "bind/bind_internal.h"

#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"

/* The type in which `items` meet; false when all are NULL. */
bool
bind_common_type(Binder *binder,
                 const BoundExpr *items,
                 int count,
                 const char *operation,
                 SqlType *type,
                 CollationLabel *label)
{
    BoundExpr so_far = {0};
    bool found = false;

    for (int i = 0; i < count; i++) {
        if (items[i].type.id == SQL_UNKNOWN)
            continue;
        if (!found) {
            so_far = items[i];
            found = true;
            continue;
        }
        if (sql_type_is_string(so_far.type.id) && sql_type_is_string(items[i].type.id)) {
            CollationLabel combined;
            Oid oid = bind_collation(binder, &so_far, &items[i], &combined, operation, false);

            so_far.type = sql_common_type(&so_far.type, &items[i].type);
            so_far.type.collation = oid;
            so_far.label = combined;
        } else {
            Oid collation =
                OidIsValid(so_far.type.collation) ? so_far.type.collation : items[i].type.collation;

            so_far.type = sql_common_type(&so_far.type, &items[i].type);
            if (sql_type_is_string(so_far.type.id))
                so_far.type.collation = collation;
            so_far.label = Max(so_far.label, items[i].label);
        }
    }
    *type = so_far.type;
    if (!sql_type_equal(&so_far.type, type))
        type->user_type = 0;
    *label = OidIsValid(type->collation) ? so_far.label : COLLATION_NONE;
    return found;
}

static void
convert_all(Binder *binder, BoundExpr *items, int count, const SqlType *type)
{
    for (int i = 0; i < count; i++)
        items[i] = bind_converted(binder, items[i], type, CONVERSION_IMPLICIT);
}

/* ---- CASE ---- */

static CaseExpr *
make_case(const SqlType *type, List *whens, Expr *otherwise)
{
    CaseExpr *result = makeNode(CaseExpr);

    result->casetype = sql_type_oid(type->id);
    result->casecollid = type->collation;
    result->args = whens;
    result->defresult = otherwise;
    result->location = -1;
    return result;
}

static CaseWhen *
make_when(Node *condition, Expr *value)
{
    CaseWhen *when = makeNode(CaseWhen);

    when->expr = (Expr *) condition;
    when->result = value;
    when->location = -1;
    return when;
}

/* CASE over bound conditions and values; `values` has one more than conditions, the ELSE. */
static BoundExpr
case_of(Binder *binder, Node **conditions, BoundExpr *values, int count, const char *operation)
{
    SqlType type;
    CollationLabel label;
    List *whens = NIL;
    bool nullable = false;
    BoundExpr result;

    if (!bind_common_type(binder, values, count + 1, operation, &type, &label))
        tsql_error(ERR_8133);
    for (int i = 0; i <= count; i++)
        nullable = nullable || values[i].nullable;
    convert_all(binder, values, count + 1, &type);
    for (int i = 0; i < count; i++)
        whens = lappend(whens, make_when(conditions[i], values[i].expr));
    result =
        bound_make((Expr *) make_case(&type, whens, values[count].expr), type, nullable, label);
    return result;
}

static BoundExpr
null_bound(void)
{
    SqlType type = sql_type_make(SQL_INT);

    return bound_make((Expr *) sql_const_null(&type), (SqlType){.id = SQL_UNKNOWN}, true,
                      COLLATION_NONE);
}

BoundExpr
bind_case(Binder *binder, const AstCase *node)
{
    int count = AST_LIST_COUNT(node->whens);
    Node **conditions = palloc(sizeof(Node *) * count);
    BoundExpr *values = palloc(sizeof(BoundExpr) * (count + 1));
    BoundExpr operand = {0}, result;

    if (node->operand)
        operand = bind_expr(binder, node->operand);
    for (int i = 0; i < count; i++) {
        const AstWhen *when = AST_LIST_ITEM(AstWhen, node->whens, i);

        if (node->operand) {
            BoundExpr copy = operand;

            copy.expr = copyObject(operand.expr);
            conditions[i] =
                (Node *) bind_comparison(binder, OP_EQ, copy, bind_expr(binder, when->condition));
        } else {
            conditions[i] = bind_predicate(binder, when->condition);
        }
        values[i] = bind_expr(binder, when->result);
    }
    values[count] = node->otherwise ? bind_expr(binder, node->otherwise) : null_bound();
    binder_set_line(&node->node);
    result = case_of(binder, conditions, values, count, "CASE");
    result.node = &node->node;
    return result;
}

/* ---- functions ---- */

static BoundExpr
bind_isnull(Binder *binder, const AstFunctionCall *call)
{
    BoundExpr value = bind_expr(binder, AST_LIST_ITEM(AstNode, call->args, 0));
    BoundExpr other = bind_expr(binder, AST_LIST_ITEM(AstNode, call->args, 1));
    CoalesceExpr *coalesce = makeNode(CoalesceExpr);
    BoundExpr result;

    binder_set_line(&call->node);
    if (value.type.id == SQL_UNKNOWN) {
        SqlType type = other.type.id == SQL_UNKNOWN ? sql_type_make(SQL_INT) : other.type;

        value = bind_converted(binder, value, &type, CONVERSION_IMPLICIT);
        value.label = other.label;
    }
    if (other.type.id != SQL_UNKNOWN &&
        !sql_conversion_exists(&other.type, &value.type, CONVERSION_IMPLICIT))
        bind_convert(binder, other, &value.type, CONVERSION_IMPLICIT); /* raises */
    coalesce->coalescetype = sql_type_oid(value.type.id);
    coalesce->coalescecollid = value.type.collation;
    coalesce->args =
        list_make2(value.expr, bind_convert(binder, other, &value.type, CONVERSION_EXPLICIT));
    coalesce->location = -1;
    result =
        bound_make((Expr *) coalesce, value.type, value.nullable && other.nullable, value.label);
    return result;
}

static BoundExpr *
bind_arguments(Binder *binder, const AstFunctionCall *call, int from, int *count)
{
    BoundExpr *items = palloc(sizeof(BoundExpr) * Max(AST_LIST_COUNT(call->args), 1));

    *count = 0;
    for (int i = from; i < AST_LIST_COUNT(call->args); i++)
        items[(*count)++] = bind_expr(binder, AST_LIST_ITEM(AstNode, call->args, i));
    return items;
}

static BoundExpr
bind_coalesce(Binder *binder, const AstFunctionCall *call)
{
    int count;
    BoundExpr *items = bind_arguments(binder, call, 0, &count);
    CoalesceExpr *coalesce = makeNode(CoalesceExpr);
    CollationLabel label;
    bool nullable = true;
    SqlType type;

    binder_set_line(&call->node);
    if (!bind_common_type(binder, items, count, "COALESCE", &type, &label))
        tsql_error(ERR_4127);
    convert_all(binder, items, count, &type);
    for (int i = 0; i < count; i++) {
        coalesce->args = lappend(coalesce->args, items[i].expr);
        nullable = nullable && items[i].nullable;
    }
    coalesce->coalescetype = sql_type_oid(type.id);
    coalesce->coalescecollid = type.collation;
    coalesce->location = -1;
    return bound_make((Expr *) coalesce, type, nullable, label);
}

static BoundExpr
bind_nullif(Binder *binder, const AstFunctionCall *call)
{
    BoundExpr value = bind_expr(binder, AST_LIST_ITEM(AstNode, call->args, 0));
    BoundExpr other = bind_expr(binder, AST_LIST_ITEM(AstNode, call->args, 1));
    BoundExpr copy = value;
    Node *condition;

    binder_set_line(&call->node);
    if (value.type.id == SQL_UNKNOWN)
        tsql_error(ERR_4151);
    copy.expr = copyObject(value.expr);
    condition = (Node *) bind_comparison(binder, OP_EQ, copy, other);
    return bound_make(
        (Expr *) make_case(&value.type,
                           list_make1(make_when(condition, (Expr *) sql_const_null(&value.type))),
                           value.expr),
        value.type, true, value.label);
}

static BoundExpr
bind_iif(Binder *binder, const AstFunctionCall *call)
{
    Node *condition = bind_predicate(binder, AST_LIST_ITEM(AstNode, call->args, 0));
    BoundExpr values[2];

    values[0] = bind_expr(binder, AST_LIST_ITEM(AstNode, call->args, 1));
    values[1] = bind_expr(binder, AST_LIST_ITEM(AstNode, call->args, 2));
    binder_set_line(&call->node);
    return case_of(binder, &condition, values, 1, "IIF");
}

static BoundExpr
bind_choose(Binder *binder, const AstFunctionCall *call)
{
    BoundExpr index = bind_expr(binder, AST_LIST_ITEM(AstNode, call->args, 0));
    SqlType as_int = sql_type_make(SQL_INT);
    int count;
    BoundExpr *values = bind_arguments(binder, call, 1, &count);
    Node **conditions = palloc(sizeof(Node *) * count);
    BoundExpr result;

    index = bind_converted(binder, index, &as_int, CONVERSION_IMPLICIT);
    for (int i = 0; i < count; i++) {
        BoundExpr copy = index;

        copy.expr = copyObject(index.expr);
        conditions[i] = (Node *) bind_comparison(
            binder, OP_EQ, copy, bound_make(bind_int_const(i + 1), as_int, false, COLLATION_NONE));
    }
    values = repalloc(values, sizeof(BoundExpr) * (count + 1));
    values[count] = null_bound();
    result = case_of(binder, conditions, values, count, "CHOOSE");
    return result;
}

static BoundExpr
bind_extreme(Binder *binder, const AstFunctionCall *call, MinMaxOp op)
{
    int count;
    BoundExpr *items = bind_arguments(binder, call, 0, &count);
    MinMaxExpr *extreme = makeNode(MinMaxExpr);
    CollationLabel label;
    bool nullable = true;
    SqlType type;

    if (!bind_common_type(binder, items, count, "GREATEST", &type, &label))
        type = sql_type_make(SQL_INT);
    convert_all(binder, items, count, &type);
    for (int i = 0; i < count; i++) {
        extreme->args = lappend(extreme->args, items[i].expr);
        nullable = nullable && items[i].nullable;
    }
    extreme->minmaxtype = sql_type_oid(type.id);
    extreme->minmaxcollid = extreme->inputcollid = type.collation;
    extreme->op = op;
    extreme->location = -1;
    return bound_make((Expr *) extreme, type, nullable, label);
}

BoundExpr
bind_special_function(Binder *binder, const AstFunctionCall *call, const SqlFunction *function)
{
    sql_function_check_count(function, AST_LIST_COUNT(call->args));
    if (strcmp(function->name, "ISNULL") == 0)
        return bind_isnull(binder, call);
    if (strcmp(function->name, "COALESCE") == 0)
        return bind_coalesce(binder, call);
    if (strcmp(function->name, "NULLIF") == 0)
        return bind_nullif(binder, call);
    if (strcmp(function->name, "IIF") == 0)
        return bind_iif(binder, call);
    if (strcmp(function->name, "CHOOSE") == 0)
        return bind_choose(binder, call);
    if (strcmp(function->name, "GREATEST") == 0)
        return bind_extreme(binder, call, IS_GREATEST);
    if (strcmp(function->name, "LEAST") == 0)
        return bind_extreme(binder, call, IS_LEAST);
    if (strcmp(function->name, "JSON_OBJECT") == 0 || strcmp(function->name, "JSON_ARRAY") == 0)
        return bind_json_constructor(binder, call, function->name[5] == 'O');
    if (strcmp(function->name, "JSON_MODIFY") == 0)
        return bind_json_modify(binder, call);
    if (strcmp(function->name, "GROUPING") == 0 || strcmp(function->name, "GROUPING_ID") == 0)
        return bind_grouping(binder, call);
    binder_set_line(&call->node);
    tsql_error(ERR_195, call->name.object, "built-in function name");
}
