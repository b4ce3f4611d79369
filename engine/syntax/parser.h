/*
 * Text to tree: a hand-written lexer and recursive-descent parser for T-SQL.
 * Pure library: no PostgreSQL, no globals, no locale; safe on any bytes; depth and size bounded
 * (error 191 "Some part of your SQL statement is nested too deeply." instead of a stack overflow).
 */
#pragma once

#include "arena.h"
#include "ast.h"

typedef struct ParseOptions {
    bool quoted_identifier; /* SET QUOTED_IDENTIFIER in force when parsing starts; the parser
                               follows SET QUOTED_IDENTIFIER inside the batch as SQL Server does */
    size_t memory_limit;    /* bytes the tree may take before error 701; 0 means 1 GB */
} ParseOptions;

/* A syntax error in SQL Server's terms, e.g. 102 severity 15 state 1 "Incorrect syntax near 'x'."
 */
typedef struct ParseError {
    int number;
    int severity;
    int state;
    int line;
    char message[1024]; /* UTF-8 */
} ParseError;

/*
 * Parses a batch of `length` bytes of UTF-8 (invalid sequences are an error, never undefined).
 * Returns the batch, in `arena`, or NULL with `error` filled.
 */
AstBatch *parse_batch(
    Arena *arena, const char *text, size_t length, const ParseOptions *options, ParseError *error);

/* Parses one scalar expression or predicate that is the whole of the text (stored DEFAULT and
 * CHECK definitions). NULL with `error` filled on failure. */
AstNode *parse_expression(
    Arena *arena, const char *text, size_t length, const ParseOptions *options, ParseError *error);

/* Parses a parameter declaration list as sp_executesql takes it: "@a int, @b nvarchar(20) OUTPUT".
 * Returns a list of AstRoutineParam (NULL list with error->number 0 when the text is empty). */
AstList *parse_parameters(Arena *arena, const char *text, size_t length, ParseError *error);

/* Parses one data type, "decimal(10, 2)". NULL with `error` filled on failure. */
AstType *parse_type(Arena *arena, const char *text, size_t length, ParseError *error);

/* ---- literals of a batch, for the auto-parameterising plan cache ---- */

/* One literal token: `type` as AstLiteral's; raw text at [start, end). Signs are not part of it. */
typedef struct LiteralToken {
    LiteralType type;
    uint32_t start, end;
} LiteralToken;

/*
 * Lexes `text` only: writes to `shape` (capacity `shape_size`) the text with comments and white
 * space folded and each literal replaced by a marker of its type, and to `literals` (capacity
 * `max_literals`) the literals in AstLiteral.token order. Two texts with equal shapes parse to
 * trees that differ only in the values of literals and in start/end offsets (lines of statements
 * agree: line breaks before words are kept), provided that the literals agree of which the
 * parser used the value itself: those marked in AstBatch.literal_fixed. The numbers of types,
 * varchar(10), are part of the shape. NULL and DEFAULT are words, not literals; a sign is an
 * operator. Shape bytes 1 to 7 stand for the literal types from LITERAL_INTEGER on.
 * Returns the shape's length, or -1 when the text does not fit, is not valid UTF-8, or does not
 * lex. The options are part of a cache's key only through the shape.
 */
int lex_shape(const char *text,
              size_t length,
              const ParseOptions *options,
              char *shape,
              size_t shape_size,
              LiteralToken *literals,
              int max_literals,
              int *literal_count);

/* Visits the children of a node. `visit` returns true to go deeper. */
typedef bool (*AstVisitor)(AstNode *node, void *context);
void ast_walk(AstNode *node, AstVisitor visit, void *context);
