# SPDX-License-Identifier: Apache-2.0
"""The daemon of a guest's network is locked in, ends with its watcher, and can be started again."""
import glob
import os
import signal
import sys
import unittest

sys.path.insert(0, os.environ["TOP"] + "/tests/support")

from harness import PATIENCE, main, wait_for
from net_guest import GATEWAY, Daemon, Guest, serving

FETCH = "print(socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=20).makefile().read())"


def status_of(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return dict(line.rstrip("\n").split(":\t", 1) for line in file)


def child_of(pid):
    """The process that has the traffic, and of that one the process that connects."""
    for path in glob.glob("/proc/[0-9]*/status"):
        try:
            facts = status_of(path.split("/")[2])
            if facts["PPid"] == str(pid) and "\t" in facts["NSpid"]:
                return int(path.split("/")[2])
        except (OSError, KeyError):
            continue
    raise AssertionError(f"{pid} has no child")


def is_gone(pid):
    try:
        return status_of(pid)["State"].startswith("Z")
    except OSError:
        return True


class Confined(unittest.TestCase):
    def setUp(self):
        self.guest = Guest()
        self.addCleanup(self.guest.close)

    def start(self, *options):
        daemon = Daemon(self.guest, "--enable-sandbox", *options)
        self.assertEqual(daemon.ready, b"1")
        return daemon, child_of(daemon.process.pid)

    def reaches(self):
        with serving(lambda request: request.request.sendall(b"hello")) as port:
            self.assertEqual(self.guest.python(FETCH, GATEWAY, port), "hello")

    def end_of(self, daemon):
        status, said = daemon.close()
        self.assertEqual(said, "")
        return status

    def test_it_sees_no_process_and_has_no_rights(self):
        daemon, inner = self.start()
        facts = status_of(inner)
        self.assertEqual(facts["NSpid"].split("\t")[-1], "1")
        self.assertEqual((facts["NoNewPrivs"], facts["Seccomp"]), ("1", "2"))
        for kind in ("CapInh", "CapPrm", "CapEff", "CapAmb"):
            self.assertEqual(int(facts[kind], 16), 0, kind)
        outer = status_of(daemon.process.pid)
        self.assertEqual((outer["NoNewPrivs"], int(outer["CapEff"], 16)), ("1", 0))
        if os.geteuid() != 0:
            for name in ("mem", "maps", "environ", "fd"):
                with self.assertRaises(PermissionError):
                    os.listdir(f"/proc/{inner}/fd") if name == "fd" else open(f"/proc/{inner}/{name}", "rb")
        self.assertEqual(self.end_of(daemon), 0)

    def test_neither_process_outlives_the_other(self):
        for number in (signal.SIGKILL, signal.SIGTERM):
            daemon, inner = self.start()
            os.kill(daemon.process.pid, number)
            self.assertTrue(wait_for(lambda: is_gone(inner)))
            daemon.process.wait()
            self.end_of(daemon)
        daemon, inner = self.start()
        os.kill(inner, signal.SIGKILL)
        self.assertEqual(daemon.process.wait(), 128 + signal.SIGKILL)
        self.end_of(daemon)

    def test_a_signal_ends_it_as_it_ends_others(self):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            daemon, _ = self.start()
            os.kill(daemon.process.pid, number)
            self.assertEqual(daemon.process.wait(PATIENCE), -number)
            self.end_of(daemon)

    def test_what_it_was_started_to_ignore_does_not_end_it(self):
        before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
        self.addCleanup(signal.signal, signal.SIGHUP, before)
        daemon, _ = self.start()
        os.kill(daemon.process.pid, signal.SIGHUP)
        self.reaches()
        os.kill(daemon.process.pid, signal.SIGTERM)
        self.assertEqual(daemon.process.wait(PATIENCE), -signal.SIGTERM)
        self.end_of(daemon)

    def test_it_ends_with_the_process_that_connects(self):
        daemon, inner = self.start("--disable-host-loopback")
        os.kill(child_of(inner), signal.SIGKILL)
        self.assertEqual(daemon.process.wait(PATIENCE), 1)
        self.assertIn("wolffia-net: the process that connects is gone", daemon.close()[1])

    def test_another_serves_the_same_namespace_when_one_has_died(self):
        for number in (signal.SIGKILL, signal.SIGKILL):
            daemon, inner = self.start()
            self.reaches()
            os.kill(inner, number)
            daemon.process.wait()
            self.end_of(daemon)
        daemon, _ = self.start()
        self.reaches()
        self.assertEqual(self.end_of(daemon), 0)


if __name__ == "__main__":
    main()
