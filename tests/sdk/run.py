#!/usr/bin/env python3
"""Clients that others wrote, as they are: only their documented settings of endpoint and trust are
used. Each part runs in a virtual environment that has the packages it asks for.

    tests/sdk/run.py [PART...]     iam, rds, openstack, servers, go
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import venv

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "harness"))

from cloud import Cloud  # noqa: E402
from instance import BUILD  # noqa: E402

# Part: (packages, modules that tell whether they are there).
PARTS = {
    "iam": (["huaweicloudsdkiam"], ["huaweicloudsdkiam"]),
    "rds": (["huaweicloudsdkrds", "huaweicloudsdkces", "pymssql"],
            ["huaweicloudsdkrds", "huaweicloudsdkces", "pymssql"]),
    "openstack": (["python-openstackclient", "otcextensions"], ["openstackclient", "otcextensions"]),
    "images": (["python-openstackclient", "huaweicloudsdkims", "huaweicloudsdkevs"],
               ["openstackclient", "huaweicloudsdkims", "huaweicloudsdkevs"]),
    "servers": (["python-openstackclient", "huaweicloudsdkecs", "huaweicloudsdkvpc"],
                ["openstackclient", "huaweicloudsdkecs", "huaweicloudsdkvpc"]),
}
CACHE = os.path.join(os.path.abspath(BUILD), "clients", "sdk")


def python_with(packages, modules):
    """The interpreter of the shared environment; raises RuntimeError where PyPI cannot be reached."""
    python = os.path.join(CACHE, "bin", "python3")
    if not os.path.exists(python):
        venv.EnvBuilder(with_pip=True, clear=True).create(CACHE)
    probe = [python, "-c", "import " + ", ".join(modules)]
    if subprocess.run(probe, capture_output=True, check=False).returncode != 0:
        done = subprocess.run([python, "-m", "pip", "install", "-q", "--retries", "1", *packages],
                              capture_output=True, text=True, check=False, timeout=600)
        if done.returncode != 0:
            raise RuntimeError((done.stderr.strip() or "pip failed").splitlines()[-1])
    return python


def run_part(name, cloud):
    """Runs a part and passes its lines on; returns whether all is well."""
    try:
        python = python_with(*PARTS[name])
    except (RuntimeError, OSError, subprocess.SubprocessError) as problem:
        print(f"skip {name}: its packages cannot be had: {problem}", flush=True)
        return True
    with tempfile.NamedTemporaryFile("w", suffix=".json") as settings:
        json.dump({**cloud.admin, "endpoint": cloud.endpoint}, settings)
        settings.flush()
        done = subprocess.run([python, os.path.join(HERE, f"{name}_part.py"), settings.name],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              check=False, timeout=600)
    lines = done.stdout.splitlines()
    for line in lines:
        print(line, flush=True)
    if not any(line.startswith(("ok ", "not ok ", "skip ")) for line in lines):
        print(f"not ok {name}: the part ended with status {done.returncode} and tested nothing")
        return False
    return done.returncode == 0


def run_go(cloud):
    """huaweicloud-sdk-go-v3: built once, its modules by exact versions from the module proxy."""
    if not shutil.which("go"):
        print("skip go: there is no Go toolchain", flush=True)
        return True
    folder = os.path.join(os.path.dirname(CACHE), "sdk-go")
    os.makedirs(folder, exist_ok=True)
    for name in ("go.mod", "main.go"):
        shutil.copy(os.path.join(HERE, "go", name), folder)
    program = os.path.join(folder, "scenario")
    # The proxy of a closed network may have no checksum database behind it.
    built = subprocess.run(["go", "build", "-o", program, "."], cwd=folder, capture_output=True, text=True, check=False,
                           timeout=900, env={**os.environ, "GOFLAGS": "-mod=mod", "GOSUMDB": "off"})
    if built.returncode != 0 and "main.go" not in built.stderr:
        print(f"skip go: the SDK cannot be had: {(built.stderr.strip() or 'go failed').splitlines()[-1]}", flush=True)
        return True
    if built.returncode != 0:
        print("not ok go: " + " ".join(built.stderr.split())[:300], flush=True)
        return False
    with tempfile.NamedTemporaryFile("w", suffix=".json") as settings:
        json.dump({**cloud.admin, "endpoint": cloud.endpoint}, settings)
        settings.flush()
        done = subprocess.run([program, settings.name], check=False, timeout=600,
                              env={**os.environ, "SSL_CERT_FILE": cloud.admin["ca_file"]})
    return done.returncode == 0


def main():
    names = sys.argv[1:] or [*PARTS, "go"]
    with Cloud() as cloud:
        good = [run_go(cloud) if name == "go" else run_part(name, cloud) for name in names]
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
