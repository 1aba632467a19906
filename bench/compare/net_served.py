# SPDX-License-Identifier: Apache-2.0
"""What `net_work.py` measures: namespaces, each with a daemon and a server inside, and the same server without any of that."""
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

BOUND = "host loopback"

# Serves inside, and on the host: what a connection's first byte asks for.
SERVER = """
import socket, threading, time
block = bytes(1 << 20)
def handle(c):
  buffer = bytearray(1 << 20)
  with c:
    c.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    word = c.recv(16, socket.MSG_WAITALL)
    kind, size = word[:1], int(word[1:])
    if kind == b'i':
      while size > 0: size -= c.recv_into(buffer) or size
      c.sendall(b'.')
    elif kind == b'o':
      while size > 0:
        c.sendall(block[:size] if size < len(block) else block)
        size -= len(block)
    elif kind == b'r':
      for _ in range(size): c.sendall(c.recv(1))
    elif kind == b'u':
      c.sendall(b'%015d %020d' % tuple(arrived)); arrived[:] = [0, 0]
    else:
      c.sendall(b'.')
s = socket.create_server(('', 7000), backlog=1000)
arrived = [0, 0]
def count():
  u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
  u.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
  u.bind(('', s.getsockname()[1]))
  buffer = bytearray(1 << 16)
  while True: arrived[0] += u.recv_into(buffer); arrived[1] = time.monotonic_ns()
threading.Thread(target=count, daemon=True).start()
print('ready', flush=True)
while True: threading.Thread(target=handle, args=(s.accept()[0],), daemon=True).start()
"""


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


class Served:
    """A namespace, its daemon, its server, and the port of the host that leads to it."""

    def __init__(self, name, command, mtu=65520):
        self.name = name
        self.mtu = mtu
        self.dir = tempfile.mkdtemp()
        self.holder = subprocess.Popen(["unshare", "-rn", "cat"], stdin=subprocess.PIPE)
        while self.is_outside():
            time.sleep(0.001)
        self.port = free_port()
        self.server = None
        began = time.monotonic_ns()
        self.daemon = self.begin(command)
        self.begun_in = time.monotonic_ns() - began

    def serve(self):
        self.server = subprocess.Popen(self.inside(sys.executable, "-c", SERVER), stdout=subprocess.PIPE)
        self.server.stdout.readline()
        self.publish("tcp")
        self.publish("udp")

    def begin(self, command):
        ready, theirs = os.pipe()
        words = [*command, "-c", f"--mtu={self.mtu}", f"--ready-fd={theirs}", f"--api-socket={self.dir}/api",
                 str(self.holder.pid), "tap0"]
        daemon = subprocess.Popen(words, pass_fds=[theirs], stdout=subprocess.DEVNULL)
        os.close(theirs)
        if os.read(ready, 1) != b"1":
            sys.exit(f"{self.name} does not begin")
        os.close(ready)
        return daemon

    def inside(self, *words):
        return ["nsenter", "--preserve-credentials", "-U", "-n", "-t", str(self.holder.pid), *words]

    def is_outside(self):
        with contextlib.suppress(OSError):
            with open(f"/proc/{self.holder.pid}/comm", encoding="ascii") as comm:
                return comm.read() != "cat\n"
        return True

    def publish(self, protocol):
        request = {"execute": "add_hostfwd", "arguments": {"proto": protocol, "host_addr": "127.0.0.1", "host_port": self.port,
                                                            "guest_port": 7000}}
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(self.dir + "/api")
            client.sendall(json.dumps(request).encode())
            client.shutdown(socket.SHUT_WR)
            reply = client.makefile().read()
        if "return" not in reply:
            sys.exit(f"{self.name}: {reply}")

    def processes(self):
        found, left = [], [self.daemon.pid]
        while left:
            pid = left.pop()
            found.append(pid)
            with contextlib.suppress(OSError), open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
                left += map(int, file.read().split())
        return found

    def cpu(self):
        """Nanoseconds."""
        total = 0
        for pid in self.processes():
            with open(f"/proc/{pid}/schedstat", encoding="ascii") as file:
                total += int(file.read().split()[0])
        return total

    def peak(self, what="VmHWM:"):
        """KiB of all its processes."""
        total = 0
        for pid in self.processes():
            with open(f"/proc/{pid}/status", encoding="ascii") as file:
                total += sum(int(line.split()[1]) for line in file if line.startswith(what))
        return total

    def close(self):
        for process in (self.server, self.daemon):
            if process:
                process.terminate()
                process.wait()
        self.holder.stdin.close()
        self.holder.wait()
        shutil.rmtree(self.dir)


class Pasta(Served):
    """It configures the namespace by itself, tells of its beginning by going into the background, and takes its ports as words."""

    def begin(self, command):
        words = [*command, "--quiet", "--config-net", "--mtu=65520", "--pid=" + self.dir + "/pid", "-T", "none", "-U", "none",
                 "-t", f"127.0.0.1/{self.port}:7000", "-u", f"127.0.0.1/{self.port}:7000", str(self.holder.pid)]
        if subprocess.run(words, check=False).returncode != 0:
            sys.exit(f"{self.name} does not begin")
        return None

    def publish(self, protocol):
        pass

    def processes(self):
        with open(self.dir + "/pid", encoding="ascii") as file:
            return [int(file.read())]

    def close(self):
        for pid in self.processes():
            os.kill(pid, signal.SIGTERM)
        super().close()


class Bound:
    """The same server without any network between. Guests are led to it, too."""

    def __init__(self):
        self.name = BOUND
        self.server = subprocess.Popen([sys.executable, "-c", SERVER.replace("7000", "0").replace("'ready'", "s.getsockname()[1]")],
                                       stdout=subprocess.PIPE)
        self.port = int(self.server.stdout.readline())

    def serve(self):
        pass

    def inside(self, *words):
        return list(words)

    def cpu(self):
        return 0

    def peak(self):
        return 0

    def close(self):
        self.server.terminate()
        self.server.wait()
