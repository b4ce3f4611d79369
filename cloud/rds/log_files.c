/*
 * log_files.c: the engine's log as events and as files; see log_files.h.
 */
#include "rds/log_files.h"

#include "base/json.h"
#include "base/memory.h"
#include "supervise/agent.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#define CHUNK ((size_t) 1 << 20)
#define MOST_OF_A_FILE ((long long) 16 << 20) /* its end; what is before is not shown */
#define MOST_EVENT 16384
#define SLOW_PREFIX "slow request: "
#define MOST_FILE ((size_t) 16 << 20)

typedef struct Reader {
    Moment from, to;
    void (*take)(void *context, const LogEvent *event);
    void *context;
    Buffer line, text; /* the unfinished line; the event so far */
    LogEvent event;
    bool open, skip; /* skip: the lines that follow belong to something that is not shown */
    Moment last;
    int same; /* events of the same moment */
} Reader;

static const struct {
    const char *engine, *shown;
} levels[] = {{"LOG", "LOG"},         {"ERROR", "ERROR"}, {"FATAL", "FATAL"}, {"PANIC", "PANIC"},
              {"WARNING", "WARNING"}, {"NOTICE", "NOTE"}, {"INFO", "INFO"},   {"DETAIL", "+"},
              {"HINT", "+"},          {"STATEMENT", "-"}, {"CONTEXT", "-"},   {"QUERY", "-"},
              {"LOCATION", "-"},      {"BACKTRACE", "-"}, {NULL, NULL}};

static void
end_event(Reader *reader)
{
    LogEvent *event = &reader->event;

    if (!reader->open)
        return;
    reader->open = false;
    reader->same = event->time == reader->last ? reader->same + 1 : 0;
    reader->last = event->time;
    if (event->time < reader->from || event->time > reader->to)
        return;
    event->text = reader->text.text ? reader->text.text : "";
    event->number = event->time + reader->same;
    reader->take(reader->context, event);
}

static void
add_text(Reader *reader, const char *separator, const char *text)
{
    if (reader->open && !reader->skip && reader->text.length < MOST_EVENT) {
        buffer_add_text(&reader->text, separator);
        buffer_add_text(&reader->text, text);
    }
}

/* "2026-11-23 23:29:55.403 UTC [23259] sa LOG:  text": what follows the level, or NULL. */
static const char *
split(const char *line, Moment *time, int *level)
{
    char stamp[24];
    const char *rest = strchr(line, ']'), *best = NULL;

    if (strlen(line) < 30 || line[4] != '-' || line[10] != ' ' || !rest)
        return NULL;
    memcpy(stamp, line, 19);
    stamp[19] = '\0';
    if (!moment_parse(stamp, time))
        return NULL;
    *time += strtol(line + 20, NULL, 10) * 1000;
    for (int i = 0; levels[i].engine; i++) {
        AUTO_FREE char *mark = str_format(" %s:  ", levels[i].engine);
        const char *found = strstr(rest, mark);

        if (found && (!best || found + strlen(mark) < best)) {
            best = found + strlen(mark);
            *level = i;
        }
    }
    return best;
}

static void
take_line(Reader *reader, const char *line)
{
    Moment time;
    int level = 0;
    const char *text = split(line, &time, &level);

    if (!text) {
        add_text(reader, "\n", line[0] == '\t' ? line + 1 : line);
        return;
    }
    const char *shown = levels[level].shown;
    if (shown[0] == '-') {
        reader->skip = true;
        return;
    }
    reader->skip = false;
    if (shown[0] == '+' && strstr(text, "was running:")) {
        reader->skip = true; /* the statement of a process that crashed */
        return;
    }
    if (shown[0] == '+') {
        add_text(reader, "\n", text);
        return;
    }
    end_event(reader);
    buffer_done(&reader->text);
    memset(&reader->text, 0, sizeof(reader->text));
    reader->event.time = time;
    reader->event.level = shown;
    reader->open = true;
    add_text(reader, "", text);
}

/* Bytes that are no UTF-8 would make no JSON; a byte of zero would end the line. */
static void
clean(char *text)
{
    AUTO_JSON json_t *good = json_string(text);

    if (!good)
        for (; *text; text++)
            if ((unsigned char) *text >= 128)
                *text = '?';
}

static void
take_bytes(Reader *reader, const char *bytes, size_t length)
{
    while (length > 0) {
        const char *end = memchr(bytes, '\n', length);
        size_t part = end ? (size_t) (end - bytes) : length;

        if (reader->line.length < 2 * MOST_EVENT)
            buffer_add(&reader->line, bytes, part);
        if (!end)
            return;
        if (reader->line.length > 0) {
            clean(reader->line.text);
            take_line(reader, reader->line.text);
        }
        buffer_done(&reader->line);
        memset(&reader->line, 0, sizeof(reader->line));
        bytes += part + 1;
        length -= part + 1;
    }
}

static int
read_file(Reader *reader, const char *instance_id, const char *name)
{
    long long offset = 0, size = 0;

    for (bool first = true;; first = false) {
        char *bytes = NULL;
        size_t length = 0;
        int error =
            agent_read_file(instance_id, "log", name, offset, CHUNK, &bytes, &length, &size);

        if (first && !error && size > MOST_OF_A_FILE) {
            free(bytes);
            offset = size - MOST_OF_A_FILE;
            continue;
        }
        if (!error)
            take_bytes(reader, bytes, length);
        free(bytes);
        if (error)
            return error;
        offset += (long long) length;
        if (length == 0 || offset >= size)
            break;
    }
    take_bytes(reader, "\n", 1);
    end_event(reader);
    return 0;
}

