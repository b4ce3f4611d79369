/*
 * signature.c: reads Authorization headers, writes canonical requests, compares signatures. Stands
 * at the beginning of authenticate.c; every byte here comes from outside.
 */
#include "iam/signature.h"

#include "crypto/master_key.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define ALGORITHM "SDK-HMAC-SHA256"
#define MOST_PAIRS 512

bool
signature_recognised(const char *authorization)
{
    return strncasecmp(authorization, ALGORITHM " ", strlen(ALGORITHM) + 1) == 0;
}

/* --- the header ------------------------------------------------------------------------------ */

/* Copies [from, to) where it fits and has only letters, digits, '-' and '_'. */
static bool
take_word(const char *from, const char *to, char *out, size_t room)
{
    size_t length = (size_t) (to - from);

    if (length >= room)
        return false;
    for (size_t i = 0; i < length; i++)
        if (!isalnum((unsigned char) from[i]) && from[i] != '-' && from[i] != '_')
            return false;
    memcpy(out, from, length);
    out[length] = '\0';
    return true;
}

/* AK/DAY/REGION/SERVICE/sdk_request */
static bool
take_credential(const char *from, const char *to, Signature *signature)
{
    const struct {
        char *out;
        size_t room;
    } parts[] = {
        {signature->access, sizeof(signature->access)},
        {signature->day, sizeof(signature->day)},
        {signature->region, sizeof(signature->region)},
        {signature->service, sizeof(signature->service)},
    };

    for (int i = 0; i < 4; i++) {
        const char *slash = memchr(from, '/', (size_t) (to - from));

        if (slash == NULL || !take_word(from, slash, parts[i].out, parts[i].room))
            return false;
        from = slash + 1;
    }
    signature->derived = true;
    return to - from == 11 && memcmp(from, "sdk_request", 11) == 0;
}

static bool
take_names(const char *from, const char *to, Signature *signature)
{
    char *rest, *name;

    if (from == to)
        return false;
    signature->list = str_copy_n(from, (size_t) (to - from));
    signature->list_parts = str_copy(signature->list);
    rest = signature->list_parts;
    while ((name = strsep(&rest, ";")) != NULL) {
        if (signature->name_count == SIGNATURE_NAMES || *name == '\0')
            return false;
        for (const char *at = name; *at != '\0'; at++)
            if (isupper((unsigned char) *at) || *at <= ' ' || *at == ':')
                return false;
        signature->names[signature->name_count++] = name;
    }
    return true;
}

static bool
take_signature(const char *from, const char *to, Signature *signature)
{
    if (to - from != 64)
        return false;
    for (int i = 0; i < 64; i++) {
        if (!isxdigit((unsigned char) from[i]))
            return false;
        signature->sent[i] = (char) tolower((unsigned char) from[i]);
    }
    return true;
}

static const char *
take_part(const char *from, const char *to, Signature *signature)
{
    const char *equals = memchr(from, '=', (size_t) (to - from));
    size_t name = equals != NULL ? (size_t) (equals - from) : 0;

    if (name == 6 && memcmp(from, "Access", 6) == 0)
        return take_word(equals + 1, to, signature->access, sizeof(signature->access))
                   ? NULL
                   : "Access is not an access key";
    if (name == 10 && memcmp(from, "Credential", 10) == 0)
        return take_credential(equals + 1, to, signature)
                   ? NULL
                   : "Credential is not of the form AK/yyyymmdd/region/service/sdk_request";
    if (name == 13 && memcmp(from, "SignedHeaders", 13) == 0) {
        if (signature->list != NULL)
            return "SignedHeaders is given twice";
        return take_names(equals + 1, to, signature)
                   ? NULL
                   : "SignedHeaders is not a list of lower-case names with ';' between them";
    }
    if (name == 9 && memcmp(from, "Signature", 9) == 0)
        return take_signature(equals + 1, to, signature) ? NULL
                                                         : "Signature is not 64 hexadecimal digits";
    return "it has a part that is none of Access, Credential, SignedHeaders and Signature";
}

