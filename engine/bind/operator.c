/*
 * Operators over bound operands: which types go together, what comes out, and which error is
 * raised when they do not (402, 8117, 206, 468). The rules are those of the data-type-precedence,
 * precision-scale-and-length and collation-precedence pages.
 */
#include "postgres.h"

#include "bind/bind_internal.h"

#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "pgcompat/base.h"

/* ---- names in messages ---- */

static const char *
operator_words(Operator op)
{
    switch (op) {
    case OP_ADD:
    case OP_CONCAT:
        return "add";
    case OP_SUBTRACT:
        return "subtract";
    case OP_MULTIPLY:
        return "multiply";
    case OP_DIVIDE:
        return "divide";
    case OP_MODULO:
        return "modulo";
    case OP_BIT_AND:
        return "'&'";
    case OP_BIT_OR:
        return "'|'";
    case OP_BIT_XOR:
        return "'^'";
    case OP_BIT_NOT:
        return "'~'";
    case OP_EQ:
        return "equal to";
    case OP_NE:
        return "not equal to";
    case OP_LT:
        return "less than";
    case OP_LE:
        return "less than or equal to";
    case OP_GT:
        return "greater than";
    case OP_GE:
        return "greater than or equal to";
    case OP_IS_DISTINCT:
    case OP_IS_NOT_DISTINCT:
        return "is distinct from";
    default:
        return "minus";
    }
}

const char *
bind_operator_text(Operator op)
{
    switch (op) {
    case OP_EQ:
        return "=";
    case OP_NE:
        return "<>";
    case OP_LT:
        return "<";
    case OP_LE:
        return "<=";
    case OP_GT:
        return ">";
    default:
        return ">=";
    }
}

static char
operator_char(Operator op)
{
    switch (op) {
    case OP_ADD:
        return '+';
    case OP_SUBTRACT:
        return '-';
    case OP_MULTIPLY:
        return '*';
    case OP_DIVIDE:
        return '/';
    case OP_MODULO:
        return '%';
    case OP_BIT_AND:
        return '&';
    case OP_BIT_OR:
        return '|';
    default:
        return '#';
    }
}

static const char *
type_name(const BoundExpr *expr)
{
    return sql_type_info(expr->type.id)->name;
}

pg_noreturn static void
operands_refused(Operator op, const BoundExpr *left, const BoundExpr *right)
{
    binder_set_line(left->node);
    if (left->type.id == right->type.id && op != OP_MODULO && left->type.id != SQL_BIT)
        tsql_error(ERR_8117, type_name(left), operator_words(op));
    tsql_error(ERR_402, type_name(left), type_name(right), operator_words(op));
}

static char
category(const BoundExpr *expr)
{
    return sql_type_info(expr->type.id)->category;
}

static bool
is_string(const BoundExpr *expr)
{
    return sql_type_is_string(expr->type.id);
}

static bool
is_old_date(const BoundExpr *expr)
{
    return expr->type.id == SQL_DATETIME || expr->type.id == SQL_SMALLDATETIME;
}

/* text, ntext, image and xml take part in no operator. */
static bool
is_large(SqlTypeId id)
{
    return id == SQL_TEXT || id == SQL_NTEXT || id == SQL_IMAGE || id == SQL_XML;
}

/* NULL takes the type of its neighbour. */
static void
settle_null_operands(BoundExpr *left, BoundExpr *right)
{
    SqlType type = sql_type_make(SQL_INT);

    if (left->type.id == SQL_UNKNOWN && right->type.id == SQL_UNKNOWN) {
        left->type = right->type = type;
        return;
    }
    if (left->type.id == SQL_UNKNOWN) {
        left->type = right->type;
        left->expr = (Expr *) sql_const_null(&left->type);
    }
    if (right->type.id == SQL_UNKNOWN) {
        right->type = left->type;
        right->expr = (Expr *) sql_const_null(&right->type);
    }
}

/* ---- collations ---- */

static const char *
collation_name(Oid oid)
{
    const SqlCollation *collation = sql_collation(oid);

    return collation ? collation->name : "database_default";
}

