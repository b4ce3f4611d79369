/*
 * image_build.c: the steps of an image's build, in the order of the table below; see image_build.h.
 *
 * Windows' own disc asks to press a key before it starts, and is of a format (UDF) that is not
 * rewritten here. So a second disc is made: its loader that does not ask (efisys_noprompt.bin),
 * what that loads (boot files and boot.wim, with our answers put in), drivers and installers. Setup
 * finds the system itself, install.wim, on the user's disc beside it.
 */
#include "provision/image_build.h"

#include "base/json.h"
#include "base/memory.h"
#include "base/moment.h"
#include "hypervisor/hypervisor.h"
#include "provision/disc.h"
#include "provision/unattend.h"
#include "supervise/agent.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <openssl/rand.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SLOT 59999 /* its guest's user: above those of servers, which count from 1 */
#define LOOK_SECONDS 5
#define LABEL "CASEMENT"

typedef struct Build {
    const ImageBuildWish *wish;
    const char *title, *drivers, *number; /* of windows.def */
    ImageBuildSay say;
    void *context;
    json_t *state;
    char *tree; /* what goes on the disc */
} Build;

static const struct {
    const char *system, *title, *drivers, *number;
} systems[] = {
#define WINDOWS(system, title, drivers, number) {system, title, drivers, number},
#include "provision/windows.def"
#undef WINDOWS
};

/* Where virtio-win has its drivers: disk, network, serial (guest agent), memory, random numbers. */
static const char *const drivers[] = {"viostor",   "vioscsi", "NetKVM",
                                      "vioserial", "Balloon", "viorng"};

static void tell(const Build *build, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void
tell(const Build *build, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    AUTO_FREE char *text = str_vformat(format, arguments);
    va_end(arguments);
    build->say(build->context, "", text);
}

static char *
place(const Build *build, const char *name)
{
    return str_format("%s/%s", build->wish->work, name);
}

static int
failed(char **problem, int error, const char *what, const char *path)
{
    *problem = str_format("%s %s: %s", what, path, strerror(-error));
    return error;
}

/* ---- Files ---- */

static int
remove_entry(const char *path, const struct stat *about, int kind, struct FTW *where)
{
    (void) about;
    (void) kind;
    (void) where;
    return remove(path);
}

static int
make_folders(const char *path, mode_t mode)
{
    AUTO_FREE char *copy = str_copy(path);

    for (char *slash = copy + 1; (slash = strchr(slash, '/')); *slash++ = '/') {
        *slash = '\0';
        if (mkdir(copy, 0755) != 0 && errno != EEXIST)
            return -errno;
    }
    return mkdir(path, mode) != 0 && errno != EEXIST ? -errno : 0;
}

/* mode 0600 where it holds the installation's password. */
static int
write_text(const char *path, const char *text, mode_t mode, char **problem)
{
    AUTO_FREE char *fresh = str_format("%s.new", path);
    int file = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);
    size_t length = strlen(text);

    if (file < 0)
        return failed(problem, -errno, "cannot write", path);
    bool written = write(file, text, length) == (ssize_t) length && fsync(file) == 0;
    if (close(file) != 0 || !written || rename(fresh, path) != 0)
        return failed(problem, errno ? -errno : -EIO, "cannot write", path);
    return 0;
}

/* Shares the blocks where the file system can. */
static int
copy_file(const char *from, const char *to, char **problem)
{
    char *arguments[] = {"cp", "--reflink=auto",          "--sparse=auto",
                         "--", (char *) (uintptr_t) from, (char *) (uintptr_t) to,
                         NULL};
    return tool_run(arguments, NULL, problem);
}

static int
keep_state(const Build *build, char **problem)
{
    AUTO_FREE char *path = place(build, "state.json");
    AUTO_FREE char *text = json_render(build->state);

    return write_text(path, text, 0600, problem);
}

static const char *
state_text(const Build *build, const char *name)
{
    return json_text(build->state, name, "");
}

