/*
 * signature.h: requests signed with an access key, both forms of SDK-HMAC-SHA256.
 *
 *     Authorization: SDK-HMAC-SHA256 Access=AK, SignedHeaders=host;x-sdk-date, Signature=HEX
 *     Authorization: SDK-HMAC-SHA256 Credential=AK/20261123/REGION/SERVICE/sdk_request, ...
 *
 * The second, older form signs with a key derived from the secret, the day, region and service.
 * What a client may do differently from the written rules is listed at signature_check.
 * Pure: looks at the request's method, raw path, raw query, headers and body, and at nothing else.
 */
#pragma once

#include "api/request.h"

#define SIGNATURE_NAMES 64 /* signed headers, at most */
#define SIGNATURE_SKEW (15 * 60 * MOMENT_SECOND)

typedef struct Signature {
    bool derived; /* the older form */
    char access[65];
    char day[9], region[65], service[65]; /* of the older form's scope */
    char *list;                           /* SignedHeaders as sent */
    char *names[SIGNATURE_NAMES];         /* the same, apart; into list_parts */
    char *list_parts;
    int name_count;
    char sent[65]; /* the signature, 64 hexadecimal digits */
} Signature;

/* Whether the header's value begins as one of ours does. */
bool signature_recognised(const char *authorization);
/* Reads the header. NULL, or what is wrong with it (a literal). signature_done in any case. */
const char *signature_read(const char *authorization, Signature *signature);
void signature_done(Signature *signature);

/*
 * Whether the signature is the one that the secret makes. date is X-Sdk-Date as sent. hash gets the
 * SHA-256 of the first canonical request that was tried, in hexadecimal.
 *
 * Tolerated, as the services of the public cloud do (each is what some client of theirs sends):
 * the client's own list of signed headers, in its order; headers added after signing; an empty
 * body hashed as such beside X-Sdk-Content-Sha256: UNSIGNED-PAYLOAD; bodies of GETs; header values
 * as received, only trimmed; '+' in a query meaning itself or a space.
 *
 * The body of an OP_STREAM_BODY operation is not there yet: its hash is the one that
 * X-Sdk-Content-Sha256 says, which http compares later, or UNSIGNED-PAYLOAD.
 */
bool signature_check(const Signature *signature,
                     const ApiRequest *request,
                     const char *date,
                     const char *secret,
                     char hash[65]);

/* Forms of the canonical request; for signature_check and its tests. */
typedef enum CanonicalForm {
    CANONICAL_UNSIGNED_PAYLOAD = 1, /* the payload hash is the text UNSIGNED-PAYLOAD */
    CANONICAL_PLUS_IS_SPACE = 2,
    CANONICAL_DECLARED_PAYLOAD = 8, /* the payload hash is what X-Sdk-Content-Sha256 says */
    CANONICAL_QUERY_IS_PAYLOAD = 4, /* older form, POST without body: the query is hashed as body */
} CanonicalForm;
char *signature_canonical(const Signature *signature, const ApiRequest *request, unsigned form);