Oid
bind_collation(Binder *binder,
               const BoundExpr *left,
               const BoundExpr *right,
               CollationLabel *label,
               const char *operation,
               bool needed)
{
    CollationLabel a = left->label, b = right->label;
    bool conflict = false;
    Oid oid;

    if (a == COLLATION_NONE || b == COLLATION_NONE) {
        *label = Max(a, b);
        return a == COLLATION_NONE ? right->type.collation : left->type.collation;
    }
    if (left->type.collation == right->type.collation) {
        *label = Max(a, b);
        return left->type.collation;
    }
    oid = a >= b ? left->type.collation : right->type.collation;
    *label = Max(a, b);
    if (a == COLLATION_EXPLICIT && b == COLLATION_EXPLICIT)
        conflict = needed = true;
    else if (a == COLLATION_EXPLICIT || b == COLLATION_EXPLICIT) {
        *label = COLLATION_EXPLICIT;
        oid = a == COLLATION_EXPLICIT ? left->type.collation : right->type.collation;
    } else if (a == COLLATION_NO_COLLATION || b == COLLATION_NO_COLLATION)
        conflict = true;
    else if (a == COLLATION_IMPLICIT && b == COLLATION_IMPLICIT)
        conflict = true;
    if (conflict) {
        *label = COLLATION_NO_COLLATION;
        if (needed) {
            binder_set_line(left->node);
            tsql_error(ERR_468, collation_name(left->type.collation),
                       collation_name(right->type.collation), operation);
        }
    }
    return oid;
}

/* ---- concatenation ---- */

static bool
is_national(SqlTypeId id)
{
    return sql_type_info(id)->category == 'N';
}

static SqlType
concat_type(Binder *binder, const BoundExpr *left, const BoundExpr *right, CollationLabel *label)
{
    bool national = is_national(left->type.id) || is_national(right->type.id);
    bool fixed = (left->type.id == SQL_CHAR || left->type.id == SQL_NCHAR) &&
                 (right->type.id == SQL_CHAR || right->type.id == SQL_NCHAR);
    int cap = national ? 4000 : 8000;
    int length = -1;
    Oid collation = bind_collation(binder, left, right, label, "add", false);

    if (left->type.length >= 0 && right->type.length >= 0)
        length = Min(left->type.length + right->type.length, cap);
    if (length < 0)
        fixed = false;
    return sql_type_string(national ? (fixed ? SQL_NCHAR : SQL_NVARCHAR)
                                    : (fixed ? SQL_CHAR : SQL_VARCHAR),
                           length, collation);
}

/* Under CONCAT_NULL_YIELDS_NULL OFF a NULL counts as the empty string. */
static Expr *
null_as_empty(Binder *binder, Expr *expr, const SqlType *type)
{
    CoalesceExpr *coalesce;

    if (binder->options & OPTION_CONCAT_NULL_YIELDS_NULL)
        return expr;
    coalesce = makeNode(CoalesceExpr);
    coalesce->coalescetype = exprType((Node *) expr);
    coalesce->coalescecollid = type->collation;
    coalesce->args = list_make2(expr, sql_const_from_text("", 0, type));
    coalesce->location = -1;
    return (Expr *) coalesce;
}

static BoundExpr
bind_concat(Binder *binder, BoundExpr left, BoundExpr right)
{
    CollationLabel label;
    SqlType result = concat_type(binder, &left, &right, &label);
    SqlType operand = sql_type_string(SQL_NVARCHAR, -1, result.collation);
    bool capped = left.type.length >= 0 && right.type.length >= 0 &&
                  left.type.length + right.type.length > result.length;
    Expr *l =
        null_as_empty(binder, bind_convert(binder, left, &operand, CONVERSION_IMPLICIT), &operand);
    Expr *r =
        null_as_empty(binder, bind_convert(binder, right, &operand, CONVERSION_IMPLICIT), &operand);
    SqlType made = result;
    BoundExpr bound;

    /* beyond 8000 bytes the rest is cut silently */
    if (capped)
        made.length = -1;
    /* fixed types only in name: the bytes are those of the operands, padded already */
    if (result.id == SQL_CHAR)
        made.id = SQL_VARCHAR;
    else if (result.id == SQL_NCHAR)
        made.id = SQL_NVARCHAR;
    bound = bound_make(sql_arithmetic_build('+', l, r, &operand, &made), made,
                       left.nullable || right.nullable, label);
    if (made.id != result.id || capped)
        bound = bind_converted(binder, bound, &result, CONVERSION_EXPLICIT);
    return bound;
}

