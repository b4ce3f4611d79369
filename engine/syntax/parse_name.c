/*
 * Names, literals and data types: the leaves that every other part of the parser uses.
 */
#include "parse_internal.h"

static char
upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char) (c - ('a' - 'A')) : c;
}

/* Copies [s, end) with each doubled `quote` halved; in strings a backslash before a line's end
 * joins the lines. Sets *length. */
static char *
unquote(Parser *p, const char *s, const char *end, char quote, bool joins_lines, uint32_t *length)
{
    char *text = arena_alloc(p->arena, (size_t) (end - s) + 1);
    char *out = text;

    while (s < end) {
        if (*s == quote)
            s++; /* the first of two */
        else if (joins_lines && *s == '\\' && s + 1 < end && s[1] == '\n') {
            s += 2;
            continue;
        } else if (joins_lines && *s == '\\' && s + 2 < end && s[1] == '\r' && s[2] == '\n') {
            s += 3;
            continue;
        }
        if (s < end)
            *out++ = *s++;
    }
    *length = (uint32_t) (out - text);
    return text;
}

const char *
parse_identifier_text(Parser *p, const Token *token)
{
    const char *s = p->text + token->start;
    size_t length = token->end - token->start;
    uint32_t ignored;

    if (token->type == TOKEN_QUOTED)
        return unquote(p, s + 1, s + length - 1, s[length - 1], false, &ignored);
    return arena_copy(p->arena, s, length);
}

const char *
parse_identifier(Parser *p)
{
    const char *name;

    if (!at_name(p))
        parse_syntax_error(p);
    name = parse_identifier_text(p, p->token);
    advance(p);
    return name;
}

const char *
parse_any_word(Parser *p)
{
    const char *name;

    if (!at(p, TOKEN_WORD) && !at(p, TOKEN_QUOTED))
        parse_syntax_error(p);
    name = parse_identifier_text(p, p->token);
    advance(p);
    return name;
}

const char *
parse_upper_word(Parser *p)
{
    char *name = (char *) parse_any_word(p);

    for (char *s = name; *s; s++)
        *s = upper(*s);
    return name;
}

const char *
parse_identifier_or_string(Parser *p)
{
    if (at(p, TOKEN_STRING) || at(p, TOKEN_NSTRING))
        return parse_string_text(p);
    return parse_identifier(p);
}

const char *
parse_variable(Parser *p)
{
    const char *name;

    if (!at(p, TOKEN_VARIABLE))
        parse_syntax_error(p);
    name = parse_identifier_text(p, p->token);
    advance(p);
    return name;
}

void
parse_name(Parser *p, AstName *name)
{
    const Token *first = p->token;
    const char *parts[4];
    int count = 0;

    if (at(p, TOKEN_DOT) && next_is(p, 1, TOKEN_DOT)) {
        /* ..t and .schema.t mean the same with nothing before the point */
        parts[count++] = "";
        parts[count++] = "";
        p->token += 2;
    }
    parts[count++] = parse_identifier(p);
    while (at(p, TOKEN_DOT)) {
        if (count == 4)
            parse_fail(
                p, 117, first,
                arena_copy(p->arena, p->text + first->start, p->token->start - first->start));
        advance(p);
        parts[count++] = at(p, TOKEN_DOT) ? "" : parse_identifier(p);
    }
    memset(name, 0, sizeof(*name));
    name->object = parts[count - 1];
    if (count > 1)
        name->schema = parts[count - 2];
    if (count > 2)
        name->database = parts[count - 3];
    if (count > 3)
        name->server = parts[count - 4];
}

const char **
parse_name_list(Parser *p, int *count)
{
    NameArray names = {0};

    expect(p, TOKEN_LPAREN);
    do
        parse_add_name(p, &names, parse_identifier(p));
    while (accept(p, TOKEN_COMMA));
    expect(p, TOKEN_RPAREN);
    *count = names.count;
    return names.items;
}

/* The value of a string token; sets its length. */
static const char *
string_value(Parser *p, const Token *token, uint32_t *length)
{
    const char *s = p->text + token->start + (token->type == TOKEN_NSTRING ? 1 : 0);
    const char *end = p->text + token->end;

    return unquote(p, s + 1, end - 1, *s, true, length);
}

const char *
parse_string_text(Parser *p)
{
    const char *text;
    uint32_t length;

    if (!at(p, TOKEN_STRING) && !at(p, TOKEN_NSTRING))
        parse_syntax_error(p);
    text = string_value(p, p->token, &length);
    p->literal_fixed[p->token->literal] = 1;
    advance(p);
    return text;
}

int32_t
parse_small_integer(Parser *p)
{
    int64_t value = 0;

    if (!at(p, TOKEN_INTEGER))
        parse_syntax_error(p);
    for (uint32_t i = p->token->start; i < p->token->end && value < INT32_MAX; i++)
        value = value * 10 + (p->text[i] - '0');
    p->literal_fixed[p->token->literal] = 1;
    advance(p);
    return value > INT32_MAX ? INT32_MAX : (int32_t) value;
}

static int
hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = upper(c);
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* 0xABC is 0x0ABC. */
static const char *
binary_value(Parser *p, const Token *token, uint32_t *length)
{
    const char *s = p->text + token->start + 2;
    const char *end = p->text + token->end;
    size_t digits = 0, at_digit;
    unsigned char *bytes;

    for (const char *c = s; c < end; c++)
        digits += hex_digit(*c) >= 0;
    bytes = arena_alloc(p->arena, digits / 2 + 2);
    at_digit = digits & 1;
    for (; s < end; s++) {
        int value = hex_digit(*s);

        if (value < 0)
            continue;
        bytes[at_digit / 2] = (unsigned char) (bytes[at_digit / 2] << 4 | value);
        at_digit++;
    }
    *length = (uint32_t) ((digits + 1) / 2);
    return (const char *) bytes;
}