static void
random_id(char id[37])
{
    unsigned char b[16] = {0};

    if (RAND_bytes(b, sizeof(b)) != 1)
        abort();
    b[6] = (unsigned char) (0x40 | (b[6] & 15));
    b[8] = (unsigned char) (0x80 | (b[8] & 63));
    snprintf(id, 37, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0],
             b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13],
             b[14], b[15]);
}

/* ---- check: everything that is missing, at once ---- */

static void
want_file(Buffer *missing, const char *path, const char *what, const char *where)
{
    if (path && access(path, R_OK) != 0)
        buffer_format(missing, "%s %s cannot be read (%s).%s%s\n", what, path, strerror(errno),
                      *where ? " " : "", where);
}

static void
want_program(Buffer *missing, const char *path, const char *other, const char *package)
{
    if (access(path, X_OK) != 0 && (!other || access(other, X_OK) != 0))
        buffer_format(missing, "%s is missing: apt-get install %s\n", strrchr(path, '/') + 1,
                      package);
}

static int
check(Build *build, char **problem)
{
    const ImageBuildWish *wish = build->wish;
    Buffer missing = {0};

    want_file(&missing, wish->iso, "The installation disc",
              "Microsoft offers evaluations for download; a licence comes with its own.");
    want_file(&missing, wish->virtio_iso, "The disc of drivers",
              "Fedora publishes virtio-win.iso.");
    want_file(&missing, wish->cloudbase_init, "The installer of Cloudbase-Init", "");
    want_file(&missing, wish->guest_agent, "The installer of the guest agent", "");
    want_program(&missing, "/usr/bin/wimlib-imagex", NULL, "wimtools");
    want_program(&missing, "/usr/bin/xorriso", NULL, "xorriso");
    if (!wish->prepare_only) {
        want_program(&missing, "/usr/bin/qemu-system-x86_64", NULL, "qemu-system-x86");
        want_program(&missing, "/usr/bin/qemu-img", NULL, "qemu-utils");
        want_program(&missing, "/usr/sbin/libvirtd", NULL,
                     "libvirt-daemon libvirt-daemon-driver-qemu");
        if (access("/usr/share/OVMF/OVMF_CODE_4M.fd", R_OK) != 0)
            buffer_add_text(&missing, "The UEFI firmware is missing: apt-get install ovmf\n");
        if (geteuid() != 0)
            buffer_add_text(&missing,
                            "Guests run as users of their own, which takes root to begin: run "
                            "it as root, or with --prepare-only.\n");
    }
    if (!wish->virtio_iso)
        tell(build,
             "without --virtio-iso Setup sees no disk, unless the installation disc has drivers "
             "of its own");
    if (!wish->cloudbase_init)
        tell(build,
             "without --cloudbase-init the image reads no ConfigDrive and posts no password");
    if (!missing.length)
        return 0;
    *problem = missing.text;
    return -ENOENT;
}

/* ---- read: the disc's boot files ---- */

static int
take(const Build *build, const char *disc, const char *list, const char *path, char **problem)
{
    AUTO_FREE char *found = disc_find(list, path);

    if (!found) {
        *problem = str_format("%s has no %s: it is no installation disc of %s for UEFI", disc, path,
                              build->title);
        return -EINVAL;
    }
    return disc_extract(disc, found, build->tree, problem);
}

/* Folders are compared by what is below them. */
static bool
has_folder(const char *list, const char *path)
{
    AUTO_FREE char *start = str_format("%s/", path);
    size_t length = strlen(start);

    for (const char *at = list; *at;) {
        if (!strncasecmp(at, start, length))
            return true;
        at += strcspn(at, "\n");
        at += *at == '\n';
    }
    return false;
}

