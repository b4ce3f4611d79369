/*
 * documents.c: the documents that a server reads of itself, made of one ProvisionServer for the
 * ConfigDrive and the metadata service alike.
 */
#include "base/memory.h"
#include "crypto/master_key.h"
#include "provision/provision.h"

#include <ctype.h>
#include <openssl/rand.h>
#include <stdint.h>
#include <string.h>

#define SEED_BYTES 512

char *
provision_hostname(const char *name, bool windows)
{
    size_t most = windows ? 15 : 63;
    char host[64];
    size_t length = 0;

    for (const char *c = name; c && *c && length < most; c++) {
        if (isascii((unsigned char) *c) && isalnum((unsigned char) *c))
            host[length++] = *c;
        else if (*c == '.' && !windows)
            break; /* a domain is not part of it */
        else if (length && host[length - 1] != '-')
            host[length++] = '-';
    }
    while (length && host[length - 1] == '-')
        length--;
    if (!length)
        return str_copy("server");
    /* Windows refuses a name of digits alone. */
    if (windows && strspn(host, "0123456789") >= length && length <= most - 2)
        return str_format("s-%.*s", (int) length, host);
    return str_copy_n(host, length);
}

/* The host name that both forms give. */
static char *
host_of(const ProvisionServer *server)
{
    return provision_hostname(server->hostname ? server->hostname : server->name, server->windows);
}

json_t *
provision_meta_data(const ProvisionServer *server)
{
    AUTO_FREE char *host = host_of(server);
    unsigned char seed[SEED_BYTES];
    json_t *data = json_object();

    json_put_text(data, "uuid", server->id);
    json_put_text(data, "name", server->name);
    json_put_text(data, "hostname", host);
    json_put_text(data, "project_id", server->project_id);
    json_put_text(data, "availability_zone", server->zone);
    json_put_text(data, "region_id", server->region);
    json_object_set_new(data, "launch_index", json_integer(0));
    json_object_set_new(data, "devices", json_array());
    json_object_set_new(data, "meta",
                        server->metadata ? json_deep_copy(server->metadata) : json_object());
    json_put_text(data, "admin_pass", server->admin_password);
    if (server->public_key) {
        const char *name = server->key_name ? server->key_name : "key";
        json_object_set_new(data, "public_keys", json_pack("{s:s}", name, server->public_key));
        json_object_set_new(
            data, "keys",
            json_pack("[{s:s,s:s,s:s}]", "name", name, "type", "ssh", "data", server->public_key));
    }
    if (RAND_bytes(seed, sizeof seed) == 1) {
        AUTO_FREE char *text = base64_text(seed, sizeof seed);
        json_put_text(data, "random_seed", text);
    }
    return data;
}

static void
dotted_mask(int prefix, char text[16])
{
    uint32_t mask = prefix <= 0 ? 0 : prefix >= 32 ? UINT32_MAX : ~(UINT32_MAX >> prefix);
    snprintf(text, 16, "%u.%u.%u.%u", mask >> 24 & 255, mask >> 16 & 255, mask >> 8 & 255,
             mask & 255);
}

/* One interface's addresses. */
static json_t *
network_entry(const ProvisionNic *nic, int number)
{
    char mask[16];
    json_t *entry = json_object();
    AUTO_FREE char *id = str_format("network%d", number);
    AUTO_FREE char *link = str_format("interface%d", number);

    json_put_text(entry, "id", id);
    json_put_text(entry, "link", link);
    json_put_text(entry, "network_id", nic->subnet_id);
    json_put_text(entry, "type", nic->dhcp ? "ipv4_dhcp" : "ipv4");
    if (nic->dhcp)
        return entry;
    dotted_mask(nic->prefix, mask);
    json_put_text(entry, "ip_address", nic->address);
    json_put_text(entry, "netmask", mask);
    json_t *routes = json_array(), *services = json_array();
    if (nic->gateway)
        json_array_append_new(routes, json_pack("{s:s,s:s,s:s}", "network", "0.0.0.0", "netmask",
                                                "0.0.0.0", "gateway", nic->gateway));
    for (int i = 0; i < 4 && nic->dns[i]; i++)
        json_array_append_new(services,
                              json_pack("{s:s,s:s}", "type", "dns", "address", nic->dns[i]));
    json_object_set_new(entry, "routes", routes);
    json_object_set_new(entry, "services", services);
    return entry;
}

