"""EIPs, bandwidths and quotas. The pool of this suite has six addresses."""
from report import expect, expect_equal
from things import clear, delete, path, port, refused, subnet, vpc

OWN = {"share_type": "PER", "name": "b", "size": 10}


def eip(tenant, bandwidth=None, **fields):
    return tenant.request("POST", path(tenant, "publicips"), {
        "publicip": {"type": "5_bgp", **fields}, "bandwidth": bandwidth or OWN})


def an_eip_is_bound_and_set_free(alpha, _):
    net = vpc(alpha)
    sub = subnet(alpha, net["id"])["id"]
    first, second = port(alpha, sub), port(alpha, sub)
    made = eip(alpha, alias="front").expect(200).json["publicip"]
    expect_equal((made["public_ip_address"], made["status"], made["bandwidth_size"]), ("198.18.7.1", "DOWN", 10), "EIP")
    one = path(alpha, f"publicips/{made['id']}")
    bound = alpha.request("PUT", one, {"publicip": {"port_id": first["id"]}}).expect(200).json["publicip"]
    expect_equal((bound["status"], bound["private_ip_address"]),
                 ("ACTIVE", first["fixed_ips"][0]["ip_address"]), "bound EIP")
    refused(alpha.request("PUT", one, {"publicip": {"port_id": second["id"]}}), 409, "VPC.0510")
    refused(eip(alpha, port_id=first["id"]), 409, "VPC.0511")
    refused(alpha.request("DELETE", one), 409, "VPC.0517")
    refused(eip(alpha, port_id="x"), 404, "VPC.0512")
    expect_equal(len(alpha.get(path(alpha, "publicips")).json["publicips"]), 1, "EIPs")
    expect_equal([e["id"] for e in alpha.get(path(alpha, "publicips"), query={"port_id": first["id"]}
                                             ).json["publicips"]], [made["id"]], "by port")
    renamed = alpha.request("PUT", one, {"publicip": {"alias": "back"}}).expect(200).json["publicip"]
    expect_equal((renamed["alias"], renamed["status"]), ("back", "ACTIVE"), "renamed EIP")
    alpha.request("PUT", one, {"publicip": {"port_id": ""}}).expect(200)
    three = path(alpha, f"eip/publicips/{made['id']}", "v3")
    alpha.request("POST", f"{three}/associate-instance", {"publicip": {
        "associate_instance_type": "PORT", "associate_instance_id": second["id"]}}).expect(200)
    expect_equal(alpha.get(three).expect(200).json["publicip"]["vnic"]["port_id"], second["id"], "v3 form")
    delete(alpha, path(alpha, f"ports/{second['id']}"))
    expect_equal(alpha.get(one).json["publicip"]["status"], "DOWN", "EIP of a deleted port")
    alpha.request("POST", f"{three}/disassociate-instance").expect(200)
    bandwidth = alpha.get(one).json["publicip"]["bandwidth_id"]
    delete(alpha, one)
    refused(alpha.get(one), 404, "VPC.0504")
    refused(alpha.get(path(alpha, f"bandwidths/{bandwidth}")), 404, "VPC.0302")
    clear(alpha, net["id"])


def addresses_of_the_pool_are_given_once(alpha, beta):
    wished = eip(beta, ip_address="198.18.7.3").expect(200).json["publicip"]
    refused(eip(alpha, ip_address="198.18.7.3"), 409, "VPC.0522")
    for bad in ("198.18.8.1", "127.0.0.1", "x"):
        refused(eip(alpha, ip_address=bad), 400, "VPC.0501")
    rest = [eip(alpha).expect(200).json["publicip"] for _ in range(5)]
    expect_equal([one["public_ip_address"] for one in rest],
                 ["198.18.7.1", "198.18.7.2", "198.18.7.4", "198.18.7.5", "198.18.7.6"], "addresses")
    refused(eip(alpha), 409, "VPC.0532")
    delete(beta, path(beta, f"publicips/{wished['id']}"))
    delete(alpha, *(path(alpha, f"publicips/{one['id']}") for one in rest))


def bandwidths_are_shared(alpha, beta):
    made = alpha.request("POST", path(alpha, "bandwidths", "v2.0"), {"bandwidth": {"name": "all", "size": 100}}
                         ).expect(200).json["bandwidth"]
    shared = {"share_type": "WHOLE", "id": made["id"]}
    first, second = (eip(alpha, shared).expect(200).json["publicip"] for _ in range(2))
    refused(eip(beta, shared), 404, "VPC.0302")
    one = path(alpha, f"bandwidths/{made['id']}")
    shown = alpha.request("PUT", one, {"bandwidth": {"size": 200}}).expect(200).json["bandwidth"]
    expect_equal((shown["size"], len(shown["publicip_info"])), (200, 2), "bandwidth")
    refused(alpha.request("PUT", one, {"bandwidth": {"size": 5000}}), 400, "VPC.0301")
    refused(alpha.request("DELETE", path(alpha, f"bandwidths/{made['id']}", "v2.0")), 409, "VPC.0308")
    delete(alpha, *(path(alpha, f"publicips/{e['id']}") for e in (first, second)))
    delete(alpha, path(alpha, f"bandwidths/{made['id']}", "v2.0"))
    for bad in ({"share_type": "PER"}, {"share_type": "PER", "size": 0}, {"share_type": "PER", "size": 3000}):
        refused(eip(alpha, bad), 400, "VPC.0501")


def quotas_count_and_hold(alpha, _):
    def used(kind):
        found = alpha.get(path(alpha, "quotas"), query={"type": kind}).expect(200).json["quotas"]["resources"]
        expect_equal(len(found), 1, f"quotas of {kind}")
        return found[0]["used"], found[0]["quota"]
    expect_equal(used("vpc")[0], 0, "vpcs used")
    made = [vpc(alpha) for _ in range(used("vpc")[1])]
    refused(alpha.request("POST", path(alpha, "vpcs"), {"vpc": {"cidr": "10.0.0.0/8"}}), 409, "VPC.0114")
    expect_equal(used("vpc"), (20, 20), "vpcs used")
    for one in made:
        clear(alpha, one["id"])
    expect(len(alpha.get(path(alpha, "quotas")).json["quotas"]["resources"]) > 8, "few quotas")


TESTS = [an_eip_is_bound_and_set_free, addresses_of_the_pool_are_given_once, bandwidths_are_shared,
         quotas_count_and_hold]
