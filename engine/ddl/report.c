/*
 * Errors that come in pairs: the cause (5074, 1776...) and then what failed for it (4922, 1750...).
 */
#include "postgres.h"

#include "ddl/ddl_internal.h"

DdlReporter ddl_reporter = NULL;

void
ddl_report(const char *message, int number, int severity, int state)
{
    /* nobody to tell beforehand: the cause alone is raised, being the more useful of the two */
    if (ddl_reporter == NULL || !ddl_reporter(number, severity, state, message))
        tsql_raise(number, severity, state, message);
}
