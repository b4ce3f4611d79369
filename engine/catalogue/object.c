/*
 * Names to objects: schema search, synonyms, #temporary names, and objects by id.
 */
#include "postgres.h"

#include "catalogue/cache.h"
#include "utils/memutils.h"

static const struct {
    CatalogObjectType type;
    const char *code;
} object_types[] = {
    {CATALOG_TABLE, "U"},
    {CATALOG_VIEW, "V"},
    {CATALOG_PROCEDURE, "P"},
    {CATALOG_SCALAR_FUNCTION, "FN"},
    {CATALOG_INLINE_FUNCTION, "IF"},
    {CATALOG_TABLE_FUNCTION, "TF"},
    {CATALOG_TRIGGER, "TR"},
    {CATALOG_SEQUENCE, "SO"},
    {CATALOG_SYNONYM, "SN"},
    {CATALOG_PRIMARY_KEY, "PK"},
    {CATALOG_UNIQUE, "UQ"},
    {CATALOG_FOREIGN_KEY, "F"},
    {CATALOG_CHECK, "C"},
    {CATALOG_DEFAULT, "D"},
    {CATALOG_TABLE_TYPE, "TT"},
    {CATALOG_SYSTEM_TABLE, "S"},
    {CATALOG_SYSTEM_VIEW, "V"},
    {CATALOG_SYSTEM_PROCEDURE, "X"},
};

const char *
catalog_object_type_code(CatalogObjectType type)
{
    for (int i = 0; i < lengthof(object_types); i++)
        if (object_types[i].type == type)
            return object_types[i].code;
    return "";
}

static CatalogObjectType
type_from_code(const char *code, bool is_system)
{
    if (is_system && strcmp(code, "V") == 0)
        return CATALOG_SYSTEM_VIEW;
    if (is_system && strcmp(code, "P") == 0)
        return CATALOG_SYSTEM_PROCEDURE;
    for (int i = 0; i < lengthof(object_types); i++)
        if (strcmp(object_types[i].code, code) == 0)
            return object_types[i].type;
    return CATALOG_SYSTEM_TABLE;
}

void
catalog_object_from_row(const CatalogScan *scan, CatalogObject *object)
{
    char *code = catalog_field_text(scan, COL_objects_type);

    memset(object, 0, sizeof(*object));
    object->id = catalog_field_int(scan, COL_objects_id);
    object->database = catalog_field_int(scan, COL_objects_database);
    object->schema = catalog_field_int(scan, COL_objects_schema);
    object->name = catalog_field_text(scan, COL_objects_name);
    object->is_system = catalog_field_bool(scan, COL_objects_is_system);
    object->type = type_from_code(code, object->is_system);
    object->parent = catalog_field_int(scan, COL_objects_parent);
    object->relation = catalog_field_oid(scan, COL_objects_relation);
    object->is_temporary = catalog_field_int(scan, COL_objects_session) != 0;
    pfree(code);
}

/* A copy of a row's object in the cache, its schema's name filled in. */
static CatalogObject *
object_cached(CatalogCache *cache, const CatalogScan *scan)
{
    CatalogObject row, *object;

    catalog_object_from_row(scan, &row);
    object = MemoryContextAlloc(catalog_cache_memory(cache), sizeof(CatalogObject));
    *object = row;
    object->name = catalog_cache_strdup(cache, row.name);
    object->schema_name =
        catalog_cache_strdup(cache, catalog_schema_name(row.database, row.schema));
    return object;
}

/* ---- by name ---- */

/* An ordinary object of a schema (database 0: of every database). NULL if there is none. */
static const CatalogObject *
object_in_schema(int32 database, int32 schema, const char *key)
{
    CatalogCache *cache = catalog_cache_shared();
    CatalogScan scan;
    void *value;

    if (catalog_cache_get_name(cache, CACHE_OBJECT, database, schema, key, &value))
        return value;
    catalog_scan_begin(&scan, TABLE_objects, "objects_key", false);
    catalog_scan_key_int(&scan, COL_objects_database, database);
    catalog_scan_key_int(&scan, COL_objects_schema, schema);
    catalog_scan_key_text(&scan, COL_objects_key, key);
    catalog_scan_key_int(&scan, COL_objects_session, 0);
    if (catalog_scan_next(&scan))
        value = object_cached(cache, &scan);
    catalog_scan_end(&scan);
    catalog_cache_put_name(cache, CACHE_OBJECT, database, schema, key, value);
    return value;
}

