/*
 * bootstrap.c: identities and the first instance of a new region; see bootstrap.h.
 */
#include "main/bootstrap.h"

#include "base/log.h"
#include "base/memory.h"
#include "base/settings.h"
#include "crypto/authority.h"
#include "crypto/random_id.h"
#include "iam/iam.h"
#include "main/local_call.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FIRST_NAME "sql-1"
#define FIRST_LOGIN "rdsuser"
#define FIRST_SECONDS 120 /* for its job */

/* Replaces a file that only its owner reads. */
static int
keep_secret(const char *path, const char *text, char **problem)
{
    AUTO_FREE char *beside = str_format("%s.new", path);
    size_t length = strlen(text);

    unlink(beside);
    int file = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool done = file >= 0 && write(file, text, length) == (ssize_t) length && fsync(file) == 0 &&
                rename(beside, path) == 0;
    int error = done ? 0 : errno ? -errno : -EIO;
    if (file >= 0)
        close(file);
    if (error)
        *problem = str_format("cannot write %s: %s", path, strerror(-error));
    return error;
}

/* ---- Identities ---- */

json_t *
bootstrap_admin(void)
{
    AUTO_FREE char *path = settings_path("admin.json");

    return json_load_file(path, 0, NULL);
}

static int
make_identities(StoreConn *store, char **problem)
{
    AUTO_FREE char *path = settings_path("admin.json");
    AUTO_JSON json_t *admin =
        iam_bootstrap(store, setting_text(SETTING_REGION), settings_endpoint(), problem);

    if (!admin)
        return -EIO;
    json_put_text(admin, "endpoint", settings_endpoint());
    json_put_text(admin, "region", setting_text(SETTING_REGION));
    json_put_text(admin, "ca_file", *setting_text(SETTING_CERTIFICATE) ? NULL : authority_file());
    AUTO_WIPE char *text = json_dumps(admin, JSON_INDENT(2));
    AUTO_WIPE char *lines = str_format("%s\n", text);
    int error = keep_secret(path, lines, problem);
    if (error)
        return error;
    if (store_run(store, "UPDATE daemon_region SET bootstrapped = now() WHERE region = $1", "s",
                  setting_text(SETTING_REGION)) != 1) {
        *problem = str_format("cannot record the first start: %s", store_error(store));
        return -EIO;
    }
    return 0;
}

/* The address or port that clients use may have changed since the file was written. */
static int
refresh_admin(char **problem)
{
    AUTO_FREE char *path = settings_path("admin.json");
    AUTO_JSON json_t *admin = bootstrap_admin();

    if (!admin || strcmp(json_text(admin, "endpoint", ""), settings_endpoint()) == 0)
        return 0;
    json_put_text(admin, "endpoint", settings_endpoint());
    AUTO_WIPE char *text = json_dumps(admin, JSON_INDENT(2));
    AUTO_WIPE char *lines = str_format("%s\n", text);
    return keep_secret(path, lines, problem);
}

int
bootstrap_identities(StoreConn *store, bool reset, char **problem)
{
    const char *region = setting_text(SETTING_REGION);
    AUTO_FREE char *other =
        store_value(store, "SELECT region FROM daemon_region WHERE region <> $1", "s", region);

    if (other) {
        *problem = str_format("this store is of the region %s, not %s", other, region);
        return -EINVAL;
    }
    store_run(store, "INSERT INTO daemon_region (region) VALUES ($1) ON CONFLICT DO NOTHING", "s",
              region);
    AUTO_FREE char *done = store_value(
        store, "SELECT bootstrapped::text FROM daemon_region WHERE region = $1", "s", region);
    if (store_failed(store)) {
        *problem = str_format("cannot read the store: %s", store_error(store));
        return -EIO;
    }
    return done && !reset ? refresh_admin(problem) : make_identities(store, problem);
}

/* ---- The first instance ---- */

/* The smallest flavor for one instance that the API offers; owned by the caller. */
static char *
smallest_flavor(StoreConn *store, const Principal *admin, char **zone)
{
    int status = 0;
    AUTO_FREE char *path = str_format("/v3/%s/flavors/SQLServer", admin->project_id);
    AUTO_JSON json_t *query = json_pack("{s:s}", "version_name", "2022_SE");
    AUTO_JSON json_t *answer = local_call(store, admin, "GET", path, query, NULL, &status);
    const json_t *flavor, *best = NULL;
    const char *name;
    json_t *state;
    size_t index;

    json_array_foreach(json_object_get(answer, "flavors"), index, flavor)
    {
        if (strcmp(json_text(flavor, "instance_mode", ""), "single") != 0)
            continue;
        if (!best || json_number(flavor, "ram", 0) < json_number(best, "ram", 0))
            best = flavor;
    }
    json_object_foreach(json_object_get(best, "az_status"), name, state)
    {
        if (!*zone)
            *zone = str_copy(name);
    }
    return str_copy(json_text(best, "spec_code", NULL));
}

