/*
 * backup_hooks.h: where the life of an instance meets its backups. Called by the steps of
 * instances' jobs; every function is idempotent, since a step may be run again.
 */
#pragma once

#include "rds/instance.h"

/* After creation, the instance running: repository, archiving, the first full backup (begun, not
 * waited for). */
int backup_hook_created(JobContext *context, const Instance *instance);

/*
 * For POST .../instances with a restore_point: whether `point` {instance_id, type, backup_id,
 * restore_time} names something of this project that can be restored; false after having answered.
 * Not asked for a point in the recycle bin, which rds/recycle.c knows.
 */
bool backup_hook_check_point(ApiRequest *request, const json_t *point);
/* In place of copying the template: fills the folder of the new instance (slot and address are
 * reserved, nothing runs). */
int backup_hook_restore(JobContext *context, const Instance *instance, const json_t *point);

/* Before the instance is stopped for ever: automatic backups end. */
int backup_hook_deleting(JobContext *context, const Instance *instance);
/* The instance leaves the recycle bin, or its creation failed: its repository goes. */
int backup_hook_forget(StoreConn *store, const char *instance_id);
