/*
 * GRANT, DENY, REVOKE: rows of permissions that catalog_permission_check() reads.
 */
#include "postgres.h"

#include "ddl/ddl_internal.h"

typedef struct PermissionName {
    const char *name;
    const char *type; /* sys.database_permissions.type */
} PermissionName;

static const PermissionName names[] = {
    {"SELECT", "SL"},
    {"INSERT", "IN"},
    {"UPDATE", "UP"},
    {"DELETE", "DL"},
    {"EXECUTE", "EX"},
    {"REFERENCES", "RF"},
    {"ALTER", "AL"},
    {"CONTROL", "CL"},
    {"TAKE OWNERSHIP", "TO"},
    {"VIEW DEFINITION", "VW"},
    {"VIEW CHANGE TRACKING", "VWCT"},
    {"RECEIVE", "RC"},
    {"IMPERSONATE", "IM"},
    {"CONNECT", "CO"},
    {"CREATE TABLE", "CRTB"},
    {"CREATE VIEW", "CRVW"},
    {"CREATE PROCEDURE", "CRPR"},
    {"CREATE FUNCTION", "CRFN"},
    {"CREATE SCHEMA", "CRSM"},
    {"CREATE TYPE", "CRTY"},
    {"CREATE ROLE", "CRRL"},
    {"CREATE DEFAULT", "CRDF"},
    {"CREATE RULE", "CRRU"},
    {"CREATE SYNONYM", "CRSN"},
    {"CREATE SEQUENCE", "CRSO"},
    {"CREATE DATABASE", "CRDB"},
    {"CREATE ANY DATABASE", "CRDB"},
    {"BACKUP DATABASE", "BADB"},
    {"BACKUP LOG", "BALO"},
    {"ALTER ANY USER", "ALUS"},
    {"ALTER ANY ROLE", "ALRL"},
    {"ALTER ANY SCHEMA", "ALSM"},
    {"ALTER ANY LOGIN", "ALLG"},
    {"ALTER ANY DATABASE", "ALDB"},
    {"ALTER ANY SERVER ROLE", "ALSR"},
    {"ALTER ANY CONNECTION", "ALCO"},
    {"ALTER SERVER STATE", "ALSS"},
    {"ALTER SETTINGS", "ALST"},
    {"VIEW SERVER STATE", "VWSS"},
    {"VIEW DATABASE STATE", "VWDS"},
    {"VIEW ANY DATABASE", "VWDB"},
    {"VIEW ANY DEFINITION", "VWAD"},
    {"CONNECT SQL", "COSQ"},
    {"CONNECT ANY DATABASE", "CADB"},
    {"CONTROL SERVER", "CL"},
    {"SHOWPLAN", "SPLN"},
    {"SHUTDOWN", "SHDN"},
    {"ADMINISTER BULK OPERATIONS", "ADBO"},
    {"UNMASK", "UMSK"},
};

static const PermissionName *
permission_by_name(const char *name)
{
    if (strcmp(name, "EXEC") == 0)
        name = "EXECUTE";
    for (int i = 0; i < lengthof(names); i++)
        if (strcmp(names[i].name, name) == 0)
            return &names[i];
    tsql_error(ERR_156, name);
}

/* What a statement is about. */
typedef struct Securable {
    int32 database; /* 0: the server */
    int class;
    int32 major;
    CatalogObject object; /* class 1 */
} Securable;

static bool
is_server_permission(const AstPermission *statement)
{
    static const char *const server[] = {"VIEW SERVER STATE",
                                         "ALTER ANY LOGIN",
                                         "ALTER ANY DATABASE",
                                         "VIEW ANY DATABASE",
                                         "CONNECT SQL",
                                         "CONTROL SERVER",
                                         "ALTER SERVER STATE",
                                         "ALTER SETTINGS",
                                         "CREATE ANY DATABASE",
                                         "SHUTDOWN",
                                         "ALTER ANY CONNECTION",
                                         "VIEW ANY DEFINITION",
                                         "ALTER ANY SERVER ROLE",
                                         "CONNECT ANY DATABASE",
                                         "ADMINISTER BULK OPERATIONS"};

    for (int i = 0; i < lengthof(server); i++)
        if (statement->permission_count > 0 && strcmp(statement->permissions[0], server[i]) == 0)
            return true;
    return false;
}

