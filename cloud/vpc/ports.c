/*
 * ports.c: ports as rows, for the handlers (port_api.c) and for other services (vpc.h). A subnet's
 * row is held while an address of it is given out, so that two never get the same.
 */
#include "base/memory.h"
#include "base/settings.h"
#include "network/network.h"
#include "vpc/answer.h"
#include "vpc/vpc.h"

#include <ctype.h>
#include <errno.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>

#define MAC_TRIES 8

#define PORT_COLUMNS                                                                               \
    "p.id, p.project_id, s.vpc_id, p.subnet_id, p.mac, host(p.ip) AS ip, p.device_id, "            \
    "p.device_owner, p.name, p.number, p.plugged, s.cidr::text AS cidr, host(s.gateway) AS "       \
    "gateway, s.dns->>0 AS dns0, s.dns->>1 AS dns1, s.dns->>2 AS dns2, s.dns->>3 AS dns3, "        \
    "coalesce((SELECT string_agg(pg.group_id, ',' ORDER BY pg.group_id) FROM vpc_port_group pg "   \
    "WHERE pg.port_id = p.id), '') AS groups"
#define PORT_FROM " FROM vpc_port p JOIN vpc_subnet s ON s.id = p.subnet_id "

static int
problem_of(char **problem, int error, const char *text)
{
    if (problem) {
        free(*problem);
        *problem = str_copy(text);
    }
    return error;
}

static char **
split(const char *text)
{
    size_t count = *text ? 1 : 0;

    for (const char *at = text; *at; at++)
        count += *at == ',';
    char **parts = mem_new(count + 1, sizeof(char *));
    for (size_t i = 0; i < count; i++) {
        size_t length = strcspn(text, ",");

        parts[i] = str_copy_n(text, length);
        text += length + (text[length] == ',');
    }
    return parts;
}

static void
fill(VpcPort *port, const PGresult *rows, int row)
{
    const struct {
        char *place;
        size_t room;
        const char *column;
    } texts[] = {
        {port->id, sizeof(port->id), "id"},
        {port->project_id, sizeof(port->project_id), "project_id"},
        {port->vpc_id, sizeof(port->vpc_id), "vpc_id"},
        {port->subnet_id, sizeof(port->subnet_id), "subnet_id"},
        {port->mac, sizeof(port->mac), "mac"},
        {port->ip, sizeof(port->ip), "ip"},
        {port->device_id, sizeof(port->device_id), "device_id"},
        {port->device_owner, sizeof(port->device_owner), "device_owner"},
        {port->name, sizeof(port->name), "name"},
        {port->cidr, sizeof(port->cidr), "cidr"},
        {port->gateway, sizeof(port->gateway), "gateway"},
        {port->dns[0], sizeof(port->dns[0]), "dns0"},
        {port->dns[1], sizeof(port->dns[1]), "dns1"},
        {port->dns[2], sizeof(port->dns[2]), "dns2"},
        {port->dns[3], sizeof(port->dns[3]), "dns3"},
    };

    memset(port, 0, sizeof(*port));
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        snprintf(texts[i].place, texts[i].room, "%s", row_text(rows, row, texts[i].column));
    port->plugged = row_flag(rows, row, "plugged");
    port->groups = split(row_text(rows, row, "groups"));
    network_tap(settings_data(), (int) row_number(rows, row, "number"), port->tap);
}

void
vpc_port_done(VpcPort *port)
{
    for (char **group = port->groups; group && *group; group++)
        free(*group);
    free(port->groups);
    port->groups = NULL;
}

void
vpc_ports_free(VpcPort *ports, int count)
{
    for (int i = 0; i < count; i++)
        vpc_port_done(&ports[i]);
    free(ports);
}

static int
first_of(PGresult *found, VpcPort *port)
{
    AUTO_ROWS PGresult *rows = found;

    if (!rows)
        return -EIO;
    if (PQntuples(rows) == 0)
        return -ENOENT;
    fill(port, rows, 0);
    return 0;
}

