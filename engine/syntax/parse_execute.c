/*
 * EXECUTE in its forms: a procedure by name or variable, text, the bare call that opens a batch,
 * the ODBC call escape; EXECUTE AS and REVERT.
 */
#include "parse_internal.h"

#include <stdio.h>

/* May the current token begin a parameter, rather than the next statement? */
static bool
at_parameter(const Parser *p)
{
    if (token_is_literal(p->token))
        return true;
    switch (p->token->type) {
    case TOKEN_VARIABLE:
    case TOKEN_GLOBAL:
    case TOKEN_MINUS:
    case TOKEN_PLUS:
        return true;
    default:
        if (at_keyword(p, KW_NULL) || at_keyword(p, KW_DEFAULT))
            return true;
        return at_name(p) && !next_is(p, 1, TOKEN_COLON);
    }
}

/* [@name =] value [OUTPUT] */
static AstExecParam *
parse_exec_param(Parser *p)
{
    AstExecParam *param = NODE(p, AstExecParam, AST_EXEC_PARAM);

    if (at(p, TOKEN_VARIABLE) && next_is(p, 1, TOKEN_EQ)) {
        param->name = parse_variable(p);
        advance(p);
    }
    if (at_keyword(p, KW_DEFAULT)) {
        param->is_default = true;
        param->value = (AstNode *) parse_literal(p);
    } else if (at_name(p)) {
        /* a bare word is a string */
        AstColumnRef *word = NODE(p, AstColumnRef, AST_COLUMN_REF);

        word->column = parse_identifier(p);
        param->value = parse_end(p, word);
    } else
        param->value = parse_simple_value(p);
    if (accept_keyword(p, KW_OUTPUT) || accept_keyword(p, KW_OUT))
        param->output = true;
    return parse_end(p, param);
}

/* Positional parameters may not follow named ones. */
static AstList *
parse_exec_params(Parser *p)
{
    AstList *list = NULL;
    bool named = false;

    do {
        const Token *first = p->token;
        AstExecParam *param = parse_exec_param(p);

        if (named && param->name == NULL) {
            char number[16];

            snprintf(number, sizeof(number), "%d", list->count + 1);
            parse_fail(p, 119, first, number);
        }
        named = param->name != NULL;
        parse_append(p, &list, param);
    } while (accept(p, TOKEN_COMMA));
    return list;
}

/* One result set of WITH RESULT SETS: (column type [NULL | NOT NULL], ...) or AS OBJECT t etc. */
static AstOption *
parse_result_set(Parser *p)
{
    AstOption *set = parse_make_option(p, "");

    if (accept_keyword(p, KW_AS)) {
        set->name = parse_upper_word(p);
        if (!accept_keyword(p, KW_XML) && at_name(p)) {
            AstTableRef *object = NODE(p, AstTableRef, AST_TABLE_REF);

            parse_name(p, &object->name);
            set->value = parse_end(p, object);
        }
        return parse_end(p, set);
    }
    expect(p, TOKEN_LPAREN);
    do
        parse_append(p, &set->list, parse_column_def(p));
    while (accept(p, TOKEN_COMMA));
    expect(p, TOKEN_RPAREN);
    return parse_end(p, set);
}

/* WITH RECOMPILE, RESULT SETS ... */
static void
execute_options(Parser *p, AstExecute *node)
{
    if (!at_keyword(p, KW_WITH) ||
        !(next_keyword(p, 1, KW_RECOMPILE) || next_keyword(p, 1, KW_RESULT)))
        return;
    advance(p);
    do {
        if (accept_keyword(p, KW_RECOMPILE)) {
            node->with_recompile = true;
            continue;
        }
        expect_keyword(p, KW_RESULT);
        expect_keyword(p, KW_SETS);
        if (accept_keyword(p, KW_NONE))
            node->result_sets_none = true;
        else if (!accept_keyword(p, KW_UNDEFINED)) {
            expect(p, TOKEN_LPAREN);
            do
                parse_append(p, &node->result_sets, parse_result_set(p));
            while (accept(p, TOKEN_COMMA));
            expect(p, TOKEN_RPAREN);
        }
    } while (accept(p, TOKEN_COMMA));
}

