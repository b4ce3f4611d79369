/*
 * handlers.h: the operations of operations.def and glance.def; see api/request.h for what a handler
 * is.
 */
#pragma once

#include "api/request.h"

void glance_add_tag(ApiRequest *request);
void glance_create_image(ApiRequest *request);
void glance_create_member(ApiRequest *request);
void glance_delete_image(ApiRequest *request);
void glance_delete_member(ApiRequest *request);
void glance_delete_tag(ApiRequest *request);
void glance_download(ApiRequest *request);
void glance_list_images(ApiRequest *request);
void glance_list_members(ApiRequest *request);
void glance_show_image(ApiRequest *request);
void glance_show_member(ApiRequest *request);
void glance_show_schema(ApiRequest *request);
void glance_update_image(ApiRequest *request);
void glance_update_member(ApiRequest *request);
void glance_upload(ApiRequest *request);
void glance_versions(ApiRequest *request);
void ims_add_members(ApiRequest *request);
void ims_change_tags(ApiRequest *request);
void ims_copy_image(ApiRequest *request);
void ims_create_data_image(ApiRequest *request);
void ims_create_image(ApiRequest *request);
void ims_delete_members(ApiRequest *request);
void ims_import_quick(ApiRequest *request);
void ims_list_all_tags(ApiRequest *request);
void ims_list_images(ApiRequest *request);
void ims_list_members(ApiRequest *request);
void ims_list_os_versions(ApiRequest *request);
void ims_list_tags(ApiRequest *request);
void ims_register_image(ApiRequest *request);
void ims_show_job(ApiRequest *request);
void ims_show_quota(ApiRequest *request);
void ims_update_image(ApiRequest *request);
void ims_update_members(ApiRequest *request);
