"""How long a test waits for jobs: as long as they come on, longer where the host is loaded, and never
for ever. A job that stands still is found."""
import os
import time

STILL = 60  # seconds in which no job of the cloud need change, on a quiet host
MOST = 900  # seconds for one job altogether: one that asks again and again is no progress


def slowness():
    """How much slower than a quiet host this one is now, at most eightfold."""
    return min(8.0, max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1)))


def standing(cloud):
    """What changes when a job comes on: which ones run, and how far they are."""
    return cloud.sql("SELECT id, status, step_name, percent, attempts, data FROM job ORDER BY id")


class Watch:
    """`look` raises once nothing has changed for too long."""

    def __init__(self, cloud, what, still=STILL, most=MOST):
        self.cloud, self.what, self.still = cloud, what, still
        self.begun = self.moved = time.monotonic()
        self.most, self.last = most, None

    def look(self):
        now, state = time.monotonic(), standing(self.cloud)
        if state != self.last:
            self.last, self.moved = state, now
        if now - self.moved > self.still * slowness() or now - self.begun > self.most:
            raise AssertionError(f"{self.what} after {now - self.begun:.0f} s, of which nothing "
                                 f"changed for {now - self.moved:.0f} s")


class Staged:
    """In the place of a cloud: jobs that stand still, or come on."""

    def __init__(self, moving):
        self.moving, self.asked = moving, 0

    def sql(self, _):
        self.asked += 1
        return [["job", "Running", "copy", str(self.asked if self.moving else 1), "1", "{}"]]


def outlasts(moving, seconds, **limits):
    watch, until = Watch(Staged(moving), "it still runs", **limits), time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            watch.look()
        except AssertionError:
            return False
        time.sleep(0.02)
    return True


def a_job_that_stands_still_is_found():
    limit = 0.1
    assert not outlasts(False, limit * 20, still=limit), "one that stands still is waited for"
    assert outlasts(True, limit * 10, still=limit), "one that comes on is not waited for"
    assert not outlasts(True, limit * 20, still=limit, most=limit * 5), "one is waited for for ever"


def check(report):
    report.run("a_job_that_stands_still_is_found", a_job_that_stands_still_is_found)
