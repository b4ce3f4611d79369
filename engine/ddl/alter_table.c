/*
 * ALTER TABLE. Values of existing rows change by PostgreSQL's ALTER COLUMN ... TYPE ... USING with
 * a bound expression: it serves changes of type and the filling of added columns alike.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/dependency.h"
#include "catalog/indexing.h"
#include "catalog/pg_attribute.h"
#include "ddl/ddl_internal.h"
#include "ddl/table.h"
#include "nodes/makefuncs.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

static bool
table_has_rows(Oid relation)
{
    Relation table = table_open(relation, AccessShareLock);
    Snapshot snapshot = RegisterSnapshot(GetLatestSnapshot());
    TableScanDesc scan = table_beginscan(table, snapshot, 0, NULL);
    TupleTableSlot *slot = table_slot_create(table, NULL);
    bool found = table_scan_getnextslot(scan, ForwardScanDirection, slot);

    ExecDropSingleTupleTableSlot(slot);
    table_endscan(scan);
    UnregisterSnapshot(snapshot);
    table_close(table, AccessShareLock);
    return found;
}

/* Rewrites a column's values by an expression over the row; the column gets the type. */
static void
rewrite_column(Oid relation, const CatalogColumn *column, Expr *expression)
{
    const SqlType *type = &column->type;
    char *name = ddl_pg_column(relation, column->attnum);
    Oid oid = sql_type_oid(type->id);
    ColumnDef *definition = makeNode(ColumnDef);
    StringInfoData sql;

    definition->typeName = makeTypeNameFromOid(oid, sql_type_typmod(type));
    definition->collOid = OidIsValid(get_typcollation(oid)) ? type->collation : InvalidOid;
    definition->cooked_default = (Node *) expression;
    definition->is_local = true;
    definition->location = -1;
    initStringInfo(&sql);
    appendStringInfo(&sql, "ALTER COLUMN %s TYPE %s USING %s", quote_identifier(name),
                     format_type_with_typemod(oid, sql_type_typmod(type)),
                     ddl_deparse((Node *) expression, relation));
    ddl_alter_table(relation, ddl_alter_command(AT_AlterColumnType, name, (Node *) definition),
                    sql.data);
}

static void
set_not_null(Oid relation, AttrNumber attnum, bool not_null)
{
    char *name = ddl_pg_column(relation, attnum);

    tsql_error_set_statement("UPDATE"); /* as 515 says it */
    ddl_run_sql(psprintf("ALTER TABLE %s ALTER COLUMN %s %s NOT NULL",
                         ddl_quoted_relation(relation), quote_identifier(name),
                         not_null ? "SET" : "DROP"));
}

/* ---- ADD ---- */

/* Turns a filled plain column into PostgreSQL's stored generated one: ALTER TABLE ADD COLUMN takes
 * generation expressions only as raw text. */
static void
make_generated(Oid relation, AttrNumber attnum, Expr *expression)
{
    Relation attributes = table_open(AttributeRelationId, RowExclusiveLock);
    HeapTuple tuple = SearchSysCacheCopyAttNum(relation, attnum);

    ((Form_pg_attribute) GETSTRUCT(tuple))->attgenerated = ATTRIBUTE_GENERATED_STORED;
    CatalogTupleUpdate(attributes, &tuple->t_self, tuple);
    heap_freetuple(tuple);
    table_close(attributes, RowExclusiveLock);
    CommandCounterIncrement();
    ddl_set_default(relation, attnum, (Node *) expression);
}

static int32
next_column_id(const CatalogRelation *relation, int32 *next)
{
    int32 highest = *next;

    for (int i = 0; i < relation->column_count; i++)
        highest = Max(highest, relation->columns[i].column_id);
    *next = highest + 1;
    return *next;
}

