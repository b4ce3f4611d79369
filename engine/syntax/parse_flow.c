/*
 * Control of flow: blocks, IF, WHILE, labels, TRY/CATCH, RETURN, THROW, RAISERROR, PRINT, WAITFOR.
 */
#include "parse_internal.h"

bool
parse_same_name(const char *a, const char *b)
{
    for (;; a++, b++) {
        char x = *a >= 'A' && *a <= 'Z' ? (char) (*a + ('a' - 'A')) : *a;
        char y = *b >= 'A' && *b <= 'Z' ? (char) (*b + ('a' - 'A')) : *b;

        if (x != y)
            return false;
        if (x == '\0')
            return true;
    }
}

static void
expect_try_end(Parser *p, Keyword what)
{
    expect_keyword(p, KW_END);
    expect_keyword(p, what);
}

static AstNode *
parse_try(Parser *p)
{
    AstTryCatch *node = NODE(p, AstTryCatch, AST_TRY_CATCH);

    p->token += 2;
    node->try_statements = parse_statements(p, false);
    expect_try_end(p, KW_TRY);
    expect_keyword(p, KW_BEGIN);
    expect_keyword(p, KW_CATCH);
    p->catch_depth++;
    node->catch_statements = parse_statements(p, false);
    p->catch_depth--;
    expect_try_end(p, KW_CATCH);
    return parse_end(p, node);
}

AstNode *
parse_begin(Parser *p)
{
    AstBlock *node;

    switch (p->token[1].keyword) {
    case KW_TRY:
        return parse_try(p);
    case KW_TRAN:
    case KW_TRANSACTION:
    case KW_DISTRIBUTED:
        return parse_transaction(p);
    default:
        break;
    }
    node = NODE(p, AstBlock, AST_BLOCK);
    advance(p);
    if (accept_keyword(p, KW_ATOMIC)) {
        expect_keyword(p, KW_WITH);
        (void) parse_option_list(p);
    }
    node->statements = parse_statements(p, false);
    if (node->statements == NULL)
        parse_syntax_error(p);
    expect_keyword(p, KW_END);
    return parse_end(p, node);
}

static AstNode *
parse_if(Parser *p)
{
    AstIf *node = NODE(p, AstIf, AST_IF);

    advance(p);
    node->condition = parse_predicate(p);
    node->then_branch = parse_statement(p);
    if (at(p, TOKEN_SEMICOLON) && next_keyword(p, 1, KW_ELSE))
        advance(p);
    if (accept_keyword(p, KW_ELSE))
        node->else_branch = parse_statement(p);
    return parse_end(p, node);
}

static AstNode *
parse_while(Parser *p)
{
    AstWhile *node = NODE(p, AstWhile, AST_WHILE);

    advance(p);
    node->condition = parse_predicate(p);
    p->loop_depth++;
    node->body = parse_statement(p);
    p->loop_depth--;
    return parse_end(p, node);
}

/* BREAK and CONTINUE */
static AstNode *
parse_loop_exit(Parser *p, AstKind kind, int error)
{
    AstStatement *node = NODE(p, AstStatement, kind);

    if (p->loop_depth == 0)
        parse_fail(p, error, p->token, NULL);
    advance(p);
    return parse_end(p, node);
}

static LabelUse *
make_label_use(Parser *p, const Token *token, const char *name, LabelUse *next)
{
    LabelUse *use = NEW(p, LabelUse);

    use->token = token;
    use->name = name;
    use->next = next;
    return use;
}

static AstNode *
parse_goto(Parser *p)
{
    AstLabel *node = NODE(p, AstLabel, AST_GOTO);
    const Token *token = p->token;

    advance(p);
    node->name = parse_identifier(p);
    p->gotos = make_label_use(p, token, node->name, p->gotos);
    return parse_end(p, node);
}

AstNode *
parse_label(Parser *p)
{
    AstLabel *node = NODE(p, AstLabel, AST_LABEL);
    const Token *token = p->token;

    node->name = parse_identifier(p);
    expect(p, TOKEN_COLON);
    for (LabelUse *label = p->labels; label != NULL; label = label->next)
        if (parse_same_name(label->name, node->name))
            parse_fail(p, 132, token, node->name);
    p->labels = make_label_use(p, token, node->name, p->labels);
    return parse_end(p, node);
}

