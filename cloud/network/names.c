/*
 * names.c: names of interfaces and namespaces; see names.h.
 */
#include "network/names.h"
#include "base/memory.h"

#include <stdint.h>
#include <stdio.h>

void
network_mark(const char *data, char mark[5])
{
    uint32_t hash = 2166136261u; /* FNV-1a: short, and the same in every build */

    for (; *data; data++)
        hash = (hash ^ (unsigned char) *data) * 16777619u;
    snprintf(mark, 5, "%04x", (hash >> 16 ^ hash) & 0xffff);
}

void
network_name(const char *data, const char *kind, int number, char name[NETWORK_TAP])
{
    char mark[5];

    network_mark(data, mark);
    snprintf(name, NETWORK_TAP, "%.2s%s-%x", kind, mark, (unsigned) number);
}

void
network_space(const char *data, int vpc, char name[NETWORK_SPACE])
{
    char mark[5];

    network_mark(data, mark);
    snprintf(name, NETWORK_SPACE, "casement-%s-v%d", mark, vpc);
}

char *
network_run_folder(const char *data)
{
    char mark[5];

    network_mark(data, mark);
    return str_format("/run/casement/%s", mark);
}
