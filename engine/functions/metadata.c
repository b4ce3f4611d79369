/*
 * Metadata functions: ids and names of objects, databases, schemas, columns and types, and their
 * properties, from the catalogue.
 */
#include "postgres.h"

#include "catalogue/catalog.h"
#include "context/context.h"
#include "errors/errors.h"
#include "fmgr.h"
#include "functions/characters.h"
#include "miscadmin.h"
#include "types/variant.h"
#include "utils/builtins.h"

#include <unistd.h>

PG_FUNCTION_INFO_V1(fn_object_id);
PG_FUNCTION_INFO_V1(fn_object_name);
PG_FUNCTION_INFO_V1(fn_object_schema_name);
PG_FUNCTION_INFO_V1(fn_object_definition);
PG_FUNCTION_INFO_V1(fn_objectproperty);
PG_FUNCTION_INFO_V1(fn_schema_id);
PG_FUNCTION_INFO_V1(fn_schema_name_of);
PG_FUNCTION_INFO_V1(fn_db_id);
PG_FUNCTION_INFO_V1(fn_db_name_of);
PG_FUNCTION_INFO_V1(fn_databasepropertyex);
PG_FUNCTION_INFO_V1(fn_col_name);
PG_FUNCTION_INFO_V1(fn_col_length);
PG_FUNCTION_INFO_V1(fn_columnproperty);
PG_FUNCTION_INFO_V1(fn_type_id);
PG_FUNCTION_INFO_V1(fn_type_name);
PG_FUNCTION_INFO_V1(fn_typeproperty);
PG_FUNCTION_INFO_V1(fn_user_id);
PG_FUNCTION_INFO_V1(fn_user_name_of);
PG_FUNCTION_INFO_V1(fn_suser_id_of);
PG_FUNCTION_INFO_V1(fn_suser_name_of);
PG_FUNCTION_INFO_V1(fn_is_srvrolemember);
PG_FUNCTION_INFO_V1(fn_is_member);
PG_FUNCTION_INFO_V1(fn_has_dbaccess);
PG_FUNCTION_INFO_V1(fn_serverproperty);
PG_FUNCTION_INFO_V1(fn_collationproperty);

static char *
string_argument(FunctionCallInfo fcinfo, int n)
{
    return text_to_cstring(PG_GETARG_TEXT_PP(n));
}

static bool
name_is(const char *a, const char *b)
{
    return pg_strcasecmp(a, b) == 0;
}

static Datum
name_or_null(FunctionCallInfo fcinfo, const char *name)
{
    if (name == NULL)
        PG_RETURN_NULL();
    return string_datum(name, strlen(name));
}

/* ---- objects ---- */

/* The object that the text of a one- to three-part name means. */
static bool
find_named(FunctionCallInfo fcinfo, int n, CatalogObject *object)
{
    StringView name = string_view(PG_GETARG_DATUM(n));
    StringInfoData parts[4];
    const char *schema, *database;
    int count;

    if (!string_split_name(&name, parts, &count) || count > 3)
        return false;
    schema = count > 1 && parts[count - 2].len > 0 ? parts[count - 2].data : NULL;
    database = count > 2 && parts[0].len > 0 ? parts[0].data : NULL;
    if (database == NULL && parts[count - 1].data[0] == '#')
        schema = NULL;
    if (database != NULL && catalog_database_by_name(database) == NULL)
        return false;
    return catalog_find_object(session_context->database, session_context->default_schema, database,
                               schema, parts[count - 1].data, true, object);
}

/* OBJECT_ID(name [, type]) */
Datum
fn_object_id(PG_FUNCTION_ARGS)
{
    CatalogObject object;

    if (!find_named(fcinfo, 0, &object))
        PG_RETURN_NULL();
    if (PG_NARGS() > 1) {
        char *type = string_argument(fcinfo, 1);
        size_t length = strlen(type);

        while (length > 0 && type[length - 1] == ' ')
            type[--length] = '\0';
        if (!name_is(type, catalog_object_type_code(object.type)))
            PG_RETURN_NULL();
    }
    PG_RETURN_INT32(object.id);
}

Datum
fn_object_name(PG_FUNCTION_ARGS)
{
    CatalogObject object;

    return name_or_null(fcinfo,
                        catalog_object_by_id(PG_GETARG_INT32(0), &object) ? object.name : NULL);
}

Datum
fn_object_schema_name(PG_FUNCTION_ARGS)
{
    CatalogObject object;

    return name_or_null(
        fcinfo, catalog_object_by_id(PG_GETARG_INT32(0), &object) ? object.schema_name : NULL);
}

