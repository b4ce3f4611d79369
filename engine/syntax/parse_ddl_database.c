/*
 * CREATE DATABASE and ALTER DATABASE. Files and file groups are kept as options: the engine has no
 * use for them but must accept what scripts say.
 */
#include "parse_internal.h"

static void
begin_at(void *node, const Token *first)
{
    ((AstNode *) node)->line = first->line;
    ((AstNode *) node)->start = first->start;
}

/* One file specification, ( NAME = x, FILENAME = '...', ... ), as an option with a list */
static void
file_specs(Parser *p, AstList **options, const char *what)
{
    do {
        AstOption *option = parse_make_option(p, what);

        if (at(p, TOKEN_COMMA))
            continue;
        if (at_keyword(p, KW_FILEGROUP)) {
            advance(p);
            option->name = "FILEGROUP";
            option->word = parse_identifier(p);
            while (at(p, TOKEN_WORD) && !at_keyword(p, KW_LOG))
                advance(p); /* CONTAINS FILESTREAM, DEFAULT */
        } else if (at_keyword(p, KW_LOG)) {
            return;
        }
        option->list = parse_option_list(p);
        parse_append(p, options, parse_end(p, option));
    } while (accept(p, TOKEN_COMMA));
}

/* ON [PRIMARY] files [LOG ON files] */
static void
database_files(Parser *p, AstCreateDatabase *node)
{
    if (accept_keyword(p, KW_ON)) {
        (void) accept_keyword(p, KW_PRIMARY);
        file_specs(p, &node->options, "FILE");
    }
    if (accept_keywords(p, KW_LOG, KW_ON))
        file_specs(p, &node->options, "LOG");
}

AstNode *
parse_create_database(Parser *p, const Token *first)
{
    AstCreateDatabase *node = NODE(p, AstCreateDatabase, AST_CREATE_DATABASE);

    begin_at(node, first);
    advance(p);
    node->name = parse_identifier(p);
    if (at_word(p, "CONTAINMENT"))
        parse_append(p, &node->options, parse_option(p));
    database_files(p, node);
    if (accept_keyword(p, KW_COLLATE))
        node->collation = parse_identifier(p);
    if (at_keyword(p, KW_FOR) &&
        (next_keyword(p, 1, KW_ATTACH) || next_keyword(p, 1, KW_ATTACH_REBUILD_LOG) ||
         next_keyword(p, 1, KW_LOAD))) {
        p->token += 2;
        node->for_attach = true;
    }
    if (at_keyword(p, KW_AS) && next_keyword(p, 1, KW_SNAPSHOT)) {
        p->token += 2;
        expect_keyword(p, KW_OF);
        node->snapshot_of = parse_identifier(p);
    }
    if (at_keyword(p, KW_WITH) && next_is(p, 1, TOKEN_WORD) && !next_keyword(p, 2, KW_AS) &&
        !next_is(p, 2, TOKEN_LPAREN)) {
        AstList *more;

        advance(p);
        more = parse_option_sequence(p);
        for (int i = 0; i < more->count; i++)
            parse_append(p, &node->options, more->items[i]);
    }
    return parse_end(p, node);
}

/* ---- ALTER DATABASE ---- */

/* name [=] value [(list)] of SET: RECOVERY SIMPLE, SINGLE_USER, QUERY_STORE = ON (...) */
static AstOption *
set_option(Parser *p)
{
    AstOption *option = parse_make_option(p, NULL);

    option->name = parse_upper_word(p);
    if (accept(p, TOKEN_EQ)) {
        if (token_is_literal(p->token)) {
            option->value = parse_simple_value(p);
            if (at_name(p))
                option->word = parse_upper_word(p); /* MINUTES, DAYS */
        } else if (!at(p, TOKEN_LPAREN))
            option->word = parse_any_word(p);
    } else if (at(p, TOKEN_WORD) && !at_keyword(p, KW_WITH) &&
               (at_keyword(p, KW_ON) || at_keyword(p, KW_OFF) || at_name(p) ||
                at_keyword(p, KW_FULL)))
        option->word = parse_upper_word(p);
    else if (token_is_literal(p->token))
        option->value = parse_simple_value(p);
    if (at(p, TOKEN_LPAREN))
        option->list = parse_option_list(p);
    return parse_end(p, option);
}

