/*
 * rows.c: values of a result by the column's name; see store.h.
 */
#include "store/store.h"

#include "base/log.h"

#include <stdlib.h>
#include <string.h>

/* The value, or NULL where it is SQL's NULL or the column is not there (a mistake, logged). */
static const char *
value_of(const PGresult *rows, int row, const char *column)
{
    int field = PQfnumber(rows, column);

    if (field < 0) {
        log_error("a statement's result has no column %s", column);
        return NULL;
    }
    return PQgetisnull(rows, row, field) ? NULL : PQgetvalue(rows, row, field);
}

const char *
row_text(const PGresult *rows, int row, const char *column)
{
    const char *value = value_of(rows, row, column);

    return value ? value : "";
}

bool
row_is_null(const PGresult *rows, int row, const char *column)
{
    return value_of(rows, row, column) == NULL;
}

long long
row_number(const PGresult *rows, int row, const char *column)
{
    return strtoll(row_text(rows, row, column), NULL, 10);
}

double
row_real(const PGresult *rows, int row, const char *column)
{
    return strtod(row_text(rows, row, column), NULL);
}

bool
row_flag(const PGresult *rows, int row, const char *column)
{
    return row_text(rows, row, column)[0] == 't';
}

Moment
row_moment(const PGresult *rows, int row, const char *column)
{
    const char *text = row_text(rows, row, column);
    Moment moment = 0;

    if (strcmp(text, "infinity") == 0)
        return INT64_MAX;
    if (strcmp(text, "-infinity") == 0)
        return INT64_MIN;
    return moment_parse(text, &moment) ? moment : 0;
}

void
store_auto_clear(PGresult **rows)
{
    PQclear(*rows);
}
