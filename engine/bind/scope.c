/*
 * Names: sources of a query block and the columns that references mean, in the block itself or
 * further out. See bind_internal.h for the shape of scopes.
 */
#include "postgres.h"

#include "bind/bind_internal.h"

#include "access/sysattr.h"
#include "access/table.h"
#include "nodes/makefuncs.h"
#include "rewrite/rewriteManip.h"
#include "storage/lmgr.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

/* ---- sources ---- */

ScopeSource *
scope_add_source(
    Binder *binder, const char *alias, int rtindex, int column_count, ScopeColumn *columns)
{
    ScopeSource *source = palloc0(sizeof(ScopeSource));

    source->alias = alias;
    source->text = alias;
    source->rtindex = rtindex;
    source->column_count = column_count;
    source->columns = columns;
    binder->scope->sources = lappend(binder->scope->sources, source);
    return source;
}

/* The range table entry of a relation, locked as the statement needs it. */
static RangeTblEntry *
relation_entry(Binder *binder,
               const CatalogRelation *relation,
               const char *alias,
               AclMode permissions,
               bool in_from)
{
    LOCKMODE mode =
        (permissions & (ACL_INSERT | ACL_UPDATE | ACL_DELETE)) ? RowExclusiveLock : AccessShareLock;
    Relation rel = table_open(relation->object.relation, mode);
    RangeTblEntry *entry = makeNode(RangeTblEntry);
    TupleDesc desc = RelationGetDescr(rel);
    List *names = NIL;

    for (int i = 0; i < desc->natts; i++) {
        Form_pg_attribute att = TupleDescAttr(desc, i);

        names = lappend(
            names, makeString(att->attisdropped ? pstrdup("") : pstrdup(NameStr(att->attname))));
    }
    entry->rtekind = RTE_RELATION;
    entry->relid = RelationGetRelid(rel);
    entry->relkind = rel->rd_rel->relkind;
    entry->rellockmode = mode;
    if (alias)
        entry->alias = makeAlias(alias, NIL);
    entry->eref = makeAlias(alias ? alias : RelationGetRelationName(rel), names);
    entry->inh = rel->rd_rel->relhassubclass || rel->rd_rel->relkind == RELKIND_PARTITIONED_TABLE ||
                 permissions == ACL_SELECT;
    entry->inFromCl = in_from;
    table_close(rel, binder->context->describe_only ? mode : NoLock);
    return entry;
}

static ScopeColumn
column_of_catalog(const CatalogRelation *relation, const CatalogColumn *column)
{
    ScopeColumn result = {0};

    result.name = column->name;
    result.type = column->type;
    result.attnum = column->attnum;
    result.nullable = column->nullable;
    result.identity = column->identity;
    result.computed = column->computed;
    result.hidden = column->hidden;
    result.updatable = column->updatable;
    result.label = OidIsValid(column->type.collation) ? COLLATION_IMPLICIT : COLLATION_NONE;
    result.base_relation = relation->object.relation;
    result.base_attnum = column->attnum;
    result.source_schema = relation->object.schema_name;
    result.source_table = relation->object.name;
    result.source_column = column->name;
    return result;
}

ScopeSource *
scope_add_relation(Binder *binder,
                   const CatalogRelation *relation,
                   const char *alias,
                   AclMode permissions,
                   bool in_from)
{
    Query *query = binder->scope->query;
    RangeTblEntry *entry = relation_entry(binder, relation, alias, permissions, in_from);
    ScopeColumn *columns = palloc(sizeof(ScopeColumn) * Max(relation->column_count, 1));
    const CatalogDatabase *database = catalog_database(relation->object.database);
    ScopeSource *source;
    int rtindex;

    bind_check_relation(binder, relation, permissions);
    query->rtable = lappend(query->rtable, entry);
    rtindex = list_length(query->rtable);
    pgcompat_rte_permissions(query, entry, binder->context->describe_only ? 0 : permissions,
                             binder->check_as_user);
    for (int i = 0; i < relation->column_count; i++) {
        const CatalogColumn *column = &relation->columns[i];

        columns[i] = column_of_catalog(relation, column);
        columns[i].source_database = database ? database->name : NULL;
        if (column->computed && !column->persisted)
            columns[i].expression = bind_computed_column(binder, relation, column, rtindex).expr;
    }
    source = scope_add_source(binder, alias, rtindex, relation->column_count, columns);
    source->database = database ? database->name : NULL;
    source->schema = relation->object.schema_name;
    source->table = relation->object.name;
    source->text = alias ? alias : relation->object.name;
    source->relation = relation;
    return source;
}

