/*
 * Aggregate calls and GROUPING(). An aggregate belongs to the innermost query whose columns its
 * arguments use (as in PostgreSQL), and is refused where T-SQL refuses it there.
 */
#include "postgres.h"

#include "bind/bind_internal.h"

#include "catalog/pg_aggregate.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"

/* ---- which level ---- */

typedef struct LevelSearch {
    int depth;   /* sublevels entered */
    int minimum; /* least level of a column, -1 if none */
} LevelSearch;

static bool
level_walker(Node *node, LevelSearch *search)
{
    int level = -1;

    if (!node)
        return false;
    if (IsA(node, Var))
        level = (int) ((Var *) node)->varlevelsup - search->depth;
    else if (IsA(node, Aggref))
        level = (int) ((Aggref *) node)->agglevelsup - search->depth;
    if (level >= 0 && (search->minimum < 0 || level < search->minimum))
        search->minimum = level;
    if (IsA(node, Query)) {
        bool result;

        search->depth++;
        result = query_tree_walker((Query *) node, level_walker, search, 0);
        search->depth--;
        return result;
    }
    return expression_tree_walker(node, level_walker, search);
}

static int
aggregate_level(List *args)
{
    LevelSearch search = {0, -1};

    level_walker((Node *) args, &search);
    return Max(search.minimum, 0);
}

static void
check_aggregate_place(const Scope *scope)
{
    switch (scope->clause) {
    case CLAUSE_WHERE:
        tsql_error(ERR_147);
    case CLAUSE_ON:
        tsql_error(ERR_1015);
    case CLAUSE_GROUP_BY:
        tsql_error(ERR_144);
    case CLAUSE_SET:
        tsql_error(ERR_157);
    case CLAUSE_OUTPUT:
        tsql_error(ERR_158);
    default:
        break;
    }
}

static Scope *
scope_at(Binder *binder, int levels)
{
    Scope *scope = binder->scope;

    while (levels-- > 0 && scope->outer)
        scope = scope->outer;
    return scope;
}

/* ---- arguments ---- */

BoundExpr
bind_aggregate_argument(Binder *binder, const AstNode *node)
{
    Scope *scope = binder->scope;
    BoundExpr result;

    scope->aggregate_depth++;
    result = bind_expr(binder, node);
    scope->aggregate_depth--;
    return result;
}

FunctionCall
bind_resolve_aggregate(Binder *binder,
                       const AstFunctionCall *call,
                       const SqlFunction *function,
                       CollationLabel *label)
{
    int count = AST_LIST_COUNT(call->args);
    int ordered = AST_LIST_COUNT(call->within_group);
    SqlType *types = palloc0(sizeof(SqlType) * (count + ordered + 1));
    List *args = NIL;
    bool percentile = ordered && strncmp(function->name, "PERCENTILE", 10) == 0;

    *label = COLLATION_COERCIBLE;
    binder_set_line(&call->node);
    if (!call->star && !percentile)
        sql_function_check_count(function, count);
    for (int i = 0; i < count; i++) {
        BoundExpr value = bind_aggregate_argument(binder, AST_LIST_ITEM(AstNode, call->args, i));

        types[i] = value.type;
        args = lappend(args, value.expr);
        *label = Max(*label, value.label);
    }
    if (percentile) {
        AstOrderItem *item = AST_LIST_ITEM(AstOrderItem, call->within_group, 0);
        BoundExpr value = bind_aggregate_argument(binder, item->expr);

        types[count++] = value.type;
        args = lappend(args, value.expr);
        types[count++] = sql_type_make(SQL_BIT);
        args = lappend(args, bind_bool_const(item->descending));
    }
    binder_set_line(&call->node);
    return sql_function_resolve(function, args, types);
}

/* ---- Aggref ---- */

/* COUNT(DISTINCT x): the equality that the argument's type has. */
static void
add_distinct(Aggref *aggref)
{
    ListCell *cell;

    foreach (cell, aggref->args) {
        TargetEntry *entry = lfirst(cell);

        if (entry->resjunk)
            continue;
        aggref->aggdistinct =
            lappend(aggref->aggdistinct, bind_sort_clause(entry, aggref->args, false));
    }
}

