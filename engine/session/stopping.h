/*
 * Whether the server shuts down. A smart shutdown waits for all client backends and tells nobody,
 * and to a backend a fast one looks as a KILL; but the postmaster writes its state into its pid
 * file.
 */
#pragma once

#include "postgres.h"

/* Reads the file. Safe while an error is reported. */
bool server_is_stopping(void);
/* The same, only when the file has changed since the last call. */
bool server_began_stopping(void);
