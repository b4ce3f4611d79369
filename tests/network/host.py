"""The fixture, namespaces as guests, and sockets within them."""
import contextlib
import ctypes
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("CASEMENT_BUILD", os.path.join(ROOT, "build"))
LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNET = 0x40000000
OWN = os.open("/proc/self/ns/net", os.O_RDONLY)
SECONDS = 1.0      # after which something is taken for lost


def run(*words, check=True, text=None):
    done = subprocess.run(words, capture_output=True, text=True, input=text, check=False)
    if check and done.returncode:
        raise AssertionError(f"{' '.join(words)}: {done.stderr.strip()}")
    return done.stdout


@contextlib.contextmanager
def inside(space):
    """Sockets made here are the namespace's for good."""
    handle = os.open(f"/run/netns/{space}", os.O_RDONLY)
    try:
        if LIBC.setns(handle, CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), f"setns {space}")
        yield
    finally:
        LIBC.setns(OWN, CLONE_NEWNET)
        os.close(handle)


class Host:
    """A data directory with the fixture that serves it."""

    def __init__(self):
        self.data = tempfile.mkdtemp(prefix="casement-network-", dir="/tmp")
        os.chmod(self.data, 0o755)
        self.asked, self.spaces, self.process = [], [], None
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            [os.path.join(BUILD, "tests/network/network_fixture"), "--data", self.data],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def send(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def read(self):
        while True:
            line = self.process.stdout.readline()
            if not line:
                raise AssertionError("the fixture ended")
            if not line.startswith("asked "):
                return json.loads(line)
            self.asked.append(line.split()[1:])

    def ask(self, line):
        """Its answer, an error in it included."""
        self.send(line)
        return self.read()

    def tell(self, line):
        answer = self.ask(line)
        if answer["error"]:
            raise AssertionError(f"{line[:60]}: {answer['error']} {answer.get('problem')}")
        return answer

    def apply(self, state):
        self.tell("apply " + json.dumps(state))

    def names(self, vpc=1, port=1):
        return self.ask(f"names {vpc} {port}")

    def agent(self):
        """The agent's process: it leads a session of its own."""
        children = run("ps", "-o", "pid=", "--ppid", str(self.process.pid)).split()
        return int(children[0])

    def kill(self):
        """The agent and what it runs, then the fixture, all at once."""
        os.killpg(self.agent(), signal.SIGKILL)
        self.process.kill()
        self.process.wait()

    def guest_space(self, name):
        space = f"casetest-{os.getpid()}-{name}"
        run("ip", "netns", "add", space)
        self.spaces.append(space)
        run("ip", "-n", space, "link", "set", "lo", "up")
        return space

    def close(self):
        if self.process.poll() is None:
            for vpc in self.ask("list")["list"]["vpcs"]:
                self.ask(f"leave {vpc}")
                self.ask(f"remove {vpc}")
            self.process.stdin.close()
            self.process.wait(10)
        for space in self.spaces:
            run("ip", "netns", "del", space, check=False)
        shutil.rmtree(self.names_folder(), ignore_errors=True)
        shutil.rmtree(self.data, ignore_errors=True)

    def names_folder(self):
        return getattr(self, "folder", "/nonexistent")


SCRIPT = """#!/bin/sh
[ "$1" = bound ] || exit 0
ip address replace $ip/$mask dev $interface
ip route replace default via $router dev $interface
echo "{\\"ip\\": \\"$ip\\", \\"mask\\": \\"$mask\\", \\"router\\": \\"$router\\", \\"dns\\": \\"$dns\\", \
\\"lease\\": \\"$lease\\"}" > $0.$interface.out
"""


class Guest:
    """A machine on a port: a namespace whose g0 is the other end of the port's tap."""

    def __init__(self, host, name, port, subnet, address, **fields):
        self.host, self.name, self.address = host, name, address
        self.port = {"number": port, "subnet": subnet, "mac": f"fa:16:3e:00:00:{port:02x}",
                     "ip": address, "host": name, "groups": [1], "pairs": [], "eip": None,
                     "megabits": 5, **fields}
        self.space = host.guest_space(name)

    def plug(self):
        """Just before its vpc is applied: what belongs to no port is swept away."""
        self.tap = self.host.names(1, self.port["number"])["tap"]
        run("ip", "link", "add", self.tap, "type", "veth", "peer", "name", "g0", "address",
            self.port["mac"], "netns", self.space)
        run("ip", "-n", self.space, "link", "set", "g0", "up")

    def ip(self, *words):
        return run("ip", "-n", self.space, *words)

    def configure(self, gateway):
        """As a guest does that was told by ConfigDrive."""
        self.ip("address", "replace", self.address + "/24", "dev", "g0")
        self.ip("route", "replace", "default", "via", gateway)

    def lease(self):
        """What DHCP gives; None where nobody answers."""
        script = os.path.join(self.host.data, f"dhcp-{self.name}")
        with open(script, "w") as file:
            file.write(SCRIPT)
        os.chmod(script, 0o755)
        out = f"{script}.g0.out"
        if os.path.exists(out):
            os.unlink(out)
        run("ip", "netns", "exec", self.space, "busybox", "udhcpc", "-i", "g0", "-n", "-q", "-f",
            "-t", "4", "-T", "1", "-s", script, check=False)
        if not os.path.exists(out):
            return None
        with open(out) as file:
            return json.load(file)

    def listen(self, port, address="0.0.0.0"):
        with inside(self.space):
            listener = socket.create_server((address, port), backlog=16)
        listener.settimeout(SECONDS)
        return listener

    def connect(self, address, port, source=None, seconds=SECONDS):
        with inside(self.space):
            return socket.create_connection((address, port), seconds,
                                            (source, 0) if source else None)

    def reaches(self, address, port, source=None, seconds=SECONDS):
        try:
            self.connect(address, port, source, seconds).close()
        except OSError:
            return False
        return True


class Outside(Guest):
    """A machine beyond the host: a namespace with a link to it, and a route back."""

    def __init__(self, host):
        self.host, self.address = host, "198.51.100.2"
        self.link = f"cto{os.getpid()}"
        self.space = host.guest_space("outside")
        run("ip", "link", "add", self.link, "type", "veth", "peer", "name", "g0", "netns", self.space)
        run("ip", "address", "add", "198.51.100.1/30", "dev", self.link)
        run("ip", "link", "set", self.link, "up")
        with open(f"/proc/sys/net/ipv4/conf/{self.link}/forwarding", "w") as file:
            file.write("1")
        self.ip("address", "add", "198.51.100.2/30", "dev", "g0")
        self.ip("link", "set", "g0", "up")
        self.ip("route", "add", "default", "via", "198.51.100.1")


def processes(text):
    """Ids of processes whose command line has the text."""
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            with contextlib.suppress(OSError):
                with open(f"/proc/{name}/cmdline", "rb") as file:
                    if text.encode() in file.read():
                        found.append(int(name))
    return sorted(found)


def wait_until(condition, seconds=3):
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            raise AssertionError("it does not come about")
        time.sleep(0.02)
