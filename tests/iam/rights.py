"""Keys, users and policies: what they allow, and that changes count at once."""
import time

from report import Skip, expect, expect_equal
from tenants import IAM_READ, RDS_MANAGE, RDS_READ, SECURITY


def rds_there(cloud):
    found = cloud.get("/operations", sign=None).expect(200).json["operations"]
    if not any(one["service"] == "rds" for one in found):
        raise Skip("this build has no RDS operations")


def a_key_counts_until_it_is_disabled_or_deleted(cloud, tenant, _):
    user = tenant.user()
    key = user.new_key()
    where = f"/v3.0/OS-CREDENTIAL/credentials/{key[0]}"
    cloud.get("/v3/projects", credentials=key).expect(200)
    shown = cloud.get(where, credentials=key).expect(200).json["credential"]
    expect("secret" not in shown, "the secret is shown again")
    tenant.request("PUT", where, {"credential": {"status": "inactive"}}).expect(200)
    cloud.get("/v3/projects", credentials=key).expect(401)
    tenant.request("PUT", where, {"credential": {"status": "active"}}).expect(200)
    cloud.get("/v3/projects", credentials=key).expect(200)
    tenant.request("DELETE", where).expect(204)
    cloud.get("/v3/projects", credentials=key).expect(401)


def a_user_has_two_keys_at_most(cloud, tenant, _):
    user = tenant.user()
    user.new_key()
    user.new_key()
    answer = cloud.post("/v3.0/OS-CREDENTIAL/credentials", {"credential": {"user_id": user.id}},
                        token=user.token())
    expect_equal(answer.status, 409, "the third key's status")


def a_disabled_user_is_out_at_once(cloud, tenant, _):
    user = tenant.user()
    token, key = user.token(), user.new_key()
    tenant.request("PATCH", f"/v3/users/{user.id}", {"user": {"enabled": False}}).expect(200)
    cloud.get("/v3/projects", token=token).expect(401)
    cloud.get("/v3/projects", credentials=key).expect(401)
    user.sign_in().expect(401)
    tenant.request("PATCH", f"/v3/users/{user.id}", {"user": {"enabled": True}}).expect(200)
    cloud.get("/v3/projects", credentials=key).expect(200)
    cloud.get("/v3/projects", token=token).expect(401)
    tenant.request("DELETE", f"/v3/users/{user.id}").expect(204)
    cloud.get("/v3/projects", credentials=key).expect(401)


def without_a_role_only_the_own_is_there(_, tenant, __):
    user = tenant.user()
    user.get(f"/v3/users/{user.id}").expect(200)
    user.get(f"/v3/users/{user.id}/groups").expect(200)
    user.get("/v3/auth/domains").expect(200)
    expect_equal(user.get("/v3/projects").expect(200).json["projects"], [], "the projects")
    for path in ("/v3/users", "/v3/groups", "/v3/roles", f"/v3/users/{tenant.id}",
                 f"/v3.0/OS-CREDENTIAL/credentials?user_id={tenant.id}",
                 f"/v3/users/{tenant.id}/projects"):
        path, _, query = path.partition("?")
        pairs = [tuple(query.split("="))] if query else None
        answer = user.get(path, query=pairs)
        expect_equal((answer.status, answer.code), (403, "APIGW.0302"), f"the answer of {path}")
    for method, path, body in (
            ("POST", "/v3/users", {"user": {"name": "mine", "password": "Very-Good-1"}}),
            ("POST", "/v3/projects", {"project": {"name": "mine"}}),
            ("POST", "/v3/domains", {"domain": {"name": "mine"}}),
            ("POST", "/v3.0/OS-CREDENTIAL/credentials", {"credential": {"user_id": tenant.id}}),
            ("PATCH", f"/v3/users/{user.id}", {"user": {"enabled": True}}),
            ("PUT", f"/v3/groups/{tenant.group()}/users/{user.id}", None)):
        user.request(method, path, body).expect(403)


