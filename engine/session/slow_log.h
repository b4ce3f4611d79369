/*
 * Requests that took longer than casement.slow_request: one line each in the server's log,
 *     LOG:  slow request: {"ms":1520.3,"cpu_ms":800,...,"text":"SELECT ... = ?"}
 * with literals replaced by '?', since a log is read by more people than the data.
 */
#pragma once

#include "postgres.h"

#include "datatype/timestamp.h"

/* A request that began then is over. The text is its batch, or the statement of its call. */
void slow_log_request(const char *text, TimestampTz began);