const char *
signature_read(const char *authorization, Signature *signature)
{
    const char *at = authorization, *problem = NULL;

    memset(signature, 0, sizeof(*signature));
    if (!signature_recognised(at))
        return "the algorithm is not " ALGORITHM;
    at += strlen(ALGORITHM) + 1;
    while (*at != '\0' && problem == NULL) {
        const char *end = strchrnul(at, ','), *last = end;

        while (at < end && isspace((unsigned char) *at))
            at++;
        while (last > at && isspace((unsigned char) last[-1]))
            last--;
        problem = take_part(at, last, signature);
        at = *end == ',' ? end + 1 : end;
    }
    if (problem == NULL && signature->access[0] == '\0')
        problem = "Access is missing";
    if (problem == NULL && signature->list == NULL)
        problem = "SignedHeaders is missing";
    if (problem == NULL && signature->sent[0] == '\0')
        problem = "Signature is missing";
    return problem;
}

void
signature_done(Signature *signature)
{
    free(signature->list);
    free(signature->list_parts);
    memset(signature, 0, sizeof(*signature));
}

/* --- the canonical request ---------------------------------------------------------------------
 */

static int
hex_digit(char letter)
{
    if (letter >= '0' && letter <= '9')
        return letter - '0';
    letter = (char) (letter | 32);
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

/* Decodes %XX; what is no such thing stays. May hold NUL bytes: hence the length. */
static char *
decode(const char *from, const char *to, bool plus_is_space, size_t *length)
{
    char *text = mem_new((size_t) (to - from) + 1, 1);
    size_t made = 0;

    for (; from < to; from++) {
        if (*from == '%' && to - from > 2 && hex_digit(from[1]) >= 0 && hex_digit(from[2]) >= 0) {
            text[made++] = (char) (hex_digit(from[1]) * 16 + hex_digit(from[2]));
            from += 2;
        } else {
            text[made++] = *from == '+' && plus_is_space ? ' ' : *from;
        }
    }
    *length = made;
    return text;
}

static void
encode(Buffer *out, const char *text, size_t length, bool space_is_plus)
{
    static const char digits[] = "0123456789ABCDEF";

    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char) text[i];

        if ((byte < 128 && isalnum(byte)) || byte == '-' || byte == '_' || byte == '.' ||
            byte == '~') {
            buffer_add(out, &text[i], 1);
        } else if (byte == ' ' && space_is_plus) {
            buffer_add(out, "+", 1);
        } else {
            char coded[3] = {'%', digits[byte >> 4], digits[byte & 15]};

            buffer_add(out, coded, 3);
        }
    }
}

static void
add_path(Buffer *out, const char *path)
{
    if (*path != '/')
        buffer_add(out, "/", 1);
    while (*path != '\0') {
        const char *end = strchrnul(path, '/');
        AUTO_FREE char *segment = NULL;
        size_t length;

        segment = decode(path, end, false, &length);
        encode(out, segment, length, false);
        if (*end == '/')
            buffer_add(out, "/", 1);
        path = *end == '/' ? end + 1 : end;
    }
    if (out->text[out->length - 1] != '/')
        buffer_add(out, "/", 1);
}

typedef struct Pair {
    char *key, *value;
    size_t key_length, value_length;
    int place;
} Pair;

static int
compare_bytes(const char *one, size_t one_length, const char *other, size_t other_length)
{
    size_t both = one_length < other_length ? one_length : other_length;
    int order = memcmp(one, other, both);

    return order != 0 ? order : (one_length > other_length) - (one_length < other_length);
}

static int
by_key_and_value(const void *one, const void *other)
{
    const Pair *a = one, *b = other;
    int order = compare_bytes(a->key, a->key_length, b->key, b->key_length);

    return order != 0 ? order : compare_bytes(a->value, a->value_length, b->value, b->value_length);
}

/* The older form sorts without case and keeps the order of a key's values. */
static int
by_key_without_case(const void *one, const void *other)
{
    const Pair *a = one, *b = other;
    int order = strcasecmp(a->key, b->key);

    return order != 0 ? order : a->place - b->place;
}

static int
by_key_and_place(const void *one, const void *other)
{
    const Pair *a = one, *b = other;
    int order = compare_bytes(a->key, a->key_length, b->key, b->key_length);

    return order != 0 ? order : a->place - b->place;
}

