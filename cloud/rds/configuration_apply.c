/*
 * configuration_apply.c: parameters of instances: set one by one or by a template, at once or by a
 * job, with their histories.
 */
#include "rds/configuration.h"

#include "rds/engine_call.h"
#include "rds/handlers.h"
#include "rds/parameter_table.h"
#include "rds/parameters.h"

#include <errno.h>
#include <string.h>

#define MOST_INSTANCES 20 /* of one application */

/* ---- the one way to set them ---- */

static bool
note_changes(StoreConn *store, const Instance *instance, const json_t *before, const json_t *after)
{
    for (const Parameter *one = parameter_all(); one->name; one++) {
        const char *old = parameter_value(before, one), *new = parameter_value(after, one);

        if (strcmp(old, new) != 0 &&
            store_run(store,
                      "INSERT INTO rds_parameter_history (instance_id, parameter_name, old_value, "
                      "new_value, applied) VALUES ($1, $2, $3, $4, $5)",
                      "ssssb", instance->id, one->name, old, new, !one->restart) < 0)
            return false;
    }
    return true;
}

static bool
store_parameters(StoreConn *store,
                 const Instance *instance,
                 const json_t *after,
                 const char *configuration_id,
                 bool restart)
{
    if (!store_begin(store))
        return false;
    if (note_changes(store, instance, json_object_get(instance->row, "parameters"), after) &&
        store_run(store,
                  "UPDATE rds_instance SET parameters = $2::jsonb, restart_required = "
                  "restart_required OR $3, configuration_id = coalesce($4, configuration_id), "
                  "updated = now() WHERE id = $1",
                  "sjbs", instance->id, after, restart, configuration_id) == 1 &&
        store_commit(store))
        return true;
    store_rollback(store);
    return false;
}

/* What sys.configurations shows: told to the engine where it knows the name. Not essential. */
static void
tell_engine(StoreConn *store, const Instance *instance, const json_t *before, const json_t *after)
{
    AUTO_CALL EngineCall call = {0};

    if (!engine_open(&call, store, instance))
        return;
    for (const Parameter *one = parameter_all(); one->name; one++) {
        const char *value = parameter_value(after, one);

        if (strcmp(parameter_value(before, one), value) != 0)
            engine_run(&call,
                       "IF EXISTS (SELECT 1 FROM sys.configurations WHERE name = @p1) EXEC "
                       "sys.sp_configure_set @p1, @p2",
                       2, one->name, value);
    }
}

int
instance_set_parameters(StoreConn *store,
                        const Instance *instance,
                        const json_t *after,
                        const char *configuration_id,
                        bool *restart,
                        char **problem)
{
    const json_t *before = json_object_get(instance->row, "parameters");
    AgentInstance known;

    *restart = parameter_needs_restart(before, after);
    if (!store_parameters(store, instance, after, configuration_id, *restart)) {
        *problem = str_copy(store_error(store));
        return -EIO;
    }
    Instance *now = instance_load_any(store, instance->id);
    if (!now)
        return -ENOENT;
    char **lines = parameter_lines(now);
    instance_for_agent(now, &known);
    int error = agent_instance_configure(&known, (const char *const *) lines, true, problem);
    parameter_lines_free(lines);
    if (!error)
        tell_engine(store, now, before, after);
    instance_free(now);
    instance_touch(store, instance->id);
    return error;
}

/* ---- one instance ---- */

void
show_instance_configuration(ApiRequest *request)
{
    AUTO_INSTANCE Instance *instance = instance_of_request(request);

    if (!instance)
        return;
    api_reply(request, 200,
              json_pack("{s:s, s:s, s:s, s:s, s:o}", "datastore_version_name",
                        instance->engine_version, "datastore_name", "sqlserver", "created",
                        json_text(instance->row, "created", ""), "updated",
                        json_text(instance->row, "updated", ""), "configuration_parameters",
                        parameter_list(json_object_get(instance->row, "parameters"))));
}

/* The instance's parameters with the body's values; NULL after having answered. */
static json_t *
after_of_body(ApiRequest *request, const Instance *instance)
{
    const json_t *values = json_object_get(request->json, "values");
    AUTO_FREE char *problem = NULL;

    if (!json_is_object(values) || json_object_size(values) == 0) {
        api_fail(request, API_BAD_PARAMETER, "values must name at least one parameter");
        return NULL;
    }
    json_t *after =
        parameter_merge(json_object_get(instance->row, "parameters"), values, NULL, &problem);
    if (!after)
        api_fail(request, API_BAD_ENGINE_PARAMETER, problem);
    return after;
}

