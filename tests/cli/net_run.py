# SPDX-License-Identifier: Apache-2.0
"""The network of a container of an image is its own and connected; what is published leads inside."""
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import unittest

sys.path.insert(0, os.environ["TOP"] + "/tests/support")

from harness import PATIENCE, TMP, main, run, wait_for

WOLFFIA = os.environ["WOLFFIA"]
GATEWAY = "10.0.2.2"  # as which a peer on the host appears
# The host's Python, for programs inside: busybox has no servers that tell of their peers.
PYTHON = ["/usr/bin/python3", "-uc"]
MOUNTS = [word for name in ("/usr", "/lib", "/lib64") if os.path.isdir(name) for word in ("-v", f"{name}:{name}:ro")]
SERVER = """import socket
with socket.create_server(('', 7000)) as listener:
  while True:
    client, peer = listener.accept()
    client.sendall(peer[0].encode()); client.close()"""
DATAGRAMS = """import socket
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
  s.bind(('', 7000))
  while True:
    data, peer = s.recvfrom(100)
    s.sendto(peer[0].encode(), peer)"""
# Whoever answers for the gateway has its link address.
NEIGHBOUR = """import socket, time
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
  s.sendto(b'.', ('10.0.2.2', 9))
while '52:55:0a:00:02:02' not in open('/proc/net/arp').read(): time.sleep(0.01)
print('reached')"""

def wolffia(*words, **options):
    return run([WOLFFIA, *words], **options)


def free_port(kind=socket.SOCK_STREAM):
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def parent_of(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return next(line.split()[1] for line in file if line.startswith("PPid:"))


def daemons():
    """The processes of wolffia-net whose supervisor this test has started."""
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError, StopIteration):
            with open(f"/proc/{name}/cmdline", "rb") as words:
                is_one = words.read().split(b"\0")[0] == os.environ["WOLFFIA_NET"].encode()
            if is_one:
                with open(f"/proc/{parent_of(name)}/environ", "rb") as environment:
                    if f"TMP={TMP}".encode() in environment.read().split(b"\0"):
                        found.append(int(name))
    return found