static size_t
pairs_at_most(const char *query)
{
    size_t count = 1;

    for (; *query != '\0' && count < MOST_PAIRS; query++)
        count += *query == '&';
    return count;
}

static int
split_query(const char *query, bool plus_is_space, Pair *pairs)
{
    int count = 0;

    while (*query != '\0' && count < MOST_PAIRS) {
        const char *end = strchrnul(query, '&');
        const char *equals = memchr(query, '=', (size_t) (end - query));
        Pair *pair = &pairs[count];

        if (end > query) {
            pair->key =
                decode(query, equals != NULL ? equals : end, plus_is_space, &pair->key_length);
            pair->value =
                decode(equals != NULL ? equals + 1 : end, end, plus_is_space, &pair->value_length);
            pair->place = count++;
        }
        query = *end == '&' ? end + 1 : end;
    }
    return count;
}

typedef enum QueryForm { QUERY_CURRENT, QUERY_DERIVED, QUERY_AS_PAYLOAD } QueryForm;

static void
add_query(Buffer *out, const char *query, QueryForm form, bool plus_is_space)
{
    Pair *pairs = mem_new(pairs_at_most(query), sizeof(*pairs));
    int count = split_query(query, plus_is_space, pairs);
    bool any = false;

    if (count > 0)
        qsort(pairs, (size_t) count, sizeof(*pairs),
              form == QUERY_CURRENT   ? by_key_and_value
              : form == QUERY_DERIVED ? by_key_without_case
                                      : by_key_and_place);
    for (int i = 0; i < count; i++) {
        bool repeated = i > 0 && strcmp(pairs[i].key, pairs[i - 1].key) == 0;

        if (form == QUERY_DERIVED && repeated)
            continue;
        if (any)
            buffer_add(out, "&", 1);
        any = true;
        encode(out, pairs[i].key, pairs[i].key_length, form == QUERY_AS_PAYLOAD);
        buffer_add(out, "=", 1);
        encode(out, pairs[i].value, pairs[i].value_length, form == QUERY_AS_PAYLOAD);
    }
    for (int i = 0; i < count; i++) {
        free(pairs[i].key);
        free(pairs[i].value);
    }
    free(pairs);
}

static const char *
header_of(const ApiRequest *request, const char *name)
{
    for (int i = 0; i < request->header_count; i++)
        if (strcasecmp(request->headers[i].name, name) == 0)
            return request->headers[i].value;
    return NULL;
}

static void
add_header(Buffer *out, const char *name, const char *value, bool collapse)
{
    const char *end;

    buffer_add_text(out, name);
    buffer_add(out, ":", 1);
    while (isspace((unsigned char) *value))
        value++;
    end = value + strlen(value);
    while (end > value && isspace((unsigned char) end[-1]))
        end--;
    if (!collapse) {
        buffer_add(out, value, (size_t) (end - value));
    } else {
        for (const char *at = value; at < end; at++) {
            if (!isspace((unsigned char) *at))
                buffer_add(out, at, 1);
            else if (!isspace((unsigned char) at[1]))
                buffer_add(out, " ", 1);
        }
    }
    buffer_add(out, "\n", 1);
}

static void
add_payload_hash(Buffer *out, const ApiRequest *request, unsigned form)
{
    unsigned char hash[32];
    char text[65];

    if (form & CANONICAL_DECLARED_PAYLOAD) {
        buffer_add_text(out, header_of(request, "X-Sdk-Content-Sha256"));
        return;
    }
    if (form & CANONICAL_UNSIGNED_PAYLOAD) {
        buffer_add_text(out, "UNSIGNED-PAYLOAD");
        return;
    }
    if (form & CANONICAL_QUERY_IS_PAYLOAD) {
        Buffer query = {0};

        add_query(&query, request->raw_query, QUERY_AS_PAYLOAD, true);
        sha256(query.length > 0 ? query.text : "", query.length, hash);
        buffer_done(&query);
    } else {
        sha256(request->body != NULL ? request->body : "", request->body_length, hash);
    }
    hex_text(hash, sizeof(hash), text);
    buffer_add_text(out, text);
}

