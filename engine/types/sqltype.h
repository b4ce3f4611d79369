/*
 * SqlType: what T-SQL knows of the type of a column, variable, parameter or expression, and how it
 * is held in PostgreSQL. The binder reasons in SqlTypes only; PostgreSQL type oids are derived.
 *
 * Representation (see types.def, the one table of types):
 *   bit bool, smallint int2, int int4, bigint int8, real float4, float float8, date date: built in.
 *   All else are own types in schema sys. The string types (char, varchar, text, nchar, nvarchar,
 *   ntext, xml) are UTF-8 varlenas, binary-coercible among themselves; lengths of char/varchar are
 *   bytes in the collation's code page, of nchar/nvarchar UTF-16 code units.
 * typmod: strings and binaries: the length n, -1 for max or unknown; decimal: (p << 8 | s);
 *   time, datetime2, datetimeoffset: the scale; others -1.
 */
#pragma once

#include "postgres.h"

#include "nodes/pg_list.h"
#include "nodes/primnodes.h"

typedef enum SqlTypeId {
    SQL_UNKNOWN = 0, /* the NULL literal: converts to anything; described to clients as int */
#define SQL_TYPE(id, ...) id,
#include "types.def"
#undef SQL_TYPE
    SQL_TYPE_COUNT
} SqlTypeId;

typedef struct SqlType {
    SqlTypeId id;
    int32 length;    /* char/varchar: bytes; nchar/nvarchar: UTF-16 units; binary: bytes; -1 = max.
                        Fixed-size types: their size as in sys.types.max_length */
    uint8 precision; /* as in sys.types/columns: int 10, decimal p, datetime2(7) 27... */
    uint8 scale;
    Oid collation;   /* PostgreSQL collation oid of string types, InvalidOid for others */
    int32 user_type; /* user_type_id of an alias type, 0 if none (then the system type's) */
} SqlType;

/* One row of types.def, resolved in this session. */
typedef struct SqlTypeInfo {
    SqlTypeId id;
    const char *name;     /* T-SQL name, lower case */
    uint8 system_type_id; /* sys.types.system_type_id */
    int32 user_type_id;
    const char *pg_name; /* name in sys or pg_catalog */
    uint8 precedence;    /* higher wins; data-type-precedence page */
    char category;       /* 'I' exact integer, 'D' decimal/money, 'F' approximate, 'S' char strings,
                            'N' national strings, 'B' binary, 'T' date/time, 'G' guid, 'V' variant,
                            'X' xml, 'O' other */
    int32 fixed_length;  /* bytes in SQL Server, 0 for variable ones */
} SqlTypeInfo;

/* The table's row of `id`. */
const SqlTypeInfo *sql_type_info(SqlTypeId id);

/* Looks a system type up by T-SQL name or synonym (integer, dec, character varying, rowversion,
 * sysname...), case-insensitively. SQL_UNKNOWN if there is none. */
SqlTypeId sql_type_by_name(const char *name);

/* PostgreSQL's oid, typmod and collation for a type. */
Oid sql_type_oid(SqlTypeId id);
int32 sql_type_typmod(const SqlType *type);

/* The SqlType of a PostgreSQL type; SQL_UNKNOWN id when it is none of ours. */
SqlType sql_type_from_pg(Oid type, int32 typmod, Oid collation);

/* Makers. Lengths and scales are not checked: the binder has done that. */
SqlType sql_type_make(SqlTypeId id); /* fixed types, defaults filled */
SqlType sql_type_string(SqlTypeId id, int32 length, Oid collation);
SqlType sql_type_binary(SqlTypeId id, int32 length);
SqlType sql_type_decimal(int precision, int scale);
SqlType sql_type_time(SqlTypeId id, int scale); /* time, datetime2, datetimeoffset */

/* "decimal(10,2)", "nvarchar(max)": as in messages and sp_help; palloc'd. */
char *sql_type_format(const SqlType *type);

bool sql_type_equal(const SqlType *a, const SqlType *b);

static inline bool
sql_type_is_string(SqlTypeId id)
{
    char c = sql_type_info(id)->category;
    return c == 'S' || c == 'N';
}

static inline bool
sql_type_is_integer(SqlTypeId id)
{
    return sql_type_info(id)->category == 'I';
}

static inline bool
sql_type_is_number(SqlTypeId id)
{
    char c = sql_type_info(id)->category;
    return c == 'I' || c == 'D' || c == 'F';
}

/* ---- result types of operators (types/result.c) ---- */

/* decimal arithmetic's precision and scale, capped at 38 as the precision-scale-and-length page
 * tells; `op` is '+', '-', '*', '/', '%'. Integers enter as their decimal equivalents. */
SqlType sql_decimal_result(char op, const SqlType *left, const SqlType *right);

/* The common type of CASE branches, UNION columns, IN lists, comparisons, COALESCE: highest
 * precedence, widest length/precision/scale. Collations: see sql_collation_combine. */
SqlType sql_common_type(const SqlType *left, const SqlType *right);

/* decimal(p,0) equal to an integer type; other types unchanged. */
SqlType sql_decimal_of(const SqlType *type);

/* ---- conversions (types/conversion.c over conversions.def) ---- */

