/*
 * FOR XML: RAW and AUTO, with attributes or elements, and PATH, whose column names are paths.
 */
#include "postgres.h"

#include "bind/for_text.h"

#include <ctype.h>

#define MAX_DEPTH 32

static void
append_escaped(StringInfo out, const char *text, bool attribute)
{
    for (; *text; text++) {
        switch (*text) {
        case '<':
            appendStringInfoString(out, "&lt;");
            break;
        case '>':
            appendStringInfoString(out, "&gt;");
            break;
        case '&':
            appendStringInfoString(out, "&amp;");
            break;
        case '"':
            appendStringInfoString(out, attribute ? "&quot;" : "\"");
            break;
        case '\r':
            appendStringInfoString(out, "&#x0D;");
            break;
        case '\n':
            appendStringInfoString(out, attribute ? "&#x0A;" : "\n");
            break;
        case '\t':
            appendStringInfoString(out, attribute ? "&#x09;" : "\t");
            break;
        default:
            appendStringInfoChar(out, *text);
        }
    }
}

static void
append_value(StringInfo out, const ForColumn *column, const char *value, bool attribute)
{
    if (column->kind == 'j' && !attribute)
        appendStringInfoString(out, value);
    else
        append_escaped(out, value, attribute);
}

/* Characters that no XML name has are written _xHHHH_. */
static void
append_name(StringInfo out, const char *name, int length)
{
    for (int i = 0; i < length; i++) {
        unsigned char c = (unsigned char) name[i];
        bool fits = c >= 0x80 || isalpha(c) || c == '_' || c == ':' ||
                    (i > 0 && (isdigit(c) || c == '-' || c == '.'));

        if (fits)
            appendStringInfoChar(out, (char) c);
        else
            appendStringInfo(out, "_x%04X_", c);
    }
}

static void
append_attribute(StringInfo out, const ForColumn *column, const char *name, const char *value)
{
    appendStringInfoChar(out, ' ');
    append_name(out, name, (int) strlen(name));
    appendStringInfoString(out, "=\"");
    append_value(out, column, value, true);
    appendStringInfoChar(out, '"');
}

static void
append_element(StringInfo out, const ForColumn *column, const char *name, const char *value)
{
    int length = (int) strlen(name);

    appendStringInfoChar(out, '<');
    append_name(out, name, length);
    if (!value) {
        appendStringInfoString(out, " xsi:nil=\"true\"/>");
        return;
    }
    appendStringInfoChar(out, '>');
    append_value(out, column, value, false);
    appendStringInfoString(out, "</");
    append_name(out, name, length);
    appendStringInfoChar(out, '>');
}

/* ---- RAW and AUTO ---- */

static const char *
level_name(const ForText *state, int level)
{
    return state->mode == 'A' ? state->levels[level] : state->row;
}

