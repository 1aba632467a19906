# SPDX-License-Identifier: Apache-2.0
# timeout: 60
"""While a rename copies what a slow lower layer has, others find files in other directories of the mount: a server that
answers nothing at all stands for the slow one. In the two directories of the rename the kernel lets nobody look."""
import os
import signal
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
from harness import PATIENCE, ContainerTest, main, run, wait_for  # noqa: E402
from overlay_mount import Mount, make_layers  # noqa: E402

# The kernel knows the first name, and the second is only looked for in the upper layer: what waits is the rename itself.
RENAME = """import os, sys
known = [os.path.exists(path) for path in sys.argv[1:]]
print(known, flush=True)
input()
print("goes", flush=True)
os.rename(*sys.argv[1:])
"""


def waits(pid):
    """Whether the kernel waits for somebody on behalf of the process."""
    with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
        return file.read().rpartition(")")[2].split()[0] in "SD"


class OverlayStalls(ContainerTest):
    def setUp(self):
        super().setUp()
        self.served, self.path = self.dir + "/served", self.dir + "/mount"
        self.layers = make_layers(self.dir)
        os.mkdir(self.served)
        for name in ("here/file", "here/directory/within"):
            path = os.path.join(self.layers.lower[0], name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as file:
                file.write(name)
        for number in range(2):
            os.makedirs(f"{self.layers.upper}/elsewhere{number}/file")
        os.mkdir(self.layers.upper + "/there")
        self.server = subprocess.Popen(["bindfs", "-f", "--no-allow-other", self.layers.lower[0], self.served])
        self.addCleanup(self.server.wait)
        self.addCleanup(run, ["fusermount3", "-u", self.served])
        self.addCleanup(self.server.send_signal, signal.SIGCONT)
        self.assertTrue(wait_for(lambda: os.path.ismount(self.served)))
        self.layers.lower = [self.served]

    def renamed(self, number, name):
        """Meanwhile the lower layer answers nothing."""
        paths = [f"{self.path}/{directory}/{name}" for directory in ("here", "there")]
        with subprocess.Popen([sys.executable, "-c", RENAME, *paths], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as job:
            self.addCleanup(job.kill)
            os.stat(f"{self.path}/elsewhere{number}")
            self.assertEqual(job.stdout.readline(), b"[True, False]\n")
            self.server.send_signal(signal.SIGSTOP)
            job.stdin.write(b"\n")
            job.stdin.flush()
            job.stdout.readline()
            self.assertTrue(wait_for(lambda: waits(job.pid)))
            found = subprocess.Popen(["stat", f"{self.path}/elsewhere{number}/file"], stdout=subprocess.DEVNULL)
            try:
                self.assertEqual(found.wait(PATIENCE), 0)
                self.assertIsNone(job.poll())
            finally:
                self.server.send_signal(signal.SIGCONT)
                found.wait(PATIENCE)
            self.assertEqual(job.wait(PATIENCE), 0)

    def test_files_are_found_while_others_are_renamed(self):
        with Mount(self.layers, self.path, outside=True):
            self.renamed(0, "file")
            self.renamed(1, "directory")
            self.assertEqual(os.listdir(self.path + "/here"), [])
            for name in ("file", "directory/within"):
                with open(f"{self.path}/there/{name}", encoding="utf-8") as file:
                    self.assertEqual(file.read(), "here/" + name)


if __name__ == "__main__":
    main()
