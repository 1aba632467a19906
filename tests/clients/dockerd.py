# SPDX-License-Identifier: Apache-2.0
# needs: ids
# run: full
# run: once
# timeout: 400
"""Docker's own daemon, rootless as Debian packages it, with wolffia-oci as its default runtime."""
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
from client_test import main, scratch  # noqa: E402
from docker_test import BOX, DockerTest  # noqa: E402
from harness import OCI, TMP, run, wait_for  # noqa: E402

SCRIPT = "/usr/share/docker.io/contrib/dockerd-rootless.sh"
STORE = os.path.join(TMP, "docker")


class Dockerd(DockerTest):
    client = ["docker", "--host", f"unix://{os.environ['XDG_RUNTIME_DIR']}/docker.sock"]

    @classmethod
    def setUpClass(cls):
        # Where it keeps the proxies of ports and the firewall is not the runtime's: no bridge.
        words = [SCRIPT, "--data-root", STORE + "/data", "--exec-root", STORE + "/exec", "--pidfile", STORE + "/pid",
                 "--iptables=false", "--ip6tables=false", "--bridge=none", "--storage-driver", "vfs",
                 "--add-runtime", "mine=" + OCI]
        scratch("docker")
        # The daemon reads this user's own file: the one that is installed, which finds the program in the PATH.
        place = os.environ["HOME"] + "/.config/docker"
        os.makedirs(place)
        shutil.copy(os.environ["TOP"] + "/packaging/clients/docker.json", place + "/daemon.json")
        with open(STORE + "/log", "wb") as log:
            environment = {**os.environ, "PATH": f"{os.path.dirname(OCI)}:{os.environ['PATH']}:/usr/sbin:/sbin"}
            cls.daemon = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment)
        cls.addClassCleanup(cls.end)
        try:
            cls.begin()
        except AssertionError:
            with open(STORE + "/log", encoding="utf-8") as log:
                print(log.read(), file=sys.stderr)
            raise

    @classmethod
    def end(cls):
        cls.daemon.terminate()
        cls.daemon.wait()
        cls.kill_all_of(STORE)
        run(["unshare", "--map-root-user", "--map-auto", "rm", "-rf", STORE], timeout=60)

    def test_it_is_the_runtime(self):
        """cp docker.json ~/.config/docker/daemon.json; docker info --format {{.DefaultRuntime}}"""
        self.assertEqual(self.ok("info", "--format", "{{.DefaultRuntime}}"), "wolffia-oci\n")
        box = self.start()
        self.assertEqual(self.ok("inspect", "--format", "{{.HostConfig.Runtime}}", box), "wolffia-oci\n")

    def test_by_name(self):
        """dockerd --add-runtime mine=PATH; docker run --runtime mine --rm"""
        done = self.call("run", "--rm", "--runtime", "mine", "--network", "none", BOX, "sh", "-c", "exit 42")
        self.assertEqual(done.status, 42, done)

    def test_restart(self):
        """docker restart; docker run --restart on-failure:2"""
        box = self.start()
        self.ok("restart", "--time", "10", box)
        self.assertEqual(self.ok("exec", box, "echo", "inside"), "inside\n")
        failing = self.ok("run", "-d", "--restart", "on-failure:2", "--network", "none", BOX, "false").strip()
        self.assertTrue(wait_for(lambda: self.ok("inspect", "--format", "{{.RestartCount}} {{.State.Status}}", failing)
                                 == "2 exited\n"))

    def test_init_and_another_process_namespace(self):
        """docker run --init; docker run --pid container:C"""
        self.assertIn("init", self.ok("run", "--rm", "--init", "--network", "none", BOX, "cat", "/proc/1/comm"))
        box = self.start()
        said = self.ok("run", "--rm", "--pid", "container:" + box, "--network", "none", BOX, "cat", "/proc/1/cmdline")
        self.assertIn("trap", said)


del DockerTest

if __name__ == "__main__":
    main("Docker's daemon, rootless", ["/usr/sbin/dockerd", "--version"], ["containerd", "--version"], ["rootlesskit", "--version"])
