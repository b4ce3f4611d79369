/*
 * Data manipulation: INSERT, UPDATE, DELETE, MERGE, TRUNCATE TABLE, BULK INSERT and the wire's
 * INSERT BULK.
 */
#include "parse_internal.h"

#define MAX_INSERT_ROWS 1000

/* OUTPUT items [INTO target [(columns)] [OUTPUT items]] */
static AstOutputClause *
parse_output(Parser *p)
{
    AstOutputClause *output;

    if (!at_keyword(p, KW_OUTPUT))
        return NULL;
    output = NODE(p, AstOutputClause, AST_OUTPUT_CLAUSE);
    advance(p);
    output->items = parse_select_items(p);
    if (accept_keyword(p, KW_INTO)) {
        output->into = (AstNode *) parse_dml_target(p, false);
        if (at(p, TOKEN_LPAREN) && !(next_keyword(p, 1, KW_SELECT)))
            output->into_columns = parse_name_list(p, &output->into_column_count);
        if (accept_keyword(p, KW_OUTPUT))
            output->second_items = parse_select_items(p);
    }
    return parse_end(p, output);
}

/* (a, t.b, $identity): the columns of INSERT may be qualified, to no effect. */
static const char **
insert_columns(Parser *p, int *count)
{
    NameArray names = {0};

    expect(p, TOKEN_LPAREN);
    do
        parse_add_name(p, &names, parse_column_ref(p)->column);
    while (accept(p, TOKEN_COMMA));
    expect(p, TOKEN_RPAREN);
    *count = names.count;
    return names.items;
}

static bool
at_query_in_parens(const Parser *p)
{
    const Token *token = p->token;

    while (token->type == TOKEN_LPAREN)
        token++;
    return token->keyword == KW_SELECT;
}

/* INSERT BULK table (column type, ...) WITH (...) */
static AstNode *
parse_insert_bulk(Parser *p)
{
    AstInsertBulk *node = NODE(p, AstInsertBulk, AST_INSERT_BULK);

    p->token += 2;
    parse_name(p, &node->table);
    if (accept(p, TOKEN_LPAREN)) {
        do
            parse_append(p, &node->columns, parse_column_def(p));
        while (accept(p, TOKEN_COMMA));
        expect(p, TOKEN_RPAREN);
    }
    if (accept_keyword(p, KW_WITH))
        node->options = parse_option_list(p);
    return parse_end(p, node);
}

static AstNode *
insert_source(Parser *p)
{
    if (at_keyword(p, KW_VALUES)) {
        const Token *first = p->token;
        AstValues *values = parse_values(p);

        if (values->row_count > MAX_INSERT_ROWS)
            parse_fail(p, 10738, first, NULL);
        return (AstNode *) values;
    }
    if (at_keyword(p, KW_EXEC) || at_keyword(p, KW_EXECUTE))
        return parse_execute(p);
    if (at_keyword(p, KW_SELECT) || at(p, TOKEN_LPAREN))
        return parse_query(p, false);
    parse_syntax_error(p);
}

AstNode *
parse_insert(Parser *p, AstList *ctes)
{
    AstInsert *node;

    if (next_keyword(p, 1, KW_BULK) && ctes == NULL)
        return parse_insert_bulk(p);
    node = NODE(p, AstInsert, AST_INSERT);
    advance(p);
    node->dml.ctes = ctes;
    parse_top(p, &node->dml.top, &node->dml.top_percent, NULL);
    (void) accept_keyword(p, KW_INTO);
    node->dml.target = parse_dml_target(p, false);
    if (at(p, TOKEN_LPAREN) && !at_query_in_parens(p))
        node->columns = insert_columns(p, &node->column_count);
    node->dml.output = parse_output(p);
    if (!accept_keywords(p, KW_DEFAULT, KW_VALUES))
        node->source = insert_source(p);
    node->dml.hints = parse_query_hints(p);
    return parse_end(p, node);
}

/* ---- UPDATE ---- */

/* Behind a dotted name: the token that follows it, or NULL when no name stands here. */
static const Token *
after_dotted_name(const Token *token)
{
    if (!token_is_name(token))
        return NULL;
    while (token[1].type == TOKEN_DOT) {
        token += 2;
        if (token->type == TOKEN_DOT)
            token++;
        if (!token_is_name(token))
            return NULL;
    }
    return token + 1;
}

