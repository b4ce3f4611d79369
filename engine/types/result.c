/*
 * Result types: of decimal arithmetic, and the common type of branches, comparisons and set
 * operations. The rules are those of the pages "Precision, scale, and length" and "Data type
 * precedence".
 */
#include "postgres.h"

#include "types/sqltype.h"

SqlType
sql_decimal_of(const SqlType *type)
{
    switch (type->id) {
    case SQL_BIT:
        return sql_type_decimal(1, 0);
    case SQL_TINYINT:
        return sql_type_decimal(3, 0);
    case SQL_SMALLINT:
        return sql_type_decimal(5, 0);
    case SQL_UNKNOWN:
    case SQL_INT:
        return sql_type_decimal(10, 0);
    case SQL_BIGINT:
        return sql_type_decimal(19, 0);
    case SQL_SMALLMONEY:
        return sql_type_decimal(10, 4);
    case SQL_MONEY:
        return sql_type_decimal(19, 4);
    default:
        return *type;
    }
}

/* What does not fit 38 digits takes from the scale, which keeps at least 6 of * and /. */
static SqlType
capped(int precision, int scale, bool keep_integral)
{
    if (precision > 38) {
        int integral = precision - scale;

        if (keep_integral)
            scale = Min(scale, 38 - Min(integral, 38));
        else if (integral <= 32)
            scale = Min(scale, 38 - integral);
        else
            scale = Min(scale, 6);
        precision = 38;
    }
    return sql_type_decimal(precision, scale);
}

SqlType
sql_decimal_result(char op, const SqlType *left_type, const SqlType *right_type)
{
    SqlType left = sql_decimal_of(left_type);
    SqlType right = sql_decimal_of(right_type);
    int p1 = left.precision, s1 = left.scale, p2 = right.precision, s2 = right.scale;
    int scale;

    switch (op) {
    case '*':
        return capped(p1 + p2 + 1, s1 + s2, false);
    case '/':
        scale = Max(6, s1 + p2 + 1);
        return capped(p1 - s1 + s2 + scale, scale, false);
    case '%':
        return capped(Min(p1 - s1, p2 - s2) + Max(s1, s2), Max(s1, s2), true);
    default:
        scale = Max(s1, s2);
        return capped(scale + Max(p1 - s1, p2 - s2) + 1, scale, true);
    }
}

static SqlType
common_decimal(const SqlType *left_type, const SqlType *right_type)
{
    SqlType left = sql_decimal_of(left_type);
    SqlType right = sql_decimal_of(right_type);
    int scale = Max(left.scale, right.scale);
    int integral = Max(left.precision - left.scale, right.precision - right.scale);
    SqlType result = capped(integral + scale, scale, true);

    if (left_type->id == SQL_NUMERIC || right_type->id == SQL_NUMERIC)
        result.id = SQL_NUMERIC;
    return result;
}

/* Length of the text that a value of a non-string type may take. */
static int32
text_length(const SqlType *type)
{
    switch (type->id) {
    case SQL_CHAR:
    case SQL_VARCHAR:
    case SQL_NCHAR:
    case SQL_NVARCHAR:
    case SQL_SYSNAME:
    case SQL_TEXT:
    case SQL_NTEXT:
    case SQL_BINARY:
    case SQL_VARBINARY:
        return type->length;
    case SQL_UNIQUEIDENTIFIER:
        return 36;
    case SQL_DECIMAL:
    case SQL_NUMERIC:
        return type->precision + 3;
    case SQL_DATE:
        return 10;
    case SQL_UNKNOWN:
        return 1;
    default:
        return 30;
    }
}

static SqlType
common_string(const SqlType *left, const SqlType *right, SqlTypeId id)
{
    int32 left_length = text_length(left);
    int32 right_length = text_length(right);
    int32 length = left_length < 0 || right_length < 0 ? -1 : Max(left_length, right_length);
    Oid collation = OidIsValid(left->collation) ? left->collation : right->collation;
    int32 limit = sql_type_info(id)->category == 'N' ? 4000 : 8000;

    if (!OidIsValid(collation))
        collation = sql_collation_default();
    if (length > limit)
        length = -1;
    /* Blank-padded only when both are, and equally long or fixed. */
    return sql_type_string(id, length, collation);
}

static SqlTypeId
string_of_pair(SqlTypeId left, SqlTypeId right)
{
    bool national = sql_type_info(left)->category == 'N' || sql_type_info(right)->category == 'N';
    bool fixed =
        (left == SQL_CHAR || left == SQL_NCHAR) && (right == SQL_CHAR || right == SQL_NCHAR);

    if (left == SQL_NTEXT || right == SQL_NTEXT || left == SQL_TEXT || right == SQL_TEXT)
        return national ? SQL_NTEXT : SQL_TEXT;
    if (national)
        return fixed ? SQL_NCHAR : SQL_NVARCHAR;
    return fixed ? SQL_CHAR : SQL_VARCHAR;
}

SqlType
sql_common_type(const SqlType *left, const SqlType *right)
{
    const SqlTypeInfo *a, *b, *high;

    if (left->id == SQL_UNKNOWN)
        return *right;
    if (right->id == SQL_UNKNOWN)
        return *left;
    a = sql_type_info(left->id);
    b = sql_type_info(right->id);
    high = a->precedence >= b->precedence ? a : b;
    if (sql_type_is_string(left->id) && sql_type_is_string(right->id))
        return common_string(left, right, string_of_pair(left->id, right->id));
    if (high->category == 'S' || high->category == 'N')
        return common_string(left, right, high->id);
    switch (high->id) {
    case SQL_DECIMAL:
    case SQL_NUMERIC:
        if (sql_type_is_number(left->id) && sql_type_is_number(right->id))
            return common_decimal(left, right);
        return high == a ? *left : *right;
    case SQL_TIME:
    case SQL_DATETIME2:
    case SQL_DATETIMEOFFSET: {
        int scale = high == a ? left->scale : right->scale;

        if (a->category == 'T' && b->category == 'T')
            scale = Max(left->scale, right->scale);
        return sql_type_time(high->id, scale);
    }
    case SQL_BINARY:
    case SQL_VARBINARY: {
        int32 length =
            left->length < 0 || right->length < 0 ? -1 : Max(left->length, right->length);

        return sql_type_binary(high->id, length);
    }
    default:
        return high == a ? *left : *right;
    }
}
