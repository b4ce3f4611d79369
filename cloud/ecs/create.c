/*
 * create.c: the request to make servers, in ECS's and in Nova's form: both become one wish, and
 * that rows (server, volumes, ports) and one job a server, in one transaction.
 *
 * A wish: {"name", "count", "image", "flavor", "zone", "nics": [{"subnet_id", "port_id", "ip"}],
 * "groups": [texts], "root": {"type", "size"}, "data": [{"type", "size", "delete"}], "key_name",
 * "admin_pass", "user_data", "metadata", "tags", "megabits", "group", "description",
 * "secure_boot", "tpm"}
 */
#include "crypto/master_key.h"
#include "ecs/handlers.h"
#include "ecs/server.h"
#include "evs/evs.h"
#include "ims/ims.h"
#include "vpc/vpc.h"

#include <errno.h>
#include <string.h>

#define DEFAULT_ROOT_GB 10
#define MOST_AT_ONCE 100

/* What the rows of one request are made with. */
typedef struct Making {
    ApiRequest *request;
    const json_t *wish;
    const Flavor *flavor;
    ImsImage image;
    char *public_key, *sealed;
    char **groups; /* ids, NULL-terminated; NULL: the default group */
    int root_gb;
    char reservation[41];
    json_t *servers, *jobs; /* ids */
} Making;

/* ---- Checks before rows ---- */

/* Why no guest can be here; NULL where one can. Owned by the caller. */
static char *
host_problem(void)
{
    AUTO_JSON json_t *probe = hypervisor_probe();
    const json_t *missing = json_array_get(json_object_get(probe, "missing"), 0);

    if (json_flag(probe, "available", false))
        return NULL;
    return missing ? str_format("%s: %s", json_text(missing, "why", ""),
                                json_text(missing, "remedy", ""))
                   : str_copy("the host's agent does not say what it can");
}

static bool
find_image(Making *making)
{
    ApiRequest *request = making->request;
    const char *id = json_text(making->wish, "image", "");
    int error = image_find(request->store, api_project(request), id, &making->image);

    if (error == -EIO)
        api_fail_store(request);
    else if (error == -EBUSY)
        api_fail(request, API_ECS_PARAMETER, "imageRef: the image is not active");
    else if (error)
        api_fail(request, API_ECS_PARAMETER, "imageRef: the image could not be found");
    if (error)
        return false;
    long long bytes = making->image.virtual_bytes;
    int least = (int) ((bytes + (1LL << 30) - 1) >> 30);
    if (least < making->image.min_disk_gb)
        least = making->image.min_disk_gb;
    making->root_gb = (int) json_number(json_object_get(making->wish, "root"), "size", 0);
    if (!making->root_gb)
        making->root_gb = least > DEFAULT_ROOT_GB ? least : DEFAULT_ROOT_GB;
    if (making->root_gb >= least && making->flavor->memory_mb >= making->image.min_ram_mb)
        return true;
    api_fail_as(request, 400, api_error_code(API_ECS_PARAMETER),
                "the image wants a system disk of %d GB and %d MB of memory at least", least,
                making->image.min_ram_mb);
    return false;
}

static bool
texts_are_sound(Making *making)
{
    ApiRequest *request = making->request;
    const char *password = json_text(making->wish, "admin_pass", "");
    const char *key = json_text(making->wish, "key_name", "");

    if (!server_name_is_sound(request, json_text(making->wish, "name", "")) ||
        (*password && !server_password_is_sound(request, password)) ||
        !server_user_data_is_sound(request, json_text(making->wish, "user_data", "")))
        return false;
    if (*key) {
        making->public_key = keypair_public_key(request->store, api_project(request), key);
        if (!making->public_key) {
            api_fail(request, API_ECS_NO_KEYPAIR, key);
            return false;
        }
    }
    if (*password)
        making->sealed = secret_seal("ecs-admin", password, strlen(password));
    return true;
}

