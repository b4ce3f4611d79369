/*
 * INSERT: column list, VALUES, SELECT, EXEC and DEFAULT VALUES sources. DEFAULTs and identity
 * values of columns left out are filled by PostgreSQL's rewriter. See dml.h.
 */
#include "postgres.h"

#include "bind/dml.h"
#include "catalog/pg_type_d.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "parser/parsetree.h"

TargetEntry *
dml_target_entry(const CatalogRelation *relation, int column, Expr *expr)
{
    const CatalogColumn *target = &relation->columns[column];

    return makeTargetEntry(expr, target->attnum, pstrdup(target->name), false);
}

TargetEntry *
dml_rowversion_target(const CatalogRelation *relation, int column)
{
    SqlType type = sql_type_make(SQL_ROWVERSION);

    return dml_target_entry(relation, column, bind_call("next_rowversion", &type, NIL, InvalidOid));
}

static bool
is_default_keyword(const AstNode *node)
{
    return node == NULL ||
           (node->kind == AST_LITERAL && ((const AstLiteral *) node)->type == LITERAL_DEFAULT);
}

/* DEFAULT written out: PostgreSQL's rewriter puts the column's default in its place. */
static Expr *
default_marker(const CatalogColumn *column)
{
    SetToDefault *marker = makeNode(SetToDefault);

    marker->typeId = sql_type_oid(column->type.id);
    marker->typeMod = sql_type_typmod(&column->type);
    marker->collation = column->type.collation;
    marker->location = -1;
    return (Expr *) marker;
}

TargetEntry *
dml_value_target(Binder *binder, const CatalogRelation *relation, int column, const AstNode *value)
{
    const CatalogColumn *target = &relation->columns[column];

    if (target->type.id == SQL_ROWVERSION) {
        if (!is_default_keyword(value) &&
            !(value->kind == AST_LITERAL && ((const AstLiteral *) value)->type == LITERAL_NULL))
            tsql_error(ERR_273);
        return dml_rowversion_target(relation, column);
    }
    if (is_default_keyword(value)) {
        if (target->identity)
            tsql_error(ERR_339);
        return dml_target_entry(relation, column, default_marker(target));
    }
    return dml_target_entry(relation, column,
                            bind_assignment_value(binder, value, relation, target));
}

/* Whether a column takes values when an INSERT names none. */
static bool
takes_values(const CatalogColumn *column)
{
    return !column->identity && !column->computed && column->type.id != SQL_ROWVERSION &&
           !column->hidden;
}

static int
named_column(Binder *binder, const CatalogRelation *relation, const char *name)
{
    int index = catalog_column_find(relation, name);

    if (index < 0 && pg_strcasecmp(name, "$IDENTITY") == 0)
        index = relation->identity_column;
    if (index < 0)
        tsql_error(ERR_207, name);
    if (relation->columns[index].computed)
        tsql_error(ERR_271, relation->columns[index].name);
    return index;
}

int *
dml_insert_columns(
    Binder *binder, const CatalogRelation *relation, const char **names, int name_count, int *count)
{
    int *columns = palloc(sizeof(int) * (relation->column_count + name_count + 1));

    *count = 0;
    if (names == NULL) {
        for (int i = 0; i < relation->column_count; i++)
            if (takes_values(&relation->columns[i]))
                columns[(*count)++] = i;
        return columns;
    }
    for (int i = 0; i < name_count; i++) {
        int index = named_column(binder, relation, names[i]);

        for (int j = 0; j < *count; j++)
            if (columns[j] == index)
                tsql_error(ERR_264, names[i]);
        columns[(*count)++] = index;
    }
    return columns;
}

/* No column list, and as many values as there are columns with identity or rowversion: the value
 * for the identity is an error of its own. Without such a match the count is wrong. */
static int *
widen_columns(const CatalogRelation *relation, int *columns, int *count, int given)
{
    int wide = 0;

    if (given == *count)
        return columns;
    for (int i = 0; i < relation->column_count; i++)
        if (!relation->columns[i].computed && !relation->columns[i].hidden)
            wide++;
    if (given != wide && !(relation->identity_column >= 0 && given == wide - 1))
        tsql_error(ERR_213);
    *count = 0;
    for (int i = 0; i < relation->column_count; i++) {
        const CatalogColumn *column = &relation->columns[i];

        if (column->computed || column->hidden || (column->identity && given < wide))
            continue;
        if (column->identity)
            tsql_error(ERR_8101, relation->object.name);
        columns[(*count)++] = i;
    }
    return columns;
}

