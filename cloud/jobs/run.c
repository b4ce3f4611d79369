/*
 * run.c: takes one job through its steps; see job.h.
 *
 * The end of a step and the begin of the next are one commit. Whoever dies in between leaves the
 * step begun, and it is run again. A failure is recorded before the clean-up begins, so that it too
 * is gone through again after a death.
 */
#include "jobs/engine.h"

#include "base/log.h"
#include "base/memory.h"

#include <errno.h>
#include <string.h>

#define RETRY_MILLISECONDS 1000
#define AGAIN_MILLISECONDS 500

typedef struct Job {
    JobContext context;
    const JobKind *kind;
    char *id, *project_id, *resource_id;
    char *worker; /* this claim's name */
    int step;     /* from 0; the one that is to run */
    int attempts;
    bool failing; /* its reason is recorded: only the clean-up is left */
} Job;

static void
job_done(Job *job)
{
    json_decref(job->context.data);
    json_decref(job->context.result);
    free(job->context.reason);
    free(job->id);
    free(job->project_id);
    free(job->resource_id);
    free(job->worker);
}

static json_t *
object_of(const char *text)
{
    json_t *value = json_loads(text, 0, NULL);

    return value ? value : json_object();
}

/* The step to go on with: by its recorded name, since a newer build may number them otherwise. */
static int
step_index(const JobKind *kind, int number, const char *name)
{
    int count = 0;

    for (; kind->steps[count].name; count++)
        if (strcmp(kind->steps[count].name, name) == 0)
            return count;
    return number <= 1 ? 0 : number - 1 < count ? number - 1 : count;
}

/* Takes the job under a fresh name. False when it has ended meanwhile or the store fails. */
static bool
load(Job *job, StoreConn *store, const char *id)
{
    AUTO_ROWS PGresult *rows = store_query(
        store,
        "UPDATE job SET worker = gen_random_uuid()::text WHERE id = (SELECT id FROM job WHERE id = "
        "$1 AND status = 'Running' AND not_before <= now() FOR UPDATE SKIP LOCKED) RETURNING "
        "kind, project_id, resource_id, step, step_name, attempts, data, result, fail_reason, "
        "worker",
        "s", id);

    if (!rows || PQntuples(rows) == 0)
        return false;
    job->kind = job_kind_find(row_text(rows, 0, "kind"));
    if (!job->kind)
        return false;
    job->id = str_copy(id);
    job->project_id = str_copy(row_text(rows, 0, "project_id"));
    job->resource_id = str_copy(row_text(rows, 0, "resource_id"));
    job->worker = str_copy(row_text(rows, 0, "worker"));
    job->step =
        step_index(job->kind, (int) row_number(rows, 0, "step"), row_text(rows, 0, "step_name"));
    job->attempts = (int) row_number(rows, 0, "attempts");
    job->failing = !row_is_null(rows, 0, "fail_reason");
    job->context = (JobContext){
        .store = store,
        .id = job->id,
        .kind = job->kind->name,
        .project_id = job->project_id,
        .resource_id = job->resource_id,
        .data = object_of(row_text(rows, 0, "data")),
        .result = object_of(row_text(rows, 0, "result")),
        .reason = job->failing ? str_copy(row_text(rows, 0, "fail_reason")) : NULL,
    };
    return true;
}

/* An UPDATE of the job's row, by the worker that has it, that changed it. */
#define OF_MINE " WHERE id = $1 AND worker = $2 AND status = 'Running'"

static bool
record_begin(Job *job, const char *step_name)
{
    job->attempts++;
    return store_run(job->context.store,
                     "UPDATE job SET step = $3, step_name = $4, attempts = $5" OF_MINE, "ssisi",
                     job->id, job->worker, job->step + 1, step_name, job->attempts) == 1;
}

/* The step's end and the next one's begin. */
static bool
record_next(Job *job)
{
    const JobStep *done = &job->kind->steps[job->step], *next = done + 1;

    job->attempts = 1;
    return store_run(job->context.store,
                     "UPDATE job SET step = $3, step_name = $4, attempts = 1, data = $5, result = "
                     "$6, percent = greatest(percent, $7)" OF_MINE,
                     "ssisjji", job->id, job->worker, job->step + 2, next->name, job->context.data,
                     job->context.result, done->percent) == 1;
}

static bool
record_again(Job *job, int milliseconds, bool counts)
{
    return store_run(job->context.store,
                     "UPDATE job SET attempts = $3, data = $4, result = $5, not_before = now() + "
                     "$6 * interval '1 ms'" OF_MINE,
                     "ssijji", job->id, job->worker, counts ? job->attempts : 0, job->context.data,
                     job->context.result, milliseconds) == 1;
}

