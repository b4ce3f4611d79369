/*
 * CREATE TABLE, and tables made by running statements (SELECT INTO, #tables, table variables).
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_class.h"
#include "commands/sequence.h"
#include "ddl/ddl_internal.h"
#include "ddl/table.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "storage/ipc.h"
#include "storage/procarray.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#define MAX_COLUMNS 1024

typedef struct NewTable {
    DdlTarget where;
    int32 object;
    bool is_variable;
    CatalogObjectType type;
    int count;
    DdlColumn *columns;
    CatalogRelation relation; /* as it will be; columns are copies of the above's */
} NewTable;

static void
check_columns(NewTable *table)
{
    bool identity = false, rowversion = false;

    if (table->count > MAX_COLUMNS)
        tsql_error(ERR_1702, table->columns[MAX_COLUMNS].column.name, table->where.name,
                   MAX_COLUMNS);
    for (int i = 0; i < table->count; i++) {
        const CatalogColumn *column = &table->columns[i].column;

        for (int j = 0; j < i; j++)
            if (strcmp(table->columns[j].column.key, column->key) == 0)
                tsql_error_state(ERR_2705, 3, column->name, table->where.name);
        if (column->identity && identity)
            tsql_error_state(ERR_2744, 2, table->where.name);
        identity |= column->identity;
        if (!column->computed && column->type.id == SQL_ROWVERSION) {
            if (rowversion)
                tsql_error_state(ERR_2738, 2, table->where.name, column->name);
            rowversion = true;
        }
    }
}

/* attnums, the relation to bind expressions against, and the bound expressions. */
static void
bind_columns(NewTable *table, const DdlContext *context)
{
    CatalogRelation *relation = &table->relation;
    AttrNumber attnum = 0;

    relation->object.id = table->object;
    relation->object.database = table->where.database;
    relation->object.schema = table->where.schema;
    relation->object.schema_name = catalog_schema_name(table->where.database, table->where.schema);
    relation->object.name = table->where.name;
    relation->object.type = table->type;
    relation->object.is_temporary = table->where.temporary;
    relation->identity_column = relation->rowversion_column = -1;
    relation->column_count = table->count;
    relation->columns = palloc0(sizeof(CatalogColumn) * Max(table->count, 1));
    for (int i = 0; i < table->count; i++) {
        CatalogColumn *column = &table->columns[i].column;

        column->column_id = i + 1;
        column->attnum = column->computed && !column->persisted ? 0 : ++attnum;
        relation->columns[i] = *column;
    }
    for (int i = 0; i < table->count; i++) {
        if (table->columns[i].definition != NULL)
            ddl_column_bind(&table->columns[i], relation, context);
        else if (table->columns[i].column.type.id == SQL_ROWVERSION)
            ddl_column_bind(&table->columns[i], relation, context);
        relation->columns[i] = table->columns[i].column;
    }
}

static void
create_relation(NewTable *table)
{
    CreateStmt *statement = makeNode(CreateStmt);
    DdlTarget *where = &table->where;
    char *name;
    StringInfoData sql;
    bool first = true;

    if (where->temporary)
        name = catalog_pg_name(psprintf("%.40s~%d", where->name, table->object));
    else
        name = ddl_free_relation_name(where->name, where->namespace, table->object);
    statement->relation = makeRangeVar(
        where->temporary ? pstrdup("pg_temp") : get_namespace_name(where->namespace), name, -1);
    statement->relation->relpersistence =
        where->temporary ? RELPERSISTENCE_TEMP : RELPERSISTENCE_PERMANENT;
    initStringInfo(&sql);
    appendStringInfo(&sql, "CREATE %sTABLE %s (", where->temporary ? "TEMPORARY " : "",
                     quote_qualified_identifier(statement->relation->schemaname, name));
    for (int i = 0; i < table->count; i++) {
        DdlColumn *column = &table->columns[i];

        if (column->column.attnum == 0)
            continue;
        if (!first)
            appendStringInfoString(&sql, ", ");
        first = false;
        ddl_column_sql(&sql, column);
        if (column->default_expr != NULL)
            appendStringInfo(&sql, " DEFAULT %s",
                             ddl_deparse((Node *) column->default_expr, InvalidOid));
        statement->tableElts = lappend(statement->tableElts, ddl_column_node(column));
    }
    appendStringInfoChar(&sql, ')');
    statement->oncommit = ONCOMMIT_NOOP;
    ddl_utility((Node *) statement, sql.data);
    table->relation.object.relation = RangeVarGetRelid(statement->relation, NoLock, false);
}

