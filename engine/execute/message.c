/*
 * PRINT, RAISERROR and THROW.
 */
#include "postgres.h"

#include "context/context.h"
#include "errors/errors.h"
#include "execute/interpreter.h"
#include "functions/argument.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#define MAX_MESSAGE 2047

Flow
run_print(Frame *frame, const AstPrint *statement)
{
    char *text = frame_evaluate_text(frame, statement->value);

    tsql_error_set_line(statement->node.line);
    if (text == NULL)
        text = " ";
    if (strlen(text) > 8000)
        text[pg_mbcliplen(text, strlen(text), 8000)] = '\0';
    report_info(0, 1, text);
    return FLOW_NEXT;
}

/* ---------------------------------------------------------------- RAISERROR's format */

typedef struct FormatArgument {
    bool is_null, is_string;
    int64 number;
    char *text;
} FormatArgument;

typedef struct Formatter {
    StringInfoData out;
    FormatArgument *arguments;
    int count, next;
} Formatter;

static const FormatArgument *
next_argument(Formatter *formatter)
{
    static const FormatArgument missing = {.is_null = true};

    if (formatter->next >= formatter->count)
        return &missing;
    return &formatter->arguments[formatter->next++];
}

static void
pad(StringInfo out, const char *text, int length, int width, bool left, char fill)
{
    if (!left)
        for (int i = length; i < width; i++)
            appendStringInfoChar(out, fill);
    appendBinaryStringInfo(out, text, length);
    if (left)
        for (int i = length; i < width; i++)
            appendStringInfoChar(out, ' ');
}

/* One conversion, of which `start` is the text after the %. Returns what follows it. */
static const char *
format_one(Formatter *formatter, const char *start)
{
    const char *p = start;
    bool left = false, plus = false, zero = false, blank = false, hash = false;
    int width = 0, precision = -1;
    const FormatArgument *argument;
    char buffer[80];
    uint32 number;

    for (;; p++) {
        if (*p == '-')
            left = true;
        else if (*p == '+')
            plus = true;
        else if (*p == '0')
            zero = true;
        else if (*p == ' ')
            blank = true;
        else if (*p == '#')
            hash = true;
        else
            break;
    }
    if (*p == '*') {
        width = (int) next_argument(formatter)->number;
        p++;
    } else
        for (; *p >= '0' && *p <= '9' && width < 10000; p++)
            width = width * 10 + (*p - '0');
    if (*p == '.') {
        p++;
        precision = 0;
        if (*p == '*') {
            precision = (int) next_argument(formatter)->number;
            p++;
        } else
            for (; *p >= '0' && *p <= '9' && precision < 10000; p++)
                precision = precision * 10 + (*p - '0');
    }
    if (pg_strncasecmp(p, "I64", 3) == 0)
        p += 3;
    else if (*p == 'h' || *p == 'l')
        p++;
    width = Min(Max(width, 0), MAX_MESSAGE);

    switch (*p) {
    case 's':
        argument = next_argument(formatter);
        if (argument->is_null)
            pad(&formatter->out, "(null)", 6, width, left, ' ');
        else {
            int length;

            if (!argument->is_string)
                tsql_error(ERR_2786, formatter->next);
            length = strlen(argument->text);
            if (precision >= 0 && precision < length)
                length = pg_mbcliplen(argument->text, length, precision);
            pad(&formatter->out, argument->text, length, width, left, ' ');
        }
        return p + 1;
    case 'd':
    case 'i':
    case 'u':
    case 'o':
    case 'x':
    case 'X':
        argument = next_argument(formatter);
        if (argument->is_null) {
            pad(&formatter->out, "(null)", 6, width, left, ' ');
            return p + 1;
        }
        if (argument->is_string)
            tsql_error(ERR_2786, formatter->next);
        number = (uint32) argument->number;
        if (*p == 'd' || *p == 'i')
            snprintf(buffer, sizeof(buffer), "%s" INT64_FORMAT,
                     argument->number >= 0 ? (plus    ? "+"
                                              : blank ? " "
                                                      : "")
                                           : "",
                     argument->number);
        else if (*p == 'u')
            snprintf(buffer, sizeof(buffer), "%u", number);
        else if (*p == 'o')
            snprintf(buffer, sizeof(buffer), "%s%o", hash ? "0" : "", number);
        else if (*p == 'x')
            snprintf(buffer, sizeof(buffer), "%s%x", hash ? "0x" : "", number);
        else
            snprintf(buffer, sizeof(buffer), "%s%X", hash ? "0X" : "", number);
        pad(&formatter->out, buffer, strlen(buffer), width, left,
            zero && !left && precision < 0 ? '0' : ' ');
        return p + 1;
    default:
        tsql_error(ERR_2787, psprintf("%%%.10s", start));
    }
    return p;
}

