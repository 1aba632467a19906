# SPDX-License-Identifier: Apache-2.0
"""RootlessKit with wolffia-net under the name slirp4netns: its network, its ports, and what it says of the host."""
# needs: ids
# run: once
# run: plain
import os
import socket
import subprocess
import sys
import unittest

sys.path.insert(0, os.environ["TOP"] + "/tests/support")

from harness import PATIENCE, TMP, main, run, wait_for
from net_guest import NET, free_port, serving

BIN = os.path.join(TMP, "bin")
SERVER = """
import socket
s = socket.create_server(('', 7000))
print('ready', flush=True)
while True:
  c = s.accept()[0]
  c.sendall(b'served'); c.close()
"""
# Prints what came, or "blocked" where that is the answer.
FETCH = """
import errno, socket, sys
with socket.socket() as s:
  s.settimeout(20)
  try:
    s.connect(('10.0.2.2', int(sys.argv[1])))
    print(s.recv(100).decode())
  except OSError as error:
    print('blocked' if error.errno == errno.EHOSTUNREACH else error)
"""


def words(*options):
    return ["rootlesskit", "--net=slirp4netns", "--slirp4netns-binary=" + BIN + "/slirp4netns", "--copy-up=/etc", *options]


class RootlessKit(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        os.mkdir(BIN)
        os.symlink(NET, BIN + "/slirp4netns")

    def test_the_network_is_there_and_the_host_is_reached_where_that_is_asked_for(self):
        with serving(lambda request: request.request.sendall(b"reached")) as port:
            for options, wanted in (((), "reached"), (("--disable-host-loopback", "--mtu=1500"), "blocked"),
                                    (("--slirp4netns-sandbox=true", "--slirp4netns-seccomp=true", "--mtu=65520"), "reached")):
                with self.subTest(str(options)):
                    done = run(words(*options, "/usr/bin/python3", "-c", FETCH, str(port)))
                    self.assertEqual((done.status, done.out), (0, wanted + "\n"), str(done))

    def test_ports_are_published(self):
        for driver in ("slirp4netns", "builtin"):
            with self.subTest(driver):
                port = free_port()
                kit = subprocess.Popen(words("--disable-host-loopback", f"--port-driver={driver}", f"--publish=127.0.0.1:{port}:7000/tcp",
                                             "/usr/bin/python3", "-c", SERVER),
                                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
                try:
                    self.assertEqual(kit.stdout.readline(), b"ready\n")

                    def served():
                        try:
                            with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as client:
                                return client.makefile().read() == "served"
                        except OSError:  # it publishes while its child begins
                            return False
                    self.assertTrue(wait_for(served))
                finally:
                    kit.terminate()
                    kit.wait(PATIENCE)
                    kit.stdout.close()


if __name__ == "__main__":
    main()
