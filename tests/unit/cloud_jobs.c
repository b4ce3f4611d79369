/*
 * cloud_jobs.c: the store and its jobs, over a private cluster of PostgreSQL in a temporary folder.
 * Daemons are child processes of this program: they die where a test wants it.
 */
#include "base/memory.h"
#include "jobs/job.h"
#include "store/cluster.h"

#include "check.h"

#include <errno.h>
#include <ftw.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[] = "/tmp/casement-jobs-XXXXXX";
static char *once_file;
static StoreConn *store;

/* ---- Kinds: what a step did is in the table trace ---- */

static int
trace(JobContext *context, const char *step)
{
    return store_run(context->store, "INSERT INTO trace (job, step) VALUES ($1, $2)", "ss",
                     context->id, step) == 1
               ? 0
               : job_fail(context, -EIO, "no trace");
}

static int
step_one(JobContext *context)
{
    json_object_set_new(context->data, "one", json_true());
    json_object_set_new(context->result, "seen", json_integer(1));
    return trace(context, "one");
}

static int
step_two(JobContext *context)
{
    if (!json_flag(context->data, "one", false))
        return job_fail(context, -EINVAL, "the data of step one is lost");
    return trace(context, "two");
}

static int
step_again(JobContext *context)
{
    long long count = json_number(context->data, "count", 0);

    json_object_set_new(context->data, "count", json_integer(count + 1));
    context->again_milliseconds = 20;
    return count < 3 ? JOB_AGAIN : trace(context, "again");
}

static int
step_slow(JobContext *context)
{
    poll(NULL, 0, 30);
    return trace(context, "slow");
}

static int
step_wrong(JobContext *context)
{
    return job_fail(context, -EIO, "%s is wrong", "this");
}

static int
step_forgetful(JobContext *context)
{
    store_begin(context->store);
    return trace(context, "kept although the transaction was left open");
}

/* Ends its own connection at the first try. */
static int
step_cut(JobContext *context)
{
    AUTO_FREE char *seen = store_value(
        context->store, "SELECT 1 FROM trace WHERE job = $1 AND step = 'cut'", "s", context->id);

    if (seen)
        return trace(context, "mended");
    trace(context, "cut");
    store_run(context->store, "SELECT pg_terminate_backend(pg_backend_pid())", "");
    return job_fail(context, -EIO, "%s", store_error(context->store));
}

static int
clean(JobContext *context)
{
    AUTO_FREE char *before =
        store_value(context->store, "SELECT count(*) FROM trace WHERE job = $1 AND step = 'clean'",
                    "s", context->id);

    trace(context, "clean");
    return strcmp(before, "0") == 0 && json_flag(context->data, "stubborn", false) ? -EIO : 0;
}

static const JobStep plain_steps[] = {
    {"one", step_one, 40}, {"two", step_two, 90}, {NULL, NULL, 0}};
static const JobStep again_steps[] = {{"again", step_again, 50}, {NULL, NULL, 0}};
static const JobStep slow_steps[] = {{"slow", step_slow, 50}, {NULL, NULL, 0}};
static const JobStep wrong_steps[] = {
    {"one", step_one, 40}, {"wrong", step_wrong, 50}, {NULL, NULL, 0}};
static const JobStep forgetful_steps[] = {{"forgetful", step_forgetful, 50}, {NULL, NULL, 0}};
static const JobStep cut_steps[] = {{"cut", step_cut, 50}, {NULL, NULL, 0}};
static const JobKind kinds[] = {{"Plain", plain_steps, NULL},         {"Again", again_steps, NULL},
                                {"Slow", slow_steps, NULL},           {"Wrong", wrong_steps, clean},
                                {"Forgetful", forgetful_steps, NULL}, {"Cut", cut_steps, NULL}};

/* ---- Daemons ---- */

static bool
all_ended(void)
{
    AUTO_FREE char *left =
        store_value(store, "SELECT count(*) FROM job WHERE status = 'Running'", "");

    return left && strcmp(left, "0") == 0;
}

