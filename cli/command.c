/*
 * command.c: finds the command of a command line in the table, parses what it takes, writes its
 * help. See command.h.
 */
#include "command.h"

#include "base/memory.h"
#include "handlers.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

const Command commands[] = {
#define COMMAND(noun, verb, handler, positionals, options, summary)                                \
    {noun, verb, handler, positionals, options, summary},
#include "commands.def"
#undef COMMAND
};
const int command_count = sizeof(commands) / sizeof(commands[0]);

#define COMMON_OPTIONS                                                                             \
    "output=FORMAT table or json\n"                                                                \
    "wait wait until the change is done, with its progress\n"                                      \
    "quiet say nothing but errors\n"                                                               \
    "yes do not ask before something is destroyed\n"                                               \
    "help this text"

/* Calls back for each option line of a text: its name, argument (or NULL), whether required, help.
 */
typedef bool (*OptionVisit)(
    void *context, const char *name, const char *argument, bool required, const char *help);

static bool
each_option(const char *lines, OptionVisit visit, void *context)
{
    while (*lines) {
        size_t length = strcspn(lines, "\n");
        AUTO_FREE char *line = str_copy_n(lines, length);
        char *help = line + strcspn(line, " ");
        bool required = false;

        if (*help)
            *help++ = '\0';
        char *argument = strchr(line, '=');
        if (argument) {
            *argument++ = '\0';
            size_t size = strlen(argument);
            required = size > 0 && argument[size - 1] == '!';
            if (required)
                argument[size - 1] = '\0';
        }
        if (visit(context, line, argument, required, help))
            return true;
        lines += length + (lines[length] == '\n');
    }
    return false;
}

typedef struct Wanted {
    const char *name;
    size_t length;
    bool takes_value;
} Wanted;

static bool
is_wanted(void *context, const char *name, const char *argument, bool required, const char *help)
{
    Wanted *wanted = context;

    if (strlen(name) != wanted->length || strncmp(name, wanted->name, wanted->length) != 0)
        return false;
    wanted->takes_value = argument != NULL;
    return true;
}

static void __attribute__((noreturn, format(printf, 2, 3)))
wrong_usage(const Command *command, const char *format, ...)
{
    va_list arguments;

    fprintf(stderr, "casement %s %s: ", command->noun, command->verb);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fprintf(stderr, "\nTry casement %s %s --help\n", command->noun, command->verb);
    exit(EXIT_USAGE);
}

static void
take_option(Invocation *invocation, const char *name, const char *value)
{
    if (strcmp(name, "wait") == 0) {
        invocation->wait = true;
    } else if (strcmp(name, "quiet") == 0) {
        invocation->quiet = true;
    } else if (strcmp(name, "yes") == 0) {
        invocation->yes = true;
    } else if (strcmp(name, "output") == 0) {
        if (strcmp(value, "json") != 0 && strcmp(value, "table") != 0)
            wrong_usage(invocation->command, "--output is table or json, not \"%s\"", value);
        invocation->json = strcmp(value, "json") == 0;
    } else {
        if (invocation->option_count == COMMAND_VALUES)
            wrong_usage(invocation->command, "there are too many options");
        invocation->options[invocation->option_count].name = name;
        invocation->options[invocation->option_count++].value = value;
    }
}

/* --name value, --name=value, --switch; returns how many words it took. */
static int
parse_option(Invocation *invocation, int argc, char **argv)
{
    Wanted wanted = {.name = argv[0] + 2, .length = strcspn(argv[0] + 2, "=")};
    char *equals = strchr(argv[0], '=');

    if (!each_option(invocation->command->options, is_wanted, &wanted) &&
        !each_option(COMMON_OPTIONS, is_wanted, &wanted))
        wrong_usage(invocation->command, "there is no option %s", argv[0]);
    if (wanted.length == 4 && strncmp(wanted.name, "help", 4) == 0) {
        command_help(invocation->command);
        exit(EXIT_FINE);
    }
    if (!wanted.takes_value) {
        if (equals)
            wrong_usage(invocation->command, "%s takes no value", argv[0]);
        take_option(invocation, wanted.name, "");
        return 1;
    }
    if (equals) {
        *equals = '\0';
        take_option(invocation, wanted.name, equals + 1);
        return 1;
    }
    if (argc < 2)
        wrong_usage(invocation->command, "%s needs a value", argv[0]);
    take_option(invocation, wanted.name, argv[1]);
    return 2;
}

/* Required positionals, and all of them. */
static void
count_positionals(const Command *command, int *least, int *most)
{
    *least = *most = 0;
    for (const char *at = command->positionals; *at;) {
        at += strspn(at, " ");
        if (!*at)
            break;
        *least += *at != '[';
        ++*most;
        at += strcspn(at, " ");
    }
}

