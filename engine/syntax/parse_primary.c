/*
 * What an expression is made of: names, function calls with all their special syntax, CASE, CAST
 * and CONVERT, OVER (...), ODBC escapes.
 */
#include "parse_internal.h"

/* ---- names ---- */

static bool
is_pseudo_column(const char *name)
{
    return name[0] == '$';
}

static const char *
upper_copy(Parser *p, const char *name)
{
    char *copy = arena_copy(p->arena, name, strlen(name));

    for (char *s = copy; *s; s++)
        if (*s >= 'a' && *s <= 'z')
            *s = (char) (*s - ('a' - 'A'));
    return copy;
}

/* One part of a dotted name; IDENTITYCOL and ROWGUIDCOL are the old names of pseudo columns. */
static const char *
column_part(Parser *p)
{
    if (accept_keyword(p, KW_IDENTITYCOL))
        return "$IDENTITY";
    if (accept_keyword(p, KW_ROWGUIDCOL))
        return "$ROWGUID";
    return parse_identifier(p);
}

/* name[.name]..., at most `limit` parts; returns their number. Stops before .* */
static int
dotted_parts(Parser *p, const char **parts, int limit)
{
    const Token *first = p->token;
    int count = 0;

    if (at(p, TOKEN_DOT) && next_is(p, 1, TOKEN_DOT)) {
        parts[count++] = "";
        parts[count++] = "";
        p->token += 2;
    }
    parts[count++] = column_part(p);
    while (at(p, TOKEN_DOT) && !next_is(p, 1, TOKEN_STAR)) {
        if (count == limit)
            parse_fail(
                p, 117, first,
                arena_copy(p->arena, p->text + first->start, p->token->start - first->start));
        advance(p);
        parts[count++] = at(p, TOKEN_DOT) ? "" : column_part(p);
    }
    return count;
}

static void
fill_column(Parser *p, AstColumnRef *column, const char **parts, int count)
{
    column->column = parts[count - 1];
    if (is_pseudo_column(column->column))
        column->column = upper_copy(p, column->column);
    if (count > 1)
        column->table = parts[count - 2];
    if (count > 2)
        column->schema = parts[count - 3];
    if (count > 3)
        column->database = parts[count - 4];
}

AstColumnRef *
parse_column_ref(Parser *p)
{
    AstColumnRef *column = NODE(p, AstColumnRef, AST_COLUMN_REF);
    const char *parts[4];
    int count = dotted_parts(p, parts, 4);

    fill_column(p, column, parts, count);
    return parse_end(p, column);
}

/* column.value('...', 'int'): the parts before the last are the column. */
static AstNode *
method_on_column(Parser *p, const Token *first, const char **parts, int count)
{
    AstMethodCall *call = NODE(p, AstMethodCall, AST_METHOD_CALL);
    AstColumnRef *column = NODE(p, AstColumnRef, AST_COLUMN_REF);

    call->node.line = column->node.line = first->line;
    call->node.start = column->node.start = first->start;
    column->node.end = p->token[-3].end;
    fill_column(p, column, parts, count - 1);
    call->object = &column->node;
    call->method = parts[count - 1];
    expect(p, TOKEN_LPAREN);
    if (!at(p, TOKEN_RPAREN))
        call->args = parse_expression_list(p);
    expect(p, TOKEN_RPAREN);
    return parse_end(p, call);
}

/* type::method(args), type::Property */
static AstNode *
static_method(Parser *p, const Token *first, const AstName *type)
{
    AstMethodCall *call = NODE(p, AstMethodCall, AST_METHOD_CALL);

    call->node.line = first->line;
    call->node.start = first->start;
    call->type = *type;
    expect(p, TOKEN_DOUBLE_COLON);
    call->method = parse_any_word(p);
    if (accept(p, TOKEN_LPAREN)) {
        if (!at(p, TOKEN_RPAREN))
            call->args = parse_expression_list(p);
        expect(p, TOKEN_RPAREN);
    } else
        call->is_property = true;
    return parse_end(p, call);
}

