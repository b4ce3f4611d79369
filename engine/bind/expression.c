/*
 * Scalar expressions: the dispatch over node kinds. Each kind's rules are in the file named for it.
 */
#include "postgres.h"

#include "bind/bind_internal.h"

#include "catalog/pg_type.h"
#include "catalogue/tables.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "utils/fmgroids.h"

static SqlType
sequence_type(int32 object_id)
{
    SqlType type = sql_type_make(SQL_BIGINT);
    CatalogScan scan;

    catalog_scan_begin(&scan, TABLE_sequences, "sequences_pkey", false);
    catalog_scan_key_int(&scan, COL_sequences_object, object_id);
    if (catalog_scan_next(&scan))
        type = catalog_type_load(catalog_field_int(&scan, COL_sequences_system_type),
                                 catalog_field_int(&scan, COL_sequences_user_type), 0,
                                 catalog_field_int(&scan, COL_sequences_precision), 0, InvalidOid);
    catalog_scan_end(&scan);
    return type;
}

/*
 * NEXT VALUE FOR s: nextval() with the sequence's own type; where the row has one already, the same
 * value again (NEXT VALUE FOR, T-SQL reference, "multiple references in one statement").
 */
BoundExpr
bind_next_value(Binder *binder, const AstNextValueFor *node)
{
    CatalogObject object;
    SqlType type = sql_type_make(SQL_BIGINT);
    SqlType wanted;
    Expr *call;
    BoundExpr result;
    bool again;

    binder_set_line(&node->node);
    if (!bind_object_name(binder, &node->sequence, &object) || object.type != CATALOG_SEQUENCE)
        tsql_error(ERR_208, bind_name_text(&node->sequence));
    if (binder->scope && binder->scope->clause != CLAUSE_SELECT_LIST &&
        binder->scope->clause != CLAUSE_VALUES && binder->scope->clause != CLAUSE_SET &&
        binder->scope->clause != CLAUSE_NONE && binder->scope->clause != CLAUSE_DEFINITION &&
        binder->scope->clause != CLAUSE_MERGE_WHEN)
        tsql_error(ERR_11720);
    wanted = sequence_type(object.id);
    again = binder->scope && list_member_oid(binder->scope->drawn, object.relation);
    if (binder->scope && !again)
        binder->scope->drawn = lappend_oid(binder->scope->drawn, object.relation);
    call =
        (Expr *) makeFuncExpr(again ? F_CURRVAL : F_NEXTVAL, INT8OID,
                              list_make1(makeConst(REGCLASSOID, -1, InvalidOid, sizeof(Oid),
                                                   ObjectIdGetDatum(object.relation), false, true)),
                              InvalidOid, InvalidOid, COERCE_EXPLICIT_CALL);
    result = bound_make(call, type, false, COLLATION_NONE);
    result.node = &node->node;
    return bind_converted(binder, result, &wanted, CONVERSION_IMPLICIT);
}

static BoundExpr
bind_binary(Binder *binder, const AstBinary *binary)
{
    BoundExpr left, right, result;

    left = bind_expr(binder, binary->left);
    right = bind_expr(binder, binary->right);
    binder_set_line(&binary->node);
    result = bind_operator(binder, binary->op, left, right);
    result.node = &binary->node;
    result.column = NULL;
    return result;
}

static BoundExpr
bind_expr_kind(Binder *binder, const AstNode *node)
{
    switch (node->kind) {
    case AST_LITERAL:
        return bind_literal(binder, (const AstLiteral *) node);
    case AST_VARIABLE:
    case AST_GLOBAL_VARIABLE:
        return bind_variable(binder, (const AstVariable *) node);
    case AST_COLUMN_REF:
        return bind_column_ref(binder, (const AstColumnRef *) node);
    case AST_UNARY:
        return bind_unary(binder, (const AstUnary *) node);
    case AST_BINARY:
        return bind_binary(binder, (const AstBinary *) node);
    case AST_CASE:
        return bind_case(binder, (const AstCase *) node);
    case AST_FUNCTION_CALL:
        return bind_function_call(binder, (const AstFunctionCall *) node);
    case AST_CONVERT:
        return bind_cast(binder, (const AstConvert *) node);
    case AST_COLLATE:
        return bind_collate(binder, (const AstCollate *) node);
    case AST_AT_TIME_ZONE:
        return bind_at_time_zone(binder, (const AstBinary *) node);
    case AST_SCALAR_SUBQUERY:
        return bind_scalar_subquery(binder, (const AstSubquery *) node);
    case AST_NEXT_VALUE_FOR:
        return bind_next_value(binder, (const AstNextValueFor *) node);
    case AST_METHOD_CALL: {
        const AstMethodCall *call = (const AstMethodCall *) node;

        binder_set_line(node);
        if (call->object) {
            BoundExpr object = bind_expr(binder, call->object);

            if (object.type.id == SQL_XML)
                return bind_xml_method(binder, call, object);
            tsql_error(
                ERR_258,
                sql_type_info(object.type.id == SQL_UNKNOWN ? SQL_INT : object.type.id)->name);
        }
        tsql_error(ERR_243, bind_name_text(&call->type));
    }
    case AST_STAR:
        binder_set_line(node);
        tsql_error(ERR_102, "*");
    default:
        break;
    }
    /* a predicate where a value belongs */
    binder_set_line(node);
    tsql_error(ERR_156, "IS");
}

BoundExpr
bind_expr(Binder *binder, const AstNode *node)
{
    bool literal = bind_is_literal(node);
    bool saved = binder->parameterise;
    BoundExpr result;

    check_stack_depth();
    /* the permission to be a parameter is for this node alone, not for what is inside it */
    if (!literal)
        binder->parameterise = false;
    result = bind_expr_kind(binder, node);
    binder->parameterise = saved;
    return result;
}
