# SPDX-License-Identifier: Apache-2.0
# CVE-2019-14378, CVE-2020-1983
"""Datagrams of 8,000 bytes at an MTU of 1500, as fast as a guest can, do not end the network daemon: slirp4netns 1.2.0
dies of the fragments that they are in."""
import os
import socketserver
import sys
import unittest

sys.path.insert(0, os.environ["TOP"] + "/tests/support")

from harness import main
from net_guest import GATEWAY, NetTest, serving

# Several at once, so that fragments of one datagram come between those of another.
FLOOD = """
import threading
sent = []
def flood():
  with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
    s.connect((sys.argv[1], int(sys.argv[2])))
    for _ in range(15000):
      try:
        sent.append(s.send(bytes(8000)))
      except ConnectionRefusedError:
        pass
threads = [threading.Thread(target=flood) for _ in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(len(sent))
"""
ALIVE = "print(socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=20).makefile().read())"


class LargeDatagrams(NetTest):
    options = ("--mtu=1500",)

    def test_those_in_fragments_end_nothing(self):
        with serving(lambda it: None, kind=socketserver.ThreadingUDPServer) as udp, \
                serving(lambda it: it.request.sendall(b"alive")) as tcp:
            self.assertEqual(self.guest.python(FLOOD, GATEWAY, udp), "60000")
            self.assertEqual(self.guest.python(ALIVE, GATEWAY, tcp), "alive")


if __name__ == "__main__":
    main()
