"""Databases, accounts, privileges and T-SQL by the API: what was granted is what can be done."""
import threading
import time
import urllib.parse

from cloud import PASSWORD
from report import expect, expect_equal
from tds_client import Client, LoginFailed


def client_of(world, user, password=None):
    shop = world.shop
    standard = world.password if user == "rdsuser" else PASSWORD
    return Client(shop["private_ips"][0], shop["port"], user, password or standard)


def refusal(world, user, database, sql):
    """Number of the error of a batch, or None."""
    client = client_of(world, user)
    try:
        reply = client.batch(f"USE [{database}]")
        if not reply.errors:
            reply = client.batch(sql)
        return reply.errors[0].number if reply.errors else None
    finally:
        client.close()


def names(world, **query):
    found = world.cloud.get(world.path("/database/detail"), query).expect(200).json
    return [one["name"] for one in found["databases"]], found["total_count"]


def post(world, rest, body, status=200):
    return world.cloud.post(world.path(rest), body).expect(status)


def databases_come_and_go(world):
    for name in ("sales", "Sales-2026", "stock"):
        expect_equal(post(world, "/database", {"name": name}).json, {"resp": "successful"}, name)
    listed, total = names(world)
    for name in ("sales", "Sales-2026", "stock"):
        expect(name in listed, f"{name} is not in {listed}")
    expect("master" not in listed and total == len(listed), listed)
    found = world.cloud.get(world.path("/database/detail"), {"db-name": "sales"}).json
    one = [found for found in found["databases"] if found["name"] == "sales"][0]
    expect_equal(one["state"], "Running", "state")
    expect_equal(one["character_set"], "SQL_Latin1_General_CP1_CI_AS", "character_set")
    expect_equal(names(world, **{"db-name": "s_les"})[0], [], "'_' is no wildcard")
    first, every = names(world, page=1, limit=1)
    second, _ = names(world, page=2, limit=1)
    expect(len(first) == len(second) == 1 and first != second and every == total, (first, second))
    expect_equal(post(world, "/database", {"name": "SALES"}, 409).code, "DBS.201010", "twice")
    job = world.cloud.request("DELETE", world.path("/database/Sales-2026").replace("/v3/", "/v3.1/"),
                              {"is_force_delete": False}).expect(202).json["job_id"]
    world.cloud.wait_job(job)
    world.cloud.request("DELETE", world.path("/database/stock")).expect(200)
    gone = world.cloud.request("DELETE", world.path("/database/stock")).expect(404)
    expect_equal(gone.code, "DBS.200823", "code of one that is gone")
    left = names(world)[0]
    expect("stock" not in left and "Sales-2026" not in left, left)


def a_database_in_use_goes_by_force_only(world):
    post(world, "/database", {"name": "busy"})
    client = client_of(world, "rdsuser")
    client.batch("USE busy").check()
    refused = world.cloud.request("DELETE", world.path("/database/busy")).expect(400)
    expect("3702" in refused.text, refused.text)
    world.cloud.request("DELETE", world.path("/database/busy"),
                        {"is_force_delete": True}).expect(200)
    expect("busy" not in names(world)[0], "busy is still there")
    client.close()


def bad_names_are_refused_and_run_nothing(world):
    before = names(world)[0]
    for name in ("master", "TempDB", "rdsadmin", "a;DROP DATABASE sales", "x]; DROP DATABASE sales--",
                 "a'b", "", " ", "-a", "a" * 65, "é"):
        post(world, "/database", {"name": name}, 400)
    for name in ("master", "x]; DROP DATABASE sales--", "a'b", "sales; DROP DATABASE sales"):
        answer = world.cloud.request("DELETE", world.path("/database/") +
                                     urllib.parse.quote(name, safe=""))
        expect(answer.status in (400, 404), f"{name}: {answer}")
    for name in ("sa", "rdsadmin", "RdsUser", "a]b", "x' WITH PASSWORD", "##own"):
        post(world, "/db_user", {"name": name, "password": PASSWORD}, 400)
    odd = "x]; DROP DATABASE sales--"
    post(world, "/db_privilege", {"db_name": odd, "users": [{"name": "rdsuser"}]}, 404)
    answer = world.cloud.request("DELETE", world.path("/db_user/") + urllib.parse.quote(odd, safe=""))
    expect_equal(answer.status, 404, "dropping an account of an odd name")
    post(world, "/db_user/resetpwd", {"name": odd, "password": PASSWORD}, 404)
    for password in ("short1!", "alllowercase", "NoSpecial", "a" * 33, "Clerk-clerk1"):
        post(world, "/db_user", {"name": "clerk", "password": password}, 400)
    for name in ("sa", "rdsadmin"):
        post(world, "/db_user/resetpwd", {"name": name, "password": PASSWORD}, 400)
        expect_equal(world.cloud.request("DELETE", world.path(f"/db_user/{name}")).status, 400, name)
    expect_equal(names(world)[0], before, "the databases afterwards")


