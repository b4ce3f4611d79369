/*
 * routes.c: addresses, neighbours and routes of a vpc's namespace, and of the host towards EIPs.
 * Runs after the rules are there; only now links are brought up.
 *
 * Each address of a port is routed to its interface, with a fixed neighbour; the rest of a subnet
 * is unreachable, so that nobody answers ARP for it. Links to the host and to peers have no
 * addresses: a fixed neighbour stands behind a route's gateway.
 */
#include "network/host.h"
#include "supervise/agent_verb.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define UP_HOST "169.254.253.1"
#define UP_SPACE "169.254.253.2"
#define PEER_GATE "169.254.254.1"

/* What should be: routes by "destination", neighbours by "device address", each with the words that
 * make it. */
typedef struct Wanted {
    json_t *routes, *neighbours;
    Buffer settings, up;
} Wanted;

/* "10.0.0.5/32" is listed as "10.0.0.5", 0.0.0.0/0 as "default". */
static char *
as_listed(const char *to)
{
    size_t length = strlen(to);

    if (strcmp(to, "0.0.0.0/0") == 0)
        return str_copy("default");
    return length > 3 && strcmp(to + length - 3, "/32") == 0 ? str_copy_n(to, length - 3)
                                                             : str_copy(to);
}

static void
want_route(Wanted *wanted, const char *to, const char *gateway, const char *device)
{
    AUTO_FREE char *key = as_listed(to);

    json_object_set_new(wanted->routes, key,
                        json_pack("{s:s*, s:s*}", "gateway", gateway, "dev", device));
}

static void
want_neighbour(Wanted *wanted, const char *device, const char *address, const char *mac)
{
    AUTO_FREE char *key = str_format("%s %s", device, address);

    json_object_set_new(wanted->neighbours, key, json_string(mac));
}

static const json_t *
port_with(const json_t *state, const char *ip)
{
    size_t index;
    json_t *port;

    json_array_foreach(json_object_get(state, "ports"), index,
                       port) if (strcmp(json_text(port, "ip", ""), ip) == 0) return port;
    return NULL;
}

/* A pair's single address goes to the port too, unless it is another port's own. */
static void
want_pairs(Wanted *wanted, const json_t *state, const json_t *port, const char *name)
{
    size_t index;
    json_t *pair;

    json_array_foreach(json_object_get(port, "pairs"), index, pair)
    {
        AUTO_FREE char *ip = as_listed(json_text(pair, "ip", ""));
        const char *mac = json_text(pair, "mac", "");
        struct in_addr parsed;

        if (inet_pton(AF_INET, ip, &parsed) != 1 || port_with(state, ip))
            continue;
        want_route(wanted, ip, NULL, name);
        want_neighbour(wanted, name, ip, *mac ? mac : json_text(port, "mac", ""));
    }
}

static void
want_ports(Wanted *wanted, const json_t *state)
{
    size_t index;
    json_t *port;

    json_array_foreach(json_object_get(state, "ports"), index, port)
    {
        const char *ip = json_text(port, "ip", "");
        char name[NETWORK_TAP];

        state_port_name(port, name);
        want_route(wanted, ip, NULL, name);
        want_neighbour(wanted, name, ip, json_text(port, "mac", ""));
        want_pairs(wanted, state, port, name);
        /* The namespace answers ARP for neighbours, at once. */
        buffer_format(&wanted->settings,
                      "net/ipv4/conf/%s/proxy_arp 1\nnet/ipv4/neigh/%s/proxy_delay 0\n"
                      "net/ipv4/conf/%s/rp_filter 0\nnet/ipv4/conf/%s/send_redirects 0\n",
                      name, name, name, name);
        buffer_format(&wanted->up, "link set dev %s up\n", name);
    }
}

/* The routes that tenants make; one of theirs to everything goes before the way to the host. */
static void
want_routes(Wanted *wanted, const json_t *state, const json_t *inside)
{
    size_t index;
    json_t *route, *peer;
    char name[NETWORK_TAP];

    if (json_object_get(inside, "up")) {
        want_route(wanted, "0.0.0.0/0", UP_HOST, "up");
        want_neighbour(wanted, "up", UP_HOST, LINK_MAC_NEAR);
        buffer_add_text(&wanted->settings, "net/ipv4/conf/up/rp_filter 0\n");
        buffer_add_text(&wanted->up, "link set dev up up\n");
    }
    json_array_foreach(json_object_get(state, "peers"), index, peer)
    {
        bool near = json_number(state, "vpc", 0) < json_integer_value(peer);

        snprintf(name, sizeof(name), "x%llx", (long long) json_integer_value(peer));
        if (!json_object_get(inside, name))
            continue;
        want_neighbour(wanted, name, PEER_GATE, near ? LINK_MAC_FAR : LINK_MAC_NEAR);
        buffer_format(&wanted->settings, "net/ipv4/conf/%s/rp_filter 0\n", name);
        buffer_format(&wanted->up, "link set dev %s up\n", name);
    }
    json_array_foreach(json_object_get(state, "routes"), index, route)
    {
        const char *ip = json_text(route, "ip", NULL);
        const json_t *port = ip ? port_with(state, ip) : NULL;

        snprintf(name, sizeof(name), "x%llx", json_number(route, "peer", 0));
        if (port) {
            state_port_name(port, name);
            want_route(wanted, json_text(route, "to", ""), ip, name);
        } else if (!ip && json_object_get(inside, name)) {
            want_route(wanted, json_text(route, "to", ""), PEER_GATE, name);
        }
    }
}

