/*
 * The ...PROPERTY functions: COLUMNPROPERTY, OBJECTPROPERTY, INDEXPROPERTY, DATABASEPROPERTYEX,
 * SERVERPROPERTY, TYPEPROPERTY, and IDENT_CURRENT, _SEED, _INCR. Unknown properties yield NULL.
 */
#include "postgres.h"

#include <unistd.h>

#include "catalog/dependency.h"
#include "catalogue/tables.h"
#include "commands/sequence.h"
#include "context/context.h"
#include "miscadmin.h"
#include "types/decimal.h"
#include "types/variant.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/fmgrprotos.h"
#include "views/metadata.h"
#include "views/names.h"

static bool
is(const char *property, const char *name)
{
    return pg_strcasecmp(property, name) == 0;
}

static Datum
variant_text(const char *value)
{
    SqlType type = sql_type_string(SQL_NVARCHAR, 128, sql_collation_default());

    return variant_make(&type, PointerGetDatum(cstring_to_text(value)));
}

static Datum
variant_int(int32 value)
{
    SqlType type = sql_type_make(SQL_INT);

    return variant_make(&type, Int32GetDatum(value));
}

/* ---- COLUMNPROPERTY(id, column, property) ---- */

static int32
column_property(const CatalogColumn *column, int ordinal, const char *property)
{
    int system_type, precision, scale;
    int32 user_type, max_length;
    char category = sql_type_info(column->type.id)->category;

    catalog_type_store(&column->type, &system_type, &user_type, &max_length, &precision, &scale);
    if (is(property, "AllowsNull"))
        return column->nullable;
    if (is(property, "ColumnId"))
        return column->column_id;
    if (is(property, "IsIdentity"))
        return column->identity;
    if (is(property, "IsComputed"))
        return column->computed;
    if (is(property, "IsRowGuidCol"))
        return column->rowguid;
    if (is(property, "IsHidden"))
        return column->hidden;
    if (is(property, "UsesAnsiTrim"))
        return category == 'S' || category == 'N' || category == 'B' ? 1 : -1;
    if (is(property, "Precision")) {
        if (precision != 0)
            return precision;
        return category == 'N' && max_length > 0 ? max_length / 2 : max_length;
    }
    if (is(property, "Scale"))
        return scale;
    if (is(property, "charmaxlen"))
        return category == 'N' && max_length > 0    ? max_length / 2
               : category == 'S' || category == 'B' ? max_length
                                                    : -2;
    if (is(property, "octetmaxlen"))
        return category == 'S' || category == 'N' || category == 'B' ? max_length : -2;
    if (is(property, "ordinal"))
        return ordinal;
    if (is(property, "IsDeterministic") || is(property, "IsPrecise"))
        return column->computed ? 1 : -2;
    if (is(property, "IsIndexable"))
        return max_length != -1 && max_length != 16;
    if (is(property, "IsSparse") || is(property, "IsColumnSet") ||
        is(property, "IsFulltextIndexed") || is(property, "IsXmlIndexable") ||
        is(property, "IsOutParam") || is(property, "IsCursorType") ||
        is(property, "IsIdNotForRepl") || is(property, "SystemDataAccess") ||
        is(property, "UserDataAccess") || is(property, "GeneratedAlwaysType"))
        return 0;
    return -2;
}

METADATA_FUNCTION(meta_columnproperty)
{
    CatalogObject object;
    const CatalogRelation *relation;
    const char *name = metadata_text(fcinfo, 1), *property = metadata_text(fcinfo, 2);
    int column, value;

    if (PG_ARGISNULL(0) || name == NULL || property == NULL ||
        !catalog_object_by_id(PG_GETARG_INT32(0), &object))
        PG_RETURN_NULL();
    relation = catalog_relation(&object);
    column = catalog_column_find(relation, name);
    if (column < 0)
        PG_RETURN_NULL();
    value = column_property(&relation->columns[column], column + 1, property);
    if (value == -2)
        PG_RETURN_NULL();
    PG_RETURN_INT32(value);
}

/* ---- OBJECTPROPERTY(id, property) ---- */

typedef struct TypeProperty {
    const char *name;
    const char *types; /* space-separated codes */
} TypeProperty;

