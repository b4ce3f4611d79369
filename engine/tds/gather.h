/*
 * Long values (max types, text, ntext, image, xml) gathered from the wire in pieces and converted
 * as they come, so that text is never held both as UTF-16 and as UTF-8. Private to value_read.c.
 */
#pragma once

#include "tds/value.h"

typedef enum TdsGatherMode {
    TDS_GATHER_BYTES,
    TDS_GATHER_UTF16,
    TDS_GATHER_CODEPAGE,
    TDS_GATHER_XML, /* UTF-16 or UTF-8: told by how the text begins */
} TdsGatherMode;

typedef struct TdsGather {
    const TdsMemory *memory;
    TdsGatherMode mode;
    unsigned codepage;
    char *data;
    size_t length, capacity;
    bool started; /* the byte order mark has been looked for */
    bool failed;  /* out of memory */
} TdsGather;

/* `hint` is the expected size in wire bytes (0: unknown); only a bounded part of it is believed. */
void
tds_gather_init(TdsGather *gather, const TdsMemory *memory, const TdsTypeInfo *info, uint64_t hint);

/* Converts and appends as much as makes whole characters; returns the bytes consumed: the rest (at
 * most 3 bytes) must come again before the next piece. With `last` everything is consumed. */
size_t tds_gather_add(TdsGather *gather, const uint8_t *bytes, size_t length, bool last);

/* Makes the value of it (NUL-terminated when text). False when out of memory. */
bool tds_gather_end(TdsGather *gather, TdsValue *value);
