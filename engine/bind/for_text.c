/*
 * The aggregates sys.for_json(spec, values) and sys.for_xml(spec, values) that for_clause.c puts
 * over a query: the state, and reading of the spec.
 */
#include "postgres.h"

#include "bind/for_text.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/array.h"
#include "utils/builtins.h"

#define SEPARATOR '\1'

PG_FUNCTION_INFO_V1(casement_for_json_row);
PG_FUNCTION_INFO_V1(casement_for_json_end);
PG_FUNCTION_INFO_V1(casement_for_xml_row);
PG_FUNCTION_INFO_V1(casement_for_xml_end);

/* ---- the spec ---- */

static char *
next_field(char **rest)
{
    char *field = *rest;
    char *end = strchr(field, SEPARATOR);

    if (end) {
        *end = '\0';
        *rest = end + 1;
    } else {
        *rest = field + strlen(field);
    }
    return field;
}

static int
count_fields(const char *spec)
{
    int count = 1;

    for (; *spec; spec++)
        count += *spec == SEPARATOR;
    return count;
}

static ForText *
state_new(char *spec)
{
    ForText *state = palloc0(sizeof(ForText));
    int fields = count_fields(spec) - 3;
    char *flags = next_field(&spec), *root, *row;

    state->mode = flags[1];
    state->elements = strchr(flags + 2, 'e') != NULL;
    state->xsinil = strchr(flags + 2, 'x') != NULL;
    state->include_nulls = strchr(flags + 2, 'n') != NULL;
    state->no_wrapper = strchr(flags + 2, 'w') != NULL;
    root = next_field(&spec);
    row = next_field(&spec);
    state->root = strchr(flags + 2, 'r') ? root : NULL;
    state->row = row;
    state->columns = palloc0(sizeof(ForColumn) * Max(fields, 1));
    for (int i = 0; i < fields; i++) {
        char *field = next_field(&spec);

        if (field[0] == '=' && field[1] >= 'A' && field[1] <= 'Z') {
            state->levels[field[1] - 'A'] = field + 2;
            state->level_count = Max(state->level_count, field[1] - 'A' + 1);
        } else if (field[0] && field[1] >= 'A' && field[1] <= 'Z') {
            ForColumn *column = &state->columns[state->column_count++];

            column->kind = field[0];
            column->level = field[1] - 'A';
            column->name = field + 2;
        }
    }
    if (state->level_count == 0) {
        state->level_count = 1;
        state->levels[0] = state->row;
    }
    state->former = palloc0(sizeof(char *) * Max(state->column_count, 1));
    state->open_level = -1;
    initStringInfo(&state->text);
    return state;
}

/* ---- rows ---- */

int
for_text_changed_level(const ForText *state, char **values)
{
    int level = state->level_count - 1;

    for (int i = 0; i < state->column_count; i++) {
        const char *a = state->former[i], *b = values[i];

        if (state->columns[i].level < level && (!a != !b || (a && strcmp(a, b) != 0)))
            level = state->columns[i].level;
    }
    return level;
}

/* base64 comes with line breaks */
static char *
value_text(Datum datum, char kind)
{
    char *value = TextDatumGetCString(datum), *to = value;

    if (kind != 'b')
        return value;
    for (char *from = value; *from; from++)
        if (*from != '\n')
            *to++ = *from;
    *to = '\0';
    return value;
}

static void
remember(ForText *state, char **values)
{
    for (int i = 0; i < state->column_count; i++) {
        if (state->former[i])
            pfree(state->former[i]);
        state->former[i] = values[i] ? pstrdup(values[i]) : NULL;
    }
}

static Datum
transition(FunctionCallInfo fcinfo, void (*write_row)(ForText *, char **))
{
    MemoryContext aggregate, saved;
    ForText *state;
    Datum *datums;
    bool *nulls;
    int count;
    char **values;

    if (!AggCheckCallContext(fcinfo, &aggregate))
        elog(ERROR, "FOR XML and FOR JSON are aggregates");
    saved = MemoryContextSwitchTo(aggregate);
    state = PG_ARGISNULL(0) ? state_new(text_to_cstring(PG_GETARG_TEXT_PP(1)))
                            : (ForText *) PG_GETARG_POINTER(0);
    MemoryContextSwitchTo(saved);
    deconstruct_array(PG_GETARG_ARRAYTYPE_P(2), TEXTOID, -1, false, TYPALIGN_INT, &datums, &nulls,
                      &count);
    values = palloc0(sizeof(char *) * Max(state->column_count, 1));
    for (int i = 0; i < Min(count, state->column_count); i++)
        values[i] = nulls[i] ? NULL : value_text(datums[i], state->columns[i].kind);
    MemoryContextSwitchTo(aggregate);
    write_row(state, values);
    state->rows++;
    if (state->mode == 'A')
        remember(state, values);
    MemoryContextSwitchTo(saved);
    PG_RETURN_POINTER(state);
}

static Datum
final(FunctionCallInfo fcinfo, void (*end)(ForText *))
{
    const ForText *shared;
    ForText copy;

    if (PG_ARGISNULL(0))
        PG_RETURN_NULL();
    /* the state may be finished more than once: work on a copy of the text */
    shared = (const ForText *) PG_GETARG_POINTER(0);
    copy = *shared;
    initStringInfo(&copy.text);
    appendBinaryStringInfo(&copy.text, shared->text.data, shared->text.len);
    end(&copy);
    PG_RETURN_TEXT_P(cstring_to_text_with_len(copy.text.data, copy.text.len));
}

Datum
casement_for_json_row(PG_FUNCTION_ARGS)
{
    return transition(fcinfo, for_json_row);
}

Datum
casement_for_json_end(PG_FUNCTION_ARGS)
{
    return final(fcinfo, for_json_end);
}

Datum
casement_for_xml_row(PG_FUNCTION_ARGS)
{
    return transition(fcinfo, for_xml_row);
}

Datum
casement_for_xml_end(PG_FUNCTION_ARGS)
{
    return final(fcinfo, for_xml_end);
}
