/*
 * forms.h: how rows look in each version of the API, as SQL that makes the JSON. One expression a
 * form; aliases: v vpc_vpc, s vpc_subnet, p vpc_port, g vpc_security_group, r vpc_security_rule,
 * x vpc_peering, t vpc_route, e vpc_eip, b vpc_bandwidth.
 */
#pragma once

#define TIME_V1(column) "to_char(" column ", 'YYYY-MM-DD\"T\"HH24:MI:SS')"
#define TIME_V3(column) "to_char(" column ", 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"
#define TIME_EIP(column) "to_char(" column ", 'YYYY-MM-DD HH24:MI:SS')"

/* A filter of a list: absent, equal, or one of several. $2 is the query as an object. */
#define FILTER(name, column)                                                                       \
    " AND ($2::jsonb->'" name "' IS NULL OR $2::jsonb->'" name "' @> to_jsonb((" column ")::text)" \
    ")"

#define VPC_V1                                                                                     \
    "jsonb_build_object('id', v.id, 'name', v.name, 'description', v.description, 'cidr', "        \
    "v.cidr::text, 'status', 'OK', 'enterprise_project_id', v.enterprise_project_id, "             \
    "'tenant_id', "                                                                                \
    "v.project_id, 'enable_shared_snat', false, 'routes', coalesce((SELECT jsonb_agg("             \
    "jsonb_build_object('destination', t.destination::text, 'nexthop', t.nexthop)) FROM "          \
    "vpc_route "                                                                                   \
    "t WHERE t.vpc_id = v.id), '[]'), 'created_at', " TIME_V1(                                     \
        "v.created") ", 'updated_at', " TIME_V1("v.updated") ")"

#define VPC_V3                                                                                     \
    "jsonb_build_object('id', v.id, 'name', v.name, 'description', v.description, 'cidr', "        \
    "v.cidr::text, 'extend_cidrs', '[]'::jsonb, 'status', 'ACTIVE', 'project_id', v.project_id, "  \
    "'enterprise_project_id', v.enterprise_project_id, 'tags', v.tags, 'cloud_resources', "        \
    "jsonb_build_array(jsonb_build_object('resource_type', 'routetable', 'resource_count', 1), "   \
    "jsonb_build_object('resource_type', 'virsubnet', 'resource_count', (SELECT count(*) FROM "    \
    "vpc_subnet s WHERE s.vpc_id = v.id))), 'created_at', " TIME_V3(                               \
        "v.created") ", 'updated_at', " TIME_V3("v.updated") ")"

#define ROUTER_NEUTRON                                                                             \
    "jsonb_build_object('id', v.id, 'name', v.name, 'admin_state_up', true, 'status', 'ACTIVE', "  \
    "'tenant_id', v.project_id, 'project_id', v.project_id, 'external_gateway_info', "             \
    "jsonb_build_object('enable_snat', false), 'routes', coalesce((SELECT jsonb_agg("              \
    "jsonb_build_object('destination', t.destination::text, 'nexthop', t.nexthop)) FROM "          \
    "vpc_route "                                                                                   \
    "t WHERE t.vpc_id = v.id AND t.type <> 'peering'), '[]'), 'created_at', " TIME_V1(             \
        "v.created") ", 'updated_at', " TIME_V1("v.updated") ")"

/* Addresses that nobody can be given: network, gateway, the service's two, broadcast. */
#define SUBNET_FREE                                                                                \
    "(greatest(0, (2 ^ (32 - masklen(s.cidr)))::bigint - 5 - (SELECT count(*) FROM vpc_port p "    \
    "WHERE p.subnet_id = s.id)))"

#define SUBNET_V1                                                                                  \
    "jsonb_build_object('id', s.id, 'name', s.name, 'description', s.description, 'cidr', "        \
    "s.cidr::text, 'gateway_ip', host(s.gateway), 'ipv6_enable', false, 'dhcp_enable', s.dhcp, "   \
    "'primary_dns', coalesce(s.dns->>0, ''), 'secondary_dns', coalesce(s.dns->>1, ''), "           \
    "'dnsList', "                                                                                  \
    "s.dns, 'availability_zone', s.zone, 'vpc_id', s.vpc_id, 'status', 'ACTIVE', "                 \
    "'neutron_network_id', s.id, 'neutron_subnet_id', s.neutron_id, 'extra_dhcp_opts', "           \
    "s.extra_dhcp, 'scope', 'center', 'tenant_id', s.project_id, "                                 \
    "'available_ip_address_count', " SUBNET_FREE                                                   \
    ", 'created_at', " TIME_V1("s.created") ", 'updated_at', " TIME_V1("s.updated") ")"