static void
check_new_column(const CatalogRelation *relation, const DdlColumn *column)
{
    if (catalog_column_find(relation, column->column.name) >= 0)
        tsql_error_state(ERR_2705, 4, column->column.name, relation->object.name);
    if (column->column.identity && relation->identity_column >= 0)
        tsql_error(ERR_2744, relation->object.name);
    if (!column->column.computed && column->column.type.id == SQL_ROWVERSION &&
        relation->rowversion_column >= 0)
        tsql_error(ERR_2738, relation->object.name, column->column.name);
}

static bool
has_with_values(const DdlColumn *column)
{
    return column->default_node != NULL && column->default_node->with_values;
}

/* Adds the PostgreSQL column and gives existing rows their values. */
static void
add_pg_column(const CatalogObject *table, DdlColumn *column, bool has_rows)
{
    CatalogColumn *c = &column->column;
    Oid relation = table->relation;
    DdlColumn plain = *column;
    ColumnDef *definition;
    StringInfoData sql;
    bool fill =
        has_rows && (column->computed_expr != NULL || c->identity || c->type.id == SQL_ROWVERSION ||
                     (column->default_expr != NULL && (!c->nullable || has_with_values(column))));

    plain.default_expr = NULL;
    plain.column.nullable = true;
    plain.column.persisted = false;
    definition = ddl_column_node(&plain);
    initStringInfo(&sql);
    appendStringInfoString(&sql, "ADD COLUMN ");
    ddl_column_sql(&sql, &plain);
    ddl_alter_table(relation, ddl_alter_command(AT_AddColumn, NULL, (Node *) definition), sql.data);
    c->attnum = get_attnum(relation, definition->colname);
    if (fill)
        rewrite_column(relation, c,
                       column->computed_expr ? column->computed_expr : column->default_expr);
    if (column->computed_expr != NULL)
        make_generated(relation, c->attnum, column->computed_expr);
    else if (column->default_expr != NULL)
        ddl_set_default(relation, c->attnum, (Node *) column->default_expr);
    if (!c->nullable)
        set_not_null(relation, c->attnum, true);
}

static void
add_column(const CatalogObject *table,
           const AstColumnDef *definition,
           int32 *next_id,
           const DdlContext *context)
{
    const CatalogRelation *relation = ddl_relation(table->id);
    DdlColumn column;
    DdlTarget where;
    bool has_rows = table_has_rows(table->relation);

    ddl_target_of(table, &where);
    ddl_column(definition, context, &where, table->name, next_column_id(relation, next_id),
               &column);
    check_new_column(relation, &column);
    ddl_column_bind(&column, relation, context);
    for (int i = 0; i < AST_LIST_COUNT(definition->constraints); i++)
        if (AST_LIST_ITEM(AstConstraint, definition->constraints, i)->type ==
                CONSTRAINT_PRIMARY_KEY &&
            definition->nullable == 0)
            column.column.nullable = false;
    if (!column.column.nullable && !column.column.computed && !column.column.identity &&
        column.default_expr == NULL && column.column.type.id != SQL_ROWVERSION && has_rows)
        tsql_error(ERR_4901, column.column.name, table->name);
    if (column.column.identity)
        ddl_column_identity(&column, &where, table->name, table->id);
    if (!column.column.computed || column.column.persisted)
        add_pg_column(table, &column, has_rows);
    ddl_insert_column(table->id, &column.column, &where);
    if (column.default_node != NULL)
        ddl_default_register(relation, &where, &column.column, column.default_node->name,
                             column.default_definition);
    if (OidIsValid(column.sequence))
        ddl_run_sql(
            psprintf("ALTER SEQUENCE %s OWNED BY %s.%s", ddl_quoted_relation(column.sequence),
                     ddl_quoted_relation(table->relation),
                     quote_identifier(ddl_pg_column(table->relation, column.column.attnum))));
    ddl_changed(table->is_temporary);
}

