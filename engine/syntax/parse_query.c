/*
 * Queries: SELECT, set operations, VALUES, and the clauses that follow a whole query (ORDER BY,
 * OFFSET/FETCH, FOR XML/JSON, OPTION). INTERSECT binds tighter than UNION and EXCEPT.
 */
#include "parse_internal.h"

static AstNode *parse_query_body(Parser *p);

bool
parse_is_set_operator(const Token *token)
{
    return token->type == TOKEN_WORD &&
           (token->keyword == KW_UNION || token->keyword == KW_EXCEPT ||
            token->keyword == KW_INTERSECT);
}

bool
parse_at_query(const Parser *p)
{
    const Token *token = p->token;

    if (at_keyword(p, KW_SELECT))
        return true;
    if (!at(p, TOKEN_LPAREN))
        return false;
    while (token->type == TOKEN_LPAREN)
        token++;
    return token->type == TOKEN_WORD && token->keyword == KW_SELECT &&
           parse_is_set_operator(parse_after_parens(p->token));
}

/* ---- select list ---- */

bool
parse_at_assignment(const Token *token)
{
    return token->type == TOKEN_EQ ||
           (token->type >= TOKEN_PLUS_EQ && token->type <= TOKEN_CARET_EQ);
}

Operator
parse_assign_operator(Parser *p)
{
    Operator op;

    switch (p->token->type) {
    case TOKEN_EQ:
        op = OP_ASSIGN;
        break;
    case TOKEN_PLUS_EQ:
        op = OP_ADD;
        break;
    case TOKEN_MINUS_EQ:
        op = OP_SUBTRACT;
        break;
    case TOKEN_STAR_EQ:
        op = OP_MULTIPLY;
        break;
    case TOKEN_SLASH_EQ:
        op = OP_DIVIDE;
        break;
    case TOKEN_PERCENT_EQ:
        op = OP_MODULO;
        break;
    case TOKEN_AMPERSAND_EQ:
        op = OP_BIT_AND;
        break;
    case TOKEN_PIPE_EQ:
        op = OP_BIT_OR;
        break;
    case TOKEN_CARET_EQ:
        op = OP_BIT_XOR;
        break;
    default:
        parse_syntax_error(p);
    }
    advance(p);
    return op;
}

/* * or a.b.*, NULL when something else stands there */
static AstNode *
parse_star(Parser *p)
{
    const Token *token = p->token;
    const char *parts[3];
    int count = 0;
    AstStar *star;

    while (token_is_name(token) && token[1].type == TOKEN_DOT) {
        token += 2;
        if (token->type == TOKEN_DOT) /* db..t.* */
            token++;
    }
    if (token->type != TOKEN_STAR)
        return NULL;
    star = NODE(p, AstStar, AST_STAR);
    while (!at(p, TOKEN_STAR)) {
        if (count == 3)
            parse_syntax_error(p);
        parts[count++] = at(p, TOKEN_DOT) ? "" : parse_identifier(p);
        expect(p, TOKEN_DOT);
    }
    advance(p);
    if (count > 0)
        star->table = parts[count - 1];
    if (count > 1)
        star->schema = parts[count - 2];
    if (count > 2)
        star->database = parts[count - 3];
    return parse_end(p, star);
}

static AstSelectItem *
parse_select_item(Parser *p)
{
    AstSelectItem *item = NODE(p, AstSelectItem, AST_SELECT_ITEM);

    if (at(p, TOKEN_VARIABLE) && parse_at_assignment(p->token + 1)) {
        item->variable = parse_variable(p);
        item->assign_op = parse_assign_operator(p);
        item->expr = parse_scalar(p);
        return parse_end(p, item);
    }
    item->expr = parse_star(p);
    if (item->expr != NULL)
        return parse_end(p, item);
    if ((at_name(p) || at(p, TOKEN_STRING) || at(p, TOKEN_NSTRING)) && next_is(p, 1, TOKEN_EQ)) {
        item->alias = parse_identifier_or_string(p);
        advance(p);
        item->expr = parse_scalar(p);
        return parse_end(p, item);
    }
    item->expr = parse_scalar(p);
    if (accept_keyword(p, KW_AS))
        item->alias = parse_identifier_or_string(p);
    else if (at(p, TOKEN_STRING) || at(p, TOKEN_NSTRING) ||
             (at_name(p) && !next_is(p, 1, TOKEN_COLON)))
        item->alias = parse_identifier_or_string(p);
    return parse_end(p, item);
}