#define NETWORK_NEUTRON                                                                            \
    "jsonb_build_object('id', s.id, 'name', s.name, 'status', 'ACTIVE', 'admin_state_up', true, "  \
    "'shared', false, 'router:external', false, 'subnets', jsonb_build_array(s.neutron_id), "      \
    "'tenant_id', s.project_id, 'project_id', s.project_id, 'provider:network_type', 'vxlan', "    \
    "'availability_zone_hints', '[]'::jsonb, 'availability_zones', CASE s.zone WHEN '' THEN "      \
    "'[]'::jsonb ELSE jsonb_build_array(s.zone) END, 'port_security_enabled', true, "              \
    "'dns_domain', "                                                                               \
    "'', 'created_at', " TIME_V1("s.created") ", 'updated_at', " TIME_V1("s.updated") ")"

#define SUBNET_NEUTRON                                                                             \
    "jsonb_build_object('id', s.neutron_id, 'name', s.name, 'cidr', s.cidr::text, 'gateway_ip', "  \
    "host(s.gateway), 'enable_dhcp', s.dhcp, 'ip_version', 4, 'network_id', s.id, "                \
    "'dns_nameservers', s.dns, 'host_routes', '[]'::jsonb, 'allocation_pools', jsonb_build_array(" \
    "jsonb_build_object('start', host(network(s.cidr) + 2), 'end', host(broadcast(s.cidr) - "      \
    "3))), "                                                                                       \
    "'tenant_id', s.project_id, 'project_id', s.project_id, 'created_at', " TIME_V1(               \
        "s.created") ", 'updated_at', " TIME_V1("s.updated") ")"

/* v1 and v2.0 differ only by what a client ignores. Wants s beside p. */
#define PORT_ANY                                                                                   \
    "jsonb_build_object('id', p.id, 'name', p.name, 'network_id', p.subnet_id, 'admin_state_up', " \
    "p.admin_up, 'mac_address', p.mac, 'fixed_ips', jsonb_build_array(jsonb_build_object("         \
    "'ip_address', host(p.ip), 'subnet_id', s.neutron_id)), 'device_id', p.device_id, "            \
    "'device_owner', p.device_owner, 'tenant_id', p.project_id, 'project_id', p.project_id, "      \
    "'status', CASE WHEN p.plugged THEN 'ACTIVE' ELSE 'DOWN' END, 'security_groups', coalesce(("   \
    "SELECT jsonb_agg(pg.group_id ORDER BY pg.group_id) FROM vpc_port_group pg WHERE pg.port_id "  \
    "= p.id), '[]'), 'allowed_address_pairs', p.allowed_pairs, 'extra_dhcp_opts', p.extra_dhcp, "  \
    "'binding:vnic_type', 'normal', 'binding:vif_details', jsonb_build_object('port_filter', "     \
    "true), 'binding:profile', '{}'::jsonb, 'dns_name', '', 'dns_assignment', '[]'::jsonb, "       \
    "'port_security_enabled', true, 'instance_id', p.device_id, 'instance_type', "                 \
    "p.device_owner, 'created_at', " TIME_V1("p.created") ", 'updated_at', " TIME_V1(              \
        "p.updated") ")"

#define PRIVATEIP_V1                                                                               \
    "jsonb_build_object('id', p.id, 'status', CASE p.device_owner WHEN '' THEN 'DOWN' ELSE "       \
    "'ACTIVE' END, 'subnet_id', p.subnet_id, 'tenant_id', p.project_id, 'device_owner', "          \
    "p.device_owner, 'ip_address', host(p.ip))"

/* First and last port of a multiport that is one range; neutron and v1 know no others. */
#define RULE_LOW "nullif(split_part(split_part(r.multiport, ',', 1), '-', 1), '')::int"
#define RULE_HIGH                                                                                  \
    "CASE WHEN r.protocol LIKE 'icmp%' AND strpos(r.multiport, '-') = 0 THEN NULL ELSE nullif("    \
    "regexp_replace(split_part(r.multiport, ',', 1), '^.*-', ''), '')::int END"