static void
find_securable(const AstPermission *statement, const DdlContext *context, Securable *securable)
{
    const char *class_name = statement->class_;
    CatalogPrincipal principal;
    CatalogType type;

    memset(securable, 0, sizeof(*securable));
    securable->database = context->database;
    if (statement->securable == NULL) {
        if (is_server_permission(statement)) {
            securable->database = 0;
            securable->class = 100;
        }
        return;
    }
    if (class_name == NULL || strcmp(class_name, "OBJECT") == 0) {
        if (!ddl_find(statement->securable, context, &securable->object))
            tsql_error(ERR_15151, "find", "object", statement->securable->object);
        securable->class = 1;
        securable->major = securable->object.id;
    } else if (strcmp(class_name, "SCHEMA") == 0) {
        securable->class = 3;
        securable->major = catalog_schema_by_name(context->database, statement->securable->object);
        if (securable->major == 0)
            tsql_error(ERR_15151, "find", "schema", statement->securable->object);
    } else if (strcmp(class_name, "TYPE") == 0) {
        if (!catalog_type_by_name(context->database, statement->securable->schema,
                                  statement->securable->object, &type))
            tsql_error(ERR_15151, "find", "type", statement->securable->object);
        securable->class = 6;
        securable->major = type.user_type_id;
    } else if (strcmp(class_name, "USER") == 0 || strcmp(class_name, "ROLE") == 0) {
        if (!catalog_user_by_name(context->database, statement->securable->object, &principal))
            tsql_error(ERR_15151, "find", "user", statement->securable->object);
        securable->class = 4;
        securable->major = principal.id;
    } else if (strcmp(class_name, "LOGIN") == 0) {
        if (!catalog_login_by_name(statement->securable->object, &principal))
            tsql_error(ERR_15151, "find", "login", statement->securable->object);
        securable->database = 0;
        securable->class = 101;
        securable->major = principal.id;
    } else if (strcmp(class_name, "DATABASE") == 0) {
        const CatalogDatabase *database = catalog_database_by_name(statement->securable->object);

        if (database == NULL)
            tsql_error(ERR_15151, "find", "database", statement->securable->object);
        securable->database = database->id;
    }
}

/* Deletes (REVOKE) or replaces one row. */
static void
change_row(const Securable *securable,
           int32 minor,
           int32 grantee,
           const PermissionName *permission,
           const AstPermission *statement)
{
    CatalogScan scan;
    CatalogRow row;

    catalog_scan_begin(&scan, TABLE_permissions, "permissions_grantee", true);
    catalog_scan_key_int(&scan, COL_permissions_database, securable->database);
    catalog_scan_key_int(&scan, COL_permissions_grantee, grantee);
    catalog_scan_key_short(&scan, COL_permissions_class, securable->class);
    catalog_scan_key_int(&scan, COL_permissions_major, securable->major);
    catalog_scan_key_int(&scan, COL_permissions_minor, minor);
    catalog_scan_key_text(&scan, COL_permissions_type, permission->type);
    if (catalog_scan_next(&scan)) {
        if (statement->action == PERMISSION_REVOKE && statement->grant_option_for) {
            catalog_row_init(&row, TABLE_permissions);
            catalog_row_text(&row, COL_permissions_state, "G");
            catalog_scan_update(&scan, &row);
        } else
            catalog_scan_delete(&scan);
    }
    catalog_scan_end(&scan);
    if (statement->action == PERMISSION_REVOKE)
        return;
    catalog_row_init(&row, TABLE_permissions);
    catalog_row_int(&row, COL_permissions_database, securable->database);
    catalog_row_short(&row, COL_permissions_class, securable->class);
    catalog_row_int(&row, COL_permissions_major, securable->major);
    catalog_row_int(&row, COL_permissions_minor, minor);
    catalog_row_int(&row, COL_permissions_grantee, grantee);
    catalog_row_text(&row, COL_permissions_type, permission->type);
    catalog_row_int(&row, COL_permissions_grantor, PRINCIPAL_DBO);
    catalog_row_text(&row, COL_permissions_permission, permission->name);
    catalog_row_text(&row, COL_permissions_state,
                     statement->action == PERMISSION_DENY ? "D"
                     : statement->with_grant_option       ? "W"
                                                          : "G");
    catalog_row_insert(&row);
}

