#!/usr/bin/env python3
"""Tenants' networks: real namespaces, rules and DHCP on this host, guests as namespaces."""
import http.client
import json
import os
import signal
import socket
import struct
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "harness")]

from host import Guest, Host, Outside, inside, processes, run, wait_until  # noqa: E402
from report import Report, Skip, expect, expect_equal  # noqa: E402

ANY = {"direction": "egress", "protocol": "", "ports": [], "cidr": "0.0.0.0/0", "group": 0,
       "deny": False}
EIP = "198.18.77.9"


def ingress(protocol="tcp", ports=(), cidr="", group=0, deny=False):
    return {"direction": "ingress", "protocol": protocol, "ports": [list(one) for one in ports],
            "cidr": cidr, "group": group, "deny": deny}


class World:
    """Two tenants with the same range, one of them with a second vpc."""

    def __init__(self, host):
        self.host = host
        self.outside = Outside(host)
        self.web = Guest(host, "web", 5, 11, "10.0.0.5")
        self.data = Guest(host, "data", 6, 11, "10.0.0.6", groups=[2])
        self.far = Guest(host, "far", 7, 12, "10.0.1.7", groups=[1, 3])
        self.stranger = Guest(host, "stranger", 8, 13, "10.0.0.6")
        self.spy = Guest(host, "spy", 9, 13, "10.0.0.5")
        self.other = Guest(host, "other", 10, 14, "10.9.0.5")
        web = {"number": 1, "members": ["10.0.0.5", "10.0.1.7"],
               "rules": [ANY, ingress(ports=[(80, 80), (8000, 8010)])]}
        # The database's: from the group of the far one alone, and its own.
        data = {"number": 2, "members": ["10.0.0.6"],
                "rules": [ANY, ingress(ports=[(1434, 1434)], deny=True), ingress(group=3)]}
        marked = {"number": 3, "members": ["10.0.1.7"], "rules": []}
        self.state = {"vpc": 1, "subnets": [subnet(11, "10.0.0.0/24", "10.0.0.1"),
                                            subnet(12, "10.0.1.0/24", "10.0.1.1", ["9.9.9.9"])],
                      "ports": [self.web.port, self.data.port, self.far.port],
                      "groups": [web, data, marked], "routes": [], "peers": []}
        open_group = {"number": 1, "members": [], "rules": [ANY, ingress("")]}
        self.second = {"vpc": 2, "subnets": [subnet(13, "10.0.0.0/24", "10.0.0.1")],
                       "ports": [self.stranger.port, self.spy.port], "groups": [open_group],
                       "routes": [], "peers": []}
        self.third = {"vpc": 3, "subnets": [subnet(14, "10.9.0.0/24", "10.9.0.1")],
                      "ports": [self.other.port], "groups": [open_group], "routes": [], "peers": []}
        self.guests = [self.web, self.data, self.far, self.stranger, self.spy, self.other]
        self.listeners = []

    def listen(self, guest, port):
        listener = guest.listen(port)
        self.listeners.append(listener)
        return listener

    def configure(self):
        for guest in self.guests:
            guest.configure(guest.address.rsplit(".", 1)[0] + ".1")

    def plug(self, *guests):
        for guest in guests:
            guest.plug()

    def apply(self):
        for state in (self.state, self.second, self.third):
            self.host.apply(state)


def subnet(number, cidr, gateway, dns=()):
    return {"number": number, "cidr": cidr, "gateway": gateway, "dhcp": True, "dns": list(dns),
            "domain": ""}


def picture(world):
    """All of it on the host, but for counters and what ages."""
    lines = []
    for vpc in (1, 2, 3):
        space = world.host.names(vpc)["space"]
        for words in (["-o", "link"], ["-o", "-4", "address"], ["route"], ["neigh", "show", "nud", "permanent"]):
            lines += run("ip", "-n", space, *words).splitlines()
        lines += run("ip", "netns", "exec", space, "nft", "list", "ruleset").splitlines()
    lines += run("ip", "-o", "link").splitlines() + run("ip", "route").splitlines()
    lines += run("nft", "list", "ruleset").splitlines()
    return lines + [str(one) for one in processes(world.host.folder)]


