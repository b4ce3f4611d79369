/*
 * daemon.c: a libvirtd of this data directory. It believes to have the host's folders to itself: in
 * a mount namespace of its own, ours stand in their place. So neither a libvirtd of the system nor
 * that of another casementd meets it. It and its guests outlive us.
 */
#include "base/memory.h"
#include "hypervisor/host.h"
#include "supervise/agent_verb.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define START_SECONDS 40 /* the first start looks at every program of QEMU */

/* Ours, and what it stands for. */
static const struct {
    const char *ours, *theirs;
} places[] = {{"run", "/run/libvirt"},
              {"lib", "/var/lib/libvirt"},
              {"etc", "/etc/libvirt"},
              {"log", "/var/log/libvirt"},
              {"cache", "/var/cache/libvirt"}};

/* Users are set a guest; these count for helpers only. Nothing is chowned by libvirt: who may open
 * which file is ours to say (verbs.c). */
static const char qemu_settings[] = "user = \"+%d\"\ngroup = \"+%d\"\ndynamic_ownership = 0\n"
                                    "remember_owner = 0\nnamespaces = []\n"
                                    "cgroup_controllers = []\nsecurity_driver = \"none\"\n"
                                    "stdio_handler = \"file\"\nseccomp_sandbox = 1\nmax_core = 0\n";
static const char daemon_settings[] = "unix_sock_dir = \"/run/libvirt\"\n"
                                      "unix_sock_rw_perms = \"0700\"\n"
                                      "unix_sock_ro_perms = \"0700\"\nauth_unix_rw = \"none\"\n"
                                      "auth_unix_ro = \"none\"\n"
                                      "log_outputs = \"3:file:/var/log/libvirt/libvirtd.log\"\n";

char *
daemon_socket(void)
{
    return str_format("%s/hypervisor/run/libvirt-sock", agent_data());
}

static bool
answers(void)
{
    AUTO_FREE char *path = daemon_socket();
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int link = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    bool done = link >= 0 && strlen(path) < sizeof(address.sun_path) &&
                connect(link, (struct sockaddr *) &address, sizeof(address)) == 0;
    if (link >= 0)
        close(link);
    return done;
}

static bool
write_text(const char *name, const char *text)
{
    AUTO_FREE char *path = str_format("%s/hypervisor/etc/%s", agent_data(), name);
    FILE *file = fopen(path, "we");

    if (!file)
        return false;
    fputs(text, file);
    return fclose(file) == 0;
}

static int
prepare_folders(char **problem)
{
    AUTO_FREE char *root = str_format("%s/hypervisor", agent_data());
    AUTO_FREE char *settings = str_format(qemu_settings, DOMAIN_UID_BASE, DOMAIN_UID_BASE);

    mkdir(root, 0711);
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        AUTO_FREE char *path = str_format("%s/%s", root, places[i].ours);

        if ((mkdir(path, 0711) != 0 && errno != EEXIST) ||
            (mkdir(places[i].theirs, 0755) != 0 && errno != EEXIST))
            return agent_problem(problem, -errno, "cannot make %s: %s", path, strerror(errno));
    }
    if (!write_text("qemu.conf", settings) || !write_text("libvirtd.conf", daemon_settings))
        return agent_problem(problem, -EIO, "libvirtd's settings cannot be written");
    return 0;
}

/* Debian's libvirtd wants this user to exist, though no guest of ours runs as it. */
static int
prepare_user(char **problem)
{
    int status = 0;

    if (getpwnam("libvirt-qemu"))
        return 0;
    pid_t child = fork();
    if (child == 0) {
        execl("/usr/sbin/useradd", "useradd", "--system", "--user-group", "--no-create-home",
              "--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin", "libvirt-qemu",
              (char *) NULL);
        _exit(127);
    }
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    if (child < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return agent_problem(problem, -EOPNOTSUPP,
                             "the user libvirt-qemu, which libvirtd wants, "
                             "could not be added");
    return 0;
}

/* In a process of its own, for good. */
static void
become_daemon(bool kvm)
{
    AUTO_FREE char *settings = str_format("%s/hypervisor/etc/libvirtd.conf", agent_data());
    AUTO_FREE char *process = str_format("%s/hypervisor/run/libvirtd.pid", agent_data());
    AUTO_FREE char *log = str_format("%s/hypervisor/log/start.log", agent_data());
    int nothing = open("/dev/null", O_RDWR);
    int output = open(log, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    setsid();
    if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) != 0)
        _exit(126);
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        AUTO_FREE char *path = str_format("%s/hypervisor/%s", agent_data(), places[i].ours);
        if (mount(path, places[i].theirs, NULL, MS_BIND, NULL) != 0)
            _exit(126);
    }
    /* A KVM that runs no guest has libvirt look at QEMU again at every call: it may not open it. */
    AUTO_FREE char *closed = str_format("%s/hypervisor/no-kvm", agent_data());
    int barrier = open(closed, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0);
    if (!kvm && barrier >= 0 && access("/dev/kvm", F_OK) == 0)
        mount(closed, "/dev/kvm", NULL, MS_BIND, NULL);
    dup2(nothing, 0);
    dup2(output, 1);
    dup2(output, 2);
    /* No descriptor of the agent's may live on in it. */
    for (int i = 3; i < 1024; i++)
        close(i);
    if (chdir("/") == 0)
        execl(LIBVIRTD_PROGRAM, "libvirtd", "--config", settings, "--pid-file", process,
              (char *) NULL);
    _exit(127);
}

