# SPDX-License-Identifier: Apache-2.0
"""The name server of a network guest is that of the host, at one port, also where the host itself is blocked."""
import os
import sys
import unittest

sys.path.insert(0, os.environ["TOP"] + "/tests/support")

from harness import TMP, main, run

ASK = """
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
  s.settimeout(float(sys.argv[3]))
  s.connect((sys.argv[1], int(sys.argv[2])))
  s.send(b'question')
  try:
    print(s.recv(100).decode())
  except OSError:  # no answer, or that it is not to be reached
    print('nothing')
"""


class Dns(unittest.TestCase):
    """Port 53 of the host is another's, so the daemon and its name server have a network of their own."""

    def serve(self, *options):
        """What a guest is told at port 53, and at another of the same server."""
        script = os.path.join(TMP, "inner.py")
        with open(os.path.join(TMP, "resolv.conf"), "w", encoding="ascii") as file:
            file.write("# of the test\nnameserver 127.0.0.1\n")
        with open(script, "w", encoding="utf-8") as file:
            file.write(INNER)
        done = run(["unshare", "-rnm", "/usr/bin/python3", "-B", script, *options])
        self.assertEqual(done.status, 0, str(done))
        return done.out.split("\n")[:2]

    def test_is_asked_at_its_port_alone(self):
        self.assertEqual(self.serve(), ["answer to question", "nothing"])

    def test_is_asked_where_the_host_is_blocked(self):
        self.assertEqual(self.serve("--disable-host-loopback"), ["answer to question", "nothing"])

    def test_is_not_there_where_it_is_switched_off(self):
        self.assertEqual(self.serve("--disable-dns"), ["nothing", "nothing"])


INNER = f"""
import os, socketserver, subprocess, sys
sys.path.insert(0, os.environ["TOP"] + "/tests/support")
from net_guest import *
subprocess.run(["mount", "--bind", os.environ["TMP"] + "/resolv.conf", "/etc/resolv.conf"], check=True)
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
def answer(request):
    data, server = request.request
    server.sendto(b"answer to " + data, request.client_address)
class Server(socketserver.ThreadingUDPServer):
    daemon_threads = True
servers = [Server(("127.0.0.1", port), type("H", (socketserver.BaseRequestHandler,), {{"handle": answer}}))
           for port in (53, 5300)]
for server in servers:
    threading.Thread(target=server.serve_forever, daemon=True).start()
guest = Guest()
daemon = Daemon(guest, *sys.argv[1:])
for port, patience in ((53, 0.5 if "--disable-dns" in sys.argv else 20), (5300, 0.5)):
    print(guest.python({ASK!r}, NAMESERVER, port, patience))
print(daemon.close())
guest.close()
"""

if __name__ == "__main__":
    main()
