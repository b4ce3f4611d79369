"""One instance of `casement serve` for a suite: in a temporary data directory, on a free port.

    with Instance() as instance:
        connect(instance.host, instance.port, "sa", instance.password)
"""
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("CASEMENT_BUILD", os.path.join(ROOT, "build"))


def free_port():
    """A port nobody listens on now. It may be taken before it is used; starts are then repeated."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


class StartFailed(Exception):
    """The instance did not become ready; the text is what it printed."""


class Instance:
    """A data directory and the program that serves it. Options are casement serve's."""

    host = "127.0.0.1"

    def __init__(self, *options, data=None, memory=512, program=None):
        self.program = program or os.path.join(BUILD, "casement")
        self.owns_data = data is None
        # Not below a home directory: the unprivileged user of the cluster must reach it.
        self.data = data or tempfile.mkdtemp(prefix="casement-test-", dir="/tmp")
        os.chmod(self.data, 0o755)
        self.options = ["--listen", "127.0.0.1", "--memory", str(memory), *options]
        self.port = free_port()
        self.process = None
        self.output = []
        self.ready_seconds = None
        self._reader = None

    def start(self):
        """Starts the program and waits for its ready line."""
        self.output = []
        self.process = subprocess.Popen(
            [self.program, "serve", "--data", self.data, "--port", str(self.port), *self.options],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, errors="replace", cwd="/")
        for line in self.process.stdout:
            self.output.append(line)
            found = re.match(r"ready after ([0-9.]+) s", line)
            if found:
                self.ready_seconds = float(found.group(1))
                self._reader = threading.Thread(target=self._drain, daemon=True)
                self._reader.start()
                return self
        self.process.wait()
        raise StartFailed("".join(self.output)[-3000:])

    def _drain(self):
        for line in self.process.stdout:
            self.output.append(line)

    @property
    def password(self):
        with open(os.path.join(self.data, "sa.password"), encoding="ascii") as file:
            return file.read().strip()

    def postmaster(self):
        """Process id of the postmaster, or None."""
        try:
            path = os.path.join(self.data, "cluster", "data", "postmaster.pid")
            with open(path, encoding="ascii") as file:
                return int(file.readline())
        except (FileNotFoundError, ValueError):
            return None

    def processes(self):
        """Process ids of the cluster's processes: those that work in its data directory."""
        wanted = os.path.join(self.data, "cluster", "data")
        found = []
        for name in os.listdir("/proc"):
            if name.isdigit():
                try:
                    if os.readlink(f"/proc/{name}/cwd") == wanted:
                        found.append(int(name))
                except OSError:
                    continue
        return found

    def log(self):
        """What the engine logged, all of it."""
        folder = os.path.join(self.data, "log")
        text = ""
        for name in sorted(os.listdir(folder)):
            if name.startswith("engine-"):
                with open(os.path.join(folder, name), encoding="utf-8", errors="replace") as file:
                    text += file.read()
        return text

    def crashes(self):
        """What the log says of backends that crashed, with the statements that did it."""
        lines = self.log().splitlines()
        return [line for line in lines
                if "was terminated by signal" in line or "Failed process was running" in line
                or "TRAP:" in line or "PANIC" in line]

    def wait_for_port(self, seconds=30):
        """Waits until something listens again, after a crash that reset the cluster."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            try:
                socket.create_connection((self.host, self.port), 5).close()
                return
            except OSError:
                time.sleep(0.05)

    def stop(self, number=signal.SIGTERM, seconds=90):
        """Ends the program and returns its exit status."""
        if not self.process:
            return None
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            status = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        if self._reader:
            self._reader.join(10)
        self.process.stdout.close()
        self.process = None
        return status

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.__exit__()
            raise

    def __exit__(self, *_):
        try:
            self.stop()
        finally:
            if self.owns_data:
                shutil.rmtree(self.data, ignore_errors=True)