static bool
record_failing(Job *job)
{
    job->failing = true;
    job->attempts = 0;
    return store_run(
               job->context.store,
               "UPDATE job SET fail_reason = $3, data = $4, result = $5, attempts = 0" OF_MINE,
               "sssjj", job->id, job->worker,
               job->context.reason ? job->context.reason : "internal error", job->context.data,
               job->context.result) == 1;
}

static bool
record_end(Job *job, const char *status)
{
    return store_run(job->context.store,
                     "UPDATE job SET status = $3, ended = now(), data = $4, result = $5, percent = "
                     "CASE WHEN $3 = 'Completed' THEN 100 ELSE percent END" OF_MINE,
                     "sssjj", job->id, job->worker, status, job->context.data,
                     job->context.result) == 1;
}

/* A step that returns with its transaction open has made a mistake: nothing of it is kept. */
static int
close_transaction(Job *job, const char *step, int result)
{
    if (!store_in_transaction(job->context.store))
        return result;
    store_rollback(job->context.store);
    if (result < 0)
        return result;
    log_error("job %s: step %s of %s left a transaction open", job->id, step, job->kind->name);
    return job_fail(&job->context, -EIO, "internal error in step %s", step);
}

static int
again_milliseconds(const Job *job)
{
    return job->context.again_milliseconds > 0 ? job->context.again_milliseconds
                                               : AGAIN_MILLISECONDS;
}

static JobOutcome
wait_again(Job *job, int delay, bool counts, int *milliseconds)
{
    *milliseconds = delay;
    return record_again(job, delay, counts) ? JOB_WAITING : JOB_STOPPED;
}

/* The clean-up. When it cannot be done in so many attempts the job ends all the same, and says so.
 */
static JobOutcome
clean_up(Job *job, int *milliseconds)
{
    int result = 0;

    if (!record_begin(job, "failed"))
        return JOB_STOPPED;
    if (job->kind->failed) {
        job_kill_point(job->kind->name, "failed", "before");
        result = close_transaction(job, "failed", job->kind->failed(&job->context));
        job_kill_point(job->kind->name, "failed", "after");
    }
    if (result == JOB_AGAIN)
        return wait_again(job, again_milliseconds(job), false, milliseconds);
    if (result < 0 && job->attempts < JOB_ATTEMPTS)
        return wait_again(job, RETRY_MILLISECONDS * job->attempts, true, milliseconds);
    if (result < 0)
        log_error("job %s (%s of %s): the clean-up failed too: %s", job->id, job->kind->name,
                  job->resource_id, job->context.reason ? job->context.reason : strerror(-result));
    return record_end(job, "Failed") ? JOB_ENDED : JOB_STOPPED;
}

static JobOutcome
begin_clean_up(Job *job, int *milliseconds)
{
    log_warning("job %s (%s of %s) failed in step %s: %s", job->id, job->kind->name,
                job->resource_id, job->kind->steps[job->step].name,
                job->context.reason ? job->context.reason : "no reason given");
    return record_failing(job) ? clean_up(job, milliseconds) : JOB_STOPPED;
}

static int
run_step(Job *job, const JobStep *step)
{
    int result;

    job->context.again_milliseconds = 0;
    job_kill_point(job->kind->name, step->name, "before");
    if (job_fail_point(job->kind->name, step->name))
        return job_fail(&job->context, -EIO, "step %s was told to fail", step->name);
    result = close_transaction(job, step->name, step->run(&job->context));
    job_kill_point(job->kind->name, step->name, "after");
    return result;
}

static JobOutcome
run_steps(Job *job, int *milliseconds)
{
    const JobStep *step = &job->kind->steps[job->step];

    if (step->name && !record_begin(job, step->name))
        return JOB_STOPPED;
    for (; step->name; step++, job->step++) {
        if (job->attempts > JOB_ATTEMPTS) {
            job_fail(&job->context, -EIO, "step %s did not come to an end in %d attempts",
                     step->name, JOB_ATTEMPTS);
            return begin_clean_up(job, milliseconds);
        }
        int result = run_step(job, step);
        if (result == JOB_AGAIN)
            return wait_again(job, again_milliseconds(job), false, milliseconds);
        if (result < 0 && store_lost(job->context.store))
            return wait_again(job, RETRY_MILLISECONDS, true, milliseconds);
        if (result < 0)
            return begin_clean_up(job, milliseconds);
        if (!step[1].name)
            break;
        if (!record_next(job) || job_stopping())
            return JOB_STOPPED;
    }
    return record_end(job, "Completed") ? JOB_ENDED : JOB_STOPPED;
}

JobOutcome
job_run(StoreConn *store, const char *id, int *milliseconds)
{
    Job job = {0};
    JobOutcome outcome = JOB_ENDED;

    if (load(&job, store, id))
        outcome = job.failing ? clean_up(&job, milliseconds) : run_steps(&job, milliseconds);
    job_done(&job);
    return outcome;
}
