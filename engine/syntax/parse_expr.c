/*
 * Scalar expressions and predicates. T-SQL keeps the two apart by grammar: a comparison is no value
 * and a value no condition. Where a condition is expected, an opening parenthesis may begin either
 * (`(a + 1) > 2`, `(a > 2)`); there the rules are entered with `either` set and the outcome is
 * looked at (is_predicate).
 *
 * Binary precedence, tightest first: ~, then * / %, then + - & ^ | (and a leading sign, which in
 * T-SQL binds looser than * and /: -1.0/-2*3 is -(1.0/-(2*3))), then comparisons, NOT, AND, OR.
 */
#include "parse_internal.h"

static AstNode *parse_additive(Parser *p, bool either);
static AstNode *parse_either(Parser *p);

static bool
is_predicate(const AstNode *node)
{
    switch (node->kind) {
    case AST_IS_NULL:
    case AST_IS_DISTINCT:
    case AST_BETWEEN:
    case AST_LIKE:
    case AST_IN_LIST:
    case AST_IN_SUBQUERY:
    case AST_EXISTS:
    case AST_QUANTIFIED:
    case AST_CURRENT_OF:
    case AST_FULLTEXT:
        return true;
    case AST_BINARY: {
        Operator op = ((const AstBinary *) node)->op;

        return (op >= OP_EQ && op <= OP_GE) || op == OP_AND || op == OP_OR;
    }
    case AST_UNARY:
        return ((const AstUnary *) node)->op == OP_NOT;
    case AST_FUNCTION_CALL: {
        const AstFunctionCall *call = (const AstFunctionCall *) node;

        return call->is_predicate;
    }
    default:
        return false;
    }
}

/* "expected a condition, near": the token that follows, or the last one at the end. */
static AstNode *
require_predicate(Parser *p, AstNode *node)
{
    const Token *near = p->token;

    if (is_predicate(node))
        return node;
    /* what can follow a condition makes the value wrong; anything else is wrong itself */
    if (near->type != TOKEN_WORD && near->type != TOKEN_RPAREN && near->type != TOKEN_SEMICOLON &&
        near->type != TOKEN_EOF)
        parse_syntax_error(p);
    if (near->type == TOKEN_EOF && near > p->tokens)
        near--;
    parse_fail(p, 4145, near, parse_token_text(p, near));
}

static AstNode *
make_binary(Parser *p, AstKind kind, Operator op, AstNode *left, AstNode *right)
{
    AstBinary *node = NODE(p, AstBinary, kind);

    parse_begin_at(node, left);
    node->op = op;
    node->left = left;
    node->right = right;
    return parse_end(p, node);
}

static void
count_chain(Parser *p, int *length)
{
    if (++*length > PARSE_MAX_CHAIN)
        parse_fail(p, 191, p->token, NULL);
}

/* ---- postfix and unary ---- */

/* Is this the name of a method of the xml or hierarchyid types? column.name(...) looks like a call
 * of a function in a schema: these names tell the two apart. */
bool
parse_is_method(const char *name)
{
    static const char *const methods[] = {
        "value",
        "query",
        "exist",
        "nodes",
        "modify",
        "GetLevel",
        "IsDescendantOf",
        "GetAncestor",
        "GetDescendant",
        "ToString",
        "GetReparentedValue",
    };

    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
        if (strcmp(name, methods[i]) == 0)
            return true;
    return false;
}

/* .name or .name(args) behind an expression */
static AstNode *
parse_method(Parser *p, AstNode *object)
{
    AstMethodCall *call = NODE(p, AstMethodCall, AST_METHOD_CALL);

    parse_begin_at(call, object);
    expect(p, TOKEN_DOT);
    call->object = object;
    call->method = parse_identifier(p);
    if (accept(p, TOKEN_LPAREN)) {
        if (!at(p, TOKEN_RPAREN))
            call->args = parse_expression_list(p);
        expect(p, TOKEN_RPAREN);
    } else
        call->is_property = true;
    return parse_end(p, call);
}

