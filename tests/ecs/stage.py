"""What the tests of servers share: a tenant's network, the body of a creation, waiting."""
import time

FLAVOR, LARGER = "s6.small.1", "s6.medium.2"


class Stage:
    """A tenant's project with a vpc and a subnet."""

    def __init__(self, tenant, cidr="192.168.0.0/24"):
        self.tenant, self.project = tenant, tenant.project
        vpc = self.post(f"/v1/{self.project}/vpcs", {"vpc": {"name": "stage", "cidr": cidr}})
        self.vpc = vpc.expect(200).json["vpc"]["id"]
        subnet = self.post(f"/v1/{self.project}/subnets", {"subnet": {
            "name": "stage", "cidr": cidr, "vpc_id": self.vpc,
            "gateway_ip": cidr.replace(".0/24", ".1")}})
        self.subnet = subnet.expect(200).json["subnet"]["id"]
        self.image = "11111111-2222-4333-8444-555555555555"

    # ---- requests ----

    @property
    def servers(self):
        return f"/v1/{self.project}/cloudservers"

    @property
    def nova(self):
        return f"/v2.1/{self.project}"

    def get(self, path, query=None):
        return self.tenant.request("GET", path, query=query)

    def post(self, path, body=None):
        return self.tenant.request("POST", path, body)

    def put(self, path, body=None):
        return self.tenant.request("PUT", path, body)

    def delete(self, path):
        return self.tenant.request("DELETE", path)

    # ---- servers ----

    def body(self, **fields):
        """A creation's body; fields replace or add."""
        server = {"name": "web", "imageRef": self.image, "flavorRef": FLAVOR, "vpcid": self.vpc,
                  "nics": [{"subnet_id": self.subnet}], "root_volume": {"volumetype": "SAS"}}
        server.update(fields)
        return {"server": {name: value for name, value in server.items() if value is not None}}

    def create(self, version="v1.1", **fields):
        return self.post(f"/{version}/{self.project}/cloudservers", self.body(**fields))

    def job(self, job, status="SUCCESS", seconds=90):
        """Waits until the job has ended; its JSON."""
        until = time.monotonic() + seconds
        while True:
            found = self.get(f"/v1/{self.project}/jobs/{job}").expect(200).json
            if found["status"] in ("SUCCESS", "FAIL"):
                if status and found["status"] != status:
                    raise AssertionError(f"job {found['job_type']} is {found['status']}: "
                                         f"{found['fail_reason']}")
                return found
            if time.monotonic() > until:
                raise AssertionError(f"job still runs after {seconds} s: {found}")
            time.sleep(0.1)

    def show(self, server):
        return self.get(f"{self.servers}/{server}").expect(200).json["server"]

    def act(self, action, server, **more):
        """Start, stop or reboot; waits."""
        made = self.post(f"{self.servers}/action", {action: {"servers": [{"id": server}], **more}})
        return self.job(made.expect(200).json["job_id"])

    def remove(self, *servers, volumes=True):
        made = self.post(f"{self.servers}/delete", {"servers": [{"id": one} for one in servers],
                                                    "delete_volume": volumes})
        return self.job(made.expect(200).json["job_id"])