static void
alter_add(const CatalogObject *table, const AstAlterTable *statement, const DdlContext *context)
{
    bool check = !statement->with_nocheck;
    int32 next_id = 0;

    for (int i = 0; i < AST_LIST_COUNT(statement->elements); i++) {
        const AstNode *element = statement->elements->items[i];

        tsql_error_set_line(element->line);
        if (element->kind == AST_COLUMN_DEF)
            add_column(table, (const AstColumnDef *) element, &next_id, context);
    }
    for (int i = 0; i < AST_LIST_COUNT(statement->elements); i++) {
        const AstNode *element = statement->elements->items[i];
        const AstColumnDef *column = (const AstColumnDef *) element;

        tsql_error_set_line(element->line);
        if (element->kind == AST_CONSTRAINT)
            ddl_add_constraint(table, (const AstConstraint *) element, NULL, check, context);
        if (element->kind != AST_COLUMN_DEF)
            continue;
        for (int j = 0; j < AST_LIST_COUNT(column->constraints); j++) {
            const AstConstraint *constraint = AST_LIST_ITEM(AstConstraint, column->constraints, j);

            if (constraint->type != CONSTRAINT_DEFAULT)
                ddl_add_constraint(table, constraint, column->name, check, context);
        }
    }
}

/* ---- what depends on a column ---- */

typedef struct Dependents {
    int count;       /* reported */
    bool only_index; /* nothing but plain indexes and CHECKs */
    List *checks;    /* constraint ids of CHECKs that name the column */
} Dependents;

static void
depend(Dependents *dependents, const char *kind, const char *name, const char *column)
{
    ddl_report(tsql_error_format(ERR_5074, kind, name, "column", column), 5074, 16, 1);
    dependents->count++;
}

static void
indexes_on(const CatalogObject *table,
           const CatalogColumn *column,
           bool report,
           Dependents *dependents)
{
    CatalogScan scan;
    List *indexes = NIL;
    ListCell *cell;

    catalog_scan_begin(&scan, TABLE_index_columns, "index_columns_id", false);
    catalog_scan_key_int(&scan, COL_index_columns_object, table->id);
    while (catalog_scan_next(&scan))
        if (catalog_field_int(&scan, COL_index_columns_column_id) == column->column_id)
            indexes = lappend_int(indexes, catalog_field_int(&scan, COL_index_columns_index));
    catalog_scan_end(&scan);
    foreach (cell, indexes) {
        catalog_scan_begin(&scan, TABLE_indexes, "indexes_id", false);
        catalog_scan_key_int(&scan, COL_indexes_object, table->id);
        catalog_scan_key_int(&scan, COL_indexes_id, lfirst_int(cell));
        if (catalog_scan_next(&scan)) {
            bool constraint = catalog_field_int(&scan, COL_indexes_constraint_object) != 0;

            if (report || catalog_field_bool(&scan, COL_indexes_is_primary))
                depend(dependents, constraint ? "object" : "index",
                       catalog_field_text(&scan, COL_indexes_name), column->name);
        }
        catalog_scan_end(&scan);
    }
}

