/*
 * What the files of this folder share: targets of CREATE, rows of objects, running PostgreSQL
 * utility statements. Private to engine/ddl.
 */
#pragma once

#include "postgres.h"

#include "bind/bind.h"
#include "catalogue/catalog.h"
#include "catalogue/tables.h"
#include "context/context.h"
#include "ddl/ddl.h"
#include "errors/errors.h"
#include "lib/stringinfo.h"
#include "nodes/parsenodes.h"
#include "syntax/ast.h"

struct Frame;
/* The frame whose statement runs: where reported errors go. */
void ddl_report_from(struct Frame *frame);

/* ---- where a new object goes (target.c) ---- */

typedef struct DdlTarget {
    int32 database, schema;
    const char *name;     /* T-SQL name */
    char *key;            /* folded */
    bool temporary;       /* #name: a PostgreSQL temporary relation of this session */
    Oid namespace;        /* PostgreSQL schema; InvalidOid for #names */
    int32 session, level; /* of #names */
    Oid collation;        /* of the database */
} DdlTarget;

/* Resolves the place of a new object; raises 2760, 911, 1701... Does not look whether it exists. */
void ddl_target(const AstName *name, const DdlContext *context, DdlTarget *target);
/* The same without a database part allowed (166). `what`: "CREATE VIEW". */
void ddl_target_module(const AstName *name,
                       const DdlContext *context,
                       const char *what,
                       DdlTarget *target);
/* The object that is there already; its own innermost level only for #names. */
bool ddl_existing(const DdlTarget *target, CatalogObject *object);
/* Raises 2714 if the name is taken. */
void ddl_must_be_new(const DdlTarget *target);
/* Finds an object for ALTER or DROP without following synonyms. */
bool ddl_find(const AstName *name, const DdlContext *context, CatalogObject *object);
/* "dbo.t" as T-SQL messages show a written name. */
char *ddl_name(const AstName *name);
/* Raises 262 unless the session may do so in the database. `what`: "CREATE SCHEMA". */
void ddl_must_be_allowed(int32 database, const char *what);
/* The same for what is made in a schema, which it must be allowed to alter: 2760. */
void ddl_must_be_allowed_in(const DdlTarget *target, const char *what);
/* May the session ALTER (or drop) the object? */
bool ddl_may_alter(const CatalogObject *object);

/* ---- rows (register.c) ---- */

int32 ddl_new_object_id(bool temporary);
/* Inserts a row of objects. `key`: of `name`. */
void ddl_insert_object(int32 id,
                       const DdlTarget *where,
                       const char *name,
                       CatalogObjectType type,
                       int32 parent,
                       Oid relation,
                       const char *pg_name);
void ddl_insert_column(int32 object, const CatalogColumn *column, const DdlTarget *where);
/* Marks an object modified now. */
void ddl_touch(int32 object);
/* Deletes an object's rows in every table of the catalogue, its constraints', triggers' and
 * indexes' too. PostgreSQL's objects are the caller's matter. */
void ddl_delete_object(int32 object);
/* Folds a name in a database. */
char *ddl_fold(int32 database, const char *name);
/* A free name like SQL Server's: PK__orders__3214EC07A1B2C3D4. */
char *ddl_system_name(const char *prefix, const char *table, const char *column, int32 object);
/* Ends a statement that changed `temporary` objects only, or any. */
void ddl_changed(bool temporary);

/* ---- PostgreSQL statements (utility.c) ---- */

/* Runs a utility statement; `sql` says the same for those who read it. */
void ddl_utility(Node *statement, const char *sql);
/* One ALTER TABLE command on a relation. */
void ddl_alter_table(Oid relation, AlterTableCmd *command, const char *sql_action);
AlterTableCmd *ddl_alter_command(int subtype, const char *name, Node *definition);
/* DROP of a PostgreSQL relation of any kind with what depends on it. */
void ddl_drop_relation(Oid relation);
RangeVar *ddl_range_var(Oid relation);
/* "schema"."name" */
char *ddl_quoted_relation(Oid relation);
/* A PostgreSQL relation name that is free in a namespace, made from a T-SQL name. */
char *ddl_free_relation_name(const char *name, Oid namespace, int32 object);
/* Parses a whole PostgreSQL statement text and runs it. For statements without expressions. */
void ddl_run_sql(const char *sql);
/* Name of a PostgreSQL column. */
char *ddl_pg_column(Oid relation, AttrNumber attnum);
/* SQL text of a bound expression over `relation` (may be InvalidOid: no columns). */
char *ddl_deparse(Node *expression, Oid relation);

