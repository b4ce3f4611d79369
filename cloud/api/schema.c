/*
 * schema.c: the small language of operations' fields: its parser, the check of a value, and the
 * JSON Schema of it. The tables are written by us, so that a wrong line ends the program at its
 * start; values come from peers and are distrusted.
 */
#include "api/schema.h"

#include "base/log.h"
#include "base/memory.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <string.h>
#include <strings.h>

/* ---- Parser ---- */

typedef struct SchemaParser {
    const char *line, *at;
} SchemaParser;

static void parse_fields(SchemaParser *parser, SchemaField *object, char end);

static _Noreturn void
parse_failed(const SchemaParser *parser, const char *what)
{
    log_error("schema line \"%s\": %s at column %d", parser->line, what,
              (int) (parser->at - parser->line) + 1);
    abort();
}

static void
skip_blanks(SchemaParser *parser)
{
    while (isspace((unsigned char) *parser->at))
        parser->at++;
}

static bool
take(SchemaParser *parser, const char *text)
{
    size_t length = strlen(text);

    if (strncmp(parser->at, text, length) != 0)
        return false;
    parser->at += length;
    return true;
}

static bool
is_name_byte(char c)
{
    return isalnum((unsigned char) c) || (c != '\0' && strchr("_-.$@:/", c) != NULL);
}

/* Names of members of the API have dots, dashes and colons now and then: the last ':' before the
 * type ends the name ("OS-EXT-STS:vm_state:str"). */
static char *
take_name(SchemaParser *parser)
{
    const char *start = parser->at;
    const char *end = start;

    while (is_name_byte(*end))
        end++;
    if (*end != '{' && *end != '[')
        while (end > start && *end != ':')
            end--;
    if (end == start)
        parse_failed(parser, "a field's name is missing");
    parser->at = end;
    return str_copy_n(start, (size_t) (end - start));
}

static long long
take_bound(SchemaParser *parser, long long fallback)
{
    char *end;
    long long value;

    errno = 0;
    value = strtoll(parser->at, &end, 10);
    if (errno)
        parse_failed(parser, "a bound is too large");
    if (end == parser->at)
        return fallback;
    parser->at = end;
    return value;
}

/* "(a|b|c)", behind the parenthesis. */
static void
parse_choices(SchemaParser *parser, SchemaField *field)
{
    size_t count = 0;

    for (;;) {
        size_t length = strcspn(parser->at, "|)");

        if (parser->at[length] == '\0')
            parse_failed(parser, "')' is missing");
        field->choices = mem_resize(field->choices, count + 2, sizeof(char *));
        field->choices[count++] = str_copy_n(parser->at, length);
        field->choices[count] = NULL;
        parser->at += length + 1;
        if (parser->at[-1] == ')')
            break;
    }
    field->any_case = take(parser, "~");
}

/* "(low..high)" or "(a|b)", either bound may be left out. */
static void
parse_limits(SchemaParser *parser, SchemaField *field)
{
    size_t length = strcspn(parser->at, ")");
    const char *dots = strstr(parser->at, "..");

    if (dots == NULL || (size_t) (dots - parser->at) > length) {
        if (field->type != SCHEMA_STR && field->type != SCHEMA_INT)
            parse_failed(parser, "choices are for str and int");
        parse_choices(parser, field);
        return;
    }
    if (field->type == SCHEMA_BOOL || field->type == SCHEMA_ANY)
        parse_failed(parser, "this type has no bounds");
    field->bounded = true;
    field->low = take_bound(parser, field->type == SCHEMA_STR ? 0 : LLONG_MIN);
    if (!take(parser, ".."))
        parse_failed(parser, "'..' is missing");
    field->high = take_bound(parser, LLONG_MAX);
    if (!take(parser, ")"))
        parse_failed(parser, "')' is missing");
    if (field->low > field->high)
        parse_failed(parser, "the bounds are the wrong way round");
}

