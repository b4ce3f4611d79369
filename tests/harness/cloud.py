"""One `casementd` for a suite: in a temporary data directory, on free ports and a loopback network
of its own, so that suites do not meet.

    with Cloud() as cloud:
        answer = cloud.request("GET", f"/v3/{cloud.project}/instances")
        answer.expect(200).json["instances"]
        instance = cloud.create_instance("shop")         # waits until it is ACTIVE

Requests are signed with the administrator's key unless `credentials`, `token` or `sign=None` say
otherwise.
"""
import http.client
import json
import os
import random
import re
import shutil
import signal
import ssl
import subprocess
import tempfile
import threading
import time
import urllib.parse

from instance import BUILD, StartFailed, free_port
import signature

PASSWORD = "Casement-1433!"


class Answer:
    """Status, headers (lower-case names) and body of an answer."""

    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def text(self):
        return self.body.decode("utf-8", "replace")

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def code(self):
        """error_code of an error's body, or None."""
        try:
            return self.json.get("error_code")
        except (ValueError, AttributeError):
            return None

    def expect(self, *statuses):
        if self.status not in statuses:
            raise AssertionError(f"answer {self.status}, expected {statuses}: {self.text[:500]}")
        return self

    def __repr__(self):
        return f"<{self.status} {self.text[:200]}>"


