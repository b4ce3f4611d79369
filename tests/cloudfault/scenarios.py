"""For each kind of job: what starts it, and what is right afterwards.

A scenario is a class with the kind's name as `kind`:
    prepare(cloud)            makes what the job needs; called once, before the kill points
    start(cloud)              asks for the job by the API; returns its id
    after(cloud, completed)   checks the state; completed is False where a step was made to fail
Jobs of one kind run one after the other on the same instances, so `after` leaves them usable.
"""
import os
import signal
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))),
                                "harness"))
import patience  # noqa: E402
from cloud import PASSWORD  # noqa: E402
from report import expect, expect_equal  # noqa: E402
from tds_client import Client, Closed  # noqa: E402


# Kinds of jobs that a suite of their own kills.
ELSEWHERE = {kind: "tests/ecs" for kind in (
    "createServer", "deleteServer", "startServer", "stopServer", "rebootServer", "createSingleServer",
    "deleteSingleServer", "startSingleServer", "stopSingleServer", "rebootSingleServer", "resizeServer",
    "changeServerOs", "reinstallServerOs", "attachVolume", "detachVolume", "addNics", "deleteNics")}
ELSEWHERE |= {kind: "tests/images" for kind in (
    "createImageByFile", "createImageByInstance", "copyImageInRegion", "shareImage", "createVolume",
    "deleteVolume", "extendVolume", "createSnapshot", "deleteSnapshot", "rollbackSnapshot")}


class Scenario:
    """An instance `self.instance` that the job works on, with a row that must survive."""

    kind = None
    steps_that_fail = True  # whether failing a step leaves the instance as it was

    def prepare(self, cloud):
        self.instance = cloud.create_instance(self.kind.lower()[:40])["id"]
        self.load(cloud)

    def path(self, cloud, rest=""):
        return f"/v3/{cloud.project}/instances/{self.instance}{rest}"

    def client(self, cloud, instance=None):
        shown = cloud.show_instance(instance or self.instance)
        return Client(shown["private_ips"][0], int(shown["port"]), "rdsuser", PASSWORD, timeout=60)

    def load(self, cloud):
        with self.client(cloud) as client:
            client.batch("CREATE DATABASE kept").check()
            client.batch("USE kept; CREATE TABLE numbers (number int);"
                         "INSERT INTO numbers VALUES (1), (2), (3)").check()

    def check_rows(self, cloud, instance=None, expected=6):
        """A failure may leave an instance down for the monitor to start: it gets some seconds."""
        until = time.monotonic() + 40 * patience.slowness()
        while True:
            try:
                client = self.client(cloud, instance)
                break
            except (OSError, Closed):
                if time.monotonic() > until:
                    raise
                time.sleep(0.3)
        with client:
            answer = client.batch("SELECT sum(number) FROM kept.dbo.numbers").check()
            expect_equal(answer.rows, [[expected]], "the sum of the rows written before")

    def after(self, cloud, completed):
        self.check_rows(cloud)

    @staticmethod
    def job_of(answer):
        body = answer.expect(200, 202).json
        found = body.get("job_id") or body.get("workflowId") or body.get("workflow_id")
        return found or body["instance"].get("job_id")


class Create(Scenario):
    kind = "CreateSqlserverInstance"

    def prepare(self, cloud):
        self.count = 0

    def start(self, cloud):
        self.count += 1
        made = cloud.create_instance(f"made-{self.count}", wait=False)
        self.instance = made["instance"]["id"]
        return made["job_id"]

    def after(self, cloud, completed):
        shown = cloud.show_instance(self.instance)
        if completed:
            expect_equal(shown["status"], "ACTIVE", "the state")
            with self.client(cloud) as client:
                expect_equal(client.batch("SELECT 1").check().rows, [[1]], "its answer")
        else:
            expect(shown is None or shown["status"] in ("CREATE FAIL", "FAILED"),
                   f"a creation that failed shows {shown and shown['status']}")
        # For good, so that the host is not filled with instances of the test.
        if shown and completed:
            cloud.wait_job(self.job_of(cloud.request("DELETE", self.path(cloud))))


class Restart(Scenario):
    kind = "RestartInstance"

    def start(self, cloud):
        return self.job_of(cloud.post(self.path(cloud, "/action"), {"restart": {}}))


class Stop(Scenario):
    kind = "StopInstance"

    def start(self, cloud):
        return self.job_of(cloud.post(self.path(cloud, "/action/shutdown"), {}))

    def after(self, cloud, completed):
        if completed:
            expect_equal(cloud.show_instance(self.instance)["status"], "SHUTDOWN", "the state")
            cloud.wait_job(self.job_of(cloud.post(self.path(cloud, "/action/startup"), {})))
        self.check_rows(cloud)