char *
signature_canonical(const Signature *signature, const ApiRequest *request, unsigned form)
{
    Buffer out = {0};

    buffer_add_text(&out, request->method);
    buffer_add(&out, "\n", 1);
    add_path(&out, request->raw_path);
    buffer_add(&out, "\n", 1);
    if (!(form & CANONICAL_QUERY_IS_PAYLOAD))
        add_query(&out, request->raw_query, signature->derived ? QUERY_DERIVED : QUERY_CURRENT,
                  (form & CANONICAL_PLUS_IS_SPACE) != 0);
    buffer_add(&out, "\n", 1);
    for (int i = 0; i < signature->name_count; i++) {
        const char *value = header_of(request, signature->names[i]);

        add_header(&out, signature->names[i], value != NULL ? value : "", signature->derived);
    }
    buffer_add(&out, "\n", 1);
    buffer_add_text(&out, signature->list);
    buffer_add(&out, "\n", 1);
    add_payload_hash(&out, request, form);
    return out.text;
}

/* --- the comparison ----------------------------------------------------------------------------
 */

static void
hmac_text(const unsigned char *key, size_t key_length, const char *text, unsigned char out[32])
{
    hmac_sha256(key, key_length, text, strlen(text), out);
}

static void
derive_key(const Signature *signature, const char *secret, unsigned char out[32])
{
    AUTO_WIPE char *first = str_format("SDK%s", secret);
    unsigned char day[32], region[32], service[32];

    hmac_text((const unsigned char *) first, strlen(first), signature->day, day);
    hmac_text(day, 32, signature->region, region);
    hmac_text(region, 32, signature->service, service);
    hmac_text(service, 32, "sdk_request", out);
}

static bool
matches(const Signature *signature,
        const ApiRequest *request,
        const char *date,
        const char *secret,
        unsigned form,
        char hash[65])
{
    AUTO_FREE char *canonical = signature_canonical(signature, request, form);
    AUTO_FREE char *to_sign = NULL;
    unsigned char bytes[32], key[32];
    char made[65];

    sha256(canonical, strlen(canonical), bytes);
    hex_text(bytes, sizeof(bytes), hash);
    if (signature->derived) {
        to_sign = str_format(ALGORITHM "\n%s\n%s/%s/%s/sdk_request\n%s", date, signature->day,
                             signature->region, signature->service, hash);
        derive_key(signature, secret, key);
        hmac_text(key, sizeof(key), to_sign, bytes);
    } else {
        to_sign = str_format(ALGORITHM "\n%s\n%s", date, hash);
        hmac_text((const unsigned char *) secret, strlen(secret), to_sign, bytes);
    }
    hex_text(bytes, sizeof(bytes), made);
    return equal_secret(made, signature->sent);
}

bool
signature_check(const Signature *signature,
                const ApiRequest *request,
                const char *date,
                const char *secret,
                char hash[65])
{
    const char *content = header_of(request, "X-Sdk-Content-Sha256");
    bool unsigned_payload = content != NULL && strcmp(content, "UNSIGNED-PAYLOAD") == 0;
    bool plus = strchr(request->raw_query, '+') != NULL;
    bool query_as_payload =
        signature->derived && request->body_length == 0 && strcasecmp(request->method, "POST") == 0;
    char other[65];

    if (request->operation && (request->operation->flags & OP_STREAM_BODY)) {
        bool declared = content != NULL && strlen(content) == 64;

        hash[0] = '\0';
        return (declared || unsigned_payload) &&
               matches(signature, request, date, secret, CANONICAL_DECLARED_PAYLOAD, hash);
    }
    for (unsigned form = 0; form < 8; form++) {
        if (((form & CANONICAL_UNSIGNED_PAYLOAD) && !unsigned_payload) ||
            ((form & CANONICAL_PLUS_IS_SPACE) && !plus) ||
            ((form & CANONICAL_QUERY_IS_PAYLOAD) && !query_as_payload))
            continue;
        if (matches(signature, request, date, secret, form, form == 0 ? hash : other))
            return true;
    }
    return false;
}