static void
want_subnets(Wanted *wanted, const json_t *state)
{
    size_t index;
    json_t *subnet;

    json_array_foreach(json_object_get(state, "subnets"), index, subnet)
    {
        want_route(wanted, json_text(subnet, "cidr", ""), NULL, NULL);
        buffer_format(&wanted->up, "link set dev s%llx up\n", json_number(subnet, "number", 0));
    }
}

/* ---- What is there against it ---- */

static bool
same_text(const json_t *one, const json_t *other, const char *key)
{
    return strcmp(json_text(one, key, ""), json_text(other, key, "")) == 0;
}

static void
settle_routes(Buffer *batch, const json_t *wanted, const char *space, const char *device)
{
    AUTO_JSON json_t *there = run_listing(
        space,
        device ? (const char *const[]){IP_PROGRAM, "-4", "-j", "route", "show", "dev", device, NULL}
               : (const char *const[]){IP_PROGRAM, "-4", "-j", "route", "show", NULL});
    AUTO_JSON json_t *done = json_object();
    const char *to;
    json_t *one;
    size_t index;

    json_array_foreach(there, index, one)
    {
        const json_t *want = json_object_get(wanted, json_text(one, "dst", ""));
        bool same =
            want && same_text(want, one, "gateway") && (device || same_text(want, one, "dev"));

        if (same)
            json_object_set_new(done, json_text(one, "dst", ""), json_true());
        else if (!want)
            buffer_format(batch, "route del %s %s\n", json_text(one, "type", ""),
                          json_text(one, "dst", ""));
    }
    json_object_foreach((json_t *) wanted, to, one)
    {
        const char *gateway = json_text(one, "gateway", NULL), *dev = json_text(one, "dev", NULL);

        if (json_object_get(done, to))
            continue;
        buffer_format(batch, "route replace %s%s", dev ? "" : "unreachable ", to);
        if (gateway)
            buffer_format(batch, " via %s", gateway);
        if (dev)
            buffer_format(batch, " dev %s", dev);
        buffer_add_text(batch, gateway ? " onlink\n" : "\n");
    }
}

static void
settle_neighbours(Buffer *batch, const json_t *wanted, const char *space)
{
    AUTO_JSON json_t *there =
        run_listing(space, (const char *const[]){IP_PROGRAM, "-4", "-j", "neigh", "show", "nud",
                                                 "permanent", NULL});
    AUTO_JSON json_t *done = json_object();
    const char *key;
    json_t *one;
    size_t index;

    json_array_foreach(there, index, one)
    {
        AUTO_FREE char *name =
            str_format("%s %s", json_text(one, "dev", ""), json_text(one, "dst", ""));
        const char *mac = json_string_value(json_object_get(wanted, name));

        if (mac && strcasecmp(mac, json_text(one, "lladdr", "")) == 0)
            json_object_set_new(done, name, json_true());
        else if (!mac)
            buffer_format(batch, "neigh del %s dev %s\n", json_text(one, "dst", ""),
                          json_text(one, "dev", ""));
    }
    json_object_foreach((json_t *) wanted, key, one)
    {
        if (!json_object_get(done, key)) {
            const char *address = strchr(key, ' ') + 1;
            buffer_format(batch, "neigh replace %s lladdr %s dev %.*s nud permanent\n", address,
                          json_string_value(one), (int) (address - 1 - key), key);
        }
    }
}

/* A subnet's gateway on its bridge; the metadata service's address. */
static void
settle_addresses(Buffer *batch, const json_t *state, const char *space)
{
    AUTO_JSON json_t *there =
        run_listing(space, (const char *const[]){IP_PROGRAM, "-4", "-j", "address", "show", NULL});
    AUTO_JSON json_t *wanted = json_object();
    const char *key;
    json_t *one, *address, *subnet;
    size_t index, k;

    json_object_set_new(wanted, "lo 169.254.169.254/32", json_string(""));
    json_array_foreach(json_object_get(state, "subnets"), index, subnet)
    {
        AUTO_FREE char *name = str_format("s%llx %s/%s", json_number(subnet, "number", 0),
                                          json_text(subnet, "gateway", ""),
                                          strchr(json_text(subnet, "cidr", "/"), '/') + 1);
        json_object_set_new(wanted, name, json_string(" noprefixroute"));
    }
    json_array_foreach(there, index, one)
        json_array_foreach(json_object_get(one, "addr_info"), k, address)
    {
        AUTO_FREE char *name =
            str_format("%s %s/%lld", json_text(one, "ifname", ""), json_text(address, "local", ""),
                       json_number(address, "prefixlen", 0));
        if (json_object_get(wanted, name))
            json_object_del(wanted, name);
        else if (json_text(one, "ifname", "")[0] == 's')
            buffer_format(batch, "address del %s dev %s\n", strchr(name, ' ') + 1,
                          json_text(one, "ifname", ""));
    }
    json_object_foreach(wanted, key, one)
    {
        const char *text = strchr(key, ' ') + 1;
        buffer_format(batch, "address replace %s dev %.*s%s\n", text, (int) (text - 1 - key), key,
                      json_string_value(one));
    }
}

