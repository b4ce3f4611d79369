/*
 * readiness.c: asks the instance as a client would; see readiness.h. The ready line is printed only
 * after an answer.
 */
#include "readiness.h"

#include "console.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* PRELOGIN with VERSION and ENCRYPTION (not supported: no handshake follows). */
static const unsigned char prelogin[] = {
    0x12, 0x01, 0x00, 0x1A, 0x00, 0x00, 0x01, 0x00, /* header: type, last, 26 bytes */
    0x00, 0x00, 0x0B, 0x00, 0x06,                   /* VERSION at 11, 6 bytes */
    0x01, 0x00, 0x11, 0x00, 0x01,                   /* ENCRYPTION at 17, 1 byte */
    0xFF,                                           /* end of the list */
    0x10, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02};

static bool
wait_for(int sock, short events, double until)
{
    struct pollfd event = {.fd = sock, .events = events};
    double left = until - seconds_now();

    return left > 0 && poll(&event, 1, (int) (left * 1000) + 1) > 0;
}

static bool
ask_once(const struct addrinfo *where, double until)
{
    int sock = socket(where->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool answered = false;

    if (sock < 0)
        return false;
    if (connect(sock, where->ai_addr, where->ai_addrlen) == 0 || errno == EINPROGRESS) {
        unsigned char header[8] = {0};
        size_t have = 0;

        if (wait_for(sock, POLLOUT, until) &&
            send(sock, prelogin, sizeof(prelogin), MSG_NOSIGNAL) == (ssize_t) sizeof(prelogin))
            while (have < sizeof(header) && wait_for(sock, POLLIN, until)) {
                ssize_t got = recv(sock, header + have, sizeof(header) - have, 0);
                if (got <= 0)
                    break;
                have += (size_t) got;
            }
        answered = have == sizeof(header) && header[0] == 0x04; /* a tabular result */
    }
    close(sock);
    return answered;
}

bool
readiness_probe(const char *address, int port, int milliseconds)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found = NULL;
    char service[16];
    bool everywhere =
        !strcmp(address, "*") || !strcmp(address, "0.0.0.0") || !strcmp(address, "::");
    double until = seconds_now() + milliseconds / 1000.0;
    bool answered = false;

    snprintf(service, sizeof(service), "%d", port);
    if (getaddrinfo(everywhere ? "localhost" : address, service, &hints, &found) != 0)
        return false;
    for (struct addrinfo *one = found; one && !answered; one = one->ai_next)
        answered = ask_once(one, until);
    freeaddrinfo(found);
    return answered;
}
