/*
 * storage.c: measures the data directory against casement.storage_limit; see storage.h. Sessions
 * ask here through the execute layer's hook, and from the timer behind attention.
 */
#include "postgres.h"

#include "session/storage.h"

#include "access/xlog.h"
#include "execute/hooks.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "pgcompat/pgcompat.h"
#include "port/atomics.h"
#include "postmaster/bgworker.h"
#include "postmaster/interrupt.h"
#include "session/settings.h"
#include "storage/fd.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "storage/lwlock.h"
#include "storage/shmem.h"
#include "tcop/tcopprot.h"
#include "utils/guc.h"
#include "utils/wait_event.h"

#include <dirent.h>
#include <signal.h>
#include <sys/stat.h>

/* A row takes at most this many times its log record's bytes (narrow rows inserted in bulk). */
#define GROWTH_PER_LOG_BYTE 4
#define MEASURE_MS 1000
#define DEPTH_LIMIT 8

typedef struct StorageState {
    pg_atomic_uint64 used;     /* bytes, last measured */
    pg_atomic_uint64 position; /* of the log at that moment */
    pg_atomic_uint32 full;
    Latch *worker; /* NULL while there is none */
} StorageState;

static StorageState *state;
static shmem_request_hook_type next_shmem_request;
static shmem_startup_hook_type next_shmem_startup;

PGDLLEXPORT void casement_storage_main(Datum argument);
PG_FUNCTION_INFO_V1(casement_storage);

static void
request_shared_memory(void)
{
    if (next_shmem_request)
        next_shmem_request();
    RequestAddinShmemSpace(sizeof(StorageState));
}

static void
start_shared_memory(void)
{
    bool found;

    if (next_shmem_startup)
        next_shmem_startup();
    LWLockAcquire(AddinShmemInitLock, LW_EXCLUSIVE);
    state = ShmemInitStruct("casement storage", sizeof(StorageState), &found);
    if (!found) {
        pg_atomic_init_u64(&state->used, 0);
        pg_atomic_init_u64(&state->position, 0);
        pg_atomic_init_u32(&state->full, 0);
        state->worker = NULL;
    }
    LWLockRelease(AddinShmemInitLock);
}

bool
storage_full(void)
{
    return setting_storage_limit > 0 && state != NULL && pg_atomic_read_u32(&state->full) != 0;
}

void
storage_watch(void)
{
    uint64 limit = (uint64) setting_storage_limit * 1024 * 1024, used, position;
    Latch *worker;

    if (limit == 0 || state == NULL)
        return;
    used = pg_atomic_read_u64(&state->used);
    position = pg_atomic_read_u64(&state->position);
    worker = state->worker;
    if (worker != NULL && !RecoveryInProgress() &&
        used + (GetXLogInsertRecPtr() - position) * GROWTH_PER_LOG_BYTE > limit)
        SetLatch(worker);
}

/* Bytes of the folder's files as the file system holds them; what vanishes meanwhile counts not. */
static uint64
measure_folder(const char *path, int depth)
{
    DIR *folder = AllocateDir(path);
    struct dirent *entry;
    uint64 bytes = 0;

    if (folder == NULL)
        return 0;
    while ((entry = readdir(folder)) != NULL) {
        char inner[MAXPGPATH];
        struct stat about;

        CHECK_FOR_INTERRUPTS();
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
            strcmp(entry->d_name, "pg_wal") == 0)
            continue;
        snprintf(inner, sizeof(inner), "%s/%s", path, entry->d_name);
        if (lstat(inner, &about) != 0)
            continue;
        bytes += (uint64) about.st_blocks * 512;
        if (S_ISDIR(about.st_mode) && depth < DEPTH_LIMIT)
            bytes += measure_folder(inner, depth + 1);
    }
    FreeDir(folder);
    return bytes;
}

static void
measure(void)
{
    XLogRecPtr position = GetXLogInsertRecPtr();
    uint64 used = measure_folder(".", 0);
    bool full = setting_storage_limit > 0 && used >= (uint64) setting_storage_limit * 1024 * 1024;

    pg_atomic_write_u64(&state->position, position);
    pg_atomic_write_u64(&state->used, used);
    if (full != (pg_atomic_exchange_u32(&state->full, full) != 0))
        ereport(LOG, (full ? errmsg("the storage of %d MB is full: no more data is taken",
                                    setting_storage_limit)
                           : errmsg("the storage of %d MB has room again", setting_storage_limit)));
}

static void
forget_worker(int code, Datum argument)
{
    state->worker = NULL;
}

void
casement_storage_main(Datum argument)
{
    XLogRecPtr seen = 0;

    pqsignal(SIGHUP, SignalHandlerForConfigReload);
    pqsignal(SIGTERM, die);
    BackgroundWorkerUnblockSignals();
    on_shmem_exit(forget_worker, (Datum) 0);
    state->worker = MyLatch;
    for (;;) {
        int events = WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, MEASURE_MS,
                               PG_WAIT_EXTENSION);

        ResetLatch(MyLatch);
        CHECK_FOR_INTERRUPTS();
        if (ConfigReloadPending) {
            ConfigReloadPending = false;
            ProcessConfigFile(PGC_SIGHUP);
            seen = 0;
        }
        /* An idle instance is left alone, but what was dropped shows only after a checkpoint. */
        if (seen != GetXLogInsertRecPtr() || (events & WL_LATCH_SET) || storage_full()) {
            seen = GetXLogInsertRecPtr();
            measure();
        }
    }
}

void
storage_register(void)
{
    BackgroundWorker worker = {
        .bgw_name = "casement storage",
        .bgw_type = "casement storage",
        .bgw_flags = BGWORKER_SHMEM_ACCESS,
        .bgw_start_time = BgWorkerStart_RecoveryFinished,
        .bgw_restart_time = 1,
        .bgw_library_name = "casement",
        .bgw_function_name = "casement_storage_main",
    };

    next_shmem_request = shmem_request_hook;
    shmem_request_hook = request_shared_memory;
    next_shmem_startup = shmem_startup_hook;
    shmem_startup_hook = start_shared_memory;
    execute_storage_full_hook = storage_full;
    RegisterBackgroundWorker(&worker);
}

/* casement.storage(): bytes used, limit in bytes (0: none), whether it is full. */
Datum
casement_storage(PG_FUNCTION_ARGS)
{
    TupleDesc shape;
    Datum values[3];
    bool nulls[3] = {false};

    if (get_call_result_type(fcinfo, NULL, &shape) != TYPEFUNC_COMPOSITE)
        elog(ERROR, "casement.storage must return a row");
    values[0] = Int64GetDatum((int64) pg_atomic_read_u64(&state->used));
    values[1] = Int64GetDatum((int64) setting_storage_limit * 1024 * 1024);
    values[2] = BoolGetDatum(storage_full());
    PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(shape, values, nulls)));
}
