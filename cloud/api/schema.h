/*
 * schema.h: what a request may hold, written as one line of an operation's row.
 *
 *     name:str(4..64)! port:int(2100..9500) volume{type:str! size:int(40..4000)!}! tags[]{key:str!
 * value:str}
 *
 * A field is NAME:TYPE, NAME{fields} (an object), NAME[]:TYPE or NAME[]{fields} (an array),
 * NAME{}:TYPE (a map). TYPE is str, int, num, bool, obj (anything), with (low..high) for a string's
 * length or a number's range, or (a|b|c) for one of these texts (case-insensitive with ~ after the
 * parenthesis). A '!' at the end makes it required. Unknown members are let through and ignored, as
 * the real service does. An int may come as a string of digits.
 * The same tree makes the OpenAPI document.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>

typedef enum SchemaType {
    SCHEMA_STR,
    SCHEMA_INT,
    SCHEMA_NUM,
    SCHEMA_BOOL,
    SCHEMA_OBJECT,
    SCHEMA_ANY
} SchemaType;

typedef struct SchemaField {
    char *name;
    SchemaType type;
    bool required, array, map, bounded, any_case;
    long long low, high;
    char **choices;             /* NULL-terminated, or NULL */
    struct SchemaField *fields; /* of an object */
    int field_count;
} SchemaField;

/* Parses a line; a wrong one (a mistake in a table) ends the program with its place. Owned by the
 * caller, as a rule for the life of the program. Returns an object field without a name. */
SchemaField *schema_parse(const char *line);
void schema_free(SchemaField *schema);

/* Whether value fits; when not, `problem` (owned by the caller) names the field and what is wrong.
 */
bool schema_check(const SchemaField *schema, const json_t *value, char **problem);

/* The JSON Schema of it, for OpenAPI; a new reference. */
json_t *schema_openapi(const SchemaField *schema);
