/*
 * JSON_MODIFY, JSON_OBJECT, JSON_ARRAY and JSON_PATH_EXISTS. The binder (bind/json_call.c) gives
 * each value as text with a letter of what it is: v as it stands (number, JSON), t a bit, s a
 * string. What JSON_MODIFY does not touch keeps its spelling: it works on the text itself.
 */
#include "postgres.h"

#include "errors/errors.h"
#include "fmgr.h"
#include "functions/characters.h"
#include "functions/json_path.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/json.h"

#include <ctype.h>

PG_FUNCTION_INFO_V1(fn_json_object);
PG_FUNCTION_INFO_V1(fn_json_array);
PG_FUNCTION_INFO_V1(fn_json_modify);
PG_FUNCTION_INFO_V1(fn_json_path_exists);

/* FOR JSON and its kin also escape the solidus. */
static void
append_string(StringInfo out, const char *input)
{
    StringInfoData escaped;

    initStringInfo(&escaped);
    escape_json(&escaped, input);
    for (const char *p = escaped.data; *p != '\0'; p++) {
        if (*p == '/')
            appendStringInfoChar(out, '\\');
        appendStringInfoChar(out, *p);
    }
    pfree(escaped.data);
}

static void
append_value(StringInfo out, FunctionCallInfo fcinfo, int n, char kind)
{
    char *input;

    if (PG_ARGISNULL(n)) {
        appendStringInfoString(out, "null");
        return;
    }
    input = text_to_cstring(PG_GETARG_TEXT_PP(n));
    if (kind == 't')
        appendStringInfoString(out, input[0] == '1' ? "true" : "false");
    else if (kind == 's' || kind == 'b')
        append_string(out, input);
    else
        appendStringInfoString(out, input);
}

/* json_object(absent on null, kinds of the values, key, value, key, value...) */
Datum
fn_json_object(PG_FUNCTION_ARGS)
{
    bool absent = PG_GETARG_BOOL(0);
    char *kinds = text_to_cstring(PG_GETARG_TEXT_PP(1));
    StringInfoData out;

    initStringInfo(&out);
    appendStringInfoChar(&out, '{');
    for (int i = 2; i + 1 < PG_NARGS(); i += 2) {
        if (PG_ARGISNULL(i) || (absent && PG_ARGISNULL(i + 1)))
            continue;
        if (out.len > 1)
            appendStringInfoChar(&out, ',');
        append_string(&out, text_to_cstring(PG_GETARG_TEXT_PP(i)));
        appendStringInfoChar(&out, ':');
        append_value(&out, fcinfo, i + 1, kinds[(i - 2) / 2]);
    }
    appendStringInfoChar(&out, '}');
    return string_datum(out.data, out.len);
}

/* json_array(absent on null, kinds, value...) */
Datum
fn_json_array(PG_FUNCTION_ARGS)
{
    bool absent = PG_GETARG_BOOL(0);
    char *kinds = text_to_cstring(PG_GETARG_TEXT_PP(1));
    StringInfoData out;

    initStringInfo(&out);
    appendStringInfoChar(&out, '[');
    for (int i = 2; i < PG_NARGS() && kinds[i - 2] != '\0'; i++) {
        if (absent && PG_ARGISNULL(i))
            continue;
        if (out.len > 1)
            appendStringInfoChar(&out, ',');
        append_value(&out, fcinfo, i, kinds[i - 2]);
    }
    appendStringInfoChar(&out, ']');
    return string_datum(out.data, out.len);
}

/* ---- JSON_MODIFY ---- */

/* Behind the value, whose last member `at` behind is: where a new member goes, with its comma. */
static void
insert_last(StringInfo out, const char *input, const char *container, const char *member)
{
    const char *end = json_skip_value(container) - 1;
    const char *last = end;
    bool empty;

    while (last > container + 1 && isspace((unsigned char) last[-1]))
        last--;
    empty = last == container + 1;
    appendBinaryStringInfo(out, input, last - input);
    if (!empty)
        appendStringInfoChar(out, ',');
    appendStringInfoString(out, member);
    appendStringInfoString(out, last);
}

