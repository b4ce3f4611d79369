/*
 * Defines the settings of settings.def as PostgreSQL parameters. See settings.h.
 */
#include "postgres.h"

#include "session/settings.h"
#include <limits.h>
#include <unistd.h>

static const struct config_enum_entry encryption_choices[] = {
    {"login", ENCRYPTION_LOGIN, false},
    {"required", ENCRYPTION_REQUIRED, false},
    {"off", ENCRYPTION_OFF, false},
    {NULL, 0, false},
};

#define SETTING_INT(name, value, min, max, unit, when, text) int setting_##name = value;
#define SETTING_STRING(name, value, when, text) char *setting_##name = NULL;
#define SETTING_ENUM(name, value, choices, when, text) int setting_##name = value;
#include "session/settings.def"
#undef SETTING_INT
#undef SETTING_STRING
#undef SETTING_ENUM

void
settings_define(void)
{
#define SETTING_INT(name, value, min, max, unit, when, text)                                       \
    DefineCustomIntVariable("casement." #name, text, NULL, &setting_##name, value, min, max, when, \
                            unit, NULL, NULL, NULL);
#define SETTING_STRING(name, value, when, text)                                                    \
    DefineCustomStringVariable("casement." #name, text, NULL, &setting_##name, value, when, 0,     \
                               NULL, NULL, NULL);
#define SETTING_ENUM(name, value, choices, when, text)                                             \
    DefineCustomEnumVariable("casement." #name, text, NULL, &setting_##name, value, choices, when, \
                             0, NULL, NULL, NULL);
#include "session/settings.def"
#undef SETTING_INT
#undef SETTING_STRING
#undef SETTING_ENUM
    MarkGUCPrefixReserved("casement");
}

const char *
settings_server_name(void)
{
    static char host[256];

    if (setting_server_name != NULL && setting_server_name[0] != '\0')
        return setting_server_name;
    if (host[0] == '\0') {
        if (gethostname(host, sizeof(host) - 1) != 0)
            strlcpy(host, "localhost", sizeof(host));
        for (char *c = host; *c != '\0'; c++)
            *c = pg_toupper((unsigned char) *c);
    }
    return host;
}
