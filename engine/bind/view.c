/*
 * Modules expanded in place: views, inline table functions, computed columns and defaults. Their
 * text is parsed once per version and bound anew at each use, with the module's own name
 * resolution, so that plans see through them.
 */
#include "postgres.h"

#include "bind/bind_internal.h"

#include "nodes/makefuncs.h"
#include "pgcompat/base.h"
#include "rewrite/rewriteManip.h"
#include "syntax/parser.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/syscache.h"

/* ---- parsing into PostgreSQL's memory ---- */

static void *
arena_take(void *context, size_t size)
{
    return MemoryContextAllocHuge((MemoryContext) context, size);
}

static void
arena_give(void *context, void *chunk)
{
    pfree(chunk);
}

Arena *
bind_arena(MemoryContext memory)
{
    ArenaBacking backing = {arena_take, arena_give, memory};

    return arena_new(&backing);
}

pg_noreturn static void
raise_parse_error(const ParseError *error)
{
    tsql_raise(error->number, error->severity, error->state, error->message);
}

/* A stored expression (default, computed column) as a tree in the current context. */
static const AstNode *
parse_stored_expression(const char *text)
{
    ParseOptions options = {.quoted_identifier = true};
    ParseError error;
    AstNode *node =
        parse_expression(bind_arena(CurrentMemoryContext), text, strlen(text), &options, &error);

    if (!node)
        raise_parse_error(&error);
    return node;
}

/* ---- the cache of module trees ---- */

typedef struct ModuleTree {
    int32 object_id; /* key */
    uint64 version;
    MemoryContext memory;
    const AstNode *tree;
} ModuleTree;

static HTAB *module_trees = NULL;

static ModuleTree *
module_entry(int32 object_id)
{
    bool found;
    ModuleTree *entry;

    if (!module_trees) {
        HASHCTL control = {0};

        control.keysize = sizeof(int32);
        control.entrysize = sizeof(ModuleTree);
        control.hcxt = session_memory ? session_memory : TopMemoryContext;
        module_trees = hash_create("casement module trees", 64, &control,
                                   HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
    }
    entry = hash_search(module_trees, &object_id, HASH_ENTER, &found);
    if (!found) {
        entry->version = 0;
        entry->memory = NULL;
        entry->tree = NULL;
    }
    return entry;
}

static const AstNode *
parse_module(const CatalogModule *module, MemoryContext memory)
{
    ParseOptions options = {.quoted_identifier = module->quoted_identifier};
    ParseError error;
    AstBatch *batch = parse_batch(bind_arena(memory), module->definition,
                                  strlen(module->definition), &options, &error);

    if (!batch)
        raise_parse_error(&error);
    if (AST_LIST_COUNT(batch->statements) < 1)
        elog(ERROR, "module %d has no statement", module->object.id);
    return AST_LIST_ITEM(AstNode, batch->statements, 0);
}

const AstNode *
bind_module_tree(int32 object_id, const CatalogObject *object)
{
    CatalogModule module;
    ModuleTree *entry;
    MemoryContext memory;
    const AstNode *tree;

    if (!catalog_module(object_id, &module))
        tsql_error(ERR_208, object ? object->name : "?");
    entry = module_entry(object_id);
    if (entry->tree && entry->version == module.version)
        return entry->tree;
    memory =
        AllocSetContextCreate(CurrentMemoryContext, "casement module tree", ALLOCSET_SMALL_SIZES);
    tree = parse_module(&module, memory);
    /* an older tree may still be in use further up this call: it is left to the statement */
    if (entry->memory)
        MemoryContextSetParent(entry->memory, CurTransactionContext);
    MemoryContextSetParent(memory, session_memory ? session_memory : TopMemoryContext);
    entry->memory = memory;
    entry->tree = tree;
    entry->version = module.version;
    return tree;
}

/* ---- views ---- */

static Oid
relation_owner(Oid relation)
{
    HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relation));
    Oid owner = InvalidOid;

    if (HeapTupleIsValid(tuple)) {
        owner = ((Form_pg_class) GETSTRUCT(tuple))->relowner;
        ReleaseSysCache(tuple);
    }
    return owner;
}

static uint32
module_options(const Binder *binder, int32 object_id)
{
    CatalogModule module;
    uint32 options = binder->options & ~(uint32) OPTION_ANSI_NULLS;

    if (catalog_module(object_id, &module) && module.ansi_nulls)
        options |= OPTION_ANSI_NULLS;
    return options;
}

