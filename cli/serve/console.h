/*
 * console.h: what the program tells the person who started it.
 *
 * Progress and the ready line go to standard output, failures to standard error. Only this module
 * ends the program on a failure; what runs below it is stopped by the kernel's parent-death signal.
 */
#pragma once

/* One line of progress. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* One line about something that was put right or needs attention but does not stop the program. */
void warn(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Says what failed and exits 1. */
void fail(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

/* Says what was asked for wrongly and exits 2. */
void fail_usage(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

/* Seconds since some fixed moment, by the monotonic clock. */
double seconds_now(void);
