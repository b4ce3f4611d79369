/*
 * create_job.c: the job CreateSqlserverInstance: from a row to an instance that serves.
 *
 * Its steps look at what is already there, since each may be run again. The time from the request
 * to ACTIVE is stated in the job (ready_seconds).
 */
#include "rds/jobs.h"

#include "base/log.h"
#include "base/settings.h"
#include "crypto/authority.h"
#include "crypto/master_key.h"
#include "crypto/random_id.h"
#include "rds/backup_hooks.h"
#include "rds/catalogue.h"
#include "rds/plan.h"
#include "rds/recycle.h"

#include <errno.h>
#include <libpq-fe.h>
#include <string.h>

static int
reserve_slot(JobContext *context)
{
    int error = plan_reserve(context->store, context->resource_id);

    if (error == -ENOSPC)
        return job_fail(context, error, "the instances' network has no free address or port");
    if (error == -EADDRINUSE)
        return job_fail(context, error, "the port is taken by another instance");
    if (error)
        return job_fail(context, error, "no place could be reserved: %s", strerror(-error));
    const char *vip = json_text(context->data, "data_vip", "");
    if (*vip && store_run(context->store, "UPDATE rds_instance SET address = $2 WHERE id = $1",
                          "ss", context->resource_id, vip) < 0)
        return job_fail(context, -EADDRINUSE, "data_vip %s is taken by another instance", vip);
    instance_touch(context->store, context->resource_id);
    return 0;
}

static int
copy_template(JobContext *context)
{
    AUTO_INSTANCE Instance *instance = job_instance(context);
    AUTO_FREE char *problem = NULL;
    AgentInstance known;
    const json_t *point = json_object_get(context->data, "restore_point");
    int error;

    if (!instance)
        return -ENOENT;
    if (point && !json_flag(context->data, "from_recycle", false))
        return backup_hook_restore(context, instance, point);
    instance_for_agent(instance, &known);
    if (point)
        error = agent_instance_copy(&known, json_text(point, "instance_id", ""), &problem);
    else
        error = agent_instance_create(&known, &problem);
    return error ? job_fail(context, error, "its folder could not be made: %s",
                            problem ? problem : strerror(-error))
                 : 0;
}

static int
configure(JobContext *context)
{
    AUTO_INSTANCE Instance *instance = job_instance(context);

    if (!instance)
        return -ENOENT;
    if (!*json_text(instance->row, "manage_password", "")) {
        AUTO_WIPE char *password = random_password(30);
        AUTO_FREE char *sealed = secret_seal("rds-manage", password, strlen(password));
        if (store_run(context->store, "UPDATE rds_instance SET manage_password = $2 WHERE id = $1",
                      "ss", instance->id, sealed) != 1)
            return job_fail(context, -EIO, "the store refused: %s", store_error(context->store));
    }
    return instance_configure(context, instance, false);
}

static int
start(JobContext *context)
{
    AUTO_INSTANCE Instance *instance = job_instance(context);
    AUTO_FREE char *problem = NULL;
    AgentInstance known;

    if (!instance)
        return -ENOENT;
    instance_for_agent(instance, &known);
    int error = agent_instance_start(&known, &problem);
    return error ? job_fail(context, error, "it could not be started: %s",
                            problem ? problem : strerror(-error))
                 : 0;
}

/* ---- Logins ---- */

/* Sets the password of a login that exists, over the cluster's own socket. */
static bool
set_password_inside(const Instance *instance, const char *login, const char *password)
{
    AUTO_FREE char *name = str_format("instances/%s/run", instance->id);
    AUTO_FREE char *folder = settings_path(name);
    const char *const keys[] = {"host", "port", "user", "dbname", "connect_timeout", NULL};
    const char *const values[] = {folder, "5432", "casement", "casement", "10", NULL};
    const char *const parameters[] = {login, password};
    PGconn *link = PQconnectdbParams(keys, values, 0);
    PGresult *result = PQexec(link, "SET log_statement = 'none'; SET "
                                    "log_min_duration_statement = -1; SET log_min_error_statement "
                                    "= panic; SET log_parameter_max_length = 0");

    PQclear(result);
    result = PQexecParams(link, "SELECT casement.set_login_password($1, $2)", 2, NULL, parameters,
                          NULL, NULL, 0);
    bool done = PQresultStatus(result) == PGRES_TUPLES_OK;
    if (!done)
        log_warning("instance %s: the password of %s: %s", instance->id, login,
                    PQerrorMessage(link));
    PQclear(result);
    PQfinish(link);
    return done;
}

