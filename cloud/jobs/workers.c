/*
 * workers.c: the threads that take jobs and do periodic work; see job.h.
 *
 * One thread listens: a NOTIFY says that a job was started somewhere, a due time that one which
 * waits may go on or that periodic work is to be done, and every five seconds it looks for what a
 * dead daemon left. It wakes one worker; a worker that finds a job wakes the next before it runs
 * it, so that as many are awake as there is work.
 */
#include "jobs/engine.h"

#include "base/log.h"
#include "base/memory.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#define SWEEP_MILLISECONDS 5000
#define MOST_WORKERS 64
#define MOST_SCHEDULES 64
#define MOST_WAITING 1024 /* due times known here; those beyond are found by the sweep */

typedef struct Schedule {
    const char *name;
    int seconds;
    void (*run)(StoreConn *store);
    Moment due;
    bool running;
} Schedule;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t work = PTHREAD_COND_INITIALIZER;
static pthread_t listener, workers[MOST_WORKERS];
static int worker_count;
static int listener_event = -1; /* an eventfd: due times changed, or the end */

/* Under the mutex. */
static bool stopping, maybe_work;
static char running[MOST_WORKERS][41]; /* the jobs that this daemon's workers have */
static Moment waiting[MOST_WAITING];
static int waiting_count;
static Schedule schedules[MOST_SCHEDULES];
static int schedule_count;

void
job_every(const char *name, int seconds, void (*run)(StoreConn *store))
{
    if (schedule_count == MOST_SCHEDULES)
        abort();
    schedules[schedule_count++] =
        (Schedule){.name = name, .seconds = seconds, .run = run, .due = moment_now()};
}

bool
job_stopping(void)
{
    pthread_mutex_lock(&mutex);
    bool answer = stopping;
    pthread_mutex_unlock(&mutex);
    return answer;
}

static void
wake_listener(void)
{
    uint64_t one = 1;

    if (write(listener_event, &one, sizeof(one)) < 0 && errno != EAGAIN)
        log_error("cannot wake the listener: %s", strerror(errno));
}

static void
wake_worker(void)
{
    pthread_mutex_lock(&mutex);
    maybe_work = true;
    pthread_cond_signal(&work);
    pthread_mutex_unlock(&mutex);
}

/* Remembers when a waiting job may go on. */
static void
note_due(int milliseconds)
{
    pthread_mutex_lock(&mutex);
    if (waiting_count < MOST_WAITING)
        waiting[waiting_count++] = moment_now() + (Moment) milliseconds * 1000;
    pthread_mutex_unlock(&mutex);
    wake_listener();
}

/* Forgets due times that have come; says whether there were any, and how long until the next. */
static bool
take_due(int *milliseconds)
{
    Moment now = moment_now(), next = now + SWEEP_MILLISECONDS * 1000;
    bool came = false;

    pthread_mutex_lock(&mutex);
    for (int i = 0; i < waiting_count;) {
        if (waiting[i] <= now) {
            came = true;
            waiting[i] = waiting[--waiting_count];
        } else {
            next = waiting[i] < next ? waiting[i] : next;
            i++;
        }
    }
    for (int i = 0; i < schedule_count; i++) {
        if (schedules[i].running)
            continue;
        came = came || schedules[i].due <= now;
        if (schedules[i].due > now && schedules[i].due < next)
            next = schedules[i].due;
    }
    pthread_mutex_unlock(&mutex);
    *milliseconds = (int) ((next - now) / 1000) + 1;
    return came;
}

/* A connection that listens, or NULL while the store cannot be reached. */
static PGconn *
listen_link(PGconn *link)
{
    if (link && PQstatus(link) == CONNECTION_OK)
        return link;
    PQfinish(link);
    link = store_link_open("casementd listener");
    PGresult *done = PQexec(link, "LISTEN casement_job");
    bool listening = PQresultStatus(done) == PGRES_COMMAND_OK;
    PQclear(done);
    if (listening)
        return link;
    PQfinish(link);
    return NULL;
}

/* Whether notifications came. */
static bool
take_notifications(PGconn *link)
{
    bool came = false;

    if (!PQconsumeInput(link))
        return true; /* the connection was lost: look for work, listen anew */
    for (PGnotify *notify; (notify = PQnotifies(link)) != NULL; PQfreemem(notify))
        came = true;
    return came;
}

