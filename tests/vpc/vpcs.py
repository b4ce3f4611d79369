"""Vpcs, subnets, ports, private addresses."""
import ipaddress
import threading

from report import expect, expect_equal
from things import clear, delete, path, port, refused, subnet, vpc


def a_vpc_lives_in_every_form(alpha, _):
    made = vpc(alpha, "192.168.0.0/16", "shop")
    expect_equal((made["status"], made["cidr"], made["name"], made["routes"]),
                 ("OK", "192.168.0.0/16", "shop", []), "vpc")
    one = path(alpha, f"vpcs/{made['id']}")
    expect_equal(alpha.get(one).expect(200).json["vpc"], made, "shown vpc")
    three = alpha.get(path(alpha, f"vpc/vpcs/{made['id']}", "v3")).expect(200).json
    expect(three["request_id"] and three["vpc"]["status"] == "ACTIVE", "v3 form")
    router = alpha.get(f"/v2.0/routers/{made['id']}", headers={"X-Project-Id": alpha.project})
    expect_equal(router.expect(200).json["router"]["name"], "shop", "router")
    alpha.request("PUT", one, {"vpc": {"name": "store", "description": "d"}}).expect(200)
    alpha.request("PUT", path(alpha, f"vpc/vpcs/{made['id']}", "v3"),
                  {"vpc": {"description": "e"}}).expect(200)
    shown = alpha.get(one).json["vpc"]
    expect_equal((shown["name"], shown["description"]), ("store", "e"), "changed vpc")
    delete(alpha, one)
    refused(alpha.get(one), 404, "VPC.0202")
    refused(alpha.request("DELETE", one), 404, "VPC.0202")


def lists_have_pages_and_filters(alpha, _):
    made = sorted(alpha.request("POST", path(alpha, "vpc/vpcs", "v3"), {"vpc": {
        "name": f"page{i}", "cidr": "10.1.0.0/16", "tags": [{"key": "a", "value": "b"}]}}
        ).expect(201).json["vpc"]["id"] for i in range(5))
    first = alpha.get(path(alpha, "vpc/vpcs", "v3"), query={"limit": 2}).expect(200).json
    expect_equal([one["id"] for one in first["vpcs"]], made[:2], "first page")
    expect_equal(first["page_info"], {"current_count": 2, "previous_marker": made[0],
                                      "next_marker": made[1]}, "page_info")
    rest = alpha.get(path(alpha, "vpc/vpcs", "v3"), query={"marker": made[1]}).json
    expect_equal([one["id"] for one in rest["vpcs"]], made[2:], "rest")
    expect("next_marker" not in rest["page_info"], "the last page has a next one")
    some = alpha.get(path(alpha, "vpc/vpcs", "v3"),
                     query=[("id", made[0]), ("id", made[3]), ("id", "none")]).json["vpcs"]
    expect_equal([one["id"] for one in some], [made[0], made[3]], "several ids")
    named = alpha.get(path(alpha, "vpc/vpcs", "v3"), query={"name": "page2"}).json["vpcs"]
    expect_equal([one["name"] for one in named], ["page2"], "by name")
    expect_equal(len(alpha.get(path(alpha, "vpcs"), query={"limit": 3}).json["vpcs"]), 3, "v1 page")
    refused(alpha.get(path(alpha, "vpcs"), query={"limit": 2001}), 400, "VPC.0101")
    refused(alpha.get(path(alpha, "vpcs"), query={"limit": "x"}), 400, "VPC.0101")
    delete(alpha, *(path(alpha, f"vpcs/{one}") for one in made))


def bad_vpcs_are_refused(alpha, _):
    for body in ({"cidr": "8.8.8.0/24"}, {"cidr": "10.0.0.0/29"}, {"cidr": "10.0.0.1/24"},
                 {"cidr": "172.32.0.0/16"}, {"cidr": "10.0.0.0"}, {"cidr": "10.0.0.0/+8"},
                 {"cidr": "10.0.0.0/08x"}, {"cidr": "fd00::/64"}, {}, {"cidr": 5},
                 {"cidr": "10.0.0.0/8", "name": "a" * 65}, {"cidr": "10.0.0.0/8", "name": "a/b"},
                 {"cidr": "10.0.0.0/8", "description": "<script>"}):
        refused(alpha.request("POST", path(alpha, "vpcs"), {"vpc": body}), 400, "VPC.0101")
    refused(alpha.request("POST", path(alpha, "vpcs"), b"{"), 400, "VPC.0101")
    refused(alpha.request("POST", path(alpha, "vpcs"), {}), 400, "VPC.0101")
    expect_equal(alpha.get(path(alpha, "vpcs")).json["vpcs"], [], "vpcs")


