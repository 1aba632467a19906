# SPDX-License-Identifier: Apache-2.0
"""Whole images for the registry of registry.py."""
import gzip
import hashlib

from image_test import Content
from oci_image import CONFIG, INDEX, LAYER, MANIFEST, Layer
from registry import as_json

PLATFORM = {"os": "linux", "architecture": "amd64"}


def one_file(name, content=None):
    layer = Layer()
    layer.add(name, content=name.encode() if content is None else content)
    return layer.bytes()


class Served(Content):
    """What a registry has, everything named by digests of one algorithm; the tag "1" is what was put last."""

    def __init__(self, algorithm="sha256"):
        super().__init__({}, {}, {}, {})
        self.algorithm = algorithm

    def digest(self, data):
        return f"{self.algorithm}:{hashlib.new(self.algorithm, data).hexdigest()}"

    def add(self, value, media_type, **members):
        data = value if isinstance(value, bytes) else as_json(value)
        digest = self.digest(data)
        self.blobs[digest] = self.manifests[digest] = data
        self.types[digest] = media_type
        return {"mediaType": media_type, "digest": digest, "size": len(data), **members}

    def config(self, tars, **members):
        return {**PLATFORM, "config": {"Cmd": ["cat", "/greeting"]},
                "rootfs": {"type": "layers", "diff_ids": [self.digest(tar) for tar in tars]}, **members}

    def manifest(self, tars, **members):
        return {"schemaVersion": 2, "mediaType": MANIFEST, "config": self.add(self.config(tars), CONFIG),
                "layers": [self.add(gzip.compress(tar, mtime=0), LAYER + "+gzip") for tar in tars], **members}

    def tag(self, entry, name="1"):
        self.tags[name] = entry["digest"]
        return entry

    def put(self, manifest, media_type=MANIFEST, index_type=INDEX):
        """Under "single" the manifest, under "1" an index of it."""
        entry = self.tag(self.add(manifest, media_type), "single")
        self.tag(self.add({"schemaVersion": 2, "mediaType": index_type, "manifests": [{**entry, "platform": PLATFORM}]},
                          index_type))
        return entry
