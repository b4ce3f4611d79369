#!/usr/bin/env python3
"""What the API promises before it knows who calls: sizes, times, numbers, wrong requests."""
import concurrent.futures
import gzip
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import warnings

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "harness"))
from cloud import Cloud  # noqa: E402
from instance import StartFailed  # noqa: E402
import openapi_fuzz  # noqa: E402
from report import Report, expect, expect_equal  # noqa: E402

MOST, MOST_FROM_ONE = 2400, 2200


class Wire:
    """A TLS connection that is written and read by hand."""

    def __init__(self, cloud, source=None, tls=True):
        raw = socket.create_connection((cloud.host, cloud.port), 60,
                                       (source, 0) if source else None)
        self.socket = cloud.context.wrap_socket(raw, server_hostname=cloud.host) if tls else raw
        self.buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, text):
        self.socket.sendall(text if isinstance(text, bytes) else text.encode("latin-1"))
        return self

    def _more(self):
        data = self.socket.recv(65536)
        if not data:
            raise EOFError("the server closed the connection")
        self.buffer += data

    def read(self, method="GET"):
        """One answer: (status, headers, body)."""
        while b"\r\n\r\n" not in self.buffer:
            self._more()
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, value in
                   (line.split(":", 1) for line in lines[1:])}
        status = int(lines[0].split()[1])
        length = 0 if method == "HEAD" or status in (100, 204, 304) else \
            int(headers.get("content-length", 0))
        while len(self.buffer) < length:
            self._more()
        body, self.buffer = self.buffer[:length], self.buffer[length:]
        return status, headers, body

    def ask(self, method, path, headers="", body=b""):
        self.send(f"{method} {path} HTTP/1.1\r\nHost: x\r\n{headers}\r\n".encode("latin-1") + body)
        return self.read(method)

    def closed(self):
        """Whether the server has closed, within a short while."""
        try:
            return self.socket.recv(1) == b""
        except (ConnectionError, ssl.SSLError):
            return True


def once(cloud, method, path, headers="", body=b""):
    with Wire(cloud) as wire:
        return wire.ask(method, path, headers, body)


def status_of(cloud, *request):
    return once(cloud, *request)[0]


def resident(cloud):
    """Kilobytes of casementd's memory."""
    with open(f"/proc/{cloud.process.pid}/status", encoding="ascii") as file:
        return int(re.search(r"VmRSS:\s+(\d+)", file.read()).group(1))


# ---- wrong requests ----

def every_answer_has_a_request_id(cloud):
    seen = set()
    for path in ("/openapi.json", "/nowhere", "/v3/x/instances", "/v3/%zz"):
        headers = once(cloud, "GET", path)[1]
        expect(re.fullmatch(r"[0-9a-f]{32}", headers.get("x-request-id", "")), f"{path}: {headers}")
        seen.add(headers["x-request-id"])
    expect_equal(len(seen), 4, "different request ids")


def unknown_paths_and_methods(cloud):
    expect_equal(status_of(cloud, "GET", "/nowhere/at/all"), 404, "status")
    status, headers, body = once(cloud, "BREW", "/openapi.json")
    expect_equal(status, 405, "status")
    expect_equal(headers["allow"], "GET", "Allow")
    expect_equal(json.loads(body)["error_code"], "APIGW.0101", "code")


def wrong_encodings(cloud):
    for path in ("/v3/%", "/v3/%4", "/v3/%zz/instances", "/v3/a%00b/instances", "/operations?a=%",
                 "/operations?%ff=1", "/operations?a=%00", "*", "http://x/operations"):
        status, _, body = once(cloud, "GET", path)
        expect_equal(status, 400, f"status of {path}")
        expect("error_msg" in json.loads(body), "an error's body")


def raw_zero_bytes_do_no_harm(cloud):
    for text in (b"GET /opera\0tions HTTP/1.1\r\nHost: x\r\n\r\n",
                 b"GET /operations HTTP/1.1\r\nHost: x\r\nA: b\0c\r\n\r\n",
                 b"\0\0\0\0\r\n\r\n", b"GET\0 / HTTP/1.1\r\n\r\n"):
        with Wire(cloud) as wire:
            wire.send(text)
            try:
                expect(wire.read()[0] < 500, "no 5xx")
            except (EOFError, ConnectionError):
                pass
    expect_equal(status_of(cloud, "GET", "/operations"), 200, "status afterwards")


