# SPDX-License-Identifier: Apache-2.0
"""What goes through a guest's network is counted, written down where that is asked for, and held to a rate."""
import hashlib
import os
import struct
import sys
import time
import unittest

sys.path.insert(0, os.environ["TOP"] + "/tests/support")

from harness import TMP, main, run
from net_guest import GATEWAY, NET, Daemon, Guest, serving

WOLFFIA = os.environ["WOLFFIA"]
DATA = os.urandom(512) * 800  # 400 KiB
FETCH = """
import hashlib
data = b''
with socket.create_connection((sys.argv[1], int(sys.argv[2]))) as s:
  while part := s.recv(65536):
    data += part
print(hashlib.sha256(data).hexdigest())
"""
SEND = """
with socket.create_connection((sys.argv[1], int(sys.argv[2]))) as s:
  s.sendall(bytes.fromhex(sys.argv[3]) * 800)
  s.shutdown(socket.SHUT_WR)
  print(s.recv(100).decode())
"""


def give(request):
    request.request.sendall(DATA)


def take(request):
    digest = hashlib.sha256()
    while part := request.request.recv(65536):
        digest.update(part)
    request.request.sendall(digest.hexdigest().encode())


def frames_of(path):
    """The frames of a capture."""
    with open(path, "rb") as file:
        text = file.read()
    magic, version, revision, _, _, _, link = struct.unpack_from("=IHHIIII", text)
    assert (magic, version, revision, link) == (0xa1b2c3d4, 2, 4, 1), text[:24]
    at, found = 24, []
    while at < len(text):
        _, _, captured, size = struct.unpack_from("=IIII", text, at)
        assert captured == size, (captured, size)
        found.append(text[at + 16:at + 16 + size])
        at += 16 + size
    return found


class Counts(unittest.TestCase):
    def setUp(self):
        self.guest = Guest()
        self.addCleanup(self.guest.close)

    def start(self, *options):
        daemon = Daemon(self.guest, *options)
        self.assertEqual(daemon.ready, b"1")
        return daemon

    def end(self, daemon):
        self.assertEqual(daemon.close(), (0, ""))

    def fetch(self):
        with serving(give) as port:
            self.assertEqual(self.guest.python(FETCH, GATEWAY, port), hashlib.sha256(DATA).hexdigest())

    def send(self):
        with serving(take) as port:
            self.assertEqual(self.guest.python(SEND, GATEWAY, port, DATA[:512].hex()), hashlib.sha256(DATA).hexdigest())

    def test_frames_and_bytes_are_counted(self):
        daemon = self.start("--disable-host-loopback", "--allow", GATEWAY)
        before = daemon.ask({"execute": "get_statistics"})["return"]
        self.fetch()
        self.guest.python("with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s: s.sendto(b'.', ('169.254.1.1', 9))")
        after = daemon.ask({"execute": "get_statistics"})["return"]
        self.assertGreater(after["to_guest"]["bytes"] - before["to_guest"]["bytes"], len(DATA))
        self.assertGreater(after["from_guest"]["frames"], before["from_guest"]["frames"])
        self.assertEqual(after["dropped"].get("blocked", 0), 1)
        status, said = daemon.close()
        self.assertEqual((status, said), (0, "wolffia-net: blocked udp to 169.254.1.1:9: no --allow-link-local\n"))

    def test_a_capture_has_what_was_sent_both_ways(self):
        path = os.path.join(TMP, "capture")
        daemon = self.start("--pcap", path)
        self.fetch()
        self.end(daemon)
        self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)
        frames = frames_of(path)
        senders = {frame[26:30] for frame in frames if frame[12:14] == b"\x08\x00"}
        self.assertLessEqual({bytes([10, 0, 2, 2]), bytes([10, 0, 2, 100])}, senders)
        self.assertTrue(any(DATA[:512] in frame for frame in frames))

    def test_a_capture_that_cannot_be_is_named(self):
        for path, why in (("/dev/full", "No space left on device"), (TMP + "/missing/file", "No such file or directory")):
            done = run([NET, "-c", "--pcap", path, str(self.guest.pid), "tap0"])
            self.assertEqual((done.status, done.out, len(done.err.splitlines())), (1, "", 1), str(done))
            self.assertIn(f"--pcap {path}: ", done.err)
            self.assertIn(why, done.err)

    def test_a_rate_is_kept_and_nothing_is_lost(self):
        for option, transfer in (("--download-rate=200k", self.fetch), ("--upload-rate=200k", self.send)):
            with self.subTest(option):
                daemon = self.start(option)
                begin = time.monotonic()
                transfer()
                self.assertGreater(time.monotonic() - begin, 1.5)  # two seconds, less the burst
                self.end(daemon)


class Containers(unittest.TestCase):
    def test_rates_are_taken_and_told(self):
        rootfs = os.path.join(os.environ["BUNDLE"], "rootfs")
        os.environ["WOLFFIA_STORE"] = TMP + "/store"
        words = ["--upload-rate", "2m", "--download-rate", "500k", "--outbound", "slirp"]
        done = run([WOLFFIA, "run", "--rm", *words, rootfs, "ls", "/sys/class/net"])
        self.assertEqual((done.status, done.out), (0, "lo\ntap0\n"), str(done))
        done = run([WOLFFIA, "explain", *words, rootfs])
        self.assertRegex(done.out, r"--upload-rate +it sends 2.0 MiB a second\n")
        self.assertRegex(done.out, r"--outbound +its connections are led by slirp\n")
        for words, wanted in ((("--upload-rate", "1"), '--upload-rate "1" must be from 1k'),
                              (("--download-rate", "fast"), "--download-rate"),
                              (("--net", "none", "--upload-rate", "1m"), "--upload-rate needs --net slirp"),
                              (("--net", "none", "--outbound", "splice"), "--outbound needs --net slirp"),
                              (("--outbound", "fast"), "--outbound")):
            done = run([WOLFFIA, "run", "--rm", *words, rootfs, "true"])
            self.assertEqual((done.status, done.out, len(done.err.splitlines())), (125, "", 1), str(done))
            self.assertIn(wanted, done.err)


if __name__ == "__main__":
    main()
