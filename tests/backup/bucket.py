"""The repository in a bucket: a service that speaks S3 (moto, from PyPI) behind an authority of its
own, and a casementd that keeps its backups there."""
import glob
import json
import os
import shutil
import ssl
import stat
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
import venv

from cloud import Cloud
from instance import BUILD, free_port
from instances import NEW_PASSWORD, connect, rows
from keeping import jobs_end, restarted, wait_for
from report import Skip

FOLDER = os.path.join(os.path.abspath(BUILD), "clients", "bucket")
SECRET = "unmistakable/secret+of+the+bucket"
# Ends each connection by TLS's own word for it, which a development server leaves out: pgBackRest
# takes one that is just cut off for an attack, as it should.
SERVE = """import sys
from moto.server import main
from werkzeug.serving import BaseWSGIServer

def shutdown_request(self, request):
    try:
        request.settimeout(2)
        request.unwrap()
    except (OSError, ValueError):
        pass
    self.shutdown_request_before(request)

BaseWSGIServer.shutdown_request_before = BaseWSGIServer.shutdown_request
BaseWSGIServer.shutdown_request = shutdown_request
main(sys.argv[1:])
"""
LIST = """import sys, boto3
client = boto3.client("s3", endpoint_url=sys.argv[1], verify=sys.argv[2], region_name="us-east-1",
                      aws_access_key_id="casement", aws_secret_access_key="any")
if len(sys.argv) > 3:
    client.create_bucket(Bucket=sys.argv[3])
pages = client.get_paginator("list_objects_v2").paginate(Bucket="backups")
print("\\n".join(one["Key"] for page in pages for one in page.get("Contents", [])))
"""


def python_with_moto():
    python = os.path.join(FOLDER, "bin", "python3")
    if not os.path.exists(python):
        venv.EnvBuilder(with_pip=True, clear=True).create(FOLDER)
    probe = [python, "-c", "import moto.server, boto3, flask"]
    if subprocess.run(probe, capture_output=True, check=False).returncode != 0:
        done = subprocess.run([python, "-m", "pip", "install", "-q", "--retries", "1",
                               "moto[s3,server]"], capture_output=True, text=True, check=False,
                              timeout=300)
        if done.returncode != 0:
            raise Skip("its packages cannot be had: " +
                       (done.stderr.strip() or "pip failed").splitlines()[-1])
    return python


class Bucket:
    """The service, on a free port of localhost."""

    def __init__(self):
        self.python = python_with_moto()
        self.folder = tempfile.mkdtemp(prefix="casement-bucket-", dir="/tmp")
        os.chmod(self.folder, 0o755)
        self.port = free_port()
        self.authority = os.path.join(self.folder, "ca.crt")
        self.make_certificates()
        self.process = subprocess.Popen(
            [self.python, "-c", SERVE, "-H", "127.0.0.1", "-p", str(self.port), "-s", "-c",
             os.path.join(self.folder, "server.crt"), "-k", os.path.join(self.folder, "server.key")],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            cwd=self.folder, env={**os.environ, "MOTO_S3_DEFAULT_KEY_BUFFER_SIZE": "1000000"})
        wait_for("the service does not start", self.answers)
        self.objects("backups")

    def openssl(self, *words):
        subprocess.run(["openssl", *words], cwd=self.folder, capture_output=True, check=True)

    def make_certificates(self):
        self.openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
                     "/CN=authority of the test", "-keyout", "ca.key", "-out", "ca.crt")
        self.openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-keyout",
                     "server.key", "-out", "server.csr")
        with open(os.path.join(self.folder, "names"), "w", encoding="ascii") as file:
            file.write("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
        self.openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.crt", "-CAkey", "ca.key",
                     "-CAcreateserial", "-days", "2", "-extfile", "names", "-out", "server.crt")

    def answers(self):
        assert self.process.poll() is None, "the service has ended"
        context = ssl.create_default_context(cafile=self.authority)
        try:
            urllib.request.urlopen(f"https://localhost:{self.port}/", context=context, timeout=5)
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False
        return True

    def objects(self, *make):
        done = subprocess.run([self.python, "-c", LIST, f"https://localhost:{self.port}",
                               self.authority, *make], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-500:]
        return done.stdout.split()

    def end(self):
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def watch_for_secret(data, done, found):
    """Looks at the arguments of all processes, and at files that others than their owner may read."""
    while not done.wait(0.05):
        for path in glob.glob("/proc/[0-9]*/cmdline"):
            try:
                with open(path, "rb") as file:
                    if SECRET.encode() in file.read():
                        found.append(path)
            except OSError:
                continue
        for path in glob.glob(data + "/instances/*/*.conf*") + [data + "/casementd.conf"]:
            try:
                with open(path, "rb") as file:
                    if (stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077
                            and SECRET.encode() in file.read()):
                        found.append(path)
            except OSError:
                continue


