/*
 * Constraints of tables: PRIMARY KEY, UNIQUE, CHECK and DEFAULT; foreign keys are in foreign_key.c.
 *
 * A disabled CHECK has no PostgreSQL constraint, only its rows here; enabling binds its text anew.
 */
#include "postgres.h"

#include "access/xact.h"
#include "ddl/ddl_internal.h"
#include "ddl/pg_constraint.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "nodes/value.h"
#include "pgcompat/pgcompat.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

/* A constraint's name, given or made; raises 2714 when it is taken. */
static char *
constraint_name(const CatalogObject *table,
                const DdlTarget *where,
                const AstConstraint *constraint,
                const char *prefix,
                const char *column,
                int32 id)
{
    DdlTarget taken = *where;
    CatalogObject other;

    if (constraint->name == NULL)
        return ddl_system_name(prefix, table->name, column, id);
    taken.name = constraint->name;
    taken.key = ddl_fold(where->database, constraint->name);
    if (ddl_existing(&taken, &other)) {
        ddl_report(tsql_error_format(ERR_2714, constraint->name), 2714, 16, 5);
        tsql_error(ERR_1750);
    }
    return pstrdup(constraint->name);
}

static void
insert_constraint(int32 id,
                  const CatalogObject *table,
                  const char *type,
                  int32 column_id,
                  int32 index,
                  bool system_named,
                  bool not_trusted,
                  bool not_for_replication,
                  const char *definition)
{
    CatalogRow row;

    catalog_row_init(&row, TABLE_constraints);
    catalog_row_int(&row, COL_constraints_object, id);
    catalog_row_int(&row, COL_constraints_parent, table->id);
    catalog_row_text(&row, COL_constraints_type, type);
    catalog_row_int(&row, COL_constraints_column_id, column_id);
    catalog_row_int(&row, COL_constraints_index, index);
    catalog_row_bool(&row, COL_constraints_system_named, system_named);
    catalog_row_bool(&row, COL_constraints_not_trusted, not_trusted);
    catalog_row_bool(&row, COL_constraints_not_for_replication, not_for_replication);
    catalog_row_text(&row, COL_constraints_definition, definition);
    catalog_row_insert(&row);
}

/* ---- keys ---- */

static void
check_primary_key(const CatalogObject *table, const AstIndexColumn *columns, int count)
{
    const CatalogRelation *relation = ddl_relation(table->id);
    CatalogScan scan;
    bool has_key = false;

    catalog_scan_begin(&scan, TABLE_indexes, "indexes_id", false);
    catalog_scan_key_int(&scan, COL_indexes_object, table->id);
    while (catalog_scan_next(&scan))
        has_key |= catalog_field_bool(&scan, COL_indexes_is_primary);
    catalog_scan_end(&scan);
    if (has_key) {
        ddl_report(tsql_error_format(ERR_1779, table->name), 1779, 16, 0);
        tsql_error(ERR_1750);
    }
    for (int i = 0; i < count; i++) {
        int column = catalog_column_find(relation, columns[i].name);

        if (column >= 0 && relation->columns[column].nullable) {
            ddl_report(tsql_error_format(ERR_8111, table->name), 8111, 16, 1);
            tsql_error(ERR_1750);
        }
    }
}

static bool
has_clustered_index(const CatalogObject *table)
{
    CatalogScan scan;
    bool found = false;

    catalog_scan_begin(&scan, TABLE_indexes, "indexes_id", false);
    catalog_scan_key_int(&scan, COL_indexes_object, table->id);
    while (catalog_scan_next(&scan))
        found |= catalog_field_int(&scan, COL_indexes_type) == 1;
    catalog_scan_end(&scan);
    return found;
}

