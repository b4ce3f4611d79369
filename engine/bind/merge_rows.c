/*
 * The first query of a MERGE that is done in two steps: which rows, what is done to each, and with
 * which values. See merge.h.
 */
#include "postgres.h"

#include "access/sysattr.h"
#include "bind/merge.h"
#include "catalog/namespace.h"
#include "catalog/pg_type_d.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "parser/parsetree.h"
#include "storage/lmgr.h"
#include "utils/lsyscache.h"

#define JOIN_ENTRY 1  /* of the join in the query of the rows */
#define JOIN_CLAUSE 2 /* its column that tells the number of the WHEN clause; 1: ctid */

/* ---- values of the join, in the query around it ---- */

typedef struct Lift {
    MergeRows *rows;
    int depth;
} Lift;

/* The join's column with this Var, added if need be. */
static int
join_column(MergeRows *rows, Expr *expr)
{
    int number = list_length(rows->join->targetList) + 1;
    ListCell *cell;

    foreach (cell, rows->join->targetList) {
        TargetEntry *entry = lfirst_node(TargetEntry, cell);

        if (entry->resno > JOIN_CLAUSE && equal(entry->expr, expr))
            return entry->resno;
    }
    rows->join->targetList = lappend(rows->join->targetList,
                                     makeTargetEntry(expr, number, psprintf("c%d", number), false));
    return number;
}

static Node *
lift_walker(Node *node, void *context)
{
    Lift *lift = context;

    if (node == NULL)
        return NULL;
    if (IsA(node, Var) && (int) ((Var *) node)->varlevelsup == lift->depth) {
        Var *var = copyObject((Var *) node);
        int column;

        var->varlevelsup = 0;
        column = join_column(lift->rows, (Expr *) var);
        return (Node *) makeVar(JOIN_ENTRY, column, var->vartype, var->vartypmod, var->varcollid,
                                lift->depth);
    }
    if (IsA(node, Query)) {
        Query *query;

        lift->depth++;
        query = query_tree_mutator((Query *) node, lift_walker, lift, 0);
        lift->depth--;
        return (Node *) query;
    }
    return expression_tree_mutator(node, lift_walker, context);
}

/* An expression over the join's entries as one over its result. */
static Expr *
lift(MergeRows *rows, Expr *expr)
{
    Lift context = {rows, 0};

    return (Expr *) lift_walker((Node *) expr, &context);
}

static int
add_row_column(MergeRows *rows, Expr *expr)
{
    int number = list_length(rows->targets) + 1;

    rows->targets =
        lappend(rows->targets, makeTargetEntry(expr, number, psprintf("c%d", number), false));
    return number;
}

Var *
merge_row_var(const MergeRows *rows, int column)
{
    TargetEntry *entry = list_nth(rows->targets, column - 1);
    Node *expr = (Node *) entry->expr;

    return makeVar(MERGE_ROWS_INDEX, column, exprType(expr), exprTypmod(expr), exprCollation(expr),
                   0);
}

bool
merge_exposes_base(const MergeRows *rows, int column)
{
    return rows->target.source->columns[column].base_relation ==
           rows->target.relation->object.relation;
}

/* ---- the target ---- */

static AclMode
needed_permissions(const AstMerge *merge)
{
    AclMode mode = 0;

    for (int i = 0; i < AST_LIST_COUNT(merge->clauses); i++) {
        AstMergeClause *clause = AST_LIST_ITEM(AstMergeClause, merge->clauses, i);

        mode |= clause->action == AST_UPDATE   ? ACL_UPDATE
                : clause->action == AST_DELETE ? ACL_DELETE
                                               : ACL_INSERT;
    }
    return mode;
}

/* HOLDLOCK keeps others from adding rows that the join did not see: there are no range locks, so
 * the table takes no other writer. Locked before any weaker lock, or two MERGEs would deadlock. */
static LOCKMODE
target_lock(const AstMerge *merge)
{
    const AstList *hints = merge->dml.target->hints;

    for (int i = 0; i < AST_LIST_COUNT(hints); i++) {
        const char *name = AST_LIST_ITEM(AstTableHint, hints, i)->name;

        if (pg_strcasecmp(name, "HOLDLOCK") == 0 || pg_strcasecmp(name, "SERIALIZABLE") == 0 ||
            pg_strcasecmp(name, "TABLOCKX") == 0)
            return ShareRowExclusiveLock;
    }
    return RowExclusiveLock;
}

