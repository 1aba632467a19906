# SPDX-License-Identifier: Apache-2.0
# needs: ids
# run: full
# run: once
# timeout: 400
"""containerd with its runc shim and wolffia-oci as the shim's binary, in namespaces of RootlessKit."""
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
from client_test import ROOTFS, ClientTest, main, scratch  # noqa: E402
from harness import OCI, TMP, processes_naming, run, wait_for  # noqa: E402

STORE = scratch("containerd")
SOCKET = STORE + "/socket"
IMAGE = "docker.io/library/box:1"
CONFIG = f"""
version = 2
root = "{STORE}/root"
state = "{STORE}/state"
disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.snapshotter.v1.devmapper"]
[grpc]
address = "{SOCKET}"
"""
ROOTLESSKIT = ["rootlesskit", "--state-dir", STORE + "/kit", "--net=slirp4netns", "--disable-host-loopback", "--copy-up=/etc",
               "--copy-up=/run", "--propagation=rslave", "containerd", "--config", STORE + "/config.toml"]
# The daemon is in namespaces of its own; what asks it to mount something or to open a pipe has to be there as well.
ENTER = "exec nsenter --user --mount --preserve-credentials --target \"$(cat '{}/kit/child_pid')\" \"$@\""
STOPPABLE = ["sh", "-c", "trap 'exit 3' TERM; echo begun; while :; do sleep 0.05; done"]
FLAGS = ["--runc-binary", OCI, "--snapshotter", "native"]


class Containerd(ClientTest):
    client = ["sh", "-c", ENTER.format(STORE), "sh", "ctr", "--address", SOCKET]

    @classmethod
    def setUpClass(cls):
        with open(STORE + "/config.toml", "w", encoding="ascii") as file:
            file.write(CONFIG)
        with open(STORE + "/log", "wb") as log:
            cls.daemon = subprocess.Popen(ROOTLESSKIT, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        cls.addClassCleanup(cls.end)
        if not wait_for(lambda: run([*cls.client, "version"]).status == 0):
            with open(STORE + "/log", encoding="utf-8") as log:
                raise AssertionError(log.read())
        cls.make_image()

    @classmethod
    def make_image(cls):
        done = run(["sh", "-ec", 'cd "$0"; umoci init --layout box; umoci new --image box:1; '
                    'umoci insert --rootless --image box:1 "$1" /; tar -C box -cf image.tar .', TMP, ROOTFS])
        if done.status != 0:
            raise AssertionError(done)
        done = run([*cls.client, "images", "import", "--snapshotter", "native", "--base-name", IMAGE.rsplit(":")[0],
                    TMP + "/image.tar"], timeout=60)
        if done.status != 0:
            raise AssertionError(done)

    @classmethod
    def end(cls):
        cls.daemon.terminate()
        cls.daemon.wait()
        for pid in processes_naming(STORE):
            run(["kill", "-KILL", str(pid)])
        run(["unshare", "--map-root-user", "--map-auto", "rm", "-rf", STORE], timeout=60)

    def setUp(self):
        self.id = self._testMethodName.removeprefix("test_").replace("_", "-")
        self.addCleanup(self.call, "containers", "delete", self.id)
        self.addCleanup(self.call, "tasks", "delete", "--force", self.id)

    def start(self):
        self.ok("run", "-d", *FLAGS, IMAGE, self.id, *STOPPABLE)

    def status(self):
        lines = [line.split() for line in self.ok("tasks", "list").splitlines()]
        return next((words[2] for words in lines if words[0] == self.id), None)

    def test_run(self):
        """ctr run --rm --runc-binary wolffia-oci --snapshotter native IMAGE C CMD"""
        done = self.call("run", "--rm", *FLAGS, IMAGE, self.id, "sh", "-c", "id -u; exit 42")
        self.assertEqual((done.status, done.out), (42, "0\n"), done)

    def test_what_cannot_run_is_told(self):
        """ctr run, of a program that is missing"""
        done = self.call("run", "--rm", *FLAGS, IMAGE, self.id, "/nowhere")
        self.assertNotEqual(done.status, 0)
        self.assertIn("/nowhere", done.err)

    def test_a_task_in_the_background(self):
        """ctr run -d; ctr tasks list, exec, kill, wait, delete"""
        self.start()
        self.assertEqual(self.status(), "RUNNING")
        done = self.call("tasks", "exec", "--exec-id", "e1", self.id, "sh", "-c", "echo inside; exit 11")
        self.assertEqual((done.status, done.out), (11, "inside\n"), done)
        self.ok("tasks", "kill", "--signal", "SIGKILL", self.id)
        self.assertTrue(wait_for(lambda: self.status() == "STOPPED"))
        self.ok("tasks", "delete", self.id)

    def test_ps(self):
        """ctr tasks ps"""
        self.start()
        self.assertRegex(self.ok("tasks", "ps", self.id), r"PID\s+INFO\n\d+\s+-\n")

    def test_the_whole_file_system(self):
        """ctr run --read-only, --mount type=bind, --env, --cwd"""
        place = scratch("given")
        done = self.ok("run", "--rm", *FLAGS, "--read-only", "--mount", f"type=bind,src={place},dst=/in,options=rbind:ro",
                       "--env", "WORD=word", "--cwd", "/tmp", IMAGE, self.id, "sh", "-c",
                       "echo $WORD; pwd; touch /made /in/made 2>&1 | grep -c Read-only")
        self.assertEqual(done.split(), ["word", "/tmp", "2"])

    def test_a_limit_without_a_cgroup_is_refused(self):
        """ctr run --memory-limit 67108864, where none is delegated to us"""
        done = self.call("run", "--rm", *FLAGS, "--memory-limit", "67108864", IMAGE, self.id, "true")
        self.assertIn("linux.resources.memory.limit can't be applied", done.err)

    def test_a_pause(self):
        """ctr tasks pause, where no cgroup is delegated to us"""
        self.start()
        done = self.call("tasks", "pause", self.id)
        self.assertNotEqual(done.status, 0, done)
        self.assertIn("cgroup", done.err)
        self.assertEqual(self.status(), "RUNNING")

    def test_seccomp_and_capabilities(self):
        """ctr run --seccomp, --cap-drop"""
        said = self.ok("run", "--rm", *FLAGS, "--seccomp", "--cap-drop", "CAP_CHOWN", IMAGE, self.id, "grep", "-E",
                       "Seccomp:|CapEff", "/proc/self/status")
        fields = dict(line.split(":\t") for line in said.splitlines())
        self.assertEqual((fields["Seccomp"], int(fields["CapEff"], 16) & 1), ("2", 0))


if __name__ == "__main__":
    main("containerd in RootlessKit", ["containerd", "--version"], ["rootlesskit", "--version"])
