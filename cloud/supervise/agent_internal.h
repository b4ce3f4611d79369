/*
 * agent_internal.h: the agent's own side: what its files give each other. Nothing outside
 * cloud/supervise includes it.
 *
 * A request is one message (JSON text) on the agent's control socket together with the descriptor
 * of a stream; the agent forks a child for it, which does the work as root, writes frames to the
 * stream and ends. A frame is a type byte, a length (4 bytes, big-endian) and that many bytes.
 */
#pragma once

#include "base/json.h"
#include "supervise/agent.h"
#include "supervise/agent_verb.h"

#include <sys/stat.h>

#define AGENT_REQUEST_LIMIT (128 * 1024)
#define AGENT_FRAME_LIMIT (4 << 20)
#define AGENT_FRAME_LINE 'L'   /* a line of a program's output, as it comes */
#define AGENT_FRAME_BYTES 'B'  /* raw bytes of a file */
#define AGENT_FRAME_HANDLE 'D' /* empty; a descriptor comes with it */
#define AGENT_FRAME_RESULT 'R' /* JSON, the last: {"error": errno, "problem": text, ...} */

/* Where everything is; set before the fork. */
typedef struct AgentPlaces {
    char *data, *instances, *backups, *template_dir, *program; /* program: `casement` */
    bool root;
    uid_t user; /* `casement`, or ours without root */
    gid_t group;
    uid_t base; /* of the slots' uids */
} AgentPlaces;

extern AgentPlaces agent_places;

/* The agent's main loop; does not return. */
void agent_serve(int control) __attribute__((noreturn));

bool agent_send_frame(int stream, char type, const void *bytes, size_t length);

/* The checked id of the request and its folder (owned by the caller), or NULL with *problem. */
char *agent_folder_of(const json_t *request, const char **id, char **problem);
/* The checked slot, or a negative errno. */
int agent_slot_of(const json_t *request, char **problem);
uid_t agent_uid_of_slot(int slot);

/* agent_paths.c: absolute paths, all below the data directory (or it). No symbolic link is followed
 * anywhere below it: ELOOP. Descriptors are closed by exec. */
/* As open(2). */
int paths_open(const char *path, int flags, mode_t mode);
int paths_open_folder(const char *path);
/* The folder that the path is in, for calls ending in "at", and its name there; -1 with errno. */
int paths_parent(const char *path, const char **name);
bool paths_exists(const char *path);
/* 0 or a negative errno; flags as unlinkat(2) has them. */
int paths_unlink(const char *path, int flags);
int paths_rename(const char *from, const char *to);
/* Makes it unless it is there, and opens it. */
int paths_make_folder(const char *path, mode_t mode);
/* For tests: as on a kernel that has no openat2. */
extern bool paths_without_openat2;

/* agent_files.c: paths as above; links are never followed out of a tree. */
int files_copy_tree(const char *from, const char *to, uid_t owner, char **problem);
int files_remove_tree(const char *path, char **problem);
int files_own_tree(const char *path, uid_t owner, char **problem);
long long files_bytes_of_tree(const char *path);
int files_make_folder(const char *path, mode_t mode, uid_t owner, gid_t group, char **problem);
int files_write(const char *path, mode_t mode, uid_t owner, const char *content, char **problem);
/* Content of a regular file up to limit, NUL-terminated, owned by the caller; NULL with errno. */
char *files_read(const char *path, size_t limit);

/* agent_process.c */
/* Becomes the slot's user for good (0: the user `casement`; below: stays, since `casement serve`
 * started by root does it itself), in a child. */
bool process_become(int slot);
/* The shim of an instance folder: its process id, or 0 where none runs. */
pid_t process_shim(const char *folder);
/* Starts `casement serve --data folder` in a session of its own, output to log. */
int process_start_shim(const char *folder,
                       int slot,
                       const char *const *arguments,
                       const char *id,
                       double cpus,
                       char **problem);
/* Waits until the process ended; false after so many milliseconds. */
bool process_wait_end(pid_t pid, int milliseconds);
/* SIGTERM, then SIGKILL to all of the folder's processes. */
int process_end_all(const char *folder, pid_t shim, char **problem);
/* Whether somebody speaks TDS there. */
bool process_answers(const char *address, int port, int milliseconds);

/* agent_limits.c */
const char *limits_apply(const AgentInstance *instance, pid_t shim);
/* In the child that becomes the shim. */
void limits_enter(const char *id);
void limits_remove(const char *id);
bool limits_usage(const char *id, AgentUsage *usage);

/* Verbs, by file. */
int verb_create(const json_t *, json_t *, int, char **);
int verb_configure(const json_t *, json_t *, int, char **);
int verb_start(const json_t *, json_t *, int, char **);
int verb_stop(const json_t *, json_t *, int, char **);
int verb_state(const json_t *, json_t *, int, char **);
int verb_usage(const json_t *, json_t *, int, char **);
int verb_remove(const json_t *, json_t *, int, char **);
int verb_limit(const json_t *, json_t *, int, char **);
int verb_folder_create(const json_t *, json_t *, int, char **);
int verb_folder_own(const json_t *, json_t *, int, char **);
int verb_replace(const json_t *, json_t *, int, char **);
int verb_put_back(const json_t *, json_t *, int, char **);
int verb_settle(const json_t *, json_t *, int, char **);
int verb_backups_create(const json_t *, json_t *, int, char **);
int verb_backups_remove(const json_t *, json_t *, int, char **);
int verb_write_file(const json_t *, json_t *, int, char **);
int verb_read_file(const json_t *, json_t *, int, char **);
int verb_list_files(const json_t *, json_t *, int, char **);
int verb_list(const json_t *, json_t *, int, char **);
int verb_template(const json_t *, json_t *, int, char **);
int verb_run(const json_t *, json_t *, int, char **);
