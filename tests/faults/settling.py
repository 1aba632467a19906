# SPDX-License-Identifier: Apache-2.0
# needs: no ids
# timeout: 180
"""An image is known before it is on disk. Who puts much into a store does not wait for the disk: a process that holds
nothing of the caller's does, and where that is killed the next one to write to the store. After another boot what was
not on disk is not there. Who is kept from system calls gets no other ids: hence the user who has none."""
import errno
import glob
import os
import re
import signal
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
from harness import PATIENCE, SUPPORT, TMP, ContainerTest, main, run, wait_for  # noqa: E402
from image_test import IMAGE, RUN, busybox_layer  # noqa: E402
from oci_image import Layer, Layout  # noqa: E402

REFUSE = os.path.join(SUPPORT, "refuse")
MUCH = 65 << 20  # more than a command settles before its end
OTHER_BOOT = "01234567-89ab-cdef-0123-456789abcdef"
# A call that stalls does so until the last one is gone who could answer it.
STALLED = [REFUSE, "syncfs:stall", "sh", "-c", 'sleep 1000 </dev/null >/dev/null 2>&1 & echo $! >"$0"; exec "$@"']
FAILING = [REFUSE, f"syncfs:{errno.EIO}"]


def session_of(pid):
    with open(f"/proc/{pid}/stat", encoding="utf-8") as stat:
        return int(stat.read().rpartition(")")[2].split()[3])


def ignored_signals(pid):
    with open(f"/proc/{pid}/status", encoding="utf-8") as status:
        mask = int(re.search(r"^SigIgn:\s*(\w+)", status.read(), re.MULTILINE)[1], 16)
    return {number for number in range(1, 32) if mask >> (number - 1) & 1}