Datum
fn_object_definition(PG_FUNCTION_ARGS)
{
    CatalogModule module;

    return name_or_null(fcinfo,
                        catalog_module(PG_GETARG_INT32(0), &module) ? module.definition : NULL);
}

/* Properties that are "is it of this type". */
static const struct {
    const char *property;
    CatalogObjectType type;
} type_properties[] = {
    {"IsTable", CATALOG_TABLE},
    {"IsUserTable", CATALOG_TABLE},
    {"IsView", CATALOG_VIEW},
    {"IsProcedure", CATALOG_PROCEDURE},
    {"IsScalarFunction", CATALOG_SCALAR_FUNCTION},
    {"IsInlineFunction", CATALOG_INLINE_FUNCTION},
    {"IsTableFunction", CATALOG_TABLE_FUNCTION},
    {"IsTrigger", CATALOG_TRIGGER},
    {"IsPrimaryKey", CATALOG_PRIMARY_KEY},
    {"IsUniqueCnst", CATALOG_UNIQUE},
    {"IsForeignKey", CATALOG_FOREIGN_KEY},
    {"IsCheckCnst", CATALOG_CHECK},
    {"IsDefault", CATALOG_DEFAULT},
    {"IsSystemTable", CATALOG_SYSTEM_TABLE},
};

Datum
fn_objectproperty(PG_FUNCTION_ARGS)
{
    CatalogObject object;
    char *property = string_argument(fcinfo, 1);
    const CatalogRelation *relation;

    if (!catalog_object_by_id(PG_GETARG_INT32(0), &object))
        PG_RETURN_NULL();
    for (int i = 0; i < lengthof(type_properties); i++)
        if (name_is(property, type_properties[i].property))
            PG_RETURN_INT32(object.type == type_properties[i].type);
    if (name_is(property, "IsMSShipped"))
        PG_RETURN_INT32(object.is_system);
    if (name_is(property, "SchemaId"))
        PG_RETURN_INT32(object.schema);
    if (name_is(property, "OwnerId"))
        PG_RETURN_INT32(catalog_schema_owner(object.database, object.schema));
    if (name_is(property, "TableHasIdentity") && OidIsValid(object.relation)) {
        relation = catalog_relation(&object);
        PG_RETURN_INT32(relation->identity_column >= 0);
    }
    if (name_is(property, "ExecIsQuotedIdentOn") || name_is(property, "ExecIsAnsiNullsOn")) {
        CatalogModule module;

        if (catalog_module(object.id, &module))
            PG_RETURN_INT32(property[6] == 'Q' || property[6] == 'q' ? module.quoted_identifier
                                                                     : module.ansi_nulls);
    }
    PG_RETURN_NULL();
}

/* ---- schemas and databases ---- */

Datum
fn_schema_id(PG_FUNCTION_ARGS)
{
    const char *name =
        PG_NARGS() > 0 ? string_argument(fcinfo, 0) : session_context->default_schema;
    int32 id = catalog_schema_by_name(session_context->database, name);

    if (id == 0)
        PG_RETURN_NULL();
    PG_RETURN_INT32(id);
}

Datum
fn_schema_name_of(PG_FUNCTION_ARGS)
{
    return name_or_null(fcinfo, catalog_schema_name(session_context->database, PG_GETARG_INT32(0)));
}

Datum
fn_db_id(PG_FUNCTION_ARGS)
{
    const CatalogDatabase *database;

    if (PG_NARGS() == 0)
        PG_RETURN_INT16((int16) session_context->database);
    database = catalog_database_by_name(string_argument(fcinfo, 0));
    if (database == NULL)
        PG_RETURN_NULL();
    PG_RETURN_INT16((int16) database->id);
}

Datum
fn_db_name_of(PG_FUNCTION_ARGS)
{
    const CatalogDatabase *database = catalog_database(PG_GETARG_INT32(0));

    return name_or_null(fcinfo, database != NULL ? database->name : NULL);
}

static Datum
variant_string(const char *string)
{
    SqlType type = sql_type_string(SQL_NVARCHAR, 128, sql_collation_default());

    return variant_make(&type, string_datum(string, strlen(string)));
}

static Datum
variant_int(int32 value)
{
    SqlType type = sql_type_make(SQL_INT);

    return variant_make(&type, Int32GetDatum(value));
}