static TdsConnection *
open_as(const Instance *instance, const char *login, const char *password, char **problem)
{
    int number = 0;
    TdsTarget target = {.host = instance_address(instance),
                        .port = instance->port,
                        .user = login,
                        .password = password,
                        .database = "master",
                        .application = "casementd",
                        .ca_file = authority_file(),
                        .timeout_seconds = 30};

    free(*problem);
    *problem = NULL;
    return tds_open(&target, problem, &number);
}

/*
 * A connection that may do everything. A new cluster has sa, without a password; it is disabled
 * when the rest is done, so that where it is, rdsadmin is complete.
 */
static TdsConnection *
open_master(const Instance *instance, const char *password, char **problem)
{
    TdsConnection *connection = NULL;

    if (set_password_inside(instance, "sa", password))
        connection = open_as(instance, "sa", password, problem);
    if (!connection && set_password_inside(instance, "rdsadmin", password))
        connection = open_as(instance, "rdsadmin", password, problem);
    if (!connection && !*problem)
        *problem = str_copy("its cluster lets nobody in");
    return connection;
}

/* The text as a T-SQL literal; owned by the caller. */
static char *
quoted(const char *text)
{
    Buffer out = {0};

    buffer_add_text(&out, "N'");
    for (; *text; text++)
        buffer_add(&out, *text == '\'' ? "''" : text, *text == '\'' ? 2 : 1);
    buffer_add_text(&out, "'");
    return out.text;
}

typedef struct FirstError {
    char *text;
} FirstError;

static void
keep_error(void *context, const TdsMessage *message)
{
    FirstError *first = context;

    if (message->severity > 10 && !first->text)
        first->text = str_copy(message->text);
}

static int
run_batch(TdsConnection *connection, const char *sql, char **problem)
{
    FirstError first = {0};
    TdsReceiver receiver = {.context = &first, .message = keep_error};
    int status = tds_batch(connection, sql, &receiver);

    if (status != 0 && !*problem)
        *problem = first.text ? str_copy(first.text) : str_copy("the connection was lost");
    free(first.text);
    return status;
}

/* Makes the login, or gives it the password. */
static char *
login_batch(const char *login, const char *password)
{
    AUTO_WIPE char *literal = quoted(password);

    return str_format("IF SUSER_ID('%s') IS NULL CREATE LOGIN %s WITH PASSWORD = %s, CHECK_POLICY "
                      "= OFF ELSE ALTER LOGIN %s WITH PASSWORD = %s",
                      login, login, literal, login, literal);
}

static int
make_logins(TdsConnection *connection,
            const Instance *instance,
            const char *manage,
            const char *tenant,
            char **problem)
{
    AUTO_WIPE char *admin = login_batch("rdsadmin", manage);
    AUTO_WIPE char *user = tenant ? login_batch("rdsuser", tenant) : NULL;
    AUTO_FREE char *collate = str_format("ALTER DATABASE model COLLATE %s", instance->collation);
    int status = run_batch(connection, admin, problem);

    if (!status)
        status = run_batch(connection, "ALTER SERVER ROLE sysadmin ADD MEMBER rdsadmin", problem);
    if (!status && user)
        status = run_batch(connection, user, problem);
    if (!status && user)
        status = run_batch(connection,
                           "ALTER SERVER ROLE dbcreator ADD MEMBER rdsuser;"
                           "ALTER SERVER ROLE securityadmin ADD MEMBER rdsuser;"
                           "ALTER SERVER ROLE processadmin ADD MEMBER rdsuser",
                           problem);
    if (!status && strcmp(instance->collation, "SQL_Latin1_General_CP1_CI_AS") != 0)
        status = run_batch(connection, collate, problem);
    if (!status)
        status = run_batch(connection, "ALTER LOGIN sa DISABLE", problem);
    return status;
}

