/*
 * Views, procedures, functions and triggers: their text is what is kept; the binder and the
 * interpreter read it when they are used. Columns and parameters are kept for the system views.
 */
#include "postgres.h"

#include "access/xact.h"

#include "catalog/namespace.h"
#include "commands/sequence.h"
#include "ddl/ddl_internal.h"
#include "nodes/makefuncs.h"
#include "procedures/trigger.h"
#include "utils/builtins.h"

/* ---- the text ---- */

/* Whether there is nothing but blanks and comments before `end`. */
static bool
only_comments(const char *text_start, uint32 end)
{
    for (uint32 i = 0; i < end;) {
        unsigned char c = text_start[i];

        if (isspace(c))
            i++;
        else if (c == '-' && text_start[i + 1] == '-') {
            while (i < end && text_start[i] != '\n')
                i++;
        } else if (c == '/' && text_start[i + 1] == '*') {
            int depth = 1;

            for (i += 2; i < end && depth > 0; i++) {
                if (text_start[i] == '/' && text_start[i + 1] == '*')
                    depth++, i++;
                else if (text_start[i] == '*' && text_start[i + 1] == '/')
                    depth--, i++;
            }
        } else
            return false;
    }
    return true;
}

/* Skips blanks and comments. */
static const char *
skip_blanks(const char *c)
{
    for (;;) {
        if (isspace((unsigned char) *c))
            c++;
        else if (c[0] == '-' && c[1] == '-') {
            while (*c != '\0' && *c != '\n')
                c++;
        } else if (c[0] == '/' && c[1] == '*') {
            const char *end = strstr(c + 2, "*/");

            if (end == NULL)
                return c;
            c = end + 2;
        } else
            return c;
    }
}

char *
ddl_statement_text(const AstNode *statement, const DdlContext *context)
{
    uint32 start = only_comments(context->text, statement->start) ? 0 : statement->start;
    const char *verb = context->text + statement->start;
    const char *rest = verb, *end = context->text + Min(statement->end, context->text_length);
    StringInfoData definition;

    if (start == 0 && only_comments(end, context->text + context->text_length - end))
        end = context->text + context->text_length;
    initStringInfo(&definition);
    if (pg_strncasecmp(verb, "ALTER", 5) == 0)
        rest = verb + 5;
    else if (pg_strncasecmp(verb, "CREATE", 6) == 0) {
        const char *next = skip_blanks(verb + 6);

        rest = verb + 6;
        if (pg_strncasecmp(next, "OR", 2) == 0 && !isalnum((unsigned char) next[2])) {
            next = skip_blanks(next + 2);
            if (pg_strncasecmp(next, "ALTER", 5) == 0)
                rest = next + 5;
        }
    }
    appendBinaryStringInfo(&definition, context->text + start, statement->start - start);
    if (pg_strncasecmp(verb, "CREATE", 6) == 0)
        appendBinaryStringInfo(&definition, verb, 6); /* as it was written */
    else if (rest != verb)
        appendStringInfoString(&definition, "CREATE");
    appendBinaryStringInfo(&definition, rest, end - rest);
    return definition.data;
}

static int64
next_version(void)
{
    return nextval_internal(
        RangeVarGetRelid(makeRangeVar("casement", "module_versions", -1), AccessShareLock, false),
        false);
}

static void
delete_module_rows(int32 object, int number)
{
    CatalogScan scan;

    catalog_scan_begin(&scan, TABLE_modules, "modules_object", true);
    catalog_scan_key_int(&scan, COL_modules_object, object);
    catalog_scan_key_short(&scan, COL_modules_number, number);
    while (catalog_scan_next(&scan))
        catalog_scan_delete(&scan);
    catalog_scan_end(&scan);
    catalog_scan_begin(&scan, TABLE_parameters, "parameters_id", true);
    catalog_scan_key_int(&scan, COL_parameters_object, object);
    catalog_scan_key_short(&scan, COL_parameters_number, number);
    while (catalog_scan_next(&scan))
        catalog_scan_delete(&scan);
    catalog_scan_end(&scan);
    catalog_delete_by_int(TABLE_columns, "columns_id", COL_columns_object, object);
    catalog_delete_by_int(TABLE_triggers, "triggers_pkey", COL_triggers_object, object);
}