/* In a child process: works until no job runs, at most 20 s. */
static void
be_daemon(const char *kill_at)
{
    store = store_connect();
    if (kill_at)
        setenv("CASEMENT_KILL_AT", kill_at, 1);
    setenv("CASEMENT_KILL_ONCE", once_file, 1);
    if (jobs_run(4) != 0)
        _exit(3);
    for (int waited = 0; waited < 20000 && !all_ended(); waited += 10)
        poll(NULL, 0, 10);
    _exit(jobs_stop(5) ? 0 : 4);
}

/* Its wait status. */
static int
run_daemon(const char *kill_at)
{
    int status = -1;
    pid_t child = fork();

    if (child == 0)
        be_daemon(kill_at);
    waitpid(child, &status, 0);
    return status;
}

static void
start_job(const char *kind, const char *resource, bool exclusive, const json_t *data, char id[41])
{
    CHECK(store_begin(store));
    CHECK_INT(job_start(store, kind, "project", resource, "name", exclusive, data, id), 0);
    CHECK(store_commit(store));
}

static void
check_value(const char *sql, const char *parameter, const char *expected)
{
    AUTO_FREE char *value = store_value(store, sql, "s", parameter);

    if (!value || strcmp(value, expected) != 0)
        check_failure("%s: %s, not %s", sql, value ? value : "(nothing)", expected);
}

static void
check_trace(const char *id, const char *expected)
{
    check_value("SELECT coalesce(string_agg(step, ' ' ORDER BY number), '') FROM trace WHERE job = "
                "$1",
                id, expected);
}

static void
check_job(const char *id, const char *status)
{
    check_value("SELECT status FROM job WHERE id = $1", id, status);
}

/* ---- The store ---- */

static void
migrations_run_once(void)
{
    AUTO_FREE char *before =
        store_value(store, "SELECT max(applied)::text FROM casement_migration", "");

    CHECK_INT(store_migrate(), 0);
    check_value("SELECT max(applied)::text FROM casement_migration WHERE $1 = ''", "", before);
}

static void
values_go_there_and_back(void)
{
    AUTO_JSON json_t *json = json_pack("{s:s}", "a", "it's \"quoted\"");
    Moment moment = 0;

    moment_parse("2026-11-23T10:00:00.123456Z", &moment);
    AUTO_ROWS PGresult *rows = store_query(
        store,
        "SELECT $1::text AS s, $2::int AS i, $3::bigint AS l, $4::bool AS b, $5::timestamptz AS m, "
        "$6::jsonb AS j, $7::float8 AS f, $8::text AS n",
        "silbmjfs", "it's", -5, 1LL << 40, 1, moment, json, 0.1, NULL);
    CHECK(rows != NULL);
    CHECK_STR(row_text(rows, 0, "s"), "it's");
    CHECK_INT(row_number(rows, 0, "i"), -5);
    CHECK_INT(row_number(rows, 0, "l"), 1LL << 40);
    CHECK(row_flag(rows, 0, "b"));
    CHECK_INT(row_moment(rows, 0, "m"), moment);
    CHECK(row_real(rows, 0, "f") == 0.1);
    CHECK(row_is_null(rows, 0, "n"));
    AUTO_JSON json_t *read = json_loads(row_text(rows, 0, "j"), 0, NULL);
    CHECK(json_equal(read, json));
}

static void
failed_transaction_is_not_committed(void)
{
    CHECK(store_begin(store));
    CHECK_INT(store_run(store, "INSERT INTO job_schedule (name) VALUES ('twice')", ""), 1);
    CHECK_INT(store_run(store, "INSERT INTO job_schedule (name) VALUES ('twice')", ""), -1);
    CHECK_STR(store_sqlstate(store), "23505");
    CHECK_STR(store_constraint(store), "job_schedule_pkey");
    CHECK(!store_commit(store));
    check_value("SELECT count(*) FROM job_schedule WHERE name = $1", "twice", "0");
}

