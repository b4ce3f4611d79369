/*
 * Logins, server roles, users, database roles and membership. A login is a PostgreSQL role with a
 * SCRAM verifier; users and roles of databases are rows only.
 */
#include "postgres.h"

#include "catalogue/password.h"
#include "commands/user.h"
#include "ddl/ddl_internal.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/uuid.h"

#define FIRST_ROLE_OF_SERVER 257

/* ---- logins ---- */

static int32
new_server_principal_id(void)
{
    CatalogScan scan;
    int32 highest = 256;

    catalog_scan_begin(&scan, TABLE_server_principals, NULL, false);
    while (catalog_scan_next(&scan))
        highest = Max(highest, (int32) catalog_field_int(&scan, COL_server_principals_id));
    catalog_scan_end(&scan);
    return highest + 1;
}

static const char *
option_string(const AstList *options, const char *name)
{
    const AstOption *option = ddl_option(options, name);

    if (option == NULL)
        return NULL;
    if (option->word != NULL)
        return option->word;
    if (option->value != NULL && option->value->kind == AST_LITERAL)
        return ((const AstLiteral *) option->value)->text;
    if (option->value != NULL && option->value->kind == AST_COLUMN_REF)
        return ((const AstColumnRef *) option->value)->column;
    return NULL;
}

/* A new SID: given in the options or random. */
static void
set_sid(CatalogRow *row, int attribute, const AstList *options)
{
    const AstOption *option = ddl_option(options, "SID");
    pg_uuid_t *random;

    if (option != NULL && option->value != NULL && option->value->kind == AST_LITERAL) {
        const AstLiteral *literal = (const AstLiteral *) option->value;

        catalog_row_bytes(row, attribute, literal->text, literal->length);
        return;
    }
    random = DatumGetUUIDP(DirectFunctionCall1(gen_random_uuid, (Datum) 0));
    catalog_row_bytes(row, attribute, random->data, UUID_LEN);
}

static void
check_database_option(const char *name)
{
    if (name != NULL && catalog_database_by_name(name) == NULL)
        tsql_error(ERR_15010, name);
}

static void
create_login(const AstCreatePrincipal *statement)
{
    const char *default_database = option_string(statement->options, "DEFAULT_DATABASE");
    const char *language = option_string(statement->options, "DEFAULT_LANGUAGE");
    CatalogPrincipal existing;
    CatalogRow row;
    char *role;

    if (catalog_login_by_name(statement->name, &existing))
        tsql_error(ERR_15025, statement->name);
    if (statement->password == NULL)
        tsql_error(ERR_15401, statement->name);
    if (statement->must_change && !(ddl_option_on(statement->options, "CHECK_EXPIRATION", false) &&
                                    ddl_option_on(statement->options, "CHECK_POLICY", true)))
        tsql_error(ERR_15128);
    check_database_option(default_database);
    role = catalog_pg_name(statement->name);
    ddl_run_sql(psprintf("CREATE ROLE %s LOGIN PASSWORD %s", quote_identifier(role),
                         quote_literal_cstr(statement->password)));
    catalog_row_init(&row, TABLE_server_principals);
    catalog_row_int(&row, COL_server_principals_id, new_server_principal_id());
    catalog_row_text(&row, COL_server_principals_name, statement->name);
    catalog_row_text(&row, COL_server_principals_key,
                     sql_identifier_fold(statement->name, sql_collation_default()));
    catalog_row_text(&row, COL_server_principals_type, "S");
    set_sid(&row, COL_server_principals_sid, statement->options);
    catalog_row_text(&row, COL_server_principals_default_database,
                     default_database ? default_database : "master");
    catalog_row_text(&row, COL_server_principals_default_language,
                     language ? language : "us_english");
    catalog_row_oid(&row, COL_server_principals_role, get_role_oid(role, false));
    catalog_row_bool(&row, COL_server_principals_policy_checked,
                     ddl_option_on(statement->options, "CHECK_POLICY", true));
    catalog_row_bool(&row, COL_server_principals_expiration_checked,
                     ddl_option_on(statement->options, "CHECK_EXPIRATION", false));
    catalog_row_bool(&row, COL_server_principals_must_change, statement->must_change);
    catalog_row_insert(&row);
}

