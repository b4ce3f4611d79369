/*
 * The abstract syntax tree of T-SQL: what the parser makes and the binder, the interpreter and
 * the DDL layer read. Pure data, no PostgreSQL in it.
 *
 * Ownership: every node, list and string lives in the Arena given to the parser and dies with it;
 * a tree is never changed after parsing, so one tree may be run many times and nested.
 * Strings are UTF-8, NUL-terminated, with names already unquoted ([a]]b] is a]b).
 * Positions: `line` is 1-based in its batch (what ERROR tokens and ERROR_LINE() report);
 * `start`/`end` are byte offsets into the UTF-8 batch text, so that the text of a statement
 * (sys.sql_modules, DEFAULT definitions, dm_exec_sql_text) can be cut out as it was written.
 *
 * Adding a node kind: add it to AstKind, add its struct, parse it, and add its case to
 * ast_walk() (walk.c), which the compiler's -Wswitch will ask for.
 *
 * Over 1,000 lines: the whole language in one place, so that a reader sees every node beside its
 * neighbours; it is declarations only.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum AstKind {
    /* ---- expressions ---- */
    AST_LITERAL,         /* AstLiteral */
    AST_VARIABLE,        /* AstVariable: @x */
    AST_GLOBAL_VARIABLE, /* AstVariable: @@x */
    AST_COLUMN_REF,      /* AstColumnRef */
    AST_STAR,            /* AstStar: * or t.* (select list, COUNT(*) uses AstFunctionCall.star) */
    AST_UNARY,           /* AstUnary: + - ~ NOT */
    AST_BINARY,          /* AstBinary: arithmetic, bitwise, comparison, AND, OR */
    AST_IS_NULL,         /* AstIsNull */
    AST_IS_DISTINCT,     /* AstBinary with op OP_IS_DISTINCT / OP_IS_NOT_DISTINCT */
    AST_BETWEEN,         /* AstBetween */
    AST_LIKE,            /* AstLike */
    AST_IN_LIST,         /* AstIn */
    AST_IN_SUBQUERY,     /* AstIn */
    AST_EXISTS,          /* AstSubquery */
    AST_QUANTIFIED,      /* AstQuantified: expr op ALL|ANY|SOME (subquery) */
    AST_SCALAR_SUBQUERY, /* AstSubquery */
    AST_CASE,            /* AstCase */
    AST_FUNCTION_CALL,   /* AstFunctionCall */
    AST_CONVERT,         /* AstConvert: CAST, CONVERT, PARSE and their TRY_ forms */
    AST_COLLATE,         /* AstCollate */
    AST_AT_TIME_ZONE,    /* AstBinary with op OP_AT_TIME_ZONE */
    AST_NEXT_VALUE_FOR,  /* AstNextValueFor */
    AST_METHOD_CALL,     /* AstMethodCall: expr.method(args), xml and CLR types */
    AST_CURRENT_OF,      /* AstCurrentOf: WHERE CURRENT OF cursor */
    AST_FULLTEXT,        /* AstFulltext: CONTAINS / FREETEXT predicates */

    /* ---- queries ---- */
    AST_SELECT,        /* AstSelect: one query specification */
    AST_SET_OPERATION, /* AstSetOperation */
    AST_VALUES,        /* AstValues: table value constructor */

    /* ---- table sources ---- */
    AST_TABLE_REF,      /* AstTableRef: table, view, synonym, CTE, #temp */
    AST_TABLE_VARIABLE, /* AstTableRef with variable */
    AST_DERIVED_TABLE,  /* AstDerivedTable: (query | VALUES | DML with OUTPUT) AS t(c) */
    AST_TABLE_FUNCTION, /* AstTableFunction: f(args) AS t, OPENJSON, OPENXML, STRING_SPLIT */
    AST_JOIN,           /* AstJoin, APPLY too */
    AST_PIVOT,          /* AstPivot */
    AST_UNPIVOT,        /* AstPivot */

    /* ---- data manipulation statements ---- */
    AST_QUERY_STATEMENT, /* AstQueryStatement: SELECT as a statement (also SELECT @a = ..., INTO) */
    AST_INSERT,          /* AstInsert */
    AST_UPDATE,          /* AstUpdate */
    AST_DELETE,          /* AstDelete */
    AST_MERGE,           /* AstMerge */
    AST_TRUNCATE,        /* AstTruncate */
    AST_BULK_INSERT,     /* AstBulkInsert: BULK INSERT t FROM 'file' */
    AST_INSERT_BULK,     /* AstInsertBulk: INSERT BULK t (cols) WITH (...), the wire's bulk load */

    /* ---- control of flow ---- */
    AST_BLOCK,        /* AstBlock: BEGIN ... END */
    AST_IF,           /* AstIf */
    AST_WHILE,        /* AstWhile */
    AST_BREAK,        /* AstStatement */
    AST_CONTINUE,     /* AstStatement */
    AST_GOTO,         /* AstLabel */
    AST_LABEL,        /* AstLabel */
    AST_RETURN,       /* AstReturn */
    AST_TRY_CATCH,    /* AstTryCatch */
    AST_THROW,        /* AstThrow */
    AST_RAISERROR,    /* AstRaiserror */
    AST_PRINT,        /* AstPrint */
    AST_WAITFOR,      /* AstWaitfor */
    AST_DECLARE,      /* AstDeclare: variables and table variables */
    AST_SET_VARIABLE, /* AstSetVariable: SET @x = / += expr, SET @cursor = CURSOR ... */
    AST_EXECUTE,      /* AstExecute: EXEC proc, EXEC @name, EXEC ('text') */
    AST_EXECUTE_AS,   /* AstExecuteAs, REVERT too */

    /* ---- transactions and session ---- */
    AST_TRANSACTION, /* AstTransaction: BEGIN/COMMIT/ROLLBACK/SAVE */
    AST_USE,         /* AstUse */
    AST_SET_OPTION,  /* AstSetOption: SET NOCOUNT ON, SET DATEFORMAT mdy, SET IDENTITY_INSERT */
    AST_CHECKPOINT,  /* AstStatement */
    AST_KILL,        /* AstKill */
    AST_SHUTDOWN,    /* AstStatement */
    AST_DBCC,        /* AstDbcc */
    AST_RECONFIGURE, /* AstStatement */

    /* ---- cursors ---- */
    AST_DECLARE_CURSOR,    /* AstDeclareCursor */
    AST_OPEN_CURSOR,       /* AstCursorOp */
    AST_FETCH_CURSOR,      /* AstFetch */
    AST_CLOSE_CURSOR,      /* AstCursorOp */
    AST_DEALLOCATE_CURSOR, /* AstCursorOp */

    /* ---- data definition ---- */
    AST_CREATE_TABLE,      /* AstCreateTable */
    AST_ALTER_TABLE,       /* AstAlterTable */
    AST_CREATE_INDEX,      /* AstCreateIndex */
    AST_ALTER_INDEX,       /* AstAlterIndex */
    AST_CREATE_VIEW,       /* AstCreateView */
    AST_CREATE_PROCEDURE,  /* AstCreateRoutine */
    AST_CREATE_FUNCTION,   /* AstCreateRoutine */
    AST_CREATE_TRIGGER,    /* AstCreateTrigger */
    AST_CREATE_SCHEMA,     /* AstCreateSchema */
    AST_CREATE_DATABASE,   /* AstCreateDatabase */
    AST_ALTER_DATABASE,    /* AstAlterDatabase */
    AST_CREATE_TYPE,       /* AstCreateType */
    AST_CREATE_SEQUENCE,   /* AstCreateSequence; ALTER SEQUENCE too */
    AST_CREATE_SYNONYM,    /* AstCreateSynonym */
    AST_CREATE_STATISTICS, /* AstCreateStatistics, UPDATE STATISTICS too */
    AST_CREATE_PRINCIPAL,  /* AstCreatePrincipal: LOGIN, USER, ROLE, APPLICATION ROLE; ALTER too */
    AST_ALTER_ROLE_MEMBER, /* AstRoleMember */
    AST_ALTER_SCHEMA,      /* AstAlterSchema: ALTER SCHEMA s TRANSFER o */
    AST_ALTER_AUTHORIZATION, /* AstAlterAuthorization */
    AST_PERMISSION,          /* AstPermission: GRANT, DENY, REVOKE */
    AST_ENABLE_TRIGGER,      /* AstEnableTrigger */
    AST_DROP,                /* AstDrop: every DROP of one or more named things */
    AST_BACKUP_RESTORE,      /* AstBackupRestore */

    /* ---- parts ---- */
    AST_SELECT_ITEM,
    AST_ORDER_ITEM,
    AST_CTE,
    AST_WHEN,
    AST_MERGE_CLAUSE,
    AST_ASSIGNMENT,
    AST_OUTPUT_CLAUSE,
    AST_COLUMN_DEF,
    AST_CONSTRAINT,
    AST_TABLE_HINT,
    AST_OPTION,
    AST_EXEC_PARAM,
    AST_ROUTINE_PARAM,
    AST_WINDOW,
} AstKind;

