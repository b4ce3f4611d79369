/*
 * Columns of tables: from their text to CatalogColumn, and from there to PostgreSQL's ColumnDef.
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_attribute.h"
#include "commands/sequence.h"
#include "ddl/ddl_internal.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "parser/parse_func.h"
#include "pgcompat/pgcompat.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"

static bool
may_be_identity(const SqlType *type)
{
    if (type->id == SQL_DECIMAL || type->id == SQL_NUMERIC)
        return type->scale == 0;
    return sql_type_is_integer(type->id) && type->id != SQL_BIT;
}

static void
resolve_identity(const AstColumnDef *definition, const char *table, CatalogColumn *column)
{
    if (!may_be_identity(&column->type))
        tsql_error_state(ERR_2749, 2, column->name);
    if (definition->nullable > 0)
        tsql_error(ERR_8147, column->name, table);
    column->identity = true;
    column->nullable = false;
    column->updatable = false;
    column->identity_seed = column->identity_increment = 1;
    if (definition->identity_seed != NULL &&
        !ddl_integer(definition->identity_seed, &column->identity_seed))
        tsql_error(ERR_2748, column->name);
    if (definition->identity_increment != NULL &&
        (!ddl_integer(definition->identity_increment, &column->identity_increment) ||
         column->identity_increment == 0))
        tsql_error(ERR_2748, column->name);
}

/* NULL or NOT NULL where the text says neither. */
static bool
nullable_by_default(const AstColumnDef *definition,
                    const CatalogType *alias,
                    const SqlType *type,
                    const DdlContext *context)
{
    const CatalogDatabase *database;

    if (alias->user_type_id != 0)
        return alias->nullable;
    if (type->id == SQL_ROWVERSION || type->id == SQL_SYSNAME)
        return false;
    if (context->options & OPTION_ANSI_NULL_DFLT_ON)
        return true;
    database = catalog_database(context->database);
    return database != NULL && database->ansi_null_default;
}

void
ddl_column(const AstColumnDef *definition,
           const DdlContext *context,
           const DdlTarget *where,
           const char *table,
           int number,
           DdlColumn *out)
{
    CatalogColumn *column = &out->column;
    BindContext bind = ddl_bind_context(context, where->database);
    CatalogType alias = {0};

    memset(out, 0, sizeof(*out));
    out->definition = definition;
    column->name = definition->name;
    column->key = ddl_fold(where->database, definition->name);
    column->column_id = number;
    column->nullable = true;
    column->updatable = true;
    column->rowguid = definition->rowguidcol;
    column->hidden = definition->hidden_;
    for (int i = 0; i < AST_LIST_COUNT(definition->constraints); i++) {
        const AstConstraint *constraint = AST_LIST_ITEM(AstConstraint, definition->constraints, i);

        if (constraint->type != CONSTRAINT_DEFAULT)
            continue;
        if (out->default_node != NULL)
            tsql_error(ERR_8148, "DEFAULT", definition->name, table);
        out->default_node = constraint;
    }
    if (definition->computed != NULL) {
        column->computed = true;
        column->updatable = false;
        column->persisted = definition->persisted;
        column->computed_text = ddl_definition(definition->computed, context->text);
        column->nullable = definition->nullable >= 0;
        return; /* its type is found by binding */
    }
    if (definition->type == NULL)
        column->type = sql_type_make(SQL_ROWVERSION);
    else
        column->type = bind_type(definition->type, definition->collation, &bind, &alias);
    if (alias.is_table)
        tsql_error(ERR_2715, number, definition->type->name.object);
    if (column->type.user_type != 0 && alias.user_type_id == 0)
        catalog_type(where->database, column->type.user_type, &alias);
    column->nullable = definition->nullable
                           ? definition->nullable > 0
                           : nullable_by_default(definition, &alias, &column->type, context);
    if (column->type.id == SQL_ROWVERSION)
        column->updatable = false;
    if (definition->identity) {
        if (out->default_node != NULL)
            tsql_error(ERR_1754, table, column->name);
        resolve_identity(definition, table, column);
    }
}

/* ---- for PostgreSQL ---- */

ColumnDef *
ddl_column_node(const DdlColumn *column)
{
    const SqlType *type = &column->column.type;
    ColumnDef *node = makeNode(ColumnDef);

    node->colname = catalog_pg_column_name(column->column.name);
    node->typeName = makeTypeNameFromOid(sql_type_oid(type->id), sql_type_typmod(type));
    node->collOid =
        OidIsValid(get_typcollation(sql_type_oid(type->id))) ? type->collation : InvalidOid;
    node->is_local = true;
    if (!column->column.nullable)
        pgcompat_column_not_null(node);
    node->location = -1;
    if (column->column.persisted) {
        node->generated = ATTRIBUTE_GENERATED_STORED;
        node->cooked_default = (Node *) column->computed_expr;
    } else if (column->default_expr != NULL)
        node->cooked_default = (Node *) column->default_expr;
    return node;
}

void
ddl_column_sql(StringInfo sql, const DdlColumn *column)
{
    const SqlType *type = &column->column.type;
    Oid oid = sql_type_oid(type->id);

    appendStringInfo(sql, "%s %s", quote_identifier(catalog_pg_column_name(column->column.name)),
                     format_type_with_typemod(oid, sql_type_typmod(type)));
    if (OidIsValid(get_typcollation(oid)) && OidIsValid(type->collation))
        appendStringInfo(sql, " COLLATE sys.%s",
                         quote_identifier(get_collation_name(type->collation)));
    if (!column->column.nullable)
        appendStringInfoString(sql, " NOT NULL");
}

