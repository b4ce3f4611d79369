/*
 * subnets.c: subnets in the form of v1, and as neutron's networks and subnets.
 */
#include "base/memory.h"
#include "vpc/answer.h"
#include "vpc/forms.h"
#include "vpc/handlers.h"
#include "vpc/vpc.h"

#include <errno.h>
#include <stdio.h>

#define SUBNET_WHERE                                                                               \
    "s.project_id = $1" FILTER("vpc_id", "s.vpc_id") FILTER("id", "s.id") FILTER("name", "s.name")
#define NEUTRON_WHERE                                                                              \
    "s.project_id = $1" FILTER("id", "s.neutron_id") FILTER("name", "s.name")                      \
        FILTER("network_id", "s.id") FILTER("cidr", "s.cidr")                                      \
            FILTER("gateway_ip", "host(s.gateway)") FILTER("enable_dhcp", "s.dhcp")                \
                FILTER("ip_version", "4") FILTER("tenant_id", "s.project_id")                      \
                    FILTER("project_id", "s.project_id")
#define NETWORK_WHERE                                                                              \
    "s.project_id = $1" FILTER("id", "s.id") FILTER("name", "s.name") FILTER("status", "'ACTIVE'") \
        FILTER("tenant_id", "s.project_id") FILTER("project_id", "s.project_id")                   \
            FILTER("router:external", "false") FILTER("shared", "false")

static const VpcList list_v1 = {"subnets", SUBNET_V1, "vpc_subnet s", SUBNET_WHERE, "s.id"};
static const VpcList one_v1 = {"subnet", SUBNET_V1, "vpc_subnet s", SUBNET_WHERE, "s.id"};
static const VpcList list_networks = {"networks", NETWORK_NEUTRON, "vpc_subnet s", NETWORK_WHERE,
                                      "s.id"};
static const VpcList one_network = {"network", NETWORK_NEUTRON, "vpc_subnet s", NETWORK_WHERE,
                                    "s.id"};
static const VpcList list_neutron = {"subnets", SUBNET_NEUTRON, "vpc_subnet s", NEUTRON_WHERE,
                                     "s.neutron_id"};
static const VpcList one_neutron = {"subnet", SUBNET_NEUTRON, "vpc_subnet s", NEUTRON_WHERE,
                                    "s.neutron_id"};

void
vpc_list_subnets(ApiRequest *request)
{
    vpc_list(request, &list_v1, false);
}

void
vpc_show_subnet(ApiRequest *request)
{
    vpc_show(request, &one_v1, api_path(request, "subnet_id"), "subnet", 200, false);
}

void
neutron_list_networks(ApiRequest *request)
{
    vpc_list(request, &list_networks, false);
}

void
neutron_show_network(ApiRequest *request)
{
    vpc_show(request, &one_network, api_path(request, "network_id"), "network", 200, false);
}

void
neutron_list_subnets(ApiRequest *request)
{
    vpc_list(request, &list_neutron, false);
}

void
neutron_show_subnet(ApiRequest *request)
{
    vpc_show(request, &one_neutron, api_path(request, "subnet_id"), "subnet", 200, false);
}

/* Name servers: dnsList, or primary and secondary; a new array, or NULL when it has answered. */
static json_t *
servers_of(ApiRequest *request, const json_t *body)
{
    const json_t *list = json_object_get(body, "dnsList");
    json_t *servers = json_array();
    const char *texts[5] = {0};
    size_t count = 0;
    uint32_t address;

    if (json_array_size(list) > 0) {
        for (size_t i = 0; i < json_array_size(list) && count < 5; i++)
            texts[count++] = json_string_value(json_array_get(list, i));
    } else {
        texts[count++] = json_text(body, "primary_dns", "");
        texts[count++] = json_text(body, "secondary_dns", "");
    }
    for (size_t i = 0; i < count; i++) {
        if (texts[i] && !*texts[i])
            continue;
        if (i < 4 && vpc_address_read(texts[i], &address)) {
            json_array_append_new(servers, json_string(texts[i]));
            continue;
        }
        json_decref(servers);
        api_fail(request, API_VPC_SUBNET_PARAMETER,
                 "dnsList: at most four IPv4 addresses are wanted.");
        return NULL;
    }
    return servers;
}