/* The head of every node. */
typedef struct AstNode {
    AstKind kind;
    int line;       /* 1-based line of the first token */
    uint32_t start; /* byte offset of the first token */
    uint32_t end;   /* byte offset after the last token */
} AstNode;

/* A statement or part with nothing but its kind. */
typedef AstNode AstStatement;

/* A growable array of nodes; NULL is the empty list. */
typedef struct AstList {
    int count;
    int capacity;
    AstNode **items;
} AstList;

#define AST_LIST_COUNT(list) ((list) ? (list)->count : 0)
#define AST_LIST_ITEM(Type, list, i) ((Type *) (list)->items[i])

/*
 * A name of one to four parts, server.database.schema.object; absent parts are NULL, an empty
 * middle part (db..t) is "". `object` is never NULL.
 */
typedef struct AstName {
    const char *server;
    const char *database;
    const char *schema;
    const char *object;
} AstName;

/* A data type as written. Resolved to a SqlType by the binder. */
typedef struct AstType {
    AstName name; /* e.g. nvarchar, sys.int, dbo.myalias; national char varying -> nvarchar */
    int line;
    bool has_length; /* (n) or (p) given */
    bool is_max;     /* (max) */
    int32_t length;  /* n of char types, precision of decimal, scale of time types, bits of float */
    bool has_scale;
    int32_t scale;                  /* s of decimal(p, s) */
    const char *xml_schema;         /* xml(schema collection), else NULL */
    bool is_cursor;                 /* CURSOR (variables and parameters) */
    struct AstList *table_elements; /* TABLE (...) of table variables and TVF results, else NULL */
} AstType;

/* ------------------------------------------------------------------ expressions */

typedef enum LiteralType {
    LITERAL_NULL,
    LITERAL_DEFAULT, /* the keyword DEFAULT where an expression is expected */
    LITERAL_INTEGER, /* digits only; may be too big for bigint, then it is a decimal */
    LITERAL_DECIMAL, /* digits with a point */
    LITERAL_FLOAT,   /* with an exponent */
    LITERAL_MONEY,   /* with a currency sign; text is without it; "$" alone is 0 */
    LITERAL_STRING,  /* 'abc' (varchar) */
    LITERAL_NSTRING, /* N'abc' (nvarchar) */
    LITERAL_BINARY,  /* 0x...; text holds the bytes, length their number */
} LiteralType;

typedef struct AstLiteral {
    AstNode node;
    LiteralType type;
    const char *text; /* unquoted value, or number as written */
    uint32_t length;  /* bytes of text */
    int token;        /* index of the literal among the batch's literal tokens, -1 if synthetic
                         and for NULL and DEFAULT, which are keywords:
                         the auto-parameterising plan cache identifies literals by it */
} AstLiteral;

typedef struct AstVariable {
    AstNode node;
    const char *name; /* with its @ or @@, as written */
} AstVariable;

