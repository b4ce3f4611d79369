/*
 * VALUES as a table: rows of expressions whose columns meet in one type.
 */
#include "postgres.h"

#include "bind/bind_internal.h"

#include "nodes/makefuncs.h"

static Query *
one_row(Binder *binder, BoundExpr *row, int width, ColumnList *columns)
{
    Query *query = binder->scope->query;

    for (int i = 0; i < width; i++)
        bind_add_target(&query->targetList, columns, row[i], NULL);
    query->jointree = makeFromExpr(NIL, NULL);
    return scope_finish(binder);
}

static BoundExpr **
bind_rows(Binder *binder, const AstValues *values, int width)
{
    BoundExpr **rows = palloc(sizeof(BoundExpr *) * values->row_count);

    for (int r = 0; r < values->row_count; r++) {
        if (AST_LIST_COUNT(values->rows[r]) != width) {
            binder_set_line(&values->node);
            tsql_error(ERR_10709);
        }
        binder->scope->drawn = NIL;
        rows[r] = palloc(sizeof(BoundExpr) * Max(width, 1));
        for (int i = 0; i < width; i++)
            rows[r][i] = bind_expr(binder, AST_LIST_ITEM(AstNode, values->rows[r], i));
    }
    return rows;
}

/* The type of column `c` and its conversion in every row. */
static BoundColumn
meet_column(Binder *binder, BoundExpr **rows, int count, int c)
{
    BoundExpr *items = palloc(sizeof(BoundExpr) * count);
    BoundExpr sample = {0};
    CollationLabel label;
    SqlType type;
    bool nullable = false;

    for (int r = 0; r < count; r++) {
        items[r] = rows[r][c];
        nullable = nullable || items[r].nullable;
    }
    if (!bind_common_type(binder, items, count, "VALUES", &type, &label))
        type = sql_type_make(SQL_INT);
    for (int r = 0; r < count; r++)
        rows[r][c] = bind_converted(binder, items[r], &type, CONVERSION_IMPLICIT);
    sample = bound_make(NULL, type, nullable, label);
    pfree(items);
    return bind_describe(&sample, NULL);
}

Query *
bind_values(Binder *binder, const AstValues *values, ColumnList *columns)
{
    Scope *scope = scope_push(binder, CMD_SELECT);
    Query *query = scope->query;
    int width = AST_LIST_COUNT(values->rows[0]);
    RangeTblEntry *entry = makeNode(RangeTblEntry);
    RangeTblRef *ref = makeNode(RangeTblRef);
    BoundExpr **rows;
    List *names = NIL;

    scope->clause = CLAUSE_VALUES;
    rows = bind_rows(binder, values, width);
    if (values->row_count == 1)
        return one_row(binder, rows[0], width, columns);
    entry->rtekind = RTE_VALUES;
    for (int c = 0; c < width; c++) {
        BoundColumn column = meet_column(binder, rows, values->row_count, c);

        column_list_add(columns, column);
        entry->coltypes = lappend_oid(entry->coltypes, sql_type_oid(column.type.id));
        entry->coltypmods = lappend_int(entry->coltypmods, sql_type_typmod(&column.type));
        entry->colcollations = lappend_oid(entry->colcollations, column.type.collation);
        names = lappend(names, makeString(psprintf("column%d", c + 1)));
        query->targetList =
            lappend(query->targetList,
                    makeTargetEntry((Expr *) makeVar(1, c + 1, sql_type_oid(column.type.id),
                                                     sql_type_typmod(&column.type),
                                                     column.type.collation, 0),
                                    c + 1, psprintf("column%d", c + 1), false));
    }
    for (int r = 0; r < values->row_count; r++) {
        List *exprs = NIL;

        for (int c = 0; c < width; c++)
            exprs = lappend(exprs, rows[r][c].expr);
        entry->values_lists = lappend(entry->values_lists, exprs);
    }
    entry->eref = makeAlias("*VALUES*", names);
    entry->inFromCl = true;
    query->rtable = list_make1(entry);
    ref->rtindex = 1;
    query->jointree = makeFromExpr(list_make1(ref), NULL);
    return scope_finish(binder);
}
