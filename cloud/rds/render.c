/*
 * render.c: a row of rds_instance as the API shows it; see render.h.
 */
#include "rds/render.h"

#include "base/memory.h"
#include "rds/catalogue.h"

#include <stdio.h>
#include <string.h>

#define RDS_TIME(column)                                                                           \
    "'" column "', to_char(" column " AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"+0000\"')"

const char instance_columns[] =
    "(to_jsonb(i) || jsonb_build_object(" RDS_TIME("created") ", " RDS_TIME(
        "updated") ", " RDS_TIME("deleted_at") ", " RDS_TIME("retained_until") ", 'created_us', "
                                                                               "(extract(epoch "
                                                                               "FROM "
                                                                               "created) * "
                                                                               "1000000)::bigint)):"
                                                                               ":text";

void
render_node_id(const char *instance_id, char node[NODE_ID_SIZE])
{
    snprintf(node, NODE_ID_SIZE, "%.32sno04", instance_id);
}

/* An array of the text, or an empty one. */
static json_t *
list_of(const char *text)
{
    json_t *list = json_array();

    if (*text)
        json_array_append_new(list, json_string(text));
    return list;
}

static json_t *
render_nodes(const json_t *row)
{
    char id[NODE_ID_SIZE];
    AUTO_FREE char *name = str_format("%s_node0", json_text(row, "name", ""));
    const char *status = json_text(row, "status", "");

    render_node_id(json_text(row, "id", ""), id);
    return json_pack("[{s:s, s:s, s:s, s:s, s:s}]", "id", id, "name", name, "role", "master",
                     "status", strcmp(status, "BUILD") == 0 ? "BUILD" : status, "availability_zone",
                     json_text(row, "availability_zone", ""));
}

/* What describes its shape. */
static void
add_shape(json_t *out, const json_t *row)
{
    const Flavor *flavor = flavor_find(json_text(row, "flavor", ""));
    const EngineVersion *version = engine_version_find(json_text(row, "engine_version", ""));
    char number[16];

    json_object_set_new(out, "datastore",
                        json_pack("{s:s, s:s, s:s}", "type", "SQLServer", "version",
                                  json_text(row, "engine_version", ""), "complete_version",
                                  version ? version->complete : ""));
    json_put_text(out, "flavor_ref", json_text(row, "flavor", ""));
    snprintf(number, sizeof(number), "%d", flavor ? flavor->vcpus : 0);
    json_put_text(out, "cpu", number);
    snprintf(number, sizeof(number), "%d", flavor ? flavor->ram_gb : 0);
    json_put_text(out, "mem", number);
    json_object_set_new(out, "volume",
                        json_pack("{s:s, s:I}", "type", json_text(row, "volume_type", ""), "size",
                                  (json_int_t) json_number(row, "volume_gb", 0)));
    json_object_set_new(out, "max_iops", json_integer(0));
}

static void
add_network(json_t *out, const json_t *row)
{
    json_object_set_new(out, "private_ips", list_of(json_text(row, "address", "")));
    json_object_set_new(out, "public_ips", list_of(json_text(row, "public_ip", "")));
    json_object_set_new(out, "private_dns_names", json_array());
    json_object_set_new(out, "public_dns_names", json_array());
    json_object_set_new(out, "port", json_integer(json_number(row, "port", 0)));
    json_object_set_new(out, "enable_ssl", json_true());
    json_put_text(out, "vpc_id", json_text(row, "vpc_id", ""));
    json_put_text(out, "subnet_id", json_text(row, "subnet_id", ""));
    json_put_text(out, "security_group_id", json_text(row, "security_group_id", ""));
}

static void
add_care(json_t *out, const json_t *row)
{
    AUTO_FREE char *window = str_format("%s-%s", json_text(row, "maintenance_start", ""),
                                        json_text(row, "maintenance_end", ""));

    json_put_text(out, "maintenance_window", window);
    json_object_set_new(out, "backup_strategy",
                        json_pack("{s:s, s:I}", "start_time",
                                  json_text(row, "backup_start_time", ""), "keep_days",
                                  (json_int_t) json_number(row, "backup_keep_days", 0)));
    json_object_set_new(
        out, "backup_used_space",
        json_real((double) json_number(row, "backup_used", 0) / (1024.0 * 1024 * 1024)));
    json_object_set_new(
        out, "storage_used_space",
        json_real((double) json_number(row, "storage_used", 0) / (1024.0 * 1024 * 1024)));
    json_put_text(out, "disk_encryption_id", json_text(row, "disk_encryption_id", ""));
    json_object_set(out, "tags", json_object_get(row, "tags"));
    json_object_set_new(out, "restart_required",
                        json_boolean(json_flag(row, "restart_required", false)));
}

json_t *
render_instance(const json_t *row)
{
    static const char *const same[] = {"id",      "name",      "alias",     "status",
                                       "region",  "collation", "time_zone", "enterprise_project_id",
                                       "created", "updated"};
    json_t *out = json_object();

    for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
        json_put_text(out, same[i], json_text(row, same[i], ""));
    json_put_text(out, "type", "Single");
    json_put_text(out, "db_user_name", "rdsuser");
    json_put_text(out, "switch_strategy", "");
    json_object_set_new(out, "read_only_by_user", json_false());
    json_object_set_new(out, "ha", json_pack("{s:s}", "replication_mode", ""));
    json_object_set_new(out, "charge_info", json_pack("{s:s}", "charge_mode", "postPaid"));
    json_object_set_new(out, "related_instance", json_array());
    json_object_set_new(out, "associated_with_ddm", json_false());
    json_object_set_new(out, "nodes", render_nodes(row));
    add_shape(out, row);
    add_network(out, row);
    add_care(out, row);
    return out;
}
