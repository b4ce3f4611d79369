/*
 * One query block: SELECT with all its clauses, in the order in which they see each other's names:
 * FROM, WHERE, GROUP BY, select list, HAVING, ORDER BY, DISTINCT, TOP.
 */
#include "postgres.h"

#include "bind/bind_internal.h"

#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"

/* ---- select list ---- */

static void
add_star_source(Binder *binder, const ScopeSource *source, List **targets, ColumnList *columns)
{
    for (int i = 0; i < source->column_count; i++) {
        if (source->columns[i].hidden)
            continue;
        bind_add_target(targets, columns, scope_column_expr(binder, source, i, 0),
                        source->columns[i].name);
    }
}

static bool
star_matches(Binder *binder, const ScopeSource *source, const AstStar *star)
{
    const char *exposed = source->alias ? source->alias : source->table;

    if (!star->table)
        return true;
    if (!exposed || !binder_name_equal(binder, exposed, star->table))
        return false;
    if (!star->schema || !star->schema[0])
        return true;
    return !source->alias && source->schema &&
           binder_name_equal(binder, source->schema, star->schema);
}

static void
expand_star(Binder *binder, const AstStar *star, List **targets, ColumnList *columns)
{
    bool found = false;
    ListCell *cell;

    binder_set_line(&star->node);
    foreach (cell, binder->scope->sources) {
        const ScopeSource *source = lfirst(cell);

        if (source->hidden || !star_matches(binder, source, star))
            continue;
        found = true;
        add_star_source(binder, source, targets, columns);
    }
    if (found)
        return;
    if (star->table)
        tsql_error(ERR_107, star->table);
    tsql_error(ERR_263);
}

static void
add_assignment(Binder *binder, const AstSelectItem *item, List **targets)
{
    BoundStatement *statement = binder->statement;
    AstVariable variable = {.node = item->node, .name = item->variable};
    BoundExpr target, value;
    BoundAssignment *assignment;

    variable.node.kind = AST_VARIABLE;
    target = bind_variable(binder, &variable);
    value = bind_wanted(binder, item->expr, &target.type);
    if (item->assign_op != OP_ASSIGN)
        value = bind_operator(binder, item->assign_op, target, value);
    value.node = &item->node;
    value = bind_converted(binder, value, &target.type, CONVERSION_ASSIGN);
    statement->assignments =
        statement->assignments
            ? repalloc(statement->assignments,
                       sizeof(BoundAssignment) * (statement->assignment_count + 1))
            : palloc(sizeof(BoundAssignment));
    assignment = &statement->assignments[statement->assignment_count++];
    assignment->variable = item->variable;
    assignment->column = list_length(*targets);
    assignment->param = ((Param *) target.expr)->paramid;
    bind_add_target(targets, NULL, value, item->variable);
}

static const char *
item_name(const AstSelectItem *item, const BoundExpr *value)
{
    if (item->alias)
        return item->alias;
    if (item->expr->kind == AST_COLUMN_REF)
        return value->column ? value->column->name : ((const AstColumnRef *) item->expr)->column;
    return NULL;
}

void
bind_select_list(Binder *binder, const AstList *items, List **targets, ColumnList *columns)
{
    bool assigns = false, returns = false;

    for (int i = 0; i < AST_LIST_COUNT(items); i++) {
        const AstSelectItem *item = AST_LIST_ITEM(AstSelectItem, items, i);

        binder_set_line(&item->node);
        if (item->variable) {
            assigns = true;
            add_assignment(binder, item, targets);
        } else if (item->expr->kind == AST_STAR) {
            returns = true;
            expand_star(binder, (const AstStar *) item->expr, targets, columns);
        } else {
            BoundExpr value = bind_expr(binder, item->expr);

            returns = true;
            bind_add_target(targets, columns, value, item_name(item, &value));
        }
        if (assigns && returns)
            tsql_error(ERR_141);
    }
}

/* ---- DISTINCT ---- */

static void
check_distinct_types(const ColumnList *columns)
{
    for (int i = 0; i < columns->count; i++) {
        SqlTypeId id = columns->columns[i].type.id;

        if (id == SQL_TEXT || id == SQL_NTEXT || id == SQL_IMAGE || id == SQL_XML)
            tsql_error(ERR_421, sql_type_info(id)->name);
    }
}

static void
bind_distinct_clause(Binder *binder, const ColumnList *columns)
{
    Query *query = binder->scope->query;
    ListCell *cell;

    check_distinct_types(columns);
    foreach (cell, query->sortClause) {
        SortGroupClause *sort = lfirst(cell);
        ListCell *target;

        foreach (target, query->targetList) {
            TargetEntry *entry = lfirst(target);

            if (entry->ressortgroupref == sort->tleSortGroupRef && entry->resjunk)
                tsql_error(ERR_145);
        }
        query->distinctClause = lappend(query->distinctClause, copyObject(sort));
    }
    foreach (cell, query->targetList) {
        TargetEntry *entry = lfirst(cell);
        bool sorted = false;
        ListCell *known;

        if (entry->resjunk)
            continue;
        foreach (known, query->distinctClause)
            if (entry->ressortgroupref != 0 &&
                ((SortGroupClause *) lfirst(known))->tleSortGroupRef == entry->ressortgroupref)
                sorted = true;
        if (!sorted)
            query->distinctClause =
                lappend(query->distinctClause, bind_sort_clause(entry, query->targetList, false));
    }
}

