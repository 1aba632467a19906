# SPDX-License-Identifier: Apache-2.0
"""Hostile images, the families of what index, manifest, layers and config mean: types, platforms, counts, what is run."""
import base64
import gzip

from hostile_images import GONE, GOOD, Family, at, small_layer
from oci_image import CONFIG, INDEX, LAYER, MANIFEST, digest_of

DOCKER = "application/vnd.docker.distribution.manifest."
AMBIGUOUS = "CVE-2021-41190"


def chain(*changes):
    def change(document, draft):
        for one in changes:
            document = one(document, draft)
        return document
    return change


def wrapped(depth):
    """Indexes in indexes, so deep that the outermost is the one to be read."""
    def change(index, draft):
        for _ in range(depth):
            index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": [draft.add(index, INDEX)]}
        return index
    return change


def with_entries(count):
    return at("manifests", lambda old: old * count)


def platform(os="linux", architecture="amd64", **more):
    return at("manifests/0/platform", {"os": os, "architecture": architecture, **more})


def index():
    family = Family("index")
    for name, value in (("1", 1), ("3", 3), ("text", "2"), ("2.5", 2.5), ("absent", GONE), ("null", None)):
        family.add(f"schemaVersion {name}", "index", at("schemaVersion", value), "schemaVersion|schema 1")
    for name, value, outcome in (("of a manifest", MANIFEST, "must be what it was announced as|" + AMBIGUOUS),
                                 ("of a config", CONFIG, "mediaType|no index"), ("absent", GONE, GOOD),
                                 ("of Docker's list", DOCKER + "list.v2+json", "announced as|" + GOOD),
                                 ("of schema 1", DOCKER + "v1+json", "schema 1|announced"),
                                 ("a number", 2, "mediaType"), ("64 KiB long", "x" * 65536, "mediaType|no index")):
        family.add(f"mediaType {name}", "index", at("mediaType", value), outcome)
    family.add("has a config too", "index", at("config", {}), AMBIGUOUS)
    family.add("has layers too", "index", at("layers", []), AMBIGUOUS)
    family.add("has fsLayers too", "index", at("fsLayers", []), AMBIGUOUS + "|schema 1")
    for name, value, outcome in (("absent", GONE, "0 images|no image for|no image"), ("null", None, "0 images|no image"),
                                 ("empty", [], "0 images|no image"), ("an object", {}, "manifests"),
                                 ("of null", [None], "manifests"), ("of a number", [1], "manifests")):
        family.add(f"manifests {name}", "index", at("manifests", value), outcome)
    family.add("10,001 entries", "index", with_entries(10_001), "at most 10000 entries")
    family.add("two images", "index", with_entries(2), "has 2 images", sources=("oci", "oci-archive"))
    family.add("5,000 times the same", "index", with_entries(5000), GOOD, sources=("registry",))
    family.add("nested twice", "index", wrapped(2), GOOD)
    family.add("nested too deep", "index", wrapped(6), "must not nest deeper")
    family.add("nested and empty", "index", lambda index, draft: wrapped(1)({**index, "manifests": []}, draft),
               "no image for")
    names = {"that leads out": "../../canary", "of 1 MiB": "x" * 1_000_000, "with a line end": "a\n\x1b[31mb", "empty": ""}
    for name, value in names.items():
        change = at("manifests/0/annotations", {"org.opencontainers.image.ref.name": value})
        family.add(f"tag {name}", "index", change, GOOD)
        family.add(f"two tags, one {name}", "index", chain(with_entries(2), change), "has 2 images",
                   sources=("oci", "oci-archive"))
    return family


def platforms():
    """The layouts name one image, which is asked about only where it is an index: the registry asks always."""
    family = Family("platform", ("registry",))
    for name, change in (("of another system", platform("windows")), ("of another machine", platform(architecture="s390x")),
                         ("of a variant unknown", platform(variant="v99")), ("empty", platform("", "")),
                         ("in capitals", platform("Linux", "AMD64"))):
        family.add(name, "index", change, "no image for")
    family.add("without a system", "index", at("manifests/0/platform", {"architecture": "amd64"}), "os")
    family.add("of numbers", "index", platform(1, 2), "platform")
    family.add("with a line end", "index", platform("linux\n\x1b[31m", "x" * 9000), "no image for")
    family.add("with features and members unknown", "index", platform(**{"os.features": ["x"], "x": 1}), GOOD)
    lies = at("architecture", "s390x")
    family.add("of a config that says otherwise", "config", lies, GOOD, sources=("oci", "oci-archive", "registry"))
    family.add("of a manifest that is unknown", "index", at("manifests/0/mediaType", "application/x"), "no image for")
    return family


