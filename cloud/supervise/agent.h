/*
 * agent.h: the host agent, the only part that keeps root.
 *
 * casementd starts as root forks the agent and then becomes the user `casement` for good;
 * everything that reads bytes from outside (HTTP, JSON, the store) runs as that user. The agent
 * does a fixed set of things for it, over a socket pair, with every argument checked again: run and
 * end an instance's processes under its own uid, make and remove its folders, set its limits.
 * Started by someone else than root, the agent runs as that user and uids are all the same.
 *
 * Calls block the calling thread until the agent has answered; the agent does long things in
 * children so that calls of several threads go on side by side. Every call is idempotent. They
 * return 0 or a negative errno, with *problem (owned by the caller, may be NULL) saying why.
 *
 * An instance has a slot (a number from 1, unique on the host) from which its uid (base + slot)
 * follows, and a folder <data>/instances/<id>, with cluster/data   PostgreSQL's data directory run/
 * its socket (group casement may enter) log/           engine logs (group casement reads) tls/
 * certificate casement.conf  settings of `casement serve`       spool/ archive spool Its processes
 * are one `casement serve` (the shim: restarts PostgreSQL) in a session of its own, which outlives
 * casementd; the agent finds it again by its lock file.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

typedef struct AgentLimits {
    long memory_mb; /* 0: none */
    double cpus;    /* 0: none */
    long max_connections;
    long volume_gb;
} AgentLimits;

typedef struct AgentInstance {
    char id[41];
    int slot;
    char address[64]; /* it listens there, on its port, and nowhere else */
    int port;
    AgentLimits limits;
} AgentInstance;

typedef enum AgentState {
    AGENT_ABSENT,
    AGENT_STOPPED,
    AGENT_STARTING,
    AGENT_READY,
    AGENT_FAILED
} AgentState;

typedef struct AgentUsage {
    double cpu_seconds; /* of all its processes, since they began */
    long long memory_bytes, read_bytes, written_bytes;
    long long disk_bytes; /* of its folder */
    int processes;
} AgentUsage;

/* Forks the agent; called once, first thing. data is the daemon's data directory. */
int agent_start(const char *data);
/* The API process's end of the line to the agent: poll() says POLLHUP when the agent has ended, and
 * nothing else. Stays the agent's. */
int agent_connection(void);
/* In the API process, after agent_start: gives up root for good (does nothing without root). */
int agent_drop_privileges(void);

/* The template: a provisioned cluster (initdb, extension, no passwords) made for this build if
 * missing. Takes seconds, once. */
int agent_template_prepare(char **problem);

/* Folder from the template (reflink where the file system can), owned by the instance's uid. */
int agent_instance_create(const AgentInstance *instance, char **problem);
/* The same from the cluster of another instance, which is stopped. */
int agent_instance_copy(const AgentInstance *instance, const char *from_id, char **problem);
/* Writes casement.conf and PostgreSQL's parameters (limits, port, extra "name=value" lines,
 * NULL-terminated or NULL). Takes effect at the next start, or with reload for those that can. */
int agent_instance_configure(const AgentInstance *instance,
                             const char *const *parameters,
                             bool reload,
                             char **problem);
/* Starts and waits (at most 60 s) until it answers TDS. */
int agent_instance_start(const AgentInstance *instance, char **problem);
/* Fast shutdown; waits. */
int agent_instance_stop(const char *id, char **problem);
int agent_instance_state(const char *id, AgentState *state);
int agent_instance_usage(const char *id, AgentUsage *usage);
/* Ends its processes; removes its folder and its control group. Its backups stay. */
int agent_instance_remove(const char *id, char **problem);

/*
 * Restores. agent_folder_create makes the empty folder of an instance (no cluster in it) that for
 * now belongs to the uid of another slot, that of the backups to be read; agent_folder_own gives
 * the folder and all in it to the slot of the instance. agent_instance_replace puts the cluster of
 * `with_id` into the place of `id`'s (both stopped) and removes the folder of `with_id`; the
 * replaced cluster is kept in cluster/replaced until agent_folder_settle.
 */
int agent_folder_create(const char *id, int slot, char **problem);
int agent_folder_own(const char *id, int slot, char **problem);
int agent_instance_replace(const char *id, const char *with_id, int slot, char **problem);
int agent_folder_settle(const char *id, char **problem);
/* Ends its processes and puts the replaced cluster back, where there is one. */
int agent_folder_put_back(const char *id, char **problem);

/* The backup repository <data>/backups/<id>, owned by the slot's uid, mode 0700. */
int agent_backups_create(const char *id, int slot, char **problem);
int agent_backups_remove(const char *id, char **problem);

/* Writes one of the files an instance may be given (pgbackrest.conf, server.crt, server.key), 0600,
 * owned by the slot's uid. */
int
agent_write_file(const char *id, int slot, const char *name, const char *content, char **problem);

/* Applies memory and CPU limits to the running processes (cgroup v2 where the host has it; says
 * in *applied what took effect: "cgroup" or "parameters only"). */
int agent_instance_limit(const AgentInstance *instance, const char **applied, char **problem);

/*
 * Runs one of the fixed programs (see the table in agent_programs.c) as the slot's user, in the
 * folder of the instance, with these arguments; output (standard output) and errors are returned up
 * to 1 MiB. on_line, where not NULL, gets each line of output as it comes (progress). Returns the
 * exit status or a negative errno.
 */
typedef enum AgentProgram {
    AGENT_PGBACKREST,
    AGENT_PG_DUMP,
    AGENT_PG_RESTORE,
    AGENT_PSQL
} AgentProgram;
int agent_run(const char *id,
              int slot,
              AgentProgram program,
              const char *const *arguments,
              const char *const *environment,
              void (*on_line)(void *context, const char *line),
              void *context,
              char **output,
              char **errors);

/* Reads a file under the instance's log/ or tls/ folder from offset, at most `most` bytes; owned by
 * the caller. names: the regular files of that folder, NULL-terminated. */
int agent_read_file(const char *id,
                    const char *folder,
                    const char *name,
                    long long offset,
                    size_t most,
                    char **bytes,
                    size_t *length,
                    long long *size);
int agent_list_files(const char *id, const char *folder, char ***names);

/* All folders of instances on this host, for reconciliation; NULL-terminated ids owned by the
 * caller. */
int agent_list(char ***ids);
