/*
 * query.h: the batches that the API runs for the console's query editor, seen from the daemon's
 * end.
 */
#pragma once

/* Cancels the batches that run and refuses those to come: a batch may take as long as its caller
 * likes, the daemon's end may not. From any thread, before the HTTP workers are waited for. */
void queries_end(void);
