/*
 * Indexes: CREATE INDEX, ALTER INDEX, the indexes behind keys, and dropping. A clustered index is a
 * PostgreSQL index like any other with a mark in its row. NULLs sort first, as in T-SQL. A disabled
 * index keeps its rows and loses its PostgreSQL index; REBUILD makes it anew from the rows.
 */
#include "postgres.h"

#include "catalog/index.h"
#include "catalog/namespace.h"
#include "commands/defrem.h"
#include "ddl/ddl_internal.h"
#include "ddl/pg_constraint.h"
#include "nodes/makefuncs.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#define MAX_KEY_COLUMNS 32

int32
ddl_find_index(const CatalogObject *table, const char *name, Oid *relation, int32 *constraint)
{
    char *key = ddl_fold(table->database, name);
    CatalogScan scan;
    int32 found = -1;

    catalog_scan_begin(&scan, TABLE_indexes, "indexes_id", false);
    catalog_scan_key_int(&scan, COL_indexes_object, table->id);
    while (found < 0 && catalog_scan_next(&scan)) {
        if (strcmp(catalog_field_text(&scan, COL_indexes_key), key) != 0)
            continue;
        found = catalog_field_int(&scan, COL_indexes_id);
        if (relation != NULL)
            *relation = catalog_field_oid(&scan, COL_indexes_relation);
        if (constraint != NULL)
            *constraint = catalog_field_int(&scan, COL_indexes_constraint_object);
    }
    catalog_scan_end(&scan);
    return found;
}

/* The id for a new index: 1 for the clustered one, else from 2 upwards. Raises 1902. */
static int32
new_index_id(const CatalogObject *table, const DdlIndex *index)
{
    CatalogScan scan;
    int32 highest = 1;

    catalog_scan_begin(&scan, TABLE_indexes, "indexes_id", false);
    catalog_scan_key_int(&scan, COL_indexes_object, table->id);
    while (catalog_scan_next(&scan)) {
        int32 id = catalog_field_int(&scan, COL_indexes_id);

        if (id == 1 && index->clustered)
            tsql_error_state(ERR_1902, 3, "table", table->name,
                             catalog_field_text(&scan, COL_indexes_name));
        highest = Max(highest, id);
    }
    catalog_scan_end(&scan);
    return index->clustered ? 1 : highest + 1;
}

static bool
is_large(const SqlType *type)
{
    return type->length == -1 || type->id == SQL_TEXT || type->id == SQL_NTEXT ||
           type->id == SQL_IMAGE || type->id == SQL_XML;
}

static int
find_column(const CatalogObject *table, const CatalogRelation *relation, const char *name)
{
    int column = catalog_column_find(relation, name);

    if (column < 0)
        tsql_error(ERR_1911, name);
    return column;
}

static IndexElem *
index_element(const CatalogObject *table,
              const CatalogRelation *relation,
              int number,
              bool descending,
              StringInfo sql,
              const DdlContext *context)
{
    const CatalogColumn *column = &relation->columns[number];
    IndexElem *element = makeNode(IndexElem);

    if (column->attnum == 0) {
        BindContext bind = ddl_bind_context(context, table->database);
        SqlType type;

        element->expr = (Node *) bind_relation_expression(
            ddl_parse_definition(column->computed_text), relation, &bind, false, NULL, &type);
        appendStringInfo(sql, "(%s)", ddl_deparse(element->expr, table->relation));
    } else {
        element->name = ddl_pg_column(table->relation, column->attnum);
        appendStringInfoString(sql, quote_identifier(element->name));
    }
    element->ordering = descending ? SORTBY_DESC : SORTBY_ASC;
    element->nulls_ordering = descending ? SORTBY_NULLS_LAST : SORTBY_NULLS_FIRST;
    appendStringInfoString(sql, descending ? " DESC NULLS LAST" : " ASC NULLS FIRST");
    return element;
}

