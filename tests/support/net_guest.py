# SPDX-License-Identifier: Apache-2.0
"""A network namespace with wolffia-net behind it, and servers of the host for it to reach."""
import contextlib
import hashlib
import json
import os
import socket
import socketserver
import subprocess
import threading
import unittest

from harness import PATIENCE, TMP, run, wait_for

NET = os.environ["WOLFFIA_NET"]
GATEWAY, NAMESERVER, GUEST = "10.0.2.2", "10.0.2.3", "10.0.2.100"
GATEWAY6, GUEST6 = "fd00::2", "fd00::64"


class Guest:
    """The namespace, held by a process that reads its standard input to the end."""

    def __init__(self):
        self.holder = subprocess.Popen(["unshare", "-rn", "cat"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        self.pid = self.holder.pid
        own = os.readlink("/proc/self/ns/net")
        assert wait_for(lambda: self.namespace() not in (own, "")), "unshare makes no namespace"

    def namespace(self):
        with contextlib.suppress(OSError):
            with open(f"/proc/{self.pid}/comm", encoding="ascii") as name:
                if name.read() == "cat\n":
                    return os.readlink(f"/proc/{self.pid}/ns/net")
        return ""

    def words(self, *words):
        return ["nsenter", "--preserve-credentials", "-U", "-n", "-t", str(self.pid), *words]

    def run(self, *words, **options):
        return run(self.words(*words), **options)

    def python(self, code, *args):
        """What the program prints that runs inside; socket and sys are imported."""
        done = self.run("/usr/bin/python3", "-c", "import socket, sys\n" + code, *map(str, args))
        if done.status != 0:
            raise AssertionError(str(done))
        return done.out.rstrip("\n")

    def background(self, code, *args):
        """The same as a process; its first line says that it is ready."""
        process = subprocess.Popen(self.words("/usr/bin/python3", "-uc", "import socket, sys\n" + code, *map(str, args)),
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert process.stdout.readline() == "ready\n", "it does not begin"
        return process

    def close(self):
        self.holder.stdin.close()
        self.holder.wait()


class Daemon:
    """wolffia-net, until the test closes its end of --exit-fd."""

    def __init__(self, guest, *options, configure=True, target=None, pass_fds=()):
        self.api = os.path.join(TMP, f"api{guest.pid}")
        ready, their_ready = os.pipe()
        self.exit, their_exit = os.pipe()
        with open(ready, "rb") as ready:
            self.process = subprocess.Popen(
                [NET, *(["-c"] if configure else []), f"--ready-fd={their_ready}", f"--exit-fd={self.exit}", "-a", self.api,
                 *options, *(target or [str(guest.pid), "tap0"])],
                pass_fds=(their_ready, self.exit, *pass_fds), stderr=subprocess.PIPE, text=True)
            os.close(their_ready)
            self.hold = their_exit
            self.ready = ready.read()

    def ask(self, request):
        """The reply of the control socket."""
        return self.ask_text(json.dumps(request))

    def ask_text(self, text):
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(PATIENCE)
            client.connect(self.api)
            client.sendall(text.encode())
            client.shutdown(socket.SHUT_WR)
            with client.makefile("rb") as reply:
                return json.loads(reply.read())

    def listed(self):
        """The published ports, as callers of slirp4netns look for them and as its manual page has them."""
        reply = self.ask({"execute": "list_hostfwd"})
        assert reply["return"]["entries"] == reply["entries"], reply
        return reply["entries"]

    def publish(self, protocol, guest_port, host_addr="127.0.0.1", host_port=None):
        """The port of the host."""
        host_port = host_port or free_port(protocol, host_addr)
        reply = self.ask({"execute": "add_hostfwd", "arguments": {
            "proto": protocol, "host_addr": host_addr, "host_port": host_port, "guest_port": guest_port}})
        assert "return" in reply, reply
        return host_port

    def close(self):
        """Its exit status, and what it said."""
        if self.hold >= 0:
            os.close(self.hold)
            os.close(self.exit)
            self.hold = -1
        said = self.process.communicate(timeout=PATIENCE)[1]
        return self.process.returncode, said


def free_port(protocol="tcp", address="127.0.0.1"):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM if protocol == "udp" else socket.SOCK_STREAM) as probe:
        probe.bind((address, 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def serving(handle, address="127.0.0.1", kind=socketserver.ThreadingTCPServer):
    """A server of the host, whose handler is a function of the request; gives its port."""
    class Handler(socketserver.BaseRequestHandler):
        def handle(self):
            handle(self)

    class Server(kind):
        address_family = socket.AF_INET6 if ":" in address else socket.AF_INET
        daemon_threads = True
        request_queue_size = 1000
        allow_reuse_address = True
        max_packet_size = 65536

    with Server((address, 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


def stream(word, size):
    """That many bytes, which are known by their word: STREAM has the same inside."""
    return hashlib.shake_128(word.encode()).digest(1 << 16) * (size >> 16)


def echo_hash(data):
    """What handles a request: reads as much as `data`, and says its digest and then the data."""
    def handle(request):
        digest, left = hashlib.sha256(), len(data)
        while left > 0:
            part = request.request.recv(1 << 18)
            if not part:
                break
            digest.update(part)
            left -= len(part)
        request.request.sendall(digest.hexdigest().encode() + data)
    return handle


# Prints the digest that it is told, and that of what it is sent. Arguments: address, port, the word and size of stream().
STREAM = """
import hashlib
data = hashlib.shake_128(sys.argv[3].encode()).digest(1 << 16) * (int(sys.argv[4]) >> 16)
with socket.create_connection((sys.argv[1], int(sys.argv[2]))) as s:
  s.sendall(data)
  with s.makefile('rb') as reply:
    print(reply.read(64).decode(), hashlib.sha256(reply.read()).hexdigest())
"""


class NetTest(unittest.TestCase):
    options = ()

    def setUp(self):
        self.guest = Guest()
        self.addCleanup(self.guest.close)
        self.daemon = Daemon(self.guest, *self.options)
        self.addCleanup(self.expect_clean_end)
        self.assertEqual(self.daemon.ready, b"1")

    def expect_clean_end(self):
        self.assertEqual(self.daemon.close(), (0, ""))