/* A column, a function call, a method call: whatever begins with a name. */
static AstNode *
parse_name_expression(Parser *p)
{
    const Token *first = p->token;
    const char *parts[5];
    int count = dotted_parts(p, parts, 5);
    AstName name = {0};
    AstColumnRef *column;

    if (at(p, TOKEN_LPAREN) || at(p, TOKEN_DOUBLE_COLON)) {
        if (count > 1 && at(p, TOKEN_LPAREN) && parse_is_method(parts[count - 1]))
            return method_on_column(p, first, parts, count);
        name.object = parts[count - 1];
        name.schema = count > 1 ? parts[count - 2] : NULL;
        name.database = count > 2 ? parts[count - 3] : NULL;
        name.server = count > 3 ? parts[count - 4] : NULL;
        if (at(p, TOKEN_DOUBLE_COLON))
            return static_method(p, first, &name);
        return (AstNode *) parse_function_call_rest(p, &name, first);
    }
    if (count > 4)
        parse_fail(p, 117, first,
                   arena_copy(p->arena, p->text + first->start, p->token->start - first->start));
    column = NODE(p, AstColumnRef, AST_COLUMN_REF);
    column->node.line = first->line;
    column->node.start = first->start;
    fill_column(p, column, parts, count);
    return parse_end(p, column);
}

/* ---- windows ---- */

static FrameBoundType
frame_bound(Parser *p, AstNode **value)
{
    if (accept_keyword(p, KW_UNBOUNDED)) {
        if (accept_keyword(p, KW_PRECEDING))
            return FRAME_UNBOUNDED_PRECEDING;
        expect_keyword(p, KW_FOLLOWING);
        return FRAME_UNBOUNDED_FOLLOWING;
    }
    if (accept_keyword(p, KW_CURRENT)) {
        expect_keyword(p, KW_ROW);
        return FRAME_CURRENT_ROW;
    }
    *value = parse_simple_value(p);
    if (accept_keyword(p, KW_PRECEDING))
        return FRAME_PRECEDING;
    expect_keyword(p, KW_FOLLOWING);
    return FRAME_FOLLOWING;
}

static void
window_frame(Parser *p, AstWindow *window)
{
    window->has_frame = true;
    window->frame_rows = at_keyword(p, KW_ROWS);
    advance(p);
    window->frame_end = FRAME_CURRENT_ROW;
    if (accept_keyword(p, KW_BETWEEN)) {
        window->frame_start = frame_bound(p, &window->frame_start_value);
        expect_keyword(p, KW_AND);
        window->frame_end = frame_bound(p, &window->frame_end_value);
    } else
        window->frame_start = frame_bound(p, &window->frame_start_value);
}

AstWindow *
parse_window_body(Parser *p)
{
    AstWindow *window = NODE(p, AstWindow, AST_WINDOW);

    expect(p, TOKEN_LPAREN);
    if (at_name(p) && !at_keyword(p, KW_PARTITION) && !at_keyword(p, KW_ROWS) &&
        !at_keyword(p, KW_RANGE))
        window->base = parse_identifier(p);
    if (accept_keyword(p, KW_PARTITION)) {
        expect_keyword(p, KW_BY);
        window->partition_by = parse_expression_list(p);
    }
    if (accept_keywords(p, KW_ORDER, KW_BY))
        window->order_by = parse_order_list(p);
    if (at_keyword(p, KW_ROWS) || at_keyword(p, KW_RANGE))
        window_frame(p, window);
    expect(p, TOKEN_RPAREN);
    return parse_end(p, window);
}

static AstWindow *
parse_over(Parser *p)
{
    AstWindow *window;

    expect_keyword(p, KW_OVER);
    if (at(p, TOKEN_LPAREN))
        return parse_window_body(p);
    window = NODE(p, AstWindow, AST_WINDOW);
    window->name = parse_identifier(p);
    return parse_end(p, window);
}

