/*
 * domain.h: a guest's description, checked, and libvirt's XML of it. Pure: no libvirt, no files.
 */
#pragma once

#include "base/json.h"

#include <stdbool.h>
#include <sys/types.h>

#define DOMAIN_DISKS 24
#define DOMAIN_NICS 12
#define DOMAIN_DISCS 4         /* beside the ConfigDrive; for installations */
#define DOMAIN_UID_BASE 770000 /* above the users of database instances */
#define DOMAIN_SLOTS 60000

typedef struct DomainDisk {
    const char *volume, *device;
} DomainDisk;

typedef struct DomainNic {
    const char *mac, *tap;
} DomainNic;

/* Texts are borrowed from the description. */
typedef struct Domain {
    const char *id;
    int slot, vcpus;
    long long memory_mb;
    bool windows, uefi, secure_boot, tpm, config_drive;
    DomainDisk disks[DOMAIN_DISKS];
    DomainNic nics[DOMAIN_NICS];
    const char *discs[DOMAIN_DISCS];
    int disk_count, nic_count, disc_count;
} Domain;

/* What the host gives to every guest. */
typedef struct DomainHost {
    const char *data; /* the data directory */
    bool kvm, tpm;
    int group; /* of its processes: that of /dev/kvm, or DOMAIN_UID_BASE */
    const char *loader, *secure_loader, *variables, *secure_variables; /* of OVMF; NULL: none */
} DomainHost;

/* A UUID of 36 characters in small letters. */
bool domain_id_is_sound(const char *id);
/* Fills them from a member of a description; -EINVAL with *problem where it is not sound. */
int domain_read(const json_t *guest, Domain *domain, char **problem);
int domain_read_disk(const json_t *disk, DomainDisk *read, char **problem);
int domain_read_nic(const json_t *nic, DomainNic *read, char **problem);

/* Owned by the caller; NULL with *problem where the host lacks what the guest needs. */
char *domain_xml(const Domain *domain, const DomainHost *host, char **problem);
char *domain_disk_xml(const DomainHost *host, const DomainDisk *disk, int boot_order);
char *domain_nic_xml(const DomainNic *nic);
