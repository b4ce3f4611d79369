/*
 * handlers.h: the operations of operations.def and cinder.def; see api/request.h for what a handler
 * is.
 */
#pragma once

#include "api/request.h"

void cinder_act(ApiRequest *request);
void cinder_change_metadata(ApiRequest *request);
void cinder_create_snapshot(ApiRequest *request);
void cinder_create_volume(ApiRequest *request);
void cinder_delete_metadata(ApiRequest *request);
void cinder_list_snapshots(ApiRequest *request);
void cinder_list_volumes(ApiRequest *request);
void cinder_list_volumes_short(ApiRequest *request);
void cinder_replace_metadata(ApiRequest *request);
void cinder_show_limits(ApiRequest *request);
void cinder_show_metadata(ApiRequest *request);
void cinder_show_type(ApiRequest *request);
void evs_change_tags(ApiRequest *request);
void evs_create_snapshot(ApiRequest *request);
void evs_create_volume(ApiRequest *request);
void evs_delete_snapshot(ApiRequest *request);
void evs_delete_volume(ApiRequest *request);
void evs_extend_volume(ApiRequest *request);
void evs_list_all_tags(ApiRequest *request);
void evs_list_quotas(ApiRequest *request);
void evs_list_snapshots(ApiRequest *request);
void evs_list_tags(ApiRequest *request);
void evs_list_types(ApiRequest *request);
void evs_list_volumes(ApiRequest *request);
void evs_list_zones(ApiRequest *request);
void evs_roll_back(ApiRequest *request);
void evs_show_snapshot(ApiRequest *request);
void evs_show_volume(ApiRequest *request);
void evs_update_snapshot(ApiRequest *request);
void evs_update_volume(ApiRequest *request);
