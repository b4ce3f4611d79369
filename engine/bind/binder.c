/*
 * The binder's life and its small parts: making a Binder, opening and closing query blocks,
 * describing result columns, constants and calls of functions by name.
 */
#include "postgres.h"

#include "bind/bind_internal.h"

#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "parser/parse_func.h"
#include "utils/builtins.h"

static void
binder_resolve_in(Binder *binder, int32 database, const char *default_schema, uint32 options)
{
    const CatalogDatabase *entry = catalog_database(database);
    const SqlCollation *collation;

    binder->database = database;
    binder->default_schema = default_schema;
    binder->options = options;
    binder->collation =
        entry && OidIsValid(entry->collation) ? entry->collation : sql_collation_default();
    collation = sql_collation(binder->collation);
    binder->case_sensitive = collation && (collation->case_sensitive || collation->binary);
}

Binder *
binder_new(const BindContext *context, BoundStatement *statement)
{
    Binder *binder = palloc0(sizeof(Binder));

    binder->context = context;
    binder->statement = statement ? statement : palloc0(sizeof(BoundStatement));
    binder_resolve_in(binder, context->database, context->default_schema, context->options);
    return binder;
}

void
binder_enter_module(
    Binder *binder, BinderPlace *saved, int32 database, const char *schema, uint32 options)
{
    saved->database = binder->database;
    saved->default_schema = binder->default_schema;
    saved->options = binder->options;
    saved->in_module = binder->in_module;
    saved->ctes = binder->ctes;
    saved->arguments = binder->arguments;
    saved->check_as_user = binder->check_as_user;
    saved->parameterise = binder->parameterise;
    saved->literals_off = binder->literals_off;
    /* views nested deeper than this are taken for a cycle; SQL Server stops at 32 */
    if (++binder->depth > 32)
        tsql_error(ERR_217, 32);
    binder_resolve_in(binder, database, schema, options);
    binder->in_module = true;
    binder->ctes = NULL;
    binder->arguments = NULL;
    binder->literals_off = true;
}

void
binder_leave_module(Binder *binder, const BinderPlace *saved)
{
    binder->depth--;
    binder_resolve_in(binder, saved->database, saved->default_schema, saved->options);
    binder->in_module = saved->in_module;
    binder->ctes = saved->ctes;
    binder->arguments = saved->arguments;
    binder->check_as_user = saved->check_as_user;
    binder->parameterise = saved->parameterise;
    binder->literals_off = saved->literals_off;
}

Scope *
scope_push(Binder *binder, CmdType command)
{
    Scope *scope = palloc0(sizeof(Scope));
    Query *query = makeNode(Query);

    query->commandType = command;
    query->querySource = QSRC_ORIGINAL;
    query->canSetTag = true;
    scope->query = query;
    scope->outer = binder->scope;
    scope->visible_to = -1;
    scope->barrier = binder->barrier;
    binder->barrier = false;
    binder->scope = scope;
    return scope;
}

Query *
scope_finish(Binder *binder)
{
    Scope *scope = binder->scope;
    Query *query = scope->query;

    query->hasAggs = scope->has_aggregates;
    query->hasWindowFuncs = scope->has_windows;
    query->hasSubLinks = scope->has_sublinks;
    query->hasForUpdate = query->rowMarks != NIL;
    if (!query->jointree)
        query->jointree = makeFromExpr(NIL, NULL);
    binder->scope = scope->outer;
    return query;
}

BindClause
binder_set_clause(Binder *binder, BindClause clause)
{
    BindClause former = binder->scope->clause;

    binder->scope->clause = clause;
    binder->scope->drawn = NIL;
    return former;
}

static bool
name_is_ascii(const char *name)
{
    for (; *name; name++)
        if ((unsigned char) *name >= 0x80)
            return false;
    return true;
}

bool
binder_name_equal(Binder *binder, const char *a, const char *b)
{
    if (strcmp(a, b) == 0)
        return true;
    if (binder->case_sensitive)
        return false;
    if (name_is_ascii(a) && name_is_ascii(b))
        return pg_strcasecmp(a, b) == 0;
    return strcmp(sql_identifier_fold(a, binder->collation),
                  sql_identifier_fold(b, binder->collation)) == 0;
}

