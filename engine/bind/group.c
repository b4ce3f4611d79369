/*
 * GROUP BY: grouped expressions, ROLLUP, CUBE and GROUPING SETS, and the rule that whatever is
 * selected is grouped or aggregated (8120, 8121, 8127).
 */
#include "postgres.h"

#include "bind/bind_internal.h"

#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"

/* ---- the grouped expressions ---- */

static bool
has_own_column_walker(Node *node, void *context)
{
    if (!node)
        return false;
    if (IsA(node, Var))
        return ((Var *) node)->varlevelsup == 0;
    return expression_tree_walker(node, has_own_column_walker, context);
}

static void
check_group_expr(const BoundExpr *expr, const AstNode *node)
{
    SqlTypeId id = expr->type.id;

    binder_set_line(node);
    if (!has_own_column_walker((Node *) expr->expr, NULL))
        tsql_error(ERR_164);
    if (id == SQL_TEXT || id == SQL_NTEXT || id == SQL_IMAGE)
        tsql_error(ERR_306);
    if (id == SQL_XML)
        tsql_error(ERR_305);
}

/* The reference number of a grouped expression: the known one if it is there already. */
static int
group_reference(Binder *binder, const AstNode *node)
{
    Scope *scope = binder->scope;
    BoundExpr expr = bind_expr(binder, node);
    TargetEntry *entry;
    ListCell *cell;

    check_group_expr(&expr, node);
    foreach (cell, scope->group_exprs) {
        entry = lfirst(cell);
        if (equal(entry->expr, expr.expr))
            return (int) entry->ressortgroupref;
    }
    entry = makeTargetEntry(expr.expr, 0, NULL, true);
    entry->ressortgroupref = list_length(scope->group_exprs) + 1;
    scope->group_exprs = lappend(scope->group_exprs, entry);
    return (int) entry->ressortgroupref;
}

/* A composite (a, b) counts as one unit of ROLLUP or CUBE. */
static List *
group_references(Binder *binder, const AstNode *node)
{
    List *references = NIL;

    if (node->kind == AST_VALUES) {
        const AstValues *values = (const AstValues *) node;
        int count = values->row_count > 0 ? AST_LIST_COUNT(values->rows[0]) : 0; /* () has none */

        for (int i = 0; i < count; i++)
            references = lappend_int(
                references, group_reference(binder, AST_LIST_ITEM(AstNode, values->rows[0], i)));
        return references;
    }
    return list_make1_int(group_reference(binder, node));
}

static GroupingSet *
make_grouping_set(GroupingSetKind kind, List *content)
{
    return makeGroupingSet(kind, content, -1);
}

static GroupingSet *
bind_grouping_sets(Binder *binder, const AstGrouping *grouping)
{
    GroupingSetKind kind = grouping->type == GROUPING_ROLLUP ? GROUPING_SET_ROLLUP
                           : grouping->type == GROUPING_CUBE ? GROUPING_SET_CUBE
                                                             : GROUPING_SET_SETS;
    List *content = NIL;

    if (grouping->type == GROUPING_SIMPLE) {
        for (int i = 0; i < AST_LIST_COUNT(grouping->exprs); i++)
            content = list_concat(
                content, group_references(binder, AST_LIST_ITEM(AstNode, grouping->exprs, i)));
        return make_grouping_set(content ? GROUPING_SET_SIMPLE : GROUPING_SET_EMPTY, content);
    }
    for (int i = 0; i < AST_LIST_COUNT(grouping->exprs); i++)
        content = lappend(
            content, make_grouping_set(
                         GROUPING_SET_SIMPLE,
                         group_references(binder, AST_LIST_ITEM(AstNode, grouping->exprs, i))));
    for (int i = 0; i < grouping->set_count; i++)
        content = lappend(content, bind_grouping_sets(binder, grouping->sets[i]));
    return make_grouping_set(kind, content);
}