void
update_instance_configuration(ApiRequest *request)
{
    AUTO_FREE char *problem = NULL;
    bool restart = false;

    AUTO_INSTANCE Instance *instance = instance_ready_of_request(request);
    AUTO_JSON json_t *after = instance ? after_of_body(request, instance) : NULL;
    if (!after)
        return;
    if (instance_set_parameters(request->store, instance, after, NULL, &restart, &problem) != 0)
        api_fail(request, API_ENGINE_AWAY, problem ? problem : "its settings cannot be written");
    else
        api_reply(request, 200, json_pack("{s:b}", "restart_required", restart));
}

void
update_instance_configuration_by_job(ApiRequest *request)
{
    char job[41];

    AUTO_INSTANCE Instance *instance = instance_ready_of_request(request);
    AUTO_JSON json_t *after = instance ? after_of_body(request, instance) : NULL;
    if (!after)
        return;
    bool restart = parameter_needs_restart(json_object_get(instance->row, "parameters"), after);
    AUTO_JSON json_t *data = json_pack("{s:O}", "parameters", after);
    if (instance_start_job(request, instance, "ModifySqlserverParameters", NULL, data, job))
        api_reply(request, 202,
                  json_pack("{s:s, s:b}", "job_id", job, "restart_required", restart));
}

static int
modify_step(JobContext *context)
{
    AUTO_FREE char *problem = NULL;
    bool restart;

    AUTO_INSTANCE Instance *instance = instance_load_any(context->store, context->resource_id);
    if (!instance)
        return job_fail(context, -ENOENT, "the instance is gone");
    int error = instance_set_parameters(context->store, instance,
                                        json_object_get(context->data, "parameters"), NULL,
                                        &restart, &problem);
    return error ? job_fail(context, error, "%s", problem ? problem : strerror(-error)) : 0;
}

void
list_parameter_histories(ApiRequest *request)
{
    long offset, limit;
    const char *name = api_query(request, "param_name", NULL);
    Moment from = 0, to = INT64_MAX / 2;

    AUTO_INSTANCE Instance *instance = instance_of_request(request);
    if (!instance || !api_paging(request, &offset, &limit))
        return;
    if (!moment_parse(api_query(request, "start_time", "1970-01-01 00:00:00"), &from) ||
        !moment_parse(api_query(request, "end_time", "2999-01-01 00:00:00"), &to)) {
        api_fail(request, API_BAD_PARAMETER, "start_time and end_time must be moments");
        return;
    }
    AUTO_ROWS PGresult *rows = store_query(
        request->store,
        "SELECT *, count(*) OVER () AS total FROM rds_parameter_history WHERE instance_id = $1 AND "
        "($2::text IS NULL OR parameter_name = $2) AND changed BETWEEN $3 AND $4 ORDER BY changed "
        "DESC, parameter_name OFFSET $5 LIMIT $6",
        "ssmmll", instance->id, name, from, to, (long long) offset, (long long) limit);
    if (!rows) {
        api_fail_store(request);
        return;
    }
    json_t *list = json_array();
    for (int row = 0; row < PQntuples(rows); row++) {
        char when[MOMENT_TEXT];
        bool applied = row_flag(rows, row, "applied");

        moment_rds(row_moment(rows, row, "changed"), when);
        json_array_append_new(
            list, json_pack("{s:s, s:s, s:s, s:s, s:b, s:s, s:s}", "parameter_name",
                            row_text(rows, row, "parameter_name"), "old_value",
                            row_text(rows, row, "old_value"), "new_value",
                            row_text(rows, row, "new_value"), "update_result", "SUCCESS", "applied",
                            applied, "update_time", when, "apply_time", applied ? when : ""));
    }
    api_reply(request, 200,
              json_pack("{s:I, s:o}", "total_count",
                        (json_int_t) (PQntuples(rows) ? row_number(rows, 0, "total") : 0),
                        "histories", list));
}

/* ---- templates ---- */

static bool
note_application(StoreConn *store,
                 const Configuration *configuration,
                 const Instance *instance,
                 const char *error_code)
{
    return store_run(store,
                     "INSERT INTO rds_configuration_history (configuration_id, project_id, "
                     "instance_id, instance_name, apply_result, error_code) VALUES ($1, $2, $3, "
                     "$4, $5, $6)",
                     "ssssss", configuration->id, instance->project_id, instance->id,
                     instance->name, error_code[0] ? "FAILED" : "SUCCESS", error_code) == 1;
}