Datum
fn_databasepropertyex(PG_FUNCTION_ARGS)
{
    static const char *const models[] = {"", "FULL", "BULK_LOGGED", "SIMPLE"};
    const CatalogDatabase *database = catalog_database_by_name(string_argument(fcinfo, 0));
    char *property = string_argument(fcinfo, 1);
    const SqlCollation *collation;

    if (database == NULL)
        PG_RETURN_NULL();
    collation = sql_collation(database->collation);
    if (name_is(property, "Collation") && collation != NULL)
        return variant_string(collation->name);
    if (name_is(property, "LCID") && collation != NULL)
        return variant_int((int32) collation->lcid);
    if (name_is(property, "Status"))
        return variant_string(database->online ? "ONLINE" : "OFFLINE");
    if (name_is(property, "Updateability"))
        return variant_string(database->read_only ? "READ_ONLY" : "READ_WRITE");
    if (name_is(property, "UserAccess"))
        return variant_string("MULTI_USER");
    if (name_is(property, "Recovery"))
        return variant_string(models[database->recovery_model & 3]);
    if (name_is(property, "Version"))
        return variant_int(957);
    if (name_is(property, "Edition"))
        return variant_string("Standard");
    if (name_is(property, "IsAnsiNullDefault"))
        return variant_int(database->ansi_null_default);
    if (name_is(property, "IsAnsiNullsEnabled"))
        return variant_int(database->ansi_nulls);
    if (name_is(property, "IsQuotedIdentifiersEnabled"))
        return variant_int(database->quoted_identifier);
    if (name_is(property, "IsAutoClose") || name_is(property, "IsAutoShrink") ||
        name_is(property, "IsInStandBy") || name_is(property, "IsFulltextEnabled"))
        return variant_int(0);
    PG_RETURN_NULL();
}

/* ---- columns and types ---- */

static const CatalogColumn *
column_by_id(int32 object_id, int32 column_id)
{
    CatalogObject object;
    const CatalogRelation *relation;

    if (!catalog_object_by_id(object_id, &object) || !OidIsValid(object.relation))
        return NULL;
    relation = catalog_relation(&object);
    for (int i = 0; i < relation->column_count; i++)
        if (relation->columns[i].column_id == column_id)
            return &relation->columns[i];
    return NULL;
}

Datum
fn_col_name(PG_FUNCTION_ARGS)
{
    const CatalogColumn *column = column_by_id(PG_GETARG_INT32(0), PG_GETARG_INT32(1));

    return name_or_null(fcinfo, column != NULL ? column->name : NULL);
}

static int32
stored_length(const SqlType *type)
{
    return sql_type_info(type->id)->category == 'N' && type->length > 0 && type->id != SQL_NTEXT
               ? 2 * type->length
               : type->length;
}

/* COL_LENGTH(table, column) */
Datum
fn_col_length(PG_FUNCTION_ARGS)
{
    CatalogObject object;
    const CatalogRelation *relation;
    int index;

    if (!find_named(fcinfo, 0, &object) || !OidIsValid(object.relation))
        PG_RETURN_NULL();
    relation = catalog_relation(&object);
    index = catalog_column_find(relation, string_argument(fcinfo, 1));
    if (index < 0)
        PG_RETURN_NULL();
    PG_RETURN_INT16((int16) stored_length(&relation->columns[index].type));
}

/* COLUMNPROPERTY(object id, column, property) */
Datum
fn_columnproperty(PG_FUNCTION_ARGS)
{
    CatalogObject object;
    const CatalogRelation *relation;
    const CatalogColumn *column;
    char *property = string_argument(fcinfo, 2);
    int index;

    if (!catalog_object_by_id(PG_GETARG_INT32(0), &object) || !OidIsValid(object.relation))
        PG_RETURN_NULL();
    relation = catalog_relation(&object);
    index = catalog_column_find(relation, string_argument(fcinfo, 1));
    if (index < 0)
        PG_RETURN_NULL();
    column = &relation->columns[index];
    if (name_is(property, "IsIdentity"))
        PG_RETURN_INT32(column->identity);
    if (name_is(property, "AllowsNull"))
        PG_RETURN_INT32(column->nullable);
    if (name_is(property, "IsComputed"))
        PG_RETURN_INT32(column->computed);
    if (name_is(property, "IsRowGuidCol"))
        PG_RETURN_INT32(column->rowguid);
    if (name_is(property, "ColumnId"))
        PG_RETURN_INT32(column->column_id);
    if (name_is(property, "Precision"))
        PG_RETURN_INT32(column->type.precision != 0 ? column->type.precision : column->type.length);
    if (name_is(property, "Scale"))
        PG_RETURN_INT32(column->type.scale);
    if (name_is(property, "CharMaxLen") && sql_type_is_string(column->type.id))
        PG_RETURN_INT32(column->type.length);
    if (name_is(property, "IsHidden"))
        PG_RETURN_INT32(column->hidden);
    if (name_is(property, "IsSparse") || name_is(property, "IsFulltextIndexed") ||
        name_is(property, "IsColumnSet") || name_is(property, "IsXmlIndexable") ||
        name_is(property, "IsIdNotForRepl"))
        PG_RETURN_INT32(0);
    if (name_is(property, "UsesAnsiTrim"))
        PG_RETURN_INT32(1);
    PG_RETURN_NULL();
}

