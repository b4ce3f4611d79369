/*
 * Functions that name things and tell of them: OBJECT_ID, DB_NAME, SCHEMA_ID, COL_NAME, TYPE_ID,
 * USER_NAME, ... (the table of functions names the symbols). Strings come and go as UTF-8 varlenas.
 * All are called on NULL: a missing argument has another meaning than a NULL one, which yields
 * NULL.
 */
#include "postgres.h"

#include "catalogue/tables.h"
#include "context/context.h"
#include "fmgr.h"
#include "pgcompat/base.h"
#include "utils/builtins.h"
#include "utils/formatting.h"
#include "views/metadata.h"
#include "views/names.h"

const char *
metadata_text(FunctionCallInfo fcinfo, int n)
{
    if (n >= PG_NARGS() || PG_ARGISNULL(n))
        return NULL;
    return text_to_cstring(PG_GETARG_TEXT_PP(n));
}

Datum
metadata_name(FunctionCallInfo fcinfo, const char *name)
{
    if (name == NULL)
        PG_RETURN_NULL();
    PG_RETURN_TEXT_P(cstring_to_text(name));
}

/* Whether a call with arguments has a NULL among them. */
static bool
any_null(FunctionCallInfo fcinfo)
{
    for (int i = 0; i < PG_NARGS(); i++)
        if (PG_ARGISNULL(i))
            return true;
    return false;
}

/* ---- objects ---- */

METADATA_FUNCTION(meta_object_id)
{
    const char *name = metadata_text(fcinfo, 0), *type = metadata_text(fcinfo, 1);
    CatalogObject object;

    if (any_null(fcinfo) || !name_find_object(name, &object))
        PG_RETURN_NULL();
    if (type != NULL) {
        char wanted[8];
        int length = 0;

        while (type[length] != '\0' && type[length] != ' ' && length < 7) {
            wanted[length] = pg_toupper((unsigned char) type[length]);
            length++;
        }
        wanted[length] = '\0';
        if (strcmp(wanted, catalog_object_type_code(object.type)) != 0 &&
            !(object.type == CATALOG_SYSTEM_PROCEDURE && strcmp(wanted, "P") == 0))
            PG_RETURN_NULL();
    }
    PG_RETURN_INT32(object.id);
}

/* An object by id, of the database in the second argument if there is one. */
static bool
object_argument(FunctionCallInfo fcinfo, CatalogObject *object)
{
    if (any_null(fcinfo) || !catalog_object_by_id(PG_GETARG_INT32(0), object))
        return false;
    if (object->is_system)
        return true;
    return object->database == (PG_NARGS() > 1 ? PG_GETARG_INT32(1) : session_context->database) ||
           object->is_temporary;
}

METADATA_FUNCTION(meta_object_name)
{
    CatalogObject object;

    return metadata_name(fcinfo, object_argument(fcinfo, &object) ? object.name : NULL);
}

METADATA_FUNCTION(meta_object_schema_name)
{
    CatalogObject object;

    return metadata_name(fcinfo, object_argument(fcinfo, &object) ? object.schema_name : NULL);
}

METADATA_FUNCTION(meta_object_definition)
{
    CatalogModule module;
    CatalogScan scan;
    char *definition = NULL;

    if (any_null(fcinfo))
        PG_RETURN_NULL();
    if (catalog_module(PG_GETARG_INT32(0), &module))
        return metadata_name(fcinfo, module.definition);
    catalog_scan_begin(&scan, TABLE_constraints, "constraints_pkey", false);
    catalog_scan_key_int(&scan, COL_constraints_object, PG_GETARG_INT32(0));
    if (catalog_scan_next(&scan))
        definition = catalog_field_text(&scan, COL_constraints_definition);
    catalog_scan_end(&scan);
    return metadata_name(fcinfo, definition);
}

/* ---- databases and schemas ---- */

METADATA_FUNCTION(meta_db_id)
{
    const CatalogDatabase *database;

    if (PG_NARGS() == 0)
        PG_RETURN_INT16((int16) session_context->database);
    if (any_null(fcinfo) || (database = catalog_database_by_name(metadata_text(fcinfo, 0))) == NULL)
        PG_RETURN_NULL();
    PG_RETURN_INT16((int16) database->id);
}

