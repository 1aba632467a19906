# SPDX-License-Identifier: Apache-2.0
"""Archives byte for byte as a test says, right or wrong: tarfile would not write most of them."""


def octal(value, digits):
    return b"%0*o" % (digits, value)


def base_256(value, size):
    """A number in GNU's binary form; negative ones too."""
    return bytes([0x80 if value >= 0 else 0xff]) + (value % (1 << 8 * (size - 1))).to_bytes(size - 1, "big")


def as_bytes(text):
    return text.encode("utf-8", "surrogateescape") if isinstance(text, str) else text


def with_checksum(block):
    block = block[:148] + b" " * 8 + block[156:]
    return block[:148] + octal(sum(block), 6) + b"\0 " + block[156:]


def header(name, kind="0", link="", size=0, **fields):
    """A header block; `fields` are mode, uid, gid, mtime, major, minor as numbers or as the bytes of the field."""
    def field(key, default, length):
        value = fields.get(key, default)
        return value if isinstance(value, bytes) else octal(value, length - 1) + b"\0"

    block = bytearray(512)
    for at, text in ((0, as_bytes(name)[:100]), (100, field("mode", 0o644, 8)), (108, field("uid", 0, 8)),
                     (116, field("gid", 0, 8)), (124, size if isinstance(size, bytes) else octal(size, 11) + b"\0"),
                     (136, field("mtime", 10 ** 9, 12)), (156, as_bytes(kind)), (157, as_bytes(link)[:100]),
                     (257, fields.get("magic", b"ustar\x0000")), (329, field("major", 0, 8)),
                     (337, field("minor", 0, 8))):
        block[at:at + len(text)] = text
    return with_checksum(bytes(block))


def padded(content):
    return content + b"\0" * (-len(content) % 512)


def record(key, value):
    rest = b" " + as_bytes(key) + b"=" + as_bytes(value) + b"\n"
    length = len(rest) + 1
    while len(str(length)) + len(rest) != length:
        length += 1
    return str(length).encode() + rest


def extended(records, kind="x"):
    """The header in front of an entry; `records` are pairs, or the bytes themselves."""
    content = records if isinstance(records, bytes) else b"".join(record(*pair) for pair in records)
    return header("PaxHeaders/x", kind, size=len(content)) + padded(content)


def entry(name, kind="0", link="", content=b"", pax=None, **fields):
    """One file of an archive, with a header in front for what a plain one has no room for."""
    records = list(pax or [])
    if len(as_bytes(name)) > 100:
        records.append(("path", name))
    if len(as_bytes(link)) > 100:
        records.append(("linkpath", link))
    fields.setdefault("size", len(content))
    return (extended(records) if records else b"") + header(name, kind, link, **fields) + padded(content)


def archive(*parts):
    return b"".join(parts) + b"\0" * 1024
