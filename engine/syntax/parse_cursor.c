/*
 * Cursors: DECLARE ... CURSOR in both syntaxes, SET @c = CURSOR, OPEN, FETCH, CLOSE, DEALLOCATE.
 */
#include "parse_internal.h"

/* Options of the T-SQL syntax, behind CURSOR. */
static bool
cursor_option(Parser *p, AstDeclareCursor *cursor)
{
    bool *flag;

    switch (p->token->keyword) {
    case KW_LOCAL:
        flag = &cursor->local;
        break;
    case KW_GLOBAL:
        flag = &cursor->global;
        break;
    case KW_FORWARD_ONLY:
        flag = &cursor->forward_only;
        break;
    case KW_SCROLL:
        flag = &cursor->scroll;
        break;
    case KW_STATIC:
        flag = &cursor->static_;
        break;
    case KW_KEYSET:
        flag = &cursor->keyset;
        break;
    case KW_DYNAMIC:
        flag = &cursor->dynamic;
        break;
    case KW_FAST_FORWARD:
        flag = &cursor->fast_forward;
        break;
    case KW_READ_ONLY:
        flag = &cursor->read_only;
        break;
    case KW_SCROLL_LOCKS:
        flag = &cursor->scroll_locks;
        break;
    case KW_OPTIMISTIC:
        flag = &cursor->optimistic;
        break;
    case KW_TYPE_WARNING:
        flag = &cursor->type_warning;
        break;
    default:
        return false;
    }
    advance(p);
    *flag = true;
    return true;
}

/* CURSOR options FOR query [FOR READ ONLY | FOR UPDATE [OF columns]] */
static void
cursor_body(Parser *p, AstDeclareCursor *cursor)
{
    expect_keyword(p, KW_CURSOR);
    while (cursor_option(p, cursor))
        ;
    expect_keyword(p, KW_FOR);
    cursor->query = parse_query_or_ctes(p);
    if (!accept_keyword(p, KW_FOR))
        return;
    if (accept_keyword(p, KW_READ)) {
        expect_keyword(p, KW_ONLY);
        cursor->read_only = true;
        return;
    }
    expect_keyword(p, KW_UPDATE);
    cursor->for_update = true;
    if (accept_keyword(p, KW_OF)) {
        NameArray names = {0};

        do
            parse_add_name(p, &names, parse_column_ref(p)->column);
        while (accept(p, TOKEN_COMMA));
        cursor->update_columns = names.items;
        cursor->update_column_count = names.count;
    }
}

AstNode *
parse_declare_cursor(Parser *p)
{
    AstDeclareCursor *cursor = NODE(p, AstDeclareCursor, AST_DECLARE_CURSOR);

    advance(p);
    cursor->name = parse_identifier(p);
    if (accept_keyword(p, KW_INSENSITIVE))
        cursor->is_iso = cursor->insensitive = true;
    if (accept_keyword(p, KW_SCROLL))
        cursor->is_iso = cursor->scroll = true;
    cursor_body(p, cursor);
    return parse_end(p, cursor);
}

AstDeclareCursor *
parse_cursor_definition(Parser *p)
{
    AstDeclareCursor *cursor = NODE(p, AstDeclareCursor, AST_DECLARE_CURSOR);

    cursor_body(p, cursor);
    return parse_end(p, cursor);
}

/* [GLOBAL] name | @variable */
static const char *
cursor_name(Parser *p, bool *global)
{
    if (at(p, TOKEN_VARIABLE))
        return parse_variable(p);
    if (at_keyword(p, KW_GLOBAL) && token_is_name(p->token + 1)) {
        advance(p);
        *global = true;
    }
    return parse_identifier(p);
}

static bool
fetch_direction(Parser *p, AstFetch *fetch)
{
    switch (p->token->keyword) {
    case KW_NEXT:
        fetch->direction = FETCH_DIR_NEXT;
        break;
    case KW_PRIOR:
        fetch->direction = FETCH_DIR_PRIOR;
        break;
    case KW_FIRST:
        fetch->direction = FETCH_DIR_FIRST;
        break;
    case KW_LAST:
        fetch->direction = FETCH_DIR_LAST;
        break;
    case KW_ABSOLUTE:
        fetch->direction = FETCH_DIR_ABSOLUTE;
        break;
    case KW_RELATIVE:
        fetch->direction = FETCH_DIR_RELATIVE;
        break;
    default:
        return false;
    }
    /* without FROM the word is the cursor's own name */
    if (fetch->direction < FETCH_DIR_ABSOLUTE && !next_keyword(p, 1, KW_FROM))
        return false;
    advance(p);
    if (fetch->direction >= FETCH_DIR_ABSOLUTE)
        fetch->count = parse_simple_value(p);
    return true;
}

static AstNode *
parse_fetch(Parser *p)
{
    AstFetch *fetch = NODE(p, AstFetch, AST_FETCH_CURSOR);
    NameArray names = {0};

    advance(p);
    if (fetch_direction(p, fetch))
        expect_keyword(p, KW_FROM);
    else {
        fetch->direction = FETCH_DIR_NEXT;
        (void) accept_keyword(p, KW_FROM);
    }
    fetch->name = cursor_name(p, &fetch->global);
    if (accept_keyword(p, KW_INTO)) {
        do
            parse_add_name(p, &names, parse_variable(p));
        while (accept(p, TOKEN_COMMA));
        fetch->into = names.items;
        fetch->into_count = names.count;
    }
    return parse_end(p, fetch);
}

AstNode *
parse_cursor_statement(Parser *p)
{
    AstCursorOp *node;

    if (at_keyword(p, KW_FETCH))
        return parse_fetch(p);
    node = NODE(p, AstCursorOp,
                at_keyword(p, KW_OPEN)    ? AST_OPEN_CURSOR
                : at_keyword(p, KW_CLOSE) ? AST_CLOSE_CURSOR
                                          : AST_DEALLOCATE_CURSOR);
    advance(p);
    node->name = cursor_name(p, &node->global);
    return parse_end(p, node);
}