static bool
sizes_are_sound(Making *making)
{
    ApiRequest *request = making->request;
    long long count = json_number(making->wish, "count", 1);
    const char *zone = json_text(making->wish, "zone", "");

    making->flavor = flavor_find_server(json_text(making->wish, "flavor", ""));
    if (!making->flavor)
        api_fail(request, API_ECS_PARAMETER, "flavorRef: there is no such flavor");
    else if (count < 1 || count > MOST_AT_ONCE)
        api_fail(request, API_ECS_PARAMETER, "count: 1 to 100 servers at once");
    else if (*zone && strcmp(zone, ecs_zone()) != 0)
        api_fail(request, API_ECS_PARAMETER, "availability_zone: there is no such zone");
    else if (json_array_size(json_object_get(making->wish, "nics")) < 1 ||
             json_array_size(json_object_get(making->wish, "nics")) > ECS_NICS)
        api_fail(request, API_ECS_PARAMETER, "nics: 1 to 12 interfaces are wanted");
    else if (json_array_size(json_object_get(making->wish, "data")) > ECS_DISKS - 1)
        api_fail(request, API_ECS_PARAMETER, "data_volumes: at most 23");
    else
        return true;
    return false;
}

/* Ids of the security groups, which may be named. */
static bool
find_groups(Making *making)
{
    ApiRequest *request = making->request;
    const json_t *given = json_object_get(making->wish, "groups");
    size_t count = json_array_size(given);

    if (!count)
        return true;
    making->groups = mem_new(count + 1, sizeof(char *));
    for (size_t i = 0; i < count; i++) {
        const char *text = json_string_value(json_array_get(given, i));
        char id[VPC_ID];

        if (!text || vpc_group_find(request->store, api_project(request), text, id) != 0) {
            api_fail_as(request, 400, api_error_code(API_ECS_PARAMETER),
                        "security_groups: %.64s could not be found", text ? text : "");
            return false;
        }
        making->groups[i] = str_copy(id);
    }
    return true;
}

/* ---- Rows ---- */

static json_t *
insert_server(Making *making, int index)
{
    ApiRequest *request = making->request;
    const json_t *wish = making->wish;
    int count = (int) json_number(wish, "count", 1);
    bool windows = strcmp(making->image.os_type, "Windows") == 0;
    AUTO_JSON json_t *properties =
        json_loads(making->image.properties ? making->image.properties : "{}", 0, NULL);
    bool uefi = strcmp(json_text(properties, "hw_firmware_type", "bios"), "uefi") == 0;
    AUTO_FREE char *name = count > 1
                               ? str_format("%.59s-%04d", json_text(wish, "name", ""), index + 1)
                               : str_copy(json_text(wish, "name", ""));
    AUTO_JSON json_t *none = json_array();
    json_t *tags = json_object_get(wish, "tags");
    AUTO_FREE char *row = store_value(
        request->store,
        "INSERT INTO ecs_server AS s (id, project_id, user_id, slot, name, description, task_state,"
        " flavor, image_id, image_name, os_type, firmware, secure_boot, tpm, zone, key_name, "
        "public_key, admin_sealed, user_data, metadata, tags, group_id, reservation, launch_index) "
        "SELECT gen_random_uuid()::text, $1, $2, CASE WHEN NOT EXISTS (SELECT FROM ecs_server WHERE"
        " slot = 1) THEN 1 ELSE (SELECT min(a.slot) + 1 FROM ecs_server a WHERE NOT EXISTS (SELECT "
        "FROM ecs_server b WHERE b.slot = a.slot + 1)) END, $3, $4, 'spawning', $5, $6, $7, $8, $9,"
        " $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21 RETURNING to_jsonb(s)",
        "sssssssssbbsssssjjssi", api_project(request), request->principal->user_id, name,
        json_text(wish, "description", ""), making->flavor->id, making->image.id,
        making->image.name, windows ? "Windows" : "Linux", uefi ? "uefi" : "bios",
        (int) (uefi && json_flag(wish, "secure_boot", false)),
        (int) (json_flag(wish, "tpm", false)), ecs_zone(), json_text(wish, "key_name", ""),
        making->public_key ? making->public_key : "", making->sealed ? making->sealed : "",
        json_text(wish, "user_data", ""), json_object_get(wish, "metadata"), tags ? tags : none,
        json_text(wish, "group", ""), making->reservation, index);
    return row ? json_loads(row, 0, NULL) : NULL;
}

