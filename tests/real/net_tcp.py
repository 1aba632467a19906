# SPDX-License-Identifier: Apache-2.0
"""Connections of a network guest through wolffia-net: what is sent arrives, and what is refused is refused."""
import contextlib
import hashlib
import os
import subprocess
import sys
import time

sys.path.insert(0, os.environ["TOP"] + "/tests/support")

from harness import PATIENCE, main
from net_guest import GATEWAY, GATEWAY6, STREAM, NetTest, echo_hash, serving, stream

SIZE = 16 << 20

# Another namespace that the guest forwards for, as one for containers inside does: its packets must have 1280 bytes at most.
NARROW_WAY = """
ip link add v0 mtu 1280 type veth peer name v1 mtu 1280 netns INNER
ip link set v0 up
ip route add 10.0.2.50 dev v0
for i in tap0 v0; do echo 1 > /proc/sys/net/ipv4/conf/$i/proxy_arp; done
echo 1 > /proc/sys/net/ipv4/ip_forward
inner() { nsenter -n -t INNER "$@"; }
inner ip link set v1 up
inner ip addr add 10.0.2.50/32 dev v1
inner ip route add 10.0.2.2 dev v1
inner ip route add default via 10.0.2.2
"""


def name_of(pid):
    with contextlib.suppress(OSError), open(f"/proc/{pid}/comm", encoding="ascii") as name:
        return name.read()
    return ""


class Tcp(NetTest):
    options = ("--enable-ipv6", "--mtu=65520")

    def test_a_large_transfer_arrives_whole_either_way(self):
        data = stream("traffic", SIZE)
        wanted = hashlib.sha256(data).hexdigest()
        with serving(echo_hash(data)) as port:
            said = self.guest.python(STREAM, GATEWAY, port, "traffic", SIZE)
        self.assertEqual(said, f"{wanted} {wanted}")

    def test_a_half_closed_connection_still_answers(self):
        def count(request):
            with request.request.makefile("rb") as sent:
                request.request.sendall(str(len(sent.read())).encode())

        for address, listens in ((GATEWAY, "127.0.0.1"), (GATEWAY6, "::1")):
            with self.subTest(address), serving(count, listens) as port:
                said = self.guest.python(
                    "with socket.create_connection((sys.argv[1], int(sys.argv[2]))) as s:\n"
                    "  s.sendall(b'x' * 100000)\n  s.shutdown(socket.SHUT_WR)\n"
                    "  print(s.makefile().read())", address, port)
                self.assertEqual(said, "100000")

    def test_many_short_connections_are_answered(self):
        with serving(lambda request: request.request.sendall(request.request.recv(16))) as port:
            said = self.guest.python(
                "good = 0\n"
                "for i in range(500):\n"
                "  with socket.create_connection((sys.argv[1], int(sys.argv[2]))) as s:\n"
                "    s.sendall(b'%d' % i)\n    good += s.recv(16) == b'%d' % i\n"
                "print(good)", GATEWAY, port)
        self.assertEqual(said, "500")

    def test_what_nobody_listens_to_is_refused(self):
        for address in (GATEWAY, GATEWAY6):
            with self.subTest(address):
                said = self.guest.python(
                    "try:\n  socket.create_connection((sys.argv[1], 1), timeout=20)\n"
                    "except ConnectionRefusedError:\n  print('refused')", address)
                self.assertEqual(said, "refused")

    def test_urgent_data_arrives_as_any_other(self):
        with serving(lambda request: request.request.sendall(request.request.makefile("rb").read())) as port:
            said = self.guest.python(
                "with socket.create_connection((sys.argv[1], int(sys.argv[2]))) as s:\n"
                "  s.sendall(b'before')\n  s.send(b'!', socket.MSG_OOB)\n  s.shutdown(socket.SHUT_WR)\n"
                "  print(s.makefile().read())", GATEWAY, port)
        self.assertEqual(said, "before!")


class TcpOfAWiresMtu(NetTest):
    """The kernels on both sides put segments together, and leave each other's checksums out."""
    options = ("--enable-ipv6", "--outbound=slirp")

    def test_a_large_transfer_arrives_whole_either_way(self):
        said = self.guest.run("ip", "-d", "link", "show", "tap0").out
        for wanted in ("mtu 1500", "vnet_hdr on"):
            self.assertIn(wanted, said)
        data = stream("traffic", SIZE)
        wanted = hashlib.sha256(data).hexdigest()
        for address, listens in ((GATEWAY, "127.0.0.1"), (GATEWAY6, "::1")):
            with self.subTest(address), serving(echo_hash(data), listens) as port:
                said = self.guest.python(STREAM, address, port, "traffic", SIZE)
                self.assertEqual(said, f"{wanted} {wanted}")

    def test_a_narrower_way_behind_the_guest_is_no_hindrance(self):
        inner = subprocess.Popen(self.guest.words("unshare", "--net", "cat"), stdin=subprocess.PIPE)
        self.addCleanup(lambda: (inner.stdin.close(), inner.wait()))
        deadline = time.monotonic() + PATIENCE
        while name_of(inner.pid) != "cat\n":
            self.assertLess(time.monotonic(), deadline)
        made = self.guest.run("sh", "-ec", NARROW_WAY.replace("INNER", str(inner.pid)))
        self.assertEqual(made.status, 0, made)

        def inside(code, *words):
            return self.guest.run("nsenter", "-n", "-t", str(inner.pid), "/usr/bin/python3", "-c", "import socket, sys\n" + code,
                                  GATEWAY, *map(str, words))

        # Where who has that address is known the answer to what begins a connection waits for nothing.
        with serving(lambda request: None) as port:
            self.assertEqual(inside("socket.create_connection((sys.argv[1], int(sys.argv[2]))).recv(1)", port).status, 0)
        data = stream("traffic", SIZE)
        wanted = hashlib.sha256(data).hexdigest()
        with serving(echo_hash(data)) as port:
            said = inside(STREAM, port, "traffic", SIZE)
        self.assertEqual(said.out, f"{wanted} {wanted}\n", said)
        # What the segment that began it said of its size was kept to.
        counts = self.guest.run("nsenter", "-n", "-t", str(inner.pid), "cat", "/proc/net/snmp").out.splitlines()
        names, values = (line.split() for line in counts[:2])
        self.assertEqual(dict(zip(names, values))["ReasmReqds"], "0")


if __name__ == "__main__":
    main()
