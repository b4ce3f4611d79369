/*
 * One measurement: N connections run one kind of statement for some seconds, over TDS or over
 * PostgreSQL's own protocol, and the latencies come out as one line of JSON. bench/run.py calls it
 * in turn for each side, so that both see the same machine.
 *
 *     load SIDE OPERATION CONNECTIONS SECONDS ROWS
 *
 * SIDE: tds-batch, tds-executesql, tds-execute, pg-simple, pg-prepared, tds-login, tds-login-tls,
 * pg-login, pg-login-tls, tds-bulk, pg-copy, tds-parse, pg-parse, tds-idle, pg-idle.
 * OPERATION: point, update, select1, scan (others: any word). Where the servers are: BENCH_HOST,
 * BENCH_TDS_PORT, BENCH_TDS_PASSWORD, BENCH_PG (a connection string).
 */
#include "tds_client.h"

#include <libpq-fe.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MAX_SAMPLES 2000000

typedef struct Operation {
    const char *name;
    const char *tds;      /* with @a, @b */
    const char *tds_text; /* batch with %d */
    const char *pg;       /* with $1 */
    const char *pg_text;
    int parameters;
    long rows; /* expected, -1: none */
} Operation;

/* The tables are the same rows: dbo.bench_rows in T-SQL is the table of that name in PostgreSQL's
 * schema bench. Updates go by key and set a number. */
static const Operation operations[] = {
    {"point", "SELECT id, name, amount FROM dbo.bench_rows WHERE id = @a",
     "SELECT id, name, amount FROM dbo.bench_rows WHERE id = %d",
     "SELECT id, name, amount FROM bench.bench_rows WHERE id = $1",
     "SELECT id, name, amount FROM bench.bench_rows WHERE id = %d", 1, 1},
    {"update", "UPDATE dbo.bench_rows SET amount = @b WHERE id = @a",
     "UPDATE dbo.bench_rows SET amount = 1 WHERE id = %d",
     "UPDATE bench.bench_rows SET amount = $2 WHERE id = $1",
     "UPDATE bench.bench_rows SET amount = 1 WHERE id = %d", 2, 0},
    {"select1", "SELECT 1 AS one", "SELECT 1 AS one", "SELECT 1 AS one", "SELECT 1 AS one", 0, 1},
    {"scan", "SELECT id, name, amount FROM dbo.bench_scan",
     "SELECT id, name, amount FROM dbo.bench_scan", "SELECT id, name, amount FROM bench.bench_scan",
     "SELECT id, name, amount FROM bench.bench_scan", 0, 1000},
};

typedef struct Worker {
    pthread_t thread;
    int number;
    float *samples; /* microseconds */
    long count;
} Worker;

static const char *side;
static const char *host;
static int tds_port;
static const char *tds_password;
static const char *pg_connection;
static const Operation *operation;
static double seconds;
static int table_rows;
static pthread_barrier_t start_line;
static pthread_barrier_t finish_line; /* of idle connections: until the time is over */
static atomic_bool stop;

static void
fail(const char *what)
{
    fprintf(stderr, "bench: %s\n", what);
    exit(1);
}

static double
now(void)
{
    struct timespec at;

    clock_gettime(CLOCK_MONOTONIC, &at);
    return (double) at.tv_sec * 1e6 + (double) at.tv_nsec / 1e3;
}

static bool
side_is(const char *prefix)
{
    return strncmp(side, prefix, strlen(prefix)) == 0;
}

static int
next_key(unsigned *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return (int) ((*seed >> 8) % (unsigned) table_rows) + 1;
}

static TdsClient *
tds_connect(bool tls)
{
    return tds_client_connect(host, tds_port, "sa", tds_password, "bench", tls);
}

static PGconn *
pg_connect(void)
{
    PGconn *connection = PQconnectdb(pg_connection);

    if (PQstatus(connection) != CONNECTION_OK)
        fail(PQerrorMessage(connection));
    return connection;
}

static void
check_rows(long rows)
{
    if (rows != operation->rows)
        fail("an answer with a wrong number of rows");
}

static void
add_sample(Worker *worker, double began)
{
    if (worker->count < MAX_SAMPLES)
        worker->samples[worker->count++] = (float) (now() - began);
}

/* ---- statements ---- */

static void
tds_statements(Worker *worker)
{
    TdsClient *client = tds_connect(false);
    unsigned seed = (unsigned) worker->number * 7919u + 1;
    TdsRequest request = {0};
    bool batch = side_is("tds-batch");

    if (side_is("tds-executesql"))
        request = tds_request_executesql(operation->tds, operation->parameters);
    else if (!batch)
        request =
            tds_request_execute(tds_client_prepare(client, operation->tds, operation->parameters),
                                operation->parameters);
    for (int warm = 0; warm < 50 || !atomic_load(&stop); warm++) {
        int key = next_key(&seed);
        double began;

        if (warm == 50)
            pthread_barrier_wait(&start_line);
        if (batch) {
            char text[256];

            tds_request_free(&request);
            snprintf(text, sizeof(text), operation->tds_text, key);
            request = tds_request_batch(text);
        } else if (operation->parameters > 0)
            tds_request_set_int(&request, key);
        began = now();
        check_rows(tds_client_run(client, &request));
        if (warm >= 50)
            add_sample(worker, began);
    }
    tds_client_close(client);
}