# ---- Tests, in their order ----

def test_states_that_lie_are_refused(world):
    for change in ({"mac": "fa:16:3e:00:00:05; flush ruleset"}, {"ip": "10.0.0.5/8"},
                   {"number": 0}, {"subnet": 99}, {"eip": "x"}, {"groups": ["1"]}):
        state = dict(world.state, ports=[dict(world.web.port, **change)])
        answer = world.host.ask("apply " + json.dumps(state))
        expect_equal(answer["error"], -22, f"the error of {change}")
    for vpc in ("0", "-1", "99999999"):
        expect(world.host.ask(f"remove {vpc}")["error"] < 0, f"vpc {vpc} was taken")


def test_networks_are_made(world):
    began = time.monotonic()
    for state, guests in ((world.state, world.guests[:3]), (world.second, world.guests[3:5]),
                          (world.third, world.guests[5:])):
        world.plug(*guests)
        world.host.apply(state)
    print(f"three vpcs of six ports: {time.monotonic() - began:.2f} s")
    listed = world.host.tell("list")["list"]
    expect_equal((sorted(listed["vpcs"]), sorted(listed["ports"]), sorted(listed["dnsmasq"]),
                  listed["strange"]), ([1, 2, 3], [5, 6, 7, 8, 9, 10], [1, 2, 3], []), "the list")


def test_dhcp_gives_the_ports_address(world):
    expect_equal(world.web.lease(), {"ip": "10.0.0.5", "mask": "24", "router": "10.0.0.1",
                                     "dns": "10.0.0.1", "lease": "86400"}, "the lease")
    far = world.far.lease()
    expect_equal((far["ip"], far["router"], far["dns"]), ("10.0.1.7", "10.0.1.1", "9.9.9.9"),
                 "the other subnet's")
    expect_equal(world.stranger.lease()["ip"], "10.0.0.6", "the other tenant's")
    world.configure()


def test_neighbours_meet(world):
    world.listen(world.web, 80)
    world.listen(world.web, 81)
    world.listen(world.data, 1433)
    world.listen(world.data, 1434)
    world.listen(world.far, 8005)
    expect(world.data.reaches("10.0.0.5", 80), "a neighbour is not reached")
    expect(world.web.reaches("10.0.1.7", 8005), "the other subnet is not reached")
    run("ip", "netns", "exec", world.web.space, "busybox", "ping", "-c", "1", "-W", "1", "10.0.0.1")


def test_names_are_answered(world):
    query = struct.pack(">6H", 77, 0x100, 1, 0, 0, 0) + b"\x04data\x00" + struct.pack(">2H", 1, 1)
    with inside(world.web.space):
        link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    link.settimeout(1)
    link.sendto(query, ("10.0.0.1", 53))
    expect_equal(link.recv(512)[-4:], bytes([10, 0, 0, 6]), "the address of data")
    link.close()


def test_tenants_do_not_meet(world):
    world.listen(world.stranger, 1433)
    world.listen(world.stranger, 80)
    accepted = world.listeners[-2]
    expect(world.spy.reaches("10.0.0.6", 80), "the second tenant's own neighbour is not reached")
    expect(not world.spy.reaches("10.0.1.7", 8005, seconds=0.5), "another tenant's guest is reached")
    expect(not world.web.reaches("10.9.0.5", 80, seconds=0.5), "another vpc is reached")
    expect(world.far.reaches("10.0.0.6", 1433), "its own is not reached")
    try:
        accepted.settimeout(0.2)
        accepted.accept()
        raise AssertionError("the other tenant's guest of the same address was reached")
    except TimeoutError:
        pass


