/*
 * job.h: changes that take time. A job is persisted with its named, idempotent steps.
 *
 * A job is started inside the caller's transaction (so that it exists exactly when the change it
 * belongs to was committed) and taken by a worker of any daemon by FOR UPDATE SKIP LOCKED, woken by
 * LISTEN/NOTIFY. Before a step acts, its number is committed; a step that was cut short by a death
 * is run again, so that it must look at what is already there. A worker holds an advisory lock for
 * its job: a dead daemon's jobs become free by themselves.
 *
 * A step returns 0 when done, JOB_AGAIN to be run again after a while (state kept in `data`), or a
 * negative errno with context->reason set: the kind's `failed` then puts things right and the job
 * is Failed. Steps of one resource never run side by side: a resource has at most one exclusive
 * running job.
 */
#pragma once

#include "base/json.h"
#include "store/store.h"

#include <stdbool.h>

#define JOB_AGAIN 1

typedef struct JobContext {
    StoreConn *store;
    const char *id, *kind, *project_id, *resource_id;
    json_t *data;           /* the job's own; committed with each step. Secrets only sealed */
    json_t *result;         /* what the job shows of itself (its entities); committed likewise */
    char *reason;           /* of a failure; freed by the engine; shown to the tenant */
    int again_milliseconds; /* with JOB_AGAIN; 500 unless set */
} JobContext;

typedef struct JobStep {
    const char *name; /* "copy-template" */
    int (*run)(JobContext *context);
    int percent; /* progress once it is done */
} JobStep;

typedef struct JobKind {
    const char *name;                   /* as clients see it, "CreateSqlserverInstance" */
    const JobStep *steps;               /* ended by a NULL name */
    int (*failed)(JobContext *context); /* cleans up after a failure; may be NULL; idempotent */
} JobKind;

/* Once each, before threads; the kind is borrowed for the life of the program. */
void job_register(const JobKind *kind);
/* The registered kinds, NULL-terminated. */
const JobKind *const *job_kinds(void);

/*
 * Within the caller's transaction: a job for the resource. exclusive: -EBUSY when the resource has
 * a running exclusive job (the transaction stays usable: the check is a SELECT ... FOR UPDATE on
 * the resource's lock row). data is borrowed. id gets the new job's id (36-character UUID).
 */
int job_start(StoreConn *store,
              const char *kind,
              const char *project_id,
              const char *resource_id,
              const char *resource_name,
              bool exclusive,
              const json_t *data,
              char id[41]);
/* Says in the job that this much of the running step is done; cheap enough for once a second. */
void job_progress(JobContext *context, int percent);
/* context->reason, formatted; returns the error, for `return job_fail(context, -EIO, "...")`. */
int job_fail(JobContext *context, int error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Whether the resource has a running exclusive job. */
bool job_busy(StoreConn *store, const char *resource_id);

/* Workers: threads that take jobs until jobs_stop. Signals must be blocked by then. */
int jobs_run(int workers);
/*
 * Ends the workers between two steps. Waits at most so long: a longer step is cut short by the end
 * of the daemon and run again by the next one. Returns whether all have ended.
 */
bool jobs_stop(int seconds);
/* Whether the daemon is ending; a long step that can go on later returns JOB_AGAIN then. */
bool job_stopping(void);

/* Periodic work (schedules, cleaning): run about every `seconds` by one worker at a time, over all
 * daemons. */
void job_every(const char *name, int seconds, void (*run)(StoreConn *store));
/* At the start: its first run does not wait for the time that the last daemon left over. */
void job_soon(StoreConn *store, const char *name);

/*
 * A step that was begun JOB_ATTEMPTS times without coming to an end (the daemon died in it each
 * time) makes the job fail. Failures of the store's connection within a step count as such.
 */
#define JOB_ATTEMPTS 5

/*
 * For tests: CASEMENT_KILL_AT="KIND:STEP:before|after" ends the daemon by SIGKILL there, once (the
 * file named by CASEMENT_KILL_ONCE is made first; where it exists nothing happens). The clean-up
 * after a failure is the step "failed". CASEMENT_FAIL_AT="KIND:STEP" makes a step fail in place of
 * running it, so that the clean-up can be tried.
 */
