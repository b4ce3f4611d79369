/*
 * rds.c: `casement rds ...`: database instances.
 */
#include "rds.h"
#include "handlers.h"
#include "service.h"
#include "table.h"

#include "base/json.h"
#include "base/memory.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define ITEMS "/v3/{p}/instances"

static const char *
id_of(const json_t *instance)
{
    return json_text(instance, "id", "");
}

static const char *
first_text(const json_t *object, const char *key)
{
    const json_t *one = json_array_get(json_object_get(object, key), 0);

    return json_is_string(one) ? json_string_value(one) : "-";
}

/* POST or PUT on the instance; the job's id, under either of the names that the service uses. */
static int
change(Invocation *invocation,
       const char *method,
       const json_t *instance,
       const char *suffix,
       json_t *body,
       const char *done)
{
    AUTO_JSON json_t *owned = body;
    AUTO_FREE char *path = str_format(ITEMS "/%s%s", id_of(instance), suffix);
    AUTO_JSON json_t *answer = service_call(method, path, owned);

    print_json(invocation, answer);
    return service_finish(invocation,
                          json_text(answer, "job_id", json_text(answer, "workflowId", NULL)), done);
}

int
run_rds_list(Invocation *invocation)
{
    AUTO_FREE char *name = url_text(option_text(invocation, "name", ""));
    AUTO_JSON json_t *answer = *name ? service_get(ITEMS "?name=*%s", name) : service_get(ITEMS);
    size_t index;
    json_t *one;

    if (print_json(invocation, answer))
        return EXIT_FINE;
    Table *table = table_new("NAME|STATUS|VERSION|FLAVOR|>GB|ADDRESS|>PORT|ID");
    json_array_foreach(json_object_get(answer, "instances"), index, one)
    {
        AUTO_FREE char *size =
            str_format("%lld", json_number(json_object_get(one, "volume"), "size", 0));
        AUTO_FREE char *port = str_format("%lld", json_number(one, "port", 0));
        table_row(table,
                  (const char *const[]){json_text(one, "name", ""), json_text(one, "status", ""),
                                        json_text(json_object_get(one, "datastore"), "version", ""),
                                        json_text(one, "flavor_ref", ""), size,
                                        first_text(one, "private_ips"), port, id_of(one)});
    }
    table_print(table, "There are no instances; casement rds create makes one.");
    return EXIT_FINE;
}

int
run_rds_show(Invocation *invocation)
{
    AUTO_JSON json_t *one = service_instance(positional(invocation, 0));
    const char *address = first_text(one, "private_ips"),
               *user = json_text(one, "db_user_name", "rdsuser");
    long long port = json_number(one, "port", 0);

    if (print_json(invocation, one))
        return EXIT_FINE;
    printf("name       %s\nid         %s\nstatus     %s\nversion    SQL Server %s\nflavor     %s "
           "(%s CPUs, %s GB)\n"
           "storage    %lld GB, %.2f GB used\ncreated    %s\nbackups    kept %lld days, made "
           "%s\nwindow     %s\n\n"
           "Connect:\n  casement sql %s\n  sqlcmd -S tcp:%s,%lld -U %s -C\n"
           "  Server=tcp:%s,%lld;User Id=%s;Encrypt=True;TrustServerCertificate=True\n",
           json_text(one, "name", ""), id_of(one), json_text(one, "status", ""),
           json_text(json_object_get(one, "datastore"), "version", ""),
           json_text(one, "flavor_ref", ""), json_text(one, "cpu", "?"), json_text(one, "mem", "?"),
           json_number(json_object_get(one, "volume"), "size", 0),
           json_number_value(json_object_get(one, "storage_used_space")),
           json_text(one, "created", ""),
           json_number(json_object_get(one, "backup_strategy"), "keep_days", 0),
           json_text(json_object_get(one, "backup_strategy"), "start_time", "-"),
           json_text(one, "maintenance_window", "-"), json_text(one, "name", ""), address, port,
           user, address, port, user);
    return EXIT_FINE;
}

/* The smallest flavor of the version, owned by the caller. */
static char *
smallest_flavor(const char *version)
{
    AUTO_FREE char *encoded = url_text(version);
    AUTO_JSON json_t *answer = service_get("/v3/{p}/flavors/SQLServer?version_name=%s", encoded);
    size_t index;
    json_t *one, *best = NULL;

    json_array_foreach(json_object_get(answer, "flavors"), index, one)
    {
        if (strcmp(json_text(one, "instance_mode", ""), "single") == 0 &&
            (!best || json_number(one, "ram", 0) < json_number(best, "ram", 0)))
            best = one;
    }
    if (!best) {
        fprintf(stderr, "casement: there is no flavor for version %s\n", version);
        exit(EXIT_MISSING);
    }
    return str_copy(json_text(best, "spec_code", ""));
}

