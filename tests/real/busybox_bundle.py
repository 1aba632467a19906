# SPDX-License-Identifier: Apache-2.0
# timeout: 120
"""The busybox bundle of `wolffia-oci spec` lives a whole life: foreground, background, exec, signals, exit statuses."""
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
from harness import ContainerTest, main  # noqa: E402
from terminal import Terminal  # noqa: E402

BUNDLE = os.environ["BUNDLE"]
CONFIG = os.path.join(BUNDLE, "config.json")


class BusyboxBundle(ContainerTest):
    def set_process(self, *args, terminal=False):
        with open(CONFIG, encoding="utf-8") as file:
            config = json.load(file)
        config["process"].update({"args": list(args), "terminal": terminal})
        with open(CONFIG, "w", encoding="utf-8") as file:
            json.dump(config, file)

    def run_args(self, *args, **options):
        self.set_process(*args)
        return self.oci("run", "--bundle", BUNDLE, self.new_id(), **options)

    def test_it_runs(self):
        done = self.run_args("/bin/sh", "-c", "id -u; echo $$; ls /proc | grep -c '^[0-9]'")
        self.assert_ran(done)
        uid, pid, processes = done.out.split()
        self.assertEqual((uid, pid), ("0", "1"), done)
        self.assertLessEqual(int(processes), 3, done)

    def test_exit_statuses_pass_through(self):
        for status in (0, 1, 42, 126, 127, 255):
            self.assertEqual(self.run_args("/bin/sh", "-c", f"exit {status}").status, status)

    def test_standard_input_and_output_pass_through(self):
        self.set_process("/bin/sh", "-c", "cat; echo err >&2")
        words = [*self.oci_words(), "run", "--bundle", BUNDLE, self.new_id()]
        done = subprocess.run(words, input="a" * 100_000, capture_output=True, text=True, timeout=30, check=True)
        self.assertEqual(done.stdout, "a" * 100_000)
        # A user without subordinate ids is told so, once, in front of it.
        told = [line for line in done.stderr.splitlines() if not line.startswith("wolffia-oci: warning: ")]
        self.assertEqual(told, ["err"])

    def test_a_whole_life(self):
        self.set_process("/bin/sh", "-c", "trap 'exit 7' TERM; while :; do sleep 0.05; done")
        container = self.new_id()
        pid_file = os.path.join(self.dir, "pid")
        self.assert_ran(self.oci("create", "--bundle", BUNDLE, "--pid-file", pid_file, container))
        self.assertEqual(json.loads(self.oci("state", container).out)["status"], "created")
        self.assert_ran(self.oci("start", container))
        state = json.loads(self.oci("state", container).out)
        self.assertEqual(state["status"], "running")
        with open(pid_file, encoding="ascii") as file:
            self.assertEqual(file.read(), str(state["pid"]))
        done = self.oci("exec", container, "/bin/sh", "-c", "exit 5")
        self.assertEqual(done.status, 5, done)
        self.assertIn(container, self.oci("list").out)
        self.assertIn(state["pid"], json.loads(self.oci("ps", "--format", "json", container).out))
        self.assert_refused(self.oci("delete", container), "it still runs")
        pidfd = os.pidfd_open(state["pid"])
        self.assert_ran(self.oci("kill", container, "TERM"))
        self.wait_for_end(pidfd)
        self.assertEqual(json.loads(self.oci("state", container).out)["status"], "stopped")
        self.assertIn("container not running", self.oci("kill", container, "KILL").err)
        self.assert_ran(self.oci("delete", container))
        self.assertIn("does not exist", self.oci("state", container).err)

    def test_a_terminal_of_its_own(self):
        self.set_process("/bin/sh", "-c", "tty; stty size; read line; echo got $line; exit 3", terminal=True)
        words = [*self.oci_words(), "run", "--bundle", BUNDLE, self.new_id()]
        with Terminal(words, rows=33, columns=99) as terminal:
            terminal.expect("/dev/(pts/0|console)\r\n")
            terminal.expect("33 99\r\n")
            terminal.write("words\n")
            terminal.expect("got words\r\n")
            terminal.read_to_end()
            self.assertEqual(terminal.wait(), 3)


if __name__ == "__main__":
    main()