/* Fills the key and include columns of the PostgreSQL statement, checking them. */
static void
index_columns(const CatalogObject *table,
              const CatalogRelation *relation,
              const DdlIndex *index,
              IndexStmt *statement,
              StringInfo sql,
              const DdlContext *context)
{
    List *seen = NIL;

    if (index->column_count > MAX_KEY_COLUMNS)
        tsql_error(ERR_1904, "index", index->name, table->name, index->column_count, "index",
                   MAX_KEY_COLUMNS);
    for (int i = 0; i < index->column_count; i++) {
        int number = find_column(table, relation, index->columns[i].name);

        if (list_member_int(seen, number))
            tsql_error(ERR_1909, index->constraint ? "constraint" : "index",
                       index->columns[i].name);
        if (is_large(&relation->columns[number].type))
            tsql_error(ERR_1919, relation->columns[number].name, table->name);
        seen = lappend_int(seen, number);
        if (i > 0)
            appendStringInfoString(sql, ", ");
        statement->indexParams = lappend(
            statement->indexParams,
            index_element(table, relation, number, index->columns[i].descending, sql, context));
    }
    for (int i = 0; i < index->include_count; i++) {
        int number = find_column(table, relation, index->include[i]);
        const CatalogColumn *column = &relation->columns[number];
        IndexElem *element;

        if (list_member_int(seen, number))
            tsql_error(ERR_1909, "index", index->include[i]);
        seen = lappend_int(seen, number);
        /* an expression cannot be included: the column stays in the rows only */
        if (column->attnum == 0)
            continue;
        element = makeNode(IndexElem);
        element->name = ddl_pg_column(table->relation, column->attnum);
        element->ordering = SORTBY_DEFAULT;
        element->nulls_ordering = SORTBY_NULLS_DEFAULT;
        statement->indexIncludingParams = lappend(statement->indexIncludingParams, element);
        appendStringInfo(sql, "%s%s",
                         statement->indexIncludingParams->length == 1 ? ") INCLUDE (" : ", ",
                         quote_identifier(element->name));
    }
    appendStringInfoChar(sql, ')');
}

/* Makes the PostgreSQL index; returns its oid. */
static Oid
make_pg_index(const CatalogObject *table,
              const DdlIndex *index,
              int32 index_id,
              const DdlContext *context)
{
    const CatalogRelation *relation = ddl_relation(table->id);
    Oid namespace = get_rel_namespace(table->relation);
    IndexStmt *statement = makeNode(IndexStmt);
    StringInfoData sql;

    statement->idxname = ddl_free_relation_name(psprintf("%s.%s", table->name, index->name),
                                                namespace, ddl_new_object_id(table->is_temporary));
    statement->relation = ddl_range_var(table->relation);
    statement->accessMethod = DEFAULT_INDEX_TYPE;
    statement->unique = index->unique;
    /* A primary key has no NULL, and 17 refuses to be told how they compare. */
    statement->nulls_not_distinct = index->unique && !index->primary;
    statement->primary = index->primary;
    statement->isconstraint = index->constraint != 0;
    statement->transformed = true;
    initStringInfo(&sql);
    appendStringInfo(&sql, "CREATE %sINDEX %s ON %s (", index->unique ? "UNIQUE " : "",
                     quote_identifier(statement->idxname), ddl_quoted_relation(table->relation));
    index_columns(table, relation, index, statement, &sql, context);
    if (statement->nulls_not_distinct)
        appendStringInfoString(&sql, " NULLS NOT DISTINCT");
    if (index->where != NULL) {
        BindContext bind = ddl_bind_context(context, table->database);
        SqlType type;

        statement->whereClause =
            (Node *) bind_relation_expression(index->where, relation, &bind, true, NULL, &type);
        appendStringInfo(&sql, " WHERE %s", ddl_deparse(statement->whereClause, table->relation));
    }
    ddl_utility((Node *) statement, sql.data);
    return get_relname_relid(statement->idxname, namespace);
}

static void
insert_index_column(const CatalogObject *table,
                    int32 index_id,
                    int id,
                    const CatalogColumn *column,
                    int ordinal,
                    bool descending)
{
    CatalogRow row;

    catalog_row_init(&row, TABLE_index_columns);
    catalog_row_int(&row, COL_index_columns_object, table->id);
    catalog_row_int(&row, COL_index_columns_index, index_id);
    catalog_row_int(&row, COL_index_columns_id, id);
    catalog_row_int(&row, COL_index_columns_column_id, column->column_id);
    catalog_row_short(&row, COL_index_columns_key_ordinal, ordinal);
    catalog_row_bool(&row, COL_index_columns_descending, descending);
    catalog_row_bool(&row, COL_index_columns_included, ordinal == 0);
    catalog_row_insert(&row);
}

