/*
 * ALTER TABLE. The element rules are CREATE TABLE's (parse_ddl_table.c).
 */
#include "parse_internal.h"

/* ADD element, ... */
static void
alter_add(Parser *p, AstAlterTable *node)
{
    node->action = ALTER_ADD;
    advance(p);
    node->elements = parse_bare_elements(p);
}

/* ALTER COLUMN c ADD | DROP property */
static void
alter_column_property(Parser *p, AstAlterTable *node)
{
    AstColumnDef *column = NODE(p, AstColumnDef, AST_COLUMN_DEF);
    NameArray names = {0};

    node->action = ALTER_COLUMN_PROPERTY;
    column->name = parse_identifier(p);
    node->column = parse_end(p, column);
    node->property_add = at_keyword(p, KW_ADD);
    advance(p);
    if (accept_keyword(p, KW_NOT)) {
        expect_keyword(p, KW_FOR);
        expect_keyword(p, KW_REPLICATION);
        parse_add_name(p, &names, "NOT FOR REPLICATION");
    } else {
        parse_add_name(p, &names, parse_upper_word(p));
        if (accept_keyword(p, KW_WITH))
            node->options = parse_option_list(p);
    }
    node->names = names.items;
    node->name_count = names.count;
}

static void
alter_column(Parser *p, AstAlterTable *node)
{
    const Token *first;

    p->token += 2;
    first = p->token;
    if (token_is_name(first) && (next_keyword(p, 1, KW_ADD) || next_keyword(p, 1, KW_DROP))) {
        alter_column_property(p, node);
        return;
    }
    node->action = ALTER_COLUMN;
    node->column = parse_column_def(p);
    if (node->column->type == NULL)
        parse_syntax_error_at(p, first + 1);
    if (at_keyword(p, KW_WITH) && next_is(p, 1, TOKEN_LPAREN)) {
        advance(p);
        node->options = parse_option_list(p);
    }
}

/* One thing to drop, by its name. */
static void
add_drop(Parser *p, AstAlterTable *node, const char *what)
{
    AstOption *option = parse_make_option(p, what);

    option->word = parse_identifier(p);
    parse_append(p, &node->drops, parse_end(p, option));
    if (at_keyword(p, KW_WITH) && next_is(p, 1, TOKEN_LPAREN)) {
        advance(p);
        node->options = parse_option_list(p);
    }
}

/* DROP [CONSTRAINT] a, b, COLUMN c, d, PERIOD FOR SYSTEM_TIME */
static void
alter_drop(Parser *p, AstAlterTable *node)
{
    const char *what = "CONSTRAINT";

    node->action = ALTER_DROP;
    advance(p);
    do {
        if (at_keyword(p, KW_PERIOD) && next_keyword(p, 1, KW_FOR)) {
            AstOption *option = parse_make_option(p, "PERIOD");

            p->token += 2;
            expect_keyword(p, KW_SYSTEM_TIME);
            parse_append(p, &node->drops, parse_end(p, option));
            continue;
        }
        if (accept_keyword(p, KW_COLUMN))
            what = "COLUMN";
        else if (accept_keyword(p, KW_CONSTRAINT))
            what = "CONSTRAINT";
        if (accept_keywords(p, KW_IF, KW_EXISTS))
            node->if_exists = true;
        add_drop(p, node, what);
    } while (accept(p, TOKEN_COMMA));
}

/* ALL or names behind CHECK CONSTRAINT, ENABLE TRIGGER */
static void
alter_names(Parser *p, AstAlterTable *node)
{
    NameArray names = {0};

    if (accept_keyword(p, KW_ALL)) {
        node->all = true;
        return;
    }
    do
        parse_add_name(p, &names, parse_identifier(p));
    while (accept(p, TOKEN_COMMA));
    node->names = names.items;
    node->name_count = names.count;
}

static void
alter_switch(Parser *p, AstAlterTable *node)
{
    node->action = ALTER_SWITCH;
    advance(p);
    if (accept_keyword(p, KW_PARTITION))
        (void) parse_scalar(p);
    expect_keyword(p, KW_TO);
    parse_name(p, &node->target);
    if (accept_keyword(p, KW_PARTITION))
        (void) parse_scalar(p);
    if (at_keyword(p, KW_WITH) && next_is(p, 1, TOKEN_LPAREN)) {
        advance(p);
        node->options = parse_option_list(p);
    }
}

/* REBUILD [PARTITION = ALL | n] [WITH (...)] */
static void
alter_rebuild(Parser *p, AstAlterTable *node)
{
    node->action = ALTER_REBUILD;
    advance(p);
    if (at_keyword(p, KW_PARTITION))
        parse_append(p, &node->options, parse_option(p));
    if (at_keyword(p, KW_WITH) && next_is(p, 1, TOKEN_LPAREN)) {
        AstList *more;

        advance(p);
        more = parse_option_list(p);
        for (int i = 0; i < more->count; i++)
            parse_append(p, &node->options, more->items[i]);
    }
}

static void
alter_trigger_state(Parser *p, AstAlterTable *node)
{
    bool enable = at_keyword(p, KW_ENABLE);
    AstOption *option;

    advance(p);
    if (at_keyword(p, KW_CHANGE_TRACKING)) {
        node->action = ALTER_SET;
        option = parse_option(p);
        option->word = enable ? "ON" : "OFF";
        if (at_keyword(p, KW_WITH) && next_is(p, 1, TOKEN_LPAREN)) {
            advance(p);
            option->list = parse_option_list(p);
        }
        parse_append(p, &node->options, parse_end(p, option));
        return;
    }
    expect_keyword(p, KW_TRIGGER);
    node->action = enable ? ALTER_ENABLE_TRIGGER : ALTER_DISABLE_TRIGGER;
    alter_names(p, node);
}

static void
alter_check_state(Parser *p, AstAlterTable *node)
{
    node->action = at_keyword(p, KW_CHECK) ? ALTER_CHECK_CONSTRAINT : ALTER_NOCHECK_CONSTRAINT;
    advance(p);
    expect_keyword(p, KW_CONSTRAINT);
    alter_names(p, node);
}

AstNode *
parse_alter_table(Parser *p)
{
    AstAlterTable *node = NODE(p, AstAlterTable, AST_ALTER_TABLE);

    p->token += 2;
    parse_name(p, &node->name);
    if (accept_keyword(p, KW_WITH)) {
        if (accept_keyword(p, KW_CHECK))
            node->with_check = true;
        else {
            expect_keyword(p, KW_NOCHECK);
            node->with_nocheck = true;
        }
        if (!at_keyword(p, KW_ADD) && !at_keyword(p, KW_CHECK) && !at_keyword(p, KW_NOCHECK))
            parse_syntax_error(p);
    }
    switch (p->token->keyword) {
    case KW_ADD:
        alter_add(p, node);
        break;
    case KW_ALTER:
        if (!next_keyword(p, 1, KW_COLUMN))
            parse_syntax_error_at(p, p->token + 1);
        alter_column(p, node);
        break;
    case KW_DROP:
        alter_drop(p, node);
        break;
    case KW_CHECK:
    case KW_NOCHECK:
        alter_check_state(p, node);
        break;
    case KW_ENABLE:
    case KW_DISABLE:
        alter_trigger_state(p, node);
        break;
    case KW_REBUILD:
        alter_rebuild(p, node);
        break;
    case KW_SET:
        node->action = ALTER_SET;
        advance(p);
        node->options = parse_option_list(p);
        break;
    case KW_SWITCH:
        alter_switch(p, node);
        break;
    default:
        parse_syntax_error(p);
    }
    return parse_end(p, node);
}