static int
set_passwords(JobContext *context)
{
    AUTO_INSTANCE Instance *instance = job_instance(context);
    AUTO_FREE char *problem = NULL;
    const char *sealed = json_text(context->data, "password", NULL);
    AUTO_WIPE char *tenant = sealed ? secret_open("rds-password", sealed, NULL) : NULL;

    if (!instance)
        return -ENOENT;
    AUTO_WIPE char *manage =
        secret_open("rds-manage", json_text(instance->row, "manage_password", ""), NULL);
    if (!manage)
        return job_fail(context, -EIO, "the management password is lost");
    TdsConnection *connection = open_master(instance, manage, &problem);
    int status = connection ? make_logins(connection, instance, manage, tenant, &problem) : -EIO;
    tds_close(connection);
    return status ? job_fail(context, -EIO, "its logins could not be made: %s",
                             problem ? problem : "no reason given")
                  : 0;
}

static int
first_backup(JobContext *context)
{
    AUTO_INSTANCE Instance *instance = job_instance(context);

    return instance ? backup_hook_created(context, instance) : -ENOENT;
}

/* What the job shows: where the instance is, and how long it took. */
static void
describe(JobContext *context, const Instance *instance)
{
    long long asked = json_number(context->data, "asked_us", 0);
    double seconds = (double) (moment_now() - asked) / MOMENT_SECOND;
    AUTO_FREE char *endpoint = str_format("%s:%d", instance_address(instance), instance->port);

    json_object_set_new(context->result, "instance",
                        json_pack("{s:s, s:s, s:{s:s, s:s}}", "endpoint", endpoint, "type",
                                  "Single", "datastore", "type", "SQLServer", "version",
                                  instance->engine_version));
    json_object_set_new(context->result, "resource_ids", json_pack("[s]", instance->id));
    if (asked)
        json_object_set_new(context->result, "ready_seconds", json_real(seconds));
    store_run(context->store, "UPDATE rds_instance SET ready_ms = $2 WHERE id = $1", "si",
              instance->id, (int) (seconds * 1000));
}

static int
activate(JobContext *context)
{
    AUTO_INSTANCE Instance *instance = job_instance(context);

    if (!instance)
        return -ENOENT;
    describe(context, instance);
    json_object_del(context->data, "password"); /* not needed any more */
    instance_set_status(context->store, instance->id, "ACTIVE");
    return 0;
}

/* Nothing of it stays but the row, which says CREATE FAIL until it is deleted. */
static int
undo(JobContext *context)
{
    AUTO_FREE char *problem = NULL;
    int error = agent_instance_remove(context->resource_id, &problem);

    if (!error)
        error = backup_hook_forget(context->store, context->resource_id);
    if (error)
        return error;
    json_object_del(context->data, "password");
    if (store_run(context->store,
                  "UPDATE rds_instance SET status = 'CREATE FAIL', slot = NULL, address = '', "
                  "updated = now() WHERE id = $1",
                  "s", context->resource_id) < 0)
        return -EIO;
    instance_touch(context->store, context->resource_id);
    return 0;
}

static const JobStep steps[] = {
    {"reserve-slot", reserve_slot, 5},    {"copy-template", copy_template, 30},
    {"configure", configure, 40},         {"start", start, 70},
    {"set-passwords", set_passwords, 85}, {"first-backup", first_backup, 95},
    {"activate", activate, 100},          {NULL, NULL, 0}};
const JobKind job_create_instance = {"CreateSqlserverInstance", steps, undo};
