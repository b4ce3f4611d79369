/*
 * upgrade.c: threads for connections that are no HTTP any more; see upgrade.h.
 */
#include "http/upgrade.h"

#include "base/log.h"

#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define MOST_UPGRADED 100

typedef struct Upgraded {
    ApiUpgrade run;
    void *context;
    struct MHD_UpgradeResponseHandle *handle;
    int socket;
    char *early;
    size_t early_length;
    struct Upgraded *next;
} Upgraded;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static Upgraded *open_ones;
static int count;

static void
forget(Upgraded *one)
{
    pthread_mutex_lock(&lock);
    for (Upgraded **at = &open_ones; *at; at = &(*at)->next)
        if (*at == one) {
            *at = one->next;
            count--;
            break;
        }
    /* Under the lock, so that who ends all does not cut a socket that is another's by now. */
    MHD_upgrade_action(one->handle, MHD_UPGRADE_ACTION_CLOSE);
    pthread_mutex_unlock(&lock);
    free(one->early);
    free(one);
}

static void *
work(void *context)
{
    Upgraded *one = context;

    one->run(one->context, one->socket, one->early, one->early_length);
    forget(one);
    return NULL;
}

/* Of libmicrohttpd, once the answer was sent. */
static void
begin(void *context,
      struct MHD_Connection *connection,
      void *exchange,
      const char *early,
      size_t early_length,
      MHD_socket socket,
      struct MHD_UpgradeResponseHandle *handle)
{
    Upgraded *one = context;
    pthread_t thread;

    one->handle = handle;
    one->socket = socket;
    one->early = mem_new(early_length + 1, 1);
    memcpy(one->early, early, early_length);
    one->early_length = early_length;
    pthread_mutex_lock(&lock);
    bool room = count < MOST_UPGRADED;
    one->next = open_ones;
    open_ones = one;
    count++;
    pthread_mutex_unlock(&lock);
    if (room && pthread_create(&thread, NULL, work, one) == 0) {
        pthread_detach(thread);
        return;
    }
    log_warning("no more consoles can be open at once");
    one->run(one->context, -1, NULL, 0);
    forget(one);
}

struct MHD_Response *
upgrade_response(ApiRequest *request)
{
    Upgraded *one = MEM_NEW(Upgraded);
    struct MHD_Response *response = MHD_create_response_for_upgrade(begin, one);

    if (!response) {
        free(one);
        return NULL;
    }
    one->run = request->upgrade;
    one->context = request->upgrade_context;
    request->upgrade = NULL;
    return response;
}

void
upgrade_end_all(void)
{
    const struct timespec pause = {.tv_nsec = 20 * 1000 * 1000};

    for (int i = 0; i < 100; i++) {
        pthread_mutex_lock(&lock);
        int left = count;
        for (Upgraded *one = open_ones; one; one = one->next)
            shutdown(one->socket, SHUT_RDWR);
        pthread_mutex_unlock(&lock);
        if (left == 0)
            return;
        nanosleep(&pause, NULL);
    }
}
