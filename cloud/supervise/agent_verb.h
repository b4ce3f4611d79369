/*
 * agent_verb.h: how later layers (network, hypervisor) give the host agent verbs of their own.
 *
 * A verb is a function that the agent runs as root in a child of its own; it trusts nothing in the
 * request, since the process that asks reads bytes from outside. Verbs are added before agent_start
 * (the agent is a fork that keeps the table). agent_ask is the other side: one request, its answer.
 */
#pragma once

#include "base/json.h"

#include <stdbool.h>
#include <sys/types.h>

/* Fills answer; returns 0 or a negative errno with *problem (owned by the caller) set. stream is
 * for frames before the result, as agent_internal.h has them. */
typedef int (*AgentVerb)(const json_t *request, json_t *answer, int stream, char **problem);

/* name is borrowed for the life of the program. */
void agent_verb_add(const char *name, AgentVerb verb);

/* Sets *problem and returns error. */
int agent_problem(char **problem, int error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* In a verb: the data directory, whether the agent has root, and the service's user and group. */
const char *agent_data(void);
bool agent_has_root(void);
uid_t agent_user(void);
gid_t agent_group(void);

/* In the API process: asks for a verb. Takes over request ({"verb": name, ...}); *answer, where
 * wanted, is a new reference. */
int agent_ask(json_t *request, json_t **answer, char **problem);
/* The same of a verb that gives a descriptor back: *descriptor is the caller's, or -1. */
int agent_ask_descriptor(json_t *request, int *descriptor, char **problem);
/* In such a verb. */
bool agent_give_descriptor(int stream, int descriptor);
