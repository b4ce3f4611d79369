/*
 * rules.c: nftables rules, as nft's input.
 *
 * On the host a port has a netdev table of its own: what comes from its tap is checked (MAC,
 * addresses, ARP, no DHCP server) and handed to the namespace, and back; it never meets the host's
 * own stack. In the namespace one inet table forwards by the security groups. The first packet of a
 * connection must pass the sender's egress rules and then the receiver's ingress rules; so must
 * every later one in its direction, so that a rule taken away counts at once. Answers pass.
 */
#include "network/host.h"
#include "supervise/agent_verb.h"

#include <stdio.h>
#include <string.h>

/* ---- The port's table on the host ---- */

static void
table_name(const char *data, int port, char name[48])
{
    char mark[5];

    network_mark(data, mark);
    snprintf(name, 48, "casement_%s_%x", mark, (unsigned) port);
}

char *
rules_mark(const char *data)
{
    char mark[5];

    network_mark(data, mark);
    return str_format("casement_%s_", mark);
}

void
rules_forget(Buffer *text, const char *data, int port)
{
    char table[48];

    table_name(data, port, table);
    /* Adding what is there is no error; taking away what is not is one. */
    buffer_format(text, "add table netdev %s\ndelete table netdev %s\n", table, table);
}

char *
rules_port(const char *data, const json_t *port)
{
    char table[48], tap[NETWORK_TAP], veth[NETWORK_TAP];
    int number = (int) json_number(port, "number", 0);
    AUTO_FREE char *addresses = state_addresses(port);
    Buffer text = {0}, macs = {0};
    size_t index;
    json_t *one;

    table_name(data, number, table);
    network_name(data, "ct", number, tap);
    network_name(data, "cv", number, veth);
    buffer_format(&macs, "%s", json_text(port, "mac", ""));
    json_array_foreach(json_object_get(port, "pairs"), index,
                       one) if (*json_text(one, "mac", "") &&
                                !strstr(macs.text, json_text(one, "mac", "")))
        buffer_format(&macs, ", %s", json_text(one, "mac", ""));
    rules_forget(&text, data, number);
    buffer_format(
        &text,
        "table netdev %s {\n"
        "  set macs { type ether_addr; elements = { %s } }\n"
        "  set ips { type ipv4_addr; flags interval; auto-merge; elements = { %s } }\n"
        "  chain guest { type filter hook ingress device \"%s\" priority 0; policy drop;\n"
        "    ether saddr != @macs drop\n"
        "    ether type arp arp saddr ether != @macs drop\n"
        "    ether type arp arp saddr ip 0.0.0.0 fwd to \"%s\"\n"
        "    ether type arp arp saddr ip @ips fwd to \"%s\"\n"
        "    ether type ip udp sport 67 drop\n"
        "    ether type ip ip saddr 0.0.0.0 ip daddr 255.255.255.255 udp sport 68 udp "
        "dport 67 fwd to \"%s\"\n"
        "    ether type ip ip saddr @ips fwd to \"%s\"\n"
        "  }\n"
        "  chain space { type filter hook ingress device \"%s\" priority 0; policy drop;\n"
        "    ether type { ip, arp } fwd to \"%s\"\n"
        "  }\n}\n",
        table, macs.text, addresses, tap, veth, veth, veth, veth, veth, tap);
    buffer_done(&macs);
    return text.text;
}

/* ---- Security groups ---- */

static void
add_match(Buffer *text, const json_t *rule, bool in)
{
    const char *cidr = json_text(rule, "cidr", ""), *side = in ? "saddr" : "daddr";
    long long group = json_number(rule, "group", 0);

    if (group)
        buffer_format(text, "ip %s @m%lld ", side, group);
    else if (*cidr && strcmp(cidr, "0.0.0.0/0") != 0)
        buffer_format(text, "ip %s %s ", side, cidr);
}

