/*
 * agent_instance.c: the verbs on an instance: its folder, its settings, its start and end.
 *
 * <data>/instances/<id> belongs to root, what the instance's processes write belongs to them:
 * cluster, run, log, tls, spool. So the settings, which only the agent writes, cannot be replaced
 * from inside.
 */
#include "base/memory.h"
#include "supervise/agent_internal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define START_SECONDS 60
#define READ_LIMIT (2 << 20)

static char *
under(const char *folder, const char *name)
{
    return str_format("%s/%s", folder, name);
}

/* The folders of an instance, and its lock file, which the shim may write but not make. */
static int
make_folders(const char *folder, int slot, char **problem)
{
    static const struct {
        const char *name;
        mode_t mode;
        bool shared; /* the daemon may enter */
    } parts[] = {{"cluster", 0700, false}, {"run", 0750, true},    {"log", 0750, true},
                 {"tls", 0750, true},      {"spool", 0700, false}, {NULL, 0, false}};
    uid_t uid = agent_uid_of_slot(slot);
    gid_t gid = agent_places.root ? (gid_t) uid : agent_places.group;
    int error = files_make_folder(folder, 0755, geteuid(), getegid(), problem);

    for (int i = 0; !error && parts[i].name; i++) {
        AUTO_FREE char *path = under(folder, parts[i].name);
        error = files_make_folder(path, parts[i].mode, uid,
                                  parts[i].shared ? agent_places.group : gid, problem);
    }
    if (error)
        return error;
    AUTO_FREE char *lock = under(folder, "casement.lock");
    int file = paths_open(lock, O_RDWR | O_CREAT, 0644);
    if (file < 0 || (agent_places.root && fchown(file, uid, gid) != 0))
        error = agent_problem(problem, -errno, "cannot make %s: %s", lock, strerror(errno));
    if (file >= 0)
        close(file);
    return error;
}

int
verb_create(const json_t *request, json_t *answer, int stream, char **problem)
{
    AUTO_FREE char *folder = agent_folder_of(request, NULL, problem);
    int slot = agent_slot_of(request, problem), error;

    if (!folder || slot < 0)
        return -EINVAL;
    const char *other = json_text(request, "from_id", NULL);
    AUTO_JSON json_t *origin = json_pack("{s:s}", "id", other ? other : "");
    AUTO_FREE char *copied = other ? agent_folder_of(origin, NULL, problem) : NULL;
    if (other && !copied)
        return -EINVAL;
    if (copied && process_shim(copied) > 0)
        return agent_problem(problem, -EBUSY, "the instance to be copied still runs");
    AUTO_FREE char *from = under(copied ? copied : agent_places.template_dir, "cluster/data");
    AUTO_FREE char *to = under(folder, "cluster/data");
    error = make_folders(folder, slot, problem);
    if (!error && !paths_exists(to))
        error = files_copy_tree(from, to, agent_uid_of_slot(slot), problem);
    return error;
}

int
verb_folder_create(const json_t *request, json_t *answer, int stream, char **problem)
{
    AUTO_FREE char *folder = agent_folder_of(request, NULL, problem);
    int slot = agent_slot_of(request, problem), error;

    if (!folder || slot < 0)
        return -EINVAL;
    error = make_folders(folder, slot, problem);
    if (!error) {
        AUTO_FREE char *data = under(folder, "cluster/data");
        uid_t uid = agent_uid_of_slot(slot);
        error = files_make_folder(data, 0700, uid, uid, problem);
    }
    return error;
}

int
verb_folder_own(const json_t *request, json_t *answer, int stream, char **problem)
{
    AUTO_FREE char *folder = agent_folder_of(request, NULL, problem);
    int slot = agent_slot_of(request, problem), error;

    if (!folder || slot < 0)
        return -EINVAL;
    AUTO_FREE char *cluster = under(folder, "cluster");
    AUTO_FREE char *log = under(folder, "log");
    AUTO_FREE char *spool = under(folder, "spool");
    AUTO_FREE char *tls = under(folder, "tls");
    error = files_own_tree(cluster, agent_uid_of_slot(slot), problem);
    if (!error)
        error = files_own_tree(log, agent_uid_of_slot(slot), problem);
    if (!error)
        error = files_own_tree(spool, agent_uid_of_slot(slot), problem);
    /* The key is the other user's: a new one is made at the next start. */
    if (!error)
        error = files_remove_tree(tls, problem);
    return error ? error : make_folders(folder, slot, problem);
}

