/*
 * signin.c: see signin.h. Whether the user exists, is disabled or has no password can be told
 * neither from the answer nor from its time: a hash is computed in any case.
 */
#include "iam/signin.h"

#include "crypto/master_key.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <pthread.h>
#include <string.h>
#include <strings.h>

#define ADDRESSES                                                                                  \
    4096 /* a table of fixed size: collisions share a count, which only blocks sooner */

typedef struct AddressFailures {
    Moment since;
    int count;
} AddressFailures;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static AddressFailures addresses[ADDRESSES];
static const unsigned char mapped_ipv4[12] = {[10] = 0xff, [11] = 0xff};

/* An IPv6 address counts by its network of 64 bits: who has one such address has them all. */
static AddressFailures *
failures_of(const char *peer)
{
    unsigned char hash[32], address[16];

    if (inet_pton(AF_INET6, peer, address) == 1 && memcmp(address, mapped_ipv4, 12) != 0)
        sha256(address, 8, hash);
    else
        sha256(peer, strlen(peer), hash);
    return &addresses[((unsigned) hash[0] << 8 | hash[1]) % ADDRESSES];
}

static bool
address_blocked(const char *peer)
{
    AddressFailures *failures = failures_of(peer);
    bool blocked;

    pthread_mutex_lock(&lock);
    if (moment_now() - failures->since > SIGNIN_ADDRESS_SECONDS * MOMENT_SECOND)
        failures->count = 0;
    blocked = failures->count >= SIGNIN_ADDRESS_FAILURES;
    pthread_mutex_unlock(&lock);
    return blocked;
}

static void
count_address(const char *peer)
{
    AddressFailures *failures = failures_of(peer);

    pthread_mutex_lock(&lock);
    if (failures->count++ == 0)
        failures->since = moment_now();
    pthread_mutex_unlock(&lock);
}

/* What failures are counted by. The names are hashed: what people type into a user field is
 * sometimes their password. */
static void
subject_of(const char *domain, const char *name, char subject[65])
{
    AUTO_WIPE char *text = str_format("%s\n%s", domain, name);
    unsigned char hash[32];

    for (char *at = text; *at != '\0'; at++)
        *at = (char) tolower((unsigned char) *at);
    sha256(text, strlen(text), hash);
    hex_text(hash, 32, subject);
}

static bool
name_locked(StoreConn *store, const char *subject)
{
    AUTO_FREE char *locked = store_value(
        store, "SELECT 1 FROM iam_failed_login WHERE subject = $1 AND locked_until > now()", "s",
        subject);

    return locked != NULL;
}

static void
count_name(StoreConn *store, const char *subject)
{
    store_run(store,
              "INSERT INTO iam_failed_login AS f (subject, failures) VALUES ($1, 1)"
              " ON CONFLICT (subject) DO UPDATE SET"
              " failures = CASE WHEN f.since < now() - make_interval(secs => $3)"
              "  THEN 1 ELSE f.failures + 1 END,"
              " since = CASE WHEN f.since < now() - make_interval(secs => $3)"
              "  THEN now() ELSE f.since END,"
              " locked_until = CASE WHEN f.since >= now() - make_interval(secs => $3)"
              "  AND f.failures + 1 >= $2 THEN now() + make_interval(secs => $3) END",
              "sii", subject, SIGNIN_FAILURES, SIGNIN_WINDOW_SECONDS);
}

static PGresult *
find_user(
    StoreConn *store, const char *id, const char *domain_id, const char *domain, const char *name)
{
    return store_query(
        store,
        "SELECT u.id, u.password_hash, u.enabled AND d.enabled AS on FROM iam_user u"
        " JOIN iam_domain d ON d.id = u.domain_id"
        " WHERE CASE WHEN $1 <> '' THEN u.id = $1"
        "  ELSE lower(u.name) = lower($4) AND (d.id = $2 OR ($2 = '' AND d.name = $3)) END",
        "ssss", id, domain_id, domain, name);
}

static char *
refuse(ApiRequest *request, const char *subject)
{
    count_name(request->store, subject);
    count_address(request->peer);
    api_fail(request, API_WRONG_PASSWORD);
    return NULL;
}

