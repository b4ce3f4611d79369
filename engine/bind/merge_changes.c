/*
 * The second query of a MERGE that is done in two steps: DELETE, UPDATE and INSERT of the rows that
 * the first one found, as WITH queries of one SELECT that gives the OUTPUT list. See merge.h.
 *
 * WITH deleted_rows AS (DELETE ... RETURNING ...), updated_rows AS (...), inserted_rows AS (...)
 * SELECT ... FROM (the three, UNION ALL) changed, casement_merge_rows
 * WHERE changed.key = casement_merge_rows.key ORDER BY ordinal
 *
 * RETURNING of an INSERT knows nothing of the rows it came from; but it keeps their order, so
 * row_number() is the key that the runner gave to inserted rows.
 */
#include "postgres.h"

#include "access/sysattr.h"
#include "bind/merge.h"
#include "catalog/namespace.h"
#include "catalog/pg_operator_d.h"
#include "catalog/pg_type_d.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "parser/parsetree.h"
#include "utils/fmgroids.h"

#define CHANGED_INDEX 1 /* of the union in the result */

/* ---- parts of queries ---- */

static Expr *
equal_expr(Expr *left, Expr *right, Oid type)
{
    Expr *equal = make_opclause(OpernameGetOprid(list_make1(makeString("=")), type, type), BOOLOID,
                                false, left, right, InvalidOid, InvalidOid);

    set_opfuncid((OpExpr *) equal);
    return equal;
}

static RangeTblRef *
table_ref(int rtindex)
{
    RangeTblRef *ref = makeNode(RangeTblRef);

    ref->rtindex = rtindex;
    return ref;
}

static void
describe_columns(List *targets, List **names, List **types, List **typmods, List **collations)
{
    ListCell *cell;

    foreach (cell, targets) {
        TargetEntry *entry = lfirst_node(TargetEntry, cell);
        Node *expr = (Node *) entry->expr;

        *names = lappend(*names, makeString(pstrdup(entry->resname)));
        *types = lappend_oid(*types, exprType(expr));
        *typmods = lappend_int(*typmods, exprTypmod(expr));
        *collations = lappend_oid(*collations, exprCollation(expr));
    }
}

/* The rows of the first query, which the runner registers under this name. */
static void
add_rows_entry(const MergeRows *rows, Query *query)
{
    RangeTblEntry *entry = makeNode(RangeTblEntry);

    entry->rtekind = RTE_NAMEDTUPLESTORE;
    entry->enrname = pstrdup(MERGE_ROWS_NAME);
    entry->enrtuples = 100;
    entry->eref = makeAlias(MERGE_ROWS_NAME, NIL);
    describe_columns(rows->targets, &entry->eref->colnames, &entry->coltypes, &entry->coltypmods,
                     &entry->colcollations);
    entry->inFromCl = true;
    query->rtable = lappend(query->rtable, entry);
    Assert(list_length(query->rtable) == MERGE_ROWS_INDEX);
}

/* ---- the changing queries ---- */

static Expr *
row_action(const MergeRows *rows, int action)
{
    return equal_expr((Expr *) merge_row_var(rows, MERGE_ROW_ACTION), bind_int_const(action),
                      INT4OID);
}

static Expr *
new_value(MergeRows *rows, int rtindex, const ScopeColumn *column, bool exists)
{
    const CatalogRelation *relation = rows->target.relation;

    if (exists)
        for (int i = 0; i < relation->column_count; i++)
            if (relation->columns[i].attnum == column->base_attnum) {
                const CatalogColumn *base = &relation->columns[i];

                if (base->computed && !base->persisted)
                    return bind_computed_column(rows->binder, relation, base, rtindex).expr;
                return (Expr *) makeVar(rtindex, base->attnum, sql_type_oid(base->type.id),
                                        sql_type_typmod(&base->type), base->type.collation, 0);
            }
    return (Expr *) sql_const_null(&column->type);
}

static void
add_returning(List **list, Expr *expr)
{
    int number = list_length(*list) + 1;

    *list = lappend(*list, makeTargetEntry(expr, number, psprintf("c%d", number), false));
}

/* What every change returns: the key, the new identity, the new image of the target's columns. */
static List *
returning_list(MergeRows *rows, int rtindex, int action)
{
    const CatalogRelation *relation = rows->target.relation;
    const ScopeSource *source = rows->target.source;
    bool exists = action != MERGE_ACTION_DELETE;
    List *list = NIL;

    add_returning(&list, action == MERGE_ACTION_INSERT
                             ? bind_bigint_const(0)
                             : (Expr *) merge_row_var(rows, MERGE_ROW_KEY));
    if (relation->identity_column >= 0) {
        const CatalogColumn *identity = &relation->columns[relation->identity_column];
        ScopeColumn column = {.base_attnum = identity->attnum, .type = identity->type};

        add_returning(&list, new_value(rows, rtindex, &column, action == MERGE_ACTION_INSERT));
    }
    if (rows->ast->dml.output != NULL)
        for (int i = 0; i < source->column_count; i++)
            add_returning(&list, new_value(rows, rtindex, &source->columns[i],
                                           exists && merge_exposes_base(rows, i)));
    return list;
}

