/*
 * main.c: the program `casement`: finds the command and hands over.
 */
#include "serve/console.h"
#include "serve/serve.h"

#include <stdio.h>
#include <string.h>

static void
print_usage(FILE *out)
{
    fputs("Usage: casement COMMAND [option...]\n\n"
          "  serve      run a SQL Server instance on this machine\n"
          "  version    say which version this is\n"
          "  help       this text\n\n"
          "casement serve --help explains every option.\n",
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
    print_usage(stderr);
    return 2;
}
