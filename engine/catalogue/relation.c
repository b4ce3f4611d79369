/*
 * Columns and triggers of relations, text of modules, alias and table types.
 */
#include "postgres.h"

#include "catalogue/cache.h"
#include "utils/memutils.h"

/* ---- the stored form of SqlType: as in sys.columns ---- */

static SqlTypeId
type_id_of(int system_type, int32 user_type)
{
    /* sysname and timestamp are told apart from their base by user_type_id */
    for (int i = 1; i < SQL_TYPE_COUNT; i++)
        if (sql_type_info(i)->user_type_id == user_type)
            return i;
    for (int i = 1; i < SQL_TYPE_COUNT; i++)
        if (sql_type_info(i)->system_type_id == system_type)
            return i;
    return SQL_UNKNOWN;
}

SqlType
catalog_type_load(
    int system_type, int32 user_type, int32 max_length, int precision, int scale, Oid collation)
{
    SqlType type = sql_type_make(type_id_of(system_type, user_type));
    char category = type.id == SQL_UNKNOWN ? 'O' : sql_type_info(type.id)->category;

    type.user_type = user_type > 256 ? user_type : 0;
    if (category == 'S' || category == 'N' || type.id == SQL_BINARY || type.id == SQL_VARBINARY) {
        bool wide = type.id == SQL_NCHAR || type.id == SQL_NVARCHAR || type.id == SQL_SYSNAME;

        if (sql_type_info(type.id)->fixed_length != 16)
            type.length = max_length > 0 && wide ? max_length / 2 : max_length;
        if (category != 'B')
            type.collation = collation;
    } else if (type.id == SQL_DECIMAL || type.id == SQL_NUMERIC || type.id == SQL_TIME ||
               type.id == SQL_DATETIME2 || type.id == SQL_DATETIMEOFFSET) {
        type.length = max_length;
        type.precision = precision;
        type.scale = scale;
    }
    if (type.id == SQL_XML)
        type.collation = collation;
    return type;
}

static int
decimal_bytes(int precision)
{
    return precision <= 9 ? 5 : precision <= 19 ? 9 : precision <= 28 ? 13 : 17;
}

static int
time_bytes(SqlTypeId id, int scale)
{
    int bytes = scale <= 2 ? 3 : scale <= 4 ? 4 : 5;

    return id == SQL_TIME ? bytes : id == SQL_DATETIME2 ? bytes + 3 : bytes + 5;
}

static int
time_precision(SqlTypeId id, int scale)
{
    int base = id == SQL_TIME ? 8 : id == SQL_DATETIME2 ? 19 : 26;

    return scale ? base + 1 + scale : base;
}

void
catalog_type_store(const SqlType *type,
                   int *system_type,
                   int32 *user_type,
                   int32 *max_length,
                   int *precision,
                   int *scale)
{
    const SqlTypeInfo *info = sql_type_info(type->id);

    *system_type = info->system_type_id;
    *user_type = type->user_type ? type->user_type : info->user_type_id;
    *max_length = info->fixed_length ? info->fixed_length : type->length;
    *precision = *scale = 0;
    switch (type->id) {
    case SQL_NCHAR:
    case SQL_NVARCHAR:
        *max_length = type->length < 0 ? -1 : type->length * 2;
        break;
    case SQL_SYSNAME:
        *max_length = 256;
        break;
    case SQL_XML:
        *max_length = -1;
        break;
    case SQL_VARIANT:
        *max_length = 8016;
        break;
    case SQL_DECIMAL:
    case SQL_NUMERIC:
        *max_length = decimal_bytes(type->precision);
        *precision = type->precision;
        *scale = type->scale;
        break;
    case SQL_TIME:
    case SQL_DATETIME2:
    case SQL_DATETIMEOFFSET:
        *max_length = time_bytes(type->id, type->scale);
        *scale = type->scale;
        *precision = time_precision(type->id, type->scale);
        break;
    case SQL_BIT:
        *precision = 1;
        break;
    case SQL_TINYINT:
        *precision = 3;
        break;
    case SQL_SMALLINT:
        *precision = 5;
        break;
    case SQL_INT:
    case SQL_SMALLMONEY:
    case SQL_DATE:
        *precision = 10;
        *scale = type->id == SQL_SMALLMONEY ? 4 : 0;
        break;
    case SQL_BIGINT:
    case SQL_MONEY:
        *precision = 19;
        *scale = type->id == SQL_MONEY ? 4 : 0;
        break;
    case SQL_REAL:
        *precision = 24;
        break;
    case SQL_FLOAT:
        *precision = 53;
        break;
    case SQL_SMALLDATETIME:
        *precision = 16;
        break;
    case SQL_DATETIME:
        *precision = 23;
        *scale = 3;
        break;
    default:
        break;
    }
}