/* CHECKs and foreign keys that name the column, of this table or pointing at it. */
static void
constraints_on(const CatalogObject *table,
               const CatalogColumn *column,
               bool report,
               Dependents *dependents)
{
    CatalogScan scan;
    List *ids = NIL;
    ListCell *cell;

    catalog_scan_begin(&scan, TABLE_constraints, "constraints_parent", false);
    catalog_scan_key_int(&scan, COL_constraints_parent, table->id);
    while (catalog_scan_next(&scan)) {
        char *type = catalog_field_text(&scan, COL_constraints_type);

        if (strcmp(type, "C") == 0 || strcmp(type, "F") == 0)
            ids = lappend_int(ids, catalog_field_int(&scan, COL_constraints_object));
        if (strcmp(type, "D") == 0 && report &&
            catalog_field_int(&scan, COL_constraints_column_id) == column->column_id) {
            CatalogObject object;

            if (catalog_object_by_id(catalog_field_int(&scan, COL_constraints_object), &object))
                depend(dependents, "object", object.name, column->name);
        }
    }
    catalog_scan_end(&scan);
    foreach (cell, ids) {
        bool names_it = false, is_check = false;
        CatalogObject object;

        catalog_scan_begin(&scan, TABLE_constraint_columns, "constraint_columns_id", false);
        catalog_scan_key_int(&scan, COL_constraint_columns_object, lfirst_int(cell));
        while (catalog_scan_next(&scan))
            names_it |=
                catalog_field_int(&scan, COL_constraint_columns_column_id) == column->column_id;
        catalog_scan_end(&scan);
        if (!names_it || !catalog_object_by_id(lfirst_int(cell), &object))
            continue;
        is_check = object.type == CATALOG_CHECK;
        if (is_check)
            dependents->checks = lappend_int(dependents->checks, object.id);
        if (report || !is_check)
            depend(dependents, "object", object.name, column->name);
    }
}

static void
computed_on(const CatalogRelation *relation, const CatalogColumn *column, Dependents *dependents)
{
    for (int i = 0; i < relation->column_count; i++) {
        const CatalogColumn *other = &relation->columns[i];
        ListCell *cell;

        if (!other->computed)
            continue;
        foreach (cell, ddl_columns_of(ddl_parse_definition(other->computed_text)))
            if (strcmp(ddl_fold(relation->object.database, lfirst(cell)), column->key) == 0) {
                depend(dependents, "column", other->name, column->name);
                break;
            }
    }
}

bool
ddl_column_is_named(const CatalogObject *table, const CatalogColumn *column)
{
    const CatalogRelation *relation = catalog_relation(table);
    CatalogScan scan;
    bool named = false;

    for (int i = 0; i < relation->column_count && !named; i++) {
        ListCell *cell;

        if (!relation->columns[i].computed)
            continue;
        foreach (cell, ddl_columns_of(ddl_parse_definition(relation->columns[i].computed_text)))
            named |= strcmp(ddl_fold(table->database, lfirst(cell)), column->key) == 0;
    }
    catalog_scan_begin(&scan, TABLE_constraints, "constraints_parent", false);
    catalog_scan_key_int(&scan, COL_constraints_parent, table->id);
    while (!named && catalog_scan_next(&scan)) {
        char *type = catalog_field_text(&scan, COL_constraints_type);
        ListCell *cell;

        if (strcmp(type, "C") != 0)
            continue;
        foreach (cell, ddl_columns_of(ddl_parse_definition(
                           catalog_field_text(&scan, COL_constraints_definition))))
            named |= strcmp(ddl_fold(table->database, lfirst(cell)), column->key) == 0;
    }
    catalog_scan_end(&scan);
    return named;
}

/* ---- ALTER COLUMN ---- */

/* The same variable-length type, not shorter: indexes and CHECKs need not go first. */
static bool
only_grows(const SqlType *from, const SqlType *to)
{
    bool variable = to->id == SQL_VARCHAR || to->id == SQL_NVARCHAR || to->id == SQL_VARBINARY;

    return from->id == to->id && variable && from->collation == to->collation &&
           from->length != -1 && to->length != -1 && to->length >= from->length;
}

