/*
 * Window functions. While expressions are bound each OVER becomes a WindowSpec of the scope with a
 * winref; when the select list is complete the specs become the query's WindowClauses, their keys
 * as (junk) target entries.
 */
#include "postgres.h"

#include "bind/bind_internal.h"

#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"

typedef struct WindowKey {
    Expr *expr;
    bool descending;
} WindowKey;

typedef struct WindowSpec {
    Index winref;
    List *partition; /* Expr */
    List *order;     /* WindowKey * */
    int frame_options;
    Node *start_offset, *end_offset;
} WindowSpec;

/* ---- frames ---- */

static int
bound_options(FrameBoundType type, bool start)
{
    switch (type) {
    case FRAME_UNBOUNDED_PRECEDING:
        return FRAMEOPTION_START_UNBOUNDED_PRECEDING;
    case FRAME_PRECEDING:
        return start ? FRAMEOPTION_START_OFFSET_PRECEDING : FRAMEOPTION_END_OFFSET_PRECEDING;
    case FRAME_CURRENT_ROW:
        return start ? FRAMEOPTION_START_CURRENT_ROW : FRAMEOPTION_END_CURRENT_ROW;
    case FRAME_FOLLOWING:
        return start ? FRAMEOPTION_START_OFFSET_FOLLOWING : FRAMEOPTION_END_OFFSET_FOLLOWING;
    case FRAME_UNBOUNDED_FOLLOWING:
        return FRAMEOPTION_END_UNBOUNDED_FOLLOWING;
    }
    return 0;
}

static Node *
frame_offset(Binder *binder, const AstNode *node)
{
    SqlType bigint = sql_type_make(SQL_BIGINT);

    if (!node)
        return NULL;
    return (Node *) bind_convert(binder, bind_expr(binder, node), &bigint, CONVERSION_IMPLICIT);
}

static void
bind_frame(Binder *binder, const AstWindow *window, WindowSpec *spec)
{
    if (!window->has_frame) {
        spec->frame_options = FRAMEOPTION_DEFAULTS;
        return;
    }
    binder_set_line(&window->node);
    if (!window->frame_rows &&
        (window->frame_start == FRAME_PRECEDING || window->frame_start == FRAME_FOLLOWING ||
         window->frame_end == FRAME_PRECEDING || window->frame_end == FRAME_FOLLOWING))
        tsql_error(ERR_4194);
    spec->frame_options = FRAMEOPTION_NONDEFAULT | FRAMEOPTION_BETWEEN |
                          (window->frame_rows ? FRAMEOPTION_ROWS : FRAMEOPTION_RANGE) |
                          bound_options(window->frame_start, true) |
                          bound_options(window->frame_end, false);
    spec->start_offset = frame_offset(binder, window->frame_start_value);
    spec->end_offset = frame_offset(binder, window->frame_end_value);
}

/* ---- specs ---- */

static const AstWindow *
named_window(Binder *binder, const char *name)
{
    ListCell *cell;

    foreach (cell, binder->scope->window_asts) {
        const AstWindow *window = lfirst(cell);

        if (binder_name_equal(binder, window->name, name))
            return window;
    }
    tsql_error(ERR_5362, name);
}

static void
collect_window(Binder *binder, const AstWindow *window, WindowSpec *spec)
{
    /* OVER name, or a base window that this one refines */
    if (window->base || (window->name && !window->partition_by && !window->order_by &&
                         !list_member_ptr(binder->scope->window_asts, window)))
        collect_window(binder, named_window(binder, window->base ? window->base : window->name),
                       spec);
    for (int i = 0; i < AST_LIST_COUNT(window->partition_by); i++)
        spec->partition =
            lappend(spec->partition,
                    bind_expr(binder, AST_LIST_ITEM(AstNode, window->partition_by, i)).expr);
    for (int i = 0; i < AST_LIST_COUNT(window->order_by); i++) {
        const AstOrderItem *item = AST_LIST_ITEM(AstOrderItem, window->order_by, i);
        WindowKey *key = palloc(sizeof(WindowKey));

        binder_set_line(&item->node);
        if (item->expr->kind == AST_LITERAL)
            tsql_error(((const AstLiteral *) item->expr)->type == LITERAL_INTEGER ? ERR_5308
                                                                                  : ERR_5309);
        key->expr = bind_expr(binder, item->expr).expr;
        key->descending = item->descending;
        spec->order = lappend(spec->order, key);
    }
    if (window->has_frame || spec->frame_options == 0)
        bind_frame(binder, window, spec);
}

static bool
same_order(const List *a, const List *b)
{
    ListCell *left, *right;

    if (list_length(a) != list_length(b))
        return false;
    forboth (left, a, right, b) {
        const WindowKey *x = lfirst(left), *y = lfirst(right);

        if (x->descending != y->descending || !equal(x->expr, y->expr))
            return false;
    }
    return true;
}

