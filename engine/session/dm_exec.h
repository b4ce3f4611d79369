/*
 * What SQL sees of the sessions, and KILL. The set-returning function behind the views is
 * casement.sessions() (install.sql).
 */
#pragma once

#include "postgres.h"

/* KILL: ends the session of `spid`. Raises 6101, 6102, 6104, 6106, 6107. */
void session_kill(int spid);

/* Registers the statement; once per backend. */
void dm_exec_init(void);