static Query *
target_query(MergeRows *rows, CteEntry *cte, ColumnList *columns)
{
    Binder *binder = rows->binder;
    CteEntry *ctes = binder->ctes;
    Query *query;

    if (cte == NULL) {
        bind_check_relation(binder, rows->view, needed_permissions(rows->ast));
        binder->vouched = true;
        return bind_view(binder, rows->view, columns);
    }
    binder->ctes = cte->next;
    query = bind_subquery(binder, cte->ast->query, columns);
    binder->ctes = ctes;
    bind_name_columns(binder, columns, cte->ast->name, cte->ast->column_count, cte->ast->columns);
    return query;
}

/* The target as the join reads it; returns its jointree item. */
static Node *
add_target(MergeRows *rows)
{
    Binder *binder = rows->binder;
    const AstTableRef *ref = rows->ast->dml.target;
    CteEntry *cte = ref->variable == NULL ? bind_find_cte(binder, &ref->name) : NULL;
    const CatalogRelation *relation = cte == NULL ? dml_target_relation(binder, ref) : NULL;
    DmlTarget *target = &rows->target;
    RangeTblRef *item = makeNode(RangeTblRef);
    AttrNumber ctid = SelfItemPointerAttributeNumber;

    if (cte != NULL || relation->object.type == CATALOG_VIEW) {
        ColumnList columns = {0};
        Query *query;

        rows->view = relation;
        query = target_query(rows, cte, &columns);
        target->source = scope_add_subquery(binder, query, &columns,
                                            ref->alias ? ref->alias : ref->name.object, false);
        ctid = dml_expose_row(binder, target->source, &target->relation);
        target->through_view = true;
        LockRelationOid(target->relation->object.relation, target_lock(rows->ast));
    } else {
        LOCKMODE lock = target_lock(rows->ast);

        LockRelationOid(relation->object.relation, lock);
        target->relation = relation;
        target->source = scope_add_relation(binder, relation, ref->alias, ACL_SELECT, true);
        rt_fetch(target->source->rtindex, binder->scope->query->rtable)->rellockmode = lock;
    }
    bind_table_hints(binder, ref->hints, NULL);
    target->rtindex = item->rtindex = target->source->rtindex;
    rows->ctid = makeVar(item->rtindex, ctid, TIDOID, -1, InvalidOid, 0);
    return (Node *) item;
}

/* ---- the join ---- */

/* The source with a constant beside it: where that is NULL the source has no row. */
static Node *
mark_source(MergeRows *rows, Node *source)
{
    Binder *binder = rows->binder;
    Query *marker = makeNode(Query);
    ColumnList columns = {0};
    RangeTblRef *ref = makeNode(RangeTblRef);
    JoinExpr *join = makeNode(JoinExpr);
    SqlType type = sql_type_make(SQL_INT);
    ScopeSource *mark;

    marker->commandType = CMD_SELECT;
    marker->querySource = QSRC_ORIGINAL;
    marker->canSetTag = true;
    marker->jointree = makeFromExpr(NIL, NULL);
    bind_add_target(&marker->targetList, &columns,
                    bound_make(bind_int_const(1), type, false, COLLATION_NONE), "present");
    mark = scope_add_subquery(binder, marker, &columns, "*PRESENT*", false);
    mark->hidden = true;
    ref->rtindex = mark->rtindex;
    join->jointype = JOIN_INNER;
    join->larg = source;
    join->rarg = (Node *) ref;
    join->rtindex = bind_join_entry(binder, join);
    rows->source_present = (Node *) makeVar(mark->rtindex, 1, INT4OID, -1, InvalidOid, 0);
    return (Node *) join;
}

static bool
splits_at(const OpExpr *op, int target)
{
    Bitmapset *left, *right;
    int side;

    if (list_length(op->args) != 2 ||
        !op_hashjoinable(op->opno, exprType((Node *) linitial(op->args))))
        return false;
    left = pull_varnos(NULL, (Node *) linitial(op->args));
    right = pull_varnos(NULL, (Node *) lsecond(op->args));
    if (bms_is_empty(left) || bms_is_empty(right))
        return false;
    return (bms_get_singleton_member(left, &side) && side == target &&
            !bms_is_member(target, right)) ||
           (bms_get_singleton_member(right, &side) && side == target &&
            !bms_is_member(target, left));
}

