/*
 * The types of a call's arguments.
 */
#include "postgres.h"

#include "functions/argument.h"

#include "nodes/nodeFuncs.h"

SqlTypeId
argument_type_id(FunctionCallInfo fcinfo, int n)
{
    static Oid last_oid;
    static SqlTypeId last;
    Oid oid = get_fn_expr_argtype(fcinfo->flinfo, n);

    if (oid != last_oid) {
        last = sql_type_from_pg(oid, -1, InvalidOid).id;
        last_oid = oid;
    }
    return last;
}

SqlType
argument_sql_type(FunctionCallInfo fcinfo, int n)
{
    Node *expr = fcinfo->flinfo != NULL ? fcinfo->flinfo->fn_expr : NULL;
    List *args = NIL;
    SqlType unknown = {0};

    if (expr != NULL && IsA(expr, FuncExpr))
        args = ((FuncExpr *) expr)->args;
    if (n >= list_length(args))
        return unknown;
    expr = list_nth(args, n);
    return sql_type_from_pg(exprType(expr), exprTypmod(expr), exprCollation(expr));
}
