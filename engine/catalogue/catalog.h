/*
 * The catalogue: what T-SQL knows of databases, schemas, objects, columns, types and principals,
 * kept in tables of schema casement (install.sql) beside PostgreSQL's own catalogues, and looked up
 * through session caches that PostgreSQL's invalidation messages keep right.
 *
 * Names are kept as written (up to 128 characters) and looked up by key = sql_identifier_fold()
 * under the database's collation. PostgreSQL names are derived by catalog_pg_name() (readable,
 * at most 63 bytes, with a hash when cut). Every change of a relation's catalogue rows must end
 * with catalog_changed() in the same transaction.
 *
 * Temporary tables (#t) are PostgreSQL temp tables with rows of database tempdb and a session key;
 * rows vanish with the session (and all of tempdb at start). ## tables are ordinary there.
 */
#pragma once

#include "postgres.h"

#include "types/sqltype.h"

#define DATABASE_MASTER 1
#define DATABASE_TEMPDB 2
#define DATABASE_MODEL 3
#define DATABASE_MSDB 4

typedef struct CatalogDatabase {
    int32 id;
    const char *name;
    Oid collation;
    int32 owner; /* server principal id */
    bool online, read_only;
    int32 recovery_model; /* 1 FULL, 2 BULK_LOGGED, 3 SIMPLE */
    bool ansi_null_default, quoted_identifier, ansi_nulls, recursive_triggers;
} CatalogDatabase;

/* Object types as in sys.objects.type. */
typedef enum CatalogObjectType {
    CATALOG_TABLE,            /* U */
    CATALOG_VIEW,             /* V */
    CATALOG_PROCEDURE,        /* P */
    CATALOG_SCALAR_FUNCTION,  /* FN */
    CATALOG_INLINE_FUNCTION,  /* IF */
    CATALOG_TABLE_FUNCTION,   /* TF */
    CATALOG_TRIGGER,          /* TR */
    CATALOG_SEQUENCE,         /* SO */
    CATALOG_SYNONYM,         /* SN */
    CATALOG_PRIMARY_KEY,      /* PK */
    CATALOG_UNIQUE,           /* UQ */
    CATALOG_FOREIGN_KEY,     /* F */
    CATALOG_CHECK,            /* C */
    CATALOG_DEFAULT,         /* D */
    CATALOG_TABLE_TYPE,       /* TT */
    CATALOG_SYSTEM_TABLE,     /* S */
    CATALOG_SYSTEM_VIEW,      /* V, in sys or INFORMATION_SCHEMA */
    CATALOG_SYSTEM_PROCEDURE, /* X/P in sys */
} CatalogObjectType;

typedef struct CatalogObject {
    int32 id;           /* object_id, unique in the instance */
    int32 database;
    int32 schema;       /* schema_id */
    const char *name;
    const char *schema_name;
    CatalogObjectType type;
    int32 parent;       /* object_id of the table of a constraint or trigger; 0 */
    Oid relation;       /* pg_class oid of tables, views, sequences; InvalidOid */
    bool is_system;     /* lives in sys/INFORMATION_SCHEMA: database is the one asked for */
} CatalogObject;

typedef struct CatalogColumn {
    AttrNumber attnum;     /* in the PostgreSQL relation (also column_id) */
    const char *name;
    SqlType type;
    bool nullable;
    bool identity;
    int64 identity_seed, identity_increment;
    bool computed, persisted;
    const char *computed_text;  /* T-SQL text of a computed column, bound where it is used */
    const char *default_text;   /* T-SQL text of the default, NULL if none */
    bool rowguid, hidden, updatable;
} CatalogColumn;

/* A table, view or table type with its columns in order. Reference-counted by the cache: valid until
 * the end of the statement at least (copied in the caller's context if kept longer). */