static bool
is_missing(void *context, const char *name, const char *argument, bool required, const char *help)
{
    Invocation *invocation = context;

    if (required && !option_given(invocation, name))
        wrong_usage(invocation->command, "--%s %s is needed: %s", name, argument, help);
    return false;
}

static int
run(const Command *command, int argc, char **argv)
{
    Invocation invocation = {.command = command};
    int least, most;
    bool only_words = false;

    count_positionals(command, &least, &most);
    for (int at = 0; at < argc;) {
        if (!only_words && strcmp(argv[at], "--") == 0) {
            only_words = true;
            at++;
        } else if (!only_words && (!strcmp(argv[at], "-h") || !strcmp(argv[at], "--help"))) {
            command_help(command);
            return EXIT_FINE;
        } else if (!only_words && strncmp(argv[at], "--", 2) == 0) {
            at += parse_option(&invocation, argc - at, argv + at);
        } else {
            if (invocation.positional_count == most)
                wrong_usage(command, "\"%s\" is one word too many", argv[at]);
            invocation.positionals[invocation.positional_count++] = argv[at++];
        }
    }
    if (invocation.positional_count < least)
        wrong_usage(command, "it needs %s", command->positionals);
    each_option(command->options, is_missing, &invocation);
    return command->run(&invocation);
}

int
command_run(int argc, char **argv)
{
    bool noun_known = false;

    if (argc < 1)
        return -1;
    for (int i = 0; i < command_count; i++) {
        const Command *command = &commands[i];

        if (strcmp(command->noun, argv[0]) != 0)
            continue;
        if (command->verb[0] == '\0')
            return run(command, argc - 1, argv + 1);
        noun_known = true;
        if (argc > 1 && strcmp(command->verb, argv[1]) == 0)
            return run(command, argc - 2, argv + 2);
    }
    if (!noun_known)
        return -1;
    if (argc > 1 && strcmp(argv[1], "--help") != 0 && strcmp(argv[1], "-h") != 0) {
        fprintf(stderr, "casement %s: there is no \"%s\"\n\n", argv[0], argv[1]);
        command_help_noun(argv[0]);
        return EXIT_USAGE;
    }
    command_help_noun(argv[0]);
    return argc > 1 ? EXIT_FINE : EXIT_USAGE;
}

const char *
option_nth(const Invocation *invocation, const char *name, int n)
{
    for (int i = 0; i < invocation->option_count; i++) {
        size_t length = strcspn(invocation->options[i].name, "=");
        if (strlen(name) == length && strncmp(invocation->options[i].name, name, length) == 0 &&
            n-- == 0)
            return invocation->options[i].value;
    }
    return NULL;
}

const char *
option_text(const Invocation *invocation, const char *name, const char *fallback)
{
    const char *last = NULL, *value;

    for (int n = 0; (value = option_nth(invocation, name, n)) != NULL; n++)
        last = value;
    return last ? last : fallback;
}

bool
option_given(const Invocation *invocation, const char *name)
{
    return option_nth(invocation, name, 0) != NULL;
}

long
option_number(const Invocation *invocation, const char *name, long fallback, long low, long high)
{
    const char *text = option_text(invocation, name, NULL);
    char *end = NULL;

    if (!text)
        return fallback;
    errno = 0;
    long number = strtol(text, &end, 10);
    if (errno || end == text || *end || number < low || number > high)
        wrong_usage(invocation->command, "--%s is a number, %ld to %ld; it is \"%s\"", name, low,
                    high, text);
    return number;
}

const char *
positional(const Invocation *invocation, int n)
{
    return n < invocation->positional_count ? invocation->positionals[n] : NULL;
}

void
confirm(const Invocation *invocation, const char *format, ...)
{
    va_list arguments;
    char answer[16] = "";

    if (invocation->yes)
        return;
    if (!isatty(0)) {
        fprintf(stderr, "casement: this destroys something; without a terminal it needs --yes\n");
        exit(EXIT_USAGE);
    }
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fprintf(stderr, " [y/N] ");
    if (!fgets(answer, sizeof(answer), stdin) || tolower((unsigned char) answer[0]) != 'y')
        exit(EXIT_REFUSED);
}

static bool
print_option(void *context, const char *name, const char *argument, bool required, const char *help)
{
    AUTO_FREE char *left =
        argument ? str_format("--%s %s", name, argument) : str_format("--%s", name);

    printf("  %-26s %s%s\n", left, help, required ? " (needed)" : "");
    return false;
}

void
command_help(const Command *command)
{
    printf("casement %s%s%s: %s\n\nUsage: casement %s%s%s%s%s [option...]\n\n", command->noun,
           command->verb[0] ? " " : "", command->verb, command->summary, command->noun,
           command->verb[0] ? " " : "", command->verb, command->positionals[0] ? " " : "",
           command->positionals);
    each_option(command->options, print_option, NULL);
    if (command->options[0])
        printf("\n");
    each_option(COMMON_OPTIONS, print_option, NULL);
}