/* ---- function calls ---- */

/* TRIM([LEADING | TRAILING | BOTH] [characters FROM] string) */
static void
trim_arguments(Parser *p, AstFunctionCall *call)
{
    AstNode *first;

    if (accept_keyword(p, KW_LEADING))
        call->trim_side = 'L';
    else if (accept_keyword(p, KW_TRAILING))
        call->trim_side = 'T';
    else if (accept_keyword(p, KW_BOTH))
        call->trim_side = 'B';
    first = parse_scalar(p);
    if (accept_keyword(p, KW_FROM)) {
        parse_append(p, &call->args, parse_scalar(p));
        if (call->trim_side == 0)
            call->trim_side = 'B';
    }
    parse_append(p, &call->args, first);
}

/* NULL ON NULL, ABSENT ON NULL, RETURNING JSON */
static void
json_null_clause(Parser *p, AstFunctionCall *call)
{
    if ((at_keyword(p, KW_NULL) || at_keyword(p, KW_ABSENT)) && next_keyword(p, 1, KW_ON)) {
        AstOption *option =
            parse_make_option(p, at_keyword(p, KW_NULL) ? "NULL ON NULL" : "ABSENT ON NULL");

        p->token += 2;
        expect_keyword(p, KW_NULL);
        parse_append(p, &call->json_options, parse_end(p, option));
    }
    if (at_word(p, "RETURNING")) {
        AstOption *option = parse_make_option(p, "RETURNING");

        advance(p);
        option->word = parse_upper_word(p);
        parse_append(p, &call->json_options, parse_end(p, option));
    }
}

/* key : value, ... of JSON_OBJECT and JSON_OBJECTAGG; values of JSON_ARRAY and JSON_ARRAYAGG */
static void
json_arguments(Parser *p, AstFunctionCall *call, bool pairs)
{
    if (!at(p, TOKEN_RPAREN) && !(next_keyword(p, 1, KW_ON))) {
        do {
            parse_append(p, &call->args, parse_scalar(p));
            if (pairs) {
                expect(p, TOKEN_COLON);
                parse_append(p, &call->args, parse_scalar(p));
            }
        } while (accept(p, TOKEN_COMMA));
    }
    if (accept_keywords(p, KW_ORDER, KW_BY))
        call->within_group = parse_order_list(p);
    json_null_clause(p, call);
}

static void
call_arguments(Parser *p, AstFunctionCall *call, Keyword keyword)
{
    switch (keyword) {
    case KW_TRIM:
        trim_arguments(p, call);
        return;
    case KW_JSON_OBJECT:
    case KW_JSON_OBJECTAGG:
        json_arguments(p, call, true);
        return;
    case KW_JSON_ARRAY:
    case KW_JSON_ARRAYAGG:
        json_arguments(p, call, false);
        return;
    case KW_IIF:
        parse_append(p, &call->args, parse_predicate(p));
        expect(p, TOKEN_COMMA);
        break;
    default:
        break;
    }
    if (at(p, TOKEN_STAR) && next_is(p, 1, TOKEN_RPAREN)) {
        advance(p);
        call->star = true;
        return;
    }
    if (at(p, TOKEN_RPAREN))
        return;
    if (accept_keyword(p, KW_DISTINCT))
        call->distinct = true;
    else
        (void) accept_keyword(p, KW_ALL);
    {
        AstList *rest = parse_expression_list(p);

        if (call->args == NULL)
            call->args = rest;
        else
            for (int i = 0; i < rest->count; i++)
                parse_append(p, &call->args, rest->items[i]);
    }
}

