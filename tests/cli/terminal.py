# SPDX-License-Identifier: Apache-2.0
"""A container with a terminal: relayed to the caller's in the foreground, handed over through --console-socket."""
import os
import signal
import socket
import struct
import sys
import termios
import time

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests", "support"))
from harness import PATIENCE, ContainerTest, id_ranges, main, one_id, run  # noqa: E402
from terminal import Terminal  # noqa: E402


class TerminalTest(ContainerTest):
    def with_terminal(self, *args, **process):
        bundle = self.bundle(*args)
        bundle.config["process"]["terminal"] = True
        bundle.config["process"].update(process)
        bundle.write()
        return bundle

    def words(self, bundle, *flags):
        return [*self.oci_words(), "run", "--bundle", bundle.path, *flags, self.new_id()]

    # In the foreground, on a terminal of ours. A shell around the runtime tells what it left behind.

    def around(self, words):
        return ["sh", "-c", 'before=$(stty -g); "$@"; echo "ended $?"; test "$before" = "$(stty -g)" && echo restored',
                "sh", *words]

    def test_keys_reach_the_program_and_not_the_runtime(self):
        # Not `read` from the start: a shell that is just on its way into it sees the signal only when it comes out.
        script = ("trap 'seen=1' INT; echo ready; until [ \"$seen\" ]; do sleep 0.05; done; echo interrupted; "
                  "read word; echo word $word")
        with Terminal(self.words(self.with_terminal("/bin/sh", "-c", script))) as terminal:
            terminal.expect("ready\r\n")
            terminal.write("\x03")
            terminal.expect("interrupted\r\n")
            terminal.write("hello\r")
            terminal.expect("word hello\r\n")
            terminal.read_to_end()
            self.assertEqual(terminal.wait(), 0)

    def test_the_terminal_is_restored_when_the_program_ends(self):
        with Terminal(self.around(self.words(self.with_terminal("/bin/sh", "-c", "exit 3")))) as terminal:
            terminal.expect("ended 3\r\n")
            terminal.expect("restored\r\n")

    def test_the_terminal_is_restored_when_the_program_cannot_start(self):
        with Terminal(self.around(self.words(self.with_terminal("frob")))) as terminal:
            terminal.expect("executable file not found in")
            terminal.expect("ended 127\r\n")
            terminal.expect("restored\r\n")

    def test_the_terminal_is_restored_when_the_runtime_is_told_to_end(self):
        bundle = self.with_terminal("/bin/sh", "-c", "trap 'exit 5' TERM; echo ready; while :; do sleep 0.05; done")
        words = self.words(bundle)
        kill = "echo $$ >runtime; exec \"$@\""
        with Terminal(self.around(["sh", "-c", f"cd {self.dir}; {kill}", "sh", *words])) as terminal:
            terminal.expect("ready\r\n")
            with open(os.path.join(self.dir, "runtime"), encoding="ascii") as file:
                os.kill(int(file.read()), signal.SIGTERM)
            terminal.expect("ended 5\r\n")
            terminal.expect("restored\r\n")

    def test_it_has_our_size_unless_the_bundle_sets_one(self):
        with Terminal(self.words(self.with_terminal("/bin/busybox", "stty", "size")), rows=31, columns=77) as terminal:
            terminal.expect("31 77\r\n")
        sized = self.with_terminal("/bin/busybox", "stty", "size", consoleSize={"height": 11, "width": 22})
        with Terminal(self.words(sized), rows=31, columns=77) as terminal:
            terminal.expect("11 22\r\n")

    def test_it_belongs_to_the_programs_user_and_the_group_of_terminals(self):
        bundle = self.with_terminal("/bin/stat", "-L", "-c", "%u %g", "/proc/self/fd/0")
        ranges = id_ranges()
        if not ranges:  # then there is one id, whatever it is called
            ranges = {kind: [{**maps[0], "containerID": 7}] for kind, maps in one_id().items()}
        else:
            next(one for one in bundle.config["mounts"] if one["type"] == "devpts")["options"].append("gid=5")
        bundle.config["linux"].update(ranges)
        bundle.config["process"]["user"].update({"uid": 7, "gid": 7})
        os.chmod(bundle.path, 0o755)
        os.chmod(bundle.rootfs, 0o755)
        bundle.write()
        with Terminal(self.words(bundle)) as terminal:
            terminal.expect("7 5\r\n" if len(ranges["gidMappings"]) > 1 else "7 7\r\n")

    def test_exec_has_one_of_its_own(self):
        bundle = self.bundle("/bin/sleep", "1000")
        container = self.start_bundle(bundle)
        words = [*self.oci_words(), "exec", "--tty", container, "/bin/sh", "-c",
                 "busybox tty; busybox stty size; exit 4"]
        with Terminal(words, rows=31, columns=77) as terminal:
            terminal.expect("/dev/pts/[0-9]+\r\n")
            terminal.expect("31 77\r\n")
            terminal.read_to_end()
            self.assertEqual(terminal.wait(), 4)

    # In the foreground, between pipes.

    def test_a_pipe_gets_every_line_as_it_was_written(self):
        bundle = self.with_terminal("/bin/busybox", "seq", "1", "20000")
        done = run(self.words(bundle))
        self.assert_ran(done)
        self.assertEqual(done.out, "".join(f"{number}\n" for number in range(1, 20001)))

    def test_the_end_of_a_pipe_ends_the_input(self):
        bundle = self.with_terminal("/bin/sh", "-c", "busybox stty -echo; while read line; do echo got $line; done; echo end")
        reader, writer = os.pipe()
        os.write(writer, b"one\ntwo\n")
        os.close(writer)
        with os.fdopen(reader) as stdin:
            done = run(self.words(bundle), stdin=stdin)
        self.assert_ran(done)
        self.assertTrue(done.out.endswith("got one\ngot two\nend\n"), done.out)

    def test_a_reader_that_leaves_does_not_hold_the_program(self):
        bundle = self.with_terminal("/bin/sh", "-c", "busybox seq 1 100000; exit 6")
        words = " ".join(self.words(bundle))
        done = run(["bash", "-c", f"{words} | head -n 1 >/dev/null; echo ${{PIPESTATUS[0]}}"])
        self.assertEqual(done.out, "6\n")

    # Handed over.

    def test_the_console_socket_gets_the_master(self):
        bundle = self.with_terminal("/bin/sh", "-c", "busybox stty size; read line; echo got $line",
                                    consoleSize={"height": 44, "width": 55})
        path = os.path.join(self.dir, "console")
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(path)
            listener.listen()
            listener.settimeout(PATIENCE)
            container = self.new_id()
            self.assert_ran(self.oci("create", "--bundle", bundle.path, "--console-socket", path, container))
            connection, _ = listener.accept()
            with connection:
                name, ancillary, _, _ = connection.recvmsg(4096, socket.CMSG_SPACE(4))
        self.assertTrue(name, "the message has no name")
        (master,) = struct.unpack("i", ancillary[0][2])
        with open(master, "rb+", buffering=0) as file:
            self.assertNotEqual(termios.tcgetattr(file)[1] & termios.ONLCR, 0)  # conmon sets what it wants itself
            self.assert_ran(self.oci("start", container))
            file.write(b"hello\n")
            seen = b""
            deadline = time.monotonic() + PATIENCE
            while b"got hello" not in seen and time.monotonic() < deadline:
                seen += file.read(4096)
        self.assertIn(b"44 55", seen)
        self.assertIn(b"got hello", seen)

    def test_a_terminal_needs_somebody_to_have_it(self):
        bundle = self.with_terminal("/bin/true")
        done = self.oci("create", "--bundle", bundle.path, self.new_id())
        self.assert_refused(done)
        self.assertIn("--console-socket", done.err)
        done = self.oci("run", "--detach", "--bundle", bundle.path, self.new_id())
        self.assert_refused(done)
        plain = self.bundle("/bin/true")
        plain.write()
        done = self.oci("create", "--bundle", plain.path, "--console-socket", "/nonexistent", self.new_id())
        self.assert_refused(done)

    def test_a_stopped_runtime_comes_back_raw(self):
        bundle = self.with_terminal("/bin/sh", "-c", "echo ready; busybox stty -echo -icanon; busybox dd bs=1 count=1 2>/dev/null")
        words = self.words(bundle)
        with Terminal(["bash", "--norc", "-i", "-c", f"set -m; {' '.join(words)}; echo back; fg; echo over"]) as terminal:
            terminal.expect("ready")
            pids = [pid for pid in os.listdir("/proc") if pid.isdigit() and self.is_runtime(pid, words)]
            os.kill(int(min(pids, key=int)), signal.SIGSTOP)
            terminal.expect("back\r\n")
            terminal.write("x")
            terminal.expect("x")
            terminal.expect("over\r\n")

    def is_runtime(self, pid, words):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                return file.read().decode().split("\0")[:-1] == words
        except OSError:
            return False


if __name__ == "__main__":
    main()
