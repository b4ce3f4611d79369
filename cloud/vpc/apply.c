/*
 * apply.c: from rows to the host. A change marks its vpc as dirty in its own transaction; after the
 * commit the vpc's whole state is read and sent to the host agent, one sender a vpc at a time, so
 * that an older state never follows a newer one. What could not be sent stays dirty and is tried
 * again; a host that cannot make networks has nothing plugged and nothing to do.
 */
#include "vpc/apply.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/settings.h"
#include "network/network.h"
#include "provision/metadata_server.h"
#include "vpc/answer.h"
#include "vpc/vpc.h"

#include <errno.h>
#include <string.h>

/* See network.h. Only what is plugged is on the host; members of groups are all ports. */
#define STATE                                                                                      \
    "WITH s AS (SELECT * FROM vpc_subnet WHERE vpc_id = $1), "                                     \
    "p AS (SELECT p.*, s.segment FROM vpc_port p JOIN s ON s.id = p.subnet_id), "                  \
    "near AS (SELECT DISTINCT pg.group_id AS id FROM vpc_port_group pg JOIN p ON p.id = "          \
    "pg.port_id WHERE p.plugged), "                                                                \
    "g AS (SELECT g.* FROM vpc_security_group g WHERE g.id IN (SELECT id FROM near UNION SELECT "  \
    "r.remote_group_id FROM vpc_security_rule r JOIN near ON near.id = r.group_id)) "              \
    "SELECT jsonb_build_object('vpc', v.number, 'cidr', v.cidr::text, 'subnets', "                 \
    "coalesce((SELECT "                                                                            \
    "jsonb_agg(jsonb_build_object('number', s.segment, 'cidr', s.cidr::text, 'gateway', "          \
    "host(s.gateway), 'dhcp', s.dhcp, 'dns', s.dns)) FROM s), '[]'), "                             \
    "'ports', coalesce((SELECT jsonb_agg(jsonb_build_object('number', p.number, 'subnet', "        \
    "p.segment, 'mac', p.mac, 'ip', host(p.ip), 'host', p.name, 'pairs', p.allowed_pairs, 'eip', " \
    "host(e.address), 'megabits', b.megabits, 'groups', coalesce((SELECT jsonb_agg(g.number "      \
    "ORDER BY g.number) FROM vpc_port_group pg JOIN vpc_security_group g ON g.id = pg.group_id "   \
    "WHERE pg.port_id = p.id), '[]'))) FROM p LEFT JOIN vpc_eip e ON e.port_id = p.id LEFT JOIN "  \
    "vpc_bandwidth b ON b.id = e.bandwidth_id WHERE p.plugged), '[]'), "                           \
    "'groups', coalesce((SELECT jsonb_agg(jsonb_build_object('number', g.number, 'members', "      \
    "coalesce((SELECT jsonb_agg(host(p.ip)) FROM vpc_port_group pg JOIN p ON p.id = pg.port_id "   \
    "WHERE pg.group_id = g.id), '[]'), 'rules', coalesce((SELECT jsonb_agg(jsonb_build_object("    \
    "'direction', r.direction, 'protocol', r.protocol, 'cidr', r.remote_prefix, 'group', "         \
    "coalesce(m.number, 0), 'deny', r.action = 'deny', 'priority', r.priority, 'ports', "          \
    "CASE WHEN r.multiport = '' THEN '[]'::jsonb ELSE (SELECT jsonb_agg(jsonb_build_array("        \
    "split_part(part, '-', 1)::int, CASE WHEN r.protocol LIKE 'icmp%' THEN coalesce(nullif("       \
    "split_part(part, '-', 2), '')::int, -1) ELSE coalesce(nullif(split_part(part, '-', 2), ''), " \
    "split_part(part, '-', 1))::int END)) FROM unnest(string_to_array(r.multiport, ',')) part) "   \
    "END) ORDER BY r.priority, r.action DESC, r.created, r.id) FROM vpc_security_rule r LEFT "     \
    "JOIN vpc_security_group m ON m.id = r.remote_group_id WHERE r.group_id = g.id AND r.enabled " \
    "AND r.ethertype = 'IPv4' AND r.protocol <> 'icmpv6'), '[]'))) FROM g), '[]'), "               \
    "'routes', coalesce((SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object('to', "             \
    "t.destination::text, 'ip', CASE t.type WHEN 'eni' THEN (SELECT host(p.ip) FROM p WHERE p.id " \
    "= t.nexthop) WHEN 'peering' THEN NULL ELSE t.nexthop END, 'peer', o.number))) FROM "          \
    "vpc_route t LEFT JOIN vpc_peering x ON x.id = t.nexthop AND x.status = 'ACTIVE' LEFT JOIN "   \
    "vpc_vpc o ON o.id = CASE x.vpc_id WHEN v.id THEN x.peer_vpc_id ELSE x.vpc_id END WHERE "      \
    "t.vpc_id = v.id), '[]'), "                                                                    \
    "'peers', coalesce((SELECT jsonb_agg(o.number) FROM vpc_peering x JOIN vpc_vpc o ON o.id = "   \
    "CASE x.vpc_id WHEN v.id THEN x.peer_vpc_id ELSE x.vpc_id END WHERE x.status = 'ACTIVE' AND "  \
    "v.id IN (x.vpc_id, x.peer_vpc_id) AND EXISTS (SELECT FROM vpc_port q JOIN vpc_subnet u ON "   \
    "u.id = q.subnet_id WHERE u.vpc_id = o.id AND q.plugged)), '[]')) AS state FROM vpc_vpc v "    \
    "WHERE v.id = $1"