def test_groups_are_kept(world):
    expect(not world.data.reaches("10.0.0.5", 81, seconds=0.5), "a port that no rule names")
    expect(world.far.reaches("10.0.0.6", 1433), "a member of the group")
    expect(not world.web.reaches("10.0.0.6", 1433, seconds=0.5), "one who is no member")
    expect(not world.far.reaches("10.0.0.6", 1434, seconds=0.5), "what is denied before")
    # A rule taken away counts for connections that are there.
    accepted = world.listeners[2]
    while True:
        try:
            accepted.settimeout(0.1)
            accepted.accept()[0].close()
        except TimeoutError:
            break
    link = world.far.connect("10.0.0.6", 1433)
    other = accepted.accept()[0]
    other.settimeout(0.3)
    link.sendall(b"a")
    expect_equal(other.recv(9), b"a", "what comes while the rule is there")
    state = json.loads(json.dumps(world.state))
    state["groups"][1]["rules"] = [ANY]
    world.host.apply(state)
    link.sendall(b"b")
    try:
        raise AssertionError(f"{other.recv(9)} came after the rule had gone")
    except TimeoutError:
        pass
    world.host.apply(world.state)
    expect(world.far.reaches("10.0.0.6", 1433), "the rule is back")
    link.close()
    other.close()


def test_lies_are_dropped(world):
    world.web.ip("address", "add", "10.0.0.99/32", "dev", "g0")
    expect(not world.web.reaches("10.0.1.7", 8005, "10.0.0.99", 0.5), "a false address passes")
    world.web.ip("address", "del", "10.0.0.99/32", "dev", "g0")
    # ARP: "10.0.0.6 is at web's"; the far one must go on reaching data.
    mac = bytes.fromhex(world.web.port["mac"].replace(":", ""))
    packet = (b"\xff" * 6 + mac + b"\x08\x06" + struct.pack(">HHBBH", 1, 0x800, 6, 4, 2) + mac +
              socket.inet_aton("10.0.0.6") + b"\xff" * 6 + socket.inet_aton("10.0.0.1"))
    with inside(world.web.space):
        raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        raw.bind(("g0", 0))
    raw.send(packet)
    raw.close()
    expect(world.far.reaches("10.0.0.6", 1433), "a lie in ARP is believed")
    world.web.ip("link", "set", "g0", "address", "fa:16:3e:aa:aa:aa")
    expect(not world.web.reaches("10.0.1.7", 8005, seconds=0.5), "a false MAC passes")
    world.web.ip("link", "set", "g0", "address", world.web.port["mac"])
    expect(world.web.reaches("10.0.1.7", 8005), "the true MAC does not pass")


def test_metadata_is_reached_and_knows_who_asks(world):
    for vpc in (1, 2):
        world.host.tell(f"serve {vpc}")
    for guest, vpc, name in ((world.web, "1", "pb-5"), (world.spy, "2", "pd-9")):
        world.host.asked.clear()
        link = http.client.HTTPConnection("169.254.169.254")
        link.sock = guest.connect("169.254.169.254", 80)
        link.request("GET", "/openstack/latest/meta_data.json")
        expect_equal(link.getresponse().status, 404, "the answer where nobody knows the guest")
        link.close()
        world.host.tell("list")
        expect_equal(world.host.asked, [[vpc, "10.0.0.5", name]], "who asked")


def test_eip_goes_in_and_out(world):
    listener = world.outside.listen(7000)
    expect(not world.web.reaches("198.51.100.2", 7000, seconds=0.5), "out without an EIP")
    world.web.port.update(eip=EIP, megabits=8)
    world.host.apply(world.state)
    link = world.web.connect("198.51.100.2", 7000)
    expect_equal(listener.accept()[1][0], EIP, "the source that the outside sees")
    link.close()
    expect(world.outside.reaches(EIP, 80), "in by the EIP")
    expect(not world.outside.reaches(EIP, 81, seconds=0.5), "in past the group")
    expect(not world.data.reaches("198.51.100.2", 7000, seconds=0.5), "another's way out")
    expect(not world.outside.reaches("10.0.0.5", 80, seconds=0.3), "in by the inner address")
    listener.close()


