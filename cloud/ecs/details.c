/*
 * details.c: what hangs on a server: metadata, tags, the password, the screen, Nova's actions.
 */
#include "base/settings.h"
#include "ecs/console.h"
#include "ecs/handlers.h"
#include "ecs/server.h"
#include "vpc/vpc.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- Metadata ---- */

static void
change_metadata(ApiRequest *request, bool replace)
{
    AUTO_JSON json_t *server = server_of_request(request);

    if (!server)
        return;
    AUTO_JSON json_t *given =
        server_metadata_read(request, json_object_get(request->json, "metadata"));
    if (!given)
        return;
    AUTO_JSON json_t *none = json_object();
    json_t *merged = replace ? none : json_object_get(server, "metadata");
    json_object_update(merged, given);
    if ((long long) json_object_size(merged) >
        ecs_quota_limit(request->store, api_project(request), "metadata_items")) {
        api_fail(request, API_ECS_QUOTA, "metadata_items");
        return;
    }
    if (store_run(request->store,
                  "UPDATE ecs_server SET metadata = $2, updated = now() WHERE id = $1", "sj",
                  json_text(server, "id", ""), merged) != 1)
        api_fail_store(request);
    else
        api_reply(request, 200, json_pack("{s:O}", "metadata", merged));
}

void
ecs_update_metadata(ApiRequest *request)
{
    change_metadata(request, false);
}

void
ecs_replace_metadata(ApiRequest *request)
{
    change_metadata(request, true);
}

void
ecs_show_metadata(ApiRequest *request)
{
    AUTO_JSON json_t *server = server_of_request(request);

    if (server)
        api_reply(request, 200,
                  json_pack("{s:O}", "metadata", json_object_get(server, "metadata")));
}

void
ecs_delete_metadata(ApiRequest *request)
{
    AUTO_JSON json_t *server = server_of_request(request);
    const char *key = api_path(request, "key");

    if (!server)
        return;
    if (!json_object_get(json_object_get(server, "metadata"), key))
        api_fail_as(request, 404, api_error_code(API_ECS_NO_SERVER),
                    "The metadata item %.64s could not be found.", key);
    else if (store_run(request->store,
                       "UPDATE ecs_server SET metadata = metadata - $2::text WHERE id = $1", "ss",
                       json_text(server, "id", ""), key) != 1)
        api_fail_store(request);
    else
        api_reply(request, 204, NULL);
}

/* ---- Tags ---- */

void
ecs_show_tags(ApiRequest *request)
{
    AUTO_JSON json_t *server = server_of_request(request);

    if (server)
        api_reply(request, 200, json_pack("{s:O}", "tags", json_object_get(server, "tags")));
}

static json_t *
without_tag(const json_t *tags, const char *key)
{
    json_t *left = json_array(), *one;
    size_t index;

    json_array_foreach((json_t *) tags, index, one) if (strcmp(json_text(one, "key", ""), key) != 0)
        json_array_append(left, one);
    return left;
}

void
ecs_change_tags(ApiRequest *request)
{
    AUTO_JSON json_t *server = server_of_request(request);
    bool removing = strcmp(json_text(request->json, "action", ""), "delete") == 0;
    json_t *one;
    size_t index;

    if (!server)
        return;
    json_t *tags = json_incref(json_object_get(server, "tags"));
    json_array_foreach(json_object_get(request->json, "tags"), index, one)
    {
        json_t *left = without_tag(tags, json_text(one, "key", ""));

        if (!removing)
            json_array_append_new(left, json_pack("{s:s, s:s}", "key", json_text(one, "key", ""),
                                                  "value", json_text(one, "value", "")));
        json_decref(tags);
        tags = left;
    }
    if (json_array_size(tags) > 10)
        api_fail(request, API_ECS_PARAMETER, "tags: a server has at most 10");
    else if (store_run(request->store,
                       "UPDATE ecs_server SET tags = $2, updated = now() WHERE id = $1", "sj",
                       json_text(server, "id", ""), tags) != 1)
        api_fail_store(request);
    else
        api_reply(request, 204, NULL);
    json_decref(tags);
}

