/*
 * metadata_fixture.c: the metadata service of one server, for tests/provision.
 *
 *   metadata_fixture DATA PUBLIC-KEY-FILE MAC
 *
 * Burns DATA/config.iso, listens on a port of 127.0.0.1 (vpc 7) and prints it. A line "vpc N" on
 * standard input has it listen in the namespace of that vpc, whose name is "name N"'s answer;
 * "leave N" gives it up. Each request's asker is printed as "asked VPC ADDRESS INTERFACE", each
 * password kept as "kept TEXT".
 */
#include "base/memory.h"
#include "network/names.h"
#include "provision/metadata_server.h"
#include "supervise/agent.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static char key[2000];
static const char script[] = "#!/bin/sh\necho user data ran on $(hostname)\n";
static ProvisionServer server = {.id = "9d2ab8c0-1111-4222-8333-444455556666",
                                 .name = "web 1",
                                 .project_id = "0123456789abcdef0123456789abcdef",
                                 .zone = "eu-casement-1a",
                                 .region = "eu-casement-1",
                                 .flavor = "s6.large.2",
                                 .image_id = "5ad2ab8c-0000-4000-8000-000000000000",
                                 .key_name = "mine",
                                 .public_key = key,
                                 .user_data = script,
                                 .user_data_length = sizeof(script) - 1,
                                 .nics = {{.port_id = "11111111-1111-4111-8111-111111111111",
                                           .subnet_id = "22222222-2222-4222-8222-222222222222",
                                           .address = "169.254.169.20",
                                           .prefix = 24,
                                           .gateway = "169.254.169.2",
                                           .dns = {"169.254.169.3"},
                                           .mtu = 1450}},
                                 .nic_count = 1};
static char *kept;

static int
find(const MetadataAsker *asker, MetadataGuest *guest, void *context)
{
    (void) context;
    printf("asked %d %s %s\n", asker->vpc, asker->address, asker->interface);
    if (asker->vpc == 8)
        return -ENOENT;
    guest->server = server;
    guest->encrypted_password = kept;
    return 0;
}

static void
done(MetadataGuest *guest, void *context)
{
    (void) guest;
    (void) context;
}

static int
keep(const char *server_id, const char *encrypted, void *context)
{
    (void) context;
    if (kept || strcmp(server_id, server.id) != 0)
        return -EEXIST;
    kept = str_copy(encrypted);
    printf("kept %s\n", kept);
    return 0;
}

static int
listen_here(int *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof(address);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (bind(listener, (struct sockaddr *) &address, length) != 0 || listen(listener, 64) != 0 ||
        getsockname(listener, (struct sockaddr *) &address, &length) != 0)
        return -errno;
    *port = ntohs(address.sin_port);
    return metadata_listen(7, listener);
}

static void
obey(const char *data, const char *line)
{
    AUTO_FREE char *problem = NULL;
    char name[NETWORK_SPACE];
    int vpc;

    if (sscanf(line, "name %d", &vpc) == 1) {
        network_space(data, vpc, name);
        printf("name %s\n", name);
    } else if (sscanf(line, "vpc %d", &vpc) == 1) {
        int error = metadata_serve(vpc, &problem);
        printf("vpc %d %s\n", error, problem ? problem : "");
    } else if (sscanf(line, "leave %d", &vpc) == 1) {
        metadata_leave(vpc);
        printf("left %d\n", vpc);
    }
}

int
main(int argc, char **argv)
{
    static const MetadataSource source = {.find = find, .done = done, .keep = keep};
    char *problem = NULL, line[100];
    int port = 0;

    if (argc != 4)
        return 2;
    setvbuf(stdout, NULL, _IOLBF, 0);
    FILE *file = fopen(argv[2], "r");
    if (!file || !fgets(key, sizeof(key), file))
        return 2;
    fclose(file);
    key[strcspn(key, "\n")] = '\0';
    server.nics[0].mac = argv[3];
    metadata_register_verbs();
    AUTO_FREE char *drive = str_format("%s/config.iso", argv[1]);
    if (agent_start(argv[1]) != 0 || provision_config_drive(&server, drive, &problem) != 0 ||
        metadata_start(&source, &problem) != 0 || listen_here(&port) != 0) {
        fprintf(stderr, "metadata_fixture: %s\n", problem ? problem : "cannot start");
        return 1;
    }
    printf("port %d\n", port);
    while (fgets(line, sizeof(line), stdin))
        obey(argv[1], line);
    metadata_stop();
    return 0;
}
