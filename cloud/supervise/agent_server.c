/*
 * agent_server.c: the agent's process: takes requests off the control socket and forks a child for
 * each, which checks the arguments, does the verb and answers. Ends when the API process is gone;
 * children finish what they began.
 *
 * Verbs on one instance wait for each other by a lock on <data>/instances/<id>.lock, so that a step
 * that an earlier daemon had begun is over before its repetition starts.
 */
#include "base/log.h"
#include "base/memory.h"
#include "supervise/agent_internal.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define SLOT_LAST 60000

static const struct {
    const char *name;
    AgentVerb verb;
    bool locked; /* one at a time an instance */
} verbs[] = {
    {"create", verb_create, true},
    {"configure", verb_configure, true},
    {"start", verb_start, true},
    {"stop", verb_stop, true},
    {"remove", verb_remove, true},
    {"limit", verb_limit, true},
    {"replace", verb_replace, true},
    {"settle", verb_settle, true},
    {"put-back", verb_put_back, true},
    {"folder-create", verb_folder_create, true},
    {"folder-own", verb_folder_own, true},
    {"write-file", verb_write_file, true},
    {"backups-create", verb_backups_create, false},
    {"backups-remove", verb_backups_remove, false},
    {"state", verb_state, false},
    {"usage", verb_usage, false},
    {"read-file", verb_read_file, false},
    {"list-files", verb_list_files, false},
    {"list", verb_list, false},
    {"template", verb_template, false},
    {"run", verb_run, false},
};

#define ADDED_MOST 96
static struct {
    const char *name;
    AgentVerb verb;
} added[ADDED_MOST];
static int added_count;

void
agent_verb_add(const char *name, AgentVerb verb)
{
    if (added_count == ADDED_MOST)
        abort(); /* a mistake in the program: the table is too small */
    added[added_count].name = name;
    added[added_count++].verb = verb;
}

const char *
agent_data(void)
{
    return agent_places.data;
}

bool
agent_has_root(void)
{
    return agent_places.root;
}

uid_t
agent_user(void)
{
    return agent_places.user;
}

gid_t
agent_group(void)
{
    return agent_places.group;
}

int
agent_problem(char **problem, int error, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    free(*problem);
    *problem = str_vformat(format, arguments);
    va_end(arguments);
    return error;
}

bool
agent_send_frame(int stream, char type, const void *bytes, size_t length)
{
    unsigned char head[5] = {(unsigned char) type, (unsigned char) (length >> 24),
                             (unsigned char) (length >> 16), (unsigned char) (length >> 8),
                             (unsigned char) length};
    const char *parts[2] = {(const char *) head, bytes};
    size_t lengths[2] = {sizeof(head), length};

    for (int i = 0; i < 2; i++)
        for (size_t sent = 0; sent < lengths[i];) {
            ssize_t now = send(stream, parts[i] + sent, lengths[i] - sent, MSG_NOSIGNAL);
            if (now < 0 && errno == EINTR)
                continue;
            if (now <= 0)
                return false;
            sent += (size_t) now;
        }
    return true;
}

bool
agent_give_descriptor(int stream, int descriptor)
{
    char head[5] = {AGENT_FRAME_HANDLE};
    struct iovec part = {.iov_base = head, .iov_len = sizeof(head)};
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int))];
    } ancillary = {0};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = ancillary.room,
                             .msg_controllen = sizeof(ancillary.room)};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    ssize_t sent;

    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(header), &descriptor, sizeof(int));
    do
        sent = sendmsg(stream, &message, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return sent == sizeof(head);
}

/* 32 hexadecimal digits and at most 8 letters or digits, or a UUID with its hyphens: nothing that
 * leads out of a folder. */
static bool
id_is_sound(const char *id)
{
    size_t length = strlen(id);

    if (length < 32 || length > 40)
        return false;
    if (length == 36 && id[8] == '-') {
        for (int i = 0; i < 36; i++)
            if (i == 8 || i == 13 || i == 18 || i == 23 ? id[i] != '-'
                                                        : !isxdigit((unsigned char) id[i]))
                return false;
        return true;
    }
    for (size_t i = 0; i < length; i++)
        if (i < 32 ? !isxdigit((unsigned char) id[i]) : !isalnum((unsigned char) id[i]))
            return false;
    return true;
}

char *
agent_folder_of(const json_t *request, const char **id, char **problem)
{
    const char *text = json_text(request, "id", "");

    if (!id_is_sound(text)) {
        agent_problem(problem, -EINVAL, "\"%.60s\" is no instance id", text);
        return NULL;
    }
    if (id)
        *id = text;
    return str_format("%s/%s", agent_places.instances, text);
}

