/*
 * Table sources of the FROM clause: tables, views, CTEs, derived tables, transition tables and
 * their hints. Each becomes a range table entry of the current scope and a source that names see.
 */
#include "postgres.h"

#include "bind/bind_internal.h"

#include "access/tsmapi.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/formatting.h"
#include "utils/lsyscache.h"

static Node *
source_item(const ScopeSource *source)
{
    RangeTblRef *ref = makeNode(RangeTblRef);

    ref->rtindex = source->rtindex;
    return (Node *) ref;
}

/* ---- exposed names ---- */

static bool
same_exposed(Binder *binder, const ScopeSource *a, const ScopeSource *b)
{
    const char *x = a->alias ? a->alias : a->table;
    const char *y = b->alias ? b->alias : b->table;

    if (!x || !y || !binder_name_equal(binder, x, y))
        return false;
    if (a->alias || b->alias)
        return a->alias && b->alias;
    return a->schema && b->schema && binder_name_equal(binder, a->schema, b->schema) &&
           a->database && b->database && binder_name_equal(binder, a->database, b->database);
}

/* Two sources of one FROM may not be exposed under the same name. */
static void
check_exposed(Binder *binder, const ScopeSource *added)
{
    ListCell *cell;

    foreach (cell, binder->scope->sources) {
        const ScopeSource *source = lfirst(cell);

        if (source == added || source->hidden || !same_exposed(binder, source, added))
            continue;
        if (added->alias)
            tsql_error(ERR_1011, added->alias);
        tsql_error(ERR_1013, source->text, added->text);
    }
}

/* ---- column lists ---- */

void
bind_name_columns(
    Binder *binder, ColumnList *list, const char *alias, int count, const char **names)
{
    if (count > 0 && count < list->count)
        tsql_error(ERR_8158, alias);
    if (count > list->count)
        tsql_error(ERR_8159, alias);
    for (int i = 0; i < list->count; i++) {
        if (count > 0)
            list->columns[i].name = names[i];
        if (!list->columns[i].name || !list->columns[i].name[0])
            tsql_error(ERR_8155, i + 1, alias);
        for (int j = 0; j < i; j++)
            if (binder_name_equal(binder, list->columns[i].name, list->columns[j].name))
                tsql_error(ERR_8156, list->columns[i].name, alias);
    }
}

/* A query level inside FROM: the sources beside it are not visible to it (but under APPLY). */
ScopeSource *
bind_from_query(Binder *binder,
                const AstNode *query,
                const char *alias,
                int count,
                const char **names,
                bool lateral)
{
    ColumnList columns = {0};
    Query *result = bind_subquery(binder, query, &columns);

    binder_set_line(query);
    bind_name_columns(binder, &columns, alias, count, names);
    return scope_add_subquery(binder, result, &columns, alias, lateral);
}

/* ---- hints ---- */

static const char *const known_hints[] = {
    "NOLOCK",
    "READUNCOMMITTED",
    "READCOMMITTED",
    "READCOMMITTEDLOCK",
    "REPEATABLEREAD",
    "SERIALIZABLE",
    "HOLDLOCK",
    "TABLOCK",
    "TABLOCKX",
    "PAGLOCK",
    "ROWLOCK",
    "UPDLOCK",
    "XLOCK",
    "READPAST",
    "NOWAIT",
    "NOEXPAND",
    "INDEX",
    "FORCESEEK",
    "FORCESCAN",
    "FASTFIRSTROW",
    "SNAPSHOT",
    "KEEPIDENTITY",
    "KEEPDEFAULTS",
    "IGNORE_CONSTRAINTS",
    "IGNORE_TRIGGERS",
    "SPATIAL_WINDOW_MAX_CELLS",
    NULL,
};

static void
check_hint(const AstTableHint *hint)
{
    for (int i = 0; known_hints[i]; i++)
        if (pg_strcasecmp(known_hints[i], hint->name) == 0)
            return;
    binder_set_line(&hint->node);
    tsql_error(ERR_321, hint->name);
}

static bool
has_hint(const AstList *hints, const char *name)
{
    for (int i = 0; i < AST_LIST_COUNT(hints); i++)
        if (pg_strcasecmp(AST_LIST_ITEM(AstTableHint, hints, i)->name, name) == 0)
            return true;
    return false;
}

/* UPDLOCK and XLOCK lock the rows read until the end of the transaction. */
static void
add_row_mark(Binder *binder, const AstList *hints, const ScopeSource *source)
{
    Query *query = binder->scope->query;
    RangeTblEntry *entry = list_nth(query->rtable, source->rtindex - 1);
    RowMarkClause *mark;

    if (entry->rtekind != RTE_RELATION || entry->relkind == RELKIND_VIEW ||
        query->commandType != CMD_SELECT)
        return;
    LockRelationOid(entry->relid, RowShareLock);
    entry->rellockmode = RowShareLock;
    mark = makeNode(RowMarkClause);
    mark->rti = source->rtindex;
    mark->strength = LCS_FORNOKEYUPDATE;
    mark->waitPolicy = has_hint(hints, "READPAST") ? LockWaitSkip
                       : has_hint(hints, "NOWAIT") ? LockWaitError
                                                   : LockWaitBlock;
    query->rowMarks = lappend(query->rowMarks, mark);
}

