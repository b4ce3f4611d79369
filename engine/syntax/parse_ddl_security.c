/*
 * Security: logins, users, roles, schemas, ownership, GRANT, DENY and REVOKE.
 */
#include "parse_internal.h"

static void
begin_at(void *node, const Token *first)
{
    ((AstNode *) node)->line = first->line;
    ((AstNode *) node)->start = first->start;
}

/* A principal's name: an identifier, or one of the reserved words that name principals. */
static const char *
principal_name(Parser *p)
{
    if (at_keyword(p, KW_PUBLIC))
        return parse_any_word(p);
    return parse_identifier(p);
}

/* ---- logins, users, roles ---- */

/* PASSWORD = 'x' | 0x... [HASHED] [MUST_CHANGE] */
static void
password_clause(Parser *p, AstCreatePrincipal *node)
{
    expect(p, TOKEN_EQ);
    if (at(p, TOKEN_BINARY)) {
        node->password =
            arena_copy(p->arena, p->text + p->token->start, p->token->end - p->token->start);
        p->literal_fixed[p->token->literal] = 1;
        advance(p);
    } else
        node->password = parse_string_text(p);
    for (;;) {
        if (accept_word(p, "HASHED"))
            node->password_hashed = true;
        else if (accept_word(p, "MUST_CHANGE"))
            node->must_change = true;
        else if (accept_word(p, "OLD_PASSWORD")) {
            expect(p, TOKEN_EQ);
            node->old_password = parse_string_text(p);
        } else if (at_word(p, "UNLOCK"))
            parse_append(p, &node->options, parse_word_option(p));
        else
            break;
    }
}

/* WITH option = value, ... */
static void
principal_options(Parser *p, AstCreatePrincipal *node)
{
    if (!at_keyword(p, KW_WITH) || next_keyword(p, 2, KW_AS) || next_is(p, 2, TOKEN_LPAREN))
        return;
    advance(p);
    do {
        AstOption *option;

        if (accept_keyword(p, KW_PASSWORD)) {
            password_clause(p, node);
            continue;
        }
        if (accept_word(p, "OLD_PASSWORD")) {
            expect(p, TOKEN_EQ);
            node->old_password = parse_string_text(p);
            continue;
        }
        option = parse_word_option(p);
        if (accept_keyword(p, KW_CREDENTIAL)) /* NO CREDENTIAL */
            option->word = "CREDENTIAL";
        else {
            expect(p, TOKEN_EQ);
            if (token_is_literal(p->token) || at_keyword(p, KW_NULL))
                option->value = (AstNode *) parse_literal(p);
            else
                option->word = parse_any_word(p);
        }
        parse_append(p, &node->options, parse_end(p, option));
    } while (accept(p, TOKEN_COMMA));
}

/* FROM WINDOWS | CERTIFICATE x | ASYMMETRIC KEY x | EXTERNAL PROVIDER */
static void
principal_source(Parser *p, AstCreatePrincipal *node)
{
    if (accept_keyword(p, KW_WINDOWS))
        node->from_source = "WINDOWS";
    else if (accept_keyword(p, KW_EXTERNAL)) {
        expect_keyword(p, KW_PROVIDER);
        node->from_source = "EXTERNAL PROVIDER";
    } else if (accept_keyword(p, KW_CERTIFICATE)) {
        node->from_source = "CERTIFICATE";
        (void) parse_identifier(p);
    } else if (accept_keyword(p, KW_ASYMMETRIC)) {
        expect_keyword(p, KW_KEY);
        node->from_source = "ASYMMETRIC KEY";
        (void) parse_identifier(p);
    } else if (node->type == PRINCIPAL_USER) {
        expect_keyword(p, KW_LOGIN);
        node->for_login = parse_identifier(p);
    } else
        parse_syntax_error(p);
}

static void
login_or_user(Parser *p, AstCreatePrincipal *node)
{
    if (accept_keyword(p, KW_ENABLE))
        node->enable = 1;
    else if (accept_keyword(p, KW_DISABLE))
        node->enable = -1;
    else if (accept_keyword(p, KW_FOR) || accept_keyword(p, KW_FROM))
        principal_source(p, node);
    else if (accept_keywords(p, KW_WITHOUT, KW_LOGIN))
        node->without_login = true;
    else if (at_keyword(p, KW_ADD) || at_keyword(p, KW_DROP)) {
        AstOption *option =
            parse_make_option(p, at_keyword(p, KW_ADD) ? "ADD CREDENTIAL" : "DROP CREDENTIAL");

        advance(p);
        expect_keyword(p, KW_CREDENTIAL);
        option->word = parse_identifier(p);
        parse_append(p, &node->options, parse_end(p, option));
    }
    principal_options(p, node);
}

