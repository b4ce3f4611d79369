/*
 * links.c: the vpc's namespace and its interfaces: a tap and a veth a port, a bridge without ports
 * a subnet (it bears the gateway's address), a veth to the host where there is an EIP, one to each
 * peer's namespace.
 *
 * The port's interface in the namespace is the record of what belongs to the vpc: it is made first
 * and goes last, so that a tap or a table without it is known as left over.
 */
#include "network/host.h"
#include "supervise/agent_verb.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

bool
links_space_is_there(const char *space)
{
    AUTO_FREE char *path = str_format("/run/netns/%s", space);
    struct statfs about;

    return statfs(path, &about) == 0 && about.f_type == NSFS_MAGIC;
}

/* Names of the namespace's interfaces, as an object's keys. */
json_t *
links_in(const char *space)
{
    AUTO_JSON json_t *all =
        run_listing(space, (const char *const[]){IP_PROGRAM, "-j", "link", "show", NULL});
    json_t *names = json_object(), *one;
    size_t index;

    json_array_foreach(all, index, one) if (json_object_get(one, "ifname"))
        json_object_set(names, json_text(one, "ifname", ""), json_object_get(one, "address"));
    return names;
}

static int
make_space(const char *space, char **problem)
{
    const char *const add[] = {IP_PROGRAM, "netns", "add", space, NULL};

    if (links_space_is_there(space))
        return 0;
    /* A file without a namespace: an end between two steps of ip's. */
    AUTO_FREE char *path = str_format("/run/netns/%s", space);
    unlink(path);
    int error = run_program(NULL, add, NULL, NULL, problem);
    return error ? error
                 : run_settings(space,
                                "net/ipv6/conf/all/disable_ipv6 1\n"
                                "net/ipv6/conf/default/disable_ipv6 1\n",
                                problem);
}

static void
make_port(const json_t *port,
          const char *space,
          const json_t *inside,
          const json_t *host,
          Buffer *batch,
          Buffer *settings)
{
    char tap[NETWORK_TAP], veth[NETWORK_TAP], name[NETWORK_TAP];
    int number = (int) json_number(port, "number", 0);

    network_name(agent_data(), "ct", number, tap);
    network_name(agent_data(), "cv", number, veth);
    state_port_name(port, name);
    if (!json_object_get(inside, name)) {
        if (json_object_get(host, veth))
            buffer_format(batch, "link del dev %s\n", veth);
        buffer_format(batch,
                      "link add %s type veth peer name %s address " LINK_MAC_NEAR " netns %s\n",
                      veth, name, space);
    }
    /* QEMU's, by libvirt; a test may have put a guest of another kind there. */
    if (!json_object_get(host, tap))
        buffer_format(batch, "tuntap add dev %s mode tap\n", tap);
    buffer_format(settings, "net/ipv6/conf/%s/disable_ipv6 1\nnet/ipv6/conf/%s/disable_ipv6 1\n",
                  tap, veth);
}

static bool
has_eip(const json_t *state)
{
    size_t index;
    json_t *port;

    json_array_foreach(json_object_get(state, "ports"), index,
                       port) if (json_text(port, "eip", NULL)) return true;
    return false;
}

/* A peer's namespace may not be there yet: then its own apply makes the link. */
static void
make_peers(const json_t *state, const json_t *inside, const char *space, Buffer *batch)
{
    long long own = json_number(state, "vpc", 0);
    size_t index;
    json_t *peer;

    json_array_foreach(json_object_get(state, "peers"), index, peer)
    {
        long long number = json_integer_value(peer);
        char there[NETWORK_SPACE], name[NETWORK_TAP];

        network_space(agent_data(), (int) number, there);
        snprintf(name, sizeof(name), "x%llx", number);
        if (number == own || json_object_get(inside, name) || !links_space_is_there(there))
            continue;
        /* The lower number is the near end, so that both sides know both MACs. */
        buffer_format(batch,
                      "link add %s address %s netns %s type veth peer name x%llx address %s netns "
                      "%s\n",
                      name, own < number ? LINK_MAC_NEAR : LINK_MAC_FAR, space, own,
                      own < number ? LINK_MAC_FAR : LINK_MAC_NEAR, there);
    }
}

