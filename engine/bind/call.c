/*
 * Calls by name: the built-in functions of functions.def, and users' scalar functions.
 *
 * A user's scalar function has a PostgreSQL function beside it, made by CREATE FUNCTION in the
 * function's schema under its catalogue name with exactly the parameters' types, that runs the body
 * (not strict, volatile). A call is a FuncExpr of it, so that plans, permissions and dependencies
 * work as PostgreSQL knows them.
 */
#include "postgres.h"

#include "bind/bind_internal.h"

#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "parser/parse_func.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

/* ---- arguments ---- */

/* A word that is written without quotes, a datepart or a kind of JSON, as a constant. */
static BoundExpr
word_argument(Binder *binder, const AstFunctionCall *call, const AstNode *node, int position)
{
    SqlType type = sql_type_string(SQL_NVARCHAR, 128, binder->collation);
    const char *word;

    if (node->kind != AST_COLUMN_REF || ((const AstColumnRef *) node)->table) {
        binder_set_line(node);
        tsql_error(ERR_1023, (int) (position + 1), call->name.object);
    }
    word = ((const AstColumnRef *) node)->column;
    return bound_make((Expr *) bind_text_const(word, &type), type, false, COLLATION_COERCIBLE);
}

/* f(*) over rows: every visible column of every source. */
static List *
star_arguments(Binder *binder, SqlType *types, int *count, int limit)
{
    List *args = NIL;
    ListCell *cell;

    foreach (cell, binder->scope->sources) {
        const ScopeSource *source = lfirst(cell);

        for (int i = 0; i < source->column_count; i++) {
            BoundExpr column;

            if (source->columns[i].hidden || *count >= limit)
                continue;
            column = scope_column_expr(binder, source, i, 0);
            types[(*count)++] = column.type;
            args = lappend(args, column.expr);
        }
    }
    return args;
}

typedef struct Arguments {
    List *exprs;
    SqlType *types;
    int count;
    CollationLabel label; /* the strongest among strings */
    bool nullable;
} Arguments;

static Arguments
bind_call_arguments(Binder *binder, const AstFunctionCall *call, const SqlFunction *function)
{
    Arguments result = {NIL, NULL, 0, COLLATION_COERCIBLE, false};
    int given = AST_LIST_COUNT(call->args);

    result.types = palloc0(sizeof(SqlType) * Max(given + 1, 1024));
    if (call->star)
        result.exprs = star_arguments(binder, result.types, &result.count, 1000);
    for (int i = 0; i < given; i++) {
        const AstNode *node = AST_LIST_ITEM(AstNode, call->args, i);
        bool word = (size_t) i < strlen(function->arguments) &&
                    (function->arguments[i] == 'p' || function->arguments[i] == 'w');
        BoundExpr argument = word ? word_argument(binder, call, node, i) : bind_expr(binder, node);

        result.types[result.count++] = argument.type;
        result.exprs = lappend(result.exprs, argument.expr);
        if (argument.label != COLLATION_NO_COLLATION)
            result.label = Max(result.label, argument.label);
        result.nullable = result.nullable || argument.nullable;
    }
    return result;
}

/* ---- built-in scalar functions ---- */

static BoundExpr
bind_scalar_function(Binder *binder, const AstFunctionCall *call, const SqlFunction *function)
{
    Arguments arguments;
    SqlType type;
    Expr *expr;
    bool nullable;

    binder_set_line(&call->node);
    if (call->over)
        tsql_error(ERR_4113, call->name.object);
    if (!call->star)
        sql_function_check_count(function, AST_LIST_COUNT(call->args));
    arguments = bind_call_arguments(binder, call, function);
    binder_set_line(&call->node);
    expr = sql_function_build(function, arguments.exprs, arguments.types, &type);
    nullable = !(function->flags & FUNCTION_NOT_NULL);
    return bound_make(expr, type, nullable, arguments.label);
}

/* ---- users' functions ---- */

