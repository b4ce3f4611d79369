/*
 * Literals and variables: their types, and which literals become parameters so that one plan can
 * serve every text of the same shape (auto-parameterisation).
 *
 * A literal becomes a parameter only where its exact type cannot change the type of anything else:
 * an operand of a comparison, a value of VALUES or SET. Elsewhere it stays a constant and is part
 * of the plan. A token that was bound once as a constant stays one.
 */
#include "postgres.h"

#include "bind/bind_internal.h"

#include "nodes/makefuncs.h"
#include "pgcompat/base.h"
#include "rewrite/rewriteManip.h"
#include "utils/builtins.h"

BoundExpr
bound_make(Expr *expr, SqlType type, bool nullable, CollationLabel label)
{
    BoundExpr result = {0};

    result.expr = expr;
    result.type = type;
    result.nullable = nullable;
    result.label = OidIsValid(type.collation) ? label : COLLATION_NONE;
    return result;
}

/* Digits of a number without sign: precision and scale as SQL Server counts them. */
static SqlType
number_type(const AstLiteral *literal)
{
    const char *text = literal->text;
    int whole = 0, scale = 0;

    while (*text == '0')
        text++;
    for (; *text >= '0' && *text <= '9'; text++)
        whole++;
    if (*text == '.')
        for (text++; *text >= '0' && *text <= '9'; text++)
            scale++;
    if (whole + scale > 38) {
        binder_set_line(&literal->node);
        tsql_error(ERR_1007, "number", literal->text);
    }
    return sql_type_decimal(Max(whole + scale, 1), scale);
}

static bool
fits_int(const AstLiteral *literal)
{
    const char *text = literal->text;
    int64 value = 0;

    while (*text == '0')
        text++;
    if (strlen(text) > 10)
        return false;
    for (; *text; text++)
        value = value * 10 + (*text - '0');
    return value <= PG_INT32_MAX;
}

static SqlType
string_type(Binder *binder, const AstLiteral *literal)
{
    const SqlCollation *collation = sql_collation(binder->collation);
    int length;

    if (literal->type == LITERAL_NSTRING) {
        length = sql_utf16_length(literal->text, literal->length);
        return sql_type_string(SQL_NVARCHAR, length > 4000 ? -1 : Max(length, 1),
                               binder->collation);
    }
    length = sql_code_page_length(literal->text, literal->length,
                                  collation ? collation->code_page : 1252);
    return sql_type_string(SQL_VARCHAR, length > 8000 ? -1 : Max(length, 1), binder->collation);
}

/* The type that a literal has by itself. */
static SqlType
literal_type(Binder *binder, const AstLiteral *literal)
{
    switch (literal->type) {
    case LITERAL_INTEGER:
        return fits_int(literal) ? sql_type_make(SQL_INT) : number_type(literal);
    case LITERAL_DECIMAL:
        return number_type(literal);
    case LITERAL_FLOAT:
        return sql_type_make(SQL_FLOAT);
    case LITERAL_MONEY:
        return sql_type_make(SQL_MONEY);
    case LITERAL_STRING:
    case LITERAL_NSTRING:
        return string_type(binder, literal);
    case LITERAL_BINARY:
        return sql_type_binary(SQL_VARBINARY,
                               literal->length > 8000 ? -1 : Max((int) literal->length, 1));
    case LITERAL_NULL:
    case LITERAL_DEFAULT:
        break;
    }
    return (SqlType){.id = SQL_UNKNOWN};
}

/* A parameter must take every literal of the same token type: the widest ordinary type of it. */
static SqlType
parameter_type(Binder *binder, const AstLiteral *literal, SqlType type)
{
    if (type.id == SQL_VARCHAR && type.length > 0)
        return sql_type_string(SQL_VARCHAR, 8000, binder->collation);
    if (type.id == SQL_NVARCHAR && type.length > 0)
        return sql_type_string(SQL_NVARCHAR, 4000, binder->collation);
    if (type.id == SQL_VARBINARY && type.length > 0)
        return sql_type_binary(SQL_VARBINARY, 8000);
    if (type.id == SQL_DECIMAL && literal->type == LITERAL_DECIMAL)
        return sql_type_decimal(38, Max(type.scale, 6));
    return type;
}

static Expr *
make_param(int number, const SqlType *type)
{
    Param *param = makeNode(Param);

    param->paramkind = PARAM_EXTERN;
    param->paramid = number;
    param->paramtype = sql_type_oid(type->id);
    param->paramtypmod = sql_type_typmod(type);
    param->paramcollid = type->collation;
    param->location = -1;
    return (Expr *) param;
}

/* The literal as a parameter, when it may and can be one; else false. */
static bool
bind_literal_parameter(Binder *binder,
                       const AstLiteral *literal,
                       const SqlType *type,
                       BoundExpr *result)
{
    BindLiterals *literals = binder->context->literals;
    int token = literal->token;
    int before = 0;

    if (!literals || binder->literals_off || token < 0 || token >= literals->count)
        return false;
    if (!binder->pinned)
        binder->pinned = palloc0(sizeof(bool) * literals->count);
    if (!literals->is_param[token]) {
        if (!binder->parameterise || binder->pinned[token]) {
            binder->pinned[token] = true;
            return false;
        }
        for (int i = 0; i < literals->count; i++)
            before += literals->is_param[i];
        literals->is_param[token] = true;
        literals->param[token] = literals->first_param + before;
        literals->types[token] = parameter_type(binder, literal, *type);
    }
    *result = bound_make(make_param(literals->param[token], &literals->types[token]),
                         literals->types[token], false, COLLATION_COERCIBLE);
    return true;
}

