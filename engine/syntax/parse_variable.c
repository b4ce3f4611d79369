/*
 * DECLARE and SET of variables. SET of session options is in parse_session.c, cursors in
 * parse_cursor.c.
 */
#include "parse_internal.h"

static void
parse_variable_def(Parser *p, AstVariableDef *def)
{
    def->node.line = p->token->line;
    def->node.start = p->token->start;
    def->name = parse_variable(p);
    (void) accept_keyword(p, KW_AS);
    def->type = parse_data_type(p);
    if (accept_keyword(p, KW_NOT))
        expect_keyword(p, KW_NULL);
    else if (at_keyword(p, KW_NULL))
        advance(p);
    if (accept(p, TOKEN_EQ))
        def->value = parse_scalar(p);
    parse_end(p, def);
}

AstNode *
parse_declare(Parser *p)
{
    AstDeclare *node;
    int capacity = 0;

    if (token_is_name(p->token + 1))
        return parse_declare_cursor(p);
    node = NODE(p, AstDeclare, AST_DECLARE);
    advance(p);
    do {
        if (node->count == capacity) {
            AstVariableDef *more;

            capacity = capacity ? capacity * 2 : 2;
            more = arena_alloc(p->arena, (size_t) capacity * sizeof(AstVariableDef));
            if (node->count > 0)
                memcpy(more, node->variables, (size_t) node->count * sizeof(AstVariableDef));
            node->variables = more;
        }
        parse_variable_def(p, &node->variables[node->count]);
        node->count++;
    } while (accept(p, TOKEN_COMMA));
    return parse_end(p, node);
}

/* SET @v = ..., SET @v += ..., SET @v = CURSOR ..., SET @x.modify(...) */
static AstNode *
set_variable(Parser *p)
{
    AstSetVariable *node = NODE(p, AstSetVariable, AST_SET_VARIABLE);

    advance(p);
    node->name = parse_identifier_text(p, p->token);
    if (next_is(p, 1, TOKEN_DOT)) {
        /* a method that changes the variable, or @x.Property = value as a call with one argument */
        AstMethodCall *call = NODE(p, AstMethodCall, AST_METHOD_CALL);

        call->object = parse_variable_node(p);
        advance(p);
        call->method = parse_identifier(p);
        if (accept(p, TOKEN_EQ)) {
            call->is_property = true;
            parse_append(p, &call->args, parse_scalar(p));
        } else {
            expect(p, TOKEN_LPAREN);
            if (!at(p, TOKEN_RPAREN))
                call->args = parse_expression_list(p);
            expect(p, TOKEN_RPAREN);
        }
        node->op = OP_ASSIGN;
        node->value = parse_end(p, call);
        return parse_end(p, node);
    }
    advance(p);
    node->op = parse_assign_operator(p);
    if (at_keyword(p, KW_CURSOR) && node->op == OP_ASSIGN)
        node->cursor = parse_cursor_definition(p);
    else
        node->value = parse_scalar(p);
    return parse_end(p, node);
}

AstNode *
parse_set(Parser *p)
{
    if (next_is(p, 1, TOKEN_VARIABLE))
        return set_variable(p);
    return parse_set_option(p);
}
