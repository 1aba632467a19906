# SPDX-License-Identifier: Apache-2.0
"""Hostile images, the families of the files they come as: directories, archives, and what `docker save` writes."""
import gzip
import json
import lzma
import os

from hostile_images import GOOD, GONE, Family, small_layer
from oci_image import digest_of
from tar_forge import archive, base_256, entry, header, padded

BLOB = "blobs/sha256/"


def blob_of(draft, media_type):
    return BLOB + [digest for digest, known in draft.types.items() if media_type in known][-1][7:]


def put(path, value):
    """The change of one file of the layout; "=TYPE" is the blob of that type."""
    def change(files, draft):
        name = blob_of(draft, path[1:]) if path.startswith("=") else path
        kept = {key: data for key, data in files.items() if key != name}
        return kept if value is GONE else kept | {name: value}
    return change


def link_to(target):
    def make(path):
        os.symlink(target, path)
    return make


def directories(canary):
    family = Family("layout", ("oci",))
    regular = "must be a file|No such device"
    for name, path in (("oci-layout", "oci-layout"), ("index.json", "index.json"), ("a manifest", "=manifest"),
                       ("a config", "=config"), ("a layer", "=layer.v1.tar+gzip")):
        for kind, make, outcome in (("absent", GONE, "No such file|no file|no OCI layout"),
                                    ("a link to the host", link_to("/etc/passwd"), "symbolic links"),
                                    ("a link to the canary", link_to(canary + "/file"), "symbolic links"),
                                    ("a link to itself", link_to("."), "symbolic links"),
                                    ("a device", link_to("/dev/zero"), "symbolic links"),
                                    ("a directory", os.mkdir, regular), ("a FIFO", os.mkfifo, regular)):
            family.add(f"{name} is {kind}", "files", put(path, make), outcome)
        family.add(f"{name} is empty", "files", put(path, b""), "JSON|digest says|descriptor says|ended")
        family.add(f"{name} is huge", "files", put(path, sparse), "at most|longer|digest says|descriptor says")
    for name, path in (("blobs", "blobs"), ("blobs/sha256", "blobs/sha256")):
        family.add(f"{name} is a link", "files", moved(path), f"{GOOD}|symbolic links")
    for name, value in (("2.0.0", b'{"imageLayoutVersion": "2.0.0"}'), ("a number", b'{"imageLayoutVersion": 1}'),
                        ("absent", b"{}"), ("with a line end", b'{"imageLayoutVersion": "\\n\\u001b[31m"}')):
        family.add(f"version {name}", "files", put("oci-layout", value), "imageLayoutVersion")
    return family


def sparse(path):
    with open(path, "wb") as file:
        file.truncate(1 << 40)


def moved(path):
    """That directory is elsewhere, and a link in its place."""
    def change(files, _draft):
        elsewhere = path + ".elsewhere"
        moved_files = {name.replace(path + "/", elsewhere + "/", 1): data for name, data in files.items()}
        return moved_files | {path: link_to(os.path.basename(elsewhere))}
    return change


def tarred(files, *more):
    return archive(*(entry(name, content=data) for name, data in files.items()), *more)


