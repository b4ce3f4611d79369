/*
 * Expressions and queries as fully parenthesised text, for tests of precedence and association, and
 * a fingerprint of any tree for comparing two of them.
 */
#pragma once

#include "syntax/parser.h"

/* Writes the expression to `out`, cut to its size. */
void syntax_print(const AstNode *node, char *out, size_t size);

/* Depends on the kinds, order, depth and lines of all nodes below the list, not on literal values.
 */
uint64_t syntax_fingerprint(const AstList *statements, bool with_lines);