/* nextval('sequence') as a value of the column's type. */
Expr *
ddl_identity_default(Oid sequence, const SqlType *type)
{
    Const *name = makeConst(REGCLASSOID, -1, InvalidOid, sizeof(Oid), ObjectIdGetDatum(sequence),
                            false, true);
    FuncExpr *next = makeFuncExpr(F_NEXTVAL, INT8OID, list_make1(name), InvalidOid, InvalidOid,
                                  COERCE_EXPLICIT_CALL);
    SqlType bigint = sql_type_make(SQL_BIGINT);

    if (type->id == SQL_BIGINT)
        return (Expr *) next;
    return sql_conversion_build((Expr *) next, &bigint, type, CONVERSION_ASSIGN, NULL);
}

void
ddl_column_identity(DdlColumn *column, const DdlTarget *where, const char *table, int32 object)
{
    CatalogColumn *c = &column->column;
    char *name = catalog_pg_name(psprintf("%s_%s_identity~%d", table, c->name, object));
    bool up = c->identity_increment > 0;
    char *schema = where->temporary ? pstrdup("pg_temp") : get_namespace_name(where->namespace);

    /* the column's type bounds it when a value is converted; the sequence itself is only 64 bits */
    ddl_run_sql(psprintf(
        "CREATE %sSEQUENCE %s AS pg_catalog.int8 INCREMENT BY " INT64_FORMAT
        " MINVALUE " INT64_FORMAT " MAXVALUE " INT64_FORMAT " START WITH " INT64_FORMAT,
        where->temporary ? "TEMPORARY " : "",
        where->temporary ? quote_identifier(name) : quote_qualified_identifier(schema, name),
        c->identity_increment, up ? Min(c->identity_seed, 1) : PG_INT64_MIN,
        up ? PG_INT64_MAX : Max(c->identity_seed, -1), c->identity_seed));
    column->sequence = RangeVarGetRelid(makeRangeVar(schema, name, -1), NoLock, false);
    ddl_run_sql(
        psprintf("GRANT ALL ON SEQUENCE %s TO PUBLIC", ddl_quoted_relation(column->sequence)));
    column->default_expr = ddl_identity_default(column->sequence, &c->type);
}

/* The default of rowversion columns: the next value of the instance's counter. */
static Expr *
rowversion_default(void)
{
    List *name = list_make2(makeString("sys"), makeString("next_rowversion"));
    Oid function = LookupFuncName(name, 0, NULL, true);

    if (!OidIsValid(function))
        return NULL;
    return (Expr *) makeFuncExpr(function, sql_type_oid(SQL_ROWVERSION), NIL, InvalidOid,
                                 InvalidOid, COERCE_EXPLICIT_CALL);
}

void
ddl_column_bind(DdlColumn *column, const CatalogRelation *relation, const DdlContext *context)
{
    CatalogColumn *c = &column->column;
    BindContext bind = ddl_bind_context(context, relation->object.database);
    SqlType type;

    if (c->computed) {
        column->computed_expr = bind_relation_expression(column->definition->computed, relation,
                                                         &bind, false, NULL, &type);
        c->type = type;
        if (c->type.id == SQL_UNKNOWN) {
            c->type = sql_type_make(SQL_INT);
            column->computed_expr = (Expr *) sql_const_null(&c->type);
        }
        return;
    }
    if (column->default_node != NULL) {
        CatalogRelation no_columns = *relation;

        if (c->type.id == SQL_ROWVERSION)
            tsql_error(ERR_1755, relation->object.name, c->name);
        no_columns.column_count = 0;
        column->default_expr = bind_relation_expression(column->default_node->expr, &no_columns,
                                                        &bind, false, &c->type, &type);
        column->default_definition = ddl_definition(column->default_node->expr, context->text);
        c->default_text = column->default_definition;
    } else if (c->type.id == SQL_ROWVERSION)
        column->default_expr = rowversion_default();
}

int32
ddl_default_register(const CatalogRelation *relation,
                     const DdlTarget *where,
                     const CatalogColumn *column,
                     const char *name,
                     const char *definition)
{
    int32 id = ddl_new_object_id(where->temporary);
    bool system_named = name == NULL;
    CatalogRow row;
    CatalogScan scan;

    if (system_named)
        name = ddl_system_name("DF", relation->object.name, column->name, id);
    ddl_insert_object(id, where, name, CATALOG_DEFAULT, relation->object.id, InvalidOid, NULL);
    catalog_row_init(&row, TABLE_constraints);
    catalog_row_int(&row, COL_constraints_object, id);
    catalog_row_int(&row, COL_constraints_parent, relation->object.id);
    catalog_row_text(&row, COL_constraints_type, "D");
    catalog_row_int(&row, COL_constraints_column_id, column->column_id);
    catalog_row_bool(&row, COL_constraints_system_named, system_named);
    catalog_row_text(&row, COL_constraints_definition, definition);
    catalog_row_insert(&row);

    catalog_row_init(&row, TABLE_columns);
    catalog_row_int(&row, COL_columns_default_object, id);
    catalog_row_text(&row, COL_columns_default_text, definition);
    catalog_scan_begin(&scan, TABLE_columns, "columns_id", true);
    catalog_scan_key_int(&scan, COL_columns_object, relation->object.id);
    catalog_scan_key_int(&scan, COL_columns_id, column->column_id);
    if (catalog_scan_next(&scan))
        catalog_scan_update(&scan, &row);
    catalog_scan_end(&scan);
    return id;
}
