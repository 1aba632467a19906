# SPDX-License-Identifier: Apache-2.0
"""Hostile images, the families of what their documents say: any JSON, descriptors, index, manifest."""
from hostile_images import GONE, GOOD, Family, at, member, text

ABSENT = "sha256:" + "0" * 64
SYNTAX = "is not valid JSON"
MIB = 1 << 20


def nested(depth):
    return b'"x": ' + b"[" * depth + b"]" * depth


# What every document may be made of. (name, change, outcome)
TEXTS = [
    ("nothing", text(lambda _: b""), SYNTAX),
    ("null", text(lambda _: b"null"), "must be an object"),
    ("an array", text(lambda _: b"[]"), "must be an object"),
    ("a string", text(lambda _: b'"x"'), "must be an object"),
    ("a number", text(lambda _: b"2"), "must be an object"),
    ("an empty object", text(lambda _: b"{}"), "is missing|must be set|required"),
    ("cut in the middle", text(lambda data: data[:len(data) // 2]), SYNTAX),
    ("cut by a byte", text(lambda data: data[:-1]), SYNTAX),
    ("two documents", text(lambda data: data * 2), SYNTAX),
    ("garbage behind", text(lambda data: data + b"x"), SYNTAX),
    ("a NUL behind", text(lambda data: data + b"\0"), SYNTAX),
    ("UTF-16", text(lambda data: data.decode().encode("utf-16")), SYNTAX),
    ("wrong UTF-8", member(b'"x": "\xff\xfe"'), SYNTAX),
    ("UTF-8 that is too long", member(b'"x": "\xc0\xaf"'), SYNTAX),
    ("UTF-8 of a surrogate", member(b'"x": "\xed\xa0\x80"'), SYNTAX),
    ("half of an escaped surrogate", member(b'"x": "\\ud800"'), f"{GOOD}|{SYNTAX}"),
    ("a line end in a string", member(b'"x": "\n"'), SYNTAX),
    ("a comment", member(b'/* */ "x": 1'), SYNTAX),
    ("a comma too many", text(lambda data: data[:-1] + b",}"), SYNTAX),
    ("NaN", member(b'"x": NaN'), SYNTAX),
    ("a number beyond all", member(b'"x": 1e999'), SYNTAX),
    ("400 digits", member(b'"x": ' + b"9" * 400), SYNTAX),
    ("as deep as may be", member(nested(1000)), GOOD),
    ("deeper than may be", member(nested(1100)), SYNTAX),
    ("100,000 deep", member(nested(100_000)), SYNTAX),
    ("a member twice", member(b'"x": 1, "x": 1'), "x appears twice"),
    ("a member twice, escaped", member(b'"x": 1, "\\u0078": 1'), "x appears twice"),
    ("a member twice inside", member(b'"x": [{"y": 1, "y": 2}]'), "y appears twice"),
    ("the same in capitals", member(b'"SCHEMAVERSION": 1, "RootFS": {"type": "x"}, "Layers": []'), GOOD),
    ("5 MiB", text(lambda data: data + b" " * (5 * MIB)), "at most 4194304|larger than 4194304|longer than 4194304"),
    ("a string of 1 MiB", member(b'"x": "' + b"y" * MIB + b'"'), GOOD),
    ("50,000 members", member(b", ".join(b'"x%d": 1' % i for i in range(50_000))), GOOD),
]

# What may be wrong with the descriptor of a manifest, a config or a layer: {member: value}.
DESCRIPTORS = [
    ("no digest", {"digest": GONE}, "digest"),
    ("a digest of null", {"digest": None}, "digest"),
    ("an empty digest", {"digest": ""}, "must be a digest"),
    ("a digest in capitals", {"digest": lambda old: old.upper().replace("SHA256", "sha256")}, "lower-case"),
    ("a short digest", {"digest": lambda old: old[:-1]}, "64 lower-case"),
    ("a long digest", {"digest": lambda old: old + "0"}, "64 lower-case"),
    ("a digest with a line end", {"digest": lambda old: old + "\n"}, "64 lower-case"),
    ("a digest with NUL", {"digest": lambda old: old[:-1] + "\0"}, "digest"),
    ("a digest of MD5", {"digest": "md5:" + "0" * 32}, "must be a digest"),
    ("a digest that is a path", {"digest": "sha256:" + "../" * 20 + "etc/passwd"}, "64 lower-case"),
    ("a digest of a path's length", {"digest": "sha256:" + "../" * 21 + "x"}, "64 lower-case"),
    ("an algorithm that is a path", {"digest": "../../sha256:" + "0" * 64}, "must be a digest"),
    ("the digest of another", {"digest": ABSENT}, "has no file|No such file|does not exist|not what its digest"),
    ("no size", {"size": GONE}, "size"),
    ("a size of null", {"size": None}, "size"),
    ("a size of -1", {"size": -1}, "size"),
    ("a size of 0", {"size": 0}, "not what its digest says|as its descriptor says|longer than"),
    ("a size too small", {"size": lambda old: old - 1}, "not what its digest says|descriptor says|longer than"),
    ("a size too large", {"size": lambda old: old + 1}, "not what its digest says|descriptor says|ended after"),
    ("a size of 2^53+1", {"size": 2 ** 53 + 1}, "size"),
    ("a size of 2^64", {"size": 2 ** 64}, f"size|{SYNTAX}"),
    ("a size of 1.5", {"size": 1.5}, "size"),
    ("a size that is text", {"size": "5"}, "size"),
    ("no type", {"mediaType": GONE}, "mediaType"),
    ("a type that is a number", {"mediaType": 1}, "mediaType"),
    ("annotations of an array", {"annotations": []}, "annotations"),
    ("an annotation that is a number", {"annotations": {"x": 1}}, "annotations"),
    ("embedded data of no base 64", {"data": "%%%"}, "base 64"),
    ("embedded data of another length", {"data": "eHg="}, "must be .* bytes"),
    ("addresses of files", {"urls": ["file:///etc/passwd", "../x"]}, GOOD),
    ("addresses that are numbers", {"urls": [1]}, "urls"),
    ("a platform that is a number", {"platform": 1}, "platform"),
]


def descriptor_change(where, members):
    def change(document, draft):
        for name, value in members.items():
            at(f"{where}/{name}", value)(document, draft)
        return document
    return change


def documents():
    for step in ("index", "manifest", "config"):
        family = Family(step)
        for name, change, outcome in TEXTS:
            family.add(name, step, change, outcome)
        yield family


def descriptors():
    for prefix, step, where in (("entry", "index", "manifests/0"), ("config descriptor", "manifest", "config"),
                                ("layer descriptor", "manifest", "layers/1")):
        family = Family(prefix)
        for name, members, outcome in DESCRIPTORS:
            family.add(name, step, descriptor_change(where, members), outcome)
        yield family


def families():
    return [*documents(), *descriptors()]
