/*
 * command.h: a command of `casement` is one row of commands.def: noun, verb, what it takes, what it
 * does. Parsing, --help, the completion of shells and the man pages follow from it.
 *
 * COMMAND(noun, verb, handler, positionals, options, summary)
 *   positionals  "INSTANCE [DATABASE]": names shown in help; those in brackets may be left out
 *   options      lines "name=ARG! text" (a value; '!' makes it required) or "name text" (a switch)
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#define COMMAND_VALUES 40

typedef struct Invocation Invocation;

typedef struct Command {
    const char *noun, *verb;
    int (*run)(Invocation *invocation);
    const char *positionals, *options, *summary;
} Command;

/* Exit statuses, part of the interface. */
enum {
    EXIT_FINE = 0,
    EXIT_REFUSED = 1,     /* the service said no */
    EXIT_USAGE = 2,       /* the command line is wrong */
    EXIT_MISSING = 3,     /* what was named does not exist */
    EXIT_UNREACHABLE = 4, /* no connection, or nobody is logged in */
    EXIT_JOB_FAILED = 5   /* the job that --wait waited for */
};

/* A command line, parsed. Texts are argv's. */
struct Invocation {
    const Command *command;
    const char *positionals[8];
    int positional_count;
    struct {
        const char *name, *value; /* value: "" of a switch */
    } options[COMMAND_VALUES];
    int option_count;
    bool json, wait, quiet, yes;
};

extern const Command commands[];
extern const int command_count;

/* Runs `casement NOUN VERB ...`; -1 where there is no such noun. */
int command_run(int argc, char **argv);

/* The option's value, or fallback; of an option given several times the last. */
const char *option_text(const Invocation *invocation, const char *name, const char *fallback);
bool option_given(const Invocation *invocation, const char *name);
/* A number within bounds; exits 2 with a line that says which where it is none. */
long
option_number(const Invocation *invocation, const char *name, long fallback, long low, long high);
/* The nth value of a repeated option, or NULL. */
const char *option_nth(const Invocation *invocation, const char *name, int n);
/* The positional, or NULL. */
const char *positional(const Invocation *invocation, int n);

/* Asks "... [y/N]" unless --yes; exits 1 on no. Without a terminal it needs --yes. */
void confirm(const Invocation *invocation, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Generated texts. */
void command_help(const Command *command);
void command_help_noun(const char *noun);
void command_overview(FILE *out);
int command_completion(Invocation *invocation);
int command_manual(Invocation *invocation);
