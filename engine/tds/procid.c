/*
 * Look-ups in the table of special procedures.
 */
#include "tds/procid.h"

#include <stdbool.h>
#include <stddef.h>

static const char *const names[] = {NULL,
#define NAME(id, symbol, name) [id] = name,
                                    TDS_PROCS(NAME)
#undef NAME
};

const char *
tds_proc_name(uint16_t id)
{
    return id < sizeof(names) / sizeof(names[0]) ? names[id] : NULL;
}

static bool
same_folded(const char *a, const char *b)
{
    for (; *a != '\0' && *b != '\0'; a++, b++)
        if ((*a >= 'A' && *a <= 'Z' ? *a + 32 : *a) != *b)
            return false;
    return *a == *b;
}

TdsProcId
tds_proc_id(const char *name)
{
    for (size_t i = 1; i < sizeof(names) / sizeof(names[0]); i++)
        if (same_folded(name, names[i]))
            return (TdsProcId) i;
    return TDS_PROC_NONE;
}