def doubtful_framing_is_refused(cloud):
    for heads in ("Content-Length: 2\r\nContent-Length: 3\r\n",
                  "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
                  "Transfer-Encoding: gzip, chunked\r\n", "Content-Length: -1\r\n",
                  "Content-Length: 0x10\r\n", "Host: other\r\n"):
        with Wire(cloud) as wire:
            expect_equal(wire.ask("POST", "/v3/auth/tokens", heads, b"{}")[0], 400, heads)
            expect(wire.closed(), f"the connection stays open after {heads!r}")


def bad_json_is_400(cloud):
    for body in (b"{", b"[]", b"null", b'{"auth": }', b'{"a":1,"a":2}', b"\xff\xfe", b'{"a":"\\u0000"}',
                 b"[" * 100000, b'{"a":' * 50000, b'"' + b"a" * 90000):
        status, _, answer = once(cloud, "POST", "/v3/auth/tokens", f"Content-Length: {len(body)}\r\n",
                                 body)
        expect_equal(status, 400, f"status for {body[:20]!r}")
        expect(json.loads(answer)["error_code"], "an error's code")


def large_bodies_are_413(cloud):
    body = b'{"auth":"' + b"x" * (1 << 20) + b'"}'
    status, headers, _ = once(cloud, "POST", "/v3/auth/tokens", f"Content-Length: {len(body)}\r\n",
                              body)
    expect_equal(status, 413, "status with Content-Length")
    expect("x-request-id" in headers, "a request id")
    chunks = b"".join(b"10000\r\n" + b"x" * 65536 + b"\r\n" for _ in range(20)) + b"0\r\n\r\n"
    with Wire(cloud) as wire:
        expect_equal(wire.ask("POST", "/v3/auth/tokens", "Transfer-Encoding: chunked\r\n", chunks)[0],
                     413, "status with chunks")
        expect_equal(wire.ask("GET", "/operations")[0], 200, "the next request's status")
    with Wire(cloud) as wire:
        expect_equal(wire.ask("POST", "/v3/auth/tokens",
                              "Content-Length: 99999999999\r\nExpect: 100-continue\r\n")[0], 413,
                     "status instead of leave to send")


def large_headers_are_refused(cloud):
    with Wire(cloud) as wire:
        expect(wire.ask("GET", "/operations", "A: " + "a" * 60000 + "\r\n")[0] in (400, 413, 431),
               "a refusal of a long header")
    many = "".join(f"A{number}: b\r\n" for number in range(150))
    expect_equal(status_of(cloud, "GET", "/operations", many), 400, "status of many headers")
    expect(status_of(cloud, "GET", "/" + "a" * 60000) in (400, 414), "a refusal of a long path")


def expect_continue_is_honoured(cloud):
    with Wire(cloud) as wire:
        wire.send("POST /v3/auth/tokens HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n"
                  "Expect: 100-continue\r\n\r\n")
        expect_equal(wire.read()[0], 100, "status")
        expect_equal(wire.send("{}").read()[0], 400, "status")


def head_has_no_body(cloud):
    with Wire(cloud) as wire:
        wire.send("HEAD /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n")
        status, headers, _ = wire.read("HEAD")
        expect_equal(status, 200, "status")
        expect(int(headers["content-length"]) > 1000, "the length that GET would have")
        expect_equal(wire.ask("GET", "/operations")[0], 200, "the next request's status")


def pipelined_requests_keep_their_order(cloud):
    with Wire(cloud) as wire:
        wire.send("GET /v3/projects HTTP/1.1\r\nHost: x\r\n\r\n"
                  "GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n"
                  "POST /v3/auth/tokens HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n{"
                  "GET /operations HTTP/1.1\r\nHost: x\r\n\r\n" * 20)
        for number in range(20):
            expect_equal([wire.read()[0] for _ in range(4)], [401, 404, 400, 200],
                         f"statuses of round {number}")


def slashes_are_tolerated(cloud):
    expect_equal(status_of(cloud, "GET", "//operations/"), 200, "status")


def old_tls_and_plain_http_are_refused(cloud):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    warnings.simplefilter("ignore", DeprecationWarning)
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    with socket.create_connection((cloud.host, cloud.port), 10) as raw:
        try:
            context.wrap_socket(raw)
        except (ssl.SSLError, ConnectionError):
            pass
        else:
            raise AssertionError("TLS 1.1 was accepted")
    with Wire(cloud, tls=False) as wire:
        wire.send("GET /operations HTTP/1.1\r\nHost: x\r\n\r\n")
        expect(b"HTTP/1.1 200" not in wire.socket.recv(100), "plain HTTP was answered")


def served_certificate(cloud):
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection((cloud.host, cloud.port), 10) as raw, \
            context.wrap_socket(raw) as wrapped:
        return wrapped.getpeercert(binary_form=True)


