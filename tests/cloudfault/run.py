#!/usr/bin/env python3
"""kill -9 of casementd before and after every named step of every kind of job, and in the clean-up
after a failure; then a start, a right state, and nothing left over."""
import http.client
import os
import ssl
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "harness"))
import orphans  # noqa: E402
import patience  # noqa: E402
from cloud import Cloud  # noqa: E402
from report import Report, expect, expect_equal  # noqa: E402
from scenarios import ELSEWHERE, SCENARIOS  # noqa: E402

PARTS = 3  # a kill point mostly waits, so that several clouds share two cores well


def kinds_and_steps(program):
    """Kind to its steps in order, "failed" last where it cleans up."""
    found = {}
    listing = subprocess.run([program, "--list-steps"], capture_output=True, text=True, check=True)
    for line in listing.stdout.splitlines():
        kind, step = line.split()
        if kind not in ELSEWHERE:
            found.setdefault(kind, []).append(step)
    return found


def restart(cloud, environment=None):
    if cloud.process:
        cloud.stop()
    cloud.start(environment)


def wait_end(cloud, job):
    """The job's final state, from the store: the API shows an instance's jobs only."""
    watch = patience.Watch(cloud, "the job still runs")
    while True:
        (status, reason), = cloud.sql("SELECT status, coalesce(fail_reason, '') FROM job "
                                      f"WHERE id = '{job}'")
        if status != "Running":
            return status, reason
        watch.look()
        time.sleep(0.05)


def wait_death(cloud):
    """How casementd ended at its kill point, while the jobs go on towards it."""
    watch = patience.Watch(cloud, "casementd does not reach the point where it is to die")
    while cloud.process.poll() is None:
        watch.look()
        time.sleep(0.05)
    return cloud.wait_end()


def check_nothing_left(cloud):
    until, left = time.monotonic() + 10, []
    while time.monotonic() < until:
        left = orphans.find(cloud)
        if not left:
            return
        time.sleep(0.3)
    raise AssertionError("; ".join(left))


def start_job(cloud, scenario, kind):
    """The job's id. Where casementd died before its answer was on the way, the store knows it."""
    try:
        return scenario.start(cloud)
    except (ConnectionError, ssl.SSLError, http.client.HTTPException):
        (job, resource), = cloud.sql("SELECT id, resource_id FROM job WHERE status = 'Running' AND "
                                     f"kind = '{kind}' ORDER BY created DESC LIMIT 1")
        scenario.instance = resource
        return job


def one_point(cloud, scenario, kind, step, side, fail_at=None):
    """Dies once at the point; fail_at makes that step fail, so that the clean-up is reached."""
    once = os.path.join(cloud.data, "killed-once")
    if os.path.exists(once):
        os.unlink(once)
    environment = {"CASEMENT_KILL_AT": f"{kind}:{step}:{side}", "CASEMENT_KILL_ONCE": once}
    if fail_at:
        environment["CASEMENT_FAIL_AT"] = f"{kind}:{fail_at}"
    os.chmod(cloud.data, 0o777)  # the daemon writes the file as its own user
    restart(cloud, environment)
    job = start_job(cloud, scenario, kind)
    expect_equal(wait_death(cloud), -9, "how casementd ended")
    cloud.start()
    status, reason = wait_end(cloud, job)
    expect_equal(status, "Failed" if fail_at else "Completed", f"the job ({reason})")
    scenario.after(cloud, not fail_at)
    check_nothing_left(cloud)


def run_kind(cloud, report, kind, steps, wanted_step):
    if kind not in SCENARIOS:
        report.not_ok(kind, "no scenario in scenarios.py")
        return
    scenario = SCENARIOS[kind]()
    try:
        restart(cloud)
        scenario.prepare(cloud)
    except Exception as error:  # pylint: disable=broad-except
        report.not_ok(f"{kind}", f"cannot be prepared: {error}")
        return
    acting = [step for step in steps if step != "failed"]
    failed_before = report.failed
    for step in acting:
        for side in ("before", "after"):
            if report.failed - failed_before >= 2:
                report.not_ok(f"{kind} from {step} on", "not tried after two failures")
                return
            if not wanted_step or wanted_step == step:
                report.run(f"{kind} killed {side} {step}", one_point, cloud, scenario, kind, step,
                           side)
    if "failed" in steps and wanted_step in (None, "failed"):
        # The clean-up after the last step has most to put right.
        for side in ("before", "after"):
            report.run(f"{kind} fails in {acting[-1]}, killed {side} its clean-up", one_point, cloud,
                       scenario, kind, "failed", side, acting[-1])


def run_in_parts(program):
    """The kinds shared out among processes of this program, each with a cloud of its own."""
    kinds = list(kinds_and_steps(program))
    parts = []
    for first in range(PARTS):
        output = tempfile.TemporaryFile(mode="w+")
        parts.append((subprocess.Popen([sys.executable, __file__, *kinds[first::PARTS]],
                                       stdout=output, stderr=subprocess.STDOUT), output))
    failed = 0
    for process, output in parts:
        failed |= process.wait()
        output.seek(0)
        print(output.read(), end="", flush=True)
        output.close()
    return failed


def main():
    if len(sys.argv) == 1:
        return run_in_parts(Cloud().program)
    report = Report()
    patience.check(report)
    wanted = dict(word.partition(":")[::2] for word in sys.argv[1:])
    cloud = Cloud()
    kinds = kinds_and_steps(cloud.program)
    if not kinds:
        report.not_ok("kinds", "casementd --list-steps shows none")
        return report.status()
    try:
        cloud.start()
        for kind, steps in kinds.items():
            if not wanted or kind in wanted:
                run_kind(cloud, report, kind, steps, wanted.get(kind) or None)
    finally:
        if report.failed:
            print(cloud.log()[-3000:])
        cloud.destroy()
    return report.status()


if __name__ == "__main__":
    sys.exit(main())