static void
lost_connection_is_opened_again(void)
{
    StoreConn *other = store_connect();
    AUTO_FREE char *pid = store_value(other, "SELECT pg_backend_pid()", "");

    CHECK_INT(store_run(store, "SELECT pg_terminate_backend($1::int)", "s", pid), 1);
    poll(NULL, 0, 100);
    AUTO_FREE char *next = store_value(other, "SELECT pg_backend_pid()", "");
    CHECK(next && strcmp(pid, next) != 0);

    CHECK(store_begin(other));
    CHECK_INT(store_run(store, "SELECT pg_terminate_backend($1::int)", "s", next), 1);
    poll(NULL, 0, 100);
    CHECK_INT(store_run(other, "INSERT INTO job_schedule (name) VALUES ('lost')", ""), -1);
    CHECK(store_lost(other));
    CHECK_INT(store_run(other, "INSERT INTO job_schedule (name) VALUES ('lost')", ""), -1);
    CHECK(!store_commit(other));
    CHECK_INT(store_run(other, "SELECT 1", ""), 1);
    store_close(other);
}

static void
prepared_statement_outlives_a_change_of_its_table(void)
{
    store_run(store, "CREATE TABLE shifting (a int)", "");
    for (int i = 0; i < 3; i++)
        CHECK(store_run(store, "SELECT * FROM shifting", "") == 0);
    store_run(store, "ALTER TABLE shifting ADD b text", "");
    CHECK(store_run(store, "SELECT * FROM shifting", "") == 0);
    CHECK(store_run(store, "SELECT * FROM shifting", "") == 0);
}

static void
postmaster_outlives_the_daemon_and_is_found_again(void)
{
    StoreCluster again;
    AUTO_FREE char *path = str_format("%s/store", folder);
    AUTO_FREE char *problem = NULL;
    AUTO_FREE char *began = store_value(store, "SELECT pg_postmaster_start_time()::text", "");

    CHECK_INT(store_cluster_start(&again, path, &problem), 0);
    check_value("SELECT pg_postmaster_start_time()::text WHERE $1 = ''", "", began);
    close(again.process);
    free(again.folder);
}

/* ---- Jobs ---- */

static void
steps_run_in_order_and_keep_their_data(void)
{
    char id[41];

    start_job("Plain", "r1", true, NULL, id);
    CHECK_INT(run_daemon(NULL), 0);
    check_job(id, "Completed");
    check_trace(id, "one two");
    check_value("SELECT percent || ' ' || (result->>'seen') || ' ' || (ended IS NOT NULL) FROM job "
                "WHERE id = $1",
                id, "100 1 true");
}

static void
job_exists_only_with_its_transaction(void)
{
    char id[41];

    CHECK_INT(job_start(store, "Plain", "p", "r", "", true, NULL, id), -EINVAL);
    CHECK(store_begin(store));
    CHECK_INT(job_start(store, "Plain", "p", "rolled-back", "", true, NULL, id), 0);
    store_rollback(store);
    check_value("SELECT count(*) FROM job WHERE resource_id = $1", "rolled-back", "0");
}

static void
resource_has_one_exclusive_job(void)
{
    char first[41], second[41];

    start_job("Plain", "r2", true, NULL, first);
    CHECK(job_busy(store, "r2"));
    CHECK(store_begin(store));
    CHECK_INT(job_start(store, "Plain", "p", "r2", "", true, NULL, second), -EBUSY);
    CHECK_INT(store_run(store, "SELECT 1", ""), 1); /* the transaction is usable */
    CHECK_INT(job_start(store, "Plain", "p", "r2", "", false, NULL, second), 0);
    CHECK(store_commit(store));
    CHECK_INT(run_daemon(NULL), 0);
    CHECK(!job_busy(store, "r2"));
    check_job(first, "Completed");
    check_job(second, "Completed");
}

static void
waiting_step_is_run_again_with_its_data(void)
{
    char id[41];

    start_job("Again", "r3", true, NULL, id);
    CHECK_INT(run_daemon(NULL), 0);
    check_job(id, "Completed");
    check_trace(id, "again");
    check_value("SELECT data->>'count' FROM job WHERE id = $1", id, "4");
}