static int
compare_resno(const ListCell *a, const ListCell *b)
{
    return ((TargetEntry *) lfirst(a))->resno - ((TargetEntry *) lfirst(b))->resno;
}

static void
set_targets(MergeRows *rows, ScopeSource *source, int action)
{
    const CatalogRelation *relation = rows->target.relation;
    Query *query = rows->binder->scope->query;
    List *targets =
        list_copy(action == MERGE_ACTION_INSERT ? rows->insert_targets : rows->update_targets);
    ListCell *cell;

    if (relation->rowversion_column >= 0) {
        bool there = false;

        foreach (cell, targets)
            there = there || lfirst_node(TargetEntry, cell)->resno ==
                                 relation->columns[relation->rowversion_column].attnum;
        if (!there)
            targets =
                lappend(targets, dml_rowversion_target(relation, relation->rowversion_column));
    }
    list_sort(targets, compare_resno);
    foreach (cell, targets)
        if (action == MERGE_ACTION_INSERT)
            scope_mark_inserted(rows->binder, source, lfirst_node(TargetEntry, cell)->resno);
        else
            scope_mark_updated(rows->binder, source, lfirst_node(TargetEntry, cell)->resno);
    query->targetList = targets;
}

static Query *
bind_change(MergeRows *rows, int action)
{
    Binder *binder = rows->binder;
    bool insert = action == MERGE_ACTION_INSERT;
    AclMode permission = insert                          ? ACL_INSERT
                         : action == MERGE_ACTION_UPDATE ? ACL_UPDATE
                                                         : ACL_DELETE;
    Scope *scope = scope_push(binder, insert                          ? CMD_INSERT
                                      : action == MERGE_ACTION_UPDATE ? CMD_UPDATE
                                                                      : CMD_DELETE);
    Query *query = scope->query;
    Node *quals = (Node *) row_action(rows, action);
    ScopeSource *source =
        scope_add_relation(binder, rows->target.relation, NULL, permission, false);
    List *items = list_make1(table_ref(MERGE_ROWS_INDEX));

    query->resultRelation = source->rtindex;
    add_rows_entry(rows, query);
    if (!insert) {
        Var *ctid =
            makeVar(source->rtindex, SelfItemPointerAttributeNumber, TIDOID, -1, InvalidOid, 0);
        Expr *same =
            equal_expr((Expr *) ctid, (Expr *) merge_row_var(rows, MERGE_ROW_CTID), TIDOID);

        quals = (Node *) makeBoolExpr(AND_EXPR, list_make2(quals, same), -1);
        items = lcons(table_ref(source->rtindex), items);
    }
    if (action != MERGE_ACTION_DELETE)
        set_targets(rows, source, action);
    if (insert)
        query->override = OVERRIDING_USER_VALUE;
    query->returningList = returning_list(rows, source->rtindex, action);
    query->jointree = makeFromExpr(items, quals);
    if (rows->view != NULL && action != MERGE_ACTION_DELETE)
        dml_add_view_check(binder, rows->view, rows->target.relation, source->rtindex);
    return scope_finish(binder);
}

/* ---- their union ---- */

static Query *
select_query(void)
{
    Query *query = makeNode(Query);

    query->commandType = CMD_SELECT;
    query->querySource = QSRC_ORIGINAL;
    query->canSetTag = true;
    return query;
}

static CommonTableExpr *
add_change(Query *result, const char *name, Query *change)
{
    CommonTableExpr *cte = makeNode(CommonTableExpr);

    change->canSetTag = false;
    cte->ctename = pstrdup(name);
    cte->ctematerialized = CTEMaterializeDefault;
    cte->ctequery = (Node *) change;
    cte->location = -1;
    cte->cterefcount = 1;
    describe_columns(change->returningList, &cte->ctecolnames, &cte->ctecoltypes,
                     &cte->ctecoltypmods, &cte->ctecolcollations);
    result->cteList = lappend(result->cteList, cte);
    result->hasModifyingCTE = true;
    return cte;
}

static WindowFunc *
row_number(Query *query)
{
    WindowFunc *function = makeNode(WindowFunc);
    WindowClause *window = makeNode(WindowClause);

    window->winref = 1;
    window->frameOptions = FRAMEOPTION_DEFAULTS;
    query->windowClause = list_make1(window);
    query->hasWindowFuncs = true;
    function->winfnoid = F_ROW_NUMBER;
    function->wintype = INT8OID;
    function->winref = 1;
    function->location = -1;
    return function;
}

