/*
 * ORDER BY, and the sort and group clauses of the rest. T-SQL sorts NULLs lowest, so ascending is
 * NULLS FIRST and descending NULLS LAST; indexes are made alike, or none could serve an order.
 */
#include "postgres.h"

#include "bind/bind_internal.h"

#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "pgcompat/pgcompat.h"
#include "utils/typcache.h"

TargetEntry *
bind_find_target(List **targets, Expr *expr)
{
    TargetEntry *entry;
    ListCell *cell;

    foreach (cell, *targets) {
        entry = lfirst(cell);
        if (equal(entry->expr, expr))
            return entry;
    }
    entry = makeTargetEntry(expr, list_length(*targets) + 1, NULL, true);
    *targets = lappend(*targets, entry);
    return entry;
}

static Index
next_reference(List *targets)
{
    Index highest = 0;
    ListCell *cell;

    foreach (cell, targets)
        highest = Max(highest, ((TargetEntry *) lfirst(cell))->ressortgroupref);
    return highest + 1;
}

TypeCacheEntry *
bind_type_operators(Oid type)
{
    TypeCacheEntry *cache = lookup_type_cache(type, TYPECACHE_LT_OPR | TYPECACHE_EQ_OPR |
                                                        TYPECACHE_GT_OPR | TYPECACHE_HASH_PROC);

    if (!OidIsValid(cache->lt_opr) || !OidIsValid(cache->eq_opr))
        elog(ERROR, "type %u has no order", type);
    return cache;
}

SortGroupClause *
bind_sort_clause(TargetEntry *entry, List *targets, bool descending)
{
    SortGroupClause *sort = makeNode(SortGroupClause);
    Oid type = exprType((Node *) entry->expr);
    TypeCacheEntry *cache;

    if (type == sql_type_oid(SQL_TEXT) || type == sql_type_oid(SQL_NTEXT) ||
        type == sql_type_oid(SQL_IMAGE))
        tsql_error(ERR_306);
    if (type == sql_type_oid(SQL_XML))
        tsql_error(ERR_305);
    cache = bind_type_operators(type);
    if (entry->ressortgroupref == 0)
        entry->ressortgroupref = next_reference(targets);
    sort->tleSortGroupRef = entry->ressortgroupref;
    sort->eqop = cache->eq_opr;
    sort->sortop = descending ? cache->gt_opr : cache->lt_opr;
    sort->nulls_first = !descending;
    pgcompat_sort_direction(sort, descending);
    sort->hashable = OidIsValid(cache->hash_proc);
    return sort;
}

/* ---- ORDER BY ---- */

/* The position among the client's columns that an ordinal or an output name means; -1 if none. */
static int
output_position(Binder *binder, const AstNode *node, const ColumnList *columns)
{
    const AstColumnRef *ref = (const AstColumnRef *) node;
    int found = -1;

    if (node->kind != AST_COLUMN_REF || ref->table)
        return -1;
    for (int i = 0; i < columns->count; i++) {
        const TargetEntry *entry, *former;

        if (!columns->columns[i].name[0] ||
            !binder_name_equal(binder, columns->columns[i].name, ref->column))
            continue;
        if (found < 0) {
            found = i;
            continue;
        }
        entry = list_nth(binder->scope->query->targetList, i);
        former = list_nth(binder->scope->query->targetList, found);
        if (!equal(entry->expr, former->expr)) {
            binder_set_line(node);
            tsql_error(ERR_209, ref->column);
        }
    }
    return found;
}

static int
ordinal_position(const AstNode *node, const ColumnList *columns, int item)
{
    const AstLiteral *literal = (const AstLiteral *) node;
    long position;

    if (node->kind != AST_LITERAL)
        return -1;
    binder_set_line(node);
    if (literal->type != LITERAL_INTEGER)
        tsql_error(ERR_408, item);
    position = strtol(literal->text, NULL, 10);
    if (position < 1 || position > columns->count)
        tsql_error(ERR_108, (int) position);
    return (int) position - 1;
}

static TargetEntry *
order_target(Binder *binder, const AstOrderItem *item, const ColumnList *columns, int number)
{
    Query *query = binder->scope->query;
    int position = ordinal_position(item->expr, columns, number);

    if (position < 0)
        position = output_position(binder, item->expr, columns);
    if (position >= 0)
        return list_nth(query->targetList, position);
    binder_set_line(&item->node);
    if (query->setOperations)
        tsql_error(ERR_104);
    if (item->expr->kind == AST_VARIABLE)
        tsql_error(ERR_1008, number);
    return bind_find_target(&query->targetList, bind_expr(binder, item->expr).expr);
}

/* For the ORDER token: which of the client's columns the rows are sorted by. */
static void
describe_order(Binder *binder, const ColumnList *columns)
{
    BoundStatement *statement = binder->statement;
    Query *query = binder->scope->query;
    ListCell *cell, *target;
    int count = 0;

    if (binder->scope->outer || binder->in_module)
        return;
    statement->order = palloc0(sizeof(int16) * Max(list_length(query->sortClause), 1));
    foreach (cell, query->sortClause) {
        SortGroupClause *sort = lfirst(cell);
        int position = 0;

        foreach (target, query->targetList) {
            TargetEntry *entry = lfirst(target);

            if (!entry->resjunk && entry->ressortgroupref == sort->tleSortGroupRef)
                position = entry->resno;
        }
        statement->order[count++] = position;
    }
    statement->order_count = count;
}

void
bind_order_by(Binder *binder, const AstList *order, const ColumnList *columns)
{
    Query *query = binder->scope->query;

    for (int i = 0; i < AST_LIST_COUNT(order); i++) {
        const AstOrderItem *item = AST_LIST_ITEM(AstOrderItem, order, i);
        TargetEntry *entry = order_target(binder, item, columns, i + 1);
        ListCell *cell;

        binder_set_line(&item->node);
        foreach (cell, query->sortClause)
            if (entry->ressortgroupref != 0 &&
                ((SortGroupClause *) lfirst(cell))->tleSortGroupRef == entry->ressortgroupref)
                tsql_error(ERR_169);
        query->sortClause = lappend(query->sortClause,
                                    bind_sort_clause(entry, query->targetList, item->descending));
    }
    if (AST_LIST_COUNT(order) > 0)
        describe_order(binder, columns);
}