static bool
is_function(CatalogObjectType type)
{
    return type == CATALOG_SCALAR_FUNCTION || type == CATALOG_INLINE_FUNCTION ||
           type == CATALOG_TABLE_FUNCTION;
}

static void
retype_object(int32 id, CatalogObjectType type)
{
    CatalogScan scan;
    CatalogRow row;

    catalog_row_init(&row, TABLE_objects);
    catalog_row_text(&row, COL_objects_type, catalog_object_type_code(type));
    catalog_row_now(&row, COL_objects_modified);
    catalog_scan_begin(&scan, TABLE_objects, "objects_pkey", true);
    catalog_scan_key_int(&scan, COL_objects_id, id);
    if (catalog_scan_next(&scan))
        catalog_scan_update(&scan, &row);
    catalog_scan_end(&scan);
}

static bool
module_number_exists(int32 id, int number)
{
    CatalogModule module;

    return catalog_module_numbered(id, number, &module);
}

int32
ddl_store_module(const DdlTarget *target,
                 const DdlModule *module,
                 CreateForm form,
                 const char *verb,
                 const DdlContext *context)
{
    CatalogObject existing;
    bool exists = ddl_existing(target, &existing);
    int number = module->number ? module->number : 1;
    CatalogRow row;
    int32 id;

    if (exists && form == FORM_CREATE &&
        (existing.type != CATALOG_PROCEDURE || module->type != CATALOG_PROCEDURE ||
         module_number_exists(existing.id, number)))
        tsql_error_state(ERR_2714, 3, target->name);
    if (!exists && form == FORM_ALTER)
        tsql_error_state(ERR_208, 6, target->name);
    if (exists && existing.type != module->type &&
        !(is_function(existing.type) && is_function(module->type)))
        tsql_error(ERR_2010, target->name);
    if (exists) {
        if (!ddl_may_alter(&existing))
            tsql_error(ERR_208, target->name);
        id = existing.id;
        delete_module_rows(id, number);
        retype_object(id, module->type);
    } else {
        if (!target->temporary)
            ddl_must_be_allowed_in(target, verb);
        id = ddl_new_object_id(target->temporary);
        ddl_insert_object(id, target, target->name, module->type, module->parent, InvalidOid, NULL);
    }
    catalog_row_init(&row, TABLE_modules);
    catalog_row_int(&row, COL_modules_object, id);
    catalog_row_short(&row, COL_modules_number, number);
    catalog_row_text(&row, COL_modules_definition, module->definition);
    catalog_row_bool(&row, COL_modules_quoted_identifier,
                     context->options & OPTION_QUOTED_IDENTIFIER);
    catalog_row_bool(&row, COL_modules_ansi_nulls, context->options & OPTION_ANSI_NULLS);
    catalog_row_big(&row, COL_modules_version, next_version());
    catalog_row_text(&row, COL_modules_execute_as, module->execute_as);
    catalog_row_bool(&row, COL_modules_schema_bound, module->schema_bound);
    catalog_row_bool(&row, COL_modules_recompile, module->recompile);
    catalog_row_bool(&row, COL_modules_encrypted, module->encrypted);
    catalog_row_bool(&row, COL_modules_null_on_null, module->null_on_null);
    catalog_row_bool(&row, COL_modules_check_option, module->check_option);
    catalog_row_insert(&row);
    return id;
}

/* ---- parameters ---- */

static void
insert_parameter(int32 object,
                 int number,
                 int id,
                 const char *name,
                 const SqlType *type,
                 const AstRoutineParam *param,
                 const DdlContext *context)
{
    int system_type, precision, scale;
    int32 user_type, max_length;
    CatalogRow row;

    catalog_type_store(type, &system_type, &user_type, &max_length, &precision, &scale);
    catalog_row_init(&row, TABLE_parameters);
    catalog_row_int(&row, COL_parameters_object, object);
    catalog_row_short(&row, COL_parameters_number, number);
    catalog_row_int(&row, COL_parameters_id, id);
    catalog_row_text(&row, COL_parameters_name, name);
    catalog_row_short(&row, COL_parameters_system_type, system_type);
    catalog_row_int(&row, COL_parameters_user_type, user_type);
    catalog_row_int(&row, COL_parameters_max_length, max_length);
    catalog_row_short(&row, COL_parameters_precision, precision);
    catalog_row_short(&row, COL_parameters_scale, scale);
    catalog_row_oid(&row, COL_parameters_collation, type->collation);
    catalog_row_bool(&row, COL_parameters_output, id == 0 || (param != NULL && param->output));
    catalog_row_bool(&row, COL_parameters_readonly, param != NULL && param->readonly);
    catalog_row_bool(&row, COL_parameters_cursor, param != NULL && param->type->is_cursor);
    if (param != NULL && param->default_value != NULL)
        catalog_row_text(&row, COL_parameters_default_text,
                         psprintf("%.*s",
                                  (int) (param->default_value->end - param->default_value->start),
                                  context->text + param->default_value->start));
    catalog_row_insert(&row);
}

