/*
 * The table of sessions in shared memory: one slot per backend that is a session or waits in the
 * pool to become one. The owner alone writes its slot; the listener counts sessions with it; the
 * dm_exec views, sp_who and KILL read it.
 *
 * A slot's life: FREE -> POOLED (a backend waits for a client) -> CONNECTED (the listener handed a
 * client over) or REFUSING (a client over the limit is told so) -> FREE at the backend's exit.
 */
#pragma once

#include "postgres.h"

#include "datatype/timestamp.h"
#include "port/atomics.h"
#include "storage/latch.h"

#define FIRST_SPID 51 /* slot 0: smaller numbers are SQL Server's own system sessions */
#define ENTRY_TOKEN_HEX 32

typedef enum SlotState { SLOT_FREE, SLOT_POOLED, SLOT_CONNECTED, SLOT_REFUSING } SlotState;

typedef enum SessionStatus {
    SESSION_LOGIN,    /* not logged in yet: not shown */
    SESSION_SLEEPING, /* waits for a request */
    SESSION_RUNNING,
} SessionStatus;

/* What requests used: cpu_time in ms, else pages. */
typedef struct SessionUse {
    int64 cpu_time, reads, writes, logical_reads;
} SessionUse;

/* What the views show. Texts are UTF-8, cut to the field. */
typedef struct SessionInfo {
    int spid;
    int pid;
    SessionStatus status;
    TimestampTz connect_time, login_time;
    TimestampTz request_start, request_end; /* of the last one */
    int32 login_id;
    int32 database;
    char login_name[260], original_login[260];
    char host_name[260], program_name[260], client_interface[130];
    int32 client_pid;
    uint32 tds_version; /* as TdsVersion */
    bool encrypted;
    int32 packet_size;
    char client_address[48], local_address[48];
    int32 client_port, local_port;
    uint8 connection_id[16];
    char command[32]; /* of the running request: "SELECT", "AWAITING COMMAND" */
    int32 open_transactions;
    int32 isolation_level;
    uint32 options;
    int32 lock_timeout;
    int64 row_count;
    int64 cpu_time;      /* ms, all requests that are over, as the next ones */
    int64 elapsed_time;  /* ms */
    int64 reads, writes; /* pages */
    int64 logical_reads;
    SessionUse now; /* of the running request; filled in by session_table_read */
    int64 packets_received, packets_sent;
    TimestampTz last_read, last_write;
    int32 previous_error;
} SessionInfo;

typedef struct SessionSlot {
    pg_atomic_uint32 state;        /* SlotState */
    pg_atomic_uint32 change_count; /* odd while the owner writes `info` */
    SessionInfo info;
    pg_atomic_uint64 now[4]; /* SessionUse of the running request: shown from a timer's handler */
} SessionSlot;

/* Asks for the shared memory; from _PG_init. */
void session_table_register(void);

/* The secret that opens the session loop to a backend: hex digits, made anew at each start of the
 * postmaster. */
const char *session_table_token(void);

/* How many sessions may be at once (casement.max_connections, or what PostgreSQL leaves). */
int session_table_limit(void);

/* ---- the listener's side ---- */

/* The calling process wants to be woken when a session ends. */
void session_table_set_listener(Latch *latch);
/* Counts the session in if there is room: POOLED -> CONNECTED. False: the limit is reached. */
bool session_table_connect(int slot);
/* POOLED -> REFUSING. */
void session_table_refuse(int slot);
/* Sessions there are. */
int session_table_count(void);

/* ---- the backend's side ---- */

/* Takes a slot (POOLED) until the backend exits; returns its index, -1 if there is none. */
int session_table_enter(void);
/* This backend's own slot's contents, to be written between change_begin and change_end. NULL
 * outside sessions. */
extern SessionInfo *session_info;
void session_change_begin(void);
void session_change_end(void);
/* What the running request used so far; safe in a signal handler. */
void session_show_use(const SessionUse *use);

/* ---- readers ---- */

/* Slots there are; copies slot `index` if a session (logged in) has it. */
int session_table_size(void);
bool session_table_read(int index, SessionInfo *info);
/* The session of a spid; false if there is none. */
bool session_table_find(int spid, SessionInfo *info);