static int
add_volume(Making *making,
           const json_t *server,
           const json_t *given,
           int number,
           json_t *volumes,
           char **problem)
{
    EvsVolume volume;
    char device[] = "/dev/vda";
    AUTO_FREE char *name = str_format("%s-volume-%04d", json_text(server, "name", ""), number);
    EvsWish wish = {.project_id = json_text(server, "project_id", ""),
                    .name = name,
                    .type = json_text(given, "type", NULL),
                    .zone = ecs_zone(),
                    .image_id = number == 0 ? making->image.id : NULL,
                    .size_gb = number == 0 ? making->root_gb : (int) json_number(given, "size", 0)};
    int error = volume_create(making->request->store, &wish, &volume, problem);

    device[7] = (char) ('a' + number);
    if (!error)
        json_array_append_new(volumes, json_pack("{s:s, s:s, s:b}", "id", volume.id, "device",
                                                 device, "delete",
                                                 number == 0 || json_flag(given, "delete", false)));
    return error;
}

static int
add_volumes(Making *making, const json_t *server, json_t *volumes, char **problem)
{
    const json_t *data = json_object_get(making->wish, "data");
    int error =
        add_volume(making, server, json_object_get(making->wish, "root"), 0, volumes, problem);

    for (size_t i = 0; i < json_array_size(data) && !error; i++)
        error = add_volume(making, server, json_array_get(data, i), (int) i + 1, volumes, problem);
    return error;
}

/* A port that is there is taken, another made. */
static int
add_port(Making *making, const json_t *server, const json_t *nic, json_t *kept, char **problem)
{
    StoreConn *store = making->request->store;
    const char *project = json_text(server, "project_id", ""), *id = json_text(server, "id", "");
    const char *given = json_text(nic, "port_id", ""), *ip = json_text(nic, "ip", "");
    AUTO_FREE char *owner = str_format("compute:%s", ecs_zone());
    VpcPort port = {0};
    int error;

    if (*given) {
        error = port_find(store, project, given, &port);
        if (error) {
            *problem = str_format("nics: the port %.64s could not be found", given);
            return error;
        }
        if (*port.device_id) {
            *problem = str_format("nics: the port %.64s is used by another device", given);
            vpc_port_done(&port);
            return -EBUSY;
        }
        error = port_bind(store, port.id, id, owner);
        json_array_append_new(kept, json_string(port.id));
    } else {
        VpcPortWish wish = {.project_id = project,
                            .subnet_id = json_text(nic, "subnet_id", ""),
                            .ip = *ip ? ip : NULL,
                            .device_id = id,
                            .device_owner = owner,
                            .groups = (const char *const *) making->groups};
        error = port_create(store, &wish, &port, problem);
    }
    if (!error)
        store_run(store, "UPDATE ecs_server SET vpc_id = $2 WHERE id = $1 AND vpc_id = ''", "ss",
                  id, port.vpc_id);
    vpc_port_done(&port);
    return error;
}

static int
add_ports(Making *making, const json_t *server, char **problem)
{
    const json_t *nics = json_object_get(making->wish, "nics");
    AUTO_JSON json_t *kept = json_array();
    int error = 0;

    for (size_t i = 0; i < json_array_size(nics) && !error; i++)
        error = add_port(making, server, json_array_get(nics, i), kept, problem);
    if (!error &&
        store_run(making->request->store, "UPDATE ecs_server SET kept_ports = $2 WHERE id = $1",
                  "sj", json_text(server, "id", ""), kept) != 1)
        error = -EIO;
    if (!error)
        server_note_addresses(making->request->store, json_text(server, "id", ""));
    return error;
}