static json_t *
first_body(const char *flavor, const char *zone, const char *password)
{
    return json_pack("{s:s, s:{s:s, s:s}, s:s, s:{s:s, s:i}, s:s, s:s, s:s, s:s, s:s, s:s}", "name",
                     FIRST_NAME, "datastore", "type", "SQLServer", "version", "2022_SE",
                     "flavor_ref", flavor, "volume", "type", "CLOUDSSD", "size", 40, "region",
                     setting_text(SETTING_REGION), "availability_zone", zone, "vpc_id",
                     "00000000-0000-0000-0000-000000000001", "subnet_id",
                     "00000000-0000-0000-0000-000000000002", "security_group_id",
                     "00000000-0000-0000-0000-000000000003", "password", password);
}

/* The password that an earlier start wrote before it was cut short, or a new one, kept. */
static char *
first_password(char **problem)
{
    AUTO_FREE char *path = settings_path("sql.password");
    char line[128] = "";
    FILE *file = fopen(path, "re");

    if (file && fgets(line, sizeof(line), file))
        line[strcspn(line, "\n")] = '\0';
    if (file)
        fclose(file);
    if (*line)
        return str_copy(line);
    char *password = random_password(20);
    AUTO_WIPE char *text = str_format("%s\n", password);
    if (keep_secret(path, text, problem) != 0) {
        str_wipe(password);
        return NULL;
    }
    return password;
}

/* Waits for the job's end; 0 when it was completed. */
static int
wait_job(StoreConn *store, const char *job, char **problem)
{
    for (int waited = 0; waited < FIRST_SECONDS * 1000; waited += 50) {
        AUTO_ROWS PGresult *rows = store_query(
            store, "SELECT status, coalesce(fail_reason, '') AS reason FROM job WHERE id = $1", "s",
            job);
        if (!rows || PQntuples(rows) == 0)
            break;
        if (strcmp(row_text(rows, 0, "status"), "Completed") == 0)
            return 0;
        if (strcmp(row_text(rows, 0, "status"), "Failed") == 0) {
            *problem = str_copy(row_text(rows, 0, "reason"));
            return -EIO;
        }
        poll(NULL, 0, 50);
    }
    *problem = str_format("its job %s did not end in %d s", job, FIRST_SECONDS);
    return -ETIMEDOUT;
}

static int
record_first(StoreConn *store, const char *id)
{
    return store_run(store, "UPDATE daemon_region SET first_instance = $1 WHERE region = $2", "ss",
                     id, setting_text(SETTING_REGION)) == 1
               ? 0
               : -EIO;
}

/* What an earlier start asked for and did not live to record. */
static bool
adopt_first(StoreConn *store, const char *project_id)
{
    AUTO_FREE char *id =
        store_value(store, "SELECT id FROM rds_instance WHERE project_id = $1 AND name = $2", "ss",
                    project_id, FIRST_NAME);

    return id && record_first(store, id) == 0;
}

static int
ask_for_first(StoreConn *store, const Principal *admin, char **problem)
{
    int status = 0;
    AUTO_FREE char *zone = NULL;
    AUTO_FREE char *flavor = smallest_flavor(store, admin, &zone);
    AUTO_WIPE char *password = first_password(problem);
    AUTO_FREE char *path = str_format("/v3/%s/instances", admin->project_id);

    if (!flavor || !password) {
        if (!*problem)
            *problem = str_copy("the API offers no flavor for it");
        return -ENOENT;
    }
    AUTO_JSON json_t *body = first_body(flavor, zone ? zone : "az1", password);
    AUTO_JSON json_t *answer = local_call(store, admin, "POST", path, NULL, body, &status);
    const char *id = json_text(json_object_get(answer, "instance"), "id", NULL);
    const char *job = json_text(answer, "job_id", NULL);
    if (status != 202 || !id || !job) {
        *problem = str_format("the API answered %d: %s", status,
                              json_text(answer, "error_msg", "no instance"));
        return -EIO;
    }
    int error = record_first(store, id);
    return error ? error : wait_job(store, job, problem);
}

int
bootstrap_first_instance(StoreConn *store, char **problem)
{
    AUTO_FREE char *first =
        store_value(store, "SELECT first_instance FROM daemon_region WHERE region = $1", "s",
                    setting_text(SETTING_REGION));
    AUTO_JSON json_t *account = bootstrap_admin();
    Principal admin = {
        .user_id = json_text(account, "user_id", ""),
        .user_name = json_text(account, "user", ""),
        .domain_id = json_text(account, "domain_id", ""),
        .domain_name = json_text(account, "domain_name", ""),
        .project_id = json_text(account, "project_id", ""),
        .project_name = setting_text(SETTING_REGION),
        .access_key = "",
        .sysadmin = true,
        .expires = INT64_MAX,
    };

    if (!first || *first)
        return 0;
    if (!setting_flag(SETTING_FIRST_INSTANCE))
        return record_first(store, "none");
    if (!account || adopt_first(store, admin.project_id))
        return 0;
    return ask_for_first(store, &admin, problem);
}
