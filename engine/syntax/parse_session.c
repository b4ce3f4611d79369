/*
 * Transactions, session options and the statements of administration: SET options, USE, KILL, DBCC,
 * CHECKPOINT, SHUTDOWN, RECONFIGURE, BACKUP and RESTORE.
 */
#include "parse_internal.h"

/* ---- transactions ---- */

/* name or @variable behind TRANSACTION */
static void
transaction_name(Parser *p, AstTransaction *node)
{
    if (at(p, TOKEN_VARIABLE))
        node->name_variable = parse_variable(p);
    else if (at_name(p) && !next_is(p, 1, TOKEN_COLON))
        node->name = parse_identifier(p);
}

static AstNode *
begin_transaction(Parser *p, AstTransaction *node)
{
    node->distributed = accept_keyword(p, KW_DISTRIBUTED);
    if (!accept_keyword(p, KW_TRAN))
        expect_keyword(p, KW_TRANSACTION);
    transaction_name(p, node);
    if (accept_keywords(p, KW_WITH, KW_MARK)) {
        if (at(p, TOKEN_STRING) || at(p, TOKEN_NSTRING))
            node->mark = (AstNode *) parse_literal(p);
        else {
            AstLiteral *empty = NODE(p, AstLiteral, AST_LITERAL);

            empty->type = LITERAL_STRING;
            empty->text = "";
            empty->token = -1;
            node->mark = parse_end(p, empty);
        }
    }
    return parse_end(p, node);
}

AstNode *
parse_transaction(Parser *p)
{
    AstTransaction *node = NODE(p, AstTransaction, AST_TRANSACTION);

    switch (p->token->keyword) {
    case KW_BEGIN:
        node->action = TRANSACTION_BEGIN;
        advance(p);
        return begin_transaction(p, node);
    case KW_COMMIT:
        node->action = TRANSACTION_COMMIT;
        break;
    case KW_ROLLBACK:
        node->action = TRANSACTION_ROLLBACK;
        break;
    default:
        node->action = TRANSACTION_SAVE;
    }
    advance(p);
    if (accept_keyword(p, KW_TRAN) || accept_keyword(p, KW_TRANSACTION)) {
        transaction_name(p, node);
        if (node->action == TRANSACTION_SAVE && node->name == NULL && node->name_variable == NULL)
            parse_syntax_error(p);
    } else if (node->action == TRANSACTION_SAVE)
        parse_syntax_error(p);
    else {
        node->is_work = true;
        (void) accept_keyword(p, KW_WORK);
    }
    if (node->action == TRANSACTION_COMMIT && at_keyword(p, KW_WITH) &&
        next_is(p, 1, TOKEN_LPAREN)) {
        advance(p);
        (void) parse_option_list(p); /* DELAYED_DURABILITY: durability is never delayed */
    }
    return parse_end(p, node);
}

/* ---- SET ---- */

/* How an option's value is written. */
typedef enum SetForm { SET_ON_OFF, SET_VALUE } SetForm;

typedef struct SetName {
    const char *name;
    SetForm form;
} SetName;

static const SetName *
find_set_option(const char *name)
{
    static const SetName options[] = {
        {"ANSI_DEFAULTS", SET_ON_OFF},
        {"ANSI_NULL_DFLT_OFF", SET_ON_OFF},
        {"ANSI_NULL_DFLT_ON", SET_ON_OFF},
        {"ANSI_NULLS", SET_ON_OFF},
        {"ANSI_PADDING", SET_ON_OFF},
        {"ANSI_WARNINGS", SET_ON_OFF},
        {"ARITHABORT", SET_ON_OFF},
        {"ARITHIGNORE", SET_ON_OFF},
        {"CONCAT_NULL_YIELDS_NULL", SET_ON_OFF},
        {"CURSOR_CLOSE_ON_COMMIT", SET_ON_OFF},
        {"DISABLE_DEF_CNST_CHK", SET_ON_OFF},
        {"FMTONLY", SET_ON_OFF},
        {"FORCEPLAN", SET_ON_OFF},
        {"IMPLICIT_TRANSACTIONS", SET_ON_OFF},
        {"NOCOUNT", SET_ON_OFF},
        {"NOEXEC", SET_ON_OFF},
        {"NO_BROWSETABLE", SET_ON_OFF},
        {"NUMERIC_ROUNDABORT", SET_ON_OFF},
        {"PARSEONLY", SET_ON_OFF},
        {"QUOTED_IDENTIFIER", SET_ON_OFF},
        {"REMOTE_PROC_TRANSACTIONS", SET_ON_OFF},
        {"SHOWPLAN_ALL", SET_ON_OFF},
        {"SHOWPLAN_TEXT", SET_ON_OFF},
        {"SHOWPLAN_XML", SET_ON_OFF},
        {"XACT_ABORT", SET_ON_OFF},
        {"CONTEXT_INFO", SET_VALUE},
        {"DATEFIRST", SET_VALUE},
        {"DATEFORMAT", SET_VALUE},
        {"DEADLOCK_PRIORITY", SET_VALUE},
        {"ERRLVL", SET_VALUE},
        {"FIPS_FLAGGER", SET_VALUE},
        {"LANGUAGE", SET_VALUE},
        {"LOCK_TIMEOUT", SET_VALUE},
        {"QUERY_GOVERNOR_COST_LIMIT", SET_VALUE},
        {"ROWCOUNT", SET_VALUE},
        {"TEXTSIZE", SET_VALUE},
    };

    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
        if (strcmp(options[i].name, name) == 0)
            return &options[i];
    return NULL;
}

