/*
 * restore_jobs.c: restores into an instance that exists: its cluster is replaced, the old one kept
 * until the new one runs.
 */
#include "rds/backups.h"

#include "base/log.h"
#include "base/settings.h"
#include "crypto/master_key.h"
#include "rds/jobs.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char *
folder_of(const JobContext *context)
{
    return json_text(context->data, "folder", "");
}

static void
point_of(const JobContext *context, RestorePoint *point)
{
    restore_point_read(json_object_get(context->data, "point"), point);
}

/* A loopback address that no instance is given, for the time of the recovery. */
void
restore_place(const JobContext *context, char address[64], int *port)
{
    char digits[9] = "";

    strncat(digits, folder_of(context), 8);
    unsigned long number = strtoul(digits, NULL, 16);
    snprintf(address, 64, "127.254.%lu.%lu", number >> 24 & 255, (number >> 16 & 255) % 253 + 1);
    *port = 20000 + (int) (number & 0x3fff);
}

int
restore_step_archive(JobContext *context)
{
    RestorePoint point;

    point_of(context, &point);
    return restore_archive(context, &point);
}

int
restore_step_files(JobContext *context)
{
    RestorePoint point;

    point_of(context, &point);
    return restore_files(context, &point, folder_of(context));
}

int
restore_step_recover(JobContext *context)
{
    RestorePoint point;
    char address[64];
    int port;

    point_of(context, &point);
    restore_place(context, address, &port);
    return restore_recover(context, &point, folder_of(context), address, port);
}

static int
take_down(JobContext *context)
{
    AUTO_INSTANCE Instance *target = job_instance(context);
    AUTO_FREE char *problem = NULL;
    static const char *const force[] = {"--force", NULL};
    RepositoryRun run = {0};
    int error;

    if (!target)
        return -ENOENT;
    if ((error = restore_settle(context, folder_of(context), target->slot)) != 0)
        return error;
    /* A backup of what is replaced has no sense any more. */
    run.folder = target->id;
    run.source = target;
    run.generation = repository_generation(context->store, target->id);
    if (repository_run(&run, "stop", force) == 0)
        repository_run(&run, "start", NULL);
    repository_run_done(&run);
    error = agent_instance_stop(target->id, &problem);
    return error ? job_fail(context, error, "the instance could not be stopped: %s",
                            problem ? problem : "")
                 : 0;
}

static int
replace(JobContext *context)
{
    AUTO_INSTANCE Instance *target = job_instance(context);
    AUTO_FREE char *problem = NULL;
    RestorePoint point;
    AgentState state = AGENT_ABSENT;
    int error;

    if (!target)
        return -ENOENT;
    point_of(context, &point);
    if (strcmp(point.source, target->id) != 0 && !json_flag(context->data, "renewed", false)) {
        int from = (int) json_number(context->data, "old_generation", 0);
        if (from == 0) { /* recorded before it changes: this step may be run again */
            json_object_set_new(context->data, "old_generation",
                                json_integer(repository_generation(context->store, target->id)));
            context->again_milliseconds = 1;
            return JOB_AGAIN;
        }
        if (repository_generation(context->store, target->id) == from &&
            (error = repository_renew(context->store, target, &problem)) != 0)
            return job_fail(context, error, "its repository: %s", problem ? problem : "");
        json_object_set_new(context->data, "renewed", json_true());
    }
    /* Where the folder beside is gone, this was done. */
    if (agent_instance_state(folder_of(context), &state) == 0 && state == AGENT_ABSENT)
        return 0;
    error = agent_instance_replace(target->id, folder_of(context), target->slot, &problem);
    return error ? job_fail(context, error, "the cluster could not be replaced: %s",
                            problem ? problem : "")
                 : 0;
}

PGconn *
restore_link(const char *folder)
{
    AUTO_FREE char *run = repository_folder(folder, "run");
    const char *const keys[] = {"host", "port", "user", "dbname", "connect_timeout", NULL};
    const char *const values[] = {run, "5432", "casement", "casement", "10", NULL};
    PGconn *link = PQconnectdbParams(keys, values, 0);

    PQclear(PQexec(link, "SET log_statement = 'none'; SET log_min_duration_statement = -1; SET "
                         "log_min_error_statement = panic; SET log_parameter_max_length = 0"));
    return link;
}

