/*
 * FOR JSON: PATH, whose dotted names make nested objects, and AUTO, which nests the tables of a
 * join as arrays.
 */
#include "postgres.h"

#include "bind/for_text.h"

#define MAX_DEPTH 32

static void
append_string(StringInfo out, const char *text)
{
    appendStringInfoChar(out, '"');
    for (const unsigned char *c = (const unsigned char *) text; *c; c++) {
        switch (*c) {
        case '"':
            appendStringInfoString(out, "\\\"");
            break;
        case '\\':
            appendStringInfoString(out, "\\\\");
            break;
        case '/':
            appendStringInfoString(out, "\\/");
            break;
        case '\b':
            appendStringInfoString(out, "\\b");
            break;
        case '\f':
            appendStringInfoString(out, "\\f");
            break;
        case '\n':
            appendStringInfoString(out, "\\n");
            break;
        case '\r':
            appendStringInfoString(out, "\\r");
            break;
        case '\t':
            appendStringInfoString(out, "\\t");
            break;
        default:
            if (*c < 0x20)
                appendStringInfo(out, "\\u%04x", *c);
            else
                appendStringInfoChar(out, (char) *c);
        }
    }
    appendStringInfoChar(out, '"');
}

static void
append_value(StringInfo out, const ForColumn *column, const char *value)
{
    if (!value)
        appendStringInfoString(out, "null");
    else if (column->kind == 't')
        appendStringInfoString(out, value[0] == '1' ? "true" : "false");
    else if (column->kind == 'v' || column->kind == 'j')
        appendStringInfoString(out, value);
    else
        append_string(out, value);
}

/* ---- PATH ---- */

typedef struct OpenPath {
    int depth; /* objects open inside the row's own */
    const char *names[MAX_DEPTH];
    int lengths[MAX_DEPTH];
    bool has_member[MAX_DEPTH + 1];
} OpenPath;

static void
begin_member(StringInfo out, OpenPath *path, const char *name, int length)
{
    char *key = pnstrdup(name, length);

    if (path->has_member[path->depth])
        appendStringInfoChar(out, ',');
    path->has_member[path->depth] = true;
    append_string(out, key);
    appendStringInfoChar(out, ':');
    pfree(key);
}

static void
close_to(StringInfo out, OpenPath *path, int depth)
{
    while (path->depth > depth) {
        appendStringInfoChar(out, '}');
        path->depth--;
    }
}

/* Opens the objects that the name's parts before the last stand in; gives the last part. */
static const char *
enter_path(StringInfo out, OpenPath *path, const char *name)
{
    int level = 0;
    const char *dot;

    while ((dot = strchr(name, '.')) != NULL && level < MAX_DEPTH) {
        int length = (int) (dot - name);

        if (level >= path->depth || path->lengths[level] != length ||
            strncmp(path->names[level], name, length) != 0) {
            close_to(out, path, level);
            begin_member(out, path, name, length);
            appendStringInfoChar(out, '{');
            path->names[level] = name;
            path->lengths[level] = length;
            path->depth = level + 1;
            path->has_member[path->depth] = false;
        }
        level++;
        name = dot + 1;
    }
    close_to(out, path, level);
    return name;
}

static void
path_row(ForText *state, char **values)
{
    StringInfo out = &state->text;
    OpenPath path = {0};

    appendStringInfoString(out, state->rows > 0 ? ",{" : "{");
    for (int i = 0; i < state->column_count; i++) {
        const ForColumn *column = &state->columns[i];
        const char *name;

        if (!values[i] && !state->include_nulls)
            continue;
        name = enter_path(out, &path, column->name);
        begin_member(out, &path, name, (int) strlen(name));
        append_value(out, column, values[i]);
    }
    close_to(out, &path, 0);
    appendStringInfoChar(out, '}');
}

/* ---- AUTO ---- */

static void
open_object(ForText *state, int level, char **values)
{
    StringInfo out = &state->text;
    bool first = true;

    appendStringInfoChar(out, '{');
    for (int i = 0; i < state->column_count; i++) {
        const ForColumn *column = &state->columns[i];

        if (column->level != level || (!values[i] && !state->include_nulls))
            continue;
        if (!first)
            appendStringInfoChar(out, ',');
        first = false;
        append_string(out, column->name);
        appendStringInfoChar(out, ':');
        append_value(out, column, values[i]);
    }
    if (level + 1 < state->level_count) {
        if (!first)
            appendStringInfoChar(out, ',');
        append_string(out, state->levels[level + 1]);
        appendStringInfoString(out, ":[");
    }
    state->open_level = level;
}

static void
close_objects(ForText *state, int level)
{
    for (; state->open_level >= level; state->open_level--)
        appendStringInfoString(&state->text,
                               state->open_level + 1 < state->level_count ? "]}" : "}");
}

static void
auto_row(ForText *state, char **values)
{
    int level = state->rows == 0 ? 0 : for_text_changed_level(state, values);

    if (state->rows > 0) {
        close_objects(state, level);
        appendStringInfoChar(&state->text, ',');
    }
    for (; level < state->level_count; level++)
        open_object(state, level, values);
}

void
for_json_row(ForText *state, char **values)
{
    if (state->mode == 'A')
        auto_row(state, values);
    else
        path_row(state, values);
}

void
for_json_end(ForText *state)
{
    StringInfoData whole;

    if (state->mode == 'A')
        close_objects(state, 0);
    initStringInfo(&whole);
    if (state->root) {
        appendStringInfoChar(&whole, '{');
        append_string(&whole, state->root);
        appendStringInfoChar(&whole, ':');
    }
    if (!state->no_wrapper)
        appendStringInfoChar(&whole, '[');
    appendBinaryStringInfo(&whole, state->text.data, state->text.len);
    if (!state->no_wrapper)
        appendStringInfoChar(&whole, ']');
    if (state->root)
        appendStringInfoChar(&whole, '}');
    state->text = whole;
}
