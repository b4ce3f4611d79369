/*
 * service.c: the services "ims" (Huawei's form) and "image" (Glance's) of the same images.
 */
#include "base/log.h"
#include "base/memory.h"
#include "disk/disk.h"
#include "ims/handlers.h"
#include "ims/jobs.h"

void ims_register(void);
int ims_start(StoreConn *store);

#define OPERATION OPERATION_ROW
static Operation operations[] = {
#include "ims/operations.def"
};
static Operation glance_operations[] = {
#include "ims/glance.def"
};
#undef OPERATION

static const Service service = {.name = "ims",
                                .title = "Image Management Service",
                                .style = STYLE_ECS,
                                .operations = operations,
                                .operation_count = sizeof(operations) / sizeof(operations[0])};
static const Service glance = {.name = "image",
                               .title = "Image Management Service, in OpenStack's form",
                               .style = STYLE_ECS,
                               .operations = glance_operations,
                               .operation_count =
                                   sizeof(glance_operations) / sizeof(glance_operations[0])};

void
ims_register(void)
{
    service_register(&service);
    service_register(&glance);
    ims_jobs_register();
}

int
ims_start(StoreConn *store)
{
    AUTO_FREE char *problem = NULL;

    if (disk_prepare(&problem) != 0)
        log_warning("images: %s", problem ? problem : "the host agent does not answer");
    job_every("ims-sweep", 60, ims_sweep);
    return ims_recover(store);
}