void
bind_group_by(Binder *binder, const AstSelect *select)
{
    Scope *scope = binder->scope;
    bool sets = false;

    if (select->grouping_count == 0)
        return;
    scope->clause = CLAUSE_GROUP_BY;
    scope->grouped = true;
    for (int i = 0; i < select->grouping_count; i++)
        sets = sets || select->groupings[i]->type != GROUPING_SIMPLE ||
               AST_LIST_COUNT(select->groupings[i]->exprs) != 1 ||
               AST_LIST_ITEM(AstNode, select->groupings[i]->exprs, 0)->kind == AST_VALUES;
    for (int i = 0; i < select->grouping_count; i++) {
        const AstGrouping *grouping = select->groupings[i];

        if (sets)
            scope->query->groupingSets =
                lappend(scope->query->groupingSets, bind_grouping_sets(binder, grouping));
        else
            group_reference(binder, AST_LIST_ITEM(AstNode, grouping->exprs, 0));
    }
}

/* Finds or adds the target entries of the grouped expressions and makes the group clause. */
void
bind_group_targets(Binder *binder, List **targets)
{
    Scope *scope = binder->scope;
    ListCell *cell;

    foreach (cell, scope->group_exprs) {
        TargetEntry *group = lfirst(cell);
        TargetEntry *entry = bind_find_target(targets, group->expr);

        entry->ressortgroupref = group->ressortgroupref;
        scope->query->groupClause =
            lappend(scope->query->groupClause, bind_sort_clause(entry, *targets, false));
    }
}

/* ---- what may be selected ---- */

typedef struct GroupCheck {
    const Scope *scope;
    int sublevels;
    int error; /* number to raise */
} GroupCheck;

static void
column_names(const Scope *scope, const Var *var, const char **table, const char **column)
{
    ListCell *cell;

    foreach (cell, scope->sources) {
        const ScopeSource *source = lfirst(cell);

        if (source->rtindex != (int) var->varno)
            continue;
        for (int i = 0; i < source->column_count; i++)
            if (source->columns[i].attnum == var->varattno)
                *column = source->columns[i].name;
        *table = source->text ? source->text : "";
    }
}

static bool
is_grouped(const GroupCheck *check, const Node *node)
{
    ListCell *cell;

    foreach (cell, check->scope->group_exprs) {
        const TargetEntry *entry = lfirst(cell);

        if (check->sublevels == 0) {
            if (equal(entry->expr, node))
                return true;
        } else if (IsA(node, Var) && IsA(entry->expr, Var)) {
            const Var *a = (const Var *) node, *b = (const Var *) entry->expr;

            if (a->varno == b->varno && a->varattno == b->varattno)
                return true;
        }
    }
    return false;
}

static bool
ungrouped_walker(Node *node, GroupCheck *check)
{
    if (!node)
        return false;
    if (IsA(node, Const) || IsA(node, Param))
        return false;
    if (IsA(node, Aggref) && (int) ((Aggref *) node)->agglevelsup >= check->sublevels) {
        /* its arguments are free when it is this query's */
        return false;
    }
    if (IsA(node, GroupingFunc) && (int) ((GroupingFunc *) node)->agglevelsup >= check->sublevels)
        return false;
    if (check->sublevels == 0 && is_grouped(check, node))
        return false;
    if (IsA(node, Var)) {
        const Var *var = (const Var *) node;
        const char *table = "", *column = "?";

        if ((int) var->varlevelsup != check->sublevels || is_grouped(check, node))
            return false;
        column_names(check->scope, var, &table, &column);
        switch (check->error) {
        case 8121:
            tsql_error(ERR_8121, table, column);
        case 8127:
            tsql_error(ERR_8127, table, column);
        default:
            tsql_error(ERR_8120, table, column);
        }
    }
    if (IsA(node, Query)) {
        bool result;

        check->sublevels++;
        result = query_tree_walker((Query *) node, ungrouped_walker, check, 0);
        check->sublevels--;
        return result;
    }
    return expression_tree_walker(node, ungrouped_walker, check);
}

void
bind_check_grouping(Binder *binder)
{
    Scope *scope = binder->scope;
    GroupCheck check = {scope, 0, 8120};
    ListCell *cell;

    if (!scope->grouped)
        return;
    if (scope->select)
        binder_set_line(scope->select);
    foreach (cell, scope->query->targetList) {
        TargetEntry *entry = lfirst(cell);

        check.error = entry->resjunk ? 8127 : 8120;
        ungrouped_walker((Node *) entry->expr, &check);
    }
    check.error = 8121;
    ungrouped_walker(scope->query->havingQual, &check);
}
