/*
 * metadata.c: which server asks the metadata service, and the password that it posts.
 */
#include "base/log.h"
#include "ecs/server.h"
#include "ecs/story.h"
#include "provision/metadata_server.h"

#include <errno.h>
#include <string.h>

/* Of the metadata service's thread alone. */
static StoreConn *store;

typedef struct Asked {
    ServerStory story;
    char *password;
} Asked;

static int
find(const MetadataAsker *asker, MetadataGuest *guest, void *context)
{
    VpcPort port = {0};

    if (!store)
        store = store_connect();
    int error = port_at(store, asker->vpc, asker->address, &port);
    if (error)
        return error;
    AUTO_JSON json_t *server = server_load(store, port.project_id, port.device_id);
    vpc_port_done(&port);
    if (!server)
        return store_failed(store) ? -EIO : -ENOENT;
    Asked *asked = MEM_NEW(Asked);
    error = story_of(store, server, &asked->story);
    if (error) {
        story_done(&asked->story);
        free(asked);
        return error;
    }
    guest->server = asked->story.about;
    if (*json_text(server, "encrypted_password", ""))
        asked->password = str_copy(json_text(server, "encrypted_password", ""));
    guest->encrypted_password = asked->password;
    guest->owned = asked;
    return 0;
}

static void
done(MetadataGuest *guest, void *context)
{
    Asked *asked = guest->owned;

    if (!asked)
        return;
    story_done(&asked->story);
    free(asked->password);
    free(asked);
}

/* The first alone is kept: what is posted later is refused. */
static int
keep(const char *server_id, const char *encrypted, void *context)
{
    long rows = store_run(store,
                          "UPDATE ecs_server SET encrypted_password = $2 WHERE id = $1 AND "
                          "encrypted_password = ''",
                          "ss", server_id, encrypted);

    return rows == 1 ? 0 : rows == 0 ? -EEXIST : -EIO;
}

static const MetadataSource source = {.find = find, .done = done, .keep = keep};

void
server_metadata_start(void)
{
    AUTO_FREE char *problem = NULL;

    if (metadata_start(&source, &problem) != 0)
        log_error("the metadata service does not start: %s", problem ? problem : "");
}
