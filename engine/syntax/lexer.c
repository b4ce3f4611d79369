/*
 * The lexer: see lexer.h. One switch on the first byte of a token, one small function for each
 * family of tokens. It stands before the parser (parser.c reads all tokens of a batch first) and
 * before lex_shape (shape.c).
 */
#include "lexer.h"

#include "unicode.h"

typedef struct KeywordName {
    const char *name;
    uint8_t length;
} KeywordName;

#include "syntax/keyword_table.h"

#define NAME_LIMIT 128

/* How a byte may continue a regular identifier: 1 yes, 2 needs a look at the whole character. */
static const uint8_t identifier_part[256] = {
    ['a' ... 'z'] = 1, ['A' ... 'Z'] = 1, ['0' ... '9'] = 1, ['_'] = 1,
    ['@'] = 1,         ['#'] = 1,         ['$'] = 1,         [0x80 ... 0xff] = 2,
};

static inline char
upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char) (c - ('a' - 'A')) : c;
}

static inline bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline bool
is_hex(char c)
{
    return is_digit(c) || (upper(c) >= 'A' && upper(c) <= 'F');
}

/* The byte `ahead` of the position, or NUL beyond the end. */
static inline char
look(const Lexer *lexer, uint32_t ahead)
{
    return lexer->position + ahead < lexer->length ? lexer->text[lexer->position + ahead] : '\0';
}

const char *
keyword_name(Keyword keyword)
{
    return keyword_names[keyword].name;
}

/* Of the length and four bytes; tools/keyword_table.py fills the table by the same rule. */
static inline uint32_t
keyword_hash(const char *word, size_t length)
{
    uint32_t hash = (uint32_t) length;

    hash = hash * 37 + ((unsigned char) word[0] & 0xdf);
    hash = hash * 37 + ((unsigned char) word[length > 1 ? 1 : 0] & 0xdf);
    hash = hash * 37 + ((unsigned char) word[length / 2] & 0xdf);
    hash = hash * 37 + ((unsigned char) word[length - 1] & 0xdf);
    return (hash ^ (hash >> 11)) & (KEYWORD_SLOTS - 1);
}

Keyword
keyword_find(const char *word, size_t length)
{
    uint32_t slot;

    if (length == 0 || length > KEYWORD_LONGEST)
        return KEYWORD_NONE;
    for (slot = keyword_hash(word, length); keyword_slots[slot] != KEYWORD_NONE;
         slot = (slot + 1) & (KEYWORD_SLOTS - 1)) {
        const KeywordName *name = &keyword_names[keyword_slots[slot]];
        size_t i = 0;

        if (name->length != length)
            continue;
        while (i < length && upper(word[i]) == name->name[i])
            i++;
        if (i == length)
            return (Keyword) keyword_slots[slot];
    }
    return KEYWORD_NONE;
}

bool
lexer_name_fits(const char *text, size_t length)
{
    return length <= NAME_LIMIT || unicode_utf16_length(text, length) <= NAME_LIMIT;
}

void
lexer_init(Lexer *lexer, const char *text, size_t length, bool quoted_identifier)
{
    *lexer = (Lexer){
        .text = text,
        .length = (uint32_t) length,
        .line = 1,
        .quoted_identifier = quoted_identifier,
    };
}

static void
fail(Token *token, int number, uint32_t end)
{
    token->type = TOKEN_ERROR;
    token->keyword = (uint16_t) number;
    token->end = end;
}

/* Skips a comment that begins at the position; comments nest. False when it does not end. */
static bool
skip_block_comment(Lexer *lexer)
{
    const char *s = lexer->text + lexer->position + 2;
    const char *end = lexer->text + lexer->length;
    int depth = 1;

    for (; s < end; s++) {
        if (*s == '\n')
            lexer->line++;
        else if (*s == '*' && s + 1 < end && s[1] == '/') {
            s++;
            if (--depth == 0) {
                lexer->position = (uint32_t) (s + 1 - lexer->text);
                return true;
            }
        } else if (*s == '/' && s + 1 < end && s[1] == '*') {
            s++;
            depth++;
        }
    }
    lexer->position = lexer->length;
    return false;
}

