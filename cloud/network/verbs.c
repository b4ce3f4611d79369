/*
 * verbs.c: the host agent's verbs "network-*". One at a time for a data directory: what is there is
 * looked at before it is changed, and a link between peers is in two namespaces.
 *
 * Order of an apply: links, down; the rules; then addresses, routes and links up, so that nothing
 * passes that no rule has seen; DHCP; last what is no longer wanted goes. An end anywhere leaves
 * something that the next apply completes.
 */
#include "network/host.h"
#include "supervise/agent_verb.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define STATE_MOST (32 << 20)

/* ---- What this host can ---- */

static void
add_missing(json_t *answer, const char *what, const char *why, const char *remedy)
{
    json_array_append_new(json_object_get(answer, "missing"),
                          json_pack("{s:s, s:s, s:s}", "what", what, "why", why, "remedy", remedy));
}

static bool
look_program(json_t *answer, const char *name, const char *path, const char *package)
{
    bool there = access(path, X_OK) == 0;
    AUTO_FREE char *why = str_format("%s is not installed", path);
    AUTO_FREE char *remedy = str_format("apt-get install %s", package);

    json_object_set_new(answer, name, json_boolean(there));
    if (!there)
        add_missing(answer, name, why, remedy);
    return there;
}

/* The kinds of links and rules that a vpc has, made in a namespace that goes with this process. */
static void
look_kernel(json_t *answer)
{
    static const char links[] = "link add va type veth peer name vb\nlink add ba type bridge\n"
                                "tuntap add dev ta mode tap\n";
    static const char rules[] =
        "add table netdev a\nadd chain netdev a a { type filter hook ingress device \"va\" "
        "priority "
        "0; }\nadd rule netdev a a ether type ip fwd to \"ta\"\n"
        "add table inet a\nadd chain inet a a { type filter hook forward priority 0; }\n"
        "add rule inet a a ct direction reply accept\n"
        "add rule inet a a limit rate over 10 kbytes/second drop\n"
        "add chain inet a b { type nat hook prerouting priority -100; }\n"
        "add rule inet a b ip daddr 192.0.2.1 dnat ip to 192.0.2.2\n";
    AUTO_FREE char *problem = NULL;
    bool space = unshare(CLONE_NEWNET) == 0;

    json_object_set_new(answer, "namespaces", json_boolean(space));
    if (!space) {
        add_missing(answer, "namespaces", strerror(errno), "a kernel with network namespaces");
        return;
    }
    if (run_batch(NULL, IP_PROGRAM, links, &problem) != 0)
        add_missing(answer, "links", problem, "a kernel with bridge, veth and tun");
    else if (run_batch(NULL, NFT_PROGRAM, rules, &problem) != 0)
        add_missing(answer, "rules", problem,
                    "a kernel with nftables: families inet and netdev, fwd, ct, nat");
}

static int
verb_probe(const json_t *request, json_t *answer, int stream, char **problem)
{
    json_object_set_new(answer, "missing", json_array());
    bool whole = look_program(answer, "ip", IP_PROGRAM, "iproute2");
    whole = look_program(answer, "nft", NFT_PROGRAM, "nftables") && whole;
    whole = look_program(answer, "dnsmasq", DNSMASQ_PROGRAM, "dnsmasq-base") && whole;
    if (!agent_has_root())
        add_missing(answer, "root", "casementd was not started by root", "start it as root");
    else if (whole)
        look_kernel(answer);
    json_object_set_new(answer, "available",
                        json_boolean(json_array_size(json_object_get(answer, "missing")) == 0));
    return 0;
}

/* ---- Applying ---- */

/* Held by this process until it ends. */
static int
take_turn(char **problem)
{
    AUTO_FREE char *folder = network_run_folder(agent_data());
    AUTO_FREE char *path = str_format("%s/lock", folder);

    if (!agent_has_root())
        return agent_problem(problem, -EOPNOTSUPP, "tenants' networks need root");
    if ((mkdir("/run/casement", 0755) != 0 && errno != EEXIST) ||
        (mkdir(folder, 0755) != 0 && errno != EEXIST))
        return agent_problem(problem, -errno, "cannot make %s: %s", folder, strerror(errno));
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0 || flock(file, LOCK_EX) != 0)
        return agent_problem(problem, -errno, "%s: %s", path, strerror(errno));
    return 0;
}

