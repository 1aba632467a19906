# SPDX-License-Identifier: Apache-2.0
"""Connections that begin in a network guest and lead out by splice(2): what connect(2) says, bytes, ends, resets, rules."""
# run: once
# run: plain
# timeout: 120
import errno
import hashlib
import os
import signal
import socket
import struct
import sys
import threading
import unittest

sys.path.insert(0, os.environ["TOP"] + "/tests/support")

from harness import PATIENCE, main, wait_for
from net_guest import STREAM, Daemon, Guest, echo_hash, serving, stream
from net_host import CONNECT, HOST, HOST6, NO_WAY, NOT_THERE, SILENT, enter_host, make_host

enter_host()

SIZE = 24 << 20
DATA = stream("outbound", SIZE)
DIGEST = hashlib.sha256(DATA).hexdigest()


def setUpModule():
    make_host()


class Connecting(unittest.TestCase):
    """What holds on either path: as packets, too, so that what is expected is what connections are like."""

    options = ("--enable-ipv6", "--outbound=slirp")
    spliced = False

    def setUp(self):
        self.guest = Guest()
        self.addCleanup(self.guest.close)
        self.daemon = self.start()

    def start(self, *options):
        daemon = Daemon(self.guest, *(options or self.options))
        if daemon.ready != b"1":
            raise AssertionError(daemon.close())
        self.addCleanup(lambda: self.assertEqual(daemon.close(), (0, "")))
        return daemon

    def relayed(self):
        return self.daemon.ask({"execute": "get_statistics"})["return"]["outbound"]["connections"]

    def connect(self, address, port=7):
        return self.guest.python(CONNECT, address, port)

    def test_what_nobody_listens_to_is_refused(self):
        for address in (HOST, HOST6):
            self.assertEqual(self.connect(address, 1), "ECONNREFUSED")

    def test_what_is_not_reached_is_said_to_be_so(self):
        for address, wanted in ((NOT_THERE, "EHOSTUNREACH"), (NO_WAY, "ENETUNREACH"), ("2001:db8:1::1", "ENETUNREACH")):
            with self.subTest(address):
                self.assertEqual(self.connect(address), wanted)

    def test_where_nobody_answers_the_guest_waits_as_long_as_it_would(self):
        self.assertEqual(self.connect(SILENT), "ETIMEDOUT")
        self.assertEqual(self.relayed(), 0)

    def test_the_guest_may_end_first_and_still_reads(self):
        def count(request):
            with request.request.makefile("rb") as sent:
                request.request.sendall(str(len(sent.read())).encode())

        with serving(count, HOST) as port:
            said = self.guest.python(
                "with socket.create_connection((sys.argv[1], int(sys.argv[2]))) as s:\n"
                "  s.sendall(b'x' * 100000)\n  s.shutdown(socket.SHUT_WR)\n"
                "  print(s.makefile().read())", HOST, port)
        self.assertEqual(said, "100000")

    def test_the_server_may_end_first_and_still_reads(self):
        heard = []

        def speak_first(request):
            request.request.sendall(b"hello")
            request.request.shutdown(socket.SHUT_WR)
            with request.request.makefile("rb") as sent:
                heard.append(sent.read())

        with serving(speak_first, HOST) as port:
            said = self.guest.python(
                "with socket.create_connection((sys.argv[1], int(sys.argv[2]))) as s:\n"
                "  print(s.makefile().read())\n  s.sendall(b'heard')", HOST, port)
            self.assertEqual(said, "hello")
            self.assertTrue(wait_for(lambda: heard == [b"heard"]))

    def test_a_reset_of_the_server_reaches_the_guest(self):
        def reset(request):
            request.request.recv(1)
            request.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            request.request.close()

        with serving(reset, HOST) as port:
            said = self.guest.python(
                "with socket.create_connection((sys.argv[1], int(sys.argv[2]))) as s:\n"
                "  s.sendall(b'.')\n"
                "  try: print(s.recv(1))\n"
                "  except ConnectionResetError: print('reset')", HOST, port)
        self.assertEqual(said, "reset")


