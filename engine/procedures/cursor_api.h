/*
 * The API cursor procedures; argument lists are told in
 * cursor_api.c. They raise 16902, 16903, 16909 and the errors of the statement itself.
 */
#pragma once

#include "postgres.h"

#include "execute/hooks.h"

/* Registers the procedures: sp_cursor, sp_cursoropen... with their ProcIDs. */
void cursor_api_init(void);

/* Closes every API cursor and forgets prepared ones: sp_reset_connection, the session's end. */
void cursor_api_reset(void);
