/*
 * repository.c: see repository.h. Called by the jobs of backups and restores; all that it runs goes
 * through the host agent.
 */
#include "rds/repository.h"

#include "base/settings.h"
#include "crypto/master_key.h"
#include "crypto/random_id.h"

#include <errno.h>
#include <string.h>

char *
repository_folder(const char *id, const char *name)
{
    AUTO_FREE char *part = str_format("instances/%s/%s", id, name);

    return settings_path(part);
}

/* ---- Keys ---- */

/* The project's key, made when it is first needed; owned by the caller (str_wipe). */
static char *
project_key(StoreConn *store, const char *project_id)
{
    AUTO_WIPE char *fresh = random_secret_key();
    AUTO_FREE char *purpose = str_format("project-key:%s", project_id);
    AUTO_FREE char *sealed = secret_seal(purpose, fresh, strlen(fresh));

    if (store_run(store,
                  "INSERT INTO rds_project_key (project_id, sealed) VALUES ($1, $2) ON CONFLICT "
                  "DO NOTHING",
                  "ss", project_id, sealed) < 0)
        return NULL;
    AUTO_FREE char *kept = store_value(
        store, "SELECT sealed FROM rds_project_key WHERE project_id = $1", "s", project_id);
    return kept ? secret_open(purpose, kept, NULL) : NULL;
}

/* HMAC of the salt with the project's key; owned by the caller. */
static char *
passphrase(StoreConn *store, const Instance *instance, char **problem)
{
    unsigned char digest[32];
    AUTO_FREE char *fresh = random_access_key();

    if (store_run(store,
                  "UPDATE rds_instance SET backup_passphrase = $2 WHERE id = $1 AND "
                  "backup_passphrase IS NULL",
                  "ss", instance->id, fresh) < 0) {
        *problem = str_copy(store_error(store));
        return NULL;
    }
    AUTO_FREE char *salt = store_value(
        store, "SELECT backup_passphrase FROM rds_instance WHERE id = $1", "s", instance->id);
    AUTO_WIPE char *key = salt ? project_key(store, instance->project_id) : NULL;
    if (!key) {
        *problem = str_copy("the key of the project's backups cannot be read");
        return NULL;
    }
    AUTO_FREE char *text = str_format("casement backup %s %s", instance->id, salt);
    hmac_sha256(key, strlen(key), text, strlen(text), digest);
    char *result = base64_text(digest, sizeof(digest));
    memset(digest, 0, sizeof(digest));
    return result;
}

/* ---- pgbackrest.conf ---- */

static bool
on_s3(void)
{
    return strcmp(setting_text(SETTING_BACKUP_REPOSITORY), "s3") == 0;
}

static void
add_place(Buffer *text, const char *id)
{
    AUTO_FREE char *part = str_format("backups/%s", id);
    AUTO_FREE char *path = settings_path(part);

    if (!on_s3()) {
        buffer_format(text, "repo1-type=posix\nrepo1-path=%s\n", path);
        return;
    }
    buffer_format(text,
                  "repo1-type=s3\nrepo1-path=/%s\nrepo1-s3-endpoint=%s\nrepo1-s3-bucket=%s\n"
                  "repo1-s3-region=%s\nrepo1-s3-key=%s\nrepo1-s3-key-secret=%s\n"
                  "repo1-s3-uri-style=path\n",
                  id, setting_text(SETTING_BACKUP_S3_ENDPOINT),
                  setting_text(SETTING_BACKUP_S3_BUCKET), setting_text(SETTING_BACKUP_S3_REGION),
                  setting_text(SETTING_BACKUP_S3_KEY), setting_text(SETTING_BACKUP_S3_SECRET));
    if (*setting_text(SETTING_BACKUP_S3_CA))
        buffer_format(text, "repo1-storage-ca-file=%s\n", setting_text(SETTING_BACKUP_S3_CA));
}