/* ---- the block ---- */

static void
check_windows(Binder *binder, const AstSelect *select)
{
    for (int i = 0; i < AST_LIST_COUNT(select->windows); i++)
        binder->scope->window_asts =
            lappend(binder->scope->window_asts, AST_LIST_ITEM(AstWindow, select->windows, i));
}

/* Rows can be locked only where they are still rows of tables. */
static void
prune_row_marks(Scope *scope)
{
    Query *query = scope->query;
    List *kept = NIL;
    ListCell *cell, *other;

    if (query->rowMarks == NIL)
        return;
    if (!scope->grouped && !query->distinctClause && !scope->has_windows)
        foreach (cell, query->rowMarks) {
            RowMarkClause *mark = lfirst(cell);
            bool nullable = false;

            foreach (other, scope->sources) {
                const ScopeSource *source = lfirst(other);

                if (source->rtindex == (int) mark->rti && source->outer_nullable)
                    nullable = true;
            }
            if (!nullable)
                kept = lappend(kept, mark);
        }
    query->rowMarks = kept;
}

static void
bind_having(Binder *binder, const AstSelect *select)
{
    Scope *scope = binder->scope;

    if (!select->having)
        return;
    scope->clause = CLAUSE_HAVING;
    scope->grouped = true;
    scope->query->havingQual = bind_predicate(binder, select->having);
}

/* A query without FROM still yields its row through WHERE. */
static void
bind_select_clauses(Binder *binder, const AstSelect *select, ColumnList *columns)
{
    Scope *scope = binder->scope;
    Query *query = scope->query;
    const AstQueryTail *tail = select->tail;
    List *from = bind_from(binder, select->from);
    Node *where = bind_where(binder, select->where);

    query->jointree = makeFromExpr(from, where);
    check_windows(binder, select);
    bind_group_by(binder, select);
    scope->clause = CLAUSE_SELECT_LIST;
    bind_select_list(binder, select->items, &query->targetList, columns);
    bind_having(binder, select);
    bind_group_targets(binder, &query->targetList);
    scope->clause = CLAUSE_ORDER_BY;
    if (tail)
        bind_order_by(binder, tail->order_by, columns);
    bind_finish_windows(binder, &query->targetList);
    /* grouping sets yield NULLs for what they leave out */
    for (int i = 0; i < columns->count && query->groupingSets != NIL; i++)
        columns->columns[i].nullable = true;
    if (select->distinct)
        bind_distinct_clause(binder, columns);
    bind_check_grouping(binder);
    scope->clause = CLAUSE_TOP;
    if (select->top)
        bind_top(binder, select->top, select->top_percent, select->top_with_ties, query);
    if (tail)
        bind_offset_fetch(binder, tail, query);
    prune_row_marks(scope);
}

Query *
bind_select(Binder *binder, const AstSelect *select, ColumnList *columns)
{
    Scope *scope = scope_push(binder, CMD_SELECT);

    binder_set_line(&select->node);
    scope->select = &select->node;
    bind_select_clauses(binder, select, columns);
    return scope_finish(binder);
}

/* ---- queries of any kind ---- */

Query *
bind_query(Binder *binder, const AstNode *node, ColumnList *columns)
{
    const AstQueryTail *tail = ((const AstQuery *) node)->tail;
    CteEntry *saved = binder->ctes;
    Query *query;

    if (tail)
        bind_ctes(binder, tail->ctes);
    switch (node->kind) {
    case AST_SELECT:
        query = bind_select(binder, (const AstSelect *) node, columns);
        break;
    case AST_SET_OPERATION:
        query = bind_set_operation(binder, (const AstSetOperation *) node, columns);
        break;
    case AST_VALUES:
        query = bind_values(binder, (const AstValues *) node, columns);
        break;
    default:
        elog(ERROR, "node kind %d is no query", (int) node->kind);
    }
    binder->ctes = saved;
    return query;
}

static void
check_subquery_order(const AstNode *node)
{
    const AstQueryTail *tail = ((const AstQuery *) node)->tail;

    if (!tail || !tail->order_by || tail->offset || tail->for_clause == FOR_XML ||
        tail->for_clause == FOR_JSON)
        return;
    if (node->kind == AST_SELECT && ((const AstSelect *) node)->top)
        return;
    binder_set_line(node);
    tsql_error(ERR_1033);
}

Query *
bind_subquery(Binder *binder, const AstNode *node, ColumnList *columns)
{
    const AstQueryTail *tail = ((const AstQuery *) node)->tail;
    BoundStatement *saved = binder->statement;
    int assignments = saved->assignment_count;
    Query *query;

    check_subquery_order(node);
    query = bind_query(binder, node, columns);
    if (saved->assignment_count != assignments)
        tsql_error(ERR_102, "=");
    if (tail && (tail->for_clause == FOR_XML || tail->for_clause == FOR_JSON))
        query = bind_for_subquery(binder, query, columns, tail);
    return query;
}