static void
parse_type(SchemaParser *parser, SchemaField *field)
{
    static const struct {
        const char *name;
        SchemaType type;
    } types[] = {{"str", SCHEMA_STR},
                 {"int", SCHEMA_INT},
                 {"num", SCHEMA_NUM},
                 {"bool", SCHEMA_BOOL},
                 {"obj", SCHEMA_ANY}};

    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        if (take(parser, types[i].name)) {
            field->type = types[i].type;
            if (take(parser, "("))
                parse_limits(parser, field);
            return;
        }
    parse_failed(parser, "a type is missing (str, int, num, bool or obj)");
}

static void
parse_field(SchemaParser *parser, SchemaField *field)
{
    field->name = take_name(parser);
    if (take(parser, "[]"))
        field->array = true;
    else if (strncmp(parser->at, "{}:", 3) == 0 || strncmp(parser->at, "{}{", 3) == 0)
        field->map = take(parser, "{}");
    if (take(parser, "{")) {
        field->type = SCHEMA_OBJECT;
        parse_fields(parser, field, '}');
    } else if (take(parser, ":")) {
        parse_type(parser, field);
    } else {
        parse_failed(parser, "':' or '{' is missing");
    }
    field->required = take(parser, "!");
    if (*parser->at && *parser->at != '}' && !isspace((unsigned char) *parser->at))
        parse_failed(parser, "this belongs to no field");
}

static void
parse_fields(SchemaParser *parser, SchemaField *object, char end)
{
    for (;;) {
        skip_blanks(parser);
        if (*parser->at == end)
            break;
        if (*parser->at == '\0')
            parse_failed(parser, "'}' is missing");
        object->fields =
            mem_resize(object->fields, (size_t) object->field_count + 1, sizeof(SchemaField));
        memset(&object->fields[object->field_count], 0, sizeof(SchemaField));
        parse_field(parser, &object->fields[object->field_count++]);
    }
    parser->at += end != '\0';
}

SchemaField *
schema_parse(const char *line)
{
    SchemaField *schema = MEM_NEW(SchemaField);
    SchemaParser parser = {.line = line, .at = line};

    schema->type = SCHEMA_OBJECT;
    parse_fields(&parser, schema, '\0');
    return schema;
}

static void
field_done(SchemaField *field)
{
    free(field->name);
    for (char **choice = field->choices; choice && *choice; choice++)
        free(*choice);
    free(field->choices);
    for (int i = 0; i < field->field_count; i++)
        field_done(&field->fields[i]);
    free(field->fields);
}

void
schema_free(SchemaField *schema)
{
    if (schema == NULL)
        return;
    field_done(schema);
    free(schema);
}

/* ---- Check ---- */

/* Where a value stands, for the message: "volume.size", "tags[2].key". */
typedef struct Place {
    const struct Place *parent;
    const char *name;
    size_t index;
    enum { PLACE_MEMBER, PLACE_ITEM } kind;
} Place;

static bool
check_value(const SchemaField *field, const json_t *value, const Place *place, char **problem);

static void
add_place(Buffer *buffer, const Place *place)
{
    if (place->parent)
        add_place(buffer, place->parent);
    if (place->kind == PLACE_ITEM) {
        buffer_format(buffer, "[%zu]", place->index);
        return;
    }
    if (place->name == NULL)
        return;
    if (buffer->length > 0)
        buffer_add(buffer, ".", 1);
    buffer_format(buffer, "%.100s", place->name);
}

static bool __attribute__((format(printf, 3, 4)))
wrong(const Place *place, char **problem, const char *format, ...)
{
    Buffer buffer = {0};
    AUTO_FREE char *what = NULL;
    va_list arguments;

    va_start(arguments, format);
    what = str_vformat(format, arguments);
    va_end(arguments);
    add_place(&buffer, place);
    buffer_format(&buffer, buffer.length ? " %s." : "the request %s.", what);
    *problem = buffer.text;
    return false;
}

/* Characters, not bytes; the text is UTF-8 (jansson checked it). */
static long long
characters(const char *text)
{
    long long count = 0;

    for (; *text; text++)
        count += ((unsigned char) *text & 0xc0) != 0x80;
    return count;
}

