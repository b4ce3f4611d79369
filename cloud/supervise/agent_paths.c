/*
 * agent_paths.c: how the agent reaches every path below the data directory: from that directory's
 * descriptor, component by component, with no symbolic link on the way and none at the end.
 *
 * The directory belongs to the service's user and parts of what is in it to tenants' users, so that
 * any component may be replaced by a link at any time; what is opened here is held, and acted upon
 * by its descriptor.
 */
#include "base/memory.h"
#include "supervise/agent_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

bool paths_without_openat2;

/* By hand, where the kernel (before 5.6) or a filter of system calls has no openat2. */
static int
walk(int folder, const char *rest, int flags, mode_t mode)
{
    AUTO_FREE char *text = str_copy(rest);
    int at = dup(folder);

    for (char *saved = NULL, *name = strtok_r(text, "/", &saved); at >= 0 && name;) {
        char *next = strtok_r(NULL, "/", &saved);
        int inner = -1;

        if (strcmp(name, "..") == 0)
            errno = EXDEV;
        else
            inner = next ? openat(at, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
                         : openat(at, name, flags | O_NOFOLLOW | O_CLOEXEC, mode);
        int error = errno;
        close(at);
        /* A link in the middle is no folder: the same word for it as openat2 has. */
        errno = inner < 0 && next && error == ENOTDIR ? ELOOP : error;
        at = inner;
        name = next;
    }
    return at;
}

static int
open_below(int folder, const char *rest, int flags, mode_t mode)
{
    struct open_how how = {.flags = (unsigned) (flags | O_NOFOLLOW | O_CLOEXEC),
                           .mode = flags & O_CREAT ? mode : 0,
                           .resolve =
                               RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS};

    if (!paths_without_openat2) {
        for (int attempt = 0; attempt < 100; attempt++) {
            int file = (int) syscall(SYS_openat2, folder, rest, &how, sizeof(how));
            if (file >= 0 || (errno != EAGAIN && errno != ENOSYS && errno != EPERM))
                return file;
            if (errno != EAGAIN)
                break;
        }
    }
    return walk(folder, rest, flags, mode);
}

/* What of the path is below the data directory; NULL: it is not. */
static const char *
below(const char *path)
{
    size_t length = strlen(agent_places.data);

    while (length > 1 && agent_places.data[length - 1] == '/')
        length--;
    if (strncmp(path, agent_places.data, length) != 0 || path[length] != '/')
        return NULL;
    path += length;
    return path + strspn(path, "/");
}

int
paths_open(const char *path, int flags, mode_t mode)
{
    const char *rest = below(path);
    int folder, file, error;

    if (!rest || !*rest) {
        errno = EXDEV;
        return -1;
    }
    /* Where the data directory is, its owner has decided: links on the way to it are his. */
    folder = open(agent_places.data, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0)
        return -1;
    file = open_below(folder, rest, flags, mode);
    error = errno;
    close(folder);
    errno = error;
    return file;
}

int
paths_open_folder(const char *path)
{
    return paths_open(path, O_RDONLY | O_DIRECTORY, 0);
}

int
paths_parent(const char *path, const char **name)
{
    const char *slash = strrchr(path, '/');
    AUTO_FREE char *parent = str_copy_n(path, slash ? (size_t) (slash - path) : 0);

    if (!slash || !slash[1] || strcmp(slash + 1, "..") == 0) {
        errno = EINVAL;
        return -1;
    }
    *name = slash + 1;
    /* The data directory itself, and what stands right in it. */
    if (strcmp(path, agent_places.data) == 0 || strcmp(parent, agent_places.data) == 0)
        return open(*parent ? parent : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    return paths_open(parent, O_PATH | O_DIRECTORY, 0);
}

bool
paths_exists(const char *path)
{
    const char *name;
    struct stat about;
    int folder = paths_parent(path, &name);
    bool found = folder >= 0 && fstatat(folder, name, &about, AT_SYMLINK_NOFOLLOW) == 0;

    if (folder >= 0)
        close(folder);
    return found;
}

int
paths_unlink(const char *path, int flags)
{
    const char *name;
    int folder = paths_parent(path, &name);
    int error = folder < 0 || unlinkat(folder, name, flags) != 0 ? -errno : 0;

    if (folder >= 0)
        close(folder);
    return error;
}

int
paths_rename(const char *from, const char *to)
{
    const char *old, *new;
    int source = paths_parent(from, &old), error = source < 0 ? -errno : 0;
    int target = error ? -1 : paths_parent(to, &new);

    if (!error && (target < 0 || renameat(source, old, target, new) != 0))
        error = -errno;
    if (source >= 0)
        close(source);
    if (target >= 0)
        close(target);
    return error;
}

int
paths_make_folder(const char *path, mode_t mode)
{
    const char *name;
    int parent = paths_parent(path, &name), folder = -1, error = 0;

    if (parent < 0 || (mkdirat(parent, name, mode) != 0 && errno != EEXIST))
        error = errno;
    else if ((folder = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)) < 0)
        error = errno == ENOTDIR ? ELOOP : errno;
    if (parent >= 0)
        close(parent);
    errno = error;
    return folder;
}
