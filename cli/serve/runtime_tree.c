/*
 * runtime_tree.c: lays the private copy of PostgreSQL; see runtime_tree.h. Runs as root where the
 * program was started so: the tree is then not writable by the user that the server runs as.
 */
#include "runtime_tree.h"

#include "console.h"
#include "files.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Links dir/name to target unless it already does. */
static void
link_to(const char *target, const char *dir, const char *name)
{
    char *path = text_format("%s/%s", dir, name);
    char now[PATH_MAX];
    ssize_t length = readlink(path, now, sizeof(now) - 1);

    if (length >= 0)
        now[length] = '\0';
    if (length < 0 || strcmp(now, target) != 0) {
        if (unlink(path) != 0 && errno != ENOENT)
            fail("cannot replace %s: %s", path, strerror(errno));
        if (symlink(target, path) != 0)
            fail("cannot link %s to %s: %s", path, target, strerror(errno));
    }
    free(path);
}

static bool
is_ours(const char *name)
{
    return !strcmp(name, "casement.so") || !strcmp(name, "casement.control") ||
           !strncmp(name, "casement--", 10);
}

/* Takes links away whose target is gone (a package that was removed since). */
static void
drop_dead_links(const char *dir)
{
    DIR *entries = opendir(dir);

    if (!entries)
        fail("cannot read %s: %s", dir, strerror(errno));
    for (struct dirent *entry; (entry = readdir(entries));) {
        char *path = text_format("%s/%s", dir, entry->d_name);
        struct stat about;

        if (lstat(path, &about) == 0 && S_ISLNK(about.st_mode) && stat(path, &about) != 0)
            unlink(path);
        free(path);
    }
    closedir(entries);
}

/* Makes `to` a folder of links to every entry of `from` but our own files and `except`. */
static void
link_entries(const char *from, const char *to, const char *except)
{
    DIR *entries = opendir(from);

    if (!entries)
        fail("cannot read %s: %s; is PostgreSQL %s installed?", from, strerror(errno), PG_MAJOR);
    directory_make(to, 0755);
    drop_dead_links(to);
    for (struct dirent *entry; (entry = readdir(entries));) {
        const char *name = entry->d_name;
        if (name[0] == '.' || is_ours(name) || (except && !strcmp(name, except)))
            continue;
        char *target = text_format("%s/%s", from, name);
        link_to(target, to, name);
        free(target);
    }
    closedir(entries);
}

/* The folder with casement.so: of the build tree that this program was built in, or installed. */
static char *
find_engine(void)
{
    char self[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);

    if (length > 0) {
        self[length] = '\0';
        *strrchr(self, '/') = '\0';
        char *engine = text_format("%s/engine", self);
        char *library = text_format("%s/casement.so", engine);
        bool found = access(library, R_OK) == 0;

        free(library);
        if (found)
            return engine;
        free(engine);
    }
    if (access(CASEMENT_LIBDIR "/casement.so", R_OK) == 0)
        return text_copy(CASEMENT_LIBDIR);
    fail("cannot find casement.so, neither in engine/ beside this program nor in " CASEMENT_LIBDIR);
}

static void
copy_into(const char *from, const char *name, const char *to, mode_t mode)
{
    char *source = text_format("%s/%s", from, name), *target = text_format("%s/%s", to, name);

    file_copy_changed(source, target, mode);
    free(source);
    free(target);
}

static void
copy_extension(const char *engine, const char *library_dir, const char *extension_dir)
{
    DIR *entries = opendir(engine);

    if (!entries)
        fail("cannot read %s: %s", engine, strerror(errno));
    copy_into(engine, "casement.so", library_dir, 0755);
    copy_into(engine, "casement.control", extension_dir, 0644);
    for (struct dirent *entry; (entry = readdir(entries));) {
        size_t length = strlen(entry->d_name);
        if (!strncmp(entry->d_name, "casement--", 10) && length > 4 &&
            !strcmp(entry->d_name + length - 4, ".sql"))
            copy_into(engine, entry->d_name, extension_dir, 0644);
    }
    closedir(entries);
}

RuntimeTree
runtime_tree_prepare(const char *data)
{
    static const char *const programs[] = {"postgres", "initdb", "pg_ctl", "pg_controldata"};
    RuntimeTree tree;
    char *root = text_format("%s/runtime/" PG_MAJOR, data);
    char *library_dir = text_format("%s" PG_LIBRARY_DIR, root);
    char *share_dir = text_format("%s" PG_SHARE_DIR, root);
    char *extension_dir = text_format("%s/extension", share_dir);
    char *engine = find_engine();

    tree.bin = text_format("%s" PG_BIN_DIR, root);
    if (access(PG_BIN_DIR "/postgres", X_OK) != 0)
        fail("PostgreSQL " PG_MAJOR " is not installed: " PG_BIN_DIR "/postgres is missing");
    directory_make(tree.bin, 0755);
    for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++)
        copy_into(PG_BIN_DIR, programs[i], tree.bin, 0755);
    link_entries(PG_LIBRARY_DIR, library_dir, NULL);
    link_entries(PG_SHARE_DIR, share_dir, "extension");
    link_entries(PG_SHARE_DIR "/extension", extension_dir, NULL);
    copy_extension(engine, library_dir, extension_dir);
    free(engine);
    free(extension_dir);
    free(share_dir);
    free(library_dir);
    free(root);
    return tree;
}

RuntimeTree
runtime_tree_at(const char *data)
{
    RuntimeTree tree = {.bin = text_format("%s/runtime/" PG_MAJOR PG_BIN_DIR, data)};
    char *program = text_format("%s/postgres", tree.bin);

    if (access(program, X_OK) != 0)
        fail("there is no runtime tree of PostgreSQL " PG_MAJOR " in %s", data);
    free(program);
    return tree;
}
