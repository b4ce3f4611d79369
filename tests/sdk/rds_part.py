"""The whole life of an instance by huaweicloudsdkrds and huaweicloudsdkces: create, list, database and
account, load data by a driver, back up, lose data, restore to a moment (whole and one database),
resize, metrics, delete, rebuild from the recycle bin."""
import json
import os
import sys
import time

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(TESTS, "harness"))

import pymssql
from huaweicloudsdkces import v1 as ces
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException
from huaweicloudsdkcore.http.http_config import HttpConfig
from huaweicloudsdkrds import v3 as rds

from report import Report, expect, expect_equal

with open(sys.argv[1], encoding="utf-8") as file:
    ADMIN = json.load(file)
PASSWORD, CLERK = "Shop4711!x", "Cash0815+y"


def client(module):
    config = HttpConfig.get_default_config()
    config.ssl_ca_cert = ADMIN["ca_file"]
    kind = module.RdsClient if module is rds else module.CesClient
    return (kind.new_builder().with_http_config(config)
            .with_credentials(BasicCredentials(ADMIN["ak"], ADMIN["sk"], ADMIN["project_id"]))
            .with_endpoint(ADMIN["endpoint"]).build())


RDS = client(rds)


def wait_job(job, seconds=180):
    until = time.monotonic() + seconds
    while True:
        found = RDS.list_job_info(rds.ListJobInfoRequest(id=job)).job
        if found.status != "Running":
            expect_equal(found.status, "Completed", f"job {found.name}: {found.fail_reason}")
            return found
        expect(time.monotonic() < until, f"job {found.name} does not end")
        time.sleep(0.3)


def instance(wanted):
    found = RDS.list_instances(rds.ListInstancesRequest(id=wanted)).instances
    return found[0] if found else None


def create_body(name, **more):
    flavors = RDS.list_flavors(rds.ListFlavorsRequest(database_name="SQLServer", version_name="2022_SE")).flavors
    flavor = min((one for one in flavors if one.instance_mode == "single"), key=lambda one: one.ram)
    return rds.InstanceRequest(
        name=name, datastore=rds.Datastore(type="SQLServer", version="2022_SE"), flavor_ref=flavor.spec_code,
        volume=rds.Volume(type="CLOUDSSD", size=40), region=ADMIN["region"],
        availability_zone=next(iter(flavor.az_status)), vpc_id="0" * 32, subnet_id="1" * 32,
        security_group_id="2" * 32, password=PASSWORD, **more)


class Story:
    id = restored = clerk = None


def sql(wanted, statement, database="master", user="rdsuser", password=PASSWORD):
    about = instance(wanted)
    with pymssql.connect(server=about.private_ips[0], port=str(about.port), user=user, password=password,
                         database=database, autocommit=True, login_timeout=10) as link:
        cursor = link.cursor()
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else None


def an_instance_is_made_and_listed():
    made = RDS.create_instance(rds.CreateInstanceRequest(body=create_body("sdk-shop")))
    Story.id = made.instance.id
    expect(Story.id.endswith("in04") and len(Story.id) == 36, Story.id)
    wait_job(made.job_id)
    about = instance(Story.id)
    expect_equal((about.status, about.datastore.type, about.db_user_name), ("ACTIVE", "SQLServer", "rdsuser"), "the instance")
    expect_equal(RDS.list_instances(rds.ListInstancesRequest(name="sdk-shop", datastore_type="SQLServer")).total_count, 1,
                 "instances of that name")


def a_database_and_an_account_are_made():
    RDS.create_sqlserver_database(rds.CreateSqlserverDatabaseRequest(
        instance_id=Story.id, body=rds.SqlserverDatabaseForCreation(name="orders")))
    RDS.create_sqlserver_db_user(rds.CreateSqlserverDbUserRequest(
        instance_id=Story.id, body=rds.SqlserverUserForCreation(name="clerk", password=CLERK)))
    RDS.allow_sqlserver_db_user_privilege(rds.AllowSqlserverDbUserPrivilegeRequest(
        instance_id=Story.id, body=rds.SqlserverGrantRequest(
            db_name="orders", users=[rds.SqlserverUserWithPrivilege(name="clerk", readonly=False)])))
    names = [one.name for one in RDS.list_sqlserver_databases(rds.ListSqlserverDatabasesRequest(
        instance_id=Story.id, page=1, limit=100)).databases]
    expect("orders" in names, f"databases are {names}")
    users = RDS.list_authorized_sqlserver_db_users(rds.ListAuthorizedSqlserverDbUsersRequest(
        instance_id=Story.id, db_name="orders", page=1, limit=100)).users
    expect("clerk" in [one.name for one in users], f"users are {users}")


def a_driver_loads_data():
    sql(Story.id, "CREATE TABLE lines (id int PRIMARY KEY, what nvarchar(50)); "
        "INSERT lines SELECT value, N'größe' + CAST(value AS nvarchar(10)) FROM GENERATE_SERIES(1, 1000)",
        "orders", "clerk", CLERK)
    expect_equal(sql(Story.id, "SELECT COUNT(*), SUM(id) FROM lines", "orders", "clerk", CLERK), [(1000, 500500)], "rows")