static char *
format_message(const char *format, FormatArgument *arguments, int count)
{
    Formatter formatter = {.arguments = arguments, .count = count};

    initStringInfo(&formatter.out);
    while (*format != '\0' && formatter.out.len <= MAX_MESSAGE * 4) {
        if (*format != '%') {
            appendStringInfoChar(&formatter.out, *format++);
            continue;
        }
        format++;
        if (*format == '%') {
            appendStringInfoChar(&formatter.out, '%');
            format++;
        } else
            format = format_one(&formatter, format);
    }
    if (formatter.out.len > MAX_MESSAGE) {
        int length = pg_mbcliplen(formatter.out.data, formatter.out.len, MAX_MESSAGE - 3);

        memcpy(formatter.out.data + length, "...", 4);
    }
    return formatter.out.data;
}

static void
read_argument(Frame *frame, const AstNode *node, int position, FormatArgument *argument)
{
    SqlType type;
    Datum value = frame_evaluate(frame, node, NULL, &type, &argument->is_null);

    if (argument->is_null)
        return;
    switch (type.id) {
    case SQL_TINYINT:
    case SQL_SMALLINT:
    case SQL_INT:
    case SQL_BIGINT: {
        SqlType wide = sql_type_make(SQL_BIGINT);
        bool is_null;

        argument->number = DatumGetInt64(
            sql_convert_datum(value, false, &type, &wide, CONVERSION_IMPLICIT, 0, &is_null));
        break;
    }
    default:
        if (!sql_type_is_string(type.id))
            tsql_error(ERR_2748, sql_type_info(type.id)->name, position);
        argument->is_string = true;
        argument->text = text_to_cstring(DatumGetTextPP(value));
        break;
    }
}

/* The text of the message: by number from sys.messages, or the given string. */
static const char *
message_text(Frame *frame, const AstNode *node, int *number)
{
    SqlType type;
    bool is_null;
    Datum value = frame_evaluate(frame, node, NULL, &type, &is_null);

    *number = 50000;
    if (is_null)
        return "";
    if (sql_type_is_integer(type.id)) {
        SqlType wide = sql_type_make(SQL_INT);
        const char *text;

        *number = DatumGetInt32(
            sql_convert_datum(value, false, &type, &wide, CONVERSION_IMPLICIT, 0, &is_null));
        text = *number >= 13000 ? tsql_error_text(*number, NULL) : NULL;
        if (*number < 13000 || *number == 50000)
            tsql_error(ERR_2732, *number, 13000, PG_INT32_MAX);
        if (text == NULL)
            tsql_error(ERR_18054, *number, 16, 1);
        return text;
    }
    if (!sql_type_is_string(type.id)) {
        SqlType text = sql_type_string(SQL_NVARCHAR, -1, sql_collation_default());

        value = sql_convert_datum(value, false, &type, &text, CONVERSION_IMPLICIT, 0, &is_null);
    }
    return text_to_cstring(DatumGetTextPP(value));
}

static void
check_severity(const AstRaiserror *statement, int severity)
{
    if (severity > 18 && !session_context->is_sysadmin)
        tsql_error(ERR_2754, 18);
    if (severity > 18 && !statement->with_log)
        tsql_error(ERR_2754, 18);
}

/* Whether a TRY anywhere around would catch, past triggers too. */
static bool
in_any_try(const Frame *frame)
{
    for (; frame != NULL; frame = frame->parent)
        if (frame->try_depth > 0)
            return true;
    return false;
}

