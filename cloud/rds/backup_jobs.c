/*
 * backup_jobs.c: the jobs on backups (taken, deleted, stopped, verified) and what begins them by
 * itself: the policy's hour, the end of a backup's days.
 *
 * They are not exclusive: an instance is resized or restarted while it is backed up. pgBackRest's
 * own lock keeps two of its commands on one instance apart; who finds it taken comes again.
 */
#include "rds/backups.h"

#include "base/log.h"
#include "base/settings.h"
#include "crypto/random_id.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define LOCKED_AGAIN 700 /* ms */

static Instance *
instance_of_job(JobContext *context)
{
    Instance *instance = instance_load_any(context->store, context->resource_id);

    if (!instance || instance->slot == 0) {
        job_fail(context, -ENOENT, "the instance is no more");
        instance_free(instance);
        return NULL;
    }
    return instance;
}

static const char *
backup_of_job(const JobContext *context)
{
    return json_text(context->data, "backup_id", "");
}

/* ---- Taking one ---- */

static int
prepare(JobContext *context)
{
    AUTO_INSTANCE Instance *instance = instance_of_job(context);
    AUTO_FREE char *problem = NULL;
    int error;

    if (!instance)
        return -ENOENT;
    if ((error = repository_prepare(context->store, instance, &problem)) == 0)
        error = repository_open(context->store, instance, &problem);
    if (error == -EBUSY) {
        context->again_milliseconds = LOCKED_AGAIN;
        return JOB_AGAIN;
    }
    return error ? job_fail(context, error, "the repository: %s", problem ? problem : "") : 0;
}

/* "backup file .../base/5/1255 (608KB, 61.53%) checksum ..." */
static void
follow(void *context, const char *line)
{
    const char *percent = strchr(line, '%'), *from = percent;

    while (from && from > line && (from[-1] == '.' || (from[-1] >= '0' && from[-1] <= '9')))
        from--;
    if (percent && from < percent)
        job_progress(context, 10 + (int) (strtod(from, NULL) * 0.8));
}

/* Whether the backup was completed, as the repository knows; its values go into data. */
static bool
is_taken(JobContext *context, const Instance *instance, int generation)
{
    AUTO_JSON json_t *info = repository_info(instance, generation);
    const json_t *backup = info ? repository_backup(info, backup_of_job(context)) : NULL;

    if (!backup)
        return false;
    json_object_set_new(context->data, "info", json_deep_copy(backup));
    return true;
}

static int
take(JobContext *context)
{
    AUTO_INSTANCE Instance *instance = instance_of_job(context);
    AUTO_FREE char *mark = str_format("--annotation=casement=%s", backup_of_job(context));
    const char *const words[] = {"--type=full", mark, "--log-level-console=detail",
                                 "--no-expire-auto", NULL};
    RepositoryRun run = {.on_line = follow, .context = context};

    if (!instance)
        return -ENOENT;
    run.folder = instance->id;
    run.source = instance;
    run.generation = repository_generation(context->store, instance->id);
    json_object_set_new(context->data, "generation", json_integer(run.generation));
    if (is_taken(context, instance, run.generation))
        return 0;
    int status = repository_run(&run, "backup", words);
    int result = 0;
    if (status == REPOSITORY_LOCKED) {
        context->again_milliseconds = LOCKED_AGAIN;
        result = JOB_AGAIN;
    } else if (status != 0) {
        result = job_fail(context, -EIO, "%.300s", repository_problem(&run));
    } else if (!is_taken(context, instance, run.generation)) {
        result = job_fail(context, -EIO, "the repository does not show the backup");
    }
    repository_run_done(&run);
    return result;
}

static int
record(JobContext *context)
{
    const json_t *backup = json_object_get(context->data, "info");
    const json_t *times = json_object_get(backup, "timestamp"),
                 *sizes = json_object_get(backup, "info");
    const char *start = json_text(json_object_get(backup, "archive"), "stop", "00000001");
    AUTO_FREE char *line = str_copy_n(start, 8);
    /* Its end is told in whole seconds, cut: the next one, or now, which is after it, too. */
    long changed = store_run(
        context->store,
        "UPDATE rds_backup SET status = 'COMPLETED', label = $2, generation = $3, timeline = $4, "
        "consistent = least(to_timestamp($5), clock_timestamp()), ended = now(), size = $6, stored "
        "= $7 WHERE id = $1",
        "ssiilll", backup_of_job(context), json_text(backup, "label", ""),
        (int) json_number(context->data, "generation", 1), (int) strtol(line, NULL, 16),
        json_number(times, "stop", 0) + 1, json_number(sizes, "size", 0),
        json_number(json_object_get(sizes, "repository"), "delta", 0));

