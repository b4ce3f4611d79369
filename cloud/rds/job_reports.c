/*
 * job_reports.c: jobs as their owners see them.
 */
#include "rds/handlers.h"
#include "rds/instance.h"
#include "rds/render.h"

#include <string.h>

#define JOB_COLUMNS                                                                                \
    "id, kind, status, percent, step_name, resource_id, resource_name, result, coalesce("          \
    "fail_reason, '') AS fail_reason, to_char(created AT TIME ZONE 'UTC', "                        \
    "'YYYY-MM-DD\"T\"HH24:MI:SS\"+0000\"') AS created, coalesce(to_char(ended AT TIME ZONE 'UTC'," \
    " 'YYYY-MM-DD\"T\"HH24:MI:SS\"+0000\"'), '') AS ended"

static json_t *
show_job(const PGresult *rows, int row)
{
    json_t *entities = json_loads(row_text(rows, row, "result"), 0, NULL);
    AUTO_FREE char *process = str_format("%lld%%", row_number(rows, row, "percent"));
    json_t *job =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:{s:s, s:s}, s:o}", "id", row_text(rows, row, "id"),
                  "name", row_text(rows, row, "kind"), "status", row_text(rows, row, "status"),
                  "created", row_text(rows, row, "created"), "process", process, "instance", "id",
                  row_text(rows, row, "resource_id"), "name", row_text(rows, row, "resource_name"),
                  "entities", entities ? entities : json_object());

    json_put_text(job, "task_detail", row_text(rows, row, "step_name"));
    if (*row_text(rows, row, "ended"))
        json_put_text(job, "ended", row_text(rows, row, "ended"));
    if (*row_text(rows, row, "fail_reason"))
        json_put_text(job, "fail_reason", row_text(rows, row, "fail_reason"));
    return job;
}

void
list_job_info(ApiRequest *request)
{
    const char *id = api_query(request, "id", "");

    if (!*id) {
        api_fail(request, API_BAD_PARAMETER, "id is missing");
        return;
    }
    AUTO_ROWS PGresult *rows = store_query(
        request->store, "SELECT " JOB_COLUMNS " FROM job WHERE id = $1 AND project_id = $2", "ss",
        id, api_project(request));
    if (!rows)
        api_fail_store(request);
    else if (PQntuples(rows) == 0)
        api_fail_as(request, 404, "DBS.280122", "The job %s does not exist.", id);
    else
        api_reply(request, 200, json_pack("{s:o}", "job", show_job(rows, 0)));
}

void
delete_job(ApiRequest *request)
{
    const char *id = api_query(request, "id", "");
    long rows = store_run(request->store,
                          "DELETE FROM job WHERE id = $1 AND project_id = $2 AND status <> "
                          "'Running'",
                          "ss", id, api_project(request));

    if (rows < 0)
        api_fail_store(request);
    else if (rows == 0)
        api_fail_as(request, 404, "DBS.280122", "No job %s that has ended.", id);
    else
        api_reply(request, 200, json_object());
}

/* start_time and end_time of the query in milliseconds or as text; 0 for none. */
static bool
read_times(ApiRequest *request, Moment *from, Moment *to)
{
    const char *const names[] = {"start_time", "end_time"};
    Moment *const values[] = {from, to};

    for (int i = 0; i < 2; i++) {
        const char *text = api_query(request, names[i], "");
        *values[i] = i == 0 ? 0 : moment_now() + 60 * MOMENT_SECOND;
        if (*text && strspn(text, "0123456789") == strlen(text) && strlen(text) < 16)
            *values[i] = strtoll(text, NULL, 10) * 1000;
        else if (*text && !moment_parse(text, values[i])) {
            api_fail(request, API_BAD_PARAMETER, names[i]);
            return false;
        }
    }
    return true;
}

void
list_job_info_detail(ApiRequest *request)
{
    AUTO_INSTANCE Instance *instance = instance_of_request(request);
    Moment from, to;

    if (!instance || !read_times(request, &from, &to))
        return;
    AUTO_ROWS PGresult *rows = store_query(
        request->store,
        "SELECT " JOB_COLUMNS " FROM job WHERE resource_id = $1 AND project_id = $2 AND created "
        "BETWEEN $3 AND $4 ORDER BY job.created DESC LIMIT 100",
        "ssmm", instance->id, api_project(request), from, to);
    if (!rows) {
        api_fail_store(request);
        return;
    }
    json_t *list = json_array();
    for (int i = 0; i < PQntuples(rows); i++)
        json_array_append_new(list, show_job(rows, i));
    api_reply(request, 200, json_pack("{s:o, s:i}", "jobs", list, "count", PQntuples(rows)));
}

static json_t *
show_task(const PGresult *rows, int row)
{
    AUTO_FREE char *process = str_format("%lld", row_number(rows, row, "percent"));

    return json_pack(
        "{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "id", row_text(rows, row, "id"),
        "name", row_text(rows, row, "kind"), "instance_id", row_text(rows, row, "resource_id"),
        "instance_name", row_text(rows, row, "resource_name"), "instance_status",
        row_text(rows, row, "instance_status"), "order_id", "", "process", process, "fail_reason",
        row_text(rows, row, "fail_reason"), "create_time", row_text(rows, row, "created"),
        "end_time", row_text(rows, row, "ended"), "status", row_text(rows, row, "status"));
}

void
list_tasks(ApiRequest *request)
{
    long offset, limit;
    Moment from, to;

    if (!api_paging(request, &offset, &limit) || !read_times(request, &from, &to))
        return;
    AUTO_ROWS PGresult *rows = store_query(
        request->store,
        "SELECT " JOB_COLUMNS ", coalesce((SELECT status FROM rds_instance i WHERE i.id = "
        "resource_id), '') AS instance_status, count(*) OVER () AS total FROM job WHERE project_id "
        "= $1 AND ($2 = '' OR id = $2) AND ($3 = '' OR resource_id = $3) AND ($4 = '' OR kind = "
        "$4) "
        "AND ($5 = '' OR lower(status) = lower($5)) AND created BETWEEN $6 AND $7 ORDER BY "
        "job.created DESC OFFSET $8 LIMIT $9",
        "sssssmmll", api_project(request), api_query(request, "id", ""),
        api_query(request, "instance_id", ""), api_query(request, "name", ""),
        api_query(request, "status", ""), from, to, (long long) offset, (long long) limit);
    if (!rows) {
        api_fail_store(request);
        return;
    }
    json_t *list = json_array();
    for (int i = 0; i < PQntuples(rows); i++)
        json_array_append_new(list, show_task(rows, i));
    api_reply(request, 200,
              json_pack("{s:I, s:[], s:o}", "total_count",
                        (json_int_t) (PQntuples(rows) ? row_number(rows, 0, "total") : 0),
                        "actions", "tasks", list));
}