class Start(Scenario):
    kind = "StartInstance"

    def start(self, cloud):
        if cloud.show_instance(self.instance)["status"] == "ACTIVE":
            cloud.wait_job(self.job_of(cloud.post(self.path(cloud, "/action/shutdown"), {})))
        return self.job_of(cloud.post(self.path(cloud, "/action/startup"), {}))

    def after(self, cloud, completed):
        if completed:
            self.check_rows(cloud)


class Resize(Scenario):
    kind = "ResizeFlavor"

    def start(self, cloud):
        flavors = cloud.get(f"/v3/{cloud.project}/flavors/SQLServer",
                            {"version_name": "2022_SE"}).expect(200).json["flavors"]
        single = sorted((one for one in flavors if one["instance_mode"] == "single"),
                        key=lambda one: int(one["ram"]))
        self.before = cloud.show_instance(self.instance)["flavor_ref"]
        self.wanted = next(one["spec_code"] for one in single if one["spec_code"] != self.before)
        return self.job_of(cloud.post(self.path(cloud, "/action"),
                                      {"resize_flavor": {"spec_code": self.wanted}}))

    def after(self, cloud, completed):
        expect_equal(cloud.show_instance(self.instance)["flavor_ref"],
                     self.wanted if completed else self.before, "the flavor")
        self.check_rows(cloud)


class Enlarge(Scenario):
    kind = "EnlargeVolume"

    def start(self, cloud):
        self.before = cloud.show_instance(self.instance)["volume"]["size"]
        return self.job_of(cloud.post(self.path(cloud, "/action"),
                                      {"enlarge_volume": {"size": self.before + 10}}))

    def after(self, cloud, completed):
        expect_equal(cloud.show_instance(self.instance)["volume"]["size"],
                     self.before + 10 if completed else self.before, "the volume's size")
        self.check_rows(cloud)


class Port(Scenario):
    kind = "ModifyPort"

    def start(self, cloud):
        self.before = int(cloud.show_instance(self.instance)["port"])
        self.wanted = 2433 if self.before != 2433 else 2434
        return self.job_of(cloud.request("PUT", self.path(cloud, "/port"), {"port": self.wanted}))

    def after(self, cloud, completed):
        expect_equal(int(cloud.show_instance(self.instance)["port"]),
                     self.wanted if completed else self.before, "the port")
        self.check_rows(cloud)


class Address(Scenario):
    kind = "ModifyIp"

    def start(self, cloud):
        self.before = cloud.show_instance(self.instance)["private_ips"][0]
        network = self.before.rsplit(".", 1)[0]
        self.wanted = network + (".201" if not self.before.endswith(".201") else ".202")
        return self.job_of(cloud.request("PUT", self.path(cloud, "/ip"), {"new_ip": self.wanted}))

    def after(self, cloud, completed):
        expect_equal(cloud.show_instance(self.instance)["private_ips"][0],
                     self.wanted if completed else self.before, "the address")
        self.check_rows(cloud)


class Collation(Scenario):
    kind = "ModifyCollation"

    def start(self, cloud):
        self.before = cloud.show_instance(self.instance)["collation"]
        self.wanted = ("Latin1_General_CI_AS" if self.before != "Latin1_General_CI_AS"
                       else "SQL_Latin1_General_CP1_CI_AS")
        return self.job_of(cloud.request("PUT", self.path(cloud, "/collations"),
                                         {"collation": self.wanted}))

    def after(self, cloud, completed):
        if completed:
            expect_equal(cloud.show_instance(self.instance)["collation"], self.wanted,
                         "the collation")
        self.check_rows(cloud)


class Recover(Scenario):
    """An instance that ended by itself: the monitor's job."""

    kind = "RecoverInstance"

    def start(self, cloud):
        seen = {row[0] for row in cloud.sql("SELECT id FROM job WHERE kind = 'RecoverInstance'")}
        folder = os.path.join(cloud.data, "instances", self.instance)
        for _ in range(100):
            for pid in cloud.processes():
                if cloud.works_in(pid, folder):
                    os.kill(pid, signal.SIGKILL)
            found = cloud.sql("SELECT id FROM job WHERE kind = 'RecoverInstance'")
            new = [row[0] for row in found if row[0] not in seen]
            if new:
                return new[0]
            time.sleep(0.2)
        raise AssertionError("the monitor started no job")

    def after(self, cloud, completed):
        self.check_rows(cloud)


