/*
 * restore.c: the parts of every restore: what a moment means, the files of the backup, recovery up
 * to the moment. See backups.h; restore_jobs.c and the creation of instances make jobs of them.
 *
 * A cluster is recovered in a folder of its own, as the user of the source's slot, who alone reads
 * the repository; nothing that runs is touched before it has come to its end.
 */
#include "rds/backups.h"

#include "base/log.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* ---- What to restore ---- */

/*
 * The newest backup of the line of history that was consistent by the moment; where the line has
 * none so early, one of its parent's from before it branched off.
 */
static char *
find_backup(StoreConn *store, Moment moment, RestorePoint *found)
{
    int timeline = found->timeline;

    for (int depth = 0; depth < 100; depth++) {
        AUTO_ROWS PGresult *rows = store_query(
            store,
            "SELECT id, label FROM rds_backup b WHERE instance_id = $1 AND generation = $2 AND "
            "timeline = $3 AND status IN ('COMPLETED', 'DELETED') AND problem = '' AND consistent "
            "<= $4 "
            "AND "
            "consistent >= (SELECT archive_from FROM rds_repository r WHERE r.instance_id = $1) "
            "ORDER BY consistent DESC LIMIT 1",
            "siim", found->source, found->generation, timeline, moment);
        if (!rows)
            return str_copy("the store refused");
        if (PQntuples(rows) > 0) {
            snprintf(found->label, sizeof(found->label), "%s", row_text(rows, 0, "label"));
            snprintf(found->backup, sizeof(found->backup), "%s", row_text(rows, 0, "id"));
            return NULL;
        }
        AUTO_ROWS PGresult *line =
            store_query(store,
                        "SELECT parent, branch FROM rds_timeline WHERE instance_id = $1 AND "
                        "generation = $2 AND timeline = $3 AND parent IS NOT NULL",
                        "sii", found->source, found->generation, timeline);
        if (!line || PQntuples(line) == 0)
            break;
        timeline = (int) row_number(line, 0, "parent");
        Moment branch = row_moment(line, 0, "branch");
        if (branch < moment)
            moment = branch;
    }
    return str_copy("restore_time: it is before the first moment that can be restored");
}

static char *
find_moment(StoreConn *store, const json_t *point, RestorePoint *found)
{
    long long asked = json_number(point, "restore_time", 0);

    if (asked <= 0 || asked > INT64_MAX / 1000)
        return str_copy("restore_time: milliseconds since 1970 are needed");
    found->moment = (Moment) asked * 1000;
    if (found->moment > moment_now())
        return str_copy("restore_time: it lies in the future");
    AUTO_ROWS PGresult *rows =
        store_query(store,
                    "SELECT generation, timeline FROM rds_timeline WHERE instance_id = $1 AND "
                    "began <= $2 ORDER BY began DESC, generation DESC LIMIT 1",
                    "sm", found->source, found->moment);
    if (!rows || PQntuples(rows) == 0)
        return str_copy("restore_time: it is before the first moment that can be restored");
    found->generation = (int) row_number(rows, 0, "generation");
    found->timeline = (int) row_number(rows, 0, "timeline");
    return find_backup(store, found->moment, found);
}

char *
restore_point_find(StoreConn *store,
                   const char *project_id,
                   const json_t *point,
                   RestorePoint *found)
{
    const char *backup = json_text(point, "backup_id", ""), *type = json_text(point, "type", "");
    const char *source = json_text(point, "instance_id", "");
    bool by_time = strcasecmp(type, "timestamp") == 0 || (!*type && !*backup);

    memset(found, 0, sizeof(*found));
    if (*type && !by_time && strcasecmp(type, "backup") != 0)
        return str_copy("type: backup or timestamp");
    AUTO_ROWS PGresult *rows =
        by_time ? store_query(store,
                              "SELECT i.id AS instance_id FROM rds_instance i JOIN rds_repository "
                              "r ON r.instance_id = i.id WHERE i.id = $1 AND i.project_id = $2 AND "
                              "i.slot IS NOT NULL",
                              "ss", source, project_id)
                : store_query(store,
                              "SELECT b.instance_id, b.label, b.generation, b.timeline FROM "
                              "rds_backup b JOIN rds_instance i ON i.id = b.instance_id WHERE b.id "
                              "= $1 AND b.project_id = $2 AND i.project_id = $2 AND b.status = "
                              "'COMPLETED' AND i.slot IS NOT NULL AND ($3 = '' OR $3 = i.id)",
                              "sss", backup, project_id, source);
    if (!rows)
        return str_copy("the store refused");
    if (PQntuples(rows) == 0)
        return str_format("%s: there is no such %s", by_time ? "instance_id" : "backup_id",
                          by_time ? "instance with backups" : "completed backup");
    snprintf(found->source, sizeof(found->source), "%s", row_text(rows, 0, "instance_id"));
    if (by_time)
        return find_moment(store, point, found);
    snprintf(found->backup, sizeof(found->backup), "%s", backup);
    snprintf(found->label, sizeof(found->label), "%s", row_text(rows, 0, "label"));
    found->generation = (int) row_number(rows, 0, "generation");
    found->timeline = (int) row_number(rows, 0, "timeline");
    return NULL;
}

