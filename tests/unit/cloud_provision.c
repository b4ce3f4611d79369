/*
 * cloud_provision.c: tests of cloud/provision: documents, metadata service, keys, licence, and the
 * ConfigDrive as xorriso reads it back.
 */
#include "base/memory.h"
#include "check.h"
#include "provision/provision.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static ProvisionServer
sample(void)
{
    return (ProvisionServer){.id = "9d2ab8c0-1111-4222-8333-444455556666",
                             .name = "Web Server.example_long-name",
                             .project_id = "p1",
                             .zone = "eu-casement-1a",
                             .flavor = "s6.large.2",
                             .key_name = "mine",
                             .user_data = "#ps1\n",
                             .user_data_length = 5,
                             .windows = true,
                             .nics = {{.port_id = "port-1",
                                       .subnet_id = "net-1",
                                       .mac = "fa:16:3e:00:00:01",
                                       .address = "192.168.0.10",
                                       .prefix = 22,
                                       .gateway = "192.168.0.1",
                                       .dns = {"100.125.1.250"}}},
                             .nic_count = 1};
}

static char *kept;

static int
keep_once(const char *server_id, const char *encrypted, void *context)
{
    (void) server_id;
    (void) context;
    if (kept)
        return -EEXIST;
    kept = str_copy(encrypted);
    return 0;
}

/* One request; the body stays valid until the next. */
static MetadataAnswer answer;

static int
ask(const ProvisionServer *server, const char *method, const char *path, const char *body)
{
    free(answer.body);
    provision_metadata(server, method, path, body, body ? strlen(body) : 0, kept, keep_once, NULL,
                       &answer);
    return answer.status;
}

static void
host_names_fit_the_system(void)
{
    static const struct {
        const char *name, *host;
        bool windows;
    } cases[] = {
        {"web-1", "web-1", true},   {"Web Server.example_long-name", "Web-Server-exam", true},
        {"a.b.c", "a", false},      {"--x--", "x", false},
        {"12345", "s-12345", true}, {"\xc3\xa9", "server", false}};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AUTO_FREE char *host = provision_hostname(cases[i].name, cases[i].windows);
        CHECK(!strcmp(host, cases[i].host));
    }
}

static void
addresses_and_routes_are_told(void)
{
    ProvisionServer server = sample();
    AUTO_JSON json_t *data = provision_network_data(&server);
    json_t *network = json_array_get(json_object_get(data, "networks"), 0);
    json_t *link = json_array_get(json_object_get(data, "links"), 0);
    json_t *route = json_array_get(json_object_get(network, "routes"), 0);

    CHECK(!strcmp(json_text(network, "netmask", ""), "255.255.252.0"));
    CHECK(!strcmp(json_text(network, "link", ""), json_text(link, "id", "-")));
    CHECK(!strcmp(json_text(route, "gateway", ""), "192.168.0.1"));
    CHECK(json_number(link, "mtu", 0) == 1500);
    server.nics[0].dhcp = true;
    AUTO_JSON json_t *dynamic = provision_network_data(&server);
    network = json_array_get(json_object_get(dynamic, "networks"), 0);
    CHECK(!strcmp(json_text(network, "type", ""), "ipv4_dhcp"));
    CHECK(!json_object_get(network, "ip_address"));
}

static void
metadata_answers_whole_paths_only(void)
{
    static const struct {
        const char *path;
        int status;
        const char *body; /* the whole of it, or NULL */
    } cases[] = {
        {"/openstack", 200, NULL},
        {"/openstack/latest/", 200, NULL},
        {"/openstack/2012-08-10/password", 404, NULL},
        {"/openstack/latest/password", 200, ""},
        {"/openstack/latest/user_data", 200, "#ps1\n"},
        {"/openstack/latest/../latest/meta_data.json", 404, NULL},
        {"/openstack/2099-01-01/meta_data.json", 404, NULL},
        {"/openstackX/latest/meta_data.json", 404, NULL},
        {"/latest/meta-data/local-ipv4", 200, "192.168.0.10"},
        {"/latest/meta-data/hostname", 200, "Web-Server-exam"},
        {"/2009-04-04/meta-data/placement/availability-zone", 200, "eu-casement-1a"},
        {"/latest/meta-data/placement/", 200, "availability-zone"},
        {"/latest/meta-data/public-keys/", 200, "0=mine"},
        {"/latest/meta-data/public-keys/0/", 200, "openssh-key"},
        {"/latest/meta-data/public-keys/0/_name", 404, NULL},
        {"/latest/meta-data/hostname/deeper", 404, NULL},
        {"/latest/user-data", 200, "#ps1\n"},
        {"/nothing", 404, NULL},
    };
    ProvisionServer server = sample();

    server.public_key = "ssh-rsa AAAA me";
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CHECK(ask(&server, "GET", cases[i].path, NULL) == cases[i].status);
        CHECK(!cases[i].body || !strcmp(answer.body, cases[i].body));
    }
    CHECK(ask(&server, "PUT", "/openstack/latest/password", "AAAA") == 405);
    CHECK(ask(&server, "POST", "/openstack/latest/meta_data.json", "AAAA") == 405);
}