def in_bucket(cloud, bucket, suite_class):
    suite = suite_class(cloud)
    first = wait_for("no automatic backup", lambda: suite.backups(instance_id=suite.id))[0]
    first = suite.wait_backup(first["id"])
    assert first["status"] == "COMPLETED", first
    time.sleep(1.2)
    sql = "SELECT * FROM dbo.goods ORDER BY 1"
    before = rows(suite.source, sql)
    moment = int(time.time() * 1000) + 1
    time.sleep(0.05)
    with connect(suite.source, database="shop") as client:
        client.batch("DELETE dbo.goods WHERE id % 3 = 0").check()
    kept = bucket.objects()
    assert any(suite.id in one and "/archive/" in one for one in kept), kept[:5]
    assert any(suite.id in one and "/backup/" in one for one in kept), kept[:5]
    assert not os.listdir(os.path.join(cloud.data, "backups", suite.id)), "files on the local disk"
    copy = suite.restore_new("from-bucket", {"type": "timestamp", "restore_time": moment})
    assert rows(copy, sql, password=NEW_PASSWORD) == before != rows(suite.source, sql)
    suite.recover(suite.id, {"type": "timestamp", "restore_time": moment,
                             "database_name": {"shop": "shop_old"}})
    assert rows(suite.source, sql, database="shop_old") == before
    job = cloud.post(f"{suite.path}/instances/{suite.id}/backups/verify").expect(202).json["job_id"]
    assert cloud.wait_job(job)["entities"]["verify_result"] == "ok"
    # One of two backups goes from the bucket, and with the instances all that is theirs.
    made = suite.make_backup("bucketed")
    (label,), = cloud.sql(f"SELECT label FROM rds_backup WHERE id = '{made['id']}'")
    assert any(label in one for one in bucket.objects())
    cloud.request("DELETE", f"{suite.path}/backups/{made['id']}").expect(200)
    wait_for("the backup stays", lambda: not suite.backups(backup_id=made["id"]))
    assert not [one for one in bucket.objects() if f"/{label}/" in one], "its files stay"
    for instance in (copy, suite.source):
        jobs_end(cloud, instance["id"])
        suite.remove(instance)
    cloud.sql("UPDATE rds_instance SET retained_until = now() - interval '1 hour' WHERE deleted_at "
              "IS NOT NULL")
    cloud.sql("UPDATE job_schedule SET last_run = '-infinity' WHERE name = 'rds-recycle'")
    restarted(cloud)
    wait_for("the recycle bin keeps them", lambda: not cloud.sql("SELECT 1 FROM rds_instance"))
    assert bucket.objects() == [], bucket.objects()[:5]
    assert not os.listdir(os.path.join(cloud.data, "instances")), "folders stay"


def backups_are_kept_in_a_bucket(suite_class):
    bucket = Bucket()
    cloud = Cloud()
    found, done = [], threading.Event()
    try:
        with open(os.path.join(cloud.data, "casementd.conf"), "w", encoding="ascii") as file:
            os.chmod(file.name, 0o600)
            file.write(f"backup-repository = s3\nbackup-s3-endpoint = localhost:{bucket.port}\n"
                       "backup-s3-bucket = backups\nbackup-s3-key = casement\nbackup-s3-secret = "
                       f"{SECRET}\nbackup-s3-ca = {bucket.authority}\n")
        watcher = threading.Thread(target=watch_for_secret, args=(cloud.data, done, found),
                                   daemon=True)
        watcher.start()
        cloud.start()
        in_bucket(cloud, bucket, suite_class)
        done.set()
        watcher.join()
        assert not found, found[:5]
    except AssertionError:
        print(json.dumps([line for line in cloud.output if "rror" in line][-5:]), file=sys.stderr)
        raise
    finally:
        done.set()
        cloud.destroy()
        bucket.end()