def subnets_keep_within_their_vpc(alpha, beta):
    made = vpc(alpha, "10.0.0.0/16")
    first = subnet(alpha, made["id"], "10.0.0.0/24", primary_dns="1.1.1.1")
    expect_equal((first["gateway_ip"], first["dnsList"], first["available_ip_address_count"],
                  first["neutron_network_id"]), ("10.0.0.1", ["1.1.1.1"], 251, first["id"]),
                 "subnet")
    for more, code in (({"cidr": "10.1.0.0/24"}, "VPC.0203"), ({"cidr": "10.0.0.128/25"}, "VPC.0204"),
                       ({"cidr": "10.0.1.0/30"}, "VPC.0201"), ({"cidr": "10.0.1.5/24"}, "VPC.0201"),
                       ({"gateway_ip": "10.0.2.1"}, "VPC.0201"), ({"gateway_ip": "10.0.1.0"}, "VPC.0201"),
                       ({"dnsList": ["x"]}, "VPC.0201"), ({"dnsList": ["1.1.1.1"] * 5}, "VPC.0201"),
                       ({"ipv6_enable": True}, "VPC.0201")):
        body = {"name": "sub", "cidr": "10.0.1.0/24", "vpc_id": made["id"], **more}
        refused(alpha.request("POST", path(alpha, "subnets"), {"subnet": body}), 400, code)
    body = {"name": "sub", "cidr": "10.0.1.0/24", "vpc_id": made["id"]}
    refused(beta.request("POST", path(beta, "subnets"), {"subnet": body}), 404, "VPC.0202")
    one = path(alpha, f"vpcs/{made['id']}/subnets/{first['id']}")
    alpha.request("PUT", one, {"subnet": {"name": "renamed", "dnsList": ["9.9.9.9", "8.8.8.8"],
                                          "dhcp_enable": False}}).expect(200)
    shown = alpha.get(path(alpha, f"subnets/{first['id']}")).expect(200).json["subnet"]
    expect_equal((shown["name"], shown["secondary_dns"], shown["dhcp_enable"]),
                 ("renamed", "8.8.8.8", False), "changed subnet")
    network = alpha.get(f"/v2.0/networks/{first['id']}", headers={"X-Project-Id": alpha.project}
                        ).expect(200).json["network"]
    expect_equal(network["subnets"], [first["neutron_subnet_id"]], "network's subnets")
    refused(alpha.request("PUT", path(alpha, f"vpcs/{made['id']}"), {"vpc": {"cidr": "10.9.0.0/16"}}),
            400, "VPC.0203")
    refused(alpha.request("DELETE", path(alpha, f"vpcs/{made['id']}")), 409, "VPC.0104")
    delete(alpha, one, path(alpha, f"vpcs/{made['id']}"))


