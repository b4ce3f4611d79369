"""Servers that meet on their networks: real guests of two tenants whose ranges are the same."""
import json
import os
import shutil
import socket
import subprocess

import guest
from guests import wait_for
from interface import same
from report import expect

SECONDS = 120    # for a guest under emulation to boot on a busy machine


def import_linux(stage):
    """The small Linux guest as an image of the stage's project."""
    cloud = stage.tenant.cloud
    name = f"linux-{stage.project}.qcow2"
    shutil.copy(guest.image(), os.path.join(cloud.data, "import", name))
    made = stage.tenant.request("POST", "/v2/cloudimages/quickimport/action", {
        "name": "linux", "image_url": f"import:{name}", "min_disk": 1, "os_type": "Linux",
        "hw_firmware_type": "uefi"}, headers={"X-Project-Id": stage.project})
    return stage.job(made.expect(200).json["job_id"])["entities"]["image_id"]


def mark_of(data):
    """What the names of its namespaces bear (network/names.c)."""
    value = 2166136261
    for byte in data.encode():
        value = (value ^ byte) * 16777619 & 0xffffffff
    return f"{(value >> 16 ^ value) & 0xffff:04x}"


class World:
    """Two servers of one tenant, one of another; addresses of the same range."""

    def __init__(self, stage, other):
        self.stage, self.other = stage, other
        self.servers, self.agents, self.jobs = {}, {}, {}

    def create(self, name, stage, image, address):
        made = stage.create(name=name, imageRef=image,
                            nics=[{"subnet_id": stage.subnet, "ip_address": address}]).expect(200).json
        self.servers[name], self.jobs[name] = made["serverIds"][0], made["job_id"]

    def sh(self, name, command):
        return self.agents[name].sh(command, 40)

    def fails(self, name, command):
        status, said = self.agents[name].run(command, 40)
        expect(status != 0, f"in {name} {command!r} did not fail: {said}")

    def port(self, name):
        stage = self.stage
        return stage.get(f"/v1/{stage.project}/ports", {"device_id": self.servers[name]}
                         ).expect(200).json["ports"][0]


def guests_boot_with_their_addresses(world):
    image, others = import_linux(world.stage), import_linux(world.other)
    world.create("front", world.stage, image, "192.168.0.20")
    world.create("back", world.stage, image, "192.168.0.30")
    world.create("alien", world.other, others, "192.168.0.40")
    for name, server in world.servers.items():
        stage = world.other if name == "alien" else world.stage
        stage.job(world.jobs[name])
        same(stage.show(server)["status"], "ACTIVE")
    for name, server in world.servers.items():
        world.agents[name] = guest.LibvirtAgent(world.stage.tenant.cloud.data, server).wait(SECONDS)
    for name, address in (("front", "192.168.0.20/24"), ("back", "192.168.0.30/24"),
                          ("alien", "192.168.0.40/24")):
        wait_for(lambda: address in world.sh(name, "ip -4 address show eth0"), 20)


def metadata_is_the_servers_own(world):
    for name in world.servers:
        said = world.sh(name, "wget -q -O - http://169.254.169.254/openstack/latest/meta_data.json")
        same(json.loads(said)["uuid"], world.servers[name])
    same(world.sh("front", "wget -q -O - http://169.254.169.254/latest/meta-data/local-ipv4").strip(),
         "192.168.0.20")


def dhcp_gives_the_ports_address(world):
    said = world.sh("back", "udhcpc -i eth0 -f -n -q -t 5 -T 2 -s /bin/true")
    expect("192.168.0.30" in said, said)


def neighbours_meet_and_tenants_do_not(world):
    world.sh("front", "ping -c 1 -W 3 192.168.0.30")
    same(world.sh("front", "echo over | nc -w 3 192.168.0.30 7").strip(), "over")
    world.fails("alien", "ping -c 1 -W 2 192.168.0.30")
    world.fails("front", "ping -c 1 -W 2 192.168.0.40")


def lies_are_dropped(world):
    world.sh("front", "ip address add 192.168.0.77/32 dev eth0")
    world.fails("front", "ping -c 1 -W 2 -I 192.168.0.77 192.168.0.30")
    world.sh("front", "ip address del 192.168.0.77/32 dev eth0")