/* Skips white space and comments. False when a comment has no end. */
static bool
skip_blanks(Lexer *lexer)
{
    while (lexer->position < lexer->length) {
        const char *s = lexer->text + lexer->position;
        unsigned char c = (unsigned char) *s;

        if (c <= ' ') {
            if (c == '\n')
                lexer->line++;
            lexer->position++;
        } else if (c == '-' && look(lexer, 1) == '-') {
            while (lexer->position < lexer->length && lexer->text[lexer->position] != '\n')
                lexer->position++;
        } else if (c == '/' && look(lexer, 1) == '*') {
            if (!skip_block_comment(lexer))
                return false;
        } else if (c >= 0x80) {
            uint32_t character;
            int bytes = unicode_decode(s, lexer->text + lexer->length, &character);

            if (bytes == 0 || !unicode_is_space(character))
                return true;
            lexer->position += (uint32_t) bytes;
        } else
            return true;
    }
    return true;
}

/* Moves over identifier characters. */
static void
skip_identifier(Lexer *lexer)
{
    const char *s = lexer->text + lexer->position;
    const char *end = lexer->text + lexer->length;

    while (s < end) {
        uint8_t part = identifier_part[(unsigned char) *s];
        uint32_t character;
        int bytes;

        if (part == 1) {
            s++;
            continue;
        }
        if (part == 0)
            break;
        bytes = unicode_decode(s, end, &character);
        if (bytes == 0 || !unicode_in_identifier(character))
            break;
        s += bytes;
    }
    lexer->position = (uint32_t) (s - lexer->text);
}

/* Follows SET option[, option...] ON|OFF for the options that change what "..." means. */
static void
follow_set(Lexer *lexer, uint16_t keyword)
{
    enum { IDLE, IN_SET, IN_SET_QUOTED };

    switch (keyword) {
    case KW_SET:
        lexer->set_state = IN_SET;
        break;
    case KW_QUOTED_IDENTIFIER:
    case KW_ANSI_DEFAULTS:
        if (lexer->set_state == IN_SET)
            lexer->set_state = IN_SET_QUOTED;
        break;
    case KW_ON:
    case KW_OFF:
        if (lexer->set_state == IN_SET_QUOTED && !lexer->in_module)
            lexer->quoted_identifier = keyword == KW_ON;
        lexer->set_state = IDLE;
        break;
    case KW_PROC:
    case KW_PROCEDURE:
    case KW_FUNCTION:
    case KW_TRIGGER:
        if (lexer->previous_keyword == KW_CREATE || lexer->previous_keyword == KW_ALTER)
            lexer->in_module = true;
        lexer->set_state = IDLE;
        break;
    case KEYWORD_NONE: /* another option of the list */
        break;
    default:
        if (keyword < KEYWORD_FIRST_CONTEXTUAL)
            lexer->set_state = IDLE;
    }
}

static void
lex_word(Lexer *lexer, Token *token)
{
    skip_identifier(lexer);
    token->type = TOKEN_WORD;
    token->end = lexer->position;
    if (!lexer_name_fits(lexer->text + token->start, token->end - token->start)) {
        fail(token, 103, token->end);
        return;
    }
    token->keyword = (uint16_t) keyword_find(lexer->text + token->start, token->end - token->start);
    if (lexer->set_state != 0 || token->keyword != KEYWORD_NONE)
        follow_set(lexer, token->keyword);
    lexer->previous_keyword = token->keyword;
}

