"""Values that nobody should send, to every operation of identity: errors, never failures."""
import re

from report import expect

TEXTS = ["", "%20", "x" * 70, "x" * 5000, "'", "%00", "%FF%FE", "..%2F..", "%F0%9F%98%80", "-1", "NULL",
         "%2525", "a%0Ab"]
VALUES = ["", "x" * 70, "x" * 100000, "'; DROP TABLE iam_user; --", "\u0001\n", "\U0001f600", -1, 1.5,
          10 ** 30, True, None, [], {}, ["x"], {"x": {"x": "x"}}]


def nonsense_is_answered_as_such(cloud, tenant, _):
    tried = 0
    for operation in cloud.get("/operations", sign=None).expect(200).json["operations"]:
        if not operation["service"].startswith("iam") or not operation["supported"]:
            continue
        method, path = operation["method"], operation["path"]
        places = [re.sub(r"\{\w+\}", lambda _: text, path) for text in TEXTS] if "{" in path else [path]
        for place in places:
            answer = tenant.request(method, place, token=tenant.long_token)
            expect(answer.status < 500, f"{method} {place[:80]} answers {answer.status}")
            tried += 1
        if method == "GET":
            for text in TEXTS:
                for name in ("name", "domain_id", "page", "per_page", "user_id", "enabled"):
                    answer = cloud.send("GET", f"{place_for(path, tenant)}?{name}={text}",
                                        {"X-Auth-Token": tenant.long_token}, b"")
                    expect(answer.status < 500, f"GET {path}?{name}={text[:20]} answers {answer.status}")
                    tried += 1
        if method in ("POST", "PUT", "PATCH"):
            tried += bodies(tenant, method, place_for(path, tenant))
    expect(tried > 1000, f"only {tried} requests were made")


def place_for(path, tenant):
    return re.sub(r"\{\w+\}", lambda found: {"{user_id}": tenant.victim, "{domain_id}": tenant.domain}.get(
        found[0], "0" * 32), path)


def bodies(tenant, method, place):
    """Each of the wrong values where each field belongs."""
    kinds = {"user": ["name", "password", "email", "enabled", "description", "domain_id"],
             "group": ["name", "description"], "project": ["name", "description", "status"],
             "role": ["display_name", "type", "policy", "description"],
             "credential": ["user_id", "description", "status"], "domain": ["name", "owner"],
             "auth": ["identity", "scope"]}
    made = 0
    for kind, fields in kinds.items():
        if kind not in place and not (kind == "auth" and "token" in place):
            continue
        for value in VALUES:
            shapes = [{kind: value}] + [{kind: {field: value}} for field in fields]
            if kind == "auth":
                shapes += [{"auth": {"identity": {"methods": [method_name], method_name: value}}}
                           for method_name in ("password", "token")]
                shapes += [{"auth": {"identity": {"methods": value}}},
                           {"auth": {"identity": {"methods": ["password"],
                                                  "password": {"user": value}}}}]
            for shape in shapes:
                answer = tenant.request(method, place, shape, token=tenant.long_token)
                expect(answer.status < 500, f"{method} {place} with {str(shape)[:80]} answers "
                                            f"{answer.status}: {answer.text[:100]}")
                made += 1
    return made


def nonsense(cloud, tenant, other):
    tenant.victim = tenant.user().id
    tenant.long_token = tenant.token()
    nonsense_is_answered_as_such(cloud, tenant, other)


nonsense.__name__ = "nonsense_is_answered_as_such"
TESTS = [nonsense]
