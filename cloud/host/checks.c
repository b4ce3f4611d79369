/*
 * checks.c: the list of checks, and those that only look; see host.h.
 */
#include "base/memory.h"
#include "host/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#define GIB (1LL << 30)
#define MEMORY_LEAST                                                                               \
    (4 * GIB) /* a Windows server without its desktop wants 2, and the rest too                    \
               */
#define DISK_LEAST (5 * GIB)
#define DISK_GOOD (60 * GIB) /* a golden image of Windows and a few differences */
#define CGROUP2_MAGIC 0x63677270

static const struct {
    const char *name, *title, *needed_for;
    void (*look)(HostFinding *finding, const char *data);
} checks[] = {
#define HOST_CHECK(name, title, needed_for, look) {name, title, needed_for, look},
#include "host/checks.def"
#undef HOST_CHECK
};

typedef enum ProgramGroup { SERVERS, NETWORKS, DATABASES, IMAGES } ProgramGroup;
static const struct {
    ProgramGroup group;
    const char *name, *package, *what;
} programs[] = {
#define HOST_PROGRAM(group, name, package, what) {group, name, package, what},
#include "host/programs.def"
#undef HOST_PROGRAM
};

/* ---- Findings ---- */

void
finding_set(HostFinding *finding, HostState state, const char *found, ...)
{
    va_list arguments;

    va_start(arguments, found);
    free(finding->found);
    finding->found = str_vformat(found, arguments);
    va_end(arguments);
    finding->state = state;
}

void
finding_explain(HostFinding *finding, const char *why, const char *remedy)
{
    finding->why = why;
    free(finding->remedy);
    finding->remedy = str_copy(remedy);
}

static json_t *
finding_json(size_t check, const HostFinding *finding)
{
    static const char *const states[] = {"ok", "warning", "missing", "unknown"};
    json_t *entry = json_object();

    json_put_text(entry, "check", checks[check].name);
    json_put_text(entry, "title", checks[check].title);
    json_put_text(entry, "state", states[finding->state]);
    json_put_text(entry, "needed_for", checks[check].needed_for);
    json_put_text(entry, "found", finding->found ? finding->found : "");
    json_put_text(entry, "why", finding->state == HOST_OK ? NULL : finding->why);
    json_put_text(entry, "remedy", finding->state == HOST_OK ? NULL : finding->remedy);
    return entry;
}

json_t *
host_checks(const char *data)
{
    json_t *list = json_array();
    bool fine = true;

    for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
        HostFinding finding = {.state = HOST_UNKNOWN};
        checks[i].look(&finding, data);
        fine &= finding.state != HOST_MISSING;
        json_array_append_new(list, finding_json(i, &finding));
        free(finding.found);
        free(finding.remedy);
    }
    return json_pack("{s:o, s:b}", "checks", list, "fine", fine);
}

/* ---- Children ---- */

int
host_attempt(int (*attempt)(void), int milliseconds)
{
    int status = 0;

    fflush(NULL);
    pid_t child = fork();
    if (child < 0)
        return -1;
    if (child == 0) {
        int nothing = open("/dev/null", O_RDWR);
        for (int i = 0; nothing >= 0 && i < 3; i++)
            dup2(nothing, i);
        _exit(attempt());
    }
    int process = (int) syscall(SYS_pidfd_open, child, 0);
    struct pollfd ended = {.fd = process, .events = POLLIN};
    bool late = process < 0 || poll(&ended, 1, milliseconds) <= 0;
    if (late)
        kill(child, SIGKILL);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    if (process >= 0)
        close(process);
    if (late)
        return -2;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* ---- Programs ---- */

const char *
host_program(const char *name)
{
    static const char *const folders[] = {"/usr/sbin", "/usr/bin",        "/sbin",
                                          "/bin",      "/usr/local/sbin", "/usr/local/bin"};
    static _Thread_local char path[300];

    if (*name == '/') {
        glob_t found;
        bool there = glob(name, 0, NULL, &found) == 0;
        if (there)
            snprintf(path, sizeof(path), "%s", found.gl_pathv[0]);
        globfree(&found);
        return there ? path : NULL;
    }
    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
        snprintf(path, sizeof(path), "%s/%s", folders[i], name);
        if (access(path, X_OK) == 0)
            return path;
    }
    return NULL;
}

static void
look_programs(HostFinding *finding, ProgramGroup group, const char *why)
{
    Buffer missing = {0}, remedy = {0};
    int count = 0;

    for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
        if (programs[i].group != group)
            continue;
        count++;
        if (host_program(programs[i].name))
            continue;
        const char *name = strrchr(programs[i].name, '/');
        buffer_format(&missing, "%s%s (%s)", missing.length ? ", " : "",
                      name ? name + 1 : programs[i].name, programs[i].what);
        buffer_format(&remedy, "%s %s", remedy.length ? "" : "apt-get install",
                      programs[i].package);
    }
    if (!missing.length) {
        finding_set(finding, HOST_OK, "all %d are there", count);
    } else {
        finding_set(finding, HOST_MISSING, "missing: %s", missing.text);
        finding_explain(finding, why, remedy.text);
    }
    buffer_done(&missing);
    buffer_done(&remedy);
}

