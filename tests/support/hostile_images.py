# SPDX-License-Identifier: Apache-2.0
"""Whole images made to reach, fool or stop their host: each row of a family is one mutation of a good image, by name.

An image is put together in steps, from its layers up to the files of its layout; a mutation changes one step, and what
follows from it follows: digests and sizes are right again unless they are what is changed.
"""
import copy
import dataclasses
import gzip
import json

from oci_image import CONFIG, INDEX, LAYER, MANIFEST, Layer, digest_of

GOOD = "GOOD"
GONE = object()  # a value that takes its member away
EVERYWHERE = ("oci", "oci-archive", "registry")


@dataclasses.dataclass
class Case:
    """`steps` are the mutation; pulling ends in `outcome`, GOOD or what the message says, from each of `sources`."""
    name: str
    steps: dict
    outcome: str
    sources: tuple
    run: tuple = None  # of what was pulled: the words of a command, its status, and what it prints


def small_layer(greeting=b"hello\n"):
    layer = Layer()
    layer.add("greeting", content=greeting)
    return layer.bytes()


class Blobs:
    """Blobs by digest, and their types."""

    def __init__(self):
        self.blobs, self.types = {}, {}

    def add(self, value, media_type):
        data = as_bytes(value)
        self.blobs[digest_of(data)], self.types[digest_of(data)] = data, media_type
        return {"mediaType": media_type, "digest": digest_of(data), "size": len(data)}

    def layout(self, index):
        blobs = {"blobs/" + digest.replace(":", "/"): data for digest, data in self.blobs.items()}
        return {"oci-layout": b'{"imageLayoutVersion": "1.0.0"}', "index.json": index, **blobs}


class Whole(Blobs):
    """An image of layers as they are sent, (bytes, what the media type ends in), in `indexes` indexes."""

    def __init__(self, layers, diff_ids, indexes=1):
        super().__init__()
        config = {"os": "linux", "architecture": "amd64", "config": {"Cmd": ["cat", "/greeting"]},
                  "rootfs": {"type": "layers", "diff_ids": diff_ids}}
        manifest = {"schemaVersion": 2, "mediaType": MANIFEST, "config": self.add(config, CONFIG),
                    "layers": [self.add(data, LAYER + suffix) for data, suffix in layers]}
        entry = self.add(manifest, MANIFEST)
        for _ in range(indexes - 1):
            entry = self.add({"schemaVersion": 2, "mediaType": INDEX, "manifests": [entry]}, INDEX)
        self.index = as_bytes({"schemaVersion": 2, "mediaType": INDEX, "manifests": [entry]})

    @property
    def files(self):
        return self.layout(self.index)


class Draft(Blobs):
    """An image in the making; the files of its layout by path: bytes, or a function that makes it at a path."""

    def __init__(self, steps, base):
        super().__init__()
        self.steps = steps
        tars = self.step("tars", [base, small_layer()])
        config = self.step("config", {"os": "linux", "architecture": "amd64", "config": {"Cmd": ["cat", "/greeting"]},
                                      "rootfs": {"type": "layers", "diff_ids": [digest_of(tar) for tar in tars]}})
        layers = [self.add(tar if i == 0 else gzip.compress(tar, mtime=0), LAYER + ("+gzip" if i else ""))
                  for i, tar in enumerate(tars)]
        manifest = {"schemaVersion": 2, "mediaType": MANIFEST, "config": self.add(config, CONFIG), "layers": layers}
        entry = self.add(self.step("manifest", manifest), MANIFEST)
        index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": [entry]}
        self.index = as_bytes(self.step("index", index))
        self.files = self.step("files", self.layout(self.index))

    def step(self, name, value):
        return self.steps[name](value, self) if name in self.steps else value


def as_bytes(value):
    return value if isinstance(value, bytes) else json.dumps(value).encode()


def at(path, value):
    """The change of the member at `path`, "config/User" or "layers/0/size"; a function gets the old value."""
    def change(document, _draft):
        *parents, last = [int(part) if part.isdigit() else part for part in path.split("/")]
        place = document
        for part in parents:
            place = place[part]
        if value is GONE:
            del place[last]
        else:
            old = place[last] if isinstance(last, int) else place.get(last)
            place[last] = value(old) if callable(value) else copy.deepcopy(value)
        return document
    return change


def text(edit):
    """The change of a document's bytes by `edit`."""
    return lambda document, _draft: edit(as_bytes(document))


def replaced(old, new):
    """The change of the bytes `old`, which must be there, to `new`."""
    def edit(data):
        assert old in data, (old, data)
        return data.replace(old, new, 1)
    return text(edit)


def member(raw):
    """The change that puts the raw text of one more member in front."""
    return text(lambda data: b"{" + raw + b", " + data[1:])


class Family:
    """Rows under names that begin alike."""

    def __init__(self, prefix, sources=EVERYWHERE):
        self.prefix, self.sources, self.cases = prefix, sources, []

    def add(self, name, step, change, outcome, **more):
        more.setdefault("sources", self.sources)
        steps = change if isinstance(change, dict) else {step: change}
        self.cases.append(Case(f"{self.prefix}: {name}", steps, outcome, **more))