/* SELECT * FROM the WITH query `levels` further out; inserted rows are numbered. */
static Query *
select_change(const CommonTableExpr *cte, bool numbered, int levels)
{
    Query *query = select_query();
    RangeTblEntry *entry = makeNode(RangeTblEntry);
    int number = 0;
    ListCell *cell;

    entry->rtekind = RTE_CTE;
    entry->ctename = pstrdup(cte->ctename);
    entry->ctelevelsup = levels;
    entry->coltypes = list_copy(cte->ctecoltypes);
    entry->coltypmods = list_copy(cte->ctecoltypmods);
    entry->colcollations = list_copy(cte->ctecolcollations);
    entry->eref = makeAlias(cte->ctename, copyObject(cte->ctecolnames));
    entry->inFromCl = true;
    query->rtable = list_make1(entry);
    query->jointree = makeFromExpr(list_make1(table_ref(1)), NULL);
    foreach (cell, cte->ctecolnames) {
        Expr *expr = (Expr *) makeVar(1, number + 1, list_nth_oid(cte->ctecoltypes, number),
                                      list_nth_int(cte->ctecoltypmods, number),
                                      list_nth_oid(cte->ctecolcollations, number), 0);

        if (number == 0 && numbered)
            expr = (Expr *) row_number(query);
        number++;
        query->targetList = lappend(
            query->targetList, makeTargetEntry(expr, number, pstrdup(strVal(lfirst(cell))), false));
    }
    return query;
}

static RangeTblEntry *
subquery_entry(Query *query, const char *name)
{
    RangeTblEntry *entry = makeNode(RangeTblEntry);
    ListCell *cell;

    entry->rtekind = RTE_SUBQUERY;
    entry->subquery = query;
    entry->eref = makeAlias(name, NIL);
    foreach (cell, query->targetList)
        entry->eref->colnames = lappend(
            entry->eref->colnames, makeString(pstrdup(lfirst_node(TargetEntry, cell)->resname)));
    entry->inFromCl = true;
    return entry;
}

static Query *
union_all(List *queries)
{
    Query *query = select_query();
    Node *tree = NULL;
    Query *first = linitial(queries);
    List *names = NIL, *types = NIL, *typmods = NIL, *collations = NIL;
    ListCell *cell;

    if (list_length(queries) == 1)
        return first;
    describe_columns(first->targetList, &names, &types, &typmods, &collations);
    foreach (cell, queries) {
        RangeTblRef *ref;

        query->rtable = lappend(query->rtable, subquery_entry(lfirst(cell), "change"));
        ref = table_ref(list_length(query->rtable));
        if (tree == NULL)
            tree = (Node *) ref;
        else {
            SetOperationStmt *set = makeNode(SetOperationStmt);

            set->op = SETOP_UNION;
            set->all = true;
            set->larg = tree;
            set->rarg = (Node *) ref;
            set->colTypes = list_copy(types);
            set->colTypmods = list_copy(typmods);
            set->colCollations = list_copy(collations);
            tree = (Node *) set;
        }
    }
    query->setOperations = tree;
    query->jointree = makeFromExpr(NIL, NULL);
    foreach (cell, first->targetList) {
        TargetEntry *entry = lfirst_node(TargetEntry, cell);
        Node *expr = (Node *) entry->expr;
        Var *var =
            makeVar(1, entry->resno, exprType(expr), exprTypmod(expr), exprCollation(expr), 0);

        query->targetList =
            lappend(query->targetList,
                    makeTargetEntry((Expr *) var, entry->resno, pstrdup(entry->resname), false));
    }
    return query;
}

/* Deleted rows make way for updated and inserted ones. */
static Query *
bind_changed(MergeRows *rows, Query *result)
{
    int count = rows->updates + rows->deletes + (rows->insert != NULL);
    int levels = count > 1 ? 2 : 1;
    List *queries = NIL;

    if (rows->deletes)
        queries = lappend(queries, select_change(add_change(result, "deleted_rows",
                                                            bind_change(rows, MERGE_ACTION_DELETE)),
                                                 false, levels));
    if (rows->updates)
        queries = lappend(queries, select_change(add_change(result, "updated_rows",
                                                            bind_change(rows, MERGE_ACTION_UPDATE)),
                                                 false, levels));
    if (rows->insert != NULL)
        queries = lappend(queries, select_change(add_change(result, "inserted_rows",
                                                            bind_change(rows, MERGE_ACTION_INSERT)),
                                                 true, levels));
    return union_all(queries);
}

/* ---- OUTPUT ---- */

static Expr *
changed_column(const Query *changed, int number)
{
    Node *expr =
        (Node *) lfirst_node(TargetEntry, list_nth_cell(changed->targetList, number - 1))->expr;

    return (Expr *) makeVar(CHANGED_INDEX, number, exprType(expr), exprTypmod(expr),
                            exprCollation(expr), 0);
}