static bool
type_by_text(FunctionCallInfo fcinfo, int n, int32 *user_type_id, SqlType *type)
{
    StringView name = string_view(PG_GETARG_DATUM(n));
    StringInfoData parts[4];
    SqlTypeId id;
    CatalogType found;
    int count;

    if (!string_split_name(&name, parts, &count))
        return false;
    id = sql_type_by_name(parts[count - 1].data);
    if (id != SQL_UNKNOWN) {
        *user_type_id = sql_type_info(id)->user_type_id;
        *type = sql_type_make(id);
        return true;
    }
    if (!catalog_type_by_name(session_context->database, count > 1 ? parts[count - 2].data : NULL,
                              parts[count - 1].data, &found))
        return false;
    *user_type_id = found.user_type_id;
    *type = found.base;
    return true;
}

Datum
fn_type_id(PG_FUNCTION_ARGS)
{
    int32 id;
    SqlType type;

    if (!type_by_text(fcinfo, 0, &id, &type))
        PG_RETURN_NULL();
    PG_RETURN_INT32(id);
}

Datum
fn_type_name(PG_FUNCTION_ARGS)
{
    int32 id = PG_GETARG_INT32(0);
    CatalogType type;

    for (int i = 1; i < SQL_TYPE_COUNT; i++)
        if (sql_type_info((SqlTypeId) i)->user_type_id == id)
            return name_or_null(fcinfo, sql_type_info((SqlTypeId) i)->name);
    return name_or_null(fcinfo,
                        catalog_type(session_context->database, id, &type) ? type.name : NULL);
}

Datum
fn_typeproperty(PG_FUNCTION_ARGS)
{
    char *property = string_argument(fcinfo, 1);
    int32 id;
    SqlType type;

    if (!type_by_text(fcinfo, 0, &id, &type))
        PG_RETURN_NULL();
    if (name_is(property, "Precision"))
        PG_RETURN_INT32(type.precision != 0 ? type.precision : type.length);
    if (name_is(property, "Scale"))
        PG_RETURN_INT32(type.scale);
    if (name_is(property, "AllowsNull"))
        PG_RETURN_INT32(1);
    PG_RETURN_NULL();
}

/* ---- principals ---- */

Datum
fn_user_id(PG_FUNCTION_ARGS)
{
    CatalogPrincipal user;

    if (PG_NARGS() == 0)
        PG_RETURN_INT32(session_context->user_id);
    if (!catalog_user_by_name(session_context->database, string_argument(fcinfo, 0), &user))
        PG_RETURN_NULL();
    PG_RETURN_INT32(user.id);
}

Datum
fn_user_name_of(PG_FUNCTION_ARGS)
{
    CatalogPrincipal user;

    return name_or_null(fcinfo, catalog_user(session_context->database, PG_GETARG_INT32(0), &user)
                                    ? user.name
                                    : NULL);
}

Datum
fn_suser_id_of(PG_FUNCTION_ARGS)
{
    CatalogPrincipal login;

    if (!catalog_login_by_name(string_argument(fcinfo, 0), &login))
        PG_RETURN_NULL();
    PG_RETURN_INT32(login.id);
}

Datum
fn_suser_name_of(PG_FUNCTION_ARGS)
{
    CatalogPrincipal login;

    return name_or_null(fcinfo, catalog_login(PG_GETARG_INT32(0), &login) ? login.name : NULL);
}

/* IS_SRVROLEMEMBER(role [, login]) */
Datum
fn_is_srvrolemember(PG_FUNCTION_ARGS)
{
    CatalogPrincipal role, login;
    int32 id = session_context->login_id;

    if (PG_NARGS() > 1) {
        if (!catalog_login_by_name(string_argument(fcinfo, 1), &login))
            PG_RETURN_NULL();
        id = login.id;
    }
    if (name_is(string_argument(fcinfo, 0), "public"))
        PG_RETURN_INT32(1);
    if (name_is(string_argument(fcinfo, 0), "sysadmin"))
        PG_RETURN_INT32(catalog_is_sysadmin(id));
    if (!catalog_login_by_name(string_argument(fcinfo, 0), &role))
        PG_RETURN_NULL();
    PG_RETURN_INT32(catalog_is_server_role_member(role.id, id));
}

