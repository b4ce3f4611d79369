/*
 * The parser's entry points and its machinery: reading all tokens of the text, raising errors,
 * making nodes and lists. The grammar is in the parse_*.c files, by area.
 */
#include "parse_internal.h"

#include "unicode.h"

#define TEXT_LIMIT ((size_t) 256 << 20) /* more than SQL Server takes (65,536 packets of 4 kB) */

#define FIRST_TOKENS ((size_t) 1 << 16)

typedef struct ErrorText {
    int number;
    int severity;
    const char *text;
} ErrorText;

static const ErrorText *
error_text(int number)
{
    static const ErrorText texts[] = {
#define PARSE_ERROR(number, severity, text) {number, severity, text},
#include "parse_errors.def"
#undef PARSE_ERROR
    };

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        if (texts[i].number == number)
            return &texts[i];
    return &texts[0];
}

/* Appends to the message what fits whole characters. */
static size_t
append_text(char *message, size_t used, size_t size, const char *text, size_t length)
{
    size_t room = size - 1 - used;

    if (length > room) {
        length = room;
        while (length > 0 && ((unsigned char) text[length] & 0xc0) == 0x80)
            length--;
    }
    memcpy(message + used, text, length);
    message[used + length] = '\0';
    return used + length;
}

static void
fill_error(ParseError *error, int number, int line, const char *argument)
{
    const ErrorText *entry = error_text(number);
    const char *place = strstr(entry->text, "%s");
    size_t used = 0;
    size_t head = place != NULL ? (size_t) (place - entry->text) : strlen(entry->text);

    error->number = entry->number;
    error->severity = entry->severity;
    error->state = 1;
    error->line = line;
    used = append_text(error->message, used, sizeof(error->message), entry->text, head);
    if (place != NULL) {
        size_t tail = strlen(place + 2);

        if (argument != NULL)
            used = append_text(error->message, used, sizeof(error->message) - tail, argument,
                               strlen(argument));
        append_text(error->message, used, sizeof(error->message), place + 2, tail);
    }
}

void
parse_fail(Parser *p, int number, const Token *token, const char *argument)
{
    fill_error(p->error, number, token->line, argument);
    longjmp(p->failure, 1);
}

const char *
parse_token_text(Parser *p, const Token *token)
{
    const char *s = p->text + token->start;
    size_t length = token->end - token->start;
    size_t prefix = 0, suffix = 0;

    if (token->type == TOKEN_QUOTED || token->type == TOKEN_STRING)
        prefix = suffix = 1;
    else if (token->type == TOKEN_NSTRING)
        prefix = 2, suffix = 1;
    if (length >= prefix + suffix) {
        s += prefix;
        length -= prefix + suffix;
    }
    return arena_copy(p->arena, s, length);
}

/* What the lexer found wrong with a token. */
static _Noreturn void
lexical_error(Parser *p, const Token *token)
{
    const char *text = p->text + token->start;
    size_t length = token->end - token->start;
    size_t skip = 0;

    switch (token->keyword) {
    case 103:
    case 105:
        if (token->keyword == 105 && length > 0 && (text[0] == 'N' || text[0] == 'n'))
            skip = 2;
        else if (length > 0 && (text[0] == '[' || text[0] == '"' || text[0] == '\''))
            skip = 1;
        text += skip;
        length -= skip;
        if (token->keyword == 103 && length > 128)
            length = 128;
        while (length > 0 && text + length < p->text + p->length &&
               ((unsigned char) text[length] & 0xc0) == 0x80)
            length--;
        parse_fail(p, token->keyword, token, arena_copy(p->arena, text, length));
    default:
        parse_fail(p, token->keyword, token, arena_copy(p->arena, text, length));
    }
}