static AstNode *
parse_postfix(Parser *p, AstNode *node)
{
    for (int chain = 0;; count_chain(p, &chain)) {
        if (at(p, TOKEN_DOT) && token_is_name(p->token + 1) && node->kind != AST_COLUMN_REF)
            node = parse_method(p, node);
        else if (at_keyword(p, KW_COLLATE)) {
            AstCollate *collate = NODE(p, AstCollate, AST_COLLATE);

            parse_begin_at(collate, node);
            advance(p);
            collate->operand = node;
            collate->collation = parse_identifier(p);
            node = parse_end(p, collate);
        } else if (at_keyword(p, KW_AT) && next_keyword(p, 1, KW_TIME) &&
                   next_keyword(p, 2, KW_ZONE)) {
            AstNode *zone;

            p->token += 3;
            /* the zone is an operand without a further AT TIME ZONE: the chain is left-associative
             */
            zone =
                token_is_literal(p->token) ? (AstNode *) parse_literal(p) : parse_primary(p, false);
            node = make_binary(p, AST_AT_TIME_ZONE, OP_AT_TIME_ZONE, node, zone);
        } else
            return node;
    }
}

static AstNode *
parse_unary(Parser *p, bool either)
{
    AstNode *node;

    if (at(p, TOKEN_TILDE)) {
        AstUnary *unary = NODE(p, AstUnary, AST_UNARY);

        parse_enter(p);
        advance(p);
        unary->op = OP_BIT_NOT;
        unary->operand = parse_unary(p, false);
        parse_leave(p);
        return parse_end(p, unary);
    }
    if (token_is_literal(p->token))
        node = (AstNode *) parse_literal(p);
    else
        node = parse_primary(p, either);
    return either && is_predicate(node) ? node : parse_postfix(p, node);
}

static AstNode *
parse_multiplicative(Parser *p, bool either)
{
    AstNode *left;
    int chain = 0;

    if (at(p, TOKEN_MINUS) || at(p, TOKEN_PLUS)) {
        AstUnary *unary = NODE(p, AstUnary, AST_UNARY);

        parse_enter(p);
        unary->op = at(p, TOKEN_MINUS) ? OP_MINUS : OP_PLUS;
        advance(p);
        unary->operand = parse_multiplicative(p, false);
        parse_leave(p);
        return parse_end(p, unary);
    }
    left = parse_unary(p, either);
    if (either && is_predicate(left))
        return left;
    for (;;) {
        Operator op;

        switch (p->token->type) {
        case TOKEN_STAR:
            op = OP_MULTIPLY;
            break;
        case TOKEN_SLASH:
            op = OP_DIVIDE;
            break;
        case TOKEN_PERCENT:
            op = OP_MODULO;
            break;
        default:
            return left;
        }
        count_chain(p, &chain);
        advance(p);
        if (at(p, TOKEN_MINUS) || at(p, TOKEN_PLUS)) {
            /* the sign takes all factors that follow */
            left = make_binary(p, AST_BINARY, op, left, parse_multiplicative(p, false));
            continue;
        }
        left = make_binary(p, AST_BINARY, op, left, parse_unary(p, false));
    }
}

static AstNode *
parse_additive(Parser *p, bool either)
{
    AstNode *left = parse_multiplicative(p, either);
    int chain = 0;

    if (either && is_predicate(left))
        return left;
    for (;;) {
        Operator op;

        switch (p->token->type) {
        case TOKEN_PLUS:
            op = OP_ADD;
            break;
        case TOKEN_MINUS:
            op = OP_SUBTRACT;
            break;
        case TOKEN_AMPERSAND:
            op = OP_BIT_AND;
            break;
        case TOKEN_PIPE:
            op = OP_BIT_OR;
            break;
        case TOKEN_CARET:
            op = OP_BIT_XOR;
            break;
        case TOKEN_CONCAT:
            op = OP_CONCAT;
            break;
        case TOKEN_SHIFT_LEFT:
            op = OP_SHIFT_LEFT;
            break;
        case TOKEN_SHIFT_RIGHT:
            op = OP_SHIFT_RIGHT;
            break;
        default:
            return left;
        }
        count_chain(p, &chain);
        advance(p);
        left = make_binary(p, AST_BINARY, op, left, parse_multiplicative(p, false));
    }
}

AstNode *
parse_scalar(Parser *p)
{
    AstNode *node;

    parse_enter(p);
    node = parse_additive(p, false);
    parse_leave(p);
    return node;
}

/* ---- predicates ---- */

static bool
comparison_operator(const Token *token, Operator *op)
{
    switch (token->type) {
    case TOKEN_EQ:
        *op = OP_EQ;
        return true;
    case TOKEN_NE:
        *op = OP_NE;
        return true;
    case TOKEN_LT:
        *op = OP_LT;
        return true;
    case TOKEN_LE:
        *op = OP_LE;
        return true;
    case TOKEN_GT:
        *op = OP_GT;
        return true;
    case TOKEN_GE:
        *op = OP_GE;
        return true;
    default:
        return false;
    }
}

