/*
 * Modules: views, procedures, functions, triggers. A module's text runs to the end of its batch: it
 * must be the batch's only statement, and all statements behind AS are its body.
 */
#include "parse_internal.h"

/* Makes the module's node begin at its first word (CREATE, ALTER). */
static void
begin_module(void *node, const Token *first)
{
    ((AstNode *) node)->line = first->line;
    ((AstNode *) node)->start = first->start;
}

/* Nothing may follow a module but semicolons. */
static void
expect_batch_end(Parser *p)
{
    while (accept(p, TOKEN_SEMICOLON))
        ;
    if (!at(p, TOKEN_EOF))
        parse_syntax_error(p);
}

/* The statements of a body of the given kind, up to the end of the batch. */
static AstList *
module_body(Parser *p, ModuleKind kind)
{
    AstList *body;

    p->module = kind;
    body = parse_statements(p, false);
    p->module = MODULE_NONE;
    if (body == NULL || !at(p, TOKEN_EOF))
        parse_syntax_error(p);
    return body;
}

/* EXECUTE AS CALLER | SELF | OWNER | 'user' */
static AstOption *
execute_as_option(Parser *p)
{
    AstOption *option = parse_make_option(p, "EXECUTE AS");

    p->token += 2;
    if (at(p, TOKEN_STRING) || at(p, TOKEN_NSTRING))
        option->value = (AstNode *) parse_literal(p);
    else
        option->word = parse_upper_word(p);
    return parse_end(p, option);
}

/* WITH option, ... of a module */
static AstList *
module_options(Parser *p)
{
    AstList *list = NULL;

    if (!accept_keyword(p, KW_WITH))
        return NULL;
    do {
        if ((at_keyword(p, KW_EXECUTE) || at_keyword(p, KW_EXEC)) && next_keyword(p, 1, KW_AS))
            parse_append(p, &list, execute_as_option(p));
        else {
            AstOption *option;

            if (!at(p, TOKEN_WORD))
                parse_syntax_error(p);
            option = parse_word_option(p);
            if (strcmp(option->name, "RETURNS") == 0 || strcmp(option->name, "CALLED") == 0) {
                /* RETURNS NULL ON NULL INPUT, CALLED ON NULL INPUT */
                (void) accept_keyword(p, KW_NULL);
                expect_keyword(p, KW_ON);
                expect_keyword(p, KW_NULL);
                expect_keyword(p, KW_INPUT);
            } else if (accept(p, TOKEN_EQ))
                option->word = parse_upper_word(p);
            parse_append(p, &list, parse_end(p, option));
        }
    } while (accept(p, TOKEN_COMMA));
    return list;
}

/* ---- views ---- */

static void
view_options(Parser *p, AstCreateView *view)
{
    if (!accept_keyword(p, KW_WITH))
        return;
    do {
        if (accept_keyword(p, KW_SCHEMABINDING))
            view->schema_binding = true;
        else if (accept_keyword(p, KW_ENCRYPTION))
            view->encryption = true;
        else if (accept_keyword(p, KW_VIEW_METADATA))
            view->view_metadata = true;
        else
            parse_syntax_error(p);
    } while (accept(p, TOKEN_COMMA));
}

AstNode *
parse_create_view(Parser *p, CreateForm form, const Token *first)
{
    AstCreateView *view = NODE(p, AstCreateView, AST_CREATE_VIEW);

    begin_module(view, first);
    advance(p);
    view->form = form;
    parse_name(p, &view->name);
    if (at(p, TOKEN_LPAREN))
        view->columns = parse_name_list(p, &view->column_count);
    view_options(p, view);
    expect_keyword(p, KW_AS);
    view->query = parse_query_or_ctes(p);
    if (at_keyword(p, KW_WITH) && next_keyword(p, 1, KW_CHECK)) {
        p->token += 2;
        expect_keyword(p, KW_OPTION);
        view->with_check_option = true;
    }
    parse_end(p, view);
    if (!p->in_schema)
        expect_batch_end(p);
    return &view->node;
}

/* ---- procedures ---- */

