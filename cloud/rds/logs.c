/*
 * logs.c: the error log, the slow log and audit by the API. log_files.c reads them.
 */
#include "rds/download.h"
#include "rds/handlers.h"
#include "rds/log_files.h"
#include "rds/parameter_table.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define MOST_KEPT 10000 /* events of one request; older ones are counted only */

/* What a request asks of a log. */
typedef struct LogQuery {
    Moment from, to;
    const char *level, *type, *database; /* NULL: any */
    bool slow;
    json_t *found; /* rendered events, oldest first */
    long long total;
} LogQuery;

/* ---- what is asked ---- */

/* A '+' of a zone that was sent as it is arrives as a space. */
static bool
read_moment(ApiRequest *request, const char *text, Moment fallback, Moment *moment)
{
    *moment = fallback;
    if (!text || !*text)
        return true;
    AUTO_FREE char *copy = str_copy(text);
    size_t length = strlen(copy);
    if (length > 20 && copy[length - 5] == ' ')
        copy[length - 5] = '+';
    if (moment_parse(copy, moment))
        return true;
    api_fail(request, API_BAD_PARAMETER, "a time must be as 2026-11-23T10:00:00+0000");
    return false;
}

static bool
read_period(ApiRequest *request, LogQuery *query, const char *from, const char *to)
{
    if (!read_moment(request, from, 0, &query->from) ||
        !read_moment(request, to, INT64_MAX / 2, &query->to))
        return false;
    if (query->from <= query->to)
        return true;
    api_fail(request, API_BAD_PARAMETER, "the period must begin before it ends");
    return false;
}

/* "ALL" and nothing mean any. */
static const char *
choice(const char *text)
{
    return text && *text && strcasecmp(text, "ALL") != 0 ? text : NULL;
}

static bool
level_known(ApiRequest *request, const char *level)
{
    static const char *const known[] = {"INFO",  "LOG",   "WARNING", "ERROR",
                                        "FATAL", "PANIC", "NOTE",    NULL};

    for (int i = 0; level && known[i]; i++)
        if (strcasecmp(level, known[i]) == 0)
            return true;
    if (level)
        api_fail(request, API_BAD_PARAMETER,
                 "level must be one of ALL, INFO, LOG, WARNING, ERROR, FATAL, PANIC, NOTE");
    return level == NULL;
}

/* ---- what is found ---- */

/* The first word of a statement, as SELECT; a call of a procedure is EXEC. */
static void
type_of(const char *text, char type[16])
{
    static const char *const known[] = {"SELECT", "INSERT", "UPDATE", "DELETE", "CREATE",
                                        "ALTER",  "DROP",   "MERGE",  NULL};
    size_t length = 0;

    text += strspn(text, " \t\r\n;(");
    while (isalpha((unsigned char) text[length]) && length < 15) {
        type[length] = (char) toupper((unsigned char) text[length]);
        length++;
    }
    type[length] = '\0';
    for (int i = 0; known[i]; i++)
        if (strcmp(type, known[i]) == 0)
            return;
    snprintf(type, 16, "%s", strcmp(type, "WITH") == 0 ? "SELECT" : "EXEC");
}

static json_t *
render_slow(const LogQuery *query, const LogEvent *event, const json_t *slow, const char *when)
{
    const char *text = json_text(slow, "text", ""), *database = json_text(slow, "database", "");
    double seconds = json_number_value(json_object_get(slow, "ms")) / 1000;
    char type[16];

    type_of(text, type);
    if ((query->type && strcasecmp(query->type, type) != 0) ||
        (query->database && strcasecmp(query->database, database) != 0))
        return NULL;
    AUTO_FREE char *time = str_format("%.5f s", seconds);
    AUTO_FREE char *rows = str_format("%lld", json_number(slow, "rows", 0));
    json_t *shown =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "count", "1", "time",
                  time, "lock_time", "", "rows_sent", rows, "rows_examined", "", "database",
                  database, "users", json_text(slow, "login", ""), "query_sample", text, "type",
                  type, "start_time", when, "client_ip", json_text(slow, "client", ""));
    AUTO_FREE char *number = str_format("%lld", event->number);
    json_object_set_new(shown, "line_num", json_string(number));
    json_object_set_new(shown, "seconds", json_real(seconds));
    return shown;
}