int
repository_lend(StoreConn *store, const Instance *source, const char *folder, char **problem)
{
    Buffer text = {0};
    AUTO_WIPE char *secret = passphrase(store, source, problem);
    AUTO_FREE char *data = repository_folder(folder, "cluster/data");
    AUTO_FREE char *run = repository_folder(folder, "run");
    AUTO_FREE char *spool = repository_folder(folder, "spool");
    AUTO_FREE char *generation = str_format("%d", repository_generation(store, source->id));
    int error;

    if (!secret)
        return -EIO;
    buffer_add_text(&text, "# Written by casementd.\n[global]\n");
    add_place(&text, source->id);
    buffer_format(&text,
                  "repo1-cipher-type=aes-256-cbc\nrepo1-cipher-pass=%s\nrepo1-bundle=y\n"
                  "compress-type=zst\ncompress-level=3\nprocess-max=1\nstart-fast=y\n"
                  "archive-timeout=60\nlog-level-file=off\nlog-level-console=off\n"
                  "log-level-stderr=warn\nlock-path=%s/lock\nspool-path=%s\nlog-path=%s\n",
                  secret, spool, spool, spool);
    /* One section for every stanza there has been: an old one may still be restored from. */
    for (int i = 1; i <= (int) strtol(generation, NULL, 10); i++)
        buffer_format(&text,
                      "\n[s%d]\npg1-path=%s\npg1-socket-path=%s\npg1-port=5432\npg1-user="
                      "casement\n",
                      i, data, run);
    error = agent_write_file(folder, source->slot, "pgbackrest.conf", text.text, problem);
    buffer_done(&text);
    return error;
}

int
repository_generation(StoreConn *store, const char *instance_id)
{
    AUTO_FREE char *value = store_value(
        store, "SELECT generation FROM rds_repository WHERE instance_id = $1", "s", instance_id);

    return value ? (int) strtol(value, NULL, 10) : 1;
}

int
repository_prepare(StoreConn *store, const Instance *instance, char **problem)
{
    int error;

    if (store_run(store,
                  "INSERT INTO rds_repository (instance_id, project_id) VALUES ($1, $2) ON "
                  "CONFLICT DO NOTHING",
                  "ss", instance->id, instance->project_id) < 0) {
        *problem = str_copy(store_error(store));
        return -EIO;
    }
    error = agent_backups_create(instance->id, instance->slot, problem);
    return error ? error : repository_lend(store, instance, instance->id, problem);
}

/* ---- Running it ---- */

#define MOST_WORDS 24

int
repository_run(RepositoryRun *run, const char *command, const char *const *words)
{
    const char *arguments[MOST_WORDS + 4];
    int count = 0;
    AUTO_FREE char *path = repository_folder(run->folder, "pgbackrest.conf");
    AUTO_FREE char *config = str_format("--config=%s", path);
    AUTO_FREE char *stanza = str_format("--stanza=s%d", run->generation);

    repository_run_done(run);
    arguments[count++] = config;
    arguments[count++] = stanza;
    for (int i = 0; words && words[i] && i < MOST_WORDS; i++)
        arguments[count++] = words[i];
    arguments[count++] = command;
    arguments[count] = NULL;
    return agent_run(run->folder, run->source->slot, AGENT_PGBACKREST, arguments, NULL,
                     run->on_line, run->context, &run->output, &run->errors);
}

void
repository_run_done(RepositoryRun *run)
{
    free(run->output);
    free(run->errors);
    run->output = run->errors = NULL;
}

const char *
repository_problem(const RepositoryRun *run)
{
    const char *text = run->errors && *run->errors ? run->errors : run->output;
    const char *found = text ? strstr(text, "ERROR: ") : NULL;

    return found ? found + 7 : text && *text ? text : "pgBackRest could not be run";
}

int
repository_open(StoreConn *store, const Instance *instance, char **problem)
{
    RepositoryRun run = {.folder = instance->id,
                         .source = instance,
                         .generation = repository_generation(store, instance->id)};
    int status = repository_run(&run, "stanza-create", NULL);

    if (status != 0)
        *problem = str_copy_n(repository_problem(&run), 300);
    repository_run_done(&run);
    if (status != 0)
        return status == REPOSITORY_LOCKED ? -EBUSY : -EIO;
    AUTO_FREE char *timeline = repository_ask(
        instance->id, instance->slot,
        "SELECT ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int", problem);
    if (!timeline)
        return -EIO;
    if (store_run(store,
                  "INSERT INTO rds_timeline (instance_id, generation, timeline, began) SELECT $1, "
                  "$2, $3, CASE WHEN $2 = 1 THEN '-infinity'::timestamptz ELSE now() END WHERE NOT "
                  "EXISTS (SELECT 1 FROM rds_timeline WHERE "
                  "instance_id = $1 AND generation = $2)",
                  "sii", instance->id, run.generation, (int) strtol(timeline, NULL, 10)) < 0 ||
        store_run(store, "UPDATE rds_repository SET stanza_made = true WHERE instance_id = $1", "s",
                  instance->id) < 0) {
        *problem = str_copy(store_error(store));
        return -EIO;
    }
    return 0;
}