def archives(canary):
    """`raw` makes the archive of the good layout's files."""
    family = Family("archive", ("oci-archive",))
    up = "../" * 40 + canary[1:]
    bad = b'{"schemaVersion": 2, "manifests": []}'
    index = "index.json"

    def add(name, raw, outcome):
        family.add(name, "files", lambda files, _: {"": raw(files)}, outcome)

    def without(files, name):
        return {key: data for key, data in files.items() if key != name}

    add("empty", lambda _: b"", "ended|early|oci-layout|archive")
    add("of no files", lambda _: archive(), "oci-layout")
    add("no archive", lambda _: b"x" * 4096, "header|checksum|archive")
    add("of xz", lambda files: lzma.compress(tarred(files)), "xz")
    add("of gzip", lambda files: gzip.compress(tarred(files)), GOOD)
    add("of gzip, twice", lambda files: gzip.compress(gzip.compress(tarred(files))), "header|checksum|archive")
    add("of gzip, cut", lambda files: gzip.compress(tarred(files))[:-100], "ended|early|cut|truncated")
    add("cut", lambda files: tarred(files)[:-3000], "ended|early|ends")
    add("names with ./", lambda files: archive(*(entry("./" + name, content=data) for name, data in files.items())), GOOD)
    add("names with .. inside", lambda files: archive(*(entry("x/../" + name, content=data)
                                                        for name, data in files.items())), GOOD)
    add("absolute names", lambda files: archive(*(entry("/" + name, content=data) for name, data in files.items())), GOOD)
    add("names that lead out", lambda files: tarred(files, entry("../../canary/file", content=b"changed"),
                                                    entry(canary + "/file", content=b"changed")), GOOD)
    add("a member twice, the last good", lambda files: archive(entry(index, content=bad)) [:-1024] + tarred(files), GOOD)
    add("a member twice, the last bad", lambda files: tarred(files, entry(index, content=bad)), "0 images")
    add("a member twice, the last a device", lambda files: tarred(files, entry(index, "3", major=1, minor=3)), "no file")
    add("a member twice, the last a directory", lambda files: tarred(files, entry(index, "5")), "no file")
    for kind, flag in (("link", "2"), ("hard link", "1")):
        add(f"index is a {kind} out", lambda files, flag=flag: tarred(without(files, index), entry(index, flag, up + "/file")),
            "no file")
        add(f"index is a {kind} to /etc/passwd", lambda files, flag=flag: tarred(
            without(files, index), entry(index, flag, "/etc/passwd")), "no file")
        add(f"index is a {kind} to itself", lambda files, flag=flag: tarred(without(files, index), entry(index, flag, index)),
            "no file")
        add(f"index is a {kind} inside", lambda files, flag=flag: tarred(
            without(files, index), entry("there", content=files[index]), entry(index, flag, "there")), GOOD)
    add("links in a circle", lambda files: tarred(without(files, index), entry(index, "2", "b"), entry("b", "2", index)),
        "no file")
    add("a member of 2^62 bytes", lambda files: tarred(files)[:-1024] + header("x", size=base_256(2 ** 62, 12)),
        "size|ended|early|ends")
    add("a member of -1 bytes", lambda files: tarred(files)[:-1024] + header("x", size=base_256(-1, 12)), "size")
    add("a sparse index", lambda files: tarred(without(files, index)) [:-1024] + sparse_member(index), "no file")
    add("100,001 members", lambda files: tarred(files)[:-1024] + header("x") * 100_001 + b"\0" * 1024, "more than 100000")
    add("a path in a PAX record", lambda files: archive(*(entry("x" * 99, content=data, pax=[("path", name)])
                                                          for name, data in files.items())), GOOD)
    add("a blob under another's name", lambda files: tarred(swapped(files)), "digest says|descriptor says")
    return family


def sparse_member(name):
    """1 TiB of nothing, as PAX 1.0 says it."""
    pax = [("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0"), ("GNU.sparse.name", name),
           ("GNU.sparse.realsize", str(1 << 40))]
    return entry("x", content=padded(b"1\n%d\n0\n" % (1 << 40)), pax=pax) + b"\0" * 1024


def swapped(files):
    names = [name for name in files if name.startswith(BLOB)]
    return files | dict(zip(names, [files[name] for name in names[1:] + names[:1]], strict=True))


