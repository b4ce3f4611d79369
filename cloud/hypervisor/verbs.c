/*
 * verbs.c: the host agent's verbs "hypervisor-*": each connects to our libvirtd, does one thing and
 * is over. Ids are checked before anything is made of them; what a guest's user may open is given
 * to it here, by descriptors that follow no link.
 */
#include "hypervisor/verbs.h"
#include "base/memory.h"
#include "crypto/master_key.h"
#include "hypervisor/host.h"
#include "hypervisor/hypervisor.h"
#include "supervise/agent_verb.h"

#include <errno.h>
#include <fcntl.h>
#include <libvirt/virterror.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

int
verb_problem(char **problem, const char *what)
{
    const virError *last = virGetLastError();

    return agent_problem(problem, -EIO, "%s: %s", what,
                         last && last->message ? last->message : "libvirt gives no reason");
}

static void
say_nothing(void *context, virErrorPtr error)
{
}

static virConnectPtr
open_host(char **problem, int *error)
{
    AUTO_FREE char *socket = daemon_socket();
    AUTO_FREE char *place = str_format("qemu+unix:///system?socket=%s", socket);

    virSetErrorFunc(NULL, say_nothing); /* what fails is in the answer */
    *error = daemon_ensure(problem);
    if (*error)
        return NULL;
    virConnectPtr host = virConnectOpen(place);
    if (!host)
        *error = verb_problem(problem, "libvirtd cannot be reached");
    return host;
}

void
guest_close(Guest *guest)
{
    if (guest->domain)
        virDomainFree(guest->domain);
    if (guest->host)
        virConnectClose(guest->host);
}

int
guest_open(const json_t *request, Guest *guest, char **problem)
{
    int error;

    *guest = (Guest){.id = json_text(request, "id", "")};
    if (!domain_id_is_sound(guest->id))
        return agent_problem(problem, -EINVAL, "\"%.60s\" is no server's id", guest->id);
    if (!daemon_has_guests())
        return 0;
    guest->host = open_host(problem, &error);
    if (!guest->host)
        return error;
    guest->domain = virDomainLookupByName(guest->host, guest->id);
    return 0;
}

int
guest_must(const json_t *request, Guest *guest, char **problem)
{
    int error = guest_open(request, guest, problem);

    if (!error && !guest->domain)
        error = agent_problem(problem, -ENOENT, "the server has no guest on this host");
    return error;
}

HypervisorState
guest_state(virDomainPtr domain)
{
    int state = 0, reason = 0;

    if (!domain || virDomainGetState(domain, &state, &reason, 0) != 0)
        return HYPERVISOR_ABSENT;
    switch (state) {
    case VIR_DOMAIN_RUNNING:
    case VIR_DOMAIN_BLOCKED:
    case VIR_DOMAIN_SHUTDOWN:
        return HYPERVISOR_RUNNING;
    case VIR_DOMAIN_PAUSED:
    case VIR_DOMAIN_PMSUSPENDED:
        return HYPERVISOR_PAUSED;
    case VIR_DOMAIN_CRASHED:
        return HYPERVISOR_CRASHED;
    default:
        /* Its QEMU ended without the guest's having shut down. */
        return state == VIR_DOMAIN_SHUTOFF &&
                       (reason == VIR_DOMAIN_SHUTOFF_CRASHED || reason == VIR_DOMAIN_SHUTOFF_FAILED)
                   ? HYPERVISOR_CRASHED
                   : HYPERVISOR_STOPPED;
    }
}

static bool
is_off(virDomainPtr domain)
{
    HypervisorState state = guest_state(domain);

    return state != HYPERVISOR_RUNNING && state != HYPERVISOR_PAUSED;
}

/* ---- Files ---- */

/* Gives a regular file to the guest's user; the service keeps its access by the group. */
static int
give_file(const char *path, int slot, mode_t mode)
{
    struct stat about;
    int file = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK), error = 0;

    if (file < 0)
        return -errno;
    if (fstat(file, &about) != 0 || !S_ISREG(about.st_mode) || about.st_nlink != 1)
        error = -EINVAL;
    else if (fchown(file, (uid_t) (DOMAIN_UID_BASE + slot), agent_group()) != 0 ||
             fchmod(file, mode) != 0)
        error = -errno;
    close(file);
    return error;
}