/* cidr and gateway of the body; the gateway is the first address where none is asked for. */
static bool
range_of(ApiRequest *request, const json_t *body, const char *cidr, char gateway[INET_ADDRSTRLEN])
{
    const char *asked = json_text(body, "gateway_ip", "");
    uint32_t network, address;
    int length;

    if (!vpc_cidr_read(cidr, &network, &length) || length > 29) {
        api_fail(request, API_VPC_SUBNET_PARAMETER,
                 "cidr: an IPv4 range of at most /29, without bits behind its length, is wanted.");
        return false;
    }
    address = network + 1;
    if (*asked && (!vpc_address_read(asked, &address) || (address & vpc_mask(length)) != network ||
                   address == network || address == (network | ~vpc_mask(length)))) {
        api_fail(request, API_VPC_SUBNET_PARAMETER,
                 "gateway_ip: an address of the subnet, not its first nor its last, is wanted.");
        return false;
    }
    vpc_address_write(address, gateway);
    return true;
}

/* Holds the vpc's row, so that two subnets made at once cannot overlap. */
static bool
fits_into_vpc(ApiRequest *request, const char *vpc_id, const char *cidr)
{
    AUTO_ROWS PGresult *rows =
        store_query(request->store,
                    "SELECT $3::cidr <<= cidr AS inside FROM vpc_vpc WHERE project_id = $1 AND id "
                    "= $2 FOR UPDATE",
                    "sss", vpc_project(request), vpc_id, cidr);

    if (!rows) {
        api_fail_store(request);
        return false;
    }
    if (PQntuples(rows) == 0 || !row_flag(rows, 0, "inside")) {
        if (PQntuples(rows) == 0)
            api_fail(request, API_VPC_NONE, vpc_id, "vpc");
        else
            api_fail(request, API_VPC_SUBNET_OUTSIDE, cidr);
        return false;
    }
    AUTO_FREE char *other = store_value(
        request->store, "SELECT id FROM vpc_subnet WHERE vpc_id = $1 AND cidr && $2::cidr LIMIT 1",
        "ss", vpc_id, cidr);
    if (other)
        api_fail(request, API_VPC_SUBNET_OVERLAPS, cidr);
    else if (store_failed(request->store))
        api_fail_store(request);
    return !other && !store_failed(request->store);
}

static json_t *
create(ApiRequest *request)
{
    const json_t *body = json_object_get(request->json, "subnet");
    const char *name = json_text(body, "name", "");
    const char *description = json_text(body, "description", "");
    const char *vpc_id = json_text(body, "vpc_id", ""), *cidr = json_text(body, "cidr", "");
    char gateway[INET_ADDRSTRLEN];

    if (!vpc_name_is_sound(request, name, 64, false) ||
        !vpc_description_is_sound(request, description) || !range_of(request, body, cidr, gateway))
        return NULL;
    if (json_flag(body, "ipv6_enable", false)) {
        api_fail(request, API_VPC_SUBNET_PARAMETER, "ipv6_enable: IPv6 is not offered here.");
        return NULL;
    }
    AUTO_JSON json_t *servers = servers_of(request, body);
    if (!servers || !fits_into_vpc(request, vpc_id, cidr) || !vpc_quota_allows(request, "subnet"))
        return NULL;
    AUTO_FREE char *id = store_value(
        request->store,
        "INSERT INTO vpc_subnet (project_id, vpc_id, name, description, cidr, gateway, dhcp, dns, "
        "zone, extra_dhcp) VALUES ($1, $2, $3, $4, $5::cidr, $6::inet, $7, $8, $9, "
        "coalesce($10::jsonb, '[]')) RETURNING id",
        "ssssssbjsj", vpc_project(request), vpc_id, name, description, cidr, gateway,
        json_flag(body, "dhcp_enable", true), servers, json_text(body, "availability_zone", ""),
        json_object_get(body, "extra_dhcp_opts"));
    return id ? vpc_one(request, &one_v1, id, "subnet") : vpc_store_failed(request);
}

void
vpc_create_subnet(ApiRequest *request)
{
    vpc_change(request, 200, create);
}

