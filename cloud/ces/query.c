/*
 * query.c: answers about metrics: which there are, and their series (other_services.md, CES v1). A
 * series is asked of the store in one statement, grouped to the period there.
 */
#include "ces/metrics.h"

#include <string.h>

#define POINTS_LIMIT 1440 /* a series' points in one answer, as the service has it */
#define SERIES_LIMIT 500

/* SQL of each filter over the readings of a period; $2 is the metric's number. */
static const struct {
    const char *name, *expression;
} filters[] = {{"average", "avg(readings[$2])"},
               {"max", "max(readings[$2])"},
               {"min", "min(readings[$2])"},
               {"sum", "sum(readings[$2])"},
               {"variance", "var_pop(readings[$2])"}};

static const char *
expression_of(const char *filter)
{
    for (size_t i = 0; i < sizeof(filters) / sizeof(filters[0]); i++)
        if (strcmp(filters[i].name, filter) == 0)
            return filters[i].expression;
    return NULL;
}

/* Seconds that readings are grouped by; 0 where the service has no such period. 1 is raw data. */
static int
seconds_of(long long period)
{
    switch (period) {
    case 1:
        return 60;
    case 300:
    case 1200:
    case 3600:
    case 14400:
    case 86400:
        return (int) period;
    default:
        return 0;
    }
}

typedef struct Series {
    const MetricSpace *space;
    const Metric *metric;
    const char *instance_id, *filter;
    int seconds;
    Moment from, to;
} Series;

/* Datapoints of the series; NULL when it has answered with an error. Another project's instance has
 * no points, as one that does not exist. */
static json_t *
points_of(ApiRequest *request, const Series *series)
{
    AUTO_FREE char *sql = str_format(
        "SELECT (extract(epoch FROM date_bin(make_interval(secs => $3), minute, 'epoch')) * "
        "1000)::int8 AS stamp,"
        " %s AS value FROM metric_minute JOIN %s i ON i.id = instance_id AND i.project_id = $6"
        " WHERE instance_id = $1 AND minute >= $4::timestamptz AND minute < $5::timestamptz"
        " AND readings[$2] IS NOT NULL GROUP BY 1 ORDER BY 1 LIMIT %d",
        expression_of(series->filter), series->space->table, POINTS_LIMIT);
    AUTO_ROWS PGresult *rows =
        store_query(request->store, sql, "siimms", series->instance_id, series->metric->number,
                    series->seconds, series->from, series->to, api_project(request));
    json_t *points = json_array();

    if (!rows) {
        json_decref(points);
        api_fail_store(request);
        return NULL;
    }
    for (int i = 0; i < PQntuples(rows); i++)
        json_array_append_new(points, json_pack("{s:f, s:I, s:s}", series->filter,
                                                row_real(rows, i, "value"), "timestamp",
                                                (json_int_t) row_number(rows, i, "stamp"), "unit",
                                                series->metric->unit));
    return points;
}

/* from and to in milliseconds, from before to. */
static bool
check_range(ApiRequest *request, long long from, long long to)
{
    if (from >= 0 && from < to && to < 253402300800000ll)
        return true;
    api_fail(request, API_BAD_PARAMETER, "from and to: milliseconds since 1970, from before to");
    return false;
}

/* Of "name,value". */
static bool
has_dimension(const MetricSpace *space, const char *text)
{
    size_t length = strlen(space->dimension);

    return strncmp(text, space->dimension, length) == 0 && text[length] == ',';
}

void
ces_show_metric_data(ApiRequest *request)
{
    const char *dimension = api_query(request, "dim.0", ""), *comma = strchr(dimension, ',');
    const char *name = api_query(request, "metric_name", "");
    long long from = api_query_number(request, "from", 0), to = api_query_number(request, "to", 0);
    const MetricSpace *space = metric_space_find(api_query(request, "namespace", ""));
    Series series = {.space = space,
                     .metric = metric_find(space, name),
                     .filter = api_query(request, "filter", "average"),
                     .seconds = seconds_of(api_query_number(request, "period", 0)),
                     .from = from * 1000,
                     .to = to * 1000};
    json_t *points;

    if (!comma || !series.metric || !has_dimension(space, dimension)) {
        /* A metric that nobody measures has no points: that is how the service says it. */
        api_reply(request, 200, json_pack("{s:s, s:[]}", "metric_name", name, "datapoints"));
        return;
    }
    if (!series.seconds) {
        api_fail(request, API_BAD_PARAMETER, "period: one of 1, 300, 1200, 3600, 14400, 86400");
        return;
    }
    if (!check_range(request, from, to))
        return;
    series.instance_id = comma + 1;
    points = points_of(request, &series);
    if (points)
        api_reply(request, 200, json_pack("{s:s, s:o}", "metric_name", name, "datapoints", points));
}