static void
alter_role_of_login(const AstCreatePrincipal *statement, const CatalogPrincipal *login)
{
    const char *role =
        quote_identifier(OidIsValid(login->role) ? GetUserNameFromId(login->role, false)
                                                 : catalog_pg_name(login->name));

    if (statement->password != NULL)
        ddl_run_sql(
            psprintf("ALTER ROLE %s PASSWORD %s", role, quote_literal_cstr(statement->password)));
    if (statement->enable != 0)
        ddl_run_sql(
            psprintf("ALTER ROLE %s %s", role, statement->enable > 0 ? "LOGIN" : "NOLOGIN"));
}

static void
alter_login(const AstCreatePrincipal *statement)
{
    const char *default_database = option_string(statement->options, "DEFAULT_DATABASE");
    const char *language = option_string(statement->options, "DEFAULT_LANGUAGE");
    const char *new_name = option_string(statement->options, "NAME");
    CatalogPrincipal login, other;
    CatalogScan scan;
    CatalogRow row;

    if (!catalog_login_by_name(statement->name, &login) || login.type == 'R')
        tsql_error(ERR_15151, "alter", "login", statement->name);
    if (new_name != NULL && catalog_login_by_name(new_name, &other) && other.id != login.id)
        tsql_error(ERR_15025, new_name);
    check_database_option(default_database);
    alter_role_of_login(statement, &login);
    catalog_row_init(&row, TABLE_server_principals);
    catalog_row_now(&row, COL_server_principals_modified);
    if (default_database != NULL)
        catalog_row_text(&row, COL_server_principals_default_database, default_database);
    if (language != NULL)
        catalog_row_text(&row, COL_server_principals_default_language, language);
    if (statement->enable != 0)
        catalog_row_bool(&row, COL_server_principals_disabled, statement->enable < 0);
    if (statement->password != NULL)
        catalog_row_bool(&row, COL_server_principals_must_change, statement->must_change);
    if (ddl_option(statement->options, "UNLOCK") != NULL) {
        catalog_row_bool(&row, COL_server_principals_locked, false);
        catalog_row_int(&row, COL_server_principals_wrong_passwords, 0);
    }
    if (ddl_option(statement->options, "CHECK_POLICY") != NULL)
        catalog_row_bool(&row, COL_server_principals_policy_checked,
                         ddl_option_on(statement->options, "CHECK_POLICY", true));
    if (new_name != NULL) {
        catalog_row_text(&row, COL_server_principals_name, new_name);
        catalog_row_text(&row, COL_server_principals_key,
                         sql_identifier_fold(new_name, sql_collation_default()));
        if (OidIsValid(login.role))
            ddl_run_sql(psprintf("ALTER ROLE %s RENAME TO %s",
                                 quote_identifier(GetUserNameFromId(login.role, false)),
                                 quote_identifier(catalog_pg_name(new_name))));
    }
    catalog_scan_begin(&scan, TABLE_server_principals, "server_principals_pkey", true);
    catalog_scan_key_int(&scan, COL_server_principals_id, login.id);
    if (catalog_scan_next(&scan))
        catalog_scan_update(&scan, &row);
    catalog_scan_end(&scan);
}

static void
delete_server_rows(int32 principal)
{
    CatalogScan scan;

    catalog_scan_begin(&scan, TABLE_server_principals, "server_principals_pkey", true);
    catalog_scan_key_int(&scan, COL_server_principals_id, principal);
    if (catalog_scan_next(&scan))
        catalog_scan_delete(&scan);
    catalog_scan_end(&scan);
    catalog_scan_begin(&scan, TABLE_role_members, "role_members_role", true);
    catalog_scan_key_int(&scan, COL_role_members_database, 0);
    while (catalog_scan_next(&scan))
        if (catalog_field_int(&scan, COL_role_members_member) == principal ||
            catalog_field_int(&scan, COL_role_members_role) == principal)
            catalog_scan_delete(&scan);
    catalog_scan_end(&scan);
    catalog_scan_begin(&scan, TABLE_permissions, "permissions_grantee", true);
    catalog_scan_key_int(&scan, COL_permissions_database, 0);
    catalog_scan_key_int(&scan, COL_permissions_grantee, principal);
    while (catalog_scan_next(&scan))
        catalog_scan_delete(&scan);
    catalog_scan_end(&scan);
}