#define RULE_V1                                                                                    \
    "jsonb_build_object('id', r.id, 'description', r.description, 'security_group_id', "           \
    "r.group_id, 'direction', r.direction, 'ethertype', r.ethertype, 'protocol', nullif("          \
    "r.protocol, ''), 'port_range_min', " RULE_LOW ", 'port_range_max', " RULE_HIGH                \
    ", 'remote_ip_prefix', nullif(r.remote_prefix, ''), 'remote_group_id', r.remote_group_id, "    \
    "'remote_address_group_id', NULL, 'tenant_id', g.project_id, 'project_id', g.project_id, "     \
    "'created_at', " TIME_V1("r.created") ", 'updated_at', " TIME_V1("r.updated") ")"

#define RULE_V3                                                                                    \
    "jsonb_strip_nulls(jsonb_build_object('id', r.id, 'description', r.description, "              \
    "'security_group_id', r.group_id, 'direction', r.direction, 'ethertype', r.ethertype, "        \
    "'protocol', nullif(r.protocol, ''), 'multiport', nullif(r.multiport, ''), 'action', "         \
    "r.action, 'priority', r.priority, 'enabled', r.enabled, 'remote_ip_prefix', nullif("          \
    "r.remote_prefix, ''), 'remote_group_id', r.remote_group_id, 'project_id', g.project_id, "     \
    "'created_at', " TIME_V3("r.created") ", 'updated_at', " TIME_V3("r.updated") "))"

#define RULES_OF(form)                                                                             \
    "coalesce((SELECT jsonb_agg(" form " ORDER BY r.created, r.id) FROM vpc_security_rule r "      \
    "WHERE r.group_id = g.id), '[]')"

#define GROUP_V1                                                                                   \
    "jsonb_build_object('id', g.id, 'name', g.name, 'description', g.description, 'vpc_id', '', "  \
    "'enterprise_project_id', g.enterprise_project_id, 'tenant_id', g.project_id, 'project_id', "  \
    "g.project_id, 'security_group_rules', " RULES_OF(RULE_V1) ", 'created_at', " TIME_V1(         \
        "g.created") ", 'updated_at', " TIME_V1("g.updated") ")"

#define GROUP_V3_SHORT                                                                             \
    "jsonb_build_object('id', g.id, 'name', g.name, 'description', g.description, 'project_id', "  \
    "g.project_id, 'enterprise_project_id', g.enterprise_project_id, 'tags', g.tags, "             \
    "'created_at', " TIME_V3("g.created") ", 'updated_at', " TIME_V3("g.updated") ")"

#define GROUP_V3                                                                                   \
    "(" GROUP_V3_SHORT " || jsonb_build_object('security_group_rules', " RULES_OF(RULE_V3) "))"

#define ROUTE_V1                                                                                   \
    "jsonb_build_object('type', t.type, 'destination', t.destination::text, 'nexthop', "           \
    "t.nexthop, "                                                                                  \
    "'description', t.description)"
#define ROUTE_TABLE_SHORT                                                                          \
    "jsonb_build_object('id', v.route_table_id, 'name', 'rtb-' || v.name, 'default', true, "       \
    "'subnets', coalesce((SELECT jsonb_agg(jsonb_build_object('id', s.id) ORDER BY s.id) FROM "    \
    "vpc_subnet s WHERE s.vpc_id = v.id), '[]'), 'tenant_id', v.project_id, 'vpc_id', v.id, "      \
    "'description', '', 'created_at', " TIME_V1("v.created") ", 'updated_at', " TIME_V1(           \
        "v.updated") ")"
#define ROUTE_TABLE                                                                                \
    "(" ROUTE_TABLE_SHORT " || jsonb_build_object('routes', jsonb_build_array(jsonb_build_object(" \
    "'type', 'local', 'destination', v.cidr::text, 'nexthop', '-', 'description', '')) || "        \
    "coalesce((SELECT jsonb_agg(" ROUTE_V1 " ORDER BY t.created) FROM vpc_route t WHERE t.vpc_id " \
    "= v.id), '[]')))"