def transfer(sender, receiver, count):
    """Seconds for so many bytes."""
    def pour():
        sender.sendall(bytes(count))
        sender.close()
    began = time.monotonic()
    pouring = threading.Thread(target=pour)
    pouring.start()
    receiver.settimeout(15)
    got = 0
    while part := receiver.recv(65536):
        got += len(part)
    pouring.join()
    expect_equal(got, count, "what came")
    return time.monotonic() - began


def test_bandwidth_is_limited(world):
    listener, web = world.outside.listen(7001), world.web.listen(8001)
    out = world.web.connect("198.51.100.2", 7001)
    seconds = transfer(out, listener.accept()[0], 2_500_000)
    into = world.outside.connect(EIP, 8001)
    back = transfer(into, web.accept()[0], 2_500_000)
    print(f"2.5 MB at 8 Mbit/s: out {seconds:.1f} s, in {back:.1f} s")
    for took in (seconds, back):
        expect(1.1 < took < 8, f"{took:.2f} s is not what 8 Mbit/s take")
    listener.close()
    web.close()


def test_routes_lead_by_a_guest(world):
    world.data.ip("address", "add", "172.16.0.1/32", "dev", "lo")
    world.data.port["pairs"] = [{"ip_address": "172.16.0.0/24"}]
    world.data.port["groups"] = [2, 1]
    world.state["routes"] = [{"to": "172.16.0.0/24", "ip": "10.0.0.6"}]
    world.listen(world.data, 80)
    expect(not world.web.reaches("172.16.0.1", 80, seconds=0.4), "there is no route yet")
    world.host.apply(world.state)
    expect(world.web.reaches("172.16.0.1", 80), "the route does not lead there")


def test_peers_meet_by_their_routes(world):
    world.listen(world.other, 80)
    world.state["peers"], world.third["peers"] = [3], [1]
    world.third["routes"] = [{"to": "10.0.0.0/24", "peer": 1}]
    world.host.apply(world.third)
    world.host.apply(world.state)
    expect(not world.web.reaches("10.9.0.5", 80, seconds=0.4), "there is no route to the peer yet")
    world.state["routes"].append({"to": "10.9.0.0/24", "peer": 3})
    world.host.apply(world.state)
    expect(world.web.reaches("10.9.0.5", 80), "the peer is not reached")
    expect(world.other.reaches("10.0.0.5", 80), "the peer does not reach")
    expect(not world.other.reaches("10.0.1.7", 8005, seconds=0.4), "there is no route to this subnet")


def test_apply_again_changes_nothing(world):
    before = picture(world)
    world.apply()
    after = picture(world)
    changed = [one for one in before if one not in after] + [one for one in after if one not in before]
    expect_equal(changed, [], "what changed")


def test_a_port_goes_and_comes(world):
    left = dict(world.state, ports=[one for one in world.state["ports"] if one["number"] != 7])
    world.host.apply(left)
    expect(not os.path.exists(f"/sys/class/net/{world.far.tap}"), "its tap is there")
    expect(not world.web.reaches("10.0.1.7", 8005, seconds=0.4), "it is reached")
    world.far.plug()
    world.far.configure("10.0.1.1")
    world.host.apply(world.state)
    expect(world.web.reaches("10.0.1.7", 8005), "it is not reached again")
    expect_equal(world.far.lease()["ip"], "10.0.1.7", "its lease")


def test_list_names_what_is_strange(world):
    mark = world.host.names()["mark"]
    run("ip", "tuntap", "add", "dev", f"ct{mark}-99", "mode", "tap")
    run("nft", "add", "table", "netdev", f"casement_{mark}_98")
    strange = " ".join(world.host.tell("list")["list"]["strange"])
    expect("153" in strange and "152" in strange, f"strange are: {strange}")
    world.host.apply(world.third)
    expect_equal(world.host.tell("list")["list"]["strange"], [], "what is strange after an apply")