ScopeSource *
scope_add_subquery(
    Binder *binder, Query *query, const ColumnList *list, const char *alias, bool lateral)
{
    RangeTblEntry *entry = makeNode(RangeTblEntry);
    Scope *scope = binder->scope;
    ScopeColumn *columns = palloc0(sizeof(ScopeColumn) * Max(list->count, 1));
    List *names = NIL;

    for (int i = 0; i < list->count; i++) {
        const BoundColumn *from = &list->columns[i];
        ScopeColumn *to = &columns[i];

        to->name = from->name;
        to->type = from->type;
        to->attnum = i + 1;
        to->nullable = from->nullable;
        to->identity = from->identity;
        to->computed = from->computed;
        to->hidden = from->hidden;
        to->updatable = from->updatable;
        to->label = OidIsValid(from->type.collation) ? COLLATION_IMPLICIT : COLLATION_NONE;
        to->base_relation = from->base_relation;
        to->base_attnum = from->base_attnum;
        to->source_database = from->source_database;
        to->source_schema = from->source_schema;
        to->source_table = from->source_table;
        to->source_column = from->source_column;
        names = lappend(names, makeString(pstrdup(from->name[0] ? from->name : "?column?")));
    }
    entry->rtekind = RTE_SUBQUERY;
    entry->subquery = query;
    entry->alias = makeAlias(alias ? alias : "t", NIL);
    entry->eref = makeAlias(alias ? alias : "t", names);
    entry->lateral = lateral;
    entry->inFromCl = true;
    scope->query->rtable = lappend(scope->query->rtable, entry);
    return scope_add_source(binder, alias, list_length(scope->query->rtable), list->count, columns);
}

/* ---- look-up ---- */

int
scope_source_column(Binder *binder, const ScopeSource *source, const char *name)
{
    for (int i = 0; i < source->column_count; i++) {
        const ScopeColumn *column = &source->columns[i];

        if (column->name[0] && binder_name_equal(binder, column->name, name))
            return i;
    }
    return -1;
}

ScopeSource *
scope_find_source(Binder *binder, const char *name)
{
    ListCell *cell;

    foreach (cell, binder->scope->sources) {
        ScopeSource *source = lfirst(cell);
        const char *exposed = source->alias ? source->alias : source->table;

        if (exposed && binder_name_equal(binder, exposed, name))
            return source;
    }
    return NULL;
}

static bool
source_visible(const Scope *scope, const ScopeSource *source, int position)
{
    if (source->hidden || position < scope->visible_from)
        return false;
    return scope->visible_to < 0 || position < scope->visible_to;
}

/* Whether the prefix of a reference names this source. */
static bool
prefix_matches(Binder *binder, const ScopeSource *source, const AstColumnRef *ref)
{
    if (!ref->table)
        return true;
    if (source->alias)
        return !ref->schema && !ref->database &&
               binder_name_equal(binder, source->alias, ref->table);
    if (!source->table || !binder_name_equal(binder, source->table, ref->table))
        return false;
    if (ref->schema && ref->schema[0] &&
        (!source->schema || !binder_name_equal(binder, source->schema, ref->schema)))
        return false;
    if (ref->database && ref->database[0] &&
        (!source->database || !binder_name_equal(binder, source->database, ref->database)))
        return false;
    return true;
}