/* ---- the statement under construction ---- */

typedef struct InsertState {
    Binder *binder;
    const AstInsert *ast;
    const CatalogRelation *relation;
    DmlTarget target;
    int *columns; /* indexes into relation->columns, one for each value */
    int column_count;
    List *targets; /* TargetEntry */
} InsertState;

static void
check_count(InsertState *state, int given, bool values)
{
    if (state->ast->columns == NULL) {
        state->columns =
            widen_columns(state->relation, state->columns, &state->column_count, given);
        return;
    }
    if (given < state->column_count)
        tsql_error(values ? ERR_109 : ERR_120);
    if (given > state->column_count)
        tsql_error(values ? ERR_110 : ERR_121);
}

static void
insert_one_row(InsertState *state, const AstList *row)
{
    for (int i = 0; i < state->column_count; i++)
        state->targets =
            lappend(state->targets, dml_value_target(state->binder, state->relation,
                                                     state->columns[i], row->items[i]));
}

static RangeTblEntry *
values_entry(List *lists, const CatalogRelation *relation, const int *columns, int count)
{
    RangeTblEntry *rte = makeNode(RangeTblEntry);
    List *names = NIL;

    rte->rtekind = RTE_VALUES;
    rte->values_lists = lists;
    for (int i = 0; i < count; i++) {
        const CatalogColumn *column = &relation->columns[columns[i]];

        names = lappend(names, makeString(psprintf("column%d", i + 1)));
        rte->coltypes = lappend_oid(rte->coltypes, sql_type_oid(column->type.id));
        rte->coltypmods = lappend_int(rte->coltypmods, sql_type_typmod(&column->type));
        rte->colcollations = lappend_oid(rte->colcollations, column->type.collation);
    }
    rte->alias = NULL;
    rte->eref = makeAlias("*VALUES*", names);
    rte->inFromCl = true;
    return rte;
}

/* Several rows: each cell is converted to its column at once, and the rows become VALUES. */
static void
insert_rows(InsertState *state, const AstValues *values)
{
    Query *query = state->binder->scope->query;
    List *lists = NIL;
    RangeTblRef *ref = makeNode(RangeTblRef);

    for (int r = 0; r < values->row_count; r++) {
        List *row = NIL;

        CHECK_FOR_INTERRUPTS();
        state->binder->scope->drawn = NIL;
        if (AST_LIST_COUNT(values->rows[r]) != AST_LIST_COUNT(values->rows[0]))
            tsql_error(ERR_10709);
        for (int i = 0; i < state->column_count; i++) {
            TargetEntry *cell = dml_value_target(state->binder, state->relation, state->columns[i],
                                                 values->rows[r]->items[i]);

            row = lappend(row, cell->expr);
        }
        lists = lappend(lists, row);
    }
    query->rtable = lappend(
        query->rtable, values_entry(lists, state->relation, state->columns, state->column_count));
    ref->rtindex = list_length(query->rtable);
    query->jointree = makeFromExpr(list_make1(ref), NULL);
    for (int i = 0; i < state->column_count; i++) {
        const CatalogColumn *column = &state->relation->columns[state->columns[i]];
        Var *var = makeVar(ref->rtindex, i + 1, sql_type_oid(column->type.id),
                           sql_type_typmod(&column->type), column->type.collation, 0);

        state->targets = lappend(
            state->targets, dml_target_entry(state->relation, state->columns[i], (Expr *) var));
    }
}

static void
insert_values(InsertState *state, const AstValues *values)
{
    BindClause clause = binder_set_clause(state->binder, CLAUSE_VALUES);

    check_count(state, AST_LIST_COUNT(values->rows[0]), true);
    if (values->row_count == 1)
        insert_one_row(state, values->rows[0]);
    else
        insert_rows(state, values);
    binder_set_clause(state->binder, clause);
}

