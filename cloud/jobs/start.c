/*
 * start.c: kinds of jobs, and how a job comes into being; see job.h.
 */
#include "jobs/engine.h"

#include "base/log.h"
#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MOST_KINDS 128

static const JobKind *kinds[MOST_KINDS + 1];
static int kind_count;
static Buffer kind_array;

void
job_register(const JobKind *kind)
{
    if (kind_count == MOST_KINDS || job_kind_find(kind->name)) {
        log_error("the kind of job %s cannot be registered", kind->name);
        abort();
    }
    kinds[kind_count++] = kind;
    if (kind_array.length)
        kind_array.text[--kind_array.length] = '\0'; /* the closing brace */
    buffer_format(&kind_array, "%s\"%s\"}", kind_count == 1 ? "{" : ",", kind->name);
}

const JobKind *const *
job_kinds(void)
{
    return kinds;
}

const char *
job_kind_array(void)
{
    return kind_array.text ? kind_array.text : "{}";
}

const JobKind *
job_kind_find(const char *name)
{
    for (int i = 0; i < kind_count; i++)
        if (strcmp(kinds[i]->name, name) == 0)
            return kinds[i];
    return NULL;
}

/* Starts of jobs for one resource wait for each other until their transactions end. */
static bool
lock_resource(StoreConn *store, const char *resource_id)
{
    return store_run(store, "SELECT pg_advisory_xact_lock(hashtextextended($1, 7102))", "s",
                     resource_id) >= 0;
}

int
job_start(StoreConn *store,
          const char *kind,
          const char *project_id,
          const char *resource_id,
          const char *resource_name,
          bool exclusive,
          const json_t *data,
          char id[41])
{
    if (!job_kind_find(kind)) {
        log_error("a job of the unknown kind %s was asked for", kind);
        return -EINVAL;
    }
    if (!store_in_transaction(store))
        return -EINVAL;
    if (exclusive) {
        if (!lock_resource(store, resource_id))
            return -EIO;
        if (job_busy(store, resource_id))
            return -EBUSY;
        if (store_failed(store))
            return -EIO;
    }
    AUTO_JSON json_t *none = json_object();
    AUTO_FREE char *made = store_value(
        store,
        "INSERT INTO job (id, kind, project_id, resource_id, resource_name, exclusive, data)"
        " VALUES (gen_random_uuid()::text, $1, $2, $3, $4, $5, $6) RETURNING id",
        "ssssbj", kind, project_id, resource_id, resource_name ? resource_name : "",
        (int) exclusive, data ? data : none);
    if (!made)
        return strcmp(store_sqlstate(store), "23505") == 0 ? -EBUSY : -EIO;
    snprintf(id, 41, "%s", made);
    /* Delivered when the transaction is committed. */
    return store_run(store, "SELECT pg_notify('casement_job', $1)", "s", made) < 0 ? -EIO : 0;
}

bool
job_busy(StoreConn *store, const char *resource_id)
{
    AUTO_FREE char *found = store_value(
        store, "SELECT id FROM job WHERE resource_id = $1 AND status = 'Running' AND exclusive",
        "s", resource_id);

    return found != NULL;
}

void
job_progress(JobContext *context, int percent)
{
    /* Only forward, and written only when it changes something: it costs one small commit. */
    store_run(context->store, "UPDATE job SET percent = $2 WHERE id = $1 AND percent < $2", "si",
              context->id,
              percent < 0    ? 0
              : percent > 99 ? 99
                             : percent);
}

int
job_fail(JobContext *context, int error, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    char *reason = str_vformat(format, arguments);
    va_end(arguments);
    free(context->reason); /* the arguments may have named it */
    context->reason = reason;
    return error < 0 ? error : -EIO;
}

void
job_kill_point(const char *kind, const char *step, const char *side)
{
    const char *wanted = getenv("CASEMENT_KILL_AT");
    const char *once = getenv("CASEMENT_KILL_ONCE");

    if (!wanted)
        return;
    AUTO_FREE char *here = str_format("%s:%s:%s", kind, step, side);
    if (strcmp(wanted, here) != 0)
        return;
    if (once) {
        int file = open(once, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (file < 0)
            return;
        close(file);
    }
    kill(getpid(), SIGKILL);
}

bool
job_fail_point(const char *kind, const char *step)
{
    const char *wanted = getenv("CASEMENT_FAIL_AT");

    if (!wanted)
        return false;
    AUTO_FREE char *here = str_format("%s:%s", kind, step);
    return strcmp(wanted, here) == 0;
}
