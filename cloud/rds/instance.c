/*
 * instance.c: instances read from the store, and the one way to begin a change; see instance.h.
 */
#include "rds/instance.h"

#include "base/log.h"
#include "crypto/authority.h"
#include "crypto/master_key.h"
#include "rds/cache.h"
#include "rds/catalogue.h"
#include "rds/certificate.h"
#include "rds/parameters.h"
#include "rds/render.h"

#include <errno.h>
#include <string.h>

static Instance *
instance_of_row(const char *text)
{
    json_t *row = text ? json_loads(text, 0, NULL) : NULL;

    if (!row)
        return NULL;
    Instance *instance = MEM_NEW(Instance);
    instance->row = row;
    snprintf(instance->id, sizeof(instance->id), "%s", json_text(row, "id", ""));
    instance->project_id = str_copy(json_text(row, "project_id", ""));
    instance->name = str_copy(json_text(row, "name", ""));
    instance->status = str_copy(json_text(row, "status", ""));
    instance->flavor = str_copy(json_text(row, "flavor", ""));
    instance->engine_version = str_copy(json_text(row, "engine_version", ""));
    instance->collation = str_copy(json_text(row, "collation", ""));
    instance->time_zone = str_copy(json_text(row, "time_zone", ""));
    instance->configuration_id = str_copy(json_text(row, "configuration_id", ""));
    instance->slot = (int) json_number(row, "slot", 0);
    instance->port = (int) json_number(row, "port", 0);
    instance->volume_gb = (int) json_number(row, "volume_gb", 0);
    return instance;
}

Instance *
instance_load(StoreConn *store, const char *project_id, const char *id)
{
    AUTO_FREE char *sql = str_format("SELECT %s FROM rds_instance i WHERE id = $1 AND project_id = "
                                     "$2 AND deleted_at IS NULL",
                                     instance_columns);
    AUTO_FREE char *row = store_value(store, sql, "ss", id, project_id);

    return instance_of_row(row);
}

Instance *
instance_load_any(StoreConn *store, const char *id)
{
    AUTO_FREE char *sql =
        str_format("SELECT %s FROM rds_instance i WHERE id = $1", instance_columns);
    AUTO_FREE char *row = store_value(store, sql, "s", id);

    return instance_of_row(row);
}

void
instance_free(Instance *instance)
{
    if (!instance)
        return;
    free(instance->project_id);
    free(instance->name);
    free(instance->status);
    free(instance->flavor);
    free(instance->engine_version);
    free(instance->collation);
    free(instance->time_zone);
    free(instance->configuration_id);
    json_decref(instance->row);
    free(instance);
}

void
instance_auto_free(Instance **instance)
{
    instance_free(*instance);
}

const char *
instance_address(const Instance *instance)
{
    return json_text(instance->row, "address", "");
}

/* ---- For handlers ---- */

Instance *
instance_of_request(ApiRequest *request)
{
    const char *id = api_path(request, "instance_id");
    Instance *instance = instance_load(request->store, api_project(request), id);

    if (instance)
        return instance;
    if (store_failed(request->store))
        api_fail_store(request);
    else
        api_fail(request, API_NO_SUCH_INSTANCE, id);
    return NULL;
}

Instance *
instance_ready_of_request(ApiRequest *request)
{
    Instance *instance = instance_of_request(request);

    if (!instance)
        return NULL;
    if (job_busy(request->store, instance->id))
        api_fail(request, API_INSTANCE_BUSY);
    else if (store_failed(request->store))
        api_fail_store(request);
    else if (strcmp(instance->status, "ACTIVE") != 0 &&
             strcmp(instance->status, "STORAGE FULL") != 0)
        api_fail(request, API_INSTANCE_STATE, instance->status);
    else
        return instance;
    instance_free(instance);
    return NULL;
}

void
instance_touch(StoreConn *store, const char *id)
{
    AUTO_FREE char *message = str_format("%s %s", cache_daemon(), id);

    cache_refresh(store, id);
    store_run(store, "SELECT pg_notify('rds_instance', $1)", "s", message);
}

bool
instance_set_status(StoreConn *store, const char *id, const char *status)
{
    bool done =
        store_run(store, "UPDATE rds_instance SET status = $2, updated = now() WHERE id = $1", "ss",
                  id, status) == 1;

    instance_touch(store, id);
    return done;
}

