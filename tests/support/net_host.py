# SPDX-License-Identifier: Apache-2.0
"""A host for network guests that is a network namespace of the test's own, with addresses that answer, refuse, and are not reached."""
import fcntl
import os
import struct
import subprocess
import sys

HOST, HOST6 = "192.0.2.1", "2001:db8::1"
SILENT, NOT_THERE, NO_WAY = "198.51.100.1", "203.0.113.1", "10.9.9.9"

# Prints the name of what connect(2) says.
CONNECT = """
import errno
with socket.socket(socket.AF_INET6 if ':' in sys.argv[1] else socket.AF_INET) as s:
  s.setsockopt(socket.IPPROTO_TCP, socket.TCP_SYNCNT, 1)
  try:
    s.connect((sys.argv[1], int(sys.argv[2])))
    print('connected')
  except OSError as error:
    print(errno.errorcode[error.errno])
"""


def silent_interface():
    """One whose other end nobody reads. Source: tun.rst in the kernel's documentation."""
    tunsetiff, iff_tun = 0x400454CA, 1
    fcntl.ioctl(os.open("/dev/net/tun", os.O_RDWR), tunsetiff, struct.pack("16sH22x", b"void", iff_tun))
    return "void"


def enter_host():
    """Has the program begin again in the namespace, as root of it."""
    if "WOLFFIA_TEST_HOST" not in os.environ:
        os.environ["WOLFFIA_TEST_HOST"] = "a namespace of this test's own"
        os.execvp("unshare", ["unshare", "-rn", sys.executable, *sys.argv])


def make_host():
    """Its own addresses answer; nobody is behind the others."""
    def ip(*words):
        subprocess.run(["ip", *words], check=True)
    ip("link", "set", "lo", "up")
    ip("addr", "add", HOST + "/32", "dev", "lo")
    ip("addr", "add", HOST6 + "/128", "dev", "lo")
    ip("link", "set", silent_interface(), "up")
    ip("route", "add", "198.51.100.0/24", "dev", "void")
    ip("route", "add", "unreachable", "203.0.113.0/24")