/* ('text' + @x ... [, parameters]) [AS USER = 'x'] [AT server] */
static void
execute_text(Parser *p, AstExecute *node)
{
    advance(p);
    parse_append(p, &node->text, parse_scalar(p)); /* with its + in it */
    if (accept(p, TOKEN_COMMA))
        node->params = parse_exec_params(p);
    expect(p, TOKEN_RPAREN);
    if (accept_keyword(p, KW_AS)) {
        node->as_login = accept_keyword(p, KW_LOGIN);
        if (!node->as_login)
            expect_keyword(p, KW_USER);
        expect(p, TOKEN_EQ);
        node->as_principal = parse_string_text(p);
    }
    if (accept_keyword(p, KW_AT)) {
        (void) accept_word(p, "DATA_SOURCE");
        node->at_server = parse_identifier(p);
    }
}

/* What is called, its parameters and options; EXECUTE was read. */
static AstNode *
execute_rest(Parser *p, AstExecute *node)
{
    if (at(p, TOKEN_LPAREN)) {
        execute_text(p, node);
        execute_options(p, node);
        return parse_end(p, node);
    }
    if (at(p, TOKEN_VARIABLE) && next_is(p, 1, TOKEN_EQ)) {
        node->return_variable = parse_variable(p);
        advance(p);
    }
    if (at(p, TOKEN_VARIABLE))
        node->name_variable = parse_variable(p);
    else {
        parse_name(p, &node->procedure);
        if (at(p, TOKEN_SEMICOLON) && next_is(p, 1, TOKEN_INTEGER)) {
            advance(p);
            node->procedure_number = parse_small_integer(p);
        }
    }
    if (at_parameter(p))
        node->params = parse_exec_params(p);
    execute_options(p, node);
    return parse_end(p, node);
}

AstNode *
parse_execute(Parser *p)
{
    AstExecute *node = NODE(p, AstExecute, AST_EXECUTE);

    advance(p);
    return execute_rest(p, node);
}

AstNode *
parse_bare_call(Parser *p)
{
    return execute_rest(p, NODE(p, AstExecute, AST_EXECUTE));
}

/* {call procedure[(parameters)]} */
AstNode *
parse_odbc_call(Parser *p)
{
    AstExecute *node = NODE(p, AstExecute, AST_EXECUTE);

    expect(p, TOKEN_LBRACE);
    if (at(p, TOKEN_VARIABLE) && next_is(p, 1, TOKEN_EQ)) {
        node->return_variable = parse_variable(p);
        advance(p);
    }
    expect_keyword(p, KW_CALL);
    parse_name(p, &node->procedure);
    if (accept(p, TOKEN_LPAREN)) {
        if (!at(p, TOKEN_RPAREN))
            node->params = parse_exec_params(p);
        expect(p, TOKEN_RPAREN);
    }
    expect(p, TOKEN_RBRACE);
    return parse_end(p, node);
}

AstNode *
parse_execute_as(Parser *p)
{
    AstExecuteAs *node = NODE(p, AstExecuteAs, AST_EXECUTE_AS);

    p->token += 2;
    if (accept_keyword(p, KW_CALLER)) {
        node->as_caller = true;
        return parse_end(p, node);
    }
    node->as_login = accept_keyword(p, KW_LOGIN);
    if (!node->as_login)
        expect_keyword(p, KW_USER);
    expect(p, TOKEN_EQ);
    node->name = parse_string_or_variable(p);
    if (at_keyword(p, KW_WITH) && next_keyword(p, 1, KW_NO)) {
        p->token += 2;
        expect_keyword(p, KW_REVERT);
        node->no_revert = true;
    } else if (at_keyword(p, KW_WITH) && next_keyword(p, 1, KW_COOKIE)) {
        p->token += 2;
        expect_keyword(p, KW_INTO);
        node->cookie = parse_simple_value(p);
    }
    return parse_end(p, node);
}

AstNode *
parse_revert(Parser *p)
{
    AstExecuteAs *node = NODE(p, AstExecuteAs, AST_EXECUTE_AS);

    advance(p);
    node->is_revert = true;
    if (at_keyword(p, KW_WITH) && next_keyword(p, 1, KW_COOKIE)) {
        p->token += 2;
        expect(p, TOKEN_EQ);
        node->cookie = parse_simple_value(p);
    }
    return parse_end(p, node);
}