/* INSERT TOP (n): so many of the query's rows, whatever TOP and ORDER BY it has of its own. */
static Query *
limit_source(Binder *binder, const AstDml *dml, Query *source, ColumnList *columns)
{
    Scope *scope = scope_push(binder, CMD_SELECT);
    ScopeSource *rows = scope_add_subquery(binder, source, columns, "*TOP*", false);
    RangeTblRef *ref = makeNode(RangeTblRef);
    ColumnList again = {0};

    ref->rtindex = rows->rtindex;
    scope->query->jointree = makeFromExpr(list_make1(ref), NULL);
    for (int i = 0; i < columns->count; i++)
        bind_add_target(&scope->query->targetList, &again, scope_column_expr(binder, rows, i, 0),
                        columns->columns[i].name);
    rows->hidden = true;
    bind_top(binder, dml->top, dml->top_percent, false, scope->query);
    return scope_finish(binder);
}

static void
insert_query(InsertState *state, const AstNode *source)
{
    Binder *binder = state->binder;
    ColumnList columns = {0};
    Query *subquery = bind_query(binder, source, &columns);
    ScopeSource *rows;
    RangeTblRef *ref = makeNode(RangeTblRef);

    check_count(state, columns.count, false);
    if (state->ast->dml.top != NULL)
        subquery = limit_source(binder, &state->ast->dml, subquery, &columns);
    rows = scope_add_subquery(binder, subquery, &columns, "*SELECT*", false);
    ref->rtindex = rows->rtindex;
    binder->scope->query->jointree = makeFromExpr(list_make1(ref), NULL);
    for (int i = 0; i < state->column_count; i++) {
        const CatalogColumn *column = &state->relation->columns[state->columns[i]];
        BoundExpr value = scope_column_expr(binder, rows, i, 0);

        if (column->type.id == SQL_ROWVERSION)
            tsql_error(ERR_273);
        state->targets = lappend(
            state->targets,
            dml_target_entry(state->relation, state->columns[i],
                             bind_assignment_convert(binder, value, state->relation, column)));
    }
    rows->hidden = true;
}

/* INSERT ... EXEC: the rows come from running the procedure; only the shape is bound. */
static void
insert_exec(InsertState *state, const AstExecute *execute)
{
    BoundStatement *statement = state->binder->statement;

    if (state->ast->dml.top != NULL)
        tsql_error(ERR_40517, "INSERT TOP ... EXEC");
    statement->insert_exec = execute;
    statement->insert_exec_count = state->column_count;
    statement->insert_exec_attnums = palloc(sizeof(AttrNumber) * (state->column_count + 1));
    for (int i = 0; i < state->column_count; i++)
        statement->insert_exec_attnums[i] = state->relation->columns[state->columns[i]].attnum;
}

/* Rowversion columns always get a value; PostgreSQL knows no default for them. */
static void
add_rowversion(InsertState *state)
{
    int index = state->relation->rowversion_column;
    ListCell *cell;

    if (index < 0)
        return;
    foreach (cell, state->targets)
        if (((TargetEntry *) lfirst(cell))->resno == state->relation->columns[index].attnum)
            return;
    state->targets = lappend(state->targets, dml_rowversion_target(state->relation, index));
}

static int
compare_resno(const ListCell *a, const ListCell *b)
{
    return ((TargetEntry *) lfirst(a))->resno - ((TargetEntry *) lfirst(b))->resno;
}

/* The identity that a row got goes out in RETURNING, for @@IDENTITY and SCOPE_IDENTITY(). */
static void
return_identity(InsertState *state, List **returning)
{
    BoundStatement *statement = state->binder->statement;
    const CatalogColumn *column;
    Var *var;

    if (state->relation->identity_column < 0)
        return;
    column = &state->relation->columns[state->relation->identity_column];
    for (int i = 0; i < state->column_count; i++)
        if (state->columns[i] == state->relation->identity_column)
            statement->identity_inserted_explicitly = true;
    var = makeVar(state->target.rtindex, column->attnum, sql_type_oid(column->type.id),
                  sql_type_typmod(&column->type), InvalidOid, 0);
    *returning = lappend(*returning, makeTargetEntry((Expr *) var, list_length(*returning) + 1,
                                                     pstrdup("identity"), true));
    statement->identity_output = list_length(*returning);
}