static void
pg_check(PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);

    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
        fail(PQresultErrorMessage(result));
    if (status == PGRES_TUPLES_OK)
        check_rows(PQntuples(result));
    PQclear(result);
}

static PGresult *
pg_run_prepared(PGconn *connection, int key)
{
    char text[16];
    const char *values[2] = {text, "1"};

    snprintf(text, sizeof(text), "%d", key);
    return PQexecPrepared(connection, "s", operation->parameters, values, NULL, NULL, 0);
}

static void
pg_statements(Worker *worker)
{
    PGconn *connection = pg_connect();
    unsigned seed = (unsigned) worker->number * 7919u + 1;
    bool prepared = side_is("pg-prepared");

    if (prepared)
        PQclear(PQprepare(connection, "s", operation->pg, operation->parameters, NULL));
    for (int warm = 0; warm < 50 || !atomic_load(&stop); warm++) {
        int key = next_key(&seed);
        char text[256];
        double began;

        if (warm == 50)
            pthread_barrier_wait(&start_line);
        snprintf(text, sizeof(text), operation->pg_text, key);
        began = now();
        pg_check(prepared ? pg_run_prepared(connection, key) : PQexec(connection, text));
        if (warm >= 50)
            add_sample(worker, began);
    }
    PQfinish(connection);
}

/* ---- connections ---- */

static void
logins(Worker *worker)
{
    pthread_barrier_wait(&start_line);
    while (!atomic_load(&stop)) {
        double began = now();

        if (side_is("tds"))
            tds_client_close(tds_connect(side_is("tds-login-tls")));
        else
            PQfinish(pg_connect());
        add_sample(worker, began);
    }
}

/* ---- bulk ---- */

static void
pg_copy(PGconn *connection)
{
    PQclear(PQexec(connection, "TRUNCATE bench.bench_load"));
    PQclear(PQexec(connection, "COPY bench.bench_load FROM STDIN"));
    for (long i = 0; i < table_rows; i++) {
        char line[128];
        int length = snprintf(line, sizeof(line), "%ld\trow number %ld\t%llu\n", i, i,
                              (unsigned long long) i * 1000003u);

        if (PQputCopyData(connection, line, length) != 1)
            fail(PQerrorMessage(connection));
    }
    if (PQputCopyEnd(connection, NULL) != 1)
        fail(PQerrorMessage(connection));
    for (PGresult *result; (result = PQgetResult(connection)) != NULL; PQclear(result))
        if (PQresultStatus(result) != PGRES_COMMAND_OK)
            fail(PQresultErrorMessage(result));
}

static void
bulk(Worker *worker)
{
    TdsClient *client = side_is("tds") ? tds_connect(false) : NULL;
    PGconn *connection = client == NULL ? pg_connect() : NULL;

    pthread_barrier_wait(&start_line);
    do {
        double began;

        if (client != NULL) {
            TdsRequest truncate = tds_request_batch("TRUNCATE TABLE dbo.bench_load");

            tds_client_run(client, &truncate);
            tds_request_free(&truncate);
        }
        began = now();
        if (client != NULL)
            tds_client_bulk(client, "dbo.bench_load", table_rows);
        else
            pg_copy(connection);
        add_sample(worker, began);
    } while (!atomic_load(&stop));
    if (client != NULL)
        tds_client_close(client);
    PQfinish(connection);
}

/* ---- parsing: a statement of 30 kB that is never run ---- */

static char *
long_statement(const char *tail)
{
    size_t capacity = 40000;
    char *text = malloc(capacity);
    size_t length = (size_t) snprintf(text, capacity, "SELECT ");

    for (int i = 0; length < 30000; i++)
        length += (size_t) snprintf(
            text + length, capacity - length,
            "%sCASE WHEN %d > %d AND 'some text %d' <> 'x' THEN %d + %d ELSE 0 END",
            i > 0 ? " + " : "", i, i / 2, i, i, i + 1);
    snprintf(text + length, capacity - length, "%s", tail);
    return text;
}

