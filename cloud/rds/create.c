/*
 * create.c: POST .../instances: checks everything that can be checked, then makes the rows and
 * their jobs in one transaction. The work is in create_job.c.
 */
#include "crypto/master_key.h"
#include "crypto/random_id.h"
#include "rds/backup_hooks.h"
#include "rds/catalogue.h"
#include "rds/check.h"
#include "rds/handlers.h"
#include "rds/plan.h"
#include "rds/quota.h"
#include "rds/recycle.h"

#include "base/settings.h"

#include <string.h>
#include <strings.h>

/* What is asked for, checked. Texts belong to the request's JSON. */
typedef struct Order {
    const json_t *json;
    const char *name, *password, *collation, *time_zone, *volume_type;
    const EngineVersion *version;
    const Flavor *flavor;
    int size, port, count;
    const json_t *point;
    bool from_recycle;
} Order;

static bool
wrong(ApiRequest *request, const char *what)
{
    api_fail(request, API_BAD_PARAMETER, what);
    return false;
}

static bool
check_datastore(ApiRequest *request, Order *order)
{
    const json_t *store = json_object_get(order->json, "datastore");
    const char *type = json_text(store, "type", ""), *version = json_text(store, "version", "");

    if (strcasecmp(type, "SQLServer") != 0) {
        api_fail_as(request, 400, "DBS.280269",
                    "datastore.type: the DB engine %s does not exist; this region has SQLServer.",
                    type);
        return false;
    }
    order->version = engine_version_find(version);
    if (order->version)
        return true;
    api_fail_as(request, 400, "DBS.280269",
                "datastore.version: the DB engine SQLServer %s does not exist. Versions: %s.",
                version, engine_version_names());
    return false;
}

static bool
check_flavor(ApiRequest *request, Order *order)
{
    const char *code = json_text(order->json, "flavor_ref", "");
    size_t length = strlen(code);

    if (json_object_get(order->json, "ha") ||
        (length > 3 && strcmp(code + length - 3, ".ha") == 0)) {
        const char *mode = json_text(json_object_get(order->json, "ha"), "mode", "Ha");
        if (strcasecmp(mode, "Single") != 0 && *mode) {
            api_fail_as(request, 400, "DBS.280238",
                        "ha: primary/standby instances are not supported; ask for a single one.");
            return false;
        }
    }
    if (*json_text(order->json, "replica_of_id", "")) {
        api_fail_as(request, 400, "DBS.280238", "replica_of_id: read replicas are not supported.");
        return false;
    }
    order->flavor = flavor_find(code);
    if (!order->flavor)
        return wrong(request, "flavor_ref: no such flavor; see GET .../flavors/SQLServer");
    if (!flavor_fits(order->flavor, order->version))
        return wrong(request, "flavor_ref: the flavor is not for this edition; see GET "
                              ".../flavors/SQLServer?version_name=");
    return true;
}

static bool
check_volume(ApiRequest *request, Order *order)
{
    const json_t *volume = json_object_get(order->json, "volume");

    order->volume_type = json_text(volume, "type", "CLOUDSSD");
    if (!volume_type_known(order->volume_type))
        return wrong(request, "volume.type: CLOUDSSD, ESSD or ULTRAHIGH");
    order->size = (int) json_number(volume, "size", 0);
    return check_volume_size(request, json_number(volume, "size", 0));
}

static bool
check_place(ApiRequest *request, Order *order)
{
    const char *region = json_text(order->json, "region", setting_text(SETTING_REGION));
    const char *zone = json_text(order->json, "availability_zone", catalogue_zone());
    const char *vip = json_text(order->json, "data_vip", "");

    if (*region && strcmp(region, setting_text(SETTING_REGION)) != 0)
        return wrong(request, "region: this is another region's endpoint");
    if (strcmp(zone, catalogue_zone()) != 0) {
        api_fail_as(request, 400, "DBS.200001",
                    "Invalid parameter: availability_zone: this region has %s", catalogue_zone());
        return false;
    }
    if (*vip && !plan_may_use(vip))
        return wrong(request, "data_vip: not an address of the instances' network");
    return true;
}

static bool
check_endpoint(ApiRequest *request, Order *order)
{
    order->port = (int) json_number(order->json, "port", 0);
    if (order->port == 0)
        return true;
    if (!check_port(request, order->port))
        return false;
    if (plan_has_network())
        return true;
    AUTO_FREE char *taken =
        store_value(request->store,
                    "SELECT id FROM rds_instance WHERE port = $1 AND deleted_at IS NULL LIMIT 1",
                    "i", order->port);
    return taken ? wrong(request, "port: another instance of this address has it") : true;
}

