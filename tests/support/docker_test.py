# SPDX-License-Identifier: Apache-2.0
"""Docker's command line, whatever serves it: what is done with it in each of the tests that do."""
import json
import os

from client_test import ClientTest, archive_of_rootfs, scratch
from harness import TMP, processes_naming, run, wait_for
from terminal import Terminal

BOX = "localhost/box:1"
DOCKERFILE = """
FROM localhost/box:1
ENV WORD=word
RUN echo $WORD >/made && chown 33:60 /made
USER 33:60
CMD ["sh", "-c", "cat /made; id -u"]
"""


class DockerTest(ClientTest):
    """A test's class sets `client` and starts what serves it; then it calls `begin`."""

    @classmethod
    def begin(cls):
        """Waits for the service, and makes the image from nothing."""
        if not wait_for(lambda: run([*cls.client, "version"]).status == 0):
            raise AssertionError(run([*cls.client, "version"]))
        done = run([*cls.client, "import", archive_of_rootfs(TMP + "/root.tar"), BOX], timeout=60)
        if done.status != 0:
            raise AssertionError(done)

    @staticmethod
    def kill_all_of(word):
        """Ends what a service leaves behind, which is known by a path of this test."""
        for pid in processes_naming(word):
            if pid != os.getpid():
                run(["kill", "-KILL", str(pid)])

    def tearDown(self):
        left = self.ok("ps", "--all", "--quiet").split()
        if left:
            self.ok("rm", "--force", *left)

    def start(self, *words):
        return self.ok("run", "-d", "--network", "none", *words, BOX, "sh", "-c",
                       "trap 'exit 3' TERM; echo begun; while :; do sleep 0.05; done").strip()

    def test_run(self):
        """docker run --network none IMAGE CMD"""
        done = self.call("run", "--network", "none", BOX, "sh", "-c", "echo hello; exit 42")
        self.assertEqual((done.status, done.out), (42, "hello\n"), done)

    def test_run_on_a_terminal(self):
        """docker run -it"""
        with Terminal([*self.client, "run", "-it", "--network", "none", BOX, "sh"]) as terminal:
            terminal.expect("# ")
            terminal.write("tty; exit 8\n")
            terminal.expect("/dev/pts/0")
            terminal.read_to_end()
            self.assertEqual(terminal.wait(), 8)

    def test_a_life_in_the_background(self):
        """docker run -d, logs, exec, inspect, stop, wait, rm"""
        box = self.start()
        self.assertTrue(wait_for(lambda: self.call("logs", box).out == "begun\n"))
        self.assertEqual(self.ok("exec", box, "echo", "inside"), "inside\n")
        self.assertTrue(json.loads(self.ok("inspect", box))[0]["State"]["Running"])
        self.ok("stop", "--time", "10", box)
        self.assertEqual(self.ok("wait", box), "3\n")
        self.ok("rm", box)

    def test_top_and_cp(self):
        """docker top, cp"""
        box = self.start()
        self.assertIn("sleep", self.ok("top", box))
        place = scratch("copied")
        with open(place + "/file", "w", encoding="ascii") as file:
            file.write("copied\n")
        self.ok("cp", place + "/file", box + ":/tmp/file")
        self.assertEqual(self.ok("exec", box, "cat", "/tmp/file"), "copied\n")
        self.ok("cp", box + ":/etc/passwd", place + "/passwd")
        self.assertTrue(os.path.getsize(place + "/passwd"))
        self.ok("rm", "--force", box)

    def test_kill(self):
        """docker kill --signal KILL"""
        box = self.start()
        self.ok("kill", "--signal", "KILL", box)
        self.assertEqual(self.ok("wait", box), "137\n")
        self.ok("rm", box)

    def test_build(self):
        """docker build --network none -t app ."""
        place = scratch("build")
        with open(place + "/Dockerfile", "w", encoding="ascii") as file:
            file.write(DOCKERFILE)
        self.ok("build", "--network", "none", "-t", "localhost/app:1", place)
        self.assertEqual(self.ok("run", "--network", "none", "localhost/app:1"), "word\n33\n")

    def test_rights(self):
        """docker run --read-only, --cap-drop ALL, --user, --tmpfs, -v DIR:/in:ro"""
        said = self.ok("run", "--rm", "--network", "none", "--read-only", "--cap-drop", "ALL", "--user", "1234:4321",
                       "--tmpfs", "/scratch", "-v", scratch("given") + ":/in:ro", BOX, "sh", "-c",
                       "id -u; grep CapEff /proc/self/status; touch /made /in/made 2>&1 | grep -c Read-only; touch /scratch/made")
        self.assertEqual(said.split(), ["1234", "CapEff:", "0" * 16, "2"])
