/*
 * repository.h: where an instance's backups are, and pgBackRest at work there.
 *
 * Each instance has a repository of its own (<data>/backups/<id>, or a folder of the S3 bucket of
 * the settings), encrypted with a passphrase that is derived from the project's key and the salt in
 * rds_instance.backup_passphrase. pgBackRest runs as the instance's user, with the file
 * pgbackrest.conf of the folder it works for: the instance's own, or that of a cluster that is
 * restored beside it.
 */
#pragma once

#include "rds/instance.h"

/* pgBackRest's own exit status where another of its commands is at work (retried), and where the
 * repository does not fit the cluster. */
#define REPOSITORY_LOCKED 50

typedef struct RepositoryRun {
    const char *folder; /* id of the folder whose pgbackrest.conf is used */
    const Instance *source;
    int generation;
    void (*on_line)(void *context, const char *line);
    void *context;
    char *output, *errors; /* of the run; repository_run_done frees */
} RepositoryRun;

/* Makes the row, the folder and the instance's pgbackrest.conf. Needs no running instance. */
int repository_prepare(StoreConn *store, const Instance *instance, char **problem);
/* Makes the stanza, the instance running. */
int repository_open(StoreConn *store, const Instance *instance, char **problem);
/* The next stanza, for a cluster that came from elsewhere. */
int repository_renew(StoreConn *store, const Instance *instance, char **problem);
/* Writes pgbackrest.conf of the source's repository into another folder, owned by its slot. */
int repository_lend(StoreConn *store, const Instance *source, const char *folder, char **problem);

/* Takes all stanzas of an instance that is gone out of the bucket; on local disk the agent removes
 * the folder. */
int repository_empty(StoreConn *store, const Instance *instance, char **problem);

int repository_generation(StoreConn *store, const char *instance_id);

/* Runs a command; words are its further arguments, NULL-terminated. Exit status or negative errno.
 */
int repository_run(RepositoryRun *run, const char *command, const char *const *words);
void repository_run_done(RepositoryRun *run);
/* The last line of what it complained of, for reasons of jobs; owned by the run. */
const char *repository_problem(const RepositoryRun *run);

/* The stanza's entry of `pgbackrest info`, a new reference; NULL where it could not be read. */
json_t *repository_info(const Instance *instance, int generation);
/* Of its backups the one with our mark; borrowed from info. */
json_t *repository_backup(const json_t *info, const char *backup_id);

/* One value from the cluster's PostgreSQL over its own socket, as the slot's user; owned by the
 * caller, NULL with *problem. */
char *repository_ask(const char *folder, int slot, const char *sql, char **problem);

/* The lines "name=value" that archiving needs, NULL-terminated, owned by the caller. */
char **repository_parameters(const char *instance_id);

/* A folder below the data directory: instances/<id>/<name>; owned by the caller. */
char *repository_folder(const char *id, const char *name);
