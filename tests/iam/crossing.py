"""Every operation that the daemon has, asked with the ids of another tenant: nothing of his may be
seen or changed, and what exists must look like what does not."""
import re

from report import Skip, expect, expect_equal
from tenants import IAM_READ


def owned_by(tenant):
    """One thing of each kind, by the placeholder that names it in paths."""
    user = tenant.user((IAM_READ, "domain"))
    role = tenant.policy({"Effect": "Allow", "Action": ["iam:users:list*"]})
    return {"project_id": tenant.project, "domain_id": tenant.domain, "user_id": user.id,
            "group_id": user.group, "role_id": role, "access_key": user.new_key()[0]}


def seen_by(tenant):
    """All of a tenant's identity as he sees it."""
    paths = ["/v3/projects", "/v3/users", "/v3/groups", "/v3.0/OS-ROLE/roles",
             "/v3.0/OS-CREDENTIAL/credentials"]
    groups = tenant.get("/v3/groups").expect(200).json["groups"]
    paths += [f"/v3/groups/{group['id']}/users" for group in groups]
    paths += [f"/v3/domains/{tenant.domain}/groups/{group['id']}/roles" for group in groups]
    return [tenant.get(path).expect(200).json for path in paths]


def body_for(operation, ids):
    name = re.search(r"/(user|group|project|role|credential)s?\b", operation["path"])
    kind = {"OS-CREDENTIAL": "credential"}.get(operation["path"].split("/")[2]) or \
        (name.group(1) if name else "user")
    fields = {"name": "crossed", "description": "crossed", "domain_id": ids["domain_id"],
              "user_id": ids["user_id"], "status": "inactive", "password": "Crossed-Over-1",
              "original_password": "Crossed-Over-2", "display_name": "crossed", "type": "XA",
              "policy": {"Version": "1.1", "Statement": [{"Effect": "Allow",
                                                          "Action": ["iam:*:*"]}]}}
    if operation["id"] == "update_project_status":
        fields["status"] = "suspended"
    return {kind: fields}


def paths_of(operation, own, ids):
    """The path with all ids another's, and with each of them another's among own ones."""
    names = [name for name in re.findall(r"\{(\w+)\}", operation["path"]) if name in ids]
    for foreign in [set(names)] + [{name} for name in names if len(names) > 1]:
        yield re.sub(r"\{(\w+)\}", lambda found: ids.get(found[1], "0" * 36)
                     if found[1] in foreign else own.get(found[1], "0" * 36), operation["path"])


def nothing_of_another_tenant_is_reached(cloud, tenant, other):
    ids, own = owned_by(other), owned_by(tenant)
    before = seen_by(other)
    secrets = [ids["user_id"], ids["group_id"], ids["access_key"], other.domain, other.project]
    crossed = 0
    for operation in cloud.get("/operations", sign=None).expect(200).json["operations"]:
        if not operation["supported"]:
            continue
        for path in paths_of(operation, own, ids):
            if path == operation["path"]:
                continue
            body = None
            if operation["method"] in ("POST", "PUT", "PATCH"):
                body = body_for(operation, ids)
            answer = tenant.request(operation["method"], path, body)
            expect(400 <= answer.status < 500,
                   f"{operation['method']} {path} ({operation['id']}) answers {answer.status}")
            told = [one for one in secrets if one in answer.text and one not in path]
            expect(not told, f"{operation['method']} {path} tells {told}")
            crossed += 1
    expect(crossed > 40, f"only {crossed} paths were tried")
    expect_equal(seen_by(other), before, "what the other tenant has")


def what_exists_looks_like_what_does_not(_, tenant, other):
    ids = owned_by(other)
    for path, name in (("/v3/users/{}", "user_id"), ("/v3/groups/{}", "group_id"),
                       ("/v3/projects/{}", "project_id"), ("/v3/roles/{}", "role_id"),
                       ("/v3.0/OS-CREDENTIAL/credentials/{}", "access_key"),
                       ("/v3/domains/{}", "domain_id"), ("/v3/{}/instances", "project_id")):
        theirs = tenant.get(path.format(ids[name]))
        nobodys = tenant.get(path.format("f" * len(ids[name])))
        expect_equal(theirs.status, 404, f"the status of {path}")
        texts = [re.sub(r"[0-9a-f]{20,}|[0-9A-Z]{20}", "*", answer.json["error_msg"])
                 for answer in (theirs, nobodys)]
        expect_equal(texts[0], texts[1], f"the message of {path}")


def sample(schema):
    """A small value that fits the JSON schema."""
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type")
    if kind == "object" or "properties" in schema:
        return {name: sample(field) for name, field in schema.get("properties", {}).items()
                if name in schema.get("required", [])}
    if kind == "array":
        return [sample(schema.get("items", {}))]
    if kind in ("integer", "number"):
        return schema.get("minimum", 1)
    if kind == "boolean":
        return True
    return "crossed".ljust(schema.get("minLength", 0), "x")[:schema.get("maxLength", 100)]