/* The folder with what a volume is an overlay on, where it is on something. */
static int
give_base(const char *volume, int slot)
{
    AUTO_FREE char *path = str_format("%s/volumes/%s.base", agent_data(), volume);
    int folder = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_DIRECTORY), error = 0;

    if (folder < 0)
        return errno == ENOENT ? 0 : -errno;
    if (fchown(folder, (uid_t) (DOMAIN_UID_BASE + slot), agent_group()) != 0 ||
        fchmod(folder, 0550) != 0)
        error = -errno;
    close(folder);
    return error;
}

static int
give_volume(const char *volume, int slot, char **problem)
{
    AUTO_FREE char *path = str_format("%s/volumes/%s.qcow2", agent_data(), volume);
    int error = give_file(path, slot, 0660);

    if (!error)
        error = give_base(volume, slot);

    return error ? agent_problem(problem, error, "volume %s: %s", volume, strerror(-error)) : 0;
}

/* <data>/servers/<id>, where QEMU makes its socket and log; the ConfigDrive is put in before. */
static int
give_folder(const char *id, int slot, char **problem)
{
    AUTO_FREE char *all = str_format("%s/servers", agent_data());
    AUTO_FREE char *folder = str_format("%s/%s", all, id);
    AUTO_FREE char *drive = str_format("%s/config.iso", folder);
    AUTO_FREE char *console = str_format("%s/console.log", folder);

    if ((mkdir(all, 0711) != 0 && errno != EEXIST) ||
        (mkdir(folder, 0770) != 0 && errno != EEXIST) ||
        lchown(folder, (uid_t) (DOMAIN_UID_BASE + slot), agent_group()) != 0 ||
        chmod(folder, 02770) != 0)
        return agent_problem(problem, -errno, "cannot make %s: %s", folder, strerror(errno));
    /* QEMU would make its log unreadable for the service. */
    int log = open(console, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0640);
    if (log >= 0)
        close(log);
    give_file(console, slot, 0640);
    int error = give_file(drive, slot, 0640);
    return error && error != -ENOENT
               ? agent_problem(problem, error, "its ConfigDrive: %s", strerror(-error))
               : 0;
}

/* Runs qemu-img on files of ours alone. */
static int
convert(const char *from, const char *to)
{
    int status = 0;
    pid_t child = fork();

    if (child == 0) {
        execl("/usr/bin/qemu-img", "qemu-img", "convert", "-f", "raw", "-O", "raw", from, to,
              (char *) NULL);
        _exit(127);
    }
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    return child > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EIO;
}

/* The variables of UEFI, from the firmware's template, once: libvirt would make them root's. They
 * are made in a folder of ours, since the guest's user could put a link into its own. */
static int
give_variables(const Domain *domain, const DomainHost *place, char **problem)
{
    const char *template = domain->secure_boot ? place->secure_variables : place->variables;
    AUTO_FREE char *path = str_format("%s/servers/%s/nvram.fd", place->data, domain->id);
    AUTO_FREE char *made = str_format("%s/hypervisor/nvram-%s", place->data, domain->id);
    struct stat about;

    if (!domain->uefi || !template)
        return 0;
    if (lstat(path, &about) == 0) {
        int error = give_file(path, domain->slot, 0660);
        return error ? agent_problem(problem, error, "its UEFI variables: %s", strerror(-error))
                     : 0;
    }
    unlink(made);
    int error = convert(template, made);
    if (!error)
        error = give_file(made, domain->slot, 0660);
    if (!error && rename(made, path) != 0)
        error = -errno;
    if (!error)
        return 0;
    unlink(made);
    return agent_problem(problem, error, "its UEFI variables cannot be made: %s", strerror(-error));
}

/* The discs that an installation has beside it. */
static int
give_discs(const Domain *domain, char **problem)
{
    int error = 0;

    for (int i = 0; i < domain->disc_count && !error; i++) {
        AUTO_FREE char *path =
            str_format("%s/servers/%s/%s.iso", agent_data(), domain->id, domain->discs[i]);
        error = give_file(path, domain->slot, 0640);
        if (error)
            agent_problem(problem, error, "disc %s: %s", domain->discs[i], strerror(-error));
    }
    return error;
}

/* ---- Verbs ---- */

static int
verb_probe(const json_t *request, json_t *answer, int stream, char **problem)
{
    probe_host(answer, true);
    return 0;
}