static const TypeProperty type_properties[] = {
    {"IsTable", " U S "},
    {"IsUserTable", " U "},
    {"IsSystemTable", " S "},
    {"IsView", " V "},
    {"IsProcedure", " P X "},
    {"IsExtendedProc", " X "},
    {"IsTrigger", " TR "},
    {"IsScalarFunction", " FN "},
    {"IsInlineFunction", " IF "},
    {"IsTableFunction", " IF TF "},
    {"IsConstraint", " PK UQ F C D "},
    {"IsPrimaryKey", " PK "},
    {"IsUniqueCnst", " UQ "},
    {"IsForeignKey", " F "},
    {"IsCheckCnst", " C "},
    {"IsDefaultCnst", " D "},
    {"IsDefault", " "},
    {"IsRule", " "},
    {"IsQueue", " "},
    {"IsReplProc", " "},
};

/* How many indexes or constraints of a table fit. */
static int
count_children(int32 object, const char *types)
{
    CatalogScan scan;
    int count = 0;

    catalog_scan_begin(&scan, TABLE_objects, "objects_parent", false);
    catalog_scan_key_int(&scan, COL_objects_parent, object);
    while (catalog_scan_next(&scan))
        if (strstr(types, psprintf(" %s ", catalog_field_text(&scan, COL_objects_type))) != NULL)
            count++;
    catalog_scan_end(&scan);
    return count;
}

static int
count_indexes(int32 object, int type)
{
    CatalogScan scan;
    int count = 0;

    catalog_scan_begin(&scan, TABLE_indexes, "indexes_id", false);
    catalog_scan_key_int(&scan, COL_indexes_object, object);
    while (catalog_scan_next(&scan))
        if (type == 0 || catalog_field_int(&scan, COL_indexes_type) == type)
            count++;
    catalog_scan_end(&scan);
    return count;
}

static int32
trigger_property(int32 object, const char *property, bool *known)
{
    CatalogScan scan;
    int32 value = 0;

    catalog_scan_begin(&scan, TABLE_triggers, "triggers_pkey", false);
    catalog_scan_key_int(&scan, COL_triggers_object, object);
    *known = catalog_scan_next(&scan);
    if (*known) {
        bool instead = catalog_field_bool(&scan, COL_triggers_instead_of);

        if (is(property, "ExecIsInsertTrigger"))
            value = catalog_field_bool(&scan, COL_triggers_on_insert);
        else if (is(property, "ExecIsUpdateTrigger"))
            value = catalog_field_bool(&scan, COL_triggers_on_update);
        else if (is(property, "ExecIsDeleteTrigger"))
            value = catalog_field_bool(&scan, COL_triggers_on_delete);
        else if (is(property, "ExecIsInsteadOfTrigger"))
            value = instead;
        else if (is(property, "ExecIsAfterTrigger"))
            value = !instead;
        else if (is(property, "ExecIsTriggerDisabled"))
            value = catalog_field_bool(&scan, COL_triggers_disabled);
    }
    catalog_scan_end(&scan);
    return value;
}

static int32
table_property(const CatalogObject *object, const char *property, bool *known)
{
    const CatalogRelation *relation = catalog_relation(object);

    if (is(property, "TableHasPrimaryKey"))
        return count_children(object->id, " PK ") > 0;
    if (is(property, "TableHasUniqueCnst"))
        return count_children(object->id, " UQ ") > 0;
    if (is(property, "TableHasForeignKey"))
        return count_children(object->id, " F ") > 0;
    if (is(property, "TableHasCheckCnst"))
        return count_children(object->id, " C ") > 0;
    if (is(property, "TableHasDefaultCnst"))
        return count_children(object->id, " D ") > 0;
    if (is(property, "TableHasIdentity"))
        return relation->identity_column >= 0;
    if (is(property, "TableHasTimestamp"))
        return relation->rowversion_column >= 0;
    if (is(property, "TableHasClustIndex"))
        return count_indexes(object->id, 1) > 0;
    if (is(property, "TableHasNonclustIndex"))
        return count_indexes(object->id, 2) > 0;
    if (is(property, "TableHasIndex") || is(property, "IsIndexed"))
        return count_indexes(object->id, 0) > 0;
    if (is(property, "TableHasInsertTrigger") || is(property, "HasInsertTrigger"))
        return relation->has_insert_trigger;
    if (is(property, "TableHasUpdateTrigger") || is(property, "HasUpdateTrigger"))
        return relation->has_update_trigger;
    if (is(property, "TableHasDeleteTrigger") || is(property, "HasDeleteTrigger"))
        return relation->has_delete_trigger;
    if (is(property, "TableIsFake") || is(property, "TableHasTextImage") ||
        is(property, "TableHasRowGuidCol") || is(property, "TableIsPinned") ||
        is(property, "TableHasActiveFulltextIndex") || is(property, "TableTemporalType"))
        return 0;
    *known = false;
    return 0;
}

