/*
 * Whom the session is: EXECUTE AS and REVERT, and modules made WITH EXECUTE AS. Each change of
 * identity is remembered on a stack; a frame that ends takes back what was changed in it, and a
 * batch of the client's leaves its changes to those after it.
 *
 * As a LOGIN the session has all that the login may do on the server. As a USER it is in one
 * database only (context.h: scope_database).
 */
#include "postgres.h"

#include "context/context.h"
#include "errors/errors.h"
#include "execute/interpreter.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#define COOKIE_LENGTH 16

typedef struct Identity {
    int32 login_id, user_id, scope_database;
    const char *login_name, *user_name, *default_schema;
    bool is_sysadmin;
} Identity;

typedef struct Impersonation {
    struct Impersonation *outer;
    MemoryContext memory;
    Identity former;
    int32 database; /* where it began: where REVERT is allowed */
    bool no_revert, has_cookie;
    uint8 cookie[COOKIE_LENGTH];
} Impersonation;

static Impersonation *innermost;
static int depth;

/* ---------------------------------------------------------------- the stack */

static void
push(const Identity *identity)
{
    SessionContext *session = session_context;
    MemoryContext memory =
        AllocSetContextCreate(session_memory, "T-SQL identity", ALLOCSET_SMALL_SIZES);
    Impersonation *made = MemoryContextAllocZero(memory, sizeof(Impersonation));

    made->memory = memory;
    made->former = (Identity){session->login_id,   session->user_id,   session->scope_database,
                              session->login_name, session->user_name, session->default_schema,
                              session->is_sysadmin};
    made->database = session->database;
    made->outer = innermost;
    session->login_name = MemoryContextStrdup(memory, identity->login_name);
    session->user_name = MemoryContextStrdup(memory, identity->user_name);
    session->default_schema = MemoryContextStrdup(
        memory, identity->default_schema != NULL ? identity->default_schema : "dbo");
    session->login_id = identity->login_id;
    session->user_id = identity->user_id;
    session->scope_database = identity->scope_database;
    session->is_sysadmin = identity->is_sysadmin;
    innermost = made;
    depth++;
}

static void
pop(void)
{
    SessionContext *session = session_context;
    Impersonation *ended = innermost;
    const Identity *former = &ended->former;

    innermost = ended->outer;
    depth--;
    session->login_id = former->login_id;
    session->user_id = former->user_id;
    session->scope_database = former->scope_database;
    session->login_name = former->login_name;
    session->user_name = former->user_name;
    session->default_schema = former->default_schema;
    session->is_sysadmin = former->is_sysadmin;
    MemoryContextDelete(ended->memory);
}

int
impersonation_depth(void)
{
    return depth;
}

void
impersonation_unwind(int former)
{
    while (depth > former)
        pop();
}

/* ---------------------------------------------------------------- who */

static void
become_user(int32 database, const CatalogPrincipal *user)
{
    const CatalogDatabase *place = catalog_database(database);
    Identity identity = {.user_id = user->id,
                         .user_name = user->name,
                         .default_schema = user->default_schema,
                         .scope_database = database};
    CatalogPrincipal login;

    identity.login_id = user->id == PRINCIPAL_DBO && place != NULL ? place->owner : user->login;
    if (identity.login_id != 0 && catalog_login(identity.login_id, &login))
        identity.login_name = login.name;
    else
        identity.login_name = catalog_user_sid_name(database, user->id);
    push(&identity);
}

static void
as_user(const char *name)
{
    int32 database = session_context->database;
    CatalogPrincipal user;

    if (!catalog_user_by_name(database, name, &user) || user.type != 'S' ||
        !catalog_may_impersonate(database, user.id))
        tsql_error(ERR_15517, name);
    become_user(database, &user);
}

