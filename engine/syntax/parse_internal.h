/*
 * What the parts of the parser share; private to engine/syntax. The parser is recursive descent
 * over an array of all tokens of the batch, so that any distance of look-ahead costs nothing.
 *
 * Failure: parse_fail() fills the ParseError and jumps back to the entry point. Nothing needs
 * cleaning up on the way: all memory is the arena's, which the caller frees.
 * Bounds: parse_enter()/parse_leave() count nesting and check the memory taken; each recursive rule
 * calls them.
 */
#pragma once

#include "lexer.h"
#include "parser.h"

#include <setjmp.h>
#include <string.h>

/* Tokens behind the end that read as TOKEN_EOF, so that look-ahead needs no bounds check. */
#define PARSE_PADDING 8
#define PARSE_MAX_DEPTH 1000
/* Operands of one chain a + b + c ..., whose tree is as deep as the chain is long. */
#define PARSE_MAX_CHAIN 20000
#define PARSE_MAX_MEMORY ((size_t) 1 << 30)

/* What kind of module body, if any, is being parsed. */
typedef enum ModuleKind {
    MODULE_NONE,
    MODULE_PROCEDURE,
    MODULE_SCALAR_FUNCTION,
    MODULE_TABLE_FUNCTION,
    MODULE_TRIGGER,
} ModuleKind;

typedef struct LabelUse {
    struct LabelUse *next;
    const Token *token;
    const char *name;
} LabelUse;

typedef struct Parser {
    Arena *arena;
    const char *text;
    uint32_t length;
    const Token *tokens;
    const Token *token; /* the current one */
    uint8_t *literal_fixed;
    ParseError *error;
    jmp_buf failure;
    size_t memory_limit; /* size of the arena that is too much */
    unsigned entered;    /* calls of parse_enter, to look at the memory now and then */
    int literal_count;
    int depth;
    int loop_depth;
    int catch_depth;
    ModuleKind module;
    bool batch_start; /* no statement has begun yet */
    bool in_schema;   /* inside CREATE SCHEMA, whose views and tables are no statements */
    LabelUse *labels;
    LabelUse *gotos;
} Parser;

/* ---- errors (parser.c) ---- */

/* Raises `number`, with `argument` (may be NULL) for its %s, at the line of `token`. */
_Noreturn void parse_fail(Parser *p, int number, const Token *token, const char *argument);

/* Raises 102 or 156 (or the lexical error) at the current token. */
_Noreturn void parse_syntax_error(Parser *p);
_Noreturn void parse_syntax_error_at(Parser *p, const Token *token);

/* The token's text as error messages show it (unquoted), in the arena. */
const char *parse_token_text(Parser *p, const Token *token);

/* Counts one level of nesting; raises 191 or 701. */
void parse_check_limits(Parser *p);

static inline void
parse_enter(Parser *p)
{
    if (++p->depth > PARSE_MAX_DEPTH || (++p->entered & 63) == 0)
        parse_check_limits(p);
}

static inline void
parse_leave(Parser *p)
{
    p->depth--;
}

/* ---- tokens ---- */

static inline bool
at(const Parser *p, TokenType type)
{
    return p->token->type == type;
}

static inline bool
at_keyword(const Parser *p, Keyword keyword)
{
    return p->token->keyword == keyword && p->token->type == TOKEN_WORD;
}

static inline bool
next_is(const Parser *p, int ahead, TokenType type)
{
    return p->token[ahead].type == type;
}

static inline bool
next_keyword(const Parser *p, int ahead, Keyword keyword)
{
    return p->token[ahead].keyword == keyword && p->token[ahead].type == TOKEN_WORD;
}

static inline void
advance(Parser *p)
{
    if (p->token->type != TOKEN_EOF)
        p->token++;
}

static inline bool
accept(Parser *p, TokenType type)
{
    if (p->token->type != type)
        return false;
    advance(p);
    return true;
}

static inline bool
accept_keyword(Parser *p, Keyword keyword)
{
    if (!at_keyword(p, keyword))
        return false;
    p->token++;
    return true;
}

/* Both words, or neither. */
static inline bool
accept_keywords(Parser *p, Keyword first, Keyword second)
{
    if (!at_keyword(p, first) || !next_keyword(p, 1, second))
        return false;
    p->token += 2;
    return true;
}

static inline void
expect(Parser *p, TokenType type)
{
    if (!accept(p, type))
        parse_syntax_error(p);
}

static inline void
expect_keyword(Parser *p, Keyword keyword)
{
    if (!accept_keyword(p, keyword))
        parse_syntax_error(p);
}

/* A regular identifier that is no reserved word, or a quoted one. */
static inline bool
token_is_name(const Token *token)
{
    return (token->type == TOKEN_WORD &&
            (token->keyword == KEYWORD_NONE || token->keyword >= KEYWORD_FIRST_CONTEXTUAL)) ||
           token->type == TOKEN_QUOTED;
}

