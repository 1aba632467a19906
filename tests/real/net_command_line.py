# SPDX-License-Identifier: Apache-2.0
"""Each way to say where the guest is, and each option about addresses, does what it says."""
import os
import socket
import struct
import subprocess
import sys
import unittest

sys.path.insert(0, os.environ["TOP"] + "/tests/support")

from harness import PATIENCE, TMP, main, run, wait_for
from net_guest import GATEWAY, NET, Daemon, Guest, serving

TUNSETIFF, IFF_TAP_NO_PI = 0x400454ca, 0x1002


def greet(request):
    request.request.sendall(b"hello to " + request.client_address[0].encode())


FETCH = "print(socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=20).makefile().read())"


class Targets(unittest.TestCase):
    def setUp(self):
        self.guest = Guest()
        self.addCleanup(self.guest.close)

    def reaches(self, daemon, gateway=GATEWAY):
        self.assertEqual(daemon.ready, b"1")
        with serving(greet) as port:
            self.assertTrue(self.guest.python(FETCH, gateway, port).startswith("hello to "))
        self.assertEqual(daemon.close(), (0, ""))

    def test_a_path_and_the_user_namespace_that_owns_it(self):
        spaces = f"/proc/{self.guest.pid}/ns/"
        self.reaches(Daemon(self.guest, f"--userns-path={spaces}user", "--netns-type=path",
                            target=[spaces + "net", "tap0"]))

    def test_a_network_of_its_own(self):
        daemon = Daemon(self.guest, "--cidr=10.77.0.0/16", "--enable-ipv6", "--cidr6=fd77::/64", "--mtu=9000",
                        "--macaddress=02:00:00:00:00:07")
        said = self.guest.run("ip", "addr", "show", "tap0").out
        for wanted in ("10.77.0.100/16", "fd77::64/64", "mtu 9000", "02:00:00:00:00:07"):
            self.assertIn(wanted, said)
        self.assertIn("default via 10.77.0.2", self.guest.run("ip", "route").out)
        self.assertIn("default via fd77::2", self.guest.run("ip", "-6", "route").out)
        self.reaches(daemon, "10.77.0.2")

    def test_an_address_of_the_host_to_connect_from(self):
        daemon = Daemon(self.guest, "--outbound-addr=127.0.0.5")
        with serving(greet) as port:
            self.assertEqual(self.guest.python(FETCH, GATEWAY, port), "hello to 127.0.0.5")
        self.assertEqual(daemon.close(), (0, ""))

    def test_an_address_that_the_host_has_not_is_told_and_may_yet_come(self):
        daemon = Daemon(self.guest, "--outbound-addr=203.0.113.77", "--outbound-addr6=2001:db8::77")
        self.assertEqual(daemon.ready, b"1")
        status, said = daemon.close()
        self.assertEqual((status, said.count("\n")), (0, 2), said)
        self.assertIn("--outbound-addr: 203.0.113.77 cannot be connected from yet", said)
        self.assertIn("--outbound-addr6: 2001:db8::77 cannot be connected from yet", said)

    def test_an_interface_of_the_host_to_connect_from(self):
        self.reaches(Daemon(self.guest, "--outbound-addr=lo"))

    def test_an_interface_that_somebody_else_has_made(self):
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        code = ("import fcntl, os, struct\n"
                "tap = os.open('/dev/net/tun', os.O_RDWR)\n"
                f"fcntl.ioctl(tap, {TUNSETIFF}, struct.pack('16sH22x', b'tap0', {IFF_TAP_NO_PI}))\n"
                f"socket.send_fds(socket.socket(fileno={theirs.fileno()}), [b'.'], [tap])")
        with ours, theirs:
            done = run(self.guest.words("/usr/bin/python3", "-c", "import socket, sys\n" + code),
                       pass_fds=(theirs.fileno(),))
            self.assertEqual(done.status, 0, str(done))
            tap = socket.recv_fds(ours, 1, 1)[1][0]
        for words in (("link", "set", "lo", "up"), ("link", "set", "tap0", "up"),
                      ("addr", "add", "10.0.2.100/24", "dev", "tap0"), ("route", "add", "default", "via", GATEWAY)):
            self.assertEqual(self.guest.run("ip", *words).status, 0)
        daemon = Daemon(self.guest, "--netns-type=tapfd", configure=False, target=[str(tap)], pass_fds=(tap,))
        os.close(tap)
        self.reaches(daemon)

    def test_an_address_is_handed_out_where_that_was_asked_for(self):
        daemon = Daemon(self.guest, "--enable-dhcp", configure=False)
        self.assertEqual(self.guest.run("ip", "link", "set", "tap0", "up").status, 0)
        done = self.guest.run("/bin/busybox", "udhcpc", "-i", "tap0", "-n", "-q", "-f", "-s", "/bin/true")
        self.assertIn("lease of 10.0.2.15 obtained from 10.0.2.2", done.err)
        self.assertEqual(daemon.close(), (0, ""))

    def test_the_end_of_the_interface_is_the_end(self):
        daemon = Daemon(self.guest)
        self.assertEqual(self.guest.run("ip", "link", "delete", "tap0").status, 0)
        self.assertEqual(daemon.process.wait(PATIENCE), 0)
        self.assertEqual(daemon.close(), (0, ""))

    def test_the_same_namespace_can_be_served_again(self):
        daemon = Daemon(self.guest)
        daemon.process.kill()
        daemon.close()
        self.reaches(Daemon(self.guest))