static Expr *
binary_const(const AstLiteral *literal, const SqlType *type)
{
    bytea *value = palloc(VARHDRSZ + literal->length);

    SET_VARSIZE(value, VARHDRSZ + literal->length);
    memcpy(VARDATA(value), literal->text, literal->length);
    return (Expr *) makeConst(sql_type_oid(type->id), sql_type_typmod(type), InvalidOid, -1,
                              PointerGetDatum(value), false, false);
}

BoundExpr
bind_literal(Binder *binder, const AstLiteral *literal)
{
    SqlType type = literal_type(binder, literal);
    BoundExpr result;

    if (literal->type == LITERAL_NULL || literal->type == LITERAL_DEFAULT) {
        SqlType as_int = sql_type_make(SQL_INT);

        if (literal->type == LITERAL_DEFAULT) {
            binder_set_line(&literal->node);
            tsql_error(ERR_156, "DEFAULT");
        }
        result = bound_make((Expr *) sql_const_null(&as_int), type, true, COLLATION_NONE);
    } else if (!bind_literal_parameter(binder, literal, &type, &result)) {
        Expr *expr = literal->type == LITERAL_BINARY
                         ? binary_const(literal, &type)
                         : (Expr *) sql_const_from_text(literal->text, literal->length, &type);

        result = bound_make(expr, type, false, COLLATION_COERCIBLE);
    }
    result.node = &literal->node;
    return result;
}

bool
bind_is_literal(const AstNode *node)
{
    while (node->kind == AST_UNARY &&
           (((const AstUnary *) node)->op == OP_MINUS || ((const AstUnary *) node)->op == OP_PLUS))
        node = ((const AstUnary *) node)->operand;
    return node->kind == AST_LITERAL;
}

/* decimal(digits, 0) of an integer literal: what it counts as beside decimals. */
bool
bind_integer_literal_type(const BoundExpr *expr, SqlType *type)
{
    const AstNode *node = expr->node;

    while (node && node->kind == AST_UNARY &&
           (((const AstUnary *) node)->op == OP_MINUS || ((const AstUnary *) node)->op == OP_PLUS))
        node = ((const AstUnary *) node)->operand;
    if (!node || node->kind != AST_LITERAL ||
        ((const AstLiteral *) node)->type != LITERAL_INTEGER || !IsA(expr->expr, Const))
        return false;
    *type = number_type((const AstLiteral *) node);
    return true;
}

BoundExpr
bind_parameterised(Binder *binder, const AstNode *node)
{
    bool saved = binder->parameterise;
    BoundExpr result;

    binder->parameterise = bind_is_literal(node);
    result = bind_expr(binder, node);
    binder->parameterise = saved;
    return result;
}

/* ---- variables ---- */

static bool
find_argument(Binder *binder, const char *name, BoundExpr *result)
{
    ArgumentList *arguments = binder->arguments;

    for (int i = 0; arguments && i < arguments->count; i++) {
        int levels = 0;

        if (!binder_name_equal(binder, arguments->names[i], name))
            continue;
        *result = arguments->values[i];
        result->expr = copyObject(result->expr);
        result->column = NULL;
        if (arguments->home) {
            for (Scope *scope = binder->scope; scope && scope != arguments->home;
                 scope = scope->outer)
                levels++;
            if (levels > 0)
                IncrementVarSublevelsUp((Node *) result->expr, levels, 0);
        }
        if (result->label != COLLATION_NONE)
            result->label = COLLATION_COERCIBLE;
        return true;
    }
    return false;
}

BoundExpr
bind_variable(Binder *binder, const AstVariable *variable)
{
    const BindScope *scope = binder->context->scope;
    BindVariable found = {0};
    BoundExpr result;

    if (variable->node.kind == AST_GLOBAL_VARIABLE)
        return bind_global_variable(binder, variable);
    if (find_argument(binder, variable->name, &result)) {
        result.node = &variable->node;
        return result;
    }
    if (!binder->in_module && scope) {
        bool known = scope->variable && scope->variable(scope->context, variable->name, &found);

        if (!known && scope->undeclared) {
            SqlType wanted = binder->wanted
                                 ? *binder->wanted
                                 : sql_type_string(SQL_NVARCHAR, 4000, binder->collation);

            known = scope->undeclared(scope->context, variable->name, &wanted, &found);
        }
        if (known) {
            if (sql_type_is_string(found.type.id) && !OidIsValid(found.type.collation))
                found.type.collation = binder->collation;
            result = bound_make(make_param(found.param, &found.type), found.type, true,
                                COLLATION_COERCIBLE);
            result.node = &variable->node;
            return result;
        }
    }
    binder_set_line(&variable->node);
    tsql_error(ERR_137, variable->name);
}

BoundExpr
bind_wanted(Binder *binder, const AstNode *node, const SqlType *wanted)
{
    const SqlType *saved = binder->wanted;
    BoundExpr result;

    binder->wanted = node->kind == AST_VARIABLE ? wanted : NULL;
    result = bind_parameterised(binder, node);
    binder->wanted = saved;
    return result;
}
