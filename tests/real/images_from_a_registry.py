# SPDX-License-Identifier: Apache-2.0
# timeout: 180
"""Debian's docker-registry on loopback with TLS and tokens: images go in by skopeo, and are pulled, run, copied, signed."""
import json
import os
import subprocess
import sys
import tarfile

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
from docker_registry import DockerRegistry  # noqa: E402
from harness import ContainerTest, main  # noqa: E402
from oci_image import INDEX, Layer, Layout  # noqa: E402
from registry import basic  # noqa: E402

IMAGE, RUN, BUSYBOX = os.environ["WOLFFIA_IMAGE"], os.environ["WOLFFIA"], "/bin/busybox"


class ImagesFromARegistry(ContainerTest):
    def setUp(self):
        super().setUp()
        self.registry = self.enterContext(DockerRegistry(self.dir, {"ana": "pass:word"}))
        self.host = self.registry.host
        os.environ["REGISTRY_AUTH_FILE"] = self.dir + "/auth.json"
        with open(self.dir + "/auth.json", "w", encoding="ascii") as file:
            json.dump({"auths": {self.host: {"auth": basic("ana", "pass:word").split()[1]}}}, file)
        os.environ["WOLFFIA_STORE"] = self.dir + "/store"

    def image(self, command, *words, status=0):
        run = subprocess.run([IMAGE, command, "--cert-dir", self.registry.certificates, *words], stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True, timeout=60)
        self.assertEqual(run.returncode, status, run.stderr)
        return run.stdout if status == 0 else run.stderr

    def fill(self):
        """app:1: five layers with whiteouts, links and attributes, some packed, in an index of two platforms."""
        base, links, gone, late, last = Layer(), Layer(), Layer(), Layer(), Layer()
        base.directory("bin")
        with open(BUSYBOX, "rb") as program:
            base.add("bin/busybox", content=program.read(), mode=0o755)
        base.add("bin/sh", tarfile.SYMTYPE, link="busybox")
        base.add("doomed", content=b"x")
        base.directory("full")
        base.add("full/old", content=b"x")
        links.add("greeting", content=b"hello\n", xattrs={"user.colour": "green"})
        links.add("twin", tarfile.LNKTYPE, link="greeting")
        gone.whiteout("doomed")
        gone.directory("full")
        gone.add("full/.wh..wh..opq")
        gone.add("full/new", content=b"y")
        late.add("greeting", content=b"good bye\n", mode=0o600)
        last.add("busybox-twin", tarfile.LNKTYPE, link="bin/busybox")  # its target lies in a lower layer
        layout = Layout(self.dir + "/layout")
        entry = layout.add_image("one", [base, links, gone, late, last], {
            "Cmd": ["/bin/sh", "-c", "cat greeting; echo $WORD; ls full"], "Env": ["WORD=word", "PATH=/bin"],
            "WorkingDir": "/"})
        other = layout.add_image("other", [base])
        platforms = [{**other, "platform": {"os": "linux", "architecture": "s390x"}},
                     {**entry, "platform": {"os": "linux", "architecture": "amd64"}}]
        layout.add_entry("app", layout.add_json({"schemaVersion": 2, "mediaType": INDEX, "manifests": platforms}, INDEX))
        self.registry.fill(f"oci:{layout.path}:app", "team/app:1", "--all")
        return entry["digest"]

    def run_image(self, *words):
        run = subprocess.run([RUN, "run", *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, text=True, timeout=60)
        self.assertEqual(run.returncode, 0, run.stderr)
        return run.stdout

    def test_from_the_registry_to_a_process(self):
        digest = self.fill()
        name = f"{self.host}/team/app:1"
        self.assertIn("certificate", subprocess.run([IMAGE, "pull", "-q", name], stderr=subprocess.PIPE, text=True,
                                                    timeout=60).stderr)
        self.assertEqual(self.image("pull", name).strip(), digest)
        self.assertEqual(self.run_image(name), "good bye\nword\nnew\n")
        self.assertEqual(self.run_image(name, "/bin/sh", "-c", "cat twin; ls; /busybox-twin echo linked"),
                         "hello\nbin\nbusybox-twin\ndev\netc\nfull\ngreeting\nproc\nsys\ntwin\nlinked\n")
        self.copies(name, digest)
        self.signatures(name, digest)

    def copies(self, name, digest):
        self.assertEqual(self.image("copy", "-q", name, f"oci:{self.dir}/copy:1").strip(), digest)
        self.assertEqual(self.image("copy", "-q", f"oci:{self.dir}/copy:1", f"{self.host}/team/copy:2").strip(), digest)
        self.assertEqual(json.loads(self.image("inspect", f"{self.host}/team/copy:2"))["digest"], digest)
        self.image("copy", "-q", "--all", name, f"{self.host}/team/all:1")
        index = json.loads(self.image("inspect", "--raw", f"{self.host}/team/all:1"))
        self.assertEqual([entry["platform"]["architecture"] for entry in index["manifests"]], ["s390x", "amd64"])

    def encrypted_key(self, name, digest):
        """Without a terminal and a password, with a wrong one, and with the right one."""
        key = self.dir + "/locked.pem"
        subprocess.run(["openssl", "pkcs8", "-topk8", "-in", "key.pem", "-out", key, "-passout", "pass:word"], cwd=self.dir,
                       check=True)
        self.assertIn("is encrypted: set COSIGN_PASSWORD", self.image("sign", "--key", key, name, status=1))
        self.addCleanup(os.environ.pop, "COSIGN_PASSWORD")
        for word, status in (("work", 1), ("word", 0)):
            os.environ["COSIGN_PASSWORD"] = word
            said = self.image("sign", "--key", key, name, status=status)
            self.assertIn("the password is wrong" if status else digest, said)

    def signatures(self, name, digest):
        subprocess.run(["openssl", "ecparam", "-genkey", "-name", "prime256v1", "-noout", "-out", "key.pem"],
                       cwd=self.dir, check=True)
        subprocess.run(["openssl", "ec", "-in", "key.pem", "-pubout", "-out", "pub.pem"], cwd=self.dir, check=True,
                       stderr=subprocess.DEVNULL)
        policy = {"default": [{"type": "reject"}],
                  "transports": {"docker": {self.host: [{"type": "sigstoreSigned", "keyPath": self.dir + "/pub.pem"}]}}}
        with open(self.dir + "/policy.json", "w", encoding="ascii") as file:
            json.dump(policy, file)
        unsigned = self.image("pull", "--policy", self.dir + "/policy.json", name, status=1)
        self.assertIn("signature", unsigned)
        self.image("verify", "--key", self.dir + "/pub.pem", name, status=1)
        self.encrypted_key(name, digest)
        self.assertEqual(self.image("verify", "--key", self.dir + "/pub.pem", name).strip(), digest)
        self.image("pull", "--policy", self.dir + "/policy.json", name)
        self.image("unpack", "--policy", self.dir + "/policy.json", f"oci:{self.dir}/copy:1", self.dir + "/no", status=1)
        self.assertFalse(os.path.exists(self.dir + "/no"))


if __name__ == "__main__":
    main()