/* This session's #temporary object of a name: the innermost one. */
static const CatalogObject *
object_temporary(const char *key)
{
    CatalogCache *cache = catalog_cache_session();
    CatalogScan scan;
    void *value;
    int level = -1;

    if (catalog_cache_get_name(cache, CACHE_OBJECT, DATABASE_TEMPDB, SCHEMA_DBO, key, &value))
        return value;
    catalog_scan_begin(&scan, TABLE_objects, "objects_key", false);
    catalog_scan_key_int(&scan, COL_objects_database, DATABASE_TEMPDB);
    catalog_scan_key_int(&scan, COL_objects_schema, SCHEMA_DBO);
    catalog_scan_key_text(&scan, COL_objects_key, key);
    catalog_scan_key_int(&scan, COL_objects_session, catalog_session_key());
    while (catalog_scan_next(&scan)) {
        if (catalog_field_int(&scan, COL_objects_level) <= level)
            continue;
        level = catalog_field_int(&scan, COL_objects_level);
        value = object_cached(cache, &scan);
    }
    catalog_scan_end(&scan);
    catalog_cache_put_name(cache, CACHE_OBJECT, DATABASE_TEMPDB, SCHEMA_DBO, key, value);
    return value;
}

/* Old names that need no schema, in any database: sysobjects, sp_help, xp_msver, spt_values. */
static bool
is_old_system_name(const char *key)
{
    return strncmp(key, "sys", 3) == 0 || strncmp(key, "sp_", 3) == 0 ||
           strncmp(key, "xp_", 3) == 0 || strncmp(key, "spt_", 4) == 0;
}

static const CatalogObject *
object_search(int32 database,
              const char *default_schema,
              const char *schema_name,
              const char *key,
              const char *system_key)
{
    const CatalogObject *object;
    int32 schema;

    if (schema_name != NULL && schema_name[0] != '\0') {
        schema = catalog_schema_by_name(database, schema_name);
        if (schema == 0)
            return NULL;
        if (schema == SCHEMA_SYS || schema == SCHEMA_INFORMATION_SCHEMA)
            return object_in_schema(0, schema, system_key);
        object = object_in_schema(database, schema, key);
        if (object == NULL && schema == SCHEMA_DBO && is_old_system_name(system_key))
            object = object_in_schema(0, SCHEMA_SYS, system_key);
        return object;
    }
    if (default_schema != NULL) {
        schema = catalog_schema_by_name(database, default_schema);
        if (schema != 0 && schema != SCHEMA_DBO) {
            object = object_in_schema(database, schema, key);
            if (object != NULL)
                return object;
        }
    }
    object = object_in_schema(database, SCHEMA_DBO, key);
    if (object == NULL && is_old_system_name(system_key))
        object = object_in_schema(0, SCHEMA_SYS, system_key);
    /* procedures of master named sp_ serve all databases */
    if (object == NULL && database != DATABASE_MASTER && strncmp(system_key, "sp_", 3) == 0)
        object = object_in_schema(DATABASE_MASTER, SCHEMA_DBO, key);
    return object;
}

static const CatalogSynonym *
synonym_target(int32 object_id)
{
    CatalogCache *cache = catalog_cache_shared();
    CatalogSynonym *synonym;
    CatalogScan scan;
    void *value;

    if (catalog_cache_get_id(cache, CACHE_SYNONYM, 0, object_id, &value))
        return value;
    catalog_scan_begin(&scan, TABLE_synonyms, "synonyms_pkey", false);
    catalog_scan_key_int(&scan, COL_synonyms_object, object_id);
    if (catalog_scan_next(&scan)) {
        synonym = MemoryContextAlloc(catalog_cache_memory(cache), sizeof(CatalogSynonym));
        synonym->server =
            catalog_cache_strdup(cache, catalog_field_text(&scan, COL_synonyms_server_part));
        synonym->database =
            catalog_cache_strdup(cache, catalog_field_text(&scan, COL_synonyms_database_part));
        synonym->schema =
            catalog_cache_strdup(cache, catalog_field_text(&scan, COL_synonyms_schema_part));
        synonym->object =
            catalog_cache_strdup(cache, catalog_field_text(&scan, COL_synonyms_object_part));
        value = synonym;
    }
    catalog_scan_end(&scan);
    catalog_cache_put_id(cache, CACHE_SYNONYM, 0, object_id, value);
    return value;
}