int
port_find(StoreConn *store, const char *project_id, const char *id, VpcPort *port)
{
    return first_of(
        store_query(store, "SELECT " PORT_COLUMNS PORT_FROM "WHERE p.project_id = $1 AND p.id = $2",
                    "ss", project_id, id),
        port);
}

int
port_at(StoreConn *store, int vpc_number, const char *ip, VpcPort *port)
{
    uint32_t address;

    if (!vpc_address_read(ip, &address))
        return -ENOENT;
    return first_of(store_query(store,
                                "SELECT " PORT_COLUMNS PORT_FROM
                                "JOIN vpc_vpc v ON v.id = s.vpc_id WHERE v.number = $1 AND p.ip = "
                                "$2::inet",
                                "is", vpc_number, ip),
                    port);
}

int
ports_of_device(StoreConn *store, const char *device_id, VpcPort **ports)
{
    AUTO_ROWS PGresult *rows = store_query(store,
                                           "SELECT " PORT_COLUMNS PORT_FROM
                                           "WHERE p.device_id = $1 AND $1 <> '' ORDER BY p.number",
                                           "s", device_id);

    if (!rows)
        return -EIO;
    int count = PQntuples(rows);
    *ports = mem_new((size_t) count + 1, sizeof(VpcPort));
    for (int i = 0; i < count; i++)
        fill(&(*ports)[i], rows, i);
    return count;
}

/* ---- Making one ---- */

/* "fa:16:3e:00:00:01" in small letters; false where it is no unicast address. */
static bool
mac_read(const char *text, char mac[18])
{
    if (strlen(text) != 17)
        return false;
    for (int i = 0; i < 17; i++) {
        char letter = text[i] == '-' ? ':' : (char) tolower((unsigned char) text[i]);

        if (i % 3 == 2 ? letter != ':' : !isxdigit((unsigned char) letter))
            return false;
        mac[i] = letter;
    }
    mac[17] = '\0';
    return (strtol((char[]){mac[1], '\0'}, NULL, 16) & 1) == 0 &&
           strcmp(mac, "00:00:00:00:00:00") != 0;
}

static int
draw_mac(char mac[18])
{
    unsigned char bytes[3];

    if (RAND_bytes(bytes, sizeof(bytes)) != 1)
        return -EIO;
    snprintf(mac, 18, "fa:16:3e:%02x:%02x:%02x", bytes[0], bytes[1], bytes[2]);
    return 0;
}

/* Lowest address after a taken one that is not taken itself. */
static char *
free_address(StoreConn *store, const char *subnet_id)
{
    return store_value(
        store,
        "WITH s AS (SELECT host(network(cidr))::inet AS low, host(broadcast(cidr))::inet AS high, "
        "gateway FROM vpc_subnet WHERE id = $1), taken AS (SELECT ip FROM vpc_port WHERE subnet_id "
        "= $1 UNION ALL SELECT gateway FROM s) SELECT host(min(c.ip)) FROM (SELECT low + 1 AS ip "
        "FROM s UNION ALL SELECT ip + 1 FROM taken) c, s WHERE c.ip < s.high - 2 AND c.ip > s.low "
        "AND NOT EXISTS (SELECT FROM taken t WHERE t.ip = c.ip)",
        "s", subnet_id);
}

static int
check_address(StoreConn *store, const VpcSubnet *subnet, const char *ip, char **problem)
{
    uint32_t address, network, gateway, last;
    int length;

    vpc_cidr_read(subnet->cidr, &network, &length);
    vpc_address_read(subnet->gateway, &gateway);
    last = network | ~vpc_mask(length);
    if (!vpc_address_read(ip, &address) || address <= network || address > last - 3)
        return problem_of(problem, -EINVAL,
                          "the IP address is not one that the subnet gives to servers");
    if (address == gateway)
        return problem_of(problem, -EADDRINUSE, "the IP address is the gateway's");
    AUTO_FREE char *other =
        store_value(store, "SELECT id FROM vpc_port WHERE subnet_id = $1 AND ip = $2::inet", "ss",
                    subnet->id, ip);
    if (other)
        return problem_of(problem, -EADDRINUSE, "the IP address is in use");
    return store_failed(store) ? -EIO : 0;
}

