/*
 * service.c: the service "rds": its table of operations, its kinds of jobs, its periodic work.
 */
#include "rds/backups.h"
#include "rds/cache.h"
#include "rds/configuration.h"
#include "rds/databases.h"
#include "rds/handlers.h"
#include "rds/jobs.h"
#include "rds/monitor.h"
#include "rds/recycle.h"

#include "base/settings.h"

void rds_register(void);
int rds_start(StoreConn *store);

#define OPERATION OPERATION_ROW
static Operation operations[] = {
#include "rds/operations.def"
};
#undef OPERATION

static const Service service = {.name = "rds",
                                .title = "Relational Database Service",
                                .style = STYLE_GATEWAY,
                                .operations = operations,
                                .operation_count = sizeof(operations) / sizeof(operations[0])};

void
rds_register(void)
{
    static const JobKind *const kinds[] = {
        &job_create_instance,  &job_restart_instance, &job_stop_instance,    &job_start_instance,
        &job_resize_flavor,    &job_enlarge_volume,   &job_modify_port,      &job_modify_ip,
        &job_modify_collation, &job_delete_instance,  &job_recover_instance, &job_backup_instance,
        &job_delete_backup,    &job_stop_backup,      &job_verify_backups,   &job_restore_instance,
        &job_restore_database};

    service_register(&service);
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        job_register(kinds[i]);
    databases_register();
    configurations_register();
}

int
rds_start(StoreConn *store)
{
    int error = cache_start(store), verify = (int) setting_number(SETTING_BACKUP_VERIFY_SECONDS);

    if (error)
        return error;
    job_every("rds-backups", 5, backups_schedule);
    job_every("rds-backups-expire", (int) setting_number(SETTING_BACKUP_EXPIRE_SECONDS),
              backups_expire);
    /* Looked for more often than it is due, since a few instances are taken at a time. */
    job_every("rds-backups-verify", verify < 900 ? verify : 900, backups_verify);
    job_every("rds-states", 5, monitor_states);
    job_every("rds-storage", 60, monitor_storage);
    job_every("rds-recycle", 600, recycle_clean);
    return 0;
}
