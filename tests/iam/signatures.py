"""Signed requests: both forms, what clients do differently, and what is refused."""
import json
import time
import urllib.parse

from report import expect, expect_equal
import signature

PATH = "/v3/projects"


def signed(tenant, method="GET", path=PATH, query="", headers=None, body=b"", names=None, form=None,
           later=None, date=None, secret=None, canonical=None):
    """Signs by hand. names: the headers that are signed; later: headers added after signing;
    canonical: replaces the canonical request's lines (a function of a list)."""
    tenant.key = tenant.key or tenant.new_key()
    access, key = tenant.key
    host = f"{tenant.cloud.host}:{tenant.cloud.port}"
    sent = {"Host": host, "X-Sdk-Date": date or signature.stamp(), **(headers or {})}
    lower = {name.lower(): value for name, value in sent.items()}
    names = names or sorted(lower)
    pairs = urllib.parse.parse_qsl(query, keep_blank_values=True)
    lines = [method, signature.canonical_path(path), signature.canonical_query(pairs),
             "".join(f"{name}:{lower[name].strip()}\n" for name in names), ";".join(names),
             lower.get("x-sdk-content-sha256") or signature.digest(body)]
    if canonical:
        canonical(lines)
    text = "\n".join(lines)
    to_sign = f"SDK-HMAC-SHA256\n{sent['X-Sdk-Date']}\n{signature.digest(text.encode())}"
    made = signature.keyed((secret or key).encode(), to_sign).hexdigest()
    sent["Authorization"] = (form or "SDK-HMAC-SHA256 Access={0}, SignedHeaders={1}, Signature={2}"
                             ).format(access, ";".join(names), made)
    target = path + ("?" + query if query else "")
    answer = tenant.cloud.send(method, target, {**sent, **(later or {})}, body)
    return answer, signature.digest(text.encode())


def both_forms_of_signature_are_taken(cloud, tenant, _):
    for form in ("current", "derived"):
        answer = tenant.get(PATH, query={"name": cloud.region, "page": 1}, sign=form)
        expect_equal([one["id"] for one in answer.expect(200).json["projects"]], [tenant.project],
                     f"the projects by the {form} form")


def the_client_chooses_what_it_signs(_, tenant, __):
    headers = {"Content-Type": "application/json", "User-Agent": "a  client", "Accept": "*/*"}
    for names in (["x-sdk-date"], ["host", "x-sdk-date"], ["x-sdk-date", "host"],
                  ["accept", "content-type", "user-agent", "x-sdk-date"]):
        signed(tenant, headers=headers, names=names)[0].expect(200)


def headers_added_after_signing_are_let_through(_, tenant, __):
    signed(tenant, later={"X-Project-Id": tenant.project, "X-Domain-Id": tenant.domain}
           )[0].expect(200)


def an_unsigned_payload_is_taken_in_both_ways(_, tenant, __):
    headers = {"X-Sdk-Content-Sha256": "UNSIGNED-PAYLOAD"}

    def empty_hash(lines):
        lines[5] = signature.digest(b"")

    signed(tenant, headers=headers)[0].expect(200)
    signed(tenant, headers=headers, canonical=empty_hash)[0].expect(200)


def the_body_of_a_get_is_signed(_, tenant, __):
    headers = {"Content-Type": "application/json", "Content-Length": "2"}
    signed(tenant, headers=headers, body=b"{}")[0].expect(200)

    def another(lines):
        lines[5] = signature.digest(b"[]")

    signed(tenant, headers=headers, body=b"{}", canonical=another)[0].expect(401)


def queries_are_sorted_and_encoded(_, tenant, __):
    # A name given twice is no good value here, but its signature is good.
    signed(tenant, query="name=b&name=a&enabled=true")[0].expect(400)
    for query in ("name=%E4%B8%AD%20x", "name=a*b~c", "name",
                  "name=a%2Fb&page=1", "name=%3D%26", "name=a+b"):
        signed(tenant, query=query)[0].expect(200)

    def plus_itself(lines):
        lines[2] = "name=a%2Bb"

    signed(tenant, query="name=a+b", canonical=plus_itself)[0].expect(200)