static void
failure_is_cleaned_up_until_that_succeeds(void)
{
    char id[41];
    AUTO_JSON json_t *data = json_pack("{s:b}", "stubborn", 1);

    start_job("Wrong", "r4", true, data, id);
    CHECK_INT(run_daemon(NULL), 0);
    check_job(id, "Failed");
    check_trace(id, "one clean clean");
    check_value("SELECT fail_reason FROM job WHERE id = $1", id, "this is wrong");
    CHECK(!job_busy(store, "r4"));
}

static void
transaction_left_open_fails_the_step(void)
{
    char id[41];

    start_job("Forgetful", "r5", true, NULL, id);
    CHECK_INT(run_daemon(NULL), 0);
    check_job(id, "Failed");
    check_trace(id, "");
}

static void
lost_store_is_no_failure_of_the_job(void)
{
    char id[41];

    start_job("Cut", "r6", true, NULL, id);
    CHECK_INT(run_daemon(NULL), 0);
    check_job(id, "Completed");
    check_trace(id, "cut mended");
}

static void
kill_at(const char *point, const char *kind, const char *status, const char *expected_trace)
{
    char id[41];

    unlink(once_file);
    start_job(kind, point, true, NULL, id);
    int death = run_daemon(point);
    if (!WIFSIGNALED(death) || WTERMSIG(death) != SIGKILL)
        check_failure("%s: the daemon was not killed but ended with status %d", point, death);
    check_job(id, "Running");
    CHECK_INT(run_daemon(point), 0);
    check_job(id, status);
    check_trace(id, expected_trace);
}

static void
killed_daemon_s_step_is_run_again(void)
{
    kill_at("Plain:one:before", "Plain", "Completed", "one two");
    kill_at("Plain:one:after", "Plain", "Completed", "one one two");
    kill_at("Plain:two:before", "Plain", "Completed", "one two");
    kill_at("Plain:two:after", "Plain", "Completed", "one two two");
    kill_at("Wrong:failed:before", "Wrong", "Failed", "one clean");
    kill_at("Wrong:failed:after", "Wrong", "Failed", "one clean clean");
}

static void
step_that_always_kills_ends_the_job(void)
{
    char id[41];

    start_job("Plain", "r7", true, NULL, id);
    for (int i = 0; i < JOB_ATTEMPTS; i++) {
        unlink(once_file);
        CHECK(WIFSIGNALED(run_daemon("Plain:two:before")));
    }
    unlink(once_file);
    CHECK_INT(run_daemon("Plain:two:before"), 0);
    check_job(id, "Failed");
    check_trace(id, "one");
}

static void
many_jobs_of_many_daemons_run_once_each(void)
{
    char id[41];
    pid_t daemons[3];

    CHECK(store_begin(store));
    for (int i = 0; i < 60; i++) {
        AUTO_FREE char *resource = str_format("many-%d", i);
        CHECK_INT(job_start(store, "Plain", "many", resource, "", true, NULL, id), 0);
    }
    CHECK(store_commit(store));
    for (int i = 0; i < 3; i++)
        if ((daemons[i] = fork()) == 0)
            be_daemon(NULL);
    for (int i = 0; i < 3; i++) {
        int status = -1;
        waitpid(daemons[i], &status, 0);
        CHECK_INT(status, 0);
    }
    check_value("SELECT count(*) FROM job WHERE project_id = $1 AND status = 'Completed'", "many",
                "60");
    check_value(
        "SELECT count(*) || ' ' || count(DISTINCT (trace.job, trace.step)) FROM trace JOIN job ON "
        "job.id = trace.job WHERE project_id = $1",
        "many", "120 120");
}

static void
project_with_few_jobs_does_not_wait_for_one_with_many(void)
{
    char id[41];

    CHECK(store_begin(store));
    for (int i = 0; i < 40; i++) {
        AUTO_FREE char *resource = str_format("crowd-%d", i);
        CHECK_INT(job_start(store, "Slow", "crowd", resource, "", true, NULL, id), 0);
    }
    CHECK(store_commit(store));
    CHECK(store_begin(store));
    CHECK_INT(job_start(store, "Slow", "few", "few-1", "", true, NULL, id), 0);
    CHECK(store_commit(store));
    CHECK_INT(run_daemon(NULL), 0);
    check_job(id, "Completed");
    check_value("SELECT (count(*) <= 8)::text FROM trace JOIN job ON job.id = trace.job WHERE "
                "project_id = 'crowd' AND trace.number < (SELECT number FROM trace WHERE job = $1)",
                id, "true");
    check_value("SELECT count(*) FROM job WHERE project_id = $1 AND status = 'Completed'", "crowd",
                "40");
}