/* ---- expressions (definition.c) ---- */

/* T-SQL text of an expression as SQL Server stores it: "([a]>(0))". `text`: the batch's, for nodes
 * that are kept as written. */
char *ddl_definition(const AstNode *expression, const char *text);
/* Adds the names of columns that the expression refers to. */
List *ddl_columns_of(const AstNode *expression);
/* A bind context for expressions and queries of a definition. */
BindContext ddl_bind_context(const DdlContext *context, int32 database);

/* Integer value of a literal option (identity seed...); false if it is none. */
bool ddl_integer(const AstNode *node, int64 *value);
/* The option of that name in a list (case is upper already); NULL if absent. */
const AstOption *ddl_option(const AstList *options, const char *name);
/* ON/OFF word of an option; `otherwise` if absent. */
bool ddl_option_on(const AstList *options, const char *name, bool otherwise);

/* ---- columns and tables (column.c, table.c) ---- */

/* A column with what came with it. */
typedef struct DdlColumn {
    CatalogColumn column;
    const AstColumnDef *definition;    /* NULL for columns not from text */
    const AstConstraint *default_node; /* its DEFAULT */
    Expr *default_expr;                /* bound */
    Expr *computed_expr;
    char *default_definition;
    Oid sequence; /* identity */
} DdlColumn;

/* Resolves type, nullability, identity of a column definition. */
void ddl_column(const AstColumnDef *definition,
                const DdlContext *context,
                const DdlTarget *where,
                const char *table,
                int number,
                DdlColumn *column);
/* The PostgreSQL definition. */
ColumnDef *ddl_column_node(const DdlColumn *column);
/* "name" type COLLATE c */
void ddl_column_sql(StringInfo sql, const DdlColumn *column);
/* Makes the identity sequence and the default that draws from it. */
void
ddl_column_identity(DdlColumn *column, const DdlTarget *where, const char *table, int32 object);
/* nextval(sequence) as a value of the type. */
Expr *ddl_identity_default(Oid sequence, const SqlType *type);
/* Binds DEFAULT and computed expressions against the relation as it will be. */
void ddl_column_bind(DdlColumn *column, const CatalogRelation *relation, const DdlContext *context);
/* Inserts the D object of a column's default; returns its id. */
int32 ddl_default_register(const CatalogRelation *relation,
                           const DdlTarget *where,
                           const CatalogColumn *column,
                           const char *name,
                           const char *definition);

/* Sets (NULL: drops) the default of a PostgreSQL column to a bound expression. */
void ddl_set_default(Oid relation, AttrNumber attnum, Node *expression);

/* A DdlTarget for things added to an existing table (constraints). */
void ddl_target_of(const CatalogObject *table, DdlTarget *where);

/* A fresh CatalogRelation of a table (after changes in this statement). */
const CatalogRelation *ddl_relation(int32 object);

/* Whether a CHECK or computed column of the table names the column in its text. */
bool ddl_column_is_named(const CatalogObject *table, const CatalogColumn *column);

/* ---- constraints and indexes (constraint.c, foreign_key.c, index.c) ---- */

void ddl_add_constraint(const CatalogObject *table,
                        const AstConstraint *constraint,
                        const char *column,
                        bool with_check,
                        const DdlContext *context);
void ddl_add_foreign_key(const CatalogObject *table,
                         const AstConstraint *constraint,
                         const char *column,
                         bool with_check,
                         const DdlContext *context);
/* Drops a constraint of a table by its object. */
void ddl_drop_constraint(const CatalogObject *table, int32 constraint);
/* CHECK/NOCHECK CONSTRAINT. */
void ddl_enable_constraint(const CatalogObject *table,
                           int32 constraint,
                           bool enable,
                           bool with_check,
                           const DdlContext *context);

/* Parses a stored definition ("([a]>(0))"); the tree lives in the current context. */
const AstNode *ddl_parse_definition(const char *definition);
/* The text of a module, parsed; in the current context. */
const AstBatch *ddl_parse_module(const CatalogModule *module);

