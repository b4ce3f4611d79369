/*
 * The entry of DDL: dispatch by statement, and what is registered with the interpreter.
 */
#include "postgres.h"

#include "catalog/pg_authid.h"
#include "ddl/ddl_internal.h"
#include "ddl/table.h"
#include "execute/hooks.h"
#include "miscadmin.h"

static void
dispatch(const AstNode *statement, DdlContext *context)
{
    switch (statement->kind) {
    case AST_CREATE_TABLE:
        ddl_create_table((const AstCreateTable *) statement, context);
        break;
    case AST_ALTER_TABLE:
        ddl_alter_table_statement((const AstAlterTable *) statement, context);
        break;
    case AST_CREATE_INDEX:
        ddl_create_index_statement((const AstCreateIndex *) statement, context);
        break;
    case AST_ALTER_INDEX:
        ddl_alter_index((const AstAlterIndex *) statement, context);
        break;
    case AST_CREATE_VIEW:
        ddl_create_view((const AstCreateView *) statement, context);
        break;
    case AST_CREATE_PROCEDURE:
    case AST_CREATE_FUNCTION:
        ddl_create_routine((const AstCreateRoutine *) statement, context);
        break;
    case AST_CREATE_TRIGGER:
        ddl_create_trigger((const AstCreateTrigger *) statement, context);
        break;
    case AST_ENABLE_TRIGGER:
        ddl_enable_trigger((const AstEnableTrigger *) statement, context);
        break;
    case AST_CREATE_SCHEMA:
        ddl_create_schema((const AstCreateSchema *) statement, context);
        break;
    case AST_ALTER_SCHEMA:
        ddl_alter_schema((const AstAlterSchema *) statement, context);
        break;
    case AST_ALTER_AUTHORIZATION:
        ddl_alter_authorization((const AstAlterAuthorization *) statement, context);
        break;
    case AST_CREATE_DATABASE:
        ddl_create_database((const AstCreateDatabase *) statement, context);
        break;
    case AST_ALTER_DATABASE:
        ddl_alter_database((const AstAlterDatabase *) statement, context);
        break;
    case AST_CREATE_TYPE:
        ddl_create_type((const AstCreateType *) statement, context);
        break;
    case AST_CREATE_SEQUENCE:
        ddl_create_sequence((const AstCreateSequence *) statement, context);
        break;
    case AST_CREATE_SYNONYM:
        ddl_create_synonym((const AstCreateSynonym *) statement, context);
        break;
    case AST_CREATE_STATISTICS:
        ddl_create_statistics((const AstCreateStatistics *) statement, context);
        break;
    case AST_CREATE_PRINCIPAL:
        ddl_create_principal((const AstCreatePrincipal *) statement, context);
        break;
    case AST_ALTER_ROLE_MEMBER:
        ddl_role_member((const AstRoleMember *) statement, context);
        break;
    case AST_PERMISSION:
        ddl_permission((const AstPermission *) statement, context);
        break;
    case AST_DROP:
        ddl_drop((const AstDrop *) statement, context);
        break;
    default:
        elog(ERROR, "statement kind %d is not data definition", (int) statement->kind);
    }
}

void
ddl_execute(const AstNode *statement, DdlContext *context)
{
    Oid user;
    int security;

    /* an error's abort puts the user back, here only success needs it */
    GetUserIdAndSecContext(&user, &security);
    SetUserIdAndSecContext(BOOTSTRAP_SUPERUSERID, security | SECURITY_LOCAL_USERID_CHANGE);
    dispatch(statement, context);
    SetUserIdAndSecContext(user, security);
}

/* ---- registration ---- */

static DdlContext
context_of_session(const char *batch, size_t length)
{
    DdlContext context = {0};

    context.database = session_context->database;
    context.default_schema = session_context->default_schema;
    context.text = batch;
    context.text_length = length;
    context.options = session_context->options;
    context.nest_level = session_context->nest_level;
    return context;
}

