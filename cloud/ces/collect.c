/*
 * collect.c: measures the instances: what their processes used, by the host's agent, and what their
 * servers counted, by SQL over each one's own socket. Rates are differences of counters to the
 * minute before, kept in memory: the first minute after a start of the daemon has none.
 */
#include "ces/metrics.h"

#include "base/log.h"
#include "base/settings.h"
#include "rds/catalogue.h"
#include "supervise/agent.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

enum {
#define METRIC(number, id, name, unit) METRIC_##id = number,
#include "ces/metrics.def"
#undef METRIC
};

static const Metric metrics[METRIC_COUNT] = {
#define METRIC(number, id, name, unit) {number, name, unit},
#include "ces/metrics.def"
#undef METRIC
};

/* Counters of an instance since its start. */
typedef struct Counters {
    double cpu_seconds, read_bytes, written_bytes;
    double batches, compilations, logins, logouts, errors, lock_timeouts, deadlocks, bytes_in,
        bytes_out;
    double transactions, pages_read, pages_hit, pages_written, checkpoint_pages, scans;
} Counters;

typedef struct Previous {
    char id[41];
    Moment at;
    Counters counters;
    struct Previous *next;
} Previous;

static Previous *previous; /* of the instances that run; under the lock */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* States that are not counters. */
typedef struct States {
    double connections, memory_bytes, disk_bytes;
} States;

const MetricSpace metric_space_rds = {.name = "SYS.RDS",
                                      .dimension = "rds_cluster_sqlserver_id",
                                      .table = "rds_instance",
                                      .living = "deleted_at IS NULL",
                                      .metrics = metrics,
                                      .count = METRIC_COUNT};
static const MetricSpace *spaces[METRIC_SPACES];

void
metric_space_add(const MetricSpace *space)
{
    for (int i = 0; i < METRIC_SPACES; i++)
        if (!spaces[i]) {
            spaces[i] = space;
            return;
        }
    log_error("no room for the metrics of %s", space->name);
    abort();
}

const MetricSpace *
metric_space_find(const char *name)
{
    for (int i = 0; i < METRIC_SPACES && spaces[i]; i++)
        if (strcmp(spaces[i]->name, name) == 0)
            return spaces[i];
    return NULL;
}

const Metric *
metric_find(const MetricSpace *space, const char *name)
{
    for (int i = 0; space && i < space->count; i++)
        if (strcmp(space->metrics[i].name, name) == 0)
            return &space->metrics[i];
    return NULL;
}

static PGconn *
open_instance(const char *id)
{
    AUTO_FREE char *name = str_format("instances/%s/run", id);
    AUTO_FREE char *folder = settings_path(name);
    const char *const keys[] = {
        "host", "port", "user", "dbname", "connect_timeout", "application_name", "options", NULL};
    const char *const values[] = {folder,
                                  "5432",
                                  "casement",
                                  "casement",
                                  "3",
                                  "casement metrics",
                                  "-c statement_timeout=5000",
                                  NULL};
    PGconn *link = PQconnectdbParams(keys, values, 0);

    if (PQstatus(link) == CONNECTION_OK)
        return link;
    PQfinish(link);
    return NULL;
}

/* One row of numbers; the texts of column names are the members of Counters and States. */
static const char question[] =
    "SELECT (SELECT sum(value) FROM casement.counters() WHERE name = 'Batch Requests/sec') AS "
    "batches,"
    " (SELECT sum(value) FROM casement.counters() WHERE name = 'SQL Compilations/sec') AS "
    "compilations,"
    " (SELECT sum(value) FROM casement.counters() WHERE name = 'Logins/sec') AS logins,"
    " (SELECT sum(value) FROM casement.counters() WHERE name = 'Logouts/sec') AS logouts,"
    " (SELECT sum(value) FROM casement.counters() WHERE name = 'Errors/sec') AS errors,"
    " (SELECT sum(value) FROM casement.counters() WHERE name = 'Lock Timeouts/sec') AS "
    "lock_timeouts,"
    " (SELECT sum(value) FROM casement.counters() WHERE name = 'Number of Deadlocks/sec') AS "
    "deadlocks,"
    " (SELECT sum(value) FROM casement.counters() WHERE name = 'Bytes Received') AS bytes_in,"
    " (SELECT sum(value) FROM casement.counters() WHERE name = 'Bytes Sent') AS bytes_out,"
    " d.xact_commit + d.xact_rollback AS transactions, d.blks_read AS pages_read, d.blks_hit AS "
    "pages_hit,"
    " (SELECT coalesce(sum(seq_scan), 0) FROM pg_stat_user_tables) AS scans,"
    " (SELECT count(*) FROM casement.sessions()) AS connections,"
    " %s"
    " FROM pg_stat_database d WHERE d.datname = 'casement'";

