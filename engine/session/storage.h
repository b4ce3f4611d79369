/*
 * storage.h: the limit on an instance's storage (casement.storage_limit).
 *
 * A worker measures what the data directory holds, write-ahead log excepted (it is recycled), once
 * a second while something is written. While that is over the limit the instance is read-only: what
 * would add data gets error 1105, a running statement is cancelled with it at the next look of the
 * session's timer; DELETE, TRUNCATE and DROP go on, so that room can be made. Between two measures
 * the log's progress tells how much may have been added; when that could be too much, a session
 * asks for a measure at once. So the limit is passed by what some tenths of a second can write, at
 * most.
 */
#pragma once

#include "postgres.h"

/* Asks for the shared memory and the worker; from _PG_init. */
void storage_register(void);

/* Whether the last measure was over the limit. Safe in a signal handler. */
bool storage_full(void);

/* Asks for a measure if the log has gone on so far that the limit may be passed. Safe in a signal
 * handler. */
void storage_watch(void);
