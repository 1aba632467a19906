# SPDX-License-Identifier: Apache-2.0
# needs: ids
# timeout: 300
"""Podman and its build with `mount_program = wolffia-overlay`: pull from a registry on loopback, run, commit, build, push,
rmi; every file system of a container is served by us, and nothing stays mounted or running."""
import os
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
from docker_registry import DockerRegistry  # noqa: E402
from harness import OCI, TMP, main, processes_naming, run, wait_for  # noqa: E402
from oci_image import Layer, Layout  # noqa: E402

OVERLAY = os.environ["WOLFFIA_OVERLAY"]
STORE = os.path.join(TMP, "podman")
STORAGE = f"""
[storage]
driver = "overlay"
graphroot = "{STORE}/root"
runroot = "{STORE}/run"
[storage.options.overlay]
mount_program = "{OVERLAY}"
"""
PODMAN = ["podman", "--tmpdir", STORE + "/tmp", "--cgroup-manager", "cgroupfs", "--events-backend", "file", "--runtime", OCI]
APPLETS = ("sh", "cat", "chown", "id", "ln", "ls", "mkdir", "mknod", "mount", "mv", "rm", "sleep", "stat", "touch")
# What a container does to its root: new files, hard links, whiteouts, a directory that is made anew, owners, modes.
CHANGES = """
set -e
test "$(cat greeting)" = hello
echo more >>greeting && ln greeting twin && rm doomed && rm -r full && mkdir full && echo new >full/new
mv moved there && mkdir -m 1777 shared && touch owned && chown 33:60 owned && chmod 6751 owned
"""
CHANGED = """
set -e
cat greeting twin && stat -c '%h' greeting && ls full there && stat -c '%u %g %a' owned shared
test ! -e doomed && test ! -e moved
"""
LOOKS = "hello\nmore\nhello\nmore\n2\nfull:\nnew\n\nthere:\ninner\n33 60 6751\n0 0 1777\n"
BUILD = """
FROM {base}
COPY --chown=33:60 copied /srv/copied
RUN test "$(cat /srv/copied/file)" = copied && rm /doomed && mkdir /made && echo made >/made/file && chown -R 33:60 /made
RUN mv /made/file /made/other && ln /made/other /made/third && rm -r /full
ENV WORD=word
USER 33:60
WORKDIR /made
CMD ["sh", "-c", "echo $WORD; id -u; pwd; cat other; stat -c '%u %g %h' third /srv/copied/file; ls /full /doomed"]
"""


def make_layout(path):
    base, upper = Layer(), Layer()
    base.directory("bin")
    with open("/bin/busybox", "rb") as program:
        base.add("bin/busybox", content=program.read(), mode=0o755)
    for applet in APPLETS:
        base.add("bin/" + applet, b"1", link="bin/busybox", mode=0o755)  # a hard link
    for name in ("full", "moved", "etc", "proc", "sys", "dev"):
        base.directory(name)
    base.add("full/old", content=b"x")
    base.add("moved/inner", content=b"x")
    base.add("doomed", content=b"x")
    base.add("greeting", content=b"overwritten\n")
    upper.add("greeting", content=b"hello\n", xattrs={"user.colour": "green"})
    Layout(path).add_image("app", [base, upper], {"Cmd": ["sh", "-c", "cat greeting"], "Env": ["PATH=/bin"]},
                           history=[{"created_by": "base"}, {"created_by": "upper"}])