static void *
listen_for_work(void *unused)
{
    PGconn *link = NULL;
    Moment swept = 0;

    while (!job_stopping()) {
        int milliseconds = SWEEP_MILLISECONDS;
        uint64_t count;

        link = listen_link(link);
        bool came = take_due(&milliseconds);
        if (moment_now() - swept >= SWEEP_MILLISECONDS * 1000) {
            swept = moment_now();
            came = true;
        }
        if (came)
            wake_worker();
        struct pollfd events[] = {{.fd = listener_event, .events = POLLIN},
                                  {.fd = link ? PQsocket(link) : -1, .events = POLLIN}};
        if (poll(events, 2, milliseconds) < 0)
            continue;
        if (events[0].revents && read(listener_event, &count, sizeof(count)) < 0)
            continue;
        if (events[1].revents && take_notifications(link))
            wake_worker();
    }
    PQfinish(link);
    return NULL;
}

/* The ids that this daemon runs, as an array of PostgreSQL; owned by the caller. */
static char *
running_array(void)
{
    Buffer array = {0};

    buffer_add_text(&array, "{");
    pthread_mutex_lock(&mutex);
    for (int i = 0; i < worker_count; i++)
        if (running[i][0])
            buffer_format(&array, "%s%s", array.length > 1 ? "," : "", running[i]);
    pthread_mutex_unlock(&mutex);
    buffer_add_text(&array, "}");
    return array.text;
}

#define JOB_LOCK "hashtextextended(id, 7101)"

/* How many jobs of one project may run at once: some workers stay for the others', so that a
 * project with many long ones makes nobody wait for their end. */
static int
most_of_project(void)
{
    return worker_count > 2 ? worker_count - worker_count / 3 : 1;
}

/*
 * Takes the lock of a job that is due and nobody's; its id, owned by the caller, or NULL. Projects
 * take turns: the project with the fewest jobs running here comes first, and of one project the job
 * that waits longest. The scan stops at the first lock it gets, so that it takes no more than one.
 */
static char *
take_job(StoreConn *store, int worker)
{
    AUTO_FREE char *mine = running_array();
    char *id = store_value(
        store,
        "WITH busy AS MATERIALIZED (SELECT project_id, count(*) AS jobs FROM job WHERE id = ANY "
        "($2::text[]) GROUP BY project_id), due AS MATERIALIZED (SELECT id, not_before, created, "
        "coalesce(jobs, 0) + row_number() OVER (PARTITION BY project_id ORDER BY not_before, "
        "created) AS turn FROM job LEFT JOIN busy USING (project_id) WHERE status = 'Running' AND "
        "not_before <= now() AND kind = ANY ($1::text[]) AND id <> ALL ($2::text[]) AND "
        "coalesce(jobs, 0) < $3), line AS MATERIALIZED (SELECT id FROM due ORDER BY turn, "
        "not_before, created LIMIT 256) SELECT id FROM line WHERE pg_try_advisory_lock(" JOB_LOCK
        ") LIMIT 1",
        "ssi", job_kind_array(), mine, most_of_project());
    bool ours = id != NULL;

    /* Two workers of this daemon may have asked at once: the session's lock decided. */
    pthread_mutex_lock(&mutex);
    for (int i = 0; ours && i < worker_count; i++)
        ours = strcmp(running[i], id) != 0;
    if (ours)
        snprintf(running[worker], sizeof(running[worker]), "%s", id);
    pthread_mutex_unlock(&mutex);
    if (id && !ours) {
        store_run(store, "SELECT pg_advisory_unlock(hashtextextended($1, 7101))", "s", id);
        free(id);
        id = NULL;
    }
    return id;
}

static void
give_back(StoreConn *store, int worker, const char *id)
{
    pthread_mutex_lock(&mutex);
    running[worker][0] = '\0';
    pthread_mutex_unlock(&mutex);
    store_run(store, "SELECT pg_advisory_unlock(hashtextextended($1, 7101))", "s", id);
}

/* Runs one job. False when there was none. */
static bool
work_on_job(StoreConn *store, int worker)
{
    char *id = take_job(store, worker);
    int milliseconds = 0;

    if (!id)
        return false;
    wake_worker(); /* there may be more */
    JobOutcome outcome = job_run(store, id, &milliseconds);
    give_back(store, worker, id);
    if (outcome == JOB_WAITING)
        note_due(milliseconds);
    free(id);
    return outcome != JOB_STOPPED;
}

