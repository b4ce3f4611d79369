/*
 * lex_shape(): the text of a batch less what does not matter to its tree. It stands in front of the
 * plan cache and runs for every batch of literals, so it does one pass with the lexer and writes
 * straight into the caller's buffer.
 *
 * What is kept: every token in order, words as written, operators in one spelling, one marker byte
 * (1 for LITERAL_INTEGER, 2 for LITERAL_DECIMAL ... in the order of LiteralType) for each literal.
 * Line breaks before words are kept too, as line feeds: statements begin with words, so two texts
 * of one shape have their statements on the same lines, and a cached tree reports right line
 * numbers. The numbers of a type, varchar(10), are written out behind their marker: a tree holds
 * them as part of the type, and texts that differ there are better told apart at once.
 */
#include "lexer.h"
#include "parser.h"
#include "unicode.h"

#include <string.h>

typedef struct ShapeWriter {
    char *out;
    char *limit;
    int32_t line;      /* line reached by the line feeds written */
    bool after_word;   /* a blank is due before another word */
    bool after_opener; /* the last token was a comma or operator: a parenthesis begins no statement
                        */
} ShapeWriter;

/* Spellings of the operators from TOKEN_LPAREN on. */
static const char *const spellings[] = {
    "(", ")",  "{",  "}",  ",",  ".",  ";",  ":",  "::", "?",  "=",  "<>",
    "<", "<=", ">",  ">=", "+",  "-",  "*",  "/",  "%",  "&",  "|",  "^",
    "~", "<<", ">>", "||", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=",
};

_Static_assert(sizeof(spellings) / sizeof(spellings[0]) == TOKEN_CARET_EQ - TOKEN_LPAREN + 1,
               "one spelling for each operator");
_Static_assert(TOKEN_BINARY - TOKEN_INTEGER == LITERAL_BINARY - LITERAL_INTEGER,
               "literal tokens in the order of LiteralType");

static inline bool
put(ShapeWriter *writer, const char *bytes, size_t length)
{
    if ((size_t) (writer->limit - writer->out) < length)
        return false;
    if (length <= 16) { /* words are short: a call costs more than the loop */
        for (size_t i = 0; i < length; i++)
            writer->out[i] = bytes[i];
    } else
        memcpy(writer->out, bytes, length);
    writer->out += length;
    return true;
}

/* Line feeds up to the line of a token that may begin a statement. */
static bool
put_lines(ShapeWriter *writer, const Token *token)
{
    while (writer->line < token->line) {
        if (writer->out == writer->limit)
            return false;
        *writer->out++ = '\n';
        writer->line++;
        writer->after_word = false;
    }
    return true;
}

static bool
put_word(ShapeWriter *writer, const char *text, const Token *token)
{
    if (!put_lines(writer, token))
        return false;
    if (writer->after_word && !put(writer, " ", 1))
        return false;
    writer->after_word = true;
    writer->after_opener = false;
    return put(writer, text + token->start, token->end - token->start);
}

static bool
put_operator(ShapeWriter *writer, const Token *token)
{
    const char *spelling = spellings[token->type - TOKEN_LPAREN];

    if (token->type == TOKEN_LPAREN && !writer->after_opener && !put_lines(writer, token))
        return false;
    writer->after_word = false;
    writer->after_opener = token->type != TOKEN_RPAREN && token->type != TOKEN_SEMICOLON;
    return put(writer, spelling, spelling[1] == '\0' ? 1 : 2);
}

/* Is this word the name of a type that takes lengths? */
static bool
is_sized_type(const char *text, const Token *token)
{
    static const char *const types[] = {
        "char",           "varchar", "nchar", "nvarchar", "binary",    "varbinary", "decimal",
        "numeric",        "dec",     "float", "time",     "datetime2", "varying",   "character",
        "datetimeoffset", "vector",
    };
    const char *s = text + token->start;
    size_t length = token->end - token->start;

    if (token->type == TOKEN_QUOTED) {
        s++;
        length -= 2;
    }
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        size_t j = 0;

        while (j < length && types[i][j] != '\0' && (s[j] | 0x20) == types[i][j])
            j++;
        if (j == length && types[i][j] == '\0')
            return true;
    }
    return false;
}

static bool
put_literal(ShapeWriter *writer, const char *text, const Token *token, bool of_type)
{
    char marker = (char) (token->type - TOKEN_INTEGER + 1);

    writer->after_word = false;
    writer->after_opener = false;
    if (!put(writer, &marker, 1))
        return false;
    return !of_type || put(writer, text + token->start, token->end - token->start);
}

int
lex_shape(const char *text,
          size_t length,
          const ParseOptions *options,
          char *shape,
          size_t shape_size,
          LiteralToken *literals,
          int max_literals,
          int *literal_count)
{
    ShapeWriter writer = {.out = shape, .limit = shape + shape_size, .line = 1};
    Token tokens[3] = {{.type = TOKEN_EOF}, {.type = TOKEN_EOF}, {.type = TOKEN_EOF}};
    Token *token = &tokens[0];
    bool in_type = false;
    Lexer lexer;

    *literal_count = 0;
    if (length > INT32_MAX || shape_size > INT32_MAX || !unicode_valid(text, length))
        return -1;
    lexer_init(&lexer, text, length, options == NULL || options->quoted_identifier);
    for (;;) {
        bool fits;

        tokens[2] = tokens[1];
        tokens[1] = tokens[0];
        lexer_next(&lexer, token);
        if (token->type == TOKEN_EOF)
            break;
        if (token->type == TOKEN_ERROR)
            return -1;
        if (token->type < TOKEN_INTEGER)
            fits = put_word(&writer, text, token);
        else if (token_is_literal(token)) {
            if (token->literal >= max_literals)
                return -1;
            literals[token->literal] = (LiteralToken){
                .type = (LiteralType) (LITERAL_INTEGER + (token->type - TOKEN_INTEGER)),
                .start = token->start,
                .end = token->end,
            };
            if (token->type == TOKEN_INTEGER && tokens[1].type == TOKEN_LPAREN &&
                (tokens[2].type == TOKEN_WORD || tokens[2].type == TOKEN_QUOTED))
                in_type = is_sized_type(text, &tokens[2]);
            fits = put_literal(&writer, text, token, in_type);
        } else {
            in_type = in_type && token->type == TOKEN_COMMA;
            fits = put_operator(&writer, token);
        }
        if (!fits)
            return -1;
    }
    *literal_count = lexer.literal_count;
    return (int) (writer.out - shape);
}
