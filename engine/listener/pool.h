/*
 * The pool of ready backends. Each is an ordinary backend behind a connection to the server's own
 * unix socket, opened here by a startup packet made by hand and brought into the session loop by
 * the private statement of session/entry.h. All sockets are non-blocking; the listener's epoll
 * calls pool_event() for them.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

typedef struct Spare Spare;

/* `epoll_fd` gets the spares' sockets, with data.ptr the Spare. */
void pool_init(int epoll_fd);

/* Opens connections until `ready_wanted` spares are ready or on their way. Returns false when the
 * server did not take one now: call again after a while. */
bool pool_fill(int ready_wanted);

/* Something happened on a spare's socket. The spare may be freed. */
void pool_event(Spare *spare, uint32_t events);

/* The ready ones. */
int pool_ready(void);

/*
 * Gives a client's socket to a ready backend; the caller keeps (and closes) its own descriptor.
 * Over the limit of sessions the backend is told to refuse the client. False: no ready backend
 * could take it.
 */
bool pool_hand_over(int client);

/* The server lately answered that it takes no more connections (out of slots, shutting down). */
bool pool_server_full(void);
bool pool_server_stopping(void);

/* Closes all spares: their backends exit. */
void pool_drop(void);
