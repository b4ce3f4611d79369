/*
 * Syntax errors: SQL Server's number, text and line for what it refuses, and the parser's bounds.
 */
#include "check.h"
#include "syntax/parser.h"

#include <stdlib.h>

typedef struct Refused {
    const char *text;
    int number;
    int line;
    const char *message; /* NULL: not compared */
} Refused;

static const ParseOptions quoted = {.quoted_identifier = true};

static void
expect_error(const char *text, size_t length, int number, int line, const char *message)
{
    ParseError error;
    Arena *arena = arena_new(NULL);

    if (parse_batch(arena, text, length, &quoted, &error) != NULL)
        CHECK_FAIL("parses: %.300s", text);
    else if (error.number != number || error.line != line)
        CHECK_FAIL("%d at line %d (%s), not %d at line %d: %.300s", error.number, error.line,
                   error.message, number, line, text);
    else if (message != NULL)
        CHECK_STR(error.message, message);
    arena_free(arena);
}

static void
expect_all(const Refused *refused, size_t count)
{
    for (size_t i = 0; i < count; i++)
        expect_error(refused[i].text, strlen(refused[i].text), refused[i].number, refused[i].line,
                     refused[i].message);
}

#define EXPECT_ALL(refused) expect_all(refused, sizeof(refused) / sizeof((refused)[0]))

static void
an_unexpected_token_is_named(void)
{
    static const Refused refused[] = {
        {"SELECT * FORM t", 102, 1, "Incorrect syntax near 'FORM'."},
        {"SELECT 'a' 'b' 'c'", 102, 1, "Incorrect syntax near 'c'."},
        {"SELECT 1\nSELECT ,", 102, 2, "Incorrect syntax near ','."},
        {"SELECT a FROM t WHERE a = 'x' [b c]", 102, 1, "Incorrect syntax near 'b c'."},
        {"foo: bar", 102, 1, "Incorrect syntax near 'bar'."},
        {"SELECT 1; foo", 102, 1, "Incorrect syntax near 'foo'."},
        {"SELECT a > b", 102, 1, "Incorrect syntax near '>'."},
        {"SELECT ?", 102, 1, "Incorrect syntax near '?'."},
        {"SELECT 1 WHERE a *= b", 102, 1, "Incorrect syntax near '*='."},
        {"SELECT 1 WHERE a =* b", 102, 1, "Incorrect syntax near '*'."},
        {"SELECT 1 FROM (SELECT 1 a)", 102, 1, "Incorrect syntax near ')'."},
        {"SELECT 1 WHERE (a = b) = c", 102, 1, "Incorrect syntax near '='."},
        {"SELECT TOP @n * FROM t", 102, 1, "Incorrect syntax near '@n'."},
        {"EXEC sp_help dbo.foo", 102, 1, "Incorrect syntax near '.'."},
        {"SELECT !a", 102, 1, "Incorrect syntax near '!'."},
        {"SELECT \x5c", 102, 1, "Incorrect syntax near '\\'."},
    };

    EXPECT_ALL(refused);
}

static void
a_reserved_word_is_called_a_keyword(void)
{
    static const Refused refused[] = {
        {"SELECT FROM t", 156, 1, "Incorrect syntax near the keyword 'FROM'."},
        {"SELECT * FROM t WHERE GROUP BY a", 156, 1, "Incorrect syntax near the keyword 'GROUP'."},
        {"CREATE TABLE t (select int)", 156, 1, "Incorrect syntax near the keyword 'select'."},
        {"IF 1 = 1\nELSE SELECT 1", 156, 2, "Incorrect syntax near the keyword 'ELSE'."},
        {"BEGIN END", 156, 1, "Incorrect syntax near the keyword 'END'."},
        {"SELECT a AS order FROM t", 156, 1, "Incorrect syntax near the keyword 'order'."},
        {"UPDATE t a = 1", 102, 1, NULL},
        {"END", 156, 1, "Incorrect syntax near the keyword 'END'."},
        {"SELECT t.key FROM t", 156, 1, "Incorrect syntax near the keyword 'key'."},
    };

    EXPECT_ALL(refused);
}