class WithBackups(Scenario):
    """An instance whose first automatic backup is over, so that jobs on backups do not meet it."""

    def prepare(self, cloud):
        super().prepare(cloud)
        self.count = 0
        watch = patience.Watch(cloud, "the first automatic backup does not end")
        while not cloud.sql("SELECT 1 FROM job WHERE kind = 'BackupSqlserverInstance' AND status = "
                            f"'Completed' AND resource_id = '{self.instance}'"):
            watch.look()
            time.sleep(0.2)
        self.wait_idle(cloud)

    def wait_idle(self, cloud):
        watch = patience.Watch(cloud, "jobs on the instance do not end")
        while cloud.sql("SELECT 1 FROM job WHERE status = 'Running' AND resource_id = "
                        f"'{self.instance}'"):
            watch.look()
            time.sleep(0.2)

    def ask_backup(self, cloud):
        """Its id and its job's."""
        self.count += 1
        self.wait_idle(cloud)
        body = {"instance_id": self.instance, "name": f"manual-{self.count}"}
        made = cloud.post(f"/v3/{cloud.project}/backups", body).expect(200).json["backup"]["id"]
        job = cloud.sql("SELECT id FROM job WHERE kind = 'BackupSqlserverInstance' ORDER BY created "
                        "DESC LIMIT 1")[0][0]
        return made, job

    def make_backup(self, cloud):
        made, _ = self.ask_backup(cloud)
        self.wait_idle(cloud)
        expect_equal(self.backup_status(cloud, made), "COMPLETED", "the backup's state")
        return made

    def backup_status(self, cloud, backup):
        found = cloud.get(f"/v3/{cloud.project}/backups",
                          {"backup_id": backup, "instance_id": self.instance})
        rows = found.expect(200).json["backups"]
        return rows[0]["status"] if rows else None


class Backup(WithBackups):
    kind = "BackupSqlserverInstance"

    def start(self, cloud):
        self.backup, job = self.ask_backup(cloud)
        return job

    def after(self, cloud, completed):
        expect_equal(self.backup_status(cloud, self.backup),
                     "COMPLETED" if completed else "FAILED", "the backup's state")
        self.check_rows(cloud)


class DeleteBackup(WithBackups):
    kind = "DeleteManualBackup"

    def start(self, cloud):
        self.backup = self.make_backup(cloud)
        cloud.request("DELETE", f"/v3/{cloud.project}/backups/{self.backup}").expect(200)
        return cloud.sql("SELECT id FROM job WHERE kind = 'DeleteManualBackup' ORDER BY created "
                         "DESC LIMIT 1")[0][0]

    def after(self, cloud, completed):
        state = self.backup_status(cloud, self.backup)
        # The clean-up comes after the last step: what its files were is no backup any more.
        expect_equal(state, None if completed else "FAILED", "the backup's state")
        if not completed:
            cloud.request("DELETE", f"/v3/{cloud.project}/backups/{self.backup}").expect(200)
            self.wait_idle(cloud)
            expect_equal(self.backup_status(cloud, self.backup), None, "deleted once more")


class StopBackup(WithBackups):
    kind = "StopBackup"

    def start(self, cloud):
        self.wait_idle(cloud)
        return self.job_of(cloud.post(self.path(cloud, "/backups/stop"), {}))

    def after(self, cloud, completed):
        self.make_backup(cloud)


class Verify(WithBackups):
    kind = "VerifyBackups"

    def start(self, cloud):
        self.wait_idle(cloud)
        return self.job_of(cloud.post(self.path(cloud, "/backups/verify"), {}))


class Restore(WithBackups):
    kind = "RestoreSqlserverInstance"

    def prepare(self, cloud):
        super().prepare(cloud)
        self.backup = self.make_backup(cloud)

    def start(self, cloud):
        self.wait_idle(cloud)
        with self.client(cloud) as client:
            client.batch("INSERT INTO kept.dbo.numbers VALUES (100)").check()
            rows = client.batch("SELECT sum(number) FROM kept.dbo.numbers").check().rows
            self.before = rows[0][0]
        return self.job_of(cloud.post(
            f"/v3.1/{cloud.project}/instances/recovery",
            {"source": {"instance_id": self.instance, "type": "backup", "backup_id": self.backup},
             "target": {"instance_id": self.instance}}))

    def after(self, cloud, completed):
        self.check_rows(cloud, expected=6 if completed else self.before)