/* ---- relations ---- */

static void
column_from_row(CatalogCache *cache, const CatalogScan *scan, CatalogColumn *column)
{
    column->attnum = catalog_field_int(scan, COL_columns_attnum);
    column->column_id = catalog_field_int(scan, COL_columns_id);
    column->name = catalog_cache_strdup(cache, catalog_field_text(scan, COL_columns_name));
    column->key = catalog_cache_strdup(cache, catalog_field_text(scan, COL_columns_key));
    column->type = catalog_type_load(catalog_field_int(scan, COL_columns_system_type),
                                     catalog_field_int(scan, COL_columns_user_type),
                                     catalog_field_int(scan, COL_columns_max_length),
                                     catalog_field_int(scan, COL_columns_precision),
                                     catalog_field_int(scan, COL_columns_scale),
                                     catalog_field_oid(scan, COL_columns_collation));
    column->nullable = catalog_field_bool(scan, COL_columns_nullable);
    column->identity = catalog_field_bool(scan, COL_columns_identity);
    column->identity_seed = catalog_field_int(scan, COL_columns_seed);
    column->identity_increment = catalog_field_int(scan, COL_columns_increment);
    column->computed = catalog_field_bool(scan, COL_columns_computed);
    column->persisted = catalog_field_bool(scan, COL_columns_persisted);
    column->computed_text =
        catalog_cache_strdup(cache, catalog_field_text(scan, COL_columns_computed_text));
    column->default_text =
        catalog_cache_strdup(cache, catalog_field_text(scan, COL_columns_default_text));
    column->rowguid = catalog_field_bool(scan, COL_columns_rowguid);
    column->hidden = catalog_field_bool(scan, COL_columns_hidden);
    column->updatable = !column->identity && !column->computed && column->type.id != SQL_ROWVERSION;
}

static void
load_columns(CatalogCache *cache, CatalogRelation *relation)
{
    CatalogScan scan;
    int capacity = 16;

    relation->columns =
        MemoryContextAllocZero(catalog_cache_memory(cache), capacity * sizeof(CatalogColumn));
    catalog_scan_begin(&scan, TABLE_columns, "columns_id", false);
    catalog_scan_key_int(&scan, COL_columns_object, relation->object.id);
    while (catalog_scan_next(&scan)) {
        CatalogColumn *column;

        if (relation->column_count == capacity) {
            capacity *= 2;
            relation->columns = repalloc(relation->columns, capacity * sizeof(CatalogColumn));
        }
        column = &relation->columns[relation->column_count];
        memset(column, 0, sizeof(*column));
        column_from_row(cache, &scan, column);
        if (column->identity)
            relation->identity_column = relation->column_count;
        if (column->type.id == SQL_ROWVERSION && relation->object.type == CATALOG_TABLE)
            relation->rowversion_column = relation->column_count;
        relation->column_count++;
    }
    catalog_scan_end(&scan);
}

