/*
 * found.c: the agent's side: what is on the host that bears this data directory's marks.
 */
#include "base/memory.h"
#include "doctor/doctor.h"
#include "host/host.h"
#include "network/names.h"
#include "supervise/agent_verb.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define COMMAND_MOST 65536

/* A UUID, an id of 32 digits and four letters and digits, or a number: no file of our own making.
 */
static bool
looks_like_id(const char *text, size_t length)
{
    bool number = length > 0 && length < 10 && strspn(text, "0123456789") >= length;

    for (size_t i = 0; i < length; i++)
        if (!isalnum((unsigned char) text[i]) && text[i] != '-')
            return false;
    return number || length == 36;
}

static void
add_once(json_t *ids, const char *text, size_t length)
{
    size_t index;
    json_t *one;

    json_array_foreach(ids, index, one) if (json_string_length(one) == length &&
                                            !memcmp(json_string_value(one), text, length)) return;
    json_array_append_new(ids, json_stringn(text, length));
}

/* "volumes .qcow2" */
static void
find_files(const char *argument, json_t *ids)
{
    const char *suffix = strchr(argument, ' ') + 1;
    AUTO_FREE char *path =
        str_format("%s/%.*s", agent_data(), (int) (suffix - 1 - argument), argument);
    DIR *folder = opendir(path);
    struct dirent *entry;

    while (folder && (entry = readdir(folder)) != NULL) {
        size_t length = strlen(entry->d_name), tail = strlen(suffix);
        if (length < tail || strcmp(entry->d_name + length - tail, suffix) != 0)
            continue;
        if (looks_like_id(entry->d_name, length - tail))
            add_once(ids, entry->d_name, length - tail);
    }
    if (folder)
        closedir(folder);
}

/* Interfaces are numbered in hexadecimal (network/names.c). */
static void
find_links(const char *letters, json_t *ids)
{
    struct if_nameindex *all = if_nameindex();
    char start[NETWORK_TAP], mark[5];

    network_mark(agent_data(), mark);
    snprintf(start, sizeof(start), "%.2s%s-", letters, mark);
    for (struct if_nameindex *one = all; one && one->if_index; one++)
        if (!strncmp(one->if_name, start, strlen(start))) {
            AUTO_FREE char *number =
                str_format("%ld", strtol(one->if_name + strlen(start), NULL, 16));
            add_once(ids, number, strlen(number));
        }
    if (all)
        if_freenameindex(all);
}

static void
find_spaces(json_t *ids)
{
    char mark[5];
    DIR *folder = opendir("/run/netns");
    struct dirent *entry;

    network_mark(agent_data(), mark);
    AUTO_FREE char *start = str_format("casement-%s-v", mark);
    while (folder && (entry = readdir(folder)) != NULL)
        if (!strncmp(entry->d_name, start, strlen(start)))
            add_once(ids, entry->d_name + strlen(start), strlen(entry->d_name + strlen(start)));
    if (folder)
        closedir(folder);
}

/* The command line with its zeros made spaces, which it ends and begins with too. */
static bool
read_command(const char *process, char *text)
{
    AUTO_FREE char *path = str_format("/proc/%s/cmdline", process);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = file < 0 ? -1 : read(file, text + 1, COMMAND_MOST - 3);

    if (file >= 0)
        close(file);
    if (length <= 0)
        return false;
    text[0] = ' ';
    for (ssize_t i = 1; i <= length; i++)
        if (!text[i])
            text[i] = ' ';
    text[length + 1] = '\0';
    return true;
}

/* "qemu-system-x86_64 servers/": the program, and what stands before the id in its command line,
 * below the data directory. */
static void
find_running(const char *argument, json_t *ids)
{
    const char *place = strchr(argument, ' ') + 1;
    AUTO_FREE char *program = str_copy_n(argument, (size_t) (place - 1 - argument));
    AUTO_FREE char *networks = network_run_folder(agent_data());
    AUTO_FREE char *before =
        *place == '@' ? str_format("%s/", networks) : str_format("%s/%s", agent_data(), place);
    AUTO_FREE char *text = mem_new(COMMAND_MOST, 1);
    DIR *processes = opendir("/proc");
    struct dirent *entry;

    while (processes && (entry = readdir(processes)) != NULL) {
        if (!isdigit((unsigned char) *entry->d_name) || !read_command(entry->d_name, text))
            continue;
        size_t first = strcspn(text + 1, " ");
        AUTO_FREE char *name = str_copy_n(text + 1, first);
        const char *base = strrchr(name, '/');
        if (strcmp(base ? base + 1 : name, program) != 0)
            continue;
        const char *at = strstr(text, before);
        if (!at)
            continue;
        at += strlen(before);
        size_t length = strspn(at, "0123456789abcdefghijklmnopqrstuvwxyz-");
        /* A number may have a letter before it, as "v3". */
        if (length < 12 && isalpha((unsigned char) *at))
            at++, length--;
        if (looks_like_id(at, length))
            add_once(ids, at, length);
    }
    if (processes)
        closedir(processes);
}

static int
verb_found(const json_t *request, json_t *answer, int stream, char **problem)
{
    (void) request;
    (void) stream;
    (void) problem;
    for (int i = 0; i < doctor_kind_count; i++) {
        const DoctorKind *kind = &doctor_kinds[i];
        json_t *ids = json_array();

        switch (kind->finder) {
        case DOCTOR_FILES:
            find_files(kind->argument, ids);
            break;
        case DOCTOR_LINKS:
            find_links(kind->argument, ids);
            break;
        case DOCTOR_SPACES:
            find_spaces(ids);
            break;
        case DOCTOR_RUNNING:
            find_running(kind->argument, ids);
        }
        json_object_set_new(answer, kind->name, ids);
    }
    return 0;
}

static int
verb_host(const json_t *request, json_t *answer, int stream, char **problem)
{
    AUTO_JSON json_t *checks = host_checks(agent_data());

    (void) request;
    (void) stream;
    (void) problem;
    json_object_update(answer, checks);
    return 0;
}

void
doctor_register_verbs(void)
{
    agent_verb_add("doctor-found", verb_found);
    agent_verb_add("doctor-host", verb_host);
}
