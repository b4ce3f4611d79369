/*
 * workers.c: requests that wait for something (the store, an instance) do so on these threads.
 */
#include "http/workers.h"

#include "base/log.h"
#include "http/dispatch.h"

#include <pthread.h>

#define MOST_WAITING 1024

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t wake = PTHREAD_COND_INITIALIZER;
static HttpExchange *first, *last;
static int waiting;
static bool stopping;
static pthread_t *threads;
static int thread_count;

static HttpExchange *
take(void)
{
    HttpExchange *exchange;

    pthread_mutex_lock(&lock);
    while (first == NULL && !stopping)
        pthread_cond_wait(&wake, &lock);
    exchange = first;
    if (exchange) {
        first = exchange->next;
        waiting--;
    }
    pthread_mutex_unlock(&lock);
    return exchange;
}

static void *
work(void *nothing)
{
    StoreConn *store = store_connect();
    HttpExchange *exchange;

    while ((exchange = take()) != NULL) {
        struct MHD_Connection *connection = exchange->connection;

        bool gone = exchange->phase == EXCHANGE_GONE;

        if (gone)
            dispatch_gone(&exchange->request, store);
        else if (exchange->phase == EXCHANGE_ADMITTING)
            dispatch_begin(&exchange->request, store);
        else
            dispatch_run(&exchange->request, store);
        if (store_in_transaction(store)) {
            log_error("request %s left a transaction open", exchange->request.request_id);
            store_rollback(store);
        }
        exchange->request.store = NULL;
        if (gone)
            exchange_free(exchange);
        else
            MHD_resume_connection(connection);
    }
    store_close(store);
    return nothing;
}

int
workers_start(int count)
{
    int result = 0;

    stopping = false;
    threads = mem_new((size_t) count, sizeof(pthread_t));
    for (thread_count = 0; thread_count < count && result == 0; thread_count += result == 0)
        result = pthread_create(&threads[thread_count], NULL, work, NULL);
    return -result;
}

void
workers_stop(void)
{
    pthread_mutex_lock(&lock);
    stopping = true;
    pthread_cond_broadcast(&wake);
    pthread_mutex_unlock(&lock);
    for (int i = 0; i < thread_count; i++)
        pthread_join(threads[i], NULL);
    free(threads);
    threads = NULL;
    thread_count = 0;
}

bool
workers_give(HttpExchange *exchange)
{
    bool room;

    pthread_mutex_lock(&lock);
    room = waiting < MOST_WAITING && !stopping;
    if (room) {
        exchange->next = NULL;
        if (first)
            last->next = exchange;
        else
            first = exchange;
        last = exchange;
        waiting++;
        pthread_cond_signal(&wake);
    }
    pthread_mutex_unlock(&lock);
    return room;
}