bool
catalog_find_object(int32 database,
                    const char *default_schema,
                    const char *name_database,
                    const char *name_schema,
                    const char *name_object,
                    bool keep_synonym,
                    CatalogObject *object)
{
    const CatalogObject *found;
    char *key, *system_key;

    if (name_object[0] == '#') {
        key = sql_identifier_fold(name_object, catalog_database_collation(DATABASE_TEMPDB));
        found = name_object[1] == '#' ? object_in_schema(DATABASE_TEMPDB, SCHEMA_DBO, key)
                                      : object_temporary(key);
        if (found != NULL)
            *object = *found;
        return found != NULL;
    }
    if (name_database != NULL && name_database[0] != '\0') {
        const CatalogDatabase *other = catalog_database_by_name(name_database);

        if (other == NULL)
            return false;
        if (other->id != database)
            default_schema = NULL;
        database = other->id;
    }
    key = sql_identifier_fold(name_object, catalog_database_collation(database));
    system_key = sql_identifier_fold(name_object, sql_collation_default());
    found = object_search(database, default_schema, name_schema, key, system_key);
    if (found == NULL)
        return false;
    *object = *found;
    if (object->is_system)
        object->database = database;
    if (object->type == CATALOG_SYNONYM && !keep_synonym) {
        const CatalogSynonym *target = synonym_target(object->id);

        /* a synonym of a synonym is refused by SQL Server: keep_synonym ends the chase */
        if (target == NULL || target->server != NULL)
            return false;
        return catalog_find_object(object->database, NULL, target->database, target->schema,
                                   target->object, true, object) &&
               object->type != CATALOG_SYNONYM;
    }
    return true;
}

bool
catalog_synonym(int32 object_id, CatalogSynonym *synonym)
{
    const CatalogSynonym *found = synonym_target(object_id);

    if (found != NULL)
        *synonym = *found;
    return found != NULL;
}

/* ---- by id and by relation ---- */

/* Reads a row found by one key into the cache it belongs to. */
static const CatalogObject *
object_by(CacheKind kind, const char *index, int attribute, int64 id)
{
    CatalogCache *shared = catalog_cache_shared(), *session = catalog_cache_session();
    CatalogScan scan;
    void *value;

    if (catalog_cache_get_id(session, kind, 0, id, &value) && value != NULL)
        return value;
    if (catalog_cache_get_id(shared, kind, 0, id, &value))
        return value;
    catalog_scan_begin(&scan, TABLE_objects, index, false);
    if (kind == CACHE_BY_RELATION)
        catalog_scan_key_oid(&scan, attribute, (Oid) id);
    else
        catalog_scan_key_int(&scan, attribute, (int32) id);
    while (catalog_scan_next(&scan)) {
        int32 owner = catalog_field_int(&scan, COL_objects_session);

        if (owner != 0 && owner != catalog_session_key() && kind == CACHE_BY_RELATION)
            continue;
        value = object_cached(owner ? session : shared, &scan);
        if (owner != 0) {
            catalog_scan_end(&scan);
            catalog_cache_put_id(session, kind, 0, id, value);
            return value;
        }
        break;
    }
    catalog_scan_end(&scan);
    /* an absent id may be a #temporary object's later: do not remember it */
    if (value != NULL)
        catalog_cache_put_id(shared, kind, 0, id, value);
    return value;
}

bool
catalog_object_by_id(int32 object_id, CatalogObject *object)
{
    const CatalogObject *found;

    if (object_id == 0)
        return false;
    found = object_by(CACHE_OBJECT, "objects_pkey", COL_objects_id, object_id);
    if (found != NULL)
        *object = *found;
    return found != NULL;
}

bool
catalog_object_by_relation(Oid relation, CatalogObject *object)
{
    const CatalogObject *found;

    if (!OidIsValid(relation))
        return false;
    found = object_by(CACHE_BY_RELATION, "objects_relation", COL_objects_relation, relation);
    if (found != NULL)
        *object = *found;
    return found != NULL;
}
