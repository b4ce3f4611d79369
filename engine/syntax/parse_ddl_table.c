/*
 * CREATE TABLE and ALTER TABLE: columns, constraints, and the element lists that table variables,
 * table types and table functions share with them.
 */
#include "parse_internal.h"

/* ---- constraints ---- */

const char *
parse_filegroup(Parser *p)
{
    const char *name = parse_identifier_or_string(p);
    int ignored;

    if (at(p, TOKEN_LPAREN)) /* partition scheme (column) */
        (void) parse_name_list(p, &ignored);
    return name;
}

AstIndexColumn *
parse_index_columns(Parser *p, int *count)
{
    AstIndexColumn *columns = NULL;
    int capacity = 0, used = 0;

    expect(p, TOKEN_LPAREN);
    do {
        if (used == capacity) {
            AstIndexColumn *more;

            capacity = capacity ? capacity * 2 : 4;
            more = arena_alloc(p->arena, (size_t) capacity * sizeof(AstIndexColumn));
            if (used > 0)
                memcpy(more, columns, (size_t) used * sizeof(AstIndexColumn));
            columns = more;
        }
        columns[used].name = parse_identifier(p);
        if (accept_keyword(p, KW_DESC))
            columns[used].descending = true;
        else
            (void) accept_keyword(p, KW_ASC);
        used++;
    } while (accept(p, TOKEN_COMMA));
    expect(p, TOKEN_RPAREN);
    *count = used;
    return columns;
}

/* WITH (options), or the old WITH FILLFACTOR = 80, PAD_INDEX. A WITH that begins a common table
 * expression is left alone. */
AstList *
parse_index_options(Parser *p)
{
    if (!at_keyword(p, KW_WITH))
        return NULL;
    if (next_is(p, 1, TOKEN_LPAREN)) {
        advance(p);
        return parse_option_list(p);
    }
    if (!next_is(p, 1, TOKEN_WORD) || next_keyword(p, 2, KW_AS) || next_is(p, 2, TOKEN_LPAREN) ||
        next_keyword(p, 1, KW_VALUES) || next_keyword(p, 1, KW_CHECK) ||
        next_keyword(p, 1, KW_NOCHECK))
        return NULL;
    advance(p);
    return parse_option_sequence(p);
}

/* [CLUSTERED | NONCLUSTERED] [HASH] */
signed char
parse_clustered(Parser *p)
{
    signed char clustered = 0;

    if (accept_keyword(p, KW_CLUSTERED))
        clustered = 1;
    else if (accept_keyword(p, KW_NONCLUSTERED))
        clustered = -1;
    (void) accept_keyword(p, KW_HASH);
    return clustered;
}

static void
key_constraint(Parser *p, AstConstraint *constraint, bool column_level)
{
    constraint->clustered = parse_clustered(p);
    if (at(p, TOKEN_LPAREN))
        constraint->columns = parse_index_columns(p, &constraint->column_count);
    else if (!column_level)
        parse_syntax_error(p);
    constraint->options = parse_index_options(p);
    if (at_keyword(p, KW_ON) && (token_is_name(p->token + 1) || next_is(p, 1, TOKEN_STRING))) {
        advance(p);
        constraint->filegroup = parse_filegroup(p);
    }
}

static ReferentialAction
referential_action(Parser *p)
{
    if (accept_keyword(p, KW_CASCADE))
        return ACTION_CASCADE;
    if (accept_keyword(p, KW_NO)) {
        expect_keyword(p, KW_ACTION);
        return ACTION_NO_ACTION;
    }
    expect_keyword(p, KW_SET);
    if (accept_keyword(p, KW_NULL))
        return ACTION_SET_NULL;
    expect_keyword(p, KW_DEFAULT);
    return ACTION_SET_DEFAULT;
}

static bool
not_for_replication(Parser *p)
{
    if (!at_keyword(p, KW_NOT) || !next_keyword(p, 1, KW_FOR))
        return false;
    p->token += 2;
    expect_keyword(p, KW_REPLICATION);
    return true;
}

/* REFERENCES table [(columns)] [ON DELETE ...] [ON UPDATE ...] */
static void
references_clause(Parser *p, AstConstraint *constraint)
{
    constraint->type = CONSTRAINT_FOREIGN_KEY;
    expect_keyword(p, KW_REFERENCES);
    parse_name(p, &constraint->references);
    if (at(p, TOKEN_LPAREN))
        constraint->reference_columns = parse_name_list(p, &constraint->reference_count);
    for (;;) {
        if (accept_keywords(p, KW_ON, KW_DELETE))
            constraint->on_delete = referential_action(p);
        else if (accept_keywords(p, KW_ON, KW_UPDATE))
            constraint->on_update = referential_action(p);
        else
            break;
    }
    if (not_for_replication(p))
        constraint->not_for_replication = true;
}

static void
check_clause(Parser *p, AstConstraint *constraint)
{
    constraint->type = CONSTRAINT_CHECK;
    constraint->not_for_replication = not_for_replication(p);
    expect(p, TOKEN_LPAREN);
    constraint->expr = parse_predicate(p);
    expect(p, TOKEN_RPAREN);
}

