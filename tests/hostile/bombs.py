# SPDX-License-Identifier: Apache-2.0
# run: once
# timeout: 600
"""What unpacks to far more than it is, in bytes, entries, names or attributes, is stopped at the limit that is documented
(image/layer/unpack.hpp), in seconds, with little memory, and all that was written is gone."""
import os
import subprocess
import sys
import time
import zlib

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
from harness import FULL, main, run  # noqa: E402
from hostile_images import Whole  # noqa: E402
from image_test import IMAGE, RUN, ImageTest  # noqa: E402
from oci_image import digest_of  # noqa: E402
from tar_forge import archive, base_256, entry, extended, header, octal, padded  # noqa: E402

SECONDS, SECONDS_FULL = 60, 300  # where there is a limit, it is met by then, on a busy machine too
MEMORY = 128 << 10  # KiB that no process of ours may come to
TIB, MIB = 1 << 40, 1 << 20
BOMB = "decompression bomb"


def zeros_by_zstd(before, mib):
    """`before`, and then so many MiB of zeros in a frame each, at about 1:20,000."""
    def packed(data):
        return subprocess.run(["zstd", "-q", "-c"], input=data, stdout=subprocess.PIPE, check=True).stdout
    return packed(before) + packed(bytes(MIB)) * mib


# Memory that this process has come to would count as that of whom it starts: hence another one between them, that prints
# what the command took.
MEASURE = """
import os, subprocess, sys
process = subprocess.Popen(sys.argv[1:])
_, status, usage = os.wait4(process.pid, 0)
print(usage.ru_maxrss)
sys.exit(os.waitstatus_to_exitcode(status))
"""
# A tar archive through zstd; its diffID goes to standard error.
WIDE = """
import hashlib, os, subprocess, sys
sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
from tar_forge import header, octal
mib = (1 << int(sys.argv[1]) >> 20) + 4
block, hasher = os.urandom(1 << 20), hashlib.sha256()
with subprocess.Popen(["zstd", "-q", "-c", "-1", "--long=" + sys.argv[1]], stdin=subprocess.PIPE) as zstd:
    for part in (header("x", size=octal(mib << 20, 11)), *[block] * mib, bytes(1024)):
        hasher.update(part)
        zstd.stdin.write(part)
    zstd.stdin.close()
print("sha256:" + hasher.hexdigest(), file=sys.stderr)
"""


