/*
 * counters.c: the instance's counters; see counters.h. Sessions add, the dynamic management view
 * and whoever watches the instance read.
 */
#include "postgres.h"

#include "context/counters.h"

#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "pgcompat/pgcompat.h"
#include "port/atomics.h"
#include "storage/ipc.h"
#include "storage/lwlock.h"
#include "storage/shmem.h"
#include "utils/builtins.h"

static const struct {
    const char *object, *name;
} counters[] = {
#define COUNTER(id, object, name) {object, name},
#include "context/counters.def"
#undef COUNTER
};

/* A row of counters for each backend, of cache lines of its own, and a last one for the rest: those
 * add to it in turn. A backend's row is never cleared, the next one with its number goes on. */
typedef struct CounterRow {
    pg_atomic_uint64 counts[TYPEALIGN(PG_CACHE_LINE_SIZE / 8, COUNTER_COUNT)];
} CounterRow;

static CounterRow *shared;
static shmem_request_hook_type next_shmem_request;
static shmem_startup_hook_type next_shmem_startup;

PG_FUNCTION_INFO_V1(casement_counters);

static Size
counters_size(void)
{
    return mul_size(MaxBackends + 1, sizeof(CounterRow)) + PG_CACHE_LINE_SIZE;
}

static void
request_shared_memory(void)
{
    if (next_shmem_request)
        next_shmem_request();
    RequestAddinShmemSpace(counters_size());
}

static void
start_shared_memory(void)
{
    bool found;
    void *memory;

    if (next_shmem_startup)
        next_shmem_startup();
    LWLockAcquire(AddinShmemInitLock, LW_EXCLUSIVE);
    memory = ShmemInitStruct("casement counters", counters_size(), &found);
    shared = (CounterRow *) TYPEALIGN(PG_CACHE_LINE_SIZE, memory);
    for (int row = 0; !found && row <= MaxBackends; row++)
        for (int i = 0; i < COUNTER_COUNT; i++)
            pg_atomic_init_u64(&shared[row].counts[i], 0);
    LWLockRelease(AddinShmemInitLock);
}

void
counters_register(void)
{
    next_shmem_request = shmem_request_hook;
    shmem_request_hook = request_shared_memory;
    next_shmem_startup = shmem_startup_hook;
    shmem_startup_hook = start_shared_memory;
}

void
counter_add(CounterId id, uint64 amount)
{
    int row = pgcompat_backend_number();
    pg_atomic_uint64 *count;

    if (shared == NULL)
        return;
    if (row < 0 || row >= MaxBackends) {
        pg_atomic_fetch_add_u64(&shared[MaxBackends].counts[id], (int64) amount);
        return;
    }
    count = &shared[row].counts[id];
    pg_atomic_write_u64(count, pg_atomic_read_u64(count) + amount);
}

static uint64
counter_sum(CounterId id)
{
    uint64 sum = 0;

    for (int row = 0; row <= MaxBackends; row++)
        sum += pg_atomic_read_u64(&shared[row].counts[id]);
    return sum;
}

/* casement.counters(): object, name and value of each. */
Datum
casement_counters(PG_FUNCTION_ARGS)
{
    ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;

    InitMaterializedSRF(fcinfo, 0);
    for (int i = 0; i < COUNTER_COUNT; i++) {
        Datum values[3] = {CStringGetTextDatum(counters[i].object),
                           CStringGetTextDatum(counters[i].name),
                           Int64GetDatum((int64) counter_sum((CounterId) i))};
        bool nulls[3] = {false};

        tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
    }
    return (Datum) 0;
}