static int
verb_define(const json_t *request, json_t *answer, int stream, char **problem)
{
    Domain domain;
    DomainHost place;
    int error = domain_read(json_object_get(request, "guest"), &domain, problem);

    if (error)
        return error;
    virConnectPtr host = open_host(problem, &error);
    if (!host)
        return error;
    probe_read(&place);
    error = give_folder(domain.id, domain.slot, problem);
    if (!error)
        error = give_variables(&domain, &place, problem);
    if (!error)
        error = give_discs(&domain, problem);
    for (int i = 0; i < domain.disk_count && !error; i++)
        error = give_volume(domain.disks[i].volume, domain.slot, problem);
    AUTO_FREE char *xml = error ? NULL : domain_xml(&domain, &place, problem);
    if (!error && !xml)
        error = -EOPNOTSUPP;
    virDomainPtr made = xml ? virDomainDefineXML(host, xml) : NULL;
    if (xml && !made)
        error = verb_problem(problem, "the guest cannot be defined");
    if (made)
        virDomainFree(made);
    virConnectClose(host);
    return error;
}

static int
verb_start(const json_t *request, json_t *answer, int stream, char **problem)
{
    AUTO_GUEST Guest guest;
    int error = guest_must(request, &guest, problem);

    if (error || guest_state(guest.domain) == HYPERVISOR_RUNNING)
        return error;
    if (guest_state(guest.domain) == HYPERVISOR_PAUSED)
        return virDomainResume(guest.domain) == 0 ? 0 : verb_problem(problem, "no resume");
    return virDomainCreate(guest.domain) == 0
               ? 0
               : verb_problem(problem, "the guest cannot be started");
}

static int
verb_shutdown(const json_t *request, json_t *answer, int stream, char **problem)
{
    AUTO_GUEST Guest guest;
    int error = guest_must(request, &guest, problem);

    if (error || guest_state(guest.domain) != HYPERVISOR_RUNNING)
        return error;
    return virDomainShutdown(guest.domain) == 0
               ? 0
               : verb_problem(problem, "the guest cannot be asked to shut down");
}

static int
verb_reboot(const json_t *request, json_t *answer, int stream, char **problem)
{
    AUTO_GUEST Guest guest;
    int error = guest_must(request, &guest, problem);

    if (error)
        return error;
    return virDomainReboot(guest.domain, VIR_DOMAIN_REBOOT_DEFAULT) == 0
               ? 0
               : verb_problem(problem, "the guest cannot be asked to boot again");
}

static int
verb_reset(const json_t *request, json_t *answer, int stream, char **problem)
{
    AUTO_GUEST Guest guest;
    int error = guest_must(request, &guest, problem);

    if (error)
        return error;
    return virDomainReset(guest.domain, 0) == 0
               ? 0
               : verb_problem(problem, "the guest cannot be reset");
}

static int
end_guest(const Guest *guest, char **problem)
{
    if (is_off(guest->domain) || virDomainDestroy(guest->domain) == 0 || is_off(guest->domain))
        return 0;
    return verb_problem(problem, "the guest cannot be ended");
}

static int
verb_destroy(const json_t *request, json_t *answer, int stream, char **problem)
{
    AUTO_GUEST Guest guest;
    int error = guest_open(request, &guest, problem);

    return error ? error : end_guest(&guest, problem);
}

static int
remove_folder(const char *id, char **problem)
{
    static const char *const files[] = {"config.iso", "nvram.fd", "console.log", "vnc.sock"};
    AUTO_FREE char *folder = str_format("%s/servers/%s", agent_data(), id);

    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        AUTO_FREE char *path = str_format("%s/%s", folder, files[i]);
        unlink(path);
    }
    if (rmdir(folder) != 0 && errno != ENOENT)
        return agent_problem(problem, -errno, "cannot remove %s: %s", folder, strerror(errno));
    return 0;
}

static int
verb_remove(const json_t *request, json_t *answer, int stream, char **problem)
{
    AUTO_GUEST Guest guest;
    int error = guest_open(request, &guest, problem);

    if (!error)
        error = end_guest(&guest, problem);
    if (!error && guest.domain &&
        virDomainUndefineFlags(guest.domain, VIR_DOMAIN_UNDEFINE_NVRAM) != 0)
        error = verb_problem(problem, "the guest cannot be removed");
    if (!error)
        error = remove_folder(guest.id, problem);
    guest_close(&guest);
    guest = (Guest){0};
    /* With its last guest the daemon goes too; the next guest starts it again. */
    if (!error)
        daemon_end_unused();
    return error;
}