static int32
object_property(const CatalogObject *object, const char *property, bool *known)
{
    const char *code = catalog_object_type_code(object->type);
    CatalogModule module;

    *known = true;
    for (int i = 0; i < lengthof(type_properties); i++)
        if (is(property, type_properties[i].name))
            return strstr(type_properties[i].types, psprintf(" %s ", code)) != NULL &&
                   (!object->is_system || strcmp(code, "U") != 0);
    if (is(property, "IsMSShipped"))
        return object->is_system;
    if (is(property, "OwnerId"))
        return Max(catalog_schema_owner(object->database, object->schema), 1);
    if (is(property, "SchemaId"))
        return object->schema;
    if (is(property, "IsEncrypted") || is(property, "IsSchemaBound") ||
        is(property, "ExecIsStartup"))
        return 0;
    if (is(property, "IsAnsiNullsOn") || is(property, "IsQuotedIdentOn") ||
        is(property, "ExecIsAnsiNullsOn") || is(property, "ExecIsQuotedIdentOn")) {
        if (!catalog_module(object->id, &module))
            return 1;
        return strstr(property, "uoted") ? module.quoted_identifier : module.ansi_nulls;
    }
    if (object->type == CATALOG_TRIGGER)
        return trigger_property(object->id, property, known);
    if (object->type == CATALOG_TABLE || object->type == CATALOG_VIEW)
        return table_property(object, property, known);
    *known = false;
    return 0;
}

METADATA_FUNCTION(meta_objectproperty)
{
    CatalogObject object;
    const char *property = metadata_text(fcinfo, 1);
    bool known;
    int32 value;

    if (PG_ARGISNULL(0) || property == NULL || !catalog_object_by_id(PG_GETARG_INT32(0), &object))
        PG_RETURN_NULL();
    value = object_property(&object, property, &known);
    if (!known)
        PG_RETURN_NULL();
    PG_RETURN_INT32(value);
}

METADATA_FUNCTION(meta_objectpropertyex)
{
    CatalogObject object;
    const char *property = metadata_text(fcinfo, 1);
    bool known;
    int32 value;

    if (PG_ARGISNULL(0) || property == NULL || !catalog_object_by_id(PG_GETARG_INT32(0), &object))
        PG_RETURN_NULL();
    if (is(property, "BaseType"))
        PG_RETURN_DATUM(variant_text(catalog_object_type_code(object.type)));
    value = object_property(&object, property, &known);
    if (!known)
        PG_RETURN_NULL();
    PG_RETURN_DATUM(variant_int(value));
}

/* ---- INDEXPROPERTY(id, index, property), INDEXKEY_PROPERTY(id, index_id, key_id, property) ----
 */

