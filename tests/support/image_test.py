# SPDX-License-Identifier: Apache-2.0
"""What tests of whole images share: a store, a canary beside it, and every kind of place an image can come from."""
import dataclasses
import os
import subprocess
import tarfile

from harness import Canary, ContainerTest, run
from oci_image import INDEX, Layer, Layout, digest_of
from registry import Registry, make_certificates
from tar_forge import archive, entry

IMAGE, RUN = os.environ["WOLFFIA_IMAGE"], os.environ["WOLFFIA"]
MOST_WORDS = 4096  # bytes that a stranger may make us say


def busybox_layer():
    layer = Layer()
    layer.directory("bin")
    with open("/bin/busybox", "rb") as program:
        layer.add("bin/busybox", content=program.read(), mode=0o755)
    for applet in ("sh", "cat", "id", "ls", "pwd", "env", "touch", "true"):
        layer.add("bin/" + applet, tarfile.SYMTYPE, link="busybox")
    return layer


@dataclasses.dataclass
class Content:
    """What the registry serves: every blob under its digest, and as a manifest too."""
    blobs: dict
    manifests: dict
    types: dict
    tags: dict


class ImageTest(ContainerTest):
    """`before` are the names in a store that has one image, "base", of one layer."""

    def setUp(self):
        super().setUp()
        self.canary = Canary(os.path.join(self.dir, "canary"))
        self.store = os.environ["WOLFFIA_STORE"] = os.path.join(self.dir, "store")
        self.base = self.base_layer()
        Layout(self.dir + "/base").add_image("base", [self.base], packed=False)
        self.assert_ran(self.image("pull", "-q", "--name", "base", f"oci:{self.dir}/base"))
        self.assert_ran(run([RUN, "run", "--rm", "base", "true"]))
        self.assert_ran(run([RUN, "gc"]))
        self.before = self.names_in_store()
        make_certificates(self.dir)
        self.registry = self.enterContext(Registry(self.dir))
        os.makedirs(f"{self.dir}/certs/{self.registry.host}")
        os.symlink(self.dir + "/ca.crt", f"{self.dir}/certs/{self.registry.host}/ca.crt")

    def base_layer(self):
        return busybox_layer().bytes()

    def image(self, *words):
        return run([IMAGE, *words])

    def names_in_store(self):
        return sorted(os.path.join(directory, name) for directory, below, files in os.walk(self.store)
                      for name in below + files if "/tree" not in directory)

    # Where the image comes from: the words that name it.

    def from_source(self, source, draft):
        return getattr(self, "from_" + source.replace("-", "_"))(draft)

    def from_oci(self, draft):
        path = os.path.join(self.dir, "layout")
        os.mkdir(path)
        for name, data in draft.files.items():
            if isinstance(data, bytes):
                os.makedirs(os.path.dirname(os.path.join(path, name)), exist_ok=True)
                with open(os.path.join(path, name), "wb") as file:
                    file.write(data)
        for name, make in draft.files.items():
            if callable(make):
                make(os.path.join(path, name))
        return ["oci:" + path]

    def from_oci_archive(self, draft, kind="oci-archive"):
        raw = draft.files.get("")
        if raw is None:
            raw = archive(*(entry(name, content=data) for name, data in draft.files.items()))
        with open(self.dir + "/archive", "wb") as file:
            file.write(raw)
        return [f"{kind}:{self.dir}/archive"]

    def from_docker_archive(self, draft):
        return self.from_oci_archive(draft, "docker-archive")

    def from_registry(self, draft):
        top = digest_of(draft.index)
        self.registry.content = Content(dict(draft.blobs), draft.blobs | {top: draft.index},
                                        {digest: "application/json" for digest in draft.blobs} | {top: INDEX}, {"1": top})
        return ["--cert-dir", self.dir + "/certs", self.registry.reference]

    def forget_sources(self):
        subprocess.run(["rm", "-rf", self.dir + "/layout", self.dir + "/archive"], check=True)

    # What must hold.

    def assert_one_sentence(self, done):
        self.assertEqual(done.err.count("\n"), 1, done)
        self.assertTrue(done.err[:-1].isprintable(), done)
        self.assertLess(len(done.err), MOST_WORDS, done)

    def assert_nothing_left(self):
        """But what gc collects."""
        self.assertEqual(self.canary.changes(), [])
        self.assert_ran(run([RUN, "gc"]))
        self.assertEqual(self.names_in_store(), self.before)
