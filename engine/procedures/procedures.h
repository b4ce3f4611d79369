/*
 * The system procedures written in C. system_procedures.def is the one table of them: by name (EXEC
 * and RPC) and by ProcID (RPC). Catalogue procedures (sp_help, sp_columns...) are T-SQL modules and
 * come from engine/ddl and engine/views.
 */
#pragma once

#include "postgres.h"

#include "execute/interpreter.h"
#include "plan/program.h"

/* Registers the table with the interpreter; once per backend. Call from execute_init()'s caller. */
void procedures_init(void);

/* Arguments by position or name; errors 201, 214 when they are missing or of a wrong type. */
const ProcedureArgument *
procedure_argument(const ProcedureCall *call, int position, const char *name);
/* As UTF-8 text, palloc'd; NULL for NULL or absent. */
char *procedure_text(const ProcedureCall *call, int position, const char *name);
/* As int; `otherwise` for NULL or absent. */
int32 procedure_int(const ProcedureCall *call, int position, const char *name, int32 otherwise);
/* Sets an OUTPUT argument. */
void procedure_return_int(ProcedureCall *call, int position, int32 value);

/* Another layer adds procedures (cursors): before any request. */
typedef struct SystemProcedureEntry {
    const char *name;
    int procedure_id; /* 0: by name only */
    SystemProcedure procedure;
} SystemProcedureEntry;
void procedures_register(const SystemProcedureEntry *entries, int count);

/* Handles of sp_prepare: all go. */
void prepared_forget_all(void);

/* Sends the metadata of the first result set that `program` gives, without rows (sp_prepare). */
void describe_program(Frame *caller, Program *program);

#define SYSTEM_PROCEDURE(name, id, handler) void procedure_##handler(ProcedureCall *call);
#include "procedures/system_procedures.def"
#undef SYSTEM_PROCEDURE
