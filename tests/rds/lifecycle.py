"""An instance from its POST on: what is asked for is what it then has."""
import glob
import os
import signal
import subprocess
import time

from cloud import PASSWORD
from report import Skip, expect, expect_equal
from tds_client import Client, LoginFailed

OTHER_PASSWORD = "Another-1433+"


class World:
    """The suite's casementd, and the instance that most tests share, made when it is first asked
    for."""

    def __init__(self, cloud):
        self.cloud, self._shop, self.password = cloud, None, PASSWORD
        self.base = f"/v3/{cloud.project}"

    @property
    def shop(self):
        """The instance as it is now."""
        if self._shop is None:
            self._shop = self.cloud.create_instance("shop", tags=[{"key": "team", "value": "a"}])
        return self.cloud.show_instance(self._shop["id"])

    def path(self, rest=""):
        return f"{self.base}/instances/{self.shop['id']}{rest}"

    def sql(self, text, password=None, instance=None):
        """Rows of a batch, as rdsuser."""
        found = instance or self.shop
        with_login = Client(found["private_ips"][0], found["port"], "rdsuser",
                            password or self.password)
        try:
            found_sets = with_login.batch(text).check().sets
            return found_sets[-1].rows if found_sets else []
        finally:
            with_login.close()

    def change(self, method, rest, body=None, key="job_id", status=202):
        """A change, waited for; the job."""
        answer = self.cloud.request(method, self.path(rest), body).expect(status)
        return self.cloud.wait_job(answer.json[key])


def instance_is_ready_in_two_seconds(world):
    """The fastest of three counts: the machine may be busy with something else."""
    seconds = []
    while len(seconds) < 3 and min(seconds, default=2) >= 2:
        made = world.cloud.create_instance("quick", wait=False)
        job = world.cloud.wait_job(made["job_id"])
        seconds.append(job["entities"]["ready_seconds"])
        expect_equal(job["process"], "100%", "process")
        expect_equal(job["name"], "CreateSqlserverInstance", "name of the job")
        found = world.cloud.show_instance(made["instance"]["id"])
        expect_equal(job["entities"]["instance"]["endpoint"],
                     f"{found['private_ips'][0]}:{found['port']}", "endpoint")
        world.cloud.wait_job(world.cloud.request(
            "DELETE", f"{world.base}/instances/{found['id']}").expect(202).json["job_id"])
    if min(seconds) >= 2 and os.getloadavg()[0] > 2 * os.cpu_count():
        raise Skip(f"ready after {min(seconds)} s on a machine with a load of {os.getloadavg()[0]}")
    expect(min(seconds) < 2, f"ready after {seconds} s")


def fields_are_those_of_the_request(world):
    shop = world.shop
    expect_equal(shop["type"], "Single", "type")
    expect_equal(shop["db_user_name"], "rdsuser", "db_user_name")
    expect_equal(shop["datastore"]["version"], "2022_SE", "version")
    expect_equal(shop["volume"], {"type": "CLOUDSSD", "size": 40}, "volume")
    expect_equal(shop["tags"], [{"key": "team", "value": "a"}], "tags")
    expect_equal(shop["port"], 1433, "port")
    expect_equal(shop["nodes"][0]["role"], "master", "role")
    expect(shop["id"].endswith("in04") and len(shop["id"]) == 36, shop["id"])
    expect(shop["created"].endswith("+0000"), shop["created"])


def rdsuser_may_much_but_not_all(world):
    expect_equal(world.sql("SELECT IS_SRVROLEMEMBER('dbcreator'), IS_SRVROLEMEMBER('securityadmin'),"
                           " IS_SRVROLEMEMBER('processadmin'), IS_SRVROLEMEMBER('sysadmin')"),
                 [[1, 1, 1, 0]], "roles")
    world.sql("CREATE DATABASE orders")
    world.sql("CREATE TABLE orders.dbo.t (n int); INSERT orders.dbo.t VALUES (1), (2)")
    expect_equal(world.sql("SELECT count(*) FROM orders.dbo.t"), [[2]], "rows")


def sa_cannot_log_in(world):
    shop = world.shop
    try:
        Client(shop["private_ips"][0], shop["port"], "sa", PASSWORD)
    except LoginFailed:
        return
    raise AssertionError("sa logged in")