/* Rows and job of one server; false when it has answered. */
static bool
make_one(Making *making, int index)
{
    ApiRequest *request = making->request;
    AUTO_JSON json_t *server = insert_server(making, index);
    AUTO_JSON json_t *volumes = json_array();
    AUTO_FREE char *problem = NULL;
    char job[41];
    int error = server ? add_volumes(making, server, volumes, &problem) : -EIO;

    if (!error)
        error = add_ports(making, server, &problem);
    if (error) {
        ecs_refuse(request, error, problem);
        return false;
    }
    AUTO_JSON json_t *data = json_pack("{s:O, s:I}", "volumes", volumes, "megabits",
                                       (json_int_t) json_number(making->wish, "megabits", 0));
    if (!server_job(request, "createSingleServer", server, data, job))
        return false;
    json_array_append_new(making->jobs, json_string(job));
    json_array_append(making->servers, json_object_get(server, "id"));
    return true;
}

static bool
make_all(Making *making, char job[41])
{
    ApiRequest *request = making->request;
    int count = (int) json_number(making->wish, "count", 1);
    const char *group = json_text(making->wish, "group", "");

    if (!ecs_begin(request))
        return false;
    if (!ecs_quota_allows(request, count, count * making->flavor->vcpus,
                          count * making->flavor->memory_mb) ||
        (*group && !server_group_has_room(request, group, count)))
        return false;
    if (store_run(request->store, "SELECT pg_advisory_xact_lock(hashtextextended('ecs slot', 0))",
                  "") < 0) {
        ecs_refuse(request, -EIO, NULL);
        return false;
    }
    AUTO_FREE char *reservation =
        store_value(request->store, "SELECT 'r-' || substr(md5(random()::text), 1, 8)", "");
    snprintf(making->reservation, sizeof(making->reservation), "%s",
             reservation ? reservation : "");
    for (int i = 0; i < count; i++)
        if (!make_one(making, i))
            return false;
    return server_parent_job(request, "createServer", making->jobs, job);
}

/* Makes them; the answer is the caller's, from the ids. NULL when it has answered. */
static json_t *
create(ApiRequest *request, const json_t *wish, char job[41])
{
    Making making = {
        .request = request, .wish = wish, .servers = json_array(), .jobs = json_array()};
    AUTO_FREE char *problem = NULL;
    bool done = false;

    if (sizes_are_sound(&making) && texts_are_sound(&making) && find_image(&making)) {
        problem = host_problem();
        if (problem)
            api_fail(request, API_ECS_HOST, problem);
        else
            done = find_groups(&making) && make_all(&making, job);
    }
    if (!done && store_in_transaction(request->store))
        store_rollback(request->store);
    image_done(&making.image);
    for (char **group = making.groups; group && *group; group++)
        free(*group);
    free(making.groups);
    free(making.public_key);
    free(making.sealed);
    json_decref(making.jobs);
    if (done)
        return making.servers;
    json_decref(making.servers);
    return NULL;
}

/* ---- ECS's form ---- */

static json_t *
read_volumes(const json_t *given)
{
    json_t *list = json_array(), *one;
    size_t index;

    json_array_foreach((json_t *) given, index, one) json_array_append_new(
        list, json_pack("{s:s, s:I, s:b}", "type", json_text(one, "volumetype", ""), "size",
                        (json_int_t) json_number(one, "size", 0), "delete",
                        json_flag(one, "delete_on_termination", false)));
    return list;
}

static json_t *
read_nics(const json_t *given)
{
    json_t *list = json_array(), *one;
    size_t index;

    json_array_foreach((json_t *) given, index, one) json_array_append_new(
        list, json_pack("{s:s, s:s, s:s}", "subnet_id", json_text(one, "subnet_id", ""), "port_id",
                        json_text(one, "port_id", ""), "ip", json_text(one, "ip_address", "")));
    return list;
}

