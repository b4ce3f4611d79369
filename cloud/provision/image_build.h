/*
 * image_build.h: an image of Windows Server from its installation disc, without a person.
 *
 * The user gives the disc (its licence is the user's), and beside it, where wanted, virtio-win's
 * disc and the installers of Cloudbase-Init and of QEMU's guest agent. A work folder holds
 * everything that is made on the way and state.json, which says how far it came: a build that ended
 * goes on where it was, a guest that installs is found again. The steps are in the table of
 * image_build.c.
 */
#pragma once

#include <stdbool.h>

typedef struct ImageBuildWish {
    const char *system;         /* "windows-2022", of windows.def */
    const char *iso;            /* the installation disc */
    const char *virtio_iso;     /* NULL: no drivers, which an installation on virtio disks needs */
    const char *cloudbase_init; /* .msi, or NULL */
    const char *guest_agent;    /* .msi; NULL: that of virtio_iso, where it has one */
    const char *edition;        /* "SERVERSTANDARD", "SERVERDATACENTERCORE", ... */
    const char *language;       /* "en-US" */
    const char *product_key;    /* NULL: none */
    const char *work;           /* folder, absolute */
    const char *output;         /* the image, .qcow2; beside it its properties, .json */
    int size_gb, memory_mb, vcpus;
    int hours;         /* after which an installation is given up */
    bool prepare_only; /* up to the disc; no guest is started, no root needed */
} ImageBuildWish;

/* step: its name, or "" for a line that tells how it goes. */
typedef void (*ImageBuildSay)(void *context, const char *step, const char *text);

/* 0, or a negative errno with *problem (owned by the caller) in plain words, several lines where
 * several things are missing. */
int image_build(const ImageBuildWish *wish, ImageBuildSay say, void *context, char **problem);
