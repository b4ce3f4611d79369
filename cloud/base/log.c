/*
 * log.c: one line an event on standard error; see log.h.
 */
#include "base/log.h"

#include "base/moment.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINE_SIZE 4096

static const char *log_program = "casementd";
static LogLevel log_least = LOG_NOTICE_LEVEL;
static int log_to_journal = 0; /* which stamps lines itself and reads the level from "<N>" */

static const struct {
    const char *word;
    int priority; /* of syslog */
} levels[] = {{"error", 3}, {"warning", 4}, {"notice", 5}, {"debug", 7}};

void
log_open(const char *program, LogLevel least)
{
    log_program = program;
    log_least = least;
    log_to_journal = getenv("JOURNAL_STREAM") && !isatty(STDERR_FILENO);
}

/* A line holds what one event says and nothing that could pass for another: control bytes go. */
static void
flatten(char *text)
{
    for (unsigned char *at = (unsigned char *) text; *at; at++)
        if (*at < ' ' || *at == 127)
            *at = ' ';
}

static void
write_line(LogLevel level, const char *format, va_list arguments)
{
    char line[LINE_SIZE], stamp[MOMENT_TEXT];
    int saved = errno, length;

    if (level > log_least)
        return;
    if (log_to_journal) {
        length = snprintf(line, sizeof(line), "<%d>", levels[level].priority);
    } else {
        moment_iso(moment_now(), stamp);
        length = snprintf(line, sizeof(line), "%s %s[%d] %s: ", stamp, log_program, (int) getpid(),
                          levels[level].word);
    }
    int start = length;
    vsnprintf(line + start, sizeof(line) - (size_t) start - 1, format, arguments);
    flatten(line + start);
    length = (int) strlen(line);
    line[length++] = '\n';
    /* One write, so that lines of several threads do not mix. */
    while (write(STDERR_FILENO, line, (size_t) length) < 0 && errno == EINTR)
        continue;
    errno = saved;
}

#define LOG_FUNCTION(name, level)                                                                  \
    void name(const char *format, ...)                                                             \
    {                                                                                              \
        va_list arguments;                                                                         \
        va_start(arguments, format);                                                               \
        write_line(level, format, arguments);                                                      \
        va_end(arguments);                                                                         \
    }

LOG_FUNCTION(log_error, LOG_ERROR_LEVEL)
LOG_FUNCTION(log_warning, LOG_WARNING_LEVEL)
LOG_FUNCTION(log_notice, LOG_NOTICE_LEVEL)
LOG_FUNCTION(log_debug, LOG_DEBUG_LEVEL)
