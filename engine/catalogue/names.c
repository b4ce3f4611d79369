/*
 * PostgreSQL names for T-SQL names, and back for the messages of constraint errors.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "catalog/pg_constraint.h"
#include "catalogue/cache.h"
#include "common/hashfn.h"
#include "errors/errors.h"
#include "fmgr.h"
#include "mb/pg_wchar.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

/* Room for '~' and eight hexadecimal digits of the whole name's hash. */
#define HASH_SUFFIX 9

char *
catalog_pg_name(const char *tsql_name)
{
    size_t length = strlen(tsql_name);
    char cut[NAMEDATALEN];
    int keep;

    if (length < NAMEDATALEN)
        return pstrdup(tsql_name);
    keep = pg_mbcliplen(tsql_name, length, NAMEDATALEN - 1 - HASH_SUFFIX);
    memcpy(cut, tsql_name, keep);
    cut[keep] = '\0';
    return psprintf("%s~%08x", cut,
                    DatumGetUInt32(hash_any((const unsigned char *) tsql_name, length)));
}

char *
catalog_pg_schema_name(const char *database, const char *schema)
{
    char *joined = psprintf("%s.%s", database, schema);
    char *name = catalog_pg_name(joined);

    pfree(joined);
    return name;
}

char *
catalog_pg_column_name(const char *tsql_name)
{
    static const char *const system_columns[] = {"ctid", "xmin", "xmax",
                                                 "cmin", "cmax", "tableoid"};

    for (int i = 0; i < lengthof(system_columns); i++)
        if (strcmp(system_columns[i], tsql_name) == 0)
            return psprintf("%s~", tsql_name);
    return catalog_pg_name(tsql_name);
}

/* ---- names for errors ---- */

static Oid
relation_of(const char *pg_schema, const char *pg_relation)
{
    Oid namespace;

    if (pg_schema == NULL || pg_relation == NULL)
        return InvalidOid;
    namespace = get_namespace_oid(pg_schema, true);
    return OidIsValid(namespace) ? get_relname_relid(pg_relation, namespace) : InvalidOid;
}

static bool
name_relation(const char *pg_schema, const char *pg_relation, char **tsql_name, char **database)
{
    CatalogObject object;
    const CatalogDatabase *owner;

    if (!catalog_object_by_relation(relation_of(pg_schema, pg_relation), &object))
        return false;
    owner = catalog_database(object.database);
    *tsql_name = psprintf("%s.%s", object.schema_name, object.name);
    *database = pstrdup(owner ? owner->name : "");
    return true;
}

/* The constraint of a table whose PostgreSQL name is given. */
static char *
constraint_by_pg_name(int32 table, const char *pg_constraint)
{
    CatalogScan scan;
    char *found = NULL;

    catalog_scan_begin(&scan, TABLE_objects, "objects_parent", false);
    catalog_scan_key_int(&scan, COL_objects_parent, table);
    while (found == NULL && catalog_scan_next(&scan)) {
        char *pg_name = catalog_field_text(&scan, COL_objects_pg_name);

        if (pg_name != NULL && strcmp(pg_name, pg_constraint) == 0)
            found = catalog_field_text(&scan, COL_objects_name);
    }
    catalog_scan_end(&scan);
    return found;
}