void
ecs_list_tags(ApiRequest *request)
{
    AUTO_FREE char *text = store_value(
        request->store,
        "SELECT coalesce(jsonb_agg(jsonb_build_object('key', key, 'values', values) ORDER BY key), "
        "'[]') FROM (SELECT t->>'key' AS key, jsonb_agg(DISTINCT t->>'value') AS values FROM "
        "ecs_server, jsonb_array_elements(tags) t WHERE project_id = $1 GROUP BY 1) k",
        "s", api_project(request));

    if (text)
        api_reply(request, 200, json_pack("{s:o}", "tags", json_loads(text, 0, NULL)));
    else
        api_fail_store(request);
}

/* ---- The password ---- */

void
ecs_show_password(ApiRequest *request)
{
    AUTO_JSON json_t *server = server_of_request(request);

    if (server)
        api_reply(request, 200,
                  json_pack("{s:s}", "password", json_text(server, "encrypted_password", "")));
}

void
ecs_delete_password(ApiRequest *request)
{
    AUTO_JSON json_t *server = server_of_request(request);

    if (!server)
        return;
    if (store_run(request->store, "UPDATE ecs_server SET encrypted_password = '' WHERE id = $1",
                  "s", json_text(server, "id", "")) != 1)
        api_fail_store(request);
    else
        api_reply(request, 204, NULL);
}

/* By the agent in the guest; false when it has answered. */
static bool
set_password(ApiRequest *request, const json_t *server, const char *password)
{
    bool windows = strcmp(json_text(server, "os_type", ""), "Windows") == 0;
    AUTO_FREE char *problem = NULL;

    if (!server_password_is_sound(request, password) || !server_must_be(request, server, "ACTIVE"))
        return false;
    int error = hypervisor_set_password(json_text(server, "id", ""),
                                        windows ? "Administrator" : "root", password, &problem);
    if (error)
        api_fail_as(request, error == -ENOTCONN ? 409 : 500, api_error_code(API_ECS_AGENT), "%s",
                    problem ? problem : strerror(-error));
    return error == 0;
}

void
ecs_reset_password(ApiRequest *request)
{
    AUTO_JSON json_t *server = server_of_request(request);
    const json_t *given = json_object_get(request->json, "reset-password");

    if (server && set_password(request, server, json_text(given, "new_password", "")))
        api_reply(request, 204, NULL);
}

void
ecs_reset_passwords(ApiRequest *request)
{
    const json_t *servers = json_object_get(request->json, "servers");
    json_t *done = json_array(), *one;
    size_t index;

    json_array_foreach((json_t *) servers, index, one)
    {
        const char *id = json_text(one, "id", "");
        AUTO_JSON json_t *server = server_load(request->store, api_project(request), id);

        if (!server)
            api_fail(request, API_ECS_NO_SERVER, id);
        else if (set_password(request, server, json_text(request->json, "new_password", "")))
            json_array_append_new(done, json_pack("{s:s}", "id", id));
        if (request->answered)
            break;
    }
    if (request->answered)
        json_decref(done);
    else
        api_reply(request, 200, json_pack("{s:o}", "response", done));
}

void
ecs_reset_password_flag(ApiRequest *request)
{
    AUTO_JSON json_t *server = server_of_request(request);
    AUTO_FREE char *problem = NULL;

    if (!server)
        return;
    bool can = hypervisor_agent_ping(json_text(server, "id", ""), &problem) == 0;
    api_reply(request, 200, json_pack("{s:s}", "resetpwd_flag", can ? "True" : "False"));
}

/* ---- The screen ---- */