/* $IDENTITY and $ROWGUID stand for the column that has the property. */
static int
pseudo_column(const ScopeSource *source, const char *name)
{
    for (int i = 0; i < source->column_count; i++) {
        if (pg_strcasecmp(name, "$identity") == 0 && source->columns[i].identity)
            return i;
        if (pg_strcasecmp(name, "$rowguid") == 0 && source->relation &&
            source->relation->columns[i].rowguid)
            return i;
    }
    return -1;
}

static void
mark_selected(Scope *scope, const ScopeSource *source, AttrNumber attnum)
{
    RangeTblEntry *entry = list_nth(scope->query->rtable, source->rtindex - 1);
    Bitmapset **set;

    if (entry->rtekind != RTE_RELATION)
        return;
    set = pgcompat_rte_selected(scope->query, entry);
    *set = bms_add_member(*set, attnum - FirstLowInvalidHeapAttributeNumber);
    pgcompat_rte_add_permissions(scope->query, entry, ACL_SELECT);
}

static void
mark_written(Binder *binder, ScopeSource *source, AttrNumber attnum, bool insert)
{
    Query *query = binder->scope->query;
    RangeTblEntry *entry = list_nth(query->rtable, source->rtindex - 1);
    Bitmapset **set =
        insert ? pgcompat_rte_inserted(query, entry) : pgcompat_rte_updated(query, entry);

    *set = bms_add_member(*set, attnum - FirstLowInvalidHeapAttributeNumber);
}

void
scope_mark_inserted(Binder *binder, ScopeSource *source, AttrNumber attnum)
{
    mark_written(binder, source, attnum, true);
}

void
scope_mark_updated(Binder *binder, ScopeSource *source, AttrNumber attnum)
{
    if (source->relation != NULL)
        bind_check_column(binder, source->relation, attnum, "UPDATE");
    mark_written(binder, source, attnum, false);
}

BoundExpr
scope_column_expr(Binder *binder, const ScopeSource *source, int index, int levels)
{
    const ScopeColumn *column = &source->columns[index];
    Scope *scope = binder->scope;
    BoundExpr result = {0};

    for (int i = 0; i < levels; i++)
        scope = scope->outer;
    result.type = column->type;
    result.nullable = column->nullable || source->outer_nullable;
    result.label = column->label;
    result.column = column;
    if (column->expression) {
        result.expr = copyObject(column->expression);
        if (levels > 0)
            IncrementVarSublevelsUp((Node *) result.expr, levels, 0);
    } else {
        Var *var = makeVar(source->rtindex, column->attnum, sql_type_oid(column->type.id),
                           sql_type_typmod(&column->type), column->type.collation, levels);

        pgcompat_var_nulling(var, source->nulling);
        result.expr = (Expr *) var;
        if (source->relation != NULL)
            bind_check_column(binder, source->relation, column->attnum, "SELECT");
        mark_selected(scope, source, column->attnum);
    }
    return result;
}

/* The text of a reference as written: "a.b.c". */
static const char *
reference_text(const AstColumnRef *ref)
{
    if (ref->database)
        return psprintf("%s.%s.%s.%s", ref->database, ref->schema ? ref->schema : "", ref->table,
                        ref->column);
    if (ref->schema)
        return psprintf("%s.%s.%s", ref->schema, ref->table, ref->column);
    return ref->table ? psprintf("%s.%s", ref->table, ref->column) : ref->column;
}

typedef struct ColumnMatch {
    const ScopeSource *source;
    int index;
    int count;
    bool prefix_found;
} ColumnMatch;

