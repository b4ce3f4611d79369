/*
 * counters.c: the instance's counters; see counters.h. Sessions add, the dynamic management view
 * and whoever watches the instance read.
 */
#include "postgres.h"

#include "context/counters.h"

#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
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

static pg_atomic_uint64 *shared;
static shmem_request_hook_type next_shmem_request;
static shmem_startup_hook_type next_shmem_startup;

PG_FUNCTION_INFO_V1(casement_counters);

static void
request_shared_memory(void)
{
    if (next_shmem_request)
        next_shmem_request();
    RequestAddinShmemSpace(COUNTER_COUNT * sizeof(pg_atomic_uint64));
}

static void
start_shared_memory(void)
{
    bool found;

    if (next_shmem_startup)
        next_shmem_startup();
    LWLockAcquire(AddinShmemInitLock, LW_EXCLUSIVE);
    shared = ShmemInitStruct("casement counters", COUNTER_COUNT * sizeof(pg_atomic_uint64), &found);
    for (int i = 0; !found && i < COUNTER_COUNT; i++)
        pg_atomic_init_u64(&shared[i], 0);
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
    if (shared != NULL)
        pg_atomic_fetch_add_u64(&shared[id], (int64) amount);
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
                           Int64GetDatum((int64) pg_atomic_read_u64(&shared[i]))};
        bool nulls[3] = {false};

        tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
    }
    return (Datum) 0;
}
