/*
 * client.c: the API process's side of disk.h: asks the host agent.
 */
#include "base/memory.h"
#include "base/settings.h"
#include "disk/disk.h"
#include "supervise/agent_verb.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int
disk_prepare(char **problem)
{
    return agent_ask(json_pack("{s:s}", "verb", "disk-prepare"), NULL, problem);
}

char *
disk_upload_path(const char *id)
{
    AUTO_FREE char *name = str_format("uploads/%s", id);

    return settings_path(name);
}

/* Asks, and reads what the answer says of the image's file. */
static int
ask_for_image(json_t *request, DiskFacts *facts, char **problem)
{
    AUTO_JSON json_t *answer = NULL;
    int error = agent_ask(request, &answer, problem);

    if (error)
        return error == -ENOENT && problem && *problem && strstr(*problem, "qemu-utils")
                   ? -EOPNOTSUPP
                   : error;
    *facts = (DiskFacts){.virtual_bytes = json_number(answer, "virtual_bytes", 0),
                         .file_bytes = json_number(answer, "file_bytes", 0)};
    snprintf(facts->format, sizeof(facts->format), "%s", json_text(answer, "format", ""));
    snprintf(facts->md5, sizeof(facts->md5), "%s", json_text(answer, "md5", ""));
    snprintf(facts->sha512, sizeof(facts->sha512), "%s", json_text(answer, "sha512", ""));
    return 0;
}

int
disk_image_take(const DiskWish *wish, DiskFacts *facts, char **problem)
{
    json_t *request =
        json_pack("{s:s, s:s, s:s, s:I, s:I}", "verb", "disk-image-take", "id", wish->id,
                  "project_id", wish->project_id, "most_bytes", (json_int_t) wish->most_bytes,
                  "most_virtual", (json_int_t) wish->most_virtual);

    json_put_text(request, "import", wish->import);
    json_put_text(request, "format", wish->format);
    return ask_for_image(request, facts, problem);
}

int
disk_image_link(const char *id, const char *from, DiskFacts *facts, char **problem)
{
    return ask_for_image(
        json_pack("{s:s, s:s, s:s}", "verb", "disk-image-link", "id", id, "from", from), facts,
        problem);
}

int
disk_image_of_volume(
    const char *id, const char *volume, long long most_bytes, DiskFacts *facts, char **problem)
{
    return ask_for_image(json_pack("{s:s, s:s, s:s, s:I}", "verb", "disk-image-of-volume", "id", id,
                                   "volume", volume, "most_bytes", (json_int_t) most_bytes),
                         facts, problem);
}

static int
ask_about(const char *verb, const char *id, char **problem)
{
    return agent_ask(json_pack("{s:s, s:s}", "verb", verb, "id", id), NULL, problem);
}

int
disk_image_remove(const char *id, char **problem)
{
    return ask_about("disk-image-remove", id, problem);
}

int
disk_image_open(const char *id, long long *bytes)
{
    AUTO_FREE char *name = str_format("images/%s.qcow2", id);
    AUTO_FREE char *path = settings_path(name);
    struct stat about;

    if (!disk_id_is_sound(id))
        return -EINVAL;
    int file = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    if (file < 0)
        return -errno;
    if (fstat(file, &about) != 0 || !S_ISREG(about.st_mode)) {
        close(file);
        return -EINVAL;
    }
    *bytes = about.st_size;
    return file;
}

int
disk_volume_create(const DiskVolume *volume, char **problem)
{
    json_t *request = json_pack("{s:s, s:s, s:i}", "verb", "disk-volume-create", "id", volume->id,
                                "size_gb", volume->size_gb);

    json_put_text(request, "image", volume->image);
    json_put_text(request, "from_volume", volume->from_volume);
    json_put_text(request, "snapshot", volume->snapshot);
    return agent_ask(request, NULL, problem);
}

int
disk_volume_remove(const char *id, char **problem)
{
    return ask_about("disk-volume-remove", id, problem);
}

int
disk_volume_resize(const char *id, int size_gb, char **problem)
{
    return agent_ask(
        json_pack("{s:s, s:s, s:i}", "verb", "disk-volume-resize", "id", id, "size_gb", size_gb),
        NULL, problem);
}

static int
ask_about_snapshot(
    const char *verb, const char *id, const char *snapshot, int size_gb, char **problem)
{
    return agent_ask(json_pack("{s:s, s:s, s:s, s:i}", "verb", verb, "id", id, "snapshot", snapshot,
                               "size_gb", size_gb),
                     NULL, problem);
}

int
disk_snapshot_create(const char *id, const char *snapshot, char **problem)
{
    return ask_about_snapshot("disk-snapshot-create", id, snapshot, 0, problem);
}

int
disk_snapshot_remove(const char *id, const char *snapshot, char **problem)
{
    return ask_about_snapshot("disk-snapshot-remove", id, snapshot, 0, problem);
}

int
disk_snapshot_restore(const char *id, const char *snapshot, int size_gb, char **problem)
{
    return ask_about_snapshot("disk-snapshot-restore", id, snapshot, size_gb, problem);
}

int
disk_list(json_t **there, char **problem)
{
    return agent_ask(json_pack("{s:s}", "verb", "disk-list"), there, problem);
}
