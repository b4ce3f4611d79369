/*
 * service.c: the service "ces": its operations and its periodic work.
 */
#include "ces/metrics.h"
#include "jobs/job.h"

void ces_register(void);
int ces_start(StoreConn *store);

#define OPERATION OPERATION_ROW
static Operation operations[] = {
#include "ces/operations.def"
};
#undef OPERATION

static const Service service = {.name = "ces",
                                .title = "Cloud Eye",
                                .style = STYLE_CES,
                                .operations = operations,
                                .operation_count = sizeof(operations) / sizeof(operations[0])};

void
ces_register(void)
{
    metric_space_add(&metric_space_rds);
    service_register(&service);
}

int
ces_start(StoreConn *store)
{
    job_every("ces-collect", 60, metrics_collect);
    job_every("ces-clean", 3600, metrics_clean);
    return 0;
}
