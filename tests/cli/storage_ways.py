# SPDX-License-Identifier: Apache-2.0
# run: plain
# timeout: 180
"""--storage: an image's layers become one by the kernel's overlay, by wolffia-overlay or by a copy. What a container
sees and changes is the same; what served it leaves with it, and takes it along when it dies."""
import fcntl
import os
import signal
import subprocess
import sys
import tarfile
import tempfile

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
from harness import PATIENCE, TMP, main, processes_naming, run, wait_for  # noqa: E402
from image_test import RUN, ImageTest, busybox_layer  # noqa: E402
from oci_image import Layer, Layout  # noqa: E402

OVERLAY = os.environ["WOLFFIA_OVERLAY"]
WAYS = ("overlay", "fuse", "copy")


class StorageWays(ImageTest):
    def setUp(self):
        super().setUp()
        upper = Layer()
        upper.add("etc/.wh.gone", content=b"")
        upper.add("etc/new", content=b"new\n")
        Layout(self.dir + "/two").add_image("two", [self.base, upper.bytes()], packed=False)
        self.assert_ran(self.image("pull", "-q", "--name", "two", f"oci:{self.dir}/two"))
        self.addCleanup(lambda: self.assertTrue(wait_for(lambda: not self.daemons()), self.daemons()))

    def base_layer(self):
        layer = busybox_layer()
        for applet in ("rm", "mkdir", "mv", "sleep", "mount", "sync", "chmod", "stat"):
            layer.add("bin/" + applet, tarfile.SYMTYPE, link="busybox")
        layer.add("etc/gone", content=b"gone\n")
        layer.add("etc/kept", content=b"kept\n", mode=0o640)
        return layer.bytes()

    def daemons(self):
        return {pid: words for pid, words in processes_naming(self.store).items() if words.startswith(OVERLAY)}

    def says(self, done):
        self.assert_ran(done)
        return done.out.rstrip("\n")

    def run_by(self, way, *words, options=()):
        return run([RUN, "run", "--storage", way, *options, "two", *words])

    def sh(self, way, script, *options):
        return self.run_by(way, "sh", "-c", script, options=options)

    def test_all_see_the_image(self):
        for way in WAYS:
            with self.subTest(way):
                done = self.sh(way, "ls etc/kept etc/new; cat etc/kept; stat -c %a etc/kept; ! test -e etc/gone", "--rm")
                self.assertEqual(self.says(done), "etc/kept\netc/new\nkept\n640")
                self.assertEqual(self.daemons(), {})

    def test_changes_are_kept_and_told_alike(self):
        told = {}
        for way in WAYS:
            with self.subTest(way):
                self.assert_ran(self.sh(way, "rm etc/kept; mkdir etc/dir; echo more >> etc/new; mv etc/new etc/dir/moved",
                                        "--name", way))
                told[way] = self.says(run([RUN, "diff", way]))
                self.assert_ran(run([RUN, "commit", way, way + ":1"]))
                seen = run([RUN, "run", "--rm", way + ":1", "sh", "-c", "ls etc/kept; ls etc/dir; cat etc/dir/moved"])
                self.assertEqual(self.says(seen), "moved\nnew\nmore")
                self.assert_ran(run([RUN, "cp", way + ":/etc/dir/moved", self.dir + "/" + way]))
                with open(self.dir + "/" + way, encoding="utf-8") as file:
                    self.assertEqual(file.read(), "new\nmore\n")
                self.assert_ran(run([RUN, "rm", way]))
        self.assertEqual(told, dict.fromkeys(WAYS, "C /etc\nA /etc/dir\nA /etc/dir/moved\nD /etc/kept\nD /etc/new"))

    def test_a_container_goes_on_where_it_ended(self):
        for way in WAYS:
            with self.subTest(way):
                self.assert_ran(self.sh(way, "echo x >> etc/new; cat etc/new", "-d", "--name", way))
                self.assertEqual(self.says(run([RUN, "wait", way])), "0")
                self.assert_ran(run([RUN, "start", way]))
                self.assertEqual(self.says(run([RUN, "wait", way])), "0")
                self.assertEqual(self.says(run([RUN, "logs", way])), "new\nx\nnew\nx\nx")
                self.assertEqual(self.daemons(), {})
                self.assert_ran(run([RUN, "rm", way]))

    def test_running_ones_can_be_entered_and_copied_from(self):
        self.assert_ran(self.sh("fuse", "echo made > made; exec sleep 1000", "-d", "--name", "one"))
        self.assertTrue(wait_for(lambda: run([RUN, "exec", "one", "cat", "made"]).out == "made\n"))
        self.assert_ran(run([RUN, "cp", "one:/made", self.dir + "/made"]))
        self.assertNotEqual(self.daemons(), {})
        self.assert_ran(run([RUN, "rm", "-f", "one"]))

    def test_read_only_roots(self):
        for way in ("overlay", "fuse"):
            with self.subTest(way):
                done = self.sh(way, "cat etc/new; touch file", "--rm", "--read-only")
                self.assertEqual((done.status, done.out), (1, "new\n"))
                self.assertIn("Read-only file system", done.err)

    def test_the_end_of_what_serves_it_ends_a_container(self):
        for way in ([], ["-d"]):
            for victim in (min, max):  # the keeper; the daemon, which it forked
                with self.subTest(way, victim=victim):
                    self.end_of(way, victim)

    def end_of(self, way, victim):
        self.addCleanup(run, [RUN, "rm", "-f", "one"])
        words = [RUN, "run", "--storage", "fuse", "--name", "one", *way, "two", "sh", "-c", "echo made > made; exec sleep 1000"]
        with tempfile.TemporaryFile(dir=TMP) as err, subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=err) as job:
            self.assertTrue(wait_for(lambda: run([RUN, "exec", "one", "cat", "made"]).out == "made\n"))
            os.kill(victim(self.daemons()), signal.SIGKILL)
            self.assertEqual(self.says(run([RUN, "wait", "one"])), "125")
            self.assertEqual(job.wait(PATIENCE), 0 if way else 125)
            err.seek(0)
            self.assertEqual(b"as what served its files died" in err.read(), not way)
        self.assertIn("what served its files died", run([RUN, "inspect", "one"]).out)
        self.assertTrue(wait_for(lambda: not self.daemons()))
        self.assert_ran(run([RUN, "rm", "one"]))

    def test_no_two_daemons_change_one_container(self):
        self.assert_ran(self.sh("fuse", "echo x >> etc/new", "--name", "one"))
        upper = os.path.realpath(self.store + "/containers/@one/upper")
        held = os.open(upper, os.O_RDONLY)
        self.addCleanup(os.close, held)
        fcntl.flock(held, fcntl.LOCK_EX)
        for words in (["start", "-a", "one"], ["cp", "one:/etc/new", self.dir + "/copied"]):
            done = run([RUN, *words])
            self.assertEqual(done.status, 125, done)
            self.assertIn(f"upperdir {upper} is in use by another mount", done.err)
            self.assert_one_sentence(done)
        fcntl.flock(held, fcntl.LOCK_UN)
        self.assert_ran(run([RUN, "start", "-a", "one"]))

    def test_explain_tells_the_way(self):
        for way, words in zip(WAYS, ("the kernel's overlay of 2 layers", "a union mount of wolffia-overlay of 2 layers",
                                     "a copy of the image's layers")):
            self.assertIn(words, run([RUN, "explain", "--storage", way, "two", "true"]).out)

    def test_what_is_no_way_is_told(self):
        done = self.run_by("floppy", "true")
        self.assertEqual(done.status, 125)
        self.assertIn("--storage", done.err)
        self.assert_one_sentence(done)


if __name__ == "__main__":
    main()