class Cloud:
    """A data directory and the casementd that serves it. Options are casementd's."""

    host = "127.0.0.1"

    def __init__(self, *options, data=None, first_instance=False, environment=None):
        self.program = os.path.join(BUILD, "casementd")
        self.owns_data = data is None
        # Not below a home directory: the unprivileged users must reach it.
        self.data = data or tempfile.mkdtemp(prefix="casement-cloud-", dir="/tmp")
        os.chmod(self.data, 0o755)
        self.port = free_port()
        self.network = f"127.{random.randint(100, 250)}.{random.randint(1, 250)}.0/24"
        self.options = ["--first-instance", "yes" if first_instance else "no", *options]
        self.environment = environment or {}
        self.process = None
        self.output = []
        self.ready_seconds = None
        self._reader = None
        self._local = threading.local()

    # ---- the daemon ----

    def start(self, environment=None, wait=True):
        """Starts casementd and waits for its ready line. environment: for this start only."""
        self.output, self.ready_seconds = [], None
        self.process = subprocess.Popen(
            [self.program, "--data", self.data, "--port", str(self.port), "--instance-network",
             self.network, *self.options],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            errors="replace", cwd="/", env={**os.environ, **self.environment, **(environment or {})})
        ready = threading.Event()
        self._reader = threading.Thread(target=self._read, args=(self.process, ready), daemon=True)
        self._reader.start()
        if wait:
            ready.wait(300)
            if self.ready_seconds is None:
                self.process.kill()
                self.process.wait()
                raise StartFailed("".join(self.output)[-3000:])
        return self

    def _read(self, process, ready):
        for line in process.stdout:
            self.output.append(line)
            found = re.match(r"ready after ([0-9.]+) s", line)
            if found:
                self.ready_seconds = float(found.group(1))
                ready.set()
        ready.set()

    def stop(self, number=signal.SIGTERM, seconds=120):
        """Ends casementd (not the instances) and returns its exit status."""
        if not self.process:
            return None
        if self.process.poll() is None:
            self.process.send_signal(number)
        status = self.process.wait(seconds)
        self._reader.join(10)
        self.process = None
        return status

    def kill(self):
        """kill -9 of casementd alone; instances and store go on."""
        return self.stop(signal.SIGKILL)

    def wait_end(self, seconds=60):
        """Waits until casementd has ended by itself (a kill point)."""
        status = self.process.wait(seconds)
        self._reader.join(10)
        self.process = None
        return status

    def log(self):
        return "".join(self.output)

    @staticmethod
    def works_in(pid, folder):
        """Whether the process' command line or working directory names the folder."""
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                words = file.read().decode(errors="replace")
            place = os.readlink(f"/proc/{pid}/cwd")
        except OSError:
            return False
        return folder in words or place == folder or place.startswith(folder + "/")

    def processes(self):
        """Process ids of all that works for the data directory, casementd apart."""
        own = (os.getpid(), self.process.pid if self.process else 0)
        return [int(name) for name in os.listdir("/proc") if name.isdigit()
                and int(name) not in own and self.works_in(int(name), self.data)]

    def sql(self, text):
        """Rows of a query of the private store, as lists of texts; for what the API does not show."""
        command = ["psql", "-XAtq0", "-F", "\t", "-h", os.path.join(self.data, "store", "run"),
                   "-d", "casement", "-v", "ON_ERROR_STOP=1", "-c", text]
        if os.geteuid() == 0:
            command = ["setpriv", "--reuid", "casement", "--regid", "casement", "--clear-groups",
                       *command]
        run = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")
        if run.returncode != 0:
            raise AssertionError(f"the store said: {run.stderr}")
        return [row.split("\t") for row in run.stdout.split("\0")[:-1]]

    def destroy(self):
        """Ends casementd and everything that it started, and removes the data."""
        if self.process:
            try:
                self.stop()
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                self.process = None
        for _ in range(50):
            left = self.processes()
            if not left:
                break
            for pid in left:
                try:
                    os.kill(pid, signal.SIGKILL)
                except OSError:
                    pass
            time.sleep(0.05)
        if self.owns_data:
            shutil.rmtree(self.data, ignore_errors=True)

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.destroy()
            raise

    def __exit__(self, *_):
        self.destroy()

    # ---- who we are ----

    @property
    def admin(self):
        with open(os.path.join(self.data, "admin.json"), encoding="utf-8") as file:
            return json.load(file)

    @property
    def project(self):
        return self.admin["project_id"]

    @property
    def endpoint(self):
        return f"https://{self.host}:{self.port}"

    @property
    def region(self):
        return self.admin["region"]

    def ssl_context(self):
        return ssl.create_default_context(cafile=os.path.join(self.data, "tls", "ca.crt"))

    # ---- requests ----

    def _connection(self, fresh):
        connection = getattr(self._local, "connection", None)
        if connection is None or fresh or self._local.port != self.port:
            if not hasattr(self._local, "context"):
                self._local.context = self.ssl_context()
            connection = http.client.HTTPSConnection(self.host, self.port, timeout=120,
                                                     context=self._local.context)
            self._local.connection, self._local.port = connection, self.port
        return connection

    def send(self, method, target, headers, body):
        """Sends as given, over a connection that is kept; opens a new one when it was closed."""
        for attempt in (0, 1):
            connection = self._connection(fresh=attempt > 0)
            try:
                connection.request(method, target, body=body or None, headers=headers)
                reply = connection.getresponse()
                found = {name.lower(): value for name, value in reply.getheaders()}
                return Answer(reply.status, found, reply.read())
            except (ConnectionError, ssl.SSLError, http.client.HTTPException):
                connection.close()
                self._local.connection = None
                if attempt:
                    raise
        return None

    def request(self, method, path, body=None, query=None, headers=None, credentials=None,
                token=None, sign="current", when=None):
        """A request. body: JSON value or bytes; query: dict or list of pairs; credentials: (AK, SK);
        sign: "current", "derived" or None; when: seconds of the signature's time."""
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        pairs = list(query.items()) if isinstance(query, dict) else list(query or [])
        pairs = [(name, str(value)) for name, value in pairs]
        target = path + ("?" + urllib.parse.urlencode(pairs) if pairs else "")
        sent = {"Content-Type": "application/json", "Host": f"{self.host}:{self.port}",
                **(headers or {})}
        if token:
            sent["X-Auth-Token"] = token
        elif sign:
            access, secret = credentials or (self.admin["ak"], self.admin["sk"])
            sent["X-Sdk-Date"] = signature.stamp(when)
            lower = {name.lower(): value for name, value in sent.items()}
            function = signature.sign if sign == "current" else signature.sign_derived
            sent["Authorization"] = function(method, path, pairs, lower, data, access, secret)
        return self.send(method, target, sent, data)

    def get(self, path, query=None, **more):
        return self.request("GET", path, query=query, **more)

    def post(self, path, body=None, **more):
        return self.request("POST", path, body, **more)

    def token(self, user=None, password=None, domain=None, project=None):
        """A token by password, of the administrator in its project unless told otherwise."""
        admin = self.admin
        scope = {"project": {"id": project or admin["project_id"]}}
        answer = self.request("POST", "/v3/auth/tokens", {"auth": {
            "identity": {"methods": ["password"], "password": {"user": {
                "name": user or admin["user"], "password": password or admin["password"],
                "domain": {"name": domain or admin["domain_name"]}}}},
            "scope": scope}}, sign=None)
        return answer.expect(201).headers["x-subject-token"]

    # ---- jobs and instances ----

    def wait_job(self, job, status="Completed", seconds=120, project=None, **more):
        """Waits until the job has ended; its JSON. Fails when it ended otherwise."""
        until = time.monotonic() + seconds
        while True:
            found = self.get(f"/v3/{project or self.project}/jobs", {"id": job},
                             **more).expect(200).json["job"]
            if found["status"] != "Running":
                if status and found["status"] != status:
                    raise AssertionError(f"job {job} is {found['status']}: "
                                         f"{found.get('fail_reason')}")
                return found
            if time.monotonic() > until:
                raise AssertionError(f"job {job} still runs after {seconds} s: {found}")
            time.sleep(0.1)

    def show_instance(self, instance, project=None, **more):
        """The instance's JSON, or None."""
        answer = self.get(f"/v3/{project or self.project}/instances", {"id": instance}, **more)
        found = answer.expect(200).json["instances"]
        return found[0] if found else None

    def wait_instance(self, instance, status="ACTIVE", seconds=120, **more):
        """Waits for the state; the instance's JSON."""
        until = time.monotonic() + seconds
        while True:
            found = self.show_instance(instance, **more)
            if found and found["status"] == status:
                return found
            if time.monotonic() > until:
                raise AssertionError(f"instance {instance} is not {status} after {seconds} s: "
                                     f"{found and found['status']}")
            time.sleep(0.1)

    def flavor(self):
        """The smallest flavor for one instance, with a zone that has it."""
        flavors = self.get(f"/v3/{self.project}/flavors/SQLServer",
                           {"version_name": "2022_SE"}).expect(200).json["flavors"]
        single = [one for one in flavors if one["instance_mode"] == "single"]
        best = min(single, key=lambda one: int(one["ram"]))
        return best["spec_code"], next(iter(best["az_status"]))

    def instance_body(self, name, **fields):
        """A creation's body; fields replace or add."""
        flavor, zone = self.flavor()
        return {"name": name, "datastore": {"type": "SQLServer", "version": "2022_SE"},
                "flavor_ref": flavor, "volume": {"type": "CLOUDSSD", "size": 40},
                "region": self.region, "availability_zone": zone, "vpc_id": "0" * 31 + "1",
                "subnet_id": "0" * 31 + "2", "security_group_id": "0" * 31 + "3",
                "password": PASSWORD, **fields}

    def create_instance(self, name, wait=True, **fields):
        """Makes an instance; its JSON once it is ACTIVE, or the answer of the POST."""
        answer = self.post(f"/v3/{self.project}/instances", self.instance_body(name, **fields))
        made = answer.expect(202).json
        if not wait:
            return made
        self.wait_job(made["job_id"])
        return self.wait_instance(made["instance"]["id"])
