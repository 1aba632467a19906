# SPDX-License-Identifier: Apache-2.0
# run: plain
# run: once
# timeout: 180
"""Containers in the background with a terminal or with standard input, and those who attach to them."""
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests", "support"))
from harness import PATIENCE, ContainerTest, main, run, wait_for  # noqa: E402
from terminal import Terminal  # noqa: E402

RUN = os.environ["WOLFFIA"]
DETACH = "\x10\x11"  # ctrl-p, ctrl-q
GATE = "while [ ! -e /gate/go ]; do sleep 0.02; done; "


class AttachTest(ContainerTest):
    def setUp(self):
        super().setUp()
        self.store = os.environ["WOLFFIA_STORE"] = os.path.join(self.dir, "store")
        bundle = self.bundle()
        self.root = bundle.rootfs
        for applet in ("stty", "yes", "seq", "tty", "head"):
            os.symlink("busybox", bundle.inside("bin/" + applet))
        os.mkdir(self.dir + "/gate")
        self.addCleanup(run, [RUN, "rm", "-f", "box"])

    def go(self):
        """What those wait for that were started with GATE."""
        with open(self.dir + "/gate/go", "wb"):
            pass

    def start(self, flags, *command):
        done = run([RUN, "run", "-d", "--name", "box", *flags, self.root, *command])
        self.assert_ran(done)
        return done.out.strip()

    def wait(self):
        done = run([RUN, "wait", "box"])
        self.assert_ran(done)
        return int(done.out)

    def log(self):
        done = run([RUN, "logs", "box"])
        self.assert_ran(done)
        return done.out + done.err

    def runs(self):
        return run([RUN, "ps", "-q"]).out.strip() != ""

    def fed(self, text, *words):
        """Runs `wolffia WORDS` with the text as its standard input."""
        with tempfile.TemporaryFile(dir=self.dir) as file:
            file.write(text.encode())
            file.seek(0)
            return run([RUN, *words], stdin=file)

    @contextlib.contextmanager
    def watching(self, *flags, **options):
        """An attached client between pipes."""
        options = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options
        with subprocess.Popen([RUN, "attach", *flags, "box"], **options) as client:
            try:
                yield client
            finally:
                client.kill()

    # A terminal

    def test_a_terminal_is_typed_on_left_and_taken_up_again(self):
        self.start(["-i", "-t"], "sh", "-c", "echo ready; while read word; do echo got $word; done; exit 4")
        with Terminal([RUN, "attach", "box"]) as terminal:
            terminal.write("one\r")
            terminal.expect("got one\r\n")
            terminal.write(DETACH)
            terminal.read_to_end()
            self.assertEqual(terminal.wait(), 0)
        self.assertTrue(self.runs(), "who leaves, leaves it running")
        with Terminal([RUN, "attach", "box"]) as terminal:
            terminal.write("two\r")
            self.assertNotIn("one", terminal.expect("got two\r\n").string, "only what came since is shown")
            terminal.write("\x04")
            terminal.read_to_end()
            self.assertEqual(terminal.wait(), 4, "the container's exit status")
        self.assertEqual(self.wait(), 4)
        self.assertIn("got one\n", self.log())
        self.assertNotIn("\r", self.log(), "lines are logged as they were written")

    def test_other_keys_detach_when_asked(self):
        self.start(["-i", "-t"], "sh", "-c", "stty -echo; echo ready; while read word; do echo got $word; done")
        self.assertTrue(wait_for(lambda: "ready" in self.log()))
        with Terminal([RUN, "attach", "--detach-keys", "ctrl-a,x", "box"]) as terminal:
            terminal.write("\x10\x01y\r")
            terminal.expect("got \x10\x01y\r\n")
            terminal.write("\x01x")
            self.assertEqual(terminal.wait(), 0)
        refused = run([RUN, "attach", "--detach-keys", "ctrl-1", "box"])
        self.assert_refused(refused)
        self.assertIn('--detach-keys "ctrl-1" must be', refused.err)

    def test_it_has_the_size_of_the_window(self):
        self.start(["-i", "-t"], "sh", "-c", "trap 'stty size' WINCH; echo ready; while :; do sleep 0.05; done")
        self.assertTrue(wait_for(lambda: "ready" in self.log()))
        with Terminal([RUN, "attach", "box"], rows=31, columns=77) as terminal:
            terminal.expect("31 77\r\n")
            terminal.resize(11, 22)
            terminal.expect("11 22\r\n")

    def test_the_terminal_is_as_before_behind_the_keys(self):
        self.start(["-i", "-t"], "sh", "-c", "while read word; do echo got $word; done")
        script = 'before=$(stty -g); "$@"; echo "ended $?"; test "$before" = "$(stty -g)" && echo restored'
        with Terminal(["sh", "-c", script, "sh", RUN, "attach", "box"]) as terminal:
            terminal.write("x\r")
            terminal.expect("got x\r\n")
            terminal.write(DETACH)
            terminal.expect("ended 0\r\n")
            terminal.expect("restored\r\n")

    def test_keys_make_signals_inside(self):
        self.start(["-i", "-t", "--init"], "sh", "-c", 
                   "trap 'echo caught' INT; trap 'echo resized' WINCH; echo ready; while :; do sleep 0.05; done")
        self.assertTrue(wait_for(lambda: "ready" in self.log()))
        with Terminal([RUN, "attach", "box"]) as terminal:
            terminal.expect("resized\r\n")
            terminal.write("\x03")
            terminal.expect("caught\r\n")

    def test_without_interactive_nothing_is_typed(self):
        self.start(["-t"], "sh", "-c", "(while :; do echo ready; sleep 0.1; done) & while read word; do echo got $word; done")
        with Terminal([RUN, "attach", "--sig-proxy=false", "box"]) as terminal:
            terminal.expect("ready")
            terminal.write("one\r\x03")
            self.assertEqual(terminal.wait(), 128 + signal.SIGINT)
        self.assertNotIn("got one", self.log())

    # Pipes

    def test_input_and_its_end_reach_the_program(self):
        self.start(["-i"], "sh", "-c", "while read line; do echo got $line; echo err >&2; done; exit 6")
        text = "".join(f"{number}\n" for number in range(2000))
        done = self.fed(text, "attach", "box")
        self.assertEqual(done.status, 6, done)
        self.assertEqual(done.out, "".join(f"got {number}\n" for number in range(2000)))
        self.assertEqual(done.err, "err\n" * 2000)

    def test_more_input_than_fits_waits(self):
        self.start(["-i", "-v", self.dir + "/gate:/gate"], "sh", "-c", GATE + "busybox wc -c")
        with self.watching() as client:
            feeder = subprocess.Popen(["head", "-c", "3000000", "/dev/zero"], stdout=client.stdin)
            client.stdin.close()
            self.assertTrue(self.runs())
            self.go()
            self.assertEqual(client.stdout.read(), b"3000000\n")
            self.assertEqual(client.wait(PATIENCE), 0)
            feeder.wait(PATIENCE)

    def test_without_stdin_nothing_is_passed_on(self):
        self.start(["-i"], "sh", "-c", "read line; echo got $line")
        with self.watching("--no-stdin", stdin=subprocess.DEVNULL) as client:
            self.attached(1)
            self.assertEqual(self.fed("x\n", "attach", "box").out, "got x\n")
            self.assertEqual(client.stdout.read(), b"got x\n")

    def test_output_alone_needs_no_option(self):
        self.start(["-v", self.dir + "/gate:/gate"], "sh", "-c", GATE + "echo out; echo err >&2; exit 3")
        with self.watching() as client, self.watching() as other:
            self.attached(2)
            self.go()
            for one in (client, other):
                self.assertEqual((one.stdout.read(), one.stderr.read()), (b"out\n", b"err\n"))
                self.assertEqual(one.wait(PATIENCE), 3)

    def attached(self, number):
        """Waits until the supervisor has so many connections."""
        runner = self.runner()

        def connected():
            sockets = [os.readlink(f"/proc/{runner}/fd/{fd}") for fd in os.listdir(f"/proc/{runner}/fd")]
            return sum(name.startswith("socket:") for name in sockets) == number + 1  # the one that listens
        self.assertTrue(wait_for(connected))

    def runner(self):
        identity = self.identity()
        with open(f"{self.store}/containers/{identity}/container.json", encoding="utf-8") as file:
            return json.load(file)["runner"]["pid"]

    def identity(self):
        return os.readlink(f"{self.store}/containers/@box")

    # Those who do not behave

    def test_a_killed_client_leaves_it_alone(self):
        self.start(["-i", "-t"], "sh", "-c", "while read word; do echo got $word; done")
        with Terminal([RUN, "attach", "box"]) as terminal:
            terminal.write("one\r")
            terminal.expect("got one")
            os.kill(terminal.pid, signal.SIGKILL)
            terminal.wait()
        with Terminal([RUN, "attach", "box"]) as terminal:
            terminal.write("two\r")
            terminal.expect("got two")

    def test_a_client_that_does_not_read_is_dropped(self):
        self.start(["-v", self.dir + "/gate:/gate"], "sh", "-c", GATE + "seq 1 100000; echo last; exec sleep 1000")
        with self.watching() as client:
            self.attached(1)
            client.send_signal(signal.SIGSTOP)
            self.go()
            self.attached(0)
            self.assertTrue(wait_for(lambda: run([RUN, "logs", "--tail", "1", "box"]).out == "last\n"))
            client.send_signal(signal.SIGCONT)
            out, err = client.communicate(timeout=PATIENCE)
            self.assertTrue(out.startswith(b"1\n2\n"))
            self.assertEqual(client.returncode, 125)
            self.assertIn(b"not read here for a second", err)
        self.assertTrue(self.runs())

    def test_a_fast_program_loses_nothing_on_one_who_reads(self):
        self.start(["-v", self.dir + "/gate:/gate"], "sh", "-c", GATE + "seq 1 100000")
        with self.watching() as client:
            self.attached(1)
            self.go()
            self.assertEqual(client.stdout.read(), "".join(f"{n}\n" for n in range(1, 100001)).encode())
            self.assertEqual(client.wait(PATIENCE), 0)

    def test_signals_are_for_the_program_unless_told_otherwise(self):
        self.start([], "sh", "-c", "trap 'echo caught' USR1; echo ready; while :; do sleep 0.05; done")
        self.assertTrue(wait_for(lambda: "ready" in self.log()))
        with self.watching() as client:
            self.attached(1)
            client.send_signal(signal.SIGUSR1)
            self.assertTrue(wait_for(lambda: "caught" in self.log()))
            client.send_signal(signal.SIGHUP)
            self.assertEqual(client.wait(PATIENCE), 128 + signal.SIGHUP)
        self.attached(0)
        with self.watching("--sig-proxy=false") as client:
            self.attached(1)
            client.send_signal(signal.SIGTERM)
            self.assertEqual(client.wait(PATIENCE), 128 + signal.SIGTERM)
        self.assertTrue(self.runs())

    def test_who_cannot_be_attached_to_is_told_so(self):
        self.start([], "true")
        self.assertEqual(self.wait(), 0)
        refused = run([RUN, "attach", "box"])
        self.assertEqual(refused.status, 125)
        self.assertIn("is not running: wolffia start --attach", refused.err)
        self.assertFalse(os.path.exists(f"{self.store}/containers/{self.identity()}/attach"))

    def test_the_socket_is_the_callers_alone(self):
        self.start([], "sleep", "1000")
        path = f"{self.store}/containers/{self.identity()}/attach"
        self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)

    def test_a_killed_supervisor_is_told(self):
        self.start([], "sleep", "1000")
        with self.watching() as client:
            self.attached(1)
            os.kill(self.runner(), signal.SIGKILL)
            _, err = client.communicate(timeout=PATIENCE)
            self.assertIn(b"was killed: it runs on", err)

    def test_the_path_of_the_store_may_be_long(self):
        deep = os.path.join(self.dir, *["deep" * 10] * 6)
        os.makedirs(deep)
        os.environ["WOLFFIA_STORE"] = self.store = os.path.join(deep, "store")
        self.start(["-i", "-t"], "sh", "-c", "read word; exit 5")
        self.assertEqual(self.fed("x\n", "attach", "box").status, 5)
        self.assert_ran(run([RUN, "rm", "box"]))

    # start --attach

    def test_start_shows_all_from_the_first_byte(self):
        self.start(["-i"], "sh", "-c", "echo first; read line; echo got $line; exit 7")
        self.assertEqual(self.fed("x\n", "attach", "box").status, 7)
        done = self.fed("y\n", "start", "-a", "-i", "box")
        self.assertEqual((done.status, done.out), (7, "first\ngot y\n"), done)
        done = self.fed("z\n", "start", "-i", "box")
        self.assertEqual((done.status, done.out), (7, "first\ngot z\n"), done)
        with Terminal([RUN, "start", "--attach", "box"]) as terminal:  # nothing is typed to it
            terminal.expect("first\r\n")
            run([RUN, "kill", "box"])
            self.assertEqual(terminal.wait(), 137)

    def test_a_container_of_the_foreground_is_started_on_its_terminal(self):
        with Terminal([RUN, "run", "-it", "--name", "box", self.root, "sh", "-c", "tty; read word; exit $word"]) as terminal:
            terminal.expect("/dev/pts/0\r\n")
            terminal.write("3\r")
            terminal.read_to_end()
            self.assertEqual(terminal.wait(), 3)
        with Terminal([RUN, "start", "-ai", "box"]) as terminal:
            terminal.expect("/dev/pts/0\r\n")
            terminal.write("4\r")
            terminal.read_to_end()
            self.assertEqual(terminal.wait(), 4)

    def test_a_terminal_that_fails_to_start_leaves_nothing(self):
        done = run([RUN, "run", "-d", "-t", "--name", "none", self.root, "nothing-there"])
        self.assert_refused(done)
        self.assertIn("executable file not found", done.err)
        self.assertEqual(os.listdir(self.store + "/containers"), [])
        shutil.rmtree(self.store)


if __name__ == "__main__":
    main()