static void
store_altered(const CatalogObject *table, const CatalogColumn *column)
{
    int system_type, precision, scale;
    int32 user_type, max_length;
    CatalogScan scan;
    CatalogRow row;

    catalog_type_store(&column->type, &system_type, &user_type, &max_length, &precision, &scale);
    catalog_row_init(&row, TABLE_columns);
    catalog_row_short(&row, COL_columns_system_type, system_type);
    catalog_row_int(&row, COL_columns_user_type, user_type);
    catalog_row_int(&row, COL_columns_max_length, max_length);
    catalog_row_short(&row, COL_columns_precision, precision);
    catalog_row_short(&row, COL_columns_scale, scale);
    catalog_row_oid(&row, COL_columns_collation, column->type.collation);
    catalog_row_bool(&row, COL_columns_nullable, column->nullable);
    catalog_row_bool(&row, COL_columns_rowguid, column->rowguid);
    catalog_scan_begin(&scan, TABLE_columns, "columns_id", true);
    catalog_scan_key_int(&scan, COL_columns_object, table->id);
    catalog_scan_key_int(&scan, COL_columns_id, column->column_id);
    if (catalog_scan_next(&scan))
        catalog_scan_update(&scan, &row);
    catalog_scan_end(&scan);
    ddl_touch(table->id);
}

/* The default again, for the column's new type. */
static Expr *
default_anew(const CatalogObject *table,
             const CatalogColumn *old,
             const SqlType *type,
             const DdlContext *context)
{
    CatalogRelation no_columns = *ddl_relation(table->id);
    BindContext bind = ddl_bind_context(context, table->database);
    SqlType bound;
    List *sequences;

    if (old->identity) {
        sequences = getOwnedSequences(table->relation);
        return sequences ? ddl_identity_default(linitial_oid(sequences), type) : NULL;
    }
    if (old->default_text == NULL)
        return NULL;
    no_columns.column_count = 0;
    return bind_relation_expression(ddl_parse_definition(old->default_text), &no_columns, &bind,
                                    false, type, &bound);
}

static void
change_type(const CatalogObject *table,
            const CatalogColumn *old,
            const CatalogColumn *column,
            List *checks,
            const DdlContext *context)
{
    Var *value =
        makeVar(1, old->attnum, sql_type_oid(old->type.id), sql_type_typmod(&old->type),
                get_typcollation(sql_type_oid(old->type.id)) ? old->type.collation : InvalidOid, 0);
    Expr *converted, *default_expr = default_anew(table, old, &column->type, context);
    ListCell *cell;

    if (!sql_conversion_exists(&old->type, &column->type, CONVERSION_ASSIGN))
        tsql_error(ERR_206, sql_type_format(&old->type), sql_type_format(&column->type));
    converted = sql_conversion_assign_column((Expr *) value, &old->type, &column->type,
                                             table->relation, old->attnum);
    foreach (cell, checks)
        ddl_enable_constraint(table, lfirst_int(cell), false, false, context);
    if (default_expr != NULL)
        ddl_set_default(table->relation, old->attnum, NULL);
    rewrite_column(table->relation, column, converted);
    if (default_expr != NULL)
        ddl_set_default(table->relation, old->attnum, (Node *) default_expr);
}

static void
alter_column(const CatalogObject *table, const AstColumnDef *definition, const DdlContext *context)
{
    const CatalogRelation *relation = ddl_relation(table->id);
    int index = catalog_column_find(relation, definition->name);
    const CatalogColumn *old;
    Dependents dependents = {0};
    DdlColumn altered;
    DdlTarget where;
    bool same_type, grows;
    ListCell *cell;

    if (index < 0)
        tsql_error(ERR_4924, "ALTER TABLE ALTER COLUMN", definition->name, table->name);
    old = &relation->columns[index];
    if (old->computed)
        tsql_error(ERR_4928, old->name, "COMPUTED");
    if (old->type.id == SQL_ROWVERSION)
        tsql_error(ERR_4928, old->name, "timestamp");
    ddl_target_of(table, &where);
    ddl_column(definition, context, &where, table->name, old->column_id, &altered);
    altered.column.attnum = old->attnum;
    altered.column.rowguid = old->rowguid;
    altered.column.name = old->name;
    if (old->identity)
        altered.column.nullable = false;
    same_type = sql_type_equal(&old->type, &altered.column.type);
    grows = only_grows(&old->type, &altered.column.type);
    if (!same_type) {
        indexes_on(table, old, !grows, &dependents);
        constraints_on(table, old, !grows, &dependents);
        computed_on(relation, old, &dependents);
        if (dependents.count > 0)
            tsql_error_state(ERR_4922, 9, psprintf("ALTER TABLE ALTER COLUMN %s", old->name));
        change_type(table, old, &altered.column, dependents.checks, context);
    }
    if (old->nullable != altered.column.nullable)
        set_not_null(table->relation, old->attnum, !altered.column.nullable);
    store_altered(table, &altered.column);
    ddl_changed(table->is_temporary);
    foreach (cell, dependents.checks)
        ddl_enable_constraint(table, lfirst_int(cell), true, true, context);
}

