/* table.h: answers as tables for people, or as JSON for programs (--output json). */
#pragma once

#include "command.h"

#include <stddef.h>

typedef struct Table Table;

/* headings: texts divided by '|'; one that begins with '>' is of a column of numbers. */
Table *table_new(const char *headings);
/* One text a column (NULL: "-"); copied. */
void table_row(Table *table, const char *const *values);
/* Prints and frees. An empty table says `empty` instead. */
void table_print(Table *table, const char *empty);

/* Columns of a terminal that UTF-8 text takes. */
size_t text_columns(const char *text);

/* With --output json prints the answer and returns true. */
bool print_json(const Invocation *invocation, const json_t *answer);
