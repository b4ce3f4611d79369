/*
 * image_verbs.c: the agent's verbs that make and remove images' files.
 */
#include "base/memory.h"
#include "crypto/master_key.h"
#include "disk/disk.h"
#include "disk/places.h"
#include "disk/sandbox.h"
#include "supervise/agent_verb.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define GB (1024LL * 1024 * 1024)
#define RESERVE GB /* of the host's disk that no image may take */
#define INFO_MEMORY GB
#define CONVERT_MEMORY (4 * GB)
#define INFO_SECONDS 30
#define CONVERT_SECONDS 7200

/* ---- Facts ---- */

static bool
hash_file(int file, char md5[33], char sha512[129])
{
    EVP_MD_CTX *one = EVP_MD_CTX_new(), *other = EVP_MD_CTX_new();
    unsigned char short_hash[EVP_MAX_MD_SIZE], long_hash[EVP_MAX_MD_SIZE];
    char *bytes = mem_new(1 << 20, 1);
    bool good = one && other && EVP_DigestInit_ex(one, EVP_md5(), NULL) == 1 &&
                EVP_DigestInit_ex(other, EVP_sha512(), NULL) == 1;

    for (off_t at = 0; good;) {
        ssize_t got = pread(file, bytes, 1 << 20, at);
        if (got < 0 && errno == EINTR)
            continue;
        good = got >= 0;
        if (got <= 0)
            break;
        EVP_DigestUpdate(one, bytes, (size_t) got);
        EVP_DigestUpdate(other, bytes, (size_t) got);
        at += got;
    }
    good = good && EVP_DigestFinal_ex(one, short_hash, NULL) == 1 &&
           EVP_DigestFinal_ex(other, long_hash, NULL) == 1;
    if (good) {
        hex_text(short_hash, 16, md5);
        hex_text(long_hash, 64, sha512);
    }
    EVP_MD_CTX_free(one);
    EVP_MD_CTX_free(other);
    free(bytes);
    return good;
}

static char *
facts_path(const char *id)
{
    return str_format("%s/images/%s.json", agent_data(), id);
}

/* What an earlier attempt has finished: 1 with its facts in answer. */
static int
already_there(const char *id, json_t *answer)
{
    AUTO_FREE char *path = disk_image_path(id);
    AUTO_FREE char *beside = facts_path(id);
    AUTO_JSON json_t *facts = NULL;

    if (access(path, F_OK) != 0)
        return 0;
    facts = json_load_file(beside, 0, NULL);
    if (!facts)
        return 0;
    json_object_update(answer, facts);
    return 1;
}

int
disk_image_finish(
    const char *id, const char *file, const char *format, json_t *answer, char **problem)
{
    AUTO_FREE char *place = disk_image_path(id);
    AUTO_FREE char *beside = facts_path(id);
    AUTO_FREE char *fresh = str_format("%s.new", beside);
    char md5[33], sha512[129];
    const char *why = "";
    DiskFormat made;
    struct stat about;
    int open_file = open(file, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);

    if (open_file < 0 || fstat(open_file, &about) != 0 || !S_ISREG(about.st_mode))
        return agent_problem(problem, -EIO, "qemu-img left no file");
    int error = disk_format_read(open_file, about.st_size, false, &made, &why);
    if (!error && strcmp(made.driver, "qcow2") != 0)
        error = -EIO;
    if (!error && !hash_file(open_file, md5, sha512))
        error = -EIO;
    close(open_file);
    if (error)
        return agent_problem(problem, -EIO, "what qemu-img made is no image: %s", why);
    AUTO_JSON json_t *facts =
        json_pack("{s:s, s:I, s:I, s:s, s:s}", "format", format, "virtual_bytes",
                  (json_int_t) made.virtual_bytes, "file_bytes", (json_int_t) about.st_size, "md5",
                  md5, "sha512", sha512);
    if (json_dump_file(facts, fresh, JSON_COMPACT) != 0 || rename(fresh, beside) != 0)
        return agent_problem(problem, -errno, "cannot write %s: %s", beside, strerror(errno));
    error = disk_settle_file(file, place, 0, 0, 0644, problem);
    if (!error)
        json_object_update(answer, facts);
    return error;
}