/* ALTER [SERVER] ROLE r ADD | DROP MEMBER x, WITH NAME = n */
static AstNode *
alter_role(Parser *p, PrincipalType type, const char *name, const Token *first)
{
    AstRoleMember *node = NODE(p, AstRoleMember, AST_ALTER_ROLE_MEMBER);

    begin_at(node, first);
    node->server_role = type == PRINCIPAL_SERVER_ROLE;
    node->role = name;
    if (accept_keyword(p, KW_WITH)) {
        expect_keyword(p, KW_NAME);
        expect(p, TOKEN_EQ);
        node->new_name = parse_identifier(p);
        return parse_end(p, node);
    }
    node->add = accept_keyword(p, KW_ADD);
    if (!node->add)
        expect_keyword(p, KW_DROP);
    if (!accept_word(p, "MEMBER"))
        parse_syntax_error(p);
    node->member = principal_name(p);
    return parse_end(p, node);
}

static PrincipalType
principal_type(Parser *p)
{
    switch (p->token->keyword) {
    case KW_LOGIN:
        advance(p);
        return PRINCIPAL_LOGIN;
    case KW_USER:
        advance(p);
        return PRINCIPAL_USER;
    case KW_ROLE:
        advance(p);
        return PRINCIPAL_ROLE;
    case KW_APPLICATION:
        p->token += 2;
        return PRINCIPAL_APPLICATION_ROLE;
    default:
        p->token += 2;
        return PRINCIPAL_SERVER_ROLE;
    }
}

AstNode *
parse_create_principal(Parser *p, CreateForm form, const Token *first)
{
    AstCreatePrincipal *node = NODE(p, AstCreatePrincipal, AST_CREATE_PRINCIPAL);

    begin_at(node, first);
    node->form = form;
    node->type = principal_type(p);
    node->name = principal_name(p);
    switch (node->type) {
    case PRINCIPAL_LOGIN:
    case PRINCIPAL_USER:
        login_or_user(p, node);
        break;
    case PRINCIPAL_APPLICATION_ROLE:
        principal_options(p, node);
        break;
    default:
        if (form == FORM_ALTER)
            return alter_role(p, node->type, node->name, first);
        if (accept_keyword(p, KW_AUTHORIZATION))
            node->authorization = principal_name(p);
    }
    return parse_end(p, node);
}

/* ---- schemas and ownership ---- */

static AstNode *
schema_element(Parser *p)
{
    const Token *first = p->token;

    switch (p->token->keyword) {
    case KW_GRANT:
    case KW_DENY:
    case KW_REVOKE:
        return parse_permission(p);
    default:
        if (next_keyword(p, 1, KW_TABLE))
            return parse_create_table(p);
        if (!next_keyword(p, 1, KW_VIEW))
            parse_syntax_error_at(p, p->token + 1);
        advance(p);
        return parse_create_view(p, FORM_CREATE, first);
    }
}

AstNode *
parse_create_schema(Parser *p, const Token *first)
{
    AstCreateSchema *node = NODE(p, AstCreateSchema, AST_CREATE_SCHEMA);

    begin_at(node, first);
    advance(p);
    if (!at_keyword(p, KW_AUTHORIZATION))
        node->name = parse_identifier(p);
    if (accept_keyword(p, KW_AUTHORIZATION))
        node->owner = principal_name(p);
    if (node->name == NULL)
        node->name = node->owner;
    p->in_schema = true;
    while (at_keyword(p, KW_CREATE) || at_keyword(p, KW_GRANT) || at_keyword(p, KW_DENY) ||
           at_keyword(p, KW_REVOKE))
        parse_append(p, &node->elements, schema_element(p));
    p->in_schema = false;
    return parse_end(p, node);
}

/* Words before ::, joined: OBJECT, TYPE, XML SCHEMA COLLECTION, APPLICATION ROLE ...; NULL if none.
 */
