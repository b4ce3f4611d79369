/*
 * Programs: parsing, the variables they declare, and the cache by text and by module.
 * The look-up by literals' shape is in literals.c.
 */
#include "postgres.h"

#include "plan/program.h"

#include "common/hashfn.h"
#include "context/context.h"
#include "errors/errors.h"
#include "plan/program_internal.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#define BUCKETS 1024

int program_cache_limit = 16 * 1024;

static dlist_head buckets[BUCKETS];
static dlist_head lru_list;
static int program_count;
static Size program_bytes;

void
program_init(void)
{
    static bool done;

    if (done)
        return;
    for (int i = 0; i < BUCKETS; i++)
        dlist_init(&buckets[i]);
    dlist_init(&lru_list);
    statement_plan_init();
    done = true;
}

/* ---------------------------------------------------------------- life */

static void *
arena_allocate(void *context, size_t size)
{
    return MemoryContextAllocHuge((MemoryContext) context, size);
}

static void
arena_release(void *context, void *chunk)
{
    pfree(chunk);
}

Program *
program_new(void)
{
    MemoryContext memory =
        AllocSetContextCreate(CurrentMemoryContext, "T-SQL program", ALLOCSET_SMALL_SIZES);
    Program *program = MemoryContextAllocZero(memory, sizeof(Program));
    ArenaBacking backing = {arena_allocate, arena_release, memory};

    program->memory = memory;
    program->return_variable = -1;
    program->references = 1;
    program->arena = arena_new(&backing);
    return program;
}

static void
program_free(Program *program)
{
    plan_slots_free(program);
    MemoryContextDelete(program->memory);
}

Program *
program_ref(Program *program)
{
    program->references++;
    return program;
}

void
program_unref(Program *program)
{
    Assert(program->references > 0);
    if (--program->references == 0)
        program_free(program);
}

static void
program_unlink(Program *program)
{
    if (!program->cached)
        return;
    program->cached = false;
    dlist_delete(&program->chain);
    dlist_delete(&program->lru);
    program_count--;
    program_bytes -= program->size;
    program_unref(program);
}

static void
update_size(Program *program)
{
    Size size = MemoryContextMemAllocated(program->memory, true) + plan_slots_size(program);

    program_bytes += size - program->size;
    program->size = size;
}

static void
trim(void)
{
    while (program_bytes > (Size) program_cache_limit * 1024 && !dlist_is_empty(&lru_list)) {
        Program *oldest = dlist_container(Program, lru, dlist_tail_node(&lru_list));

        update_size(oldest);
        program_unlink(oldest);
    }
}

void
program_cache_add(Program *program)
{
    MemoryContextSetParent(program->memory, CacheMemoryContext);
    program->cached = true;
    program->references++;
    dlist_push_head(&buckets[program->hash % BUCKETS], &program->chain);
    dlist_push_head(&lru_list, &program->lru);
    program_count++;
    update_size(program);
    trim();
}

/* The sizes of plans made since are noticed now and then, as a program is used again. */
void
program_touch(Program *program)
{
    static int uses;

    if (dlist_head_node(&lru_list) != &program->lru)
        dlist_move_head(&lru_list, &program->lru);
    if (++uses % 64 == 0)
        update_size(program);
}

dlist_head *
program_bucket(uint32 hash)
{
    return &buckets[hash % BUCKETS];
}

void
program_forget_all(void)
{
    while (!dlist_is_empty(&lru_list))
        program_unlink(dlist_container(Program, lru, dlist_head_node(&lru_list)));
}

void
program_cache_size(int *count, Size *bytes)
{
    *count = program_count;
    *bytes = program_bytes;
}

/* ---------------------------------------------------------------- binding */

void
program_bind_context(const Program *program, const BindScope *scope, BindContext *context)
{
    SessionContext *session = session_context;

    memset(context, 0, sizeof(*context));
    context->database = session->database;
    context->default_schema = session->default_schema;
    context->options = session->options & OPTION_BINDING_MASK;
    context->scope = scope;
    if (program->object_id != 0) {
        context->in_module = true;
        context->database = program->database;
        context->default_schema = program->schema_name;
        context->options =
            (context->options & ~program->option_mask) | (program->options & program->option_mask);
    }
}

