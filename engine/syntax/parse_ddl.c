/*
 * CREATE, ALTER and DROP: which object, and the small objects themselves (types, sequences,
 * synonyms). The larger ones have files of their own.
 */
#include "parse_internal.h"

/* ---- types, sequences, synonyms ---- */

static AstNode *
create_type(Parser *p, const Token *first)
{
    AstCreateType *node = NODE(p, AstCreateType, AST_CREATE_TYPE);

    node->node.line = first->line;
    node->node.start = first->start;
    advance(p);
    parse_name(p, &node->name);
    if (accept_keyword(p, KW_FROM)) {
        node->from = parse_data_type(p);
        if (accept_keyword(p, KW_NULL))
            node->nullable = 1;
        else if (accept_keyword(p, KW_NOT)) {
            expect_keyword(p, KW_NULL);
            node->nullable = -1;
        }
    } else if (accept_keyword(p, KW_EXTERNAL)) {
        expect_keyword(p, KW_NAME);
        node->external_name = parse_identifier(p);
        if (accept(p, TOKEN_DOT))
            node->external_name = parse_identifier(p);
    } else {
        expect_keyword(p, KW_AS);
        expect_keyword(p, KW_TABLE);
        node->elements = parse_table_elements(p);
        if (at_keyword(p, KW_WITH) && next_is(p, 1, TOKEN_LPAREN)) {
            advance(p);
            node->options = parse_option_list(p);
        }
    }
    return parse_end(p, node);
}

static bool
sequence_no_option(Parser *p, AstCreateSequence *node)
{
    if (accept_keyword(p, KW_MINVALUE))
        node->no_minimum = true;
    else if (accept_keyword(p, KW_MAXVALUE))
        node->no_maximum = true;
    else if (accept_keyword(p, KW_CYCLE))
        node->cycle = -1;
    else if (accept_keyword(p, KW_CACHE))
        node->no_cache = true;
    else
        parse_syntax_error(p);
    return true;
}

static bool
sequence_option(Parser *p, AstCreateSequence *node)
{
    switch (p->token->keyword) {
    case KW_AS:
        advance(p);
        node->type = parse_data_type(p);
        return true;
    case KW_START:
        advance(p);
        expect_keyword(p, KW_WITH);
        node->start = parse_signed_literal(p);
        return true;
    case KW_RESTART:
        advance(p);
        node->restart = true;
        if (accept_keyword(p, KW_WITH))
            node->start = parse_signed_literal(p);
        return true;
    case KW_INCREMENT:
        advance(p);
        expect_keyword(p, KW_BY);
        node->increment = parse_signed_literal(p);
        return true;
    case KW_MINVALUE:
        advance(p);
        node->minimum = parse_signed_literal(p);
        return true;
    case KW_MAXVALUE:
        advance(p);
        node->maximum = parse_signed_literal(p);
        return true;
    case KW_CYCLE:
        advance(p);
        node->cycle = 1;
        return true;
    case KW_CACHE:
        advance(p);
        if (at(p, TOKEN_INTEGER))
            node->cache = (AstNode *) parse_literal(p);
        return true;
    case KW_NO:
        advance(p);
        return sequence_no_option(p, node);
    default:
        return false;
    }
}

static AstNode *
create_sequence(Parser *p, CreateForm form, const Token *first)
{
    AstCreateSequence *node = NODE(p, AstCreateSequence, AST_CREATE_SEQUENCE);

    node->node.line = first->line;
    node->node.start = first->start;
    node->form = form;
    advance(p);
    parse_name(p, &node->name);
    while (at(p, TOKEN_WORD) && sequence_option(p, node))
        ;
    return parse_end(p, node);
}

static AstNode *
create_synonym(Parser *p, const Token *first)
{
    AstCreateSynonym *node = NODE(p, AstCreateSynonym, AST_CREATE_SYNONYM);

    node->node.line = first->line;
    node->node.start = first->start;
    advance(p);
    parse_name(p, &node->name);
    expect_keyword(p, KW_FOR);
    parse_name(p, &node->target);
    return parse_end(p, node);
}

/* ---- CREATE and ALTER ---- */

/* Modules and schemas must be alone in their batch. Inside a block they are a plain syntax error.
 */
