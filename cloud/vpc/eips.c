/*
 * eips.c: EIPs in the forms of v1 and v3, and for other services (vpc.h). Addresses come from the
 * setting eip-network, lowest free first; each has a bandwidth, its own or a shared one.
 */
#include "base/memory.h"
#include "base/settings.h"
#include "vpc/answer.h"
#include "vpc/forms.h"
#include "vpc/handlers.h"
#include "vpc/vpc.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define EIP_FROM                                                                                   \
    "vpc_eip e JOIN vpc_bandwidth b ON b.id = e.bandwidth_id LEFT JOIN vpc_port p ON p.id = "      \
    "e.port_id"
#define EIP_WHERE                                                                                  \
    "e.project_id = $1" FILTER("id", "e.id") FILTER("port_id", "coalesce(e.port_id, '')")          \
        FILTER("public_ip_address", "host(e.address)")                                             \
            FILTER("private_ip_address", "coalesce(host(p.ip), '')") FILTER("ip_version", "4")     \
                FILTER("alias", "e.alias") FILTER("status", EIP_STATUS)                            \
                    FILTER("enterprise_project_id", "e.enterprise_project_id")

static const VpcList list_v1 = {"publicips", EIP_V1, EIP_FROM, EIP_WHERE, "e.id"};
static const VpcList one_v1 = {"publicip", EIP_V1, EIP_FROM, EIP_WHERE, "e.id"};
static const VpcList list_v3 = {"publicips", EIP_V3, EIP_FROM, EIP_WHERE, "e.id"};
static const VpcList one_v3 = {"publicip", EIP_V3, EIP_FROM, EIP_WHERE, "e.id"};

void
vpc_list_eips(ApiRequest *request)
{
    vpc_list(request, &list_v1, false);
}

void
vpc_list_eips_v3(ApiRequest *request)
{
    vpc_list(request, &list_v3, true);
}

void
vpc_show_eip(ApiRequest *request)
{
    vpc_show(request, &one_v1, api_path(request, "publicip_id"), "EIP", 200, false);
}

void
vpc_show_eip_v3(ApiRequest *request)
{
    vpc_show(request, &one_v3, api_path(request, "publicip_id"), "EIP", 200, true);
}

/* What is between -errno and an answer. */
static json_t *
refuse(ApiRequest *request, int error, const char *what)
{
    switch (error) {
    case -ENOENT:
        api_fail(request, API_VPC_EIP_PORT, what);
        break;
    case -ENXIO:
        api_fail(request, API_VPC_NO_EIP, what);
        break;
    case -EBUSY:
        api_fail(request, API_VPC_PORT_HAS_EIP);
        break;
    case -EISCONN:
        api_fail(request, API_VPC_EIP_BOUND);
        break;
    case -EADDRINUSE:
        api_fail(request, API_VPC_EIP_TAKEN, what);
        break;
    case -ENOSPC:
        api_fail(request, API_VPC_EIP_NONE_LEFT);
        break;
    case -EDQUOT:
        api_fail(request, API_VPC_EIP_QUOTA);
        break;
    case -EINVAL:
        api_fail(request, API_VPC_EIP_PARAMETER, what);
        break;
    default:
        api_fail_store(request);
    }
    return NULL;
}

/* ---- Rows; in a transaction ---- */

/* Binds to a port of the project that has none, or ("") sets free. */
static int
bind_row(StoreConn *store, const char *project_id, const char *id, const char *port_id)
{
    AUTO_ROWS PGresult *rows =
        store_query(store,
                    "SELECT coalesce(port_id, '') AS port FROM vpc_eip WHERE project_id = $1 AND "
                    "id = $2 FOR UPDATE",
                    "ss", project_id, id);
    VpcPort port;
    int error;

    if (!rows)
        return -EIO;
    if (PQntuples(rows) == 0)
        return -ENXIO;
    const char *old = row_text(rows, 0, "port");
    if (strcmp(old, port_id) == 0)
        return 0;
    if (*old && *port_id)
        return -EISCONN;
    if ((error = port_find(store, project_id, *port_id ? port_id : old, &port)))
        return error;
    AUTO_FREE char *vpc_id = str_copy(port.vpc_id);
    vpc_port_done(&port);
    AUTO_FREE char *other =
        *port_id ? store_value(store, "SELECT id FROM vpc_eip WHERE port_id = $1", "s", port_id)
                 : NULL;
    if (other)
        return -EBUSY;
    if (store_failed(store) ||
        store_run(store,
                  "UPDATE vpc_eip SET port_id = nullif($2, ''), updated = now() WHERE id = $1",
                  "ss", id, port_id) < 0)
        return strcmp(store_sqlstate(store), "23505") == 0 ? -EBUSY : -EIO;
    return vpc_mark(store, project_id, vpc_id) ? 0 : -EIO;
}

