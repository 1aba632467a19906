# SPDX-License-Identifier: Apache-2.0
# CVE-2019-14378, CVE-2020-1983, CVE-2020-10756, CVE-2020-29129, CVE-2021-3592 … 3595, CVE-2026-9539
# timeout: 180
"""Frames of a guest that are odd in any field, fragments among them, do not end the network daemon: libslirp by itself
writes through addresses that fragments hold. The daemon and its peers are in a network of their own."""
import os
import sys

sys.path.insert(0, os.environ["TOP"] + "/tests/support")

FRAMES, SEEDS = (200_000, 50) if os.environ.get("WOLFFIA_FULL") == "1" else (int(os.environ.get("ODD_FRAMES", "50000")), 4)


def inside():
    """Prints what became of the daemon."""
    import subprocess
    import socketserver

    from net_guest import GATEWAY, Daemon, Guest, serving
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    guest = Guest()
    daemon = Daemon(guest, "--enable-ipv6", "--enable-dhcp", f"--mtu={sys.argv[3]}")
    with serving(lambda it: it.request.sendall(it.request.recv(100))) as tcp, \
            serving(lambda it: it.request[1].sendto(it.request[0], it.client_address),
                    kind=socketserver.ThreadingUDPServer) as udp:
        sent = guest.run("/usr/bin/python3", os.environ["TOP"] + "/tests/support/odd_frames.py", sys.argv[2],
                         *map(str, (FRAMES, tcp, udp)), timeout=900)
        print(sent.out.strip() or sent)
        # Its half-open connections are forgotten with the interface's neighbours; a new one has to work at once.
        print(guest.python("with socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=20) as s:\n"
                           "  s.sendall(b'alive')\n  print(s.recv(100).decode())", GATEWAY, tcp)
              if daemon.process.poll() is None else f"it died: {daemon.process.returncode}")
    print(daemon.close())
    guest.close()


if __name__ == "__main__" and sys.argv[1:2] == ["inside"]:
    inside()
    sys.exit()

import unittest

from harness import main, run


class Frames(unittest.TestCase):
    def test_odd_frames_end_nothing(self):
        for seed in range(SEEDS):
            mtu = 65520 if seed % 2 else 1500
            with self.subTest(seed=seed, mtu=mtu):
                done = run(["unshare", "-rnm", "/usr/bin/python3", "-B", os.path.abspath(__file__), "inside",
                            str(seed), str(mtu)], timeout=1000)
                self.assertEqual(done.out, f"sent {FRAMES}\nalive\n(0, '')\n", str(done))


if __name__ == "__main__":
    main()