/* WITHIN GROUP (ORDER BY ...), IGNORE | RESPECT NULLS, OVER */
static void
call_suffixes(Parser *p, AstFunctionCall *call)
{
    if (accept_keywords(p, KW_WITHIN, KW_GROUP)) {
        expect(p, TOKEN_LPAREN);
        expect_keyword(p, KW_ORDER);
        expect_keyword(p, KW_BY);
        call->within_group = parse_order_list(p);
        expect(p, TOKEN_RPAREN);
    }
    if (accept_keywords(p, KW_IGNORE, KW_NULLS))
        call->nulls = -1;
    else if (accept_keywords(p, KW_RESPECT, KW_NULLS))
        call->nulls = 1;
    if (at_keyword(p, KW_OVER))
        call->over = parse_over(p);
}

AstFunctionCall *
parse_function_call_rest(Parser *p, const AstName *name, const Token *first)
{
    AstFunctionCall *call = NODE(p, AstFunctionCall, AST_FUNCTION_CALL);
    Keyword keyword =
        name->schema == NULL && first->type == TOKEN_WORD ? first->keyword : KEYWORD_NONE;

    parse_enter(p);
    call->node.line = first->line;
    call->node.start = first->start;
    call->name = *name;
    expect(p, TOKEN_LPAREN);
    call_arguments(p, call, keyword);
    expect(p, TOKEN_RPAREN);
    call_suffixes(p, call);
    parse_leave(p);
    return parse_end(p, call);
}

/* A call of a function whose name is a reserved word (LEFT, COALESCE ...) or anything else. */
static AstNode *
keyword_call(Parser *p)
{
    const Token *first = p->token;
    AstName name = {.object = parse_identifier_text(p, first)};

    advance(p);
    return (AstNode *) parse_function_call_rest(p, &name, first);
}

static AstNode *
niladic_call(Parser *p)
{
    AstFunctionCall *call = NODE(p, AstFunctionCall, AST_FUNCTION_CALL);

    call->name.object = parse_identifier_text(p, p->token);
    call->no_parens = true;
    advance(p);
    return parse_end(p, call);
}

/* UPDATE(column) */
static AstNode *
update_predicate(Parser *p)
{
    AstFunctionCall *call = (AstFunctionCall *) keyword_call(p);

    call->is_predicate = true;
    return &call->node;
}

/* IDENTITY(type [, seed, increment]) */
static AstNode *
identity_call(Parser *p)
{
    AstFunctionCall *call = NODE(p, AstFunctionCall, AST_FUNCTION_CALL);
    AstConvert *type;

    call->name.object = parse_identifier_text(p, p->token);
    advance(p);
    expect(p, TOKEN_LPAREN);
    type = NODE(p, AstConvert, AST_CONVERT);
    type->type = parse_data_type(p);
    parse_append(p, &call->args, parse_end(p, type));
    while (accept(p, TOKEN_COMMA))
        parse_append(p, &call->args, parse_signed_literal(p));
    expect(p, TOKEN_RPAREN);
    return parse_end(p, call);
}

/* ---- conversions ---- */

static AstNode *
parse_cast(Parser *p, bool is_try, ConvertForm form)
{
    AstConvert *node = NODE(p, AstConvert, AST_CONVERT);

    node->form = form;
    node->is_try = is_try;
    advance(p);
    expect(p, TOKEN_LPAREN);
    node->operand = parse_scalar(p);
    expect_keyword(p, KW_AS);
    node->type = parse_data_type(p);
    if (form == CONVERT_PARSE && accept_keyword(p, KW_USING))
        node->style = parse_scalar(p);
    expect(p, TOKEN_RPAREN);
    return parse_end(p, node);
}

static AstNode *
parse_convert(Parser *p, bool is_try)
{
    AstConvert *node = NODE(p, AstConvert, AST_CONVERT);

    node->form = CONVERT_CONVERT;
    node->is_try = is_try;
    advance(p);
    expect(p, TOKEN_LPAREN);
    node->type = parse_data_type(p);
    expect(p, TOKEN_COMMA);
    node->operand = parse_scalar(p);
    if (accept(p, TOKEN_COMMA))
        node->style = parse_scalar(p);
    expect(p, TOKEN_RPAREN);
    return parse_end(p, node);
}