/* One member of each object of a list. */
static json_t *
pick(const json_t *given, const char *member)
{
    json_t *list = json_array(), *one;
    size_t index;

    json_array_foreach((json_t *) given, index, one)
        json_array_append_new(list, json_string(json_text(one, member, "")));
    return list;
}

/* "key.value" texts and server_tags. */
static json_t *
read_tags(const json_t *server)
{
    json_t *list = json_array(), *one;
    size_t index;

    json_array_foreach(json_object_get(server, "server_tags"), index, one)
        json_array_append_new(list, json_pack("{s:s, s:s}", "key", json_text(one, "key", ""),
                                              "value", json_text(one, "value", "")));
    json_array_foreach(json_object_get(server, "tags"), index, one)
    {
        AUTO_FREE char *key = str_copy(json_string_value(one) ? json_string_value(one) : "");
        char *value = strchr(key, '.');

        if (value)
            *value++ = '\0';
        json_array_append_new(list,
                              json_pack("{s:s, s:s}", "key", key, "value", value ? value : ""));
    }
    return list;
}

static json_t *
wish_of_ecs(ApiRequest *request)
{
    const json_t *server = json_object_get(request->json, "server");
    const json_t *root = json_object_get(server, "root_volume");
    const json_t *public = json_object_get(server, "publicip");
    const json_t *security = json_object_get(server, "security_options");
    const json_t *bandwidth = json_object_get(json_object_get(public, "eip"), "bandwidth");
    json_t *metadata = server_metadata_read(request, json_object_get(server, "metadata"));

    if (!metadata)
        return NULL;
    json_t *wish = json_pack(
        "{s:s, s:I, s:s, s:s, s:s, s:o, s:o, s:{s:s, s:I}, s:o, s:s, s:s, s:s, s:o, s:o, s:I, s:s, "
        "s:s, s:b, s:b}",
        "name", json_text(server, "name", ""), "count",
        (json_int_t) json_number(server, "count", 1), "image", json_text(server, "imageRef", ""),
        "flavor", json_text(server, "flavorRef", ""), "zone",
        json_text(server, "availability_zone", ""), "nics",
        read_nics(json_object_get(server, "nics")), "groups",
        pick(json_object_get(server, "security_groups"), "id"), "root", "type",
        json_text(root, "volumetype", ""), "size", (json_int_t) json_number(root, "size", 0),
        "data", read_volumes(json_object_get(server, "data_volumes")), "key_name",
        json_text(server, "key_name", ""), "admin_pass",
        json_text(server, "adminPass",
                  json_text(json_object_get(server, "metadata"), "admin_pass", "")),
        "user_data", json_text(server, "user_data", ""), "metadata", metadata, "tags",
        read_tags(server), "megabits",
        (json_int_t) json_number(bandwidth, "size", bandwidth ? 1 : 0), "group",
        json_text(json_object_get(server, "os:scheduler_hints"), "group", ""), "description",
        json_text(server, "description", ""), "secure_boot",
        json_flag(security, "secure_boot_enabled", false), "tpm",
        json_flag(security, "tpm_enabled", false));
    if (!*json_text(root, "volumetype", ""))
        json_object_del(json_object_get(wish, "root"), "type");
    return wish;
}

void
ecs_create_servers(ApiRequest *request)
{
    AUTO_JSON json_t *wish = wish_of_ecs(request);
    const json_t *server = json_object_get(request->json, "server");
    char job[41] = "";

    if (!wish)
        return;
    if (*json_text(json_object_get(server, "publicip"), "id", "")) {
        api_fail(request, API_ECS_PARAMETER,
                 "publicip.id: bind the EIP to the server's port once it is made");
        return;
    }
    json_t *servers = create(request, wish, job);
    if (!servers)
        return;
    if (json_flag(request->json, "dry_run", false)) {
        store_rollback(request->store);
        json_decref(servers);
        api_reply(request, 200, json_object());
        return;
    }
    ecs_commit(request, 200, json_pack("{s:s, s:o}", "job_id", job, "serverIds", servers));
}