Query *
bind_view(Binder *binder, const CatalogRelation *view, ColumnList *columns)
{
    const CatalogObject *object = &view->object;
    const AstNode *tree = bind_module_tree(object->id, object);
    const AstCreateView *create = (const AstCreateView *) tree;
    Scope *scope = binder->scope;
    BinderPlace saved;
    Query *query;
    int line = tsql_error_set_line(0);

    if (tree->kind != AST_CREATE_VIEW)
        elog(ERROR, "module %d is no view", object->id);
    binder_add_object(binder, object->id);
    binder_enter_module(binder, &saved, object->database, object->schema_name,
                        module_options(binder, object->id));
    if (OidIsValid(object->relation))
        binder->check_as_user = relation_owner(object->relation);
    binder->scope = NULL; /* a view sees nothing of the query that uses it */
    query = bind_subquery(binder, create->query, columns);
    bind_name_columns(binder, columns, object->name, create->column_count, create->columns);
    binder->scope = scope;
    binder_leave_module(binder, &saved);
    tsql_error_set_line(line);
    return query;
}

/* ---- functions ---- */

void
bind_routine(Binder *binder, const CatalogObject *object, Routine *routine)
{
    const AstNode *tree = bind_module_tree(object->id, object);
    const AstCreateRoutine *create = (const AstCreateRoutine *) tree;
    BindContext context = *binder->context;

    if (tree->kind != AST_CREATE_FUNCTION)
        elog(ERROR, "module %d is no function", object->id);
    memset(routine, 0, sizeof(*routine));
    context.database = object->database;
    context.default_schema = object->schema_name;
    routine->tree = create;
    routine->count = AST_LIST_COUNT(create->params);
    routine->parameters = palloc0(sizeof(RoutineParameter) * Max(routine->count, 1));
    for (int i = 0; i < routine->count; i++) {
        const AstRoutineParam *param = AST_LIST_ITEM(AstRoutineParam, create->params, i);
        CatalogType table;

        routine->parameters[i].name = param->name;
        routine->parameters[i].type = bind_type(param->type, NULL, &context, &table);
        routine->parameters[i].default_value = param->default_value;
    }
    if (create->returns && create->function_form == FUNCTION_SCALAR)
        routine->returns = bind_type(create->returns, NULL, &context, NULL);
}

ArgumentList *
bind_routine_arguments(Binder *binder,
                       const Routine *routine,
                       const AstName *name,
                       const AstList *args)
{
    ArgumentList *list = palloc0(sizeof(ArgumentList));
    int given = AST_LIST_COUNT(args);

    if (given < routine->count)
        tsql_error(ERR_313, bind_name_text(name));
    if (given > routine->count)
        tsql_error(ERR_8144, bind_name_text(name));
    list->count = routine->count;
    list->names = palloc(sizeof(char *) * Max(list->count, 1));
    list->values = palloc(sizeof(BoundExpr) * Max(list->count, 1));
    list->home = binder->scope;
    for (int i = 0; i < routine->count; i++) {
        const AstNode *node = AST_LIST_ITEM(AstNode, args, i);
        const RoutineParameter *parameter = &routine->parameters[i];
        bool is_default =
            node->kind == AST_LITERAL && ((const AstLiteral *) node)->type == LITERAL_DEFAULT;

        if (is_default && !parameter->default_value)
            tsql_error(ERR_313, bind_name_text(name));
        list->names[i] = parameter->name;
        list->values[i] = bind_converted(binder,
                                         is_default ? bind_expr(binder, parameter->default_value)
                                                    : bind_wanted(binder, node, &parameter->type),
                                         &parameter->type, CONVERSION_EXPLICIT);
    }
    return list;
}

Query *
bind_inline_function(Binder *binder,
                     const CatalogObject *object,
                     const AstName *name,
                     const AstList *args,
                     ColumnList *columns)
{
    Routine routine;
    ArgumentList *arguments;
    BinderPlace saved;
    Query *query;
    int line;

    bind_routine(binder, object, &routine);
    arguments = bind_routine_arguments(binder, &routine, name, args);
    binder_add_object(binder, object->id);
    line = tsql_error_set_line(0);
    binder_enter_module(binder, &saved, object->database, object->schema_name,
                        module_options(binder, object->id));
    binder->arguments = arguments;
    binder->barrier = true;
    query = bind_subquery(binder, routine.tree->inline_query, columns);
    bind_name_columns(binder, columns, object->name, 0, NULL);
    binder_leave_module(binder, &saved);
    tsql_error_set_line(line);
    return query;
}

/* ---- expressions of a relation ---- */

