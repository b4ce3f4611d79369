/*
 * The binder's own state and the functions between its files. Private to engine/bind.
 *
 * A Binder lives for one bind call. Its `scope` is the query block being bound: a Scope holds the
 * PostgreSQL Query under construction (its range table grows as sources are added) and the named
 * sources that column references may mean. Scopes link outwards; a column found n scopes out is a
 * Var with varlevelsup n. Every expression comes back as a BoundExpr by value: the PostgreSQL
 * expression with what T-SQL knows of it.
 *
 * How a DML file uses it:
 *     Scope *scope = scope_push(binder, CMD_UPDATE);        query = scope->query
 *     bind_ctes(binder, dml->ctes);
 *     ScopeSource *target = scope_add_relation(binder, relation, alias, ACL_UPDATE, false);
 *     List *from = bind_from(binder, update->from);         adds sources, gives jointree items
 *     Node *quals = bind_where(binder, update->where);
 *     ... targetEntries with bind_assignment_value(), scope_mark_updated() ...
 *     query->jointree = makeFromExpr(from, quals);
 *     scope_finish(binder);                                 flags; pops
 */
#pragma once

#include "bind/bind.h"
#include "errors/errors.h"
#include "functions/functions.h"
#include "nodes/bitmapset.h"
#include "nodes/pg_list.h"
#include "pgcompat/pgcompat.h"
#include "utils/typcache.h"

/* ---------------------------------------------------------------- expressions */

/* Collation precedence (the collation-precedence page), weakest first. */
typedef enum CollationLabel {
    COLLATION_NONE = 0,    /* not a string */
    COLLATION_COERCIBLE,   /* literals, variables, parameters: coercible-default */
    COLLATION_IMPLICIT,    /* column references */
    COLLATION_EXPLICIT,    /* COLLATE */
    COLLATION_NO_COLLATION /* two implicit ones met: usable only where no collation is needed */
} CollationLabel;

typedef struct BoundExpr {
    Expr *expr;
    SqlType type; /* SQL_UNKNOWN id for the bare NULL literal */
    bool nullable;
    CollationLabel label;
    const struct ScopeColumn *column; /* set when the expression is just a column reference */
    const AstNode *node;              /* what it was bound from (error texts); may be NULL */
} BoundExpr;

/* What is being bound: decides which constructs are errors (aggregates in WHERE: 147...). */
typedef enum BindClause {
    CLAUSE_NONE,
    CLAUSE_SELECT_LIST,
    CLAUSE_FROM, /* arguments of table functions */
    CLAUSE_ON,
    CLAUSE_WHERE,
    CLAUSE_GROUP_BY,
    CLAUSE_HAVING,
    CLAUSE_ORDER_BY,
    CLAUSE_TOP,
    CLAUSE_VALUES,
    CLAUSE_SET,
    CLAUSE_OUTPUT,
    CLAUSE_MERGE_WHEN,
    CLAUSE_DEFINITION, /* CHECK, DEFAULT, computed columns: no subqueries (1046) */
} BindClause;

/* ---------------------------------------------------------------- scopes */

/* A column that names can find. */
typedef struct ScopeColumn {
    const char *name;
    SqlType type;
    AttrNumber attnum; /* of the source's range table entry */
    bool nullable, identity, computed, hidden, updatable;
    CollationLabel label; /* of string columns: IMPLICIT mostly */
    Expr *expression; /* not NULL: the column stands for this expression at the scope's own level
                         (computed column of a DML target, substituted parameter) */
    /* the base column, for describe and DML through views; InvalidOid/NULL if an expression */
    Oid base_relation;
    AttrNumber base_attnum;
    const char *source_database, *source_schema, *source_table, *source_column;
} ScopeColumn;

/* One table source of a FROM clause (or a DML target). */
typedef struct ScopeSource {
    const char *alias; /* exposed name; NULL when the table's own name is exposed */
    const char *database, *schema, *table; /* exposed name parts when there is no alias */
    const char *text;                      /* the exposed name as written, for messages */
    int rtindex; /* in the scope's query; 0 for a source of expressions only */
    int column_count;
    ScopeColumn *columns;
    const CatalogRelation *relation; /* base table or table variable behind it, else NULL */
    struct CteEntry *cte;            /* the CTE that it refers to, for UPDATE/DELETE cte */
    Bitmapset *nulling;  /* outer joins that can null it (varnullingrels; not empty: nullable) */
    bool outer_nullable; /* inside the nullable side of an outer join */
    bool hidden;         /* not visible to names now */
} ScopeSource;