/* One line of casement.conf; a line break inside would be another setting. */
static int
add_setting(Buffer *text, const char *name, const char *value, char **problem)
{
    if (strpbrk(value, "\r\n") != NULL)
        return agent_problem(problem, -EINVAL, "a setting must be one line");
    buffer_format(text, "%s = %s\n", name, value);
    return 0;
}

static int
write_settings(const json_t *request, const char *folder, int slot, char **problem)
{
    Buffer text = {0};
    size_t index;
    json_t *one;
    int error;
    AUTO_FREE char *path = under(folder, "casement.conf");
    AUTO_FREE char *port = str_format("%lld", json_number(request, "port", 0));
    AUTO_FREE char *memory = str_format("%lld", json_number(request, "memory_mb", 0));
    AUTO_FREE char *clients = str_format("%lld", json_number(request, "max_connections", 200));

    buffer_add_text(&text, "# Written by casementd: change the instance by its API instead.\n");
    error = add_setting(&text, "port", port, problem);
    if (!error)
        error = add_setting(&text, "listen", json_text(request, "address", ""), problem);
    if (!error)
        error = add_setting(&text, "memory", memory, problem);
    if (!error)
        error = add_setting(&text, "max-connections", clients, problem);
    if (!error)
        error = add_setting(&text, "pool-size", "2", problem);
    if (!error)
        error = add_setting(&text, "runtime", agent_places.template_dir, problem);
    AUTO_FREE char *certificate = under(folder, "server.crt");
    AUTO_FREE char *key = under(folder, "server.key");
    if (!error && paths_exists(certificate) && paths_exists(key)) {
        error = add_setting(&text, "certificate", certificate, problem);
        if (!error)
            error = add_setting(&text, "private-key", key, problem);
    }
    buffer_add_text(&text, "local-access = folder\nsa = none\n");
    json_array_foreach(json_object_get(request, "parameters"), index, one) if (!error) error =
        add_setting(&text, "set", json_string_value(one) ? json_string_value(one) : "", problem);
    if (!error)
        error = files_write(path, 0600, agent_uid_of_slot(slot), text.text, problem);
    buffer_done(&text);
    return error;
}

int
verb_configure(const json_t *request, json_t *answer, int stream, char **problem)
{
    AUTO_FREE char *folder = agent_folder_of(request, NULL, problem);
    int slot = agent_slot_of(request, problem), error;
    pid_t shim;

    if (!folder || slot < 0)
        return -EINVAL;
    error = write_settings(request, folder, slot, problem);
    shim = process_shim(folder);
    if (!error && shim > 0 && json_flag(request, "reload", false))
        kill(shim, SIGHUP);
    return error;
}

static void
limits_of(const json_t *request, const char *id, AgentInstance *instance)
{
    memset(instance, 0, sizeof(*instance));
    strncat(instance->id, id, sizeof(instance->id) - 1);
    instance->limits.memory_mb = (long) json_number(request, "memory_mb", 0);
    instance->limits.cpus = json_number_value(json_object_get(request, "cpus"));
}

/* Appends the end of the shim's log to the problem, which is what explains a failed start. */
static int
start_failed(const char *folder, const char *what, char **problem)
{
    AUTO_FREE char *path = under(folder, "log/serve.log");
    AUTO_FREE char *log = files_read(path, 1 << 20);
    size_t length = log ? strlen(log) : 0;

    return agent_problem(problem, -EIO, "%s; the end of its log: %s", what,
                         log ? log + (length > 600 ? length - 600 : 0) : "");
}