METADATA_FUNCTION(meta_db_name)
{
    const CatalogDatabase *database;

    if (PG_NARGS() == 0)
        return metadata_name(fcinfo, session_context->database_name);
    if (any_null(fcinfo))
        PG_RETURN_NULL();
    /* 0 is the current one, as in DB_NAME(0) */
    database =
        catalog_database(PG_GETARG_INT32(0) ? PG_GETARG_INT32(0) : session_context->database);
    return metadata_name(fcinfo, database ? database->name : NULL);
}

METADATA_FUNCTION(meta_schema_id)
{
    const char *name = PG_NARGS() ? metadata_text(fcinfo, 0) : session_context->default_schema;
    int32 id = name ? catalog_schema_by_name(session_context->database, name) : 0;

    if (id == 0)
        PG_RETURN_NULL();
    PG_RETURN_INT32(id);
}

METADATA_FUNCTION(meta_schema_name)
{
    if (PG_NARGS() == 0)
        return metadata_name(fcinfo, session_context->default_schema);
    if (any_null(fcinfo))
        PG_RETURN_NULL();
    return metadata_name(fcinfo,
                         catalog_schema_name(session_context->database, PG_GETARG_INT32(0)));
}

METADATA_FUNCTION(meta_has_dbaccess)
{
    const char *name = metadata_text(fcinfo, 0);
    const CatalogDatabase *database = name ? catalog_database_by_name(name) : NULL;
    CatalogPrincipal user;

    if (database == NULL)
        PG_RETURN_NULL();
    PG_RETURN_INT32(database->online &&
                    (session_context->is_sysadmin ||
                     catalog_user_of_login(database->id, session_rights_login(), &user)));
}

/* ---- types ---- */

/* A system or alias type by a written name; its user_type_id, 0 if there is none. */
int32
metadata_type(const char *name, CatalogType *alias)
{
    NameParts split = name_split(name);
    const char *schema, *type;
    SqlTypeId id;

    memset(alias, 0, sizeof(*alias));
    if (split.count == 0 || split.count > 2)
        return 0;
    schema = split.count == 2 ? split.parts[0] : NULL;
    type = split.parts[split.count - 1];
    id = schema == NULL || pg_strcasecmp(schema, "sys") == 0 ? sql_type_by_name(type) : SQL_UNKNOWN;
    if (id != SQL_UNKNOWN)
        return sql_type_info(id)->user_type_id;
    return catalog_type_by_name(session_context->database, schema, type, alias)
               ? alias->user_type_id
               : 0;
}

METADATA_FUNCTION(meta_type_id)
{
    CatalogType alias;
    int32 id = any_null(fcinfo) ? 0 : metadata_type(metadata_text(fcinfo, 0), &alias);

    if (id == 0)
        PG_RETURN_NULL();
    PG_RETURN_INT32(id);
}

METADATA_FUNCTION(meta_type_name)
{
    CatalogType alias;

    if (any_null(fcinfo))
        PG_RETURN_NULL();
    for (int i = 1; i < SQL_TYPE_COUNT; i++)
        if (sql_type_info(i)->user_type_id == PG_GETARG_INT32(0))
            return metadata_name(fcinfo, sql_type_info(i)->name);
    return metadata_name(fcinfo, catalog_type(session_context->database, PG_GETARG_INT32(0), &alias)
                                     ? alias.name
                                     : NULL);
}

/* ---- columns ---- */

METADATA_FUNCTION(meta_col_name)
{
    CatalogObject object;
    const CatalogRelation *relation;

    if (any_null(fcinfo) || !catalog_object_by_id(PG_GETARG_INT32(0), &object))
        PG_RETURN_NULL();
    relation = catalog_relation(&object);
    for (int i = 0; i < relation->column_count; i++)
        if (relation->columns[i].column_id == PG_GETARG_INT32(1))
            return metadata_name(fcinfo, relation->columns[i].name);
    PG_RETURN_NULL();
}

