# SPDX-License-Identifier: Apache-2.0
"""Datagrams of a network guest have a socket of the host for each peer: who is heard, who is answered, and from where."""
# run: plain
import os
import socket
import socketserver
import sys
import threading
import unittest

sys.path.insert(0, os.environ["TOP"] + "/tests/support")

from harness import PATIENCE, main
from net_guest import GATEWAY, GATEWAY6, Daemon, Guest, serving
from net_host import HOST, HOST6, NO_WAY, NOT_THERE, enter_host, make_host

enter_host()

# Answers each peer with the address and port that it has, until its input ends.
SERVER = """
s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
s.bind(('::', 7000))
print('ready')
while True:
  data, peer = s.recvfrom(65536)
  s.sendto(f"{peer[0].removeprefix('::ffff:')} {peer[1]}".encode(), peer)
"""


def setUpModule():
    make_host()


def tell_peer(request):
    data, server = request.request
    server.sendto(f"{request.client_address[1]} {data.decode()}".encode(), request.client_address)


class Datagrams(unittest.TestCase):
    options = ("--enable-ipv6",)

    def setUp(self):
        self.guest = Guest()
        self.addCleanup(self.guest.close)
        self.daemon = Daemon(self.guest, *self.options)
        self.addCleanup(lambda: self.assertEqual(self.daemon.close(), (0, "")))
        self.assertEqual(self.daemon.ready, b"1")

    def serve(self):
        server = self.guest.background(SERVER)
        self.addCleanup(lambda: (server.kill(), server.wait(), server.stdin.close(), server.stdout.close()))

    def peer(self, port, address, bound):
        """What the guest's server says of a client, and what its port is."""
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as client:
            client.settimeout(PATIENCE)
            client.bind((bound, 0))
            client.connect((address, port))  # so an answer from elsewhere is not heard
            client.send(b"?")
            return client.recv(100).decode(), client.getsockname()[1]

    def test_peers_of_a_published_port_keep_their_addresses(self):
        self.serve()
        for host, address, bound, wanted in (("0.0.0.0", HOST, HOST, HOST), ("0.0.0.0", "127.0.0.1", HOST, HOST),
                                             ("0.0.0.0", "127.0.0.1", "127.0.0.1", GATEWAY), (HOST, HOST, HOST, HOST),
                                             ("::", HOST6, HOST6, HOST6), ("::1", "::1", "::1", GATEWAY6)):
            with self.subTest(f"{host} {address} {bound}"):
                port = self.daemon.publish("udp", 7000, host)
                said, own = self.peer(port, address, bound)
                self.assertEqual(said, f"{wanted} {own}")

    def test_those_sent_at_once_arrive_one_by_one_in_their_order(self):
        sizes = [1000] * 12 + [400] + [1000] * 3 + [1, 0, 0, 1, 1200, 1200, 1300, 9000, 9000, 60000, 2]
        for address in (HOST, HOST6):
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            with self.subTest(address), socket.socket(family, socket.SOCK_DGRAM) as server:
                server.settimeout(PATIENCE)
                server.bind((address, 0))
                sending = threading.Thread(target=self.guest.python, args=(
                    "with socket.socket(socket.AF_INET6 if ':' in sys.argv[1] else socket.AF_INET, socket.SOCK_DGRAM) as s:\n"
                    "  s.connect((sys.argv[1], int(sys.argv[2])))\n"
                    "  s.send(b'?')\n  s.recv(1)\n"  # the kernel looks for the gateway, and may mix up what waits for it
                    f"  for i, size in enumerate({sizes}): s.send(bytes([i]) * size)", address, server.getsockname()[1]))
                sending.start()
                self.addCleanup(sending.join)
                server.sendto(b"!", server.recvfrom(1)[1])
                heard = [server.recv(65536) for _ in sizes]
                self.assertEqual(heard, [bytes([i]) * size for i, size in enumerate(sizes)])

    def test_peers_that_look_alike_are_told_apart(self):
        self.serve()
        port = self.daemon.publish("udp", 7000)
        clients = []
        for address in ("127.0.0.1", "127.0.0.2"):
            client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.addCleanup(client.close)
            client.settimeout(PATIENCE)
            client.bind((address, clients[0].getsockname()[1] if clients else 0))
            client.connect(("127.0.0.1", port))
            clients.append(client)
        said = []
        for _ in range(2):
            for client in clients:
                client.send(b"?")
                said.append(client.recv(100).decode())
        own = clients[0].getsockname()[1]
        self.assertEqual(said, [f"{GATEWAY} {own}", f"{GATEWAY} {own % 65535 + 1}"] * 2)

    def test_a_port_that_is_taken_is_said_to_be_and_one_taken_away_is_free(self):
        port = self.daemon.publish("udp", 7000)
        request = {"execute": "add_hostfwd", "arguments": {"proto": "udp", "host_addr": "127.0.0.1", "host_port": port,
                                                           "guest_port": 7000}}
        self.assertIn("stop what listens there", self.daemon.ask(request)["error"]["desc"])
        self.assertEqual(self.daemon.ask({"execute": "remove_hostfwd", "arguments": {"id": 1}}), {"return": {}})
        self.assertIn("return", self.retried(request))

    def retried(self, request):
        """The process that has the port learns of its end by itself."""
        for _ in range(1000):
            reply = self.daemon.ask(request)
            if "return" in reply:
                return reply
        return reply


class Outbound(Datagrams):
    """What the guest sends, where it may."""

    def test_one_socket_talks_to_several_from_one_port(self):
        with serving(tell_peer, HOST, socketserver.ThreadingUDPServer) as one, \
                serving(tell_peer, HOST, socketserver.ThreadingUDPServer) as other:
            said = self.guest.python(
                "said = []\n"
                "with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:\n"
                "  s.settimeout(20)\n"
                "  for word in ('a', 'b', 'c', 'd'):\n"
                "    port = int(sys.argv[2 + len(said) % 2])\n"
                "    s.sendto(word.encode(), (sys.argv[1], port))\n"
                "    data, peer = s.recvfrom(100)\n"
                "    assert peer == (sys.argv[1], port), peer\n"
                "    said.append(data.decode())\n"
                "print(*said)", HOST, one, other)
        port = said.split()[0]
        self.assertEqual(said, f"{port} a {port} b {port} c {port} d")

    def test_what_is_not_reached_is_said_to_be_so(self):
        for address, wanted in ((HOST, "ECONNREFUSED"), (HOST6, "ECONNREFUSED"), (NOT_THERE, "EHOSTUNREACH"),
                                (NO_WAY, "ENETUNREACH")):
            with self.subTest(address):
                said = self.guest.python(
                    "import errno\n"
                    "with socket.socket(socket.AF_INET6 if ':' in sys.argv[1] else socket.AF_INET, socket.SOCK_DGRAM) as s:\n"
                    "  s.settimeout(20)\n"
                    "  if ':' not in sys.argv[1]: s.setsockopt(socket.IPPROTO_IP, 11, 1)  # IP_RECVERR: ip(7)\n"
                    "  s.connect((sys.argv[1], 9))\n"
                    "  try:\n"
                    "    s.send(b'.'); s.recv(1)\n"
                    "  except OSError as error:\n"
                    "    print(errno.errorcode[error.errno])", address)
                self.assertEqual(said, wanted)


class WhereTheHostIsBlocked(Outbound):
    """Another process connects; who has written first is answered all the same."""

    options = ("--enable-ipv6", "--disable-host-loopback", f"--allow={HOST}", f"--allow={HOST6}")


if __name__ == "__main__":
    main()
