/*
 * state.c: a vpc's desired state as it came from the process without root: every value is checked
 * and made canonical before a program of root's sees it.
 */
#include "network/host.h"
#include "supervise/agent_verb.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define NUMBER_MOST 0xffffff /* six hexadecimal digits in an interface's name */
#define PORTS_MOST 4000
#define LIST_MOST 20000

static bool
number_is_sound(long long number)
{
    return number >= 1 && number <= NUMBER_MOST;
}

static bool
address_is_sound(const char *text)
{
    struct in_addr address;

    return strlen(text) < 16 && inet_pton(AF_INET, text, &address) == 1;
}

bool
state_mac(const char *text)
{
    if (strlen(text) != 17)
        return false;
    for (int i = 0; i < 17; i++)
        if (i % 3 == 2 ? text[i] != ':' : !isxdigit((unsigned char) text[i]))
            return false;
    return true;
}

static bool
name_is_sound(const char *text)
{
    size_t length = strlen(text);

    if (length < 1 || length > 63 || text[0] == '-' || text[length - 1] == '-')
        return false;
    for (; *text; text++)
        if (!isalnum((unsigned char) *text) && *text != '-')
            return false;
    return true;
}

/* "10.0.0.7/24" becomes "10.0.0.0/24" in its place; false where it is none. */
static bool
make_cidr(json_t *object, const char *key)
{
    char address[16], clean[24];
    struct in_addr net;
    const char *text = json_text(object, key, "");
    size_t length = strcspn(text, "/");
    long bits = text[length] ? strtol(text + length + 1, NULL, 10) : 32;

    if (length >= sizeof(address) || bits < 0 || bits > 32 ||
        strspn(text + length, "/0123456789") != strlen(text + length))
        return false;
    snprintf(address, sizeof(address), "%.*s", (int) length, text);
    if (inet_pton(AF_INET, address, &net) != 1)
        return false;
    net.s_addr &= bits ? htonl(0xffffffffu << (32 - bits)) : 0;
    inet_ntop(AF_INET, &net, address, sizeof(address));
    snprintf(clean, sizeof(clean), "%s/%ld", address, bits);
    json_object_set_new(object, key, json_string(clean));
    return true;
}

json_t *
state_subnet(const json_t *state, long long number)
{
    size_t index;
    json_t *one;

    json_array_foreach(json_object_get(state, "subnets"), index,
                       one) if (json_number(one, "number", 0) == number) return one;
    return NULL;
}

static int
check_subnets(json_t *state, char **problem)
{
    size_t index, k;
    json_t *one, *server;

    json_array_foreach(json_object_get(state, "subnets"), index, one)
    {
        if (!number_is_sound(json_number(one, "number", 0)) || !make_cidr(one, "cidr") ||
            !address_is_sound(json_text(one, "gateway", "")))
            return agent_problem(problem, -EINVAL, "subnet %zu is not sound", index);
        json_array_foreach(json_object_get(one, "dns"), k, server) if (
            !json_is_string(server) ||
            !address_is_sound(json_string_value(
                server))) return agent_problem(problem, -EINVAL,
                                               "a DNS server of subnet %zu is not sound", index);
    }
    return 0;
}

static bool
pairs_are_sound(json_t *pairs)
{
    size_t index;
    json_t *one;

    json_array_foreach(pairs, index, one)
    {
        /* As neutron's API has it; "ip" is ours. */
        if (!json_object_get(one, "ip"))
            json_object_set(one, "ip", json_object_get(one, "ip_address"));
        if (!json_object_get(one, "mac"))
            json_object_set(one, "mac", json_object_get(one, "mac_address"));
        const char *mac = json_text(one, "mac", "");
        if (!make_cidr(one, "ip") || (*mac && !state_mac(mac)))
            return false;
    }
    return json_array_size(pairs) <= 10;
}

static int
check_ports(json_t *state, char **problem)
{
    json_t *ports = json_object_get(state, "ports"), *one, *group;
    size_t index, k;

    if (json_array_size(ports) > PORTS_MOST)
        return agent_problem(problem, -E2BIG, "a vpc has at most %d ports", PORTS_MOST);
    json_array_foreach(ports, index, one)
    {
        const char *eip = json_text(one, "eip", NULL);

        if (!number_is_sound(json_number(one, "number", 0)) ||
            !state_subnet(state, json_number(one, "subnet", 0)) ||
            !state_mac(json_text(one, "mac", "")) || !address_is_sound(json_text(one, "ip", "")) ||
            (eip && !address_is_sound(eip)) || !pairs_are_sound(json_object_get(one, "pairs")))
            return agent_problem(problem, -EINVAL, "port %zu is not sound", index);
        json_array_foreach(json_object_get(one, "groups"), k, group) if (
            !number_is_sound(json_integer_value(
                group))) return agent_problem(problem, -EINVAL, "a group of port %zu is not sound",
                                              index);
        if (!name_is_sound(json_text(one, "host", "")))
            json_object_del(one, "host");
    }
    return 0;
}

