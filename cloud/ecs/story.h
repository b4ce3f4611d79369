/*
 * story.h: what a server's guest is told, filled from rows: for its ConfigDrive (guest.c) and for
 * the metadata service (metadata.c), so that both say the same.
 */
#pragma once

#include "provision/provision.h"
#include "store/store.h"
#include "vpc/vpc.h"

typedef struct ServerStory {
    ProvisionServer about; /* borrows from the rest */
    json_t *row;
    VpcPort *ports;
    int count;
    char *password;
    unsigned char *data;
    VpcEip eip;
} ServerStory;

/* Of the row of a server; 0 or -errno. story_done by the caller in either case. */
int story_of(StoreConn *store, const json_t *server, ServerStory *story);
void story_done(ServerStory *story);