static void
alter_column_property(const CatalogObject *table, const AstAlterTable *statement)
{
    const CatalogRelation *relation = ddl_relation(table->id);
    int index = catalog_column_find(relation, statement->column->name);
    CatalogColumn column;

    if (index < 0)
        tsql_error(ERR_4924, "ALTER TABLE ALTER COLUMN", statement->column->name, table->name);
    column = relation->columns[index];
    if (statement->name_count > 0 && strcmp(statement->names[0], "ROWGUIDCOL") == 0) {
        column.rowguid = statement->property_add;
        store_altered(table, &column);
    }
}

/* ---- DROP ---- */

static void
drop_column(const CatalogObject *table, const char *name, bool if_exists)
{
    const CatalogRelation *relation = ddl_relation(table->id);
    int index = catalog_column_find(relation, name);
    const CatalogColumn *column;
    Dependents dependents = {0};
    CatalogScan scan;

    if (index < 0) {
        if (if_exists)
            return;
        tsql_error(ERR_4924, "ALTER TABLE DROP COLUMN", name, table->name);
    }
    column = &relation->columns[index];
    if (relation->column_count == 1)
        tsql_error(ERR_4923, column->name, table->name);
    indexes_on(table, column, true, &dependents);
    constraints_on(table, column, true, &dependents);
    computed_on(relation, column, &dependents);
    if (dependents.count > 0)
        tsql_error_state(ERR_4922, 9, psprintf("ALTER TABLE DROP COLUMN %s", column->name));
    if (column->attnum > 0)
        ddl_run_sql(psprintf("ALTER TABLE %s DROP COLUMN %s CASCADE",
                             ddl_quoted_relation(table->relation),
                             quote_identifier(ddl_pg_column(table->relation, column->attnum))));
    catalog_scan_begin(&scan, TABLE_columns, "columns_id", true);
    catalog_scan_key_int(&scan, COL_columns_object, table->id);
    catalog_scan_key_int(&scan, COL_columns_id, column->column_id);
    if (catalog_scan_next(&scan))
        catalog_scan_delete(&scan);
    catalog_scan_end(&scan);
    ddl_changed(table->is_temporary);
}

/* The constraint of that name on the table; 0 if there is none. */
static int32
find_constraint(const CatalogObject *table, const char *name)
{
    char *key = ddl_fold(table->database, name);
    CatalogScan scan;
    int32 found = 0;

    catalog_scan_begin(&scan, TABLE_objects, "objects_parent", false);
    catalog_scan_key_int(&scan, COL_objects_parent, table->id);
    while (found == 0 && catalog_scan_next(&scan)) {
        char *type = catalog_field_text(&scan, COL_objects_type);

        if (strcmp(catalog_field_text(&scan, COL_objects_key), key) == 0 && strcmp(type, "TR") != 0)
            found = catalog_field_int(&scan, COL_objects_id);
    }
    catalog_scan_end(&scan);
    return found;
}

