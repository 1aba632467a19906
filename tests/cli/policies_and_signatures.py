# SPDX-License-Identifier: Apache-2.0
# run: plain
# timeout: 120
# run: once
"""policy.json decides before a layer is read; a signature counts only as it was made, for what it was made."""
import base64
import copy
import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
from harness import PATIENCE, SUPPORT, TMP, main  # noqa: E402
from registry import INDEX, MANIFEST, Content, Registry, Reply, as_json, make_certificates  # noqa: E402
from registry_push import PushRegistry  # noqa: E402

CERTIFICATES = os.path.join(TMP, "certificates")
CONFIG = os.path.join(TMP, "home/.config/containers")
IMAGE = os.environ["WOLFFIA_IMAGE"]
SIGNATURE = "dev.cosignproject.cosign/signature"
REFERRER = "application/vnd.dev.cosign.artifact.sig.v1+json"


def write(path, data):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(data if isinstance(data, bytes) else as_json(data))


def make_key(name):
    """NAME.key and NAME.pub, by OpenSSL."""
    path = os.path.join(TMP, name)
    make = ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", path + ".key"]
    for words in (make, ["pkey", "-in", path + ".key", "-pubout", "-out", path + ".pub"]):
        subprocess.run(["openssl", *words], check=True, capture_output=True)
    return path