static void
register_index(const CatalogObject *table,
               const DdlIndex *index,
               int32 index_id,
               Oid pg_index,
               const DdlContext *context)
{
    const CatalogRelation *relation = ddl_relation(table->id);
    const AstOption *fill = ddl_option(index->options, "FILLFACTOR");
    int64 fill_factor = 0;
    CatalogRow row;
    int id = 0;

    if (fill != NULL)
        ddl_integer(fill->value, &fill_factor);
    catalog_row_init(&row, TABLE_indexes);
    catalog_row_int(&row, COL_indexes_object, table->id);
    catalog_row_int(&row, COL_indexes_id, index_id);
    catalog_row_text(&row, COL_indexes_name, index->name);
    catalog_row_text(&row, COL_indexes_key, ddl_fold(table->database, index->name));
    catalog_row_short(&row, COL_indexes_type, index->clustered ? 1 : 2);
    catalog_row_oid(&row, COL_indexes_relation, pg_index);
    catalog_row_bool(&row, COL_indexes_is_unique, index->unique);
    catalog_row_int(&row, COL_indexes_constraint_object, index->constraint);
    catalog_row_bool(&row, COL_indexes_is_primary, index->primary);
    catalog_row_bool(&row, COL_indexes_ignore_dup_key,
                     ddl_option_on(index->options, "IGNORE_DUP_KEY", false));
    catalog_row_short(&row, COL_indexes_fill_factor, fill_factor);
    catalog_row_bool(&row, COL_indexes_padded, ddl_option_on(index->options, "PAD_INDEX", false));
    catalog_row_bool(&row, COL_indexes_row_locks,
                     ddl_option_on(index->options, "ALLOW_ROW_LOCKS", true));
    catalog_row_bool(&row, COL_indexes_page_locks,
                     ddl_option_on(index->options, "ALLOW_PAGE_LOCKS", true));
    catalog_row_bool(&row, COL_indexes_no_recompute,
                     ddl_option_on(index->options, "STATISTICS_NORECOMPUTE", false));
    if (index->where != NULL)
        catalog_row_text(&row, COL_indexes_filter_text,
                         ddl_definition(index->where, context->text));
    catalog_row_insert(&row);
    for (int i = 0; i < index->column_count; i++)
        insert_index_column(
            table, index_id, ++id,
            &relation->columns[find_column(table, relation, index->columns[i].name)], i + 1,
            index->columns[i].descending);
    for (int i = 0; i < index->include_count; i++)
        insert_index_column(table, index_id, ++id,
                            &relation->columns[find_column(table, relation, index->include[i])], 0,
                            false);
}

int32
ddl_create_index(const CatalogObject *table, const DdlIndex *index, const DdlContext *context)
{
    int32 index_id;
    Oid pg_index;

    if (ddl_find_index(table, index->name, NULL, NULL) >= 0)
        tsql_error(
            ERR_1913, index->name, "table",
            psprintf("%s.%s", catalog_schema_name(table->database, table->schema), table->name));
    index_id = new_index_id(table, index);
    pg_index = make_pg_index(table, index, index_id, context);
    register_index(table, index, index_id, pg_index, context);
    return index_id;
}

void
ddl_drop_index(int32 object, int32 index_id)
{
    CatalogScan scan;
    Oid relation = InvalidOid;

    catalog_scan_begin(&scan, TABLE_indexes, "indexes_id", true);
    catalog_scan_key_int(&scan, COL_indexes_object, object);
    catalog_scan_key_int(&scan, COL_indexes_id, index_id);
    if (catalog_scan_next(&scan)) {
        relation = catalog_field_oid(&scan, COL_indexes_relation);
        catalog_scan_delete(&scan);
    }
    catalog_scan_end(&scan);
    catalog_scan_begin(&scan, TABLE_index_columns, "index_columns_id", true);
    catalog_scan_key_int(&scan, COL_index_columns_object, object);
    catalog_scan_key_int(&scan, COL_index_columns_index, index_id);
    while (catalog_scan_next(&scan))
        catalog_scan_delete(&scan);
    catalog_scan_end(&scan);
    ddl_drop_pg_index(relation);
}