static bool
check_choice(const SchemaField *field, const char *text, const Place *place, char **problem)
{
    Buffer list = {0};

    for (char **choice = field->choices; *choice; choice++)
        if ((field->any_case ? strcasecmp : strcmp)(*choice, text) == 0)
            return true;
    for (char **choice = field->choices; *choice; choice++)
        buffer_format(&list, "%s%s", list.length ? ", " : "", *choice);
    wrong(place, problem, "must be one of %s", list.text);
    buffer_done(&list);
    return false;
}

static bool
check_text(const SchemaField *field, const json_t *value, const Place *place, char **problem)
{
    const char *text = json_string_value(value);
    long long length;

    if (text == NULL)
        return wrong(place, problem, "must be a string");
    if (field->choices)
        return check_choice(field, text, place, problem);
    length = field->bounded ? characters(text) : 0;
    if (field->bounded && (length < field->low || length > field->high)) {
        if (field->high == LLONG_MAX)
            return wrong(place, problem, "must have at least %lld characters", field->low);
        return wrong(place, problem, "must have %lld to %lld characters", field->low, field->high);
    }
    return true;
}

static bool
in_bounds(const SchemaField *field, const Place *place, bool good, char **problem)
{
    if (good)
        return true;
    if (field->high == LLONG_MAX)
        return wrong(place, problem, "must be at least %lld", field->low);
    if (field->low == LLONG_MIN)
        return wrong(place, problem, "must be at most %lld", field->high);
    return wrong(place, problem, "must be between %lld and %lld", field->low, field->high);
}

/* A whole number, or a string of its digits. */
static bool
whole_number(const json_t *value, long long *number)
{
    const char *text = json_string_value(value);
    char *end;

    if (json_is_integer(value)) {
        *number = json_integer_value(value);
        return true;
    }
    if (json_is_real(value) && fabs(json_real_value(value)) < 9e15 &&
        floor(json_real_value(value)) == json_real_value(value)) {
        *number = (long long) json_real_value(value);
        return true;
    }
    if (text == NULL ||
        !(isdigit((unsigned char) text[0]) || (text[0] == '-' && isdigit((unsigned char) text[1]))))
        return false;
    errno = 0;
    *number = strtoll(text, &end, 10);
    return errno == 0 && *end == '\0';
}

static bool
check_whole(const SchemaField *field, const json_t *value, const Place *place, char **problem)
{
    long long number;
    char text[24];

    if (!whole_number(value, &number))
        return wrong(place, problem, "must be a whole number");
    if (field->choices) {
        snprintf(text, sizeof(text), "%lld", number);
        return check_choice(field, text, place, problem);
    }
    return in_bounds(field, place,
                     !field->bounded || (number >= field->low && number <= field->high), problem);
}

static bool
check_real(const SchemaField *field, const json_t *value, const Place *place, char **problem)
{
    const char *text = json_string_value(value);
    double number = json_number_value(value);
    char *end;

    if (text) {
        number = strtod(text, &end);
        if (!(isdigit((unsigned char) text[0]) || text[0] == '-') || *end != '\0' ||
            !isfinite(number))
            return wrong(place, problem, "must be a number");
    } else if (!json_is_number(value)) {
        return wrong(place, problem, "must be a number");
    }
    return in_bounds(field, place,
                     !field->bounded ||
                         (number >= (double) field->low && number <= (double) field->high),
                     problem);
}

static bool
check_flag(const json_t *value, const Place *place, char **problem)
{
    const char *text = json_string_value(value);

    if (json_is_boolean(value) ||
        (text && (strcasecmp(text, "true") == 0 || strcasecmp(text, "false") == 0)))
        return true;
    return wrong(place, problem, "must be true or false");
}

static bool
check_members(const SchemaField *object, const json_t *value, const Place *place, char **problem)
{
    if (!json_is_object(value))
        return wrong(place, problem, "must be an object");
    for (int i = 0; i < object->field_count; i++) {
        const SchemaField *field = &object->fields[i];
        const json_t *member = json_object_get(value, field->name);
        Place inner = {.parent = place, .name = field->name, .kind = PLACE_MEMBER};

        if (member == NULL || json_is_null(member)) {
            if (field->required)
                return wrong(&inner, problem, "is missing");
        } else if (!check_value(field, member, &inner, problem)) {
            return false;
        }
    }
    return true;
}

