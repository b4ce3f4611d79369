#!/usr/bin/env python3
"""Backups: what is restored is compared row for row, and a moment means that moment."""
import glob
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "harness"))

import bucket  # noqa: E402
import elsewhere  # noqa: E402
import keeping  # noqa: E402
from cloud import Cloud  # noqa: E402
from instances import NEW_PASSWORD, connect, rows  # noqa: E402
from report import Report, Skip  # noqa: E402

MOMENTS = 20
SECRET = "an unmistakable sentence 4711"


class Writer(threading.Thread):
    """Commits numbered rows one by one and remembers when it asked and when it was told."""

    def __init__(self, instance):
        super().__init__(daemon=True)
        self.instance, self.done, self.log, self.problem = instance, threading.Event(), [], None

    def run(self):
        try:
            with connect(self.instance, database="shop") as client:
                number = 0
                while not self.done.is_set():
                    number += 1
                    asked = time.time()
                    client.batch(f"INSERT INTO dbo.ticks VALUES ({number}, SYSUTCDATETIME())").check()
                    self.log.append((number, asked, time.time()))
                    time.sleep(random.uniform(0.002, 0.02))
        except Exception as error:  # pylint: disable=broad-except
            self.problem = error

    def bounds(self, moment):
        """The least and the most rows that were committed by then."""
        return (sum(told <= moment for _, _, told in self.log),
                sum(asked <= moment for _, asked, _ in self.log))