static void
lex_variable(Lexer *lexer, Token *token)
{
    skip_identifier(lexer);
    token->end = lexer->position;
    token->type = TOKEN_VARIABLE;
    if (token->end - token->start > 2 && lexer->text[token->start + 1] == '@')
        token->type = TOKEN_GLOBAL;
    lexer->set_state = 0;
    if (!lexer_name_fits(lexer->text + token->start, token->end - token->start))
        fail(token, 103, token->end);
}

/* Moves over text up to the closing quote, which is doubled to stand for itself. */
static bool
skip_quoted(Lexer *lexer, char close, uint32_t *doubled)
{
    const char *s = lexer->text + lexer->position;
    const char *end = lexer->text + lexer->length;

    *doubled = 0;
    for (; s < end; s++) {
        if (*s == '\n')
            lexer->line++;
        else if (*s == close) {
            if (s + 1 < end && s[1] == close) {
                s++;
                ++*doubled;
            } else {
                lexer->position = (uint32_t) (s + 1 - lexer->text);
                return true;
            }
        }
    }
    lexer->position = lexer->length;
    return false;
}

static void
lex_literal(Lexer *lexer, Token *token, TokenType type)
{
    token->type = (uint8_t) type;
    token->end = lexer->position;
    token->literal = lexer->literal_count++;
}

/* A string whose opening quote is `prefix` bytes after the token's start. */
static void
lex_string(Lexer *lexer, Token *token, uint32_t prefix)
{
    char quote = lexer->text[lexer->position + prefix];
    uint32_t doubled;

    lexer->position += prefix + 1;
    if (skip_quoted(lexer, quote, &doubled))
        lex_literal(lexer, token, prefix ? TOKEN_NSTRING : TOKEN_STRING);
    else
        fail(token, 105, lexer->length);
}

static void
lex_quoted_name(Lexer *lexer, Token *token, char close)
{
    uint32_t doubled;
    uint32_t start = ++lexer->position;
    uint32_t end;

    if (!skip_quoted(lexer, close, &doubled)) {
        fail(token, 105, lexer->length);
        return;
    }
    token->type = TOKEN_QUOTED;
    token->end = lexer->position;
    end = lexer->position - 1;
    if (end == start)
        fail(token, 1038, token->end);
    else if (end - start > NAME_LIMIT &&
             unicode_utf16_length(lexer->text + start, end - start) - doubled > NAME_LIMIT)
        fail(token, 103, token->end);
    else
        for (uint32_t i = start; i < end; i++)
            if (lexer->text[i] == '\0')
                fail(token, 102, token->end);
}

/* 0x and hexadecimal digits, which a backslash before a line's end may interrupt. */
static void
lex_binary(Lexer *lexer, Token *token)
{
    lexer->position += 2;
    for (;;) {
        char c = look(lexer, 0);

        if (is_hex(c))
            lexer->position++;
        else if (c == '\\' && look(lexer, 1) == '\n') {
            lexer->position += 2;
            lexer->line++;
        } else if (c == '\\' && look(lexer, 1) == '\r' && look(lexer, 2) == '\n') {
            lexer->position += 3;
            lexer->line++;
        } else
            break;
    }
    lex_literal(lexer, token, TOKEN_BINARY);
}

static void
skip_digits(Lexer *lexer)
{
    while (is_digit(look(lexer, 0)))
        lexer->position++;
}

static void
lex_number(Lexer *lexer, Token *token)
{
    TokenType type = TOKEN_INTEGER;

    if (look(lexer, 0) == '0' && upper(look(lexer, 1)) == 'X') {
        lex_binary(lexer, token);
        return;
    }
    skip_digits(lexer);
    if (look(lexer, 0) == '.') {
        lexer->position++;
        skip_digits(lexer);
        type = TOKEN_DECIMAL;
    }
    if (upper(look(lexer, 0)) == 'E') {
        /* 1e is 1e0 in T-SQL */
        lexer->position++;
        if (look(lexer, 0) == '+' || look(lexer, 0) == '-')
            lexer->position++;
        skip_digits(lexer);
        type = TOKEN_FLOAT;
    }
    lex_literal(lexer, token, type);
}