static AstNode *
parse_subquery_parens(Parser *p)
{
    AstNode *query;

    expect(p, TOKEN_LPAREN);
    query = parse_query(p, false);
    expect(p, TOKEN_RPAREN);
    return query;
}

static AstNode *
parse_comparison_rest(Parser *p, AstNode *left, Operator op)
{
    advance(p);
    if (at_keyword(p, KW_ALL) || at_keyword(p, KW_ANY) || at_keyword(p, KW_SOME)) {
        AstQuantified *node = NODE(p, AstQuantified, AST_QUANTIFIED);

        parse_begin_at(node, left);
        node->op = op;
        node->operand = left;
        node->all = at_keyword(p, KW_ALL);
        advance(p);
        node->query = parse_subquery_parens(p);
        return parse_end(p, node);
    }
    return make_binary(p, AST_BINARY, op, left, parse_additive(p, false));
}

/* IS [NOT] NULL, IS [NOT] DISTINCT FROM */
static AstNode *
parse_is(Parser *p, AstNode *left)
{
    bool negated;
    AstIsNull *node;

    advance(p);
    negated = accept_keyword(p, KW_NOT);
    if (accept_keyword(p, KW_DISTINCT)) {
        expect_keyword(p, KW_FROM);
        return make_binary(p, AST_IS_DISTINCT, negated ? OP_IS_NOT_DISTINCT : OP_IS_DISTINCT, left,
                           parse_additive(p, false));
    }
    node = NODE(p, AstIsNull, AST_IS_NULL);
    parse_begin_at(node, left);
    expect_keyword(p, KW_NULL);
    node->operand = left;
    node->negated = negated;
    return parse_end(p, node);
}

static AstNode *
parse_between(Parser *p, AstNode *left, bool negated)
{
    AstBetween *node = NODE(p, AstBetween, AST_BETWEEN);

    parse_begin_at(node, left);
    advance(p);
    node->operand = left;
    node->negated = negated;
    node->low = parse_additive(p, false);
    expect_keyword(p, KW_AND);
    node->high = parse_additive(p, false);
    return parse_end(p, node);
}

static AstNode *
parse_like(Parser *p, AstNode *left, bool negated)
{
    AstLike *node = NODE(p, AstLike, AST_LIKE);

    parse_begin_at(node, left);
    advance(p);
    node->operand = left;
    node->negated = negated;
    node->pattern = parse_additive(p, false);
    if (accept_keyword(p, KW_ESCAPE))
        node->escape = parse_additive(p, false);
    else if (at(p, TOKEN_LBRACE) && next_keyword(p, 1, KW_ESCAPE)) {
        p->token += 2;
        node->escape = parse_additive(p, false);
        expect(p, TOKEN_RBRACE);
    }
    return parse_end(p, node);
}

static AstNode *
parse_in(Parser *p, AstNode *left, bool negated)
{
    AstIn *node = NODE(p, AstIn, AST_IN_LIST);

    parse_begin_at(node, left);
    advance(p);
    node->operand = left;
    node->negated = negated;
    expect(p, TOKEN_LPAREN);
    if (parse_at_query(p)) {
        node->subquery = parse_query(p, false);
    } else {
        node->list = parse_expression_list(p);
        /* IN ((SELECT ...)) is IN (SELECT ...) */
        if (node->list->count == 1 && node->list->items[0]->kind == AST_SCALAR_SUBQUERY) {
            node->subquery = ((AstSubquery *) node->list->items[0])->query;
            node->list = NULL;
        }
    }
    if (node->subquery != NULL)
        node->node.kind = AST_IN_SUBQUERY;
    expect(p, TOKEN_RPAREN);
    return parse_end(p, node);
}

/* One comparison or the like; a lone value is returned as it is. */
static AstNode *
parse_comparison(Parser *p)
{
    AstNode *left = parse_additive(p, true);
    bool negated = false;
    Operator op;

    if (is_predicate(left))
        return left;
    if (comparison_operator(p->token, &op))
        return parse_comparison_rest(p, left, op);
    if (at_keyword(p, KW_IS))
        return parse_is(p, left);
    if (at_keyword(p, KW_NOT)) {
        uint16_t next = p->token[1].keyword;

        if (next != KW_BETWEEN && next != KW_LIKE && next != KW_IN)
            return left;
        negated = true;
        advance(p);
    }
    if (at_keyword(p, KW_BETWEEN))
        return parse_between(p, left, negated);
    if (at_keyword(p, KW_LIKE))
        return parse_like(p, left, negated);
    if (at_keyword(p, KW_IN))
        return parse_in(p, left, negated);
    return left;
}