static BoundExpr
bind_user_argument(Binder *binder,
                   const AstNode *node,
                   const RoutineParameter *parameter,
                   const AstFunctionCall *call)
{
    BoundExpr value;

    if (node->kind == AST_LITERAL && ((const AstLiteral *) node)->type == LITERAL_DEFAULT) {
        if (!parameter->default_value) {
            binder_set_line(&call->node);
            tsql_error(ERR_313, bind_name_text(&call->name));
        }
        value = bind_expr(binder, parameter->default_value);
    } else {
        value = bind_wanted(binder, node, &parameter->type);
    }
    return bind_converted(binder, value, &parameter->type, CONVERSION_EXPLICIT);
}

/* The function of sys that runs users' functions: object id, arguments (engine/execute). */
Oid
bind_caller_function(const char *name)
{
    Oid types[2] = {INT4OID, ANYOID};

    return LookupFuncName(list_make2(makeString("sys"), makeString(pstrdup(name))), 2, types,
                          false);
}

BoundExpr
bind_user_function(Binder *binder, const AstFunctionCall *call)
{
    CatalogObject object;
    Routine routine;
    List *args;
    FuncExpr *expr;
    int given = AST_LIST_COUNT(call->args);

    binder_set_line(&call->node);
    if (!bind_object_name(binder, &call->name, &object) || object.type != CATALOG_SCALAR_FUNCTION)
        tsql_error(ERR_4121, call->name.schema ? call->name.schema : "dbo",
                   bind_name_text(&call->name));
    bind_check_function(binder, &object, "EXECUTE");
    bind_routine(binder, &object, &routine);
    if (given < routine.count)
        tsql_error(ERR_313, bind_name_text(&call->name));
    if (given > routine.count)
        tsql_error(ERR_8144, bind_name_text(&call->name));
    args = list_make1(bind_int_const(object.id));
    for (int i = 0; i < routine.count; i++)
        args = lappend(args, bind_user_argument(binder, AST_LIST_ITEM(AstNode, call->args, i),
                                                &routine.parameters[i], call)
                                 .expr);
    binder_add_object(binder, object.id);
    expr =
        makeFuncExpr(bind_caller_function("call_scalar_function"), sql_type_oid(routine.returns.id),
                     args, routine.returns.collation, InvalidOid, COERCE_EXPLICIT_CALL);
    return bound_make((Expr *) expr, routine.returns, true, COLLATION_COERCIBLE);
}

/* ---- dispatch ---- */

static BoundExpr
bind_builtin(Binder *binder, const AstFunctionCall *call, const SqlFunction *function)
{
    binder_set_line(&call->node);
    if (call->star && !(function->flags & FUNCTION_STAR))
        tsql_error(ERR_102, "*");
    switch (function->kind) {
    case KIND_SCALAR:
        /* TRIM(LEADING x FROM y) is LTRIM(y, x), TRAILING is RTRIM. */
        if (call->trim_side == 'L' || call->trim_side == 'T')
            function = sql_function_by_name(call->trim_side == 'L' ? "LTRIM" : "RTRIM");
        return bind_scalar_function(binder, call, function);
    case KIND_AGGREGATE:
        if (!call->over && strncmp(function->name, "PERCENTILE", 10) == 0)
            tsql_error(ERR_10753, function->name);
        return call->over ? bind_window_function(binder, call, function)
                          : bind_aggregate(binder, call, function);
    case KIND_WINDOW:
        if (!call->over)
            tsql_error(ERR_10753, function->name);
        return bind_window_function(binder, call, function);
    case KIND_SPECIAL:
        return bind_special_function(binder, call, function);
    case KIND_TABLE:
        break;
    }
    tsql_error(ERR_195, call->name.object, "built-in function name");
}

BoundExpr
bind_function_call(Binder *binder, const AstFunctionCall *call)
{
    const SqlFunction *function = NULL;
    BoundExpr result;

    if (!call->name.schema || pg_strcasecmp(call->name.schema, "sys") == 0)
        function = sql_function_by_name(call->name.object);
    if (function) {
        result = bind_builtin(binder, call, function);
    } else {
        binder_set_line(&call->node);
        if (!call->name.schema)
            tsql_error(ERR_195, call->name.object, "built-in function name");
        result = bind_user_function(binder, call);
    }
    result.node = &call->node;
    result.column = NULL;
    return result;
}