/* Rows of the table, its columns and defaults; the identity sequence gets its owner. */
static void
register_table(NewTable *table)
{
    Oid relation = table->relation.object.relation;
    DdlTarget constraint_place = table->where;
    const char *shown = table->where.name;

    if (table->where.temporary && !table->is_variable)
        /* as tempdb.sys.objects shows it: padded, with a number that makes it unique */
        shown = psprintf("%s%.*s%012X", table->where.name,
                         Max(116 - (int) strlen(table->where.name), 0),
                         "____________________________________________________________________"
                         "____________________________________________________________________",
                         (uint32) table->object);
    {
        CatalogRow row;

        catalog_row_init(&row, TABLE_objects);
        catalog_row_int(&row, COL_objects_id, table->object);
        catalog_row_int(&row, COL_objects_database, table->where.database);
        catalog_row_int(&row, COL_objects_schema, table->where.schema);
        catalog_row_text(&row, COL_objects_name, shown);
        catalog_row_text(&row, COL_objects_key, table->where.key);
        catalog_row_int(&row, COL_objects_session, table->where.session);
        catalog_row_int(&row, COL_objects_level, table->where.level);
        catalog_row_text(&row, COL_objects_type, catalog_object_type_code(table->type));
        catalog_row_oid(&row, COL_objects_relation, relation);
        catalog_row_insert(&row);
    }
    for (int i = 0; i < table->count; i++)
        ddl_insert_column(table->object, &table->columns[i].column, &table->where);
    for (int i = 0; i < table->count; i++) {
        DdlColumn *column = &table->columns[i];

        if (column->default_node != NULL)
            ddl_default_register(&table->relation, &constraint_place, &column->column,
                                 column->default_node->name, column->default_definition);
        if (OidIsValid(column->sequence))
            ddl_run_sql(psprintf("ALTER SEQUENCE %s OWNED BY %s.%s",
                                 ddl_quoted_relation(column->sequence),
                                 ddl_quoted_relation(relation),
                                 quote_identifier(catalog_pg_column_name(column->column.name))));
    }
}

/* PRIMARY KEY columns without a word on NULL become NOT NULL. */
static void
apply_primary_key(NewTable *table, const AstConstraint *key, DdlColumn *own)
{
    if (key->type != CONSTRAINT_PRIMARY_KEY)
        return;
    for (int i = 0; i < table->count; i++) {
        DdlColumn *column = &table->columns[i];
        bool in_key = column == own && key->column_count == 0;

        for (int j = 0; j < key->column_count; j++)
            in_key |= strcmp(ddl_fold(table->where.database, key->columns[j].name),
                             column->column.key) == 0;
        if (!in_key || !column->column.nullable)
            continue;
        if (column->definition != NULL && column->definition->nullable > 0) {
            ddl_report(tsql_error_format(ERR_8111, table->where.name), 8111, 16, 1);
            tsql_error(ERR_1750);
        }
        column->column.nullable = false;
    }
}