AstList *
parse_select_items(Parser *p)
{
    AstList *items = NULL;

    do
        parse_append(p, &items, parse_select_item(p));
    while (accept(p, TOKEN_COMMA));
    return items;
}

/* Assigning items and returning items do not mix. */
static void
check_assignments(Parser *p, const Token *first, const AstList *items)
{
    int assigning = 0;

    for (int i = 0; i < items->count; i++)
        assigning += AST_LIST_ITEM(AstSelectItem, items, i)->variable != NULL;
    if (assigning > 0 && assigning < items->count)
        parse_fail(p, 141, first, NULL);
}

AstList *
parse_order_list(Parser *p)
{
    AstList *list = NULL;

    do {
        AstOrderItem *item = NODE(p, AstOrderItem, AST_ORDER_ITEM);

        item->expr = parse_scalar(p);
        if (accept_keyword(p, KW_DESC))
            item->descending = true;
        else
            (void) accept_keyword(p, KW_ASC);
        parse_append(p, &list, parse_end(p, item));
    } while (accept(p, TOKEN_COMMA));
    return list;
}

void
parse_top(Parser *p, AstNode **top, bool *percent, bool *with_ties)
{
    if (!accept_keyword(p, KW_TOP))
        return;
    if (accept(p, TOKEN_LPAREN)) {
        if (parse_at_query(p)) {
            AstSubquery *subquery = NODE(p, AstSubquery, AST_SCALAR_SUBQUERY);

            subquery->query = parse_query(p, false);
            *top = parse_end(p, subquery);
        } else
            *top = parse_scalar(p);
        expect(p, TOKEN_RPAREN);
    } else if (at(p, TOKEN_INTEGER) || at(p, TOKEN_DECIMAL) || at(p, TOKEN_FLOAT))
        *top = (AstNode *) parse_literal(p);
    else
        parse_syntax_error(p);
    *percent = accept_keyword(p, KW_PERCENT);
    if (with_ties != NULL && at_keyword(p, KW_WITH) && next_keyword(p, 1, KW_TIES)) {
        p->token += 2;
        *with_ties = true;
    }
}

/* ---- grouping ---- */

/* ( a, b ) or (): several expressions that count as one, as a VALUES node of one row */
static bool
at_composite(const Parser *p)
{
    const Token *token = p->token;
    int depth = 0;

    if (token->type != TOKEN_LPAREN)
        return false;
    if (token[1].type == TOKEN_RPAREN)
        return true;
    for (; token->type != TOKEN_EOF && token->type != TOKEN_ERROR; token++) {
        if (token->type == TOKEN_LPAREN)
            depth++;
        else if (token->type == TOKEN_RPAREN && --depth == 0)
            return false;
        else if (token->type == TOKEN_COMMA && depth == 1)
            return true;
        else if (token->keyword == KW_SELECT && depth == 1)
            return false;
    }
    return false;
}

static AstNode *
grouping_expression(Parser *p)
{
    AstValues *row;

    if (!at_composite(p))
        return parse_scalar(p);
    row = NODE(p, AstValues, AST_VALUES);
    advance(p);
    row->rows = arena_alloc(p->arena, sizeof(AstList *));
    row->row_count = 1;
    if (!at(p, TOKEN_RPAREN))
        row->rows[0] = parse_expression_list(p);
    expect(p, TOKEN_RPAREN);
    return parse_end(p, row);
}

static AstGrouping *parse_grouping(Parser *p);

static void
add_grouping(Parser *p, AstGrouping ***array, int *count, AstGrouping *grouping)
{
    /* doubles at each power of two */
    if ((*count & (*count - 1)) == 0) {
        AstGrouping **more =
            arena_alloc(p->arena, (size_t) (*count ? *count * 2 : 1) * sizeof(AstGrouping *));

        if (*count > 0)
            memcpy(more, *array, (size_t) *count * sizeof(AstGrouping *));
        *array = more;
    }
    (*array)[(*count)++] = grouping;
}