static bool
is_hashable(Node *on, int target)
{
    List *conditions = make_ands_implicit((Expr *) on);
    ListCell *cell;

    foreach (cell, conditions)
        if (IsA(lfirst(cell), OpExpr) && splits_at(lfirst(cell), target))
            return true;
    return false;
}

/* PostgreSQL makes a FULL JOIN only by merging or hashing. Where the condition has nothing to hash,
 * all rows are given one hash value: a condition that holds for any two rows. */
static Node *
make_hashable(MergeRows *rows, Node *on)
{
    NullTest *target = makeNode(NullTest);
    NullTest *source = makeNode(NullTest);
    Expr *equal;

    target->arg = (Expr *) copyObject(rows->ctid);
    source->arg = (Expr *) copyObject(rows->source_present);
    target->nulltesttype = source->nulltesttype = IS_NOT_NULL;
    target->location = source->location = -1;
    equal = make_opclause(OpernameGetOprid(list_make1(makeString("=")), BOOLOID, BOOLOID), BOOLOID,
                          false, (Expr *) target, (Expr *) source, InvalidOid, InvalidOid);
    set_opfuncid((OpExpr *) equal);
    return (Node *) makeBoolExpr(AND_EXPR, list_make2(equal, on), -1);
}

static void
mark_nullable(List *sources, int rtindex)
{
    ListCell *cell;

    foreach (cell, sources) {
        ScopeSource *source = lfirst(cell);

        source->outer_nullable = true;
        source->nulling = bms_add_member(source->nulling, rtindex);
    }
}

static bool
has_clause(const AstMerge *merge, MergeMatch match)
{
    for (int i = 0; i < AST_LIST_COUNT(merge->clauses); i++)
        if (AST_LIST_ITEM(AstMergeClause, merge->clauses, i)->match == match)
            return true;
    return false;
}

static void
bind_merge_join(MergeRows *rows)
{
    Binder *binder = rows->binder;
    bool by_source = has_clause(rows->ast, MERGE_NOT_MATCHED_BY_SOURCE);
    bool by_target = has_clause(rows->ast, MERGE_NOT_MATCHED_BY_TARGET);
    JoinExpr *join = makeNode(JoinExpr);
    BindClause clause;
    ListCell *cell;

    join->larg = add_target(rows);
    if (rows->ast->source == NULL) {
        binder->scope->query->jointree = makeFromExpr(list_make1(join->larg), NULL);
        return;
    }
    rows->target.source->hidden = true;
    join->rarg = bind_table_source(binder, rows->ast->source);
    rows->target.source->hidden = false;
    foreach (cell, binder->scope->sources)
        if (lfirst(cell) != rows->target.source)
            rows->sources = lappend(rows->sources, lfirst(cell));
    if (by_source)
        join->rarg = mark_source(rows, join->rarg);
    clause = binder_set_clause(binder, CLAUSE_ON);
    join->quals = bind_predicate(binder, rows->ast->on);
    binder_set_clause(binder, clause);
    join->jointype = by_source && by_target ? JOIN_FULL
                     : by_source            ? JOIN_LEFT
                     : by_target            ? JOIN_RIGHT
                                            : JOIN_INNER;
    if (join->jointype == JOIN_FULL && !is_hashable(join->quals, rows->target.rtindex))
        join->quals = make_hashable(rows, join->quals);
    join->rtindex = bind_join_entry(binder, join);
    if (by_source) {
        mark_nullable(rows->sources, join->rtindex);
        pgcompat_var_nulling((Var *) rows->source_present, bms_make_singleton(join->rtindex));
    }
    if (by_target) {
        mark_nullable(list_make1(rows->target.source), join->rtindex);
        pgcompat_var_nulling(rows->ctid, bms_make_singleton(join->rtindex));
    }
    binder->scope->query->jointree = makeFromExpr(list_make1(join), NULL);
}

/* ---- the clauses ---- */

static Expr *
is_present(Expr *arg, bool present)
{
    NullTest *test = makeNode(NullTest);

    test->arg = copyObject(arg);
    test->nulltesttype = present ? IS_NOT_NULL : IS_NULL;
    test->location = -1;
    return (Expr *) test;
}

