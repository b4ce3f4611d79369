/*
 * volume_verbs.c: the agent's verbs that make, change and remove volumes' files. A volume that was
 * attached belongs to its guest's user, whose QEMU wrote it: its header is read before qemu-img may
 * follow it, and qemu-img runs as that user.
 */
#include "base/memory.h"
#include "disk/disk.h"
#include "disk/places.h"
#include "disk/sandbox.h"
#include "supervise/agent_verb.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define GB (1024LL * 1024 * 1024)
#define SIZE_MOST 65536 /* GB */
#define MEMORY (4 * GB)
#define QUICK_SECONDS 60
#define COPY_SECONDS 7200

static char *
base_folder(const char *id)
{
    return str_format("%s/volumes/%s.base", agent_data(), id);
}

int
disk_volume_check(const char *id, DiskFormat *format, uid_t *owner, char **problem)
{
    AUTO_FREE char *path = disk_volume_path(id);
    AUTO_FREE char *base = str_format("%s.base/image.qcow2", id);
    const char *why = "";
    struct stat about;
    int file = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK), error = 0;

    if (file < 0)
        return agent_problem(problem, -errno, "the volume has no file: %s", strerror(errno));
    if (fstat(file, &about) != 0 || !S_ISREG(about.st_mode) || about.st_nlink != 1)
        error = agent_problem(problem, -EINVAL, "the volume's file is none");
    else if (disk_format_read(file, about.st_size, true, format, &why) != 0)
        error = agent_problem(problem, -EINVAL, "the volume's file is damaged: %s", why);
    else if (strcmp(format->name, "qcow2") != 0 ||
             (format->backing[0] && strcmp(format->backing, base) != 0))
        error = agent_problem(problem, -EINVAL, "the volume's file names another file");
    *owner = error ? 0 : about.st_uid;
    close(file);
    /* Root's it is never; such a file was not made here. */
    if (!error && agent_has_root() && *owner == 0)
        error = agent_problem(problem, -EINVAL, "the volume's file belongs to nobody");
    return error;
}

/* qemu-img on the volume as the user that it belongs to. */
static int
on_volume(const char *id, uid_t owner, const char *const *arguments, int seconds, char **problem)
{
    AUTO_FREE char *path = disk_volume_path(id);
    AUTO_FREE char *base = base_folder(id);
    Sandbox sandbox = {.folder = "/",
                       .readable = {base, NULL},
                       .writable = {path, NULL},
                       .user = owner,
                       .memory_bytes = MEMORY,
                       .file_bytes = SIZE_MOST * GB,
                       .cpu_seconds = seconds,
                       .seconds = seconds};

    for (int i = 0; arguments[i]; i++)
        sandbox.arguments[i] = arguments[i];
    return sandbox_run(&sandbox, NULL, problem);
}

/* ---- Making one ---- */

static int
size_of(const json_t *request, long long *size_gb, char **problem)
{
    *size_gb = json_number(request, "size_gb", 0);
    return *size_gb >= 1 && *size_gb <= SIZE_MOST
               ? 0
               : agent_problem(problem, -EINVAL, "%lld GB is no volume's size", *size_gb);
}

/* A hard link of a file that stays as it is, in the folder that becomes the volume's base. */
static int
link_base(const char *from, const char *work, const char *id, char **problem)
{
    AUTO_FREE char *folder = str_format("%s/%s.base", work, id);
    AUTO_FREE char *place = str_format("%s/image.qcow2", folder);

    if (mkdir(folder, 0550) != 0 || chmod(folder, 0550) != 0 ||
        (agent_has_root() && chown(folder, disk_user(), agent_group()) != 0))
        return agent_problem(problem, -errno, "cannot make %s: %s", folder, strerror(errno));
    if (link(from, place) != 0)
        return agent_problem(problem, -errno,
                             errno == ENOENT ? "the image has no file" : "no link to the image: %s",
                             strerror(errno));
    return 0;
}