    if (changed < 0 ||
        store_run(context->store,
                  "UPDATE rds_repository r SET wants_backup = false, bytes = (SELECT "
                  "coalesce(sum(stored), 0) FROM rds_backup b WHERE b.instance_id = r.instance_id "
                  "AND status = 'COMPLETED') WHERE instance_id = $1",
                  "s", context->resource_id) < 0)
        return job_fail(context, -EIO, "the store refused: %s", store_error(context->store));
    json_object_set_new(context->result, "backup",
                        json_pack("{s:s}", "id", backup_of_job(context)));
    return 0;
}

/* pgBackRest drops by itself what a backup that was cut short left. */
static int
backup_failed(JobContext *context)
{
    if (store_run(context->store,
                  "UPDATE rds_backup SET status = 'FAILED', ended = now(), problem = $2 WHERE id = "
                  "$1 AND status = 'BUILDING'",
                  "ss", backup_of_job(context), context->reason ? context->reason : "") < 0)
        return -EIO;
    return store_run(context->store,
                     "UPDATE rds_repository SET not_before = now() + interval '1 minute' WHERE "
                     "instance_id = $1",
                     "s", context->resource_id) < 0
               ? -EIO
               : 0;
}

static const JobStep backup_steps[] = {{"prepare-repository", prepare, 10},
                                       {"backup", take, 95},
                                       {"record", record, 100},
                                       {NULL, NULL, 0}};
const JobKind job_backup_instance = {"BackupSqlserverInstance", backup_steps, backup_failed};

int
backup_begin(StoreConn *store,
             const Instance *instance,
             const char *type,
             const char *name,
             const char *description,
             const json_t *databases,
             char backup_id[41],
             char job_id[41])
{
    AUTO_JSON json_t *data = json_object();
    AUTO_JSON json_t *none = json_array();
    int error;

    id_new(backup_id, "br04");
    json_put_text(data, "backup_id", backup_id);
    error = job_start(store, job_backup_instance.name, instance->project_id, instance->id,
                      instance->name, false, data, job_id);
    if (!error &&
        store_run(store,
                  "INSERT INTO rds_backup (id, instance_id, project_id, name, description, type, "
                  "databases, engine_version, volume_gb, job_id) VALUES ($1, $2, $3, $4, $5, $6, "
                  "$7, $8, $9, $10)",
                  "ssssssjsis", backup_id, instance->id, instance->project_id, name, description,
                  type, databases ? databases : none, instance->engine_version, instance->volume_gb,
                  job_id) < 0)
        error = -EIO;
    return error;
}

/* ---- Deleting one ---- */

/* The last one of a repository cannot be taken out of it: its row is marked and it goes when
 * another has come (backups_expire). */
static int
expire_one(JobContext *context)
{
    AUTO_INSTANCE Instance *instance = instance_load_any(context->store, context->resource_id);
    AUTO_ROWS PGresult *rows = store_query(
        context->store,
        "SELECT label, generation, (SELECT count(*) FROM rds_backup o WHERE "
        "o.instance_id = b.instance_id AND o.generation = b.generation AND o.id <> b.id "
        "AND o.status = 'COMPLETED') AS others FROM rds_backup b WHERE id = $1",
        "s", backup_of_job(context));
    int status = 0;

    if (!rows)
        return job_fail(context, -EIO, "the store refused");
    if (!instance || instance->slot == 0 || PQntuples(rows) == 0 || !*row_text(rows, 0, "label"))
        return 0;
    json_object_set_new(context->data, "generation",
                        json_integer(row_number(rows, 0, "generation")));
    if (row_number(rows, 0, "others") == 0) {
        json_object_set_new(context->data, "kept", json_true());
        return 0;
    }
    AUTO_FREE char *set = str_format("--set=%s", row_text(rows, 0, "label"));
    const char *const words[] = {set, NULL};
    RepositoryRun run = {.folder = instance->id,
                         .source = instance,
                         .generation = (int) row_number(rows, 0, "generation")};
    status = repository_run(&run, "expire", words);
    if (status == REPOSITORY_LOCKED) {
        context->again_milliseconds = LOCKED_AGAIN;
        status = JOB_AGAIN;
    } else if (status != 0) {
        /* One that is not there any more was taken out by an earlier run of this step. */
        status = strstr(repository_problem(&run), "does not exist")
                     ? 0
                     : job_fail(context, -EIO, "%.300s", repository_problem(&run));
    }
    repository_run_done(&run);
    if (status == 0)
        json_object_set_new(context->data, "gone", json_true());
    return status;
}

