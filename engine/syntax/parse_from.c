/*
 * Table sources: what stands behind FROM, USING and APPLY, with joins, hints, PIVOT and aliases.
 */
#include "parse_internal.h"

/* ---- aliases ---- */

/* WINDOW begins a clause only when it defines a window. */
static bool
is_clause_word(const Parser *p)
{
    switch (p->token->keyword) {
    case KW_WINDOW:
        return token_is_name(p->token + 1) && next_keyword(p, 2, KW_AS) &&
               next_is(p, 3, TOKEN_LPAREN);
    case KW_OUTPUT:
        return true;
    case KW_USING:
        return true;
    default:
        return false;
    }
}

bool
parse_at_alias(const Parser *p)
{
    return at_name(p) && !next_is(p, 1, TOKEN_COLON) && !(at(p, TOKEN_WORD) && is_clause_word(p));
}

const char *
parse_alias(Parser *p)
{
    if (accept_keyword(p, KW_AS))
        return parse_identifier(p);
    return parse_at_alias(p) ? parse_identifier(p) : NULL;
}

/* ---- hints ---- */

static bool
is_table_hint(const Parser *p, const Token *token)
{
    static const char *const hints[] = {
        "NOLOCK",
        "READUNCOMMITTED",
        "UPDLOCK",
        "REPEATABLEREAD",
        "SERIALIZABLE",
        "READCOMMITTED",
        "TABLOCK",
        "TABLOCKX",
        "PAGLOCK",
        "ROWLOCK",
        "NOWAIT",
        "READPAST",
        "XLOCK",
        "SNAPSHOT",
        "NOEXPAND",
        "HOLDLOCK",
        "FASTFIRSTROW",
        "FORCESCAN",
        "FORCESEEK",
        "INDEX",
        "KEEPIDENTITY",
        "IGNORE_CONSTRAINTS",
        "IGNORE_TRIGGERS",
        "KEEPDEFAULTS",
        "READCOMMITTEDLOCK",
        "SPATIAL_WINDOW_MAX_CELLS",
    };
    size_t length = token->end - token->start;

    if (token->type != TOKEN_WORD)
        return false;
    for (size_t i = 0; i < sizeof(hints) / sizeof(hints[0]); i++) {
        size_t j = 0;

        while (j < length && hints[i][j] != '\0' &&
               (p->text[token->start + j] & ~0x20) == hints[i][j])
            j++;
        if (j == length && hints[i][j] == '\0')
            return true;
    }
    return false;
}

static void
hint_arguments(Parser *p, AstTableHint *hint)
{
    if (accept(p, TOKEN_EQ)) {
        if (at(p, TOKEN_LPAREN)) {
            hint_arguments(p, hint);
            return;
        }
        if (token_is_literal(p->token))
            parse_append(p, &hint->args, parse_literal(p));
        else
            parse_append(p, &hint->args, parse_column_ref(p));
        return;
    }
    if (!accept(p, TOKEN_LPAREN))
        return;
    do {
        if (token_is_literal(p->token))
            parse_append(p, &hint->args, parse_literal(p));
        else {
            parse_append(p, &hint->args, parse_column_ref(p));
            if (accept(p, TOKEN_LPAREN)) { /* FORCESEEK (index (column, ...)) */
                do
                    parse_append(p, &hint->args, parse_column_ref(p));
                while (accept(p, TOKEN_COMMA));
                expect(p, TOKEN_RPAREN);
            }
        }
    } while (accept(p, TOKEN_COMMA));
    expect(p, TOKEN_RPAREN);
}

/* ( hint [,] hint ... ) */
static AstList *
hint_list(Parser *p)
{
    AstList *list = NULL;

    expect(p, TOKEN_LPAREN);
    do {
        AstTableHint *hint = NODE(p, AstTableHint, AST_TABLE_HINT);

        if (!at(p, TOKEN_WORD))
            parse_syntax_error(p);
        if (!is_table_hint(p, p->token))
            parse_fail(p, 321, p->token, parse_token_text(p, p->token));
        hint->name = parse_upper_word(p);
        hint_arguments(p, hint);
        parse_append(p, &list, parse_end(p, hint));
        (void) accept(p, TOKEN_COMMA);
    } while (!at(p, TOKEN_RPAREN));
    advance(p);
    return list;
}

/* WITH (...), or the same without WITH where it cannot be the argument list of a function. */
AstList *
parse_table_hints(Parser *p)
{
    if (at_keyword(p, KW_WITH) && next_is(p, 1, TOKEN_LPAREN)) {
        advance(p);
        return hint_list(p);
    }
    if (at(p, TOKEN_LPAREN) && is_table_hint(p, p->token + 1))
        return hint_list(p);
    return NULL;
}

