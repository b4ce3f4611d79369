/*
 * Operators: the oid of an operator on two types, and the building of arithmetic, comparisons and
 * LIKE. Strings use nvarchar's operators and binaries varbinary's, to which they are
 * binary-coercible; numbers of the built-in types use PostgreSQL's.
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "parser/parse_func.h"
#include "types/decimal.h"
#include "types/sqltype.h"
#include "utils/hsearch.h"
#include "utils/lsyscache.h"

typedef struct OperatorKey {
    char name[4];
    Oid left, right;
} OperatorKey;

typedef struct OperatorEntry {
    OperatorKey key;
    Oid operator;
} OperatorEntry;

static HTAB *operators;

/* The type that has the operators of `id`. */
static SqlTypeId
operator_type(SqlTypeId id)
{
    switch (sql_type_info(id)->category) {
    case 'S':
    case 'N':
        return SQL_NVARCHAR;
    case 'B':
        return id == SQL_ROWVERSION ? id : SQL_VARBINARY;
    default:
        return id == SQL_NUMERIC ? SQL_DECIMAL : id;
    }
}

Oid
sql_operator(const char *name, SqlTypeId left, SqlTypeId right)
{
    OperatorKey key = {{0}};
    OperatorEntry *entry;
    bool found;

    strlcpy(key.name, name, sizeof key.name);
    key.left = left == SQL_UNKNOWN ? InvalidOid : sql_type_oid(operator_type(left));
    key.right = sql_type_oid(operator_type(right));
    if (operators == NULL) {
        HASHCTL control = {.keysize = sizeof(OperatorKey), .entrysize = sizeof(OperatorEntry)};

        operators = hash_create("T-SQL operators", 64, &control, HASH_ELEM | HASH_BLOBS);
    }
    entry = hash_search(operators, &key, HASH_FIND, NULL);
    if (entry == NULL) {
        Oid operator= OpernameGetOprid(list_make2(makeString("sys"), makeString(key.name)),
                                       key.left, key.right);

        if (!OidIsValid(operator))
            operator= OpernameGetOprid(list_make2(makeString("pg_catalog"), makeString(key.name)),
                                       key.left, key.right);
        entry = hash_search(operators, &key, HASH_ENTER, &found);
        entry->operator= operator;
    }
    return entry->operator;
}

/* `expr` seen as the type whose operators it uses. */
static Expr *
as_operand(Expr *expr, SqlTypeId id)
{
    Oid wanted = sql_type_oid(operator_type(id));

    if (exprType((Node *) expr) == wanted)
        return expr;
    if (IsA(expr, Const)) {
        Const *constant = copyObject((Const *) expr);

        constant->consttype = wanted;
        return (Expr *) constant;
    }
    return (Expr *) makeRelabelType(expr, wanted, exprTypmod((Node *) expr),
                                    exprCollation((Node *) expr), COERCE_IMPLICIT_CAST);
}

static Expr *
operator_expression(Oid operator, Expr * left, Expr *right, Oid collation)
{
    Oid result = get_op_rettype(operator);
    bool collated = type_is_collatable(result);
    OpExpr *expr = (OpExpr *) make_opclause(operator, result, false, left != NULL ? left : right,
                                            left != NULL ? right : NULL,
                                            collated ? collation : InvalidOid, collation);

    expr->opfuncid = get_opcode(operator);
    return (Expr *) expr;
}

static Oid
collation_of(Expr *expr)
{
    return expr != NULL ? exprCollation((Node *) expr) : InvalidOid;
}

static Expr *
labelled(Expr *expr, const SqlType *type)
{
    Oid oid = sql_type_oid(type->id);
    int32 typmod = sql_type_typmod(type);

    if (exprType((Node *) expr) == oid && exprTypmod((Node *) expr) == typmod)
        return expr;
    return (Expr *) makeRelabelType(expr, oid, typmod, type->collation, COERCE_IMPLICIT_CAST);
}