def self_signed(folder, name):
    """A certificate and its key, readable for casementd's user; the certificate as DER."""
    files = [os.path.join(folder, f"{name}.{kind}") for kind in ("crt", "key")]
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                    "-subj", f"/CN={name}", "-out", files[0], "-keyout", files[1]], check=True,
                   capture_output=True)
    for file in files:
        os.chmod(file, 0o644)
    with open(files[0], encoding="ascii") as file:
        return files, ssl.PEM_cert_to_DER_cert(file.read())


def certificate_after_sighup(cloud, wanted, seconds):
    """What new connections get once they get the wanted one, or after the time."""
    cloud.process.send_signal(signal.SIGHUP)
    until = time.monotonic() + seconds
    while time.monotonic() < until and served_certificate(cloud) != wanted:
        time.sleep(0.1)
    return served_certificate(cloud)


def certificate_changes_while_it_runs():
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        os.chmod(folder, 0o755)
        files, first = self_signed(folder, "first")
        others, second = self_signed(folder, "second")
        with Cloud("--certificate", files[0], "--private-key", files[1]) as cloud:
            cloud.context = ssl.create_default_context()
            cloud.context.check_hostname, cloud.context.verify_mode = False, ssl.CERT_NONE
            expect_equal(served_certificate(cloud), first, "the certificate")
            with Wire(cloud) as wire:
                shutil.copyfile(others[0], files[0])
                expect_equal(certificate_after_sighup(cloud, second, 1), first,
                             "the certificate when the new one's key is missing")
                shutil.copyfile(others[1], files[1])
                expect_equal(certificate_after_sighup(cloud, second, 10), second,
                             "the certificate when both are there")
                expect_equal(wire.ask("GET", "/operations")[0], 200, "an open connection's status")


# ---- the pages ----

def document_covers_every_operation(cloud):
    document = json.loads(once(cloud, "GET", "/openapi.json")[2])
    listed = json.loads(once(cloud, "GET", "/operations")[2])["operations"]
    said = {(method.upper(), path) for path, methods in document["paths"].items()
            for method in methods}
    expect_equal(said, {(one["method"], one["path"]) for one in listed}, "what the document has")
    expect(any(one["supported"] for one in listed), "something is supported")
    page = once(cloud, "GET", "/docs")
    expect("default-src 'self'" in page[1]["content-security-policy"], "a policy for the page")
    for one in listed:
        expect(f'id="{one["service"]}-{one["id"]}"' in page[2].decode(), f"{one['id']} on the page")


def console_is_served_with_etag_and_compression(cloud):
    accept = "Accept: text/html\r\nAccept-Encoding: gzip\r\n"
    status, headers, body = once(cloud, "GET", "/", accept)
    if status == 300:
        print("  this build has no console")
        return
    expect_equal(status, 200, "status")
    expect("default-src 'self'" in headers["content-security-policy"], "a policy")
    if headers.get("content-encoding") == "gzip":
        body = gzip.decompress(body)
    expect(b"<html" in body, "a page")
    again = once(cloud, "GET", "/", accept + f"If-None-Match: {headers['etag']}\r\n")
    expect_equal(again[0], 304, "status of what is known")


def unsupported_operations_say_so(cloud):
    listed = cloud.get("/operations", {"supported": "false"}).json["operations"]
    for one in listed:
        path = re.sub(r"\{(\w+)\}", lambda found: cloud.project if found.group(1) == "project_id"
                      else "x", one["path"])
        answer = cloud.request(one["method"], path)
        expect(answer.status in (400, 403, 404) and answer.code, f"{one}: {answer}")


# ---- numbers and times ----

def slow_senders_are_cut_off(cloud):
    began = time.monotonic()
    with Wire(cloud) as slow, Wire(cloud) as half:
        slow.send("GET /operations HTTP/1.1\r\nA: ")
        half.send("POST /v3/auth/tokens HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n")
        open_ones = {slow, half}
        while open_ones and time.monotonic() - began < 60:
            for wire in list(open_ones):
                try:
                    wire.send("a")
                except OSError:
                    open_ones.discard(wire)
            time.sleep(0.2)
            expect_equal(status_of(cloud, "GET", "/nowhere"), 404, "status for others meanwhile")
        expect(not open_ones, "a byte now and then held the connection for a minute")
        expect(time.monotonic() - began > 10, "the connection was cut too early")


