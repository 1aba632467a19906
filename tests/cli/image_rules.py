# SPDX-License-Identifier: Apache-2.0
# run: once
# run: plain
# timeout: 120
"""What the image and distribution specifications ask of whoever pulls, and no single function answers for."""
import base64
import gzip
import hashlib
import json
import os
import subprocess
import sys
import tarfile

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
from harness import TMP, ContainerTest, main, run  # noqa: E402
from image_test import IMAGE, RUN, busybox_layer  # noqa: E402
from oci_image import CONFIG, INDEX, LAYER, MANIFEST, Layer, facts_of  # noqa: E402
from registry import Registry, Reply, as_json, make_certificates  # noqa: E402
from served import Served, one_file  # noqa: E402

CERTIFICATES = os.path.join(TMP, "certificates")
DOCKER = "application/vnd.docker."


def zstd(data):
    return subprocess.run(["zstd", "-q", "-c"], input=data, stdout=subprocess.PIPE, check=True).stdout


def plain(data):
    return data


# Every form a layer may have, and how it is packed. Source: image-spec media-types.md, layer.md.
LAYER_FORMS = {
    LAYER: plain, LAYER + "+gzip": gzip.compress, LAYER + "+zstd": zstd,
    LAYER.replace("layer.", "layer.nondistributable."): plain,
    LAYER.replace("layer.", "layer.nondistributable.") + "+gzip": gzip.compress,
    LAYER.replace("layer.", "layer.nondistributable.") + "+zstd": zstd,
    DOCKER + "image.rootfs.diff.tar": plain, DOCKER + "image.rootfs.diff.tar.gzip": gzip.compress,
    DOCKER + "image.rootfs.foreign.diff.tar.gzip": gzip.compress,
}


# Neither the store, which lies on an overlay, nor any place for scratch can hold the upper directory of the kernel's
# overlay. $0 is a directory, then follow the programs, the image and the words for run.
ON_AN_OVERLAY = """
cd "$0" && mkdir lower upper work merged &&
mount -t overlay -o userxattr,lowerdir=lower,upperdir=upper,workdir=work none merged || exit 99
mkdir -m 0700 merged/runtime
export WOLFFIA_STORE="$0/merged/store" XDG_RUNTIME_DIR="$0/merged/runtime" TMPDIR=/tmp
image=$1 run=$2 name=$3
shift 3
"$image" pull -q --cert-dir "$0/certs" --name mine "$name" >/dev/null &&
mount --rbind /tmp /tmp && mount -o remount,bind,ro,nosuid,nodev /tmp && "$run" run --rm "$@"
"""


def instead_of(digest, body):
    """A fault: what has the digest is `body`."""
    def fault(_registry, request, reply):
        return Reply(200, reply.headers, body) if request.path.endswith(digest) else reply
    return fault


