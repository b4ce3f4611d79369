/*
 * The API cursor procedures, for the table of system procedures; argument lists are told in
 * cursor_api.c. They raise 16902, 16903, 16909 and the errors of the statement itself.
 */
#pragma once

#include "postgres.h"

#include "execute/hooks.h"

void cursor_api_open(ProcedureCall *call);      /* sp_cursoropen, ProcID 2 */
void cursor_api_prepare(ProcedureCall *call);   /* sp_cursorprepare, 3 */
void cursor_api_execute(ProcedureCall *call);   /* sp_cursorexecute, 4 */
void cursor_api_prepexec(ProcedureCall *call);  /* sp_cursorprepexec, 5 */
void cursor_api_unprepare(ProcedureCall *call); /* sp_cursorunprepare, 6 */
void cursor_api_fetch(ProcedureCall *call);     /* sp_cursorfetch, 7 */
void cursor_api_option(ProcedureCall *call);    /* sp_cursoroption, 8 */
void cursor_api_close(ProcedureCall *call);     /* sp_cursorclose, 9 */
void cursor_api_change(ProcedureCall *call);    /* sp_cursor, 1 */

/* Closes every API cursor and forgets prepared ones: sp_reset_connection, the session's end. */
void cursor_api_reset(void);
