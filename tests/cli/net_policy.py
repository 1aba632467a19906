# SPDX-License-Identifier: Apache-2.0
"""--allow, --deny and --offline hold for addresses, ports and names, and what is blocked is told."""
import glob
import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.environ["TOP"] + "/tests/support")

from harness import TMP, main, run, wait_for
from net_guest import GATEWAY, Daemon, Guest, NET, serving

WOLFFIA = os.environ["WOLFFIA"]
# Prints what came, or "blocked" where that is the answer.
TRY = """
import errno
with socket.socket() as s:
  s.settimeout(20)
  try:
    s.connect((sys.argv[1], int(sys.argv[2])))
    print(s.recv(100).decode())
  except OSError as error:
    print('blocked' if error.errno == errno.EHOSTUNREACH else error)
"""
REACHED, BLOCKED = "reached", "blocked"


class Rules(unittest.TestCase):
    def setUp(self):
        self.guest = Guest()
        self.addCleanup(self.guest.close)

    def tries(self, options, ports, wanted):
        """What the guest sees at ports of the host under these options; what the daemon said."""
        daemon = Daemon(self.guest, *options)
        self.assertEqual(daemon.ready, b"1")
        for port, word in zip(ports, wanted):
            with self.subTest(f"{options} {port}"):
                said = self.guest.python(TRY, GATEWAY, port)
                self.assertEqual(said, word)
        status, said = daemon.close()
        self.assertEqual(status, 0)
        return said

    def test_ports_are_opened_and_closed_one_by_one(self):
        reply = lambda request: request.request.sendall(b"reached")
        with serving(reply) as first, serving(reply) as second:
            ports = (first, second)
            one = f"{GATEWAY}:{first}"
            self.assertEqual(self.tries((), ports, (REACHED, REACHED)), "")
            for options, wanted, why in (
                    (("--disable-host-loopback", "--allow", one), (REACHED, BLOCKED), "--disable-host-loopback"),
                    (("--deny", one), (BLOCKED, REACHED), f"--deny {one}"),
                    (("--deny", "*", "--allow", f"{one}/tcp"), (REACHED, BLOCKED), '--deny "*"'),
                    (("--allow", one, "--deny", "*"), (BLOCKED, BLOCKED), '--deny "*"'),
                    (("--allow", f"{one}/udp", "--offline"), (BLOCKED, BLOCKED), "--offline")):
                said = self.tries(options, ports, wanted).splitlines()
                expected = [f"wolffia-net: blocked tcp to {GATEWAY}:{port}: {why}"
                            for port, word in zip(ports, wanted) if word == BLOCKED]
                self.assertEqual(said, expected)

    def test_decisions_go_where_log_says(self):
        log = os.path.join(TMP, "decisions")
        with serving(lambda request: None) as port:
            self.assertEqual(self.tries(("--offline", "--log", log), (port,), (BLOCKED,)), "")
        with open(log, encoding="ascii") as file:
            self.assertRegex(file.read(), rf"^20\d\d-\S+Z blocked tcp to {GATEWAY}:{port}: --offline\n$")

    def test_a_wrong_rule_is_named_before_anything_is_made(self):
        for words, wanted in ((("--deny", "10.0.0/8"), "--deny 10.0.0/8 must be an address"),
                              (("--allow", "x:0"), "--allow x:0 must have a port"),
                              (("--log", TMP + "/missing/file", "--offline", "-c"), f"--log {TMP}/missing/file: ")):
            done = run([NET, *words, str(self.guest.pid), "tap0"])
            self.assertEqual((done.status, done.out, len(done.err.splitlines())), (1, "", 1), str(done))
            self.assertIn(wanted, done.err)


class Names(unittest.TestCase):
    """Port 53 of the host is another's, so the daemon and its name server have a network of their own."""

    def reached(self, *options, over="udp", server="127.0.0.1"):
        script = os.path.join(TMP, "inner.py")
        with open(os.path.join(TMP, "resolv.conf"), "w", encoding="ascii") as file:
            file.write(f"nameserver {server}\n")
        with open(script, "w", encoding="utf-8") as file:
            file.write(INNER)
        done = run(["unshare", "-rnm", "/usr/bin/python3", "-B", script, over, *options])
        self.assertEqual(done.status, 0, str(done))
        return done.out.splitlines()

    def test_a_name_is_what_the_name_server_says(self):
        for over in ("udp", "tcp"):
            with self.subTest(over):
                said = self.reached("--offline", "--allow", "Example.ORG", "--allow", "*.example.net", over=over)
                self.assertEqual(said[:6], ["192.0.2.1 blocked", "example.org 192.0.2.1", "192.0.2.1 reached",
                                            "example.net 192.0.2.2", "192.0.2.2 blocked", "www.example.net 192.0.2.3"])
                self.assertEqual(said[6], "192.0.2.3 reached")
                self.assertIn("wolffia-net: example.org is 192.0.2.1", said)

    def test_names_are_learnt_from_servers_of_the_command_line_too(self):
        said = self.reached("--offline", "--allow", "example.org", "--dns", "127.0.0.1", server="127.0.0.9")
        self.assertEqual(said[:3], ["192.0.2.1 blocked", "example.org 192.0.2.1", "192.0.2.1 reached"])

    def test_a_name_that_is_denied_is_not_reached(self):
        said = self.reached("--deny", "example.org")
        self.assertEqual(said[:7], ["192.0.2.1 reached", "example.org 192.0.2.1", "192.0.2.1 blocked",
                                    "example.net 192.0.2.2", "192.0.2.2 reached", "www.example.net 192.0.2.3",
                                    "192.0.2.3 reached"])

    def test_a_name_does_not_open_the_host(self):
        said = self.reached("--disable-host-loopback", "--allow", "example.org", "--allow", "*.example.net")
        self.assertEqual([line for line in said if line.endswith("reached")], [])


