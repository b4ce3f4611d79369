/*
 * The binder: syntax tree to PostgreSQL Query by T-SQL's rules.
 *
 * It resolves names through the catalogue, gives every expression its SqlType, chooses every
 * operator, cast and function itself, and puts the result in a Query ready for pg_rewrite_query and
 * the planner. It runs nothing and keeps nothing: results live in the current memory context.
 * Errors are T-SQL's (207, 208, 209, 8120, ...), raised with the statement's line.
 */
#pragma once

#include "postgres.h"

#include "catalogue/catalog.h"
#include "context/context.h"
#include "nodes/parsenodes.h"
#include "syntax/ast.h"
#include "types/sqltype.h"

/* A scalar variable or parameter that text may name; bound as PARAM_EXTERN number `param`. */
typedef struct BindVariable {
    SqlType type;
    int param; /* 1-based */
    bool is_cursor;
} BindVariable;

/*
 * What the binder asks of its caller (the interpreter's frame, the describe procedures, DDL).
 * Any callback may be NULL: the thing does not exist there.
 */
typedef struct BindScope {
    void *context;
    /* @x; false: error 137 */
    bool (*variable)(void *context, const char *name, BindVariable *variable);
    /* @t: the PostgreSQL relation behind a table variable or table-valued parameter; NULL: 1087 */
    const CatalogRelation *(*table_variable)(void *context, const char *name);
    /* sp_describe_undeclared_parameters: an undeclared @x meets a context of type `wanted` */
    bool (*undeclared)(void *context,
                       const char *name,
                       const SqlType *wanted,
                       BindVariable *variable);
    /* inserted and deleted inside a trigger; NULL if not in one. The Query gets an
     * RTE_NAMEDTUPLESTORE of that name */
    const CatalogRelation *(*transition_table)(void *context, const char *name);
} BindScope;

/*
 * Auto-parameterisation: literals that the binder may turn into PARAM_EXTERNs numbered from
 * `first_param`. It decides per literal token; the plan cache keeps the decision.
 */
typedef struct BindLiterals {
    int count; /* of tokens in the batch */
    int first_param;
    SqlType *types; /* out: type of each literal that became a parameter */
    bool *is_param; /* out: true: parameter first_param + (index of it among params) */
    int *param;     /* out: the parameter's number for each that is_param */
} BindLiterals;

typedef struct BindContext {
    int32 database; /* names are resolved from here (a module: its own database) */
    const char *default_schema;
    uint32 options;         /* OPTION_* in force */
    const BindScope *scope; /* NULL: no variables */
    BindLiterals *literals; /* NULL: literals stay constants */
    MemoryContext memory;   /* not used yet: results go to CurrentMemoryContext */
    bool in_module;         /* a procedure's, function's or trigger's: `database` and
                               `default_schema` are its own, and tell its owner */
    bool describe_only;     /* no permission checks, no locks kept beyond the call */
} BindContext;

/* A column of a result as the client is told (COLMETADATA) or as a derived table has it. */
typedef struct BoundColumn {
    const char *name; /* "" when unnamed */
    SqlType type;
    bool nullable;
    bool identity, computed, updatable, case_sensitive, hidden, key, is_expression;
    /* the base column it is, for browse mode and describe; NULL/0 if an expression */
    Oid base_relation;
    AttrNumber base_attnum;
    const char *source_database, *source_schema, *source_table, *source_column;
} BoundColumn;

typedef enum BoundKind {
    BOUND_SELECT,      /* rows to the client */
    BOUND_ASSIGN,      /* SELECT @x = ...: assignments */
    BOUND_SELECT_INTO, /* rows into a new table: columns tell its shape */
    BOUND_INSERT,
    BOUND_UPDATE,
    BOUND_DELETE,
    BOUND_MERGE,
} BoundKind;

/* A variable set from a result column, in order: SELECT @x = expr, UPDATE SET @x = .... */
typedef struct BoundAssignment {
    const char *variable;
    int column; /* resno - 1 in the query's target or RETURNING list, converted already */
    int param;
} BoundAssignment;