static void
as_login(const char *name)
{
    Identity identity = {0};
    CatalogPrincipal login, user;

    if (!catalog_login_by_name(name, &login) || login.type != 'S' ||
        !catalog_may_impersonate(0, login.id))
        tsql_error(ERR_15406, name);
    if (!catalog_user_of_login(session_context->database, login.id, &user))
        tsql_error(ERR_916, login.name, session_context->database_name);
    identity.login_id = login.id;
    identity.login_name = login.name;
    identity.is_sysadmin = catalog_is_sysadmin(login.id);
    identity.user_id = user.id;
    identity.user_name = user.name;
    identity.default_schema = user.default_schema;
    push(&identity);
}

/* A module WITH EXECUTE AS OWNER or a user's name runs as that user of its own database. */
void
impersonate_for_module(const Program *program)
{
    CatalogPrincipal user;
    bool found;

    if (strcmp(program->execute_as, "OWNER") == 0) {
        int32 schema = catalog_schema_by_name(program->database, program->schema_name);

        found =
            catalog_user(program->database, catalog_schema_owner(program->database, schema), &user);
    } else
        found = catalog_user_by_name(program->database, program->execute_as, &user);
    if (!found)
        tsql_error(ERR_15517, program->execute_as);
    become_user(program->database, &user);
}

void
impersonate(const char *name, bool login)
{
    transaction_ensure();
    if (login)
        as_login(name);
    else
        as_user(name);
}

/* ---------------------------------------------------------------- the statements */

static void
give_cookie(Frame *frame, const AstNode *variable)
{
    SqlType type = sql_type_binary(SQL_VARBINARY, COOKIE_LENGTH);
    bytea *value = palloc(VARHDRSZ + COOKIE_LENGTH);

    if (variable->kind != AST_VARIABLE)
        tsql_error(ERR_179);
    if (!pg_strong_random(innermost->cookie, COOKIE_LENGTH))
        elog(ERROR, "no random numbers are to be had");
    innermost->has_cookie = true;
    SET_VARSIZE(value, VARHDRSZ + COOKIE_LENGTH);
    memcpy(VARDATA(value), innermost->cookie, COOKIE_LENGTH);
    frame_assign_from(frame, frame_variable(frame, ((const AstVariable *) variable)->name), &type,
                      PointerGetDatum(value), false);
}

static bool
cookie_fits(Frame *frame, const AstNode *given)
{
    SqlType type = sql_type_binary(SQL_VARBINARY, -1);
    bool is_null = true;
    Datum value;
    bytea *bytes;

    if (given == NULL)
        return !innermost->has_cookie;
    value = frame_evaluate(frame, given, &type, NULL, &is_null);
    if (is_null || !innermost->has_cookie)
        return false;
    bytes = DatumGetByteaPP(value);
    return VARSIZE_ANY_EXHDR(bytes) == COOKIE_LENGTH &&
           memcmp(VARDATA_ANY(bytes), innermost->cookie, COOKIE_LENGTH) == 0;
}

static void
revert(Frame *frame, const AstExecuteAs *statement)
{
    if (depth <= frame->impersonation_depth)
        return; /* there is nothing to take back here: no error */
    if (innermost->no_revert || !cookie_fits(frame, statement->cookie))
        tsql_error(ERR_15591);
    if (innermost->database != session_context->database)
        tsql_error(ERR_15199, "Execute As");
    pop();
}

Flow
run_execute_as(Frame *frame, const AstExecuteAs *statement)
{
    char *name;

    transaction_ensure();
    if (statement->is_revert)
        revert(frame, statement);
    else if (statement->as_caller) {
        /* back to the caller of a module that runs as somebody else, until REVERT */
        if (frame->program->execute_as != NULL && depth > frame->impersonation_depth)
            push(&innermost->former);
    } else {
        if ((statement->no_revert || statement->cookie != NULL) && frame->kind != FRAME_BATCH)
            tsql_error(ERR_15590);
        name = frame_evaluate_text(frame, statement->name);
        if (name == NULL)
            tsql_error(statement->as_login ? ERR_15406 : ERR_15517, "");
        impersonate(name, statement->as_login);
        innermost->no_revert = statement->no_revert;
        if (statement->cookie != NULL)
            give_cookie(frame, statement->cookie);
    }
    session_context->row_count = 0;
    report_done(frame, SINK_COMMAND_OTHER, false, 0);
    return FLOW_NEXT;
}