def certificates_are_of_the_cloud(world):
    shop = world.shop
    folder = os.path.join(world.cloud.data, "instances", shop["id"])
    names = subprocess.run(["openssl", "x509", "-in", os.path.join(folder, "server.crt"), "-noout",
                            "-ext", "subjectAltName"], capture_output=True, text=True, check=True)
    expect(shop["private_ips"][0] in names.stdout, names.stdout)
    subprocess.run(["openssl", "verify", "-CAfile", os.path.join(world.cloud.data, "tls", "ca.crt"),
                    os.path.join(folder, "server.crt")], capture_output=True, check=True)
    found = settings_of(world, shop)
    expect_equal(found["certificate"], os.path.join(folder, "server.crt"), "certificate in use")


def settings_of(world, instance):
    path = os.path.join(world.cloud.data, "instances", instance["id"], "casement.conf")
    with open(path, encoding="utf-8") as file:
        return dict(line.strip().split(" = ", 1) for line in file
                    if " = " in line and not line.startswith("set"))


def resizing_gives_memory_and_connections(world):
    before = world.shop
    expect_equal(settings_of(world, before)["max-connections"], "100", "connections before")
    job = world.change("POST", "/action",
                       {"resize_flavor": {"spec_code": "rds.mssql.spec.se.s6.medium.2"}})
    expect("limits" in job["entities"], "the job does not say how limits were applied")
    after = world.shop
    expect_equal((after["flavor_ref"], after["cpu"], after["mem"], after["status"]),
                 ("rds.mssql.spec.se.s6.medium.2", "1", "2", "ACTIVE"), "flavor")
    found = settings_of(world, after)
    expect_equal((found["max-connections"], found["memory"]), ("200", "2048"), "settings")
    configuration = glob.glob(os.path.join(world.cloud.data, "instances", after["id"], "**",
                                           "*casement*.conf"), recursive=True)
    text = "".join(open(name, encoding="utf-8").read() for name in configuration)
    expect("shared_buffers = 512MB" in text or "sized for 2048" in text,
           "PostgreSQL is not sized for 2 GB")
    expect_equal(world.sql("SELECT count(*) FROM orders.dbo.t"), [[2]], "rows after the resize")


def busy_instances_answer_409(world):
    answer = world.cloud.post(world.path("/action"), {"restart": {}}).expect(202)
    second = world.cloud.post(world.path("/action"), {"restart": {}})
    expect_equal((second.status, second.code), (409, "DBS.200019"), "the second restart")
    deletion = world.cloud.request("DELETE", world.path())
    expect_equal((deletion.status, deletion.code), (409, "DBS.200019"), "the deletion")
    expect_equal(world.shop["status"], "REBOOTING", "status")
    world.cloud.wait_job(answer.json["job_id"])
    expect_equal(world.shop["status"], "ACTIVE", "status")


def volumes_grow(world):
    job = world.change("POST", "/action", {"enlarge_volume": {"size": 50}})
    expect_equal(job["entities"]["volume"], {"original_size": 40, "target_size": 50}, "volume")
    expect_equal(world.shop["volume"]["size"], 50, "size")


def ports_change(world):
    world.change("PUT", "/port", {"port": 2144}, key="workflowId", status=200)
    expect_equal(world.shop["port"], 2144, "port")
    expect_equal(world.sql("SELECT 1"), [[1]], "answer at the new port")


def addresses_change(world):
    address = world.shop["private_ips"][0].rsplit(".", 1)[0] + ".77"
    world.change("PUT", "/ip", {"new_ip": address}, key="workflowId", status=200)
    expect_equal(world.shop["private_ips"], [address], "address")
    expect_equal(world.sql("SELECT 1"), [[1]], "answer at the new address")


def passwords_are_reset(world):
    world.cloud.post(world.path("/password"), {"db_user_pwd": OTHER_PASSWORD}).expect(200)
    world.password = OTHER_PASSWORD
    expect_equal(world.sql("SELECT 1"), [[1]], "answer with the new password")
    try:
        world.sql("SELECT 1", password=PASSWORD)
    except LoginFailed:
        return
    raise AssertionError("the old password still works")


def instances_stop_and_start(world):
    world.change("POST", "/action/shutdown")
    expect_equal(world.shop["status"], "SHUTDOWN", "status")
    restart = world.cloud.post(world.path("/action"), {"restart": {}})
    expect_equal((restart.status, restart.code), (409, "DBS.200011"), "restart of a stopped one")
    world.change("POST", "/action/startup")
    expect_equal(world.shop["status"], "ACTIVE", "status")
    expect_equal(world.sql("SELECT count(*) FROM orders.dbo.t"), [[2]], "rows")


