#!/usr/bin/env python3
"""The suite `provision`; see README.md."""
import base64
import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "harness"))
import doctor  # noqa: E402
import guest  # noqa: E402
import image_build  # noqa: E402
from cloud import Cloud  # noqa: E402
from instance import BUILD  # noqa: E402
from report import Report, Skip, expect, expect_equal  # noqa: E402

MAC = "fa:16:3e:00:00:01"


class Fixture:
    """metadata_fixture and a keypair of its tenant."""

    def __init__(self):
        self.data = tempfile.mkdtemp(prefix="casement-provision-", dir="/tmp")
        self.private = os.path.join(self.data, "key")
        subprocess.run(["openssl", "genrsa", "-traditional", "-out", self.private, "2048"], check=True,
                       capture_output=True)
        with open(self.private + ".pub", "w", encoding="ascii") as file:
            file.write(self.public_key() + "\n")
        self.lines, self.changed = [], threading.Condition()
        self.process = subprocess.Popen(
            [os.path.join(BUILD, "tests/provision/metadata_fixture"), self.data, self.private + ".pub", MAC],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        threading.Thread(target=self._read, daemon=True).start()
        self.port = int(self.wait("port ").split()[1])

    def public_key(self):
        """In OpenSSH's form, by openssl's numbers."""
        text = subprocess.run(["openssl", "rsa", "-in", self.private, "-modulus", "-noout"], check=True,
                              capture_output=True, text=True).stdout
        modulus = bytes.fromhex("00" + text.strip().split("=")[1])
        parts = (b"ssh-rsa", b"\x01\x00\x01", modulus)
        return "ssh-rsa " + base64.b64encode(
            b"".join(len(part).to_bytes(4, "big") + part for part in parts)).decode() + " tenant"

    def decrypt(self, text):
        return subprocess.run(["openssl", "pkeyutl", "-decrypt", "-inkey", self.private],
                              input=base64.b64decode(text), check=True, capture_output=True).stdout.decode()

    def encrypt(self, secret):
        """As Cloudbase-Init does: PKCS#1 v1.5 by the public key, base64."""
        return base64.b64encode(subprocess.run(
            ["openssl", "pkeyutl", "-encrypt", "-inkey", self.private], input=secret.encode(), check=True,
            capture_output=True).stdout)

    def _read(self):
        for line in self.process.stdout:
            with self.changed:
                self.lines.append(line.rstrip("\n"))
                self.changed.notify_all()

    def wait(self, start, after=0, timeout=20):
        """The first line since `after` that starts so."""
        end = time.time() + timeout
        with self.changed:
            while True:
                for line in self.lines[after:]:
                    if line.startswith(start):
                        return line
                if not self.changed.wait(max(0.0, end - time.time())) and time.time() >= end:
                    raise AssertionError(f"the fixture said nothing that starts with {start!r}")

    def order(self, line, answer):
        after = len(self.lines)
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.wait(answer, after)

    def close(self):
        self.process.stdin.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
        shutil.rmtree(self.data, ignore_errors=True)

    def ask(self, path, data=None, method=None, **headers):
        """(status, body) of one request."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data=data, method=method,
                                         headers={k.replace("_", "-"): v for k, v in headers.items()})
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read()

    def raw(self, text):
        """The first line of the answer to these very bytes."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as link:
            link.sendall(text.encode())
            return link.makefile("rb").readline().decode().strip()


class CloudbaseInit:
    """A client in the manner of Cloudbase-Init's HttpService: which requests, in which order, and what it
    concludes of each answer. Written from its documentation; none of its code."""

    PASSWORD = "/openstack/2013-04-04/password"

    def __init__(self, fixture):
        self.fixture, self.metadata = fixture, None

    def load(self):
        """Whether the service is there: the first document decides."""
        status, body = self.fixture.ask("/openstack/latest/meta_data.json")
        if status != 200:
            return False
        self.metadata = json.loads(body)
        return True

    def public_keys(self):
        return list(self.metadata.get("public_keys", {}).values())

    def addresses(self):
        """Interfaces with static addresses, by MAC."""
        status, body = self.fixture.ask("/openstack/latest/network_data.json")
        if status != 200:
            return {}
        data = json.loads(body)
        macs = {link["id"]: link["ethernet_mac_address"] for link in data["links"]}
        found = {}
        for network in data["networks"]:
            if network["type"] == "ipv4":
                route = next(r for r in network["routes"] if r["network"] == "0.0.0.0")
                found[macs[network["link"]]] = (
                    network["ip_address"], network["netmask"], route["gateway"],
                    [s["address"] for s in network["services"] if s["type"] == "dns"])
        return found

    def user_data(self):
        status, body = self.fixture.ask("/openstack/latest/user_data")
        return body if status == 200 else None

    def password_is_kept(self):
        status, body = self.fixture.ask(self.PASSWORD)
        return status == 200 and len(body) > 0

    def post(self, secret):
        """True where it was taken, False where one is kept already (409); anything else is an error."""
        status, body = self.fixture.ask(self.PASSWORD, self.fixture.encrypt(secret))
        if status == 409:
            return False
        expect(status in (200, 201), f"the post was answered {status}: {body!r}")
        return True


# ---- Tests ----

def cloudbase_init_finds_all(fixture):
    client = CloudbaseInit(fixture)
    expect(client.load(), "no metadata")
    expect_equal(client.metadata["hostname"], "web-1", "hostname")
    expect_equal(client.metadata["uuid"], "9d2ab8c0-1111-4222-8333-444455556666", "uuid")
    expect("admin_pass" not in client.metadata, "a password that nobody set is told")
    expect_equal([key.strip() for key in client.public_keys()], [fixture.public_key()], "keys")
    expect_equal(client.addresses(), {MAC: ("169.254.169.20", "255.255.255.0", "169.254.169.2",
                                            ["169.254.169.3"])}, "addresses")
    expect(client.user_data().startswith(b"#!/bin/sh\n"), "user data")


def malformed_posts_are_refused(fixture):
    password = CloudbaseInit.PASSWORD
    for body, status in ((b"", 400), (b"not base64!!", 400), (b"QUJD\n", 400), (b"A" * 1024, 413),
                         (b"A" * 4097, 413), (b"A" * 100000, 413)):
        expect_equal(fixture.ask(password, body)[0], status, f"post of {len(body)} bytes")
    expect(not CloudbaseInit(fixture).password_is_kept(), "a refused password was kept")
    for path in ("/openstack/latest/meta_data.json", "/latest/meta-data/hostname", "/", "/openstack/2012-08-10/password"):
        expect_equal(fixture.ask(path, b"QUJD")[0], 405, f"post to {path}")
    for method in ("PUT", "DELETE", "PATCH"):
        expect_equal(fixture.ask(password, b"QUJD", method)[0], 405, method)


def password_is_posted_once(fixture):
    client = CloudbaseInit(fixture)
    expect(not client.password_is_kept(), "a password is kept before one was posted")
    expect(client.post("Secret-of-the-guest-1"), "the first post was refused")
    expect(client.password_is_kept(), "the posted password is not there")
    expect(not client.post("Another-2"), "a second post was taken")
    kept = fixture.wait("kept ").split(" ", 1)[1]
    expect_equal(fixture.decrypt(kept), "Secret-of-the-guest-1", "what the tenant reads")
    expect_equal(fixture.ask(client.PASSWORD)[1].decode(), kept, "the metadata's password")


def documents_of_ec2(fixture):
    expect_equal(fixture.ask("/latest/meta-data/local-ipv4"), (200, b"169.254.169.20"), "local-ipv4")
    expect_equal(fixture.ask("/latest/meta-data/public-keys/"), (200, b"0=mine"), "public-keys")
    expect_equal(fixture.ask("/2009-04-04/meta-data/placement/availability-zone")[1], b"eu-casement-1a", "zone")
    expect(b"instance-id" in fixture.ask("/latest/meta-data/")[1], "list")
    expect(fixture.ask("/latest/user-data")[1].startswith(b"#!/bin/sh"), "user-data")
    # Clients that try a session first (IMDSv2) go on without one when it is refused.
    expect(fixture.ask("/latest/api/token", b"", "PUT")[0] in (404, 405), "token")


def requests_that_mean_harm(fixture):
    time.sleep(3)   # what came before counts in the rate
    for path in ("/openstack/latest/../../etc/passwd", "/openstack/%2e%2e/meta_data.json", "/openstack/latest/meta_data.json/x",
                 "/openstack/latest/%6deta_data.json", "/latest/meta-data/_name", "/" + "a/" * 2000):
        expect_equal(fixture.ask(path)[0], 404, path[:60])
    expect_equal(fixture.ask("/openstack/latest/meta_data.json", X_Forwarded_For="10.0.0.9")[0], 403, "proxy")
    line = fixture.raw("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX: " + "y" * 40000 + "\r\n\r\n")
    expect(re.search(r" (413|431) ", line), f"a head of 40 kB was answered {line!r}")
    line = fixture.raw("GARBAGE\r\n\r\n")
    expect(line == "" or " 400 " in line, f"garbage was answered {line!r}")


def connections_and_requests_are_bounded(fixture):
    with contextlib.ExitStack() as stack:
        links = [stack.enter_context(socket.create_connection(("127.0.0.1", fixture.port), 5)) for _ in range(12)]
        time.sleep(0.3)
        closed = 0
        for link in links:
            link.settimeout(0.2)
            try:
                closed += link.recv(1) == b""
            except TimeoutError:
                pass
        # One that just ended may still be counted.
        expect(4 <= closed <= 5, f"{closed} of 12 connections were closed; eight may stay")
    time.sleep(0.3)
    answers = [fixture.ask("/")[0] for _ in range(150)]
    expect(429 in answers, "150 requests at once were all answered")
    expect_equal(answers[:20], [200] * 20, "the first twenty")
    time.sleep(1)
    expect_equal(fixture.ask("/")[0], 200, "a second later")


@contextlib.contextmanager
def namespaces(*names):
    made = []
    try:
        for name in names:
            done = subprocess.run(["ip", "netns", "add", name], capture_output=True, text=True, check=False)
            if done.returncode:
                raise Skip(f"no network namespaces here: {done.stderr.strip()}")
            made.append(name)
        yield
    finally:
        for name in made:
            subprocess.run(["ip", "netns", "del", name], check=False)


def asker_is_known_by_its_network(fixture):
    """Two vpcs with the same addresses: who asks is told by namespace and interface."""
    if os.geteuid() != 0 or not shutil.which("ip"):
        raise Skip("needs root and iproute2")
    spaces = {vpc: fixture.order(f"name {vpc}", "name ").split()[1] for vpc in (11, 12, 8)}
    guests = {vpc: f"casement-guest-{os.getpid()}-{vpc}" for vpc in spaces}

    def ip(*arguments):
        subprocess.run(["ip", *map(str, arguments)], check=True)

    with namespaces(*spaces.values(), *guests.values()):
        for vpc, space in spaces.items():
            ip("-n", space, "link", "add", "p1f", "type", "veth", "peer", "name", "eth0", "netns", guests[vpc])
            ip("-n", space, "addr", "add", "10.0.0.1/24", "dev", "p1f")
            ip("-n", guests[vpc], "addr", "add", "10.0.0.5/24", "dev", "eth0")
            for where, link in ((space, "lo"), (space, "p1f"), (guests[vpc], "eth0")):
                ip("-n", where, "link", "set", link, "up")
            ip("-n", guests[vpc], "route", "add", "default", "via", "10.0.0.1")
            expect_equal(fixture.order(f"vpc {vpc}", "vpc ").split()[1], "0", f"listening in {space}")
        expect_equal(fixture.order("vpc 11", "vpc ").split()[1], "0", "listening again")

        def ask(vpc):
            after = len(fixture.lines)
            done = subprocess.run(
                ["ip", "netns", "exec", guests[vpc], sys.executable, "-c",
                 "import urllib.request as u, urllib.error as e\n"
                 "try: print(u.urlopen('http://169.254.169.254/latest/meta-data/hostname', timeout=5).read().decode())\n"
                 "except e.HTTPError as error: print(error.code)\n"
                 "except OSError as error: print('nobody', error)"],
                capture_output=True, text=True, check=True)
            return done.stdout.strip(), (fixture.lines[after:] or ["-"])[0]

        expect_equal(ask(11), ("web-1", "asked 11 10.0.0.5 p1f"), "the guest of vpc 11")
        expect_equal(ask(12), ("web-1", "asked 12 10.0.0.5 p1f"), "the guest of vpc 12")
        expect_equal(ask(8), ("404", "asked 8 10.0.0.5 p1f"), "a guest that nobody knows")
        fixture.order("leave 11", "left")
        expect(ask(11)[0].startswith("nobody"), "a vpc that was left still answers")
        expect_equal(ask(12)[0], "web-1", "the other after that")
        for vpc in spaces:
            fixture.order(f"leave {vpc}", "left")
    answer = fixture.order("vpc 11", "vpc ")
    expect("cannot be entered" in answer, f"a namespace that is gone: {answer}")


def guest_takes_drive_and_metadata():
    """A Linux guest, by the drive of provision_config_drive and the service as it is."""
    fixture = Fixture()
    try:
        network = (f"net=169.254.169.0/24,host=169.254.169.2,dns=169.254.169.3,dhcpstart=169.254.169.50,"
                   f"guestfwd=tcp:169.254.169.254:80-cmd:busybox nc 127.0.0.1 {fixture.port}")
        try:
            machine = guest.Machine(drive=os.path.join(fixture.data, "config.iso"), restrict=network)
        except guest.Unavailable as reason:
            raise Skip(str(reason)) from reason
        with machine:
            began = time.time()
            machine.wait_for("guest: ready", 150)
            print(f"# the guest was ready after {time.time() - began:.1f} s "
                  f"({'KVM' if guest.works_with_kvm() else 'emulation'})")
            expect("configured by the drive, server 9d2ab8c0" in machine.serial(), "the drive was not read")
            expect("user data ran on web-1" in machine.serial(), "user data did not run")
            line = machine.wait_for("guest: password posted")
            expect("answer 200" in line, line)
            secret = fixture.decrypt(fixture.wait("kept ").split(" ", 1)[1])
            digest = subprocess.run(["sha256sum"], input=secret, text=True, capture_output=True,
                                    check=True).stdout.split()[0]
            expect(digest in line, "the tenant reads another password than the guest made")
            agent = machine.agent.wait(30)
            expect("inet 169.254.169.20/24" in agent.sh("ip addr show eth0"), "address")
            expect("mtu 1450" in agent.sh("ip link show eth0"), "mtu")
            agent.sh("printf hello | dd of=/dev/vda bs=1M seek=100 conv=fsync")
            expect_equal(agent.sh("dd if=/dev/vda bs=1M skip=100 count=1 2>/dev/null | head -c 5"), "hello", "disk")
            first = machine.screenshot()
            time.sleep(2.5)
            expect(first != machine.screenshot(), "its screen stands still")
            agent.ask("guest-set-user-password", {"username": "Administrator", "crypted": False,
                                                  "password": base64.b64encode(b"New-1").decode()})
            machine.wait_for("guest: password of Administrator set")
            machine.power_button()
            try:
                machine.process.wait(30)
            except subprocess.TimeoutExpired as error:
                raise AssertionError("the power button did not end it") from error
    finally:
        fixture.close()


def main():
    report = Report()
    for test in doctor.HOST_TESTS:
        report.run(f"doctor_{test.__name__}", test)
    with Cloud() as cloud:
        for test in doctor.CLOUD_TESTS:
            report.run(f"doctor_{test.__name__}", test, cloud)
    if not shutil.which("xorriso") or not shutil.which("openssl"):
        report.skip("provision", "xorriso or openssl is missing")
        return 0
    fixture = Fixture()
    try:
        for test in (cloudbase_init_finds_all, malformed_posts_are_refused, password_is_posted_once,
                     documents_of_ec2, requests_that_mean_harm, connections_and_requests_are_bounded,
                     asker_is_known_by_its_network):
            report.run(test.__name__, test, fixture)
    finally:
        fixture.close()
    if not shutil.which("wimlib-imagex"):
        report.skip("image_build", "wimlib-imagex is missing")
    else:
        media = image_build.Media()
        for test in image_build.TESTS:
            report.run(f"image_{test.__name__}", test, media)
        media.close()
    report.run("guest_takes_drive_and_metadata", guest_takes_drive_and_metadata)
    return report.status()


if __name__ == "__main__":
    sys.exit(main())
