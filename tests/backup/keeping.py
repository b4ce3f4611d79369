"""What is kept, for how long, and whether it is still sound."""
import glob
import os
import time

from instances import connect, rows


def wait_for(what, look, seconds=60):
    until = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < until, what
        time.sleep(0.2)
    return found


def restarted(cloud, *options):
    cloud.stop()
    cloud.options += options
    cloud.start()


def jobs_end(cloud, instance):
    wait_for("jobs on the instance do not end", lambda: not cloud.sql(
        f"SELECT 1 FROM job WHERE status = 'Running' AND resource_id = '{instance}'"))


def automatic_backup(suite, instance):
    """Asks for what the policy asks for at its hour; the backup's id."""
    cloud = suite.cloud
    before = {one["id"] for one in suite.backups(instance_id=instance, backup_type="auto")}
    cloud.sql(f"UPDATE rds_repository SET wants_backup = true WHERE instance_id = '{instance}'")
    new = wait_for("no automatic backup", lambda: [
        one["id"] for one in suite.backups(instance_id=instance, backup_type="auto")
        if one["id"] not in before])
    found = suite.wait_backup(new[0])
    assert found["status"] == "COMPLETED", found
    return found["id"]


def shift(cloud, backup, days):
    cloud.sql(f"UPDATE rds_backup SET begun = begun - interval '{days} days', ended = ended - "
              f"interval '{days} days' WHERE id = '{backup}'")


def backups_go_when_their_days_are_over(suite):
    cloud = suite.cloud
    instance = cloud.create_instance("keeping")
    key = instance["id"]
    path = f"{suite.path}/instances/{key}"
    first = wait_for("no first backup", lambda: suite.backups(instance_id=key))[0]["id"]
    assert suite.wait_backup(first)["status"] == "COMPLETED"
    with connect(instance) as client:
        client.batch("CREATE DATABASE shop").check()
    manual = suite.make_backup("forever", instance=key)["id"]
    early = int(time.time() * 1000)
    base = automatic_backup(suite, key)
    time.sleep(1.2)
    with connect(instance, database="shop") as client:
        client.batch("CREATE TABLE dbo.kept (n int); INSERT INTO dbo.kept VALUES (1), (2)").check()
    time.sleep(0.05)
    moment = int(time.time() * 1000)
    time.sleep(0.05)
    with connect(instance, database="shop") as client:
        client.batch("INSERT INTO dbo.kept VALUES (3)").check()
    going = suite.make_backup("going", instance=key)["id"]
    last = automatic_backup(suite, key)
    cloud.request("PUT", path + "/backups/policy",
                  {"backup_policy": {"keep_days": 7, "start_time": "03:00-04:00"}}).expect(200)
    # As if the first were of three weeks ago; one is just being deleted, and still there.
    for backup, days in ((first, 21), (manual, 20), (base, 10)):
        shift(cloud, backup, days)
    cloud.sql(f"UPDATE rds_backup SET status = 'DELETING' WHERE id = '{going}'")
    restarted(cloud, "--backup-expire-seconds", "1")
    wait_for("the first backup stays", lambda: not suite.backups(backup_id=first))
    jobs_end(cloud, key)
    assert [one["id"] for one in suite.backups(instance_id=key, backup_type="auto")] == [last, base]
    assert suite.backups(backup_id=manual)[0]["status"] == "COMPLETED"
    (kept, consistent), = cloud.sql("SELECT r.archive_from, b.consistent FROM rds_repository r JOIN "
                                    f"rds_backup b USING (instance_id) WHERE b.id = '{base}'")
    assert kept == consistent, (kept, consistent)
    assert "old WAL stays" not in cloud.log()
    answer = cloud.post(suite.path + "/instances", cloud.instance_body("never", restore_point={
        "instance_id": key, "type": "timestamp", "restore_time": early}))
    assert answer.status == 400 and "before the first moment" in answer.text, answer
    copy = suite.restore_new("kept", {"instance_id": key, "type": "timestamp",
                                      "restore_time": moment})
    assert rows(copy, "SELECT n FROM dbo.kept ORDER BY n", password=suite.new_password) == [
        (1,), (2,)]
    suite.remove(copy)
    # A manual one outlives its WAL, and brings back what it has itself.
    copy = suite.restore_new("manual", {"instance_id": key, "type": "backup", "backup_id": manual})
    names = rows(copy, "SELECT name FROM sys.tables", password=suite.new_password)
    assert names == [], names
    suite.remove(copy)
    suite.remove(instance)