static void
hide_others(MergeRows *rows, MergeMatch match, bool hide)
{
    ListCell *cell;

    if (match == MERGE_NOT_MATCHED_BY_TARGET)
        rows->target.source->hidden = hide;
    if (match == MERGE_NOT_MATCHED_BY_SOURCE)
        foreach (cell, rows->sources)
            ((ScopeSource *) lfirst(cell))->hidden = hide;
}

/* What makes a row of the join one for this clause, unless an earlier one takes it. */
static Expr *
clause_condition(MergeRows *rows, const AstMergeClause *clause)
{
    Binder *binder = rows->binder;
    List *conditions =
        list_make1(is_present((Expr *) rows->ctid, clause->match != MERGE_NOT_MATCHED_BY_TARGET));

    if (rows->source_present != NULL)
        conditions = lappend(conditions, is_present((Expr *) rows->source_present,
                                                    clause->match != MERGE_NOT_MATCHED_BY_SOURCE));
    if (clause->condition != NULL) {
        BindClause saved = binder_set_clause(binder, CLAUSE_MERGE_WHEN);

        conditions = lappend(conditions, bind_predicate(binder, clause->condition));
        binder_set_clause(binder, saved);
    }
    return make_ands_explicit(conditions);
}

static CaseWhen *
case_when(Expr *condition, Expr *result)
{
    CaseWhen *when = makeNode(CaseWhen);

    when->expr = condition;
    when->result = result;
    when->location = -1;
    return when;
}

static Expr *
case_of(List *whens, Expr *otherwise)
{
    CaseExpr *expr = makeNode(CaseExpr);
    Node *result = (Node *) ((CaseWhen *) linitial(whens))->result;

    expr->casetype = exprType(result);
    expr->casecollid = exprCollation(result);
    expr->args = whens;
    expr->defresult = otherwise != NULL ? otherwise
                                        : (Expr *) makeNullConst(expr->casetype, exprTypmod(result),
                                                                 expr->casecollid);
    expr->location = -1;
    return (Expr *) expr;
}

/* Whether the row is for WHEN clause `number`. */
static Expr *
is_clause(int number)
{
    Var *var = makeVar(JOIN_ENTRY, JOIN_CLAUSE, INT4OID, -1, InvalidOid, 0);
    Expr *equal =
        make_opclause(OpernameGetOprid(list_make1(makeString("=")), INT4OID, INT4OID), BOOLOID,
                      false, (Expr *) var, bind_int_const(number), InvalidOid, InvalidOid);

    set_opfuncid((OpExpr *) equal);
    return equal;
}

static Expr *
action_of(MergeRows *rows)
{
    List *whens = NIL;

    for (int i = 0; i < AST_LIST_COUNT(rows->ast->clauses); i++) {
        AstMergeClause *clause = AST_LIST_ITEM(AstMergeClause, rows->ast->clauses, i);
        int action = clause->action == AST_INSERT   ? MERGE_ACTION_INSERT
                     : clause->action == AST_UPDATE ? MERGE_ACTION_UPDATE
                                                    : MERGE_ACTION_DELETE;

        whens = lappend(whens, case_when(is_clause(i + 1), bind_int_const(action)));
    }
    return case_of(whens, NULL);
}

/* ---- the new values ---- */

/* The lists of all UPDATE clauses as one: a column that a clause leaves keeps its value. */
static void
bind_updates(MergeRows *rows, List **lists)
{
    const CatalogRelation *relation = rows->target.relation;
    int count = AST_LIST_COUNT(rows->ast->clauses);

    for (int c = 0; c < relation->column_count; c++) {
        const CatalogColumn *column = &relation->columns[c];
        List *whens = NIL;
        Var *value;

        for (int i = 0; i < count; i++) {
            ListCell *cell;

            foreach (cell, lists[i]) {
                TargetEntry *entry = lfirst_node(TargetEntry, cell);

                if (entry->resno == column->attnum && c != relation->rowversion_column)
                    whens = lappend(whens, case_when(is_clause(i + 1), lift(rows, entry->expr)));
            }
        }
        if (whens == NIL)
            continue;
        value = merge_row_var(rows, add_row_column(rows, case_of(whens, NULL)));
        rows->update_targets =
            lappend(rows->update_targets, dml_target_entry(relation, c, (Expr *) value));
    }
}

