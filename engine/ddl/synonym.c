/*
 * CREATE SYNONYM and CREATE/UPDATE STATISTICS: rows only. What a synonym stands for is looked up
 * when it is used, so it may be missing or made later.
 */
#include "postgres.h"

#include "ddl/ddl_internal.h"
#include "utils/builtins.h"

static const char *
part(const char *name)
{
    return name != NULL && name[0] != '\0' ? name : NULL;
}

void
ddl_create_synonym(const AstCreateSynonym *statement, DdlContext *context)
{
    DdlTarget target;
    CatalogRow row;
    int32 id;

    ddl_target_module(&statement->name, context, "CREATE SYNONYM", &target);
    ddl_must_be_allowed_in(&target, "CREATE SYNONYM");
    ddl_must_be_new(&target);
    id = ddl_new_object_id(false);
    ddl_insert_object(id, &target, target.name, CATALOG_SYNONYM, 0, InvalidOid, NULL);
    catalog_row_init(&row, TABLE_synonyms);
    catalog_row_int(&row, COL_synonyms_object, id);
    catalog_row_text(&row, COL_synonyms_server_part, part(statement->target.server));
    catalog_row_text(&row, COL_synonyms_database_part, part(statement->target.database));
    catalog_row_text(&row, COL_synonyms_schema_part, part(statement->target.schema));
    catalog_row_text(&row, COL_synonyms_object_part, statement->target.object);
    catalog_row_insert(&row);
    ddl_changed(false);
}

/* The next stats_id of a table, above its indexes' ids (those have statistics of their own name).
 */
static int32
new_statistics_id(const CatalogObject *table, const char *key)
{
    CatalogScan scan;
    int32 highest = 1;

    catalog_scan_begin(&scan, TABLE_indexes, "indexes_id", false);
    catalog_scan_key_int(&scan, COL_indexes_object, table->id);
    while (catalog_scan_next(&scan))
        highest = Max(highest, (int32) catalog_field_int(&scan, COL_indexes_id));
    catalog_scan_end(&scan);
    catalog_scan_begin(&scan, TABLE_statistics, "statistics_id", false);
    catalog_scan_key_int(&scan, COL_statistics_object, table->id);
    while (catalog_scan_next(&scan)) {
        if (strcmp(catalog_field_text(&scan, COL_statistics_key), key) == 0)
            tsql_error(ERR_1927, table->name, catalog_field_text(&scan, COL_statistics_name));
        highest = Max(highest, (int32) catalog_field_int(&scan, COL_statistics_id));
    }
    catalog_scan_end(&scan);
    return highest + 1;
}

void
ddl_create_statistics(const AstCreateStatistics *statement, DdlContext *context)
{
    CatalogObject table;
    const CatalogRelation *relation;
    StringInfoData columns;
    CatalogRow row;

    if (!ddl_find(&statement->table, context, &table) || table.type != CATALOG_TABLE)
        tsql_error(ERR_1088, ddl_name(&statement->table));
    if (statement->update) {
        ddl_run_sql(psprintf("ANALYZE %s", ddl_quoted_relation(table.relation)));
        return;
    }
    relation = ddl_relation(table.id);
    initStringInfo(&columns);
    for (int i = 0; i < statement->column_count; i++) {
        int column = catalog_column_find(relation, statement->columns[i]);

        if (column < 0)
            tsql_error(ERR_1911, statement->columns[i]);
        appendStringInfo(&columns, "%s%d", i ? "," : "", relation->columns[column].column_id);
    }
    catalog_row_init(&row, TABLE_statistics);
    catalog_row_int(&row, COL_statistics_object, table.id);
    catalog_row_text(&row, COL_statistics_key, ddl_fold(table.database, statement->name));
    catalog_row_int(&row, COL_statistics_id,
                    new_statistics_id(&table, ddl_fold(table.database, statement->name)));
    catalog_row_text(&row, COL_statistics_name, statement->name);
    catalog_row_text(&row, COL_statistics_columns, columns.data);
    if (statement->where != NULL)
        catalog_row_text(&row, COL_statistics_filter_text,
                         ddl_definition(statement->where, context->text));
    catalog_row_insert(&row);
    ddl_changed(table.is_temporary);
}
