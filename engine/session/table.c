/*
 * The sessions' table in shared memory. See table.h.
 */
#include "postgres.h"

#include "session/table.h"

#include "context/counters.h"
#include "miscadmin.h"
#include "pgcompat/process.h"
#include "postmaster/postmaster.h"
#include "session/settings.h"
#include "storage/ipc.h"
#include "storage/lwlock.h"
#include "storage/proc.h"
#include "storage/shmem.h"

#include <unistd.h>

typedef struct SessionTable {
    char token[ENTRY_TOKEN_HEX + 1];
    pg_atomic_uint32 connected;
    Latch *volatile listener;
    int size;
    SessionSlot slots[FLEXIBLE_ARRAY_MEMBER];
} SessionTable;

static SessionTable *table;
static SessionSlot *my_slot;
SessionInfo *session_info;

static shmem_request_hook_type next_shmem_request;
static shmem_startup_hook_type next_shmem_startup;

static Size
table_bytes(void)
{
    return add_size(offsetof(SessionTable, slots), mul_size(MaxConnections, sizeof(SessionSlot)));
}

static void
request_shared_memory(void)
{
    if (next_shmem_request)
        next_shmem_request();
    RequestAddinShmemSpace(table_bytes());
}

static void
start_shared_memory(void)
{
    bool found;
    uint8 secret[ENTRY_TOKEN_HEX / 2];

    if (next_shmem_startup)
        next_shmem_startup();
    LWLockAcquire(AddinShmemInitLock, LW_EXCLUSIVE);
    table = ShmemInitStruct("casement sessions", table_bytes(), &found);
    if (!found) {
        memset(table, 0, table_bytes());
        table->size = MaxConnections;
        pg_atomic_init_u32(&table->connected, 0);
        for (int i = 0; i < table->size; i++) {
            pg_atomic_init_u32(&table->slots[i].state, SLOT_FREE);
            pg_atomic_init_u32(&table->slots[i].change_count, 0);
            for (int j = 0; j < lengthof(table->slots[i].now); j++)
                pg_atomic_init_u64(&table->slots[i].now[j], 0);
        }
        if (!pg_strong_random(secret, sizeof(secret)))
            ereport(FATAL, (errmsg("could not generate a random secret")));
        for (int i = 0; i < (int) sizeof(secret); i++)
            snprintf(table->token + 2 * i, 3, "%02x", secret[i]);
        explicit_bzero(secret, sizeof(secret));
    }
    LWLockRelease(AddinShmemInitLock);
}

void
session_table_register(void)
{
    next_shmem_request = shmem_request_hook;
    shmem_request_hook = request_shared_memory;
    next_shmem_startup = shmem_startup_hook;
    shmem_startup_hook = start_shared_memory;
}

const char *
session_table_token(void)
{
    return table->token;
}

int
session_table_limit(void)
{
    /* The pool, one being refused, and the reserve must fit beside the sessions. */
    int room = MaxConnections - pgcompat_reserved_connections() - setting_pool_size - 2;

    room = Max(room, 1);
    return setting_max_connections > 0 ? Min(setting_max_connections, room) : room;
}

void
session_table_set_listener(Latch *latch)
{
    table->listener = latch;
}

bool
session_table_connect(int slot)
{
    uint32 pooled = SLOT_POOLED;

    if (pg_atomic_read_u32(&table->connected) >= (uint32) session_table_limit())
        return false;
    if (pg_atomic_compare_exchange_u32(&table->slots[slot].state, &pooled, SLOT_CONNECTED))
        pg_atomic_fetch_add_u32(&table->connected, 1);
    /* else the backend is gone already: the hand-over will fail and another one is tried */
    return true;
}

void
session_table_refuse(int slot)
{
    uint32 pooled = SLOT_POOLED;

    pg_atomic_compare_exchange_u32(&table->slots[slot].state, &pooled, SLOT_REFUSING);
}

int
session_table_count(void)
{
    return (int) pg_atomic_read_u32(&table->connected);
}

static void
leave(int code, Datum arg)
{
    Latch *listener = table->listener;

    if (my_slot == NULL)
        return;
    if (session_info->login_time != 0)
        counter_add(COUNTER_LOGOUTS, 1);
    session_change_begin();
    memset(session_info, 0, sizeof(*session_info));
    session_change_end();
    if (pg_atomic_exchange_u32(&my_slot->state, SLOT_FREE) == SLOT_CONNECTED)
        pg_atomic_fetch_sub_u32(&table->connected, 1);
    my_slot = NULL;
    session_info = NULL;
    if (listener != NULL)
        SetLatch(listener);
}

int
session_table_enter(void)
{
    for (int i = 0; i < table->size; i++) {
        uint32 is_free = SLOT_FREE;

        if (pg_atomic_read_u32(&table->slots[i].state) != SLOT_FREE ||
            !pg_atomic_compare_exchange_u32(&table->slots[i].state, &is_free, SLOT_POOLED))
            continue;
        my_slot = &table->slots[i];
        session_info = &my_slot->info;
        on_shmem_exit(leave, 0);
        session_change_begin();
        memset(session_info, 0, sizeof(*session_info));
        session_info->spid = FIRST_SPID + i;
        session_info->pid = MyProcPid;
        session_change_end();
        return i;
    }
    return -1;
}

void
session_change_begin(void)
{
    if (my_slot == NULL)
        return;
    pg_atomic_write_u32(&my_slot->change_count, pg_atomic_read_u32(&my_slot->change_count) + 1);
    pg_write_barrier();
}

void
session_change_end(void)
{
    if (my_slot == NULL)
        return;
    pg_write_barrier();
    pg_atomic_write_u32(&my_slot->change_count, pg_atomic_read_u32(&my_slot->change_count) + 1);
}

void
session_show_use(const SessionUse *use)
{
    SessionSlot *slot = my_slot;

    if (slot == NULL)
        return;
    pg_atomic_write_u64(&slot->now[0], (uint64) use->cpu_time);
    pg_atomic_write_u64(&slot->now[1], (uint64) use->reads);
    pg_atomic_write_u64(&slot->now[2], (uint64) use->writes);
    pg_atomic_write_u64(&slot->now[3], (uint64) use->logical_reads);
}

int
session_table_size(void)
{
    return table == NULL ? 0 : table->size;
}

bool
session_table_read(int index, SessionInfo *info)
{
    SessionSlot *slot = &table->slots[index];

    if (pg_atomic_read_u32(&slot->state) != SLOT_CONNECTED)
        return false;
    for (;;) {
        uint32 before = pg_atomic_read_u32(&slot->change_count);

        pg_read_barrier();
        memcpy(info, &slot->info, sizeof(*info));
        pg_read_barrier();
        if ((before & 1) == 0 && before == pg_atomic_read_u32(&slot->change_count))
            break;
        CHECK_FOR_INTERRUPTS();
    }
    info->now = (SessionUse){.cpu_time = (int64) pg_atomic_read_u64(&slot->now[0]),
                             .reads = (int64) pg_atomic_read_u64(&slot->now[1]),
                             .writes = (int64) pg_atomic_read_u64(&slot->now[2]),
                             .logical_reads = (int64) pg_atomic_read_u64(&slot->now[3])};
    return info->spid != 0 && info->status != SESSION_LOGIN;
}

bool
session_table_find(int spid, SessionInfo *info)
{
    int index = spid - FIRST_SPID;

    return index >= 0 && index < session_table_size() && session_table_read(index, info) &&
           info->spid == spid;
}