static AstGrouping *
parse_grouping(Parser *p)
{
    AstGrouping *grouping = NEW(p, AstGrouping);
    bool paren = next_is(p, 1, TOKEN_LPAREN);

    parse_enter(p);
    if (paren && (at_keyword(p, KW_ROLLUP) || at_keyword(p, KW_CUBE))) {
        grouping->type = at_keyword(p, KW_ROLLUP) ? GROUPING_ROLLUP : GROUPING_CUBE;
        p->token += 2;
        do
            parse_append(p, &grouping->exprs, grouping_expression(p));
        while (accept(p, TOKEN_COMMA));
        expect(p, TOKEN_RPAREN);
    } else if (accept_keywords(p, KW_GROUPING, KW_SETS)) {
        grouping->type = GROUPING_SETS;
        expect(p, TOKEN_LPAREN);
        do
            add_grouping(p, &grouping->sets, &grouping->set_count, parse_grouping(p));
        while (accept(p, TOKEN_COMMA));
        expect(p, TOKEN_RPAREN);
    } else {
        grouping->type = GROUPING_SIMPLE;
        parse_append(p, &grouping->exprs, grouping_expression(p));
    }
    parse_leave(p);
    return grouping;
}

/* The old GROUP BY a, b WITH ROLLUP is GROUP BY ROLLUP (a, b). */
static void
old_grouping(Parser *p, AstSelect *select)
{
    AstGrouping *whole;

    if (!at_keyword(p, KW_WITH) || !(next_keyword(p, 1, KW_ROLLUP) || next_keyword(p, 1, KW_CUBE)))
        return;
    whole = NEW(p, AstGrouping);
    advance(p);
    whole->type = at_keyword(p, KW_ROLLUP) ? GROUPING_ROLLUP : GROUPING_CUBE;
    advance(p);
    for (int i = 0; i < select->grouping_count; i++) {
        AstList *exprs = select->groupings[i]->exprs;

        for (int j = 0; j < AST_LIST_COUNT(exprs); j++)
            parse_append(p, &whole->exprs, exprs->items[j]);
    }
    select->groupings[0] = whole;
    select->grouping_count = 1;
}

static void
parse_group_by(Parser *p, AstSelect *select)
{
    if (!accept_keywords(p, KW_GROUP, KW_BY))
        return;
    if (accept_keyword(p, KW_ALL))
        select->group_by_all = true;
    else if (accept_keyword(p, KW_DISTINCT))
        select->group_by_distinct = true;
    do
        add_grouping(p, &select->groupings, &select->grouping_count, parse_grouping(p));
    while (accept(p, TOKEN_COMMA));
    old_grouping(p, select);
}

/* ---- query bodies ---- */

static bool
at_window_clause(const Parser *p)
{
    return at_keyword(p, KW_WINDOW) && token_is_name(p->token + 1) && next_keyword(p, 2, KW_AS) &&
           next_is(p, 3, TOKEN_LPAREN);
}

static void
parse_windows(Parser *p, AstSelect *select)
{
    if (!at_window_clause(p))
        return;
    advance(p);
    do {
        const char *name = parse_identifier(p);
        AstWindow *window;

        expect_keyword(p, KW_AS);
        window = parse_window_body(p);
        window->name = name;
        parse_append(p, &select->windows, window);
    } while (accept(p, TOKEN_COMMA));
}

static AstNode *
parse_select(Parser *p)
{
    AstSelect *select = NODE(p, AstSelect, AST_SELECT);
    const Token *first = p->token;

    expect_keyword(p, KW_SELECT);
    if (accept_keyword(p, KW_DISTINCT))
        select->distinct = true;
    else
        (void) accept_keyword(p, KW_ALL);
    parse_top(p, &select->top, &select->top_percent, &select->top_with_ties);
    select->items = parse_select_items(p);
    check_assignments(p, first, select->items);
    if (accept_keyword(p, KW_INTO)) {
        select->into = NEW(p, AstName);
        parse_name(p, select->into);
        if (accept_keyword(p, KW_ON))
            select->into_filegroup = parse_identifier_or_string(p);
    }
    if (accept_keyword(p, KW_FROM))
        select->from = parse_from_list(p);
    if (accept_keyword(p, KW_WHERE))
        select->where = parse_predicate(p);
    parse_group_by(p, select);
    if (accept_keyword(p, KW_HAVING))
        select->having = parse_predicate(p);
    parse_windows(p, select);
    return parse_end(p, select);
}

