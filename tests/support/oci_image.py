# SPDX-License-Identifier: Apache-2.0
"""OCI layouts made in the test itself, and how a tree is compared with another."""
import gzip
import hashlib
import io
import json
import os
import random
import stat
import tarfile

TYPE = "application/vnd.oci.image."
MANIFEST, INDEX, CONFIG = TYPE + "manifest.v1+json", TYPE + "index.v1+json", TYPE + "config.v1+json"
LAYER = TYPE + "layer.v1.tar"


def digest_of(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


class Layer:
    """The entries of one tar archive, in order."""

    def __init__(self):
        self.stream = io.BytesIO()
        self.tar = tarfile.open(fileobj=self.stream, mode="w", format=tarfile.PAX_FORMAT)

    def add(self, name, kind=tarfile.REGTYPE, content=b"", mode=0o644, mtime=1_600_000_000, link="", uid=0, gid=0,
            xattrs=None, device=(0, 0)):
        entry = tarfile.TarInfo(name)
        entry.type, entry.mode, entry.mtime, entry.linkname, entry.uid, entry.gid = kind, mode, mtime, link, uid, gid
        entry.size = len(content)
        entry.devmajor, entry.devminor = device
        entry.pax_headers = {"SCHILY.xattr." + key: value for key, value in (xattrs or {}).items()}
        self.tar.addfile(entry, io.BytesIO(content))

    def directory(self, name, **changes):
        self.add(name, tarfile.DIRTYPE, **{"mode": 0o755, **changes})

    def whiteout(self, name):
        directory, base = os.path.split(name)
        self.add(os.path.join(directory, ".wh." + base))

    def bytes(self):
        self.tar.close()
        return self.stream.getvalue()


class Layout:
    """A directory with blobs, new or there already, to which images are added under tags."""

    def __init__(self, path):
        self.path = path
        os.makedirs(os.path.join(path, "blobs/sha256"), exist_ok=True)
        self.entries = []
        if os.path.exists(os.path.join(path, "index.json")):
            self.entries = self.read("index.json")["manifests"]
        self.write("oci-layout", json.dumps({"imageLayoutVersion": "1.0.0"}).encode())

    def read(self, name):
        """The JSON in a file, which a digest names as well."""
        if ":" in name:
            name = "blobs/" + name.replace(":", "/")
        with open(os.path.join(self.path, name), encoding="utf-8") as file:
            return json.load(file)

    def write(self, name, data):
        with open(os.path.join(self.path, name), "wb") as file:
            file.write(data)

    def add_blob(self, data, media_type):
        digest = digest_of(data)
        self.write("blobs/sha256/" + digest[7:], data)
        return {"mediaType": media_type, "digest": digest, "size": len(data)}

    def add_json(self, value, media_type):
        return self.add_blob(json.dumps(value).encode(), media_type)

    def add_image(self, tag, layers, config=None, packed=True, compress=gzip.compress, suffix="+gzip", **more):
        """`layers` are Layer objects or bytes, lowest first. Returns the manifest's descriptor."""
        tars = [layer.bytes() if isinstance(layer, Layer) else layer for layer in layers]
        blobs = [self.add_blob(compress(tar), LAYER + suffix) if packed else self.add_blob(tar, LAYER) for tar in tars]
        return self.add_manifest(tag, blobs, [digest_of(tar) for tar in tars], config, **more)

    def add_manifest(self, tag, blobs, diff_ids, config=None, **more):
        """An image of blobs that are there already, given by their descriptors; `more` goes into its config."""
        document = {"os": "linux", "architecture": "amd64", "config": config or {},
                    "rootfs": {"type": "layers", "diff_ids": diff_ids}, **more}
        manifest = {"schemaVersion": 2, "mediaType": MANIFEST, "config": self.add_json(document, CONFIG),
                    "layers": blobs}
        entry = self.add_json(manifest, MANIFEST)
        self.add_entry(tag, entry)
        return entry

    def add_entry(self, tag, entry):
        named = {**entry, "annotations": {"org.opencontainers.image.ref.name": tag}}
        self.entries = [old for old in self.entries if old["annotations"] != named["annotations"]] + [named]
        self.write("index.json", json.dumps({"schemaVersion": 2, "manifests": self.entries}).encode())


class Generator:
    """Layers that change what the ones below have: every kind of file, whiteouts, links, modes, times, and `owners`."""

    def __init__(self, seed, owners=False):
        self.random, self.owners = random.Random(seed), owners
        self.files, self.directories = [], [""]
        self.looks = {}  # of files: a hard link says the same as what it leads to, and Podman obeys it

    def name(self):
        base = self.random.choice("abcdefgh") + self.random.choice(["", "1", " x", "ü", ".wh"])
        return os.path.join(self.random.choice(self.directories), base)

    def layer(self, size):
        layer, mine = Layer(), set()
        for _ in range(size):
            name = self.name()
            if name in mine:
                continue
            self.parents(layer, name, mine)
            mine.add(name)
            self.random.choices([self.file, self.directory, self.symlink, self.hard_link, self.remove],
                                [6, 4, 2, 2, 2])[0](layer, name, mine)
        return layer

    def parents(self, layer, name, mine):
        """A directory in which something changed is in the layer too, as its time changed."""
        parts = name.split("/")[:-1]
        for parent in ["/".join(parts[:i + 1]) for i in range(len(parts))]:
            if parent not in mine:
                mine.add(parent)
                self.directory(layer, parent, mine)

    def look(self):
        return {"mode": self.random.choice([0o644, 0o755, 0o600, 0o4755, 0o444]),
                "mtime": self.random.randrange(1_000_000_000) + self.random.choice([0, 0.25]), **self.owner()}

    def owner(self):
        return {} if not self.owners else {"uid": self.random.choice([0, 0, 33, 1000]), "gid": self.random.choice([0, 0, 33, 65534])}

    def forget(self, name):
        self.files = [file for file in self.files if file != name and not file.startswith(name + "/")]
        self.directories = [one for one in self.directories if one != name and not one.startswith(name + "/")]

    def file(self, layer, name, _mine):
        self.forget(name)
        self.looks[name] = self.look()
        layer.add(name, content=self.random.randbytes(self.random.choice([0, 1, 511, 5000])), **self.looks[name])
        self.files.append(name)

    def directory(self, layer, name, _mine):
        self.files = [file for file in self.files if file != name]
        layer.directory(name, mode=self.random.choice([0o755, 0o700, 0o1777]), mtime=self.random.randrange(10**9),
                        **self.owner())
        if name not in self.directories:
            self.directories.append(name)

    def symlink(self, layer, name, _mine):
        self.forget(name)
        layer.add(name, tarfile.SYMTYPE, link=self.random.choice(["a", "../b", "/c/d", "nowhere"]), mode=0o777,
                  **self.owner())

    def hard_link(self, layer, name, mine):
        targets = [file for file in self.files if file in mine and file != name]
        if not targets or name in self.directories:
            return self.file(layer, name, mine)
        self.forget(name)
        target = self.random.choice(targets)
        return layer.add(name, tarfile.LNKTYPE, link=target, **self.looks[target])

    def remove(self, layer, name, mine):
        known = [one for one in self.files + self.directories[1:] if one not in mine and
                 not any(other.startswith(one + "/") for other in mine)]
        if not known:
            return
        name = self.random.choice(known)
        self.parents(layer, name, mine)
        mine.add(name)
        self.forget(name)
        layer.whiteout(name)


def facts_of(root, owners=False):
    """What two equal trees have in common: one line a file, with the groups of hard links by their first name; with
    `owners` whose they are, too."""
    facts, first = [], {}
    for directory, below, files in os.walk(root):
        below.sort()
        for name in sorted(below + files):
            path = os.path.join(directory, name)
            status = os.lstat(path)
            shown = [os.path.relpath(path, root), oct(status.st_mode)]
            if owners:
                shown.append(f"{status.st_uid}:{status.st_gid}")
            if not stat.S_ISDIR(status.st_mode):
                shown.append(first.setdefault(status.st_ino, shown[0]))
            if stat.S_ISREG(status.st_mode):
                with open(path, "rb") as file:
                    shown.append(hashlib.sha256(file.read()).hexdigest())
            if stat.S_ISLNK(status.st_mode):
                shown.append(os.readlink(path))
            else:
                shown.append(status.st_mtime_ns)
                shown += [f"{key}={os.getxattr(path, key)}" for key in sorted(os.listxattr(path)) if key.startswith("user.")]
            facts.append(" ".join(map(str, shown)))
    return facts
