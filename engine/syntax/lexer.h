/*
 * T-SQL's lexical rules. The lexer turns bytes into tokens one at a time; it allocates nothing and
 * knows no grammar but one thing: `SET QUOTED_IDENTIFIER ON|OFF` takes effect at once, so that what
 * "..." means can be told from the tokens before it alone. Both users (the parser and lex_shape)
 * therefore number literals alike.
 *
 * Operators of two characters may have blanks between them where T-SQL allows it (`> =`).
 * A lexical error is a token (TOKEN_ERROR): the parser reports it when it gets there, so that a
 * syntax error further up in the text is reported first, as SQL Server does.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum Keyword {
    KEYWORD_NONE,
#define RESERVED(word) KW_##word,
#define CONTEXTUAL(word)
#include "keywords.def"
#undef RESERVED
#undef CONTEXTUAL
    KEYWORD_FIRST_CONTEXTUAL,
#define RESERVED(word)
#define CONTEXTUAL(word) KW_##word,
#include "keywords.def"
#undef RESERVED
#undef CONTEXTUAL
} Keyword;

typedef enum TokenType {
    TOKEN_EOF,
    TOKEN_ERROR,    /* `keyword` holds the error's number */
    TOKEN_WORD,     /* regular identifier or keyword; also $action, $identity, #temp */
    TOKEN_QUOTED,   /* [x] or "x" */
    TOKEN_VARIABLE, /* @x */
    TOKEN_GLOBAL,   /* @@x */
    TOKEN_INTEGER,  /* the first of the literals */
    TOKEN_DECIMAL,
    TOKEN_FLOAT,
    TOKEN_MONEY,
    TOKEN_STRING,
    TOKEN_NSTRING,
    TOKEN_BINARY, /* the last of the literals */
    TOKEN_LPAREN,
    TOKEN_RPAREN,
    TOKEN_LBRACE,
    TOKEN_RBRACE,
    TOKEN_COMMA,
    TOKEN_DOT,
    TOKEN_SEMICOLON,
    TOKEN_COLON,
    TOKEN_DOUBLE_COLON,
    TOKEN_QUESTION,
    TOKEN_EQ,
    TOKEN_NE,
    TOKEN_LT,
    TOKEN_LE, /* also !> */
    TOKEN_GT,
    TOKEN_GE, /* also !< */
    TOKEN_PLUS,
    TOKEN_MINUS,
    TOKEN_STAR,
    TOKEN_SLASH,
    TOKEN_PERCENT,
    TOKEN_AMPERSAND,
    TOKEN_PIPE,
    TOKEN_CARET,
    TOKEN_TILDE,
    TOKEN_SHIFT_LEFT,
    TOKEN_SHIFT_RIGHT,
    TOKEN_CONCAT,
    TOKEN_PLUS_EQ, /* the first of the compound assignments */
    TOKEN_MINUS_EQ,
    TOKEN_STAR_EQ,
    TOKEN_SLASH_EQ,
    TOKEN_PERCENT_EQ,
    TOKEN_AMPERSAND_EQ,
    TOKEN_PIPE_EQ,
    TOKEN_CARET_EQ, /* the last of them */
} TokenType;

typedef struct Token {
    uint8_t type;
    uint16_t keyword; /* Keyword of a TOKEN_WORD */
    uint32_t start;   /* bytes [start, end) of the text */
    uint32_t end;
    int32_t line;    /* 1-based, where it starts */
    int32_t literal; /* number among the literals, else -1 */
} Token;

typedef struct Lexer {
    const char *text;
    uint32_t length;
    uint32_t position;
    int32_t line;
    int32_t literal_count;
    bool quoted_identifier;
    /* following SET QUOTED_IDENTIFIER */
    uint8_t set_state;
    bool in_module; /* inside CREATE PROCEDURE etc.: SET does not change how the rest is read */
    uint16_t previous_keyword;
} Lexer;

static inline bool
token_is_literal(const Token *token)
{
    return token->type >= TOKEN_INTEGER && token->type <= TOKEN_BINARY;
}

/* Begins lexing `length` (below 2^31) bytes. The text must outlive the lexer. */
void lexer_init(Lexer *lexer, const char *text, size_t length, bool quoted_identifier);

/* Reads the next token. At the end, and ever after, it is TOKEN_EOF; after TOKEN_ERROR lexing
 * cannot go on. */
void lexer_next(Lexer *lexer, Token *token);

/* Is this a well-formed name of at most 128 UTF-16 units, given raw token text without quotes? */
bool lexer_name_fits(const char *text, size_t length);

/* The keyword's upper-case spelling. */
const char *keyword_name(Keyword keyword);

/* The keyword that `length` bytes spell in any case, or KEYWORD_NONE. */
Keyword keyword_find(const char *word, size_t length);