static BoundExpr
bind_binary_concat(Binder *binder, BoundExpr left, BoundExpr right)
{
    int length = left.type.length < 0 || right.type.length < 0
                     ? -1
                     : Min(left.type.length + right.type.length, 8000);
    SqlType operand = sql_type_binary(SQL_VARBINARY, -1);
    SqlType result = sql_type_binary(SQL_VARBINARY, length);
    Expr *l = bind_convert(binder, left, &operand, CONVERSION_IMPLICIT);
    Expr *r = bind_convert(binder, right, &operand, CONVERSION_IMPLICIT);

    return bound_make(sql_arithmetic_build('+', l, r, &operand, &result), result,
                      left.nullable || right.nullable, COLLATION_NONE);
}

/* ---- arithmetic ---- */

static bool
both_const(const BoundExpr *left, const BoundExpr *right)
{
    return IsA(left->expr, Const) && IsA(right->expr, Const);
}

/* Most arithmetic may yield NULL under ARITHABORT OFF, so it is described as nullable. */
static bool
arithmetic_nullable(const BoundExpr *left, const BoundExpr *right)
{
    return left->nullable || right->nullable || !both_const(left, right);
}

static BoundExpr
bind_decimal_arithmetic(Binder *binder, Operator op, BoundExpr left, BoundExpr right)
{
    SqlType ltype, rtype, result, operand;
    Expr *l, *r;

    if (!sql_type_is_number(left.type.id))
        ltype = right.type;
    else if (!bind_integer_literal_type(&left, &ltype))
        ltype = sql_decimal_of(&left.type);
    if (!sql_type_is_number(right.type.id))
        rtype = left.type;
    else if (!bind_integer_literal_type(&right, &rtype))
        rtype = sql_decimal_of(&right.type);
    ltype.id = rtype.id = SQL_DECIMAL;
    result = sql_decimal_result(operator_char(op), &ltype, &rtype);
    operand = ltype;
    l = bind_convert(binder, left, &ltype, CONVERSION_IMPLICIT);
    r = bind_convert(binder, right, &rtype, CONVERSION_IMPLICIT);
    return bound_make(sql_arithmetic_build(operator_char(op), l, r, &operand, &result), result,
                      arithmetic_nullable(&left, &right), COLLATION_NONE);
}

static BoundExpr
arithmetic_on(Binder *binder, Operator op, BoundExpr left, BoundExpr right, const SqlType *type)
{
    bool nullable = arithmetic_nullable(&left, &right);
    Expr *l = bind_convert(binder, left, type, CONVERSION_IMPLICIT);
    Expr *r = bind_convert(binder, right, type, CONVERSION_IMPLICIT);

    return bound_make(sql_arithmetic_build(operator_char(op), l, r, type, type), *type, nullable,
                      COLLATION_NONE);
}

/* datetime and smalldatetime take + and - with numbers, strings and each other. */
static BoundExpr
bind_date_arithmetic(Binder *binder, Operator op, BoundExpr left, BoundExpr right)
{
    const BoundExpr *date = is_old_date(&left) ? &left : &right;
    const BoundExpr *other = date == &left ? &right : &left;
    SqlType type = date->type;

    if (op != OP_ADD && op != OP_SUBTRACT) {
        SqlType number = sql_type_make(SQL_INT);

        binder_set_line(left.node);
        if (is_old_date(other))
            operands_refused(op, &left, &right);
        tsql_error(ERR_257, type_name(date),
                   sql_type_is_number(other->type.id) ? type_name(other)
                                                      : sql_type_info(number.id)->name);
    }
    if (category(other) == 'T' && !is_old_date(other))
        operands_refused(op, &left, &right);
    if (category(other) == 'G' || category(other) == 'X' || category(other) == 'V' ||
        is_large(other->type.id))
        operands_refused(op, &left, &right);
    if (is_old_date(other) && other->type.id == SQL_DATETIME)
        type = other->type;
    return arithmetic_on(binder, op, left, right, &type);
}

