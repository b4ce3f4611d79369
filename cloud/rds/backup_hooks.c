/*
 * backup_hooks.c: what is done where the life of an instance meets its backups; see
 * backup_hooks.h. Without a repository nothing is kept and nothing can be restored.
 */
#include "rds/backup_hooks.h"

#include <errno.h>

int
backup_hook_created(JobContext *context, const Instance *instance)
{
    return 0;
}

bool
backup_hook_check_point(ApiRequest *request, const json_t *point)
{
    api_fail(request, API_BAD_PARAMETER, "restore_point: no such backup");
    return false;
}

int
backup_hook_restore(JobContext *context, const Instance *instance, const json_t *point)
{
    return job_fail(context, -ENOENT, "the backup does not exist");
}

int
backup_hook_deleting(JobContext *context, const Instance *instance)
{
    return 0;
}

int
backup_hook_forget(StoreConn *store, const char *instance_id)
{
    return agent_backups_remove(instance_id, NULL);
}