Flow
run_raiserror(Frame *frame, const AstRaiserror *statement)
{
    int count = AST_LIST_COUNT(statement->args), number;
    FormatArgument *arguments = palloc0(sizeof(FormatArgument) * (count + 1));
    const char *format = message_text(frame, statement->message, &number);
    int severity = statement->severity ? frame_evaluate_int(frame, statement->severity, 0) : 16;
    int state = statement->state ? frame_evaluate_int(frame, statement->state, 1) : 1;
    TsqlError message = {.number = number, .line = statement->node.line};

    for (int i = 0; i < count; i++)
        read_argument(frame, statement->args->items[i], i + 1, &arguments[i]);
    tsql_error_set_line(statement->node.line);
    /* a negative severity is the one that the message has */
    if (severity < 0 && tsql_error_text(number, &severity) == NULL)
        severity = 16;
    severity = Min(Max(severity, 0), 25);
    check_severity(statement, severity);
    message.state = state < 0 ? 1 : Min(state, 255);
    message.severity = severity == 10 ? 0 : severity; /* as clients have always been sent it */
    message.message = format_message(format, arguments, count);
    if (severity > 10 && (severity >= 20 || in_any_try(frame) || frame->kind == FRAME_FUNCTION)) {
        interpreter.raise_kind = RAISE_RAISERROR;
        tsql_raise(number, severity, message.state, message.message);
    }
    for (const Frame *f = frame; f != NULL && message.procedure == NULL; f = f->parent)
        message.procedure = f->program->name;
    if (severity > 10) {
        /* nobody catches: told, and on with the next statement, in triggers too */
        error_report(&message);
        report_failed_done(frame);
    } else {
        interpreter.sink->message(interpreter.sink, &message);
        session_context->error = statement->with_seterror ? number : 0;
    }
    if (statement->with_nowait)
        interpreter.sink->flush(interpreter.sink);
    return FLOW_NEXT;
}

/* ---------------------------------------------------------------- THROW */

static void
throw_again(Frame *frame)
{
    const TsqlError *error;

    if (frame->caught == NULL)
        tsql_error(ERR_10704);
    error = &frame->caught->error;
    interpreter.raise_kind = RAISE_THROW;
    interpreter.raise_procedure = error->procedure;
    tsql_error_set_line(error->line);
    tsql_raise(error->number, error->severity, error->state, error->message);
}

Flow
run_throw(Frame *frame, const AstThrow *statement)
{
    char *text;
    int number, state;

    if (statement->number == NULL)
        throw_again(frame);
    number = frame_evaluate_int(frame, statement->number, 0);
    text = frame_evaluate_text(frame, statement->message);
    state = frame_evaluate_int(frame, statement->state, 0);
    tsql_error_set_line(statement->node.line);
    if (number < 50000)
        tsql_error(ERR_35100, number);
    interpreter.raise_kind = RAISE_THROW;
    tsql_raise(number, 16, Min(Max(state, 0), 255), text ? text : "");
    return FLOW_NEXT;
}

/* ---------------------------------------------------------------- FORMATMESSAGE */

PG_FUNCTION_INFO_V1(fn_formatmessage);

static void
function_argument(FunctionCallInfo fcinfo, int n, FormatArgument *argument)
{
    SqlType type = argument_sql_type(fcinfo, n), wide = sql_type_make(SQL_BIGINT);
    bool is_null;

    argument->is_null = PG_ARGISNULL(n);
    if (argument->is_null)
        return;
    if (sql_type_is_integer(type.id))
        argument->number = DatumGetInt64(sql_convert_datum(PG_GETARG_DATUM(n), false, &type, &wide,
                                                           CONVERSION_IMPLICIT, 0, &is_null));
    else if (sql_type_is_string(type.id)) {
        argument->is_string = true;
        argument->text = text_to_cstring(PG_GETARG_TEXT_PP(n));
    } else
        tsql_error(ERR_2748, sql_type_info(type.id)->name, n);
}

/* FORMATMESSAGE(number or format, arguments...): NULL for a message that there is not. */
Datum
fn_formatmessage(PG_FUNCTION_ARGS)
{
    FormatArgument *arguments = palloc0(sizeof(FormatArgument) * (PG_NARGS() + 1));
    FormatArgument message = {0};
    const char *format;

    function_argument(fcinfo, 0, &message);
    if (message.is_null)
        PG_RETURN_NULL();
    for (int i = 1; i < PG_NARGS(); i++)
        function_argument(fcinfo, i, &arguments[i - 1]);
    format = message.is_string         ? message.text
             : message.number >= 13000 ? tsql_error_text((int) message.number, NULL)
                                       : NULL;
    if (format == NULL)
        PG_RETURN_NULL();
    PG_RETURN_TEXT_P(cstring_to_text(format_message(format, arguments, PG_NARGS() - 1)));
}