int
repository_renew(StoreConn *store, const Instance *instance, char **problem)
{
    if (store_run(store,
                  "UPDATE rds_repository SET generation = generation + 1, stanza_made = false "
                  "WHERE instance_id = $1",
                  "s", instance->id) < 0) {
        *problem = str_copy(store_error(store));
        return -EIO;
    }
    return repository_lend(store, instance, instance->id, problem);
}

static int
empty_stanza(const char *folder, const Instance *instance, int generation, char **problem)
{
    static const char *const force[] = {"--force", NULL};
    RepositoryRun run = {.folder = folder, .source = instance, .generation = generation};
    int status = repository_run(&run, "stop", NULL);

    if (status == 0)
        status = repository_run(&run, "stanza-delete", force);
    if (status != 0)
        *problem = str_copy_n(repository_problem(&run), 300);
    repository_run_done(&run);
    return status == REPOSITORY_LOCKED ? -EBUSY : status != 0 ? -EIO : 0;
}

/* The instance's own folder is gone, so that pgBackRest works in one for the moment. */
int
repository_empty(StoreConn *store, const Instance *instance, char **problem)
{
    int last = repository_generation(store, instance->id), error;
    char folder[41];

    if (!on_s3() || instance->slot == 0)
        return 0;
    id_new(folder, "rs04");
    error = agent_folder_create(folder, instance->slot, problem);
    if (!error)
        error = repository_lend(store, instance, folder, problem);
    for (int i = 1; !error && i <= last; i++)
        error = empty_stanza(folder, instance, i, problem);
    agent_instance_remove(folder, NULL);
    return error;
}

json_t *
repository_info(const Instance *instance, int generation)
{
    static const char *const words[] = {"--output=json", NULL};
    RepositoryRun run = {.folder = instance->id, .source = instance, .generation = generation};
    json_t *stanza = NULL;

    if (repository_run(&run, "info", words) == 0) {
        AUTO_JSON json_t *all = json_loads(run.output ? run.output : "", 0, NULL);
        stanza = json_incref(json_array_get(all, 0));
    }
    repository_run_done(&run);
    return stanza;
}

json_t *
repository_backup(const json_t *info, const char *backup_id)
{
    size_t index;
    json_t *one;

    json_array_foreach(json_object_get(info, "backup"), index, one)
    {
        if (strcmp(json_text(json_object_get(one, "annotation"), "casement", ""), backup_id) == 0)
            return one;
    }
    return NULL;
}

char *
repository_ask(const char *folder, int slot, const char *sql, char **problem)
{
    AUTO_FREE char *run = repository_folder(folder, "run");
    const char *const arguments[] = {
        "-X",   "-A", "-t",       "-q", "-h",       run,  "-p",
        "5432", "-U", "casement", "-d", "casement", "-v", "ON_ERROR_STOP=1",
        "-c",   sql,  NULL};
    char *output = NULL, *errors = NULL;
    int status = agent_run(folder, slot, AGENT_PSQL, arguments, NULL, NULL, NULL, &output, &errors);

    if (status == 0 && output) {
        output[strcspn(output, "\n")] = '\0';
        free(errors);
        return output;
    }
    free(*problem);
    *problem = errors && *errors ? errors : str_format("psql ended with %d", status);
    if (*problem != errors)
        free(errors);
    free(output);
    return NULL;
}

char **
repository_parameters(const char *instance_id)
{
    char **lines = mem_new(5, sizeof(char *));
    AUTO_FREE char *config = repository_folder(instance_id, "pgbackrest.conf");

    lines[0] = str_copy("archive_mode=on");
    /* The newest stanza: its number stands in the file of the instance. */
    lines[1] = str_format("archive_command=/usr/bin/pgbackrest --config=%s --stanza=$(/bin/sed -n "
                          "'s/^.\\(s[0-9]*\\).$/\\1/p' %s | /usr/bin/tail -n 1) archive-push %%p",
                          config, config);
    lines[2] = str_copy("archive_timeout=60");
    lines[3] = str_copy("wal_level=replica");
    return lines;
}
