/*
 * network.h: tenants' networks on this host. Mechanism only: no store, no API; the work is done by
 * the host agent's verbs "network-*", which check everything again.
 *
 * A vpc is a network namespace of its own, so that ranges of tenants may overlap and nothing is
 * between two vpcs but what is put there. In it each port has an interface of its own (a veth, to
 * whose end on the host the frames of QEMU's tap are handed by a netdev rule: no bridge, nothing
 * that the host's own stack or its connection tracking sees), with the address routed to it: all
 * traffic, between neighbours of one subnet too, is routed and passes the namespace's inet rules,
 * with connection tracking (a bridge's own is not in every kernel). A guest's frames must bear its
 * MAC and its address; ARP is answered by the namespace and a port's neighbour entry is fixed, so
 * that a lie in ARP reaches nobody. One dnsmasq a vpc answers DHCP and DNS. EIPs are NAT in the
 * namespace, over a link to the host; their bandwidth is kept by dropping what is over it.
 *
 *     host                                      namespace casement-HHHH-vN
 *     tap ctHHHH-P <--- nft fwd ---> cvHHHH-P | pS-P  address/32 routed here
 *     EIP/32 routed to cuHHHH-N ------------- | up    NAT
 *                                             | sS    a subnet's gateway address (a bridge of none)
 *                                             | xM    to the peer M's namespace
 *
 * 169.254.169.254, port 80, in the namespace is the metadata service's: the daemon listens there by
 * a socket that the agent makes (provision/metadata_server.h). The rules let every port reach it.
 *
 * HHHH comes from the data directory, so that several daemons on one host do not meet; N, S, P are
 * numbers of vpc, subnet and port; those of interfaces are hexadecimal.
 *
 * A vpc's desired state (network_apply) is JSON:
 *     {"vpc": N,
 *      "subnets": [{"number": S, "cidr": "10.0.0.0/24", "gateway": "10.0.0.1", "dhcp": true,
 *                   "dns": ["10.0.0.1"], "domain": ""}],
 *      "ports": [{"number": P, "subnet": S, "mac": "fa:16:3e:...", "ip": "10.0.0.5", "host":
 * "web-1", "pairs": [{"ip": "10.0.0.9/32", "mac": ""}], "eip": "198.18.0.7" or null, "megabits": 5,
 * "groups": [G, ...]}], "groups": [{"number": G, "members": ["10.0.0.5", ...], "rules":
 * [{"direction": "ingress", "protocol": "tcp" or "" or "47", "ports": [[80, 80]], "cidr":
 * "0.0.0.0/0" or "", "group": G or 0, "deny": false}]}], "routes": [{"to": "10.9.0.0/16", "ip":
 * "10.0.0.9"} or {"to": ..., "peer": N}], "peers": [N, ...]} Rules of a group come in the order in
 * which they count.
 */
#pragma once

#include "base/json.h"

#include <stdbool.h>

#define NETWORK_TAP 16

/* Before agent_start: the agent's verbs. */
void network_register_verbs(void);

/*
 * What this host can: {"available": bool, "missing": [{"what", "why", "remedy"}], "nft", "dnsmasq",
 * "namespaces": bool ...}. Asked of the agent once and kept; a new reference.
 */
json_t *network_probe(void);
/* Whether networks can be made here; *problem (owned by the caller) says in words what is missing.
 */
bool network_available(char **problem);

/* The host's network of the vpc is as this says, and nothing else. 0 or a negative errno. */
int network_apply(const json_t *vpc, char **problem);
/* Nothing of the vpc is left. */
int network_remove(int vpc, char **problem);
/* What is there: {"vpcs": [N...], "ports": [P...], "dnsmasq": [N...], "strange": ["..."]}. */
int network_list(json_t **found, char **problem);

/* The name of a port's tap. */
void network_tap(const char *data, int port, char tap[NETWORK_TAP]);
