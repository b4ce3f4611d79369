/*
 * WITH. A name is bound anew at each reference, as a derived table: SQL Server expands them, too.
 * Only recursive ones become PostgreSQL CTEs: a wrapper query WITH RECURSIVE ... SELECT *, with a
 * hidden counter that enforces MAXRECURSION (530).
 */
#include "postgres.h"

#include "bind/bind_internal.h"

#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "syntax/parser.h"

#define LEVEL_COLUMN "casement_level"

CteEntry *
bind_find_cte(Binder *binder, const AstName *name)
{
    if (name->schema || name->database || name->server)
        return NULL;
    for (CteEntry *entry = binder->ctes; entry; entry = entry->next)
        if (binder_name_equal(binder, entry->ast->name, name->object))
            return entry;
    return NULL;
}

/* ---- does a CTE refer to itself? ---- */

typedef struct ReferenceSearch {
    Binder *binder;
    const char *name;
    int count;
} ReferenceSearch;

static bool
reference_visitor(AstNode *node, void *context)
{
    ReferenceSearch *search = context;

    if (node->kind == AST_TABLE_REF) {
        const AstName *name = &((const AstTableRef *) node)->name;

        if (!name->schema && !name->database &&
            binder_name_equal(search->binder, name->object, search->name))
            search->count++;
    }
    return true;
}

static int
count_references(Binder *binder, const AstNode *node, const char *name)
{
    ReferenceSearch search = {binder, name, 0};

    ast_walk((AstNode *) node, reference_visitor, &search);
    if (node->kind == AST_TABLE_REF)
        return search.count > 0;
    return search.count;
}

void
bind_ctes(Binder *binder, const AstList *ctes)
{
    CteEntry *before = binder->ctes;

    for (int i = 0; i < AST_LIST_COUNT(ctes); i++) {
        const AstCte *ast = AST_LIST_ITEM(AstCte, ctes, i);
        CteEntry *entry = palloc0(sizeof(CteEntry));

        for (CteEntry *other = binder->ctes; other != before; other = other->next)
            if (binder_name_equal(binder, other->ast->name, ast->name)) {
                binder_set_line(&ast->node);
                tsql_error(ERR_239, ast->name);
            }
        entry->ast = ast;
        entry->recursive = count_references(binder, ast->query, ast->name) > 0;
        entry->next = binder->ctes;
        binder->ctes = entry;
    }
}

/* ---- references ---- */

/* The names before and with (when recursive) the entry itself, and no scope outside. */
static Query *
bind_cte_body(
    Binder *binder, CteEntry *entry, const AstNode *query, CteEntry *visible, ColumnList *columns)
{
    CteEntry *saved = binder->ctes;
    bool parameterise = binder->parameterise;
    Query *result;

    binder->ctes = visible;
    binder->barrier = true;
    result = bind_subquery(binder, query, columns);
    binder->parameterise = parameterise;
    binder->ctes = saved;
    return result;
}

/* A reference to the CTE inside its own recursive part. */
static ScopeSource *
add_self_reference(Binder *binder, CteEntry *entry, const char *alias)
{
    RangeTblEntry *rte = makeNode(RangeTblEntry);
    Query *query = binder->scope->query;
    ColumnList list = {entry->column_count, entry->column_count, entry->columns};
    ScopeSource *source;
    Index levels = 0;

    if (entry->binding)
        tsql_error(ERR_246, entry->ast->name);
    for (Scope *scope = binder->scope; scope && scope != entry->home; scope = scope->outer)
        levels++;
    /* let the general routine describe the columns, then make the entry a CTE's */
    source = scope_add_subquery(binder, NULL, &list, alias, false);
    rte = list_nth(query->rtable, source->rtindex - 1);
    rte->rtekind = RTE_CTE;
    rte->subquery = NULL;
    rte->ctename = pstrdup(entry->pg_name);
    rte->ctelevelsup = levels;
    rte->self_reference = true;
    for (int i = 0; i < entry->column_count; i++) {
        const SqlType *type = &entry->columns[i].type;

        rte->coltypes = lappend_oid(rte->coltypes, sql_type_oid(type->id));
        rte->coltypmods = lappend_int(rte->coltypmods, sql_type_typmod(type));
        rte->colcollations = lappend_oid(rte->colcollations, type->collation);
    }
    rte->coltypes = lappend_oid(rte->coltypes, INT4OID);
    rte->coltypmods = lappend_int(rte->coltypmods, -1);
    rte->colcollations = lappend_oid(rte->colcollations, InvalidOid);
    rte->eref->colnames = lappend(rte->eref->colnames, makeString(pstrdup(LEVEL_COLUMN)));
    source->cte = entry;
    return source;
}

/* ---- recursion ---- */

typedef struct RecursiveParts {
    const AstNode *anchor, *recursive;
} RecursiveParts;

