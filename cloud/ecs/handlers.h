/*
 * handlers.h: the handlers of operations.def, nova.def and kps.def.
 */
#pragma once

#include "api/request.h"

void ecs_create_servers(ApiRequest *request);
void ecs_list_servers(ApiRequest *request);
void ecs_show_server(ApiRequest *request);
void ecs_update_server(ApiRequest *request);
void ecs_delete_servers(ApiRequest *request);
void ecs_batch_action(ApiRequest *request);
void ecs_resize_server(ApiRequest *request);
void ecs_reinstall_server(ApiRequest *request);
void ecs_change_server_os(ApiRequest *request);
void ecs_remote_console(ApiRequest *request);
void ecs_screenshot(ApiRequest *request);
void ecs_console_output(ApiRequest *request);
void ecs_reset_password(ApiRequest *request);
void ecs_reset_passwords(ApiRequest *request);
void ecs_reset_password_flag(ApiRequest *request);
void ecs_show_password(ApiRequest *request);
void ecs_delete_password(ApiRequest *request);
void ecs_update_metadata(ApiRequest *request);
void ecs_delete_metadata(ApiRequest *request);
void ecs_change_tags(ApiRequest *request);
void ecs_show_tags(ApiRequest *request);
void ecs_list_tags(ApiRequest *request);
void ecs_attach_volume(ApiRequest *request);
void ecs_detach_volume(ApiRequest *request);
void ecs_list_block_devices(ApiRequest *request);
void ecs_show_block_device(ApiRequest *request);
void ecs_list_attachments(ApiRequest *request);
void ecs_add_nics(ApiRequest *request);
void ecs_delete_nics(ApiRequest *request);
void ecs_list_interfaces(ApiRequest *request);
void ecs_list_flavors(ApiRequest *request);
void ecs_list_resize_flavors(ApiRequest *request);
void ecs_list_sell_policies(ApiRequest *request);
void ecs_list_zones(ApiRequest *request);
void ecs_show_limits(ApiRequest *request);
void ecs_create_group(ApiRequest *request);
void ecs_list_groups(ApiRequest *request);
void ecs_show_group(ApiRequest *request);
void ecs_delete_group(ApiRequest *request);
void ecs_nova_version(ApiRequest *request);
void ecs_nova_create(ApiRequest *request);
void ecs_nova_list(ApiRequest *request);
void ecs_nova_show(ApiRequest *request);
void ecs_nova_delete(ApiRequest *request);
void ecs_nova_action(ApiRequest *request);
void ecs_nova_flavors(ApiRequest *request);
void ecs_nova_flavor(ApiRequest *request);
void ecs_nova_extra_specs(ApiRequest *request);
void ecs_nova_list_keypairs(ApiRequest *request);
void ecs_nova_create_keypair(ApiRequest *request);
void ecs_nova_show_keypair(ApiRequest *request);
void ecs_nova_delete_keypair(ApiRequest *request);
void ecs_nova_zones(ApiRequest *request);
void ecs_nova_limits(ApiRequest *request);
void ecs_nova_add_interface(ApiRequest *request);
void ecs_nova_delete_interface(ApiRequest *request);
void ecs_nova_attach_volume(ApiRequest *request);
void ecs_show_attachment(ApiRequest *request);
void ecs_nova_detach_volume(ApiRequest *request);
void ecs_show_metadata(ApiRequest *request);
void ecs_replace_metadata(ApiRequest *request);
void ecs_nova_security_groups(ApiRequest *request);
void ecs_nova_addresses(ApiRequest *request);
void ecs_kps_create(ApiRequest *request);
void ecs_kps_list(ApiRequest *request);
void ecs_kps_show(ApiRequest *request);
void ecs_kps_update(ApiRequest *request);
void ecs_kps_delete(ApiRequest *request);
void ecs_console_socket(ApiRequest *request);
