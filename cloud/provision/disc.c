/*
 * disc.c: discs and WIM archives by the programs that know them; see disc.h.
 */
#include "provision/disc.h"

#include "base/memory.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

#define OUTPUT_MOST (64 << 20)
#define SAID_MOST 400

static void
read_all(int from, Buffer *text)
{
    char bytes[65536];
    ssize_t length;

    while ((length = read(from, bytes, sizeof(bytes))) > 0 || (length < 0 && errno == EINTR))
        if (length > 0 && text->length < OUTPUT_MOST)
            buffer_add(text, bytes, (size_t) length);
    buffer_add_text(text, "");
}

static int
start(char *const arguments[], int output, pid_t *child)
{
    posix_spawn_file_actions_t files;

    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&files, output, 1);
    posix_spawn_file_actions_adddup2(&files, output, 2);
    int failed = posix_spawnp(child, arguments[0], &files, NULL, arguments, environ);
    posix_spawn_file_actions_destroy(&files);
    return -failed;
}

int
tool_run(char *const arguments[], char **output, char **problem)
{
    Buffer text = {0};
    int ends[2], status = 0;
    pid_t child = 0;

    if (pipe2(ends, O_CLOEXEC) != 0)
        return -errno;
    int error = start(arguments, ends[1], &child);
    close(ends[1]);
    if (error) {
        close(ends[0]);
        *problem = str_format("%s cannot be run: %s", arguments[0], strerror(-error));
        return error;
    }
    read_all(ends[0], &text);
    close(ends[0]);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        size_t skip = text.length > SAID_MOST ? text.length - SAID_MOST : 0;
        *problem = str_format("%s %s failed: %s", arguments[0], arguments[1], text.text + skip);
        error = -EIO;
    } else if (output) {
        *output = text.text;
        text = (Buffer){0};
    }
    buffer_done(&text);
    return error;
}

/* The program of 7-Zip that is installed, or NULL. */
static char *
seven_zip(void)
{
    static char *const names[] = {"7zz", "7z"};
    static char *const paths[] = {"/usr/bin/7zz", "/usr/bin/7z"};

    for (int i = 0; i < 2; i++)
        if (access(paths[i], X_OK) == 0)
            return names[i];
    return NULL;
}

/* "Path = efi/boot/bootx64.efi" of 7-Zip's technical list; the first is the archive itself. */
static char *
paths_of_seven_zip(const char *text)
{
    Buffer paths = {0};
    const char *body = strstr(text, "\n----------");

    for (const char *at = body; at && (at = strstr(at, "\nPath = ")) != NULL; at++) {
        size_t length = strcspn(at + 8, "\r\n");
        buffer_add(&paths, at + 8, length);
        buffer_add_text(&paths, "\n");
    }
    buffer_add_text(&paths, "");
    for (char *c = paths.text; *c; c++)
        *c = *c == '\\' ? '/' : *c;
    return paths.text;
}

/* "'/efi/boot/bootx64.efi'" of xorriso. */
static char *
paths_of_xorriso(const char *text)
{
    Buffer paths = {0};

    for (const char *at = text; *at;) {
        size_t length = strcspn(at, "\n");
        if (length > 3 && !strncmp(at, "'/", 2) && at[length - 1] == '\'') {
            buffer_add(&paths, at + 2, length - 3);
            buffer_add_text(&paths, "\n");
        }
        at += length;
        at += *at == '\n';
    }
    buffer_add_text(&paths, "");
    return paths.text;
}

int
disc_list(const char *disc, char **paths, char **problem)
{
    AUTO_FREE char *text = NULL;
    char *file = (char *) (uintptr_t) disc, *program = seven_zip();
    int error;

    if (program) {
        char *arguments[] = {program, "l", "-slt", file, NULL};
        error = tool_run(arguments, &text, problem);
        *paths = error ? NULL : paths_of_seven_zip(text);
        return error;
    }
    char *arguments[] = {"xorriso", "-indev", file, "-find", "/", "-exec", "echo", "--", NULL};
    error = tool_run(arguments, &text, problem);
    *paths = error ? NULL : paths_of_xorriso(text);
    return error;
}

