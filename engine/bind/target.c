/*
 * The target of UPDATE and DELETE: a table, an alias of the FROM list, a table variable, or a CTE,
 * derived table or view over one table. Comes before the WHERE clause; see dml.h.
 */
#include "postgres.h"

#include "access/sysattr.h"
#include "bind/dml.h"
#include "catalog/pg_operator_d.h"
#include "catalog/pg_type_d.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "parser/parsetree.h"
#include "pgcompat/pgcompat.h"
#include "storage/lmgr.h"
#include "utils/typcache.h"

static bool
name_is_plain(const AstName *name)
{
    return name->schema == NULL && name->database == NULL && name->server == NULL;
}

/* The source of the FROM list that the target's name means; NULL if it is not in the list. */
static ScopeSource *
find_in_from(Binder *binder, const AstTableRef *target)
{
    const CatalogRelation *relation;
    ScopeSource *found = NULL;
    ListCell *cell;

    if (target->variable == NULL && name_is_plain(&target->name)) {
        found = scope_find_source(binder, target->name.object);
        if (found != NULL)
            return found;
        if (bind_find_cte(binder, &target->name) != NULL)
            return NULL;
    }
    relation = target->variable != NULL ? bind_table_variable(binder, target->variable)
                                        : bind_relation_name(binder, &target->name);
    foreach (cell, binder->scope->sources) {
        ScopeSource *source = lfirst(cell);

        if (source->relation == NULL ||
            source->relation->object.relation != relation->object.relation ||
            !OidIsValid(relation->object.relation))
            continue;
        if (found != NULL)
            tsql_error(ERR_8154, bind_name_text(&target->name));
        found = source;
    }
    return found;
}

/* ---- targets that are queries ---- */

static bool
select_is_plain(const AstNode *query)
{
    const AstSelect *select = (const AstSelect *) query;
    bool windows = false;

    if (query->kind != AST_SELECT || select->distinct || select->grouping_count > 0 ||
        select->having != NULL || select->top_percent || select->top_with_ties ||
        (select->tail != NULL && (select->tail->offset != NULL || select->tail->ctes != NULL)))
        return false;
    for (int i = 0; i < AST_LIST_COUNT(select->items); i++) {
        const AstSelectItem *item = AST_LIST_ITEM(AstSelectItem, select->items, i);

        if (item->expr != NULL && item->expr->kind == AST_FUNCTION_CALL) {
            const AstFunctionCall *call = (const AstFunctionCall *) item->expr;

            windows = windows || call->over != NULL;
        }
    }
    return !windows;
}

/*
 * Makes a bound query return the ctid of the row of `relation` that each of its rows comes from, as
 * a last column. Returns its number, or 0 when the query's rows are not rows of a table.
 */
static int
expose_ctid(Query *query, Oid relation)
{
    Var *ctid = NULL;
    TargetEntry *entry;
    int rtindex = 0;
    ListCell *cell;

    if (query->groupClause != NIL || query->groupingSets != NIL || query->distinctClause != NIL ||
        query->hasAggs || query->setOperations != NULL)
        return 0;
    foreach (cell, query->rtable) {
        RangeTblEntry *rte = lfirst(cell);

        rtindex++;
        if (rte->rtekind == RTE_RELATION && rte->relid == relation) {
            ctid = makeVar(rtindex, SelfItemPointerAttributeNumber, TIDOID, -1, InvalidOid, 0);
            break;
        }
        if (rte->rtekind == RTE_SUBQUERY) {
            int column = expose_ctid(rte->subquery, relation);

            if (column == 0)
                continue;
            rte->eref->colnames = lappend(rte->eref->colnames, makeString(pstrdup("ctid")));
            ctid = makeVar(rtindex, column, TIDOID, -1, InvalidOid, 0);
            break;
        }
    }
    if (ctid == NULL)
        return 0;
    entry =
        makeTargetEntry((Expr *) ctid, list_length(query->targetList) + 1, pstrdup("ctid"), false);
    query->targetList = lappend(query->targetList, entry);
    return entry->resno;
}

static Node *
ctid_equal(int left, AttrNumber left_attnum, int right, AttrNumber right_attnum)
{
    Var *a = makeVar(left, left_attnum, TIDOID, -1, InvalidOid, 0);
    Var *b = makeVar(right, right_attnum, TIDOID, -1, InvalidOid, 0);
    Expr *equal = make_opclause(TIDEqualOperator, BOOLOID, false, (Expr *) a, (Expr *) b,
                                InvalidOid, InvalidOid);

    set_opfuncid((OpExpr *) equal);
    return (Node *) equal;
}

/* Rows of an outer join that have no target row change nothing. */
static Node *
ctid_is_not_null(int rtindex)
{
    NullTest *test = makeNode(NullTest);

    test->arg =
        (Expr *) makeVar(rtindex, SelfItemPointerAttributeNumber, TIDOID, -1, InvalidOid, 0);
    test->nulltesttype = IS_NOT_NULL;
    test->location = -1;
    return (Node *) test;
}