def same_layers(count):
    """A manifest and a config of `count` times the same layer."""
    return {"tars": lambda tars, _: [tars[0]] + [tars[1]] * (count - 1)}


def manifest():
    family = Family("manifest")
    for name, value in (("1", 1), ("3", 3), ("text", "2"), ("absent", GONE)):
        family.add(f"schemaVersion {name}", "manifest", at("schemaVersion", value), "schemaVersion|schema 1")
    for name, value, outcome in (("of an index", INDEX, "announced as|" + AMBIGUOUS), ("absent", GONE, GOOD),
                                 ("of a layer", LAYER, "announced as|no manifest"), ("empty", "", GOOD),
                                 ("of Docker's", DOCKER + "v2+json", "announced as")):
        family.add(f"mediaType {name}", "manifest", at("mediaType", value), outcome)
    family.add("has manifests too", "manifest", at("manifests", []), AMBIGUOUS)
    family.add("has fsLayers too", "manifest", at("fsLayers", []), AMBIGUOUS)
    family.add("no config", "manifest", at("config", GONE), "config")
    family.add("config is a number", "manifest", at("config", 1), "config")
    for name, value in (("of an artifact", "application/vnd.wasm.config.v0+json"), ("empty", ""),
                        ("of nothing", "application/vnd.oci.empty.v1+json"), ("of a layer", LAYER)):
        family.add(f"config's type {name}", "manifest", at("config/mediaType", value), "is an artifact")
    family.add("config of 5 MiB said", "manifest", at("config/size", 5 << 20), "at most 4194304|larger|longer")
    other = base64.b64encode(b"x" * 10).decode()
    family.add("config's data is another", "manifest",
               chain(at("config/data", other), at("config/size", 10)), "not what its digest says|descriptor says|longer")
    for name, value, outcome in (("absent", GONE, "diff_ids has 2 entries for 0"), ("null", None, "for 0 layers"),
                                 ("empty", [], "for 0 layers"), ("an object", {}, "layers"), ("of null", [None], "layers"),
                                 ("one too few", lambda old: old[:1], "for 1 layers"),
                                 ("one too many", lambda old: old + old[:1], "for 3 layers"),
                                 ("the other way round", lambda old: old[::-1], "unpacks to .*, but the image's config"),
                                 ("10,001", lambda old: old[:1] * 10_001, "at most 10000 entries")):
        family.add(f"layers {name}", "manifest", at("layers", value), outcome)
    family.add("40 times the same layer", None, same_layers(40), GOOD)
    family.add("501 layers", None, same_layers(501), "more than 500")
    family.add("subject is a number", "manifest", at("subject", 1), "subject")
    family.add("subject that is not there", "manifest",
               at("subject", {"mediaType": MANIFEST, "digest": "sha256:" + "0" * 64, "size": 1}), GOOD)
    family.add("annotations of null", "manifest", at("annotations", None), f"{GOOD}|annotations")
    family.add("annotation with NUL", "manifest", at("annotations", {"x": "a\0b"}), f"{GOOD}|NUL")
    family.add("an artifact's type", "manifest", at("artifactType", "application/x"), GOOD)
    return family


def layer(make):
    """The change of the second layer's blob to make(its tar)."""
    def change(manifest, draft):
        data = make(small_layer())
        manifest["layers"][1] |= {**draft.add(data, LAYER), "mediaType": manifest["layers"][1]["mediaType"]}
        return manifest
    return change