static void
require_first(Parser *p, bool first_in_batch, const char *what)
{
    if (first_in_batch)
        return;
    if (p->depth > 1)
        parse_syntax_error(p);
    parse_fail(p, 111, p->token, what);
}

/* What CREATE, ALTER and CREATE OR ALTER share; NULL when it is something else. */
static AstNode *
module_statement(Parser *p, CreateForm form, const Token *first, bool first_in_batch)
{
    bool alter = form == FORM_ALTER;

    switch (p->token->keyword) {
    case KW_PROC:
    case KW_PROCEDURE:
        require_first(p, first_in_batch, "CREATE/ALTER PROCEDURE");
        return parse_create_procedure(p, form, first);
    case KW_VIEW:
        require_first(p, first_in_batch, alter ? "ALTER VIEW" : "CREATE VIEW");
        return parse_create_view(p, form, first);
    case KW_FUNCTION:
        require_first(p, first_in_batch, alter ? "ALTER FUNCTION" : "CREATE FUNCTION");
        return parse_create_function(p, form, first);
    case KW_TRIGGER:
        require_first(p, first_in_batch, alter ? "ALTER TRIGGER" : "CREATE TRIGGER");
        return parse_create_trigger(p, form, first);
    default:
        return NULL;
    }
}

/* Not one of the words of the grammar: SQL Server names it. */
static _Noreturn void
unknown_object(Parser *p)
{
    if (at_name(p) && at(p, TOKEN_WORD))
        parse_fail(p, 343, p->token, parse_token_text(p, p->token));
    parse_syntax_error(p);
}

static bool
at_principal(const Parser *p)
{
    switch (p->token->keyword) {
    case KW_LOGIN:
    case KW_USER:
    case KW_ROLE:
        return true;
    case KW_APPLICATION:
    case KW_SERVER:
        return next_keyword(p, 1, KW_ROLE);
    default:
        return false;
    }
}

AstNode *
parse_create(Parser *p, bool first_in_batch)
{
    const Token *first = p->token;
    AstNode *node;

    if (next_keyword(p, 1, KW_TABLE))
        return parse_create_table(p);
    if (next_keyword(p, 1, KW_STATISTICS))
        return parse_create_statistics(p);
    switch (p->token[1].keyword) {
    case KW_UNIQUE:
    case KW_CLUSTERED:
    case KW_NONCLUSTERED:
    case KW_INDEX:
    case KW_COLUMNSTORE:
    case KW_PRIMARY:
    case KW_SPATIAL:
        return parse_create_index(p);
    case KW_XML:
    case KW_FULLTEXT:
        if (next_keyword(p, 2, KW_INDEX))
            return parse_create_index(p);
        break;
    default:
        break;
    }
    advance(p);
    if (at_keyword(p, KW_OR) && next_keyword(p, 1, KW_ALTER)) {
        p->token += 2;
        node = module_statement(p, FORM_CREATE_OR_ALTER, first, first_in_batch);
        if (node == NULL)
            parse_syntax_error(p);
        return node;
    }
    node = module_statement(p, FORM_CREATE, first, first_in_batch);
    if (node != NULL)
        return node;
    if (at_principal(p))
        return parse_create_principal(p, FORM_CREATE, first);
    switch (p->token->keyword) {
    case KW_DATABASE:
        return parse_create_database(p, first);
    case KW_SCHEMA:
        require_first(p, first_in_batch, "CREATE SCHEMA");
        return parse_create_schema(p, first);
    case KW_TYPE:
        return create_type(p, first);
    case KW_SEQUENCE:
        return create_sequence(p, FORM_CREATE, first);
    case KW_SYNONYM:
        return create_synonym(p, first);
    default:
        unknown_object(p);
    }
}

AstNode *
parse_alter(Parser *p, bool first_in_batch)
{
    const Token *first = p->token;
    AstNode *node;

    if (next_keyword(p, 1, KW_TABLE))
        return parse_alter_table(p);
    if (next_keyword(p, 1, KW_INDEX))
        return parse_alter_index(p);
    advance(p);
    node = module_statement(p, FORM_ALTER, first, first_in_batch);
    if (node != NULL)
        return node;
    if (at_principal(p))
        return parse_create_principal(p, FORM_ALTER, first);
    switch (p->token->keyword) {
    case KW_DATABASE:
        return parse_alter_database(p, first);
    case KW_SCHEMA:
        return parse_alter_schema(p, first);
    case KW_SEQUENCE:
        return create_sequence(p, FORM_ALTER, first);
    case KW_AUTHORIZATION:
        return parse_alter_authorization(p, first);
    default:
        unknown_object(p);
    }
}

