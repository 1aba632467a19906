# SPDX-License-Identifier: Apache-2.0
# run: once
"""A service manager that starts a container is told when its program is ready, and nothing that the program may not say."""
import os
import socket
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests", "support"))
from harness import PATIENCE, ContainerTest, main  # noqa: E402

READY = "MAINPID=1\\nREADY=1\\nSTATUS=up"


class Manager:
    """The socket of a service manager, at a path or an abstract name."""

    def __init__(self, address):
        self.address = address
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind("\0" + address[1:] if address[0] == "@" else address)
        self.socket.settimeout(PATIENCE)
        self.environment = {**os.environ, "NOTIFY_SOCKET": address}

    def hears(self):
        return self.socket.recv(4096).decode().splitlines()

    def hears_nothing(self):
        self.socket.setblocking(False)
        try:
            return not self.socket.recv(4096)
        except BlockingIOError:
            return True

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()


class ServiceManager(ContainerTest):
    def manager(self, address=None):
        return self.enterContext(Manager(address or self.dir + "/manager"))

    def saying(self, *words, readonly=False):
        bundle = self.bundle()
        bundle.config["process"]["args"] = [bundle.helper("say"), *words]
        bundle.config["root"]["readonly"] = readonly
        bundle.write()
        return bundle

    def start(self, *words, manager):
        """A runtime in the background, whose standard input is the program's."""
        process = subprocess.Popen([*self.oci_words(), *words], stdin=subprocess.PIPE, env=manager.environment)
        self.addCleanup(process.wait)
        self.addCleanup(process.stdin.close)
        return process

    def test_a_foreground_run_passes_on_all_the_while(self):
        manager = self.manager()
        bundle = self.saying(READY, "-w", "WATCHDOG=1", "X_OTHER=1", "-w", "STOPPING=1")
        run = self.start("run", "--bundle", bundle.path, self.new_id(), manager=manager)
        self.assertEqual(manager.hears(), ["READY=1", "STATUS=up"])
        run.stdin.write(b"\n")
        run.stdin.flush()
        self.assertEqual(manager.hears(), ["WATCHDOG=1"])
        run.stdin.write(b"\n")
        run.stdin.flush()
        self.assertEqual(manager.hears(), ["STOPPING=1"])
        self.assertEqual(run.wait(PATIENCE), 0)

    def test_a_detached_run_returns_when_it_is_ready_and_tells_the_pid(self):
        manager = self.manager()
        bundle = self.saying(READY, "-w")
        container = self.new_id()
        reads, writes = os.pipe()
        self.addCleanup(os.close, writes)
        done = self.oci("run", "--detach", "--bundle", bundle.path, container, stdin=reads, env=manager.environment)
        os.close(reads)
        self.assert_ran(done)
        self.assertEqual(manager.hears(), ["READY=1", "STATUS=up", f"MAINPID={self.pid_of(container)}"])

    def test_start_waits_in_place_of_create(self):
        manager = self.manager("@" + self.dir)
        bundle = self.saying("STATUS=not yet", "-w", READY, "-w", readonly=True)
        container = self.new_id()
        reads, writes = os.pipe()
        self.addCleanup(os.close, writes)
        self.assert_ran(self.oci("create", "--bundle", bundle.path, container, stdin=reads, env=manager.environment))
        os.close(reads)
        self.assertTrue(manager.hears_nothing())
        manager.socket.settimeout(PATIENCE)
        start = self.start("start", container, manager=manager)
        self.assertEqual(manager.hears(), ["STATUS=not yet"])
        self.assertIsNone(start.poll(), "start returns before the program is ready")
        os.write(writes, b"\n")
        self.assertEqual(manager.hears(), ["READY=1", "STATUS=up", f"MAINPID={self.pid_of(container)}"])
        self.assertEqual(start.wait(PATIENCE), 0)

    def test_a_program_that_ends_unready_is_not_waited_for(self):
        manager = self.manager()
        bundle = self.saying("STATUS=no")
        done = self.oci("run", "--detach", "--bundle", bundle.path, self.new_id(), env=manager.environment)
        self.assert_ran(done)
        self.assertEqual(manager.hears(), ["STATUS=no"])

    def test_without_a_manager_there_is_no_socket(self):
        bundle = self.saying("READY=1")
        environment = {name: value for name, value in os.environ.items() if name != "NOTIFY_SOCKET"}
        self.assertEqual(self.run_bundle(bundle, env=environment).status, 2)

    def test_a_manager_that_is_gone_ends_nothing(self):
        manager = self.manager()
        manager.socket.close()
        self.assert_ran(self.run_bundle(self.saying(READY), env=manager.environment))


if __name__ == "__main__":
    main()
