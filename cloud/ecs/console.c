/*
 * console.c: tokens of consoles, and the websocket (RFC 6455) before QEMU's RFB socket; see
 * console.h. Each open console is a thread: there are few, and each may stand still for hours.
 */
#include "ecs/console.h"

#include "base/log.h"
#include "crypto/master_key.h"
#include "crypto/random_id.h"
#include "ecs/handlers.h"
#include "hypervisor/hypervisor.h"

#include <errno.h>
#include <openssl/sha.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define FRAME_MOST 65536
#define IDLE_MILLISECONDS (30 * 60 * 1000)

/* ---- Tokens ---- */

static void
hash_of(const char *token, char text[65])
{
    unsigned char hash[32];

    sha256(token, strlen(token), hash);
    hex_text(hash, sizeof(hash), text);
}

char *
console_token_new(StoreConn *store, const char *server_id)
{
    char *token = random_secret_key(), hash[65];

    hash_of(token, hash);
    if (store_run(store,
                  "INSERT INTO ecs_console (token, server_id, expires) VALUES ($1, $2, now() + "
                  "make_interval(secs => $3))",
                  "ssi", hash, server_id, CONSOLE_SECONDS) == 1)
        return token;
    str_wipe(token);
    return NULL;
}

/* The server it was made for, once; owned by the caller, or NULL. */
static char *
take_token(StoreConn *store, const char *token)
{
    char hash[65];

    hash_of(token, hash);
    return store_value(store,
                       "DELETE FROM ecs_console WHERE token = $1 AND expires > now() RETURNING "
                       "server_id",
                       "s", hash);
}

/* ---- Frames ---- */

typedef struct Pipe {
    int browser, screen;
    unsigned char in[FRAME_MOST + 14]; /* of the browser, not yet a whole frame */
    size_t have;
} Pipe;

static bool
send_all(int to, const void *bytes, size_t length)
{
    const char *at = bytes;

    while (length > 0) {
        ssize_t sent = send(to, at, length, MSG_NOSIGNAL);

        if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            struct pollfd wait = {.fd = to, .events = POLLOUT};
            if (poll(&wait, 1, 30000) <= 0)
                return false;
            continue;
        }
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            return false;
        at += sent;
        length -= (size_t) sent;
    }
    return true;
}

static bool
send_frame(int to, unsigned opcode, const void *bytes, size_t length)
{
    unsigned char head[4] = {(unsigned char) (0x80 | opcode), (unsigned char) length};
    size_t size = 2;

    if (length >= 126) {
        head[1] = 126;
        head[2] = (unsigned char) (length >> 8);
        head[3] = (unsigned char) length;
        size = 4;
    }
    return send_all(to, head, size) && send_all(to, bytes, length);
}

/* The size of the first frame's head and of its load; 0 while it is not known, -1 where it is none
 * that we take. */
static int
frame_head(const Pipe *pipe, size_t *load)
{
    const unsigned char *in = pipe->in;

    if (pipe->have < 2)
        return 0;
    *load = in[1] & 0x7f;
    if (!(in[1] & 0x80) || *load == 127)
        return -1; /* not masked, or larger than any key or click */
    if (*load < 126)
        return 6;
    if (pipe->have < 4)
        return 0;
    *load = (size_t) in[2] << 8 | in[3];
    return *load > FRAME_MOST ? -1 : 8;
}

/* Hands on the whole frames that came; false at the end. */
static bool
take_frames(Pipe *pipe)
{
    for (;;) {
        size_t load = 0;
        int head = frame_head(pipe, &load);

        if (head < 0)
            return false;
        if (head == 0 || pipe->have < (size_t) head + load)
            return true;
        unsigned opcode = pipe->in[0] & 0x0f;
        unsigned char *bytes = pipe->in + head;
        const unsigned char *mask = bytes - 4;
        for (size_t i = 0; i < load; i++)
            bytes[i] ^= mask[i & 3];
        bool go_on = opcode == 8
                         ? (send_frame(pipe->browser, 8, bytes, load < 125 ? load : 0), false)
                     : opcode == 9 ? load < 126 && send_frame(pipe->browser, 10, bytes, load)
                     : opcode <= 2 ? send_all(pipe->screen, bytes, load)
                                   : true;
        memmove(pipe->in, bytes + load, pipe->have - (size_t) head - load);
        pipe->have -= (size_t) head + load;
        if (!go_on)
            return false;
    }
}