class Net(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        os.environ["WOLFFIA_STORE"] = TMP + "/store"
        subprocess.run(["sh", "-c", '. "$TOP/tests/support/lib.sh"; make_image'], check=True, stdout=subprocess.DEVNULL)

    def expect(self, done, wanted):
        self.assertEqual((done.status, done.out), (0, wanted), str(done))

    def background(self, *words):
        self.assertTrue(wait_for(lambda: not daemons()), daemons())  # processes of an earlier one may be ending
        done = wolffia("run", "-d", *words)
        self.assertEqual(done.status, 0, str(done))
        self.addCleanup(lambda: wolffia("rm", "-f", "box"))

    def fetch(self, port):
        """What the server says; it may not listen yet."""
        said = []

        def ask():
            try:
                with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as client:
                    said[:] = [client.makefile().read()]
            except ConnectionError:
                return False
            return bool(said[0])

        self.assertTrue(wait_for(ask), "nobody answers")
        return said[0]

    def test_an_image_has_one_and_reaches_the_gateway(self):
        done = wolffia("run", "--rm", *MOUNTS, "test", "sh", "-c",
                       'ls /sys/class/net; cat /etc/resolv.conf; exec "$@"', "sh", *PYTHON, NEIGHBOUR)
        self.assertEqual(done.status, 0, str(done))
        self.assertEqual(done.out.split("\n")[:2], ["lo", "tap0"])
        self.assertIn("nameserver 10.0.2.3\n", done.out)
        self.assertTrue(done.out.endswith("reached\n"), done.out)

    def test_a_user_namespace_within_owns_the_network_that_it_has(self):
        server = SERVER.replace("7000", "80")  # below 1024 only whom the network belongs to may listen
        for words, can_listen in (("--userns", "root"), True), (("--userns", "keep-id"), False), (("-u", "4321"), False):
            with self.subTest(words):
                self.expect(wolffia("run", "--rm", *words, "test", "ls", "/sys/class/net"), "lo\ntap0\n")
                self.expect(wolffia("run", "--rm", *words, *MOUNTS, "test", *PYTHON, NEIGHBOUR), "reached\n")
                inside, port = (80, free_port()) if can_listen else (7000, free_port())
                self.background("--name", "box", *words, "-p", f"127.0.0.1:{port}:{inside}", *MOUNTS, "test", *PYTHON,
                                server if can_listen else SERVER)
                self.assertEqual(self.fetch(port), GATEWAY)
                self.kill_daemon()
                self.assertTrue(wait_for(lambda: self.inspect()["networkRestarts"] == 1))
                self.assertEqual(self.fetch(port), GATEWAY)
                self.expect(wolffia("exec", "box", "ls", "/sys/class/net"), "lo\ntap0\n")
                self.assertEqual(wolffia("rm", "-f", "box").status, 0)

    def test_none_and_host_start_no_daemon(self):
        for net in ("none", "host"):
            self.background("--name", "box", "--net", net, "test", "sleep", "1000")
            self.assertEqual(daemons(), [])
            self.assertEqual(wolffia("rm", "-f", "box").status, 0)

    def test_a_directory_has_one_where_it_was_asked_for(self):
        rootfs = os.path.join(os.environ["BUNDLE"], "rootfs")
        self.expect(wolffia("run", "--rm", rootfs, "ls", "/sys/class/net"), "lo\n")
        self.expect(wolffia("run", "--rm", "--net", "slirp", rootfs, "ls", "/sys/class/net"), "lo\ntap0\n")

    def test_name_servers_of_the_command_line_are_asked_by_the_daemon(self):
        four, six = "nameserver 10.0.2.3\n", "nameserver fd00::3\n"
        for net, servers, wanted in (("slirp", ["192.0.2.1"], four), ("slirp", ["192.0.2.1", "2001:db8::1"], four + six),
                                     ("slirp", ["2001:db8::1"], six), ("none", ["192.0.2.1"], "nameserver 192.0.2.1\n")):
            with self.subTest(f"{net} {servers}"):
                words = [word for server in servers for word in ("--dns", server)]
                self.expect(wolffia("run", "--rm", "--net", net, *words, "test", "cat", "/etc/resolv.conf"), wanted)
        self.background("--name", "box", "--dns", "192.0.2.1", "test", "sleep", "1000")
        with open(f"/proc/{daemons()[0]}/cmdline", "rb") as words:
            self.assertIn(b"--dns=192.0.2.1", words.read().split(b"\0"))

    def test_a_published_port_leads_inside_and_is_listed(self):
        port, second = free_port(), free_port()
        self.background("--name", "box", "-p", f"127.0.0.1:{port}:7000", "-p", f"{second}:7000", *MOUNTS, "test", *PYTHON, SERVER)
        self.assertEqual(self.fetch(port), GATEWAY)
        self.assertEqual(self.fetch(second), GATEWAY)
        self.expect(wolffia("port", "box"), f"7000/tcp -> 127.0.0.1:{port}\n7000/tcp -> 0.0.0.0:{second}\n")
        self.expect(wolffia("port", "box", "7000/tcp"), f"7000/tcp -> 127.0.0.1:{port}\n7000/tcp -> 0.0.0.0:{second}\n")
        done = wolffia("port", "box", "80")
        self.assertIn("does not publish port 80", done.err)

    def relayed(self):
        """How many connections its daemon has led inside without a packet."""
        directory = os.open(json.loads(wolffia("inspect", "box").out)["path"], os.O_PATH)
        try:
            with socket.socket(socket.AF_UNIX) as client:
                client.connect(f"/proc/self/fd/{directory}/network")
                client.sendall(b'{"execute": "get_statistics"}')
                return json.loads(client.makefile().read())["return"]["published"]["connections"]
        finally:
            os.close(directory)

    def test_a_connection_to_a_published_port_is_relayed(self):
        port = free_port()
        self.background("--name", "box", "-p", f"127.0.0.1:{port}:7000", *MOUNTS, "test", *PYTHON, SERVER)
        self.assertEqual(self.fetch(port), GATEWAY)
        self.assertGreaterEqual(self.relayed(), 1)

    def test_it_is_published_again_when_it_is_started_again(self):
        port = free_port()
        self.background("--name", "box", "-p", f"127.0.0.1:{port}:7000", *MOUNTS, "test", *PYTHON, SERVER)
        self.fetch(port)
        self.assertEqual(wolffia("stop", "--time", "0", "box").status, 0)
        with self.assertRaises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port))
        self.assertEqual(wolffia("start", "box").status, 0)
        self.assertEqual(self.fetch(port), GATEWAY)

    def test_a_port_of_udp_leads_inside(self):
        port = free_port(socket.SOCK_DGRAM)
        self.background("--name", "box", "-p", f"127.0.0.1:{port}:7000/udp", *MOUNTS, "test", *PYTHON, DATAGRAMS)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.connect(("127.0.0.1", port))
            client.settimeout(0.2)

            def ask():
                try:
                    client.send(b"who am I?")
                    return client.recv(100) == GATEWAY.encode()
                except OSError:
                    return False

            self.assertTrue(wait_for(ask))

    def test_a_port_that_is_taken_starts_nothing(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            for way in ((), ("-d",)):
                done = wolffia("run", "--rm", *way, "-p", f"127.0.0.1:{port}:80", "test", "echo", "started")
                self.assertEqual((done.status, done.out), (125, ""))
                self.assertIn(f"port {port}: bind: Address already in use", done.err)
        self.expect(wolffia("ps", "-aq"), "")

    def inspect(self):
        return json.loads(wolffia("inspect", "box").out)

    def kill_daemon(self):
        """The helpers of one that was killed are the supervisor's children until they notice."""
        self.assertTrue(wait_for(lambda: len(daemons()) == 1), daemons())
        os.kill(daemons()[0], signal.SIGKILL)

    def test_it_is_started_again_when_it_dies_with_its_ports(self):
        port = free_port()
        self.background("--name", "box", "-p", f"127.0.0.1:{port}:7000", "--deny", "192.0.2.1", *MOUNTS, "test", *PYTHON, SERVER)
        self.assertEqual(self.fetch(port), GATEWAY)
        for restarts in (1, 2):
            self.kill_daemon()
            self.assertTrue(wait_for(lambda: self.inspect()["networkRestarts"] == restarts))
            self.assertEqual(self.fetch(port), GATEWAY)
            self.expect(wolffia("exec", "box", *PYTHON, NEIGHBOUR), "reached\n")
        self.assertEqual(self.inspect()["networkError"], "")
        self.assertEqual(wolffia("logs", "box").err.count("the container's network had died and was started again"), 2)
        self.expect(wolffia("port", "box"), f"7000/tcp -> 127.0.0.1:{port}\n")
        self.assertEqual(wolffia("rm", "-f", "box").status, 0)
        self.assertTrue(wait_for(lambda: not daemons()))

    def test_of_a_program_in_the_foreground_too(self):
        words = [WOLFFIA, "run", "-i", "--name", "box", *MOUNTS, "test", "sh", "-c", 'echo started; read go; exec "$@"', "sh",
                 *PYTHON, NEIGHBOUR]
        with open(TMP + "/said", "wb") as said:
            process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said)
        self.addCleanup(lambda: wolffia("rm", "-f", "box"))
        self.assertEqual(process.stdout.readline(), b"started\n")
        self.kill_daemon()
        self.assertTrue(wait_for(lambda: self.inspect()["networkRestarts"] == 1))
        self.assertEqual(process.communicate(b"go\n", timeout=PATIENCE)[0], b"reached\n")
        self.assertEqual(process.returncode, 0)
        with open(TMP + "/said", encoding="utf-8") as said:
            self.assertIn("the container's network had died and was started again", said.read())
        self.assertTrue(wait_for(lambda: not daemons()), daemons())

    def test_what_dies_again_and_again_is_let_go_and_the_container_goes_on(self):
        self.background("--name", "box", "test", "sh", "-c", "echo started; exec sleep 1000")
        for restarts in range(1, 6):
            self.kill_daemon()
            self.assertTrue(wait_for(lambda: self.inspect()["networkRestarts"] == restarts))
        self.kill_daemon()
        self.assertTrue(wait_for(lambda: "the container's network is gone" in wolffia("logs", "box").err))
        self.assertIn("status 137", self.inspect()["networkError"])
        self.assertTrue(wait_for(lambda: not daemons()), daemons())
        self.expect(wolffia("exec", "box", "echo", "alive"), "alive\n")

    def test_a_port_that_another_has_meanwhile_is_said_to_be(self):
        port = free_port()
        self.background("--name", "box", "-p", f"127.0.0.1:{port}:7000", *MOUNTS, "test", *PYTHON, SERVER)
        self.fetch(port)
        # Stopped, so that whoever starts it again comes later than whoever takes the port.
        runner = int(parent_of(daemons()[0]))
        os.kill(runner, signal.SIGSTOP)
        self.kill_daemon()

        def take():
            with contextlib.suppress(OSError):
                taken.append(socket.create_server(("127.0.0.1", port)))
            return bool(taken)

        taken = []
        self.assertTrue(wait_for(take))
        self.addCleanup(taken[0].close)
        os.kill(runner, signal.SIGCONT)
        self.assertTrue(wait_for(lambda: f"port {port}: bind: Address already in use" in self.inspect()["networkError"]))
        self.assertTrue(wait_for(lambda: "the container's network is gone" in wolffia("logs", "box").err))

    def test_where_it_cannot_be_that_is_told(self):
        hide = 'mount -t tmpfs none /dev/net && export WOLFFIA_STORE="$TMP/hidden" && '
        fetch = '"$WOLFFIA_IMAGE" pull -q --name localhost/test:latest "oci:$TMP/layout" >/dev/null && '
        hidden = ["unshare", "-rm", "sh", "-c", hide + fetch + 'exec "$WOLFFIA" run --rm "$@"', "sh"]
        done = run([*hidden, "test", "ls", "/sys/class/net"])
        self.assertEqual((done.status, done.out), (0, "lo\n"), str(done))
        self.assertIn("no network but lo: /dev/net/tun", done.err)
        for words in (("--net", "slirp"), ("-p", "8080:80")):
            done = run([*hidden, *words, "test", "true"])
            self.assertEqual(done.status, 125)
            self.assertIn("--net slirp: /dev/net/tun", done.err)

    def test_what_cannot_go_together_is_refused(self):
        for words, wanted in ((("-p", "80", "test"), "[ADDRESS:]HOST:INSIDE[/udp]"),
                              (("-p", "8080:80", "--net", "host", "test"), "--publish needs --net slirp: with host"),
                              (("-p", "8080:80", "--net", "none", "test"), "--publish needs --net slirp: with none"),
                              (("--net", "slirp", os.environ["BUNDLE"]), "is not for a bundle")):
            done = wolffia("run", *words, "true")
            self.assertEqual(done.status, 125)
            self.assertIn(wanted, done.err)

    def test_explain_tells_of_it(self):
        facts = {(it["kind"], it["what"]): it["reason"]
                 for it in json.loads(wolffia("explain", "--json", "-p", "8080:80", "test").out)}
        self.assertEqual(facts["port", "80/tcp -> 0.0.0.0:8080"], "--publish")
        self.assertIn(("namespace", "network"), facts)
        for words, reason in (((), "default"), (("--offline",), "--offline"), (("--net", "slirp"), "--network slirp"),
                              (("-p", "8080:80"), "--publish"), (("--net", "none"), "--network none")):
            told = json.loads(wolffia("explain", "--json", *words, "test").out)
            self.assertEqual(next(it["reason"] for it in told if it["kind"] == "network"), reason)


if __name__ == "__main__":
    main()
