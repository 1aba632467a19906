# SPDX-License-Identifier: Apache-2.0
"""--disable-host-loopback holds against every address of the host, and for TCP and UDP."""
import os
import socket
import socketserver
import subprocess
import json
import sys

sys.path.insert(0, os.environ["TOP"] + "/tests/support")

from harness import main
from net_guest import GATEWAY, GATEWAY6, NetTest, serving

# Prints what came, or "blocked" where that is the answer. Source: icmp(7), icmpv6_err_convert() in net/ipv6/icmp.c.
TRY = """
import errno
family = socket.AF_INET6 if ':' in sys.argv[1] else socket.AF_INET
kind = socket.SOCK_DGRAM if sys.argv[3] == 'udp' else socket.SOCK_STREAM
with socket.socket(family, kind) as s:
  s.settimeout(20)
  try:
    s.connect((sys.argv[1], int(sys.argv[2])))
    s.send(b'hello')
    print(s.recv(100).decode())
  except OSError as error:
    print('blocked' if error.errno == (errno.EACCES if ':' in sys.argv[1] else errno.EHOSTUNREACH) else error)
"""

def addresses_of_host():
    links = json.loads(subprocess.run(["ip", "-j", "addr"], stdout=subprocess.PIPE, check=True).stdout)
    return [it["local"] for link in links for it in link["addr_info"]
            if it["scope"] == "global" and link["operstate"] != "DOWN"]


def reply_tcp(request):
    request.request.recv(100)
    request.request.sendall(b"reached")


def reply_udp(request):
    request.request[1].sendto(b"reached", request.client_address)


class Blocked(NetTest):
    options = ("--enable-ipv6", "--disable-host-loopback")
    expected = "blocked"

    def test_no_address_of_the_host_is_reached(self):
        for address in (GATEWAY, GATEWAY6, *addresses_of_host()):
            listens = "::" if ":" in address else "0.0.0.0"
            for word, reply, kind in (("tcp", reply_tcp, socketserver.ThreadingTCPServer),
                                      ("udp", reply_udp, socketserver.ThreadingUDPServer)):
                with self.subTest(f"{word} {address}"), serving(reply, listens, kind) as port:
                    said = self.guest.python(TRY, address, port, word)
                    self.assertEqual(said, self.expected)


class NotBlocked(Blocked):
    """The same without the option: what the test above sees is the option's doing."""

    options = ("--enable-ipv6",)
    expected = "reached"


if __name__ == "__main__":
    main()
