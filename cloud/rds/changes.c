/*
 * changes.c: operations that change an instance: what takes effect at once is done here, what takes
 * time becomes a job (change_jobs.c).
 */
#include "rds/catalogue.h"
#include "rds/check.h"
#include "rds/handlers.h"
#include "rds/jobs.h"
#include "rds/plan.h"
#include "rds/quota.h"
#include "rds/render.h"

#include <ctype.h>
#include <string.h>

static void
answer_job(ApiRequest *request, int status, const char *key, const char *job)
{
    api_reply(request, status, json_pack("{s:s}", key, job));
}

static void
answer_done(ApiRequest *request, int status, const char *id)
{
    instance_touch(request->store, id);
    api_reply(request, status, json_object());
}

/* Whether the statement changed its row; answers when not. */
static bool
changed(ApiRequest *request, long rows)
{
    if (rows == 1)
        return true;
    api_fail_store(request);
    return false;
}

/* ---- POST .../action ---- */

static void
restart(ApiRequest *request, const json_t *asked)
{
    AUTO_INSTANCE Instance *instance = instance_of_request(request);
    char job[41];

    if (!instance)
        return;
    if (json_flag(asked, "delay", false)) {
        api_fail(request, API_BAD_PARAMETER, "restart.delay: a restart begins at once");
        return;
    }
    /* What has failed may be restarted too: that is how its owner tries again. */
    if (strcmp(instance->status, "FAILED") != 0) {
        instance_free(instance);
        instance = instance_ready_of_request(request);
    }
    if (instance &&
        instance_start_job(request, instance, "RestartInstance", "REBOOTING", NULL, job))
        answer_job(request, 202, "job_id", job);
}

/* The flavor that the instance may be given, or NULL after having answered. */
static const Flavor *
check_resize(ApiRequest *request, const Instance *instance, const char *code)
{
    const Flavor *flavor = flavor_find(code);
    const EngineVersion *version = engine_version_find(instance->engine_version);

    if (!flavor || !version || !flavor_fits(flavor, version)) {
        api_fail(request, API_BAD_PARAMETER,
                 "resize_flavor.spec_code: no flavor of this instance; see GET .../flavors-resize");
        return NULL;
    }
    if (strcmp(flavor->code, instance->flavor) == 0) {
        api_fail(request, API_BAD_PARAMETER, "resize_flavor.spec_code: the instance has it");
        return NULL;
    }
    return flavor;
}

/* Within quota and not busy: begins it. */
static bool
begin_resize(ApiRequest *request, const Instance *instance, const char *code, char job[41])
{
    const Flavor *flavor = check_resize(request, instance, code);
    const Flavor *old = flavor_find(instance->flavor);

    if (!flavor)
        return false;
    if (!store_begin(request->store)) {
        api_fail_store(request);
        return false;
    }
    if (!quota_allows(request, 0, flavor->vcpus - (old ? old->vcpus : 0), 0))
        return false;
    store_rollback(request->store);
    AUTO_JSON json_t *data =
        json_pack("{s:s, s:s}", "flavor", code, "old_flavor", instance->flavor);
    return instance_start_job(request, instance, "ResizeFlavor", "MODIFYING INSTANCE TYPE", data,
                              job);
}

static void
resize(ApiRequest *request, const json_t *asked)
{
    AUTO_INSTANCE Instance *instance = instance_ready_of_request(request);
    char job[41];

    if (!instance)
        return;
    if (json_flag(asked, "is_delay", false)) {
        api_fail(request, API_BAD_PARAMETER, "resize_flavor.is_delay: it begins at once");
        return;
    }
    if (begin_resize(request, instance, json_text(asked, "spec_code", ""), job))
        answer_job(request, 202, "job_id", job);
}

