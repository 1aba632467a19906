# SPDX-License-Identifier: Apache-2.0
"""Datagrams and echo requests of a network guest: every size that UDP has passes, in fragments where it must."""
import os
import socketserver
import sys

sys.path.insert(0, os.environ["TOP"] + "/tests/support")

from harness import main
from net_guest import GATEWAY, GATEWAY6, NetTest, serving

LARGEST = 65507  # 65,535 without the headers of IPv4 and UDP

# Sends datagrams of the sizes given, and prints those that come back whole.
TALK = """
family = socket.AF_INET6 if ':' in sys.argv[1] else socket.AF_INET
good = []
with socket.socket(family, socket.SOCK_DGRAM) as s:
  s.settimeout(10)
  s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
  s.connect((sys.argv[1], int(sys.argv[2])))
  for size in map(int, sys.argv[3:]):
    data = bytes(i * 7 & 255 for i in range(size))
    s.send(data)
    if s.recv(65536) == data: good.append(size)
print(*good)
"""


def echo(request):
    data, server = request.request
    server.sendto(data, request.client_address)


class Udp(NetTest):
    options = ("--enable-ipv6",)

    def test_datagrams_of_every_size_come_and_go(self):
        sizes = (0, 1, 1471, 1472, 1473, 2000, 8000, 16384, 40001, 65506, LARGEST)
        with serving(echo, kind=socketserver.ThreadingUDPServer) as port:
            said = self.guest.python(TALK, GATEWAY, port, *sizes[1:])
        self.assertEqual(said, " ".join(map(str, sizes[1:])))

    def test_datagrams_of_ipv6_come_and_go(self):
        sizes = (1, 1452)
        with serving(echo, "::1", socketserver.ThreadingUDPServer) as port:
            said = self.guest.python(TALK, GATEWAY6, port, *sizes)
        self.assertEqual(said, " ".join(map(str, sizes)))

    def test_the_gateway_answers_echo_requests(self):
        said = self.guest.python(
            "s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)\n"
            "s.settimeout(10)\n"
            "s.sendto(bytes([8, 0, 0xf7, 0xfd, 0, 1, 0, 1]), (sys.argv[1], 0))\n"
            "print(s.recv(100)[20])", GATEWAY)
        self.assertEqual(said, "0")  # an echo reply


if __name__ == "__main__":
    main()
