/*
 * Frames: making and ending them, their variables, and the BindScope through which the binder sees
 * the variables.
 */
#include "postgres.h"

#include "execute/frame.h"

#include "access/detoast.h"
#include "errors/errors.h"
#include "execute/interpreter.h"
#include "pgcompat/base.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

Frame *
frame_current(void)
{
    return interpreter.frame;
}

/* ---------------------------------------------------------------- the binder's view */

static bool
scope_variable(void *context, const char *name, BindVariable *variable)
{
    Frame *frame = context;
    int index = program_variable(frame->program, name);

    if (index < 0 || frame->program->variables[index].is_table)
        return false;
    variable->type = frame->program->variables[index].type;
    variable->param = index + 1;
    variable->is_cursor = frame->program->variables[index].is_cursor;
    return true;
}

static const CatalogRelation *
scope_table_variable(void *context, const char *name)
{
    Frame *frame = context;
    int index;

    if (frame->table_parameter != NULL)
        return frame->table_parameter;
    index = program_variable(frame->program, name);
    if (index < 0 || !frame->program->variables[index].is_table)
        return NULL;
    if (frame->tables[index] == NULL)
        make_table_variable(frame, index);
    return frame->tables[index];
}

static const CatalogRelation *
scope_transition_table(void *context, const char *name)
{
    Frame *frame = context;
    ListCell *cell;

    foreach (cell, frame->transition_tables) {
        const CatalogRelation *relation = lfirst(cell);

        if (pg_strcasecmp(relation->object.name, name) == 0)
            return relation;
    }
    return NULL;
}

/* ---------------------------------------------------------------- saved session state */

void
session_save(SavedSession *saved)
{
    SessionContext *session = session_context;

    saved->options = session->options;
    memcpy(saved->date_order, session->date_order, sizeof(saved->date_order));
    saved->date_first = session->date_first;
    saved->language = session->language;
    saved->language_id = session->language_id;
    saved->lock_timeout = session->lock_timeout;
    saved->row_count_limit = session->row_count_limit;
    saved->text_size = session->text_size;
    saved->isolation_level = session->isolation_level;
    saved->identity_insert = session->identity_insert;
    saved->scope_identity = session->scope_identity;
    saved->scope_identity_valid = session->scope_identity_valid;
    saved->procedure_id = session->procedure_id;
    saved->nest_level = session->nest_level;
    saved->database = session->database;
    saved->database_name = session->database_name;
    saved->user_name = session->user_name;
    saved->default_schema = session->default_schema;
    saved->user_id = session->user_id;
    saved->database_collation = session->database_collation;
}

void
session_restore(const SavedSession *saved, bool with_database)
{
    SessionContext *session = session_context;

    session->options = saved->options;
    memcpy(session->date_order, saved->date_order, sizeof(saved->date_order));
    session->date_first = saved->date_first;
    session->language = saved->language;
    session->language_id = saved->language_id;
    session->lock_timeout = saved->lock_timeout;
    session->row_count_limit = saved->row_count_limit;
    session->text_size = saved->text_size;
    if (session->isolation_level != saved->isolation_level)
        transaction_set_isolation(saved->isolation_level);
    session->identity_insert = saved->identity_insert;
    session->scope_identity = saved->scope_identity;
    session->scope_identity_valid = saved->scope_identity_valid;
    session->procedure_id = saved->procedure_id;
    session->nest_level = saved->nest_level;
    if (with_database && session->database != saved->database) {
        session->database = saved->database;
        session->database_name = saved->database_name;
        session->user_name = saved->user_name;
        session->default_schema = saved->default_schema;
        session->user_id = saved->user_id;
        session->database_collation = saved->database_collation;
        catalog_database_hold(saved->database);
    }
}

/* ---------------------------------------------------------------- life */

static ParamListInfo
make_variables(const Program *program)
{
    ParamListInfo params = makeParamList(program->variable_count);

    for (int i = 0; i < program->variable_count; i++) {
        params->params[i].isnull = true;
        params->params[i].value = (Datum) 0;
        params->params[i].pflags = 0;
        params->params[i].ptype = program->variables[i].pg_type;
    }
    return params;
}

/*
 * Enters a program (taking over the caller's reference). `params`: the values of an
 * auto-parameterised batch's literals, else NULL.
 */