/* An availability zone in which the flavor can be had. */
static char *
any_zone(const char *version, const char *flavor)
{
    AUTO_FREE char *encoded = url_text(version);
    AUTO_JSON json_t *answer = service_get("/v3/{p}/flavors/SQLServer?version_name=%s", encoded);
    size_t index;
    json_t *one, *state;
    const char *zone;

    json_array_foreach(json_object_get(answer, "flavors"), index, one)
    {
        if (strcmp(json_text(one, "spec_code", ""), flavor) != 0)
            continue;
        json_object_foreach(json_object_get(one, "az_status"), zone,
                            state) if (strcmp(json_string_value(state), "normal") ==
                                       0) return str_copy(zone);
    }
    return str_copy("az1");
}

/* The parts of a new instance that create, rebuild and restore have in common. */
json_t *
new_instance_body(Invocation *invocation, const char *version, bool ask_password)
{
    const char *given = option_text(invocation, "flavor", NULL),
               *zone_given = option_text(invocation, "zone", NULL);
    AUTO_FREE char *flavor = given ? str_copy(given) : smallest_flavor(version);
    AUTO_FREE char *zone = zone_given ? str_copy(zone_given) : any_zone(version, flavor);
    AUTO_WIPE char *password = ask_password ? service_password(invocation, "rdsuser", true) : NULL;
    const char *region = json_text(service_login(), "region", "");
    json_t *body =
        json_pack("{s:s, s:s, s:{s:s, s:s}, s:{s:s, s:i}, s:s, s:s, s:{s:s}}", "name",
                  option_text(invocation, "name", ""), "flavor_ref", flavor, "datastore", "type",
                  "SQLServer", "version", version, "volume", "type", "CLOUDSSD", "size",
                  (int) option_number(invocation, "size", 40, 1, 100000), "availability_zone", zone,
                  "region", region, "charge_info", "charge_mode", "postPaid");

    json_put_text(body, "password", password);
    json_put_text(body, "vpc_id", "default");
    json_put_text(body, "subnet_id", "default");
    json_put_text(body, "security_group_id", "default");
    json_put_text(body, "collation", option_text(invocation, "collation", NULL));
    json_put_text(body, "configuration_id", option_text(invocation, "parameters", NULL));
    json_put_text(body, "port", option_text(invocation, "port", NULL));
    return body;
}

int
run_rds_create(Invocation *invocation)
{
    AUTO_JSON json_t *body =
        new_instance_body(invocation, option_text(invocation, "version", "2022_SE"), true);

    if (option_given(invocation, "keep-days"))
        json_object_set_new(body, "backup_strategy",
                            json_pack("{s:s, s:i}", "start_time", "01:00-02:00", "keep_days",
                                      (int) option_number(invocation, "keep-days", 7, 0, 732)));
    AUTO_JSON json_t *answer = service_call("POST", ITEMS, body);
    AUTO_FREE char *done =
        str_format("%s is ready; casement rds show %s tells how to connect.",
                   option_text(invocation, "name", ""), option_text(invocation, "name", ""));
    print_json(invocation, answer);
    return service_finish(invocation, json_text(answer, "job_id", NULL), done);
}

int
run_rds_restart(Invocation *invocation)
{
    AUTO_JSON json_t *one = service_instance(positional(invocation, 0));

    return change(invocation, "POST", one, "/action", json_pack("{s:{}}", "restart"), "Restarted.");
}

int
run_rds_stop(Invocation *invocation)
{
    AUTO_JSON json_t *one = service_instance(positional(invocation, 0));

    return change(invocation, "POST", one, "/action/shutdown", json_object(), "Stopped.");
}

int
run_rds_start(Invocation *invocation)
{
    AUTO_JSON json_t *one = service_instance(positional(invocation, 0));

    return change(invocation, "POST", one, "/action/startup", json_object(), "Started.");
}

int
run_rds_resize(Invocation *invocation)
{
    AUTO_JSON json_t *one = service_instance(positional(invocation, 0));
    const char *flavor = option_text(invocation, "flavor", NULL);

    if (!flavor == !option_given(invocation, "size")) {
        fprintf(stderr, "casement rds resize: give --flavor or --size, one of them\n");
        return EXIT_USAGE;
    }
    if (flavor)
        return change(invocation, "POST", one, "/action",
                      json_pack("{s:{s:s}}", "resize_flavor", "spec_code", flavor), "Resized.");
    return change(invocation, "POST", one, "/action",
                  json_pack("{s:{s:i}}", "enlarge_volume", "size",
                            (int) option_number(invocation, "size", 0, 1, 100000)),
                  "Enlarged.");
}

int
run_rds_rename(Invocation *invocation)
{
    AUTO_JSON json_t *one = service_instance(positional(invocation, 0));

    return change(invocation, "PUT", one, "/name",
                  json_pack("{s:s}", "name", positional(invocation, 1)), "Renamed.");
}

int
run_rds_port(Invocation *invocation)
{
    AUTO_JSON json_t *one = service_instance(positional(invocation, 0));
    char *end = NULL;
    long port = strtol(positional(invocation, 1), &end, 10);

    if (*end || port < 1 || port > 65535) {
        fprintf(stderr, "casement rds port: \"%s\" is no port\n", positional(invocation, 1));
        return EXIT_USAGE;
    }
    return change(invocation, "PUT", one, "/port", json_pack("{s:i}", "port", (int) port),
                  "Moved.");
}