int
links_make(const json_t *state, const char *space, char **problem)
{
    Buffer batch = {0}, within = {0}, settings = {0};
    char up[NETWORK_TAP];
    size_t index;
    json_t *one;
    int error = make_space(space, problem);

    if (error)
        return error;
    AUTO_JSON json_t *host = links_in(NULL);
    AUTO_JSON json_t *inside = links_in(space);
    json_array_foreach(json_object_get(state, "subnets"), index, one)
    {
        char name[NETWORK_TAP];
        snprintf(name, sizeof(name), "s%llx", json_number(one, "number", 0));
        if (!json_object_get(inside, name))
            buffer_format(&within, "link add %s type bridge\n", name);
    }
    json_array_foreach(json_object_get(state, "ports"), index, one)
        make_port(one, space, inside, host, &batch, &settings);
    network_name(agent_data(), "cu", (int) json_number(state, "vpc", 0), up);
    if (has_eip(state) && !(json_object_get(inside, "up") && json_object_get(host, up))) {
        if (json_object_get(host, up))
            buffer_format(&batch, "link del dev %s\n", up);
        buffer_format(&batch,
                      "link add %s address " LINK_MAC_NEAR
                      " type veth peer name up address " LINK_MAC_FAR " netns %s\n",
                      up, space);
    }
    make_peers(state, inside, space, &batch);
    error = run_batch(NULL, IP_PROGRAM, batch.text, problem);
    if (!error)
        error = run_batch(space, IP_PROGRAM, within.text, problem);
    if (!error)
        error = run_settings(NULL, settings.text, problem);
    buffer_done(&batch);
    buffer_done(&within);
    buffer_done(&settings);
    return error;
}

/* ---- What goes ---- */

/* The tap, its table, and last the veth. */
static int
remove_port(int number, const json_t *host, char **problem)
{
    char tap[NETWORK_TAP], veth[NETWORK_TAP];
    Buffer batch = {0}, rules = {0};

    network_name(agent_data(), "ct", number, tap);
    network_name(agent_data(), "cv", number, veth);
    if (json_object_get(host, tap))
        buffer_format(&batch, "link del dev %s\n", tap);
    rules_forget(&rules, agent_data(), number);
    int error = run_batch(NULL, IP_PROGRAM, batch.text, problem);
    if (!error)
        error = run_batch(NULL, NFT_PROGRAM, rules.text, problem);
    batch.length = 0;
    if (json_object_get(host, veth))
        buffer_format(&batch, "link del dev %s\n", veth);
    if (!error && batch.length)
        error = run_batch(NULL, IP_PROGRAM, batch.text, problem);
    buffer_done(&batch);
    buffer_done(&rules);
    return error;
}

/* All names that the state gives to interfaces of the namespace. */
static json_t *
wanted_names(const json_t *state)
{
    json_t *names = json_object(), *one;
    char name[NETWORK_TAP];
    size_t index;

    json_object_set_new(names, "lo", json_true());
    json_array_foreach(json_object_get(state, "ports"), index, one)
    {
        state_port_name(one, name);
        json_object_set_new(names, name, json_true());
    }
    json_array_foreach(json_object_get(state, "subnets"), index, one)
    {
        snprintf(name, sizeof(name), "s%llx", json_number(one, "number", 0));
        json_object_set_new(names, name, json_true());
    }
    json_array_foreach(json_object_get(state, "peers"), index, one)
    {
        snprintf(name, sizeof(name), "x%llx", (long long) json_integer_value(one));
        json_object_set_new(names, name, json_true());
    }
    if (has_eip(state))
        json_object_set_new(names, "up", json_true());
    return names;
}

static bool
is_ours(const char *name)
{
    return strcmp(name, "up") == 0 || (name[0] == 's' && name[1]) || (name[0] == 'x' && name[1]);
}

