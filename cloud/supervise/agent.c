/*
 * agent.c: the API process's side of the host agent: makes the agent, gives up root, and turns each
 * call of agent.h into one request and its frames. See agent_internal.h for the protocol.
 */
#include "supervise/agent.h"

#include "base/log.h"
#include "base/memory.h"
#include "supervise/agent_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define SERVICE_USER "casement"
/* Above what distributions, user name spaces and systemd's dynamic users take. */
#define SLOT_UID_BASE 700000

AgentPlaces agent_places;
static int control = -1; /* the API process's end; a message at a time, so threads may share it */

static int
make_user(void)
{
    int status = 0;
    pid_t child = fork();

    if (child < 0)
        return -errno;
    if (child == 0) {
        execl("/usr/sbin/useradd", "useradd", "--system", "--home-dir", "/nonexistent",
              "--no-create-home", "--shell", "/usr/sbin/nologin", SERVICE_USER, (char *) NULL);
        _exit(127);
    }
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -ENOENT;
}

static int
find_user(void)
{
    struct passwd *entry;

    agent_places.root = geteuid() == 0;
    agent_places.user = geteuid();
    agent_places.group = getegid();
    if (!agent_places.root)
        return 0;
    agent_places.base = SLOT_UID_BASE;
    entry = getpwnam(SERVICE_USER);
    if (!entry) {
        log_notice("adding the system user \"" SERVICE_USER "\", which the service runs as");
        if (make_user() < 0 || !(entry = getpwnam(SERVICE_USER))) {
            log_error("useradd could not add the user \"" SERVICE_USER "\"; add it by hand");
            return -ENOENT;
        }
    }
    agent_places.user = entry->pw_uid;
    agent_places.group = entry->pw_gid;
    return 0;
}

/* `casement` stands beside `casementd`, or, for the tests' programs, in a folder above. */
static char *
find_program(void)
{
    char self[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);

    self[length > 0 ? length : 0] = '\0';
    for (char *slash; (slash = strrchr(self, '/')) != NULL;) {
        struct stat about;

        *slash = '\0';
        AUTO_FREE char *program = str_format("%s/casement", self);
        if (stat(program, &about) == 0 && S_ISREG(about.st_mode) && about.st_mode & 0111)
            return str_copy(program);
    }
    return str_copy("/usr/bin/casement");
}

static int
make_places(const char *data)
{
    char *problem = NULL;
    int error;

    agent_places.data = str_copy(data);
    agent_places.instances = str_format("%s/instances", data);
    agent_places.backups = str_format("%s/backups", data);
    agent_places.template_dir = str_format("%s/template", data);
    agent_places.program = find_program();
    error = files_make_folder(data, 0755, agent_places.user, agent_places.group, &problem);
    if (!error)
        error = files_make_folder(agent_places.instances, 0711, geteuid(), getegid(), &problem);
    if (!error)
        error = files_make_folder(agent_places.backups, 0711, geteuid(), getegid(), &problem);
    if (error)
        log_error("%s", problem);
    free(problem);
    return error;
}

int
agent_start(const char *data)
{
    int pair[2], error = find_user();
    pid_t child, parent = getpid();

    if (!error)
        error = make_places(data);
    if (error)
        return error;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
        return -errno;
    child = fork();
    if (child < 0)
        return -errno;
    if (child == 0) {
        close(pair[0]);
        /* A signal to the terminal's group is the daemon's to act upon; the agent ends with it. */
        setsid();
        prctl(PR_SET_NAME, "casement-agent");
        if (getppid() != parent)
            _exit(0);
        agent_serve(pair[1]);
    }
    close(pair[1]);
    control = pair[0];
    return 0;
}

int
agent_connection(void)
{
    return control;
}

int
agent_drop_privileges(void)
{
    if (!agent_places.root)
        return 0;
    if (initgroups(SERVICE_USER, agent_places.group) != 0 || setgid(agent_places.group) != 0 ||
        setuid(agent_places.user) != 0)
        return -errno;
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    setenv("HOME", "/nonexistent", 1);
    setenv("USER", SERVICE_USER, 1);
    setenv("LOGNAME", SERVICE_USER, 1);
    return setuid(0) == 0 ? -EPERM : 0;
}