/* ---- parts of a table reference ---- */

static AstTableSample *
table_sample(Parser *p)
{
    AstTableSample *sample = NEW(p, AstTableSample);

    expect_keyword(p, KW_TABLESAMPLE);
    (void) accept_keyword(p, KW_SYSTEM);
    expect(p, TOKEN_LPAREN);
    sample->amount = parse_scalar(p);
    if (accept_keyword(p, KW_PERCENT))
        sample->percent = true;
    else if (accept_keyword(p, KW_ROWS))
        sample->rows = true;
    expect(p, TOKEN_RPAREN);
    if (accept_keyword(p, KW_REPEATABLE)) {
        expect(p, TOKEN_LPAREN);
        sample->repeatable = parse_scalar(p);
        expect(p, TOKEN_RPAREN);
    }
    return sample;
}

static void
temporal_clause(Parser *p, AstTableRef *table)
{
    if (!accept_keywords(p, KW_FOR, KW_SYSTEM_TIME))
        return;
    if (accept_keyword(p, KW_AS)) {
        expect_keyword(p, KW_OF);
        table->temporal = TEMPORAL_AS_OF;
        table->temporal_from = parse_scalar(p);
    } else if (accept_keyword(p, KW_FROM)) {
        table->temporal = TEMPORAL_FROM_TO;
        table->temporal_from = parse_scalar(p);
        expect_keyword(p, KW_TO);
        table->temporal_to = parse_scalar(p);
    } else if (accept_keyword(p, KW_BETWEEN)) {
        table->temporal = TEMPORAL_BETWEEN;
        table->temporal_from = parse_scalar(p);
        expect_keyword(p, KW_AND);
        table->temporal_to = parse_scalar(p);
    } else if (accept_word(p, "CONTAINED")) {
        expect_keyword(p, KW_IN);
        expect(p, TOKEN_LPAREN);
        table->temporal = TEMPORAL_CONTAINED_IN;
        table->temporal_from = parse_scalar(p);
        expect(p, TOKEN_COMMA);
        table->temporal_to = parse_scalar(p);
        expect(p, TOKEN_RPAREN);
    } else {
        expect_keyword(p, KW_ALL);
        table->temporal = TEMPORAL_ALL;
    }
}

static AstNode *
table_ref_rest(Parser *p, AstTableRef *table)
{
    if (at_keyword(p, KW_FOR) && next_keyword(p, 1, KW_SYSTEM_TIME))
        temporal_clause(p, table);
    if (at_keyword(p, KW_TABLESAMPLE))
        table->sample = table_sample(p);
    table->hints = parse_table_hints(p);
    table->alias = parse_alias(p);
    if (at_keyword(p, KW_TABLESAMPLE) && table->sample == NULL)
        table->sample = table_sample(p);
    if (table->hints == NULL)
        table->hints = parse_table_hints(p);
    return parse_end(p, table);
}

AstTableRef *
parse_dml_target(Parser *p, bool bare_hints)
{
    AstTableRef *table = NODE(p, AstTableRef, AST_TABLE_REF);

    if (at(p, TOKEN_VARIABLE)) {
        table->node.kind = AST_TABLE_VARIABLE;
        table->variable = parse_variable(p);
    } else
        parse_name(p, &table->name);
    if (bare_hints || at_keyword(p, KW_WITH))
        table->hints = parse_table_hints(p);
    return parse_end(p, table);
}

/* ---- functions as tables ---- */

static AstColumnDef *
schema_column(Parser *p)
{
    AstColumnDef *column = NODE(p, AstColumnDef, AST_COLUMN_DEF);

    column->name = parse_identifier(p);
    column->type = parse_data_type(p);
    if (accept_keyword(p, KW_COLLATE))
        column->collation = parse_identifier(p);
    if (at(p, TOKEN_STRING) || at(p, TOKEN_NSTRING))
        column->json_path = parse_string_text(p);
    if (accept_keyword(p, KW_AS)) {
        expect_keyword(p, KW_JSON);
        column->as_json = true;
    }
    return parse_end(p, column);
}

/* alias, (columns), WITH (schema) behind a table function */
static AstNode *
table_function_rest(Parser *p, AstTableFunction *function)
{
    bool takes_schema = function->method == NULL && function->name.schema == NULL;

    if (takes_schema && at_keyword(p, KW_WITH) && next_is(p, 1, TOKEN_LPAREN) &&
        !is_table_hint(p, p->token + 2)) {
        p->token += 2;
        do
            parse_append(p, &function->with_schema, schema_column(p));
        while (accept(p, TOKEN_COMMA));
        expect(p, TOKEN_RPAREN);
    }
    function->alias = parse_alias(p);
    if (function->alias != NULL && at(p, TOKEN_LPAREN) && !is_table_hint(p, p->token + 1))
        function->columns = parse_name_list(p, &function->column_count);
    (void) parse_table_hints(p);
    return parse_end(p, function);
}