typedef struct AstColumnRef {
    AstNode node;
    const char *database; /* NULL unless given; likewise below */
    const char *schema;
    const char *table;
    const char *column; /* never NULL; "$IDENTITY", "$ROWGUID", "$ACTION" for the pseudo columns */
} AstColumnRef;

typedef struct AstStar {
    AstNode node;
    const char *database, *schema, *table; /* all NULL for a bare * */
} AstStar;

typedef enum Operator {
    OP_ADD,
    OP_SUBTRACT,
    OP_MULTIPLY,
    OP_DIVIDE,
    OP_MODULO,
    OP_BIT_AND,
    OP_BIT_OR,
    OP_BIT_XOR,
    OP_BIT_NOT,
    OP_SHIFT_LEFT,
    OP_SHIFT_RIGHT,
    OP_PLUS,
    OP_MINUS, /* unary */
    OP_EQ,
    OP_NE,
    OP_LT,
    OP_LE,
    OP_GT,
    OP_GE,
    OP_AND,
    OP_OR,
    OP_NOT,
    OP_IS_DISTINCT,
    OP_IS_NOT_DISTINCT,
    OP_AT_TIME_ZONE,
    OP_CONCAT, /* || of SQL Server 2025 */
    OP_ASSIGN, /* plain = in SET and SELECT @x = */
} Operator;

typedef struct AstUnary {
    AstNode node;
    Operator op;
    AstNode *operand;
} AstUnary;

typedef struct AstBinary {
    AstNode node;
    Operator op;
    AstNode *left;
    AstNode *right;
} AstBinary;

typedef struct AstIsNull {
    AstNode node;
    AstNode *operand;
    bool negated;
} AstIsNull;

typedef struct AstBetween {
    AstNode node;
    AstNode *operand, *low, *high;
    bool negated;
} AstBetween;

typedef struct AstLike {
    AstNode node;
    AstNode *operand, *pattern, *escape; /* escape may be NULL */
    bool negated;
} AstLike;

typedef struct AstIn {
    AstNode node;
    AstNode *operand;
    AstList *list;     /* AST_IN_LIST */
    AstNode *subquery; /* AST_IN_SUBQUERY: a query node */
    bool negated;
} AstIn;

typedef struct AstSubquery {
    AstNode node;
    AstNode *query; /* a query node with its ORDER BY etc. */
} AstSubquery;

typedef struct AstQuantified {
    AstNode node;
    Operator op;
    AstNode *operand;
    bool all; /* ALL, else ANY/SOME */
    AstNode *query;
} AstQuantified;

typedef struct AstWhen {
    AstNode node;
    AstNode *condition; /* a value for simple CASE, a predicate for searched CASE */
    AstNode *result;
} AstWhen;

typedef struct AstCase {
    AstNode node;
    AstNode *operand;   /* NULL for searched CASE */
    AstList *whens;     /* AstWhen */
    AstNode *otherwise; /* NULL if no ELSE */
} AstCase;

typedef enum FrameBoundType {
    FRAME_UNBOUNDED_PRECEDING,
    FRAME_PRECEDING,
    FRAME_CURRENT_ROW,
    FRAME_FOLLOWING,
    FRAME_UNBOUNDED_FOLLOWING,
} FrameBoundType;

typedef struct AstWindow {
    AstNode node;
    const char *name;      /* OVER name / WINDOW name AS (...); else NULL */
    const char *base;      /* OVER (name ...) */
    AstList *partition_by; /* expressions */
    AstList *order_by;     /* AstOrderItem */
    bool has_frame;
    bool frame_rows; /* ROWS, else RANGE */
    FrameBoundType frame_start, frame_end;
    AstNode *frame_start_value, *frame_end_value;
} AstWindow;

/*
 * Any function by name, built in or user-defined, scalar, aggregate or window. The parser knows
 * none of them but for syntax: COUNT(*), DISTINCT, OVER, WITHIN GROUP, IGNORE NULLS,
 * TRIM(LEADING x FROM y) (args [y, x], trim_side), niladic CURRENT_TIMESTAMP, SESSION_USER...
 * (no_parens), DATEADD's first argument (an AstColumnRef that the binder reads as a datepart),
 * IDENTITY(type, seed, increment) of SELECT INTO (args[0] is an AstConvert without operand),
 * ODBC {fn f(...)} (plain call), LEFT/RIGHT/COALESCE/NULLIF/IIF/UPDATE(column) (plain calls).
 */
typedef struct AstFunctionCall {
    AstNode node;
    AstName name;
    AstList *args;
    bool star; /* f(*) */
    bool distinct;
    bool no_parens;
    char trim_side;        /* 0, 'L', 'T', 'B' */
    signed char nulls;     /* -1 IGNORE NULLS, 1 RESPECT NULLS, 0 neither */
    AstList *within_group; /* AstOrderItem */
    AstWindow *over;       /* NULL if none */
    bool is_predicate;     /* UPDATE(column) in a trigger: a condition, not a value */
    AstList *json_options; /* JSON_OBJECT 'key':value pairs as args k, v...; options as AstOption */
} AstFunctionCall;

typedef enum ConvertForm { CONVERT_CAST, CONVERT_CONVERT, CONVERT_PARSE } ConvertForm;

typedef struct AstConvert {
    AstNode node;
    ConvertForm form;
    bool is_try;
    AstNode *operand;
    AstType *type;
    AstNode *style; /* CONVERT's third argument or PARSE's USING culture; or NULL */
} AstConvert;

typedef struct AstCollate {
    AstNode node;
    AstNode *operand;
    const char *collation; /* as written, or "database_default" */
} AstCollate;

typedef struct AstNextValueFor {
    AstNode node;
    AstName sequence;
    AstWindow *over;
} AstNextValueFor;

typedef struct AstMethodCall {
    AstNode node;
    AstNode *object; /* expression; NULL for type::method */
    AstName type;    /* when object is NULL */
    const char *method;
    AstList *args;
    bool is_property; /* no parentheses */
} AstMethodCall;

typedef struct AstCurrentOf {
    AstNode node;
    const char *cursor; /* name or @variable */
    bool global;
} AstCurrentOf;