static void
set_on_off(Parser *p, AstSetOption *node)
{
    if (accept_keyword(p, KW_ON))
        node->word = "ON";
    else {
        expect_keyword(p, KW_OFF);
        node->word = "OFF";
    }
}

static void
set_one_name(Parser *p, AstSetOption *node, const char *name)
{
    node->names = arena_alloc(p->arena, sizeof(char *));
    node->names[0] = name;
    node->name_count = 1;
}

static AstNode *
set_isolation_level(Parser *p, AstSetOption *node)
{
    advance(p);
    expect_keyword(p, KW_ISOLATION);
    expect_keyword(p, KW_LEVEL);
    set_one_name(p, node, "TRANSACTION ISOLATION LEVEL");
    if (accept_keyword(p, KW_READ)) {
        if (accept_keyword(p, KW_COMMITTED))
            node->word = "READ COMMITTED";
        else {
            expect_keyword(p, KW_UNCOMMITTED);
            node->word = "READ UNCOMMITTED";
        }
    } else if (accept_keyword(p, KW_REPEATABLE)) {
        expect_keyword(p, KW_READ);
        node->word = "REPEATABLE READ";
    } else if (accept_keyword(p, KW_SNAPSHOT))
        node->word = "SNAPSHOT";
    else if (accept_word(p, "SERIALIZABLE"))
        node->word = "SERIALIZABLE";
    else
        parse_syntax_error(p);
    return parse_end(p, node);
}

/* STATISTICS IO, TIME ON; OFFSETS SELECT, FROM ON: words behind a first one */
static AstNode *
set_prefixed(Parser *p, AstSetOption *node)
{
    const char *prefix = parse_upper_word(p);
    NameArray names = {0};

    do
        parse_add_name(p, &names, parse_join(p, prefix, parse_upper_word(p)));
    while (accept(p, TOKEN_COMMA));
    node->names = names.items;
    node->name_count = names.count;
    set_on_off(p, node);
    return parse_end(p, node);
}

static AstNode *
set_identity_insert(Parser *p, AstSetOption *node)
{
    advance(p);
    set_one_name(p, node, "IDENTITY_INSERT");
    node->table = NEW(p, AstName);
    parse_name(p, node->table);
    set_on_off(p, node);
    return parse_end(p, node);
}

AstNode *
parse_set_option(Parser *p)
{
    AstSetOption *node = NODE(p, AstSetOption, AST_SET_OPTION);
    NameArray names = {0};
    SetForm form = SET_ON_OFF;

    advance(p);
    switch (p->token->keyword) {
    case KW_TRAN:
    case KW_TRANSACTION:
        return set_isolation_level(p, node);
    case KW_STATISTICS:
    case KW_OFFSETS:
        return set_prefixed(p, node);
    case KW_IDENTITY_INSERT:
        return set_identity_insert(p, node);
    default:
        break;
    }
    do {
        const Token *token = p->token;
        const char *name = parse_upper_word(p);
        const SetName *option = find_set_option(name);

        if (option == NULL)
            parse_fail(p, 195, token, parse_token_text(p, token));
        form = option->form;
        parse_add_name(p, &names, name);
    } while (accept(p, TOKEN_COMMA));
    node->names = names.items;
    node->name_count = names.count;
    if (form == SET_ON_OFF)
        set_on_off(p, node);
    else if (at(p, TOKEN_WORD) || at(p, TOKEN_QUOTED))
        node->word = parse_any_word(p);
    else
        node->value = parse_simple_value(p);
    return parse_end(p, node);
}

/* ---- administration ---- */

