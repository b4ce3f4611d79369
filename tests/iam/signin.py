"""Passwords and tokens: scopes, revocation, lock-out. Last in the suite: it locks names."""
import time

from report import expect, expect_equal
from tenants import RDS_READ, SECRETS, password_body


def tokens_have_the_scope_that_was_asked_for(cloud, tenant, _):
    user = tenant.user((RDS_READ, "project"))
    in_project = user.sign_in({"project": {"name": cloud.region, "domain": {"name": tenant.name}}})
    token = in_project.expect(201).json["token"]
    expect_equal(token["project"]["id"], tenant.project, "the project")
    expect_equal([role["id"] for role in token["roles"]], [RDS_READ], "the roles")
    urls = {entry["type"]: entry["endpoints"][0]["url"] for entry in token["catalog"]}
    expect_equal(urls["identity"], f"{cloud.endpoint}/v3", "the URL of identity")
    expect(urls["rdsv3"].endswith(f"/v3/{tenant.project}"), "the URL of RDS has not the project")
    expect("domain" not in token, "a project's token has a domain's scope")
    in_domain = user.sign_in({"domain": {"id": tenant.domain}}).expect(201).json["token"]
    expect_equal(in_domain["domain"]["id"], tenant.domain, "the domain")
    bare = user.sign_in().expect(201).json["token"]
    expect("project" not in bare and "catalog" not in bare, "an unscoped token has a scope")
    answer = cloud.post("/v3/auth/tokens", password_body(user.name, user.password, tenant.name, {
        "project": {"id": tenant.project}}), query={"nocatalog": "true"}, sign=None).expect(201)
    expect("catalog" not in answer.json["token"], "nocatalog is not heeded")


def a_scope_without_a_role_is_refused(_, tenant, other):
    user = tenant.user()
    answers = [user.sign_in({"project": {"id": project}}) for project in
               (tenant.project, other.project, "0" * 32)]
    answers.append(user.sign_in({"domain": {"id": other.domain}}))
    expect_equal({answer.status for answer in answers}, {401}, "the statuses")
    expect_equal(len({answer.json["error_msg"] for answer in answers}), 1,
                 "the number of different messages")


def a_token_gives_another_scope_but_no_longer_life(cloud, tenant, _):
    first = tenant.sign_in().expect(201)
    second = cloud.post("/v3/auth/tokens", {"auth": {
        "identity": {"methods": ["token"], "token": {"id": first.headers["x-subject-token"]}},
        "scope": {"project": {"id": tenant.project}}}}, sign=None).expect(201)
    expect_equal(second.json["token"]["expires_at"], first.json["token"]["expires_at"], "the end")
    cloud.get("/v3/auth/catalog", token=second.headers["x-subject-token"]).expect(200)


def tokens_are_shown_to_their_own_only(cloud, tenant, other):
    token, stranger = tenant.token(), other.token()
    shown = cloud.get("/v3/auth/tokens", token=token, headers={"X-Subject-Token": token})
    expect_equal(shown.expect(200).json["token"]["user"]["id"], tenant.id, "the user")
    cloud.get("/v3/auth/tokens", token=stranger, headers={"X-Subject-Token": token}).expect(404)
    cloud.request("DELETE", "/v3/auth/tokens", token=stranger,
                  headers={"X-Subject-Token": token}).expect(404)
    cloud.get("/v3/auth/tokens", token=token, headers={"X-Subject-Token": token}).expect(200)


def a_revoked_token_is_void_at_once(cloud, tenant, _):
    token, left = tenant.token(), tenant.token()
    cloud.get("/v3/users", token=token).expect(200)
    cloud.request("DELETE", "/v3/auth/tokens", token=token,
                  headers={"X-Subject-Token": token}).expect(204)
    cloud.get("/v3/users", token=token).expect(401)
    cloud.get("/v3/users", token=left).expect(200)


def forged_tokens_are_refused(cloud, tenant, _):
    token = tenant.token()
    for place in (5, len(token) // 2, len(token) - 6):
        letter = "B" if token[place] == "A" else "A"
        cloud.get("/v3/users", token=token[:place] + letter + token[place + 1:]).expect(401)
    for text in ("x", "v1.", "v1.AAAA", "v1." + "A" * 400, "v2" + token[2:]):
        cloud.get("/v3/users", token=text).expect(401)


def a_new_password_ends_the_tokens(cloud, tenant, _):
    user = tenant.user()
    token, key = user.token(), user.new_key()
    for bad in ("short1A", "alllowercaseletters", "Aaaaa-aaaa-1111111", f"My-{user.name}-Word1",
                user.password):
        answer = cloud.post(f"/v3/users/{user.id}/password", {"user": {
            "password": bad, "original_password": user.password}}, token=token)
        expect_equal(answer.status, 400, f"the answer to the password {bad}")
    fresh = "Another-Word-99"
    SECRETS.add(fresh)
    cloud.post(f"/v3/users/{user.id}/password", {"user": {
        "password": fresh, "original_password": user.password}}, token=token).expect(204)
    cloud.get(f"/v3/users/{user.id}", token=token).expect(401)
    user.sign_in().expect(401)
    user.sign_in(password=fresh).expect(201)
    cloud.get(f"/v3/users/{user.id}", credentials=key).expect(200)


def wrong_passwords_lock_and_tell_nothing(cloud, tenant, _):
    user = tenant.user()
    messages, times = {}, {}
    for name in (user.name, "nobody-there"):
        began = time.monotonic()
        answers = [cloud.post("/v3/auth/tokens", password_body(name, "Wrong-Word-1", tenant.name),
                              sign=None) for _ in range(5)]
        times[name] = time.monotonic() - began
        expect_equal({answer.status for answer in answers}, {401}, f"the statuses of {name}")
        locked = cloud.post("/v3/auth/tokens", password_body(name, user.password, tenant.name),
                            sign=None)
        expect_equal(locked.status, 401, f"the right password of {name} while it is locked")
        messages[name] = [answer.json["error_msg"] for answer in (*answers, locked)]
    expect_equal(messages[user.name], messages["nobody-there"],
                 "what an existing user's failures say")
    expect("locked" in messages[user.name][5], "the lock is not told")
    ratio = times[user.name] / times["nobody-there"]
    expect(0.4 < ratio < 2.5, f"failures of an existing user take {ratio:.1f} times as long")
    by_id = cloud.post("/v3/auth/tokens", {"auth": {"identity": {"methods": ["password"], "password": {
        "user": {"id": user.id, "password": user.password}}}}}, sign=None)
    expect_equal(by_id.status, 401, "the locked user's sign-in by id")


def an_address_that_guesses_is_slowed_down(cloud, tenant, _):
    statuses = set()
    for number in range(70):
        answer = cloud.post("/v3/auth/tokens", password_body(f"guess{number}", "x", tenant.name),
                            sign=None)
        statuses.add(answer.status)
        if answer.status == 429:
            break
    expect_equal(statuses, {401, 429}, "the statuses of many wrong guesses")


TESTS = [tokens_have_the_scope_that_was_asked_for, a_scope_without_a_role_is_refused,
         a_token_gives_another_scope_but_no_longer_life, tokens_are_shown_to_their_own_only,
         a_revoked_token_is_void_at_once, forged_tokens_are_refused, a_new_password_ends_the_tokens,
         wrong_passwords_lock_and_tell_nothing, an_address_that_guesses_is_slowed_down]
