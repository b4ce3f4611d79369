/*
 * forms.h: how rows look in the API, as SQL that makes the JSON. Aliases: i ims_image, m
 * ims_member.
 */
#pragma once

#define IMS_TIME(column) "to_char(" column ", 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"

#define IMS_TAGS                                                                                   \
    "(SELECT coalesce(jsonb_agg(t->>'key' || CASE t->>'value' WHEN '' THEN '' ELSE '.' || "        \
    "(t->>'value') END ORDER BY n), '[]') FROM jsonb_array_elements(i.tags) WITH ORDINALITY AS "   \
    "x(t, n))"

/* Both forms, Huawei's and Glance's, have the same members. */
#define IMS_IMAGE                                                                                  \
    "(jsonb_build_object('__os_bit', '64', '__platform', CASE i.os_type WHEN 'Windows' THEN "      \
    "'Windows' ELSE 'Other' END, '__image_source_type', 'uds', '__support_kvm', 'true', "          \
    "'hw_firmware_type', 'bios', '__description', '', '__data_origin', '', 'max_ram', "            \
    "i.max_ram_mb::text) || i.properties || "                                                      \
    "jsonb_build_object('id', i.id, 'name', i.name, 'status', i.status, 'visibility', "            \
    "i.visibility, 'owner', i.project_id, 'protected', i.protected, 'min_disk', i.min_disk_gb, "   \
    "'min_ram', i.min_ram_mb, 'size', CASE WHEN i.file_bytes > 0 THEN i.file_bytes END, "          \
    "'virtual_size', CASE WHEN i.virtual_bytes > 0 THEN i.virtual_bytes END, 'disk_format', "      \
    "CASE WHEN i.status = 'active' THEN 'qcow2' ELSE nullif(i.disk_format, '') END, "              \
    "'container_format', i.container_format, 'checksum', nullif(i.md5, ''), 'os_hash_algo', CASE " \
    "WHEN i.sha512 <> '' THEN 'sha512' END, 'os_hash_value', nullif(i.sha512, ''), 'os_hidden', "  \
    "false, 'tags', " IMS_TAGS ", 'self', '/v2/images/' || i.id, 'file', '/v2/images/' || i.id "   \
    "|| '/file', 'schema', '/v2/schemas/image', 'enterprise_project_id', "                         \
    "i.enterprise_project_id) || jsonb_build_object('__os_type', i.os_type, '__os_version', "      \
    "i.os_version, '__imagetype', CASE WHEN i.visibility = 'public' THEN 'gold' ELSE "             \
    "'private' END, '__isregistered', CASE i.status WHEN 'active' THEN 'true' ELSE 'false' END, "  \
    "'__image_size', i.file_bytes::text, 'virtual_env_type', CASE WHEN i.data_image THEN "         \
    "'DataImage' WHEN i.disk_format = 'iso' THEN 'IsoImage' ELSE 'FusionCompute' END, "            \
    "'created_at', " IMS_TIME("i.created") ", 'updated_at', " IMS_TIME(                            \
        "i.updated") ", 'active_at', " IMS_TIME("i.active") ") || CASE WHEN i.fail_reason = '' "   \
                                                            "THEN '{}' ELSE "                      \
                                                            "jsonb_build_object('__fail_reason', " \
                                                            "i.fail_reason) END)"

#define IMS_MEMBER                                                                                 \
    "jsonb_build_object('image_id', m.image_id, 'member_id', m.project_id, 'status', m.status, "   \
    "'created_at', " IMS_TIME("m.created") ", 'updated_at', " IMS_TIME(                            \
        "m.updated") ", 'schema', '/v2/schemas/member', 'member_type', 'tenant')"

/* That project $1 may see it. */
#define IMS_VISIBLE                                                                                \
    "(i.project_id = $1 OR i.visibility = 'public' OR EXISTS (SELECT FROM ims_member m WHERE "     \
    "m.image_id = i.id AND m.project_id = $1 AND m.status = 'accepted'))"