typedef struct AstFulltext {
    AstNode node;
    bool freetext;    /* FREETEXT, else CONTAINS */
    AstList *columns; /* AstColumnRef or AstStar */
    AstNode *condition;
    AstNode *language;
} AstFulltext;

/* ------------------------------------------------------------------ queries */

typedef struct AstSelectItem {
    AstNode node;
    AstNode *expr;        /* AstStar for stars */
    const char *alias;    /* expr AS alias, alias = expr; or NULL */
    const char *variable; /* @x = expr, @x += expr; or NULL */
    Operator assign_op;   /* OP_ASSIGN or the arithmetic of a compound assignment */
} AstSelectItem;

typedef struct AstOrderItem {
    AstNode node;
    AstNode *expr;
    bool descending;
} AstOrderItem;

typedef struct AstCte {
    AstNode node;
    const char *name;
    int column_count;
    const char **columns;
    AstNode *query;
} AstCte;

/* A setting: name [= value | (list)]; used by hints, WITH (...) and OPTION (...) lists. */
typedef struct AstOption {
    AstNode node;
    const char *name; /* upper case, words joined by one blank: "MAXDOP", "HASH JOIN" */
    const char *word; /* a bare word value (ON, OFF, PAGE), else NULL */
    AstNode *value;   /* an expression value, else NULL */
    AstList *list;    /* nested options or expressions */
} AstOption;

typedef enum ForClause { FOR_NONE, FOR_XML, FOR_JSON, FOR_BROWSE } ForClause;

/* GROUP BY forms */
typedef enum GroupingType {
    GROUPING_SIMPLE, /* GROUP BY list */
    GROUPING_ROLLUP,
    GROUPING_CUBE,
    GROUPING_SETS,
} GroupingType;

typedef struct AstGrouping {
    GroupingType type;
    AstList *exprs; /* SIMPLE: one expression; ROLLUP/CUBE: exprs, a composite is an
                       AST_VALUES node with one row */
    int set_count;  /* GROUPING SETS: nested groupings */
    struct AstGrouping **sets;
} AstGrouping;

/*
 * The clauses that follow a whole query (a select, set operation or values list): on the
 * outermost node of the query only, NULL or zero elsewhere.
 */
typedef struct AstQueryTail {
    AstList *ctes;     /* AstCte: WITH before the query; AstOption XMLNAMESPACES may be the
                          first item: its list has one AstOption for each prefix (name, ""
                          for DEFAULT; value the URI) */
    AstList *order_by; /* AstOrderItem */
    AstNode *offset;   /* OFFSET n ROWS */
    AstNode *fetch;    /* FETCH NEXT n ROWS ONLY */
    ForClause for_clause;
    AstList *for_options; /* AstOption: mode first (RAW, AUTO, PATH, EXPLICIT), then the others */
    AstList *hints;       /* AstOption of OPTION (...) */
} AstQueryTail;

typedef struct AstSelect {
    AstNode node;
    AstQueryTail *tail; /* NULL when there is none */
    bool distinct;
    AstNode *top; /* TOP n */
    bool top_percent, top_with_ties;
    AstList *items; /* AstSelectItem */
    AstName *into;  /* SELECT INTO, else NULL */
    const char *into_filegroup;
    AstList *from; /* table sources, comma separated */
    AstNode *where;
    int grouping_count;
    AstGrouping **groupings;
    bool group_by_all, group_by_distinct;
    AstNode *having;
    AstList *windows; /* WINDOW clause: AstWindow with name */
    bool parenthesised;
} AstSelect;

typedef enum SetOperator { SET_UNION, SET_UNION_ALL, SET_EXCEPT, SET_INTERSECT } SetOperator;

typedef struct AstSetOperation {
    AstNode node;
    AstQueryTail *tail;
    SetOperator op;
    AstNode *left, *right; /* query nodes */
} AstSetOperation;

typedef struct AstValues {
    AstNode node;
    AstQueryTail *tail; /* always NULL: so that query nodes start alike */
    AstList **rows;     /* row_count lists of expressions (AstLiteral DEFAULT allowed) */
    int row_count;
} AstValues;

/* The common head of AstSelect, AstSetOperation, AstValues. */
typedef struct AstQuery {
    AstNode node;
    AstQueryTail *tail;
} AstQuery;

/* ------------------------------------------------------------------ table sources */

typedef struct AstTableHint {
    AstNode node;
    const char *name; /* upper case: NOLOCK, UPDLOCK, INDEX, FORCESEEK, ... */
    AstList *args;    /* INDEX(a, 1): AstColumnRef or AstLiteral */
} AstTableHint;

typedef struct AstTableSample {
    AstNode *amount;
    bool percent, rows;
    AstNode *repeatable;
} AstTableSample;

typedef enum TemporalType {
    TEMPORAL_NONE,
    TEMPORAL_AS_OF,
    TEMPORAL_FROM_TO,
    TEMPORAL_BETWEEN,
    TEMPORAL_CONTAINED_IN,
    TEMPORAL_ALL,
} TemporalType;

typedef struct AstTableRef {
    AstNode node;
    AstName name;         /* AST_TABLE_REF */
    const char *variable; /* AST_TABLE_VARIABLE: @t */
    const char *alias;
    AstList *hints; /* AstTableHint */
    AstTableSample *sample;
    TemporalType temporal;
    AstNode *temporal_from, *temporal_to;
} AstTableRef;

typedef struct AstDerivedTable {
    AstNode node;
    AstNode *query; /* query node, or AstInsert/AstUpdate/AstDelete/AstMerge with OUTPUT */
    const char *alias;
    int column_count;
    const char **columns;
} AstDerivedTable;

typedef struct AstTableFunction {
    AstNode node;
    AstName name;
    AstList *args;
    AstMethodCall *method; /* x.nodes('...') AS t(c), else NULL */
    const char *alias;
    int column_count;
    const char **columns;
    AstList *with_schema; /* OPENJSON/OPENXML WITH (...): AstColumnDef, path in `json_path` */
} AstTableFunction;