static void
read_elements(NewTable *table, const AstList *elements, const DdlContext *context)
{
    table->columns = palloc0(sizeof(DdlColumn) * (AST_LIST_COUNT(elements) + 1));
    for (int i = 0; i < AST_LIST_COUNT(elements); i++) {
        const AstNode *element = elements->items[i];

        if (element->kind == AST_COLUMN_DEF) {
            tsql_error_set_line(element->line);
            ddl_column((const AstColumnDef *) element, context, &table->where, table->where.name,
                       table->count + 1, &table->columns[table->count]);
            table->count++;
        }
    }
    for (int i = 0, n = 0; i < AST_LIST_COUNT(elements); i++) {
        const AstNode *element = elements->items[i];

        if (element->kind == AST_CONSTRAINT)
            apply_primary_key(table, (const AstConstraint *) element, NULL);
        if (element->kind != AST_COLUMN_DEF)
            continue;
        for (int j = 0; j < AST_LIST_COUNT(((const AstColumnDef *) element)->constraints); j++)
            apply_primary_key(
                table,
                AST_LIST_ITEM(AstConstraint, ((const AstColumnDef *) element)->constraints, j),
                &table->columns[n]);
        n++;
    }
}

/* The wanted constraints of one pass: keys first, foreign keys last. */
static void
add_constraints(const CatalogObject *table,
                const AstList *elements,
                int pass,
                const DdlContext *context)
{
    for (int i = 0; i < AST_LIST_COUNT(elements); i++) {
        const AstNode *element = elements->items[i];
        const AstList *list = NULL;
        const char *column = NULL;
        int count = 1;

        if (element->kind == AST_COLUMN_DEF) {
            list = ((const AstColumnDef *) element)->constraints;
            column = ((const AstColumnDef *) element)->name;
            count = AST_LIST_COUNT(list);
        } else if (element->kind != AST_CONSTRAINT)
            continue;
        for (int j = 0; j < count; j++) {
            const AstConstraint *constraint =
                list ? AST_LIST_ITEM(AstConstraint, list, j) : (const AstConstraint *) element;
            bool key =
                constraint->type == CONSTRAINT_PRIMARY_KEY || constraint->type == CONSTRAINT_UNIQUE;
            int wanted =
                key ? (constraint->clustered > 0 || (constraint->type == CONSTRAINT_PRIMARY_KEY &&
                                                     constraint->clustered == 0)
                           ? 0
                           : 1)
                : constraint->type == CONSTRAINT_CHECK ? 2
                                                       : 3;

            if (wanted != pass || constraint->type == CONSTRAINT_DEFAULT)
                continue;
            tsql_error_set_line(constraint->node.line);
            ddl_add_constraint(table, constraint, column, true, context);
        }
    }
}

static void
add_indexes(const CatalogObject *table, const AstList *elements, const DdlContext *context)
{
    for (int i = 0; i < AST_LIST_COUNT(elements); i++) {
        const AstNode *element = elements->items[i];
        const AstList *list = NULL;
        AstIndexColumn own;
        int count = 1;

        if (element->kind == AST_COLUMN_DEF) {
            list = ((const AstColumnDef *) element)->indexes;
            count = AST_LIST_COUNT(list);
        } else if (element->kind != AST_CREATE_INDEX)
            continue;
        for (int j = 0; j < count; j++) {
            const AstCreateIndex *node =
                list ? AST_LIST_ITEM(AstCreateIndex, list, j) : (const AstCreateIndex *) element;
            DdlIndex index = {.name = node->name,
                              .unique = node->unique,
                              .clustered = node->clustered > 0,
                              .column_count = node->column_count,
                              .columns = node->columns,
                              .include_count = node->include_count,
                              .include = node->include,
                              .where = node->where,
                              .options = node->options};

            if (index.column_count == 0 && list != NULL) {
                own.name = ((const AstColumnDef *) element)->name;
                own.descending = false;
                index.columns = &own;
                index.column_count = 1;
            }
            if (!node->columnstore && node->special == NULL)
                ddl_create_index(table, &index, context);
        }
    }
}

