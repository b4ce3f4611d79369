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

/* Schemas that every database has, and principals. */
#define SCHEMA_DBO 1
#define SCHEMA_GUEST 2
#define SCHEMA_INFORMATION_SCHEMA 3
#define SCHEMA_SYS 4
#define PRINCIPAL_PUBLIC 0
#define PRINCIPAL_DBO 1
#define PRINCIPAL_GUEST 2
#define LOGIN_SA 1

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
    CATALOG_SYNONYM,          /* SN */
    CATALOG_PRIMARY_KEY,      /* PK */
    CATALOG_UNIQUE,           /* UQ */
    CATALOG_FOREIGN_KEY,      /* F */
    CATALOG_CHECK,            /* C */
    CATALOG_DEFAULT,          /* D */
    CATALOG_TABLE_TYPE,       /* TT */
    CATALOG_SYSTEM_TABLE,     /* S */
    CATALOG_SYSTEM_VIEW,      /* V, in sys or INFORMATION_SCHEMA */
    CATALOG_SYSTEM_PROCEDURE, /* X/P in sys */
} CatalogObjectType;

typedef struct CatalogObject {
    int32 id; /* object_id, unique in the instance */
    int32 database;
    int32 schema; /* schema_id */
    const char *name;
    const char *schema_name;
    CatalogObjectType type;
    int32 parent;      /* object_id of the table of a constraint or trigger; 0 */
    Oid relation;      /* pg_class oid of tables, views, sequences; InvalidOid */
    bool is_system;    /* lives in sys/INFORMATION_SCHEMA: database is the one asked for */
    bool is_temporary; /* #name of this session */
} CatalogObject;

typedef struct CatalogColumn {
    AttrNumber attnum; /* in the PostgreSQL relation; 0: computed and not persisted */
    int32 column_id;   /* sys.columns.column_id */
    const char *name;
    const char *key; /* folded name; NULL in relations made outside the catalogue */
    SqlType type;
    bool nullable;
    bool identity;
    int64 identity_seed, identity_increment;
    bool computed, persisted;
    const char *computed_text; /* T-SQL text of a computed column, bound where it is used */
    const char *default_text;  /* T-SQL text of the default, NULL if none */
    bool rowguid, hidden, updatable;
} CatalogColumn;

/* A table, view or table type with its columns in order. Reference-counted by the cache: valid
 * until the end of the statement at least (copied in the caller's context if kept longer). */
typedef struct CatalogRelation {
    CatalogObject object;
    int column_count;
    CatalogColumn *columns;
    int identity_column; /* index in columns, -1 */
    int rowversion_column;
    bool has_insert_trigger, has_update_trigger, has_delete_trigger;
    bool has_instead_of_insert, has_instead_of_update, has_instead_of_delete;
} CatalogRelation;

/* Registers the names for errors.h; called once by _PG_init. */
void catalog_init(void);

/* Whether the extension is installed: false in a cluster that is still being made ready. */
bool catalog_is_installed(void);

/* ---- databases ---- */
const CatalogDatabase *catalog_database_by_name(const char *name); /* NULL if none */
const CatalogDatabase *catalog_database(int32 id);

/* The session uses this database from now on (0: none); part of USE. Survives transactions. */
void catalog_database_hold(int32 database);
/* Takes a database for this transaction alone; false if another session uses it. */
bool catalog_database_lock(int32 database);
/* Ends all other sessions that use a database, and waits for that. */
void catalog_database_disconnect(int32 database);

/* ---- names to objects ---- */

/*
 * Finds the object that a one- to three-part name means from `database` (the session's current one)
 * with `default_schema` (NULL: dbo): the default schema, then dbo, then sys/INFORMATION_SCHEMA and
 * the old dbo.sys* names. '#' names look in tempdb for this session's tables. Synonyms are followed
 * unless `keep_synonym`. false if there is none (error 208 etc. is the caller's).
 */