typedef enum AstJoinType {
    JOIN_TYPE_INNER,
    JOIN_TYPE_LEFT,
    JOIN_TYPE_RIGHT,
    JOIN_TYPE_FULL,
    JOIN_TYPE_CROSS,
    JOIN_TYPE_CROSS_APPLY,
    JOIN_TYPE_OUTER_APPLY,
} AstJoinType;

typedef struct AstJoin {
    AstNode node;
    AstJoinType type;
    AstNode *left, *right;
    AstNode *on;      /* NULL for CROSS and APPLY */
    const char *hint; /* LOOP, HASH, MERGE, REMOTE or NULL */
} AstJoin;

typedef struct AstPivot {
    AstNode node; /* AST_PIVOT or AST_UNPIVOT */
    AstNode *source;
    AstFunctionCall *aggregate; /* PIVOT */
    const char *value_column;   /* UNPIVOT */
    const char *for_column;
    int value_count;
    const char **values; /* IN ([a], [b]) */
    const char *alias;
} AstPivot;

/* ------------------------------------------------------------------ data manipulation */

typedef struct AstQueryStatement {
    AstNode node;
    AstNode *query;
} AstQueryStatement;

typedef struct AstAssignment {
    AstNode node;
    const char *variable;   /* @v = ..., also @v = column = expr; or NULL */
    AstColumnRef *column;   /* NULL when only a variable is set */
    Operator op;            /* OP_ASSIGN or arithmetic of a compound assignment */
    AstNode *value;         /* AstLiteral DEFAULT allowed */
    AstMethodCall *mutator; /* column.modify(...) / column.WRITE(...) , else NULL */
} AstAssignment;

typedef struct AstOutputClause {
    AstNode node;
    AstList *items; /* AstSelectItem over inserted., deleted., $action */
    AstNode *into;  /* AstTableRef (table or variable) or NULL */
    int into_column_count;
    const char **into_columns;
    AstList *second_items; /* OUTPUT ... INTO ... followed by a second OUTPUT list */
} AstOutputClause;

/* What DML statements share. */
typedef struct AstDml {
    AstList *ctes;
    AstNode *top;
    bool top_percent;
    AstTableRef *target; /* table, view, alias of the FROM list, CTE or @variable */
    AstOutputClause *output;
    AstList *hints; /* OPTION (...) */
} AstDml;

typedef struct AstInsert {
    AstNode node;
    AstDml dml;
    int column_count;
    const char **columns; /* NULL: all insertable columns in order */
    AstNode *source;      /* AstValues, a query, AstExecute, AstDerivedTable (nested DML);
                             NULL for DEFAULT VALUES */
} AstInsert;

typedef struct AstUpdate {
    AstNode node;
    AstDml dml;
    AstList *assignments; /* AstAssignment */
    AstList *from;
    AstNode *where; /* may be AstCurrentOf */
} AstUpdate;

typedef struct AstDelete {
    AstNode node;
    AstDml dml;
    AstList *from; /* the second FROM */
    AstNode *where;
} AstDelete;

typedef enum MergeMatch {
    MERGE_MATCHED,
    MERGE_NOT_MATCHED_BY_TARGET,
    MERGE_NOT_MATCHED_BY_SOURCE,
} MergeMatch;

typedef struct AstMergeClause {
    AstNode node;
    MergeMatch match;
    AstNode *condition;   /* AND ..., or NULL */
    AstKind action;       /* AST_UPDATE, AST_DELETE or AST_INSERT */
    AstList *assignments; /* UPDATE SET */
    int column_count;     /* INSERT (columns) */
    const char **columns;
    AstList *values; /* INSERT VALUES (...); NULL for DEFAULT VALUES */
} AstMergeClause;

typedef struct AstMerge {
    AstNode node;
    AstDml dml;
    AstNode *source; /* a table source */
    AstNode *on;
    AstList *clauses; /* AstMergeClause */
} AstMerge;

typedef struct AstTruncate {
    AstNode node;
    AstName table;
    AstList *partitions;
} AstTruncate;

typedef struct AstBulkInsert {
    AstNode node;
    AstName table;
    const char *file;
    AstList *options;
} AstBulkInsert;

typedef struct AstInsertBulk {
    AstNode node;
    AstName table;
    AstList *columns; /* AstColumnDef: name, type, collation */
    AstList *options; /* AstOption: CHECK_CONSTRAINTS, FIRE_TRIGGERS, KEEP_NULLS,
                         KILOBYTES_PER_BATCH, ROWS_PER_BATCH, ORDER, TABLOCK */
} AstInsertBulk;

/* ------------------------------------------------------------------ control of flow */

typedef struct AstBlock {
    AstNode node;
    AstList *statements;
} AstBlock;

typedef struct AstIf {
    AstNode node;
    AstNode *condition;
    AstNode *then_branch;
    AstNode *else_branch; /* NULL if none */
} AstIf;

typedef struct AstWhile {
    AstNode node;
    AstNode *condition;
    AstNode *body;
} AstWhile;

typedef struct AstLabel {
    AstNode node; /* AST_GOTO or AST_LABEL */
    const char *name;
} AstLabel;

typedef struct AstReturn {
    AstNode node;
    AstNode *value; /* expression; a query node in an inline table function; or NULL */
} AstReturn;

typedef struct AstTryCatch {
    AstNode node;
    AstList *try_statements;
    AstList *catch_statements;
} AstTryCatch;

typedef struct AstThrow {
    AstNode node;
    AstNode *number, *message, *state; /* all NULL to re-throw */
} AstThrow;

typedef struct AstRaiserror {
    AstNode node;
    AstNode *message; /* msg_id, string or variable */
    AstNode *severity, *state;
    AstList *args;
    bool with_log, with_nowait, with_seterror;
} AstRaiserror;

typedef struct AstPrint {
    AstNode node;
    AstNode *value;
} AstPrint;

typedef struct AstWaitfor {
    AstNode node;
    bool is_time; /* TIME, else DELAY */
    AstNode *value;
} AstWaitfor;

