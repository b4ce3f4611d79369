/*
 * Conditions. T-SQL keeps them apart from bit values; here they are PostgreSQL booleans, made by
 * bind_predicate() only.
 */
#include "postgres.h"

#include "bind/bind_internal.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "utils/lsyscache.h"

/* Whether literals of comparisons may be parameters here: not where two expressions must be found
 * equal (select list against GROUP BY). */
static bool
may_parameterise(Binder *binder)
{
    BindClause clause = binder->scope ? binder->scope->clause : CLAUSE_NONE;

    return clause == CLAUSE_WHERE || clause == CLAUSE_ON || clause == CLAUSE_MERGE_WHEN;
}

/* Binds the operand `node` that meets `other`. */
static BoundExpr
bind_side(Binder *binder, const AstNode *node, const SqlType *other)
{
    /* bit = 1 stays a constant: compared as bits */
    if (node->kind == AST_VARIABLE || (may_parameterise(binder) && other->id != SQL_BIT))
        return bind_wanted(binder, node, other);
    return bind_expr(binder, node);
}

static void
bind_sides(Binder *binder,
           const AstNode *left_node,
           const AstNode *right_node,
           BoundExpr *left,
           BoundExpr *right)
{
    bool left_literal = bind_is_literal(left_node) || left_node->kind == AST_VARIABLE;
    bool right_literal = bind_is_literal(right_node);

    if (left_literal && right_literal) {
        *left = bind_expr(binder, left_node);
        *right = bind_expr(binder, right_node);
    } else if (left_literal) {
        *right = bind_expr(binder, right_node);
        *left = bind_side(binder, left_node, &right->type);
    } else {
        *left = bind_expr(binder, left_node);
        *right = bind_side(binder, right_node, &left->type);
    }
}

static Node *
null_test(Expr *expr, bool negated)
{
    NullTest *test = makeNode(NullTest);

    test->arg = expr;
    test->nulltesttype = negated ? IS_NOT_NULL : IS_NULL;
    test->location = -1;
    return (Node *) test;
}

static Node *
bool_expr(BoolExprType type, Node *left, Node *right)
{
    return (Node *) makeBoolExpr(type, list_make2(left, right), -1);
}

static Node *
negate(Node *node)
{
    return (Node *) makeBoolExpr(NOT_EXPR, list_make1(node), -1);
}

/* Under ANSI_NULLS OFF, x = NULL and x = @v compare NULLs as values. */
static Node *
compare_nulls(Binder *binder,
              Operator op,
              const BoundExpr *left,
              const BoundExpr *right,
              const AstBinary *binary)
{
    bool left_null = left->type.id == SQL_UNKNOWN, right_null = right->type.id == SQL_UNKNOWN;
    Node *equal;

    if (left_null || right_null) {
        const BoundExpr *other = left_null ? right : left;

        return null_test(other->expr, op == OP_NE);
    }
    if (binary->left->kind != AST_VARIABLE && binary->right->kind != AST_VARIABLE)
        return NULL;
    equal = bool_expr(OR_EXPR, (Node *) bind_comparison(binder, OP_EQ, *left, *right),
                      bool_expr(AND_EXPR, null_test(copyObject(left->expr), false),
                                null_test(copyObject(right->expr), false)));
    return op == OP_NE ? negate(equal) : equal;
}

static Node *
bind_compare(Binder *binder, const AstBinary *binary)
{
    BoundExpr left, right;

    bind_sides(binder, binary->left, binary->right, &left, &right);
    if (!left.node)
        left.node = binary->left;
    binder_set_line(&binary->node);
    if (!(binder->options & OPTION_ANSI_NULLS) && (binary->op == OP_EQ || binary->op == OP_NE)) {
        Node *test = compare_nulls(binder, binary->op, &left, &right, binary);

        if (test)
            return test;
    }
    return (Node *) bind_comparison(binder, binary->op, left, right);
}

static Node *
bind_distinct(Binder *binder, const AstBinary *binary)
{
    BoundExpr left, right;
    Expr *comparison;

    bind_sides(binder, binary->left, binary->right, &left, &right);
    if (left.type.id == SQL_UNKNOWN || right.type.id == SQL_UNKNOWN)
        return null_test(left.type.id == SQL_UNKNOWN ? right.expr : left.expr,
                         binary->op == OP_IS_DISTINCT);
    comparison = bind_comparison(binder, OP_EQ, left, right);
    Assert(IsA(comparison, OpExpr));
    /* DistinctExpr has OpExpr's shape */
    NodeSetTag(comparison, T_DistinctExpr);
    return binary->op == OP_IS_DISTINCT ? (Node *) comparison : negate((Node *) comparison);
}

static Node *
bind_between(Binder *binder, const AstBetween *between)
{
    BoundExpr value = bind_expr(binder, between->operand);
    BoundExpr low = bind_side(binder, between->low, &value.type);
    BoundExpr high = bind_side(binder, between->high, &value.type);
    BoundExpr again = value;
    Node *result;

    again.expr = copyObject(value.expr);
    result = bool_expr(AND_EXPR, (Node *) bind_comparison(binder, OP_GE, value, low),
                       (Node *) bind_comparison(binder, OP_LE, again, high));
    return between->negated ? negate(result) : result;
}

