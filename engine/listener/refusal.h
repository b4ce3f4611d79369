/*
 * Clients that no backend can serve, because PostgreSQL itself is full: they get a canned reply
 * (PRELOGIN without encryption, then error 17809) so that they see an error and not a hang. What
 * they send is thrown away unread.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

typedef struct Refusal Refusal;

/* Prepares the canned bytes; sockets are watched by `epoll_fd` with data.ptr the Refusal. */
void refusal_init(int epoll_fd);
/* True if `ptr` of an epoll event is a Refusal. */
bool refusal_owns(const void *ptr);
/* Takes the socket over (closes it in the end, or at once when there are too many). */
void refusal_begin(int client);
void refusal_event(Refusal *refusal);
/* Closes those that take too long; returns how many there still are. */
int refusal_expire(void);
