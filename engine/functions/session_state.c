/*
 * Functions that tell of the session: who it is, the error that its CATCH block handles, the last
 * identities, the state of its transaction.
 */
#include "postgres.h"

#include "catalogue/catalog.h"
#include "commands/sequence.h"
#include "context/context.h"
#include "context/session_values.h"
#include "errors/errors.h"
#include "fmgr.h"
#include "functions/characters.h"
#include "pgtime.h"
#include "types/decimal.h"
#include "types/variant.h"
#include "utils/builtins.h"

#include <time.h>

static Datum
name_datum(FunctionCallInfo fcinfo, const char *name)
{
    if (name == NULL)
        PG_RETURN_NULL();
    return string_datum(name, strlen(name));
}

#define DEFINE_NAME(name, expression)                                                              \
    PG_FUNCTION_INFO_V1(name);                                                                     \
    Datum name(PG_FUNCTION_ARGS)                                                                   \
    {                                                                                              \
        return name_datum(fcinfo, expression);                                                     \
    }

DEFINE_NAME(fn_suser_sname, session_context->login_name)
DEFINE_NAME(fn_original_login, session_context->original_login)
DEFINE_NAME(fn_current_user, session_context->user_name)
DEFINE_NAME(fn_host_name, session_context->host_name)
DEFINE_NAME(fn_app_name, session_context->program_name)
DEFINE_NAME(fn_db_name, session_context->database_name)
DEFINE_NAME(fn_schema_name, session_context->default_schema)

/* ---- the error of the CATCH block ---- */

#define DEFINE_ERROR_PART(name, member)                                                            \
    PG_FUNCTION_INFO_V1(name);                                                                     \
    Datum name(PG_FUNCTION_ARGS)                                                                   \
    {                                                                                              \
        if (session_context->caught_error == NULL)                                                 \
            PG_RETURN_NULL();                                                                      \
        PG_RETURN_INT32(session_context->caught_error->member);                                    \
    }

DEFINE_ERROR_PART(fn_error_number, number)
DEFINE_ERROR_PART(fn_error_severity, severity)
DEFINE_ERROR_PART(fn_error_state, state)
DEFINE_ERROR_PART(fn_error_line, line)
DEFINE_NAME(fn_error_message,
            session_context->caught_error != NULL ? session_context->caught_error->message : NULL)
DEFINE_NAME(fn_error_procedure,
            session_context->caught_error != NULL ? session_context->caught_error->procedure : NULL)

/* ---- transaction and identities ---- */

PG_FUNCTION_INFO_V1(fn_xact_state);
PG_FUNCTION_INFO_V1(fn_scope_identity);
PG_FUNCTION_INFO_V1(fn_current_transaction_id);
PG_FUNCTION_INFO_V1(fn_rowcount_big);
PG_FUNCTION_INFO_V1(fn_context_info);
PG_FUNCTION_INFO_V1(fn_suser_id);
PG_FUNCTION_INFO_V1(fn_connectionproperty);

Datum
fn_xact_state(PG_FUNCTION_ARGS)
{
    PG_RETURN_INT16((int16) session_context->xact_state);
}

Datum
fn_scope_identity(PG_FUNCTION_ARGS)
{
    Decimal value;

    if (!session_context->scope_identity_valid)
        PG_RETURN_NULL();
    value = decimal_from_int64(session_context->scope_identity);
    PG_RETURN_DATUM(decimal_put(&value));
}

Datum
fn_current_transaction_id(PG_FUNCTION_ARGS)
{
    PG_RETURN_INT64((int64) session_context->transaction_descriptor);
}

Datum
fn_rowcount_big(PG_FUNCTION_ARGS)
{
    PG_RETURN_INT64(session_context->row_count);
}

Datum
fn_context_info(PG_FUNCTION_ARGS)
{
    if (!session_context->context_info_set)
        PG_RETURN_NULL();
    return string_datum((const char *) session_context->context_info, 128);
}

Datum
fn_suser_id(PG_FUNCTION_ARGS)
{
    PG_RETURN_INT32(session_context->login_id);
}

