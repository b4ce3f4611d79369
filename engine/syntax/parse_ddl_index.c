/*
 * Indexes and statistics: CREATE and ALTER INDEX, inline INDEX of CREATE TABLE, CREATE and UPDATE
 * STATISTICS.
 */
#include "parse_internal.h"

static void
index_columns(Parser *p, AstCreateIndex *node)
{
    node->columns = parse_index_columns(p, &node->column_count);
}

/* INCLUDE, WHERE, WITH, ON, FILESTREAM_ON in whatever order they may come */
static void
index_tail(Parser *p, AstCreateIndex *node)
{
    if (accept_keyword(p, KW_INCLUDE))
        node->include = parse_name_list(p, &node->include_count);
    if (accept_keyword(p, KW_WHERE))
        node->where = parse_predicate(p);
    if (at_keyword(p, KW_WITH))
        node->options = parse_index_options(p);
    if (accept_keyword(p, KW_ON))
        node->filegroup = parse_filegroup(p);
    if (accept_keyword(p, KW_FILESTREAM_ON))
        (void) parse_filegroup(p);
}

/* XML and SPATIAL indexes: USING ... and FOR ... go to the options. */
static void
special_index_tail(Parser *p, AstCreateIndex *node)
{
    if (at_keyword(p, KW_USING)) {
        AstOption *option = parse_make_option(p, "USING");

        advance(p);
        if (accept_keyword(p, KW_XML)) {
            expect_keyword(p, KW_INDEX);
            option->word = parse_identifier(p);
            if (accept_keyword(p, KW_FOR)) {
                AstOption *purpose = parse_make_option(p, "FOR");

                purpose->word = parse_upper_word(p);
                parse_append(p, &option->list, parse_end(p, purpose));
            }
        } else
            option->word = parse_identifier(p);
        parse_append(p, &node->options, parse_end(p, option));
    }
    if (at_keyword(p, KW_WITH)) {
        AstList *more = parse_index_options(p);

        for (int i = 0; i < AST_LIST_COUNT(more); i++)
            parse_append(p, &node->options, more->items[i]);
    }
    if (accept_keyword(p, KW_ON))
        node->filegroup = parse_filegroup(p);
}

/* CREATE FULLTEXT INDEX ON table (columns) KEY INDEX name [ON catalog] [WITH ...] */
static AstNode *
fulltext_index(Parser *p, AstCreateIndex *node)
{
    AstIndexColumn *columns;
    int capacity = 8;

    expect_keyword(p, KW_ON);
    parse_name(p, &node->table);
    columns = arena_alloc(p->arena, (size_t) capacity * sizeof(AstIndexColumn));
    if (accept(p, TOKEN_LPAREN)) {
        do {
            if (node->column_count == capacity) {
                AstIndexColumn *more =
                    arena_alloc(p->arena, (size_t) capacity * 2 * sizeof(AstIndexColumn));

                memcpy(more, columns, (size_t) capacity * sizeof(AstIndexColumn));
                columns = more;
                capacity *= 2;
            }
            columns[node->column_count++].name = parse_identifier(p);
            if (accept_keyword(p, KW_TYPE)) {
                expect_keyword(p, KW_COLUMN);
                (void) parse_identifier(p);
            }
            if (accept_word(p, "LANGUAGE"))
                (void) (token_is_literal(p->token) ? (void *) parse_literal(p)
                                                   : (void *) parse_identifier(p));
        } while (accept(p, TOKEN_COMMA));
        expect(p, TOKEN_RPAREN);
    }
    node->columns = columns;
    expect_keyword(p, KW_KEY);
    expect_keyword(p, KW_INDEX);
    node->name = parse_identifier(p);
    if (accept_keyword(p, KW_ON)) {
        if (at(p, TOKEN_LPAREN))
            (void) parse_option_list(p);
        else
            node->filegroup = parse_identifier(p);
    }
    node->options = parse_index_options(p);
    return parse_end(p, node);
}