static int
verb_state(const json_t *request, json_t *answer, int stream, char **problem)
{
    AUTO_GUEST Guest guest;
    int error = guest_open(request, &guest, problem);

    if (!error)
        json_object_set_new(answer, "state", json_integer(guest_state(guest.domain)));
    return error;
}

static int
verb_list(const json_t *request, json_t *answer, int stream, char **problem)
{
    virDomainPtr *all = NULL;
    int error;

    if (!daemon_has_guests()) {
        json_object_set_new(answer, "guests", json_object());
        return 0;
    }
    virConnectPtr host = open_host(problem, &error);
    if (!host)
        return error;
    int count = virConnectListAllDomains(host, &all, 0);
    json_t *guests = json_object();
    for (int i = 0; i < count; i++) {
        json_object_set_new(guests, virDomainGetName(all[i]), json_integer(guest_state(all[i])));
        virDomainFree(all[i]);
    }
    free(all);
    json_object_set_new(answer, "guests", guests);
    error = count < 0 ? verb_problem(problem, "guests cannot be listed") : 0;
    virConnectClose(host);
    return error;
}

/* The XML of the one device of the request, checked; NULL with *problem. A disk that is attached
 * becomes the guest's. */
static char *
device_of(const json_t *request, bool give, int *error, char **problem)
{
    const json_t *disk = json_object_get(request, "disk");
    long long slot = json_number(request, "slot", 0);
    DomainHost place;
    DomainDisk read_disk;
    DomainNic read_nic;

    probe_read(&place);
    if (!disk) {
        *error = domain_read_nic(json_object_get(request, "nic"), &read_nic, problem);
        return *error ? NULL : domain_nic_xml(&read_nic);
    }
    *error = domain_read_disk(disk, &read_disk, problem);
    if (!*error && give && (slot < 1 || slot > DOMAIN_SLOTS))
        *error = agent_problem(problem, -EINVAL, "slot %lld is out of range", slot);
    if (!*error && give)
        *error = give_volume(read_disk.volume, (int) slot, problem);
    return *error ? NULL : domain_disk_xml(&place, &read_disk, 0);
}

/* Whether the guest has the device, as it runs or as it is defined (live: false): its volume or its
 * MAC is in that XML. */
static bool
has_device(const Guest *guest, const json_t *request, bool live)
{
    const json_t *disk = json_object_get(request, "disk");
    const char *mark = disk ? json_text(disk, "volume", "")
                            : json_text(json_object_get(request, "nic"), "mac", "");
    char *xml = virDomainGetXMLDesc(guest->domain, live ? 0 : VIR_DOMAIN_XML_INACTIVE);
    bool found = xml && strstr(xml, mark);

    free(xml);
    return found;
}

/* The flags of what has it (or, wanted: false, has not) and is to change; 0 where nothing is. */
static unsigned
reach(const Guest *guest, const json_t *request, bool wanted)
{
    unsigned flags = 0;

    if (has_device(guest, request, false) == wanted)
        flags |= VIR_DOMAIN_AFFECT_CONFIG;
    if (!is_off(guest->domain) && has_device(guest, request, true) == wanted)
        flags |= VIR_DOMAIN_AFFECT_LIVE;
    return flags;
}

static int
verb_attach(const json_t *request, json_t *answer, int stream, char **problem)
{
    AUTO_GUEST Guest guest;
    int error = guest_must(request, &guest, problem);
    AUTO_FREE char *xml = error ? NULL : device_of(request, true, &error, problem);

    unsigned flags = error ? 0 : reach(&guest, request, false);

    if (!flags)
        return error;
    return virDomainAttachDeviceFlags(guest.domain, xml, flags) == 0
               ? 0
               : verb_problem(problem, "the device cannot be attached");
}

static int
verb_detach(const json_t *request, json_t *answer, int stream, char **problem)
{
    AUTO_GUEST Guest guest;
    int error = guest_must(request, &guest, problem);
    AUTO_FREE char *xml = error ? NULL : device_of(request, false, &error, problem);

    unsigned flags = error ? 0 : reach(&guest, request, true);

    if (!flags)
        return error;
    /* The guest is asked to let go; libvirt refuses to ask while it has been asked. */
    if (virDomainDetachDeviceFlags(guest.domain, xml, flags) != 0 &&
        !(flags & VIR_DOMAIN_AFFECT_LIVE))
        return verb_problem(problem, "the device cannot be detached");
    return reach(&guest, request, true)
               ? agent_problem(problem, -EAGAIN, "the server has not let go of the device")
               : 0;
}

