/*
 * A canned "too many connections" for clients that no backend can serve. See refusal.h.
 */
#include "postgres.h"

#include "listener/refusal.h"

#include "errors/errors.h"
#include "session/settings.h"
#include "session/table.h"
#include "tds/prelogin.h"
#include "tds/token.h"
#include "utils/timestamp.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_REFUSALS 64
#define REFUSAL_SECONDS 5

struct Refusal {
    int fd;    /* -1: free */
    int stage; /* 0: PRELOGIN is awaited, 1: LOGIN7, 2: the client's close */
    TimestampTz since;
};

typedef struct Canned {
    uint8_t bytes[1024];
    size_t length;
} Canned;

static Refusal refusals[MAX_REFUSALS];
static Canned prelogin, failure;
static int epoll;

static bool
keep(void *context, const uint8_t *bytes, size_t length)
{
    Canned *canned = context;

    if (canned->length + length > sizeof(canned->bytes))
        return false;
    memcpy(canned->bytes + canned->length, bytes, length);
    canned->length += length;
    return true;
}

static void
make_prelogin(void)
{
    TdsPreloginReply reply = {.version = {16, 0, 0x03, 0xE8},
                              .encryption = TDS_ENCRYPT_NOT_SUP,
                              .instance_matches = true};
    TdsOut out;

    if (!tds_out_init(&out, &tds_memory_malloc, TDS_DEFAULT_PACKET, keep, &prelogin))
        ereport(FATAL, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
    tds_put_prelogin(&out, &reply);
    tds_out_end_message(&out);
    tds_out_done(&out);
}

static void
make_failure(void)
{
    int severity;
    char text[512];
    const char *format = tsql_error_text(ERR_17809, &severity);
    TdsMessage message = {.number = 17809,
                          .state = 1,
                          .severity = (uint8_t) severity,
                          .text = text,
                          .server = settings_server_name(),
                          .line = 1};
    TdsOut out;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    snprintf(text, sizeof(text), format, session_table_limit(), "");
#pragma GCC diagnostic pop
    if (!tds_out_init(&out, &tds_memory_malloc, TDS_DEFAULT_PACKET, keep, &failure))
        ereport(FATAL, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
    tds_put_message(&out, TDS_7_4, &message);
    tds_put_done(&out, TDS_7_4, TDS_TOKEN_DONE, TDS_DONE_ERROR, 0, 0);
    tds_out_end_message(&out);
    tds_out_done(&out);
}

void
refusal_init(int epoll_fd)
{
    epoll = epoll_fd;
    for (int i = 0; i < MAX_REFUSALS; i++)
        refusals[i].fd = -1;
    make_prelogin();
    make_failure();
}

bool
refusal_owns(const void *ptr)
{
    return ptr >= (const void *) refusals && ptr < (const void *) (refusals + MAX_REFUSALS);
}

static void
finish(Refusal *refusal)
{
    close(refusal->fd);
    refusal->fd = -1;
}

void
refusal_begin(int client)
{
    for (int i = 0; i < MAX_REFUSALS; i++) {
        struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP, .data.ptr = &refusals[i]};

        if (refusals[i].fd >= 0)
            continue;
        if (epoll_ctl(epoll, EPOLL_CTL_ADD, client, &event) != 0)
            break;
        refusals[i].fd = client;
        refusals[i].stage = 0;
        refusals[i].since = GetCurrentTimestamp();
        return;
    }
    close(client);
}

void
refusal_event(Refusal *refusal)
{
    char thrown_away[4096];
    const Canned *reply = refusal->stage == 0 ? &prelogin : &failure;
    ssize_t got;

    if (refusal->fd < 0)
        return;
    got = recv(refusal->fd, thrown_away, sizeof(thrown_away), MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got <= 0) {
        finish(refusal);
        return;
    }
    if (refusal->stage == 2)
        return;
    if (send(refusal->fd, reply->bytes, reply->length, MSG_NOSIGNAL | MSG_DONTWAIT) < 0) {
        finish(refusal);
        return;
    }
    if (refusal->stage++ == 1)
        shutdown(refusal->fd, SHUT_WR);
}

int
refusal_expire(void)
{
    TimestampTz now = GetCurrentTimestamp();
    int left = 0;

    for (int i = 0; i < MAX_REFUSALS; i++) {
        if (refusals[i].fd < 0)
            continue;
        if (TimestampDifferenceExceeds(refusals[i].since, now, REFUSAL_SECONDS * 1000))
            finish(&refusals[i]);
        else
            left++;
    }
    return left;
}
