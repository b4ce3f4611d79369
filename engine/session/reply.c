/*
 * Tokens that the session itself says: login errors, fatal errors. Results of statements go through
 * sink.c.
 */
#include "postgres.h"

#include "session/session.h"

#include "miscadmin.h"
#include "pgtime.h"
#include "session/settings.h"
#include "session/stopping.h"
#include "storage/ipc.h"

#include <stdarg.h>
#include <time.h>

static emit_log_hook_type next_emit_log;

void
reply_message(int number, int severity, int state, const char *text)
{
    TdsMessage message = {.number = number,
                          .state = (uint8_t) state,
                          .severity = (uint8_t) severity,
                          .text = text,
                          .server = settings_server_name(),
                          .line = 1};

    tds_put_message(transport_out(), session.version, &message);
}

void
reply_error(TsqlErrorNumber number, int state, ...)
{
    int severity = 16;
    const char *format = tsql_error_text(number, &severity);
    char text[2048];
    va_list arguments;

    va_start(arguments, state);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    vsnprintf(text, sizeof(text), format, arguments);
#pragma GCC diagnostic pop
    va_end(arguments);
    reply_message(number, severity, state, text);
}

void
reply_finish_with_error(void)
{
    tds_put_done(transport_out(), session.version, TDS_TOKEN_DONE, TDS_DONE_ERROR, 0, 0);
    tds_out_end_message(transport_out());
}

static void
put_fatal(const ErrorData *edata)
{
    char when[128];
    const pg_time_t now = (pg_time_t) time(NULL);

    if (edata->sqlerrcode == ERRCODE_ADMIN_SHUTDOWN && server_is_stopping())
        /* severity 10 would be a notice to clients */
        reply_message(ERR_6005, 21, 1, tsql_error_text(ERR_6005, NULL));
    else if (edata->sqlerrcode == ERRCODE_ADMIN_SHUTDOWN)
        reply_error(ERR_596, 1);
    else {
        pg_strftime(when, sizeof(when), "%b %e %Y %I:%M%p", pg_localtime(&now, log_timezone));
        reply_error(ERR_21, 1, edata->sqlerrcode == ERRCODE_CRASH_SHUTDOWN ? 596 : 3624, when);
    }
}

/*
 * FATAL ends the process without coming back to the loop. What was being written may be in the
 * middle of a token: then only the close tells the client. Never raises.
 */
static void
tell_fatal(ErrorData *edata)
{
    static bool telling;

    if (next_emit_log)
        next_emit_log(edata);
    if (edata->elevel < FATAL || telling || session.ending || transport_is_broken())
        return;
    telling = true;
    session.ending = true;
    if (!tds_out_message_started_sending(transport_out())) {
        tds_out_discard(transport_out());
        put_fatal(edata);
        reply_finish_with_error();
    }
    transport_close();
}

void
reply_register_fatal(void)
{
    next_emit_log = emit_log_hook;
    emit_log_hook = tell_fatal;
}
