/*
 * ISJSON, JSON_VALUE, JSON_QUERY: JSON in strings, read by PostgreSQL's jsonb. Paths are
 * '$.a.b[0]',
 * '$."a b"', with lax (the default: NULL where nothing is) or strict (an error) before them.
 */
#include "postgres.h"

#include "errors/errors.h"
#include "fmgr.h"
#include "functions/characters.h"
#include "functions/json_path.h"
#include "pgcompat/base.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"

#include <ctype.h>

PG_FUNCTION_INFO_V1(fn_isjson);
PG_FUNCTION_INFO_V1(fn_json_value);
PG_FUNCTION_INFO_V1(fn_json_query);

/* jsonb of a text; false when it is not JSON. The error that PostgreSQL's parser raises is caught
 * here: it does nothing that would need a rollback. */
bool
json_parse(Datum datum, Jsonb **json)
{
    char *input = text_to_cstring(DatumGetTextPP(datum));
    MemoryContext memory = CurrentMemoryContext;
    volatile bool ok = true;

    PG_TRY();
    {
        *json = DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(input)));
    }
    PG_CATCH();
    {
        ErrorData *error;

        MemoryContextSwitchTo(memory);
        error = CopyErrorData();
        if (ERRCODE_TO_CATEGORY(error->sqlerrcode) != ERRCODE_DATA_EXCEPTION)
            PG_RE_THROW();
        FlushErrorState();
        FreeErrorData(error);
        ok = false;
    }
    PG_END_TRY();
    return ok;
}

void
json_raise_malformed(Datum datum)
{
    StringView string = string_view(datum);
    size_t first = 0;

    while (first < string.length && isspace((unsigned char) string.bytes[first]))
        first++;
    tsql_error(ERR_13609, first < string.length ? pnstrdup(string.bytes + first, 1) : "",
               (int) first);
}

/* Objects and arrays are JSON; so are scalars only to ISJSON's second form. */
Datum
fn_isjson(PG_FUNCTION_ARGS)
{
    Jsonb *json = NULL;

    if (!json_parse(PG_GETARG_DATUM(0), &json))
        PG_RETURN_INT32(0);
    if (PG_NARGS() > 1) {
        char *kind = text_to_cstring(PG_GETARG_TEXT_PP(1));
        bool scalar = JB_ROOT_IS_SCALAR(json);

        if (pg_strcasecmp(kind, "VALUE") == 0)
            PG_RETURN_INT32(1);
        if (pg_strcasecmp(kind, "ARRAY") == 0)
            PG_RETURN_INT32(JB_ROOT_IS_ARRAY(json) && !scalar);
        if (pg_strcasecmp(kind, "OBJECT") == 0)
            PG_RETURN_INT32(JB_ROOT_IS_OBJECT(json));
        PG_RETURN_INT32(scalar);
    }
    PG_RETURN_INT32(!JB_ROOT_IS_SCALAR(json));
}

void
json_raise_path(const char *path, const char *at)
{
    tsql_error(ERR_13607, *at != '\0' ? pnstrdup(at, 1) : ".", (int) (at - path));
}

/* Reads the next step at *at; false at the end. */
bool
json_next_step(const char *path, const char **at, JsonStep *step)
{
    const char *p = *at;
    const char *start;

    if (*p == '\0')
        return false;
    *step = (JsonStep){0};
    if (*p == '[') {
        char *end;

        step->index = (int) strtol(p + 1, &end, 10);
        if (end == p + 1 || *end != ']' || step->index < 0)
            json_raise_path(path, p);
        *at = end + 1;
        return true;
    }
    if (*p != '.')
        json_raise_path(path, p);
    p++;
    if (*p == '"') {
        start = ++p;
        while (*p != '\0' && *p != '"')
            p++;
        if (*p == '\0')
            json_raise_path(path, p);
        step->key = pnstrdup(start, p - start);
        *at = p + 1;
        return true;
    }
    start = p;
    while (*p != '\0' && *p != '.' && *p != '[')
        p++;
    if (p == start)
        json_raise_path(path, p);
    step->key = pnstrdup(start, p - start);
    *at = p;
    return true;
}

/* Follows the path; NULL where nothing is. *strict tells how the path began. */
JsonbValue *
json_follow(Jsonb *json, const char *path, bool *strict)
{
    const char *at = path;
    JsonbValue *value = palloc(sizeof(JsonbValue));
    JsonStep step;

    *strict = false;
    while (isspace((unsigned char) *at))
        at++;
    if (pg_strncasecmp(at, "strict ", 7) == 0 || pg_strncasecmp(at, "lax ", 4) == 0) {
        *strict = *at == 's' || *at == 'S';
        at += *strict ? 7 : 4;
        while (isspace((unsigned char) *at))
            at++;
    }
    if (*at != '$')
        json_raise_path(path, at);
    at++;
    value->type = jbvBinary;
    value->val.binary.data = &json->root;
    value->val.binary.len = VARSIZE_ANY_EXHDR(json);
    while (json_next_step(path, &at, &step)) {
        JsonbContainer *container;

        if (value == NULL || value->type != jbvBinary)
            return NULL;
        container = value->val.binary.data;
        if (step.key != NULL)
            value = JsonContainerIsObject(container)
                        ? getKeyJsonValueFromContainer(container, step.key, strlen(step.key), NULL)
                        : NULL;
        else
            value = JsonContainerIsArray(container)
                        ? getIthJsonbValueFromContainer(container, step.index)
                        : NULL;
    }
    return value;
}