static bool
check_names(ApiRequest *request, Order *order)
{
    order->name = json_text(order->json, "name", "");
    order->password = json_text(order->json, "password", NULL);
    order->collation = json_text(order->json, "collation", "SQL_Latin1_General_CP1_CI_AS");
    order->time_zone = json_text(order->json, "time_zone", "UTC");
    order->count = (int) json_number(order->json, "count", 1);
    if (!check_name(request, order->name))
        return false;
    if (order->count > 1 && strlen(order->name) > 59)
        return wrong(request, "name: at most 59 characters where count is more than 1");
    if (!order->password && !order->point)
        return wrong(request, "password is missing");
    if (order->password && !check_password(request, "password", order->password))
        return false;
    if (!collation_known(order->collation))
        return wrong(request, "collation: see GET .../collations");
    if (!*order->time_zone)
        order->time_zone = "UTC";
    if (!time_zone_of(order->time_zone))
        return wrong(request, "time_zone: the name of a Windows time zone, as UTC or China "
                              "Standard Time");
    return check_tags(request, json_object_get(order->json, "tags"));
}

static bool
check_care(ApiRequest *request, Order *order)
{
    const json_t *strategy = json_object_get(order->json, "backup_strategy");
    const char *start = json_text(strategy, "start_time", "01:00-02:00");
    AUTO_FREE char *first = str_copy_n(start, strcspn(start, "-"));
    const char *second = strchr(start, '-');
    int from, to;
    const char *mode =
        json_text(json_object_get(order->json, "charge_info"), "charge_mode", "postPaid");

    if (strcasecmp(mode, "postPaid") != 0)
        return wrong(request, "charge_info.charge_mode: only postPaid");
    if (!second || !check_clock(first, &from) || !check_clock(second + 1, &to) ||
        (from + 60) % 1440 != to)
        return wrong(request, "backup_strategy.start_time: one hour, as 01:00-02:00");
    long long days = json_number(strategy, "keep_days", 7);
    if (days < 0 || days > 732)
        return wrong(request, "backup_strategy.keep_days: 0 to 732");
    return true;
}

static bool
check_configuration(ApiRequest *request, const Order *order)
{
    const char *id = json_text(order->json, "configuration_id", "");

    if (!*id)
        return true;
    /* The table is that of parameter templates. */
    AUTO_FREE char *found = store_value(
        request->store, "SELECT id FROM rds_configuration WHERE id = $1 AND project_id = $2", "ss",
        id, api_project(request));
    return found ? true : wrong(request, "configuration_id: no such parameter template");
}

static bool
check_point(ApiRequest *request, Order *order)
{
    if (!order->point)
        return true;
    order->from_recycle = recycle_has(request->store, api_project(request), order->point);
    return order->from_recycle || backup_hook_check_point(request, order->point);
}

static bool
read_order(ApiRequest *request, Order *order)
{
    *order = (Order){.json = request->json};
    order->point = json_object_get(order->json, "restore_point");
    return check_names(request, order) && check_datastore(request, order) &&
           check_flavor(request, order) && check_volume(request, order) &&
           check_place(request, order) && check_endpoint(request, order) &&
           check_care(request, order) && check_configuration(request, order) &&
           check_point(request, order);
}

static json_t *
enlarge_policy(const json_t *asked)
{
    return json_pack("{s:b, s:I, s:I, s:I}", "switch_option",
                     (int) json_flag(asked, "option", false), "limit_size",
                     (json_int_t) json_number(asked, "limitSize", 4000), "trigger_threshold",
                     (json_int_t) json_number(asked, "triggerAvailablePercent", 10), "step_percent",
                     (json_int_t) json_number(asked, "stepPercent", 20));
}

static bool
insert_row(
    StoreConn *store, const Order *order, const char *project, const char *id, const char *name)
{
    const json_t *json = order->json, *strategy = json_object_get(json, "backup_strategy");
    AUTO_JSON json_t *none = json_array();
    AUTO_JSON json_t *enlarge = enlarge_policy(json_object_get(json, "auto_enlarge_strategy"));
    const json_t *tags = json_object_get(json, "tags");

    return store_run(
               store,
               "INSERT INTO rds_instance (id, project_id, name, port, flavor, engine_version, "
               "volume_type, volume_gb, \"collation\", time_zone, availability_zone, region, "
               "vpc_id, "
               "subnet_id, security_group_id, enterprise_project_id, disk_encryption_id, "
               "configuration_id, backup_keep_days, backup_start_time, auto_enlarge, auto_upgrade, "
               "tags) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, "
               "$16, $17, $18, $19, $20, $21, $22, $23)",
               "sssisssisssssssssslsjbj", id, project, name, order->port, order->flavor->code,
               order->version->name, order->volume_type, order->size, order->collation,
               order->time_zone, catalogue_zone(), setting_text(SETTING_REGION),
               json_text(json, "vpc_id", ""), json_text(json, "subnet_id", ""),
               json_text(json, "security_group_id", ""),
               json_text(json, "enterprise_project_id", "0"),
               json_text(json, "disk_encryption_id", ""), json_text(json, "configuration_id", ""),
               json_number(strategy, "keep_days", 7),
               json_text(strategy, "start_time", "01:00-02:00"), enlarge,
               (int) json_flag(json, "is_auto_upgrade", false), tags ? tags : none) == 1;
}