static void
add_rule(Buffer *text, const json_t *rule, bool in)
{
    const char *protocol = json_text(rule, "protocol", "");
    const char *verdict = json_flag(rule, "deny", false) ? "drop" : in ? "accept" : "goto inward";
    json_t *ranges = json_object_get(rule, "ports");
    bool ported = strcmp(protocol, "tcp") == 0 || strcmp(protocol, "udp") == 0;
    bool icmp = strcmp(protocol, "icmp") == 0;
    size_t count = ported || icmp ? json_array_size(ranges) : 0;

    /* One rule a range: ranges that overlap may not stand in one set. */
    for (size_t i = 0; i < (count ? count : 1); i++) {
        long long from = json_integer_value(json_array_get(json_array_get(ranges, i), 0));
        long long to = json_integer_value(json_array_get(json_array_get(ranges, i), 1));

        buffer_add_text(text, "    ");
        add_match(text, rule, in);
        if (*protocol)
            buffer_format(text, "meta l4proto %s ", protocol);
        if (count && ported)
            buffer_format(text, "%s dport %lld-%lld ", protocol, from, to < from ? from : to);
        if (count && icmp && from <= 255)
            buffer_format(text, "icmp type %lld ", from);
        if (count && icmp && to >= 0 && to <= 255)
            buffer_format(text, "icmp code %lld ", to);
        buffer_format(text, "%s\n", verdict);
    }
}

static void
add_group(Buffer *text, const json_t *group)
{
    long long number = json_number(group, "number", 0);
    json_t *one, *members = json_object_get(group, "members");
    size_t index;

    buffer_format(text, "  set m%lld { type ipv4_addr;", number);
    json_array_foreach(members, index, one)
        buffer_format(text, "%s %s", index ? "," : " elements = {", json_string_value(one));
    buffer_format(text, "%s }\n", json_array_size(members) ? " }" : "");
    for (int in = 0; in < 2; in++) {
        buffer_format(text, "  chain g%c%lld {\n", in ? 'i' : 'e', number);
        json_array_foreach(json_object_get(group, "rules"), index,
                           one) if ((strcmp(json_text(one, "direction", ""), "ingress") == 0) ==
                                    (in == 1)) add_rule(text, one, in);
        buffer_add_text(text, "  }\n");
    }
}

static bool
group_is_there(const json_t *state, long long number)
{
    size_t index;
    json_t *one;

    json_array_foreach(json_object_get(state, "groups"), index,
                       one) if (json_number(one, "number", 0) == number) return true;
    return false;
}

/* ---- The namespace's table ---- */

static void
add_port_chains(Buffer *text, const json_t *state, bool in)
{
    size_t index, k;
    json_t *port, *group;

    json_array_foreach(json_object_get(state, "ports"), index, port)
    {
        buffer_format(text, "  chain %s%lld {\n", in ? "i" : "e", json_number(port, "number", 0));
        json_array_foreach(json_object_get(port, "groups"), k,
                           group) if (group_is_there(state, json_integer_value(group)))
            buffer_format(text, "    jump g%c%lld\n", in ? 'i' : 'e',
                          (long long) json_integer_value(group));
        buffer_add_text(text, "    drop\n  }\n");
    }
}

static void
add_port_map(Buffer *text, const json_t *state, bool in)
{
    json_t *port, *ports = json_object_get(state, "ports");
    char name[NETWORK_TAP];
    size_t index;

    if (json_array_size(ports) == 0)
        return;
    buffer_format(text, "    %sname vmap {", in ? "oif" : "iif");
    json_array_foreach(ports, index, port)
    {
        state_port_name(port, name);
        buffer_format(text, "%s \"%s\" : %s %s%lld", index ? "," : "", name, "goto", in ? "i" : "e",
                      json_number(port, "number", 0));
    }
    buffer_add_text(text, " }\n");
}

/* What an EIP's bandwidth lets through in one direction; the kernel's bucket holds a second's worth
 * and the burst. */
static void
add_limit(Buffer *text, const char *match, long long megabits)
{
    if (megabits > 0)
        buffer_format(text, "    %s limit rate over %lld bytes/second burst 64 kbytes drop\n",
                      match, megabits * 125000);
}