/* One of the series of a batch: as asked, with its points added. False when it has answered. */
static bool
add_series(ApiRequest *request, const json_t *wish, Series *series, json_t *list)
{
    const json_t *dimension = json_array_get(json_object_get(wish, "dimensions"), 0);
    json_t *points;

    series->space = metric_space_find(json_text(wish, "namespace", ""));
    series->metric = metric_find(series->space, json_text(wish, "metric_name", ""));
    series->instance_id = json_text(dimension, "value", "");
    points =
        series->metric && strcmp(json_text(dimension, "name", ""), series->space->dimension) == 0
            ? points_of(request, series)
            : json_array();
    if (!points)
        return false;
    json_array_append_new(
        list, json_pack("{s:s, s:s, s:s, s:O, s:o}", "namespace", json_text(wish, "namespace", ""),
                        "metric_name", json_text(wish, "metric_name", ""), "unit",
                        series->metric ? series->metric->unit : "", "dimensions",
                        json_object_get(wish, "dimensions"), "datapoints", points));
    return true;
}

void
ces_batch_list_metric_data(ApiRequest *request)
{
    const json_t *wishes = json_object_get(request->json, "metrics");
    long long from = json_number(request->json, "from", 0),
              to = json_number(request->json, "to", 0);
    Series series = {.filter = json_text(request->json, "filter", "average"),
                     .seconds = seconds_of(json_number(request->json, "period", 0)),
                     .from = from * 1000,
                     .to = to * 1000};
    json_t *list, *wish;
    size_t index;

    if (json_array_size(wishes) > SERIES_LIMIT) {
        api_fail(request, API_BAD_PARAMETER, "metrics: at most 500");
        return;
    }
    if (!series.seconds) {
        api_fail(request, API_BAD_PARAMETER, "period: one of 1, 300, 1200, 3600, 14400, 86400");
        return;
    }
    if (!check_range(request, from, to))
        return;
    list = json_array();
    json_array_foreach(wishes, index, wish) if (!add_series(request, wish, &series, list))
    {
        json_decref(list);
        return;
    }
    api_reply(request, 200, json_pack("{s:o}", "metrics", list));
}

/* A page of metrics while it is gathered. */
typedef struct MetricPage {
    const MetricSpace *space;
    const char *name, *start; /* "" for all; of the page before */
    long long limit, total;
    bool begun;
    char *marker;
    json_t *list;
} MetricPage;

static void
add_metrics(MetricPage *page, const char *id)
{
    for (int i = 0; i < page->space->count; i++) {
        const Metric *metric = &page->space->metrics[i];

        if (*page->name && strcmp(metric->name, page->name) != 0)
            continue;
        AUTO_FREE char *place =
            str_format("%s.%s.%s:%s", page->space->name, metric->name, page->space->dimension, id);
        page->total++;
        if (page->begun && (long long) json_array_size(page->list) < page->limit) {
            json_array_append_new(page->list,
                                  json_pack("{s:s, s:s, s:s, s:[{s:s, s:s}]}", "namespace",
                                            page->space->name, "metric_name", metric->name, "unit",
                                            metric->unit, "dimensions", "name",
                                            page->space->dimension, "value", id));
            free(page->marker);
            page->marker = str_copy(place);
        }
        page->begun = page->begun || strcmp(place, page->start) == 0;
    }
}

void
ces_list_metrics(ApiRequest *request)
{
    const char *dimension = api_query(request, "dim.0", "");
    MetricPage page = {
        .space = metric_space_find(api_query(request, "namespace", metric_space_rds.name)),
        .name = api_query(request, "metric_name", ""),
        .start = api_query(request, "start", ""),
        .limit = api_query_number(request, "limit", 1000),
        .marker = str_copy(""),
        .list = json_array()};
    const char *wanted =
        page.space && has_dimension(page.space, dimension) ? strchr(dimension, ',') + 1 : NULL;
    AUTO_FREE char *sql =
        page.space ? str_format("SELECT id FROM %s WHERE project_id = $1 AND %s AND ($2::text IS "
                                "NULL OR id = $2) ORDER BY id",
                                page.space->table, page.space->living)
                   : NULL;
    AUTO_ROWS PGresult *rows =
        sql ? store_query(request->store, sql, "ss", api_project(request), wanted) : NULL;

    page.begun = !*page.start;
    for (int i = 0; rows && i < PQntuples(rows); i++)
        add_metrics(&page, row_text(rows, i, "id"));
    if (sql && !rows) {
        json_decref(page.list);
        api_fail_store(request);
    } else {
        json_t *about =
            json_pack("{s:I, s:I, s:s}", "count", (json_int_t) json_array_size(page.list), "total",
                      (json_int_t) page.total, "marker", page.marker);
        api_reply(request, 200, json_pack("{s:o, s:o}", "metrics", page.list, "meta_data", about));
    }
    free(page.marker);
}

void
ces_show_quotas(ApiRequest *request)
{
    api_reply(request, 200,
              json_pack("{s:{s:[{s:s, s:i, s:i, s:s}]}}", "quotas", "resources", "type", "alarm",
                        "used", 0, "quota", 0, "unit", ""));
}