/* ---- The host's side ---- */

/* Interfaces of the host's default routes: answers to EIPs come in there. */
static void
forward_outside(Buffer *settings)
{
    AUTO_JSON json_t *routes = run_listing(
        NULL, (const char *const[]){IP_PROGRAM, "-4", "-j", "route", "show", "default", NULL});
    size_t index;
    json_t *one;

    json_array_foreach(routes, index, one) if (*json_text(one, "dev", ""))
        buffer_format(settings, "net/ipv4/conf/%s/forwarding 1\n", json_text(one, "dev", ""));
}

static int
apply_uplink(const json_t *state, char **problem)
{
    AUTO_JSON json_t *wanted = json_object();
    Buffer batch = {0}, settings = {0};
    char up[NETWORK_TAP];
    size_t index;
    json_t *port;

    network_name(agent_data(), "cu", (int) json_number(state, "vpc", 0), up);
    json_array_foreach(json_object_get(state, "ports"), index,
                       port) if (json_text(port, "eip", NULL))
        json_object_set_new(wanted, json_text(port, "eip", ""),
                            json_pack("{s:s, s:s}", "gateway", UP_SPACE, "dev", up));
    if (json_object_size(wanted) == 0)
        return 0;
    buffer_format(&settings,
                  "net/ipv6/conf/%s/disable_ipv6 1\nnet/ipv4/conf/%s/forwarding 1\n"
                  "net/ipv4/conf/%s/send_redirects 0\n",
                  up, up, up);
    forward_outside(&settings);
    int error = run_settings(NULL, settings.text, problem);
    buffer_format(&batch, "link set dev %s up\n", up);
    buffer_format(&batch, "neigh replace %s lladdr " LINK_MAC_FAR " dev %s nud permanent\n",
                  UP_SPACE, up);
    settle_routes(&batch, wanted, NULL, up);
    if (!error)
        error = run_batch(NULL, IP_PROGRAM, batch.text, problem);
    buffer_done(&batch);
    buffer_done(&settings);
    return error;
}

static int
raise_ports(const json_t *state, char **problem)
{
    char tap[NETWORK_TAP], veth[NETWORK_TAP];
    Buffer batch = {0};
    size_t index;
    json_t *port;

    json_array_foreach(json_object_get(state, "ports"), index, port)
    {
        network_name(agent_data(), "ct", (int) json_number(port, "number", 0), tap);
        network_name(agent_data(), "cv", (int) json_number(port, "number", 0), veth);
        buffer_format(&batch, "link set dev %s up\nlink set dev %s up\n", veth, tap);
    }
    int error = run_batch(NULL, IP_PROGRAM, batch.text, problem);
    buffer_done(&batch);
    return error;
}

int
routes_apply(const json_t *state, const char *space, char **problem)
{
    Wanted wanted = {json_object(), json_object(), {0}, {0}};
    Buffer batch = {0};
    AUTO_JSON json_t *inside = links_in(space);

    buffer_add_text(&wanted.settings, "net/ipv4/ip_forward 1\nnet/ipv4/conf/all/rp_filter 0\n"
                                      "net/ipv4/conf/all/send_redirects 0\n"
                                      "net/ipv4/conf/all/accept_redirects 0\n");
    buffer_add_text(&wanted.up, "link set lo up\n");
    want_subnets(&wanted, state);
    want_ports(&wanted, state);
    want_routes(&wanted, state, inside);
    int error = run_settings(space, wanted.settings.text, problem);
    if (!error)
        error = run_batch(space, IP_PROGRAM, wanted.up.text, problem);
    settle_addresses(&batch, state, space);
    settle_routes(&batch, wanted.routes, space, NULL);
    settle_neighbours(&batch, wanted.neighbours, space);
    if (!error)
        error = run_batch(space, IP_PROGRAM, batch.text, problem);
    if (!error)
        error = apply_uplink(state, problem);
    if (!error)
        error = raise_ports(state, problem);
    json_decref(wanted.routes);
    json_decref(wanted.neighbours);
    buffer_done(&wanted.settings);
    buffer_done(&wanted.up);
    buffer_done(&batch);
    return error;
}