static WindowSpec *
window_spec(Binder *binder, const AstWindow *window, const SqlFunction *function)
{
    WindowSpec *spec = palloc0(sizeof(WindowSpec));
    Scope *scope = binder->scope;
    ListCell *cell;

    collect_window(binder, window, spec);
    if ((function->flags & FUNCTION_ORDERED) && spec->order == NIL)
        tsql_error(ERR_4112, function->name);
    if (spec->order == NIL && (spec->frame_options & FRAMEOPTION_NONDEFAULT))
        tsql_error(ERR_10756);
    foreach (cell, scope->windows) {
        WindowSpec *known = lfirst(cell);

        if (known->frame_options == spec->frame_options &&
            equal(known->partition, spec->partition) && same_order(known->order, spec->order) &&
            equal(known->start_offset, spec->start_offset) &&
            equal(known->end_offset, spec->end_offset))
            return known;
    }
    scope->windows = lappend(scope->windows, spec);
    spec->winref = list_length(scope->windows);
    return spec;
}

/* FIRST_VALUE, LAST_VALUE, LAG and LEAD have a second form for IGNORE NULLS (ignore_nulls.sql). */
static const SqlFunction *
ignoring_nulls(const SqlFunction *function)
{
    SqlFunction *other = palloc(sizeof(SqlFunction));
    const char *dot = strchr(function->pg_name, '.');

    *other = *function;
    other->pg_name = psprintf("%s_not_null", dot != NULL ? dot + 1 : function->pg_name);
    return other;
}

BoundExpr
bind_window_function(Binder *binder, const AstFunctionCall *call, const SqlFunction *function)
{
    Scope *scope = binder->scope;
    WindowFunc *func = makeNode(WindowFunc);
    CollationLabel label;
    FunctionCall resolved;
    WindowSpec *spec;
    SqlType value_type = {.id = SQL_UNKNOWN};
    BoundExpr result;
    bool counts;

    if (call->nulls < 0 && function->kind == KIND_WINDOW && function->max_args > 0)
        function = ignoring_nulls(function);
    binder_set_line(&call->node);
    if (!scope || (scope->clause != CLAUSE_SELECT_LIST && scope->clause != CLAUSE_ORDER_BY))
        tsql_error(ERR_4108);
    if (scope->in_window || scope->aggregate_depth > 0)
        tsql_error(ERR_4109);
    if (call->distinct)
        tsql_error(ERR_10759);
    scope->in_window = true;
    {
        int depth = scope->aggregate_depth;

        /* SUM(SUM(x)) OVER (): the inner one is an ordinary aggregate */
        scope->aggregate_depth = -1000;
        resolved = bind_resolve_aggregate(binder, call, function, &label);
        scope->aggregate_depth = depth;
    }
    spec = window_spec(binder, call->over, function);
    if (AST_LIST_COUNT(call->within_group) > 0)
        value_type =
            bind_expr(binder, AST_LIST_ITEM(AstOrderItem, call->within_group, 0)->expr).type;
    scope->in_window = false;
    scope->has_windows = true;
    func->winfnoid = resolved.function;
    func->wintype = resolved.pg_result;
    func->wincollid = resolved.result.collation;
    func->inputcollid = resolved.input_collation;
    func->args = resolved.args;
    func->winref = spec->winref;
    func->winstar = call->star && resolved.args == NIL;
    func->winagg = function->kind == KIND_AGGREGATE;
    func->location = -1;
    counts = function->kind == KIND_WINDOW && AST_LIST_COUNT(call->args) == 0;
    result =
        bound_make(sql_function_relabel((Expr *) func, &resolved), resolved.result, !counts, label);
    /* one of the values itself, so of their type */
    if (strcmp(function->name, "PERCENTILE_DISC") == 0)
        result = bind_converted(binder, result, &value_type, CONVERSION_EXPLICIT);
    return result;
}

void
bind_finish_windows(Binder *binder, List **targets)
{
    Scope *scope = binder->scope;
    ListCell *cell, *key;

    foreach (cell, scope->windows) {
        WindowSpec *spec = lfirst(cell);
        WindowClause *clause = makeNode(WindowClause);

        foreach (key, spec->partition) {
            TargetEntry *entry = bind_find_target(targets, lfirst(key));

            clause->partitionClause =
                lappend(clause->partitionClause, bind_sort_clause(entry, *targets, false));
        }
        foreach (key, spec->order) {
            WindowKey *order = lfirst(key);
            TargetEntry *entry = bind_find_target(targets, order->expr);

            clause->orderClause =
                lappend(clause->orderClause, bind_sort_clause(entry, *targets, order->descending));
        }
        clause->frameOptions = spec->frame_options;
        clause->startOffset = spec->start_offset;
        clause->endOffset = spec->end_offset;
        clause->winref = spec->winref;
        scope->query->windowClause = lappend(scope->query->windowClause, clause);
    }
}