/* One argument of the functions with a syntax of their own: BULK 'file', option = value, CHANGES t,
 * (a, b), * or an expression. */
static AstNode *
special_argument(Parser *p)
{
    if (at(p, TOKEN_STAR)) {
        AstStar *star = NODE(p, AstStar, AST_STAR);

        advance(p);
        return parse_end(p, star);
    }
    if (at_keyword(p, KW_BULK) || at_word(p, "LANGUAGE") ||
        (at(p, TOKEN_WORD) && next_is(p, 1, TOKEN_EQ)))
        return (AstNode *) parse_option(p);
    if (at_word(p, "CHANGES") || at_word(p, "VERSION")) {
        AstOption *option = parse_word_option(p);

        option->value = (AstNode *) parse_column_ref(p);
        return parse_end(p, option);
    }
    if (at(p, TOKEN_LPAREN)) {
        AstValues *row = NODE(p, AstValues, AST_VALUES);

        advance(p);
        row->rows = arena_alloc(p->arena, sizeof(AstList *));
        row->row_count = 1;
        row->rows[0] = parse_expression_list(p);
        expect(p, TOKEN_RPAREN);
        return parse_end(p, row);
    }
    return parse_scalar(p);
}

/* OPENROWSET, OPENQUERY, CONTAINSTABLE ...: the provider and its string may be parted by ';'. */
static AstNode *
special_function(Parser *p)
{
    AstTableFunction *function = NODE(p, AstTableFunction, AST_TABLE_FUNCTION);

    function->name.object = parse_any_word(p);
    expect(p, TOKEN_LPAREN);
    do
        parse_append(p, &function->args, special_argument(p));
    while (accept(p, TOKEN_COMMA) || accept(p, TOKEN_SEMICOLON));
    expect(p, TOKEN_RPAREN);
    if (accept(p, TOKEN_DOT)) {
        /* OPENDATASOURCE(...).database.schema.table */
        AstTableRef *table = NODE(p, AstTableRef, AST_TABLE_REF);

        parse_name(p, &table->name);
        parse_append(p, &function->args, parse_end(p, table));
    }
    return table_function_rest(p, function);
}

static bool
at_special_function(const Parser *p)
{
    if (!next_is(p, 1, TOKEN_LPAREN))
        return false;
    switch (p->token->keyword) {
    case KW_OPENDATASOURCE:
    case KW_OPENQUERY:
    case KW_OPENROWSET:
    case KW_OPENXML:
    case KW_CONTAINSTABLE:
    case KW_FREETEXTTABLE:
    case KW_SEMANTICKEYPHRASETABLE:
    case KW_SEMANTICSIMILARITYTABLE:
    case KW_SEMANTICSIMILARITYDETAILSTABLE:
        return true;
    default:
        return at_word(p, "CHANGETABLE");
    }
}

/* object.nodes('...') AS t(c), with the object parsed before or part of the name */
static AstNode *
nodes_method(Parser *p, const Token *first, AstNode *object)
{
    AstTableFunction *function = NODE(p, AstTableFunction, AST_TABLE_FUNCTION);
    AstMethodCall *method = NODE(p, AstMethodCall, AST_METHOD_CALL);

    function->node.line = method->node.line = first->line;
    function->node.start = method->node.start = first->start;
    method->object = object;
    method->method = parse_identifier(p);
    expect(p, TOKEN_LPAREN);
    if (!at(p, TOKEN_RPAREN))
        method->args = parse_expression_list(p);
    expect(p, TOKEN_RPAREN);
    function->method = parse_end(p, method);
    return table_function_rest(p, function);
}

/* Is this a name of two or more parts whose last is `nodes`, before a parenthesis? Returns the
 * token of the last part. */
static const Token *
find_nodes(const Parser *p)
{
    const Token *token = p->token;
    const Token *last = token;

    while (token_is_name(token) && token[1].type == TOKEN_DOT) {
        token += 2;
        last = token;
    }
    if (last == p->token || !token_is_name(last) || last[1].type != TOKEN_LPAREN ||
        last->end - last->start != 5 || memcmp(p->text + last->start, "nodes", 5) != 0)
        return NULL;
    return last;
}

