/*
 * The table of functions, and the building of their calls: arguments converted to what the row's
 * letters say, the overload of schema sys found, the result's type computed.
 */
#include "postgres.h"

#include "functions/functions.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "errors/errors.h"
#include "functions/datepart.h"
#include "functions/result_rules.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "parser/parse_func.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"
#include "utils/lsyscache.h"

static const SqlFunction functions[] = {
#define SQL_FUNCTION(name, kind, min, max, arguments, result, pg_name, flags, overloads)           \
    {name, KIND_##kind, min, max, arguments, result, pg_name, flags},
#include "functions/functions.def"
#undef SQL_FUNCTION
};

const SqlFunction *
sql_function_at(int index)
{
    return index >= 0 && index < lengthof(functions) ? &functions[index] : NULL;
}

typedef struct NameEntry {
    char name[NAMEDATALEN];
    const SqlFunction *function;
} NameEntry;

const SqlFunction *
sql_function_by_name(const char *name)
{
    static HTAB *by_name;
    char key[NAMEDATALEN] = {0};
    NameEntry *entry;
    bool found;

    if (by_name == NULL) {
        HASHCTL control = {.keysize = NAMEDATALEN, .entrysize = sizeof(NameEntry)};

        by_name = hash_create("T-SQL functions", 512, &control, HASH_ELEM | HASH_STRINGS);
        for (int i = 0; i < lengthof(functions); i++) {
            entry = hash_search(by_name, functions[i].name, HASH_ENTER, &found);
            entry->function = &functions[i];
        }
    }
    if (strlen(name) >= NAMEDATALEN)
        return NULL;
    for (int i = 0; name[i] != '\0'; i++)
        key[i] = pg_toupper((unsigned char) name[i]);
    entry = hash_search(by_name, key, HASH_FIND, NULL);
    return entry != NULL ? entry->function : NULL;
}

static char *
lower_name(const SqlFunction *function)
{
    char *name = pstrdup(function->name);

    for (char *p = name; *p != '\0'; p++)
        *p = pg_tolower((unsigned char) *p);
    return name;
}

void
sql_function_check_count(const SqlFunction *function, int count)
{
    if (count >= function->min_args && (function->max_args < 0 || count <= function->max_args))
        return;
    if (function->max_args < 0)
        tsql_error(ERR_189, lower_name(function), function->min_args, 254);
    if (function->min_args == function->max_args)
        tsql_error(ERR_174, lower_name(function), function->min_args);
    tsql_error(ERR_189, lower_name(function), function->min_args, function->max_args);
}

/* A varchar or nvarchar wide enough for the text of `type`. */
static SqlType
text_of(const SqlType *type, bool national)
{
    int32 length;

    switch (sql_type_info(type->id)->category) {
    case 'S':
    case 'N':
    case 'B':
        length = type->length;
        break;
    case 'X':
        length = -1;
        break;
    case 'V':
        length = national ? 4000 : 8000;
        break;
    case 'G':
        length = 36;
        break;
    case 'O':
        length = 1;
        break;
    case 'I':
        length = type->id == SQL_BIGINT ? 20 : 12;
        break;
    default:
        length = 41;
        break;
    }
    if (length > 4000 && national)
        length = 4000;
    return sql_type_string(national ? SQL_NVARCHAR : SQL_VARCHAR, length,
                           OidIsValid(type->collation) ? type->collation : sql_collation_default());
}

static SqlType
string_argument(const SqlType *type)
{
    switch (type->id) {
    case SQL_CHAR:
    case SQL_VARCHAR:
    case SQL_NCHAR:
    case SQL_NVARCHAR:
    case SQL_SYSNAME:
        return *type;
    case SQL_XML:
    case SQL_NTEXT:
        return text_of(type, true);
    default:
        return text_of(type, false);
    }
}

/* The family of numbers that functions like ABS and ROUND keep. */
static SqlType
number_argument(const SqlType *type)
{
    switch (type->id) {
    case SQL_UNKNOWN:
    case SQL_BIT:
    case SQL_TINYINT:
    case SQL_SMALLINT:
    case SQL_INT:
        return sql_type_make(SQL_INT);
    case SQL_SMALLMONEY:
        return sql_type_make(SQL_MONEY);
    case SQL_BIGINT:
    case SQL_MONEY:
    case SQL_DECIMAL:
    case SQL_NUMERIC:
        return *type;
    default:
        return sql_type_make(SQL_FLOAT);
    }
}

static SqlType
moment_argument(const SqlType *type, SqlTypeId of_string)
{
    switch (sql_type_info(type->id)->category) {
    case 'T':
        return *type;
    case 'S':
    case 'N':
        return sql_type_make(of_string);
    default:
        return sql_type_make(SQL_DATETIME);
    }
}

/* What an argument of a letter is converted to. */
static SqlType
argument_type(char letter, const SqlType *type, const SqlType *first)
{
    char category = sql_type_info(type->id)->category;

    switch (letter) {
    case 'S':
        return string_argument(type);
    case 'N':
    case 'w':
        return category == 'N' && type->id != SQL_NTEXT ? *type : text_of(type, true);
    case 'i':
        return sql_type_make(SQL_INT);
    case 'b':
        return sql_type_make(SQL_BIGINT);
    case 'f':
        return sql_type_make(SQL_FLOAT);
    case 'm':
        return number_argument(type);
    case 'd':
        return moment_argument(type, SQL_DATETIME2);
    case 'e':
        return moment_argument(type, SQL_DATETIME);
    case 't':
        return sql_type_make(SQL_DATETIME);
    case '2':
        return sql_type_make(SQL_DATETIME2);
    case 'o':
        return category == 'T' && type->id == SQL_DATETIMEOFFSET
                   ? *type
                   : sql_type_make(SQL_DATETIMEOFFSET);
    case 'D':
        return sql_type_make(SQL_DATE);
    case 'T':
        return sql_type_make(SQL_TIME);
    case 'B':
        return category == 'B' && type->id != SQL_ROWVERSION ? *type
                                                             : sql_type_binary(SQL_VARBINARY, -1);
    case 'P':
    case 'Q':
        return category == 'B' && type->id != SQL_ROWVERSION ? *type : string_argument(type);
    case '1':
        return first[0];
    case '3':
        return first[2];
    case 'u':
        return sql_type_make(SQL_UNIQUEIDENTIFIER);
    case 'z':
        return category == 'I' ? sql_type_make(SQL_INT) : string_argument(type);
    case 'v':
        return sql_type_make(SQL_VARIANT);
    case 'L':
        return sql_type_make(SQL_BIT);
    case 'c':
        return type->id == SQL_DECIMAL || type->id == SQL_NUMERIC ? *type : sql_type_decimal(38, 4);
    default:
        return type->id == SQL_UNKNOWN ? sql_type_make(SQL_INT) : *type;
    }
}

/* The PostgreSQL type that functions are declared on for a T-SQL type. */
static Oid
declared_type(const SqlType *type)
{
    switch (sql_type_info(type->id)->category) {
    case 'S':
    case 'N':
        return sql_type_oid(SQL_NVARCHAR);
    case 'B':
        return sql_type_oid(type->id == SQL_ROWVERSION ? SQL_ROWVERSION : SQL_VARBINARY);
    default:
        return sql_type_oid(type->id);
    }
}

static Expr *
declared_argument(Expr *expr, Oid type)
{
    if (exprType((Node *) expr) == type)
        return expr;
    if (IsA(expr, Const)) {
        Const *constant = copyObject((Const *) expr);

        constant->consttype = type;
        return (Expr *) constant;
    }
    return (Expr *) makeRelabelType(expr, type, exprTypmod((Node *) expr),
                                    exprCollation((Node *) expr), COERCE_IMPLICIT_CAST);
}

/* The binder gives the datepart as the word that was written: it becomes a number here. */
static Expr *
datepart_constant(const SqlFunction *function, Expr *word)
{
    char *name = TextDatumGetCString(castNode(Const, word)->constvalue);
    DatePart part = datepart_by_name(name);

    if (part == PART_UNKNOWN)
        tsql_error(ERR_155, name, lower_name(function));
    return (Expr *) makeConst(INT4OID, -1, InvalidOid, 4, Int32GetDatum(part), false, true);
}

static Expr *
convert_argument(const SqlFunction *function,
                 char letter,
                 Expr *arg,
                 const SqlType *from,
                 const SqlType *to,
                 int number)
{
    char from_category = sql_type_info(from->id)->category;
    ConversionKind kind = CONVERSION_IMPLICIT;

    if (letter == 'a')
        return from->id == SQL_UNKNOWN ? (Expr *) sql_const_null(to) : arg;
    if (letter == 'Q' && from_category != 'B' && !sql_type_is_string(from->id) &&
        from->id != SQL_UNKNOWN)
        tsql_error(ERR_8116, sql_type_info(from->id)->name, number, lower_name(function));
    if (letter == 'z' && from_category != 'I' && !sql_type_is_string(from->id) &&
        from->id != SQL_UNKNOWN)
        tsql_error(ERR_8116, sql_type_info(from->id)->name, number, lower_name(function));
    /* Functions of strings take what only an explicit conversion gives: CONCAT of money... */
    if (sql_type_is_string(to->id) && from_category != 'B')
        kind = CONVERSION_EXPLICIT;
    if (!sql_conversion_exists(from, to, kind) ||
        ((letter == 'S' || letter == 'N') && from->id == SQL_IMAGE))
        tsql_error(ERR_8116, sql_type_info(from->id)->name, number, lower_name(function));
    return sql_conversion_build(arg, from, to, kind, NULL);
}

static List *
qualified_name(const char *name)
{
    const char *dot = strchr(name, '.');

    if (dot == NULL)
        return list_make2(makeString("sys"), makeString((char *) name));
    return list_make2(makeString(pnstrdup(name, dot - name)), makeString((char *) dot + 1));
}

/* lag(x, n, default) and its kin are polymorphic in pg_catalog. */
static Oid
find_polymorphic(List *name, int count)
{
    Oid element[2] = {ANYELEMENTOID, INT4OID};
    Oid compatible[3] = {ANYCOMPATIBLEOID, INT4OID, ANYCOMPATIBLEOID};

    return LookupFuncName(name, count, count == 3 ? compatible : element, true);
}

/* The function of schema sys for these arguments; then with "any"; then PostgreSQL's own. */
static Oid
find_overload(const SqlFunction *function, int count, Oid *types, const SqlType *sql_types)
{
    List *name = qualified_name(function->pg_name);
    Oid any[FUNC_MAX_ARGS] = {ANYOID};
    Oid found;

    if (function->flags & FUNCTION_VARIADIC)
        return LookupFuncName(name, 1, any, false);
    found = LookupFuncName(name, count, types, true);
    for (int i = 0; i < count; i++) {
        int letter = Min(i, (int) strlen(function->arguments) - 1);

        bool is_any =
            function->arguments[letter] == 'a' ||
            (function->arguments[letter] == 'd' && strncmp(function->name, "DATEDIFF", 8) == 0);

        any[i] = is_any ? ANYOID : types[i];
    }
    if (!OidIsValid(found))
        found = LookupFuncName(name, count, any, true);
    if (!OidIsValid(found) && function->kind == KIND_WINDOW)
        found = find_polymorphic(name, count);
    if (!OidIsValid(found))
        found =
            LookupFuncName(list_make2(makeString("pg_catalog"), llast(name)), count, types, true);
    if (OidIsValid(found))
        return found;
    if (function->kind == KIND_AGGREGATE)
        tsql_error(ERR_8117, count > 0 ? sql_type_info(sql_types[0].id)->name : "NULL",
                   lower_name(function));
    tsql_error(ERR_8116, count > 0 ? sql_type_info(sql_types[0].id)->name : "NULL", 1,
               lower_name(function));
}

static void
raise_aggregate_type(const SqlFunction *function, const SqlType *type)
{
    tsql_error(ERR_8117, sql_type_info(type->id)->name, lower_name(function));
}

FunctionCall
sql_function_resolve(const SqlFunction *function, List *args, const SqlType *types)
{
    FunctionCall call = {0};
    int count = list_length(args);
    int letters = strlen(function->arguments);
    SqlType *converted = palloc0(sizeof(SqlType) * (count + 1));
    Oid *declared = palloc0(sizeof(Oid) * (count + 1));
    ListCell *cell;
    int i = 0;

    sql_function_check_count(function, count);
    if (function->kind == KIND_AGGREGATE && count > 0 &&
        (strcmp(function->pg_name, "sum") == 0 || strcmp(function->pg_name, "avg") == 0) &&
        (types[0].id == SQL_BIT || !sql_type_is_number(types[0].id)) && types[0].id != SQL_UNKNOWN)
        raise_aggregate_type(function, &types[0]);
    foreach (cell, args) {
        char letter = letters > 0 ? function->arguments[Min(i, letters - 1)] : 'a';
        Expr *arg = lfirst(cell);

        if (letter == 'p') {
            arg = datepart_constant(function, arg);
            converted[i] = sql_type_make(SQL_INT);
        } else {
            converted[i] = argument_type(letter, &types[i], &converted[0]);
            arg = convert_argument(function, letter, arg, &types[i], &converted[i], i + 1);
        }
        /* "any": the function looks at the type itself. */
        declared[i] = letter == 'a' && function->kind == KIND_SCALAR ? exprType((Node *) arg)
                                                                     : declared_type(&converted[i]);
        call.args = lappend(call.args, declared_argument(arg, declared[i]));
        i++;
    }
    call.result = function->result(function, converted, count, call.args);
    call.input_collation = sql_function_collation(converted, count);
    call.function = find_overload(function, count, declared, types);
    call.pg_result = get_func_rettype(call.function);
    if (IsPolymorphicType(call.pg_result))
        call.pg_result = declared[0];
    return call;
}

Expr *
sql_function_relabel(Expr *node, const FunctionCall *call)
{
    Oid type = sql_type_oid(call->result.id);
    int32 typmod = sql_type_typmod(&call->result);

    if (exprType((Node *) node) == type && exprTypmod((Node *) node) == typmod &&
        exprCollation((Node *) node) == call->result.collation)
        return node;
    /* LEN and its like count in bigint where a string has no limit. */
    if (call->pg_result == INT4OID && type == INT8OID) {
        SqlType counted = sql_type_make(SQL_INT);

        return sql_conversion_build(node, &counted, &call->result, CONVERSION_IMPLICIT, NULL);
    }
    return (Expr *) makeRelabelType(node, type, typmod, call->result.collation,
                                    COERCE_IMPLICIT_CAST);
}

/* REPLICATE and its like give the whole string; the type's limit cuts it. */
static Expr *
truncated(Expr *node, const FunctionCall *call)
{
    SqlType unlimited = call->result;

    if (call->result.length < 0)
        return sql_function_relabel(node, call);
    unlimited.length = -1;
    return sql_conversion_build(node, &unlimited, &call->result, CONVERSION_EXPLICIT, NULL);
}

Expr *
sql_function_build(const SqlFunction *function, List *args, const SqlType *types, SqlType *result)
{
    FunctionCall call = sql_function_resolve(function, args, types);
    bool collated = type_is_collatable(call.pg_result);
    Expr *node = (Expr *) makeFuncExpr(call.function, call.pg_result, call.args,
                                       collated ? call.input_collation : InvalidOid,
                                       call.input_collation, COERCE_EXPLICIT_CALL);

    *result = call.result;
    if (function->flags & FUNCTION_TRUNCATE)
        return truncated(node, &call);
    return sql_function_relabel(node, &call);
}
