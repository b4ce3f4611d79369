/*
 * check.h: rules on what a tenant writes, shared by the operations that take it. Each answers with
 * the error that names the field, and says whether the value will do.
 */
#pragma once

#include "api/request.h"

/* 4 to 64 characters: a letter first, then letters, digits, '-', '_'. */
bool check_name(ApiRequest *request, const char *name);
/* 8 to 32 characters, three of the four classes, the specials ~!@#$%^*-_+?, and not the login's
 * name in any order. */
bool check_password(ApiRequest *request, const char *field, const char *password);
/* 1433, or 2100 to 9500 without 5355 and 5985. */
bool check_port(ApiRequest *request, long long port);
/* 40 to 4000 by tens. */
bool check_volume_size(ApiRequest *request, long long gb);
/* "HH:MM". */
bool check_clock(const char *text, int *minutes);
/* Tags: at most 20, keys 1 to 36 characters, values up to 43, no two of one key. */
bool check_tags(ApiRequest *request, const json_t *tags);
