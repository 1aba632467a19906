# SPDX-License-Identifier: Apache-2.0
# run: sanitized
# timeout: 120
# run: once
"""An image copied from one registry to another is whole there, whatever happens on the way."""
import itertools
import json
import os
import signal
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
import registry_faults as faults  # noqa: E402
from harness import PATIENCE, SUPPORT, TMP, main  # noqa: E402
from registry import (MANIFEST, PASSWORD, TOKEN, USER, Content, Registry, as_json, basic,  # noqa: E402
                      make_certificates)
from registry_push import PushRegistry  # noqa: E402

CERTIFICATES = os.path.join(TMP, "certificates")


class Pushing(unittest.TestCase):
    numbers = itertools.count()

    @classmethod
    def setUpClass(cls):
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)  # clients hang up on the servers in this process
        os.makedirs(CERTIFICATES)
        make_certificates(CERTIFICATES)

    def copy(self, target, content=None, fault=None, **settings):
        """Copies the image of an honest registry, or one with `fault`, to `target`."""
        directory = os.path.join(TMP, f"push{next(self.numbers)}")
        with Registry(CERTIFICATES, fault, content=content) as source, target:
            for server in [*source.servers, *target.servers]:
                os.makedirs(os.path.join(directory, "certs.d", server.host))
                os.symlink(os.path.join(CERTIFICATES, "ca.crt"),
                           os.path.join(directory, "certs.d", server.host, "ca.crt"))
            with open(os.path.join(directory, "auth.json"), "wb") as file:
                file.write(as_json({"auths": {target.host: {"auth": basic(USER, PASSWORD).split()[1]}}}))
            words = [f"{name}={value}" for name, value in settings.items()]
            done = subprocess.run(
                [os.path.join(SUPPORT, "fetch"), f"certs={directory}/certs.d", "wait=10", "stall=2", *words,
                 source.reference, "push:" + target.reference], capture_output=True, text=True, timeout=PATIENCE * 2,
                env={"HOME": directory, "PATH": "/usr/bin:/bin", "REGISTRY_AUTH_FILE": f"{directory}/auth.json"})
        self.source = source
        self.assertEqual([r for r in source.log if r.authorization], [], "the source's registry got a secret")
        return done

    def assert_copied(self, done, target):
        self.assertEqual(done.returncode, 0, done.stderr)
        wanted = self.source.content
        for blob in [*wanted.layers, wanted.manifest["config"]]:
            self.assertEqual(target.content.blobs[blob["digest"]], wanted.blobs[blob["digest"]])
        digest = done.stdout.strip()
        self.assertEqual(target.content.manifests[digest], wanted.manifests[digest])
        self.assertEqual(target.content.tags["1"], digest)

    def test_blobs_come_before_manifests(self):
        target = PushRegistry(CERTIFICATES)
        self.assert_copied(self.copy(target), target)
        kinds = [r.path.split("/")[4] for r in target.log if r.method == "PUT"]
        self.assertEqual(kinds, ["blobs"] * 3 + ["manifests"] * 2)

    def test_what_is_there_is_not_sent(self):
        target = PushRegistry(CERTIFICATES)
        target.content.blobs.update(Content().blobs)
        self.assert_copied(self.copy(target), target)
        self.assertEqual([r for r in target.log if r.method in ("POST", "PATCH")], [])

    def test_a_token_may_push(self):
        for auth in ("bearer", "basic"):
            target = PushRegistry(CERTIFICATES, auth=auth)
            self.assert_copied(self.copy(target), target)
        asked = [r.query for r in target.requests("auth")]
        self.assertTrue(all("pull%2Cpush" in query for query in asked), asked)

    def test_uploads_elsewhere_get_no_token(self):
        target = PushRegistry(CERTIFICATES, auth="bearer", elsewhere=True)
        self.assert_copied(self.copy(target), target)
        self.assertGreater(len(target.requests("storage")), 0)
        self.assertEqual([r for r in target.requests("storage") if r.authorization], [])
        self.assertEqual({r.authorization for r in target.requests("registry")}, {"", f"Bearer {TOKEN}"})

    def test_a_dropped_upload_goes_on(self):
        target = PushRegistry(CERTIFICATES, cuts=[300_000, 300_000])
        self.assert_copied(self.copy(target), target)
        # Of a connection that was used before libcurl may try once more by itself, from the start: that gets 416.
        patches = [r for r in target.log if r.method == "PATCH" and r.sent != 416]
        self.assertEqual([r.headers.get("content-range", "").partition("-")[0] for r in patches][:3],
                         ["", "300000", "600000"])
        size = self.source.content.layers[0]["size"]
        self.assertEqual(sum(len(r.body) for r in patches[:3]), size)

    def test_pieces_are_as_large_as_the_registry_wants(self):
        """What was cut does not count: nobody could have made it longer."""
        target = PushRegistry(CERTIFICATES, cuts=[300_000], minimum=600_000)
        self.assert_copied(self.copy(target), target)
        self.assertTrue(any(r.headers.get("content-range") for r in target.log if r.method == "PATCH"))

    def test_a_forgotten_upload_begins_again(self):
        target = PushRegistry(CERTIFICATES, cuts=[300_000], forgets=True)
        self.assert_copied(self.copy(target), target)

    def test_another_count_is_corrected(self):
        target = PushRegistry(CERTIFICATES, cuts=[300_000], lies=True)
        self.assert_copied(self.copy(target), target)

    def test_a_lost_answer_is_no_failure(self):
        target = PushRegistry(CERTIFICATES, loses=True)
        self.assert_copied(self.copy(target), target)

    def test_a_blob_is_mounted(self):
        target = PushRegistry(CERTIFICATES, mount=True, auth="bearer")
        done = self.copy(target, **{"from": "other/app"})
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual([r for r in target.log if r.method == "PATCH"], [])
        self.assertTrue(any("repository%3Aother%2Fapp%3Apull" in r.query for r in target.requests("auth")))

    def test_a_mount_that_is_not_made_is_an_upload(self):
        target = PushRegistry(CERTIFICATES)
        self.assert_copied(self.copy(target, **{"from": "other/app"}), target)

    def test_wrong_bytes_are_never_committed(self):
        target = PushRegistry(CERTIFICATES)
        done = self.copy(target, fault=faults.blob_is_another)
        self.assertEqual(done.returncode, 1)
        self.assertIn("is not what its digest says", done.stderr)
        self.assertEqual([r for r in target.log if r.method == "PUT"], [])

    def test_a_refusal_is_told_in_its_words(self):
        target = PushRegistry(CERTIFICATES, fault=lambda registry, request, reply:
                              faults.Reply(403, {}, b'{"errors":[{"message":"read only"}]}')
                              if request.method == "POST" else reply)
        done = self.copy(target)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, '^EACCES: .* answered 403 "read only"')

    def signature(self, target):
        content = Content()
        subject = content.add_manifest(content.manifest, MANIFEST)
        content.put_image({**content.manifest, "subject": subject, "annotations": {"a": "b"}})
        return subject, self.copy(target, content)

    def test_a_referrer_is_found_by_the_tag(self):
        target = PushRegistry(CERTIFICATES)
        subject, done = self.signature(target)
        self.assert_copied(done, target)
        index = json.loads(target.content.manifests[target.content.tags[subject["digest"].replace(":", "-")]])
        self.assertEqual([(entry["digest"], entry["annotations"]) for entry in index["manifests"]],
                         [(done.stdout.strip(), {"a": "b"})])

    def test_the_tag_keeps_other_referrers(self):
        target = PushRegistry(CERTIFICATES)
        other = {"mediaType": MANIFEST, "digest": "sha256:" + "1" * 64, "size": 7, "new": [1, 2]}
        subject = Content().add_manifest(Content().manifest, MANIFEST)
        tag = subject["digest"].replace(":", "-")
        target.content.add_manifest({"schemaVersion": 2, "manifests": [other]},
                                    "application/vnd.oci.image.index.v1+json", tag)
        _, done = self.signature(target)
        index = json.loads(target.content.manifests[target.content.tags[tag]])
        self.assertEqual(index["manifests"][0], other)
        self.assertEqual([entry["digest"] for entry in index["manifests"][1:]], [done.stdout.strip()])

    def test_a_registry_with_referrers_gets_no_tag(self):
        target = PushRegistry(CERTIFICATES, referrers=True)
        _, done = self.signature(target)
        self.assert_copied(done, target)
        self.assertEqual(set(target.content.tags), {"1"})


if __name__ == "__main__":
    main()