/* Names of variables follow the database's collation; nearly all are ASCII. */
static bool
same_name(const char *a, const char *b, const SqlCollation *collation)
{
    if (strcmp(a, b) == 0)
        return true;
    if (collation->case_sensitive || collation->binary)
        return false;
    if (pg_strcasecmp(a, b) == 0)
        return true;
    for (const char *c = a; *c != '\0'; c++)
        if ((unsigned char) *c >= 0x80)
            return sql_string_compare(a, strlen(a), b, strlen(b), collation->oid) == 0;
    return false;
}

int
program_variable(const Program *program, const char *name)
{
    const SqlCollation *collation;

    for (int i = 0; i < program->variable_count; i++)
        if (strcmp(program->variables[i].name, name) == 0)
            return i;
    collation = sql_collation(session_context->database_collation);
    if (collation == NULL)
        collation = sql_collation(sql_collation_default());
    for (int i = 0; i < program->variable_count; i++)
        if (same_name(program->variables[i].name, name, collation))
            return i;
    return -1;
}

/* ---------------------------------------------------------------- variables */

typedef struct Declarations {
    Program *program;
    int capacity;
} Declarations;

static ProgramVariable *
add_variable(Declarations *declarations, const char *name, const AstNode *node)
{
    Program *program = declarations->program;
    ProgramVariable *variable;

    if (program_variable(program, name) >= 0) {
        tsql_error_set_line(node->line);
        tsql_error(ERR_134, name);
    }
    if (program->variable_count == declarations->capacity) {
        int capacity = Max(8, declarations->capacity * 2);
        ProgramVariable *grown =
            MemoryContextAllocZero(program->memory, sizeof(ProgramVariable) * capacity);

        if (program->variable_count > 0)
            memcpy(grown, program->variables, sizeof(ProgramVariable) * program->variable_count);
        program->variables = grown;
        declarations->capacity = capacity;
    }
    variable = &program->variables[program->variable_count++];
    variable->name = name;
    variable->declared_at = node->start;
    variable->line = node->line;
    return variable;
}

static void
set_type(Program *program, ProgramVariable *variable, const AstType *type, int line)
{
    BindContext context;
    CatalogType table;

    tsql_error_set_line(line);
    if (type->is_cursor) {
        variable->is_cursor = true;
        variable->type = sql_type_make(SQL_INT);
    } else if (type->table_elements != NULL) {
        variable->is_table = true;
        variable->table_elements = type->table_elements;
        variable->type = sql_type_make(SQL_INT);
    } else {
        memset(&table, 0, sizeof(table));
        program_bind_context(program, NULL, &context);
        variable->type = bind_type(type, NULL, &context, &table);
        if (table.is_table) {
            variable->is_table = true;
            variable->table_type = table.table;
            /* the program outlives the catalogue's entry */
            variable->table_type.name = MemoryContextStrdup(program->memory, table.table.name);
            variable->table_type.schema_name =
                MemoryContextStrdup(program->memory, table.table.schema_name);
            variable->type = sql_type_make(SQL_INT);
        }
    }
    variable->pg_type = sql_type_oid(variable->type.id);
    get_typlenbyval(variable->pg_type, &variable->type_length, &variable->type_by_value);
}

static bool
declaration_visitor(AstNode *node, void *context)
{
    Declarations *declarations = context;

    if (node->kind == AST_DECLARE) {
        const AstDeclare *declare = (const AstDeclare *) node;

        for (int i = 0; i < declare->count; i++) {
            const AstVariableDef *def = &declare->variables[i];

            set_type(declarations->program, add_variable(declarations, def->name, node), def->type,
                     node->line);
        }
    }
    switch (node->kind) {
    case AST_BLOCK:
    case AST_IF:
    case AST_WHILE:
    case AST_TRY_CATCH:
        return true;
    default:
        return false;
    }
}

static bool
use_visitor(AstNode *node, void *context)
{
    Program *program = context;

    if (node->kind == AST_VARIABLE) {
        const AstVariable *use = (const AstVariable *) node;
        int index = program_variable(program, use->name);

        if (index < 0 || program->variables[index].declared_at > node->start) {
            tsql_error_set_line(node->line);
            tsql_error(ERR_137, use->name);
        }
    }
    switch (node->kind) {
    case AST_CREATE_VIEW:
    case AST_CREATE_PROCEDURE:
    case AST_CREATE_FUNCTION:
    case AST_CREATE_TRIGGER:
        return false;
    default:
        return true;
    }
}

