/*
 * Differences between PostgreSQL's versions in what a server process does with itself: wait sets,
 * reserved connections, session user, SCRAM secrets. As pgcompat.h, for the session and listener.
 */
#pragma once

#include "postgres.h"

/*
 * Port's layout is the same with and without GSSAPI, but its header wants Kerberos' own when the
 * server was built with it. Include libpq's server headers through here only.
 */
#undef ENABLE_GSS
#include "libpq/libpq-be.h"
#include "libpq/libpq.h"

#include "common/base64.h"
#include "libpq/scram.h"
#include "miscadmin.h"
#include "postmaster/postmaster.h"
#include "storage/latch.h"
#include "utils/memutils.h"

#if PG_VERSION_NUM >= 180000
#include "storage/waiteventset.h"
#endif

/* A set that lives as long as the process. */
static inline WaitEventSet *
pgcompat_wait_set(int events)
{
#if PG_VERSION_NUM >= 170000
    return CreateWaitEventSet(NULL, events);
#else
    return CreateWaitEventSet(TopMemoryContext, events);
#endif
}

/* Connections that ordinary users cannot have. */
static inline int
pgcompat_reserved_connections(void)
{
#if PG_VERSION_NUM >= 160000
    return SuperuserReservedConnections + ReservedConnections;
#else
    return ReservedBackends;
#endif
}

/* Returns the number of bytes, negative where the text is not base64 or has more than `size`. */
static inline int
pgcompat_base64_decode(const char *text, uint8 *bytes, int size)
{
#if PG_VERSION_NUM >= 180000
    return pg_b64_decode(text, (int) strlen(text), bytes, size);
#else
    return pg_b64_decode(text, (int) strlen(text), (char *) bytes, size);
#endif
}

/* Takes a SCRAM-SHA-256 secret apart; *salt is base64. */
static inline bool
pgcompat_parse_scram(
    const char *secret, int *iterations, char **salt, uint8 stored_key[32], uint8 server_key[32])
{
#if PG_VERSION_NUM >= 160000
    pg_cryptohash_type hash_type;
    int key_length;

    return parse_scram_secret(secret, iterations, &hash_type, &key_length, salt, stored_key,
                              server_key) &&
           hash_type == PG_SHA256;
#else
    return parse_scram_secret(secret, iterations, salt, stored_key, server_key);
#endif
}