AstValues *
parse_values(Parser *p)
{
    AstValues *values = NODE(p, AstValues, AST_VALUES);
    int capacity = 0;

    expect_keyword(p, KW_VALUES);
    do {
        if (values->row_count == capacity) {
            AstList **rows;

            capacity = capacity ? capacity * 2 : 1;
            rows = arena_alloc(p->arena, (size_t) capacity * sizeof(AstList *));
            if (values->row_count > 0)
                memcpy(rows, values->rows, (size_t) values->row_count * sizeof(AstList *));
            values->rows = rows;
        }
        expect(p, TOKEN_LPAREN);
        values->rows[values->row_count++] = parse_expression_list(p);
        expect(p, TOKEN_RPAREN);
    } while (accept(p, TOKEN_COMMA));
    return parse_end(p, values);
}

/* SELECT ... or ( query body ) */
static AstNode *
parse_query_primary(Parser *p)
{
    AstNode *query;

    if (!at(p, TOKEN_LPAREN))
        return parse_select(p);
    parse_enter(p);
    advance(p);
    query = parse_query_body(p);
    expect(p, TOKEN_RPAREN);
    if (query->kind == AST_SELECT)
        ((AstSelect *) query)->parenthesised = true;
    parse_leave(p);
    return query;
}

static AstNode *
make_set_operation(Parser *p, SetOperator op, AstNode *left, AstNode *right)
{
    AstSetOperation *node = NODE(p, AstSetOperation, AST_SET_OPERATION);

    parse_begin_at(node, left);
    node->op = op;
    node->left = left;
    node->right = right;
    return parse_end(p, node);
}

static AstNode *
parse_intersect(Parser *p)
{
    AstNode *left = parse_query_primary(p);

    for (int chain = 0; accept_keyword(p, KW_INTERSECT); chain++) {
        if (chain > PARSE_MAX_CHAIN)
            parse_fail(p, 191, p->token, NULL);
        left = make_set_operation(p, SET_INTERSECT, left, parse_query_primary(p));
    }
    return left;
}

static AstNode *
parse_query_body(Parser *p)
{
    AstNode *left = parse_intersect(p);

    for (int chain = 0;; chain++) {
        SetOperator op;

        if (chain > PARSE_MAX_CHAIN)
            parse_fail(p, 191, p->token, NULL);
        if (accept_keyword(p, KW_UNION))
            op = accept_keyword(p, KW_ALL) ? SET_UNION_ALL : SET_UNION;
        else if (accept_keyword(p, KW_EXCEPT))
            op = SET_EXCEPT;
        else
            return left;
        left = make_set_operation(p, op, left, parse_intersect(p));
    }
}

/* ---- what follows a whole query ---- */

/* FOR XML mode, option ...; FOR JSON likewise */
static AstList *
parse_for_options(Parser *p)
{
    AstList *options = NULL;

    do {
        AstOption *option = NODE(p, AstOption, AST_OPTION);

        option->name = parse_upper_word(p);
        if (at(p, TOKEN_WORD) &&
            (at_word(p, "XSINIL") || at_keyword(p, KW_ABSENT) || at_word(p, "BASE64")))
            option->word = parse_upper_word(p);
        if (accept(p, TOKEN_LPAREN)) {
            option->value = parse_string_or_variable(p);
            expect(p, TOKEN_RPAREN);
        }
        parse_append(p, &options, parse_end(p, option));
    } while (accept(p, TOKEN_COMMA));
    return options;
}

AstList *
parse_query_hints(Parser *p)
{
    if (!at_keyword(p, KW_OPTION) || !next_is(p, 1, TOKEN_LPAREN))
        return NULL;
    advance(p);
    return parse_option_list(p);
}

static void
parse_offset_fetch(Parser *p, AstQueryTail *tail)
{
    if (!at_keyword(p, KW_OFFSET))
        return;
    advance(p);
    tail->offset = parse_scalar(p);
    if (!accept_keyword(p, KW_ROWS))
        expect_keyword(p, KW_ROW);
    if (!accept_keyword(p, KW_FETCH))
        return;
    if (!accept_keyword(p, KW_NEXT))
        expect_keyword(p, KW_FIRST);
    tail->fetch = parse_scalar(p);
    if (!accept_keyword(p, KW_ROWS))
        expect_keyword(p, KW_ROW);
    expect_keyword(p, KW_ONLY);
}