typedef struct DdlIndex {
    const char *name;
    bool unique, clustered, primary;
    int32 constraint; /* object id of PK/UQ, 0 */
    int column_count;
    const AstIndexColumn *columns;
    int include_count;
    const char **include;
    const AstNode *where;
    const AstList *options;
} DdlIndex;

/* Makes the PostgreSQL index and its rows; returns the index_id. */
int32
ddl_create_index(const CatalogObject *table, const DdlIndex *index, const DdlContext *context);
/* Drops index rows and relation. */
void ddl_drop_index(int32 object, int32 index_id);
/* Gives a table variable the indexes and keys of its table type. */
void
ddl_copy_indexes(const CatalogObject *from, const CatalogObject *to, const DdlContext *context);
/* Finds an index by name: index_id or -1; fills what is asked for. */
int32
ddl_find_index(const CatalogObject *table, const char *name, Oid *relation, int32 *constraint);

/* ---- statements, one file each ---- */

void ddl_create_table(const AstCreateTable *statement, DdlContext *context);
void ddl_alter_table_statement(const AstAlterTable *statement, DdlContext *context);
void ddl_create_index_statement(const AstCreateIndex *statement, DdlContext *context);
void ddl_alter_index(const AstAlterIndex *statement, DdlContext *context);
void ddl_create_view(const AstCreateView *statement, DdlContext *context);
void ddl_create_routine(const AstCreateRoutine *statement, DdlContext *context);
void ddl_create_trigger(const AstCreateTrigger *statement, DdlContext *context);
void ddl_enable_trigger(const AstEnableTrigger *statement, DdlContext *context);
void ddl_create_schema(const AstCreateSchema *statement, DdlContext *context);
void ddl_alter_schema(const AstAlterSchema *statement, DdlContext *context);
void ddl_alter_authorization(const AstAlterAuthorization *statement, DdlContext *context);
void ddl_create_database(const AstCreateDatabase *statement, DdlContext *context);
void ddl_alter_database(const AstAlterDatabase *statement, DdlContext *context);
/* Makes the PostgreSQL schema behind a T-SQL schema. */
Oid ddl_make_namespace(const char *database, const char *schema);
void ddl_drop_database(const char *name, bool if_exists);
void ddl_create_type(const AstCreateType *statement, DdlContext *context);
/* The empty table behind a table type; returns its object id. */
int32
ddl_create_type_table(const DdlTarget *type, const AstList *elements, const DdlContext *context);
void ddl_drop_type(const AstName *name, bool if_exists, const DdlContext *context);
void ddl_create_sequence(const AstCreateSequence *statement, DdlContext *context);
void ddl_create_synonym(const AstCreateSynonym *statement, DdlContext *context);
void ddl_create_statistics(const AstCreateStatistics *statement, DdlContext *context);
void ddl_create_principal(const AstCreatePrincipal *statement, DdlContext *context);
void ddl_drop_principal(DropType type, const char *name, bool if_exists, const DdlContext *context);
void ddl_role_member(const AstRoleMember *statement, DdlContext *context);
void ddl_permission(const AstPermission *statement, DdlContext *context);
void ddl_drop(const AstDrop *statement, DdlContext *context);
/* Drops an object of any kind with its PostgreSQL relation; checks nothing. */
void ddl_drop_object(const CatalogObject *object);

/* ---- modules (module.c) ---- */

/* Makes or replaces a module row; returns the object id. `target` must not exist unless altered. */
typedef struct DdlModule {
    CatalogObjectType type;
    int number;
    const char *definition;
    const char *execute_as;
    bool schema_bound, recompile, encrypted, null_on_null, check_option;
    int32 parent;
} DdlModule;
int32 ddl_store_module(const DdlTarget *target,
                       const DdlModule *module,
                       CreateForm form,
                       const char *verb,
                       const DdlContext *context);
/* The statement's text with ALTER and CREATE OR ALTER turned to CREATE. */
char *ddl_statement_text(const AstNode *statement, const DdlContext *context);
/* Inserts parameters; result: id 0 (may be NULL). */
void ddl_store_parameters(int32 object,
                          int number,
                          const AstList *params,
                          const AstType *result,
                          const DdlContext *context,
                          int32 database);