class ImageRules(ContainerTest):
    @classmethod
    def setUpClass(cls):
        os.makedirs(CERTIFICATES)
        make_certificates(CERTIFICATES)

    def setUp(self):
        super().setUp()
        self.store = os.environ["WOLFFIA_STORE"] = self.dir + "/store"
        self.registry = self.enterContext(Registry(CERTIFICATES, content=Served()))
        self.trust(self.registry)

    def trust(self, registry):
        for server in registry.servers:
            os.makedirs(f"{self.dir}/certs/{server.host}")
            os.symlink(CERTIFICATES + "/ca.crt", f"{self.dir}/certs/{server.host}/ca.crt")

    @property
    def content(self):
        return self.registry.content

    def name(self, tag="1"):
        return f"{self.registry.host}/{self.registry.repository}:{tag}"

    def image(self, command, *words):
        flags = [] if command == "save" else ["--cert-dir", self.dir + "/certs"]
        return run([IMAGE, command, "-q", *flags, *words])

    def says(self, done):
        self.assert_ran(done)
        return done.out.strip()

    def assert_told(self, done, words):
        self.assertEqual(done.status, 1, done)
        said = [line for line in done.err.splitlines() if "warning: no subordinate ids" not in line]
        self.assertRegex(said[0], words)
        self.assertEqual(len(said), 1, done)

    def test_every_type_of_manifest_is_asked_for_and_read(self):
        tar = one_file("greeting")
        for index, manifest, config, layer in [
                (INDEX, MANIFEST, CONFIG, LAYER + "+gzip"),
                (DOCKER + "distribution.manifest.list.v2+json", DOCKER + "distribution.manifest.v2+json",
                 DOCKER + "container.image.v1+json", DOCKER + "image.rootfs.diff.tar.gzip")]:
            document = self.content.manifest([tar], mediaType=manifest)
            document["config"]["mediaType"], document["layers"][0]["mediaType"] = config, layer
            entry = self.content.put(document, manifest, index)
            for tag in ("1", "single"):
                self.registry.log.clear()
                self.assertEqual(self.says(self.image("pull", self.name(tag))), entry["digest"])
                for request in self.registry.requests("registry", "/manifests/"):
                    for wanted in (INDEX, MANIFEST, "distribution.manifest.list.v2", "distribution.manifest.v2"):
                        self.assertIn(wanted, request.headers["accept"])

    def test_layers_of_every_form_are_unpacked(self):
        tars = [one_file(f"of-{i}") for i in range(len(LAYER_FORMS))]
        document = self.content.manifest(tars)
        document["layers"] = [self.content.add(pack(tar), form) for tar, (form, pack) in zip(tars, LAYER_FORMS.items())]
        self.content.put(document)
        self.assert_ran(self.image("unpack", self.name(), self.dir + "/tree"))
        self.assertEqual(sorted(os.listdir(self.dir + "/tree")), sorted(f"of-{i}" for i in range(len(tars))))

    def test_size_comes_first_then_the_digest_then_the_content(self):
        document = self.content.manifest([one_file("greeting")])
        entry = self.content.put(document)
        for wrong in (entry, document["config"]):
            for body, words in ((b"<html>" * 1000, "bytes, not|longer than"), (b"<", "bytes, not|shorter than|ended after"),
                                (b"<" * wrong["size"], "is not what its digest says")):
                self.registry.fault = instead_of(wrong["digest"], body)
                self.assert_told(self.image("unpack", self.name(), self.dir + "/tree"), words)

    def test_what_is_named_by_sha512_is_pulled_and_run(self):
        self.registry.content = Served("sha512")
        tars = [busybox_layer().bytes(), one_file("greeting")]
        entry = self.content.put(self.content.manifest(tars))
        self.assertEqual(self.says(self.image("pull", self.name())), entry["digest"])
        self.assertEqual(self.says(run([RUN, "run", "--rm", self.name()])), "greeting")
        self.assertEqual(self.says(run([RUN, "run", "--rm", entry["digest"]])), "greeting")
        by_digest = f"{self.registry.host}/{self.registry.repository}@{entry['digest']}"
        self.assertEqual(self.says(self.image("copy", by_digest, f"oci:{self.dir}/copy:1")), entry["digest"])
        self.assert_ran(self.image("unpack", f"oci:{self.dir}/copy:1", self.dir + "/tree"))
        self.registry.fault = instead_of(entry["digest"], self.content.manifests[entry["digest"]][:-1] + b" ")
        self.assert_told(self.image("copy", by_digest, f"oci:{self.dir}/other:1"), "is not what its digest says")

    def test_a_layer_that_unpacks_to_something_else_is_refused(self):
        """By its diffID: in another layer's place, of another algorithm, or with one more member behind it."""
        tars = [one_file("greeting"), one_file("more")]
        document = self.content.manifest(tars)
        more = self.content.add(gzip.compress(tars[0], mtime=0) + gzip.compress(b"x"), LAYER + "+gzip")
        wrong = [self.content.digest(tars[1]), "sha512:" + hashlib.sha512(tars[1]).hexdigest()]
        for layer, diff_id in [(document["layers"][0], one) for one in wrong] + [(more, self.content.digest(tars[0]))]:
            config = self.content.config(tars[:1], rootfs={"type": "layers", "diff_ids": [diff_id]})
            self.content.put({**document, "layers": [layer], "config": self.content.add(config, CONFIG)})
            for words in (["pull", self.name()], ["unpack", self.name(), self.dir + "/tree"]):
                self.assert_told(self.image(*words), "unpacks to sha(256|512):[0-9a-f]+, but the image's config says sha")
            self.assertFalse(os.path.exists(self.dir + "/tree"))
            self.assertEqual(run([RUN, "images", "-q"]).out, "")

    def test_embedded_data_counts_where_it_is_what_the_digest_says(self):
        document = self.content.manifest([one_file("greeting")])
        config = document["config"]
        honest = self.content.blobs[config["digest"]]
        config["data"] = base64.b64encode(honest).decode()
        self.content.put(document)
        self.assert_ran(self.image("pull", self.name()))
        self.assertEqual(self.registry.requests("registry", config["digest"]), [], "it was fetched all the same")
        config["data"] = base64.b64encode(honest.replace(b"linux", b"Linux")).decode()
        self.content.put(document)
        self.assert_told(self.image("pull", self.name()), "is not what its digest says")

    def test_an_artifact_is_copied_byte_for_byte_and_never_unpacked(self):
        empty = self.content.add(b"{}", "application/vnd.oci.empty.v1+json", data="e30=")
        self.assertEqual(empty["digest"], "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a")
        document = {"schemaVersion": 2, "mediaType": MANIFEST, "artifactType": "application/x.new", "config": empty,
                    "layers": [self.content.add(b"\0words", "application/x.of-nobody", annotations={"a": "b"})],
                    "annotations": {"org.example": "\u00e4"}, "x-unknown": [1, {"y": None}]}
        written = json.dumps(document, indent=3).encode()
        entry = self.content.tag(self.content.add(written, MANIFEST))
        self.content.add({"schemaVersion": 2, "mediaType": INDEX, "manifests": [entry]}, INDEX)
        self.assertEqual(self.says(self.image("copy", "--all", self.name(), f"oci:{self.dir}/copy:1")), entry["digest"])
        for digest in (entry["digest"], *(blob["digest"] for blob in [empty, *document["layers"]])):
            with open(f"{self.dir}/copy/blobs/{digest.replace(':', '/')}", "rb") as file:
                self.assertEqual(file.read(), self.content.blobs[digest])
        for words in (["pull", self.name()], ["unpack", self.name(), self.dir + "/tree"]):
            self.assert_told(self.image(*words), 'is an artifact, "application/x.new"')
        self.assertFalse(os.path.exists(self.dir + "/tree"))

    def test_what_is_stored_is_never_written_anew(self):
        document = self.content.manifest([one_file("greeting")], annotations={"a": "b"})
        document["x-unknown"] = 1.50
        written = json.dumps(document, indent=1).encode()
        entry = self.content.put(written)
        self.assert_ran(self.image("pull", "--keep-blobs", self.name()))
        self.assert_ran(self.image("save", "-o", self.dir + "/saved", self.name()))
        with tarfile.open(self.dir + "/saved") as archive:
            kept = archive.extractfile("blobs/" + entry["digest"].replace(":", "/")).read()
        self.assertEqual(kept, written)

    def test_a_config_of_more_than_4_mib_is_refused_before_it_is_fetched(self):
        tar = one_file("greeting")
        document = self.content.manifest([tar])
        document["config"] = self.content.add(self.content.config([tar], author="x" * (4 << 20)), CONFIG)
        self.content.put(document)
        self.assert_told(self.image("pull", self.name()), "must have at most 4194304 bytes")
        self.assertEqual(self.registry.requests("registry", "/blobs/"), [])

    def test_a_token_without_a_time_lives_for_a_minute(self):
        self.content.put(self.content.manifest([one_file("greeting"), one_file("more")]))
        self.registry.auth_kind = "bearer"
        for answer in ({"token": "token-of-ana"}, {"access_token": "token-of-ana", "expires_in": 1}):
            def fault(_registry, request, reply, answer=answer):
                return Reply(200, {}, as_json(answer)) if request.server == "auth" else reply
            self.registry.fault = fault
            self.registry.log.clear()
            self.assert_ran(self.image("copy", self.name(), f"oci:{self.dir}/copy{len(answer)}:1"))
            self.assertEqual(len(self.registry.requests("auth")), 1)
            self.assertEqual(self.registry.requests("auth")[0].query.count("scope="), 1)

    def test_a_list_of_tags_goes_on_by_link(self):
        pages = {"n=1000": (["1", "a"], "b"), "n=1000&last=b": (["b"], "c"), "n=1000&last=c": (None, None)}

        def fault(_registry, request, reply):
            if not request.path.endswith("/tags/list"):
                return reply
            tags, last = pages[request.query]
            link = f'<{request.path}?n=1000&last={last}>; rel="next"'
            return Reply(200, {"Link": link} if last else {}, as_json({"name": "team/app", "tags": tags}))
        self.registry.fault = fault
        done = run([IMAGE, "inspect", "--tags", "--cert-dir", self.dir + "/certs", self.name("none")])
        self.assertEqual(self.says(done), "1\na\nb")
        done = run([IMAGE, "inspect", "--tags", "--raw", self.name()])
        self.assertEqual(done.status, 1)
        self.assertRegex(done.err, "--tags is about a repository")

    def test_a_link_below_that_becomes_a_directory_hides_what_it_led_to(self):
        """Lower "bin -> usr/bin", upper "bin/foo": as overlay file systems have it, in each way to a tree."""
        lower, upper = busybox_layer(), Layer()
        lower.directory("usr/sbin")
        lower.add("usr/sbin/below", content=b"x")
        lower.add("sbin", tarfile.SYMTYPE, link="usr/sbin")
        upper.add("sbin/foo", content=b"y")
        self.content.put(self.content.manifest([lower.bytes(), upper.bytes()]))
        self.assert_ran(self.image("pull", "--name", "mine", self.name()))
        listing = ["sh", "-c", "ls sbin usr/sbin; test -L sbin || echo directory"]
        wanted = "sbin:\nfoo\n\nusr/sbin:\nbelow\ndirectory"
        self.assertEqual(self.says(run([RUN, "run", "--rm", "mine", *listing])), wanted)
        for words in (["mine"], ["--storage", "copy", "mine"]):
            done = run(["unshare", "--map-root-user", "--mount", "sh", "-c", ON_AN_OVERLAY, self.dir, IMAGE, RUN,
                        self.name(), *words, *listing])
            self.assertEqual(self.says(done), wanted)
            subprocess.run(["rm", "-rf", *(f"{self.dir}/{name}" for name in ("lower", "upper", "work", "merged"))], check=True)
        self.assert_ran(self.image("unpack", self.name(), self.dir + "/tree"))
        self.assertEqual([line.split()[0] for line in facts_of(self.dir + "/tree/sbin")], ["foo"])
        self.assertEqual(os.listdir(self.dir + "/tree/usr/sbin"), ["below"])


if __name__ == "__main__":
    main()
