/*
 * service.c: the services "evs" (Huawei's form), "volumev2" and "volumev3" (Cinder's) of the same
 * volumes.
 */
#include "evs/handlers.h"
#include "evs/rows.h"

void evs_register(void);
int evs_start(StoreConn *store);

#define OPERATION OPERATION_ROW
static Operation operations[] = {
#include "evs/operations.def"
};
static Operation cinder_v2[] = {
#include "evs/cinder_v2.def"
};
static Operation cinder_v3[] = {
#include "evs/cinder_v3.def"
};
#undef OPERATION

#define COUNT(table) (int) (sizeof(table) / sizeof((table)[0]))

static const Service services[] = {
    {.name = "evs",
     .title = "Elastic Volume Service",
     .style = STYLE_ECS,
     .operations = operations,
     .operation_count = COUNT(operations)},
    {.name = "volumev2",
     .title = "Elastic Volume Service, in OpenStack's form (v2)",
     .style = STYLE_NOVA,
     .operations = cinder_v2,
     .operation_count = COUNT(cinder_v2)},
    {.name = "volumev3",
     .title = "Elastic Volume Service, in OpenStack's form (v3)",
     .style = STYLE_NOVA,
     .operations = cinder_v3,
     .operation_count = COUNT(cinder_v3)},
};

void
evs_register(void)
{
    for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++)
        service_register(&services[i]);
    evs_jobs_register();
    evs_register_source();
}

int
evs_start(StoreConn *store)
{
    job_every("evs-sweep", 60, evs_sweep);
    return 0;
}
