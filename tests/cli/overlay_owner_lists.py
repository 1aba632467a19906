# SPDX-License-Identifier: Apache-2.0
# run: plain
# timeout: 120
"""An upper layer whose file system keeps no attributes: owners, modes and what the mount says of links and pipes are kept in a
list beside the files, follow them over every change of names, and outlive mounts and kills. A list that somebody else brings
says nothing."""
import errno
import os
import random
import shutil
import socket
import stat
import sys

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
import overlay_mount  # noqa: E402

overlay_mount.enter_namespace()
from harness import main  # noqa: E402
from overlay_mount import Layers, Mount, call, has_ids, libc, make_layers  # noqa: E402
from overlay_test import OverlayTest  # noqa: E402

LIST = ".wh..wh.owners"
NOTE = "user.containers.override_stat"
FAR = 4_000_000_000  # an id that no namespace of a test has
AT_FDCWD, RENAME_EXCHANGE = -100, 2


def exchange(one, other):
    call("renameat2", AT_FDCWD, os.fsencode(one), AT_FDCWD, os.fsencode(other), RENAME_EXCHANGE)


class OwnerLists(OverlayTest):
    def setUp(self):
        super().setUp()
        self.plain = self.dir + "/plain"
        os.mkdir(self.plain)
        call("mount", b"none", os.fsencode(self.plain), b"ramfs", 0, b"mode=0755")
        self.addCleanup(libc.umount2, os.fsencode(self.plain), 2)
        lower = self.layers.lower
        self.layers = make_layers(self.plain, 1)
        self.layers.lower = lower
        self.upper = self.layers.upper

    def at(self, name):
        return os.path.join(self.path, name)

    def make(self, *names):
        for name in names:
            self.put(self.at(name), name)

    def give(self, name, uid, mode=0o640):
        os.setxattr(self.at(name), NOTE, f"{uid}:{uid}:{mode:o}".encode())

    def owner(self, name):
        """The id that is noted; None: nothing is."""
        try:
            return int(os.getxattr(self.at(name), NOTE).split(b":")[0])
        except OSError as error:
            self.assertEqual(error.errno, errno.ENODATA)
            return None

    def owners(self, *names):
        return [self.owner(name) for name in names]

    def test_the_file_system_keeps_no_attributes(self):
        """Or nothing here is tested."""
        with self.assertRaises(OSError) as refused:
            os.setxattr(self.upper, "user.any", b"")
        self.assertEqual(refused.exception.errno, errno.ENOTSUP)

    def test_owners_and_modes_outlive_the_mount(self):
        self.put(self.lower + "/below/file", "below")
        with self.mounted():
            self.make("a", "dir/b", "two words\n", "other")
            for name in ("a", "dir/b", "two words\n", "dir", "below/file"):
                self.give(name, FAR)
            os.chmod(self.at("a"), 0o4750)
        with self.mounted():
            self.assertEqual(self.owners("a", "dir/b", "two words\n", "dir", "below/file", "other", "below"),
                             [FAR] * 5 + [None] * 2)
            self.assertEqual(stat.S_IMODE(os.stat(self.at("a")).st_mode), 0o4750)
            self.assertEqual(stat.S_IMODE(os.stat(self.at("dir/b")).st_mode), 0o640)
            self.assertNotIn(LIST, os.listdir(self.path) + os.listdir(self.at("dir")))
            self.assertFalse(os.path.exists(self.at(LIST)))
        self.assertIn(LIST, os.listdir(self.upper))

    def test_notes_follow_names(self):
        with self.mounted():
            self.make("a", "b", "c", "d", "from/x", "to/y", "linked", "gone")
            for number, name in enumerate(("a", "b", "c", "from/x", "linked", "gone")):
                self.give(name, FAR + number)
            os.rename(self.at("a"), self.at("to/a"))
            os.rename(self.at("b"), self.at("to/y"))
            exchange(self.at("c"), self.at("d"))
            os.rename(self.at("from"), self.at("moved"))
            os.link(self.at("linked"), self.at("to/link"))
            os.unlink(self.at("linked"))
            os.unlink(self.at("gone"))
            self.make("gone", "linked", "a", "b")

        def check():
            self.assertEqual(self.owners("to/a", "to/y", "d", "moved/x", "to/link"), [FAR + i for i in (0, 1, 2, 3, 4)])
            self.assertEqual(self.owners("gone", "linked", "a", "b", "c"), [None] * 5)

        with self.mounted():
            check()
            shutil.rmtree(self.at("moved"))
            self.make("moved/x")
        with self.mounted():
            self.assertEqual(self.owners("moved", "moved/x"), [None, None])

    def test_all_names_of_a_file_have_one_owner(self):
        with self.mounted():
            self.make("dir/a")
            os.mkdir(self.at("other"))
            os.link(self.at("dir/a"), self.at("other/b"))
            self.give("other/b", FAR)
        with self.mounted():
            self.assertEqual(self.owners("dir/a", "other/b"), [FAR, FAR])
            self.give("dir/a", FAR + 1)
        with self.mounted():
            self.assertEqual(self.owners("dir/a", "other/b"), [FAR + 1] * 2)

    def test_link_groups_of_lower_layers_are_noted_whole(self):
        self.put(self.lower + "/one/a", "x")
        os.mkdir(self.lower + "/two")
        os.link(self.lower + "/one/a", self.lower + "/two/b")
        with self.mounted():
            self.give("one/a", FAR)
        with self.mounted():
            self.assertEqual(self.owners("one/a", "two/b"), [FAR, FAR])

    def test_directories_replace_empty_ones(self):
        for name in ("full/a", "empty/b"):
            self.put(self.lower + "/" + name, name)
        with self.mounted():
            self.give("full", FAR)
            os.unlink(self.at("empty/b"))
            os.rename(self.at("full"), self.at("empty"))
            self.assertEqual(os.listdir(self.path), ["empty"])
        with self.mounted():
            self.assertEqual(os.listdir(self.path), ["empty"])
            self.assertEqual(os.listdir(self.at("empty")), ["a"])
            self.assertEqual(self.owner("empty"), FAR)

    def picture(self, top):
        """Kind, mode, owner and number of names of everything."""
        found = {}
        for directory, below, files in os.walk(top):
            for path in [directory, *(os.path.join(directory, name) for name in below + files)]:
                status = os.lstat(path)
                links = 0 if stat.S_ISDIR(status.st_mode) else status.st_nlink
                found[os.path.relpath(path, top)] = (oct(status.st_mode), status.st_uid, status.st_gid, links)
        return found

    def change(self, draw, top, names):
        """One of the changes of a history, in a tree; what it answers."""
        one, other = (f"{top}/{draw.choice(names)}" for _ in range(2))
        mode, uid = draw.choice((0o600, 0o644, 0o755, 0o1777, 0o4711, 0)), draw.choice((0, 1, 1000) if has_ids() else (0,))
        changes = (lambda: os.close(os.open(one, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644)), lambda: os.mkdir(one),
                   lambda: os.symlink("target", one), lambda: os.mkfifo(one), lambda: os.chmod(one, mode, follow_symlinks=True),
                   lambda: os.chown(one, uid, uid, follow_symlinks=False), lambda: os.rename(one, other),
                   lambda: exchange(one, other), lambda: os.link(one, other, follow_symlinks=False), lambda: os.unlink(one),
                   lambda: os.rmdir(one))
        try:
            draw.choice(changes)()
        except OSError as error:
            return error.errno
        return 0

    def test_random_histories_are_those_of_a_plain_directory(self):
        names = [directory + name for directory in ("", "d/", "e/", "d/e/") for name in ("a", "b", "d", "e")]
        self.layers.more = ["xattr_permissions=2"]
        os.umask(0o022)
        for seed in range(6):
            plain = f"{self.dir}/plain{seed}"
            os.mkdir(plain, 0o755)
            with self.mounted():
                top = f"{self.path}/{seed}"
                os.mkdir(top, 0o755)
            for part in range(3):
                with self.mounted():
                    for step in range(150):
                        drawn = f"seed {seed} step {part}.{step}"
                        answers = [self.change(random.Random(drawn), tree, names) for tree in (plain, top)]
                        self.assertEqual(answers[0], answers[1], drawn)
                        self.assertEqual(self.picture(top), self.picture(plain), drawn)
                with self.mounted():
                    self.assertEqual(self.picture(top), self.picture(plain), f"seed {seed} part {part}")

    def test_what_the_daemon_may_give_is_given(self):
        """A list is for what the file system refuses."""
        with self.mounted():
            self.make("a")
            os.chmod(self.at("a"), 0o4711)
            os.chown(self.at("a"), 0, 0)
        self.assertEqual(os.listdir(self.upper), ["a"])

    def test_the_kind_that_can_have_no_attribute(self):
        """With xattr_permissions=2 all owners are noted: here of links, pipes and sockets as well."""
        self.layers.more = ["xattr_permissions=2"]
        uid = 1000 if has_ids() else 0
        with self.mounted():
            os.symlink("target", self.at("link"))
            os.mkfifo(self.at("pipe"))
            with socket.socket(socket.AF_UNIX) as bound:
                bound.bind(self.at("socket"))
            self.make("file")
            for name in ("link", "pipe", "socket", "file"):
                os.chown(self.at(name), uid, uid, follow_symlinks=False)
            os.chmod(self.at("file"), 0)
            os.chmod(self.at("pipe"), 0o1604)
        with self.mounted():
            for name in ("link", "pipe", "socket", "file"):
                self.assertEqual(os.lstat(self.at(name)).st_uid, uid, name)
            self.assertEqual(oct(os.lstat(self.at("file")).st_mode), oct(stat.S_IFREG))
            self.assertEqual(oct(os.lstat(self.at("pipe")).st_mode), oct(stat.S_IFIFO | 0o1604))
            self.assertEqual(os.readlink(self.at("link")), "target")
        for name in ("link", "pipe", "socket", "file"):
            self.assertEqual(os.lstat(f"{self.upper}/{name}").st_uid, 0, name)
        self.assertEqual(stat.S_IMODE(os.lstat(f"{self.upper}/file").st_mode), 0o600)

    def test_an_open_file_keeps_its_owner(self):
        with self.mounted():
            self.make("a")
            self.give("a", FAR, 0o604)
            with open(self.at("a"), "rb") as file:
                os.unlink(self.at("a"))
                self.assertEqual(stat.S_IMODE(os.fstat(file.fileno()).st_mode), 0o604)
                os.fchmod(file.fileno(), 0o640)
                self.assertEqual(stat.S_IMODE(os.fstat(file.fileno()).st_mode), 0o640)

    def test_a_kill_loses_nothing(self):
        mount = Mount(self.layers, self.path)
        mount.mount()
        try:
            self.make(*(f"f{i}" for i in range(50)))
            for i in range(50):
                self.give(f"f{i}", FAR + i)
                os.rename(self.at(f"f{i}"), self.at(f"g{i}"))
        finally:
            mount.kill()
            mount.detach()
        with self.mounted():
            self.assertEqual(self.owners(*(f"g{i}" for i in range(50))), [FAR + i for i in range(50)])

    def test_a_line_that_was_cut_short_loses_itself_only(self):
        with self.mounted():
            self.make("a", "b")
            self.give("a", FAR)
        with open(f"{self.upper}/{LIST}", "a", encoding="ascii") as file:
            file.write("77 0:0:64")
        with self.mounted():
            self.give("b", FAR + 1)
        with self.mounted():
            self.assertEqual(self.owners("a", "b"), [FAR, FAR + 1])

    def test_a_list_that_is_no_file_is_no_list(self):
        for make in (lambda path: os.mkfifo(path), lambda path: os.symlink("/etc/passwd", path)):
            make(f"{self.upper}/{LIST}")
            with self.mounted():
                self.make("a")
                self.give("a", FAR)
            with self.mounted():
                self.assertEqual(self.owner("a"), FAR)
                os.unlink(self.at("a"))
            os.unlink(f"{self.upper}/{LIST}")

    def forge(self, directory, *names):
        """As a stranger would who knows everything but the numbers."""
        with open(f"{directory}/{LIST}", "w", encoding="ascii") as file:
            file.write("wolffia owners 1\n")
            file.writelines(f"{number} {FAR}:{FAR}:4755 {name}/\n" for name in names for number in range(1, 9))

    def test_a_list_of_a_layer_says_nothing_where_files_have_attributes(self):
        self.put(self.lower + "/a", "x")
        with open(f"{self.lower}/{LIST}", "w", encoding="ascii") as file:
            file.write("wolffia owners 1\n")
            for name in (".", "a"):
                file.write(f"{os.stat(os.path.join(self.lower, name)).st_ino} {FAR}:{FAR}:4755 {name}/\n")
        with self.mounted():
            self.assertEqual(self.owners(".", "a"), [None, None])
            self.assertEqual(os.stat(self.at("a")).st_mode & 0o7000, 0)
            self.give("a", FAR + 1)
            self.assertEqual(self.owner("a"), FAR + 1)

    def test_a_list_that_came_with_a_layer_says_nothing(self):
        """It has not the numbers that the files have."""
        layer = self.plain + "/layer"
        self.put(layer + "/a", "x")
        self.forge(layer, ".", "a")
        self.assertFalse({os.stat(layer).st_ino, os.stat(layer + "/a").st_ino} & set(range(1, 9)))
        self.layers.lower = [layer]
        with self.mounted():
            self.assertEqual(self.owners(".", "a"), [None, None])
            self.assertEqual(os.stat(self.at("a")).st_mode & 0o7000, 0)

    def test_an_upper_layer_can_be_a_lower_one_later(self):
        with self.mounted():
            self.make("a")
            self.give("a", FAR)
        self.layers = Layers([self.upper, *self.layers.lower])
        with self.mounted():
            self.assertEqual(self.owner("a"), FAR)

    def test_noxattrs_keeps_them_so_too(self):
        """Wherever the layer lies."""
        self.layers = make_layers(self.dir + "/usual", 1)
        self.layers.more = ["noxattrs", "xattr_permissions=2"]
        with self.mounted():
            self.make("a")
            os.chmod(self.at("a"), 0)
        with self.mounted():
            self.assertEqual(stat.S_IMODE(os.stat(self.at("a")).st_mode), 0)
        self.assertEqual(os.listxattr(self.layers.upper + "/a"), [])

    def test_a_layer_that_keeps_attributes_has_no_lists(self):
        self.layers = make_layers(self.dir + "/usual", 1)
        with self.mounted():
            self.make("dir/a")
            self.give("dir/a", FAR)
            self.give("dir", FAR)
        found = [name for _, below, files in os.walk(self.layers.upper) for name in below + files]
        self.assertEqual(sorted(found), ["a", "dir"])


if __name__ == "__main__":
    main()
