"""What the tests of servers share: a tenant's network, the body of a creation, waiting."""
import os
import subprocess
import tempfile
import time

# mov ax, 0x0e43; int 0x10 (writes C); jmp back: a screen that fills.
SECTOR = bytes.fromhex("b8430ecd10ebf9").ljust(510, b"\0") + b"\x55\xaa"
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
        self.image = None

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

    # ---- images and volumes ----

    def import_image(self):
        """A disk of one sector (it fills the screen), by the import folder; its id."""
        folder = os.path.join(self.tenant.cloud.data, "import")
        name = f"sector-{self.project}.qcow2"
        with tempfile.TemporaryDirectory() as scratch:
            raw = os.path.join(scratch, "raw")
            with open(raw, "wb") as file:
                file.write(SECTOR.ljust(1 << 20, b"\0"))
            subprocess.run(["qemu-img", "convert", "-O", "qcow2", raw, os.path.join(folder, name)],
                           check=True)
        made = self.tenant.request("POST", "/v2/cloudimages/quickimport/action", {
            "name": "sector", "image_url": f"import:{name}", "min_disk": 1, "os_type": "Linux"},
            headers={"X-Project-Id": self.project})
        self.image = self.job(made.expect(200).json["job_id"])["entities"]["image_id"]
        return self.image

    def volume(self, size=10):
        made = self.post(f"/v2/{self.project}/cloudvolumes", {"volume": {
            "size": size, "volume_type": "SAS", "availability_zone": self.zone(), "name": "more"}})
        job = self.job(made.expect(200, 202).json["job_id"])
        return job["entities"]["volume_id"]

    def zone(self):
        zones = self.get(f"/v1/{self.project}/availability-zones").expect(200).json
        return zones["availability_zones"][0]["availability_zone_id"]

    def show_volume(self, volume):
        return self.get(f"/v2/{self.project}/cloudvolumes/{volume}").expect(200).json["volume"]

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