json_t *
restore_point_json(const RestorePoint *point)
{
    return json_pack("{s:s, s:s, s:s, s:i, s:i, s:I}", "source", point->source, "backup",
                     point->backup, "label", point->label, "generation", point->generation,
                     "timeline", point->timeline, "moment", (json_int_t) point->moment);
}

void
restore_point_read(const json_t *json, RestorePoint *point)
{
    memset(point, 0, sizeof(*point));
    snprintf(point->source, sizeof(point->source), "%s", json_text(json, "source", ""));
    snprintf(point->backup, sizeof(point->backup), "%s", json_text(json, "backup", ""));
    snprintf(point->label, sizeof(point->label), "%s", json_text(json, "label", ""));
    point->generation = (int) json_number(json, "generation", 1);
    point->timeline = (int) json_number(json, "timeline", 1);
    point->moment = (Moment) json_number(json, "moment", 0);
}

/* ---- The source ---- */

static Instance *
source_of(JobContext *context, const RestorePoint *point)
{
    Instance *source = instance_load_any(context->store, point->source);

    if (!source || source->slot == 0) {
        job_fail(context, -ENOENT, "the instance %s, whose backups are wanted, is no more",
                 point->source);
        instance_free(source);
        return NULL;
    }
    return source;
}

static int
again(JobContext *context, int milliseconds)
{
    context->again_milliseconds = milliseconds;
    return JOB_AGAIN;
}

/*
 * Recovery stops before the first commit that is later than the moment, so that there must be one:
 * an empty transaction with a mark. Its file of WAL is ended and waited for.
 */
int
restore_archive(JobContext *context, const RestorePoint *point)
{
    AUTO_INSTANCE Instance *source = source_of(context, point);
    AUTO_FREE char *problem = NULL;
    AgentState state = AGENT_ABSENT;

    if (!source)
        return -ENOENT;
    if (point->moment == 0 || agent_instance_state(source->id, &state) != 0 || state != AGENT_READY)
        return 0;
    const char *file = json_text(context->data, "wal", "");
    if (!*file) {
        AUTO_FREE char *mark =
            repository_ask(source->id, source->slot,
                           "SELECT pg_logical_emit_message(true, 'casement', 'restored up to "
                           "here')",
                           &problem);
        AUTO_FREE char *ended =
            mark ? repository_ask(source->id, source->slot,
                                  "SELECT pg_walfile_name(pg_switch_wal())", &problem)
                 : NULL;
        if (!ended)
            return job_fail(context, -EIO, "the source does not answer: %s",
                            problem ? problem : "");
        json_object_set_new(context->data, "wal", json_string(ended));
        return again(context, 100);
    }
    AUTO_FREE char *sql = str_format("SELECT coalesce(left(last_archived_wal, 24) >= '%.24s', "
                                     "false) FROM pg_stat_archiver",
                                     file);
    AUTO_FREE char *done = repository_ask(source->id, source->slot, sql, &problem);
    if (done && strcmp(done, "t") == 0)
        return 0;
    long long waited = json_number(context->data, "waited", 0) + 1;
    json_object_set_new(context->data, "waited", json_integer(waited));
    if (waited > 400)
        return job_fail(context, -ETIMEDOUT, "the source does not archive its WAL");
    return again(context, 200);
}

/* ---- The files ---- */

/* "2026-11-23 10:00:00.123+00" */
static char *
target_text(Moment moment)
{
    time_t seconds = (time_t) (moment / MOMENT_SECOND);
    struct tm parts;
    char text[32];

    strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", gmtime_r(&seconds, &parts));
    return str_format("%s.%06d+00", text, (int) (moment % MOMENT_SECOND));
}

/* "restore file .../base/5/1255 (608KB, 61.53%) ..." */
static void
follow(void *context, const char *line)
{
    const char *percent = strchr(line, '%'), *from = percent;

    while (from && from > line && (from[-1] == '.' || (from[-1] >= '0' && from[-1] <= '9')))
        from--;
    if (percent && from < percent)
        job_progress(context, 10 + (int) (strtod(from, NULL) * 0.4));
}