/* One value: of a plain field, of an array's item, of a map's member. */
static bool
check_one(const SchemaField *field, const json_t *value, const Place *place, char **problem)
{
    switch (field->type) {
    case SCHEMA_STR:
        return check_text(field, value, place, problem);
    case SCHEMA_INT:
        return check_whole(field, value, place, problem);
    case SCHEMA_NUM:
        return check_real(field, value, place, problem);
    case SCHEMA_BOOL:
        return check_flag(value, place, problem);
    case SCHEMA_OBJECT:
        return check_members(field, value, place, problem);
    case SCHEMA_ANY:
        break;
    }
    return true;
}

static bool
check_value(const SchemaField *field, const json_t *value, const Place *place, char **problem)
{
    const char *key;
    json_t *item;
    size_t index;

    if (field->array) {
        if (!json_is_array(value))
            return wrong(place, problem, "must be an array");
        json_array_foreach(value, index, item)
        {
            Place inner = {.parent = place, .index = index, .kind = PLACE_ITEM};

            if (!check_one(field, item, &inner, problem))
                return false;
        }
        return true;
    }
    if (!field->map)
        return check_one(field, value, place, problem);
    if (!json_is_object(value))
        return wrong(place, problem, "must be an object");
    json_object_foreach((json_t *) value, key, item)
    {
        Place inner = {.parent = place, .name = key, .kind = PLACE_MEMBER};

        if (!check_one(field, item, &inner, problem))
            return false;
    }
    return true;
}

bool
schema_check(const SchemaField *schema, const json_t *value, char **problem)
{
    Place whole = {.kind = PLACE_MEMBER};

    return check_value(schema, value, &whole, problem);
}

/* ---- JSON Schema ---- */

static void
add_limits(json_t *schema, const SchemaField *field)
{
    const char *low = field->type == SCHEMA_STR ? "minLength" : "minimum";
    const char *high = field->type == SCHEMA_STR ? "maxLength" : "maximum";

    if (field->choices) {
        json_t *choices = json_array();

        for (char **choice = field->choices; *choice; choice++)
            json_array_append_new(choices, field->type == SCHEMA_INT
                                               ? json_integer(strtoll(*choice, NULL, 10))
                                               : json_string(*choice));
        json_object_set_new(schema, "enum", choices);
    }
    if (field->bounded && field->low != LLONG_MIN)
        json_object_set_new(schema, low, json_integer(field->low));
    if (field->bounded && field->high != LLONG_MAX)
        json_object_set_new(schema, high, json_integer(field->high));
}

static json_t *
one_openapi(const SchemaField *field)
{
    static const char *const names[] = {
        [SCHEMA_STR] = "string",   [SCHEMA_INT] = "integer",   [SCHEMA_NUM] = "number",
        [SCHEMA_BOOL] = "boolean", [SCHEMA_OBJECT] = "object", [SCHEMA_ANY] = NULL};
    json_t *schema = json_object();
    json_t *members, *required;

    if (field->type == SCHEMA_ANY)
        return schema;
    json_object_set_new(schema, "type", json_string(names[field->type]));
    add_limits(schema, field);
    if (field->type != SCHEMA_OBJECT)
        return schema;
    members = json_object();
    required = json_array();
    for (int i = 0; i < field->field_count; i++) {
        json_object_set_new(members, field->fields[i].name, schema_openapi(&field->fields[i]));
        if (field->fields[i].required)
            json_array_append_new(required, json_string(field->fields[i].name));
    }
    json_object_set_new(schema, "properties", members);
    if (json_array_size(required) > 0)
        json_object_set(schema, "required", required);
    json_decref(required);
    return schema;
}

json_t *
schema_openapi(const SchemaField *schema)
{
    json_t *one = one_openapi(schema);

    if (schema->array)
        return json_pack("{s:s, s:o}", "type", "array", "items", one);
    if (schema->map)
        return json_pack("{s:s, s:o}", "type", "object", "additionalProperties", one);
    return one;
}
