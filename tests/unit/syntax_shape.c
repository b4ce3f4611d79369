/*
 * Shapes of batches: what is folded, what is kept, that literals are numbered as the parser numbers
 * them, and that texts of one shape parse to one tree. Also holds the time both may take.
 */
#include "check.h"
#include "syntax/lexer.h"
#include "syntax/parser.h"
#include "syntax_print.h"
#include "syntax_snippets.h"

#include <stdlib.h>
#include <time.h>

#define MAX_LITERALS 200

static const ParseOptions quoted = {.quoted_identifier = true};

typedef struct Shape {
    char text[8192];
    int length;
    LiteralToken literals[MAX_LITERALS];
    int literal_count;
} Shape;

static void
make_shape(Shape *shape, const char *text)
{
    shape->length = lex_shape(text, strlen(text), &quoted, shape->text, sizeof(shape->text),
                              shape->literals, MAX_LITERALS, &shape->literal_count);
}

static bool
same_shape(const char *a, const char *b)
{
    static Shape x, y;

    make_shape(&x, a);
    make_shape(&y, b);
    return x.length >= 0 && x.length == y.length && memcmp(x.text, y.text, (size_t) x.length) == 0;
}

static void
white_space_comments_and_values_are_folded(void)
{
    CHECK(same_shape("SELECT a FROM t WHERE b = 1", "SELECT  a\tFROM t/* x */WHERE b=22 -- y"));
    CHECK(same_shape("INSERT t VALUES ('a', 1)", "INSERT t VALUES('it''s a\nlonger one',99 )"));
    CHECK(same_shape("SELECT a > = 1", "SELECT a >= 5"));
    CHECK(same_shape("SELECT N'x', 0x01", "SELECT N'', 0x"));
    CHECK(same_shape("SELECT -1", "SELECT - 5"));
}

static void
what_matters_is_kept(void)
{
    CHECK(!same_shape("SELECT a", "SELECT A"));
    CHECK(!same_shape("SELECT a b", "SELECT ab"));
    CHECK(!same_shape("SELECT 'a'", "SELECT N'a'"));
    CHECK(!same_shape("SELECT 1", "SELECT 1.0"));
    CHECK(!same_shape("SELECT 1", "SELECT -1"));
    CHECK(!same_shape("SELECT 1", "SELECT NULL"));
    CHECK(!same_shape("SELECT [a b]", "SELECT [a  b]"));
    CHECK(!same_shape("SELECT a", "SELECT [a]"));
    CHECK(!same_shape("SELECT CAST(a AS varchar(10))", "SELECT CAST(a AS varchar(20))"));
    CHECK(!same_shape("SELECT CAST(a AS decimal(10, 2))", "SELECT CAST(a AS decimal(10, 3))"));
    CHECK(!same_shape("SELECT 1; SELECT 2", "SELECT 1;\nSELECT 2"));
    CHECK(!same_shape("SELECT a - - b", "SELECT a + b"));
    CHECK(same_shape("SELECT f(10, 2)", "SELECT f(11, 3)"));
}

static void
shapes_are_refused_when_they_do_not_fit_or_lex(void)
{
    LiteralToken literals[2];
    char shape[16];
    int count;

    CHECK_INT(lex_shape("SELECT 1", 8, &quoted, shape, 16, literals, 2, &count), 7);
    CHECK_INT(count, 1);
    CHECK_INT(literals[0].type, LITERAL_INTEGER);
    CHECK_INT(literals[0].start, 7);
    CHECK_INT(literals[0].end, 8);
    CHECK_INT(lex_shape("SELECT 1", 8, &quoted, shape, 6, literals, 2, &count), -1);
    CHECK_INT(lex_shape("SELECT 1,2,3", 12, &quoted, shape, 16, literals, 2, &count), -1);
    CHECK_INT(lex_shape("SELECT 'a", 9, &quoted, shape, 16, literals, 2, &count), -1);
    CHECK_INT(lex_shape("SELECT '\xff'", 10, &quoted, shape, 16, literals, 2, &count), -1);
    CHECK_INT(lex_shape("", 0, &quoted, shape, 16, literals, 2, &count), 0);
}

static void
literals_are_numbered_as_in_the_tree(void)
{
    static Shape shape;

    for (int i = 0; i < SYNTAX_SNIPPETS; i++) {
        Arena *arena = arena_new(NULL);
        ParseError error;
        AstBatch *batch =
            parse_batch(arena, syntax_snippets[i], strlen(syntax_snippets[i]), &quoted, &error);

        make_shape(&shape, syntax_snippets[i]);
        if (batch == NULL || shape.length < 0 || shape.literal_count != batch->literal_count)
            CHECK_FAIL("%s", syntax_snippets[i]);
        arena_free(arena);
    }
}