class Policies(unittest.TestCase):
    numbers = itertools.count()

    @classmethod
    def setUpClass(cls):
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)  # clients hang up on the servers in this process
        os.makedirs(CERTIFICATES)
        make_certificates(CERTIFICATES)
        cls.own, cls.other = make_key("own"), make_key("other")

    def setUp(self):
        shutil.rmtree(CONFIG, ignore_errors=True)

    def trust(self, registry):
        for server in registry.servers:
            place = os.path.join(CONFIG, "certs.d", server.host)
            os.makedirs(place, exist_ok=True)
            shutil.copy(os.path.join(CERTIFICATES, "ca.crt"), place)

    def command(self, *words):
        environment = {"HOME": os.path.join(TMP, "home"), "PATH": os.environ["PATH"]}
        return subprocess.run(words, capture_output=True, text=True, env=environment, timeout=PATIENCE)

    def signed(self, key=None, server=None):
        """A registry that was pushed the image to, signed with `key` as its tag."""
        target = server or PushRegistry(CERTIFICATES)
        self.enterContext(target)
        self.trust(target)
        with Registry(CERTIFICATES) as source:
            self.trust(source)
            done = self.command(os.path.join(SUPPORT, "fetch"), f"certs={CONFIG}/certs.d",
                                f"sign={key or self.own}.key", source.reference, "push:" + target.reference)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.digest = done.stdout.strip()
        self.tag = self.digest.replace(":", "-") + ".sig"
        target.log.clear()
        return target

    def policy(self, requirement, scope=None):
        requirement = requirement if isinstance(requirement, list) else [requirement]
        value = {"default": requirement} if scope is None else {
            "default": [{"type": "reject"}], "transports": {"docker": {scope: requirement}}}
        write(os.path.join(CONFIG, "policy.json"), value)

    def by_own_key(self, **more):
        return {"type": "sigstoreSigned", "keyPath": self.own + ".pub", **more}

    def copy(self, registry, reference=None, *options):
        target = os.path.join(TMP, f"layout{next(self.numbers)}")
        return self.command(IMAGE, "copy", "--quiet", "--platform", "linux/amd64", *options,
                            reference or registry.reference, "oci:" + target)

    def assert_used(self, registry, reference=None):
        done = self.copy(registry, reference)
        self.assertEqual(done.returncode, 0, done.stderr)

    def assert_refused(self, registry, message, reference=None):
        registry.log.clear()
        done = self.copy(registry, reference)
        self.assertEqual(done.returncode, 1, done)
        self.assertRegex(done.stderr, message)
        layers = {layer["digest"] for layer in Content().layers}
        read = [r.path for r in registry.log if r.path.rpartition("/")[2] in layers]
        self.assertEqual(read, [], "layers were read before the policy was asked")

    def change_signature(self, registry, change):
        """The signature's manifest with its one layer, and the payload, as `change` makes them."""
        manifest = json.loads(registry.content.manifests[registry.content.tags[self.tag]])
        layer = manifest["layers"][0]
        payload = registry.content.blobs[layer["digest"]]
        payload = change(layer, payload) or payload
        layer.update(registry.content.add_blob(payload, layer["mediaType"]))
        registry.content.add_manifest(manifest, MANIFEST, self.tag)

    def test_a_signature_is_accepted(self):
        registry = self.signed()
        self.policy(self.by_own_key())
        self.assert_used(registry)

    def test_no_policy_no_question(self):
        registry = self.enterContext(Registry(CERTIFICATES))
        self.trust(registry)
        self.assert_used(registry)

    def test_the_most_specific_scope_counts(self):
        registry = self.signed()
        self.policy(self.by_own_key(), registry.host)
        self.assert_used(registry)
        self.policy({"type": "insecureAcceptAnything"}, "other.example")
        self.assert_refused(registry, "policy.json rejects")

    def test_a_file_has_no_signature(self):
        registry = self.enterContext(Registry(CERTIFICATES))
        self.trust(registry)
        self.assert_used(registry)
        layout = os.path.join(TMP, f"layout{next(self.numbers) - 1}")
        self.policy(self.by_own_key())
        done = self.command(IMAGE, "copy", "--quiet", "--platform", "linux/amd64", "oci:" + layout,
                            f"oci:{TMP}/other-layout")
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, f"oci:{layout} must be signed, and has no signature")

    def test_a_policy_with_anything_unexpected_refuses_all(self):
        registry = self.signed()
        for text in [b"", b"{", b"[]", b'{"default": []}', b'{"default": [{"type": "reject"}], "more": 1}',
                     b'{"default": [{"type": "insecureAcceptAnything"}], "default": [{"type": "reject"}]}',
                     as_json({"default": [self.by_own_key(keypath="x")]}),
                     as_json({"default": [self.by_own_key(keyPath=self.own)]}),
                     as_json({"default": [self.by_own_key(keyPath=self.own + ".key")]})]:
            write(os.path.join(CONFIG, "policy.json"), text)
            self.assert_refused(registry, "wolffia-image: ")

    def test_what_cannot_be_checked_refuses(self):
        registry = self.signed()
        for requirement in [{"type": "signedBy", "keyType": "GPGKeys", "keyPath": "/x"}, {"type": "new"},
                            {"type": "sigstoreSigned", "fulcio": {}}]:
            self.policy(requirement)
            self.assert_refused(registry, "cannot be checked")

    def test_another_key_or_name_or_image_refuses(self):
        registry = self.signed(self.other)
        self.policy(self.by_own_key())
        self.assert_refused(registry, "not by a key of the policy")
        registry = self.signed()
        registry.content.tags["2"] = registry.content.tags["1"]
        self.assert_refused(registry, "is for the name", registry.reference[:-1] + "2")
        self.policy(self.by_own_key(signedIdentity={"type": "matchRepository"}))
        self.assert_used(registry, registry.reference[:-1] + "2")
        changed = registry.content.add_manifest({**Content().manifest, "annotations": {"x": "y"}}, MANIFEST, "3")
        self.assert_refused(registry, "has no signature", registry.reference[:-1] + "3")
        registry.content.tags[changed["digest"].replace(":", "-") + ".sig"] = registry.content.tags[self.tag]
        self.assert_refused(registry, "is for " + self.digest, registry.reference[:-1] + "3")

    def test_every_change_of_a_signature_refuses(self):
        mutations = {
            "payload": lambda layer, payload: payload.replace(b'"optional":null', b'"optional":{} '),
            "another digest": lambda layer, payload: payload.replace(self.digest.encode(), b"sha256:" + b"0" * 64),
            "another name": lambda layer, payload: payload.replace(b"team/app", b"team/apq"),
            "cut": lambda layer, payload: payload[:-1],
            "empty": lambda layer, payload: b"{}",
            "no annotation": lambda layer, payload: layer.update(annotations={}),
            "signature of nothing": lambda layer, payload: layer.update(annotations={SIGNATURE: ""}),
            "no base 64": lambda layer, payload: layer.update(annotations={SIGNATURE: "!!"}),
            "another signature": lambda layer, payload: layer.update(
                annotations={SIGNATURE: base64.b64encode(b"0" * 70).decode()}),
            "another type": lambda layer, payload: layer.update(mediaType="text/plain"),
        }
        self.policy(self.by_own_key())
        registry = self.signed()
        honest = registry.content
        for name, change in mutations.items():
            with self.subTest(name):
                registry.content = copy.deepcopy(honest)
                self.change_signature(registry, change)
                self.assert_refused(registry, "has no signature")

    def test_a_signature_is_for_one_image_of_an_index(self):
        registry = self.signed()
        entry = {"mediaType": MANIFEST, "digest": self.digest, "platform": {"os": "linux", "architecture": "amd64"},
                 "size": len(registry.content.manifests[self.digest])}
        registry.content.add_manifest({"schemaVersion": 2, "mediaType": INDEX, "manifests": [entry]}, INDEX, "1")
        self.policy(self.by_own_key())
        self.assert_used(registry)  # by the signature of the image itself, found through an unsigned index
        done = self.copy(registry, None, "--all")
        self.assertRegex(done.stderr, "has no signature")
        other = registry.content.add_manifest({**Content().manifest, "annotations": {"x": "y"}}, MANIFEST)
        index = {"schemaVersion": 2, "manifests": [{**other, "platform": entry["platform"]}, entry]}
        registry.content.add_manifest(index, INDEX, "1")
        self.assert_refused(registry, "has no signature")  # that of one image is not for another in the index

    def test_attachments_can_be_switched_off(self):
        registry = self.signed()
        self.policy(self.by_own_key())
        write(os.path.join(CONFIG, "registries.d/a.yaml"),
              f"docker:\n  {registry.host}:\n    use-sigstore-attachments: false\n".encode())
        self.assert_refused(registry, "must be signed, and has no signature")

    def as_referrer(self, registry):
        """The signature is no tag any more but a manifest that refers to the image; returns its entry in lists."""
        manifest = json.loads(registry.content.manifests[registry.content.tags.pop(self.tag)])
        subject = {"mediaType": MANIFEST, "digest": self.digest, "size": len(registry.content.manifests[self.digest])}
        entry = registry.content.add_manifest({**manifest, "artifactType": REFERRER, "subject": subject}, MANIFEST)
        return {**entry, "artifactType": REFERRER}

    def test_a_signature_that_refers_to_its_image_is_found(self):
        registry = self.signed()
        entry = self.as_referrer(registry)
        self.policy(self.by_own_key())
        self.assert_refused(registry, "has no signature")
        registry.content.add_manifest({"schemaVersion": 2, "mediaType": INDEX, "manifests": [entry]}, INDEX,
                                      self.digest.replace(":", "-"))
        self.assert_used(registry)  # the registry has no referrers (404), but the tag

    def test_a_list_of_referrers_goes_on_by_link(self):
        registry = self.signed()
        entry = self.as_referrer(registry)
        other = {**entry, "artifactType": "application/x.other", "digest": "sha256:" + "1" * 64}
        first, second = (as_json({"schemaVersion": 2, "mediaType": INDEX, "manifests": [one]}) for one in (other, entry))

        def pages(place):
            def fault(_registry, request, reply):
                if "/referrers/" not in request.path:
                    return reply
                if request.query == "page=2":
                    return Reply(200, {"Content-Type": INDEX}, second)
                return Reply(200, {"Content-Type": INDEX, "Link": f'<{place}{request.path}?page=2>; rel="next"'}, first)
            return fault
        self.policy(self.by_own_key())
        registry.fault = pages("")
        self.assert_used(registry)
        self.assertEqual([r.query for r in registry.requests(path="/referrers/")][:2], ["", "page=2"])
        registry.fault = pages(registry.storage.url)
        self.assert_refused(registry, "continues a list at")
        self.assertEqual(registry.requests("storage"), [])

    def test_a_tag_that_moves_is_asked_for_once(self):
        registry = self.signed()
        self.policy(self.by_own_key())
        evil = registry.content.add_manifest({**Content().manifest, "annotations": {"x": "y"}}, MANIFEST)

        def move(registry, request, reply):
            if request.path.endswith("/manifests/1") and not registry.first_time("tag"):
                return registry.manifest(request, evil["digest"])
            return reply
        registry.fault = move
        done = self.copy(registry)
        self.assertEqual((done.returncode, done.stdout.strip()), (0, self.digest), done.stderr)

    def test_a_second_signature_stands_beside_the_first(self):
        registry = self.signed(self.other)
        self.trust(registry)
        done = self.command(os.path.join(SUPPORT, "fetch"), f"certs={CONFIG}/certs.d", f"sign={self.own}.key",
                            registry.reference, "push:" + registry.reference)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.policy([self.by_own_key(), self.by_own_key(keyPath=self.other + ".pub")])
        self.assert_used(registry)


if __name__ == "__main__":
    main()