def docker_archives(canary):
    family = Family("docker-archive", ("docker-archive",))
    tar = small_layer()
    config = {"os": "linux", "architecture": "amd64", "config": {"Cmd": ["true"]},
              "rootfs": {"type": "layers", "diff_ids": [digest_of(tar)]}}
    text = json.dumps(config).encode()
    plain = {"Config": "config.json", "RepoTags": ["app:1"], "Layers": ["layer/layer.tar"]}
    files = {"config.json": text, "layer/layer.tar": tar}

    def add(name, manifest, outcome, more=(), **changed):
        data = manifest if isinstance(manifest, bytes) else json.dumps(manifest).encode()
        kept = {key: value for key, value in (files | changed).items() if value is not None}
        raw = tarred({"manifest.json": data, **kept}, *more)
        family.add(name, "files", lambda _files, _draft: {"": raw}, outcome)

    add("as it should be", [plain], GOOD)
    for name, value, outcome in (("nothing", b"", "JSON"), ("an object", plain, "array|list"), ("null", None, "array|list"),
                                 ("empty", [], "0 images"), ("of null", [None], "object"), ("of numbers", [1], "object"),
                                 ("with a member twice", b'[{"Config": "a", "Config": "b", "Layers": []}]', "twice"),
                                 ("of 5 MiB", b" " * (5 << 20) + b"[]", "at most 4194304"),
                                 ("deep", b"[" * 100_000, "JSON"), ("two images", [plain, plain], "has 2 images")):
        add(f"manifest.json {name}", value, outcome)
    no_file = "no file"
    for key in ("Config", "Layers"):
        wrap = (lambda value: [value]) if key == "Layers" else (lambda value: value)
        for name, value in (("absent", None), ("a number", 1), ("an object", {})):
            changed = {**plain, key: value} if value is not None else {k: v for k, v in plain.items() if k != key}
            add(f"{key} {name}", [changed], key)
        for name, value in (("a path out", "../../canary/file"), ("an absolute path", canary + "/file"), ("empty", ""),
                            ("a device", "/dev/zero"), ("with a line end", "a\n\x1b[31m"), ("dots", ".."),
                            ("manifest.json", "manifest.json")):
            add(f"{key} is {name}", [{**plain, key: wrap(value)}], f"{no_file}|must be an object|descriptor|digest|is missing")
        add(f"{key} with NUL", [{**plain, key: wrap("config.json\0x")}], "NUL")
    add("no layers", [{**plain, "Layers": []}], "names 0 layers")
    add("a layer too many", [{**plain, "Layers": ["layer/layer.tar"] * 2}], "names 2 layers")
    add("a config of no layers", [plain], "names 1 layers", **{"config.json": text.replace(b"layers", b"layers", 1).replace(
        digest_of(tar).encode(), b"").replace(b'[""]', b"[]")})
    add("another layer", [plain], "digest says", **{"layer/layer.tar": small_layer(b"other\n")})
    add("a layer of gzip", [plain], "digest says|descriptor", **{"layer/layer.tar": gzip.compress(tar)})
    add("a config of another system", [plain], GOOD, **{"config.json": text.replace(b"linux", b"plan9")})
    for name, value, outcome in (("null", None, GOOD), ("a number", 1, "RepoTags"), ("of numbers", [1], "RepoTags"),
                                 ("that lead out", ["../../canary:1"], GOOD), ("of 1 MiB", ["x" * (1 << 20)], GOOD),
                                 ("with line ends", ["a\n\x1b[31mb"], GOOD)):
        add(f"RepoTags {name}", [{**plain, "RepoTags": value}], outcome)
    links = {"inside": ("there", GOOD), "up and inside": ("../layer/../there", GOOD), "out": (canary + "/file", no_file),
             "up and out": ("../" * 40 + canary[1:] + "/file", no_file), "to itself": ("layer.tar", no_file)}
    for name, (target, outcome) in links.items():
        add(f"a layer is a link {name}", [plain], outcome, **{"layer/layer.tar": None, "there": tar, "layer/there": tar},
            more=[entry("layer/layer.tar", "2", target)])
    add("a config is a link out", [plain], no_file, **{"config.json": None}, more=[entry("config.json", "2", canary + "/file")])
    add("a layer twice", [plain], "digest says|descriptor", more=[entry("layer/layer.tar", content=b"x" * 512)])
    return family


def families(canary):
    return [directories(canary), archives(canary), docker_archives(canary)]