static AstQueryTail *
parse_tail(Parser *p, AstList *ctes, bool hints)
{
    AstQueryTail tail = {.ctes = ctes};
    AstQueryTail *copy;
    bool any = ctes != NULL;

    if (accept_keywords(p, KW_ORDER, KW_BY)) {
        any = true;
        tail.order_by = parse_order_list(p);
        parse_offset_fetch(p, &tail);
    }
    if (at_keyword(p, KW_FOR) && (next_keyword(p, 1, KW_XML) || next_keyword(p, 1, KW_JSON))) {
        any = true;
        tail.for_clause = next_keyword(p, 1, KW_XML) ? FOR_XML : FOR_JSON;
        p->token += 2;
        tail.for_options = parse_for_options(p);
    } else if (accept_keywords(p, KW_FOR, KW_BROWSE)) {
        any = true;
        tail.for_clause = FOR_BROWSE;
    }
    if (hints) {
        tail.hints = parse_query_hints(p);
        any = any || tail.hints != NULL;
    }
    if (!any)
        return NULL;
    copy = NEW(p, AstQueryTail);
    *copy = tail;
    return copy;
}

static AstNode *
parse_query_with(Parser *p, AstList *ctes, bool hints)
{
    AstNode *query;

    parse_enter(p);
    query = parse_query_body(p);
    ((AstQuery *) query)->tail = parse_tail(p, ctes, hints);
    parse_leave(p);
    return parse_end(p, query);
}

AstNode *
parse_query(Parser *p, bool hints)
{
    return parse_query_with(p, NULL, hints);
}

/* ---- WITH ---- */

/* XMLNAMESPACES ('uri' AS prefix, DEFAULT 'uri') */
static AstOption *
parse_xml_namespaces(Parser *p)
{
    AstOption *all = parse_make_option(p, "XMLNAMESPACES");

    advance(p);
    expect(p, TOKEN_LPAREN);
    do {
        AstOption *one = parse_make_option(p, "");

        if (accept_keyword(p, KW_DEFAULT))
            one->value = parse_string_or_variable(p);
        else {
            one->value = parse_string_or_variable(p);
            expect_keyword(p, KW_AS);
            one->name = parse_identifier(p);
        }
        parse_append(p, &all->list, parse_end(p, one));
    } while (accept(p, TOKEN_COMMA));
    expect(p, TOKEN_RPAREN);
    return parse_end(p, all);
}

static AstCte *
parse_cte(Parser *p)
{
    AstCte *cte = NODE(p, AstCte, AST_CTE);

    cte->name = parse_identifier(p);
    if (at(p, TOKEN_LPAREN))
        cte->columns = parse_name_list(p, &cte->column_count);
    expect_keyword(p, KW_AS);
    expect(p, TOKEN_LPAREN);
    cte->query = parse_query(p, false);
    expect(p, TOKEN_RPAREN);
    return parse_end(p, cte);
}

AstList *
parse_ctes(Parser *p)
{
    AstList *ctes = NULL;

    expect_keyword(p, KW_WITH);
    do {
        if (at_keyword(p, KW_XMLNAMESPACES) && next_is(p, 1, TOKEN_LPAREN))
            parse_append(p, &ctes, parse_xml_namespaces(p));
        else
            parse_append(p, &ctes, parse_cte(p));
    } while (accept(p, TOKEN_COMMA));
    return ctes;
}

AstNode *
parse_query_or_ctes(Parser *p)
{
    const Token *first = p->token;
    AstNode *query;

    if (!at_keyword(p, KW_WITH))
        return parse_query(p, true);
    query = parse_query_with(p, parse_ctes(p), true);
    query->line = first->line;
    query->start = first->start;
    return query;
}

/* WITH ... and the statement that uses it */
AstNode *
parse_with_statement(Parser *p)
{
    const Token *first = p->token;
    AstList *ctes = parse_ctes(p);
    AstNode *node;

    switch (p->token->keyword) {
    case KW_INSERT:
        node = parse_insert(p, ctes);
        break;
    case KW_UPDATE:
        node = parse_update(p, ctes);
        break;
    case KW_DELETE:
        node = parse_delete(p, ctes);
        break;
    case KW_MERGE:
        node = parse_merge(p, ctes);
        break;
    default: {
        AstQueryStatement *statement = NODE(p, AstQueryStatement, AST_QUERY_STATEMENT);

        statement->query = parse_query_with(p, ctes, true);
        statement->query->line = first->line;
        statement->query->start = first->start;
        node = &statement->node;
    }
    }
    node->line = first->line;
    node->start = first->start;
    return parse_end(p, node);
}

AstNode *
parse_select_statement(Parser *p)
{
    AstQueryStatement *statement = NODE(p, AstQueryStatement, AST_QUERY_STATEMENT);

    statement->query = parse_query(p, true);
    return parse_end(p, statement);
}
