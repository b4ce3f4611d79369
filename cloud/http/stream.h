/*
 * stream.h: bodies that go into a file (OP_STREAM_BODY): admitted by their headers, written as they
 * come, hashed where they were signed. Memory stays what it is; how many come at once is bounded.
 * Only the event thread calls these.
 */
#pragma once

#include "http/exchange.h"

/* Whether the routed request has such a body and is not answered. */
bool stream_is_wanted(const ApiRequest *request);
/* Whether a worker is to go on with it; otherwise it is answered. */
bool stream_admit(HttpExchange *exchange);
/* Writes; answers with an error where it cannot, and the rest is thrown away. */
void stream_take(HttpExchange *exchange, const char *data, size_t size);
/* The body is whole: compares its hash; answers where it is another. */
void stream_end(HttpExchange *exchange);
void stream_leave(HttpExchange *exchange);