/* column.WRITE(...), column.modify(...) */
static AstMethodCall *
parse_mutator(Parser *p, AstColumnRef *column)
{
    AstMethodCall *call = NODE(p, AstMethodCall, AST_METHOD_CALL);
    AstColumnRef *object = NODE(p, AstColumnRef, AST_COLUMN_REF);

    /* the last part of the name is the method's */
    parse_begin_at(call, &column->node);
    *object = *column;
    object->column = column->table;
    object->table = column->schema;
    object->schema = column->database;
    object->database = NULL;
    call->object = (AstNode *) object;
    call->method = column->column;
    if (object->column == NULL)
        parse_syntax_error(p);
    expect(p, TOKEN_LPAREN);
    if (!at(p, TOKEN_RPAREN))
        call->args = parse_expression_list(p);
    expect(p, TOKEN_RPAREN);
    return parse_end(p, call);
}

static AstNode *
assigned_value(Parser *p)
{
    if (at_keyword(p, KW_DEFAULT))
        return (AstNode *) parse_literal(p);
    return parse_scalar(p);
}

static AstAssignment *
parse_assignment(Parser *p)
{
    AstAssignment *node = NODE(p, AstAssignment, AST_ASSIGNMENT);

    if (at(p, TOKEN_VARIABLE)) {
        const Token *behind;

        node->variable = parse_variable(p);
        node->op = parse_assign_operator(p);
        behind = after_dotted_name(p->token);
        if (node->op == OP_ASSIGN && behind != NULL && parse_at_assignment(behind)) {
            node->column = parse_column_ref(p);
            node->op = parse_assign_operator(p);
        }
        node->value = assigned_value(p);
        return parse_end(p, node);
    }
    node->column = parse_column_ref(p);
    if (at(p, TOKEN_LPAREN)) {
        node->mutator = parse_mutator(p, node->column);
        node->column = (AstColumnRef *) node->mutator->object;
        node->op = OP_ASSIGN;
        return parse_end(p, node);
    }
    node->op = parse_assign_operator(p);
    node->value = assigned_value(p);
    return parse_end(p, node);
}

static AstList *
parse_assignments(Parser *p)
{
    AstList *list = NULL;

    expect_keyword(p, KW_SET);
    do
        parse_append(p, &list, parse_assignment(p));
    while (accept(p, TOKEN_COMMA));
    return list;
}

/* WHERE condition, WHERE CURRENT OF [GLOBAL] cursor */
static AstNode *
parse_where(Parser *p)
{
    AstCurrentOf *node;

    if (!accept_keyword(p, KW_WHERE))
        return NULL;
    if (!at_keyword(p, KW_CURRENT) || !next_keyword(p, 1, KW_OF))
        return parse_predicate(p);
    node = NODE(p, AstCurrentOf, AST_CURRENT_OF);
    p->token += 2;
    if (at_keyword(p, KW_GLOBAL) && token_is_name(p->token + 1)) {
        advance(p);
        node->global = true;
    }
    node->cursor = at(p, TOKEN_VARIABLE) ? parse_variable(p) : parse_identifier(p);
    return parse_end(p, node);
}

AstNode *
parse_update(Parser *p, AstList *ctes)
{
    AstUpdate *node;

    if (next_keyword(p, 1, KW_STATISTICS) && ctes == NULL)
        return parse_update_statistics(p);
    node = NODE(p, AstUpdate, AST_UPDATE);
    advance(p);
    node->dml.ctes = ctes;
    parse_top(p, &node->dml.top, &node->dml.top_percent, NULL);
    node->dml.target = parse_dml_target(p, true);
    node->assignments = parse_assignments(p);
    node->dml.output = parse_output(p);
    if (accept_keyword(p, KW_FROM))
        node->from = parse_from_list(p);
    node->where = parse_where(p);
    node->dml.hints = parse_query_hints(p);
    return parse_end(p, node);
}