static void
the_end_of_the_text_is_blamed_on_its_last_token(void)
{
    static const Refused refused[] = {
        {"SELECT * FROM", 102, 1, "Incorrect syntax near 'FROM'."},
        {"CREATE TABLE t (a int", 102, 1, "Incorrect syntax near 'int'."},
        {"BEGIN\nSELECT 1\n\n", 102, 2, "Incorrect syntax near '1'."},
        {"SELECT 1 +", 102, 1, "Incorrect syntax near '+'."},
        {"CREATE PROC p AS", 102, 1, "Incorrect syntax near 'AS'."},
        {"EXEC", 102, 1, "Incorrect syntax near 'EXEC'."},
    };

    EXPECT_ALL(refused);
}

static void
unfinished_quotes_and_comments_are_told(void)
{
    static const Refused refused[] = {
        {"SELECT 'abc", 105, 1, "Unclosed quotation mark after the character string 'abc'."},
        {"SELECT 1\nSELECT N'abc''d", 105, 2,
         "Unclosed quotation mark after the character string 'abc''d'."},
        {"SELECT [abc", 105, 1, "Unclosed quotation mark after the character string 'abc'."},
        {"SELECT \"ab", 105, 1, "Unclosed quotation mark after the character string 'ab'."},
        {"SELECT 1 /* a /* b */", 113, 1, "Missing end comment mark '*/'."},
        /* an error before it is told first */
        {"SELECT FROM 'abc", 156, 1, NULL},
        {"SELECT 1 AS []", 1038, 1, NULL},
        {"SELECT 1 AS \"\"", 1038, 1, NULL},
    };

    EXPECT_ALL(refused);
}

static void
a_name_may_have_128_characters(void)
{
    char text[1000], expected[1000];
    char name[140];

    memset(name, 'x', sizeof(name));
    name[128] = '\0';
    snprintf(text, sizeof(text), "SELECT 1 AS %s, 2 AS [%s]", name, name);
    {
        ParseError error;
        Arena *arena = arena_new(NULL);

        CHECK(parse_batch(arena, text, strlen(text), &quoted, &error) != NULL);
        arena_free(arena);
    }
    name[128] = 'x';
    name[129] = '\0';
    snprintf(text, sizeof(text), "SELECT 1 AS %s", name);
    snprintf(expected, sizeof(expected),
             "The identifier that starts with '%.128s' is too long. Maximum length is 128.", name);
    expect_error(text, strlen(text), 103, 1, expected);
    snprintf(text, sizeof(text), "SELECT 1 AS [%s]", name);
    expect_error(text, strlen(text), 103, 1, expected);
}

static void
a_common_table_expression_needs_a_semicolon_before_it(void)
{
    static const Refused refused[] = {
        {"SELECT 1\nWITH c AS (SELECT 1 a) SELECT * FROM c", 319, 2, NULL},
        {"SELECT * FROM t WITH c AS (SELECT 1 a) SELECT * FROM c", 319, 1, NULL},
        {"DECLARE @a int WITH c AS (SELECT 1 a) SELECT * FROM c", 319, 1, NULL},
    };

    EXPECT_ALL(refused);
}

static void
modules_must_be_alone_in_their_batch(void)
{
    static const Refused refused[] = {
        {"SELECT 1\nCREATE PROC p AS SELECT 1", 111, 2,
         "'CREATE/ALTER PROCEDURE' must be the first statement in a query batch."},
        {"SELECT 1 CREATE VIEW v AS SELECT 1 a", 111, 1,
         "'CREATE VIEW' must be the first statement in a query batch."},
        {"SELECT 1 ALTER FUNCTION f () RETURNS int AS BEGIN RETURN 1 END", 111, 1, NULL},
        {"SELECT 1 CREATE TRIGGER t ON u FOR INSERT AS SELECT 1", 111, 1, NULL},
        {"SELECT 1 CREATE SCHEMA s", 111, 1, NULL},
        {"IF 1 = 1 CREATE PROC p AS SELECT 1", 156, 1, "Incorrect syntax near the keyword 'PROC'."},
        {"CREATE VIEW v AS SELECT 1 a SELECT 2", 156, 1, NULL},
        {"CREATE FUNCTION f () RETURNS int AS BEGIN RETURN 1 END SELECT 1", 156, 1, NULL},
    };

    EXPECT_ALL(refused);
}