def layers():
    family = Family("layer")
    end = "ended|truncated|too early|incomplete|cut"
    for name, make, outcome in (
            ("not packed", lambda tar: tar, "gzip|not "), ("empty", lambda tar: b"", "empty"),
            ("packed twice", lambda tar: gzip.compress(gzip.compress(tar)), "archive|header|unpacks to|tar"),
            ("cut in the middle", lambda tar: gzip.compress(tar)[:-20], end),
            ("without the check", lambda tar: gzip.compress(tar)[:-8], end),
            ("with a wrong check", lambda tar: gzip.compress(tar)[:-8] + b"\0" * 8, "gzip|check|damaged|corrupt|incorrect"),
            ("with garbage behind", lambda tar: gzip.compress(tar) + b"garbage", "early"),
            ("with a second member", lambda tar: gzip.compress(tar) + gzip.compress(b"x"), "unpacks to"),
            ("with NUL behind", lambda tar: gzip.compress(tar) + b"\0" * 1024, f"{GOOD}|gzip|header"),
            ("of another archive", lambda tar: gzip.compress(small_layer(b"other\n")), "unpacks to"),
            ("of an archive cut", lambda tar: gzip.compress(tar[:700]), "ends|ended|early|unpacks to"),
            ("of no archive", lambda tar: gzip.compress(b"x" * 2048), "header|checksum|archive|tar"),
            ("of a config", lambda tar: b'{"os": "linux"}', "gzip")):
        family.add(name, "manifest", layer(make), outcome)
    for name, media_type, outcome in (("none at all", "application/octet-stream", "no layer"), ("empty", "", "no layer"),
                                      ("encrypted", LAYER + "+gzip+encrypted", "no layer"),
                                      ("in capitals", (LAYER + "+gzip").upper(), "no layer"),
                                      ("with parameters", LAYER + "+gzip; charset=x", "no layer"),
                                      ("of xz", LAYER + "+xz", "no layer"), ("plain", LAYER, "header|checksum|archive|tar"),
                                      ("of zstd", LAYER + "+zstd", "zstd|Unknown frame"),
                                      ("of Docker", "application/vnd.docker.image.rootfs.diff.tar.gzip", GOOD),
                                      ("foreign", "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", GOOD)):
        family.add(f"type {name}", "manifest", at("layers/1/mediaType", media_type), outcome)
    return family


def config():
    family = Family("config")
    for path in ("os", "architecture"):
        for name, value, outcome in (("absent", GONE, GOOD), ("null", None, GOOD), ("a number", 1, path)):
            family.add(f"{path} {name}", "config", at(path, value), outcome)
    family.add("rootfs absent", "config", at("rootfs", GONE), "rootfs")
    for name, value in (("absent", GONE), ("another", "squashfs"), ("a number", 1), ("null", None)):
        family.add(f"rootfs.type {name}", "config", at("rootfs/type", value), "rootfs.type")
    ids = "diff_ids"
    for name, value, outcome in (
            ("absent", GONE, ids), ("null", None, ids), ("an object", {}, ids), ("of numbers", [1, 2], ids),
            ("one too few", lambda old: old[:1], "1 entries for 2"), ("one too many", lambda old: old + old[:1], "3 entries"),
            ("the other way round", lambda old: old[::-1], "unpacks to"), ("501", lambda old: old[:1] * 501, "at most 500"),
            ("of another", lambda old: [old[0], digest_of(b"")], "unpacks to"),
            ("that are paths", lambda old: ["sha256:../../../canary"] * 2, "64 lower-case"),
            ("in capitals", lambda old: [one.upper() for one in old], "digest"),
            ("of SHA-512", lambda old: [old[0], "sha512:" + "0" * 128], "unpacks to|sha512")):
        family.add(f"diff_ids {name}", "config", at("rootfs/diff_ids", value), outcome)
    for name, value, outcome in (("null", None, GOOD), ("an object", {}, "history"), ("of numbers", [1], "history"),
                                 ("longer than the layers", [{"created_by": "x"}] * 5000, GOOD),
                                 ("of a line end", [{"created_by": "a\n\x1b[31mb", "created": "x\r"}], GOOD),
                                 ("of wrong types", [{"empty_layer": "yes"}], "history|empty_layer")):
        family.add(f"history {name}", "config", at("history", value), outcome)
    for name, value, outcome in (("null", None, f"{GOOD}|config"), ("an array", [], "config"), ("absent", GONE, GOOD)):
        family.add(f"section {name}", "config", at("config", value), outcome)
    family.add("created is a number", "config", at("created", 1), "created")
    family.add("author with NUL", "config", at("author", "a\0b"), "NUL")
    return family


def families():
    return [index(), platforms(), manifest(), layers(), config()]
