/*
 * The state of one T-SQL session that the binder, the functions and the interpreter read: who is
 * logged in, where, and with which SET options. One per backend; owned here, filled by the login
 * and by SET/USE. Stands above types, errors and catalog, below everything that runs statements.
 */
#pragma once

#include "postgres.h"

#include "catalogue/catalog.h"
#include "datatype/timestamp.h"
#include "errors/errors.h"
#include "types/sqltype.h"

/* SET options that change how text is parsed or bound: part of every plan cache key. */
#define OPTION_QUOTED_IDENTIFIER 0x0001
#define OPTION_ANSI_NULLS 0x0002
#define OPTION_ANSI_PADDING 0x0004
#define OPTION_ANSI_WARNINGS 0x0008
#define OPTION_ARITHABORT 0x0010
#define OPTION_CONCAT_NULL_YIELDS_NULL 0x0020
#define OPTION_NUMERIC_ROUNDABORT 0x0040
#define OPTION_ANSI_NULL_DFLT_ON 0x0080
/* SET options of run time. */
#define OPTION_NOCOUNT 0x0100
#define OPTION_XACT_ABORT 0x0200
#define OPTION_IMPLICIT_TRANSACTIONS 0x0400
#define OPTION_CURSOR_CLOSE_ON_COMMIT 0x0800
#define OPTION_ARITHIGNORE 0x1000
#define OPTION_FMTONLY 0x2000
#define OPTION_NOEXEC 0x4000
#define OPTION_PARSEONLY 0x8000
#define OPTION_STATISTICS_IO 0x10000
#define OPTION_STATISTICS_TIME 0x20000
#define OPTION_SHOWPLAN_TEXT 0x40000
#define OPTION_SHOWPLAN_XML 0x80000
#define OPTION_STATISTICS_XML 0x100000
#define OPTION_NO_BROWSETABLE 0x200000
#define OPTION_FORCEPLAN 0x400000
#define OPTION_BINDING_MASK 0x00FF

typedef struct SessionContext {
    /* who */
    int spid; /* @@SPID: 51 upwards, small and reused */
    int32 login_id;
    const char *login_name; /* SUSER_SNAME() */
    const char *original_login;
    bool is_sysadmin;
    int32 scope_database; /* EXECUTE AS USER: whom the session is, it is in this database only; 0 */
    int32 user_id;        /* database principal in the current database */
    const char *user_name;      /* USER_NAME() */
    const char *default_schema; /* of the user, "dbo" mostly */
    const char *host_name, *program_name, *client_interface;
    int client_pid;
    uint32 tds_version;
    TimestampTz login_time;

    /* where */
    int32 database; /* database_id */
    const char *database_name;
    Oid database_collation;

    /* SET options in force (a procedure saves and restores them) */
    uint32 options;
    uint32 options_at_login; /* what a reset goes back to; the login decides by the driver */
    char date_order[4];      /* "mdy" */
    uint8 date_first;        /* @@DATEFIRST 7 */
    const char *language;    /* "us_english" */
    int16 language_id;
    int32 lock_timeout;    /* ms, -1 none */
    int64 row_count_limit; /* SET ROWCOUNT, 0 none */
    int32 text_size;       /* SET TEXTSIZE, -1 none */
    int32 deadlock_priority;
    int isolation_level; /* 1 read uncommitted .. 4 serializable, 5 snapshot */
    Oid identity_insert; /* relation with IDENTITY_INSERT ON */
    uint8 context_info[128];
    bool context_info_set;

    /* running values */
    int64 row_count; /* @@ROWCOUNT */
    int error;       /* @@ERROR */
    int tran_count;  /* @@TRANCOUNT */
    int xact_state;  /* 1, 0, -1 (doomed) */
    bool identity_valid, scope_identity_valid;
    int64 identity;                /* @@IDENTITY, as bigint; type numeric(38,0) to users */
    int64 scope_identity;          /* SCOPE_IDENTITY(): saved and restored by frames */
    int nest_level;                /* @@NESTLEVEL */
    int32 procedure_id;            /* @@PROCID */
    int fetch_status;              /* @@FETCH_STATUS */
    int cursor_rows;               /* @@CURSOR_ROWS */
    const TsqlError *caught_error; /* what the CATCH block that runs handles: ERROR_NUMBER()...;
                                      NULL outside */
    uint64 transaction_descriptor; /* of the open transaction, 0 none (ENVCHANGE, ALL_HEADERS) */
} SessionContext;

/* The backend's session; never NULL (defaults before the login: master, mdy, us_english). */
extern SessionContext *session_context;

/* Memory that lives as long as the session; strings in SessionContext are there. */
extern MemoryContext session_memory;

/* Makes the context at backend start (idempotent). */
void session_context_init(void);

/* Back to the state after login, as sp_reset_connection does (not the login or database's cause).
 */
void session_context_reset(void);

/* USE: changes the database, checks access (911, 916), updates user and default schema.
 * Raises; unchanged on error. */
void session_use_database(const char *name);

/* The login whose server permissions the session has: none while it is a user of one database. */
static inline int32
session_rights_login(void)
{
    return session_context->scope_database != 0 ? 0 : session_context->login_id;
}

static inline bool
session_option(uint32 option)
{
    return (session_context->options & option) != 0;
}
