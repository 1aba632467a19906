# SPDX-License-Identifier: Apache-2.0
"""SquashFS images that are damaged, or made to harm. They are made from one whose metadata are not compressed, so that each
field is where the format says: Linux, fs/squashfs/squashfs_fs.h."""
import random
import struct

# Fields of the superblock: offset, size.
SUPER = {"inodes": (4, 4), "time": (8, 4), "block_size": (12, 4), "fragments": (16, 4), "compression": (20, 2), "block_log": (22, 2),
         "flags": (24, 2), "ids": (26, 2), "major": (28, 2), "minor": (30, 2), "root": (32, 8), "bytes_used": (40, 8),
         "id_table": (48, 8), "xattr_table": (56, 8), "inode_table": (64, 8), "directory_table": (72, 8),
         "fragment_table": (80, 8), "export_table": (88, 8)}
# Fields of inodes, by what a file is.
COMMON = {"type": (0, 2), "uid": (4, 2), "gid": (6, 2)}
DIRECTORY = {"start": (16, 4), "size": (24, 2), "offset": (26, 2)}
REGULAR = {"start": (16, 4), "fragment": (20, 4), "fragment_offset": (24, 4), "size": (28, 4)}
LONG_REGULAR = {"start": (16, 8), "size": (24, 8), "sparse": (32, 8), "links": (40, 4), "fragment": (44, 4),
                "fragment_offset": (48, 4), "xattr": (52, 4)}
LINK = {"links": (16, 4), "size": (20, 4)}
RANDOM = 60  # images with some bytes changed at random
HEADER = 2   # of a block of metadata


class Image:
    """A good image, its fields by name. Its metadata are stored as they are and fit one block each."""

    def __init__(self, data):
        self.data = data

    def number(self, at, size):
        return int.from_bytes(self.data[at:at + size], "little")

    def super(self, name):
        return self.number(*SUPER[name])

    def with_number(self, at, size, value):
        changed = bytearray(self.data)
        changed[at:at + size] = (value & ((1 << 8 * size) - 1)).to_bytes(size, "little")
        return bytes(changed)

    def entry(self, name):
        """Where the entry of a name is: its inode's offset, a difference, a type, the name's size less one."""
        found = self.data.index(struct.pack("<H", len(name) - 1) + name.encode(), self.super("directory_table"))
        return found - 6

    def inode_of(self, offset):
        return self.super("inode_table") + HEADER + offset

    def inode(self, name):
        return self.inode_of(self.number(self.entry(name), 2))

    def root(self):
        return self.inode_of(self.super("root") & 0xffff)


def limits(size, now):
    top = (1 << 8 * size) - 1
    return sorted({0, 1, now + 1, top, top // 2, now ^ 0x80} - {now})


def fields(image, base, rows, name):
    for field, (offset, size) in rows.items():
        for value in limits(size, image.number(base + offset, size)):
            yield f"{name}.{field}={value:#x}", image.with_number(base + offset, size, value)


def names(image):
    """What a directory must not say."""
    at = image.entry("file-a") + 8
    for label, text in {"slash": b"fil/-a", "nul": b"fil\0-a", "twice": b"file-b", "unsorted": b"zzzz-a"}.items():
        yield "name." + label, image.data[:at] + text + image.data[at + 6:]
    for text in (b".", b".."):
        at = image.entry("xy"[:len(text)]) + 8
        yield f"name.{text.decode()}", image.data[:at] + text + image.data[at + len(text):]
    for field, (offset, size) in {"offset": (0, 2), "type": (4, 2), "size": (6, 2)}.items():
        yield from fields(image, image.entry("file-b"), {field: (offset, size)}, "entry")


def directories(image):
    """Directories in several places: below themselves, and in two others."""
    root = image.super("root") & 0xffff
    yield "loop.root", image.with_number(image.entry("inner"), 2, root)
    yield "loop.self", image.with_number(image.entry("inner"), 2, image.number(image.entry("outer"), 2))
    yield "two.parents", image.with_number(image.entry("second"), 2, image.number(image.entry("inner"), 2))


def cut(image):
    size = len(image.data)
    for end in [0, 1, 4, 95, 96, 97, *range(200, size, max(1, size // 12)), size - 1]:
        yield f"cut.{end}", image.data[:end]


def flipped(image, seed):
    for i in range(RANDOM):
        draw = random.Random(seed * 1000 + i)
        changed = bytearray(image.data)
        first = draw.choice([0, image.super("inode_table"), image.super("directory_table")])
        for _ in range(draw.randrange(1, 9)):
            changed[draw.randrange(first, len(changed))] = draw.randrange(256)
        yield f"random.{seed}.{i}", bytes(changed)


def hostile(data, seed):
    """Pairs of a name and the bytes of an image, always the same ones for a seed."""
    image = Image(data)
    yield from fields(image, 0, SUPER, "super")
    yield from fields(image, image.root(), {**COMMON, **DIRECTORY}, "root")
    yield from fields(image, image.inode("outer"), {**COMMON, **DIRECTORY}, "directory")
    yield from fields(image, image.inode("file-a"), {**COMMON, **REGULAR}, "file")
    yield from fields(image, image.inode("linked"), {**COMMON, **LONG_REGULAR}, "long")
    yield from fields(image, image.inode("symlink"), {**COMMON, **LINK}, "symlink")
    yield from names(image)
    yield from directories(image)
    yield from cut(image)
    yield from flipped(image, seed)
