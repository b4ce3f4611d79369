/*
 * files.c: strings and files of the command line program; see files.h.
 */
#include "files.h"

#include "console.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void *
must_have(void *pointer)
{
    if (!pointer)
        fail("out of memory");
    return pointer;
}

char *
text_copy(const char *text)
{
    return must_have(strdup(text));
}

char *
text_format(const char *format, ...)
{
    char *text = NULL;
    va_list args;

    va_start(args, format);
    int length = vasprintf(&text, format, args);
    va_end(args);
    return must_have(length < 0 ? NULL : text);
}

void
directory_make(const char *path, mode_t mode)
{
    char *partial = text_copy(path);

    for (char *slash = strchr(partial + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(partial, 0755) != 0 && errno != EEXIST)
            fail("cannot make the directory %s: %s", partial, strerror(errno));
        *slash = '/';
    }
    if (mkdir(path, mode) != 0 && errno != EEXIST)
        fail("cannot make the directory %s: %s", path, strerror(errno));
    free(partial);
}

static void
write_fully(int file, const char *path, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t written = write(file, bytes, length);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            fail("cannot write %s: %s", path, strerror(errno));
        bytes += written;
        length -= (size_t) written;
    }
}

static void
replace_bytes(const char *path, mode_t mode, const char *bytes, size_t length)
{
    char *beside = text_format("%s.new", path);

    unlink(beside);
    int file = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (file < 0)
        fail("cannot write %s: %s", beside, strerror(errno));
    if (fchmod(file, mode) != 0)
        fail("cannot set the mode of %s: %s", beside, strerror(errno));
    write_fully(file, beside, bytes, length);
    if (fsync(file) != 0 || close(file) != 0)
        fail("cannot write %s: %s", beside, strerror(errno));
    if (rename(beside, path) != 0)
        fail("cannot put %s in place: %s", path, strerror(errno));
    free(beside);
}

void
file_replace(const char *path, mode_t mode, const char *content)
{
    replace_bytes(path, mode, content, strlen(content));
}

char *
file_content(const char *path, size_t limit, size_t *length)
{
    struct stat about;
    int file = open(path, O_RDONLY | O_CLOEXEC);

    if (file < 0)
        return NULL;
    if (fstat(file, &about) != 0 || (size_t) about.st_size > limit) {
        close(file);
        errno = EFBIG;
        return NULL;
    }
    char *content = must_have(malloc((size_t) about.st_size + 1));
    size_t have = 0;
    while (have < (size_t) about.st_size) {
        ssize_t got = read(file, content + have, (size_t) about.st_size - have);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        have += (size_t) got;
    }
    close(file);
    content[have] = '\0';
    *length = have;
    return content;
}

bool
file_copy_changed(const char *from, const char *to, mode_t mode)
{
    const size_t limit = (size_t) 512 << 20;
    struct stat source, target;
    size_t length = 0;

    if (stat(from, &source) != 0)
        fail("cannot find %s: %s", from, strerror(errno));
    /* A copy carries its source's time, so that another source (older ones too) is noticed. */
    if (lstat(to, &target) == 0 && S_ISREG(target.st_mode) && target.st_size == source.st_size &&
        target.st_mtim.tv_sec == source.st_mtim.tv_sec &&
        target.st_mtim.tv_nsec == source.st_mtim.tv_nsec)
        return false;

    char *content = file_content(from, limit, &length);
    if (!content)
        fail("cannot read %s: %s", from, strerror(errno));
    replace_bytes(to, mode, content, length);
    free(content);

    struct timespec times[2] = {source.st_atim, source.st_mtim};
    if (utimensat(AT_FDCWD, to, times, 0) != 0)
        fail("cannot set the time of %s: %s", to, strerror(errno));
    return true;
}