static Schedule *
take_schedule(void)
{
    Schedule *found = NULL;
    Moment now = moment_now();

    pthread_mutex_lock(&mutex);
    for (int i = 0; !found && i < schedule_count; i++)
        if (!schedules[i].running && schedules[i].due <= now)
            found = &schedules[i];
    if (found)
        found->running = true;
    pthread_mutex_unlock(&mutex);
    return found;
}

/* Whether it is this daemon's turn: the row's time is moved by one of them. */
static bool
claim_schedule(StoreConn *store, const Schedule *schedule)
{
    store_run(store, "INSERT INTO job_schedule (name) VALUES ($1) ON CONFLICT DO NOTHING", "s",
              schedule->name);
    return store_run(store,
                     "UPDATE job_schedule SET last_run = now() WHERE name = $1 AND last_run <= "
                     "now() - $2 * interval '1 s'",
                     "sf", schedule->name, schedule->seconds * 0.9) == 1;
}

void
job_soon(StoreConn *store, const char *name)
{
    store_run(store, "UPDATE job_schedule SET last_run = '-infinity' WHERE name = $1", "s", name);
}

/* Does one piece of periodic work. False when none is due. */
static bool
work_on_schedule(StoreConn *store)
{
    Schedule *schedule = take_schedule();

    if (!schedule)
        return false;
    wake_worker();
    AUTO_FREE char *lock =
        store_value(store, "SELECT pg_try_advisory_lock(hashtextextended($1, 7103))::text", "s",
                    schedule->name);
    if (lock && strcmp(lock, "true") == 0) {
        if (claim_schedule(store, schedule))
            schedule->run(store);
        store_rollback(store); /* of one that forgot to end its transaction */
        store_run(store, "SELECT pg_advisory_unlock(hashtextextended($1, 7103))", "s",
                  schedule->name);
    }
    pthread_mutex_lock(&mutex);
    schedule->running = false;
    schedule->due += schedule->seconds * MOMENT_SECOND;
    if (schedule->due < moment_now())
        schedule->due = moment_now() + schedule->seconds * MOMENT_SECOND;
    pthread_mutex_unlock(&mutex);
    wake_listener();
    return true;
}

/* Waits until there may be work; false at the end. */
static bool
wait_for_work(void)
{
    pthread_mutex_lock(&mutex);
    while (!maybe_work && !stopping)
        pthread_cond_wait(&work, &mutex);
    maybe_work = false;
    bool go_on = !stopping;
    pthread_mutex_unlock(&mutex);
    return go_on;
}

static void *
work_on(void *argument)
{
    int worker = (int) (intptr_t) argument;
    StoreConn *store = store_connect();

    while (wait_for_work())
        while (!job_stopping() && (work_on_schedule(store) || work_on_job(store, worker)))
            continue;
    store_close(store);
    return NULL;
}

/* Jobs are history after a month. */
static void
clean_old_jobs(StoreConn *store)
{
    store_run(store, "DELETE FROM job WHERE ended < now() - interval '30 days'", "");
}

int
jobs_run(int count)
{
    job_every("jobs-clean", 3600, clean_old_jobs);
    listener_event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (listener_event < 0)
        return -errno;
    stopping = false;
    maybe_work = true;
    worker_count = count < 1 ? 1 : count > MOST_WORKERS ? MOST_WORKERS : count;
    for (int i = 0; i < worker_count; i++) {
        int error = pthread_create(&workers[i], NULL, work_on, (void *) (intptr_t) i);
        if (error)
            return -error;
    }
    return -pthread_create(&listener, NULL, listen_for_work, NULL);
}

bool
jobs_stop(int seconds)
{
    struct timespec until;
    bool all = true;

    pthread_mutex_lock(&mutex);
    stopping = true;
    pthread_cond_broadcast(&work);
    pthread_mutex_unlock(&mutex);
    wake_listener();
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += seconds;
    for (int i = 0; i < worker_count; i++)
        all = pthread_timedjoin_np(workers[i], NULL, &until) == 0 && all;
    all = pthread_timedjoin_np(listener, NULL, &until) == 0 && all;
    return all;
}
