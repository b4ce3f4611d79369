/*
 * Rows of objects and columns: making, marking, deleting.
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "commands/sequence.h"
#include "common/hashfn.h"
#include "ddl/ddl_internal.h"
#include "mb/pg_wchar.h"
#include "nodes/makefuncs.h"
#include "utils/builtins.h"

int32
ddl_new_object_id(bool temporary)
{
    RangeVar *name =
        makeRangeVar("casement", pstrdup(temporary ? "temporary_ids" : "object_ids"), -1);

    return (int32) nextval_internal(RangeVarGetRelid(name, AccessShareLock, false), false);
}

void
ddl_insert_object(int32 id,
                  const DdlTarget *where,
                  const char *name,
                  CatalogObjectType type,
                  int32 parent,
                  Oid relation,
                  const char *pg_name)
{
    CatalogRow row;

    catalog_row_init(&row, TABLE_objects);
    catalog_row_int(&row, COL_objects_id, id);
    catalog_row_int(&row, COL_objects_database, where->database);
    catalog_row_int(&row, COL_objects_schema, where->schema);
    catalog_row_text(&row, COL_objects_name, name);
    catalog_row_text(&row, COL_objects_key, ddl_fold(where->database, name));
    catalog_row_int(&row, COL_objects_session, where->session);
    catalog_row_int(&row, COL_objects_level, where->level);
    catalog_row_text(&row, COL_objects_type, catalog_object_type_code(type));
    catalog_row_int(&row, COL_objects_parent, parent);
    catalog_row_oid(&row, COL_objects_relation, relation);
    catalog_row_text(&row, COL_objects_pg_name, pg_name);
    catalog_row_insert(&row);
}

void
ddl_insert_column(int32 object, const CatalogColumn *column, const DdlTarget *where)
{
    int system_type, precision, scale;
    int32 user_type, max_length;
    CatalogRow row;

    catalog_type_store(&column->type, &system_type, &user_type, &max_length, &precision, &scale);
    catalog_row_init(&row, TABLE_columns);
    catalog_row_int(&row, COL_columns_object, object);
    catalog_row_int(&row, COL_columns_id, column->column_id);
    catalog_row_short(&row, COL_columns_attnum, column->attnum);
    catalog_row_text(&row, COL_columns_name, column->name);
    catalog_row_text(&row, COL_columns_key, ddl_fold(where->database, column->name));
    catalog_row_short(&row, COL_columns_system_type, system_type);
    catalog_row_int(&row, COL_columns_user_type, user_type);
    catalog_row_int(&row, COL_columns_max_length, max_length);
    catalog_row_short(&row, COL_columns_precision, precision);
    catalog_row_short(&row, COL_columns_scale, scale);
    catalog_row_oid(&row, COL_columns_collation, column->type.collation);
    catalog_row_bool(&row, COL_columns_nullable, column->nullable);
    catalog_row_bool(&row, COL_columns_identity, column->identity);
    catalog_row_big(&row, COL_columns_seed, column->identity_seed);
    catalog_row_big(&row, COL_columns_increment, column->identity_increment);
    catalog_row_bool(&row, COL_columns_computed, column->computed);
    catalog_row_bool(&row, COL_columns_persisted, column->persisted);
    catalog_row_bool(&row, COL_columns_rowguid, column->rowguid);
    catalog_row_bool(&row, COL_columns_hidden, column->hidden);
    catalog_row_bool(&row, COL_columns_ansi_padded, true);
    catalog_row_text(&row, COL_columns_computed_text, column->computed_text);
    catalog_row_text(&row, COL_columns_default_text, column->default_text);
    catalog_row_insert(&row);
}

void
ddl_touch(int32 object)
{
    CatalogScan scan;
    CatalogRow row;

    catalog_row_init(&row, TABLE_objects);
    catalog_row_now(&row, COL_objects_modified);
    catalog_scan_begin(&scan, TABLE_objects, "objects_pkey", true);
    catalog_scan_key_int(&scan, COL_objects_id, object);
    if (catalog_scan_next(&scan))
        catalog_scan_update(&scan, &row);
    catalog_scan_end(&scan);
}

/* GRANTs on and extended properties of an object. */
static void
delete_class_one(CatalogTable table,
                 const char *index,
                 int database_column,
                 int class_column,
                 int major_column,
                 int32 database,
                 int32 object)
{
    CatalogScan scan;

    catalog_scan_begin(&scan, table, index, true);
    catalog_scan_key_int(&scan, database_column, database);
    catalog_scan_key_short(&scan, class_column, 1);
    catalog_scan_key_int(&scan, major_column, object);
    while (catalog_scan_next(&scan))
        catalog_scan_delete(&scan);
    catalog_scan_end(&scan);
}

