/*
 * Table-valued parameters: rows as the client sent them, kept in a tuplestore until the table of
 * their type is made for the call.
 */
#include "postgres.h"

#include "access/xact.h"
#include "context/context.h"
#include "errors/errors.h"
#include "execute/interpreter.h"
#include "miscadmin.h"
#include "utils/memutils.h"

TableParameter *
table_parameter_new(const char *type_database,
                    const char *type_schema,
                    const char *type_name,
                    int column_count,
                    const SqlType *columns,
                    const bool *use_default)
{
    MemoryContext old = MemoryContextSwitchTo(execute_memory());
    TableParameter *table = palloc0(sizeof(TableParameter));

    table->type_database = type_database ? pstrdup(type_database) : NULL;
    table->type_schema = type_schema ? pstrdup(type_schema) : NULL;
    table->type_name = pstrdup(type_name ? type_name : "");
    table->column_count = column_count;
    if (column_count > 0) {
        CapturedRows *rows = captured_rows_new(column_count, columns);

        table->columns = palloc(sizeof(SqlType) * column_count);
        memcpy(table->columns, columns, sizeof(SqlType) * column_count);
        table->descriptor = rows->descriptor;
        table->rows = rows->store;
        if (use_default != NULL) {
            table->use_default = palloc(sizeof(bool) * column_count);
            memcpy(table->use_default, use_default, sizeof(bool) * column_count);
        }
    }
    MemoryContextSwitchTo(old);
    return table;
}

void
table_parameter_add(TableParameter *table, const Datum *values, const bool *nulls)
{
    MemoryContext old = MemoryContextSwitchTo(execute_memory());

    tuplestore_putvalues(table->rows, table->descriptor, (Datum *) values, (bool *) nulls);
    MemoryContextSwitchTo(old);
}

/* The columns that the client sent values for: not the defaulted ones, not identity, computed. */
static const char **
sent_columns(const TableParameter *table, const CatalogRelation *relation, int *count)
{
    const char **names = palloc(sizeof(char *) * (table->column_count + 1));
    int next = 0;

    *count = 0;
    for (int i = 0; i < relation->column_count && next < table->column_count; i++, next++)
        if (table->use_default == NULL || !table->use_default[next])
            names[(*count)++] = relation->columns[i].name;
    return names;
}

/* Leaves out the columns that take their defaults. */
static CapturedRows *
sent_rows(const TableParameter *table, int count)
{
    SqlType *types;
    CapturedRows *rows;
    TupleTableSlot *slot;
    Datum *values;
    bool *nulls;
    int n = 0;

    if (count == table->column_count)
        return captured_rows_of(count, table->columns, table->descriptor, table->rows);
    types = palloc(sizeof(SqlType) * count);
    values = palloc(sizeof(Datum) * count);
    nulls = palloc(sizeof(bool) * count);
    for (int i = 0; i < table->column_count; i++)
        if (!table->use_default[i])
            types[n++] = table->columns[i];
    rows = captured_rows_new(n, types);
    slot = MakeSingleTupleTableSlot(table->descriptor, &TTSOpsMinimalTuple);
    while (tuplestore_gettupleslot(table->rows, true, false, slot)) {
        n = 0;
        slot_getallattrs(slot);
        for (int i = 0; i < table->column_count; i++)
            if (!table->use_default[i]) {
                values[n] = slot->tts_values[i];
                nulls[n++] = slot->tts_isnull[i];
            }
        tuplestore_putvalues(rows->store, rows->descriptor, values, nulls);
    }
    ExecDropSingleTupleTableSlot(slot);
    return rows;
}

/*
 * Makes the relation of a table parameter and fills it; `type` is the table type. The relation
 * lives in the current memory context; the caller drops it.
 */
const CatalogRelation *
table_parameter_relation(Frame *frame, const TableParameter *table)
{
    const CatalogRelation *relation;
    StatementGuard guard;
    BindContext context;
    CatalogType type;
    AstTableRef target;
    const char **columns;
    int count;

    guard_enter(&guard, true);
    program_bind_context(frame->program, &frame->scope, &context);
    memset(&type, 0, sizeof(type));
    if (!catalog_type_by_name(context.database,
                              table->type_schema && *table->type_schema ? table->type_schema : NULL,
                              table->type_name, &type) ||
        !type.is_table || execute_table_hooks.make_table_variable == NULL)
        tsql_error(ERR_2715, 1, table->type_name);
    relation = execute_table_hooks.make_table_variable("@table", NULL, &type.table, &context);
    CommandCounterIncrement();
    if (table->column_count > 0 && table->column_count != relation->column_count)
        tsql_error(ERR_500, table->column_count, relation->column_count);
    columns = sent_columns(table, relation, &count);
    if (table->rows != NULL && count > 0) {
        /* the target is named by a variable that only this statement's scope knows */
        const CatalogRelation *former = frame->table_parameter;

        memset(&target, 0, sizeof(target));
        target.node.kind = AST_TABLE_VARIABLE;
        target.variable = "@table";
        frame->table_parameter = relation;
        insert_captured(frame, &target, count, columns, sent_rows(table, count));
        frame->table_parameter = former;
    }
    guard_leave(&guard);
    return relation;
}