/* ---- Nova's form ---- */

static json_t *
nova_nics(const json_t *given)
{
    json_t *list = json_array(), *one;
    size_t index;

    if (!json_is_array(given))
        return list;
    json_array_foreach((json_t *) given, index, one) json_array_append_new(
        list, json_pack("{s:s, s:s, s:s}", "subnet_id", json_text(one, "uuid", ""), "port_id",
                        json_text(one, "port", ""), "ip", json_text(one, "fixed_ip", "")));
    return list;
}

/* The image and the volumes of block_device_mapping_v2. False for what is not done here. */
static bool
nova_volumes(const json_t *server, json_t *wish)
{
    json_t *one, *data = json_array();
    size_t index;
    bool known = true;

    json_array_foreach(json_object_get(server, "block_device_mapping_v2"), index, one)
    {
        const char *source = json_text(one, "source_type", ""), *uuid = json_text(one, "uuid", "");
        json_int_t size = (json_int_t) json_number(one, "volume_size", 0);

        if (strcmp(source, "image") == 0) {
            json_put_text(wish, "image", uuid);
            json_object_set_new(wish, "root", json_pack("{s:I}", "size", size));
        } else if (strcmp(source, "blank") == 0) {
            json_array_append_new(data, json_pack("{s:I, s:b}", "size", size, "delete",
                                                  json_flag(one, "delete_on_termination", false)));
        } else {
            known = false;
        }
    }
    json_object_set_new(wish, "data", data);
    return known;
}

static json_t *
wish_of_nova(ApiRequest *request)
{
    const json_t *server = json_object_get(request->json, "server");
    json_t *metadata = server_metadata_read(request, json_object_get(server, "metadata"));
    json_int_t least = (json_int_t) json_number(server, "min_count", 1);

    if (!metadata)
        return NULL;
    json_t *wish = json_pack(
        "{s:s, s:I, s:s, s:s, s:s, s:o, s:o, s:{}, s:s, s:s, s:s, s:o, s:s, s:s}", "name",
        json_text(server, "name", ""), "count",
        (json_int_t) json_number(server, "max_count", least), "image",
        json_text(server, "imageRef", ""), "flavor", json_text(server, "flavorRef", ""), "zone",
        json_text(server, "availability_zone", ""), "nics",
        nova_nics(json_object_get(server, "networks")), "groups",
        pick(json_object_get(server, "security_groups"), "name"), "root", "key_name",
        json_text(server, "key_name", ""), "admin_pass", json_text(server, "adminPass", ""),
        "user_data", json_text(server, "user_data", ""), "metadata", metadata, "group",
        json_text(json_object_get(request->json, "os:scheduler_hints"), "group", ""), "description",
        json_text(server, "description", ""));
    if (nova_volumes(server, wish))
        return wish;
    json_decref(wish);
    api_fail(request, API_ECS_PARAMETER,
             "block_device_mapping_v2: an image to boot from and blank disks are known here");
    return NULL;
}

void
ecs_nova_create(ApiRequest *request)
{
    AUTO_JSON json_t *wish = wish_of_nova(request);
    char job[41] = "";
    json_t *servers = wish ? create(request, wish, job) : NULL;

    if (!servers)
        return;
    const char *id = json_string_value(json_array_get(servers, 0));
    const char *password = json_text(wish, "admin_pass", "");
    json_t *view =
        json_pack("{s:s, s:o, s:s, s:[]}", "id", id, "links", server_links(request, "servers", id),
                  "OS-DCF:diskConfig", "MANUAL", "security_groups");
    if (*password)
        json_put_text(view, "adminPass", password);
    json_decref(servers);
    ecs_commit(request, 202, json_pack("{s:o}", "server", view));
}
