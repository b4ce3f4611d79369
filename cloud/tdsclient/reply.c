/*
 * reply.c: the token stream of a reply (MS-TDS 2.2.7): hands columns, rows, counts and messages to
 * the receiver, and makes JSON of them where that is wanted.
 */
#include "tdsclient/connection.h"

#include "base/json.h"
#include "base/memory.h"

#include <errno.h>
#include <string.h>

#define COLUMN_LIMIT 4096

typedef struct Reply {
    TdsConnection *connection;
    const TdsReceiver *receiver;
    TdsColumn *columns;
    ColumnType *types;
    int count;
    bool had_error, stopped;
} Reply;

static void
forget_columns(Reply *reply)
{
    for (int i = 0; i < reply->count; i++) {
        free(reply->columns[i].name);
        free(reply->columns[i].type);
    }
    free(reply->columns);
    free(reply->types);
    reply->columns = NULL;
    reply->types = NULL;
    reply->count = 0;
}

/* The receiver wants no more: the server is told, what it still sends is read and dropped. */
static void
stop(Reply *reply)
{
    if (!reply->stopped)
        tds_cancel(reply->connection);
    reply->stopped = true;
}

static bool
read_columns(Reply *reply)
{
    TdsConnection *connection = reply->connection;
    unsigned count, flags, length;
    uint32_t user_type;

    forget_columns(reply);
    if (!read_u16(connection, &count))
        return false;
    if (count == 0xFFFF)
        return true;
    if (count > COLUMN_LIMIT)
        return connection_break(connection, -EPROTO, "a result of %u columns", count);
    reply->columns = mem_new(count, sizeof(TdsColumn));
    reply->types = mem_new(count, sizeof(ColumnType));
    for (unsigned i = 0; i < count; i++) {
        TdsColumn *column = &reply->columns[i];

        if (!read_u32(connection, &user_type) || !read_u16(connection, &flags) ||
            !type_read(connection, &reply->types[i]) || !read_u8(connection, &length))
            return false;
        reply->count = (int) i + 1;
        if (!read_utf16(connection, length, &column->name))
            return false;
        column->type = type_name(&reply->types[i]);
        column->nullable = flags & 1;
        column->numeric = type_is_numeric(&reply->types[i]);
        column->width = type_width(&reply->types[i]);
    }
    if (reply->receiver->columns && !reply->stopped &&
        !reply->receiver->columns(reply->receiver->context, reply->columns, reply->count))
        stop(reply);
    return true;
}

static bool
read_row(Reply *reply, bool compressed)
{
    size_t count = (size_t) reply->count;
    AUTO_FREE unsigned char *nulls = mem_new(count / 8 + 1, 1);
    AUTO_FREE char **values = mem_new(count + 1, sizeof(char *));
    AUTO_FREE size_t *lengths = mem_new(count + 1, sizeof(size_t));
    bool good = !compressed || read_bytes(reply->connection, nulls, (count + 7) / 8);

    for (size_t i = 0; good && i < count; i++)
        if (!(nulls[i / 8] & 1 << i % 8))
            good = value_read(reply->connection, &reply->types[i], &values[i], &lengths[i]);
    if (good && reply->receiver->row && !reply->stopped &&
        !reply->receiver->row(reply->receiver->context, (const char *const *) values, lengths,
                              reply->count))
        stop(reply);
    for (size_t i = 0; i < count; i++)
        free(values[i]);
    return good;
}

static bool
read_message(Reply *reply, bool error)
{
    TdsConnection *connection = reply->connection;
    unsigned length, state, severity, text_length, server_length, procedure_length;
    uint32_t number, line;
    AUTO_FREE char *text = NULL;
    AUTO_FREE char *server = NULL;
    AUTO_FREE char *procedure = NULL;

    if (!read_u16(connection, &length) || !read_u32(connection, &number) ||
        !read_u8(connection, &state) || !read_u8(connection, &severity) ||
        !read_u16(connection, &text_length) || !read_utf16(connection, text_length, &text) ||
        !read_u8(connection, &server_length) || !read_utf16(connection, server_length, &server) ||
        !read_u8(connection, &procedure_length) ||
        !read_utf16(connection, procedure_length, &procedure) || !read_u32(connection, &line))
        return false;
    TdsMessage message = {.number = (int) number,
                          .state = (int) state,
                          .severity = (int) severity,
                          .line = (int) line,
                          .procedure = procedure,
                          .server = server,
                          .text = text};
    reply->had_error = reply->had_error || (error && severity > 10);
    if (reply->receiver->message)
        reply->receiver->message(reply->receiver->context, &message);
    return true;
}

