/*
 * Foreign keys: PostgreSQL's own, after T-SQL's checks of types, keys and cascade paths.
 */
#include "postgres.h"

#include "ddl/ddl_internal.h"
#include "nodes/makefuncs.h"
#include "nodes/value.h"
#include "pgcompat/pgcompat.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

typedef struct ForeignKey {
    const char *name;
    CatalogObject referenced;
    const CatalogRelation *from, *to;
    int count;
    int *from_columns, *to_columns; /* indexes into columns */
    int32 referenced_index;
} ForeignKey;

static void
fail(const char *message, int number)
{
    /* as SQL Server sends them */
    int state = number == 1769 ? 1 : number == 2714 ? 5 : 0;

    ddl_report(message, number, 16, state);
    tsql_error(ERR_1750);
}

static void
find_referenced(const CatalogObject *table,
                const AstConstraint *constraint,
                ForeignKey *key,
                const DdlContext *context)
{
    AstName name = constraint->references;

    /* an unqualified name means the schema of the referencing table */
    if (name.schema == NULL && name.object[0] != '#')
        name.schema = table->schema_name;
    if (!catalog_find_object(table->database, table->schema_name, name.database, name.schema,
                             name.object, true, &key->referenced) ||
        key->referenced.type != CATALOG_TABLE)
        fail(tsql_error_format(ERR_1767, key->name, ddl_name(&constraint->references)), 1767);
    if (key->referenced.database != table->database)
        fail(tsql_error_format(ERR_1763, key->name), 1763);
}

static void
resolve_referencing(const CatalogObject *table,
                    const AstConstraint *constraint,
                    const char *column,
                    ForeignKey *key)
{
    key->count = constraint->column_count ? constraint->column_count : 1;
    key->from_columns = palloc(sizeof(int) * key->count);
    for (int i = 0; i < key->count; i++) {
        const char *name = constraint->column_count ? constraint->columns[i].name : column;

        key->from_columns[i] = name ? catalog_column_find(key->from, name) : -1;
        if (key->from_columns[i] < 0)
            fail(tsql_error_format(ERR_1769, key->name, name ? name : "", table->name), 1769);
    }
}

/* The key columns of one index of the referenced table, in order; NIL when it is not usable. */
static List *
index_keys(int32 table, int32 index)
{
    CatalogScan scan;
    List *columns = NIL;

    catalog_scan_begin(&scan, TABLE_index_columns, "index_columns_id", false);
    catalog_scan_key_int(&scan, COL_index_columns_object, table);
    catalog_scan_key_int(&scan, COL_index_columns_index, index);
    while (catalog_scan_next(&scan))
        if (catalog_field_int(&scan, COL_index_columns_key_ordinal) > 0)
            columns = lappend_int(columns, catalog_field_int(&scan, COL_index_columns_column_id));
    catalog_scan_end(&scan);
    return columns;
}

static int
column_by_id(const CatalogRelation *relation, int32 id)
{
    for (int i = 0; i < relation->column_count; i++)
        if (relation->columns[i].column_id == id)
            return i;
    return -1;
}

/* REFERENCES t without columns: its primary key's. */
static void
use_primary_key(ForeignKey *key)
{
    CatalogScan scan;
    List *columns = NIL;

    catalog_scan_begin(&scan, TABLE_indexes, "indexes_id", false);
    catalog_scan_key_int(&scan, COL_indexes_object, key->referenced.id);
    while (catalog_scan_next(&scan))
        if (catalog_field_bool(&scan, COL_indexes_is_primary))
            columns = index_keys(key->referenced.id, catalog_field_int(&scan, COL_indexes_id));
    catalog_scan_end(&scan);
    if (columns == NIL)
        fail(tsql_error_format(ERR_1773, key->name, key->referenced.name), 1773);
    if (list_length(columns) != key->count)
        fail(tsql_error_format(ERR_1774, key->name, key->referenced.name), 1774);
    for (int i = 0; i < key->count; i++)
        key->to_columns[i] = column_by_id(key->to, list_nth_int(columns, i));
}

/* Whether an index's columns are exactly the referenced ones, in any order. */
static bool
covers(const ForeignKey *key, const List *columns)
{
    if (list_length(columns) != key->count)
        return false;
    for (int i = 0; i < key->count; i++)
        if (!list_member_int(columns, key->to->columns[key->to_columns[i]].column_id))
            return false;
    return true;
}

static void
find_candidate_key(ForeignKey *key)
{
    CatalogScan scan;

    key->referenced_index = 0;
    catalog_scan_begin(&scan, TABLE_indexes, "indexes_id", false);
    catalog_scan_key_int(&scan, COL_indexes_object, key->referenced.id);
    while (key->referenced_index == 0 && catalog_scan_next(&scan)) {
        int32 index = catalog_field_int(&scan, COL_indexes_id);

        if (catalog_field_bool(&scan, COL_indexes_is_unique) &&
            !catalog_field_bool(&scan, COL_indexes_disabled) &&
            catalog_field_text(&scan, COL_indexes_filter_text) == NULL &&
            covers(key, index_keys(key->referenced.id, index)))
            key->referenced_index = index;
    }
    catalog_scan_end(&scan);
    if (key->referenced_index == 0)
        fail(tsql_error_format(ERR_1776, key->referenced.name, key->name), 1776);
}

