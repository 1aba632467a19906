# SPDX-License-Identifier: Apache-2.0
"""The work of `net`, as an ordinary user: prints {scenario: {program: [[nanoseconds, CPU nanoseconds, peak KiB]…]}}.

The host is a network namespace too, that is nothing but "lo" with one more address, which guests can be led to.
"""
import argparse
import concurrent.futures
import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time

OURS, PACKETS, PEER, BOUND = "wolffia-net", "wolffia-net, as packets", "slirp4netns", "host loopback"
GIGABYTE = 1 << 30
CHUNK = 1 << 20
HOST = "192.0.2.1"

# Serves inside, and on the host: what a connection's first byte asks for.
SERVER = """
import socket, threading
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
    else:
      c.sendall(b'.')
s = socket.create_server(('', 7000), backlog=1000)
print('ready', flush=True)
while True: threading.Thread(target=handle, args=(s.accept()[0],), daemon=True).start()
"""


class Served:
    """A namespace, its daemon, its server, and the port of the host that leads to it."""

    def __init__(self, name, command):
        self.name = name
        self.holder = subprocess.Popen(["unshare", "-rn", "cat"], stdin=subprocess.PIPE)
        while self.is_outside():
            time.sleep(0.001)
        self.dir = tempfile.mkdtemp()
        ready, theirs = os.pipe()
        words = [*command, "-c", "--mtu=65520", f"--ready-fd={theirs}", f"--api-socket={self.dir}/api",
                 str(self.holder.pid), "tap0"]
        self.daemon = subprocess.Popen(words, pass_fds=[theirs], stdout=subprocess.DEVNULL)
        os.close(theirs)
        if os.read(ready, 1) != b"1":
            sys.exit(f"{name} does not begin")
        os.close(ready)
        self.server = subprocess.Popen(self.inside(sys.executable, "-c", SERVER), stdout=subprocess.PIPE)
        self.server.stdout.readline()
        self.port = self.publish()

    def inside(self, *words):
        return ["nsenter", "--preserve-credentials", "-U", "-n", "-t", str(self.holder.pid), *words]

    def is_outside(self):
        with contextlib.suppress(OSError):
            with open(f"/proc/{self.holder.pid}/comm", encoding="ascii") as comm:
                return comm.read() != "cat\n"
        return True

    def publish(self):
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        request = {"execute": "add_hostfwd", "arguments": {"proto": "tcp", "host_addr": "127.0.0.1", "host_port": port,
                                                            "guest_port": 7000}}
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(self.dir + "/api")
            client.sendall(json.dumps(request).encode())
            client.shutdown(socket.SHUT_WR)
            reply = client.makefile().read()
        if "return" not in reply:
            sys.exit(f"{self.name}: {reply}")
        return port

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

    def peak(self):
        """KiB of all its processes."""
        total = 0
        for pid in self.processes():
            with open(f"/proc/{pid}/status", encoding="ascii") as file:
                total += sum(int(line.split()[1]) for line in file if line.startswith("VmHWM:"))
        return total

    def close(self):
        for process in (self.server, self.daemon):
            process.terminate()
            process.wait()
        self.holder.stdin.close()
        self.holder.wait()
        shutil.rmtree(self.dir)


class Bound:
    """The same server without any network between. Guests are led to it, too."""

    def __init__(self):
        self.name = BOUND
        self.server = subprocess.Popen([sys.executable, "-c", SERVER.replace("7000", "0").replace("'ready'", "s.getsockname()[1]")],
                                       stdout=subprocess.PIPE)
        self.port = int(self.server.stdout.readline())

    def inside(self, *words):
        return list(words)

    def cpu(self):
        return 0

    def peak(self):
        return 0

    def close(self):
        self.server.terminate()
        self.server.wait()


def connect(place, kind, size):
    client = socket.create_connection(place)
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    client.sendall(b"%c%015d" % (kind, size))
    return client