/* ---- DROP ---- */

static DropType
drop_type(Parser *p)
{
    DropType type;

    switch (p->token->keyword) {
    case KW_TABLE:
        type = DROP_TABLE;
        break;
    case KW_VIEW:
        type = DROP_VIEW;
        break;
    case KW_PROC:
    case KW_PROCEDURE:
        type = DROP_PROCEDURE;
        break;
    case KW_FUNCTION:
        type = DROP_FUNCTION;
        break;
    case KW_TRIGGER:
        type = DROP_TRIGGER;
        break;
    case KW_INDEX:
        type = DROP_INDEX;
        break;
    case KW_SCHEMA:
        type = DROP_SCHEMA;
        break;
    case KW_DATABASE:
        type = DROP_DATABASE;
        break;
    case KW_TYPE:
        type = DROP_TYPE;
        break;
    case KW_SEQUENCE:
        type = DROP_SEQUENCE;
        break;
    case KW_SYNONYM:
        type = DROP_SYNONYM;
        break;
    case KW_STATISTICS:
        type = DROP_STATISTICS;
        break;
    case KW_LOGIN:
        type = DROP_LOGIN;
        break;
    case KW_USER:
        type = DROP_USER;
        break;
    case KW_ROLE:
        type = DROP_ROLE;
        break;
    case KW_SERVER:
        advance(p);
        if (!at_keyword(p, KW_ROLE))
            parse_syntax_error(p);
        type = DROP_SERVER_ROLE;
        break;
    case KW_APPLICATION:
        advance(p);
        if (!at_keyword(p, KW_ROLE))
            parse_syntax_error(p);
        type = DROP_APPLICATION_ROLE;
        break;
    case KW_DEFAULT:
        type = DROP_DEFAULT;
        break;
    case KW_RULE:
        type = DROP_RULE;
        break;
    default:
        unknown_object(p);
    }
    advance(p);
    return type;
}

static void
drop_name(Parser *p, AstDrop *node, int *capacity)
{
    if (node->count == *capacity) {
        int more = *capacity ? *capacity * 2 : 2;
        AstName *names = arena_alloc(p->arena, (size_t) more * sizeof(AstName));
        AstName *tables = arena_alloc(p->arena, (size_t) more * sizeof(AstName));

        if (node->count > 0) {
            memcpy(names, node->names, (size_t) node->count * sizeof(AstName));
            if (node->tables != NULL)
                memcpy(tables, node->tables, (size_t) node->count * sizeof(AstName));
        }
        node->names = names;
        if (node->type == DROP_INDEX)
            node->tables = tables;
        *capacity = more;
    }
    parse_name(p, &node->names[node->count]);
    if (node->type == DROP_INDEX) {
        AstName *name = &node->names[node->count];
        AstName *table = &node->tables[node->count];

        if (accept_keyword(p, KW_ON))
            parse_name(p, table);
        else if (name->schema != NULL) {
            /* table.index of old: the table's parts move to the table */
            table->object = name->schema;
            table->schema = name->database;
            table->database = name->server;
            name->schema = name->database = name->server = NULL;
        } else
            parse_syntax_error(p);
        if (at_keyword(p, KW_WITH) && next_is(p, 1, TOKEN_LPAREN)) {
            advance(p);
            node->options = parse_option_list(p);
        }
    }
    node->count++;
}

AstNode *
parse_drop(Parser *p)
{
    AstDrop *node = NODE(p, AstDrop, AST_DROP);
    int capacity = 0;

    advance(p);
    node->type = drop_type(p);
    if (accept_keywords(p, KW_IF, KW_EXISTS))
        node->if_exists = true;
    do
        drop_name(p, node, &capacity);
    while (accept(p, TOKEN_COMMA));
    if (node->type == DROP_TRIGGER && accept_keyword(p, KW_ON)) {
        if (accept_keyword(p, KW_DATABASE))
            node->on_database = true;
        else {
            expect_keyword(p, KW_ALL);
            expect_keyword(p, KW_SERVER);
            node->on_all_server = true;
        }
    }
    return parse_end(p, node);
}
