# SPDX-License-Identifier: Apache-2.0
"""Published ports of a network guest, and the control socket that publishes them."""
import os
import socket
import sys
import time

sys.path.insert(0, os.environ["TOP"] + "/tests/support")

from harness import PATIENCE, main
from net_guest import GATEWAY, GATEWAY6, GUEST, NetTest

# Says to each peer which address it has, until its input ends.
TCP_SERVER = """
s = socket.create_server(('::', 7000), family=socket.AF_INET6, dualstack_ipv6=True)
print('ready')
while True:
  c, peer = s.accept()
  c.sendall(peer[0].encode()); c.close()
"""
UDP_SERVER = """
s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
s.bind(('::', 7000))
print('ready')
while True:
  data, peer = s.recvfrom(65536)
  s.sendto(peer[0].encode(), peer)
"""


def unmapped(text):
    return text.removeprefix("::ffff:")


class Ports(NetTest):
    options = ("--enable-ipv6",)

    def serve(self, code):
        server = self.guest.background(code)
        self.addCleanup(lambda: (server.kill(), server.wait(), server.stdin.close(), server.stdout.close()))

    def tcp_peer(self, port, address="127.0.0.1"):
        with socket.create_connection((address, port), timeout=PATIENCE) as client:
            return unmapped(client.makefile().read())

    def udp_peer(self, port, address="127.0.0.1"):
        with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.settimeout(PATIENCE)
            client.connect((address, port))
            client.send(b"who am I?")
            return unmapped(client.recv(100).decode())

    def test_a_peer_on_the_host_is_the_gateway_and_never_loopback(self):
        self.serve(TCP_SERVER)
        self.assertEqual(self.tcp_peer(self.daemon.publish("tcp", 7000)), GATEWAY)
        self.assertEqual(self.tcp_peer(self.daemon.publish("tcp", 7000, "0.0.0.0")), GATEWAY)

    def test_ports_of_ipv6_are_published(self):
        self.serve(TCP_SERVER)
        self.assertEqual(self.tcp_peer(self.daemon.publish("tcp", 7000, "::1"), "::1"), GATEWAY6)

    def test_ports_of_udp_are_published(self):
        self.serve(UDP_SERVER)
        self.assertEqual(self.udp_peer(self.daemon.publish("udp", 7000)), GATEWAY)

    def test_ports_are_listed_and_taken_away(self):
        port = self.daemon.publish("tcp", 7000)
        entry = {"id": 1, "proto": "tcp", "host_addr": "127.0.0.1", "host_port": port, "guest_addr": GUEST,
                 "guest_port": 7000}
        self.assertEqual(self.daemon.listed(), [entry])
        removal = {"execute": "remove_hostfwd", "arguments": {"id": 1}}
        self.assertEqual(self.daemon.ask(removal), {"return": {}})
        self.assertEqual(self.daemon.listed(), [])
        with self.assertRaises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port))
        self.assertIn("bad arguments.id", self.daemon.ask(removal)["error"]["desc"])

    def test_a_port_that_is_taken_is_said_to_be(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            reply = self.daemon.ask({"execute": "add_hostfwd", "arguments": {
                "proto": "tcp", "host_addr": "127.0.0.1", "host_port": port, "guest_port": 1}})
        self.assertIn(f"port {port}", reply["error"]["desc"])
        self.assertIn("stop what listens there", reply["error"]["desc"])

    def test_silent_and_garbage_clients_stall_nothing(self):
        silent = [socket.socket(socket.AF_UNIX) for _ in range(8)]
        for client in silent:
            client.connect(self.daemon.api)
            client.send(b'{"execute": ')
            self.addCleanup(client.close)
        self.serve(TCP_SERVER)
        self.assertEqual(self.tcp_peer(self.daemon.publish("tcp", 7000)), GATEWAY)
        for text in ("", "{", "\0\xff", "[" * 4000, "{}", '{"execute": {}}'):
            self.assertIn("error", self.daemon.ask_text(text), text)
        self.assertEqual(self.daemon.ask_text("x" * 4096)["error"]["desc"], "bad request: too large message")

    def test_more_silent_clients_than_there_is_room_for_keep_nobody_out(self):
        silent = [socket.socket(socket.AF_UNIX) for _ in range(64)]
        for client in silent:
            client.connect(self.daemon.api)
            self.addCleanup(client.close)
        begin = time.monotonic()
        self.assertEqual(self.daemon.listed(), [])
        self.assertLess(time.monotonic() - begin, 4.5)  # of the five seconds that one has

    def test_a_request_needs_no_end_where_it_is_whole(self):
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(PATIENCE)
            client.connect(self.daemon.api)
            client.sendall(b'{"execute": "list_host')
            client.sendall(b'fwd"}')
            self.assertEqual(client.makefile().read(), '{"return":{"entries":[]},"entries":[]}')


class PortsOfAHostThatIsBlocked(Ports):
    """Who is not to be reached may be answered."""

    options = ("--enable-ipv6", "--disable-host-loopback")


if __name__ == "__main__":
    main()