def an_instance_of(tenant, cloud):
    """A running instance of the tenant, with the id of the job that made it."""
    body = cloud.instance_body("theirs")
    made = tenant.request("POST", f"/v3/{tenant.project}/instances", body).expect(202).json
    cloud.wait_job(made["job_id"], project=tenant.project, credentials=tenant.key)
    return made["instance"]["id"], made["job_id"]


def instances_of_another_tenant_are_out_of_reach(cloud, tenant, other):
    operations = cloud.get("/operations", sign=None).expect(200).json["operations"]
    if not any(one["service"] == "rds" and one["id"] == "create_instance" for one in operations):
        raise Skip("this build cannot make instances")
    theirs, job = an_instance_of(other, cloud)
    document = cloud.get("/openapi.json", sign=None).expect(200).json["paths"]
    view = f"/v3/{other.project}/instances"
    before = other.get(view).expect(200).json
    tried = 0
    for operation in operations:
        path, method = operation["path"], operation["method"]
        if not operation["supported"] or "{instance_id}" not in path:
            continue
        schema = document[path][method.lower()].get("requestBody", {}).get("content", {}).get(
            "application/json", {}).get("schema")
        query = {one["name"]: sample(one["schema"])
                 for one in document[path][method.lower()].get("parameters", [])
                 if one["in"] == "query" and one.get("required")}
        for project in (tenant.project, other.project):
            place = path.replace("{project_id}", project).replace("{instance_id}", theirs)
            place = re.sub(r"\{\w+\}", "master", place)
            body = sample(schema) if schema else None
            answer = tenant.request(method, place, body, query=query)
            expect(answer.status in (400, 403, 404),
                   f"{method} {place} ({operation['id']}) answers {answer.status}")
            expect("theirs" not in answer.text, f"{method} {place} tells the instance's name")
            expect(project == tenant.project or answer.status == 404,
                   f"{method} {place} answers {answer.status} in a project of another")
            tried += 1
    expect(tried > 20, f"only {tried} paths were tried")
    mine = f"/v3/{tenant.project}"
    found = tenant.get(f"{mine}/instances", query={"id": theirs}).expect(200).json
    expect_equal((found["instances"], found["total_count"]), ([], 0), "instances found by id")
    expect(400 <= tenant.get(f"{mine}/jobs", query={"id": job}).status < 500, "the job is shown")
    expect_equal(other.get(view).expect(200).json, before, "the other tenant's instances")
    other.request("DELETE", f"{view}/{theirs}").expect(202)


def queries_for_another_domain_find_nothing(_, tenant, other):
    owned_by(other)
    for path, key in (("/v3/users", "users"), ("/v3/groups", "groups"), ("/v3/roles", "roles"),
                      ("/v3/projects", "projects")):
        found = tenant.get(path, query={"domain_id": other.domain}).expect(200).json[key]
        expect_equal(found, [], f"{path} of another domain")
    found = tenant.get("/v3.0/OS-CREDENTIAL/credentials", query={"user_id": other.id})
    expect_equal(found.expect(200).json["credentials"], [], "another's keys")
    for path, kind in (("/v3/users", "user"), ("/v3/groups", "group"), ("/v3/projects", "project")):
        tenant.request("POST", path, {kind: {"name": "planted", "domain_id": other.domain}}
                       ).expect(404)
    expect_equal(len(tenant.get("/v3/domains").expect(200).json["domains"]), 1, "the domains seen")


def the_operator_sees_domains_but_not_into_them(cloud, tenant, _):
    ids = owned_by(tenant)
    names = [one["name"] for one in cloud.get("/v3/domains").expect(200).json["domains"]]
    expect(tenant.name in names, "the operator does not see the domain")
    for path in (f"/v3/users/{ids['user_id']}", f"/v3/groups/{ids['group_id']}",
                 f"/v3/{tenant.project}/instances", f"/v3/projects/{tenant.project}"):
        cloud.get(path).expect(404)


def a_disabled_domain_is_out_at_once(cloud, _, other):
    token = other.token()
    where = f"/v3/domains/{other.domain}"
    cloud.request("PATCH", where, {"domain": {"enabled": False}}).expect(200)
    other.get("/v3/users").expect(401)
    cloud.get("/v3/users", token=token).expect(401)
    other.sign_in().expect(401)
    cloud.request("PATCH", where, {"domain": {"enabled": True}}).expect(200)
    other.get("/v3/users").expect(200)


TESTS = [nothing_of_another_tenant_is_reached, what_exists_looks_like_what_does_not,
         instances_of_another_tenant_are_out_of_reach,
         queries_for_another_domain_find_nothing, the_operator_sees_domains_but_not_into_them,
         a_disabled_domain_is_out_at_once]