/* An empty qcow2, or one over the base. */
static int
make_empty(const char *id, const char *work, long long size_gb, bool over_base, char **problem)
{
    AUTO_FREE char *base = str_format("%s.base/image.qcow2", id);
    AUTO_FREE char *size = str_format("%lldG", size_gb);
    /* -u: the base is not opened; it is one of our own. */
    Sandbox sandbox = {.folder = work,
                       .arguments = {"create", "-q", "-f", "qcow2", "-o", "compat=1.1", NULL},
                       .writable = {work, NULL},
                       .user = disk_user(),
                       .memory_bytes = MEMORY,
                       .file_bytes = GB,
                       .cpu_seconds = QUICK_SECONDS,
                       .seconds = QUICK_SECONDS};
    int at = 6;

    if (over_base) {
        sandbox.arguments[at++] = "-u";
        sandbox.arguments[at++] = "-F";
        sandbox.arguments[at++] = "qcow2";
        sandbox.arguments[at++] = "-b";
        sandbox.arguments[at++] = base;
    }
    sandbox.arguments[at++] = "disk.qcow2";
    sandbox.arguments[at] = size;
    return sandbox_run(&sandbox, NULL, problem);
}

/* What the other volume held at the snapshot: the differences from its base are copied, the base is
 * shared. Run as the other's user, which may read it. */
static int
copy_snapshot(const char *id,
              const char *from,
              const char *snapshot,
              const char *work,
              uid_t owner,
              bool over_base,
              long long virtual_bytes,
              char **problem)
{
    AUTO_FREE char *source = disk_volume_path(from);
    AUTO_FREE char *source_base = base_folder(from);
    AUTO_FREE char *base = str_format("%s.base/image.qcow2", id);
    AUTO_FREE char *name = str_format("snapshot.name=%s", snapshot);
    Sandbox sandbox = {.folder = work,
                       .arguments = {"convert", "-U", "-f", "qcow2", "-O", "qcow2", "-l", name,
                                     "-o", "compat=1.1", NULL},
                       .readable = {source, source_base, NULL},
                       .writable = {work, NULL},
                       .user = owner,
                       .memory_bytes = MEMORY,
                       .file_bytes = virtual_bytes + virtual_bytes / 64 + (16 << 20),
                       .cpu_seconds = COPY_SECONDS,
                       .seconds = COPY_SECONDS};
    int at = 10;

    if (over_base) {
        sandbox.arguments[at++] = "-F";
        sandbox.arguments[at++] = "qcow2";
        sandbox.arguments[at++] = "-B";
        sandbox.arguments[at++] = base;
    }
    sandbox.arguments[at++] = source;
    sandbox.arguments[at] = "disk.qcow2";
    return sandbox_run(&sandbox, NULL, problem);
}

static int
make_from_snapshot(
    const json_t *request, const char *id, long long size_gb, char **work, char **problem)
{
    const char *from = disk_id_of(request, "from_volume", problem);
    const char *snapshot = from ? disk_id_of(request, "snapshot", problem) : NULL;
    DiskFormat format;
    uid_t owner;
    int error = snapshot ? disk_volume_check(from, &format, &owner, problem) : -EINVAL;

    if (!error)
        error = disk_work_new("volumes", id, owner, work, problem);
    if (!error && format.backing[0]) {
        AUTO_FREE char *base = base_folder(from);
        AUTO_FREE char *image = str_format("%s/image.qcow2", base);
        error = link_base(image, *work, id, problem);
        /* Its reader for now; its final owner comes with the first server. */
        AUTO_FREE char *folder = str_format("%s/%s.base", *work, id);
        if (!error && agent_has_root() && chown(folder, owner, agent_group()) != 0)
            error = -errno;
    }
    if (!error)
        error = copy_snapshot(id, from, snapshot, *work, owner, format.backing[0] != '\0',
                              format.virtual_bytes, problem);
    if (error)
        return error;
    AUTO_FREE char *made = str_format("%s/disk.qcow2", *work);
    AUTO_FREE char *size = str_format("%lldG", size_gb);
    Sandbox grow = {.folder = *work,
                    .arguments = {"resize", "-q", "-f", "qcow2", made, size, NULL},
                    .writable = {*work, NULL},
                    .user = owner,
                    .memory_bytes = MEMORY,
                    .file_bytes = SIZE_MOST * GB,
                    .cpu_seconds = QUICK_SECONDS,
                    .seconds = QUICK_SECONDS};
    return sandbox_run(&grow, NULL, problem);
}