static void
default_clause(Parser *p, AstConstraint *constraint, bool column_level)
{
    constraint->type = CONSTRAINT_DEFAULT;
    constraint->expr = parse_scalar(p);
    if (!column_level && accept_keyword(p, KW_FOR))
        constraint->default_column = parse_identifier(p);
    if (accept_keywords(p, KW_WITH, KW_VALUES))
        constraint->with_values = true;
}

AstConstraint *
parse_constraint(Parser *p, bool column_level)
{
    AstConstraint *constraint = NODE(p, AstConstraint, AST_CONSTRAINT);

    if (accept_keyword(p, KW_CONSTRAINT))
        constraint->name = parse_identifier(p);
    switch (p->token->keyword) {
    case KW_PRIMARY:
        advance(p);
        expect_keyword(p, KW_KEY);
        constraint->type = CONSTRAINT_PRIMARY_KEY;
        key_constraint(p, constraint, column_level);
        break;
    case KW_UNIQUE:
        advance(p);
        constraint->type = CONSTRAINT_UNIQUE;
        key_constraint(p, constraint, column_level);
        break;
    case KW_FOREIGN: {
        AstIndexColumn *columns = NULL;

        advance(p);
        expect_keyword(p, KW_KEY);
        if (at(p, TOKEN_LPAREN))
            columns = parse_index_columns(p, &constraint->column_count);
        else if (!column_level)
            parse_syntax_error(p);
        constraint->columns = columns;
        references_clause(p, constraint);
        break;
    }
    case KW_REFERENCES:
        if (!column_level)
            parse_syntax_error(p);
        references_clause(p, constraint);
        break;
    case KW_CHECK:
        advance(p);
        check_clause(p, constraint);
        break;
    case KW_DEFAULT:
        advance(p);
        default_clause(p, constraint, column_level);
        break;
    default:
        parse_syntax_error(p);
    }
    return parse_end(p, constraint);
}

/* ---- columns ---- */

static void
identity_clause(Parser *p, AstColumnDef *column)
{
    column->identity = true;
    if (accept(p, TOKEN_LPAREN)) {
        column->identity_seed = parse_signed_literal(p);
        expect(p, TOKEN_COMMA);
        column->identity_increment = parse_signed_literal(p);
        expect(p, TOKEN_RPAREN);
    }
    if (not_for_replication(p))
        column->identity_not_for_replication = true;
}

/* GENERATED ALWAYS AS ROW START | END */
static void
generated_clause(Parser *p, AstColumnDef *column)
{
    expect_keyword(p, KW_ALWAYS);
    expect_keyword(p, KW_AS);
    expect_keyword(p, KW_ROW);
    if (accept_keyword(p, KW_START))
        column->generated_row_start = true;
    else {
        expect_keyword(p, KW_END);
        column->generated_row_end = true;
    }
}

static void
masked_clause(Parser *p, AstColumnDef *column)
{
    expect_keyword(p, KW_WITH);
    expect(p, TOKEN_LPAREN);
    expect_keyword(p, KW_FUNCTION);
    expect(p, TOKEN_EQ);
    column->mask_function = parse_string_text(p);
    expect(p, TOKEN_RPAREN);
}

/* One option behind a column's type; false when none stands there. */
static bool
column_option(Parser *p, AstColumnDef *column)
{
    switch (p->token->keyword) {
    case KW_COLLATE:
        advance(p);
        column->collation = parse_identifier(p);
        return true;
    case KW_NULL:
        advance(p);
        column->nullable = 1;
        return true;
    case KW_NOT:
        if (not_for_replication(p))
            return true;
        advance(p);
        expect_keyword(p, KW_NULL);
        column->nullable = -1;
        return true;
    case KW_IDENTITY:
        advance(p);
        identity_clause(p, column);
        return true;
    case KW_ROWGUIDCOL:
        advance(p);
        column->rowguidcol = true;
        return true;
    case KW_SPARSE:
        advance(p);
        column->sparse = true;
        return true;
    case KW_FILESTREAM:
        advance(p);
        column->filestream = true;
        return true;
    case KW_PERSISTED:
        advance(p);
        column->persisted = true;
        return true;
    case KW_HIDDEN:
        advance(p);
        column->hidden_ = true;
        return true;
    case KW_MASKED:
        advance(p);
        masked_clause(p, column);
        return true;
    case KW_GENERATED:
        advance(p);
        generated_clause(p, column);
        return true;
    case KW_CONSTRAINT:
    case KW_PRIMARY:
    case KW_UNIQUE:
    case KW_FOREIGN:
    case KW_REFERENCES:
    case KW_CHECK:
    case KW_DEFAULT:
        parse_append(p, &column->constraints, parse_constraint(p, true));
        return true;
    case KW_INDEX:
        parse_append(p, &column->indexes, parse_inline_index(p));
        return true;
    default:
        return false;
    }
}