static void
visit_body(Program *program, AstVisitor visit, void *context)
{
    for (int i = 0; i < AST_LIST_COUNT(program->body); i++)
        if (visit(program->body->items[i], context))
            ast_walk(program->body->items[i], visit, context);
}

static void
add_parameters(Declarations *declarations, const AstList *params)
{
    Program *program = declarations->program;

    for (int i = 0; i < AST_LIST_COUNT(params); i++) {
        AstRoutineParam *param = AST_LIST_ITEM(AstRoutineParam, params, i);
        ProgramVariable *variable = add_variable(declarations, param->name, &param->node);

        variable->is_parameter = true;
        variable->is_output = param->output;
        variable->is_readonly = param->readonly;
        variable->default_value = param->default_value;
        variable->declared_at = 0;
        set_type(program, variable, param->type, param->node.line);
    }
    program->parameter_count = program->variable_count;
}

/* Collects the variables of the body after the parameters are in, and checks that every one used
 * is declared before: the compile errors of a batch, raised before anything of it runs. */
void
program_declare(Program *program, const AstList *params, bool check_uses)
{
    Declarations declarations = {program, 0};

    add_parameters(&declarations, params);
    if (program->routine != NULL && program->routine->kind == AST_CREATE_FUNCTION) {
        const AstCreateRoutine *function = (const AstCreateRoutine *) program->routine;

        if (function->function_form == FUNCTION_MULTI_TABLE && function->table_variable != NULL) {
            ProgramVariable *result =
                add_variable(&declarations, function->table_variable, &function->node);

            result->is_table = true;
            result->declared_at = 0;
            result->table_elements = function->table_elements;
            result->type = sql_type_make(SQL_INT);
            result->pg_type = sql_type_oid(SQL_INT);
            get_typlenbyval(result->pg_type, &result->type_length, &result->type_by_value);
            program->return_variable = program->variable_count - 1;
        }
    }
    visit_body(program, declaration_visitor, &declarations);
    if (check_uses)
        visit_body(program, use_visitor, program);
}

/* ---------------------------------------------------------------- batches */

static void
raise_parse_error(const ParseError *error)
{
    tsql_error_set_line(error->line);
    tsql_raise(error->number, error->severity, error->state, error->message);
}

AstBatch *
program_parse(Program *program, const char *text, size_t length)
{
    ParseOptions options = {.quoted_identifier = program->quoted_identifier};
    ParseError error;
    AstBatch *batch;

    memset(&error, 0, sizeof(error));
    batch = parse_batch(program->arena, text, length, &options, &error);
    if (batch == NULL)
        raise_parse_error(&error);
    return batch;
}

/* A program made of text; not cached yet, in the current memory context's care. */
Program *
program_make(const char *text,
             size_t length,
             const char *parameters,
             size_t parameters_length,
             bool check_uses)
{
    Program *program = program_new();
    AstBatch *batch;
    AstList *params = NULL;
    ParseError error;

    program->quoted_identifier = session_option(OPTION_QUOTED_IDENTIFIER);
    program->key_database = session_context->database;
    batch = program_parse(program, text, length);
    program->text = batch->text;
    program->text_length = batch->text_length;
    program->body = batch->statements;
    if (parameters_length > 0) {
        memset(&error, 0, sizeof(error));
        program->parameters_text = arena_copy(program->arena, parameters, parameters_length);
        program->parameters_length = parameters_length;
        params =
            parse_parameters(program->arena, program->parameters_text, parameters_length, &error);
        if (params == NULL && error.number != 0)
            raise_parse_error(&error);
    } else
        program->parameters_text = "";
    program_declare(program, params, check_uses);
    return program;
}

static uint32
text_hash(const char *text, size_t length, const char *parameters, size_t parameters_length)
{
    uint32 hash = hash_bytes((const unsigned char *) text, length);

    if (parameters_length > 0)
        hash =
            hash_combine(hash, hash_bytes((const unsigned char *) parameters, parameters_length));
    return hash;
}

