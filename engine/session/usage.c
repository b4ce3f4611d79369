/*
 * Differences of getrusage and of PostgreSQL's counters of buffers, from a request's start. See
 * usage.h.
 */
#include "postgres.h"

#include "session/usage.h"

#include "executor/instrument.h"
#include "session/table.h"

#include <sys/resource.h>

/*
 * Processor time is asked for at most this often by short requests: what a request used since the
 * last time is added with the next one's that asks, so that sums lag by as much and lose nothing.
 */
#define CPU_EVERY_US 10000

static SessionUse at_start;
static int64 cpu_microseconds; /* of requests that are over */
static TimestampTz cpu_asked;  /* when at_start.cpu_time was last set */
static bool counting, ended;   /* ended: at_start is the end of the last request */

/* Processor time of this process in microseconds: a system call. */
static int64
cpu_used(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return ((int64) usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 +
           usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
}

static SessionUse
counters(int64 cpu_time)
{
    const BufferUsage *buffers = &pgBufferUsage;
    SessionUse use;

    use.cpu_time = cpu_time;
    use.reads = buffers->shared_blks_read + buffers->local_blks_read + buffers->temp_blks_read;
    use.writes =
        buffers->shared_blks_dirtied + buffers->local_blks_dirtied + buffers->temp_blks_written;
    use.logical_reads = buffers->shared_blks_hit + buffers->local_blks_hit + use.reads;
    return use;
}

static SessionUse
used_since_start(int64 cpu_time)
{
    SessionUse use = counters(cpu_time);

    use.cpu_time -= at_start.cpu_time;
    use.reads -= at_start.reads;
    use.writes -= at_start.writes;
    use.logical_reads -= at_start.logical_reads;
    return use;
}

SessionUse
usage_now(void)
{
    return used_since_start(cpu_used());
}

void
usage_begin(void)
{
    /* Waiting for the client costs next to nothing, so that the last request's end is this one's
     * start. */
    if (!ended)
        at_start = counters(cpu_used());
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
usage_end(TimestampTz now)
{
    SessionUse use, nothing = {0};
    bool ask = now - cpu_asked >= CPU_EVERY_US || now < cpu_asked;

    if (!counting)
        return;
    if (ask)
        cpu_asked = now;
    use = used_since_start(ask ? cpu_used() : at_start.cpu_time);
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
