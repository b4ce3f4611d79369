/*
 * Subqueries inside expressions: scalar ones, EXISTS, IN, ANY and ALL, all as SubLinks that the
 * planner turns into joins where it can.
 */
#include "postgres.h"

#include "bind/bind_internal.h"

#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"

Query *
bind_expression_subquery(Binder *binder,
                         const AstNode *query,
                         bool any_columns,
                         ColumnList *columns)
{
    Query *result;

    binder_set_line(query);
    if (binder->scope) {
        if (binder->scope->aggregate_depth > 0)
            tsql_error(ERR_130);
        if (binder->scope->clause == CLAUSE_GROUP_BY)
            tsql_error(ERR_144);
        if (binder->scope->clause == CLAUSE_DEFINITION)
            tsql_error(ERR_1046);
        binder->scope->has_sublinks = true;
    }
    binder->has_subquery = true;
    result = bind_subquery(binder, query, columns);
    if (!any_columns && columns->count != 1) {
        binder_set_line(query);
        tsql_error(ERR_116);
    }
    return result;
}

static SubLink *
make_sublink(SubLinkType type, Query *query, Node *test)
{
    SubLink *link = makeNode(SubLink);

    link->subLinkType = type;
    link->testexpr = test;
    link->subselect = (Node *) query;
    link->location = -1;
    return link;
}

BoundExpr
bind_scalar_subquery(Binder *binder, const AstSubquery *subquery)
{
    ColumnList columns = {0};
    Query *query = bind_expression_subquery(binder, subquery->query, false, &columns);
    BoundExpr result = bound_make((Expr *) make_sublink(EXPR_SUBLINK, query, NULL),
                                  columns.columns[0].type, true, COLLATION_IMPLICIT);

    if (columns.columns[0].is_expression && result.label == COLLATION_IMPLICIT)
        result.label = COLLATION_COERCIBLE;
    result.node = &subquery->node;
    return result;
}

/* left op ANY/ALL (query): the comparison is done on a parameter that stands for the column. */
static Node *
quantified(Binder *binder, const AstNode *operand, Operator op, bool all, const AstNode *query_node)
{
    BoundExpr left = bind_expr(binder, operand);
    ColumnList columns = {0};
    Query *query = bind_expression_subquery(binder, query_node, false, &columns);
    SqlType type = columns.columns[0].type;
    Param *param = makeNode(Param);
    SubLink *link;
    BoundExpr right;

    param->paramkind = PARAM_SUBLINK;
    param->paramid = 1;
    param->paramtype = sql_type_oid(type.id);
    param->paramtypmod = sql_type_typmod(&type);
    param->paramcollid = type.collation;
    param->location = -1;
    right = bound_make((Expr *) param, type, true, COLLATION_IMPLICIT);
    right.node = query_node;
    if (columns.columns[0].is_expression && right.label == COLLATION_IMPLICIT)
        right.label = COLLATION_COERCIBLE;
    link = make_sublink(all ? ALL_SUBLINK : ANY_SUBLINK, query,
                        (Node *) bind_comparison(binder, op, left, right));
    link->operName = list_make1(makeString(pstrdup(bind_operator_text(op))));
    return (Node *) link;
}

Node *
bind_subquery_predicate(Binder *binder, const AstNode *node)
{
    if (node->kind == AST_EXISTS) {
        ColumnList columns = {0};
        Query *query =
            bind_expression_subquery(binder, ((const AstSubquery *) node)->query, true, &columns);

        return (Node *) make_sublink(EXISTS_SUBLINK, query, NULL);
    }
    if (node->kind == AST_IN_SUBQUERY) {
        const AstIn *in = (const AstIn *) node;
        Node *any = quantified(binder, in->operand, OP_EQ, false, in->subquery);

        return in->negated ? (Node *) makeBoolExpr(NOT_EXPR, list_make1(any), -1) : any;
    }
    {
        const AstQuantified *comparison = (const AstQuantified *) node;

        return quantified(binder, comparison->operand, comparison->op, comparison->all,
                          comparison->query);
    }
}