static void
make_table(NewTable *table, const AstList *elements, const DdlContext *context)
{
    CatalogObject object;

    check_columns(table);
    table->object = ddl_new_object_id(table->where.temporary);
    bind_columns(table, context);
    for (int i = 0; i < table->count; i++)
        if (table->columns[i].column.identity)
            ddl_column_identity(&table->columns[i], &table->where, table->where.name,
                                table->object);
    create_relation(table);
    register_table(table);
    ddl_changed(table->where.temporary);
    if (elements == NULL)
        return;
    if (!catalog_object_by_id(table->object, &object))
        elog(ERROR, "the table's catalogue row is missing");
    object.name = table->where.name;
    for (int pass = 0; pass < 4; pass++)
        add_constraints(&object, elements, pass, context);
    add_indexes(&object, elements, context);
    ddl_changed(table->where.temporary);
}

/* ---- this session's #tables ---- */

static bool exit_registered;

static void
drop_at_exit(int code, Datum argument)
{
    if (!IsUnderPostmaster || !OidIsValid(MyDatabaseId))
        return;
    AbortOutOfAnyTransaction();
    StartTransactionCommand();
    table_drop_temporary(0);
    CommitTransactionCommand();
}

/* Rows that crashed backends left behind are cleaned at a session's first use. */
static void
prepare_temporary(void)
{
    CatalogScan scan;
    List *left = NIL;
    ListCell *cell;

    if (exit_registered)
        return;
    catalog_scan_begin(&scan, TABLE_objects, "objects_key", false);
    catalog_scan_key_int(&scan, COL_objects_database, DATABASE_TEMPDB);
    while (catalog_scan_next(&scan)) {
        int32 owner = catalog_field_int(&scan, COL_objects_session);

        if (owner != 0 && (owner == catalog_session_key() || BackendPidGetProc(owner) == NULL))
            left = lappend_int(left, catalog_field_int(&scan, COL_objects_id));
    }
    catalog_scan_end(&scan);
    foreach (cell, left)
        ddl_delete_object(lfirst_int(cell));
    before_shmem_exit(drop_at_exit, (Datum) 0);
    exit_registered = true;
}

void
table_drop_temporary(int level)
{
    CatalogScan scan;
    List *mine = NIL;
    ListCell *cell;
    Oid user;
    int security;

    if (!exit_registered)
        return;
    GetUserIdAndSecContext(&user, &security);
    SetUserIdAndSecContext(BOOTSTRAP_SUPERUSERID, security | SECURITY_LOCAL_USERID_CHANGE);
    catalog_scan_begin(&scan, TABLE_objects, "objects_key", false);
    catalog_scan_key_int(&scan, COL_objects_database, DATABASE_TEMPDB);
    catalog_scan_key_int(&scan, COL_objects_schema, SCHEMA_DBO);
    while (catalog_scan_next(&scan)) {
        CatalogObject *object;

        if (catalog_field_int(&scan, COL_objects_session) != catalog_session_key() ||
            catalog_field_int(&scan, COL_objects_level) < level ||
            catalog_field_int(&scan, COL_objects_parent) != 0)
            continue;
        object = palloc(sizeof(CatalogObject));
        object->id = catalog_field_int(&scan, COL_objects_id);
        object->relation = catalog_field_oid(&scan, COL_objects_relation);
        object->type = CATALOG_TABLE;
        object->is_temporary = true;
        mine = lappend(mine, object);
    }
    catalog_scan_end(&scan);
    foreach (cell, mine)
        ddl_drop_object(lfirst(cell));
    if (mine != NIL)
        ddl_changed(true);
    SetUserIdAndSecContext(user, security);
}

/* ---- entries ---- */

void
ddl_create_table(const AstCreateTable *statement, DdlContext *context)
{
    NewTable table = {0};

    ddl_target(&statement->name, context, &table.where);
    table.type = CATALOG_TABLE;
    if (table.where.temporary)
        prepare_temporary();
    else
        ddl_must_be_allowed_in(&table.where, "CREATE TABLE");
    ddl_must_be_new(&table.where);
    read_elements(&table, statement->elements, context);
    make_table(&table, statement->elements, context);
    context->command = 0xC6;
}