/* An address of the pool, the wished one or the lowest that is free; owned by the caller. */
static int
choose(StoreConn *store, const char *wished, char **address)
{
    const char *pool = setting_text(SETTING_EIP_NETWORK);
    uint32_t wanted, network;
    int length;

    if (store_run(store, "SELECT pg_advisory_xact_lock(hashtextextended('vpc eip', 0))", "") < 0)
        return -EIO;
    if (*wished) {
        if (!vpc_address_read(wished, &wanted) || !vpc_cidr_read(pool, &network, &length) ||
            (wanted & vpc_mask(length)) != network)
            return -EINVAL;
        AUTO_FREE char *other =
            store_value(store, "SELECT id FROM vpc_eip WHERE address = $1::inet", "s", wished);
        if (other)
            return -EADDRINUSE;
        *address = str_copy(wished);
        return store_failed(store) ? -EIO : 0;
    }
    *address = store_value(
        store,
        "WITH n AS (SELECT host(network($1::cidr))::inet AS low, host(broadcast($1::cidr))::inet "
        "AS high) SELECT host(min(c.ip)) FROM (SELECT low + 1 AS ip FROM n UNION ALL SELECT "
        "address + 1 FROM vpc_eip) c, n WHERE c.ip > n.low AND c.ip < n.high AND NOT EXISTS "
        "(SELECT FROM vpc_eip e WHERE e.address = c.ip)",
        "s", pool);
    return *address ? 0 : store_failed(store) ? -EIO : -ENOSPC;
}

typedef struct EipWish {
    const char *project_id, *address, *type, *alias, *enterprise;
    const char *bandwidth_id; /* an existing shared one, or "" */
    const char *bandwidth_name, *charge_mode;
    int megabits;
    const char *port_id; /* or "" */
} EipWish;

/* The new row's id, owned by the caller. */
static int
make_row(StoreConn *store, const EipWish *wish, char **id)
{
    AUTO_FREE char *address = NULL, *bandwidth = NULL;
    long long used;
    int limit, error = choose(store, wish->address, &address);

    if (error)
        return error;
    if (!vpc_quota_of(store, wish->project_id, "publicIp", &limit, &used))
        return -EIO;
    if (used >= limit)
        return -EDQUOT;
    if (*wish->bandwidth_id)
        bandwidth = str_copy(wish->bandwidth_id);
    else
        bandwidth = store_value(
            store,
            "INSERT INTO vpc_bandwidth (project_id, name, megabits, share_type, charge_mode, "
            "enterprise_project_id) VALUES ($1, $2, $3, 'PER', $4, $5) RETURNING id",
            "ssiss", wish->project_id, wish->bandwidth_name, wish->megabits, wish->charge_mode,
            wish->enterprise);
    if (!bandwidth)
        return -EIO;
    *id = store_value(store,
                      "INSERT INTO vpc_eip (project_id, address, type, alias, bandwidth_id, "
                      "enterprise_project_id) VALUES ($1, $2::inet, $3, $4, $5, $6) RETURNING id",
                      "ssssss", wish->project_id, address, wish->type, wish->alias, bandwidth,
                      wish->enterprise);
    if (!*id)
        return -EIO;
    return *wish->port_id ? bind_row(store, wish->project_id, *id, wish->port_id) : 0;
}

/* Its own bandwidth goes with it. */
static int
remove_row(StoreConn *store, const char *project_id, const char *id)
{
    int error = bind_row(store, project_id, id, "");

    if (error)
        return error;
    AUTO_FREE char *bandwidth =
        store_value(store, "DELETE FROM vpc_eip WHERE id = $1 RETURNING bandwidth_id", "s", id);
    if (!bandwidth ||
        store_run(store, "DELETE FROM vpc_bandwidth WHERE id = $1 AND share_type = 'PER'", "s",
                  bandwidth) < 0)
        return -EIO;
    return 0;
}

/* ---- For other services ---- */

