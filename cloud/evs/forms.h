/*
 * forms.h: how rows look in the API, as SQL that makes the JSON. Aliases: v evs_volume, s
 * evs_snapshot. $1 is the project.
 */
#pragma once

#define EVS_TIME(column) "to_char(" column ", 'YYYY-MM-DD\"T\"HH24:MI:SS.US')"
#define EVS_LINK(kind, id)                                                                         \
    "jsonb_build_array(jsonb_build_object('rel', 'self', 'href', '/v2/' || $1 || '/" kind          \
    "/' || " id "))"

#define EVS_VOLUME                                                                                 \
    "(jsonb_build_object('id', v.id, 'links', " EVS_LINK(                                          \
        "volumes",                                                                                 \
        "v.id") ", 'name', v.name, 'status', v.status, 'attachments', CASE WHEN "                  \
                "v.server_id = '' THEN '[]' ELSE "                                                 \
                "jsonb_build_array(jsonb_build_object('id', v.id, 'volume_id', v.id, "             \
                "'attachment_id', v.attachment_id, 'server_id', v.server_id, "                     \
                "'device', v.device, 'host_name', null, 'attached_at', " EVS_TIME(                 \
                    "v.attached") ")) END, 'availability_zone', v.zone, "                          \
                                  "'os-vol-host-attr:host', 'casement', "                          \
                                  "'source_volid', null, 'snapshot_id', "                          \
                                  "nullif(v.snapshot_id, ''), 'description', "                     \
                                  "v.description, 'created_at', " EVS_TIME(                        \
                                      "v.created") ", 'updated_at', " EVS_TIME("v."                \
                                                                               "update"            \
                                                                               "d") ","            \
                                                                                    " 'os-vol-"    \
                                                                                    "tenant-attr:" \
                                                                                    "tenant_id', " \
                                                                                    "v.project_"   \
                                                                                    "id, "         \
                                                                                    "'volume_"     \
                                                                                    "type', "      \
                                                                                    "v.type, "     \
                                                                                    "'size', "     \
                                                                                    "v.size_gb, "  \
                                                                                    "'bootable', " \
                                                                                    "v.bootable::" \
                                                                                    "text, "       \
                                                                                    "'metadata', " \
                                                                                    "v.metadata, " \
                                                                                    "'encrypted'," \
                                                                                    " false) || "  \
                                                                                    "jsonb_build_" \
                                                                                    "object('"     \
                                                                                    "replication_" \
                                                                                    "status', "    \
                                                                                    "'disabled', " \
                                                                                    "'consistency" \
                                                                                    "group_id', "  \
                                                                                    "null, "       \
                                                                                    "'multiattach" \
                                                                                    "', false, "   \
                                                                                    "'shareable'," \
                                                                                    " 'false', "   \
                                                                                    "'service_"    \
                                                                                    "type', "      \
                                                                                    "'EVS', "      \
                                                                                    "'user_id', "  \
                                                                                    "'', 'tags', " \
                                                                                    "v.tags, "     \
                                                                                    "'wwn', "      \
                                                                                    "null, "       \
                                                                                    "'serial_"     \
                                                                                    "number', "    \
                                                                                    "left(v.id, "  \
                                                                                    "20), "        \
                                                                                    "'enterprise_" \
                                                                                    "project_id'," \
                                                                                    " "            \
                                                                                    "v."           \
                                                                                    "enterprise_"  \
                                                                                    "project_id, " \
                                                                                    "'volume_"     \
                                                                                    "image_"       \
                                                                                    "metadata', "  \
                                                                                    "v.image_"     \
                                                                                    "meta) || "    \
                                                                                    "CASE WHEN "   \
                                                                                    "v.fail_"      \
                                                                                    "reason "      \
                                                                                    "= '' THEN "   \
                                                                                    "'{}' ELSE "   \
                                                                                    "jsonb_build_" \
                                                                                    "object('"     \
                                                                                    "error_"       \
                                                                                    "message', "   \
                                                                                    "v.fail_"      \
                                                                                    "reason) END)"

#define EVS_VOLUME_SHORT                                                                           \
    "jsonb_build_object('id', v.id, 'name', v.name, 'links', " EVS_LINK("volumes", "v.id") ")"

#define EVS_SNAPSHOT                                                                               \
    "jsonb_build_object('id', s.id, 'name', s.name, 'description', s.description, 'status', "      \
    "s.status, 'volume_id', s.volume_id, 'size', s.size_gb, 'metadata', s.metadata, "              \
    "'created_at', " EVS_TIME("s.created") ", 'updated_at', " EVS_TIME(                            \
        "s.updated") ", 'os-extended-snapshot-attributes:project_id', s.project_id, "              \
                     "'os-extended-snapshot-attributes:progress', CASE s.status WHEN "             \
                     "'available' THEN '100%' ELSE '0%' END)"