const CatalogRelation *
ddl_relation(int32 object_id)
{
    CatalogObject object;

    if (!catalog_object_by_id(object_id, &object))
        elog(ERROR, "object %d is not in the catalogue", object_id);
    return catalog_relation(&object);
}

const CatalogRelation *
table_create(const AstName *name,
             const CatalogColumn *columns,
             int count,
             const DdlContext *context)
{
    NewTable table = {0};
    Oid user;
    int security;

    GetUserIdAndSecContext(&user, &security);
    SetUserIdAndSecContext(BOOTSTRAP_SUPERUSERID, security | SECURITY_LOCAL_USERID_CHANGE);
    ddl_target(name, context, &table.where);
    table.type = CATALOG_TABLE;
    if (table.where.temporary)
        prepare_temporary();
    else
        ddl_must_be_allowed_in(&table.where, "CREATE TABLE");
    ddl_must_be_new(&table.where);
    table.count = count;
    table.columns = palloc0(sizeof(DdlColumn) * Max(count, 1));
    for (int i = 0; i < count; i++) {
        table.columns[i].column = columns[i];
        table.columns[i].column.key = ddl_fold(table.where.database, columns[i].name);
    }
    make_table(&table, NULL, context);
    SetUserIdAndSecContext(user, security);
    return ddl_relation(table.object);
}

/* ---- table types ---- */

int32
ddl_create_type_table(const DdlTarget *type, const AstList *elements, const DdlContext *context)
{
    NewTable table = {0};

    table.where = *type;
    table.type = CATALOG_TABLE_TYPE;
    table.where.name = psprintf("TT_%.100s_%08X", type->name, (uint32) ddl_new_object_id(false));
    table.where.key = ddl_fold(type->database, table.where.name);
    read_elements(&table, elements, context);
    make_table(&table, elements, context);
    return table.object;
}

/* ---- table variables ---- */

/* The columns of a table type as new columns. */
static void
columns_of_type(NewTable *table, const CatalogObject *type)
{
    const CatalogRelation *model = catalog_relation(type);

    table->count = model->column_count;
    table->columns = palloc0(sizeof(DdlColumn) * Max(table->count, 1));
    for (int i = 0; i < table->count; i++)
        table->columns[i].column = model->columns[i];
}

/* Defaults of a table type's columns were bound for its own (never filled) table: taken from
 * there, as are its keys and checks, by PostgreSQL's LIKE. */
static void
like_type(NewTable *table, const CatalogObject *type)
{
    Oid model = type->relation;
    char *name = catalog_pg_name(psprintf("%.40s~%d", table->where.name, table->object));

    ddl_run_sql(psprintf("CREATE TEMPORARY TABLE %s (LIKE %s INCLUDING DEFAULTS INCLUDING "
                         "CONSTRAINTS INCLUDING GENERATED)",
                         quote_qualified_identifier("pg_temp", name), ddl_quoted_relation(model)));
    table->relation.object.relation =
        RangeVarGetRelid(makeRangeVar(pstrdup("pg_temp"), name, -1), NoLock, false);
    for (int i = 0; i < table->count; i++) {
        DdlColumn *column = &table->columns[i];

        /* each instance counts for itself */
        if (!column->column.identity)
            continue;
        ddl_column_identity(column, &table->where, table->where.name, table->object);
        ddl_set_default(table->relation.object.relation, column->column.attnum,
                        (Node *) column->default_expr);
    }
}

static void
copy_indexes(NewTable *table, const CatalogObject *type, const DdlContext *context)
{
    CatalogObject object;

    if (!catalog_object_by_id(table->object, &object))
        elog(ERROR, "the table variable's catalogue row is missing");
    object.name = table->where.name;
    ddl_copy_indexes(type, &object, context);
    ddl_changed(true);
}