/* @name [AS] type [VARYING] [[NOT] NULL] [= default] [OUTPUT] [READONLY] */
AstRoutineParam *
parse_routine_param(Parser *p)
{
    AstRoutineParam *param = NODE(p, AstRoutineParam, AST_ROUTINE_PARAM);

    param->name = parse_variable(p);
    (void) accept_keyword(p, KW_AS);
    param->type = parse_data_type(p);
    param->varying = accept_keyword(p, KW_VARYING);
    if (accept_keyword(p, KW_NULL))
        param->nullable = 1;
    else if (accept_keyword(p, KW_NOT)) {
        expect_keyword(p, KW_NULL);
        param->nullable = -1;
    }
    if (accept(p, TOKEN_EQ)) {
        if (at_name(p)) {
            AstColumnRef *word = NODE(p, AstColumnRef, AST_COLUMN_REF);

            word->column = parse_identifier(p);
            param->default_value = parse_end(p, word);
        } else if (at(p, TOKEN_GLOBAL))
            param->default_value = parse_simple_value(p);
        else
            param->default_value = parse_signed_literal(p);
    }
    for (;;) {
        if (accept_keyword(p, KW_OUTPUT) || accept_keyword(p, KW_OUT))
            param->output = true;
        else if (accept_keyword(p, KW_READONLY))
            param->readonly = true;
        else
            break;
    }
    return parse_end(p, param);
}

static AstList *
routine_params(Parser *p)
{
    AstList *list = NULL;

    do
        parse_append(p, &list, parse_routine_param(p));
    while (accept(p, TOKEN_COMMA));
    return list;
}

AstNode *
parse_create_procedure(Parser *p, CreateForm form, const Token *first)
{
    AstCreateRoutine *routine = NODE(p, AstCreateRoutine, AST_CREATE_PROCEDURE);

    begin_module(routine, first);
    advance(p);
    routine->form = form;
    parse_name(p, &routine->name);
    if (at(p, TOKEN_SEMICOLON) && next_is(p, 1, TOKEN_INTEGER)) {
        advance(p);
        routine->number = parse_small_integer(p);
    }
    if (accept(p, TOKEN_LPAREN)) {
        if (!at(p, TOKEN_RPAREN))
            routine->params = routine_params(p);
        expect(p, TOKEN_RPAREN);
    } else if (at(p, TOKEN_VARIABLE))
        routine->params = routine_params(p);
    routine->options = module_options(p);
    if (accept_keywords(p, KW_FOR, KW_REPLICATION))
        routine->for_replication = true;
    expect_keyword(p, KW_AS);
    routine->body = module_body(p, MODULE_PROCEDURE);
    return parse_end(p, routine);
}

/* ---- functions ---- */

/* RETURN [(] query [)] */
static void
inline_function_body(Parser *p, AstCreateRoutine *routine)
{
    bool parens;

    expect_keyword(p, KW_RETURN);
    parens = at(p, TOKEN_LPAREN) && !parse_at_query(p);
    if (parens)
        advance(p);
    routine->inline_query = parse_query_or_ctes(p);
    if (parens)
        expect(p, TOKEN_RPAREN);
    parse_end(p, routine);
    expect_batch_end(p);
}

/* BEGIN ... RETURN ... END: the last statement must be RETURN. */
static void
function_block(Parser *p, AstCreateRoutine *routine, ModuleKind kind)
{
    const Token *last;
    AstBlock *block;
    AstKind end;

    if (!at_keyword(p, KW_BEGIN))
        parse_syntax_error(p);
    p->module = kind;
    block = (AstBlock *) parse_begin(p);
    p->module = MODULE_NONE;
    if (block->node.kind != AST_BLOCK)
        parse_syntax_error(p);
    end = block->statements->items[block->statements->count - 1]->kind;
    last = p->token - 1;
    if (end != AST_RETURN)
        parse_fail(p, 455, last, NULL);
    parse_append(p, &routine->body, block);
    parse_end(p, routine);
    expect_batch_end(p);
}

