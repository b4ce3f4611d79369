/*
 * job_status.c: GET /v1/{project_id}/jobs/{job_id}, which ECS, EVS and IMS share: a job as Huawei's
 * v1 services show it. What its kind puts into the result are the entities; an array "sub_jobs" of
 * ids there is shown as those jobs.
 */
#include "api/request.h"

#include <string.h>

void job_status_register(void);
int job_status_start(StoreConn *store);

static const char *
status_name(const char *status)
{
    return strcmp(status, "Running") == 0     ? "RUNNING"
           : strcmp(status, "Completed") == 0 ? "SUCCESS"
                                              : "FAIL";
}

static PGresult *
find(StoreConn *store, const char *project, const json_t *ids)
{
    return store_query(
        store,
        "SELECT id, kind, status, percent, step_name, result, coalesce(fail_reason, '') AS reason,"
        " to_char(created AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"') AS began, "
        "coalesce(to_char(ended AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'), '') AS "
        "ended FROM job WHERE project_id = $1 AND id IN (SELECT jsonb_array_elements_text("
        "$2::jsonb)) ORDER BY created, id",
        "sj", project, ids);
}

static json_t *
view(ApiRequest *request, const PGresult *rows, int row, bool whole)
{
    const char *reason = row_text(rows, row, "reason");
    bool failed = strcmp(row_text(rows, row, "status"), "Failed") == 0;
    json_t *entities = json_loads(row_text(rows, row, "result"), 0, NULL);
    json_t *job = json_pack("{s:s, s:s, s:s, s:s, s:s}", "job_id", row_text(rows, row, "id"),
                            "job_type", row_text(rows, row, "kind"), "status",
                            status_name(row_text(rows, row, "status")), "begin_time",
                            row_text(rows, row, "began"), "end_time", row_text(rows, row, "ended"));

    json_object_set_new(job, "error_code", failed ? json_string("Common.0021") : json_null());
    json_object_set_new(job, "fail_reason", failed ? json_string(reason) : json_null());
    if (!entities)
        entities = json_object();
    json_t *ids = whole ? json_incref(json_object_get(entities, "sub_jobs")) : NULL;
    if (json_is_array(ids)) {
        AUTO_ROWS PGresult *found = find(request->store, api_project(request), ids);
        json_t *list = json_array();
        for (int i = 0; found && i < PQntuples(found); i++)
            json_array_append_new(list, view(request, found, i, false));
        json_object_set_new(entities, "sub_jobs", list);
    }
    json_decref(ids);
    json_object_set_new(entities, "process_percent",
                        json_integer(row_number(rows, row, "percent")));
    json_put_text(entities, "current_task", row_text(rows, row, "step_name"));
    json_object_set_new(job, "entities", entities);
    return job;
}

static void
show_job(ApiRequest *request)
{
    AUTO_JSON json_t *ids = json_pack("[s]", api_path(request, "job_id"));
    AUTO_ROWS PGresult *rows = find(request->store, api_project(request), ids);

    if (!rows)
        api_fail_store(request);
    else if (PQntuples(rows) == 0)
        api_fail(request, API_NO_SUCH_JOB, api_path(request, "job_id"));
    else
        api_reply(request, 200, view(request, rows, 0, true));
}

#define OPERATION OPERATION_ROW
static Operation operations[] = {
#include "api/job_status.def"
};
#undef OPERATION

static const Service service = {.name = "job",
                                .title = "Jobs of ECS, EVS and IMS",
                                .style = STYLE_ECS,
                                .operations = operations,
                                .operation_count = sizeof(operations) / sizeof(operations[0])};

void
job_status_register(void)
{
    service_register(&service);
}

int
job_status_start(StoreConn *store)
{
    return 0;
}