typedef struct Scope {
    struct Scope *outer; /* next query level */
    bool barrier;        /* names do not see outer scopes (view and function bodies) */
    Query *query;
    List *sources;                /* ScopeSource *, in FROM order */
    int visible_from, visible_to; /* sources that names see now; visible_to -1: all */
    BindClause clause;

    /* grouping */
    bool grouped;        /* has GROUP BY, HAVING or aggregates of its own */
    List *group_exprs;   /* TargetEntry * of grouped expressions, in order */
    int aggregate_depth; /* inside an aggregate's arguments: nested aggregates are 130 */
    bool has_aggregates, has_windows, has_sublinks;
    List *windows;         /* WindowSpec * met so far (window.c) */
    bool in_window;        /* inside a window function's arguments: windowed there is 4109 */
    List *window_asts;     /* AstWindow * of the WINDOW clause */
    const AstNode *select; /* the AstSelect being bound, NULL for DML */
    List *select_columns;  /* while ORDER BY is bound: TargetEntry * by position */
    BoundColumn *output;   /* ... and their descriptions */
    int output_count;
    List *drawn; /* Oids of sequences that this row has a NEXT VALUE of already */
} Scope;

/* A name of a WITH clause. Not recursive: bound anew at each reference, as SQL Server expands it.
 */
typedef struct CteEntry {
    struct CteEntry *next; /* further out or earlier */
    const AstCte *ast;
    bool recursive; /* being bound as recursive: references make RTE_CTE */
    bool binding;   /* its anchor is being bound: a reference is error 252/253 */
    Scope *home;    /* scope that holds the PostgreSQL CTE when recursive */
    const char *pg_name;
    int column_count; /* recursive: columns as the anchor made them */
    BoundColumn *columns;
} CteEntry;

/* Arguments of an inline function being expanded, found as variables of its body. */
typedef struct ArgumentList {
    int count;
    const char **names; /* with @ */
    BoundExpr *values;  /* bound in `home`, converted to the parameters' types */
    Scope *home;        /* NULL: constants, no levels to adjust */
} ArgumentList;

typedef struct Binder {
    const BindContext *context;
    BoundStatement *statement; /* facts gathered on the way; may be a scratch one */
    Scope *scope;
    CteEntry *ctes;
    ArgumentList *arguments; /* of the function body being expanded, else NULL */
    /* where names are resolved from: the module's own while its body is expanded */
    int32 database;
    const char *default_schema;
    uint32 options;
    Oid collation;       /* of that database: names and string constants */
    bool case_sensitive; /* names are */
    bool in_module;      /* inside a view's or function's body */
    bool vouched;        /* changing a base table through a view that was asked about */
    Oid check_as_user;   /* whose rights the tables are read with; InvalidOid: the session's */
    int depth;           /* of views and functions expanded (error 447-like guard) */
    bool parameterise;   /* the next literal bound directly may become a parameter */
    bool literals_off;   /* in a module: its literal tokens are not the batch's */
    bool has_subquery;
    bool barrier;          /* the next scope pushed sees no scope outside */
    int max_recursion;     /* OPTION (MAXRECURSION n) */
    bool *pinned;          /* literal tokens that were bound as constants */
    const SqlType *wanted; /* what an undeclared variable bound next would be */
} Binder;

/* What binder_enter_module() changes and binder_leave_module() restores. */
typedef struct BinderPlace {
    int32 database;
    const char *default_schema;
    uint32 options;
    bool in_module, parameterise, literals_off;
    CteEntry *ctes;
    ArgumentList *arguments;
    Oid check_as_user;
} BinderPlace;

/* A growing list of result columns. */
typedef struct ColumnList {
    int count, capacity;
    BoundColumn *columns;
} ColumnList;

/* ---- permission.c ---- */
/* Raises 229 where the session may not use a table or view so (ACL_SELECT...). */
void
bind_check_relation(const Binder *binder, const CatalogRelation *relation, AclMode permissions);
/* Raises 230 for a column. */
void bind_check_column(const Binder *binder,
                       const CatalogRelation *relation,
                       AttrNumber attnum,
                       const char *permission);

/* Raises 229 where the session may not use a function so: EXECUTE, or SELECT from its table. */
void
bind_check_function(const Binder *binder, const CatalogObject *function, const char *permission);

/* Raises 916 where the session is nobody in a database. */
void bind_check_database(const Binder *binder, const char *name);

