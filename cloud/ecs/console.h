/*
 * console.h: the way from a browser to a guest's screen: a token for one use, and a websocket that
 * carries RFB between its holder and QEMU's socket.
 *
 * A token is made for one server by who may see its console, lives CONSOLE_SECONDS and ends with
 * its use; the store has only its hash. The websocket asks for nothing else: it is opened by a page
 * that cannot sign.
 */
#pragma once

#include "api/request.h"

#define CONSOLE_PATH "/console/ws" /* ?token=... */
#define CONSOLE_SECONDS 300

/* Owned by the caller (wipe it); NULL where the store failed. */
char *console_token_new(StoreConn *store, const char *server_id);
