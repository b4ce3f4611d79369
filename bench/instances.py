#!/usr/bin/env python3
"""Measures database instances on one host: how soon each is ready, what an idle one takes, and whether
the host stays responsive with many.

    bench/instances.py          50 instances; the table goes to bench/results_instances.md
    bench/instances.py N        so many, and nothing is written

Ready: from the POST to the state ACTIVE as a client sees it, polled each 20 ms; instances are made
one after the other. Memory: proportional set size of all the instance's processes (shared pages are
split among those who share them), a minute after the last was made.
"""
import os
import statistics
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "tests", "harness"))
from cloud import PASSWORD, Cloud  # noqa: E402
from tds_client import Client  # noqa: E402


def proportional_memory(folder):
    """Bytes of the processes that work in the folder or are told of it."""
    total = count = 0
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                told = folder.encode() in file.read()
            if not told and not os.readlink(f"/proc/{pid}/cwd").startswith(folder):
                continue
            with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
                total += sum(int(line.split()[1]) * 1024 for line in file if line.startswith("Pss:"))
            count += 1
        except OSError:
            continue
    return total, count


def resident(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return next(int(line.split()[1]) * 1024 for line in file if line.startswith("VmRSS:"))


def make(cloud, name):
    """Seconds until it is ACTIVE; the instance."""
    body = cloud.instance_body(name)
    began = time.monotonic()
    made = cloud.post(f"/v3/{cloud.project}/instances", body).expect(202).json
    while True:
        found = cloud.show_instance(made["instance"]["id"])
        if found and found["status"] == "ACTIVE":
            return time.monotonic() - began, found
        if time.monotonic() - began > 120:
            raise SystemExit(f"{name} is not ready after two minutes: {found and found['status']}")
        time.sleep(0.02)


def answer_times(cloud, instances):
    """Milliseconds of a login with a statement on each, and of a list by the API."""
    logins, lists = [], []
    for one in instances:
        began = time.monotonic()
        client = Client(one["private_ips"][0], int(one["port"]), "rdsuser", PASSWORD, encrypt="full")
        client.batch("SELECT 1").check()
        client.close()
        logins.append((time.monotonic() - began) * 1000)
        began = time.monotonic()
        cloud.get(f"/v3/{cloud.project}/instances", {"limit": 10}).expect(200)
        lists.append((time.monotonic() - began) * 1000)
    return logins, lists


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    lines = []
    with Cloud() as cloud:
        admin_pid = cloud.process.pid
        empty = resident(admin_pid)
        times, instances = [], []
        for number in range(count):
            seconds, found = make(cloud, f"host-{number:03d}")
            times.append(seconds)
            instances.append(found)
            print(f"\r{number + 1} of {count}: {seconds:.2f} s", end="", flush=True)
        print()
        time.sleep(60)
        memories = [proportional_memory(os.path.join(cloud.data, "instances", one["id"])) for one in instances]
        logins, lists = answer_times(cloud, instances)
        lines += [f"{count} instances of the smallest flavor on {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}.", "",
                  "| what | median | worst |", "| --- | ---: | ---: |",
                  f"| from POST to ACTIVE, the first ten (s) | {statistics.median(times[:10]):.2f} | {max(times[:10]):.2f} |",
                  f"| from POST to ACTIVE, the last ten (s) | {statistics.median(times[-10:]):.2f} | {max(times[-10:]):.2f} |",
                  f"| idle instance, memory (MiB) | {statistics.median(m for m, _ in memories) / 2**20:.0f} | {max(m for m, _ in memories) / 2**20:.0f} |",
                  f"| login and a statement with all of them running (ms) | {statistics.median(logins):.0f} | {max(logins):.0f} |",
                  f"| a list of 10 by the API meanwhile (ms) | {statistics.median(lists):.1f} | {max(lists):.1f} |", "",
                  f"casementd: {empty / 2**20:.0f} MiB without instances, {resident(admin_pid) / 2**20:.0f} MiB with all."]
    print("\n".join(lines))
    if len(sys.argv) < 2:
        with open(os.path.join(ROOT, "bench", "results_instances.md"), "w", encoding="utf-8") as file:
            file.write("# Instances on one host\n\nWritten by `bench/instances.py`; what is measured is said there. ")
            file.write("\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
