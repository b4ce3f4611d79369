/*
 * begin.c: how handlers begin and end: transactions, jobs for servers, and the job that waits for
 * those of several servers (clients read the servers' ids from its sub-jobs).
 */
#include "ecs/server.h"

#include <errno.h>
#include <string.h>

bool
ecs_begin(ApiRequest *request)
{
    if (store_begin(request->store))
        return true;
    api_fail_store(request);
    return false;
}

void
ecs_commit(ApiRequest *request, int status, json_t *body)
{
    if (store_commit(request->store)) {
        api_reply(request, status, body);
        return;
    }
    json_decref(body);
    api_fail_store(request);
}

void
ecs_commit_job(ApiRequest *request, const char *job)
{
    ecs_commit(request, 200, json_pack("{s:s}", "job_id", job));
}

void
ecs_refuse(ApiRequest *request, int error, const char *problem)
{
    if (store_in_transaction(request->store) && error != -EIO)
        store_rollback(request->store);
    if (!problem || !*problem)
        problem = strerror(error < 0 ? -error : error);
    switch (error) {
    case -EIO:
        api_fail_store(request);
        if (store_in_transaction(request->store))
            store_rollback(request->store);
        break;
    case -EDQUOT:
        api_fail_as(request, 403, api_error_code(API_ECS_QUOTA), "%s", problem);
        break;
    case -EBUSY:
        api_fail_as(request, 409, api_error_code(API_ECS_STATE), "%s", problem);
        break;
    case -EOPNOTSUPP:
        api_fail(request, API_ECS_HOST, problem);
        break;
    default:
        api_fail(request, API_ECS_PARAMETER, problem);
    }
}

bool
server_job(
    ApiRequest *request, const char *kind, const json_t *server, const json_t *data, char id[41])
{
    int error =
        job_start(request->store, kind, json_text(server, "project_id", ""),
                  json_text(server, "id", ""), json_text(server, "name", ""), true, data, id);

    if (!error)
        return true;
    if (error == -EBUSY) {
        store_rollback(request->store);
        api_fail(request, API_ECS_STATE, json_text(server, "id", ""), "another job works on it");
    } else {
        api_fail_store(request);
        store_rollback(request->store);
    }
    return false;
}

bool
server_parent_job(ApiRequest *request, const char *kind, json_t *sub_jobs, char id[41])
{
    AUTO_JSON json_t *data = json_pack("{s:O}", "sub_jobs", sub_jobs);
    const char *first = json_string_value(json_array_get(sub_jobs, 0));

    /* Of a resource of its own, so that it never waits for what it waits for. */
    if (job_start(request->store, kind, api_project(request), first ? first : "", "", false, data,
                  id) == 0)
        return true;
    api_fail_store(request);
    store_rollback(request->store);
    return false;
}

/* ---- The parent's only step ---- */

static int
wait_for_servers(JobContext *context)
{
    json_t *jobs = json_object_get(context->data, "sub_jobs");

    json_object_set_new(context->result, "sub_jobs_total",
                        json_integer((json_int_t) json_array_size(jobs)));
    json_object_set(context->result, "sub_jobs", jobs);
    AUTO_ROWS PGresult *rows =
        store_query(context->store,
                    "SELECT count(*) FILTER (WHERE status = 'Running') AS running, min(CASE WHEN "
                    "status = 'Failed' THEN coalesce(fail_reason, 'it failed') END) AS reason FROM "
                    "job WHERE id IN (SELECT jsonb_array_elements_text($1::jsonb))",
                    "j", jobs);
    if (!rows)
        return job_fail(context, -EIO, "the store refused: %s", store_error(context->store));
    if (row_number(rows, 0, "running") > 0) {
        context->again_milliseconds = 300;
        return JOB_AGAIN;
    }
    if (!row_is_null(rows, 0, "reason"))
        return job_fail(context, -EIO, "%s", row_text(rows, 0, "reason"));
    return 0;
}

static const JobStep wait_steps[] = {{"wait-servers", wait_for_servers, 100}, {NULL, NULL, 0}};
static const JobKind parents[] = {{"createServer", wait_steps, NULL},
                                  {"deleteServer", wait_steps, NULL},
                                  {"startServer", wait_steps, NULL},
                                  {"stopServer", wait_steps, NULL},
                                  {"rebootServer", wait_steps, NULL}};

void
parent_jobs_register(void)
{
    for (size_t i = 0; i < sizeof(parents) / sizeof(parents[0]); i++)
        job_register(&parents[i]);
}