static void
enlarge(ApiRequest *request, const json_t *asked)
{
    AUTO_INSTANCE Instance *instance = instance_ready_of_request(request);
    int size = (int) json_number(asked, "size", 0);
    char job[41];

    if (!instance)
        return;
    if (size < VOLUME_LEAST_GB || size > VOLUME_MOST_GB || size % VOLUME_STEP_GB != 0 ||
        size <= instance->volume_gb) {
        api_fail_as(
            request, 400, "DBS.200001",
            "Invalid parameter: enlarge_volume.size: more than %d, up to %d GB, in steps of "
            "%d",
            instance->volume_gb, VOLUME_MOST_GB, VOLUME_STEP_GB);
        return;
    }
    if (!store_begin(request->store)) {
        api_fail_store(request);
        return;
    }
    if (!quota_allows(request, 0, 0, size - instance->volume_gb))
        return;
    store_rollback(request->store);
    AUTO_JSON json_t *data = json_pack("{s:i, s:i}", "size", size, "old_size", instance->volume_gb);
    if (instance_start_job(request, instance, "EnlargeVolume", "MODIFYING", data, job))
        answer_job(request, 202, "job_id", job);
}

void
start_action(ApiRequest *request)
{
    static const struct {
        const char *name;
        void (*run)(ApiRequest *request, const json_t *asked);
    } actions[] = {{"restart", restart}, {"resize_flavor", resize}, {"enlarge_volume", enlarge}};
    const json_t *asked = NULL;
    int count = 0, which = 0;

    for (int i = 0; i < 3; i++) {
        const json_t *one = json_object_get(request->json, actions[i].name);
        if (json_is_object(one)) {
            asked = one;
            which = i;
            count++;
        }
    }
    if (json_object_get(request->json, "single_to_ha"))
        api_fail_as(request, 400, "DBS.280238",
                    "single_to_ha: primary/standby instances are not supported.");
    else if (count != 1)
        api_fail(request, API_BAD_PARAMETER,
                 "exactly one of restart, resize_flavor, enlarge_volume is needed");
    else
        actions[which].run(request, asked);
}

/* ---- Stop and start ---- */

void
stop_instance(ApiRequest *request)
{
    AUTO_INSTANCE Instance *instance = instance_ready_of_request(request);
    char job[41];

    if (instance && instance_start_job(request, instance, "StopInstance", "MODIFYING", NULL, job))
        answer_job(request, 202, "job_id", job);
}

void
startup_instance(ApiRequest *request)
{
    AUTO_INSTANCE Instance *instance = instance_of_request(request);
    char job[41];

    if (!instance)
        return;
    if (job_busy(request->store, instance->id))
        api_fail(request, API_INSTANCE_BUSY);
    else if (strcmp(instance->status, "SHUTDOWN") != 0)
        api_fail(request, API_INSTANCE_STATE, instance->status);
    else if (instance_start_job(request, instance, "StartInstance", "MODIFYING", NULL, job))
        answer_job(request, 202, "job_id", job);
}

/* ---- Names ---- */

void
update_instance_name(ApiRequest *request)
{
    AUTO_INSTANCE Instance *instance = instance_of_request(request);
    const char *name = json_text(request->json, "name", "");

    if (instance && check_name(request, name) &&
        changed(request,
                store_run(request->store,
                          "UPDATE rds_instance SET name = $2, updated = now() WHERE id = $1", "ss",
                          instance->id, name)))
        answer_done(request, 200, instance->id);
}

void
update_instance_alias(ApiRequest *request)
{
    AUTO_INSTANCE Instance *instance = instance_of_request(request);
    const char *alias = json_text(request->json, "alias", "");

    if (!instance)
        return;
    if (strlen(alias) > 256 || strpbrk(alias, "!<\">'&=\r\n"))
        api_fail(request, API_BAD_PARAMETER, "alias: at most 64 characters without !<\">'&=");
    else if (changed(request, store_run(request->store,
                                        "UPDATE rds_instance SET alias = $2, updated = now() WHERE "
                                        "id = $1",
                                        "ss", instance->id, alias)))
        answer_done(request, 200, instance->id);
}

/* ---- Network ---- */