static void
drop_login(const char *name)
{
    CatalogPrincipal login;
    CatalogScan scan;
    bool owns = false;

    if (!catalog_login_by_name(name, &login) || login.type == 'R' || login.id == LOGIN_SA)
        tsql_error(ERR_15151, "drop", "login", name);
    if (login.id == session_context->login_id)
        tsql_error(ERR_15434, name);
    catalog_scan_begin(&scan, TABLE_databases, NULL, false);
    while (catalog_scan_next(&scan))
        owns |= catalog_field_int(&scan, COL_databases_owner) == login.id;
    catalog_scan_end(&scan);
    if (owns)
        tsql_error(ERR_15174, name);
    if (OidIsValid(login.role))
        ddl_run_sql(
            psprintf("DROP ROLE %s", quote_identifier(GetUserNameFromId(login.role, false))));
    delete_server_rows(login.id);
}

static void
create_server_role(const AstCreatePrincipal *statement)
{
    CatalogPrincipal existing;
    CatalogRow row;

    if (catalog_login_by_name(statement->name, &existing))
        tsql_error(ERR_15025, statement->name);
    catalog_row_init(&row, TABLE_server_principals);
    catalog_row_int(&row, COL_server_principals_id, new_server_principal_id());
    catalog_row_text(&row, COL_server_principals_name, statement->name);
    catalog_row_text(&row, COL_server_principals_key,
                     sql_identifier_fold(statement->name, sql_collation_default()));
    catalog_row_text(&row, COL_server_principals_type, "R");
    set_sid(&row, COL_server_principals_sid, NULL);
    catalog_row_int(&row, COL_server_principals_owner, session_context->login_id);
    catalog_row_insert(&row);
}

/* ---- users and roles ---- */

static int32
new_principal_id(int32 database)
{
    CatalogScan scan;
    int32 highest = 4;

    catalog_scan_begin(&scan, TABLE_database_principals, "database_principals_id", false);
    catalog_scan_key_int(&scan, COL_database_principals_database, database);
    while (catalog_scan_next(&scan)) {
        int32 id = catalog_field_int(&scan, COL_database_principals_id);

        if (id < 16384)
            highest = Max(highest, id);
    }
    catalog_scan_end(&scan);
    return highest + 1;
}

static void
insert_principal(int32 database,
                 const char *name,
                 const char *type,
                 int32 login,
                 const char *schema,
                 int32 owner,
                 const AstList *options)
{
    int32 id = new_principal_id(database);
    CatalogRow row;

    catalog_row_init(&row, TABLE_database_principals);
    catalog_row_int(&row, COL_database_principals_database, database);
    catalog_row_int(&row, COL_database_principals_id, id);
    catalog_row_text(&row, COL_database_principals_name, name);
    catalog_row_text(&row, COL_database_principals_key, ddl_fold(database, name));
    catalog_row_text(&row, COL_database_principals_type, type);
    catalog_row_int(&row, COL_database_principals_login, login);
    set_sid(&row, COL_database_principals_sid, options);
    catalog_row_text(&row, COL_database_principals_default_schema, schema);
    catalog_row_int(&row, COL_database_principals_owner, owner);
    catalog_row_insert(&row);
    if (type[0] != 'S')
        return;
    catalog_row_init(&row, TABLE_permissions);
    catalog_row_int(&row, COL_permissions_database, database);
    catalog_row_int(&row, COL_permissions_grantee, id);
    catalog_row_text(&row, COL_permissions_type, "CO");
    catalog_row_int(&row, COL_permissions_grantor, PRINCIPAL_DBO);
    catalog_row_text(&row, COL_permissions_permission, "CONNECT");
    catalog_row_text(&row, COL_permissions_state, "G");
    catalog_row_insert(&row);
}