AstColumnDef *
parse_column_def(Parser *p)
{
    AstColumnDef *column = NODE(p, AstColumnDef, AST_COLUMN_DEF);
    const Token *first = p->token;

    column->name = parse_identifier(p);
    if (accept_keyword(p, KW_AS))
        column->computed = parse_scalar(p);
    else if (!parse_same_name(column->name, "timestamp") || at_name(p)) {
        if (at(p, TOKEN_COMMA) || at(p, TOKEN_RPAREN))
            parse_fail(p, 173, first, column->name);
        column->type = parse_data_type(p);
    }
    while (at(p, TOKEN_WORD) && column_option(p, column))
        ;
    return parse_end(p, column);
}

/* PERIOD FOR SYSTEM_TIME (start, end) as an option with two column references */
static AstOption *
period_element(Parser *p)
{
    AstOption *option = parse_make_option(p, "PERIOD");

    p->token += 2;
    expect_keyword(p, KW_SYSTEM_TIME);
    expect(p, TOKEN_LPAREN);
    parse_append(p, &option->list, parse_column_ref(p));
    expect(p, TOKEN_COMMA);
    parse_append(p, &option->list, parse_column_ref(p));
    expect(p, TOKEN_RPAREN);
    return parse_end(p, option);
}

static AstNode *
table_element(Parser *p)
{
    switch (p->token->keyword) {
    case KW_CONSTRAINT:
    case KW_PRIMARY:
    case KW_UNIQUE:
    case KW_FOREIGN:
    case KW_CHECK:
    case KW_DEFAULT:
        return (AstNode *) parse_constraint(p, false);
    case KW_INDEX:
        return (AstNode *) parse_inline_index(p);
    case KW_PERIOD:
        if (next_keyword(p, 1, KW_FOR))
            return (AstNode *) period_element(p);
        break;
    default:
        break;
    }
    return (AstNode *) parse_column_def(p);
}

AstList *
parse_table_elements(Parser *p)
{
    AstList *list = NULL;

    expect(p, TOKEN_LPAREN);
    do {
        /* a constraint may follow without a comma; a comma may end the list */
        if (at(p, TOKEN_RPAREN) && list != NULL)
            break;
        parse_append(p, &list, table_element(p));
        while (at_keyword(p, KW_CONSTRAINT) || at_keyword(p, KW_PRIMARY) ||
               at_keyword(p, KW_FOREIGN))
            parse_append(p, &list, parse_constraint(p, false));
    } while (accept(p, TOKEN_COMMA));
    expect(p, TOKEN_RPAREN);
    return list;
}

/* The same without parentheses, for ALTER TABLE ADD. */
AstList *
parse_bare_elements(Parser *p)
{
    AstList *list = NULL;

    do
        parse_append(p, &list, table_element(p));
    while (accept(p, TOKEN_COMMA));
    return list;
}

/* ---- CREATE TABLE ---- */

/* Moves the PERIOD element into its own fields. */
static void
take_period(AstCreateTable *node)
{
    AstList *list = node->elements;
    int kept = 0;

    for (int i = 0; i < AST_LIST_COUNT(list); i++) {
        if (list->items[i]->kind == AST_OPTION) {
            AstOption *option = (AstOption *) list->items[i];

            node->period_start = AST_LIST_ITEM(AstColumnRef, option->list, 0)->column;
            node->period_end = AST_LIST_ITEM(AstColumnRef, option->list, 1)->column;
        } else
            list->items[kept++] = list->items[i];
    }
    if (list != NULL)
        list->count = kept;
}

AstNode *
parse_create_table(Parser *p)
{
    AstCreateTable *node = NODE(p, AstCreateTable, AST_CREATE_TABLE);

    p->token += 2;
    parse_name(p, &node->name);
    if (at(p, TOKEN_LPAREN))
        node->elements = parse_table_elements(p);
    else
        parse_syntax_error(p);
    take_period(node);
    if (at_keyword(p, KW_AS) && (next_keyword(p, 1, KW_NODE) || next_keyword(p, 1, KW_EDGE))) {
        AstOption *graph =
            parse_make_option(p, next_keyword(p, 1, KW_NODE) ? "AS NODE" : "AS EDGE");

        p->token += 2;
        parse_append(p, &node->options, parse_end(p, graph));
    }
    for (;;) {
        if (accept_keyword(p, KW_ON))
            node->filegroup = parse_filegroup(p);
        else if (accept_keyword(p, KW_TEXTIMAGE_ON))
            node->textimage_on = parse_filegroup(p);
        else if (accept_keyword(p, KW_FILESTREAM_ON))
            (void) parse_filegroup(p);
        else
            break;
    }
    if (at_keyword(p, KW_WITH) && next_is(p, 1, TOKEN_LPAREN)) {
        AstList *more;

        advance(p);
        more = parse_option_list(p);
        for (int i = 0; i < more->count; i++)
            parse_append(p, &node->options, more->items[i]);
    }
    return parse_end(p, node);
}