AstNode *
parse_delete(Parser *p, AstList *ctes)
{
    AstDelete *node = NODE(p, AstDelete, AST_DELETE);

    advance(p);
    node->dml.ctes = ctes;
    parse_top(p, &node->dml.top, &node->dml.top_percent, NULL);
    (void) accept_keyword(p, KW_FROM);
    node->dml.target = parse_dml_target(p, true);
    node->dml.output = parse_output(p);
    if (accept_keyword(p, KW_FROM))
        node->from = parse_from_list(p);
    node->where = parse_where(p);
    node->dml.hints = parse_query_hints(p);
    return parse_end(p, node);
}

/* ---- MERGE ---- */

static void
merge_insert(Parser *p, AstMergeClause *clause)
{
    AstValues *values;

    clause->action = AST_INSERT;
    if (at(p, TOKEN_LPAREN))
        clause->columns = insert_columns(p, &clause->column_count);
    if (accept_keywords(p, KW_DEFAULT, KW_VALUES))
        return;
    values = parse_values(p);
    if (values->row_count != 1)
        parse_syntax_error(p);
    clause->values = values->rows[0];
}

static AstMergeClause *
parse_merge_clause(Parser *p)
{
    AstMergeClause *clause = NODE(p, AstMergeClause, AST_MERGE_CLAUSE);

    expect_keyword(p, KW_WHEN);
    if (accept_keyword(p, KW_NOT)) {
        expect_keyword(p, KW_MATCHED);
        clause->match = MERGE_NOT_MATCHED_BY_TARGET;
        if (accept_keyword(p, KW_BY)) {
            if (accept_keyword(p, KW_SOURCE))
                clause->match = MERGE_NOT_MATCHED_BY_SOURCE;
            else
                expect_keyword(p, KW_TARGET);
        }
    } else {
        expect_keyword(p, KW_MATCHED);
        clause->match = MERGE_MATCHED;
    }
    if (accept_keyword(p, KW_AND))
        clause->condition = parse_predicate(p);
    expect_keyword(p, KW_THEN);
    /* which action fits which clause is the binder's to say: 10710 */
    if (accept_keyword(p, KW_INSERT))
        merge_insert(p, clause);
    else if (accept_keyword(p, KW_DELETE))
        clause->action = AST_DELETE;
    else {
        expect_keyword(p, KW_UPDATE);
        clause->action = AST_UPDATE;
        clause->assignments = parse_assignments(p);
    }
    return parse_end(p, clause);
}

AstNode *
parse_merge(Parser *p, AstList *ctes)
{
    AstMerge *node = NODE(p, AstMerge, AST_MERGE);

    advance(p);
    node->dml.ctes = ctes;
    parse_top(p, &node->dml.top, &node->dml.top_percent, NULL);
    (void) accept_keyword(p, KW_INTO);
    node->dml.target = parse_dml_target(p, true);
    node->dml.target->alias = parse_alias(p);
    parse_end(p, node->dml.target);
    expect_keyword(p, KW_USING);
    node->source = parse_table_source(p);
    expect_keyword(p, KW_ON);
    node->on = parse_predicate(p);
    do
        parse_append(p, &node->clauses, parse_merge_clause(p));
    while (at_keyword(p, KW_WHEN));
    node->dml.output = parse_output(p);
    node->dml.hints = parse_query_hints(p);
    return parse_end(p, node);
}

/* ---- the rest ---- */

AstNode *
parse_truncate(Parser *p)
{
    AstTruncate *node = NODE(p, AstTruncate, AST_TRUNCATE);

    advance(p);
    expect_keyword(p, KW_TABLE);
    parse_name(p, &node->table);
    if (at_keyword(p, KW_WITH) && next_is(p, 1, TOKEN_LPAREN)) {
        advance(p);
        node->partitions = parse_option_list(p);
    }
    return parse_end(p, node);
}

AstNode *
parse_bulk_insert(Parser *p)
{
    AstBulkInsert *node = NODE(p, AstBulkInsert, AST_BULK_INSERT);

    advance(p);
    expect_keyword(p, KW_INSERT);
    parse_name(p, &node->table);
    expect_keyword(p, KW_FROM);
    node->file = parse_string_text(p);
    if (at_keyword(p, KW_WITH) && next_is(p, 1, TOKEN_LPAREN)) {
        advance(p);
        node->options = parse_option_list(p);
    }
    return parse_end(p, node);
}
