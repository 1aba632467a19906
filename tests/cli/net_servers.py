# SPDX-License-Identifier: Apache-2.0
"""A guest's questions reach a name server that answers, also one that the host learns of later."""
import os
import sys
import unittest

sys.path.insert(0, os.environ["TOP"] + "/tests/support")

from harness import TMP, main, run
from net_guest import NAMESERVER

NAMESERVER6 = "fd00::3"
SILENT, ANSWERS = "nameserver 127.0.0.2\n", "nameserver 127.0.0.1\n"


class Servers(unittest.TestCase):
    """Port 53 of the host and its /etc are others', so the daemon has a network and an /etc of its own."""

    def asked(self, before, change="pass", options=(), server=NAMESERVER):
        """What a guest is told that goes on asking, where `change` is done after its first question."""
        self.etc = os.path.join(TMP, "etc." + self.id().rsplit(".", 1)[-1])
        os.mkdir(self.etc)
        with open(self.etc + "/resolv.conf", "w", encoding="ascii") as file:
            file.write(before)
        script = os.path.join(TMP, "inner.py")
        with open(script, "w", encoding="utf-8") as file:
            file.write(INNER)
        done = run(["unshare", "-rnm", "/usr/bin/python3", "-B", script, self.etc, change, server, *options])
        self.assertEqual(done.status, 0, str(done))
        return done.out

    def test_one_that_does_not_answer_gives_way(self):
        self.assertEqual(self.asked(SILENT + ANSWERS), "answer\n(0, '')\n")

    def test_a_file_put_in_place_of_another_is_followed(self):
        change = f'write("new", {ANSWERS!r}); os.rename(etc + "/new", etc + "/resolv.conf")'
        self.assertEqual(self.asked(SILENT, change), "answer\n(0, '')\n")

    def test_a_file_written_to_is_followed(self):
        self.assertEqual(self.asked(SILENT, f'write("resolv.conf", {ANSWERS!r})'), "answer\n(0, '')\n")

    def test_those_of_the_command_line_count_alone(self):
        change = f'write("resolv.conf", "nameserver 127.0.0.3\\n")'
        options = ("--dns=127.0.0.2", "--dns", "127.0.0.1")
        self.assertEqual(self.asked("nameserver 127.0.0.3\n", change, options), "answer\n(0, '')\n")

    def test_one_of_ipv6_is_asked_at_the_address_for_those(self):
        options = ("--enable-ipv6", "--disable-host-loopback", "--dns=127.0.0.2", "--dns=::1")
        self.assertEqual(self.asked("", "pass", options, NAMESERVER6), "answer\n(0, '')\n")

    def test_a_link_is_followed_to_its_folder(self):
        change = ('os.mkdir(etc + "/run"); write("run/conf", "nameserver 127.0.0.3\\n"); os.symlink("run/conf", etc + "/new"); '
                  'os.rename(etc + "/new", etc + "/resolv.conf"); '
                  f'write("run/new", {ANSWERS!r}); os.rename(etc + "/run/new", etc + "/run/conf")')
        self.assertEqual(self.asked(SILENT, change), "answer\n(0, '')\n")


INNER = """
import os, socketserver, subprocess, sys
sys.path.insert(0, os.environ["TOP"] + "/tests/support")
from net_guest import *
etc = sys.argv[1]
def write(name, text):
    with open(os.path.join(etc, name), "w", encoding="ascii") as file:
        file.write(text)
subprocess.run(["mount", "--bind", etc, "/etc"], check=True)
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
def answer(request):
    request.request[1].sendto(b"answer", request.client_address)
class Server(socketserver.ThreadingUDPServer):
    daemon_threads = True
class Server6(Server):
    address_family = socket.AF_INET6
handler = type("H", (socketserver.BaseRequestHandler,), {"handle": answer})
for server in (Server(("127.0.0.1", 53), handler), Server6(("::1", 53), handler)):
    threading.Thread(target=server.serve_forever, daemon=True).start()
# Who does not answer has the port, or the guest would be told at once that nobody is there.
silent = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)]
for number, it in enumerate(silent):
    it.bind((f"127.0.0.{2 + number}", 53))
guest = Guest()
daemon = Daemon(guest, *sys.argv[4:])
ASKS = '''
import time
with socket.socket(socket.AF_INET6 if ':' in sys.argv[1] else socket.AF_INET, socket.SOCK_DGRAM) as s:
  s.settimeout(0.2)
  s.connect((sys.argv[1], 53))
  end = time.monotonic() + 20
  s.send(b'question')
  print('ready')
  while time.monotonic() < end:
    try:
      print(s.recv(100).decode())
      break
    except TimeoutError:
      s.send(b'question')
'''
asking = guest.background(ASKS, sys.argv[3])
if sys.argv[3] == NAMESERVER:
    silent[0].recv(100)
exec(sys.argv[2])
print(asking.communicate()[0], end="")
print(daemon.close())
guest.close()
"""

if __name__ == "__main__":
    main()