/*
 * WAL is kept from the full backup on that the days of the policy begin with. pgBackRest counts
 * full backups, newest first: those of the repository, also such as are to go. So this comes after
 * the backup has left it, and counts whatever may still be there: one too many keeps more WAL, one
 * too few would lose moments.
 */
static const char kept_sql[] =
    "SELECT greatest(1, count(*) FILTER (WHERE label <> '')) AS fulls, min(consistent) FILTER "
    "(WHERE status = 'COMPLETED') AS first FROM rds_backup WHERE instance_id = $1 AND generation = "
    "$2 AND ended >= coalesce((SELECT max(ended) FROM rds_backup WHERE instance_id = $1 AND "
    "generation = $2 AND status = 'COMPLETED' AND ended < now() - greatest($3, 1) * interval '1 "
    "day'), '-infinity')";

static int
expire_archive(JobContext *context)
{
    AUTO_INSTANCE Instance *instance = instance_load_any(context->store, context->resource_id);
    int generation = (int) json_number(context->data, "generation", 0);

    if (!instance || instance->slot == 0 || generation == 0)
        return 0;
    AUTO_ROWS PGresult *rows =
        store_query(context->store, kept_sql, "sii", instance->id, generation,
                    (int) json_number(instance->row, "backup_keep_days", 7));
    if (!rows)
        return job_fail(context, -EIO, "the store refused");
    AUTO_FREE char *keep =
        str_format("--repo1-retention-archive=%lld", row_number(rows, 0, "fulls"));
    const char *const words[] = {"--repo1-retention-archive-type=full", keep,
                                 "--repo1-retention-full=9999999", NULL};
    RepositoryRun run = {.folder = instance->id, .source = instance, .generation = generation};
    int status = repository_run(&run, "expire", words), result = 0;

    if (status == REPOSITORY_LOCKED) {
        context->again_milliseconds = LOCKED_AGAIN;
        result = JOB_AGAIN;
    } else if (status != 0) {
        log_warning("instance %s: old WAL stays for now: %.300s", instance->id,
                    repository_problem(&run));
    } else if (!row_is_null(rows, 0, "first") &&
               store_run(context->store,
                         "UPDATE rds_repository SET archive_from = greatest(archive_from, $2) "
                         "WHERE instance_id = $1",
                         "sm", instance->id, row_moment(rows, 0, "first")) < 0) {
        result = job_fail(context, -EIO, "the store refused");
    }
    repository_run_done(&run);
    return result;
}

static int
forget_one(JobContext *context)
{
    long changed =
        json_flag(context->data, "kept", false)
            ? store_run(context->store, "UPDATE rds_backup SET status = 'DELETED' WHERE id = $1",
                        "s", backup_of_job(context))
            : store_run(context->store, "DELETE FROM rds_backup WHERE id = $1", "s",
                        backup_of_job(context));

    return changed < 0 ? job_fail(context, -EIO, "the store refused") : 0;
}

/* What has left the repository is not to be restored from, and can be deleted once more. */
static int
delete_failed(JobContext *context)
{
    bool gone = json_flag(context->data, "gone", false);

    return store_run(context->store,
                     "UPDATE rds_backup SET problem = CASE WHEN $2 = '' THEN problem ELSE $2 END, "
                     "status = CASE WHEN problem = '' AND $2 = '' THEN 'COMPLETED' ELSE 'FAILED' "
                     "END WHERE id = $1 AND status = 'DELETING'",
                     "ss", backup_of_job(context), gone ? "its files are deleted already" : "") < 0
               ? -EIO
               : 0;
}