/* STRING_AGG(...) WITHIN GROUP (ORDER BY ...). */
static void
add_order(Binder *binder, Aggref *aggref, const AstList *order)
{
    for (int i = 0; i < AST_LIST_COUNT(order); i++) {
        const AstOrderItem *item = AST_LIST_ITEM(AstOrderItem, order, i);
        BoundExpr key = bind_aggregate_argument(binder, item->expr);
        TargetEntry *entry = bind_find_target(&aggref->args, key.expr);

        aggref->aggorder =
            lappend(aggref->aggorder, bind_sort_clause(entry, aggref->args, item->descending));
    }
}

static Aggref *
make_aggref(const FunctionCall *call, bool star)
{
    Aggref *aggref = makeNode(Aggref);
    AttrNumber number = 1;
    ListCell *cell;

    aggref->aggfnoid = call->function;
    aggref->aggtype = call->pg_result;
    aggref->aggcollid = call->result.collation;
    aggref->inputcollid = call->input_collation;
    aggref->aggtranstype = InvalidOid;
    foreach (cell, call->args) {
        Expr *arg = lfirst(cell);

        aggref->aggargtypes = lappend_oid(aggref->aggargtypes, exprType((Node *) arg));
        aggref->args = lappend(aggref->args, makeTargetEntry(arg, number++, NULL, false));
    }
    aggref->aggstar = star;
    aggref->aggkind = AGGKIND_NORMAL;
    aggref->aggsplit = AGGSPLIT_SIMPLE;
    aggref->aggno = -1;
    aggref->aggtransno = -1;
    aggref->location = -1;
    return aggref;
}

BoundExpr
bind_aggregate(Binder *binder, const AstFunctionCall *call, const SqlFunction *function)
{
    CollationLabel label;
    FunctionCall resolved;
    Aggref *aggref;
    Scope *home;
    BoundExpr result;
    bool count;

    binder_set_line(&call->node);
    if (!binder->scope)
        tsql_error(ERR_102, call->name.object);
    if (binder->scope->aggregate_depth > 0)
        tsql_error(ERR_130);
    resolved = bind_resolve_aggregate(binder, call, function, &label);
    aggref = make_aggref(&resolved, call->star && resolved.args == NIL);
    if (call->distinct && strcmp(function->name, "MIN") != 0 && strcmp(function->name, "MAX") != 0)
        add_distinct(aggref);
    add_order(binder, aggref,
              strncmp(function->name, "PERCENTILE", 10) ? call->within_group : NULL);
    aggref->agglevelsup = aggregate_level((List *) aggref->args);
    home = scope_at(binder, aggref->agglevelsup);
    check_aggregate_place(home);
    home->has_aggregates = home->grouped = true;
    count = strncmp(function->name, "COUNT", 5) == 0 ||
            strcmp(function->name, "APPROX_COUNT_DISTINCT") == 0;
    result = bound_make(sql_function_relabel((Expr *) aggref, &resolved), resolved.result, !count,
                        label);
    return result;
}

/* ---- GROUPING ---- */

static int
group_reference(const Scope *scope, const Expr *expr)
{
    ListCell *cell;

    foreach (cell, scope->group_exprs) {
        const TargetEntry *entry = lfirst(cell);

        if (equal(entry->expr, expr))
            return (int) entry->ressortgroupref;
    }
    return 0;
}

BoundExpr
bind_grouping(Binder *binder, const AstFunctionCall *call)
{
    Scope *scope = binder->scope;
    GroupingFunc *grouping = makeNode(GroupingFunc);
    bool id = pg_strcasecmp(call->name.object, "GROUPING_ID") == 0;
    SqlType as_int = sql_type_make(SQL_INT), tiny = sql_type_make(SQL_TINYINT);
    BoundExpr result;

    for (int i = 0; i < AST_LIST_COUNT(call->args); i++) {
        BoundExpr argument = bind_expr(binder, AST_LIST_ITEM(AstNode, call->args, i));
        int reference = group_reference(scope, argument.expr);

        if (reference == 0) {
            binder_set_line(&call->node);
            tsql_error(ERR_8161, i + 1, id ? "GROUPING_ID" : "GROUPING");
        }
        grouping->args = lappend(grouping->args, argument.expr);
        grouping->refs = lappend_int(grouping->refs, reference);
    }
    grouping->location = -1;
    scope->has_aggregates = scope->grouped = true;
    result = bound_make((Expr *) grouping, as_int, false, COLLATION_NONE);
    return id ? result : bind_converted(binder, result, &tiny, CONVERSION_IMPLICIT);
}