class Settling(ContainerTest):
    @classmethod
    def setUpClass(cls):
        cls.layout = Layout(TMP + "/layout")
        cls.layout.add_image("little", [busybox_layer()])
        large = Layer()
        large.add("large", content=bytes(MUCH))
        cls.layout.add_image("much", [busybox_layer(), large])

    def setUp(self):
        super().setUp()
        self.store = os.environ["WOLFFIA_STORE"] = os.path.join(self.dir, "store")

    def pull(self, tag, *options, before=()):
        return run([*before, IMAGE, "pull", "-q", *options, "--name", tag, f"oci:{self.layout.path}:{tag}"])

    def records(self):
        """The first line of each record of an image."""
        lines = []
        for path in glob.glob(self.store + "/images/*/layers-*"):
            with open(path, encoding="utf-8") as record:
                lines.append(record.readline())
        return lines

    def is_settled(self):
        return not any(line.startswith("boot ") for line in self.records())

    def settlers(self):
        """The processes that settle, which have nothing but the words of the command."""
        found = []
        for path in glob.glob("/proc/[0-9]*/cmdline"):
            pid = int(path.split("/")[2])
            try:
                with open(path, "rb") as words:
                    is_ours = self.layout.path.encode() in words.read()
                if is_ours and session_of(pid) == pid:
                    found.append(pid)
            except (FileNotFoundError, ProcessLookupError):
                pass
        return found

    def stalled_pull(self):
        """Pulls much while no sync ends; returns the process that settles. Reads pipes to their ends, as callers do."""
        answering = self.dir + "/answering"
        words = [*STALLED, answering, IMAGE, "pull", "-q", "--name", "much", f"oci:{self.layout.path}:much"]
        done = subprocess.run(words, check=False, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=PATIENCE, start_new_session=True)
        with open(answering, encoding="utf-8") as file:
            self.addCleanup(os.kill, int(file.read()), signal.SIGKILL)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, "^sha256:[0-9a-f]{64}\n$")
        self.assertTrue(wait_for(lambda: os.path.exists(self.store + "/locks/settle")), "nobody settles")
        settlers = self.settlers()
        self.assertEqual(len(settlers), 1)
        self.assertFalse(self.is_settled())
        return settlers[0]

    def kill(self, settler):
        os.kill(settler, signal.SIGKILL)
        self.assertTrue(wait_for(lambda: not self.settlers()))
        self.assertFalse(self.is_settled())

    def test_pipes_end_before_it_and_it_holds_nothing_of_the_caller(self):
        settler = self.stalled_pull()
        self.assertEqual(os.readlink(f"/proc/{settler}/cwd"), "/")
        held = {os.readlink(path) for path in glob.glob(f"/proc/{settler}/fd/*")}
        self.assertLessEqual(held, {"/dev/null", self.store, self.store + "/locks", self.store + "/locks/settle"})
        self.assertLessEqual({signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM}, ignored_signals(settler))
        self.assert_ran(run([RUN, "run", "--rm", "--pull", "never", "much", "true"]))
        self.assert_ran(self.pull("little"))
        self.assertTrue(wait_for(lambda: self.settlers() == [settler]), "the later ones do not leave it to that one")
        self.kill(settler)

    def test_who_is_killed_is_followed_by_the_next_writer(self):
        self.kill(self.stalled_pull())
        self.assert_ran(self.pull("little"))
        self.assertTrue(wait_for(self.is_settled))
        self.assertTrue(wait_for(lambda: not self.settlers()))

    def test_who_is_killed_is_followed_by_gc(self):
        self.kill(self.stalled_pull())
        self.assert_ran(run([RUN, "gc"]))
        self.assertTrue(wait_for(self.is_settled))

    def test_run_does_not_wait_for_it(self):
        answering = self.dir + "/answering"
        done = run([*STALLED, answering, RUN, "run", "--rm", f"oci:{self.layout.path}:much", "true"])
        with open(answering, encoding="utf-8") as file:
            self.addCleanup(os.kill, int(file.read()), signal.SIGKILL)
        self.assert_ran(done)
        self.assertFalse(self.is_settled())
        for settler in self.settlers():
            self.kill(settler)

    def test_with_sync_and_where_it_is_little_the_command_waits(self):
        self.assert_ran(self.pull("little"))
        self.assertTrue(self.is_settled())
        self.assert_ran(self.pull("much", "--sync"))
        self.assertTrue(self.is_settled())

    def test_who_waits_learns_of_a_disk_that_fails(self):
        for tag, options in (("little", []), ("much", ["--sync"])):
            failed = self.pull(tag, *options, before=FAILING)
            self.assertEqual(failed.status, 1, failed)
            self.assertRegex(failed.err, "wolffia-image: .*sync the store: syncfs: Input/output error\n$")
            self.assertFalse(self.is_settled())
        self.assert_ran(self.pull("much", "--sync"))
        self.assertTrue(self.is_settled())

    def test_after_another_boot_it_is_to_be_pulled_again(self):
        self.pull("little", before=FAILING)
        (path,) = glob.glob(self.store + "/images/*/layers-*")
        with open(path, encoding="utf-8") as record:
            text = record.read()
        with open(path, "w", encoding="utf-8") as record:
            record.write(re.sub("^boot [^ ]+", f"boot {OTHER_BOOT}", text))
        self.assertEqual(run([RUN, "images", "-q"]).out, "")
        lost = "image little was not on disk yet when the machine stopped: pull it again"
        for words, status in (([RUN, "run", "--pull", "never", "little", "true"], 125), ([RUN, "history", "little"], 125),
                              ([RUN, "rmi", "little"], 125)):
            told = run(words)
            self.assertEqual((told.status, told.err.count("\n")), (status, 1), told)
            self.assertIn(lost, told.err)
        self.assert_ran(self.pull("little"))
        self.assert_ran(run([RUN, "run", "--rm", "--pull", "never", "little", "true"]))
        self.assertTrue(self.is_settled())


if __name__ == "__main__":
    main()