void
bind_table_hints(Binder *binder, const AstList *hints, ScopeSource *source)
{
    for (int i = 0; i < AST_LIST_COUNT(hints); i++)
        check_hint(AST_LIST_ITEM(AstTableHint, hints, i));
    if (source && source->relation &&
        (has_hint(hints, "UPDLOCK") || has_hint(hints, "XLOCK") || has_hint(hints, "TABLOCKX")))
        add_row_mark(binder, hints, source);
}

/* ---- relations ---- */

static bool
has_virtual_columns(const CatalogRelation *relation)
{
    for (int i = 0; i < relation->column_count; i++)
        if (relation->columns[i].computed && !relation->columns[i].persisted)
            return true;
    return false;
}

/* All visible columns of the only source of the current scope as its target list. */
static void
target_all(Binder *binder, const ScopeSource *source, ColumnList *columns)
{
    Query *query = binder->scope->query;

    for (int i = 0; i < source->column_count; i++) {
        if (source->columns[i].hidden)
            continue;
        bind_add_target(&query->targetList, columns, scope_column_expr(binder, source, i, 0),
                        source->columns[i].name);
    }
}

/* Gives a wrapped relation the names that the relation itself would expose. */
static void
expose_as_relation(ScopeSource *source, const CatalogRelation *relation, const char *alias)
{
    const CatalogDatabase *database = catalog_database(relation->object.database);

    source->alias = alias;
    source->database = database ? database->name : NULL;
    source->schema = relation->object.schema_name;
    source->table = relation->object.name;
    source->text = alias ? alias : relation->object.name;
}

/*
 * A table whose computed columns are not stored, as a subquery that computes them: so they are
 * NULL where an outer join makes the row NULL.
 */
static ScopeSource *
add_computing_table(Binder *binder, const CatalogRelation *relation, const char *alias)
{
    ColumnList columns = {0};
    ScopeSource *source, *inner;
    Query *query;

    scope_push(binder, CMD_SELECT);
    inner = scope_add_relation(binder, relation, alias, ACL_SELECT, true);
    target_all(binder, inner, &columns);
    binder->scope->query->jointree = makeFromExpr(list_make1(source_item(inner)), NULL);
    query = scope_finish(binder);
    for (int i = 0, j = 0; i < inner->column_count; i++) {
        if (inner->columns[i].hidden)
            continue;
        columns.columns[j].computed = inner->columns[i].computed;
        columns.columns[j++].nullable = inner->columns[i].nullable;
    }
    source =
        scope_add_subquery(binder, query, &columns, alias ? alias : relation->object.name, false);
    expose_as_relation(source, relation, alias);
    return source;
}

/* A system view: rows of the database that was asked, by its hidden column _db. */
static ScopeSource *
add_system_view(Binder *binder, const CatalogRelation *relation, const char *alias)
{
    ColumnList columns = {0};
    ScopeSource *source, *inner;
    Query *query;
    Node *quals = NULL;
    int db = -1;

    scope_push(binder, CMD_SELECT);
    inner = scope_add_relation(binder, relation, alias, ACL_SELECT, true);
    for (int i = 0; i < inner->column_count; i++)
        if (strcmp(inner->columns[i].name, "_db") == 0)
            db = i;
    if (db >= 0) {
        SqlType type = sql_type_make(SQL_INT);
        BoundExpr column = scope_column_expr(binder, inner, db, 0);

        inner->columns[db].hidden = true;
        quals = (Node *) bind_comparison(
            binder, OP_EQ, column,
            bound_make(bind_int_const(relation->object.database), type, false, COLLATION_NONE));
    }
    target_all(binder, inner, &columns);
    binder->scope->query->jointree = makeFromExpr(list_make1(source_item(inner)), quals);
    query = scope_finish(binder);
    source =
        scope_add_subquery(binder, query, &columns, alias ? alias : relation->object.name, false);
    expose_as_relation(source, relation, alias);
    return source;
}

