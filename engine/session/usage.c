/*
 * Differences of getrusage and of PostgreSQL's counters of buffers, from a request's start. See
 * usage.h.
 */
#include "postgres.h"

#include "session/usage.h"

#include "executor/instrument.h"
#include "session/table.h"

#include <sys/resource.h>

static SessionUse at_start;
static int64 cpu_microseconds; /* of requests that are over */
static bool counting, ended;   /* ended: at_start is the end of the last request */

/* Processor time in microseconds here. */
static SessionUse
counters(void)
{
    const BufferUsage *buffers = &pgBufferUsage;
    SessionUse use;
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    use.cpu_time = ((int64) usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 +
                   usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
    use.reads = buffers->shared_blks_read + buffers->local_blks_read + buffers->temp_blks_read;
    use.writes =
        buffers->shared_blks_dirtied + buffers->local_blks_dirtied + buffers->temp_blks_written;
    use.logical_reads = buffers->shared_blks_hit + buffers->local_blks_hit + use.reads;
    return use;
}

SessionUse
usage_now(void)
{
    SessionUse use = counters();

    use.cpu_time -= at_start.cpu_time;
    use.reads -= at_start.reads;
    use.writes -= at_start.writes;
    use.logical_reads -= at_start.logical_reads;
    return use;
}

void
usage_begin(void)
{
    /* Waiting for the client costs next to nothing, so that the last request's end is this one's
     * start: one system call a request instead of two. */
    if (!ended)
        at_start = counters();
    counting = true;
}

void
usage_show(void)
{
    SessionUse use;

    if (!counting)
        return;
    use = usage_now();
    use.cpu_time /= 1000;
    session_show_use(&use);
}

void
usage_end(void)
{
    SessionUse use, nothing = {0};

    if (!counting)
        return;
    use = usage_now();
    at_start.cpu_time += use.cpu_time;
    at_start.reads += use.reads;
    at_start.writes += use.writes;
    at_start.logical_reads += use.logical_reads;
    counting = false;
    ended = true;
    cpu_microseconds += use.cpu_time;
    session_info->cpu_time = cpu_microseconds / 1000;
    session_info->reads += use.reads;
    session_info->writes += use.writes;
    session_info->logical_reads += use.logical_reads;
    session_show_use(&nothing);
}
