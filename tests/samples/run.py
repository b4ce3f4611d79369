#!/usr/bin/env python3
"""Runs the sample database's scripts and compares their transcripts with *.out (--update writes)."""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "harness"))
from expected import compare  # noqa: E402
from instance import ROOT, Instance, StartFailed  # noqa: E402
from report import Report  # noqa: E402
from tds_client import Client  # noqa: E402
from transcript import transcript  # noqa: E402


def run_script(instance, name):
    with open(os.path.join(ROOT, "samples", name + ".sql"), encoding="utf-8") as file:
        script = file.read()

    def connect():
        return Client(instance.host, instance.port, "sa", instance.password)

    text, client = transcript(script, connect, connect())
    client.close()
    return text


def main():
    report = Report()
    try:
        with Instance() as instance:
            for label, name in (("shop", "shop"), ("tour", "tour"), ("shop_again", "shop")):
                compare(label, run_script(instance, name), os.path.join(HERE, name + ".out"),
                        report, "--update" in sys.argv)
    except (StartFailed, OSError) as error:
        print(error)
        report.not_ok("start", error)
    return report.status()


if __name__ == "__main__":
    sys.exit(main())