AttrNumber
dml_expose_row(Binder *binder, ScopeSource *source, const CatalogRelation **base)
{
    RangeTblEntry *rte = rt_fetch(source->rtindex, binder->scope->query->rtable);
    Oid oid = InvalidOid;
    CatalogObject object;
    int ctid = 0;

    for (int i = 0; i < source->column_count && !OidIsValid(oid); i++)
        oid = source->columns[i].base_relation;
    if (rte->rtekind == RTE_SUBQUERY && OidIsValid(oid))
        ctid = expose_ctid(rte->subquery, oid);
    if (ctid == 0 || !catalog_object_by_relation(oid, &object))
        tsql_error(ERR_4403, source->alias ? source->alias : source->table);
    rte->eref->colnames = lappend(rte->eref->colnames, makeString(pstrdup("ctid")));
    *base = catalog_relation(&object);
    return ctid;
}

/* The base table of a subquery source joined to it by ctid. */
static void
join_base_by_ctid(Binder *binder, DmlTarget *target, AclMode permission)
{
    ScopeSource *source;
    RangeTblRef *ref = makeNode(RangeTblRef);
    AttrNumber ctid = dml_expose_row(binder, target->source, &target->relation);

    source = scope_add_relation(binder, target->relation, NULL, permission, false);
    source->hidden = true;
    target->rtindex = source->rtindex;
    target->through_view = true;
    ref->rtindex = source->rtindex;
    target->jointree = lappend(target->jointree, ref);
    target->quals =
        ctid_equal(source->rtindex, SelfItemPointerAttributeNumber, target->source->rtindex, ctid);
}

/* ORDER BY of a TOP'd CTE or view that became part of the statement: NULLs sort first. */
static void
sort_statement(Binder *binder, const AstList *order_by)
{
    Query *query = binder->scope->query;

    for (int i = 0; i < AST_LIST_COUNT(order_by); i++) {
        const AstOrderItem *item = AST_LIST_ITEM(AstOrderItem, order_by, i);
        BoundExpr expr = bind_expr(binder, item->expr);
        TargetEntry *entry = makeTargetEntry(expr.expr, 0, NULL, true);
        SortGroupClause *sort = makeNode(SortGroupClause);
        TypeCacheEntry *cache = lookup_type_cache(
            exprType((Node *) expr.expr), TYPECACHE_LT_OPR | TYPECACHE_GT_OPR | TYPECACHE_EQ_OPR);

        entry->ressortgroupref = sort->tleSortGroupRef = i + 1;
        sort->eqop = cache->eq_opr;
        sort->sortop = item->descending ? cache->gt_opr : cache->lt_opr;
        sort->nulls_first = !item->descending;
        pgcompat_sort_direction(sort, item->descending);
        query->sortClause = lappend(query->sortClause, sort);
        query->targetList = lappend(query->targetList, entry);
    }
}

/* The columns of a plain select bound in the statement's scope, as a source of expressions. */
static ScopeSource *
flattened_source(
    Binder *binder, const AstSelect *select, const char *alias, int name_count, const char **names)
{
    List *targets = NIL;
    ColumnList list = {0};
    ScopeSource *source;
    ScopeColumn *columns;

    bind_select_list(binder, select->items, &targets, &list);
    columns = palloc0(sizeof(ScopeColumn) * (list.count + 1));
    for (int i = 0; i < list.count; i++) {
        TargetEntry *entry = list_nth(targets, i);
        BoundColumn *bound = &list.columns[i];

        columns[i].name = i < name_count ? names[i] : bound->name;
        columns[i].type = bound->type;
        columns[i].attnum = i + 1;
        columns[i].nullable = bound->nullable;
        columns[i].updatable = OidIsValid(bound->base_relation);
        columns[i].label = OidIsValid(bound->type.collation) ? COLLATION_IMPLICIT : COLLATION_NONE;
        columns[i].expression = entry->expr;
        columns[i].base_relation = bound->base_relation;
        columns[i].base_attnum = bound->base_attnum;
    }
    source = scope_add_source(binder, alias, 0, list.count, columns);
    return source;
}

/* A base table that FROM takes as it is: one whose computed columns are stored, if it has any. */
static bool
is_plain_table(Binder *binder, const AstTableRef *ref)
{
    const CatalogRelation *relation;
    CatalogObject object;

    if (bind_find_cte(binder, &ref->name) != NULL ||
        !catalog_find_object(binder->database, binder->default_schema, ref->name.database,
                             ref->name.schema, ref->name.object, false, &object) ||
        object.type != CATALOG_TABLE)
        return false;
    relation = catalog_relation(&object);
    for (int i = 0; i < relation->column_count; i++)
        if (relation->columns[i].computed && !relation->columns[i].persisted)
            return false;
    return true;
}

