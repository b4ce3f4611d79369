"""Short ways to make things of a tenant, and to expect an error with its code."""
from report import expect, expect_equal


def path(tenant, rest, version="v1"):
    return f"/{version}/{tenant.project}/{rest}"


def vpc(tenant, cidr="10.0.0.0/8", name="net"):
    return tenant.request("POST", path(tenant, "vpcs"), {"vpc": {"name": name, "cidr": cidr}}
                          ).expect(200).json["vpc"]


def subnet(tenant, vpc_id, cidr="10.0.0.0/24", **more):
    return tenant.request("POST", path(tenant, "subnets"), {"subnet": {
        "name": "sub", "cidr": cidr, "vpc_id": vpc_id, **more}}).expect(200).json["subnet"]


def port(tenant, network, **more):
    return tenant.request("POST", path(tenant, "ports"), {"port": {"network_id": network, **more}}
                          ).expect(200).json["port"]


def group(tenant, name="web"):
    return tenant.request("POST", path(tenant, "security-groups"), {"security_group": {"name": name}}
                          ).expect(200).json["security_group"]


def refused(answer, status, code):
    """The answer is this error, in each of the forms that clients read."""
    expect_equal((answer.status, answer.code), (status, code), answer.text[:200])
    body = answer.json
    if "NeutronError" in body:
        expect(body["NeutronError"]["message"], "NeutronError has no message")
    else:
        expect_equal(body["code"], code, "code")
        expect(body["message"], "no message")
    return answer


def delete(tenant, *paths):
    for one in paths:
        tenant.request("DELETE", one).expect(204)


def clear(tenant, vpc_id):
    """A vpc with its subnets and free ports goes."""
    for sub in tenant.get(path(tenant, "subnets"), query={"vpc_id": vpc_id}).json["subnets"]:
        for one in tenant.get(path(tenant, "ports"), query={"network_id": sub["id"]}).json["ports"]:
            delete(tenant, path(tenant, f"ports/{one['id']}"))
        delete(tenant, path(tenant, f"vpcs/{vpc_id}/subnets/{sub['id']}"))
    delete(tenant, path(tenant, f"vpcs/{vpc_id}"))
