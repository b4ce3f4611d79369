/*
 * settings.c: the table of settings, read from options and from <data>/casement.conf, and shown by
 * --help. First step of `casement serve`; what follows sees checked values only.
 */
#include "settings.h"

#include "console.h"
#include "files.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum Check {
    CHECK_TEXT,
    CHECK_PORT,
    CHECK_COUNT,
    CHECK_SECONDS,
    CHECK_ENCRYPTION,
    CHECK_LOCAL_ACCESS,
    CHECK_SA
};

typedef struct Setting {
    const char *name; /* both --name and the key in the file */
    const char *argument;
    const char *standard;
    const char *parameter;
    enum Check check;
    const char *help;
} Setting;

static const Setting table[SETTING_COUNT] = {
#define CASEMENT_SETTING(id, name, argument, standard, parameter, check, help)                     \
    {name, argument, standard, parameter, check, help},
#include "settings.def"
#undef CASEMENT_SETTING
};

void
settings_init(Settings *settings)
{
    memset(settings, 0, sizeof(*settings));
    for (int i = 0; i < SETTING_COUNT; i++)
        settings->values[i] = text_copy(table[i].standard);
    settings->extra = must_have(calloc(1, sizeof(char *)));
}

void
settings_reset(Settings *settings)
{
    for (int i = 0; i < SETTING_COUNT; i++) {
        free(settings->values[i]);
        settings->values[i] = text_copy(table[i].standard);
    }
    while (settings->extra_count > 0)
        free(settings->extra[--settings->extra_count]);
    settings->extra[0] = NULL;
}

static bool
number_within(const char *value, long low, long high)
{
    char *end = NULL;

    errno = 0;
    long number = strtol(value, &end, 10);
    return errno == 0 && end != value && *end == '\0' && number >= low && number <= high;
}

/* What is wrong with the value, or NULL. */
static const char *
complaint(const Setting *setting, const char *value)
{
    switch (setting->check) {
    case CHECK_TEXT:
        return strpbrk(value, "\r\n") ? "must be one line" : NULL;
    case CHECK_PORT:
        return number_within(value, 1, 65535) ? NULL : "must be a port, 1 to 65535";
    case CHECK_COUNT:
        return number_within(value, 0, 1000000) ? NULL : "must be a number, 0 to 1000000";
    case CHECK_SECONDS:
        return number_within(value, 0, 2000000) ? NULL : "must be seconds, 0 to 2000000";
    case CHECK_ENCRYPTION:
        if (!strcmp(value, "login") || !strcmp(value, "required") || !strcmp(value, "off"))
            return NULL;
        return "must be login, required or off";
    case CHECK_LOCAL_ACCESS:
        return !strcmp(value, "owner") || !strcmp(value, "folder") ? NULL
                                                                   : "must be owner or folder";
    case CHECK_SA:
        return !strcmp(value, "generated") || !strcmp(value, "none") ? NULL
                                                                     : "must be generated or none";
    }
    return NULL;
}

static int
find_setting(const char *name, size_t length)
{
    for (int i = 0; i < SETTING_COUNT; i++)
        if (strlen(table[i].name) == length && !strncmp(table[i].name, name, length))
            return i;
    return -1;
}

static void
set_value(Settings *settings, int id, const char *value, const char *where)
{
    const char *wrong = complaint(&table[id], value);

    if (wrong)
        fail_usage("%s%s %s; it is \"%s\"", where, table[id].name, wrong, value);
    free(settings->values[id]);
    settings->values[id] = text_copy(value);
}

static void
add_extra(Settings *settings, const char *assignment)
{
    size_t name =
        strspn(assignment, "abcdefghijklmnopqrstuvwxyz_.ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");

    if (name == 0 || assignment[name] != '=' || strpbrk(assignment, "\r\n"))
        fail_usage("--set needs name=value; it is \"%s\"", assignment);
    settings->extra =
        must_have(realloc(settings->extra, sizeof(char *) * (settings->extra_count + 2)));
    settings->extra[settings->extra_count++] = text_copy(assignment);
    settings->extra[settings->extra_count] = NULL;
}