Program *
program_lookup_text(const char *text,
                    size_t length,
                    const char *parameters,
                    size_t parameters_length,
                    uint32 *hash_out)
{
    uint32 hash = text_hash(text, length, parameters, parameters_length);
    bool quoted = session_option(OPTION_QUOTED_IDENTIFIER);
    dlist_iter iter;

    *hash_out = hash;
    dlist_foreach (iter, program_bucket(hash)) {
        Program *program = dlist_container(Program, chain, iter.cur);

        if (program->hash == hash && program->object_id == 0 && !program->shape_only &&
            program->text_length == length && program->parameters_length == parameters_length &&
            program->quoted_identifier == quoted &&
            program->key_database == session_context->database &&
            memcmp(program->text, text, length) == 0 &&
            memcmp(program->parameters_text, parameters ? parameters : "", parameters_length) ==
                0) {
            program_touch(program);
            return program_ref(program);
        }
    }
    return NULL;
}

Program *
program_for_text(const char *text, size_t length, const char *parameters, size_t parameters_length)
{
    uint32 hash;
    Program *program = program_lookup_text(text, length, parameters, parameters_length, &hash);

    if (program != NULL)
        return program;
    plan_is_binding = true;
    program = program_make(text, length, parameters, parameters_length, true);
    plan_is_binding = false;
    program->hash = hash;
    program_cache_add(program);
    return program;
}

Program *
program_for_describe(const char *text,
                     size_t length,
                     const char *parameters,
                     size_t parameters_length)
{
    return program_make(text, length, parameters, parameters_length, false);
}

/* ---------------------------------------------------------------- modules */

static uint32
module_hash(int32 object_id, int32 number)
{
    return hash_combine(murmurhash32((uint32) object_id), murmurhash32((uint32) number + 77));
}

static void
read_routine(Program *program)
{
    const AstNode *create = program->routine;
    const AstCreateRoutine *routine;

    if (create->kind == AST_CREATE_TRIGGER) {
        program->body = ((const AstCreateTrigger *) create)->body;
        program_declare(program, NULL, true);
        return;
    }
    if (create->kind != AST_CREATE_PROCEDURE && create->kind != AST_CREATE_FUNCTION)
        elog(ERROR, "module %d is not a routine", program->object_id);
    routine = (const AstCreateRoutine *) create;
    program->body = routine->body;
    if (create->kind == AST_CREATE_FUNCTION && routine->function_form == FUNCTION_SCALAR) {
        BindContext context;

        program_bind_context(program, NULL, &context);
        program->return_type = bind_type(routine->returns, NULL, &context, NULL);
    }
    program_declare(program, routine->params, true);
}

static Program *
module_make(const CatalogModule *module)
{
    Program *program = program_new();
    AstBatch *batch;

    program->quoted_identifier = module->quoted_identifier;
    program->object_id = module->object.id;
    program->number = module->number;
    program->version = module->version;
    program->object_type = module->object.type;
    program->name = MemoryContextStrdup(program->memory, module->object.name);
    program->schema_name = MemoryContextStrdup(
        program->memory, module->object.schema_name ? module->object.schema_name : "dbo");
    /* system procedures mean names where they are called */
    program->database =
        module->object.is_system ? session_context->database : module->object.database;
    program->option_mask = OPTION_QUOTED_IDENTIFIER | OPTION_ANSI_NULLS;
    program->options = (module->quoted_identifier ? OPTION_QUOTED_IDENTIFIER : 0) |
                       (module->ansi_nulls ? OPTION_ANSI_NULLS : 0);
    program->execute_as =
        module->execute_as ? MemoryContextStrdup(program->memory, module->execute_as) : NULL;
    batch = program_parse(program, module->definition, strlen(module->definition));
    program->text = batch->text;
    program->text_length = batch->text_length;
    if (AST_LIST_COUNT(batch->statements) != 1)
        elog(ERROR, "module %d holds more than its CREATE statement", program->object_id);
    program->routine = batch->statements->items[0];
    read_routine(program);
    return program;
}

Program *
program_for_module(int32 object_id, int32 number)
{
    uint32 hash = module_hash(object_id, number);
    CatalogModule module;
    Program *program;
    dlist_mutable_iter iter;

    if (number > 1 ? !catalog_module_numbered(object_id, number, &module)
                   : !catalog_module(object_id, &module))
        return NULL;
    dlist_foreach_modify (iter, program_bucket(hash)) {
        program = dlist_container(Program, chain, iter.cur);
        if (program->object_id != object_id || program->number != number)
            continue;
        if (program->version == module.version &&
            (!module.object.is_system || program->database == session_context->database)) {
            program_touch(program);
            return program_ref(program);
        }
        if (program->version != module.version)
            program_unlink(program);
    }
    program = module_make(&module);
    program->hash = hash;
    program_cache_add(program);
    return program;
}