static int
make_volume(const json_t *request, const char *id, long long size_gb, char **work, char **problem)
{
    const char *image =
        json_object_get(request, "image") ? disk_id_of(request, "image", problem) : "";
    int error;

    if (json_object_get(request, "from_volume"))
        return make_from_snapshot(request, id, size_gb, work, problem);
    if (!image)
        return -EINVAL;
    error = disk_work_new("volumes", id, disk_user(), work, problem);
    if (!error && *image) {
        AUTO_FREE char *path = disk_image_path(image);
        error = link_base(path, *work, id, problem);
    }
    return error ? error : make_empty(id, *work, size_gb, *image != '\0', problem);
}

/* The base first: a volume in its place is whole. */
static int
put_in_place(const char *id, const char *work, char **problem)
{
    AUTO_FREE char *made = str_format("%s/disk.qcow2", work);
    AUTO_FREE char *made_base = str_format("%s/%s.base", work, id);
    AUTO_FREE char *base = base_folder(id);
    AUTO_FREE char *place = disk_volume_path(id);
    int error = disk_folder_remove(base, problem);

    if (!error && access(made_base, F_OK) == 0 &&
        (rename(made_base, base) != 0 ||
         (agent_has_root() && lchown(base, disk_user(), agent_group()) != 0)))
        error = agent_problem(problem, -errno, "cannot put %s into its place: %s", base,
                              strerror(errno));
    return error ? error : disk_settle_file(made, place, disk_user(), agent_group(), 0660, problem);
}

static int
verb_volume_create(const json_t *request, json_t *answer, int stream, char **problem)
{
    const char *id = disk_id_of(request, "id", problem);
    AUTO_FREE char *place = id ? disk_volume_path(id) : NULL;
    AUTO_FREE char *work = NULL;
    AUTO_FREE char *unused = NULL;
    long long size_gb;
    int error = id ? disk_lock(id, problem) : -EINVAL;

    if (!error)
        error = size_of(request, &size_gb, problem);
    if (error || access(place, F_OK) == 0)
        return error;
    error = make_volume(request, id, size_gb, &work, problem);
    if (!error)
        error = put_in_place(id, work, problem);
    if (work)
        disk_folder_remove(work, &unused);
    return error;
}

static int
verb_volume_remove(const json_t *request, json_t *answer, int stream, char **problem)
{
    const char *id = disk_id_of(request, "id", problem);
    int error = id ? disk_lock(id, problem) : -EINVAL;

    if (error)
        return error;
    AUTO_FREE char *place = disk_volume_path(id);
    AUTO_FREE char *base = base_folder(id);
    AUTO_FREE char *work = disk_work_path("volumes", id);
    if (unlink(place) != 0 && errno != ENOENT)
        return agent_problem(problem, -errno, "cannot remove %s: %s", place, strerror(errno));
    error = disk_folder_remove(base, problem);
    return error ? error : disk_folder_remove(work, problem);
}

/* ---- Changing one ---- */

static int
resize(const char *id, uid_t owner, const DiskFormat *format, long long size_gb, char **problem)
{
    AUTO_FREE char *path = disk_volume_path(id);
    AUTO_FREE char *size = str_format("%lldG", size_gb);
    const char *arguments[] = {"resize", "-q", "-f", "qcow2", path, size, NULL};

    return format->virtual_bytes >= size_gb * GB
               ? 0
               : on_volume(id, owner, arguments, QUICK_SECONDS, problem);
}