void
command_help_noun(const char *noun)
{
    printf("casement %s VERB\n\n", noun);
    for (int i = 0; i < command_count; i++)
        if (strcmp(commands[i].noun, noun) == 0) {
            AUTO_FREE char *left = str_format("%s %s", commands[i].verb, commands[i].positionals);
            printf("  %-38s %s\n", left, commands[i].summary);
        }
    printf("\ncasement %s VERB --help explains each.\n", noun);
}

void
command_overview(FILE *out)
{
    const char *last = "";

    for (int i = 0; i < command_count; i++) {
        if (commands[i].verb[0] == '\0') {
            AUTO_FREE char *left = str_format("%s %s", commands[i].noun, commands[i].positionals);
            fprintf(out, "  %-22s %s\n", left, commands[i].summary);
        } else if (strcmp(commands[i].noun, last) != 0) {
            fprintf(out, "  %-22s", commands[i].noun);
            for (int j = i; j < command_count && strcmp(commands[j].noun, commands[i].noun) == 0;
                 j++)
                fprintf(out, " %s", commands[j].verb);
            fprintf(out, "\n");
        }
        last = commands[i].noun;
    }
}

static bool
print_word(void *context, const char *name, const char *argument, bool required, const char *help)
{
    printf("--%s ", name);
    return false;
}

/* Bash's programmable completion; zsh reads it by bashcompinit. */
int
command_completion(Invocation *invocation)
{
    const char *last = "";

    printf("# casement completion: eval \"$(casement completion)\"\n_casement() {\n"
           "    local words=\n    case \"${COMP_WORDS[1]} ${COMP_WORDS[2]}\" in\n");
    for (int i = 0; i < command_count; i++) {
        if (commands[i].verb[0])
            printf("    \"%s %s\") words=\"", commands[i].noun, commands[i].verb);
        else
            printf("    \"%s \"*) words=\"", commands[i].noun);
        each_option(commands[i].options, print_word, NULL);
        each_option(COMMON_OPTIONS, print_word, NULL);
        printf("\" ;;\n");
    }
    printf("    esac\n    if [ \"$COMP_CWORD\" = 1 ]; then words=\"serve version help");
    for (int i = 0; i < command_count; i++) {
        if (strcmp(commands[i].noun, last) != 0)
            printf(" %s", commands[i].noun);
        last = commands[i].noun;
    }
    printf("\"\n    elif [ \"$COMP_CWORD\" = 2 ]; then case \"${COMP_WORDS[1]}\" in\n");
    for (int i = 0; i < command_count; i++) {
        if (!commands[i].verb[0] || (i > 0 && strcmp(commands[i].noun, commands[i - 1].noun) == 0))
            continue;
        printf("    %s) words=\"", commands[i].noun);
        for (int j = i; j < command_count && strcmp(commands[j].noun, commands[i].noun) == 0; j++)
            printf("%s ", commands[j].verb);
        printf("\" ;;\n");
    }
    printf("    esac; fi\n    COMPREPLY=($(compgen -W \"$words\" -- "
           "\"${COMP_WORDS[COMP_CWORD]}\"))\n}\n"
           "complete -F _casement casement\n");
    return EXIT_FINE;
}

static bool
print_manual_option(
    void *context, const char *name, const char *argument, bool required, const char *help)
{
    printf(".TP\n\\fB\\-\\-%s\\fR%s%s%s\n%s%s\n", name, argument ? " \\fI" : "",
           argument ? argument : "", argument ? "\\fR" : "", help, required ? " (needed)" : "");
    return false;
}

int
command_manual(Invocation *invocation)
{
    printf(".TH CASEMENT 1 \"\" \"casement " CASEMENT_VERSION "\" \"User Commands\"\n.SH NAME\n"
           "casement \\- SQL Server databases as a service, from the command line\n.SH SYNOPSIS\n"
           "\\fBcasement\\fR \\fINOUN VERB\\fR [\\fIoption\\fR...]\n.SH COMMANDS\n");
    for (int i = 0; i < command_count; i++) {
        printf(".SS casement %s %s %s\n%s.\n", commands[i].noun, commands[i].verb,
               commands[i].positionals, commands[i].summary);
        each_option(commands[i].options, print_manual_option, NULL);
    }
    printf(".SH OPTIONS\nOf every command:\n");
    each_option(COMMON_OPTIONS, print_manual_option, NULL);
    printf(
        ".SH EXIT STATUS\n0 done; 1 the service refused; 2 wrong usage; 3 what was named does not "
        "exist; 4 the service cannot be reached or nobody is logged in; 5 the job that \\-\\-wait "
        "waited for failed.\n.SH FILES\n\\fI~/.config/casement/login.json\\fR (0600): who is "
        "logged "
        "in, written by casement login.\n");
    return EXIT_FINE;
}