void
update_port(ApiRequest *request)
{
    AUTO_INSTANCE Instance *instance = NULL;
    int port = (int) json_number(request->json, "port", 0);
    char job[41];

    if (!check_port(request, json_number(request->json, "port", 0)) ||
        !(instance = instance_ready_of_request(request)))
        return;
    if (port == instance->port) {
        api_fail(request, API_BAD_PARAMETER, "port: the instance has it");
        return;
    }
    AUTO_FREE char *taken = store_value(
        request->store,
        "SELECT id FROM rds_instance WHERE address = $1 AND port = $2 AND deleted_at IS NULL", "si",
        instance_address(instance), port);
    if (taken) {
        api_fail(request, API_BAD_PARAMETER, "port: another instance of this address has it");
        return;
    }
    AUTO_JSON json_t *data = json_pack("{s:i, s:i}", "port", port, "old_port", instance->port);
    if (instance_start_job(request, instance, "ModifyPort", "MODIFYING DATABASE PORT", data, job))
        answer_job(request, 200, "workflowId", job);
}

void
update_data_ip(ApiRequest *request)
{
    AUTO_INSTANCE Instance *instance = instance_ready_of_request(request);
    const char *address = json_text(request->json, "new_ip", "");
    char job[41];

    if (!instance)
        return;
    if (!plan_has_network() || !plan_may_use(address)) {
        api_fail(request, API_BAD_PARAMETER, "new_ip: not an address of the instances' network");
        return;
    }
    AUTO_FREE char *taken = store_value(
        request->store, "SELECT id FROM rds_instance WHERE address = $1 AND deleted_at IS NULL",
        "s", address);
    if (taken) {
        api_fail(request, API_BAD_PARAMETER, "new_ip: the address is in use");
        return;
    }
    AUTO_JSON json_t *data =
        json_pack("{s:s, s:s}", "address", address, "old_address", instance_address(instance));
    if (instance_start_job(request, instance, "ModifyIp", "MODIFYING", data, job))
        answer_job(request, 200, "workflowId", job);
}

void
set_security_group(ApiRequest *request)
{
    AUTO_INSTANCE Instance *instance = instance_ready_of_request(request);
    const char *group = json_text(request->json, "security_group_id", "");

    if (!instance)
        return;
    for (const char *at = group; *at; at++)
        if (!isxdigit((unsigned char) *at) && *at != '-') {
            api_fail(request, API_BAD_PARAMETER, "security_group_id: an identifier");
            return;
        }
    if (!changed(request, store_run(request->store,
                                    "UPDATE rds_instance SET security_group_id = $2, updated = "
                                    "now() WHERE id = $1",
                                    "ss", instance->id, group)))
        return;
    instance_touch(request->store, instance->id);
    api_reply(request, 200, json_pack("{s:s}", "workflowId", request->request_id));
}

void
attach_eip(ApiRequest *request)
{
    AUTO_INSTANCE Instance *instance = instance_of_request(request);

    if (!instance)
        return;
    if (!json_flag(request->json, "is_bind", true) && !*json_text(instance->row, "public_ip", ""))
        api_reply(request, 200, json_object());
    else
        api_fail_as(
            request, 400, "DBS.280238",
            "public_ip: this region has no elastic addresses; an instance is reached at its "
            "private address (--instance-network).");
}

/* ---- Care ---- */

void
change_ops_window(ApiRequest *request)
{
    AUTO_INSTANCE Instance *instance = instance_of_request(request);
    const char *start = json_text(request->json, "start_time", "");
    const char *end = json_text(request->json, "end_time", "");
    int from, to;

    if (!instance)
        return;
    if (!check_clock(start, &from) || !check_clock(end, &to) || from % 60 || to % 60) {
        api_fail(request, API_BAD_PARAMETER, "start_time, end_time: full hours, as 02:00");
        return;
    }
    int length = (to - from + 1440) % 1440;
    if (length < 60 || length > 240)
        api_fail(request, API_BAD_PARAMETER, "end_time: one to four hours after start_time");
    else if (changed(request, store_run(request->store,
                                        "UPDATE rds_instance SET maintenance_start = $2, "
                                        "maintenance_end = $3, updated = now() WHERE id = $1",
                                        "sss", instance->id, start, end)))
        answer_done(request, 200, instance->id);
}