void
look_server_programs(HostFinding *finding, const char *data)
{
    (void) data;
    look_programs(finding, SERVERS, "No server can be created without them.");
}

void
look_network_programs(HostFinding *finding, const char *data)
{
    (void) data;
    look_programs(finding, NETWORKS, "No tenant's network can be made without them.");
}

void
look_database_programs(HostFinding *finding, const char *data)
{
    (void) data;
    look_programs(finding, DATABASES, "Database instances do not start, or have no backups.");
}

void
look_image_programs(HostFinding *finding, const char *data)
{
    (void) data;
    look_programs(finding, IMAGES,
                  "An image of Windows cannot be built from its installation disc.");
    if (finding->state == HOST_MISSING)
        finding->state = HOST_WARNING; /* everything else goes on */
}

void
look_firmware(HostFinding *finding, const char *data)
{
    (void) data;
    if (access("/usr/share/OVMF/OVMF_CODE_4M.secboot.fd", R_OK) == 0 &&
        access("/usr/share/OVMF/OVMF_VARS_4M.ms.fd", R_OK) == 0) {
        finding_set(finding, HOST_OK, "OVMF with Microsoft's keys");
        return;
    }
    finding_set(finding, HOST_MISSING, "none in /usr/share/OVMF");
    finding_explain(finding, "Windows Server starts by UEFI, and its images expect secure boot.",
                    "apt-get install ovmf");
}

/* ---- Machine ---- */

/* The line of a file of /proc that starts so, without its start; owned by the caller, or NULL. */
static char *
line_of(const char *path, const char *start)
{
    FILE *file = fopen(path, "re");
    char line[4096], *found = NULL;

    while (file && !found && fgets(line, sizeof(line), file))
        if (!strncmp(line, start, strlen(start))) {
            const char *value = line + strlen(start);
            value += strspn(value, " \t:");
            found = str_copy_n(value, strcspn(value, "\n"));
        }
    if (file)
        fclose(file);
    return found;
}

void
look_processor(HostFinding *finding, const char *data)
{
    AUTO_FREE char *flags = line_of("/proc/cpuinfo", "flags");
    AUTO_FREE char *model = line_of("/proc/cpuinfo", "model name");
    bool virtualisation = flags && (strstr(flags, " vmx") || strstr(flags, " svm"));
    bool inside = flags && strstr(flags, " hypervisor") != NULL;
    long count = sysconf(_SC_NPROCESSORS_ONLN);

    (void) data;
    if (virtualisation) {
        finding_set(finding, HOST_OK, "%ld of %s%s", count, model ? model : "an unknown model",
                    inside ? " (virtual, with nested virtualisation)" : "");
        return;
    }
    finding_set(finding, HOST_WARNING, "%ld of %s, without vmx or svm%s", count,
                model ? model : "an unknown model",
                inside ? "; this host is a virtual machine" : "");
    finding_explain(finding,
                    "Without it guests are emulated: correct, but ten to fifty times slower.",
                    inside ? "ask whoever runs this virtual machine for nested virtualisation, or "
                             "use a machine of your own"
                           : "switch on VT-x or AMD-V (SVM) in the machine's firmware settings");
}

void
look_memory(HostFinding *finding, const char *data)
{
    AUTO_FREE char *text = line_of("/proc/meminfo", "MemAvailable");
    AUTO_FREE char *total = line_of("/proc/meminfo", "MemTotal");
    long long free_bytes = text ? strtoll(text, NULL, 10) * 1024 : 0;
    double gib = (double) free_bytes / (double) GIB;
    double all = total ? (double) strtoll(total, NULL, 10) / (1 << 20) : 0;

    (void) data;
    finding_set(finding, free_bytes >= MEMORY_LEAST ? HOST_OK : HOST_WARNING,
                "%.1f of %.1f GiB free", gib, all);
    finding_explain(finding,
                    "A Windows server wants 2 GiB at least, 4 with its desktop, and its memory is "
                    "not shared.",
                    "end what else uses memory, or add some; choose smaller flavors");
}

/* The folder itself, or the nearest above it that is there. */
static char *
existing_folder(const char *data)
{
    char *path = str_copy(data && *data == '/' ? data : "/var/lib");

    while (access(path, F_OK) != 0 && strcmp(path, "/") != 0) {
        char *slash = strrchr(path, '/');
        slash[slash == path ? 1 : 0] = '\0';
    }
    return path;
}