static RecursiveParts
split_recursive(Binder *binder, const AstCte *cte)
{
    const AstSetOperation *operation = (const AstSetOperation *) cte->query;

    if (cte->query->kind != AST_SET_OPERATION)
        tsql_error(ERR_252, cte->name);
    if (operation->op != SET_UNION_ALL)
        tsql_error(ERR_252, cte->name);
    if (count_references(binder, operation->left, cte->name) > 0) {
        if (count_references(binder, operation->right, cte->name) == 0)
            tsql_error(ERR_246, cte->name);
        /* two recursive members: PostgreSQL runs one */
        tsql_error(ERR_253, cte->name);
    }
    if (count_references(binder, operation->right, cte->name) > 1)
        tsql_error(ERR_253, cte->name);
    return (RecursiveParts){operation->left, operation->right};
}

static void
add_level_to_anchor(Query *query)
{
    if (query->setOperations) {
        /* the anchor is itself a union: every leaf gets the column */
        SetOperationStmt *operation = (SetOperationStmt *) query->setOperations;
        List *stack = list_make1(operation);

        while (stack) {
            Node *node = linitial(stack);

            stack = list_delete_first(stack);
            if (IsA(node, SetOperationStmt)) {
                SetOperationStmt *part = (SetOperationStmt *) node;

                part->colTypes = lappend_oid(part->colTypes, INT4OID);
                part->colTypmods = lappend_int(part->colTypmods, -1);
                part->colCollations = lappend_oid(part->colCollations, InvalidOid);
                if (!part->all)
                    part->groupClauses =
                        lappend(part->groupClauses, copyObject(linitial(part->groupClauses)));
                stack = lcons(part->larg, lappend(stack, part->rarg));
            } else {
                RangeTblEntry *leaf = list_nth(query->rtable, ((RangeTblRef *) node)->rtindex - 1);

                add_level_to_anchor(leaf->subquery);
            }
        }
        query->targetList = lappend(
            query->targetList,
            makeTargetEntry(
                (Expr *) makeVar(1, list_length(query->targetList) + 1, INT4OID, -1, InvalidOid, 0),
                list_length(query->targetList) + 1, pstrdup(LEVEL_COLUMN), false));
        return;
    }
    query->targetList = lappend(
        query->targetList, makeTargetEntry(bind_int_const(0), list_length(query->targetList) + 1,
                                           pstrdup(LEVEL_COLUMN), false));
}

/* level + 1 of the self reference, checked against the limit. */
static void
add_level_to_recursive(Query *query, int levels, int column, int limit)
{
    SqlType as_int = sql_type_make(SQL_INT);
    Expr *level = bind_int_const(0);
    int index = 1;
    ListCell *cell;

    foreach (cell, query->rtable) {
        RangeTblEntry *entry = lfirst(cell);

        if (entry->rtekind == RTE_CTE && entry->self_reference && entry->ctelevelsup == levels)
            level = bind_call("next_recursion", &as_int,
                              list_make2(makeVar(index, column, INT4OID, -1, InvalidOid, 0),
                                         bind_int_const(limit)),
                              InvalidOid);
        index++;
    }
    query->targetList =
        lappend(query->targetList, makeTargetEntry(level, list_length(query->targetList) + 1,
                                                   pstrdup(LEVEL_COLUMN), false));
}

static void
check_recursive_types(const CteEntry *entry, ColumnList *recursive)
{
    if (recursive->count != entry->column_count)
        tsql_error(ERR_205);
    for (int i = 0; i < entry->column_count; i++) {
        const SqlType *a = &entry->columns[i].type, *b = &recursive->columns[i].type;

        if (a->id != b->id || a->length != b->length || a->precision != b->precision ||
            a->scale != b->scale)
            tsql_error(ERR_240, entry->columns[i].name, entry->ast->name);
    }
}

static RangeTblEntry *
leaf_entry(Query *query, const char *name)
{
    RangeTblEntry *entry = makeNode(RangeTblEntry);
    List *names = NIL;
    ListCell *cell;

    foreach (cell, query->targetList)
        if (!((TargetEntry *) lfirst(cell))->resjunk)
            names = lappend(names, makeString(pstrdup(((TargetEntry *) lfirst(cell))->resname)));
    entry->rtekind = RTE_SUBQUERY;
    entry->subquery = query;
    entry->eref = makeAlias(name, names);
    return entry;
}