static AstNode *
named_source(Parser *p)
{
    const Token *first = p->token;
    const Token *nodes = find_nodes(p);
    AstTableRef *table;

    if (nodes != NULL) {
        AstColumnRef *column = NODE(p, AstColumnRef, AST_COLUMN_REF);
        /* the column's name ends before .nodes: parse the parts one by one */
        const char *parts[4] = {NULL, NULL, NULL, NULL};
        int count = 0;

        while (p->token < nodes) {
            if (count == 4)
                parse_syntax_error(p);
            parts[count++] = parse_identifier(p);
            expect(p, TOKEN_DOT);
        }
        column->column = parts[count - 1];
        column->table = count > 1 ? parts[count - 2] : NULL;
        column->schema = count > 2 ? parts[count - 3] : NULL;
        column->database = count > 3 ? parts[count - 4] : NULL;
        column->node.end = p->token[-1].start;
        return nodes_method(p, first, &column->node);
    }
    table = NODE(p, AstTableRef, AST_TABLE_REF);
    (void) accept(p, TOKEN_DOUBLE_COLON); /* ::fn_x() of old */
    parse_name(p, &table->name);
    if (at(p, TOKEN_LPAREN) && !is_table_hint(p, p->token + 1)) {
        AstTableFunction *function = NODE(p, AstTableFunction, AST_TABLE_FUNCTION);

        function->node.line = first->line;
        function->node.start = first->start;
        function->name = table->name;
        advance(p);
        if (!at(p, TOKEN_RPAREN))
            function->args = parse_expression_list(p);
        expect(p, TOKEN_RPAREN);
        return table_function_rest(p, function);
    }
    return table_ref_rest(p, table);
}

static AstNode *
variable_source(Parser *p)
{
    const Token *first = p->token;
    AstTableRef *table;

    if (next_is(p, 1, TOKEN_DOT)) {
        AstNode *variable = parse_variable_node(p);

        advance(p);
        return nodes_method(p, first, variable);
    }
    table = NODE(p, AstTableRef, AST_TABLE_VARIABLE);
    table->variable = parse_variable(p);
    return table_ref_rest(p, table);
}

/* ---- parentheses ---- */

static AstNode *
nested_dml(Parser *p)
{
    switch (p->token->keyword) {
    case KW_INSERT:
        return parse_insert(p, NULL);
    case KW_UPDATE:
        return parse_update(p, NULL);
    case KW_DELETE:
        return parse_delete(p, NULL);
    default:
        return parse_merge(p, NULL);
    }
}

/* Behind `(`: does a query stand there, rather than a table source? ((SELECT 1) x JOIN y ...) is
 * none: there an alias follows the inner parenthesis. */
static bool
at_derived_query(const Parser *p)
{
    const Token *token = p->token;

    if (parse_at_query(p))
        return true;
    while (token->type == TOKEN_LPAREN)
        token++;
    return token > p->token && token->type == TOKEN_WORD && token->keyword == KW_SELECT &&
           parse_after_parens(p->token)->type == TOKEN_RPAREN;
}

static AstNode *
parenthesised_source(Parser *p)
{
    const Token *open = p->token;
    AstDerivedTable *derived;
    AstNode *query;

    advance(p);
    if (at_derived_query(p))
        query = parse_query(p, false);
    else if (at_keyword(p, KW_VALUES))
        query = (AstNode *) parse_values(p);
    else if (at_keyword(p, KW_INSERT) || at_keyword(p, KW_UPDATE) || at_keyword(p, KW_DELETE) ||
             at_keyword(p, KW_MERGE))
        query = nested_dml(p);
    else {
        query = parse_table_source(p);
        expect(p, TOKEN_RPAREN);
        return query;
    }
    expect(p, TOKEN_RPAREN);
    derived = NODE(p, AstDerivedTable, AST_DERIVED_TABLE);
    derived->node.line = open->line;
    derived->node.start = open->start;
    derived->query = query;
    derived->alias = parse_alias(p);
    if (derived->alias == NULL)
        parse_syntax_error(p);
    if (at(p, TOKEN_LPAREN))
        derived->columns = parse_name_list(p, &derived->column_count);
    return parse_end(p, derived);
}

static AstNode *
parse_table_primary(Parser *p)
{
    switch (p->token->type) {
    case TOKEN_LPAREN:
        return parenthesised_source(p);
    case TOKEN_VARIABLE:
        return variable_source(p);
    case TOKEN_LBRACE: {
        AstNode *source;

        advance(p);
        expect_keyword(p, KW_OJ);
        source = parse_table_source(p);
        expect(p, TOKEN_RBRACE);
        return source;
    }
    default:
        if (at_special_function(p))
            return special_function(p);
        return named_source(p);
    }
}

