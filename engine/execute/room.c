/*
 * room.c: statements that add data, and the instance's storage: refused with error 1105 when there
 * is no room, cancelled with it when the room ends while they run. Called by the statements
 * (query.c, run.c, the bulk load) and asked by the timer behind attention.
 */
#include "postgres.h"

#include "context/context.h"
#include "errors/errors.h"
#include "execute/hooks.h"
#include "execute/interpreter.h"

bool (*execute_storage_full_hook)(void);

static volatile bool adding;
static char target[NAMEDATALEN * 4];

static bool
no_room(void)
{
    return execute_storage_full_hook != NULL && execute_storage_full_hook();
}

void
execute_room_require(const char *object)
{
    strlcpy(target, object, sizeof(target));
    if (no_room())
        tsql_error(ERR_1105, target, "", session_context->database_name, "PRIMARY");
    adding = true;
}

void
execute_room_done(void)
{
    adding = false;
}

bool
execute_adds_data(void)
{
    return adding;
}

bool
room_error_of_cancel(TsqlError *error)
{
    if (!adding || !no_room())
        return false;
    error->number = ERR_1105;
    tsql_error_text(error->number, &error->severity);
    error->message =
        tsql_error_format(ERR_1105, target, "", session_context->database_name, "PRIMARY");
    return true;
}
