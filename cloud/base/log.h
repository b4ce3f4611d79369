/*
 * log.h: the daemon's log, one line an event, on standard error (systemd or the file that
 * casementd was told of takes it from there). Only the top of a call chain logs; libraries return
 * errors. A secret never comes here.
 */
#pragma once

typedef enum LogLevel {
    LOG_ERROR_LEVEL,
    LOG_WARNING_LEVEL,
    LOG_NOTICE_LEVEL,
    LOG_DEBUG_LEVEL
} LogLevel;

void log_open(const char *program, LogLevel least);
void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_notice(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));