/* Sends the request with the far end of a new stream; the near end, or a negative errno. */
static int
send_request(const char *text)
{
    int pair[2];
    struct iovec part = {.iov_base = (void *) text, .iov_len = strlen(text)};
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int))];
    } ancillary = {0};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = ancillary.room,
                             .msg_controllen = sizeof(ancillary.room)};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    int error = 0;

    if (part.iov_len > AGENT_REQUEST_LIMIT)
        return -E2BIG;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        return -errno;
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(header), &pair[1], sizeof(int));
    while (sendmsg(control, &message, MSG_NOSIGNAL) < 0)
        if (errno != EINTR) {
            error = -errno;
            break;
        }
    close(pair[1]);
    if (error) {
        close(pair[0]);
        return error;
    }
    return pair[0];
}

/* Bytes, and a descriptor that may come with them: *descriptor, or closed where none is wanted. */
static ssize_t
read_some(int stream, void *bytes, size_t length, int *descriptor)
{
    struct iovec part = {.iov_base = bytes, .iov_len = length};
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int))];
    } ancillary;
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = ancillary.room,
                             .msg_controllen = sizeof(ancillary.room)};
    ssize_t got = recvmsg(stream, &message, MSG_CMSG_CLOEXEC);
    int given = -1;

    for (struct cmsghdr *header = got > 0 ? CMSG_FIRSTHDR(&message) : NULL; header;
         header = CMSG_NXTHDR(&message, header))
        if (header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS)
            memcpy(&given, CMSG_DATA(header), sizeof(int));
    if (given >= 0 && descriptor && *descriptor < 0)
        *descriptor = given;
    else if (given >= 0)
        close(given);
    return got;
}

static bool
read_fully(int stream, void *bytes, size_t length, int *descriptor)
{
    for (size_t have = 0; have < length;) {
        ssize_t got = read_some(stream, (char *) bytes + have, length - have, descriptor);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        have += (size_t) got;
    }
    return true;
}

typedef struct FrameSink {
    void (*on_line)(void *context, const char *line);
    void *context;
    char **bytes;
    size_t *length;
    int *descriptor; /* -1 until one comes */
} FrameSink;

/* Reads frames to the last; its JSON, or NULL when the agent's child ended without one. */
static json_t *
read_frames(int stream, const FrameSink *sink)
{
    unsigned char head[5];
    int *descriptor = sink ? sink->descriptor : NULL;

    while (read_fully(stream, head, sizeof(head), descriptor)) {
        size_t length = (size_t) head[1] << 24 | (size_t) head[2] << 16 | (size_t) head[3] << 8 |
                        (size_t) head[4];
        if (length > AGENT_FRAME_LIMIT)
            return NULL;
        AUTO_FREE char *payload = mem_new(length + 1, 1);
        if (!read_fully(stream, payload, length, descriptor))
            return NULL;
        if (head[0] == AGENT_FRAME_RESULT)
            return json_loadb(payload, length, 0, NULL);
        if (head[0] == AGENT_FRAME_LINE && sink && sink->on_line) {
            sink->on_line(sink->context, payload);
        } else if (head[0] == AGENT_FRAME_BYTES && sink && sink->bytes) {
            free(*sink->bytes);
            *sink->bytes = payload;
            *sink->length = length;
            payload = NULL;
        }
    }
    return NULL;
}

/* Takes over request. *answer, where wanted, is a new reference. */
static int
call(json_t *request, const FrameSink *sink, json_t **answer, char **problem)
{
    AUTO_JSON json_t *owned = request;
    AUTO_FREE char *text = json_render(owned);
    AUTO_JSON json_t *result = NULL;
    int stream = send_request(text), error;

    if (stream < 0) {
        if (problem)
            *problem = str_format("the host agent cannot be reached: %s", strerror(-stream));
        return stream;
    }
    result = read_frames(stream, sink);
    close(stream);
    if (!result) {
        if (problem)
            *problem = str_copy("the host agent ended while it worked");
        return -EPIPE;
    }
    error = (int) json_number(result, "error", 0);
    if (error && problem)
        *problem = str_copy(json_text(result, "problem", "no reason given"));
    if (answer) {
        *answer = result;
        result = NULL;
    }
    return error;
}