void
show_auto_enlarge_policy(ApiRequest *request)
{
    AUTO_INSTANCE Instance *instance = instance_of_request(request);

    if (!instance)
        return;
    const json_t *policy = json_object_get(instance->row, "auto_enlarge");
    if (!json_flag(policy, "switch_option", false))
        api_reply(request, 200, json_pack("{s:b}", "switch_option", 0));
    else
        api_reply(request, 200, json_deep_copy(policy));
}

void
set_auto_enlarge_policy(ApiRequest *request)
{
    AUTO_INSTANCE Instance *instance = instance_of_request(request);
    bool on = json_flag(request->json, "switch_option", false);
    long long limit = json_number(request->json, "limit_size", VOLUME_MOST_GB);
    long long threshold = json_number(request->json, "trigger_threshold", 10);
    long long step = json_number(request->json, "step_percent", 20);

    if (!instance)
        return;
    if (on && (limit <= instance->volume_gb || limit > VOLUME_MOST_GB || limit % VOLUME_STEP_GB)) {
        api_fail(request, API_BAD_PARAMETER,
                 "limit_size: more than the volume has, up to 4000, in steps of 10");
        return;
    }
    if (threshold != 10 && threshold != 15 && threshold != 20) {
        api_fail(request, API_BAD_PARAMETER, "trigger_threshold: 10, 15 or 20");
        return;
    }
    if (step < 5 || step > 50) {
        api_fail(request, API_BAD_PARAMETER, "step_percent: 5 to 50");
        return;
    }
    AUTO_JSON json_t *policy = json_pack("{s:b, s:I, s:I, s:I}", "switch_option", (int) on,
                                         "limit_size", (json_int_t) limit, "trigger_threshold",
                                         (json_int_t) threshold, "step_percent", (json_int_t) step);
    if (changed(
            request,
            store_run(request->store,
                      "UPDATE rds_instance SET auto_enlarge = $2, updated = now() WHERE id = $1",
                      "sj", instance->id, policy)))
        answer_done(request, 200, instance->id);
}

void
show_auto_upgrade_policy(ApiRequest *request)
{
    AUTO_INSTANCE Instance *instance = instance_of_request(request);

    if (instance)
        api_reply(request, 200,
                  json_pack("{s:b}", "switch_option",
                            (int) json_flag(instance->row, "auto_upgrade", false)));
}

void
set_auto_upgrade_policy(ApiRequest *request)
{
    AUTO_INSTANCE Instance *instance = instance_of_request(request);

    if (instance &&
        changed(request, store_run(request->store,
                                   "UPDATE rds_instance SET auto_upgrade = $2, updated = now() "
                                   "WHERE id = $1",
                                   "sb", instance->id,
                                   (int) json_flag(request->json, "switch_option", false)))) {
        instance_touch(request->store, instance->id);
        api_reply(request, 200, json_pack("{s:s}", "resp", "successful"));
    }
}

void
list_auto_scaling_policy(ApiRequest *request)
{
    AUTO_INSTANCE Instance *instance = instance_of_request(request);

    if (instance)
        api_reply(request, 200,
                  json_pack("{s:s, s:s, s:i, s:i, s:i, s:s, s:s, s:i, s:s}", "instance_id",
                            instance->id, "status", "OFF", "monitor_cycle", 0, "silence_cycle", 0,
                            "enlarge_threshold", 0, "max_flavor", "", "reduce_enabled", "false",
                            "reduce_threshold", 0, "min_flavor", ""));
}

void
show_replication_status(ApiRequest *request)
{
    AUTO_INSTANCE Instance *instance = instance_of_request(request);

    /* A single instance has no replication that could be wrong. */
    if (instance)
        api_reply(request, 200,
                  json_pack("{s:s, s:s}", "replication_status", "normal", "abnormal_reason", ""));
}

void
show_tde_status(ApiRequest *request)
{
    AUTO_INSTANCE Instance *instance = instance_of_request(request);

    if (instance)
        api_reply(request, 200,
                  json_pack("{s:s, s:s}", "instance_id", instance->id, "tde_status", "closed"));
}

void
list_msdtc_hosts(ApiRequest *request)
{
    AUTO_INSTANCE Instance *instance = instance_of_request(request);
    long offset, limit;

    if (instance && api_paging(request, &offset, &limit))
        api_reply(request, 200, json_pack("{s:i, s:[]}", "total_count", 0, "hosts"));
}