static int
read_disc(Build *build, char **problem)
{
    static const char *const parts[] = {"efi", "boot", "sources/boot.wim"};
    AUTO_FREE char *list = NULL;
    const char *iso = build->wish->iso;
    int error = disc_list(iso, &list, problem);

    if (error)
        return error;
    AUTO_FREE char *loader = disc_find(list, "efi/microsoft/boot/efisys_noprompt.bin");
    AUTO_FREE char *system = disc_find(list, "sources/install.wim");
    AUTO_FREE char *other = disc_find(list, "sources/install.esd");
    if (!loader && !system && !other && has_folder(list, "README.TXT") == false &&
        access("/usr/bin/7zz", X_OK) != 0 && access("/usr/bin/7z", X_OK) != 0) {
        *problem =
            str_format("%s shows nothing of Windows. Its discs are of the format UDF, which needs "
                       "7-Zip to be read: apt-get install 7zip",
                       iso);
        return -ENOENT;
    }
    if (!system && !other) {
        *problem =
            str_format("%s has neither sources/install.wim nor install.esd: it is no installation "
                       "disc of Windows",
                       iso);
        return -EINVAL;
    }
    if (!loader) {
        *problem =
            str_format("%s has no efi/microsoft/boot/efisys_noprompt.bin: it cannot be started by "
                       "UEFI without a key being pressed",
                       iso);
        return -EINVAL;
    }
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]) && !error; i++)
        error = take(build, iso, list, parts[i], problem);
    json_put_text(build->state, "loader", loader);
    return error;
}

static int
check_version(Build *build, char **problem)
{
    AUTO_FREE char *wim = str_format("%s/sources/boot.wim", build->tree);
    int images = wim_images(wim, problem);

    if (images < 2) {
        if (!*problem)
            *problem = str_copy("boot.wim has no second image, which Setup is started from");
        return -EINVAL;
    }
    AUTO_FREE char *number = wim_fact(wim, 2, "Build", problem);
    AUTO_FREE char *machine = wim_fact(wim, 2, "Architecture", problem);
    if (machine && strcmp(machine, "x86_64") != 0) {
        *problem = str_format("the disc is for %s; servers here are x86_64", machine);
        return -EINVAL;
    }
    if (number && strcmp(number, build->number) != 0) {
        *problem =
            str_format("the disc is build %s of Windows, and %s is build %s: is it the right one?",
                       number, build->title, build->number);
        return -EINVAL;
    }
    tell(build, "the disc is %s, build %s", build->title, number ? number : "unknown");
    return 0;
}

/* ---- drivers ---- */

static int
read_drivers(Build *build, char **problem)
{
    AUTO_FREE char *list = NULL;
    const ImageBuildWish *wish = build->wish;
    int error = wish->virtio_iso ? disc_list(wish->virtio_iso, &list, problem) : 0, found = 0;
    AUTO_FREE char *folder = str_format("%s/$WinPEDriver$", build->tree);

    for (size_t i = 0; i < sizeof(drivers) / sizeof(drivers[0]) && list && !error; i++) {
        AUTO_FREE char *path = str_format("%s/%s/amd64", drivers[i], build->drivers);
        if (!has_folder(list, path)) {
            tell(build, "no driver %s for %s on the disc", drivers[i], build->title);
            continue;
        }
        mkdir(folder, 0755);
        error = disc_extract(wish->virtio_iso, path, folder, problem);
        found += !error;
        if (!error && !strcmp(drivers[i], "viostor"))
            json_object_set_new(build->state, "disk_driver", json_true());
    }
    if (!error && wish->virtio_iso && !json_flag(build->state, "disk_driver", false)) {
        *problem =
            str_format("%s has no viostor/%s/amd64: without the driver of disks Setup has none to "
                       "install to",
                       wish->virtio_iso, build->drivers);
        return -EINVAL;
    }
    AUTO_FREE char *agent = list ? disc_find(list, "guest-agent/qemu-ga-x86_64.msi") : NULL;
    if (!error && agent && !wish->guest_agent) {
        AUTO_FREE char *from = place(build, "from-drivers");
        AUTO_FREE char *msi = str_format("%s/%s", from, agent);
        AUTO_FREE char *target = str_format("%s/casement/guest-agent.msi", build->tree);
        AUTO_FREE char *parent = str_format("%s/casement", build->tree);
        mkdir(from, 0755);
        mkdir(parent, 0755);
        error = disc_extract(wish->virtio_iso, agent, from, problem);
        if (!error)
            error = copy_file(msi, target, problem);
    }
    if (!error && list)
        tell(build, "%d drivers are taken along", found);
    return error;
}