/* <data>/network/N.json, which the process without root wrote: no link is followed. */
static json_t *
read_state(int vpc, char **problem)
{
    AUTO_FREE char *folder = str_format("%s/network", agent_data());
    AUTO_FREE char *name = str_format("%d.json", vpc);
    int place = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    int file = openat(place, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    struct stat about;
    json_t *state = NULL;

    if (file >= 0 && fstat(file, &about) == 0 && S_ISREG(about.st_mode) &&
        about.st_size <= STATE_MOST)
        state = json_loadfd(file, 0, NULL);
    if (file >= 0)
        close(file);
    if (place >= 0)
        close(place);
    if (!state || json_number(state, "vpc", 0) != vpc) {
        json_decref(state);
        agent_problem(problem, -EINVAL, "the vpc's state cannot be read");
        return NULL;
    }
    return state;
}

static int
vpc_of(const json_t *request, char **problem)
{
    long long vpc = json_number(request, "vpc", 0);

    return vpc >= 1 && vpc <= 0xffffff
               ? (int) vpc
               : agent_problem(problem, -EINVAL, "%lld is no vpc's number", vpc);
}

static int
apply_rules(const json_t *state, const char *space, char **problem)
{
    AUTO_FREE char *inside = rules_space(state);
    Buffer ports = {0};
    size_t index;
    json_t *port;

    json_array_foreach(json_object_get(state, "ports"), index, port)
    {
        AUTO_FREE char *rules = rules_port(agent_data(), port);
        buffer_add_text(&ports, rules);
    }
    int error = run_batch(space, NFT_PROGRAM, inside, problem);
    if (!error)
        error = run_batch(NULL, NFT_PROGRAM, ports.text, problem);
    buffer_done(&ports);
    return error;
}

static int
verb_apply(const json_t *request, json_t *answer, int stream, char **problem)
{
    char space[NETWORK_SPACE];
    int vpc = vpc_of(request, problem), error = vpc < 0 ? vpc : take_turn(problem);

    if (error)
        return error;
    /* Read in turn: an older state never follows a newer one. */
    AUTO_JSON json_t *state = read_state(vpc, problem);
    error = state ? state_check(state, problem) : -EINVAL;
    network_space(agent_data(), vpc, space);
    if (!error)
        error = links_make(state, space, problem);
    if (!error)
        error = apply_rules(state, space, problem);
    if (!error)
        error = links_prune(state, space, problem);
    if (!error)
        error = routes_apply(state, space, problem);
    if (!error)
        error = dhcp_apply(state, space, problem);
    if (!error)
        json_decref(links_orphans(true));
    return error;
}

static int
verb_remove(const json_t *request, json_t *answer, int stream, char **problem)
{
    char space[NETWORK_SPACE];
    int vpc = vpc_of(request, problem), error = vpc < 0 ? vpc : take_turn(problem);

    if (error)
        return error;
    network_space(agent_data(), vpc, space);
    dhcp_remove(vpc);
    error = links_remove(vpc, space, problem);
    json_decref(links_orphans(true));
    return error;
}

/* ---- What is there ---- */

static void
list_space(const char *space, json_t *ports)
{
    AUTO_JSON json_t *inside = links_in(space);
    const char *name;
    json_t *unused;

    json_object_foreach(inside, name, unused)
    {
        if (name[0] == 'p' && state_number_of(name))
            json_array_append_new(ports, json_integer(state_number_of(name)));
    }
}

static int
verb_list(const json_t *request, json_t *answer, int stream, char **problem)
{
    char mark[5];
    int error = take_turn(problem);
    json_t *vpcs = json_array(), *ports = json_array();
    DIR *folder = error ? NULL : opendir("/run/netns");
    struct dirent *entry;

    network_mark(agent_data(), mark);
    AUTO_FREE char *start = str_format("casement-%s-v", mark);
    while (folder && (entry = readdir(folder)) != NULL)
        if (strncmp(entry->d_name, start, strlen(start)) == 0) {
            json_array_append_new(vpcs,
                                  json_integer(strtol(entry->d_name + strlen(start), NULL, 10)));
            list_space(entry->d_name, ports);
        }
    if (folder)
        closedir(folder);
    json_object_set_new(answer, "vpcs", vpcs);
    json_object_set_new(answer, "ports", ports);
    if (!error) {
        json_object_set_new(answer, "dnsmasq", dhcp_list());
        json_object_set_new(answer, "strange", links_orphans(false));
    }
    return error;
}

void
network_register_verbs(void)
{
    agent_verb_add("network-probe", verb_probe);
    agent_verb_add("network-apply", verb_apply);
    agent_verb_add("network-remove", verb_remove);
    agent_verb_add("network-list", verb_list);
}