def eip_reaches_the_guest(world):
    stage = world.stage
    port = world.port("front")
    made = stage.post(f"/v1/{stage.project}/publicips", {
        "publicip": {"type": "5_bgp", "port_id": port["id"]},
        "bandwidth": {"share_type": "PER", "name": "front", "size": 10}}).expect(200).json["publicip"]
    address = made["public_ip_address"]
    rule = {"security_group_rule": {"security_group_id": port["security_groups"][0], "direction": "ingress",
                                    "protocol": "tcp", "port_range_min": 7, "port_range_max": 7,
                                    "remote_ip_prefix": "0.0.0.0/0"}}

    def answers():
        try:
            with socket.create_connection((address, 7), 2) as link:
                link.settimeout(3)
                link.sendall(b"here\n")
                return link.recv(5) == b"here\n"
        except OSError:
            return False

    expect(not answers(), "it answers without a rule")
    stage.post(f"/v1/{stage.project}/security-group-rules", rule).expect(200, 201)
    wait_for(answers, 10)
    same(world.sh("front", "wget -q -O - http://169.254.169.254/latest/meta-data/public-ipv4").strip(), address)
    one = f"/v1/{stage.project}/publicips/{made['id']}"
    stage.put(one, {"publicip": {"port_id": ""}}).expect(200)
    wait_for(lambda: not answers(), 10)
    stage.delete(one).expect(200, 204)


def network_is_there_after_a_reboot(world):
    world.stage.act("reboot", world.servers["back"], type="HARD")
    world.agents["back"].wait(SECONDS)
    wait_for(lambda: world.agents["front"].run("ping -c 1 -W 2 192.168.0.30")[0] == 0, 20)


def network_outlives_the_daemon(world):
    cloud = world.stage.tenant.cloud
    cloud.stop()
    world.sh("front", "ping -c 1 -W 3 192.168.0.30")
    cloud.start()
    ask = "wget -q -O - http://169.254.169.254/latest/meta-data/local-ipv4"
    wait_for(lambda: "192.168.0.20" in world.agents["front"].run(ask)[1], 20)
    world.sh("front", "ping -c 1 -W 3 192.168.0.30")


def network_is_made_again(world):
    """What an operator's mistake or a host that starts again takes away."""
    cloud = world.stage.tenant.cloud
    spaces = [one for one in os.listdir("/run/netns") if one.startswith(f"casement-{mark_of(cloud.data)}-")]
    same(len(spaces), 2)
    cloud.stop()
    folder = f"/run/casement/{mark_of(cloud.data)}/"
    for space in spaces:
        with open(folder + space.rsplit("-", 1)[1] + "/pid", encoding="ascii") as file:
            os.kill(int(file.read()), 9)
        subprocess.run(["ip", "netns", "del", space], check=True)
    # The kernel takes a namespace down in its own time.
    wait_for(lambda: world.agents["front"].run("ping -c 1 -W 1 192.168.0.30")[0] != 0, 10)
    cloud.start()
    wait_for(lambda: world.agents["front"].run("ping -c 1 -W 2 192.168.0.30")[0] == 0, 30)


def nothing_of_the_networks_is_left(world):
    cloud = world.stage.tenant.cloud
    for agent in world.agents.values():
        agent.close()
    world.stage.remove(world.servers["front"], world.servers["back"])
    world.other.remove(world.servers["alien"])
    found = cloud.get("/v1/doctor", {"host": "no"}).expect(200).json
    same(found["differences"], [])
    counts = {one["kind"]: one["there"] for one in found["counts"]}
    same({kind: counts[kind] for kind in ("namespace", "dnsmasq", "tap", "veth", "uplink")},
         {"namespace": 0, "dnsmasq": 0, "tap": 0, "veth": 0, "uplink": 0})


TESTS = [guests_boot_with_their_addresses, metadata_is_the_servers_own, dhcp_gives_the_ports_address,
         neighbours_meet_and_tenants_do_not, lies_are_dropped, eip_reaches_the_guest,
         network_outlives_the_daemon, network_is_made_again, nothing_of_the_networks_is_left]


def run(report, stage, other, all_of_them):
    try:
        guest.image()
    except guest.Unavailable as reason:
        report.skip("networks", str(reason))
        return
    world = World(stage, other)
    for test in TESTS:
        if test is TESTS[-1] and all_of_them:
            report.run("network_is_there_after_a_reboot", network_is_there_after_a_reboot, world)
        report.run(test.__name__, test, world)