void
ddl_create_index_statement(const AstCreateIndex *statement, DdlContext *context)
{
    DdlIndex index = {.name = statement->name,
                      .unique = statement->unique,
                      .clustered = statement->clustered > 0,
                      .column_count = statement->column_count,
                      .columns = statement->columns,
                      .include_count = statement->include_count,
                      .include = statement->include,
                      .where = statement->where,
                      .options = statement->options};
    CatalogObject table;
    int32 existing;

    if (!ddl_find(&statement->table, context, &table) ||
        (table.type != CATALOG_TABLE && table.type != CATALOG_VIEW) || !ddl_may_alter(&table))
        tsql_error(ERR_1088, ddl_name(&statement->table));
    if (table.type == CATALOG_VIEW || statement->special != NULL || statement->columnstore)
        tsql_error(ERR_40517, statement->special       ? statement->special
                              : statement->columnstore ? "COLUMNSTORE INDEX"
                                                       : "CREATE INDEX on a view");
    existing = ddl_find_index(&table, statement->name, NULL, NULL);
    if (existing >= 0 && ddl_option_on(statement->options, "DROP_EXISTING", false)) {
        ddl_drop_index(table.id, existing);
        ddl_changed(table.is_temporary);
    }
    ddl_create_index(&table, &index, context);
    ddl_changed(table.is_temporary);
}

/* ---- ALTER INDEX ---- */

typedef struct IndexState {
    int32 id;
    DdlIndex index;
    Oid relation;
    bool disabled;
} IndexState;

/* An index as its rows tell it. */
static void
load_columns_of_index(const CatalogObject *table, IndexState *state)
{
    const CatalogRelation *relation = ddl_relation(table->id);
    AstIndexColumn *keys = palloc0(sizeof(AstIndexColumn) * (relation->column_count + 1));
    const char **include = palloc0(sizeof(char *) * (relation->column_count + 1));
    CatalogScan scan;

    catalog_scan_begin(&scan, TABLE_index_columns, "index_columns_id", false);
    catalog_scan_key_int(&scan, COL_index_columns_object, table->id);
    catalog_scan_key_int(&scan, COL_index_columns_index, state->id);
    while (catalog_scan_next(&scan)) {
        int32 column_id = catalog_field_int(&scan, COL_index_columns_column_id);
        const char *name = "";

        for (int i = 0; i < relation->column_count; i++)
            if (relation->columns[i].column_id == column_id)
                name = relation->columns[i].name;
        if (catalog_field_bool(&scan, COL_index_columns_included))
            include[state->index.include_count++] = name;
        else {
            keys[state->index.column_count].name = name;
            keys[state->index.column_count++].descending =
                catalog_field_bool(&scan, COL_index_columns_descending);
        }
    }
    catalog_scan_end(&scan);
    state->index.columns = keys;
    state->index.include = include;
}

static List *
load_indexes(const CatalogObject *table, const char *name)
{
    char *key = name ? ddl_fold(table->database, name) : NULL;
    CatalogScan scan;
    List *states = NIL;
    ListCell *cell;

    catalog_scan_begin(&scan, TABLE_indexes, "indexes_id", false);
    catalog_scan_key_int(&scan, COL_indexes_object, table->id);
    while (catalog_scan_next(&scan)) {
        IndexState *state;
        char *filter;

        if (key != NULL && strcmp(catalog_field_text(&scan, COL_indexes_key), key) != 0)
            continue;
        state = palloc0(sizeof(IndexState));
        state->id = catalog_field_int(&scan, COL_indexes_id);
        state->relation = catalog_field_oid(&scan, COL_indexes_relation);
        state->disabled = catalog_field_bool(&scan, COL_indexes_disabled);
        state->index.name = catalog_field_text(&scan, COL_indexes_name);
        state->index.unique = catalog_field_bool(&scan, COL_indexes_is_unique);
        state->index.primary = catalog_field_bool(&scan, COL_indexes_is_primary);
        state->index.clustered = state->id == 1;
        state->index.constraint = catalog_field_int(&scan, COL_indexes_constraint_object);
        filter = catalog_field_text(&scan, COL_indexes_filter_text);
        if (filter != NULL)
            state->index.where = ddl_parse_definition(filter);
        states = lappend(states, state);
    }
    catalog_scan_end(&scan);
    foreach (cell, states)
        load_columns_of_index(table, lfirst(cell));
    return states;
}