static void
take(void *context, const LogEvent *event)
{
    LogQuery *query = context;
    AUTO_JSON json_t *slow = log_slow_request(event);
    json_t *shown;
    char when[MOMENT_TEXT];

    if ((slow != NULL) != query->slow ||
        (query->level && strcasecmp(query->level, event->level) != 0))
        return;
    moment_rds(event->time, when);
    if (slow)
        shown = render_slow(query, event, slow, when);
    else {
        AUTO_FREE char *number = str_format("%lld", event->number);
        shown = json_pack("{s:s, s:s, s:s, s:s}", "time", when, "level", event->level, "content",
                          event->text, "line_num", number);
    }
    if (!shown)
        return;
    query->total++;
    json_array_append_new(query->found, shown);
    if (json_array_size(query->found) >= 2 * MOST_KEPT) {
        json_t *kept = json_array();

        for (size_t i = MOST_KEPT; i < 2 * MOST_KEPT; i++)
            json_array_append(kept, json_array_get(query->found, i));
        json_decref(query->found);
        query->found = kept;
    }
}

/* Reads; false when it has answered. query->found is to be freed in any case. */
static bool
run(ApiRequest *request, const Instance *instance, LogQuery *query)
{
    query->found = json_array();
    int error = log_read(instance->id, query->from, query->to, take, query);
    if (error)
        api_fail(request, API_ENGINE_AWAY, "its log cannot be read");
    return error == 0;
}

/* Without what is only for our own use. */
static json_t *
plain(json_t *event, bool keep_number)
{
    json_t *copy = json_copy(event);

    json_object_del(copy, "seconds");
    if (!keep_number)
        json_object_del(copy, "line_num");
    return copy;
}

/* ---- lists by page ---- */

static void
list_pages(ApiRequest *request, LogQuery *query, const char *list_name)
{
    long page = (long) api_query_number(request, "offset", 1);
    long limit = (long) api_query_number(request, "limit", 10);

    AUTO_INSTANCE Instance *instance = instance_of_request(request);
    if (!instance || !read_period(request, query, api_query(request, "start_date", NULL),
                                  api_query(request, "end_date", NULL)))
        return;
    if (run(request, instance, query)) {
        size_t size = json_array_size(query->found);
        size_t first = (size_t) ((page > 0 ? page - 1 : 0) * limit);
        json_t *list = json_array();

        for (size_t i = first; i < size && i < first + (size_t) limit; i++)
            json_array_append_new(list, plain(json_array_get(query->found, size - 1 - i), false));
        api_reply(
            request, 200,
            json_pack("{s:o, s:I}", list_name, list, "total_record", (json_int_t) query->total));
    }
    json_decref(query->found);
}

void
list_error_logs(ApiRequest *request)
{
    LogQuery query = {.level = choice(api_query(request, "level", NULL))};

    if (level_known(request, query.level))
        list_pages(request, &query, "error_log_list");
}

void
list_slow_logs(ApiRequest *request)
{
    LogQuery query = {.slow = true, .type = choice(api_query(request, "type", NULL))};

    list_pages(request, &query, "slow_log_list");
}

/* ---- lists by line ---- */

/* Newest first: "forwards" goes on to older ones than line_num, "backwards" to newer ones. */
static json_t *
lines_around(const ApiRequest *request, const LogQuery *query)
{
    long long line = json_number(request->json, "line_num", 0);
    long limit = (long) json_number(request->json, "limit", 10);
    bool newer = strcasecmp(json_text(request->json, "search_type", "forwards"), "backwards") == 0;
    size_t size = json_array_size(query->found);
    json_t *list = json_array();

    for (size_t i = 0; i < size && (long) json_array_size(list) < limit; i++) {
        json_t *event = json_array_get(query->found, newer ? i : size - 1 - i);
        long long number = json_number(event, "line_num", 0);

        if (line != 0 && (newer ? number <= line : number >= line))
            continue;
        if (newer)
            json_array_insert_new(list, 0, plain(event, true));
        else
            json_array_append_new(list, plain(event, true));
    }
    return list;
}

static void
list_lines(ApiRequest *request, LogQuery *query)
{
    const Parameter *threshold = parameter_find("slow query threshold (ms)");

    AUTO_INSTANCE Instance *instance = instance_of_request(request);
    if (!instance || !read_period(request, query, json_text(request->json, "start_time", NULL),
                                  json_text(request->json, "end_time", NULL)))
        return;
    if (run(request, instance, query)) {
        json_t *list = lines_around(request, query);
        json_t *answer = json_pack("{s:o}", query->slow ? "slow_log_list" : "error_log_list", list);

        if (query->slow) {
            const char *value =
                parameter_value(json_object_get(instance->row, "parameters"), threshold);
            AUTO_FREE char *seconds = str_format("%.3f", strtod(value, NULL) / 1000);
            json_object_set_new(answer, "long_query_time", json_string(seconds));
        }
        api_reply(request, 200, answer);
    }
    json_decref(query->found);
}

void
list_error_logs_by_line(ApiRequest *request)
{
    LogQuery query = {.level = choice(json_text(request->json, "level", NULL))};

    if (level_known(request, query.level))
        list_lines(request, &query);
}