/* ---- LIKE ---- */

static BoundExpr
string_operand(Binder *binder, BoundExpr operand, int argument)
{
    SqlType type = sql_type_string(SQL_VARCHAR, 8000, binder->collation);
    char category;

    if (operand.type.id == SQL_UNKNOWN)
        return bind_converted(binder, operand, &type, CONVERSION_IMPLICIT);
    category = sql_type_info(operand.type.id)->category;
    if (category == 'S' || category == 'N')
        return operand;
    if (category == 'B' || category == 'V' || category == 'X') {
        binder_set_line(operand.node);
        tsql_error(ERR_8116, sql_type_info(operand.type.id)->name, argument, "like");
    }
    return bind_converted(binder, operand, &type, CONVERSION_IMPLICIT);
}

static Node *
bind_like(Binder *binder, const AstLike *like)
{
    BoundExpr value = string_operand(binder, bind_expr(binder, like->operand), 1);
    BoundExpr pattern = string_operand(binder, bind_expr(binder, like->pattern), 2);
    /* not a parameter: only a constant's beginning can become an index range */
    Expr *escape = NULL;
    CollationLabel label;
    Oid collation;
    Node *result;

    binder_set_line(&like->node);
    collation = bind_collation(binder, &value, &pattern, &label, "like", true);
    if (like->escape)
        escape = string_operand(binder, bind_expr(binder, like->escape), 3).expr;
    result = (Node *) sql_like_build(value.expr, pattern.expr, escape, &value.type, &pattern.type,
                                     collation);
    return like->negated ? negate(result) : result;
}

/* ---- IN (list) ---- */

typedef struct InList {
    int count;
    BoundExpr *items;
    bool all_constant; /* literals, parameters, variables: fit for one array */
} InList;

static InList
bind_in_items(Binder *binder, const AstIn *in, const SqlType *type)
{
    InList list = {AST_LIST_COUNT(in->list), NULL, true};

    list.items = palloc(sizeof(BoundExpr) * Max(list.count, 1));
    for (int i = 0; i < list.count; i++) {
        const AstNode *item = AST_LIST_ITEM(AstNode, in->list, i);

        list.items[i] = bind_side(binder, item, type);
        if (!IsA(list.items[i].expr, Const) && !IsA(list.items[i].expr, Param))
            list.all_constant = false;
    }
    return list;
}

static bool
is_decimal(SqlTypeId id)
{
    return id == SQL_DECIMAL || id == SQL_NUMERIC;
}

/* x = ANY (ARRAY[...]) so that an index can serve it; NULL when the types do not allow it. */
static Node *
in_array(Binder *binder, const AstIn *in, BoundExpr value, const InList *list)
{
    SqlType common = {.id = SQL_UNKNOWN};
    ScalarArrayOpExpr *expr = makeNode(ScalarArrayOpExpr);
    ArrayExpr *array = makeNode(ArrayExpr);
    BoundExpr sample;
    Oid collation;

    for (int i = 0; i < list->count; i++)
        if (list->items[i].type.id != SQL_UNKNOWN)
            common = common.id == SQL_UNKNOWN ? list->items[i].type
                                              : sql_common_type(&common, &list->items[i].type);
    if (common.id == SQL_UNKNOWN)
        common = value.type;
    if (is_decimal(common.id))
        common.id = SQL_DECIMAL;
    if (value.type.id == SQL_BIT)
        return NULL;
    sample = bound_make((Expr *) sql_const_null(&common), common, true, COLLATION_COERCIBLE);
    bind_comparison_prepare(binder, OP_EQ, &value, &sample, &collation);
    common = sample.type;
    expr->opno = sql_operator(in->negated ? "<>" : "=", value.type.id, common.id);
    array->element_typeid = sql_type_oid(common.id);
    array->array_typeid = get_array_type(array->element_typeid);
    if (!OidIsValid(expr->opno) || !OidIsValid(array->array_typeid))
        return NULL;
    for (int i = 0; i < list->count; i++) {
        SqlType to = common;

        /* every number with its own digits: the array's elements carry their scale */
        if (is_decimal(common.id) && sql_type_is_number(list->items[i].type.id) &&
            !bind_integer_literal_type(&list->items[i], &to))
            to = sql_decimal_of(&list->items[i].type);
        array->elements = lappend(array->elements,
                                  bind_convert(binder, list->items[i], &to, CONVERSION_IMPLICIT));
    }
    array->array_collid = common.collation;
    array->location = -1;
    expr->useOr = !in->negated;
    expr->inputcollid = collation;
    expr->args = list_make2(value.expr, array);
    expr->location = -1;
    return (Node *) expr;
}

