/*
 * service.c: the tables of identity's operations: Keystone's (v3) and Huawei Cloud's extensions of
 * them (v3.0), which dress their errors differently. The order of identity's start.
 */
#include "iam/handlers.h"
#include "iam/iam.h"
#include "iam/signin.h"
#include "jobs/job.h"

#include <errno.h>

#define OPERATION OPERATION_ROW
static Operation keystone_operations[] = {
#include "iam/operations.def"
};
static Operation extension_operations[] = {
#include "iam/extensions.def"
};
#undef OPERATION

static const Service keystone = {
    .name = "iam",
    .title = "Identity: tokens, projects, users, groups and roles",
    .style = STYLE_KEYSTONE,
    .operations = keystone_operations,
    .operation_count = sizeof(keystone_operations) / sizeof(keystone_operations[0]),
};
static const Service extensions = {
    .name = "iam-ext",
    .title = "Identity: access keys, custom policies and users with details",
    .style = STYLE_GATEWAY,
    .operations = extension_operations,
    .operation_count = sizeof(extension_operations) / sizeof(extension_operations[0]),
};
static bool registered;

void
iam_register(void)
{
    if (registered)
        return;
    registered = true;
    policy_load_system();
    service_register(&keystone);
    service_register(&extensions);
}

int
iam_start(StoreConn *store)
{
    iam_register();
    /* SDKs look for a project named exactly as the region; the region may be a new one. */
    if (store_run(store,
                  "INSERT INTO iam_project (id, domain_id, name, description)"
                  " SELECT replace(gen_random_uuid()::text, '-', ''), d.id, $1, ''"
                  " FROM iam_domain d ON CONFLICT (domain_id, name) DO NOTHING",
                  "s", iam_region()) < 0)
        return -EIO;
    job_every("iam-clean", 3600, signin_clean);
    return identity_listen();
}
