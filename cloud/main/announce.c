/*
 * announce.c: what casementd prints on standard output; see announce.h.
 */
#include "main/announce.h"

#include "api/operation.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/settings.h"
#include "jobs/job.h"
#include "main/bootstrap.h"

#include <stdio.h>
#include <string.h>

static void
print_database(StoreConn *store)
{
    AUTO_ROWS PGresult *rows = store_query(
        store,
        "SELECT i.name, i.address, i.port, i.status FROM rds_instance i JOIN daemon_region r ON "
        "r.first_instance = i.id WHERE i.deleted_at IS NULL",
        "");

    if (!rows || PQntuples(rows) == 0)
        return;
    const char *address = row_text(rows, 0, "address");
    long long port = row_number(rows, 0, "port");
    if (strcmp(row_text(rows, 0, "status"), "ACTIVE") != 0) {
        printf("  database      %s is %s\n", row_text(rows, 0, "name"),
               row_text(rows, 0, "status"));
        return;
    }
    printf("  database      %s at %s,%lld  login rdsuser, password in %s/sql.password\n",
           row_text(rows, 0, "name"), address, port, settings_data());
    printf("                sqlcmd -S tcp:%s,%lld -U rdsuser -P \"$(cat %s/sql.password)\" -C\n",
           address, port, settings_data());
}

void
announce_ready(StoreConn *store, double seconds)
{
    AUTO_JSON json_t *admin = bootstrap_admin();

    printf("ready after %.1f s\n", seconds);
    printf("  API           %s  (region %s; page: /docs)\n", settings_endpoint(),
           setting_text(SETTING_REGION));
    printf("  console       %s/  user %s of domain %s, password in %s/admin.json\n",
           settings_endpoint(), json_text(admin, "user", "?"), json_text(admin, "domain_name", "?"),
           settings_data());
    printf("  command line  casement login %s/admin.json && casement rds list\n", settings_data());
    print_database(store);
    printf("%s\n", setting_flag(SETTING_STOP_INSTANCES)
                       ? "Ctrl-C stops casementd and the database instances; the next start finds "
                         "everything again."
                       : "Ctrl-C stops casementd; the database instances go on (--stop-instances "
                         "yes stops them too).");
    fflush(stdout);
}

void
announce_steps(void)
{
    for (const JobKind *const *kind = job_kinds(); *kind; kind++) {
        for (const JobStep *step = (*kind)->steps; step->name; step++)
            printf("%s %s\n", (*kind)->name, step->name);
        if ((*kind)->failed)
            printf("%s failed\n", (*kind)->name);
    }
}

void
announce_operations(void)
{
    for (const Service *const *service = service_list(); *service; service++)
        for (int i = 0; i < (*service)->operation_count; i++) {
            const Operation *operation = &(*service)->operations[i];
            printf("%s %s %s %s %s%s\n", (*service)->name, operation->id, operation->method,
                   operation->path, *operation->action ? operation->action : "-",
                   operation->handler ? "" : " (not supported)");
        }
}
