/*
 * log_files.h: the engine's log of an instance, read through the host agent and cut into events.
 *
 * The files are PostgreSQL's, one a weekday; their lines begin with a moment (UTC), a process and,
 * in sessions, a login. Statements are left out: they may hold what is not for a log's readers.
 */
#pragma once

#include "base/moment.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct LogEvent {
    Moment time;
    const char *level; /* LOG, ERROR ... as the API names them */
    const char *text;
    long long number; /* grows with the events, the same at each reading */
} LogEvent;

/* Gives the events between the moments, oldest first. 0 or a negative errno. */
int log_read(const char *instance_id,
             Moment from,
             Moment to,
             void (*take)(void *context, const LogEvent *event),
             void *context);

/* The object of an event of the slow log (see engine/session/slow_log.h), or NULL: another event. A
 * new reference. */
json_t *log_slow_request(const LogEvent *event);

/* A file to be downloaded: kind "errorlog", or "slowlog" with the name of a day's file,
 * "slow-2026-11-23.log". Owned by the caller; NULL where there is none. */
char *log_file(const char *instance_id, const char *kind, const char *name, size_t *length);
/* Names and sizes of the slow log's files, newest first: [{file_name, file_size}]; NULL on error.
 */
json_t *log_slow_files(const char *instance_id);