static void
check_new_dates(Operator op, const BoundExpr *left, const BoundExpr *right)
{
    bool l = category(left) == 'T', r = category(right) == 'T';

    if (!l && !r)
        return;
    if ((l && sql_type_is_number(right->type.id)) || (r && sql_type_is_number(left->type.id))) {
        binder_set_line(left->node);
        tsql_error(ERR_206, type_name(left), type_name(right));
    }
    operands_refused(op, left, right);
}

static bool
refuses_arithmetic(const BoundExpr *expr)
{
    char c = category(expr);

    return is_large(expr->type.id) || c == 'V' || c == 'X';
}

static BoundExpr
bind_arithmetic(Binder *binder, Operator op, BoundExpr left, BoundExpr right)
{
    char l, r;
    SqlType type;

    settle_null_operands(&left, &right);
    l = category(&left);
    r = category(&right);
    if (refuses_arithmetic(&left) || refuses_arithmetic(&right))
        operands_refused(op, &left, &right);
    if (is_string(&left) && is_string(&right)) {
        if (op != OP_ADD)
            operands_refused(op, &left, &right);
        return bind_concat(binder, left, right);
    }
    if (l == 'B' && r == 'B') {
        if (op != OP_ADD)
            operands_refused(op, &left, &right);
        return bind_binary_concat(binder, left, right);
    }
    if (is_old_date(&left) || is_old_date(&right))
        return bind_date_arithmetic(binder, op, left, right);
    check_new_dates(op, &left, &right);
    if (l == 'G' || r == 'G') {
        if (l == r || is_string(&left) || is_string(&right))
            operands_refused(op, &left, &right);
        binder_set_line(left.node);
        tsql_error(ERR_206, type_name(&left), type_name(&right));
    }
    if ((l == 'B' && is_string(&right)) || (r == 'B' && is_string(&left)) ||
        (left.type.id == SQL_BIT && right.type.id == SQL_BIT))
        operands_refused(op, &left, &right);
    type = sql_type_info(left.type.id)->precedence >= sql_type_info(right.type.id)->precedence
               ? left.type
               : right.type;
    if (type.id == SQL_DECIMAL || type.id == SQL_NUMERIC)
        return bind_decimal_arithmetic(binder, op, left, right);
    if (op == OP_MODULO && (type.id == SQL_FLOAT || type.id == SQL_REAL))
        operands_refused(op, &left, &right);
    if (type.id == SQL_BIT) /* '1' + a bit: counts as the string's neighbour, refused alike */
        operands_refused(op, &left, &right);
    return arithmetic_on(binder, op, left, right, &type);
}

static BoundExpr
bind_bitwise(Binder *binder, Operator op, BoundExpr left, BoundExpr right)
{
    SqlType type;

    settle_null_operands(&left, &right);
    if (!(category(&left) == 'I' || category(&left) == 'B' || is_string(&left)) ||
        !(category(&right) == 'I' || category(&right) == 'B' || is_string(&right)) ||
        (category(&left) != 'I' && category(&right) != 'I'))
        operands_refused(op, &left, &right);
    type = category(&left) != 'I'    ? right.type
           : category(&right) != 'I' ? left.type
           : sql_type_info(left.type.id)->precedence >= sql_type_info(right.type.id)->precedence
               ? left.type
               : right.type;
    return arithmetic_on(binder, op, left, right, &type);
}

