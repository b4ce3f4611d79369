/*
 * inside.c: verbs that ask the agent inside a guest, and what a guest has used. The agent is the
 * tenant's program: libvirt gives up on one that does not answer after some seconds.
 */
#include "base/memory.h"
#include "hypervisor/host.h"
#include "hypervisor/verbs.h"
#include "supervise/agent_verb.h"

#include <ctype.h>
#include <errno.h>
#include <libvirt/virterror.h>
#include <string.h>

#define AGENT_SECONDS 5

/* A running guest; *error says what else. */
static bool
open_running(const json_t *request, Guest *guest, int *error, char **problem)
{
    *error = guest_must(request, guest, problem);
    if (!*error && guest_state(guest->domain) != HYPERVISOR_RUNNING)
        *error = agent_problem(problem, -ENOTCONN, "the server is not running");
    if (!*error)
        virDomainAgentSetResponseTimeout(guest->domain, AGENT_SECONDS, 0);
    return *error == 0;
}

/* Whether libvirt's last error is that no agent answers. */
static int
agent_failure(char **problem, const char *what)
{
    const virError *last = virGetLastError();

    if (last &&
        (last->code == VIR_ERR_AGENT_UNRESPONSIVE || last->code == VIR_ERR_OPERATION_INVALID))
        return agent_problem(problem, -ENOTCONN,
                             "%s: the agent in the server does not answer: it is not installed, or "
                             "does not run (yet)",
                             what);
    return verb_problem(problem, what);
}

static int
verb_agent_ping(const json_t *request, json_t *answer, int stream, char **problem)
{
    AUTO_GUEST Guest guest;
    long long seconds;
    unsigned nanoseconds;
    int error;

    if (!open_running(request, &guest, &error, problem))
        return error;
    return virDomainGetTime(guest.domain, &seconds, &nanoseconds, 0) == 0
               ? 0
               : agent_failure(problem, "no answer");
}

static int
verb_freeze(const json_t *request, json_t *answer, int stream, char **problem)
{
    AUTO_GUEST Guest guest;
    int error;

    if (!open_running(request, &guest, &error, problem))
        return error;
    return virDomainFSFreeze(guest.domain, NULL, 0, 0) >= 0
               ? 0
               : agent_failure(problem, "its file systems cannot be frozen");
}

static int
verb_thaw(const json_t *request, json_t *answer, int stream, char **problem)
{
    AUTO_GUEST Guest guest;
    int error;

    if (!open_running(request, &guest, &error, problem))
        return error;
    return virDomainFSThaw(guest.domain, NULL, 0, 0) >= 0
               ? 0
               : agent_failure(problem, "its file systems cannot be thawed");
}

static int
verb_set_password(const json_t *request, json_t *answer, int stream, char **problem)
{
    AUTO_GUEST Guest guest = {0};
    const char *user = json_text(request, "user", ""),
               *password = json_text(request, "password", "");
    int error;

    for (const char *at = user; *at; at++)
        if (!isalnum((unsigned char) *at) && !strchr("_-. ", *at))
            return agent_problem(problem, -EINVAL, "\"%.60s\" is no user's name", user);
    if (!*user || !*password || strlen(user) > 64 || strlen(password) > 256)
        return agent_problem(problem, -EINVAL, "a user and a password are wanted");
    if (!open_running(request, &guest, &error, problem))
        return error;
    return virDomainSetUserPassword(guest.domain, user, password, 0) == 0
               ? 0
               : agent_failure(problem, "the password cannot be set");
}

/* ---- Use ---- */

static void
add_number(json_t *usage, const char *name, long long number)
{
    json_object_set_new(usage, name, json_integer(json_number(usage, name, 0) + number));
}

/* libvirt's names of one device's counts ("block.0.rd.bytes") and ours. */
static const struct {
    const char *prefix, *suffix, *name;
} counts[] = {
    {"block.", ".rd.bytes", "disk_read_bytes"}, {"block.", ".wr.bytes", "disk_write_bytes"},
    {"block.", ".rd.reqs", "disk_reads"},       {"block.", ".wr.reqs", "disk_writes"},
    {"net.", ".rx.bytes", "net_in_bytes"},      {"net.", ".tx.bytes", "net_out_bytes"}};

static void
add_counts(json_t *usage, const virDomainStatsRecord *record)
{
    for (int i = 0; i < record->nparams; i++) {
        const virTypedParameter *one = &record->params[i];
        size_t length = strlen(one->field);

        if (one->type != VIR_TYPED_PARAM_ULLONG)
            continue;
        if (strcmp(one->field, "cpu.time") == 0)
            json_object_set_new(usage, "cpu_seconds", json_real((double) one->value.ul / 1e9));
        if (strcmp(one->field, "balloon.rss") == 0)
            add_number(usage, "memory_mb", (long long) (one->value.ul >> 10));
        for (size_t j = 0; j < sizeof(counts) / sizeof(counts[0]); j++)
            if (strncmp(one->field, counts[j].prefix, strlen(counts[j].prefix)) == 0 &&
                length > strlen(counts[j].suffix) &&
                strcmp(one->field + length - strlen(counts[j].suffix), counts[j].suffix) == 0)
                add_number(usage, counts[j].name, (long long) one->value.ul);
    }
}

static int
verb_usage(const json_t *request, json_t *answer, int stream, char **problem)
{
    AUTO_GUEST Guest guest;
    virDomainStatsRecordPtr *records = NULL;
    int error;

    if (!open_running(request, &guest, &error, problem))
        return error;
    virDomainPtr one[] = {guest.domain, NULL};
    int count = virDomainListGetStats(one,
                                      VIR_DOMAIN_STATS_CPU_TOTAL | VIR_DOMAIN_STATS_BALLOON |
                                          VIR_DOMAIN_STATS_BLOCK | VIR_DOMAIN_STATS_INTERFACE,
                                      &records, 0);
    if (count < 0)
        return verb_problem(problem, "its use cannot be read");
    json_t *usage = json_object();
    for (int i = 0; i < count; i++)
        add_counts(usage, records[i]);
    virDomainStatsRecordListFree(records);
    json_object_set_new(answer, "usage", usage);
    return 0;
}

void
verbs_add_inside(void)
{
    agent_verb_add("hypervisor-agent-ping", verb_agent_ping);
    agent_verb_add("hypervisor-freeze", verb_freeze);
    agent_verb_add("hypervisor-thaw", verb_thaw);
    agent_verb_add("hypervisor-set-password", verb_set_password);
    agent_verb_add("hypervisor-usage", verb_usage);
}