def many_connections_are_held(cloud):
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        wires = list(pool.map(lambda _: Wire(cloud), range(2000)))
    try:
        expect_equal(cloud.get("/operations").status, 200, "status beside 2,000 connections")
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda wire: wire.ask("GET", "/nowhere")[0], wires))
        expect_equal(set(answers), {404}, "all of them are answered")
        print(f"  {resident(cloud) // 1024} MB with 2,000 connections")
        refused = 0
        for _ in range(MOST_FROM_ONE - 2000 + 10):
            try:
                wires.append(Wire(cloud))
            except (OSError, ssl.SSLError):
                refused += 1
        expect(refused >= 9, f"one address is held to {MOST_FROM_ONE}: {refused} were refused")
        with Wire(cloud, source="127.0.0.9") as other:
            expect_equal(other.ask("GET", "/operations")[0], 200, "another address gets in")
    finally:
        for wire in wires:
            wire.socket.close()


BAD = [("GET", "/nowhere", b""), ("GET", "/v3/p/instances", b""), ("GET", "/v3/%zz", b""),
       ("POST", "/v3/auth/tokens", b"{"), ("POST", "/v3/auth/tokens", b'{"auth":{"identity":5}}'),
       ("DELETE", "/operations", b""), ("GET", "/operations?a=%", b""),
       ("PUT", "/v3/p/instances/i/name", b'{"name":5}')]
SIGNED = "Authorization: SDK-HMAC-SHA256 Access=NOBODY, SignedHeaders=host, Signature=00\r\n" \
         "X-Sdk-Date: 20261123T100000Z\r\n"


def bad_requests(cloud, count):
    with Wire(cloud) as wire:
        for number in range(count):
            method, path, body = BAD[number % len(BAD)]
            heads = (SIGNED if number % 3 == 0 else "") + f"Content-Length: {len(body)}\r\n"
            status = wire.ask(method, path, heads, body)[0]
            expect(400 <= status < 500, f"{method} {path}: {status}")


def memory_is_flat_over_bad_requests(cloud):
    bad_requests(cloud, 4000)
    before = resident(cloud)
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(bad_requests, cloud, 5000) for _ in range(4)]:
            done.result()
    after = resident(cloud)
    print(f"  {before} kB before, {after} kB after 20,000 bad requests")
    expect(after - before < 4096, f"memory grew by {after - before} kB")


def secrets_stay_out_of_the_log(cloud):
    once(cloud, "GET", "/operations?secret=swordfish", "X-Auth-Token: swordfish\r\n")
    line = next(line for line in reversed(cloud.output) if " /operations 200 " in line)
    expect(re.search(r"GET /operations 200 [0-9.]+ ms 127\.0\.0\.1 [0-9a-f]{32}", line), line)
    expect("swordfish" not in cloud.log(), "a secret is in the log")


def one_instance_fuzzed(cloud):
    """With an instance that is there the handlers go further than "does not exist"."""
    made = cloud.create_instance("fuzzed")
    openapi_fuzz.run(cloud, 60, only="/v3/{project_id}/.*{instance_id}", instance_id=made["id"])


def stop_ends_what_runs(cloud):
    with Wire(cloud) as wire:
        wire.ask("GET", "/operations")
        expect_equal(cloud.stop(), 0, "exit status")


def main():
    report = Report()
    try:
        with Cloud("--max-connections", str(MOST), "--max-connections-per-address",
                   str(MOST_FROM_ONE)) as cloud:
            cloud.context = cloud.ssl_context()
            # It takes half a minute of waiting: beside the others.
            pool = concurrent.futures.ThreadPoolExecutor(1)
            slow = pool.submit(slow_senders_are_cut_off, cloud)
            for test in (every_answer_has_a_request_id, unknown_paths_and_methods, wrong_encodings,
                         raw_zero_bytes_do_no_harm, doubtful_framing_is_refused, bad_json_is_400,
                         large_bodies_are_413, large_headers_are_refused,
                         expect_continue_is_honoured, head_has_no_body,
                         pipelined_requests_keep_their_order, slashes_are_tolerated,
                         old_tls_and_plain_http_are_refused, document_covers_every_operation,
                         console_is_served_with_etag_and_compression,
                         unsupported_operations_say_so, memory_is_flat_over_bad_requests):
                report.run(test.__name__, test, cloud)
            report.run("slow_senders_are_cut_off", slow.result)
            # First the instance: requests at random change quotas, too.
            report.run("no_request_to_an_instance_is_a_server_error", one_instance_fuzzed, cloud)
            report.run("no_request_of_schemathesis_is_a_server_error", openapi_fuzz.run, cloud)
            for test in (many_connections_are_held, secrets_stay_out_of_the_log,
                         stop_ends_what_runs):
                report.run(test.__name__, test, cloud)
        report.run("certificate_changes_while_it_runs", certificate_changes_while_it_runs)
    except StartFailed as error:
        print(error)
        report.not_ok("start", error)
    return report.status()


if __name__ == "__main__":
    sys.exit(main())