/* ---- answers ---- */

static bool
is_there(const Build *build, const char *name)
{
    AUTO_FREE char *path = str_format("%s/%s", build->tree, name);
    return access(path, R_OK) == 0;
}

static int
write_part(const Build *build, const char *name, const char *text, char **problem)
{
    AUTO_FREE char *path = str_format("%s/%s", build->tree, name);
    return write_text(path, text, 0600, problem);
}

/* Thrown away with the sealed image: a new one is made at each server's first start. */
static char *
random_password(void)
{
    unsigned char bytes[12];

    if (RAND_bytes(bytes, sizeof(bytes)) != 1)
        abort();
    AUTO_FREE char *text = mem_new(2 * sizeof(bytes) + 1, 1);
    for (size_t i = 0; i < sizeof(bytes); i++)
        snprintf(text + 2 * i, 3, "%02x", bytes[i]);
    return str_format("Cs-%s!", text);
}

static int
write_answers(Build *build, char **problem)
{
    const ImageBuildWish *wish = build->wish;
    AUTO_FREE char *folder = str_format("%s/casement", build->tree);
    AUTO_FREE char *image = str_format("%s %s", build->title, wish->edition);
    AUTO_WIPE char *password = random_password();
    UnattendWish answers = {.image = image,
                            .language = wish->language,
                            .product_key = wish->product_key,
                            .password = password,
                            .drivers = is_there(build, "$WinPEDriver$")};
    AUTO_WIPE char *xml = unattend_xml(&answers);
    AUTO_FREE char *sealed = unattend_sealed_xml(wish->language);
    int error = 0;

    mkdir(folder, 0755);
    if (wish->cloudbase_init) {
        AUTO_FREE char *target = str_format("%s/cloudbase-init.msi", folder);
        error = copy_file(wish->cloudbase_init, target, problem);
        if (!error)
            error = write_part(build, "casement/cloudbase-init.conf", unattend_cloudbase_settings(),
                               problem);
    }
    if (!error && wish->guest_agent) {
        AUTO_FREE char *target = str_format("%s/guest-agent.msi", folder);
        error = copy_file(wish->guest_agent, target, problem);
    }
    AUTO_FREE char *script =
        unattend_script(wish->cloudbase_init != NULL, is_there(build, "casement/guest-agent.msi"));
    if (!error)
        error = write_part(build, "Autounattend.xml", xml, problem);
    if (!error)
        error = write_part(build, "casement/unattend.xml", sealed, problem);
    return error ? error : write_part(build, "casement/setup.cmd", script, problem);
}

/* Into the system that Setup runs in, too: there it needs no letter of a drive to be found. */
static int
inject(Build *build, char **problem)
{
    AUTO_FREE char *wim = str_format("%s/sources/boot.wim", build->tree);
    AUTO_FREE char *answers = str_format("%s/Autounattend.xml", build->tree);

    chmod(wim, 0600);
    return wim_add(wim, 2, answers, "/Autounattend.xml", problem);
}

