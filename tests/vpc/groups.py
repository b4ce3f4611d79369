"""Security groups and their rules in three forms."""
from report import expect, expect_equal
from things import delete, group, path, port, refused, subnet, vpc, clear


def rules_path(tenant, version="v1"):
    return path(tenant, "security-group-rules" if version == "v1" else "vpc/security-group-rules", version)


def rule(tenant, group_id, status=200, **fields):
    body = {"security_group_id": group_id, "direction": "ingress", **fields}
    return tenant.request("POST", rules_path(tenant), {"security_group_rule": body}).expect(status)


def every_project_has_a_default_group(alpha, beta):
    for tenant in (alpha, beta):
        found = tenant.get(path(tenant, "security-groups")).expect(200).json["security_groups"]
        expect_equal([one["name"] for one in found], ["default"], "groups")
        rules = found[0]["security_group_rules"]
        expect_equal(sorted((one["direction"], one["ethertype"], one["remote_group_id"]) for one in rules
                            if one["ethertype"] == "IPv4" and one["direction"] == "ingress"),
                     [("ingress", "IPv4", found[0]["id"])], "ingress")
        expect_equal(len(rules), 4, "rules")
        refused(tenant.request("DELETE", path(tenant, f"security-groups/{found[0]['id']}")), 409, "VPC.0605")
    refused(alpha.request("POST", path(alpha, "security-groups"), {"security_group": {"name": "default"}}),
            400, "VPC.0601")


def one_rule_is_the_same_in_all_forms(alpha, _):
    made = group(alpha)
    one = rule(alpha, made["id"], protocol="TCP", port_range_min=80, port_range_max=90,
               remote_ip_prefix="10.1.2.3/16").json["security_group_rule"]
    expect_equal((one["protocol"], one["port_range_min"], one["port_range_max"], one["remote_ip_prefix"],
                  one["ethertype"]), ("tcp", 80, 90, "10.1.0.0/16", "IPv4"), "rule")
    three = alpha.get(f"{rules_path(alpha, 'v3')}/{one['id']}").expect(200).json["security_group_rule"]
    expect_equal((three["multiport"], three["action"], three["priority"], three["enabled"]),
                 ("80-90", "allow", 1, True), "v3 form")
    two = alpha.get(f"/v2.0/security-group-rules/{one['id']}", headers={"X-Project-Id": alpha.project})
    expect_equal(two.expect(200).json["security_group_rule"]["port_range_max"], 90, "v2.0 form")
    ping = rule(alpha, made["id"], protocol="icmp", port_range_min=8, port_range_max=0
                ).json["security_group_rule"]
    expect_equal((ping["port_range_min"], ping["port_range_max"]), (8, 0), "ICMP")
    alone = rule(alpha, made["id"], protocol="icmp", port_range_min=3).json["security_group_rule"]
    expect_equal((alone["port_range_min"], alone["port_range_max"]), (3, None), "ICMP type alone")
    same = {"security_group_id": made["id"], "direction": "ingress", "protocol": "tcp",
            "port_range_min": 80, "port_range_max": 90, "remote_ip_prefix": "10.1.0.0/16"}
    refused(alpha.request("POST", rules_path(alpha), {"security_group_rule": same}), 409, "VPC.0602")
    delete(alpha, f"{rules_path(alpha)}/{one['id']}")
    refused(alpha.request("DELETE", f"{rules_path(alpha)}/{one['id']}"), 404, "VPC.0610")
    delete(alpha, path(alpha, f"security-groups/{made['id']}"))


