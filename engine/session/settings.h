/*
 * The settings casement.*: settings.def is the one table of them. Read by the listener and the
 * session; changed only by postgresql.conf.
 */
#pragma once

#include "postgres.h"

#include "utils/guc.h"

typedef enum Encryption {
    ENCRYPTION_LOGIN,    /* everything when the client can, the login in any case */
    ENCRYPTION_REQUIRED, /* refuse clients that cannot encrypt everything */
    ENCRYPTION_OFF,      /* no TLS; passwords travel in clear: for loopback */
} Encryption;

#define SETTING_INT(name, value, min, max, unit, when, text) extern int setting_##name;
#define SETTING_STRING(name, value, when, text) extern char *setting_##name;
#define SETTING_ENUM(name, value, choices, when, text) extern int setting_##name;
#include "session/settings.def"
#undef SETTING_INT
#undef SETTING_STRING
#undef SETTING_ENUM

/* Defines them all; from _PG_init. */
void settings_define(void);

/* casement.server_name, or the host's name in capitals; lives for ever. */
const char *settings_server_name(void);