void
show_restart_policy(ApiRequest *request)
{
    AUTO_INSTANCE Instance *instance = instance_of_request(request);

    if (instance)
        api_reply(request, 200, json_pack("{s:b, s:{}}", "restart_server", 0, "restart_policy"));
}

/* ---- Password ---- */

static void
keep_number(void *context, const TdsMessage *message)
{
    if (message->severity > 10)
        *(int *) context = message->number;
}

void
reset_pwd(ApiRequest *request)
{
    AUTO_INSTANCE Instance *instance = NULL;
    AUTO_FREE char *problem = NULL;
    const char *password = json_text(request->json, "db_user_pwd", "");
    int number = 0;

    if (!(instance = instance_ready_of_request(request)) ||
        !check_password(request, "db_user_pwd", password))
        return;
    TdsConnection *connection = instance_manage(request->store, instance, &problem);
    if (!connection) {
        api_fail_as(request, 500, "DBS.280036", "The DB instance is not ready: %s",
                    problem ? problem : "");
        return;
    }
    TdsReceiver receiver = {.context = &number, .message = keep_number};
    const char *const values[] = {password};
    int status = tds_execute(connection,
                             "DECLARE @sql nvarchar(400) = N'ALTER LOGIN rdsuser WITH PASSWORD = ' "
                             "+ QUOTENAME(@p1, N'''') + N' UNLOCK'; EXEC sp_executesql @sql",
                             1, values, &receiver);
    tds_close(connection);
    if (status)
        api_fail_as(request, 500, "DBS.280036", "The password could not be changed (%d).", number);
    else
        api_reply(request, 200, json_object());
}

/* ---- Several at once ---- */

static const char *
batch_id(const ApiRequest *request, size_t index)
{
    const json_t *list = json_object_get(request->json, "instance_ids");
    const char *id = json_string_value(json_array_get(list, index));

    return id ? id : "";
}

/* All instances of the request, which must exist; NULL after having answered. */
static Instance **
batch_load(ApiRequest *request, size_t *count)
{
    *count = json_array_size(json_object_get(request->json, "instance_ids"));
    if (*count == 0 || *count > 50) {
        api_fail(request, API_BAD_PARAMETER, "instance_ids: 1 to 50");
        return NULL;
    }
    Instance **all = mem_new(*count, sizeof(Instance *));
    for (size_t i = 0; i < *count; i++) {
        all[i] = instance_load(request->store, api_project(request), batch_id(request, i));
        if (all[i])
            continue;
        api_fail(request, API_NO_SUCH_INSTANCE, batch_id(request, i));
        while (i > 0)
            instance_free(all[--i]);
        free(all);
        return NULL;
    }
    return all;
}

/* Begins the kind of job for each; those that are busy are told in their record. */
static void
batch(ApiRequest *request, const char *kind, const char *status)
{
    size_t count;
    Instance **all = batch_load(request, &count);
    json_t *records = json_array();

    for (size_t i = 0; all && i < count; i++) {
        char job[41] = "";
        bool fits = strcmp(kind, "DeleteInstance") == 0 || strcmp(all[i]->status, "ACTIVE") == 0 ||
                    strcmp(all[i]->status, "STORAGE FULL") == 0;
        int error = fits ? instance_begin_job(request->store, all[i], kind, status, NULL, job) : -1;
        json_t *record = json_pack("{s:s}", "instance_id", all[i]->id);
        if (!error)
            json_put_text(record, "job_id", job);
        else
            json_put_text(record, "error_code",
                          api_error_code(fits ? API_INSTANCE_BUSY : API_INSTANCE_STATE));
        json_array_append_new(records, record);
        instance_free(all[i]);
    }
    if (all)
        api_reply(request, 202, json_pack("{s:O}", "records", records));
    json_decref(records);
    free(all);
}

void
batch_stop_instance(ApiRequest *request)
{
    batch(request, "StopInstance", "MODIFYING");
}

void
batch_delete_instance(ApiRequest *request)
{
    batch(request, "DeleteInstance", NULL);
}

