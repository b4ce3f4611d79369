/*
 * Databases and schemas: look-ups through the cache, and the PostgreSQL schemas behind them.
 */
#include "postgres.h"

#include "catalogue/cache.h"
#include "utils/memutils.h"

static CatalogDatabase *
database_from_row(CatalogCache *cache, const CatalogScan *scan)
{
    char *name = catalog_field_text(scan, COL_databases_name);
    CatalogDatabase *database =
        MemoryContextAllocZero(catalog_cache_memory(cache), sizeof(CatalogDatabase));

    database->id = catalog_field_int(scan, COL_databases_id);
    database->name = catalog_cache_strdup(cache, name);
    database->collation = catalog_field_oid(scan, COL_databases_collation);
    database->owner = catalog_field_int(scan, COL_databases_owner);
    database->online = catalog_field_int(scan, COL_databases_state) == 0;
    database->read_only = catalog_field_bool(scan, COL_databases_read_only);
    database->recovery_model = catalog_field_int(scan, COL_databases_recovery_model);
    database->ansi_null_default = catalog_field_bool(scan, COL_databases_ansi_null_default);
    database->quoted_identifier = catalog_field_bool(scan, COL_databases_quoted_identifier);
    database->ansi_nulls = catalog_field_bool(scan, COL_databases_ansi_nulls);
    database->recursive_triggers = catalog_field_bool(scan, COL_databases_recursive_triggers);
    pfree(name);
    return database;
}

const CatalogDatabase *
catalog_database(int32 id)
{
    CatalogCache *cache = catalog_cache_shared();
    CatalogScan scan;
    void *value;

    if (catalog_cache_get_id(cache, CACHE_DATABASE, 0, id, &value))
        return value;
    catalog_scan_begin(&scan, TABLE_databases, "databases_pkey", false);
    catalog_scan_key_int(&scan, COL_databases_id, id);
    if (catalog_scan_next(&scan))
        value = database_from_row(cache, &scan);
    catalog_scan_end(&scan);
    catalog_cache_put_id(cache, CACHE_DATABASE, 0, id, value);
    return value;
}

/* Names of databases are compared under the server's collation. */
const CatalogDatabase *
catalog_database_by_name(const char *name)
{
    CatalogCache *cache = catalog_cache_shared();
    char *key = sql_identifier_fold(name, sql_collation_default());
    CatalogScan scan;
    void *value;

    if (!catalog_cache_get_name(cache, CACHE_DATABASE, 0, 0, key, &value)) {
        catalog_scan_begin(&scan, TABLE_databases, "databases_key", false);
        catalog_scan_key_text(&scan, COL_databases_key, key);
        if (catalog_scan_next(&scan))
            value = database_from_row(cache, &scan);
        catalog_scan_end(&scan);
        catalog_cache_put_name(cache, CACHE_DATABASE, 0, 0, key, value);
    }
    pfree(key);
    return value;
}

Oid
catalog_database_collation(int32 database)
{
    const CatalogDatabase *found = database ? catalog_database(database) : NULL;

    return found ? found->collation : sql_collation_default();
}

/* ---- schemas ---- */

typedef struct SchemaEntry {
    int32 id, owner;
    const char *name;
    Oid namespace;
} SchemaEntry;

static SchemaEntry *
schema_from_row(CatalogCache *cache, const CatalogScan *scan)
{
    char *name = catalog_field_text(scan, COL_schemas_name);
    SchemaEntry *schema = MemoryContextAllocZero(catalog_cache_memory(cache), sizeof(SchemaEntry));

    schema->id = catalog_field_int(scan, COL_schemas_id);
    schema->owner = catalog_field_int(scan, COL_schemas_owner);
    schema->name = catalog_cache_strdup(cache, name);
    schema->namespace = catalog_field_oid(scan, COL_schemas_namespace);
    pfree(name);
    return schema;
}

int32
catalog_schema_by_name(int32 database, const char *name)
{
    CatalogCache *cache = catalog_cache_shared();
    char *key = sql_identifier_fold(name, catalog_database_collation(database));
    CatalogScan scan;
    void *value;

    if (!catalog_cache_get_name(cache, CACHE_SCHEMA, database, 0, key, &value)) {
        catalog_scan_begin(&scan, TABLE_schemas, "schemas_key", false);
        catalog_scan_key_int(&scan, COL_schemas_database, database);
        catalog_scan_key_text(&scan, COL_schemas_key, key);
        if (catalog_scan_next(&scan))
            value = schema_from_row(cache, &scan);
        catalog_scan_end(&scan);
        catalog_cache_put_name(cache, CACHE_SCHEMA, database, 0, key, value);
    }
    pfree(key);
    return value ? ((SchemaEntry *) value)->id : 0;
}

static SchemaEntry *
schema_by_id(int32 database, int32 schema_id)
{
    CatalogCache *cache = catalog_cache_shared();
    CatalogScan scan;
    void *value;

    if (catalog_cache_get_id(cache, CACHE_SCHEMA, database, schema_id, &value))
        return value;
    catalog_scan_begin(&scan, TABLE_schemas, "schemas_id", false);
    catalog_scan_key_int(&scan, COL_schemas_database, database);
    catalog_scan_key_int(&scan, COL_schemas_id, schema_id);
    if (catalog_scan_next(&scan))
        value = schema_from_row(cache, &scan);
    catalog_scan_end(&scan);
    catalog_cache_put_id(cache, CACHE_SCHEMA, database, schema_id, value);
    return value;
}

const char *
catalog_schema_name(int32 database, int32 schema_id)
{
    SchemaEntry *schema;

    /* the same in all databases, and that of database 0's objects */
    if (schema_id == SCHEMA_SYS)
        return "sys";
    if (schema_id == SCHEMA_INFORMATION_SCHEMA)
        return "INFORMATION_SCHEMA";
    if (schema_id == SCHEMA_DBO)
        return "dbo";
    schema = schema_by_id(database, schema_id);
    return schema ? schema->name : NULL;
}

int32
catalog_schema_owner(int32 database, int32 schema_id)
{
    SchemaEntry *schema = schema_by_id(database, schema_id);

    return schema ? schema->owner : 0;
}

Oid
catalog_schema_namespace(int32 database, int32 schema_id)
{
    SchemaEntry *schema = schema_by_id(database, schema_id);

    return schema ? schema->namespace : InvalidOid;
}