static void
change(const Securable *securable,
       int32 grantee,
       const PermissionName *permission,
       const AstPermission *statement)
{
    const CatalogRelation *relation;

    if (statement->column_count == 0) {
        change_row(securable, 0, grantee, permission, statement);
        return;
    }
    relation = catalog_relation(&securable->object);
    for (int i = 0; i < statement->column_count; i++) {
        int column = catalog_column_find(relation, statement->columns[i]);

        if (column < 0)
            tsql_error(ERR_1911, statement->columns[i]);
        change_row(securable, relation->columns[column].column_id, grantee, permission, statement);
    }
}

/* ALL means what the kind of object has. */
static const char *const *
all_of(const Securable *securable)
{
    static const char *const table[] = {"SELECT", "INSERT", "UPDATE", "DELETE", "REFERENCES", NULL};
    static const char *const procedure[] = {"EXECUTE", NULL};
    static const char *const scalar[] = {"EXECUTE", "REFERENCES", NULL};
    static const char *const database[] = {"BACKUP DATABASE", "BACKUP LOG",       "CREATE DEFAULT",
                                           "CREATE FUNCTION", "CREATE PROCEDURE", "CREATE RULE",
                                           "CREATE TABLE",    "CREATE VIEW",      NULL};

    if (securable->class != 1)
        return database;
    switch (securable->object.type) {
    case CATALOG_PROCEDURE:
    case CATALOG_SYSTEM_PROCEDURE:
        return procedure;
    case CATALOG_SCALAR_FUNCTION:
        return scalar;
    default:
        return table;
    }
}

static int32
find_grantee(const Securable *securable, const char *name)
{
    CatalogPrincipal principal;

    if (securable->database == 0 ? catalog_login_by_name(name, &principal)
                                 : catalog_user_by_name(securable->database, name, &principal))
        return principal.id;
    tsql_error(ERR_15151, "find", securable->database == 0 ? "login" : "user", name);
}

void
ddl_permission(const AstPermission *statement, DdlContext *context)
{
    Securable securable;

    find_securable(statement, context, &securable);
    if (securable.database == 0 ? !catalog_server_permission_check("CONTROL SERVER")
        : securable.class == 1  ? !catalog_permission_check(&securable.object, "CONTROL", 0)
                                : !catalog_database_permission_check(securable.database, "CONTROL"))
        tsql_error(ERR_15151, "find", securable.class == 1 ? "object" : "user",
                   statement->securable ? statement->securable->object : statement->principals[0]);
    for (int i = 0; i < statement->principal_count; i++) {
        int32 grantee = find_grantee(&securable, statement->principals[i]);

        for (int j = 0; j < statement->permission_count; j++) {
            const char *const *all;

            if (strncmp(statement->permissions[j], "ALL", 3) == 0 &&
                (statement->permissions[j][3] == '\0' || statement->permissions[j][3] == ' ')) {
                for (all = all_of(&securable); *all != NULL; all++)
                    change(&securable, grantee, permission_by_name(*all), statement);
            } else
                change(&securable, grantee, permission_by_name(statement->permissions[j]),
                       statement);
        }
    }
    ddl_changed(false);
}