static int
burn(Build *build, char **problem)
{
    AUTO_FREE char *disc = place(build, "boot.iso");

    unlink(disc);
    int error = disc_burn(build->tree, LABEL, state_text(build, "loader"), disc, problem);
    /* It has the installation's password. */
    if (!error && chmod(disc, 0600) != 0)
        error = -errno;
    if (!error)
        nftw(build->tree, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    return error;
}

/* ---- the guest ---- */

static int
prepare_guest(Build *build, char **problem)
{
    const ImageBuildWish *wish = build->wish;
    const char *volume = state_text(build, "volume"), *server = state_text(build, "server");
    AUTO_FREE char *folder = str_format("%s/servers/%s", wish->work, server);
    AUTO_FREE char *volumes = place(build, "volumes");
    AUTO_FREE char *disk = str_format("%s/%s.qcow2", volumes, volume);
    AUTO_FREE char *size = str_format("%dG", wish->size_gb);
    AUTO_FREE char *disc = place(build, "boot.iso");
    AUTO_FREE char *boot = str_format("%s/boot.iso", folder);
    AUTO_FREE char *media = str_format("%s/media.iso", folder);
    char *arguments[] = {"qemu-img",          "create", "-q", "-f", "qcow2", "-o",
                         "lazy_refcounts=on", disk,     size, NULL};
    int error = make_folders(folder, 0770);

    if (!error)
        error = make_folders(volumes, 0711);
    if (error)
        return failed(problem, error, "cannot make", folder);
    error = access(disk, F_OK) == 0 ? 0 : tool_run(arguments, NULL, problem);
    if (!error)
        error = copy_file(disc, boot, problem);
    return error ? error : copy_file(wish->iso, media, problem);
}

static int
define_guest(const Build *build, char **problem)
{
    const ImageBuildWish *wish = build->wish;
    AUTO_JSON json_t *guest =
        json_pack("{s:s, s:i, s:i, s:i, s:b, s:s, s:b, s:b, s:b, s:[s, s], s:[{s:s, s:s}], s:[]}",
                  "id", state_text(build, "server"), "slot", SLOT, "memory_mb", wish->memory_mb,
                  "vcpus", wish->vcpus, "windows", 1, "firmware", "uefi", "secure_boot", 0, "tpm",
                  0, "config_drive", 0, "discs", "boot", "media", "disks", "volume",
                  state_text(build, "volume"), "device", "vda", "nics");

    return hypervisor_define(guest, problem);
}

static void
keep_screenshot(const Build *build)
{
    AUTO_FREE char *path = place(build, "screen.png");
    AUTO_FREE char *fresh = place(build, "screen.png.new");
    AUTO_FREE char *problem = NULL;
    unsigned char *bytes = NULL;
    size_t length = 0;

    if (hypervisor_screenshot(state_text(build, "server"), &bytes, &length, &problem) != 0)
        return;
    FILE *file = fopen(fresh, "we");
    bool written = file && fwrite(bytes, 1, length, file) == length;
    if (file && fclose(file) == 0 && written)
        rename(fresh, path);
    free(bytes);
}

/* What the guest said on its serial port since the last look; the last line that is ours is kept.
 */
static void
follow_console(const Build *build, long *seen, char **last)
{
    AUTO_FREE char *path =
        str_format("%s/servers/%s/console.log", build->wish->work, state_text(build, "server"));
    FILE *file = fopen(path, "re");
    char line[512];

    if (!file)
        return;
    fseek(file, *seen, SEEK_SET);
    while (fgets(line, sizeof(line), file)) {
        const char *said = strstr(line, "casement: ");
        if (!strchr(line, '\n'))
            break; /* the rest of it comes later */
        *seen = ftell(file);
        if (!said)
            continue;
        free(*last);
        *last = str_copy_n(said + 10, strcspn(said + 10, "\r\n"));
        *last = *last ? *last : str_copy("");
        tell(build, "the guest: %s", *last);
    }
    fclose(file);
}

static int
wait_for_end(const Build *build, char **problem)
{
    Moment end = moment_now() + (Moment) build->wish->hours * 3600 * MOMENT_SECOND;
    AUTO_FREE char *said = str_copy("nothing");
    HypervisorState state = HYPERVISOR_RUNNING;
    long seen = 0;
    int error = 0;

    while (!error && moment_now() < end) {
        error = hypervisor_state(state_text(build, "server"), &state, problem);
        follow_console(build, &seen, &said);
        if (error || state != HYPERVISOR_RUNNING)
            break;
        keep_screenshot(build);
        poll(NULL, 0, LOOK_SECONDS * 1000);
    }
    if (error)
        return error;
    if (state == HYPERVISOR_RUNNING) {
        *problem =
            str_format("the installation did not end within %d hours; %s/screen.png shows where it "
                       "is, and the same command goes on waiting",
                       build->wish->hours, build->wish->work);
        return -ETIMEDOUT;
    }
    if (strcmp(said, "sealed") != 0) {
        *problem = str_format("the guest ended before it was sealed; the last it said was: %s. "
                              "%s/screen.png is its last picture",
                              said, build->wish->work);
        return -EIO;
    }
    return 0;
}

static int
install(Build *build, char **problem)
{
    HypervisorState state;
    AUTO_JSON json_t *host = hypervisor_probe();
    int error;

    if (!json_flag(host, "available", false)) {
        *problem = str_copy("this host runs no guests; casement doctor says what is missing");
        return -EOPNOTSUPP;
    }
    if (strcmp(json_text(host, "acceleration", ""), "kvm") != 0)
        tell(build, "without KVM: %s. Windows takes hours so, where it comes to an end at all",
             json_text(host, "reason", ""));
    error = hypervisor_state(state_text(build, "server"), &state, problem);
    if (!error && state == HYPERVISOR_RUNNING)
        tell(build, "the guest of an earlier start still installs; waiting for it");
    else if (!error)
        error = define_guest(build, problem);
    if (!error && state != HYPERVISOR_RUNNING)
        error = hypervisor_start(state_text(build, "server"), problem);
    if (!error)
        tell(build, "it installs; its screen is kept in %s/screen.png", build->wish->work);
    return error ? error : wait_for_end(build, problem);
}

static int
seal(Build *build, char **problem)
{
    const ImageBuildWish *wish = build->wish;
    AUTO_FREE char *disk =
        str_format("%s/volumes/%s.qcow2", wish->work, state_text(build, "volume"));
    AUTO_FREE char *fresh = str_format("%s.new", wish->output);
    AUTO_FREE char *facts = str_format("%s.json", wish->output);
    AUTO_FREE char *min_disk = str_format("%d", wish->size_gb);
    char *check_it[] = {"qemu-img", "check", "-q", disk, NULL};
    char *convert[] = {"qemu-img", "convert", "-c", "-f",  "qcow2",
                       "-O",       "qcow2",   disk, fresh, NULL};
    int error = tool_run(check_it, NULL, problem);

    if (!error)
        error = tool_run(convert, NULL, problem);
    if (!error && rename(fresh, wish->output) != 0)
        error = failed(problem, -errno, "cannot write", wish->output);
    if (error)
        return error;
    AUTO_JSON json_t *about =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "name", wish->system, "__os_type",
                  "Windows", "__os_version", build->title, "hw_firmware_type", "uefi", "min_disk",
                  min_disk, "edition", wish->edition, "language", wish->language);
    AUTO_FREE char *text = json_render(about);
    error = write_text(facts, text, 0644, problem);
    /* Its discs are ours to take away. */
    AUTO_FREE char *folder = str_format("%s/servers/%s", wish->work, state_text(build, "server"));
    AUTO_FREE char *boot = str_format("%s/boot.iso", folder);
    AUTO_FREE char *media = str_format("%s/media.iso", folder);
    unlink(boot);
    unlink(media);
    return error ? error : hypervisor_remove(state_text(build, "server"), problem);
}