/* Whether the template is for the engine of the instance: of the same year and edition. */
static bool
fits(const Configuration *configuration, const Instance *instance)
{
    return strcmp(configuration->engine_version, instance->engine_version) == 0;
}

/* The instances of the body, all of them the project's and ready; NULL after having answered. */
static Instance **
instances_of_body(ApiRequest *request, const Configuration *configuration, size_t *count)
{
    const json_t *ids = json_object_get(request->json, "instance_ids");
    size_t size = json_array_size(ids);
    bool good = size > 0 && size <= MOST_INSTANCES;
    Instance **instances = mem_new(MOST_INSTANCES, sizeof(Instance *));

    if (!good)
        api_fail(request, API_BAD_PARAMETER, "instance_ids must name 1 to 20 instances");
    for (*count = 0; good && *count < size; (*count)++) {
        const char *id = json_string_value(json_array_get(ids, *count));
        Instance *one = instance_load(request->store, api_project(request), id ? id : "");

        instances[*count] = one;
        good = false;
        if (!one && store_failed(request->store))
            api_fail_store(request);
        else if (!one)
            api_fail(request, API_NO_SUCH_INSTANCE, id ? id : "");
        else if (!fits(configuration, one))
            api_fail(request, API_BAD_PARAMETER,
                     "the template is for another engine version than the instance's");
        else if (job_busy(request->store, one->id))
            api_fail(request, API_INSTANCE_BUSY);
        else if (strcmp(one->status, "ACTIVE") != 0)
            api_fail(request, API_INSTANCE_STATE, one->status);
        else
            good = true;
    }
    if (good)
        return instances;
    for (size_t i = 0; i < MOST_INSTANCES; i++)
        instance_free(instances[i]);
    free(instances);
    return NULL;
}

void
apply_configuration(ApiRequest *request)
{
    size_t count;
    bool all = true;

    AUTO_CONFIGURATION Configuration *configuration = configuration_of_request(request);
    Instance **instances = configuration ? instances_of_body(request, configuration, &count) : NULL;
    if (!instances)
        return;
    json_t *results = json_array();
    for (size_t i = 0; i < count; i++) {
        AUTO_FREE char *problem = NULL;
        bool restart = false;
        bool done = instance_set_parameters(request->store, instances[i], configuration->values,
                                            configuration->id, &restart, &problem) == 0;

        note_application(request->store, configuration, instances[i], done ? "" : "DBS.280036");
        json_array_append_new(results,
                              json_pack("{s:s, s:s, s:b, s:b}", "instance_id", instances[i]->id,
                                        "instance_name", instances[i]->name, "restart_required",
                                        restart, "success", done));
        all = all && done;
        instance_free(instances[i]);
    }
    free(instances);
    api_reply(request, 200,
              json_pack("{s:s, s:s, s:b, s:o}", "configuration_id", configuration->id,
                        "configuration_name", configuration->name, "success", all, "apply_results",
                        results));
}

void
apply_configuration_by_job(ApiRequest *request)
{
    size_t count;
    char job[41];

    AUTO_CONFIGURATION Configuration *configuration = configuration_of_request(request);
    Instance **instances = configuration ? instances_of_body(request, configuration, &count) : NULL;
    if (!instances)
        return;
    json_t *ids = json_array();
    for (size_t i = 0; i < count; i++) {
        json_array_append_new(ids, json_string(instances[i]->id));
        instance_free(instances[i]);
    }
    free(instances);
    AUTO_JSON json_t *data =
        json_pack("{s:o, s:O}", "instance_ids", ids, "parameters", configuration->values);
    bool done = store_begin(request->store) &&
                job_start(request->store, "ApplySqlserverConfiguration", api_project(request),
                          configuration->id, configuration->name, false, data, job) == 0 &&
                store_commit(request->store);
    if (done) {
        api_reply(request, 202,
                  json_pack("{s:s, s:s, s:b, s:s}", "configuration_id", configuration->id,
                            "configuration_name", configuration->name, "success", 1, "job_id",
                            job));
        return;
    }
    store_rollback(request->store);
    api_fail_store(request);
}

