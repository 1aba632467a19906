# SPDX-License-Identifier: Apache-2.0
# needs: ids
# timeout: 300
"""Podman 4.3 with --runtime wolffia-oci, on whatever cgroups this machine has."""
import json
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
from client_test import ClientTest, main  # noqa: E402
from harness import OCI, TMP, run, wait_for  # noqa: E402
from terminal import Terminal  # noqa: E402

IMAGE = "localhost/busybox:1"
STORE = os.path.join(TMP, "podman")
PODMAN = ["podman", "--root", STORE + "/root", "--runroot", STORE + "/run", "--tmpdir", STORE + "/tmp",
          "--storage-driver", "vfs", "--cgroup-manager", "cgroupfs", "--events-backend", "file", "--runtime", OCI]
NO_CHMOD = {"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_AARCH64"],
            "syscalls": [{"names": ["chmod", "fchmod", "fchmodat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38}]}
# Ends with 3 when it is told to, and at once.
STOPPABLE = ["sh", "-c", "trap 'exit 3' TERM; echo begun; while :; do sleep 0.05; done"]


def podman(*args, **options):
    return run([*PODMAN, *args], timeout=60, **options)


class Podman(ClientTest):
    client = PODMAN

    @classmethod
    def setUpClass(cls):
        rootfs = os.path.join(os.environ["BUNDLE"], "rootfs")
        with subprocess.Popen(["tar", "-C", rootfs, "-c", "."], stdout=subprocess.PIPE) as tar:
            done = podman("import", "-q", "-", IMAGE, stdin=tar.stdout)
        if done.status != 0:
            raise AssertionError(done)

    @classmethod
    def tearDownClass(cls):
        podman("rm", "--all", "--force", "--time", "0")
        run([*PODMAN, "unshare", "rm", "-rf", STORE + "/root"], timeout=60)
        # Ends the process that keeps Podman's user namespace.
        podman("system", "migrate")

    def run_rm(self, *words):
        """podman run --rm without a network: flags, then the image, then the command."""
        return self.ok("run", "--rm", "--network", "none", *words)

    def start(self):
        """A container in the background that can be stopped, once it can."""
        container = self.ok("run", "-d", "--network", "none", IMAGE, *STOPPABLE).strip()
        self.assertTrue(wait_for(lambda: podman("logs", container).out == "begun\n"))
        return container

    def test_run(self):
        """podman run --rm IMAGE CMD"""
        self.assertEqual(self.run_rm(IMAGE, "echo", "hello"), "hello\n")
        done = podman("run", "--rm", "--network", "none", IMAGE, "sh", "-c", "exit 42")
        self.assertEqual(done.status, 42, done)

    def test_statuses_of_what_cannot_run(self):
        """podman run, of a program that is missing and one that cannot be run"""
        for program, status in (("nowhere", 127), ("/etc/passwd", 126)):
            done = podman("run", "--rm", "--network", "none", IMAGE, program)
            self.assertEqual(done.status, status, done)

    def test_run_on_a_terminal(self):
        """podman run --rm -it"""
        words = [*PODMAN, "run", "--rm", "-it", "--network", "none", IMAGE, "sh"]
        with Terminal(words, rows=31, columns=87) as terminal:
            terminal.expect("# ")
            terminal.write("tty; stty size\n")
            terminal.expect("/dev/pts/0\r\n")
            terminal.expect("31 87\r\n")
            terminal.write("exit 8\n")
            terminal.read_to_end()
            self.assertEqual(terminal.wait(), 8)

    def test_a_life_in_the_background(self):
        """podman run -d, exec, logs, stop, inspect, rm, ps"""
        container = self.start()
        self.assertEqual(self.ok("exec", container, "sh", "-c", "echo inside"), "inside\n")
        self.assertEqual(podman("exec", container, "sh", "-c", "exit 11").status, 11)
        self.assertEqual(self.ok("logs", container), "begun\n")
        self.ok("stop", "--time", "10", container)
        state = json.loads(self.ok("inspect", container))[0]["State"]
        self.assertEqual((state["Status"], state["ExitCode"]), ("exited", 3))
        self.ok("rm", container)
        self.assertNotIn(container, self.ok("ps", "--all", "--quiet", "--no-trunc"))

    def test_exec_on_a_terminal(self):
        """podman exec -it"""
        container = self.start()
        with Terminal([*PODMAN, "exec", "-it", container, "sh"]) as terminal:
            terminal.expect("# ")
            terminal.write("echo pid 1 is $(cut -d' ' -f2 </proc/1/stat)\n")
            terminal.expect(r"pid 1 is \(sh\)\r\n")
            terminal.write("exit\n")
            terminal.read_to_end()
            self.assertEqual(terminal.wait(), 0)
        self.ok("rm", "--force", "--time", "0", container)

    def test_create_and_start(self):
        """podman create; podman start --attach"""
        container = self.ok("create", "--network", "none", IMAGE, "echo", "started").strip()
        self.assertEqual(self.ok("start", "--attach", container), "started\n")
        self.ok("rm", container)

    def test_kill(self):
        """podman kill --signal KILL; podman wait"""
        container = self.start()
        self.ok("kill", "--signal", "KILL", container)
        self.assertEqual(self.ok("wait", container), "137\n")
        self.ok("rm", container)

    def test_read_only(self):
        """podman run --read-only"""
        out = self.run_rm("--read-only", IMAGE, "sh", "-c", "touch /made 2>&1; touch /tmp/made && echo tmp")
        self.assertIn("Read-only file system", out)
        self.assertIn("tmp\n", out)

    def test_tmpfs(self):
        """podman run --tmpfs /var/scratch:size=1m,mode=1777"""
        out = self.run_rm("--tmpfs", "/var/scratch:size=1m,mode=1777", IMAGE, "stat", "-f", "-c", "%T %b", "/var/scratch")
        self.assertEqual(out, "tmpfs 256\n")

    def test_volumes(self):
        """podman run -v DIR:/shared, -v DIR:/shared:ro"""
        shared = os.path.join(STORE, "shared")
        os.makedirs(shared, exist_ok=True)
        self.run_rm("-v", shared + ":/shared", IMAGE, "sh", "-c", "echo written >/shared/file")
        with open(os.path.join(shared, "file"), encoding="ascii") as file:
            self.assertEqual(file.read(), "written\n")
        script = "cat /shared/file; touch /shared/other 2>&1 ||:"
        out = self.run_rm("-v", shared + ":/shared:ro", IMAGE, "sh", "-c", script)
        self.assertRegex(out, r"^written\n.*Read-only file system")

    def test_user(self):
        """podman run --user 1234:4321"""
        self.assertEqual(self.run_rm("--user", "1234:4321", IMAGE, "sh", "-c", "id -u; id -g"), "1234\n4321\n")

    def test_no_capabilities(self):
        """podman run --cap-drop=all"""
        out = self.run_rm("--cap-drop=all", IMAGE, "cat", "/proc/self/status")
        self.assertEqual(set(re.findall(r"^Cap\w+:\t(\w+)$", out, re.M)), {"0" * 16}, out)

    def test_a_seccomp_profile(self):
        """podman run --security-opt seccomp=FILE"""
        profile = os.path.join(STORE, "profile.json")
        with open(profile, "w", encoding="ascii") as file:
            json.dump(NO_CHMOD, file)
        out = self.run_rm("--security-opt", "seccomp=" + profile, IMAGE, "sh", "-c", "chmod 700 /tmp 2>&1 ||:")
        self.assertIn(os.strerror(NO_CHMOD["syscalls"][0]["errnoRet"]), out)

    def test_init(self):
        """podman run --init"""
        out = self.run_rm("--init", IMAGE, "sh", "-c", "echo $$; cat /proc/1/comm")
        self.assertRegex(out, r"^\d+\ncatatonit\n$|^\d+\npodman-init\n$")
        self.assertNotEqual(out.split()[0], "1")

    def test_keep_id(self):
        """podman run --userns=keep-id"""
        self.assertEqual(self.run_rm("--userns=keep-id", IMAGE, "sh", "-c", "id -u; id -g"),
                         f"{os.getuid()}\n{os.getgid()}\n")


if __name__ == "__main__":
    main("Podman", ["podman", "--version"], ["conmon", "--version"])