/* What is not needed any more; state.json stays and says that it is done. */
static int
clean(Build *build, char **problem)
{
    static const char *const left[] = {"servers", "volumes", "from-drivers", "boot.iso", "tree"};

    (void) problem;
    for (size_t i = 0; i < sizeof(left) / sizeof(left[0]); i++) {
        AUTO_FREE char *path = place(build, left[i]);
        nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    }
    return 0;
}

/* ---- The steps ---- */

static const struct {
    const char *name, *text;
    int (*run)(Build *build, char **problem);
    bool guest;  /* not with prepare_only */
    bool always; /* also where it was done before */
} steps[] = {
    {"check", "looking for what is needed", check, false, true},
    {"read", "reading the installation disc", read_disc, false, false},
    {"version", "comparing its version", check_version, false, false},
    {"drivers", "taking drivers", read_drivers, false, false},
    {"answers", "writing the answers", write_answers, false, false},
    {"inject", "putting the answers into boot.wim", inject, false, false},
    {"disc", "making the disc that is started from", burn, false, false},
    {"disk", "making the disk", prepare_guest, true, false},
    {"install", "installing", install, true, false},
    {"seal", "sealing the image", seal, true, false},
    {"clean", "removing what was on the way", clean, true, false},
};
#define STEPS ((int) (sizeof(steps) / sizeof(steps[0])))

