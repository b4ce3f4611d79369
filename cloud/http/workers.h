/*
 * workers.h: the threads that run handlers, each with a store connection of its own, and the
 * bounded queue before them.
 */
#pragma once

#include "http/exchange.h"

int workers_start(int count);
/* Ends the threads after what is in the queue. */
void workers_stop(void);

/* Puts an exchange whose connection is suspended into the queue; a worker answers it and resumes
 * the connection. False: the queue is full. */
bool workers_give(HttpExchange *exchange);