static void
add_key(const CatalogObject *table,
        const DdlTarget *where,
        const AstConstraint *constraint,
        const char *column,
        const DdlContext *context)
{
    bool primary = constraint->type == CONSTRAINT_PRIMARY_KEY;
    AstIndexColumn own = {.name = column};
    int32 id = ddl_new_object_id(where->temporary), index_id;
    DdlIndex index = {.unique = true,
                      .primary = primary,
                      .constraint = id,
                      .column_count = constraint->column_count,
                      .columns = constraint->columns,
                      .options = constraint->options};

    if (index.column_count == 0) {
        if (column == NULL)
            tsql_error(ERR_8135, table->name);
        index.column_count = 1;
        index.columns = &own;
    }
    if (primary)
        check_primary_key(table, index.columns, index.column_count);
    index.clustered = constraint->clustered > 0 ||
                      (primary && constraint->clustered == 0 && !has_clustered_index(table));
    index.name = constraint_name(table, where, constraint, primary ? "PK" : "UQ", NULL, id);
    index_id = ddl_create_index(table, &index, context);
    ddl_insert_object(id, where, index.name, primary ? CATALOG_PRIMARY_KEY : CATALOG_UNIQUE,
                      table->id, InvalidOid, NULL);
    insert_constraint(id, table, primary ? "PK" : "UQ", 0, index_id, constraint->name == NULL,
                      false, false, NULL);
}

/* ---- CHECK ---- */

static void
make_check(const CatalogObject *table,
           const char *pg_name,
           const AstNode *expression,
           bool validate,
           const DdlContext *context)
{
    BindContext bind = ddl_bind_context(context, table->database);
    Constraint *node = makeNode(Constraint);
    SqlType type;
    Expr *bound =
        bind_relation_expression(expression, ddl_relation(table->id), &bind, true, NULL, &type);

    node->contype = CONSTR_CHECK;
    node->conname = pstrdup(pg_name);
    node->location = -1;
    node->cooked_expr = nodeToString(bound);
    node->skip_validation = !validate;
    node->initially_valid = validate;
    pgcompat_constraint_enforced(node);
    ddl_alter_table(table->relation, ddl_alter_command(AT_AddConstraint, NULL, (Node *) node),
                    psprintf("ADD CONSTRAINT %s CHECK (%s)%s", quote_identifier(pg_name),
                             ddl_deparse((Node *) bound, table->relation),
                             validate ? "" : " NOT VALID"));
}

/* Rows that say which columns a CHECK names: ALTER COLUMN and DROP COLUMN ask. */
static void
insert_columns_named(int32 id, const CatalogRelation *relation, const AstNode *expression)
{
    List *names = ddl_columns_of(expression);
    List *ids = NIL;
    ListCell *cell;

    foreach (cell, names) {
        int column = catalog_column_find(relation, lfirst(cell));

        if (column >= 0)
            ids = list_append_unique_int(ids, relation->columns[column].column_id);
    }
    foreach (cell, ids) {
        CatalogRow row;

        catalog_row_init(&row, TABLE_constraint_columns);
        catalog_row_int(&row, COL_constraint_columns_object, id);
        catalog_row_int(&row, COL_constraint_columns_id, foreach_current_index(cell) + 1);
        catalog_row_int(&row, COL_constraint_columns_column_id, lfirst_int(cell));
        catalog_row_insert(&row);
    }
}

static void
add_check(const CatalogObject *table,
          const DdlTarget *where,
          const AstConstraint *constraint,
          const char *column,
          bool with_check,
          const DdlContext *context)
{
    const CatalogRelation *relation = ddl_relation(table->id);
    int32 id = ddl_new_object_id(where->temporary);
    char *name = constraint_name(table, where, constraint, "CK", column, id);
    char *pg_name = catalog_pg_name(name);
    int index = column ? catalog_column_find(relation, column) : -1;

    make_check(table, pg_name, constraint->expr, with_check, context);
    ddl_insert_object(id, where, name, CATALOG_CHECK, table->id, InvalidOid, pg_name);
    insert_constraint(id, table, "C", index >= 0 ? relation->columns[index].column_id : 0, 0,
                      constraint->name == NULL, !with_check, constraint->not_for_replication,
                      ddl_definition(constraint->expr, context->text));
    insert_columns_named(id, relation, constraint->expr);
}

/* ---- DEFAULT ... FOR column ---- */