static void
resolve_referenced(const AstConstraint *constraint, ForeignKey *key)
{
    key->to_columns = palloc(sizeof(int) * key->count);
    if (constraint->reference_columns == NULL)
        use_primary_key(key);
    else {
        if (constraint->reference_count != key->count)
            tsql_error(ERR_8139, key->name);
        for (int i = 0; i < key->count; i++) {
            key->to_columns[i] = catalog_column_find(key->to, constraint->reference_columns[i]);
            if (key->to_columns[i] < 0)
                fail(tsql_error_format(ERR_1770, key->name, constraint->reference_columns[i],
                                       key->referenced.name),
                     1770);
        }
    }
    find_candidate_key(key);
}

static void
check_types(const CatalogObject *table, const ForeignKey *key)
{
    for (int i = 0; i < key->count; i++) {
        const CatalogColumn *from = &key->from->columns[key->from_columns[i]];
        const CatalogColumn *to = &key->to->columns[key->to_columns[i]];
        bool same = from->type.id == to->type.id ||
                    sql_type_oid(from->type.id) == sql_type_oid(to->type.id);

        if (!same)
            fail(tsql_error_format(ERR_1778, key->referenced.name, to->name, table->name,
                                   from->name, key->name),
                 1778);
        if (from->type.length != to->type.length || from->type.scale != to->type.scale ||
            from->type.precision != to->type.precision)
            fail(tsql_error_format(ERR_1753, key->referenced.name, to->name, table->name,
                                   from->name, key->name),
                 1753);
    }
}

/* ---- cascade cycles: error 1785 ---- */

/* Counts the cascade paths from `from` to each table reached; true if one is reached twice or the
 * start again. `edges` pairs: referenced table -> referencing table. */
static bool
reaches_twice(List *edges, int32 table, List **seen)
{
    ListCell *cell;

    if (list_member_int(*seen, table))
        return true;
    *seen = lappend_int(*seen, table);
    foreach (cell, edges) {
        int32 *edge = lfirst(cell);

        if (edge[0] == table && reaches_twice(edges, edge[1], seen))
            return true;
    }
    return false;
}

static void
check_cascade(const CatalogObject *table, const AstConstraint *constraint, const ForeignKey *key)
{
    int action = constraint->on_delete != ACTION_NO_ACTION ? COL_constraints_delete_action
                                                           : COL_constraints_update_action;
    List *edges = NIL, *starts = NIL;
    int32 *own = palloc(sizeof(int32) * 2);
    CatalogScan scan;
    ListCell *cell;

    if (constraint->on_delete == ACTION_NO_ACTION && constraint->on_update == ACTION_NO_ACTION)
        return;
    own[0] = key->referenced.id;
    own[1] = table->id;
    edges = lappend(edges, own);
    starts = list_make1_int(own[0]);
    catalog_scan_begin(&scan, TABLE_constraints, NULL, false);
    catalog_scan_key_text(&scan, COL_constraints_type, "F");
    while (catalog_scan_next(&scan)) {
        int32 *edge;

        if (catalog_field_int(&scan, action) == 0)
            continue;
        edge = palloc(sizeof(int32) * 2);
        edge[0] = catalog_field_int(&scan, COL_constraints_referenced);
        edge[1] = catalog_field_int(&scan, COL_constraints_parent);
        edges = lappend(edges, edge);
        starts = list_append_unique_int(starts, edge[0]);
    }
    catalog_scan_end(&scan);
    foreach (cell, starts) {
        List *seen = NIL;

        if (reaches_twice(edges, lfirst_int(cell), &seen))
            fail(tsql_error_format(ERR_1785, key->name, table->name), 1785);
    }
}

/* ---- making it ---- */

static char
action_code(ReferentialAction action)
{
    switch (action) {
    case ACTION_CASCADE:
        return FKCONSTR_ACTION_CASCADE;
    case ACTION_SET_NULL:
        return FKCONSTR_ACTION_SETNULL;
    case ACTION_SET_DEFAULT:
        return FKCONSTR_ACTION_SETDEFAULT;
    default:
        return FKCONSTR_ACTION_NOACTION;
    }
}

static const char *
action_sql(ReferentialAction action)
{
    static const char *const words[] = {"NO ACTION", "CASCADE", "SET NULL", "SET DEFAULT"};

    return words[action];
}