METADATA_FUNCTION(meta_col_length)
{
    CatalogObject object;
    const CatalogRelation *relation;
    int column, system_type, precision, scale;
    int32 user_type, max_length;

    if (any_null(fcinfo) || !name_find_object(metadata_text(fcinfo, 0), &object))
        PG_RETURN_NULL();
    relation = catalog_relation(&object);
    column = catalog_column_find(relation, metadata_text(fcinfo, 1));
    if (column < 0)
        PG_RETURN_NULL();
    catalog_type_store(&relation->columns[column].type, &system_type, &user_type, &max_length,
                       &precision, &scale);
    PG_RETURN_INT16((int16) max_length);
}

/* INDEX_COL('t', index_id, key_id) */
METADATA_FUNCTION(meta_index_col)
{
    CatalogObject object;
    CatalogScan scan;
    const CatalogRelation *relation;
    int32 column_id = 0;

    if (any_null(fcinfo) || !name_find_object(metadata_text(fcinfo, 0), &object))
        PG_RETURN_NULL();
    catalog_scan_begin(&scan, TABLE_index_columns, "index_columns_id", false);
    catalog_scan_key_int(&scan, COL_index_columns_object, object.id);
    catalog_scan_key_int(&scan, COL_index_columns_index, PG_GETARG_INT32(1));
    while (catalog_scan_next(&scan))
        if (catalog_field_int(&scan, COL_index_columns_key_ordinal) == PG_GETARG_INT32(2))
            column_id = catalog_field_int(&scan, COL_index_columns_column_id);
    catalog_scan_end(&scan);
    relation = catalog_relation(&object);
    for (int i = 0; column_id != 0 && i < relation->column_count; i++)
        if (relation->columns[i].column_id == column_id)
            return metadata_name(fcinfo, relation->columns[i].name);
    PG_RETURN_NULL();
}

/* ---- principals ---- */

METADATA_FUNCTION(meta_user_name)
{
    CatalogPrincipal user;

    if (PG_NARGS() == 0)
        return metadata_name(fcinfo, session_context->user_name);
    if (any_null(fcinfo) || !catalog_user(session_context->database, PG_GETARG_INT32(0), &user))
        PG_RETURN_NULL();
    return metadata_name(fcinfo, user.name);
}

METADATA_FUNCTION(meta_user_id)
{
    CatalogPrincipal user;

    if (PG_NARGS() == 0)
        PG_RETURN_INT32(session_context->user_id);
    if (any_null(fcinfo) ||
        !catalog_user_by_name(session_context->database, metadata_text(fcinfo, 0), &user))
        PG_RETURN_NULL();
    PG_RETURN_INT32(user.id);
}

METADATA_FUNCTION(meta_suser_name)
{
    CatalogPrincipal login;

    if (PG_NARGS() == 0)
        return metadata_name(fcinfo, session_context->login_name);
    if (any_null(fcinfo) || !catalog_login(PG_GETARG_INT32(0), &login))
        PG_RETURN_NULL();
    return metadata_name(fcinfo, login.name);
}

METADATA_FUNCTION(meta_suser_id)
{
    CatalogPrincipal login;

    if (PG_NARGS() == 0)
        PG_RETURN_INT32(session_context->login_id);
    if (any_null(fcinfo) || !catalog_login_by_name(metadata_text(fcinfo, 0), &login))
        PG_RETURN_NULL();
    PG_RETURN_INT32(login.id);
}

/* A login's SID, by name; NULL if there is none. */
static bytea *
sid_of(const char *name)
{
    CatalogScan scan;
    bytea *sid = NULL;
    bool is_null;

    catalog_scan_begin(&scan, TABLE_server_principals, "server_principals_key", false);
    catalog_scan_key_text(&scan, COL_server_principals_key,
                          sql_identifier_fold(name, sql_collation_default()));
    if (catalog_scan_next(&scan))
        sid = DatumGetByteaPCopy(catalog_field(&scan, COL_server_principals_sid, &is_null));
    catalog_scan_end(&scan);
    return sid;
}

METADATA_FUNCTION(meta_suser_sid)
{
    const char *name = PG_NARGS() ? metadata_text(fcinfo, 0) : session_context->login_name;
    bytea *sid = name ? sid_of(name) : NULL;

    if (sid == NULL)
        PG_RETURN_NULL();
    PG_RETURN_BYTEA_P(sid);
}