static bool
login_has_user(int32 database, int32 login)
{
    CatalogScan scan;
    bool found;

    catalog_scan_begin(&scan, TABLE_database_principals, "database_principals_login", false);
    catalog_scan_key_int(&scan, COL_database_principals_database, database);
    catalog_scan_key_int(&scan, COL_database_principals_login, login);
    found = catalog_scan_next(&scan);
    catalog_scan_end(&scan);
    return found;
}

static void
create_user(const AstCreatePrincipal *statement, const DdlContext *context)
{
    const char *schema = option_string(statement->options, "DEFAULT_SCHEMA");
    CatalogPrincipal login = {0}, existing;

    if (!statement->without_login) {
        const char *name = statement->for_login ? statement->for_login : statement->name;

        if (!catalog_login_by_name(name, &login) || login.type == 'R')
            tsql_error(ERR_15007, name);
    }
    if (catalog_user_by_name(context->database, statement->name, &existing))
        tsql_error(ERR_15023, statement->name);
    if (login.id != 0 && login_has_user(context->database, login.id))
        tsql_error(ERR_15063);
    insert_principal(context->database, statement->name, "S", login.id, schema ? schema : "dbo", 0,
                     statement->options);
}

static void
alter_user(const AstCreatePrincipal *statement, const DdlContext *context)
{
    const char *schema = option_string(statement->options, "DEFAULT_SCHEMA");
    const char *name = option_string(statement->options, "NAME");
    const char *login_name = option_string(statement->options, "LOGIN");
    CatalogPrincipal user, login;
    CatalogScan scan;
    CatalogRow row;

    if (!catalog_user_by_name(context->database, statement->name, &user))
        tsql_error(ERR_15151, "alter", statement->type == PRINCIPAL_USER ? "user" : "role",
                   statement->name);
    catalog_row_init(&row, TABLE_database_principals);
    catalog_row_now(&row, COL_database_principals_modified);
    if (schema != NULL)
        catalog_row_text(&row, COL_database_principals_default_schema, schema);
    if (name != NULL) {
        catalog_row_text(&row, COL_database_principals_name, name);
        catalog_row_text(&row, COL_database_principals_key, ddl_fold(context->database, name));
    }
    if (login_name != NULL) {
        if (!catalog_login_by_name(login_name, &login))
            tsql_error(ERR_15007, login_name);
        catalog_row_int(&row, COL_database_principals_login, login.id);
    }
    catalog_scan_begin(&scan, TABLE_database_principals, "database_principals_id", true);
    catalog_scan_key_int(&scan, COL_database_principals_database, context->database);
    catalog_scan_key_int(&scan, COL_database_principals_id, user.id);
    if (catalog_scan_next(&scan))
        catalog_scan_update(&scan, &row);
    catalog_scan_end(&scan);
}

static void
create_role(const AstCreatePrincipal *statement, const DdlContext *context)
{
    CatalogPrincipal existing, owner = {.id = PRINCIPAL_DBO};

    if (catalog_user_by_name(context->database, statement->name, &existing))
        tsql_error(ERR_15023, statement->name);
    if (statement->authorization != NULL &&
        !catalog_user_by_name(context->database, statement->authorization, &owner))
        tsql_error(ERR_15151, "find", "user", statement->authorization);
    insert_principal(context->database, statement->name,
                     statement->type == PRINCIPAL_APPLICATION_ROLE ? "A" : "R", 0, NULL, owner.id,
                     NULL);
}

static bool
knows_own_password(const AstCreatePrincipal *statement)
{
    CatalogPrincipal login;

    return statement->old_password != NULL && session_rights_login() != 0 &&
           catalog_login_by_name(statement->name, &login) && login.id == session_rights_login() &&
           OidIsValid(login.role) &&
           password_verify(statement->old_password, password_of_role(login.role));
}

/* Whoever may manage logins must not become a sysadmin by taking one's login over. */
static bool
is_above_us(const char *name)
{
    CatalogPrincipal login;

    return catalog_login_by_name(name, &login) && catalog_is_sysadmin(login.id) &&
           session_rights_login() != 0 && !catalog_is_sysadmin(session_rights_login());
}

