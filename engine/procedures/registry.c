/*
 * Finding system procedures and reading their arguments.
 */
#include "postgres.h"

#include "context/context.h"
#include "errors/errors.h"
#include "procedures/cursor.h"
#include "procedures/cursor_api.h"
#include "procedures/procedures.h"
#include "procedures/trigger.h"
#include "utils/builtins.h"

static const SystemProcedureEntry own_entries[] = {
#define SYSTEM_PROCEDURE(name, id, handler) {name, id, procedure_##handler},
#include "procedures/system_procedures.def"
#undef SYSTEM_PROCEDURE
};

#define MAX_TABLES 8
static struct {
    const SystemProcedureEntry *entries;
    int count;
} tables[MAX_TABLES];
static int table_count;

void
procedures_register(const SystemProcedureEntry *entries, int count)
{
    for (int i = 0; i < table_count; i++)
        if (tables[i].entries == entries)
            return;
    if (table_count == MAX_TABLES)
        elog(ERROR, "too many tables of system procedures");
    tables[table_count].entries = entries;
    tables[table_count++].count = count;
}

static SystemProcedure
find(const char *name, int procedure_id)
{
    for (int t = 0; t < table_count; t++)
        for (int i = 0; i < tables[t].count; i++) {
            const SystemProcedureEntry *entry = &tables[t].entries[i];

            if (name != NULL ? pg_strcasecmp(entry->name, name) == 0
                             : entry->procedure_id == procedure_id && procedure_id != 0)
                return entry->procedure;
        }
    return NULL;
}

void
procedures_init(void)
{
    procedures_register(own_entries, lengthof(own_entries));
    execute_system_procedure = find;
    execute_reset_procedures = prepared_forget_all;
    cursor_init();
    cursor_api_init();
    trigger_init();
}

/* ---------------------------------------------------------------- arguments */

const ProcedureArgument *
procedure_argument(const ProcedureCall *call, int position, const char *name)
{
    for (int i = 0; i < call->argument_count; i++) {
        const ProcedureArgument *argument = &call->arguments[i];
        bool named = argument->name != NULL && *argument->name != '\0';

        if (named ? pg_strcasecmp(argument->name, name) == 0 : i == position)
            return argument;
    }
    return NULL;
}

char *
procedure_text(const ProcedureCall *call, int position, const char *name)
{
    const ProcedureArgument *argument = procedure_argument(call, position, name);
    SqlType type = sql_type_string(SQL_NVARCHAR, -1, sql_collation_default());
    bool is_null;
    Datum value;

    if (argument == NULL || argument->is_null || argument->is_default)
        return NULL;
    if (sql_type_is_string(argument->type.id))
        return text_to_cstring(DatumGetTextPP(argument->value));
    value = sql_convert_datum(argument->value, false, &argument->type, &type, CONVERSION_ASSIGN, 0,
                              &is_null);
    return text_to_cstring(DatumGetTextPP(value));
}

int32
procedure_int(const ProcedureCall *call, int position, const char *name, int32 otherwise)
{
    const ProcedureArgument *argument = procedure_argument(call, position, name);
    SqlType type = sql_type_make(SQL_INT);
    bool is_null;

    if (argument == NULL || argument->is_null || argument->is_default)
        return otherwise;
    if (argument->type.id == SQL_INT)
        return DatumGetInt32(argument->value);
    return DatumGetInt32(sql_convert_datum(argument->value, false, &argument->type, &type,
                                           CONVERSION_ASSIGN, 0, &is_null));
}

void
procedure_return_int(ProcedureCall *call, int position, int32 value)
{
    ProcedureArgument *argument;

    if (position >= call->argument_count)
        return;
    argument = &call->arguments[position];
    argument->changed = true;
    argument->out_type = sql_type_make(SQL_INT);
    argument->out_value = Int32GetDatum(value);
    argument->out_is_null = false;
}