/* ---- From what was sent ---- */

typedef struct Source {
    char *path;
    int file;
    bool sent; /* ours to remove */
    long long bytes;
} Source;

static bool
name_is_sound(const char *name)
{
    size_t length = strlen(name);

    if (length == 0 || length > 255 || name[0] == '.' || strchr(name, '/'))
        return false;
    for (const char *at = name; *at; at++)
        if ((unsigned char) *at < ' ' || *at == 0x7f)
            return false;
    return true;
}

/* The file of the import folder: the project's own, or one for all. */
static int
open_import(const json_t *request, Source *source, char **problem)
{
    const char *name = json_text(request, "import", ""),
               *project = json_text(request, "project_id", "");

    if (!name_is_sound(name) || !name_is_sound(project))
        return agent_problem(problem, -EINVAL, "\"%.60s\" is no name of a file to import", name);
    for (int own = 1; own >= 0; own--) {
        source->path = own ? str_format("%s/import/%s/%s", agent_data(), project, name)
                           : str_format("%s/import/%s", agent_data(), name);
        source->file = open(source->path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
        if (source->file >= 0)
            return 0;
        mem_auto_free(&source->path);
        source->path = NULL;
    }
    return agent_problem(problem, -ENOENT, "there is no file \"%s\" to import", name);
}

/* What was sent lies in a folder of the service's, which reads bytes from outside: that it is a
 * plain file of the service with no other name is seen before it becomes the sandbox's. */
static int
open_sent(const char *id, const char *work, Source *source, char **problem)
{
    AUTO_FREE char *sent = str_format("%s/uploads/%s", agent_data(), id);
    struct stat about, placed;

    source->path = str_format("%s/source", work);
    source->sent = true;
    source->file = open(sent, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    if (source->file < 0)
        return agent_problem(problem, -errno, "what was sent is not there: %s", strerror(errno));
    if (fstat(source->file, &about) != 0 || !S_ISREG(about.st_mode) || about.st_nlink != 1 ||
        about.st_uid != agent_user())
        return agent_problem(problem, -EINVAL, "what was sent is no plain file");
    if (link(sent, source->path) != 0)
        return agent_problem(problem, -errno, "cannot take what was sent: %s", strerror(errno));
    if (lstat(source->path, &placed) != 0 || placed.st_ino != about.st_ino)
        return agent_problem(problem, -EINVAL, "what was sent is no plain file");
    if (agent_has_root() && fchown(source->file, disk_user(), (gid_t) -1) != 0)
        return agent_problem(problem, -errno, "cannot take what was sent: %s", strerror(errno));
    return 0;
}

static void
close_source(Source *source)
{
    if (source->file >= 0) {
        /* Given back, for an attempt after this one. */
        if (source->sent && agent_has_root() && fchown(source->file, agent_user(), (gid_t) -1) != 0)
            errno = 0;
        close(source->file);
    }
    free(source->path);
}

/* Our own reading comes first: qemu-img follows what a header says. */
static int
check_header(const json_t *request, const Source *source, DiskFormat *format, char **problem)
{
    const char *said = json_text(request, "format", NULL), *why = NULL;
    long long most = json_number(request, "most_virtual", 0);
    struct stat about;

    if (fstat(source->file, &about) != 0 || !S_ISREG(about.st_mode))
        return agent_problem(problem, -EINVAL, "it is no plain file");
    int error = disk_format_read(source->file, about.st_size, false, format, &why);
    if (error)
        return agent_problem(problem, error, "The image is refused: %s.", why);
    if (said && *said && strcmp(said, format->name) != 0 &&
        !(strcmp(said, "raw") == 0 && strcmp(format->name, "iso") == 0))
        return agent_problem(problem, -EINVAL,
                             "The image is refused: it is said to be %.16s but is %s.", said,
                             format->name);
    if (format->virtual_bytes > most)
        return agent_problem(problem, -EFBIG,
                             "The image is refused: its disk has %lld GB, more than the %lld GB "
                             "that are allowed.",
                             (format->virtual_bytes + GB - 1) / GB, most / GB);
    return 0;
}

/* Then qemu's, confined. What it says must be the same. */
static int
check_info(const Source *source, const DiskFormat *format, const char *work, char **problem)
{
    Sandbox sandbox = {
        .arguments = {"info", "--output=json", "-f", format->driver, source->path, NULL},
        .folder = work,
        .readable = {source->path, NULL},
        .user = disk_user(),
        .memory_bytes = INFO_MEMORY,
        .file_bytes = 0,
        .cpu_seconds = INFO_SECONDS,
        .seconds = INFO_SECONDS};
    AUTO_FREE char *output = NULL;
    int error = sandbox_run(&sandbox, &output, problem);
    AUTO_JSON json_t *info = error ? NULL : json_loads(output, 0, NULL);

    if (error)
        return error;
    const json_t *inner = json_object_get(json_object_get(info, "format-specific"), "data");
    if (!info || strcmp(json_text(info, "format", ""), format->driver) != 0)
        return agent_problem(problem, -EINVAL, "The image is refused: its format is in doubt.");
    if (json_object_get(info, "backing-filename") ||
        json_object_get(info, "full-backing-filename") || json_object_get(inner, "data-file"))
        return agent_problem(problem, -EINVAL, "The image is refused: it names another file.");
    if (json_flag(info, "encrypted", false) || json_object_get(inner, "encrypt"))
        return agent_problem(problem, -EINVAL, "The image is refused: it is encrypted.");
    /* A VHD's size is rounded to cylinders by qemu. */
    long long size = json_number(info, "virtual-size", 0), off = size - format->virtual_bytes;
    if (size <= 0 || off > GB || off < -GB)
        return agent_problem(problem, -EINVAL, "The image is refused: its size is in doubt.");
    return 0;
}

/* How large the file made of it may become: as the disk in it, as is allowed, as there is room. */
static int
file_limit(const json_t *request, long long virtual_bytes, long long *limit, char **problem)
{
    struct statvfs room;
    long long most = json_number(request, "most_bytes", 0),
              whole = virtual_bytes + virtual_bytes / 64 + (16 << 20);

    if (statvfs(agent_data(), &room) != 0)
        return agent_problem(problem, -errno, "the disk of the host does not answer");
    long long left = (long long) room.f_bavail * (long long) room.f_frsize - RESERVE;
    if (left <= 0)
        return agent_problem(problem, -ENOSPC, "the disk of the host is full");
    *limit = whole < most ? whole : most;
    if (left < *limit)
        *limit = left;
    return 0;
}

static int
convert(const json_t *request,
        const char *from,
        const char *readable,
        const char *driver,
        long long virtual_bytes,
        const char *work,
        uid_t user,
        char **problem)
{
    Sandbox sandbox = {.arguments = {"convert", "-f", driver, "-O", "qcow2", "-o",
                                     "compat=1.1,lazy_refcounts=off", "--", from, "image.qcow2",
                                     NULL},
                       .folder = work,
                       .readable = {from, readable, NULL},
                       .writable = {work, NULL},
                       .user = user,
                       .memory_bytes = CONVERT_MEMORY,
                       .cpu_seconds = CONVERT_SECONDS,
                       .seconds = CONVERT_SECONDS};
    int error = file_limit(request, virtual_bytes, &sandbox.file_bytes, problem);

    return error ? error : sandbox_run(&sandbox, NULL, problem);
}

static int
take(const json_t *request,
     const char *id,
     const char *work,
     Source *source,
     json_t *answer,
     char **problem)
{
    AUTO_FREE char *made = str_format("%s/image.qcow2", work);
    DiskFormat format;
    int error = json_object_get(request, "import") ? open_import(request, source, problem)
                                                   : open_sent(id, work, source, problem);

    if (!error)
        error = check_header(request, source, &format, problem);
    if (!error)
        error = check_info(source, &format, work, problem);
    if (!error)
        error = convert(request, source->path, NULL, format.driver, format.virtual_bytes, work,
                        disk_user(), problem);
    return error ? error : disk_image_finish(id, made, format.name, answer, problem);
}

static int
verb_image_take(const json_t *request, json_t *answer, int stream, char **problem)
{
    const char *id = disk_id_of(request, "id", problem);
    AUTO_FREE char *work = NULL;
    AUTO_FREE char *unused = NULL;
    Source source = {.file = -1};
    int error = id ? disk_lock(id, problem) : -EINVAL;

    if (error || already_there(id, answer))
        return error;
    error = disk_work_new("images", id, disk_user(), &work, problem);
    if (!error)
        error = take(request, id, work, &source, answer, problem);
    close_source(&source);
    if (work)
        disk_folder_remove(work, &unused);
    if (error != -EIO && error != -ENOSPC) {
        AUTO_FREE char *sent = str_format("%s/uploads/%s", agent_data(), id);
        unlink(sent);
    }
    return error;
}

/* ---- From another image, from a volume ---- */

static int
verb_image_link(const json_t *request, json_t *answer, int stream, char **problem)
{
    const char *id = disk_id_of(request, "id", problem);
    const char *from = id ? disk_id_of(request, "from", problem) : NULL;
    int error = from ? disk_lock(id, problem) : -EINVAL;

    if (error || already_there(id, answer))
        return error;
    AUTO_FREE char *source = disk_image_path(from);
    AUTO_FREE char *place = disk_image_path(id);
    AUTO_FREE char *source_facts = facts_path(from);
    AUTO_FREE char *place_facts = facts_path(id);
    unlink(place);
    unlink(place_facts);
    if (link(source_facts, place_facts) != 0 || link(source, place) != 0)
        return agent_problem(problem, -errno, "the image's file cannot be copied: %s",
                             strerror(errno));
    return already_there(id, answer) ? 0 : -EIO;
}

static int
verb_image_of_volume(const json_t *request, json_t *answer, int stream, char **problem)
{
    const char *id = disk_id_of(request, "id", problem);
    const char *volume = id ? disk_id_of(request, "volume", problem) : NULL;
    AUTO_FREE char *work = NULL;
    AUTO_FREE char *unused = NULL;
    DiskFormat format;
    uid_t owner;
    int error = volume ? disk_lock(id, problem) : -EINVAL;

    if (error || already_there(id, answer))
        return error;
    error = disk_volume_check(volume, &format, &owner, problem);
    if (!error)
        error = disk_work_new("images", id, owner, &work, problem);
    if (!error) {
        AUTO_FREE char *path = disk_volume_path(volume);
        AUTO_FREE char *base = str_format("%s/volumes/%s.base", agent_data(), volume);
        AUTO_FREE char *made = str_format("%s/image.qcow2", work);
        error = convert(request, path, base, "qcow2", format.virtual_bytes, work, owner, problem);
        if (!error)
            error = disk_image_finish(id, made, "qcow2", answer, problem);
    }
    if (work)
        disk_folder_remove(work, &unused);
    return error;
}

/* ---- The end ---- */

static int
verb_image_remove(const json_t *request, json_t *answer, int stream, char **problem)
{
    const char *id = disk_id_of(request, "id", problem);
    int error = id ? disk_lock(id, problem) : -EINVAL;

    if (error)
        return error;
    AUTO_FREE char *place = disk_image_path(id);
    AUTO_FREE char *beside = facts_path(id);
    AUTO_FREE char *work = disk_work_path("images", id);
    AUTO_FREE char *sent = str_format("%s/uploads/%s", agent_data(), id);
    if ((unlink(place) != 0 && errno != ENOENT) || (unlink(beside) != 0 && errno != ENOENT) ||
        (unlink(sent) != 0 && errno != ENOENT))
        return agent_problem(problem, -errno, "cannot remove %s: %s", place, strerror(errno));
    return disk_folder_remove(work, problem);
}

void
disk_image_verbs(void)
{
    agent_verb_add("disk-image-take", verb_image_take);
    agent_verb_add("disk-image-link", verb_image_link);
    agent_verb_add("disk-image-of-volume", verb_image_of_volume);
    agent_verb_add("disk-image-remove", verb_image_remove);
}