static AstNode *
parse_not(Parser *p)
{
    AstUnary *unary;

    if (!at_keyword(p, KW_NOT))
        return parse_comparison(p);
    parse_enter(p);
    unary = NODE(p, AstUnary, AST_UNARY);
    advance(p);
    unary->op = OP_NOT;
    unary->operand = require_predicate(p, parse_not(p));
    parse_leave(p);
    return parse_end(p, unary);
}

static AstNode *
parse_and(Parser *p)
{
    AstNode *left = parse_not(p);
    int chain = 0;

    while (at_keyword(p, KW_AND)) {
        AstNode *right;

        count_chain(p, &chain);
        require_predicate(p, left);
        advance(p);
        right = require_predicate(p, parse_not(p));
        left = make_binary(p, AST_BINARY, OP_AND, left, right);
    }
    return left;
}

/* A value or a condition, whichever stands there. */
static AstNode *
parse_either(Parser *p)
{
    AstNode *left;
    int chain = 0;

    parse_enter(p);
    left = parse_and(p);
    while (at_keyword(p, KW_OR)) {
        AstNode *right;

        count_chain(p, &chain);
        require_predicate(p, left);
        advance(p);
        right = require_predicate(p, parse_and(p));
        left = make_binary(p, AST_BINARY, OP_OR, left, right);
    }
    parse_leave(p);
    return left;
}

AstNode *
parse_predicate(Parser *p)
{
    return require_predicate(p, parse_either(p));
}

AstNode *
parse_scalar_or_predicate(Parser *p)
{
    return parse_either(p);
}

/* What stands in parentheses: a value, a condition or a query. */
AstNode *
parse_parenthesised(Parser *p, bool either)
{
    const Token *open = p->token;
    AstSubquery *subquery;
    AstNode *inner;

    advance(p);
    if (!parse_at_query(p)) {
        inner = either ? parse_either(p) : parse_scalar(p);
        expect(p, TOKEN_RPAREN);
        return inner;
    }
    subquery = NODE(p, AstSubquery, AST_SCALAR_SUBQUERY);
    subquery->node.line = open->line;
    subquery->node.start = open->start;
    subquery->query = parse_query(p, false);
    expect(p, TOKEN_RPAREN);
    return parse_end(p, subquery);
}

AstList *
parse_expression_list(Parser *p)
{
    AstList *list = NULL;

    do {
        if (at_keyword(p, KW_DEFAULT))
            parse_append(p, &list, parse_literal(p));
        else
            parse_append(p, &list, parse_scalar(p));
    } while (accept(p, TOKEN_COMMA));
    return list;
}

/* EXISTS (query) */
AstNode *
parse_exists(Parser *p)
{
    AstSubquery *node = NODE(p, AstSubquery, AST_EXISTS);

    advance(p);
    node->query = parse_subquery_parens(p);
    return parse_end(p, node);
}

AstNode *
parse_signed_literal(Parser *p)
{
    AstUnary *unary;

    if (!at(p, TOKEN_MINUS) && !at(p, TOKEN_PLUS))
        return (AstNode *) parse_literal(p);
    unary = NODE(p, AstUnary, AST_UNARY);
    unary->op = at(p, TOKEN_MINUS) ? OP_MINUS : OP_PLUS;
    advance(p);
    unary->operand = (AstNode *) parse_literal(p);
    return parse_end(p, unary);
}

AstNode *
parse_variable_node(Parser *p)
{
    AstVariable *node =
        NODE(p, AstVariable, at(p, TOKEN_GLOBAL) ? AST_GLOBAL_VARIABLE : AST_VARIABLE);

    node->name = parse_identifier_text(p, p->token);
    advance(p);
    return parse_end(p, node);
}

AstNode *
parse_simple_value(Parser *p)
{
    if (at(p, TOKEN_VARIABLE) || at(p, TOKEN_GLOBAL))
        return parse_variable_node(p);
    return parse_signed_literal(p);
}

AstNode *
parse_string_or_variable(Parser *p)
{
    if (at(p, TOKEN_VARIABLE) || at(p, TOKEN_STRING) || at(p, TOKEN_NSTRING))
        return parse_simple_value(p);
    parse_syntax_error(p);
}
