# SPDX-License-Identifier: Apache-2.0
# run: once
# timeout: 120
"""Two mounts never change one upper or working directory: the second is refused, in a sentence that names it. Nothing of
the first keeps anybody out once it is unmounted or its processes are dead, and no file system without locks is refused."""
import contextlib
import os
import signal
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
import overlay_mount  # noqa: E402

overlay_mount.enter_namespace()
from harness import PATIENCE, ContainerTest, main, wait_for  # noqa: E402
from overlay_mount import PROGRAM, Layers, Mount, make_layers  # noqa: E402


class Claims(ContainerTest):
    def setUp(self):
        super().setUp()
        self.layers = make_layers(self.dir)
        self.path, self.other = self.dir + "/mount", self.dir + "/other"
        for name in ("upper2", "work2"):
            os.mkdir(f"{self.dir}/{name}")

    def mounted(self, layers=None, path=None):
        return Mount(layers or self.layers, path or self.path)

    def with_places(self, upper, work):
        return Layers(self.layers.lower, f"{self.dir}/{upper}", f"{self.dir}/{work}")

    def refusal(self, option, name):
        return (f"wolffia-overlay: {option} {self.dir}/{name} is in use by another mount: unmount that one first, or give "
                "this one an upperdir and a workdir of its own\n")

    def test_the_second_mount_is_refused(self):
        pairs = {("upper", "work2"): ("upperdir", "upper"), ("upper2", "work"): ("workdir", "work"),
                 ("work", "upper2"): ("upperdir", "work"), ("work2", "upper"): ("workdir", "upper")}
        with self.mounted(), contextlib.ExitStack() as all_of_them:
            started = {}
            for pair in pairs:  # at once, as each waits a while for a mount that is just ending
                point = f"{self.dir}/{'-'.join(pair)}"
                os.mkdir(point)
                words = [PROGRAM, "-o", self.with_places(*pair).options(), point]
                started[pair] = all_of_them.enter_context(subprocess.Popen(words, stderr=subprocess.PIPE, text=True))
            for pair, told in pairs.items():
                err = started[pair].communicate(timeout=PATIENCE)[1]
                self.assertEqual((started[pair].returncode, err), (1, self.refusal(*told)))
            with self.mounted(Layers([self.layers.upper]), self.other):  # nothing is changed through it
                self.assertEqual(os.listdir(self.other), [])
            with self.mounted(self.with_places("upper2", "work2"), self.other):
                self.assertTrue(os.path.ismount(self.other))

    def test_one_that_is_unmounted_keeps_nobody_out(self):
        for _ in range(20):
            mount = self.mounted()
            mount.mount()
            mount.detach()
            with self.mounted(path=self.other):
                pass
            mount.wait()

    def test_open_files_of_one_that_is_unmounted_keep_nobody_out(self):
        first = self.mounted()
        first.mount()
        with open(self.path + "/file", "w", encoding="ascii") as file:
            first.detach()
            with self.mounted():
                self.assertIn("file", os.listdir(self.path))
                file.write("written")
        first.wait()
        with open(self.layers.upper + "/file", encoding="ascii") as file:
            self.assertEqual(file.read(), "written")

    def test_a_copy_of_one_in_another_namespace_keeps_nobody_out(self):
        first = self.mounted()
        first.mount()
        with subprocess.Popen(["unshare", "--mount", "sh", "-c", "echo; read line"], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE) as holder:
            self.assertEqual(holder.stdout.readline(), b"\n")
            first.detach()
            with self.mounted():
                self.assertTrue(os.path.ismount(self.path))
        first.wait()

    def test_the_dead_keep_nobody_out(self):
        for victims in (lambda mount: mount.daemons, lambda mount: mount.servers(),
                        lambda mount: mount.daemons - mount.servers()):
            mount = self.mounted()
            mount.mount()
            for pid in victims(mount):
                os.kill(pid, signal.SIGKILL)
            mount.detach()  # where nobody is left who does
            mount.wait()
            with self.mounted():
                self.assertTrue(os.path.ismount(self.path))

    def test_a_file_system_without_locks_is_served(self):
        for error in ("ENOLCK", "ENOSYS", "EOPNOTSUPP"):
            words = ["strace", "-f", "-qq", "-o", self.dir + "/log", "-e", "trace=flock", "-e", "inject=flock:error=" + error,
                     PROGRAM, "-f", "-o", self.layers.options(), self.path]
            os.makedirs(self.path, exist_ok=True)
            with subprocess.Popen(words) as process:
                self.assertTrue(wait_for(lambda: os.path.ismount(self.path) or process.poll() is not None))
                overlay_mount.call("umount2", os.fsencode(self.path), 0)
                self.assertEqual(process.wait(PATIENCE), 0)
            with open(self.dir + "/log", encoding="utf-8") as log:
                self.assertEqual(sum("LOCK_EX" in line and f"-1 {error}" in line for line in log), 2)


if __name__ == "__main__":
    main()
