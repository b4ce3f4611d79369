/*
 * What requests use of the machine: processor time and pages, as sys.dm_exec_sessions and
 * dm_exec_requests show them. Pages are PostgreSQL's: 8 kB as SQL Server's.
 */
#pragma once

#include "postgres.h"

#include "session/table.h"

/* A request starts. */
void usage_begin(void);
/* What the running request used so far; its processor time in microseconds. */
SessionUse usage_now(void);
/* Shows what the running request used so far to other sessions; safe in a signal handler. */
void usage_show(void);
/* The request was over at now: adds it to the session's sums. Between session_change_begin and
 * _end. */
void usage_end(TimestampTz now);
