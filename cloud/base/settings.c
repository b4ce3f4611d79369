/*
 * settings.c: the table of settings, read from options and from <data>/casementd.conf, and shown by
 * --help. First step of casementd; what follows sees checked values only.
 */
#include "base/settings.h"

#include "base/memory.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum Check {
    CHECK_TEXT,
    CHECK_PORT,
    CHECK_COUNT,
    CHECK_WORKERS,
    CHECK_FLAG,
    CHECK_NAME,
    CHECK_NETWORK,
    CHECK_URL,
    CHECK_LEVEL
};

typedef struct Setting {
    const char *name; /* both --name and the key in the file */
    const char *argument;
    const char *standard;
    enum Check check;
    const char *help;
} Setting;

static const Setting table[SETTING_COUNT] = {
#define CASEMENTD_SETTING(id, name, argument, standard, check, help)                               \
    {name, argument, standard, check, help},
#include "base/settings.def"
#undef CASEMENTD_SETTING
};

static char *values[SETTING_COUNT];
static char *data_directory;
static char *endpoint;

static void complain(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

static void
complain(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    AUTO_FREE char *text = str_vformat(format, arguments);
    va_end(arguments);
    fprintf(stderr, "casementd: %s\n", text);
    exit(2);
}

static bool
number_within(const char *value, long low, long high)
{
    char *end = NULL;

    errno = 0;
    long number = strtol(value, &end, 10);
    return errno == 0 && end != value && *end == '\0' && number >= low && number <= high;
}

/* An address, or one with the length of its network's prefix. */
static bool
is_network(const char *value)
{
    struct in_addr address;
    size_t length = strcspn(value, "/");
    AUTO_FREE char *host = str_copy_n(value, length);

    if (inet_pton(AF_INET, host, &address) != 1)
        return false;
    return value[length] == '\0' || number_within(value + length + 1, 8, 30);
}

static bool
is_one_of(const char *value, const char *const *words)
{
    for (; *words; words++)
        if (strcmp(value, *words) == 0)
            return true;
    return false;
}

static bool
is_name(const char *value)
{
    size_t length = strspn(value, "abcdefghijklmnopqrstuvwxyz0123456789-");

    return length > 0 && length <= 64 && value[length] == '\0' && isalpha((unsigned char) *value);
}

/* What is wrong with the value, or NULL. */
static const char *
complaint(const Setting *setting, const char *value)
{
    static const char *const flags[] = {"yes", "no", NULL};
    static const char *const level_words[] = {"error", "warning", "notice", "debug", NULL};

    switch (setting->check) {
    case CHECK_TEXT:
        return strpbrk(value, "\r\n") ? "must be one line" : NULL;
    case CHECK_PORT:
        return number_within(value, 1, 65535) ? NULL : "must be a port, 1 to 65535";
    case CHECK_COUNT:
        return number_within(value, 1, 1000000) ? NULL : "must be a number, 1 to 1000000";
    case CHECK_WORKERS:
        return number_within(value, 1, 64) ? NULL : "must be a number, 1 to 64";
    case CHECK_FLAG:
        return is_one_of(value, flags) ? NULL : "must be yes or no";
    case CHECK_NAME:
        return is_name(value) ? NULL : "must be lower-case letters, digits and hyphens";
    case CHECK_NETWORK:
        return is_network(value) ? NULL : "must be an IPv4 address or network (127.77.0.0/16)";
    case CHECK_URL:
        return *value == '\0' || strncmp(value, "https://", 8) == 0 ||
                       strncmp(value, "http://", 7) == 0
                   ? NULL
                   : "must be a URL";
    case CHECK_LEVEL:
        return is_one_of(value, level_words) ? NULL : "must be error, warning, notice or debug";
    }
    return NULL;
}

static int
find_setting(const char *name, size_t length)
{
    for (int i = 0; i < SETTING_COUNT; i++)
        if (strlen(table[i].name) == length && strncmp(table[i].name, name, length) == 0)
            return i;
    return -1;
}

static void
set(int id, const char *value, const char *place)
{
    const char *wrong = complaint(&table[id], value);

    if (wrong)
        complain("%s: %s %s, not \"%s\"", place, table[id].name, wrong, value);
    free(values[id]);
    values[id] = str_copy(value);
}

static void
print_help(void)
{
    puts("Usage: casementd [option...]\n\n"
         "A cloud on this machine: the API of Huawei Cloud's IAM, RDS for SQL Server and CES, and "
         "a\n"
         "console. Every start finds again what the last one left.\n\n"
         "  --data DIR\n      Where everything is kept. Default: /var/lib/casement as root, "
         "~/.local/share/casement otherwise.");
    for (int i = 0; i < SETTING_COUNT; i++)
        printf("  --%s %s\n      %s%s%s%s\n", table[i].name, table[i].argument, table[i].help,
               *table[i].standard ? " Default: " : "", table[i].standard,
               *table[i].standard ? "." : "");
    puts("  --reset-admin\n      Gives the administrator a new password and key "
         "(DATA/admin.json), then serves.\n"
         "  --list-operations\n      Shows the operations of the API.\n"
         "  --list-steps\n      Shows the kinds of jobs and their steps.\n"
         "  --version, --help\n\n"
         "The same settings stand in DATA/casementd.conf, which the first start writes with every\n"
         "line commented out; options win over it.");
}

static char *
default_data(void)
{
    const char *home = getenv("XDG_DATA_HOME");

    if (geteuid() == 0)
        return str_copy("/var/lib/casement");
    if (home && *home == '/')
        return str_format("%s/casement", home);
    home = getenv("HOME");
    if (!home || *home != '/')
        complain("there is no HOME: say where the data goes with --data DIR");
    return str_format("%s/.local/share/casement", home);
}

/* Absolute, without a slash at its end. */
static char *
absolute(const char *path)
{
    char folder[PATH_MAX];
    char *whole;

    if (*path == '/')
        whole = str_copy(path);
    else if (getcwd(folder, sizeof(folder)))
        whole = str_format("%s/%s", folder, path);
    else
        complain("cannot tell the working directory: %s", strerror(errno));
    for (size_t length = strlen(whole); length > 1 && whole[length - 1] == '/';)
        whole[--length] = '\0';
    return whole;
}

/* Options without a value. True when it was one. */
static bool
read_word(const char *option, SettingsRequest *request)
{
    if (!strcmp(option, "help") || !strcmp(option, "h")) {
        print_help();
        exit(0);
    }
    if (!strcmp(option, "version")) {
        puts("casementd " CASEMENT_VERSION " for PostgreSQL " PG_MAJOR);
        exit(0);
    }
    if (!strcmp(option, "list-steps"))
        *request = SETTINGS_LIST_STEPS;
    else if (!strcmp(option, "list-operations"))
        *request = SETTINGS_LIST_OPERATIONS;
    else if (!strcmp(option, "reset-admin"))
        *request = SETTINGS_RESET_ADMIN;
    else
        return false;
    return true;
}

static SettingsRequest
read_arguments(int argc, char **argv)
{
    SettingsRequest request = SETTINGS_SERVE;

    for (int i = 1; i < argc; i++) {
        const char *option = argv[i];

        if (*option != '-')
            complain("%s is no option; --help shows them", option);
        option += strspn(option, "-");
        if (read_word(option, &request))
            continue;
        size_t length = strcspn(option, "=");
        const char *value = option[length] == '=' ? option + length + 1 : argv[++i];
        if (!value)
            complain("--%s wants a value", option);
        int id = find_setting(option, length);
        if (id >= 0) {
            set(id, value, "command line");
        } else if (length == 4 && strncmp(option, "data", 4) == 0) {
            free(data_directory);
            data_directory = absolute(value);
        } else {
            complain("there is no option --%.*s; --help shows them", (int) length, option);
        }
    }
    return request;
}

static char *
trimmed(char *text)
{
    text += strspn(text, " \t");
    for (size_t length = strlen(text); length > 0 && strchr(" \t\r\n", text[length - 1]);)
        text[--length] = '\0';
    return text;
}

static void
read_file(const char *path)
{
    char line[1024];
    FILE *file = fopen(path, "re");

    for (int number = 1; file && fgets(line, sizeof(line), file); number++) {
        char *key = trimmed(line), *equals = strchr(key, '=');
        AUTO_FREE char *place = str_format("%s line %d", path, number);

        if (*key == '\0' || *key == '#')
            continue;
        if (!equals)
            complain("%s: expected name = value", place);
        *equals = '\0';
        key = trimmed(key);
        int id = find_setting(key, strlen(key));
        if (id < 0)
            complain("%s: there is no setting %s", place, key);
        set(id, trimmed(equals + 1), place);
    }
    if (file)
        fclose(file);
}

static void
check_together(void)
{
    bool certificate = *values[SETTING_CERTIFICATE], key = *values[SETTING_PRIVATE_KEY];

    if (certificate != key)
        complain("certificate and private-key are a pair: give both or none");
}

/* As a client on another machine, or on this one, would write it. */
static void
make_endpoint(void)
{
    const char *listen = values[SETTING_LISTEN];
    char host[256];

    if (*values[SETTING_ENDPOINT]) {
        endpoint = str_copy(values[SETTING_ENDPOINT]);
        for (size_t length = strlen(endpoint); length > 8 && endpoint[length - 1] == '/';)
            endpoint[--length] = '\0';
        return;
    }
    if (!strcmp(listen, "0.0.0.0") || !strcmp(listen, "::") || !strcmp(listen, "*")) {
        if (gethostname(host, sizeof(host)) != 0)
            snprintf(host, sizeof(host), "localhost");
        host[sizeof(host) - 1] = '\0';
    } else {
        snprintf(host, sizeof(host), strchr(listen, ':') ? "[%s]" : "%s", listen);
    }
    endpoint = str_format("https://%s:%s", host, values[SETTING_PORT]);
}

SettingsRequest
settings_read(int argc, char **argv)
{
    for (int i = 0; i < SETTING_COUNT; i++)
        values[i] = str_copy(table[i].standard);
    /* Twice: once to learn --data, then to let options win over the file. */
    read_arguments(argc, argv);
    if (!data_directory)
        data_directory = default_data();
    AUTO_FREE char *path = settings_path("casementd.conf");
    read_file(path);
    SettingsRequest request = read_arguments(argc, argv);
    check_together();
    make_endpoint();
    return request;
}

const char *
settings_data(void)
{
    return data_directory ? data_directory : "";
}

char *
settings_path(const char *name)
{
    return str_format("%s/%s", settings_data(), name);
}

const char *
setting_text(SettingId id)
{
    return values[id] ? values[id] : table[id].standard;
}

int
setting_number(SettingId id)
{
    return (int) strtol(setting_text(id), NULL, 10);
}

bool
setting_flag(SettingId id)
{
    return strcmp(setting_text(id), "yes") == 0;
}

const char *
settings_endpoint(void)
{
    return endpoint ? endpoint : "";
}

void
settings_write_file(void)
{
    AUTO_FREE char *path = settings_path("casementd.conf");
    FILE *file = fopen(path, "wxe");

    if (!file)
        return;
    fputs("# Settings of casementd. Remove the # of a line to change it; options of the command\n"
          "# line win over this file.\n",
          file);
    for (int i = 0; i < SETTING_COUNT; i++)
        fprintf(file, "\n# %s\n#%s = %s\n", table[i].help, table[i].name, table[i].standard);
    fclose(file);
}
