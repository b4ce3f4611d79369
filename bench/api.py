#!/usr/bin/env python3
"""Measures casementd's API with 10,000 instances in the store: list and show, by token and signed.

    bench/api.py              about a minute; the table goes to bench/results_api.md, too
    bench/api.py --quick      a third of it, and nothing is written

The instances are rows without servers: what is measured is the API. One thread of http_load asks over
kept-alive TLS connections. "A core" is requests a second of processor time that casementd used (user
and system): what one core gives, whatever else the machine does; the aim is held against it. "Rate"
is what came in a second, with the asking thread and the machine's other work beside it, and the
latencies are of that. Memory is casementd's own.
"""
import argparse
import json
import os
import platform
import re
import subprocess
import sys
import time
import urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
sys.path.insert(0, os.path.join(ROOT, "tests", "harness"))

import signature  # noqa: E402
from cloud import Cloud  # noqa: E402
from instance import BUILD  # noqa: E402

LOAD = os.path.join(os.path.abspath(BUILD), "bench", "http_load")
INSTANCES = 10_000
CONNECTIONS = 32
AIM = 10_000

FILL = """
INSERT INTO rds_instance (id, project_id, name, status, slot, address, port, flavor, engine_version,
    volume_gb, availability_zone, region, vpc_id, subnet_id, security_group_id, tags)
SELECT md5(n::text) || 'in04', '{project}', 'bench-' || n, 'SHUTDOWN', 1000 + n,
    '127.200.' || n / 250 || '.' || n % 250 + 1, 1433, '{flavor}', '2022_SE', 40, '{zone}', '{region}',
    '1', '2', '3', jsonb_build_array(jsonb_build_object('key', 'row', 'value', n::text))
FROM generate_series(1, {count}) n
"""


def run_sql(cloud, sql):
    """In casementd's own store, as the user whose it is."""
    folder = os.path.join(cloud.data, "store", "run")
    owner = os.stat(folder).st_uid
    command = ["psql", "-qAt", "-v", "ON_ERROR_STOP=1", "-h", folder, "-p", "5432", "casement"]

    def become():
        if os.getuid() == 0 and owner:
            os.setgid(os.stat(folder).st_gid)
            os.setuid(owner)

    done = subprocess.run(command, input=sql, text=True, check=False, capture_output=True,
                          preexec_fn=become, cwd="/")
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    return done.stdout


def processor_seconds(cloud):
    with open(f"/proc/{cloud.process.pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(cloud):
    with open(f"/proc/{cloud.process.pid}/status", encoding="ascii") as file:
        return int(re.search(r"VmRSS:\s+(\d+)", file.read()).group(1)) / 1024


def raw(cloud, path, pairs=(), token=None, signed=False):
    """A request as bytes on the wire."""
    pairs = [(name, str(value)) for name, value in pairs]
    headers = {"Host": f"{cloud.host}:{cloud.port}", "Content-Type": "application/json"}
    if token:
        headers["X-Auth-Token"] = token
    if signed:
        headers["X-Sdk-Date"] = signature.stamp(None)
        lower = {name.lower(): value for name, value in headers.items()}
        headers["Authorization"] = signature.sign("GET", path, pairs, lower, b"", cloud.admin["ak"],
                                                  cloud.admin["sk"])
    target = path + ("?" + urllib.parse.urlencode(pairs) if pairs else "")
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"GET {target} HTTP/1.1\r\n{lines}\r\n"


def measure(cloud, requests, seconds):
    load = subprocess.Popen([LOAD, cloud.host, str(cloud.port), str(CONNECTIONS), str(seconds)],
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    load.stdin.write("".join(request + "%%\n" for request in requests))
    load.stdin.close()
    load.stdout.readline()
    used, began = processor_seconds(cloud), time.monotonic()
    line = load.stdout.readline()
    used, lasted = processor_seconds(cloud) - used, time.monotonic() - began
    load.wait()
    found = json.loads(line)
    found["core"] = found["rate"] * lasted / max(used, 0.01)
    return found


def kinds(cloud, ids):
    """What is measured: (name, requests, whether the aim of 10,000 is for it)."""
    path = f"/v3/{cloud.project}/instances"
    token = cloud.token()
    some = ids[:: max(1, len(ids) // 500)]
    yield "version (no authentication)", [raw(cloud, "/v3")], False
    yield "show, token", [raw(cloud, path, [("id", one)], token=token) for one in some], True
    yield "show, signed", [raw(cloud, path, [("id", one)], signed=True) for one in some], True
    yield "list of 10, token", [raw(cloud, path, [("offset", at), ("limit", 10)], token=token)
                                for at in range(0, len(ids), 100)], True
    yield "list of 10, signed", [raw(cloud, path, [("offset", at), ("limit", 10)], signed=True)
                                 for at in range(0, len(ids), 100)], True
    yield "list of 100, token", [raw(cloud, path, [("offset", at), ("limit", 100)], token=token)
                                 for at in range(0, len(ids), 100)], False
    yield "by name, token", [raw(cloud, path, [("name", f"bench-{n}")], token=token)
                             for n in range(1, len(ids), 97)], False


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    lines = []
    with Cloud() as cloud:
        empty = memory(cloud)
        flavor, zone = cloud.flavor()
        run_sql(cloud, FILL.format(project=cloud.project, flavor=flavor, zone=zone,
                                   region=cloud.region, count=INSTANCES))
        ids = run_sql(cloud, "SELECT id FROM rds_instance").split()
        cloud.stop()
        cloud.start()
        full = memory(cloud)
        lines.append(f"{len(ids):,} instances in the store, {CONNECTIONS} TLS connections, start in "
                     f"{cloud.ready_seconds} s. casementd has {empty:.0f} MiB with none of them, "
                     f"{full:.0f} MiB with all.\n")
        lines.append("| request | rate | a core | p50 ms | p99 ms | bytes | wrong | aim |")
        lines.append("| --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |")
        print("\n".join(lines), flush=True)
        for name, requests, aimed in kinds(cloud, ids):
            found = measure(cloud, requests, 2 if options.quick else 6)
            aim = "" if not aimed else ">= 10,000: " + ("yes" if found["core"] >= AIM else "NO")
            lines.append(f"| {name} | {found['rate']:,.0f} | {found['core']:,.0f} | {found['p50']:.2f} "
                         f"| {found['p99']:.2f} | {found['bytes']:,} | {found['wrong']} | {aim} |")
            print(lines[-1], flush=True)
    if not options.quick:
        with open(os.path.join(HERE, "results_api.md"), "w", encoding="utf-8") as file:
            file.write("# The API under load\n\nWritten by `bench/api.py`; what the columns mean is "
                       f"said there. {os.cpu_count()} cores, {platform.machine()}, others at work "
                       f"(load {os.getloadavg()[0]:.1f}).\n\n"
                       + "\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
