/*
 * The lazy timer behind attention, vanished clients and statement timeouts. See attention.h.
 */
#include "postgres.h"

#include "session/attention.h"

#include "execute/hooks.h"
#include "miscadmin.h"
#include "session/settings.h"
#include "session/storage.h"
#include "session/transport.h"
#include "session/usage.h"
#include "storage/latch.h"
#include "utils/timeout.h"
#include "utils/timestamp.h"

#define LOOK_MS 50

static TimeoutId timer;
static volatile sig_atomic_t armed, running, paused_now;
static volatile sig_atomic_t seen, gone, timed_out;
static TimestampTz started;

/* In the signal handler of the timer. */
static void
look(void)
{
    armed = false;
    if (!running)
        return;
    if (!paused_now && !seen) {
        TransportPeek peek = transport_peek();

        if (peek == PEEK_ATTENTION)
            seen = true;
        else if (peek == PEEK_CLOSED)
            gone = true;
    }
    if (setting_statement_timeout > 0 && !timed_out &&
        GetCurrentTimestamp() - started > (int64) setting_statement_timeout * 1000)
        timed_out = true;
    storage_watch();
    if (seen || gone || timed_out || (storage_full() && execute_adds_data())) {
        QueryCancelPending = true;
        InterruptPending = true;
        SetLatch(MyLatch);
    }
    usage_show();
    armed = true;
    enable_timeout_after(timer, LOOK_MS);
}

/* For the interpreter: the limit that a cancelled request came to. */
static bool
told_time_limit(int *seconds, int *limit)
{
    *seconds = (int) ((GetCurrentTimestamp() - started) / USECS_PER_SEC);
    *limit = setting_statement_timeout / 1000;
    return timed_out;
}

void
attention_init(void)
{
    timer = RegisterTimeout(USER_TIMEOUT, look);
    execute_time_limit_hook = told_time_limit;
}

void
attention_begin(void)
{
    seen = gone = timed_out = paused_now = false;
    execute_room_done();
    QueryCancelPending = false;
    started = setting_statement_timeout > 0 ? GetCurrentTimestamp() : 0;
    running = true;
    /* All timeouts may have been switched off by an error's clean-up meanwhile. */
    if (!armed || !get_timeout_active(timer)) {
        armed = true;
        enable_timeout_after(timer, LOOK_MS);
    }
}

void
attention_end(void)
{
    running = false;
    QueryCancelPending = false;
}

void
attention_pause(bool paused)
{
    paused_now = paused;
}

bool
attention_seen(void)
{
    return seen;
}

bool
attention_client_gone(void)
{
    return gone;
}

bool
attention_timed_out(void)
{
    return timed_out;
}
