/*
 * client.c: the API process's side of network.h: asks the host agent. A vpc's state may be longer
 * than a message to the agent, so it goes by a file in <data>/network, which the agent reads.
 */
#include "base/memory.h"
#include "base/settings.h"
#include "network/names.h"
#include "network/network.h"
#include "supervise/agent_verb.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static pthread_mutex_t probe_lock = PTHREAD_MUTEX_INITIALIZER;
static json_t *probe; /* kept: what a host can changes with its packages, at a restart */

json_t *
network_probe(void)
{
    pthread_mutex_lock(&probe_lock);
    if (!probe) {
        json_t *answer = NULL;
        int error = agent_ask(json_pack("{s:s}", "verb", "network-probe"), &answer, NULL);

        if (!error)
            probe = answer;
        else
            json_decref(answer);
    }
    json_t *result = probe ? json_incref(probe) : json_pack("{s:b}", "available", 0);
    pthread_mutex_unlock(&probe_lock);
    return result;
}

bool
network_available(char **problem)
{
    AUTO_JSON json_t *found = network_probe();
    const json_t *first = json_array_get(json_object_get(found, "missing"), 0);

    if (json_flag(found, "available", false))
        return true;
    if (problem)
        *problem = str_format("this host cannot make networks: %s: %s",
                              json_text(first, "what", "the host agent"),
                              json_text(first, "why", "it does not answer"));
    return false;
}

/* The state's file, written whole or not at all. */
static int
write_state(int vpc, const json_t *state)
{
    AUTO_FREE char *folder = settings_path("network");
    AUTO_FREE char *path = str_format("%s/%d.json", folder, vpc);
    AUTO_FREE char *fresh = str_format("%s.new", path);

    if (mkdir(folder, 0750) != 0 && errno != EEXIST)
        return -errno;
    if (json_dump_file(state, fresh, JSON_COMPACT) != 0)
        return -EIO;
    return rename(fresh, path) == 0 ? 0 : -errno;
}

int
network_apply(const json_t *vpc, char **problem)
{
    int number = (int) json_number(vpc, "vpc", 0);
    int error = write_state(number, vpc);

    if (error) {
        if (problem)
            *problem = str_format("the network's state cannot be written: %s", strerror(-error));
        return error;
    }
    return agent_ask(json_pack("{s:s, s:i}", "verb", "network-apply", "vpc", number), NULL,
                     problem);
}

int
network_remove(int vpc, char **problem)
{
    AUTO_FREE char *name = str_format("network/%d.json", vpc);
    AUTO_FREE char *path = settings_path(name);
    int error =
        agent_ask(json_pack("{s:s, s:i}", "verb", "network-remove", "vpc", vpc), NULL, problem);

    if (!error)
        unlink(path);
    return error;
}

int
network_list(json_t **found, char **problem)
{
    return agent_ask(json_pack("{s:s}", "verb", "network-list"), found, problem);
}

void
network_tap(const char *data, int port, char tap[NETWORK_TAP])
{
    network_name(data, "ct", port, tap);
}