void
ddl_create_principal(const AstCreatePrincipal *statement, DdlContext *context)
{
    bool alter = statement->form == FORM_ALTER;

    switch (statement->type) {
    case PRINCIPAL_LOGIN:
        /* a login may change its own password, which it must know */
        if (!(alter && statement->password != NULL && knows_own_password(statement)) &&
            !catalog_is_server_role_member(4, session_rights_login()) &&
            !catalog_server_permission_check("ALTER ANY LOGIN")) {
            if (alter)
                tsql_error(ERR_15151, "alter", "login", statement->name);
            tsql_error(ERR_15247);
        }
        if (alter && is_above_us(statement->name))
            tsql_error(ERR_15151, "alter", "login", statement->name);
        if (alter)
            alter_login(statement);
        else
            create_login(statement);
        break;
    case PRINCIPAL_SERVER_ROLE:
        if (!catalog_server_permission_check("CREATE SERVER ROLE"))
            tsql_error(ERR_15247);
        create_server_role(statement);
        break;
    case PRINCIPAL_USER:
        if (!catalog_database_permission_check(context->database, "ALTER ANY USER"))
            tsql_error(ERR_15247);
        if (alter)
            alter_user(statement, context);
        else
            create_user(statement, context);
        break;
    case PRINCIPAL_ROLE:
    case PRINCIPAL_APPLICATION_ROLE:
        if (!catalog_database_permission_check(context->database, "CREATE ROLE"))
            tsql_error(ERR_15247);
        if (alter)
            alter_user(statement, context);
        else
            create_role(statement, context);
        break;
    }
    ddl_changed(false);
}

/* ---- dropping ---- */

static void
check_owns_no_schema(int32 database, int32 principal)
{
    CatalogScan scan;
    bool owns = false;

    catalog_scan_begin(&scan, TABLE_schemas, "schemas_id", false);
    catalog_scan_key_int(&scan, COL_schemas_database, database);
    while (catalog_scan_next(&scan))
        owns |= catalog_field_int(&scan, COL_schemas_owner) == principal;
    catalog_scan_end(&scan);
    if (owns)
        tsql_error(ERR_15138, "schema");
}

static bool
role_has_members(int32 database, int32 role)
{
    CatalogScan scan;
    bool found;

    catalog_scan_begin(&scan, TABLE_role_members, "role_members_role", false);
    catalog_scan_key_int(&scan, COL_role_members_database, database);
    catalog_scan_key_int(&scan, COL_role_members_role, role);
    found = catalog_scan_next(&scan);
    catalog_scan_end(&scan);
    return found;
}

static void
drop_user_or_role(bool role, const char *name, int32 database)
{
    const char *kind = role ? "role" : "user";
    CatalogPrincipal principal;
    CatalogScan scan;

    if (!catalog_user_by_name(database, name, &principal) || (principal.type == 'S') == role)
        tsql_error(ERR_15151, "drop", kind, name);
    if (principal.id < 5 || principal.id >= 16384)
        tsql_error(ERR_15150, kind, name);
    if (role && role_has_members(database, principal.id))
        tsql_error(ERR_15144);
    check_owns_no_schema(database, principal.id);
    catalog_scan_begin(&scan, TABLE_database_principals, "database_principals_id", true);
    catalog_scan_key_int(&scan, COL_database_principals_database, database);
    catalog_scan_key_int(&scan, COL_database_principals_id, principal.id);
    if (catalog_scan_next(&scan))
        catalog_scan_delete(&scan);
    catalog_scan_end(&scan);
    catalog_scan_begin(&scan, TABLE_permissions, "permissions_grantee", true);
    catalog_scan_key_int(&scan, COL_permissions_database, database);
    catalog_scan_key_int(&scan, COL_permissions_grantee, principal.id);
    while (catalog_scan_next(&scan))
        catalog_scan_delete(&scan);
    catalog_scan_end(&scan);
    catalog_scan_begin(&scan, TABLE_role_members, NULL, true);
    catalog_scan_key_int(&scan, COL_role_members_database, database);
    catalog_scan_key_int(&scan, COL_role_members_member, principal.id);
    while (catalog_scan_next(&scan))
        catalog_scan_delete(&scan);
    catalog_scan_end(&scan);
}

