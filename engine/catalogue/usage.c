/*
 * Who uses a database: each session holds a session-level share lock on its current database, so
 * that DROP DATABASE and SET OFFLINE know (and can end) the others.
 */
#include "postgres.h"

#include <signal.h>

#include "catalogue/catalog.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "storage/lock.h"
#include "storage/proc.h"

/* Advisory lock space of our own: PostgreSQL's advisory functions use method 1 and 2. */
#define USAGE_LOCK_CLASS 0x4341
#define USAGE_LOCK_METHOD 3

static int32 held;

static void
usage_tag(LOCKTAG *tag, int32 database)
{
    SET_LOCKTAG_ADVISORY(*tag, MyDatabaseId, USAGE_LOCK_CLASS, (uint32) database,
                         USAGE_LOCK_METHOD);
}

void
catalog_database_hold(int32 database)
{
    LOCKTAG tag;

    if (held == database)
        return;
    if (database != 0) {
        usage_tag(&tag, database);
        (void) LockAcquire(&tag, ShareLock, true, false);
    }
    if (held != 0) {
        usage_tag(&tag, held);
        LockRelease(&tag, ShareLock, true);
    }
    held = database;
}

bool
catalog_database_lock(int32 database)
{
    LOCKTAG tag;

    usage_tag(&tag, database);
    return LockAcquire(&tag, ExclusiveLock, false, true) != LOCKACQUIRE_NOT_AVAIL;
}

void
catalog_database_disconnect(int32 database)
{
    LOCKTAG tag;

    usage_tag(&tag, database);
    /* ended sessions release the lock: a moment later it is free */
    for (int attempt = 0; attempt < 200; attempt++) {
        LockData *locks = GetLockStatusData();
        int others = 0;

        for (int i = 0; i < locks->nelements; i++) {
            const LockInstanceData *lock = &locks->locks[i];

            if (memcmp(&lock->locktag, &tag, sizeof(tag)) != 0 || lock->pid == MyProcPid ||
                lock->holdMask == 0)
                continue;
            others++;
            if (attempt == 0)
                kill(lock->pid, SIGTERM);
        }
        if (others == 0)
            return;
        CHECK_FOR_INTERRUPTS();
        pg_usleep(10000L);
    }
}
