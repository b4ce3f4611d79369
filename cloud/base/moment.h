/*
 * moment.h: moments. Inside the daemon a moment is microseconds since 1970-01-01T00:00:00Z
 * (`Moment`); the store keeps timestamptz; each service writes it in its own form.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef int64_t Moment;
#define MOMENT_SECOND ((Moment) 1000000)

Moment moment_now(void);

/* "2026-11-23T10:00:00+0000", as RDS v3 writes it. */
#define MOMENT_TEXT 40
void moment_rds(Moment moment, char text[MOMENT_TEXT]);
/* "2026-11-23T10:00:00.000000Z", as Keystone writes it. */
void moment_iso(Moment moment, char text[MOMENT_TEXT]);
/* Reads either, "2026-11-23 10:00:00", with or without zone (UTC then), and X-Sdk-Date's
 * 20261123T100000Z. */
bool moment_parse(const char *text, Moment *moment);