def roles_of_identity_give_what_they_say(_, tenant, __):
    reader, officer = tenant.user((IAM_READ, "domain")), tenant.user((SECURITY, "domain"))
    reader.get("/v3/users").expect(200)
    reader.request("POST", "/v3/groups", {"group": {"name": "no"}}).expect(403)
    made = officer.request("POST", "/v3/groups", {"group": {"name": "yes"}}).expect(201)
    officer.request("DELETE", f"/v3/groups/{made.json['group']['id']}").expect(204)
    # Who manages users does not become the account's own user by it.
    for method, path, body in (
            ("PATCH", f"/v3/users/{tenant.id}", {"user": {"password": "Taken-Over-1"}}),
            ("PATCH", f"/v3/users/{tenant.id}", {"user": {"enabled": False}}),
            ("DELETE", f"/v3/users/{tenant.id}", None),
            ("POST", "/v3.0/OS-CREDENTIAL/credentials", {"credential": {"user_id": tenant.id}})):
        officer.request(method, path, body).expect(403)


def a_grant_counts_at_once_and_ends_at_once(_, tenant, __):
    user = tenant.user((IAM_READ, "domain"))
    user.get("/v3/users").expect(200)
    path = tenant.grant_path(user.group, IAM_READ, "domain")
    tenant.request("DELETE", path).expect(204)
    user.get("/v3/users").expect(403)
    tenant.request("PUT", path).expect(204)
    user.get("/v3/users").expect(200)
    tenant.request("DELETE", f"/v3/groups/{user.group}/users/{user.id}").expect(204)
    user.get("/v3/users").expect(403)


def a_denial_wins(_, tenant, __):
    allow = tenant.policy({"Effect": "Allow", "Action": ["iam:*:list*", "iam:groups:*"]})
    deny = tenant.policy({"Effect": "Deny", "Action": ["iam:groups:createGroup"]})
    user = tenant.user((allow, "domain"), (deny, "domain"))
    user.get("/v3/users").expect(200)
    user.get("/v3/groups").expect(200)
    user.request("POST", "/v3/groups", {"group": {"name": "denied"}}).expect(403)
    user.request("POST", "/v3/projects", {"project": {"name": "silent"}}).expect(403)
    tenant.request("PATCH", f"/v3.0/OS-ROLE/roles/{deny}", {"role": {"policy": {
        "Version": "1.1", "Statement": [{"Effect": "Deny", "Action": ["iam:groups:x"]}]}}}
                   ).expect(200)
    user.request("POST", "/v3/groups", {"group": {"name": "allowed"}}).expect(201)


def policies_that_cannot_be_kept_are_refused(_, tenant, __):
    good = {"Effect": "Allow", "Action": ["rds:instance:list"]}
    for version, statements in (("2.0", [good]), ("1.1", []), ("1.1", [{"Effect": "Maybe",
                                "Action": ["a:b:c"]}]), ("1.1", [{"Effect": "Allow"}]),
                                ("1.1", [{**good, "Action": ["rds"]}]), ("1.1", [{**good,
                                "Condition": {"StringEquals": {"g:UserName": ["a"]}}}]),
                                ("1.1", [good] * 9), ("1.1", [{**good, "Resource": ["x"]}])):
        answer = tenant.request("POST", "/v3.0/OS-ROLE/roles", {"role": {
            "display_name": "bad", "type": "XA",
            "policy": {"Version": version, "Statement": statements}}})
        expect_equal(answer.status, 400, f"the answer to {version} {statements}"[:120])


def database_roles_separate_reading_from_changing(cloud, tenant, _):
    rds_there(cloud)
    instances = f"/v3/{tenant.project}/instances"
    reader, nobody = tenant.user((RDS_READ, "project")), tenant.user()
    manager = tenant.user((RDS_MANAGE, "project"))
    reader.get(instances).expect(200)
    nobody.get(instances).expect(403)
    manager.get(instances).expect(200)
    gone = f"{instances}/{'0' * 32}in04"
    reader.request("DELETE", gone).expect(403)
    manager.request("DELETE", gone).expect(403)
    tenant.request("DELETE", gone).expect(404)
    expect_equal([one["id"] for one in reader.get("/v3/projects").json["projects"]],
                 [tenant.project], "the projects that a reader sees")


def a_token_of_the_domain_opens_no_project(cloud, tenant, _):
    rds_there(cloud)
    instances = f"/v3/{tenant.project}/instances"
    cloud.get(instances, token=tenant.project_token()).expect(200)
    cloud.get(instances, token=tenant.token({"domain": {"id": tenant.domain}})).expect(403)


