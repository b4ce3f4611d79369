/*
 * The text of FOR XML and FOR JSON while rows arrive: what for_text.c (the aggregates) shares with
 * for_json.c and for_xml.c (the forms). Private to engine/bind.
 */
#pragma once

#include "postgres.h"

#include "lib/stringinfo.h"

typedef struct ForColumn {
    char kind; /* 's' string, 'v' bare number, 't' bit, 'b' base64, 'j' JSON or XML as it is */
    int level; /* AUTO: which table */
    const char *name;
} ForColumn;

typedef struct ForText {
    char mode; /* 'R', 'A', 'P' */
    bool elements, xsinil, include_nulls, no_wrapper;
    const char *root, *row; /* root NULL: none */
    int column_count;
    ForColumn *columns;
    int level_count;
    const char *levels[26]; /* AUTO: tables' aliases, outermost first */
    /* the rows so far */
    StringInfoData text;
    int64 rows;
    char **former;  /* AUTO: values of the row before, NULL elements for NULLs */
    int open_level; /* AUTO: innermost level open; -1: none */
} ForText;

/* The first level in which `values` differ from the row before; the innermost if none does. */
int for_text_changed_level(const ForText *state, char **values);

/* One row. `values`: text of each column, NULL for NULL. */
void for_json_row(ForText *state, char **values);
void for_xml_row(ForText *state, char **values);
/* Closes what is open and wraps the whole. */
void for_json_end(ForText *state);
void for_xml_end(ForText *state);
