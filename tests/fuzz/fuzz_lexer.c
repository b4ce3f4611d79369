/*
 * A batch's text through the lexer alone, as the plan cache does: the first byte is the SET option,
 * the rest the text. What it reports of literals must lie in the text and in its order.
 */
#include "syntax/parser.h"

#include <stdint.h>
#include <stdlib.h>

#define MOST_LITERALS 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char shape[16384];
    LiteralToken literals[MOST_LITERALS];
    ParseOptions options = {.quoted_identifier = size > 0 && (data[0] & 1)};
    int count = 0;

    if (size == 0)
        return 0;
    data++;
    size--;
    int length = lex_shape((const char *) data, size, &options, shape, sizeof(shape), literals,
                           MOST_LITERALS, &count);
    if (length < 0)
        return 0;
    if ((size_t) length > sizeof(shape) || count < 0 || count > MOST_LITERALS)
        abort();
    for (int i = 0; i < count; i++)
        if (literals[i].start >= literals[i].end || literals[i].end > size ||
            (i > 0 && literals[i].start < literals[i - 1].end))
            abort();
    return 0;
}
