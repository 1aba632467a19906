# SPDX-License-Identifier: Apache-2.0
# run: once
# run: plain
"""While the contents of a large file are copied up, which a debugger holds up for as long as the test takes, others look
at the file, read it, rename it, remove it, and rename the directory above it: none of that waits for the copy where it
needs none, and the file is afterwards where they left it, whole and once.
"""
import contextlib
import os
import subprocess
import sys
import threading

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
import overlay_mount  # noqa: E402

overlay_mount.enter_namespace()
from harness import PATIENCE, ContainerTest, main  # noqa: E402
from overlay_mount import Layers, Mount, left_in_work  # noqa: E402

SIZE = 3 << 20
FOR_GOOD = "delay_enter=100000s"
COPIES = "sendfile"  # what gives a copy its contents: here no file system shares blocks with another


class Job:
    """A call that may have to wait for the copy."""

    def __init__(self, work, *arguments):
        self.result, self.failure = None, None
        self.thread = threading.Thread(target=self.run, args=(work, arguments), daemon=True)
        self.thread.start()

    def run(self, work, arguments):
        try:
            self.result = work(*arguments)
        except OSError as failure:
            self.failure = failure

    def wait(self):
        """What the call returned. Errors: its own; AssertionError where it does not end."""
        self.thread.join(PATIENCE)
        if self.thread.is_alive():
            raise AssertionError("it does not end")
        if self.failure:
            raise self.failure
        return self.result


def until(stream, word):
    """Reads what a program says until it has said the word."""
    said = b""
    while word not in said:
        piece = stream.read(1000)
        if not piece:
            raise AssertionError(f"it only said {said}")
        said += piece


