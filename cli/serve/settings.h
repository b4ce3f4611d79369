/*
 * settings.h: what `casement serve` can be told, and by whom.
 *
 * A setting has one line in settings.def. Its value comes, later ones winning, from its default,
 * from <data>/casement.conf and from the command line. Values are checked as they are set, and a
 * wrong one ends the program with a line that says where it stood.
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

enum SettingId {
#define CASEMENT_SETTING(id, name, argument, standard, parameter, check, help) SETTING_##id,
#include "settings.def"
#undef CASEMENT_SETTING
    SETTING_COUNT
};

/* The program's settings. Strings are owned by the struct and live as long as the program. */
typedef struct Settings {
    char *data;                  /* data directory, absolute */
    char *values[SETTING_COUNT]; /* never NULL; "" where the default is empty */
    char **extra;                /* "name=value" of each --set, NULL-terminated */
    int extra_count;
} Settings;

/* Fills in the defaults. */
void settings_init(Settings *settings);

/* Back to the defaults, data excepted, for reading everything again. */
void settings_reset(Settings *settings);

/*
 * Reads the arguments that follow `serve`. Exits 0 after --help and 2 after a wrong option.
 * Called twice: once to learn --data, then (after settings_read_file) to let options win.
 */
void settings_read_arguments(Settings *settings, int argc, char **argv);

/* Reads <data>/casement.conf where it exists. */
void settings_read_file(Settings *settings, const char *path);

/* Writes the commented file that explains every setting; does nothing where it exists. */
void settings_write_file(const char *path);

/* Refuses combinations that are wrong together (encryption off beyond loopback, half a pair). */
void settings_check(const Settings *settings);

/* The setting's value as a number; settings are checked when they are set. */
int settings_number(const Settings *settings, enum SettingId id);

/* Name of the engine parameter (GUC) that the setting becomes, or NULL. */
const char *settings_parameter(enum SettingId id);

/* Whether the setting's number is of seconds (the parameter may count in something smaller). */
bool settings_in_seconds(enum SettingId id);

/* True where each of the listen addresses is this machine only. */
bool settings_loopback_only(const Settings *settings);

void settings_print_help(FILE *out);