/* inserted or deleted: `first` is its first column in `changed` or, if that is NULL, in the rows.
 */
static void
add_image(MergeRows *rows, const char *name, const Query *changed, int first)
{
    const ScopeSource *target = rows->target.source;
    ScopeColumn *columns = palloc0(sizeof(ScopeColumn) * (target->column_count + 1));
    int count = 0;

    for (int i = 0; i < target->column_count; i++) {
        ScopeColumn *column;

        if (!merge_exposes_base(rows, i))
            continue;
        column = &columns[count++];
        *column = target->columns[i];
        column->nullable = true;
        column->expression = changed != NULL ? changed_column(changed, first + i)
                                             : (Expr *) merge_row_var(rows, first + i);
    }
    scope_add_source(rows->binder, name, 0, count, columns);
}

static void
add_action(MergeRows *rows)
{
    static const struct {
        int action;
        const char *name;
    } actions[] = {{MERGE_ACTION_INSERT, "INSERT"}, {MERGE_ACTION_UPDATE, "UPDATE"}};
    ScopeColumn *column = palloc0(sizeof(ScopeColumn));
    SqlType type = sql_type_string(SQL_NVARCHAR, 10, sql_collation_default());
    CaseExpr *expr = makeNode(CaseExpr);

    for (int i = 0; i < 2; i++) {
        CaseWhen *when = makeNode(CaseWhen);

        when->expr = row_action(rows, actions[i].action);
        when->result = bind_text_const(actions[i].name, &type);
        when->location = -1;
        expr->args = lappend(expr->args, when);
    }
    expr->defresult = bind_text_const("DELETE", &type);
    expr->casetype = exprType((Node *) expr->defresult);
    expr->casecollid = exprCollation((Node *) expr->defresult);
    expr->location = -1;
    column->name = "$action";
    column->type = type;
    column->label = COLLATION_IMPLICIT;
    column->hidden = true;
    column->expression = (Expr *) expr;
    scope_add_source(rows->binder, "$action", 0, 1, column);
}

/* The OUTPUT lists over inserted, deleted, $action and the source's columns. */
static void
bind_output(MergeRows *rows, const Query *changed, int inserted, List **targets)
{
    Scope *scope = rows->binder->scope;
    BindClause saved = binder_set_clause(rows->binder, CLAUSE_OUTPUT);
    ListCell *cell;

    add_image(rows, "inserted", changed, inserted);
    add_image(rows, "deleted", NULL, rows->deleted);
    add_action(rows);
    scope->sources = list_concat(scope->sources, rows->source_images);
    dml_bind_output_lists(rows->binder, rows->ast->dml.output, targets);
    foreach (cell, *targets)
        lfirst_node(TargetEntry, cell)->resjunk = false; /* a SELECT would leave those out */
    binder_set_clause(rows->binder, saved);
}

static void
sort_by_ordinal(MergeRows *rows, Query *query, List **targets)
{
    Var *ordinal = merge_row_var(rows, MERGE_ROW_ORDINAL);
    TargetEntry *entry =
        makeTargetEntry((Expr *) ordinal, list_length(*targets) + 1, pstrdup("ordinal"), true);

    *targets = lappend(*targets, entry);
    query->sortClause = list_make1(bind_sort_clause(entry, *targets, false));
}

Query *
merge_bind_changes(MergeRows *rows)
{
    Binder *binder = rows->binder;
    Scope *scope = scope_push(binder, CMD_SELECT);
    Query *query = scope->query;
    Query *changed = bind_changed(rows, query);
    bool identity = rows->target.relation->identity_column >= 0 && rows->insert != NULL;
    List *items = list_make1(table_ref(CHANGED_INDEX));
    List *targets = NIL;
    Node *quals = NULL;

    query->rtable = lappend(query->rtable, subquery_entry(changed, "changed"));
    if (rows->ast->dml.output != NULL) {
        add_rows_entry(rows, query);
        items = lappend(items, table_ref(MERGE_ROWS_INDEX));
        quals = (Node *) equal_expr(changed_column(changed, 1),
                                    (Expr *) merge_row_var(rows, MERGE_ROW_KEY), INT8OID);
        bind_output(rows, changed, rows->target.relation->identity_column >= 0 ? 3 : 2, &targets);
    }
    if (identity) {
        targets = lappend(targets, makeTargetEntry(changed_column(changed, 2),
                                                   list_length(targets) + 1, "identity", false));
        binder->statement->identity_output = list_length(targets);
    }
    if (rows->ast->dml.output != NULL)
        sort_by_ordinal(rows, query, &targets);
    query->targetList = targets;
    query->jointree = makeFromExpr(items, quals);
    return scope_finish(binder);
}