/* The old value of a column of the base table that the target exposes. */
static Expr *
old_value(MergeRows *rows, AttrNumber attnum)
{
    const ScopeSource *source = rows->target.source;

    for (int i = 0; i < source->column_count; i++)
        if (merge_exposes_base(rows, i) && source->columns[i].base_attnum == attnum)
            return scope_column_expr(rows->binder, source, i, 0).expr;
    elog(ERROR, "column %d of the MERGE target is not exposed", attnum);
}

/* What an UPDATE clause leaves out of the columns that another one sets: their old values. */
static List *
complete_list(MergeRows *rows, List *own, List **lists, int count)
{
    List *result = list_copy(own);

    for (int i = 0; i < count; i++) {
        ListCell *cell, *mine;

        foreach (cell, lists[i]) {
            TargetEntry *entry = lfirst_node(TargetEntry, cell);
            bool found = false;

            foreach (mine, result)
                found = found || lfirst_node(TargetEntry, mine)->resno == entry->resno;
            if (!found)
                result = lappend(result, makeTargetEntry(old_value(rows, entry->resno),
                                                         entry->resno, entry->resname, false));
        }
    }
    return result;
}

static const char **
insert_columns(MergeRows *rows, int *count)
{
    AstInsert insert = {.columns = rows->insert->columns,
                        .column_count = rows->insert->column_count};
    const CatalogRelation *base;
    const char **names;

    *count = rows->insert->column_count;
    if (rows->view == NULL)
        return rows->insert->columns;
    names = dml_view_columns(rows->binder, rows->view, &insert, &base, count);
    if (base->object.relation != rows->target.relation->object.relation)
        tsql_error(ERR_4405, rows->view->object.name);
    return names;
}

/* The VALUES list, each value only for the rows that are inserted; DEFAULTs stay as they are. */
static void
bind_insert_clause(MergeRows *rows, List **list)
{
    Binder *binder = rows->binder;
    const AstMergeClause *clause = rows->insert;
    const CatalogRelation *relation = rows->target.relation;
    BindClause saved = binder_set_clause(binder, CLAUSE_VALUES);
    int name_count, count;
    const char **names = insert_columns(rows, &name_count);
    int *columns = dml_insert_columns(binder, relation, names, name_count, &count);

    if (clause->values != NULL && AST_LIST_COUNT(clause->values) != count)
        tsql_error(clause->columns == NULL                  ? ERR_213
                   : AST_LIST_COUNT(clause->values) < count ? ERR_109
                                                            : ERR_110);
    for (int i = 0; clause->values != NULL && i < count; i++) {
        if (columns[i] == relation->identity_column)
            binder->statement->identity_inserted_explicitly = true;
        *list = lappend(*list,
                        dml_value_target(binder, relation, columns[i], clause->values->items[i]));
    }
    binder->statement->merge_inserts = true;
    binder_set_clause(binder, saved);
}

static void
add_insert_values(MergeRows *rows, List *list)
{
    ListCell *cell;

    foreach (cell, list) {
        TargetEntry *entry = lfirst_node(TargetEntry, cell);

        if (!IsA(entry->expr, SetToDefault)) {
            Expr *value = case_of(
                list_make1(case_when(is_clause(rows->insert_clause), lift(rows, entry->expr))),
                NULL);

            entry->expr = (Expr *) merge_row_var(rows, add_row_column(rows, value));
        }
        rows->insert_targets = lappend(rows->insert_targets, entry);
    }
}

/* ---- what OUTPUT needs ---- */

static void
add_output_columns(MergeRows *rows)
{
    const ScopeSource *target = rows->target.source;
    ListCell *cell;

    rows->deleted = list_length(rows->targets) + 1;
    for (int i = 0; i < target->column_count; i++)
        add_row_column(rows, lift(rows, scope_column_expr(rows->binder, target, i, 0).expr));
    foreach (cell, rows->sources) {
        ScopeSource *source = lfirst(cell);
        ScopeSource *image = palloc(sizeof(ScopeSource));

        *image = *source;
        image->rtindex = MERGE_ROWS_INDEX;
        image->relation = NULL;
        image->nulling = NULL;
        image->columns = palloc(sizeof(ScopeColumn) * (source->column_count + 1));
        for (int i = 0; i < source->column_count; i++) {
            BoundExpr value = scope_column_expr(rows->binder, source, i, 0);

            image->columns[i] = source->columns[i];
            image->columns[i].expression =
                (Expr *) merge_row_var(rows, add_row_column(rows, lift(rows, value.expr)));
        }
        rows->source_images = lappend(rows->source_images, image);
    }
}