void
batch_resize_flavor(ApiRequest *request)
{
    size_t count;
    Instance **all = batch_load(request, &count);
    char job[41] = "", first[41] = "";

    for (size_t i = 0; all && i < count; i++) {
        if (!request->answered &&
            begin_resize(request, all[i], json_text(request->json, "spec_code", ""), job) &&
            !*first)
            snprintf(first, sizeof(first), "%s", job);
        instance_free(all[i]);
    }
    if (all && !request->answered)
        answer_job(request, 202, "job_id", first);
    free(all);
}

/* ---- Collation ---- */

void
modify_collation(ApiRequest *request)
{
    AUTO_INSTANCE Instance *instance = instance_ready_of_request(request);
    const char *collation = json_text(request->json, "collation", "");
    char job[41];

    if (!instance)
        return;
    if (!collation_known(collation)) {
        api_fail(request, API_BAD_PARAMETER, "collation: see GET .../collations");
        return;
    }
    AUTO_JSON json_t *data = json_pack("{s:s}", "collation", collation);
    if (instance_start_job(request, instance, "ModifyCollation", "MODIFYING", data, job))
        answer_job(request, 202, "job_id", job);
}

/* ---- Deletion ---- */

void
delete_instance(ApiRequest *request)
{
    AUTO_INSTANCE Instance *instance = instance_of_request(request);
    char job[41];

    /* Its state stays as it is until it vanishes from the list: clients wait for that. */
    if (instance && instance_start_job(request, instance, "DeleteInstance", NULL, NULL, job))
        answer_job(request, 202, "job_id", job);
}

/* ---- Small reports ---- */

void
show_storage_used_space(ApiRequest *request)
{
    AUTO_INSTANCE Instance *instance = instance_of_request(request);
    char node[NODE_ID_SIZE], used[32];

    if (!instance)
        return;
    render_node_id(instance->id, node);
    snprintf(used, sizeof(used), "%.2f",
             (double) json_number(instance->row, "storage_used", 0) / (1024.0 * 1024 * 1024));
    api_reply(request, 200, json_pack("{s:s, s:s}", "node_id", node, "used", used));
}

void
list_volume_info(ApiRequest *request)
{
    AUTO_INSTANCE Instance *instance = instance_of_request(request);
    char node[NODE_ID_SIZE];

    if (!instance)
        return;
    render_node_id(instance->id, node);
    api_reply(
        request, 200,
        json_pack("[{s:s, s:s, s:i, s:f}]", "node_id", node, "type",
                  json_text(instance->row, "volume_type", ""), "size", instance->volume_gb, "used",
                  (double) json_number(instance->row, "storage_used", 0) / (1024.0 * 1024 * 1024)));
}

void
list_simplified_instances(ApiRequest *request)
{
    const json_t *ids = json_object_get(request->json, "instance_ids");
    json_t *list = json_array();
    size_t index;
    json_t *one;

    json_array_foreach(ids, index, one)
    {
        AUTO_INSTANCE Instance *instance =
            instance_load(request->store, api_project(request), json_string_value(one));
        if (!instance)
            continue;
        bool busy = job_busy(request->store, instance->id);
        json_array_append_new(
            list,
            json_pack("{s:s, s:s, s:s, s:s, s:s, s:b, s:s, s:s, s:s, s:[s], s:[], s:o, s:s, s:i, "
                      "s:s}",
                      "id", instance->id, "name", instance->name, "engine_name", "sqlserver",
                      "engine_version", instance->engine_version, "instance_status",
                      instance->status, "frozen", 0, "type", "Single", "pay_model", "0",
                      "spec_code", instance->flavor, "availability_zone_ids",
                      json_text(instance->row, "availability_zone", ""), "read_only_instances",
                      "current_actions", busy ? json_pack("[s]", instance->status) : json_array(),
                      "volume_type", json_text(instance->row, "volume_type", ""), "volume_size",
                      instance->volume_gb, "enterprise_project_id",
                      json_text(instance->row, "enterprise_project_id", "0")));
    }
    api_reply(request, 200, json_pack("{s:o}", "instances", list));
}