/* Where PostgreSQL tells of written pages moved with version 17. */
static const char written_16[] =
    "(SELECT buffers_checkpoint + buffers_clean + buffers_backend FROM pg_stat_bgwriter) AS "
    "pages_written, (SELECT buffers_checkpoint FROM pg_stat_bgwriter) AS checkpoint_pages";
static const char written_17[] = "(SELECT sum(writes) FROM pg_stat_io) AS pages_written, (SELECT "
                                 "buffers_written FROM pg_stat_checkpointer) AS checkpoint_pages";

static bool
ask_server(const char *id, Counters *counters, States *states)
{
    PGconn *link = open_instance(id);
    PGresult *rows;
    bool done;

    if (!link)
        return false;
    AUTO_FREE char *sql = mem_new(sizeof(question) + sizeof(written_16), 1);
    snprintf(sql, sizeof(question) + sizeof(written_16), question,
             PQserverVersion(link) >= 170000 ? written_17 : written_16);
    rows = PQexec(link, sql);
    done = PQresultStatus(rows) == PGRES_TUPLES_OK && PQntuples(rows) == 1;
    if (done) {
        counters->batches = row_real(rows, 0, "batches");
        counters->compilations = row_real(rows, 0, "compilations");
        counters->logins = row_real(rows, 0, "logins");
        counters->logouts = row_real(rows, 0, "logouts");
        counters->errors = row_real(rows, 0, "errors");
        counters->lock_timeouts = row_real(rows, 0, "lock_timeouts");
        counters->deadlocks = row_real(rows, 0, "deadlocks");
        counters->bytes_in = row_real(rows, 0, "bytes_in");
        counters->bytes_out = row_real(rows, 0, "bytes_out");
        counters->transactions = row_real(rows, 0, "transactions");
        counters->pages_read = row_real(rows, 0, "pages_read");
        counters->pages_hit = row_real(rows, 0, "pages_hit");
        counters->scans = row_real(rows, 0, "scans");
        counters->pages_written = row_real(rows, 0, "pages_written");
        counters->checkpoint_pages = row_real(rows, 0, "checkpoint_pages");
        states->connections = row_real(rows, 0, "connections");
    } else {
        log_warning("metrics of %s: %s", id, PQerrorMessage(link));
    }
    PQclear(rows);
    PQfinish(link);
    return done;
}

/* Remembers the counters; those of before in *before, or false. */
static bool
swap_previous(
    const char *id, Moment now, const Counters *counters, Counters *before, double *seconds)
{
    Previous *one;
    bool known;

    pthread_mutex_lock(&lock);
    for (one = previous; one && strcmp(one->id, id) != 0;)
        one = one->next;
    known = one != NULL;
    if (known) {
        *before = one->counters;
        *seconds = (double) (now - one->at) / 1e6;
    } else {
        one = MEM_NEW(Previous);
        snprintf(one->id, sizeof(one->id), "%s", id);
        one->next = previous;
        previous = one;
    }
    one->at = now;
    one->counters = *counters;
    pthread_mutex_unlock(&lock);
    /* After a pause (a stopped daemon, a stopped instance) a rate would be a lie. */
    return known && *seconds > 1 && *seconds < 600;
}

/* Per second; a counter that went back belongs to a server that was started anew. */
static double
rate(double now, double before, double seconds)
{
    return now >= before ? (now - before) / seconds : NAN;
}

static void
fill_rates(
    double *readings, const Counters *now, const Counters *before, double seconds, double cpus)
{
    double hits = now->pages_hit - before->pages_hit, reads = now->pages_read - before->pages_read;
    double cpu = rate(now->cpu_seconds, before->cpu_seconds, seconds) / (cpus > 0 ? cpus : 1) * 100;

    readings[METRIC_CPU] = cpu > 100 ? 100 : cpu;
    readings[METRIC_IOPS] = rate(now->pages_read + now->pages_written,
                                 before->pages_read + before->pages_written, seconds);
    readings[METRIC_BYTES_IN] = rate(now->bytes_in, before->bytes_in, seconds);
    readings[METRIC_BYTES_OUT] = rate(now->bytes_out, before->bytes_out, seconds);
    readings[METRIC_DISK_READ] = rate(now->read_bytes, before->read_bytes, seconds);
    readings[METRIC_DISK_WRITE] = rate(now->written_bytes, before->written_bytes, seconds);
    readings[METRIC_TRANSACTIONS] = rate(now->transactions, before->transactions, seconds);
    readings[METRIC_BATCHES] = rate(now->batches, before->batches, seconds);
    readings[METRIC_LOGINS] = rate(now->logins, before->logins, seconds);
    readings[METRIC_LOGOUTS] = rate(now->logouts, before->logouts, seconds);
    readings[METRIC_CACHE_HITS] = hits < 0 || reads < 0 ? NAN
                                  : hits + reads > 0    ? hits * 100 / (hits + reads)
                                                        : 100;
    readings[METRIC_COMPILATIONS] = rate(now->compilations, before->compilations, seconds);
    readings[METRIC_FULL_SCANS] = rate(now->scans, before->scans, seconds);
    readings[METRIC_ERRORS] = rate(now->errors, before->errors, seconds);
    readings[METRIC_LOCK_TIMEOUTS] = rate(now->lock_timeouts, before->lock_timeouts, seconds);
    readings[METRIC_DEADLOCKS] = rate(now->deadlocks, before->deadlocks, seconds);
    readings[METRIC_CHECKPOINT_PAGES] =
        rate(now->checkpoint_pages, before->checkpoint_pages, seconds);
    readings[METRIC_PAGE_READS] = rate(now->pages_read, before->pages_read, seconds);
}