static const JobStep delete_steps[] = {{"expire", expire_one, 80},
                                       {"expire-archive", expire_archive, 90},
                                       {"forget", forget_one, 100},
                                       {NULL, NULL, 0}};
const JobKind job_delete_backup = {"DeleteManualBackup", delete_steps, delete_failed};

/* ---- Stopping the one that runs ---- */

static int
interrupt(JobContext *context)
{
    AUTO_INSTANCE Instance *instance = instance_of_job(context);
    static const char *const force[] = {"--force", NULL};
    RepositoryRun run = {0};

    if (!instance)
        return -ENOENT;
    run.folder = instance->id;
    run.source = instance;
    run.generation = repository_generation(context->store, instance->id);
    int stopped = repository_run(&run, "stop", force);
    int started = repository_run(&run, "start", NULL);
    repository_run_done(&run);
    return stopped || started ? job_fail(context, -EIO, "it could not be stopped") : 0;
}

static const JobStep stop_steps[] = {{"interrupt", interrupt, 100}, {NULL, NULL, 0}};
const JobKind job_stop_backup = {"StopBackup", stop_steps, NULL};

/* ---- Verifying ---- */

/* "  backup: 20261124-101500F, status: invalid, total files checked: 964, ..." */
#define VERIFIED_BACKUP "backup: "

/* The backups that pgBackRest's report calls other than sound are not to be restored from any more:
 * their rows say FAILED, and a new one is wanted. How many they are; negative for the store. */
static int
fail_damaged(JobContext *context, int generation, const char *report, Buffer *names)
{
    int count = 0;

    for (const char *at = report; (at = strstr(at, VERIFIED_BACKUP)) != NULL;) {
        at += strlen(VERIFIED_BACKUP);
        AUTO_FREE char *label = str_copy_n(at, strcspn(at, ",\n"));
        const char *state = at + strlen(label);
        if (strncmp(state, ", status: ", 10) != 0 || strncmp(state + 10, "valid", 5) == 0)
            continue;
        AUTO_FREE char *how = str_copy_n(state + 10, strcspn(state + 10, ",\n"));
        AUTO_FREE char *problem = str_format("its files in the repository are damaged (%s)", how);
        AUTO_ROWS PGresult *rows =
            store_query(context->store,
                        "UPDATE rds_backup SET status = CASE status WHEN 'COMPLETED' THEN 'FAILED' "
                        "ELSE status END, problem = $4 WHERE instance_id = $1 AND generation = $2 "
                        "AND label = $3 AND problem IN ('', $4) RETURNING name",
                        "siss", context->resource_id, generation, label, problem);
        if (!rows)
            return -EIO;
        buffer_format(names, "%s%s", names->length ? ", " : "",
                      PQntuples(rows) > 0 ? row_text(rows, 0, "name") : label);
        count++;
    }
    if (count > 0 && store_run(context->store,
                               "UPDATE rds_repository SET wants_backup = true WHERE instance_id = "
                               "$1",
                               "s", context->resource_id) < 0)
        return -EIO;
    return count;
}

/* Into the instance's own error log, where its owner looks; the daemon's has it in any case. */
static void
tell_engine(const Instance *instance, const char *reason)
{
    PGconn *link = restore_link(instance->id);
    char *text = PQescapeLiteral(link, reason, strlen(reason));
    AUTO_FREE char *quoted = str_format(
        "SET log_min_messages = warning; SELECT set_config('verification.told', %s, false); DO "
        "$$BEGIN "
        "RAISE WARNING 'Backup verification: %%', current_setting('verification.told'); END$$",
        text ? text : "''");
    PGresult *done = PQexec(link, quoted);

    log_error("the backups of instance %s are damaged: %s", instance->id, reason);
    if (PQresultStatus(done) != PGRES_COMMAND_OK)
        log_notice("instance %s: its error log does not say so: %s", instance->id,
                   PQerrorMessage(link));
    PQclear(done);
    PQfreemem(text);
    PQfinish(link);
}

/* One stanza: 0 sound, 1 damaged with the reason appended, JOB_LOCKED or negative errno. */
#define JOB_LOCKED 2

