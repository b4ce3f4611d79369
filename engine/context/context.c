/*
 * The session's state: defaults, reset, USE. See context.h.
 */
#include "postgres.h"

#include "context/context.h"
#include "context/session_values.h"
#include "errors/errors.h"
#include "types/dateformat.h"
#include "utils/memutils.h"

#define OPTIONS_AT_LOGIN                                                                           \
    (OPTION_QUOTED_IDENTIFIER | OPTION_ANSI_NULLS | OPTION_ANSI_PADDING | OPTION_ANSI_WARNINGS |   \
     OPTION_ARITHABORT | OPTION_CONCAT_NULL_YIELDS_NULL | OPTION_ANSI_NULL_DFLT_ON)

static SessionContext the_session;
SessionContext *session_context = &the_session;
MemoryContext session_memory;

static void
set_defaults(SessionContext *session)
{
    session->options = session->options_at_login;
    strlcpy(session->date_order, "mdy", sizeof(session->date_order));
    session->date_first = 7;
    session->language = "us_english";
    session->language_id = 0;
    session->lock_timeout = -1;
    session->row_count_limit = 0;
    session->text_size = -1;
    session->deadlock_priority = 0;
    session->isolation_level = 2;
    session->identity_insert = InvalidOid;
    session->context_info_set = false;
    session->row_count = 0;
    session->error = 0;
    session->identity_valid = session->scope_identity_valid = false;
    session->nest_level = 0;
    session->procedure_id = 0;
    session->fetch_status = 0;
}

void
session_context_init(void)
{
    if (session_memory != NULL)
        return;
    session_memory =
        AllocSetContextCreate(TopMemoryContext, "T-SQL session", ALLOCSET_DEFAULT_SIZES);
    session_context->options_at_login = OPTIONS_AT_LOGIN;
    set_defaults(session_context);
    sql_date_settings_register(session_context->date_order, &session_context->date_first);
    session_context->database = DATABASE_MASTER;
    session_context->database_name = "master";
    session_context->user_id = 1;
    session_context->user_name = "dbo";
    session_context->default_schema = "dbo";
    session_context->login_name = session_context->original_login = "";
    session_context->host_name = session_context->program_name = "";
    session_context->client_interface = "";
}

void
session_context_reset(void)
{
    session_values_reset();
    set_defaults(session_context);
}

void
session_use_database(const char *name)
{
    SessionContext *session = session_context;
    const CatalogDatabase *database = catalog_database_by_name(name);
    CatalogPrincipal user;

    if (database == NULL)
        tsql_error(ERR_911, name);
    if (!database->online)
        tsql_error(ERR_942, database->name);
    if (session->scope_database != 0) {
        /* a user is nobody outside its database */
        if (database->id != session->scope_database)
            tsql_error(ERR_916, session->login_name, database->name);
        user.id = session->user_id;
        user.name = session->user_name;
        user.default_schema = session->default_schema;
    } else if (session->is_sysadmin) {
        user.id = 1;
        user.name = user.default_schema = "dbo";
    } else if (!catalog_user_of_login(database->id, session->login_id, &user))
        tsql_error(ERR_916, session->login_name, database->name);

    catalog_database_hold(database->id);
    session->database = database->id;
    session->database_name = MemoryContextStrdup(session_memory, database->name);
    session->database_collation = database->collation;
    session->user_id = user.id;
    session->user_name = MemoryContextStrdup(session_memory, user.name);
    session->default_schema =
        MemoryContextStrdup(session_memory, user.default_schema ? user.default_schema : "dbo");
}