/* An entry outside the join tree, so that the right to read the view itself is checked. */
static void
add_permission_entry(Binder *binder, Oid relid)
{
    Query *query = binder->scope->query;
    RangeTblEntry *entry = makeNode(RangeTblEntry);

    LockRelationOid(relid, AccessShareLock);
    entry->rtekind = RTE_RELATION;
    entry->relid = relid;
    entry->relkind = RELKIND_VIEW;
    entry->rellockmode = AccessShareLock;
    entry->eref = makeAlias(get_rel_name(relid), NIL);
    query->rtable = lappend(query->rtable, entry);
    pgcompat_rte_permissions(query, entry, binder->context->describe_only ? 0 : ACL_SELECT,
                             binder->check_as_user);
}

static ScopeSource *
add_view(Binder *binder, const CatalogRelation *relation, const char *alias)
{
    ColumnList columns = {0};
    Query *query;
    ScopeSource *source;

    bind_check_relation(binder, relation, ACL_SELECT);
    query = bind_view(binder, relation, &columns);
    source =
        scope_add_subquery(binder, query, &columns, alias ? alias : relation->object.name, false);

    expose_as_relation(source, relation, alias);
    if (OidIsValid(relation->object.relation) &&
        get_rel_relkind(relation->object.relation) == RELKIND_VIEW)
        add_permission_entry(binder, relation->object.relation);
    return source;
}

ScopeSource *
bind_add_table(Binder *binder, const CatalogRelation *relation, const char *alias)
{
    switch (relation->object.type) {
    case CATALOG_VIEW:
        return add_view(binder, relation, alias);
    case CATALOG_SYSTEM_VIEW:
        return add_system_view(binder, relation, alias);
    default:
        if (has_virtual_columns(relation))
            return add_computing_table(binder, relation, alias);
        return scope_add_relation(binder, relation, alias, ACL_SELECT, true);
    }
}

/* ---- inserted and deleted of a trigger ---- */

const CatalogRelation *
bind_transition_table(Binder *binder, const AstName *name)
{
    const BindScope *scope = binder->context->scope;

    if (name->schema || name->database || binder->in_module || !scope || !scope->transition_table ||
        (pg_strcasecmp(name->object, "inserted") != 0 &&
         pg_strcasecmp(name->object, "deleted") != 0))
        return NULL;
    return scope->transition_table(scope->context, name->object);
}

static ScopeSource *
add_transition_table(Binder *binder, const CatalogRelation *relation, const AstTableRef *ref)
{
    RangeTblEntry *entry = makeNode(RangeTblEntry);
    Query *query = binder->scope->query;
    const char *alias = ref->alias ? ref->alias : ref->name.object;
    ScopeColumn *columns = palloc0(sizeof(ScopeColumn) * Max(relation->column_count, 1));
    ScopeSource *source;
    List *names = NIL;
    int last = 0;

    entry->rtekind = RTE_NAMEDTUPLESTORE;
    entry->relid = relation->object.relation;
    entry->enrname = asc_tolower(ref->name.object, strlen(ref->name.object));
    entry->enrtuples = 100;
    for (int i = 0; i < relation->column_count; i++) {
        const CatalogColumn *column = &relation->columns[i];

        columns[i].name = column->name;
        columns[i].type = column->type;
        columns[i].attnum = column->attnum;
        columns[i].nullable = column->nullable;
        columns[i].label = OidIsValid(column->type.collation) ? COLLATION_IMPLICIT : COLLATION_NONE;
        columns[i].base_relation = relation->object.relation;
        columns[i].base_attnum = column->attnum;
        columns[i].source_column = column->name;
        /* dropped columns keep their place in the tuple */
        for (; last + 1 < column->attnum; last++) {
            names = lappend(names, makeString(pstrdup("")));
            entry->coltypes = lappend_oid(entry->coltypes, InvalidOid);
            entry->coltypmods = lappend_int(entry->coltypmods, 0);
            entry->colcollations = lappend_oid(entry->colcollations, InvalidOid);
        }
        last = column->attnum;
        names = lappend(names, makeString(pstrdup(column->name)));
        entry->coltypes = lappend_oid(entry->coltypes, sql_type_oid(column->type.id));
        entry->coltypmods = lappend_int(entry->coltypmods, sql_type_typmod(&column->type));
        entry->colcollations = lappend_oid(entry->colcollations, column->type.collation);
    }
    entry->alias = makeAlias(alias, NIL);
    entry->eref = makeAlias(alias, names);
    entry->inFromCl = true;
    query->rtable = lappend(query->rtable, entry);
    source = scope_add_source(binder, alias, list_length(query->rtable), relation->column_count,
                              columns);
    for (int i = 0; i < relation->column_count; i++)
        if (relation->columns[i].computed && !relation->columns[i].persisted)
            columns[i].expression =
                bind_computed_column(binder, relation, &relation->columns[i], source->rtindex).expr;
    return source;
}

/* ---- references ---- */