int
verb_start(const json_t *request, json_t *answer, int stream, char **problem)
{
    const char *id = NULL;
    AUTO_FREE char *folder = agent_folder_of(request, &id, problem);
    int slot = agent_slot_of(request, problem), error;
    const char *address = json_text(request, "address", "127.0.0.1");
    int port = (int) json_number(request, "port", 0);
    AgentInstance instance;

    if (!folder || slot < 0)
        return -EINVAL;
    limits_of(request, id, &instance);
    json_put_text(answer, "applied", limits_apply(&instance, 0));
    if (process_shim(folder) == 0) {
        const char *arguments[] = {"casement", "serve", "--data", folder, NULL};
        AUTO_FREE char *log = under(folder, "log/serve.log");
        paths_unlink(log, 0);
        error = process_start_shim(folder, slot, arguments, id, instance.limits.cpus, problem);
        if (error)
            return error;
    }
    for (int waited = 0; waited < START_SECONDS * 50; waited++) {
        struct timespec pause = {.tv_nsec = 20000000};

        if (process_answers(address, port, 1000))
            return 0;
        /* The first moments have no lock yet. */
        if (waited > 25 && process_shim(folder) == 0)
            return start_failed(folder, "the instance ended while it started", problem);
        nanosleep(&pause, NULL);
    }
    return start_failed(folder, "the instance does not answer", problem);
}

int
verb_stop(const json_t *request, json_t *answer, int stream, char **problem)
{
    AUTO_FREE char *folder = agent_folder_of(request, NULL, problem);

    return folder ? process_end_all(folder, process_shim(folder), problem) : -EINVAL;
}

/* The value of a setting in the instance's file, owned by the caller; "" without one. */
static char *
setting_of(const char *folder, const char *name)
{
    AUTO_FREE char *path = under(folder, "casement.conf");
    AUTO_FREE char *text = files_read(path, 65536);
    AUTO_FREE char *key = str_format("%s = ", name);

    for (char *line = text; line && *line;) {
        size_t length = strcspn(line, "\n");
        if (strncmp(line, key, strlen(key)) == 0)
            return str_copy_n(line + strlen(key), length - strlen(key));
        line += length + (line[length] == '\n');
    }
    return str_copy("");
}

int
verb_state(const json_t *request, json_t *answer, int stream, char **problem)
{
    AUTO_FREE char *folder = agent_folder_of(request, NULL, problem);
    AgentState state = AGENT_ABSENT;

    if (!folder)
        return -EINVAL;
    AUTO_FREE char *version = under(folder, "cluster/data/PG_VERSION");
    if (paths_exists(folder))
        state = paths_exists(version) ? AGENT_STOPPED : AGENT_FAILED;
    if (process_shim(folder) > 0) {
        AUTO_FREE char *address = setting_of(folder, "listen");
        AUTO_FREE char *port = setting_of(folder, "port");
        state = process_answers(address, (int) strtol(port, NULL, 10), 2000) ? AGENT_READY
                                                                             : AGENT_STARTING;
    }
    json_object_set_new(answer, "state", json_integer(state));
    return 0;
}

int
verb_usage(const json_t *request, json_t *answer, int stream, char **problem)
{
    const char *id = NULL;
    AUTO_FREE char *folder = agent_folder_of(request, &id, problem);
    AgentUsage usage = {0};

    if (!folder)
        return -EINVAL;
    limits_usage(id, &usage);
    json_object_set_new(answer, "cpu_seconds", json_real(usage.cpu_seconds));
    json_object_set_new(answer, "memory_bytes", json_integer(usage.memory_bytes));
    json_object_set_new(answer, "read_bytes", json_integer(usage.read_bytes));
    json_object_set_new(answer, "written_bytes", json_integer(usage.written_bytes));
    json_object_set_new(answer, "disk_bytes", json_integer(usage.disk_bytes));
    json_object_set_new(answer, "processes", json_integer(usage.processes));
    return 0;
}

int
verb_remove(const json_t *request, json_t *answer, int stream, char **problem)
{
    const char *id = NULL;
    AUTO_FREE char *folder = agent_folder_of(request, &id, problem);
    int error;

    if (!folder)
        return -EINVAL;
    error = process_end_all(folder, process_shim(folder), problem);
    if (!error)
        error = files_remove_tree(folder, problem);
    if (!error)
        limits_remove(id);
    return error;
}

