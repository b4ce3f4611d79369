/*
 * DBCC: CHECKIDENT and FREEPROCCACHE. Others raise 40517 by the name of the command.
 */
#pragma once

/* Registers the statement; once when the library is loaded. */
void dbcc_init(void);