static char *
admit(ApiRequest *request, const char *id, const char *subject)
{
    store_run(request->store, "DELETE FROM iam_failed_login WHERE subject = $1", "s", subject);
    store_run(request->store, "UPDATE iam_user SET last_login = now() WHERE id = $1", "s", id);
    return str_copy(id);
}

char *
signin_by_password(ApiRequest *request, const json_t *user)
{
    const json_t *domain = json_object_get(user, "domain");
    const char *id = json_text(user, "id", ""), *name = json_text(user, "name", "");
    const char *domain_id = json_text(domain, "id", ""),
               *domain_name = json_text(domain, "name", "");
    const char *password = json_text(user, "password", NULL);
    char subject[65];
    AUTO_ROWS PGresult *rows = NULL;
    bool matches;

    if (password == NULL ||
        (*id == '\0' && (*name == '\0' || (*domain_id == '\0' && *domain_name == '\0')))) {
        api_fail(request, API_BAD_IDENTITY,
                 "auth.identity.password.user needs password, and id or name with domain");
        return NULL;
    }
    if (address_blocked(request->peer)) {
        api_fail(request, API_THROTTLED, "too many wrong passwords from this address");
        return NULL;
    }
    rows = find_user(request->store, id, domain_id, domain_name, name);
    if (rows == NULL) {
        api_fail_store(request);
        return NULL;
    }
    /* A user has one count however he is named; who does not exist has one too. */
    if (PQntuples(rows) == 1)
        subject_of("", row_text(rows, 0, "id"), subject);
    else
        subject_of(*domain_id != '\0' ? domain_id : domain_name, *id != '\0' ? id : name, subject);
    if (name_locked(request->store, subject)) {
        api_fail(request, API_LOCKED_OUT, SIGNIN_WINDOW_SECONDS / 60);
        return NULL;
    }
    matches =
        password_matches(password, PQntuples(rows) == 1 && !row_is_null(rows, 0, "password_hash")
                                       ? row_text(rows, 0, "password_hash")
                                       : NULL);
    if (!matches || !row_flag(rows, 0, "on"))
        return refuse(request, subject);
    return admit(request, row_text(rows, 0, "id"), subject);
}

static bool
inverted(const char *password, const char *name)
{
    size_t length = strlen(name);

    if (strlen(password) != length)
        return false;
    for (size_t i = 0; i < length; i++)
        if (tolower((unsigned char) password[i]) != tolower((unsigned char) name[length - 1 - i]))
            return false;
    return true;
}

char *
password_problem(const char *password, const char *user_name)
{
    size_t length = strlen(password);
    int upper = 0, lower = 0, digit = 0, special = 0, same = 1;

    if (length < PASSWORD_LEAST || length > PASSWORD_MOST)
        return str_format("the password must have %d to %d characters", PASSWORD_LEAST,
                          PASSWORD_MOST);
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char) password[i];

        if (byte < 32)
            return str_copy("the password must not have control characters");
        upper |= byte < 128 && isupper(byte);
        lower |= byte < 128 && islower(byte);
        digit |= byte < 128 && isdigit(byte);
        special |= byte >= 128 || !isalnum(byte);
        same = i > 0 && password[i - 1] == password[i] ? same + 1 : 1;
        if (same > 3)
            return str_copy(
                "the password must not have a character more than three times in a row");
    }
    if ((upper != 0) + (lower != 0) + (digit != 0) + (special != 0) < 3)
        return str_copy("the password must have three of: upper-case letters, lower-case letters,"
                        " digits, special characters");
    if (*user_name != '\0' &&
        (strcasestr(password, user_name) != NULL || inverted(password, user_name)))
        return str_copy("the password must not contain the user's name, nor be it inverted");
    return NULL;
}

void
signin_clean(StoreConn *store)
{
    store_run(store, "DELETE FROM iam_failed_login WHERE since < now() - interval '1 day'", "");
    store_run(store, "DELETE FROM iam_revoked_token WHERE expires < now()", "");
}