void
look_disk(HostFinding *finding, const char *data)
{
    AUTO_FREE char *path = existing_folder(data);
    struct statvfs room;

    if (statvfs(path, &room) != 0) {
        finding_set(finding, HOST_UNKNOWN, "%s: %s", path, strerror(errno));
        return;
    }
    long long free_bytes = (long long) room.f_bavail * (long long) room.f_frsize;
    finding_set(finding,
                free_bytes < DISK_LEAST  ? HOST_MISSING
                : free_bytes < DISK_GOOD ? HOST_WARNING
                                         : HOST_OK,
                "%.1f GiB free at %s", (double) free_bytes / (double) GIB, path);
    finding_explain(
        finding, "An image of Windows Server takes 10 to 20 GiB, and each server what it changes.",
        "free some, or put the data directory on a larger disk (--data)");
}

void
look_direct_io(HostFinding *finding, const char *data)
{
    AUTO_FREE char *path = existing_folder(data);
    int file = open(path, O_TMPFILE | O_RDWR | O_DIRECT | O_CLOEXEC, 0600);

    if (file >= 0) {
        close(file);
        finding_set(finding, HOST_OK, "files at %s can be opened past the cache", path);
    } else if (errno == EINVAL) {
        finding_set(finding, HOST_MISSING, "files at %s cannot be opened past the cache", path);
        finding_explain(finding,
                        "Disks of servers are opened so, that a write is on the disk when "
                        "the guest believes it.",
                        "put the data directory on ext4, xfs or btrfs, not on tmpfs or overlayfs");
    } else {
        finding_set(finding, HOST_UNKNOWN, "%s: %s", path, strerror(errno));
        finding_explain(finding, "No file could be made there to try it.", "run it as root");
    }
}

void
look_root(HostFinding *finding, const char *data)
{
    (void) data;
    if (geteuid() == 0) {
        finding_set(finding, HOST_OK, "this runs as root");
        return;
    }
    finding_set(finding, HOST_UNKNOWN, "this runs as user %d", (int) geteuid());
    finding_explain(finding,
                    "Started by root, each instance and server has a user of its own; started by "
                    "others, there are no servers and networks.",
                    "start casementd as root (it keeps root in one small process only)");
}

void
look_cgroup(HostFinding *finding, const char *data)
{
    struct statfs about;
    char text[200] = "";

    (void) data;
    FILE *file = fopen("/sys/fs/cgroup/cgroup.controllers", "re");
    if (file && fgets(text, sizeof(text), file))
        text[strcspn(text, "\n")] = '\0';
    if (file)
        fclose(file);
    if (statfs("/sys/fs/cgroup", &about) != 0 || about.f_type != CGROUP2_MAGIC) {
        finding_set(finding, HOST_WARNING, "no cgroup2 at /sys/fs/cgroup");
        finding_explain(finding,
                        "Limits of memory and processor are kept by settings only, not by the "
                        "kernel.",
                        "mount -t cgroup2 none /sys/fs/cgroup, or start the kernel with "
                        "systemd.unified_cgroup_hierarchy=1");
    } else if (!strstr(text, "memory") || !strstr(text, "cpu")) {
        finding_set(finding, HOST_WARNING, "controllers: %s", *text ? text : "none");
        finding_explain(finding,
                        "Without the controllers cpu and memory there are no limits by the "
                        "kernel.",
                        "start the kernel with cgroup_enable=memory; in a container, have them "
                        "delegated");
    } else {
        finding_set(finding, HOST_OK, "controllers: %s", text);
    }
}

void
look_clock(HostFinding *finding, const char *data)
{
    struct timex clock = {0};
    int state = adjtimex(&clock);

    (void) data;
    if (state >= 0 && state != TIME_ERROR && !(clock.status & STA_UNSYNC)) {
        finding_set(finding, HOST_OK, "the kernel's clock is kept right, to %ld ms",
                    clock.esterror / 1000);
        return;
    }
    finding_set(finding, state < 0 ? HOST_UNKNOWN : HOST_WARNING,
                "nothing keeps the kernel's clock right");
    finding_explain(finding,
                    "Requests are signed with the time, and a clock that is wrong by 15 minutes "
                    "refuses them; guests take theirs from the host.",
                    "apt-get install chrony (in a virtual machine its host may do it, unseen)");
}

void
look_open_files(HostFinding *finding, const char *data)
{
    struct rlimit limit;

    (void) data;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    finding_set(finding, limit.rlim_max >= 65536 ? HOST_OK : HOST_WARNING, "up to %llu a process",
                (unsigned long long) limit.rlim_max);
    finding_explain(finding, "Each server and each connection takes a few.",
                    "ulimit -Hn 524288, or LimitNOFILE= in the unit of systemd");
}
