#!/usr/bin/env python3
"""Servers by ECS's and Nova's API, and real guests."""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TESTS = os.path.dirname(HERE)
sys.path[:0] = [HERE, os.path.join(TESTS, "harness"), os.path.join(TESTS, "iam")]

from cloud import Cloud  # noqa: E402
from report import Report  # noqa: E402
from stage import Stage  # noqa: E402
from tenants import Tenant  # noqa: E402
import guests  # noqa: E402
import interface  # noqa: E402
import killed  # noqa: E402
import networked  # noqa: E402


def missing():
    """Why guests cannot be tried; None where they can."""
    if os.geteuid() != 0:
        return "guests need a host agent with root"
    for program in ("/usr/sbin/libvirtd", "/usr/bin/qemu-system-x86_64", "/usr/bin/qemu-img",
                    "/usr/bin/xorriso"):
        if not os.access(program, os.X_OK):
            return f"{program} is not there"
    return None


def refused(stage):
    """What the service says where the host lacks something for servers."""
    made = stage.create()
    if made.status == 503:
        return made.json["error"]["message"]
    job = stage.job(made.expect(200).json["job_id"], status=None)
    stage.remove(*made.json["serverIds"])
    return job["fail_reason"] if job["status"] == "FAIL" and "network" in job["fail_reason"] else None


def main():
    report = Report()
    with Cloud() as cloud:
        stage, other = Stage(Tenant(cloud, "alpha")), Stage(Tenant(cloud, "beta"))
        reason = missing()
        if not reason:
            report.run("image_is_imported", stage.import_image)
        for test in interface.TESTS:
            report.run(test.__name__, test, stage, other)
        reason = reason or refused(stage)
        if reason:
            report.skip("guests", reason)
            return report.status()
        state = {"acceleration": "emulation"}
        for test in guests.TESTS:
            report.run(test.__name__, test, stage, state)
        networked.run(report, stage, other, "--all" in sys.argv)
        killed.run(report, stage, "--all" in sys.argv)
    return report.status()


if __name__ == "__main__":
    sys.exit(main())