static void
store_table_parameter(
    int32 object, int number, int id, const AstRoutineParam *param, const CatalogType *table)
{
    CatalogRow row;

    catalog_row_init(&row, TABLE_parameters);
    catalog_row_int(&row, COL_parameters_object, object);
    catalog_row_short(&row, COL_parameters_number, number);
    catalog_row_int(&row, COL_parameters_id, id);
    catalog_row_text(&row, COL_parameters_name, param->name);
    catalog_row_short(&row, COL_parameters_system_type, 243);
    catalog_row_int(&row, COL_parameters_user_type, table->user_type_id);
    catalog_row_int(&row, COL_parameters_max_length, -1);
    catalog_row_bool(&row, COL_parameters_readonly, true);
    catalog_row_insert(&row);
}

void
ddl_store_parameters(int32 object,
                     int number,
                     const AstList *params,
                     const AstType *result,
                     const DdlContext *context,
                     int32 database)
{
    BindContext bind = ddl_bind_context(context, database);

    if (result != NULL) {
        CatalogType table = {0};
        SqlType type = bind_type(result, NULL, &bind, &table);

        insert_parameter(object, number, 0, "", &type, NULL, context);
    }
    for (int i = 0; i < AST_LIST_COUNT(params); i++) {
        const AstRoutineParam *param = AST_LIST_ITEM(AstRoutineParam, params, i);
        CatalogType table = {0};
        SqlType type;

        for (int j = 0; j < i; j++)
            if (pg_strcasecmp(AST_LIST_ITEM(AstRoutineParam, params, j)->name, param->name) == 0)
                tsql_error(ERR_134, param->name);
        if (param->type->is_cursor)
            type = sql_type_make(SQL_INT);
        else
            type = bind_type(param->type, NULL, &bind, &table);
        if (table.is_table) {
            if (!param->readonly)
                tsql_error(ERR_352, param->name);
            store_table_parameter(object, number, i + 1, param, &table);
        } else
            insert_parameter(object, number, i + 1, param->name, &type, param, context);
    }
}

/* ---- views ---- */

static void
store_result_columns(int32 object,
                     const BoundColumn *columns,
                     int count,
                     const char **names,
                     const DdlTarget *target)
{
    for (int i = 0; i < count; i++) {
        CatalogColumn column = {0};

        column.column_id = column.attnum = i + 1;
        column.name = names ? names[i] : columns[i].name;
        column.type = columns[i].type.id == SQL_UNKNOWN ? sql_type_make(SQL_INT) : columns[i].type;
        column.nullable = columns[i].nullable;
        ddl_insert_column(object, &column, target);
    }
}

static void
check_result_columns(const char *name,
                     const BoundColumn *columns,
                     int count,
                     const char **names,
                     int name_count,
                     const DdlTarget *target)
{
    if (name_count > count)
        tsql_error(ERR_8158, name);
    if (name_count > 0 && name_count < count)
        tsql_error(ERR_8159, name);
    for (int i = 0; i < count; i++) {
        const char *column = name_count ? names[i] : columns[i].name;
        char *key;

        if (column == NULL || column[0] == '\0')
            tsql_error(ERR_4511, i + 1);
        key = ddl_fold(target->database, column);
        for (int j = 0; j < i; j++)
            if (strcmp(ddl_fold(target->database, name_count ? names[j] : columns[j].name), key) ==
                0)
                tsql_error(ERR_4506, column, name);
    }
}

