/*
 * Functions in FROM: inline functions (expanded), multi-statement functions and the built-in ones
 * (STRING_SPLIT, GENERATE_SERIES, OPENJSON...) as RTE_FUNCTION.
 *
 * A multi-statement function has a PostgreSQL function beside it, made by CREATE FUNCTION in the
 * function's schema, which returns SETOF record with OUT parameters for its columns.
 */
#include "postgres.h"

#include "bind/bind_internal.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "parser/parse_func.h"
#include "utils/lsyscache.h"

/* ---- RTE_FUNCTION ---- */

static ColumnList
columns_of_result(FuncExpr *call, Oid collation)
{
    ColumnList columns = {0};
    TupleDesc desc = NULL;
    Oid type;
    TypeFuncClass kind = get_expr_result_type((Node *) call, &type, &desc);

    if (kind == TYPEFUNC_SCALAR) {
        BoundColumn column = {.name = "value", .nullable = true, .is_expression = true};

        column.type = sql_type_from_pg(type, -1, collation);
        column_list_add(&columns, column);
        return columns;
    }
    if (!desc)
        elog(ERROR, "function %u in FROM has no columns", call->funcid);
    for (int i = 0; i < desc->natts; i++) {
        Form_pg_attribute att = TupleDescAttr(desc, i);
        BoundColumn column = {.nullable = true, .is_expression = true};

        column.name = pstrdup(NameStr(att->attname));
        column.type =
            sql_type_from_pg(att->atttypid, att->atttypmod,
                             OidIsValid(att->attcollation) ? att->attcollation : collation);
        if (sql_type_is_string(column.type.id))
            column.type.collation = collation;
        column_list_add(&columns, column);
    }
    return columns;
}

static ScopeSource *
add_function(Binder *binder, FuncExpr *call, ColumnList *columns, const char *alias, bool lateral)
{
    Query *query = binder->scope->query;
    ScopeSource *source = scope_add_subquery(binder, NULL, columns, alias, lateral);
    RangeTblEntry *entry = list_nth(query->rtable, source->rtindex - 1);
    RangeTblFunction *function = makeNode(RangeTblFunction);

    function->funcexpr = (Node *) call;
    function->funccolcount = columns->count;
    if (call->funcresulttype == RECORDOID)
        for (int i = 0; i < columns->count; i++) {
            const SqlType *type = &columns->columns[i].type;

            function->funccolnames =
                lappend(function->funccolnames, makeString(pstrdup(columns->columns[i].name)));
            function->funccoltypes = lappend_oid(function->funccoltypes, sql_type_oid(type->id));
            function->funccoltypmods = lappend_int(function->funccoltypmods, sql_type_typmod(type));
            function->funccolcollations = lappend_oid(function->funccolcollations, type->collation);
        }
    entry->rtekind = RTE_FUNCTION;
    entry->subquery = NULL;
    entry->functions = list_make1(function);
    return source;
}

/* ---- built-in ---- */

/* The pieces of STRING_SPLIT have the type of the whole. */
static void
type_pieces(ScopeSource *source, const SqlType *whole)
{
    ScopeColumn *value = &source->columns[0];
    SqlType type = *whole;
    Var *var;

    if (!sql_type_is_string(type.id))
        return;
    type.id = sql_type_info(type.id)->category == 'N' ? SQL_NVARCHAR : SQL_VARCHAR;
    if (type.id == value->type.id && type.length < 0)
        return;
    var = makeVar(source->rtindex, 1, sql_type_oid(value->type.id), -1, value->type.collation, 0);
    value->expression =
        (Expr *) makeRelabelType((Expr *) var, sql_type_oid(type.id), sql_type_typmod(&type),
                                 type.collation, COERCE_IMPLICIT_CAST);
    value->type = type;
}

static bool
wants_ordinal(const AstTableFunction *node)
{
    const AstLiteral *flag;

    if (AST_LIST_COUNT(node->args) < 3)
        return false;
    flag = AST_LIST_ITEM(AstLiteral, node->args, 2);
    return flag->node.kind != AST_LITERAL || !flag->text || strcmp(flag->text, "0") != 0;
}

