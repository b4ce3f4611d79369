/*
 * random_id.c: identifiers, keys and passwords from OpenSSL's random generator. Letters are drawn
 * without bias: a byte beyond the largest multiple of the alphabet is drawn again.
 */
#include "crypto/random_id.h"

#include "base/memory.h"
#include "crypto/master_key.h"

#include <openssl/rand.h>
#include <string.h>

#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"
/* Special characters that no shell, connection string or URL takes for its own. */
#define SPECIAL "!@%-_+~"

static unsigned
draw(unsigned below)
{
    unsigned char byte;
    unsigned limit = 256 - 256 % below;

    do {
        if (RAND_bytes(&byte, 1) != 1)
            abort();
    } while (byte >= limit);
    return byte % below;
}

static char *
draw_text(const char *alphabet, size_t length)
{
    char *text = mem_new(length + 1, 1);
    unsigned letters = (unsigned) strlen(alphabet);

    for (size_t i = 0; i < length; i++)
        text[i] = alphabet[draw(letters)];
    return text;
}

void
id_new(char id[ID_SIZE], const char *suffix)
{
    unsigned char bytes[16];
    size_t length = suffix != NULL ? strlen(suffix) : 0;

    if (RAND_bytes(bytes, sizeof(bytes)) != 1 || length > ID_SIZE - 33)
        abort();
    hex_text(bytes, sizeof(bytes), id);
    if (length > 0)
        memcpy(id + 32, suffix, length);
    id[32 + length] = '\0';
}

char *
random_access_key(void)
{
    return draw_text(UPPER DIGITS, 20);
}

char *
random_secret_key(void)
{
    return draw_text(UPPER LOWER DIGITS, 40);
}

char *
random_password(size_t length)
{
    static const char *const kinds[] = {UPPER, LOWER, DIGITS, SPECIAL};
    char *password = draw_text(UPPER LOWER DIGITS SPECIAL, length);

    /* One of each kind, at places of their own, so that every password policy is met. It begins
     * with a letter: some clients take a leading '-' or '@' for something else. */
    for (size_t i = 0; i < 4 && i < length; i++)
        password[i] = kinds[i][draw((unsigned) strlen(kinds[i]))];
    for (size_t i = length; i > 2; i--) {
        size_t other = 1 + draw((unsigned) (i - 1 > 255 ? 255 : i - 1));
        char kept = password[i - 1];

        password[i - 1] = password[other];
        password[other] = kept;
    }
    return password;
}
