/*
 * The special stored procedures that an RPC request may name by number (MS-TDS 2.2.6.6 ProcID). One
 * table; TDS_PROC(id, SYMBOL, "name").
 */
#pragma once

#include <stdint.h>

#define TDS_PROCS(X)                                                                               \
    X(1, CURSOR, "sp_cursor")                                                                      \
    X(2, CURSOROPEN, "sp_cursoropen")                                                              \
    X(3, CURSORPREPARE, "sp_cursorprepare")                                                        \
    X(4, CURSOREXECUTE, "sp_cursorexecute")                                                        \
    X(5, CURSORPREPEXEC, "sp_cursorprepexec")                                                      \
    X(6, CURSORUNPREPARE, "sp_cursorunprepare")                                                    \
    X(7, CURSORFETCH, "sp_cursorfetch")                                                            \
    X(8, CURSOROPTION, "sp_cursoroption")                                                          \
    X(9, CURSORCLOSE, "sp_cursorclose")                                                            \
    X(10, EXECUTESQL, "sp_executesql")                                                             \
    X(11, PREPARE, "sp_prepare")                                                                   \
    X(12, EXECUTE, "sp_execute")                                                                   \
    X(13, PREPEXEC, "sp_prepexec")                                                                 \
    X(14, PREPEXECRPC, "sp_prepexecrpc")                                                           \
    X(15, UNPREPARE, "sp_unprepare")

typedef enum TdsProcId {
    TDS_PROC_NONE = 0,
#define TDS_PROC_ENUM(id, symbol, name) TDS_PROC_##symbol = id,
    TDS_PROCS(TDS_PROC_ENUM)
#undef TDS_PROC_ENUM
} TdsProcId;

/* "sp_executesql" for 10; NULL when there is no such number. */
const char *tds_proc_name(uint16_t id);

/* The other way, ASCII case folded; TDS_PROC_NONE when it is another procedure. An RPC that names
 * "sp_executesql" in full means the same as ProcID 10. */
TdsProcId tds_proc_id(const char *name);