void
parse_syntax_error_at(Parser *p, const Token *token)
{
    if (token->type == TOKEN_ERROR)
        lexical_error(p, token);
    /* the end of the text is blamed on the last token, never as a keyword */
    if (token->type == TOKEN_EOF) {
        if (token == p->tokens)
            parse_fail(p, 102, token, "");
        parse_fail(p, 102, token - 1, parse_token_text(p, token - 1));
    }
    if (token->type == TOKEN_WORD && token->keyword != KEYWORD_NONE &&
        token->keyword < KEYWORD_FIRST_CONTEXTUAL)
        parse_fail(p, 156, token, parse_token_text(p, token));
    parse_fail(p, 102, token, parse_token_text(p, token));
}

void
parse_syntax_error(Parser *p)
{
    parse_syntax_error_at(p, p->token);
}

void
parse_check_limits(Parser *p)
{
    if (p->depth > PARSE_MAX_DEPTH)
        parse_fail(p, 191, p->token, NULL);
    if (arena_size(p->arena) > p->memory_limit)
        parse_fail(p, 701, p->token, NULL);
}

bool
at_word(const Parser *p, const char *word)
{
    const Token *token = p->token;
    size_t length = strlen(word);

    if (token->type != TOKEN_WORD || token->end - token->start != length)
        return false;
    for (size_t i = 0; i < length; i++) {
        char c = p->text[token->start + i];

        if (c >= 'a' && c <= 'z')
            c = (char) (c - ('a' - 'A'));
        if (c != word[i])
            return false;
    }
    return true;
}

bool
accept_word(Parser *p, const char *word)
{
    if (!at_word(p, word))
        return false;
    p->token++;
    return true;
}

const Token *
parse_after_parens(const Token *open)
{
    int depth = 0;

    for (; open->type != TOKEN_EOF && open->type != TOKEN_ERROR; open++) {
        if (open->type == TOKEN_LPAREN)
            depth++;
        else if (open->type == TOKEN_RPAREN && --depth == 0)
            return open + 1;
    }
    return open;
}

void *
parse_node(Parser *p, size_t size, AstKind kind)
{
    AstNode *node = arena_alloc(p->arena, size);

    node->kind = kind;
    node->line = p->token->line;
    node->start = p->token->start;
    node->end = p->token->end;
    return node;
}

void
parse_append(Parser *p, AstList **list, void *node)
{
    AstList *l = *list;

    if (l == NULL)
        l = *list = NEW(p, AstList);
    if (l->count == l->capacity) {
        int capacity = l->capacity ? l->capacity * 2 : 4;
        AstNode **items = arena_alloc(p->arena, (size_t) capacity * sizeof(AstNode *));

        if (l->count > 0)
            memcpy(items, l->items, (size_t) l->count * sizeof(AstNode *));
        l->items = items;
        l->capacity = capacity;
    }
    l->items[l->count++] = node;
}

void
parse_add_name(Parser *p, NameArray *array, const char *name)
{
    if (array->count == array->capacity) {
        int capacity = array->capacity ? array->capacity * 2 : 4;
        const char **items = arena_alloc(p->arena, (size_t) capacity * sizeof(char *));

        if (array->count > 0)
            memcpy(items, array->items, (size_t) array->count * sizeof(char *));
        array->items = items;
        array->capacity = capacity;
    }
    array->items[array->count++] = name;
}

/* Lexes the whole text into p->tokens, stopping at an error token. False when that takes more
 * memory than the limit. */