def a_wrong_signature_says_what_was_expected(cloud, tenant, _):
    answer, digest = signed(tenant, query="name=x", secret="not the secret")
    answer.expect(401)
    expect_equal(answer.code, "APIGW.0301", "the code")
    expect(digest in answer.text, "the server's hash of the canonical request is not told")
    expect(time.strftime("%Y%m%dT%H", time.gmtime()) in answer.text, "the server's time is missing")
    expect(tenant.key[1] not in answer.text, "the answer has the secret key")

    def other_path(lines):
        lines[1] = "/v3/users/"

    signed(tenant, canonical=other_path)[0].expect(401)
    answer = tenant.get(PATH, credentials=("ABCDEFGHIJKLMNOPQRST", "x"))
    expect_equal((answer.status, answer.code), (401, "APIGW.0301"), "an unknown key's answer")
    expect(cloud.get(PATH, sign=None).status == 401, "an unsigned request is let in")


def the_clocks_may_differ_by_a_quarter_of_an_hour(_, tenant, __):
    now = time.time()
    for seconds, status in ((-14 * 60, 200), (14 * 60, 200), (-16 * 60, 401), (16 * 60, 401)):
        for form in ("current", "derived"):
            expect_equal(tenant.get(PATH, when=now + seconds, sign=form).status, status,
                         f"the status at {seconds} s ({form})")
    tenant.get(PATH, when=now).expect(200)
    tenant.get(PATH, when=now).expect(200)  # the same again within the skew: as the real service


def malformed_headers_are_refused(_, tenant, __):
    forms = ["SDK-HMAC-SHA256", "SDK-HMAC-SHA256 ", "SDK-HMAC-SHA256 Access={0}",
             "SDK-HMAC-SHA256 Access={0}, SignedHeaders=, Signature={2}",
             "SDK-HMAC-SHA256 Access={0}, SignedHeaders={1}, Signature=zz",
             "SDK-HMAC-SHA256 Access=" + "A" * 5000 + ", SignedHeaders={1}, Signature={2}",
             "SDK-HMAC-SHA256 Access={0}, SignedHeaders=" + "a;" * 200 + "b, Signature={2}",
             "SDK-HMAC-SHA256 Credential={0}/x, SignedHeaders={1}, Signature={2}",
             "SDK-HMAC-SHA256 Credential={0}/20260101///sdk_request, SignedHeaders={1},"
             " Signature={2}", "SDK-HMAC-SHA256 =,=,==", "SDK-HMAC-SM3 Access={0}, Signature={2}",
             "V11-HMAC-SHA256 Credential={0}", "Basic YTpi", "Bearer {0}", ",", "SDK-HMAC-SHA256 ,,,"]
    for form in forms:
        answer, _ = signed(tenant, form=form)
        expect_equal((answer.status, answer.code), (401, "APIGW.0301"), f"the answer to {form[:60]}")
    for date in ("yesterday", "20261301T000000Z", "1" * 200):
        signed(tenant, date=date)[0].expect(401)


def a_body_that_was_changed_is_refused(_, tenant, __):
    body = json.dumps({"group": {"name": "forged"}}).encode()
    headers = {"Content-Type": "application/json", "Content-Length": str(len(body))}

    def another(lines):
        lines[5] = signature.digest(body.replace(b"forged", b"agreed"))

    signed(tenant, "POST", "/v3/groups", headers=headers, body=body, canonical=another)[0].expect(401)
    found = tenant.get("/v3/groups", query={"name": "forged"}).expect(200).json["groups"]
    expect_equal(found, [], "the groups made by a forged body")


TESTS = [both_forms_of_signature_are_taken, the_client_chooses_what_it_signs,
         headers_added_after_signing_are_let_through, an_unsigned_payload_is_taken_in_both_ways,
         the_body_of_a_get_is_signed, queries_are_sorted_and_encoded,
         a_wrong_signature_says_what_was_expected, the_clocks_may_differ_by_a_quarter_of_an_hour,
         malformed_headers_are_refused, a_body_that_was_changed_is_refused]
