/*
 * Bulk load: the statement INSERT BULK names table, columns and options; the rows come in the
 * client's next message and go to the table in batches, past the planner.
 */
#pragma once

#include "postgres.h"

#include "execute/execute.h"

/* Registers the statement's handler; once per backend. */
void bulk_load_init(void);

/* Takes the rows: the first packet of a bulk load message is at hand (`whole`: it is the only one).
 * Reads the message to its end. */
ExecuteOutcome bulk_load_run(ResultSink *sink, bool whole);