static int
run_restore(JobContext *context,
            const Instance *source,
            const RestorePoint *point,
            const char *folder,
            bool to_the_end)
{
    AUTO_FREE char *set = str_format("--set=%s", point->label);
    AUTO_FREE char *moment = target_text(point->moment);
    AUTO_FREE char *target = str_format("--target=%s", moment);
    AUTO_FREE char *timeline = str_format("--target-timeline=%d", point->timeline);
    const char *words[12] = {set, "--delta", "--log-level-console=detail"};
    int count = 3;
    RepositoryRun run = {.folder = folder,
                         .source = source,
                         .generation = point->generation,
                         .on_line = follow,
                         .context = context};

    if (point->moment == 0)
        words[count++] = "--type=immediate";
    else if (to_the_end)
        words[count++] = "--type=default";
    else {
        words[count++] = "--type=time";
        words[count++] = target;
    }
    if (point->moment != 0)
        words[count++] = timeline;
    if (point->moment == 0 || !to_the_end)
        words[count++] = "--target-action=promote";
    int status = repository_run(&run, "restore", words);
    int result = status == 0 ? 0 : job_fail(context, -EIO, "%.300s", repository_problem(&run));
    if (status == REPOSITORY_LOCKED)
        result = again(context, 700);
    repository_run_done(&run);
    return result;
}

int
restore_files(JobContext *context, const RestorePoint *point, const char *folder)
{
    AUTO_INSTANCE Instance *source = source_of(context, point);
    AUTO_FREE char *problem = NULL;
    int error;

    if (!source)
        return -ENOENT;
    /* What a run that was cut short left may be in any state. */
    error = agent_instance_remove(folder, &problem);
    if (!error)
        error = agent_folder_create(folder, source->slot, &problem);
    if (!error)
        error = repository_lend(context->store, source, folder, &problem);
    if (error)
        return job_fail(context, error, "the folder to restore into: %s", problem ? problem : "");
    return run_restore(context, source, point, folder, false);
}

/* ---- Recovery ---- */

static int
start_recovery(JobContext *context,
               const Instance *source,
               const char *folder,
               const char *address,
               int port,
               char **problem)
{
    /* Nothing is archived yet, but what will have to be is remembered. */
    static const char *const parameters[] = {"archive_mode=on", "hot_standby=off",
                                             "wal_level=replica", NULL};
    AgentInstance known;
    int error;

    instance_for_agent(source, &known);
    snprintf(known.id, sizeof(known.id), "%s", folder);
    snprintf(known.address, sizeof(known.address), "%s", address);
    known.port = port;
    error = agent_instance_configure(&known, parameters, false, problem);
    return error ? error : agent_instance_start(&known, problem);
}

/* Longer than a start may take: it is asked again. */
static bool
still_recovers(const char *folder)
{
    AgentState state = AGENT_ABSENT;

    return agent_instance_state(folder, &state) == 0 &&
           (state == AGENT_STARTING || state == AGENT_READY);
}

int
restore_recover(JobContext *context,
                const RestorePoint *point,
                const char *folder,
                const char *address,
                int port)
{
    AUTO_INSTANCE Instance *source = source_of(context, point);
    AUTO_FREE char *problem = NULL;
    bool to_the_end = json_flag(context->data, "to_the_end", false);

    if (!source)
        return -ENOENT;
    int error = start_recovery(context, source, folder, address, port, &problem);
    if (error && still_recovers(folder))
        return again(context, 1000);
    if (error && point->moment != 0 && !to_the_end && problem &&
        strstr(problem, "recovery ended before configured recovery target")) {
        /* All that was ever archived is earlier than the moment. */
        agent_instance_stop(folder, NULL);
        json_object_set_new(context->data, "to_the_end", json_true());
        error = run_restore(context, source, point, folder, true);
        return error ? error : again(context, 10);
    }
    if (error)
        return job_fail(context, error, "the backup could not be recovered: %.600s",
                        problem ? problem : strerror(-error));
    AUTO_FREE char *recovering =
        repository_ask(folder, source->slot, "SELECT pg_is_in_recovery()", &problem);
    if (!recovering || strcmp(recovering, "f") != 0)
        return again(context, 300);
    /* What recovery was told must not be read again at a later start. */
    AUTO_FREE char *reset =
        repository_ask(folder, source->slot, "ALTER SYSTEM RESET ALL", &problem);
    return reset ? 0 : job_fail(context, -EIO, "the restored cluster: %s", problem ? problem : "");
}

int
restore_settle(JobContext *context, const char *folder, int slot)
{
    AUTO_FREE char *problem = NULL;
    int error = agent_instance_stop(folder, &problem);

    if (!error)
        error = agent_folder_own(folder, slot, &problem);
    return error ? job_fail(context, error, "the restored cluster: %s", problem ? problem : "") : 0;
}
