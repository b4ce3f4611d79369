#!/usr/bin/env python3
"""Follows the guides of docs/ in a copy of the tree, builds it and runs the cases they bring."""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "harness"))
from guide import apply_step, read_guide  # noqa: E402
from instance import BUILD, ROOT  # noqa: E402
from report import Report, expect  # noqa: E402

GUIDES = ["adding-a-function", "adding-an-error", "adding-a-system-view", "adding-a-type"]


def output_of(command, folder):
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout


def copy_tree(tree):
    """The repository's files as they are now, committed or not."""
    listed = output_of(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], ROOT)
    for path in filter(None, listed.split("\0")):
        source, target = os.path.join(ROOT, path), os.path.join(tree, path)
        if os.path.isfile(source):
            os.makedirs(os.path.dirname(target), exist_ok=True)
            shutil.copy(source, target)


def follow(tree, name):
    """Does what the guide says; returns its steps."""
    steps = read_guide(os.path.join(ROOT, "docs", name + ".md"))
    for step in steps:
        apply_step(tree, step)
    expect(any(step.kind == "case" for step in steps), "the guide shows nothing of what it made")
    return steps


def run(command, tree):
    done = subprocess.run(command, cwd=tree, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors="replace", check=False)
    expect(done.returncode == 0, f"{command[0]} failed: {done.stdout[-3000:]}")


def build(tree):
    options = json.loads(output_of(["meson", "introspect", "--buildoptions", BUILD], ROOT))
    pg_config = next(option["value"] for option in options if option["name"] == "pg_config")
    # Nobody waits for an optimiser here, and without debug data ccache knows the files of the
    # former run although this folder is another.
    run(["meson", "setup", "build", "--buildtype=plain", f"-Dpg_config={pg_config}"], tree)
    run(["ninja", "-C", "build", "casement", "engine/casement.so", "engine/casement--0.1.sql"], tree)


def check_format(tree, steps):
    touched = sorted({step.path for step in steps if step.path.endswith((".c", ".h"))})
    run(["clang-format", "--dry-run", "--Werror", *touched], tree)


def run_cases(tree, steps):
    """The SQL suite of the copy prints the results."""
    names = [step.path for step in steps if step.kind == "case"]
    environment = dict(os.environ, CASEMENT_BUILD=os.path.join(tree, "build"))
    done = subprocess.run([os.path.join(tree, "tests/sql/run.py"), *names], env=environment, check=False)
    return done.returncode


def main():
    report = Report()
    tree = tempfile.mkdtemp(prefix="casement-guides-", dir="/tmp")
    os.chmod(tree, 0o755)
    steps = []
    began = time.monotonic()
    try:
        copy_tree(tree)
        for name in GUIDES:
            report.run(f"{name}_can_be_followed", lambda guide: steps.extend(follow(tree, guide)), name)
        report.run("what_the_guides_say_is_formatted", check_format, tree, steps)
        report.run("what_the_guides_say_builds", build, tree)
        print(f"built after {time.monotonic() - began:.0f} s", flush=True)
        if report.status() == 0:
            return run_cases(tree, steps)
    finally:
        if os.environ.get("CASEMENT_KEEP"):
            print(f"kept: {tree}")
        else:
            shutil.rmtree(tree, ignore_errors=True)
    return report.status()


if __name__ == "__main__":
    sys.exit(main())