class Machine(unittest.TestCase):
    def test_a_machine_with_a_socket(self):
        path = os.path.join(TMP, "machine")
        daemon = subprocess.Popen([NET, "--target-type=bess", path], stderr=subprocess.PIPE, text=True)
        self.assertTrue(wait_for(lambda: os.path.exists(path)))
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as machine:
            machine.settimeout(PATIENCE)
            machine.connect(path)
            mac, own, gateway = b"\x02\0\0\0\0\7", socket.inet_aton("10.0.2.100"), socket.inet_aton(GATEWAY)
            machine.send(b"\xff" * 6 + mac + b"\x08\x06" + struct.pack(">HHBBH", 1, 0x800, 6, 4, 1) + mac + own +
                         bytes(6) + gateway)
            reply = machine.recv(100)
            self.assertEqual((reply[:6], reply[20:22], reply[28:32]), (mac, b"\0\2", gateway))
        self.assertEqual(daemon.communicate(timeout=PATIENCE), (None, ""))
        self.assertEqual(daemon.returncode, 0)


class Refusals(unittest.TestCase):
    def test_what_cannot_be_is_said_in_a_sentence(self):
        guest = Guest()
        self.addCleanup(guest.close)
        for words, wanted in ((("--mtu=5", "1", "tap0"), "--mtu takes a number from 68"),
                              (("--ready-fd=77", "1", "tap0"), "--ready-fd names descriptor 77, which is not open"),
                              (("--outbound-addr=nowhere0", str(os.getpid()), "tap0"), "nowhere0"),
                              (("--netns-type=path", "/nowhere/net", "tap0"), "/nowhere/net"),
                              (("--api-socket=/nowhere/socket", str(os.getpid()), "tap0"), "/nowhere/"),
                              (("99999999", "tap0"), "/proc/99999999/ns/"),
                              ((str(os.getpid()), ""), '"" is no name for an interface'),
                              ((str(os.getpid()), "tap%d"), '"tap%d" is no name for an interface'),
                              (("--netns-type=path", "/etc/passwd", "tap0"), "/etc/passwd is no such namespace"),
                              (("--netns-type=tapfd", "0"), "descriptor 0 is not that of a tap interface"),
                              ((str(guest.pid), "lo"), "give a name that no other interface has"),
                              ((), "the target is missing")):
            with self.subTest(words):
                done = run([NET, *words])
                self.assertEqual((done.status, done.out), (1, ""))
                self.assertIn(wanted, done.err)
                self.assertEqual(done.err.count("\n"), 1)

    def test_callers_find_the_options_that_they_look_for(self):
        said = run([NET, "--help"]).out
        for option in ("--disable-host-loopback", "--mtu", "--enable-sandbox", "--enable-seccomp", "--cidr",
                       "--outbound-addr", "--enable-ipv6", "--netns-type"):
            self.assertIn(option, said)


if __name__ == "__main__":
    main()