bool
vpc_mark(StoreConn *store, const char *project_id, const char *vpc_id)
{
    return store_run(store,
                     "UPDATE vpc_vpc v SET dirty = true WHERE project_id = $1 AND ($2 = '' OR id = "
                     "$2) AND EXISTS (SELECT FROM vpc_port p JOIN vpc_subnet s ON s.id = "
                     "p.subnet_id WHERE s.vpc_id = v.id AND p.plugged)",
                     "ss", project_id, vpc_id) >= 0;
}

/* Guests go on without metadata: a failure is said, and tried again by the next round. */
static void
serve_metadata(StoreConn *store, const char *vpc_id, int number)
{
    AUTO_FREE char *problem = NULL;

    if (metadata_serve(number, &problem) == 0)
        return;
    log_warning("no metadata service in the vpc of number %d: %s", number, problem ? problem : "");
    store_run(store, "UPDATE vpc_vpc SET dirty = true WHERE id = $1", "s", vpc_id);
}

/* The state as it is now, sent. Held by the caller: the vpc's lock. */
static int
send_state(StoreConn *store, const char *vpc_id, char **problem)
{
    AUTO_FREE char *text = store_value(store, STATE, "s", vpc_id);

    if (!text)
        return store_failed(store) ? -EIO : 0;
    AUTO_JSON json_t *state = json_loads(text, 0, NULL);
    bool empty = json_array_size(json_object_get(state, "ports")) == 0;
    /* Where no network can be made there is none to take away. */
    if (empty && !network_available(NULL))
        return 0;
    if (!empty && !network_available(problem))
        return -EOPNOTSUPP;
    int number = (int) json_number(state, "vpc", 0);
    if (empty) {
        metadata_leave(number);
        return network_remove(number, problem);
    }
    int error = network_apply(state, problem);
    if (!error)
        serve_metadata(store, vpc_id, number);
    return error;
}

int
vpc_apply(StoreConn *store, const char *vpc_id, char **problem)
{
    if (store_run(store, "SELECT pg_advisory_lock(hashtextextended('vpc apply ' || $1, 0))", "s",
                  vpc_id) < 0)
        return -EIO;
    /* Before the state is read: what changes from now on marks it again. */
    int error = store_run(store, "UPDATE vpc_vpc SET dirty = false WHERE id = $1", "s", vpc_id) < 0
                    ? -EIO
                    : send_state(store, vpc_id, problem);
    if (error)
        store_run(store, "UPDATE vpc_vpc SET dirty = true WHERE id = $1", "s", vpc_id);
    store_run(store, "SELECT pg_advisory_unlock(hashtextextended('vpc apply ' || $1, 0))", "s",
              vpc_id);
    return error;
}