static int
verb_volume_resize(const json_t *request, json_t *answer, int stream, char **problem)
{
    const char *id = disk_id_of(request, "id", problem);
    long long size_gb;
    DiskFormat format;
    uid_t owner;
    int error = id ? disk_lock(id, problem) : -EINVAL;

    if (!error)
        error = size_of(request, &size_gb, problem);
    if (!error)
        error = disk_volume_check(id, &format, &owner, problem);
    return error ? error : resize(id, owner, &format, size_gb, problem);
}

/* 1: the volume has the snapshot. */
static int
has_snapshot(const char *id, const char *snapshot, uid_t owner, char **problem)
{
    AUTO_FREE char *path = disk_volume_path(id);
    AUTO_FREE char *base = base_folder(id);
    AUTO_FREE char *output = NULL;
    Sandbox sandbox = {.folder = "/",
                       .arguments = {"snapshot", "-U", "-l", path, NULL},
                       .readable = {base, path, NULL},
                       .writable = {path, NULL},
                       .user = owner,
                       .memory_bytes = MEMORY,
                       .file_bytes = 0,
                       .cpu_seconds = QUICK_SECONDS,
                       .seconds = QUICK_SECONDS};
    int error = sandbox_run(&sandbox, &output, problem);

    return error ? error : strstr(output, snapshot) != NULL;
}

static int
snapshot_verb(const json_t *request, const char *option, bool wanted, char **problem)
{
    const char *id = disk_id_of(request, "id", problem);
    const char *snapshot = id ? disk_id_of(request, "snapshot", problem) : NULL;
    DiskFormat format;
    uid_t owner;
    int error = snapshot ? disk_lock(id, problem) : -EINVAL;

    if (!error)
        error = disk_volume_check(id, &format, &owner, problem);
    int there = error ? error : has_snapshot(id, snapshot, owner, problem);
    if (there < 0)
        return there;
    if (wanted && !there)
        return agent_problem(problem, -ENOENT, "the volume does not have this snapshot");
    if (strcmp(option, "-c") == 0 ? there : !there)
        return 0;
    AUTO_FREE char *path = disk_volume_path(id);
    const char *arguments[] = {"snapshot", "-q", option, snapshot, path, NULL};
    error = on_volume(id, owner, arguments, COPY_SECONDS, problem);
    if (error || strcmp(option, "-a") != 0)
        return error;
    /* Back then it may have been smaller. */
    error = disk_volume_check(id, &format, &owner, problem);
    return error ? error : resize(id, owner, &format, json_number(request, "size_gb", 1), problem);
}

static int
verb_snapshot_create(const json_t *request, json_t *answer, int stream, char **problem)
{
    return snapshot_verb(request, "-c", false, problem);
}

static int
verb_snapshot_remove(const json_t *request, json_t *answer, int stream, char **problem)
{
    const char *id = disk_id_of(request, "id", problem);
    AUTO_FREE char *path = id ? disk_volume_path(id) : NULL;

    if (!id)
        return -EINVAL;
    return access(path, F_OK) != 0 ? 0 : snapshot_verb(request, "-d", false, problem);
}

static int
verb_snapshot_restore(const json_t *request, json_t *answer, int stream, char **problem)
{
    return snapshot_verb(request, "-a", true, problem);
}

void
disk_volume_verbs(void)
{
    agent_verb_add("disk-volume-create", verb_volume_create);
    agent_verb_add("disk-volume-remove", verb_volume_remove);
    agent_verb_add("disk-volume-resize", verb_volume_resize);
    agent_verb_add("disk-snapshot-create", verb_snapshot_create);
    agent_verb_add("disk-snapshot-remove", verb_snapshot_remove);
    agent_verb_add("disk-snapshot-restore", verb_snapshot_restore);
}
