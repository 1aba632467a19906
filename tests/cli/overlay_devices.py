# SPDX-License-Identifier: Apache-2.0
"""Files that are no plain ones: pipes and sockets are made, used and kept; devices are the kernel's to refuse, and only
noted, where nobody could use one."""
import errno
import os
import socket
import stat
import sys
import threading

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
import overlay_mount  # noqa: E402

overlay_mount.enter_namespace()
from harness import main  # noqa: E402
from overlay_mount import has_ids  # noqa: E402
from overlay_test import OverlayTest  # noqa: E402

NOTE = "user.containers.override_stat"
NULL = os.makedev(1, 3)


class Devices(OverlayTest):
    def at(self, name):
        return os.path.join(self.path, name)

    def refused(self, function, *arguments):
        with self.assertRaises(OSError) as refused:
            function(*arguments)
        return errno.errorcode[refused.exception.errno]

    def note(self, name, text):
        os.setxattr(self.at(name), NOTE, text.encode())

    def test_pipes_and_sockets_are_used_and_kept(self):
        with self.mounted(), socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
            os.mkfifo(self.at("pipe"), 0o640)
            here = os.getcwd()
            os.chdir(self.path)  # an address of a socket is short
            server.bind("socket")
            server.listen()
            client.connect("socket")
            os.chdir(here)
        for _ in range(2):
            with self.mounted():
                self.assertEqual(stat.filemode(os.stat(self.at("pipe")).st_mode), "prw-r-----")
                self.assertTrue(stat.S_ISSOCK(os.stat(self.at("socket")).st_mode))
                writer = threading.Thread(target=self.put, args=(self.at("pipe"), "through"))
                writer.start()
                with open(self.at("pipe"), encoding="ascii") as pipe:
                    self.assertEqual(pipe.read(), "through")
                writer.join()

    def test_the_kernel_refuses_devices(self):
        with self.mounted():
            for kind in (stat.S_IFCHR, stat.S_IFBLK):
                self.assertEqual(self.refused(os.mknod, self.at("device"), kind | 0o666, NULL), "EPERM")
            self.assertEqual(os.listdir(self.path), [])

    def make_noted(self, name, text):
        self.put(self.at(name))
        self.note(name, text)
        self.assertTrue(stat.S_ISREG(os.stat(self.at(name)).st_mode))
        os.unlink(self.at(name))

    def seen(self, name):
        status = os.lstat(self.at(name))
        return stat.filemode(status.st_mode), status.st_rdev

    def test_a_device_is_noted_where_one_id_exists(self):
        with self.mounted():
            if has_ids():
                self.put(self.at("null"))
                self.assertEqual(self.refused(self.note, "null", "0:0:666:char-1-3"), "EPERM")
                return
            os.mkdir(self.at("dir"))
            self.make_noted("null", "0:0:666:char-1-3")
            self.make_noted("dir/disk", "0:0:640:block-8-0")
            self.make_noted("gone", "0:0:666:char-1-3")
            os.unlink(self.at("gone"))
            os.rename(self.at("null"), self.at("moved"))
        for _ in range(2):
            with self.mounted():
                self.assertEqual(sorted(os.listdir(self.path)), ["dir", "moved"])
                self.assertEqual(self.seen("moved"), ("crw-rw-rw-", NULL))
                self.assertEqual(self.seen("dir/disk"), ("brw-r-----", os.makedev(8, 0)))
                self.assertEqual(self.refused(os.open, self.at("moved"), os.O_RDONLY), "EACCES")
        self.assertTrue(stat.S_ISREG(os.lstat(self.layers.upper + "/moved").st_mode))

    def test_what_is_no_empty_file_becomes_none(self):
        with self.mounted():
            self.put(self.at("full"), "text")
            os.mkdir(self.at("dir"))
            for name in ("full", "dir"):
                self.assertEqual(self.refused(self.note, name, "0:0:666:char-1-3"), "EPERM")
            self.put(self.at("empty"))
            self.assertEqual(self.refused(self.note, "empty", "0:0:666:pipe"), "EPERM")


if __name__ == "__main__":
    main()