static ScopeSource *
add_builtin(Binder *binder, const AstTableFunction *node, const SqlFunction *function, bool lateral)
{
    int count = AST_LIST_COUNT(node->args);
    SqlType *types = palloc0(sizeof(SqlType) * Max(count, 1));
    List *args = NIL;
    FunctionCall resolved;
    FuncExpr *call;
    ColumnList columns, visible;
    ScopeSource *source;

    sql_function_check_count(function, count);
    for (int i = 0; i < count; i++) {
        BoundExpr argument = bind_expr(binder, AST_LIST_ITEM(AstNode, node->args, i));

        types[i] = argument.type;
        args = lappend(args, argument.expr);
    }
    binder_set_line(&node->node);
    resolved = sql_function_resolve(function, args, types);
    call = makeFuncExpr(resolved.function, resolved.pg_result, resolved.args, InvalidOid,
                        resolved.input_collation, COERCE_EXPLICIT_CALL);
    call->funcretset = get_func_retset(resolved.function);
    columns = columns_of_result(call, binder->collation);
    /* a series has the type of what it was asked for */
    if (columns.count == 1 && resolved.result.id != SQL_UNKNOWN &&
        sql_type_oid(resolved.result.id) == sql_type_oid(columns.columns[0].type.id))
        columns.columns[0].type = resolved.result;
    visible = columns;
    /* STRING_SPLIT tells positions only when asked to */
    if (strcmp(function->name, "STRING_SPLIT") == 0 && columns.count == 2 && !wants_ordinal(node))
        visible.count = 1;
    if (node->column_count > 0)
        bind_name_columns(binder, &visible, node->alias, node->column_count, node->columns);
    source = add_function(binder, call, &columns, node->alias ? node->alias : node->name.object,
                          lateral);
    source->column_count = visible.count;
    if (strcmp(function->name, "STRING_SPLIT") == 0)
        type_pieces(source, &types[0]);
    return source;
}

/* ---- OPENJSON ... WITH ---- */

static BoundExpr
json_path_value(Binder *binder, BoundExpr element, const AstColumnDef *column, const SqlType *type)
{
    SqlType text = sql_type_string(SQL_NVARCHAR, -1, binder->collation);
    const char *path = column->json_path ? column->json_path : psprintf("$.\"%s\"", column->name);
    const char *name = column->as_json ? "json_query" : "json_value";
    BoundExpr value =
        bound_make(bind_call(name, &text, list_make2(element.expr, bind_text_const(path, &text)),
                             binder->collation),
                   text, true, COLLATION_COERCIBLE);

    return bind_converted(binder, value, type, CONVERSION_EXPLICIT);
}

/* SELECT typed values FROM openjson_rows(json, path): one text for each object. */
static ScopeSource *
add_openjson_with(Binder *binder, const AstTableFunction *node, bool lateral)
{
    SqlType text = sql_type_string(SQL_NVARCHAR, -1, binder->collation);
    ColumnList columns = {0}, row = {0};
    BoundColumn element = {.name = "element", .type = text, .nullable = true};
    ScopeSource *source;
    RangeTblRef *ref = makeNode(RangeTblRef);
    List *args = NIL;
    FuncExpr *call;
    Query *query;

    column_list_add(&row, element);
    query = scope_push(binder, CMD_SELECT)->query;
    for (int i = 0; i < AST_LIST_COUNT(node->args); i++)
        args = lappend(args, bind_convert(binder,
                                          bind_expr(binder, AST_LIST_ITEM(AstNode, node->args, i)),
                                          &text, CONVERSION_IMPLICIT));
    if (list_length(args) == 1)
        args = lappend(args, bind_text_const("$", &text));
    call = (FuncExpr *) bind_call("openjson_rows", &text, args, binder->collation);
    call->funcretset = true;
    source = add_function(binder, call, &row, "rows", false);
    for (int i = 0; i < AST_LIST_COUNT(node->with_schema); i++) {
        const AstColumnDef *column = AST_LIST_ITEM(AstColumnDef, node->with_schema, i);
        SqlType type = bind_type_sized(column->type, column->collation, binder->context, NULL, 1);

        bind_add_target(
            &query->targetList, &columns,
            json_path_value(binder, scope_column_expr(binder, source, 0, 0), column, &type),
            column->name);
    }
    ref->rtindex = source->rtindex;
    query->jointree = makeFromExpr(list_make1(ref), NULL);
    query = scope_finish(binder);
    return scope_add_subquery(binder, query, &columns,
                              node->alias ? node->alias : node->name.object, lateral);
}

