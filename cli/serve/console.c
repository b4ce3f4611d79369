/*
 * console.c: lines for the person at the terminal. Called by every step of `casement serve`.
 */
#include "console.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static void
print_line(FILE *out, const char *prefix, const char *format, va_list args)
{
    fputs(prefix, out);
    vfprintf(out, format, args);
    fputc('\n', out);
    fflush(out);
}

void
say(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    print_line(stdout, "", format, args);
    va_end(args);
}

void
warn(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    print_line(stderr, "casement: ", format, args);
    va_end(args);
}

void
fail(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    print_line(stderr, "casement: ", format, args);
    va_end(args);
    exit(1);
}

void
fail_usage(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    print_line(stderr, "casement: ", format, args);
    va_end(args);
    exit(2);
}

double
seconds_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double) now.tv_sec + (double) now.tv_nsec / 1e9;
}