def test_killed_agent_leaves_what_can_be_completed(world):
    began, delays = time.monotonic(), (0.01, 0.03, 0.06, 0.1, 0.15, 0.25)
    for delay in delays:
        for vpc in (1, 2, 3):
            world.host.ask(f"leave {vpc}")
        world.host.tell("remove 1")
        world.plug(world.web, world.data, world.far)
        world.host.send("apply " + json.dumps(world.state))
        time.sleep(delay)
        world.host.kill()
        world.host.start()
        world.host.apply(world.state)
        world.host.apply(world.third)
        world.host.apply(world.state)
        expect_equal(world.host.tell("list")["list"]["strange"], [], f"strange after {delay} s")
        for guest in (world.web, world.data, world.far):
            guest.configure(guest.address.rsplit(".", 1)[0] + ".1")
        wait_until(lambda: world.far.reaches("10.0.0.6", 1433, seconds=0.5))
        expect(world.web.reaches("10.9.0.5", 80), "the peer is not reached")
        expect(not world.web.reaches("10.0.0.6", 1433, seconds=0.3), "rules are lost")
        expect_equal(len(processes(world.host.folder + "/v1/")), 1, "dnsmasq's processes")
    expect_equal(world.web.lease()["ip"], "10.0.0.5", "the lease")
    print(f"{len(delays)} kills: {time.monotonic() - began:.1f} s")


def test_killed_removal_is_completed(world):
    for delay in (0.02, 0.08):
        world.host.send("remove 2")
        time.sleep(delay)
        world.host.kill()
        world.host.start()
        world.host.tell("remove 2")
        expect_equal(world.host.tell("list")["list"]["strange"], [], f"strange after {delay} s")
        expect(2 not in world.host.tell("list")["list"]["vpcs"], "it is there")
        world.plug(world.stranger, world.spy)
        world.host.apply(world.second)


def test_nothing_is_left(world):
    for vpc in (1, 2, 3):
        world.host.tell(f"remove {vpc}")
        world.host.tell(f"remove {vpc}")
    mark = world.host.names()["mark"]
    left = [name for name in os.listdir("/sys/class/net") if name[2:6] == mark]
    left += [name for name in os.listdir("/run/netns") if name.startswith(f"casement-{mark}-")]
    left += [line for line in run("nft", "list", "tables").splitlines() if f"casement_{mark}_" in line]
    left += [line for line in run("ip", "route").splitlines() if EIP in line]
    left += [name for name in os.listdir(world.host.folder) if name.startswith("v")]
    left += [str(one) for one in processes(world.host.folder)]
    left += os.listdir(os.path.join(world.host.data, "network"))
    expect_equal(left, [], "what is left")
    expect_equal(world.host.tell("list")["list"],
                 dict(world.host.tell("list")["list"], vpcs=[], ports=[], dnsmasq=[], strange=[]),
                 "the list")


TESTS = [test for name, test in list(globals().items()) if name.startswith("test_")]


def missing():
    """Why networks cannot be tried here; None where they can."""
    if os.geteuid() != 0:
        return "networks need a host agent with root"
    if not os.access("/usr/bin/busybox", os.X_OK) and not os.access("/bin/busybox", os.X_OK):
        return "busybox, whose DHCP client the guests use, is not there"
    return None


def main():
    report = Report()
    reason = missing()
    if reason:
        report.skip("networks", reason)
        return 0
    host = Host()
    world = None
    try:
        probe = host.ask("probe")["probe"]
        if not probe["available"]:
            report.skip("networks", f"{probe['missing'][0]['what']}: {probe['missing'][0]['why']}")
            return 0
        host.folder = host.names()["folder"]
        world = World(host)
        for test in TESTS:
            report.run(test.__name__[5:], test, world)
    finally:
        host.close()
    return report.status()


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    sys.exit(main())
