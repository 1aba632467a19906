# SPDX-License-Identifier: Apache-2.0
# run: once
# run: plain
# timeout: 120
"""wolffia-overlay as a process: when it is ready, how it ends, and what it leaves behind. First with fusermount3, then
as root of a user namespace, which mounts by itself."""
import contextlib
import errno
import os
import resource
import select
import signal
import stat
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
from harness import PATIENCE, TMP, main, processes_naming, run, wait_for  # noqa: E402

OVERLAY = os.environ["WOLFFIA_OVERLAY"]
INSIDE = "WOLFFIA_TEST_INSIDE"  # set in the environment of the second run
DIRECT = INSIDE in os.environ


def mounts():
    with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as file:
        return [line.split()[4] for line in file if " - fuse.wolffia-overlay " in line]


class OverlayMounts(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp(dir=TMP)
        for name in ("lower", "upper", "work", "mnt"):
            os.mkdir(self.at(name))
        self.write("lower/file", "below\n")
        self.addCleanup(self.end_all)

    def end_all(self):
        """The keepers unmount; none of them may be left."""
        for pid in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
        self.assertTrue(wait_for(lambda: not self.processes()), self.processes())
        self.assertNotIn(self.at("mnt"), mounts())

    def at(self, name):
        return os.path.join(self.dir, name)

    def write(self, name, text):
        with open(self.at(name), "w", encoding="utf-8") as file:
            file.write(text)

    def read(self, name):
        with open(self.at(name), encoding="utf-8") as file:
            return file.read()

    def processes(self):
        return {pid: words for pid, words in processes_naming(self.dir).items() if words.startswith(OVERLAY)}

    def words(self, *more, options=""):
        layers = f"lowerdir={self.at('lower')},upperdir={self.at('upper')},workdir={self.at('work')}"
        return [OVERLAY, *more, "-o", layers + options, self.at("mnt")]

    def mount(self, *more, **options):
        done = run(self.words(*more), **options)
        self.assertEqual(done.status, 0, done)

    def in_foreground(self, *more, **options):
        """Returns the process when the mount is served."""
        reading, writing = os.pipe()
        self.addCleanup(os.close, reading)
        process = subprocess.Popen(self.words("-f", "--ready-fd", str(writing), *more), stderr=subprocess.PIPE,
                                   pass_fds=[writing, *options.pop("pass_fds", [])], **options)
        self.addCleanup(process.communicate)  # the last of the two to be called
        self.addCleanup(process.terminate)
        os.close(writing)
        self.assertEqual(os.read(reading, 2), b"+")
        return process

    def daemon_of(self, process):
        with open(f"/proc/{process.pid}/task/{process.pid}/children", encoding="ascii") as file:
            return int(file.read())

    def unmount(self):
        words = ["umount", self.at("mnt")] if DIRECT else ["fusermount3", "-u", self.at("mnt")]
        self.assertEqual(run(words).status, 0)

    def test_the_command_returns_when_the_mount_is_served(self):
        self.mount()
        self.assertEqual(self.read("mnt/file"), "below\n")
        self.write("mnt/new", "changed\n")
        self.assertEqual(self.read("upper/new"), "changed\n")
        self.assertIn(self.at("mnt"), mounts())

    def test_everything_ends_with_the_mount(self):
        self.mount()
        self.unmount()
        self.assertTrue(wait_for(lambda: not self.processes()), self.processes())

    def test_one_that_is_mounted_at_once_again_stays(self):
        """The kernel gives the number of the mount, and of its device, anew."""
        process = self.in_foreground()
        daemon = os.pidfd_open(self.daemon_of(process))
        self.addCleanup(os.close, daemon)
        process.send_signal(signal.SIGSTOP)
        self.unmount()
        self.assertTrue(select.select([daemon], [], [], PATIENCE)[0], "the first daemon does not end")
        done = run([OVERLAY, "-o", "lowerdir=" + self.at("lower"), self.at("mnt")])
        self.assertEqual(done.status, 0, done)
        process.send_signal(signal.SIGCONT)
        self.assertEqual(process.wait(PATIENCE), 0)
        self.assertEqual(self.read("mnt/file"), "below\n")
        self.unmount()

    def test_links_and_pipes_are_made_where_all_owners_are_noted(self):
        """They can have no attribute of users: theirs are given as far as that can be."""
        os.symlink("target", self.at("lower/link"))
        done = run(self.words(options=",xattr_permissions=2"))
        self.assertEqual(done.status, 0, done)
        os.symlink("target", self.at("mnt/made"))
        os.mkfifo(self.at("mnt/pipe"), 0o640)
        os.rename(self.at("mnt/link"), self.at("mnt/moved"))
        self.write("mnt/plain", "noted\n")
        self.assertEqual([os.readlink(self.at("mnt/" + name)) for name in ("made", "moved")], ["target", "target"])
        self.assertTrue(stat.S_ISFIFO(os.lstat(self.at("mnt/pipe")).st_mode))
        self.assertIn(b":file", os.getxattr(self.at("upper/plain"), "user.containers.override_stat"))

    def test_nobody_makes_a_whiteout_by_hand(self):
        self.mount()
        with self.assertRaises(PermissionError):
            os.mknod(self.at("mnt/file2"), stat.S_IFCHR, 0)
        self.assertEqual(os.listdir(self.at("upper")), [])

    def test_without_an_upper_layer_it_is_read_only(self):
        done = run([OVERLAY, "-o", "lowerdir=" + self.at("lower"), self.at("mnt")])
        self.assertEqual(done.status, 0, done)
        with self.assertRaises(OSError) as refused:
            self.write("mnt/new", "")
        self.assertEqual(refused.exception.errno, errno.EROFS)

    def test_relative_paths(self):
        source = self.at("")  # by which the test finds the process again
        done = run([OVERLAY, "-o", "lowerdir=lower,upperdir=./upper,workdir=work/.", source, "mnt"], cwd=self.dir)
        self.assertEqual(done.status, 0, done)
        self.assertEqual(self.read("mnt/file"), "below\n")

    def test_layers_by_descriptor(self):
        lower = os.open(self.at("lower"), os.O_RDONLY | os.O_DIRECTORY)
        self.addCleanup(os.close, lower)
        done = run([OVERLAY, "-o", f"lowerdir=/proc/self/fd/{lower}", self.at("mnt")], pass_fds=[lower])
        self.assertEqual(done.status, 0, done)
        self.assertEqual(self.read("mnt/file"), "below\n")

    def test_nothing_inherited_is_kept_open(self):
        reading, writing = os.pipe()
        self.addCleanup(os.close, reading)
        with subprocess.Popen(self.words(), pass_fds=[writing], stdout=writing, stderr=writing) as process:
            os.close(writing)
            self.assertEqual(process.wait(PATIENCE), 0)
        self.assertEqual(os.read(reading, 1), b"")

    def test_signals_unmount(self):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            process = self.in_foreground()
            process.send_signal(number)
            self.assertEqual(process.wait(PATIENCE), 0, number)
            self.assertNotIn(self.at("mnt"), mounts())

    def test_the_daemon_hands_signals_on(self):
        process = self.in_foreground()
        os.kill(self.daemon_of(process), signal.SIGTERM)
        self.assertEqual(process.wait(PATIENCE), 0)
        self.assertNotIn(self.at("mnt"), mounts())

    def test_what_was_written_to_an_open_file_outlives_a_signal(self):
        process = self.in_foreground()
        file = os.open(self.at("mnt/open"), os.O_WRONLY | os.O_CREAT)
        os.write(file, b"written")
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(PATIENCE), 0)
        self.assertEqual(self.read("upper/open"), "written")
        with self.assertRaises(OSError) as refused:
            os.close(file)
        self.assertEqual(refused.exception.errno, errno.ENOTCONN)

    def test_it_ends_with_the_exit_descriptor(self):
        reading, writing = os.pipe()
        process = self.in_foreground("--exit-fd", str(reading), pass_fds=[reading])
        os.close(reading)
        self.assertEqual(self.read("mnt/file"), "below\n")
        os.close(writing)
        self.assertEqual(process.wait(PATIENCE), 0)
        self.assertNotIn(self.at("mnt"), mounts())

    def test_a_daemon_that_dies_leaves_no_mount(self):
        process = self.in_foreground()
        os.kill(self.daemon_of(process), signal.SIGKILL)
        self.assertEqual(process.wait(PATIENCE), 3)
        self.assertEqual(process.stderr.read().decode(),
                         f"wolffia-overlay: the process that served {self.at('mnt')} died of SIGKILL: it is unmounted\n")
        self.assertEqual(os.listdir(self.at("mnt")), [])

    def test_it_outlives_its_limit_of_file_sizes(self):
        self.in_foreground(preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536)))
        file = os.open(self.at("mnt/large"), os.O_WRONLY | os.O_CREAT)
        with self.assertRaises(OSError) as refused:
            os.write(file, bytes(100000))
            os.fsync(file)
        self.assertEqual(refused.exception.errno, errno.EFBIG)
        with contextlib.suppress(OSError):
            os.close(file)
        self.assertEqual(self.read("mnt/file"), "below\n")

    def test_the_daemon_is_confined(self):
        process = self.in_foreground()
        with open(f"/proc/{self.daemon_of(process)}/status", encoding="ascii") as file:
            status = dict(line.rstrip().split(":\t", 1) for line in file if ":\t" in line)
        self.assertEqual(status["NoNewPrivs"], "1")
        self.assertEqual(status["Seccomp"], "2")
        of_own_files = 1 << 1 | 1 << 31  # CAP_DAC_OVERRIDE, CAP_SETFCAP
        for kind in ("CapInh", "CapPrm", "CapEff", "CapAmb"):
            self.assertEqual(int(status[kind], 16) & ~(of_own_files if DIRECT else 0), 0, kind)

    def test_a_layer_that_is_missing_is_named(self):
        given = {kind: self.at(kind[:5].rstrip("d")) for kind in ("lowerdir", "upperdir", "workdir")}
        for missing in given:
            words = ",".join(f"{kind}={path if kind != missing else self.dir + '/nowhere'}" for kind, path in given.items())
            done = run([OVERLAY, "-o", words, self.at("mnt")])
            self.assertEqual((done.status, done.err),
                             (1, f"wolffia-overlay: {missing}: {self.dir}/nowhere does not exist\n"))
            self.assertNotIn(self.at("mnt"), mounts())

    def test_the_working_directory_is_none_of_the_layer(self):
        """It is emptied."""
        self.write("upper/file", "kept\n")
        os.mkdir(self.at("upper/within"))
        os.makedirs(self.at("work/work/upper"))
        self.write("work/work/upper/file", "kept\n")
        for upper, work in (("upper", "upper"), ("upper", "upper/within"), ("work/work/upper", "work"), ("work/work", "work")):
            layers = f"lowerdir={self.at('lower')},upperdir={self.at(upper)},workdir={self.at(work)}"
            done = run([OVERLAY, "-o", layers, self.at("mnt")])
            self.assertEqual((done.status, done.err), (1, "wolffia-overlay: upperdir and workdir must be two directories, "
                                                          "neither in the other: give workdir one of its own\n"))
        self.assertEqual(self.read("upper/file") + self.read("work/work/upper/file"), "kept\nkept\n")
        self.assertEqual(sorted(os.listdir(self.at("upper"))), ["file", "within"])

    def test_a_mount_point_that_is_none_is_named(self):
        for name, reason in (("nowhere", "it does not exist"), ("lower/file", "it is no directory")):
            done = run([OVERLAY, "-o", "lowerdir=" + self.at("lower"), self.at(name)])
            self.assertEqual(done.status, 1)
            self.assertTrue(done.err.startswith(f"wolffia-overlay: cannot mount on {self.at(name)}: "), done)
            self.assertTrue(done.err.endswith(reason + "\n"), done)

    def test_a_descriptor_that_is_closed_is_named(self):
        done = run(self.words("--exit-fd", "99"))
        self.assertEqual(done.status, 1)
        self.assertEqual(done.err, "wolffia-overlay: --exit-fd names descriptor 99, which is not open: leave it open for "
                                   "this program\n")

    def test_reading_leaves_the_time_of_the_last_access(self):
        """Of the layers too, the lower ones of which are never written to."""
        os.mkdir(self.at("lower/directory"))
        self.write("upper/changed", "above\n")
        places = [self.at(name) for name in ("lower/file", "lower/directory", "upper/changed")]
        for place in places:
            os.utime(place, (1_000_000_000, 1_000_000_000))
        self.mount()
        self.assertEqual(self.read("mnt/file") + self.read("mnt/changed"), "below\nabove\n")
        self.assertEqual(os.listdir(self.at("mnt/directory")), [])
        self.assertEqual([os.stat(place).st_atime for place in places], [1_000_000_000] * len(places))

    def test_every_flag_of_mount_is_taken(self):
        """By the library and by fusermount3 too, some versions of which do not know all."""
        refused = [] if DIRECT else ["suid", "dev"]
        for flag in ("ro", "rw", "suid", "nosuid", "dev", "nodev", "exec", "noexec", "atime", "noatime", "diratime", "nodiratime"):
            done = run(self.words(options="," + flag))
            self.assertEqual(done.status, 1 if flag in refused else 0, (flag, done))
            if done.status == 0:
                self.unmount()

    def test_others_are_let_in_only_where_that_can_be(self):
        with open("/etc/fuse.conf", encoding="utf-8") as file:
            allowed = DIRECT or "user_allow_other" in [line.strip() for line in file]
        done = run(self.words(options=",allow_other"))
        self.assertEqual(done.status, 0 if allowed else 1, done)
        if not allowed:
            self.assertEqual(done.err, "wolffia-overlay: allow_other needs a line user_allow_other in /etc/fuse.conf "
                                       "where fusermount3 mounts: ask for it, or leave it out\n")

    def test_help_and_version_are_results(self):
        for flag in ("--help", "--version"):
            done = run([OVERLAY, flag])
            self.assertEqual((done.status, done.err), (0, ""))
            self.assertIn("wolffia-overlay", done.out)

    @unittest.skipIf(DIRECT, "this is it")
    def test_the_same_as_root_of_a_user_namespace(self):
        done = run(["unshare", "--user", "--map-root-user", "--mount", sys.executable, "-B", os.path.abspath(__file__)],
                   env={**os.environ, INSIDE: "1"}, timeout=2 * PATIENCE)
        self.assertEqual(done.status, 0, done)


if __name__ == "__main__":
    main()
