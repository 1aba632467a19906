# SPDX-License-Identifier: Apache-2.0
# run: once
"""--pidfd-socket of create, run and exec: whoever listens there gets a descriptor of the process."""
import array
import os
import socket
import sys

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests", "support"))
from harness import PATIENCE, ContainerTest, main  # noqa: E402


class PidfdSockets(ContainerTest):
    def setUp(self):
        super().setUp()
        self.path = self.dir + "/receiver"
        self.listener = self.enterContext(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
        self.listener.bind(self.path)
        self.listener.listen()
        self.listener.settimeout(PATIENCE)

    def received(self):
        """The pid of the process whose descriptor has come."""
        with self.listener.accept()[0] as connection:
            _, ancillary, _, _ = connection.recvmsg(64, socket.CMSG_SPACE(4))
        (fd,) = array.array("i", ancillary[0][2])
        self.addCleanup(os.close, fd)
        with open(f"/proc/self/fdinfo/{fd}", encoding="ascii") as info:
            return int(next(line for line in info if line.startswith("Pid:")).split()[1])

    def test_create_and_run_send_the_first_process(self):
        bundle = self.bundle("/bin/sleep", "1000")
        bundle.write()
        for words in (("create",), ("run", "--detach")):
            container = self.new_id()
            self.assert_ran(self.oci(*words, "--bundle", bundle.path, "--pidfd-socket", self.path, container))
            self.assertEqual(self.received(), self.pid_of(container), words)

    def test_exec_sends_its_own(self):
        container = self.start_bundle(self.bundle("/bin/sleep", "1000"))
        pid_file = self.dir + "/pid"
        self.assert_ran(self.oci("exec", "--detach", "--pid-file", pid_file, "--pidfd-socket", self.path, container,
                                 "sleep", "1000"))
        with open(pid_file, encoding="ascii") as file:
            self.assertEqual(self.received(), int(file.read()))

    def test_a_socket_that_is_not_there_is_named(self):
        bundle = self.bundle("/bin/true")
        bundle.write()
        done = self.oci("create", "--bundle", bundle.path, "--pidfd-socket", self.path + "-not", self.new_id())
        self.assert_refused(done)
        self.assertIn("--pidfd-socket", done.err)
        self.assertEqual(self.oci("list", "-q").out, "")


if __name__ == "__main__":
    main()
