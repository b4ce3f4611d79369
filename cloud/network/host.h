/*
 * host.h: what the agent's files of this folder give each other; nothing outside includes it. A
 * state here is network.h's JSON after state_check, which left only sound values in it: texts of it
 * may stand in the input of ip, nft and dnsmasq.
 */
#pragma once

#include "base/json.h"
#include "base/memory.h"
#include "network/names.h"

#include <stdbool.h>
#include <sys/types.h>

/* state.c: makes every value canonical, or says which is wrong. */
int state_check(json_t *state, char **problem);
bool state_mac(const char *text);
/* A port's interface in the namespace: "p<subnet>-<port>", in hexadecimal. */
void state_port_name(const json_t *port, char name[NETWORK_TAP]);
/* The number at the end of such a name or of "ctHHHH-7"; 0 where there is none. */
int state_number_of(const char *name);
/* The addresses that a guest may use: its own and those of its pairs, "10.0.0.5, 10.0.0.9". */
char *state_addresses(const json_t *port);
json_t *state_subnet(const json_t *state, long long number);

/* run.c: programs by their absolute paths, without a shell; in the namespace where one is named.
 * input and said may be NULL. *problem has what the program said. */
int run_program(const char *space,
                const char *const *arguments,
                const char *input,
                Buffer *said,
                char **problem);
int run_batch(const char *space, const char *program, const char *lines, char **problem);
/* "net/ipv4/ip_forward", one a line with its value, written in the namespace or on the host. */
int run_settings(const char *space, const char *lines, char **problem);
/* What a program says in JSON; an empty array where it fails. A new reference. */
json_t *run_listing(const char *space, const char *const *arguments);

/* rules.c: nft's input. */
char *rules_space(const json_t *state);
char *rules_port(const char *data, const json_t *port);
/* Adds what takes a port's table away, whether it is there or not. */
void rules_forget(Buffer *text, const char *data, int port);
/* "casement_1a2b_": what names of a data directory's tables begin with. */
char *rules_mark(const char *data);

/* links.c: what is missing is made, all of it down: nothing passes before the rules are there. */
int links_make(const json_t *state, const char *space, char **problem);
/* Whatever is too much goes: ports no longer wanted, peers, the way to the host. */
int links_prune(const json_t *state, const char *space, char **problem);
/* Nothing of the vpc is left. */
int links_remove(int vpc, const char *space, char **problem);
/* Taps and tables whose port has no veth: an end between two steps, or a namespace taken away by
 * another. Their names; they are removed too where sweep is set. */
json_t *links_orphans(bool sweep);
bool links_space_is_there(const char *space);
json_t *links_in(const char *space);

/* routes.c: addresses, neighbours and routes, and links up. */
int routes_apply(const json_t *state, const char *space, char **problem);

/* dhcp.c: the vpc's dnsmasq, and its folder in network_run_folder. */
int dhcp_apply(const json_t *state, const char *space, char **problem);
void dhcp_remove(int vpc);
/* Numbers of the vpcs that have one, or only its folder. */
json_t *dhcp_list(void);

/* MACs of the links' two ends; between the two nobody else is. */
#define LINK_MAC_NEAR "0a:58:00:00:00:01"
#define LINK_MAC_FAR "0a:58:00:00:00:02"
