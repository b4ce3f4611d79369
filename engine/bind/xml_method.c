/*
 * The methods of xml values: x.value(path, type), x.query(path), x.exist(path). The path must be a
 * literal (8172); the work is done by functions of sys (engine/functions/xml_method.c).
 */
#include "postgres.h"

#include "bind/bind_internal.h"
#include "syntax/arena.h"
#include "syntax/parser.h"

static const char *
literal_text(const AstMethodCall *call, int index)
{
    const AstLiteral *literal = AST_LIST_ITEM(AstLiteral, call->args, index);

    if (literal->node.kind != AST_LITERAL || literal->type != LITERAL_STRING)
        tsql_error(ERR_8172, index + 1, call->method);
    return literal->text;
}

/* The result of value() in the type that its second argument names. */
static BoundExpr
converted_value(Binder *binder, const AstMethodCall *call, Expr *value, const SqlType *text_type)
{
    const char *name = literal_text(call, 1);
    ParseError error;
    AstType *type = parse_type(bind_arena(CurrentMemoryContext), name, strlen(name), &error);
    SqlType wanted;

    if (type == NULL)
        tsql_error(ERR_243, name);
    wanted = bind_type_sized(type, NULL, binder->context, NULL, 1);
    return bind_converted(binder, bound_make(value, *text_type, true, COLLATION_COERCIBLE), &wanted,
                          CONVERSION_EXPLICIT);
}

BoundExpr
bind_xml_method(Binder *binder, const AstMethodCall *call, BoundExpr object)
{
    SqlType text = sql_type_string(SQL_NVARCHAR, -1, binder->collation);
    SqlType xml = object.type;
    SqlType bit = sql_type_make(SQL_BIT);
    bool value = strcmp(call->method, "value") == 0;
    bool query = strcmp(call->method, "query") == 0;
    List *args;

    if (!value && !query && strcmp(call->method, "exist") != 0)
        tsql_error(ERR_40517, "this method of xml");
    if (AST_LIST_COUNT(call->args) != (value ? 2 : 1))
        tsql_error(ERR_174, call->method, value ? 2 : 1);
    args = list_make2(object.expr, bind_text_const(literal_text(call, 0), &text));
    if (value)
        return converted_value(binder, call, bind_call("xml_value", &text, args, InvalidOid),
                               &text);
    if (query)
        return bound_make(bind_call("xml_query", &xml, args, InvalidOid), xml, true,
                          COLLATION_NONE);
    return bound_make(bind_call("xml_exist", &bit, args, InvalidOid), bit, true, COLLATION_NONE);
}
