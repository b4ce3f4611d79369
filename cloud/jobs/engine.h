/*
 * engine.h: what the files of cloud/jobs share: registered kinds, and running one taken job.
 */
#pragma once

#include "jobs/job.h"

typedef enum JobOutcome {
    JOB_ENDED,   /* Completed, Failed, or taken over by another worker */
    JOB_WAITING, /* to be taken again after *milliseconds */
    JOB_STOPPED  /* left between two steps because the daemon ends, or because the store is lost */
} JobOutcome;

/* Runs the job that the connection's session holds the lock of, as far as it goes. */
JobOutcome job_run(StoreConn *store, const char *id, int *milliseconds);

const JobKind *job_kind_find(const char *name);
/* The names of the registered kinds as an array of PostgreSQL; owned by the registry. */
const char *job_kind_array(void);

/* Ends the daemon when a test asked for it at this point. */
void job_kill_point(const char *kind, const char *step, const char *side);
/* Whether a test wants the step to fail. */
bool job_fail_point(const char *kind, const char *step);
