/*
 * JSON_OBJECT, JSON_ARRAY and JSON_MODIFY: what their values are (a number, a string, JSON already)
 * is known here only, so each value goes to functions/json_write.c as text with a letter for it.
 */
#include "postgres.h"

#include "bind/bind_internal.h"

#include "catalog/pg_collation.h"
#include "nodes/makefuncs.h"
#include "parser/parse_func.h"
#include "utils/builtins.h"

static Expr *
letters_const(const char *letters)
{
    return (Expr *) makeConst(TEXTOID, -1, DEFAULT_COLLATION_OID, -1,
                              PointerGetDatum(cstring_to_text(letters)), false, false);
}

static BoundExpr
json_result(Binder *binder, const char *name, int fixed, const Oid *types, List *args)
{
    SqlType type = sql_type_string(SQL_NVARCHAR, -1, binder->collation);
    Oid function = LookupFuncName(list_make2(makeString("sys"), makeString(pstrdup(name))), fixed,
                                  types, false);
    Oid nvarchar = sql_type_oid(SQL_NVARCHAR);
    Expr *call = (Expr *) makeFuncExpr(function, nvarchar, args, type.collation, type.collation,
                                       COERCE_EXPLICIT_CALL);

    return bound_make(call, type, true, COLLATION_COERCIBLE);
}

/* The value as text and its letter. */
static Expr *
json_value_text(Binder *binder, const AstNode *node, char *letter)
{
    SqlType text = sql_type_string(SQL_NVARCHAR, -1, binder->collation);
    BoundExpr value = bind_expr(binder, node);

    if (value.type.id == SQL_UNKNOWN) {
        *letter = 'v';
        return (Expr *) sql_const_null(&text);
    }
    return for_json_value(binder, value, &text, letter);
}

static bool
absent_on_null(const AstFunctionCall *call, bool otherwise)
{
    for (int i = 0; i < AST_LIST_COUNT(call->json_options); i++) {
        const char *name = AST_LIST_ITEM(AstOption, call->json_options, i)->name;

        if (strcmp(name, "ABSENT ON NULL") == 0)
            return true;
        if (strcmp(name, "NULL ON NULL") == 0)
            return false;
    }
    return otherwise;
}

/* Pairs of key and value (JSON_OBJECT), or values (JSON_ARRAY). */
BoundExpr
bind_json_constructor(Binder *binder, const AstFunctionCall *call, bool object)
{
    static const Oid fixed[] = {BOOLOID, TEXTOID, ANYOID};
    SqlType text = sql_type_string(SQL_NVARCHAR, -1, binder->collation);
    int count = AST_LIST_COUNT(call->args), values = 0;
    char *letters = palloc0(count + 1);
    List *args = NIL;

    for (int i = 0; i < count; i++) {
        const AstNode *node = AST_LIST_ITEM(AstNode, call->args, i);

        if (object && i % 2 == 0)
            args = lappend(
                args, bind_convert(binder, bind_expr(binder, node), &text, CONVERSION_IMPLICIT));
        else
            args = lappend(args, json_value_text(binder, node, &letters[values++]));
    }
    if (args == NIL) /* VARIADIC "any" wants one */
        args = list_make1(sql_const_null(&text));
    args = lcons(letters_const(letters), args);
    args = lcons(makeBoolConst(absent_on_null(call, !object), false), args);
    return json_result(binder, object ? "json_object" : "json_array", 3, fixed, args);
}

BoundExpr
bind_json_modify(Binder *binder, const AstFunctionCall *call)
{
    Oid nvarchar = sql_type_oid(SQL_NVARCHAR);
    Oid fixed[] = {nvarchar, nvarchar, nvarchar, TEXTOID};
    SqlType text = sql_type_string(SQL_NVARCHAR, -1, binder->collation);
    char letters[2] = {0};
    List *args = NIL;

    for (int i = 0; i < 2; i++)
        args = lappend(args, bind_convert(binder,
                                          bind_expr(binder, AST_LIST_ITEM(AstNode, call->args, i)),
                                          &text, CONVERSION_IMPLICIT));
    args =
        lappend(args, json_value_text(binder, AST_LIST_ITEM(AstNode, call->args, 2), &letters[0]));
    args = lappend(args, letters_const(letters));
    return json_result(binder, "json_modify", 4, fixed, args);
}
