"""The daemon killed (SIGKILL) at steps of create and delete, and a step that fails: afterwards the
server is what it should be, and nothing of it is left when it is deleted."""
import os
import time

from guests import guests, nothing_left
from interface import same

CREATE, DELETE = "createSingleServer", "deleteSingleServer"
# One start of the daemon for each; all of them: run.py --all.
PAIRS = [("make-volumes:after", "remove-guest:after"), ("start-guest:after", "release-volumes:before")]
ALL = [*PAIRS, ("plug-ports:before", "remove-guest:before"), ("plug-ports:after", "release-ports:after"),
       ("write-drive:after", "release-volumes:after"), ("bind-address:after", "forget:before"),
       ("finish:before", "forget:after"), ("finish:after", "release-ports:before")]


def start(cloud, point):
    """Starts it to be killed at the point, once."""
    once = os.path.join(cloud.data, f"killed-{time.monotonic_ns()}")
    cloud.start(environment={"CASEMENT_KILL_AT": point, "CASEMENT_KILL_ONCE": once})


def killed_in_create_and_in_delete(stage, create, delete):
    cloud = stage.tenant.cloud
    cloud.stop()
    start(cloud, f"{CREATE}:{create}")
    made = stage.create().expect(200).json
    server = made["serverIds"][0]
    cloud.wait_end()
    start(cloud, f"{DELETE}:{delete}")
    stage.job(made["job_id"])
    same(stage.show(server)["status"], "ACTIVE")
    same(len(guests(cloud, server)), 1)
    gone = stage.post(f"{stage.servers}/delete", {"servers": [{"id": server}]}).expect(200).json
    cloud.wait_end()
    cloud.start()
    stage.job(gone["job_id"])
    nothing_left(stage, server)


def failed_create_says_why_and_leaves_nothing(stage):
    cloud = stage.tenant.cloud
    cloud.stop()
    cloud.start(environment={"CASEMENT_FAIL_AT": f"{CREATE}:start-guest"})
    made = stage.create().expect(200).json
    job = stage.job(made["job_id"], status="FAIL")
    server = stage.show(made["serverIds"][0])
    same((server["status"], bool(server["fault"]["message"])), ("ERROR", True))
    same(job["fail_reason"], server["fault"]["message"])
    nothing_left(stage, server["id"])
    stage.remove(server["id"])


def guest_outlives_the_daemon(stage):
    """Killed beside a running guest; and a host that starts again, with no QEMU and no libvirtd."""
    cloud = stage.tenant.cloud
    made = stage.create().expect(200).json
    stage.job(made["job_id"])
    server = made["serverIds"][0]
    before = guests(cloud, server)
    cloud.kill()
    same(guests(cloud, server), before)
    cloud.start()
    same(stage.show(server)["status"], "ACTIVE")
    cloud.kill()
    for pid in [*before, *daemons(cloud)]:
        os.kill(pid, 9)
    cloud.start()
    settle(stage, server)
    stage.remove(server)
    nothing_left(stage, server)


def daemons(cloud):
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/cmdline", "rb") as file:
                    words = file.read()
            except OSError:
                continue
            if b"libvirtd" in words and cloud.data.encode() in words:
                found.append(int(name))
    return found


def settle(stage, server):
    until = time.monotonic() + 60
    while True:
        shown = stage.show(server)
        if guests(stage.tenant.cloud, server) and shown["status"] == "ACTIVE" and \
                shown["OS-EXT-STS:task_state"] is None:
            return
        if time.monotonic() > until:
            raise AssertionError(f"it is {shown['status']}")
        time.sleep(0.3)


def run(report, stage, everything):
    for create, delete in ALL if everything else PAIRS:
        report.run(f"killed_{create}_{delete}".replace("-", "_").replace(":", "_"),
                   killed_in_create_and_in_delete, stage, create, delete)
    report.run("failed_create_says_why_and_leaves_nothing",
               failed_create_says_why_and_leaves_nothing, stage)
    stage.tenant.cloud.stop()
    stage.tenant.cloud.start()
    report.run("guest_outlives_the_daemon", guest_outlives_the_daemon, stage)