/* A scalar's text, or NULL for objects, arrays and JSON null. */
static char *
scalar_text(const JsonbValue *value)
{
    switch (value->type) {
    case jbvString:
        return pnstrdup(value->val.string.val, value->val.string.len);
    case jbvNumeric:
        return DatumGetCString(
            DirectFunctionCall1(numeric_out, NumericGetDatum(value->val.numeric)));
    case jbvBool:
        return pstrdup(value->val.boolean ? "true" : "false");
    default:
        return NULL;
    }
}

Datum
fn_json_value(PG_FUNCTION_ARGS)
{
    Jsonb *json = NULL;
    bool strict;
    JsonbValue *value;
    char *result;

    if (!json_parse(PG_GETARG_DATUM(0), &json))
        json_raise_malformed(PG_GETARG_DATUM(0));
    value = json_follow(json, text_to_cstring(PG_GETARG_TEXT_PP(1)), &strict);
    if (value == NULL && strict)
        tsql_error(ERR_13608);
    if (value == NULL || value->type == jbvNull)
        PG_RETURN_NULL();
    result = scalar_text(value);
    if (result == NULL && strict)
        tsql_error(ERR_13623);
    if (result == NULL)
        PG_RETURN_NULL();
    if (sql_utf16_length(result, strlen(result)) > 4000) {
        if (strict)
            tsql_error(ERR_13625);
        PG_RETURN_NULL();
    }
    return string_datum(result, strlen(result));
}

/* ---- JSON_QUERY gives the text as it was written: it is found by walking the text itself ---- */

const char *
json_skip_blanks(const char *p)
{
    while (isspace((unsigned char) *p))
        p++;
    return p;
}

const char *
json_skip_string(const char *p)
{
    for (p++; *p != '\0' && *p != '"'; p++)
        if (*p == '\\' && p[1] != '\0')
            p++;
    return *p == '"' ? p + 1 : p;
}

/* Behind the value at `p`; the text is known to be JSON. */
const char *
json_skip_value(const char *p)
{
    int depth = 0;

    do {
        p = json_skip_blanks(p);
        if (*p == '"')
            p = json_skip_string(p);
        else if (*p == '{' || *p == '[') {
            depth++;
            p++;
        } else if (*p == '}' || *p == ']') {
            depth--;
            p++;
        } else if (*p == ',' || *p == ':')
            p++;
        else
            while (*p != '\0' && strchr(",:]} \t\r\n", *p) == NULL)
                p++;
    } while (depth > 0 && *p != '\0');
    return p;
}

/* The value that one step leads to from the value at `p`; NULL if there is none. */
const char *
json_step_into(const char *p, const JsonStep *step)
{
    int index = 0;

    p = json_skip_blanks(p);
    if (*p != (step->key != NULL ? '{' : '['))
        return NULL;
    p = json_skip_blanks(p + 1);
    while (*p != '\0' && *p != '}' && *p != ']') {
        if (step->key != NULL) {
            const char *end = json_skip_string(p);
            bool same = (size_t) (end - p) == strlen(step->key) + 2 &&
                        memcmp(p + 1, step->key, strlen(step->key)) == 0;

            p = json_skip_blanks(json_skip_blanks(end) + 1);
            if (same)
                return p;
        } else if (index++ == step->index)
            return p;
        p = json_skip_blanks(json_skip_value(p));
        if (*p == ',')
            p = json_skip_blanks(p + 1);
    }
    return NULL;
}

Datum
fn_json_query(PG_FUNCTION_ARGS)
{
    Jsonb *json = NULL;
    bool strict;
    JsonbValue *value;
    const char *path = PG_NARGS() > 1 ? text_to_cstring(PG_GETARG_TEXT_PP(1)) : "$";
    const char *at = strchr(path, '$');
    const char *found = text_to_cstring(PG_GETARG_TEXT_PP(0));
    JsonStep step;

    if (!json_parse(PG_GETARG_DATUM(0), &json))
        json_raise_malformed(PG_GETARG_DATUM(0));
    value = json_follow(json, path, &strict);
    if (value == NULL && strict)
        tsql_error(ERR_13608);
    at++; /* json_follow() has checked the path */
    while (found != NULL && json_next_step(path, &at, &step))
        found = json_step_into(found, &step);
    if (found != NULL)
        found = json_skip_blanks(found);
    if (found == NULL || (*found != '{' && *found != '[')) {
        if (strict)
            tsql_error(ERR_13624);
        PG_RETURN_NULL();
    }
    return string_datum(found, json_skip_value(found) - found);
}
