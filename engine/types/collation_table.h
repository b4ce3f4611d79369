/*
 * One collation as collations.def tells it, for collation.c and collator.c.
 */
#pragma once

#include "postgres.h"

#include "types/sqltype.h"

typedef struct CollationRow {
    const char *name;
    uint32 lcid;
    uint8 sort_id;
    uint16 code_page;
    const char *locale; /* ICU locale, "" for binary collations */
    uint8 version;      /* of the wire form: 0, or 2 for _100_ */
    uint8 flags;        /* of the wire form */
} CollationRow;

const CollationRow *collation_row(const SqlCollation *collation);
int collation_index(const SqlCollation *collation);
int collation_count(void);
