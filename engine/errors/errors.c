/*
 * Raising, describing and translating errors. tsql_error() puts SQL Server's number, severity,
 * state and line into the ErrorData's datatype_name field ("tsql:8134:16:1:3"), which PostgreSQL
 * carries untouched from any depth to whoever catches; tsql_error_from_pg() reads it back.
 * PostgreSQL's own errors are translated in native.c.
 */
#include "postgres.h"

#include "errors/errors.h"
#include "errors/native.h"

#include "lib/stringinfo.h"
#include "utils/elog.h"

#define TRANSPORT_PREFIX "tsql:"

typedef struct ErrorRow {
    int number;
    int severity;
    const char *text;
} ErrorRow;

static const ErrorRow error_table[] = {
#define TSQL_ERROR(number, severity, text) {number, severity, text},
#include "errors/errors.def"
#undef TSQL_ERROR
};

static int current_line;

static const ErrorRow *
error_row(int number)
{
    int low = 0;
    int high = lengthof(error_table) - 1;

    while (low <= high) {
        int middle = (low + high) / 2;

        if (error_table[middle].number == number)
            return &error_table[middle];
        if (error_table[middle].number < number)
            low = middle + 1;
        else
            high = middle - 1;
    }
    return NULL;
}

const char *
tsql_error_text(int number, int *severity)
{
    const ErrorRow *row = error_row(number);

    if (severity != NULL)
        *severity = row != NULL ? row->severity : 16;
    return row != NULL ? row->text : NULL;
}

int
tsql_error_set_line(int line)
{
    int former = current_line;

    current_line = line;
    return former;
}

/* The SQLSTATE of everything that is an error in T-SQL's own terms. */
#define ERRCODE_TSQL MAKE_SQLSTATE('T', 'S', '0', '0', '1')

void
tsql_raise(int number, int severity, int state, const char *message)
{
    char transport[64];

    snprintf(transport, sizeof transport, TRANSPORT_PREFIX "%d:%d:%d:%d", number, severity, state,
             current_line);
    ereport(ERROR, (errcode(ERRCODE_TSQL), errmsg_internal("%s", message),
                    err_generic_string(PG_DIAG_DATATYPE_NAME, transport)));
    pg_unreachable();
}

/* The formats come from errors.def, where the compiler cannot see them together with arguments. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wsuggest-attribute=format"
static char *
format_text(const char *format, va_list arguments)
{
    StringInfoData buffer;

    initStringInfo(&buffer);
    for (;;) {
        va_list copy;
        int needed;

        va_copy(copy, arguments);
        needed = appendStringInfoVA(&buffer, format, copy);
        va_end(copy);
        if (needed == 0)
            return buffer.data;
        enlargeStringInfo(&buffer, needed);
    }
}
#pragma GCC diagnostic pop

static void
raise_row(int number, int state, va_list arguments)
{
    const ErrorRow *row = error_row(number);
    char *message;

    if (row == NULL)
        elog(ERROR, "error %d is not in errors.def or the table is not sorted", number);
    message = format_text(row->text, arguments);
    tsql_raise(number, row->severity, state, message);
}

/* The state that SQL Server gives with a number where it is not 1. */
static int
usual_state(int number)
{
    static const struct {
        int number;
        int state;
    } states[] = {{206, 2},   {220, 2},  {232, 3},  {235, 0},   {242, 3},  {295, 3},
                  {293, 0},   {515, 2},  {547, 0},  {3701, 5},  {8114, 5}, {8115, 2},
                  {8152, 14}, {8169, 2}, {2714, 6}, {2812, 62}, {911, 1}};

    for (int i = 0; i < lengthof(states); i++)
        if (states[i].number == number)
            return states[i].state;
    return 1;
}

void
tsql_error(TsqlErrorNumber number, ...)
{
    va_list arguments;

    va_start(arguments, number);
    raise_row(number, usual_state(number), arguments);
    va_end(arguments);
    pg_unreachable();
}

void
tsql_error_state(TsqlErrorNumber number, int state, ...)
{
    va_list arguments;

    va_start(arguments, state);
    raise_row(number, state, arguments);
    va_end(arguments);
    pg_unreachable();
}

char *
tsql_error_format(TsqlErrorNumber number, ...)
{
    const ErrorRow *row = error_row(number);
    va_list arguments;
    char *message;

    if (row == NULL)
        elog(ERROR, "error %d is not in errors.def or the table is not sorted", number);
    va_start(arguments, number);
    message = format_text(row->text, arguments);
    va_end(arguments);
    return message;
}

TsqlError
tsql_error_from_pg(const ErrorData *edata)
{
    TsqlError error = {.state = 1, .severity = 16, .line = current_line};
    int length = strlen(TRANSPORT_PREFIX);

    if (edata->datatype_name != NULL &&
        strncmp(edata->datatype_name, TRANSPORT_PREFIX, length) == 0 &&
        sscanf(edata->datatype_name + length, "%d:%d:%d:%d", &error.number, &error.severity,
               &error.state, &error.line) == 4) {
        error.message = pstrdup(edata->message != NULL ? edata->message : "");
        return error;
    }
    error.state = 0;
    error_from_native(edata, &error);
    if (error.state == 0 && error.number != 547)
        error.state = Max(usual_state(error.number), 1);
    return error;
}

/*
 * What SQL Server does under XACT_ABORT OFF. Failed conversions of strings end the batch and roll
 * back (in TRY they doom the transaction), as do deadlocks; errors of binding end the batch;
 * constraint, arithmetic and missing-object errors end their statement only.
 */
ErrorReach
tsql_error_reach(int number, int severity)
{
    static const int transaction_errors[] = {235,  241,  242,  245,  248,  293,  295,  1205, 3609,
                                             3616, 3960, 3998, 8114, 8169, 9400, 9420, 9436};
    static const int batch_errors[] = {102, 105, 156, 195,  206,  207,  209,  213,  217, 257,
                                       402, 529, 701, 1087, 3915, 3916, 3930, 4104, 8120};

    if (severity >= 20)
        return REACH_CONNECTION;
    for (int i = 0; i < lengthof(transaction_errors); i++)
        if (transaction_errors[i] == number)
            return REACH_TRANSACTION;
    for (int i = 0; i < lengthof(batch_errors); i++)
        if (batch_errors[i] == number)
            return REACH_BATCH;
    return severity == 15 && number < 50000 ? REACH_BATCH : REACH_STATEMENT;
}
