/*
 * The few macros that unit tests of the pure layers are written with. A test is a function without
 * parameters, named for the behaviour it holds; RUN prints one result line for it, and check_done()
 * the counts. A test goes on after a failure; its first one is the reason shown.
 *
 * The CHECK macros are expressions: true when the check held.
 */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

typedef struct CheckState {
    int passed, failed;
    bool ok;           /* of the test that runs now */
    char reason[1200]; /* its first failure */
} CheckState;

static CheckState check_state;

static inline bool __attribute__((format(printf, 1, 2))) check_failure(const char *format, ...)
{
    if (check_state.ok) {
        va_list arguments;

        va_start(arguments, format);
        vsnprintf(check_state.reason, sizeof(check_state.reason), format, arguments);
        va_end(arguments);
    }
    check_state.ok = false;
    return false;
}

static inline bool
check_condition(bool good, const char *what, const char *file, int line)
{
    return good || check_failure("%s:%d: %s", file, line, what);
}

static inline bool
check_int(long long actual, long long expected, const char *what, const char *file, int line)
{
    return actual == expected ||
           check_failure("%s:%d: %s is %lld, not %lld", file, line, what, actual, expected);
}

static inline bool
check_str(const char *actual, const char *expected, const char *what, const char *file, int line)
{
    if (actual != NULL && strcmp(actual, expected) == 0)
        return true;
    return check_failure("%s:%d: %s is <%.400s>, not <%.400s>", file, line, what,
                         actual != NULL ? actual : "(null)", expected);
}

static inline bool
check_bytes(const void *actual,
            size_t actual_length,
            const void *expected,
            size_t expected_length,
            const char *what,
            const char *file,
            int line)
{
    const uint8_t *a = actual;
    const uint8_t *e = expected;
    size_t i = 0;

    while (i < actual_length && i < expected_length && a[i] == e[i])
        i++;
    if (i == actual_length && i == expected_length)
        return true;
    return check_failure("%s:%d: %s differs at byte %zu: %02x of %zu bytes, not %02x of %zu", file,
                         line, what, i, i < actual_length ? (unsigned) a[i] : 0u, actual_length,
                         i < expected_length ? (unsigned) e[i] : 0u, expected_length);
}

#define CHECK_FAIL(...) check_failure(__VA_ARGS__)
#define CHECK(condition) check_condition((condition), #condition, __FILE__, __LINE__)
#define CHECK_INT(actual, expected)                                                                \
    check_int((long long) (actual), (long long) (expected), #actual, __FILE__, __LINE__)
#define CHECK_STR(actual, expected) check_str(actual, expected, #actual, __FILE__, __LINE__)
#define CHECK_BYTES(actual, actual_length, expected, expected_length)                              \
    check_bytes(actual, actual_length, expected, expected_length, #actual, __FILE__, __LINE__)

static inline void
check_report(const char *name)
{
    if (check_state.ok) {
        check_state.passed++;
        printf("ok %s\n", name);
    } else {
        check_state.failed++;
        printf("not ok %s: %s\n", name, check_state.reason);
    }
}

#define RUN(test)                                                                                  \
    do {                                                                                           \
        check_state.ok = true;                                                                     \
        test();                                                                                    \
        check_report(#test);                                                                       \
    } while (0)

/* Prints the counts; the program's exit status. */
static inline int
check_done(void)
{
    printf("%d passed, %d failed\n", check_state.passed, check_state.failed);
    return check_state.failed > 0;
}
