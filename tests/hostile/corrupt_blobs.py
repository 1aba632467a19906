# SPDX-License-Identifier: Apache-2.0
# run: once
# timeout: 300
"""Every blob of an image is damaged in turn: it is refused by name, nothing of it is kept, and the honest one is pulled
right afterwards, whatever was there meanwhile."""
import gzip
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
from harness import FULL, main, run  # noqa: E402
from hostile_images import Whole, small_layer  # noqa: E402
from image_test import RUN, ImageTest, busybox_layer  # noqa: E402
from oci_image import digest_of  # noqa: E402


def flipped(at):
    def change(data, _other):
        place = min(int(len(data) * at), len(data) - 1)
        return data[:place] + bytes([data[place] ^ 1]) + data[place + 1:]
    return change


DAMAGES = {
    "a bit in the middle": flipped(0.5),
    "half of it": lambda data, _: data[:len(data) // 2],
    "one byte more": lambda data, _: data + b"x",
    "another blob": lambda _, other: other,
    "nothing": lambda data, _: b"",
    "the first bit": flipped(0),
    "the last bit": flipped(1),
    "one byte less": lambda data, _: data[:-1],
    "itself twice": lambda data, _: data * 2,
    "zeros": lambda data, _: bytes(len(data)),
}
SOURCES = ("oci", "registry", "oci-archive")
USUAL = 3  # of them in a normal run …
PATIENT = ("half of it",)  # … where a registry is not asked again and again for what is too short


def three_layers():
    """An image of a plain layer, one of gzip and one of zstd, in an index within an index."""
    lowest = busybox_layer()
    lowest.add("lowest")  # or it would be the one that the store has
    tars = [lowest.bytes(), small_layer(), small_layer(b"more\n" * 40_000)]
    zstd = subprocess.run(["zstd", "-q", "-c"], input=tars[2], stdout=subprocess.PIPE, check=True).stdout
    layers = [(tars[0], ""), (gzip.compress(tars[1], mtime=0), "+gzip"), (zstd, "+zstd")]
    return Whole(layers, [digest_of(tar) for tar in tars], indexes=2)


class CorruptBlobs(ImageTest):
    def assert_nothing_kept(self, digest, done):
        """But, of a transfer that ended early, the bytes that came, for the next one to go on with."""
        self.assertEqual(run([RUN, "images", "-q"]).out.count("\n"), 1)
        kept = [name for name in os.listdir(self.store + "/tmp") if digest[7:] in name and
                os.path.getsize(os.path.join(self.store, "tmp", name)) > 0]
        if " ended after " not in done.err:
            self.assertEqual(kept, [])
        return bool(kept)

    def check(self, image, digest, damage, source):
        honest, others = image.blobs[digest], [data for key, data in image.blobs.items() if key != digest]
        image.blobs[digest] = DAMAGES[damage](honest, others[-1])
        words = self.from_source(source, image)
        image.blobs[digest] = honest
        done = self.image("pull", "-q", "--name", "mine", *words)
        self.assertEqual(done.status, 1, done)
        self.assertIn(digest[7:], done.err)
        self.assert_one_sentence(done)
        kept = self.assert_nothing_kept(digest, done)
        self.forget_sources()
        words = self.from_source(source, image)
        done = self.image("pull", "-q", "--name", "mine", *words)
        if done.status != 0 and kept:  # they were not of this blob, as it knows by now
            done = self.image("pull", "-q", "--name", "mine", *words)
        self.assert_ran(done)
        self.assertEqual(run([RUN, "run", "--rm", "mine"]).out, "more\n" * 40_000)
        self.assert_ran(run([RUN, "rmi", "mine"]))
        self.assert_nothing_left()

    def test_every_blob_of_every_source(self):
        image = three_layers()
        count = 0
        for number, digest in enumerate(image.blobs):
            for damage in DAMAGES if FULL else list(DAMAGES)[:USUAL]:
                for source in SOURCES if FULL else SOURCES[:1] if damage in PATIENT else [SOURCES[number % 2]]:
                    with self.subTest(blob=digest, damage=damage, source=source):
                        self.check(image, digest, damage, source)
                    self.forget_sources()
                    count += 1
        print(f"{count} damages of {len(image.blobs)} blobs")


if __name__ == "__main__":
    main()