static void
control_of_flow_is_checked(void)
{
    static const Refused refused[] = {
        {"BREAK", 135, 1, NULL},
        {"IF 1 = 1 CONTINUE", 136, 1, NULL},
        {"GOTO x", 133, 1,
         "A GOTO statement references the label 'x' but the label has not been declared."},
        {"x: SELECT 1\nX: SELECT 2", 132, 2, NULL},
        {"RETURN 5", 178, 1, NULL},
        {"CREATE TRIGGER t ON u FOR INSERT AS RETURN 1", 178, 1, NULL},
        {"CREATE FUNCTION f () RETURNS @t TABLE (a int) AS BEGIN RETURN 1 END", 178, 1, NULL},
        {"CREATE FUNCTION f () RETURNS int AS BEGIN SELECT @a = 1 END", 455, 1, NULL},
        {"THROW", 10704, 1, NULL},
        {"BEGIN TRY THROW; END TRY BEGIN CATCH END CATCH", 10704, 1, NULL},
        {"CREATE PROC p AS USE master", 154, 1, NULL},
        {"SET FOO ON", 195, 1, "'FOO' is not a recognized SET option."},
        {"CREATE FOO x", 343, 1,
         "Unknown object type 'FOO' used in a CREATE, DROP, or ALTER statement."},
    };

    EXPECT_ALL(refused);
}

static void
a_value_is_no_condition(void)
{
    static const Refused refused[] = {
        {"SELECT 1 WHERE a", 4145, 1,
         "An expression of non-boolean type specified in a context where a condition is expected, "
         "near 'a'."},
        {"IF @a SELECT 1", 4145, 1, NULL},
        {"SELECT 1 WHERE a = 1 AND b GROUP BY c", 4145, 1, NULL},
        {"WHILE (1) SELECT 1", 4145, 1, NULL},
        {"SELECT CASE WHEN 1 THEN 2 END", 4145, 1, NULL},
        {"SELECT 1 WHERE NOT (a)", 4145, 1, NULL},
    };

    EXPECT_ALL(refused);
}

static void
functions_have_no_side_effects(void)
{
    static const Refused refused[] = {
        {"CREATE FUNCTION f () RETURNS int AS BEGIN SELECT 1 RETURN 1 END", 444, 1, NULL},
        {"CREATE FUNCTION f () RETURNS int AS\nBEGIN INSERT t VALUES (1) RETURN 1 END", 443, 2,
         "Invalid use of a side-effecting operator 'INSERT' within a function."},
        {"CREATE FUNCTION f () RETURNS int AS BEGIN IF 1 = 1 PRINT 'x' RETURN 1 END", 443, 1, NULL},
        {"CREATE FUNCTION f () RETURNS int AS BEGIN SET NOCOUNT ON RETURN 1 END", 443, 1,
         "Invalid use of a side-effecting operator 'SET OPTION ON' within a function."},
        {"CREATE FUNCTION f () RETURNS int AS BEGIN EXEC ('x') RETURN 1 END", 443, 1, NULL},
        {"CREATE FUNCTION f () RETURNS int AS BEGIN UPDATE t SET a = 1 FROM @t x RETURN 1 END", 443,
         1, NULL},
    };
    const char *allowed =
        "CREATE FUNCTION f () RETURNS int AS BEGIN DECLARE @t TABLE (a int) INSERT @t VALUES (1) "
        "UPDATE x SET a = 2 FROM u JOIN @t x ON 1 = 1 DELETE @t SELECT @v = a FROM @t EXEC p "
        "DECLARE c CURSOR FOR SELECT 1 RETURN 1 END";
    Arena *arena = arena_new(NULL);
    ParseError error = {0};

    EXPECT_ALL(refused);
    if (parse_batch(arena, allowed, strlen(allowed), &quoted, &error) == NULL)
        CHECK_FAIL("%s", error.message);
    arena_free(arena);
}

/* Does `text` fit the pattern, in which %s and %d stand for anything? */
static bool
fits(const char *pattern, const char *text)
{
    for (; *pattern != '\0'; pattern++, text++) {
        if (pattern[0] == '%' && (pattern[1] == 's' || pattern[1] == 'd')) {
            for (; *text != '\0'; text++)
                if (fits(pattern + 2, text))
                    return true;
            return fits(pattern + 2, text);
        }
        if (*pattern != *text)
            return false;
    }
    return *text == '\0';
}

typedef struct TableRow {
    int number, severity;
    const char *text;
} TableRow;