static inline bool
at_name(const Parser *p)
{
    return token_is_name(p->token);
}

/* Does the current word, reserved or not, read `word` (upper case)? For rare words that are not
 * worth a keyword. */
bool at_word(const Parser *p, const char *word);
bool accept_word(Parser *p, const char *word);

/* The token after the `)` that closes the `(` at `open`; the end if none does. */
const Token *parse_after_parens(const Token *open);

/* ---- nodes (parser.c) ---- */

/* A zeroed node that begins at the current token. */
void *parse_node(Parser *p, size_t size, AstKind kind);
#define NODE(p, Type, kind) ((Type *) parse_node(p, sizeof(Type), kind))

/* Ends the node behind the last token consumed. Returns it, for `return parse_end(...)`. */
static inline void *
parse_end(Parser *p, void *node)
{
    ((AstNode *) node)->end = p->token > p->tokens ? p->token[-1].end : 0;
    return node;
}

/* Begins `node` where `first` begins (left operands). */
static inline void
parse_begin_at(void *node, const AstNode *first)
{
    ((AstNode *) node)->start = first->start;
    ((AstNode *) node)->line = first->line;
}

void parse_append(Parser *p, AstList **list, void *node);
#define NEW(p, Type) ((Type *) arena_alloc((p)->arena, sizeof(Type)))

/* Growing array of strings. */
typedef struct NameArray {
    int count, capacity;
    const char **items;
} NameArray;
void parse_add_name(Parser *p, NameArray *array, const char *name);

/* ---- names, words, values (parse_name.c) ---- */

/* The current token as an identifier, unquoted; not consumed. */
const char *parse_identifier_text(Parser *p, const Token *token);
const char *parse_identifier(Parser *p);
/* An identifier for which a reserved word is good too (PUBLIC, option names). */
const char *parse_any_word(Parser *p);
/* Same, in upper case; and with the following words appended while they are words. */
const char *parse_upper_word(Parser *p);
/* An identifier, or a string taken for one (aliases, logins): the literal's value is then fixed. */
const char *parse_identifier_or_string(Parser *p);
void parse_name(Parser *p, AstName *name);
const char *parse_variable(Parser *p);
/* (a, b, c) into an array. */
const char **parse_name_list(Parser *p, int *count);
/* The value of a string token used as text by the parser itself (not an AstLiteral). */
const char *parse_string_text(Parser *p);
int32_t parse_small_integer(Parser *p);
AstLiteral *parse_literal(Parser *p);
AstType *parse_data_type(Parser *p);

/* ---- options (parse_option.c) ---- */

/* name [= value] ..., of one option */
AstOption *parse_option(Parser *p);
/* ( option, ... ) */
AstList *parse_option_list(Parser *p);
/* option, option ... without parentheses */
AstList *parse_option_sequence(Parser *p);
/* Two words with a blank between them. */
const char *parse_join(Parser *p, const char *first, const char *second);
/* A word, as an option without a value yet. */
AstOption *parse_word_option(Parser *p);
/* An option of that name that begins at the current token. */
AstOption *parse_make_option(Parser *p, const char *name);

/* ---- expressions (parse_expr.c) ---- */

AstNode *parse_scalar(Parser *p);
AstNode *parse_predicate(Parser *p);
/* Either: for stored DEFAULT and CHECK definitions. */
AstNode *parse_scalar_or_predicate(Parser *p);
/* A literal with an optional sign. */
AstNode *parse_signed_literal(Parser *p);
/* signed literal, variable: what statements take that take no full expression. */
AstNode *parse_simple_value(Parser *p);
AstNode *parse_string_or_variable(Parser *p);
AstColumnRef *parse_column_ref(Parser *p);
AstList *parse_expression_list(Parser *p);
AstNode *parse_variable_node(Parser *p);
/* ( ... ), EXISTS (...), and everything that begins a scalar but signs and literals;
 * `either`: a condition in parentheses is welcome too (parse_primary.c) */
AstNode *parse_parenthesised(Parser *p, bool either);
AstNode *parse_exists(Parser *p);
AstNode *parse_primary(Parser *p, bool either);
bool parse_is_method(const char *name);
AstWindow *parse_window_body(Parser *p);
AstFunctionCall *parse_function_call_rest(Parser *p, const AstName *name, const Token *first);
Operator parse_assign_operator(Parser *p);
bool parse_at_assignment(const Token *token);

/* ---- queries and table sources (parse_query.c, parse_from.c) ---- */

