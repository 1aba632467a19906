# SPDX-License-Identifier: Apache-2.0
# run: once
# timeout: 240
"""`wolffia cp` out of a hostile container and into it reaches nothing of the host, whatever lies there or moves.

docker CVE-2018-15664, CVE-2019-14271; podman CVE-2019-10152, CVE-2019-18466; kubectl CVE-2019-11246.
"""
import os
import stat
import sys

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
from harness import FULL, Canary, ContainerTest, helper, main, run  # noqa: E402

WOLFFIA = os.environ["WOLFFIA"]
DECOY = "decoy\n"


class Copies(ContainerTest):
    """The container's root is a directory that the test changes under it, as a process inside could."""

    def setUp(self):
        super().setUp()
        self.canary = Canary(os.path.join(self.dir, "canary"))
        self.inside = self.bundle("/bin/true").inside("")
        self.out = os.path.join(self.dir, "out")
        os.makedirs(self.out)
        self.make("source", "source\n")
        self.name = f"copies{os.getpid()}"
        self.environment = dict(os.environ, WOLFFIA_STORE=os.path.join(self.dir, "store"))
        self.assert_ran(self.wolffia("run", "-d", "--name", self.name, self.inside, "sleep", "1000"))
        self.addCleanup(self.wolffia, "rm", "-f", self.name)
        self.addCleanup(lambda: self.assertEqual(self.canary.changes(), []))

    def wolffia(self, *args):
        return run([WOLFFIA, *args], env=self.environment)

    def make(self, name, text, top=None):
        path = os.path.join(top or self.dir, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="ascii") as file:
            file.write(text)
        return path

    def read(self, *names):
        with open(os.path.join(self.out, *names), encoding="ascii") as file:
            return file.read()

    def link(self, name, target):
        path = os.path.join(self.inside, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        os.symlink(target, path)

    def cp(self, source, target):
        return self.wolffia("cp", source, target)

    def copy_out(self, path, target=None):
        return self.cp(f"{self.name}:{path}", target or self.out)

    def copy_in(self, source, path):
        return self.cp(os.path.join(self.dir, source), f"{self.name}:{path}")

    def every_link(self):
        """Links to the canary: absolute and relative ones."""
        for name, target in (("absolute", self.canary.path), ("relative", "../" * 30 + self.canary.path[1:])):
            self.link(f"links/{name}", target)
            yield f"/links/{name}"

    def test_links_are_followed_inside(self):
        for link in self.every_link():
            self.assert_refused(self.copy_out(link + "/file"), link)
            self.assert_refused(self.copy_in("source", link + "/file"), link)
        self.make(self.canary.path[1:] + "/file", DECOY, self.inside)
        for link in ("/links/absolute", "/links/relative"):
            self.assert_ran(self.copy_out(link + "/file"))
            self.assertEqual(self.read("file"), DECOY)
            self.assert_ran(self.copy_in("source", link + "/new"))
            self.assertTrue(os.path.exists(self.inside + self.canary.path + "/new"))

    def test_magic_links_are_refused(self):
        for process in ("1", "self", "thread-self"):
            for way in (f"root{self.canary.path}/file", "cwd", "exe", "fd/0", "ns/mnt", f"task/1/root{self.canary.path}"):
                done = self.copy_out(f"/proc/{process}/{way}")
                self.assert_refused(done, way)
        self.assert_refused(self.copy_in("source", f"/proc/1/root{self.canary.path}/file"))
        self.assert_refused(self.copy_in("source", "/proc/1/cwd/file"))
        self.assertEqual(os.listdir(self.out), [])

    def test_links_in_a_tree_stay_links(self):
        """The second copy meets the link that the first one made: it is not a way out."""
        self.make("tree/deep/file", DECOY, self.inside)
        self.link("first/deep", self.canary.path)
        self.assert_ran(self.copy_out("/first/."))
        self.assertEqual(os.readlink(os.path.join(self.out, "deep")), self.canary.path)
        self.assert_refused(self.copy_out("/tree/."))
        self.make("host/deep/file", DECOY)
        self.assert_refused(self.copy_in("host/.", "/first"))

    def test_a_file_replaces_a_link(self):
        self.link("tree/file", self.canary.path + "/file")
        self.make("host/file", DECOY)
        self.assert_ran(self.copy_in("host/.", "/tree"))
        self.assertFalse(os.path.islink(os.path.join(self.inside, "tree/file")))

    def test_fifos_and_devices_do_not_block(self):
        os.makedirs(os.path.join(self.inside, "odd"))
        os.mkfifo(os.path.join(self.inside, "odd/fifo"))
        self.make("odd/file", DECOY, self.inside)
        self.assert_refused(self.copy_out("/odd/fifo"))
        self.assert_refused(self.copy_in("source", "/odd/fifo"))
        self.make("host/fifo", DECOY)
        self.assert_refused(self.copy_in("host/.", "/odd"))
        done = self.copy_out("/odd")
        self.assert_ran(done)
        self.assertIn("odd/fifo is a FIFO, socket or device, and left out", done.err)
        self.assertEqual(self.read("odd", "file"), DECOY)
        self.assert_refused(self.copy_out("/dev/zero"))
        self.assert_ran(self.copy_out("/dev"))

    def test_rights_do_not_leave(self):
        self.make("rights", DECOY, self.inside)
        os.chmod(os.path.join(self.inside, "rights"), 0o6755)
        self.assert_ran(self.copy_out("/rights"))
        mode = os.stat(os.path.join(self.out, "rights")).st_mode
        self.assertEqual(stat.S_IMODE(mode), 0o755)

    def test_depth_and_names_are_bounded(self):
        here = os.open(self.inside, os.O_RDONLY)
        for _ in range(300):
            os.mkdir("d", dir_fd=here)
            deeper = os.open("d", os.O_RDONLY, dir_fd=here)
            os.close(here)
            here = deeper
        os.close(here)
        self.assert_refused(self.copy_out("/d"))
        os.makedirs(os.path.join(self.inside, "names"))
        os.mkfifo(os.path.join(self.inside, "names/odd\n\x1b[31m"))
        done = self.copy_out("/names/.")
        self.assert_ran(done)
        self.assertNotIn("\x1b", done.err)

    def race(self, copies, copy):
        """Exchanges a directory and a link to the canary inside while `copy` works; some of them must have worked."""
        self.make("race/real/file", DECOY, self.inside)
        self.link("race/link", self.canary.path)
        worked = 0
        with helper("swap", os.path.join(self.inside, "race"), "real", "link") as swap:
            for _ in range(copies * 20 if FULL else copies):
                done = copy()
                self.assert_no_crash(done)
                worked += done.status == 0
                self.assertEqual(self.canary.changes(), [])
            self.assertIsNone(swap.poll(), "the race ended too early")
        self.assertGreater(worked, 0, "no copy succeeded: the race proves nothing")

    def test_racing_links_lead_nowhere_outwards(self):
        def copy():
            done = self.copy_out("/race/real/file")
            if done.status == 0:
                self.assertEqual(self.read("file"), DECOY)
            return done
        self.race(40, copy)

    def test_racing_trees_lead_nowhere_outwards(self):
        def copy():
            done = self.copy_out("/race")
            for directory, _, files in os.walk(self.out):
                for name in files:
                    self.assertEqual(self.read(os.path.relpath(directory, self.out), name), DECOY)
            return done
        self.race(40, copy)

    def test_racing_links_lead_nowhere_inwards(self):
        self.race(40, lambda: self.copy_in("source", "/race/real/file"))

    def test_racing_trees_lead_nowhere_inwards(self):
        self.make("host/real/file", DECOY)
        self.race(40, lambda: self.copy_in("host/.", "/race"))


if __name__ == "__main__":
    main()
