/*
 * plan.c: slots, addresses and ports of instances; see plan.h.
 *
 * Reservations go one after another (a lock of the store), so that two never meet; the unique
 * indexes stand behind.
 */
#include "rds/plan.h"

#include "base/settings.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#define PORT_FIRST 2100
#define PORT_LAST 9500

static uint32_t
network_of(int *prefix)
{
    const char *text = setting_text(SETTING_INSTANCE_NETWORK);
    size_t length = strcspn(text, "/");
    AUTO_FREE char *host = str_copy_n(text, length);
    struct in_addr address = {0};

    *prefix = text[length] ? (int) strtol(text + length + 1, NULL, 10) : 32;
    inet_pton(AF_INET, host, &address);
    return ntohl(address.s_addr) & (*prefix == 32 ? 0xFFFFFFFFu : ~(0xFFFFFFFFu >> *prefix));
}

bool
plan_has_network(void)
{
    return strchr(setting_text(SETTING_INSTANCE_NETWORK), '/') != NULL;
}

/* How many addresses of the network may be instances': the first and the last two are not (the
 * last but one is the template's). */
static long
network_size(int prefix)
{
    return (1L << (32 - prefix)) - 4;
}

bool
plan_may_use(const char *text)
{
    struct in_addr address;
    int prefix;
    uint32_t network = network_of(&prefix);

    if (inet_pton(AF_INET, text, &address) != 1)
        return false;
    uint32_t number = ntohl(address.s_addr) - network;
    return prefix == 32 ? number == 0 : number >= 1 && (long) number <= network_size(prefix);
}

static void
address_text(uint32_t address, char text[INET_ADDRSTRLEN])
{
    struct in_addr number = {.s_addr = htonl(address)};

    inet_ntop(AF_INET, &number, text, INET_ADDRSTRLEN);
}

/* The lowest number from 1 that no row's slot is. */
#define FREE_SLOT                                                                                  \
    "SELECT min(n) FROM (SELECT 1 AS n UNION ALL SELECT slot + 1 FROM rds_instance WHERE slot IS " \
    "NOT NULL) c WHERE NOT EXISTS (SELECT 1 FROM rds_instance o WHERE o.slot = c.n)"

/* An address that nobody has, from the slot's own on; "" when there is none. */
static void
free_address(StoreConn *store, int slot, char text[INET_ADDRSTRLEN])
{
    int prefix;
    uint32_t network = network_of(&prefix);
    long size = network_size(prefix);

    for (long i = 0; i < size && i < 4096; i++) {
        address_text(network + 1 + (uint32_t) ((slot - 1 + i) % size), text);
        AUTO_FREE char *taken = store_value(
            store, "SELECT id FROM rds_instance WHERE address = $1 AND deleted_at IS NULL LIMIT 1",
            "s", text);
        if (!taken)
            return;
    }
    *text = '\0';
}

/* A port that nobody has on the only address: 1433, or the first of the range. 0 for none. */
static int
free_port(StoreConn *store, const char *address)
{
    AUTO_FREE char *port = store_value(
        store,
        "SELECT p FROM (SELECT 1433 AS p UNION ALL SELECT generate_series($2::int, $3::int)) c "
        "WHERE p NOT IN (5355, 5985) AND NOT EXISTS (SELECT 1 FROM rds_instance WHERE address = $1 "
        "AND port = p AND deleted_at IS NULL) ORDER BY p LIMIT 1",
        "sii", address, PORT_FIRST, PORT_LAST);

    return port ? (int) strtol(port, NULL, 10) : 0;
}

static int
reserve(StoreConn *store, const char *id)
{
    AUTO_INSTANCE Instance *instance = instance_load_any(store, id);
    char address[INET_ADDRSTRLEN] = "";
    int prefix, port;

    if (!instance)
        return store_failed(store) ? -EIO : -ENOENT;
    if (instance->slot > 0 && *instance_address(instance))
        return 0;
    AUTO_FREE char *slot = store_value(store, FREE_SLOT, "");
    if (!slot)
        return -EIO;
    int number = instance->slot > 0 ? instance->slot : (int) strtol(slot, NULL, 10);
    port = instance->port;
    if (plan_has_network()) {
        free_address(store, number, address);
        port = port ? port : 1433;
    } else {
        address_text(network_of(&prefix), address);
        port = port ? port : free_port(store, address);
    }
    if (!*address || port == 0)
        return -ENOSPC;
    if (store_run(store,
                  "UPDATE rds_instance SET slot = $2, address = $3, port = $4, updated = now() "
                  "WHERE id = $1",
                  "sisi", id, number, address, port) == 1)
        return 0;
    return strcmp(store_constraint(store), "rds_instance_endpoint") == 0 ? -EADDRINUSE : -EIO;
}

int
plan_reserve(StoreConn *store, const char *id)
{
    int error;

    if (!store_begin(store))
        return -EIO;
    store_run(store, "SELECT pg_advisory_xact_lock(7201)", "");
    error = reserve(store, id);
    if (!error && !store_commit(store))
        error = -EIO;
    if (error)
        store_rollback(store);
    return error;
}