/* A query with its ORDER BY etc.; `hints`: OPTION (...) may follow. */
AstNode *parse_query(Parser *p, bool hints);
/* SELECT ... statement, after WITH ctes. */
AstNode *parse_with_statement(Parser *p);
AstValues *parse_values(Parser *p);
AstList *parse_select_items(Parser *p);
AstList *parse_order_list(Parser *p);
void parse_top(Parser *p, AstNode **top, bool *percent, bool *with_ties);
AstList *parse_query_hints(Parser *p);
/* At SELECT, or at a parenthesis that begins a UNION of parenthesised queries? */
bool parse_at_query(const Parser *p);
/* UNION, EXCEPT, INTERSECT? */
bool parse_is_set_operator(const Token *token);
AstList *parse_ctes(Parser *p);
/* A query with its OPTION clause and the WITH that may stand before it. */
AstNode *parse_query_or_ctes(Parser *p);
AstList *parse_from_list(Parser *p);
AstNode *parse_table_source(Parser *p);
/* `bare_hints`: (TABLOCK) without WITH may follow, which for INSERT would be a column list. */
AstTableRef *parse_dml_target(Parser *p, bool bare_hints);
AstList *parse_table_hints(Parser *p);
bool parse_at_alias(const Parser *p);
const char *parse_alias(Parser *p);

/* ---- statements ---- */

AstNode *parse_statement(Parser *p);
/* Statements up to (not including) a token that cannot begin one. */
AstList *parse_statements(Parser *p, bool first_in_batch);
AstNode *parse_select_statement(Parser *p);
/* parse_function_rules.c: raises 443 or 444 for what a function's body may not hold */
void parse_check_function_statement(Parser *p, const Token *first, AstNode *node);
/* parse_dml.c: `ctes` were parsed before */
AstNode *parse_insert(Parser *p, AstList *ctes);
AstNode *parse_update(Parser *p, AstList *ctes);
AstNode *parse_delete(Parser *p, AstList *ctes);
AstNode *parse_merge(Parser *p, AstList *ctes);
AstNode *parse_truncate(Parser *p);
AstNode *parse_bulk_insert(Parser *p);
/* parse_flow.c */
AstNode *parse_flow_statement(Parser *p);
/* Equal but for the case of ASCII letters? */
bool parse_same_name(const char *a, const char *b);
AstNode *parse_begin(Parser *p);
AstNode *parse_throw(Parser *p);
AstNode *parse_label(Parser *p);
/* parse_execute.c */
AstNode *parse_execute(Parser *p);
AstNode *parse_bare_call(Parser *p);
AstNode *parse_odbc_call(Parser *p);
AstNode *parse_execute_as(Parser *p);
AstNode *parse_revert(Parser *p);
/* parse_variable.c */
AstNode *parse_declare(Parser *p);
AstNode *parse_set(Parser *p);
/* parse_cursor.c */
AstNode *parse_declare_cursor(Parser *p);
AstDeclareCursor *parse_cursor_definition(Parser *p);
AstNode *parse_cursor_statement(Parser *p);
/* parse_session.c */
AstNode *parse_transaction(Parser *p);
AstNode *parse_set_option(Parser *p);
AstNode *parse_session_statement(Parser *p);
AstNode *parse_backup_restore(Parser *p);
/* parse_ddl_table.c */
AstList *parse_table_elements(Parser *p);
AstList *parse_bare_elements(Parser *p);
AstList *parse_index_options(Parser *p);
signed char parse_clustered(Parser *p);
AstColumnDef *parse_column_def(Parser *p);
AstNode *parse_create_table(Parser *p);
AstNode *parse_alter_table(Parser *p);
AstConstraint *parse_constraint(Parser *p, bool column_level);
AstIndexColumn *parse_index_columns(Parser *p, int *count);
const char *parse_filegroup(Parser *p);
/* parse_ddl_index.c */
AstNode *parse_create_index(Parser *p);
AstNode *parse_alter_index(Parser *p);
AstCreateIndex *parse_inline_index(Parser *p);
AstNode *parse_create_statistics(Parser *p);
AstNode *parse_update_statistics(Parser *p);
/* parse_ddl_module.c: after CREATE / ALTER / CREATE OR ALTER, begun at `first` */
AstNode *parse_create_view(Parser *p, CreateForm form, const Token *first);
AstNode *parse_create_procedure(Parser *p, CreateForm form, const Token *first);
AstNode *parse_create_function(Parser *p, CreateForm form, const Token *first);
AstNode *parse_create_trigger(Parser *p, CreateForm form, const Token *first);
AstNode *parse_enable_trigger(Parser *p);
AstRoutineParam *parse_routine_param(Parser *p);
/* parse_ddl.c: dispatch of CREATE, ALTER, DROP and the small objects */
AstNode *parse_create(Parser *p, bool first_in_batch);
AstNode *parse_alter(Parser *p, bool first_in_batch);
AstNode *parse_drop(Parser *p);
/* parse_ddl_database.c */
AstNode *parse_create_database(Parser *p, const Token *first);
AstNode *parse_alter_database(Parser *p, const Token *first);
/* parse_ddl_security.c */
AstNode *parse_create_principal(Parser *p, CreateForm form, const Token *first);
AstNode *parse_create_schema(Parser *p, const Token *first);
AstNode *parse_alter_schema(Parser *p, const Token *first);
AstNode *parse_alter_authorization(Parser *p, const Token *first);
AstNode *parse_permission(Parser *p);