int
agent_ask(json_t *request, json_t **answer, char **problem)
{
    return call(request, NULL, answer, problem);
}

int
agent_ask_descriptor(json_t *request, int *descriptor, char **problem)
{
    FrameSink sink = {.descriptor = descriptor};

    *descriptor = -1;
    int error = call(request, &sink, NULL, problem);
    if (error && *descriptor >= 0) {
        close(*descriptor);
        *descriptor = -1;
    }
    return error;
}

static json_t *
about(const char *verb, const char *id)
{
    return json_pack("{s:s, s:s}", "verb", verb, "id", id);
}

static json_t *
about_slot(const char *verb, const char *id, int slot)
{
    return json_pack("{s:s, s:s, s:i}", "verb", verb, "id", id, "slot", slot);
}

static json_t *
about_instance(const char *verb, const AgentInstance *instance)
{
    return json_pack("{s:s, s:s, s:i, s:s, s:i, s:I, s:f, s:I, s:I}", "verb", verb, "id",
                     instance->id, "slot", instance->slot, "address", instance->address, "port",
                     instance->port, "memory_mb", (json_int_t) instance->limits.memory_mb, "cpus",
                     instance->limits.cpus, "max_connections",
                     (json_int_t) instance->limits.max_connections, "volume_gb",
                     (json_int_t) instance->limits.volume_gb);
}

int
agent_template_prepare(char **problem)
{
    return call(json_pack("{s:s}", "verb", "template"), NULL, NULL, problem);
}

int
agent_instance_create(const AgentInstance *instance, char **problem)
{
    return call(about_instance("create", instance), NULL, NULL, problem);
}

int
agent_instance_copy(const AgentInstance *instance, const char *from_id, char **problem)
{
    json_t *request = about_instance("create", instance);

    json_put_text(request, "from_id", from_id);
    return call(request, NULL, NULL, problem);
}

static json_t *
text_array(const char *const *texts)
{
    json_t *array = json_array();

    for (; texts && *texts; texts++)
        json_array_append_new(array, json_string(*texts));
    return array;
}

int
agent_instance_configure(const AgentInstance *instance,
                         const char *const *parameters,
                         bool reload,
                         char **problem)
{
    json_t *request = about_instance("configure", instance);

    json_object_set_new(request, "parameters", text_array(parameters));
    json_object_set_new(request, "reload", json_boolean(reload));
    return call(request, NULL, NULL, problem);
}

int
agent_instance_start(const AgentInstance *instance, char **problem)
{
    return call(about_instance("start", instance), NULL, NULL, problem);
}

int
agent_instance_stop(const char *id, char **problem)
{
    return call(about("stop", id), NULL, NULL, problem);
}

int
agent_instance_state(const char *id, AgentState *state)
{
    AUTO_JSON json_t *answer = NULL;
    int error = call(about("state", id), NULL, &answer, NULL);

    if (!error)
        *state = (AgentState) json_number(answer, "state", AGENT_ABSENT);
    return error;
}

int
agent_instance_usage(const char *id, AgentUsage *usage)
{
    AUTO_JSON json_t *answer = NULL;
    int error = call(about("usage", id), NULL, &answer, NULL);

    if (error)
        return error;
    *usage = (AgentUsage){.cpu_seconds = json_number_value(json_object_get(answer, "cpu_seconds")),
                          .memory_bytes = json_number(answer, "memory_bytes", 0),
                          .read_bytes = json_number(answer, "read_bytes", 0),
                          .written_bytes = json_number(answer, "written_bytes", 0),
                          .disk_bytes = json_number(answer, "disk_bytes", 0),
                          .processes = (int) json_number(answer, "processes", 0)};
    return 0;
}

int
agent_instance_remove(const char *id, char **problem)
{
    return call(about("remove", id), NULL, NULL, problem);
}

int
agent_folder_create(const char *id, int slot, char **problem)
{
    return call(about_slot("folder-create", id, slot), NULL, NULL, problem);
}

int
agent_folder_own(const char *id, int slot, char **problem)
{
    return call(about_slot("folder-own", id, slot), NULL, NULL, problem);
}

int
agent_instance_replace(const char *id, const char *with_id, int slot, char **problem)
{
    json_t *request = about_slot("replace", id, slot);

    json_put_text(request, "with_id", with_id);
    return call(request, NULL, NULL, problem);
}

