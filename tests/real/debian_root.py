# SPDX-License-Identifier: Apache-2.0
# timeout: 900
"""A Debian root file system runs what people run in one: apt, Python with shared memory, a shell with job control."""
import json
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
from harness import TMP, ContainerTest, base_config, id_ranges, main  # noqa: E402
from terminal import Terminal  # noqa: E402

POOL = """
import multiprocessing, os
def square(n): return n * n
if __name__ == "__main__":
    queue, lock = multiprocessing.Queue(), multiprocessing.Lock()
    block = multiprocessing.Array("i", 4)
    with multiprocessing.Pool(2) as pool, lock: print(sum(pool.map(square, range(100))))
    from multiprocessing import shared_memory
    memory = shared_memory.SharedMemory(create=True, size=4096)
    print(os.path.exists("/dev/shm/" + memory.name)); memory.close(); memory.unlink()
"""
SHELL = ["bash", "--norc", "--noprofile", "-i"]


class DebianRoot(ContainerTest):
    @classmethod
    def setUpClass(cls):
        made = subprocess.run([os.path.join(os.environ["TOP"], "tests/support/debian-root")], check=True,
                              stdout=subprocess.PIPE, text=True)
        cls.bundle_path = os.path.join(TMP, "debian")
        rootfs = os.path.join(cls.bundle_path, "rootfs")
        os.makedirs(rootfs)
        subprocess.run(["tar", "-C", rootfs, "--no-same-owner", "--exclude=./dev/*", "-xf", made.stdout.strip()],
                       check=True)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.bundle_path)

    def words(self, *args, terminal=False):
        """The command line that runs `args` in the root, whose config.json this writes."""
        config = base_config(args)
        config["process"]["env"] = ["PATH=/usr/local/bin:/usr/bin:/bin", "HOME=/root", "TERM=dumb", "PS1=ready> "]
        config["process"]["terminal"] = terminal
        config["linux"].update(id_ranges() or {})
        with open(os.path.join(self.bundle_path, "config.json"), "w", encoding="utf-8") as file:
            json.dump(config, file)
        return ["run", "--bundle", self.bundle_path, self.new_id()]

    def output_of(self, *args):
        done = self.oci(*self.words(*args))
        self.assert_ran(done)
        return done.out

    def terminal_with(self, *args, **options):
        return Terminal([*self.oci_words(), *self.words(*args, terminal=True)], **options)

    def test_apt_get(self):
        self.assertRegex(self.output_of("apt-get", "--version"), r"^apt \d")

    def test_python_with_shared_memory(self):
        self.assertEqual(self.output_of("python3", "-c", POOL), "328350\nTrue\n")

    def test_dpkg_knows_its_packages(self):
        self.assertIn("install ok installed", self.output_of("dpkg-query", "-W", "-f", "${Status}", "bash"))

    def test_a_shell_with_job_control(self):
        with self.terminal_with(*SHELL) as terminal:
            terminal.expect("ready> ")
            # What the job prints by itself tells that it runs in the foreground: only then is typing no race.
            terminal.write("cat /etc/debian_version -\n")
            terminal.expect(r"version -\r\n\d+(\.\d+)?\r\n")
            terminal.write("through\n")
            terminal.expect("through\r\nthrough\r\n")
            terminal.write("\x1a")  # ^Z: the signal has to reach the job, not the runtime
            terminal.expect(r"Stopped\s+cat .*\r\n")
            terminal.expect("ready> ")
            terminal.write("jobs; fg\n")
            terminal.expect(r"Stopped\s+cat .*\r\n")
            terminal.expect(r"version -\r\n")
            terminal.write("again\n")
            terminal.expect("again\r\nagain\r\n")
            terminal.write("\x03")
            terminal.expect("ready> ")
            terminal.write("echo status $?\n")
            terminal.expect("status 130\r\n")
            terminal.write("exit 4\n")
            terminal.read_to_end()
            self.assertEqual(terminal.wait(), 4)

    def test_a_window_that_changes_its_size(self):
        with self.terminal_with(*SHELL, rows=20, columns=70) as terminal:
            terminal.expect("ready> ")
            terminal.write("stty size\n")
            terminal.expect("20 70\r\n")
            terminal.write("trap 'echo size $(stty size); exit' WINCH; sleep 1000 & echo trap set; wait\n")
            terminal.expect("\ntrap set\r\n")
            terminal.resize(44, 111)
            terminal.expect("size 44 111\r\n")
            terminal.read_to_end()
            self.assertEqual(terminal.wait(), 0)


if __name__ == "__main__":
    main()
