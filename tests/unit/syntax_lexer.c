/*
 * The lexer's own rules, token by token.
 */
#include "check.h"
#include "syntax/lexer.h"

/* Token types of the text as letters, so that a test reads at a glance: w word, q quoted name,
 * v variable, g global, i d f m s n b literals, ! error, anything else an operator as o. */
static void
expect_tokens(const char *text, bool quoted_identifier, const char *expected)
{
    static const char letters[] = "e!wqvgidfmsnb";
    char found[200];
    size_t count = 0;
    Lexer lexer;
    Token token;

    lexer_init(&lexer, text, strlen(text), quoted_identifier);
    for (;;) {
        lexer_next(&lexer, &token);
        if (token.type == TOKEN_EOF || count + 1 >= sizeof(found))
            break;
        found[count++] = token.type <= TOKEN_BINARY ? letters[token.type] : 'o';
        if (token.type == TOKEN_ERROR)
            break;
    }
    found[count] = '\0';
    if (strcmp(found, expected) != 0)
        CHECK_FAIL("<%s> lexes as %s, not %s", text, found, expected);
}

static void
identifiers_have_t_sqls_letters(void)
{
    expect_tokens("a _b #c ##d a1 a@b a#b a$b", true, "wwwwwwww");
    expect_tokens("\xc3\xa4 \xe6\x97\xa5\xe6\x9c\xac \xd0\x96", true, "www");
    expect_tokens("@a @@b @ @1", true, "vgvv");
    expect_tokens("[a b] [a]]b] \"c\"\"d\"", true, "qqq");
    expect_tokens("$action $identity", true, "ww");
    expect_tokens("a\xe2\x80\xa6"
                  "b",
                  true, "w!");
}

static void
literals_are_told_by_their_form(void)
{
    expect_tokens("1 1. .5 1.5 1e5 1e-5 1.e2 1e", true,
                  "iddd"
                  "ffff");
    expect_tokens("$1 $1.5 $ \xc2\xa3"
                  "2 \xe2\x82\xac"
                  "3",
                  true, "mmmmm");
    expect_tokens("'a' N'b' n'c' 0x 0xAB 0XFG", true, "snnbbbw");
    expect_tokens("N 'a'", true, "ws");
    expect_tokens("1a 1.5b", true, "iwdw");
    expect_tokens("'a''b' ''", true, "ss");
    expect_tokens("'a\nb'", true, "s");
}

static void
double_quotes_follow_quoted_identifier(void)
{
    expect_tokens("\"a\"", true, "q");
    expect_tokens("\"a\" N\"b\" \"\"", false, "sns");
    expect_tokens("set quoted_identifier off \"a\" set quoted_identifier on \"a\"", true,
                  "wwwswwwq");
    expect_tokens("set nocount, ansi_defaults off \"a\"", true, "wwowws");
    expect_tokens("update t set quoted_identifier = 1 from u \"a\"", true, "wwwwoiwwq");
    expect_tokens("create proc p as set quoted_identifier off \"a\"", true, "wwwwwwwq");
}

static void
comments_and_white_space_vanish(void)
{
    expect_tokens("a/* x /* y */ z */b--c\n d -- e", true, "www");
    expect_tokens("a\xc2\xa0"
                  "b\xe3\x80\x80"
                  "c\xef\xbb\xbf",
                  true, "www");
    expect_tokens("a/*/b", true, "w!");
    expect_tokens("a/**/b", true, "ww");
    expect_tokens("a - - b--", true, "woow");
}

static void
operators_of_two_characters_are_one_token(void)
{
    expect_tokens("a >= b <= c <> d != e !< f !> g", true, "wowowowowowow");
    expect_tokens("a > = b < > c ! = d", true, "wowowow");
    expect_tokens("+= -= *= /= %= &= |= ^= << >> || ::", true, "oooooooooooo");
    expect_tokens("+ = * /* x */ =", true, "oo");
    expect_tokens("!", true, "!");
}

static void
keywords_are_found_in_any_case(void)
{
    CHECK_INT(keyword_find("select", 6), KW_SELECT);
    CHECK_INT(keyword_find("SeLeCt", 6), KW_SELECT);
    CHECK_INT(keyword_find("selec", 5), KEYWORD_NONE);
    CHECK_INT(keyword_find("selectx", 7), KEYWORD_NONE);
    CHECK(KW_SELECT < KEYWORD_FIRST_CONTEXTUAL);
    CHECK(KW_THROW > KEYWORD_FIRST_CONTEXTUAL);
    for (int keyword = 1; keyword < KEYWORD_FIRST_CONTEXTUAL; keyword++)
        CHECK_INT(keyword_find(keyword_name(keyword), strlen(keyword_name(keyword))), keyword);
}

static void
positions_and_literal_numbers_are_exact(void)
{
    const char *text = "a\n 'x\ny'  1";
    Lexer lexer;
    Token token;

    lexer_init(&lexer, text, strlen(text), true);
    lexer_next(&lexer, &token);
    CHECK_INT(token.start, 0);
    CHECK_INT(token.end, 1);
    CHECK_INT(token.line, 1);
    CHECK_INT(token.literal, -1);
    lexer_next(&lexer, &token);
    CHECK_INT(token.start, 3);
    CHECK_INT(token.end, 8);
    CHECK_INT(token.line, 2);
    CHECK_INT(token.literal, 0);
    lexer_next(&lexer, &token);
    CHECK_INT(token.line, 3);
    CHECK_INT(token.literal, 1);
    lexer_next(&lexer, &token);
    CHECK_INT(token.type, TOKEN_EOF);
    lexer_next(&lexer, &token);
    CHECK_INT(token.type, TOKEN_EOF);
}

static void
any_bytes_end(void)
{
    for (int first = 0; first < 256; first++)
        for (int second = 0; second < 256; second++) {
            char text[2] = {(char) first, (char) second};
            Lexer lexer;
            Token token;
            int count = 0;

            lexer_init(&lexer, text, 2, true);
            do
                lexer_next(&lexer, &token);
            while (token.type != TOKEN_EOF && token.type != TOKEN_ERROR && ++count < 5);
            CHECK(count < 5);
        }
}

int
main(void)
{
    RUN(identifiers_have_t_sqls_letters);
    RUN(literals_are_told_by_their_form);
    RUN(double_quotes_follow_quoted_identifier);
    RUN(comments_and_white_space_vanish);
    RUN(operators_of_two_characters_are_one_token);
    RUN(keywords_are_found_in_any_case);
    RUN(positions_and_literal_numbers_are_exact);
    RUN(any_bytes_end);
    return check_done();
}
