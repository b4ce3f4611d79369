/*
 * probe.c: what this host can run guests with. /dev/kvm that opens proves nothing (nested hosts
 * have one that runs no guest), so a guest of one sector must come to its end under KVM.
 */
#include "base/memory.h"
#include "hypervisor/host.h"
#include "supervise/agent_verb.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define KVM_SECONDS 10
#define DEBUG_EXIT 0x2a

/* mov al, 0x2a; out 0xf4, al; hlt, jmp $-1: ends QEMU with the status 2 * 0x2a + 1. */
static const unsigned char boot_code[] = {0xb0, DEBUG_EXIT, 0xe6, 0xf4, 0xf4, 0xeb, 0xfd};

static bool
write_sector(const char *path)
{
    unsigned char sector[512] = {0};
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);

    memcpy(sector, boot_code, sizeof(boot_code));
    sector[510] = 0x55;
    sector[511] = 0xaa;
    bool done = file >= 0 && write(file, sector, sizeof(sector)) == (ssize_t) sizeof(sector);
    if (file >= 0)
        close(file);
    return done;
}

static void
become_qemu(const char *path)
{
    AUTO_FREE char *drive = str_format("file=%s,format=raw,if=ide", path);
    int nothing = open("/dev/null", O_RDWR);

    for (int i = 0; nothing >= 0 && i < 3; i++)
        dup2(nothing, i);
    execl(QEMU_PROGRAM, "qemu-system-x86_64", "-accel", "kvm", "-machine", "pc", "-cpu", "host",
          "-m", "16", "-nodefaults", "-display", "none", "-no-reboot", "-device",
          "isa-debug-exit,iobase=0xf4,iosize=0x01", "-drive", drive, (char *) NULL);
    _exit(127);
}

/* NULL where a guest ran, else why not. */
static const char *
try_kvm(void)
{
    AUTO_FREE char *path = str_format("%s/hypervisor/probe.img", agent_data());
    AUTO_FREE char *folder = str_format("%s/hypervisor", agent_data());
    int status = 0;

    if (access("/dev/kvm", R_OK | W_OK) != 0)
        return "there is no /dev/kvm that may be opened";
    mkdir(folder, 0711);
    if (!write_sector(path))
        return "the guest that tries it could not be written";
    pid_t child = fork();
    if (child == 0)
        become_qemu(path);
    if (child < 0)
        return "no process could be started to try it";
    int process = (int) syscall(SYS_pidfd_open, child, 0);
    struct pollfd ended = {.fd = process, .events = POLLIN};
    bool late = process < 0 || poll(&ended, 1, KVM_SECONDS * 1000) <= 0;
    if (late)
        kill(child, SIGKILL);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    if (process >= 0)
        close(process);
    unlink(path);
    if (late)
        return "/dev/kvm opens, but a guest under it came to nothing within 10 s";
    return WIFEXITED(status) && WEXITSTATUS(status) == 2 * DEBUG_EXIT + 1
               ? NULL
               : "/dev/kvm opens, but no guest can be run under it";
}

static const char *
existing(const char *path)
{
    return access(path, R_OK) == 0 ? path : NULL;
}

static void
missing(json_t *list, const char *what, const char *why, const char *remedy)
{
    json_array_append_new(list,
                          json_pack("{s:s, s:s, s:s}", "what", what, "why", why, "remedy", remedy));
}

void
probe_host(json_t *answer, bool have_libvirt)
{
    json_t *list = json_array();
    const char *reason = "there is no QEMU";

    if (!agent_has_root())
        missing(list, "root", "guests run as users of their own, which takes root to begin",
                "start casementd as root");
    if (!have_libvirt)
        missing(list, "libvirt", "this program was built without it",
                "install libvirt-dev and build again");
    if (!existing(LIBVIRTD_PROGRAM))
        missing(list, "libvirtd", LIBVIRTD_PROGRAM " is not there",
                "install libvirt-daemon and libvirt-daemon-driver-qemu");
    if (!existing(QEMU_PROGRAM))
        missing(list, "QEMU", QEMU_PROGRAM " is not there", "install qemu-system-x86");
    else
        reason = try_kvm();
    json_object_set_new(answer, "available", json_boolean(json_array_size(list) == 0));
    json_object_set_new(answer, "missing", list);
    json_object_set_new(answer, "acceleration", json_string(reason ? "emulation" : "kvm"));
    json_put_text(answer, "reason", reason);
    json_object_set_new(answer, "secure_boot",
                        json_boolean(existing("/usr/share/OVMF/OVMF_CODE_4M.secboot.fd") != NULL));
    json_object_set_new(answer, "tpm", json_boolean(existing("/usr/bin/swtpm") != NULL));
    AUTO_FREE char *path = str_format("%s/hypervisor/probe.json", agent_data());
    json_dump_file(answer, path, JSON_COMPACT);
}

void
probe_read(DomainHost *host)
{
    AUTO_FREE char *path = str_format("%s/hypervisor/probe.json", agent_data());
    AUTO_JSON json_t *found = json_load_file(path, 0, NULL);

    if (!found) {
        found = json_object();
        probe_host(found, true);
    }
    struct stat device;
    bool kvm = strcmp(json_text(found, "acceleration", ""), "kvm") == 0;
    *host = (DomainHost){
        .data = agent_data(),
        .group = kvm && stat("/dev/kvm", &device) == 0 ? (int) device.st_gid : 0,
        .kvm = kvm,
        .tpm = existing("/usr/bin/swtpm") != NULL,
        .loader = existing("/usr/share/OVMF/OVMF_CODE_4M.fd"),
        .secure_loader = existing("/usr/share/OVMF/OVMF_CODE_4M.secboot.fd"),
        .variables = existing("/usr/share/OVMF/OVMF_VARS_4M.fd"),
        .secure_variables = existing("/usr/share/OVMF/OVMF_VARS_4M.ms.fd"),
    };
}
