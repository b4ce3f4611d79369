/*
 * service.c: the services "ecs" (Elastic Cloud Server), "compute" (Nova's form) and "kps".
 */
#include "ecs/console.h"
#include "ecs/handlers.h"
#include "ecs/server.h"

void ecs_register(void);
int ecs_start(StoreConn *store);

#define OPERATION OPERATION_ROW
static Operation operations[] = {
#include "ecs/operations.def"
};
static Operation nova_operations[] = {
#include "ecs/nova.def"
};
static Operation kps_operations[] = {
#include "ecs/kps.def"
};
#undef OPERATION

#define COUNT(table) ((int) (sizeof(table) / sizeof(table[0])))

static const Service ecs = {.name = "ecs",
                            .title = "Elastic Cloud Server",
                            .style = STYLE_ECS,
                            .operations = operations,
                            .operation_count = COUNT(operations)};
static const Service compute = {.name = "compute",
                                .title = "Elastic Cloud Server, in OpenStack's form",
                                .style = STYLE_NOVA,
                                .operations = nova_operations,
                                .operation_count = COUNT(nova_operations)};
static const Service kps = {.name = "kps",
                            .title = "Key Pair Service",
                            .style = STYLE_ECS,
                            .operations = kps_operations,
                            .operation_count = COUNT(kps_operations)};

void
ecs_register(void)
{
    service_register(&ecs);
    service_register(&compute);
    service_register(&kps);
    server_monitor_register();
    server_hooks_register();
    parent_jobs_register();
    create_jobs_register();
    delete_jobs_register();
    power_jobs_register();
    change_jobs_register();
    device_jobs_register();
}

int
ecs_start(StoreConn *store)
{
    server_monitor_start();
    server_metadata_start();
    job_every("ecs-reconcile", 10, servers_reconcile);
    return 0;
}