/* WITH ROLLBACK IMMEDIATE | ROLLBACK AFTER n [SECONDS] | NO_WAIT */
static void
termination(Parser *p, AstAlterDatabase *node)
{
    if (!at_keyword(p, KW_WITH) ||
        !(next_keyword(p, 1, KW_ROLLBACK) || next_keyword(p, 1, KW_NO_WAIT)))
        return;
    advance(p);
    if (accept_keyword(p, KW_NO_WAIT)) {
        node->termination = "NO_WAIT";
        return;
    }
    advance(p);
    if (accept_keyword(p, KW_IMMEDIATE))
        node->termination = "ROLLBACK IMMEDIATE";
    else {
        expect_keyword(p, KW_AFTER);
        (void) parse_small_integer(p);
        (void) accept_word(p, "SECONDS");
        node->termination = "ROLLBACK AFTER";
    }
}

/* ADD FILE (...), ADD LOG FILE (...), MODIFY FILE (...), REMOVE FILE x, ADD FILEGROUP x ...: all
 * kept as one option whose name is the words */
static void
file_statement(Parser *p, AstAlterDatabase *node)
{
    AstOption *option = parse_make_option(p, NULL);

    option->name = parse_upper_word(p);
    while (at_keyword(p, KW_LOG) || at_keyword(p, KW_FILE) || at_keyword(p, KW_FILEGROUP))
        option->name = parse_join(p, option->name, parse_upper_word(p));
    if (at_name(p))
        option->word = parse_identifier(p);
    if (at(p, TOKEN_LPAREN)) {
        option->list = parse_option_list(p);
        while (accept(p, TOKEN_COMMA)) {
            AstList *more = parse_option_list(p);

            for (int i = 0; i < more->count; i++)
                parse_append(p, &option->list, more->items[i]);
        }
    } else if (at_keyword(p, KW_DEFAULT) || at_keyword(p, KW_NAME) || at_name(p)) {
        parse_append(p, &option->list, parse_option(p));
    }
    if (accept_keyword(p, KW_TO)) {
        expect_keyword(p, KW_FILEGROUP);
        (void) parse_identifier(p);
    }
    parse_append(p, &node->file_options, parse_end(p, option));
}

/* SCOPED CONFIGURATION SET name = value | CLEAR name */
static void
scoped_configuration(Parser *p, AstAlterDatabase *node)
{
    node->scoped_configuration = true;
    p->token += 2;
    if (accept_keyword(p, KW_FOR))
        expect_keyword(p, KW_SECONDARY);
    if (accept_keyword(p, KW_SET))
        parse_append(p, &node->file_options, set_option(p));
    else if (accept_word(p, "CLEAR"))
        parse_append(p, &node->file_options, parse_option(p));
    else
        parse_syntax_error(p);
}

AstNode *
parse_alter_database(Parser *p, const Token *first)
{
    AstAlterDatabase *node = NODE(p, AstAlterDatabase, AST_ALTER_DATABASE);

    begin_at(node, first);
    advance(p);
    if (at_keyword(p, KW_SCOPED) && next_keyword(p, 1, KW_CONFIGURATION)) {
        scoped_configuration(p, node);
        return parse_end(p, node);
    }
    if (!accept_keyword(p, KW_CURRENT))
        node->name = parse_identifier(p);
    if (accept_keyword(p, KW_SET)) {
        do
            parse_append(p, &node->set_options, set_option(p));
        while (accept(p, TOKEN_COMMA));
        termination(p, node);
    } else if (accept_keyword(p, KW_COLLATE))
        node->collation = parse_identifier(p);
    else if (accept_keywords(p, KW_MODIFY, KW_NAME)) {
        expect(p, TOKEN_EQ);
        node->modify_name = parse_identifier(p);
    } else if (at_keyword(p, KW_ADD) || at_keyword(p, KW_MODIFY) || at_keyword(p, KW_REMOVE))
        file_statement(p, node);
    else
        parse_syntax_error(p);
    return parse_end(p, node);
}