void
ddl_create_view(const AstCreateView *statement, DdlContext *context)
{
    DdlTarget target;
    BindContext bind;
    BoundColumn *columns;
    DdlModule module = {.type = CATALOG_VIEW,
                        .schema_bound = statement->schema_binding,
                        .encrypted = statement->encryption,
                        .check_option = statement->with_check_option};
    int count;
    int32 id;

    ddl_target_module(&statement->name, context, "CREATE/ALTER VIEW", &target);
    bind = ddl_bind_context(context, target.database);
    count = bind_query_columns(statement->query, &bind, &columns);
    check_result_columns(statement->name.object, columns, count, statement->columns,
                         statement->column_count, &target);
    module.definition = ddl_statement_text(&statement->node, context);
    id = ddl_store_module(&target, &module, statement->form, "CREATE VIEW", context);
    store_result_columns(id, columns, count, statement->column_count ? statement->columns : NULL,
                         &target);
    ddl_changed(target.temporary);
}

void
ddl_refresh_view(const CatalogModule *module)
{
    DdlContext context = {.database = module->object.database,
                          .text = module->definition,
                          .text_length = strlen(module->definition)};
    const AstBatch *batch = ddl_parse_module(module);
    const AstCreateView *view;
    BindContext bind;
    BoundColumn *columns;
    DdlTarget target;
    int count;

    if (AST_LIST_COUNT(batch->statements) != 1 ||
        batch->statements->items[0]->kind != AST_CREATE_VIEW)
        return;
    view = (const AstCreateView *) batch->statements->items[0];
    context.options = (module->quoted_identifier ? OPTION_QUOTED_IDENTIFIER : 0) |
                      (module->ansi_nulls ? OPTION_ANSI_NULLS : 0);
    bind = ddl_bind_context(&context, module->object.database);
    ddl_target_of(&module->object, &target);
    count = bind_query_columns(view->query, &bind, &columns);
    catalog_delete_by_int(TABLE_columns, "columns_id", COL_columns_object, module->object.id);
    store_result_columns(module->object.id, columns, count,
                         view->column_count ? view->columns : NULL, &target);
}

/* ---- procedures and functions ---- */

typedef struct ParameterScope {
    const AstList *params;
    BindContext *bind;
} ParameterScope;

static bool
parameter_by_name(void *context, const char *name, BindVariable *variable)
{
    ParameterScope *scope = context;

    for (int i = 0; i < AST_LIST_COUNT(scope->params); i++) {
        const AstRoutineParam *param = AST_LIST_ITEM(AstRoutineParam, scope->params, i);
        CatalogType table = {0};

        if (pg_strcasecmp(param->name, name) != 0)
            continue;
        variable->type = bind_type(param->type, NULL, scope->bind, &table);
        variable->param = i + 1;
        variable->is_cursor = false;
        return !table.is_table;
    }
    return false;
}

static const CatalogRelation *
table_parameter_by_name(void *context, const char *name)
{
    ParameterScope *scope = context;

    for (int i = 0; i < AST_LIST_COUNT(scope->params); i++) {
        const AstRoutineParam *param = AST_LIST_ITEM(AstRoutineParam, scope->params, i);
        CatalogType table = {0};

        if (pg_strcasecmp(param->name, name) != 0)
            continue;
        bind_type(param->type, NULL, scope->bind, &table);
        return table.is_table ? catalog_relation(&table.table) : NULL;
    }
    return NULL;
}

static const char *
execute_as(const AstList *options, int32 database)
{
    const AstOption *option = ddl_option(options, "EXECUTE AS");
    CatalogPrincipal user;
    const char *name;

    if (option == NULL)
        return NULL;
    if (option->word != NULL && pg_strcasecmp(option->word, "CALLER") == 0)
        return NULL;
    if (option->word != NULL && pg_strcasecmp(option->word, "SELF") == 0)
        return session_context->user_name;
    if (option->word != NULL)
        return option->word;
    if (option->value == NULL || option->value->kind != AST_LITERAL)
        return NULL;
    name = ((const AstLiteral *) option->value)->text;
    if (!catalog_user_by_name(database, name, &user) || user.type != 'S' ||
        !catalog_may_impersonate(database, user.id))
        tsql_error(ERR_15151, "find", "user", name);
    return name;
}

static void
store_inline_columns(int32 id,
                     const AstCreateRoutine *statement,
                     const DdlTarget *target,
                     const DdlContext *context)
{
    BindContext bind = ddl_bind_context(context, target->database);
    ParameterScope parameters = {statement->params, &bind};
    BindScope scope = {.context = &parameters,
                       .variable = parameter_by_name,
                       .table_variable = table_parameter_by_name};
    BoundColumn *columns;
    int count;

    bind.scope = &scope;
    count = bind_query_columns(statement->inline_query, &bind, &columns);
    check_result_columns(target->name, columns, count, NULL, 0, target);
    store_result_columns(id, columns, count, NULL, target);
}