void
ecs_screenshot(ApiRequest *request)
{
    AUTO_JSON json_t *server = server_of_request(request);
    AUTO_FREE char *problem = NULL;
    unsigned char *bytes = NULL;
    size_t length = 0;

    if (!server)
        return;
    int error = hypervisor_screenshot(json_text(server, "id", ""), &bytes, &length, &problem);
    if (error) {
        api_fail_as(request, 409, api_error_code(API_ECS_STATE), "%s",
                    problem ? problem : strerror(-error));
        return;
    }
    bool png = length > 4 && memcmp(bytes, "\x89PNG", 4) == 0;
    api_reply_bytes(request, 200, png ? "image/png" : "image/x-portable-pixmap", (char *) bytes,
                    length);
}

/* The end of what the guest wrote to its serial port, in lines of UTF-8. Owned by the caller. */
static char *
console_text(const char *id, long long most)
{
    AUTO_FREE char *name = str_format("servers/%s/console.log", id);
    AUTO_FREE char *path = settings_path(name);
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    struct stat about;

    if (file < 0 || fstat(file, &about) != 0 || !S_ISREG(about.st_mode)) {
        if (file >= 0)
            close(file);
        return str_copy("");
    }
    char *text = mem_new((size_t) most + 1, 1);
    off_t from = about.st_size > most ? about.st_size - most : 0;
    ssize_t length = pread(file, text, (size_t) most, from);
    close(file);
    text[length > 0 ? length : 0] = '\0';
    for (ssize_t i = 0; i < length; i++)
        if ((unsigned char) text[i] >= 0x7f ||
            ((unsigned char) text[i] < ' ' && text[i] != '\n' && text[i] != '\t'))
            text[i] = text[i] == '\r' ? ' ' : '?';
    return text;
}

void
ecs_console_output(ApiRequest *request)
{
    AUTO_JSON json_t *server = server_of_request(request);

    if (!server)
        return;
    AUTO_FREE char *text =
        console_text(json_text(server, "id", ""), api_query_number(request, "length", 65536));
    api_reply(request, 200, json_pack("{s:s}", "output", text));
}

/* The link; NULL when it has answered. Owned by the caller. */
static char *
console_link(ApiRequest *request)
{
    AUTO_JSON json_t *server = server_of_request(request);

    if (!server || !server_must_be(request, server, "ACTIVE"))
        return NULL;
    char *token = console_token_new(request->store, json_text(server, "id", ""));
    if (!token) {
        api_fail_store(request);
        return NULL;
    }
    char *link = str_format("%s/console/vnc.html?path=%s%%3Ftoken%%3D%s", settings_endpoint(),
                            CONSOLE_PATH + 1, token);
    str_wipe(token);
    return link;
}

void
ecs_remote_console(ApiRequest *request)
{
    AUTO_FREE char *link = console_link(request);

    if (link)
        api_reply(request, 200,
                  json_pack("{s:{s:s, s:s, s:s}}", "remote_console", "protocol", "vnc", "type",
                            "novnc", "url", link));
}

/* ---- Nova's actions ---- */

static void
change_group(ApiRequest *request, const char *name, bool add)
{
    AUTO_JSON json_t *server = server_of_request(request);
    VpcPort *ports = NULL;
    char id[VPC_ID];
    int error = 0;

    if (!server)
        return;
    if (vpc_group_find(request->store, api_project(request), name, id) != 0) {
        api_fail_as(request, 404, api_error_code(API_ECS_NO_SERVER),
                    "Security group %.64s could not be found.", name);
        return;
    }
    int count = ports_of_device(request->store, json_text(server, "id", ""), &ports);
    AUTO_FREE char *problem = NULL;
    for (int i = 0; i < count && !error; i++) {
        const char *groups[64] = {NULL};
        int kept = 0;

        for (char **group = ports[i].groups; group && *group && kept < 62; group++)
            if (strcmp(*group, id) != 0)
                groups[kept++] = *group;
        if (add)
            groups[kept++] = id;
        error =
            port_set_groups(request->store, api_project(request), ports[i].id, groups, &problem);
    }
    if (count >= 0)
        vpc_ports_free(ports, count);
    if (error && error != -EOPNOTSUPP)
        ecs_refuse(request, error, problem);
    else
        api_reply(request, 202, NULL);
}