/* May the current token begin the value of RETURN, rather than the next statement? */
static bool
at_value(const Parser *p)
{
    if (token_is_literal(p->token))
        return true;
    switch (p->token->type) {
    case TOKEN_VARIABLE:
    case TOKEN_GLOBAL:
    case TOKEN_LPAREN:
    case TOKEN_LBRACE:
    case TOKEN_MINUS:
    case TOKEN_PLUS:
    case TOKEN_TILDE:
        return true;
    case TOKEN_WORD:
        switch (p->token->keyword) {
        case KW_NULL:
        case KW_CASE:
        case KW_CONVERT:
        case KW_TRY_CONVERT:
        case KW_COALESCE:
        case KW_NULLIF:
        case KW_LEFT:
        case KW_RIGHT:
        case KW_CURRENT_TIMESTAMP:
        case KW_CURRENT_USER:
        case KW_CURRENT_DATE:
        case KW_SESSION_USER:
        case KW_SYSTEM_USER:
        case KW_USER:
            return true;
        case KW_THROW:
            return false;
        default:
            break;
        }
        break;
    default:
        break;
    }
    return at_name(p) && !next_is(p, 1, TOKEN_COLON);
}

static AstNode *
parse_return(Parser *p)
{
    AstReturn *node = NODE(p, AstReturn, AST_RETURN);
    const Token *first = p->token;

    advance(p);
    if (at_value(p)) {
        if (p->module != MODULE_PROCEDURE && p->module != MODULE_SCALAR_FUNCTION)
            parse_fail(p, 178, first, NULL);
        node->value = parse_scalar(p);
    }
    return parse_end(p, node);
}

AstNode *
parse_throw(Parser *p)
{
    AstThrow *node = NODE(p, AstThrow, AST_THROW);
    const Token *first = p->token;

    advance(p);
    if (!at(p, TOKEN_INTEGER) && !at(p, TOKEN_VARIABLE) && !at(p, TOKEN_MINUS)) {
        if (p->catch_depth == 0)
            parse_fail(p, 10704, first, NULL);
        return parse_end(p, node);
    }
    node->number = parse_simple_value(p);
    expect(p, TOKEN_COMMA);
    node->message = parse_simple_value(p);
    expect(p, TOKEN_COMMA);
    node->state = parse_simple_value(p);
    return parse_end(p, node);
}

static AstNode *
parse_raiserror(Parser *p)
{
    AstRaiserror *node = NODE(p, AstRaiserror, AST_RAISERROR);

    advance(p);
    expect(p, TOKEN_LPAREN);
    node->message = parse_simple_value(p);
    expect(p, TOKEN_COMMA);
    node->severity = parse_simple_value(p);
    expect(p, TOKEN_COMMA);
    node->state = parse_simple_value(p);
    while (accept(p, TOKEN_COMMA))
        parse_append(p, &node->args, parse_simple_value(p));
    expect(p, TOKEN_RPAREN);
    if (!at_keyword(p, KW_WITH) || !token_is_name(p->token + 1))
        return parse_end(p, node);
    advance(p);
    do {
        if (accept_keyword(p, KW_LOG))
            node->with_log = true;
        else if (accept_keyword(p, KW_NOWAIT))
            node->with_nowait = true;
        else if (accept_keyword(p, KW_SETERROR))
            node->with_seterror = true;
        else
            parse_syntax_error(p);
    } while (accept(p, TOKEN_COMMA));
    return parse_end(p, node);
}

static AstNode *
parse_print(Parser *p)
{
    AstPrint *node = NODE(p, AstPrint, AST_PRINT);

    advance(p);
    node->value = parse_scalar(p);
    return parse_end(p, node);
}

static AstNode *
parse_waitfor(Parser *p)
{
    AstWaitfor *node = NODE(p, AstWaitfor, AST_WAITFOR);

    advance(p);
    node->is_time = at_keyword(p, KW_TIME);
    if (!node->is_time && !at_keyword(p, KW_DELAY))
        parse_syntax_error(p);
    advance(p);
    node->value = parse_simple_value(p);
    return parse_end(p, node);
}

AstNode *
parse_flow_statement(Parser *p)
{
    switch (p->token->keyword) {
    case KW_IF:
        return parse_if(p);
    case KW_WHILE:
        return parse_while(p);
    case KW_BREAK:
        return parse_loop_exit(p, AST_BREAK, 135);
    case KW_CONTINUE:
        return parse_loop_exit(p, AST_CONTINUE, 136);
    case KW_GOTO:
        return parse_goto(p);
    case KW_RETURN:
        return parse_return(p);
    case KW_PRINT:
        return parse_print(p);
    case KW_RAISERROR:
        return parse_raiserror(p);
    default:
        return parse_waitfor(p);
    }
}