int
agent_slot_of(const json_t *request, char **problem)
{
    long long slot = json_number(request, "slot", 0);

    if (slot < 1 || slot > SLOT_LAST)
        return agent_problem(problem, -EINVAL, "slot %lld is out of range", slot);
    return (int) slot;
}

uid_t
agent_uid_of_slot(int slot)
{
    return agent_places.root ? agent_places.base + (uid_t) slot : agent_places.user;
}

/* Whether the locked file is still the one that others find under its name. */
static bool
is_in_place(int file, const char *path)
{
    struct stat ours, theirs;
    int again = paths_open(path, O_PATH, 0);
    bool same = again >= 0 && fstat(file, &ours) == 0 && fstat(again, &theirs) == 0 &&
                ours.st_ino == theirs.st_ino && ours.st_dev == theirs.st_dev;

    if (again >= 0)
        close(again);
    return same;
}

/* The lock file goes with its folder: whoever waited for one that went takes the next. */
static int
lock_instance(const json_t *request, char **problem)
{
    AUTO_FREE char *folder = agent_folder_of(request, NULL, problem);

    if (!folder)
        return -EINVAL;
    AUTO_FREE char *path = str_format("%s.lock", folder);
    for (;;) {
        int file = paths_open(path, O_RDWR | O_CREAT, 0600);
        if (file < 0)
            return agent_problem(problem, -errno, "cannot open %s: %s", path, strerror(errno));
        while (flock(file, LOCK_EX) != 0)
            if (errno != EINTR)
                return agent_problem(problem, -errno, "cannot lock %s: %s", path, strerror(errno));
        if (is_in_place(file, path))
            return 0;
        close(file);
    }
}

/* At the end of a verb, the lock still held: leaves no lock file where there is no folder. */
static void
forget_lock(const json_t *request)
{
    AUTO_FREE char *problem = NULL;
    AUTO_FREE char *folder = agent_folder_of(request, NULL, &problem);

    if (folder && !paths_exists(folder)) {
        AUTO_FREE char *path = str_format("%s.lock", folder);
        paths_unlink(path, 0);
    }
}

/* In the child. */
static void
carry_out(const char *text, size_t length, int stream)
{
    AUTO_JSON json_t *request = json_loadb(text, length, 0, NULL);
    AUTO_JSON json_t *answer = json_object();
    AUTO_FREE char *problem = NULL;
    const char *name = json_text(request, "verb", "");
    int error = -ENOSYS;

    for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
        if (strcmp(verbs[i].name, name) == 0) {
            error = verbs[i].locked ? lock_instance(request, &problem) : 0;
            if (!error) {
                error = verbs[i].verb(request, answer, stream, &problem);
                if (verbs[i].locked)
                    forget_lock(request);
            }
            break;
        }
    for (int i = 0; i < added_count; i++)
        if (strcmp(added[i].name, name) == 0)
            error = added[i].verb(request, answer, stream, &problem);
    json_object_set_new(answer, "error", json_integer(error));
    json_put_text(answer, "problem", problem);
    AUTO_FREE char *result = json_render(answer);
    agent_send_frame(stream, AGENT_FRAME_RESULT, result, strlen(result));
}

/* A request and its stream; the length, 0 at the end, negative errno. */
static ssize_t
receive(int control, char *text, size_t room, int *stream)
{
    struct iovec part = {.iov_base = text, .iov_len = room};
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int))];
    } ancillary;
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = ancillary.room,
                             .msg_controllen = sizeof(ancillary.room)};
    ssize_t length = recvmsg(control, &message, MSG_CMSG_CLOEXEC);

    *stream = -1;
    if (length < 0)
        return -errno;
    for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header;
         header = CMSG_NXTHDR(&message, header))
        if (header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS)
            memcpy(stream, CMSG_DATA(header), sizeof(int));
    return length;
}

void
agent_serve(int control)
{
    static char text[AGENT_REQUEST_LIMIT];
    sigset_t none;

    /* Children are not waited for: the kernel forgets them. Each waits for its own. */
    signal(SIGCHLD, SIG_IGN);
    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    for (;;) {
        int stream;
        ssize_t length = receive(control, text, sizeof(text), &stream);

        if (length == -EINTR)
            continue;
        if (length <= 0)
            _exit(0);
        if (stream < 0)
            continue;
        pid_t child = fork();
        if (child == 0) {
            close(control);
            signal(SIGCHLD, SIG_DFL);
            signal(SIGTERM, SIG_DFL);
            carry_out(text, (size_t) length, stream);
            _exit(0);
        }
        if (child < 0) {
            static const char busy[] = "{\"error\": -11, \"problem\": \"the host cannot start "
                                       "another process\"}";
            agent_send_frame(stream, AGENT_FRAME_RESULT, busy, sizeof(busy) - 1);
        }
        close(stream);
    }
}