static void
open_level(ForText *state, int level, char **values)
{
    StringInfo out = &state->text;
    const char *name = level_name(state, level);
    bool has_content = false;

    appendStringInfoChar(out, '<');
    append_name(out, name, (int) strlen(name));
    if (state->xsinil && level == 0)
        appendStringInfoString(out, " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"");
    for (int i = 0; i < state->column_count && !state->elements; i++)
        if (state->columns[i].level == level && values[i] && state->columns[i].kind != 'j')
            append_attribute(out, &state->columns[i], state->columns[i].name, values[i]);
    for (int i = 0; i < state->column_count; i++) {
        const ForColumn *column = &state->columns[i];

        if (column->level != level || (!state->elements && column->kind != 'j') ||
            (!values[i] && !state->xsinil))
            continue;
        if (!has_content)
            appendStringInfoChar(out, '>');
        has_content = true;
        append_element(out, column, column->name, values[i]);
    }
    if (!has_content)
        appendStringInfoString(out, level + 1 < state->level_count ? ">" : "/>");
    state->open_level = level;
    /* the innermost without content is closed already */
    if (!has_content && level + 1 == state->level_count)
        state->open_level = level - 1;
}

static void
close_levels(ForText *state, int level)
{
    for (; state->open_level >= level; state->open_level--) {
        const char *name = level_name(state, state->open_level);

        appendStringInfoString(&state->text, "</");
        append_name(&state->text, name, (int) strlen(name));
        appendStringInfoChar(&state->text, '>');
    }
}

static void
level_row(ForText *state, char **values)
{
    int level = state->rows == 0 ? 0 : for_text_changed_level(state, values);

    close_levels(state, level);
    for (; level < state->level_count; level++)
        open_level(state, level, values);
}

/* ---- PATH ---- */

typedef struct OpenElements {
    int depth;
    const char *names[MAX_DEPTH];
    int lengths[MAX_DEPTH];
    bool tag_open; /* the innermost start tag still takes attributes */
} OpenElements;

static void
finish_tag(StringInfo out, OpenElements *open)
{
    if (open->tag_open)
        appendStringInfoChar(out, '>');
    open->tag_open = false;
}

static void
open_element(StringInfo out, OpenElements *open, const char *name, int length)
{
    if (open->depth == MAX_DEPTH)
        return;
    finish_tag(out, open);
    appendStringInfoChar(out, '<');
    append_name(out, name, length);
    open->names[open->depth] = name;
    open->lengths[open->depth++] = length;
    open->tag_open = true;
}

static void
close_elements(StringInfo out, OpenElements *open, int depth)
{
    while (open->depth > depth) {
        open->depth--;
        if (open->tag_open) {
            appendStringInfoString(out, "/>");
            open->tag_open = false;
            continue;
        }
        appendStringInfoString(out, "</");
        append_name(out, open->names[open->depth], open->lengths[open->depth]);
        appendStringInfoChar(out, '>');
    }
}

/* Opens the elements of a path but its last part, which it returns. */
static const char *
enter_path(StringInfo out, OpenElements *open, const char *name, int base)
{
    int level = base;
    const char *slash;

    while ((slash = strchr(name, '/')) != NULL) {
        int length = (int) (slash - name);

        if (level >= open->depth || open->lengths[level] != length ||
            strncmp(open->names[level], name, length) != 0) {
            close_elements(out, open, level);
            open_element(out, open, name, length);
        }
        level++;
        name = slash + 1;
    }
    close_elements(out, open, level);
    return name;
}

static void
path_item(ForText *state, OpenElements *open, int base, const ForColumn *column, const char *value)
{
    StringInfo out = &state->text;
    const char *name;

    if (!value && !state->xsinil)
        return;
    name = enter_path(out, open, column->name, base);
    if (name[0] == '@') {
        if (value && open->tag_open)
            append_attribute(out, column, name + 1, value);
        return;
    }
    finish_tag(out, open);
    if (!name[0] || strcmp(name, "text()") == 0 || strcmp(name, "node()") == 0 ||
        strcmp(name, "*") == 0 || strcmp(name, "data()") == 0) {
        if (value)
            append_value(out, column, value, false);
        return;
    }
    append_element(out, column, name, value);
}

static void
path_row(ForText *state, char **values)
{
    OpenElements open = {0};
    int base = state->row[0] ? 1 : 0;

    if (base > 0) {
        open_element(&state->text, &open, state->row, (int) strlen(state->row));
        if (state->xsinil)
            appendStringInfoString(&state->text,
                                   " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"");
    }
    for (int i = 0; i < state->column_count; i++)
        path_item(state, &open, base, &state->columns[i], values[i]);
    close_elements(&state->text, &open, 0);
}

void
for_xml_row(ForText *state, char **values)
{
    if (state->mode == 'P')
        path_row(state, values);
    else
        level_row(state, values);
}

void
for_xml_end(ForText *state)
{
    StringInfoData whole;
    int length;

    if (state->mode != 'P')
        close_levels(state, 0);
    if (!state->root)
        return;
    length = (int) strlen(state->root);
    initStringInfo(&whole);
    appendStringInfoChar(&whole, '<');
    append_name(&whole, state->root, length);
    appendStringInfoChar(&whole, '>');
    appendBinaryStringInfo(&whole, state->text.data, state->text.len);
    appendStringInfoString(&whole, "</");
    append_name(&whole, state->root, length);
    appendStringInfoChar(&whole, '>');
    state->text = whole;
}
