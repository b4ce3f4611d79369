/*
 * json.h: small additions to jansson (https://jansson.readthedocs.io), the daemon's JSON library.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>

/* Drops the reference at the end of the block. */
void json_auto_unref(json_t **value);
#define AUTO_JSON __attribute__((cleanup(json_auto_unref)))

/* The member's text, or fallback where it is absent, null or no string. Owned by the object. */
const char *json_text(const json_t *object, const char *key, const char *fallback);
/* The member's number (a string of digits counts: some clients quote numbers), or fallback. */
long long json_number(const json_t *object, const char *key, long long fallback);
bool json_flag(const json_t *object, const char *key, bool fallback);

/* Sets text, or nothing when text is NULL. */
void json_put_text(json_t *object, const char *key, const char *text);

/* Compact text owned by the caller. */
char *json_render(const json_t *value);