void
list_slow_logs_by_line(ApiRequest *request)
{
    LogQuery query = {.slow = true,
                      .type = choice(json_text(request->json, "type", NULL)),
                      .database = choice(json_text(request->json, "database", NULL))};

    list_lines(request, &query);
}

/* ---- sums ---- */

typedef struct SlowSum {
    json_t *sample;
    long long count, rows;
    double seconds;
} SlowSum;

typedef struct SlowSums {
    SlowSum *items;
    size_t count;
    bool by_count;
} SlowSums;

static int
compare_sums(const void *one, const void *other)
{
    const SlowSum *a = one, *b = other;
    double left = a->seconds / (double) a->count, right = b->seconds / (double) b->count;

    return left > right ? -1 : left < right;
}

static int
compare_counts(const void *one, const void *other)
{
    const SlowSum *a = one, *b = other;

    return a->count > b->count ? -1 : a->count < b->count ? 1 : compare_sums(one, other);
}

/* Sums by text, database and login. */
static SlowSums
sum_up(const LogQuery *query, bool by_count)
{
    SlowSums sums = {mem_new(json_array_size(query->found) + 1, sizeof(SlowSum)), 0, by_count};
    AUTO_JSON json_t *places = json_object();
    size_t index;
    json_t *event;

    json_array_foreach(query->found, index, event)
    {
        AUTO_FREE char *key =
            str_format("%s\n%s\n%s", json_text(event, "database", ""),
                       json_text(event, "users", ""), json_text(event, "query_sample", ""));
        json_int_t place = json_number(places, key, -1);

        if (place < 0) {
            place = (json_int_t) sums.count++;
            json_object_set_new(places, key, json_integer(place));
            sums.items[place].sample = event;
        }
        sums.items[place].count++;
        sums.items[place].rows += json_number(event, "rows_sent", 0);
        sums.items[place].seconds += json_number_value(json_object_get(event, "seconds"));
    }
    qsort(sums.items, sums.count, sizeof(SlowSum), by_count ? compare_counts : compare_sums);
    return sums;
}

/* The old operation writes its names in one way, the new one in another. */
static json_t *
render_sum(const SlowSum *sum, bool old)
{
    AUTO_FREE char *count = str_format("%lld", sum->count);
    AUTO_FREE char *time = str_format("%.5f s", sum->seconds / (double) sum->count);

    return json_pack("{s:s, s:s, s:s, s:I, s:i, s:s, s:s, s:s, s:s, s:s}", "count", count, "time",
                     time, old ? "lockTime" : "lock_time", "", old ? "rowsSent" : "rows_sent",
                     (json_int_t) (sum->rows / sum->count), old ? "rowsExamined" : "rows_examined",
                     0, "database", json_text(sum->sample, "database", ""), "users",
                     json_text(sum->sample, "users", ""), old ? "querySample" : "query_sample",
                     json_text(sum->sample, "query_sample", ""), "type",
                     json_text(sum->sample, "type", ""), old ? "clientIP" : "client_ip",
                     json_text(sum->sample, "client_ip", ""));
}

static json_t *
render_sums(const SlowSums *sums, size_t first, size_t limit, bool old)
{
    json_t *list = json_array();

    for (size_t i = first; i < sums->count && i < first + limit; i++)
        json_array_append_new(list, render_sum(&sums->items[i], old));
    return list;
}

void
list_slow_statistics(ApiRequest *request)
{
    long page = (long) api_query_number(request, "cur_page", 1);
    long limit = (long) api_query_number(request, "per_page", 10);
    LogQuery query = {.slow = true, .type = choice(api_query(request, "type", NULL))};

    AUTO_INSTANCE Instance *instance = instance_of_request(request);
    if (!instance || !read_period(request, &query, api_query(request, "start_date", NULL),
                                  api_query(request, "end_date", NULL)))
        return;
    if (run(request, instance, &query)) {
        SlowSums sums =
            sum_up(&query, strcasecmp(api_query(request, "sort", ""), "executeTime") != 0);

        api_reply(request, 200,
                  json_pack("{s:I, s:I, s:o, s:I, s:I, s:I}", "pageNumber", (json_int_t) page,
                            "pageRecord", (json_int_t) limit, "slowLogList",
                            render_sums(&sums, (size_t) ((page - 1) * limit), (size_t) limit, true),
                            "totalRecord", (json_int_t) sums.count, "startTime",
                            (json_int_t) (query.from / 1000), "endTime",
                            (json_int_t) (query.to / 1000)));
        free(sums.items);
    }
    json_decref(query.found);
}

