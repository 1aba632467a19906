# SPDX-License-Identifier: Apache-2.0
"""Docker without root, on RootlessKit with wolffia-net under the name slirp4netns: an image, a container, a published port."""
# needs: ids
# run: full
# timeout: 180
import os
import signal
import socket
import subprocess
import sys
import unittest

sys.path.insert(0, os.environ["TOP"] + "/tests/support")

from harness import PATIENCE, TMP, main, run, wait_for
from net_guest import NET, free_port, serving

BIN = os.path.join(TMP, "bin")
START = "/usr/share/docker.io/contrib/dockerd-rootless.sh"
ENVIRONMENT = {**os.environ, "PATH": BIN + ":/usr/bin:/bin:/usr/sbin:/sbin",
               "DOCKERD_ROOTLESS_ROOTLESSKIT_NET": "slirp4netns", "DOCKERD_ROOTLESS_ROOTLESSKIT_MTU": "65520",
               "DOCKERD_ROOTLESS_ROOTLESSKIT_PORT_DRIVER": "slirp4netns",
               "DOCKERD_ROOTLESS_ROOTLESSKIT_FLAGS": f"--state-dir={TMP}/kit"}
OPTIONS = ["--storage-driver=vfs", "--iptables=false", "--ip6tables=false", "--bridge=none", "--exec-opt=native.cgroupdriver=cgroupfs",
           "--data-root=" + TMP + "/docker"]


RUNTIME = os.environ["XDG_RUNTIME_DIR"]
CLIENT = ["/usr/bin/docker", f"--host=unix://{RUNTIME}/docker.sock"]


def docker(*words, **options):
    return run([*CLIENT, *words], timeout=60, **options)


class Docker(unittest.TestCase):
    def setUp(self):
        os.mkdir(BIN)
        os.symlink(NET, BIN + "/slirp4netns")
        self.log = open(TMP + "/dockerd.log", "w+", encoding="utf-8")
        self.addCleanup(self.log.close)
        self.daemon = subprocess.Popen([START, *OPTIONS], env=ENVIRONMENT, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        self.addCleanup(self.end)
        if not wait_for(lambda: self.daemon.poll() is not None or docker("version").status == 0) or self.daemon.poll() is not None:
            self.log.seek(0)
            raise AssertionError(self.log.read()[-4000:])

    def end(self):
        self.daemon.send_signal(signal.SIGTERM)
        self.daemon.wait(PATIENCE)

    def ok(self, *words, **options):
        done = docker(*words, **options)
        self.assertEqual(done.status, 0, str(done))
        return done.out

    def test_a_container_reaches_out_and_is_reached(self):
        with subprocess.Popen(["tar", "-C", os.environ["BUNDLE"] + "/rootfs", "-c", "."], stdout=subprocess.PIPE) as tar:
            self.ok("import", "-", "busybox:1", stdin=tar.stdout)
        with serving(lambda request: request.request.sendall(b"reached")) as port:
            said = self.ok("run", "--rm", "--network=host", "busybox:1", "sh", "-c",
                           f"cat /etc/resolv.conf; nc -w 5 10.0.2.2 {port} </dev/null || echo blocked")
        self.assertIn("nameserver 10.0.2.3", said)
        self.assertIn("blocked", said)  # dockerd-rootless.sh gives --disable-host-loopback
        self.publish()

    def publish(self):
        """By RootlessKit, as it would for dockerd's own proxy."""
        port = free_port()
        server = subprocess.Popen([*CLIENT, "run", "--rm", "--network=host", "--name=web", "busybox:1", "sh", "-c",
                                   f"while :; do echo served | nc -l -p {port}; done"],
                                  stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        done = run(["rootlessctl", f"--socket={TMP}/kit/api.sock", "add-ports", f"127.0.0.1:{port}:{port}/tcp"])
        self.assertEqual(done.status, 0, str(done))

        def served():
            try:
                with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as client:
                    return client.makefile().read() == "served\n"
            except OSError:  # nobody listens inside yet
                return False
        self.assertTrue(wait_for(served))
        self.ok("rm", "--force", "web")
        server.wait(PATIENCE)


if __name__ == "__main__":
    main()