/* What its job needs; the password only sealed. */
static json_t *
job_data(const Order *order)
{
    json_t *data = json_object();

    json_object_set_new(data, "asked_us", json_integer(moment_now()));
    if (order->password) {
        AUTO_FREE char *sealed =
            secret_seal("rds-password", order->password, strlen(order->password));
        json_put_text(data, "password", sealed);
    }
    if (order->point)
        json_object_set_new(data, "restore_point", json_deep_copy(order->point));
    json_object_set_new(data, "from_recycle", json_boolean(order->from_recycle));
    json_put_text(data, "data_vip", json_text(order->json, "data_vip", NULL));
    return data;
}

/* The instance as the answer to POST shows it. */
static json_t *
answer_instance(const Order *order, const char *id, const char *name)
{
    static const char *const same[] = {"ha",          "configuration_id", "enterprise_project_id",
                                       "vpc_id",      "subnet_id",        "security_group_id",
                                       "charge_info", "restore_point",    "disk_encryption_id",
                                       "data_vip"};
    char port[16];
    json_t *out = json_object();

    for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
        if (json_object_get(order->json, same[i]))
            json_object_set(out, same[i], json_object_get(order->json, same[i]));
    snprintf(port, sizeof(port), "%d", order->port ? order->port : 1433);
    json_put_text(out, "id", id);
    json_put_text(out, "name", name);
    json_put_text(out, "status", "BUILD");
    json_put_text(out, "port", port);
    json_put_text(out, "flavor_ref", order->flavor->code);
    json_put_text(out, "region", setting_text(SETTING_REGION));
    json_put_text(out, "availability_zone", catalogue_zone());
    json_put_text(out, "collation", order->collation);
    json_put_text(out, "time_zone", order->time_zone);
    json_object_set_new(out, "datastore",
                        json_pack("{s:s, s:s, s:s}", "type", "SQLServer", "version",
                                  order->version->name, "complete_version",
                                  order->version->complete));
    json_object_set_new(out, "volume",
                        json_pack("{s:s, s:i}", "type", order->volume_type, "size", order->size));
    const json_t *strategy = json_object_get(order->json, "backup_strategy");
    json_object_set_new(out, "backup_strategy",
                        json_pack("{s:s, s:I}", "start_time",
                                  json_text(strategy, "start_time", "01:00-02:00"), "keep_days",
                                  (json_int_t) json_number(strategy, "keep_days", 7)));
    return out;
}

/* Rows and jobs of all instances asked for; NULL when the store refused. */
static json_t *
make_all(ApiRequest *request, const Order *order)
{
    AUTO_JSON json_t *data = job_data(order);
    json_t *made = json_array();

    for (int i = 0; i < order->count; i++) {
        char id[ID_SIZE], job[41];
        AUTO_FREE char *name =
            order->count == 1 ? str_copy(order->name) : str_format("%s-%04d", order->name, i + 1);
        id_new(id, "in04");
        if (!insert_row(request->store, order, api_project(request), id, name) ||
            job_start(request->store, "CreateSqlserverInstance", api_project(request), id, name,
                      true, data, job) != 0) {
            json_decref(made);
            return NULL;
        }
        json_array_append_new(made, json_pack("{s:o, s:s}", "instance",
                                              answer_instance(order, id, name), "job_id", job));
    }
    return made;
}

void
create_instance(ApiRequest *request)
{
    Order order;

    if (!read_order(request, &order))
        return;
    if (!store_begin(request->store)) {
        api_fail_store(request);
        return;
    }
    if (!quota_allows(request, order.count, order.flavor->vcpus * order.count,
                      order.size * order.count))
        return;
    if (json_flag(order.json, "dry_run", false)) {
        store_rollback(request->store);
        api_reply(request, 202,
                  json_pack("{s:o}", "instance", answer_instance(&order, NULL, order.name)));
        return;
    }
    AUTO_JSON json_t *made = make_all(request, &order);
    if (!made || !store_commit(request->store)) {
        api_fail_store(request);
        store_rollback(request->store);
        return;
    }
    size_t index;
    json_t *one;
    json_array_foreach(made, index, one)
        instance_touch(request->store, json_text(json_object_get(one, "instance"), "id", ""));
    json_t *answer = json_deep_copy(json_array_get(made, 0));
    if (order.count > 1)
        json_object_set(answer, "instances", made);
    api_reply(request, 202, answer);
}
