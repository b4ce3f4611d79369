/*
 * network_fixture.c: tenants' networks without a store or an API, for tests/network.
 *
 *   network_fixture --data DATA
 *
 * Reads one command a line: "probe", "list", "apply JSON", "remove VPC", "names VPC PORT", "serve
 * VPC" (metadata), "leave VPC". Answers each with a line of JSON: {"error", "problem", ...}. Who
 * asks for metadata is printed as "asked VPC ADDRESS INTERFACE".
 */
#include "base/json.h"
#include "base/memory.h"
#include "base/settings.h"
#include "network/names.h"
#include "provision/metadata_server.h"
#include "supervise/agent.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int
find(const MetadataAsker *asker, MetadataGuest *guest, void *context)
{
    (void) guest;
    (void) context;
    printf("asked %d %s %s\n", asker->vpc, asker->address, asker->interface);
    return -ENOENT;
}

static void
done(MetadataGuest *guest, void *context)
{
    (void) guest;
    (void) context;
}

static int
apply(const char *text, char **problem)
{
    AUTO_JSON json_t *state = json_loads(text, 0, NULL);

    return state ? network_apply(state, problem) : -EINVAL;
}

static void
put_names(json_t *answer, int vpc, int port)
{
    char space[NETWORK_SPACE], tap[NETWORK_TAP], mark[5];
    AUTO_FREE char *folder = network_run_folder(settings_data());

    network_space(settings_data(), vpc, space);
    network_tap(settings_data(), port, tap);
    network_mark(settings_data(), mark);
    json_put_text(answer, "space", space);
    json_put_text(answer, "tap", tap);
    json_put_text(answer, "mark", mark);
    json_put_text(answer, "folder", folder);
}

static void
obey(const char *line)
{
    AUTO_FREE char *problem = NULL;
    AUTO_JSON json_t *answer = json_object();
    json_t *found = NULL;
    int error = 0, vpc = 0, port = 0;

    if (strncmp(line, "probe", 5) == 0) {
        json_object_set_new(answer, "probe", network_probe());
    } else if (strncmp(line, "list", 4) == 0) {
        error = network_list(&found, &problem);
        json_object_set_new(answer, "list", found ? found : json_null());
    } else if (strncmp(line, "apply ", 6) == 0) {
        error = apply(line + 6, &problem);
    } else if (sscanf(line, "remove %d", &vpc) == 1) {
        error = network_remove(vpc, &problem);
    } else if (sscanf(line, "names %d %d", &vpc, &port) == 2) {
        put_names(answer, vpc, port);
    } else if (sscanf(line, "serve %d", &vpc) == 1) {
        error = metadata_serve(vpc, &problem);
    } else if (sscanf(line, "leave %d", &vpc) == 1) {
        metadata_leave(vpc);
    }
    json_object_set_new(answer, "error", json_integer(error));
    json_put_text(answer, "problem", problem);
    AUTO_FREE char *text = json_render(answer);
    puts(text);
}

int
main(int argc, char **argv)
{
    static const MetadataSource source = {.find = find, .done = done};
    char *problem = NULL, *line = NULL;
    size_t room = 0;

    setvbuf(stdout, NULL, _IOLBF, 0);
    settings_read(argc, argv);
    network_register_verbs();
    metadata_register_verbs();
    if (agent_start(settings_data()) != 0 || metadata_start(&source, &problem) != 0) {
        fprintf(stderr, "network_fixture: %s\n", problem ? problem : "cannot start");
        return 1;
    }
    while (getline(&line, &room, stdin) > 0)
        obey(line);
    free(line);
    metadata_stop();
    return 0;
}