static bool
rule_is_sound(json_t *rule)
{
    const char *protocol = json_text(rule, "protocol", ""), *way = json_text(rule, "direction", "");
    json_t *range;
    size_t index;

    if (strcmp(way, "ingress") != 0 && strcmp(way, "egress") != 0)
        return false;
    if (*protocol && strcmp(protocol, "tcp") != 0 && strcmp(protocol, "udp") != 0 &&
        strcmp(protocol, "icmp") != 0 &&
        (strlen(protocol) > 3 || strspn(protocol, "0123456789") != strlen(protocol) ||
         strtol(protocol, NULL, 10) > 255))
        return false;
    json_array_foreach(
        json_object_get(rule, "ports"), index,
        range) for (size_t k = 0; k < 2;
                    k++) if (!json_is_integer(json_array_get(range, k)) ||
                             json_integer_value(json_array_get(range, k)) < (k ? -1 : 0) ||
                             json_integer_value(json_array_get(range, k)) > 65535) return false;
    long long group = json_number(rule, "group", 0);
    if (group && !number_is_sound(group))
        return false;
    return !*json_text(rule, "cidr", "") || make_cidr(rule, "cidr");
}

static int
check_groups(json_t *state, char **problem)
{
    size_t index, k;
    json_t *one, *part;

    json_array_foreach(json_object_get(state, "groups"), index, one)
    {
        if (!number_is_sound(json_number(one, "number", 0)) ||
            json_array_size(json_object_get(one, "members")) > LIST_MOST)
            return agent_problem(problem, -EINVAL, "security group %zu is not sound", index);
        json_array_foreach(
            json_object_get(one, "members"), k,
            part) if (!json_is_string(part) ||
                      !address_is_sound(json_string_value(
                          part))) return agent_problem(problem, -EINVAL,
                                                       "a member of a group is not sound");
        /* IPv6 is not in these networks: a rule of it says nothing. */
        json_array_foreach(
            json_object_get(one, "rules"), k,
            part) if (!rule_is_sound(part)) return agent_problem(problem, -EINVAL,
                                                                 "rule %zu of a group is not sound",
                                                                 k);
    }
    return 0;
}

static int
check_routes(json_t *state, char **problem)
{
    size_t index;
    json_t *one;

    json_array_foreach(json_object_get(state, "routes"), index, one)
    {
        const char *ip = json_text(one, "ip", NULL);

        if (!make_cidr(one, "to") || (ip && !address_is_sound(ip)) ||
            (!ip && json_object_get(one, "peer") && !number_is_sound(json_number(one, "peer", 0))))
            return agent_problem(problem, -EINVAL, "route %zu is not sound", index);
    }
    json_array_foreach(json_object_get(state, "peers"), index, one) if (
        !number_is_sound(json_integer_value(one))) return agent_problem(problem, -EINVAL,
                                                                        "a peer is not sound");
    return 0;
}

int
state_check(json_t *state, char **problem)
{
    int error = number_is_sound(json_number(state, "vpc", 0))
                    ? 0
                    : agent_problem(problem, -EINVAL, "the vpc has no number");

    if (!error)
        error = check_subnets(state, problem);
    if (!error)
        error = check_ports(state, problem);
    if (!error)
        error = check_groups(state, problem);
    return error ? error : check_routes(state, problem);
}

void
state_port_name(const json_t *port, char name[NETWORK_TAP])
{
    snprintf(name, NETWORK_TAP, "p%x-%x", (unsigned) json_number(port, "subnet", 0) & NUMBER_MOST,
             (unsigned) json_number(port, "number", 0) & NUMBER_MOST);
}

int
state_number_of(const char *name)
{
    const char *dash = strrchr(name, '-');
    char *end;

    if (!dash || !isxdigit((unsigned char) dash[1]))
        return 0;
    long number = strtol(dash + 1, &end, 16);
    return *end == '\0' && number_is_sound(number) ? (int) number : 0;
}

char *
state_addresses(const json_t *port)
{
    Buffer text = {0};
    size_t index;
    json_t *one;

    buffer_format(&text, "%s", json_text(port, "ip", ""));
    json_array_foreach(json_object_get(port, "pairs"), index, one)
        buffer_format(&text, ", %s", json_text(one, "ip", ""));
    return text.text;
}