static void
the_parsers_errors_are_those_of_the_engines_table(void)
{
    static const TableRow engine[] = {
#define TSQL_ERROR(number, severity, text) {number, severity, text},
#include "errors/errors.def"
    };
    static const TableRow parser[] = {
#define PARSE_ERROR(number, severity, text) {number, severity, text},
#include "syntax/parse_errors.def"
    };

    for (size_t i = 0; i < sizeof(parser) / sizeof(parser[0]); i++) {
        bool found = false;

        for (size_t j = 0; j < sizeof(engine) / sizeof(engine[0]); j++)
            if (engine[j].number == parser[i].number)
                found = engine[j].severity == parser[i].severity &&
                        fits(engine[j].text, parser[i].text);
        if (!found)
            CHECK_FAIL("%d: %s", parser[i].number, parser[i].text);
    }
}

static void
data_manipulation_is_checked(void)
{
    static const Refused refused[] = {
        {"SELECT @a = 1, b FROM t", 141, 1, NULL},
        {"MERGE t USING s ON t.a = s.a WHEN MATCHED THEN DELETE", 10713, 1, NULL},
        {"SELECT * FROM a.b.c.d.e", 117, 1, NULL},
        {"INSERT t VALUES", 102, 1, NULL},
        {"CREATE TABLE t (a, b int)", 173, 1,
         "The definition for column 'a' must include a data type."},
        {"SELECT * FROM t WITH (FOO)", 321, 1, "\"FOO\" is not a recognized table hints option."},
        {"EXEC p 1, @a = 2, 3", 119, 1, NULL},
    };

    EXPECT_ALL(refused);
}

static void
an_insert_takes_a_thousand_rows(void)
{
    size_t size = 20000;
    char *text = malloc(size);
    size_t used = (size_t) snprintf(text, size, "INSERT t VALUES (0)");
    Arena *arena = arena_new(NULL);
    ParseError error;

    for (int i = 1; i < 1000; i++)
        used += (size_t) snprintf(text + used, size - used, ",(%d)", i);
    CHECK(parse_batch(arena, text, used, &quoted, &error) != NULL);
    arena_free(arena);
    snprintf(text + used, size - used, ",(1000)");
    expect_error(text, strlen(text), 10738, 1, NULL);
    free(text);
}

/* `open` repeated, `middle`, `close` repeated */
static char *
nested(const char *open, const char *middle, const char *close, int depth)
{
    size_t size = (strlen(open) + strlen(close)) * (size_t) depth + strlen(middle) + 100;
    char *text = malloc(size);
    size_t used = 0;

    for (int i = 0; i < depth; i++, used += strlen(open))
        memcpy(text + used, open, strlen(open));
    used += (size_t) snprintf(text + used, size - used, "%s", middle);
    for (int i = 0; i < depth; i++, used += strlen(close))
        memcpy(text + used, close, strlen(close));
    text[used] = '\0';
    return text;
}

