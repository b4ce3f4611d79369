/*
 * Inside the session layer: what its files share about the one connection of this backend. Not for
 * other folders.
 */
#pragma once

#include "postgres.h"

#include "execute/execute.h"
#include "pgcompat/base.h"
#include "session/transport.h"
#include "tds/token.h"
#include "tds/version.h"

#define PRODUCT_NAME "Microsoft SQL Server"
#define PRODUCT_MAJOR 16 /* SQL Server 2022: 16.0.1000.6 */
#define PRODUCT_BUILD 1000
#define PRODUCT_SUB_BUILD 6

typedef struct Session {
    TdsVersion version; /* spoken with the client; TDS_7_4 until LOGIN7 */
    uint32 packet_size; /* of the server's packets */
    bool logged_in;
    bool refused; /* there to tell the client that there are too many */
    bool ending;  /* a fatal error was reported, or will be: nothing more to say */
} Session;

extern Session session;

/* ---- login.c ---- */

/* PRELOGIN, TLS, LOGIN7 and the answer. False: the connection is to be closed (all was said). */
bool session_login(void);

/* ---- loop.c ---- */

/* The life of a session on a client's socket; ends the process. */
pg_noreturn void session_main(int client, bool refuse);

/* ---- reply.c: single tokens ---- */

/* An ERROR or INFO token of the session's own, outside any statement. `text` is final. */
void reply_message(int number, int severity, int state, const char *text);
/* The same from the table of errors: its severity and text. */
void reply_error(TsqlErrorNumber number, int state, ...);
/* DONE with the error bit, end of the message. */
void reply_finish_with_error(void);
/* From now on a FATAL error of PostgreSQL (termination...) is told to the client before the
 * connection closes. */
void reply_register_fatal(void);