static void
store_table_columns(int32 id,
                    const AstCreateRoutine *statement,
                    const DdlTarget *target,
                    const DdlContext *context)
{
    int number = 0;

    for (int i = 0; i < AST_LIST_COUNT(statement->table_elements); i++) {
        const AstNode *element = statement->table_elements->items[i];
        DdlColumn column;

        if (element->kind != AST_COLUMN_DEF)
            continue;
        ddl_column((const AstColumnDef *) element, context, target, target->name, ++number,
                   &column);
        column.column.attnum = number;
        if (column.column.computed)
            column.column.type = sql_type_make(SQL_INT);
        ddl_insert_column(id, &column.column, target);
    }
}

void
ddl_create_routine(const AstCreateRoutine *statement, DdlContext *context)
{
    bool procedure = statement->node.kind == AST_CREATE_PROCEDURE;
    DdlModule module = {.number = statement->number,
                        .execute_as = execute_as(statement->options, context->database),
                        .schema_bound = ddl_option(statement->options, "SCHEMABINDING") != NULL,
                        .encrypted = ddl_option(statement->options, "ENCRYPTION") != NULL,
                        .recompile = ddl_option(statement->options, "RECOMPILE") != NULL,
                        .null_on_null =
                            ddl_option(statement->options, "RETURNS NULL ON NULL INPUT") != NULL};
    DdlTarget target;
    int32 id;

    if (procedure)
        module.type = CATALOG_PROCEDURE;
    else
        module.type = statement->function_form == FUNCTION_SCALAR         ? CATALOG_SCALAR_FUNCTION
                      : statement->function_form == FUNCTION_INLINE_TABLE ? CATALOG_INLINE_FUNCTION
                                                                          : CATALOG_TABLE_FUNCTION;
    ddl_target_module(&statement->name, context,
                      procedure ? "CREATE/ALTER PROCEDURE" : "CREATE/ALTER FUNCTION", &target);
    module.definition = ddl_statement_text(&statement->node, context);
    id = ddl_store_module(&target, &module, statement->form,
                          procedure ? "CREATE PROCEDURE" : "CREATE FUNCTION", context);
    ddl_store_parameters(id, module.number ? module.number : 1, statement->params,
                         module.type == CATALOG_SCALAR_FUNCTION ? statement->returns : NULL,
                         context, target.database);
    if (module.type == CATALOG_INLINE_FUNCTION)
        store_inline_columns(id, statement, &target, context);
    else if (module.type == CATALOG_TABLE_FUNCTION)
        store_table_columns(id, statement, &target, context);
    ddl_changed(target.temporary);
}

/* ---- triggers ---- */

/* An INSTEAD OF trigger must be alone for its action (2111). */
static void
check_instead_of(const CatalogObject *table, const AstCreateTrigger *statement, int32 own)
{
    CatalogScan scan;

    catalog_scan_begin(&scan, TABLE_triggers, "triggers_parent", false);
    catalog_scan_key_int(&scan, COL_triggers_parent, table->id);
    while (catalog_scan_next(&scan)) {
        const char *action = NULL;

        if (!catalog_field_bool(&scan, COL_triggers_instead_of) ||
            catalog_field_int(&scan, COL_triggers_object) == own)
            continue;
        if (statement->on_insert && catalog_field_bool(&scan, COL_triggers_on_insert))
            action = "INSERT";
        else if (statement->on_update && catalog_field_bool(&scan, COL_triggers_on_update))
            action = "UPDATE";
        else if (statement->on_delete && catalog_field_bool(&scan, COL_triggers_on_delete))
            action = "DELETE";
        if (action != NULL)
            tsql_error(ERR_2111, statement->name.object,
                       table->type == CATALOG_VIEW ? "view" : "table", table->name, action);
    }
    catalog_scan_end(&scan);
}