typedef struct AstVariableDef {
    AstNode node;
    const char *name; /* with @ */
    AstType *type;    /* scalar, CURSOR, TABLE (...) or a table type */
    AstNode *value;   /* initial value or NULL */
} AstVariableDef;

typedef struct AstDeclare {
    AstNode node;
    int count;
    AstVariableDef *variables; /* array */
} AstDeclare;

typedef struct AstSetVariable {
    AstNode node;
    const char *name; /* with @ */
    Operator op;
    AstNode *value; /* SET @x.modify(...): the AstMethodCall; SET @x.P = v: is_property, args [v] */
    struct AstDeclareCursor *cursor; /* SET @c = CURSOR ... FOR ...; else NULL */
} AstSetVariable;

typedef struct AstExecParam {
    AstNode node;
    const char *name; /* @name = ..., or NULL when positional */
    AstNode *value; /* literal, variable, or AstColumnRef with one part: a bare word is a string */
    bool output;
    bool is_default;
} AstExecParam;

typedef struct AstExecute {
    AstNode node;
    const char *return_variable; /* EXEC @rc = ... or NULL */
    AstName procedure;           /* object NULL if by variable or text */
    int procedure_number;        /* proc;2 , else 0 */
    const char *name_variable;   /* EXEC @proc */
    AstList *text;               /* EXEC ('...' + @x): expressions to concatenate, else NULL */
    const char *at_server;       /* AT linked_server */
    AstList *params;             /* AstExecParam */
    bool with_recompile;
    AstList *result_sets; /* WITH RESULT SETS: AstOption with list; NULL if absent */
    bool result_sets_none;
    const char *as_principal; /* EXEC ('...') AS USER = 'x' */
    bool as_login;
} AstExecute;

typedef struct AstExecuteAs {
    AstNode node;
    bool is_revert;
    bool as_login; /* LOGIN, else USER */
    bool as_caller;
    AstNode *name; /* string or variable */
    bool no_revert;
    AstNode *cookie;
} AstExecuteAs;

/* ------------------------------------------------------------------ transactions, session */

typedef enum TransactionAction {
    TRANSACTION_BEGIN,
    TRANSACTION_COMMIT,
    TRANSACTION_ROLLBACK,
    TRANSACTION_SAVE,
} TransactionAction;

typedef struct AstTransaction {
    AstNode node;
    TransactionAction action;
    bool is_work; /* COMMIT/ROLLBACK WORK: takes no name */
    bool distributed;
    const char *name;          /* NULL if none */
    const char *name_variable; /* @name */
    AstNode *mark;             /* WITH MARK 'text' */
} AstTransaction;

typedef struct AstUse {
    AstNode node;
    const char *database;
} AstUse;

/*
 * SET name[, name...] value. Names upper case with words joined by a blank: "NOCOUNT",
 * "TRANSACTION ISOLATION LEVEL", "STATISTICS IO", "IDENTITY_INSERT".
 */
typedef struct AstSetOption {
    AstNode node;
    int name_count;
    const char **names;
    const char *word; /* ON, OFF, "READ COMMITTED", mdy...; NULL if value is set */
    AstNode *value;   /* number, string or variable */
    AstName *table;   /* IDENTITY_INSERT table */
} AstSetOption;

typedef struct AstKill {
    AstNode node;
    AstNode *session; /* integer or string */
    bool status_only;
} AstKill;

typedef struct AstDbcc {
    AstNode node;
    const char *command; /* upper case */
    AstList *args;
    AstList *options;
} AstDbcc;

/* ------------------------------------------------------------------ cursors */

typedef struct AstDeclareCursor {
    AstNode node;
    const char *name;
    bool is_iso; /* DECLARE c [INSENSITIVE] [SCROLL] CURSOR FOR ... */
    bool local, global, forward_only, scroll, static_, keyset, dynamic, fast_forward, insensitive;
    bool read_only, scroll_locks, optimistic, type_warning;
    AstNode *query;
    bool for_update;
    int update_column_count;
    const char **update_columns;
} AstDeclareCursor;

typedef struct AstCursorOp {
    AstNode node;
    const char *name; /* name or @variable */
    bool global;
} AstCursorOp;

typedef enum AstFetchDirection {
    FETCH_DIR_NEXT,
    FETCH_DIR_PRIOR,
    FETCH_DIR_FIRST,
    FETCH_DIR_LAST,
    FETCH_DIR_ABSOLUTE,
    FETCH_DIR_RELATIVE,
} AstFetchDirection;

typedef struct AstFetch {
    AstNode node;
    AstFetchDirection direction;
    AstNode *count; /* ABSOLUTE, RELATIVE */
    const char *name;
    bool global;
    int into_count;
    const char **into; /* @variables */
} AstFetch;

/* ------------------------------------------------------------------ data definition */

typedef enum ConstraintType {
    CONSTRAINT_PRIMARY_KEY,
    CONSTRAINT_UNIQUE,
    CONSTRAINT_FOREIGN_KEY,
    CONSTRAINT_CHECK,
    CONSTRAINT_DEFAULT,
} ConstraintType;

typedef enum ReferentialAction {
    ACTION_NO_ACTION,
    ACTION_CASCADE,
    ACTION_SET_NULL,
    ACTION_SET_DEFAULT,
} ReferentialAction;

typedef struct AstIndexColumn {
    const char *name;
    bool descending;
} AstIndexColumn;

typedef struct AstConstraint {
    AstNode node;
    ConstraintType type;
    const char *name;      /* NULL: the server makes one */
    signed char clustered; /* 1 CLUSTERED, -1 NONCLUSTERED, 0 unspecified */
    int column_count;
    AstIndexColumn *columns; /* keys; for FOREIGN KEY the referencing columns */
    AstName references;
    int reference_count;
    const char **reference_columns; /* NULL: the primary key */
    ReferentialAction on_delete, on_update;
    bool not_for_replication;
    AstNode *expr;              /* CHECK predicate or DEFAULT value */
    const char *default_column; /* ALTER TABLE ADD DEFAULT x FOR column */
    bool with_values;           /* DEFAULT ... WITH VALUES */
    AstList *options;           /* WITH (...) AstOption */
    const char *filegroup;
} AstConstraint;