static char *
name_constraint(const char *pg_schema,
                const char *pg_relation,
                const char *pg_constraint,
                bool *is_primary,
                bool *is_constraint)
{
    Oid relation = relation_of(pg_schema, pg_relation);
    Oid index = relation_of(pg_schema, pg_constraint);
    CatalogObject table;
    CatalogScan scan;
    char *found = NULL;

    *is_primary = *is_constraint = false;
    if (!catalog_object_by_relation(relation, &table))
        return NULL;
    if (OidIsValid(index)) {
        catalog_scan_begin(&scan, TABLE_indexes, "indexes_relation", false);
        catalog_scan_key_oid(&scan, COL_indexes_relation, index);
        if (catalog_scan_next(&scan)) {
            found = catalog_field_text(&scan, COL_indexes_name);
            *is_primary = catalog_field_bool(&scan, COL_indexes_is_primary);
            *is_constraint = catalog_field_int(&scan, COL_indexes_constraint_object) != 0;
        }
        catalog_scan_end(&scan);
    }
    if (found == NULL)
        found = constraint_by_pg_name(table.id, pg_constraint);
    /* an index that could not be made has no row: its PostgreSQL name is table.index */
    if (found == NULL && strncmp(pg_constraint, table.name, strlen(table.name)) == 0 &&
        pg_constraint[strlen(table.name)] == '.')
        found = pstrdup(pg_constraint + strlen(table.name) + 1);
    return found;
}

static char *
name_column(const char *pg_schema, const char *pg_relation, const char *pg_column)
{
    Oid relation = relation_of(pg_schema, pg_relation);
    AttrNumber attnum = OidIsValid(relation) ? get_attnum(relation, pg_column) : InvalidAttrNumber;
    CatalogObject table;
    const CatalogRelation *columns;

    if (attnum == InvalidAttrNumber || !catalog_object_by_relation(relation, &table))
        return NULL;
    columns = catalog_relation(&table);
    for (int i = 0; i < columns->column_count; i++)
        if (columns->columns[i].attnum == attnum)
            return pstrdup(columns->columns[i].name);
    return NULL;
}

/* The column of a constraint's key (conkey or confkey) when it is one, else NULL. */
static char *
only_column(HeapTuple constraint, int key, Oid relation)
{
    bool is_null;
    Datum value = SysCacheGetAttr(CONSTROID, constraint, key, &is_null);
    ArrayType *columns = is_null ? NULL : DatumGetArrayTypeP(value);
    char *pg_column;

    if (columns == NULL || ARR_NDIM(columns) != 1 || ARR_DIMS(columns)[0] != 1)
        return NULL;
    pg_column = get_attname(relation, ((int16 *) ARR_DATA_PTR(columns))[0], true);
    if (pg_column == NULL)
        return NULL;
    return name_column(get_namespace_name(get_rel_namespace(relation)), get_rel_name(relation),
                       pg_column);
}

static bool
name_conflict(const char *pg_schema,
              const char *pg_relation,
              const char *pg_constraint,
              bool referenced,
              char **tsql_name,
              char **database,
              char **column)
{
    Oid relation = relation_of(pg_schema, pg_relation);
    Oid id = OidIsValid(relation) ? get_relation_constraint_oid(relation, pg_constraint, true)
                                  : InvalidOid;
    HeapTuple tuple = OidIsValid(id) ? SearchSysCache1(CONSTROID, ObjectIdGetDatum(id)) : NULL;
    bool found;

    if (!HeapTupleIsValid(tuple))
        return false;
    if (referenced)
        relation = ((Form_pg_constraint) GETSTRUCT(tuple))->confrelid;
    *column = only_column(
        tuple, referenced ? Anum_pg_constraint_confkey : Anum_pg_constraint_conkey, relation);
    found = name_relation(get_namespace_name(get_rel_namespace(relation)), get_rel_name(relation),
                          tsql_name, database);
    ReleaseSysCache(tuple);
    return found;
}

void
catalog_init(void)
{
    static const ErrorNames names = {.relation = name_relation,
                                     .constraint = name_constraint,
                                     .conflict = name_conflict,
                                     .column = name_column};

    tsql_error_register_names(&names);
}

/* casement.fold(text): an identifier's look-up key under the server's collation, for install.sql.
 */
PG_FUNCTION_INFO_V1(casement_fold);
Datum casement_fold(PG_FUNCTION_ARGS);

Datum
casement_fold(PG_FUNCTION_ARGS)
{
    char *name = text_to_cstring(PG_GETARG_TEXT_PP(0));

    PG_RETURN_TEXT_P(cstring_to_text(sql_identifier_fold(name, sql_collation_default())));
}