class Suite:
    new_password = NEW_PASSWORD

    def __init__(self, cloud):
        self.cloud, self.path = cloud, f"/v3/{cloud.project}"
        self.source = cloud.create_instance("source")
        self.id = self.source["id"]
        with connect(self.source) as client:
            client.batch("CREATE DATABASE shop").check()
        with connect(self.source, database="shop") as client:
            for batch in (
                    "CREATE TABLE dbo.ticks (n int PRIMARY KEY, at datetime2(7))",
                    "CREATE TABLE dbo.goods (id int IDENTITY PRIMARY KEY, name nvarchar(60), price "
                    "decimal(10,2) CHECK (price > 0), made datetime DEFAULT GETDATE())",
                    "INSERT INTO dbo.goods (name, price) SELECT TOP 500 N'thing \u00e9\u4e2d ' + "
                    f"CAST(object_id AS nvarchar(20)) + N' {SECRET}', 1.25 FROM sys.all_objects",
                    "CREATE VIEW dbo.dear AS SELECT * FROM dbo.goods WHERE price > 1",
                    "CREATE PROCEDURE dbo.cheap @below decimal(10,2) AS SELECT COUNT(*) FROM "
                    "dbo.goods WHERE price < @below"):
                client.batch(batch).check()
        self.writer = self.first = None

    def backups(self, **query):
        return self.cloud.get(self.path + "/backups", query).expect(200).json["backups"]

    def wait_backup(self, backup, seconds=90):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            found = self.backups(backup_id=backup)
            if found and found[0]["status"] != "BUILDING":
                return found[0]
            time.sleep(0.2)
        raise AssertionError("the backup does not end")

    def make_backup(self, name, instance=None):
        answer = self.cloud.post(self.path + "/backups", {"instance_id": instance or self.id,
                                                          "name": name, "description": "by hand"})
        made = answer.expect(200).json["backup"]
        assert made["status"] == "BUILDING" and made["id"].endswith("br04"), made
        found = self.wait_backup(made["id"])
        assert found["status"] == "COMPLETED", found
        return found

    def restore_new(self, name, point, wait=True):
        answer = self.cloud.post(self.path + "/instances", self.cloud.instance_body(
            name, password=NEW_PASSWORD, restore_point={"instance_id": self.id, **point}))
        made = answer.expect(202).json
        self.cloud.wait_job(made["job_id"], seconds=240)
        return self.cloud.wait_instance(made["instance"]["id"])

    def remove(self, instance):
        answer = self.cloud.request("DELETE", f"{self.path}/instances/{instance['id']}")
        self.cloud.wait_job(answer.expect(202).json["job_id"])

    def recover(self, target, source, seconds=240, status="Completed"):
        answer = self.cloud.post(f"/v3.1/{self.cloud.project}/instances/recovery",
                                 {"source": {"instance_id": self.id, **source},
                                  "target": {"instance_id": target}})
        return self.cloud.wait_job(answer.expect(202).json["job_id"], seconds=seconds,
                                   status=status)

    # ---- tests, in their order ----

    def the_first_full_backup_comes_by_itself_and_does_not_block(self):
        answer = self.cloud.post(f"{self.path}/instances/{self.id}/tags/action",
                                 {"action": "create", "tags": [{"key": "a", "value": "b"}]})
        assert answer.status in (200, 202, 204), answer
        until = time.monotonic() + 60
        while not self.backups(instance_id=self.id, backup_type="auto"):
            assert time.monotonic() < until, "no automatic backup"
            time.sleep(0.3)
        found = self.wait_backup(self.backups(backup_type="auto")[0]["id"])
        assert found["status"] == "COMPLETED" and found["size"] > 1000 and found["end_time"], found
        self.first = found
        time.sleep(1.2)  # moments are restored from the second on in which the backup was consistent

    def a_backup_by_hand_completes_with_size_and_times(self):
        seen, done = [], threading.Event()

        def watch():
            while not done.is_set():
                seen.extend(int(row[0]) for row in self.cloud.sql(
                    "SELECT percent FROM job WHERE kind = 'BackupSqlserverInstance' ORDER BY "
                    "created DESC LIMIT 1"))
                time.sleep(0.05)

        before = len(self.cloud.sql("SELECT 1 FROM job WHERE kind = 'BackupSqlserverInstance'"))
        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        found = self.make_backup("byhand")
        done.set()
        watcher.join()
        assert len(self.cloud.sql("SELECT 1 FROM job WHERE kind = 'BackupSqlserverInstance'")) > before
        running = seen[seen.index(min(seen)):]  # what was seen of the job before it is past
        assert running == sorted(running) and [one for one in running if 10 < one < 95], seen
        assert found["type"] == "manual" and found["name"] == "byhand" and found["size"] > 1000
        assert self.backups(backup_type="manual", status="COMPLETED")[0]["id"] == found["id"]
        assert not self.backups(status="FAILED")

    def twenty_moments_are_exact(self):
        self.writer = Writer(self.source)
        self.writer.start()
        time.sleep(12)
        self.writer.done.set()
        self.writer.join()
        assert self.writer.problem is None and len(self.writer.log) > 100, self.writer.problem
        first, last = self.writer.log[0][1], self.writer.log[-1][2]
        moments = sorted(int(random.uniform(first, last) * 1000) for _ in range(MOMENTS))

        def check(pair):
            index, moment = pair
            copy = self.restore_new(f"moment-{index}", {"type": "timestamp",
                                                        "restore_time": moment})
            try:
                found = rows(copy, "SELECT n, at FROM dbo.ticks ORDER BY n", password=NEW_PASSWORD)
            finally:
                self.remove(copy)
            least, most = self.writer.bounds(moment / 1000)
            numbers = [row[0] for row in found]
            assert numbers == list(range(1, len(numbers) + 1)), "rows are missing in between"
            assert least <= len(numbers) <= most, (moment, least, len(numbers), most)
            assert found == whole[:len(found)], "rows differ"

        whole = rows(self.source, "SELECT n, at FROM dbo.ticks ORDER BY n")
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(check, enumerate(moments)))

    def a_backup_restores_to_a_new_instance_row_for_row(self):
        copy = self.restore_new("whole", {"type": "timestamp",
                                          "restore_time": int(time.time() * 1000)})
        for table in ("ticks", "goods", "dear"):
            sql = f"SELECT * FROM dbo.{table} ORDER BY 1"
            assert rows(copy, sql, password=NEW_PASSWORD) == rows(self.source, sql), table
        count = rows(self.source, "SELECT COUNT(*) FROM dbo.goods")
        assert rows(copy, "EXEC dbo.cheap 2", password=NEW_PASSWORD) == count != [(0,)]
        self.remove(copy)

    def the_original_returns_to_a_moment_and_forward_again(self):
        sql = "SELECT id, name FROM dbo.goods ORDER BY 1"
        before = rows(self.source, sql)
        moment = int(time.time() * 1000) + 1
        time.sleep(0.05)
        with connect(self.source, database="shop") as client:
            client.batch("DELETE dbo.goods WHERE id % 2 = 0").check()
        after, later = rows(self.source, sql), int(time.time() * 1000)
        assert after != before
        self.recover(self.id, {"type": "timestamp", "restore_time": moment})
        assert rows(self.source, sql) == before
        self.recover(self.id, {"type": "timestamp", "restore_time": later})
        assert rows(self.source, sql) == after

    def a_database_returns_under_a_new_name(self):
        moment = int(time.time() * 1000) + 1
        sql = "SELECT * FROM dbo.goods ORDER BY 1"
        before = rows(self.source, sql)
        time.sleep(0.05)
        with connect(self.source, database="shop") as client:
            client.batch("DELETE dbo.goods WHERE id < 100").check()
        self.recover(self.id, {"type": "timestamp", "restore_time": moment,
                               "database_name": {"shop": "shop_old"}})
        assert rows(self.source, sql, database="shop_old") == before != rows(self.source, sql)
        assert rows(self.source, "SELECT * FROM dbo.dear ORDER BY 1", database="shop_old") == before
        assert rows(self.source, "EXEC dbo.cheap 2", database="shop_old") == [(len(before),)]
        with connect(self.source, database="shop_old") as client:
            client.batch("INSERT dbo.goods (name, price) VALUES (N'next', 1)").check()
            assert client.batch("INSERT dbo.goods (name, price) VALUES (N'no', -1)").errors
        found = rows(self.source, "SELECT MAX(id), COUNT(*) FROM dbo.goods", database="shop_old")
        assert found[0][1] == len(before) + 1 and found[0][0] > before[-1][0], found
        job = self.recover(self.id, {"type": "timestamp", "restore_time": moment,
                                     "database_name": {"shop": "shop_old"}}, status="Failed")
        assert "shop_old" in job["fail_reason"], job

    def wrong_moments_are_refused(self):
        for moment in (int(time.time() * 1000) + 60000, int(time.time() * 1000) - 86400000, 0):
            answer = self.cloud.post(f"/v3.1/{self.cloud.project}/instances/recovery",
                                     {"source": {"instance_id": self.id, "type": "timestamp",
                                                 "restore_time": moment},
                                      "target": {"instance_id": self.id}})
            assert answer.status == 400 and answer.code == "DBS.200001", answer
        answer = self.cloud.post(self.path + "/instances", self.cloud.instance_body(
            "never", restore_point={"instance_id": self.id, "type": "backup",
                                    "backup_id": "0" * 32 + "br04"}))
        assert answer.status == 400, answer

    def windows_cover_what_can_be_restored(self):
        windows = self.cloud.get(f"{self.path}/instances/{self.id}/restore-time"
                                 ).expect(200).json["restore_time"]
        now = time.time() * 1000
        assert windows and all(one["start_time"] < one["end_time"] <= now for one in windows)
        assert now - windows[-1]["end_time"] < 10000, windows

    def policies_are_set_and_shown(self):
        path = f"{self.path}/instances/{self.id}/backups/policy"
        self.cloud.request("PUT", path, {"backup_policy": {"keep_days": 9, "start_time":
                                                           "03:00-04:00"}}).expect(200)
        found = self.cloud.get(path).expect(200).json["backup_policy"]
        assert found["keep_days"] == 9 and found["start_time"] == "03:00-04:00", found
        for wrong in ({"keep_days": 733}, {"keep_days": 7, "start_time": "03:00-05:00"},
                      {"keep_days": 7, "period": "8"}):
            assert self.cloud.request("PUT", path, {"backup_policy": wrong}).status == 400, wrong

    def a_deleted_backup_is_gone(self):
        made = self.make_backup("todelete")
        self.cloud.request("DELETE", f"{self.path}/backups/{made['id']}").expect(200)
        until = time.monotonic() + 30
        while self.backups(backup_id=made["id"]):
            assert time.monotonic() < until
            time.sleep(0.2)
        assert self.cloud.request("DELETE", f"{self.path}/backups/{made['id']}").status == 404

    def the_repository_has_no_plain_text(self):
        folder = os.path.join(self.cloud.data, "backups", self.id)
        try:
            found = [path for path in glob.glob(folder + "/**/*", recursive=True)
                     if os.path.isfile(path)]
        except PermissionError:
            raise Skip("only root can look into the repository") from None
        assert len(found) > 5, found
        for path in found:
            with open(path, "rb") as file:
                content = file.read()
            assert content.startswith(b"Salted__"), path
            assert SECRET.encode() not in content and SECRET.encode("utf-16le") not in content, path