void
vpc_apply_dirty(StoreConn *store, const char *project_id)
{
    AUTO_ROWS PGresult *rows =
        store_query(store,
                    "SELECT id FROM vpc_vpc WHERE dirty ORDER BY project_id <> $1, updated LIMIT "
                    "20",
                    "s", project_id);

    for (int i = 0; rows && i < PQntuples(rows); i++) {
        AUTO_FREE char *problem = NULL;
        int error = vpc_apply(store, row_text(rows, i, "id"), &problem);

        if (error)
            log_warning("the network of the vpc %s is behind: %s", row_text(rows, i, "id"),
                        problem ? problem : strerror(-error));
    }
}

/* Vpcs whose numbers the host has and the store has not, or has without anything plugged. */
static void
remove_strangers(StoreConn *store)
{
    AUTO_JSON json_t *found = NULL;
    size_t index;
    json_t *number;

    if (!network_available(NULL) || network_list(&found, NULL) != 0)
        return;
    json_array_foreach(json_object_get(found, "vpcs"), index, number)
    {
        int vpc = (int) json_integer_value(number);
        AUTO_FREE char *known = store_value(
            store,
            "SELECT v.id FROM vpc_vpc v WHERE number = $1 AND EXISTS (SELECT FROM vpc_port p JOIN "
            "vpc_subnet s ON s.id = p.subnet_id WHERE s.vpc_id = v.id AND p.plugged)",
            "i", vpc);
        AUTO_FREE char *problem = NULL;

        if (known || store_failed(store))
            continue;
        log_notice("a network on the host belongs to no vpc (number %d); it is removed", vpc);
        metadata_leave(vpc);
        if (network_remove(vpc, &problem) != 0)
            log_warning("it could not be removed: %s", problem ? problem : "");
    }
}

void
vpc_reconcile(StoreConn *store)
{
    vpc_apply_dirty(store, "");
    remove_strangers(store);
}

int
vpc_restore(StoreConn *store)
{
    /* After a reboot nothing is there: every vpc with something plugged is made again. */
    return store_run(store,
                     "UPDATE vpc_vpc v SET dirty = true WHERE EXISTS (SELECT FROM vpc_port p JOIN "
                     "vpc_subnet s ON s.id = p.subnet_id WHERE s.vpc_id = v.id AND p.plugged)",
                     "") < 0
               ? -EIO
               : 0;
}

/* Sets the mark on the row and brings the host there; the peers' links too. */
static int
plug(StoreConn *store, const char *id, bool plugged, char tap[VPC_TAP], char **problem)
{
    AUTO_ROWS PGresult *rows = store_query(
        store,
        "UPDATE vpc_port p SET plugged = $2, updated = now() FROM vpc_subnet s WHERE s.id = "
        "p.subnet_id AND p.id = $1 RETURNING s.vpc_id, p.number",
        "sb", id, plugged);

    if (!rows)
        return -EIO;
    if (PQntuples(rows) == 0)
        return plugged ? -ENOENT : 0;
    const char *vpc_id = row_text(rows, 0, "vpc_id");
    if (tap)
        network_tap(settings_data(), (int) row_number(rows, 0, "number"), tap);
    int error = vpc_apply(store, vpc_id, problem);
    if (error == -EOPNOTSUPP && plugged)
        store_run(store, "UPDATE vpc_port SET plugged = false WHERE id = $1", "s", id);
    if (error)
        return error;
    if (store_run(store,
                  "UPDATE vpc_vpc v SET dirty = true FROM vpc_peering x WHERE x.status = 'ACTIVE' "
                  "AND $1 IN (x.vpc_id, x.peer_vpc_id) AND v.id IN (x.vpc_id, x.peer_vpc_id) AND "
                  "v.id <> $1",
                  "s", vpc_id) > 0)
        vpc_apply_dirty(store, "");
    return 0;
}

int
port_plug(StoreConn *store, const char *id, char tap[VPC_TAP], char **problem)
{
    return plug(store, id, true, tap, problem);
}

int
port_unplug(StoreConn *store, const char *id, char **problem)
{
    return plug(store, id, false, NULL, problem);
}