int
verb_limit(const json_t *request, json_t *answer, int stream, char **problem)
{
    const char *id = NULL;
    AUTO_FREE char *folder = agent_folder_of(request, &id, problem);
    AgentInstance instance;

    if (!folder)
        return -EINVAL;
    limits_of(request, id, &instance);
    json_put_text(answer, "applied", limits_apply(&instance, process_shim(folder)));
    return 0;
}

int
verb_replace(const json_t *request, json_t *answer, int stream, char **problem)
{
    AUTO_FREE char *folder = agent_folder_of(request, NULL, problem);
    AUTO_JSON json_t *other = json_pack("{s:s}", "id", json_text(request, "with_id", ""));
    AUTO_FREE char *with = agent_folder_of(other, NULL, problem);
    int slot = agent_slot_of(request, problem), error = 0;

    if (!folder || !with || slot < 0)
        return -EINVAL;
    if (process_shim(folder) > 0 || process_shim(with) > 0)
        return agent_problem(problem, -EBUSY, "the instance still runs");
    AUTO_FREE char *now = under(folder, "cluster/data");
    AUTO_FREE char *old = under(folder, "cluster/replaced");
    AUTO_FREE char *new = under(with, "cluster/data");
    if (paths_exists(new)) {
        error = files_own_tree(new, agent_uid_of_slot(slot), problem);
        if (!error && paths_exists(now)) {
            error = files_remove_tree(old, problem);
            if (!error && (error = paths_rename(now, old)) != 0)
                agent_problem(problem, error, "cannot set the old cluster aside: %s",
                              strerror(-error));
        }
        if (!error && (error = paths_rename(new, now)) != 0)
            agent_problem(problem, error, "cannot put the new cluster in place: %s",
                          strerror(-error));
    }
    if (!error)
        error = files_remove_tree(with, problem);
    if (!error) {
        AUTO_FREE char *lock = str_format("%s.lock", with);
        paths_unlink(lock, 0);
    }
    return error;
}

int
verb_settle(const json_t *request, json_t *answer, int stream, char **problem)
{
    AUTO_FREE char *folder = agent_folder_of(request, NULL, problem);

    if (!folder)
        return -EINVAL;
    AUTO_FREE char *old = under(folder, "cluster/replaced");
    return files_remove_tree(old, problem);
}

/* Without a replaced cluster nothing was replaced, and what is there stays. */
int
verb_put_back(const json_t *request, json_t *answer, int stream, char **problem)
{
    AUTO_FREE char *folder = agent_folder_of(request, NULL, problem);
    int error;

    if (!folder)
        return -EINVAL;
    AUTO_FREE char *now = under(folder, "cluster/data");
    AUTO_FREE char *old = under(folder, "cluster/replaced");
    if (!paths_exists(old))
        return 0;
    error = process_end_all(folder, process_shim(folder), problem);
    if (!error)
        error = files_remove_tree(now, problem);
    if (!error && (error = paths_rename(old, now)) != 0)
        agent_problem(problem, error, "cannot put the old cluster back: %s", strerror(-error));
    return error;
}

static char *
backups_of(const json_t *request, char **problem)
{
    const char *id = NULL;
    AUTO_FREE char *folder = agent_folder_of(request, &id, problem);

    return folder ? str_format("%s/%s", agent_places.backups, id) : NULL;
}

int
verb_backups_create(const json_t *request, json_t *answer, int stream, char **problem)
{
    AUTO_FREE char *path = backups_of(request, problem);
    int slot = agent_slot_of(request, problem);

    if (!path || slot < 0)
        return -EINVAL;
    uid_t uid = agent_uid_of_slot(slot);
    return files_make_folder(path, 0700, uid, agent_places.root ? uid : agent_places.group,
                             problem);
}

int
verb_backups_remove(const json_t *request, json_t *answer, int stream, char **problem)
{
    AUTO_FREE char *path = backups_of(request, problem);

    return path ? files_remove_tree(path, problem) : -EINVAL;
}