static const char *
securable_class(Parser *p)
{
    const Token *token = p->token;
    const char *class_name;

    while (token->type == TOKEN_WORD)
        token++;
    if (token->type != TOKEN_DOUBLE_COLON || token == p->token)
        return NULL;
    class_name = parse_upper_word(p);
    while (!at(p, TOKEN_DOUBLE_COLON))
        class_name = parse_join(p, class_name, parse_upper_word(p));
    advance(p);
    return class_name;
}

AstNode *
parse_alter_schema(Parser *p, const Token *first)
{
    AstAlterSchema *node = NODE(p, AstAlterSchema, AST_ALTER_SCHEMA);

    begin_at(node, first);
    advance(p);
    node->schema = parse_identifier(p);
    expect_keyword(p, KW_TRANSFER);
    node->class_ = securable_class(p);
    parse_name(p, &node->object);
    return parse_end(p, node);
}

AstNode *
parse_alter_authorization(Parser *p, const Token *first)
{
    AstAlterAuthorization *node = NODE(p, AstAlterAuthorization, AST_ALTER_AUTHORIZATION);

    begin_at(node, first);
    advance(p);
    expect_keyword(p, KW_ON);
    node->class_ = securable_class(p);
    parse_name(p, &node->object);
    expect_keyword(p, KW_TO);
    if (accept_keyword(p, KW_SCHEMA))
        expect_keyword(p, KW_OWNER);
    else
        node->principal = principal_name(p);
    return parse_end(p, node);
}

/* ---- permissions ---- */

static bool
ends_permission(const Parser *p)
{
    return !at(p, TOKEN_WORD) || at_keyword(p, KW_ON) || at_keyword(p, KW_TO) ||
           at_keyword(p, KW_FROM);
}

/* SELECT, VIEW DEFINITION, ALL PRIVILEGES ...: words up to a comma or clause */
static void
permission_list(Parser *p, AstPermission *node)
{
    NameArray names = {0};

    do {
        const char *name = parse_upper_word(p);

        while (!ends_permission(p))
            name = parse_join(p, name, parse_upper_word(p));
        if (strcmp(name, "ALL PRIVILEGES") == 0)
            name = "ALL";
        parse_add_name(p, &names, name);
        if (at(p, TOKEN_LPAREN))
            node->columns = parse_name_list(p, &node->column_count);
    } while (accept(p, TOKEN_COMMA));
    node->permissions = names.items;
    node->permission_count = names.count;
}

AstNode *
parse_permission(Parser *p)
{
    AstPermission *node = NODE(p, AstPermission, AST_PERMISSION);
    NameArray principals = {0};

    node->action = at_keyword(p, KW_GRANT)  ? PERMISSION_GRANT
                   : at_keyword(p, KW_DENY) ? PERMISSION_DENY
                                            : PERMISSION_REVOKE;
    advance(p);
    if (node->action == PERMISSION_REVOKE && at_keyword(p, KW_GRANT)) {
        advance(p);
        expect_keyword(p, KW_OPTION);
        expect_keyword(p, KW_FOR);
        node->grant_option_for = true;
    }
    permission_list(p, node);
    if (accept_keyword(p, KW_ON)) {
        node->class_ = securable_class(p);
        node->securable = NEW(p, AstName);
        parse_name(p, node->securable);
        if (at(p, TOKEN_LPAREN))
            node->columns = parse_name_list(p, &node->column_count);
    }
    if (!accept_keyword(p, KW_TO) &&
        !(node->action == PERMISSION_REVOKE && accept_keyword(p, KW_FROM)))
        parse_syntax_error(p);
    do
        parse_add_name(p, &principals, principal_name(p));
    while (accept(p, TOKEN_COMMA));
    node->principals = principals.items;
    node->principal_count = principals.count;
    if (at_keyword(p, KW_WITH) && next_keyword(p, 1, KW_GRANT)) {
        p->token += 2;
        expect_keyword(p, KW_OPTION);
        node->with_grant_option = true;
    }
    if (accept_keyword(p, KW_CASCADE))
        node->cascade = true;
    if (accept_keyword(p, KW_AS))
        node->as_principal = principal_name(p);
    return parse_end(p, node);
}