static void
relation_scope(Binder *binder, const CatalogRelation *relation, int varno)
{
    Scope *scope = scope_push(binder, CMD_SELECT);
    ScopeColumn *columns = palloc0(sizeof(ScopeColumn) * Max(relation->column_count, 1));
    RangeTblEntry *entry = makeNode(RangeTblEntry);
    ScopeSource *source;

    scope->barrier = true;
    scope->clause = CLAUSE_DEFINITION;
    for (int i = 0; i < relation->column_count; i++) {
        const CatalogColumn *column = &relation->columns[i];

        columns[i].name = column->name;
        columns[i].type = column->type;
        columns[i].attnum = column->attnum;
        columns[i].nullable = column->nullable;
        columns[i].label = OidIsValid(column->type.collation) ? COLLATION_IMPLICIT : COLLATION_NONE;
    }
    /* only its place counts: the expression is put into another query */
    entry->rtekind = RTE_RESULT;
    entry->eref = makeAlias(relation->object.name, NIL);
    for (int i = 0; i < varno; i++)
        scope->query->rtable = lappend(scope->query->rtable, entry);
    source = scope_add_source(binder, NULL, varno, relation->column_count, columns);
    source->schema = relation->object.schema_name;
    source->table = relation->object.name;
    source->text = relation->object.name;
    source->relation = relation;
}

BoundExpr
bind_in_relation(
    Binder *binder, const AstNode *node, const CatalogRelation *relation, int varno, bool predicate)
{
    BinderPlace saved;
    BoundExpr result;
    SqlType bit = sql_type_make(SQL_BIT);

    binder_enter_module(binder, &saved, relation->object.database, relation->object.schema_name,
                        binder->options);
    relation_scope(binder, relation, varno);
    if (predicate)
        result = bound_make((Expr *) bind_predicate(binder, node), bit, true, COLLATION_NONE);
    else
        result = bind_expr(binder, node);
    scope_finish(binder);
    binder_leave_module(binder, &saved);
    result.column = NULL;
    return result;
}

/*
 * WITH CHECK OPTION: the condition of a view over just the table `base`, on the row that is being
 * written at range table index `varno`; NULL when the view asks for no check or has no condition.
 */
Node *
bind_view_check(Binder *binder, const CatalogRelation *view, const CatalogRelation *base, int varno)
{
    const AstCreateView *create =
        (const AstCreateView *) bind_module_tree(view->object.id, &view->object);
    const AstSelect *select = (const AstSelect *) create->query;
    const AstTableRef *from;
    Scope *scope = binder->scope;
    BinderPlace saved;
    Node *check = NULL;

    if (!create->with_check_option)
        return NULL;
    if (select->node.kind != AST_SELECT || AST_LIST_COUNT(select->from) != 1 ||
        AST_LIST_ITEM(AstNode, select->from, 0)->kind != AST_TABLE_REF)
        tsql_error(ERR_40517, "WITH CHECK OPTION of a view of more than one table");
    from = AST_LIST_ITEM(AstTableRef, select->from, 0);
    binder_enter_module(binder, &saved, view->object.database, view->object.schema_name,
                        binder->options);
    if (bind_relation_name(binder, &from->name)->object.type == CATALOG_VIEW)
        tsql_error(ERR_40517, "WITH CHECK OPTION of a view of a view");
    if (select->where != NULL) {
        relation_scope(binder, base, varno);
        ((ScopeSource *) linitial(binder->scope->sources))->alias = from->alias;
        check = bind_where(binder, select->where);
        scope->has_sublinks = scope->has_sublinks || binder->scope->has_sublinks;
        scope_finish(binder);
    }
    binder_leave_module(binder, &saved);
    return check;
}

BoundExpr
bind_computed_column(Binder *binder,
                     const CatalogRelation *relation,
                     const CatalogColumn *column,
                     int varno)
{
    int line = tsql_error_set_line(0);
    BoundExpr value = bind_in_relation(binder, parse_stored_expression(column->computed_text),
                                       relation, varno, false);

    tsql_error_set_line(line);
    value = bind_converted(binder, value, &column->type, CONVERSION_EXPLICIT);
    value.nullable = column->nullable;
    if (value.label != COLLATION_NONE)
        value.label = COLLATION_IMPLICIT;
    return value;
}

Expr *
bind_column_default(Binder *binder, const CatalogRelation *relation, const CatalogColumn *column)
{
    BinderPlace saved;
    Scope *scope = binder->scope;
    BoundExpr value;

    if (!column->default_text)
        return NULL;
    binder_enter_module(binder, &saved, relation->object.database, relation->object.schema_name,
                        binder->options);
    binder->scope = NULL;
    value = bind_expr(binder, parse_stored_expression(column->default_text));
    binder->scope = scope;
    binder_leave_module(binder, &saved);
    value.node = NULL;
    return bind_assignment_convert(binder, value, relation, column);
}