/* Takes the member whose value is at `value` out, with its key and one comma. */
static void
remove_member(StringInfo out, const char *input, const char *container, const char *value)
{
    const char *start = json_skip_blanks(container + 1), *end = json_skip_value(value);
    const char *previous = NULL;

    /* its key stands at the start of the member that holds the value */
    for (const char *p = start; p < value;) {
        const char *at = json_skip_blanks(json_skip_string(p));

        if (json_skip_blanks(at + 1) == value) {
            start = p;
            break;
        }
        previous = json_skip_value(at + 1);
        p = json_skip_blanks(json_skip_blanks(previous) + 1);
    }
    if (previous != NULL) /* the comma before it */
        start = json_skip_blanks(previous);
    else if (*json_skip_blanks(end) == ',')
        end = json_skip_blanks(json_skip_blanks(end) + 1);
    appendBinaryStringInfo(out, input, start - input);
    appendStringInfoString(out, end);
}

/* The place of a path in the text: the value, the container that it is or would be in, the step. */
typedef struct Place {
    const char *container, *value;
    JsonStep last;
    bool root;
} Place;

static bool
find_place(const char *input, const char *path, Place *place)
{
    const char *at = strchr(path, '$') + 1;
    JsonStep step;

    *place = (Place){.value = json_skip_blanks(input), .root = true};
    while (json_next_step(path, &at, &step)) {
        if (place->value == NULL)
            return false; /* more than the last step is missing */
        place->container = place->value;
        place->value = json_step_into(place->container, &step);
        if (place->value != NULL)
            place->value = json_skip_blanks(place->value);
        place->last = step;
        place->root = false;
    }
    return true;
}

static void
modify(StringInfo out, const char *input, const Place *place, const char *value, bool remove)
{
    if (place->value == NULL) {
        StringInfoData member;

        if (remove || *place->container != '{' || place->last.key == NULL) {
            appendStringInfoString(out, input);
            return;
        }
        initStringInfo(&member);
        append_string(&member, place->last.key);
        appendStringInfo(&member, ":%s", value);
        insert_last(out, input, place->container, member.data);
    } else if (remove && place->last.key != NULL)
        remove_member(out, input, place->container, place->value);
    else {
        appendBinaryStringInfo(out, input, place->value - input);
        appendStringInfoString(out, value);
        appendStringInfoString(out, json_skip_value(place->value));
    }
}

/* json_modify(json, path, value as text, its kind) */
Datum
fn_json_modify(PG_FUNCTION_ARGS)
{
    Jsonb *json = NULL;
    StringInfoData out, value;
    bool strict, append = false, known;
    const char *input, *path;
    Place place;

    if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
        PG_RETURN_NULL();
    input = text_to_cstring(PG_GETARG_TEXT_PP(0));
    path = text_to_cstring(PG_GETARG_TEXT_PP(1));
    while (isspace((unsigned char) *path))
        path++;
    if (pg_strncasecmp(path, "append ", 7) == 0) {
        append = true;
        path += 7;
    }
    if (!json_parse(PG_GETARG_DATUM(0), &json))
        json_raise_malformed(PG_GETARG_DATUM(0));
    if (json_follow(json, path, &strict) == NULL && strict)
        tsql_error(ERR_13608);
    known = find_place(input, path, &place);
    if (place.root && !append)
        tsql_error(ERR_13619, 2, "JSON_MODIFY");
    initStringInfo(&value);
    append_value(&value, fcinfo, 2, text_to_cstring(PG_GETARG_TEXT_PP(3))[0]);
    initStringInfo(&out);
    if (!known)
        appendStringInfoString(&out, input);
    else if (append && place.value != NULL && *place.value == '[')
        insert_last(&out, input, place.value, value.data);
    else if (append && place.value != NULL && strict)
        tsql_error(ERR_13621);
    else if (append && place.value != NULL)
        appendStringInfoString(&out, input);
    else {
        if (append) {
            char *item = psprintf("[%s]", value.data);

            resetStringInfo(&value);
            appendStringInfoString(&value, item);
        }
        modify(&out, input, &place, value.data, PG_ARGISNULL(2) && !strict && !append);
    }
    return string_datum(out.data, out.len);
}

Datum
fn_json_path_exists(PG_FUNCTION_ARGS)
{
    Jsonb *json = NULL;
    bool strict;

    if (!json_parse(PG_GETARG_DATUM(0), &json))
        PG_RETURN_INT32(0);
    PG_RETURN_INT32(json_follow(json, text_to_cstring(PG_GETARG_TEXT_PP(1)), &strict) != NULL);
}