/* The same tokens with other white space and other values, in `out`. */
static void
disguise(const char *text, char *out, size_t size)
{
    size_t used = 0;
    Lexer lexer;
    Token token;
    int32_t line = 1;

    lexer_init(&lexer, text, strlen(text), true);
    for (;;) {
        lexer_next(&lexer, &token);
        if (token.type == TOKEN_EOF)
            break;
        /* lines before words are part of the shape: keep them all */
        for (; line < token.line; line++)
            used += (size_t) snprintf(out + used, size - used, "\n");
        used += (size_t) snprintf(out + used, size - used, " /* %d */\t", (int) (used % 7));
        used += (size_t) snprintf(out + used, size - used, "%.*s", (int) (token.end - token.start),
                                  text + token.start);
        for (uint32_t i = token.start; i < token.end; i++)
            line += text[i] == '\n';
    }
}

static void
texts_of_one_shape_parse_to_one_tree(void)
{
    static char other[20000];

    for (int i = 0; i < SYNTAX_SNIPPETS; i++) {
        Arena *arena = arena_new(NULL);
        ParseError error = {0};
        AstBatch *first, *second;

        disguise(syntax_snippets[i], other, sizeof(other));
        if (*syntax_snippets[i] == '\0' || strstr(syntax_snippets[i], "nothing"))
            other[0] = '\0';
        first = parse_batch(arena, syntax_snippets[i], strlen(syntax_snippets[i]), &quoted, &error);
        second = parse_batch(arena, other, strlen(other), &quoted, &error);
        if (!same_shape(syntax_snippets[i], other))
            CHECK_FAIL("shapes differ: %.300s", other);
        else if (first == NULL || second == NULL)
            CHECK_FAIL("%s: %.300s", error.message, other);
        else if (syntax_fingerprint(first->statements, true) !=
                 syntax_fingerprint(second->statements, true))
            CHECK_FAIL("trees differ: %.300s", other);
        arena_free(arena);
    }
}

static void
statements_of_one_shape_are_on_the_same_lines(void)
{
    const char *a = "INSERT t VALUES (1,\n 2)\nSELECT 1\n(SELECT 2)";
    const char *b = "INSERT t VALUES (7\n, 8) SELECT 9\n\n(SELECT 3)";
    Arena *arena = arena_new(NULL);
    ParseError error;
    AstBatch *first = parse_batch(arena, a, strlen(a), &quoted, &error);
    AstBatch *second = parse_batch(arena, b, strlen(b), &quoted, &error);

    CHECK(first != NULL && second != NULL);
    CHECK(!same_shape(a, b)); /* SELECT is on another line */
    CHECK(same_shape("INSERT t VALUES (1,\n 2)\nSELECT 1", "INSERT t VALUES (1\n,2)\nSELECT 5"));
    arena_free(arena);
}

static double
milliseconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double) now.tv_sec * 1e3 + (double) now.tv_nsec / 1e6;
}

/* A generous bound, since this runs with sanitizers on shared machines; it catches what is
 * quadratic. */
static void
time_grows_with_the_text_and_no_faster(void)
{
    size_t used = 0, size = 2000000;
    char *text = malloc(size);
    char *shape = malloc(size);
    LiteralToken *literals = malloc(sizeof(LiteralToken) * 400000);
    double start = milliseconds(), shaped, parsed;
    Arena *arena = arena_new(NULL);
    ParseError error;
    int count;

    used += (size_t) snprintf(text, size, "SELECT a FROM t WHERE b IN (0");
    while (used < 1000000)
        used +=
            (size_t) snprintf(text + used, size - used, ", %d, 'value %d'", (int) used, (int) used);
    used += (size_t) snprintf(text + used, size - used, ")");
    CHECK(lex_shape(text, used, &quoted, shape, size, literals, 400000, &count) > 0);
    shaped = milliseconds() - start;
    start = milliseconds();
    CHECK(parse_batch(arena, text, used, &quoted, &error) != NULL);
    parsed = milliseconds() - start;
    printf("  1 MB: shape %.1f ms, parse %.1f ms, tree %zu bytes\n", shaped, parsed,
           arena_size(arena));
    CHECK(shaped < 2000 && parsed < 4000);
    arena_free(arena);
    free(literals);
    free(shape);
    free(text);
}

int
main(void)
{
    RUN(white_space_comments_and_values_are_folded);
    RUN(what_matters_is_kept);
    RUN(shapes_are_refused_when_they_do_not_fit_or_lex);
    RUN(literals_are_numbered_as_in_the_tree);
    RUN(texts_of_one_shape_parse_to_one_tree);
    RUN(statements_of_one_shape_are_on_the_same_lines);
    RUN(time_grows_with_the_text_and_no_faster);
    return check_done();
}