static void
add_sample(Binder *binder, const AstTableRef *ref, const ScopeSource *source)
{
    RangeTblEntry *entry = list_nth(binder->scope->query->rtable, source->rtindex - 1);
    TableSampleClause *sample;
    SqlType real = sql_type_make(SQL_REAL), type = sql_type_make(SQL_FLOAT);

    /* a number of rows is an estimate in SQL Server too: here all rows */
    if (!ref->sample || !ref->sample->percent || entry->rtekind != RTE_RELATION)
        return;
    sample = makeNode(TableSampleClause);
    sample->tsmhandler = F_SYSTEM;
    sample->args = list_make1(
        bind_convert(binder, bind_expr(binder, ref->sample->amount), &real, CONVERSION_IMPLICIT));
    if (ref->sample->repeatable)
        sample->repeatable = bind_convert(binder, bind_expr(binder, ref->sample->repeatable), &type,
                                          CONVERSION_IMPLICIT);
    entry->tablesample = sample;
}

static ScopeSource *
bind_table_ref(Binder *binder, const AstTableRef *ref)
{
    const CatalogRelation *relation;
    ScopeSource *source;
    CteEntry *cte;

    binder_set_line(&ref->node);
    if (ref->node.kind == AST_TABLE_VARIABLE) {
        relation = bind_table_variable(binder, ref->variable);
        source = bind_add_table(binder, relation, ref->alias ? ref->alias : ref->variable);
    } else if ((cte = bind_find_cte(binder, &ref->name)) != NULL) {
        source = bind_cte_reference(binder, cte, ref->alias ? ref->alias : ref->name.object);
    } else if ((relation = bind_transition_table(binder, &ref->name)) != NULL) {
        source = add_transition_table(binder, relation, ref);
    } else {
        relation = bind_relation_name(binder, &ref->name);
        if (ref->temporal != TEMPORAL_NONE)
            tsql_error(ERR_13544, bind_name_text(&ref->name));
        source = bind_add_table(binder, relation, ref->alias);
        if (!ref->alias) {
            source->text = bind_name_text(&ref->name);
            /* a synonym exposes its own name */
            source->table = ref->name.object;
        }
    }
    add_sample(binder, ref, source);
    bind_table_hints(binder, ref->hints, source);
    return source;
}

static ScopeSource *
bind_derived_table(Binder *binder, const AstDerivedTable *derived, bool lateral)
{
    binder_set_line(&derived->node);
    switch (derived->query->kind) {
    case AST_INSERT:
    case AST_UPDATE:
    case AST_DELETE:
    case AST_MERGE:
        tsql_error(ERR_10729);
    default:
        return bind_from_query(binder, derived->query, derived->alias, derived->column_count,
                               derived->columns, lateral);
    }
}

/* Sources beside a level inside FROM are hidden while it is bound, but those on APPLY's left. */
typedef struct Visibility {
    int from, to;
} Visibility;

static Visibility
set_visible(Scope *scope, int from, int to)
{
    Visibility saved = {scope->visible_from, scope->visible_to};

    scope->visible_from = from;
    scope->visible_to = to;
    return saved;
}

Node *
bind_source_item(Binder *binder, const AstNode *node, int lateral_from)
{
    Scope *scope = binder->scope;
    bool lateral = lateral_from >= 0;
    Visibility saved =
        set_visible(scope, lateral ? lateral_from : 0, lateral ? list_length(scope->sources) : 0);
    ScopeSource *source = NULL;
    Node *item = NULL;

    switch (node->kind) {
    case AST_TABLE_REF:
    case AST_TABLE_VARIABLE:
        source = bind_table_ref(binder, (const AstTableRef *) node);
        break;
    case AST_DERIVED_TABLE:
        source = bind_derived_table(binder, (const AstDerivedTable *) node, lateral);
        break;
    case AST_TABLE_FUNCTION:
        source = bind_table_function(binder, (const AstTableFunction *) node, lateral);
        break;
    case AST_PIVOT:
    case AST_UNPIVOT:
        source = bind_pivot(binder, (const AstPivot *) node, lateral);
        break;
    case AST_JOIN:
        item = bind_join(binder, (const AstJoin *) node, lateral_from);
        break;
    default:
        elog(ERROR, "node kind %d is no table source", (int) node->kind);
    }
    if (source) {
        binder_set_line(node);
        check_exposed(binder, source);
        item = source_item(source);
    }
    set_visible(scope, saved.from, saved.to);
    return item;
}

Node *
bind_table_source(Binder *binder, const AstNode *source)
{
    return bind_source_item(binder, source, -1);
}

List *
bind_from(Binder *binder, const AstList *from)
{
    BindClause saved = binder_set_clause(binder, CLAUSE_FROM);
    List *items = NIL;

    for (int i = 0; i < AST_LIST_COUNT(from); i++)
        items = lappend(items, bind_table_source(binder, AST_LIST_ITEM(AstNode, from, i)));
    binder_set_clause(binder, saved);
    return items;
}