json_t *
provision_network_data(const ProvisionServer *server)
{
    json_t *links = json_array(), *networks = json_array(), *services = json_array();

    for (int i = 0; i < server->nic_count; i++) {
        const ProvisionNic *nic = &server->nics[i];
        json_t *link = json_object();
        AUTO_FREE char *id = str_format("interface%d", i);
        json_put_text(link, "id", id);
        json_put_text(link, "vif_id", nic->port_id);
        json_put_text(link, "type", "phy");
        json_put_text(link, "ethernet_mac_address", nic->mac);
        json_object_set_new(link, "mtu", json_integer(nic->mtu ? nic->mtu : 1500));
        json_array_append_new(links, link);
        json_array_append_new(networks, network_entry(nic, i));
        for (int d = 0; i == 0 && d < 4 && nic->dns[d]; d++)
            json_array_append_new(services,
                                  json_pack("{s:s,s:s}", "type", "dns", "address", nic->dns[d]));
    }
    return json_pack("{s:o,s:o,s:o}", "links", links, "networks", networks, "services", services);
}

json_t *
provision_vendor_data(const ProvisionServer *server)
{
    json_t *data = json_object();

    /* Cloudbase-Init has no place for it in OpenStack's form, so it is only told: what sets the
     * host of an image's KMS must read it from here. */
    if (server->kms_host)
        json_object_set_new(data, "casement", json_pack("{s:s}", "kms_host", server->kms_host));
    return data;
}

/* The names of the security groups, one a line, as EC2 gives them. */
static void
put_groups(json_t *data, const ProvisionServer *server)
{
    Buffer names = {0};

    for (int i = 0; server->groups && server->groups[i]; i++) {
        buffer_add_text(&names, i ? "\n" : "");
        buffer_add_text(&names, server->groups[i]);
    }
    json_put_text(data, "security-groups", names.text ? names.text : "");
    buffer_done(&names);
}

json_t *
provision_ec2_meta_data(const ProvisionServer *server)
{
    AUTO_FREE char *host = host_of(server);
    AUTO_FREE char *short_id = str_format("i-%.8s", server->id);
    AUTO_FREE char *image =
        str_format("ami-%.8s", server->image_id ? server->image_id : "00000000");
    json_t *data = json_object();
    const ProvisionNic *nic = server->nic_count > 0 ? &server->nics[0] : NULL;

    json_put_text(data, "ami-id", image);
    json_put_text(data, "ami-launch-index", "0");
    json_put_text(data, "ami-manifest-path", "");
    json_put_text(data, "hostname", host);
    json_put_text(data, "instance-action", "none");
    json_put_text(data, "instance-id", short_id);
    json_put_text(data, "instance-type", server->flavor ? server->flavor : "");
    json_put_text(data, "local-hostname", host);
    json_put_text(data, "local-ipv4", nic ? nic->address : "");
    json_object_set_new(data, "placement",
                        json_pack("{s:s}", "availability-zone", server->zone ? server->zone : ""));
    json_put_text(data, "public-hostname", host);
    json_put_text(data, "public-ipv4", server->public_address ? server->public_address : "");
    if (server->public_key)
        json_object_set_new(data, "public-keys",
                            json_pack("{s:{s:s,s:s}}", "0", "_name",
                                      server->key_name ? server->key_name : "key", "openssh-key",
                                      server->public_key));
    json_put_text(data, "reservation-id", short_id);
    put_groups(data, server);
    return data;
}
