-- Jobs (cloud/jobs). A resource has at most one running exclusive job; `step` is the number of the step
-- that was begun last; `worker` names the worker that took the job last (a fence: one that lost its connection
-- and with it its lock must not go on).
CREATE TABLE job (
    id            text PRIMARY KEY,
    kind          text NOT NULL,
    project_id    text NOT NULL,
    resource_id   text NOT NULL,
    resource_name text NOT NULL DEFAULT '',
    exclusive     boolean NOT NULL,
    status        text NOT NULL DEFAULT 'Running' CHECK (status IN ('Running', 'Completed', 'Failed')),
    step          int NOT NULL DEFAULT 0,
    step_name     text NOT NULL DEFAULT '',
    percent       int NOT NULL DEFAULT 0,
    attempts      int NOT NULL DEFAULT 0, -- the step was begun so often without an end
    worker        text NOT NULL DEFAULT '',
    data          jsonb NOT NULL DEFAULT '{}',
    result        jsonb NOT NULL DEFAULT '{}', -- what is shown as the job's entities
    fail_reason   text,           -- with status Running: the clean-up is not over
    not_before    timestamptz NOT NULL DEFAULT now(),
    created       timestamptz NOT NULL DEFAULT now(),
    ended         timestamptz
);
CREATE UNIQUE INDEX job_one_exclusive ON job (resource_id) WHERE status = 'Running' AND exclusive;
CREATE INDEX job_waiting ON job (not_before) WHERE status = 'Running';
CREATE INDEX job_of_project ON job (project_id, created DESC);
CREATE INDEX job_of_resource ON job (resource_id, created DESC);
CREATE INDEX job_ended ON job (ended) WHERE ended IS NOT NULL;
CREATE TABLE job_schedule (name text PRIMARY KEY, last_run timestamptz NOT NULL DEFAULT '-infinity');
