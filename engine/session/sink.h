/*
 * The session's ResultSink: what a running request reports becomes TDS tokens. One per backend.
 *
 * A DONE is held back until the next token or the end of the request, since only then its MORE bit
 * is known.
 */
#pragma once

#include "postgres.h"

#include "execute/execute.h"

/* The sink, made on first use. */
ResultSink *sink_open(void);

/* A request starts. */
void sink_begin(void);
/* Another call of the same RPC message follows. */
void sink_next_call(void);
/* The request is over: the last DONE (an empty one if there was none), end of the message. */
void sink_finish(void);
/*
 * Acknowledges the client's attention. Where it interrupted a request, the reply to that ends first
 * as a message of its own: clients read one message for the request and another for the attention.
 */
void sink_finish_attention(bool interrupted);
/* Counts since the last sink_begin, for the sessions' table. */
int64 sink_row_count(void);