static int
find(StoreConn *store, const char *sql, const char *id, VpcEip *eip)
{
    AUTO_ROWS PGresult *rows = store_query(store, sql, "s", id);

    if (!rows)
        return -EIO;
    if (PQntuples(rows) == 0)
        return -ENOENT;
    *eip = (VpcEip){.megabits = (int) row_number(rows, 0, "megabits")};
    snprintf(eip->id, sizeof(eip->id), "%s", row_text(rows, 0, "id"));
    snprintf(eip->port_id, sizeof(eip->port_id), "%s", row_text(rows, 0, "port_id"));
    snprintf(eip->project_id, sizeof(eip->project_id), "%s", row_text(rows, 0, "project_id"));
    snprintf(eip->address, sizeof(eip->address), "%s", row_text(rows, 0, "address"));
    snprintf(eip->bandwidth_id, sizeof(eip->bandwidth_id), "%s", row_text(rows, 0, "bandwidth_id"));
    return 0;
}

#define EIP_COLUMNS                                                                                \
    "SELECT e.id, coalesce(e.port_id, '') AS port_id, e.project_id, host(e.address) AS address, "  \
    "e.bandwidth_id, b.megabits FROM vpc_eip e JOIN vpc_bandwidth b ON b.id = e.bandwidth_id "

int
eip_of_port(StoreConn *store, const char *port_id, VpcEip *eip)
{
    return find(store, EIP_COLUMNS "WHERE e.port_id = $1", port_id, eip);
}

int
eip_create(StoreConn *store,
           const char *project_id,
           const char *port_id,
           int megabits,
           VpcEip *eip,
           char **problem)
{
    EipWish wish = {.project_id = project_id,
                    .address = "",
                    .type = "5_bgp",
                    .alias = "",
                    .enterprise = "0",
                    .bandwidth_id = "",
                    .bandwidth_name = "bandwidth",
                    .charge_mode = "bandwidth",
                    .megabits = megabits,
                    .port_id = port_id ? port_id : ""};
    AUTO_FREE char *id = NULL;
    bool own = !store_in_transaction(store);

    if (own && !store_begin(store))
        return -EIO;
    int error = make_row(store, &wish, &id);
    if (own && error)
        store_rollback(store);
    else if (own && !store_commit(store))
        error = -EIO;
    if (error) {
        if (problem)
            *problem = str_format("an EIP cannot be made: %s", strerror(-error));
        return error;
    }
    if (own)
        vpc_apply_dirty(store, project_id);
    return find(store, EIP_COLUMNS "WHERE e.id = $1", id, eip);
}

int
eip_delete(StoreConn *store, const char *project_id, const char *id, char **problem)
{
    bool own = !store_in_transaction(store);

    if (own && !store_begin(store))
        return -EIO;
    int error = remove_row(store, project_id, id);
    error = error == -ENXIO ? 0 : error;
    if (own && error)
        store_rollback(store);
    else if (own && !store_commit(store))
        error = -EIO;
    if (error && problem)
        *problem = str_format("the EIP cannot be deleted: %s", strerror(-error));
    if (own && !error)
        vpc_apply_dirty(store, project_id);
    return error;
}

/* ---- Handlers that change ---- */

/* The shared bandwidth that the body names is the project's; answers where not. */
static bool
bandwidth_is_ours(ApiRequest *request, const char *id)
{
    AUTO_FREE char *found = store_value(
        request->store,
        "SELECT id FROM vpc_bandwidth WHERE project_id = $1 AND id = $2 AND share_type = 'WHOLE' "
        "FOR KEY SHARE",
        "ss", vpc_project(request), id);

    if (!found && store_failed(request->store))
        api_fail_store(request);
    else if (!found)
        api_fail(request, API_VPC_NO_BANDWIDTH, id);
    return found != NULL;
}

