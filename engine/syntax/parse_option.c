/*
 * Options: name [= value | (list)], as WITH (...), SET, OPTION and hint lists have them. One
 * grammar for all: which names and values are known is the business of those who carry them out.
 */
#include "parse_internal.h"

AstOption *
parse_make_option(Parser *p, const char *name)
{
    AstOption *option = NODE(p, AstOption, AST_OPTION);

    option->name = name;
    return option;
}

AstOption *
parse_word_option(Parser *p)
{
    AstOption *option = NODE(p, AstOption, AST_OPTION);

    option->name = parse_upper_word(p);
    return parse_end(p, option);
}

static bool
ends_option(const Parser *p)
{
    return at(p, TOKEN_COMMA) || at(p, TOKEN_RPAREN) || at(p, TOKEN_SEMICOLON) || at(p, TOKEN_EOF);
}

/* May this word continue the name of an option? Reserved words only where an option has them
 * (HASH GROUP, MERGE UNION, OPTIMIZE FOR ...): another one begins the next statement. */
static bool
continues_name(const Parser *p)
{
    switch (p->token->keyword) {
    case KW_GROUP:
    case KW_ORDER:
    case KW_UNION:
    case KW_JOIN:
    case KW_PLAN:
    case KW_FOR:
    case KW_FULL:
    case KW_DEFAULT:
    case KW_ASC:
    case KW_DESC:
        return true;
    default:
        return at(p, TOKEN_WORD) && at_name(p);
    }
}

const char *
parse_join(Parser *p, const char *first, const char *second)
{
    size_t length = strlen(first);
    size_t more = strlen(second);
    char *joined;

    if (length + more > 1024) /* no name has so many words; keeps the copying bounded */
        parse_syntax_error(p);
    joined = arena_alloc(p->arena, length + more + 2);
    memcpy(joined, first, length);
    joined[length] = ' ';
    memcpy(joined + length + 1, second, more);
    return joined;
}

/* Words joined by one blank, in upper case, until something else comes. */
static const char *
joined_words(Parser *p)
{
    const char *words = parse_upper_word(p);

    while (continues_name(p))
        words = parse_join(p, words, parse_upper_word(p));
    return words;
}

/* A value behind the name: word, literal (with a unit: 10 MB, 5 MINUTES, 10 %), variable. */
static void
option_value(Parser *p, AstOption *option)
{
    if (token_is_literal(p->token) || at(p, TOKEN_MINUS) || at(p, TOKEN_PLUS) ||
        at(p, TOKEN_VARIABLE) || at(p, TOKEN_GLOBAL) || at_keyword(p, KW_NULL)) {
        option->value = parse_simple_value(p);
        if (accept(p, TOKEN_PERCENT))
            option->word = "%";
        else if (at_keyword(p, KW_PERCENT) || (at(p, TOKEN_WORD) && at_name(p)))
            option->word = parse_upper_word(p);
    } else if (at(p, TOKEN_WORD) || at(p, TOKEN_QUOTED)) {
        option->word = parse_any_word(p);
        while (at(p, TOKEN_DOT)) {
            /* a name of several parts: HISTORY_TABLE = dbo.h, FUNCTION = dbo.f */
            advance(p);
            parse_append(p, &option->list, parse_option(p));
        }
    } else if (!at(p, TOKEN_LPAREN))
        parse_syntax_error(p);
}

/* ON PARTITIONS (1, 2 TO 4) behind a value */
static void
option_partitions(Parser *p, AstOption *option)
{
    AstOption *partitions;

    if (!at_keyword(p, KW_ON) || !next_keyword(p, 1, KW_PARTITIONS))
        return;
    advance(p);
    partitions = parse_make_option(p, "PARTITIONS");
    advance(p);
    partitions->list = parse_option_list(p);
    parse_append(p, &option->list, parse_end(p, partitions));
}

AstOption *
parse_option(Parser *p)
{
    AstOption *option = NODE(p, AstOption, AST_OPTION);

    parse_enter(p);
    if (at(p, TOKEN_VARIABLE)) {
        /* OPTIMIZE FOR (@x = 1, @y UNKNOWN) */
        option->name = parse_variable(p);
        if (at(p, TOKEN_WORD))
            option->word = parse_upper_word(p);
    } else if (token_is_literal(p->token) || at(p, TOKEN_MINUS)) {
        option->name = "";
        option_value(p, option);
        if (accept_keyword(p, KW_TO))
            parse_append(p, &option->list, parse_simple_value(p));
    } else if (at(p, TOKEN_QUOTED))
        option->name = parse_any_word(p);
    else
        option->name = joined_words(p);
    if (accept(p, TOKEN_EQ))
        option_value(p, option);
    else if (at_keyword(p, KW_ON) && !next_keyword(p, 1, KW_PARTITIONS))
        option->word = parse_upper_word(p);
    else if (!ends_option(p) && *option->name != '\0' &&
             (token_is_literal(p->token) || at(p, TOKEN_VARIABLE))) {
        option_value(p, option);
        if (accept_keyword(p, KW_TO)) /* MOVE 'file' TO 'path' */
            parse_append(p, &option->list, parse_simple_value(p));
    }
    if (at(p, TOKEN_LPAREN)) {
        AstList *list = parse_option_list(p);

        for (int i = 0; i < AST_LIST_COUNT(list); i++)
            parse_append(p, &option->list, list->items[i]);
    }
    option_partitions(p, option);
    parse_leave(p);
    return parse_end(p, option);
}

AstList *
parse_option_sequence(Parser *p)
{
    AstList *list = NULL;

    do
        parse_append(p, &list, parse_option(p));
    while (accept(p, TOKEN_COMMA));
    return list;
}

AstList *
parse_option_list(Parser *p)
{
    AstList *list;

    expect(p, TOKEN_LPAREN);
    list = parse_option_sequence(p);
    expect(p, TOKEN_RPAREN);
    return list;
}
