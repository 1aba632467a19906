# SPDX-License-Identifier: Apache-2.0
"""Hostile layers by name, in families: each row is one idea of how an archive could reach, fill or stop its host.

A layer is (what makes its bytes, options of unpack_layer, whether it must be refused; None: it may also be contained).
"""
import gzip
import zlib

from tar_forge import archive, base_256, entry, extended, header, octal, padded, record, with_checksum

KINDS = {"file": ("0", ""), "directory": ("5", ""), "symlink": ("2", "anywhere"), "fifo": ("6", ""),
         "hard link": ("1", "mine"), "device": ("3", "")}


def packed(before, block, times):
    """`before` and so many times `block`, through gzip."""
    packer = zlib.compressobj(1, wbits=31)
    return packer.compress(before) + b"".join(packer.compress(block) for _ in range(times)) + packer.flush()


class Layers:
    """All of them, for a canary at the absolute path `canary`."""

    def __init__(self, canary):
        self.canary = canary
        self.rows = {}
        up = "../" * 40
        self.targets = {"absolute": canary, "relative": up + canary[1:], "root": "/", "up": "..", "up twice": "../..",
                        "proc cwd": "/proc/self/cwd/..", "proc root": "/proc/self/root" + canary,
                        "fd": "/proc/self/fd/3/../canary"}
        for family in (self.names, self.link_parents, self.lower_links, self.hard_links, self.roots, self.whiteouts,
                       self.devices, self.numbers, self.pax, self.sparse, self.attributes, self.duplicates,
                       self.framing, self.counts):
            family()

    def add(self, name, *parts, options=(), refused=None, raw=None):
        assert name not in self.rows, name
        self.rows[name] = (raw if callable(raw) else lambda: archive(*parts) if raw is None else raw, list(options), refused)

    def names(self):
        for name in ("../canary/file", "../../canary/file", "a/../../canary/file", "./../canary/file", "/../canary/file",
                     "//../canary/file", "a/b/../../../canary/file", "..", "a/../..", "../", "..//canary/new"):
            for kind, (flag, link) in KINDS.items():
                if kind in ("file", "symlink") or name in ("../canary/file", ".."):
                    self.add(f"name {name} {kind}", entry("mine"), entry(name, flag, link), refused=True)
        self.add("absolute name", entry(self.canary + "/file", content=b"changed"), refused=False)
        self.add("name of 256 bytes", entry("x" * 256), refused=True)
        self.add("name with a line end", entry("evil\n\x1b[31mname"), refused=False)
        self.add("name with a line end refused", entry("evil\n\x1b[31m/../.."), entry("../evil\n\x1b[31m"), refused=True)
        self.add("name of no encoding", entry(b"\xff\xfe\x80"), refused=False)
        self.add("name of dots", entry("..."), entry(".. "), entry("..a"), refused=False)
        self.add("name with NUL", entry("x", pax=[("path", b"good\0/../../canary/file")]), refused=True)
        self.add("name of one million", entry("d/" * 500_000 + "x"), refused=True)
        self.add("name with many slashes", entry("/" * 90_000 + "x"), refused=False)
        self.add("no name", header(""), refused=True)
        self.add("path of 1500 names", entry("d/" * 1500 + "x"), refused=False)

    def link_parents(self):
        for text, target in self.targets.items():
            for kind, (flag, link) in KINDS.items():
                self.add(f"{kind} below a link, {text}", entry("mine"), entry("way", "2", target),
                         entry("way/file", flag, link, b"changed" if flag == "0" else b""))
            self.add(f"whiteout below a link, {text}", entry("way", "2", target), entry("way/.wh.file"))
            self.add(f"opaque below a link, {text}", entry("way", "2", target), entry("way/.wh..wh..opq"))
        self.add("link through a link", entry("one", "2", "two/.."), entry("two", "2", self.canary),
                 entry("one/file", content=b"changed"))
        self.add("links in a circle", entry("a", "2", "b"), entry("b", "2", "a"), entry("a/file"), refused=True)
        self.add("link to itself", entry("a", "2", "a"), entry("a/file"), refused=True)
        self.add("link of growing paths", entry("a", "2", "a/a/a/a/a/a/a/a"), entry("a/file"), refused=True)
        self.add("chain of 50 links", *(entry(f"l{i}", "2", f"l{i + 1}") for i in range(50)), entry("l0/file"),
                 refused=True)
        self.add("link then directory then file", entry("way", "2", self.canary), entry("way", "5"),
                 entry("way/file", content=b"changed"), refused=False)
        self.add("link to a whiteout name", entry("way", "2", ".wh.x"), entry("way/file"), refused=True)

    def lower_links(self):
        """The tree already holds links "lower-absolute" and "lower-relative" to the canary."""
        for lower in ("lower-absolute", "lower-relative"):
            for kind, (flag, link) in KINDS.items():
                self.add(f"{kind} below {lower}", entry("mine"), entry(f"{lower}/file", flag, link), options=["--apply"])
                self.add(f"{kind} in place of {lower}", entry("mine"), entry(lower, flag, link), options=["--apply"])
            self.add(f"whiteout below {lower}", entry(f"{lower}/.wh.file"), options=["--apply"])
            self.add(f"whiteout of {lower}", entry(f".wh.{lower}"), options=["--apply"], refused=False)
            self.add(f"opaque below {lower}", entry(f"{lower}/.wh..wh..opq"), options=["--apply"])
            self.add(f"opaque root over {lower}", entry(".wh..wh..opq"), options=["--apply"], refused=False)
            self.add(f"hard link to {lower}", entry("new", "1", lower), entry("new", content=b"changed"),
                     options=["--apply"])
            self.add(f"hard link to a file below {lower}", entry("new", "1", f"{lower}/file"), entry("new", content=b"changed"),
                     options=["--apply"])

    def hard_links(self):
        for text, target in self.targets.items():
            self.add(f"hard link to {text}", entry("new", "1", target + "/file"), entry("new", content=b"changed"))
            self.add(f"hard link through a link, {text}", entry("way", "2", target), entry("new", "1", "way/file"))
        self.add("hard link to a symlink", entry("way", "2", self.canary + "/file"), entry("new", "1", "way"),
                 entry("new", content=b"changed"), refused=False)
        self.add("hard link to itself", entry("a"), entry("a", "1", "a"), refused=False)
        self.add("hard link to nothing, itself", entry("a", "1", "a"))
        self.add("hard link to a directory", entry("d", "5"), entry("a", "1", "d"), refused=True)
        self.add("hard link to the root", entry("a", "1", "/"), refused=True)
        self.add("hard link to a whiteout", entry(".wh.a"), entry("b", "1", "a"), refused=True)
        self.add("hard link below itself", entry("a/b"), entry("a", "1", "a/b"), refused=True)
        self.add("hard links in a circle", entry("a", "1", "b"), entry("b", "1", "c"), entry("c", "1", "a"), refused=True)
        self.add("20000 pending links", *(entry(f"l{i}", "1", f"below{i}") for i in range(20_000)), refused=False)
        self.add("hard link without target", entry("a", "1", ""), refused=True)

    def roots(self):
        for name in (".", "./", "/", "a/.."):
            for kind, (flag, link) in KINDS.items():
                if kind != "directory":
                    self.add(f"root {name} as {kind}", entry("mine"), entry(name, flag, link), refused=True)
        self.add("root without rights", entry("./", "5", mode=0), entry("x"), refused=False)
        self.add("root with an overlay mark", entry("./", "5", pax=[("SCHILY.xattr.user.overlay.opaque", "y")]),
                 refused=True)

    def whiteouts(self):
        for name in (".wh...", ".wh..", ".wh.", "d/.wh...", ".wh./x", ".wh.x/y", ".wh..wh.x/../../canary", "d/.wh..wh.x",
                     ".wh..wh..opq/x"):
            self.add(f"whiteout {name}", entry(name))
        for name in (".wh...", ".wh..", ".wh.", "d/.wh...", ".wh.x/y"):
            self.add(f"applied whiteout {name}", entry(name), options=["--apply"], refused=True)
        self.add("link data outside", entry(".wh..wh.plnk/../../canary/file"), refused=True)
        self.add("link data as a link", entry(".wh..wh.plnk", "2", self.canary), entry(".wh..wh.plnk/file"))
        self.add("link data kept by a link", entry(".wh..wh.plnk/1", "2", self.canary + "/file"),
                 entry("new", "1", ".wh..wh.plnk/1"), refused=False)

    def devices(self):
        for kind in "34":
            for major, minor in ((0, 0), (1, 3), (8, 0), (5, 1), (0o7777777, 0o7777777)):
                self.add(f"device {kind} {major}:{minor}", entry("dev", kind, major=major, minor=minor),
                         refused=True if (kind, major) == ("3", 0) else None)

    def numbers(self):
        for name, size in {"2^63-1": base_256(2 ** 63 - 1, 12), "2^63": base_256(2 ** 63, 12), "-1": base_256(-1, 12),
                           "2^62": base_256(2 ** 62, 12), "-2^63": base_256(-2 ** 63, 12), "2^88": base_256(2 ** 87, 12),
                           "8 GiB": octal(2 ** 33 - 1, 11), "letters": b"zzzzzzzzzzz ", "minus": b"-0000000001 "}.items():
            self.add(f"size {name}", header("big", size=size), refused=True)
        for name, number in {"-1": base_256(-1, 8), "2^32": base_256(2 ** 32, 8), "2^32-1": base_256(2 ** 32 - 1, 8),
                             "letters": b"rootroot"}.items():
            self.add(f"user id {name}", entry("x", uid=number), refused=True)
            self.add(f"group id {name}", entry("x", gid=number), refused=True)
        for name, number in {"2^63-1": base_256(2 ** 63 - 1, 12), "-2^63": base_256(-2 ** 63, 12),
                             "-1": base_256(-1, 12)}.items():
            self.add(f"time {name}", entry("x", mtime=number))
        self.add("mode of all ones", entry("x", mode=b"7777777\0"), refused=False)
        self.add("checksum of another header", header("x")[:148] + header("yy")[148:], refused=True)

    def pax(self):
        self.add("30 MB of PAX", extended(record("comment", b"x" * 30_000_000)), entry("x"), refused=True)
        self.add("PAX that says 30 MB", header("p", "x", size=30_000_000), refused=True)
        self.add("PAX of 200000 records", extended(b"5 a=\n" * 200_000), entry("x"), refused=False)
        self.add("PAX of 4000 attributes", extended([(f"SCHILY.xattr.user.{i}", "") for i in range(4000)]), entry("x"),
                 refused=True)
        self.add("PAX of an attribute of 1 MB", extended([("SCHILY.xattr.user.x", "x" * 1_000_000)]), entry("x"),
                 refused=True)
        self.add("5000 PAX headers", extended([("path", "x")]) * 5000, entry("x"), refused=True)
        for name, records in {"too long": b"99 path=x\n", "too short": b"3 path=x\n", "no number": b"x path=x\n",
                              "zero": b"0 path=x\n", "overflow": b"18446744073709551626 path=x\n", "no end": b"9 path=xx",
                              "no equals": b"8 pathx\n"}.items():
            self.add(f"PAX length {name}", extended(records), entry("x"), refused=True)
        self.add("PAX path outside", entry("x", pax=[("path", "../../canary/file")]), refused=True)
        self.add("PAX linkpath outside", entry("x", "1", "mine", pax=[("linkpath", "../canary/file")]), refused=True)
        self.add("PAX size negative", entry("x", pax=[("size", "-1")]), refused=True)
        self.add("PAX size giant", entry("x", pax=[("size", str(2 ** 63 - 1))]), refused=True)
        self.add("global path", extended([("path", "../canary/file")], "g"), entry("x"), refused=False)
        self.add("global damaged", extended(b"99 x", "g"), entry("x"), refused=True)
        for kind in "LK":
            self.add(f"GNU {kind} of 30 MB", header("l", kind, size=30_000_000) + b"x" * 30_000_000, refused=True)
            self.add(f"GNU {kind} outside", header("l", kind, size=18) + padded(b"../../canary/file\0"),
                     header("x", "0" if kind == "L" else "1", "y"), refused=True)
        self.add("headers without an entry", extended([("path", "x")]), refused=True)

    def sparse(self):
        def with_map(numbers, size="100", content=b"12345678"):
            return entry("s", content=content, pax=[("GNU.sparse.size", size), ("GNU.sparse.map", numbers)])
        for name, numbers in {"overlapping": "0,4,2,4", "backwards": "10,4,0,4", "past the end": "98,8", "half": "0,8,1",
                              "overflow": f"{2 ** 63 - 1},8", "negative": "-8,8", "giant length": f"0,{2 ** 63 - 1}",
                              "too little": "0,4"}.items():
            self.add(f"sparse map {name}", with_map(numbers), refused=True)
        self.add("sparse map of 70000 ranges", with_map("0,0," * 70_000), refused=True)
        self.add("sparse file of 8 EiB", with_map("0,8", str(2 ** 63 - 1)), refused=True)
        self.add("sparse file of 900 TiB", with_map("0,8", str(900 << 40)), options=["--bytes", "1000000"], refused=True)
        version_1 = [("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0"), ("GNU.sparse.realsize", "100")]
        for name, content in {"of 4 billion": padded(b"4294967295\n"), "endless": b"1" * 100_000, "cut": b"1\n",
                              "of letters": padded(b"x\n")}.items():
            self.add(f"sparse 1.0 map {name}", entry("s", content=content, pax=version_1), refused=True)
        block = bytearray(header("s", "S", size=8, magic=b"ustar  \0"))
        block[386:410] = octal(90, 11) + b"\0" + octal(8, 11) + b"\0"
        block[482:495] = b"\1" + octal(100, 11) + b"\0"
        more = bytearray(512)
        more[504] = 1
        self.add("sparse blocks without end", with_checksum(bytes(block)), bytes(more) * 20_000)
        self.add("sparse blocks cut", raw=with_checksum(bytes(block)) + bytes(more), refused=True)

    def attributes(self):
        for name in ("user.overlay.opaque", "user.overlay.redirect", "user.overlay.whiteout", "trusted.overlay.redirect",
                     "user.containers.override_stat", "user.fuseoverlayfs.override_stat"):
            self.add(f"attribute {name}", entry("x", pax=[("SCHILY.xattr." + name, "/../../canary")]), refused=True)
        self.add("attribute by escapes", entry("x", pax=[("LIBARCHIVE.xattr.user%2Eoverlay%2Eopaque", "eQ==")]),
                 refused=True)
        for name in ("trusted.x", "security.selinux", "security.ima", "system.posix_acl_access", "nonsense"):
            self.add(f"attribute {name}", entry("x", pax=[("SCHILY.xattr." + name, "x")]), refused=False)
        self.add("attribute security.capability of nonsense", entry("x", pax=[("SCHILY.xattr.security.capability", "x")]))

    def duplicates(self):
        shapes = [("0", ""), ("5", ""), ("2", self.canary), ("1", "mine"), ("6", "")]
        for first, (kind, link) in enumerate(shapes):
            for second, (kind2, link2) in enumerate(shapes):
                if first != second:
                    self.add(f"{kind} then {kind2}", entry("mine"), entry("x", kind, link), entry("x", kind2, link2),
                             entry("mine", content=b"again"), refused=False)
        self.add("directory, link, file below", entry("d", "5"), entry("d/file"), entry("d", "2", self.canary),
                 entry("d/file", content=b"changed"))
        self.add("a thousand of one name", *(entry("x", "5" if i % 2 else "0") for i in range(1000)), refused=False)

    def framing(self):
        good = gzip.compress(archive(entry("x", content=b"x" * 3000)), mtime=0)
        self.add("gzip cut", raw=good[:-20], options=["--gzip"], refused=True)
        self.add("gzip without a trailer", raw=good[:-8], options=["--gzip"], refused=True)
        self.add("gzip with a wrong checksum", raw=good[:-8] + bytes(8), options=["--gzip"], refused=True)
        self.add("gzip with something behind", raw=good + b"something", options=["--gzip"], refused=True)
        self.add("gzip of 100000 members", raw=lambda: good + gzip.compress(b"", mtime=0) * 100_000, options=["--gzip"],
                 refused=False)
        self.add("gzip with a name without end", raw=b"\x1f\x8b\x08\x08" + bytes(6) + b"n" * 3_000_000,
                 options=["--gzip"], refused=True)
        self.add("no gzip", raw=archive(entry("x")), options=["--gzip"], refused=True)
        self.add("no zstd", raw=archive(entry("x")), options=["--zstd"], refused=True)
        self.add("no tar", raw=b"#!/bin/sh\nrm -rf /\n" * 1000, refused=True)
        self.add("nothing", raw=b"", options=["--gzip"], refused=True)
        self.add("zstd with a window of 2 GiB", raw=b"\x28\xb5\x2f\xfd\x00\xa8\x01\x00\x00", options=["--zstd"],
                 refused=True)
        self.add("zstd cut", raw=b"\x28\xb5\x2f\xfd\x20\x05", options=["--zstd"], refused=True)
        self.add("gzip bomb", raw=lambda: packed(header("bomb", size=octal(300_000_000, 11)), bytes(1_000_000), 300),
                 options=["--gzip", "--bytes", "100000000"], refused=True)
        self.add("200 MB of zeros behind the end", raw=lambda: packed(archive(entry("x")), bytes(1_000_000), 200),
                 options=["--gzip"], refused=False)

    def counts(self):
        self.add("entries over the limit", entry("x") * 3000, options=["--entries", "2000"], refused=True)
        self.add("bytes over the limit", entry("x", content=bytes(5000)) * 30, options=["--bytes", "100000"], refused=True)
        self.add("two million entries", raw=lambda: packed(b"", header("x") * 10_000, 200),
                 options=["--gzip", "--entries", "20000"], refused=True)