/* ---- joins and pivots ---- */

static AstNode *
parse_pivot(Parser *p, AstNode *source)
{
    bool pivot = at_keyword(p, KW_PIVOT);
    AstPivot *node = NODE(p, AstPivot, pivot ? AST_PIVOT : AST_UNPIVOT);

    parse_begin_at(node, source);
    advance(p);
    node->source = source;
    expect(p, TOKEN_LPAREN);
    if (pivot) {
        AstName name;
        const Token *first = p->token;

        parse_name(p, &name);
        node->aggregate = parse_function_call_rest(p, &name, first);
    } else
        node->value_column = parse_identifier(p);
    expect_keyword(p, KW_FOR);
    node->for_column = parse_column_ref(p)->column;
    expect_keyword(p, KW_IN);
    node->values = parse_name_list(p, &node->value_count);
    expect(p, TOKEN_RPAREN);
    node->alias = parse_alias(p);
    if (node->alias == NULL)
        parse_syntax_error(p);
    return parse_end(p, node);
}

static const char *
join_hint(Parser *p)
{
    if (accept_keyword(p, KW_LOOP))
        return "LOOP";
    if (accept_keyword(p, KW_HASH))
        return "HASH";
    if (accept_keyword(p, KW_MERGE))
        return "MERGE";
    if (accept_keyword(p, KW_REMOTE))
        return "REMOTE";
    return NULL;
}

/* Reads [INNER | LEFT OUTER ...] [hint] JOIN or CROSS JOIN, CROSS APPLY, OUTER APPLY; false when
 * the table source ends here. */
static bool
join_operator(Parser *p, AstJoin *join)
{
    switch (p->token->keyword) {
    case KW_JOIN:
    case KW_INNER:
        (void) accept_keyword(p, KW_INNER);
        join->type = JOIN_TYPE_INNER;
        break;
    case KW_LEFT:
    case KW_RIGHT:
    case KW_FULL:
        join->type = at_keyword(p, KW_LEFT)    ? JOIN_TYPE_LEFT
                     : at_keyword(p, KW_RIGHT) ? JOIN_TYPE_RIGHT
                                               : JOIN_TYPE_FULL;
        advance(p);
        (void) accept_keyword(p, KW_OUTER);
        break;
    case KW_CROSS:
        advance(p);
        if (accept_keyword(p, KW_APPLY))
            join->type = JOIN_TYPE_CROSS_APPLY;
        else {
            expect_keyword(p, KW_JOIN);
            join->type = JOIN_TYPE_CROSS;
        }
        return true;
    case KW_OUTER:
        advance(p);
        expect_keyword(p, KW_APPLY);
        join->type = JOIN_TYPE_OUTER_APPLY;
        return true;
    default:
        return false;
    }
    join->hint = join_hint(p);
    expect_keyword(p, KW_JOIN);
    return true;
}

static bool
at_join(const Parser *p)
{
    switch (p->token->keyword) {
    case KW_JOIN:
    case KW_INNER:
    case KW_LEFT:
    case KW_RIGHT:
    case KW_FULL:
    case KW_CROSS:
    case KW_OUTER:
        return at(p, TOKEN_WORD);
    default:
        return false;
    }
}

AstNode *
parse_table_source(Parser *p)
{
    AstNode *left;

    parse_enter(p);
    left = parse_table_primary(p);
    for (int chain = 0;; chain++) {
        AstJoin *join;

        if (chain > PARSE_MAX_CHAIN)
            parse_fail(p, 191, p->token, NULL);
        if (at_keyword(p, KW_PIVOT) || at_keyword(p, KW_UNPIVOT)) {
            left = parse_pivot(p, left);
            continue;
        }
        if (!at_join(p))
            break;
        join = NODE(p, AstJoin, AST_JOIN);
        parse_begin_at(join, left);
        (void) join_operator(p, join);
        join->left = left;
        if (join->type >= JOIN_TYPE_CROSS)
            join->right = parse_table_primary(p);
        else {
            /* a JOIN b JOIN c ON ... ON ...: the right side may be joins that end at ON */
            join->right = parse_table_source(p);
            expect_keyword(p, KW_ON);
            join->on = parse_predicate(p);
        }
        left = parse_end(p, join);
    }
    parse_leave(p);
    return left;
}

AstList *
parse_from_list(Parser *p)
{
    AstList *list = NULL;

    do
        parse_append(p, &list, parse_table_source(p));
    while (accept(p, TOKEN_COMMA));
    return list;
}