METADATA_FUNCTION(meta_indexproperty)
{
    const char *name = metadata_text(fcinfo, 1), *property = metadata_text(fcinfo, 2);
    CatalogScan scan;
    bool found = false;
    int32 value = 0;
    char *key;

    if (PG_ARGISNULL(0) || name == NULL || property == NULL)
        PG_RETURN_NULL();
    key = sql_identifier_fold(name, session_context->database_collation
                                        ? session_context->database_collation
                                        : sql_collation_default());
    catalog_scan_begin(&scan, TABLE_indexes, "indexes_id", false);
    catalog_scan_key_int(&scan, COL_indexes_object, PG_GETARG_INT32(0));
    while (!found && catalog_scan_next(&scan)) {
        if (strcmp(catalog_field_text(&scan, COL_indexes_key), key) != 0)
            continue;
        found = true;
        if (is(property, "IndexID"))
            value = catalog_field_int(&scan, COL_indexes_id);
        else if (is(property, "IsClustered"))
            value = catalog_field_int(&scan, COL_indexes_type) == 1;
        else if (is(property, "IsUnique"))
            value = catalog_field_bool(&scan, COL_indexes_is_unique);
        else if (is(property, "IsDisabled"))
            value = catalog_field_bool(&scan, COL_indexes_disabled);
        else if (is(property, "IndexFillFactor"))
            value = catalog_field_int(&scan, COL_indexes_fill_factor);
        else if (is(property, "IsPadIndex"))
            value = catalog_field_bool(&scan, COL_indexes_padded);
        else if (is(property, "IsPageLockDisallowed"))
            value = !catalog_field_bool(&scan, COL_indexes_page_locks);
        else if (is(property, "IsRowLockDisallowed"))
            value = !catalog_field_bool(&scan, COL_indexes_row_locks);
        else if (!is(property, "IsStatistics") && !is(property, "IsHypothetical") &&
                 !is(property, "IsAutoStatistics") && !is(property, "IsFulltextKey") &&
                 !is(property, "IndexDepth"))
            found = false;
    }
    catalog_scan_end(&scan);
    if (!found)
        PG_RETURN_NULL();
    PG_RETURN_INT32(value);
}

METADATA_FUNCTION(meta_indexkey_property)
{
    const char *property = metadata_text(fcinfo, 3);
    CatalogScan scan;
    int32 value = -1;

    if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(2) || property == NULL)
        PG_RETURN_NULL();
    catalog_scan_begin(&scan, TABLE_index_columns, "index_columns_id", false);
    catalog_scan_key_int(&scan, COL_index_columns_object, PG_GETARG_INT32(0));
    catalog_scan_key_int(&scan, COL_index_columns_index, PG_GETARG_INT32(1));
    while (catalog_scan_next(&scan))
        if (catalog_field_int(&scan, COL_index_columns_key_ordinal) == PG_GETARG_INT32(2))
            value = is(property, "ColumnId")
                        ? (int32) catalog_field_int(&scan, COL_index_columns_column_id)
                    : is(property, "IsDescending")
                        ? catalog_field_bool(&scan, COL_index_columns_descending)
                        : -1;
    catalog_scan_end(&scan);
    if (value < 0)
        PG_RETURN_NULL();
    PG_RETURN_INT32(value);
}

/* ---- DATABASEPROPERTYEX(database, property) ---- */

static Datum
database_switch(const CatalogScan *scan, const char *property, bool *known)
{
    static const struct {
        const char *name;
        int column;
    } switches[] = {
        {"IsAnsiNullDefault", COL_databases_ansi_null_default},
        {"IsAnsiNullsEnabled", COL_databases_ansi_nulls},
        {"IsAnsiPaddingEnabled", COL_databases_ansi_padding},
        {"IsAnsiWarningsEnabled", COL_databases_ansi_warnings},
        {"IsArithmeticAbortEnabled", COL_databases_arithabort},
        {"IsAutoClose", COL_databases_auto_close},
        {"IsAutoShrink", COL_databases_auto_shrink},
        {"IsAutoCreateStatistics", COL_databases_auto_create_stats},
        {"IsAutoUpdateStatistics", COL_databases_auto_update_stats},
        {"IsCloseCursorsOnCommitEnabled", COL_databases_cursor_close_on_commit},
        {"IsLocalCursorsDefault", COL_databases_local_cursor_default},
        {"IsNullConcat", COL_databases_concat_null_yields_null},
        {"IsNumericRoundAbortEnabled", COL_databases_numeric_roundabort},
        {"IsQuotedIdentifiersEnabled", COL_databases_quoted_identifier},
        {"IsRecursiveTriggersEnabled", COL_databases_recursive_triggers},
        {"IsParameterizationForced", COL_databases_parameterization_forced},
    };

    for (int i = 0; i < lengthof(switches); i++)
        if (is(property, switches[i].name))
            return variant_int(catalog_field_bool(scan, switches[i].column));
    if (is(property, "IsFulltextEnabled") || is(property, "IsInStandBy") ||
        is(property, "IsMergePublished") || is(property, "IsPublished") ||
        is(property, "IsSubscribed") || is(property, "IsSyncWithBackup") ||
        is(property, "IsTornPageDetectionEnabled"))
        return variant_int(0);
    *known = false;
    return (Datum) 0;
}

