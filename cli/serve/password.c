/*
 * password.c: the password of the login sa, made at the first start; see password.h.
 */
#include "password.h"

#include "console.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/random.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static bool
has_one_of(const char *password, const char *first, size_t count)
{
    for (; *password; password++)
        if (memchr(first, *password, count))
            return true;
    return false;
}

void
password_generate(char password[PASSWORD_SIZE])
{
    unsigned char random[PASSWORD_SIZE - 1];

    do {
        size_t have = 0;
        while (have < sizeof(random)) {
            ssize_t got = getrandom(random + have, sizeof(random) - have, 0);
            if (got < 0 && errno != EINTR)
                fail("no random numbers: %s", strerror(errno));
            have += got > 0 ? (size_t) got : 0;
        }
        for (size_t i = 0; i < sizeof(random); i++)
            password[i] = alphabet[random[i] % 64]; /* 64 characters: no bias */
        password[sizeof(random)] = '\0';
        /* It must not begin with '-', which a shell command would take for an option. */
    } while (password[0] == '-' || !has_one_of(password, alphabet, 26) ||
             !has_one_of(password, alphabet + 26, 26) || !has_one_of(password, alphabet + 52, 10) ||
             !has_one_of(password, alphabet + 62, 2));
    explicit_bzero(random, sizeof(random));
}
