/*
 * Text through each entry of the parser: the first byte says which and with which SET option. A
 * tree can be walked to its leaves; without a tree there is an error with a number and a text.
 */
#include "syntax/parser.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
look_at(AstNode *node, void *context)
{
    int *nodes = context;

    /* Reading every node is enough: the sanitizer sees what does not belong to the arena. */
    *nodes += node->end >= node->start;
    return true;
}

/* An error must be one that can be shown. */
static void
require_error(const ParseError *error)
{
    if (error->number <= 0 || error->message[0] == '\0' ||
        memchr(error->message, 0, sizeof(error->message)) == NULL)
        abort();
}

/* The plan cache trusts that lexing alone numbers literals as the parser does. */
static void
require_same_literals(const AstBatch *batch,
                      const char *text,
                      size_t length,
                      const ParseOptions *options)
{
    size_t size = length * 2 + 1;
    char *shape = malloc(size);
    LiteralToken *literals = malloc((size_t) (batch->literal_count + 1) * sizeof(LiteralToken));
    int count = -1;

    if (shape == NULL || literals == NULL ||
        lex_shape(text, length, options, shape, size, literals, batch->literal_count, &count) < 0 ||
        count != batch->literal_count)
        abort();
    free(literals);
    free(shape);
}

static void
try_batch(Arena *arena, const char *text, size_t length, bool quoted, ParseError *error)
{
    ParseOptions options = {.quoted_identifier = quoted};
    AstBatch *batch = parse_batch(arena, text, length, &options, error);
    int nodes = 0;

    if (batch == NULL)
        require_error(error);
    else
        require_same_literals(batch, text, length, &options);
    for (int i = 0; batch != NULL && batch->statements != NULL && i < batch->statements->count; i++)
        ast_walk(batch->statements->items[i], look_at, &nodes);
}

static void
try_expression(Arena *arena, const char *text, size_t length, bool quoted, ParseError *error)
{
    ParseOptions options = {.quoted_identifier = quoted};
    AstNode *node = parse_expression(arena, text, length, &options, error);
    int nodes = 0;

    if (node == NULL)
        require_error(error);
    else
        ast_walk(node, look_at, &nodes);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *) data + 1;
    ParseError error;
    Arena *arena;

    if (size == 0)
        return 0;
    memset(&error, 0, sizeof(error));
    arena = arena_new(NULL);
    if (data[0] < 0x80)
        try_batch(arena, text, size - 1, data[0] & 1, &error);
    else if (data[0] < 0xC0) {
        try_expression(arena, text, size - 1, data[0] & 1, &error);
    } else {
        parse_parameters(arena, text, size - 1, &error);
        parse_type(arena, text, size - 1, &error);
    }
    arena_free(arena);
    return 0;
}