static Datum
database_property(const CatalogScan *scan, const char *property, bool *known)
{
    static const char *const recovery[] = {"", "FULL", "BULK_LOGGED", "SIMPLE"};
    static const char *const access[] = {"MULTI_USER", "SINGLE_USER", "RESTRICTED_USER"};

    *known = true;
    if (is(property, "Collation")) {
        const SqlCollation *collation =
            sql_collation(catalog_field_oid(scan, COL_databases_collation));

        return variant_text(collation ? collation->name : "");
    }
    if (is(property, "Status"))
        return variant_text(catalog_field_int(scan, COL_databases_state) == 0 ? "ONLINE"
                                                                              : "OFFLINE");
    if (is(property, "Updateability"))
        return variant_text(catalog_field_bool(scan, COL_databases_read_only) ? "READ_ONLY"
                                                                              : "READ_WRITE");
    if (is(property, "UserAccess"))
        return variant_text(access[catalog_field_int(scan, COL_databases_user_access)]);
    if (is(property, "Recovery"))
        return variant_text(recovery[catalog_field_int(scan, COL_databases_recovery_model)]);
    if (is(property, "Version"))
        return variant_int(957);
    if (is(property, "ComparisonStyle"))
        return variant_int(196609);
    if (is(property, "LCID"))
        return variant_int(1033);
    if (is(property, "SQLSortOrder"))
        return variant_int(52);
    if (is(property, "Edition"))
        return variant_text("Developer Edition");
    if (is(property, "ServiceObjective"))
        return variant_text("");
    return database_switch(scan, property, known);
}

METADATA_FUNCTION(meta_databasepropertyex)
{
    const char *name = metadata_text(fcinfo, 0), *property = metadata_text(fcinfo, 1);
    const CatalogDatabase *database = name ? catalog_database_by_name(name) : NULL;
    CatalogScan scan;
    bool known = false;
    Datum value = (Datum) 0;

    if (database == NULL || property == NULL)
        PG_RETURN_NULL();
    catalog_scan_begin(&scan, TABLE_databases, "databases_pkey", false);
    catalog_scan_key_int(&scan, COL_databases_id, database->id);
    if (catalog_scan_next(&scan))
        value = database_property(&scan, property, &known);
    catalog_scan_end(&scan);
    if (!known)
        PG_RETURN_NULL();
    PG_RETURN_DATUM(value);
}

/* ---- SERVERPROPERTY(property) ---- */

static const struct {
    const char *name;
    const char *value;
} server_texts[] = {
    {"ProductVersion", "16.0.1000.6"},
    {"ProductLevel", "RTM"},
    {"ProductMajorVersion", "16"},
    {"ProductMinorVersion", "0"},
    {"ProductBuild", "1000"},
    {"ResourceVersion", "16.00.1000"},
    {"Edition", "Developer Edition (64-bit)"},
    {"LicenseType", "DISABLED"},
    {"InstanceDefaultDataPath", "/var/opt/mssql/data/"},
    {"InstanceDefaultLogPath", "/var/opt/mssql/data/"},
    {"InstanceDefaultBackupPath", "/var/opt/mssql/data"},
    {"BuildClrVersion", "v4.0.30319"},
    {"SqlCharSetName", "iso_1"},
    {"SqlSortOrderName", "nocase_iso"},
};

static const struct {
    const char *name;
    int value;
} server_numbers[] = {
    {"EngineEdition", 3},
    {"EditionID", -2117995310},
    {"ComparisonStyle", 196609},
    {"CollationID", 872468488},
    {"LCID", 1033},
    {"SqlCharSet", 1},
    {"SqlSortOrder", 52},
    {"IsClustered", 0},
    {"IsFullTextInstalled", 0},
    {"IsIntegratedSecurityOnly", 0},
    {"IsSingleUser", 0},
    {"IsHadrEnabled", 0},
    {"IsLocalDB", 0},
    {"IsPolyBaseInstalled", 0},
    {"IsXTPSupported", 0},
    {"IsAdvancedAnalyticsInstalled", 0},
    {"IsBigDataCluster", 0},
    {"IsExternalAuthenticationOnly", 0},
    {"IsTempDbMetadataMemoryOptimized", 0},
    {"FilestreamConfiguredLevel", 0},
    {"FilestreamEffectiveLevel", 0},
};