static int
start(char **problem)
{
    struct timespec pause = {.tv_nsec = 100 * 1000 * 1000};
    DomainHost host;
    int status, error;

    probe_read(&host);
    if ((error = prepare_user(problem)) || (error = prepare_folders(problem)))
        return error;
    pid_t child = fork();
    if (child < 0)
        return agent_problem(problem, -errno, "libvirtd cannot be started: %s", strerror(errno));
    if (child == 0)
        become_daemon(host.kvm);
    for (int i = 0; i < START_SECONDS * 10; i++) {
        if (answers())
            return 0;
        if (waitpid(child, &status, WNOHANG) == child)
            return agent_problem(problem, -EOPNOTSUPP,
                                 "libvirtd ended at once; see hypervisor/log in the data "
                                 "directory");
        nanosleep(&pause, NULL);
    }
    return agent_problem(problem, -ETIMEDOUT, "libvirtd does not answer");
}

static int own_share = -1; /* till the end of this process, which is that of the verb */

/* The lock is shared by those who use the daemon, till they end; to start and to end it wants it
 * alone. */
static int
open_lock(void)
{
    AUTO_FREE char *folder = str_format("%s/hypervisor", agent_data());
    AUTO_FREE char *path = str_format("%s/lock", folder);

    mkdir(folder, 0711);
    return open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
}

int
daemon_ensure(char **problem)
{
    if (!agent_has_root())
        return agent_problem(problem, -EOPNOTSUPP, "guests need a casementd that root started");
    if (access(LIBVIRTD_PROGRAM, X_OK) != 0 || access(QEMU_PROGRAM, X_OK) != 0)
        return agent_problem(problem, -EOPNOTSUPP,
                             "this host runs no guests: libvirt-daemon, "
                             "libvirt-daemon-driver-qemu and qemu-system-x86 are needed");
    int file = open_lock();
    own_share = file;
    if (file < 0 || flock(file, LOCK_SH) != 0)
        return agent_problem(problem, -EIO, "the hypervisor's lock cannot be taken");
    if (answers())
        return 0;
    if (flock(file, LOCK_EX) != 0)
        return agent_problem(problem, -EIO, "the hypervisor's lock cannot be taken");
    int error = answers() ? 0 : start(problem);
    flock(file, LOCK_SH);
    return error;
}

bool
daemon_has_guests(void)
{
    AUTO_FREE char *path = str_format("%s/hypervisor/etc/qemu", agent_data());
    DIR *folder = opendir(path);
    bool found = false;

    for (struct dirent *one; folder && !found && (one = readdir(folder));) {
        size_t length = strlen(one->d_name);
        found = length == 40 && strcmp(one->d_name + 36, ".xml") == 0;
    }
    if (folder)
        closedir(folder);
    return found;
}

/* The process of the pid file, where it is a libvirtd of ours. */
static pid_t
daemon_process(void)
{
    AUTO_FREE char *path = str_format("%s/hypervisor/run/libvirtd.pid", agent_data());
    AUTO_FREE char *settings = str_format("%s/hypervisor/etc/libvirtd.conf", agent_data());
    char text[4096] = "";
    FILE *file = fopen(path, "re");
    long process = file && fgets(text, sizeof(text), file) ? strtol(text, NULL, 10) : 0;

    if (file)
        fclose(file);
    if (process <= 1)
        return 0;
    AUTO_FREE char *command = str_format("/proc/%ld/cmdline", process);
    file = fopen(command, "re");
    size_t length = file ? fread(text, 1, sizeof(text) - 1, file) : 0;
    if (file)
        fclose(file);
    return length && memmem(text, length, settings, strlen(settings)) ? (pid_t) process : 0;
}

void
daemon_end_unused(void)
{
    struct timespec pause = {.tv_nsec = 50 * 1000 * 1000};
    int mine = open_lock();

    if (own_share >= 0)
        close(own_share);
    own_share = -1;
    if (mine >= 0 && flock(mine, LOCK_EX | LOCK_NB) == 0 && !daemon_has_guests()) {
        pid_t process = daemon_process();

        if (process && kill(process, SIGTERM) == 0)
            for (int i = 0; i < 100 && kill(process, 0) == 0; i++)
                nanosleep(&pause, NULL);
    }
    if (mine >= 0)
        close(mine);
}