class RestoreDatabase(WithBackups):
    """One database under another name, which is there whole or not at all."""

    kind = "RestoreSqlserverDatabase"

    def prepare(self, cloud):
        super().prepare(cloud)
        self.backup, self.copies = self.make_backup(cloud), 0

    def start(self, cloud):
        self.wait_idle(cloud)
        self.copies += 1
        return self.job_of(cloud.post(
            f"/v3.1/{cloud.project}/instances/recovery",
            {"source": {"instance_id": self.instance, "type": "backup", "backup_id": self.backup,
                        "database_name": {"kept": f"copy{self.copies}"}},
             "target": {"instance_id": self.instance}}))

    def after(self, cloud, completed):
        self.check_rows(cloud, expected=6)
        copy = f"copy{self.copies}"
        with self.client(cloud) as client:
            found = client.batch(f"SELECT COUNT(*) FROM sys.databases WHERE name = '{copy}'").check()
            expect_equal(found.rows, [[1 if completed else 0]], "copies")
            if completed:
                total = client.batch(f"SELECT SUM(number) FROM {copy}.dbo.numbers").check()
                expect_equal(total.rows, [[6]], "the sum of the copy's rows")


class Delete(Scenario):
    kind = "DeleteInstance"

    def prepare(self, cloud):
        self.instance, self.count = None, 0

    def start(self, cloud):
        self.count += 1
        shown = self.instance and cloud.show_instance(self.instance)
        if not shown:
            self.instance = cloud.create_instance(f"going-{self.count}")["id"]
            self.load(cloud)
        return self.job_of(cloud.request("DELETE", self.path(cloud)))

    def after(self, cloud, completed):
        if completed:
            expect(cloud.show_instance(self.instance) is None, "the instance is still listed")
        else:
            self.check_rows(cloud)


class DropDatabase(Scenario):
    kind = "DeleteSqlserverDatabase"

    def start(self, cloud):
        listed = cloud.get(self.path(cloud, "/database/detail")).expect(200).json["databases"]
        if "spare" not in [one["name"] for one in listed]:
            cloud.post(self.path(cloud, "/database"), {"name": "spare"}).expect(200)
        return self.job_of(cloud.request(
            "DELETE", self.path(cloud, "/database/spare").replace("/v3/", "/v3.1/"), {}))

    def after(self, cloud, completed):
        self.check_rows(cloud)
        listed = cloud.get(self.path(cloud, "/database/detail")).expect(200).json["databases"]
        expect_equal("spare" in [one["name"] for one in listed], not completed, "still there")


class Parameters(Scenario):
    kind = "ModifySqlserverParameters"
    wanted = 100

    def start(self, cloud):
        Parameters.wanted += 1
        return self.job_of(cloud.request(
            "PUT", self.path(cloud, "/configurations").replace("/v3/", "/v3.1/"),
            {"values": {"cost threshold for parallelism": str(self.wanted)}}))

    def after(self, cloud, completed):
        self.check_rows(cloud)
        found = cloud.get(self.path(cloud, "/configurations")).expect(200).json
        values = {one["name"]: one["value"] for one in found["configuration_parameters"]}
        if completed:
            expect_equal(values["cost threshold for parallelism"], str(self.wanted), "the value")
            with self.client(cloud) as client:
                rows = client.batch("SELECT CONVERT(int, value_in_use) FROM sys.configurations WHERE "
                                    "name = 'cost threshold for parallelism'").check().rows
            expect_equal(rows, [[self.wanted]], "the value in the engine")


class Template(Scenario):
    kind = "ApplySqlserverConfiguration"

    def prepare(self, cloud):
        super().prepare(cloud)
        self.template = cloud.post(f"/v3/{cloud.project}/configurations", {
            "name": "for-kills", "datastore": {"type": "SQLServer", "version": "2022_SE"},
            "values": {"max degree of parallelism": "3"}}).expect(200).json["configuration"]["id"]

    def start(self, cloud):
        return self.job_of(cloud.request(
            "PUT", f"/v3.1/{cloud.project}/configurations/{self.template}/apply",
            {"instance_ids": [self.instance]}))

    def after(self, cloud, completed):
        self.check_rows(cloud)
        found = cloud.get(self.path(cloud, "/configurations")).expect(200).json
        values = {one["name"]: one["value"] for one in found["configuration_parameters"]}
        if completed:
            expect_equal(values["max degree of parallelism"], "3", "the value")


SCENARIOS = {one.kind: one for one in (*Scenario.__subclasses__(), *WithBackups.__subclasses__())
             if one.kind}