static void
add_default(const CatalogObject *table,
            const DdlTarget *where,
            const AstConstraint *constraint,
            const char *column_name,
            const DdlContext *context)
{
    const CatalogRelation *relation = ddl_relation(table->id);
    CatalogRelation no_columns = *relation;
    BindContext bind = ddl_bind_context(context, table->database);
    const char *name = constraint->default_column ? constraint->default_column : column_name;
    int index = catalog_column_find(relation, name);
    const CatalogColumn *column;
    SqlType type;
    Expr *bound;

    if (index < 0) {
        ddl_report(tsql_error_format(ERR_1752, name, table->name), 1752, 16, 0);
        tsql_error(ERR_1750);
    }
    column = &relation->columns[index];
    if (column->default_text != NULL) {
        ddl_report(tsql_error_format(ERR_1781), 1781, 16, 1);
        tsql_error(ERR_1750);
    }
    if (column->identity || column->computed)
        tsql_error(ERR_1754, table->name, column->name);
    if (column->type.id == SQL_ROWVERSION)
        tsql_error(ERR_1755, table->name, column->name);
    if (constraint->name != NULL)
        constraint_name(table, where, constraint, "DF", NULL, 0);
    no_columns.column_count = 0;
    bound =
        bind_relation_expression(constraint->expr, &no_columns, &bind, false, &column->type, &type);
    ddl_set_default(table->relation, column->attnum, (Node *) bound);
    ddl_default_register(relation, where, column, constraint->name,
                         ddl_definition(constraint->expr, context->text));
}

void
ddl_add_constraint(const CatalogObject *table,
                   const AstConstraint *constraint,
                   const char *column,
                   bool with_check,
                   const DdlContext *context)
{
    DdlTarget where;

    ddl_target_of(table, &where);
    switch (constraint->type) {
    case CONSTRAINT_PRIMARY_KEY:
    case CONSTRAINT_UNIQUE:
        add_key(table, &where, constraint, column, context);
        break;
    case CONSTRAINT_CHECK:
        add_check(table, &where, constraint, column, with_check, context);
        break;
    case CONSTRAINT_DEFAULT:
        add_default(table, &where, constraint, column, context);
        break;
    case CONSTRAINT_FOREIGN_KEY:
        ddl_add_foreign_key(table, constraint, column, with_check, context);
        break;
    }
    ddl_changed(table->is_temporary);
}

/* ---- dropping and enabling ---- */

/* What is known of a constraint, read once. */
typedef struct Found {
    char *type, *name, *pg_name, *definition;
    int32 column_id, index;
} Found;

static bool
read_constraint(int32 id, Found *found)
{
    CatalogScan scan;
    bool exists;

    catalog_scan_begin(&scan, TABLE_constraints, "constraints_pkey", false);
    catalog_scan_key_int(&scan, COL_constraints_object, id);
    exists = catalog_scan_next(&scan);
    if (exists) {
        found->type = catalog_field_text(&scan, COL_constraints_type);
        found->definition = catalog_field_text(&scan, COL_constraints_definition);
        found->column_id = catalog_field_int(&scan, COL_constraints_column_id);
        found->index = catalog_field_int(&scan, COL_constraints_index);
    }
    catalog_scan_end(&scan);
    catalog_scan_begin(&scan, TABLE_objects, "objects_pkey", false);
    catalog_scan_key_int(&scan, COL_objects_id, id);
    if (catalog_scan_next(&scan)) {
        found->name = catalog_field_text(&scan, COL_objects_name);
        found->pg_name = catalog_field_text(&scan, COL_objects_pg_name);
    }
    catalog_scan_end(&scan);
    return exists;
}

static bool
pg_constraint_exists(Oid relation, const char *name)
{
    return OidIsValid(ddl_pg_constraint(relation, name));
}

static void
drop_pg_constraint(Oid relation, const char *pg_name)
{
    if (pg_constraint_exists(relation, pg_name))
        ddl_run_sql(psprintf("ALTER TABLE %s DROP CONSTRAINT %s", ddl_quoted_relation(relation),
                             quote_identifier(pg_name)));
}