/* The routes of v2.0: peerings only. */
#define ROUTE_V2                                                                                   \
    "jsonb_build_object('id', t.id, 'type', 'peering', 'destination', t.destination::text, "       \
    "'nexthop', t.nexthop, 'vpc_id', t.vpc_id, 'tenant_id', v.project_id)"

#define PEERING_V2                                                                                 \
    "jsonb_build_object('id', x.id, 'name', x.name, 'status', x.status, 'description', "           \
    "x.description, 'request_vpc_info', jsonb_build_object('vpc_id', x.vpc_id, 'tenant_id', "      \
    "x.project_id), 'accept_vpc_info', jsonb_build_object('vpc_id', x.peer_vpc_id, 'tenant_id', "  \
    "x.peer_project_id), 'created_at', " TIME_V1("x.created") ", 'updated_at', " TIME_V1(          \
        "x.updated") ")"

#define EIP_STATUS "CASE WHEN e.port_id IS NULL THEN 'DOWN' ELSE 'ACTIVE' END"

/* Wants b and, joined from the left, p. */
#define EIP_V1                                                                                     \
    "jsonb_build_object('id', e.id, 'status', " EIP_STATUS ", 'type', e.type, "                    \
    "'public_ip_address', host(e.address), 'private_ip_address', host(p.ip), 'port_id', "          \
    "coalesce(e.port_id, ''), 'bandwidth_id', b.id, 'bandwidth_name', b.name, 'bandwidth_size', "  \
    "b.megabits, 'bandwidth_share_type', b.share_type, 'tenant_id', e.project_id, "                \
    "'enterprise_project_id', e.enterprise_project_id, 'ip_version', 4, 'alias', e.alias, "        \
    "'public_border_group', 'center', 'profile', '{}'::jsonb, 'create_time', " TIME_EIP(           \
        "e.created") ")"

#define EIP_V3                                                                                     \
    "jsonb_build_object('id', e.id, 'project_id', e.project_id, 'ip_version', 4, "                 \
    "'public_ip_address', host(e.address), 'status', " EIP_STATUS ", 'description', '', 'alias', " \
    "e.alias, 'type', 'EIP', 'publicip_pool_name', e.type, 'public_border_group', 'center', "      \
    "'enterprise_project_id', e.enterprise_project_id, 'associate_instance_type', CASE WHEN "      \
    "e.port_id IS NULL THEN NULL ELSE 'PORT' END, 'associate_instance_id', e.port_id, 'vnic', "    \
    "CASE WHEN e.port_id IS NULL THEN NULL ELSE jsonb_build_object('private_ip_address', host("    \
    "p.ip), 'mac', p.mac, 'port_id', p.id, 'device_id', p.device_id, 'device_owner', "             \
    "p.device_owner) END, 'bandwidth', jsonb_build_object('id', b.id, 'name', b.name, 'size', "    \
    "b.megabits, 'share_type', b.share_type, 'charge_mode', b.charge_mode), "                      \
    "'created_at', " TIME_V3("e.created") ", 'updated_at', " TIME_V3("e.updated") ")"

#define BANDWIDTH_V1                                                                               \
    "jsonb_build_object('id', b.id, 'name', b.name, 'size', b.megabits, 'share_type', "            \
    "b.share_type, 'charge_mode', b.charge_mode, 'bandwidth_type', CASE b.share_type WHEN 'PER' "  \
    "THEN 'bgp' ELSE 'share' END, 'tenant_id', b.project_id, 'enterprise_project_id', "            \
    "b.enterprise_project_id, 'status', 'NORMAL', 'billing_info', '', 'enable_bandwidth_rules', "  \
    "false, 'rule_quota', 0, 'bandwidth_rules', '[]'::jsonb, 'publicip_info', coalesce((SELECT "   \
    "jsonb_agg(jsonb_build_object('publicip_id', e.id, 'publicip_address', host(e.address), "      \
    "'publicip_type', e.type, 'ip_version', 4) ORDER BY e.id) FROM vpc_eip e WHERE "               \
    "e.bandwidth_id = b.id), '[]'), 'created_at', " TIME_V3(                                       \
        "b.created") ", 'updated_at', " TIME_V3("b.updated") ")"