static void
load_triggers(CatalogRelation *relation)
{
    CatalogScan scan;

    catalog_scan_begin(&scan, TABLE_triggers, "triggers_parent", false);
    catalog_scan_key_int(&scan, COL_triggers_parent, relation->object.id);
    while (catalog_scan_next(&scan)) {
        bool instead = catalog_field_bool(&scan, COL_triggers_instead_of);

        if (catalog_field_bool(&scan, COL_triggers_disabled))
            continue;
        if (catalog_field_bool(&scan, COL_triggers_on_insert))
            *(instead ? &relation->has_instead_of_insert : &relation->has_insert_trigger) = true;
        if (catalog_field_bool(&scan, COL_triggers_on_update))
            *(instead ? &relation->has_instead_of_update : &relation->has_update_trigger) = true;
        if (catalog_field_bool(&scan, COL_triggers_on_delete))
            *(instead ? &relation->has_instead_of_delete : &relation->has_delete_trigger) = true;
    }
    catalog_scan_end(&scan);
}

/* Remembered under the object's own database; system views also under the database asked from. */
const CatalogRelation *
catalog_relation(const CatalogObject *object)
{
    CatalogCache *cache = object->is_temporary ? catalog_cache_session() : catalog_cache_shared();
    CatalogRelation *relation;
    void *value;

    if (catalog_cache_get_id(cache, CACHE_RELATION, object->is_system ? object->database : 0,
                             object->id, &value))
        return value;
    relation = MemoryContextAllocZero(catalog_cache_memory(cache), sizeof(CatalogRelation));
    relation->object = *object;
    relation->object.name = catalog_cache_strdup(cache, object->name);
    relation->object.schema_name = catalog_cache_strdup(cache, object->schema_name);
    relation->identity_column = relation->rowversion_column = -1;
    load_columns(cache, relation);
    if (object->type == CATALOG_TABLE || object->type == CATALOG_VIEW)
        load_triggers(relation);
    catalog_cache_put_id(cache, CACHE_RELATION, object->is_system ? object->database : 0,
                         object->id, relation);
    return relation;
}

int
catalog_column_find(const CatalogRelation *relation, const char *name)
{
    Oid collation = relation->object.is_system
                        ? sql_collation_default()
                        : catalog_database_collation(relation->object.database);
    char *key;
    int found = -1;

    for (int i = 0; i < relation->column_count; i++)
        if (strcmp(relation->columns[i].name, name) == 0)
            return i;
    key = sql_identifier_fold(name, collation);
    for (int i = 0; i < relation->column_count && found < 0; i++) {
        const CatalogColumn *column = &relation->columns[i];

        /* relations made outside the catalogue (table variables) have no keys */
        if (column->key != NULL) {
            if (strcmp(column->key, key) == 0)
                found = i;
        } else {
            char *other = sql_identifier_fold(column->name, collation);

            if (strcmp(other, key) == 0)
                found = i;
            pfree(other);
        }
    }
    pfree(key);
    return found;
}

/* ---- modules ---- */

bool
catalog_module_numbered(int32 object_id, int number, CatalogModule *module)
{
    CatalogCache *cache = catalog_cache_shared();
    CatalogModule *entry;
    CatalogScan scan;
    void *value;

    if (!catalog_cache_get_id(cache, CACHE_MODULE, number, object_id, &value)) {
        catalog_scan_begin(&scan, TABLE_modules, "modules_object", false);
        catalog_scan_key_int(&scan, COL_modules_object, object_id);
        catalog_scan_key_short(&scan, COL_modules_number, number);
        if (catalog_scan_next(&scan)) {
            entry = MemoryContextAllocZero(catalog_cache_memory(cache), sizeof(CatalogModule));
            catalog_object_by_id(object_id, &entry->object);
            entry->definition =
                catalog_cache_strdup(cache, catalog_field_text(&scan, COL_modules_definition));
            entry->quoted_identifier = catalog_field_bool(&scan, COL_modules_quoted_identifier);
            entry->ansi_nulls = catalog_field_bool(&scan, COL_modules_ansi_nulls);
            entry->version = (uint64) catalog_field_int(&scan, COL_modules_version);
            entry->execute_as =
                catalog_cache_strdup(cache, catalog_field_text(&scan, COL_modules_execute_as));
            entry->number = number;
            value = entry;
        }
        catalog_scan_end(&scan);
        if (value != NULL) /* a #procedure may come: absence is not remembered */
            catalog_cache_put_id(cache, CACHE_MODULE, number, object_id, value);
    }
    if (value != NULL)
        *module = *(CatalogModule *) value;
    return value != NULL;
}