/* 3725: a key that foreign keys refer to stays. */
static void
check_not_referenced(const CatalogObject *table, const Found *found)
{
    CatalogScan scan;
    CatalogObject key, referencing;
    bool referenced = false;

    catalog_scan_begin(&scan, TABLE_constraints, "constraints_referenced", false);
    catalog_scan_key_int(&scan, COL_constraints_referenced, table->id);
    while (!referenced && catalog_scan_next(&scan))
        if (catalog_field_int(&scan, COL_constraints_referenced_index) == found->index) {
            referenced = true;
            catalog_object_by_id(catalog_field_int(&scan, COL_constraints_object), &key);
            catalog_object_by_id(catalog_field_int(&scan, COL_constraints_parent), &referencing);
        }
    catalog_scan_end(&scan);
    if (referenced) {
        ddl_report(tsql_error_format(ERR_3725, found->name, referencing.name, key.name), 3725, 16,
                   0);
        tsql_error_state(ERR_3727, 0);
    }
}

static void
clear_column_default(const CatalogObject *table, int32 column_id)
{
    const CatalogRelation *relation = ddl_relation(table->id);
    CatalogScan scan;
    CatalogRow row;

    for (int i = 0; i < relation->column_count; i++)
        if (relation->columns[i].column_id == column_id && relation->columns[i].attnum > 0)
            ddl_set_default(table->relation, relation->columns[i].attnum, NULL);
    catalog_row_init(&row, TABLE_columns);
    catalog_row_int(&row, COL_columns_default_object, 0);
    catalog_row_text(&row, COL_columns_default_text, NULL);
    catalog_scan_begin(&scan, TABLE_columns, "columns_id", true);
    catalog_scan_key_int(&scan, COL_columns_object, table->id);
    catalog_scan_key_int(&scan, COL_columns_id, column_id);
    if (catalog_scan_next(&scan))
        catalog_scan_update(&scan, &row);
    catalog_scan_end(&scan);
}

void
ddl_drop_constraint(const CatalogObject *table, int32 constraint)
{
    Found found = {0};

    if (!read_constraint(constraint, &found))
        return;
    if (strcmp(found.type, "PK") == 0 || strcmp(found.type, "UQ") == 0) {
        check_not_referenced(table, &found);
        ddl_drop_index(table->id, found.index);
    } else if (strcmp(found.type, "D") == 0)
        clear_column_default(table, found.column_id);
    else
        drop_pg_constraint(table->relation, found.pg_name);
    ddl_delete_object(constraint);
    ddl_changed(table->is_temporary);
}

/* The triggers that enforce a foreign key, on both tables. */
static void
enable_foreign_key(Oid relation, const char *pg_name, bool enable, bool validate)
{
    Oid constraint = ddl_pg_constraint(relation, pg_name);

    if (!OidIsValid(constraint))
        return;
    ddl_enable_constraint_triggers(constraint, enable);
    if (enable && validate)
        ddl_revalidate_constraint(relation, constraint, pg_name);
}

static void
mark_enabled(int32 constraint, bool enable, bool trusted)
{
    CatalogScan scan;
    CatalogRow row;

    catalog_row_init(&row, TABLE_constraints);
    catalog_row_bool(&row, COL_constraints_disabled, !enable);
    catalog_row_bool(&row, COL_constraints_not_trusted, !trusted);
    catalog_scan_begin(&scan, TABLE_constraints, "constraints_pkey", true);
    catalog_scan_key_int(&scan, COL_constraints_object, constraint);
    if (catalog_scan_next(&scan))
        catalog_scan_update(&scan, &row);
    catalog_scan_end(&scan);
}

void
ddl_enable_constraint(const CatalogObject *table,
                      int32 constraint,
                      bool enable,
                      bool with_check,
                      const DdlContext *context)
{
    Found found = {0};

    if (!read_constraint(constraint, &found))
        return;
    if (strcmp(found.type, "C") == 0) {
        /* already enabled and not to be checked again: nothing to do */
        if (enable && !with_check && pg_constraint_exists(table->relation, found.pg_name))
            return;
        drop_pg_constraint(table->relation, found.pg_name);
        if (enable)
            make_check(table, found.pg_name, ddl_parse_definition(found.definition), with_check,
                       context);
    } else if (strcmp(found.type, "F") == 0)
        enable_foreign_key(table->relation, found.pg_name, enable, with_check);
    else
        return;
    mark_enabled(constraint, enable, enable && with_check);
    ddl_changed(table->is_temporary);
}
