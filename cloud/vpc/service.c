/*
 * service.c: the services "vpc" (VPC and EIP) and "network" (neutron's form of the same); "nat" and
 * "elb", which are listed and refused.
 */
#include "jobs/job.h"
#include "vpc/apply.h"
#include "vpc/handlers.h"

void vpc_register(void);
int vpc_start(StoreConn *store);

#define OPERATION OPERATION_ROW
static Operation operations[] = {
#include "vpc/operations.def"
};
static Operation neutron_operations[] = {
#include "vpc/neutron.def"
};
static Operation nat_operations[] = {
#include "vpc/nat.def"
};
static Operation elb_operations[] = {
#include "vpc/elb.def"
};
#undef OPERATION

static const Service service = {.name = "vpc",
                                .title = "Virtual Private Cloud and Elastic IP",
                                .style = STYLE_VPC,
                                .operations = operations,
                                .operation_count = sizeof(operations) / sizeof(operations[0])};
static const Service neutron = {.name = "network",
                                .title = "Virtual Private Cloud, in OpenStack's form",
                                .style = STYLE_NEUTRON,
                                .operations = neutron_operations,
                                .operation_count =
                                    sizeof(neutron_operations) / sizeof(neutron_operations[0])};
static const Service nat = {.name = "nat",
                            .title = "NAT Gateway (not supported)",
                            .style = STYLE_VPC,
                            .operations = nat_operations,
                            .operation_count = sizeof(nat_operations) / sizeof(nat_operations[0])};
static const Service elb = {.name = "elb",
                            .title = "Elastic Load Balance (not supported)",
                            .style = STYLE_VPC,
                            .operations = elb_operations,
                            .operation_count = sizeof(elb_operations) / sizeof(elb_operations[0])};

void
vpc_register(void)
{
    service_register(&service);
    service_register(&neutron);
    service_register(&nat);
    service_register(&elb);
}

int
vpc_start(StoreConn *store)
{
    int error = vpc_restore(store);

    job_every("vpc-reconcile", 30, vpc_reconcile);
    /* Guests that run wait for their metadata service, after a reboot for their networks. */
    job_soon(store, "vpc-reconcile");
    return error;
}