static void
nova_console(ApiRequest *request)
{
    AUTO_FREE char *link = console_link(request);

    if (link)
        api_reply(request, 200,
                  json_pack("{s:{s:s, s:s}}", "console", "type", "novnc", "url", link));
}

static void
nova_output(ApiRequest *request, const json_t *given)
{
    AUTO_JSON json_t *server = server_of_request(request);
    long long lines = json_number(given, "length", 0);

    if (!server)
        return;
    AUTO_FREE char *text = console_text(json_text(server, "id", ""), 65536);
    char *from = lines > 0 ? text + strlen(text) : text;
    while (from > text && !(from[-1] == '\n' && from[0] && --lines == 0))
        from--;
    api_reply(request, 200, json_pack("{s:s}", "output", from));
}

static void
nova_password(ApiRequest *request, const json_t *given)
{
    AUTO_JSON json_t *server = server_of_request(request);

    if (server && set_password(request, server, json_text(given, "adminPass", "")))
        api_reply(request, 202, NULL);
}

static void
nova_power(ApiRequest *request, const char *kind, const char *states, const char *task, bool soft)
{
    AUTO_JSON json_t *data = json_pack("{s:b}", "soft", soft);
    bool reboot = strcmp(kind, "rebootSingleServer") == 0;

    server_act(request, kind, states,
               !reboot ? NULL
               : soft  ? "REBOOT"
                       : "HARD_REBOOT",
               task, data, 202);
}

/* The one action of the body; false for one that is not known. */
static bool
act(ApiRequest *request, const char *name, const json_t *given)
{
    const char *group = json_text(given, "name", "");
    bool soft = strcasecmp(json_text(given, "type", "SOFT"), "SOFT") == 0;

    if (strcmp(name, "os-start") == 0)
        nova_power(request, "startSingleServer", "SHUTOFF ERROR", "powering-on", true);
    else if (strcmp(name, "os-stop") == 0)
        nova_power(request, "stopSingleServer", "ACTIVE ERROR", "powering-off", true);
    else if (strcmp(name, "reboot") == 0)
        nova_power(request, "rebootSingleServer", "ACTIVE ERROR", "rebooting", soft);
    else if (strcmp(name, "resize") == 0)
        ecs_nova_resize(request, json_text(given, "flavorRef", ""));
    else if (strcmp(name, "confirmResize") == 0)
        api_reply(request, 204, NULL); /* there is nothing left to confirm */
    else if (strcmp(name, "rebuild") == 0)
        ecs_nova_rebuild(request, given);
    else if (strcmp(name, "addSecurityGroup") == 0 || strcmp(name, "removeSecurityGroup") == 0)
        change_group(request, group, *name == 'a');
    else if (strcmp(name, "changePassword") == 0)
        nova_password(request, given);
    else if (strcmp(name, "os-getVNCConsole") == 0)
        nova_console(request);
    else if (strcmp(name, "os-getConsoleOutput") == 0)
        nova_output(request, given);
    else
        return false;
    return true;
}

void
ecs_nova_action(ApiRequest *request)
{
    const char *name = json_object_iter_key(json_object_iter(request->json));

    if (json_object_size(request->json) != 1 ||
        !act(request, name, json_object_get(request->json, name)))
        api_fail_as(request, 400, api_error_code(API_ECS_PARAMETER),
                    "The action %.64s is not known.", name ? name : "");
}

void
ecs_nova_security_groups(ApiRequest *request)
{
    AUTO_JSON json_t *server = server_of_request(request);

    if (!server)
        return;
    AUTO_JSON json_t *view = server_view(request, server, SERVER_NOVA);
    api_reply(request, 200,
              json_pack("{s:O}", "security_groups", json_object_get(view, "security_groups")));
}

void
ecs_nova_addresses(ApiRequest *request)
{
    AUTO_JSON json_t *server = server_of_request(request);

    if (server)
        api_reply(request, 200,
                  json_pack("{s:o}", "addresses", server_addresses(request->store, server)));
}
