/*
 * vpc.h: what other services ask of the virtual private cloud.
 *
 * A vpc has subnets, a subnet has ports; a port is a network card's place: address, MAC, security
 * groups. Rows belong to a project; every look-up names it, and what belongs to another project is
 * not found. Rows are the truth; the host's network is made from them by one idempotent call per
 * vpc (network/network.h), so that nothing here needs to be undone by halves.
 *
 * Functions return 0 or a negative errno: -ENOENT no such thing in this project, -EADDRINUSE an
 * address or MAC is taken, -ENOSPC the subnet is full, -EINVAL the address is not the subnet's,
 * -EBUSY in use, -EDQUOT the quota is used up, -EIO the store failed. *problem, where given, is
 * owned by the caller and says why in words for the tenant.
 */
#pragma once

#include "api/request.h"
#include "store/store.h"

#include <stdbool.h>

#define VPC_ID 37  /* a UUID and its NUL */
#define VPC_TAP 16 /* an interface's name */
#define VPC_ADDRESS 46

typedef struct VpcSubnet {
    char id[VPC_ID], vpc_id[VPC_ID], project_id[41];
    char name[65], cidr[20], gateway[VPC_ADDRESS];
    char zone[65];
    char dns[4][VPC_ADDRESS]; /* "" where there is none */
    bool dhcp;
    int segment; /* the host's number for it */
} VpcSubnet;

typedef struct VpcPort {
    char id[VPC_ID], project_id[41];
    char vpc_id[VPC_ID], subnet_id[VPC_ID];
    char mac[18], ip[VPC_ADDRESS];
    char device_id[65], device_owner[65]; /* "" while nothing uses it; "compute:<zone>" */
    char name[256];
    char tap[VPC_TAP]; /* the interface on the host that QEMU opens; fixed with the row */
    char cidr[20], gateway[VPC_ADDRESS];
    char dns[4][VPC_ADDRESS];
    char **groups; /* ids of security groups, NULL-terminated */
    bool plugged;
} VpcPort;

typedef struct VpcEip {
    char id[VPC_ID], port_id[VPC_ID], project_id[41];
    char address[VPC_ADDRESS];
    char bandwidth_id[VPC_ID];
    int megabits;
} VpcEip;

void vpc_port_done(VpcPort *port);
void vpc_ports_free(VpcPort *ports, int count);

int vpc_subnet_find(StoreConn *store, const char *project_id, const char *id, VpcSubnet *subnet);
/* Whether it is a vpc of the project. */
int vpc_exists(StoreConn *store, const char *project_id, const char *vpc_id);
/* The project's security group "default", made with its rules where it is missing. */
int vpc_default_group(StoreConn *store, const char *project_id, char id[VPC_ID]);
/* An id, or a name that only one group of the project has (as Nova takes it). */
int vpc_group_find(StoreConn *store, const char *project_id, const char *text, char id[VPC_ID]);

typedef struct VpcPortWish {
    const char *project_id, *subnet_id;
    const char *ip, *mac;                 /* NULL: any */
    const char *name;                     /* NULL: "" */
    const char *device_id, *device_owner; /* NULL: "" */
    const char *const *groups;            /* NULL: the default group */
    json_t *allowed_pairs;                /* borrowed; NULL: none */
} VpcPortWish;

/* A row; within the caller's transaction or in its own. port_done by the caller on 0. */
int port_create(StoreConn *store, const VpcPortWish *wish, VpcPort *port, char **problem);
int port_find(StoreConn *store, const char *project_id, const char *id, VpcPort *port);
/* Takes a free port for the device (-EBUSY where another has it), or gives it back ("" and ""). */
int port_bind(StoreConn *store, const char *id, const char *device_id, const char *device_owner);
/* Unplugs and removes; an EIP on it is set free. 0 too where there is none. */
int port_delete(StoreConn *store, const char *id, char **problem);
/* Ports of a device in the order of their making; owned by the caller. -errno, or their number. */
int ports_of_device(StoreConn *store, const char *device_id, VpcPort **ports);

/*
 * Steps of jobs, idempotent, through the host agent: the port has its tap, DHCP entry and rules
 * (and its vpc's namespace exists), or has none. tap gets the interface's name: QEMU's user may
 * open it ("<interface type='ethernet'><target dev='TAP' managed='no'/>"). -EOPNOTSUPP where this
 * host cannot (not root, no nft or ip, a kernel without bridges): *problem says what is missing.
 */
int port_plug(StoreConn *store, const char *id, char tap[VPC_TAP], char **problem);
int port_unplug(StoreConn *store, const char *id, char **problem);
/* Groups of a port, replaced; applied to the host where it is plugged. */
int port_set_groups(StoreConn *store,
                    const char *project_id,
                    const char *id,
                    const char *const *groups,
                    char **problem);

/* Brings the host's network of the vpc to what the rows say (does nothing where nothing of it is
 * plugged and nothing is there). */
int vpc_apply(StoreConn *store, const char *vpc_id, char **problem);

/* The EIP on the port: 0, or -ENOENT. */
int eip_of_port(StoreConn *store, const char *port_id, VpcEip *eip);
/* A new EIP with a bandwidth of its own, bound to the port where one is given. */
int eip_create(StoreConn *store,
               const char *project_id,
               const char *port_id,
               int megabits,
               VpcEip *eip,
               char **problem);
int eip_delete(StoreConn *store, const char *project_id, const char *id, char **problem);

/* For metadata: which port has the address in the vpc of this number. */
int port_at(StoreConn *store, int vpc_number, const char *ip, VpcPort *port);
