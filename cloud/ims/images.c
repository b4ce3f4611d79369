/*
 * images.c: what other services ask of images (ims.h).
 */
#include "ims/ims.h"

#include "base/memory.h"
#include "disk/disk.h"
#include "ims/forms.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

void
image_done(ImsImage *image)
{
    free(image->name);
    free(image->os_version);
    free(image->properties);
    image->name = image->os_version = image->properties = NULL;
}

int
image_find(StoreConn *store, const char *project_id, const char *id, ImsImage *image)
{
    AUTO_ROWS PGresult *rows = store_query(
        store,
        "SELECT i.*, (i.properties || jsonb_build_object('__os_type', i.os_type, "
        "'__os_version', i.os_version, 'virtual_env_type', CASE WHEN i.data_image THEN "
        "'DataImage' WHEN i.disk_format = 'iso' THEN 'IsoImage' ELSE 'FusionCompute' "
        "END))::text AS all_properties FROM ims_image i WHERE i.id = $2 AND " IMS_VISIBLE,
        "ss", project_id, id);

    if (!rows)
        return -EIO;
    if (PQntuples(rows) == 0)
        return -ENOENT;
    memset(image, 0, sizeof(*image));
    snprintf(image->id, sizeof(image->id), "%s", row_text(rows, 0, "id"));
    snprintf(image->project_id, sizeof(image->project_id), "%s", row_text(rows, 0, "project_id"));
    snprintf(image->visibility, sizeof(image->visibility), "%s", row_text(rows, 0, "visibility"));
    snprintf(image->status, sizeof(image->status), "%s", row_text(rows, 0, "status"));
    snprintf(image->os_type, sizeof(image->os_type), "%s", row_text(rows, 0, "os_type"));
    image->name = str_copy(row_text(rows, 0, "name"));
    image->os_version = str_copy(row_text(rows, 0, "os_version"));
    image->properties = str_copy(row_text(rows, 0, "all_properties"));
    image->min_disk_gb = (int) row_number(rows, 0, "min_disk_gb");
    image->min_ram_mb = (int) row_number(rows, 0, "min_ram_mb");
    image->virtual_bytes = row_number(rows, 0, "virtual_bytes");
    image->file_bytes = row_number(rows, 0, "file_bytes");
    image->protected = row_flag(rows, 0, "protected");
    return 0;
}

int
image_file(const char *id, char name[IMS_ID + 6])
{
    if (!disk_id_is_sound(id))
        return -EINVAL;
    snprintf(name, IMS_ID + 6, "%s.qcow2", id);
    return 0;
}