/* IS_MEMBER(role), IS_ROLEMEMBER(role [, user]) */
Datum
fn_is_member(PG_FUNCTION_ARGS)
{
    CatalogPrincipal role, user;
    int32 id = session_context->user_id;

    if (PG_NARGS() > 1) {
        if (!catalog_user_by_name(session_context->database, string_argument(fcinfo, 1), &user))
            PG_RETURN_NULL();
        id = user.id;
    }
    if (!catalog_user_by_name(session_context->database, string_argument(fcinfo, 0), &role))
        PG_RETURN_NULL();
    if (name_is(role.name, "public"))
        PG_RETURN_INT32(1);
    PG_RETURN_INT32((id == 1 && name_is(role.name, "db_owner")) ||
                    catalog_is_role_member(session_context->database, role.id, id));
}

Datum
fn_has_dbaccess(PG_FUNCTION_ARGS)
{
    const CatalogDatabase *database = catalog_database_by_name(string_argument(fcinfo, 0));
    CatalogPrincipal user;

    if (database == NULL)
        PG_RETURN_NULL();
    PG_RETURN_INT32(catalog_user_of_login(database->id, session_context->login_id, &user));
}

/* ---- the server ---- */

Datum
fn_serverproperty(PG_FUNCTION_ARGS)
{
    static const struct {
        const char *property;
        const char *text_value;
        int32 number;
    } properties[] = {
        {"ProductVersion", "16.0.1000.6", 0},
        {"ProductLevel", "RTM", 0},
        {"ProductMajorVersion", "16", 0},
        {"ProductMinorVersion", "0", 0},
        {"ProductBuild", "1000", 0},
        {"Edition", "Standard Edition (64-bit)", 0},
        {"EditionID", NULL, -1534726760},
        {"EngineEdition", NULL, 2},
        {"IsSingleUser", NULL, 0},
        {"IsIntegratedSecurityOnly", NULL, 0},
        {"IsClustered", NULL, 0},
        {"IsHadrEnabled", NULL, 0},
        {"IsFullTextInstalled", NULL, 0},
        {"IsXTPSupported", NULL, 0},
        {"IsPolyBaseInstalled", NULL, 0},
        {"IsAdvancedAnalyticsInstalled", NULL, 0},
        {"FilestreamEffectiveLevel", NULL, 0},
        {"FilestreamConfiguredLevel", NULL, 0},
        {"LicenseType", "DISABLED", 0},
        {"SqlCharSetName", "iso_1", 0},
        {"SqlSortOrderName", "nocase_iso", 0},
        {"SqlSortOrder", NULL, 52},
        {"SqlCharSet", NULL, 1},
        {"LCID", NULL, 1033},
        {"ComparisonStyle", NULL, 196609},
        {"HadrManagerStatus", NULL, 2},
    };
    char *property = string_argument(fcinfo, 0);
    char host[256] = "localhost";

    for (int i = 0; i < lengthof(properties); i++)
        if (name_is(property, properties[i].property))
            return properties[i].text_value != NULL ? variant_string(properties[i].text_value)
                                                    : variant_int(properties[i].number);
    if (name_is(property, "Collation"))
        return variant_string(sql_collation(sql_collation_default())->name);
    if (name_is(property, "ProcessID"))
        return variant_int(PostmasterPid);
    if (name_is(property, "ServerName") || name_is(property, "MachineName") ||
        name_is(property, "ComputerNamePhysicalNetBIOS")) {
        gethostname(host, sizeof host - 1);
        return variant_string(host);
    }
    PG_RETURN_NULL();
}

/* COLLATIONPROPERTY(name, property) */
Datum
fn_collationproperty(PG_FUNCTION_ARGS)
{
    const SqlCollation *collation = sql_collation_by_name(string_argument(fcinfo, 0));
    char *property = string_argument(fcinfo, 1);

    if (collation == NULL)
        PG_RETURN_NULL();
    if (name_is(property, "CodePage"))
        return variant_int(collation->code_page);
    if (name_is(property, "LCID"))
        return variant_int((int32) collation->lcid);
    if (name_is(property, "Version"))
        return variant_int(collation->tds[3] >> 4);
    if (name_is(property, "ComparisonStyle"))
        return variant_int((collation->case_sensitive ? 0 : 1) |
                           (collation->accent_sensitive ? 0 : 2) |
                           (collation->kana_sensitive || collation->binary ? 0 : 0x10000) |
                           (collation->width_sensitive || collation->binary ? 0 : 0x20000));
    PG_RETURN_NULL();
}