typedef struct CatalogRelation {
    CatalogObject object;
    int column_count;
    CatalogColumn *columns;
    int identity_column;  /* index in columns, -1 */
    int rowversion_column;
    bool has_insert_trigger, has_update_trigger, has_delete_trigger;
    bool has_instead_of_insert, has_instead_of_update, has_instead_of_delete;
} CatalogRelation;

/* ---- databases ---- */
const CatalogDatabase *catalog_database_by_name(const char *name); /* NULL if none */
const CatalogDatabase *catalog_database(int32 id);

/* ---- names to objects ---- */

/*
 * Finds the object that a one- to three-part name means from `database` (the session's current one)
 * with `default_schema` (NULL: dbo): the default schema, then dbo, then sys/INFORMATION_SCHEMA and
 * the old dbo.sys* names. '#' names look in tempdb for this session's tables. Synonyms are followed
 * unless `keep_synonym`. false if there is none (error 208 etc. is the caller's).
 */
bool catalog_find_object(int32 database, const char *default_schema, const char *name_database,
                         const char *name_schema, const char *name_object, bool keep_synonym,
                         CatalogObject *object);
bool catalog_object_by_id(int32 object_id, CatalogObject *object);
bool catalog_object_by_relation(Oid relation, CatalogObject *object);

/* The relation of a table, view, table type or system view. */
const CatalogRelation *catalog_relation(const CatalogObject *object);
/* A column by name under the database's collation, -1 if none. */
int catalog_column_find(const CatalogRelation *relation, const char *name);

/* T-SQL text of a module (procedure, function, view, trigger) with its SET options at creation. */
typedef struct CatalogModule {
    CatalogObject object;
    const char *definition; /* whole CREATE statement, UTF-8 */
    bool quoted_identifier, ansi_nulls;
    uint64 version;         /* changes with every ALTER: key of cached trees and plans */
    const char *execute_as; /* NULL = CALLER */
    int32 number;           /* proc;n */
} CatalogModule;
bool catalog_module(int32 object_id, CatalogModule *module);

/* Schemas: id by name in a database (0 if none), name by id, PostgreSQL namespace oid. */
int32 catalog_schema_by_name(int32 database, const char *name);
const char *catalog_schema_name(int32 database, int32 schema_id);
Oid catalog_schema_namespace(int32 database, int32 schema_id);

/* Types: resolves an alias or table type; system types are sql_type_by_name()'s. */
typedef struct CatalogType {
    int32 user_type_id;
    const char *name;
    int32 schema;
    SqlType base;        /* alias types */
    bool nullable;
    bool is_table;
    CatalogObject table; /* table types */
} CatalogType;
bool catalog_type_by_name(int32 database, const char *schema, const char *name, CatalogType *type);
bool catalog_type(int32 database, int32 user_type_id, CatalogType *type);

/* A readable PostgreSQL name of at most 63 bytes for a T-SQL name (hash suffix if cut). palloc'd. */
char *catalog_pg_name(const char *tsql_name);
char *catalog_pg_schema_name(const char *database, const char *schema);

/* Tells all sessions that catalogue rows changed (sends invalidation for cached objects); call once
 * per DDL statement, before its commit. */
void catalog_changed(void);
/* Counter that changes whenever any cached catalogue content may have changed in this session;
 * name look-ups remembered with an older value must be repeated. */
uint64 catalog_generation(void);

/* ---- principals ---- */
typedef struct CatalogPrincipal {
    int32 id;
    const char *name;
    char type; /* 'S' login/user, 'R' role */
    const char *default_database, *default_schema;
    bool disabled;
    Oid role;  /* PostgreSQL role */
} CatalogPrincipal;
bool catalog_login_by_name(const char *name, CatalogPrincipal *login);
/* The database user of a login: dbo for sysadmins and owners, guest where enabled; false: no access
 * (error 916 / 4060). */
bool catalog_user_of_login(int32 database, int32 login, CatalogPrincipal *user);
bool catalog_is_sysadmin(int32 login);