static void
note_run(StoreConn *conn)
{
    store_run(conn, "INSERT INTO trace (job, step) VALUES ('schedule', 'run')", "");
}

/* In a child process: periodic work and nothing else for about three seconds. */
static void
be_clock(void)
{
    store = store_connect();
    job_every("test-clock", 1, note_run);
    jobs_run(2);
    poll(NULL, 0, 3200);
    _exit(jobs_stop(5) ? 0 : 4);
}

static void
periodic_work_is_done_by_one_daemon_at_a_time(void)
{
    pid_t clocks[2];

    for (int i = 0; i < 2; i++)
        if ((clocks[i] = fork()) == 0)
            be_clock();
    for (int i = 0; i < 2; i++) {
        int status = -1;
        waitpid(clocks[i], &status, 0);
        CHECK_INT(status, 0);
    }
    AUTO_FREE char *runs =
        store_value(store, "SELECT count(*) FROM trace WHERE job = 'schedule'", "");
    CHECK(strtol(runs, NULL, 10) >= 2 && strtol(runs, NULL, 10) <= 4);
}

/* ---- The program ---- */

static int
remove_entry(const char *path, const struct stat *about, int kind, struct FTW *level)
{
    return remove(path);
}

/* PostgreSQL does not run as root: this program goes on as the service's user. */
static bool
become_user(void)
{
    struct passwd *user;

    if (geteuid() != 0)
        return true;
    user = getpwnam("casement");
    if (!user)
        user = getpwnam("nobody");
    return user && chown(folder, user->pw_uid, user->pw_gid) == 0 && setgroups(0, NULL) == 0 &&
           setgid(user->pw_gid) == 0 && setuid(user->pw_uid) == 0;
}

static void
run_all(void)
{
    RUN(migrations_run_once);
    RUN(values_go_there_and_back);
    RUN(failed_transaction_is_not_committed);
    RUN(lost_connection_is_opened_again);
    RUN(prepared_statement_outlives_a_change_of_its_table);
    RUN(postmaster_outlives_the_daemon_and_is_found_again);
    RUN(steps_run_in_order_and_keep_their_data);
    RUN(job_exists_only_with_its_transaction);
    RUN(resource_has_one_exclusive_job);
    RUN(waiting_step_is_run_again_with_its_data);
    RUN(failure_is_cleaned_up_until_that_succeeds);
    RUN(transaction_left_open_fails_the_step);
    RUN(lost_store_is_no_failure_of_the_job);
    RUN(killed_daemon_s_step_is_run_again);
    RUN(step_that_always_kills_ends_the_job);
    RUN(many_jobs_of_many_daemons_run_once_each);
    RUN(project_with_few_jobs_does_not_wait_for_one_with_many);
    RUN(periodic_work_is_done_by_one_daemon_at_a_time);
}

int
main(void)
{
    StoreCluster cluster;
    char *problem = NULL;

    if (!mkdtemp(folder) || !become_user()) {
        puts("skip cloud_jobs: no user to run PostgreSQL as");
        return 0;
    }
    AUTO_FREE char *path = str_format("%s/store", folder);
    once_file = str_format("%s/once", folder);
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        job_register(&kinds[i]);
    int error = store_cluster_start(&cluster, path, &problem);
    if (error || store_migrate() != 0) {
        printf("not ok cloud_jobs: the store did not start: %s\n", problem ? problem : "");
        return 1;
    }
    store = store_connect();
    store_run(store,
              "CREATE TABLE trace (number serial PRIMARY KEY, job text NOT NULL, step text NOT "
              "NULL)",
              "");
    run_all();
    store_close(store);
    store_cluster_stop(&cluster);
    nftw(folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    return check_done();
}
