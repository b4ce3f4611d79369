/*
 * JSON in strings and the paths into it: what the JSON functions that read (json.c) and those that
 * write (json_write.c) share. A path is walked twice over: in the jsonb, to see what is there, and
 * in the text, where the result keeps its spelling.
 */
#pragma once

#include "postgres.h"

#include "utils/jsonb.h"

/* One step of a path: a key, or an index (key NULL). */
typedef struct JsonStep {
    char *key;
    int index;
} JsonStep;

/* The jsonb of a text; false when it is not JSON. */
bool json_parse(Datum datum, Jsonb **json);
/* 13609 for such a text. */
void json_raise_malformed(Datum datum);
/* 13607: the path is wrong at `at`. */
void json_raise_path(const char *path, const char *at);

/* Reads the next step at *at; false at the end. */
bool json_next_step(const char *path, const char **at, JsonStep *step);
/* Follows the path; NULL where nothing is. *strict tells how the path began. */
JsonbValue *json_follow(Jsonb *json, const char *path, bool *strict);

/* Steps over the text of valid JSON. */
const char *json_skip_blanks(const char *p);
const char *json_skip_string(const char *p);
/* Behind the value at `p`. */
const char *json_skip_value(const char *p);
/* The value that one step leads to from the value at `p`; NULL if there is none. */
const char *json_step_into(const char *p, const JsonStep *step);