static List *
children_of(int32 object)
{
    CatalogScan scan;
    List *children = NIL;

    catalog_scan_begin(&scan, TABLE_objects, "objects_parent", false);
    catalog_scan_key_int(&scan, COL_objects_parent, object);
    while (catalog_scan_next(&scan))
        children = lappend_int(children, catalog_field_int(&scan, COL_objects_id));
    catalog_scan_end(&scan);
    return children;
}

void
ddl_delete_object(int32 object)
{
    List *children = children_of(object);
    CatalogScan scan;
    int32 database = 0;
    ListCell *cell;

    foreach (cell, children)
        ddl_delete_object(lfirst_int(cell));
    catalog_scan_begin(&scan, TABLE_objects, "objects_pkey", true);
    catalog_scan_key_int(&scan, COL_objects_id, object);
    if (catalog_scan_next(&scan)) {
        database = catalog_field_int(&scan, COL_objects_database);
        catalog_scan_delete(&scan);
    }
    catalog_scan_end(&scan);
    catalog_delete_by_int(TABLE_columns, "columns_id", COL_columns_object, object);
    catalog_delete_by_int(TABLE_modules, "modules_object", COL_modules_object, object);
    catalog_delete_by_int(TABLE_parameters, "parameters_id", COL_parameters_object, object);
    catalog_delete_by_int(TABLE_indexes, "indexes_id", COL_indexes_object, object);
    catalog_delete_by_int(TABLE_index_columns, "index_columns_id", COL_index_columns_object,
                          object);
    catalog_delete_by_int(TABLE_constraints, "constraints_pkey", COL_constraints_object, object);
    catalog_delete_by_int(TABLE_constraint_columns, "constraint_columns_id",
                          COL_constraint_columns_object, object);
    catalog_delete_by_int(TABLE_triggers, "triggers_pkey", COL_triggers_object, object);
    catalog_delete_by_int(TABLE_sequences, "sequences_pkey", COL_sequences_object, object);
    catalog_delete_by_int(TABLE_synonyms, "synonyms_pkey", COL_synonyms_object, object);
    catalog_delete_by_int(TABLE_statistics, "statistics_id", COL_statistics_object, object);
    delete_class_one(TABLE_permissions, "permissions_major", COL_permissions_database,
                     COL_permissions_class, COL_permissions_major, database, object);
    delete_class_one(TABLE_extended_properties, "extended_properties_key",
                     COL_extended_properties_database, COL_extended_properties_class,
                     COL_extended_properties_major, database, object);
}

/* At most `length` bytes of UTF-8, whole characters. */
static char *
clipped(const char *name, int length)
{
    int keep = pg_mbcliplen(name, strlen(name), length);

    return pnstrdup(name, keep);
}

char *
ddl_system_name(const char *prefix, const char *table, const char *column, int32 object)
{
    uint32 hash = hash_combine(murmurhash32((uint32) object), 0x9e3779b9);

    /* as SQL Server: PK__<9 of the table>__<16 digits>, DF__<9>__<5 of the column>__<8 digits> */
    if (column != NULL)
        return psprintf("%s__%s__%s__%08X", prefix, clipped(table, 9), clipped(column, 9), hash);
    if (strcmp(prefix, "PK") == 0 || strcmp(prefix, "UQ") == 0)
        return psprintf("%s__%s__%08X%08X", prefix, clipped(table, 8), hash, (uint32) object);
    return psprintf("%s__%s__%08X", prefix, clipped(table, 9), hash);
}

void
ddl_changed(bool temporary)
{
    if (temporary)
        catalog_changed_locally();
    else
        catalog_changed();
}
