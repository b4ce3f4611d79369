"""Another tenant's ids: each operation with an id in its path answers 404, and nothing changes."""
import re

from report import expect, expect_equal
from things import clear, delete, group, path, port, subnet, vpc
import eips
import routes


def owned(tenant):
    net, other = vpc(tenant, "10.0.0.0/16"), vpc(tenant, "10.1.0.0/16")
    sub = subnet(tenant, net["id"])
    peer = routes.peering(tenant, net["id"], other["id"]).expect(201).json["peering"]["id"]
    way = routes.v2(tenant, "POST", "routes", {"route": {
        "type": "peering", "nexthop": peer, "destination": "10.1.0.0/16", "vpc_id": net["id"]}})
    made = group(tenant)
    address = eips.eip(tenant).expect(200).json["publicip"]["id"]
    table = tenant.get(path(tenant, "routetables"), query={"vpc_id": net["id"]}).json["routetables"]
    return {"vpc_id": net["id"], "subnet_id": sub["id"], "network_id": sub["id"], "router_id": net["id"],
            "port_id": port(tenant, sub["id"])["id"], "peering_id": peer, "other": other["id"],
            "route_id": way.expect(201).json["route"]["id"], "security_group_id": made["id"],
            "security_group_rule_id": made["security_group_rules"][0]["id"], "publicip_id": address,
            "bandwidth_id": tenant.get(path(tenant, f"publicips/{address}")).json["publicip"]["bandwidth_id"],
            "routetable_id": table[0]["id"]}


def seen(tenant):
    names = ("vpcs", "subnets", "ports", "security-groups", "routetables", "publicips", "bandwidths")
    return [tenant.get(path(tenant, name)).expect(200).json for name in names] + \
        [routes.v2(tenant, "GET", name).expect(200).json for name in ("peerings", "routes")]


BODIES = {"vpc": {"name": "x", "cidr": "10.0.0.0/8"}, "subnet": {"name": "x"}, "port": {"name": "x"},
          "security_group": {"name": "x"}, "peering": {"name": "x"}, "publicip": {
              "port_id": "", "alias": "x", "associate_instance_type": "PORT", "associate_instance_id": "x"},
          "bandwidth": {"size": 9}, "routetable": {"routes": {}},
          "security_group_rules": [{"direction": "ingress"}]}


def nothing_of_another_tenant_is_reached(alpha, beta):
    ids, before = owned(beta), None
    before = seen(beta)
    crossed = 0
    for operation in alpha.cloud.get("/operations", sign=None).expect(200).json["operations"]:
        names = [name for name in re.findall(r"\{(\w+)\}", operation["path"]) if name in ids]
        if operation["service"] not in ("vpc", "network") or not names or not operation["supported"]:
            continue
        target = re.sub(r"\{(\w+)\}", lambda found: alpha.project if found[1] == "project_id"
                        else ids[found[1]], operation["path"])
        answer = alpha.request(operation["method"], target,
                               BODIES if operation["method"] in ("PUT", "POST") else None,
                               headers={"X-Project-Id": alpha.project})
        expect_equal(answer.status, 404, f"{operation['id']} {target}: {answer.text[:150]}")
        theirs = alpha.request(operation["method"], target.replace(alpha.project, beta.project),
                               BODIES if operation["method"] in ("PUT", "POST") else None,
                               headers={"X-Project-Id": beta.project})
        expect_equal(theirs.status, 404, f"{operation['id']} in the other's project: {theirs.text[:150]}")
        crossed += 1
    expect(crossed > 40, f"only {crossed} operations were tried")
    expect_equal(seen(beta), before, "what the other tenant sees")
    routes.v2(beta, "DELETE", f"peerings/{ids['peering_id']}").expect(204)
    delete(beta, path(beta, f"publicips/{ids['publicip_id']}"),)
    clear(beta, ids["vpc_id"])
    clear(beta, ids["other"])
    delete(beta, path(beta, f"security-groups/{ids['security_group_id']}"))


def lists_show_only_ones_own(alpha, beta):
    net = vpc(beta)
    for target in (path(alpha, "vpcs"), path(alpha, "vpc/vpcs", "v3"), "/v2.0/routers"):
        answer = alpha.get(target, headers={"X-Project-Id": alpha.project}).expect(200)
        expect(net["id"] not in answer.text, f"{target} shows another's")
    expect_equal(alpha.get("/v2.0/routers", headers={"X-Project-Id": beta.project}).status, 404, "status")
    expect_equal(alpha.get("/v2.0/routers").status, 400, "status without a project")
    clear(beta, net["id"])


TESTS = [nothing_of_another_tenant_is_reached, lists_show_only_ones_own]