/* As Cloudbase-Init goes about it: the key from meta_data.json, not set yet, post, set. */
static void
a_password_is_posted_once_and_read_by_its_key(void)
{
    ProvisionServer server = sample();
    ProvisionKey key, other;
    AUTO_WIPE char *private_key = NULL;
    AUTO_WIPE char *stranger = NULL;
    AUTO_FREE char *problem = NULL;
    const char *secret = "Pa55 w\xc3\xb6rd!";

    CHECK(!provision_key_make("me@here", &key, &private_key, &problem));
    CHECK(!provision_key_make("", &other, &stranger, &problem));
    CHECK(!strncmp(private_key, "-----BEGIN RSA PRIVATE KEY-----", 31));
    server.public_key = key.public_key;
    CHECK(ask(&server, "GET", "/openstack/latest/meta_data.json", NULL) == 200);
    AUTO_JSON json_t *meta = json_loadb(answer.body, answer.length, 0, NULL);
    CHECK(!json_object_get(meta, "admin_pass"));
    const char *published = json_text(json_object_get(meta, "public_keys"), "mine", "");
    AUTO_FREE char *sealed = provision_encrypt(published, secret, &problem);
    CHECK(sealed != NULL);
    CHECK(ask(&server, "POST", "/openstack/latest/password", "not base64!!") == 400);
    CHECK(ask(&server, "POST", "/openstack/latest/password", "") == 400);
    AUTO_FREE char *huge = mem_new(1025, 1);
    memset(huge, 'A', 1024);
    CHECK(ask(&server, "POST", "/openstack/latest/password", huge) == 413);
    CHECK(!kept);
    CHECK(ask(&server, "POST", "/openstack/latest/password", sealed) == 200);
    CHECK(ask(&server, "POST", "/openstack/latest/password", sealed) == 409);
    CHECK(ask(&server, "GET", "/openstack/latest/password", NULL) == 200);
    CHECK(!strcmp(answer.body, sealed));
    AUTO_WIPE char *opened = provision_decrypt(private_key, kept, &problem);
    CHECK(opened && !strcmp(opened, secret));
    AUTO_WIPE char *wrong = provision_decrypt(stranger, kept, &problem);
    CHECK(!wrong || strcmp(wrong, secret) != 0);
    free(kept);
    kept = NULL;
    provision_key_done(&key);
    provision_key_done(&other);
}

static void
damaged_public_keys_are_refused(void)
{
    static const char *const bad[] = {"",
                                      "ssh-rsa",
                                      "ssh-rsa ????",
                                      "ssh-rsa AAAAB3NzaC1yc2E=",
                                      "ssh-dss AAAAB3NzaC1kc3M=",
                                      "ssh-rsa AAAA\nssh-rsa BBBB",
                                      "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAAgECAw=="};
    ProvisionKey key;

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        AUTO_FREE char *problem = NULL;
        CHECK(provision_key_parse(bad[i], &key, &problem) == -EINVAL);
        CHECK(problem && *problem);
    }
    /* Fingerprints as ssh-keygen -l shows them for this key. */
    AUTO_FREE char *problem = NULL;
    CHECK(
        !provision_key_parse("ssh-ed25519 "
                             "AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl "
                             "github",
                             &key, &problem));
    CHECK(!strcmp(key.sha256, "SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU"));
    CHECK(!strcmp(key.fingerprint, "65:96:2d:fc:e8:d5:a9:11:64:0c:0f:ea:00:6e:5b:bd"));
    provision_key_done(&key);
}

static void
the_licence_of_windows_is_told(void)
{
    AUTO_JSON json_t *windows =
        json_pack("{s:s,s:s}", "__os_type", "Windows", "casement_edition", "ServerStandardEval");
    AUTO_JSON json_t *linux_image = json_pack("{s:s}", "__os_type", "Linux");
    AUTO_JSON json_t *facts = provision_licence(windows, "2026-01-01T00:00:00.000000Z", NULL);
    AUTO_JSON json_t *none = provision_licence(linux_image, NULL, NULL);

    CHECK(json_flag(facts, "evaluation", false));
    CHECK(!strncmp(json_text(facts, "evaluation_ends", ""), "2026-06-30T", 11));
    CHECK(json_is_null(none));
}

static void
the_config_drive_is_labelled_and_leaves_nothing(void)
{
    ProvisionServer server = sample();
    char folder[] = "/tmp/provision-XXXXXX";
    AUTO_FREE char *problem = NULL;
    char bytes[7] = "";

    CHECK(mkdtemp(folder) != NULL);
    AUTO_FREE char *path = str_format("%s/config.iso", folder);
    int status = provision_config_drive(&server, path, &problem);
    if (status == -ENOENT) {
        CHECK(strstr(problem, "xorriso") != NULL);
        CHECK(!rmdir(folder));
        return;
    }
    CHECK(!status);
    CHECK(!provision_config_drive(&server, path, &problem)); /* a job may repeat it */
    FILE *iso = fopen(path, "r");
    /* The volume's label stands 40 bytes into the descriptor at sector 16; Joliet's follows. */
    AUTO_FREE char *label = mem_new(9, 1);
    CHECK(iso && !fseek(iso, 16 * 2048 + 40, SEEK_SET) && fread(label, 1, 8, iso) == 8);
    CHECK(!strcmp(label, "config-2"));
    CHECK(iso && !fseek(iso, 17 * 2048 + 88, SEEK_SET) && fread(bytes, 1, 2, iso) == 2);
    CHECK(!memcmp(bytes, "%/", 2));
    if (iso)
        fclose(iso);
    CHECK(!unlink(path));
    CHECK(!rmdir(folder)); /* nothing else was left */
}

int
main(void)
{
    RUN(host_names_fit_the_system);
    RUN(addresses_and_routes_are_told);
    RUN(metadata_answers_whole_paths_only);
    RUN(a_password_is_posted_once_and_read_by_its_key);
    RUN(damaged_public_keys_are_refused);
    RUN(the_licence_of_windows_is_told);
    RUN(the_config_drive_is_labelled_and_leaves_nothing);
    free(answer.body);
    return check_done();
}
