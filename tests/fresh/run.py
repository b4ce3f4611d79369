#!/usr/bin/env python3
"""A fresh clone in an empty directory: `make run` to the ready line, twice: API, first instance, and Ctrl-C
that leaves nothing behind."""
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "harness"))
from cloud import Cloud  # noqa: E402
from instance import ROOT  # noqa: E402
from report import Report, expect, expect_equal  # noqa: E402
from tds_client import Client  # noqa: E402


def make_run(clone, cloud):
    """Runs `make run` until it is ready, asks API and database, sends Ctrl-C. Returns both times."""
    began = time.monotonic()
    process = subprocess.Popen(
        ["make", "--no-print-directory", "run",
         f"ARGS=--data {cloud.data} --port {cloud.port} --instance-network {cloud.network}"],
        cwd=clone, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, errors="replace", start_new_session=True)
    ready, output = None, []
    try:
        for line in process.stdout:
            output.append(line)
            found = re.match(r"ready after ([0-9.]+) s", line)
            if found:
                ready = float(found.group(1))
                break
        expect(ready is not None, "not ready: " + "".join(output)[-1500:])
        total = time.monotonic() - began
        found = cloud.get(f"/v3/{cloud.project}/instances").expect(200).json["instances"]
        expect_equal([(one["name"], one["status"]) for one in found], [("sql-1", "ACTIVE")],
                     "the instances")
        with open(os.path.join(cloud.data, "sql.password"), encoding="ascii") as file:
            password = file.read().strip()
        with Client(found[0]["private_ips"][0], int(found[0]["port"]), "rdsuser",
                    password) as client:
            expect_equal(client.batch("SELECT 1 AS one").check().rows, [[1]], "the answer")
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)
        rest = process.stdout.read()
        process.wait()
    expect("stopped" in rest, "Ctrl-C did not stop it cleanly: " + rest[-500:])
    expect_equal(cloud.processes(), [], "processes after Ctrl-C")
    return ready, total


def main():
    report = Report()
    folder = tempfile.mkdtemp(prefix="casement-fresh-", dir="/tmp")
    os.chmod(folder, 0o755)
    clone, data = os.path.join(folder, "casement"), os.path.join(folder, "data")
    os.mkdir(data)
    cloud = Cloud(data=data)

    def first():
        subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", ROOT, clone], check=True)
        ready, total = make_run(clone, cloud)
        print(f"first make run: ready after {total:.1f} s with the build, {ready} s without")

    def second():
        ready, _ = make_run(clone, cloud)
        print(f"second make run: ready after {ready} s")

    try:
        report.run("clone_builds_and_comes_up", first)
        report.run("second_start_comes_up", second)
    finally:
        cloud.destroy()
        shutil.rmtree(folder, ignore_errors=True)
    return report.status()


if __name__ == "__main__":
    sys.exit(main())
