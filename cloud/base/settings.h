/*
 * settings.h: what `casementd` can be told. Read once by main before threads; from then on every
 * layer may ask.
 *
 * A setting has one line in settings.def. Its value comes, later ones winning, from its default,
 * from <data>/casementd.conf and from the command line. Values are checked as they are set, and a
 * wrong one ends the program with a line that says where it stood.
 */
#pragma once

#include <stdbool.h>

typedef enum SettingId {
#define CASEMENTD_SETTING(id, name, argument, standard, check, help) SETTING_##id,
#include "base/settings.def"
#undef CASEMENTD_SETTING
    SETTING_COUNT
} SettingId;

/* What the program is to do instead of serving. */
typedef enum SettingsRequest {
    SETTINGS_SERVE,
    SETTINGS_LIST_STEPS,      /* --list-steps: kinds of jobs and their steps, for tests */
    SETTINGS_LIST_OPERATIONS, /* --list-operations: what the API has */
    SETTINGS_RESET_ADMIN      /* --reset-admin: a new password and key, then serve */
} SettingsRequest;

/* Reads options and file. Exits 0 after --help or --version, 2 after a wrong option. */
SettingsRequest settings_read(int argc, char **argv);

/* The data directory, absolute. */
const char *settings_data(void);
/* A file or folder in it: settings_path("tls/ca.crt"); owned by the caller. */
char *settings_path(const char *name);

/* Never NULL. Settings are checked when they are set. */
const char *setting_text(SettingId id);
int setting_number(SettingId id);
bool setting_flag(SettingId id);

/* How clients reach the API: "https://127.0.0.1:8443", without a slash at the end. */
const char *settings_endpoint(void);

/* Writes the commented file that explains every setting; does nothing where it exists. */
void settings_write_file(void);