class CopyHeld(ContainerTest):
    def setUp(self):
        super().setUp()
        self.lower, self.upper, self.path = self.dir + "/lower", self.dir + "/upper", self.dir + "/mount"
        self.contents = os.urandom(SIZE)
        for name in ("here/large", "here/other"):
            os.makedirs(os.path.dirname(f"{self.lower}/{name}"), exist_ok=True)
            with open(f"{self.lower}/{name}", "wb") as file:
                file.write(self.contents)
        os.link(self.lower + "/here/other", self.lower + "/here/link")
        for name in ("upper/one", "upper/two", "work"):
            os.makedirs(f"{self.dir}/{name}")
        with open(self.upper + "/one/file", "w", encoding="ascii"):
            pass

    def at(self, name):
        return f"{self.path}/{name}"

    @contextlib.contextmanager
    def mounted(self):
        with Mount(Layers([self.lower], self.upper, self.dir + "/work", ["threads=4"]), self.path) as mount:
            for name in ("one", "two"):  # in a directory of a rename nobody is let look for names
                os.stat(self.at(name))
            yield mount
        self.assertEqual(left_in_work(self.dir + "/work"), [])

    @contextlib.contextmanager
    def held(self, mount, name):
        """Somebody opens the file to write, and the copy has come to its contents; it goes on when the block is left.
        Yields the job, whose result is the descriptor."""
        attach = [word for pid in mount.servers() for word in ("-p", str(pid))]
        with subprocess.Popen(["strace", "-f", "-e", f"trace={COPIES}", "-e", f"inject={COPIES}:{FOR_GOOD}", *attach],
                              stderr=subprocess.PIPE, bufsize=0) as tracer:
            try:
                until(tracer.stderr, b"attached")
                job = Job(os.open, self.at(name), os.O_RDWR)
                until(tracer.stderr, COPIES.encode() + b"(")
                self.assertTrue(job.thread.is_alive())
                yield job
            finally:
                tracer.terminate()  # what it holds goes on

    def read(self, name):
        with open(self.at(name), "rb") as file:
            return file.read()

    def finish(self, job, name=None):
        """Writes through what was opened; the file has that under the name, and what it had before behind it."""
        fd = job.wait()
        os.pwrite(fd, b"new", 0)
        expected = b"new" + self.contents[3:]
        self.assertEqual(os.pread(fd, SIZE + 1, 0), expected)
        self.assertEqual(os.fstat(fd).st_nlink, 1 if name else 0)
        os.close(fd)
        if name:
            self.assertEqual(self.read(name), expected)

    def test_others_rename_and_read_meanwhile(self):
        with self.mounted() as mount:
            before = os.stat(self.at("here/large"))
            with self.held(mount, "here/large") as job:
                Job(os.rename, self.at("one/file"), self.at("two/file")).wait()
                Job(os.mkdir, self.at("here/new")).wait()
                self.assertEqual(Job(os.stat, self.at("here/large")).wait().st_ino, before.st_ino)
                self.assertEqual(Job(self.read, "here/large").wait(), self.contents)
                self.assertTrue(job.thread.is_alive())
            self.finish(job, "here/large")
            self.assertEqual(os.stat(self.at("here/large")).st_ino, before.st_ino)
            self.assertEqual(sorted(os.listdir(self.path)), ["here", "one", "two"])
            self.assertEqual(os.listdir(self.at("two")), ["file"])

    def test_the_file_is_removed_meanwhile(self):
        with self.mounted() as mount:
            with self.held(mount, "here/large") as job:
                Job(os.unlink, self.at("here/large")).wait()
                with open(self.at("here/large"), "x", encoding="ascii") as file:
                    file.write("another")
            self.finish(job)
            self.assertEqual(self.read("here/large"), b"another")
        with self.mounted():
            self.assertEqual(self.read("here/large"), b"another")

    def test_one_of_its_names_is_removed_meanwhile(self):
        with self.mounted() as mount:
            with self.held(mount, "here/other") as job:
                Job(os.unlink, self.at("here/other")).wait()
            self.finish(job, "here/link")
            self.assertEqual(sorted(os.listdir(self.at("here"))), ["large", "link"])

    def test_it_is_truncated_meanwhile(self):
        with self.mounted() as mount:
            with self.held(mount, "here/large") as job:
                with Job(open, self.at("here/large"), "wb").wait() as file:
                    file.write(b"short")
            os.close(job.wait())
            self.assertEqual(self.read("here/large"), b"short")

    def test_two_open_it(self):
        with self.mounted() as mount:
            with self.held(mount, "here/large") as job:
                second = Job(os.open, self.at("here/large"), os.O_RDWR)
                changed = Job(os.setxattr, self.at("here/large"), "user.some", b"value")
            first = job.wait()
            os.pwrite(second.wait(), b"new", 0)
            changed.wait()
            self.assertEqual(os.pread(first, SIZE + 1, 0), b"new" + self.contents[3:])
            self.assertEqual(os.getxattr(first, "user.some"), b"value")
            os.close(first)
            os.close(second.result)

    def test_it_and_what_it_is_in_are_renamed(self):
        """Both wait for the copy, and others for neither."""
        for source, target, name in (("here/large", "here/moved", "here/moved"), ("here", "there", "there/other")):
            with self.subTest(source), self.mounted() as mount:
                with self.held(mount, "here/large" if source != "here" else "here/other") as job:
                    renamed = Job(os.rename, self.at(source), self.at(target))
                    Job(os.rename, self.at("one/file"), self.at("two/file")).wait()
                    Job(os.rename, self.at("two/file"), self.at("one/file")).wait()
                    self.assertTrue(job.thread.is_alive())
                renamed.wait()
                fd = job.wait()
                os.pwrite(fd, b"new", 0)
                os.close(fd)
                self.assertEqual(self.read(name), b"new" + self.contents[3:])
                self.assertFalse(os.path.lexists(self.at(source)))
        with Mount(Layers([self.lower], self.upper, self.dir + "/work"), self.path):
            self.assertEqual(sorted(os.listdir(self.at("there"))), ["link", "moved", "other"])
            self.assertTrue(os.path.samefile(self.at("there/link"), self.at("there/other")))


if __name__ == "__main__":
    main()