TESTS = ("the_first_full_backup_comes_by_itself_and_does_not_block",
         "a_backup_by_hand_completes_with_size_and_times", "twenty_moments_are_exact",
         "a_backup_restores_to_a_new_instance_row_for_row",
         "the_original_returns_to_a_moment_and_forward_again",
         "a_database_returns_under_a_new_name", "wrong_moments_are_refused",
         "windows_cover_what_can_be_restored", "policies_are_set_and_shown",
         "a_deleted_backup_is_gone", "the_repository_has_no_plain_text",
         keeping.many_are_deleted_at_once_and_space_is_told,
         keeping.backups_go_when_their_days_are_over,
         elsewhere.a_database_made_meanwhile_is_left_alone,
         elsewhere.another_instance_takes_the_whole,
         keeping.damage_is_found_by_verification)


def name_of(test):
    return test if isinstance(test, str) else test.__name__


def run_in_parts():
    """Three processes of this program, each with a cloud of its own: they mostly wait."""
    names = [name_of(test) for test in TESTS]
    first = names.index(keeping.many_are_deleted_at_once_and_space_is_told.__name__)
    parts = []
    for part in ([bucket.backups_are_kept_in_a_bucket.__name__], names[:first], names[first:]):
        output = tempfile.TemporaryFile(mode="w+")
        parts.append((subprocess.Popen([sys.executable, __file__, *part], stdout=output,
                                       stderr=subprocess.STDOUT), output))
    failed = 0
    for process, output in parts:
        failed |= process.wait()
        output.seek(0)
        print(output.read(), end="", flush=True)
        output.close()
    return failed


def main():
    if len(sys.argv) == 1:
        return run_in_parts()
    report, wanted = Report(), sys.argv[1:]
    in_bucket = bucket.backups_are_kept_in_a_bucket
    if in_bucket.__name__ in wanted:
        report.run(in_bucket.__name__, in_bucket, Suite)
    chosen = [test for test in TESTS if name_of(test) in wanted]
    if chosen:
        with Cloud() as cloud:
            suite = Suite(cloud)
            for test in chosen:
                if isinstance(test, str):
                    report.run(test, getattr(suite, test))
                else:
                    report.run(name_of(test), test, suite)
    return report.status()


if __name__ == "__main__":
    sys.exit(main())