static json_t *
create(ApiRequest *request)
{
    const json_t *body = json_object_get(request->json, "publicip");
    const json_t *bandwidth = json_object_get(request->json, "bandwidth");
    bool shared = strcmp(json_text(bandwidth, "share_type", "PER"), "WHOLE") == 0;
    AUTO_FREE char *id = NULL;
    EipWish wish = {.project_id = vpc_project(request),
                    .address = json_text(body, "ip_address", ""),
                    .type = json_text(body, "type", "5_bgp"),
                    .alias = json_text(body, "alias", ""),
                    .enterprise = json_text(request->json, "enterprise_project_id", "0"),
                    .bandwidth_id = shared ? json_text(bandwidth, "id", "") : "",
                    .bandwidth_name = json_text(bandwidth, "name", "bandwidth"),
                    .charge_mode = json_text(bandwidth, "charge_mode", "bandwidth"),
                    .megabits = (int) json_number(bandwidth, "size", 5),
                    .port_id = json_text(body, "port_id", "")};

    if (json_number(body, "ip_version", 4) != 4)
        return refuse(request, -EINVAL, "ip_version: IPv6 is not offered here.");
    if (!vpc_name_is_sound(request, wish.alias, 64, true) ||
        !vpc_name_is_sound(request, wish.bandwidth_name, 64, false))
        return NULL;
    if (!shared && (json_number(bandwidth, "size", 0) < 1 || wish.megabits > 2000))
        return refuse(request, -EINVAL, "bandwidth.size: 1 to 2000 Mbit/s is wanted.");
    if (strlen(wish.type) > 36 || strlen(wish.charge_mode) > 36)
        return refuse(request, -EINVAL, "type or charge_mode is too long.");
    if (shared && !bandwidth_is_ours(request, wish.bandwidth_id))
        return NULL;
    int error = make_row(request->store, &wish, &id);
    if (error)
        return refuse(request, error,
                      error == -ENOENT       ? wish.port_id
                      : error == -EADDRINUSE ? wish.address
                                             : "publicip: no address of the pool.");
    return vpc_one(request, &one_v1, id, "EIP");
}

void
vpc_create_eip(ApiRequest *request)
{
    vpc_change(request, 200, create);
}

static json_t *
rebind(ApiRequest *request, const VpcList *form, const char *port_id)
{
    const char *id = api_path(request, "publicip_id");
    int error = port_id ? bind_row(request->store, vpc_project(request), id, port_id) : 0;

    if (error)
        return refuse(request, error, error == -ENXIO ? id : port_id);
    return vpc_one(request, form, id, "EIP");
}

static json_t *
update(ApiRequest *request)
{
    const json_t *body = json_object_get(request->json, "publicip");
    const char *alias = json_text(body, "alias", NULL);

    if (!vpc_name_is_sound(request, alias, 64, true))
        return NULL;
    if (alias &&
        store_run(request->store,
                  "UPDATE vpc_eip SET alias = $3, updated = now() WHERE project_id = $1 "
                  "AND id = $2",
                  "sss", vpc_project(request), api_path(request, "publicip_id"), alias) < 0)
        return vpc_store_failed(request);
    /* Without port_id, or with "", the EIP is set free; an alias alone changes nothing else. */
    const char *port = json_text(body, "port_id", alias ? NULL : "");
    return rebind(request, &one_v1, port);
}

void
vpc_update_eip(ApiRequest *request)
{
    vpc_change(request, 200, update);
}

static json_t *
associate(ApiRequest *request)
{
    const json_t *body = json_object_get(request->json, "publicip");

    if (strcmp(json_text(body, "associate_instance_type", ""), "PORT") != 0)
        return refuse(request, -EINVAL, "associate_instance_type: PORT is wanted.");
    return rebind(request, &one_v3, json_text(body, "associate_instance_id", "?"));
}

static json_t *
dissociate(ApiRequest *request)
{
    return rebind(request, &one_v3, "");
}

void
vpc_associate_eip(ApiRequest *request)
{
    vpc_change(request, 200, associate);
}

void
vpc_dissociate_eip(ApiRequest *request)
{
    vpc_change(request, 200, dissociate);
}

static json_t *
remove_eip(ApiRequest *request)
{
    const char *id = api_path(request, "publicip_id");
    AUTO_ROWS PGresult *rows = store_query(
        request->store, "SELECT port_id FROM vpc_eip WHERE project_id = $1 AND id = $2 FOR UPDATE",
        "ss", vpc_project(request), id);

    if (!rows)
        return vpc_store_failed(request);
    if (PQntuples(rows) == 0)
        return refuse(request, -ENXIO, id);
    if (!row_is_null(rows, 0, "port_id")) {
        api_fail(request, API_VPC_EIP_IN_USE);
        return NULL;
    }
    int error = remove_row(request->store, vpc_project(request), id);
    return error ? refuse(request, error, id) : json_null();
}

void
vpc_delete_eip(ApiRequest *request)
{
    vpc_change(request, 204, remove_eip);
}