def subnets_made_at_once_do_not_overlap(alpha, _):
    made, statuses = vpc(alpha), []
    alpha.key = alpha.key or alpha.new_key()

    def make():
        statuses.append(alpha.request("POST", path(alpha, "subnets"), {"subnet": {
            "name": "s", "cidr": "10.0.0.0/24", "vpc_id": made["id"]}}).status)
    threads = [threading.Thread(target=make) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    expect_equal(sorted(statuses), [200] + [400] * 5, "statuses")
    clear(alpha, made["id"])


def ranges_of_tenants_may_overlap(alpha, beta):
    vpcs = [(one, vpc(one)["id"]) for one in (alpha, beta)]
    ports = [port(one, subnet(one, net)["id"], fixed_ips=[{"ip_address": "10.0.0.10"}])
             for one, net in vpcs]
    expect_equal({one["fixed_ips"][0]["ip_address"] for one in ports}, {"10.0.0.10"}, "addresses")
    expect(ports[0]["mac_address"] != ports[1]["mac_address"], "the same MAC twice")
    for one, net in vpcs:
        clear(one, net)


def ports_have_addresses_of_their_own(alpha, _):
    made = vpc(alpha)
    sub = subnet(alpha, made["id"], "10.0.0.0/28")
    first = port(alpha, sub["id"], name="one")
    expect_equal((first["fixed_ips"], first["status"], first["device_owner"]),
                 ([{"ip_address": "10.0.0.2", "subnet_id": sub["neutron_subnet_id"]}], "DOWN", ""),
                 "port")
    expect(first["mac_address"].startswith("fa:16:3e:"), first["mac_address"])
    expect_equal(len(first["security_groups"]), 1, "groups")
    wish = {"network_id": sub["id"], "fixed_ips": [{"ip_address": "10.0.0.2"}]}
    ports = path(alpha, "ports")
    refused(alpha.request("POST", ports, {"port": wish}), 409, "VPC.0705")
    for bad in ("10.0.0.0", "10.0.0.15", "10.0.0.14", "10.0.1.2", "x", "10.0.0.2/28"):
        wish["fixed_ips"] = [{"ip_address": bad}]
        refused(alpha.request("POST", ports, {"port": wish}), 400, "VPC.0701")
    wish["fixed_ips"] = [{"ip_address": "10.0.0.1"}]
    refused(alpha.request("POST", ports, {"port": wish}), 409, "VPC.0705")
    rest = [port(alpha, sub["id"])["fixed_ips"][0]["ip_address"] for _ in range(10)]
    expect_equal(rest, [f"10.0.0.{i}" for i in range(3, 13)], "addresses in order")
    refused(alpha.request("POST", ports, {"port": {"network_id": sub["id"]}}), 409, "VPC.0705")
    delete(alpha, f"{ports}/{first['id']}")
    expect_equal(port(alpha, sub["id"])["fixed_ips"][0]["ip_address"], "10.0.0.2", "freed address")
    refused(alpha.request("DELETE", path(alpha, f"vpcs/{made['id']}/subnets/{sub['id']}")),
            409, "VPC.0208")
    refused(alpha.get(f"{ports}/{first['id']}"), 404, "VPC.0704")
    clear(alpha, made["id"])


def ports_are_found_and_changed(alpha, _):
    made = vpc(alpha)
    sub = subnet(alpha, made["id"])
    one = port(alpha, sub["id"], name="find-me", mac_address="FA:16:3E:00:11:22",
               allowed_address_pairs=[{"ip_address": "10.0.0.99"}])
    ports = path(alpha, "ports")
    for query in ({"name": "find-me"}, {"id": one["id"]}, {"network_id": sub["id"]},
                  {"mac_address": "fa:16:3e:00:11:22"}, {"fixed_ips": "ip_address=10.0.0.2"},
                  {"security_groups": one["security_groups"][0]}, {"status": "DOWN"}):
        expect_equal([p["id"] for p in alpha.get(ports, query=query).expect(200).json["ports"]],
                     [one["id"]], f"ports by {query}")
    for query in ({"name": "x"}, {"device_id": "x"}, {"fixed_ips": "ip_address=10.0.0.3"},
                  {"security_groups": "x"}):
        expect_equal(alpha.get(ports, query=query).json["ports"], [], f"ports by {query}")
    for bad in ({"mac_address": "fa:16:3e:00:11:22"}, ):
        refused(alpha.request("POST", ports, {"port": {"network_id": sub["id"], **bad}}), 409, "VPC.0705")
    for bad in ({"mac_address": "01:00:5e:00:00:01"}, {"mac_address": "zz:16:3e:00:11:22"},
                {"device_owner": "compute:az"}, {"device_owner": "network:dhcp"},
                {"allowed_address_pairs": [{"ip_address": "x"}]}):
        refused(alpha.request("POST", ports, {"port": {"network_id": sub["id"], **bad}}), 400, "VPC.0701")
    refused(alpha.request("POST", ports, {"port": {"network_id": sub["id"], "security_groups": ["x"]}}),
            404, "VPC.0603")
    refused(alpha.request("POST", ports, {"port": {"network_id": "x"}}), 404, "VPC.0202")
    changed = alpha.request("PUT", f"{ports}/{one['id']}", {"port": {"name": "other"}}).expect(200)
    expect_equal(changed.json["port"]["name"], "other", "name")
    clear(alpha, made["id"])


def private_addresses_are_reserved(alpha, _):
    made = vpc(alpha)
    sub = subnet(alpha, made["id"])
    answer = alpha.request("POST", path(alpha, "privateips"), {"privateips": [
        {"subnet_id": sub["id"], "ip_address": "10.0.0.20"}, {"subnet_id": sub["id"]}]})
    got = answer.expect(200).json["privateips"]
    expect_equal([one["ip_address"] for one in got], ["10.0.0.20", "10.0.0.2"], "addresses")
    refused(alpha.request("POST", path(alpha, "privateips"), {"privateips": [
        {"subnet_id": sub["id"]}, {"subnet_id": sub["id"], "ip_address": "10.0.0.20"}]}), 409, "VPC.0705")
    listed = alpha.get(path(alpha, f"subnets/{sub['id']}/privateips")).expect(200).json["privateips"]
    expect_equal(len(listed), 2, "a half of a refused request stayed")
    delete(alpha, *(path(alpha, f"privateips/{one['id']}") for one in got))
    clear(alpha, made["id"])


def nat_and_load_balancers_are_refused(alpha, _):
    for method, where, code in (
            ("GET", f"/v2/{alpha.project}/nat_gateways", "NAT.0001"),
            ("POST", f"/v2/{alpha.project}/snat_rules", "NAT.0001"),
            ("DELETE", f"/v2/{alpha.project}/nat_gateways/x/dnat_rules/y", "NAT.0001"),
            ("GET", f"/v3/{alpha.project}/private-nat/gateways", "NAT.0001"),
            ("POST", f"/v3/{alpha.project}/elb/loadbalancers", "ELB.0001"),
            ("GET", f"/v3/{alpha.project}/elb/pools/x/members", "ELB.0001")):
        answer = alpha.request(method, where, {} if method == "POST" else None)
        refused(answer, 400, code)
        expect("not supported" in answer.json["message"], answer.text)


TESTS = [a_vpc_lives_in_every_form, lists_have_pages_and_filters, bad_vpcs_are_refused,
         subnets_keep_within_their_vpc, subnets_made_at_once_do_not_overlap,
         ranges_of_tenants_may_overlap, ports_have_addresses_of_their_own, ports_are_found_and_changed,
         private_addresses_are_reserved, nat_and_load_balancers_are_refused]