def rules_of_v3_have_priorities_and_several_ports(alpha, _):
    made = alpha.request("POST", path(alpha, "vpc/security-groups", "v3"),
                         {"security_group": {"name": "db", "description": "x"}}).expect(201).json
    ident = made["security_group"]["id"]
    expect_equal(len(made["security_group"]["security_group_rules"]), 4, "first rules")
    batch = path(alpha, f"vpc/security-groups/{ident}/security-group-rules/batch-create", "v3")
    body = {"direction": "ingress", "protocol": "tcp", "multiport": "22,3389,8000-9000",
            "remote_ip_prefix": "10.0.0.0/8", "action": "deny", "priority": 5}
    got = alpha.request("POST", batch, {"security_group_rules": [body, {**body, "priority": "6"}]}
                        ).expect(201).json["security_group_rules"]
    expect_equal([(one["multiport"], one["action"], one["priority"]) for one in got],
                 [("22,3389,8000-9000", "deny", 5), ("22,3389,8000-9000", "deny", 6)], "rules")
    refused(alpha.request("POST", batch, {"security_group_rules": [{**body, "priority": 7}, body]}),
            409, "VPC.0602")
    again = alpha.request("POST", batch, {"ignore_duplicate": True, "security_group_rules": [
        body, {**body, "priority": 7}]}).expect(201).json["security_group_rules"]
    expect_equal([one["priority"] for one in again], [7], "without duplicates")
    listed = alpha.get(rules_path(alpha, "v3"), query={"security_group_id": ident, "action": "deny"})
    expect_equal(listed.expect(200).json["page_info"]["current_count"], 3, "listed by action")
    delete(alpha, path(alpha, f"vpc/security-groups/{ident}", "v3"))


def bad_rules_are_refused(alpha, beta):
    made, foreign = group(alpha), group(beta)
    for bad in ({"direction": "in"}, {"ethertype": "IPv5"}, {"protocol": "tcpp"}, {"protocol": 256},
                {"protocol": "tcp", "port_range_min": 0}, {"protocol": "tcp", "port_range_min": 65536},
                {"protocol": "tcp", "port_range_min": 9, "port_range_max": 8}, {"port_range_min": 5},
                {"protocol": "icmp", "port_range_min": 256}, {"protocol": "gre", "port_range_min": 1},
                {"remote_ip_prefix": "10.0.0.0/33"}, {"remote_ip_prefix": "10.0.0"},
                {"remote_ip_prefix": "fd00::/8"}, {"remote_ip_prefix": "10.0.0.0/8; drop"},
                {"remote_ip_prefix": "10.0.0.0/8", "remote_group_id": made["id"]}):
        body = {"security_group_id": made["id"], "direction": "ingress", **bad}
        refused(alpha.request("POST", rules_path(alpha), {"security_group_rule": body}), 400, "VPC.0601")
    for bad in ({"multiport": "1,2,"}, {"multiport": "1-"}, {"multiport": "-1"}, {"multiport": "a"},
                {"multiport": ",".join(map(str, range(1, 23)))}, {"priority": 0}, {"priority": 101},
                {"action": "reject"}, {"remote_address_group_id": "x"}):
        body = {"security_group_id": made["id"], "direction": "egress", "protocol": "udp", **bad}
        refused(alpha.request("POST", rules_path(alpha, "v3"), {"security_group_rule": body}), 400, "VPC.0601")
    for bad in ({"security_group_id": foreign["id"]}, {"remote_group_id": foreign["id"]}):
        body = {"security_group_id": made["id"], "direction": "ingress", **bad}
        refused(alpha.request("POST", rules_path(alpha), {"security_group_rule": body}), 404, "VPC.0603")
    rule(alpha, made["id"], ethertype="IPv6", remote_ip_prefix="fd00::1")
    delete(alpha, path(alpha, f"security-groups/{made['id']}"))
    delete(beta, path(beta, f"security-groups/{foreign['id']}"))


def groups_in_use_stay(alpha, _):
    made, other = group(alpha, "a"), group(alpha, "b")
    rule(alpha, other["id"], remote_group_id=made["id"])
    one = path(alpha, f"security-groups/{made['id']}")
    refused(alpha.request("DELETE", one), 409, "VPC.0604")
    delete(alpha, path(alpha, f"security-groups/{other['id']}"))
    net = vpc(alpha)
    held = port(alpha, subnet(alpha, net["id"])["id"], security_groups=[made["id"]])
    expect_equal(held["security_groups"], [made["id"]], "groups of the port")
    refused(alpha.request("DELETE", one), 409, "VPC.0604")
    clear(alpha, net["id"])
    delete(alpha, one)
    expect(made["id"] not in alpha.get(path(alpha, "security-groups")).text, "it is still listed")


TESTS = [every_project_has_a_default_group, one_rule_is_the_same_in_all_forms,
         rules_of_v3_have_priorities_and_several_ports, bad_rules_are_refused, groups_in_use_stay]