char *
disc_find(const char *list, const char *path)
{
    size_t wanted = strlen(path);

    for (const char *at = list; *at;) {
        size_t length = strcspn(at, "\n");
        if (length == wanted && !strncasecmp(at, path, length))
            return str_copy_n(at, length);
        at += length;
        at += *at == '\n';
    }
    return NULL;
}

int
disc_extract(const char *disc, const char *path, const char *folder, char **problem)
{
    AUTO_FREE char *target = str_format("%s/%s", folder, path);
    AUTO_FREE char *to = str_format("-o%s", folder);
    AUTO_FREE char *inside = str_format("/%s", path);
    char *file = (char *) (uintptr_t) disc, *program = seven_zip();
    char *folder_of = (char *) (uintptr_t) folder;

    if (program) {
        char *arguments[] = {program, "x", "-y", to, "--", file, (char *) (uintptr_t) path, NULL};
        return tool_run(arguments, NULL, problem);
    }
    for (char *slash = target + strlen(folder) + 1; (slash = strchr(slash, '/')); *slash++ = '/') {
        *slash = '\0';
        if (mkdir(target, 0755) != 0 && errno != EEXIST)
            return -errno;
    }
    char *arguments[] = {"xorriso",  "-osirrox", "on",   "-indev", file,
                         "-extract", inside,     target, "--",     NULL};
    char *writable[] = {"chmod", "-R", "u+w", folder_of, NULL};
    int error = tool_run(arguments, NULL, problem);
    return error ? error : tool_run(writable, NULL, problem);
}

int
disc_burn(
    const char *folder, const char *label, const char *efi_image, const char *disc, char **problem)
{
    char *arguments[] = {"xorriso",
                         "-as",
                         "mkisofs",
                         "-quiet",
                         "-iso-level",
                         "3",
                         "-J",
                         "-joliet-long",
                         "-r",
                         "-V",
                         (char *) (uintptr_t) label,
                         "-o",
                         (char *) (uintptr_t) disc,
                         "-eltorito-alt-boot",
                         "-e",
                         (char *) (uintptr_t) efi_image,
                         "-no-emul-boot",
                         (char *) (uintptr_t) folder,
                         NULL};
    return tool_run(arguments, NULL, problem);
}

/* ---- WIM ---- */

/* wimlib's description, whose UTF-16 is made ASCII of: names of editions and numbers are that. */
static char *
wim_description(const char *wim, char **problem)
{
    AUTO_FREE char *text = NULL;
    char *arguments[] = {"wimlib-imagex", "info", (char *) (uintptr_t) wim, NULL};

    if (tool_run(arguments, &text, problem) != 0)
        return NULL;
    char *kept = text;
    text = NULL;
    return kept;
}

/* The value of "Name:   value" within the lines from `from` to the next image's. */
static char *
fact_after(const char *from, const char *name)
{
    const char *end = strstr(from + 1, "\nIndex:");
    size_t length = strlen(name);

    for (const char *at = from; at && (!end || at < end); at = strchr(at + 1, '\n')) {
        const char *line = at + (*at == '\n');
        if (!strncmp(line, name, length) && line[length] == ':') {
            line += length + 1;
            line += strspn(line, " \t");
            return str_copy_n(line, strcspn(line, "\r\n"));
        }
    }
    return NULL;
}

char *
wim_fact(const char *wim, int image, const char *name, char **problem)
{
    AUTO_FREE char *text = wim_description(wim, problem);
    const char *at = text;

    for (; at && (at = strstr(at, "\nIndex:")) != NULL; at++)
        if (strtol(at + 7, NULL, 10) == image)
            return fact_after(at, name);
    return NULL;
}

int
wim_images(const char *wim, char **problem)
{
    AUTO_FREE char *text = wim_description(wim, problem);
    const char *at = text ? strstr(text, "\nImage Count:") : NULL;

    return at ? (int) strtol(at + 13, NULL, 10) : -EIO;
}

int
wim_add(const char *wim, int image, const char *file, const char *path, char **problem)
{
    AUTO_FREE char *number = str_format("%d", image);
    AUTO_FREE char *command = str_format("--command=add '%s' '%s'", file, path);
    char *arguments[] = {"wimlib-imagex", "update", (char *) (uintptr_t) wim,
                         number,          command,  NULL};

    return tool_run(arguments, NULL, problem);
}