static void
endless_nesting_is_an_error_and_no_crash(void)
{
    static const char *const cases[][4] = {
        {"SELECT ", "(", "1", ")"},
        {"SELECT 1 WHERE ", "(", "a=1", ")"},
        {"SELECT 1 WHERE ", "NOT ", "a=1", ""},
        {"SELECT ", "- ", "1", ""},
        {"SELECT ", "~", "1", ""},
        {"SELECT ", "f(", "1", ")"},
        {"SELECT ", "CASE WHEN 1=1 THEN ", "1", " END"},
        {"SELECT * FROM ", "(", "a", " CROSS JOIN b)"},
        {"SELECT * FROM ", "(SELECT * FROM ", "t", ") x"},
        {"SELECT * FROM a ", "JOIN a ", "", ""},
        {"", "(", "SELECT 1", ")"},
        {"", "IF 1=1 ", "SELECT 1", ""},
        {"", "BEGIN ", "SELECT 1", " END"},
        {"", "BEGIN TRY ", "SELECT 1", " END TRY BEGIN CATCH END CATCH"},
        {"SELECT 1 WHERE ", "EXISTS(SELECT 1 WHERE ", "a=1", ")"},
        {"SELECT 1 ", "UNION (SELECT 1 ", "", ")"},
        {"SELECT 1 FROM t GROUP BY ", "GROUPING SETS (", "a", ")"},
        {"CREATE TABLE t (a int) WITH ", "(A = B ", "(C)", ")"},
        {"SELECT ", "{fn f(", "1", ")}"},
        {"SELECT 1 WHERE a IN ", "(SELECT 1 WHERE a IN ", "(1)", ")"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *inner = nested(cases[i][1], cases[i][2], cases[i][3], 30000);
        size_t size = strlen(inner) + 100;
        char *text = malloc(size);
        Arena *arena = arena_new(NULL);
        ParseError error = {0};

        snprintf(text, size, "%s%s", cases[i][0], inner);
        if (parse_batch(arena, text, strlen(text), &quoted, &error) != NULL || error.number != 191)
            CHECK_FAIL("%d %s: %.60s", error.number, error.message, text);
        arena_free(arena);
        free(text);
        free(inner);
    }
}

static void
memory_is_bounded(void)
{
    /* tokens alone, a wide tree, and a text that is too long to begin with */
    static const char *const cases[][2] = {
        {"SELECT 1", ",,,,,,,,"}, {"SELECT 1", ",@a+1"}, {"SELECT 1", " SELECT 'xxxxxxxxxxxxxxx'"}};
    const ParseOptions options = {.quoted_identifier = true, .memory_limit = 4 << 20};

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *text = nested(cases[i][1], "", "", 200000);
        size_t size = strlen(text) + 100;
        char *whole = malloc(size);
        Arena *arena = arena_new(NULL);
        ParseError error = {0};

        snprintf(whole, size, "%s%s", cases[i][0], text);
        if (parse_batch(arena, whole, strlen(whole), &options, &error) != NULL ||
            error.number != 701)
            CHECK_FAIL("%d %s: %.60s", error.number, error.message, whole);
        CHECK(arena_size(arena) < (5 << 20));
        arena_free(arena);
        free(whole);
        free(text);
    }
}

static void
long_chains_of_operators_parse(void)
{
    static const char *const cases[][2] = {
        {"SELECT 1", " + 1"},
        {"SELECT 1 WHERE a = 1", " OR a = 2"},
        {"SELECT 1", " UNION SELECT 1"},
        {"SELECT * FROM a", ", a"},
        {"SELECT * FROM a", " CROSS JOIN a"},
        {"SELECT 1 WHERE a = 1", " AND a = 2"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *text = nested(cases[i][1], "", "", 10000);
        size_t size = strlen(text) + 100;
        char *whole = malloc(size);
        Arena *arena = arena_new(NULL);
        ParseError error = {0};

        snprintf(whole, size, "%s%s", cases[i][0], text);
        if (parse_batch(arena, whole, strlen(whole), &quoted, &error) == NULL)
            CHECK_FAIL("%d %s: %.60s", error.number, error.message, whole);
        arena_free(arena);
        free(whole);
        free(text);
    }
}

static void
malformed_utf8_is_refused(void)
{
    expect_error("SELECT '\xff'", 10, 9833, 1, NULL);
    expect_error("SELECT '\xed\xa0\x80'", 12, 9833, 1, NULL); /* a lone surrogate */
    expect_error("SELECT \xc3", 8, 9833, 1, NULL);
    expect_error("SELECT '\xc0\x80'", 11, 9833, 1, NULL); /* overlong */
    expect_error("SELECT [a\0b]", 12, 102, 1, NULL);
}

int
main(void)
{
    RUN(an_unexpected_token_is_named);
    RUN(a_reserved_word_is_called_a_keyword);
    RUN(the_end_of_the_text_is_blamed_on_its_last_token);
    RUN(unfinished_quotes_and_comments_are_told);
    RUN(a_name_may_have_128_characters);
    RUN(a_common_table_expression_needs_a_semicolon_before_it);
    RUN(modules_must_be_alone_in_their_batch);
    RUN(control_of_flow_is_checked);
    RUN(a_value_is_no_condition);
    RUN(functions_have_no_side_effects);
    RUN(data_manipulation_is_checked);
    RUN(the_parsers_errors_are_those_of_the_engines_table);
    RUN(an_insert_takes_a_thousand_rows);
    RUN(endless_nesting_is_an_error_and_no_crash);
    RUN(memory_is_bounded);
    RUN(long_chains_of_operators_parse);
    RUN(malformed_utf8_is_refused);
    return check_done();
}
