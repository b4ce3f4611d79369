/*
 * exchange.h: one request and its answer on a connection, and how libmicrohttpd's callbacks move it
 * on. Only the event thread touches an exchange, but for the time a worker has it (between
 * workers_give and MHD_resume_connection), when only the worker does.
 */
#pragma once

#include "api/request.h"
#include "http/assets.h"
#include "http/deadlines.h"

typedef enum ExchangePhase {
    EXCHANGE_NEW,       /* its first line is known */
    EXCHANGE_ADMITTING, /* a worker admits it before its body, the connection is suspended */
    EXCHANGE_ARRIVING,  /* its headers are known, its body comes */
    EXCHANGE_WORKING,   /* a worker has it, the connection is suspended */
    EXCHANGE_ANSWERED,  /* its answer was given to libmicrohttpd */
    EXCHANGE_GONE       /* its connection is no more; a worker tells the operation so */
} ExchangePhase;

typedef struct HttpExchange {
    ApiRequest request;
    struct MHD_Connection *connection;
    HttpPeer *peer;
    ExchangePhase phase;
    const Asset *asset; /* to be served, or NULL */
    Buffer body;
    size_t discarded; /* bytes of a body that nobody wants */
    void *digest;     /* SHA-256 of a body that goes into a file, where it was signed */
    bool counts;      /* among the streams */
    Moment streaming; /* since when */
    bool upgraded;    /* the connection is no HTTP any more */
    bool close;       /* the connection ends with this answer */
    Moment began;
    struct HttpExchange *next; /* in the workers' queue */
} HttpExchange;

/* Before the daemon starts. */
void exchange_configure(size_t max_body);
/* From now on new requests are refused; how many are still at work. */
void exchange_refuse(void);
int exchange_running(void);

/* For a worker, of one that is EXCHANGE_GONE. */
void exchange_free(HttpExchange *exchange);

/* libmicrohttpd's callbacks: of the first line, of headers and body, of the end. */
void *exchange_begin(void *nothing, const char *uri, struct MHD_Connection *connection);
enum MHD_Result exchange_go_on(void *nothing,
                               struct MHD_Connection *connection,
                               const char *url,
                               const char *method,
                               const char *version,
                               const char *data,
                               size_t *size,
                               void **context);
void exchange_end(void *nothing,
                  struct MHD_Connection *connection,
                  void **context,
                  enum MHD_RequestTerminationCode why);
