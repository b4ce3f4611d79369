/*
 * monitor.c: measures running servers each minute, from outside: what their QEMU used. Rates are
 * differences of counters to the minute before, kept in memory; the first minute has none.
 */
#include "base/log.h"
#include "ces/metrics.h"
#include "ecs/server.h"

#include <math.h>
#include <string.h>

enum {
#define ECS_METRIC(number, id, name, unit) ECS_METRIC_##id = number,
#include "ecs/metrics.def"
#undef ECS_METRIC
    ECS_METRIC_END
};
#define COUNT (ECS_METRIC_END - 1)

static const Metric metrics[COUNT] = {
#define ECS_METRIC(number, id, name, unit) {number, name, unit},
#include "ecs/metrics.def"
#undef ECS_METRIC
};

static const MetricSpace space = {.name = "SYS.ECS",
                                  .dimension = "instance_id",
                                  .table = "ecs_server",
                                  .living = "true",
                                  .metrics = metrics,
                                  .count = COUNT};

static json_t *previous; /* id: {"at", ...counters}; of the periodic work alone */

static double
rate(const json_t *before, const json_t *now, const char *name, double seconds)
{
    double one = json_number_value(json_object_get(before, name));
    double other = json_number_value(json_object_get(now, name));

    return seconds > 0 && other >= one ? (other - one) / seconds : NAN;
}

static void
measure(StoreConn *store, const json_t *server, json_t *seen)
{
    const char *id = json_text(server, "id", "");
    const Flavor *flavor = flavor_find_server(json_text(server, "flavor", ""));
    const json_t *before = json_object_get(previous, id);
    double readings[COUNT + 1];
    AUTO_FREE char *problem = NULL;
    json_t *usage = NULL;
    Moment now = moment_now();

    if (!flavor || hypervisor_usage(id, &usage, &problem) != 0 || !usage)
        return;
    json_object_set_new(usage, "at", json_integer(now));
    double seconds = before ? (double) (now - json_number(before, "at", now)) / MOMENT_SECOND : 0;
    readings[ECS_METRIC_CPU] = rate(before, usage, "cpu_seconds", seconds) * 100 / flavor->vcpus;
    double memory = (double) json_number(usage, "memory_mb", 0) * 100 / flavor->memory_mb;
    readings[ECS_METRIC_MEMORY] = memory > 100 ? 100 : memory;
    readings[ECS_METRIC_NET_IN] = rate(before, usage, "net_in_bytes", seconds);
    readings[ECS_METRIC_NET_OUT] = rate(before, usage, "net_out_bytes", seconds);
    readings[ECS_METRIC_DISK_READ] = rate(before, usage, "disk_read_bytes", seconds);
    readings[ECS_METRIC_DISK_WRITE] = rate(before, usage, "disk_write_bytes", seconds);
    readings[ECS_METRIC_DISK_READS] = rate(before, usage, "disk_reads", seconds);
    readings[ECS_METRIC_DISK_WRITES] = rate(before, usage, "disk_writes", seconds);
    metric_keep(store, id, now, readings, COUNT);
    json_object_set_new(seen, id, usage);
}

static void
collect(StoreConn *store)
{
    AUTO_ROWS PGresult *rows = store_query(
        store, "SELECT to_jsonb(s) AS row FROM ecs_server s WHERE status = 'ACTIVE'", "");
    json_t *seen = json_object();

    for (int i = 0; rows && i < PQntuples(rows); i++) {
        AUTO_JSON json_t *server = json_loads(row_text(rows, i, "row"), 0, NULL);
        measure(store, server, seen);
    }
    json_decref(previous);
    previous = seen;
}

void
server_monitor_register(void)
{
    metric_space_add(&space);
}

void
server_monitor_start(void)
{
    job_every("ecs-collect", 60, collect);
}
