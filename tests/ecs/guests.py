"""Guests: from create to delete, console included."""
import base64
import json
import os
import socket
import struct
import subprocess
import time
import urllib.parse
import zlib

from interface import error, same
from stage import LARGER


def colours_of(png):
    """How many colours a PNG of one byte a channel has (up to 256 are counted)."""
    at, body = 8, b""
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at:at + 8])
        part = png[at + 8:at + 8 + length]
        if kind == b"IHDR":
            width, _, depth, colour = struct.unpack(">IIBB", part[:10])
        body += part if kind == b"IDAT" else b""
        at += length + 12
    size = {0: 1, 2: 3, 6: 4}[colour]
    same(depth, 8)
    raw, row, above, seen = zlib.decompress(body), width * size, bytes(width * size), set()
    for start in range(0, len(raw), row + 1):
        kind, line = raw[start], bytearray(raw[start + 1:start + 1 + row])
        for i, value in enumerate(line if kind else b""):
            left = line[i - size] if i >= size else 0
            corner = above[i - size] if i >= size else 0
            guess = left + above[i] - corner
            paeth = min((left, above[i], corner), key=lambda one: abs(guess - one))
            line[i] = (value + (0, left, above[i], (left + above[i]) // 2, paeth)[kind]) & 255
        above = bytes(line)
        seen.update(above[i:i + size] for i in range(0, row, size))
        if len(seen) >= 256:
            break
    return len(seen)


class Websocket:
    """A client of RFC 6455, of binary frames."""

    def __init__(self, cloud, target):
        raw = socket.create_connection((cloud.host, cloud.port), 10)
        self.link = cloud.ssl_context().wrap_socket(raw, server_hostname=cloud.host)
        self.link.sendall((f"GET {target} HTTP/1.1\r\nHost: {cloud.host}:{cloud.port}\r\n"
                           "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                           "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: binary\r\n"
                           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n").encode())
        head = b""
        while b"\r\n\r\n" not in head:
            head += self.link.recv(1)
        self.head, self.bytes = head.decode(), b""

    def send(self, data):
        mask = os.urandom(4)
        body = bytes(byte ^ mask[i & 3] for i, byte in enumerate(data))
        self.link.sendall(bytes([0x82, 0x80 | len(data)]) + mask + body)

    def exactly(self, count):
        data = b""
        while len(data) < count:
            part = self.link.recv(count - len(data))
            if not part:
                raise AssertionError("the websocket ended")
            data += part
        return data

    def read(self, count):
        """So many bytes of the stream within the frames."""
        while len(self.bytes) < count:
            first, size = self.exactly(2)
            if size == 126:
                size = struct.unpack(">H", self.exactly(2))[0]
            body = self.exactly(size)
            if first & 15 == 8:
                raise AssertionError("the websocket was closed")
            self.bytes += body
        data, self.bytes = self.bytes[:count], self.bytes[count:]
        return data

    def close(self):
        self.link.close()


def test_server_becomes_active(stage, state):
    began = time.monotonic()
    made = stage.create(metadata={"role": "web"}, adminPass="Correct-Horse-7",
                        data_volumes=[{"volumetype": "SAS", "size": 10}],
                        user_data=base64.b64encode(b"#!/bin/sh\necho hello\n").decode())
    made = made.expect(200).json
    state["server"] = made["serverIds"][0]
    job = stage.job(made["job_id"])
    same(job["entities"]["sub_jobs"][0]["entities"]["server_id"], state["server"])
    server = stage.show(state["server"])
    print(f"create to ACTIVE under {state['acceleration']}: {time.monotonic() - began:.1f} s")
    same((server["status"], server["OS-EXT-STS:power_state"]), ("ACTIVE", 1))
    same(len(server["os-extended-volumes:volumes_attached"]), 2)
    state["address"] = server["addresses"][stage.vpc][0]["addr"]
    same(names_by_address(stage, state["address"]), [state["server"]])


def names_by_address(stage, address):
    found = stage.get(f"{stage.servers}/detail", {"ip_eq": address}).expect(200).json["servers"]
    return [one["id"] for one in found]


def test_screen_is_not_empty(stage, state):
    until = time.monotonic() + 30
    while True:
        answer = stage.get(f"{stage.servers}/{state['server']}/screenshot").expect(200)
        same(answer.headers["content-type"], "image/png")
        if colours_of(answer.body) > 1:
            return
        if time.monotonic() > until:
            raise AssertionError("the screen is one area of one colour")
        time.sleep(0.3)


def console_target(stage, state):
    answer = stage.post(f"{stage.servers}/{state['server']}/remote_console",
                        {"remote_console": {"protocol": "vnc", "type": "novnc"}}).expect(200)
    link = answer.json["remote_console"]["url"]
    query = urllib.parse.parse_qs(urllib.parse.urlparse(link).query)
    return "/" + query["path"][0]


def test_console_is_the_servers_screen_once(stage, state):
    cloud, target = stage.tenant.cloud, console_target(stage, state)
    socket_ = Websocket(cloud, target)
    if "101" not in socket_.head.splitlines()[0] or "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" not in socket_.head:
        raise AssertionError(socket_.head)
    same(socket_.read(12), b"RFB 003.008\n")
    socket_.send(b"RFB 003.008\n")
    same(socket_.read(2), b"\x01\x01")     # one kind of security: none
    socket_.send(b"\x01")
    same(socket_.read(4), bytes(4))
    socket_.send(b"\x01")
    width, height = struct.unpack(">HH", socket_.read(4))
    if width < 100 or height < 100:
        raise AssertionError(f"a screen of {width} by {height}")
    again = Websocket(cloud, target)
    if "403" not in again.head.splitlines()[0]:
        raise AssertionError(f"the token was taken twice: {again.head}")
    again.close()
    socket_.close()


def attachment(stage, state, volume):
    path = f"{stage.servers}/{state['server']}"
    made = stage.post(f"{path}/attachvolume", {"volumeAttachment": {"volumeId": volume}})
    job = stage.job(made.expect(200).json["job_id"])
    same(job["entities"]["volume_id"], volume)


def test_volume_is_attached_while_it_runs(stage, state):
    path = f"{stage.servers}/{state['server']}"
    volume = state["volume"] = stage.volume()
    attachment(stage, state, volume)
    shown = stage.get(f"{path}/block_device/{volume}").expect(200).json["volumeAttachment"]
    same((shown["device"], shown["size"]), ("/dev/vdc", 10))
    same(stage.show_volume(volume)["status"], "in-use")
    answer = stage.post(f"{path}/attachvolume", {"volumeAttachment": {"volumeId": volume}})
    error(answer, 409, "Ecs.0100")


def test_attached_volume_grows_and_is_snapshotted(stage, state):
    volume, cloud = state["volume"], stage.tenant.cloud
    made = stage.post(f"/v2/{stage.project}/cloudvolumes/{volume}/action",
                      {"os-extend": {"new_size": 12}})
    stage.job(made.expect(200, 202).json["job_id"])
    same(stage.show_volume(volume)["size"], 12)
    about = subprocess.run(["qemu-img", "info", "-U", "--output=json", os.path.join(
        cloud.data, "volumes", volume + ".qcow2")], capture_output=True, text=True, check=True)
    same(json.loads(about.stdout)["virtual-size"], 12 << 30)
    made = stage.post(f"/v2/{stage.project}/cloudsnapshots", {"snapshot": {
        "volume_id": volume, "name": "live", "force": True}}).expect(200, 202).json["snapshot"]
    path = f"/v2/{stage.project}/cloudsnapshots/{made['id']}"
    wait_for(lambda: stage.get(path).expect(200).json["snapshot"]["status"] == "available", 30)
    stage.delete(path).expect(200, 202, 204)
    wait_for(lambda: stage.get(path).status == 404, 30)


def wait_for(condition, seconds):
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            raise AssertionError("it does not come about")
        time.sleep(0.3)


def test_stop_and_start(stage, state):
    server = state["server"]
    stage.act("os-stop", server, type="HARD")
    same(stage.show(server)["status"], "SHUTOFF")
    error(stage.get(f"{stage.servers}/{server}/screenshot"), 409, "Ecs.0100")
    stage.act("os-start", server)
    same(stage.show(server)["status"], "ACTIVE")
    stage.act("reboot", server, type="HARD")
    same(stage.show(server)["status"], "ACTIVE")


def test_resize_wants_a_stopped_server(stage, state):
    path = f"/v1.1/{stage.project}/cloudservers/{state['server']}/resize"
    error(stage.post(path, {"resize": {"flavorRef": LARGER}}), 409, "Ecs.0100")
    stage.act("os-stop", state["server"], type="HARD")
    made = stage.post(path, {"resize": {"flavorRef": LARGER}}).expect(200).json
    same(stage.job(made["job_id"])["entities"]["server_id"], state["server"])
    server = stage.show(state["server"])
    same((server["flavor"]["id"], server["status"]), (LARGER, "SHUTOFF"))
    stage.act("os-start", state["server"])


def test_volume_is_detached(stage, state):
    stage.act("os-stop", state["server"], type="HARD")
    made = stage.delete(f"{stage.servers}/{state['server']}/detachvolume/{state['volume']}")
    stage.job(made.expect(200).json["job_id"])
    same(stage.show_volume(state["volume"])["status"], "available")
    gone = stage.delete(f"/v2/{stage.project}/cloudvolumes/{state['volume']}").expect(200, 202)
    stage.job(gone.json["job_id"])
    stage.act("os-start", state["server"])


def test_system_disk_is_made_anew(stage, state):
    before = stage.show(state["server"])["os-extended-volumes:volumes_attached"]
    made = stage.post(f"/v2/{stage.project}/cloudservers/{state['server']}/reinstallos",
                      {"os-reinstall": {"adminpass": "Correct-Horse-8", "mode": "withStopServer"}})
    stage.job(made.expect(200).json["job_id"])
    server = stage.show(state["server"])
    same(server["status"], "ACTIVE")
    after = server["os-extended-volumes:volumes_attached"]
    same(len(after), len(before))
    if {one["id"] for one in after} == {one["id"] for one in before}:
        raise AssertionError("the system disk is the one of before")


def test_use_is_metered(stage, state):
    rows = stage.tenant.cloud.sql(
        "SELECT flavor, ended IS NULL FROM ecs_usage WHERE server_id = "
        f"'{state['server']}' ORDER BY began")
    same((rows[0][0], rows[-1]), ("s6.small.1", [LARGER, "t"]))
    same([row[1] for row in rows[:-1]], ["f"] * (len(rows) - 1))


def test_ended_guest_is_started_again(stage, state):
    cloud, server = stage.tenant.cloud, state["server"]
    for pid in guests(cloud, server):
        os.kill(pid, 9)
    until = time.monotonic() + 40
    while True:
        shown = stage.show(server)
        if guests(cloud, server) and (shown["status"], shown["OS-EXT-STS:task_state"]) == ("ACTIVE", None):
            return
        if time.monotonic() > until:
            raise AssertionError(f"it is {shown['status']}, {shown['OS-EXT-STS:task_state']}")
        time.sleep(0.5)


def guests(cloud, server):
    """Its QEMU processes."""
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/cmdline", "rb") as file:
                    words = file.read()
            except OSError:
                continue
            if b"qemu-system" in words and server.encode() in words and cloud.data.encode() in words:
                found.append(int(name))
    return found


def test_nothing_of_it_is_left(stage, state):
    cloud, server = stage.tenant.cloud, state["server"]
    stage.remove(server)
    error(stage.get(f"{stage.servers}/{server}"), 404, "Ecs.0114")
    nothing_left(stage, server)
    state["server"] = None
    same([pid for pid in cloud.processes() if b"libvirtd" in command(pid)], [])


def command(pid):
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return file.read()
    except OSError:
        return b""


def nothing_left(stage, server):
    cloud = stage.tenant.cloud
    same(guests(cloud, server), [])
    same(os.path.exists(os.path.join(cloud.data, "servers", server)), False)
    same([name for name in os.listdir(os.path.join(cloud.data, "volumes")) if "-" in name], [])
    ports = stage.get(f"/v1/{stage.project}/ports", {"device_id": server}).expect(200).json
    same(ports["ports"], [])


TESTS = [test for name, test in list(globals().items()) if name.startswith("test_")]