INNER = f"""
import os, socketserver, subprocess, sys
sys.path.insert(0, os.environ["TOP"] + "/tests/support")
from net_guest import *
import dns
NAMES = {{"example.org": "192.0.2.1", "example.net": "192.0.2.2", "www.example.net": "192.0.2.3"}}
subprocess.run(["mount", "--bind", os.environ["TMP"] + "/resolv.conf", "/etc/resolv.conf"], check=True)
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
for address in NAMES.values():
    subprocess.run(["ip", "addr", "add", address + "/32", "dev", "lo"], check=True)
def answer(request):
    data, server = request.request
    server.sendto(dns.answer(data, NAMES.get(dns.asked(data))), request.client_address)
def answer_stream(request):
    data = request.request.recv(512)[2:]
    said = dns.answer(data, NAMES.get(dns.asked(data)))
    for part in (bytes([0]), bytes([len(said)]) + said[:20], said[20:]):
        request.request.sendall(part)
class StreamServer(socketserver.ThreadingTCPServer):
    daemon_threads = allow_reuse_address = True
stream_server = StreamServer(("127.0.0.1", 53), type("S", (socketserver.BaseRequestHandler,), {{"handle": answer_stream}}))
threading.Thread(target=stream_server.serve_forever, daemon=True).start()
class Server(socketserver.ThreadingUDPServer):
    daemon_threads = True
server = Server(("127.0.0.1", 53), type("H", (socketserver.BaseRequestHandler,), {{"handle": answer}}))
threading.Thread(target=server.serve_forever, daemon=True).start()
guest = Guest()
over_tcp = sys.argv.pop(1) == "tcp"
daemon = Daemon(guest, *sys.argv[1:])
ASK = '''
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
  s.settimeout(20)
  s.connect((sys.argv[1], 53))
  s.send(bytes.fromhex(sys.argv[2]))
  print(socket.inet_ntoa(s.recv(512)[-4:]))
'''
ASK_STREAM = '''
with socket.create_connection((sys.argv[1], 53), timeout=20) as s:
  data = bytes.fromhex(sys.argv[2])
  s.sendall(bytes([0, len(data)]) + data)
  print(socket.inet_ntoa(s.makefile('rb').read()[-4:]))
'''
def look_up(name):
    print(name, guest.python(ASK_STREAM if over_tcp else ASK, NAMESERVER, dns.question(name).hex()))
def attempt(address):
    with serving(lambda request: request.request.sendall(b"reached"), address) as port:
        word = guest.python({TRY!r}, address, port)
        print(address, word)
attempt("192.0.2.1")
for name, address in NAMES.items():
    look_up(name)
    attempt(address)
print(daemon.close()[1])
guest.close()
"""


class Containers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        os.environ["WOLFFIA_STORE"] = TMP + "/store"
        subprocess.run(["sh", "-c", '. "$TOP/tests/support/lib.sh"; make_image'], check=True, stdout=subprocess.DEVNULL)

    def test_what_a_container_may_not_reach_is_in_its_log(self):
        done = run([WOLFFIA, "run", "-d", "--name", "box", "--deny", "192.0.2.0/24", "test", "sh", "-c",
                    "nc -w 1 192.0.2.7 9; exec sleep 1000"])
        self.assertEqual(done.status, 0, str(done))
        self.addCleanup(run, [WOLFFIA, "rm", "-f", "box"])
        wanted = "blocked tcp to 192.0.2.7:9: --deny 192.0.2.0/24"

        def told():
            for path in glob.glob(TMP + "/store/containers/*/network.log"):
                with open(path, encoding="ascii") as log:
                    if wanted in log.read():
                        return True
            return False

        self.assertTrue(wait_for(told))

    def test_rules_need_a_network_to_hold_for(self):
        for words, wanted in ((("--net", "host", "--deny", "10.0.0.0/8"), "--deny 10.0.0.0/8 needs --net slirp"),
                              (("--net", "none", "--offline"), "--offline needs --net slirp"),
                              (("--allow", "10.1.0.0/8"), "--allow 10.1.0.0/8 is not the first address")):
            done = run([WOLFFIA, "run", "--rm", *words, "test", "true"])
            self.assertEqual((done.status, done.out, len(done.err.splitlines())), (125, "", 1), str(done))
            self.assertIn(wanted, done.err)

    def test_explain_tells_of_them(self):
        done = run([WOLFFIA, "explain", "--offline", "--allow", "example.org:443", "test"])
        self.assertEqual(done.status, 0, str(done))
        self.assertRegex(done.out, r"network +--offline +only name servers, and what is allowed\n")
        self.assertRegex(done.out, r"network +--allow +reached: example.org:443\n")


if __name__ == "__main__":
    main()