Frame *
frame_push(FrameKind kind, Program *program, ParamListInfo params)
{
    SessionContext *session = session_context;
    Frame *parent = interpreter.frame;
    MemoryContext memory, old;
    Frame *frame;

    if (parent != NULL && session->nest_level >= MAX_NESTING)
        tsql_error(ERR_217, MAX_NESTING);
    memory = AllocSetContextCreate(parent ? parent->memory : interpreter.memory, "T-SQL frame",
                                   ALLOCSET_SMALL_SIZES);
    old = MemoryContextSwitchTo(memory);
    frame = palloc0(sizeof(Frame));
    frame->parent = parent;
    frame->kind = kind;
    frame->program = program;
    frame->memory = memory;
    frame->statement = AllocSetContextCreate(memory, "T-SQL statement", ALLOCSET_DEFAULT_SIZES);
    frame->params = params != NULL ? params : make_variables(program);
    if (program->variable_count > 0) {
        frame->tables = palloc0(sizeof(CatalogRelation *) * program->variable_count);
        frame->tables_owned = palloc0(sizeof(bool) * program->variable_count);
        frame->cursors = palloc0(sizeof(void *) * program->variable_count);
    }
    frame->scope = (BindScope){.context = frame,
                               .variable = scope_variable,
                               .table_variable = scope_table_variable,
                               .transition_table = scope_transition_table};
    if (kind == FRAME_TRIGGER && session->tran_count == 0) {
        frame->counts_transaction = true;
        session->tran_count = session->xact_state = 1;
    }
    frame->tran_count_at_start = session->tran_count;
    session_save(&frame->saved);
    /* what a batch changes stays, and the next batch may take it back */
    frame->impersonation_depth = kind == FRAME_BATCH ? 0 : impersonation_depth();
    interpreter.frame = frame;
    if (parent != NULL)
        session->nest_level++;
    frame->nest_level = session->nest_level;
    if (kind == FRAME_PROCEDURE || kind == FRAME_FUNCTION || kind == FRAME_TRIGGER) {
        session->procedure_id = program->object_id;
        session->scope_identity_valid = false;
        if (program->execute_as != NULL)
            impersonate_for_module(program);
    }
    MemoryContextSwitchTo(old);
    return frame;
}

static void
drop_tables(Frame *frame)
{
    for (int i = 0; i < frame->program->variable_count; i++) {
        const CatalogRelation *table = frame->tables[i];

        frame->tables[i] = NULL;
        if (table != NULL && frame->tables_owned[i] &&
            execute_table_hooks.drop_table_variable != NULL) {
            transaction_ensure();
            if (get_rel_relkind(table->object.relation) != '\0') /* not rolled back */
                execute_table_hooks.drop_table_variable(table);
        }
    }
}

/* Leaves a frame, whether it ended well or an error passed through it. The transaction is usable.
 */
void
frame_pop(Frame *frame)
{
    Frame *parent = frame->parent;
    int level = session_context->nest_level;

    Assert(interpreter.frame == frame);
    if (frame->program->variable_count > 0)
        drop_tables(frame);
    if (execute_cursor_hooks.frame_end != NULL)
        execute_cursor_hooks.frame_end(frame);
    if (frame->kind != FRAME_BATCH && frame->kind != FRAME_FUNCTION &&
        execute_table_hooks.drop_temporary != NULL) {
        transaction_ensure();
        execute_table_hooks.drop_temporary(level);
    }
    interpreter.frame = parent;
    if (frame->counts_transaction)
        session_context->tran_count = session_context->xact_state = 0;
    if (frame->kind != FRAME_BATCH)
        impersonation_unwind(frame->impersonation_depth);
    if (parent != NULL) {
        session_restore(&frame->saved, true);
        tsql_error_set_line(parent->line);
    }
    while (frame->caught != NULL) {
        CaughtError *outer = frame->caught->outer;

        error_free(frame->caught);
        frame->caught = outer;
    }
    program_unref(frame->program);
    MemoryContextDelete(frame->memory);
}

/* ---------------------------------------------------------------- variables */

int
frame_variable(const Frame *frame, const char *name)
{
    int index = program_variable(frame->program, name);

    if (index < 0)
        tsql_error(ERR_137, name);
    return index;
}

void
frame_assign(Frame *frame, int index, Datum value, bool is_null)
{
    const ProgramVariable *variable = &frame->program->variables[index];
    ParamExternData *param = &frame->params->params[index];
    Datum former = param->value;
    bool former_null = param->isnull;

    if (variable->type_by_value) {
        param->value = value;
        param->isnull = is_null;
        return;
    }
    if (!is_null) {
        MemoryContext old = MemoryContextSwitchTo(frame->memory);

        if (variable->type_length == -1 && VARATT_IS_EXTENDED(DatumGetPointer(value)))
            value = PointerGetDatum(detoast_attr((struct varlena *) DatumGetPointer(value)));
        else
            value = datumCopy(value, false, variable->type_length);
        MemoryContextSwitchTo(old);
    } else
        value = (Datum) 0;
    param->value = value;
    param->isnull = is_null;
    if (!former_null && DatumGetPointer(former) != NULL)
        pfree(DatumGetPointer(former));
}

void
frame_assign_from(Frame *frame, int index, const SqlType *type, Datum value, bool is_null)
{
    const ProgramVariable *variable = &frame->program->variables[index];
    bool result_null = is_null;

    if (!is_null && !sql_type_equal(type, &variable->type))
        value = sql_convert_datum(value, is_null, type, &variable->type, CONVERSION_ASSIGN, 0,
                                  &result_null);
    frame_assign(frame, index, value, result_null);
}

char *
frame_variable_text(Frame *frame, const char *name)
{
    int index = frame_variable(frame, name);
    const ProgramVariable *variable = &frame->program->variables[index];
    const ParamExternData *param = &frame->params->params[index];
    SqlType type = sql_type_string(SQL_NVARCHAR, -1, sql_collation_default());
    bool is_null;
    Datum value;

    if (param->isnull)
        return NULL;
    value = sql_convert_datum(param->value, false, &variable->type, &type, CONVERSION_ASSIGN, 0,
                              &is_null);
    return text_to_cstring(DatumGetTextPP(value));
}