int
instance_begin_job(StoreConn *store,
                   const Instance *instance,
                   const char *kind,
                   const char *status,
                   const json_t *data,
                   char job_id[41])
{
    AUTO_JSON json_t *all = data ? json_deep_copy(data) : json_object();

    json_put_text(all, "status_before", instance->status);
    if (!store_begin(store))
        return -EIO;
    int error = job_start(store, kind, instance->project_id, instance->id, instance->name, true,
                          all, job_id);
    if (!error && status &&
        store_run(store, "UPDATE rds_instance SET status = $2, updated = now() WHERE id = $1", "ss",
                  instance->id, status) < 0)
        error = -EIO;
    if (!error && !store_commit(store))
        error = -EIO;
    if (error) {
        store_rollback(store);
        return error;
    }
    if (status)
        instance_touch(store, instance->id);
    return 0;
}

bool
instance_start_job(ApiRequest *request,
                   const Instance *instance,
                   const char *kind,
                   const char *status,
                   const json_t *data,
                   char job_id[41])
{
    int error = instance_begin_job(request->store, instance, kind, status, data, job_id);

    if (error == -EBUSY)
        api_fail(request, API_INSTANCE_BUSY);
    else if (error)
        api_fail_store(request);
    return error == 0;
}

/* ---- For jobs ---- */

void
instance_for_agent(const Instance *instance, AgentInstance *out)
{
    const Flavor *flavor = flavor_find(instance->flavor);

    memset(out, 0, sizeof(*out));
    snprintf(out->id, sizeof(out->id), "%s", instance->id);
    out->slot = instance->slot;
    snprintf(out->address, sizeof(out->address), "%s", instance_address(instance));
    out->port = instance->port;
    out->limits.memory_mb = flavor ? flavor->ram_gb * 1024L : 1024;
    out->limits.cpus = flavor ? flavor->vcpus : 1;
    out->limits.max_connections = flavor ? flavor->max_connections : 100;
    out->limits.volume_gb = instance->volume_gb;
}

int
instance_configure(JobContext *context, const Instance *instance, bool reload)
{
    AgentInstance known;
    AUTO_FREE char *problem = NULL;
    char **lines = parameter_lines(instance);

    instance_for_agent(instance, &known);
    int error = certificate_give(instance, &problem);
    if (!error)
        error = agent_instance_configure(&known, (const char *const *) lines, reload, &problem);
    parameter_lines_free(lines);
    return error ? job_fail(context, error, "the settings could not be written: %s",
                            problem ? problem : strerror(-error))
                 : 0;
}

int
instance_bring_up(JobContext *context, const Instance *instance)
{
    AgentInstance known;
    AUTO_FREE char *problem = NULL;

    instance_for_agent(instance, &known);
    int error = agent_instance_start(&known, &problem);
    if (error)
        return job_fail(context, error, "the instance could not be started: %s",
                        problem ? problem : strerror(-error));
    if (store_run(context->store,
                  "UPDATE rds_instance SET status = CASE WHEN storage_full THEN 'STORAGE FULL' "
                  "ELSE 'ACTIVE' END, restart_required = false, start_attempts = 0, next_start = "
                  "NULL, updated = now() WHERE id = $1",
                  "s", instance->id) < 0)
        return job_fail(context, -EIO, "the store refused: %s", store_error(context->store));
    instance_touch(context->store, instance->id);
    return 0;
}

void
instance_settle(StoreConn *store, const char *id)
{
    AgentState state = AGENT_FAILED;
    AUTO_INSTANCE Instance *instance = instance_load_any(store, id);

    if (!instance)
        return;
    if (instance->slot == 0 || agent_instance_state(id, &state) != 0)
        state = AGENT_FAILED;
    instance_set_status(store, id,
                        state != AGENT_READY                              ? "FAILED"
                        : json_flag(instance->row, "storage_full", false) ? "STORAGE FULL"
                                                                          : "ACTIVE");
}

TdsConnection *
instance_manage(StoreConn *store, const Instance *instance, char **problem)
{
    int number = 0;
    AUTO_WIPE char *password =
        secret_open("rds-manage", json_text(instance->row, "manage_password", ""), NULL);
    TdsTarget target = {
        .host = instance_address(instance),
        .port = instance->port,
        .user = "rdsadmin",
        .password = password,
        .database = "master",
        .application = "casementd",
        .ca_file = authority_file(),
        .timeout_seconds = 60,
    };

    if (!password) {
        *problem = str_copy("the password of rdsadmin is not known");
        return NULL;
    }
    return tds_open(&target, problem, &number);
}
