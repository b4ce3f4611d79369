/*
 * The keys and values of SESSION_CONTEXT(): set by sp_set_session_context, forgotten when the
 * connection is reset.
 */
#pragma once

#include "postgres.h"

/* The sql_variant of a key (compared without case); false when there is none. */
bool session_value_get(const char *key, Datum *variant);

/* Sets it, or takes it away when `is_null`. Raises 15664 for a key that was set read-only and 15665
 * when all values together would exceed 1 MB. */
void session_value_set(const char *key, Datum variant, bool is_null, bool read_only);

/* Forgets all: sp_reset_connection. */
void session_values_reset(void);