/* x << n and x >> n have the type of x. */
static BoundExpr
bind_shift(Binder *binder, Operator op, BoundExpr left, BoundExpr right)
{
    SqlType bigint = sql_type_make(SQL_BIGINT);
    SqlType value;
    List *args;

    settle_null_operands(&left, &right);
    value = category(&left) == 'I' ? left.type : sql_type_make(SQL_INT);
    args = list_make2(bind_convert(binder, left, &bigint, CONVERSION_IMPLICIT),
                      bind_convert(binder, right, &bigint, CONVERSION_IMPLICIT));
    left = bound_make(
        bind_call(op == OP_SHIFT_LEFT ? "left_shift" : "right_shift", &bigint, args, InvalidOid),
        bigint, true, COLLATION_NONE);
    return bind_converted(binder, left, &value, CONVERSION_EXPLICIT);
}

BoundExpr
bind_operator(Binder *binder, Operator op, BoundExpr left, BoundExpr right)
{
    switch (op) {
    case OP_ADD:
    case OP_SUBTRACT:
    case OP_MULTIPLY:
    case OP_DIVIDE:
    case OP_MODULO:
        return bind_arithmetic(binder, op, left, right);
    case OP_BIT_AND:
    case OP_BIT_OR:
    case OP_BIT_XOR:
        return bind_bitwise(binder, op, left, right);
    case OP_SHIFT_LEFT:
    case OP_SHIFT_RIGHT:
        return bind_shift(binder, op, left, right);
    case OP_CONCAT: {
        SqlType text = sql_type_string(SQL_VARCHAR, 8000, binder->collation);

        settle_null_operands(&left, &right);
        if (!is_string(&left))
            left = bind_converted(binder, left, &text, CONVERSION_IMPLICIT);
        if (!is_string(&right))
            right = bind_converted(binder, right, &text, CONVERSION_IMPLICIT);
        return bind_concat(binder, left, right);
    }
    default:
        elog(ERROR, "operator %d is no value", (int) op);
    }
}

/* ---- unary ---- */

static BoundExpr
bind_negation(Binder *binder, BoundExpr operand)
{
    SqlType type = operand.type;

    if (!sql_type_is_number(type.id) || type.id == SQL_BIT) {
        binder_set_line(operand.node);
        tsql_error(ERR_8117, type_name(&operand), "minus");
    }
    if (type.id == SQL_TINYINT) {
        type = sql_type_make(SQL_SMALLINT);
        operand = bind_converted(binder, operand, &type, CONVERSION_IMPLICIT);
    }
    operand.expr = sql_arithmetic_build('-', NULL, operand.expr, &type, &type);
    operand.type = type;
    operand.column = NULL;
    return operand;
}

/* Folds the sign into a numeric constant, so that -5 is one constant. */
static bool
fold_sign(const AstNode *node, BoundExpr *operand)
{
    const AstLiteral *literal = (const AstLiteral *) node;
    char *text;

    if (node->kind != AST_LITERAL || !IsA(operand->expr, Const) ||
        !sql_type_is_number(operand->type.id))
        return false;
    text = psprintf("-%s", literal->text);
    operand->expr = (Expr *) sql_const_from_text(text, strlen(text), &operand->type);
    return true;
}

BoundExpr
bind_unary(Binder *binder, const AstUnary *unary)
{
    BoundExpr operand = bind_expr(binder, unary->operand);
    SqlType as_int = sql_type_make(SQL_INT);

    operand.node = &unary->node;
    if (operand.type.id == SQL_UNKNOWN)
        operand = bind_converted(binder, operand, &as_int, CONVERSION_IMPLICIT);
    switch (unary->op) {
    case OP_PLUS:
        operand.column = NULL;
        return operand;
    case OP_MINUS:
        if (fold_sign(unary->operand, &operand))
            return operand;
        return bind_negation(binder, operand);
    case OP_BIT_NOT:
        if (category(&operand) != 'I')
            tsql_error(ERR_8117, type_name(&operand), "'~'");
        operand.column = NULL;
        operand.expr = sql_arithmetic_build('~', NULL, operand.expr, &operand.type, &operand.type);
        return operand;
    default:
        elog(ERROR, "operator %d is no value", (int) unary->op);
    }
}

