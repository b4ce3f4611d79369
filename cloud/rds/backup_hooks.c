/*
 * backup_hooks.c: what is done where the life of an instance meets its backups; see
 * backup_hooks.h.
 */
#include "rds/backup_hooks.h"

#include "rds/backups.h"

#include "base/log.h"

#include <errno.h>
#include <string.h>

/* The first full backup is begun by the schedule within seconds; nothing waits for it. */
int
backup_hook_created(JobContext *context, const Instance *instance)
{
    AUTO_FREE char *problem = NULL;
    int error = repository_prepare(context->store, instance, &problem);

    return error ? job_fail(context, error, "the repository of its backups: %s",
                            problem ? problem : strerror(-error))
                 : 0;
}

bool
backup_hook_check_point(ApiRequest *request, const json_t *point)
{
    RestorePoint found;
    AUTO_FREE char *problem =
        restore_point_find(request->store, api_project(request), point, &found);

    if (!problem)
        return true;
    AUTO_FREE char *text = str_format("restore_point.%s", problem);
    api_fail(request, API_BAD_PARAMETER, text);
    return false;
}

int
backup_hook_restore(JobContext *context, const Instance *instance, const json_t *point)
{
    RestorePoint found;
    json_t *kept = json_object_get(context->data, "found");
    const char *done = json_text(context->data, "restored", "");
    int result;

    if (!kept) {
        AUTO_FREE char *problem =
            restore_point_find(context->store, context->project_id, point, &found);
        if (problem)
            return job_fail(context, -ENOENT, "%s", problem);
        json_object_set_new(context->data, "found", restore_point_json(&found));
    } else {
        restore_point_read(kept, &found);
    }
    /* Its parts, each told in the job's data when it is over. */
    if (!*done) {
        if ((result = restore_archive(context, &found)) != 0)
            return result;
        json_object_set_new(context->data, "restored", json_string("archive"));
        done = "archive";
    }
    if (strcmp(done, "archive") == 0) {
        if ((result = restore_files(context, &found, instance->id)) != 0)
            return result;
        json_object_set_new(context->data, "restored", json_string("files"));
    }
    result =
        restore_recover(context, &found, instance->id, instance_address(instance), instance->port);
    return result ? result : restore_settle(context, instance->id, instance->slot);
}

int
backup_hook_deleting(JobContext *context, const Instance *instance)
{
    return store_run(context->store,
                     "UPDATE rds_repository SET closed = true WHERE instance_id = $1", "s",
                     instance->id) < 0
               ? job_fail(context, -EIO, "the store refused")
               : 0;
}

int
backup_hook_forget(StoreConn *store, const char *instance_id)
{
    AUTO_INSTANCE Instance *instance = instance_load_any(store, instance_id);
    AUTO_FREE char *problem = NULL;
    AUTO_FREE char *made =
        store_value(store, "SELECT 1 FROM rds_repository WHERE instance_id = $1", "s", instance_id);
    int error = instance && made ? repository_empty(store, instance, &problem) : 0;

    if (error)
        log_error("instance %s: its backups cannot be removed: %s", instance_id,
                  problem ? problem : strerror(-error));
    else
        error = agent_backups_remove(instance_id, NULL);
    if (!error &&
        (store_run(store, "DELETE FROM rds_backup WHERE instance_id = $1", "s", instance_id) < 0 ||
         store_run(store, "DELETE FROM rds_repository WHERE instance_id = $1", "s", instance_id) <
             0))
        error = -EIO;
    return error;
}
