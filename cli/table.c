/*
 * table.c: tables of the command line; see table.h. Widths are counted in terminal columns, so that
 * names in any script stand in line.
 */
#define _XOPEN_SOURCE 700
#include "table.h"

#include "base/memory.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

#define COLUMN_LIMIT 1024

struct Table {
    int columns, rows;
    char **cells; /* headings first */
    bool *numeric;
};

size_t
text_columns(const char *text)
{
    mbstate_t state = {0};
    size_t columns = 0, left = strlen(text);

    while (left > 0) {
        wchar_t wide;
        size_t length = mbrtowc(&wide, text, left, &state);
        if (length == (size_t) -1 || length == (size_t) -2 || length == 0) {
            memset(&state, 0, sizeof(state));
            length = 1;
            columns++;
        } else {
            int width = wcwidth(wide);
            columns += width > 0 ? (size_t) width : 0;
        }
        text += length;
        left -= length;
    }
    return columns;
}

Table *
table_new(const char *headings)
{
    Table *table = MEM_NEW(Table);
    AUTO_FREE char *copy = str_copy(headings);
    char *rest = copy, *one;
    const char *values[COLUMN_LIMIT];

    for (const char *at = headings; at; at = strchr(at, '|'), at = at ? at + 1 : NULL)
        table->columns++;
    table->numeric = mem_new((size_t) table->columns, sizeof(bool));
    for (int i = 0; i < table->columns && i < COLUMN_LIMIT && (one = strsep(&rest, "|")) != NULL;
         i++) {
        table->numeric[i] = *one == '>';
        values[i] = one + table->numeric[i];
    }
    table_row(table, values);
    return table;
}

/* Control characters would move the terminal's cursor. */
static char *
printable(const char *text)
{
    char *copy = str_copy(text ? text : "-");

    for (char *at = copy; *at; at++)
        if ((unsigned char) *at < 0x20 || *at == 0x7F)
            *at = ' ';
    return copy;
}

void
table_row(Table *table, const char *const *values)
{
    size_t before = (size_t) table->rows * (size_t) table->columns;

    table->cells = mem_resize(table->cells, before + (size_t) table->columns, sizeof(char *));
    for (int i = 0; i < table->columns; i++)
        table->cells[before + (size_t) i] = printable(values[i]);
    table->rows++;
}

void
table_print(Table *table, const char *empty)
{
    AUTO_FREE size_t *widths = mem_new((size_t) table->columns, sizeof(size_t));
    bool bold = isatty(1);

    for (int i = 0; i < table->rows * table->columns; i++) {
        size_t width = text_columns(table->cells[i]);
        if (width > widths[i % table->columns])
            widths[i % table->columns] = width;
    }
    if (table->rows == 1 && empty)
        printf("%s\n", empty);
    for (int row = 0; row < table->rows && (table->rows > 1 || !empty); row++) {
        for (int i = 0; i < table->columns; i++) {
            const char *text = table->cells[row * table->columns + i];
            int pad = (int) (widths[i] - text_columns(text));
            bool last = i + 1 == table->columns;

            if (bold && row == 0)
                printf("\033[1m");
            if (table->numeric[i])
                printf("%*s%s%s", pad, "", text, last ? "" : "  ");
            else
                printf("%s%*s", text, last ? 0 : pad + 2, "");
            if (bold && row == 0)
                printf("\033[0m");
        }
        printf("\n");
    }
    for (int i = 0; i < table->rows * table->columns; i++)
        free(table->cells[i]);
    free(table->cells);
    free(table->numeric);
    free(table);
}

bool
print_json(const Invocation *invocation, const json_t *answer)
{
    if (!invocation->json)
        return false;
    json_dumpf(answer, stdout, JSON_INDENT(2));
    printf("\n");
    return true;
}
