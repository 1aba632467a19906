# SPDX-License-Identifier: Apache-2.0
# run: once
# timeout: 600
"""The daemon of a union mount is killed at its system calls while it copies up, renames and removes: on the next mount
the tree is what it was before or what it should have become, no file is torn, and nothing is left of the work.

Some calls of each operation are tried, which ones depends on the commit; WOLFFIA_FULL=1 tries all.
"""
import contextlib
import os
import random
import stat
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
import overlay_mount  # noqa: E402

overlay_mount.enter_namespace()
from harness import FULL, SUPPORT, ContainerTest, main  # noqa: E402
from injection import turn  # noqa: E402
from overlay_calls import RENAME_EXCHANGE, rename  # noqa: E402
from overlay_mount import Layers, Mount, left_in_work  # noqa: E402
from overlay_sides import Picture, Side, differences  # noqa: E402

SITES = 8  # of each operation, in a normal run
LARGE = 3 << 20
OLD = 10**18  # nanoseconds: what is copied up keeps its time


def put(path, size=100, mode=0o640):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(random.Random(path[-5:]).randbytes(size))
    os.chmod(path, mode)
    os.setxattr(path, "user.kept", b"value")
    os.utime(path, ns=(OLD, OLD))


def append(path):
    fd = os.open(path, os.O_WRONLY | os.O_APPEND)
    try:
        os.write(fd, b"more")
    finally:
        os.close(fd)


class Killed(ContainerTest):
    def setUp(self):
        super().setUp()
        self.lower = self.dir + "/lower"
        put(self.lower + "/large", LARGE)
        put(self.lower + "/plain")
        for name in ("a", "b", "sub/c", "sub/d"):
            put(f"{self.lower}/tree/{name}")
        os.link(self.lower + "/tree/a", self.lower + "/tree/link")
        os.symlink("a", self.lower + "/tree/symlink")
        put(self.lower + "/cleared/gone")
        self.upper, self.work, self.path = self.dir + "/upper", self.dir + "/work", self.dir + "/mount"

    def fresh(self):
        """An upper layer with the whiteouts that removing an emptied directory has to clear."""
        subprocess.run(["rm", "-rf", self.upper, self.work], check=True)
        os.makedirs(self.upper + "/cleared")
        os.mknod(self.upper + "/cleared/gone", stat.S_IFCHR, 0)
        put(self.upper + "/own")
        os.utime(self.upper, ns=(OLD, OLD))
        os.mkdir(self.work)
        return Mount(Layers([self.lower], self.upper, self.work), self.path)

    def picture(self):
        with Mount(Layers([self.lower], self.upper, self.work), self.path):
            found = Picture(Side(self.path))
        for path, facts in found.names.items():  # times of directories belong to neither tree when only the half was done
            if facts[0].startswith("d"):
                found.names[path] = (*facts[:4], 0, facts[5])
        return found

    def disturbed(self, work, call):
        """How many calls there were until the operation had returned or the daemon was dead; whether it was."""
        mount = self.fresh()
        mount.mount()
        try:
            daemons = [str(pid) for pid in mount.servers()]
            with subprocess.Popen([SUPPORT + "/kill_at", str(call), *daemons], stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE, text=True) as killer:
                self.assertEqual(killer.stdout.readline(), "ready\n")
                with contextlib.suppress(ConnectionAbortedError, OSError):
                    work()
                killer.stdin.close()
                said = killer.stdout.read()
            self.assertEqual(killer.returncode, 0, f"kill_at failed at call {call}")
            count = int(said)
            if call == 0:
                mount.unmount()
                return count, False
            dead = count >= call
            if dead:
                mount.wait()
                mount.detach()
            else:
                mount.unmount()
            return count, dead
        except BaseException:
            mount.abandon()
            raise

    def kill_all_over(self, work):
        name = self.id().rpartition(".")[2]
        self.fresh()
        before = self.picture()
        count, _ = self.disturbed(work, 0)
        after = self.picture()
        self.assertTrue(differences(before, after), "the operation does nothing")
        sites = range(1, count + 1)
        if not FULL:
            sites = sorted(random.Random(f"{name} {turn()}").sample(sites, min(SITES, count)))
        hits = sum(self.check(work, call, before, after) for call in sites)
        print(f"{name}: {count} calls, {len(sites)} kills, {hits} of them reached")
        self.assertGreater(hits, len(sites) // 3)

    def check(self, work, call, before, after):
        _, dead = self.disturbed(work, call)
        found = self.picture()
        # The names of a file with several are copied up one after the other: between two of them it is two files.
        from_before = differences(found, before, ("links",))
        from_after = differences(found, after, ("time",))  # what was done may not have been dated yet
        if from_before and from_after:
            self.fail(f"killed at call {call}:\nbefore, but: {from_before[:5]}\nafter, but: {from_after[:5]}")
        self.assertEqual(left_in_work(self.work), [], f"killed at call {call}")
        return dead

    def test_copy_of_a_large_file(self):
        self.kill_all_over(lambda: os.chmod(self.path + "/large", 0o600))

    def test_append(self):
        self.kill_all_over(lambda: append(self.path + "/tree/sub/c"))

    def test_write_to_one_of_two_links(self):
        self.kill_all_over(lambda: os.chmod(self.path + "/tree/link", 0o600))

    def test_truncation(self):
        self.kill_all_over(lambda: os.truncate(self.path + "/large", 0))

    def test_rename_of_a_lower_file(self):
        self.kill_all_over(lambda: os.rename(self.path + "/plain", self.path + "/tree/sub/c"))

    def test_rename_of_a_directory_with_lower_content(self):
        self.kill_all_over(lambda: os.rename(self.path + "/tree", self.path + "/renamed"))

    def test_exchange(self):
        self.kill_all_over(lambda: rename(self.path + "/tree", self.path + "/plain", RENAME_EXCHANGE))

    def test_removal_of_a_lower_file(self):
        self.kill_all_over(lambda: os.unlink(self.path + "/plain"))

    def test_removal_of_an_emptied_directory(self):
        self.kill_all_over(lambda: os.rmdir(self.path + "/cleared"))

    def test_directory_in_place_of_a_removed_one(self):
        def anew():
            os.rmdir(self.path + "/cleared")
            os.mkdir(self.path + "/cleared")
            append_new(self.path + "/cleared/new")

        def append_new(path):
            with open(path, "wb"):
                pass
        self.kill_in_steps(anew)

    def kill_in_steps(self, work):
        """Several operations: what is seen afterwards is a tree between two of them, and the lower one does not return."""
        count, _ = self.disturbed(work, 0)
        sites = range(1, count + 1)
        if not FULL:
            sites = sorted(random.Random(f"steps {turn()}").sample(sites, min(SITES, count)))
        for call in sites:
            self.disturbed(work, call)
            names = self.picture().names
            self.assertNotIn("cleared/gone", names, f"killed at call {call}: what was removed returns")
            self.assertEqual(left_in_work(self.work), [], f"killed at call {call}")


if __name__ == "__main__":
    main()