static int
choose_address(
    StoreConn *store, const VpcSubnet *subnet, const char *wanted, char **ip, char **problem)
{
    /* Held until the end of the transaction. */
    if (store_run(store, "SELECT FROM vpc_subnet WHERE id = $1 FOR UPDATE", "s", subnet->id) < 0)
        return -EIO;
    if (wanted && *wanted) {
        *ip = str_copy(wanted);
        return check_address(store, subnet, wanted, problem);
    }
    *ip = free_address(store, subnet->id);
    if (*ip)
        return 0;
    return store_failed(store) ? -EIO
                               : problem_of(problem, -ENOSPC, "the subnet has no free address");
}

/* The row, with the wished MAC or one that is free; *id is owned by the caller. */
static int
insert(StoreConn *store,
       const VpcPortWish *wish,
       const VpcSubnet *subnet,
       const char *ip,
       char **id,
       char **problem)
{
    char mac[18];

    if (wish->mac && *wish->mac && !mac_read(wish->mac, mac))
        return problem_of(problem, -EINVAL, "the MAC address is not one of a network card");
    for (int i = 0; i < MAC_TRIES; i++) {
        if (!(wish->mac && *wish->mac) && draw_mac(mac) != 0)
            return -EIO;
        *id = store_value(
            store,
            "INSERT INTO vpc_port (project_id, subnet_id, name, mac, ip, device_id, device_owner, "
            "allowed_pairs) VALUES ($1, $2, $3, $4, $5::inet, $6, $7, coalesce($8::jsonb, '[]')) "
            "ON CONFLICT (mac) DO NOTHING RETURNING id",
            "sssssssj", wish->project_id, subnet->id, wish->name ? wish->name : "", mac, ip,
            wish->device_id ? wish->device_id : "", wish->device_owner ? wish->device_owner : "",
            wish->allowed_pairs);
        if (*id)
            return 0;
        if (store_failed(store))
            return -EIO;
        if (wish->mac && *wish->mac)
            break;
    }
    return problem_of(problem, -EADDRINUSE, "the MAC address is in use");
}

static int
put_groups(StoreConn *store,
           const char *project_id,
           const char *port_id,
           const char *const *groups,
           char **problem)
{
    char standard[VPC_ID];
    const char *only[2] = {standard, NULL};

    if (!groups) {
        int error = vpc_default_group(store, project_id, standard);
        if (error)
            return error;
        groups = only;
    }
    for (; *groups; groups++) {
        long rows = store_run(store,
                              "INSERT INTO vpc_port_group SELECT $1, id FROM vpc_security_group "
                              "WHERE project_id = $2 AND id = $3 ON CONFLICT (port_id, group_id) "
                              "DO UPDATE SET group_id = excluded.group_id",
                              "sss", port_id, project_id, *groups);
        if (rows < 0)
            return -EIO;
        if (rows == 0)
            return problem_of(problem, -ENOENT, "a security group could not be found");
    }
    return 0;
}

static int
create(StoreConn *store, const VpcPortWish *wish, VpcPort *port, char **problem)
{
    AUTO_FREE char *ip = NULL, *id = NULL;
    VpcSubnet subnet;
    long long used;
    int limit, error = vpc_subnet_find(store, wish->project_id, wish->subnet_id, &subnet);

    if (error)
        return problem_of(problem, error, "the subnet could not be found");
    if (!vpc_quota_of(store, wish->project_id, "port", &limit, &used))
        return -EIO;
    if (used >= limit)
        return problem_of(problem, -EDQUOT, "the project's quota of ports is used up");
    error = choose_address(store, &subnet, wish->ip, &ip, problem);
    if (!error)
        error = insert(store, wish, &subnet, ip, &id, problem);
    if (!error)
        error = put_groups(store, wish->project_id, id, wish->groups, problem);
    return error ? error : port_find(store, wish->project_id, id, port);
}

