/*
 * How an ordinary backend becomes a T-SQL session: the listener connects to the server's own unix
 * socket, sends the private statement below, and later passes a client's socket over that
 * connection. The statement is caught in ProcessUtility, so the backend stands outside any function
 * or procedure and may control its transactions itself.
 */
#pragma once

#include "postgres.h"

/* The statement is: LISTEN "casement <token>" (see session_table_token). */
#define ENTRY_STATEMENT "LISTEN \"" ENTRY_PREFIX "%s\""
#define ENTRY_PREFIX "casement "

/* What the backend sends when it waits for a client: a message in PostgreSQL's framing of this
 * type, whose body is the slot's index (big-endian). */
#define ENTRY_READY 'r'

/* The byte that goes with the client's socket. */
#define ENTRY_ACCEPT 'A' /* be its session */
#define ENTRY_REFUSE 'R' /* tell it that there are too many, and close */

/* Puts the ProcessUtility hook in place; from _PG_init. */
void entry_register(void);