/* ---- comparison ---- */

/* The type in which two operands of a comparison meet. */
static SqlType
comparison_type(Operator op, const BoundExpr *left, const BoundExpr *right)
{
    char l = category(left), r = category(right);

    if (is_large(left->type.id) || is_large(right->type.id)) {
        binder_set_line(left->node);
        tsql_error(ERR_402, type_name(left), type_name(right), operator_words(op));
    }
    if (l == 'V' || r == 'V')
        return l == 'V' ? left->type : right->type;
    return sql_common_type(&left->type, &right->type);
}

/* bit = 1: a comparison of bits, made by sql_comparison_build(). */
static bool
bit_and_constant(const BoundExpr *bit, const BoundExpr *other)
{
    const Const *value = (const Const *) other->expr;

    return bit->type.id == SQL_BIT && other->type.id == SQL_INT && IsA(value, Const) &&
           !value->constisnull && (uint32) DatumGetInt32(value->constvalue) <= 1;
}

/* Operands that meet without conversion: strings among themselves, whole numbers where the
 * operator exists, decimals of any scale. */
static bool
meets_directly(const BoundExpr *left, const BoundExpr *right)
{
    if (is_string(left) && is_string(right))
        return true;
    if (category(left) == 'B' && category(right) == 'B' && left->type.id != SQL_ROWVERSION &&
        right->type.id != SQL_ROWVERSION)
        return true;
    if (bit_and_constant(left, right) || bit_and_constant(right, left))
        return true;
    if (left->type.id == SQL_BIT || right->type.id == SQL_BIT)
        return left->type.id == right->type.id;
    if (category(left) == 'I' && category(right) == 'I')
        return OidIsValid(sql_operator("=", left->type.id, right->type.id));
    if ((left->type.id == SQL_DECIMAL || left->type.id == SQL_NUMERIC) &&
        (right->type.id == SQL_DECIMAL || right->type.id == SQL_NUMERIC))
        return true;
    return false;
}

static void
comparison_convert(Binder *binder, BoundExpr *expr, const SqlType *type)
{
    SqlType to = *type;

    /* a converted whole number keeps all its digits whatever the other side's precision */
    if ((type->id == SQL_DECIMAL || type->id == SQL_NUMERIC) && sql_type_is_number(expr->type.id) &&
        !bind_integer_literal_type(expr, &to))
        to = sql_decimal_of(&expr->type);
    if (to.id == SQL_NUMERIC)
        to.id = SQL_DECIMAL;
    if (expr->type.id == to.id && !sql_type_is_string(to.id) && category(expr) != 'D' &&
        category(expr) != 'B')
        return;
    /* strings meet numbers and dates in full length, never cut */
    *expr = bind_converted(binder, *expr, &to, CONVERSION_IMPLICIT);
}

bool
bind_comparison_prepare(
    Binder *binder, Operator op, BoundExpr *left, BoundExpr *right, Oid *collation)
{
    CollationLabel label;
    SqlType type;

    settle_null_operands(left, right);
    *collation = InvalidOid;
    type = comparison_type(op, left, right);
    if (!meets_directly(left, right)) {
        comparison_convert(binder, left, &type);
        comparison_convert(binder, right, &type);
    }
    if (is_string(left) && is_string(right))
        *collation = bind_collation(binder, left, right, &label, operator_words(op), true);
    return true;
}

Expr *
bind_comparison(Binder *binder, Operator op, BoundExpr left, BoundExpr right)
{
    Oid collation;

    bind_comparison_prepare(binder, op, &left, &right, &collation);
    if (!bit_and_constant(&left, &right) && !bit_and_constant(&right, &left) &&
        !OidIsValid(sql_operator(bind_operator_text(op), left.type.id, right.type.id)))
        operands_refused(op, &left, &right);
    return sql_comparison_build(bind_operator_text(op), left.expr, right.expr, &left.type,
                                &right.type, collation);
}
