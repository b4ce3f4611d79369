/*
 * main.c: the program `casement`: finds the command and hands over.
 */
#include "command.h"
#include "serve/console.h"
#include "serve/serve.h"

#include <locale.h>
#include <stdio.h>
#include <string.h>

static void
print_usage(FILE *out)
{
    fputs("Usage: casement NOUN [VERB] [option...]\n\n"
          "  serve                  run a SQL Server instance on this machine, without the cloud\n",
          out);
    command_overview(out);
    fputs("  version                say which version this is\n\n"
          "casement NOUN --help lists a noun's verbs, casement NOUN VERB --help explains one.\n",
          out);
}

int
main(int argc, char **argv)
{
    const char *command = argc > 1 ? argv[1] : "";

    if (!strcmp(command, "serve"))
        return serve(argc - 2, argv + 2);
    if (!strcmp(command, "version") || !strcmp(command, "--version")) {
        say("casement " CASEMENT_VERSION " for PostgreSQL " PG_MAJOR);
        return 0;
    }
    if (!strcmp(command, "help") || !strcmp(command, "--help") || !strcmp(command, "-h")) {
        print_usage(stdout);
        return 0;
    }
    setlocale(LC_ALL, "");
    int status = command_run(argc - 1, argv + 1);
    if (status >= 0)
        return status;
    if (*command)
        fprintf(stderr, "casement: there is no command \"%s\"\n\n", command);
    print_usage(stderr);
    return 2;
}