METADATA_FUNCTION(meta_serverproperty)
{
    const char *property = metadata_text(fcinfo, 0);
    char host[256];

    if (property == NULL)
        PG_RETURN_NULL();
    for (int i = 0; i < lengthof(server_texts); i++)
        if (is(property, server_texts[i].name))
            PG_RETURN_DATUM(variant_text(server_texts[i].value));
    for (int i = 0; i < lengthof(server_numbers); i++)
        if (is(property, server_numbers[i].name))
            PG_RETURN_DATUM(variant_int(server_numbers[i].value));
    if (is(property, "Collation"))
        PG_RETURN_DATUM(variant_text(sql_collation(sql_collation_default())->name));
    if (is(property, "ProcessID"))
        PG_RETURN_DATUM(variant_int(PostmasterPid));
    if (is(property, "MachineName") || is(property, "ServerName") ||
        is(property, "ComputerNamePhysicalNetBIOS")) {
        if (gethostname(host, sizeof(host)) != 0)
            strlcpy(host, "localhost", sizeof(host));
        host[sizeof(host) - 1] = '\0';
        PG_RETURN_DATUM(variant_text(host));
    }
    PG_RETURN_NULL();
}

/* ---- TYPEPROPERTY(type, property) ---- */

METADATA_FUNCTION(meta_typeproperty)
{
    const char *name = metadata_text(fcinfo, 0), *property = metadata_text(fcinfo, 1);
    int system_type, precision, scale;
    int32 user_type, max_length, id;
    CatalogType alias;
    SqlType type;

    if (name == NULL || property == NULL || (id = metadata_type(name, &alias)) == 0)
        PG_RETURN_NULL();
    type = alias.user_type_id ? alias.base : catalog_type_load(0, id, 0, 0, 0, InvalidOid);
    catalog_type_store(&type, &system_type, &user_type, &max_length, &precision, &scale);
    /* decimal alone: the most that it can have */
    if (alias.user_type_id == 0 && (type.id == SQL_DECIMAL || type.id == SQL_NUMERIC))
        precision = scale = 38;
    if (is(property, "AllowsNull"))
        PG_RETURN_INT32(alias.user_type_id ? alias.nullable : id != 256);
    if (is(property, "Precision"))
        PG_RETURN_INT32(precision ? precision : max_length);
    if (is(property, "Scale"))
        PG_RETURN_INT32(scale);
    if (is(property, "OwnerId"))
        PG_RETURN_INT32(alias.user_type_id ? alias.schema : 4);
    if (is(property, "UsesAnsiTrim"))
        PG_RETURN_INT32(1);
    PG_RETURN_NULL();
}

/* ---- IDENT_CURRENT, IDENT_SEED, IDENT_INCR ---- */

static const CatalogColumn *
identity_column(FunctionCallInfo fcinfo, Oid *relation_oid)
{
    const char *name = metadata_text(fcinfo, 0);
    const CatalogRelation *relation;
    CatalogObject object;

    if (name == NULL || !name_find_object(name, &object) || object.type != CATALOG_TABLE)
        return NULL;
    relation = catalog_relation(&object);
    *relation_oid = object.relation;
    return relation->identity_column >= 0 ? &relation->columns[relation->identity_column] : NULL;
}

static Datum
decimal_of(int64 value)
{
    Decimal decimal = decimal_from_int64(value);

    return decimal_put(&decimal);
}

METADATA_FUNCTION(meta_ident_seed)
{
    Oid relation;
    const CatalogColumn *column = identity_column(fcinfo, &relation);

    if (column == NULL)
        PG_RETURN_NULL();
    PG_RETURN_DATUM(decimal_of(column->identity_seed));
}

