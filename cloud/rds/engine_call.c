/*
 * engine_call.c: T-SQL run in an instance; see engine_call.h.
 */
#include "rds/engine_call.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#define MOST_ROWS 100000 /* of one reply; catalogues are far below */

typedef struct Collected {
    EngineCall *call;
    json_t *rows; /* or NULL: not wanted */
} Collected;

Instance *
engine_instance(ApiRequest *request)
{
    static const char *const down[] = {"BUILD",    "CREATE FAIL", "FAILED",    "FROZEN",
                                       "SHUTDOWN", "REBOOTING",   "RESTORING", NULL};
    Instance *instance = instance_of_request(request);

    for (int i = 0; instance && down[i]; i++)
        if (strcmp(instance->status, down[i]) == 0) {
            api_fail(request, API_INSTANCE_STATE, instance->status);
            instance_free(instance);
            return NULL;
        }
    return instance;
}

bool
engine_open(EngineCall *call, StoreConn *store, const Instance *instance)
{
    memset(call, 0, sizeof(*call));
    call->connection = instance_manage(store, instance, &call->message);
    if (!call->connection)
        call->status = -ENOTCONN;
    return call->connection != NULL;
}

void
engine_close(EngineCall *call)
{
    if (call->connection)
        tds_close(call->connection);
    free(call->message);
    memset(call, 0, sizeof(*call));
}

static bool
collect_row(void *context, const char *const *values, const size_t *lengths, int count)
{
    Collected *collected = context;
    json_t *row;

    if (!collected->rows)
        return true;
    if (json_array_size(collected->rows) >= MOST_ROWS)
        return false;
    row = json_array();
    for (int i = 0; i < count; i++) {
        json_t *value = values[i] ? json_stringn(values[i], lengths[i]) : json_null();
        json_array_append_new(row, value ? value : json_null());
    }
    json_array_append_new(collected->rows, row);
    return true;
}

static void
collect_message(void *context, const TdsMessage *message)
{
    EngineCall *call = ((Collected *) context)->call;

    if (message->severity <= 10 || call->number)
        return;
    call->number = message->number;
    free(call->message);
    call->message = str_copy(message->text ? message->text : "");
}

static TdsReceiver
receiver_of(Collected *collected)
{
    TdsReceiver receiver = {.context = collected, .row = collect_row, .message = collect_message};

    return receiver;
}

static bool
note(EngineCall *call, int status)
{
    call->status = status;
    if (status < 0 && !call->message)
        call->message = str_copy(strerror(-status));
    return status == 0 && call->number == 0;
}

static void
forget_error(EngineCall *call)
{
    free(call->message);
    call->message = NULL;
    call->number = 0;
}

bool
engine_batch(EngineCall *call, const char *sql)
{
    Collected collected = {call, NULL};
    TdsReceiver receiver = receiver_of(&collected);

    if (call->status < 0)
        return false;
    forget_error(call);
    return note(call, tds_batch(call->connection, sql, &receiver));
}

#define MOST_VALUES 8

static bool
execute(EngineCall *call, Collected *collected, const char *sql, int count, va_list arguments)
{
    const char *values[MOST_VALUES] = {NULL};
    TdsReceiver receiver = receiver_of(collected);

    if (call->status < 0)
        return false;
    for (int i = 0; i < count && i < MOST_VALUES; i++)
        values[i] = va_arg(arguments, const char *);
    forget_error(call);
    return note(call, tds_execute(call->connection, sql, count, values, &receiver));
}

bool
engine_run(EngineCall *call, const char *sql, int count, ...)
{
    Collected collected = {call, NULL};
    va_list arguments;

    va_start(arguments, count);
    bool done = execute(call, &collected, sql, count, arguments);
    va_end(arguments);
    return done;
}

json_t *
engine_rows(EngineCall *call, const char *sql, int count, ...)
{
    Collected collected = {call, json_array()};
    va_list arguments;

    va_start(arguments, count);
    bool done = execute(call, &collected, sql, count, arguments);
    va_end(arguments);
    if (done)
        return collected.rows;
    json_decref(collected.rows);
    return NULL;
}

const char *
engine_text(const json_t *row, int column)
{
    const char *text = json_string_value(json_array_get(row, (size_t) column));

    return text ? text : "";
}

void
engine_add_name(Buffer *sql, const char *name)
{
    buffer_add(sql, "[", 1);
    for (; *name; name++) {
        if (*name == ']')
            buffer_add(sql, "]", 1);
        buffer_add(sql, name, 1);
    }
    buffer_add(sql, "]", 1);
}

bool
engine_use(EngineCall *call, const char *database)
{
    Buffer sql = {0};

    buffer_add_text(&sql, "USE ");
    engine_add_name(&sql, database);
    bool done = engine_batch(call, sql.text);
    buffer_done(&sql);
    return done;
}

void
engine_fail(ApiRequest *request, const EngineCall *call, const char *name)
{
    static const struct {
        int number;
        ApiError error;
    } known[] = {
#define ENGINE_ERROR(number, error) {number, API_##error},
#include "rds/engine_errors.def"
#undef ENGINE_ERROR
    };

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (call->number == known[i].number) {
            api_fail(request, known[i].error, name);
            return;
        }
    if (call->number)
        api_fail(request, API_ENGINE_REFUSED, call->message ? call->message : "", call->number);
    else
        api_fail(request, API_ENGINE_AWAY, call->message ? call->message : "no answer");
}