int
run_rds_password(Invocation *invocation)
{
    AUTO_JSON json_t *one = service_instance(positional(invocation, 0));
    AUTO_WIPE char *password = service_password(invocation, "rdsuser (new)", true);

    return change(invocation, "POST", one, "/password", json_pack("{s:s}", "db_user_pwd", password),
                  "The password is set.");
}

int
run_rds_delete(Invocation *invocation)
{
    AUTO_JSON json_t *one = service_instance(positional(invocation, 0));

    confirm(invocation, "Delete the instance %s with all its databases?",
            json_text(one, "name", ""));
    return change(invocation, "DELETE", one, "", NULL,
                  "Deleted; casement rds recycled shows it for a while yet.");
}

int
run_rds_recycled(Invocation *invocation)
{
    AUTO_JSON json_t *answer = service_get("/v3/{p}/recycle-instances");
    size_t index;
    json_t *one;

    if (print_json(invocation, answer))
        return EXIT_FINE;
    Table *table = table_new("NAME|VERSION|DELETED|KEPT UNTIL|ID");
    json_array_foreach(json_object_get(answer, "instances"), index, one)
        table_row(table, (const char *const[]){json_text(one, "name", ""),
                                               json_text(one, "engine_version", ""),
                                               json_text(one, "deleted_at", ""),
                                               json_text(one, "retained_until", ""), id_of(one)});
    table_print(table, "The recycle bin is empty.");
    return EXIT_FINE;
}

int
run_rds_rebuild(Invocation *invocation)
{
    AUTO_JSON json_t *bin = service_get("/v3/{p}/recycle-instances");
    const char *wanted = positional(invocation, 0);
    size_t index;
    json_t *one, *found = NULL;

    json_array_foreach(json_object_get(bin, "instances"), index,
                       one) if (!strcmp(json_text(one, "name", ""), wanted) ||
                                !strcmp(id_of(one), wanted)) found = one;
    if (!found) {
        fprintf(stderr, "casement: \"%s\" is not in the recycle bin\n", wanted);
        return EXIT_MISSING;
    }
    AUTO_JSON json_t *body =
        new_instance_body(invocation, json_text(found, "engine_version", "2022_SE"), true);
    json_object_set_new(body, "restore_point",
                        json_pack("{s:s, s:s, s:s}", "instance_id", id_of(found), "type", "backup",
                                  "backup_id", json_text(found, "recycle_backup_id", "")));
    AUTO_JSON json_t *answer = service_call("POST", ITEMS, body);
    print_json(invocation, answer);
    return service_finish(invocation, json_text(answer, "job_id", NULL), "Rebuilt.");
}

/* The newest value and a line of eighths of the last ones. */
static void
metric_row(Table *table,
           const json_t *instance,
           const char *metric,
           const char *title,
           const char *unit,
           long minutes)
{
    static const char *const eighths[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    long long now = (long long) time(NULL) * 1000;
    AUTO_JSON json_t *answer = service_get("/V1.0/{p}/"
                                           "metric-data?namespace=SYS.RDS&metric_name=%s&dim.0=rds_"
                                           "cluster_sqlserver_id,%s&filter=average"
                                           "&period=%s&from=%lld&to=%lld",
                                           metric, id_of(instance), minutes > 120 ? "300" : "1",
                                           now - minutes * 60000ll, now);
    const json_t *points = json_object_get(answer, "datapoints");
    size_t count = json_array_size(points), first = count > 40 ? count - 40 : 0;
    double most = 0, last = 0;
    Buffer line = {0};

    for (size_t i = first; i < count; i++) {
        last = json_number_value(json_object_get(json_array_get(points, i), "average"));
        most = last > most ? last : most;
    }
    for (size_t i = first; i < count; i++) {
        double value = json_number_value(json_object_get(json_array_get(points, i), "average"));
        buffer_add_text(&line, eighths[most > 0 ? (int) (value / most * 7.0) : 0]);
    }
    AUTO_FREE char *shown = count ? str_format("%.2f %s", last, unit) : str_copy("-");
    table_row(table, (const char *const[]){title, shown, line.text ? line.text : ""});
    buffer_done(&line);
}

int
run_rds_metrics(Invocation *invocation)
{
    AUTO_JSON json_t *one = service_instance(positional(invocation, 0));
    long minutes = option_number(invocation, "minutes", 60, 5, 21600);
    Table *table = table_new("WHAT|>NOW|LAST");

    metric_row(table, one, "rds001_cpu_util", "CPU", "%", minutes);
    metric_row(table, one, "rds002_mem_util", "memory", "of 1", minutes);
    metric_row(table, one, "rds048_disk_used_size", "storage", "GB", minutes);
    metric_row(table, one, "rds054_db_connections_in_use", "connections", "", minutes);
    metric_row(table, one, "rds056_batch_per_sec", "batches", "/s", minutes);
    metric_row(table, one, "rds055_transactions_per_sec", "transactions", "/s", minutes);
    metric_row(table, one, "rds003_iops", "I/O", "/s", minutes);
    table_print(table, NULL);
    return EXIT_FINE;
}