def a_backup_is_made():
    made = RDS.create_manual_backup(rds.CreateManualBackupRequest(
        body=rds.CreateManualBackupRequestBody(instance_id=Story.id, name="by-sdk"))).backup
    until = time.monotonic() + 180
    while True:
        found = RDS.list_backups(rds.ListBackupsRequest(instance_id=Story.id, backup_id=made.id)).backups[0]
        if found.status != "BUILDING":
            break
        expect(time.monotonic() < until, "the backup does not end")
        time.sleep(0.5)
    expect_equal(found.status, "COMPLETED", "the backup")
    expect(found.size > 0, "it has no size")


def data_is_lost_and_restored_to_a_moment():
    time.sleep(1.2)
    moment = int(time.time() * 1000)
    time.sleep(1.2)
    sql(Story.id, "DELETE lines WHERE id > 10", "orders", "clerk", CLERK)
    # one database, under another name
    job = RDS.restore_exist_instance(rds.RestoreExistInstanceRequest(body=rds.RestoreExistingInstanceRequestBody(
        source=rds.RestoreExistingInstanceRequestBodySource(
            instance_id=Story.id, type="timestamp", restore_time=moment, database_name={"orders": "orders_then"}),
        target=rds.TargetInstanceRequest(instance_id=Story.id)))).job_id
    wait_job(job)
    expect_equal(sql(Story.id, "SELECT COUNT(*), SUM(id) FROM orders_then.dbo.lines"), [(1000, 500500)], "restored rows")
    expect_equal(sql(Story.id, "SELECT COUNT(*) FROM lines", "orders", "clerk", CLERK), [(10,)], "rows that stayed")
    # the whole into a new instance
    body = create_body("sdk-then", restore_point=rds.RestorePoint(instance_id=Story.id, type="timestamp", restore_time=moment))
    made = RDS.create_instance(rds.CreateInstanceRequest(body=body))
    Story.restored = made.instance.id
    wait_job(made.job_id)
    expect_equal(sql(Story.restored, "SELECT COUNT(*), SUM(id) FROM orders.dbo.lines"), [(1000, 500500)], "rows in the new instance")


def it_is_resized():
    bigger = [one.spec_code for one in RDS.list_flavors(rds.ListFlavorsRequest(
        database_name="SQLServer", version_name="2022_SE")).flavors if one.ram == 2 and one.instance_mode == "single"][0]
    wait_job(RDS.start_resize_flavor_action(rds.StartResizeFlavorActionRequest(
        instance_id=Story.id, body=rds.ResizeFlavorRequest(
            resize_flavor=rds.ResizeFlavorObject(spec_code=bigger)))).job_id)
    wait_job(RDS.start_instance_enlarge_volume_action(rds.StartInstanceEnlargeVolumeActionRequest(
        instance_id=Story.id, body=rds.EnlargeVolumeRequestBody(
            enlarge_volume=rds.EnlargeVolumeObject(size=60)))).job_id)
    about = instance(Story.id)
    expect_equal((about.flavor_ref, about.volume.size, about.status), (bigger, 60, "ACTIVE"), "the instance")


def metrics_are_told():
    watch = client(ces)
    until = time.monotonic() + 100
    while True:
        now = int(time.time() * 1000)
        points = watch.show_metric_data(ces.ShowMetricDataRequest(
            namespace="SYS.RDS", metric_name="rds048_disk_used_size", dim_0=f"rds_cluster_sqlserver_id,{Story.id}",
            filter="average", period=1, _from=now - 3600000, to=now)).datapoints
        if points:
            break
        expect(time.monotonic() < until, "there are no points")
        time.sleep(2)
    expect(0 < points[-1].average < 40, f"it uses {points[-1].average} GB")
    known = watch.list_metrics(ces.ListMetricsRequest(namespace="SYS.RDS", dim_0=f"rds_cluster_sqlserver_id,{Story.id}")).metrics
    expect("rds001_cpu_util" in [one.metric_name for one in known], "the list of metrics")


def it_is_deleted_and_rebuilt():
    wait_job(RDS.delete_instance(rds.DeleteInstanceRequest(instance_id=Story.id)).job_id)
    expect(instance(Story.id) is None, "it is still listed")
    thrown = [one for one in RDS.list_recycle_instances(rds.ListRecycleInstancesRequest()).instances if one.id == Story.id]
    expect_equal(len(thrown), 1, "its entries in the recycle bin")
    body = create_body("sdk-again", restore_point=rds.RestorePoint(
        instance_id=Story.id, type="backup", backup_id=thrown[0].recycle_backup_id))
    body.volume.size = 60
    made = RDS.create_instance(rds.CreateInstanceRequest(body=body))
    wait_job(made.job_id)
    expect_equal(sql(made.instance.id, "SELECT COUNT(*) FROM orders.dbo.lines"), [(10,)], "rows of the rebuilt instance")


def refusals_are_the_services_own():
    try:
        RDS.create_instance(rds.CreateInstanceRequest(body=create_body("x")))
    except ClientRequestException as error:
        expect(error.status_code == 400 and error.error_code.startswith("DBS."), f"{error.status_code} {error.error_code}")
        return
    raise AssertionError("a name of one letter was taken")


def main():
    report = Report()
    for test in (an_instance_is_made_and_listed, a_database_and_an_account_are_made, a_driver_loads_data, a_backup_is_made,
                 data_is_lost_and_restored_to_a_moment, it_is_resized, metrics_are_told, it_is_deleted_and_rebuilt,
                 refusals_are_the_services_own):
        report.run(test.__name__, test)
    return report.status()


if __name__ == "__main__":
    sys.exit(main())
