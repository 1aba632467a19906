# SPDX-License-Identifier: Apache-2.0
# run: once
# run: full
# timeout: 240
"""What podman and skopeo save is loaded, and what is saved, exported and committed here they load and import."""
import json
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
from harness import TMP, ContainerTest, main  # noqa: E402
from oci_image import Layer, Layout  # noqa: E402

IMAGE, RUN, BUSYBOX = os.environ["WOLFFIA_IMAGE"], os.environ["WOLFFIA"], "/bin/busybox"
NAME = "registry.example/team/app:1"
STORE = os.path.join(TMP, "podman")
# Without subordinate ids all files have to be the caller's.
PODMAN = ["podman", "--root", STORE + "/root", "--runroot", STORE + "/run", "--tmpdir", STORE + "/tmp",
          "--storage-driver=vfs", "--storage-opt=vfs.ignore_chown_errors=true", "--events-backend=none"]


class ArchivesOfPodmanAndSkopeo(ContainerTest):
    def setUp(self):
        super().setUp()
        os.environ["WOLFFIA_STORE"] = self.dir + "/store"
        base, upper = Layer(), Layer()
        base.directory("bin")
        with open(BUSYBOX, "rb") as program:
            base.add("bin/busybox", content=program.read(), mode=0o755)
        base.add("gone", content=b"x")
        upper.whiteout("gone")
        upper.add("greeting", content=b"hello\n")
        self.layout = Layout(self.dir + "/layout")
        self.layout.add_image(NAME, [base, upper], {"Cmd": ["/bin/busybox", "cat", "/greeting"]})

    def call(self, *words, **more):
        run = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=100,
                             **{"stdin": subprocess.DEVNULL, **more})
        self.assertEqual(run.returncode, 0, f"{words}\n{run.stderr.decode(errors='replace')}")
        return run.stdout.decode(errors="replace").strip()

    def podman(self, *words):
        if not shutil.which("podman"):
            self.skipTest("podman is not installed")
        if not os.path.exists(STORE):
            self.addCleanup(self.remove_podman)
        return self.call(*PODMAN, *words)

    def remove_podman(self):
        self.call(*PODMAN, "unshare", "rm", "-rf", STORE + "/root")
        self.call(*PODMAN, "system", "migrate")  # ends the process that keeps its user namespace
        shutil.rmtree(STORE)

    def skopeo(self, source, target):
        if not shutil.which("skopeo"):
            self.skipTest("skopeo is not installed")
        self.call("skopeo", "--insecure-policy", "copy", "-q", source, target)

    def loads(self, path, name=NAME):
        shutil.rmtree(self.dir + "/store", ignore_errors=True)
        self.assertEqual(self.call(RUN, "load", "-q", "-i", path), "Loaded image: " + name)
        self.assertEqual(self.call(RUN, "run", "--rm", name), "hello")
        self.assertEqual(self.call(RUN, "run", "--rm", name, "/bin/busybox", "ls"), "bin\ndev\netc\ngreeting\nproc\nsys")

    def test_what_skopeo_copies_is_loaded(self):
        for kind, target in (("docker-archive", f"{self.dir}/d.tar:{NAME}"), ("oci-archive", f"{self.dir}/o.tar:{NAME}")):
            self.skopeo(f"oci:{self.layout.path}:{NAME}", f"{kind}:{target}")
            self.loads(target.split(":", 1)[0])

    def test_what_podman_saves_is_loaded_and_what_is_saved_podman_loads(self):
        self.call(RUN, "load", "-q", self.layout.path)
        for kind in ("docker-archive", "oci-archive"):
            self.call(IMAGE, "save", "-q", "--format", kind, "-o", f"{self.dir}/{kind}.tar", NAME)
            self.assertIn(NAME, self.podman("load", "-q", "-i", f"{self.dir}/{kind}.tar"))
            saved = f"{self.dir}/{kind}-of-podman.tar"
            self.podman("save", "-q", "--format", kind, "-o", saved, NAME)
            self.podman("rmi", NAME)
            self.loads(saved)
            self.call(RUN, "load", "-q", self.layout.path)

    def test_what_is_committed_and_exported_podman_takes(self):
        self.call(RUN, "load", "-q", self.layout.path)
        self.call(RUN, "run", "--name", "box", NAME, "/bin/busybox", "sh", "-c", "echo more >>/greeting")
        self.call(RUN, "commit", "box", "made:1")
        self.call(RUN, "export", "-o", self.dir + "/root.tar", "box")
        self.call(RUN, "rm", "box")
        self.call(IMAGE, "save", "-q", "--format", "docker-archive", "-o", self.dir + "/made.tar", "made:1")
        self.skopeo(f"docker-archive:{self.dir}/made.tar", f"oci:{self.dir}/made:1")
        with open(self.dir + "/made/index.json", encoding="ascii") as file:
            self.assertEqual(len(json.load(file)["manifests"]), 1)
        self.assertIn("localhost/made:1", self.podman("load", "-q", "-i", self.dir + "/made.tar"))
        self.podman("import", "-q", self.dir + "/root.tar", "flat")
        self.podman("save", "-q", "-o", self.dir + "/flat.tar", "flat")
        self.call(RUN, "load", "-q", self.dir + "/flat.tar")
        self.assertEqual(self.call(RUN, "run", "--rm", "flat", "/bin/busybox", "cat", "/greeting"), "hello\nmore")


if __name__ == "__main__":
    main()
