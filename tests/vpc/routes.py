"""Route tables, peerings and their routes."""
from report import expect, expect_equal
from things import clear, path, port, refused, subnet, vpc


def v2(tenant, method, rest, body=None, **more):
    return tenant.request(method, f"/v2.0/vpc/{rest}", body, headers={"X-Project-Id": tenant.project}, **more)


def peering(tenant, one, other, peer=None):
    return v2(tenant, "POST", "peerings", {"peering": {
        "name": "p", "request_vpc_info": {"vpc_id": one},
        "accept_vpc_info": {"vpc_id": other, "tenant_id": (peer or tenant).project}}})


def route_tables_lead_to_ports(alpha, _):
    net = vpc(alpha, "10.0.0.0/16")
    hop = port(alpha, subnet(alpha, net["id"])["id"])
    table = alpha.get(path(alpha, "routetables"), query={"vpc_id": net["id"]}).expect(200).json["routetables"]
    expect_equal([(one["default"], one["vpc_id"]) for one in table], [(True, net["id"])], "tables")
    one = path(alpha, f"routetables/{table[0]['id']}")
    address = hop["fixed_ips"][0]["ip_address"]
    routes = [{"type": "ecs", "destination": "10.50.0.0/16", "nexthop": address},
              {"type": "eni", "destination": "10.60.0.0/16", "nexthop": hop["id"]}]
    shown = alpha.request("PUT", one, {"routetable": {"routes": {"add": routes}}}).expect(200).json["routetable"]
    expect_equal([(r["type"], r["destination"]) for r in shown["routes"]],
                 [("local", "10.0.0.0/16"), ("ecs", "10.50.0.0/16"), ("eni", "10.60.0.0/16")], "routes")
    for bad in ({"type": "ecs", "destination": "10.50.0.0/16", "nexthop": address},
                {"type": "ecs", "destination": "10.0.3.0/24", "nexthop": address},
                {"type": "ecs", "destination": "10.70.0.0/16", "nexthop": "10.0.0.77"},
                {"type": "nat", "destination": "10.70.0.0/16", "nexthop": address},
                {"type": "peering", "destination": "10.70.0.0/16", "nexthop": "x"},
                {"type": "ecs", "destination": "10.70.0.1/16", "nexthop": address}):
        refused(alpha.request("PUT", one, {"routetable": {"routes": {"add": [bad]}}}), 400, "VPC.0101")
    alpha.request("PUT", one, {"routetable": {"routes": {"del": routes[:1], "mod": [
        {"type": "ecs", "destination": "10.60.0.0/16", "nexthop": address}]}}}).expect(200)
    shown = alpha.get(one).expect(200).json["routetable"]["routes"]
    expect_equal([(r["type"], r["destination"]) for r in shown],
                 [("local", "10.0.0.0/16"), ("ecs", "10.60.0.0/16")], "routes afterwards")
    clear(alpha, net["id"])


def peerings_of_one_project_are_active(alpha, _):
    one, other, same = vpc(alpha, "10.0.0.0/16"), vpc(alpha, "10.1.0.0/16"), vpc(alpha, "10.0.0.0/16")
    made = peering(alpha, one["id"], other["id"]).expect(201).json["peering"]
    expect_equal(made["status"], "ACTIVE", "status")
    refused(peering(alpha, other["id"], one["id"]), 409, "VPC.2103")
    refused(peering(alpha, one["id"], same["id"]), 400, "VPC.2101")
    refused(peering(alpha, one["id"], one["id"]), 404, "VPC.0202")
    route = v2(alpha, "POST", "routes", {"route": {
        "type": "peering", "nexthop": made["id"], "destination": "10.1.0.0/16", "vpc_id": one["id"]}}
        ).expect(201).json["route"]
    expect_equal(v2(alpha, "GET", f"routes/{route['id']}").expect(200).json["route"], route, "route")
    expect_equal(len(v2(alpha, "GET", "routes").json["routes"]), 1, "routes")
    refused(alpha.request("DELETE", path(alpha, f"vpcs/{one['id']}")), 409, "VPC.0108")
    v2(alpha, "DELETE", f"peerings/{made['id']}").expect(204)
    expect_equal(v2(alpha, "GET", "routes").json["routes"], [], "routes of a gone peering")
    for net in (one, other, same):
        clear(alpha, net["id"])


def a_peering_with_another_tenant_waits_for_him(alpha, beta):
    one, other = vpc(alpha, "10.0.0.0/16"), vpc(beta, "10.1.0.0/16")
    refused(peering(alpha, one["id"], other["id"]), 404, "VPC.0202")
    made = peering(alpha, one["id"], other["id"], beta).expect(201).json["peering"]
    expect_equal(made["status"], "PENDING_ACCEPTANCE", "status")
    refused(v2(alpha, "PUT", f"peerings/{made['id']}/accept"), 409, "VPC.2103")
    hop = {"route": {"type": "peering", "nexthop": made["id"], "destination": "10.1.0.0/16", "vpc_id": one["id"]}}
    refused(v2(alpha, "POST", "routes", hop), 400, "VPC.0101")
    expect_equal(v2(beta, "PUT", f"peerings/{made['id']}/accept").expect(200).json["status"], "ACTIVE", "status")
    v2(alpha, "POST", "routes", hop).expect(201)
    refused(v2(beta, "PUT", f"peerings/{made['id']}/reject"), 409, "VPC.2103")
    expect_equal(len(v2(beta, "GET", "peerings").json["peerings"]), 1, "peerings of the other")
    v2(beta, "DELETE", f"peerings/{made['id']}").expect(204)
    again = peering(alpha, one["id"], other["id"], beta).expect(201).json["peering"]
    expect_equal(v2(beta, "PUT", f"peerings/{again['id']}/reject").expect(200).json["status"], "REJECTED", "status")
    expect(v2(alpha, "GET", f"peerings/{again['id']}").json["peering"]["status"] == "REJECTED", "as asked")
    v2(alpha, "DELETE", f"peerings/{again['id']}").expect(204)
    clear(alpha, one["id"])
    clear(beta, other["id"])


TESTS = [route_tables_lead_to_ports, peerings_of_one_project_are_active,
         a_peering_with_another_tenant_waits_for_him]
