/*
 * recycle.h: the recycle bin: a deleted instance keeps its stopped cluster for some days and can be
 * rebuilt from it.
 */
#pragma once

#include "rds/instance.h"

/* Whether the restore point {instance_id, backup_id} names an instance in the project's bin. */
bool recycle_has(StoreConn *store, const char *project_id, const json_t *point);

/* Takes the instance out of the world: processes, folder, backups, row. Idempotent. 0 or negative
 * errno. */
int recycle_purge(StoreConn *store, const char *id);

/* Periodic: those past their time. */
void recycle_clean(StoreConn *store);
