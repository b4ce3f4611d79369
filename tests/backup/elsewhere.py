"""Restores that meet what is already there: another instance, or a database of the same name."""
import os
import time

from cloud import PASSWORD
from instances import NEW_PASSWORD, connect, rows


def refused(suite, target, source, status, code, word=""):
    answer = suite.cloud.post(f"/v3.1/{suite.cloud.project}/instances/recovery",
                              {"source": {"instance_id": suite.id, **source},
                               "target": {"instance_id": target}})
    assert answer.status == status and answer.code == code and word in answer.text, answer


def ask_copy(suite, name):
    answer = suite.cloud.post(f"/v3.1/{suite.cloud.project}/instances/recovery",
                              {"source": {"instance_id": suite.id, "type": "timestamp",
                                          "restore_time": int(time.time() * 1000) - 50,
                                          "database_name": {"shop": name}},
                               "target": {"instance_id": suite.id}})
    return answer.expect(202).json["job_id"]


def killed_copying(suite, side, name):
    """The job, after casementd died right before or after it copied."""
    cloud, once = suite.cloud, os.path.join(suite.cloud.data, "killed-once-" + side)
    os.chmod(cloud.data, 0o777)  # the daemon writes the file as its own user
    cloud.stop()
    cloud.start({"CASEMENT_KILL_AT": f"RestoreSqlserverDatabase:copy:{side}",
                 "CASEMENT_KILL_ONCE": once})
    job = ask_copy(suite, name)
    assert cloud.wait_end(240) == -9, "casementd did not die"
    return job


def check_own(suite, job, name):
    """The tenant's database is as it was, and the job says why it has failed."""
    suite.cloud.start()
    found = suite.cloud.wait_job(job, status="Failed", seconds=240)
    assert f"already has a database {name}" in found["fail_reason"], found
    assert rows(suite.source, "SELECT name FROM sys.tables", database=name) == [("mine",)]
    assert rows(suite.source, "SELECT n FROM dbo.mine", database=name) == [(42,)]
    suite.cloud.wait_instance(suite.id)


def make_own(suite, name, drop=False):
    with connect(suite.source) as client:
        if drop:
            client.batch(f"DROP DATABASE {name}").check()
        client.batch(f"CREATE DATABASE {name}").check()
    with connect(suite.source, database=name) as client:
        client.batch("CREATE TABLE dbo.mine (n int); INSERT INTO dbo.mine VALUES (42)").check()


def a_database_made_meanwhile_is_left_alone(suite):
    job = killed_copying(suite, "before", "taken")
    make_own(suite, "taken")
    check_own(suite, job, "taken")
    # The same name once more, in the place of the copy itself.
    job = killed_copying(suite, "after", "again")
    make_own(suite, "again", drop=True)
    check_own(suite, job, "again")


def another_instance_takes_the_whole(suite):
    cloud, now = suite.cloud, {"type": "timestamp"}
    with connect(suite.source) as client:
        client.batch("CREATE LOGIN keeper WITH PASSWORD = 'Keeper-1433!'").check()
    target = cloud.create_instance("target", password=NEW_PASSWORD)
    older = cloud.create_instance("older", datastore={"type": "SQLServer", "version": "2019_SE"})
    with connect(target, password=NEW_PASSWORD) as client:
        client.batch("CREATE DATABASE forgotten").check()
    now["restore_time"] = int(time.time() * 1000)
    refused(suite, older["id"], now, 400, "DBS.200001", "older than 2022_SE")
    refused(suite, "0" * 32 + "in04", now, 404, "DBS.280121")
    suite.remove(older)
    # Its volume is compared with the source's of now, or with the one at the backup.
    path = f"{suite.path}/instances/{{}}/action"
    answer = cloud.post(path.format(suite.id), {"enlarge_volume": {"size": 50}})
    cloud.wait_job(answer.expect(202).json["job_id"])
    refused(suite, target["id"], now, 400, "DBS.200001", "40 GB is smaller")
    answer = cloud.post(path.format(target["id"]), {"enlarge_volume": {"size": 50}})
    cloud.wait_job(answer.expect(202).json["job_id"])
    answer = cloud.post(path.format(target["id"]) + "/shutdown", {})
    cloud.wait_job(answer.expect(200, 202).json["job_id"])
    refused(suite, target["id"], now, 409, "DBS.200011", "SHUTDOWN")
    answer = cloud.post(path.format(target["id"]) + "/startup", {})
    cloud.wait_job(answer.expect(200, 202).json["job_id"])
    suite.recover(target["id"], now)
    shown = cloud.wait_instance(target["id"])
    for field in ("private_ips", "port", "name", "flavor_ref"):
        assert shown[field] == target[field], (field, shown[field], target[field])
    names = rows(shown, "SELECT name FROM sys.databases", database="master")
    assert ("shop",) in names and ("forgotten",) not in names, names
    for table in ("ticks", "goods", "dear"):
        sql = f"SELECT * FROM dbo.{table} ORDER BY 1"
        assert rows(shown, sql) == rows(suite.source, sql), table
    # Logins come along with their passwords.
    assert rows(shown, "SELECT 1", user="keeper", password="Keeper-1433!", database="master")
    try:
        connect(shown, password=NEW_PASSWORD).close()
    except Exception:  # pylint: disable=broad-except
        pass
    else:
        raise AssertionError("the target's old password still opens it")
    connect(shown, password=PASSWORD).close()
    made = suite.make_backup("of-target", instance=target["id"])
    assert made["instance_id"] == target["id"]
    suite.remove(target)