/* ENVCHANGE (MS-TDS 2.2.7.9): the database, the packet size, the transaction. */
static bool
read_change(Reply *reply)
{
    TdsConnection *connection = reply->connection;
    unsigned length, type, size;

    if (!read_u16(connection, &length) || length < 1 || !read_u8(connection, &type))
        return false;
    AUTO_FREE unsigned char *bytes = mem_new(length, 1);
    if (!read_bytes(connection, bytes, --length))
        return false;
    size = length > 0 ? bytes[0] : 0;
    if ((type == 1 || type == 4) && 1 + size * 2 <= length) {
        char *value = text_from_utf16(bytes + 1, size * 2, NULL);
        if (type == 1) {
            free(connection->database);
            connection->database = value;
        } else {
            long wanted = strtol(value, NULL, 10);
            if (wanted >= 512 && wanted <= 32767)
                connection->packet_size = (size_t) wanted;
            free(value);
        }
    } else if (type == 8 && size == 8 && length >= 9) {
        memcpy(connection->transaction, bytes + 1, 8);
    } else if (type == 9 || type == 10) {
        memset(connection->transaction, 0, 8);
    }
    return true;
}

static bool
read_done(Reply *reply, unsigned token, bool *more)
{
    unsigned status, command;
    uint64_t rows;

    if (!read_u16(reply->connection, &status) || !read_u16(reply->connection, &command) ||
        !read_u64(reply->connection, &rows))
        return false;
    *more = status & 1 || token == 0xFF;
    if (status & 0x02)
        reply->had_error = true;
    if (status & 0x20) { /* the attention is acknowledged */
        reply->connection->attention_sent = false;
        *more = false;
    }
    if (reply->receiver->done && !reply->stopped)
        reply->receiver->done(reply->receiver->context, (long long) rows, status & 0x10);
    forget_columns(reply);
    return true;
}

/* RETURNVALUE: read and dropped; our requests have no output parameters. */
static bool
read_return_value(Reply *reply)
{
    TdsConnection *connection = reply->connection;
    unsigned ordinal, length, status, flags;
    uint32_t user_type;
    ColumnType type;
    char *text;
    size_t text_length;

    if (!read_u16(connection, &ordinal) || !read_u8(connection, &length) ||
        !read_skip(connection, (size_t) length * 2) || !read_u8(connection, &status) ||
        !read_u32(connection, &user_type) || !read_u16(connection, &flags) ||
        !type_read(connection, &type) || !value_read(connection, &type, &text, &text_length))
        return false;
    free(text);
    return true;
}

static bool
skip_sized(Reply *reply)
{
    unsigned length;

    return read_u16(reply->connection, &length) && read_skip(reply->connection, length);
}

static bool
skip_features(Reply *reply)
{
    unsigned feature;
    uint32_t length;

    for (;;) {
        if (!read_u8(reply->connection, &feature))
            return false;
        if (feature == 0xFF)
            return true;
        if (!read_u32(reply->connection, &length) || !read_skip(reply->connection, length))
            return false;
    }
}

static bool
read_token(Reply *reply, unsigned token, bool *more)
{
    uint32_t status;

    switch (token) {
    case 0x81:
        return read_columns(reply);
    case 0xD1:
        return read_row(reply, false);
    case 0xD2:
        return read_row(reply, true);
    case 0xAA:
        return read_message(reply, true);
    case 0xAB:
        return read_message(reply, false);
    case 0xE3:
        return read_change(reply);
    case 0xFD:
    case 0xFE:
    case 0xFF:
        return read_done(reply, token, more);
    case 0x79:
        return read_u32(reply->connection, &status);
    case 0xAC:
        return read_return_value(reply);
    case 0xA9: /* ORDER */
    case 0xA4: /* TABNAME */
    case 0xA5: /* COLINFO */
    case 0xAD: /* LOGINACK */
        return skip_sized(reply);
    case 0xAE:
        return skip_features(reply);
    default:
        return connection_break(reply->connection, -EPROTO, "the server sends a token 0x%02X",
                                token);
    }
}