static json_t *
update(ApiRequest *request)
{
    const json_t *body = json_object_get(request->json, "subnet");
    const char *id = api_path(request, "subnet_id");
    const char *name = json_text(body, "name", NULL);
    const char *description = json_text(body, "description", NULL);
    bool asks_servers = json_object_get(body, "dnsList") || json_object_get(body, "primary_dns") ||
                        json_object_get(body, "secondary_dns");
    const json_t *dhcp = json_object_get(body, "dhcp_enable");

    if (!vpc_name_is_sound(request, name, 64, false) ||
        !vpc_description_is_sound(request, description))
        return NULL;
    AUTO_JSON json_t *servers = asks_servers ? servers_of(request, body) : NULL;
    if (asks_servers && !servers)
        return NULL;
    long rows = store_run(
        request->store,
        "UPDATE vpc_subnet SET name = coalesce($4, name), description = coalesce($5, description), "
        "dns = coalesce($6::jsonb, dns), dhcp = coalesce($7::boolean, dhcp), updated = now() WHERE "
        "project_id = $1 AND vpc_id = $2 AND id = $3",
        "sssssjs", vpc_project(request), api_path(request, "vpc_id"), id, name, description,
        servers, dhcp ? (json_is_true(dhcp) ? "true" : "false") : NULL);
    if (rows == 0)
        api_fail(request, API_VPC_NONE, id, "subnet");
    if (rows == 0)
        return NULL;
    if (rows < 0 || !vpc_mark(request->store, vpc_project(request), api_path(request, "vpc_id")))
        return vpc_store_failed(request);
    return json_pack("{s:{s:s, s:s}}", "subnet", "id", id, "status", "ACTIVE");
}

void
vpc_update_subnet(ApiRequest *request)
{
    vpc_change(request, 200, update);
}

static json_t *
remove_subnet(ApiRequest *request)
{
    const char *id = api_path(request, "subnet_id"), *vpc_id = api_path(request, "vpc_id");
    AUTO_ROWS PGresult *rows = store_query(
        request->store,
        "SELECT EXISTS (SELECT FROM vpc_port WHERE subnet_id = s.id) AS ports FROM vpc_subnet s "
        "WHERE project_id = $1 AND vpc_id = $2 AND id = $3 FOR UPDATE",
        "sss", vpc_project(request), vpc_id, id);

    if (!rows)
        return vpc_store_failed(request);
    if (PQntuples(rows) == 0)
        api_fail(request, API_VPC_NONE, id, "subnet");
    else if (row_flag(rows, 0, "ports"))
        api_fail(request, API_VPC_SUBNET_IN_USE);
    else if (store_run(request->store, "DELETE FROM vpc_subnet WHERE id = $1", "s", id) < 0 ||
             !vpc_mark(request->store, vpc_project(request), vpc_id))
        api_fail_store(request);
    else
        return json_null();
    return NULL;
}

void
vpc_delete_subnet(ApiRequest *request)
{
    vpc_change(request, 204, remove_subnet);
}

int
vpc_subnet_find(StoreConn *store, const char *project_id, const char *id, VpcSubnet *subnet)
{
    AUTO_ROWS PGresult *rows = store_query(
        store,
        "SELECT id, vpc_id, project_id, name, cidr::text AS cidr, host(gateway) AS gateway, zone, "
        "dns->>0 AS dns0, dns->>1 AS dns1, dns->>2 AS dns2, dns->>3 AS dns3, dhcp, segment FROM "
        "vpc_subnet WHERE project_id = $1 AND $2 IN (id, neutron_id)",
        "ss", project_id, id);

    if (!rows)
        return -EIO;
    if (PQntuples(rows) == 0)
        return -ENOENT;
    *subnet = (VpcSubnet){.dhcp = row_flag(rows, 0, "dhcp"),
                          .segment = (int) row_number(rows, 0, "segment")};
    snprintf(subnet->id, sizeof(subnet->id), "%s", row_text(rows, 0, "id"));
    snprintf(subnet->vpc_id, sizeof(subnet->vpc_id), "%s", row_text(rows, 0, "vpc_id"));
    snprintf(subnet->project_id, sizeof(subnet->project_id), "%s", row_text(rows, 0, "project_id"));
    snprintf(subnet->name, sizeof(subnet->name), "%s", row_text(rows, 0, "name"));
    snprintf(subnet->cidr, sizeof(subnet->cidr), "%s", row_text(rows, 0, "cidr"));
    snprintf(subnet->gateway, sizeof(subnet->gateway), "%s", row_text(rows, 0, "gateway"));
    snprintf(subnet->zone, sizeof(subnet->zone), "%s", row_text(rows, 0, "zone"));
    for (int i = 0; i < 4; i++) {
        char column[8];

        snprintf(column, sizeof(column), "dns%d", i);
        snprintf(subnet->dns[i], sizeof(subnet->dns[i]), "%s", row_text(rows, 0, column));
    }
    return 0;
}

int
vpc_exists(StoreConn *store, const char *project_id, const char *vpc_id)
{
    AUTO_FREE char *id =
        store_value(store, "SELECT id FROM vpc_vpc WHERE project_id = $1 AND id = $2", "ss",
                    project_id, vpc_id);

    return id ? 0 : store_failed(store) ? -EIO : -ENOENT;
}