int
port_create(StoreConn *store, const VpcPortWish *wish, VpcPort *port, char **problem)
{
    if (store_in_transaction(store))
        return create(store, wish, port, problem);
    if (!store_begin(store))
        return -EIO;
    int error = create(store, wish, port, problem);
    if (error) {
        store_rollback(store);
        return error;
    }
    if (store_commit(store))
        return 0;
    vpc_port_done(port);
    return -EIO;
}

int
port_bind(StoreConn *store, const char *id, const char *device_id, const char *device_owner)
{
    long rows = store_run(store,
                          "UPDATE vpc_port SET device_id = $2, device_owner = $3, updated = now() "
                          "WHERE id = $1 AND ($2 = '' OR device_id IN ('', $2))",
                          "sss", id, device_id, device_owner);

    return rows < 0 ? -EIO : rows == 0 ? -EBUSY : 0;
}

static int
set_groups(StoreConn *store,
           const char *project_id,
           const char *id,
           const char *const *groups,
           char **problem)
{
    VpcPort port;
    int error = port_find(store, project_id, id, &port);

    if (error)
        return error;
    if (store_run(store, "DELETE FROM vpc_port_group WHERE port_id = $1", "s", id) < 0 ||
        !vpc_mark(store, project_id, port.vpc_id))
        error = -EIO;
    vpc_port_done(&port);
    return error ? error : put_groups(store, project_id, id, groups, problem);
}

int
port_set_groups(StoreConn *store,
                const char *project_id,
                const char *id,
                const char *const *groups,
                char **problem)
{
    if (store_in_transaction(store))
        return set_groups(store, project_id, id, groups, problem);
    if (!store_begin(store))
        return -EIO;
    int error = set_groups(store, project_id, id, groups, problem);
    if (error) {
        store_rollback(store);
        return error;
    }
    if (!store_commit(store))
        return -EIO;
    vpc_apply_dirty(store, project_id);
    return 0;
}

/* In a transaction: the row goes, its EIP is free, and routes over it go. */
static int
remove_row(StoreConn *store, const char *id, char **vpc_id)
{
    *vpc_id = store_value(store,
                          "SELECT s.vpc_id FROM vpc_port p JOIN vpc_subnet s ON s.id = p.subnet_id "
                          "WHERE p.id = $1 FOR UPDATE OF p",
                          "s", id);
    if (!*vpc_id)
        return store_failed(store) ? -EIO : 0;
    if (store_run(store, "UPDATE vpc_eip SET port_id = NULL WHERE port_id = $1", "s", id) < 0 ||
        store_run(store, "DELETE FROM vpc_route WHERE nexthop = $1", "s", id) < 0 ||
        store_run(store,
                  "UPDATE vpc_vpc v SET dirty = true FROM vpc_port p WHERE v.id = $1 AND p.id = $2 "
                  "AND p.plugged",
                  "ss", *vpc_id, id) < 0 ||
        store_run(store, "DELETE FROM vpc_port WHERE id = $1", "s", id) < 0)
        return -EIO;
    return 0;
}

int
port_delete(StoreConn *store, const char *id, char **problem)
{
    AUTO_FREE char *vpc_id = NULL;

    /* In the caller's transaction the host follows later (vpc_apply_dirty). */
    if (store_in_transaction(store))
        return remove_row(store, id, &vpc_id);
    if (!store_begin(store))
        return -EIO;
    int error = remove_row(store, id, &vpc_id);
    if (error) {
        store_rollback(store);
        return error;
    }
    if (!store_commit(store))
        return -EIO;
    if (!vpc_id)
        return 0;
    AUTO_FREE char *dirty =
        store_value(store, "SELECT 1 FROM vpc_vpc WHERE id = $1 AND dirty", "s", vpc_id);
    return dirty ? vpc_apply(store, vpc_id, problem) : 0;
}
