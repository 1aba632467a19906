# SPDX-License-Identifier: Apache-2.0
"""Published TCP ports of a network guest, which lead inside by splice(2): bytes, ends, resets, peers and their removal."""
import contextlib
import hashlib
import os
import signal
import socket
import struct
import sys
import threading
import unittest

sys.path.insert(0, os.environ["TOP"] + "/tests/support")

from harness import PATIENCE, TMP, main, run, wait_for
from net_guest import GATEWAY, GATEWAY6, Daemon, Guest, NetTest

SIZE = 24 << 20
DATA = hashlib.shake_128(b"published").digest(1 << 16) * (SIZE >> 16)
DIGEST = hashlib.sha256(DATA).hexdigest()

# Listens for both kinds of addresses, and has a thread for each connection.
HEAD = """
import hashlib, struct, threading
def serve(handle, address='::', port=7000):
  family = socket.AF_INET6 if ':' in address else socket.AF_INET
  s = socket.create_server((address, port), family=family, backlog=1000, dualstack_ipv6=address == '::')
  print('ready')
  while True:
    c, peer = s.accept()
    threading.Thread(target=handle, args=(c, peer[0].removeprefix('::ffff:')), daemon=True).start()
"""
ECHO = HEAD + """
def handle(c, peer):
  with c:
    while part := c.recv(1 << 18): c.sendall(part)
serve(handle)
"""
TELL_PEER = HEAD + """
def handle(c, peer):
  with c: c.sendall(peer.encode())
serve(handle, *sys.argv[1:])
"""
COUNT = HEAD + """
def handle(c, peer):
  with c, c.makefile('rb') as sent: c.sendall(hashlib.sha256(sent.read()).hexdigest().encode())
serve(handle)
"""
# Ends its own direction first, and says afterwards what it was told.
SPEAK_FIRST = HEAD + """
def handle(c, peer):
  with c:
    c.sendall(b'hello'); c.shutdown(socket.SHUT_WR)
    print(c.makefile().read())
serve(handle)
"""
RESET = HEAD + """
def handle(c, peer):
  c.recv(1)
  c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0)); c.close()
serve(handle)
"""
TELL_END = HEAD + """
def handle(c, peer):
  try:
    while c.recv(100): c.sendall(b'.')
    print('end')
  except ConnectionResetError:
    print('reset')
serve(handle)
"""
# Reads nothing before it is told to on its standard input.
SLOW = HEAD + """
def handle(c, peer):
  sys.stdin.readline()
  digest = hashlib.sha256()
  with c:
    while part := c.recv(1 << 18): digest.update(part)
    c.sendall(digest.hexdigest().encode())
serve(handle)
"""


def everything(client):
    with client.makefile("rb") as file:
        return file.read()


