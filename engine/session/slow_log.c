/*
 * The slow log: written by the session's loop when a request is over. See slow_log.h.
 */
#include "postgres.h"

#include "session/slow_log.h"

#include "context/context.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "session/settings.h"
#include "session/sink.h"
#include "session/table.h"
#include "session/usage.h"
#include "syntax/lexer.h"
#include "utils/json.h"
#include "utils/timestamp.h"

#define MOST_TEXT 4000

/* The text with every literal replaced by '?'. What cannot be lexed ends it: behind an open quote
 * everything might be data. */
static char *
masked(const char *text)
{
    StringInfoData result;
    Lexer lexer;
    Token token;
    uint32 copied = 0;

    initStringInfo(&result);
    lexer_init(&lexer, text, strlen(text), true);
    for (lexer_next(&lexer, &token); token.type != TOKEN_EOF && result.len < MOST_TEXT;
         lexer_next(&lexer, &token)) {
        if (token.type == TOKEN_ERROR) {
            appendBinaryStringInfo(&result, text + copied, token.start - copied);
            appendStringInfoString(&result, "...");
            return result.data;
        }
        if (token_is_literal(&token)) {
            appendBinaryStringInfo(&result, text + copied, token.start - copied);
            appendStringInfoChar(&result, '?');
        } else
            appendBinaryStringInfo(&result, text + copied, token.end - copied);
        copied = token.end;
    }
    if (result.len > MOST_TEXT) {
        result.len = pg_mbcliplen(result.data, result.len, MOST_TEXT);
        result.data[result.len] = '\0';
        appendStringInfoString(&result, "...");
    }
    return result.data;
}

static void
add_text(StringInfo line, const char *name, const char *value)
{
    appendStringInfo(line, ",\"%s\":", name);
    escape_json(line, value != NULL ? value : "");
}

void
slow_log_request(const char *text, TimestampTz began)
{
    TimestampTz now;
    SessionUse use;
    StringInfoData line;
    const SessionContext *context = session_context;

    if (setting_slow_request < 0)
        return;
    now = GetCurrentTimestamp();
    if (now - began < (int64) setting_slow_request * 1000)
        return;
    use = usage_now();
    initStringInfo(&line);
    appendStringInfo(
        &line, "{\"ms\":%.1f,\"cpu_ms\":%.1f,\"rows\":" INT64_FORMAT ",\"reads\":" INT64_FORMAT,
        (double) (now - began) / 1000, (double) use.cpu_time / 1000, (int64) sink_row_count(),
        use.logical_reads);
    add_text(&line, "database", context->database_name);
    add_text(&line, "login", context->login_name);
    add_text(&line, "client", session_info->client_address);
    add_text(&line, "text", masked(text != NULL ? text : ""));
    appendStringInfoChar(&line, '}');
    ereport(LOG, (errmsg_internal("slow request: %s", line.data), errhidestmt(true),
                  errhidecontext(true)));
    pfree(line.data);
}