/* 1e and 1e+ are short for 1e0. */
static const char *
float_value(Parser *p, const Token *token, uint32_t *length)
{
    uint32_t size = token->end - token->start;
    char *text = arena_alloc(p->arena, size + 2);
    char last;

    memcpy(text, p->text + token->start, size);
    last = text[size - 1];
    if (upper(last) == 'E' || last == '+' || last == '-')
        text[size++] = '0';
    *length = size;
    return text;
}

/* Digits behind the currency sign; none at all is 0. */
static const char *
money_value(Parser *p, const Token *token, uint32_t *length)
{
    const char *s = p->text + token->start;
    const char *end = p->text + token->end;

    while (s < end && !(*s >= '0' && *s <= '9') && *s != '.')
        s++;
    if (s == end || (end - s == 1 && *s == '.')) {
        *length = 1;
        return "0";
    }
    *length = (uint32_t) (end - s);
    return arena_copy(p->arena, s, *length);
}

AstLiteral *
parse_literal(Parser *p)
{
    const Token *token = p->token;
    AstLiteral *literal = NODE(p, AstLiteral, AST_LITERAL);

    literal->token = token->literal;
    switch (token->type) {
    case TOKEN_STRING:
    case TOKEN_NSTRING:
        literal->type = token->type == TOKEN_STRING ? LITERAL_STRING : LITERAL_NSTRING;
        literal->text = string_value(p, token, &literal->length);
        break;
    case TOKEN_BINARY:
        literal->type = LITERAL_BINARY;
        literal->text = binary_value(p, token, &literal->length);
        break;
    case TOKEN_FLOAT:
        literal->type = LITERAL_FLOAT;
        literal->text = float_value(p, token, &literal->length);
        break;
    case TOKEN_MONEY:
        literal->type = LITERAL_MONEY;
        literal->text = money_value(p, token, &literal->length);
        break;
    case TOKEN_INTEGER:
    case TOKEN_DECIMAL:
        literal->type = token->type == TOKEN_INTEGER ? LITERAL_INTEGER : LITERAL_DECIMAL;
        literal->length = token->end - token->start;
        literal->text = arena_copy(p->arena, p->text + token->start, literal->length);
        break;
    default:
        if (at_keyword(p, KW_NULL))
            literal->type = LITERAL_NULL;
        else if (at_keyword(p, KW_DEFAULT))
            literal->type = LITERAL_DEFAULT;
        else
            parse_syntax_error(p);
        literal->text = "";
    }
    advance(p);
    return parse_end(p, literal);
}

/* ---- data types ---- */

/* NATIONAL CHAR [VARYING], DOUBLE PRECISION, CHAR VARYING ...: the names of several words. */
static bool
standard_type_name(Parser *p, AstType *type)
{
    bool national;
    const char *plain, *varying;

    if (accept_keyword(p, KW_DOUBLE)) {
        expect_keyword(p, KW_PRECISION);
        type->name.object = "float";
        type->has_length = true;
        type->length = 53;
        return true;
    }
    national = accept_keyword(p, KW_NATIONAL);
    if (national && accept_keyword(p, KW_TEXT)) {
        type->name.object = "ntext";
        return true;
    }
    if (!national && !next_keyword(p, 1, KW_VARYING))
        return false;
    plain = national ? "nchar" : "char";
    varying = national ? "nvarchar" : "varchar";
    if (at_keyword(p, KW_BINARY) && !national) {
        varying = "varbinary";
        advance(p);
    } else if (!accept_keyword(p, KW_CHAR) && !accept_keyword(p, KW_CHARACTER)) {
        if (!national)
            return false;
        parse_syntax_error(p);
    }
    type->name.object = accept_keyword(p, KW_VARYING) ? varying : plain;
    return true;
}

/* (n), (p, s), (max), (schema collection) */
static void
type_arguments(Parser *p, AstType *type)
{
    advance(p);
    if (accept_keyword(p, KW_MAX))
        type->is_max = true;
    else if (at(p, TOKEN_INTEGER)) {
        type->has_length = true;
        type->length = parse_small_integer(p);
        if (accept(p, TOKEN_COMMA)) {
            type->has_scale = true;
            type->scale = parse_small_integer(p);
        }
    } else {
        AstName collection;
        const Token *first;

        if (!accept_keyword(p, KW_CONTENT))
            (void) accept_keyword(p, KW_DOCUMENT);
        first = p->token;
        parse_name(p, &collection);
        type->xml_schema =
            arena_copy(p->arena, p->text + first->start, p->token[-1].end - first->start);
    }
    expect(p, TOKEN_RPAREN);
}

AstType *
parse_data_type(Parser *p)
{
    AstType *type = NEW(p, AstType);

    type->line = p->token->line;
    if (accept_keyword(p, KW_CURSOR)) {
        type->is_cursor = true;
        type->name.object = "cursor";
        return type;
    }
    if (accept_keyword(p, KW_TABLE)) {
        type->name.object = "table";
        type->table_elements = parse_table_elements(p);
        return type;
    }
    if (!standard_type_name(p, type))
        parse_name(p, &type->name);
    if (at(p, TOKEN_LPAREN))
        type_arguments(p, type);
    return type;
}
