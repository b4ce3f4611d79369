/*
 * Statements: what a statement begins with, and how a list of them is parted. T-SQL needs no
 * semicolons, but for a few statements whose first word could continue the one before (WITH), and
 * one that must have it behind (MERGE).
 */
#include "parse_internal.h"

static AstNode *
keyword_statement(Parser *p, bool first_in_batch)
{
    switch (p->token->keyword) {
    case KW_SELECT:
        return parse_select_statement(p);
    case KW_WITH:
        return parse_with_statement(p);
    case KW_INSERT:
        return parse_insert(p, NULL);
    case KW_UPDATE:
        return parse_update(p, NULL);
    case KW_DELETE:
        return parse_delete(p, NULL);
    case KW_MERGE:
        return parse_merge(p, NULL);
    case KW_TRUNCATE:
        return parse_truncate(p);
    case KW_BULK:
        return parse_bulk_insert(p);
    case KW_EXEC:
    case KW_EXECUTE:
        return next_keyword(p, 1, KW_AS) ? parse_execute_as(p) : parse_execute(p);
    case KW_REVERT:
        return parse_revert(p);
    case KW_DECLARE:
        return parse_declare(p);
    case KW_SET:
        return parse_set(p);
    case KW_BEGIN:
        return parse_begin(p);
    case KW_COMMIT:
    case KW_ROLLBACK:
    case KW_SAVE:
        return parse_transaction(p);
    case KW_IF:
    case KW_WHILE:
    case KW_BREAK:
    case KW_CONTINUE:
    case KW_GOTO:
    case KW_RETURN:
    case KW_PRINT:
    case KW_RAISERROR:
    case KW_WAITFOR:
        return parse_flow_statement(p);
    case KW_OPEN:
    case KW_FETCH:
    case KW_CLOSE:
    case KW_DEALLOCATE:
        return parse_cursor_statement(p);
    case KW_CREATE:
        return parse_create(p, first_in_batch);
    case KW_ALTER:
        return parse_alter(p, first_in_batch);
    case KW_DROP:
        return parse_drop(p);
    case KW_GRANT:
    case KW_DENY:
    case KW_REVOKE:
        return parse_permission(p);
    case KW_BACKUP:
    case KW_RESTORE:
        return parse_backup_restore(p);
    case KW_USE:
    case KW_CHECKPOINT:
    case KW_KILL:
    case KW_SHUTDOWN:
    case KW_DBCC:
    case KW_RECONFIGURE:
        return parse_session_statement(p);
    default:
        parse_syntax_error(p);
    }
}

/* Statements that begin with a word that is not reserved. */
static AstNode *
named_statement(Parser *p, bool first_in_batch)
{
    if (next_is(p, 1, TOKEN_COLON))
        return parse_label(p);
    if (at_keyword(p, KW_THROW))
        return parse_throw(p);
    if ((at_keyword(p, KW_ENABLE) || at_keyword(p, KW_DISABLE)) && next_keyword(p, 1, KW_TRIGGER))
        return parse_enable_trigger(p);
    if (first_in_batch)
        return parse_bare_call(p);
    parse_syntax_error(p);
}

AstNode *
parse_statement(Parser *p)
{
    bool first_in_batch = p->batch_start;
    const Token *first = p->token;
    AstNode *node;

    p->batch_start = false;
    parse_enter(p);
    if (at_name(p))
        node = named_statement(p, first_in_batch);
    else if (at(p, TOKEN_WORD))
        node = keyword_statement(p, first_in_batch);
    else if (at(p, TOKEN_LPAREN))
        node = parse_select_statement(p);
    else if (at(p, TOKEN_LBRACE))
        node = parse_odbc_call(p);
    else
        parse_syntax_error(p);
    if (node->kind == AST_MERGE && !at(p, TOKEN_SEMICOLON))
        parse_fail(p, 10713, at(p, TOKEN_EOF) && p->token > p->tokens ? p->token - 1 : p->token,
                   NULL);
    if (p->module == MODULE_SCALAR_FUNCTION || p->module == MODULE_TABLE_FUNCTION)
        parse_check_function_statement(p, first, node);
    parse_leave(p);
    return node;
}

/* Each GOTO must have its label, which may come later. */
static void
check_labels(Parser *p)
{
    for (LabelUse *use = p->gotos; use != NULL; use = use->next) {
        LabelUse *label = p->labels;

        while (label != NULL && !parse_same_name(label->name, use->name))
            label = label->next;
        if (label == NULL)
            parse_fail(p, 133, use->token, use->name);
    }
}

AstList *
parse_statements(Parser *p, bool first_in_batch)
{
    AstList *list = NULL;
    bool terminated = true;

    if (first_in_batch)
        p->batch_start = true;
    for (;;) {
        while (accept(p, TOKEN_SEMICOLON))
            terminated = true;
        if (at(p, TOKEN_EOF) || at_keyword(p, KW_END))
            break;
        if (at_keyword(p, KW_WITH) && !terminated)
            parse_fail(p, 319, p->token, NULL);
        parse_append(p, &list, parse_statement(p));
        terminated = false;
    }
    if (first_in_batch)
        check_labels(p);
    return list;
}