def wide_zstd(window):
    """A file that fills a window of 2^`window` bytes; returns the diffID and the packed layer."""
    done = subprocess.run([sys.executable, "-c", WIDE, str(window)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=True)
    return done.stderr.decode().strip(), done.stdout


def gzip(data):
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    return packer.compress(data) + packer.flush()


def repeated_by_gzip(block, times):
    """Behind a full flush nothing depends on what was before: one packed block is all of them."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    first = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    other = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    return first + other * (times - 1)  # the checksum at its end is never reached


def sparse(name, size):
    pax = [("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0"), ("GNU.sparse.name", name),
           ("GNU.sparse.realsize", str(size))]
    return entry("x", content=padded(b"1\n%d\n0\n" % size), pax=pax)


def attributes(count, size):
    return archive(entry("x", pax=[(f"SCHILY.xattr.user.a{i}", b"v" * size) for i in range(count)]))


def deep(depth):
    return archive(entry("d/" * depth + "file", content=b"x"))


# The layer as it is sent, how it is packed, and what is said of it.
REFUSED = {
    "a file of 3 GiB by zstd": (lambda: zeros_by_zstd(header("x", size=octal(3 << 30, 11)), 3 << 10), "+zstd", BOMB),
    "a window of 2 GiB by zstd": (lambda: b"\x28\xb5\x2f\xfd\0\xa8" + bytes(100), "+zstd", "window|memory"),
    "a window of 128 MiB by zstd": (lambda: b"\x28\xb5\x2f\xfd\0\x88" + bytes(100), "+zstd", "window|memory"),
    "a size beyond the limit": (lambda: archive(header("x", size=base_256(TIB + 1, 12))), "", "more than"),
    "a sparse file beyond the limit": (lambda: archive(sparse("x", TIB + 1)), "", "more than"),
    "sparse files beyond it together": (lambda: archive(sparse("x", TIB // 2), sparse("y", TIB // 2 + 1)), "", "more than"),
    "PAX records of 2 MiB": (lambda: archive(extended(b"x" * 2 * MIB), header("x")), "", "more than the 1 MiB"),
    "a GNU name of 2 MiB": (lambda: archive(header("x", "L", size=2 * MIB) + bytes(2 * MIB), header("x")), "", "more than the 1 MiB"),
    "headers before headers": (lambda: archive(*[extended([("x", "y")])] * 5000, header("x")), "", "too many headers"),
    "an attribute of 65 KiB": (lambda: attributes(1, 65537), "", "longer than 64 KiB"),
    "2,000 attributes": (lambda: attributes(2000, 1), "", "1024"),
    "1,000 attributes": (lambda: attributes(1000, 100), "", "no room for it beside the others"),
    "a path of 9,000 names": (lambda: deep(9000), "", "8192"),
}
REFUSED_SLOWLY = {
    "a path of 8,000 names": (lambda: deep(8000), "", "more memory than unpacking may"),
    "20 million times one file": (lambda: repeated_by_gzip(header("x") * 1000, 20_001), "+gzip", "20000000"),
    "a billion headers of no entry": (lambda: repeated_by_gzip(extended([("comment", "y")], "g") * 1000, 100_000), "+gzip",
                                      "more than"),
}
# What is within the limits is unpacked, whatever it is good for, and can be removed again.
MANY = 100_000 if FULL else 5_000
UNPACKED = {
    "a path of 1,200 names": lambda: deep(1200),
    "many empty files": lambda: b"".join(header(f"f{i}") for i in range(MANY)) + bytes(1024),
    "a sparse file of 1 TiB": lambda: archive(sparse("x", TIB)),
    "20 attributes": lambda: attributes(20, 100),
    "many links to one file": lambda: archive(header("x"), *(header(f"l{i}", "1", "x") for i in range(MANY // 2))),
}


class Bombs(ImageTest):
    def pull(self, image, source="oci"):
        words = [IMAGE, "pull", "-q", "--name", "mine", *self.from_source(source, image)]
        begin = time.monotonic()
        done = run([sys.executable, "-c", MEASURE, *words], timeout=SECONDS_FULL)
        self.forget_sources()
        self.assertLess(time.monotonic() - begin, SECONDS_FULL if FULL else SECONDS)
        self.assertLess(int(done.out.split()[-1]), MEMORY, "KiB of it or of a process it waited for")
        return done

    def test_beyond_the_limits(self):
        for name, (layer, suffix, outcome) in (REFUSED | (REFUSED_SLOWLY if FULL else {})).items():
            with self.subTest(bomb=name):
                done = self.pull(Whole([(layer(), suffix)], [digest_of(b"never reached")]))
                self.assertEqual(done.status, 1, done)
                self.assertRegex(done.err, outcome)
                self.assert_one_sentence(done)
                self.assert_nothing_left()

    def test_within_the_limits(self):
        for name, make in UNPACKED.items():
            with self.subTest(bomb=name):
                tar = make()
                self.assert_ran(self.pull(Whole([(gzip(tar), "+gzip")], [digest_of(tar)])))
                self.assert_ran(run([RUN, "rmi", "mine"], timeout=120))
                self.assert_nothing_left()

    def test_the_widest_window(self):
        diff_id, packed = wide_zstd(26)
        self.assert_ran(self.pull(Whole([(packed, "+zstd")], [diff_id])))
        self.assert_ran(run([RUN, "rmi", "mine"], timeout=120))
        self.assert_nothing_left()

    def test_an_archive_that_is_packed_itself(self):
        """What it unpacks to lies in a temporary file: not beyond the same ratio."""
        with open(self.dir + "/archive", "wb") as file:
            file.write(zeros_by_zstd(header("index.json", size=octal(3 << 30, 11)), 3 << 10))
        done = self.image("pull", "-q", f"oci-archive:{self.dir}/archive")
        self.assertEqual(done.status, 1, done)
        self.assertIn(BOMB, done.err)
        self.assert_nothing_left()


if __name__ == "__main__":
    main()