/* The internal login's password is the instance's, whatever it was in the source. */
int
restore_set_manager(JobContext *context, const char *folder, const Instance *instance)
{
    AUTO_WIPE char *password =
        secret_open("rds-manage", json_text(instance->row, "manage_password", ""), NULL);
    const char *const parameters[] = {"rdsadmin", password};

    if (!password)
        return job_fail(context, -EIO, "the management password is lost");
    PGconn *link = restore_link(folder);
    PGresult *result = PQexecParams(link, "SELECT casement.set_login_password($1, $2)", 2, NULL,
                                    parameters, NULL, NULL, 0);
    bool done = PQresultStatus(result) == PGRES_TUPLES_OK;
    if (!done)
        job_fail(context, -EIO, "the management login: %s", PQerrorMessage(link));
    PQclear(result);
    PQfinish(link);
    return done ? 0 : -EIO;
}

static int
bring_up(JobContext *context)
{
    AUTO_INSTANCE Instance *target = job_instance(context);
    AUTO_FREE char *problem = NULL;
    AgentInstance known;
    int error;

    if (!target)
        return -ENOENT;
    if ((error = repository_prepare(context->store, target, &problem)) != 0)
        return job_fail(context, error, "its repository: %s", problem ? problem : "");
    if ((error = instance_configure(context, target, false)) != 0)
        return error;
    instance_for_agent(target, &known);
    if ((error = agent_instance_start(&known, &problem)) != 0)
        return job_fail(context, error, "the restored instance could not be started: %s",
                        problem ? problem : "");
    return restore_set_manager(context, target->id, target);
}

/* The line of history that begins here, and a full backup of it. */
static int
record_history(JobContext *context)
{
    AUTO_INSTANCE Instance *target = job_instance(context);
    AUTO_FREE char *problem = NULL;
    RestorePoint point;

    if (!target)
        return -ENOENT;
    point_of(context, &point);
    AUTO_FREE char *line = repository_ask(
        target->id, target->slot,
        "SELECT ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int", &problem);
    if (!line)
        return job_fail(context, -EIO, "the restored instance: %s", problem ? problem : "");
    bool own = strcmp(point.source, target->id) == 0;
    if ((own && store_run(context->store,
                          "INSERT INTO rds_timeline (instance_id, generation, timeline, parent, "
                          "branch, began) SELECT $1, $2, $3, $4, coalesce($5, (SELECT consistent "
                          "FROM rds_backup WHERE id = $6), now()), now() ON CONFLICT DO NOTHING",
                          "siiiss", target->id, point.generation, (int) strtol(line, NULL, 10),
                          point.timeline, NULL, point.backup) < 0) ||
        (own && point.moment &&
         store_run(context->store,
                   "UPDATE rds_timeline SET branch = $4 WHERE instance_id = $1 AND generation = $2 "
                   "AND timeline = $3",
                   "siim", target->id, point.generation, (int) strtol(line, NULL, 10),
                   point.moment) < 0) ||
        store_run(context->store,
                  "UPDATE rds_repository SET wants_backup = true WHERE instance_id = $1", "s",
                  target->id) < 0)
        return job_fail(context, -EIO, "the store refused: %s", store_error(context->store));
    return 0;
}

static int
settle(JobContext *context)
{
    AUTO_INSTANCE Instance *target = job_instance(context);
    AUTO_FREE char *problem = NULL;
    int error;

    if (!target)
        return -ENOENT;
    if ((error = agent_folder_settle(target->id, &problem)) != 0)
        return job_fail(context, error, "what it was before could not be removed: %s",
                        problem ? problem : "");
    json_object_set_new(context->result, "instance", json_pack("{s:s}", "id", target->id));
    instance_set_status(context->store, target->id, "ACTIVE");
    return 0;
}

/* What was there is put back; nothing stays beside. */
static int
restore_failed(JobContext *context)
{
    AUTO_INSTANCE Instance *target = instance_load_any(context->store, context->resource_id);
    AUTO_FREE char *problem = NULL;
    AgentInstance known;
    int error = agent_instance_remove(folder_of(context), &problem);

    if (!error && target && target->slot) {
        error = agent_folder_put_back(target->id, &problem);
        instance_for_agent(target, &known);
        if (!error)
            error = agent_instance_start(&known, &problem);
    }
    if (error)
        log_error("instance %s after a restore that failed: %s", context->resource_id,
                  problem ? problem : strerror(-error));
    instance_settle(context->store, context->resource_id);
    return error;
}

static const JobStep whole_steps[] = {{"archive", restore_step_archive, 10},
                                      {"restore-files", restore_step_files, 50},
                                      {"recover", restore_step_recover, 70},
                                      {"stop-instance", take_down, 75},
                                      {"replace", replace, 80},
                                      {"start", bring_up, 90},
                                      {"record", record_history, 95},
                                      {"settle", settle, 100},
                                      {NULL, NULL, 0}};
const JobKind job_restore_instance = {"RestoreSqlserverInstance", whole_steps, restore_failed};
