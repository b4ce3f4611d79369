/*
 * backups.h: backups of an instance, and the moments that can be restored.
 */
#pragma once

#include "rds/repository.h"

extern const JobKind job_backup_instance, job_delete_backup, job_stop_backup, job_verify_backups,
    job_restore_instance, job_restore_database;

/* Within the caller's transaction: a row BUILDING and its job. 0 or negative errno. */
int backup_begin(StoreConn *store,
                 const Instance *instance,
                 const char *type,
                 const char *name,
                 const char *description,
                 const json_t *databases,
                 char backup_id[41],
                 char job_id[41]);

/* Periodic: automatic backups by the policies, what has outlived its days, the verification. */
void backups_schedule(StoreConn *store);
void backups_expire(StoreConn *store);
void backups_verify(StoreConn *store);

/* ---- What to restore ---- */

typedef struct RestorePoint {
    char source[41], backup[41], label[64];
    int generation, timeline;
    Moment moment; /* 0: the backup itself */
} RestorePoint;

/*
 * Finds what `point` {instance_id, type, backup_id, restore_time} of the project means: the backup
 * to begin with and the line of history to follow. NULL, or what is wrong with it (owned by the
 * caller). `busy` tells that it will be possible later.
 */
char *restore_point_find(StoreConn *store,
                         const char *project_id,
                         const json_t *point,
                         RestorePoint *found);
json_t *restore_point_json(const RestorePoint *point);
void restore_point_read(const json_t *json, RestorePoint *point);

/*
 * The parts of every restore, for steps of jobs; each may be run again. `folder` is the folder that
 * is filled: of a new instance, or one beside. It belongs to the source's slot until
 * restore_settle.
 */
/* A live source archives what came up to the moment. JOB_AGAIN until it has. */
int restore_archive(JobContext *context, const RestorePoint *point);
int restore_files(JobContext *context, const RestorePoint *point, const char *folder);
/* Recovers up to the moment and goes on running, on that address. JOB_AGAIN until it has. */
int restore_recover(JobContext *context,
                    const RestorePoint *point,
                    const char *folder,
                    const char *address,
                    int port);
/* The steps up to there, of jobs whose data have "point" and "folder": beside, on an address of its
 * own. */
int restore_step_archive(JobContext *context);
int restore_step_files(JobContext *context);
int restore_step_recover(JobContext *context);
void restore_place(const JobContext *context, char address[64], int *port);
/* A link to the cluster of a folder over its socket, and the login rdsadmin given the password that
 * the instance has for it; the reason is set where that fails. */
PGconn *restore_link(const char *folder);
int restore_set_manager(JobContext *context, const char *folder, const Instance *instance);
/* Ends it and gives the folder to the slot. */
int restore_settle(JobContext *context, const char *folder, int slot);
