/*
 * provision.h: what a new server is told, and what it tells back.
 *
 * A guest reads its name, addresses, keys and user data from a ConfigDrive (an ISO labelled
 * config-2) or from the metadata service at 169.254.169.254; both are made here from one
 * ProvisionServer, so that they never differ. Windows (Cloudbase-Init) makes its own password,
 * encrypts it with the public RSA key and posts it, once; only the holder of the private key reads
 * it. Nothing here knows the store or the API: the ECS service fills the structs, keeps the posted
 * password and knows which server asks; the owner of the subnet's namespace does the listening.
 */
#pragma once

#include "base/json.h"

#include <stdbool.h>
#include <stddef.h>

/* One interface of the server. Texts are borrowed for the call, here and in the other structs. */
typedef struct ProvisionNic {
    const char *port_id, *subnet_id, *mac; /* mac: "fa:16:3e:00:00:01" */
    bool dhcp;                             /* else address, prefix and gateway are set statically */
    const char *address;                   /* IPv4, always known */
    int prefix;                            /* 24 */
    const char *gateway;                   /* NULL: no default route on this interface */
    const char *dns[4];                    /* NULL-terminated where fewer */
    int mtu;                               /* 0: 1500 */
} ProvisionNic;

#define PROVISION_NICS 12
/* Huawei's and Nova's bound on user data once decoded. */
#define PROVISION_USER_DATA_MAX 65535

typedef struct ProvisionServer {
    const char *id, *name, *hostname; /* hostname NULL: made of the name */
    const char *project_id, *zone, *region, *flavor, *image_id;
    const char *key_name, *public_key; /* OpenSSH's "ssh-rsa AAAA... comment", or NULL */
    const char *admin_password;        /* NULL: the guest makes its own */
    const void *user_data;             /* decoded bytes, or NULL */
    size_t user_data_length;
    const json_t *metadata;     /* the tenant's pairs, an object of texts, or NULL */
    const char *public_address; /* of the first interface, or NULL */
    const char *const *groups;  /* names of security groups, NULL-terminated or NULL */
    const char *kms_host;       /* "kms.example:1688" or NULL */
    bool windows;
    ProvisionNic nics[PROVISION_NICS];
    int nic_count;
} ProvisionServer;

/* The documents, as ConfigDrive and metadata service both give them. New references. */
json_t *provision_meta_data(const ProvisionServer *server);
json_t *provision_network_data(const ProvisionServer *server);
json_t *provision_vendor_data(const ProvisionServer *server);
json_t *provision_ec2_meta_data(const ProvisionServer *server);
/* The name as a host name: letters, digits and hyphens, at most 63 (15 on Windows, where NetBIOS
 * bounds it). Owned by the caller. */
char *provision_hostname(const char *name, bool windows);

/*
 * Makes the ConfigDrive at path (through a file beside it and rename; safe to repeat), mode 0640.
 * 0, or a negative errno with *problem (owned by the caller) in plain words: -ENOENT where xorriso
 * is not installed.
 */
int provision_config_drive(const ProvisionServer *server, const char *path, char **problem);

/* What the service keeps of a posted password. Return 0, -EEXIST where one was kept before, any
 * other negative errno where it could not be kept. Two posts may come at once: look and write must
 * be one step in the store (an UPDATE only where none is kept), so that the first alone is kept. */
typedef int (*ProvisionKeepPassword)(const char *server_id, const char *encrypted, void *context);

typedef struct MetadataAnswer {
    int status;       /* 200, 201, 400, 404, 405, 409, 413, 500 */
    const char *type; /* constant content type */
    char *body;       /* owned by the caller; never NULL */
    size_t length;
} MetadataAnswer;

/*
 * Answers one request of a known server: "/", "/openstack/...", "/latest/...", "/2009-04-04/...".
 * path is without the query. A request that carries X-Forwarded-For must be refused before by the
 * listener (a proxy in the guest must not speak for it). encrypted_password is what was kept, or
 * NULL; keep may be NULL where posting is off.
 */
void provision_metadata(const ProvisionServer *server,
                        const char *method,
                        const char *path,
                        const void *body,
                        size_t body_length,
                        const char *encrypted_password,
                        ProvisionKeepPassword keep,
                        void *context,
                        MetadataAnswer *answer);

/* An OpenSSH public key of a tenant, checked. */
typedef struct ProvisionKey {
    char *public_key;  /* "ssh-rsa AAAA... comment", one line */
    char *fingerprint; /* MD5 of the blob as Nova shows it: "1e:2c:9b:..." */
    char *sha256;      /* "SHA256:..." as ssh-keygen shows it */
    char type[32];     /* "ssh-rsa", "ssh-ed25519", "ecdsa-sha2-nistp256" */
    int bits;
} ProvisionKey;
void provision_key_done(ProvisionKey *key);

/* Reads a public key of a tenant. -EINVAL with *problem in plain words where it is none of the
 * types above, is cut, or is an RSA key below 2048 bits (1024 is taken by nothing today). */
int provision_key_parse(const char *text, ProvisionKey *key, char **problem);
/* A new RSA key of 2048 bits; the private key in PEM (PKCS#1, as Nova gives; wipe it). */
int provision_key_make(const char *comment, ProvisionKey *key, char **private_key, char **problem);
/*
 * RSA PKCS#1 v1.5, base64: what Cloudbase-Init does. Only for RSA keys. Owned by the caller; NULL
 * with *problem. Used to hand a tenant's own password out in the same form, and by tests.
 */
char *provision_encrypt(const char *public_key, const char *secret, char **problem);
char *provision_decrypt(const char *private_key, const char *encrypted, char **problem);

/*
 * What is known about the licence of a Windows server, as facts for the console:
 * {"os_version", "edition", "evaluation": bool, "activation": "kms"|"none"|"evaluation",
 * "kms_host", "evaluation_days", "evaluation_ends", "note"}. properties are the image's. A new
 * reference; null for other systems.
 */
json_t *provision_licence(const json_t *properties, const char *created, const char *kms_host);