def odd_names_made_by_sql_can_be_dropped(world):
    world.sql("CREATE DATABASE [odd]]'; name]")
    expect("odd]'; name" in names(world)[0], names(world))
    world.cloud.request("DELETE", world.path("/database/") +
                        urllib.parse.quote("odd]'; name", safe="")).expect(200)


def accounts_do_what_was_granted(world):
    own = "CREATE TABLE t (a int); INSERT t VALUES (1)"
    world.sql("USE sales; CREATE TABLE item (id int); INSERT item VALUES (7)")
    for name in ("clerk", "reader"):
        post(world, "/db_user", {"name": name, "password": PASSWORD})
    expect_equal(post(world, "/db_user", {"name": "clerk", "password": PASSWORD}, 409).code,
                 "DBS.201010", "twice")
    expect_equal(refusal(world, "clerk", "sales", "SELECT 1"), 916, "before anything was granted")
    post(world, "/db_privilege", {"db_name": "sales", "users": [
        {"name": "clerk", "readonly": False}, {"name": "reader", "readonly": True}]})
    expect_equal(refusal(world, "clerk", "sales", own), None, "the owner")
    expect_equal(refusal(world, "reader", "sales", "SELECT * FROM item"), None, "reading")
    expect_equal(refusal(world, "reader", "sales", "INSERT item VALUES (8)"), 229, "writing")
    expect_equal(refusal(world, "reader", "sales", "DROP TABLE item"), 3701, "dropping")
    listed = world.cloud.get(world.path("/database/db_user"), {"db-name": "sales"}).expect(200).json
    expect_equal(listed, {"users": [{"name": "clerk", "readonly": False},
                                    {"name": "reader", "readonly": True}], "total_count": 2}, "list")
    users = world.cloud.get(world.path("/db_user/detail")).expect(200).json["users"]
    shown = {one["name"]: one for one in users}
    expect("rdsadmin" not in shown and "sa" not in shown, list(shown))
    expect_equal(shown["reader"]["databases"], [{"name": "sales", "readonly": True}], "databases")
    expect_equal(shown["reader"]["state"], "available", "state")
    # from read-only to owner and back
    post(world, "/db_privilege", {"db_name": "sales", "users": [{"name": "reader"}]})
    expect_equal(refusal(world, "reader", "sales", "INSERT item VALUES (8)"), None, "owner now")
    post(world, "/db_privilege", {"db_name": "sales", "users": [{"name": "reader",
                                                                "readonly": True}]})
    expect_equal(refusal(world, "reader", "sales", "INSERT item VALUES (9)"), 229, "reader again")


def a_grant_is_whole_or_nothing(world):
    post(world, "/db_user", {"name": "third", "password": PASSWORD})
    answer = post(world, "/db_privilege", {"db_name": "sales", "users": [
        {"name": "third"}, {"name": "nobody"}]}, 404)
    expect_equal(answer.code, "DBS.200824", "code")
    expect_equal(refusal(world, "third", "sales", "SELECT 1"), 916, "third")
    post(world, "/db_privilege", {"db_name": "nothere", "users": [{"name": "third"}]}, 404)
    post(world, "/db_privilege", {"db_name": "sales", "users": [{"name": "sa"}]}, 400)