/* One instance of the job; JOB_AGAIN while something else changes it. */
static int
apply_one(JobContext *context, const Configuration *configuration, const char *id)
{
    AUTO_FREE char *problem = NULL;
    bool restart;

    AUTO_INSTANCE Instance *instance = instance_load(context->store, context->project_id, id);
    if (!instance)
        return 0; /* deleted meanwhile */
    if (job_busy(context->store, id))
        return JOB_AGAIN;
    int error = instance_set_parameters(context->store, instance,
                                        json_object_get(context->data, "parameters"),
                                        configuration->id, &restart, &problem);
    note_application(context->store, configuration, instance, error ? "DBS.280036" : "");
    return error ? job_fail(context, error, "%s: %s", instance->name,
                            problem ? problem : strerror(-error))
                 : 0;
}

static int
apply_step(JobContext *context)
{
    json_t *ids = json_object_get(context->data, "instance_ids");

    AUTO_CONFIGURATION Configuration *configuration =
        configuration_load(context->store, context->project_id, context->resource_id);
    if (!configuration)
        return job_fail(context, -ENOENT, "the parameter template is gone");
    while (json_array_size(ids) > 0) {
        int result = apply_one(context, configuration, json_string_value(json_array_get(ids, 0)));

        if (result != 0)
            return result;
        json_array_remove(ids, 0);
    }
    return 0;
}

void
list_apply_histories(ApiRequest *request)
{
    long offset, limit;

    AUTO_CONFIGURATION Configuration *configuration = configuration_of_request(request);
    if (!configuration || !api_paging(request, &offset, &limit))
        return;
    AUTO_ROWS PGresult *rows = store_query(
        request->store,
        "SELECT *, count(*) OVER () AS total FROM rds_configuration_history WHERE "
        "configuration_id = $1 AND project_id = $2 ORDER BY apply_time DESC OFFSET $3 "
        "LIMIT $4",
        "ssll", configuration->id, api_project(request), (long long) offset, (long long) limit);
    if (!rows) {
        api_fail_store(request);
        return;
    }
    json_t *list = json_array();
    for (int row = 0; row < PQntuples(rows); row++) {
        char when[MOMENT_TEXT];

        moment_rds(row_moment(rows, row, "apply_time"), when);
        json_array_append_new(list,
                              json_pack("{s:s, s:s, s:s, s:s, s:s}", "instance_id",
                                        row_text(rows, row, "instance_id"), "instance_name",
                                        row_text(rows, row, "instance_name"), "apply_result",
                                        row_text(rows, row, "apply_result"), "apply_time", when,
                                        "error_code", row_text(rows, row, "error_code")));
    }
    api_reply(request, 200,
              json_pack("{s:I, s:o}", "total_count",
                        (json_int_t) (PQntuples(rows) ? row_number(rows, 0, "total") : 0),
                        "histories", list));
}

void
list_applicable_instances(ApiRequest *request)
{
    long offset, limit;

    AUTO_CONFIGURATION Configuration *configuration = configuration_of_request(request);
    if (!configuration || !api_paging(request, &offset, &limit))
        return;
    AUTO_ROWS PGresult *rows = store_query(
        request->store,
        "SELECT id, name, count(*) OVER () AS total FROM rds_instance WHERE project_id = $1 AND "
        "engine_version = $2 AND deleted_at IS NULL ORDER BY created OFFSET $3 LIMIT $4",
        "ssll", api_project(request), configuration->engine_version, (long long) offset,
        (long long) limit);
    if (!rows) {
        api_fail_store(request);
        return;
    }
    json_t *list = json_array();
    for (int row = 0; row < PQntuples(rows); row++)
        json_array_append_new(list, json_pack("{s:s, s:s}", "entity_id", row_text(rows, row, "id"),
                                              "entity_name", row_text(rows, row, "name")));
    api_reply(request, 200,
              json_pack("{s:o, s:i, s:I}", "entities", list, "instance_count_limit", MOST_INSTANCES,
                        "total_count",
                        (json_int_t) (PQntuples(rows) ? row_number(rows, 0, "total") : 0)));
}

/* ---- kinds of jobs ---- */

static const JobStep modify_steps[] = {{"set-parameters", modify_step, 100}, {NULL, NULL, 0}};
static const JobKind modify_kind = {"ModifySqlserverParameters", modify_steps, NULL};
static const JobStep apply_steps[] = {{"set-parameters", apply_step, 100}, {NULL, NULL, 0}};
static const JobKind apply_kind = {"ApplySqlserverConfiguration", apply_steps, NULL};

void
configurations_register(void)
{
    job_register(&modify_kind);
    job_register(&apply_kind);
}