static void
run_statement(Frame *frame,
              const AstNode *statement,
              const char *batch,
              size_t length,
              StatementResult *result)
{
    DdlContext context = context_of_session(batch, length);

    ddl_report_from(frame);
    ddl_execute(statement, &context);
    ddl_report_from(NULL);
    result->command = context.command;
}

static DdlContext
context_of_bind(const BindContext *bind)
{
    DdlContext context = context_of_session("", 0);

    context.database = bind->database;
    context.default_schema = bind->default_schema;
    context.options = bind->options | OPTION_ANSI_NULL_DFLT_ON;
    return context;
}

static const CatalogRelation *
make_table_variable(const char *name,
                    const AstList *elements,
                    const CatalogObject *type,
                    const BindContext *bind)
{
    DdlContext context = context_of_bind(bind);

    context.text = NULL;
    return table_variable_create(name, elements, type, &context);
}

static const CatalogRelation *
make_into(const AstName *name, const BoundColumn *columns, int count, const BindContext *bind)
{
    DdlContext context = context_of_bind(bind);
    CatalogColumn *made = palloc0(sizeof(CatalogColumn) * Max(count, 1));

    for (int i = 0; i < count; i++) {
        if (columns[i].name == NULL || columns[i].name[0] == '\0')
            tsql_error(ERR_1038);
        made[i].name = columns[i].name;
        made[i].type = columns[i].type;
        if (made[i].type.id == SQL_UNKNOWN)
            made[i].type = sql_type_make(SQL_INT);
        made[i].nullable = columns[i].nullable;
        made[i].updatable = true;
        if (columns[i].identity) {
            made[i].identity = true;
            made[i].updatable = false;
            made[i].identity_seed = made[i].identity_increment = 1;
        }
        if (made[i].type.id == SQL_ROWVERSION) {
            made[i].type = sql_type_binary(SQL_BINARY, 8);
        }
    }
    return table_create(name, made, count, &context);
}

/* Who asks for a permission: the session's login, and its user in a database. */
static void
who_asks(int32 database, int32 *login, int32 *user)
{
    CatalogPrincipal principal;

    *login = session_rights_login();
    if (session_context->scope_database != 0)
        *user = database == session_context->scope_database ? session_context->user_id
                                                            : PRINCIPAL_PUBLIC;
    else if (session_context->is_sysadmin)
        *user = PRINCIPAL_DBO;
    else if (database == session_context->database)
        *user = session_context->user_id;
    else
        *user =
            catalog_user_of_login(database, *login, &principal) ? principal.id : PRINCIPAL_PUBLIC;
}

void
ddl_init(void)
{
    static const AstKind kinds[] = {AST_CREATE_TABLE,     AST_ALTER_TABLE,
                                    AST_CREATE_INDEX,     AST_ALTER_INDEX,
                                    AST_CREATE_VIEW,      AST_CREATE_PROCEDURE,
                                    AST_CREATE_FUNCTION,  AST_CREATE_TRIGGER,
                                    AST_ENABLE_TRIGGER,   AST_CREATE_SCHEMA,
                                    AST_ALTER_SCHEMA,     AST_ALTER_AUTHORIZATION,
                                    AST_CREATE_DATABASE,  AST_ALTER_DATABASE,
                                    AST_CREATE_TYPE,      AST_CREATE_SEQUENCE,
                                    AST_CREATE_SYNONYM,   AST_CREATE_STATISTICS,
                                    AST_CREATE_PRINCIPAL, AST_ALTER_ROLE_MEMBER,
                                    AST_PERMISSION,       AST_DROP};

    catalog_who_hook = who_asks;
    for (int i = 0; i < lengthof(kinds); i++)
        execute_register_statement(kinds[i], run_statement, true);
    execute_table_hooks = (TableHooks){.make_table_variable = make_table_variable,
                                       .drop_table_variable = table_variable_drop,
                                       .make_into = make_into,
                                       .drop_temporary = table_drop_temporary,
                                       .truncate = table_truncate};
}