static AstNode *
parse_use(Parser *p)
{
    AstUse *node = NODE(p, AstUse, AST_USE);
    const Token *first = p->token;

    if (p->module != MODULE_NONE)
        parse_fail(p, 154, first, NULL);
    advance(p);
    node->database = parse_identifier(p);
    return parse_end(p, node);
}

static AstNode *
parse_kill(Parser *p)
{
    AstKill *node = NODE(p, AstKill, AST_KILL);

    advance(p);
    if (!token_is_literal(p->token))
        parse_syntax_error(p);
    node->session = (AstNode *) parse_literal(p);
    if (accept_keywords(p, KW_WITH, KW_STATUSONLY))
        node->status_only = true;
    return parse_end(p, node);
}

/* A word or name is passed as a column reference. */
static AstNode *
dbcc_argument(Parser *p)
{
    AstColumnRef *word;

    if (at_name(p))
        return (AstNode *) parse_column_ref(p);
    if (!at(p, TOKEN_WORD) || at_keyword(p, KW_NULL))
        return parse_simple_value(p);
    word = NODE(p, AstColumnRef, AST_COLUMN_REF);
    word->column = parse_any_word(p);
    return parse_end(p, word);
}

static AstNode *
parse_dbcc(Parser *p)
{
    AstDbcc *node = NODE(p, AstDbcc, AST_DBCC);

    advance(p);
    node->command = parse_upper_word(p);
    if (accept(p, TOKEN_LPAREN)) {
        if (!at(p, TOKEN_RPAREN)) {
            do
                parse_append(p, &node->args, dbcc_argument(p));
            while (accept(p, TOKEN_COMMA));
        }
        expect(p, TOKEN_RPAREN);
    }
    if (at_keyword(p, KW_WITH) && token_is_name(p->token + 1) && !next_keyword(p, 2, KW_AS) &&
        !next_is(p, 2, TOKEN_LPAREN)) {
        advance(p);
        do {
            AstOption *option = parse_word_option(p);

            if (accept(p, TOKEN_EQ))
                option->value = parse_simple_value(p);
            parse_append(p, &node->options, parse_end(p, option));
        } while (accept(p, TOKEN_COMMA));
    }
    return parse_end(p, node);
}

AstNode *
parse_session_statement(Parser *p)
{
    AstStatement *node;

    switch (p->token->keyword) {
    case KW_USE:
        return parse_use(p);
    case KW_KILL:
        return parse_kill(p);
    case KW_DBCC:
        return parse_dbcc(p);
    case KW_CHECKPOINT:
        node = NODE(p, AstStatement, AST_CHECKPOINT);
        advance(p);
        if (at(p, TOKEN_INTEGER))
            (void) parse_small_integer(p);
        return parse_end(p, node);
    case KW_SHUTDOWN:
        node = NODE(p, AstStatement, AST_SHUTDOWN);
        advance(p);
        (void) accept_keywords(p, KW_WITH, KW_NOWAIT);
        return parse_end(p, node);
    default:
        node = NODE(p, AstStatement, AST_RECONFIGURE);
        advance(p);
        if (accept_keyword(p, KW_WITH) && !accept_word(p, "OVERRIDE"))
            parse_syntax_error(p);
        return parse_end(p, node);
    }
}

/* DISK = 'path', URL = @x, or a device's name */
static AstList *
backup_devices(Parser *p)
{
    AstList *list = NULL;

    do
        parse_append(p, &list, parse_option(p));
    while (accept(p, TOKEN_COMMA));
    return list;
}

AstNode *
parse_backup_restore(Parser *p)
{
    AstBackupRestore *node = NODE(p, AstBackupRestore, AST_BACKUP_RESTORE);

    node->restore = at_keyword(p, KW_RESTORE);
    advance(p);
    node->what = parse_upper_word(p);
    if (at(p, TOKEN_VARIABLE))
        node->database_variable = parse_variable(p);
    else if (at_name(p))
        node->database = parse_identifier(p);
    while (at_keyword(p, KW_FILE) || at_keyword(p, KW_FILEGROUP)) {
        parse_append(p, &node->options, parse_option(p));
        (void) accept(p, TOKEN_COMMA);
    }
    if (accept_keyword(p, node->restore ? KW_FROM : KW_TO))
        node->devices = backup_devices(p);
    else if (!node->restore)
        parse_syntax_error(p);
    if (at_keyword(p, KW_WITH) && next_is(p, 1, TOKEN_WORD)) {
        AstList *more;

        advance(p);
        more = parse_option_sequence(p);
        for (int i = 0; i < more->count; i++)
            parse_append(p, &node->options, more->items[i]);
    }
    return parse_end(p, node);
}
