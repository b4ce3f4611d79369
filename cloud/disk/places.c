/*
 * places.c: paths, locks and folders of the verbs; see places.h.
 */
#include "disk/places.h"

#include "base/memory.h"
#include "disk/disk.h"
#include "disk/sandbox.h"
#include "supervise/agent_verb.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool
disk_id_is_sound(const char *id)
{
    if (strlen(id) != 36)
        return false;
    for (int i = 0; i < 36; i++)
        if (i == 8 || i == 13 || i == 18 || i == 23 ? id[i] != '-'
                                                    : !strchr("0123456789abcdef", id[i]))
            return false;
    return true;
}

const char *
disk_id_of(const json_t *request, const char *key, char **problem)
{
    const char *id = json_text(request, key, "");

    if (disk_id_is_sound(id))
        return id;
    agent_problem(problem, -EINVAL, "\"%.60s\" is no id", id);
    return NULL;
}

char *
disk_image_path(const char *id)
{
    return str_format("%s/images/%s.qcow2", agent_data(), id);
}

char *
disk_volume_path(const char *id)
{
    return str_format("%s/volumes/%s.qcow2", agent_data(), id);
}

char *
disk_work_path(const char *kind, const char *id)
{
    /* Beside <data>/images, which is closed to the sandbox's user. */
    return str_format("%s/work/%s/%s", agent_data(), kind, id);
}

uid_t
disk_user(void)
{
    return agent_has_root() ? SANDBOX_UID : agent_user();
}

/* A byte of one file stands for an id, so that no lock files are left. Two ids with the same byte
 * wait for each other, which is harmless. */
int
disk_lock(const char *id, char **problem)
{
    AUTO_FREE char *path = str_format("%s/volumes/lock", agent_data());
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1};
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

    lock.l_start = (off_t) (strtoull(id, NULL, 16) & 0x7fffffff);
    while (file >= 0 && fcntl(file, F_OFD_SETLKW, &lock) != 0)
        if (errno != EINTR) {
            close(file);
            file = -1;
        }
    /* The descriptor stays open until the verb's process ends. */
    return file < 0 ? agent_problem(problem, -errno, "cannot lock %s: %s", path, strerror(errno))
                    : 0;
}

static int
remove_entries(int folder, int depth)
{
    DIR *entries = fdopendir(dup(folder));
    int error = 0;

    if (!entries || depth > 4) {
        if (entries)
            closedir(entries);
        return -ELOOP;
    }
    for (struct dirent *entry; !error && (entry = readdir(entries));) {
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
            continue;
        if (unlinkat(folder, entry->d_name, 0) == 0 || errno == ENOENT)
            continue;
        int inner = openat(folder, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        error = inner < 0 ? -errno : remove_entries(inner, depth + 1);
        if (inner >= 0)
            close(inner);
        if (!error && unlinkat(folder, entry->d_name, AT_REMOVEDIR) != 0 && errno != ENOENT)
            error = -errno;
    }
    closedir(entries);
    return error;
}

int
disk_folder_remove(const char *path, char **problem)
{
    int folder = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), error;

    if (folder < 0)
        return errno == ENOENT
                   ? 0
                   : agent_problem(problem, -errno, "cannot open %s: %s", path, strerror(errno));
    error = remove_entries(folder, 0);
    close(folder);
    if (!error && rmdir(path) != 0 && errno != ENOENT)
        error = -errno;
    return error ? agent_problem(problem, error, "cannot remove %s: %s", path, strerror(-error))
                 : 0;
}

int
disk_work_new(const char *kind, const char *id, uid_t user, char **path, char **problem)
{
    *path = disk_work_path(kind, id);
    int error = disk_folder_remove(*path, problem);

    if (error)
        return error;
    if (mkdir(*path, 0700) != 0 || (agent_has_root() && chown(*path, user, (gid_t) -1) != 0))
        return agent_problem(problem, -errno, "cannot make %s: %s", *path, strerror(errno));
    return 0;
}

int
disk_settle_file(
    const char *from, const char *to, uid_t user, gid_t group, mode_t mode, char **problem)
{
    struct stat about;
    int file = open(from, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK), error = 0;

    if (file < 0)
        return agent_problem(problem, -errno, "cannot open %s: %s", from, strerror(errno));
    if (fstat(file, &about) != 0 || !S_ISREG(about.st_mode) || about.st_nlink != 1)
        error = -EINVAL;
    else if ((agent_has_root() && fchown(file, user, group) != 0) || fchmod(file, mode) != 0 ||
             fsync(file) != 0)
        error = -errno;
    close(file);
    if (!error && rename(from, to) != 0)
        error = -errno;
    return error ? agent_problem(problem, error, "cannot put %s into its place: %s", to,
                                 strerror(-error))
                 : 0;
}

/* ---- Folders, and what is there ---- */

static int
make_folder(const char *name, mode_t mode, uid_t user, gid_t group, char **problem)
{
    AUTO_FREE char *path = str_format("%s/%s", agent_data(), name);

    if ((mkdir(path, mode) != 0 && errno != EEXIST) ||
        (agent_has_root() && lchown(path, user, group) != 0) || chmod(path, mode) != 0)
        return agent_problem(problem, -errno, "cannot make %s: %s", path, strerror(errno));
    return 0;
}

static int
verb_prepare(const json_t *request, json_t *answer, int stream, char **problem)
{
    int error = make_folder("images", 0750, 0, agent_group(), problem);

    if (!error)
        error = make_folder("work", 0711, 0, 0, problem);
    if (!error)
        error = make_folder("volumes", 0711, 0, 0, problem);
    if (!error)
        error = make_folder("work/images", 0711, 0, 0, problem);
    if (!error)
        error = make_folder("work/volumes", 0711, 0, 0, problem);
    if (!error)
        error = make_folder("import", 0755, 0, 0, problem);
    if (!error)
        error = make_folder("uploads", 0700, agent_user(), agent_group(), problem);
    return error;
}

/* Names that are ids with the suffix behind. */
static json_t *
ids_in(const char *folder, const char *suffix)
{
    AUTO_FREE char *path = str_format("%s/%s", agent_data(), folder);
    DIR *entries = opendir(path);
    json_t *ids = json_array();

    for (struct dirent *entry; entries && (entry = readdir(entries));) {
        AUTO_FREE char *id = str_copy_n(entry->d_name, strnlen(entry->d_name, 36));
        if (disk_id_is_sound(id) && strcmp(entry->d_name + 36, suffix) == 0)
            json_array_append_new(ids, json_string(id));
    }
    if (entries)
        closedir(entries);
    return ids;
}

static int
verb_list(const json_t *request, json_t *answer, int stream, char **problem)
{
    json_object_set_new(answer, "images", ids_in("images", ".qcow2"));
    json_object_set_new(answer, "volumes", ids_in("volumes", ".qcow2"));
    json_object_set_new(answer, "bases", ids_in("volumes", ".base"));
    json_object_set_new(answer, "image_work", ids_in("work/images", ""));
    json_object_set_new(answer, "volume_work", ids_in("work/volumes", ""));
    return 0;
}

void
disk_register_verbs(void)
{
    agent_verb_add("disk-prepare", verb_prepare);
    agent_verb_add("disk-list", verb_list);
    disk_image_verbs();
    disk_volume_verbs();
}
