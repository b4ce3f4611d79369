/*
 * bootstrap.c: the first start's domain with its administrator, and how any later domain is made.
 */
#include "crypto/master_key.h"
#include "crypto/random_id.h"
#include "iam/handlers.h"
#include "iam/iam.h"

#include <string.h>

#define FIRST_DOMAIN "casement"
#define FIRST_USER "admin"
#define FULL_ACCESS "0ca5e000000000000000000000000001"

static char region[64] = "eu-casement-1", endpoint[256] = "https://127.0.0.1:8443";

void
iam_configure(const char *new_region, const char *new_endpoint)
{
    snprintf(region, sizeof(region), "%s", new_region);
    snprintf(endpoint, sizeof(endpoint), "%s", new_endpoint);
}

const char *
iam_region(void)
{
    return region;
}

const char *
iam_endpoint(void)
{
    return endpoint;
}

bool
iam_new_key(
    StoreConn *store, const char *user_id, const char *description, char **access, char **secret)
{
    AUTO_FREE char *purpose = NULL, *sealed = NULL;

    *access = random_access_key();
    *secret = random_secret_key();
    purpose = str_format("iam key %s", *access);
    sealed = secret_seal(purpose, *secret, strlen(*secret));
    return sealed != NULL && store_run(store,
                                       "INSERT INTO iam_key (access, user_id, secret, description)"
                                       " VALUES ($1, $2, $3, $4)",
                                       "ssss", *access, user_id, sealed, description) == 1;
}

bool
iam_new_domain(StoreConn *store, NewDomain *domain)
{
    char group_id[ID_SIZE];

    id_new(domain->domain_id, "");
    id_new(domain->project_id, "");
    id_new(domain->owner_id, "");
    id_new(group_id, "");
    return store_run(store,
                     "INSERT INTO iam_domain (id, name, description, owner_id)"
                     " VALUES ($1, $2, $3, $4)",
                     "ssss", domain->domain_id, domain->name, domain->description,
                     domain->owner_id) == 1 &&
           store_run(store, "INSERT INTO iam_project (id, domain_id, name) VALUES ($1, $2, $3)",
                     "sss", domain->project_id, domain->domain_id, region) == 1 &&
           store_run(store,
                     "INSERT INTO iam_user (id, domain_id, name, operator, password_hash,"
                     " password_set) VALUES ($1, $2, $3, $4, $5, now())",
                     "sssbs", domain->owner_id, domain->domain_id, domain->owner_name,
                     domain->operator_of_cloud, domain->owner_hash) == 1 &&
           store_run(store,
                     "INSERT INTO iam_group (id, domain_id, name, description)"
                     " VALUES ($1, $2, 'admin', 'Administrators of the account')",
                     "ss", group_id, domain->domain_id) == 1 &&
           store_run(store, "INSERT INTO iam_membership (group_id, user_id) VALUES ($1, $2)", "ss",
                     group_id, domain->owner_id) == 1 &&
           store_run(store,
                     "INSERT INTO iam_grant (group_id, scope, role_id) VALUES ($1, 'all', $2)",
                     "ss", group_id, FULL_ACCESS) == 1;
}

/* A start that was cut short before admin.json was written left an account that nobody has the
 * password of: it is kept, with another password and no older key. False on a store error; *found
 * says whether. */
static bool
take_over(StoreConn *store, NewDomain *domain, bool *found)
{
    AUTO_ROWS PGresult *rows =
        store_query(store,
                    "SELECT d.id, d.owner_id, p.id AS project_id FROM iam_domain d"
                    " LEFT JOIN iam_project p ON p.domain_id = d.id AND p.name = $2"
                    " WHERE d.name = $1",
                    "ss", domain->name, region);

    if (rows == NULL)
        return false;
    *found = PQntuples(rows) == 1;
    if (!*found)
        return true;
    snprintf(domain->domain_id, sizeof(domain->domain_id), "%s", row_text(rows, 0, "id"));
    snprintf(domain->owner_id, sizeof(domain->owner_id), "%s", row_text(rows, 0, "owner_id"));
    snprintf(domain->project_id, sizeof(domain->project_id), "%s", row_text(rows, 0, "project_id"));
    if (domain->project_id[0] == '\0') {
        id_new(domain->project_id, "");
        if (store_run(store, "INSERT INTO iam_project (id, domain_id, name) VALUES ($1, $2, $3)",
                      "sss", domain->project_id, domain->domain_id, region) != 1)
            return false;
    }
    return store_run(store, "DELETE FROM iam_key WHERE user_id = $1", "s", domain->owner_id) >= 0 &&
           store_run(store,
                     "UPDATE iam_user SET password_hash = $2, password_set = now(),"
                     " token_epoch = token_epoch + 1 WHERE id = $1",
                     "ss", domain->owner_id, domain->owner_hash) == 1;
}

json_t *
iam_bootstrap(StoreConn *store, const char *new_region, const char *new_endpoint, char **problem)
{
    AUTO_WIPE char *password = random_password(20);
    AUTO_FREE char *hash = password_hash(password), *access = NULL;
    AUTO_WIPE char *secret = NULL;
    bool found = false;
    NewDomain domain = {
        .name = FIRST_DOMAIN,
        .description = "The first account: its administrator runs the cloud",
        .owner_name = FIRST_USER,
        .owner_hash = hash,
        .operator_of_cloud = true,
    };

    iam_configure(new_region, new_endpoint);
    if (!store_begin(store) || !take_over(store, &domain, &found) ||
        (!found && !iam_new_domain(store, &domain)) ||
        !iam_new_key(store, domain.owner_id, "made at the first start", &access, &secret) ||
        !store_commit(store)) {
        *problem = str_format("the first account cannot be made: %s", store_error(store));
        store_rollback(store);
        return NULL;
    }
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "endpoint", endpoint,
                     "region", region, "domain_id", domain.domain_id, "domain_name", domain.name,
                     "project_id", domain.project_id, "user_id", domain.owner_id, "user",
                     domain.owner_name, "password", password, "ak", access, "sk", secret);
}
