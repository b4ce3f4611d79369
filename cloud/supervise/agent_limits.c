/*
 * agent_limits.c: memory and processors of an instance by control group (version 2, where the host
 * lets us), and what its processes have used.
 *
 * Without control groups the limits that PostgreSQL's own parameters and the processors' affinity
 * give remain, and usage is summed over /proc.
 */
#include "base/memory.h"
#include "supervise/agent_internal.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define GROUP_ROOT "/sys/fs/cgroup"
#define GROUP_PARENT GROUP_ROOT "/casement"
/* What the flavor says is PostgreSQL's; the shim, page tables and the kernel's own come on top. */
#define MEMORY_OVERHEAD_PERCENT 15

static bool
write_text(const char *path, const char *text)
{
    int file = open(path, O_WRONLY | O_CLOEXEC);
    bool done = file >= 0 && write(file, text, strlen(text)) == (ssize_t) strlen(text);

    if (file >= 0)
        close(file);
    return done;
}

static bool
groups_usable(void)
{
    struct stat about;

    if (!agent_places.root || stat(GROUP_ROOT "/cgroup.controllers", &about) != 0)
        return false;
    write_text(GROUP_ROOT "/cgroup.subtree_control", "+cpu +memory +io");
    if (mkdir(GROUP_PARENT, 0755) != 0 && errno != EEXIST)
        return false;
    return write_text(GROUP_PARENT "/cgroup.subtree_control", "+cpu +memory +io") ||
           write_text(GROUP_PARENT "/cgroup.subtree_control", "+cpu +memory");
}

static char *
group_of(const char *id)
{
    return str_format("%s/%s", GROUP_PARENT, id);
}

static bool
set_limit(const char *group, const char *file, const char *value)
{
    AUTO_FREE char *path = str_format("%s/%s", group, file);

    return write_text(path, value);
}

const char *
limits_apply(const AgentInstance *instance, pid_t shim)
{
    if (!groups_usable())
        return instance->limits.cpus > 0 ? "affinity" : "parameters only";

    AUTO_FREE char *group = group_of(instance->id);
    long memory = instance->limits.memory_mb;
    AUTO_FREE char *bytes =
        memory > 0 ? str_format("%lld", (long long) memory * (100 + MEMORY_OVERHEAD_PERCENT) / 100 *
                                            1048576)
                   : str_copy("max");
    AUTO_FREE char *share =
        instance->limits.cpus > 0
            ? str_format("%lld 100000", (long long) (instance->limits.cpus * 100000))
            : str_copy("max 100000");
    if (mkdir(group, 0755) != 0 && errno != EEXIST)
        return "parameters only";
    bool done = set_limit(group, "memory.max", bytes) && set_limit(group, "cpu.max", share);
    if (done && shim > 0) {
        AUTO_FREE char *pid = str_format("%d", (int) shim);
        set_limit(group, "cgroup.procs", pid);
    }
    return done ? "cgroup" : "parameters only";
}

void
limits_enter(const char *id)
{
    AUTO_FREE char *group = group_of(id);

    set_limit(group, "cgroup.procs", "0");
}

void
limits_remove(const char *id)
{
    AUTO_FREE char *group = group_of(id);

    rmdir(group);
}

/* A number after `key` in a file of lines "key number". */
static long long
keyed_number(const char *group, const char *file, const char *key)
{
    AUTO_FREE char *path = str_format("%s/%s", group, file);
    FILE *in = fopen(path, "re");
    char line[256];
    long long value = -1;
    size_t length = strlen(key);

    while (in && value < 0 && fgets(line, sizeof(line), in))
        if (strncmp(line, key, length) == 0 && line[length] == ' ')
            value = strtoll(line + length + 1, NULL, 10);
    if (in)
        fclose(in);
    return value;
}

static bool
usage_of_group(const char *id, AgentUsage *usage)
{
    AUTO_FREE char *group = group_of(id);
    AUTO_FREE char *path = str_format("%s/memory.current", group);
    long long used = keyed_number(group, "cpu.stat", "usage_usec");
    FILE *in = used < 0 ? NULL : fopen(path, "re");

    if (!in)
        return false;
    usage->cpu_seconds = (double) used / 1e6;
    if (fscanf(in, "%lld", &usage->memory_bytes) != 1)
        usage->memory_bytes = 0;
    fclose(in);
    return true;
}

/* Processor time of a process and of its children that ended, in clock ticks; memory in pages. */
static bool
add_process(const char *pid, AgentUsage *usage)
{
    AUTO_FREE char *path = str_format("/proc/%s/stat", pid);
    char text[1024], *after;
    unsigned long long user, kernel;
    long long child_user, child_kernel;
    FILE *in = fopen(path, "re");
    size_t length = in ? fread(text, 1, sizeof(text) - 1, in) : 0;

    if (in)
        fclose(in);
    text[length] = '\0';
    after = strrchr(text, ')');
    if (!after ||
        sscanf(after + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu %lld %lld", &user,
               &kernel, &child_user, &child_kernel) != 4)
        return false;
    usage->cpu_seconds += (double) (user + kernel + (unsigned long long) child_user +
                                    (unsigned long long) child_kernel) /
                          (double) sysconf(_SC_CLK_TCK);
    usage->processes++;
    return true;
}

static long long
keyed_of_process(const char *pid, const char *file, const char *key)
{
    AUTO_FREE char *path = str_format("/proc/%s/%s", pid, file);
    char line[256];
    FILE *in = fopen(path, "re");
    long long value = 0;
    size_t length = strlen(key);

    while (in && fgets(line, sizeof(line), in))
        if (strncmp(line, key, length) == 0) {
            value = strtoll(line + length, NULL, 10);
            break;
        }
    if (in)
        fclose(in);
    return value;
}

bool
limits_usage(const char *id, AgentUsage *usage)
{
    AUTO_FREE char *folder = str_format("%s/%s", agent_places.instances, id);
    pid_t shim = process_shim(folder);
    AgentUsage grouped = {0};
    DIR *processes = shim > 0 ? opendir("/proc") : NULL;
    AUTO_FREE char *shim_name = str_format("%d", (int) shim);
    size_t prefix = strlen(folder);

    for (struct dirent *entry; processes && (entry = readdir(processes));) {
        char target[4096];

        if (!isdigit((unsigned char) entry->d_name[0]))
            continue;
        AUTO_FREE char *link = str_format("/proc/%s/cwd", entry->d_name);
        ssize_t length = readlink(link, target, sizeof(target) - 1);
        target[length > 0 ? length : 0] = '\0';
        if (strncmp(target, folder, prefix) != 0 && strcmp(entry->d_name, shim_name) != 0)
            continue;
        if (!add_process(entry->d_name, usage))
            continue;
        /* Proportional, so that shared buffers count once. */
        usage->memory_bytes += keyed_of_process(entry->d_name, "smaps_rollup", "Pss:") * 1024;
        usage->read_bytes += keyed_of_process(entry->d_name, "io", "read_bytes:");
        usage->written_bytes += keyed_of_process(entry->d_name, "io", "write_bytes:");
    }
    if (processes)
        closedir(processes);
    if (usage_of_group(id, &grouped)) {
        usage->cpu_seconds = grouped.cpu_seconds;
        usage->memory_bytes = grouped.memory_bytes;
    }
    usage->disk_bytes = files_bytes_of_tree(folder);
    return shim > 0;
}