static Node *
bind_in_list(Binder *binder, const AstIn *in)
{
    BoundExpr value = bind_expr(binder, in->operand);
    InList list = bind_in_items(binder, in, &value.type);
    List *comparisons = NIL;
    Node *result;

    binder_set_line(&in->node);
    if (list.count > 1 && list.all_constant && value.type.id != SQL_UNKNOWN) {
        result = in_array(binder, in, value, &list);
        if (result)
            return result;
    }
    for (int i = 0; i < list.count; i++) {
        BoundExpr again = value;

        if (i > 0)
            again.expr = copyObject(value.expr);
        comparisons = lappend(comparisons, bind_comparison(binder, OP_EQ, again, list.items[i]));
    }
    result =
        list.count == 1 ? linitial(comparisons) : (Node *) makeBoolExpr(OR_EXPR, comparisons, -1);
    return in->negated ? negate(result) : result;
}

/* ---- AND, OR, NOT ---- */

/* Flattens chains: a AND b AND c is one node. */
static void
collect_operands(Binder *binder, const AstNode *node, Operator op, List **operands)
{
    const AstBinary *binary = (const AstBinary *) node;

    check_stack_depth();
    if (node->kind == AST_BINARY && binary->op == op) {
        collect_operands(binder, binary->left, op, operands);
        collect_operands(binder, binary->right, op, operands);
    } else {
        *operands = lappend(*operands, bind_predicate(binder, node));
    }
}

static Node *
bind_binary_predicate(Binder *binder, const AstBinary *binary)
{
    List *operands = NIL;

    switch (binary->op) {
    case OP_AND:
    case OP_OR:
        collect_operands(binder, &binary->node, binary->op, &operands);
        return (Node *) makeBoolExpr(binary->op == OP_AND ? AND_EXPR : OR_EXPR, operands, -1);
    case OP_EQ:
    case OP_NE:
    case OP_LT:
    case OP_LE:
    case OP_GT:
    case OP_GE:
        return bind_compare(binder, binary);
    default:
        return NULL;
    }
}

/* UPDATE(column) in triggers is a predicate, though it looks like a call. */
static Node *
bind_predicate_function(Binder *binder, const AstFunctionCall *call)
{
    SqlType bit = sql_type_make(SQL_BIT);
    SqlType name = sql_type_string(SQL_NVARCHAR, 128, binder->collation);
    const AstColumnRef *column;

    if (call->name.schema || pg_strcasecmp(call->name.object, "update") != 0 ||
        AST_LIST_COUNT(call->args) != 1)
        return NULL;
    column = AST_LIST_ITEM(AstColumnRef, call->args, 0);
    if (column->node.kind != AST_COLUMN_REF)
        return NULL;
    return (Node *) bind_call("trigger_update", &bit,
                              list_make1(bind_text_const(column->column, &name)), InvalidOid);
}

/* What SQL Server shows after "near": the last word of the expression. */
static const char *
near_text(const AstNode *node)
{
    switch (node->kind) {
    case AST_COLUMN_REF:
        return ((const AstColumnRef *) node)->column;
    case AST_LITERAL:
        return ((const AstLiteral *) node)->text ? ((const AstLiteral *) node)->text : "NULL";
    case AST_VARIABLE:
    case AST_GLOBAL_VARIABLE:
        return ((const AstVariable *) node)->name;
    default:
        return ")";
    }
}

static Node *
predicate_kind(Binder *binder, const AstNode *node)
{
    switch (node->kind) {
    case AST_BINARY:
        return bind_binary_predicate(binder, (const AstBinary *) node);
    case AST_UNARY:
        if (((const AstUnary *) node)->op == OP_NOT)
            return negate(bind_predicate(binder, ((const AstUnary *) node)->operand));
        return NULL;
    case AST_IS_NULL: {
        const AstIsNull *test = (const AstIsNull *) node;

        return null_test(bind_expr(binder, test->operand).expr, test->negated);
    }
    case AST_IS_DISTINCT:
        return bind_distinct(binder, (const AstBinary *) node);
    case AST_BETWEEN:
        return bind_between(binder, (const AstBetween *) node);
    case AST_LIKE:
        return bind_like(binder, (const AstLike *) node);
    case AST_IN_LIST:
        return bind_in_list(binder, (const AstIn *) node);
    case AST_IN_SUBQUERY:
    case AST_EXISTS:
    case AST_QUANTIFIED:
        return bind_subquery_predicate(binder, node);
    case AST_FUNCTION_CALL:
        return bind_predicate_function(binder, (const AstFunctionCall *) node);
    case AST_FULLTEXT:
        binder_set_line(node);
        tsql_error(ERR_7601, "table", "");
    case AST_CURRENT_OF: /* taken by UPDATE and DELETE themselves */
    default:
        return NULL;
    }
}

Node *
bind_predicate(Binder *binder, const AstNode *node)
{
    bool saved = binder->parameterise;
    Node *result;

    check_stack_depth();
    binder->parameterise = false;
    result = predicate_kind(binder, node);
    binder->parameterise = saved;
    if (!result) {
        binder_set_line(node);
        tsql_error(ERR_4145, near_text(node));
    }
    return result;
}

Node *
bind_where(Binder *binder, const AstNode *where)
{
    BindClause saved;
    Node *result;

    if (!where)
        return NULL;
    saved = binder_set_clause(binder, CLAUSE_WHERE);
    result = bind_predicate(binder, where);
    binder_set_clause(binder, saved);
    return result;
}