static const CatalogRelation *
copy_relation(const CatalogRelation *relation, const char *name)
{
    CatalogRelation *copy = palloc(sizeof(CatalogRelation));

    *copy = *relation;
    copy->object.name = pstrdup(name);
    copy->columns = palloc(sizeof(CatalogColumn) * Max(copy->column_count, 1));
    for (int i = 0; i < copy->column_count; i++) {
        CatalogColumn *column = &copy->columns[i];

        *column = relation->columns[i];
        column->name = pstrdup(column->name);
        column->key = column->key ? pstrdup(column->key) : NULL;
        column->computed_text = column->computed_text ? pstrdup(column->computed_text) : NULL;
        column->default_text = column->default_text ? pstrdup(column->default_text) : NULL;
    }
    return copy;
}

const CatalogRelation *
table_variable_create(const char *name,
                      const AstList *elements,
                      const CatalogObject *type,
                      const DdlContext *context)
{
    NewTable table = {0};
    Oid user;
    int security;

    GetUserIdAndSecContext(&user, &security);
    SetUserIdAndSecContext(BOOTSTRAP_SUPERUSERID, security | SECURITY_LOCAL_USERID_CHANGE);
    prepare_temporary();
    table.where.name = name;
    table.where.database = type != NULL ? type->database : context->database;
    table.where.temporary = true;
    table.is_variable = true;
    table.type = CATALOG_TABLE;
    table.where.session = catalog_session_key();
    table.where.level = context->nest_level;
    if (type == NULL) {
        read_elements(&table, elements, context);
        check_columns(&table);
    } else
        columns_of_type(&table, type);
    table.object = ddl_new_object_id(true);
    /* no name finds it: the key is its number */
    table.where.key = psprintf("@%d", table.object);
    table.where.database = DATABASE_TEMPDB;
    table.where.schema = SCHEMA_DBO;
    if (type == NULL)
        make_table(&table, elements, context);
    else {
        bind_columns(&table, context);
        like_type(&table, type);
        register_table(&table);
        ddl_changed(true);
        copy_indexes(&table, type, context);
    }
    SetUserIdAndSecContext(user, security);
    return copy_relation(ddl_relation(table.relation.object.id), name);
}

void
table_variable_drop(const CatalogRelation *relation)
{
    CatalogObject object = relation->object;
    Oid user;
    int security;

    GetUserIdAndSecContext(&user, &security);
    SetUserIdAndSecContext(BOOTSTRAP_SUPERUSERID, security | SECURITY_LOCAL_USERID_CHANGE);
    ddl_drop_object(&object);
    ddl_changed(true);
    SetUserIdAndSecContext(user, security);
}

/* ---- TRUNCATE ---- */

void
table_truncate(const CatalogRelation *relation)
{
    CatalogScan scan;
    bool referenced = false;
    Oid user;
    int security;

    if (relation->object.type != CATALOG_TABLE)
        tsql_error(ERR_4708, relation->object.name);
    if (!ddl_may_alter(&relation->object))
        tsql_error(ERR_1088, relation->object.name);
    catalog_scan_begin(&scan, TABLE_constraints, "constraints_referenced", false);
    catalog_scan_key_int(&scan, COL_constraints_referenced, relation->object.id);
    while (catalog_scan_next(&scan))
        if (catalog_field_int(&scan, COL_constraints_parent) != relation->object.id)
            referenced = true;
    catalog_scan_end(&scan);
    if (referenced)
        tsql_error(ERR_4712, relation->object.name);
    GetUserIdAndSecContext(&user, &security);
    SetUserIdAndSecContext(BOOTSTRAP_SUPERUSERID, security | SECURITY_LOCAL_USERID_CHANGE);
    ddl_run_sql(psprintf("TRUNCATE TABLE %s RESTART IDENTITY",
                         ddl_quoted_relation(relation->object.relation)));
    SetUserIdAndSecContext(user, security);
}