/* ---- the files, oldest first ---- */

typedef struct LogFile {
    char *name;
    Moment begins;
} LogFile;

static Moment
first_moment(const char *instance_id, const char *name)
{
    char *bytes = NULL;
    size_t length = 0;
    long long size;
    Moment moment = 0;

    if (agent_read_file(instance_id, "log", name, 0, 32, &bytes, &length, &size) == 0 &&
        length >= 19) {
        bytes[19] = '\0';
        if (!moment_parse(bytes, &moment))
            moment = 0;
    }
    free(bytes);
    return moment;
}

static int
compare_files(const void *one, const void *other)
{
    Moment a = ((const LogFile *) one)->begins, b = ((const LogFile *) other)->begins;

    return a < b ? -1 : a > b;
}

int
log_read(const char *instance_id,
         Moment from,
         Moment to,
         void (*take)(void *context, const LogEvent *event),
         void *context)
{
    Reader reader = {.from = from, .to = to, .take = take, .context = context};
    char **names = NULL;
    LogFile files[32];
    int count = 0, error = agent_list_files(instance_id, "log", &names);

    for (char **name = names; !error && *name; name++)
        if (strncmp(*name, "engine-", 7) == 0 && count < 32)
            files[count++] = (LogFile){*name, first_moment(instance_id, *name)};
    qsort(files, (size_t) count, sizeof(LogFile), compare_files);
    for (int i = 0; !error && i < count; i++)
        if (files[i].begins <= to && (i + 1 == count || files[i + 1].begins >= from))
            error = read_file(&reader, instance_id, files[i].name);
    for (char **name = names; name && *name; name++)
        free(*name);
    free(names);
    buffer_done(&reader.line);
    buffer_done(&reader.text);
    return error == -ENOENT ? 0 : error;
}

json_t *
log_slow_request(const LogEvent *event)
{
    return strncmp(event->text, SLOW_PREFIX, strlen(SLOW_PREFIX)) == 0
               ? json_loads(event->text + strlen(SLOW_PREFIX), 0, NULL)
               : NULL;
}

/* ---- as files ---- */

typedef struct FileText {
    Buffer text;
    bool slow;
    json_t *sizes; /* of the days: {"2026-11-23": bytes}, or NULL */
} FileText;

static void
add_event(void *context, const LogEvent *event)
{
    FileText *file = context;
    char when[MOMENT_TEXT], day[11];
    AUTO_JSON json_t *slow = log_slow_request(event);

    if ((slow != NULL) != file->slow || file->text.length > MOST_FILE)
        return;
    moment_rds(event->time, when);
    AUTO_FREE char *line =
        slow ? str_format("# %s %s@%s %s: %.3f s, %lld rows\n%s\n", when,
                          json_text(slow, "login", ""), json_text(slow, "client", ""),
                          json_text(slow, "database", ""),
                          json_number_value(json_object_get(slow, "ms")) / 1000,
                          json_number(slow, "rows", 0), json_text(slow, "text", ""))
             : str_format("%s %s: %s\n", when, event->level, event->text);
    if (!file->sizes) {
        buffer_add_text(&file->text, line);
        return;
    }
    memcpy(day, when, 10);
    day[10] = '\0';
    json_object_set_new(file->sizes, day,
                        json_integer(json_number(file->sizes, day, 0) + (json_int_t) strlen(line)));
}

char *
log_file(const char *instance_id, const char *kind, const char *name, size_t *length)
{
    FileText file = {.slow = strcmp(kind, "slowlog") == 0};
    Moment from = 0, to = INT64_MAX / 2;

    if (file.slow) {
        char day[32];

        if (strlen(name) != 19 || strncmp(name, "slow-", 5) != 0)
            return NULL;
        snprintf(day, sizeof(day), "%.10s 00:00:00", name + 5);
        if (!moment_parse(day, &from))
            return NULL;
        to = from + 86400 * MOMENT_SECOND - 1;
    }
    if (log_read(instance_id, from, to, add_event, &file) != 0) {
        buffer_done(&file.text);
        return NULL;
    }
    *length = file.text.length;
    return file.text.text ? file.text.text : str_copy("");
}

json_t *
log_slow_files(const char *instance_id)
{
    AUTO_JSON json_t *sizes = json_object();
    FileText file = {.slow = true, .sizes = sizes};
    const char *day;
    json_t *size;

    if (log_read(instance_id, 0, INT64_MAX / 2, add_event, &file) != 0)
        return NULL;
    json_t *list = json_array();
    /* In the order of the days, as they were read. */
    json_object_foreach(sizes, day, size)
    {
        AUTO_FREE char *name = str_format("slow-%s.log", day);
        AUTO_FREE char *bytes = str_format("%lld", (long long) json_integer_value(size));

        json_array_insert_new(list, 0,
                              json_pack("{s:s, s:s}", "file_name", name, "file_size", bytes));
    }
    return list;
}