int
agent_folder_settle(const char *id, char **problem)
{
    return call(about("settle", id), NULL, NULL, problem);
}

int
agent_backups_create(const char *id, int slot, char **problem)
{
    return call(about_slot("backups-create", id, slot), NULL, NULL, problem);
}

int
agent_folder_put_back(const char *id, char **problem)
{
    return call(about("put-back", id), NULL, NULL, problem);
}

int
agent_backups_remove(const char *id, char **problem)
{
    return call(about("backups-remove", id), NULL, NULL, problem);
}

int
agent_write_file(const char *id, int slot, const char *name, const char *content, char **problem)
{
    json_t *request = about_slot("write-file", id, slot);

    json_put_text(request, "name", name);
    json_put_text(request, "content", content);
    return call(request, NULL, NULL, problem);
}

int
agent_instance_limit(const AgentInstance *instance, const char **applied, char **problem)
{
    AUTO_JSON json_t *answer = NULL;
    int error = call(about_instance("limit", instance), NULL, &answer, problem);

    if (!error && applied)
        *applied = strcmp(json_text(answer, "applied", ""), "cgroup") == 0     ? "cgroup"
                   : strcmp(json_text(answer, "applied", ""), "affinity") == 0 ? "affinity"
                                                                               : "parameters only";
    return error;
}

int
agent_run(const char *id,
          int slot,
          AgentProgram program,
          const char *const *arguments,
          const char *const *environment,
          void (*on_line)(void *context, const char *line),
          void *context,
          char **output,
          char **errors)
{
    AUTO_JSON json_t *answer = NULL;
    AUTO_FREE char *problem = NULL;
    FrameSink sink = {.on_line = on_line, .context = context};
    json_t *request = about_slot("run", id, slot);

    json_object_set_new(request, "program", json_integer(program));
    json_object_set_new(request, "arguments", text_array(arguments));
    json_object_set_new(request, "environment", text_array(environment));
    int error = call(request, &sink, &answer, &problem);
    if (output)
        *output = str_copy(json_text(answer, "output", ""));
    if (errors)
        *errors = str_copy(error ? (problem ? problem : "") : json_text(answer, "errors", ""));
    return error ? error : (int) json_number(answer, "status", -EIO);
}

int
agent_read_file(const char *id,
                const char *folder,
                const char *name,
                long long offset,
                size_t most,
                char **bytes,
                size_t *length,
                long long *size)
{
    AUTO_JSON json_t *answer = NULL;
    char *read_bytes = NULL;
    size_t read_length = 0;
    FrameSink sink = {.bytes = &read_bytes, .length = &read_length};
    json_t *request = about("read-file", id);

    json_put_text(request, "folder", folder);
    json_put_text(request, "name", name);
    json_object_set_new(request, "offset", json_integer(offset));
    json_object_set_new(request, "most", json_integer((json_int_t) most));
    int error = call(request, &sink, &answer, NULL);
    if (error) {
        free(read_bytes);
        return error;
    }
    *bytes = read_bytes ? read_bytes : str_copy("");
    *length = read_length;
    if (size)
        *size = json_number(answer, "size", 0);
    return 0;
}

/* The strings of the answer's array, NULL-terminated; they and the array are the caller's. */
static char **
texts_of(const json_t *array)
{
    size_t count = json_array_size(array);
    char **texts = mem_new(count + 1, sizeof(char *));

    for (size_t i = 0; i < count; i++)
        texts[i] = str_copy(json_string_value(json_array_get(array, i)));
    return texts;
}

int
agent_list_files(const char *id, const char *folder, char ***names)
{
    AUTO_JSON json_t *answer = NULL;
    json_t *request = about("list-files", id);

    json_put_text(request, "folder", folder);
    int error = call(request, NULL, &answer, NULL);
    if (!error)
        *names = texts_of(json_object_get(answer, "names"));
    return error;
}

int
agent_list(char ***ids)
{
    AUTO_JSON json_t *answer = NULL;
    int error = call(json_pack("{s:s}", "verb", "list"), NULL, &answer, NULL);

    if (!error)
        *ids = texts_of(json_object_get(answer, "ids"));
    return error;
}