static int
step_index(const char *name)
{
    for (int i = 0; i < STEPS; i++)
        if (!strcmp(steps[i].name, name))
            return i;
    return -1;
}

/* A digest of what the build is of: another disc in the same folder is another build. */
static char *
story_of(const ImageBuildWish *wish)
{
    struct stat about = {0};

    (void) stat(wish->iso, &about);
    return str_format("%s %s %lld %s %s %s %s %s %d", wish->system, wish->iso,
                      (long long) about.st_size, wish->virtio_iso ? wish->virtio_iso : "-",
                      wish->cloudbase_init ? wish->cloudbase_init : "-",
                      wish->guest_agent ? wish->guest_agent : "-", wish->edition, wish->language,
                      wish->size_gb);
}

static int
open_state(Build *build, char **problem)
{
    AUTO_FREE char *path = place(build, "state.json");
    AUTO_FREE char *story = story_of(build->wish);
    int error = make_folders(build->wish->work, 0755);
    char id[37];

    if (error)
        return failed(problem, error, "cannot make", build->wish->work);
    build->state = json_load_file(path, 0, NULL);
    if (build->state && strcmp(state_text(build, "story"), story) != 0) {
        *problem =
            str_format("%s belongs to another build (%s); remove it, or name another folder with "
                       "--work",
                       build->wish->work, state_text(build, "story"));
        return -EEXIST;
    }
    if (build->state)
        return 0;
    build->state = json_object();
    json_put_text(build->state, "story", story);
    random_id(id);
    json_put_text(build->state, "server", id);
    random_id(id);
    json_put_text(build->state, "volume", id);
    return keep_state(build, problem);
}

static int
run_steps(Build *build, char **problem)
{
    int done = step_index(state_text(build, "done")), error = 0;

    for (int i = 0; i < STEPS && !error; i++) {
        if ((i <= done && !steps[i].always) || (steps[i].guest && build->wish->prepare_only))
            continue;
        build->say(build->context, steps[i].name, steps[i].text);
        /* The tree of an attempt that was cut short is made anew. */
        if (!strcmp(steps[i].name, "read"))
            nftw(build->tree, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
        if (!strcmp(steps[i].name, "read") && mkdir(build->tree, 0700) != 0)
            return failed(problem, -errno, "cannot make", build->tree);
        error = steps[i].run(build, problem);
        if (!error && i > done) {
            json_put_text(build->state, "done", steps[i].name);
            error = keep_state(build, problem);
        }
    }
    return error;
}

int
image_build(const ImageBuildWish *wish, ImageBuildSay say, void *context, char **problem)
{
    Build build = {.wish = wish, .say = say, .context = context};
    int error = -EINVAL;

    *problem = NULL;
    for (size_t i = 0; i < sizeof(systems) / sizeof(systems[0]); i++)
        if (!strcmp(systems[i].system, wish->system)) {
            build.title = systems[i].title;
            build.drivers = systems[i].drivers;
            build.number = systems[i].number;
        }
    if (!build.title) {
        *problem = str_format(
            "\"%s\" is no system that can be built; there are windows-2016, -2019, -2022 "
            "and -2025",
            wish->system);
        return error;
    }
    build.tree = place(&build, "tree");
    error = open_state(&build, problem);
    if (!error && !wish->prepare_only && geteuid() == 0) {
        hypervisor_register_verbs();
        error = agent_start(wish->work);
    }
    if (!error)
        error = run_steps(&build, problem);
    if (error && !*problem)
        *problem = str_copy(strerror(-error));
    json_decref(build.state);
    free(build.tree);
    return error;
}