/* ---- binder.c ---- */
Binder *binder_new(const BindContext *context, BoundStatement *statement);

/* Resolves names as a module's body does, in its database and schema under its SET options, until
 * left again. Modules nested too deep (or cyclic) are error 217. */
void binder_enter_module(
    Binder *binder, BinderPlace *saved, int32 database, const char *schema, uint32 options);
void binder_leave_module(Binder *binder, const BinderPlace *saved);

/* Opens a query block inside the current one: pushes a Scope with an empty Query. */
Scope *scope_push(Binder *binder, CmdType command);
/* Sets hasAggs, hasWindowFuncs, hasSubLinks... of the scope's query and pops it. */
Query *scope_finish(Binder *binder);
BindClause binder_set_clause(Binder *binder, BindClause clause); /* returns the former */

/* Compares names under the database's collation. */
bool binder_name_equal(Binder *binder, const char *a, const char *b);

/* ---- scope.c: names ---- */

/*
 * Adds a base relation's range table entry to the current scope, takes its lock, and makes it a
 * source under `alias` (NULL: its own name). `permissions`: ACL_SELECT and so on. `in_from`: the
 * entry's inFromCl (false for DML targets, as PostgreSQL's parser has it). Columns in the order of
 * the catalogue. Non-persisted computed columns appear as columns with `expression` over the entry.
 * Does not touch the jointree.
 */
ScopeSource *scope_add_relation(Binder *binder,
                                const CatalogRelation *relation,
                                const char *alias,
                                AclMode permissions,
                                bool in_from);
/* Makes a source over any range table entry already in the query. */
ScopeSource *scope_add_source(
    Binder *binder, const char *alias, int rtindex, int column_count, ScopeColumn *columns);
/* A subquery entry of the current scope, with columns as `list`; names[] overrides names if given.
 */
ScopeSource *scope_add_subquery(
    Binder *binder, Query *query, const ColumnList *list, const char *alias, bool lateral);
/* The source with that exposed name in the current scope only; NULL if none. */
ScopeSource *scope_find_source(Binder *binder, const char *name);
/* Index of a column in a source, -1 if none. */
int scope_source_column(Binder *binder, const ScopeSource *source, const char *name);
/* The expression of column `index` of a source `levels` scopes out (0: current). */
BoundExpr scope_column_expr(Binder *binder, const ScopeSource *source, int index, int levels);
/* A column reference: 207, 209, 4104 by T-SQL's rules. */
BoundExpr bind_column_ref(Binder *binder, const AstColumnRef *ref);
/* Records in the entry's permissions that columns are written. */
void scope_mark_inserted(Binder *binder, ScopeSource *source, AttrNumber attnum);
void scope_mark_updated(Binder *binder, ScopeSource *source, AttrNumber attnum);

/* Resolves the name of a table, view, synonym or #table: 208 if there is none; locks nothing. */
bool bind_object_name(Binder *binder, const AstName *name, CatalogObject *object);
const CatalogRelation *bind_relation_name(Binder *binder, const AstName *name);
/* A table variable's or table parameter's relation: 1087 if not declared. */
const CatalogRelation *bind_table_variable(Binder *binder, const char *name);
/* The CTE of that name in force, NULL if none. */
CteEntry *bind_find_cte(Binder *binder, const AstName *name);
/* "schema.table" or alias as messages show a name. */
const char *bind_name_text(const AstName *name);

/* ---- from.c, join.c, pivot.c ---- */

/* A table, view or system view as a source, with everything that reading it takes. */
ScopeSource *bind_add_table(Binder *binder, const CatalogRelation *relation, const char *alias);
/* inserted or deleted of the trigger that is running, NULL if the name is neither. */
const CatalogRelation *bind_transition_table(Binder *binder, const AstName *name);
/* Gives a derived table's columns their names: 8155, 8156, 8158, 8159. `count` 0: their own. */
void bind_name_columns(
    Binder *binder, ColumnList *list, const char *alias, int count, const char **names);
/* A query as a source of the current scope. */
ScopeSource *bind_from_query(Binder *binder,
                             const AstNode *query,
                             const char *alias,
                             int count,
                             const char **names,
                             bool lateral);