static AstNode *
parse_case(Parser *p)
{
    AstCase *node = NODE(p, AstCase, AST_CASE);

    parse_enter(p);
    advance(p);
    if (!at_keyword(p, KW_WHEN))
        node->operand = parse_scalar(p);
    do {
        AstWhen *when = NODE(p, AstWhen, AST_WHEN);

        expect_keyword(p, KW_WHEN);
        when->condition = node->operand != NULL ? parse_scalar(p) : parse_predicate(p);
        expect_keyword(p, KW_THEN);
        when->result = parse_scalar(p);
        parse_append(p, &node->whens, parse_end(p, when));
    } while (at_keyword(p, KW_WHEN));
    if (accept_keyword(p, KW_ELSE))
        node->otherwise = parse_scalar(p);
    expect_keyword(p, KW_END);
    parse_leave(p);
    return parse_end(p, node);
}

static AstNode *
parse_next_value(Parser *p)
{
    AstNextValueFor *node = NODE(p, AstNextValueFor, AST_NEXT_VALUE_FOR);

    p->token += 2;
    expect_keyword(p, KW_FOR);
    parse_name(p, &node->sequence);
    if (at_keyword(p, KW_OVER))
        node->over = parse_over(p);
    return parse_end(p, node);
}

/* CONTAINS | FREETEXT (column | (columns) | *, condition [, LANGUAGE term]) */
static AstNode *
parse_fulltext(Parser *p)
{
    AstFulltext *node = NODE(p, AstFulltext, AST_FULLTEXT);
    bool many;

    node->freetext = at_keyword(p, KW_FREETEXT);
    advance(p);
    expect(p, TOKEN_LPAREN);
    many = accept(p, TOKEN_LPAREN);
    do {
        if (at(p, TOKEN_STAR)) {
            AstStar *star = NODE(p, AstStar, AST_STAR);

            advance(p);
            parse_append(p, &node->columns, parse_end(p, star));
        } else
            parse_append(p, &node->columns, parse_column_ref(p));
    } while (many && accept(p, TOKEN_COMMA));
    if (many)
        expect(p, TOKEN_RPAREN);
    expect(p, TOKEN_COMMA);
    node->condition = parse_string_or_variable(p);
    if (accept(p, TOKEN_COMMA)) {
        if (!accept_word(p, "LANGUAGE"))
            parse_syntax_error(p);
        node->language = parse_simple_value(p);
    }
    expect(p, TOKEN_RPAREN);
    return parse_end(p, node);
}

/* ---- ODBC escapes ---- */

/* {d '...'}, {t '...'}, {ts '...'}, {guid '...'} are casts of their string. */
static AstNode *
odbc_literal(Parser *p, const char *type_name)
{
    AstConvert *node = NODE(p, AstConvert, AST_CONVERT);

    node->type = NEW(p, AstType);
    node->type->name.object = type_name;
    node->type->line = p->token->line;
    p->token += 2;
    if (!at(p, TOKEN_STRING) && !at(p, TOKEN_NSTRING))
        parse_syntax_error(p);
    node->operand = (AstNode *) parse_literal(p);
    expect(p, TOKEN_RBRACE);
    return parse_end(p, node);
}

/* {fn f(args)}: the name may be any word; EXTRACT(part FROM x) has its own syntax. */
static AstNode *
odbc_function(Parser *p)
{
    const Token *open = p->token;
    AstNode *node;

    p->token += 2;
    if (!at(p, TOKEN_WORD))
        parse_syntax_error(p);
    if (at_word(p, "EXTRACT")) {
        AstFunctionCall *call = NODE(p, AstFunctionCall, AST_FUNCTION_CALL);

        call->name.object = parse_any_word(p);
        expect(p, TOKEN_LPAREN);
        parse_append(p, &call->args, parse_column_ref(p));
        expect_keyword(p, KW_FROM);
        parse_append(p, &call->args, parse_scalar(p));
        expect(p, TOKEN_RPAREN);
        node = parse_end(p, call);
    } else if (next_is(p, 1, TOKEN_LPAREN))
        node = keyword_call(p);
    else if (next_is(p, 1, TOKEN_DOT))
        node = parse_name_expression(p);
    else
        parse_syntax_error(p);
    expect(p, TOKEN_RBRACE);
    node->start = open->start;
    return parse_end(p, node);
}