static void
fill_states(double *readings, const States *states, const Flavor *flavor, double volume_gb)
{
    double used = states->disk_bytes / 1073741824.0;

    readings[METRIC_MEMORY] = states->memory_bytes / (flavor->ram_gb * 1073741824.0);
    readings[METRIC_DISK_TOTAL] = volume_gb;
    readings[METRIC_DISK_USED] = used;
    readings[METRIC_DISK_UTIL] = used / volume_gb;
    readings[METRIC_CONNECTIONS] = states->connections;
    readings[METRIC_WORKER_USAGE] = states->connections * 100 / flavor->max_connections;
}

void
metric_keep(StoreConn *store, const char *id, Moment now, const double *readings, int count)
{
    Buffer text = {0};

    buffer_add_text(&text, "{");
    for (int i = 1; i <= count; i++) {
        if (isnan(readings[i]))
            buffer_add_text(&text, i > 1 ? ",NULL" : "NULL");
        else
            buffer_format(&text, "%s%.17g", i > 1 ? "," : "", readings[i]);
    }
    buffer_add_text(&text, "}");
    if (store_run(store,
                  "INSERT INTO metric_minute (instance_id, minute, readings)"
                  " VALUES ($1, date_trunc('minute', $2::timestamptz), $3::float8[])"
                  " ON CONFLICT (instance_id, minute) DO UPDATE SET readings = excluded.readings",
                  "sms", id, now, text.text) < 0)
        log_warning("metrics of instance %s: %s", id, store_error(store));
    buffer_done(&text);
}

static void
measure(StoreConn *store, const char *id, const char *flavor_name, double volume_gb)
{
    const Flavor *flavor = flavor_find(flavor_name);
    double readings[METRIC_COUNT + 1], seconds = 0;
    Counters counters = {0}, before = {0};
    States states = {0};
    AgentUsage usage = {0};
    Moment now = moment_now();

    if (!flavor || agent_instance_usage(id, &usage) != 0 || !ask_server(id, &counters, &states))
        return;
    for (int i = 0; i <= METRIC_COUNT; i++)
        readings[i] = NAN;
    counters.cpu_seconds = usage.cpu_seconds;
    counters.read_bytes = (double) usage.read_bytes;
    counters.written_bytes = (double) usage.written_bytes;
    states.memory_bytes = (double) usage.memory_bytes;
    states.disk_bytes = (double) usage.disk_bytes;
    fill_states(readings, &states, flavor, volume_gb);
    if (swap_previous(id, now, &counters, &before, &seconds))
        fill_rates(readings, &counters, &before, seconds, flavor->vcpus);
    metric_keep(store, id, now, readings, METRIC_COUNT);
}

void
metrics_collect(StoreConn *store)
{
    AUTO_ROWS PGresult *rows =
        store_query(store,
                    "SELECT id, flavor, volume_gb FROM rds_instance WHERE deleted_at IS NULL AND "
                    "slot IS NOT NULL"
                    " AND status NOT IN ('BUILD', 'CREATE FAIL', 'SHUTDOWN', 'FAILED')",
                    "");

    for (int i = 0; rows && i < PQntuples(rows); i++)
        measure(store, row_text(rows, i, "id"), row_text(rows, i, "flavor"),
                row_real(rows, i, "volume_gb"));
}

void
metrics_clean(StoreConn *store)
{
    Buffer sql = {0};

    buffer_add_text(&sql, "DELETE FROM metric_minute WHERE minute < now() - make_interval(days => "
                          "$1) OR (true");
    for (int i = 0; i < METRIC_SPACES && spaces[i]; i++)
        buffer_format(&sql, " AND instance_id NOT IN (SELECT id FROM %s)", spaces[i]->table);
    buffer_add_text(&sql, ")");
    if (store_run(store, sql.text, "i", METRIC_DAYS) < 0)
        log_warning("old metrics could not be dropped: %s", store_error(store));
    buffer_done(&sql);
}