def many_are_deleted_at_once_and_space_is_told(suite):
    cloud = suite.cloud
    made = suite.make_backup("one-of-many")
    automatic = wait_for("no automatic backup", lambda: suite.backups(
        instance_id=suite.id, backup_type="auto", status="COMPLETED"))[0]["id"]
    unknown = "0" * 32 + "br04"

    def usage():
        return cloud.get(suite.path + "/backups/backup-usage").expect(200).json["backup_use_space"]

    def summary(**query):
        return cloud.get(suite.path + "/instances/backups/summary", query).expect(200).json["infos"]

    before = usage()
    stored = sum(int(row[0]) for row in cloud.sql(
        "SELECT stored FROM rds_backup WHERE status = 'COMPLETED'"))
    assert abs(before - stored / 2 ** 30) < 1e-6 and before > 0, (before, stored)
    spaces = {one["id"]: one["backup_use_space"] for one in summary()}
    assert abs(sum(spaces.values()) - before) < 1e-6, (spaces, before)
    other = cloud.create_instance("summed")
    wait_for("no backup of it", lambda: suite.backups(instance_id=other["id"], status="COMPLETED"))
    for field in ("backup_used_space", "obs"):
        down = [one["backup_use_space"] for one in summary(order_field=field)]
        up = [one["backup_use_space"] for one in summary(order_field=field, order_rule="ASC")]
        assert down == sorted(down, reverse=True) and up == sorted(up), (down, up)
        assert len(set(up)) > 1, up
    assert [one["id"] for one in summary(instance_name="summed")] == [other["id"]]
    assert [one["id"] for one in summary(order_rule="DESC")][0] == other["id"]
    for query in ({"order_field": "name; DROP"}, {"order_rule": "SIDEWAYS"}):
        answer = cloud.get(suite.path + "/instances/backups/summary", query)
        assert answer.status == 400 and answer.code == "DBS.200001", answer
    suite.remove(other)
    answer = cloud.post(suite.path + "/backups/batch-delete",
                        {"backup_ids": [made["id"], automatic, unknown]})
    results = {one["backup_id"]: one.get("error_code") for one in
               answer.expect(200).json["delete_results"]}
    assert results == {made["id"]: None, automatic: "DBS.280125", unknown: "DBS.280125"}, results
    wait_for("it stays", lambda: not suite.backups(backup_id=made["id"]))
    assert suite.backups(backup_id=automatic)[0]["status"] == "COMPLETED"
    answer = cloud.post(suite.path + "/backups/batch-delete", {"backup_ids": [unknown] * 51})
    assert answer.status == 400, answer


def damage_is_found_by_verification(suite):
    cloud = suite.cloud

    def verify(status):
        job = cloud.post(f"{suite.path}/instances/{suite.id}/backups/verify").expect(202).json
        return cloud.wait_job(job["job_id"], status=status)

    assert verify("Completed")["entities"]["verify_result"] == "ok"
    found = suite.make_backup("tobedamaged")
    (label,), = cloud.sql(f"SELECT label FROM rds_backup WHERE id = '{found['id']}'")
    folder = os.path.join(cloud.data, "backups", suite.id, "backup", "s1", label, "bundle")
    victim = max(glob.glob(folder + "/*"), key=os.path.getsize)
    with open(victim, "r+b") as file:
        file.seek(os.path.getsize(victim) // 2)
        file.write(b"damaged damaged damaged")
    # It is found without being asked for.
    jobs_end(cloud, suite.id)
    restarted(cloud, "--backup-verify-seconds", "1")
    wait_for("no verification fails by itself", lambda: cloud.sql(
        f"SELECT 1 FROM job WHERE kind = 'VerifyBackups' AND resource_id = '{suite.id}' AND status = "
        "'Failed'"))
    shown = suite.backups(backup_id=found["id"])[0]
    assert shown["status"] == "FAILED" and "damaged" in shown["fail_reason"], shown
    others = [one for one in suite.backups(instance_id=suite.id) if one["id"] != found["id"]]
    assert others and all(one["status"] != "FAILED" for one in others), others
    policy = cloud.get(f"{suite.path}/instances/{suite.id}/backups/policy").json["backup_policy"]
    assert policy["verify_result"] == "damaged", policy
    assert "are damaged" in cloud.log()
    today = time.strftime("%Y-%m-%dT", time.gmtime())
    wait_for("the instance's error log does not say so", lambda: [
        one for one in cloud.get(f"{suite.path}/instances/{suite.id}/errorlog", {
            "start_date": today + "00:00:00+0000", "end_date": today + "23:59:59+0000",
            "limit": 100}).expect(200).json["error_log_list"] if "tobedamaged" in one["content"]], 15)
    restarted(cloud, "--backup-verify-seconds", "86400")
    jobs_end(cloud, suite.id)
    job = verify("Failed")
    assert "tobedamaged" in job["fail_reason"], job
    # Nothing is restored from it, moments begin with the others, and a new one comes.
    answer = cloud.post(suite.path + "/instances", cloud.instance_body("never", restore_point={
        "instance_id": suite.id, "type": "backup", "backup_id": found["id"]}))
    assert answer.status == 400, answer
    wait_for("no new backup in its place", lambda: [
        one for one in suite.backups(instance_id=suite.id, status="COMPLETED")
        if one["begin_time"] > found["begin_time"]], 90)
    copy = suite.restore_new("sound", {"type": "timestamp", "restore_time": int(time.time() * 1000)})
    sql = "SELECT * FROM dbo.goods ORDER BY 1"
    assert rows(copy, sql, password=suite.new_password) == rows(suite.source, sql)
    suite.remove(copy)
    jobs_end(cloud, suite.id)
    cloud.request("DELETE", f"{suite.path}/backups/{found['id']}").expect(200)
    wait_for("the damaged one stays", lambda: not suite.backups(backup_id=found["id"]))
    jobs_end(cloud, suite.id)
    assert verify("Completed")["entities"]["verify_result"] == "ok"