typedef enum ConversionKind {
    CONVERSION_IMPLICIT, /* operands of operators, function arguments */
    CONVERSION_ASSIGN, /* INSERT, UPDATE, SET @x: implicit rules, overflow and truncation are errors
                          (variables and parameters truncate strings silently) */
    CONVERSION_EXPLICIT, /* CAST, CONVERT: strings are truncated silently */
    CONVERSION_TRY,      /* TRY_CAST...: NULL where the explicit form raises */
} ConversionKind;

/* Whether a conversion exists at all. Implicit: else error 257 (or 206 operand type clash) is the
 * binder's to raise; explicit: else 529. */
bool sql_conversion_exists(const SqlType *from, const SqlType *to, ConversionKind kind);

/*
 * Builds the expression that converts `expr` of type `from` to `to`: the expression itself,
 * a RelabelType, or calls of sys functions with signature (value, typmod int4, style int4)
 * [FuncExprs with explicit form, deparsable]. `style` is NULL or an int4 expression.
 * A Const of a literal may be folded. The result's type, typmod and collation are those of `to`.
 * Precondition: sql_conversion_exists().
 */
Expr *sql_conversion_build(
    Expr *expr, const SqlType *from, const SqlType *to, ConversionKind kind, Expr *style);

/*
 * The conversion of an assignment to a table's column. As CONVERSION_ASSIGN, but a too long string
 * or binary raises 2628 naming table and column (taken from `relation`, `attnum` at error time).
 */
Expr *sql_conversion_assign_column(
    Expr *expr, const SqlType *from, const SqlType *to, Oid relation, AttrNumber attnum);

/* Converts a value now (interpreter, RPC parameters, defaults). NULLs stay NULL. */
Datum sql_convert_datum(Datum value,
                        bool is_null,
                        const SqlType *from,
                        const SqlType *to,
                        ConversionKind kind,
                        int style,
                        bool *result_is_null);

/* ---- operators ---- */

/*
 * The operator of sys or pg_catalog for a T-SQL comparison or arithmetic operator name ("=", "<>",
 * "<", "<=", ">", ">=", "+", "-", "*", "/", "%", "&", "|", "#" for ^, "~", unary "-") on exactly
 * these two types (InvalidOid left for unary). Cross-type integer comparisons exist. InvalidOid if
 * there is none. Cached.
 */
Oid sql_operator(const char *name, SqlTypeId left, SqlTypeId right);

/*
 * The expression `left op right`, both already of type `operand` (decimal: any precision/scale):
 * OpExpr, or for decimal arithmetic a function with the result's typmod.
 */
Expr *sql_arithmetic_build(
    char op, Expr *left, Expr *right, const SqlType *operand, const SqlType *result);

/* An OpExpr of a comparison with its input collation set. */
Expr *sql_comparison_build(const char *op,
                           Expr *left,
                           Expr *right,
                           const SqlType *left_type,
                           const SqlType *right_type,
                           Oid collation);

/*
 * `string LIKE pattern [ESCAPE escape]`, all of string types. Picks the form that ignores trailing
 * blanks when neither is a national string. Constant prefixes become index ranges. `escape` NULL
 * for none.
 */
Expr *sql_like_build(Expr *string,
                     Expr *pattern,
                     Expr *escape,
                     const SqlType *string_type,
                     const SqlType *pattern_type,
                     Oid collation);

/* A Const of a type from text, raising T-SQL's conversion errors. */
Const *sql_const_from_text(const char *text, size_t length, const SqlType *type);

/* A NULL Const of a type. */
Const *sql_const_null(const SqlType *type);

/* ---- collations (types/collation.c) ---- */

typedef struct SqlCollation {
    Oid oid;          /* PostgreSQL collation in schema sys */
    const char *name; /* SQL_Latin1_General_CP1_CI_AS */
    uint32 lcid;      /* as in TDS COLLATION: 20 bits */
    uint8 sort_id;    /* SQL_ collations; 0 for Windows ones */
    uint16 code_page; /* of char/varchar: 1252, 65001 for _UTF8 */
    bool case_sensitive, accent_sensitive, kana_sensitive, width_sensitive, binary, utf8;
    uint8 tds[5]; /* the wire form */
} SqlCollation;

/* By name (case-insensitive) or oid; NULL if unknown (error 448 is the caller's). */
const SqlCollation *sql_collation_by_name(const char *name);
const SqlCollation *sql_collation(Oid oid);
/* By wire form, the nearest one known; never NULL. */
const SqlCollation *sql_collation_by_tds(const uint8 tds[5]);
/* The server's default, oid of SQL_Latin1_General_CP1_CI_AS unless configured. */
Oid sql_collation_default(void);
/* Next collation for sys.fn_helpcollations: index from 0; NULL after the last. */
const SqlCollation *sql_collation_at(int index);

/* Compares two UTF-8 strings by T-SQL's rules (trailing blanks ignored). <0, 0, >0. */
int
sql_string_compare(const char *a, size_t a_length, const char *b, size_t b_length, Oid collation);

/* Folds an identifier for look-up under a collation (case folding for CI; identity for binary and
 * CS); palloc'd. Equal keys mean equal names. */
char *sql_identifier_fold(const char *name, Oid collation);

/* UTF-16 code units of a UTF-8 string; bytes it takes in a code page ('?' for the unmappable). */
int sql_utf16_length(const char *text, size_t length);
int sql_code_page_length(const char *text, size_t length, uint16 code_page);
