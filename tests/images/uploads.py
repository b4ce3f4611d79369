"""Files sent and fetched: bytes, memory, what is refused before its body, clients that leave."""
import hashlib
import os
import socket
import time

import signature
from stage import must, qemu_img, qemu_io


def a_file_that_is_sent_comes_back_as_qcow2(stage):
    image = stage.image()
    shown = stage.ask("GET", f"/v2/images/{image}").json
    must(shown["virtual_size"] == 64 << 20 and shown["min_disk"] == 1, shown)
    got = stage.ask("GET", f"/v2/images/{image}/file").expect(200)
    must(len(got.body) == shown["size"], "the size is another")
    must(hashlib.md5(got.body).hexdigest() == shown["checksum"] == got.headers["content-md5"])
    must(hashlib.sha512(got.body).hexdigest() == shown["os_hash_value"])
    path = os.path.join(stage.folder, "back.qcow2")
    with open(path, "wb") as file:
        file.write(got.body)
    qemu_io(path, "read -P 0x41 0 1M", "read -P 0 1M 63M")


def every_format_becomes_ours(stage):
    for kind, said in (("raw", "raw"), ("vpc", "vhd"), ("vhdx", "vhdx"), ("vmdk", "vmdk")):
        image = stage.image(stage.disk("disk." + said, kind), kind=said, name=said)
        path = os.path.join(stage.cloud.data, "images", image + ".qcow2")
        must('"format": "qcow2"' in qemu_img("info", "--output=json", path), said)
        qemu_io(path, "read -P 0x41 0 1M")


def memory_stays_flat_under_a_large_upload(stage):
    image = stage.row(disk_format="raw")

    def resident():
        with open(f"/proc/{stage.cloud.process.pid}/status", encoding="ascii") as file:
            return next(int(line.split()[1]) for line in file if line.startswith("VmRSS"))
    before, most, size, sent = resident(), 0, 300 << 20, 0
    block = bytes(1 << 20)
    with stage.cloud.ssl_context().wrap_socket(
            socket.create_connection((stage.cloud.host, stage.cloud.port)),
            server_hostname=stage.cloud.host) as line:
        line.sendall(head(stage, image, size).encode())
        while sent < size:
            line.sendall(block)
            sent += len(block)
            if sent % (32 << 20) == 0:
                most = max(most, resident())
        must(b"204 No Content" in line.recv(4096), "the answer is another")
    must(most - before < 40 << 10, f"{most - before} KiB more while 300 MiB came")
    must(stage.settled(image)["status"] == "active")
    stage.ask("DELETE", f"/v2/images/{image}").expect(204)


def head(stage, image, length, token=None, more=""):
    return (f"PUT /v2/images/{image}/file HTTP/1.1\r\nHost: {stage.cloud.host}\r\n"
            f"X-Auth-Token: {token or stage.token(stage.alpha)}\r\n"
            f"Content-Type: application/octet-stream\r\nContent-Length: {length}\r\n{more}\r\n")


def say(stage, text, seconds=10):
    """What the server answers to the head alone."""
    with stage.cloud.ssl_context().wrap_socket(
            socket.create_connection((stage.cloud.host, stage.cloud.port), timeout=seconds),
            server_hostname=stage.cloud.host) as line:
        line.sendall(text.encode())
        return line.recv(8192).decode("utf-8", "replace")


def refusals_come_before_the_body(stage):
    image = stage.row()
    nobody = "00000000-0000-0000-0000-000000000000"
    must(" 401 " in say(stage, head(stage, image, 1 << 30, "no token")), "no token")
    must(" 404 " in say(stage, head(stage, nobody, 1 << 30)), "no image")
    must(" 404 " in say(stage, head(stage, image, 1 << 30, stage.token(stage.beta))), "a stranger's")
    must(" 413 " in say(stage, head(stage, image, 2 << 30)), "too large")
    must(stage.ask("GET", f"/v2/images/{image}").json["status"] == "queued")
    # What is announced as more than a long can hold is no number that wraps.
    must(" 413 " in say(stage, head(stage, image, 1 << 63)), "more than a long holds")
    stage.send(image, b"").expect(204)
    must(stage.settled(image)["status"] == "killed", "an empty file is no disk")
    stage.send(image, b"x").expect(409)


def a_client_that_leaves_leaves_nothing(stage):
    image = stage.row()
    line = stage.cloud.ssl_context().wrap_socket(
        socket.create_connection((stage.cloud.host, stage.cloud.port)),
        server_hostname=stage.cloud.host)
    line.sendall(head(stage, image, 1 << 20).encode() + bytes(1000))
    until = time.monotonic() + 5
    while not os.path.exists(os.path.join(stage.cloud.data, "uploads", image)):
        must(time.monotonic() < until, "no file while it comes")
        time.sleep(0.02)
    must(stage.ask("GET", f"/v2/images/{image}").json["status"] == "saving")
    must(stage.send(image, b"x").status == 409, "two at once")
    line.close()
    until = time.monotonic() + 5
    while stage.ask("GET", f"/v2/images/{image}").json["status"] != "queued":
        must(time.monotonic() < until, "it is not queued again")
        time.sleep(0.02)
    must(not os.path.exists(os.path.join(stage.cloud.data, "uploads", image)), "the file is left")
    with open(stage.disk(), "rb") as file:
        stage.send(image, file.read()).expect(204)
    must(stage.settled(image)["status"] == "active", "it cannot be sent again")


def signed_bodies_are_compared(stage):
    access, secret = stage.alpha.new_key()
    with open(stage.disk(), "rb") as file:
        data = file.read()

    def put(image, said, sent):
        path = f"/v2/images/{image}/file"
        headers = {"host": f"{stage.cloud.host}:{stage.cloud.port}", "x-sdk-date": signature.stamp(),
                   "x-project-id": stage.alpha.project}
        if said:
            headers["x-sdk-content-sha256"] = said
        headers["authorization"] = sign_declared(path, headers, said or "", access, secret)
        return stage.cloud.send("PUT", path, headers, sent)
    image = stage.row()
    digest = hashlib.sha256(data).hexdigest()
    must(put(image, None, data).status == 401, "a body that nobody vouches for")
    must(put(image, digest, b"another").status == 401, "another body")
    until = time.monotonic() + 5
    while stage.ask("GET", f"/v2/images/{image}").json["status"] != "queued":
        must(time.monotonic() < until, "another body was taken")
        time.sleep(0.02)
    put(image, digest, data).expect(204)
    must(stage.settled(image)["status"] == "active")
    other = stage.row()
    put(other, "UNSIGNED-PAYLOAD", data).expect(204)
    must(stage.settled(other)["status"] == "active")


def sign_declared(path, headers, payload, access, secret):
    """The signature with the payload's hash as it is declared."""
    import hmac
    names = sorted(headers)
    canonical = "\n".join(["PUT", path + "/", "", *(f"{name}:{headers[name]}" for name in names), "",
                           ";".join(names), payload])
    text = "\n".join(["SDK-HMAC-SHA256", headers["x-sdk-date"],
                      hashlib.sha256(canonical.encode()).hexdigest()])
    made = hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
    return f"SDK-HMAC-SHA256 Access={access}, SignedHeaders={';'.join(names)}, Signature={made}"


TESTS = [a_file_that_is_sent_comes_back_as_qcow2, every_format_becomes_ours,
         memory_stays_flat_under_a_large_upload, refusals_come_before_the_body,
         a_client_that_leaves_leaves_nothing, signed_bodies_are_compared]