static void
set_data(Settings *settings, const char *value)
{
    if (*value == '\0')
        fail_usage("--data needs a directory");
    free(settings->data);
    if (*value == '/') {
        settings->data = text_copy(value);
    } else {
        char here[PATH_MAX];

        if (!getcwd(here, sizeof(here)))
            fail("cannot tell the current directory: %s", strerror(errno));
        settings->data = text_format("%s/%s", here, value);
    }
    for (size_t end = strlen(settings->data); end > 1 && settings->data[end - 1] == '/';)
        settings->data[--end] = '\0';
}

static void
default_data(Settings *settings)
{
    const char *home = getenv("HOME");

    if (geteuid() == 0)
        settings->data = text_copy("/var/lib/casement");
    else if (home && *home == '/')
        settings->data = text_format("%s/.local/share/casement", home);
    else
        fail_usage("HOME is not set; say where the data goes with --data DIR");
}

void
settings_read_arguments(Settings *settings, int argc, char **argv)
{
    for (int i = 0; i < argc; i++) {
        const char *name = argv[i], *value;
        size_t length;

        if (!strcmp(name, "--help") || !strcmp(name, "-h")) {
            settings_print_help(stdout);
            exit(0);
        }
        if (strncmp(name, "--", 2) != 0)
            fail_usage("\"%s\" is not an option; see casement serve --help", name);
        name += 2;
        length = strcspn(name, "=");
        value = name[length] == '=' ? name + length + 1 : i + 1 < argc ? argv[++i] : NULL;
        if (!value)
            fail_usage("--%s needs a value", name);

        int id = find_setting(name, length);
        if (id >= 0)
            set_value(settings, id, value, "--");
        else if (length == 4 && !strncmp(name, "data", 4))
            set_data(settings, value);
        else if (length == 3 && !strncmp(name, "set", 3))
            add_extra(settings, value);
        else
            fail_usage("there is no option --%.*s; see casement serve --help", (int) length, name);
    }
    if (!settings->data)
        default_data(settings);
}

/* Cuts blanks (and one pair of single quotes) off both ends, in place. */
static char *
trim(char *text)
{
    while (isspace((unsigned char) *text))
        text++;
    size_t end = strlen(text);
    while (end > 0 && isspace((unsigned char) text[end - 1]))
        text[--end] = '\0';
    if (end >= 2 && text[0] == '\'' && text[end - 1] == '\'') {
        text[end - 1] = '\0';
        text++;
    }
    return text;
}

void
settings_read_file(Settings *settings, const char *path)
{
    FILE *file = fopen(path, "re");
    char *line = NULL;
    size_t room = 0;

    if (!file) {
        if (errno == ENOENT)
            return;
        fail("cannot read %s: %s", path, strerror(errno));
    }
    for (int number = 1; getline(&line, &room, file) >= 0; number++) {
        char *key = trim(line);
        if (*key == '\0' || *key == '#')
            continue;
        char *value = strchr(key, '=');
        if (!value)
            fail_usage("%s line %d: expected key = value", path, number);
        *value++ = '\0';
        key = trim(key);

        int id = find_setting(key, strlen(key));
        if (!strcmp(key, "set")) {
            add_extra(settings, trim(value));
            continue;
        }
        if (id < 0)
            fail_usage("%s line %d: there is no setting \"%s\"", path, number, key);
        char *where = text_format("%s line %d: ", path, number);
        set_value(settings, id, trim(value), where);
        free(where);
    }
    free(line);
    fclose(file);
}

/* Prints text in lines of at most width columns, each begun with indent. */
static void
print_wrapped(FILE *out, const char *indent, const char *text, size_t width)
{
    while (*text) {
        size_t length = strlen(text);
        if (length > width) {
            length = width;
            while (length > 0 && text[length] != ' ')
                length--;
        }
        fprintf(out, "%s%.*s\n", indent, (int) length, text);
        text += length;
        while (*text == ' ')
            text++;
    }
}

