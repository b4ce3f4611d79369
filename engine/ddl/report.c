/*
 * Messages of DDL beside its errors: errors that come in pairs, the cause (5074, 1776...) and then
 * what failed for it (4922, 1750...), and cautions.
 */
#include "postgres.h"

#include "ddl/ddl_internal.h"
#include "execute/interpreter.h"

static Frame *running; /* of the statement being run; NULL outside */

void
ddl_report_from(Frame *frame)
{
    running = frame;
}

void
ddl_report(const char *message, int number, int severity, int state)
{
    TsqlError error = {.number = number, .severity = severity, .state = state, .message = message};

    /* a CATCH sees the last error only, as SQL Server has it */
    if (running != NULL && error_has_catcher(running, false))
        return;
    error.line = tsql_error_set_line(0);
    tsql_error_set_line(error.line);
    error.procedure = NULL;
    error_report(&error);
}

void
ddl_inform(const char *message, int number)
{
    report_info(number, 1, message);
}
