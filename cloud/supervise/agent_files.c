/*
 * agent_files.c: trees of files for the agent: copied (shared blocks where the file system can),
 * given to a user, measured, removed. Works with descriptors relative to their folder and never
 * follows a symbolic link, since what is inside an instance's folder belongs to somebody else.
 */
#include "base/memory.h"
#include "supervise/agent_internal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define DEPTH_LIMIT 32

static int
open_folder(int parent, const char *name)
{
    return openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static bool
is_dots(const char *name)
{
    return !strcmp(name, ".") || !strcmp(name, "..");
}

/* The copy shares blocks where it can; otherwise the kernel copies. */
static int
copy_bytes(int in, int out, off_t length)
{
    char buffer[65536];

    if (ioctl(out, FICLONE, in) == 0)
        return 0;
    while (length > 0) {
        ssize_t moved = copy_file_range(in, NULL, out, NULL, (size_t) length, 0);
        if (moved <= 0)
            break;
        length -= moved;
    }
    while (length > 0) { /* file systems between which the kernel will not copy */
        ssize_t got = read(in, buffer, sizeof(buffer));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got < 0 ? -errno : 0;
        for (ssize_t done = 0; done < got;) {
            ssize_t put = write(out, buffer + done, (size_t) (got - done));
            if (put < 0 && errno == EINTR)
                continue;
            if (put < 0)
                return -errno;
            done += put;
        }
        length -= got;
    }
    return 0;
}

static int
copy_file(int from, int to, const char *name, const struct stat *about, uid_t owner)
{
    int in = openat(from, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    int out = in < 0 ? -1
                     : openat(to, name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC,
                              about->st_mode & 0777);
    int error = out < 0 ? -errno : copy_bytes(in, out, about->st_size);

    if (!error && fchown(out, owner, owner) != 0 && geteuid() == 0)
        error = -errno;
    if (in >= 0)
        close(in);
    if (out >= 0 && close(out) != 0 && !error)
        error = -errno;
    return error;
}

static int copy_folder(int from, int to, uid_t owner, int depth);

static int
copy_entry(int from, int to, const char *name, uid_t owner, int depth)
{
    struct stat about;
    int inner_from, inner_to, error;

    if (fstatat(from, name, &about, AT_SYMLINK_NOFOLLOW) != 0)
        return -errno;
    if (S_ISREG(about.st_mode))
        return copy_file(from, to, name, &about, owner);
    if (!S_ISDIR(about.st_mode))
        return 0; /* sockets and links do not belong into a copy */
    if (mkdirat(to, name, about.st_mode & 0777) != 0 && errno != EEXIST)
        return -errno;
    inner_from = open_folder(from, name);
    inner_to = open_folder(to, name);
    error = inner_from < 0 || inner_to < 0 ? -errno : 0;
    if (!error)
        error = copy_folder(inner_from, inner_to, owner, depth + 1);
    if (!error && fchown(inner_to, owner, owner) != 0 && geteuid() == 0)
        error = -errno;
    if (inner_from >= 0)
        close(inner_from);
    if (inner_to >= 0)
        close(inner_to);
    return error;
}

static int
copy_folder(int from, int to, uid_t owner, int depth)
{
    int again = dup(from), error = 0;
    DIR *entries = again < 0 ? NULL : fdopendir(again);

    if (!entries || depth > DEPTH_LIMIT)
        return entries ? -ELOOP : -errno;
    for (struct dirent *entry; !error && (entry = readdir(entries));)
        if (!is_dots(entry->d_name))
            error = copy_entry(from, to, entry->d_name, owner, depth);
    closedir(entries);
    return error;
}

int
files_copy_tree(const char *from, const char *to, uid_t owner, char **problem)
{
    AUTO_FREE char *beside = str_format("%s.new", to);
    int source, target, error = files_remove_tree(beside, problem);

    if (error)
        return error;
    target = paths_make_folder(beside, 0700);
    if (target < 0)
        return agent_problem(problem, -errno, "cannot make %s: %s", beside, strerror(errno));
    source = paths_open_folder(from);
    error = source < 0 ? -errno : copy_folder(source, target, owner, 0);
    if (!error && fchown(target, owner, owner) != 0 && geteuid() == 0)
        error = -errno;
    /* One call instead of one a file: what PostgreSQL is started on must outlive a power cut. */
    if (!error && syncfs(target) != 0)
        error = -errno;
    if (source >= 0)
        close(source);
    close(target);
    if (!error)
        error = paths_rename(beside, to);
    return error ? agent_problem(problem, error, "cannot copy %s to %s: %s", from, to,
                                 strerror(-error))
                 : 0;
}

/* Calls back for each entry, folders after what is in them. */
typedef int (*EntryVisit)(int folder, const char *name, const struct stat *about, void *context);

static int
walk(int folder, int depth, EntryVisit visit, void *context)
{
    int again = dup(folder), error = 0;
    DIR *entries = again < 0 ? NULL : fdopendir(again);

    if (!entries || depth > DEPTH_LIMIT)
        return entries ? -ELOOP : -errno;
    for (struct dirent *entry; !error && (entry = readdir(entries));) {
        struct stat about;

        if (is_dots(entry->d_name))
            continue;
        if (fstatat(folder, entry->d_name, &about, AT_SYMLINK_NOFOLLOW) != 0) {
            error = errno == ENOENT ? 0 : -errno;
            continue;
        }
        if (S_ISDIR(about.st_mode)) {
            int inner = open_folder(folder, entry->d_name);
            error =
                inner < 0 ? (errno == ENOENT ? 0 : -errno) : walk(inner, depth + 1, visit, context);
            if (inner >= 0)
                close(inner);
        }
        if (!error)
            error = visit(folder, entry->d_name, &about, context);
    }
    closedir(entries);
    return error;
}

static int
visit_remove(int folder, const char *name, const struct stat *about, void *context)
{
    return unlinkat(folder, name, S_ISDIR(about->st_mode) ? AT_REMOVEDIR : 0) != 0 &&
                   errno != ENOENT
               ? -errno
               : 0;
}

int
files_remove_tree(const char *path, char **problem)
{
    int folder = paths_open_folder(path), error = 0;

    if (folder < 0 && errno == ENOENT)
        return 0;
    /* A server that was just ended may still be making a file: look again a few times. */
    for (int attempt = 0; folder >= 0 && attempt < 5; attempt++) {
        error = walk(folder, 0, visit_remove, NULL);
        if (!error)
            error = paths_unlink(path, AT_REMOVEDIR);
        if (error != -ENOTEMPTY)
            break;
    }
    if (folder < 0)
        error = -errno;
    else
        close(folder);
    return error ? agent_problem(problem, error, "cannot remove %s: %s", path, strerror(-error))
                 : 0;
}

static int
visit_own(int folder, const char *name, const struct stat *about, void *context)
{
    uid_t owner = *(uid_t *) context;

    /* A file with a second name might be somebody else's. */
    if (!S_ISDIR(about->st_mode) && about->st_nlink > 1)
        return -EMLINK;
    return fchownat(folder, name, owner, owner, AT_SYMLINK_NOFOLLOW) != 0 ? -errno : 0;
}

int
files_own_tree(const char *path, uid_t owner, char **problem)
{
    int folder = paths_open_folder(path);
    int error = folder < 0 ? -errno : 0;

    if (!error && geteuid() == 0)
        error = walk(folder, 0, visit_own, &owner);
    if (!error && geteuid() == 0 && fchown(folder, owner, owner) != 0)
        error = -errno;
    if (folder >= 0)
        close(folder);
    return error ? agent_problem(problem, error, "cannot give %s to its user: %s", path,
                                 strerror(-error))
                 : 0;
}

static int
visit_size(int folder, const char *name, const struct stat *about, void *context)
{
    *(long long *) context += (long long) about->st_blocks * 512;
    return 0;
}

long long
files_bytes_of_tree(const char *path)
{
    int folder = paths_open_folder(path);
    long long total = 0;

    if (folder >= 0) {
        walk(folder, 0, visit_size, &total);
        close(folder);
    }
    return total;
}

int
files_make_folder(const char *path, mode_t mode, uid_t owner, gid_t group, char **problem)
{
    int folder = paths_make_folder(path, mode), error = 0;

    if (folder < 0)
        return agent_problem(problem, -errno, "cannot make %s: %s", path, strerror(errno));
    if (!error && geteuid() == 0 && fchown(folder, owner, group) != 0)
        error = -errno;
    if (!error && fchmod(folder, mode) != 0)
        error = -errno;
    close(folder);
    return error ? agent_problem(problem, error, "cannot set up %s: %s", path, strerror(-error))
                 : 0;
}

int
files_write(const char *path, mode_t mode, uid_t owner, const char *content, char **problem)
{
    AUTO_FREE char *beside = str_format("%s.new", path);
    size_t length = strlen(content);
    int error = 0;

    paths_unlink(beside, 0);
    int file = paths_open(beside, O_WRONLY | O_CREAT | O_EXCL, mode);
    if (file < 0)
        return agent_problem(problem, -errno, "cannot write %s: %s", beside, strerror(errno));
    if (write(file, content, length) != (ssize_t) length || fchmod(file, mode) != 0 ||
        (geteuid() == 0 && fchown(file, owner, owner) != 0) || fsync(file) != 0)
        error = errno ? -errno : -EIO;
    close(file);
    if (!error)
        error = paths_rename(beside, path);
    return error ? agent_problem(problem, error, "cannot write %s: %s", path, strerror(-error)) : 0;
}

char *
files_read(const char *path, size_t limit)
{
    int file = paths_open(path, O_RDONLY | O_NONBLOCK, 0);
    struct stat about;
    char *content = NULL;

    if (file < 0)
        return NULL;
    if (fstat(file, &about) == 0 && S_ISREG(about.st_mode)) {
        size_t room = (size_t) about.st_size < limit ? (size_t) about.st_size : limit, have = 0;
        content = mem_new(room + 1, 1);
        while (have < room) {
            ssize_t got = read(file, content + have, room - have);
            if (got < 0 && errno == EINTR)
                continue;
            if (got <= 0)
                break;
            have += (size_t) got;
        }
    } else {
        errno = EINVAL;
    }
    close(file);
    return content;
}