METADATA_FUNCTION(meta_ident_incr)
{
    Oid relation;
    const CatalogColumn *column = identity_column(fcinfo, &relation);

    if (column == NULL)
        PG_RETURN_NULL();
    PG_RETURN_DATUM(decimal_of(column->identity_increment));
}

METADATA_FUNCTION(meta_ident_current)
{
    Oid relation;
    const CatalogColumn *column = identity_column(fcinfo, &relation);
    List *sequences;
    LOCAL_FCINFO(call, 1);
    Datum last;

    if (column == NULL || (sequences = getOwnedSequences(relation)) == NIL)
        PG_RETURN_NULL();
    InitFunctionCallInfoData(*call, NULL, 1, InvalidOid, NULL, NULL);
    call->args[0].value = ObjectIdGetDatum(linitial_oid(sequences));
    call->args[0].isnull = false;
    last = pg_sequence_last_value(call);
    PG_RETURN_DATUM(decimal_of(call->isnull ? column->identity_seed : DatumGetInt64(last)));
}

/* casement.variant(value, system_type_id): a number as sql_variant of an integer type or decimal.
 */
METADATA_FUNCTION(casement_variant)
{
    int64 value = PG_GETARG_INT64(0);
    SqlType type = catalog_type_load(PG_GETARG_INT16(1), 0, 0, 38, 0, InvalidOid);

    switch (type.id) {
    case SQL_TINYINT:
        PG_RETURN_DATUM(variant_make(&type, UInt8GetDatum((uint8) value)));
    case SQL_SMALLINT:
        PG_RETURN_DATUM(variant_make(&type, Int16GetDatum((int16) value)));
    case SQL_INT:
        PG_RETURN_DATUM(variant_make(&type, Int32GetDatum((int32) value)));
    case SQL_BIGINT:
        PG_RETURN_DATUM(variant_make(&type, Int64GetDatum(value)));
    default: {
        Decimal decimal = decimal_from_int64(value);

        type = sql_type_decimal(38, 0);
        PG_RETURN_DATUM(variant_make(&type, decimal_put(&decimal)));
    }
    }
}

/* COLLATIONPROPERTY(collation, property) */
METADATA_FUNCTION(meta_collationproperty)
{
    const char *name = metadata_text(fcinfo, 0), *property = metadata_text(fcinfo, 1);
    const SqlCollation *collation = name ? sql_collation_by_name(name) : NULL;

    if (collation == NULL || property == NULL)
        PG_RETURN_NULL();
    if (is(property, "CodePage"))
        PG_RETURN_DATUM(variant_int(collation->code_page));
    if (is(property, "LCID"))
        PG_RETURN_DATUM(variant_int(collation->lcid & 0xFFFFF));
    if (is(property, "ComparisonStyle"))
        PG_RETURN_DATUM(variant_int(collation->binary
                                        ? 0
                                        : (collation->case_sensitive ? 0 : 1) |
                                              (collation->accent_sensitive ? 0 : 2) |
                                              (collation->kana_sensitive ? 0 : 0x10000) |
                                              (collation->width_sensitive ? 0 : 0x20000)));
    if (is(property, "Version"))
        PG_RETURN_DATUM(variant_int(strstr(collation->name, "_140_")   ? 3
                                    : strstr(collation->name, "_100_") ? 2
                                    : strstr(collation->name, "_90_")  ? 1
                                                                       : 0));
    PG_RETURN_NULL();
}

/* What this server has none of. */
METADATA_FUNCTION(meta_null)
{
    PG_RETURN_NULL();
}

METADATA_FUNCTION(meta_zero)
{
    PG_RETURN_INT32(0);
}

METADATA_FUNCTION(meta_file_name)
{
    const char *name = session_context->database_name;

    if (PG_ARGISNULL(0))
        PG_RETURN_NULL();
    if (PG_GETARG_INT32(0) == 1)
        return metadata_name(fcinfo, name);
    return metadata_name(fcinfo, PG_GETARG_INT32(0) == 2 ? psprintf("%s_log", name) : NULL);
}

METADATA_FUNCTION(meta_filegroup_name)
{
    return metadata_name(fcinfo, !PG_ARGISNULL(0) && PG_GETARG_INT32(0) == 1 ? "PRIMARY" : NULL);
}
