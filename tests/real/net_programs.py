# SPDX-License-Identifier: Apache-2.0
# timeout: 120
"""Programs that people use work through wolffia-net, in both directions: curl, nginx, iperf3, git, ssh, dnsmasq."""
import getpass
import hashlib
import json
import os
import socket
import subprocess
import sys
import unittest

sys.path.insert(0, os.environ["TOP"] + "/tests/support")

from harness import FULL, PATIENCE, TMP, main, run, wait_for
from net_guest import GATEWAY, GATEWAY6, NetTest, free_port, serving

SIZE = (200 if FULL else 20) << 20


def listens(port, address="127.0.0.1"):
    wanted = "".join(f"{int(part):02X}" for part in reversed(address.split("."))) + f":{port:04X}"
    with open("/proc/net/tcp", encoding="ascii") as table:
        return any(line.split()[1] in (wanted, f"00000000:{port:04X}") and line.split()[3] == "0A"
                   for line in list(table)[1:])


def digest_of(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Programs(NetTest):
    options = ("--mtu=65520",)

    def setUp(self):
        super().setUp()
        self.home = os.path.join(TMP, self.id().rsplit(".", 1)[-1])
        os.mkdir(self.home)

    def background(self, words, port):
        """A server of the host, until the test ends."""
        log = open(os.path.join(self.home, f"log.{port}"), "w", encoding="utf-8")
        process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.addCleanup(log.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        self.assertTrue(wait_for(lambda: process.poll() is not None or listens(port)), words)
        with open(log.name, encoding="utf-8") as said:
            self.assertIsNone(process.poll(), said.read())
        return process

    def inside(self, *words, **options):
        done = self.guest.run(*words, **options)
        self.assertEqual(done.status, 0, str(done))
        return done.out

    def nginx(self, root):
        port = free_port()
        conf = os.path.join(self.home, "nginx.conf")
        with open(conf, "w", encoding="ascii") as file:
            file.write(f"""daemon off; master_process off; pid {self.home}/pid; error_log {self.home}/errors;
events {{}}
http {{ access_log off; client_body_temp_path {self.home}/body; proxy_temp_path {self.home}/proxy; fastcgi_temp_path {self.home}/f;
uwsgi_temp_path {self.home}/u; scgi_temp_path {self.home}/s;
server {{ listen 127.0.0.1:{port}; root {root}; }} }}
""")
        self.background(["/usr/sbin/nginx", "-p", self.home, "-e", f"{self.home}/errors", "-c", conf], port)
        return port

    def test_curl_fetches_from_nginx_whole_and_in_parts(self):
        big = os.path.join(self.home, "big")
        with open(big, "wb") as file:
            file.write(os.urandom(1 << 20) * (SIZE >> 20))
        port = self.nginx(self.home)
        url = f"http://{GATEWAY}:{port}/big"
        copy = os.path.join(self.home, "copy")
        self.inside("curl", "-sSf", "-o", copy, url)
        self.assertEqual(digest_of(copy), digest_of(big))
        self.inside("curl", "-sSf", "-r", "0-9999", "-o", copy, url)
        self.inside("curl", "-sSf", "-C", "-", "-o", copy, url)
        self.assertEqual(digest_of(copy), digest_of(big))
        parts = [word for number in range(20) for word in ("-o", "/dev/null", f"{url}?{number}")]
        codes = self.inside("curl", "-sS", "-w", "%{http_code}\n", "-r", "0-99999", "--parallel", *parts)
        self.assertEqual(codes.split(), ["206"] * 20)
        self.assertEqual(self.inside("curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", url + ".not"), "404")

    def test_iperf3_measures_out_back_and_in_with_tcp_and_udp(self):
        for options in ((), ("-R",), ("-P", "4"), ("-u", "-l", "1400", "-b", "100M")):
            with self.subTest(options):
                port = free_port()
                server = self.background(["iperf3", "-s", "-1", "-B", "127.0.0.1", "-p", str(port)], port)
                said = self.inside("iperf3", "-J", "-c", GATEWAY, "-p", str(port), "-n", "8M", *options)
                result = json.loads(said)
                self.assertNotIn("error", result)
                self.assertGreaterEqual(result["end"].get("sum_sent", result["end"].get("sum"))["bytes"], 8 << 20)
                server.wait()

    def test_iperf3_measures_a_published_port(self):
        server = subprocess.Popen(self.guest.words("iperf3", "-s", "-1", "-p", "5201"), stdout=subprocess.DEVNULL)
        self.addCleanup(server.wait)
        self.addCleanup(server.kill)
        port = self.daemon.publish("tcp", 5201)
        words = ["iperf3", "-J", "-c", "127.0.0.1", "-p", str(port), "-n", "8M"]
        # It says in its JSON alone that the server does not listen yet.
        self.assertTrue(wait_for(lambda: "error" not in json.loads(run(words).out)))
        self.assertEqual(server.wait(PATIENCE), 0)

    def test_git_clones_over_http(self):
        source, copy = os.path.join(self.home, "source.git"), os.path.join(self.home, "copy")
        git = ["git", "-c", "user.name=n", "-c", "user.email=e@example.org", "-c", "init.defaultBranch=main"]
        work = os.path.join(self.home, "work")
        for words in ([*git, "init", "-q", work], [*git, "-C", work, "commit", "-q", "--allow-empty", "-m", "first"]):
            subprocess.run(words, check=True)
        for number in range(30):
            with open(os.path.join(work, f"file{number}"), "wb") as file:
                file.write(os.urandom(10000))
        for words in ([*git, "-C", work, "add", "."], [*git, "-C", work, "commit", "-q", "-m", "second"],
                      [*git, "clone", "-q", "--bare", work, source], [*git, "-C", source, "update-server-info"]):
            subprocess.run(words, check=True)
        port = self.nginx(self.home)
        self.inside("git", "clone", "-q", f"http://{GATEWAY}:{port}/source.git", copy)
        heads = [subprocess.run(["git", "-c", "safe.directory=*", "-C", where, "rev-parse", "HEAD"], check=True,
                                stdout=subprocess.PIPE).stdout for where in (work, copy)]
        self.assertEqual(*heads)

    def test_ssh_runs_programs_and_carries_bytes(self):
        for name in ("host", "user"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", f"{self.home}/{name}"], check=True)
        os.rename(f"{self.home}/user.pub", f"{self.home}/authorized")
        port = free_port()
        self.background(["/usr/sbin/sshd", "-D", "-e", "-f", "/dev/null", "-p", str(port), "-h", f"{self.home}/host",
                         "-o", "ListenAddress=127.0.0.1", "-o", f"AuthorizedKeysFile={self.home}/authorized",
                         "-o", "StrictModes=no", "-o", "PidFile=none", "-o", "UsePAM=no"], port)
        ssh = ["ssh", "-q", "-F", "/dev/null", "-p", str(port), "-i", f"{self.home}/user", "-o", "BatchMode=yes",
               "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", f"{getpass.getuser()}@{GATEWAY}"]
        self.assertEqual(self.inside(*ssh, "echo hello"), "hello\n")
        data = os.path.join(self.home, "data")
        with open(data, "wb") as file:
            file.write(os.urandom(4 << 20))
        with open(data, "rb") as file:
            said = self.inside(*ssh, "sha256sum", stdin=file)
        self.assertEqual(said.split()[0], digest_of(data))
        done = self.guest.run(*ssh, "exit 7")
        self.assertEqual(done.status, 7)


# Each asks with its number and is answered with it; says how many were.
SHORT = """
good = 0
for i in range(int(sys.argv[3])):
  with socket.create_connection((sys.argv[1], int(sys.argv[2]))) as s:
    s.sendall(b'%d' % i)
    good += s.recv(16) == b'%d' % i
print(good)
"""
IDLE = """
idle = [socket.create_connection((sys.argv[1], int(sys.argv[2]))) for _ in range(int(sys.argv[3]))]
good = 0
for turn in range(2):
  for i, s in enumerate(idle):
    s.sendall(b'%d' % i)
    good += s.recv(16) == b'%d' % i
print(good)
"""
# An echo request, for which the program is root enough inside; says where the answer is from.
ECHO = """
import struct
family, protocol, kind, back = ((socket.AF_INET6, socket.IPPROTO_ICMPV6, 128, 129) if ':' in sys.argv[1] else
                                (socket.AF_INET, socket.IPPROTO_ICMP, 8, 0))
s = socket.socket(family, socket.SOCK_RAW, protocol)
s.settimeout(20)
def message(sum): return struct.pack('>BBHHH', kind, 0, sum, 7, 1) + bytes(56)
total = sum(struct.unpack('>32H', message(0)))
while total >> 16: total = (total & 0xffff) + (total >> 16)
s.sendto(message(~total & 0xffff), (sys.argv[1], 0))
while True:
  data, peer = s.recvfrom(1000)
  if data[0 if family == socket.AF_INET6 else 20] == back: break
print(peer[0])
"""
CONNECT = """
s = socket.socket()
s.settimeout(float(sys.argv[3]))
try:
  s.connect((sys.argv[1], int(sys.argv[2])))
  print('connected')
except OSError as error:
  print(type(error).__name__)
"""


def echo(request):
    while part := request.request.recv(4096):
        request.request.sendall(part)


class Numbers(NetTest):
    """Many connections, and those that do not come about."""

    options = ("--enable-ipv6", "--mtu=65520")
    many = 10_000 if FULL else 1000
    idle = 1000 if FULL else 200

    def test_short_connections_are_all_answered(self):
        with serving(echo) as port:
            self.assertEqual(self.guest.python(SHORT, GATEWAY, port, self.many), str(self.many))

    def test_short_connections_to_a_published_port_are_all_answered(self):
        server = self.guest.background("import socketserver\n"
                                       "class Handler(socketserver.BaseRequestHandler):\n"
                                       "  def handle(self):\n"
                                       "    while part := self.request.recv(4096): self.request.sendall(part)\n"
                                       "class Server(socketserver.ThreadingTCPServer):\n"
                                       "  request_queue_size, daemon_threads = 1000, True\n"
                                       "with Server(('', 7000), Handler) as server:\n"
                                       "  print('ready')\n"
                                       "  server.serve_forever()")
        self.addCleanup(lambda: (server.kill(), server.wait(), server.stdin.close(), server.stdout.close()))
        port = self.daemon.publish("tcp", 7000)
        done = run(["/usr/bin/python3", "-c", "import socket, sys\n" + SHORT, "127.0.0.1", str(port), str(self.many)])
        self.assertEqual(done.out, f"{self.many}\n", str(done))
        done = run(["/usr/bin/python3", "-c", "import socket, sys\n" + IDLE, "127.0.0.1", str(port), str(self.idle)])
        self.assertEqual(done.out, f"{2 * self.idle}\n", str(done))

    def test_idle_connections_are_kept(self):
        with serving(echo) as port:
            self.assertEqual(self.guest.python(IDLE, GATEWAY, port, self.idle), str(2 * self.idle))

    def test_the_gateway_answers_echo_requests(self):
        for address in (GATEWAY, GATEWAY6):
            self.assertEqual(self.guest.python(ECHO, address), address)

    def test_a_connection_that_is_refused_or_not_answered_is_so_inside(self):
        self.assertEqual(self.guest.python(CONNECT, GATEWAY, free_port(), 60), "ConnectionRefusedError")
        with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
            port = full.getsockname()[1]
            waiting = []
            for _ in range(8):  # what it has no room for gets no answer
                waiting.append(socket.socket())
                waiting[-1].setblocking(False)
                waiting[-1].connect_ex(("127.0.0.1", port))
            self.assertEqual(self.guest.python(CONNECT, GATEWAY, port, 0.5), "TimeoutError")
            for client in waiting:
                client.close()


class Names(unittest.TestCase):
    """Port 53 of the host is another's, so dnsmasq and the daemon have a network of their own."""

    def test_curl_finds_names_that_dnsmasq_knows(self):
        script = os.path.join(TMP, "inner.py")
        for name, server in (("resolv.conf", "127.0.0.1"), ("guest.conf", "10.0.2.3")):
            with open(os.path.join(TMP, name), "w", encoding="ascii") as file:
                file.write(f"nameserver {server}\n")
        with open(script, "w", encoding="utf-8") as file:
            file.write(INNER)
        done = run(["unshare", "-rnm", "/usr/bin/python3", "-B", script])
        self.assertEqual((done.status, done.out), (0, "found\n6\n(0, '')\n"), str(done))


INNER = """
import os, subprocess, sys
sys.path.insert(0, os.environ["TOP"] + "/tests/support")
from net_guest import *
tmp = os.environ["TMP"]
subprocess.run(["mount", "--bind", tmp + "/resolv.conf", "/etc/resolv.conf"], check=True)
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
with open(tmp + "/dnsmasq.log", "w") as log:
    dnsmasq = subprocess.Popen(["/usr/sbin/dnsmasq", "-d", "-C", "/dev/null", "--no-resolv", "--no-hosts", "--bind-interfaces",
                                "--listen-address=127.0.0.1", "--pid-file=", "--address=/files.example/10.0.2.2",
                                "--local=/example/"], stderr=log)
assert wait_for(lambda: "started" in open(tmp + "/dnsmasq.log").read()), open(tmp + "/dnsmasq.log").read()
guest = Guest()
daemon = Daemon(guest, "--disable-host-loopback", "--allow", "10.0.2.2")
def fetch(host):
    line = 'mount --bind "$TMP/guest.conf" /etc/resolv.conf && exec curl -sS "$0"'
    return guest.run("unshare", "-m", "sh", "-c", line, f"http://{host}:{port}/")
def reply(request):
    request.request.recv(4096)
    request.request.sendall(b"HTTP/1.0 200 OK\\r\\n\\r\\nfound")
with serving(reply) as port:
    print(fetch("files.example").out)
    print(fetch("nobody.example").status)
print(daemon.close())
guest.close()
dnsmasq.terminate()
dnsmasq.wait()
"""

if __name__ == "__main__":
    main()