static int
verify_stanza(JobContext *context, const Instance *instance, int generation, Buffer *reason)
{
    static const char *const words[] = {"--output=text", "--verbose", NULL};
    RepositoryRun run = {.folder = instance->id, .source = instance, .generation = generation};
    Buffer names = {0};
    int status = repository_run(&run, "verify", words), result = 0;
    const char *said = run.output ? run.output : "";

    if (status == REPOSITORY_LOCKED) {
        result = JOB_LOCKED;
    } else if (status != 0 || strstr(said, "status: error")) {
        int count = fail_damaged(context, generation, said, &names);
        result = count < 0 ? count : 1;
        if (reason->length)
            buffer_add_text(reason, "; ");
        if (count > 0)
            buffer_format(reason, "damaged: %.300s", names.text);
        else
            buffer_format(reason, "the archive is damaged: %.400s",
                          status != 0 ? repository_problem(&run) : said);
    }
    buffer_done(&names);
    repository_run_done(&run);
    return result;
}

static int
record_verified(JobContext *context, bool damaged, const char *reason)
{
    json_object_set_new(context->result, "verify_result", json_string(damaged ? "damaged" : "ok"));
    return store_run(context->store,
                     "UPDATE rds_repository SET verified_at = now(), verify_result = $2, "
                     "verify_message = $3 WHERE instance_id = $1",
                     "sss", context->resource_id, damaged ? "damaged" : "ok", reason) < 0
               ? job_fail(context, -EIO, "the store refused")
               : 0;
}

static int
verify(JobContext *context)
{
    AUTO_INSTANCE Instance *instance = instance_of_job(context);
    AUTO_ROWS PGresult *rows = store_query(context->store,
                                           "SELECT DISTINCT generation FROM rds_backup WHERE "
                                           "instance_id = $1 AND label <> '' ORDER BY 1 DESC",
                                           "s", context->resource_id);
    Buffer reason = {0};
    int result = 0;
    bool damaged = false;

    if (!instance || !rows)
        return instance ? job_fail(context, -EIO, "the store refused") : -ENOENT;
    for (int i = 0; i < PQntuples(rows) && result >= 0 && result != JOB_LOCKED; i++) {
        result = verify_stanza(context, instance, (int) row_number(rows, i, "generation"), &reason);
        damaged = damaged || result == 1;
        job_progress(context, 95 * (i + 1) / PQntuples(rows));
    }
    if (result == JOB_LOCKED) {
        context->again_milliseconds = LOCKED_AGAIN;
        result = JOB_AGAIN;
    } else if (result < 0) {
        result = job_fail(context, result, "the store refused");
    } else {
        result = record_verified(context, damaged, reason.text ? reason.text : "");
        if (damaged)
            tell_engine(instance, reason.text);
        if (damaged && !result)
            result = job_fail(context, -EIO, "the checksums do not fit: %.500s", reason.text);
        else if (!result)
            log_notice("the backups of instance %s are sound", instance->id);
    }
    buffer_done(&reason);
    return result;
}

static const JobStep verify_steps[] = {{"verify", verify, 100}, {NULL, NULL, 0}};
const JobKind job_verify_backups = {"VerifyBackups", verify_steps, NULL};

/* ---- By themselves ---- */

#define LIVE "i.deleted_at IS NULL AND i.status IN ('ACTIVE', 'STORAGE FULL') AND NOT r.closed"

/* The policy's hours "01:00-02:00" on the days of its period (1 is Monday), in UTC. */
static const char due_sql[] =
    "SELECT i.id FROM rds_instance i JOIN rds_repository r ON r.instance_id = i.id WHERE " LIVE
    " AND i.backup_keep_days > 0 AND r.not_before <= now() AND NOT EXISTS (SELECT 1 FROM "
    "rds_backup "
    "b WHERE b.instance_id = i.id AND b.status = 'BUILDING' AND b.type = 'auto') AND "
    "(r.wants_backup OR (extract(isodow FROM now())::int::text = ANY "
    "(string_to_array(i.backup_period, ',')) AND now()::time >= split_part(i.backup_start_time, "
    "'-', 1)::time AND now()::time < split_part(i.backup_start_time, '-', 1)::time + interval '59 "
    "minutes' AND NOT EXISTS (SELECT 1 FROM rds_backup b WHERE b.instance_id = i.id AND b.type = "
    "'auto' AND b.status <> 'FAILED' AND b.begun > now() - interval '2 hours'))) LIMIT 50";