bool
catalog_module(int32 object_id, CatalogModule *module)
{
    return catalog_module_numbered(object_id, 1, module);
}

/* ---- types ---- */

static CatalogType *
type_from_row(CatalogCache *cache, const CatalogScan *scan)
{
    CatalogType *type = MemoryContextAllocZero(catalog_cache_memory(cache), sizeof(CatalogType));
    int32 table = catalog_field_int(scan, COL_types_table_object);

    type->user_type_id = catalog_field_int(scan, COL_types_id);
    type->name = catalog_cache_strdup(cache, catalog_field_text(scan, COL_types_name));
    type->schema = catalog_field_int(scan, COL_types_schema);
    type->nullable = catalog_field_bool(scan, COL_types_nullable);
    type->is_table = table != 0;
    if (type->is_table)
        catalog_object_by_id(table, &type->table);
    else {
        /* the base's own user_type_id finds it: sysname is told by a flag */
        type->base = catalog_type_load(catalog_field_int(scan, COL_types_system_type),
                                       catalog_field_bool(scan, COL_types_sysname) ? 256 : 0,
                                       catalog_field_int(scan, COL_types_max_length),
                                       catalog_field_int(scan, COL_types_precision),
                                       catalog_field_int(scan, COL_types_scale),
                                       catalog_field_oid(scan, COL_types_collation));
        type->base.user_type = type->user_type_id;
    }
    return type;
}

static const CatalogType *
type_in_schema(int32 database, int32 schema, const char *key)
{
    CatalogCache *cache = catalog_cache_shared();
    CatalogScan scan;
    void *value;

    if (catalog_cache_get_name(cache, CACHE_TYPE, database, schema, key, &value))
        return value;
    catalog_scan_begin(&scan, TABLE_types, "types_key", false);
    catalog_scan_key_int(&scan, COL_types_database, database);
    catalog_scan_key_int(&scan, COL_types_schema, schema);
    catalog_scan_key_text(&scan, COL_types_key, key);
    if (catalog_scan_next(&scan))
        value = type_from_row(cache, &scan);
    catalog_scan_end(&scan);
    catalog_cache_put_name(cache, CACHE_TYPE, database, schema, key, value);
    return value;
}

bool
catalog_type_by_name(int32 database, const char *schema, const char *name, CatalogType *type)
{
    char *key = sql_identifier_fold(name, catalog_database_collation(database));
    const CatalogType *found = NULL;

    if (schema != NULL && schema[0] != '\0') {
        int32 schema_id = catalog_schema_by_name(database, schema);

        if (schema_id != 0)
            found = type_in_schema(database, schema_id, key);
    } else
        found = type_in_schema(database, SCHEMA_DBO, key);
    pfree(key);
    if (found != NULL)
        *type = *found;
    return found != NULL;
}

bool
catalog_type(int32 database, int32 user_type_id, CatalogType *type)
{
    CatalogCache *cache = catalog_cache_shared();
    CatalogScan scan;
    void *value;

    if (!catalog_cache_get_id(cache, CACHE_TYPE, database, user_type_id, &value)) {
        catalog_scan_begin(&scan, TABLE_types, "types_id", false);
        catalog_scan_key_int(&scan, COL_types_database, database);
        catalog_scan_key_int(&scan, COL_types_id, user_type_id);
        if (catalog_scan_next(&scan))
            value = type_from_row(cache, &scan);
        catalog_scan_end(&scan);
        catalog_cache_put_id(cache, CACHE_TYPE, database, user_type_id, value);
    }
    if (value != NULL)
        *type = *(CatalogType *) value;
    return value != NULL;
}
