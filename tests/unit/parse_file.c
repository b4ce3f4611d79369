/*
 * parse_file FILE.sql ...: splits each file at its GO lines, as sqlcmd does, parses each batch and
 * prints what does not parse. Exit status 1 when anything failed. Without arguments it is a test:
 * Microsoft's sample scripts, which lie beside the repository where someone put them, must parse.
 */
#include "syntax/parser.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *
read_file(const char *path, size_t *length)
{
    FILE *file = fopen(path, "rb");
    char *text;
    long size;

    if (file == NULL || fseek(file, 0, SEEK_END) != 0 || (size = ftell(file)) < 0) {
        perror(path);
        exit(2);
    }
    rewind(file);
    text = malloc((size_t) size + 1);
    if (text == NULL || fread(text, 1, (size_t) size, file) != (size_t) size) {
        perror(path);
        exit(2);
    }
    fclose(file);
    text[size] = '\0';
    *length = (size_t) size;
    return text;
}

/* Latin-1 to UTF-8, for scripts older than Unicode. */
static char *
to_utf8(char *text, size_t *length)
{
    char *result = malloc(*length * 2 + 1);
    size_t used = 0;

    for (size_t i = 0; i < *length; i++) {
        unsigned char c = (unsigned char) text[i];

        if (c < 0x80)
            result[used++] = (char) c;
        else {
            result[used++] = (char) (0xc0 | c >> 6);
            result[used++] = (char) (0x80 | (c & 0x3f));
        }
    }
    free(text);
    *length = used;
    return result;
}

/* UTF-16 with byte order mark (little endian) to UTF-8; characters beyond the BMP are not expected.
 */
static char *
from_utf16(char *text, size_t *length)
{
    const unsigned char *bytes = (const unsigned char *) text;
    char *result = malloc(*length * 2 + 1);
    size_t used = 0;

    for (size_t i = 2; i + 1 < *length; i += 2) {
        unsigned c = bytes[i] | (unsigned) bytes[i + 1] << 8;

        if (c < 0x80)
            result[used++] = (char) c;
        else if (c < 0x800) {
            result[used++] = (char) (0xc0 | c >> 6);
            result[used++] = (char) (0x80 | (c & 0x3f));
        } else {
            result[used++] = (char) (0xe0 | c >> 12);
            result[used++] = (char) (0x80 | ((c >> 6) & 0x3f));
            result[used++] = (char) (0x80 | (c & 0x3f));
        }
    }
    free(text);
    *length = used;
    return result;
}

/* Is this line GO, alone but for blanks and a count? */
static bool
is_go(const char *line, size_t length)
{
    while (length > 0 && (*line == ' ' || *line == '\t'))
        line++, length--;
    if (length < 2 || (line[0] | 0x20) != 'g' || (line[1] | 0x20) != 'o')
        return false;
    for (size_t i = 2; i < length; i++)
        if (line[i] != ' ' && line[i] != '\t' && line[i] != '\r' &&
            !(line[i] >= '0' && line[i] <= '9'))
            return false;
    return true;
}

static int
parse_one(const char *path, const char *text, size_t length, int first_line, int *batches)
{
    ParseOptions options = {.quoted_identifier = true};
    ParseError error;
    Arena *arena = arena_new(NULL);
    AstBatch *batch = parse_batch(arena, text, length, &options, &error);

    ++*batches;
    if (batch == NULL)
        printf("%s:%d: Msg %d, Level %d, State %d: %s\n", path, first_line + error.line - 1,
               error.number, error.severity, error.state, error.message);
    arena_free(arena);
    return batch == NULL;
}

static int
parse_file(const char *path)
{
    size_t length;
    char *text = read_file(path, &length);
    size_t start = 0, position = 0;
    int line = 1, first_line = 1, failed = 0, batches = 0;
    ParseError error;
    Arena *arena = arena_new(NULL);

    if (length >= 2 && (unsigned char) text[0] == 0xff && (unsigned char) text[1] == 0xfe)
        text = from_utf16(text, &length);
    else if (parse_batch(arena, text, length, NULL, &error) == NULL && error.number == 9833)
        text = to_utf8(text, &length);
    arena_free(arena);
    while (position < length) {
        const char *end = memchr(text + position, '\n', length - position);
        size_t next = end != NULL ? (size_t) (end - text) + 1 : length;

        if (is_go(text + position, (end != NULL ? next - 1 : next) - position)) {
            failed += parse_one(path, text + start, position - start, first_line, &batches);
            start = next;
            first_line = line + 1;
        }
        line++;
        position = next;
    }
    failed += parse_one(path, text + start, length - start, first_line, &batches);
    printf("%s: %d batches, %d failed\n", path, batches, failed);
    free(text);
    return failed;
}

/* The sample scripts must parse whole. */
static int
test_samples(void)
{
    static const char *const samples[] = {
        "../shared/data/Chinook_SqlServer.sql",
        "../shared/data/instnwnd.sql",
        "../shared/data/instpubs.sql",
    };
    int failed = 0;

    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        const char *name = strrchr(samples[i], '/') + 1;
        FILE *file = fopen(samples[i], "rb");

        if (file == NULL) {
            printf("skip every_batch_of_%s_parses: %s is not here\n", name, samples[i]);
            continue;
        }
        fclose(file);
        if (parse_file(samples[i]) == 0)
            printf("ok every_batch_of_%s_parses\n", name);
        else {
            printf("not ok every_batch_of_%s_parses: see above\n", name);
            failed++;
        }
    }
    return failed > 0;
}

int
main(int argc, char **argv)
{
    int failed = 0;

    if (argc < 2)
        return test_samples();
    for (int i = 1; i < argc; i++)
        failed += parse_file(argv[i]);
    return failed > 0;
}