def what_another_daemon_changes_counts_here(cloud, tenant, _):
    """The change is made in the store itself, as another daemon of the same cloud makes it."""
    user = tenant.user((IAM_READ, "domain"))
    user.get("/v3/users").expect(200)
    changes = ((f"DELETE FROM iam_grant WHERE group_id = '{user.group}'", 403),
               (f"INSERT INTO iam_grant VALUES ('{user.group}', 'domain', '{IAM_READ}')", 200),
               (f"UPDATE iam_key SET active = false WHERE access = '{user.key[0]}'", 401),
               (f"UPDATE iam_key SET active = true WHERE access = '{user.key[0]}'", 200),
               (f"UPDATE iam_user SET enabled = false WHERE id = '{user.id}'", 401))
    for sql, status in changes:
        cloud.sql(sql)
        until = time.monotonic() + 2
        while user.get("/v3/users").status != status and time.monotonic() < until:
            time.sleep(0.01)
        expect_equal(user.get("/v3/users").status, status, f"the status after {sql[:30]}")


def secrets_are_not_in_the_store(cloud, tenant, _):
    user = tenant.user()
    key = user.new_key()
    rows = cloud.sql("SELECT u::text || k::text FROM iam_user u JOIN iam_key k"
                       f" ON k.user_id = u.id WHERE u.id = '{user.id}'")
    text = str(rows)
    expect(key[0] in text, "the key's row was not found")
    expect(key[1] not in text and user.password not in text, "a secret is readable in the store")
    expect("scrypt$" in text and "v1." in text, "the secrets have another form")


def temporary(cloud, user, policy=None, seconds=900):
    identity = {"methods": ["token"], "token": {"id": user.token(), "duration_seconds": seconds}}
    if policy:
        identity["policy"] = {"Version": "1.1", "Statement": policy}
    return cloud.post("/v3.0/OS-CREDENTIAL/securitytokens", {"auth": {"identity": identity}},
                      sign=None)


def temporary_keys_go_with_their_token(cloud, tenant, _):
    made = temporary(cloud, tenant).expect(201).json["credential"]
    key, token = (made["access"], made["secret"]), made["securitytoken"]
    for form in ("current", "derived"):
        cloud.get("/v3/users", credentials=key, headers={"X-Security-Token": token},
                  sign=form).expect(200)
    cloud.get("/v3/users", credentials=key).expect(401)
    cloud.get("/v3/users", credentials=(key[0], "x"),
              headers={"X-Security-Token": token}).expect(401)
    cloud.get("/v3/users", token=token).expect(401)
    another = temporary(cloud, tenant).expect(201).json["credential"]
    cloud.get("/v3/users", credentials=key,
              headers={"X-Security-Token": another["securitytoken"]}).expect(401)
    temporary(cloud, tenant, seconds=899).expect(400)
    temporary(cloud, tenant, seconds=86401).expect(400)


def an_unsigned_security_token_is_taken(cloud, tenant, _):
    from signatures import signed
    made = temporary(cloud, tenant).expect(201).json["credential"]
    user = type("Signer", (), {"key": (made["access"], made["secret"]), "cloud": cloud})()
    signed(user, path="/v3/users", later={"X-Security-Token": made["securitytoken"]}
           )[0].expect(200)


def a_temporary_key_is_no_more_than_its_policy(cloud, tenant, _):
    made = temporary(cloud, tenant, [{"Effect": "Allow", "Action": ["iam:users:list*"]}]
                     ).expect(201).json["credential"]
    more = {"credentials": (made["access"], made["secret"]),
            "headers": {"X-Security-Token": made["securitytoken"]}}
    cloud.get("/v3/users", **more).expect(200)
    cloud.get("/v3/groups", **more).expect(403)
    cloud.post("/v3.0/OS-CREDENTIAL/credentials", {"credential": {"user_id": tenant.id}},
               **more).expect(403)


TESTS = [a_key_counts_until_it_is_disabled_or_deleted, a_user_has_two_keys_at_most,
         a_disabled_user_is_out_at_once, without_a_role_only_the_own_is_there,
         roles_of_identity_give_what_they_say, a_grant_counts_at_once_and_ends_at_once,
         a_denial_wins, policies_that_cannot_be_kept_are_refused,
         database_roles_separate_reading_from_changing, a_token_of_the_domain_opens_no_project,
         what_another_daemon_changes_counts_here, secrets_are_not_in_the_store,
         temporary_keys_go_with_their_token, an_unsigned_security_token_is_taken,
         a_temporary_key_is_no_more_than_its_policy]