void
list_slow_statistics_by_body(ApiRequest *request)
{
    long first = (long) json_number(request->json, "offset", 0);
    long limit = (long) json_number(request->json, "limit", 10);
    LogQuery query = {.slow = true,
                      .type = choice(json_text(request->json, "type", NULL)),
                      .database = choice(json_text(request->json, "database", NULL))};

    AUTO_INSTANCE Instance *instance = instance_of_request(request);
    if (!instance || !read_period(request, &query, json_text(request->json, "start_time", NULL),
                                  json_text(request->json, "end_time", NULL)))
        return;
    if (run(request, instance, &query)) {
        SlowSums sums =
            sum_up(&query, strcasecmp(json_text(request->json, "sort", ""), "executeTime") != 0);

        api_reply(request, 200,
                  json_pack("{s:o, s:I}", "slow_log_list",
                            render_sums(&sums, (size_t) first, (size_t) limit, false),
                            "total_count", (json_int_t) sums.count));
        free(sums.items);
    }
    json_decref(query.found);
}

/* ---- files ---- */

void
list_slow_files(ApiRequest *request)
{
    long offset, limit;
    size_t index;
    json_t *one;

    AUTO_INSTANCE Instance *instance = instance_of_request(request);
    if (!instance || !api_paging(request, &offset, &limit))
        return;
    AUTO_JSON json_t *files = log_slow_files(instance->id);
    if (!files) {
        api_fail(request, API_ENGINE_AWAY, "its log cannot be read");
        return;
    }
    json_t *list = json_array();
    json_array_foreach(files, index,
                       one) if ((long) index >= offset && (long) index < offset + limit)
        json_array_append(list, one);
    api_reply(
        request, 200,
        json_pack("{s:o, s:I}", "list", list, "total_count", (json_int_t) json_array_size(files)));
}

/* An entry of the answer to a download. */
static json_t *
render_link(const Instance *instance, const char *kind, const char *name, const char *size)
{
    AUTO_FREE char *link = download_link(instance, kind, name);
    json_int_t now = (json_int_t) (moment_now() / 1000);

    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:I}", "workflow_id", "", "file_name", name,
                     "status", "FINISH", "file_size", size, "file_link", link ? link : "",
                     "create_at", now, "update_at", now);
}

static void
answer_links(ApiRequest *request, json_t *list)
{
    api_reply(request, 200,
              json_pack("{s:o, s:s, s:I}", "list", list, "status", "FINISH", "count",
                        (json_int_t) json_array_size(list)));
}

void
download_error_log(ApiRequest *request)
{
    size_t length = 0;

    AUTO_INSTANCE Instance *instance = instance_of_request(request);
    if (!instance)
        return;
    AUTO_FREE char *text = log_file(instance->id, "errorlog", "errorlog.txt", &length);
    AUTO_FREE char *size = str_format("%zu", length);
    if (!text) {
        api_fail(request, API_ENGINE_AWAY, "its log cannot be read");
        return;
    }
    json_t *list = json_array();
    json_array_append_new(list, render_link(instance, "errorlog", "errorlog.txt", size));
    answer_links(request, list);
}

void
download_slow_log(ApiRequest *request)
{
    const char *wanted = json_text(request->json, "file_name", "");
    size_t index;
    json_t *one;

    AUTO_INSTANCE Instance *instance = instance_of_request(request);
    if (!instance)
        return;
    AUTO_JSON json_t *files = log_slow_files(instance->id);
    if (!files) {
        api_fail(request, API_ENGINE_AWAY, "its log cannot be read");
        return;
    }
    json_t *list = json_array();
    json_array_foreach(files, index, one)
    {
        const char *name = json_text(one, "file_name", "");

        if (!*wanted || strcmp(wanted, name) == 0)
            json_array_append_new(
                list, render_link(instance, "slowlog", name, json_text(one, "file_size", "0")));
    }
    if (*wanted && json_array_size(list) == 0) {
        json_decref(list);
        api_fail(request, API_BAD_PARAMETER, "file_name names no file of the slow log");
    } else
        answer_links(request, list);
}

/* ---- audit ---- */

void
list_audit_logs(ApiRequest *request)
{
    AUTO_INSTANCE Instance *instance = instance_of_request(request);

    if (instance)
        api_reply(request, 200, json_pack("{s:[], s:i}", "auditlogs", "total_record", 0));
}

void
show_audit_policy(ApiRequest *request)
{
    AUTO_INSTANCE Instance *instance = instance_of_request(request);

    if (instance)
        api_reply(request, 200,
                  json_pack("{s:i, s:[], s:s}", "keep_days", 0, "audit_types",
                            "all_audit_log_action", ""));
}

void
set_audit_policy(ApiRequest *request)
{
    AUTO_INSTANCE Instance *instance = instance_of_request(request);

    if (!instance)
        return;
    if (json_number(request->json, "keep_days", 0) == 0)
        api_reply(request, 200, json_pack("{s:s}", "status", "SUCCESS"));
    else
        api_fail(request, API_NOT_SUPPORTED, "of auditing");
}