/* A source that sees, under APPLY, the sources from position `lateral_from` on; -1: none. */
Node *bind_source_item(Binder *binder, const AstNode *node, int lateral_from);
Node *bind_join(Binder *binder, const AstJoin *ast, int lateral_from);
/* Adds the range table entry of a join whose sides and type are set. */
int bind_join_entry(Binder *binder, const JoinExpr *join);
ScopeSource *bind_pivot(Binder *binder, const AstPivot *pivot, bool lateral);
ScopeSource *bind_table_function(Binder *binder, const AstTableFunction *node, bool lateral);
ScopeSource *bind_cte_reference(Binder *binder, CteEntry *entry, const char *alias);
/* Binds the comma-separated table sources; returns jointree items (List of RangeTblRef, JoinExpr).
 */
List *bind_from(Binder *binder, const AstList *from);
/* One table source; returns its jointree item. */
Node *bind_table_source(Binder *binder, const AstNode *source);
/* Hints of a table: NOLOCK..., 321 for unknown ones; row locks where asked for. */
void bind_table_hints(Binder *binder, const AstList *hints, ScopeSource *source);

/* ---- view.c: modules expanded in place ---- */

/* The body of a view as a Query with its columns (own name resolution, no lock on the view). */
Query *bind_view(Binder *binder, const CatalogRelation *view, ColumnList *columns);
/* The condition that WITH CHECK OPTION puts on rows written through `view`, over `base` at range
 * table index `varno`; NULL if none. */
Node *bind_view_check(Binder *binder,
                      const CatalogRelation *view,
                      const CatalogRelation *base,
                      int varno);
/* What the parser allocates from, over a memory context. */
struct Arena *bind_arena(MemoryContext memory);
/* The parsed body of a module; the tree is cached by version. Used by DML through views too. */
const AstNode *bind_module_tree(int32 object_id, const CatalogObject *object);

/* A parameter of a function and what it returns, as its CREATE statement says. */
typedef struct RoutineParameter {
    const char *name; /* with @ */
    SqlType type;
    const AstNode *default_value;
} RoutineParameter;
typedef struct Routine {
    const AstCreateRoutine *tree;
    int count;
    RoutineParameter *parameters;
    SqlType returns; /* of scalar functions */
} Routine;
void bind_routine(Binder *binder, const CatalogObject *object, Routine *routine);
/* An inline function's query with its parameters replaced by the arguments. */
Query *bind_inline_function(Binder *binder,
                            const CatalogObject *object,
                            const AstName *name,
                            const AstList *args,
                            ColumnList *columns);

ArgumentList *bind_routine_arguments(Binder *binder,
                                     const Routine *routine,
                                     const AstName *name,
                                     const AstList *args);
/* An expression (or condition) whose columns are those of `relation` at range table index `varno`.
 */
BoundExpr bind_in_relation(Binder *binder,
                           const AstNode *node,
                           const CatalogRelation *relation,
                           int varno,
                           bool predicate);

/* ---- cte.c ---- */

/* Adds a WITH list to the namespace; the caller restores `binder->ctes` afterwards. */
void bind_ctes(Binder *binder, const AstList *ctes);

/* ---- select.c, set_operation.c, values.c, group.c, order.c, top.c ---- */

/* Binds a query (select, set operation, VALUES) as a query level inside the current scope. */
Query *bind_query(Binder *binder, const AstNode *query, ColumnList *columns);
Query *bind_select(Binder *binder, const AstSelect *select, ColumnList *columns);
Query *bind_set_operation(Binder *binder, const AstSetOperation *ast, ColumnList *columns);
Query *bind_values(Binder *binder, const AstValues *values, ColumnList *columns);
/* The parts of a query block, in the order in which bind_select() calls them. */
void bind_group_by(Binder *binder, const AstSelect *select);
void bind_group_targets(Binder *binder, List **targets);
void bind_check_grouping(Binder *binder);
void bind_order_by(Binder *binder, const AstList *order, const ColumnList *columns);
void bind_offset_fetch(Binder *binder, const AstQueryTail *tail, Query *query);
/* FOR XML and FOR JSON: wraps `query` so that it yields one row of one nvarchar(max). */
Query *
bind_for_subquery(Binder *binder, Query *query, ColumnList *columns, const AstQueryTail *tail);
/* As an ordered or TOP'd derived table, view or subquery: 1033 when ORDER BY stands alone. */
Query *bind_subquery(Binder *binder, const AstNode *query, ColumnList *columns);
/* Converts column `index` (0-based) of a bound query to `type` (wraps set operations if needed). */
Query *bind_query_convert(
    Binder *binder, Query *query, ColumnList *columns, const SqlType *types, ConversionKind kind);