static Expr *
decimal_arithmetic(char op, Expr *left, Expr *right, const SqlType *result)
{
    static Oid functions[256];
    Oid decimal = sql_type_oid(SQL_DECIMAL);
    Oid arguments[3] = {decimal, decimal, INT4OID};
    const char *name = op == '+'   ? "decimal_add"
                       : op == '-' ? "decimal_sub"
                       : op == '*' ? "decimal_mul"
                       : op == '/' ? "decimal_div"
                                   : "decimal_mod";
    unsigned char index = (unsigned char) op;

    if (!OidIsValid(functions[index]))
        functions[index] = LookupFuncName(list_make2(makeString("sys"), makeString((char *) name)),
                                          3, arguments, false);
    return labelled((Expr *) makeFuncExpr(
                        functions[index], decimal,
                        list_make3(left, right,
                                   makeConst(INT4OID, -1, InvalidOid, 4,
                                             Int32GetDatum(sql_type_typmod(result)), false, true)),
                        InvalidOid, InvalidOid, COERCE_EXPLICIT_CALL),
                    result);
}

Expr *
sql_arithmetic_build(
    char op, Expr *left, Expr *right, const SqlType *operand, const SqlType *result)
{
    char name[2] = {op == '^' ? '#' : op, '\0'};
    Oid collation = result->collation;
    Oid operator;

    if (left != NULL && (operand->id == SQL_DECIMAL || operand->id == SQL_NUMERIC) &&
        strchr("+-*/%", op) != NULL)
        return decimal_arithmetic(op, left, right, result);
    operator= sql_operator(name, left == NULL ? SQL_UNKNOWN : operand->id, operand->id);
    if (!OidIsValid(operator))
        elog(ERROR, "no operator %s for %s", name, sql_type_info(operand->id)->name);
    if (!OidIsValid(collation))
        collation = left != NULL ? collation_of(left) : collation_of(right);
    return labelled(operator_expression(operator,
                                        left != NULL ? as_operand(left, operand->id) : NULL,
                                        as_operand(right, operand->id), collation),
                    result);
}

/* `bit = 1` is a comparison of bits: no conversion hides the column. */
static bool
bit_against_constant(Expr **left, Expr **right, SqlTypeId *left_id, SqlTypeId *right_id)
{
    Expr **constant = *left_id == SQL_BIT ? right : left;
    SqlTypeId *id = *left_id == SQL_BIT ? right_id : left_id;
    Const *value = (Const *) *constant;

    if (*id != SQL_INT || !IsA(value, Const) || value->constisnull ||
        (uint32) DatumGetInt32(value->constvalue) > 1)
        return false;
    *constant = (Expr *) makeBoolConst(DatumGetInt32(value->constvalue) == 1, false);
    *id = SQL_BIT;
    return true;
}

Expr *
sql_comparison_build(const char *op,
                     Expr *left,
                     Expr *right,
                     const SqlType *left_type,
                     const SqlType *right_type,
                     Oid collation)
{
    SqlTypeId left_id = left_type->id;
    SqlTypeId right_id = right_type->id;
    Oid operator;

    if ((left_id == SQL_BIT) != (right_id == SQL_BIT))
        bit_against_constant(&left, &right, &left_id, &right_id);
    operator= sql_operator(op, left_id, right_id);
    if (!OidIsValid(operator))
        elog(ERROR, "no operator %s for %s and %s", op, sql_type_info(left_id)->name,
             sql_type_info(right_id)->name);
    return operator_expression(operator, as_operand(left, left_id), as_operand(right, right_id),
                               collation);
}

Expr *
sql_like_build(Expr *string,
               Expr *pattern,
               Expr *escape,
               const SqlType *string_type,
               const SqlType *pattern_type,
               Oid collation)
{
    Oid nvarchar = sql_type_oid(SQL_NVARCHAR);
    Oid arguments[3] = {nvarchar, nvarchar, nvarchar};
    bool ansi = sql_type_info(string_type->id)->category == 'S' &&
                sql_type_info(pattern_type->id)->category == 'S';
    int count = escape != NULL ? 3 : 2;
    List *args = list_make2(as_operand(string, SQL_NVARCHAR), as_operand(pattern, SQL_NVARCHAR));
    Oid function = LookupFuncName(
        list_make2(makeString("sys"), makeString(ansi ? "like_match_ansi" : "like_match")), count,
        arguments, false);

    if (escape != NULL)
        args = lappend(args, as_operand(escape, SQL_NVARCHAR));
    return (Expr *) makeFuncExpr(function, BOOLOID, args, InvalidOid, collation,
                                 COERCE_EXPLICIT_CALL);
}
