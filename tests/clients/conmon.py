# SPDX-License-Identifier: Apache-2.0
# timeout: 120
"""conmon, which Podman and CRI-O put between themselves and a runtime, called as they call it."""
import json
import os
import shutil
import socket
import sys

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
from client_test import ROOTFS, ClientTest, main, scratch  # noqa: E402
from harness import OCI, PATIENCE, base_config, run, wait_for  # noqa: E402

STOPPABLE = ["sh", "-c", "trap 'exit 3' TERM; echo begun; while :; do sleep 0.05; done"]


class Conmon(ClientTest):
    def setUp(self):
        self.id = self._testMethodName.removeprefix("test_").replace("_", "-")
        self.dir = scratch(self.id)
        self.addCleanup(shutil.rmtree, self.dir)
        self.addCleanup(run, [OCI, "delete", "--force", self.id])

    def path(self, name):
        return os.path.join(self.dir, name)

    def read(self, name):
        with open(self.path(name), encoding="utf-8") as file:
            return file.read()

    def bundle(self, *args, terminal=False):
        config = base_config(args)
        config["root"]["path"] = ROOTFS
        config["process"]["terminal"] = terminal
        with open(self.path("config.json"), "w", encoding="utf-8") as file:
            json.dump(config, file)

    def conmon(self, *words, log="log"):
        """Starts it as Podman does; what it first tells, of which it may have more to say while the container runs."""
        told, tells = os.pipe()
        waits, begin = os.pipe()
        environment = {**os.environ, "_OCI_SYNCPIPE": str(tells), "_OCI_STARTPIPE": str(waits)}
        os.write(begin, b"\0")
        for descriptor in (tells, waits):
            os.set_inheritable(descriptor, True)
        done = run(["conmon", "--api-version", "1", "--cid", self.id, "--cuuid", self.id, "--name", self.id, "--runtime", OCI,
                    "--bundle", self.dir, "--container-pidfile", self.path("pid"), "--conmon-pidfile", self.path("conmon.pid"),
                    "--log-path", "k8s-file:" + self.path(log), "--exit-dir", scratch(self.id + "/exits"),
                    "--persist-dir", self.dir, "--socket-dir-path", scratch(self.id + "/sockets"), "--runtime-arg", "--log-format=json",
                    "--runtime-arg", "--log=" + self.path("oci-log"), *words],
                   env=environment, pass_fds=(tells, waits))
        for descriptor in (tells, waits, begin):
            os.close(descriptor)
        self.assertEqual(done.status, 0, done)
        with open(told, encoding="utf-8") as file:
            return json.loads(file.readline())

    def oci(self, *words):
        done = run([OCI, *words])
        self.assertEqual(done.status, 0, done)
        return done.out

    def exit_status(self, place="exits"):
        """What conmon writes when what it started has ended."""
        name = f"{place}/{self.id}"
        self.assertTrue(wait_for(lambda: os.path.exists(self.path(name))), "no exit file")
        return int(self.read(name))

    def created(self, *args, **options):
        self.bundle(*args, **options)
        more = ["--terminal"] if options.get("terminal") else []
        told = self.conmon(*more)
        self.assertEqual(told, {"data": int(self.read("pid"))})
        self.assertEqual(json.loads(self.oci("state", self.id))["status"], "created")

    def test_create_start_and_the_exit_status(self):
        """conmon --cid C --bundle B --container-pidfile P --exit-dir D"""
        self.created("sh", "-c", "echo out; echo err >&2; exit 7")
        self.oci("start", self.id)
        self.assertEqual(self.exit_status(), 7)
        lines = sorted(line.split(" ", 1)[1] for line in self.read("log").splitlines())
        self.assertEqual(lines, ["stderr F err", "stdout F out"])
        self.assertEqual(json.loads(self.oci("state", self.id))["status"], "stopped")

    def test_what_cannot_be_created_is_told(self):
        """conmon --cid C --bundle B, of a program that does not exist"""
        self.bundle("/nowhere")
        told = self.conmon()
        self.assertEqual(told["data"], -1, told)
        with open(self.path("oci-log"), encoding="utf-8") as file:
            said = json.load(file)["msg"]
        self.assertRegex(said, "(?i)executable file not found in|no such file or directory")
        self.assertEqual(run([OCI, "state", self.id]).status, 1)

    def test_exec(self):
        """conmon --exec --exec-process-spec FILE --exec-attach"""
        self.created(*STOPPABLE)
        self.oci("start", self.id)
        process = base_config(["sh", "-c", "echo inside; exit 11"])["process"]
        with open(self.path("process"), "w", encoding="utf-8") as file:
            json.dump(process, file)
        os.rename(self.path("pid"), self.path("first"))
        told = self.conmon("--exec", "--exec-process-spec", self.path("process"), "--exit-dir", scratch(self.id + "/entered"),
                           log="exec-log")
        self.assertEqual(told, {"data": int(self.read("pid"))})
        self.assertEqual(self.exit_status("entered"), 11)
        self.assertTrue(self.read("exec-log").endswith("stdout F inside\n"), self.read("exec-log"))
        self.oci("kill", self.id, "TERM")
        self.assertEqual(self.exit_status(), 3)

    def test_a_terminal_and_its_socket(self):
        """conmon --terminal, then a connection to its attach socket"""
        self.created("sh", "-c", "tty; read word; echo got $word", terminal=True)
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as attached:
            attached.settimeout(PATIENCE)
            attached.connect(self.path(f"sockets/{self.id}/attach"))
            self.oci("start", self.id)
            attached.send(b"this\n")
            read = b""
            while b"got this" not in read:
                read += attached.recv(8192)[1:]  # the first byte says which stream it is of
        self.assertIn(b"/dev/pts/0", read)
        self.assertEqual(self.exit_status(), 0)

    def test_its_timeout(self):
        """conmon --timeout 1"""
        self.bundle("sleep", "1000")
        self.conmon("--timeout", "1")
        self.oci("start", self.id)
        self.assertEqual(self.exit_status(), -1)  # conmon's own word for it
        self.assertTrue(wait_for(lambda: json.loads(self.oci("state", self.id))["status"] == "stopped"))


if __name__ == "__main__":
    main("conmon", ["conmon", "--version"])