class Outbound(Connecting):
    options = ("--enable-ipv6", "--outbound=splice")
    spliced = True

    def test_a_large_transfer_arrives_whole_either_way(self):
        for address in (HOST, HOST6):
            with self.subTest(address), serving(echo_hash(DATA), address) as port:
                self.assertEqual(self.guest.python(STREAM, address, port, "outbound", SIZE), f"{DIGEST} {DIGEST}")
        self.assertEqual(self.relayed(), 2)

    def test_the_names_of_both_ends_are_those_that_were_asked_for(self):
        for address, own in ((HOST, "10.0.2.100"), (HOST6, "fd00::64")):
            with serving(lambda request: request.request.recv(1), address) as port:
                said = self.guest.python(
                    "with socket.create_connection((sys.argv[1], int(sys.argv[2]))) as s:\n"
                    "  print(s.getpeername()[:2], s.getsockname()[0])", address, port)
            self.assertEqual(said, f"{(address, port)} {own}")

    def test_a_reset_of_the_guest_reaches_the_server(self):
        heard = []

        def tell_end(request):
            try:
                while request.request.recv(100):
                    request.request.sendall(b".")
                heard.append("end")
            except ConnectionResetError:
                heard.append("reset")

        with serving(tell_end, HOST) as port:
            self.guest.python(
                "import struct\n"
                "with socket.create_connection((sys.argv[1], int(sys.argv[2]))) as s:\n"
                "  s.sendall(b'.')\n  s.recv(1)\n"
                "  s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))", HOST, port)
            self.assertTrue(wait_for(lambda: heard == ["reset"]), heard)

    def test_who_does_not_read_is_waited_for(self):
        go_on = threading.Event()
        heard = []

        def slow(request):
            go_on.wait(PATIENCE)
            with request.request.makefile("rb") as sent:
                heard.append(hashlib.sha256(sent.read()).hexdigest())

        with serving(slow, HOST) as port:
            sender = self.guest.background(
                "import hashlib\n"
                "print('ready')\n"
                "data = hashlib.shake_128(b'outbound').digest(1 << 16) * (int(sys.argv[3]) >> 16)\n"
                "with socket.create_connection((sys.argv[1], int(sys.argv[2]))) as s: s.sendall(data)", HOST, port, SIZE)
            self.assertTrue(wait_for(lambda: self.relayed() == 1))
            go_on.set()
            self.assertTrue(wait_for(lambda: heard == [DIGEST]), heard)
            sender.communicate()

    def test_a_thousand_short_connections_are_answered(self):
        with serving(lambda request: request.request.sendall(request.request.recv(16)), HOST) as port:
            said = self.guest.python(
                "good = 0\n"
                "for i in range(1000):\n"
                "  with socket.create_connection((sys.argv[1], int(sys.argv[2]))) as s:\n"
                "    s.sendall(b'%d' % i)\n    good += s.recv(16) == b'%d' % i\n"
                "print(good)", HOST, port)
        self.assertEqual(said, "1000")
        self.assertGreater(self.relayed(), 900)  # what finds no socket ready goes as packets

    def test_many_are_served_at_once(self):
        with serving(lambda request: request.request.sendall(request.request.recv(16)), HOST) as port:
            said = self.guest.python(
                "all = [socket.create_connection((sys.argv[1], int(sys.argv[2]))) for _ in range(200)]\n"
                "for i, s in enumerate(all): s.sendall(b'%d' % i)\n"
                "print(sum(s.recv(16) == b'%d' % i for i, s in enumerate(all)))", HOST, port)
        self.assertEqual(said, "200")

    def test_who_begins_without_waiting_is_told_when_it_is_there(self):
        with serving(lambda request: request.request.sendall(b"hello"), HOST) as port:
            said = self.guest.python(
                "import select\n"
                "s = socket.socket(); s.setblocking(False)\n"
                "print(s.connect_ex((sys.argv[1], int(sys.argv[2]))))\n"
                "print(select.select([], [s], [], 20)[1] == [s], s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))\n"
                "s.setblocking(True); print(s.recv(9).decode())", HOST, port)
        self.assertEqual(said, f"{errno.EINPROGRESS}\nTrue 0\nhello")

    def test_a_server_inside_may_listen_to_the_port_that_is_connected_to(self):
        with serving(lambda request: request.request.sendall(b"hello"), HOST) as port:
            said = self.guest.python(
                "own = socket.create_server(('', int(sys.argv[2])))\n"
                "with socket.create_connection((sys.argv[1], int(sys.argv[2]))) as s: print(s.recv(9).decode())",
                HOST, port)
        self.assertEqual(said, "hello")

    def test_a_socket_of_the_interface_alone_is_connected(self):
        with serving(lambda request: request.request.sendall(b"hello"), HOST) as port:
            said = self.guest.python(
                "s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b'tap0')\n"
                "s.settimeout(20); s.connect((sys.argv[1], int(sys.argv[2]))); print(s.recv(9).decode())", HOST, port)
        self.assertEqual(said, "hello")