/* A currency sign of `sign` bytes: money, of which the digits may be missing. */
static void
lex_money(Lexer *lexer, Token *token, uint32_t sign)
{
    lexer->position += sign;
    skip_digits(lexer);
    if (look(lexer, 0) == '.') {
        lexer->position++;
        skip_digits(lexer);
    }
    lex_literal(lexer, token, TOKEN_MONEY);
}

static void
lex_dollar(Lexer *lexer, Token *token)
{
    char next = look(lexer, 1);

    if ((upper(next) >= 'A' && upper(next) <= 'Z') || next == '_')
        lex_word(lexer, token); /* $action, $identity, $partition */
    else
        lex_money(lexer, token, 1);
}

static void
lex_beyond_ascii(Lexer *lexer, Token *token)
{
    const char *s = lexer->text + lexer->position;
    uint32_t character;
    int bytes = unicode_decode(s, lexer->text + lexer->length, &character);

    if (bytes > 0 && unicode_is_currency(character))
        lex_money(lexer, token, (uint32_t) bytes);
    else if (bytes > 0 && unicode_in_identifier(character))
        lex_word(lexer, token);
    else
        fail(token, 102, lexer->position + (uint32_t) (bytes > 0 ? bytes : 1));
}

/* If, after blanks, the next byte is `next`, moves behind it. */
static bool
accept_spaced(Lexer *lexer, char next)
{
    uint32_t position = lexer->position;
    int32_t line = lexer->line;

    if (skip_blanks(lexer) && look(lexer, 0) == next) {
        lexer->position++;
        return true;
    }
    lexer->position = position;
    lexer->line = line;
    return false;
}

static void
lex_comparison(Lexer *lexer, Token *token, char first)
{
    char next = look(lexer, 1);

    lexer->position++;
    if ((first == '<' || first == '>') && next == first) {
        lexer->position++;
        token->type = first == '<' ? TOKEN_SHIFT_LEFT : TOKEN_SHIFT_RIGHT;
    } else if (first == '<') {
        if (accept_spaced(lexer, '='))
            token->type = TOKEN_LE;
        else
            token->type = accept_spaced(lexer, '>') ? TOKEN_NE : TOKEN_LT;
    } else if (first == '>')
        token->type = accept_spaced(lexer, '=') ? TOKEN_GE : TOKEN_GT;
    else if (accept_spaced(lexer, '='))
        token->type = TOKEN_NE;
    else if (accept_spaced(lexer, '<'))
        token->type = TOKEN_GE;
    else if (accept_spaced(lexer, '>'))
        token->type = TOKEN_LE;
    else
        fail(token, 102, lexer->position);
    if (token->type != TOKEN_ERROR)
        token->end = lexer->position;
}

/* An operator that `=` turns into a compound assignment. */
static void
lex_arithmetic(Lexer *lexer, Token *token, TokenType plain, TokenType compound)
{
    lexer->position++;
    token->type = (uint8_t) (accept_spaced(lexer, '=') ? compound : plain);
    token->end = lexer->position;
}

static void
lex_single(Lexer *lexer, Token *token, TokenType type, uint32_t bytes)
{
    lexer->position += bytes;
    token->type = (uint8_t) type;
    token->end = lexer->position;
}

