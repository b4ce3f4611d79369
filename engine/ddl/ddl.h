/*
 * Data definition: CREATE, ALTER, DROP, GRANT and their kin. Each statement changes PostgreSQL's
 * catalogues through ProcessUtility (with a statement text that PostgreSQL can read) and T-SQL's
 * catalogue (engine/catalogue) in the same transaction, then calls catalog_changed().
 *
 * The caller has a transaction and an active snapshot. Statements run with the rights of the
 * engine: what the session's user may do is checked here first (errors 262, 1088, 15151, 3701...).
 */
#pragma once

#include "postgres.h"

#include "bind/bind.h"
#include "syntax/ast.h"

typedef struct DdlContext {
    int32 database;             /* where unqualified names belong */
    const char *default_schema; /* NULL: dbo */
    const char *text;           /* batch text that the statement's start and end point into */
    size_t text_length;
    uint32 options; /* OPTION_* in force */
    int nest_level; /* @@NESTLEVEL: owner of #tables */
    int command;    /* out: CurCmd for the DONE token, 0 for other */
} DdlContext;

/* Registers the statements and table hooks with the interpreter; once, from _PG_init. */
void ddl_init(void);

/* Runs one statement of the "data definition" kinds of ast.h. Raises T-SQL's errors. */
void ddl_execute(const AstNode *statement, DdlContext *context);

/* A message of an error that precedes the one about to be raised (5074 before 4922). */
void ddl_report(const char *message, int number, int severity, int state);
/* A message of severity 0 to 10 for the client. */
void ddl_inform(const char *message, int number);
/* Stores the columns of a view anew, as its text gives them now (sp_refreshview). */
void ddl_refresh_view(const CatalogModule *module);