class Rules(unittest.TestCase):
    """What is blocked is so on this path, as soon as the rules say it, and told."""

    def start(self, *options):
        guest = Guest()
        self.addCleanup(guest.close)
        daemon = Daemon(guest, "--enable-ipv6", "--outbound=splice", *options)
        self.assertEqual(daemon.ready, b"1")
        self.addCleanup(daemon.close)
        return guest, daemon

    def expect(self, options, port_of, wanted, told=""):
        """`wanted` of HOST and HOST6."""
        with serving(lambda request: request.request.recv(1), HOST) as port, \
             serving(lambda request: request.request.recv(1), HOST6) as port6:
            guest, daemon = self.start(*(option.format(port, port6) for option in options))
            said = [guest.python(CONNECT, HOST, port_of(port)), guest.python(CONNECT, HOST6, port_of(port6))]
            count = daemon.ask({"execute": "get_statistics"})["return"]["outbound"]["connections"]
            status, stderr = daemon.close()
        self.assertEqual(status, 0)
        self.assertEqual(said, wanted)
        self.assertEqual(count, wanted.count("connected"))
        self.assertIn(told, stderr)

    def test_the_hosts_own_addresses(self):
        self.expect(["--disable-host-loopback"], lambda port: port, ["EHOSTUNREACH", "EACCES"])

    def test_the_hosts_own_addresses_but_for_a_rule(self):
        self.expect(["--disable-host-loopback", f"--allow={HOST}:{{0}}"], lambda port: port, ["connected", "EACCES"])

    def test_a_network(self):
        self.expect(["--deny=192.0.2.0/24"], lambda port: port, ["EHOSTUNREACH", "connected"], "blocked tcp to 192.0.2.1:")

    def test_a_port(self):
        self.expect(["--deny=*:{1}"], lambda port: port, ["connected", "EACCES"])

    def test_everything(self):
        self.expect(["--offline"], lambda port: port, ["EHOSTUNREACH", "EACCES"], "--offline")

    def test_link_local_addresses(self):
        guest, _ = self.start()
        self.assertEqual(guest.python(CONNECT, "169.254.169.254", 80), "EHOSTUNREACH")

    def test_the_gateway_and_loopback_stay_with_libslirp(self):
        with serving(lambda request: request.request.sendall(b"hello"), "127.0.0.1") as port:
            guest, daemon = self.start()
            self.assertEqual(guest.python(CONNECT, "10.0.2.2", port), "connected")
            self.assertEqual(daemon.ask({"execute": "get_statistics"})["return"]["outbound"]["connections"], 0)

    def test_libslirp_connects_where_a_rule_says_so_though_the_daemon_may_not(self):
        with serving(lambda request: request.request.sendall(b"hello"), "127.0.0.1") as port:
            guest, _ = self.start("--disable-host-loopback", f"--allow=10.0.2.2:{port}")
            self.assertEqual(guest.python(CONNECT, "10.0.2.2", port), "connected")

    def test_a_rate_is_kept(self):
        size = 600_000
        with serving(lambda request: request.request.sendall(DATA[:size]), HOST) as port:
            guest, _ = self.start("--download-rate=200k")
            said = guest.python(
                "import time\n"
                "began = time.monotonic()\n"
                "with socket.create_connection((sys.argv[1], int(sys.argv[2]))) as s: size = len(s.makefile('rb').read())\n"
                "print(size, time.monotonic() - began > 2)", HOST, port)
        self.assertEqual(said, f"{size} True")