static int
prune(const json_t *wanted, const char *space, char **problem)
{
    AUTO_JSON json_t *host = links_in(NULL);
    AUTO_JSON json_t *inside = links_in(space);
    Buffer batch = {0};
    const char *name;
    json_t *unused;
    int error = 0;

    json_object_foreach(inside, name, unused)
    {
        if (json_object_get(wanted, name))
            continue;
        if (name[0] == 'p' && state_number_of(name) && !error)
            error = remove_port(state_number_of(name), host, problem);
        else if (is_ours(name))
            buffer_format(&batch, "link del dev %s\n", name);
    }
    if (!error)
        error = run_batch(space, IP_PROGRAM, batch.text, problem);
    buffer_done(&batch);
    return error;
}

int
links_prune(const json_t *state, const char *space, char **problem)
{
    AUTO_JSON json_t *wanted = wanted_names(state);

    return prune(wanted, space, problem);
}

int
links_remove(int vpc, const char *space, char **problem)
{
    AUTO_FREE char *path = str_format("/run/netns/%s", space);
    AUTO_JSON json_t *nothing = json_object();
    char up[NETWORK_TAP];
    int error = 0;

    if (links_space_is_there(space)) {
        error = prune(nothing, space, problem);
        if (!error)
            error =
                run_program(NULL, (const char *const[]){IP_PROGRAM, "netns", "del", space, NULL},
                            NULL, NULL, problem);
    } else {
        unlink(path);
    }
    network_name(agent_data(), "cu", vpc, up);
    if (!error && if_nametoindex(up))
        error = run_program(NULL, (const char *const[]){IP_PROGRAM, "link", "del", "dev", up, NULL},
                            NULL, NULL, problem);
    return error;
}

/* Numbers of the ports that have a table, as an object's keys. */
static json_t *
tables(void)
{
    AUTO_JSON json_t *said = run_listing(
        NULL, (const char *const[]){NFT_PROGRAM, "-j", "list", "tables", "netdev", NULL});
    AUTO_FREE char *mark = rules_mark(agent_data());
    json_t *numbers = json_object(), *one;
    size_t index;

    json_array_foreach(json_object_get(said, "nftables"), index, one)
    {
        const char *name = json_text(json_object_get(one, "table"), "name", "");
        if (strncmp(name, mark, strlen(mark)) == 0) {
            AUTO_FREE char *number = str_format("%ld", strtol(name + strlen(mark), NULL, 16));
            json_object_set_new(numbers, number, json_true());
        }
    }
    return numbers;
}

/* Whether a guest has the tap open: then its vpc is still to be made again, and it is kept. */
static bool
is_in_use(int port)
{
    char tap[NETWORK_TAP], carrier = '0';

    network_name(agent_data(), "ct", port, tap);
    AUTO_FREE char *path = str_format("/sys/class/net/%s/carrier", tap);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file >= 0) {
        if (read(file, &carrier, 1) != 1)
            carrier = '0';
        close(file);
    }
    return carrier == '1';
}

json_t *
links_orphans(bool sweep)
{
    AUTO_JSON json_t *host = links_in(NULL);
    AUTO_JSON json_t *numbers = tables();
    json_t *strange = json_array(), *unused;
    char start[NETWORK_TAP], veth[NETWORK_TAP];
    const char *name, *number;

    network_name(agent_data(), "ct", 0, start);
    size_t length = strlen(start) - 1;
    json_object_foreach(host, name, unused)
    {
        network_name(agent_data(), "cv", state_number_of(name), veth);
        if (strncmp(name, start, length) == 0 && !json_object_get(host, veth)) {
            AUTO_FREE char *text = str_format("%d", state_number_of(name));
            json_object_set_new(numbers, text, json_true());
        }
    }
    json_object_foreach(numbers, number, unused)
    {
        int port = (int) strtol(number, NULL, 10);
        AUTO_FREE char *text =
            str_format("a tap or rules of port %d, which is in no network", port);

        network_name(agent_data(), "cv", port, veth);
        if (json_object_get(host, veth))
            continue;
        json_array_append_new(strange, json_string(text));
        if (sweep && !is_in_use(port))
            remove_port(port, host, NULL);
    }
    return strange;
}