/* anchor UNION ALL recursive, as PostgreSQL wants it under WITH RECURSIVE. */
static Query *
recursive_union(Binder *binder, CteEntry *entry, const RecursiveParts *parts)
{
    Scope *scope = scope_push(binder, CMD_SELECT);
    Query *query = scope->query, *anchor, *recursive;
    SetOperationStmt *operation = makeNode(SetOperationStmt);
    ColumnList columns = {0}, again = {0};
    RangeTblRef *left = makeNode(RangeTblRef), *right = makeNode(RangeTblRef);
    ListCell *cell;

    entry->binding = true;
    anchor = bind_cte_body(binder, entry, parts->anchor, entry, &columns);
    entry->binding = false;
    bind_name_columns(binder, &columns, entry->ast->name, entry->ast->column_count,
                      entry->ast->columns);
    for (int i = 0; i < columns.count; i++)
        columns.columns[i].nullable = true;
    entry->column_count = columns.count;
    entry->columns = columns.columns;
    add_level_to_anchor(anchor);
    recursive = bind_cte_body(binder, entry, parts->recursive, entry, &again);
    check_recursive_types(entry, &again);
    add_level_to_recursive(recursive, 2, columns.count + 1, binder->max_recursion);
    query->rtable =
        list_make2(leaf_entry(anchor, "*SELECT* 1"), leaf_entry(recursive, "*SELECT* 2"));
    left->rtindex = 1;
    right->rtindex = 2;
    operation->op = SETOP_UNION;
    operation->all = true;
    operation->larg = (Node *) left;
    operation->rarg = (Node *) right;
    foreach (cell, anchor->targetList) {
        TargetEntry *target = lfirst(cell);
        Oid type, collation;
        int32 typmod;

        if (target->resjunk)
            continue;
        type = exprType((Node *) target->expr);
        typmod = exprTypmod((Node *) target->expr);
        collation = exprCollation((Node *) target->expr);
        operation->colTypes = lappend_oid(operation->colTypes, type);
        operation->colTypmods = lappend_int(operation->colTypmods, typmod);
        operation->colCollations = lappend_oid(operation->colCollations, collation);
        query->targetList =
            lappend(query->targetList,
                    makeTargetEntry((Expr *) makeVar(1, target->resno, type, typmod, collation, 0),
                                    list_length(query->targetList) + 1, target->resname, false));
    }
    query->setOperations = (Node *) operation;
    return scope_finish(binder);
}

static CommonTableExpr *
make_cte(CteEntry *entry, Query *query)
{
    CommonTableExpr *cte = makeNode(CommonTableExpr);
    ListCell *cell;

    cte->ctename = pstrdup(entry->pg_name);
    cte->ctematerialized = CTEMaterializeDefault;
    cte->ctequery = (Node *) query;
    cte->location = -1;
    cte->cterecursive = true;
    cte->cterefcount = 2;
    foreach (cell, query->targetList) {
        TargetEntry *target = lfirst(cell);

        cte->ctecolnames = lappend(cte->ctecolnames, makeString(pstrdup(target->resname)));
        cte->ctecoltypes = lappend_oid(cte->ctecoltypes, exprType((Node *) target->expr));
        cte->ctecoltypmods = lappend_int(cte->ctecoltypmods, exprTypmod((Node *) target->expr));
        cte->ctecolcollations =
            lappend_oid(cte->ctecolcollations, exprCollation((Node *) target->expr));
    }
    return cte;
}

/* WITH RECURSIVE name AS (...) SELECT its columns FROM name. */
static Query *
recursive_wrapper(Binder *binder, CteEntry *entry, ColumnList *columns)
{
    CteEntry local = *entry;
    RecursiveParts parts;
    Scope *scope;
    Query *query, *body;
    ScopeSource *source;
    RangeTblRef *ref = makeNode(RangeTblRef);
    RangeTblEntry *rte;

    parts = split_recursive(binder, entry->ast);
    binder->barrier = true;
    scope = scope_push(binder, CMD_SELECT);
    query = scope->query;
    local.home = scope;
    local.pg_name = entry->ast->name;
    body = recursive_union(binder, &local, &parts);
    query->cteList = list_make1(make_cte(&local, body));
    query->hasRecursive = true;
    source = add_self_reference(binder, &local, entry->ast->name);
    rte = list_nth(query->rtable, source->rtindex - 1);
    rte->self_reference = false;
    for (int i = 0; i < source->column_count; i++)
        bind_add_target(&query->targetList, columns, scope_column_expr(binder, source, i, 0),
                        source->columns[i].name);
    ref->rtindex = source->rtindex;
    query->jointree = makeFromExpr(list_make1(ref), NULL);
    return scope_finish(binder);
}

ScopeSource *
bind_cte_reference(Binder *binder, CteEntry *entry, const char *alias)
{
    ColumnList columns = {0};
    ScopeSource *source;
    Query *query;

    if (entry->home)
        return add_self_reference(binder, entry, alias);
    if (entry->recursive) {
        query = recursive_wrapper(binder, entry, &columns);
    } else {
        query = bind_cte_body(binder, entry, entry->ast->query, entry->next, &columns);
        bind_name_columns(binder, &columns, entry->ast->name, entry->ast->column_count,
                          entry->ast->columns);
    }
    source = scope_add_subquery(binder, query, &columns, alias, false);
    source->cte = entry;
    return source;
}
