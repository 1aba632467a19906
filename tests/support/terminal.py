# SPDX-License-Identifier: Apache-2.0
"""Plays the person at a terminal: a pty whose other end is the controlling terminal of a command."""
import fcntl
import os
import pty
import re
import select
import struct
import termios
import time

PATIENCE = float(os.environ.get("WOLFFIA_TEST_PATIENCE", "30"))


class Terminal:
    """A command on a terminal of its own, in a session of its own."""

    def __init__(self, args, rows=24, columns=80, env=None):
        self.read = ""
        self.status = None
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            try:
                fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
                os.execvpe(args[0], args, env or os.environ)
            finally:
                os._exit(127)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.status is None:
            os.kill(self.pid, 9)
            self.wait()
        os.close(self.master)

    def write(self, text):
        os.write(self.master, text.encode())

    def resize(self, rows, columns):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def more(self, deadline):
        """Reads what there is; False at the end of the terminal."""
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([self.master], [], [], left)[0]:
            raise AssertionError(f"the terminal stays silent after {self.read!r}")
        try:
            part = os.read(self.master, 65536)
        except OSError:  # EIO: nobody holds the other end any more
            return False
        self.read += part.decode(errors="replace")
        return bool(part)

    def expect(self, pattern):
        """Reads until the regular expression matches what has come since the last match; returns the match."""
        deadline = time.monotonic() + PATIENCE
        while not (found := re.search(pattern, self.read)):
            if not self.more(deadline):
                raise AssertionError(f"the terminal ended without {pattern!r}: {self.read!r}")
        self.read = self.read[found.end():]
        return found

    def read_to_end(self):
        deadline = time.monotonic() + PATIENCE
        while self.more(deadline):
            pass
        return self.read

    def wait(self):
        """The exit status; a signal counts as 128 and its number."""
        if self.status is None:
            _, status = os.waitpid(self.pid, 0)
            code = os.waitstatus_to_exitcode(status)
            self.status = code if code >= 0 else 128 - code
        return self.status
