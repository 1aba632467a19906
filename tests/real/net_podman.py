# SPDX-License-Identifier: Apache-2.0
"""Podman's slirp4netns network with wolffia-net as its command: ports, the name server, and what is said of the host."""
# needs: ids
# run: once
# run: plain
# timeout: 120
import os
import socket
import subprocess
import sys
import unittest

sys.path.insert(0, os.environ["TOP"] + "/tests/support")

from harness import OCI, PATIENCE, TMP, main, run, wait_for
from net_guest import NET, free_port, serving

IMAGE = "localhost/busybox:1"
STORE = os.path.join(TMP, "podman")
PODMAN = ["podman", "--root", STORE + "/root", "--runroot", STORE + "/run", "--tmpdir", STORE + "/tmp", "--storage-driver", "vfs",
          "--cgroup-manager", "cgroupfs", "--events-backend", "file", "--runtime", OCI, "--network-cmd-path", NET]


def podman(*args):
    return run([*PODMAN, *args], timeout=60)


def ours_runs():
    """Whether this user has a process of the program: nobody's own root can be looked at, but its words can."""
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as words:
                if words.read().split(b"\0")[0] == NET.encode():
                    return True
        except OSError:  # it has ended
            pass
    return False


class Podman(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with subprocess.Popen(["tar", "-C", os.environ["BUNDLE"] + "/rootfs", "-c", "."], stdout=subprocess.PIPE) as tar:
            done = run([*PODMAN, "import", "-q", "-", IMAGE], timeout=60, stdin=tar.stdout)
        if done.status != 0:
            raise AssertionError(done)

    @classmethod
    def tearDownClass(cls):
        podman("rm", "--all", "--force", "--time", "0")
        run([*PODMAN, "unshare", "rm", "-rf", STORE + "/root"], timeout=60)
        podman("system", "migrate")  # ends the process that keeps Podman's user namespace

    def ok(self, *args):
        done = podman(*args)
        self.assertEqual(done.status, 0, done)
        return done.out

    def run_rm(self, network, *words):
        return self.ok("run", "--rm", "--network", network, IMAGE, *words)

    def test_a_container_has_the_addresses_and_the_name_server(self):
        said = self.run_rm("slirp4netns", "sh", "-c", "ip -4 -o addr show tap0; cat /sys/class/net/tap0/mtu /etc/resolv.conf")
        self.assertIn(" 10.0.2.100/24 ", said)
        self.assertIn("\n65520\n", said)
        self.assertIn("nameserver 10.0.2.3\n", said)
        other = self.run_rm("slirp4netns:mtu=1500,cidr=10.7.0.0/24,enable_ipv6=true", "sh", "-c",
                            "ip -o addr show tap0; cat /sys/class/net/tap0/mtu")
        self.assertIn(" 10.7.0.100/24 ", other)
        self.assertIn(" fd00::", other)
        self.assertIn("\n1500\n", other)

    def test_the_host_is_reached_where_that_is_asked_for(self):
        with serving(lambda request: request.request.sendall(b"reached")) as port:
            words = ("sh", "-c", f"nc -w 5 10.0.2.2 {port} </dev/null || echo blocked")
            self.assertEqual(self.run_rm("slirp4netns:allow_host_loopback=true", *words).strip(), "reached")
            self.assertIn("blocked", self.run_rm("slirp4netns", *words))

    def test_ports_are_published(self):
        for handler in ("slirp4netns", "rootlesskit"):
            with self.subTest(handler):
                port = free_port()
                container = self.ok("run", "-d", "--network", f"slirp4netns:port_handler={handler}", "-p", f"127.0.0.1:{port}:7000",
                                    IMAGE, "sh", "-c", "while :; do echo served | nc -l -p 7000; done").strip()

                def served():
                    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as client, client.makefile() as file:
                        try:
                            return file.read() == "served\n"
                        except ConnectionResetError:  # nobody listens inside yet
                            return False
                self.assertTrue(wait_for(served))
                self.assertTrue(ours_runs())
                self.ok("rm", "--force", "--time", "0", container)


if __name__ == "__main__":
    main()
