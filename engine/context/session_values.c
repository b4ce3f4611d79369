/*
 * SESSION_CONTEXT's keys and values: a list in a memory context of its own. See session_values.h.
 */
#include "postgres.h"

#include "context/context.h"
#include "context/session_values.h"
#include "errors/errors.h"
#include "nodes/pg_list.h"
#include "utils/datum.h"
#include "utils/memutils.h"

#define MAX_TOTAL (1024 * 1024)

typedef struct SessionValue {
    char *key;
    Datum variant;
    Size size;
    bool is_null, read_only;
} SessionValue;

static MemoryContext values_memory;
static List *session_values;
static Size total_size;

static SessionValue *
find_value(const char *key)
{
    ListCell *cell;

    foreach (cell, session_values) {
        SessionValue *value = lfirst(cell);

        if (pg_strcasecmp(value->key, key) == 0)
            return value;
    }
    return NULL;
}

bool
session_value_get(const char *key, Datum *variant)
{
    const SessionValue *value = find_value(key);

    if (value == NULL || value->is_null)
        return false;
    *variant = value->variant;
    return true;
}

void
session_value_set(const char *key, Datum variant, bool is_null, bool read_only)
{
    SessionValue *value = find_value(key);
    Size size = is_null ? 0 : VARSIZE_ANY(DatumGetPointer(variant)), had = value ? value->size : 0;
    MemoryContext former;
    Datum copy;

    if (value != NULL && value->read_only)
        tsql_error(ERR_15664, value->key);
    if (total_size - had + size + strlen(key) > MAX_TOTAL)
        tsql_error(ERR_15665, key);
    if (values_memory == NULL)
        values_memory =
            AllocSetContextCreate(session_memory, "SESSION_CONTEXT", ALLOCSET_SMALL_SIZES);
    former = MemoryContextSwitchTo(values_memory);
    copy = is_null ? (Datum) 0 : datumCopy(variant, false, -1);
    if (value == NULL) {
        value = palloc0(sizeof(SessionValue));
        value->key = pstrdup(key);
        value->is_null = true;
        session_values = lappend(session_values, value);
    }
    MemoryContextSwitchTo(former);
    if (!value->is_null)
        pfree(DatumGetPointer(value->variant));
    value->variant = copy;
    value->is_null = is_null;
    value->size = size;
    value->read_only = read_only;
    total_size += size - had;
}

void
session_values_reset(void)
{
    session_values = NIL;
    total_size = 0;
    if (values_memory != NULL)
        MemoryContextReset(values_memory);
}