class Published(NetTest):
    options = ("--enable-ipv6", "--disable-host-loopback")
    spliced = True  # or as packets

    def serve(self, code, *args):
        server = self.guest.background(code, *args)
        self.addCleanup(lambda: (server.kill(), server.wait(), server.stdin.close(), server.stdout.close()))
        return server

    def connect(self, port, address="127.0.0.1"):
        client = socket.create_connection((address, port), timeout=PATIENCE)
        self.addCleanup(client.close)
        return client

    def relayed(self):
        return self.daemon.ask({"execute": "get_statistics"})["return"]["published"]["connections"]

    def test_a_large_transfer_arrives_whole_either_way(self):
        self.serve(ECHO)
        for address in ("127.0.0.1", "::1"):
            with self.subTest(address):
                client = self.connect(self.daemon.publish("tcp", 7000, address), address)
                sender = threading.Thread(target=lambda it=client: (it.sendall(DATA), it.shutdown(socket.SHUT_WR)))
                sender.start()
                self.assertEqual(hashlib.sha256(everything(client)).hexdigest(), DIGEST)
                sender.join()
        self.assertEqual(self.relayed(), 2 if self.spliced else 0)

    def test_many_connections_are_served_at_once(self):
        self.serve(ECHO)
        port = self.daemon.publish("tcp", 7000)
        clients = [self.connect(port) for _ in range(300)]
        for number, client in enumerate(clients):
            client.sendall(b"%d" % number)
        for number, client in enumerate(clients):
            self.assertEqual(client.recv(100), b"%d" % number)
        for client in clients:
            client.shutdown(socket.SHUT_WR)
            self.assertEqual(client.recv(1), b"")

    def test_many_short_connections_are_served(self):
        self.serve(TELL_PEER)
        port = self.daemon.publish("tcp", 7000)
        self.assertEqual({everything(self.connect(port)) for _ in range(500)}, {GATEWAY.encode()})

    def test_a_half_closed_connection_still_answers(self):
        self.serve(COUNT)
        client = self.connect(self.daemon.publish("tcp", 7000))
        client.sendall(DATA[:100000])
        client.shutdown(socket.SHUT_WR)
        self.assertEqual(everything(client).decode(), hashlib.sha256(DATA[:100000]).hexdigest())

    def test_a_server_may_end_first(self):
        server = self.serve(SPEAK_FIRST)
        client = self.connect(self.daemon.publish("tcp", 7000))
        self.assertEqual(everything(client), b"hello")
        client.sendall(b"heard")
        client.shutdown(socket.SHUT_WR)
        self.assertEqual(server.stdout.readline(), "heard\n")

    def test_who_does_not_read_is_waited_for(self):
        server = self.serve(SLOW)
        client = self.connect(self.daemon.publish("tcp", 7000))
        sender = threading.Thread(target=lambda: (client.sendall(DATA), client.shutdown(socket.SHUT_WR)))
        sender.start()
        self.assertIn("return", self.daemon.ask({"execute": "list_hostfwd"}))
        self.assertTrue(sender.is_alive())
        server.stdin.write("\n")
        server.stdin.flush()
        self.assertEqual(everything(client).decode(), DIGEST)
        sender.join()

    def test_resets_go_through_both_ways(self):
        self.serve(RESET)
        client = self.connect(self.daemon.publish("tcp", 7000))
        client.sendall(b".")
        with self.assertRaises(ConnectionResetError):
            client.recv(1)

    def test_a_reset_reaches_the_server(self):
        server = self.serve(TELL_END)
        client = self.connect(self.daemon.publish("tcp", 7000))
        client.sendall(b".")
        self.assertEqual(client.recv(1), b".")
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.close()
        self.assertEqual(server.stdout.readline(), "reset\n")

    def test_urgent_data_arrives_as_any_other(self):
        self.serve(ECHO)
        client = self.connect(self.daemon.publish("tcp", 7000))
        client.sendall(b"before")
        client.send(b"!", socket.MSG_OOB)
        client.shutdown(socket.SHUT_WR)
        self.assertEqual(everything(client), b"before!")

    def expect_nothing(self, address):
        port = self.daemon.publish("tcp", 7000, address)
        with contextlib.suppress(ConnectionResetError):
            self.assertEqual(self.connect(port, address).recv(1), b"")

    def test_a_port_that_nobody_serves_inside_ends_connections(self):
        for address in ("127.0.0.1", "::1"):
            self.expect_nothing(address)

    def test_what_listens_to_the_guests_loopback_is_not_published(self):
        for address in ("127.0.0.1", "::1"):
            self.serve(TELL_PEER, address)
            self.expect_nothing(address)

    def test_a_peer_on_the_hosts_loopback_is_the_gateway(self):
        self.serve(TELL_PEER)
        for host, address, wanted in (("127.0.0.1", "127.0.0.1", GATEWAY), ("0.0.0.0", "127.0.0.2", GATEWAY),
                                      ("::1", "::1", GATEWAY6), ("::", "::1", GATEWAY6)):
            peer = everything(self.connect(self.daemon.publish("tcp", 7000, host), address))
            self.assertEqual(peer.decode(), wanted, host)

    def test_a_port_taken_away_ends_listening_and_no_connection(self):
        self.serve(ECHO)
        port = self.daemon.publish("tcp", 7000)
        client = self.connect(port)
        client.sendall(b"before")
        self.assertEqual(client.recv(10), b"before")
        self.assertEqual(self.daemon.ask({"execute": "remove_hostfwd", "arguments": {"id": 1}}), {"return": {}})
        with self.assertRaises(ConnectionRefusedError):
            self.connect(port)
        client.sendall(b"after")
        self.assertEqual(client.recv(10), b"after")
        self.assertEqual(self.daemon.listed(), [])
        self.daemon.publish("tcp", 7000, host_port=port)


