/*
 * unattend.h: the answers that install Windows without a person, and what runs at its first logon.
 */
#pragma once

#include <stdbool.h>

typedef struct UnattendWish {
    const char *image;       /* "Windows Server 2022 SERVERSTANDARD", of install.wim */
    const char *language;    /* "en-US" */
    const char *product_key; /* NULL: an evaluation, or by KMS later */
    const char *password;    /* of Administrator while it installs; sysprep takes it away */
    bool drivers;            /* the disc has $WinPEDriver$ */
} UnattendWish;

/* Autounattend.xml for Windows Setup, amd64, UEFI. Owned by the caller (wipe it: it has the
 * password). */
char *unattend_xml(const UnattendWish *wish);
/* Unattend.xml that sysprep leaves for the first start of each server made of the image. */
char *unattend_sealed_xml(const char *language);
/* casement\setup.cmd of the disc: installs what is beside it, then seals. It says on COM1 what it
 * does. */
char *unattend_script(bool cloudbase_init, bool guest_agent);
/* Settings of Cloudbase-Init. */
const char *unattend_cloudbase_settings(void);
