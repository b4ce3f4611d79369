/*
 * The binder's entry points: statements, expressions of the interpreter, expressions of relations,
 * and the columns that a query would return.
 */
#include "postgres.h"

#include "bind/bind_internal.h"
#include "bind/dml.h"

#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "parser/parse_func.h"
#include "rewrite/rewriteManip.h"

/* ---- options of the statement ---- */

static int
max_recursion(const AstList *hints)
{
    for (int i = 0; i < AST_LIST_COUNT(hints); i++) {
        const AstOption *hint = AST_LIST_ITEM(AstOption, hints, i);
        const AstLiteral *value = (const AstLiteral *) hint->value;

        if (pg_strcasecmp(hint->name, "MAXRECURSION") == 0 && value &&
            value->node.kind == AST_LITERAL && value->type == LITERAL_INTEGER) {
            int64 limit = strtoll(value->text, NULL, 10);

            if (limit > 32767)
                tsql_error(ERR_310, (int) Min(limit, PG_INT32_MAX), 32767);
            return (int) limit;
        }
    }
    return 100;
}

/* ---- SELECT ---- */

static const AstSelect *
first_select(const AstNode *query)
{
    while (query->kind == AST_SET_OPERATION)
        query = ((const AstSetOperation *) query)->left;
    return query->kind == AST_SELECT ? (const AstSelect *) query : NULL;
}

/* Assignments that read what they assign (@s = @s + x) are made row by row: the executor must not
 * fold the variable's first value into the plan. */
static bool
reads_assigned(Node *node, BoundStatement *statement)
{
    if (!node)
        return false;
    if (IsA(node, Param) && ((Param *) node)->paramkind == PARAM_EXTERN)
        for (int i = 0; i < statement->assignment_count; i++)
            if (statement->assignments[i].param == ((Param *) node)->paramid)
                return true;
    if (IsA(node, Query))
        return query_tree_walker((Query *) node, reads_assigned, statement, 0);
    return expression_tree_walker(node, reads_assigned, statement);
}

/* What reads an assigned variable must be computed after the sort, where the rows come in their
 * order; the planner leaves a target for then only when it is volatile, which after_sort() is. */
static void
compute_after_sort(BoundStatement *statement)
{
    Oid anyelement = ANYELEMENTOID;
    Oid function = LookupFuncName(list_make2(makeString("sys"), makeString("after_sort")), 1,
                                  &anyelement, false);
    ListCell *cell;

    foreach (cell, statement->query->targetList) {
        TargetEntry *entry = lfirst(cell);
        Node *expr = (Node *) entry->expr;

        if (entry->ressortgroupref != 0 || !reads_assigned(expr, statement))
            continue;
        entry->expr = (Expr *) makeFuncExpr(function, exprType(expr), list_make1(expr),
                                            exprCollation(expr), InvalidOid, COERCE_EXPLICIT_CALL);
    }
}

static void
check_into_columns(Binder *binder, const ColumnList *columns)
{
    for (int i = 0; i < columns->count; i++)
        if (!columns->columns[i].name[0])
            tsql_error(ERR_1038);
    (void) binder;
}

static bool
is_simple(const AstSelect *select, const Query *query)
{
    return select && list_length(query->rtable) == 1 && !query->hasAggs && !query->hasSubLinks &&
           !query->hasWindowFuncs && !query->setOperations && !query->groupClause;
}

static void
bind_select_statement(Binder *binder, const AstNode *node)
{
    BoundStatement *statement = binder->statement;
    const AstSelect *select = first_select(node);
    const AstQueryTail *tail = ((const AstQuery *) node)->tail;
    ColumnList columns = {0};

    if (tail)
        binder->max_recursion = max_recursion(tail->hints);
    statement->query = bind_query(binder, node, &columns);
    statement->kind = BOUND_SELECT;
    if (select && select->into) {
        statement->kind = BOUND_SELECT_INTO;
        statement->into = select->into;
        check_into_columns(binder, &columns);
    } else if (statement->assignment_count > 0) {
        statement->kind = BOUND_ASSIGN;
        statement->assigns_by_row = reads_assigned((Node *) statement->query, statement);
        if (statement->assigns_by_row && statement->query->sortClause != NIL)
            compute_after_sort(statement);
    }
    if (tail && (tail->for_clause == FOR_XML || tail->for_clause == FOR_JSON)) {
        statement->query = bind_for_subquery(binder, statement->query, &columns, tail);
        statement->order_count = 0;
    }
    statement->for_select = select;
    statement->column_count = columns.count;
    statement->columns = columns.columns;
    statement->simple_enough_to_parameterise = is_simple(select, statement->query);
}

