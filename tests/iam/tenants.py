"""A tenant with its administrator, and users made in it; remembers every secret that it used, so
that the end of the suite can look for them in the log."""
import itertools

SECRETS = set()
NUMBERS = itertools.count(1)
PASSWORD = "Correct-Horse-7"
FULL = "0ca5e000000000000000000000000001"
RDS_FULL = "0ca5e000000000000000000000000010"
RDS_MANAGE = "0ca5e000000000000000000000000011"
RDS_READ = "0ca5e000000000000000000000000012"
SECURITY = "0ca5e000000000000000000000000004"
IAM_READ = "0ca5e000000000000000000000000005"


def password_body(name, password, domain, scope=None):
    auth = {"identity": {"methods": ["password"], "password": {
        "user": {"name": name, "password": password, "domain": {"name": domain}}}}}
    if scope is not None:
        auth["scope"] = scope
    return {"auth": auth}


class User:
    """A user with a key of his own."""

    def __init__(self, tenant, ident, name, password):
        self.tenant, self.id, self.name, self.password = tenant, ident, name, password
        self.cloud = tenant.cloud
        self.key = None

    def token(self, scope=None, password=None):
        return self.sign_in(scope, password).expect(201).headers["x-subject-token"]

    def sign_in(self, scope=None, password=None):
        return self.cloud.post("/v3/auth/tokens", password_body(
            self.name, password or self.password, self.tenant.name, scope), sign=None)

    def project_token(self):
        return self.token({"project": {"id": self.tenant.project}})

    def new_key(self):
        made = self.cloud.post("/v3.0/OS-CREDENTIAL/credentials", {"credential": {
            "user_id": self.id}}, token=self.token()).expect(201).json["credential"]
        SECRETS.add(made["secret"])
        return made["access"], made["secret"]

    def request(self, method, path, body=None, **more):
        if "token" not in more and "credentials" not in more:
            self.key = self.key or self.new_key()
            more["credentials"] = self.key
        return self.cloud.request(method, path, body, **more)

    def get(self, path, **more):
        return self.request("GET", path, **more)


class Tenant(User):
    """A domain; as a user its owner."""

    def __init__(self, cloud, name):
        self.cloud, self.name = cloud, name
        made = cloud.post("/v3/domains", {"domain": {"name": name, "owner": {
            "name": f"{name}-owner", "password": PASSWORD}}}).expect(201).json["domain"]
        self.domain, self.project = made["id"], made["owner"]["project_id"]
        super().__init__(self, made["owner"]["id"], f"{name}-owner", PASSWORD)
        self.name = name
        SECRETS.add(PASSWORD)

    def sign_in(self, scope=None, password=None):
        return self.cloud.post("/v3/auth/tokens", password_body(
            f"{self.name}-owner", password or self.password, self.name, scope), sign=None)

    def user(self, *grants):
        """A new user in a group of his own with these grants: (role, "project"|"domain"|"all")."""
        number = next(NUMBERS)
        password = f"Fresh-Start-{number}x"
        SECRETS.add(password)
        made = self.request("POST", "/v3.0/OS-USER/users", {"user": {
            "name": f"user{number}", "domain_id": self.domain, "password": password}})
        user = User(self, made.expect(201).json["user"]["id"], f"user{number}", password)
        if grants:
            user.group = self.group(*grants)
            self.request("PUT", f"/v3/groups/{user.group}/users/{user.id}").expect(204)
        return user

    def group(self, *grants):
        group = self.request("POST", "/v3/groups", {"group": {"name": f"group{next(NUMBERS)}"}}
                             ).expect(201).json["group"]["id"]
        for role, scope in grants:
            self.request("PUT", self.grant_path(group, role, scope)).expect(204)
        return group

    def grant_path(self, group, role, scope):
        if scope == "project":
            return f"/v3/projects/{self.project}/groups/{group}/roles/{role}"
        if scope == "domain":
            return f"/v3/domains/{self.domain}/groups/{group}/roles/{role}"
        return (f"/v3/OS-INHERIT/domains/{self.domain}/groups/{group}/roles/{role}"
                "/inherited_to_projects")

    def policy(self, *statements):
        made = self.request("POST", "/v3.0/OS-ROLE/roles", {"role": {
            "display_name": f"policy{next(NUMBERS)}", "type": "XA", "description": "a test's",
            "policy": {"Version": "1.1", "Statement": list(statements)}}})
        return made.expect(201).json["role"]["id"]


def forget_nothing(cloud):
    """The log has no password and no secret key, of tenants or of the administrator."""
    log = cloud.log()
    admin = cloud.admin
    for secret in SECRETS | {admin["password"], admin["sk"]}:
        if secret in log:
            raise AssertionError("a secret is in the log")
    if "/v3/auth/tokens" not in log:
        raise AssertionError("the log has no requests: the check looked at nothing")