/* A select or OUTPUT list: appends TargetEntry nodes to *targets (resno goes on from its length)
 * and descriptions to `columns`; expands stars; assigns @x = ... to binder->statement. */
void bind_select_list(Binder *binder, const AstList *items, List **targets, ColumnList *columns);
/* Appends one target entry and its description; `name` may be NULL (unnamed). */
TargetEntry *bind_add_target(List **targets, ColumnList *columns, BoundExpr expr, const char *name);
BoundColumn bind_describe(const BoundExpr *expr, const char *name);
void column_list_add(ColumnList *list, BoundColumn column);
/* WHERE or ON or a MERGE condition: NULL node gives NULL. Conjunctions come back as one Node. */
Node *bind_where(Binder *binder, const AstNode *where);
/* TOP (n) [PERCENT]: sets limitCount of `query` (select) as a bigint expression. */
void bind_top(Binder *binder, const AstNode *top, bool percent, bool with_ties, Query *query);
/* A row count of TOP, OFFSET, FETCH as bigint; `what` names the clause in messages. */
Node *bind_limit_expr(Binder *binder, const AstNode *node, const char *what);

/* ---- expression.c and its kin ---- */

/* A scalar value. A predicate here is 102-like syntax already refused by the parser. */
BoundExpr bind_expr(Binder *binder, const AstNode *node);
/* A condition: 4145 if it is a value. */
Node *bind_predicate(Binder *binder, const AstNode *node);
/* A value whose literal may become a parameter (VALUES, SET, comparison sides). */
BoundExpr bind_parameterised(Binder *binder, const AstNode *node);
/* As above, in a place that takes a value of type `wanted` (tells undeclared variables' types). */
BoundExpr bind_wanted(Binder *binder, const AstNode *node, const SqlType *wanted);
/* @x or @@x. */
BoundExpr bind_variable(Binder *binder, const AstVariable *variable);
BoundExpr bind_global_variable(Binder *binder, const AstVariable *variable);
BoundExpr bind_literal(Binder *binder, const AstLiteral *literal);
bool bind_is_literal(const AstNode *node);
/* Whether the expression is an integer literal, and decimal(digits, 0) of it. */
bool bind_integer_literal_type(const BoundExpr *expr, SqlType *type);
BoundExpr bound_make(Expr *expr, SqlType type, bool nullable, CollationLabel label);
/* Result types and expressions of operators over bound operands: 402, 8117, 206, 257, 468... */
BoundExpr bind_operator(Binder *binder, Operator op, BoundExpr left, BoundExpr right);
Expr *bind_comparison(Binder *binder, Operator op, BoundExpr left, BoundExpr right);
/* Combines collations of two strings; raises 468 when `needed` and they conflict. */
Oid bind_collation(Binder *binder,
                   const BoundExpr *left,
                   const BoundExpr *right,
                   CollationLabel *label,
                   const char *operation,
                   bool needed);

/* Converts to `to`: NULL literals become typed NULLs; 206/257/529 when there is no such conversion.
 */
Expr *bind_convert(Binder *binder, BoundExpr expr, const SqlType *to, ConversionKind kind);
/* Same, keeping the rest of the BoundExpr. */
BoundExpr bind_converted(Binder *binder, BoundExpr expr, const SqlType *to, ConversionKind kind);
/*
 * The value for a column of a base table in INSERT or UPDATE: binds `node` (not DEFAULT),
 * parameterises a literal, converts by assignment rules with the column named in truncation errors.
 */
Expr *bind_assignment_value(Binder *binder,
                            const AstNode *node,
                            const CatalogRelation *relation,
                            const CatalogColumn *column);
/* The same for an expression already bound (INSERT ... SELECT columns, compound assignment). */
Expr *bind_assignment_convert(Binder *binder,
                              BoundExpr expr,
                              const CatalogRelation *relation,
                              const CatalogColumn *column);
/* DEFAULT of a column as an expression; NULL when it has none. Binds default_text, cached by text.
 */
Expr *
bind_column_default(Binder *binder, const CatalogRelation *relation, const CatalogColumn *column);
/* A non-persisted or persisted computed column's expression over range table index `varno`. */
BoundExpr bind_computed_column(Binder *binder,
                               const CatalogRelation *relation,
                               const CatalogColumn *column,
                               int varno);