void
backups_schedule(StoreConn *store)
{
    AUTO_ROWS PGresult *rows = store_query(store, due_sql, "");

    if (!rows)
        log_error("the due backups cannot be read: %s", store_error(store));
    for (int i = 0; rows && i < PQntuples(rows); i++) {
        AUTO_INSTANCE Instance *instance = instance_load_any(store, row_text(rows, i, "id"));
        char backup[41], job[41], stamp[32];
        time_t now = time(NULL);
        struct tm parts;

        if (!instance || !store_begin(store))
            continue;
        strftime(stamp, sizeof(stamp), "%Y%m%d%H%M%S", gmtime_r(&now, &parts));
        AUTO_FREE char *name = str_format("sqlserver-%s-%s", instance->name, stamp);
        if (backup_begin(store, instance, "auto", name, "", NULL, backup, job) != 0)
            store_rollback(store);
        else
            store_commit(store);
    }
}

/* Automatic ones go when they are older than the policy says and a younger one covers its first
 * day; deleted ones that had to stay go when they are not the last. WAL goes by the same jobs, once
 * its backup is out of the repository. */
void
backups_expire(StoreConn *store)
{
    AUTO_ROWS PGresult *rows = store_query(
        store,
        "SELECT b.id, b.instance_id, b.project_id, b.generation FROM rds_backup b JOIN "
        "rds_instance i ON i.id = b.instance_id WHERE i.slot IS NOT NULL AND EXISTS (SELECT 1 FROM "
        "rds_backup y WHERE y.instance_id = b.instance_id AND y.generation >= b.generation AND "
        "y.status = 'COMPLETED' AND y.begun > b.begun AND (b.status = 'DELETED' OR y.ended < now() "
        "- greatest(i.backup_keep_days, 1) * interval '1 day')) AND (b.status = 'DELETED' OR "
        "(b.status = 'COMPLETED' AND b.type = 'auto') OR (b.status = 'FAILED' AND b.type = 'auto' "
        "AND b.begun < now() - greatest(i.backup_keep_days, 1) * interval '1 day')) ORDER BY "
        "b.begun LIMIT 100",
        "");

    for (int i = 0; rows && i < PQntuples(rows); i++) {
        AUTO_JSON json_t *data = json_pack("{s:s}", "backup_id", row_text(rows, i, "id"));
        AUTO_INSTANCE Instance *instance =
            instance_load_any(store, row_text(rows, i, "instance_id"));
        char job[41];

        if (!instance || !store_begin(store))
            continue;
        if (store_run(store, "UPDATE rds_backup SET status = 'DELETING' WHERE id = $1", "s",
                      row_text(rows, i, "id")) < 0 ||
            job_start(store, job_delete_backup.name, instance->project_id, instance->id,
                      instance->name, false, data, job) != 0) {
            store_rollback(store);
            continue;
        }
        store_commit(store);
    }
}

void
backups_verify(StoreConn *store)
{
    AUTO_ROWS PGresult *rows = store_query(
        store,
        "SELECT r.instance_id FROM rds_repository r JOIN rds_instance i ON i.id = r.instance_id "
        "WHERE " LIVE " AND r.stanza_made AND coalesce(r.verified_at, '-infinity') < now() - $1 * "
        "interval '1 second' AND EXISTS (SELECT 1 FROM rds_backup b WHERE b.instance_id = i.id AND "
        "b.status = 'COMPLETED' AND b.ended < now() - least($1, 3600) * interval '1 second') AND "
        "NOT EXISTS (SELECT 1 FROM job j WHERE j.resource_id = i.id AND j.kind = 'VerifyBackups' "
        "AND j.status = 'Running') ORDER BY r.verified_at NULLS FIRST LIMIT 2",
        "i", (int) setting_number(SETTING_BACKUP_VERIFY_SECONDS));

    for (int i = 0; rows && i < PQntuples(rows); i++) {
        AUTO_INSTANCE Instance *instance =
            instance_load_any(store, row_text(rows, i, "instance_id"));
        char job[41];

        if (!instance || !store_begin(store))
            continue;
        if (job_start(store, job_verify_backups.name, instance->project_id, instance->id,
                      instance->name, false, NULL, job) != 0)
            store_rollback(store);
        else
            store_commit(store);
    }
}
