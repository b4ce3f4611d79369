/*
 * names.h: what interfaces and namespaces are called: two letters for the kind, four hexadecimal
 * digits for the data directory (several daemons on one host do not meet), the number.
 */
#pragma once

#include "network/network.h"

/* "ct1a2b-7"; at most 15 characters. */
void network_name(const char *data, const char *kind, int number, char name[NETWORK_TAP]);
/* "1a2b" */
void network_mark(const char *data, char mark[5]);
/* The namespace of a vpc, as ip netns calls it: "casement-1a2b-v3". */
#define NETWORK_SPACE 40
void network_space(const char *data, int vpc, char name[NETWORK_SPACE]);

/* root's folder of what runs in the vpcs: "/run/casement/1a2b"; owned by the caller. */
char *network_run_folder(const char *data);

/* The programs that the agent runs. */
#define IP_PROGRAM "/sbin/ip"
#define TC_PROGRAM "/sbin/tc"
#define NFT_PROGRAM "/usr/sbin/nft"
#define DNSMASQ_PROGRAM "/usr/sbin/dnsmasq"
