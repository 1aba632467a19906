# SPDX-License-Identifier: Apache-2.0
"""The images that are measured, made of this machine's own files, and the registry they come from."""
import concurrent.futures
import gzip
import hashlib
import io
import os
import random
import shutil
import subprocess
import sys
import tarfile
import zlib

import place

# What the tests share reads these; nothing of it is used here but the registry's patience.
os.environ.update({"WOLFFIA_OCI": "", "SUPPORT": "", "TMP": "", "WOLFFIA_TEST_PATIENCE": "120"})
sys.path.insert(0, place.TOP + "/tests/support")
from docker_registry import DockerRegistry  # noqa: E402
from oci_image import LAYER, Layer, digest_of  # noqa: E402

# Four layers of what images are full of: programs, modules, headers, texts. The fifth is a small system.
PARTS = [["/usr/lib/gcc"], ["/usr/lib/python3", "/usr/lib/python3.11"], ["/usr/include"], ["/usr/share/doc"]]
CONFIG = {"Cmd": ["/bin/true"], "Env": ["PATH=/bin"]}


def base_layer():
    """Busybox under the names that are run, and what charliecloud and others look for in an image."""
    layer = Layer()
    layer.directory("bin")
    with open("/bin/busybox", "rb") as program:
        layer.add("bin/busybox", content=program.read(), mode=0o755)
    for name in ("sh", "true", "cat", "sleep"):
        layer.add("bin/" + name, tarfile.SYMTYPE, link="busybox")
    for name in ("proc", "sys", "dev", "etc", "tmp", "run", "var", "home", "root", "usr", "mnt"):
        layer.directory(name)
    layer.add("etc/passwd", content=b"root:x:0:0:root:/root:/bin/sh\n")
    layer.add("etc/group", content=b"root:x:0:\n")
    for name in ("hosts", "resolv.conf"):
        layer.add("etc/" + name)
    return layer.bytes()


def layer_of(paths):
    """A tar archive of directories of this machine, owned by root as in any image."""
    there = [path.lstrip("/") for path in paths if os.path.isdir(path)]
    command = ["tar", "-C", "/", "--owner=0", "--group=0", "--numeric-owner", "-cf", "-", *there]
    return subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout


def small_layers():
    """Five layers, each with a file of its own: as many to mount as the large image has."""
    tars = [base_layer()]
    for number in range(4):
        layer = Layer()
        layer.directory("usr")
        layer.add(f"usr/file{number}", content=b"x" * 4096)
        tars.append(layer.bytes())
    return tars


def large_layers():
    """Compressed on every core: the same bytes take one of them half a minute."""
    return [base_layer(), *(layer_of(paths) for paths in PARTS)]


def entries(tars):
    """How many files, directories and links there are."""
    return sum(sum(1 for _ in tarfile.open(fileobj=io.BytesIO(tar))) for tar in tars)


def add_large(layout, tag, tars):
    """Returns {digest of a blob: its size}."""
    with concurrent.futures.ThreadPoolExecutor() as pool:
        packed = dict(zip(map(id, tars), pool.map(lambda tar: gzip.compress(tar, 6, mtime=0), tars)))
    history = [{"created_by": "bench"}] * len(tars)  # charliecloud takes no image without
    layout.add_image(tag, tars, CONFIG, compress=lambda tar: packed[id(tar)], history=history)
    return {digest_of(blob)[7:]: len(blob) for blob in packed.values()}


def write_huge_layer(path, size):
    """A layer of `size` bytes in one file, as gzip; returns (digest, size, diffID).

    One piece of 64 MiB is compressed once, in a stream that ends in a full flush, and stands there as often as
    needed: made in seconds, and for who unpacks it one deflate stream like any other. A sixteenth of it is random,
    so that some hundred MiB have to be fetched: more than any buffer holds, on either side of the inflating.
    """
    piece = b"".join(random.Random(4).randbytes(4096) + bytes(61440) for _ in range(1024))
    header = tarfile.TarInfo("huge")
    header.size = size
    head, tail = header.tobuf(tarfile.GNU_FORMAT), bytes(10240)
    assert size % len(piece) == 0

    def deflate(data, how):
        stream = zlib.compressobj(6, zlib.DEFLATED, -15)
        return stream.compress(data) + stream.flush(how)

    packed_piece = deflate(piece, zlib.Z_FULL_FLUSH)
    parts = [(head, deflate(head, zlib.Z_FULL_FLUSH)), *[(piece, packed_piece)] * (size // len(piece)),
             (tail, deflate(tail, zlib.Z_FINISH))]
    diff_id, digest, check, length = hashlib.sha256(), hashlib.sha256(), 0, 0
    with open(path, "wb") as file:
        def write(data):
            digest.update(data)
            file.write(data)
        write(b"\x1f\x8b\x08\0\0\0\0\0\0\x03")
        for plain, packed in parts:
            diff_id.update(plain)
            check = zlib.crc32(plain, check)
            length += len(plain)
            write(packed)
        write(check.to_bytes(4, "little") + (length % (1 << 32)).to_bytes(4, "little"))
        total = file.tell()
    return "sha256:" + digest.hexdigest(), total, "sha256:" + diff_id.hexdigest()


def add_huge(layout, tag, size):
    path = layout.path + "/huge"
    digest, packed, diff_id = write_huge_layer(path, size)
    os.rename(path, layout.path + "/blobs/sha256/" + digest[7:])
    layout.add_manifest(tag, [{"mediaType": LAYER + "+gzip", "digest": digest, "size": packed}], [diff_id], CONFIG)
    return packed


class Registry(DockerRegistry):
    """docker-registry, whose certificate stands where the measured user's programs look for it."""

    def __init__(self, here):
        super().__init__(here.dir)
        self.home = here.home

    def __enter__(self):
        super().__enter__()
        shutil.copytree(self.certificates, self.home + "/.config/containers/certs.d")
        return self

    def take(self, layout, tag):
        """Takes an image out of a layout; returns what it is called here."""
        self.fill(f"oci:{layout.path}:{tag}", "bench/image:" + tag)
        return self.name("bench/image:" + tag)