static ColumnMatch
match_in_scope(Binder *binder, const Scope *scope, const AstColumnRef *ref)
{
    ColumnMatch match = {NULL, -1, 0, false};
    int position = 0;
    ListCell *cell;

    foreach (cell, scope->sources) {
        const ScopeSource *source = lfirst(cell);
        int index;

        if (!source_visible(scope, source, position++) || !prefix_matches(binder, source, ref))
            continue;
        match.prefix_found = true;
        index = scope_source_column(binder, source, ref->column);
        if (index < 0 && ref->column[0] == '$')
            index = pseudo_column(source, ref->column);
        if (index >= 0) {
            match.count++;
            match.source = source;
            match.index = index;
        }
    }
    return match;
}

BoundExpr
bind_column_ref(Binder *binder, const AstColumnRef *ref)
{
    Scope *scope = binder->scope;
    int levels = 0;
    bool prefix_found = false;

    for (; scope; scope = scope->outer, levels++) {
        ColumnMatch match = match_in_scope(binder, scope, ref);

        if (match.count > 1) {
            binder_set_line(&ref->node);
            tsql_error(ERR_209, ref->column);
        }
        if (match.count == 1) {
            BoundExpr result = scope_column_expr(binder, match.source, match.index, levels);

            result.node = &ref->node;
            return result;
        }
        if (match.prefix_found && ref->table) {
            prefix_found = true;
            break;
        }
        if (scope->barrier)
            break;
    }
    binder_set_line(&ref->node);
    if (ref->table && !prefix_found)
        tsql_error(ERR_4104, reference_text(ref));
    tsql_error(ERR_207, ref->column);
}

/* ---- relations ---- */

const char *
bind_name_text(const AstName *name)
{
    if (name->server)
        return psprintf("%s.%s.%s.%s", name->server, name->database ? name->database : "",
                        name->schema ? name->schema : "", name->object);
    if (name->database)
        return psprintf("%s.%s.%s", name->database, name->schema ? name->schema : "", name->object);
    return name->schema ? psprintf("%s.%s", name->schema, name->object) : name->object;
}

static const char *
given(const char *part)
{
    return part && part[0] ? part : NULL;
}

bool
bind_object_name(Binder *binder, const AstName *name, CatalogObject *object)
{
    if (name->server)
        tsql_error(ERR_7202, name->server);
    if (given(name->database))
        bind_check_database(binder, name->database);
    return catalog_find_object(binder->database, binder->default_schema, given(name->database),
                               given(name->schema), name->object, false, object);
}

const CatalogRelation *
bind_relation_name(Binder *binder, const AstName *name)
{
    CatalogObject object;

    if (!name->schema && !name->database && binder->context->scope &&
        binder->context->scope->transition_table &&
        (pg_strcasecmp(name->object, "inserted") == 0 ||
         pg_strcasecmp(name->object, "deleted") == 0)) {
        const CatalogRelation *transition =
            binder->context->scope->transition_table(binder->context->scope->context, name->object);

        if (transition)
            return transition;
    }
    if (!bind_object_name(binder, name, &object))
        tsql_error(ERR_208, bind_name_text(name));
    switch (object.type) {
    case CATALOG_TABLE:
    case CATALOG_VIEW:
    case CATALOG_SYSTEM_TABLE:
    case CATALOG_SYSTEM_VIEW:
    case CATALOG_TABLE_TYPE:
        break;
    case CATALOG_INLINE_FUNCTION:
    case CATALOG_TABLE_FUNCTION:
        tsql_error(ERR_216, bind_name_text(name));
    default:
        tsql_error(ERR_208, bind_name_text(name));
    }
    if (object.database == DATABASE_TEMPDB && name->object[0] == '#')
        binder->statement->cacheable = false;
    return catalog_relation(&object);
}

const CatalogRelation *
bind_table_variable(Binder *binder, const char *name)
{
    const BindScope *scope = binder->context->scope;
    const CatalogRelation *relation = NULL;

    if (scope && scope->table_variable)
        relation = scope->table_variable(scope->context, name);
    if (!relation)
        tsql_error(ERR_1087, name);
    return relation;
}