static void
make_constraint(const CatalogObject *table,
                const AstConstraint *constraint,
                const ForeignKey *key,
                const char *pg_name,
                bool validate)
{
    Constraint *node = makeNode(Constraint);
    StringInfoData from, to;

    initStringInfo(&from);
    initStringInfo(&to);
    node->contype = CONSTR_FOREIGN;
    node->conname = pstrdup(pg_name);
    node->location = -1;
    node->pktable = ddl_range_var(key->referenced.relation);
    node->fk_matchtype = FKCONSTR_MATCH_SIMPLE;
    node->fk_upd_action = action_code(constraint->on_update);
    node->fk_del_action = action_code(constraint->on_delete);
    node->skip_validation = !validate;
    node->initially_valid = validate;
    pgcompat_constraint_enforced(node);
    for (int i = 0; i < key->count; i++) {
        char *a = ddl_pg_column(table->relation, key->from->columns[key->from_columns[i]].attnum);
        char *b =
            ddl_pg_column(key->referenced.relation, key->to->columns[key->to_columns[i]].attnum);

        node->fk_attrs = lappend(node->fk_attrs, makeString(a));
        node->pk_attrs = lappend(node->pk_attrs, makeString(b));
        appendStringInfo(&from, "%s%s", i ? ", " : "", quote_identifier(a));
        appendStringInfo(&to, "%s%s", i ? ", " : "", quote_identifier(b));
    }
    ddl_alter_table(
        table->relation, ddl_alter_command(AT_AddConstraint, NULL, (Node *) node),
        psprintf("ADD CONSTRAINT %s FOREIGN KEY (%s) REFERENCES %s (%s) ON DELETE %s ON "
                 "UPDATE %s%s",
                 quote_identifier(pg_name), from.data,
                 ddl_quoted_relation(key->referenced.relation), to.data,
                 action_sql(constraint->on_delete), action_sql(constraint->on_update),
                 validate ? "" : " NOT VALID"));
}

static void
insert_rows(int32 id,
            const CatalogObject *table,
            const AstConstraint *constraint,
            const ForeignKey *key,
            bool trusted)
{
    CatalogRow row;

    catalog_row_init(&row, TABLE_constraints);
    catalog_row_int(&row, COL_constraints_object, id);
    catalog_row_int(&row, COL_constraints_parent, table->id);
    catalog_row_text(&row, COL_constraints_type, "F");
    catalog_row_int(&row, COL_constraints_referenced, key->referenced.id);
    catalog_row_int(&row, COL_constraints_referenced_index, key->referenced_index);
    catalog_row_short(&row, COL_constraints_delete_action, constraint->on_delete);
    catalog_row_short(&row, COL_constraints_update_action, constraint->on_update);
    catalog_row_bool(&row, COL_constraints_not_trusted, !trusted);
    catalog_row_bool(&row, COL_constraints_not_for_replication, constraint->not_for_replication);
    catalog_row_bool(&row, COL_constraints_system_named, constraint->name == NULL);
    catalog_row_insert(&row);
    for (int i = 0; i < key->count; i++) {
        catalog_row_init(&row, TABLE_constraint_columns);
        catalog_row_int(&row, COL_constraint_columns_object, id);
        catalog_row_int(&row, COL_constraint_columns_id, i + 1);
        catalog_row_int(&row, COL_constraint_columns_column_id,
                        key->from->columns[key->from_columns[i]].column_id);
        catalog_row_int(&row, COL_constraint_columns_referenced_column,
                        key->to->columns[key->to_columns[i]].column_id);
        catalog_row_insert(&row);
    }
}

void
ddl_add_foreign_key(const CatalogObject *table,
                    const AstConstraint *constraint,
                    const char *column,
                    bool with_check,
                    const DdlContext *context)
{
    ForeignKey key = {0};
    int32 id = ddl_new_object_id(table->is_temporary);
    DdlTarget where, taken;
    CatalogObject other;
    char *pg_name;

    if (table->is_temporary)
        return; /* SQL Server ignores foreign keys of #tables, with a message */
    ddl_target_of(table, &where);
    key.name = constraint->name ? constraint->name
                                : ddl_system_name("FK", table->name, column ? column : NULL, id);
    taken = where;
    taken.key = ddl_fold(where.database, key.name);
    if (ddl_existing(&taken, &other))
        fail(tsql_error_format(ERR_2714, key.name), 2714);
    key.from = ddl_relation(table->id);
    resolve_referencing(table, constraint, column, &key);
    find_referenced(table, constraint, &key, context);
    key.to = ddl_relation(key.referenced.id);
    resolve_referenced(constraint, &key);
    check_types(table, &key);
    check_cascade(table, constraint, &key);
    pg_name = catalog_pg_name(key.name);
    make_constraint(table, constraint, &key, pg_name, with_check);
    ddl_insert_object(id, &where, key.name, CATALOG_FOREIGN_KEY, table->id, InvalidOid, pg_name);
    insert_rows(id, table, constraint, &key, with_check);
}