/* ---- users' functions ---- */

static ColumnList
routine_columns(Binder *binder, const CatalogObject *object, const Routine *routine)
{
    ColumnList columns = {0};
    BindContext context = *binder->context;
    const AstList *elements = routine->tree->table_elements;

    context.database = object->database;
    context.default_schema = object->schema_name;
    for (int i = 0; i < AST_LIST_COUNT(elements); i++) {
        const AstColumnDef *def = AST_LIST_ITEM(AstColumnDef, elements, i);
        BoundColumn column = {.nullable = true, .is_expression = true};

        if (def->node.kind != AST_COLUMN_DEF || !def->type)
            continue;
        column.name = def->name;
        column.nullable = def->nullable >= 0;
        for (int j = 0; j < AST_LIST_COUNT(def->constraints); j++)
            if (AST_LIST_ITEM(AstConstraint, def->constraints, j)->type == CONSTRAINT_PRIMARY_KEY)
                column.nullable = false;
        column.type = bind_type(def->type, def->collation, &context, NULL);
        column_list_add(&columns, column);
    }
    return columns;
}

static ScopeSource *
add_multi_statement(Binder *binder,
                    const AstTableFunction *node,
                    const CatalogObject *object,
                    bool lateral)
{
    Routine routine;
    ArgumentList *arguments;
    ColumnList columns;
    List *args;
    FuncExpr *call;

    bind_routine(binder, object, &routine);
    arguments = bind_routine_arguments(binder, &routine, &node->name, node->args);
    args = list_make1(bind_int_const(object->id));
    for (int i = 0; i < arguments->count; i++)
        args = lappend(args, arguments->values[i].expr);
    binder_add_object(binder, object->id);
    call = makeFuncExpr(bind_caller_function("call_table_function"), RECORDOID, args, InvalidOid,
                        InvalidOid, COERCE_EXPLICIT_CALL);
    call->funcretset = true;
    columns = routine_columns(binder, object, &routine);
    if (node->column_count > 0)
        bind_name_columns(binder, &columns, node->alias, node->column_count, node->columns);
    return add_function(binder, call, &columns, node->alias ? node->alias : node->name.object,
                        lateral);
}

static ScopeSource *
add_user_function(Binder *binder, const AstTableFunction *node, bool lateral)
{
    CatalogObject object;
    const char *alias = node->alias ? node->alias : node->name.object;
    ColumnList columns = {0};
    Query *query;

    if (!bind_object_name(binder, &node->name, &object))
        tsql_error(ERR_208, bind_name_text(&node->name));
    switch (object.type) {
    case CATALOG_INLINE_FUNCTION:
        bind_check_function(binder, &object, "SELECT");
        query = bind_inline_function(binder, &object, &node->name, node->args, &columns);
        if (node->column_count > 0)
            bind_name_columns(binder, &columns, alias, node->column_count, node->columns);
        return scope_add_subquery(binder, query, &columns, alias, lateral);
    case CATALOG_TABLE_FUNCTION:
        bind_check_function(binder, &object, "SELECT");
        return add_multi_statement(binder, node, &object, lateral);
    case CATALOG_TABLE:
    case CATALOG_VIEW:
        tsql_error(ERR_215, bind_name_text(&node->name));
    default:
        tsql_error(ERR_208, bind_name_text(&node->name));
    }
}

ScopeSource *
bind_table_function(Binder *binder, const AstTableFunction *node, bool lateral)
{
    const SqlFunction *function = NULL;

    binder_set_line(&node->node);
    if (node->method)
        tsql_error(ERR_258, "xml");
    if (node->with_schema && pg_strcasecmp(node->name.object, "OPENJSON") == 0)
        return add_openjson_with(binder, node, lateral);
    if (!node->name.schema || pg_strcasecmp(node->name.schema, "sys") == 0)
        function = sql_function_by_name(node->name.object);
    if (function && function->kind == KIND_TABLE)
        return add_builtin(binder, node, function, lateral);
    return add_user_function(binder, node, lateral);
}