typedef struct BoundStatement {
    BoundKind kind;
    Query *query;
    int column_count; /* client-visible columns (DML: of OUTPUT without INTO); junk excluded */
    BoundColumn *columns;
    int assignment_count;
    BoundAssignment *assignments;
    const AstName *into; /* BOUND_SELECT_INTO */
    int order_count;     /* ORDER token: 1-based column numbers of ORDER BY, 0 for others */
    int16 *order;
    /* DML */
    const CatalogRelation *target; /* NULL for selects */
    int identity_output; /* resno in RETURNING that carries the generated identity, 0 if none */
    bool identity_inserted_explicitly;
    /* OUTPUT ... INTO: the RETURNING list's columns from output_into_first (1-based, count
     * output_into_count) go to this relation's attnums */
    const CatalogRelation *output_into;
    int output_into_first, output_into_count;
    AttrNumber *output_into_attnums;
    /* INSERT ... EXEC: the caller runs the EXEC and feeds rows of these types */
    const AstExecute *insert_exec;
    AttrNumber *insert_exec_attnums;
    int insert_exec_count;
    Bitmapset *updated_columns; /* attnums that an UPDATE with instead_of sets */
    Query *merge_rows; /* a MERGE in two steps: the rows to be changed, to be run first; `query`
                          reads them as the tuplestore MERGE_ROWS_NAME */
    bool ignores_duplicates; /* INSERT into a table with IGNORE_DUP_KEY */
    bool merge_inserts;      /* ... and inserts some */
    bool instead_of;         /* an INSTEAD OF trigger takes the rows: query is a SELECT of
                                (inserted..., deleted...) images, see bind_dml.c */
    bool assigns_by_row;     /* SELECT @s = @s + x: every row reads what the row before assigned, so
                                the plan must keep the variables as parameters (generic plan) */
    bool for_xml, for_json;  /* left false: FOR XML and FOR JSON are rewritten to an aggregate that
                                yields the text (for_clause.c), so that subqueries work alike */
    const AstSelect *for_select;        /* the (first) select, when it is one */
    bool simple_enough_to_parameterise; /* single table, no joins, subqueries, aggregates */
    bool cacheable; /* false: depends on something that no invalidation tells (e.g. #temp
                       resolved by nesting) */
    List *objects;  /* object ids (int) it depends on beyond PostgreSQL relations: views,
                       functions, types */
    double top_percent;
} BoundStatement;

/* The first columns of BoundStatement.merge_rows, 1-based. The statement's runner numbers the rows:
 * `key` counts the inserted ones up from 1 and the others down from -1, `ordinal` all. */
#define MERGE_ROWS_NAME "casement_merge_rows"
#define MERGE_ROW_CTID 1
#define MERGE_ROW_ACTION 2
#define MERGE_ROW_KEY 3
#define MERGE_ROW_ORDINAL 4
#define MERGE_ACTION_INSERT 1
#define MERGE_ACTION_UPDATE 2
#define MERGE_ACTION_DELETE 3

/* Binds SELECT (as a statement), INSERT, UPDATE, DELETE or MERGE. */
BoundStatement *bind_statement(const AstNode *statement, const BindContext *context);

/* Binds a scalar expression (IF condition when `predicate`, SET @x, RETURN, EXEC arguments...) that
 * may contain subqueries. `*type` is its type (bit for predicates); if `want` is given the result
 * is converted to it (assignment rules). When it has no subquery `*has_subquery` is false and the
 * Expr can be evaluated with ExecInitExpr alone; else wrap it with bind_expression_query(). */
Expr *bind_expression(const AstNode *expression,
                      const BindContext *context,
                      bool predicate,
                      const SqlType *want,
                      SqlType *type,
                      bool *has_subquery);

/* SELECT <expression> as a Query of one column and no FROM, for expressions with subqueries. */
Query *bind_expression_query(Expr *expression);

/* DEFAULT, CHECK, computed column and filter expressions of a relation: columns are Vars of range
 * table index 1. `predicate` for CHECK and filters. */
Expr *bind_relation_expression(const AstNode *expression,
                               const CatalogRelation *relation,
                               const BindContext *context,
                               bool predicate,
                               const SqlType *want,
                               SqlType *type);

/* The columns that a query (view body, inline function) returns, without keeping the Query. */
int bind_query_columns(const AstNode *query, const BindContext *context, BoundColumn **columns);

/* A written type to a SqlType: checks lengths and scales (errors 243, 1001, 131, 2716, 2717, 192),
 * alias types by catalogue; `*table` is set for table types (else NULL allowed). `collation` is
 * the name from a COLLATE clause or NULL (the database's). */
SqlType bind_type(const AstType *type,
                  const char *collation,
                  const BindContext *context,
                  CatalogType *table);

/* Whether an object has the owner of a module of this database and schema, so that the module's
 * owner vouches for what the module does with it. */
bool bind_same_owner(int32 database, const char *schema, const CatalogObject *object);