/* SUSER_SNAME([sid]) */
METADATA_FUNCTION(meta_suser_sname)
{
    CatalogScan scan;
    char *name = NULL;
    bytea *wanted;

    if (PG_NARGS() == 0)
        return metadata_name(fcinfo, session_context->login_name);
    if (any_null(fcinfo))
        PG_RETURN_NULL();
    wanted = PG_GETARG_BYTEA_PP(0);
    catalog_scan_begin(&scan, TABLE_server_principals, NULL, false);
    while (name == NULL && catalog_scan_next(&scan)) {
        bool is_null;
        bytea *sid = DatumGetByteaPP(catalog_field(&scan, COL_server_principals_sid, &is_null));

        if (VARSIZE_ANY_EXHDR(sid) == VARSIZE_ANY_EXHDR(wanted) &&
            memcmp(VARDATA_ANY(sid), VARDATA_ANY(wanted), VARSIZE_ANY_EXHDR(sid)) == 0)
            name = catalog_field_text(&scan, COL_server_principals_name);
    }
    catalog_scan_end(&scan);
    return metadata_name(fcinfo, name);
}

/* IS_MEMBER(role), IS_ROLEMEMBER(role [, principal]) */
METADATA_FUNCTION(meta_is_member)
{
    CatalogPrincipal role, member = {.id = session_context->user_id};
    int32 database = session_context->database;

    if (any_null(fcinfo) || !catalog_user_by_name(database, metadata_text(fcinfo, 0), &role))
        PG_RETURN_NULL();
    if (PG_NARGS() > 1 && !catalog_user_by_name(database, metadata_text(fcinfo, 1), &member))
        PG_RETURN_NULL();
    if (role.id == PRINCIPAL_PUBLIC)
        PG_RETURN_INT32(1);
    PG_RETURN_INT32(catalog_is_role_member(database, role.id, member.id));
}

/* IS_SRVROLEMEMBER(role [, login]) */
METADATA_FUNCTION(meta_is_srvrolemember)
{
    CatalogPrincipal role, login = {.id = session_rights_login()};

    if (any_null(fcinfo) || !catalog_login_by_name(metadata_text(fcinfo, 0), &role) ||
        role.type != 'R')
        PG_RETURN_NULL();
    if (PG_NARGS() > 1 && !catalog_login_by_name(metadata_text(fcinfo, 1), &login))
        PG_RETURN_NULL();
    if (PG_NARGS() == 1 && session_context->is_sysadmin)
        PG_RETURN_INT32(1);
    PG_RETURN_INT32(role.id == 2 || catalog_is_server_role_member(role.id, login.id));
}

/* HAS_PERMS_BY_NAME(securable, class, permission [, sub-securable, sub-class]) */
METADATA_FUNCTION(meta_has_perms_by_name)
{
    const char *securable = metadata_text(fcinfo, 0), *class_name = metadata_text(fcinfo, 1);
    const char *asked = metadata_text(fcinfo, 2);
    char *permission;
    CatalogObject object;

    if (asked == NULL)
        PG_RETURN_NULL();
    permission = asc_toupper(asked, strlen(asked));
    if (session_context->is_sysadmin)
        PG_RETURN_INT32(1);
    if (securable == NULL && class_name == NULL)
        PG_RETURN_INT32(catalog_server_permission_check(permission));
    if (class_name != NULL && pg_strcasecmp(class_name, "DATABASE") == 0) {
        const CatalogDatabase *database = securable ? catalog_database_by_name(securable)
                                                    : catalog_database(session_context->database);

        if (database == NULL)
            PG_RETURN_NULL();
        PG_RETURN_INT32(catalog_database_permission_check(database->id, permission));
    }
    if (class_name == NULL || pg_strcasecmp(class_name, "OBJECT") != 0)
        PG_RETURN_INT32(catalog_database_permission_check(session_context->database, permission));
    if (securable == NULL || !name_find_object(securable, &object))
        PG_RETURN_NULL();
    if (strcmp(permission, "ANY") == 0)
        permission = "SELECT";
    PG_RETURN_INT32(catalog_permission_check(&object, permission, 0));
}