bool catalog_find_object(int32 database,
                         const char *default_schema,
                         const char *name_database,
                         const char *name_schema,
                         const char *name_object,
                         bool keep_synonym,
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
/* One of a procedure group, proc;number; catalog_module() is number 1. */
bool catalog_module_numbered(int32 object_id, int number, CatalogModule *module);

/* What a synonym stands for; absent parts NULL. catalog_find_object() follows it by itself. */
typedef struct CatalogSynonym {
    const char *server, *database, *schema, *object;
} CatalogSynonym;
bool catalog_synonym(int32 object_id, CatalogSynonym *synonym);

/* "U", "PK", ...: sys.objects.type without padding. */
const char *catalog_object_type_code(CatalogObjectType type);

/* Schemas: id by name in a database (0 if none), name by id, PostgreSQL namespace oid. */
int32 catalog_schema_by_name(int32 database, const char *name);
const char *catalog_schema_name(int32 database, int32 schema_id);
Oid catalog_schema_namespace(int32 database, int32 schema_id);
int32 catalog_schema_owner(int32 database, int32 schema_id); /* database principal */
/* The collation that names of a database are compared under; the server's for 0. */
Oid catalog_database_collation(int32 database);

/* Types: resolves an alias or table type; system types are sql_type_by_name()'s. */
typedef struct CatalogType {
    int32 user_type_id;
    const char *name;
    int32 schema;
    SqlType base; /* alias types */
    bool nullable;
    bool is_table;
    CatalogObject table; /* table types */
} CatalogType;
bool catalog_type_by_name(int32 database, const char *schema, const char *name, CatalogType *type);
bool catalog_type(int32 database, int32 user_type_id, CatalogType *type);

/* The stored form of a SqlType (as in sys.columns) and back. */
SqlType catalog_type_load(
    int system_type, int32 user_type, int32 max_length, int precision, int scale, Oid collation);
void catalog_type_store(const SqlType *type,
                        int *system_type,
                        int32 *user_type,
                        int32 *max_length,
                        int *precision,
                        int *scale);

/* A readable PostgreSQL name of at most 63 bytes for a T-SQL name (hash suffix if cut). palloc'd.
 */
char *catalog_pg_name(const char *tsql_name);
char *catalog_pg_column_name(const char *tsql_name); /* avoids PostgreSQL's system columns */
char *catalog_pg_schema_name(const char *database, const char *schema);

/* Tells all sessions that catalogue rows changed (sends invalidation for cached objects); call once
 * per DDL statement, before its commit. */
void catalog_changed(void);
/* The same when only #temporary objects of this session changed: other sessions are not told. */
void catalog_changed_locally(void);
/* objects.session of this backend's #temporary objects. */
int32 catalog_session_key(void);
/* Counter that changes whenever any cached catalogue content may have changed in this session;
 * name look-ups remembered with an older value must be repeated. */
uint64 catalog_generation(void);
/* Frees what was thrown away: called between batches, when nobody holds pointers from look-ups. */
void catalog_release(void);

/* ---- principals ---- */
typedef struct CatalogPrincipal {
    int32 id;
    const char *name;
    char type; /* 'S' login/user, 'R' role */
    const char *default_database, *default_schema;
    bool disabled;
    /* of a login: the password must be changed first, is checked against the policy, was wrong too
     * often; how often since it was right */
    bool must_change, policy_checked, locked;
    int32 wrong_passwords;
    Oid role;    /* PostgreSQL role */
    int32 login; /* of a user: its login; 0 if none */
} CatalogPrincipal;
bool catalog_login_by_name(const char *name, CatalogPrincipal *login);
/* The database user of a login: dbo for sysadmins and owners, guest where enabled; false: no access
 * (error 916 / 4060). */
bool catalog_user_of_login(int32 database, int32 login, CatalogPrincipal *user);
bool catalog_is_sysadmin(int32 login);
bool catalog_login(int32 id, CatalogPrincipal *login);
bool catalog_user_by_name(int32 database, const char *name, CatalogPrincipal *user);
bool catalog_user(int32 database, int32 id, CatalogPrincipal *user);
/* Whether a database principal is (through roles) a member of a role of its database. */
bool catalog_is_role_member(int32 database, int32 role, int32 member);
/* Whether a login is (through roles) a member of a server role. */
bool catalog_is_server_role_member(int32 role, int32 login);

/*
 * Whether the session's user may use an object so: a permission's name ("SELECT", "EXECUTE", ...).
 * Considers DENY before GRANT, on the column, the object, its schema and its database, to the user,
 * its roles and public; dbo, owners and sysadmins may all. `column_id` 0: the whole object. The
 * caller raises 229 (or 230 for a column).
 */
bool catalog_permission_check(const CatalogObject *object, const char *permission, int32 column_id);
/* The same for a permission on the database itself ("CREATE TABLE", ...). */
bool catalog_database_permission_check(int32 database, const char *permission);
/* The same for a permission on the server (sysadmins may all). */
bool catalog_server_permission_check(const char *permission);
/* Whether the session may act as a user of a database, or (database 0) as a login: itself, those it
 * is above, those it was granted IMPERSONATE on. */
bool catalog_may_impersonate(int32 database, int32 principal);
/* What SUSER_NAME() says of a user without a login: S-1-9-3-... palloc'd. */
char *catalog_user_sid_name(int32 database, int32 user);
/* Whether a login may connect to the server: nobody denied it CONNECT SQL. */
bool catalog_login_may_connect(int32 login);
/* Writes down what came of a login's password. In a transaction, as the superuser. */
void catalog_login_note_password(int32 login, int32 wrong_passwords, bool locked, bool must_change);
/* Who asks: told by USE and EXECUTE AS, as this layer is below the session's state. Returns the
 * login and the user id in `database`. */
typedef void (*CatalogWhoHook)(int32 database, int32 *login, int32 *user);
extern CatalogWhoHook catalog_who_hook;