/* ---- descriptions ---- */

void
column_list_add(ColumnList *list, BoundColumn column)
{
    if (list->count == list->capacity) {
        list->capacity = list->capacity ? list->capacity * 2 : 8;
        if (list->columns)
            list->columns = repalloc(list->columns, list->capacity * sizeof(BoundColumn));
        else
            list->columns = palloc(list->capacity * sizeof(BoundColumn));
    }
    list->columns[list->count++] = column;
}

BoundColumn
bind_describe(const BoundExpr *expr, const char *name)
{
    BoundColumn column = {0};
    const ScopeColumn *source = expr->column;

    column.name = name ? name : "";
    column.type = expr->type;
    column.nullable = expr->nullable;
    if (source) {
        const SqlCollation *collation = sql_collation(expr->type.collation);

        column.identity = source->identity;
        column.computed = source->computed;
        column.updatable = source->updatable;
        column.case_sensitive = collation && collation->case_sensitive;
        column.base_relation = source->base_relation;
        column.base_attnum = source->base_attnum;
        column.source_database = source->source_database;
        column.source_schema = source->source_schema;
        column.source_table = source->source_table;
        column.source_column = source->source_column;
    } else {
        column.is_expression = true;
    }
    return column;
}

/* The NULL literal as a result column is an int to everyone. */
static void
settle_unknown(BoundExpr *expr)
{
    if (expr->type.id == SQL_UNKNOWN) {
        expr->type = sql_type_make(SQL_INT);
        expr->expr = (Expr *) sql_const_null(&expr->type);
    }
}

TargetEntry *
bind_add_target(List **targets, ColumnList *columns, BoundExpr expr, const char *name)
{
    TargetEntry *entry;

    settle_unknown(&expr);
    entry = makeTargetEntry(expr.expr, list_length(*targets) + 1,
                            name ? pstrdup(name) : pstrdup("?column?"), false);
    if (expr.column && IsA(expr.expr, Var) && ((Var *) expr.expr)->varlevelsup == 0) {
        entry->resorigtbl = expr.column->base_relation;
        entry->resorigcol = expr.column->base_attnum;
    }
    *targets = lappend(*targets, entry);
    if (columns)
        column_list_add(columns, bind_describe(&expr, name));
    return entry;
}

/* ---- calls and constants ---- */

Expr *
bind_call(const char *name, const SqlType *result, List *args, Oid input_collation)
{
    Oid types[FUNC_MAX_ARGS];
    int count = 0;
    ListCell *cell;
    Oid function;
    FuncExpr *call;

    foreach (cell, args)
        types[count++] = exprType(lfirst(cell));
    function = LookupFuncName(list_make2(makeString("sys"), makeString((char *) name)), count,
                              types, true);
    if (!OidIsValid(function))
        function = LookupFuncName(list_make2(makeString("pg_catalog"), makeString((char *) name)),
                                  count, types, false);
    call = makeFuncExpr(function, sql_type_oid(result->id), args, result->collation,
                        input_collation, COERCE_EXPLICIT_CALL);
    return (Expr *) call;
}

Expr *
bind_int_const(int32 value)
{
    return (Expr *) makeConst(INT4OID, -1, InvalidOid, sizeof(int32), Int32GetDatum(value), false,
                              true);
}

Expr *
bind_bigint_const(int64 value)
{
    return (Expr *) makeConst(INT8OID, -1, InvalidOid, sizeof(int64), Int64GetDatum(value), false,
                              FLOAT8PASSBYVAL);
}

Expr *
bind_bool_const(bool value)
{
    return (Expr *) makeBoolConst(value, false);
}

Expr *
bind_text_const(const char *value, const SqlType *type)
{
    return (Expr *) sql_const_from_text(value, strlen(value), type);
}

/* ---- facts for the caller ---- */

void
binder_add_object(Binder *binder, int32 object_id)
{
    binder->statement->objects = list_append_unique_int(binder->statement->objects, object_id);
}

void
binder_set_line(const AstNode *node)
{
    if (node && node->line > 0)
        tsql_error_set_line(node->line);
}