class PublishedAsPackets(Published):
    options = ("--enable-ipv6", "--disable-host-loopback", "--disable-splice", "--mtu=65520")
    spliced = False
    test_many_connections_are_served_at_once = None  # whose listeners let one wait at a time
    test_resets_go_through_both_ways = None  # libslirp makes an end of the guest's reset


def children_of(pid):
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        return file.read().split()


class Around(unittest.TestCase):
    """What there is besides the connections."""

    def setUp(self):
        self.guest = Guest()
        self.addCleanup(self.guest.close)

    def start(self, *options):
        daemon = Daemon(self.guest, *options)
        self.assertEqual(daemon.ready, b"1")
        return daemon

    def serve(self, code):
        server = self.guest.background(code)
        self.addCleanup(lambda: (server.kill(), server.wait(), server.stdin.close(), server.stdout.close()))

    def maker_of(self, daemon):
        """The process that makes sockets: the one in the guest's network."""
        for pid in children_of(daemon.process.pid):
            with open(f"/proc/{pid}/status", encoding="ascii") as file:
                facts = dict(line.rstrip("\n").split(":\t", 1) for line in file)
            if "\t" not in facts["NSpid"]:
                return int(pid), facts
        raise AssertionError("nobody makes sockets")

    def fetch(self, port):
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as client:
            return everything(client).decode()

    def rules(self):
        done = self.guest.run("ip", "rule")
        self.assertEqual(done.status, 0, str(done))
        return [line for line in done.out.splitlines() if "fwmark" in line]

    def test_what_it_sets_up_inside_is_gone_with_it(self):
        daemon = self.start("--enable-ipv6")
        self.serve(TELL_PEER)
        self.assertEqual(self.fetch(daemon.publish("tcp", 7000)), GATEWAY)
        self.assertEqual(len(self.rules()), 1)
        self.assertEqual(daemon.close(), (0, ""))
        self.assertEqual(self.rules(), [])
        self.assertEqual(self.guest.run("ip", "-6", "rule").out.count("fwmark"), 0)

    def test_who_makes_sockets_is_locked_in(self):
        daemon = self.start()
        daemon.publish("tcp", 7000)
        _, facts = self.maker_of(daemon)
        self.assertEqual((facts["NoNewPrivs"], facts["Seccomp"]), ("1", "2"))
        self.assertEqual(int(facts["CapEff"], 16), 1 << 12)  # CAP_NET_ADMIN, over the guest's namespace
        self.assertEqual(daemon.close(), (0, ""))

    def test_without_it_ports_lead_inside_as_packets(self):
        daemon = self.start()
        self.serve(TELL_PEER)
        port = daemon.publish("tcp", 7000)
        self.assertEqual(self.fetch(port), GATEWAY)
        os.kill(self.maker_of(daemon)[0], signal.SIGKILL)
        lost = 0
        for _ in range(60):  # more than wait for a connection
            try:
                self.assertEqual(self.fetch(port), GATEWAY)
            except ConnectionResetError:  # it came while the listener changed hands
                lost += 1
        self.assertLessEqual(lost, 1)
        self.assertEqual(self.fetch(daemon.publish("tcp", 7000)), GATEWAY)
        self.assertEqual(daemon.close(), (0, ""))

    def test_connections_end_with_the_daemon_and_another_takes_over(self):
        self.serve(ECHO)
        daemon = self.start()
        port = daemon.publish("tcp", 7000)
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as client:
            client.sendall(b"hello")
            self.assertEqual(client.recv(10), b"hello")
            daemon.process.kill()
            with contextlib.suppress(ConnectionResetError):
                self.assertEqual(client.recv(10), b"")
        daemon.close()
        with self.assertRaises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port))
        daemon = self.start()
        daemon.publish("tcp", 7000, host_port=port)
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as client:
            client.sendall(b"again")
            self.assertEqual(client.recv(10), b"again")
        self.assertEqual(daemon.close(), (0, ""))

    def test_a_capture_has_every_frame(self):
        path = os.path.join(TMP, "capture")
        daemon = self.start("--pcap", path)
        self.serve(TELL_PEER)
        self.assertEqual(self.fetch(daemon.publish("tcp", 7000)), GATEWAY)
        self.assertEqual(daemon.ask({"execute": "get_statistics"})["return"]["published"]["connections"], 0)
        self.assertEqual(daemon.close(), (0, ""))

    def test_bytes_are_counted_and_not_dropped_by_policies(self):
        daemon = self.start("--offline", "--deny", "*", "--upload-rate=1m", "--download-rate=1m")
        self.serve(ECHO)
        with socket.create_connection(("127.0.0.1", daemon.publish("tcp", 7000)), timeout=PATIENCE) as client:
            client.sendall(DATA[:300_000])
            client.shutdown(socket.SHUT_WR)
            self.assertEqual(everything(client), DATA[:300_000])
        counted = daemon.ask({"execute": "get_statistics"})["return"]["published"]
        self.assertEqual(counted, {"connections": 1, "from_guest": {"bytes": 300_000}, "to_guest": {"bytes": 300_000}})
        self.assertEqual(daemon.close(), (0, ""))

    def inner(self, prepare, script):
        """Lines of a script that is root of networks of its own, where `prepare` was done before."""
        path = os.path.join(TMP, "inner.py")
        with open(path, "w", encoding="utf-8") as file:
            file.write(INNER + script)
        done = run(["unshare", "-rnm", "sh", "-ec", f'{prepare}; exec /usr/bin/python3 -B "$0"', path])
        self.assertEqual(done.status, 0, str(done))
        return done.out.splitlines()

    def test_peers_keep_their_addresses(self):
        said = self.inner(
            "ip link set lo up; ip addr add 203.0.113.9/32 dev lo; ip addr add 10.0.2.7/32 dev lo;"
            "ip addr add 2001:db8::9/128 dev lo nodad",
            "for host, peer in (('0.0.0.0', '203.0.113.9'), ('0.0.0.0', '127.0.0.1'), ('0.0.0.0', '10.0.2.7'),\n"
            "                   ('::', '2001:db8::9'), ('::', '::1')):\n"
            "  print(fetch(daemon.publish('tcp', 7000, host), peer))\n"
            "print(relayed())\n"
            "finish()\n")
        self.assertEqual(said, ["203.0.113.9", GATEWAY, GATEWAY, "2001:db8::9", GATEWAY6, "5"])

    def test_where_the_kernel_refuses_it_ports_lead_inside_as_packets(self):
        said = self.inner(
            "ip link set lo up; ip addr add 203.0.113.9/32 dev lo;"
            "mount --bind /proc/sys /proc/sys; mount -o remount,bind,ro /proc/sys",
            "for peer in ('203.0.113.9', '127.0.0.1'):\n"
            "  print(fetch(daemon.publish('tcp', 7000, '0.0.0.0'), peer))\n"
            "print(relayed())\n"
            "finish()\n")
        self.assertEqual(said, ["203.0.113.9", GATEWAY, "0"])


INNER = f"""
import os, sys
sys.path.insert(0, os.environ["TOP"] + "/tests/support")
from net_guest import *
guest = Guest()
daemon = Daemon(guest, "--enable-ipv6")
server = guest.background({TELL_PEER!r})
def fetch(port, address):
  with socket.create_connection((address, port), timeout=60, source_address=(address, 0)) as client:
    return client.makefile().read()
def relayed():
  return daemon.ask({{"execute": "get_statistics"}})["return"]["published"]["connections"]
def finish():
  server.kill(); server.wait()
  assert daemon.close() == (0, ""), "it has something to say"
  guest.close()
"""

if __name__ == "__main__":
    main()