static bool
read_tokens(Parser *p, bool quoted_identifier)
{
    Lexer lexer;
    size_t guess = p->length / 4 + 16;
    size_t capacity = (guess < FIRST_TOKENS ? guess : FIRST_TOKENS) + PARSE_PADDING;
    Token *tokens = arena_alloc(p->arena, capacity * sizeof(Token));
    size_t count = 0;

    lexer_init(&lexer, p->text, p->length, quoted_identifier);
    do {
        if (count + PARSE_PADDING + 1 >= capacity) {
            Token *more;

            capacity += capacity / 2;
            if (arena_size(p->arena) + capacity * sizeof(Token) > p->memory_limit)
                return false;
            more = arena_alloc(p->arena, capacity * sizeof(Token));
            memcpy(more, tokens, count * sizeof(Token));
            tokens = more;
        }
        lexer_next(&lexer, &tokens[count]);
    } while (tokens[count].type != TOKEN_EOF && tokens[count++].type != TOKEN_ERROR);
    for (int i = 0; i < PARSE_PADDING; i++)
        tokens[count + i] = (Token){
            .type = TOKEN_EOF,
            .start = lexer.position,
            .end = lexer.position,
            .line = lexer.line,
            .literal = -1,
        };
    p->tokens = p->token = tokens;
    p->literal_count = lexer.literal_count;
    p->literal_fixed = arena_alloc(p->arena, (size_t) lexer.literal_count + 1);
    return true;
}

/* Prepares `p`; false with the error filled when the text cannot be parsed at all. */
static bool
parser_init(Parser *p,
            Arena *arena,
            const char *text,
            size_t length,
            const ParseOptions *options,
            ParseError *error)
{
    size_t limit =
        options != NULL && options->memory_limit > 0 ? options->memory_limit : PARSE_MAX_MEMORY;

    memset(p, 0, sizeof(*p));
    memset(error, 0, sizeof(*error));
    p->arena = arena;
    p->error = error;
    p->memory_limit = arena_size(arena) + limit;
    if (length > TEXT_LIMIT || length > limit) {
        fill_error(error, 701, 1, NULL);
        return false;
    }
    if (!unicode_valid(text, length)) {
        fill_error(error, 9833, 1, NULL);
        return false;
    }
    p->text = arena_copy(arena, text, length);
    p->length = (uint32_t) length;
    if (!read_tokens(p, options == NULL || options->quoted_identifier)) {
        fill_error(error, 701, 1, NULL);
        return false;
    }
    return true;
}

static void
expect_end(Parser *p)
{
    if (!at(p, TOKEN_EOF))
        parse_syntax_error(p);
}

AstBatch *
parse_batch(
    Arena *arena, const char *text, size_t length, const ParseOptions *options, ParseError *error)
{
    Parser p;
    AstBatch *batch;

    if (!parser_init(&p, arena, text, length, options, error))
        return NULL;
    if (setjmp(p.failure) != 0)
        return NULL;
    batch = NEW(&p, AstBatch);
    batch->text = p.text;
    batch->text_length = p.length;
    batch->literal_fixed = p.literal_fixed;
    batch->literal_count = p.literal_count;
    batch->statements = parse_statements(&p, true);
    expect_end(&p);
    return batch;
}

AstNode *
parse_expression(
    Arena *arena, const char *text, size_t length, const ParseOptions *options, ParseError *error)
{
    Parser p;
    AstNode *node;

    if (!parser_init(&p, arena, text, length, options, error))
        return NULL;
    if (setjmp(p.failure) != 0)
        return NULL;
    node = parse_scalar_or_predicate(&p);
    expect_end(&p);
    return node;
}

AstList *
parse_parameters(Arena *arena, const char *text, size_t length, ParseError *error)
{
    Parser p;
    AstList *list = NULL;

    if (!parser_init(&p, arena, text, length, NULL, error))
        return NULL;
    if (setjmp(p.failure) != 0)
        return NULL;
    if (at(&p, TOKEN_EOF))
        return NULL;
    do
        parse_append(&p, &list, parse_routine_param(&p));
    while (accept(&p, TOKEN_COMMA));
    expect_end(&p);
    return list;
}

AstType *
parse_type(Arena *arena, const char *text, size_t length, ParseError *error)
{
    Parser p;
    AstType *type;

    if (!parser_init(&p, arena, text, length, NULL, error))
        return NULL;
    if (setjmp(p.failure) != 0)
        return NULL;
    type = parse_data_type(&p);
    expect_end(&p);
    return type;
}
