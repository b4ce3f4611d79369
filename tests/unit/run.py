#!/usr/bin/env python3
"""Runs the unit tests: every program that Meson built in build/tests/unit.

A program prints `ok NAME` and `not ok NAME: reason` lines. One that prints none counts as a single
test that its exit status decides."""
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def programs():
    for folder, _, names in os.walk(os.path.join(ROOT, "build", "tests", "unit")):
        for name in sorted(names):
            path = os.path.join(folder, name)
            if os.access(path, os.X_OK) and not name.endswith((".so", ".py", ".sh")) \
                    and not folder.endswith(".p"):
                yield name, path


def main():
    failed = False
    for name, path in programs():
        run = subprocess.run([path], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                             text=True, errors="replace", timeout=600, check=False)
        results = [line for line in run.stdout.splitlines()
                   if line.startswith(("ok ", "not ok ", "skip "))]
        bad = any(line.startswith("not ok ") for line in results)
        sys.stdout.write(run.stdout)
        if run.returncode != 0 and not bad:
            print(f"not ok {name}: ended with status {run.returncode}")
            bad = True
        elif not results:
            print(f"ok {name}")
        failed = failed or bad
        sys.stdout.flush()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