void
ddl_drop_principal(DropType type, const char *name, bool if_exists, const DdlContext *context)
{
    CatalogPrincipal principal;
    bool server = type == DROP_LOGIN || type == DROP_SERVER_ROLE;

    if (if_exists && !(server ? catalog_login_by_name(name, &principal)
                              : catalog_user_by_name(context->database, name, &principal)))
        return;
    if (server ? !catalog_server_permission_check("ALTER ANY LOGIN")
               : !catalog_database_permission_check(context->database, "ALTER ANY USER"))
        tsql_error(ERR_15151, "drop",
                   type == DROP_LOGIN  ? "login"
                   : type == DROP_USER ? "user"
                                       : "role",
                   name);
    if (type == DROP_LOGIN && is_above_us(name))
        tsql_error(ERR_15151, "drop", "login", name);
    if (type == DROP_LOGIN)
        drop_login(name);
    else if (type == DROP_SERVER_ROLE) {
        if (!catalog_login_by_name(name, &principal) || principal.type != 'R' ||
            principal.id < FIRST_ROLE_OF_SERVER)
            tsql_error(ERR_15151, "drop", "server role", name);
        delete_server_rows(principal.id);
    } else
        drop_user_or_role(type != DROP_USER, name, context->database);
    ddl_changed(false);
}

/* ---- membership ---- */

static void
find_role_and_member(const AstRoleMember *statement, int32 database, int32 *role, int32 *member)
{
    CatalogPrincipal principal;

    if (!(statement->server_role ? catalog_login_by_name(statement->role, &principal)
                                 : catalog_user_by_name(database, statement->role, &principal)) ||
        principal.type != 'R')
        tsql_error(ERR_15151, "alter", statement->server_role ? "server role" : "role",
                   statement->role);
    *role = principal.id;
    if (!(statement->server_role ? catalog_login_by_name(statement->member, &principal)
                                 : catalog_user_by_name(database, statement->member, &principal)))
        tsql_error(ERR_15151, "add", "principal", statement->member);
    *member = principal.id;
}

void
ddl_role_member(const AstRoleMember *statement, DdlContext *context)
{
    int32 database = statement->server_role ? 0 : context->database, role, member;
    CatalogScan scan;
    CatalogRow row;
    bool exists;

    if (statement->server_role ? !catalog_server_permission_check("ALTER ANY SERVER ROLE")
                               : !catalog_database_permission_check(database, "ALTER ANY ROLE"))
        tsql_error(ERR_15151, "alter", statement->server_role ? "server role" : "role",
                   statement->role);
    if (statement->member == NULL) {
        AstCreatePrincipal rename = {.node = statement->node,
                                     .form = FORM_ALTER,
                                     .type = PRINCIPAL_ROLE,
                                     .name = statement->role};
        AstLiteral name = {
            .node = {.kind = AST_LITERAL}, .type = LITERAL_STRING, .text = statement->new_name};
        AstOption option = {.node = {.kind = AST_OPTION}, .name = "NAME", .value = &name.node};
        AstNode *items[] = {&option.node};
        AstList options = {.count = 1, .capacity = 1, .items = items};

        rename.options = &options;
        alter_user(&rename, context);
        ddl_changed(false);
        return;
    }
    find_role_and_member(statement, database, &role, &member);
    catalog_scan_begin(&scan, TABLE_role_members, "role_members_role", true);
    catalog_scan_key_int(&scan, COL_role_members_database, database);
    catalog_scan_key_int(&scan, COL_role_members_role, role);
    catalog_scan_key_int(&scan, COL_role_members_member, member);
    exists = catalog_scan_next(&scan);
    if (exists && !statement->add)
        catalog_scan_delete(&scan);
    catalog_scan_end(&scan);
    if (!exists && statement->add) {
        catalog_row_init(&row, TABLE_role_members);
        catalog_row_int(&row, COL_role_members_database, database);
        catalog_row_int(&row, COL_role_members_role, role);
        catalog_row_int(&row, COL_role_members_member, member);
        catalog_row_insert(&row);
    }
    ddl_changed(false);
}