static void
bind_insert_source(InsertState *state)
{
    const AstNode *source = state->ast->source;

    state->target.source->hidden = true;
    if (source == NULL) {
        /* DEFAULT VALUES: an empty target list, which the rewriter fills */
    } else if (source->kind == AST_EXECUTE)
        insert_exec(state, (const AstExecute *) source);
    else if (source->kind == AST_VALUES && ((const AstValues *) source)->tail == NULL &&
             state->ast->dml.top == NULL)
        insert_values(state, (const AstValues *) source);
    else
        insert_query(state, source);
    state->target.source->hidden = false;
}

const char **
dml_view_columns(Binder *binder,
                 const CatalogRelation *view,
                 const AstInsert *insert,
                 const CatalogRelation **base,
                 int *count)
{
    ColumnList columns = {0};
    CatalogObject object;
    const char **names;
    Oid oid = InvalidOid;

    bind_view(binder, view, &columns);
    *count = insert->columns != NULL ? insert->column_count : columns.count;
    names = palloc(sizeof(char *) * (*count + 1));
    for (int i = 0; i < *count; i++) {
        BoundColumn *column = NULL;

        for (int j = 0; j < columns.count && column == NULL; j++)
            if (insert->columns == NULL
                    ? j == i
                    : binder_name_equal(binder, columns.columns[j].name, insert->columns[i]))
                column = &columns.columns[j];
        if (column == NULL)
            tsql_error(ERR_207, insert->columns[i]);
        if (!OidIsValid(column->base_relation))
            tsql_error(ERR_4406, view->object.name);
        if (OidIsValid(oid) && oid != column->base_relation)
            tsql_error(ERR_4405, view->object.name);
        oid = column->base_relation;
        names[i] = column->source_column;
    }
    if (!catalog_object_by_relation(oid, &object))
        tsql_error(ERR_4405, view->object.name);
    *base = catalog_relation(&object);
    return names;
}

void
bind_insert(Binder *binder, const AstInsert *insert)
{
    BoundStatement *statement = binder->statement;
    Scope *scope;
    InsertState state = {.binder = binder, .ast = insert};
    AstInsert through_view = *insert;
    const CatalogRelation *view = NULL;
    List *returning = NIL;
    ListCell *cell;
    CteEntry *ctes = binder->ctes;

    bind_ctes(binder, insert->dml.ctes);
    if (dml_takes_instead_of(binder, &insert->dml, AST_INSERT)) {
        bind_instead_of_insert(binder, insert);
        binder->ctes = ctes;
        return;
    }
    scope = scope_push(binder, CMD_INSERT);
    state.relation = dml_target_relation(binder, insert->dml.target);
    if (state.relation->object.type == CATALOG_VIEW) {
        view = state.relation;
        through_view.columns = dml_view_columns(binder, state.relation, insert, &state.relation,
                                                &through_view.column_count);
        state.ast = &through_view;
    }
    statement->kind = BOUND_INSERT;
    statement->target = state.target.relation = state.relation;
    state.target.source = scope_add_relation(binder, state.relation, NULL, ACL_INSERT, false);
    scope->query->resultRelation = state.target.rtindex = state.target.source->rtindex;
    state.columns = dml_insert_columns(binder, state.relation, state.ast->columns,
                                       state.ast->column_count, &state.column_count);
    bind_insert_source(&state);
    add_rowversion(&state);
    list_sort(state.targets, compare_resno);
    foreach (cell, state.targets)
        scope_mark_inserted(binder, state.target.source, ((TargetEntry *) lfirst(cell))->resno);
    scope->query->targetList = state.targets;
    if (scope->query->jointree == NULL)
        scope->query->jointree = makeFromExpr(NIL, NULL);
    dml_bind_output(binder, insert->dml.output, &state.target, true, false, NULL, &returning);
    return_identity(&state, &returning);
    scope->query->returningList = returning;
    scope->query->override = OVERRIDING_USER_VALUE;
    dml_ignore_duplicates(binder, state.relation, state.target.rtindex);
    if (view)
        dml_add_view_check(binder, view, state.relation, state.target.rtindex);
    binder->ctes = ctes;
    dml_finish(binder);
}