static void
lex_operator(Lexer *lexer, Token *token, char c)
{
    switch (c) {
    case '(':
        lex_single(lexer, token, TOKEN_LPAREN, 1);
        break;
    case ')':
        lex_single(lexer, token, TOKEN_RPAREN, 1);
        break;
    case '{':
        lex_single(lexer, token, TOKEN_LBRACE, 1);
        break;
    case '}':
        lex_single(lexer, token, TOKEN_RBRACE, 1);
        break;
    case ',':
        lex_single(lexer, token, TOKEN_COMMA, 1);
        break;
    case ';':
        lex_single(lexer, token, TOKEN_SEMICOLON, 1);
        break;
    case '?':
        lex_single(lexer, token, TOKEN_QUESTION, 1);
        break;
    case '=':
        lex_single(lexer, token, TOKEN_EQ, 1);
        break;
    case '~':
        lex_single(lexer, token, TOKEN_TILDE, 1);
        break;
    case ':':
        if (look(lexer, 1) == ':')
            lex_single(lexer, token, TOKEN_DOUBLE_COLON, 2);
        else
            lex_single(lexer, token, TOKEN_COLON, 1);
        break;
    case '<':
    case '>':
    case '!':
        lex_comparison(lexer, token, c);
        break;
    case '+':
        lex_arithmetic(lexer, token, TOKEN_PLUS, TOKEN_PLUS_EQ);
        break;
    case '-':
        lex_arithmetic(lexer, token, TOKEN_MINUS, TOKEN_MINUS_EQ);
        break;
    case '*':
        lex_arithmetic(lexer, token, TOKEN_STAR, TOKEN_STAR_EQ);
        break;
    case '/':
        lex_arithmetic(lexer, token, TOKEN_SLASH, TOKEN_SLASH_EQ);
        break;
    case '%':
        lex_arithmetic(lexer, token, TOKEN_PERCENT, TOKEN_PERCENT_EQ);
        break;
    case '&':
        lex_arithmetic(lexer, token, TOKEN_AMPERSAND, TOKEN_AMPERSAND_EQ);
        break;
    case '^':
        lex_arithmetic(lexer, token, TOKEN_CARET, TOKEN_CARET_EQ);
        break;
    case '|':
        if (look(lexer, 1) == '|')
            lex_single(lexer, token, TOKEN_CONCAT, 2);
        else
            lex_arithmetic(lexer, token, TOKEN_PIPE, TOKEN_PIPE_EQ);
        break;
    default:
        fail(token, 102, lexer->position + 1);
    }
}

void
lexer_next(Lexer *lexer, Token *token)
{
    char c;

    token->type = TOKEN_EOF;
    token->keyword = KEYWORD_NONE;
    token->literal = -1;
    token->start = lexer->position;
    token->line = lexer->line;
    if (!skip_blanks(lexer)) {
        fail(token, 113, lexer->length);
        return;
    }
    token->line = lexer->line;
    token->start = token->end = lexer->position;
    if (lexer->position >= lexer->length)
        return;
    c = lexer->text[lexer->position];
    switch (c) {
    case 'N':
    case 'n':
        if (look(lexer, 1) == '\'' || (look(lexer, 1) == '"' && !lexer->quoted_identifier))
            lex_string(lexer, token, 1);
        else
            lex_word(lexer, token);
        break;
    case 'a' ... 'm':
    case 'o' ... 'z':
    case 'A' ... 'M':
    case 'O' ... 'Z':
    case '_':
    case '#':
        lex_word(lexer, token);
        break;
    case '@':
        lex_variable(lexer, token);
        break;
    case '0' ... '9':
        lex_number(lexer, token);
        break;
    case '.':
        if (is_digit(look(lexer, 1)))
            lex_number(lexer, token);
        else
            lex_single(lexer, token, TOKEN_DOT, 1);
        break;
    case '$':
        lex_dollar(lexer, token);
        break;
    case '\'':
        lex_string(lexer, token, 0);
        break;
    case '"':
        if (lexer->quoted_identifier)
            lex_quoted_name(lexer, token, '"');
        else
            lex_string(lexer, token, 0);
        break;
    case '[':
        lex_quoted_name(lexer, token, ']');
        break;
    default:
        if ((unsigned char) c >= 0x80)
            lex_beyond_ascii(lexer, token);
        else
            lex_operator(lexer, token, c);
    }
}
