/*
 * Cancelling: while a request runs, a timer looks at the socket every 50 ms for the client's
 * attention (or its disappearance) and at the clock for casement.statement_timeout. The timer is
 * armed lazily: it is left running when the request ends and finds nothing to do, so a flow of
 * short requests costs no system calls.
 */
#pragma once

#include "postgres.h"

/* Once per backend. */
void attention_init(void);

void attention_begin(void);
void attention_end(void);
/* Bytes of the client are expected while the request runs (bulk load): do not look at the socket.
 */
void attention_pause(bool paused);

/* Since attention_begin: the client asked to stop; it vanished; the time was up. */
bool attention_seen(void);
bool attention_client_gone(void);
bool attention_timed_out(void);