static void
parse(Worker *worker)
{
    TdsClient *client = side_is("tds") ? tds_connect(false) : NULL;
    PGconn *connection = client == NULL ? pg_connect() : NULL;
    int number = 0;

    pthread_barrier_wait(&start_line);
    while (!atomic_load(&stop)) {
        char tail[64];
        char *text;
        double began;

        snprintf(tail, sizeof(tail), " AS never_the_same_%d", number++);
        text = long_statement(tail);
        if (client != NULL) {
            char *guarded = malloc(strlen(text) + 64);
            TdsRequest request;

            snprintf(guarded, strlen(text) + 64, "SET PARSEONLY ON %s SET PARSEONLY OFF", text);
            request = tds_request_batch(guarded);
            began = now();
            tds_client_run(client, &request);
            tds_request_free(&request);
            free(guarded);
        } else {
            PGresult *result;

            began = now();
            result = PQprepare(connection, "", text, 0, NULL);
            if (PQresultStatus(result) != PGRES_COMMAND_OK)
                fail(PQresultErrorMessage(result));
            PQclear(result);
        }
        add_sample(worker, began);
        free(text);
    }
    if (client != NULL)
        tds_client_close(client);
    PQfinish(connection);
}

/* ---- idle connections: held open while run.py reads the backends' memory ---- */

static void
idle(Worker *worker)
{
    if (side_is("tds")) {
        TdsClient *client = tds_connect(false);
        TdsRequest request = tds_request_batch("SELECT 1 AS one");

        tds_client_run(client, &request);
    } else
        PQclear(PQexec(pg_connect(), "SELECT 1"));
    pthread_barrier_wait(&start_line);
    pthread_barrier_wait(&finish_line);
    add_sample(worker, now());
}

static void *
work(void *argument)
{
    Worker *worker = argument;

    if (side_is("tds-login") || side_is("pg-login"))
        logins(worker);
    else if (side_is("tds-bulk") || side_is("pg-copy"))
        bulk(worker);
    else if (side_is("tds-parse") || side_is("pg-parse"))
        parse(worker);
    else if (side_is("tds-idle") || side_is("pg-idle"))
        idle(worker);
    else if (side_is("tds"))
        tds_statements(worker);
    else
        pg_statements(worker);
    return NULL;
}

/* The length of the measurement: the one thing here that time itself ends. */
static void
wait_seconds(void)
{
    struct timespec length = {(time_t) seconds,
                              (long) ((seconds - (double) (time_t) seconds) * 1e9)};

    clock_nanosleep(CLOCK_MONOTONIC, 0, &length, NULL);
}

static int
compare(const void *a, const void *b)
{
    float x = *(const float *) a;
    float y = *(const float *) b;

    return x < y ? -1 : x > y;
}

int
main(int argc, char **argv)
{
    int connections;
    Worker *workers;
    float *all;
    long count = 0;
    double began, took;

    if (argc != 6)
        fail("usage: load SIDE OPERATION CONNECTIONS SECONDS ROWS");
    side = argv[1];
    for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++)
        if (strcmp(operations[i].name, argv[2]) == 0)
            operation = &operations[i];
    connections = (int) strtol(argv[3], NULL, 10);
    seconds = strtod(argv[4], NULL);
    table_rows = (int) strtol(argv[5], NULL, 10);
    host = getenv("BENCH_HOST");
    tds_port = (int) strtol(getenv("BENCH_TDS_PORT"), NULL, 10);
    tds_password = getenv("BENCH_TDS_PASSWORD");
    pg_connection = getenv("BENCH_PG");
    workers = calloc((size_t) connections, sizeof(Worker));
    pthread_barrier_init(&start_line, NULL, (unsigned) connections + 1);
    pthread_barrier_init(&finish_line, NULL, (unsigned) connections + 1);
    for (int i = 0; i < connections; i++) {
        workers[i].number = i;
        workers[i].samples = malloc(sizeof(float) * MAX_SAMPLES);
        pthread_create(&workers[i].thread, NULL, work, &workers[i]);
    }
    pthread_barrier_wait(&start_line);
    printf("started\n");
    fflush(stdout);
    began = now();
    wait_seconds();
    atomic_store(&stop, true);
    if (side_is("tds-idle") || side_is("pg-idle"))
        pthread_barrier_wait(&finish_line);
    took = (now() - began) / 1e6;
    for (int i = 0; i < connections; i++)
        pthread_join(workers[i].thread, NULL);
    if (!side_is("tds-bulk") && !side_is("pg-copy"))
        took = took > seconds ? took : seconds;
    else
        took = (now() - began) / 1e6;
    for (int i = 0; i < connections; i++)
        count += workers[i].count;
    all = malloc(sizeof(float) * (size_t) (count + 1));
    for (int i = 0, at = 0; i < connections; i++) {
        memcpy(all + at, workers[i].samples, sizeof(float) * (size_t) workers[i].count);
        at += (int) workers[i].count;
    }
    qsort(all, (size_t) count, sizeof(float), compare);
    printf("{\"count\": %ld, \"seconds\": %.3f, \"p50\": %.1f, \"p99\": %.1f}\n", count, took,
           count ? all[count / 2] : 0, count ? all[count * 99 / 100] : 0);
    return 0;
}
