#!/usr/bin/env python3
"""Images (IMS, Glance) and volumes (EVS, Cinder) by the API: files sent and fetched, disks that are
refused, tenants, kill -9. The files of this host are compared with the rows at the end of each part."""
import os
import shutil
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TESTS = os.path.dirname(HERE)
sys.path[:0] = [HERE, os.path.join(TESTS, "harness"), os.path.join(TESTS, "iam")]

from cloud import Cloud  # noqa: E402
from report import Report  # noqa: E402
from tenants import Tenant  # noqa: E402
import killed  # noqa: E402
import malicious  # noqa: E402
import pictures  # noqa: E402
import uploads  # noqa: E402
import volumes  # noqa: E402
from stage import Stage  # noqa: E402


def main():
    report = Report()
    if not shutil.which("qemu-img"):
        report.skip("images", "qemu-img is not installed (package qemu-utils)")
        return report.status()
    with Cloud("--image-max-gb", "1", "--image-max-disk-gb", "20") as cloud:
        stage = Stage(cloud, Tenant(cloud, "alpha"), Tenant(cloud, "beta"))
        for module in (uploads, malicious, pictures, volumes, killed):
            for test in module.TESTS:
                report.run(test.__name__, test, stage)
    return report.status()


if __name__ == "__main__":
    sys.exit(main())