def privileges_and_accounts_end(world):
    world.cloud.request("DELETE", world.path("/db_privilege"),
                        {"db_name": "sales", "users": [{"name": "clerk"}]}).expect(200)
    expect_equal(refusal(world, "clerk", "sales", "SELECT 1"), 916, "after the revoke")
    post(world, "/db_user/resetpwd", {"name": "reader", "password": "Changed-1433!"})
    try:
        client_of(world, "reader").close()
        raise AssertionError("the old password still works")
    except LoginFailed:
        pass
    client_of(world, "reader", "Changed-1433!").close()
    for name in ("reader", "third", "clerk"):
        world.cloud.request("DELETE", world.path(f"/db_user/{name}")).expect(200)
    expect_equal(world.cloud.request("DELETE", world.path("/db_user/reader")).status, 404, "again")
    try:
        client_of(world, "reader", "Changed-1433!").close()
        raise AssertionError("the account still logs in")
    except LoginFailed:
        pass


def rdsuser_does_not_become_a_sysadmin(world):
    for sql in ("ALTER LOGIN rdsadmin WITH PASSWORD = 'Taken-1433!'",
                "ALTER LOGIN sa WITH PASSWORD = 'Taken-1433!'", "DROP LOGIN rdsadmin",
                "ALTER SERVER ROLE sysadmin ADD MEMBER rdsuser", "EXECUTE AS LOGIN = 'rdsadmin'"):
        expect(refusal(world, "rdsuser", "master", sql) is not None, sql)


def an_account_for_reading_reads_every_database(world):
    world.sql("CREATE DATABASE second")
    world.sql("USE second; CREATE TABLE u (id int)")
    post(world, "/db_user", {"name": "watcher", "password": PASSWORD, "instance_readonly": True})
    for database, table in (("sales", "item"), ("second", "u")):
        expect_equal(refusal(world, "watcher", database, f"SELECT * FROM {table}"), None, database)
        expect_equal(refusal(world, "watcher", database, f"DELETE {table}"), 229, database)
    world.cloud.request("DELETE", world.path("/db_user/watcher")).expect(200)
    world.cloud.request("DELETE", world.path("/database/second")).expect(200)


# ---- queries ----

def ask(world, sql, status=200, **more):
    body = {"user": "rdsuser", "password": world.password, "sql": sql, **more}
    return world.cloud.post(world.path("/query"), body).expect(status)


def queries_run_as_the_login_that_was_given(world):
    answer = ask(world, "SELECT SUSER_SNAME() AS who, 1 AS n; PRINT 'told'; SELECT 1/0",
                 database="sales").json
    expect_equal(answer["results"][0]["rows"], [["rdsuser", "1"]], "rows")
    expect_equal([one["name"] for one in answer["results"][0]["columns"]], ["who", "n"], "columns")
    expect_equal([one["number"] for one in answer["messages"]], [0, 8134], "messages")
    expect_equal(answer["database"], "sales", "database")
    wrong = ask(world, "SELECT 1", 400, password="Wrong-1433!")
    expect("18456" in wrong.text, wrong.text)
    rows = ask(world, "SELECT TOP (50) object_id FROM sys.all_objects", max_rows=10).json["results"][0]
    expect_equal((len(rows["rows"]), rows["truncated"]), (10, True), "rows of a bounded result")


def queries_end_in_time_and_can_be_cancelled(world):
    began = time.monotonic()
    ask(world, "WAITFOR DELAY '00:00:20'", 400, timeout=1)
    expect(time.monotonic() - began < 8, f"ended after {time.monotonic() - began} s")
    answers = []
    thread = threading.Thread(target=lambda: answers.append(world.cloud.post(
        world.path("/query"), {"user": "rdsuser", "password": world.password, "query_id": "slow",
                               "sql": "WAITFOR DELAY '00:00:20'", "timeout": 30})))
    began = time.monotonic()
    thread.start()
    while world.cloud.request("DELETE", world.path("/query/slow")).status != 200:
        expect(time.monotonic() - began < 10, "the query was never seen")
        time.sleep(0.1)
    thread.join(15)
    expect(not thread.is_alive() and time.monotonic() - began < 12, "it was not cancelled")
    expect_equal(world.cloud.request("DELETE", world.path("/query/slow")).status, 404, "again")


TESTS = [databases_come_and_go, a_database_in_use_goes_by_force_only,
         bad_names_are_refused_and_run_nothing, odd_names_made_by_sql_can_be_dropped,
         accounts_do_what_was_granted, a_grant_is_whole_or_nothing, privileges_and_accounts_end,
         rdsuser_does_not_become_a_sysadmin,
         an_account_for_reading_reads_every_database, queries_run_as_the_login_that_was_given,
         queries_end_in_time_and_can_be_cancelled]