static int
verb_resize(const json_t *request, json_t *answer, int stream, char **problem)
{
    AUTO_GUEST Guest guest;
    DomainDisk disk;
    long long size = json_number(request, "size_gb", 0);
    int error = guest_must(request, &guest, problem);

    if (!error)
        error = domain_read_disk(json_object_get(request, "disk"), &disk, problem);
    if (!error && (size < 1 || size > 1 << 16))
        error = agent_problem(problem, -EINVAL, "%lld GB is no size of a disk", size);
    if (error)
        return error;
    return virDomainBlockResize(guest.domain, disk.device, (unsigned long long) size << 30,
                                VIR_DOMAIN_BLOCK_RESIZE_BYTES) == 0
               ? 0
               : verb_problem(problem, "the disk cannot grow");
}

#define PICTURE_MOST ((size_t) 2900 * 1024) /* as base64 it fits into the agent's answer */

static int
take_bytes(virStreamPtr stream, const char *bytes, size_t length, void *context)
{
    Buffer *picture = context;

    if (picture->length + length > PICTURE_MOST)
        return -1;
    buffer_add(picture, bytes, length);
    return (int) length;
}

static int
verb_screenshot(const json_t *request, json_t *answer, int frames, char **problem)
{
    AUTO_GUEST Guest guest;
    int error = guest_must(request, &guest, problem);
    Buffer picture = {0};

    if (error)
        return error;
    virStreamPtr stream = virStreamNew(guest.host, 0);
    char *type = virDomainScreenshot(guest.domain, stream, 0, 0);
    if (!type || virStreamRecvAll(stream, take_bytes, &picture) != 0)
        error = verb_problem(problem, "no picture of the screen can be taken");
    else
        virStreamFinish(stream);
    free(type);
    virStreamFree(stream);
    if (!error) {
        AUTO_FREE char *text = base64_text(picture.text, picture.length);
        json_put_text(answer, "picture", text);
    }
    buffer_done(&picture);
    return error;
}

static int
verb_console(const json_t *request, json_t *answer, int stream, char **problem)
{
    AUTO_GUEST Guest guest;
    int error = guest_must(request, &guest, problem);
    struct stat about;

    if (error)
        return error;
    AUTO_FREE char *path = str_format("%s/servers/%s/vnc.sock", agent_data(), guest.id);
    if (guest_state(guest.domain) == HYPERVISOR_STOPPED || lstat(path, &about) != 0 ||
        !S_ISSOCK(about.st_mode))
        return agent_problem(problem, -ENOTCONN, "the server is not running");
    int place = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    AUTO_FREE char *known = str_format("/proc/self/fd/%d", place);
    if (place < 0 || fstat(place, &about) != 0 || !S_ISSOCK(about.st_mode) ||
        chown(known, (uid_t) -1, agent_group()) != 0 || chmod(known, 0770) != 0)
        error = agent_problem(problem, -EIO, "the console's socket cannot be opened");
    if (place >= 0)
        close(place);
    if (!error)
        json_put_text(answer, "path", path);
    return error;
}

void
hypervisor_register_verbs(void)
{
    agent_verb_add("hypervisor-probe", verb_probe);
    agent_verb_add("hypervisor-define", verb_define);
    agent_verb_add("hypervisor-start", verb_start);
    agent_verb_add("hypervisor-shutdown", verb_shutdown);
    agent_verb_add("hypervisor-reboot", verb_reboot);
    agent_verb_add("hypervisor-reset", verb_reset);
    agent_verb_add("hypervisor-destroy", verb_destroy);
    agent_verb_add("hypervisor-remove", verb_remove);
    agent_verb_add("hypervisor-state", verb_state);
    agent_verb_add("hypervisor-list", verb_list);
    agent_verb_add("hypervisor-attach", verb_attach);
    agent_verb_add("hypervisor-detach", verb_detach);
    agent_verb_add("hypervisor-screenshot", verb_screenshot);
    agent_verb_add("hypervisor-console", verb_console);
    agent_verb_add("hypervisor-resize", verb_resize);
    verbs_add_inside();
    verbs_add_snapshots();
}