static void
insert_trigger(int32 id, const AstCreateTrigger *statement, int32 parent)
{
    StringInfoData events;
    CatalogRow row;

    initStringInfo(&events);
    for (int i = 0; i < statement->event_count; i++)
        appendStringInfo(&events, "%s%s", i ? "," : "", statement->events[i]);
    catalog_row_init(&row, TABLE_triggers);
    catalog_row_int(&row, COL_triggers_object, id);
    catalog_row_int(&row, COL_triggers_parent, parent);
    catalog_row_bool(&row, COL_triggers_instead_of, statement->instead_of);
    catalog_row_bool(&row, COL_triggers_on_insert, statement->on_insert);
    catalog_row_bool(&row, COL_triggers_on_update, statement->on_update);
    catalog_row_bool(&row, COL_triggers_on_delete, statement->on_delete);
    catalog_row_bool(&row, COL_triggers_not_for_replication, statement->not_for_replication);
    catalog_row_text(&row, COL_triggers_events, statement->event_count ? events.data : NULL);
    catalog_row_insert(&row);
}

void
ddl_create_trigger(const AstCreateTrigger *statement, DdlContext *context)
{
    DdlModule module = {.type = CATALOG_TRIGGER,
                        .execute_as = execute_as(statement->options, context->database),
                        .encrypted = ddl_option(statement->options, "ENCRYPTION") != NULL};
    AstName name = statement->name;
    CatalogObject table = {0}, existing;
    DdlTarget target;
    int32 id;

    if (statement->table.object == NULL)
        tsql_error(ERR_40517, "a trigger ON DATABASE or ON ALL SERVER"); /* it would never fire */
    if (statement->table.object != NULL) {
        if (!ddl_find(&statement->table, context, &table) ||
            (table.type != CATALOG_TABLE &&
             !(table.type == CATALOG_VIEW && statement->instead_of)) ||
            table.is_temporary)
            tsql_error_state(ERR_8197, 4, ddl_name(&statement->table));
        if (!ddl_may_alter(&table))
            tsql_error_state(ERR_8197, 4, ddl_name(&statement->table));
        if (name.schema != NULL && strcmp(ddl_fold(table.database, name.schema),
                                          ddl_fold(table.database, table.schema_name)) != 0)
            tsql_error(ERR_2103, name.object);
        name.schema = table.schema_name; /* a trigger lives where its table does */
    }
    ddl_target_module(&name, context, "CREATE/ALTER TRIGGER", &target);
    if (statement->instead_of)
        check_instead_of(&table, statement, ddl_existing(&target, &existing) ? existing.id : 0);
    module.parent = table.id;
    module.definition = ddl_statement_text(&statement->node, context);
    id = ddl_store_module(&target, &module, statement->form, "CREATE TRIGGER", context);
    insert_trigger(id, statement, table.id);
    CommandCounterIncrement();
    if (table.id != 0)
        trigger_sync(&table);
    ddl_changed(target.temporary);
}

static bool
name_listed(const AstEnableTrigger *statement, int32 database, const char *name)
{
    for (int i = 0; i < statement->name_count; i++)
        if (strcmp(ddl_fold(database, statement->names[i].object), ddl_fold(database, name)) == 0)
            return true;
    return false;
}

void
ddl_enable_trigger(const AstEnableTrigger *statement, DdlContext *context)
{
    CatalogObject table = {0}, trigger;
    CatalogScan scan;
    CatalogRow row;
    int found = 0;

    if (statement->table.object != NULL &&
        (!ddl_find(&statement->table, context, &table) || !ddl_may_alter(&table)))
        tsql_error(ERR_1088, ddl_name(&statement->table));
    catalog_row_init(&row, TABLE_triggers);
    catalog_row_bool(&row, COL_triggers_disabled, !statement->enable);
    catalog_scan_begin(&scan, TABLE_triggers, "triggers_parent", true);
    catalog_scan_key_int(&scan, COL_triggers_parent, table.id);
    while (catalog_scan_next(&scan)) {
        if (!catalog_object_by_id(catalog_field_int(&scan, COL_triggers_object), &trigger))
            continue;
        if (!statement->all && !name_listed(statement, trigger.database, trigger.name))
            continue;
        catalog_scan_update(&scan, &row);
        found++;
    }
    catalog_scan_end(&scan);
    if (!statement->all && found < statement->name_count)
        tsql_error(ERR_1088, ddl_name(&statement->names[0]));
    CommandCounterIncrement();
    if (table.id != 0)
        trigger_sync(&table);
    ddl_changed(false);
}