class PodmanMountProgram(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        os.makedirs(STORE)
        place = os.environ["HOME"] + "/.config/containers"
        os.makedirs(place)
        for name, text in (("storage.conf", STORAGE), ("policy.json", '{"default": [{"type": "insecureAcceptAnything"}]}')):
            with open(f"{place}/{name}", "w", encoding="utf-8") as file:
                file.write(text)
        cls.registry = cls.enterClassContext(DockerRegistry(TMP))
        make_layout(TMP + "/layout")
        cls.registry.fill(f"oci:{TMP}/layout:app", "team/app:1")
        cls.base = cls.registry.name("team/app:1")

    @classmethod
    def tearDownClass(cls):
        run([*PODMAN, "rm", "--all", "--force", "--time", "0"], timeout=60)
        run([*PODMAN, "unshare", "rm", "-rf", STORE + "/root"], timeout=60)
        run([*PODMAN, "system", "migrate"], timeout=60)  # ends the process that keeps Podman's user namespace

    def setUp(self):
        self.ok("pull", "-q", *self.certificates(), self.base)
        self.addCleanup(run, [*PODMAN, "rmi", "--all", "--force"], timeout=60)

    def certificates(self):
        return ["--cert-dir", f"{self.registry.certificates}/{self.registry.host}"]

    def ok(self, *words, **options):
        done = run([*PODMAN, *words], timeout=120, **options)
        self.assertEqual(done.status, 0, done)
        return done.out

    def run_rm(self, *words):
        return self.ok("run", "--rm", "--network", "none", *words)

    def served(self):
        """The daemons of this store, by process id."""
        return {pid: words for pid, words in processes_naming(STORE).items() if words.startswith(OVERLAY)}

    def assert_nothing_served(self):
        self.assertTrue(wait_for(lambda: not self.served()), self.served())
        mounts = self.ok("unshare", "cat", "/proc/self/mountinfo").splitlines()
        self.assertEqual([line for line in mounts if " - fuse" in line and STORE in line], [])

    def test_a_root_is_served_by_us(self):
        self.assertIn(OVERLAY, self.ok("info", "--format", "json"))
        self.assertEqual(self.run_rm(self.base), "hello\n")
        self.assertRegex(self.run_rm(self.base, "cat", "/proc/self/mountinfo"), r" / / .* - fuse\.\S+ ")
        self.assertEqual(self.ok("run", "-d", "--name", "box", "--network", "none", self.base, "sleep", "1000").count("\n"), 1)
        self.assertNotEqual(self.served(), {})
        self.assertEqual(self.ok("exec", "box", "sh", "-c", "echo inside >/file; cat /file"), "inside\n")
        self.ok("rm", "--force", "--time", "0", "box")
        self.assert_nothing_served()
        self.assert_removal()

    def test_what_is_written_is_in_a_commit_that_comes_back_by_the_registry(self):
        self.ok("run", "--name", "box", "--network", "none", self.base, "sh", "-c", CHANGES)
        self.assert_nothing_served()
        name = self.registry.name("team/changed:1")
        self.ok("commit", "-q", "box", name)
        self.ok("rm", "box")
        self.assertEqual(self.run_rm(name, "sh", "-c", CHANGED), LOOKS)
        self.ok("push", "-q", *self.certificates(), name)
        self.ok("rmi", "--all", "--force")
        self.ok("pull", "-q", *self.certificates(), name)
        self.assertEqual(self.run_rm(name, "sh", "-c", CHANGED), LOOKS)
        self.assert_nothing_served()

    def test_build(self):
        place = TMP + "/build"
        os.makedirs(place + "/copied")
        self.addCleanup(shutil.rmtree, place)
        with open(place + "/copied/file", "w", encoding="ascii") as file:
            file.write("copied")
        with open(place + "/Containerfile", "w", encoding="ascii") as file:
            file.write(BUILD.format(base=self.base))
        self.ok("build", "-q", "--network", "none", "--layers", "--isolation", "oci", "-t", "built", place)
        done = run([*PODMAN, "run", "--rm", "--network", "none", "built"], timeout=60)
        self.assertEqual(done.out, "word\n33\n/made\nmade\n33 60 2\n33 60 1\n", done)
        self.assertEqual(done.err.count("No such file or directory"), 2, done)
        self.assert_nothing_served()

    def assert_removal(self):
        """What was removed is gone."""
        self.ok("rmi", self.base)
        self.assertEqual(self.ok("images", "--all", "--quiet"), "")
        layers = self.ok("unshare", "ls", STORE + "/root/overlay").split()
        self.assertEqual([name for name in layers if len(name) == 64], [])
        self.assert_nothing_served()


if __name__ == "__main__":
    main()