/* CONNECTIONPROPERTY(name), as nvarchar. */
Datum
fn_connectionproperty(PG_FUNCTION_ARGS)
{
    char *property = text_to_cstring(PG_GETARG_TEXT_PP(0));

    if (pg_strcasecmp(property, "net_transport") == 0)
        return name_datum(fcinfo, "TCP");
    if (pg_strcasecmp(property, "protocol_type") == 0)
        return name_datum(fcinfo, "TSQL");
    if (pg_strcasecmp(property, "auth_scheme") == 0)
        return name_datum(fcinfo, "SQL");
    PG_RETURN_NULL();
}

/* SESSIONPROPERTY(option): the SET options by their names, as int. */
PG_FUNCTION_INFO_V1(fn_sessionproperty);
Datum
fn_sessionproperty(PG_FUNCTION_ARGS)
{
    static const struct {
        const char *name;
        uint32 option;
    } options[] = {{"ANSI_NULLS", OPTION_ANSI_NULLS},
                   {"ANSI_PADDING", OPTION_ANSI_PADDING},
                   {"ANSI_WARNINGS", OPTION_ANSI_WARNINGS},
                   {"ARITHABORT", OPTION_ARITHABORT},
                   {"CONCAT_NULL_YIELDS_NULL", OPTION_CONCAT_NULL_YIELDS_NULL},
                   {"NUMERIC_ROUNDABORT", OPTION_NUMERIC_ROUNDABORT},
                   {"QUOTED_IDENTIFIER", OPTION_QUOTED_IDENTIFIER}};
    char *name = text_to_cstring(PG_GETARG_TEXT_PP(0));
    SqlType type = sql_type_make(SQL_INT);

    for (int i = 0; i < lengthof(options); i++)
        if (pg_strcasecmp(options[i].name, name) == 0)
            return variant_make(&type, Int32GetDatum(session_option(options[i].option)));
    PG_RETURN_NULL();
}

PG_FUNCTION_INFO_V1(fn_session_context);
PG_FUNCTION_INFO_V1(fn_current_timezone);
PG_FUNCTION_INFO_V1(fn_current_timezone_id);
PG_FUNCTION_INFO_V1(fn_current_request_id);
PG_FUNCTION_INFO_V1(fn_getansinull);
PG_FUNCTION_INFO_V1(fn_host_id);

Datum
fn_session_context(PG_FUNCTION_ARGS)
{
    Datum value;

    if (!session_value_get(text_to_cstring(PG_GETARG_TEXT_PP(0)), &value))
        PG_RETURN_NULL();
    return value;
}

/* The server's zone: its offset now, and its name. */
Datum
fn_current_timezone(PG_FUNCTION_ARGS)
{
    pg_time_t now = (pg_time_t) time(NULL);
    const struct pg_tm *local = pg_localtime(&now, session_timezone);
    int minutes = local != NULL ? (int) (local->tm_gmtoff / 60) : 0;
    const char *zone = pg_get_timezone_name(session_timezone);
    char *text = minutes == 0 ? psprintf("(UTC) %s", zone)
                              : psprintf("(UTC%c%02d:%02d) %s", minutes < 0 ? '-' : '+',
                                         abs(minutes) / 60, abs(minutes) % 60, zone);

    return string_datum(text, strlen(text));
}

Datum
fn_current_timezone_id(PG_FUNCTION_ARGS)
{
    return name_datum(fcinfo, pg_get_timezone_name(session_timezone));
}

/* One request at a time runs in a session of ours. */
Datum
fn_current_request_id(PG_FUNCTION_ARGS)
{
    PG_RETURN_INT16(0);
}

/* Whether new columns allow NULL when they do not say. */
Datum
fn_getansinull(PG_FUNCTION_ARGS)
{
    PG_RETURN_INT16(session_option(OPTION_ANSI_NULL_DFLT_ON) ? 1 : 0);
}

/* The process of the client, as its login said. */
Datum
fn_host_id(PG_FUNCTION_ARGS)
{
    char *text = psprintf("%-10d", session_context->client_pid);

    return string_datum(text, strlen(text));
}