void
ddl_copy_indexes(const CatalogObject *from, const CatalogObject *to, const DdlContext *context)
{
    DdlTarget where;
    ListCell *cell;

    ddl_target_of(to, &where);
    foreach (cell, load_indexes(from, NULL)) {
        DdlIndex index = ((IndexState *) lfirst(cell))->index;

        if (index.constraint != 0) {
            index.constraint = ddl_new_object_id(to->is_temporary);
            index.name =
                ddl_system_name(index.primary ? "PK" : "UQ", to->name, NULL, index.constraint);
            ddl_insert_object(index.constraint, &where, index.name,
                              index.primary ? CATALOG_PRIMARY_KEY : CATALOG_UNIQUE, to->id,
                              InvalidOid, NULL);
        }
        ddl_create_index(to, &index, context);
    }
}

static void
update_index(const CatalogObject *table, int32 index_id, CatalogRow *row)
{
    CatalogScan scan;

    catalog_scan_begin(&scan, TABLE_indexes, "indexes_id", true);
    catalog_scan_key_int(&scan, COL_indexes_object, table->id);
    catalog_scan_key_int(&scan, COL_indexes_id, index_id);
    if (catalog_scan_next(&scan))
        catalog_scan_update(&scan, row);
    catalog_scan_end(&scan);
}

static void
disable_index(const CatalogObject *table, IndexState *state)
{
    CatalogRow row;

    if (state->disabled)
        return;
    catalog_row_init(&row, TABLE_indexes);
    catalog_row_bool(&row, COL_indexes_disabled, true);
    catalog_row_oid(&row, COL_indexes_relation, InvalidOid);
    update_index(table, state->id, &row);
    ddl_drop_pg_index(state->relation);
}

static void
rebuild_index(const CatalogObject *table,
              IndexState *state,
              const AstList *options,
              const DdlContext *context)
{
    const AstOption *fill = ddl_option(options, "FILLFACTOR");
    int64 fill_factor;
    CatalogRow row;

    catalog_row_init(&row, TABLE_indexes);
    catalog_row_bool(&row, COL_indexes_disabled, false);
    if (state->disabled)
        catalog_row_oid(&row, COL_indexes_relation,
                        make_pg_index(table, &state->index, state->id, context));
    else
        ddl_run_sql(psprintf("REINDEX INDEX %s", ddl_quoted_relation(state->relation)));
    if (fill != NULL && ddl_integer(fill->value, &fill_factor))
        catalog_row_short(&row, COL_indexes_fill_factor, fill_factor);
    update_index(table, state->id, &row);
}

static void
set_index_options(const CatalogObject *table, IndexState *state, const AstList *options)
{
    CatalogRow row;

    catalog_row_init(&row, TABLE_indexes);
    if (ddl_option(options, "ALLOW_ROW_LOCKS") != NULL)
        catalog_row_bool(&row, COL_indexes_row_locks,
                         ddl_option_on(options, "ALLOW_ROW_LOCKS", true));
    if (ddl_option(options, "ALLOW_PAGE_LOCKS") != NULL)
        catalog_row_bool(&row, COL_indexes_page_locks,
                         ddl_option_on(options, "ALLOW_PAGE_LOCKS", true));
    if (ddl_option(options, "IGNORE_DUP_KEY") != NULL)
        catalog_row_bool(&row, COL_indexes_ignore_dup_key,
                         ddl_option_on(options, "IGNORE_DUP_KEY", false));
    update_index(table, state->id, &row);
}

void
ddl_alter_index(const AstAlterIndex *statement, DdlContext *context)
{
    CatalogObject table;
    List *states;
    ListCell *cell;

    if (!ddl_find(&statement->table, context, &table) || table.type != CATALOG_TABLE ||
        !ddl_may_alter(&table))
        tsql_error(ERR_1088, ddl_name(&statement->table));
    states = load_indexes(&table, statement->name);
    if (states == NIL && statement->name != NULL)
        tsql_error(ERR_2727, statement->name);
    foreach (cell, states) {
        IndexState *state = lfirst(cell);

        if (strcmp(statement->action, "DISABLE") == 0)
            disable_index(&table, state);
        else if (strcmp(statement->action, "REBUILD") == 0)
            rebuild_index(&table, state, statement->options, context);
        else if (strcmp(statement->action, "SET") == 0)
            set_index_options(&table, state, statement->options);
    }
    ddl_changed(table.is_temporary);
}
