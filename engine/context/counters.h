/*
 * counters.h: counters of the whole instance in shared memory (counters.def). A backend adds to
 * its own row, so that adding costs no other backend anything; not for signal handlers. Before
 * shared memory is there it does nothing.
 */
#pragma once

#include "postgres.h"

typedef enum CounterId {
#define COUNTER(id, object, name) COUNTER_##id,
#include "context/counters.def"
#undef COUNTER
    COUNTER_COUNT
} CounterId;

/* Asks for the shared memory; from _PG_init. */
void counters_register(void);
void counter_add(CounterId id, uint64 amount);