int
verb_write_file(const json_t *request, json_t *answer, int stream, char **problem)
{
    static const char *const allowed[] = {"pgbackrest.conf", "server.crt", "server.key"};
    AUTO_FREE char *folder = agent_folder_of(request, NULL, problem);
    int slot = agent_slot_of(request, problem);
    const char *name = json_text(request, "name", "");

    if (!folder || slot < 0)
        return -EINVAL;
    for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++)
        if (strcmp(allowed[i], name) == 0) {
            AUTO_FREE char *path = under(folder, name);
            return files_write(path, 0600, agent_uid_of_slot(slot),
                               json_text(request, "content", ""), problem);
        }
    return agent_problem(problem, -EINVAL, "an instance has no file \"%s\"", name);
}

/* A folder whose files may be read through the agent, opened; or a negative errno. */
static int
open_readable(const json_t *request, char **problem)
{
    AUTO_FREE char *folder = agent_folder_of(request, NULL, problem);
    const char *which = json_text(request, "folder", "");
    int opened;

    if (!folder)
        return -EINVAL;
    if (strcmp(which, "log") != 0 && strcmp(which, "tls") != 0)
        return agent_problem(problem, -EINVAL, "\"%s\" is not to be read", which);
    AUTO_FREE char *path = under(folder, which);
    opened = paths_open_folder(path);
    return opened < 0 ? -errno : opened;
}

int
verb_read_file(const json_t *request, json_t *answer, int stream, char **problem)
{
    const char *name = json_text(request, "name", "");
    long long offset = json_number(request, "offset", 0), most = json_number(request, "most", 0);
    int folder = open_readable(request, problem), file;
    struct stat about;

    if (folder < 0)
        return folder;
    /* A private key stays where it is. */
    if (strchr(name, '/') || name[0] == '.' || strstr(name, "private_key")) {
        close(folder);
        return agent_problem(problem, -EINVAL, "\"%s\" is not to be read", name);
    }
    file = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    close(folder);
    if (file < 0)
        return -errno;
    if (fstat(file, &about) != 0 || !S_ISREG(about.st_mode)) {
        close(file);
        return -EINVAL;
    }
    if (most < 0 || most > READ_LIMIT)
        most = READ_LIMIT;
    AUTO_FREE char *bytes = mem_new((size_t) most + 1, 1);
    ssize_t got = pread(file, bytes, (size_t) most, offset < 0 ? 0 : offset);
    close(file);
    if (got < 0)
        return -errno;
    json_object_set_new(answer, "size", json_integer(about.st_size));
    agent_send_frame(stream, AGENT_FRAME_BYTES, bytes, (size_t) got);
    return 0;
}

int
verb_list_files(const json_t *request, json_t *answer, int stream, char **problem)
{
    int folder = open_readable(request, problem);
    DIR *entries = folder < 0 ? NULL : fdopendir(folder);
    json_t *names = json_array();

    for (struct dirent *entry; entries && (entry = readdir(entries));)
        if (entry->d_name[0] != '.' && entry->d_type == DT_REG)
            json_array_append_new(names, json_string(entry->d_name));
    if (entries)
        closedir(entries);
    json_object_set_new(answer, "names", names);
    return folder < 0 ? folder : 0;
}

int
verb_list(const json_t *request, json_t *answer, int stream, char **problem)
{
    int opened = paths_open_folder(agent_places.instances);
    DIR *entries = opened < 0 ? NULL : fdopendir(opened);
    json_t *ids = json_array();

    for (struct dirent *entry; entries && (entry = readdir(entries));) {
        AUTO_JSON json_t *about = json_pack("{s:s}", "id", entry->d_name);
        AUTO_FREE char *ignored = NULL;
        AUTO_FREE char *folder =
            entry->d_type == DT_DIR ? agent_folder_of(about, NULL, &ignored) : NULL;

        if (folder)
            json_array_append_new(ids, json_string(entry->d_name));
    }
    if (entries)
        closedir(entries);
    json_object_set_new(answer, "ids", ids);
    return 0;
}