/* The kinds of nodes that have a file of their own. */
BoundExpr bind_unary(Binder *binder, const AstUnary *unary);
BoundExpr bind_cast(Binder *binder, const AstConvert *convert);
BoundExpr bind_collate(Binder *binder, const AstCollate *collate);
BoundExpr bind_at_time_zone(Binder *binder, const AstBinary *binary);
BoundExpr bind_case(Binder *binder, const AstCase *node);
BoundExpr bind_function_call(Binder *binder, const AstFunctionCall *call);
BoundExpr bind_aggregate(Binder *binder, const AstFunctionCall *call, const SqlFunction *function);
BoundExpr
bind_window_function(Binder *binder, const AstFunctionCall *call, const SqlFunction *function);
/* ISNULL, COALESCE, NULLIF, IIF, CHOOSE, GREATEST, LEAST; and the other functions of kind SPECIAL.
 */
BoundExpr
bind_special_function(Binder *binder, const AstFunctionCall *call, const SqlFunction *function);
/* GROUPING(column), GROUPING_ID(columns). */
BoundExpr bind_grouping(Binder *binder, const AstFunctionCall *call);
/* json_call.c: JSON_OBJECT, JSON_ARRAY; JSON_MODIFY */
BoundExpr bind_json_constructor(Binder *binder, const AstFunctionCall *call, bool object);
BoundExpr bind_json_modify(Binder *binder, const AstFunctionCall *call);
/* for_clause.c: a value of JSON as text; *kind as ForColumn's. */
Expr *for_json_value(Binder *binder, BoundExpr value, const SqlType *text, char *kind);
/* The type in which items meet (CASE, COALESCE, UNION); false when all are the NULL literal. */
bool bind_common_type(Binder *binder,
                      const BoundExpr *items,
                      int count,
                      const char *operation,
                      SqlType *type,
                      CollationLabel *label);
/* Binds the query of a subquery expression: one more level, one column unless `any_columns`. */
Query *bind_expression_subquery(Binder *binder,
                                const AstNode *query,
                                bool any_columns,
                                ColumnList *columns);
/* The parts of an aggregate's or window function's node, arguments bound. */
FunctionCall bind_resolve_aggregate(Binder *binder,
                                    const AstFunctionCall *call,
                                    const SqlFunction *function,
                                    CollationLabel *label);
BoundExpr bind_aggregate_argument(Binder *binder, const AstNode *node);
/* Turns the windows collected while the select list was bound into the query's WindowClauses. */
void bind_finish_windows(Binder *binder, List **targets);
/* A SortGroupClause over `entry` (adds its ressortgroupref): `descending` as T-SQL sorts NULLs. */
SortGroupClause *bind_sort_clause(TargetEntry *entry, List *targets, bool descending);
/* The order and equality of a PostgreSQL type (typcache). */
TypeCacheEntry *bind_type_operators(Oid type);
/* The entry of `targets` with an equal expression, or a new junk one. */
TargetEntry *bind_find_target(List **targets, Expr *expr);
/* A method of an xml value (xml_method.c). */
BoundExpr bind_xml_method(Binder *binder, const AstMethodCall *call, BoundExpr object);
BoundExpr bind_next_value(Binder *binder, const AstNextValueFor *node);
BoundExpr bind_user_function(Binder *binder, const AstFunctionCall *call);
/* The function of sys that runs users' functions: object id, arguments (engine/execute). */
Oid bind_caller_function(const char *name);
BoundExpr bind_scalar_subquery(Binder *binder, const AstSubquery *subquery);
/* EXISTS, IN (subquery), comparisons with ANY and ALL. */
Node *bind_subquery_predicate(Binder *binder, const AstNode *node);
/* Makes the operands of a comparison meet in one type; the collation it is to be done under. */
bool bind_comparison_prepare(
    Binder *binder, Operator op, BoundExpr *left, BoundExpr *right, Oid *collation);
const char *bind_operator_text(Operator op);
/* bind_type() with the length that a string type has without one: 1 in declarations, 30 in CAST. */
SqlType bind_type_sized(const AstType *type,
                        const char *collation,
                        const BindContext *context,
                        CatalogType *table,
                        int default_length);

/* A call of function `name` in schema sys (or pg_catalog when not there) on converted arguments. */
Expr *bind_call(const char *name, const SqlType *result, List *args, Oid input_collation);
Expr *bind_int_const(int32 value);
Expr *bind_bigint_const(int64 value);
Expr *bind_bool_const(bool value);
Expr *bind_text_const(const char *value, const SqlType *type);

/* ---- facts for the caller ---- */
void binder_add_object(Binder *binder, int32 object_id);
void binder_set_line(const AstNode *node);