static void
carry(Pipe *pipe)
{
    unsigned char bytes[32768];

    for (;;) {
        struct pollfd events[] = {{.fd = pipe->browser, .events = POLLIN},
                                  {.fd = pipe->screen, .events = POLLIN}};
        int ready = poll(events, 2, IDLE_MILLISECONDS);

        if (ready < 0 && errno == EINTR)
            continue;
        if (ready <= 0)
            return;
        if (events[1].revents) {
            ssize_t length = recv(pipe->screen, bytes, sizeof(bytes), MSG_DONTWAIT);
            if (length == 0 || (length < 0 && errno != EAGAIN && errno != EINTR) ||
                (length > 0 && !send_frame(pipe->browser, 2, bytes, (size_t) length)))
                return;
        }
        if (events[0].revents) {
            ssize_t length = recv(pipe->browser, pipe->in + pipe->have,
                                  sizeof(pipe->in) - pipe->have, MSG_DONTWAIT);
            if (length == 0 || (length < 0 && errno != EAGAIN && errno != EINTR))
                return;
            pipe->have += length > 0 ? (size_t) length : 0;
            if (!take_frames(pipe))
                return;
        }
    }
}

/* In a thread of its own, with the browser's connection after the answer. */
static void
run_console(void *context, int browser, const void *early, size_t length)
{
    Pipe *pipe = context;

    pipe->browser = browser;
    if (browser >= 0 && length <= sizeof(pipe->in)) {
        if (length)
            memcpy(pipe->in, early, length);
        pipe->have = length;
        if (take_frames(pipe))
            carry(pipe);
    }
    close(pipe->screen);
    free(pipe);
}

/* ---- The request ---- */

static int
open_screen(const char *server_id, char **problem)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    AUTO_FREE char *path = NULL;

    if (hypervisor_console(server_id, &path, problem) != 0)
        return -1;
    if (strlen(path) >= sizeof(address.sun_path))
        return -1;
    memcpy(address.sun_path, path, strlen(path));
    int screen = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (screen >= 0 && connect(screen, (struct sockaddr *) &address, sizeof(address)) == 0)
        return screen;
    if (screen >= 0)
        close(screen);
    return -1;
}

/* Sec-WebSocket-Accept (RFC 6455, 4.2.2). Owned by the caller. */
static char *
accept_key(const char *key)
{
    AUTO_FREE char *text = str_format("%s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", key);
    unsigned char hash[SHA_DIGEST_LENGTH];

    SHA1((const unsigned char *) text, strlen(text), hash);
    return base64_text(hash, sizeof(hash));
}

void
ecs_console_socket(ApiRequest *request)
{
    const char *key = api_header(request, "Sec-WebSocket-Key");
    const char *upgrade = api_header(request, "Upgrade");
    const char *protocols = api_header(request, "Sec-WebSocket-Protocol");
    AUTO_FREE char *problem = NULL;

    if (!key || !upgrade || strcasecmp(upgrade, "websocket") != 0 || strlen(key) > 64) {
        api_fail_as(request, 426, api_error_code(API_ECS_PARAMETER), "a websocket is wanted here");
        return;
    }
    AUTO_FREE char *server = take_token(request->store, api_query(request, "token", ""));
    if (!server) {
        api_fail(request, API_ECS_TOKEN);
        return;
    }
    int screen = open_screen(server, &problem);
    if (screen < 0) {
        api_fail_as(request, 409, api_error_code(API_ECS_STATE), "%s",
                    problem ? problem : "the server's screen cannot be reached");
        return;
    }
    Pipe *pipe = MEM_NEW(Pipe);
    pipe->screen = screen;
    AUTO_FREE char *answer = accept_key(key);
    api_answer_header(request, "Upgrade", "websocket");
    api_answer_header(request, "Sec-WebSocket-Accept", answer);
    if (protocols && strstr(protocols, "binary"))
        api_answer_header(request, "Sec-WebSocket-Protocol", "binary");
    api_upgrade(request, run_console, pipe);
}
