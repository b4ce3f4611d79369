/*
 * migrate.c: brings the store's tables to this build's version; see store.h.
 *
 * Several daemons may start at once over one store: an advisory lock lets one of them migrate while
 * the others wait, and find nothing to do.
 */
#include "store/migrate.h"

#include "base/log.h"
#include "store/connection.h"

#include <errno.h>
#include <string.h>

#define MIGRATION_LOCK "7263718452615001" /* any number that only this program uses */

static bool
run_text(PGconn *link, const char *sql, const char *what)
{
    PGresult *done = PQexec(link, sql);
    ExecStatusType status = PQresultStatus(done);
    bool ok = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;

    if (!ok)
        log_error("the store cannot be migrated (%s): %s", what, PQerrorMessage(link));
    PQclear(done);
    return ok;
}

static bool
migrate_one(PGconn *link, const StoreMigration *migration)
{
    const char *const values[] = {migration->name};

    if (!run_text(link, "BEGIN", migration->name) ||
        !run_text(link, migration->sql, migration->name))
        return false;
    PGresult *done = PQexecParams(link, "INSERT INTO casement_migration (name) VALUES ($1)", 1,
                                  NULL, values, NULL, NULL, 0);
    bool recorded = PQresultStatus(done) == PGRES_COMMAND_OK;
    PQclear(done);
    return recorded && run_text(link, "COMMIT", migration->name);
}

static const StoreMigration *
find(const char *name)
{
    for (int i = 0; i < store_migration_count; i++)
        if (strcmp(store_migrations[i].name, name) == 0)
            return &store_migrations[i];
    return NULL;
}

static bool
is_recorded(const PGresult *recorded, const char *name)
{
    for (int row = 0; row < PQntuples(recorded); row++)
        if (strcmp(PQgetvalue(recorded, row, 0), name) == 0)
            return true;
    return false;
}

/* Runs what is missing. A store of a newer build is refused: its tables mean something else. */
static int
migrate_missing(PGconn *link, const PGresult *recorded)
{
    for (int row = 0; row < PQntuples(recorded); row++)
        if (!find(PQgetvalue(recorded, row, 0))) {
            log_error("the store was migrated by a newer casementd (%s): this one cannot use it",
                      PQgetvalue(recorded, row, 0));
            return -EPROTO;
        }
    for (int i = 0; i < store_migration_count; i++)
        if (!is_recorded(recorded, store_migrations[i].name) &&
            !migrate_one(link, &store_migrations[i]))
            return -EIO;
    return 0;
}

int
store_migrate(void)
{
    PGconn *link = store_link_open("casementd migration");
    int result = -EIO;

    if (PQstatus(link) != CONNECTION_OK) {
        log_error("cannot reach the store: %s", PQerrorMessage(link));
        PQfinish(link);
        return -ECONNREFUSED;
    }
    /* The session's end gives the lock back, however it ends. */
    if (run_text(link, "SELECT pg_advisory_lock(" MIGRATION_LOCK ")", "lock") &&
        run_text(link,
                 "CREATE TABLE IF NOT EXISTS casement_migration (name text PRIMARY KEY,"
                 " applied timestamptz NOT NULL DEFAULT now())",
                 "casement_migration")) {
        PGresult *recorded = PQexec(link, "SELECT name FROM casement_migration");
        if (PQresultStatus(recorded) == PGRES_TUPLES_OK)
            result = migrate_missing(link, recorded);
        PQclear(recorded);
    }
    PQfinish(link);
    return result;
}