/* ---- the query ---- */

static void
add_row_filter(MergeRows *rows, Query *query)
{
    RangeTblRef *ref = makeNode(RangeTblRef);
    Expr *clause = (Expr *) makeVar(JOIN_ENTRY, JOIN_CLAUSE, INT4OID, -1, InvalidOid, 0);

    ref->rtindex = JOIN_ENTRY;
    query->jointree = makeFromExpr(list_make1(ref), (Node *) is_present(clause, true));
}

/* The lists of the clauses, bound in the join's scope; the join's first two columns. */
static List **
bind_clauses(MergeRows *rows)
{
    int count = AST_LIST_COUNT(rows->ast->clauses);
    List **lists = palloc0(sizeof(List *) * (count + 1));
    List *whens = NIL;

    for (int i = 0; i < count; i++) {
        AstMergeClause *clause = AST_LIST_ITEM(AstMergeClause, rows->ast->clauses, i);

        hide_others(rows, clause->match, true);
        whens = lappend(whens, case_when(clause_condition(rows, clause), bind_int_const(i + 1)));
        if (clause->action == AST_INSERT) {
            rows->insert = clause;
            rows->insert_clause = i + 1;
            bind_insert_clause(rows, &lists[i]);
        } else if (clause->action == AST_UPDATE) {
            rows->updates = true;
            lists[i] = dml_set_list(rows->binder, clause->assignments, &rows->target, NULL, NULL);
        } else
            rows->deletes = true;
        hide_others(rows, clause->match, false);
    }
    rows->join->targetList =
        list_make2(makeTargetEntry((Expr *) rows->ctid, 1, "ctid", false),
                   makeTargetEntry(case_of(whens, NULL), JOIN_CLAUSE, "clause", false));
    return lists;
}

static void
add_values(MergeRows *rows, List **lists)
{
    int count = AST_LIST_COUNT(rows->ast->clauses);
    List **updates = palloc0(sizeof(List *) * (count + 1));
    List **complete = palloc0(sizeof(List *) * (count + 1));

    for (int i = 0; i < count; i++)
        if (i + 1 != rows->insert_clause)
            updates[i] = lists[i];
    for (int i = 0; i < count; i++)
        if (updates[i] != NIL)
            complete[i] = complete_list(rows, updates[i], updates, count);
    bind_updates(rows, complete);
    if (rows->insert_clause > 0)
        add_insert_values(rows, lists[rows->insert_clause - 1]);
    if (rows->ast->dml.output != NULL)
        add_output_columns(rows);
}

Query *
merge_bind_rows(MergeRows *rows)
{
    Binder *binder = rows->binder;
    ColumnList none = {0};
    List **lists;
    Scope *inner;
    Query *query;
    ScopeSource *joined;

    rows->outer = scope_push(binder, CMD_SELECT);
    inner = scope_push(binder, CMD_SELECT);
    rows->join = inner->query;
    bind_merge_join(rows);
    lists = bind_clauses(rows);
    add_row_column(rows, (Expr *) makeVar(JOIN_ENTRY, 1, TIDOID, -1, InvalidOid, 0));
    add_row_column(rows, action_of(rows));
    add_row_column(rows, bind_bigint_const(0));
    add_row_column(rows, bind_bigint_const(0));
    add_values(rows, lists);
    rows->join->limitOffset = (Node *) bind_bigint_const(0); /* the clause is found once a row */
    rows->outer->has_sublinks = inner->has_sublinks;
    scope_finish(binder);
    joined = scope_add_subquery(binder, rows->join, &none, "*MERGE*", false);
    {
        RangeTblEntry *entry = rt_fetch(joined->rtindex, rows->outer->query->rtable);
        ListCell *cell;

        foreach (cell, rows->join->targetList)
            entry->eref->colnames =
                lappend(entry->eref->colnames, makeString(lfirst_node(TargetEntry, cell)->resname));
    }
    query = rows->outer->query;
    add_row_filter(rows, query);
    query->targetList = rows->targets;
    if (rows->ast->dml.top != NULL)
        bind_top(binder, rows->ast->dml.top, rows->ast->dml.top_percent, false, query);
    return scope_finish(binder);
}
