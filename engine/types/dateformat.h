/*
 * What the session says of dates: the order of day, month and year (SET DATEFORMAT), the first day
 * of the week (SET DATEFIRST). The session registers where they are; until then mdy and Sunday.
 */
#pragma once

#include "postgres.h"

/* The addresses must outlive the backend: members of the session's context. */
void sql_date_settings_register(const char *date_order, const uint8 *date_first);

const char *sql_date_order(void);
/* 1 Monday .. 7 Sunday */
int sql_date_first(void);
