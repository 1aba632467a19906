# SPDX-License-Identifier: Apache-2.0
# run: plain
# run: once
# timeout: 120
"""The store where locks are refused, where there is no room, where it may only be read, and where there is one id."""
import errno
import os
import stat
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
from harness import SUPPORT, ContainerTest, id_ranges, main, run  # noqa: E402
from image_test import IMAGE, RUN, busybox_layer  # noqa: E402
from oci_image import Layer, Layout  # noqa: E402

REFUSE = os.path.join(SUPPORT, "refuse")
# Under a filter no set-user-id program gains anything: newuidmap neither, and what is left is the caller's one id.
ONE_ID = [REFUSE, f"sethostname:{errno.EPERM}"]
# $0 is a size, then follow a directory and the command.
IN_LITTLE_ROOM = 'mount -t tmpfs -o mode=0700,size="$0" none "$1" && shift && exec "$@"'


class StoreOnOddPlaces(ContainerTest):
    def setUp(self):
        super().setUp()
        self.store = os.environ["WOLFFIA_STORE"] = self.dir + "/store"
        os.environ.pop("WOLFFIA_ADDITIONAL_STORES", None)
        layout = Layout(self.dir + "/layout")
        layout.add_image("1", [busybox_layer(), self.of_others()])
        big = Layer()
        big.add("big", content=os.urandom(2 << 20))
        layout.add_image("big", [big])

    def of_others(self):
        """Files of several owners, and directories that nobody may enter."""
        layer = Layer()
        layer.directory("shut", mode=0o000, uid=33, gid=33)
        layer.directory("shut/in", mode=0o500, uid=7)
        layer.add("shut/in/file", content=b"x", mode=0o400, uid=1000, gid=1000)
        layer.add("setuid", content=b"x", mode=0o4755)
        return layer

    def pull(self, *before, tag="1", name="mine", **options):
        return run([*before, IMAGE, "pull", "-q", "--name", name, f"oci:{self.dir}/layout:{tag}"], **options)

    def every_path(self, directory):
        return [directory, *(os.path.join(place, name) for place, below, files in os.walk(directory)
                             for name in below + files)]

    def picture(self, directory):
        return {path: (found.st_mode, found.st_size, found.st_mtime_ns, found.st_ctime_ns)
                for path in self.every_path(directory) for found in [os.lstat(path)]}

    def test_flock_that_is_refused(self):
        for error in (errno.ENOSYS, errno.ENOLCK):
            os.environ["WOLFFIA_STORE"] = f"{self.store}-{error}"
            refused = [REFUSE, f"flock:{error}"]
            both = [subprocess.Popen([*refused, IMAGE, "pull", "-q", "--name", name, f"oci:{self.dir}/layout:1"],
                                     stdout=subprocess.PIPE, stderr=subprocess.PIPE) for name in ("one", "two")]
            for process in both:
                out, err = process.communicate(timeout=30)
                self.assertEqual(process.returncode, 0, err)
                self.assertRegex(out, b"^sha256:")
            done = run([*refused, RUN, "images", "--json"])
            self.assert_ran(done)
            self.assertEqual(done.out.count('"sha256:'), 2, done)
            self.assert_ran(run([*refused, RUN, "run", "--rm", "two", "true"]))
            self.assert_ran(run([*refused, RUN, "rmi", "one", "two"]))
            self.assert_ran(run([*refused, RUN, "gc"]))
            left = [name for name in os.listdir(f"{self.store}-{error}/locks") if not name.startswith("store")]
            self.assertEqual(left, [])

    def test_a_full_disk_proposes_another_place(self):
        os.mkdir(self.store)
        os.environ["SCRATCH"] = self.dir
        self.addCleanup(os.environ.pop, "SCRATCH")
        done = self.pull("unshare", "--map-root-user", "--mount", "sh", "-c", IN_LITTLE_ROOM, "4m", self.store, tag="big")
        self.assertEqual(done.status, 1, done)
        self.assertRegex(done.err, rf"has room for .*, and 8\.0 MiB are needed: use --store {self.dir}/wolffia-[a-z-]+, "
                                   r"where .* are free, or remove what is not needed with wolffia gc\n$")

    def test_with_one_id_rm_removes_it(self):
        self.assert_ran(self.pull(*ONE_ID))
        self.assert_ran(run([*ONE_ID, RUN, "run", "--name", "box", "mine", "touch", "/shut/new"]))
        paths = self.every_path(self.store)
        self.assertTrue(any(path.endswith("/shut/in/file") for path in paths), "the image is not in the store")
        for path in paths:
            found = os.lstat(path)
            self.assertEqual((found.st_uid, found.st_gid), (os.geteuid(), os.getegid()), path)
            if stat.S_ISDIR(found.st_mode) and not path.endswith("work/work"):  # an overlay's own, empty and 0
                self.assertEqual(found.st_mode & 0o700, 0o700, path)
        done = run(["rm", "-rf", self.store])
        self.assertEqual((done.status, done.err, os.path.exists(self.store)), (0, "", False))

    def test_with_ids_wolffia_removes_it(self):
        if not id_ranges():
            self.skipTest("without subordinate ids nothing can be another's")
        self.assert_ran(self.pull())
        owners = {os.lstat(path).st_uid for path in self.every_path(self.store)}
        self.assertGreater(len(owners), 1)
        self.assert_ran(run([RUN, "rmi", "mine"]))
        self.assertEqual([path for path in self.every_path(self.store + "/layers") if path.endswith("/tree")], [])

    def test_an_additional_store_is_only_read(self):
        self.assert_ran(self.pull(*ONE_ID))
        other = os.environ["WOLFFIA_ADDITIONAL_STORES"] = self.dir + "/other"
        os.rename(self.store, other)
        self.addCleanup(os.environ.pop, "WOLFFIA_ADDITIONAL_STORES")
        subprocess.run(["chmod", "-R", "a-w", other], check=True)
        self.addCleanup(subprocess.run, ["chmod", "-R", "u+w", other], check=True)
        before = self.picture(other)
        listed = run([*ONE_ID, RUN, "images", "--json"])
        self.assert_ran(listed)
        self.assertIn('"localhost/mine:latest"', listed.out)
        done = run([*ONE_ID, RUN, "run", "--rm", "--pull", "never", "mine", "sh", "-c", "touch /new; cat /setuid"])
        self.assertEqual((done.status, done.out), (0, "x"), done)
        self.assertNotEqual(run([*ONE_ID, RUN, "rmi", "mine"]).status, 0)
        self.assert_ran(run([*ONE_ID, RUN, "gc"]))
        self.assertEqual(self.picture(other), before)
        self.assertEqual(os.listdir(self.store + "/layers") if os.path.exists(self.store + "/layers") else [], [])


if __name__ == "__main__":
    main()