static AstNode *
parse_odbc_escape(Parser *p)
{
    switch (p->token[1].keyword) {
    case KW_D:
    case KW_T:
    case KW_TS:
        return odbc_literal(p, "datetime");
    case KW_GUID:
        return odbc_literal(p, "uniqueidentifier");
    case KW_FN:
        return odbc_function(p);
    default:
        parse_syntax_error_at(p, p->token + 1);
    }
}

/* ---- dispatch ---- */

/* Words that begin an expression of their own kind; NULL when the word is an ordinary name. */
static AstNode *
keyword_primary(Parser *p)
{
    bool call = next_is(p, 1, TOKEN_LPAREN);

    switch (p->token->keyword) {
    case KW_NULL:
        return (AstNode *) parse_literal(p);
    case KW_CASE:
        return parse_case(p);
    case KW_CAST:
        return call ? parse_cast(p, false, CONVERT_CAST) : NULL;
    case KW_TRY_CAST:
        return call ? parse_cast(p, true, CONVERT_CAST) : NULL;
    case KW_PARSE:
        return call ? parse_cast(p, false, CONVERT_PARSE) : NULL;
    case KW_TRY_PARSE:
        return call ? parse_cast(p, true, CONVERT_PARSE) : NULL;
    case KW_CONVERT:
        return parse_convert(p, false);
    case KW_TRY_CONVERT:
        return parse_convert(p, true);
    case KW_COALESCE:
    case KW_NULLIF:
    case KW_LEFT:
    case KW_RIGHT:
        return call ? keyword_call(p) : NULL;
    case KW_CURRENT_TIMESTAMP:
    case KW_CURRENT_USER:
    case KW_CURRENT_DATE:
    case KW_CURRENT_TIME:
    case KW_SESSION_USER:
    case KW_SYSTEM_USER:
    case KW_USER:
        return niladic_call(p);
    case KW_IDENTITY:
        return call ? identity_call(p) : NULL;
    case KW_IDENTITYCOL:
    case KW_ROWGUIDCOL:
        return (AstNode *) parse_column_ref(p);
    case KW_NEXT:
        if (next_keyword(p, 1, KW_VALUE) && next_keyword(p, 2, KW_FOR))
            return parse_next_value(p);
        return NULL;
    default:
        return NULL;
    }
}

/* The conditions among them. */
static AstNode *
keyword_predicate(Parser *p)
{
    switch (p->token->keyword) {
    case KW_EXISTS:
        return parse_exists(p);
    case KW_CONTAINS:
    case KW_FREETEXT:
        return parse_fulltext(p);
    case KW_UPDATE:
        return next_is(p, 1, TOKEN_LPAREN) ? update_predicate(p) : NULL;
    default:
        return NULL;
    }
}

AstNode *
parse_primary(Parser *p, bool either)
{
    AstNode *node = NULL;

    switch (p->token->type) {
    case TOKEN_VARIABLE:
    case TOKEN_GLOBAL:
        return parse_variable_node(p);
    case TOKEN_LPAREN:
        return parse_parenthesised(p, either);
    case TOKEN_LBRACE:
        return parse_odbc_escape(p);
    case TOKEN_WORD:
        if (p->token->keyword != KEYWORD_NONE) {
            node = keyword_primary(p);
            if (node == NULL && either)
                node = keyword_predicate(p);
            if (node != NULL)
                return node;
        }
        return parse_name_expression(p);
    default:
        if (token_is_literal(p->token))
            return (AstNode *) parse_literal(p);
        return parse_name_expression(p);
    }
}