def names_windows_and_policies_are_kept(world):
    world.cloud.request("PUT", world.path("/name"), {"name": "shop-2"}).expect(200)
    world.cloud.request("PUT", world.path("/alias"), {"alias": "the shop"}).expect(200)
    world.cloud.request("PUT", world.path("/ops-window"),
                        {"start_time": "22:00", "end_time": "02:00"}).expect(200)
    world.cloud.request("PUT", world.path("/security-group"),
                        {"security_group_id": "abcdef01"}).expect(200)
    shop = world.shop
    expect_equal((shop["name"], shop["alias"], shop["maintenance_window"],
                  shop["security_group_id"]),
                 ("shop-2", "the shop", "22:00-02:00", "abcdef01"), "fields")
    policy = {"switch_option": True, "limit_size": 100, "trigger_threshold": 15,
              "step_percent": 25}
    world.cloud.request("PUT", world.path("/disk-auto-expansion"), policy).expect(200)
    expect_equal(world.cloud.get(world.path("/disk-auto-expansion")).expect(200).json, policy,
                 "policy")
    world.cloud.request("PUT", world.path("/db-auto-upgrade"), {"switch_option": True}).expect(200)
    expect_equal(world.cloud.get(world.path("/db-auto-upgrade")).json, {"switch_option": True},
                 "auto upgrade")
    world.cloud.request("PUT", world.path("/name"), {"name": "shop"}).expect(200)


def reads_of_terraform_are_answered(world):
    for rest in ("/disk-auto-expansion", "/msdtc/hosts", "/tde-status", "/db-auto-upgrade",
                 "/storage-used-space", "/replication/status", "/auto-scaling/policy",
                 "/restart-policy", "/volumes", "/available-flavors", "/flavors-resize", "/tags"):
        world.cloud.get(world.path(rest)).expect(200)


def an_instance_that_dies_is_started_again(world):
    shop = world.shop
    folder = os.path.join(world.cloud.data, "instances", shop["id"])
    for pid in world.cloud.processes():
        try:
            with open(f"/proc/{pid}/cmdline", encoding="utf-8", errors="replace") as file:
                words = file.read()
            inside = os.readlink(f"/proc/{pid}/cwd").startswith(folder)
        except OSError:
            continue
        if inside or folder in words:
            os.kill(pid, signal.SIGKILL)
    until = time.monotonic() + 40
    while time.monotonic() < until:
        try:
            expect_equal(world.sql("SELECT count(*) FROM orders.dbo.t"), [[2]], "rows")
            return
        except (OSError, LoginFailed):
            time.sleep(0.2)
    raise AssertionError("it was not started again in 40 s")


TESTS = [instance_is_ready_in_two_seconds, fields_are_those_of_the_request,
         rdsuser_may_much_but_not_all, sa_cannot_log_in, certificates_are_of_the_cloud, resizing_gives_memory_and_connections,
         busy_instances_answer_409, volumes_grow, ports_change, addresses_change,
         passwords_are_reset, instances_stop_and_start, names_windows_and_policies_are_kept,
         reads_of_terraform_are_answered, an_instance_that_dies_is_started_again]


def deleted_instances_are_rebuilt(world):
    shop, cloud = world.shop, world.cloud
    cloud.request("PUT", f"{world.base}/instances/recycle-policy",
                  {"recycle_policy": {"retention_period_in_days": 3}}).expect(200)
    expect_equal(cloud.get(f"{world.base}/instances/recycle-policy").json,
                 {"retention_period_in_days": 3}, "policy")
    job = cloud.request("DELETE", world.path()).expect(202).json["job_id"]
    seen = cloud.show_instance(shop["id"])
    expect(seen is None or seen["status"] == "ACTIVE", f"status while deleting: {seen}")
    cloud.wait_job(job)
    expect_equal(cloud.show_instance(shop["id"]), None, "the instance in the list")
    bin_ = cloud.get(f"{world.base}/recycle-instances").expect(200).json
    kept = [one for one in bin_["instances"] if one["id"] == shop["id"]]
    expect_equal(len(kept), 1, "places in the bin")
    point = {"instance_id": shop["id"], "type": "backup", "backup_id": kept[0]["recycle_backup_id"]}
    again = cloud.create_instance("shop-again", restore_point=point, port=1433)
    expect(again["id"] != shop["id"], "the rebuilt instance has the old id")
    expect_equal(world.sql("SELECT count(*) FROM orders.dbo.t", PASSWORD, again), [[2]], "rows")


class Ending:
    """What ends the shared instance."""

    TESTS = [deleted_instances_are_rebuilt]