def send(place, size):
    block = bytes(CHUNK)
    with connect(place, ord("i"), size) as client:
        for _ in range(size // CHUNK):
            client.sendall(block)
        assert client.recv(1) == b".", "it did not arrive"


def receive(place, size):
    buffer, left = bytearray(CHUNK), size
    with connect(place, ord("o"), size) as client:
        while left > 0:
            got = client.recv_into(buffer)
            assert got > 0, "it did not arrive"
            left -= got


def streams(work, count):
    """The unit is a GB."""
    def run(place, chosen):
        size = int(chosen.gigabytes * GIGABYTE / count) // CHUNK * CHUNK
        with concurrent.futures.ThreadPoolExecutor(count) as threads:
            for stream in [threads.submit(work, place, size) for _ in range(count)]:
                stream.result()
        return size * count / 1e9
    return run


def setup(place, chosen):
    for _ in range(chosen.connections):
        with connect(place, ord("s"), 0) as client:
            assert client.recv(1) == b".", "it was not served"
    return chosen.connections


def requests(place, chosen):
    with connect(place, ord("r"), chosen.connections) as client:
        for _ in range(chosen.connections):
            client.sendall(b"?")
            client.recv(1)
    return chosen.connections


WORK = {
    "in, 1 stream": streams(send, 1),
    "in, 8 streams": streams(send, 8),
    "back, 1 stream": streams(receive, 1),
    "back, 8 streams": streams(receive, 8),
    "connection setup": setup,
    "request and response": requests,
}
SCENARIOS = {
    **{"published, " + name: work for name, work in WORK.items()},
    **{"outbound, " + name.replace("in,", "up,").replace("back,", "down,"): work for name, work in WORK.items()},
}


def measure(work, place, chosen):
    """Nanoseconds for each unit, and units."""
    began = time.monotonic_ns()
    units = work(place, chosen)
    return (time.monotonic_ns() - began) / units, units


def from_inside(it, scenario, bound, chosen):
    """The same from within the guest's namespace towards the host."""
    words = [sys.executable, "-B", __file__, *sys.argv[1:], "--inside", scenario, "--port", str(bound.port)]
    done = subprocess.run(it.inside(*words), stdout=subprocess.PIPE, check=False)
    if done.returncode != 0:
        raise OSError(f"{scenario} was not served")
    return json.loads(done.stdout)


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--gigabytes", type=float)
    parser.add_argument("--connections", type=int)
    parser.add_argument("--only")
    parser.add_argument("--inside")
    parser.add_argument("--port", type=int)
    return parser.parse_args()


def enter_host():
    if "WOLFFIA_BENCH_HOST" not in os.environ:
        os.environ["WOLFFIA_BENCH_HOST"] = HOST
        os.execvp("unshare", ["unshare", "-rn", sys.executable, "-B", *sys.argv])
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    subprocess.run(["ip", "addr", "add", HOST + "/32", "dev", "lo"], check=True)


def take_samples(scenario, served, chosen):
    found = {}
    for _ in range(chosen.rounds):
        for it in served:
            cpu = it.cpu()
            try:
                if scenario.startswith("outbound"):
                    wall, units = from_inside(it, scenario, served[0], chosen)
                else:
                    wall, units = measure(SCENARIOS[scenario], ("127.0.0.1", it.port), chosen)
            except OSError as failure:
                print(f"{it.name}: {failure}", file=sys.stderr)
                continue
            found.setdefault(it.name, []).append([int(wall), int((it.cpu() - cpu) / units), it.peak()])
    return found


def main():
    chosen = arguments()
    if chosen.inside:
        print(json.dumps(measure(SCENARIOS[chosen.inside], (HOST, chosen.port), chosen)))
        return
    enter_host()
    # As callers do. To the peer that is the gateway alone.
    blocked = "--disable-host-loopback"
    ours = [chosen.program, blocked, "--allow=" + HOST]
    commands = {OURS: ours, PACKETS: [*ours, "--disable-splice", "--outbound=slirp"]}
    if shutil.which(PEER):
        commands[PEER] = [PEER, blocked]
    served = [Bound(), *(Served(name, command) for name, command in commands.items())]
    samples = {}
    for scenario in SCENARIOS:
        if chosen.only in scenario:
            print("measuring: " + scenario, file=sys.stderr)
            samples[scenario] = take_samples(scenario, served, chosen)
    for it in served:
        it.close()
    print(json.dumps(samples))


if __name__ == "__main__":
    main()
