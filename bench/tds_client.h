/*
 * A small TDS 7.4 client for measuring: one blocking connection, requests built once and sent many
 * times, replies read to their end with rows counted and errors noticed. As lean as libpq is, so
 * that the ratio of the two tells of the server. Not part of the product.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct TdsClient TdsClient;

typedef struct TdsRequest {
    uint8_t *bytes; /* whole message, packet headers included */
    size_t length;
    size_t value_offset; /* of the 4-byte parameter that tds_request_set_int changes; 0: none */
} TdsRequest;

/* Connects and logs in. `tls`: the login is encrypted (the rest is not). Exits on failure with the
 * server's message. */
TdsClient *tds_client_connect(const char *host,
                              int port,
                              const char *user,
                              const char *password,
                              const char *database,
                              bool tls);
void tds_client_close(TdsClient *client);

/* SQLBatch, sp_executesql and sp_execute requests with up to two int parameters @a, @b
 * (count 0..2). */
TdsRequest tds_request_batch(const char *sql);
TdsRequest tds_request_executesql(const char *sql, int parameters);
TdsRequest tds_request_execute(int32_t handle, int parameters);
/* Sets the first parameter (the second is always 1). */
void tds_request_set_int(TdsRequest *request, int32_t value);
void tds_request_free(TdsRequest *request);

/* sp_prepare; the handle. */
int32_t tds_client_prepare(TdsClient *client, const char *sql, int parameters);

/* Sends and reads the reply; rows are counted. Exits with the message if the server gives an error.
 */
long tds_client_run(TdsClient *client, const TdsRequest *request);

/* Bulk load of `rows` rows (id int, name nvarchar(50), amount bigint) into a table. */
void tds_client_bulk(TdsClient *client, const char *table, long rows);