/* ---- statements ---- */

static const AstList *
dml_hints(const AstNode *node)
{
    switch (node->kind) {
    case AST_INSERT:
        return ((const AstInsert *) node)->dml.hints;
    case AST_UPDATE:
        return ((const AstUpdate *) node)->dml.hints;
    case AST_DELETE:
        return ((const AstDelete *) node)->dml.hints;
    case AST_MERGE:
        return ((const AstMerge *) node)->dml.hints;
    default:
        return NULL;
    }
}

BoundStatement *
bind_statement(const AstNode *node, const BindContext *context)
{
    BoundStatement *statement = palloc0(sizeof(BoundStatement));
    Binder *binder = binder_new(context, statement);

    statement->cacheable = true;
    binder_set_line(node);
    binder->max_recursion = max_recursion(dml_hints(node));
    switch (node->kind) {
    case AST_QUERY_STATEMENT:
        bind_select_statement(binder, ((const AstQueryStatement *) node)->query);
        break;
    case AST_SELECT:
    case AST_SET_OPERATION:
    case AST_VALUES:
        bind_select_statement(binder, node);
        break;
    case AST_INSERT:
        bind_insert(binder, (const AstInsert *) node);
        break;
    case AST_UPDATE:
        bind_update(binder, (const AstUpdate *) node);
        break;
    case AST_DELETE:
        bind_delete(binder, (const AstDelete *) node);
        break;
    case AST_MERGE:
        bind_merge(binder, (const AstMerge *) node);
        break;
    default:
        elog(ERROR, "statement kind %d is not bound", (int) node->kind);
    }
    return statement;
}

/* ---- expressions ---- */

Expr *
bind_expression(const AstNode *expression,
                const BindContext *context,
                bool predicate,
                const SqlType *want,
                SqlType *type,
                bool *has_subquery)
{
    Binder *binder = binder_new(context, NULL);
    BoundExpr result;

    binder->max_recursion = 100;
    binder_set_line(expression);
    if (predicate) {
        *type = sql_type_make(SQL_BIT);
        result =
            bound_make((Expr *) bind_predicate(binder, expression), *type, true, COLLATION_NONE);
    } else {
        result = want ? bind_wanted(binder, expression, want) : bind_expr(binder, expression);
        result.node = expression;
        if (want) {
            result = bind_converted(binder, result, want, CONVERSION_ASSIGN);
        } else if (result.type.id == SQL_UNKNOWN) {
            SqlType as_int = sql_type_make(SQL_INT);

            result = bind_converted(binder, result, &as_int, CONVERSION_IMPLICIT);
        }
        *type = result.type;
    }
    if (has_subquery)
        *has_subquery = binder->has_subquery;
    return result.expr;
}

Query *
bind_expression_query(Expr *expression)
{
    Query *query = makeNode(Query);

    query->commandType = CMD_SELECT;
    query->querySource = QSRC_ORIGINAL;
    query->canSetTag = true;
    query->targetList = list_make1(makeTargetEntry(expression, 1, pstrdup("value"), false));
    query->jointree = makeFromExpr(NIL, NULL);
    query->hasSubLinks = checkExprHasSubLink((Node *) expression);
    return query;
}

Expr *
bind_relation_expression(const AstNode *expression,
                         const CatalogRelation *relation,
                         const BindContext *context,
                         bool predicate,
                         const SqlType *want,
                         SqlType *type)
{
    Binder *binder = binder_new(context, NULL);
    BoundExpr result = bind_in_relation(binder, expression, relation, 1, predicate);

    result.node = expression;
    if (want && !predicate) {
        result = bind_converted(binder, result, want, CONVERSION_ASSIGN);
    } else if (result.type.id == SQL_UNKNOWN) {
        SqlType as_int = sql_type_make(SQL_INT);

        result = bind_converted(binder, result, &as_int, CONVERSION_IMPLICIT);
    }
    if (type)
        *type = result.type;
    return result.expr;
}

int
bind_query_columns(const AstNode *query, const BindContext *context, BoundColumn **columns)
{
    BoundStatement scratch = {0};
    Binder *binder = binder_new(context, &scratch);
    ColumnList list = {0};

    binder->max_recursion = 100;
    bind_subquery(binder, query, &list);
    *columns = list.columns;
    return list.count;
}