int
reply_read(TdsConnection *connection, const TdsReceiver *receiver)
{
    static const TdsReceiver nobody;
    Reply reply = {.connection = connection, .receiver = receiver ? receiver : &nobody};
    bool more = true, good = read_begin(connection);
    unsigned token;

    while (good && !(read_at_end(connection) && !connection->attention_sent)) {
        /* After an attention its acknowledgement may come in a message of its own. */
        if (read_at_end(connection))
            good = read_begin(connection);
        good = good && !connection->broken && read_u8(connection, &token) &&
               read_token(&reply, token, &more);
    }
    forget_columns(&reply);
    return connection->broken ? connection->broken : reply.had_error;
}

/* What tds_batch_json gathers. */
typedef struct Gathered {
    json_t *results, *messages, *rows; /* rows: of the result that is read, borrowed */
    long most_rows, row_count;
    size_t most_bytes, bytes;
} Gathered;

static bool
gather_columns(void *context, const TdsColumn *columns, int count)
{
    Gathered *gathered = context;
    json_t *heads = json_array();

    for (int i = 0; i < count; i++)
        json_array_append_new(heads, json_pack("{s:s, s:s, s:b}", "name", columns[i].name, "type",
                                               columns[i].type, "numeric", columns[i].numeric));
    gathered->rows = json_array();
    gathered->row_count = 0;
    json_array_append_new(gathered->results, json_pack("{s:o, s:o, s:b}", "columns", heads, "rows",
                                                       gathered->rows, "truncated", 0));
    return true;
}

static bool
gather_row(void *context, const char *const *values, const size_t *lengths, int count)
{
    Gathered *gathered = context;

    if (gathered->row_count++ < gathered->most_rows && gathered->bytes < gathered->most_bytes) {
        json_t *row = json_array();
        for (int i = 0; i < count; i++) {
            json_t *text = values[i] ? json_stringn(values[i], lengths[i]) : json_null();
            json_array_append_new(row, text ? text : json_string("\xEF\xBF\xBD"));
            gathered->bytes += lengths[i] + 8;
        }
        json_array_append_new(gathered->rows, row);
        return true;
    }
    json_t *result = json_array_get(gathered->results, json_array_size(gathered->results) - 1);
    json_object_set_new(result, "truncated", json_true());
    return false;
}

static void
gather_done(void *context, long long rows, bool counted)
{
    Gathered *gathered = context;

    if (gathered->rows) {
        json_t *result = json_array_get(gathered->results, json_array_size(gathered->results) - 1);
        json_object_set_new(result, "row_count",
                            json_integer(counted ? rows : gathered->row_count));
    } else if (counted) {
        json_array_append_new(
            gathered->messages,
            json_pack("{s:i, s:i, s:i, s:i, s:s, s:o}", "number", 0, "severity", 0, "state", 0,
                      "line", 0, "procedure", "", "text",
                      json_sprintf("(%lld row%s affected)", rows, rows == 1 ? "" : "s")));
    }
    gathered->rows = NULL;
}

static void
gather_message(void *context, const TdsMessage *message)
{
    Gathered *gathered = context;

    if (gathered->bytes > gathered->most_bytes)
        return;
    gathered->bytes += strlen(message->text) + 64;
    json_array_append_new(gathered->messages,
                          json_pack("{s:i, s:i, s:i, s:i, s:s, s:s}", "number", message->number,
                                    "severity", message->severity, "state", message->state, "line",
                                    message->line, "procedure", message->procedure, "text",
                                    message->text));
}

json_t *
tds_batch_json(
    TdsConnection *connection, const char *sql, long most_rows, size_t most_bytes, int *status)
{
    Gathered gathered = {.results = json_array(),
                         .messages = json_array(),
                         .most_rows = most_rows,
                         .most_bytes = most_bytes};
    TdsReceiver receiver = {.context = &gathered,
                            .columns = gather_columns,
                            .row = gather_row,
                            .done = gather_done,
                            .message = gather_message};

    *status = tds_batch(connection, sql, &receiver);
    return json_pack("{s:o, s:o}", "results", gathered.results, "messages", gathered.messages);
}