typedef struct AstColumnDef {
    AstNode node;
    const char *name;
    AstType *type; /* NULL for computed columns and for a bare "timestamp" */
    const char *collation;
    signed char nullable; /* 1 NULL, -1 NOT NULL, 0 unspecified */
    bool identity;
    AstNode *identity_seed, *identity_increment; /* NULL: 1, 1 */
    bool identity_not_for_replication;
    AstNode *computed; /* AS expr */
    bool persisted;
    bool rowguidcol, sparse, filestream, hidden_;
    bool generated_row_start, generated_row_end;
    const char *mask_function; /* MASKED WITH (FUNCTION = '...') */
    AstList *constraints;      /* AstConstraint: column constraints, DEFAULT too */
    AstList *indexes;          /* inline INDEX: AstCreateIndex */
    const char *json_path;     /* OPENJSON/OPENXML WITH column path */
    bool as_json;
} AstColumnDef;

typedef struct AstCreateTable {
    AstNode node;
    AstName name;
    AstList *elements; /* AstColumnDef, AstConstraint, AstCreateIndex */
    const char *filegroup, *textimage_on;
    AstList *options;                      /* WITH (...) */
    const char *period_start, *period_end; /* PERIOD FOR SYSTEM_TIME */
} AstCreateTable;

typedef enum AlterTableAction {
    ALTER_ADD,             /* elements: AstColumnDef / AstConstraint */
    ALTER_COLUMN,          /* column */
    ALTER_COLUMN_PROPERTY, /* ALTER COLUMN c ADD|DROP ROWGUIDCOL|PERSISTED|SPARSE...: names[0] */
    ALTER_DROP,            /* drops: AstOption name COLUMN|CONSTRAINT|PERIOD with word = its name */
    ALTER_CHECK_CONSTRAINT, /* CHECK CONSTRAINT, enable */
    ALTER_NOCHECK_CONSTRAINT,
    ALTER_ENABLE_TRIGGER,
    ALTER_DISABLE_TRIGGER,
    ALTER_REBUILD,
    ALTER_SET, /* SET (options) */
    ALTER_SWITCH,
} AlterTableAction;

typedef struct AstAlterTable {
    AstNode node;
    AstName name;
    AlterTableAction action;
    bool with_check, with_nocheck;
    AstList *elements; /* ADD PERIOD is an AstOption PERIOD with two column references */
    AstColumnDef *column;
    bool property_add;
    bool if_exists;
    AstList *drops;
    bool all; /* ALL constraints / triggers */
    int name_count;
    const char **names;
    AstList *options;
    AstName target; /* SWITCH TO */
} AstAlterTable;

typedef struct AstCreateIndex {
    AstNode node;
    const char *name;
    bool unique;
    signed char clustered; /* 1, -1, 0 */
    bool columnstore;
    const char *special; /* "XML", "SPATIAL", "FULLTEXT", "HASH" or NULL */
    AstName table;
    int column_count;
    AstIndexColumn *columns;
    int include_count;
    const char **include;
    AstNode *where;   /* filtered index */
    AstList *options; /* WITH (...) */
    const char *filegroup;
} AstCreateIndex;

typedef struct AstAlterIndex {
    AstNode node;
    const char *name; /* NULL for ALL */
    AstName table;
    const char *action; /* REBUILD, REORGANIZE, DISABLE, SET, RESUME, PAUSE, ABORT */
    AstList *options;
} AstAlterIndex;

/* CREATE, ALTER or CREATE OR ALTER of a module. */
typedef enum CreateForm { FORM_CREATE, FORM_ALTER, FORM_CREATE_OR_ALTER } CreateForm;

typedef struct AstCreateView {
    AstNode node;
    CreateForm form;
    AstName name;
    int column_count;
    const char **columns;
    AstNode *query;
    bool with_check_option, schema_binding, encryption, view_metadata;
} AstCreateView;

typedef struct AstRoutineParam {
    AstNode node;
    const char *name; /* with @ */
    AstType *type;
    AstNode *default_value; /* NULL if none */
    bool output, readonly, varying;
    signed char nullable;
} AstRoutineParam;

typedef enum FunctionForm {
    FUNCTION_SCALAR,
    FUNCTION_INLINE_TABLE,
    FUNCTION_MULTI_TABLE
} FunctionForm;

typedef struct AstCreateRoutine {
    AstNode node; /* AST_CREATE_PROCEDURE or AST_CREATE_FUNCTION */
    CreateForm form;
    AstName name;
    int number;      /* proc;2 */
    AstList *params; /* AstRoutineParam */
    FunctionForm function_form;
    AstType *returns;           /* scalar functions */
    const char *table_variable; /* multi-statement: RETURNS @t TABLE (...) */
    AstList *table_elements;
    AstNode *inline_query; /* inline table function */
    AstList *options;      /* WITH ENCRYPTION, RECOMPILE, SCHEMABINDING, EXECUTE AS ..., INLINE = */
    AstList *body;         /* statements */
    bool for_replication;
} AstCreateRoutine;

typedef struct AstCreateTrigger {
    AstNode node;
    CreateForm form;
    AstName name;
    AstName table; /* object NULL for database or server triggers */
    bool on_database, on_all_server;
    bool instead_of; /* else AFTER / FOR */
    bool on_insert, on_update, on_delete;
    int event_count; /* DDL triggers */
    const char **events;
    AstList *options;
    bool not_for_replication;
    AstList *body;
} AstCreateTrigger;

typedef struct AstCreateSchema {
    AstNode node;
    const char *name;
    const char *owner;
    AstList *elements; /* CREATE TABLE/VIEW, GRANT inside CREATE SCHEMA */
} AstCreateSchema;

typedef struct AstCreateDatabase {
    AstNode node;
    const char *name;
    const char *collation;
    AstList *options; /* files and WITH options, as written */
    const char *snapshot_of;
    bool for_attach;
} AstCreateDatabase;

