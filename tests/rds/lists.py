"""Lists and their filters, tags, jobs, the catalogue."""
from report import expect, expect_equal


def names(world, **query):
    answer = world.cloud.get(f"{world.base}/instances", query).expect(200).json
    found = [one["name"] for one in answer["instances"]]
    return found, answer["total_count"]


def filters_choose(world):
    shop = world.shop
    expect_equal(names(world, id=shop["id"]), (["shop"], 1), "by id")
    expect_equal(names(world, id="0" * 32 + "in04"), ([], 0), "by an unknown id")
    expect_equal(names(world, id=shop["id"], group_type="flexus"), ([], 0), "flexus")
    for query in ({"name": "sho"}, {"name": "*hop"}, {"type": "Single"},
                  {"datastore_type": "SQLServer"}, {"vpc_id": shop["vpc_id"]},
                  {"subnet_id": shop["subnet_id"]}, {"tags": "team=a"}, {"tags": "team"},
                  {"eps_id": "0"}):
        expect("shop" in names(world, **query)[0], f"{query} does not find it")
    for query in ({"name": "nothing-like-it"}, {"type": "Ha"}, {"type": "Replica"},
                  {"datastore_type": "MySQL"}, {"vpc_id": "x"}, {"subnet_id": "x"},
                  {"tags": "team=b"}, {"tags": "team=a,other"}, {"eps_id": "x"}):
        expect_equal(names(world, **query), ([], 0), f"what {query} finds")


def pages_are_slices(world):
    cloud = world.cloud
    answer = cloud.post(f"{world.base}/instances", cloud.instance_body("batch", count=3)).expect(202)
    made = answer.json["instances"]
    expect_equal([one["instance"]["name"] for one in made],
                 ["batch-0001", "batch-0002", "batch-0003"], "names")
    for one in made:
        cloud.wait_job(one["job_id"])
    all_names, total = names(world)
    pages = [names(world, offset=at, limit=1)[0][0] for at in range(total)]
    expect_equal(pages, all_names, "pages of one")
    expect_equal(names(world, name="batch", offset=1, limit=1)[1], 3, "total of a filtered page")
    expect_equal(names(world, offset=total), ([], total), "a page beyond the end")
    for query in ({"limit": 0}, {"limit": 101}, {"offset": -1}, {"limit": "x"}):
        answer = cloud.get(f"{world.base}/instances", query)
        expect_equal(answer.status, 400, f"status for {query}")
    stopped = cloud.post(f"{world.base}/instances/batch/action/shutdown",
                         {"instance_ids": [one["instance"]["id"] for one in made[:2]]}).expect(202)
    for record in stopped.json["records"]:
        cloud.wait_job(record["job_id"])
        expect_equal(cloud.show_instance(record["instance_id"])["status"], "SHUTDOWN", "status")
    gone = cloud.post(f"{world.base}/instances/batch-delete",
                      {"instance_ids": [one["instance"]["id"] for one in made]}).expect(202)
    for record in gone.json["records"]:
        cloud.wait_job(record["job_id"])
    expect_equal(names(world, name="batch")[1], 0, "instances after the deletion")


def tags_come_and_go(world):
    path = world.path("/tags/action")
    world.cloud.post(path, {"action": "create", "tags": [
        {"key": "team", "value": "b"}, {"key": "cost", "value": "7"}]}).expect(200)
    expect_equal(world.shop["tags"], [{"key": "team", "value": "b"}, {"key": "cost", "value": "7"}],
                 "tags")
    found = world.cloud.get(f"{world.base}/tags").expect(200).json["tags"]
    expect({"key": "cost", "values": ["7"]} in found, str(found))
    world.cloud.post(path, {"action": "delete", "tags": [{"key": "cost"}]}).expect(200)
    answer = world.cloud.post(path, {"action": "delete", "tags": [{"key": "cost"}]})
    expect_equal(answer.status, 400, "status for a tag that is not there")
    world.cloud.post(path, {"action": "create", "tags": [{"key": "team", "value": "a"}]}).expect(200)


def jobs_are_told(world):
    tasks = world.cloud.get(f"{world.base}/tasklist",
                            {"instance_id": world.shop["id"], "limit": 5}).expect(200).json
    expect(tasks["total_count"] >= 1 and tasks["tasks"], str(tasks))
    detail = world.cloud.get(world.path("/tasklist/detail")).expect(200).json
    expect(any(one["name"] == "CreateSqlserverInstance" for one in detail["jobs"]), str(detail))
    missing = world.cloud.get(f"{world.base}/jobs", {"id": "00000000-0000-0000-0000-000000000000"})
    expect_equal(missing.status, 404, "status for an unknown job")


def the_catalogue_is_told(world):
    get = world.cloud.get
    versions = {one["name"] for one in get(f"{world.base}/datastores/sqlserver").json["dataStores"]}
    expect({"2022_SE", "2019_EE", "2017_WEB"} <= versions, str(versions))
    expect_equal(get(f"{world.base}/datastores/MySQL").code, "DBS.280269", "code for MySQL")
    flavors = get(f"{world.base}/flavors/SQLServer", {"version_name": "2019_EE"}).json["flavors"]
    expect(flavors and all("2019_EE" in one["version_name"] for one in flavors), "flavors of EE")
    expect_equal(get(f"{world.base}/flavors/SQLServer", {"version_name": "2019 EE"}).code,
                 "DBS.280269", "code for a version with a blank")
    expect(get(f"{world.base}/storage-type/SQLServer",
               {"version_name": "2022_SE"}).json["storage_type"], "storage types")
    expect("SQL_Latin1_General_CP1_CI_AS" in get(f"{world.base}/collations").json["charSets"],
           "collations")
    weak = world.cloud.post(f"{world.base}/weakpwd", {"target": "abc"}).expect(200).json
    expect_equal(weak, {"weak": True}, "abc")


TESTS = [filters_choose, pages_are_slices, tags_come_and_go, jobs_are_told, the_catalogue_is_told]