class Death(unittest.TestCase):
    """Of the daemon, and of what it has set up."""

    def rules(self, guest):
        return guest.run("/usr/sbin/nft", "list", "ruleset").out

    def test_what_it_has_set_up_is_gone_afterwards(self):
        for end in ("close", "kill"):
            with self.subTest(end):
                guest = Guest()
                self.addCleanup(guest.close)
                daemon = Daemon(guest, "--enable-ipv6", "--outbound=splice")
                self.assertIn("wolffia-net", self.rules(guest))
                if end == "kill":
                    daemon.process.kill()
                daemon.close()
                self.assertTrue(wait_for(lambda it=guest: self.rules(it) == ""), self.rules(guest))
                for family in ("-4", "-6"):
                    self.assertNotIn("fwmark", guest.run("ip", family, "rule").out)

    def test_one_that_is_started_again_leads_connections_again(self):
        with serving(lambda request: request.request.sendall(request.request.recv(9)), HOST) as port:
            guest = Guest()
            self.addCleanup(guest.close)
            first = Daemon(guest, "--outbound=splice")
            client = guest.background(
                "s = socket.create_connection((sys.argv[1], int(sys.argv[2])))\n"
                "print('ready')\n"
                "try: print(s.recv(1))\n"
                "except OSError as error: print(type(error).__name__)", HOST, port)
            first.process.kill()
            self.assertIn(client.communicate(timeout=PATIENCE)[0], ("b''\n", "ConnectionResetError\n"))
            first.close()
            second = Daemon(guest, "--outbound=splice")
            self.addCleanup(second.close)
            self.assertEqual(second.ready, b"1")
            self.assertEqual(guest.python(
                "with socket.create_connection((sys.argv[1], int(sys.argv[2]))) as s:\n"
                "  s.sendall(b'again'); print(s.recv(9).decode())", HOST, port), "again")

    def test_it_goes_on_where_ports_lead_inside_as_packets(self):
        with serving(lambda request: request.request.sendall(request.request.recv(9)), HOST) as port:
            guest = Guest()
            self.addCleanup(guest.close)
            daemon = Daemon(guest, "--outbound=splice", "--disable-splice")
            self.addCleanup(daemon.close)
            self.assertEqual(daemon.ready, b"1")
            self.assertEqual(guest.python(
                "with socket.create_connection((sys.argv[1], int(sys.argv[2]))) as s:\n"
                "  s.sendall(b'on'); print(s.recv(9).decode())", HOST, port), "on")

    def test_without_its_helper_connections_go_on_as_packets(self):
        with serving(lambda request: request.request.sendall(request.request.recv(9)), HOST) as port:
            guest = Guest()
            self.addCleanup(guest.close)
            daemon = Daemon(guest, "--outbound=auto", "--debug")
            self.addCleanup(daemon.close)
            own = os.readlink(f"/proc/{guest.pid}/ns/net")
            helpers = [pid for pid in os.listdir("/proc") if pid.isdigit() and is_helper(pid, own)]
            self.assertEqual(len(helpers), 1)
            os.kill(int(helpers[0]), signal.SIGKILL)
            self.assertTrue(wait_for(lambda: not is_helper(helpers[0], own)))
            said = guest.python(
                "for _ in range(80):  # more than wait in the queue\n"
                "  with socket.create_connection((sys.argv[1], int(sys.argv[2]))) as s:\n"
                "    s.sendall(b'on'); print(s.recv(9).decode())", HOST, port)
            self.assertEqual(said.split(), ["on"] * 80)
            self.assertRegex(daemon.close()[1], "connections go through libslirp: ")


def is_helper(pid, namespace):
    try:
        with open(f"/proc/{pid}/comm", encoding="ascii") as name:
            return name.read() == "wolffia-net\n" and os.readlink(f"/proc/{pid}/ns/net") == namespace
    except OSError:
        return False


if __name__ == "__main__":
    main()