static void
alter_drop(const CatalogObject *table, const AstAlterTable *statement)
{
    for (int i = 0; i < AST_LIST_COUNT(statement->drops); i++) {
        const AstOption *drop = AST_LIST_ITEM(AstOption, statement->drops, i);
        int32 constraint;

        if (strcmp(drop->name, "COLUMN") == 0)
            drop_column(table, drop->word, statement->if_exists);
        else if (strcmp(drop->name, "CONSTRAINT") == 0) {
            constraint = find_constraint(table, drop->word);
            if (constraint != 0)
                ddl_drop_constraint(table, constraint);
            else if (!statement->if_exists) {
                ddl_report(tsql_error_format(ERR_3728, drop->word), 3728, 16, 1);
                tsql_error_state(ERR_3727, 0);
            }
        }
    }
}

/* ---- CHECK | NOCHECK CONSTRAINT ---- */

static void
alter_check(const CatalogObject *table, const AstAlterTable *statement, const DdlContext *context)
{
    bool enable = statement->action == ALTER_CHECK_CONSTRAINT;
    List *constraints = NIL;
    CatalogScan scan;
    ListCell *cell;

    if (statement->all) {
        catalog_scan_begin(&scan, TABLE_constraints, "constraints_parent", false);
        catalog_scan_key_int(&scan, COL_constraints_parent, table->id);
        while (catalog_scan_next(&scan))
            constraints =
                lappend_int(constraints, catalog_field_int(&scan, COL_constraints_object));
        catalog_scan_end(&scan);
    }
    for (int i = 0; i < statement->name_count; i++) {
        int32 id = find_constraint(table, statement->names[i]);

        if (id == 0) {
            ddl_report(tsql_error_format(ERR_4917, statement->names[i]), 4917, 16, 0);
            tsql_error_state(ERR_4916, 0);
        }
        constraints = lappend_int(constraints, id);
    }
    foreach (cell, constraints)
        ddl_enable_constraint(table, lfirst_int(cell), enable, statement->with_check, context);
}

static void
alter_triggers(const CatalogObject *table, const AstAlterTable *statement, DdlContext *context)
{
    AstEnableTrigger enable = {.node = statement->node,
                               .enable = statement->action == ALTER_ENABLE_TRIGGER,
                               .all = statement->all,
                               .name_count = statement->name_count,
                               .table = statement->name};

    enable.names = palloc0(sizeof(AstName) * (statement->name_count + 1));
    for (int i = 0; i < statement->name_count; i++)
        enable.names[i].object = statement->names[i];
    ddl_enable_trigger(&enable, context);
}

void
ddl_alter_table_statement(const AstAlterTable *statement, DdlContext *context)
{
    CatalogObject table;

    if (!ddl_find(&statement->name, context, &table) || table.type != CATALOG_TABLE)
        tsql_error(ERR_4902, ddl_name(&statement->name));
    if (!ddl_may_alter(&table))
        tsql_error_state(ERR_1088, 13, ddl_name(&statement->name));
    if (catalog_database(table.database)->read_only)
        tsql_error(ERR_3906, catalog_database(table.database)->name);
    tsql_error_set_statement("ALTER TABLE");
    switch (statement->action) {
    case ALTER_ADD:
        alter_add(&table, statement, context);
        break;
    case ALTER_COLUMN:
        alter_column(&table, statement->column, context);
        break;
    case ALTER_COLUMN_PROPERTY:
        alter_column_property(&table, statement);
        break;
    case ALTER_DROP:
        alter_drop(&table, statement);
        break;
    case ALTER_CHECK_CONSTRAINT:
    case ALTER_NOCHECK_CONSTRAINT:
        alter_check(&table, statement, context);
        break;
    case ALTER_ENABLE_TRIGGER:
    case ALTER_DISABLE_TRIGGER:
        alter_triggers(&table, statement, context);
        break;
    case ALTER_REBUILD:
    case ALTER_SET:
        break; /* storage settings have no meaning here */
    case ALTER_SWITCH:
        tsql_error(ERR_40517, "ALTER TABLE SWITCH");
    }
    ddl_touch(table.id);
    ddl_changed(table.is_temporary);
}