static void
add_eips(Buffer *text, const json_t *state)
{
    Buffer there = {0}, back = {0}, who = {0}, in = {0}, out = {0};
    size_t index;
    json_t *port;

    json_array_foreach(json_object_get(state, "ports"), index, port)
    {
        const char *eip = json_text(port, "eip", NULL), *ip = json_text(port, "ip", "");

        if (!eip)
            continue;
        AUTO_FREE char *from = str_format("ip saddr %s", ip);
        AUTO_FREE char *to = str_format("ip daddr %s", ip);
        buffer_format(&there, "    ip daddr %s dnat ip to %s\n", eip, ip);
        buffer_format(&back, "    oifname \"up\" ip saddr %s snat ip to %s\n", ip, eip);
        buffer_format(&who, "%s %s", who.text ? "," : " elements = {", ip);
        add_limit(&in, to, json_number(port, "megabits", 0));
        add_limit(&out, from, json_number(port, "megabits", 0));
    }
    buffer_format(text, "  set eip { type ipv4_addr;%s%s }\n", who.text ? who.text : "",
                  who.text ? " }" : "");
    buffer_format(text, "  chain there { type nat hook prerouting priority -100;\n%s  }\n",
                  there.text ? there.text : "");
    buffer_format(text, "  chain back { type nat hook postrouting priority 100;\n%s  }\n",
                  back.text ? back.text : "");
    buffer_format(text, "  chain limit_in {\n%s  }\n  chain limit_out {\n%s  }\n",
                  in.text ? in.text : "", out.text ? out.text : "");
    buffer_done(&there);
    buffer_done(&back);
    buffer_done(&who);
    buffer_done(&in);
    buffer_done(&out);
}

/* What comes from a peer bears an address that a route to it names: nothing of ours. */
static void
add_peers(Buffer *text, const json_t *state)
{
    size_t index, k;
    json_t *peer, *route;

    buffer_add_text(text, "  chain early { type filter hook prerouting priority -300;\n"
                          "    meta nfproto ipv6 drop\n");
    json_array_foreach(json_object_get(state, "peers"), index, peer)
    {
        json_array_foreach(json_object_get(state, "routes"), k,
                           route) if (json_number(route, "peer", 0) == json_integer_value(peer))
            buffer_format(text, "    iifname \"x%llx\" ip saddr %s accept\n",
                          (long long) json_integer_value(peer), json_text(route, "to", ""));
    }
    buffer_add_text(text, "    iifname \"x*\" drop\n  }\n");
}

static void
add_input(Buffer *text, const json_t *state)
{
    size_t index;
    json_t *subnet;

    buffer_add_text(text, "  chain input { type filter hook input priority 0; policy drop;\n"
                          "    iif lo accept\n    ct state established,related accept\n"
                          "    iifname != \"p*\" drop\n    udp dport 67 accept\n"
                          "    ip daddr 169.254.169.254 tcp dport 80 accept\n");
    json_array_foreach(json_object_get(state, "subnets"), index, subnet)
    {
        const char *gateway = json_text(subnet, "gateway", "");

        buffer_format(text,
                      "    ip daddr %s meta l4proto { tcp, udp } th dport 53 accept\n"
                      "    ip daddr %s icmp type echo-request accept\n",
                      gateway, gateway);
    }
    buffer_add_text(text, "  }\n");
}

char *
rules_space(const json_t *state)
{
    Buffer text = {0};
    size_t index;
    json_t *group;

    buffer_add_text(&text, "add table inet casement\ndelete table inet casement\n"
                           "table inet casement {\n");
    add_eips(&text, state);
    json_array_foreach(json_object_get(state, "groups"), index, group) add_group(&text, group);
    add_port_chains(&text, state, false);
    add_port_chains(&text, state, true);
    add_peers(&text, state);
    add_input(&text, state);
    /* Past the sender's rules: to a port by its rules, or away. */
    buffer_add_text(&text, "  chain inward {\n    iifname \"x*\" oifname \"x*\" drop\n");
    add_port_map(&text, state, true);
    buffer_add_text(&text, "    iifname \"up\" drop\n    oifname \"x*\" accept\n"
                           "    oifname \"up\" ip saddr @eip accept\n    drop\n  }\n"
                           "  chain forward { type filter hook forward priority 0; policy drop;\n"
                           "    ct state invalid drop\n"
                           "    iifname \"up\" jump limit_in\n    oifname \"up\" jump limit_out\n"
                           "    ct direction reply accept\n"
                           "    ct state related accept\n    ip daddr 169.254.0.0/16 drop\n"
                           "    iifname \"x*\" goto inward\n"
                           "    iifname \"up\" ct status dnat goto inward\n"
                           "    iifname \"up\" drop\n");
    add_port_map(&text, state, false);
    buffer_add_text(&text, "  }\n}\n");
    return text.text;
}