AstNode *
parse_create_function(Parser *p, CreateForm form, const Token *first)
{
    AstCreateRoutine *routine = NODE(p, AstCreateRoutine, AST_CREATE_FUNCTION);

    begin_module(routine, first);
    advance(p);
    routine->form = form;
    parse_name(p, &routine->name);
    expect(p, TOKEN_LPAREN);
    if (!at(p, TOKEN_RPAREN))
        routine->params = routine_params(p);
    expect(p, TOKEN_RPAREN);
    expect_keyword(p, KW_RETURNS);
    if (at(p, TOKEN_VARIABLE)) {
        routine->function_form = FUNCTION_MULTI_TABLE;
        routine->table_variable = parse_variable(p);
        expect_keyword(p, KW_TABLE);
        routine->table_elements = parse_table_elements(p);
    } else if (at_keyword(p, KW_TABLE)) {
        routine->function_form = FUNCTION_INLINE_TABLE;
        advance(p);
    } else {
        routine->function_form = FUNCTION_SCALAR;
        routine->returns = parse_data_type(p);
    }
    routine->options = module_options(p);
    (void) accept_keyword(p, KW_AS);
    if (routine->function_form == FUNCTION_INLINE_TABLE)
        inline_function_body(p, routine);
    else
        function_block(p, routine,
                       routine->function_form == FUNCTION_SCALAR ? MODULE_SCALAR_FUNCTION
                                                                 : MODULE_TABLE_FUNCTION);
    return &routine->node;
}

/* ---- triggers ---- */

static void
trigger_events(Parser *p, AstCreateTrigger *trigger)
{
    NameArray events = {0};
    bool ddl = trigger->on_database || trigger->on_all_server;

    do {
        if (ddl)
            parse_add_name(p, &events, parse_upper_word(p));
        else if (accept_keyword(p, KW_INSERT))
            trigger->on_insert = true;
        else if (accept_keyword(p, KW_UPDATE))
            trigger->on_update = true;
        else if (accept_keyword(p, KW_DELETE))
            trigger->on_delete = true;
        else
            parse_syntax_error(p);
    } while (accept(p, TOKEN_COMMA));
    trigger->events = events.items;
    trigger->event_count = events.count;
}

/* table, DATABASE or ALL SERVER behind ON */
static void
trigger_target(Parser *p, AstName *table, bool *on_database, bool *on_all_server)
{
    if (accept_keyword(p, KW_DATABASE))
        *on_database = true;
    else if (accept_keyword(p, KW_ALL)) {
        expect_keyword(p, KW_SERVER);
        *on_all_server = true;
    } else
        parse_name(p, table);
}

AstNode *
parse_create_trigger(Parser *p, CreateForm form, const Token *first)
{
    AstCreateTrigger *trigger = NODE(p, AstCreateTrigger, AST_CREATE_TRIGGER);

    begin_module(trigger, first);
    advance(p);
    trigger->form = form;
    parse_name(p, &trigger->name);
    expect_keyword(p, KW_ON);
    trigger_target(p, &trigger->table, &trigger->on_database, &trigger->on_all_server);
    trigger->options = module_options(p);
    if (accept_keyword(p, KW_INSTEAD)) {
        expect_keyword(p, KW_OF);
        trigger->instead_of = true;
    } else if (!accept_keyword(p, KW_FOR))
        expect_keyword(p, KW_AFTER);
    trigger_events(p, trigger);
    if (at_keyword(p, KW_WITH)) {
        advance(p);
        if (!accept_word(p, "APPEND"))
            parse_syntax_error(p);
    }
    if (accept_keyword(p, KW_NOT)) {
        expect_keyword(p, KW_FOR);
        expect_keyword(p, KW_REPLICATION);
        trigger->not_for_replication = true;
    }
    expect_keyword(p, KW_AS);
    trigger->body = module_body(p, MODULE_TRIGGER);
    return parse_end(p, trigger);
}

/* ENABLE | DISABLE TRIGGER names | ALL ON target */
AstNode *
parse_enable_trigger(Parser *p)
{
    AstEnableTrigger *node = NODE(p, AstEnableTrigger, AST_ENABLE_TRIGGER);
    int capacity = 0;

    node->enable = at_keyword(p, KW_ENABLE);
    p->token += 2;
    if (accept_keyword(p, KW_ALL))
        node->all = true;
    else {
        do {
            if (node->name_count == capacity) {
                AstName *more;

                capacity = capacity ? capacity * 2 : 2;
                more = arena_alloc(p->arena, (size_t) capacity * sizeof(AstName));
                if (node->name_count > 0)
                    memcpy(more, node->names, (size_t) node->name_count * sizeof(AstName));
                node->names = more;
            }
            parse_name(p, &node->names[node->name_count]);
            node->name_count++;
        } while (accept(p, TOKEN_COMMA));
    }
    expect_keyword(p, KW_ON);
    trigger_target(p, &node->table, &node->on_database, &node->on_all_server);
    return parse_end(p, node);
}