void
settings_write_file(const char *path)
{
    FILE *file = fopen(path, "wxe");

    if (!file) {
        if (errno == EEXIST)
            return;
        fail("cannot write %s: %s", path, strerror(errno));
    }
    fprintf(file,
            "# Settings of casement serve, read at each start. A line without # before it is\n"
            "# in force; an option on the command line wins over it.\n");
    for (int i = 0; i < SETTING_COUNT; i++) {
        fputc('\n', file);
        print_wrapped(file, "# ", table[i].help, 88);
        fprintf(file, "#%s = %s\n", table[i].name, table[i].standard);
    }
    if (fclose(file) != 0)
        fail("cannot write %s: %s", path, strerror(errno));
}

static bool
is_loopback(const char *address, size_t length)
{
    return (length == 9 && !strncmp(address, "localhost", 9)) ||
           (length == 3 && !strncmp(address, "::1", 3)) ||
           (length >= 7 && length <= 15 && !strncmp(address, "127.", 4) &&
            strspn(address, "0123456789.") >= length);
}

bool
settings_loopback_only(const Settings *settings)
{
    const char *list = settings->values[SETTING_LISTEN];

    while (*list) {
        list += strspn(list, ", ");
        size_t length = strcspn(list, ", ");
        if (length > 0 && !is_loopback(list, length))
            return false;
        list += length;
    }
    return true;
}

void
settings_check(const Settings *settings)
{
    if (!strcmp(settings->values[SETTING_ENCRYPTION], "off") && !settings_loopback_only(settings))
        fail_usage("encryption off is allowed on loopback addresses only; listen is \"%s\"",
                   settings->values[SETTING_LISTEN]);
    if ((*settings->values[SETTING_CERTIFICATE] == '\0') !=
        (*settings->values[SETTING_PRIVATE_KEY] == '\0'))
        fail_usage("certificate and private-key go together; only one of them is given");
    if (settings->values[SETTING_LISTEN][strspn(settings->values[SETTING_LISTEN], ", ")] == '\0')
        fail_usage("listen names no address");
    if (settings_number(settings, SETTING_MAX_CONNECTIONS) < 1)
        fail_usage("max-connections must be at least 1");
    if (settings_number(settings, SETTING_POOL_SIZE) < 1 ||
        settings_number(settings, SETTING_POOL_SIZE) > 256)
        fail_usage("pool-size must be 1 to 256");
}

int
settings_number(const Settings *settings, enum SettingId id)
{
    return (int) strtol(settings->values[id], NULL, 10);
}

const char *
settings_parameter(enum SettingId id)
{
    return table[id].parameter;
}

bool
settings_in_seconds(enum SettingId id)
{
    return table[id].check == CHECK_SECONDS;
}

void
settings_print_help(FILE *out)
{
    fprintf(out, "casement serve: a SQL Server instance on this machine.\n\n"
                 "Usage: casement serve [option...]\n\n"
                 "Ctrl-C or SIGTERM stops it; the next start finds the data.\n\n"
                 "  --data DIR\n");
    print_wrapped(out, "      ",
                  "Data directory, made when missing. Default: /var/lib/casement for root, "
                  "~/.local/share/casement otherwise.",
                  88);
    for (int i = 0; i < SETTING_COUNT; i++) {
        fprintf(out, "  --%s %s\n", table[i].name, table[i].argument);
        print_wrapped(out, "      ", table[i].help, 88);
        fprintf(out, "      Default: %s\n", *table[i].standard ? table[i].standard : "empty");
    }
    fprintf(out, "  --set NAME=VALUE\n");
    print_wrapped(out, "      ",
                  "A parameter of the PostgreSQL below, for experts; may be repeated (in the file: "
                  "set = NAME=VALUE).",
                  88);
    fprintf(out, "  --help\n      This text.\n\n");
    print_wrapped(
        out, "",
        "The same settings stand in <data>/casement.conf, which the first start writes with "
        "every line commented out; options win over it. The password of the login sa is "
        "in <data>/sa.password: delete that file and start again to have a new one.",
        88);
}