AstNode *
parse_create_index(Parser *p)
{
    AstCreateIndex *node = NODE(p, AstCreateIndex, AST_CREATE_INDEX);

    advance(p);
    node->unique = accept_keyword(p, KW_UNIQUE);
    node->clustered = parse_clustered(p);
    if (accept_keyword(p, KW_PRIMARY)) {
        node->special = "XML";
        expect_keyword(p, KW_XML);
    } else if (accept_keyword(p, KW_XML))
        node->special = "XML";
    else if (accept_keyword(p, KW_SPATIAL))
        node->special = "SPATIAL";
    else if (accept_keyword(p, KW_FULLTEXT))
        node->special = "FULLTEXT";
    else
        node->columnstore = accept_keyword(p, KW_COLUMNSTORE);
    expect_keyword(p, KW_INDEX);
    if (node->special != NULL && strcmp(node->special, "FULLTEXT") == 0)
        return fulltext_index(p, node);
    node->name = parse_identifier(p);
    expect_keyword(p, KW_ON);
    parse_name(p, &node->table);
    if (at(p, TOKEN_LPAREN) || !node->columnstore)
        index_columns(p, node);
    if (node->special != NULL)
        special_index_tail(p, node);
    else
        index_tail(p, node);
    return parse_end(p, node);
}

/* INDEX name [UNIQUE] [CLUSTERED] [(columns)] ... inside CREATE TABLE */
AstCreateIndex *
parse_inline_index(Parser *p)
{
    AstCreateIndex *node = NODE(p, AstCreateIndex, AST_CREATE_INDEX);

    expect_keyword(p, KW_INDEX);
    node->name = parse_identifier(p);
    node->unique = accept_keyword(p, KW_UNIQUE);
    node->clustered = parse_clustered(p);
    if (p->token > p->tokens && p->token[-1].keyword == KW_HASH)
        node->special = "HASH";
    node->columnstore = accept_keyword(p, KW_COLUMNSTORE);
    if (at(p, TOKEN_LPAREN))
        index_columns(p, node);
    index_tail(p, node);
    return parse_end(p, node);
}

static void
append_all(Parser *p, AstList **list, const AstList *more)
{
    for (int i = 0; i < AST_LIST_COUNT(more); i++)
        parse_append(p, list, more->items[i]);
}

AstNode *
parse_alter_index(Parser *p)
{
    AstAlterIndex *node = NODE(p, AstAlterIndex, AST_ALTER_INDEX);

    p->token += 2;
    if (!accept_keyword(p, KW_ALL))
        node->name = parse_identifier(p);
    expect_keyword(p, KW_ON);
    parse_name(p, &node->table);
    switch (p->token->keyword) {
    case KW_SET:
    case KW_REBUILD:
    case KW_REORGANIZE:
    case KW_DISABLE:
    case KW_RESUME:
    case KW_PAUSE:
    case KW_ABORT:
        node->action = parse_upper_word(p);
        break;
    default:
        parse_syntax_error(p);
    }
    if (at(p, TOKEN_LPAREN))
        node->options = parse_option_list(p);
    if (at_keyword(p, KW_PARTITION))
        parse_append(p, &node->options, parse_option(p));
    if (at_keyword(p, KW_WITH))
        append_all(p, &node->options, parse_index_options(p));
    return parse_end(p, node);
}

/* ---- statistics ---- */

/* WITH FULLSCAN, SAMPLE 50 PERCENT, NORECOMPUTE ... */
static AstList *
statistics_options(Parser *p)
{
    if (!at_keyword(p, KW_WITH) || !next_is(p, 1, TOKEN_WORD) || next_keyword(p, 2, KW_AS) ||
        next_is(p, 2, TOKEN_LPAREN))
        return NULL;
    advance(p);
    return parse_option_sequence(p);
}

AstNode *
parse_create_statistics(Parser *p)
{
    AstCreateStatistics *node = NODE(p, AstCreateStatistics, AST_CREATE_STATISTICS);

    p->token += 2;
    node->name = parse_identifier(p);
    expect_keyword(p, KW_ON);
    parse_name(p, &node->table);
    node->columns = parse_name_list(p, &node->column_count);
    if (accept_keyword(p, KW_WHERE))
        node->where = parse_predicate(p);
    node->options = statistics_options(p);
    return parse_end(p, node);
}

/* UPDATE STATISTICS table [name | (names)] [WITH ...]: several names are in `columns`. */
AstNode *
parse_update_statistics(Parser *p)
{
    AstCreateStatistics *node = NODE(p, AstCreateStatistics, AST_CREATE_STATISTICS);

    p->token += 2;
    node->update = true;
    parse_name(p, &node->table);
    if (at(p, TOKEN_LPAREN))
        node->columns = parse_name_list(p, &node->column_count);
    else if (at_name(p) && !next_is(p, 1, TOKEN_COLON))
        node->name = parse_identifier(p);
    node->options = statistics_options(p);
    return parse_end(p, node);
}