typedef struct AstAlterDatabase {
    AstNode node;
    const char *name;        /* NULL for CURRENT */
    const char *modify_name; /* MODIFY NAME = x */
    const char *collation;   /* COLLATE x */
    AstList *set_options;    /* SET ...: AstOption */
    const char *termination; /* "ROLLBACK IMMEDIATE", "NO_WAIT", "ROLLBACK AFTER" or NULL */
    AstList *file_options;   /* ADD/MODIFY/REMOVE FILE, FILEGROUP; SCOPED CONFIGURATION */
    bool scoped_configuration;
} AstAlterDatabase;

typedef struct AstCreateType {
    AstNode node;
    AstName name;
    AstType *from; /* alias type, else NULL */
    signed char nullable;
    AstList *elements; /* AS TABLE (...), else NULL */
    AstList *options;
    const char *external_name;
} AstCreateType;

typedef struct AstCreateSequence {
    AstNode node;
    CreateForm form;
    AstName name;
    AstType *type;
    bool restart;
    AstNode *start, *increment, *minimum, *maximum, *cache;
    signed char cycle; /* 1 CYCLE, -1 NO CYCLE, 0 unspecified */
    bool no_minimum, no_maximum, no_cache;
} AstCreateSequence;

typedef struct AstCreateSynonym {
    AstNode node;
    AstName name;
    AstName target;
} AstCreateSynonym;

typedef struct AstCreateStatistics {
    AstNode node;
    bool update; /* UPDATE STATISTICS */
    const char *name;
    AstName table;
    int column_count;
    const char **columns;
    AstNode *where;
    AstList *options;
} AstCreateStatistics;

typedef enum PrincipalType {
    PRINCIPAL_LOGIN,
    PRINCIPAL_USER,
    PRINCIPAL_ROLE,
    PRINCIPAL_APPLICATION_ROLE,
    PRINCIPAL_SERVER_ROLE,
} PrincipalType;

typedef struct AstCreatePrincipal {
    AstNode node;
    CreateForm form;
    PrincipalType type;
    const char *name;
    const char *for_login; /* USER ... FOR LOGIN x */
    bool without_login;
    const char *authorization;
    const char *password; /* clear text as given; never log */
    bool password_hashed, must_change;
    const char *old_password;
    const char *from_source; /* WINDOWS, CERTIFICATE, EXTERNAL PROVIDER */
    signed char enable;      /* ALTER LOGIN ENABLE 1 / DISABLE -1 */
    AstList *options; /* DEFAULT_DATABASE, DEFAULT_SCHEMA, SID, CHECK_POLICY, NAME, LOGIN... */
} AstCreatePrincipal;

typedef struct AstRoleMember {
    AstNode node;
    bool server_role;
    const char *role;
    bool add;
    const char *member;
    const char *new_name; /* WITH NAME = */
} AstRoleMember;

typedef struct AstAlterSchema {
    AstNode node;
    const char *schema;
    const char *class_; /* OBJECT, TYPE, XML SCHEMA COLLECTION or NULL */
    AstName object;
} AstAlterSchema;

typedef struct AstAlterAuthorization {
    AstNode node;
    const char *class_;
    AstName object;
    const char *principal; /* NULL for SCHEMA OWNER */
} AstAlterAuthorization;

typedef enum PermissionAction {
    PERMISSION_GRANT,
    PERMISSION_DENY,
    PERMISSION_REVOKE
} PermissionAction;

typedef struct AstPermission {
    AstNode node;
    PermissionAction action;
    bool grant_option_for; /* REVOKE GRANT OPTION FOR */
    int permission_count;
    const char **permissions; /* upper case: SELECT, EXECUTE, "VIEW DEFINITION", ALL ... */
    int column_count;
    const char **columns;
    const char *class_; /* OBJECT, SCHEMA, DATABASE, TYPE, ... or NULL */
    AstName *securable; /* NULL for database/server permissions */
    int principal_count;
    const char **principals;
    bool with_grant_option, cascade;
    const char *as_principal;
} AstPermission;

typedef struct AstEnableTrigger {
    AstNode node;
    bool enable;
    bool all;
    int name_count;
    AstName *names;
    AstName table; /* object NULL for DATABASE / ALL SERVER */
    bool on_database, on_all_server;
} AstEnableTrigger;

typedef enum DropType {
    DROP_TABLE,
    DROP_VIEW,
    DROP_PROCEDURE,
    DROP_FUNCTION,
    DROP_TRIGGER,
    DROP_INDEX,
    DROP_SCHEMA,
    DROP_DATABASE,
    DROP_TYPE,
    DROP_SEQUENCE,
    DROP_SYNONYM,
    DROP_STATISTICS,
    DROP_LOGIN,
    DROP_USER,
    DROP_ROLE,
    DROP_SERVER_ROLE,
    DROP_APPLICATION_ROLE,
    DROP_DEFAULT,
    DROP_RULE,
} DropType;

typedef struct AstDrop {
    AstNode node;
    DropType type;
    bool if_exists;
    int count;
    AstName *names;  /* things to drop; INDEX: object = index name (old form table.index:
                        schema = table's schema...), see tables */
    AstName *tables; /* INDEX ... ON table, one for each name; else NULL */
    bool on_database, on_all_server; /* triggers */
    AstList *options;
} AstDrop;

typedef struct AstBackupRestore {
    AstNode node;
    bool restore;
    const char *what; /* DATABASE, LOG, FILELISTONLY, HEADERONLY, VERIFYONLY, LABELONLY */
    const char *database;
    const char *database_variable;
    AstList *devices; /* TO/FROM: AstOption DISK/URL/TAPE with value */
    AstList *options;
} AstBackupRestore;

/* A parsed batch. */
typedef struct AstBatch {
    AstList *statements;
    int literal_count;            /* literal tokens seen, see AstLiteral.token */
    const uint8_t *literal_fixed; /* one for each literal token: 1 where the parser used the value
                                itself (type lengths, aliases given as strings, ...), so that the
                                tree fits only texts with the same literal there */
    const char *text;             /* the UTF-8 text it was parsed from, in the arena */
    uint32_t text_length;
} AstBatch;