static bool
is_flat(Binder *binder, const AstNode *query)
{
    const AstSelect *select = (const AstSelect *) query;

    return select_is_plain(query) && AST_LIST_COUNT(select->from) == 1 &&
           AST_LIST_ITEM(AstNode, select->from, 0)->kind == AST_TABLE_REF &&
           is_plain_table(binder, AST_LIST_ITEM(AstTableRef, select->from, 0));
}

bool
dml_is_query_target(Binder *binder, const AstTableRef *target)
{
    int32 database = binder->database;
    const char *default_schema = binder->default_schema;
    CteEntry *ctes = binder->ctes;
    CteEntry *cte;
    const CatalogRelation *view;
    bool flat;

    if (target->variable != NULL)
        return false;
    cte = bind_find_cte(binder, &target->name);
    if (cte != NULL) {
        binder->ctes = cte->next;
        flat = is_flat(binder, cte->ast->query);
        binder->ctes = ctes;
        return !flat;
    }
    view = bind_relation_name(binder, &target->name);
    if (view->object.type != CATALOG_VIEW)
        return false;
    binder->database = view->object.database;
    binder->default_schema = view->object.schema_name;
    flat = is_flat(
        binder, ((const AstCreateView *) bind_module_tree(view->object.id, &view->object))->query);
    binder->database = database;
    binder->default_schema = default_schema;
    return !flat;
}

/* UPDATE cte / UPDATE view over a plain select: its FROM, WHERE, TOP and ORDER BY become ours. */
static bool
flatten_query_target(Binder *binder,
                     const AstNode *query,
                     const char *alias,
                     int name_count,
                     const char **names,
                     DmlTarget *target,
                     AclMode permission)
{
    const AstSelect *select = (const AstSelect *) query;
    Query *statement = binder->scope->query;
    List *jointree;
    ScopeSource *base = NULL;
    ScopeSource *source;
    ListCell *cell;
    Oid base_oid = InvalidOid;

    if (!is_flat(binder, query))
        return false;
    jointree = bind_from(binder, select->from);
    target->quals = bind_where(binder, select->where);
    source = flattened_source(binder, select, alias, name_count, names);
    for (int i = 0; i < source->column_count && !OidIsValid(base_oid); i++)
        base_oid = source->columns[i].base_relation;
    foreach (cell, binder->scope->sources) {
        ScopeSource *candidate = lfirst(cell);

        if (candidate != source) {
            if (candidate->relation != NULL && candidate->relation->object.relation == base_oid)
                base = candidate;
            candidate->hidden = true;
        }
    }
    if (base == NULL)
        tsql_error(ERR_4403, alias);
    if (select->top != NULL)
        bind_top(binder, select->top, false, false, statement);
    if (select->tail != NULL && select->tail->order_by != NULL)
        sort_statement(binder, select->tail->order_by);
    target->relation = base->relation;
    target->source = source;
    target->rtindex = base->rtindex;
    target->through_view = true;
    target->jointree = jointree;
    pgcompat_rte_add_permissions(statement, rt_fetch(base->rtindex, statement->rtable), permission);
    return true;
}

/* A view or CTE as the target: flattened when plain, else a subquery joined to its table by ctid.
 */
static void
bind_query_target(Binder *binder,
                  const AstDml *dml,
                  const CatalogRelation *view,
                  CteEntry *cte,
                  DmlTarget *target,
                  AclMode permission)
{
    int32 database = binder->database;
    const char *default_schema = binder->default_schema;
    const char *alias = dml->target->name.object;
    ColumnList columns = {0};
    Query *query;
    RangeTblRef *ref = makeNode(RangeTblRef);
    bool flat;

    if (cte != NULL) {
        CteEntry *ctes = binder->ctes;

        binder->ctes = cte->next;
        flat = flatten_query_target(binder, cte->ast->query, alias, cte->ast->column_count,
                                    cte->ast->columns, target, permission);
        binder->ctes = ctes;
        if (flat)
            return;
        query = bind_subquery(binder, cte->ast->query, &columns);
        for (int i = 0; i < cte->ast->column_count && i < columns.count; i++)
            columns.columns[i].name = cte->ast->columns[i];
    } else {
        const AstCreateView *create =
            (const AstCreateView *) bind_module_tree(view->object.id, &view->object);

        bind_check_relation(binder, view, permission);
        binder->vouched = true;
        binder->database = view->object.database;
        binder->default_schema = view->object.schema_name;
        flat = flatten_query_target(binder, create->query, alias, create->column_count,
                                    create->columns, target, permission);
        binder->database = database;
        binder->default_schema = default_schema;
        if (flat)
            return;
        query = bind_view(binder, view, &columns);
    }
    target->source = scope_add_subquery(binder, query, &columns, alias, false);
    ref->rtindex = target->source->rtindex;
    target->jointree = list_make1(ref);
    join_base_by_ctid(binder, target, permission);
}

