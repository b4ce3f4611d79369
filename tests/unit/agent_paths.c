/*
 * agent_paths.c: the host agent's files: a symbolic link that somebody planted is never followed,
 * neither at the end of a path nor in the middle, by openat2 and without it.
 */
#include "base/memory.h"
#include "supervise/agent_internal.h"

#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static char data[] = "/tmp/casement-paths-XXXXXX", outside[] = "/tmp/casement-outside-XXXXXX";

static char *
in(const char *folder, const char *name)
{
    return str_format("%s/%s", folder, name);
}

static void
plain_paths_are_reached(void)
{
    char *problem = NULL;
    AUTO_FREE char *folder = in(data, "instances");
    AUTO_FREE char *inner = in(data, "instances/own");
    AUTO_FREE char *file = in(data, "instances/own/file");
    AUTO_FREE char *moved = in(data, "instances/moved");
    AUTO_FREE char *copy = in(data, "instances/copy");
    AUTO_FREE char *copied = in(data, "instances/copy/file");

    CHECK_INT(files_make_folder(data, 0755, geteuid(), getegid(), &problem), 0);
    CHECK_INT(files_make_folder(folder, 0711, geteuid(), getegid(), &problem), 0);
    CHECK_INT(files_make_folder(inner, 0700, geteuid(), getegid(), &problem), 0);
    CHECK_INT(files_write(file, 0600, geteuid(), "content", &problem), 0);
    AUTO_FREE char *content = files_read(file, 100);
    CHECK_STR(content, "content");
    CHECK(paths_exists(file));
    CHECK_INT(paths_rename(file, moved), 0);
    CHECK(!paths_exists(file));
    CHECK_INT(paths_rename(moved, file), 0);
    CHECK_INT(files_copy_tree(inner, copy, geteuid(), &problem), 0);
    CHECK(paths_exists(copied));
    CHECK_INT(files_remove_tree(copy, &problem), 0);
    CHECK(!paths_exists(copy));
    CHECK_INT(files_remove_tree(folder, &problem), 0);
    free(problem);
}

/* Whether all that works on the path refuses, and what is behind the link stays as it was. */
static void
refuse(const char *folder, const char *file)
{
    char *problem = NULL;
    AUTO_FREE char *secret = in(outside, "secret");
    AUTO_FREE char *other = in(data, "other");

    CHECK(paths_open(file, O_RDONLY, 0) < 0);
    CHECK_INT(errno, ELOOP);
    CHECK(paths_open(file, O_RDWR | O_CREAT, 0600) < 0);
    CHECK_INT(errno, ELOOP);
    CHECK(files_read(file, 100) == NULL);
    CHECK(files_write(file, 0600, geteuid(), "mine", &problem) < 0);
    CHECK(files_make_folder(file, 0777, geteuid(), getegid(), &problem) < 0);
    CHECK(files_remove_tree(folder, &problem) < 0);
    CHECK(files_own_tree(folder, geteuid(), &problem) < 0);
    CHECK_INT(files_bytes_of_tree(folder), 0);
    CHECK(files_copy_tree(folder, other, geteuid(), &problem) < 0);
    AUTO_FREE char *begun = in(data, "other.new"); /* of the copy, for the next one to remove */
    CHECK_INT(files_remove_tree(begun, &problem), 0);
    CHECK(paths_unlink(file, 0) < 0);
    CHECK(paths_rename(file, other) < 0);
    CHECK(!paths_exists(file));
    int content = open(secret, O_RDONLY);
    char text[16] = "";
    CHECK(read(content, text, sizeof(text) - 1) == 6);
    CHECK_STR(text, "secret");
    close(content);
    free(problem);
}

static void
planted_links_are_refused(void)
{
    AUTO_FREE char *secret = in(outside, "inner/secret");
    AUTO_FREE char *direct = in(outside, "secret");
    AUTO_FREE char *inner = in(outside, "inner");
    AUTO_FREE char *link = in(data, "instances");
    AUTO_FREE char *through = in(data, "instances/inner");
    AUTO_FREE char *file = in(data, "instances/inner/secret");
    AUTO_FREE char *up = str_format("%s/../%s/secret", data, strrchr(outside, '/') + 1);
    char *problem = NULL;

    mkdir(inner, 0755);
    int made = open(secret, O_WRONLY | O_CREAT, 0644);
    int also = open(direct, O_WRONLY | O_CREAT, 0644);
    CHECK(write(made, "secret", 6) == 6 && write(also, "secret", 6) == 6);
    close(made);
    close(also);
    CHECK_INT(symlink(outside, link), 0); /* in the middle: instances */
    refuse(through, file);
    CHECK_INT(access(secret, F_OK), 0);
    AUTO_FREE char *last = in(data, "instances/secret");
    CHECK(files_read(last, 100) == NULL);
    CHECK(files_make_folder(link, 0711, geteuid(), getegid(), &problem) < 0); /* at the end */
    CHECK(files_read(up, 100) == NULL);
    CHECK_INT(errno, EXDEV);
    CHECK(files_read(direct, 100) == NULL); /* not below the data directory */
    CHECK_INT(errno, EXDEV);
    unlink(link);
    unlink(secret);
    unlink(direct);
    rmdir(inner);
    free(problem);
}

static void
it_is_the_same_without_openat2(void)
{
    paths_without_openat2 = true;
    plain_paths_are_reached();
    planted_links_are_refused();
    paths_without_openat2 = false;
}

int
main(void)
{
    if (!mkdtemp(data) || !mkdtemp(outside))
        return 1;
    agent_places.data = data;
    RUN(plain_paths_are_reached);
    RUN(planted_links_are_refused);
    RUN(it_is_the_same_without_openat2);
    rmdir(data);
    rmdir(outside);
    return check_done();
}
