/*
 * metadata_server.h: the metadata service of the tenants' networks: who listens, and who asks.
 *
 * In each vpc's namespace 169.254.169.254, port 80, is a socket that the host agent makes there
 * (verb "metadata-listen") and hands to the daemon; requests are read by libmicrohttpd in the
 * daemon, which has no root, and answered by provision_metadata. Nothing runs in the namespace, so
 * that nothing is left there when the daemon ends; a new daemon asks for its sockets again.
 *
 * Who asks is known by the network: the vpc by the socket, the port by the interface of the
 * namespace that the connection came in by (fixed when it was made; a guest cannot lie about it)
 * and by its address. Bounds: a request of 4 KiB with 16 KiB of head, 8 connections and 20 requests
 * a second (60 at once) from one address, 10 s of silence. X-Forwarded-For is refused: a proxy in a
 * guest must not speak for it.
 */
#pragma once

#include "provision/provision.h"

typedef struct MetadataAsker {
    int vpc;            /* its number, network.h's */
    char address[16];   /* "10.0.0.5" */
    char interface[16]; /* of the vpc's namespace; "" where it could not be found out */
} MetadataAsker;

typedef struct MetadataGuest {
    ProvisionServer server;
    const char *encrypted_password; /* what was kept, or NULL */
    void *owned;                    /* what the above borrow from */
} MetadataGuest;

/* Where the daemon's servers are looked up. Called on one thread, one call at a time. */
typedef struct MetadataSource {
    /* 0 with the guest filled, -ENOENT where no server of ours asks, other errno. */
    int (*find)(const MetadataAsker *asker, MetadataGuest *guest, void *context);
    void (*done)(MetadataGuest *guest, void *context);
    ProvisionKeepPassword keep; /* NULL: nothing can be posted */
    void *context;
} MetadataSource;

/* Before agent_start: the agent's verb. */
void metadata_register_verbs(void);

/* Starts its threads; source is borrowed for good. 0, or a negative errno with *problem. */
int metadata_start(const MetadataSource *source, char **problem);
void metadata_stop(void);

/* The vpc's namespace, which is there, is listened in; does nothing where it is already, or where
 * metadata_start was not called. *problem is owned by the caller. */
int metadata_serve(int vpc, char **problem);
/* Before the namespace goes, which a socket in it would keep. */
void metadata_leave(int vpc);
/* Listens on a socket of whatever making, which is taken over: what metadata_serve does, and tests
 * do. */
int metadata_listen(int vpc, int listener);
