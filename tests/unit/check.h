/*
 * The least that unit tests of the pure layers need. A test is a function named for the behaviour
 * it holds; RUN prints one result line for it, and check_done() the counts.
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

typedef struct CheckState {
    int passed, failed;
    bool ok;           /* of the test that runs now */
    char reason[1200]; /* its first failure */
} CheckState;

static CheckState check_state;

#define CHECK_FAIL(...)                                                                            \
    do {                                                                                           \
        if (check_state.ok)                                                                        \
            snprintf(check_state.reason, sizeof(check_state.reason), __VA_ARGS__);                 \
        check_state.ok = false;                                                                    \
    } while (0)

/* The test goes on after a failure; only the first reason is shown. */
#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition))                                                                          \
            CHECK_FAIL("%s:%d: %s", __FILE__, __LINE__, #condition);                               \
    } while (0)

#define CHECK_INT(actual, expected)                                                                \
    do {                                                                                           \
        long long check_a = (long long) (actual), check_e = (long long) (expected);                \
        if (check_a != check_e)                                                                    \
            CHECK_FAIL("%s:%d: %s is %lld, not %lld", __FILE__, __LINE__, #actual, check_a,        \
                       check_e);                                                                   \
    } while (0)

#define CHECK_STR(actual, expected)                                                                \
    do {                                                                                           \
        const char *check_a = (actual), *check_e = (expected);                                     \
        if (check_a == NULL || strcmp(check_a, check_e) != 0)                                      \
            CHECK_FAIL("%s:%d: %s is <%.400s>, not <%.400s>", __FILE__, __LINE__, #actual,         \
                       check_a ? check_a : "(null)", check_e);                                     \
    } while (0)

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