void
dml_add_view_check(Binder *binder,
                   const CatalogRelation *view,
                   const CatalogRelation *base,
                   int rtindex)
{
    Query *query = binder->scope->query;
    Node *check = bind_view_check(binder, view, base, rtindex);
    WithCheckOption *option;

    if (check == NULL)
        return;
    option = makeNode(WithCheckOption);
    option->kind = WCO_VIEW_CHECK;
    option->relname = pstrdup(view->object.name);
    option->qual = check;
    option->cascaded = true;
    query->withCheckOptions = lappend(query->withCheckOptions, option);
}

/* The target stands alone, outside the FROM list. */
static void
bind_lone_target(Binder *binder, const AstDml *dml, DmlTarget *target, AclMode permission)
{
    const AstTableRef *ref = dml->target;
    const CatalogRelation *relation;
    RangeTblRef *item = makeNode(RangeTblRef);
    CteEntry *cte = ref->variable == NULL ? bind_find_cte(binder, &ref->name) : NULL;

    if (cte != NULL) {
        bind_query_target(binder, dml, NULL, cte, target, permission);
        return;
    }
    relation = ref->variable != NULL ? bind_table_variable(binder, ref->variable)
                                     : bind_relation_name(binder, &ref->name);
    if (relation->object.type == CATALOG_VIEW) {
        bind_query_target(binder, dml, relation, NULL, target, permission);
        if (permission == ACL_UPDATE)
            dml_add_view_check(binder, relation, target->relation, target->rtindex);
        return;
    }
    if (relation->object.is_system)
        tsql_error(ERR_259);
    target->relation = relation;
    target->source = scope_add_relation(binder, relation, ref->alias, permission, false);
    target->rtindex = item->rtindex = target->source->rtindex;
    target->jointree = list_make1(item);
}

DmlTarget
dml_bind_target(Binder *binder, const AstDml *dml, const AstList *from, AclMode permission)
{
    Query *query = binder->scope->query;
    DmlTarget target = {0};
    ScopeSource *found = NULL;
    List *jointree = NIL;

    if (AST_LIST_COUNT(from) > 0) {
        jointree = bind_from(binder, from);
        found = find_in_from(binder, dml->target);
    }
    if (found == NULL) {
        bind_lone_target(binder, dml, &target, permission);
        target.jointree = list_concat(target.jointree, jointree);
    } else {
        target.source = found;
        target.jointree = jointree;
        target.rtindex = found->rtindex;
        target.relation = found->relation;
        if (found->relation == NULL || found->relation->object.type == CATALOG_VIEW)
            join_base_by_ctid(binder, &target, permission);
        else {
            RangeTblEntry *rte = rt_fetch(found->rtindex, query->rtable);

            rte->rellockmode = RowExclusiveLock;
            LockRelationOid(rte->relid, RowExclusiveLock);
            pgcompat_rte_add_permissions(query, rte, permission);
            if (found->outer_nullable)
                target.quals = ctid_is_not_null(found->rtindex);
        }
    }
    bind_table_hints(binder, dml->target->hints, target.source);
    query->resultRelation = target.rtindex;
    rt_fetch(target.rtindex, query->rtable)->inFromCl = false;
    binder->statement->target = target.relation;
    return target;
}

const CatalogRelation *
dml_target_relation(Binder *binder, const AstTableRef *target)
{
    const CatalogRelation *relation = target->variable != NULL
                                          ? bind_table_variable(binder, target->variable)
                                          : bind_relation_name(binder, &target->name);

    if (relation->object.is_system)
        tsql_error(ERR_259);
    return relation;
}

int
dml_target_column(Binder *binder, const DmlTarget *target, const char *name)
{
    int index = scope_source_column(binder, target->source, name);

    if (index < 0)
        tsql_error(ERR_207, name);
    if (!target->through_view)
        return catalog_column_find(target->relation, name);
    if (target->source->columns[index].base_relation != target->relation->object.relation)
        tsql_error(ERR_4406, target->source->alias);
    for (int i = 0; i < target->relation->column_count; i++)
        if (target->relation->columns[i].attnum == target->source->columns[index].base_attnum)
            return i;
    tsql_error(ERR_207, name);
}

/* One table by itself: literals may become parameters, as the plan hardly depends on them. */
void
dml_finish(Binder *binder)
{
    BoundStatement *statement = binder->statement;
    Query *query = scope_finish(binder);

    statement->query = query;
    statement->simple_enough_to_parameterise = list_length(query->rtable) == 1 &&
                                               query->cteList == NIL && !query->hasSubLinks &&
                                               query->limitCount == NULL;
}
