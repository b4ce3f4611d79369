/*
 * config_drive.c: the ConfigDrive: the documents of documents.c in a folder beside the image, and
 * Debian's xorriso makes the ISO of them. What was made is renamed into place, so that a killed job
 * repeats it.
 */
#include "base/memory.h"
#include "provision/provision.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static int
remove_entry(const char *path, const struct stat *stat, int kind, struct FTW *place)
{
    (void) stat;
    (void) kind;
    (void) place;
    return remove(path);
}

static void
remove_folder(const char *path)
{
    (void) nftw(path, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

static int
write_file(const char *folder, const char *name, const void *bytes, size_t length)
{
    AUTO_FREE char *path = str_format("%s/%s", folder, name);
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    int status = 0;

    if (file < 0)
        return -errno;
    for (size_t done = 0; done < length && !status;) {
        ssize_t wrote = write(file, (const char *) bytes + done, length - done);
        if (wrote < 0 && errno != EINTR)
            status = -errno;
        else if (wrote > 0)
            done += (size_t) wrote;
    }
    if (close(file) < 0 && !status)
        status = -errno;
    return status;
}

/* Takes the reference over. */
static int
write_document(const char *folder, const char *name, json_t *value)
{
    AUTO_WIPE char *text = json_render(value);

    json_decref(value);
    return write_file(folder, name, text, strlen(text));
}

/* One version's folder of OpenStack's layout. */
static int
write_openstack(const ProvisionServer *server, const char *folder)
{
    int status = mkdir(folder, 0700) < 0 ? -errno : 0;

    if (!status)
        status = write_document(folder, "meta_data.json", provision_meta_data(server));
    if (!status)
        status = write_document(folder, "network_data.json", provision_network_data(server));
    if (!status)
        status = write_document(folder, "vendor_data.json", provision_vendor_data(server));
    if (!status)
        status = write_document(folder, "vendor_data2.json",
                                json_pack("{s:o}", "static", provision_vendor_data(server)));
    if (!status && server->user_data && server->user_data_length)
        status = write_file(folder, "user_data", server->user_data, server->user_data_length);
    return status;
}

static int
write_ec2(const ProvisionServer *server, const char *folder)
{
    int status = mkdir(folder, 0700) < 0 ? -errno : 0;

    if (!status)
        status = write_document(folder, "meta-data.json", provision_ec2_meta_data(server));
    if (!status && server->user_data && server->user_data_length)
        status = write_file(folder, "user-data", server->user_data, server->user_data_length);
    return status;
}

/* Everything that goes on the drive, below folder. */
static int
write_tree(const ProvisionServer *server, const char *folder)
{
    static const struct {
        const char *path;
        int (*write)(const ProvisionServer *, const char *);
    } parts[] = {{"openstack", NULL},
                 {"openstack/latest", write_openstack},
                 {"openstack/2018-08-27", write_openstack},
                 {"ec2", NULL},
                 {"ec2/latest", write_ec2},
                 {"ec2/2009-04-04", write_ec2}};
    int status = mkdir(folder, 0700) < 0 ? -errno : 0;

    for (size_t i = 0; i < sizeof parts / sizeof *parts && !status; i++) {
        AUTO_FREE char *path = str_format("%s/%s", folder, parts[i].path);
        if (parts[i].write)
            status = parts[i].write(server, path);
        else if (mkdir(path, 0700) < 0)
            status = -errno;
    }
    return status;
}

/* Makes the image of the folder: Joliet for Windows, Rock Ridge for the rest. */
static int
burn(const char *folder, const char *image, char **problem)
{
    char *arguments[] = {"xorriso",
                         "-as",
                         "mkisofs",
                         "-quiet",
                         "-r",
                         "-J",
                         "-joliet-long",
                         "-V",
                         "config-2",
                         "-o",
                         (char *) (uintptr_t) image,
                         (char *) (uintptr_t) folder,
                         NULL};
    posix_spawn_file_actions_t files;
    pid_t child = 0;
    int status = 0;

    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0);
    int failed = posix_spawnp(&child, arguments[0], &files, NULL, arguments, environ);
    posix_spawn_file_actions_destroy(&files);
    if (failed == ENOENT) {
        *problem = str_copy("the ConfigDrive needs the program xorriso: install Debian's package "
                            "xorriso on the host");
        return -ENOENT;
    }
    if (failed) {
        *problem = str_format("xorriso could not be started: %s", strerror(failed));
        return -failed;
    }
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return -errno;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        *problem = str_copy("xorriso could not write the ConfigDrive; is there room on the disk?");
        return -EIO;
    }
    return 0;
}

/* An empty file that only its owner may read. */
static int
make_private(const char *path)
{
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    if (file < 0)
        return -errno;
    return close(file) < 0 ? -errno : 0;
}

int
provision_config_drive(const ProvisionServer *server, const char *path, char **problem)
{
    AUTO_FREE char *folder = str_format("%s.tree", path);
    AUTO_FREE char *image = str_format("%s.new", path);
    int status;

    *problem = NULL;
    /* What a killed attempt left. */
    remove_folder(folder);
    (void) unlink(image);
    status = write_tree(server, folder);
    /* The drive may hold a password: xorriso writes into a file that nobody else may read yet. */
    if (!status)
        status = make_private(image);
    if (!status)
        status = burn(folder, image, problem);
    if (!status && (chmod(image, 0640) < 0 || rename(image, path) < 0))
        status = -errno;
    remove_folder(folder);
    if (status) {
        (void) unlink(image);
        if (!*problem)
            *problem =
                str_format("the ConfigDrive %s could not be made: %s", path, strerror(-status));
    }
    return status;
}
